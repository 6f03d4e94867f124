//! Views: queries that have a name, and the read-only models that stand for them.
//!
//! Invariant: the attributes of a view are the columns of its SELECT, by their names there.

use super::scopes;
use super::shown_views;
use super::view_size;
use super::width::{self, Of};
use super::{Context, Entity, ModelDraft, model_id};
use crate::ast;
use crate::diagnostics::{CheckProblem, Help, Stray};
use crate::ir::{
    AggregateFunction, Attribute, DataType, Expression, Include, Model, Origin, Query, Selected,
    View,
};
use crate::source::Span;
use crate::verbs;
use crate::verbs::{Declaration, OptionItem, RowVerb};
use smol_str::{SmolStr, format_smolstr};

/// The type of what is no attribute's value: it holds whatever comes.
const ANY: DataType = DataType::Raw(SmolStr::new_static("ANY"));

/// How far a view has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ViewState {
    Waiting,
    Begun,
    Done,
}

impl Context<'_> {
    /// A model, or the one that stands for a view; or a report.
    pub(super) fn readable_model(&mut self, word: &ast::Word) -> Option<usize> {
        match self.entities.get(&word.text) {
            // One that couldn't be read has been reported.
            Some((Entity::View(place), _)) => {
                let model = self.view_models.get(*place).copied().flatten();
                model.inspect(|it| self.notes.model(word.span, *it))
            }
            _ => self.model_of(word),
        }
    }
}

/// All views, each behind the one that it reads.
pub(super) fn finish_views(context: &mut Context<'_>) {
    let views = std::mem::take(&mut context.views);
    context.view_models = vec![None; views.len()];
    let mut states = vec![ViewState::Waiting; views.len()];
    for first in 0..views.len() {
        let (mut chain, mut next) = (Vec::new(), Some(first));
        while let Some((place, (_, sentence))) = next.and_then(|it| Some((it, views.get(it)?))) {
            let Some(state) = states.get_mut(place) else {
                break;
            };
            match state {
                ViewState::Done => break,
                ViewState::Begun => {
                    *state = ViewState::Done;
                    reads_itself(context, sentence);
                    break;
                }
                ViewState::Waiting => *state = ViewState::Begun,
            }
            chain.push(place);
            next = view_below(context, sentence);
        }
        for place in chain.into_iter().rev() {
            let (Some(state), Some((script, sentence))) = (states.get_mut(place), views.get(place))
            else {
                continue;
            };
            if std::mem::replace(state, ViewState::Done) == ViewState::Begun {
                context.script = *script;
                let model = view(context, sentence);
                if let Some(slot) = context.view_models.get_mut(place) {
                    *slot = model;
                }
            }
        }
    }
}

/// The view that a view reads, if it reads one.
fn view_below(context: &Context<'_>, sentence: &ast::Sentence) -> Option<usize> {
    let subject = sentence.assigned.as_ref()?.words.first()?;
    match context.entities.get(&subject.head.text)? {
        (Entity::View(place), _) => Some(*place),
        (Entity::Model(_) | Entity::Base(_) | Entity::Enum(_), _) => None,
    }
}

fn reads_itself(context: &mut Context<'_>, sentence: &ast::Sentence) {
    if let Some(name) = sentence.words.get(1) {
        context.report(CheckProblem::Malformed {
            message: format!("the view `{}` reads itself", name.head.text),
            at: name.span,
            label: "it would read itself".into(),
            help: Some("a view reads models, or views that don't read it".into()),
        });
    }
}

/// An operator in a view that only queries may have.
pub(super) fn not_kept(context: &mut Context<'_>, operator: ast::Operator, at: Span) {
    context.report(CheckProblem::NotInExpression {
        what: Stray::Word(operator.word().to_string()),
        place: "a view",
        at,
        help: why_not_kept(operator).map(Into::into),
    });
}

