//! Whether the values of a column fit another type: they are put into a table of this session as the server would convert them, and have to come back as
//! the same text.

use super::clauses::{BOOLEAN, goes_by_place, holds_all};
use crate::catalog::{Column, Table};
use crate::client::{Client, RunResult, quoted};
use crate::db::DbErrorKind;
use crate::diagnostics::ConcernedRows;
use crate::migrate::alteration::{Alteration, CastCheck};
use crate::migrate::questions::rows_where;
use crate::source::Span;

/// Where they are put.
const FITS: &str = "_relata_fits";

/// The rows whose value, as it is or as it is computed, doesn't fit the type that a column gets; none where all fit.
pub(super) fn misfits_of(
    client: &mut Client<'_>,
    alter: &Alteration,
    current: &Table,
    value: (&str, &Column),
    asked: CastCheck,
) -> RunResult<Option<ConcernedRows>> {
    let Some(lost) = tried(client, alter.at, current, value, asked)? else { return Ok(None) };
    let found = rows_where(client, alter, current, &lost);
    forget(client, alter.at)?;
    found
}

/// Whether there are such rows, of those of which `holds` is true.
pub(super) fn has_misfits(
    client: &mut Client<'_>,
    current: &Table,
    value: (&str, &Column),
    holds: &str,
) -> RunResult<bool> {
    let at = Span::default();
    let Some(lost) = tried(client, at, current, value, CastCheck::Fits)? else { return Ok(false) };
    let found = client.has_row(at, &current.name, &format!("{lost}{holds}"));
    forget(client, at)?;
    found
}

fn forget(client: &mut Client<'_>, at: Span) -> RunResult<()> {
    let drop = format!("DROP TEMPORARY TABLE IF EXISTS {}", quoted(FITS));
    client.ask(at, |it| it.execute(&drop, &[])).map(|_| ())
}

/// Tries the values: what is true of rows whose value doesn't fit, as SQL over the table and what was tried; none where there can't be any.
fn tried(
    client: &mut Client<'_>,
    at: Span,
    current: &Table,
    (value, to): (&str, &Column),
    asked: CastCheck,
) -> RunResult<Option<String>> {
    let own = current.column(&to.name).filter(|it| value == quoted(&it.name));
    if own.is_some_and(|it| holds_all(&it.data_type, &to.data_type)) {
        return Ok(None);
    }
    if own.is_some_and(|it| goes_by_place(&it.data_type, &to.data_type)) {
        return Ok(Some(format!("{value} IS NOT NULL")));
    }
    forget(client, at)?;
    let done = fill(client, at, current, (value, to), own, asked);
    if !matches!(done, Ok(Some(_))) {
        forget(client, at)?;
    }
    done
}

fn fill(
    client: &mut Client<'_>,
    at: Span,
    current: &Table,
    (value, to): (&str, &Column),
    own: Option<&Column>,
    asked: CastCheck,
) -> RunResult<Option<String>> {
    let table = quoted(&current.name);
    let keys: Vec<&Column> = current.columns.iter().filter(|it| it.primary_key > 0).collect();
    let was = own.map_or("longtext", |it| &it.data_type);
    let set = |it: &Column| match &it.collation {
        Some(collation) => {
            let set = collation.split('_').next().unwrap_or("utf8mb4").to_owned();
            format!(" CHARACTER SET {set} COLLATE {collation}")
        }
        None => String::new(),
    };
    let mut columns: Vec<String> = keys
        .iter()
        .enumerate()
        .map(|(at, it)| format!("k{at} {}{}", it.data_type, set(it)))
        .collect();
    columns.push(format!("was {was}{}", own.map_or_else(String::new, set)));
    columns.push(format!("becomes {}{}", to.data_type, set(to)));
    columns.push(format!("back {was}{}", own.map_or_else(String::new, set)));
    let create = format!("CREATE TEMPORARY TABLE {} ({})", quoted(FITS), columns.join(", "));
    client.ask(at, |it| it.execute(&create, &[]))?;
    let mut names: Vec<String> = (0..keys.len()).map(|at| format!("k{at}")).collect();
    names.extend(["was".to_owned(), "becomes".to_owned()]);
    let mut read: Vec<String> = keys.iter().map(|it| quoted(&it.name)).collect();
    read.extend([
        if own.is_some() { value.to_owned() } else { format!("CAST({value} AS CHAR)") },
        value.to_owned(),
    ]);
    let rest = format!(
        "INTO {} ({}) {}SELECT {} FROM {table} WHERE {value} IS NOT NULL",
        quoted(FITS),
        names.join(", "),
        client.names,
        read.join(", ")
    );
    // What the server takes as it is, it takes when the type changes.
    let taken = match client.database.execute(&format!("INSERT {rest}"), &[]) {
        Ok(_) => true,
        Err(error) if error.is_constraint() || error.kind == DbErrorKind::Refused => false,
        Err(error) => return Err(client.failure(error, at)),
    };
    if taken && (own.is_none() || asked != CastCheck::Fits) {
        return Ok(None);
    }
    if !taken {
        let empty = format!("TRUNCATE TABLE {}", quoted(FITS));
        client.ask(at, |it| it.execute(&empty, &[]))?;
        // Without a word about each value that is cut.
        let insert = format!("INSERT LOW_PRIORITY IGNORE {rest}");
        client.ask(at, |it| it.execute(&insert, &[]))?;
    }
    let back = format!("UPDATE IGNORE {} SET back = becomes", quoted(FITS));
    client.ask(at, |it| it.execute(&back, &[]))?;
    let mut same = "CAST(f.was AS BINARY) <=> CAST(f.back AS BINARY)".to_owned();
    if &*to.data_type == BOOLEAN {
        same.push_str(" AND f.becomes IN (0, 1)");
    }
    if !taken {
        // It isn't said which values the server doesn't take, where they come back.
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {} AS f WHERE NOT ({same}))", quoted(FITS));
        let found = client.ask(at, |it| it.number(&sql, &[]))?;
        if found == Some(0) {
            return Ok(Some(format!("{value} IS NOT NULL")));
        }
    }
    let which = if keys.is_empty() {
        format!("f.was <=> {value}")
    } else {
        let each = keys.iter().enumerate();
        let each = each.map(|(at, it)| format!("f.k{at} <=> {table}.{}", quoted(&it.name)));
        each.collect::<Vec<_>>().join(" AND ")
    };
    Ok(Some(format!("EXISTS (SELECT 1 FROM {} AS f WHERE {which} AND NOT ({same}))", quoted(FITS))))
}
