//! The parts of a `CREATE INDEX`.

use super::texts::{fragment, with_texts};
use super::token::{SqlToken, closing, parts, tokens};
use crate::catalog::{IndexedColumn, TableIndex};

/// What a `CREATE INDEX` says of a table with these columns; none where it can't be read.
///
/// ```
/// let index = |sql| relata::stored::index(sql, |_| true).unwrap();
/// let a = index("CREATE UNIQUE INDEX i ON t (a, lower(b) DESC) WHERE a > 0");
/// let b = index("CREATE UNIQUE INDEX \"j\" ON \"t\" (\"a\" ASC, (lower(\"b\")) DESC) WHERE (\"a\">0)");
/// assert!(a.says(&b) && a.name != b.name);
/// ```
pub fn index(sql: &str, is_column: impl Fn(&str) -> bool) -> Option<TableIndex> {
    let all = tokens(sql);
    let on = all.iter().position(|it| it.is("on"))?;
    let open = on + 2;
    let close = all.get(open).filter(|it| it.is_sign('(')).and_then(|_| closing(&all, open))?;
    let end = all.iter().rposition(|it| !it.is_sign(';')).map_or(0, |it| it + 1);
    let filter = match all.get(close + 1..end)? {
        [] => None,
        [word, rest @ ..] if word.is("where") => Some(fragment(&written(sql, rest, &is_column))),
        _ => return None,
    };
    let before = all.get(..on)?;
    let members = parts(all.get(open + 1..close)?).into_iter();
    Some(TableIndex {
        name: before.last().and_then(SqlToken::label).unwrap_or_default().to_owned(),
        unique: before.get(1).is_some_and(|it| it.is("unique")),
        members: members.map(|(_, it)| member(sql, it, &is_column)).collect(),
        filter,
        sql: Some(sql.to_owned()),
        ..TableIndex::default()
    })
}

/// What these tokens say.
fn written<'s>(
    sql: &'s str,
    tokens: &[SqlToken],
    is_column: &impl Fn(&str) -> bool,
) -> std::borrow::Cow<'s, str> {
    let ends = tokens.first().zip(tokens.last());
    let range = ends.map_or(0..0, |(first, last)| first.range.start..last.range.end);
    with_texts(sql.get(range).unwrap_or_default(), is_column)
}

pub(super) fn member(
    sql: &str,
    tokens: &[SqlToken],
    is_column: &impl Fn(&str) -> bool,
) -> IndexedColumn {
    let mut rest = tokens;
    let mut descending = false;
    if let [before @ .., last] = rest
        && (last.is("asc") || last.is("desc"))
        && !before.is_empty()
    {
        descending = last.is("desc");
        rest = before;
    }
    let mut collation = None;
    if let [before @ .., word, name] = rest
        && word.is("collate")
        && !before.is_empty()
    {
        collation = name.label().map(Into::into);
        rest = before;
    }
    let column = match rest {
        [one] => one.label().filter(|it| is_column(it)),
        _ => None,
    };
    let expression = column.is_none().then(|| fragment(&written(sql, rest, is_column)));
    IndexedColumn { column: column.map(Into::into), expression, descending, collation }
}
