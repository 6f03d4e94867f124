//! What a verb may be given, with the attributes of the model at hand: the grey hint behind `User create`.

use super::cursor::{Cursor, behind_assignment, sentence};
use crate::check;
use crate::ir::{Attribute, Contents, DataType, Model, Origin, Schema};
use crate::verbs::{Argument, RowVerb, Subject, Verb};
use smol_str::SmolStr;

/// What may stand behind the verb of the cursor's sentence; none where a general example says as much. `held`: it is about a row that a variable
/// holds.
pub(super) fn behind(
    cursor: &Cursor<'_>,
    schema: &Schema,
    verb: Verb,
    held: bool,
) -> Option<SmolStr> {
    let Verb::Rows(verb) = verb else { return None };
    example(verb, subject_of(cursor, schema)?, held)
}

/// The model that the cursor's sentence is about, by its name or a variable's.
fn subject_of<'s>(cursor: &Cursor<'_>, schema: &'s Schema) -> Option<&'s Model> {
    let (_, subject) = sentence(behind_assignment(&cursor.frames.last()?.member));
    let subject = subject?;
    let held = cursor.variables.iter().rev().find(|it| it.name == subject);
    let name = held.map_or(Some(subject), |it| it.model.as_deref())?;
    schema.models().map(|it| it.1).find(|it| it.name == name)
}

fn example(verb: RowVerb, model: &Model, held: bool) -> Option<SmolStr> {
    let written: Vec<&Attribute> = model.attributes.iter().filter(|it| is_written(it)).collect();
    let pair = |it: &&Attribute| format!("{}: {}", check::written_name(&it.name), value(it));
    let name = |it: &&Attribute| check::written_name(&it.name).to_string();
    // What a row can't do without; or else what comes first.
    let needed: Vec<&&Attribute> =
        written.iter().filter(|it| it.not_null && it.default.is_none()).take(3).collect();
    let row: Vec<String> = if needed.is_empty() {
        written.iter().take(1).map(pair).collect()
    } else {
        needed.into_iter().map(pair).collect()
    };
    let row = row.join(", ");
    let counted = written.iter().find(|it| is_counted(it));
    let first = written.first();
    let key = model.attributes.iter().find(|it| it.primary_key);
    let which = match key {
        Some(key) if !held => {
            format!(" < where: ({} = {}) >", check::written_name(&key.name), value(key))
        }
        Some(_) | None => String::new(),
    };
    let facts = verb.facts();
    let text = match facts.argument {
        Argument::Row if matches!(verb, RowVerb::Increment | RowVerb::Decrement) => {
            counted.map(|it| format!("{{ {}: 1 }}{which}", name(it)))
        }
        Argument::Row if verb == RowVerb::Upsert => match key {
            Some(key) if !row.is_empty() => Some(format!("{{ {}, {row} }}", pair(&key))),
            Some(_) | None => None,
        },
        Argument::Row if verb == RowVerb::FindOrCreate => match written.as_slice() {
            [first, second, ..] => {
                Some(format!("{{ {} }} < defaults: {{ {} }} >", pair(first), pair(second)))
            }
            [only] => Some(format!("{{ {} }}", pair(only))),
            [] => None,
        },
        Argument::Row if facts.subject == Subject::Either => {
            first.map(|it| format!("{{ {} }}{which}", pair(it)))
        }
        Argument::Row => (!row.is_empty()).then(|| format!("{{ {row} }}")),
        Argument::Rows => (!row.is_empty()).then(|| format!("[{{ {row} }}, {{ .. }}]")),
        Argument::Attribute => match verb {
            RowVerb::Sum | RowVerb::Avg => counted.map(name),
            RowVerb::Min | RowVerb::Max => counted.or(first).map(name),
            _ => None,
        },
        Argument::Key => key.map(value),
        _ => None,
    };
    text.map(Into::into)
}

/// Whether a script writes an attribute: it doesn't come by itself, nor is it computed.
fn is_written(attribute: &Attribute) -> bool {
    attribute.origin != Origin::Implied
        && attribute.computed().is_none()
        && !attribute.auto_increment
}

fn is_counted(attribute: &Attribute) -> bool {
    matches!(attribute.data_type.holds(), Contents::Integer | Contents::Number)
        && attribute.origin == Origin::Written
        && !attribute.primary_key
}

/// A value that the attribute may have.
fn value(attribute: &Attribute) -> String {
    if let DataType::Enum(it) = &attribute.data_type
        && let Some(first) = it.members.first()
    {
        return check::written_name(first).to_string();
    }
    match attribute.data_type.holds() {
        Contents::Integer => "1",
        Contents::Number => "1.5",
        Contents::Truth => "true",
        Contents::Moment => "\"2022-01-16T12:00:00Z\"",
        Contents::Day => "\"2022-01-16\"",
        Contents::Time => "\"12:30:00\"",
        Contents::Json => "{ .. }",
        Contents::Bytes => "x\"00ff\"",
        Contents::Text
        | Contents::Uuid
        | Contents::Member
        | Contents::Nothing
        | Contents::Anything => "\"..\"",
    }
    .to_owned()
}
