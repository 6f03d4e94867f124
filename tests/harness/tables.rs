//! A SQLite database's tables, read back without the library: what recorded cases are held against.

/// Rows of text, or why there are none.
pub type Result<T> = std::result::Result<T, String>;

/// Answers a query with rows of text.
pub type Query<'a> = dyn FnMut(&str) -> Result<Vec<Vec<Option<String>>>> + 'a;

/// A table, as the database describes it.
#[derive(Debug)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    pub autoincrement: bool,
    pub foreign_keys: Vec<ForeignKey>,
    /// The names of its foreign keys, as written and in order.
    pub constraints: Vec<String>,
    /// The named or unnamed checks, as written.
    pub checks: Vec<String>,
    pub indexes: Vec<Index>,
}

/// A column.
#[derive(Debug)]
pub struct Column {
    pub name: String,
    pub data_type: String,
    pub not_null: bool,
    pub default: Option<String>,
    /// Its place in the primary key, from 1; 0 where it is not in it.
    pub key: u32,
    /// `virtual` or `stored`, where it is generated.
    pub generated: Option<&'static str>,
}

/// A foreign key.
#[derive(Debug)]
pub struct ForeignKey {
    pub name: Option<String>,
    pub from: Vec<String>,
    pub table: String,
    pub to: Vec<Option<String>>,
    pub on_update: String,
    pub on_delete: String,
}

/// An index or a unique constraint.
#[derive(Debug)]
pub struct Index {
    pub name: String,
    pub unique: bool,
    pub partial: bool,
    /// `c` made by CREATE INDEX, `u` by UNIQUE, `pk` by PRIMARY KEY.
    pub origin: String,
    pub columns: Vec<Member>,
    /// What follows the table's name in its statement.
    pub text: Option<String>,
}

/// What an index is over.
#[derive(Debug)]
pub struct Member {
    /// A column; none where it is an expression.
    pub name: Option<String>,
    pub descending: bool,
    pub collation: String,
}

impl Index {
    /// Whether it says no more than that these columns are unique together.
    pub fn is_plain_unique(&self) -> bool {
        let plain = |it: &Member| it.name.is_some() && !it.descending;
        self.unique && !self.partial && self.columns.iter().all(plain)
    }
}

/// The tables, in the order they were made, without those of SQLite and of Relata.
pub fn read(query: &mut Query<'_>) -> Result<Vec<Table>> {
    let names = query(
        r"SELECT name, sql FROM sqlite_schema WHERE type = 'table'
          AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\_relata%' ESCAPE '\' ORDER BY rowid",
    )?;
    names.iter().map(|row| read_table(query, &text(row, 0), &text(row, 1))).collect()
}

fn read_table(query: &mut Query<'_>, name: &str, sql: &str) -> Result<Table> {
    let quoted = quoted(name);
    let tokens = tokens(sql);
    let columns = query(&format!(
        "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo({quoted})"
    ))?;
    let columns = (columns.iter().filter(|row| text(row, 5) != "1"))
        .map(|row| Column {
            name: text(row, 0),
            data_type: text(row, 1),
            not_null: text(row, 2) == "1",
            default: row.get(3).cloned().flatten(),
            key: text(row, 4).parse().unwrap_or_default(),
            generated: match text(row, 5).as_str() {
                "2" => Some("virtual"),
                "3" => Some("stored"),
                _ => None,
            },
        })
        .collect();
    let named = named_keys(&tokens);
    Ok(Table {
        name: name.to_owned(),
        columns,
        autoincrement: tokens.iter().any(|it| it.is("AUTOINCREMENT")),
        foreign_keys: read_keys(query, &quoted, &named)?,
        constraints: named.into_iter().map(|(name, _)| name).collect(),
        checks: checks(&tokens, sql),
        indexes: read_indexes(query, &quoted)?,
    })
}

fn read_keys(
    query: &mut Query<'_>,
    table: &str,
    named: &[(String, Vec<String>)],
) -> Result<Vec<ForeignKey>> {
    let rows = query(&format!(
        "SELECT id, \"table\", \"from\", \"to\", on_update, on_delete FROM pragma_foreign_key_list({table}) ORDER BY id DESC, seq"
    ))?;
    let mut res: Vec<(String, ForeignKey)> = Vec::new();
    for row in &rows {
        let id = text(row, 0);
        if res.last().is_none_or(|(last, _)| *last != id) {
            let key = ForeignKey {
                name: None,
                from: Vec::new(),
                table: text(row, 1),
                to: Vec::new(),
                on_update: text(row, 4),
                on_delete: text(row, 5),
            };
            res.push((id, key));
        }
        if let Some((_, key)) = res.last_mut() {
            key.from.push(text(row, 2));
            key.to.push(row.get(3).cloned().flatten());
        }
    }
    let mut left: Vec<_> = named.iter().collect();
    let keys = res.into_iter().map(|(_, mut key)| {
        let at = left.iter().position(|(_, columns)| *columns == key.from);
        key.name = at.map(|it| left.remove(it).0.clone());
        key
    });
    Ok(keys.collect())
}

