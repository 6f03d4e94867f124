//! The rows of a table move into a new one, which takes its place.

use super::carried::{CarriedColumns, carried};
use super::copied::{CopiedColumn, copied, kept_of};
use super::kept_values::KeptTable;
use super::kept_values::keep_sequence;
use super::kept_values::keep_values;
use super::layout::has_rowids;
use super::left_out::{left_out, not_indexed};
use super::sequences::has_sequences;
use super::sequences::sequence_of;
use super::statistics::statistics_of;
use crate::catalog::{Object, ObjectKind};
use crate::client::Client;
use crate::client::{RunResult, quoted};
use crate::db::DbError;
use crate::diagnostics::{HazardKind, RunProblem, WrongRows};
use crate::migrate::Migrator;
use crate::migrate::alteration::{Alteration, TableAlteration};
use crate::migrate::ddl::TableDdl;
use crate::migrate::existing::objects_beside;
use crate::source::Span;
use crate::stored::{CreateTable, quoted_text, renamed};
use crate::value::Value;
use crate::words::same_name;

/// So many rows are moved between two looks at the clock.
const PART: u64 = 50_000;

/// A table that takes another one's place, and what goes with it.
#[derive(Debug)]
pub(super) struct TableSwap {
    pub old: String,
    pub new: String,
    /// The statement that is kept of it in the end.
    pub text: String,
    /// The indexes and triggers.
    pub beside: Vec<Object>,
    /// The last number that AUTOINCREMENT gave, as SQL.
    pub sequence: Option<String>,
    /// The statements that bring back what ANALYZE found.
    pub statistics: Vec<String>,
}