/// `view Debtor = Invoice findAll < .. >`: the model that stands for it.
fn view<'a>(context: &mut Context<'a>, sentence: &'a ast::Sentence) -> Option<usize> {
    if let (None, Some(ast::ValueNode { kind: ast::ValueKind::Object(braces), .. })) =
        (&sentence.assigned, &sentence.argument)
    {
        return shown_views::shown_view(context, sentence, braces);
    }
    let (name, assigned) = (sentence.words.get(1)?, sentence.assigned.as_ref()?);
    let [subject, verb] = &*assigned.words else {
        context.malformed(sentence, "a view is a `findAll`", Declaration::View.facts().usage);
        return None;
    };
    if verb.head.text != RowVerb::FindAll.name() || assigned.argument.is_some() {
        let nearest = context.nearest(&verb.head.text, [RowVerb::FindAll.name()]);
        context.report(CheckProblem::Malformed {
            message: "a view is a `findAll`".into(),
            at: verb.span,
            label: "not `findAll`".into(),
            help: Some(Help::nearest(verb.head.span, nearest, || {
                format!("it is written `{}`", Declaration::View.facts().usage)
            })),
        });
        return None;
    }
    let model = context.readable_model(&subject.head)?;
    let mut scoped = Query::default();
    scopes::apply_scopes(context, model, &subject.tail, &mut scoped)?;
    let items = OptionItem::of_options(assigned.options.as_ref());
    context.in_view = true;
    let found = context.query("`findAll`", model, items, &[verbs::QUERY]);
    context.in_view = false;
    let (mut query, _) = found?;
    query.model = Some(model_id(model));
    query.scopes = scoped.scopes;
    query.unscoped = scoped.unscoped;
    width::of_query(context, model, &query, Of::Scoped, subject.span);
    view_size::check_view_size(context, &name.head, model, &query);
    let filters = query.scoped(&context.model(model).scopes).into_iter();
    let mut filters = filters.filter_map(|it| it.filter.as_ref());
    if let Some(operator) = filters.find_map(query_operator) {
        not_kept(context, operator, subject.span);
        return None;
    }
    let doc = context.doc(context.script, sentence.span.start);
    let stands = view_model(context, &name.head, model, &query, doc.clone());
    context.schema.views.push(View {
        name: name.head.text.clone(),
        query,
        span: sentence.span,
        doc,
    });
    let index = context.drafts.len();
    context.drafts.push(ModelDraft::whole(stands));
    Some(index)
}

/// Reports a sentence that would write through a view.
pub(super) fn refuse_view_write(context: &mut Context<'_>, model: usize, at: Span) {
    let mut below = context.model(model).name.clone();
    while let Some(it) = context.schema.views.iter().find(|it| it.name == below) {
        let Some(id) = it.query.model else { break };
        below = context.model(id.0 as usize).name.clone();
    }
    let help = if below == context.model(model).name {
        "its rows come from the tables that it reads: change them there".to_owned()
    } else {
        format!("its rows come from `{below}`: change them there")
    };
    read_only(context, model, at, help);
}

/// Reports a sentence that would change a view.
pub(super) fn read_only(context: &mut Context<'_>, model: usize, at: Span, help: String) {
    let view = context.model(model);
    let problem = CheckProblem::ReadOnly {
        view: view.name.to_string(),
        at,
        declared: view.span,
        help: Some(help),
    };
    context.report(problem);
}

fn view_model(
    context: &Context<'_>,
    name: &ast::Word,
    model: usize,
    query: &Query,
    doc: Option<SmolStr>,
) -> Model {
    let mut columns = ViewColumns { context, span: name.span, attributes: Vec::new() };
    columns.of(model, query, "");
    let attributes = columns.attributes;
    let mut res = Model { attributes, ..Model::of_view(&name.text, name.span, doc) };
    // A view that shows the whole key of its rows can be asked by it.
    let of = context.model(model);
    let key = of.primary_key.iter().map(|id| of.attribute(*id).name.as_str());
    let key: Option<_> = key.map(|it| res.attribute_named(it)).collect();
    let own = |it: &Selected| match &it.expression {
        Expression::Attribute(id) => of.attribute(*id).name == it.name,
        _ => !of.primary_key.iter().any(|id| of.attribute(*id).name == it.name),
    };
    let as_they_are = query.attributes.iter().flatten().all(own);
    if query.group.is_empty() && as_they_are {
        res.primary_key = key.unwrap_or_default();
    }
    res
}

/// The columns of a query, as they are found.
struct ViewColumns<'c, 'a> {
    context: &'c Context<'a>,
    span: Span,
    attributes: Vec<Attribute>,
}

