//! Data steps: which tables they write to, and where rows of these are kept.

use super::kept::{KeptBeside, kept_schema};
use crate::client::{Client, RunResult, quoted};
use crate::ir::DataStep;
use crate::source::Span;
use crate::value::Value;
use std::collections::BTreeSet;

/// The tables to which something was written since the transaction began. Of SQL of its own, and where the server doesn't count, all of them.
pub(super) fn written(
    client: &mut Client<'_>,
    at: Span,
    step: &DataStep,
) -> RunResult<BTreeSet<String>> {
    let all = format!(
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') \
         AND n.nspname = current_schema() AND c.relname NOT LIKE '\\_relata\\_%' AND ({} OR current_setting('track_counts') = 'off' \
            OR EXISTS (SELECT 1 FROM pg_stat_xact_user_tables s WHERE s.relid = c.oid AND s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0))",
        step.raw
    );
    Ok(client.texts(at, &all)?.into_iter().collect())
}

pub(super) fn step_tables(migration: u64, table: &str) -> [String; 2] {
    let schema = quoted(&kept_schema(migration));
    [KeptBeside::Before.name_of(table), table.to_owned()]
        .map(|it| format!("{schema}.{}", quoted(&it)))
}

pub(super) fn has_kept_step(
    client: &mut Client<'_>,
    migration: u64,
    table: &str,
) -> RunResult<bool> {
    let sql = "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2";
    let named = [Value::from(kept_schema(migration).as_str()), Value::from(table)];
    Ok(client.row(Span::default(), sql, &named)?.is_some())
}
