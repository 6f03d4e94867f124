//! A database that is chosen when a program runs.

use super::{Database, DbError, Interrupter, KeyViolations, Structure};
use crate::catalog::{Object, ShownColumn, Surroundings, Table};
use crate::sql::{Dialect, SchemaObject};
use crate::value::Value;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::time::Duration;

/// What each method does: what the database in the box does.
macro_rules! forward {
    ($(fn $name:ident(&$($own:ident)+ $(, $argument:ident: $kind:ty)*) -> $result:ty;)*) => {
        $(fn $name(&$($own)+ $(, $argument: $kind)*) -> $result {
            forward!(@own $($own)+).$name($($argument),*)
        })*
    };
    (@own mut $own:ident) => { (**$own) };
    (@own $own:ident) => { (**$own) };
}

impl<D: Database + ?Sized> Database for Box<D> {
    forward! {
        fn name(&self) -> &str;
        fn dialect(&self) -> &'static Dialect;
        fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, DbError>;
        fn execute_with(&mut self, sql: &str, parameters: &mut dyn Iterator<Item = &Value>) -> Result<u64, DbError>;
        fn query(&self, sql: &str, parameters: &[Value], each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>) -> Result<(), DbError>;
        fn query_in_parts(&self, sql: &str, parameters: &[Value], each: &mut dyn FnMut(&mut [Value]) -> ControlFlow<()>) -> Result<(), DbError>;
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
        fn structure(&mut self) -> Option<&mut dyn Structure>;
        fn interrupter(&self) -> Interrupter;
        fn forget_interrupt(&self) -> ();
        fn limit_time(&mut self, most: Option<Duration>) -> Result<(), DbError>;
        fn limit_wait(&mut self, most: Duration) -> Result<(), DbError>;
        fn limit_memory(&mut self, most: u64) -> Result<(), DbError>;
    }
}
