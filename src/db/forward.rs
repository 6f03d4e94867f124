//! Databases that hand on what they are asked.

use super::{Database, DbError, Interrupter, KeyViolations, Structure};
use crate::catalog::{Object, ShownColumn, Surroundings, Table};
use crate::sql::{Dialect, SchemaObject};
use crate::value::Value;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::time::Duration;

/// Methods of [`Database`] that do what those of another one do: of `$to`, which is found as `$shared` and as `$changed` within `$own`.
/// `all` are those that give nothing away that is borrowed, `others` those of them that run no statement of a script's.
macro_rules! forward {
    (all: $to:ty, |$own:ident| $shared:expr, $changed:expr) => {
        $crate::db::forward::forward! { @each $to, $own, $shared, $changed;
            fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, DbError>;
            fn execute_with(&mut self, sql: &str, parameters: &mut dyn Iterator<Item = &Value>) -> Result<u64, DbError>;
            fn query(&self, sql: &str, parameters: &[Value], each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>) -> Result<(), DbError>;
            fn query_in_parts(&self, sql: &str, parameters: &[Value], each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>) -> Result<(), DbError>;
        }
        $crate::db::forward::forward! { others: $to, |$own| $shared, $changed }
    };
    (others: $to:ty, |$own:ident| $shared:expr, $changed:expr) => {
        $crate::db::forward::forward! { @each $to, $own, $shared, $changed;
            fn dialect(&self) -> &'static Dialect;
            fn begin(&mut self) -> Result<(), DbError>;
            fn commit(&mut self) -> Result<(), DbError>;
            fn rollback(&mut self) -> Result<(), DbError>;
            fn has_ended(&self) -> bool;
            fn lost_race(&self) -> bool;
            fn is_cluster(&self) -> bool;
            fn exclude_appliers(&mut self) -> Result<(), DbError>;
            fn excludes_appliers(&mut self) -> Result<(), DbError>;
            fn admit_appliers(&mut self) -> Result<(), DbError>;
            fn savepoint(&mut self, depth: usize) -> Result<(), DbError>;
            fn release(&mut self, depth: usize) -> Result<(), DbError>;
            fn rollback_to(&mut self, depth: usize) -> Result<(), DbError>;
            fn last_row(&self) -> i64;
            fn now(&mut self) -> i64;
            fn random(&mut self) -> Result<[u8; 16], DbError>;
            fn foreign_keys(&mut self) -> Result<bool, DbError>;
            fn set_foreign_keys(&mut self, on: bool) -> Result<(), DbError>;
            fn defer_foreign_keys(&mut self, on: bool) -> Result<(), DbError>;
            fn violations(&mut self) -> Result<KeyViolations, DbError>;
            fn objects(&mut self) -> Result<Vec<Object>, DbError>;
            fn shown_columns(&mut self, view: &str) -> Result<Vec<ShownColumn>, DbError>;
            fn surroundings(&mut self) -> Result<Surroundings, DbError>;
            fn schema_objects(&mut self) -> Result<HashSet<SchemaObject>, DbError>;
            fn table(&mut self, name: &str) -> Result<Option<Table>, DbError>;
            fn interrupter(&self) -> Interrupter;
            fn forget_interrupt(&self) -> ();
            fn limit_time(&mut self, most: Option<Duration>) -> Result<(), DbError>;
            fn limit_wait(&mut self, most: Duration) -> Result<(), DbError>;
            fn limit_memory(&mut self, most: u64) -> Result<(), DbError>;
        }
    };
    (@each $to:ty, $own:ident, $shared:expr, $changed:expr;
        $(fn $name:ident(&$($this:ident)+ $(, $argument:ident: $kind:ty)*) -> $result:ty;)*
    ) => {
        $(fn $name(&$($this)+ $(, $argument: $kind)*) -> $result {
            $crate::db::forward::forward!(@call $to, $own, $shared, $changed; $($this)+; $name; $($argument),*)
        })*
    };
    (@call $to:ty, $own:ident, $shared:expr, $changed:expr; mut $this:ident; $name:ident; $($argument:ident),*) => {{
        let $own = $this;
        <$to as Database>::$name($changed, $($argument),*)
    }};
    (@call $to:ty, $own:ident, $shared:expr, $changed:expr; $this:ident; $name:ident; $($argument:ident),*) => {{
        let $own = $this;
        <$to as Database>::$name($shared, $($argument),*)
    }};
}

pub(crate) use forward;

/// A database that is chosen when a program runs.
impl<D: Database + ?Sized> Database for Box<D> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn structure(&mut self) -> Option<&mut dyn Structure> {
        (**self).structure()
    }

    fn keeping_statements(&mut self) -> Box<dyn Database + '_> {
        (**self).keeping_statements()
    }

    forward! { all: D, |own| &**own, &mut **own }
}

/// One that somebody else has.
impl<D: Database + ?Sized> Database for &mut D {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn structure(&mut self) -> Option<&mut dyn Structure> {
        (**self).structure()
    }

    fn keeping_statements(&mut self) -> Box<dyn Database + '_> {
        (**self).keeping_statements()
    }

    forward! { all: D, |own| &**own, &mut **own }
}
