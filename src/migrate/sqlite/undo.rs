//! A table as it was before a migration, with the values that were kept of it.

use super::changes::is_constant;
use super::copied::numbers_move;
use super::kept_values::kept_sequence;
use super::rebuild::swap_of;
use super::rebuild::take_place;
use super::sequences::has_sequences;
use crate::catalog::{Object, Table};
use crate::client::Client;
use crate::client::{FailedStatement, RunResult, quoted};
use crate::diagnostics::{Loss, RollbackHazard, RunProblem};
use crate::migrate::Migrator;
use crate::migrate::history::kept_tables::kept_name;
use crate::migrate::history::last_migration::LastMigration;
use crate::source::Span;
use crate::stored::{default_value, normalized, renamed};
use crate::value::Value;

/// What was kept of a table.
struct KeptColumns {
    /// Its table, quoted.
    name: String,
    /// Its columns.
    columns: Vec<String>,
}

impl KeptColumns {
    fn column(&self, kind: &str, of: &str) -> Option<String> {
        let name = format!("{kind}:{of}");
        let mut there = self.columns.iter();
        let found = there.find(|it| it.eq_ignore_ascii_case(&name))?;
        Some(format!("k.{}", quoted(found)))
    }
}

impl Migrator<'_> {
    /// Lets a table be what it was; its name and those of its columns are so already. `later` is its name behind the migration.
    pub(super) fn undo_table(
        &mut self,
        last: &LastMigration,
        was: &Object,
        later: &str,
        ran: &mut Vec<String>,
    ) -> RunResult<()> {
        let at = Span::default();
        let text = was.sql.as_deref().unwrap_or_default();
        let Some(current) = self.client.ask(at, |it| it.table(&was.name))? else {
            return Ok(());
        };
        // Where nothing but values changed they are kept.
        if normalized(&current.sql) == normalized(text)
            && kept_of(&mut self.client, last.id, later)?.is_none()
        {
            return self.client.structure(at, |it| it.rewrite(&current.name, text));
        }
        let mut swap = swap_of(&mut self.client, at, &current.name, text)?;
        // What the migration itself changed of them comes as it was, later on.
        swap.beside.retain(|it| {
            let own = |other: &Object| other.kind() == it.kind() && other.name == it.name;
            !last.after.iter().any(own)
        });
        self.client.make(at, &renamed(text, &quoted(&swap.new)), ran)?;
        let Some(new) = self.client.ask(at, |it| it.table(&swap.new))? else {
            return Ok(());
        };
        let kept = kept_of(&mut self.client, last.id, later)?;
        let join = join(&current, kept.as_ref(), last, later);
        self.refuse_lost_values(last, &current, &new, kept.as_ref(), &join, later)?;
        let mut columns = Vec::new();
        let mut from = Vec::new();
        // Rows that were written since get numbers of their own behind those that are given back.
        let mut order = String::new();
        if let Some(old) = kept.as_ref().and_then(|it| it.column("o", "rowid")) {
            order = format!(" ORDER BY {old} IS NULL");
            columns.push("rowid".to_owned());
            from.push(old);
        } else if numbers_move(&current, &new) {
            columns.push("rowid".to_owned());
            from.push("t.rowid".to_owned());
        }
        for column in new.columns.iter().filter(|it| it.generated.is_none()) {
            let now = current.column(&column.name).filter(|it| it.generated.is_none());
            let name = last.later_column(later, &column.name);
            let value = |kind: &str| kept.as_ref().and_then(|it| it.column(kind, &name));
            let default = column.default.as_deref().map(default_value);
            let fallback = default.as_deref().unwrap_or("NULL");
            from.push(match (now, value("o"), value("n")) {
                (Some(_), Some(old), Some(given)) => {
                    let now = format!("t.{}", quoted(&column.name));
                    format!("CASE WHEN k.kept AND {now} IS {given} COLLATE BINARY THEN {old} ELSE {now} END")
                }
                (Some(_), ..) => format!("t.{}", quoted(&column.name)),
                (None, Some(old), _) => {
                    format!("CASE WHEN k.kept THEN {old} ELSE {fallback} END")
                }
                (None, None, _) if column.not_null => fallback.to_owned(),
                (None, None, _) => "NULL".to_owned(),
            });
            columns.push(quoted(&column.name));
        }
        let table = quoted(&current.name);
        let sql = format!(
            "INSERT INTO {} ({}) SELECT {} FROM {table} AS t{join}{order}",
            quoted(&swap.new),
            columns.join(", "),
            from.join(", ")
        );
        let rows = self.client.count(at, &format!("SELECT count(*) FROM {table}"))?;
        let moved = self.client.database.execute(&sql, &[]);
        match moved {
            Ok(moved) if moved == rows => ran.push(sql),
            Ok(_) => return Err(RollbackHazard::Rows { table: current.name.clone() }.into()),
            Err(error) if error.is_constraint() => {
                let why = error.message.replace(&swap.new, &current.name);
                return Err(RollbackHazard::Unfit { table: current.name.clone(), why }.into());
            }
            Err(error) => {
                let about = FailedStatement { statement: Some(&sql), ..FailedStatement::default() };
                return Err(self.client.failure_of(error, at, about));
            }
        }
        if swap.sequence.is_none() {
            let last = kept_sequence(&mut self.client, last.id, later)?;
            let most = format!("coalesce((SELECT max(rowid) FROM {table}), 0)");
            swap.sequence = last.map(|it| format!("max({it}, {most})"));
        }
        take_place(&mut self.client, at, &swap, ran)
    }

    /// Fails where values written since have no column any more.
    fn refuse_lost_values(
        &mut self,
        last: &LastMigration,
        current: &Table,
        new: &Table,
        kept: Option<&KeptColumns>,
        join: &str,
        later: &str,
    ) -> RunResult<()> {
        if self.consent.allow.has(Loss::WrittenSince) {
            return Ok(());
        }
        for column in current.columns.iter().filter(|it| it.generated.is_none()) {
            let stays = new.column(&column.name);
            if stays.is_some_and(|it| it.generated.is_none()) {
                continue;
            }
            let name = last.later_column(later, &column.name);
            let value = format!("t.{}", quoted(&column.name));
            let mut differs = vec![format!("{value} IS NOT NULL")];
            if let Some(default) = column.default.as_deref().filter(|it| is_constant(it)) {
                differs.push(format!("{value} IS NOT {default} COLLATE BINARY"));
            }
            if let Some(given) = kept.and_then(|it| it.column("n", &name)) {
                differs.push(format!(
                    "NOT (k.kept IS NOT NULL AND {value} IS {given} COLLATE BINARY)"
                ));
            }
            let sql = format!(
                "SELECT count(*) FROM {} AS t{join} WHERE {}",
                quoted(&current.name),
                differs.join(" AND ")
            );
            let rows = self.client.count(Span::default(), &sql)?;
            if rows > 0 {
                let (column, table) = (column.name.clone(), current.name.clone());
                return Err(RollbackHazard::NewColumn { column, table, rows }.into());
            }
        }
        Ok(())
    }
}

