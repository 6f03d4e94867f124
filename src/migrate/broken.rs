//! Views and triggers that a change would break.

use super::alter_engine;
use super::alteration::{Alteration, TableAlteration, change};
use super::existing::objects_beside;
use crate::catalog::{Definition, Name, ObjectKind};
use crate::client::Client;
use crate::client::RunResult;
use crate::diagnostics::HazardKind;
use crate::migrate::{Change, ChangeMethod, Sign};
use std::collections::BTreeMap;

/// A view, or a table with its triggers.
pub(super) type ObjectKey = (ObjectKind, Name);

/// Which views and triggers don't work, and what those that do read as texts.
#[derive(Debug, Default)]
pub(in crate::migrate) struct BrokenObjects {
    /// Why they don't.
    pub(super) why: BTreeMap<ObjectKey, String>,
    /// Those that have something in double quotes.
    pub(super) quoting: BTreeMap<ObjectKey, QuotedTexts>,
}

/// Statements that have something in double quotes: a name, or a text where nothing is called so.
#[derive(Debug)]
pub(super) struct QuotedTexts {
    /// What is kept of them.
    pub(super) sql: Vec<String>,
    /// What of it are texts.
    pub(super) texts: Vec<String>,
}

impl BrokenObjects {
    /// Whether all of them work.
    pub(in crate::migrate) fn is_empty(&self) -> bool {
        self.why.is_empty()
    }

    /// What doesn't work that did before, and why, by name: a name that is gone may be taken for a text.
    pub(in crate::migrate) fn since(&self, before: &Self) -> Vec<(ObjectKind, &str, String)> {
        let mut new = Vec::new();
        for (key, why) in &self.why {
            if !before.why.contains_key(key) {
                new.push((key.0, key.1.as_str(), why.clone()));
            }
        }
        for (key, now) in &self.quoting {
            let Some(before) = before.quoting.get(key).filter(|it| it.sql == now.sql) else {
                continue;
            };
            let mut left = before.texts.clone();
            let more = now.texts.iter().find(|text| {
                let known = left.iter().position(|it| it == *text);
                known.map(|at| left.swap_remove(at)).is_none()
            });
            if let Some(text) = more {
                new.push((key.0, key.1.as_str(), format!("no such column: {text}")));
            }
        }
        new.sort_by(|a, b| a.1.cmp(b.1));
        new
    }
}

/// Refuses what breaks something that was not broken before.
pub(super) fn refuse_broken_objects(
    client: &mut Client<'_>,
    alter: &Alteration,
    before: &BrokenObjects,
    changes: &mut Vec<Change>,
) -> RunResult<()> {
    let broken = alter_engine(client.database)?.broken(client, alter.at)?;
    for (kind, name, why) in broken.since(before) {
        let view = kind == ObjectKind::View;
        let broken = HazardKind::BreaksObject { view, name: name.to_owned(), why };
        let problem = alter.hazard(broken, None);
        let what = problem.to_string();
        alter.refuse(problem.clone());
        changes.push(Change {
            refused: vec![problem],
            ..change(name, (Sign::Change, kind.into(), what), ChangeMethod::Refused, Vec::new())
        });
    }
    Ok(())
}

/// Refuses that a column goes of whose updates a trigger is: SQLite would let it be, and the trigger would never fire.
pub(super) fn refuse_triggers_of_dropped(
    client: &mut Client<'_>,
    alter: &Alteration,
    task: &TableAlteration<'_>,
) -> RunResult<()> {
    if task.todo.dropped.is_empty() {
        return Ok(());
    }
    for trigger in objects_beside(client, alter.at, &task.current.name)? {
        let Definition::Trigger(fires) = &trigger.definition else { continue };
        for column in task.todo.dropped.iter().filter(|it| fires.is_of_column(it)) {
            let kind = HazardKind::TriggerOfColumn {
                trigger: trigger.name.clone(),
                column: column.clone(),
                table: task.current.name.clone(),
            };
            let declared = client.scripts.schema[task.table.model].span;
            alter.refuse(alter.hazard(kind, Some(declared)));
        }
    }
    Ok(())
}
