//! Sentences that read and write rows.

use super::held::Known;
use super::quoted::Names;
use super::rows::RowOf;
use super::variables::Holds;
use super::{Context, model_id};
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::{
    Assignment, AssociationKind, AttributeId, Data, DataType, Expression, Find, Query, Step,
    StepKind, Target, Write,
};
use crate::source::Span;
use crate::value::Value;
use crate::verbs;
use crate::verbs::{Item, Verb};

/// Who a sentence is about.
#[derive(Debug, Clone)]
enum Subject {
    /// `User.active`: the model, its scopes in a query.
    Model(usize, Box<Query>),
    /// `ann`: a variable that holds a row.
    Row(ast::Word, Known),
}

impl<'a> Context<'a> {
    /// A sentence about rows.
    pub(super) fn data_sentence(
        &mut self,
        sentence: &'a ast::Sentence,
        path: &'a ast::Path,
        verb: &'static Verb,
    ) -> Option<StepKind> {
        let subject = self.subject(path, verb)?;
        let model = match &subject {
            Subject::Model(model, _) => *model,
            Subject::Row(_, known) => known.model,
        };
        if self.draft(model).model.view && !super::only_reads(verb) {
            let at = sentence.words.get(1).map_or(sentence.span, |it| it.span);
            self.read_only(model, verb, at);
            return None;
        }
        if let Subject::Row(word, _) = &subject
            && !matches!(
                verb.name,
                "update" | "increment" | "decrement" | "destroy" | "restore" | "reload"
            )
        {
            self.report(CheckProblem::Malformed {
                message: format!(
                    "`{}` is about a model, and `{}` holds a row",
                    verb.name, word.text
                ),
                at: word.span,
                label: format!("a row of `{}`", self.draft(model).model.name),
                help: Some(format!("write `{} {} ..`", self.draft(model).model.name, verb.name)),
            });
            return None;
        }
        if let Subject::Row(word, known) = &subject {
            self.is_identified(known, word.span)?;
            // A row that something else has changed since is told by its version.
            if let Some(version) = self.draft(model).model.version
                && verb.name != "reload"
            {
                self.was_read(known, version, word.span)?;
            }
        }
        let data = self.data(sentence, subject, model, verb)?;
        self.learn_from(model, &data);
        Some(StepKind::Data(model_id(model), Box::new(data)))
    }

    /// A model with its scopes, or a variable.
    fn subject(&mut self, path: &'a ast::Path, verb: &'static Verb) -> Option<Subject> {
        let is_model = self.entities.contains_key(&path.head.text);
        if !is_model && self.is_variable(&path.head.text) {
            if !path.tail.is_empty() {
                self.report(CheckProblem::Malformed {
                    message: format!("`{}` is about a variable or a model", verb.name),
                    at: path.span,
                    label: "a path".into(),
                    help: Some("keep the row first: `let row = ..`".into()),
                });
                return None;
            }
            let known = self.row_variable(&path.head)?;
            return Some(Subject::Row(path.head.clone(), known));
        }
        let model = self.readable(&path.head)?;
        let mut query = Query { model: Some(model_id(model)), ..Query::default() };
        self.apply_scopes(model, &path.tail, &mut query)?;
        Some(Subject::Model(model, Box::new(query)))
    }

    /// What is wrong with the row of a sentence whose options are wrong already.
    fn row_alone(&mut self, sentence: &'a ast::Sentence, model: usize, verb: &'static Verb) {
        let Some(value) = &sentence.argument else {
            return;
        };
        match (verb.name, &value.kind) {
            ("update", ast::ValueKind::Object(braces)) => {
                let into = RowOf { model, changes: true };
                let _ = self.assignments(into, braces);
            }
            ("increment" | "decrement", ast::ValueKind::Object(braces)) => {
                let _ = self.steps_of(model, braces, false);
            }
            ("create" | "upsert" | "findOrCreate", ast::ValueKind::Object(_)) => {
                let _ = self.new_row(model, value);
            }
            ("bulkCreate", ast::ValueKind::List(rows)) => {
                for row in rows {
                    let _ = self.new_row(model, row);
                }
            }
            _ => {}
        }
    }

