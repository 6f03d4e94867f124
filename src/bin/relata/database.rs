//! The database that `--db` names.

#[cfg(feature = "mysql")]
use relata::db::Mysql;
#[cfg(feature = "postgres")]
use relata::db::Postgres;
use relata::db::{Database, DbError, DbErrorKind, Sqlite};
use relata::diagnostics::{Cause, RunProblem};
use relata::sql::Dialect;
use std::time::Duration;

/// What a `--db` means, to every command the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DatabaseLocation {
    /// A new one, that goes with the command.
    Memory,
    File(String),
    /// A server, by its kind and its URL; that may have a password in it.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    Server(ServerKind, String),
}

/// A kind of server.
#[cfg(any(feature = "mysql", feature = "postgres"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServerKind {
    #[cfg(feature = "mysql")]
    Mysql,
    #[cfg(feature = "postgres")]
    Postgres,
}

#[cfg(any(feature = "mysql", feature = "postgres"))]
impl ServerKind {
    /// A URL without its password.
    fn name_of(self, url: &str) -> String {
        match self {
            #[cfg(feature = "mysql")]
            Self::Mysql => Mysql::name_of(url),
            #[cfg(feature = "postgres")]
            Self::Postgres => Postgres::name_of(url),
        }
    }

    const fn dialect(self) -> &'static Dialect {
        match self {
            #[cfg(feature = "mysql")]
            Self::Mysql => Dialect::MARIADB,
            #[cfg(feature = "postgres")]
            Self::Postgres => Dialect::POSTGRES,
        }
    }

    /// A connection, or the name of the database and why there is none.
    fn open(self, url: &str) -> Result<Box<dyn Database>, (String, DbError)> {
        match self {
            #[cfg(feature = "mysql")]
            Self::Mysql => match Mysql::open(url) {
                Ok(database) => Ok(Box::new(database)),
                Err(error) => Err((Mysql::name_of(url), error)),
            },
            #[cfg(feature = "postgres")]
            Self::Postgres => match Postgres::open(url) {
                Ok(database) => Ok(Box::new(database)),
                Err(error) => Err((Postgres::name_of(url), error)),
            },
        }
    }
}

/// A `--db`.
pub(crate) fn place(url: &str) -> Result<DatabaseLocation, Unusable> {
    let unusable = |message: String, help: &str| Err(Unusable { message, help: help.to_owned() });
    let path = match url.split_once(':') {
        Some(("sqlite", path)) => path.strip_prefix("//").unwrap_or(path),
        #[cfg(feature = "postgres")]
        Some((scheme, _)) if matches!(scheme, "postgres" | "postgresql") => {
            return Ok(DatabaseLocation::Server(ServerKind::Postgres, url.to_owned()));
        }
        #[cfg(feature = "mysql")]
        Some((scheme, _)) if matches!(scheme, "mysql" | "mariadb") => {
            return Ok(DatabaseLocation::Server(ServerKind::Mysql, url.to_owned()));
        }
        Some((scheme @ ("postgres" | "postgresql" | "mysql" | "mariadb"), _)) => {
            let (server, feature) = if scheme.starts_with("postgres") {
                ("PostgreSQL", "postgres")
            } else {
                ("MariaDB", "mysql")
            };
            return Err(Unusable {
                message: format!("this build of Relata doesn't run on {server}"),
                help: format!(
                    "`cargo install --path . --features {feature}` builds one that does; `relata sql --dialect {feature}` prints the statements for it"
                ),
            });
        }
        Some((scheme, path)) if scheme.eq_ignore_ascii_case("file") => {
            // A URI of SQLite: its options, and what is written otherwise in it, are more than a path.
            if path.contains(['?', '#', '%']) {
                let help = "the database is a path, or sqlite:PATH";
                return unusable(format!("`{url}` is a URI with more than a path in it"), help);
            }
            match path.strip_prefix("//") {
                Some(path) => path.strip_prefix("localhost").unwrap_or(path),
                None => path,
            }
        }
        Some((scheme, path)) if path.starts_with("//") => {
            let help = "the database is a path, or sqlite:PATH";
            return unusable(format!("there is no kind of database `{scheme}`"), help);
        }
        Some(_) | None => url,
    };
    match path {
        "" => unusable(
            "--db is empty".to_owned(),
            "give the path of a database, or leave it out for one in memory",
        ),
        ":memory:" => Ok(DatabaseLocation::Memory),
        path => Ok(DatabaseLocation::File(path.to_owned())),
    }
}

