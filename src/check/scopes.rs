//! Scopes: queries that a model keeps.

use super::Context;
use crate::ast;
use crate::diagnostics::{CheckProblem, Help};
use crate::ir::{AssociationId, AssociationKind, Expression, Query, Scope};
use crate::verbs;
use crate::verbs::{BodyVerb, OptionItem};
use smol_str::SmolStr;

/// The scope that holds by itself.
const DEFAULT: &str = "default";

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
    for model in 0..context.drafts.len() {
        for body in context.draft(model).bodies.clone() {
            context.script = body.script;
            if body.verb == BodyVerb::Scope {
                scope_sentence(context, model, body.sentence);
            }
        }
    }
    for model in 0..context.drafts.len() {
        default_circle(context, model);
    }
}

fn scope_sentence<'a>(context: &mut Context<'a>, model: usize, sentence: &'a ast::Sentence) {
    let [_, name] = sentence.words.as_slice() else {
        return context.malformed(
            sentence,
            "`scope` takes one name",
            BodyVerb::Scope.facts().usage,
        );
    };
    if !name.tail.is_empty() || sentence.argument.is_some() {
        return context.malformed(
            sentence,
            "`scope` takes a name and options",
            BodyVerb::Scope.facts().usage,
        );
    }
    if sentence.options.is_none() {
        return context.malformed(
            sentence,
            "a scope asks for something",
            BodyVerb::Scope.facts().usage,
        );
    }
    let taken = context.model(model).scopes.iter().any(|it| it.name == name.head.text);
    if taken {
        let first = scope_named(context, model, &name.head.text);
        return context.report(CheckProblem::DeclaredTwice {
            name: name.head.text.to_string(),
            first: first.map_or(name.span, |[_, it]| it.span),
            again: name.span,
            help: Some("give one of the two scopes another name".into()),
        });
    }
    let Some(query) = context.query(
        "`scope`",
        model,
        OptionItem::of_options(sentence.options.as_ref()),
        &[verbs::QUERY],
    ) else {
        return;
    };
    context.notes.declare_scope(name.head.span);
    let doc = context.doc(context.script, sentence.span.start);
    context.draft_mut(model).model.scopes.push(Scope {
        name: name.head.text.clone(),
        query: query.0,
        doc,
    });
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

/// Reports default scopes that ask for each other: whatever reads one of the models would never come to an end.
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
            targets.extend(read_behind(context, include.association, reading));
            rest.push(&include.query);
            rest.extend(include.through.as_deref());
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
                Expression::Related(way, _) | Expression::AggregateOf { path: way, .. } => way,
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
    let first = way.first().and_then(|it| scope_named(context, *it, DEFAULT));
    let at = first.map(|[verb, name]| verb.span.to(name.span));
    context.report(CheckProblem::Contradiction {
        message,
        at: at.unwrap_or_default(),
        label: "would never come to an end".into(),
        help: Some("give one of the scopes a name, and use it where it is wanted".into()),
    });
}

/// The words of the first sentence that declares a scope of that name.
fn scope_named<'a>(context: &Context<'a>, model: usize, name: &str) -> Option<&'a [ast::Path; 2]> {
    // Of models that were accepted before there are no sentences.
    let bodies = context.drafts.get(model)?.bodies.iter();
    let scopes = bodies.filter(|it| it.verb == BodyVerb::Scope);
    let mut words = scopes.filter_map(|it| it.sentence.words.as_slice().try_into().ok());
    words.find(|[_, it]: &&[ast::Path; 2]| it.head.text == name)
}