    fn data(
        &mut self,
        sentence: &'a ast::Sentence,
        subject: Subject,
        model: usize,
        verb: &'static Verb,
    ) -> Option<Data> {
        let base = match &subject {
            Subject::Model(_, query) => (**query).clone(),
            Subject::Row(..) => Query::default(),
        };
        let owner = format!("`{}`", verb.name);
        let items = Item::of_options(sentence.options.as_ref());
        let Some((query, rest)) = self.query(&owner, model, items, &[verb.options]) else {
            self.row_alone(sentence, model, verb);
            return None;
        };
        let query = over(base, query);
        let extra = sentence.words.get(2..).unwrap_or_default();
        let argument = sentence.argument.as_ref();
        if sentence.assigned.is_some() {
            self.malformed(sentence, &format!("`{}` takes no `=`", verb.name), verb.usage);
            return None;
        }
        match verb.name {
            "findAll" | "findOne" | "findAndCountAll" => {
                self.nothing_else(sentence, extra, argument, verb)?;
                let find = match verb.name {
                    "findAll" => Find::All,
                    "findOne" => Find::One,
                    _ => Find::AndCount,
                };
                Some(Data::Find(find, query))
            }
            "findByPk" => {
                let key = self.primary_key(sentence, model, extra, argument, verb)?;
                Some(Data::FindByPk(key, query))
            }
            "count" | "sum" | "min" | "max" | "avg" => {
                let aggregate = self.aggregate(sentence, model, extra, argument, verb)?;
                Some(Data::Aggregate(aggregate, query))
            }
            "findOrCreate" => self.find_or_create(sentence, model, query, &rest, verb),
            "create" => {
                let value = self.needed(sentence, extra, argument, verb)?;
                let (row, write) = (self.new_row(model, value), self.write(model, &rest));
                Some(Data::Create(row?, write?))
            }
            "upsert" => {
                let value = self.needed(sentence, extra, argument, verb)?;
                let (row, write) = (self.new_row(model, value), self.write(model, &rest));
                Some(Data::Upsert(row?, write?))
            }
            "bulkCreate" => {
                let value = self.needed(sentence, extra, argument, verb)?;
                let ast::ValueKind::List(items) = &value.kind else {
                    self.report(CheckProblem::Malformed {
                        message: "`bulkCreate` takes a list of rows".into(),
                        at: value.span,
                        label: format!("this is {}", verbs::describe(&value.kind)),
                        help: Some(format!("write `{}`", verb.usage)),
                    });
                    return None;
                };
                let rows: Vec<_> = items.iter().map(|it| self.new_row(model, it)).collect();
                let rows = rows.into_iter().collect::<Option<Vec<_>>>()?;
                Some(Data::BulkCreate(model_id(model), rows, self.write(model, &rest)?))
            }
            "update" | "increment" | "decrement" => {
                let value = self.needed(sentence, extra, argument, verb)?;
                let ast::ValueKind::Object(braces) = &value.kind else {
                    self.malformed(
                        sentence,
                        &format!("`{}` takes values in braces", verb.name),
                        verb.usage,
                    );
                    return None;
                };
                let target = self.target(sentence, subject, query, &rest, verb);
                if verb.name == "update" {
                    let into = RowOf { model, changes: true };
                    let values = self.assignments(into, braces);
                    let write = self.write(model, &rest);
                    return Some(Data::Update(target?, values?, write?));
                }
                let values = self.steps_of(model, braces, verb.name == "decrement");
                Some(Data::Increment(target?, values?))
            }
            "destroy" | "restore" => {
                self.nothing_else(sentence, extra, argument, verb)?;
                let force = self.flag_of(&rest, "force");
                let target = self.target(sentence, subject, query, &rest, verb)?;
                if verb.name == "restore" {
                    if !self.draft(model).model.paranoid {
                        self.not_paranoid(model, sentence);
                        return None;
                    }
                    return Some(Data::Restore(target));
                }
                Some(Data::Destroy(target, force))
            }
            "truncate" => {
                self.nothing_else(sentence, extra, argument, verb)?;
                Some(Data::Truncate(model_id(model)))
            }
            "reload" => {
                self.nothing_else(sentence, extra, argument, verb)?;
                match subject {
                    Subject::Row(word, _) => Some(Data::Reload(word.text, model_id(model))),
                    Subject::Model(..) => {
                        self.malformed(
                            sentence,
                            "`reload` is about a row that a variable holds",
                            verb.usage,
                        );
                        None
                    }
                }
            }
            "load" => self.load(sentence, model, &rest, verb),
            _ => None,
        }
    }

