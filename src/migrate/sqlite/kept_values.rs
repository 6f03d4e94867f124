//! What a migration takes out of a table, or changes, and keeps beside it.
//!
//! `_relata_kept_3_Users` has the old values of what migration 3 took out of `Users` (columns `o:name`), the new ones that it put there
//! (`n:name`), by the row's key (`k:name`), and `kept`, which is 1.

use super::layout::has_rowids;
use super::sequences::sequence_of;
use crate::catalog::Table;
use crate::client::Client;
use crate::client::{RunResult, quoted};
use crate::migrate::history::kept_tables::{SEQUENCES, WHOLE, kept_name};
use crate::migrate::history::rows_of;
use crate::source::Span;
use crate::sql::Affinity;
use crate::stored::is_virtual;
use crate::value::Value;

/// The integers up to here are each a floating-point number of their own: 2^53.
const EXACT: i64 = 9_007_199_254_740_992;

/// What is kept of a table that is made anew.
#[derive(Debug, Default)]
pub(in crate::migrate) struct KeptTable {
    /// The columns by which a row is known again, before and afterwards.
    pub key: Vec<String>,
    /// What the old row's are, as SQL, where `using` says it.
    pub key_from: Option<Vec<String>>,
    /// The columns that go with their values.
    pub gone: Vec<String>,
    /// Those whose values change.
    pub changed: Vec<Changed>,
    /// Those that come with values of their own.
    pub come: Vec<String>,
}

/// A column whose values change.
#[derive(Debug)]
pub(in crate::migrate) struct Changed {
    pub name: String,
    /// What the column made of its values.
    pub from: Affinity,
    /// What it makes of them, where nothing but that changes them.
    pub to: Option<Affinity>,
    /// Whether none of the old values is known to be a fraction.
    pub no_reals: bool,
}

impl Changed {
    /// What is true of the rows whose old value has to be kept.
    fn holds(&self) -> String {
        let column = quoted(&self.name);
        match (self.from, self.to) {
            // An integer becomes its digits, and they the integer again.
            (Affinity::Integer | Affinity::Numeric, Some(Affinity::Text)) => {
                if self.no_reals {
                    return "false".to_owned();
                }
                return format!("typeof(o.{column}) = 'real'");
            }
            (Affinity::Integer | Affinity::Numeric, Some(Affinity::Real)) => {
                return format!("o.{column} NOT BETWEEN -{EXACT} AND {EXACT}");
            }
            (Affinity::Real, Some(Affinity::Integer | Affinity::Numeric)) => {
                return "false".to_owned();
            }
            _ => {}
        }
        format!(
            "(o.{column} IS NOT n.{column} COLLATE BINARY OR typeof(o.{column}) <> typeof(n.{column})) AND NOT {}",
            comes_back(&column, self.from)
        )
    }
}

impl Changed {
    /// Whether the new value has a say in that.
    const fn compares(&self) -> bool {
        !matches!(
            (self.from, self.to),
            (Affinity::Integer | Affinity::Numeric, Some(Affinity::Text | Affinity::Real))
                | (Affinity::Real, Some(Affinity::Integer | Affinity::Numeric))
        )
    }
}

impl KeptTable {
    /// Whether rows of the new table have a say in what is kept.
    pub(super) fn compares(&self) -> bool {
        self.changed.iter().any(Changed::compares)
    }

    /// What holds where something has to be kept of each row.
    pub(in crate::migrate) const EACH: &'static str = "true";

    /// The old rows, as SQL; with the key that they get, where it is computed.
    fn rows_of(&self, table: &Table) -> String {
        let name = quoted(&table.name);
        let Some(from) = &self.key_from else {
            return name;
        };
        let mut columns = vec!["*".to_owned()];
        if has_rowids(table) {
            columns.push("rowid AS rowid".to_owned());
        }
        let key = from.iter().enumerate();
        columns.extend(key.map(|(at, it)| format!("{it} AS {}", computed_key(at))));
        format!("(SELECT {} FROM {name})", columns.join(", "))
    }

