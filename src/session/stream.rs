//! Rows, as they come.

use super::{Error, Session};
use crate::db::Database;
use crate::record::Record;
use crate::run::{FoundRow, Outcome, Sink, Yield};
use std::ops::ControlFlow;

/// Shows rows to a closure until that breaks.
struct RowCallback<F> {
    each: F,
    ended: bool,
}

impl<F: FnMut(Record) -> ControlFlow<()>> RowCallback<F> {
    fn show(&mut self, row: Record) -> ControlFlow<()> {
        if !self.ended && (self.each)(row).is_break() {
            self.ended = true;
        }
        if self.ended { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl<F: FnMut(Record) -> ControlFlow<()>> Sink for RowCallback<F> {
    fn outcome(&mut self, outcome: Outcome) {
        let rows = match outcome.result {
            Yield::Row(row) => row.into_iter().collect(),
            Yield::Rows(rows) | Yield::Page(_, rows) => rows,
            Yield::Pair(row, _) => vec![row],
            Yield::Ddl(_)
            | Yield::Value(_)
            | Yield::List(_)
            | Yield::Count(_)
            | Yield::Failed(_) => {
                return;
            }
        };
        for row in rows {
            if self.show(row).is_break() {
                return;
            }
        }
    }

    fn streams(&self) -> bool {
        true
    }

    fn row(&mut self, row: FoundRow<'_>) -> ControlFlow<()> {
        self.show(row.record())
    }
}

impl<D: Database> Session<D> {
    /// Runs a script and shows each row that its sentences yield to `each`, until that breaks. Those of `findAll` are read as they are
    /// shown: never more than some are kept.
    ///
    /// ```
    /// use relata::{Item, Session, Sqlite, Value};
    /// use std::ops::ControlFlow;
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// let script = "model User { name: STRING }\nsync\nUser bulkCreate [{ name: \"Ann\" }, { name: \"Bob\" }]";
    /// session.run("users.schema", script, &mut Vec::new())?;
    /// let mut names = Vec::new();
    /// session.rows("User findAll < order: id >", |row| {
    ///     names.extend(row.get("name").cloned());
    ///     ControlFlow::Continue(())
    /// })?;
    /// assert_eq!(names, [Item::Value(Value::Text("Ann".into())), Item::Value(Value::Text("Bob".into()))]);
    /// # Ok::<(), relata::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where the script has errors or fails.
    pub fn rows(
        &mut self,
        text: &str,
        each: impl FnMut(Record) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        self.run("rows", text, &mut RowCallback { each, ended: false })
    }
}
