//! The parts of a `CREATE TABLE`.

use super::token::{Token, plain, tokens};
use std::ops::Range;

/// A `CREATE TABLE` and where its parts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Where the table's name is.
    pub name: Range<usize>,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Its table constraints, in order.
    pub constraints: Vec<Clause>,
    /// Where the bracket is that closes the list of columns.
    pub close: usize,
    /// What stands behind that bracket: `STRICT`, `WITHOUT ROWID`.
    pub options: Range<usize>,
}

/// A column of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// All of it, from its name to its last clause.
    pub range: Range<usize>,
    /// Where its name is.
    pub name_range: Range<usize>,
    /// Its type; empty, behind the name, where it has none.
    pub data_type: Range<usize>,
    /// What follows the type, in order.
    pub clauses: Vec<Clause>,
}

/// A constraint or another clause of a column or table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// What it is.
    pub kind: ClauseKind,
    /// The constraint's name.
    pub name: Option<String>,
    /// All of it, its `CONSTRAINT name` too.
    pub range: Range<usize>,
    /// What it says, without `CONSTRAINT name`.
    pub body: Range<usize>,
}

/// What a clause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClauseKind {
    /// `PRIMARY KEY`
    PrimaryKey,
    /// `NOT NULL`
    NotNull,
    /// `NULL`, which says nothing
    Null,
    /// `UNIQUE`
    Unique,
    /// `CHECK (..)`
    Check,
    /// `DEFAULT ..`
    Default,
    /// `COLLATE ..`
    Collate,
    /// `REFERENCES ..`, or `FOREIGN KEY (..) REFERENCES ..`
    ForeignKey,
    /// `GENERATED ALWAYS AS (..)`, `AS (..)`
    Generated,
}

impl Statement {
    /// The parts of a statement; none where it is no `CREATE TABLE` with a list of columns.
    pub fn read(sql: &str) -> Option<Self> {
        let all = tokens(sql);
        let mut at = 0;
        let skip = |at: &mut usize, word: &str| {
            let there = all.get(*at).is_some_and(|it| it.is(word));
            *at += usize::from(there);
            there
        };
        if !skip(&mut at, "create") {
            return None;
        }
        if !skip(&mut at, "temp") {
            skip(&mut at, "temporary");
        }
        if !skip(&mut at, "table") {
            return None;
        }
        if skip(&mut at, "if") {
            at += 2;
        }
        let mut name = all.get(at)?.range.clone();
        at += 1;
        if all.get(at)?.is_sign('.') {
            name = all.get(at + 1)?.range.clone();
            at += 2;
        }
        if !all.get(at)?.is_sign('(') {
            return None;
        }
        let end = closing(&all, at)?;
        let close = all.get(end)?.range.start;
        let mut statement = Self {
            name,
            columns: Vec::new(),
            constraints: Vec::new(),
            close,
            options: close + 1..sql.len(),
        };
        for part in parts(all.get(at + 1..end)?) {
            statement.part(sql, part)?;
        }
        (!statement.columns.is_empty()).then_some(statement)
    }

    /// The column of that name, in any letter case.
    pub fn column(&self, name: &str) -> Option<&Column> {
        let lower = name.to_lowercase();
        let mut all = self.columns.iter();
        all.find(|it| it.name.to_lowercase() == lower)
    }

    /// What the checks of the statement `sql` say, each in one spelling, without its word and the brackets around it.
    pub fn checks(&self, sql: &str) -> Vec<String> {
        let columns = self.columns.iter().flat_map(|it| &it.clauses);
        let all = columns.chain(&self.constraints);
        let checks = all.filter(|it| it.kind == ClauseKind::Check);
        let text = |it: &Clause| sql.get(it.body.clone()).map(Clause::checked);
        checks.filter_map(text).collect()
    }

    fn part(&mut self, sql: &str, part: &[Token]) -> Option<()> {
        let starts = ["constraint", "primary", "unique", "check", "foreign"];
        let first = part.first()?;
        if starts.iter().any(|it| first.is(it)) {
            self.constraints.extend(clauses(part));
            return Some(());
        }
        // A column's name may be any word, even one in a text's quotes.
        let text = || {
            let written = sql.get(first.range.clone())?;
            let inner = written.strip_prefix('\'')?.strip_suffix('\'')?;
            Some(inner.replace("''", "'"))
        };
        let name = first.name().map(str::to_owned).or_else(text)?;
        let mut rest = part.get(1..)?;
        let mut data_type = first.range.end..first.range.end;
        while let Some(next) = rest.first() {
            if next.name().is_none() || begins(next) {
                break;
            }
            if data_type.is_empty() {
                data_type.start = next.range.start;
            }
            data_type.end = next.range.end;
            rest = rest.get(1..)?;
            if rest.first().is_some_and(|it| it.is_sign('(')) {
                let end = closing(rest, 0)?;
                data_type.end = rest.get(end)?.range.end;
                rest = rest.get(end + 1..)?;
            }
        }
        self.columns.push(Column {
            name,
            name_range: first.range.clone(),
            range: first.range.start..part.last()?.range.end,
            data_type,
            clauses: clauses(rest),
        });
        Some(())
    }
}

