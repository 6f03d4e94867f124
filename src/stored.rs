//! The statement that SQLite keeps of a table: read into its parts, and edited.
//!
//! SQLite keeps the text of each `CREATE TABLE` as it was written. What is changed of a table is changed in that text, part
//! by part, so that whatever Relata has no words for (a comment, `ON CONFLICT`, `COLLATE`) stays as it is.
//!
//! ```
//! use relata::stored::{ClauseKind, Edits, CreateTable};
//!
//! let sql = "CREATE TABLE t (a INT /* why */ NOT NULL, b TEXT)";
//! let statement = CreateTable::read(sql).unwrap();
//! let clause = &statement.columns[0].clauses[0];
//! assert_eq!(clause.kind, ClauseKind::NotNull);
//! let mut edits = Edits::default();
//! edits.remove(clause.range.clone());
//! assert_eq!(edits.apply(sql), "CREATE TABLE t (a INT /* why */, b TEXT)");
//! ```
//!
//! Invariant: a text is cut at tokens only, and what isn't edited stays, byte by byte.

mod comments;
mod edits;
mod facts;
mod index;
mod layout;
mod object;
mod rename;
mod statement;
mod texts;
mod token;
mod view;

pub use comments::remarks_in;
pub use edits::Edits;
pub use index::index;
pub use layout::laid_out;
pub use object::{definition, same_object};
pub use rename::{names_itself, renamed};
pub use statement::{Clause, ClauseKind, ClausePlace, ColumnRange, CreateTable};
pub use texts::{
    data_type, default_of, default_value, normalized_default, quoted, quoted_text, with_names,
    with_texts,
};
pub use token::{
    SqlToken, SqlTokenKind, as_kept, bracketed, comments, is_virtual, normalized, tokens,
};
pub use view::{
    ColumnPlace, NamedColumn, QueryColumns, SqlExpression, SqlOperator, ViewOrder, ViewQuery,
    ViewSource,
};
