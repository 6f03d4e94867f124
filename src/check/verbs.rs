//! What a script does, sentence by sentence: a step for each. What the verbs of a family mean is one file.

mod bulk;
pub(super) mod control;
mod create;
mod find;
mod links;
mod tables;
mod update;

use super::bindings::{RowType, VariableType};
use super::declare;
use super::pasted;
use super::row_variables;
use super::scopes;
use super::unknown_verbs;
use super::variables;
use super::views;
use super::width::{self, Of};
use super::{Context, model_id};
use crate::ast;
use crate::diagnostics::{CheckProblem, Help, Stray};
use crate::foreign;
use crate::ir::{
    AggregateFunction, AssociationKind, AttributeId, Data, Find, Learned, Query, Step, StepKind,
};
use crate::verbs;
use crate::verbs::{
    Effect, OptionItem, RowVerb, Settings, Subject, Verb, VerbFacts, Verbal, verbal,
};
use crate::words;

/// Reads the sentences that declare nothing.
pub(super) fn read_steps(context: &mut Context<'_>) {
    variables::declare_known_variables(context);
    for pending in std::mem::take(&mut context.pending) {
        context.script = pending.script;
        let step = step_of(context, pending.sentence);
        context.steps.extend(step);
    }
}

/// What a sentence does.
pub(super) fn step_of<'a>(context: &mut Context<'a>, sentence: &'a ast::Sentence) -> Option<Step> {
    if !declare::may_have_title(context, sentence) {
        return None;
    }
    let (verb, kind) = match verbal(sentence) {
        Verbal::First(Verb::Tables(verb)) => {
            (verb.name(), tables::step(context, sentence, None, verb)?)
        }
        Verbal::Second(subject, Verb::Tables(verb)) => {
            (verb.name(), tables::step(context, sentence, Some(subject), verb)?)
        }
        Verbal::First(Verb::Control(verb)) => {
            (verb.name(), control::step(context, sentence, verb)?)
        }
        Verbal::Second(subject, Verb::Rows(verb)) => {
            (verb.name(), data_sentence(context, sentence, subject, verb)?)
        }
        Verbal::First(verb @ (Verb::Declare(_) | Verb::Associate(_) | Verb::Rows(_)))
        | Verbal::Second(_, verb @ (Verb::Declare(_) | Verb::Associate(_) | Verb::Control(_))) => {
            context.report(CheckProblem::NotHere {
                what: Stray::Word(verb.name().to_string()),
                at: sentence.span,
                label: "a declaration".into(),
                help: Some("declare it outside of braces".into()),
            });
            return None;
        }
        Verbal::Unknown(word) => {
            let subject = sentence.words.first()?;
            return if std::ptr::eq(&raw const subject.head, word) {
                unknown_verbs::unknown_verb(context, sentence, word);
                None
            } else {
                accessor_sentence(context, sentence, subject, word)
            };
        }
        Verbal::Sql(_) | Verbal::Nothing => {
            context.report(CheckProblem::NotHere {
                what: Stray::This,
                at: sentence.span,
                label: "not a sentence about rows".into(),
                help: Some("write sentences about rows: `User create { .. }`".into()),
            });
            return None;
        }
    };
    Some(Step { span: sentence.span, verb: verb.into(), kind })
}

/// A sentence about rows.
fn data_sentence<'a>(
    context: &mut Context<'a>,
    sentence: &'a ast::Sentence,
    path: &'a ast::Path,
    verb: RowVerb,
) -> Option<StepKind> {
    let (subject, query) = subject(context, path, verb)?;
    let facts = verb.facts();
    let model = match &subject {
        RowSubject::Model(model) => *model,
        RowSubject::Row(_, known) => known.model,
    };
    if context.model(model).view && facts.effect != Effect::Reads {
        let at = sentence.words.get(1).map_or(sentence.span, |it| it.span);
        views::refuse_view_write(context, model, at);
        return None;
    }
    if let RowSubject::Row(word, known) = &subject {
        if facts.subject == Subject::Model {
            let name = context.model(model).name.clone();
            context.report(CheckProblem::Malformed {
                message: format!(
                    "`{}` is about a model, and `{}` holds a row",
                    facts.name, word.text
                ),
                at: word.span,
                label: format!("a row of `{name}`"),
                help: Some(format!("write `{name} {} ..`", facts.name).into()),
            });
            return None;
        }
        row_variables::is_identified(context, known, word.span)?;
        // A row that something else has changed since is told by its version.
        if let Some(version) = context.model(model).version
            && facts.effect == Effect::Writes
        {
            row_variables::require_read(context, known, version, word.span)?;
        }
    }
    let sentence = RowSentence {
        context,
        sentence,
        extra: sentence.words.get(2..).unwrap_or_default(),
        facts,
        model,
        subject,
        query,
        said: Settings::default(),
    };
    let data = sentence.data(verb)?;
    update_known_attributes(context, model, &data);
    Some(StepKind::Data(model_id(model), Box::new(data)))
}

