//! `.save`: what was declared, as a script.

use super::ReplState;
use crate::files;
use crate::output::{Exit, Output, named};
use relata::ast::{Script, Sentence};
use relata::ir::AssociationKind;
use relata::session::Session;
use relata::source::{Source, Sources, Span};
use relata::syntax;
use relata::verbs::{Declaration, Verb, Verbal, verbal};
use std::fs::OpenOptions;
use std::io::Write;

/// Writes the declarations into a file that isn't there yet.
pub(super) fn run(state: &ReplState, path: &str, output: &mut Output) -> Exit {
    if path.is_empty() {
        return output.wrong("which file?", "`.save shop.schema`");
    }
    let Some(text) = sentences(&state.session, None, None) else {
        return mixed_defaults(output);
    };
    if text.is_empty() {
        return output.wrong("nothing has been declared", "`model User { name: STRING }`");
    }
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    match file.and_then(|mut it| it.write_all(text.as_bytes())) {
        Ok(()) => {
            output.say(&format!("saved to {}", named(path)));
            Exit::Done
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let message = format!("`{}` is there already", named(path));
            output.wrong(&message, "choose another name, or remove it first")
        }
        Err(error) => {
            let reason = files::reason(&error);
            output.say(&format!("error: `{}` can't be written: {reason}", named(path)));
            Exit::Machine
        }
    }
}

pub(super) fn mixed_defaults(output: &mut Output) -> Exit {
    let help = "`defaults` holds in its own file: keep that one, and `import` it";
    output.wrong("`defaults` of one script would change the models of another", help)
}

/// The declarations of the accepted scripts, formatted, or those that name one model; none where `defaults` of one would reach into
/// another. Lines are no wider than `width`, where they can be broken.
pub(super) fn sentences<D: relata::db::Database>(
    session: &Session<D>,
    model: Option<&str>,
    width: Option<usize>,
) -> Option<String> {
    let sources = session.sources();
    let mut text = String::new();
    // the script whose `defaults` hold for what follows
    let mut bound: Option<&Script> = None;
    for (script, sentence) in session.accepted().sentences() {
        let source = sources.get(script.source);
        let Some(kind) = declares(sentence) else {
            continue;
        };
        let names = |model: &str| sentence.words.iter().any(|it| it.head.text == model);
        if !model.is_none_or(names) {
            continue;
        }
        if bound.is_some_and(|it| it.source != script.source) && kind != SavedKind::Other {
            return None;
        }
        if kind == SavedKind::Defaults {
            // Without a model behind it, it means nothing.
            let later = script.sentences.iter();
            let mut later = later.filter(|it| it.span.start > sentence.span.start);
            if !later.any(|it| matches!(declares(it), Some(SavedKind::Model))) {
                continue;
            }
            bound = Some(script);
        }
        let between = |span: Span| source.slice(span).trim().is_empty();
        let doc = script.doc(sentence.span.start, |span| {
            between(span) && source.slice(span).matches('\n').count() <= 1
        });
        for line in doc {
            text.push_str(source.slice(line));
            text.push('\n');
        }
        text.push_str(written(source, sentence));
        text.push_str("\n\n");
    }
    let text = text.trim_end();
    Some(width.map_or_else(|| syntax::formatted(text), |it| syntax::formatted_within(text, it)))
}

fn written<'a>(source: &'a Source, sentence: &Sentence) -> &'a str {
    source.slice(sentence.span).trim_end_matches([';', ' '])
}

/// Whether a text has no mistakes in its sentences and no sentence that does something.
pub(super) fn only_declares(text: &str) -> bool {
    let mut sources = Sources::default();
    let Ok(id) = sources.add("<repl>", text) else {
        return false;
    };
    let parsed = syntax::parse(sources.get(id));
    parsed.problems.is_empty() && parsed.script.sentences.iter().all(|it| declares(it).is_some())
}

/// What a sentence declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SavedKind {
    Model,
    Defaults,
    Other,
}

/// None for one that does something.
fn declares(sentence: &Sentence) -> Option<SavedKind> {
    let verb = match verbal(sentence) {
        Verbal::First(verb) | Verbal::Second(_, verb) => verb,
        Verbal::Sql(_) => return Some(SavedKind::Other),
        Verbal::Unknown(_) | Verbal::Nothing => return None,
    };
    match verb {
        Verb::Declare(Declaration::Model | Declaration::Abstract)
        // A through table that is made takes the defaults.
        | Verb::Associate(AssociationKind::BelongsToMany) => Some(SavedKind::Model),
        Verb::Declare(Declaration::Defaults) => Some(SavedKind::Defaults),
        Verb::Declare(Declaration::Enum | Declaration::View | Declaration::Once)
        | Verb::Associate(
            AssociationKind::HasOne | AssociationKind::HasMany | AssociationKind::BelongsTo,
        ) => Some(SavedKind::Other),
        Verb::Declare(Declaration::Import)
        | Verb::Tables(_)
        | Verb::Control(_)
        | Verb::Rows(_) => None,
    }
}
