//! The things in a database, and which of them a `CREATE` in raw SQL creates.

use crate::catalog::ObjectKind;
use smol_str::SmolStr;

/// A thing in a database.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SchemaObject {
    /// What it is.
    pub kind: SchemaObjectKind,
    /// Its name; a table's with its schema before it.
    pub name: SmolStr,
    /// The table that it belongs to.
    pub table: Option<SmolStr>,
}

/// The kinds of things in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SchemaObjectKind {
    /// An extension.
    Extension,
    /// A schema.
    Schema,
    /// A type.
    Type,
    /// A table, a virtual one too.
    Table,
    /// A column.
    Column,
    /// An index.
    Index,
    /// A foreign key.
    ForeignKey,
    /// A view.
    View,
    /// A trigger.
    Trigger,
    /// Anything else that raw SQL creates.
    Other,
}

impl SchemaObjectKind {
    /// The kind of what a database keeps a statement of.
    pub const fn kept(self) -> Option<ObjectKind> {
        Some(match self {
            Self::Table => ObjectKind::Table,
            Self::Index => ObjectKind::Index,
            Self::View => ObjectKind::View,
            Self::Trigger => ObjectKind::Trigger,
            Self::Extension
            | Self::Schema
            | Self::Type
            | Self::Column
            | Self::ForeignKey
            | Self::Other => return None,
        })
    }
}

/// What a statement creates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Its kind.
    pub kind: SchemaObjectKind,
    /// Its name, without the database's or schema's name before it.
    pub name: SmolStr,
}

/// What `sql` creates; none where it is no `CREATE` of a named thing.
///
/// ```
/// use relata::sql::{SchemaObjectKind, created};
///
/// let made = created("/* on */ create temp trigger if not exists main.\"a \"\"b\" AFTER INSERT ON x BEGIN SELECT 1; END").unwrap();
/// assert_eq!((made.kind, made.name.as_str()), (SchemaObjectKind::Trigger, "a \"b"));
/// ```
pub fn created(sql: &str) -> Option<Created> {
    let mut rest = sql;
    let first = token(&mut rest)?;
    if !first.eq_ignore_ascii_case("create") {
        return None;
    }
    let mut kind = None;
    while kind.is_none() {
        let word = token(&mut rest)?.to_ascii_lowercase();
        kind = match word.as_str() {
            "table" => Some(SchemaObjectKind::Table),
            "index" => Some(SchemaObjectKind::Index),
            "view" => Some(SchemaObjectKind::View),
            "trigger" => Some(SchemaObjectKind::Trigger),
            "schema" => Some(SchemaObjectKind::Schema),
            "type" => Some(SchemaObjectKind::Type),
            "extension" => Some(SchemaObjectKind::Extension),
            "function" | "procedure" | "sequence" | "domain" | "event" => {
                Some(SchemaObjectKind::Other)
            }
            "or" | "replace" | "temp" | "temporary" | "unique" | "virtual" | "materialized"
            | "constraint" | "unlogged" | "fulltext" | "spatial" | "aggregate" | "algorithm"
            | "=" | "merge" | "temptable" | "sql" | "security" | "invoker" => None,
            _ => return None,
        };
    }
    let mut name = token(&mut rest)?;
    if name.eq_ignore_ascii_case("concurrently") {
        name = token(&mut rest)?;
    }
    if name.eq_ignore_ascii_case("if") {
        token(&mut rest)?;
        token(&mut rest)?;
        name = token(&mut rest)?;
    }
    while token(&mut rest).is_some_and(|it| it == ".") {
        name = token(&mut rest)?;
    }
    Some(Created { kind: kind?, name })
}

/// The next word, name or sign; a quoted name without its quotes.
fn token(rest: &mut &str) -> Option<SmolStr> {
    loop {
        let text = rest.trim_start();
        if let Some(comment) = text.strip_prefix("--") {
            *rest = comment.split_once('\n').map_or("", |(_, it)| it);
        } else if let Some(comment) = text.strip_prefix("/*") {
            *rest = comment.split_once("*/").map_or("", |(_, it)| it);
        } else {
            *rest = text;
            break;
        }
    }
    let first = rest.chars().next()?;
    let close = match first {
        '"' | '`' | '\'' => first,
        '[' => ']',
        _ => {
            let word = |it: char| it.is_alphanumeric() || it == '_' || it == '$';
            let end = match rest.find(|it| !word(it)) {
                Some(0) => first.len_utf8(),
                Some(end) => end,
                None => rest.len(),
            };
            let (it, behind) = rest.split_at(end);
            *rest = behind;
            return Some(it.into());
        }
    };
    let mut name = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((_, it)) = characters.next() {
        if it == close && characters.next_if(|(_, next)| *next == close && close != ']').is_none() {
            break;
        }
        name.push(it);
    }
    let end = characters.peek().map_or(rest.len(), |(place, _)| *place);
    *rest = rest.split_at(end).1;
    Some(name.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sql: &str, expected: Option<(SchemaObjectKind, &str)>) {
        let made = created(sql);
        let made = made.as_ref().map(|it| (it.kind, it.name.as_str()));
        assert_eq!(made, expected, "{sql}");
    }

    #[test]
    fn the_object_of_a_create_is_found() {
        check(
            "CREATE VIRTUAL TABLE [no te] USING fts5(a)",
            Some((SchemaObjectKind::Table, "no te")),
        );
        check(
            "-- x\nCREATE UNIQUE INDEX main.`i``x` ON t (a)",
            Some((SchemaObjectKind::Index, "i`x")),
        );
        check("create view v(a) as select 1", Some((SchemaObjectKind::View, "v")));
        check("SELECT 1", None);
        check("CREATE", None);
        check("", None);
    }
}