impl Clause {
    /// What a CHECK says, in one spelling, without its word and the brackets around it.
    pub fn checked(body: &str) -> String {
        plain(body.trim_start_matches(|it: char| it != '('))
    }
}

/// What stands behind the columns of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// `STRICT`
    pub strict: bool,
    /// `WITHOUT ROWID`
    pub without_rowid: bool,
}

/// The options of a `CREATE TABLE`, whatever else it says: nothing but them stands behind its last bracket.
///
/// ```
/// use relata::stored::{Options, options};
/// let said = options("CREATE TABLE \"strict\" (a PRIMARY KEY, without) -- strict)\n without rowid");
/// assert_eq!(said, Options { strict: false, without_rowid: true });
/// ```
pub fn options(sql: &str) -> Options {
    let all = tokens(sql);
    let behind = all.iter().rev().take_while(|it| !it.is_sign(')'));
    behind.fold(Options::default(), |res, it| Options {
        strict: res.strict || it.is("strict"),
        without_rowid: res.without_rowid || it.is("without"),
    })
}

/// Whether a bare word begins a clause of a column.
fn begins(token: &Token) -> bool {
    const WORDS: [&str; 11] = [
        "constraint",
        "primary",
        "not",
        "null",
        "unique",
        "check",
        "default",
        "collate",
        "references",
        "generated",
        "as",
    ];
    WORDS.iter().any(|it| token.is(it))
}

