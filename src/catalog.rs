//! What a database has, as data: tables with their columns, keys, checks and indexes; views and triggers by their statements.
//!
//! Each database fills it from what it knows of itself, and the statements of a script are read into the same. Invariant: what two
//! spellings share is compared ([`Fragment`]), so that whoever compares never reads SQL.

mod check;
mod difference;
mod fragment;
mod name;
mod object;
mod surroundings;
mod table;

pub use check::{CheckConstraint, same_checks};
pub use difference::{Difference, KeyRespect, Respect, differences};
pub use fragment::Fragment;
pub use name::{Name, NameRef};
pub use object::{
    Definition, Object, ObjectKind, Sequence, ShownColumn, TableStorage, TriggerDefinition,
    TriggerEvent, TriggerTiming, ViewDefinition,
};
pub use surroundings::{Surroundings, TableComment};
pub use table::{
    Column, ConstraintTiming, ForeignKeyAction, ForeignKeyConstraint, Generated, IndexOrigin,
    IndexedColumn, Table, TableIndex, TableOptions,
};
