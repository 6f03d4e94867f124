//! Whether the values of a column fit another type: each is tried, as the server would convert it, and has to come back as the same text.

use crate::catalog::{Column, Table};
use crate::client::{Client, RunResult, quoted};
use crate::diagnostics::ConcernedRows;
use crate::migrate::alteration::{Alteration, CastCheck};
use crate::migrate::questions::rows_where;
use crate::source::Span;
use crate::value::Value;

/// What tries a value, for the time of a plan: whether a text can become a type, and whether it comes back from there by way of its own.
const TRIES: &str = "CREATE FUNCTION pg_temp.relata_fits(said text, becomes text, back text) RETURNS boolean LANGUAGE plpgsql AS $$ \
    DECLARE held text; BEGIN \
        EXECUTE 'SELECT (' || becomes || ')::text' INTO held USING said; \
        IF back IS NULL THEN RETURN true; END IF; \
        EXECUTE 'SELECT (' || back || ')::text' INTO held USING said; \
        RETURN held IS NOT DISTINCT FROM said; \
    EXCEPTION WHEN data_exception OR integrity_constraint_violation OR syntax_error_or_access_rule_violation OR program_limit_exceeded THEN RETURN false; END $$";

/// How values become those of another type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerCast {
    /// They are such: nothing is written.
    Nothing,
    /// As the server converts them.
    Direct,
    /// By way of their texts.
    Text,
}

impl ServerCast {
    /// The way from one type to another.
    pub(super) fn of(client: &mut Client<'_>, at: Span, from: &str, to: &str) -> RunResult<Self> {
        if is_wider(from, to) {
            return Ok(Self::Nothing);
        }
        let sql = "SELECT a.oid = b.oid OR 'S' IN (a.typcategory, b.typcategory) \
                       OR EXISTS (SELECT 1 FROM pg_cast c WHERE c.castsource = a.oid AND c.casttarget = b.oid) \
                   FROM pg_type a, pg_type b WHERE a.oid = $1::text::regtype AND b.oid = $2::text::regtype";
        let row = client.row(at, sql, &[Value::from(from), Value::from(to)])?;
        Ok(match row.as_deref() {
            Some([Value::Bool(true)]) => Self::Direct,
            _ => Self::Text,
        })
    }

    /// A value as one of the type.
    pub(super) fn sql(self, value: &str, data_type: &str) -> String {
        match self {
            Self::Nothing | Self::Direct => format!("CAST({value} AS {data_type})"),
            Self::Text => format!("CAST(CAST({value} AS text) AS {data_type})"),
        }
    }
}

/// A type's name, and the numbers behind it.
fn parts(data_type: &str) -> (&str, Vec<u32>) {
    match data_type.split_once('(') {
        Some((name, rest)) => {
            let numbers = rest.split_once(')').map_or(rest, |it| it.0);
            (name, numbers.split(',').filter_map(|it| it.trim().parse().ok()).collect())
        }
        None => (data_type, Vec::new()),
    }
}

/// Whether values of a type are values of the other, as they are kept.
pub(super) fn is_wider(from: &str, to: &str) -> bool {
    if from == to {
        return true;
    }
    let ((from, had), (to, has)) = (parts(from), parts(to));
    match (from, to, had.as_slice(), has.as_slice()) {
        ("character varying", "text", _, _)
        | ("character varying", "character varying", _, [])
        | ("text", "character varying", [], [])
        | ("numeric", "numeric", _, []) => true,
        ("character varying", "character varying", [a], [b]) => a <= b,
        ("numeric", "numeric", [a, s], [b, t]) => s == t && a <= b,
        _ => false,
    }
}

