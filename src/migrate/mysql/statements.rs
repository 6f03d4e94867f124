//! What becomes of a table's columns, keys and checks, as statements in order.

use super::clauses::{
    AlterAlgorithm, AlterClauses, ColumnClause, addition, column_text, modification, removal, text,
};
use crate::catalog::{Column, Difference, Table, TableIndex};
use crate::client::quoted;
use crate::db::{nullable_text, split_check};
use crate::migrate::alteration::{FilledRows, TableAlteration};
use crate::migrate::renames::Renaming;
use crate::migrate::server::work::{StatementEffect, WorkStatement};
use crate::migrate::{StepCost, StepWaits, StepWork};

/// What rows get that are there: columns with SQL, and of which rows that is true; and whether a statement writes rows for it.
pub(super) type Fills = Vec<(String, Option<String>)>;

pub(super) fn fills_of(task: &TableAlteration<'_>) -> Fills {
    let mut res: Fills = Vec::new();
    for used in &task.used {
        let Some(column) = task.desired.column(&used.column) else { continue };
        let rows = (used.of != FilledRows::All).then(|| used.rows.clone());
        res.push((format!("{} = {}", quoted(&column.name), task.value_to_come(column)), rows));
    }
    for place in &task.todo.tightened {
        let Some(column) = task.desired.columns.get(*place) else { continue };
        let value = task.value_to_come(column);
        if task.current.column(&column.name).is_some()
            && task.used(&column.name).is_none()
            && value != "NULL"
        {
            let name = quoted(&column.name);
            let rows = Some(format!("{name} IS NULL"));
            res.push((format!("{name} = coalesce({name}, {value})"), rows));
        }
    }
    res
}

/// What is done to a table, in order.
#[derive(Default)]
pub(super) struct AlterStatements {
    first: AlterClauses,
    fills: Fills,
    rest: AlterClauses,
    last: AlterClauses,
}

impl AlterStatements {
    pub(super) fn cost(&self) -> StepCost {
        let writes = StepCost { work: StepWork::Rewrites, waits: StepWaits::Writes };
        let fills = if self.fills.is_empty() { StepCost::default() } else { writes };
        [&self.first, &self.rest, &self.last]
            .into_iter()
            .filter(|it| !it.is_empty())
            .map(|it| it.algorithm().cost())
            .fold(fills, StepCost::and)
    }

    /// What becomes of columns, keys and checks.
    pub(super) fn of(task: &TableAlteration<'_>, gone: &[&TableIndex]) -> Self {
        let (current, desired, todo) = (&task.current, &task.desired, &task.todo);
        let mut res = Self { fills: fills_of(task), ..Self::default() };
        let filled = !res.fills.is_empty();
        // What goes before rows get values that it forbids.
        let mut before = AlterClauses::default();
        for difference in &todo.differences {
            if let Difference::DropCheck { current: at } = *difference
                && let Some(check) = current.checks.get(at).filter(|it| it.column.is_none())
                && let Some(name) = &check.name
            {
                let clause = format!("DROP CONSTRAINT {}", quoted(name));
                before.add(clause, AlterAlgorithm::Instant);
            }
        }
        if filled {
            res.first = before;
        } else {
            res.rest = before;
        }
        for index in gone {
            res.rest.add(format!("DROP INDEX {}", quoted(&index.name)), AlterAlgorithm::Index);
        }
        if todo.differences.contains(&Difference::PrimaryKey) {
            res.primary_key(current, desired);
        }
        for column in &todo.dropped {
            res.rest.column((ColumnClause::Drop, column), "", removal(column, current));
        }
        for column in todo.added.iter().filter_map(|it| desired.columns.get(*it)) {
            res.comes(task, column, filled);
        }
        for column in &desired.columns {
            let Some(from) = current.column(&column.name) else { continue };
            if changes_column(task, &column.name) {
                res.modify(current, from, column);
            }
        }
        for difference in &todo.differences {
            match *difference {
                Difference::AddCheck { desired: to } => {
                    let check = desired.checks.get(to).filter(|it| it.column.is_none());
                    let Some(check) = check else { continue };
                    let own = check.name.as_deref().filter(|it| !it.starts_with("CONSTRAINT_"));
                    let name =
                        own.map_or_else(String::new, |it| format!("CONSTRAINT {} ", quoted(it)));
                    let clause = format!("ADD {name}CHECK {}", check.text());
                    res.rest.add(clause, AlterAlgorithm::Copy);
                }
                Difference::Options if !desired.comment.is_empty() => {
                    let clause = format!("COMMENT = {}", text(&desired.comment.join("\n")));
                    res.rest.add(clause, AlterAlgorithm::Instant);
                }
                _ => {}
            }
        }
        res
    }

    fn primary_key(&mut self, current: &Table, desired: &Table) {
        let had = !current.primary_key().is_empty();
        let columns: Vec<_> = desired.primary_key().into_iter().map(quoted).collect();
        let algorithm =
            if columns.is_empty() { AlterAlgorithm::Copy } else { AlterAlgorithm::InPlace };
        if had {
            self.rest.add("DROP PRIMARY KEY".to_owned(), algorithm);
        }
        if !columns.is_empty() {
            self.rest.add(format!("ADD PRIMARY KEY ({})", columns.join(", ")), algorithm);
        }
    }