/// A table that went comes again with its rows.
pub(super) fn make_again(
    client: &mut Client<'_>,
    id: i64,
    table: &Object,
    ran: &mut Vec<String>,
) -> RunResult<()> {
    let at = Span::default();
    client.make(at, table.sql.as_deref().unwrap_or_default(), ran)?;
    let (Some(new), Some(kept)) =
        (client.ask(at, |it| it.table(&table.name))?, kept_of(client, id, &table.name)?)
    else {
        return Ok(());
    };
    let names = new.columns.iter().filter(|it| it.generated.is_none());
    let names = names.map(|it| it.name.as_str()).chain(["rowid"]);
    let (columns, from): (Vec<_>, Vec<_>) =
        names.filter_map(|it| Some((quoted(it), kept.column("o", it)?))).unzip();
    let name = quoted(&new.name);
    let sql = format!(
        "INSERT INTO {name} ({}) SELECT {} FROM {} AS k",
        columns.join(", "),
        from.join(", "),
        kept.name
    );
    client.run_statement(at, &sql, ran)?;
    if let Some(last) = kept_sequence(client, id, &table.name)? {
        let key = [Value::Text(new.name.as_str().into())];
        client.ask(at, |it| {
            it.execute("DELETE FROM sqlite_sequence WHERE name = ?", &key)?;
            let sql = format!("INSERT INTO sqlite_sequence (name, seq) VALUES (?, {last})");
            it.execute(&sql, &key)
        })?;
    } else if has_sequences(client, at)? {
        // SQLite begins to count even where no row comes.
        let key = [Value::Text(new.name.as_str().into())];
        let sql = "DELETE FROM sqlite_sequence WHERE name = ? AND seq = 0";
        client.ask(at, |it| it.execute(sql, &key))?;
    }
    Ok(())
}

fn kept_of(
    client: &mut Client<'_>,
    id: i64,
    table: &str,
) -> Result<Option<KeptColumns>, RunProblem> {
    let name = kept_name(id, table);
    let found = client.ask(Span::default(), |it| it.table(&name))?;
    Ok(found.map(|table| KeptColumns {
        name: quoted(&table.name),
        columns: table.columns.into_iter().map(|it| it.name).collect(),
    }))
}

/// How what was kept of a row is found beside it.
fn join(current: &Table, kept: Option<&KeptColumns>, last: &LastMigration, later: &str) -> String {
    let Some(kept) = kept else {
        return String::new();
    };
    let columns = current.columns.iter().map(|it| it.name.as_str());
    let pairs: Vec<_> = columns
        .chain(["rowid"])
        .filter_map(|column| {
            let key = kept.column("k", &last.later_column(later, column))?;
            Some(format!("{key} IS t.{}", quoted(column)))
        })
        .collect();
    format!(" LEFT JOIN {} AS k ON {}", kept.name, pairs.join(" AND "))
}
