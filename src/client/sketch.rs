//! A sketch: the structure of a database in memory, without rows. A change that is only to be told is made to it, and rows are asked where
//! they are.
//!
//! Invariant: where there may be a sketch, nothing is written to the database itself.

use super::{Client, RunResult};
use crate::db::{Database, DbError};
use crate::source::Span;

/// Whether what is done to a database is done to a sketch of it.
#[derive(Default)]
pub(crate) struct Sketch<'a> {
    /// Where the sketch is to be, until there is one; none where changes are made to the database itself.
    room: Option<&'a mut Option<Box<dyn Database>>>,
    /// The database itself, once there is a sketch.
    rows: Option<&'a mut dyn Database>,
    /// Whether rows would have to move before it is known what comes of that.
    unknown: bool,
}

impl<'a> Sketch<'a> {
    /// One that is made in `room` as soon as something is to be changed.
    pub(crate) const fn within(room: &'a mut Option<Box<dyn Database>>) -> Self {
        Self { room: Some(room), rows: None, unknown: false }
    }
}

impl Client<'_> {
    /// Whether changes are only to be told: nothing may be written to the database itself.
    pub(crate) const fn is_sketching(&self) -> bool {
        self.sketch.room.is_some() || self.sketch.rows.is_some() || self.sketch.unknown
    }

    /// From here on the structure is that of the sketch, where there is to be one.
    pub(crate) fn begin_sketch(&mut self, at: Span) -> RunResult<()> {
        let Some(room) = self.sketch.room.take() else { return Ok(()) };
        let Some(made) = self.structure(at, |it| it.sketch())? else {
            self.cannot_know();
            return Ok(());
        };
        let made: &mut dyn Database = &mut **room.insert(made);
        self.sketch.rows = Some(std::mem::replace(&mut self.database, made));
        self.ask(at, |it| it.set_foreign_keys(false).and_then(|()| it.begin()))
    }

    /// Whether there is a sketch, or one costs less than a copy.
    pub(crate) fn is_sketch_cheap(&mut self, at: Span) -> RunResult<bool> {
        Ok(self.sketch.rows.is_some() || self.structure(at, |it| it.is_sketch_cheap())?)
    }

    /// The structure is that of the database itself again.
    pub(crate) fn leave_sketch(&mut self) {
        if let Some(database) = self.sketch.rows.take() {
            self.database = database;
        }
    }

    /// What comes of the change can't be known without carrying it out.
    pub(crate) const fn cannot_know(&mut self) {
        self.sketch.unknown = true;
    }

    /// Whether what comes of the change is not known.
    pub(crate) const fn is_unknown(&self) -> bool {
        self.sketch.unknown
    }

    /// The database whose rows are asked.
    pub(crate) fn rows_database(&self) -> &dyn Database {
        self.sketch.rows.as_deref().unwrap_or(self.database)
    }

    /// Asks the database something that has the rows.
    pub(crate) fn ask_rows<T>(
        &mut self,
        at: Span,
        question: impl FnOnce(&mut dyn Database) -> Result<T, DbError>,
    ) -> RunResult<T> {
        let database: &mut dyn Database = match &mut self.sketch.rows {
            Some(rows) => *rows,
            None => self.database,
        };
        question(database).map_err(|it| self.failure(it, at))
    }

    /// The same for what belongs to the structure, though rows say it: of a sketch it is asked itself.
    pub(crate) fn on_structure_itself(&mut self) -> Client<'_> {
        Client::new(self.scripts, &mut *self.database)
    }
}
