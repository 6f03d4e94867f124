//! Imports, as an editor adds them.

use crate::ast::{Script, Sentence};
use crate::diagnostics::Edit;
use crate::source::{Source, Span};
use crate::verbs::{Declaration, Verb, Verbal, verbal};

/// The edit by which a script imports another: behind its last import, else before its first sentence.
///
/// ```
/// use relata::{ide, source::Sources, syntax};
/// let mut sources = Sources::default();
/// let id = sources.add("a.schema", "import \"b.schema\"\nmodel User { }").unwrap();
/// let script = syntax::parse(sources.get(id)).script;
/// let edit = ide::import(&script, sources.get(id), "c.schema");
/// assert_eq!((edit.at.start, edit.text.as_str()), (17, "\nimport \"c.schema\""));
/// ```
pub fn import(script: &Script, source: &Source, path: &str) -> Edit {
    let line = format!("import \"{path}\"");
    let end = if source.text.contains("\r\n") { "\r\n" } else { "\n" };
    let imports =
        |it: &&Sentence| matches!(verbal(it), Verbal::First(Verb::Declare(Declaration::Import)));
    if let Some(last) = script.sentences.iter().rfind(imports) {
        return Edit { at: last.span.at_end(), text: format!("{end}{line}") };
    }
    let between = |it: Span| source.slice(it).trim().is_empty();
    let at = match script.sentences.first() {
        Some(first) => {
            let doc = script.doc(first.span.start, between);
            doc.first().map_or(first.span.start, |it| it.start)
        }
        None => source.span(0..0).start,
    };
    Edit { at: Span::new(at, at), text: format!("{line}{end}") }
}
