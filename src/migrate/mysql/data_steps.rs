//! Data steps: which tables they may write to, and where rows of these are kept.

use super::kept::name_of;
use crate::catalog::{ForeignKeyAction, ObjectKind};
use crate::client::{Client, RunResult, quoted};
use crate::ir::DataStep;
use crate::migrate::StepOutcome;
use crate::source::Span;
use std::collections::BTreeSet;

/// How the name begins of what keeps the rows of a table while a step runs.
const BEFORE: &str = "_relata_before_";

/// A table, with what is written when rows of it are.
struct WrittenTable {
    name: String,
    /// The tables to which it refers so that its rows change with theirs.
    follows: Vec<String>,
    triggers: Vec<String>,
}

/// All tables whose name stands in a statement that wrote, or in what such a one sets off: triggers, routines, foreign keys. The server tells
/// nobody to what it has written; of SQL of its own all tables are taken.
pub(super) fn written(
    client: &mut Client<'_>,
    at: Span,
    step: &DataStep,
    done: &StepOutcome,
) -> RunResult<BTreeSet<String>> {
    let there = client.ask(at, |it| it.objects())?;
    let mut tables = Vec::new();
    for object in there.iter().filter(|it| it.kind() == ObjectKind::Table) {
        let Some(table) = client.ask(at, |it| it.table(&object.name))? else { continue };
        let of_table = there.iter().filter(|it| it.kind() == ObjectKind::Trigger);
        let triggers = of_table.filter(|it| it.table == object.name);
        let moves = [ForeignKeyAction::NoAction, ForeignKeyAction::Restrict];
        let follows = table
            .keys
            .iter()
            .filter(|it| !(moves.contains(&it.on_delete) && moves.contains(&it.on_update)));
        tables.push(WrittenTable {
            follows: follows.map(|it| it.table.clone()).collect(),
            triggers: triggers.filter_map(|it| it.sql.clone()).collect(),
            name: table.name,
        });
    }
    if step.raw {
        return Ok(tables.into_iter().map(|it| it.name).collect());
    }
    let routines = "SELECT concat(routine_name, char(1), coalesce(routine_definition, '')) FROM information_schema.routines WHERE routine_schema = database()";
    let mut routines: Vec<String> = client.texts(at, routines)?;
    let mut texts: Vec<String> = done.sql.iter().map(|it| it.text.to_lowercase()).collect();
    let mut res = BTreeSet::new();
    loop {
        let before = res.len() + texts.len();
        routines.retain(|routine| {
            let (name, text) = routine.split_once('\u{1}').unwrap_or((routine, ""));
            let is_called = texts.iter().any(|it| it.contains(&name.to_lowercase()));
            texts.extend(is_called.then(|| text.to_lowercase()));
            !is_called
        });
        for table in &tables {
            let name = table.name.to_lowercase();
            let is_named = texts.iter().any(|it| it.contains(&name));
            let follows = table.follows.iter().any(|it| res.contains(it));
            if (is_named || follows) && res.insert(table.name.clone()) {
                texts.extend(table.triggers.iter().map(|it| it.to_lowercase()));
            }
        }
        if res.len() + texts.len() == before {
            return Ok(res);
        }
    }
}

pub(super) fn step_tables(migration: u64, table: &str) -> [String; 2] {
    let before = format!("{BEFORE}{table}");
    [name_of(migration, &before), name_of(migration, table)].map(|it| quoted(&it))
}