impl ViewColumns<'_, '_> {
    /// Adds those of a query's rows, and of the rows beside them.
    fn of(&mut self, model: usize, query: &Query, prefix: &str) {
        let context = self.context;
        let of = context.model(model);
        let mut layers = query.scoped(&of.scopes);
        layers.push(query);
        match layers.iter().rev().find_map(|it| it.attributes.as_ref()) {
            Some(selected) => {
                for it in selected {
                    let data_type = self.data_type(of, &it.expression);
                    self.push(prefix, &it.name, data_type);
                }
            }
            None => {
                for (_, it) in of.attributes() {
                    if it.computed().is_some() || !matches!(it.data_type, DataType::Virtual) {
                        self.push(prefix, &it.name, it.data_type.clone());
                    }
                }
            }
        }
        let mut included: Vec<&Include> = Vec::new();
        for it in layers.iter().flat_map(|it| &it.include) {
            let known = included.iter_mut().find(|known| known.association == it.association);
            match known {
                Some(known) => *known = it,
                None => included.push(it),
            }
        }
        for it in included {
            let place = it.association.0 as usize;
            if let Some(association) = context.schema.associations.get(place) {
                let prefix = format!("{prefix}{}.", association.name);
                self.of(association.target.0 as usize, &it.query, &prefix);
            }
        }
    }

    fn push(&mut self, prefix: &str, name: &SmolStr, data_type: DataType) {
        let name = if prefix.is_empty() { name.clone() } else { format_smolstr!("{prefix}{name}") };
        let data_type = match data_type {
            DataType::Virtual => ANY,
            other => other,
        };
        self.attributes.push(Attribute::new(name, data_type, self.span, Origin::Written));
    }

    /// The type of what an expression hands on; any, where it makes something new.
    fn data_type(&self, model: &Model, expression: &Expression) -> DataType {
        self.type_through(&[model], expression)
    }

    /// The same over the last of these models' rows, to which associations lead from those of the others.
    fn type_through(&self, way: &[&Model], expression: &Expression) -> DataType {
        let Some(model) = way.last() else {
            return ANY;
        };
        match expression {
            Expression::Attribute(id) => model.attribute(*id).data_type.clone(),
            Expression::Related(way, id) => {
                let associations = &self.context.schema.associations;
                let last = way.last().and_then(|it| associations.get(it.0 as usize));
                last.map_or(ANY, |it| {
                    let target = self.context.model(it.target.0 as usize);
                    target.attribute(*id).data_type.clone()
                })
            }
            Expression::OfLink { model, of, .. } => {
                self.data_type(self.context.model(model.0 as usize), of)
            }
            Expression::Cast(_, data_type) => data_type.clone(),
            Expression::Call { name, arguments, .. } => {
                let is = |it: &&str| name.eq_ignore_ascii_case(it);
                let hands_on = ["min", "max", "coalesce", "ifnull", "nullif"];
                let first = arguments.first().map(|it| self.type_through(way, it));
                match first {
                    Some(it) if hands_on.iter().any(is) => it,
                    Some(it @ DataType::Decimal(_)) if is(&"sum") => it,
                    Some(_) | None => ANY,
                }
            }
            Expression::AggregateOf { function, path, of: Some(of), .. } => {
                let associations = &self.context.schema.associations;
                let found = path.iter().filter_map(|it| associations.get(it.0 as usize));
                let targets = found.map(|it| self.context.model(it.target.0 as usize));
                let way: Vec<&Model> = [*model].into_iter().chain(targets).collect();
                match (function, self.type_through(&way, of)) {
                    (AggregateFunction::Min | AggregateFunction::Max, it)
                    | (AggregateFunction::Sum, it @ DataType::Decimal(_)) => it,
                    (
                        AggregateFunction::Count | AggregateFunction::Sum | AggregateFunction::Avg,
                        _,
                    ) => ANY,
                }
            }
            Expression::Around(back, of) => {
                let way = way.get(..way.len().saturating_sub(*back)).unwrap_or_default();
                self.type_through(way, of)
            }
            _ => ANY,
        }
    }
}

/// Why nothing that the database keeps has an operator in it, if so.
pub(super) fn why_not_kept(operator: ast::Operator) -> Option<&'static str> {
    match operator {
        ast::Operator::Matches => Some(
            "databases have no regular expressions of their own; use `like`, or the validator `is`",
        ),
        ast::Operator::Glob | ast::Operator::NotGlob => {
            Some("it is SQLite's alone; use `like`, or the validator `is`")
        }
        _ => None,
    }
}

/// The first operator in it that only queries may have.
fn query_operator(expression: &Expression) -> Option<ast::Operator> {
    let mut found = None;
    expression.visit(&mut |it| {
        if let Expression::Binary(operator, ..) = it
            && why_not_kept(*operator).is_some()
        {
            found.get_or_insert(*operator);
        }
    });
    found
}
