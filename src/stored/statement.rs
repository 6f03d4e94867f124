//! The parts of a `CREATE TABLE`.

use super::Edits;
use super::token::{SqlToken, closing, parts, tokens};
use crate::catalog::{Name, Table};
use crate::words::same_name;
use std::ops::Range;

/// A `CREATE TABLE`: what it says, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateTable {
    /// What it says.
    pub table: Table,
    /// Where each of the table's checks is.
    pub checks: Vec<ClausePlace>,
    /// Where each of the table's foreign keys is.
    pub keys: Vec<ClausePlace>,
    /// Where each `UNIQUE` is, and its columns: those that make no index, too.
    pub uniques: Vec<(ClausePlace, Vec<Name>)>,
    /// Where the table's name is.
    pub name: Range<usize>,
    /// Its columns, in order.
    pub columns: Vec<ColumnRange>,
    /// Its table constraints, in order.
    pub constraints: Vec<Clause>,
    /// Where the bracket is that opens the list of columns.
    pub open: usize,
    /// Where the bracket is that closes the list of columns.
    pub close: usize,
    /// What stands behind that bracket: `STRICT`, `WITHOUT ROWID`.
    pub options: Range<usize>,
}

/// A column of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRange {
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
    /// Where the comma before it is; the first one has none.
    pub comma: Option<usize>,
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
    /// Where the comma before it is: one between table constraints may be left out.
    pub comma: Option<usize>,
}

/// Where a clause of a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClausePlace {
    /// Of that column, at that place among its clauses.
    Column(usize, usize),
    /// At that place among the table's constraints.
    Table(usize),
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

impl CreateTable {
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
            table: Table::default(),
            checks: Vec::new(),
            keys: Vec::new(),
            uniques: Vec::new(),
            name,
            columns: Vec::new(),
            constraints: Vec::new(),
            open: all.get(at)?.range.start,
            close,
            options: close + 1..sql.len(),
        };
        for (comma, part) in parts(all.get(at + 1..end)?) {
            statement.part(comma, part)?;
        }
        if statement.columns.is_empty() {
            return None;
        }
        statement.read_facts(sql, &all);
        Some(statement)
    }

    /// The column of that name, in any letter case.
    pub fn column(&self, name: &str) -> Option<&ColumnRange> {
        self.columns.iter().find(|it| same_name(&it.name, name))
    }

    /// The clause at a place.
    pub fn clause(&self, place: ClausePlace) -> Option<&Clause> {
        match place {
            ClausePlace::Column(column, at) => self.columns.get(column)?.clauses.get(at),
            ClausePlace::Table(at) => self.constraints.get(at),
        }
    }

    /// Takes columns and table constraints, by their places, out of the list. What stays is a list again, together with what comes behind
    /// the last column, if something does, and brings the comma before it: no comma is left over.
    pub fn cut(&self, edits: &mut Edits, columns: &[usize], constraints: &[usize], comes: bool) {
        let mut list = ListEdit::default();
        for (at, it) in self.columns.iter().enumerate() {
            list.item(edits, &it.range, it.comma, columns.contains(&at));
        }
        if comes {
            list.remove_waiting(edits);
            list.any = true;
        }
        for (at, it) in self.constraints.iter().enumerate() {
            list.item(edits, &it.range, it.comma, constraints.contains(&at));
        }
        list.remove_waiting(edits);
    }

    fn part(&mut self, comma: Option<usize>, part: &[SqlToken]) -> Option<()> {
        let starts = ["constraint", "primary", "unique", "check", "foreign"];
        let first = part.first()?;
        if starts.iter().any(|it| first.is(it)) {
            let mut found = clauses(part);
            if let Some(first) = found.first_mut() {
                first.comma = comma;
            }
            self.constraints.extend(found);
            return Some(());
        }
        // A column's name may be any word, even one in a text's quotes.
        let name = first.label()?.to_owned();
        let mut rest = part.get(1..)?;
        let mut data_type = first.range.end..first.range.end;
        while let Some(next) = rest.first() {
            if next.label().is_none() || begins(next, rest.get(1)) {
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
        self.columns.push(ColumnRange {
            name,
            name_range: first.range.clone(),
            range: first.range.start..part.last()?.range.end,
            data_type,
            clauses: clauses(rest),
            comma,
        });
        Some(())
    }
}

/// A list whose items go or stay, one after the other.
#[derive(Default)]
struct ListEdit {
    /// Whether an item stays so far.
    any: bool,
    /// The comma before items that go, which the next one that stays may need.
    waiting: Option<usize>,
}

impl ListEdit {
    fn item(&mut self, edits: &mut Edits, range: &Range<usize>, comma: Option<usize>, goes: bool) {
        if !goes {
            return self.stays(edits, comma);
        }
        edits.remove(range.clone());
        match (self.waiting, comma) {
            (Some(_), Some(comma)) => edits.remove(comma..comma + 1),
            (Some(_), None) => {}
            (None, comma) => self.waiting = comma,
        }
    }

    fn stays(&mut self, edits: &mut Edits, comma: Option<usize>) {
        if !self.any {
            self.remove_waiting(edits);
            if let Some(comma) = comma {
                edits.remove(comma..comma + 1);
            }
        } else if comma.is_some() {
            self.remove_waiting(edits);
        }
        self.any = true;
        self.waiting = None;
    }

    fn remove_waiting(&mut self, edits: &mut Edits) {
        if let Some(comma) = self.waiting.take() {
            edits.remove(comma..comma + 1);
        }
    }
}

/// Whether a bare word begins a clause of a column. `GENERATED` by itself is the name of a type.
fn begins(token: &SqlToken, next: Option<&SqlToken>) -> bool {
    const WORDS: [&str; 10] = [
        "constraint",
        "primary",
        "not",
        "null",
        "unique",
        "check",
        "default",
        "collate",
        "references",
        "as",
    ];
    let generated = token.is("generated") && next.is_some_and(|it| it.is("always"));
    generated || WORDS.iter().any(|it| token.is(it))
}

/// The clauses of a column or of a table constraint.
fn clauses(tokens: &[SqlToken]) -> Vec<Clause> {
    let mut found: Vec<Clause> = Vec::new();
    let mut name: Option<(String, usize)> = None;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next = tokens.get(at + 1);
        if token.is("constraint") {
            let named = next.and_then(SqlToken::label).map(str::to_owned);
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
                    comma: None,
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

fn kind(token: &SqlToken, next: Option<&SqlToken>) -> Option<ClauseKind> {
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
        return next.is_some_and(|it| it.is("null")).then_some(ClauseKind::NotNull);
    }
    if token.is("as") {
        return Some(ClauseKind::Generated);
    }
    let mut all = KINDS.iter();
    all.find(|(word, _)| token.is(word)).map(|(_, kind)| *kind)
}

/// Behind the last token of the clause at `at`, as far as it is plain from its first word.
fn end_of(tokens: &[SqlToken], at: usize, kind: Option<ClauseKind>) -> usize {
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
                let signs = signs.iter().take_while(|it| it.is_sign('-') || it.is_sign('+'));
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
            let open = (at..tokens.len()).find(|at| {
                let token = tokens.get(*at);
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
        let statement = CreateTable::read(sql).unwrap();
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
