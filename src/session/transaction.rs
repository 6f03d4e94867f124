//! Transactions that a host opens.

use super::{Error, Session};
use crate::db::{Database, DbError};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

impl<D: Database> Session<D> {
    /// What `work` does with the session, kept as a whole where it returns `Ok`, and undone as a whole where it doesn't: rows, tables, and
    /// what variables hold. Within it a script that fails has changed nothing, and the work may go on; another transaction within it
    /// is undone alone. What scripts declare stays declared.
    ///
    /// ```
    /// use relata::{Error, Session, Sqlite};
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// session.run("users.schema", "model User { name: STRING }\nsync", &mut Vec::new())?;
    /// let done: Result<(), Error> = session.transaction(|it| {
    ///     it.run("a.schema", "User create { name: \"Ann\" }", &mut Vec::new())?;
    ///     it.run("b.schema", "assert (1 = 2)", &mut Vec::new())
    /// });
    /// assert!(done.is_err());
    /// assert_eq!(session.ask::<u64>("c.schema", "User count")?, 0);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// What `work` returns; and where the transaction can't begin or end.
    pub fn transaction<T, E: From<Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let outer = self.environment.outer();
        let begun = if outer == 0 { self.database.begin() } else { self.database.savepoint(outer) };
        begun.map_err(Error::Database)?;
        self.environment.set_outer(outer + 1);
        let (mark, variables) = (self.environment.mark(), self.variables.clone());
        let done = catch_unwind(AssertUnwindSafe(|| work(self)));
        self.environment.set_outer(outer);
        let failed = match done {
            Ok(Ok(done)) => match self.keep(outer) {
                Ok(()) => return Ok(done),
                Err(error) => Ok(E::from(Error::Database(error))),
            },
            Ok(Err(error)) => Ok(error),
            Err(panic) => Err(panic),
        };
        let undone = self.undo(outer);
        self.environment.undo(mark);
        self.variables = variables;
        self.changes += 1;
        match failed {
            Ok(error) => {
                undone.map_err(Error::Database)?;
                Err(error)
            }
            Err(panic) => resume_unwind(panic),
        }
    }

    fn keep(&mut self, outer: usize) -> Result<(), DbError> {
        if outer == 0 { self.database.commit() } else { self.database.release(outer) }
    }

    fn undo(&mut self, outer: usize) -> Result<(), DbError> {
        match outer {
            0 => self.database.rollback(),
            // The database has undone it with all that is around it.
            _ if self.database.has_ended() => Ok(()),
            _ => self.database.rollback_to(outer),
        }
    }
}
