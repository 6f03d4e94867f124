//! Views and triggers that a change would break.

use super::{Meant, Task, change};
use crate::db::ObjectKind;
use crate::diagnostics::RunProblem;
use crate::run::sync::quoted;
use crate::run::{Change, Ran, Runner, Way};
use crate::source::Span;
use crate::stored::tokens;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

/// A view or trigger that doesn't work, by its kind and name, and why.
pub(in crate::run) type Broken = HashMap<(ObjectKind, String), String>;

impl Runner<'_> {
    /// The views that can't be read, and the tables whose triggers can't run. Nothing is run for it: SQLite compiles the statements.
    pub(in crate::run) fn broken(&mut self, at: Span) -> Ran<Broken> {
        let mut found = Broken::new();
        let any = "SELECT count(*) FROM sqlite_schema WHERE type IN ('view', 'trigger')";
        if self.counted(at, any)? == 0 {
            return Ok(found);
        }
        let objects = self.ask(at, |it| it.objects())?;
        let triggers = objects.iter().filter(|it| it.kind == ObjectKind::Trigger);
        let tables: HashSet<_> = triggers.map(|it| it.table.to_lowercase()).collect();
        for object in &objects {
            let name = quoted(&object.name);
            let statements = match object.kind {
                ObjectKind::View => vec![format!("EXPLAIN SELECT * FROM {name}")],
                ObjectKind::Table if tables.contains(&object.name.to_lowercase()) => {
                    let Some(table) = self.ask(at, |it| it.table(&object.name))? else {
                        continue;
                    };
                    let plain = table.columns.iter().filter(|it| it.generated.is_none());
                    let all: Vec<_> = plain
                        .map(|it| format!("{0} = {0}", quoted(&it.name)))
                        .collect();
                    vec![
                        format!("EXPLAIN INSERT INTO {name} DEFAULT VALUES"),
                        format!("EXPLAIN UPDATE {name} SET {}", all.join(", ")),
                        format!("EXPLAIN DELETE FROM {name}"),
                    ]
                }
                ObjectKind::Table | ObjectKind::Index | ObjectKind::Trigger => continue,
            };
            for sql in statements {
                let compiled = self
                    .database
                    .query(&sql, &[], &mut |_| ControlFlow::Break(()));
                match compiled {
                    Ok(()) => {}
                    Err(error) if error.kind.is_of_statement() => {
                        found.insert((object.kind, object.name.to_lowercase()), error.message);
                    }
                    Err(error) => return Err(self.failure(error, at)),
                }
            }
        }
        Ok(found)
    }

    /// Refuses what breaks something that was not broken before.
    pub(super) fn none_broken(
        &mut self,
        meant: &Meant<'_>,
        before: &Broken,
        changes: &mut Vec<Change>,
    ) -> Ran<()> {
        let after = self.broken(meant.at)?;
        let mut new: Vec<_> = after
            .iter()
            .filter(|(it, _)| !before.contains_key(*it))
            .collect();
        new.sort_by(|a, b| a.0.1.cmp(&b.0.1));
        let first = self.scripts.schema.models().next();
        for ((kind, name), why) in new {
            let what = match kind {
                ObjectKind::View => format!("the view `{name}` would not work any more: {why}"),
                ObjectKind::Table | ObjectKind::Index | ObjectKind::Trigger => {
                    format!("a trigger of `{name}` would not work any more: {why}")
                }
            };
            let problem = RunProblem::CannotAlter {
                what: what.clone(),
                help: "drop it first, or make it anew without what goes".to_owned(),
                declared: first.map_or(meant.at, |(_, it)| it.span),
                at: meant.at,
            };
            meant.refuse(problem.clone());
            changes.push(Change {
                refused: vec![problem],
                ..change(name, what, Way::Refused, Vec::new())
            });
        }
        Ok(())
    }
}

impl Runner<'_> {
    /// Refuses that a column goes of whose updates a trigger is: SQLite would let it be, and the trigger would never fire.
    pub(super) fn triggers_of_dropped(&mut self, meant: &Meant<'_>, task: &Task<'_>) -> Ran<()> {
        if task.todo.dropped.is_empty() {
            return Ok(());
        }
        for trigger in self.beside(meant.at, &task.is.name)? {
            let sql = trigger.sql.as_deref().unwrap_or_default();
            if trigger.kind != ObjectKind::Trigger {
                continue;
            }
            let updated = updated_columns(sql);
            for column in &task.todo.dropped {
                if !updated.iter().any(|it| it.eq_ignore_ascii_case(column)) {
                    continue;
                }
                meant.refuse(RunProblem::CannotAlter {
                    what: format!(
                        "the trigger `{}` is there for updates of `{column}` of `{}`, which goes",
                        trigger.name, task.is.name
                    ),
                    help: "drop it first, or make it anew without what goes".to_owned(),
                    declared: self.scripts.schema[task.table.model].span,
                    at: meant.at,
                });
            }
        }
        Ok(())
    }
}

/// The columns of a trigger's `UPDATE OF a, b`.
fn updated_columns(sql: &str) -> Vec<String> {
    let all = tokens(sql);
    let mut rest = all.iter().skip_while(|it| !it.is("update")).skip(1);
    // `UPDATE ON t`, or an UPDATE of its body.
    if !rest.next().is_some_and(|it| it.is("of")) {
        return Vec::new();
    }
    let list = rest.take_while(|it| !it.is("on"));
    list.filter_map(|it| it.name().map(str::to_owned)).collect()
}
