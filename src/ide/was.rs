//! What has to be written so that a database's rows stay when something gets another name: `was`, where what has it is declared.

use super::names::quoted;
use super::rename_draft::{Rename, RenameDraft};
use crate::ast::{Braces, Bundle, Member, OptionList, Sentence, ValueKind, ValueNode};
use crate::ir::{
    Association, AssociationKind, Attribute, AttributeId, DataType, Model, ModelId, Origin, Schema,
};
use crate::plan;
use crate::source::Span;
use crate::verbs::OptionId;
use smol_str::SmolStr;
use std::collections::HashSet;

/// What a database knows by a name, whose rows or values go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// The table of a model.
    Table(ModelId),
    /// The column of an attribute.
    Column(ModelId, AttributeId),
}

/// Says what the tables and columns were that a rename calls otherwise, as far as the database has them; whether anything is written.
pub(super) fn say(
    draft: &mut RenameDraft<'_>,
    after: &Schema,
    kept: &mut dyn FnMut(Stored) -> bool,
    res: &mut Rename,
) -> bool {
    let before = &draft.project.checked.schema;
    let (mut written, mut done) = (false, HashSet::new());
    for ((id, old), new) in before.models().zip(&after.models).filter(|it| !it.1.view) {
        if old.full_table() != new.full_table() {
            let (from, to) = (old.full_table(), new.full_table());
            let line = format!("the table `{from}` becomes `{to}`");
            let is_kept = kept(Stored::Table(id));
            let says = is_kept && say_table(draft, old);
            res.told.push(line + &ending(is_kept, says, "rows"));
            (written, res.loses) = (written || says, res.loses || is_kept && !says);
        }
        let columns = || old.columns().zip(new.columns().map(|it| it.1));
        for ((column, attribute), now) in columns() {
            let (DataType::Enum(before), DataType::Enum(after)) =
                (&attribute.data_type, &now.data_type)
            else {
                continue;
            };
            let members = before.members.iter().zip(&after.members).filter(|it| it.0 != it.1);
            for (from, to) in members {
                let (column_name, table) = (&attribute.column, old.full_table());
                let is_kept = kept(Stored::Column(id, column));
                let rest =
                    if is_kept { ": rows that have it need a `using` to become it" } else { "" };
                res.told
                    .push(format!("`{from}` in `{column_name}` of `{table}` becomes `{to}`{rest}"));
                res.loses |= is_kept;
            }
        }
        for ((column, attribute), now) in columns().filter(|it| it.0.1.column != it.1.column) {
            let (from, table, to) = (&attribute.column, old.full_table(), &now.column);
            let line = format!("the column `{from}` of `{table}` becomes `{to}`");
            let is_kept = kept(Stored::Column(id, column));
            // What several models have from a base is said once.
            let place = (attribute.origin == Origin::Written).then_some(attribute.span);
            let says = is_kept
                && (place.is_some_and(|it| done.contains(&it))
                    || say_column(draft, (id, old), (column, attribute)));
            done.extend(place.filter(|_| says));
            res.told.push(line + &ending(is_kept, says, "values"));
            (written, res.loses) = (written || says, res.loses || is_kept && !says);
        }
    }
    written
}

/// What becomes of the rows of a table, or of the values of a column.
fn ending(is_kept: bool, says: bool, what: &str) -> String {
    match (is_kept, says) {
        (true, true) => format!(": its {what} stay"),
        (true, false) => format!(": nothing can say here what it was, so its {what} would go"),
        (false, _) => String::new(),
    }
}

/// `was` of a model, or of the table that links two.
fn say_table(draft: &mut RenameDraft<'_>, model: &Model) -> bool {
    let was = former(&model.name, &model.table, &plan::former_tables(model, &model.name));
    let sentences = draft.project.bundle.sentences();
    for (_, sentence) in sentences {
        if sentence.span.start > model.span.start || model.span.end > sentence.span.end {
            continue;
        }
        let declares =
            |it: &ValueNode| it.span.start <= model.span.start && model.span.end <= it.span.end;
        let through =
            option(sentence.options.as_ref(), OptionId::Through).filter(|it| declares(it));
        return match through {
            Some(value) => say_in(draft, value, OptionId::Model, &was),
            None => {
                say_option(draft, sentence.options.as_ref(), sentence.span.end, &was);
                true
            }
        };
    }
    false
}