impl Migrator<'_> {
    /// Makes a new table of that text, moves the rows, and puts it in the old one's place, with the old one's indexes and triggers.
    pub(super) fn rebuild(
        &mut self,
        alter: &Alteration,
        task: &TableAlteration<'_>,
        text: &str,
        ran: &mut Vec<String>,
    ) -> RunResult<u64> {
        let at = alter.at;
        let TableAlteration { table, current, .. } = task;
        let mut swap = swap_of(&mut self.client, at, &current.name, text)?;
        swap.beside.retain(|object| {
            let goes = task.gone.iter().any(|it| same_name(it, &object.name));
            object.kind() != ObjectKind::Index || !goes
        });
        let (old, new) = (quoted(&current.name), quoted(&swap.new));
        let copied = copied(task);
        let carried = carried(&mut self.client, at, task, &copied, text)?;
        let typed = renamed(text, &new);
        match &carried.untyped {
            Some(untyped) => {
                self.client.make(at, &renamed(untyped, &new), &mut Vec::new())?;
                ran.push(typed.clone());
            }
            None => self.client.make(at, &typed, ran)?,
        }
        let list = |of: &dyn Fn(&CopiedColumn) -> String| {
            let each: Vec<_> = copied.iter().map(of).collect();
            each.join(", ")
        };
        let columns = list(&|it| quoted(&it.column));
        let from = list(&|it| it.from.clone());
        let rows = self.client.count(at, &format!("SELECT count(*) FROM {old}"))?;
        let sql = format!("INSERT INTO {new} ({columns}) SELECT {from} FROM {old}");
        let untyped = carried.untyped.is_some();
        if copied.is_empty() && rows > 0 {
            return Err(not_altered(&self.client, alter, table, WrongRows::NoColumn));
        }
        let compared = if copied.is_empty() {
            carried.compared
        } else if self.client.is_sketching() && rows > 0 {
            tell_from_rows(&mut self.client, at, &current.name, (&sql, carried))?;
            Vec::new()
        } else {
            self.move_all(alter, task, (&sql, &swap.new), (carried, rows))?
        };
        if !copied.is_empty() {
            ran.push(sql);
        }
        if untyped {
            self.client.structure(at, |it| it.rewrite(&swap.new, &typed))?;
        }
        if !self.client.is_sketching() {
            keep_old(&mut self.client, alter, task, (&copied, compared), &swap)?;
        }
        let indexes: Vec<_> = (swap.beside.iter())
            .filter(|it| it.kind() == ObjectKind::Index)
            .filter_map(|it| it.sql.clone())
            .collect();
        swap.beside.retain(|it| it.kind() != ObjectKind::Index);
        take_place(&mut self.client, at, &swap, ran)?;
        for sql in indexes {
            if let Err(error) = self.client.create(&sql) {
                return Err(not_indexed(&mut self.client, alter, task, &sql, error));
            }
            ran.push(sql);
        }
        Ok(rows)
    }

    /// Moves all rows into the new table by a statement; the columns whose values are to be compared.
    fn move_all<'c>(
        &mut self,
        alter: &Alteration,
        task: &TableAlteration<'_>,
        (sql, name): (&str, &str),
        (carried, rows): (CarriedColumns<'c>, u64),
    ) -> RunResult<Vec<&'c str>> {
        let (at, table, new) = (alter.at, task.table, quoted(name));
        let in_parts = rows > PART && task.numbers_stay();
        let parts = in_parts.then_some((new.as_str(), rows));
        let mut compared = carried.compared;
        let (fit, asked): (Vec<_>, Vec<_>) = carried.asked.into_iter().unzip();
        let moved = self.move_rows(sql, &asked, parts);
        let mut moved =
            moved.map_err(|error| left_out(&mut self.client, alter, task, (sql, name), error))?;
        if moved != rows && !asked.is_empty() {
            // Some value isn't of its column's own kind: then each is looked at.
            compared.extend(fit);
            self.client.ask(at, |it| it.execute(&format!("DELETE FROM {new}"), &[]))?;
            let all = self.move_rows(sql, &[], parts);
            moved =
                all.map_err(|error| left_out(&mut self.client, alter, task, (sql, name), error))?;
        }
        // A row that takes another one's place was moved, too.
        let count = format!("SELECT count(*) FROM {new}");
        let there = self.client.on_structure_itself().count(at, &count)?;
        if moved != rows || there != rows {
            return Err(not_altered(&self.client, alter, table, WrongRows::Count));
        }
        Ok(compared)
    }

    /// Moves the rows of which all of that is true, those of a large table in parts: the table that is filled, and how many rows there
    /// will be. How many were moved.
    fn move_rows(
        &mut self,
        sql: &str,
        asked: &[String],
        parts: Option<(&str, u64)>,
    ) -> Result<u64, DbError> {
        let asked = asked.join(" AND ");
        let Some((new, rows)) = parts else {
            let only = if asked.is_empty() { "" } else { " WHERE " };
            return self.client.database.execute(&format!("{sql}{only}{asked}"), &[]);
        };
        let only = if asked.is_empty() { "" } else { " AND " };
        let part = format!("{sql} WHERE rowid > ?{only}{asked} ORDER BY rowid LIMIT {PART}");
        let all = usize::try_from(rows).unwrap_or(usize::MAX);
        let (mut done, mut last) = (0, Value::Integer(i64::MIN));
        loop {
            let moved = self.client.database.execute(&part, std::slice::from_ref(&last))?;
            if moved == 0 {
                return Ok(done);
            }
            done += moved;
            let shown = usize::try_from(done).unwrap_or(usize::MAX);
            self.log.progress(shown, all);
            let sql = format!("SELECT max(rowid) FROM {new}");
            last = self.client.database.number(&sql, &[])?.map_or(Value::Null, Value::Integer);
        }
    }
}

/// Keeps what a rollback needs of the old table's rows, which are in the new one; fails where one was lost, or has another value.
fn keep_old(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
    compared: (&[CopiedColumn], Vec<&str>),
    swap: &TableSwap,
) -> RunResult<()> {
    let TableAlteration { table, current, desired, .. } = task;
    let (at, migration) = (alter.at, alter.migration.get());
    let mut kept = kept_of(compared.0, task);
    for it in &mut kept.changed {
        it.no_reals = alter.has_no_reals(&current.name, &it.name);
    }
    let Some(keeps) = compare_rows(client, at, compared, task, &kept, &swap.new)? else {
        return Err(not_altered(client, alter, table, WrongRows::Values));
    };
    if keeps {
        keep_values(client, at, migration, current, &swap.new, &kept)?;
    }
    if let Some(last) = swap.sequence.as_deref().filter(|_| !desired.identity) {
        keep_sequence(client, at, migration, &current.name, last)?;
    }
    Ok(())
}