/// A `--db` that may be left out.
pub(crate) fn location_or_default(url: Option<&str>) -> Result<DatabaseLocation, Unusable> {
    url.map_or(Ok(DatabaseLocation::Memory), place)
}

/// A `--db` as it may be shown: without a password.
pub(crate) fn shown(url: &str) -> String {
    match place(url) {
        #[cfg(any(feature = "mysql", feature = "postgres"))]
        Ok(DatabaseLocation::Server(kind, url)) => kind.name_of(&url),
        Ok(DatabaseLocation::Memory | DatabaseLocation::File(_)) | Err(_) => url.to_owned(),
    }
}

/// A database that can't be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unusable {
    pub(crate) message: String,
    pub(crate) help: String,
}

impl DatabaseLocation {
    /// The SQL that is spoken there.
    pub(crate) const fn dialect(&self) -> &'static Dialect {
        match self {
            Self::Memory | Self::File(_) => Dialect::SQLITE,
            #[cfg(any(feature = "mysql", feature = "postgres"))]
            Self::Server(kind, _) => kind.dialect(),
        }
    }
}

/// The database, whatever it is; a file is made where there is none.
pub(crate) fn connect(place: &DatabaseLocation) -> Result<Box<dyn Database>, RunProblem> {
    match place {
        DatabaseLocation::Memory | DatabaseLocation::File(_) => {
            open(place).map(|it| Box::new(it) as Box<dyn Database>)
        }
        #[cfg(any(feature = "mysql", feature = "postgres"))]
        DatabaseLocation::Server(kind, url) => {
            kind.open(url).map_err(|(path, error)| RunProblem::CannotOpen {
                path,
                cause: Cause { message: error.message, code: error.code },
                help: error.fault.map(|it| it.help().to_owned()),
            })
        }
    }
}

/// The same database, which waits so long for what somebody else has locked.
pub(crate) fn waiting(
    mut database: Box<dyn Database>,
    most: Option<Duration>,
) -> Result<Box<dyn Database>, RunProblem> {
    if let Some(most) = most {
        let set = database.limit_wait(most);
        set.map_err(|it| opening(it, database.name()))?;
    }
    Ok(database)
}

/// What is for files alone so far.
#[cfg(any(feature = "mysql", feature = "postgres"))]
fn not_on_server(place: &DatabaseLocation) -> RunProblem {
    let title = place.dialect().title;
    RunProblem::NotOnServer { what: "this command".to_owned(), title, at: None }
}

/// The file, which is made where there is none.
pub(crate) fn open(place: &DatabaseLocation) -> Result<Sqlite, RunProblem> {
    match place {
        DatabaseLocation::Memory => Sqlite::in_memory().map_err(|it| opening(it, ":memory:")),
        DatabaseLocation::File(path) => Sqlite::open(path).map_err(|it| opening(it, path)),
        #[cfg(any(feature = "mysql", feature = "postgres"))]
        DatabaseLocation::Server(..) => Err(not_on_server(place)),
    }
}

/// A database that is there: none is made.
pub(crate) fn existing(place: &DatabaseLocation) -> Result<Box<dyn Database>, RunProblem> {
    match place {
        DatabaseLocation::Memory | DatabaseLocation::File(_) => {
            existing_file(place).map(|it| Box::new(it) as Box<dyn Database>)
        }
        #[cfg(any(feature = "mysql", feature = "postgres"))]
        DatabaseLocation::Server(..) => connect(place),
    }
}