    /// A column that comes.
    fn comes(&mut self, task: &TableAlteration<'_>, column: &Column, filled: bool) {
        let name = column.name.as_str();
        let given = task.given.iter().find(|it| it.0 == column.name).map(|it| it.1.as_str());
        let into = if filled { &mut self.first } else { &mut self.rest };
        let come = (ColumnClause::Add, name);
        if task.used(name).is_some() {
            let algorithm = addition(column, column.default.as_deref());
            into.column(come, &nullable_text(&column.text), algorithm);
            if column.not_null {
                let modify = (ColumnClause::Modify, name);
                self.rest.column(modify, &column.text, AlterAlgorithm::InPlace);
            }
        } else if let Some(value) = given {
            let (before, check) = split_check(&column.text);
            let before = before.strip_suffix(" DEFAULT NULL").unwrap_or(before);
            let text = format!("{before} DEFAULT {value}{check}");
            into.column(come, &text, addition(column, Some(value)));
            let clause = format!("ALTER COLUMN {} DROP DEFAULT", quoted(name));
            self.last.add(clause, AlterAlgorithm::Instant);
        } else {
            into.column(come, &column.text, addition(column, column.default.as_deref()));
        }
    }

    /// A column that is there and becomes another.
    fn modify(&mut self, current: &Table, from: &Column, to: &Column) {
        let kind = |column: &Column| column.generated.as_ref().map(|it| it.stored);
        let text = column_text(to, Some(from));
        if from.generated != to.generated && to.generated.is_some() && kind(from) != kind(to)
            || kind(to) == Some(true) && from.generated != to.generated
        {
            self.rest.column((ColumnClause::Drop, &to.name), "", AlterAlgorithm::Copy);
            self.rest.column((ColumnClause::Add, &to.name), &text, AlterAlgorithm::Copy);
            return;
        }
        let algorithm = modification(from, to, current);
        self.rest.column((ColumnClause::Modify, &to.name), &text, algorithm);
    }

    /// All of it.
    pub(super) fn statements(&self, table: &Table) -> Vec<WorkStatement> {
        let name = table.name.as_str();
        let of_table = |sql| WorkStatement::of(name, sql);
        let mut res: Vec<WorkStatement> =
            self.first.statement(name).into_iter().map(of_table).collect();
        if !self.fills.is_empty() {
            let mut sets: Vec<_> = self.fills.iter().map(|it| it.0.clone()).collect();
            // What sets itself with each change stays as it is.
            let by_itself =
                |column: &&Column| column.others.iter().any(|it| it.starts_with("ON UPDATE "));
            sets.extend(
                table
                    .columns
                    .iter()
                    .filter(by_itself)
                    .map(|it| format!("{0} = {0}", quoted(&it.name))),
            );
            let rows: Option<Vec<_>> =
                self.fills.iter().map(|fill| fill.1.as_ref().map(|it| format!("({it})"))).collect();
            let rows = rows.map_or_else(String::new, |it| format!(" WHERE {}", it.join(" OR ")));
            let sql = format!("UPDATE {} SET {}{rows}", quoted(name), sets.join(", "));
            res.push(WorkStatement::new(StatementEffect::Fills, name, sql));
        }
        res.extend(self.rest.statement(name).map(of_table));
        res.extend(self.last.statement(name).map(of_table));
        res
    }

    /// Columns are said to the letter as they were, what is said of them too.
    pub(super) fn as_they_were(&mut self, task: &TableAlteration<'_>) {
        for to in &task.desired.columns {
            let Some(from) = task.current.column(&to.name) else { continue };
            let others = from.others != to.others || from.comment != to.comment;
            if others && from.generated == to.generated {
                let algorithm = modification(from, to, &task.current);
                self.rest.column((ColumnClause::Modify, &to.name), &to.text, algorithm);
            }
        }
        if task.desired.comment.is_empty() && !task.current.comment.is_empty() {
            self.rest.add("COMMENT = ''".to_owned(), AlterAlgorithm::Instant);
        }
    }

    pub(super) const fn rest(&mut self) -> &mut AlterClauses {
        &mut self.rest
    }
}

/// New names for tables, all at once; none where there are none.
pub(super) fn rename_tables(moves: &[Renaming]) -> Option<WorkStatement> {
    let first = moves.first()?;
    let each = moves.iter().map(|(from, to)| format!("{} TO {}", quoted(from), quoted(to)));
    let sql = format!("RENAME TABLE {}", each.collect::<Vec<_>>().join(", "));
    let several = moves.len() > 1;
    let does = if several { StatementEffect::TableNames } else { StatementEffect::TableName };
    Some(WorkStatement::new(does, &first.0, sql))
}

/// New names for columns of a table, all at once.
pub(super) fn rename_columns(table: &str, moves: &[Renaming]) -> WorkStatement {
    let one = |(from, to): &Renaming| format!("RENAME COLUMN {} TO {}", quoted(from), quoted(to));
    let each: Vec<_> = moves.iter().map(one).collect();
    let (each, algorithm) = (each.join(", "), AlterAlgorithm::Instant.sql());
    let sql = format!("ALTER TABLE {} {each}, {algorithm}", quoted(table));
    WorkStatement::new(StatementEffect::ColumnNames, table, sql)
}

/// Whether a column is to be another in some respect.
fn changes_column(task: &TableAlteration<'_>, column: &str) -> bool {
    let place = task.desired.place(column);
    let at = task.current.place(column);
    task.todo.differences.iter().any(|difference| match *difference {
        Difference::Column { desired, .. } => Some(desired) == place,
        Difference::Identity => {
            let identity = |table: &Table, at: Option<usize>| {
                at.and_then(|at| table.columns.get(at)).is_some_and(|it| it.identity)
            };
            identity(&task.desired, place) != identity(&task.current, at)
        }
        Difference::AddCheck { desired: to } => {
            task.desired.checks.get(to).is_some_and(|it| it.column.is_some() && it.column == place)
        }
        Difference::DropCheck { current: it } => {
            task.current.checks.get(it).is_some_and(|it| it.column.is_some() && it.column == at)
        }
        _ => false,
    })
}