/// Whether rows could move, and none would become another, where they are only asked; else that isn't known.
fn tell_from_rows(
    client: &mut Client<'_>,
    at: Span,
    table: &str,
    (sql, carried): (&str, CarriedColumns<'_>),
) -> RunResult<()> {
    if let Err(_why) = client.try_structure(at, |it| it.quoted_texts(sql))? {
        client.cannot_know();
    }
    let unfit: Vec<_> = carried.asked.iter().map(|it| format!("({}) IS NOT TRUE", it.1)).collect();
    let is_unfit = !unfit.is_empty() && client.has_row(at, table, &unfit.join(" OR "))?;
    if is_unfit || !carried.compared.is_empty() {
        client.cannot_know();
    }
    Ok(())
}

/// Compares the rows, in these columns, with those of the new table: whether any of them has something that is to be kept; none where one
/// was lost, or has another value.
fn compare_rows(
    client: &mut Client<'_>,
    at: Span,
    (copied, compared): (&[CopiedColumn], Vec<&str>),
    task: &TableAlteration<'_>,
    kept: &KeptTable,
    new: &str,
) -> RunResult<Option<bool>> {
    let (current, desired) = (&task.current, &task.desired);
    let holds = kept.holds(current);
    let (old, new) = (quoted(&current.name), quoted(new));
    if compared.is_empty() && !kept.compares() {
        let keeps = match holds.as_deref() {
            None => false,
            Some(KeptTable::EACH) => true,
            Some(holds) => {
                let sql = format!("SELECT EXISTS (SELECT 1 FROM {old} AS o WHERE {holds})");
                client.count(at, &sql)? > 0
            }
        };
        return Ok(Some(keeps));
    }
    let mut same = compared;
    // They are joined by their number, whatever it is called: it stays, or is that of a column which becomes it.
    let becomes = desired.rowid().filter(|number| {
        let as_it_is =
            |it: &CopiedColumn| it.column == number.name && it.from == quoted(&it.column);
        has_rowids(current) && copied.iter().any(as_it_is)
    });
    let number = if task.numbers_stay() {
        Some(current.rowid().zip(desired.rowid()).map_or("rowid", |it| &it.0.name))
    } else {
        becomes.map(|it| it.name.as_str())
    };
    let Some(number) = number else {
        if same.is_empty() {
            return Ok(Some(holds.is_some()));
        }
        let same: Vec<_> = same.into_iter().map(quoted).collect();
        let same = same.join(", ");
        let sql =
            format!("SELECT EXISTS (SELECT {same} FROM {old} EXCEPT SELECT {same} FROM {new})");
        return Ok((client.count(at, &sql)? == 0).then_some(holds.is_some()));
    };
    same.retain(|it| *it != number);
    // Whatever the columns' types and collations hold for equal.
    let differs = same.iter().map(|it| {
        let column = quoted(it);
        format!(" OR +o.{column} IS NOT +n.{column} COLLATE BINARY")
    });
    let lost = format!("n.rowid IS NULL{}", differs.collect::<String>());
    let read = format!(
        "SELECT {lost}, o.rowid FROM {old} AS o LEFT JOIN {new} AS n ON n.rowid = o.{}",
        quoted(number)
    );
    let mut keeps = holds.as_deref() == Some(KeptTable::EACH);
    let mut looked_at = i64::MIN;
    let holds = holds.filter(|it| it != KeptTable::EACH);
    if let Some(holds) = holds.as_ref().filter(|_| !kept.compares()) {
        // What the old row alone tells costs less where it is asked alone.
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {old} AS o WHERE {holds})");
        keeps = client.count(at, &sql)? > 0;
    } else if let Some(holds) = holds {
        // Both are looked for in one go, until one is found that is to be kept.
        let sql = format!("{read} WHERE {lost} OR {holds} ORDER BY o.rowid LIMIT 1");
        let Some((is_lost, number)) = two_numbers(client, at, &sql, &[])? else {
            return Ok(Some(false));
        };
        if is_lost != 0 {
            return Ok(None);
        }
        (keeps, looked_at) = (true, number);
    }
    let sql = format!("{read} WHERE o.rowid >= ? AND ({lost}) LIMIT 1");
    let is_lost = two_numbers(client, at, &sql, &[Value::Integer(looked_at)])?;
    Ok(is_lost.is_none().then_some(keeps))
}

