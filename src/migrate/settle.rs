//! What a plan has to know of rows before it can be made: whether there are any that get a value, in which form they keep dates, whether they
//! have to move. Rows are read, and nothing is changed.

use super::alteration::{Alteration, ChangePart, TableAlteration};
use super::ddl::TableDdl;
use super::history::Renamed;
use super::indexes::desired_table;
use super::tables::{TableDraft, TableStep, unalterable};
use super::using::used_of;
use super::{Migrator, PlannedOutcome, alter_engine};
use crate::catalog::{Table, TableIndex};
use crate::client::RunResult;
use crate::diagnostics::UnalterableTable;
use crate::source::Span;
use crate::words::same_name;

/// What becomes of a table, and what it is then.
#[derive(Debug)]
pub(super) struct SettledTable<'t> {
    pub(super) step: TableStep<'t>,
    /// The table behind the step, with the indexes that stay.
    pub(super) becomes: Table,
    /// The table as the script has it, with all its indexes; none where these can't be there by another name.
    pub(super) desired: Option<Table>,
}

impl Migrator<'_> {
    /// What is to be done to a table, which depends on its rows: whether there are any that get a value, and how they keep their dates.
    pub(super) fn settle_table<'t>(
        &mut self,
        alter: &Alteration,
        draft: TableDraft<'t>,
        renames: &[Renamed],
    ) -> RunResult<Option<SettledTable<'t>>> {
        let at = alter.at;
        let engine = alter_engine(self.client.database)?;
        let rest = alter.part.get() == ChangePart::Rest;
        let (draft, told) = match draft {
            TableDraft::AsDesired { table, whole } => {
                if engine.dates(self, alter, table, (&|_| true, alter.plans()))?.is_empty() {
                    let known = if whole { None } else { Some(self.as_desired(at, table)?) };
                    return Ok(known.flatten());
                }
                (self.differing_table(alter, table)?, true)
            }
            TableDraft::New(_) | TableDraft::Differs(_) => (Some(draft), false),
        };
        let mut task = match draft {
            None | Some(TableDraft::AsDesired { .. }) => return Ok(None),
            Some(TableDraft::New(table)) => {
                let desired = self.desired_with_indexes(at, table, &Table::default())?;
                let mut becomes = desired.clone().unwrap_or_default();
                becomes.indexes.retain(|it| it.sql.is_none());
                return Ok(Some(SettledTable { step: TableStep::New(table), becomes, desired }));
            }
            Some(TableDraft::Differs(task)) => task,
        };
        let TableAlteration { table, current, desired, todo, gone, given, used } = &mut *task;
        let table = *table;
        let has = |it: &str| current.column(it).is_some();
        let dates = if rest {
            engine.dates(self, alter, table, (&has, alter.plans() && !told))?
        } else {
            Vec::new()
        };
        if todo.text.is_none() {
            if dates.is_empty() {
                let step = TableStep::Same(table);
                let (becomes, desired) = (current.clone(), Some(desired.clone()));
                return Ok(rest.then_some(SettledTable { step, becomes, desired }));
            }
            todo.text = Some(current.sql.clone());
        }
        *given = self.given(at, table.model, desired, todo)?;
        let tables = [&*current, &*desired];
        *used = used_of(&mut self.client, alter, table, tables, todo, renames, &dates)?;
        todo.rebuild |= !given.is_empty() || !used.is_empty();
        let becomes =
            match engine.planned_outcome(&mut self.client, at, (&*current, desired), todo)? {
                PlannedOutcome::Sound { mut becomes, gone: indexes } => {
                    let stays = |it: &&TableIndex| it.sql.is_some() && !indexes.contains(&it.name);
                    becomes.indexes.extend(current.indexes.iter().filter(stays).cloned());
                    *gone = indexes;
                    *becomes
                }
                PlannedOutcome::Nothing => return Ok(None),
                PlannedOutcome::Unreadable(why) => {
                    let title = self.client.database.dialect().title;
                    let why = UnalterableTable::UnreadableOutcome { title, why };
                    let model = &self.client.scripts.schema[table.model];
                    alter.refuse(unalterable(alter, model, current, why));
                    return Ok(None);
                }
            };
        let desired = Some(desired.clone());
        Ok(Some(SettledTable { step: TableStep::Changes(task), becomes, desired }))
    }

    /// A table that is as the script has it, but for its indexes.
    fn as_desired<'t>(
        &mut self,
        at: Span,
        table: &'t TableDdl,
    ) -> RunResult<Option<SettledTable<'t>>> {
        let Some(becomes) = self.client.ask(at, |it| it.table(&table.name))? else {
            return Ok(None);
        };
        let desired = self.desired_with_indexes(at, table, &becomes)?;
        Ok(Some(SettledTable { step: TableStep::Same(table), becomes, desired }))
    }

    /// The table as the script has it, where a unique index isn't there by its name: a constraint may make the same.
    fn desired_with_indexes(
        &mut self,
        at: Span,
        table: &TableDdl,
        current: &Table,
    ) -> RunResult<Option<Table>> {
        let missing = table.indexes.iter().any(|index| {
            let mut there = current.indexes.iter();
            index.unique && !there.any(|it| same_name(&it.name, &index.name))
        });
        if missing { desired_table(&mut self.client, at, table) } else { Ok(None) }
    }
}
