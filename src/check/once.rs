//! `once "split names" { .. }`: data steps, whose sentences read what the models declare and what they drop.

use super::policy::has_sql;
use super::verbs::{control::sentences, step_of};
use super::{Context, implied::implied, names};
use crate::ast;
use crate::diagnostics::{CheckProblem, Stray};
use crate::ir::{DataStep, DataType, Step, StepKind};
use crate::source::Span;
use crate::verbs::{Control, Declaration, TableVerb, Verb, Verbal, verbal};
use smol_str::SmolStr;
use std::collections::HashMap;

/// Reads all data steps.
pub(super) fn read(context: &mut Context<'_>) {
    if context.once.is_empty() {
        return;
    }
    for model in 0..context.drafts.len() {
        let own = context.model(model);
        let mut former = Vec::new();
        for name in own.drops().iter().filter(|it| own.attribute_named(it).is_none()) {
            // Which type it has only the database knows.
            let mut attribute = implied(name, DataType::Raw(SmolStr::default()), own.span);
            attribute.column = names::column(name, own.underscored);
            former.push(attribute);
        }
        if !former.is_empty() {
            context.draft_mut(model).model.extra.get_or_insert_default().former = former;
        }
    }
    context.in_step = true;
    let mut known: HashMap<SmolStr, Span> = HashMap::new();
    for (script, sentence) in std::mem::take(&mut context.once) {
        context.script = script;
        let Some(step) = data_step(context, sentence) else { continue };
        match known.get(&step.name) {
            Some(first) => context.report(CheckProblem::DeclaredTwice {
                name: step.name.to_string(),
                first: *first,
                again: step.span,
                help: Some(
                    "each database notes by its name that it was carried out: give it another one"
                        .into(),
                ),
            }),
            None => {
                known.insert(step.name.clone(), step.span);
                context.schema.data_steps.push(step);
            }
        }
    }
    context.in_step = false;
}

fn data_step<'a>(context: &mut Context<'a>, sentence: &'a ast::Sentence) -> Option<DataStep> {
    let (1, Some(title), Some(ast::ValueNode { kind: ast::ValueKind::Object(braces), .. })) =
        (sentence.words.len(), &sentence.title, &sentence.argument)
    else {
        let usage = Declaration::Once.facts().usage;
        context.malformed(
            sentence,
            "`once` takes a name in quotes, and sentences in braces",
            usage,
        );
        return None;
    };
    if let Some(options) = &sentence.options {
        context.no_options("`once`", options);
    }
    let ast::ValueKind::Text(name) = &title.kind else {
        return None;
    };
    if name.is_empty() {
        context.report(CheckProblem::Malformed {
            message: "the step has no name".into(),
            at: title.span,
            label: "nothing is written here".into(),
            help: Some("say what it is for: the history shows it".into()),
        });
    }
    let steps = sentences(context, braces, "a step", of_step);
    let raw = has_sql(braces);
    let text = what_is_said(context, braces.span);
    Some(DataStep { name: name.clone(), steps, text, raw, span: title.span })
}

/// A sentence of a step.
fn of_step<'a>(context: &mut Context<'a>, sentence: &'a ast::Sentence) -> Option<Step> {
    let (refused, help) = match verbal(sentence) {
        Verbal::Sql(text) => {
            let verb = Declaration::Once.name().into();
            return Some(Step { span: sentence.span, verb, kind: StepKind::Sql(text.clone()) });
        }
        Verbal::First(verb) | Verbal::Second(_, verb) => match verb {
            Verb::Tables(TableVerb::Sync) => {
                (verb.name(), "it is carried out by one: what is added is there already")
            }
            Verb::Tables(TableVerb::Drop) => {
                (verb.name(), "what is to go is declared: `drop name` in a model's body")
            }
            Verb::Control(Control::Print) => {
                (verb.name(), "nobody reads it: say with `assert` what must hold")
            }
            Verb::Control(
                Control::Let | Control::Transaction | Control::Rollback | Control::Assert,
            )
            | Verb::Declare(_)
            | Verb::Associate(_)
            | Verb::Rows(_) => return step_of(context, sentence),
        },
        Verbal::Unknown(_) | Verbal::Nothing => return step_of(context, sentence),
    };
    context.report(CheckProblem::NotHere {
        what: Stray::Word(refused.to_owned()),
        at: sentence.span,
        label: "in a data step".into(),
        help: Some(help.into()),
    });
    None
}

/// What stands in a place, without comments, white space and commas: the formatter changes nothing of it.
fn what_is_said(context: &Context<'_>, place: Span) -> String {
    let Some(script) = context.bundle.scripts.get(context.script) else {
        return String::new();
    };
    let source = context.sources.get(script.source);
    let mut said = String::new();
    let mut at = place.start;
    let inside = script.comments.iter().map(|it| it.span);
    let inside = inside.filter(|it| it.start >= place.start && it.end <= place.end);
    for comment in inside.chain([Span::new(place.end, place.end)]) {
        tokens(source.slice(Span::new(at, comment.start)), &mut said);
        at = comment.end;
    }
    said
}

/// Appends the words, literals and signs of a text, each with a space behind it.
fn tokens(text: &str, said: &mut String) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = |it: char| it.is_alphanumeric() || it == '_';
        let length = match first {
            '"' | '\'' | '`' => literal(rest, first),
            it if word(it) => rest.find(|it| !word(it)).unwrap_or(rest.len()),
            it => it.len_utf8(),
        };
        let (token, behind) = rest.split_at(length);
        if !first.is_whitespace() && first != ',' && first != ';' {
            said.push_str(token);
            said.push(' ');
        }
        rest = behind;
    }
}

/// The length of a literal, which has been read.
fn literal(text: &str, quote: char) -> usize {
    let block = "\"\"\"";
    if let Some(rest) = text.strip_prefix(block) {
        return rest.find(block).map_or(text.len(), |it| it + 2 * block.len());
    }
    let mut escaped = false;
    for (at, it) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if it == '\\' && quote != '`' {
            escaped = true;
        } else if it == quote {
            return at + it.len_utf8();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn white_space_and_commas_say_nothing() {
        for (text, expected) in [
            ("a:1,\n  b : \"x, y\"", "a : 1 b : \"x, y\" "),
            ("a \"\\\" b\" c; d", "a \"\\\" b\" c d "),
            ("\"\"\"a \"b\" c\"\"\" d", "\"\"\"a \"b\" c\"\"\" d "),
            ("sql`a  b`", "sql `a  b` "),
        ] {
            let mut said = String::new();
            tokens(text, &mut said);
            assert_eq!(said, expected, "{text}");
        }
    }
}
