//! What a change of a table is refused for on a server, beside what holds everywhere: keys that others refer to, what stands on a generated column, what
//! somebody else has changed.

use super::TablesAside;
use super::plan::Planning;
use crate::catalog::{Difference, IndexOrigin, Name, ObjectKind, Table, TableIndex};
use crate::client::{RunResult, quoted};
use crate::diagnostics::{Hazard, HazardKind, Loss, UnalterableTable, UnkeyedReference};
use crate::migrate::Migrator;
use crate::migrate::alteration::TableAlteration;
use crate::migrate::keys::{EqualRows, refuse_duplicates};
use crate::migrate::script_differences::is_same_change;
use crate::migrate::tables::describe_difference;

impl Planning<'_> {
    /// Refuses rows that are equal in what is to be unique.
    pub(in crate::migrate) fn refuse_duplicates_of(
        &self,
        migrator: &mut Migrator<'_>,
        task: &TableAlteration<'_>,
        found: &[Difference],
    ) -> RunResult<()> {
        for difference in found {
            let Difference::AddIndex { desired: to } = *difference else { continue };
            let Some(index) = task.desired.indexes.get(to) else { continue };
            self.refuse_equal(migrator, task, index)?;
        }
        Ok(())
    }

    pub(in crate::migrate) fn refuse_equal(
        &self,
        migrator: &mut Migrator<'_>,
        task: &TableAlteration<'_>,
        index: &TableIndex,
    ) -> RunResult<()> {
        let Some(columns) = index.unique_key() else { return Ok(()) };
        let columns: Vec<String> = columns.into_iter().map(Name::to_string).collect();
        // Not of every type can be said whether two values are the same.
        let there = |name: &String| {
            let column = task.current.column(name).filter(|_| task.used(name).is_none());
            column.is_some_and(|it| self.server.has_equality(it))
        };
        if !columns.iter().all(there) {
            return Ok(());
        }
        let mut keys = task.current.columns.iter().filter(|it| it.primary_key > 0);
        let key = match (keys.next(), keys.next()) {
            (Some(one), None) => Some(one.name.as_str()),
            _ => None,
        };
        let model = &migrator.client.scripts.schema[task.table.model];
        let declared = match columns.as_slice() {
            [one] => model.on_column(one).map_or(model.span, |it| it.span),
            _ => model.span,
        };
        let mut own = task.table.indexes.iter();
        let declared =
            own.find(|it| it.name == index.name.as_str()).map_or(declared, |it| it.declared);
        let equal = EqualRows { columns: &columns, key, declared, source: None };
        refuse_duplicates(&mut migrator.client, self.alter, task.table, &equal)
    }

    /// Refuses that a key goes to which others refer, and a generated column that something stands on.
    pub(in crate::migrate) fn refuse_what_is_used(
        &self,
        migrator: &Migrator<'_>,
        task: &TableAlteration<'_>,
        found: &[Difference],
    ) {
        let former = self.work.former(&task.current.name).to_owned();
        let schema = migrator.client.scripts.schema;
        let declared = Some(schema[task.table.model].span);
        let mut goes = Vec::new();
        for difference in found {
            match *difference {
                Difference::DropIndex { current: at } => {
                    goes.extend(task.current.indexes.get(at).map(|it| it.name.clone()));
                }
                Difference::PrimaryKey => {
                    let mut indexes = task.current.indexes.iter();
                    let key = indexes.find(|it| it.origin == IndexOrigin::PrimaryKey);
                    goes.extend(key.map(|it| it.name.clone()));
                }
                _ => {}
            }
        }
        for key in self.keys.iter().filter(|it| it.parent == former && goes.contains(&it.index)) {
            // One that goes itself, or changes, is in nobody's way.
            let stays = self.desired.tables.values().find(|it| it.name == key.table);
            let stays = stays.or_else(|| (key.table == former).then_some(&task.desired));
            let goes = stays.is_some_and(|table| {
                let mut keys = table.keys.iter();
                !keys.any(|it| {
                    it.columns == key.columns && it.table == task.desired.name && it.to == key.to
                })
            });
            if goes {
                continue;
            }
            let (columns, table) = (key.columns.clone(), key.table.clone());
            let key = UnkeyedReference { columns, table, parent: task.current.name.clone() };
            self.alter.refuse(self.alter.hazard(HazardKind::NoKey { key }, declared));
        }
        for column in &task.desired.columns {
            let Some(from) = task.current.column(&column.name) else { continue };
            if column.generated.is_none() || from.generated == column.generated {
                continue;
            }
            let of_index = task.current.indexes.iter().any(|index| {
                index.sql.as_deref().is_some_and(|sql| sql.contains(column.name.as_str()))
                    || index.members.iter().any(|it| it.column.as_deref() == Some(&column.name))
            });
            let of_check = task.current.checks.iter().any(|it| it.has_name(&column.name));
            let of_key = self.keys.iter().any(|it| {
                it.table == former && it.columns.contains(&column.name)
                    || it.parent == former && it.to.contains(&column.name)
            });
            let of_view =
                self.views.iter().any(|it| it.table == former && it.column == column.name);
            if of_index || of_check || of_key || of_view {
                self.not_yet(
                    migrator,
                    task,
                    format!(
                        "generate `{}` otherwise, on which an index, a check, a key or a view is",
                        column.name
                    ),
                );
            }
        }
        for to in task.todo.converted.iter().filter_map(|it| task.desired.columns.get(*it)) {
            let is_of = |text: &str| text.contains(&to.name);
            let mut columns = task.current.columns.iter().filter_map(|it| it.generated.as_ref());
            if columns.any(|it| is_of(&it.expression)) {
                self.not_yet(
                    migrator,
                    task,
                    format!(
                        "change the type of `{}`, of which a generated column is computed",
                        to.name
                    ),
                );
            }
        }
        // What rows get is computed of them as they were.
        let filled = task.used.iter().filter(|it| task.current.column(&it.column).is_some());
        for used in filled {
            let place = task.desired.place(&used.column);
            let converted =
                |at: Option<usize>| at.is_some_and(|it| task.todo.converted.contains(&it));
            let reads = |name: &str| used.sql.contains(&quoted(name));
            let mut others = task
                .used
                .iter()
                .filter(|it| it.column != used.column && task.current.column(&it.column).is_some());
            if converted(place)
                && others.any(|it| !converted(task.desired.place(&it.column)) && reads(&it.column))
            {
                self.not_yet(
                    migrator,
                    task,
                    format!("let `using` of `{}` read what another one changes", used.column),
                );
            }
        }
    }

    pub(in crate::migrate) fn not_yet(
        &self,
        migrator: &Migrator<'_>,
        task: &TableAlteration<'_>,
        what: String,
    ) {
        let title = migrator.client.database.dialect().title;
        let why = UnalterableTable::NotYet { title, what };
        let kind = HazardKind::Unalterable { table: task.current.name.clone(), why };
        let declared = migrator.client.scripts.schema[task.table.model].span;
        self.alter.refuse(self.alter.hazard(kind, Some(declared)));
    }

    /// Refuses what would undo what somebody else has changed of a table.
    pub(in crate::migrate) fn refuse_overwriting(
        &self,
        migrator: &mut Migrator<'_>,
        task: &TableAlteration<'_>,
    ) -> RunResult<()> {
        let former = self.work.former(&task.current.name).to_owned();
        let Some(left) = self.alter.drift.left(ObjectKind::Table, &former) else {
            return Ok(());
        };
        if self.alter.options.allow.has(Loss::Drift) {
            return Ok(());
        }
        let left = Table { sql: left.to_owned(), ..Table::default() };
        let left = (former.clone(), self.server.without_keys(&left));
        let names = std::slice::from_ref(&former);
        let aside = TablesAside { tables: vec![left], ..TablesAside::default() };
        let made = self.server.made_of(migrator, self.alter.at, &aside, names)?;
        // Where it can't be made any more, all of it may be somebody else's.
        let mut was = made.into_iter().next().flatten().unwrap_or_default();
        was.keys.clone_from(&task.current.keys);
        was.indexes.retain(|it| it.origin != IndexOrigin::Created);
        was.indexes.extend(
            task.current.indexes.iter().filter(|it| it.origin == IndexOrigin::Created).cloned(),
        );
        let anyway = self.server.found(&was, &task.desired, self.alter.options.extra);
        let mut undone = task.todo.differences.clone();
        undone.retain(|one| {
            !anyway.iter().any(|it| is_same_change([*one, *it], [&task.current, &was]))
        });
        let words =
            undone.into_iter().filter_map(|it| describe_difference(&migrator.client, task, it));
        let changes: Vec<_> = words.map(|it| it.0.text).collect();
        if !changes.is_empty() {
            let kind = HazardKind::UndoesTable { table: task.current.name.clone(), changes };
            self.alter.refuse(Hazard::of_structure(kind, None));
        }
        Ok(())
    }
}
