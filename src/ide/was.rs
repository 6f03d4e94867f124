//! What has to be written so that a database's rows stay when something gets another name.

use super::names::{Project, name_at, quoted};
use crate::ast::{Member, OptionList, ValueKind};
use crate::check::Meaning;
use crate::diagnostics::Edit;
use crate::ir::{AttributeId, ModelId, Origin};
use crate::source::Span;
use crate::verbs::OptionId;

/// What a database knows by the name at a position, whose rows or values go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// The table of a model.
    Table(ModelId),
    /// The column of an attribute.
    Column(ModelId, AttributeId),
}

/// What a database knows by the name at a position; nothing where the script itself says what it was.
pub fn stored(project: Project<'_>, position: u32) -> Option<Stored> {
    let schema = &project.checked.schema;
    match &name_at(project, position)?.meaning {
        Meaning::Model(id) if !schema[*id].view => Some(Stored::Table(*id)),
        Meaning::Attribute(model, id)
            if schema[*model].attribute(*id).origin == Origin::Written =>
        {
            Some(Stored::Column(*model, *id))
        }
        Meaning::Model(_)
        | Meaning::Attribute(..)
        | Meaning::Base(_)
        | Meaning::Association(_)
        | Meaning::Scope(_)
        | Meaning::Enumeration(_)
        | Meaning::Member(_)
        | Meaning::Variable(_)
        | Meaning::Former(_)
        | Meaning::Table(_)
        | Meaning::Script(_) => None,
    }
}

/// The edit that says what the name at a position was, beside those of its rename; none where it says so already.
///
/// ```
/// use relata::{ast::Bundle, check, ide, source::Sources, syntax};
/// let mut sources = Sources::default();
/// let id = sources.add("a.schema", "model User { name: STRING }").unwrap();
/// let bundle = Bundle::of(syntax::parse(sources.get(id)).script);
/// let checked = check::check_noting(&bundle, &sources);
/// let project = ide::Project { sources: &sources, bundle: &bundle, checked: &checked };
/// let base = sources.get(id).base;
/// assert_eq!(ide::was(project, base + 7).unwrap().text, " < was: User >");
/// assert_eq!(ide::was(project, base + 14).unwrap().text, " < was: name >");
/// ```
pub fn was(project: Project<'_>, position: u32) -> Option<Edit> {
    stored(project, position)?;
    let meaning = &name_at(project, position)?.meaning;
    let declares = |at: Span| {
        let uses = &project.checked.uses;
        uses.iter().any(|it| it.declares && it.at == at && it.meaning == *meaning)
    };
    for (_, sentence) in project.bundle.sentences() {
        let Some(word) = sentence.words.get(1).map(|it| &it.head) else {
            continue;
        };
        if declares(word.span) {
            return edit(&word.text, sentence.options.as_ref(), sentence.span);
        }
        let Some(ValueKind::Object(body)) = sentence.argument.as_ref().map(|it| &it.kind) else {
            continue;
        };
        for member in &body.members {
            match member {
                Member::Pair(pair) if declares(pair.key.span) => {
                    return edit(&pair.key.text, pair.options.as_ref(), pair.span());
                }
                Member::Pair(_) | Member::Sentence(_) => {}
            }
        }
    }
    None
}

fn edit(old: &str, options: Option<&OptionList>, span: Span) -> Option<Edit> {
    let name = OptionId::Was.name();
    let items = options.map_or(&[][..], |it| &it.items);
    if items.iter().any(|it| it.name.text == name) {
        return None;
    }
    let text = format!("{name}: {}", quoted(old));
    Some(match items.first() {
        Some(first) => Edit {
            at: Span::new(first.span().start, first.span().start),
            text: format!("{text}, "),
        },
        None => Edit { at: span.at_end(), text: format!(" < {text} >") },
    })
}
