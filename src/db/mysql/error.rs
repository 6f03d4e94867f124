//! Errors of MariaDB and MySQL as Relata's, by their numbers and the names in their messages, which are in English in every session.

use crate::db::{DbError, DbErrorKind, ErrorSubject, ServerFault};
use mysql::{DriverError, Error};

/// An error of a statement.
pub(super) fn of(found: &Error) -> DbError {
    let said = match found {
        Error::MySqlError(said) => said,
        other => {
            let kind = if is_lost(other) { DbErrorKind::Busy } else { DbErrorKind::Refused };
            return DbError { ended: is_lost(other), ..DbError::new(kind, words(other)) };
        }
    };
    let kind = kind(said.code);
    let message = said.message.as_str();
    let about = match kind {
        DbErrorKind::Unique => last_name(message).map(|it| ErrorSubject::Index(it.to_owned())),
        // The table is known to whoever knows the statement.
        DbErrorKind::NotNull => {
            first_name(message, '\'').map(|it| ErrorSubject::Columns(vec![it.to_owned()]))
        }
        DbErrorKind::Check => {
            let quote = if message.starts_with("CONSTRAINT") { '`' } else { '\'' };
            first_name(message, quote).map(|it| {
                // That of a document is called by its table too.
                let name = it.rsplit_once('.').map_or(it, |(_, name)| name);
                ErrorSubject::Check(name.to_owned())
            })
        }
        _ => (said.code == 1146).then(|| first_name(message, '\'')).flatten().map(|it| {
            let name = it.split_once('.').map_or(it, |(_, name)| name);
            ErrorSubject::Table(name.to_owned())
        }),
    };
    let ended = said.code == 1213 || is_lost(found);
    DbError { about, ended, ..DbError::new(kind, message) }
}

/// Which kind an error number is of: <https://mariadb.com/kb/en/mariadb-error-code-reference/>.
fn kind(code: u16) -> DbErrorKind {
    match code {
        1062 | 1169 | 1586 | 1859 => DbErrorKind::Unique,
        1216 | 1217 | 1451 | 1452 | 1557 | 1761 | 1762 => DbErrorKind::ForeignKey,
        1048 | 1263 | 1364 => DbErrorKind::NotNull,
        // A member of an enumeration that it doesn't have: the one way in which a value that fits is cut.
        1265 | 3819 | 4025 => DbErrorKind::Check,
        1020 | 1047 | 1053 | 1180 | 1205 | 1213 | 1927 | 2006 | 2013 => DbErrorKind::Busy,
        1317 | 1969 | 3024 => DbErrorKind::Interrupted,
        1021 | 1026 | 1036 | 1114 | 1290 | 1792 | 1836 => DbErrorKind::CannotWrite,
        1037 | 1038 | 1041 | 1118 | 1153 | 1390 => DbErrorKind::TooLarge,
        1040 | 1044 | 1045 | 1049 | 1129 | 1130 | 1203 | 1226 | 1698 => DbErrorKind::CannotOpen,
        _ => DbErrorKind::Refused,
    }
}

/// Whether it lost against somebody else's transaction, and may hold when it is done again.
pub(super) fn is_lost_race(found: &Error) -> bool {
    matches!(found, Error::MySqlError(said) if matches!(said.code, 1020 | 1213))
}

/// Whether somebody else has had for too long what it waited for.
pub(super) fn is_lock_wait(found: &Error) -> bool {
    matches!(found, Error::MySqlError(said) if said.code == 1205)
}

/// Whether a node of a cluster takes no work any more, and has said so before it did anything.
pub(super) fn is_out_of_cluster(found: &Error) -> bool {
    matches!(found, Error::MySqlError(said) if said.code == 1047)
}

/// Whether the server takes no writes (any more).
pub(super) fn is_read_only(found: &Error) -> bool {
    matches!(found, Error::MySqlError(said) if matches!(said.code, 1290 | 1792 | 1836))
}

