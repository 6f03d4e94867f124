//! The database that the setting `database` names: what a script would change of it, and what it knows by a name. It is opened to be read, each time anew.

use super::project::Asked;
use crate::files::FileLoader;
use relata::db::{Database as _, Sqlite};
use relata::diagnostics::{Losses, RunProblem};
use relata::ide::Stored;
use relata::ir::{AlterOptions, ModelId, Schema};
use relata::migrate;
use relata::run;
use std::fmt::Write;
use std::path::PathBuf;

/// Where it is.
#[derive(Debug, Clone, Default)]
pub(super) struct DatabaseSetting(pub(super) Option<PathBuf>);

impl DatabaseSetting {
    /// Opens it, where one is set and there.
    pub(super) fn open(&self) -> Option<Sqlite> {
        Sqlite::read_only(self.0.as_ref()?).ok()
    }

    /// Whether it has what a name stands for.
    pub(super) fn has(&self, schema: &Schema, stored: Stored) -> bool {
        let Some(mut database) = self.open() else {
            return false;
        };
        // A model that has had another name already may have its table under that.
        let mut table = |id: ModelId| {
            let model = &schema[id];
            let former = model.was().into_iter().flat_map(|it| migrate::former_tables(model, it));
            let mut names = std::iter::once(model.full_table()).chain(former);
            names.find_map(|it| database.table(&it).ok().flatten())
        };
        match stored {
            Stored::Table(id) => table(id).is_some(),
            Stored::Column(model, id) => {
                let column = &schema[model].attribute(id).column;
                table(model).is_some_and(|it| it.column(column).is_some())
            }
        }
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
