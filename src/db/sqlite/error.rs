//! SQLite's errors as Relata's.

use super::{DbError, DbErrorKind};
use crate::db::ErrorSubject;
use crate::db::error::in_words;
use rusqlite::ErrorCode;
use rusqlite::ffi;

/// An error of a statement.
pub(super) fn of(found: rusqlite::Error) -> DbError {
    if let rusqlite::Error::SqlInputError { error, msg, offset, .. } = found {
        return DbError {
            code: Some(error.extended_code),
            offset: usize::try_from(offset).ok(),
            about: missing(&msg),
            ..DbError::new(kind(error), msg)
        };
    }
    let code = found.sqlite_error().copied();
    let message = match &found {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        rusqlite::Error::MultipleStatement => "there is more than one statement".to_owned(),
        rusqlite::Error::NulError(_) => "there is a NUL character in it".to_owned(),
        other => other.to_string(),
    };
    let kind = match code.map_or(DbErrorKind::Refused, kind) {
        // `ON DELETE RESTRICT` refuses as a trigger does.
        DbErrorKind::Refused if message == "FOREIGN KEY constraint failed" => {
            DbErrorKind::ForeignKey
        }
        kind => kind,
    };
    DbError {
        code: code.map(|it| it.extended_code),
        about: subject(kind, &message),
        ..DbError::new(kind, message)
    }
}

/// What an error of that kind is about, which SQLite says in its message alone.
#[expect(clippy::wildcard_enum_match_arm, reason = "only errors of constraints name something")]
fn subject(kind: DbErrorKind, message: &str) -> Option<ErrorSubject> {
    match kind {
        DbErrorKind::Check => {
            let (_, check) = message.split_once(": ")?;
            Some(ErrorSubject::Check(check.to_owned()))
        }
        DbErrorKind::Unique | DbErrorKind::NotNull => {
            // `UNIQUE constraint failed: users.first, users.last`, or `: index 'name'`
            let (_, names) = message.split_once(": ")?;
            let index = names.strip_prefix("index '").and_then(|it| it.strip_suffix('\''));
            if let Some(index) = index {
                return Some(ErrorSubject::Index(index.to_owned()));
            }
            Some(ErrorSubject::Columns(names.split(", ").map(str::to_owned).collect()))
        }
        DbErrorKind::Refused => missing(message),
        _ => None,
    }
}

/// The table that a statement needs, and that isn't there.
fn missing(message: &str) -> Option<ErrorSubject> {
    let table = message.strip_prefix("no such table: ")?;
    Some(ErrorSubject::Table(table.strip_prefix("main.").unwrap_or(table).to_owned()))
}

/// Whether it is the statement that SQLite can't make sense of, and nothing that happened to it.
pub(super) fn of_statement(found: &rusqlite::Error) -> bool {
    found.sqlite_error_code() == Some(ErrorCode::Unknown)
}

/// An error of opening a file.
pub(super) fn opening(found: rusqlite::Error) -> DbError {
    let found = of(found);
    let kind = match found.kind {
        DbErrorKind::Refused => DbErrorKind::CannotOpen,
        kind => kind,
    };
    DbError { kind, ..found }
}

/// How long a value may be where so much memory may be taken: a statement has several of them in hand.
pub(super) fn longest_value(memory: u64) -> u64 {
    (memory / 8).clamp(1 << 16, 1_000_000_000)
}

/// What to say of an error where so much memory may be taken and that was too little.
pub(super) fn too_large(found: &DbError, memory: u64) -> Option<String> {
    let (what, most) = match found.code? & 0xFF {
        ffi::SQLITE_NOMEM => ("it needs more memory than", memory),
        ffi::SQLITE_TOOBIG => ("a value is larger than", longest_value(memory)),
        _ => return None,
    };
    let most = in_words(most);
    Some(format!("{what} {most}, the most that is allowed here"))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "SQLite's list of codes is long and open")]
fn kind(error: ffi::Error) -> DbErrorKind {
    match error.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE
        | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        | ffi::SQLITE_CONSTRAINT_ROWID => return DbErrorKind::Unique,
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => return DbErrorKind::ForeignKey,
        ffi::SQLITE_CONSTRAINT_NOTNULL => return DbErrorKind::NotNull,
        ffi::SQLITE_CONSTRAINT_CHECK => return DbErrorKind::Check,
        _ => {}
    }
    match error.code {
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::FileLockingProtocolFailed => DbErrorKind::Busy,
        ErrorCode::CannotOpen => DbErrorKind::CannotOpen,
        ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt => DbErrorKind::NotADatabase,
        ErrorCode::DiskFull
        | ErrorCode::SystemIoFailure
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::NoLargeFileSupport
        | ErrorCode::OutOfMemory => DbErrorKind::CannotWrite,
        ErrorCode::OperationInterrupted => DbErrorKind::Interrupted,
        ErrorCode::AuthorizationForStatementDenied => DbErrorKind::Forbidden,
        _ => DbErrorKind::Refused,
    }
}