/// A model with its scopes, or a variable.
fn subject<'a>(
    context: &mut Context<'a>,
    path: &'a ast::Path,
    verb: RowVerb,
) -> Option<(RowSubject, Query)> {
    let is_model = context.entities.contains_key(&path.head.text);
    if !is_model && context.is_variable(&path.head.text) {
        if !path.tail.is_empty() {
            context.report(CheckProblem::Malformed {
                message: format!("`{}` is about a variable or a model", verb.name()),
                at: path.span,
                label: "a path".into(),
                help: Some(behind_path(path, verb)),
            });
            return None;
        }
        let known = variables::row_variable(context, &path.head)?;
        return Some((RowSubject::Row(path.head.clone(), known), Query::default()));
    }
    let model = context.readable_model(&path.head)?;
    let mut query = Query { model: Some(model_id(model)), ..Query::default() };
    scopes::apply_scopes(context, model, &path.tail, &mut query)?;
    Some((RowSubject::Model(model), query))
}

/// What is said of the rows that belong to a row that is held: `ann.posts findAll`.
fn behind_path(path: &ast::Path, verb: RowVerb) -> Help {
    let row = &path.head.text;
    let reads = matches!(verb, RowVerb::FindAll | RowVerb::FindOne | RowVerb::Count);
    match &*path.tail {
        [ast::PathStep::Name(word)] if reads => {
            let name = words::upper_first(&word.text);
            format!(
                "the rows of `{row}`: `{row} get{name}`, with options `{row} get{name} < where: (..) >`; `print {row}.{}` shows all",
                word.text
            )
            .into()
        }
        _ => "keep the row first: `let row = ..`".into(),
    }
}

/// What a variable holds of its row behind a sentence that changed it.
fn update_known_attributes(context: &mut Context<'_>, model: usize, data: &Data) {
    let Some((name, learned)) = data.learned() else {
        return;
    };
    let mut told = match learned {
        Learned::All => return row_variables::add_known_attributes(context, name, None),
        Learned::Values(values, _) => row_variables::assigned_attributes(context, model, values),
        Learned::Deletion => context.model(model).deleted_at.into_iter().collect(),
    };
    if let Learned::Values(_, Some(fields)) = learned {
        told.retain(|it| fields.contains(it));
    }
    row_variables::add_known_attributes(context, name, Some(&told));
}

/// What a value of a variable may be asked: its row's associations' verbs.
fn accessor_sentence<'a>(
    context: &mut Context<'a>,
    sentence: &'a ast::Sentence,
    subject: &'a ast::Path,
    word: &'a ast::Word,
) -> Option<Step> {
    let Some(VariableType::Row(..)) = context.variable_type(&subject.head.text) else {
        unknown_verbs::unknown_verb(context, sentence, word);
        return None;
    };
    let known = variables::row_variable(context, &subject.head)?;
    let model = known.model;
    let link = links::link(context, sentence, subject, &known, word)?;
    let association = context.schema.associations.get(link.association.0 as usize);
    if let Some(it) = association
        && it.kind == AssociationKind::BelongsTo
    {
        let key: Vec<_> = it.referring().collect();
        row_variables::add_known_attributes(context, &subject.head.text, Some(&key));
    }
    Some(Step {
        span: sentence.span,
        verb: word.text.clone(),
        kind: StepKind::Data(model_id(model), Box::new(Data::Link(link))),
    })
}

