//! What a server is asked for a script of its database.

use super::RowMisfits;
use crate::catalog::{Object, Surroundings, Table};
use crate::diagnostics::RunProblem;
use crate::ir::{ModelId, Schema};
use crate::source::{Sources, Span};
use crate::sql::Dialect;

/// What is in a database on a server.
#[derive(Debug)]
pub struct ServerContents {
    /// The SQL that it speaks.
    pub dialect: &'static Dialect,
    /// Its tables, indexes, views and triggers, in the order in which they were made.
    pub objects: Vec<Object>,
    /// Its tables.
    pub tables: Vec<Table>,
    /// What is beside them.
    pub beside: Surroundings,
}

/// What a server makes of a script.
#[derive(Debug, Default)]
pub struct ServerMade {
    /// The tables that are not, word by word, those that are there.
    pub others: Vec<(ModelId, Table)>,
    /// The models whose table it refuses.
    pub refused: Vec<ModelId>,
    /// Where keys and indexes are declared that it refuses.
    pub refused_parts: Vec<Span>,
}

/// Says what the server makes of a script.
pub type ServerMaker<'m> = dyn FnMut(&Schema, &Sources) -> Result<ServerMade, RunProblem> + 'm;

/// Is asked what it makes of a script; nothing where it doesn't answer.
pub(super) trait AskServer {
    fn made(&self, schema: &Schema, sources: &Sources) -> Option<ServerMade>;
}

/// What a table is called without its schema, and that.
pub(super) fn schema_of<'t>(rows: &RowMisfits, table: &'t str) -> (Option<&'t str>, &'t str) {
    match table.split_once('.').filter(|_| rows.server.is_some()) {
        Some((schema, name)) => (Some(schema), name),
        None => (None, table),
    }
}