    /// What a variable holds of its row behind a sentence that changed it.
    fn learn_from(&mut self, model: usize, data: &Data) {
        match data {
            Data::Update(Target::Variable(name, _), values, write) => {
                let told = self.told_by(model, values);
                let said = |it: &AttributeId| {
                    let fields = write.fields.as_ref();
                    fields.is_none_or(|fields| fields.contains(it))
                };
                let told: Vec<_> = told.into_iter().filter(said).collect();
                self.learn(name, Some(&told));
            }
            Data::Increment(Target::Variable(name, _), values) => {
                let told = self.told_by(model, values);
                self.learn(name, Some(&told));
            }
            Data::Destroy(Target::Variable(name, _), _)
            | Data::Restore(Target::Variable(name, _)) => {
                let told: Vec<_> = self.draft(model).model.deleted_at.into_iter().collect();
                self.learn(name, Some(&told));
            }
            Data::Reload(name, _) => self.learn(name, None),
            Data::Update(Target::Query(_), ..)
            | Data::Increment(Target::Query(_), _)
            | Data::Destroy(Target::Query(_), _)
            | Data::Restore(Target::Query(_))
            | Data::Find(..)
            | Data::FindByPk(..)
            | Data::FindOrCreate(..)
            | Data::Aggregate(..)
            | Data::Create(..)
            | Data::BulkCreate(..)
            | Data::Upsert(..)
            | Data::Truncate(_)
            | Data::Load(_)
            | Data::Link(_) => {}
        }
    }

    fn not_paranoid(&mut self, model: usize, sentence: &ast::Sentence) {
        let name = self.draft(model).model.name.to_string();
        self.report(CheckProblem::Contradiction {
            message: format!("`{name}` is not paranoid, so its deleted rows are gone"),
            at: sentence.span,
            label: "nothing to bring back".into(),
            help: Some(format!("declare `model {name} {{ .. }} < paranoid >`")),
        });
    }

