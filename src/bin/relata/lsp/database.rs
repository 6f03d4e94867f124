//! The database that the setting `database` names: what a script would change of it, and what it knows by a name. It is opened to be read, each time anew.

use super::project::Asked;
use crate::files::FileLoader;
use relata::catalog::Table;
use relata::db::{Database as _, Sqlite};
use relata::diagnostics::{Losses, RunProblem};
use relata::ide::Stored;
use relata::ir::{AlterOptions, Schema};
use relata::migrate;
use relata::plan;
use relata::run;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::fmt::Write;
use std::path::PathBuf;

/// What it has by some names, each looked for once.
pub(super) struct StoredTables {
    database: Option<Sqlite>,
    tables: HashMap<SmolStr, Option<Table>>,
}

impl StoredTables {
    /// Whether it has what a name stands for, by the name that it has now.
    pub(super) fn has(&mut self, schema: &Schema, stored: Stored) -> bool {
        match stored {
            Stored::Table(id) => self.table(&schema[id].full_table()).is_some(),
            Stored::Column(model, id) => {
                let (model, column) = (&schema[model], &schema[model].attribute(id).column);
                // A model that has had another name already may have its table under that.
                let former = model.was().into_iter().flat_map(|it| plan::former_tables(model, it));
                let mut names = std::iter::once(model.full_table()).chain(former);
                names.any(|name| self.table(&name).is_some_and(|it| it.column(column).is_some()))
            }
        }
    }

    fn table(&mut self, name: &SmolStr) -> Option<&Table> {
        let Self { database, tables } = self;
        let find = || database.as_mut()?.table(name).ok().flatten();
        tables.entry(name.clone()).or_insert_with(find).as_ref()
    }
}

/// Where it is.
#[derive(Debug, Clone, Default)]
pub(super) struct DatabaseSetting(pub(super) Option<PathBuf>);

impl DatabaseSetting {
    /// Opens it, where one is set and there.
    pub(super) fn open(&self) -> Option<Sqlite> {
        Sqlite::read_only(self.0.as_ref()?).ok()
    }

    /// What it has, to be asked for.
    pub(super) fn tables(&self) -> StoredTables {
        StoredTables { database: self.open(), tables: HashMap::new() }
    }

    /// What a script would change of it, as `relata diff` says it.
    pub(super) fn plan(&self, asked: Asked<'_>) -> Result<String, String> {
        let Some(mut database) = self.open() else {
            return Err("the setting `database` names no database that can be read".to_owned());
        };
        let alter = AlterOptions { allow: Losses::NONE, ..AlterOptions::default() };
        let declared = (asked.schema(), asked.project.sources());
        let (mut files, mut warnings) = (FileLoader::default(), Vec::new());
        let changes = run::diff(declared, &mut files, &mut database, alter, None, &mut warnings);
        let changes = changes.map_err(|it: RunProblem| it.to_string())?;
        if changes.is_empty() {
            return Ok("nothing differs\n".to_owned());
        }
        let mut text = String::new();
        for (_, line) in migrate::draw(&changes) {
            text.push_str(&line);
            text.push('\n');
        }
        for refused in changes.iter().flat_map(|it| &it.refused) {
            let problem = RunProblem::from(refused.clone());
            let _infallible = write!(text, "\nrefused: {problem}\n");
        }
        Ok(text)
    }
}
