//! The database that `--db` names.

use relata::db::{DbError, DbErrorKind, Sqlite};
use relata::diagnostics::{Cause, RunProblem};

/// The path of a `--db`.
pub(crate) fn path(url: &str) -> Result<&str, Unusable> {
    if url.is_empty() {
        return Err(Unusable {
            message: "--db is empty".to_owned(),
            help: "give the path of a database, or leave it out for one in memory".to_owned(),
        });
    }
    let Some((scheme, path)) = url.split_once(':') else {
        return Ok(url);
    };
    match scheme {
        "sqlite" => Ok(path.strip_prefix("//").unwrap_or(path)),
        "postgres" | "postgresql" | "mysql" | "mariadb" => Err(Unusable {
            message: format!("running on {scheme} comes later"),
            help: format!(
                "`relata sql --dialect {}` prints the statements for it",
                if scheme.starts_with("postgres") {
                    "postgres"
                } else {
                    "mysql"
                }
            ),
        }),
        _ if path.starts_with("//") => Err(Unusable {
            message: format!("there is no kind of database `{scheme}`"),
            help: "the database is a path, or sqlite:PATH".to_owned(),
        }),
        _ => Ok(url),
    }
}

/// A database that can't be used.
pub(crate) struct Unusable {
    pub(crate) message: String,
    pub(crate) help: String,
}

pub(crate) fn open(path: Option<&str>) -> Result<Sqlite, RunProblem> {
    let Some(path) = path else {
        return Sqlite::in_memory().map_err(|it| opening(it, ":memory:"));
    };
    Sqlite::open(path).map_err(|it| opening(it, path))
}

/// A database that is there: none is made.
pub(crate) fn existing(path: &str) -> Result<Sqlite, RunProblem> {
    if std::path::Path::new(path).exists() {
        return open(Some(path));
    }
    Err(RunProblem::CannotOpen {
        path: path.to_owned(),
        cause: Cause {
            message: "there is no such file".to_owned(),
            code: None,
        },
        help: None,
    })
}

/// A copy of a database, to try changes on.
pub(crate) fn rehearsal(path: &str) -> Result<Sqlite, RunProblem> {
    Sqlite::rehearsal(path).map_err(|it| opening(it, path))
}

pub(crate) fn opening(error: DbError, path: &str) -> RunProblem {
    let path = path.to_owned();
    let cause = Cause {
        message: error.message,
        code: error.code,
    };
    match error.kind {
        DbErrorKind::NotADatabase => RunProblem::NotADatabase {
            path,
            cause,
            at: None,
        },
        DbErrorKind::Busy => RunProblem::Busy { at: None, cause },
        DbErrorKind::CannotWrite => RunProblem::CannotWrite { at: None, cause },
        _ => {
            let folder = std::path::Path::new(&path).parent();
            let missing = folder.filter(|it| !it.as_os_str().is_empty() && !it.exists());
            let help = missing.map(|it| format!("there is no folder `{}`", it.display()));
            RunProblem::CannotOpen { path, cause, help }
        }
    }
}
