//! Relata: a language for data models and the relations between them, and the interpreter that runs it.

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
