//! Views and triggers that a change would break.

use super::Meant;
use crate::db::ObjectKind;
use crate::diagnostics::RunProblem;
use crate::run::sync::quoted;
use crate::run::{Ran, Runner};
use crate::source::Span;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

/// A view or trigger that doesn't work, by its kind and name, and why.
pub(in crate::run) type Broken = HashMap<(ObjectKind, String), String>;

impl Runner<'_> {
    /// The views that can't be read, and the tables whose triggers can't run. Nothing is run for it: SQLite compiles the statements.
    pub(in crate::run) fn broken(&mut self, at: Span) -> Ran<Broken> {
        let objects = self.ask(at, |it| it.objects())?;
        let mut found = Broken::new();
        let triggers = objects.iter().filter(|it| it.kind == ObjectKind::Trigger);
        let tables: HashSet<_> = triggers.map(|it| it.table.clone()).collect();
        for object in &objects {
            let name = quoted(&object.name);
            let statements = match object.kind {
                ObjectKind::View => vec![format!("EXPLAIN SELECT * FROM {name}")],
                ObjectKind::Table if tables.contains(&object.name) => {
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
                if let Err(error) = compiled {
                    found.insert((object.kind, object.name.to_lowercase()), error.message);
                }
            }
        }
        Ok(found)
    }

    /// Fails where something is broken that was not before.
    pub(super) fn none_broken(&mut self, meant: &Meant<'_>, before: &Broken) -> Ran<()> {
        let after = self.broken(meant.at)?;
        let mut new: Vec<_> = after
            .iter()
            .filter(|(it, _)| !before.contains_key(*it))
            .collect();
        new.sort_by(|a, b| a.0.1.cmp(&b.0.1));
        let Some(((kind, name), why)) = new.first() else {
            return Ok(());
        };
        let what = match kind {
            ObjectKind::View => format!("the view `{name}` would not work any more: {why}"),
            ObjectKind::Table | ObjectKind::Index | ObjectKind::Trigger => {
                format!("a trigger of `{name}` would not work any more: {why}")
            }
        };
        let first = self.scripts.schema.models().next();
        Err(RunProblem::CannotAlter {
            what,
            help: "drop it first, or make it anew without what goes".to_owned(),
            declared: first.map_or(meant.at, |(_, it)| it.span),
            at: meant.at,
        })
    }
}
