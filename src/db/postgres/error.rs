//! PostgreSQL's errors as Relata's, by SQLSTATE and the names beside it: its words may be in any language.

use crate::db::{DbError, DbErrorKind, ErrorSubject, ServerFault};
use postgres::error::ErrorPosition;
use std::error::Error as _;

/// A statement that another transaction is in the way of.
const FAILED_TRANSACTION: &str = "25P02";

/// A prepared statement that reads other columns now.
const OTHER_COLUMNS: &str = "0A000";

/// An error of a statement.
pub(super) fn of(found: &postgres::Error) -> DbError {
    let Some(said) = found.as_db_error() else {
        let mut message = found.to_string();
        let mut source = found.source();
        while let Some(it) = source {
            let more = it.to_string();
            if !message.contains(&more) {
                message = format!("{message}: {more}");
            }
            source = it.source();
        }
        // The connection is lost: nobody knows of a transaction any more.
        let lost = found.is_closed() || message.starts_with("error communicating");
        let kind = if lost { DbErrorKind::Busy } else { DbErrorKind::Refused };
        return DbError { ended: lost, ..DbError::new(kind, message) };
    };
    let code = said.code().code();
    let table = said.table().map(|table| match said.schema() {
        Some(schema) if schema != "public" => format!("{schema}.{table}"),
        Some(_) | None => table.to_owned(),
    });
    let kind = kind(code);
    let about = match kind {
        DbErrorKind::NotNull => {
            let column = table.zip(said.column()).map(|(table, it)| format!("{table}.{it}"));
            column.map(|it| ErrorSubject::Columns(vec![it]))
        }
        DbErrorKind::Check => said.constraint().map(|it| ErrorSubject::Check(it.to_owned())),
        DbErrorKind::Unique => said.constraint().map(|it| ErrorSubject::Index(it.to_owned())),
        _ => (code == "42P01").then(|| quoted(said.message())).flatten().map(ErrorSubject::Table),
    };
    let offset = match said.position() {
        Some(ErrorPosition::Original(it)) => {
            usize::try_from(*it).ok().map(|it| it.saturating_sub(1))
        }
        Some(ErrorPosition::Internal { .. }) | None => None,
    };
    let ended = matches!(code, "57P01" | "57P02" | "57P03" | "25P03") || code.starts_with("08");
    let fault = matches!(code, "22021" | "22P05").then_some(ServerFault::Encoding);
    let mut message = said.message().to_owned();
    if let (DbErrorKind::TooLarge, Some(hint)) = (kind, said.hint()) {
        // Which of the server's settings it is, it says beside that.
        message = format!("{message}: {}", hint.trim_end_matches('.'));
    }
    DbError { offset, about, ended, fault, ..DbError::new(kind, message) }
}

/// Which kind an SQLSTATE is of: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn kind(code: &str) -> DbErrorKind {
    match code {
        "23505" => DbErrorKind::Unique,
        "23503" | "23001" => DbErrorKind::ForeignKey,
        "23502" => DbErrorKind::NotNull,
        "23514" => DbErrorKind::Check,
        "40001" | "40P01" | "55P03" | "57P01" | "57P02" | "57P03" | "25P03" => DbErrorKind::Busy,
        "57014" => DbErrorKind::Interrupted,
        "25006" | "53100" | "58030" => DbErrorKind::CannotWrite,
        "53200" | "53400" | "54000" => DbErrorKind::TooLarge,
        "28000" | "28P01" | "3D000" | "53300" => DbErrorKind::CannotOpen,
        _ if code.starts_with("08") => DbErrorKind::Busy,
        _ => DbErrorKind::Refused,
    }
}

/// The first name in quotes, of whatever kind they are.
fn quoted(message: &str) -> Option<String> {
    let quotes = ['"', '«', '»', '„', '“', '”'];
    let (_, behind) = message.split_once(quotes)?;
    let (name, _) = behind.split_once(quotes)?;
    Some(name.trim().to_owned())
}

/// Whether a statement was prepared for what a table has had before.
pub(super) fn is_outdated(found: &postgres::Error) -> bool {
    found.code().is_some_and(|it| it.code() == OTHER_COLUMNS)
        && found.as_db_error().is_some_and(|it| it.routine() == Some("RevalidateCachedQuery"))
}

/// Whether the server has ended what another transaction was in the way of: a deadlock, or what can't be put in an order.
pub(super) fn is_lost_race(found: &postgres::Error) -> bool {
    found.code().is_some_and(|it| matches!(it.code(), "40001" | "40P01"))
}

/// Whether it only says that a statement before it has failed.
pub(super) fn is_behind_another(found: &postgres::Error) -> bool {
    found.code().is_some_and(|it| it.code() == FAILED_TRANSACTION)
}

/// Whether the server takes no writes (any more).
pub(super) fn is_read_only(found: &postgres::Error) -> bool {
    found.code().is_some_and(|it| it.code() == "25006")
}

/// An error of opening a connection.
pub(super) fn opening(found: &postgres::Error) -> DbError {
    let error = of(found);
    let fault = match found.code() {
        Some(code) => match code.code() {
            "28P01" | "28000" => Some(ServerFault::Credentials),
            "3D000" => Some(ServerFault::Database),
            "42501" => Some(ServerFault::Rights),
            "53300" => Some(ServerFault::Full),
            "57P03" => Some(ServerFault::NotReady),
            _ => None,
        },
        // The driver has these kinds, and tells them by their words alone.
        None if error.message.starts_with("error performing TLS") => Some(ServerFault::Certificate),
        None if error.message.starts_with("invalid configuration: password") => {
            Some(ServerFault::Credentials)
        }
        None => Some(ServerFault::Unreachable),
    };
    DbError { kind: DbErrorKind::CannotOpen, ended: false, fault, ..error }
}