    /// The argument that a verb can't do without.
    fn needed(
        &mut self,
        sentence: &'a ast::Sentence,
        extra: &'a [ast::Path],
        argument: Option<&'a ast::Value>,
        verb: &'static Verb,
    ) -> Option<&'a ast::Value> {
        if !extra.is_empty() || argument.is_none() {
            self.malformed(sentence, &format!("`{}` takes a row", verb.name), verb.usage);
        }
        argument.filter(|_| extra.is_empty())
    }

    fn nothing_else(
        &mut self,
        sentence: &'a ast::Sentence,
        extra: &[ast::Path],
        argument: Option<&ast::Value>,
        verb: &'static Verb,
    ) -> Option<()> {
        let at = extra.first().map(|it| it.span).or(argument.map(|it| it.span));
        let Some(at) = at else { return Some(()) };
        let _ = sentence;
        self.report(CheckProblem::Malformed {
            message: format!("`{}` takes options alone", verb.name),
            at,
            label: "not an option".into(),
            help: Some(format!("it is written `{}`", verb.usage)),
        });
        None
    }

    fn find_or_create(
        &mut self,
        sentence: &'a ast::Sentence,
        model: usize,
        mut query: Query,
        rest: &[Item<'a>],
        verb: &'static Verb,
    ) -> Option<Data> {
        let extra = sentence.words.get(2..).unwrap_or_default();
        let value = self.needed(sentence, extra, sentence.argument.as_ref(), verb)?;
        let mut row = self.new_row(model, value)?;
        let mut conditions: Vec<Expression> = query.filter.take().into_iter().collect();
        conditions.extend(row.values.iter().map(|it| {
            let left = Box::new(Expression::Attribute(it.attribute));
            match &it.value {
                Expression::Literal(Value::Null) => Expression::IsNull(left, false),
                value => Expression::Binary(ast::Operator::Equal, left, Box::new(value.clone())),
            }
        }));
        if conditions.is_empty() {
            self.report(CheckProblem::AnyRow {
                at: value.span,
                help: Some(format!(
                    "say what tells the row from others, and the rest in `defaults`: `{}`",
                    verb.usage
                )),
            });
            return None;
        }
        query.filter = Some(Expression::And(conditions));
        if let Some(item) = rest.iter().find(|it| it.name.text == "defaults") {
            let Some(ast::ValueKind::Object(braces)) = item.value.map(|it| &it.kind) else {
                self.problems.push(verbs::wrong_kind(*item, "an object: `defaults: { age: 1 }`"));
                return None;
            };
            let values = self.assignments(RowOf { model, changes: false }, braces)?;
            for value in values {
                if !row.values.iter().any(|it| it.attribute == value.attribute) {
                    row.values.push(value);
                }
            }
        }
        Some(Data::FindOrCreate(query, row))
    }

    /// Which rows a sentence changes: a variable's, or those of `where`; `all` says that all are meant.
    fn target(
        &mut self,
        sentence: &ast::Sentence,
        subject: Subject,
        query: Query,
        rest: &[Item<'a>],
        verb: &'static Verb,
    ) -> Option<Target> {
        if let Subject::Row(word, known) = subject {
            return Some(Target::Variable(word.text, model_id(known.model)));
        }
        if query.filter.is_none() && !self.flag_of(rest, "all") {
            let at = sentence.words.get(1).map_or(sentence.span, |it| it.span);
            self.report(CheckProblem::WhichRows {
                verb: verb.name.into(),
                at,
                help: Some(
                    "say which rows, `< where: (id = 1) >`, or `< all >` where all are meant"
                        .to_string(),
                ),
            });
            return None;
        }
        Some(Target::Query(Box::new(query)))
    }

    fn flag_of(&mut self, rest: &[Item<'a>], name: &str) -> bool {
        let item = rest.iter().find(|it| it.name.text == name).copied();
        let mut problems = std::mem::take(&mut self.problems);
        let flag = item.and_then(|it| verbs::read_flag(it, &mut problems));
        self.problems = problems;
        flag.is_some_and(|it| it.value)
    }

    /// `increment { views: 1 }`: what is added to each.
    fn steps_of(
        &mut self,
        model: usize,
        braces: &'a ast::Braces,
        down: bool,
    ) -> Option<Vec<Assignment>> {
        let mut values = self.assignments(RowOf { model, changes: true }, braces)?;
        for value in &mut values {
            let attribute = self.draft(model).model.attribute(value.attribute);
            let number = is_number(&attribute.data_type);
            if !number {
                let problem = CheckProblem::DoesNotFit {
                    value: format!("`{}`", attribute.name),
                    type_name: "a number type".into(),
                    at: value.span,
                    reason: format!("it is {}", super::types::written(&attribute.data_type)),
                    help: None,
                };
                self.report(problem);
                return None;
            }
            if down {
                let old = std::mem::replace(&mut value.value, Expression::Star);
                value.value = match old {
                    Expression::Literal(Value::Integer(it)) => {
                        Expression::Literal(Value::Integer(it.checked_neg().unwrap_or(i64::MAX)))
                    }
                    Expression::Literal(Value::Float(it)) => Expression::Literal(Value::Float(-it)),
                    other => Expression::Negate(Box::new(other)),
                };
            }
        }
        Some(values)
    }

    /// `fields`, `validate: false` and the like.
    fn write(&mut self, model: usize, rest: &[Item<'a>]) -> Option<Write> {
        let mut write = Write::default();
        for item in rest {
            match item.name.text.as_str() {
                "fields" => write.fields = Some(self.attribute_list(model, *item)?),
                "updateOnDuplicate" => {
                    write.update_on_duplicate = Some(self.attribute_list(model, *item)?);
                }
                "conflictFields" => {
                    write.conflict_fields = Some(self.attribute_list(model, *item)?);
                }
                _ => {}
            }
        }
        write.ignore_duplicates = self.flag_of(rest, "ignoreDuplicates");
        let validate = rest.iter().find(|it| it.name.text == "validate").is_some();
        write.unvalidated = validate && !self.flag_of(rest, "validate");
        Some(write)
    }

    fn attribute_list(&mut self, model: usize, item: Item<'a>) -> Option<Vec<AttributeId>> {
        if !self.are_names(item, Names::Plain) {
            return None;
        }
        let Some(ast::ValueKind::List(values)) = item.value.map(|it| &it.kind) else {
            self.problems.push(verbs::wrong_kind(item, "a list of attributes"));
            return None;
        };
        let mut ids = Vec::with_capacity(values.len());
        for value in values {
            let ast::ValueKind::Name(word) = &value.kind else {
                self.problems.push(verbs::wrong_kind(item, "a list of attributes"));
                return None;
            };
            match self.draft(model).model.attribute_named(&word.text) {
                Some(id) => ids.push(id),
                None => {
                    self.unknown_attribute(model, &word.text, word.span);
                    return None;
                }
            }
        }
        Some(ids)
    }

    /// What a value of a variable may be asked: its row's associations' verbs.
    pub(super) fn accessor_sentence(
        &mut self,
        sentence: &'a ast::Sentence,
        subject: &'a ast::Path,
        word: &'a ast::Word,
    ) -> Option<Step> {
        let Some(Holds::Row(..)) = self.holds(&subject.head.text) else {
            self.unknown_verb(sentence, word);
            return None;
        };
        let known = self.row_variable(&subject.head)?;
        let model = known.model;
        let link = self.link(sentence, subject, &known, word)?;
        let association = self.schema.associations.get(link.association.0 as usize);
        if let Some(it) = association
            && it.kind == AssociationKind::BelongsTo
        {
            let key = it.foreign_key;
            self.learn(&subject.head.text, Some(&[key]));
        }
        Some(Step {
            span: sentence.span,
            verb: word.text.clone(),
            kind: StepKind::Data(model_id(model), Box::new(Data::Link(link))),
        })
    }

    pub(super) fn unknown_accessor(&mut self, model: usize, word: &ast::Word, at: Span) {
        let mut names: Vec<String> = Vec::new();
        for (_, association) in self.schema.associations_of(model_id(model)) {
            names.extend(super::links::association_verbs(association));
        }
        let names = || names.iter().map(String::as_str);
        let help = match crate::words::nearest(
            &word.text,
            names().chain(verbs::all().map(|it| it.name)),
        ) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("its associations give it {}", verbs::list(names())),
        };
        self.report(CheckProblem::UnknownVerb {
            verb: word.text.to_string(),
            at,
            help: Some(help),
        });
    }
}

/// Whether values of a type can be added up.
pub(super) const fn is_number(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Integer(_)
            | DataType::Float(_)
            | DataType::Decimal(_)
            | DataType::Raw(_)
            | DataType::Virtual
    )
}

/// A sentence's own query on top of its subject's scopes.
fn over(base: Query, own: Query) -> Query {
    Query { model: base.model, scopes: base.scopes, unscoped: base.unscoped, ..own }
}