/// A file that is there.
pub(crate) fn existing_file(place: &DatabaseLocation) -> Result<Sqlite, RunProblem> {
    match place {
        DatabaseLocation::File(path) if !std::path::Path::new(path).exists() => {
            Err(RunProblem::CannotOpen {
                path: path.clone(),
                cause: Cause { message: "there is no such file".to_owned(), code: None },
                help: None,
            })
        }
        DatabaseLocation::Memory | DatabaseLocation::File(_) => open(place),
        #[cfg(any(feature = "mysql", feature = "postgres"))]
        DatabaseLocation::Server(..) => open(place),
    }
}

/// A database to be read, and nothing else.
pub(crate) fn read_only(place: &DatabaseLocation) -> Result<Box<dyn Database>, RunProblem> {
    match place {
        DatabaseLocation::Memory => connect(place),
        DatabaseLocation::File(path) => {
            let opened = Sqlite::read_only(path).map_err(|it| opening(it, path))?;
            Ok(Box::new(opened))
        }
        #[cfg(any(feature = "mysql", feature = "postgres"))]
        DatabaseLocation::Server(..) => connect(place),
    }
}

pub(crate) fn opening(error: DbError, path: &str) -> RunProblem {
    let path = path.to_owned();
    let cause = Cause { message: error.message, code: error.code };
    match error.kind {
        DbErrorKind::NotADatabase => RunProblem::NotADatabase { path, cause, at: None },
        DbErrorKind::Busy => RunProblem::Busy { at: None, cause },
        DbErrorKind::OutcomeUnknown => RunProblem::OutcomeUnknown { at: None, cause },
        DbErrorKind::CannotWrite => RunProblem::CannotWrite { at: None, cause },
        DbErrorKind::Interrupted => RunProblem::Interrupted { at: None },
        DbErrorKind::Late => RunProblem::TooLong { at: None, cause },
        _ => {
            let file = std::path::Path::new(&path);
            let folder = file.parent();
            let missing = folder.filter(|it| !it.as_os_str().is_empty() && !it.exists());
            let is_new = !path.contains("://") && !file.exists();
            let help = match missing {
                Some(it) => Some(format!("there is no folder `{}`: make it first", it.display())),
                None => is_new.then(|| {
                    "there is no such file: `relata apply` and `relata run` make one".to_owned()
                }),
            };
            RunProblem::CannotOpen { path, cause, help }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DatabaseLocation, Unusable, place};

    #[test]
    fn a_name_means_one_database() {
        let rows = [
            ("a.db", Ok("a.db")),
            ("sqlite:a.db", Ok("a.db")),
            ("sqlite:///x/a.db", Ok("/x/a.db")),
            ("file:a.db", Ok("a.db")),
            ("FILE:a.db", Ok("a.db")),
            ("file:///x/a.db", Ok("/x/a.db")),
            ("file://localhost/x/a.db", Ok("/x/a.db")),
            ("c:a.db", Ok("c:a.db")),
            (":memory:", Ok("")),
            ("sqlite::memory:", Ok("")),
            ("file::memory:", Ok("")),
            ("file:a.db?mode=ro", Err("is a URI")),
            ("file:a%20b.db", Err("is a URI")),
            ("file::memory:?cache=shared", Err("is a URI")),
            ("", Err("--db is empty")),
            ("sqlite:", Err("--db is empty")),
            ("file:", Err("--db is empty")),
            ("http://a.db", Err("no kind of database `http`")),
            #[cfg(not(feature = "postgres"))]
            ("postgres://x", Err("doesn't run on PostgreSQL")),
            #[cfg(not(feature = "mysql"))]
            ("mysql://x", Err("doesn't run on MariaDB")),
        ];
        for (url, expected) in rows {
            match (place(url), expected) {
                (Ok(DatabaseLocation::Memory), Ok("")) => {}
                (Ok(DatabaseLocation::File(path)), Ok(expected)) => {
                    assert_eq!(path, expected, "{url}");
                }
                (Err(Unusable { message, .. }), Err(expected)) => {
                    assert!(message.contains(expected), "{url}: {message}");
                }
                (found, _) => panic!("{url}: {found:?}"),
            }
        }
    }
}
