//! All or nothing, whatever happens in between.

use super::Migrator;
use super::alter_engine;
use crate::client::{RunResult, place};
use crate::db::{Database, DbError};
use crate::diagnostics::{Hazard, HazardKind, RunProblem};
use crate::source::Span;

/// What becomes of what was done.
pub(super) enum TransactionEnd<T> {
    Kept(T),
    Undone(T),
}

/// Whether foreign keys are enforced meanwhile. Where they are not, dropping a table fires no `ON DELETE` of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyEnforcement {
    Enforced,
    Suspended,
}

impl Migrator<'_> {
    /// What `work` does, in a transaction of its own: kept where it says so, undone where it doesn't or fails. Behind it foreign keys are
    /// enforced as before.
    pub(super) fn transact<T>(
        &mut self,
        at: Span,
        keys: KeyEnforcement,
        work: impl FnOnce(&mut Self) -> RunResult<TransactionEnd<T>>,
    ) -> RunResult<T> {
        let failed = |migrator: &Self, it| migrator.client.failure(it, at);
        let enforced = suspend(self.client.database, keys).map_err(|it| failed(self, it))?;
        let done = match self.client.database.begin() {
            Ok(()) => match work(self) {
                Ok(TransactionEnd::Kept(it)) => {
                    let kept = self.client.database.commit();
                    kept.map(|()| it).map_err(|it| failed(self, it))
                }
                Ok(TransactionEnd::Undone(it)) => Ok(it),
                Err(problem) => Err(problem),
            },
            Err(error) => Err(failed(self, error)),
        };
        self.client.leave_sketch();
        // Behind a commit there is nothing left to undo.
        let undone = self.client.database.rollback();
        let back = if enforced { self.client.database.set_foreign_keys(true) } else { Ok(()) };
        match done {
            Ok(done) => {
                undone.and(back).map_err(|it| failed(self, it))?;
                Ok(done)
            }
            Err(RunProblem::NotADatabase { cause, path, at: found })
                if keys == KeyEnforcement::Suspended =>
            {
                // Of a file that is whole, what Relata had made of it was not.
                if alter_engine(self.client.database)?.damage(&mut self.client, at, None)?.is_some()
                {
                    return Err(RunProblem::NotADatabase { path, cause, at: found });
                }
                let (title, cause) = (self.client.database.dialect().title, cause.to_string());
                let kind = HazardKind::UnreadableSchema { title, cause };
                Err(Hazard::of_structure(kind, place(at)).into())
            }
            Err(problem) => Err(problem),
        }
    }
}

/// Whether foreign keys were enforced, and are not now.
fn suspend(database: &mut dyn Database, keys: KeyEnforcement) -> Result<bool, DbError> {
    if keys == KeyEnforcement::Enforced || !database.foreign_keys()? {
        return Ok(false);
    }
    database.set_foreign_keys(false)?;
    Ok(true)
}
