//! Options whose names are written in several words, or without a colon: `group by: age`, `on delete cascade`, `not null`, `timestamps false`.

use super::super::lexeme::{Lexeme, LexemeCursor, LexemeKind};
use super::Rewording;

/// Names in several words, what they are written as, and whether a value follows.
const NAMES: [(&[&str], &str, bool); 18] = [
    (&["group", "by"], "group", true),
    (&["order", "by"], "order", true),
    (&["sort", "by"], "order", true),
    (&["on", "delete"], "onDelete", true),
    (&["on", "update"], "onUpdate", true),
    (&["foreign", "key"], "foreignKey", true),
    (&["target", "key"], "targetKey", true),
    (&["source", "key"], "sourceKey", true),
    (&["other", "key"], "otherKey", true),
    (&["table", "name"], "tableName", true),
    (&["created", "at"], "createdAt", true),
    (&["updated", "at"], "updatedAt", true),
    (&["default", "value"], "defaultValue", true),
    (&["not", "null"], "allowNull: false", false),
    (&["allow", "null"], "allowNull", false),
    (&["primary", "key"], "primaryKey", false),
    (&["auto", "increment"], "autoIncrement", false),
    (&["soft", "delete"], "paranoid", false),
];

/// Options that take a word or a value.
const TAKE: [&str; 22] = [
    "group",
    "order",
    "onDelete",
    "onUpdate",
    "foreignKey",
    "targetKey",
    "sourceKey",
    "otherKey",
    "tableName",
    "defaultValue",
    "default",
    "as",
    "through",
    "include",
    "attributes",
    "field",
    "was",
    "comment",
    "createdAt",
    "updatedAt",
    "deletedAt",
    "limit",
];

/// The option that begins here, whose name or value stands otherwise; the cursor goes behind what is replaced.
pub(super) fn option(cursor: &mut LexemeCursor<'_>) -> Option<Rewording> {
    let start = cursor.peek().filter(|it| it.kind == LexemeKind::Word)?.start;
    let mut ahead = *cursor;
    let several = NAMES.iter().find(|it| ahead.eat_all(it.0));
    let (named, takes) = if let Some(it) = several {
        (it.1.to_owned(), it.2)
    } else if ahead.eat("no") || ahead.eat("without") {
        // `no timestamps`
        let word = ahead.word()?;
        (format!("{word}: false"), false)
    } else {
        let word = ahead.word()?;
        let follows = ahead.peek()?;
        let is_flag = ["true", "false"].iter().any(|it| follows.is(it));
        (is_flag || TAKE.contains(&word)).then_some(())?;
        let word = if word == "default" { "defaultValue" } else { word };
        (word.to_owned(), true)
    };
    let name_ends = ahead.end;
    let has_colon = ahead.peek().is_some_and(|it| it.is(":") || it.is("="));
    if has_colon {
        several?;
        *cursor = ahead;
        let named = named.split(':').next().unwrap_or_default();
        return Some(rewording(start, name_ends, named, &format!("{named}: ..")));
    }
    let is_value = |it: &Lexeme<'_>| match it.kind {
        LexemeKind::Word | LexemeKind::Number | LexemeKind::Quoted => !it.breaks,
        LexemeKind::Sign => it.is("(") || it.is("["),
    };
    if !takes || !ahead.peek().is_some_and(|it| is_value(&it)) {
        (several.is_some() || named.ends_with(": false")).then_some(())?;
        *cursor = ahead;
        return Some(rewording(start, name_ends, &named, &named));
    }
    let value = ahead.until(|it| it.is(",") || it.is(">") || it.is(":") || it.breaks).trim();
    if ahead.peek().is_some_and(|it| it.is(":")) || value.is_empty() {
        return None;
    }
    // an action in two words: `on delete set null`
    let value = match value.to_ascii_lowercase().as_str() {
        "set null" => "setNull",
        "set default" => "setDefault",
        "no action" => "noAction",
        _ => value,
    };
    let said = format!("{named}: {value}");
    *cursor = ahead;
    Some(rewording(start, ahead.end, &said, &said))
}

fn rewording(start: usize, end: usize, text: &str, shown: &str) -> Rewording {
    Rewording {
        range: start..end,
        text: text.to_owned(),
        help: format!("an option is written `{shown}`"),
    }
}