fn read_indexes(query: &mut Query<'_>, table: &str) -> Result<Vec<Index>> {
    let rows = query(&format!(
        "SELECT name, \"unique\", partial, origin FROM pragma_index_list({table}) ORDER BY seq DESC"
    ))?;
    let mut res = Vec::new();
    for row in &rows {
        let name = text(row, 0);
        let quoted = quoted(&name);
        let columns = query(&format!(
            "SELECT name, \"desc\", coll FROM pragma_index_xinfo({quoted}) WHERE key = 1 ORDER BY seqno"
        ))?;
        let sql = query(&format!(
            "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = {quoted}"
        ))?;
        let sql = sql.first().map(|row| text(row, 0)).unwrap_or_default();
        let open = tokens(&sql).into_iter().find(|it| it.is("("));
        res.push(Index {
            name,
            unique: text(row, 1) == "1",
            partial: text(row, 2) == "1",
            origin: text(row, 3),
            columns: (columns.iter())
                .map(|row| Member {
                    name: row.first().cloned().flatten(),
                    descending: text(row, 1) == "1",
                    collation: text(row, 2),
                })
                .collect(),
            text: open.map(|it| sql[it.start..].to_owned()),
        });
    }
    Ok(res)
}

fn text(row: &[Option<String>], at: usize) -> String {
    row.get(at).cloned().flatten().unwrap_or_default()
}

fn quoted(name: &str) -> String {
    format!("'{}'", name.replace('\'', "''"))
}

/// A token of SQL.
struct Token {
    start: usize,
    end: usize,
    /// Without quotes.
    text: String,
    is_quoted: bool,
}

impl Token {
    /// Whether it is this word or sign.
    fn is(&self, word: &str) -> bool {
        !self.is_quoted && self.text.eq_ignore_ascii_case(word)
    }
}

fn tokens(sql: &str) -> Vec<Token> {
    let mut res = Vec::new();
    let mut start = 0;
    while let Some(first) = sql[start..].chars().next() {
        let rest = &sql[start..];
        let is_word = |it: char| it.is_alphanumeric() || matches!(it, '_' | '$' | '.');
        let close = match first {
            '`' | '"' | '\'' => Some(first),
            '[' => Some(']'),
            _ => None,
        };
        let mut length = first.len_utf8();
        let mut text = first.to_string();
        if let Some(close) = close {
            text.clear();
            let mut letters = rest.char_indices().skip(1).peekable();
            while let Some((at, letter)) = letters.next() {
                length = at + letter.len_utf8();
                if letter == close && letters.next_if(|(_, next)| *next == close).is_none() {
                    break;
                }
                text.push(letter);
            }
        } else if is_word(first) {
            length = rest.find(|it| !is_word(it)).unwrap_or(rest.len());
            rest[..length].clone_into(&mut text);
        } else if rest.starts_with("--") {
            length = rest.find('\n').unwrap_or(rest.len());
            text.clear();
        } else if rest.starts_with("/*") {
            length = rest.find("*/").map_or(rest.len(), |it| it + 2);
            text.clear();
        }
        if close.is_some() || !text.trim().is_empty() {
            res.push(Token { start, end: start + length, text, is_quoted: close.is_some() });
        }
        start += length;
    }
    res
}

/// `CONSTRAINT name FOREIGN KEY (columns)`: the names and the columns.
fn named_keys(tokens: &[Token]) -> Vec<(String, Vec<String>)> {
    tokens
        .windows(5)
        .enumerate()
        .filter_map(|(at, window)| {
            let [constraint, name, foreign, key, open] = window else {
                return None;
            };
            let fits = constraint.is("CONSTRAINT")
                && foreign.is("FOREIGN")
                && key.is("KEY")
                && open.is("(");
            let columns = tokens[at + 5..].iter().take_while(|it| !it.is(")"));
            let columns = columns.filter(|it| !it.is(",")).map(|it| it.text.clone());
            fits.then(|| (name.text.clone(), columns.collect()))
        })
        .collect()
}

/// `CONSTRAINT name CHECK (..)`, `CHECK (..)`, as written.
fn checks(tokens: &[Token], sql: &str) -> Vec<String> {
    let mut res = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, it)| it.is("CHECK")) {
        let named = at >= 2 && tokens[at - 2].is("CONSTRAINT");
        let name = if named { format!("{} ", tokens[at - 1].text) } else { String::new() };
        let mut depth = 0_usize;
        let close = tokens[at + 1..].iter().find(|it| {
            depth = depth + usize::from(it.is("(")) - usize::from(it.is(")"));
            depth == 0
        });
        if let Some(close) = close {
            res.push(format!("{name}{}", sql[token.end..close.end].trim_start()));
        }
    }
    res
}

/// The tests of this file.
pub const TESTS: crate::Tests = &[("names in quotes are names", quoted_names)];

fn quoted_names() {
    let sql = "CREATE TABLE x ([from] INTEGER, `to` INTEGER CHECK (`to` > 0), CONSTRAINT \"a \"\"b\"\"\" FOREIGN KEY (\"from\") REFERENCES `x``y` (`z`))";
    let tokens = tokens(sql);
    assert_eq!(named_keys(&tokens), [("a \"b\"".to_owned(), vec!["from".to_owned()])]);
    assert_eq!(checks(&tokens, sql), ["(`to` > 0)"]);
}