/// Whether the connection is none any more, or none that is of use.
pub(super) fn is_lost(found: &Error) -> bool {
    match found {
        Error::IoError(_) | Error::CodecError(_) | Error::TlsError(_) => true,
        Error::MySqlError(said) => matches!(said.code, 1047 | 1053 | 1180 | 1927 | 2006 | 2013),
        Error::DriverError(it) => matches!(
            it,
            DriverError::ConnectTimeout
                | DriverError::CouldNotConnect(_)
                | DriverError::UnexpectedPacket
        ),
        Error::UrlError(_) | Error::FromValueError(_) | Error::FromRowError(_) => false,
    }
}

/// What it says, without what the driver calls it.
fn words(found: &Error) -> String {
    match found {
        Error::IoError(it) => format!("the connection is lost: {it}"),
        Error::DriverError(it) => it.to_string(),
        Error::CodecError(it) => it.to_string(),
        Error::TlsError(it) => it.to_string(),
        other => other.to_string(),
    }
}

/// `email` of `.. for key 'email'`; MySQL has its table before it.
fn last_name(message: &str) -> Option<&str> {
    let (_, name) = message.trim_end_matches('\'').rsplit_once('\'')?;
    Some(name.rsplit_once('.').map_or(name, |(_, name)| name))
}

/// What stands between the first two of these quotes.
fn first_name(message: &str, quote: char) -> Option<&str> {
    let (_, behind) = message.split_once(quote)?;
    Some(behind.split_once(quote)?.0)
}

/// An error of opening a connection.
pub(super) fn opening(found: &Error) -> DbError {
    let fault = match found {
        Error::MySqlError(said) => match said.code {
            1045 | 1698 => Some(ServerFault::Credentials),
            1044 | 1130 | 1142 | 1227 => Some(ServerFault::Rights),
            1049 => Some(ServerFault::Database),
            1040 | 1203 | 1226 => Some(ServerFault::Full),
            1047 | 1053 | 1129 => Some(ServerFault::NotReady),
            _ => None,
        },
        Error::TlsError(_) | Error::DriverError(DriverError::TlsNotSupported) => {
            Some(ServerFault::Certificate)
        }
        Error::DriverError(DriverError::UnknownAuthPlugin(_)) => Some(ServerFault::Credentials),
        _ => Some(ServerFault::Unreachable),
    };
    DbError { kind: DbErrorKind::CannotOpen, ended: false, fault, ..of(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: u16, message: &str, kind: DbErrorKind, about: Option<ErrorSubject>) {
        let state = "HY000".to_owned();
        let said = mysql::MySqlError { state, code, message: message.to_owned() };
        let found = of(&Error::MySqlError(said));
        assert_eq!((found.kind, found.about), (kind, about), "{message}");
    }

    #[test]
    fn errors_are_about_what_their_messages_name() {
        let index = |it: &str| Some(ErrorSubject::Index(it.to_owned()));
        let unique = DbErrorKind::Unique;
        check(1062, "Duplicate entry 'it's' for key 'email'", unique, index("email"));
        check(1062, "Duplicate entry '1' for key 'users.PRIMARY'", unique, index("PRIMARY"));
        let column = |it: &str| Some(ErrorSubject::Columns(vec![it.to_owned()]));
        check(1048, "Column 'name' cannot be null", DbErrorKind::NotNull, column("name"));
        let of_check = |it: &str| Some(ErrorSubject::Check(it.to_owned()));
        let message = "CONSTRAINT `positive` failed for `shop`.`items`";
        check(4025, message, DbErrorKind::Check, of_check("positive"));
        let message = "CONSTRAINT `items.data` failed for `shop`.`items`";
        check(4025, message, DbErrorKind::Check, of_check("data"));
        let table = Some(ErrorSubject::Table("items".to_owned()));
        check(1146, "Table 'shop.items' doesn't exist", DbErrorKind::Refused, table);
    }
}
