//! Scopes: queries that a model keeps.

use super::Context;
use crate::ast;
use crate::diagnostics::{CheckProblem, Help};
use crate::ir::{AssociationId, AssociationKind, Expression, Query, Scope};
use crate::verbs;
use crate::verbs::{BodyVerb, OptionItem};
use crate::words;
use smol_str::SmolStr;

/// How much of a default scope is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ScopeReading {
    /// Whether a row is one of its rows.
    One,
    /// The first of them.
    Rows,
    /// Them, and what they have.
    Whole,
}

/// The scopes of all models.
pub(super) fn finish_scopes(context: &mut Context<'_>) {
    let mut declared = Vec::new();
    for model in 0..context.drafts.len() {
        for body in context.draft(model).bodies.clone() {
            context.script = body.script;
            if body.verb == BodyVerb::Scope
                && let Some(place) = scope_sentence(context, model, body.sentence)
            {
                declared.push((model, place, body.script, body.sentence));
            }
        }
    }
    // What they ask for may name each other.
    for (model, place, script, sentence) in declared {
        context.script = script;
        let items = OptionItem::of_options(sentence.options.as_ref());
        let asked = context.query("`scope`", model, items, &[verbs::QUERY]);
        let scope = context.draft_mut(model).model.scopes.get_mut(place);
        if let (Some((query, _)), Some(scope)) = (asked, scope) {
            scope.query = query;
        }
    }
    for model in 0..context.drafts.len() {
        for scope in 0..context.model(model).scopes.len() {
            include_circle(context, (model, scope));
        }
    }
    for model in 0..context.drafts.len() {
        if Query::default_scope(&context.model(model).scopes).is_some() {
            default_circle(context, model);
        }
    }
}

/// Declares a scope; its place among the model's.
fn scope_sentence<'a>(
    context: &mut Context<'a>,
    model: usize,
    sentence: &'a ast::Sentence,
) -> Option<usize> {
    let message = match &*sentence.words {
        [_, name] if !name.tail.is_empty() || sentence.argument.is_some() => {
            "`scope` takes a name and options"
        }
        [_, _] if sentence.options.is_none() => "a scope asks for something",
        [_, _] => "",
        _ => "`scope` takes one name",
    };
    let (true, [_, name]) = (message.is_empty(), &*sentence.words) else {
        context.malformed(sentence, message, BodyVerb::Scope.facts().usage);
        return None;
    };
    let taken = context.model(model).scopes.iter().any(|it| it.name == name.head.text);
    if taken {
        let first = scope_named(context, model, &name.head.text);
        context.report(CheckProblem::DeclaredTwice {
            name: name.head.text.to_string(),
            first: first.map_or(name.span, |[_, it]| it.span),
            again: name.span,
            help: Some("give one of the two scopes another name".into()),
        });
        return None;
    }
    context.notes.declare_scope(name.head.span);
    let doc = context.doc(context.script, sentence.span.start);
    let scopes = &mut context.draft_mut(model).model.scopes;
    scopes.push(Scope { name: name.head.text.clone(), query: Query::default(), doc });
    Some(scopes.len() - 1)
}

/// `User.active.sorted`, `User.unscoped`: the scopes behind a model's name.
pub(super) fn apply_scopes(
    context: &mut Context<'_>,
    model: usize,
    tail: &[ast::PathStep],
    query: &mut Query,
) -> Option<()> {
    for step in tail {
        let ast::PathStep::Name(word) = step else {
            continue;
        };
        let names = || context.model(model).scopes.iter().map(|it| it.name.as_str());
        if word.text == "unscoped" {
            query.unscoped = true;
        } else if let Some(place) = names().position(|it| it == word.text) {
            let declared = scope_named(context, model, &word.text);
            context.notes.scope(word.span, declared.map(|[_, it]| it.head.span));
            query.scopes.push(place);
        } else {
            let help = match context.nearest(&word.text, names()) {
                Some(nearest) => Help::name(word.span, nearest),
                None if context.association_named(model, &word.text).is_some() => {
                    let (subject, name) = (&context.model(model).name, &word.text);
                    format!("`{name}` is an association: `{subject} findAll < include: [{name}] >` reads it beside the rows; of one row it is `row get{}`", words::upper_first(name)).into()
                }
                None if names().next().is_none() => "it has no scopes".into(),
                None => format!("its scopes are {}", verbs::list(names())).into(),
            };
            let model = context.model(model).name.to_string();
            context.report(CheckProblem::UnknownScope {
                model,
                name: word.text.to_string(),
                at: word.span,
                help: Some(help),
            });
            return None;
        }
    }
    Some(())
}

/// Reports a scope whose includes come back to it by the scopes that they name.
fn include_circle(context: &mut Context<'_>, first: (usize, usize)) {
    let (mut rest, mut seen) = (vec![first], vec![first]);
    while let Some((model, scope)) = rest.pop() {
        let mut queries: Vec<&Query> =
            context.model(model).scopes.get(scope).map(|it| &it.query).into_iter().collect();
        let mut found = Vec::new();
        while let Some(query) = queries.pop() {
            for include in &query.include {
                let target = context.schema.associations.get(include.association.0 as usize);
                let named = include.query.scopes.iter();
                found.extend(
                    target
                        .into_iter()
                        .flat_map(|target| named.clone().map(|it| (target.target.0 as usize, *it))),
                );
                queries.push(&include.query);
            }
        }
        if found.contains(&first) {
            let (model, scope) = first;
            let name = context.model(model).scopes.get(scope).map(|it| it.name.clone());
            let name = name.unwrap_or_default();
            let at = scope_named(context, model, &name).map(|[verb, it]| verb.span.to(it.span));
            if let Some(it) = context.draft_mut(model).model.scopes.get_mut(scope) {
                it.query = Query::default();
            }
            return context.report(CheckProblem::Contradiction {
                message: format!("the includes of the scope `{name}` ask for it again"),
                at: at.unwrap_or_default(),
                label: "would never end".into(),
                help: Some("leave the scope out of one of the includes".into()),
            });
        }
        for it in found {
            if !seen.contains(&it) {
                seen.push(it);
                rest.push(it);
            }
        }
    }
}

