//! Relata: a language for data models and the relations between them, and the interpreter that runs it.
//!
//! A host holds a [`session::Session`]: a database, and scripts that run on it one after the other.
//!
//! ```
//! use relata::db::{Database, Sqlite};
//! use relata::session::Session;
//!
//! let mut session = Session::new(Sqlite::in_memory()?);
//! let script = "model User { name: STRING }\nmodel Invoice { amount: INTEGER }\nInvoice belongsTo User\nsync";
//! let mut outcomes = Vec::new();
//! session.run("shop.schema", script, &mut outcomes)?;
//!
//! let tables = session.database().objects()?;
//! assert_eq!(tables.len(), 2);
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
//! The stages are public too: [`load`] and [`syntax`] read scripts, [`check`](mod@check) finds out what they mean ([`ir`]),
//! [`plan`] and [`sql`] turn that into statements, [`run`](mod@run) carries steps out on a [`db`].
//!
//! Nothing here prints, and nothing touches a file but the database: `import` asks the [`load::Loader`] that the host gives.

pub mod ast;
pub mod check;
pub mod db;
pub mod diagnostics;
pub mod ir;
pub mod load;
pub mod plan;
pub mod report;
pub mod run;
pub mod session;
pub mod source;
pub mod sql;
pub mod syntax;
pub mod value;
pub mod verbs;
pub mod words;