/// The two numbers that a query yields.
fn two_numbers(
    client: &mut Client<'_>,
    at: Span,
    sql: &str,
    parameters: &[Value],
) -> RunResult<Option<(i64, i64)>> {
    let row = client.row(at, sql, parameters)?;
    Ok(match row.as_deref() {
        Some([Value::Integer(first), Value::Integer(second)]) => Some((*first, *second)),
        _ => None,
    })
}

/// What has to follow a table to its new place, before the new one is made.
pub(super) fn swap_of(
    client: &mut Client<'_>,
    at: Span,
    table: &str,
    text: &str,
) -> RunResult<TableSwap> {
    Ok(TableSwap {
        old: table.to_owned(),
        new: free_name(client, at, table)?,
        text: text.to_owned(),
        beside: objects_beside(client, at, table)?,
        sequence: sequence_of(client, at, table)?,
        statistics: statistics_of(client, at, table)?,
    })
}

/// Puts the new table, which is filled, in the place of the old one.
pub(super) fn take_place(
    client: &mut Client<'_>,
    at: Span,
    swap: &TableSwap,
    ran: &mut Vec<String>,
) -> RunResult<()> {
    let (old, new) = (quoted(&swap.old), quoted(&swap.new));
    client.run_statement(at, &format!("DROP TABLE {old}"), ran)?;
    client.structure(at, |it| it.replace_table(&swap.new, &swap.old))?;
    ran.push(format!("ALTER TABLE {new} RENAME TO {old}"));
    client.structure(at, |it| it.rewrite(&swap.old, &swap.text))?;
    for object in &swap.beside {
        client.make(at, object.sql.as_deref().unwrap_or_default(), ran)?;
    }
    for sql in &swap.statistics {
        client.run_statement(at, sql, ran)?;
    }
    restore_sequence(client, at, swap, ran)
}

/// The next number that AUTOINCREMENT gives is the one that it would have given.
fn restore_sequence(
    client: &mut Client<'_>,
    at: Span,
    swap: &TableSwap,
    ran: &mut Vec<String>,
) -> RunResult<()> {
    let name = quoted_text(&swap.old);
    let Some(last) = swap
        .sequence
        .as_ref()
        .filter(|_| CreateTable::read(&swap.text).is_some_and(|it| it.table.identity))
    else {
        // SQLite begins to count even where no row was moved.
        if has_sequences(client, at)? {
            let begun = format!("FROM sqlite_sequence WHERE name = {name} AND seq = 0");
            let has_begun = format!("SELECT count(*) {begun}");
            if client.on_structure_itself().count(at, &has_begun)? > 0 {
                client.run_statement(at, &format!("DELETE {begun}"), ran)?;
            }
        }
        return Ok(());
    };
    let gone = format!("DELETE FROM sqlite_sequence WHERE name = {name}");
    client.run_statement(at, &gone, ran)?;
    let again = format!("INSERT INTO sqlite_sequence (name, seq) VALUES ({name}, {last})");
    client.run_statement(at, &again, ran)
}

fn not_altered(
    client: &Client<'_>,
    alter: &Alteration,
    table: &TableDdl,
    why: WrongRows,
) -> RunProblem {
    let kind = HazardKind::WrongRows { table: table.name.to_string(), why };
    alter.hazard(kind, Some(client.scripts.schema[table.model].span)).into()
}

/// A name that no table has.
fn free_name(client: &mut Client<'_>, at: Span, table: &str) -> RunResult<String> {
    let mut name = format!("_relata_new_{table}");
    while client.ask(at, |it| it.table(&name))?.is_some() {
        name.push('_');
    }
    Ok(name)
}