/// Reports default scopes that ask for each other: whatever reads one of the models would never end.
fn default_circle(context: &mut Context<'_>, model: usize) {
    for reading in [ScopeReading::Whole, ScopeReading::Rows, ScopeReading::One] {
        let first = (model, reading);
        let mut way = vec![model];
        let mut rest = vec![(0, first)];
        let mut seen = vec![first];
        while let Some((depth, at)) = rest.pop() {
            way.truncate(depth);
            way.push(at.0);
            for target in default_targets(context, at) {
                if target == first {
                    return report_circle(context, &way);
                }
                if !seen.contains(&target) {
                    seen.push(target);
                    rest.push((depth + 1, target));
                }
            }
        }
    }
}

/// The models whose default scopes are asked when that of a model is.
fn default_targets(
    context: &Context<'_>,
    (model, reading): (usize, ScopeReading),
) -> Vec<(usize, ScopeReading)> {
    let Some(query) = Query::default_scope(&context.model(model).scopes) else {
        return Vec::new();
    };
    let mut targets = Vec::new();
    let mut rest = vec![query];
    while let Some(query) = rest.pop() {
        let (mut asked, mut included) = (Vec::new(), Vec::new());
        asked.extend(&query.filter);
        included.extend(query.include.iter().filter(|it| it.is_required()));
        if reading >= ScopeReading::Rows {
            asked.extend(query.order.iter().map(|it| &it.expression));
        }
        if reading == ScopeReading::Whole {
            included = query.include.iter().collect();
            asked.extend(&query.having);
            asked.extend(&query.group);
            let selected = query.attributes.iter().flatten();
            asked.extend(selected.map(|it| &it.expression));
        }
        for include in included {
            let inner = &include.query;
            if !inner.unscoped && inner.scopes.is_empty() {
                targets.extend(read_behind(context, include.association, reading));
            }
            let target = context.schema.associations.get(include.association.0 as usize);
            if let Some(it) = target.filter(|_| !inner.scopes.is_empty()) {
                rest.extend(inner.scoped(&context.model(it.target.0 as usize).scopes));
            }
            rest.push(inner);
            rest.extend(inner.through.as_ref().map(|it| &it.query));
        }
        for it in asked {
            paths_of(context, it, &mut targets);
        }
    }
    targets
}

/// What the paths of an expression read.
fn paths_of(
    context: &Context<'_>,
    expression: &Expression,
    targets: &mut Vec<(usize, ScopeReading)>,
) {
    let mut rest = vec![expression];
    while let Some(it) = rest.pop() {
        it.visit(&mut |it| {
            let way = match it {
                Expression::Related(way, _) => way,
                Expression::AggregateOf { path, of, .. } => {
                    rest.extend(of.as_deref());
                    path
                }
                Expression::Around(_, of) => {
                    rest.push(of);
                    return;
                }
                Expression::OfLink { path, of, .. } => {
                    rest.push(of);
                    path
                }
                Expression::Quantified { path, condition, .. } => {
                    rest.push(condition);
                    path
                }
                _ => return,
            };
            targets
                .extend(way.iter().filter_map(|it| read_behind(context, *it, ScopeReading::One)));
        });
    }
}

/// What is read of the model to which an association leads: of one row at least which it is, of several their order.
fn read_behind(
    context: &Context<'_>,
    id: AssociationId,
    least: ScopeReading,
) -> Option<(usize, ScopeReading)> {
    let association = context.schema.associations.get(id.0 as usize)?;
    let reading = match association.kind {
        AssociationKind::BelongsTo => ScopeReading::One,
        AssociationKind::HasOne | AssociationKind::HasMany | AssociationKind::BelongsToMany => {
            ScopeReading::Rows
        }
    };
    Some((association.target.0 as usize, reading.max(least)))
}

fn report_circle(context: &mut Context<'_>, way: &[usize]) {
    let names: Vec<SmolStr> = (way.iter()).map(|it| context.model(*it).name.clone()).collect();
    let names = verbs::list(names.iter().map(SmolStr::as_str));
    let message = match way {
        [_] => format!("the default scope of {names} asks for its own rows"),
        _ => format!("the default scopes of {names} ask for each other"),
    };
    for model in way {
        // What goes on looking at them comes to an end.
        for scope in &mut context.draft_mut(*model).model.scopes {
            scope.query = Query::default();
        }
    }
    let first = way.first().and_then(|it| scope_named(context, *it, Query::DEFAULT_SCOPE));
    let at = first.map(|[verb, name]| verb.span.to(name.span));
    context.report(CheckProblem::Contradiction {
        message,
        at: at.unwrap_or_default(),
        label: "would never end".into(),
        help: Some("give one of the scopes a name, and use it where it is wanted".into()),
    });
}

/// The words of the first sentence that declares a scope of that name.
fn scope_named<'a>(context: &Context<'a>, model: usize, name: &str) -> Option<&'a [ast::Path; 2]> {
    // Of models that were accepted before there are no sentences.
    let bodies = context.drafts.get(model)?.bodies.iter();
    let scopes = bodies.filter(|it| it.verb == BodyVerb::Scope);
    let mut words = scopes.filter_map(|it| (&*it.sentence.words).try_into().ok());
    words.find(|[_, it]: &&[ast::Path; 2]| it.head.text == name)
}
