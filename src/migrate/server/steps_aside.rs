//! Foreign keys that come, go, or step aside while columns take other types; views that do.

use super::around::KeyAround;
use super::plan::{Planning, altered};
use super::work::{GoingKey, WorkPhase, WorkStatement, WorkStep};
use crate::catalog::{Difference, KeyRespect, ObjectKind};
use crate::client::{RunResult, quoted};
use crate::diagnostics::HazardKind;
use crate::migrate::alteration::TableAlteration;
use crate::migrate::tables::describe_difference;
use crate::migrate::{Detail, Migrator, PlanPart, StepCost};
use std::collections::HashSet;

impl Planning<'_> {
    /// Foreign keys that come, go, or are in the way of another type.
    pub(in crate::migrate) fn keys_of(
        &mut self,
        migrator: &mut Migrator<'_>,
        task: &TableAlteration<'_>,
        details: &mut Vec<Detail>,
    ) -> RunResult<()> {
        let (current, desired) = (&task.current, &task.desired);
        let (name, former) = (current.name.clone(), self.work.former(&current.name).to_owned());
        details.retain(|it| it.part != PlanPart::ForeignKey);
        let (mut gone, mut come, mut renamed) = (Vec::new(), Vec::new(), Vec::new());
        let (mut goes, mut comes) = (Vec::new(), Vec::new());
        for difference in &task.todo.differences {
            let detail = || describe_difference(&migrator.client, task, *difference).map(|it| it.0);
            match *difference {
                Difference::DropKey { current: at } => {
                    gone.extend(current.keys.get(at));
                    goes.extend(detail());
                }
                Difference::AddKey { desired: to } => {
                    come.extend(desired.keys.get(to));
                    comes.extend(detail());
                }
                Difference::Key { current: at, desired: to, what } => match what {
                    KeyRespect::Name if self.server.renames_keys() => {
                        let keys = current.keys.get(at).zip(desired.keys.get(to));
                        renamed.extend(keys.map(|(is, said)| (is, said, detail())));
                    }
                    KeyRespect::Rules | KeyRespect::Name => {
                        gone.extend(current.keys.get(at));
                        come.extend(desired.keys.get(to));
                        comes.extend(detail());
                    }
                    KeyRespect::Wording => {}
                },
                _ => {}
            }
        }
        let dropped: Vec<&str> = gone.iter().filter_map(|it| it.name.as_deref()).collect();
        if !dropped.is_empty() {
            self.drop_keys((&name, &former), goes, &dropped);
        }
        for (is, said, detail) in renamed {
            let (Some(is), Some(said)) = (&is.name, &said.name) else { continue };
            let sql = format!(
                "ALTER TABLE {} RENAME CONSTRAINT {} TO {}",
                quoted(&name),
                quoted(is),
                quoted(said)
            );
            let what = detail.into_iter().collect();
            self.work
                .add(WorkPhase::Tables, altered(&name, what, vec![sql], StepCost::default(), 0));
        }
        if !come.is_empty() {
            let adds: Vec<_> = come.iter().map(|it| format!("ADD {}", it.text)).collect();
            let sql = vec![format!("ALTER TABLE {} {}", quoted(&name), adds.join(", "))];
            let cost = self.server.key_cost();
            let rows = self.rows(migrator, &name)?;
            self.work.add(WorkPhase::KeysCome, altered(&name, comes, sql, cost, rows));
        }
        self.keys_around(task, &former);
        Ok(())
    }

    /// Foreign keys go of a table, which has the second name before all changes.
    fn drop_keys(&mut self, (name, former): (&str, &str), what: Vec<Detail>, keys: &[&str]) {
        let drops: Vec<_> =
            keys.iter().map(|it| format!("DROP CONSTRAINT {}", quoted(it))).collect();
        let sql = format!("ALTER TABLE {} {}", quoted(former), drops.join(", "));
        let change = altered(name, what, Vec::new(), StepCost::default(), 0);
        let statements = vec![WorkStatement::of(former, sql)];
        let going = |name: &&str| GoingKey { table: former.to_owned(), name: (*name).to_owned() };
        let keys = keys.iter().map(going).collect();
        let step = WorkStep::of(WorkPhase::KeysGo, change, statements);
        self.work.steps.push(WorkStep { keys, ..step });
    }

    /// Foreign keys of columns that take another type, or refer to such, step aside.
    fn keys_around(&mut self, task: &TableAlteration<'_>, former: &str) {
        let converted: Vec<&str> = (task.todo.converted.iter())
            .filter_map(|it| task.desired.columns.get(*it))
            .map(|it| it.name.as_str())
            .collect();
        if converted.is_empty() {
            return;
        }
        let is_of = |columns: &[String]| columns.iter().any(|it| converted.contains(&it.as_str()));
        let aside: Vec<KeyAround> = (self.keys.iter())
            .filter(|it| {
                it.table == former && is_of(&it.columns) || it.parent == former && is_of(&it.to)
            })
            .cloned()
            .collect();
        for key in aside {
            // It goes anyway.
            let goes = self.work.drops_key(&key.table, &key.name) || {
                let table = self.desired.tables.values().find(|it| it.name == key.table);
                table.is_some_and(|table| {
                    !table.keys.iter().any(|it| {
                        it.columns == key.columns && it.to == key.to && it.table == key.parent
                    })
                })
            };
            if goes {
                continue;
            }
            let name = self.names.later(&key.table);
            let add = format!("ALTER TABLE {} ADD {}", quoted(&name), key.text);
            self.alter.name(ObjectKind::Table, &key.table);
            self.drop_keys((&name, &key.table), Vec::new(), &[&key.name]);
            let cost = self.server.key_cost();
            self.work.add(WorkPhase::KeysCome, altered(&name, Vec::new(), vec![add], cost, 0));
        }
    }

    /// Views that read columns which go, or become others, step aside where they are the script's.
    pub(in crate::migrate) fn views_around(
        &self,
        migrator: &Migrator<'_>,
        task: &TableAlteration<'_>,
        in_the_way: &mut HashSet<String>,
    ) {
        let former = self.work.former(&task.current.name);
        let (todo, desired) = (&task.todo, &task.desired);
        let touched: Vec<&str> = (todo.dropped.iter().map(String::as_str))
            .chain(
                todo.converted
                    .iter()
                    .filter(|_| self.server.views_follow())
                    .filter_map(|it| Some(desired.columns.get(*it)?.name.as_str())),
            )
            .collect();
        let read = self
            .views
            .iter()
            .filter(|it| it.table == former && touched.contains(&it.column.as_str()));
        let own = |name: &str| {
            let schema = migrator.client.scripts.schema;
            schema.views.iter().any(|it| it.name == name)
        };
        let mut all: Vec<String> = read.map(|it| it.view.clone()).collect();
        let mut at = 0;
        while let Some(view) = all.get(at).cloned() {
            for it in self.views.iter().filter(|it| it.table == view) {
                if !all.contains(&it.view) {
                    all.push(it.view.clone());
                }
            }
            at += 1;
        }
        for view in all {
            if own(&view) {
                in_the_way.insert(view);
                continue;
            }
            let why = format!(
                "it reads a column of `{}` that goes, or takes another type",
                task.current.name
            );
            let kind = HazardKind::BreaksObject { view: true, name: view, why };
            self.alter.refuse(self.alter.hazard(kind, None));
        }
    }
}