    /// What is true of the rows of which something has to be kept, `o` being the old row and `n` the new one; none where that is none
    /// of them.
    pub(in crate::migrate) fn holds(&self, table: &Table) -> Option<String> {
        let found = |name: &str| table.columns.iter().find(|it| it.name == name);
        let gone = self.gone.iter().map(|name| {
            // A row written later gets the default: rows whose value was null must be told from it.
            if found(name).is_some_and(|it| it.default.is_some()) {
                Self::EACH.to_owned()
            } else {
                format!("o.{} IS NOT NULL", quoted(name))
            }
        });
        let changed = self.changed.iter().map(Changed::holds);
        let come = self.come.iter().map(|_| Self::EACH.to_owned());
        let mut all: Vec<_> = gone.chain(changed).chain(come).collect();
        if all.iter().any(|it| it == Self::EACH) {
            all = vec![Self::EACH.to_owned()];
        }
        (!all.is_empty()).then(|| all.join(" OR "))
    }
}

/// The name of a part of a key that is computed.
fn computed_key(at: usize) -> String {
    quoted(&format!("_relata_key_{at}"))
}

/// The columns by which a row is known again: its key, or the number that SQLite gives it.
pub(in crate::migrate) fn key(table: &Table) -> Vec<String> {
    let mut key: Vec<_> = table.columns.iter().filter(|it| it.primary_key > 0).collect();
    key.sort_by_key(|it| it.primary_key);
    if key.is_empty() {
        return vec!["rowid".to_owned()];
    }
    key.into_iter().map(|it| it.name.clone()).collect()
}

/// What is true where the new value of a column, put back into one of the old type, is the old value again: an integer that
/// became its digits, and the other way round.
fn comes_back(column: &str, affinity: Affinity) -> String {
    let (from, digits, of) = match affinity {
        Affinity::Integer | Affinity::Numeric => ("integer", "n", "o"),
        Affinity::Text => ("text", "o", "n"),
        Affinity::Real | Affinity::Blob => return "false".to_owned(),
    };
    let to = if from == "text" { "integer" } else { "text" };
    format!(
        "(typeof(o.{column}) = '{from}' AND typeof(n.{column}) = '{to}' AND {digits}.{column} IS CAST({of}.{column} AS TEXT) COLLATE BINARY)"
    )
}

/// Keeps values of a table, of which `new` is the new one, filled.
pub(in crate::migrate) fn keep_values(
    client: &mut Client<'_>,
    at: Span,
    migration: u64,
    table: &Table,
    new: &str,
    kept: &KeptTable,
) -> RunResult<()> {
    let Some(holds) = kept.holds(table) else {
        return Ok(());
    };
    let (old, new) = (kept.rows_of(table), quoted(new));
    let mut select = vec!["1 AS kept".to_owned()];
    let mut pairs = Vec::new();
    for (at, name) in kept.key.iter().enumerate() {
        let as_key = quoted(&format!("k:{name}"));
        let was = match kept.key_from {
            Some(_) => computed_key(at),
            None => quoted(name),
        };
        select.push(format!("o.{was} AS {as_key}"));
        pairs.push(format!("n.{} IS o.{was}", quoted(name)));
    }
    let changed: Vec<_> = kept.changed.iter().map(|it| &it.name).collect();
    for name in kept.gone.iter().chain(changed.iter().copied()) {
        let (column, old) = (quoted(name), quoted(&format!("o:{name}")));
        select.push(format!("o.{column} AS {old}"));
    }
    for name in changed.into_iter().chain(&kept.come) {
        let (column, new) = (quoted(name), quoted(&format!("n:{name}")));
        select.push(format!("n.{column} AS {new}"));
    }
    let join = if kept.changed.is_empty() && kept.come.is_empty() {
        String::new()
    } else {
        format!(" JOIN {new} AS n ON {}", pairs.join(" AND "))
    };
    let id = i64::try_from(migration).unwrap_or(i64::MAX);
    let into = quoted(&kept_name(id, &table.name));
    let from = format!("FROM {old} AS o{join} WHERE {holds}");
    let sql = format!("CREATE TABLE {into} AS SELECT {} {from}", select.join(", "));
    client.ask(at, |it| it.execute(&sql, &[]))?;
    // One look at the rows instead of two: that there is nothing to keep shows now.
    if client.count(at, &format!("SELECT EXISTS (SELECT 1 FROM {into})"))? == 0 {
        client.ask(at, |it| it.execute(&format!("DROP TABLE {into}"), &[]))?;
    }
    Ok(())
}

