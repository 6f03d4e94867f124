//! What a database says no with.

/// An error of a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DbError {
    /// Which kind it is.
    pub kind: DbErrorKind,
    /// In the database's words.
    pub message: String,
    /// Its extended result code.
    pub code: Option<i32>,
    /// The byte of the statement at which it stopped reading.
    pub offset: Option<usize>,
    /// What of the structure it is about, where the database says so.
    pub about: Option<ErrorSubject>,
    /// Whether the transaction has ended by it, and all of it is undone.
    pub ended: bool,
    /// Why a server can't be used, where that is what it says.
    pub fault: Option<ServerFault>,
}

/// Why a server can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerFault {
    /// The URL is none.
    Url,
    /// Nobody answers there.
    Unreachable,
    /// It doesn't know the user, or the password is another.
    Credentials,
    /// It has no such database.
    Database,
    /// The user may not use it.
    Rights,
    /// Nothing proves who it is.
    Certificate,
    /// It takes no more connections.
    Full,
    /// It is another kind of server, or too old.
    Version,
    /// It answers, and takes no work.
    NotReady,
    /// It holds bytes that are no text.
    Encoding,
}

impl ServerFault {
    /// Whether all servers of one database would say the same.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(super) const fn is_of_all(self) -> bool {
        match self {
            Self::Url | Self::Credentials | Self::Database | Self::Rights => true,
            Self::Unreachable
            | Self::Certificate
            | Self::Full
            | Self::Version
            | Self::NotReady
            | Self::Encoding => false,
        }
    }

    /// What to do about it.
    pub const fn help(self) -> &'static str {
        match self {
            Self::Url => {
                "it is `postgres://user:password@host:port/database`, or `mysql://..`; several servers stand as `host:port,host:port`"
            }
            Self::Unreachable => "does the server run, and are host and port those of the URL?",
            Self::Credentials => {
                "look at the user and the password: the URL's, or those of PGUSER, PGPASSWORD, ~/.pgpass or MYSQL_PWD"
            }
            Self::Database => {
                "a server makes no database by itself: run `CREATE DATABASE` there first"
            }
            Self::Rights => "whoever looks after the server has to give the user that right",
            Self::Certificate => {
                "`sslrootcert=FILE` in the URL names certificates to trust; `sslmode=require` asks for no proof of who the server is"
            }
            Self::Full => {
                "the server has as many connections as it takes: end some, or let it take more (`max_connections`)"
            }
            Self::Version => "use a server of a version that Relata runs on",
            Self::Encoding => {
                "the database holds bytes that are no UTF-8: correct these rows, and make it one of the encoding UTF8"
            }
            Self::NotReady => {
                "try again when it takes work, or name other servers of the same cluster: `host:port,host:port`"
            }
        }
    }
}

/// What of a database's structure an error is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorSubject {
    /// Columns, each behind its table and a dot: a null in one of them, or what only one row may have.
    Columns(Vec<String>),
    /// A unique index.
    Index(String),
    /// A check: its name, or its expression.
    Check(String),
    /// A table that isn't there.
    Table(String),
}

impl ErrorSubject {
    /// The columns that it is about, where all of them are that table's.
    pub fn columns_of(&self, table: &str) -> Option<Vec<&str>> {
        let Self::Columns(columns) = self else {
            return None;
        };
        let each = columns.iter().map(|it| it.strip_prefix(table)?.strip_prefix('.'));
        each.collect()
    }
}

/// The kinds of error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DbErrorKind {
    /// Two rows where one may be.
    Unique,
    /// A reference to nothing.
    ForeignKey,
    /// A null where none may be.
    NotNull,
    /// A check that doesn't hold.
    Check,
    /// Someone else has it.
    Busy,
    /// It can't be opened.
    CannotOpen,
    /// It is no database, or a broken one.
    NotADatabase,
    /// The disk is full, or fails, or may only be read.
    CannotWrite,
    /// Someone stopped it.
    Interrupted,
    /// Its time is up.
    Late,
    /// It needs more memory than it may.
    TooLarge,
    /// What a script may not do.
    Forbidden,
    /// The connection was lost before the database said whether what it was asked for is kept.
    OutcomeUnknown,
    /// The transaction is over: the database has undone it by itself.
    Undone,
    /// Anything else: the statement isn't one that the database takes.
    Refused,
}

impl DbErrorKind {
    /// Whether the statement itself is refused, wherever it may run, and nothing has happened to it.
    pub const fn is_of_statement(self) -> bool {
        matches!(self, Self::Refused | Self::Forbidden)
    }
}

impl DbError {
    /// Whether a row is at fault: it breaks a rule of its table.
    pub const fn is_constraint(&self) -> bool {
        matches!(
            self.kind,
            DbErrorKind::Unique
                | DbErrorKind::ForeignKey
                | DbErrorKind::NotNull
                | DbErrorKind::Check
        )
    }

    /// An error that the database itself didn't say.
    #[cold]
    pub fn new(kind: DbErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            code: None,
            offset: None,
            about: None,
            ended: false,
            fault: None,
        }
    }
}

/// `256 MB`
pub(crate) fn in_words(bytes: u64) -> String {
    match bytes >> 20 {
        0 => format!("{} kB", bytes >> 10),
        it => format!("{it} MB"),
    }
}
