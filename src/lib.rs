//! Relata: a language for data models and the relations between them, and the interpreter that runs it.
pub mod ast;
pub mod diagnostics;
pub mod ir;
pub mod plan;
pub mod source;
pub mod sql;
pub mod value;
pub mod words;