/// Keeps the nulls of a table that are to be filled, each with what it gets: a column and SQL.
pub(in crate::migrate) fn keep_nulls(
    client: &mut Client<'_>,
    at: Span,
    migration: u64,
    table: &Table,
    filled: &[(String, String)],
) -> RunResult<()> {
    let mut select = vec!["1 AS kept".to_owned()];
    for name in key(table) {
        let as_key = quoted(&format!("k:{name}"));
        select.push(format!("{} AS {as_key}", quoted(&name)));
    }
    let mut null = Vec::with_capacity(filled.len());
    for (name, value) in filled {
        let column = quoted(name);
        let (old, new) = (quoted(&format!("o:{name}")), quoted(&format!("n:{name}")));
        select.push(format!("{column} AS {old}, coalesce({column}, {value}) AS {new}"));
        null.push(format!("{column} IS NULL"));
    }
    let id = i64::try_from(migration).unwrap_or(i64::MAX);
    let sql = format!(
        "CREATE TABLE {} AS SELECT {} FROM {} WHERE {}",
        quoted(&kept_name(id, &table.name)),
        select.join(", "),
        quoted(&table.name),
        null.join(" OR ")
    );
    client.ask(at, |it| it.execute(&sql, &[]))?;
    Ok(())
}

/// Keeps all rows of a table that goes. Nothing is kept of one that a module keeps.
pub(in crate::migrate) fn keep_table(
    client: &mut Client<'_>,
    at: Span,
    migration: u64,
    name: &str,
) -> RunResult<()> {
    let Some(table) = client.ask(at, |it| it.table(name))? else {
        return Ok(());
    };
    if is_virtual(&table.sql) {
        return Ok(());
    }
    let mut select = vec![format!("1 AS {WHOLE}")];
    if has_rowids(&table) && table.rowid().is_none() {
        select.push(format!("rowid AS {}", quoted("o:rowid")));
    }
    for column in table.columns.iter().filter(|it| it.generated.is_none()) {
        let old = quoted(&format!("o:{}", column.name));
        select.push(format!("{} AS {old}", quoted(&column.name)));
    }
    let id = i64::try_from(migration).unwrap_or(i64::MAX);
    let sql = format!(
        "CREATE TABLE {} AS SELECT {} FROM {}",
        quoted(&kept_name(id, &table.name)),
        select.join(", "),
        quoted(&table.name)
    );
    client.ask(at, |it| it.execute(&sql, &[]))?;
    if let Some(last) = sequence_of(client, at, &table.name)? {
        keep_sequence(client, at, migration, &table.name, &last)?;
    }
    Ok(())
}

/// Keeps the last number that AUTOINCREMENT gave for a table that has it no more.
pub(in crate::migrate) fn keep_sequence(
    client: &mut Client<'_>,
    at: Span,
    migration: u64,
    table: &str,
    last: &str,
) -> RunResult<()> {
    let id = i64::try_from(migration).unwrap_or(i64::MAX);
    let into = quoted(&kept_name(id, SEQUENCES));
    let sql = format!("CREATE TABLE IF NOT EXISTS {into} (name, seq)");
    client.ask(at, |it| it.execute(&sql, &[]))?;
    let sql = format!("INSERT INTO {into} VALUES (?, {last})");
    client.ask(at, |it| it.execute(&sql, &[Value::Text(table.into())]))?;
    Ok(())
}

/// The last number that AUTOINCREMENT gave for a table that had it before a migration, as SQL.
pub(in crate::migrate) fn kept_sequence(
    client: &mut Client<'_>,
    id: i64,
    table: &str,
) -> RunResult<Option<String>> {
    let name = kept_name(id, SEQUENCES);
    if client.ask(Span::default(), |it| it.table(&name))?.is_none() {
        return Ok(None);
    }
    let sql = format!("SELECT quote(seq) FROM {} WHERE name = ?", quoted(&name));
    let rows = rows_of(client, &sql, &[Value::Text(table.into())])?;
    Ok(rows.first().map(|it| crate::migrate::history::text(it, 0).to_string()))
}
