//! The engine of a database that this build has none for: a program of its own may bring such a [`Database`](crate::db::Database). Scripts run
//! on it; its structure is left alone.

use super::alteration::TableAlteration;
use super::engine::Engine;
use super::not_yet;
use super::questions::Question;
use crate::catalog::Object;
use crate::client::{Client, RunResult};
use crate::ir::Model;

/// It refuses with E0618 what changes a structure. What else is asked of it is asked on the way there alone.
#[derive(Debug)]
pub(super) struct NoEngine;

impl Engine for NoEngine {
    fn history_table(&self) -> &'static str {
        ""
    }

    fn own_objects(&self, client: &mut Client<'_>) -> RunResult<Vec<Object>> {
        Err(not_yet(client.database, "this", None))
    }

    fn row_name(&self) -> &'static str {
        ""
    }

    fn row_text(&self) -> &'static str {
        ""
    }

    fn extremes(&self, _: &str) -> String {
        String::new()
    }

    fn uuid(&self, _: Option<&str>) -> String {
        String::new()
    }

    fn questions(&self, _: &Model, _: &TableAlteration<'_>) -> Vec<Question> {
        Vec::new()
    }
}
