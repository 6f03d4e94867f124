//! Relata: a language for data models and the relations between them, and the interpreter that runs it.
//!
//! A host needs a [`Session`]: a database, and what scripts have declared so far.
//!
//! ```
//! use relata::{Error, Session, Sqlite, params};
//!
//! let mut session = Session::new(Sqlite::in_memory()?);
//! session.run("users.schema", "model User { name: STRING }\nsync", &mut Vec::new())?;
//!
//! // What a program gives reaches the database as parameters, whatever is in it.
//! let mut create = session.prepare("User create { name: who }")?;
//! create.run(&mut session, params! { who: "Robert'); DROP TABLE Users; --" })?;
//! let mut count = session.prepare("User count")?;
//! # #[cfg(feature = "serde")]
//! assert_eq!(count.ask::<u64>(&mut session, params! {})?, 1);
//! # Ok::<(), Error>(())
//! ```
//!
//! What is wrong with a script comes back as an [`Error`], all of it at once; [`Session::reports`] gives it files, lines and columns, and
//! each problem has a code that stays.
//!
//! ```
//! use relata::{Error, Session, Sqlite};
//!
//! let mut session = Session::new(Sqlite::in_memory()?);
//! let script = "model User { name: STRING }\nUser hasMny User";
//! let error = session.run("shop.schema", script, &mut Vec::new()).unwrap_err();
//! let report = &session.reports(&error.problems())[0];
//! assert_eq!((report.code, report.places[0].line), ("E0201", 2));
//! assert_eq!(report.help.as_deref(), Some("did you mean `hasMany`?"));
//! # Ok::<(), Error>(())
//! ```
//!
//! | to | there is |
//! |---|---|
//! | run scripts | [`Session::run`], [`Session::rows`] (as they come), [`Session::transaction`], [`Session::prepare`]; [`Session::ask`] for rows as structs |
//! | know what is wrong | [`Session::check`], [`Error`], [`Report`] |
//! | change a database | [`Session::diff`], [`Session::apply`], [`Session::rollback`] |
//! | make texts | [`Session::sql`], [`Session::pull`], [`Session::format`] |
//! | let strangers write scripts | [`Policy`], [`Limits`] |
//! | give scripts files, functions and orders | [`Loader`], [`Files`], [`Sqlite::function`], [`Sqlite::collation`] |
//!
//! With the feature `machinery` the rooms that these are made of are public, too (docs/ARCHITECTURE.md): without any promise.
//!
//! Invariant: nothing here prints, reads a file or looks at the environment; only the room `db` touches the outside.
#![cfg_attr(
    not(feature = "machinery"),
    expect(
        unreachable_pub,
        unused_imports,
        dead_code,
        reason = "what is public in a room is so for whoever asks for the machinery"
    )
)]

#[cfg(not(feature = "machinery"))]
mod ast;
#[cfg(feature = "machinery")]
pub mod ast;
#[cfg(not(feature = "machinery"))]
mod catalog;
#[cfg(feature = "machinery")]
pub mod catalog;
#[cfg(not(feature = "machinery"))]
mod check;
#[cfg(feature = "machinery")]
pub mod check;
mod client;
#[cfg(not(feature = "machinery"))]
mod db;
#[cfg(feature = "machinery")]
pub mod db;
#[cfg(not(feature = "machinery"))]
mod diagnostics;
#[cfg(feature = "machinery")]
pub mod diagnostics;
mod foreign;
#[cfg(not(feature = "machinery"))]
mod ide;
#[cfg(feature = "machinery")]
pub mod ide;
#[cfg(feature = "machinery")]
pub mod import;
#[cfg(not(feature = "machinery"))]
mod ir;
#[cfg(feature = "machinery")]
pub mod ir;
#[cfg(not(feature = "machinery"))]
mod load;
#[cfg(feature = "machinery")]
pub mod load;
#[cfg(not(feature = "machinery"))]
mod migrate;
#[cfg(feature = "machinery")]
pub mod migrate;
#[cfg(not(feature = "machinery"))]
mod plan;
#[cfg(feature = "machinery")]
pub mod plan;
#[cfg(not(feature = "machinery"))]
mod pull;
#[cfg(feature = "machinery")]
pub mod pull;
#[cfg(not(feature = "machinery"))]
mod record;
#[cfg(feature = "machinery")]
pub mod record;
#[cfg(not(feature = "machinery"))]
mod report;
#[cfg(feature = "machinery")]
pub mod report;
#[cfg(not(feature = "machinery"))]
mod run;
#[cfg(feature = "machinery")]
pub mod run;
#[cfg(not(feature = "machinery"))]
mod session;
#[cfg(feature = "machinery")]
pub mod session;
#[cfg(not(feature = "machinery"))]
mod source;
#[cfg(feature = "machinery")]
pub mod source;
#[cfg(not(feature = "machinery"))]
mod sql;
#[cfg(feature = "machinery")]
pub mod sql;
#[cfg(not(feature = "machinery"))]
mod stored;
#[cfg(feature = "machinery")]
pub mod stored;
#[cfg(not(feature = "machinery"))]
mod syntax;
#[cfg(feature = "machinery")]
pub mod syntax;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(not(feature = "machinery"))]
mod value;
#[cfg(feature = "machinery")]
pub mod value;
#[cfg(not(feature = "machinery"))]
mod verbs;
#[cfg(feature = "machinery")]
pub mod verbs;
#[cfg(not(feature = "machinery"))]
mod words;
#[cfg(feature = "machinery")]
pub mod words;

pub use check::Policy;
#[cfg(feature = "sqlite")]
pub use db::Sqlite;
pub use db::{Database, DbError, DbErrorKind, Interrupter};
pub use diagnostics::{Hazard, Loss, Losses, Problem, RunProblem};
pub use load::{Input, LoadError, Loader, MapLoader};
pub use migrate::{Change, ChangeMethod, Migration, Undone};
#[cfg(feature = "serde")]
pub use record::ReadError;
pub use record::{Item, Record as Row};
pub use report::{Place, Report, Severity};
pub use run::{Binding, Environment, Files, FoundRow, Limits, Options, Outcome, Sink, Yield};
pub use session::{Calls, Error, Params, Prepared, Session};
pub use source::Span;
pub use sql::Dialect;
pub use value::Value;

#[cfg(all(doctest, feature = "machinery", feature = "serde", feature = "sqlite"))]
#[doc = include_str!("../docs/guide/06-embedding.md")]
mod guide {}

#[cfg(all(doctest, feature = "machinery"))]
#[doc = include_str!("../README.md")]
mod readme {}
