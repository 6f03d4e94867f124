//! From what scripts mean to statements: which, and in what order.
//!
//! [`create`] and [`drop`] give the statements that make and unmake a schema; [`problems`] says what a database lacks for
//! it. [`Planner`] plans what a query reads, and what is written. Statements know what they are about ([`crate::sql::Statement::object`]), so a runner can leave out what exists.
//!
//! Invariant: nothing here spells SQL, and nothing asks which database it is; the fields of a
//! [`Dialect`](crate::sql::Dialect) say what there is.

mod copy;
mod create;
mod former;
mod key_order;
mod order;
mod problems;
mod select;
mod write;

use select::included_list;

pub use copy::RowCopy;
pub use create::{create, create_model, drop, script, texts};
pub use former::{former_columns, former_tables};
pub use order::order;
pub use problems::problems;
pub use select::{CHUNK, Child, Collation, KeyColumn, Planner, Selection};

pub use write::{Condition, Conflict, Set, keys_of, model_shape};

#[cfg(test)]
mod tests;