/// What a sentence about rows is about.
#[derive(Debug, Clone)]
enum RowSubject {
    /// `User.active`: the model, whose scopes are in the sentence's query.
    Model(usize),
    /// `ann`: a variable that holds a row.
    Row(ast::Word, RowType),
}

/// A sentence about the rows of a model, or about one of them.
struct RowSentence<'c, 'a> {
    context: &'c mut Context<'a>,
    sentence: &'a ast::Sentence,
    /// The words behind the verb.
    extra: &'a [ast::Path],
    facts: &'static VerbFacts,
    model: usize,
    subject: RowSubject,
    /// Its subject's scopes, then what its options say on top of them.
    query: Query,
    /// Its options.
    said: Settings<'a>,
}

impl<'a> RowSentence<'_, 'a> {
    /// What it does: each verb is lowered in the file of its family.
    fn data(mut self, verb: RowVerb) -> Option<Data> {
        // what stands among its options may be its row
        let takes_row = matches!(
            verb,
            RowVerb::Create
                | RowVerb::Upsert
                | RowVerb::FindOrCreate
                | RowVerb::Update
                | RowVerb::Increment
                | RowVerb::Decrement
        );
        if takes_row && self.sentence.argument.is_none() && self.sentence.assigned.is_none() {
            return self.malformed(&format!("`{}` takes a row", self.facts.name));
        }
        let owner = format!("`{}`", self.facts.name);
        let items = OptionItem::of_options(self.sentence.options.as_ref());
        let Some((own, said)) = self.context.query(&owner, self.model, items, self.facts.options)
        else {
            self.row_alone(verb);
            return None;
        };
        let scopes = std::mem::take(&mut self.query);
        self.query =
            Query { model: scopes.model, scopes: scopes.scopes, unscoped: scopes.unscoped, ..own };
        self.said = said;
        let at = self.sentence.words.first().map_or(self.sentence.span, |it| it.span);
        width::of_query(self.context, self.model, &self.query, Of::Scoped, at);
        if self.sentence.assigned.is_some() {
            let instead = self.sentence.words.get(1);
            let instead = instead.and_then(|it| {
                pasted::options_instead(self.context, self.sentence, self.model, it)
            });
            if let Some(help) = instead {
                self.context.report(CheckProblem::Malformed {
                    message: format!("`{}` takes no `=`", self.facts.name),
                    at: self.sentence.span,
                    label: "this sentence".into(),
                    help: Some(help),
                });
                return None;
            }
            return self.malformed(&format!("`{}` takes no `=`", self.facts.name));
        }
        match verb {
            RowVerb::FindAll => self.find(Find::All),
            RowVerb::FindOne => self.find(Find::One),
            RowVerb::FindAndCountAll => self.find(Find::AndCount),
            RowVerb::FindByPk => self.find_by_pk(),
            RowVerb::Count => self.aggregate(AggregateFunction::Count),
            RowVerb::Sum => self.aggregate(AggregateFunction::Sum),
            RowVerb::Min => self.aggregate(AggregateFunction::Min),
            RowVerb::Max => self.aggregate(AggregateFunction::Max),
            RowVerb::Avg => self.aggregate(AggregateFunction::Avg),
            RowVerb::Reload => self.reload(),
            RowVerb::FindOrCreate => self.find_or_create(),
            RowVerb::Create => self.create(),
            RowVerb::Upsert => self.upsert(),
            RowVerb::BulkCreate => self.bulk_create(),
            RowVerb::Load => self.load(),
            RowVerb::Update => self.update(),
            RowVerb::Increment => self.increment(false),
            RowVerb::Decrement => self.increment(true),
            RowVerb::Destroy => self.destroy(),
            RowVerb::Restore => self.restore(),
            RowVerb::Truncate => self.truncate(),
        }
    }

    /// What is wrong with the row of a sentence whose options are wrong already.
    fn row_alone(&mut self, verb: RowVerb) {
        let Some(value) = &self.sentence.argument else {
            return;
        };
        match (verb, &value.kind) {
            (RowVerb::Update, ast::ValueKind::Object(braces)) => {
                self.assignments(braces);
            }
            (RowVerb::Increment | RowVerb::Decrement, ast::ValueKind::Object(braces)) => {
                self.added(braces);
            }
            (
                RowVerb::Create | RowVerb::Upsert | RowVerb::FindOrCreate,
                ast::ValueKind::Object(_),
            ) => {
                self.new_row(value);
            }
            (RowVerb::BulkCreate, ast::ValueKind::List(rows)) => {
                for row in rows.iter().filter(|it| matches!(it.kind, ast::ValueKind::Object(_))) {
                    self.new_row(row);
                }
            }
            _ => {}
        }
    }

    /// "`create` takes a row", at the sentence's words.
    #[cold]
    fn malformed<T>(&mut self, message: &str) -> Option<T> {
        self.context.malformed(self.sentence, message, self.facts.usage);
        None
    }

    /// The row that a verb can't do without.
    fn required_row(&mut self) -> Option<&'a ast::ValueNode> {
        match &self.sentence.argument {
            Some(argument)
                if self.extra.is_empty() && matches!(argument.kind, ast::ValueKind::Object(_)) =>
            {
                (!self.is_options(argument)).then_some(argument)
            }
            Some(argument) if self.extra.is_empty() => {
                let help = pasted::phrased(self.context, self.sentence);
                self.context.report(CheckProblem::Malformed {
                    message: "a row is written in braces".into(),
                    at: argument.span,
                    label: format!("this is {}", verbs::describe(&argument.kind)),
                    help: Some(help.unwrap_or_else(|| "write `{ name: value }`".into())),
                });
                None
            }
            Some(_) | None => self.malformed(&format!("`{}` takes a row", self.facts.name)),
        }
    }

    /// Whether what stands in its braces is no row but what is said beside one; then that is reported.
    fn is_options(&mut self, argument: &'a ast::ValueNode) -> bool {
        let ast::ValueKind::Object(braces) = &argument.kind else {
            return false;
        };
        let beside = braces.members.iter().find_map(|it| match it {
            ast::Member::Pair(pair) if foreign::is_beside_row(&pair.key.text) => Some(&pair.key),
            _ => None,
        });
        let own = |key: &str| super::attribute_named(self.context, self.model, key).is_some();
        let Some(key) = beside.filter(|it| !own(&it.text)) else {
            return false;
        };
        let help = pasted::phrased(self.context, self.sentence);
        let usage = || format!("it is written `{}`", self.facts.usage).into();
        self.context.report(CheckProblem::Malformed {
            message: format!("`{}` takes a row, and options in `< >`", self.facts.name),
            at: key.span,
            label: "no attribute".into(),
            help: Some(help.unwrap_or_else(usage)),
        });
        true
    }

    /// That it has options alone.
    fn require_only_options(&mut self) -> Option<()> {
        let argument = self.sentence.argument.as_ref().map(|it| it.span);
        let Some(at) = self.extra.first().map(|it| it.span).or(argument) else {
            return Some(());
        };
        let instead = match verbal(self.sentence) {
            Verbal::Second(_, Verb::Rows(verb)) => {
                pasted::instead_of_argument(self.context, self.sentence, self.model, verb)
            }
            Verbal::First(_)
            | Verbal::Second(..)
            | Verbal::Unknown(_)
            | Verbal::Sql(_)
            | Verbal::Nothing => None,
        };
        let help = instead
            .or_else(|| pasted::phrased(self.context, self.sentence))
            .unwrap_or_else(|| format!("it is written `{}`", self.facts.usage).into());
        self.context.report(CheckProblem::Malformed {
            message: format!("`{}` takes options alone", self.facts.name),
            at,
            label: "not an option".into(),
            help: Some(help),
        });
        None
    }

    /// The attribute of that name, or a report.
    fn attribute(&mut self, word: &ast::Word) -> Option<AttributeId> {
        let found = super::attribute_named(self.context, self.model, &word.text);
        match found {
            Some(id) => self.context.notes.attribute(word.span, self.model, id),
            None => self.context.unknown_attribute(self.model, &word.text, word.span),
        }
        found
    }
}