/// Whether every value of a type has its like in the other, though it is kept in another way.
fn holds_all(from: &str, to: &str) -> bool {
    let number = |it: &str| match it {
        "smallint" => Some(2),
        "integer" => Some(4),
        "bigint" => Some(8),
        _ => None,
    };
    let ((from, had), (to, has)) = (parts(from), parts(to));
    let is_text = matches!(to, "text" | "character varying") && has.is_empty();
    match (number(from), number(to)) {
        (Some(a), Some(b)) => a <= b,
        (Some(_), None) => is_text || to == "numeric" && has.is_empty(),
        (None, _) => {
            (from, to) == ("real", "double precision")
                || is_text && matches!(from, "uuid" | "boolean" | "numeric" | "date" | "json")
                || from == "numeric"
                    && to == "numeric"
                    && match (had.as_slice(), has.as_slice()) {
                        ([a, s], [b, t]) => s <= t && a - s <= b.saturating_sub(*t),
                        _ => false,
                    }
        }
    }
}

/// The rows whose value, as it is or as it is computed, doesn't fit the type that a column gets; none where all fit.
pub(super) fn misfits_of(
    client: &mut Client<'_>,
    alter: &Alteration,
    current: &Table,
    value: (&str, &Column),
    asked: CastCheck,
) -> RunResult<Option<ConcernedRows>> {
    match unfit(client, alter.at, current, value, asked)? {
        Some(lost) => rows_where(client, alter, current, &lost),
        None => Ok(None),
    }
}

/// What is true of such rows, as SQL; none where there can't be any.
pub(super) fn unfit(
    client: &mut Client<'_>,
    at: Span,
    current: &Table,
    (value, to): (&str, &Column),
    asked: CastCheck,
) -> RunResult<Option<String>> {
    let becomes = to.data_type.to_string();
    let own = current.column(&to.name).filter(|it| value == quoted(&it.name));
    if own.is_some_and(|it| is_wider(&it.data_type, &becomes) || holds_all(&it.data_type, &becomes))
    {
        return Ok(None);
    }
    if client.count(at, "SELECT count(*) FROM pg_proc WHERE proname = 'relata_fits' AND pronamespace = pg_my_temp_schema()")? == 0 {
        client.ask(at, |it| it.execute(TRIES, &[]))?;
    }
    let text = |it: &str| crate::client::quoted_text(it);
    let there = match own {
        Some(from) => {
            let from = from.data_type.to_string();
            let cast = ServerCast::of(client, at, &from, &becomes)?;
            Some((cast.sql(&format!("CAST($1 AS {from})"), &becomes), from))
        }
        None => None,
    };
    let (tried, back) = match &there {
        Some((sql, from)) if asked == CastCheck::Fits => {
            let back = ServerCast::of(client, at, &becomes, from)?;
            (sql.clone(), text(&back.sql(sql, from)))
        }
        Some((sql, _)) => (sql.clone(), "NULL".to_owned()),
        None => (format!("CAST($1 AS {becomes})"), "NULL".to_owned()),
    };
    Ok(Some(format!(
        "{value} IS NOT NULL AND NOT pg_temp.relata_fits(CAST({value} AS text), {}, {back})",
        text(&tried),
    )))
}

#[cfg(test)]
mod tests {
    use super::{holds_all, is_wider};

    #[test]
    fn a_type_is_wider_where_nothing_is_written() {
        let rows = [
            ("character varying(80)", "character varying(255)", true),
            ("character varying(255)", "character varying(80)", false),
            ("character varying(80)", "text", true),
            ("text", "character varying(80)", false),
            ("numeric(10,2)", "numeric(12,2)", true),
            ("numeric(10,2)", "numeric(12,3)", false),
            ("integer", "bigint", false),
        ];
        for (from, to, expected) in rows {
            assert_eq!(is_wider(from, to), expected, "{from} to {to}");
        }
    }

    #[test]
    fn a_type_holds_all_where_every_value_has_its_like() {
        let rows = [
            ("integer", "bigint", true),
            ("bigint", "integer", false),
            ("integer", "text", true),
            ("integer", "character varying(3)", false),
            ("numeric(10,2)", "numeric(12,4)", true),
            ("numeric(10,2)", "numeric(11,4)", false),
            ("double precision", "real", false),
        ];
        for (from, to, expected) in rows {
            assert_eq!(holds_all(from, to), expected, "{from} to {to}");
        }
    }
}