/// Where the bracket at `open` is closed.
fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, it) in tokens.iter().enumerate().skip(open) {
        if it.is_sign('(') {
            depth += 1;
        } else if it.is_sign(')') {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// What is between the commas outside of brackets.
fn parts(tokens: &[Token]) -> Vec<&[Token]> {
    let (mut found, mut depth, mut begin) = (Vec::new(), 0_usize, 0);
    for (at, it) in tokens.iter().enumerate() {
        if it.is_sign('(') {
            depth += 1;
        } else if it.is_sign(')') {
            depth = depth.saturating_sub(1);
        } else if it.is_sign(',') && depth == 0 {
            found.extend(tokens.get(begin..at));
            begin = at + 1;
        }
    }
    found.extend(tokens.get(begin..));
    found
}

/// The clauses of a column or of a table constraint.
fn clauses(tokens: &[Token]) -> Vec<Clause> {
    let mut found: Vec<Clause> = Vec::new();
    let mut name: Option<(String, usize)> = None;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next = tokens.get(at + 1);
        if token.is("constraint") {
            let named = next.and_then(Token::name).map(str::to_owned);
            name = named.map(|it| (it, token.range.start));
            at += 2;
            continue;
        }
        let kind = kind(token, next);
        let end = end_of(tokens, at, kind);
        let last = tokens.get(end.saturating_sub(1)).unwrap_or(token);
        match kind {
            Some(kind) => {
                let (name, start) = name.take().unzip();
                found.push(Clause {
                    kind,
                    name,
                    range: start.unwrap_or(token.range.start)..last.range.end,
                    body: token.range.start..last.range.end,
                });
            }
            // What belongs to the clause before: `ON CONFLICT ..`, `DEFERRABLE ..`, `AUTOINCREMENT`.
            None => {
                if let Some(clause) = found.last_mut() {
                    clause.range.end = last.range.end;
                    clause.body.end = last.range.end;
                }
            }
        }
        at = end.max(at + 1);
    }
    found
}

fn kind(token: &Token, next: Option<&Token>) -> Option<ClauseKind> {
    const KINDS: [(&str, ClauseKind); 9] = [
        ("primary", ClauseKind::PrimaryKey),
        ("null", ClauseKind::Null),
        ("unique", ClauseKind::Unique),
        ("check", ClauseKind::Check),
        ("default", ClauseKind::Default),
        ("collate", ClauseKind::Collate),
        ("references", ClauseKind::ForeignKey),
        ("foreign", ClauseKind::ForeignKey),
        ("generated", ClauseKind::Generated),
    ];
    if token.is("not") {
        // `NOT DEFERRABLE` belongs to a foreign key.
        return next
            .is_some_and(|it| it.is("null"))
            .then_some(ClauseKind::NotNull);
    }
    if token.is("as") {
        return Some(ClauseKind::Generated);
    }
    let mut all = KINDS.iter();
    all.find(|(word, _)| token.is(word)).map(|(_, kind)| *kind)
}

/// Behind the last token of the clause at `at`, as far as it is plain from its first word.
fn end_of(tokens: &[Token], at: usize, kind: Option<ClauseKind>) -> usize {
    let bracket = |from: usize| {
        let open = tokens.get(from).is_some_and(|it| it.is_sign('('));
        let end = if open { closing(tokens, from) } else { None };
        end.map_or(from, |it| it + 1)
    };
    match kind {
        Some(ClauseKind::PrimaryKey) => bracket(at + 2),
        Some(ClauseKind::Unique | ClauseKind::Check) | None => bracket(at + 1),
        Some(ClauseKind::NotNull | ClauseKind::Collate) => at + 2,
        Some(ClauseKind::Null) => at + 1,
        Some(ClauseKind::Default) => {
            if tokens.get(at + 1).is_some_and(|it| it.is_sign('(')) {
                bracket(at + 1)
            } else {
                let signs = tokens.get(at + 1..).unwrap_or_default();
                let signs = signs
                    .iter()
                    .take_while(|it| it.is_sign('-') || it.is_sign('+'));
                at + 2 + signs.count()
            }
        }
        Some(ClauseKind::ForeignKey) => {
            let mut from = at;
            if tokens.get(at).is_some_and(|it| it.is("foreign")) {
                from = bracket(at + 2);
            }
            let mut end = bracket(from + 2);
            // SET NULL and SET DEFAULT would look like clauses.
            while let Some(it) = tokens.get(end) {
                let set = tokens.get(end + 2).is_some_and(|it| it.is("set"));
                if it.is("on") && tokens.get(end + 1).is_some_and(|it| !it.is("conflict")) {
                    let two = set || tokens.get(end + 2).is_some_and(|it| it.is("no"));
                    end += if two { 4 } else { 3 };
                } else if it.is("match") {
                    end += 2;
                } else {
                    break;
                }
            }
            end.min(tokens.len())
        }
        Some(ClauseKind::Generated) => {
            let open = (at..tokens.len()).find(|it| {
                let token = tokens.get(*it);
                token.is_some_and(|it| it.is_sign('('))
            });
            open.map_or(at + 1, bracket)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sql: &str) -> Vec<String> {
        let statement = Statement::read(sql).unwrap();
        let clause = |it: &Clause| {
            let text = sql.get(it.range.clone()).unwrap();
            format!("{:?} {text}", it.kind)
        };
        let mut lines = Vec::new();
        for column in &statement.columns {
            let data_type = sql.get(column.data_type.clone()).unwrap();
            lines.push(format!("{}: {data_type}", column.name));
            lines.extend(column.clauses.iter().map(clause));
        }
        lines.extend(statement.constraints.iter().map(clause));
        lines.push(sql.get(statement.options).unwrap().trim().to_owned());
        lines
    }

    #[test]
    fn every_part_is_found() {
        let sql = "create table if not exists main.[a b] (\n\
            id INTEGER PRIMARY KEY DESC AUTOINCREMENT, -- the key, by itself\n\
            `x` double precision(1, 2) CONSTRAINT n NOT NULL ON CONFLICT IGNORE DEFAULT -1 COLLATE NOCASE,\n\
            c, 'd' DEFAULT (a(1)) UNIQUE ON CONFLICT REPLACE CHECK (d > ')'),\n\
            e REFERENCES p (id) ON DELETE SET NULL ON UPDATE NO ACTION NOT DEFERRABLE NOT NULL,\n\
            g AS (c || 1) STORED, h INT GENERATED ALWAYS AS (x),\n\
            CONSTRAINT k FOREIGN KEY (c, d) REFERENCES p ON DELETE SET DEFAULT DEFERRABLE INITIALLY DEFERRED,\n\
            UNIQUE (c, d), PRIMARY KEY (c), CHECK (c > 0 /* ) */)) STRICT, WITHOUT ROWID";
        assert_eq!(
            shown(sql),
            [
                "id: INTEGER",
                "PrimaryKey PRIMARY KEY DESC AUTOINCREMENT",
                "x: double precision(1, 2)",
                "NotNull CONSTRAINT n NOT NULL ON CONFLICT IGNORE",
                "Default DEFAULT -1",
                "Collate COLLATE NOCASE",
                "c: ",
                "d: ",
                "Default DEFAULT (a(1))",
                "Unique UNIQUE ON CONFLICT REPLACE",
                "Check CHECK (d > ')')",
                "e: ",
                "ForeignKey REFERENCES p (id) ON DELETE SET NULL ON UPDATE NO ACTION NOT DEFERRABLE",
                "NotNull NOT NULL",
                "g: ",
                "Generated AS (c || 1) STORED",
                "h: INT",
                "Generated GENERATED ALWAYS AS (x)",
                "ForeignKey CONSTRAINT k FOREIGN KEY (c, d) REFERENCES p ON DELETE SET DEFAULT DEFERRABLE INITIALLY DEFERRED",
                "Unique UNIQUE (c, d)",
                "PrimaryKey PRIMARY KEY (c)",
                "Check CHECK (c > 0 /* ) */)",
                "STRICT, WITHOUT ROWID",
            ]
        );
    }
}