/// `was` of an attribute, or of the key that an association makes.
fn say_column(
    draft: &mut RenameDraft<'_>,
    (id, model): (ModelId, &Model),
    (column, attribute): (AttributeId, &Attribute),
) -> bool {
    let columns = plan::former_columns(model, &attribute.name);
    let was = former(&attribute.name, &attribute.column, &columns);
    let project = draft.project;
    match attribute.origin {
        Origin::Written => {
            let within = |it: &Sentence| {
                it.span.start <= attribute.span.start && attribute.span.end <= it.span.end
            };
            let sentence = project.bundle.sentences().map(|it| it.1).find(|it| within(it));
            let argument = sentence.and_then(|it| it.argument.as_ref());
            let Some(ValueKind::Object(body)) = argument.map(|it| &it.kind) else {
                return false;
            };
            let own = body.members.iter().find_map(|it| match it {
                Member::Pair(pair) => (pair.key.span == attribute.span).then_some(pair),
                Member::Sentence(_) => None,
            });
            let Some(pair) = own else { return false };
            say_option(draft, pair.options.as_ref(), pair.span().end, &was);
            true
        }
        Origin::Key => {
            let makes = |it: &&Association| {
                it.span == attribute.span && it.holder() == id
                    || it.span.start <= attribute.span.start && attribute.span.end <= it.span.end
            };
            let Some(own) = project.checked.schema.associations().map(|it| it.1).find(makes) else {
                return false;
            };
            let is_own = own.referring().any(|it| it == column);
            let several = if is_own {
                own.key.len()
            } else {
                own.through.as_ref().map_or(0, |it| it.key.len())
            };
            let links = own.kind == AssociationKind::BelongsToMany;
            let (true, true) = (several == 1, is_own || links) else { return false };
            let name = if is_own { OptionId::ForeignKey } else { OptionId::OtherKey };
            let starts = |it: &Sentence| it.span.start == own.span.start;
            let sentence = project.bundle.sentences().map(|it| it.1).find(|it| starts(it));
            let Some(Sentence { options, span, .. }) = sentence else { return false };
            match option(options.as_ref(), name) {
                Some(value) => say_in(draft, value, OptionId::Name, &was),
                None => {
                    let text = format!("{}: {{ {} }}", name.name(), was_text(&was));
                    draft.add_option(options.as_ref(), span.end, &text);
                    true
                }
            }
        }
        Origin::Implied => false,
    }
}

/// A name of before as `was` says it: that of the model or the attribute, where what the database calls so follows from it.
fn former(name: &SmolStr, stored: &SmolStr, follow: &[SmolStr]) -> String {
    if follow.contains(stored) { quoted(name) } else { format!("\"{stored}\"") }
}

fn was_text(was: &str) -> String {
    format!("{}: {was}", OptionId::Was.name())
}

/// Whether a place is in what `through` says.
pub(super) fn is_through(bundle: &Bundle, at: Span) -> bool {
    let within = |it: Span| it.start <= at.start && at.end <= it.end;
    bundle.sentences().map(|it| it.1).filter(|it| within(it.span)).any(|it| {
        let through = option(it.options.as_ref(), OptionId::Through);
        through.is_some_and(|value| within(value.span))
    })
}

fn option(options: Option<&OptionList>, id: OptionId) -> Option<&ValueNode> {
    let found = options?.items.iter().find(|it| it.name.text == id.name())?;
    found.value.as_ref()
}

/// Says it among options; what it was before that is no more in the database.
fn say_option(draft: &mut RenameDraft<'_>, options: Option<&OptionList>, end: u32, was: &str) {
    match option(options, OptionId::Was) {
        Some(value) => draft.edit(value.span, was.to_owned()),
        None => draft.add_option(options, end, &was_text(was)),
    }
}

/// Says it in an option's value: a name, or an object in which `name` says it.
fn say_in(draft: &mut RenameDraft<'_>, value: &ValueNode, name: OptionId, was: &str) -> bool {
    match &value.kind {
        ValueKind::Name(_) | ValueKind::Text(_) => {
            let text =
                format!("{{ {}: {}, {} }}", name.name(), draft.written(value.span), was_text(was));
            draft.edit(value.span, text);
            true
        }
        ValueKind::Object(body) => {
            say_member(draft, body, was);
            true
        }
        _ => false,
    }
}

fn say_member(draft: &mut RenameDraft<'_>, body: &Braces, was: &str) {
    let said = body.members.iter().find_map(|it| match it {
        Member::Pair(pair) if pair.key.text == OptionId::Was.name() => pair.value.as_ref(),
        Member::Pair(_) | Member::Sentence(_) => None,
    });
    match (said, body.members.last()) {
        (Some(value), _) => draft.edit(value.span, was.to_owned()),
        (None, Some(last)) => draft.edit(last.span().at_end(), format!(", {}", was_text(was))),
        (None, None) => draft.edit(body.span, format!("{{ {} }}", was_text(was))),
    }
}
