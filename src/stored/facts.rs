//! What a `CREATE TABLE` says, as the catalog has it.

use super::comments::remarks;
use super::index::member;
use super::statement::{Clause, ClauseKind, ClausePlace, CreateTable};
use super::texts::{data_type, default_of, default_value, fragment, quoted, with_texts};
use super::token::{SqlToken, bracketed, closing, normalized, parts, tokens};
use crate::catalog::{
    CheckConstraint, Column, ConstraintTiming, ForeignKeyAction, ForeignKeyConstraint, Generated,
    IndexOrigin, IndexedColumn, Name, Table, TableIndex, TableOptions,
};
use crate::words::same_name;
use std::collections::HashSet;
use std::ops::Range;

impl CreateTable {
    /// Reads what the statement `sql` says, whose tokens are `all`.
    pub(super) fn read_facts(&mut self, sql: &str, all: &[SqlToken]) {
        let mut facts = StatementReader {
            sql,
            all,
            statement: self,
            table: Table::default(),
            uniques: Vec::new(),
        };
        facts.read();
        let (table, uniques) = (facts.table, facts.uniques);
        (self.table, self.uniques) = (table, uniques);
        let places = |kind: ClauseKind| self.places(kind);
        (self.checks, self.keys) = (places(ClauseKind::Check), places(ClauseKind::ForeignKey));
    }

    /// Where the clauses of a kind are: those of columns, then those of the table.
    pub fn places(&self, kind: ClauseKind) -> Vec<ClausePlace> {
        let at_columns = self.columns.iter().enumerate().flat_map(|(column, it)| {
            (0..it.clauses.len()).map(move |at| ClausePlace::Column(column, at))
        });
        let others = (0..self.constraints.len()).map(ClausePlace::Table);
        let all = at_columns.chain(others);
        all.filter(|index| self.clause(*index).is_some_and(|it| it.kind == kind)).collect()
    }
}

/// A statement and what was read of it so far.
struct StatementReader<'a> {
    sql: &'a str,
    all: &'a [SqlToken],
    statement: &'a CreateTable,
    table: Table,
    uniques: Vec<(ClausePlace, Vec<Name>)>,
}

