//! A database that stands between a test and another one.

/// A [`Database`](relata::db::Database) that hands on to its field `inner` whatever it is asked, after `self.$guard()?` where that may fail. What is
/// its own stands in braces: how it executes, commits, and what structure it has.
#[macro_export]
macro_rules! guarded_database {
    ($guarded:ty, $guard:ident, { $($own:tt)* }) => {
        impl ::relata::db::Database for $guarded {
            $($own)*

            fn name(&self) -> &str {
                self.inner.name()
            }

            fn dialect(&self) -> &'static ::relata::sql::Dialect {
                self.inner.dialect()
            }

            fn execute_with(
                &mut self,
                sql: &str,
                parameters: &mut dyn Iterator<Item = &::relata::value::Value>,
            ) -> Result<u64, ::relata::db::DbError> {
                self.$guard()?;
                self.inner.execute_with(sql, parameters)
            }

            fn query(
                &self,
                sql: &str,
                parameters: &[::relata::value::Value],
                each: &mut dyn FnMut(&mut [::relata::value::Value]) -> ::std::ops::ControlFlow<()>,
            ) -> Result<(), ::relata::db::DbError> {
                self.$guard()?;
                self.inner.query(sql, parameters, each)
            }

            fn query_in_parts(
                &self,
                sql: &str,
                parameters: &[::relata::value::Value],
                each: &mut dyn FnMut(&mut [::relata::value::Value]) -> ::std::ops::ControlFlow<()>,
            ) -> Result<(), ::relata::db::DbError> {
                self.$guard()?;
                self.inner.query_in_parts(sql, parameters, each)
            }

            fn begin(&mut self) -> Result<(), ::relata::db::DbError> {
                self.$guard()?;
                self.inner.begin()
            }

            fn rollback(&mut self) -> Result<(), ::relata::db::DbError> {
                self.inner.rollback()
            }

            fn has_ended(&self) -> bool {
                self.inner.has_ended()
            }

            fn is_cluster(&self) -> bool {
                self.inner.is_cluster()
            }

            fn exclude_appliers(&mut self) -> Result<(), ::relata::db::DbError> {
                self.$guard()?;
                self.inner.exclude_appliers()
            }

            fn excludes_appliers(&mut self) -> Result<(), ::relata::db::DbError> {
                self.$guard()?;
                self.inner.excludes_appliers()
            }

            fn admit_appliers(&mut self) -> Result<(), ::relata::db::DbError> {
                self.inner.admit_appliers()
            }

            fn savepoint(&mut self, depth: usize) -> Result<(), ::relata::db::DbError> {
                self.$guard()?;
                self.inner.savepoint(depth)
            }

            fn release(&mut self, depth: usize) -> Result<(), ::relata::db::DbError> {
                self.$guard()?;
                self.inner.release(depth)
            }

            fn rollback_to(&mut self, depth: usize) -> Result<(), ::relata::db::DbError> {
                self.inner.rollback_to(depth)
            }

            fn last_row(&self) -> i64 {
                self.inner.last_row()
            }

            fn now(&mut self) -> i64 {
                self.inner.now()
            }

            fn random(&mut self) -> Result<[u8; 16], ::relata::db::DbError> {
                self.$guard()?;
                self.inner.random()
            }

            fn foreign_keys(&mut self) -> Result<bool, ::relata::db::DbError> {
                self.$guard()?;
                self.inner.foreign_keys()
            }

            fn set_foreign_keys(&mut self, on: bool) -> Result<(), ::relata::db::DbError> {
                self.inner.set_foreign_keys(on)
            }

            fn violations(&mut self) -> Result<::relata::db::KeyViolations, ::relata::db::DbError> {
                self.$guard()?;
                self.inner.violations()
            }

            fn objects(&mut self) -> Result<Vec<::relata::catalog::Object>, ::relata::db::DbError> {
                self.$guard()?;
                self.inner.objects()
            }

            fn schema_objects(&mut self) -> Result<::std::collections::HashSet<::relata::sql::SchemaObject>, ::relata::db::DbError> {
                self.$guard()?;
                self.inner.schema_objects()
            }

            fn table(&mut self, name: &str) -> Result<Option<::relata::catalog::Table>, ::relata::db::DbError> {
                self.$guard()?;
                self.inner.table(name)
            }

            fn defer_foreign_keys(&mut self, on: bool) -> Result<(), ::relata::db::DbError> {
                self.$guard()?;
                self.inner.defer_foreign_keys(on)
            }

            fn interrupter(&self) -> ::relata::db::Interrupter {
                self.inner.interrupter()
            }

            fn forget_interrupt(&self) {
                self.inner.forget_interrupt();
            }

            fn limit_time(&mut self, most: Option<::std::time::Duration>) -> Result<(), ::relata::db::DbError> {
                self.inner.limit_time(most)
            }

            fn limit_memory(&mut self, most: u64) -> Result<(), ::relata::db::DbError> {
                self.inner.limit_memory(most)
            }
        }
    };
}
