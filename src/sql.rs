//! SQL, as each database spells it.
//!
//! [`Dialect`] holds what databases differ in. A [`Statement`] says what is to be done, by ids into a schema, and knows
//! what [`SchemaObject`] it is about; [`render`] spells it. A [`Writer`] is where all text comes from: names are quoted there
//! and nowhere else, and so are values, which stand in the text in DDL and are collected as parameters elsewhere.
//!
//! ```
//! use relata::ir::{Expression, Model};
//! use relata::sql::{Dialect, Writer};
//! use relata::value::Value;
//!
//! let mut writer = Writer::inline(Dialect::MYSQL);
//! writer.expression(&Model::default(), &Expression::Literal(Value::Text("it's".into())));
//! assert_eq!(writer.finish().text, "'it''s'");
//! ```
//!
//! Invariant: this is the only room that asks which database it is, and it decides nothing but spelling.

mod affinity;
mod column;
mod dates;
mod ddl;
mod dialect;
mod dml;
mod edits;
mod expression;
mod held;
mod object;
mod select;
mod statement;
mod tree;
mod types;
mod writer;

pub use affinity::{Affinity, StrictType, ValueClass};
pub use column::{check_clauses, comment_of, enumeration_check};
pub use ddl::{is_clause, is_text, needs_comment};
pub use dialect::{
    Comments, Dialect, DialectKind, DocumentKeys, Enumerations, NameLength, Namespace, Placeholder,
    ShownOfGroup,
};
pub use dml::{Delete, Insert, InsertSource, Sets, Update, Upsert, count_on};
pub use edits::{has_value_at, in_kept_form, with_values_at};
pub use held::ListAggregate;
pub use object::{Created, SchemaObject, SchemaObjectKind, created};
#[cfg(feature = "mysql")]
pub use statement::render_key;
pub use statement::{Statement, render, write};
pub use tree::{
    HeldColumn, HeldTable, Layers, Linked, QueryContext, ResultColumn, Select, Slice, Sorting,
    TableRow, Tables, Term, leads_to_one, over_held, required, rows_of,
};
pub use types::{SpellingFault, column_type, spelling_fault, type_text};
pub use writer::{KeyParameters, Sql, Writer};

#[cfg(test)]
mod tests;