impl StatementReader<'_> {
    fn read(&mut self) {
        let (sql, statement) = (self.sql, self.statement);
        let name = self.tokens(&statement.name).first().and_then(SqlToken::label);
        self.table.name = name.unwrap_or_default().to_owned();
        sql.clone_into(&mut self.table.sql);
        let behind = self.tokens(&statement.options);
        self.table.options = TableOptions {
            strict: behind.iter().any(|it| it.is("strict")),
            without_rowid: behind.iter().any(|it| it.is("without")),
        };
        // No name is that word, outside of quotes.
        self.table.identity = self.all.iter().any(|it| it.is("autoincrement"));
        for (place, column) in statement.columns.iter().enumerate() {
            self.column(place, column);
        }
        for (at, clause) in statement.constraints.iter().enumerate() {
            self.table_clause(at, clause);
        }
        let remarks = remarks(sql, statement);
        self.table.comment = remarks.table;
        for (column, said) in self.table.columns.iter_mut().zip(remarks.columns) {
            column.comment = said;
        }
        // A primary key is NOT NULL there, whether it says so or not.
        let is_idle = self.table.options.without_rowid;
        for column in self.table.columns.iter_mut().filter(|it| it.primary_key > 0) {
            column.not_null |= is_idle;
        }
        self.automatic_indexes();
    }

    /// The tokens of a place.
    fn tokens(&self, range: &Range<usize>) -> &[SqlToken] {
        let begin = self.all.partition_point(|it| it.range.start < range.start);
        let end = self.all.partition_point(|it| it.range.end <= range.end);
        self.all.get(begin..end.max(begin)).unwrap_or_default()
    }

    fn text(&self, range: &Range<usize>) -> &str {
        self.sql.get(range.clone()).unwrap_or_default()
    }

    fn column(&mut self, place: usize, column: &super::statement::ColumnRange) {
        let written = self.text(&column.data_type);
        let name = match self.tokens(&column.data_type) {
            [only] => only.label().unwrap_or(written),
            _ => written,
        };
        let read = Column {
            name: column.name.clone(),
            data_type: data_type(name),
            text: written.to_owned(),
            ..Column::default()
        };
        self.table.columns.push(read);
        for (at, clause) in column.clauses.iter().enumerate() {
            if clause.kind == ClauseKind::Unique {
                let only = vec![column.name.as_str().into()];
                self.uniques.push((ClausePlace::Column(place, at), only));
            }
            let is_own = self.column_clause(place, clause);
            let text = self.clause_text(&clause.range, clause.kind).into_owned();
            if let Some(column) = self.table.columns.get_mut(place).filter(|_| is_own) {
                let gap = if column.text.is_empty() || text.is_empty() { "" } else { " " };
                column.text.push_str(gap);
                column.text.push_str(&text);
            }
        }
    }

    /// What is written at a place of a clause; a text in double quotes is one in single quotes where an expression stands.
    fn clause_text(&self, range: &Range<usize>, kind: ClauseKind) -> std::borrow::Cow<'_, str> {
        let text = self.text(range);
        if matches!(kind, ClauseKind::Check | ClauseKind::Generated) {
            return with_texts(text, |it| self.statement.column(it).is_some());
        }
        text.into()
    }

    /// Reads a clause of a column; whether it is one of its own, not a table's matter. One that isn't understood is kept as it is.
    fn column_clause(&mut self, place: usize, clause: &Clause) -> bool {
        let body = self.clause_text(&clause.body, clause.kind).into_owned();
        let mut cursor = TokenCursor::new(self.sql, self.tokens(&clause.body));
        let mut read = Column::default();
        let Some(column) = self.table.columns.get(place) else { return false };
        let name = column.name.clone();
        let understood = match clause.kind {
            ClauseKind::Null => cursor.skip("null") && cursor.is_done(),
            ClauseKind::NotNull => {
                read.not_null = true;
                cursor.skip("not") && cursor.skip("null") && cursor.is_done()
            }
            ClauseKind::Default => {
                cursor.skip("default");
                read.default = Some(default_of(&default_value(cursor.rest())));
                true
            }
            ClauseKind::Collate => {
                cursor.skip("collate");
                read.collation = cursor.name().map(Into::into);
                read.collation.is_some() && cursor.is_done()
            }
            ClauseKind::Generated => {
                read.generated = generated(&body);
                read.generated.is_some()
            }
            ClauseKind::PrimaryKey => {
                for word in ["primary", "key", "asc", "autoincrement"] {
                    cursor.skip(word);
                }
                if cursor.is_done() {
                    self.primary_key(&[name]);
                } else {
                    let text = format!("{name} {}", self.text(&clause.range));
                    self.table.others.push(fragment(&text));
                }
                return false;
            }
            ClauseKind::Unique => {
                cursor.skip("unique");
                if cursor.is_done() {
                    self.unique(clause, vec![name]);
                    return false;
                }
                false
            }
            ClauseKind::ForeignKey => {
                let key = self.key(clause, Some(&name));
                self.table.keys.push(key);
                return false;
            }
            ClauseKind::Check => {
                self.check(clause, &body, Some(place));
                true
            }
        };
        if let Some(column) = self.table.columns.get_mut(place) {
            column.not_null |= read.not_null;
            column.default = read.default.or(column.default.take());
            // Of several the last one holds.
            column.collation = read.collation.or(column.collation.take());
            column.generated = read.generated.or(column.generated.take());
            if !understood {
                column.others.push(fragment(&body));
            }
        }
        true
    }

    fn table_clause(&mut self, at: usize, clause: &Clause) {
        if clause.kind == ClauseKind::Unique {
            let columns = self.members(clause);
            self.uniques.push((ClausePlace::Table(at), columns));
        }
        let mut cursor = TokenCursor::new(self.sql, self.tokens(&clause.body));
        let columns = match clause.kind {
            ClauseKind::PrimaryKey => {
                cursor.skip("primary");
                cursor.skip("key");
                cursor.columns(true)
            }
            ClauseKind::Unique => {
                cursor.skip("unique");
                cursor.columns(false)
            }
            ClauseKind::Check => {
                let body = self.clause_text(&clause.body, clause.kind).into_owned();
                return self.check(clause, &body, None);
            }
            ClauseKind::ForeignKey => {
                let key = self.key(clause, None);
                return self.table.keys.push(key);
            }
            ClauseKind::NotNull
            | ClauseKind::Null
            | ClauseKind::Default
            | ClauseKind::Collate
            | ClauseKind::Generated => None,
        };
        match columns.filter(|_| cursor.is_done()) {
            Some(columns) if clause.kind == ClauseKind::PrimaryKey => self.primary_key(&columns),
            Some(columns) => self.unique(clause, columns),
            None => {
                let text = fragment(self.text(&clause.range));
                self.table.others.push(text);
            }
        }
    }

    /// The columns in the brackets of a clause.
    fn members(&self, clause: &Clause) -> Vec<Name> {
        let all = self.tokens(&clause.body);
        let open = all.iter().position(|it| it.is_sign('('));
        let inner = open.and_then(|open| all.get(open + 1..closing(all, open)?));
        let each = parts(inner.unwrap_or_default()).into_iter();
        each.filter_map(|(_, it)| member(self.sql, it, &|_| true).column).collect()
    }

    fn primary_key(&mut self, columns: &[String]) {
        for column in &mut self.table.columns {
            let place = columns.iter().position(|it| same_name(it, &column.name));
            column.primary_key = place.map_or(0, |it| it + 1);
        }
    }

    fn unique(&mut self, clause: &Clause, columns: Vec<String>) {
        let member =
            |it: String| IndexedColumn { column: Some(it.into()), ..IndexedColumn::default() };
        self.table.indexes.push(TableIndex {
            unique: true,
            origin: IndexOrigin::Unique,
            constraint: clause.name.clone(),
            members: columns.into_iter().map(member).collect(),
            ..TableIndex::default()
        });
    }

    fn check(&mut self, clause: &Clause, body: &str, column: Option<usize>) {
        let (condition, more) = bracketed(body).unwrap_or_default();
        let all = tokens(&condition);
        let mut rest = all.iter().skip_while(|it| it.is_sign('('));
        let lists = rest.next().and_then(SqlToken::name).map(Name::from);
        let lists = lists.filter(|_| rest.next().is_some_and(|it| it.is("in")));
        self.table.checks.push(CheckConstraint {
            name: clause.name.clone(),
            condition: fragment(&condition),
            column,
            names: all.iter().filter_map(SqlToken::name).map(Name::from).collect(),
            lists,
            more: normalized(more),
        });
    }

    /// A foreign key; `column` is the one that it is written at, where it is.
    fn key(&self, clause: &Clause, column: Option<&str>) -> ForeignKeyConstraint {
        let body = self.text(&clause.body);
        let mut cursor = TokenCursor::new(self.sql, self.tokens(&clause.body));
        let mut key =
            ForeignKeyConstraint { name: clause.name.clone(), ..ForeignKeyConstraint::default() };
        key.text = match column {
            Some(column) => {
                key.columns = vec![column.to_owned()];
                format!("FOREIGN KEY ({}) {body}", quoted(column))
            }
            None => {
                cursor.skip("foreign");
                cursor.skip("key");
                key.columns = cursor.columns(false).unwrap_or_default();
                body.to_owned()
            }
        };
        if let Some(name) = &key.name {
            key.text = format!("CONSTRAINT {} {}", quoted(name), key.text);
        }
        cursor.skip("references");
        key.table = cursor.name().unwrap_or_default();
        key.to = cursor.columns(false).unwrap_or_default();
        let mut more = Vec::new();
        while let Some(token) = cursor.peek() {
            if cursor.skip("on") {
                let is_delete = cursor.skip("delete") || !cursor.skip("update");
                let action = cursor.action().unwrap_or_default();
                if is_delete {
                    key.on_delete = action;
                } else {
                    key.on_update = action;
                }
            } else if cursor.skip("deferrable") {
                let late = cursor.skip("initially") && cursor.skip("deferred");
                key.deferrable = Some(if late {
                    ConstraintTiming::Deferred
                } else {
                    ConstraintTiming::Immediate
                });
                cursor.skip("immediate");
            } else if token.is("not") {
                // `NOT DEFERRABLE INITIALLY DEFERRED` is not deferred.
                while let Some(it) = cursor.peek().filter(|it| !it.is("on")) {
                    more.push(self.text(&it.range));
                    cursor.next();
                }
            } else {
                more.push(self.text(&token.range));
                cursor.next();
            }
        }
        key.more = normalized(&more.join(" "));
        key
    }

    /// A `UNIQUE` of just the primary key's columns is nothing to SQLite, unless the key is the row's number; nor is one that says what
    /// another says. Another key has an index of its own.
    fn automatic_indexes(&mut self) {
        let mut seen: HashSet<Vec<Name>> = HashSet::new();
        let columns = |index: &TableIndex| -> Vec<Name> {
            index.members.iter().filter_map(|it| it.column.clone()).collect()
        };
        self.table.indexes.retain(|it| seen.insert(columns(it)));
        let key: Vec<_> = self.table.primary_key().into_iter().map(Name::from).collect();
        let is_number = |it: &Column| {
            it.primary_key > 0
                && key.len() == 1
                && !self.table.options.without_rowid
                && same_name(&it.data_type, "integer")
        };
        if key.is_empty() || self.table.columns.iter().any(is_number) {
            return;
        }
        self.table.indexes.retain(|it| columns(it) != key);
        let member = |it| IndexedColumn { column: Some(it), ..IndexedColumn::default() };
        self.table.indexes.push(TableIndex {
            unique: true,
            origin: IndexOrigin::PrimaryKey,
            members: key.into_iter().map(member).collect(),
            ..TableIndex::default()
        });
    }
}

