//! Relata: a language for data models and the relations between them, and the interpreter that runs it.
//!
//! Most programs need a [`Session`](session::Session): a database and what scripts declared so far.
//!
//! ```
//! use relata::db::Sqlite;
//! use relata::run::{Outcome, Yield};
//! use relata::session::Session;
//!
//! let mut session = Session::new(Sqlite::in_memory()?);
//! let mut outcomes: Vec<Outcome> = Vec::new();
//! session.run("users.schema", "model User { name: STRING }\nsync", &mut outcomes)?;
//! assert!(matches!(&outcomes[0].result, Yield::Ddl(statements) if statements.len() == 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What is wrong with a script comes back as [`diagnostics::Problem`]s, all of them at once, each with a stable code;
//! [`report::reports`] gives them files, lines and columns.
//!
//! ```
//! use relata::db::Sqlite;
//! use relata::report;
//! use relata::session::Session;
//!
//! let mut session = Session::new(Sqlite::in_memory()?);
//! let problems = session.check("shop.schema", "model User { name: STRING }\nUser hasMny User");
//! let report = &report::reports(session.sources(), &problems)[0];
//! assert_eq!((report.code.as_str(), report.places[0].line), ("E0201", 2));
//! assert_eq!(report.help.as_deref(), Some("did you mean `hasMany`?"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The stages that it puts together can be used one by one: [`syntax::parse`] makes sentences of a text, [`load`]
//! follows their imports, [`check::check`] finds their meaning, [`plan::create`] the statements, [`sql`] spells them for a
//! [`Dialect`](sql::Dialect), [`run::run`] carries steps out on a [`Database`](db::Database). What is wrong is a
//! [`Problem`](diagnostics::Problem), and [`report`] tells it to people and tools.
//!
//! Invariant: nothing here prints, reads a file or looks at the environment; only [`db`] touches the outside.

pub mod ast;
pub mod catalog;
pub mod check;
mod client;
pub mod db;
pub mod diagnostics;
pub mod ide;
pub mod ir;
pub mod load;
pub mod migrate;
pub mod plan;
pub mod pull;
pub mod record;
pub mod report;
pub mod run;
pub mod session;
pub mod source;
pub mod sql;
pub mod stored;
pub mod syntax;
pub mod value;
pub mod verbs;
pub mod words;

#[cfg(all(doctest, feature = "serde", feature = "sqlite"))]
#[doc = include_str!("../docs/guide/06-embedding.md")]
mod guide {}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
