//! The parts of a `CREATE INDEX`.

use super::texts::with_texts;
use super::token::{bracketed, plain, tokens};

/// A member of an [`Index`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// A column's name, or an expression as written.
    pub text: String,
    /// Whether it is a column.
    pub is_column: bool,
    /// `COLLATE`
    pub collation: Option<String>,
    /// `DESC`
    pub descending: bool,
}

/// A `CREATE INDEX`.
///
/// ```
/// use relata::stored::Index;
///
/// let index = |sql| Index::read(sql).unwrap();
/// let a = index("CREATE UNIQUE INDEX i ON t (a, lower(b) DESC) WHERE a > 0");
/// let b = index("CREATE UNIQUE INDEX \"i\" ON \"t\" (\"a\" ASC, (lower(\"b\")) DESC) WHERE (\"a\">0)");
/// assert_eq!(a.plain(), b.plain());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Whether rows must differ in it.
    pub unique: bool,
    /// What it is about, in order.
    pub members: Vec<Member>,
    /// What stands behind `WHERE`.
    pub filter: Option<String>,
}

impl Index {
    /// What a `CREATE INDEX` says; none where it can't be read. Whatever it names in double quotes is a column.
    pub fn read(sql: &str) -> Option<Self> {
        Self::of(sql, |_| true)
    }

    /// What a `CREATE INDEX` says of a table with these columns; none where it can't be read.
    pub fn of(sql: &str, is_column: impl Fn(&str) -> bool) -> Option<Self> {
        let all = tokens(sql);
        let on = all.iter().position(|it| it.is("on"))?;
        let before = all.get(..on)?;
        let unique = before.get(1).is_some_and(|it| it.is("unique"));
        let table = all.get(on + 1)?.range.end;
        let text = sql.get(table..)?;
        let (inner, rest) = bracketed(text)?;
        let behind = tokens(rest);
        let filter = match behind.first() {
            Some(it) if it.is("where") => rest.get(it.range.end..)?.trim(),
            Some(it) if it.is_sign(';') => "",
            Some(_) => return None,
            None => "",
        };
        Some(Self {
            unique,
            members: members(&inner, &is_column),
            filter: (!filter.is_empty()).then(|| with_texts(filter, &is_column).into_owned()),
        })
    }

    /// All of it but its name and its table's, in a form that two spellings share.
    pub fn plain(&self) -> String {
        let members = self.members.iter().map(|it| {
            let collation = it.collation.as_deref().unwrap_or_default().to_lowercase();
            format!("{} {collation} {}", plain(&it.text), it.descending)
        });
        let members: Vec<_> = members.collect();
        let filter = self.filter.as_deref().map(plain);
        format!("{} {members:?} {filter:?}", self.unique)
    }

    /// Its columns, where it is a unique key of nothing else.
    pub fn unique_columns(&self) -> Option<Vec<String>> {
        let plain = self.unique && self.filter.is_none();
        let column = |it: &Member| {
            let plain = it.is_column && it.collation.is_none() && !it.descending;
            plain.then(|| it.text.clone())
        };
        if !plain {
            return None;
        }
        self.members.iter().map(column).collect()
    }
}

/// What is between the commas outside of brackets.
fn split(text: &str) -> Vec<&str> {
    let (mut found, mut depth, mut begin) = (Vec::new(), 0_usize, 0);
    for it in tokens(text) {
        if it.is_sign('(') {
            depth += 1;
        } else if it.is_sign(')') {
            depth = depth.saturating_sub(1);
        } else if it.is_sign(',') && depth == 0 {
            found.push(text.get(begin..it.range.start).unwrap_or_default().trim());
            begin = it.range.end;
        }
    }
    found.push(text.get(begin..).unwrap_or_default().trim());
    found
}

/// What is in the brackets of an index or a key, one by one.
pub(super) fn members(text: &str, is_column: &impl Fn(&str) -> bool) -> Vec<Member> {
    let each = split(text).into_iter();
    each.map(|it| member(it, is_column)).collect()
}

fn member(text: &str, is_column: &impl Fn(&str) -> bool) -> Member {
    let all = tokens(text);
    let mut rest = all.as_slice();
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
        collation = name.label().map(str::to_owned);
        rest = before;
    }
    let end = rest.last().map_or(0, |it| it.range.end);
    let begin = rest.first().map_or(0, |it| it.range.start);
    let column = match rest {
        [one] => one.label().filter(|it| is_column(it)),
        _ => None,
    };
    let written = with_texts(text.get(begin..end).unwrap_or_default(), is_column);
    Member {
        text: column.unwrap_or(&written).to_owned(),
        is_column: column.is_some(),
        collation,
        descending,
    }
}
