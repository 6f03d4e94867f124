//! How a SELECT is spelled.

use super::column::write_collation;
use super::ddl::table_name;
use super::dialect::DialectKind;
use super::expression::{JsonPlace, Level, Naming, UNKNOWN, around_sorted};
use super::tree::{ResultColumn, Select, Slice, Sorting, Tables, Term};
use super::writer::{KeyParameters, Writer};
use crate::ir::{JsonStep, Model, Nulls, Order};
use crate::value::Value;

/// What numbers a key's rows: a name that no column of theirs has.
fn number_of(select: &Select<'_>) -> String {
    let mut number = "#".to_owned();
    let is_called = |it: &ResultColumn<'_>, name: &str| match &it.term {
        Term::Column(_, own) if it.name.is_empty() => own == name,
        _ => it.name == name,
    };
    while select.columns.iter().any(|it| is_called(it, &number)) {
        number.push('#');
    }
    number
}

impl Writer<'_> {
    /// A SELECT.
    pub fn select(&mut self, select: &Select<'_>) -> &mut Self {
        if let Slice::Each(by, limit, offset) = &select.slice {
            let number = number_of(select);
            self.push("SELECT * FROM (");
            self.body(select, Some((by, &number)));
            self.push(") AS ").name("each").push(" WHERE ");
            self.name(&number).push(" > ");
            self.value(&Value::Integer(*offset));
            if let Some(limit) = limit {
                self.push(" AND ").name(&number).push(" <= ");
                self.value(&Value::Integer(offset.saturating_add(*limit)));
            }
            return self.push(" ORDER BY ").name(&number);
        }
        if matches!(select.slice, Slice::Count) {
            self.push("SELECT count(*) FROM (");
            self.body(select, None);
            return self.push(") AS ").name("each");
        }
        self.body(select, None);
        self.sorted(&select.order, &[]);
        if let Slice::Rows(limit, offset) = &select.slice {
            self.slice(limit.as_ref(), offset.as_ref());
        }
        self
    }

    fn body(&mut self, select: &Select<'_>, each: Option<(&[Term<'_>], &str)>) {
        self.push(if select.distinct { "SELECT DISTINCT " } else { "SELECT " });
        self.list(&select.columns, |writer, it| {
            writer.term(&it.term, Level::Whole);
            if !it.name.is_empty() {
                writer.push(" AS ").name(&it.name);
            }
        });
        if select.columns.is_empty() {
            self.push("1");
        }
        if select.distinct && self.dialect.kind == DialectKind::Postgres {
            // By what different rows are sorted it has to be told, too; nobody reads it.
            for it in &select.order {
                if let Some(around) = self.around(&it.term) {
                    self.push(", ").sorted_member(&it.term, around);
                }
            }
        }
        if let Some((by, number)) = each {
            self.push(", row_number() OVER (PARTITION BY ");
            self.list(by, |writer, it| writer.term(it, Level::Whole));
            self.sorted(&select.order, &select.columns);
            self.push(") AS ").name(number);
        }
        if !select.tables.nodes.is_empty() {
            self.push(" FROM ");
        }
        self.table(&select.tables, 0);
        self.joins(&select.tables, 0);
        self.conditions(" WHERE ", &select.filter);
        if !select.group.is_empty() {
            self.push(" GROUP BY ");
            self.list(&select.group, |writer, it| {
                writer.term(it, Level::Whole);
            });
        }
        self.conditions(" HAVING ", &select.having);
    }

    /// ` WHERE a AND b`
    pub(super) fn conditions(&mut self, word: &str, conditions: &[Term<'_>]) {
        let least = if conditions.len() > 1 { Level::Not } else { Level::Or };
        for (place, it) in conditions.iter().enumerate() {
            self.push(if place == 0 { word } else { " AND " });
            self.term(it, least);
        }
    }

    fn slice(&mut self, limit: Option<&Term<'_>>, offset: Option<&Term<'_>>) {
        if let Some(limit) = limit {
            self.push(" LIMIT ");
            match limit {
                // Relata's own. SQLite prepares a statement again whenever the parameter of its LIMIT is bound.
                Term::Value(own) => {
                    self.literal(own);
                }
                said => self.term(said, Level::Atom),
            }
        }
        let Some(offset) = offset else {
            return;
        };
        if limit.is_none() {
            self.push(match self.dialect.kind {
                DialectKind::Sqlite => " LIMIT -1",
                DialectKind::Postgres => "",
                DialectKind::Mysql | DialectKind::Mariadb => " LIMIT 18446744073709551615",
            });
        }
        self.push(" OFFSET ").term(offset, Level::Atom);
    }

    /// What stands around what is sorted by, where that is a member of an enumeration.
    fn around(&self, term: &Term<'_>) -> Option<[&'static str; 2]> {
        let first = match term {
            Term::Scalar(select) => &select.columns.first()?.term,
            other => other,
        };
        match first {
            Term::Of(row, of) => around_sorted(self.dialect.kind, row, of),
            _ => None,
        }
    }

    fn sorted_member(&mut self, term: &Term<'_>, [open, close]: [&'static str; 2]) {
        self.push(open);
        self.term(term, Level::Whole);
        self.push(close);
    }

    /// ` ORDER BY a DESC`. Within a window the names of `columns` mean nothing, or a column of the tables: there they are what they name.
    fn sorted<'q>(&mut self, order: &[Sorting<'q>], columns: &[ResultColumn<'q>]) {
        for (place, it) in order.iter().enumerate() {
            self.push(if place == 0 { " ORDER BY " } else { ", " });
            let Order { descending, nulls, .. } = it.by;
            let named = match &it.term {
                Term::Column(table, name) if table.is_empty() => {
                    columns.iter().find(|it| it.name == *name).map(|it| &it.term)
                }
                _ => None,
            };
            let term = named.unwrap_or(&it.term);
            let nulls = match self.dialect.kind {
                DialectKind::Sqlite => *nulls,
                // Its nulls are the largest; everyone else's the smallest.
                DialectKind::Postgres => {
                    Some(nulls.unwrap_or(if *descending { Nulls::Last } else { Nulls::First }))
                }
                DialectKind::Mysql | DialectKind::Mariadb => {
                    if let Some(nulls) = nulls {
                        self.term(term, Level::Add);
                        self.push(match nulls {
                            Nulls::First => " IS NOT NULL, ",
                            Nulls::Last => " IS NULL, ",
                        });
                    }
                    None
                }
            };
            if let Term::Of(row, expression) = term
                && let Some(place) = JsonPlace::of(self.dialect.kind, row, expression)
            {
                self.document_order(&place, if *descending { " DESC, " } else { ", " });
            }
            match self.around(term) {
                Some(around) => self.sorted_member(term, around),
                None => self.term(term, Level::Negate),
            }
            if let Some(name) = &it.by.collation {
                write_collation(self, name);
            }
            if *descending {
                self.push(" DESC");
            }
            if let Some(nulls) = nulls {
                self.push(match nulls {
                    Nulls::First => " NULLS FIRST",
                    Nulls::Last => " NULLS LAST",
                });
            }
        }
    }

    /// A table with its alias.
    fn table(&mut self, tables: &Tables<'_>, place: usize) {
        let Some(node) = tables.nodes.get(place) else {
            return;
        };
        let model = node.row.of();
        if let Some(first) = &node.first {
            self.push("(").select(first).push(")");
        } else if let Some(held) = &node.held {
            self.held_table(held);
        } else {
            table_name(self, model);
        }
        // With its schema before it, the table is not called by its own name alone.
        let is_table = node.first.is_none() && node.held.is_none();
        let own = node.row.alias == model.table && model.schema.is_none() && is_table;
        if !own && !node.row.alias.is_empty() {
            self.push(" AS ").name(&node.row.alias);
        }
    }

    /// The joins behind a table.
    fn joins(&mut self, tables: &Tables<'_>, place: usize) {
        let joined = tables.nodes.get(place).map(|it| it.joined.as_slice());
        for place in joined.unwrap_or_default() {
            let Some(node) = tables.nodes.get(*place) else {
                continue;
            };
            self.push(if node.inner { " INNER JOIN " } else { " LEFT JOIN " });
            if node.grouped && !node.joined.is_empty() {
                self.push("(");
                self.table(tables, *place);
                self.joins(tables, *place);
                self.push(")");
                self.conditions(" ON ", &node.on);
            } else {
                self.table(tables, *place);
                self.conditions(" ON ", &node.on);
                self.joins(tables, *place);
            }
        }
    }

    /// An expression of a SELECT, in brackets where it holds together less tightly than `least`.
    pub(super) fn term(&mut self, term: &Term<'_>, least: Level) {
        let open = match term {
            Term::Equal(_)
            | Term::Differ(_)
            | Term::IsNull(_)
            | Term::NotNull(_)
            | Term::NotTrue(_)
            | Term::Keys(..)
            | Term::OneOf(..)
            | Term::In(..) => least > Level::Compare,
            Term::Missing(_) => least > Level::Not,
            Term::Any(members) => members.len() > 1 && least > Level::Or,
            Term::Next(_) => least > Level::Add,
            Term::Of(..)
            | Term::Free(_)
            | Term::Column(..)
            | Term::Excluded(_)
            | Term::Whole(_)
            | Term::Value(_)
            | Term::JsonPart(..)
            | Term::Exists(_)
            | Term::Scalar(_)
            | Term::Unknown
            | Term::Count
            | Term::Aggregate(..) => false,
        };
        if open {
            self.push("(");
        }
        match term {
            Term::Of(row, expression) => {
                self.named_expression(row.of(), Naming::Row(row), expression, least);
            }
            Term::Free(expression) => {
                self.named_expression(&Model::default(), Naming::Bare, expression, least);
            }
            Term::Column(alias, column) => {
                if !alias.is_empty() {
                    self.name(alias).push(".");
                }
                self.name(column);
            }
            Term::Excluded(column) => match self.dialect.kind {
                DialectKind::Sqlite | DialectKind::Postgres => {
                    self.name("excluded").push(".").name(column);
                }
                DialectKind::Mysql | DialectKind::Mariadb => {
                    self.push("VALUES(").name(column).push(")");
                }
            },
            Term::Whole(alias) => {
                self.name(alias).push(".*");
            }
            Term::Value(value) => {
                self.value(value);
            }
            Term::JsonPart(base, steps) => self.json_part(base, steps),
            Term::Equal(sides) => {
                let [left, right] = &**sides;
                self.term(left, Level::Add);
                self.push(" = ");
                self.term(right, Level::Add);
            }
            Term::Differ(sides) => {
                let [left, right] = &**sides;
                let (before, between, behind) = match self.dialect.kind {
                    DialectKind::Sqlite => ("", " IS NOT ", ""),
                    DialectKind::Postgres => ("", " IS DISTINCT FROM ", ""),
                    DialectKind::Mysql | DialectKind::Mariadb => ("NOT (", " <=> ", ")"),
                };
                self.push(before).term(left, Level::Add);
                self.push(between).term(right, Level::Add);
                self.push(behind);
            }
            Term::IsNull(it) => {
                self.term(it, Level::Add);
                self.push(" IS NULL");
            }
            Term::NotNull(it) => {
                self.term(it, Level::Add);
                self.push(" IS NOT NULL");
            }
            Term::Next(it) => {
                self.term(it, Level::Add);
                self.push(" + 1");
            }
            Term::Any(members) => {
                let least = if members.len() > 1 { Level::And } else { least };
                for (place, it) in members.iter().enumerate() {
                    self.push(if place == 0 { "" } else { " OR " });
                    self.term(it, least);
                }
            }
            Term::NotTrue(it) => {
                self.term(it, Level::Atom);
                self.push(" IS NOT TRUE");
            }
            Term::Keys(terms, count) => {
                self.together(terms);
                self.push(" IN (");
                // Lists of rows behind IN SQLite alone doesn't have.
                if terms.len() > 1 && self.dialect.kind == DialectKind::Sqlite {
                    self.push("VALUES ");
                }
                let (parameter, start) = (self.parameter_count(), self.len());
                let key = vec![Term::Value(Value::Null); terms.len()];
                self.list(0..*count, |writer, _| writer.together(&key));
                self.keys = Some(KeyParameters {
                    parameter,
                    count: *count,
                    width: terms.len(),
                    text: start..self.len(),
                });
                self.push(")");
            }
            Term::OneOf(it, values) => {
                self.term(it, Level::Add);
                self.push(" IN (");
                self.list(*values, |writer, it| {
                    writer.value(it);
                });
                self.push(")");
            }
            Term::Exists(select) => {
                self.push("EXISTS (").select(select).push(")");
            }
            Term::Missing(select) => {
                self.push("NOT EXISTS (").select(select).push(")");
            }
            Term::Scalar(select) => {
                self.push("(").select(select).push(")");
            }
            Term::In(terms, select) => {
                self.together(terms);
                let sliced = !matches!(select.slice, Slice::All);
                match self.dialect.kind {
                    // They take no LIMIT there, unless it is further within.
                    DialectKind::Mysql | DialectKind::Mariadb if sliced => {
                        self.push(" IN (SELECT * FROM (").select(select);
                        self.push(") AS ").name("sliced").push(")");
                    }
                    DialectKind::Sqlite
                    | DialectKind::Postgres
                    | DialectKind::Mysql
                    | DialectKind::Mariadb => {
                        self.push(" IN (").select(select).push(")");
                    }
                }
            }
            Term::Unknown => {
                self.push(UNKNOWN);
            }
            Term::Count => {
                self.push("count(*)");
            }
            Term::Aggregate(function, distinct, row, of) => {
                self.aggregate(function, *distinct, row, of);
            }
        }
        if open {
            self.push(")");
        }
    }

    /// `a`, `(a, b)`
    fn together(&mut self, terms: &[Term<'_>]) {
        if let [one] = terms {
            return self.term(one, Level::Add);
        }
        self.push("(");
        self.list(terms, |writer, it| writer.term(it, Level::Whole));
        self.push(")");
    }

    /// What is at a place in a document, as JSON and not as a plain value.
    fn json_part(&mut self, base: &Term<'_>, steps: &[JsonStep]) {
        match self.dialect.kind {
            DialectKind::Sqlite => {
                self.term(base, Level::Atom);
                self.push(" -> ");
            }
            DialectKind::Mysql | DialectKind::Mariadb => {
                let mut all = super::expression::json_lists(steps).peekable();
                let some = all.peek().is_some();
                self.push(if some { "CASE WHEN " } else { "" });
                for (place, list) in all.enumerate() {
                    self.push(if place > 0 { " AND " } else { "" }).push("json_type(");
                    self.extract(base, list);
                    self.push(") = 'ARRAY'");
                }
                self.push(if some { " THEN " } else { "" });
                self.extract(base, steps);
                self.push(if some { " END" } else { "" });
                return;
            }
            DialectKind::Postgres => {
                // A document of a variable's doesn't say that it is one.
                let said = matches!(base, Term::Value(_));
                self.push(if said { "CAST(" } else { "" });
                self.term(base, Level::Atom);
                self.push(if said { " AS JSONB)" } else { "" });
                for step in steps {
                    self.push(" -> ");
                    match step {
                        JsonStep::Key(key) => self.text(key),
                        JsonStep::Index(index) => self.literal(&Value::Integer(*index)),
                    };
                }
                return;
            }
        }
        let path = super::expression::json_place(self.dialect.kind, steps);
        self.text(&path);
    }

    /// What is at a place in a document, by its path.
    fn extract(&mut self, base: &Term<'_>, steps: &[JsonStep]) {
        self.push("json_extract(");
        self.term(base, Level::Whole);
        let path = super::expression::json_place(self.dialect.kind, steps);
        self.push(", ").text(&path).push(")");
    }
}