/// What is generated.
fn generated(body: &str) -> Option<Generated> {
    let (text, rest) = bracketed(body)?;
    let stored = match normalized(rest).as_str() {
        "" | "virtual" => false,
        "stored" => true,
        _ => return None,
    };
    Some(Generated { expression: fragment(&text), stored })
}

/// A place among the tokens of a text.
pub(super) struct TokenCursor<'a> {
    sql: &'a str,
    tokens: &'a [SqlToken],
}

impl<'a> TokenCursor<'a> {
    pub(super) const fn new(sql: &'a str, tokens: &'a [SqlToken]) -> Self {
        Self { sql, tokens }
    }

    const fn is_done(&self) -> bool {
        self.tokens.is_empty()
    }

    const fn peek(&self) -> Option<&'a SqlToken> {
        self.tokens.first()
    }

    fn next(&mut self) -> Option<&'a SqlToken> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    /// Goes over the next token, where it is so.
    fn skip_if(&mut self, is_so: impl FnOnce(&SqlToken) -> bool) -> bool {
        let there = self.peek().is_some_and(is_so);
        if there {
            self.next();
        }
        there
    }

    /// Goes over that word, where it is the next.
    fn skip(&mut self, word: &str) -> bool {
        self.skip_if(|it| it.is(word))
    }

    /// The name that is next. SQLite takes a text for one, too.
    fn name(&mut self) -> Option<String> {
        let name = self.peek()?.label()?.to_owned();
        self.next();
        Some(name)
    }

    /// `SET NULL`, `CASCADE`
    fn action(&mut self) -> Option<ForeignKeyAction> {
        let mut words = self.name()?;
        if words.eq_ignore_ascii_case("set") || words.eq_ignore_ascii_case("no") {
            words = format!("{words} {}", self.name()?);
        }
        ForeignKeyAction::read(&words)
    }

    /// `(a, b ASC)`, and of a primary key `(a AUTOINCREMENT)`; none where it says more than columns, or nothing.
    fn columns(&mut self, of_key: bool) -> Option<Vec<String>> {
        let mut names = Vec::new();
        if !self.skip_if(|it| it.is_sign('(')) {
            return None;
        }
        loop {
            names.push(self.name()?);
            self.skip("asc");
            if of_key {
                self.skip("autoincrement");
            }
            if self.skip_if(|it| it.is_sign(')')) {
                return Some(names);
            }
            if !self.skip_if(|it| it.is_sign(',')) {
                return None;
            }
        }
    }

    /// What is left, as it is written.
    fn rest(&self) -> &'a str {
        let range = self.tokens.first().zip(self.tokens.last());
        let range = range.map_or(0..0, |(a, b)| a.range.start..b.range.end);
        self.sql.get(range).unwrap_or_default()
    }
}
