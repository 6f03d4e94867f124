//! All or nothing, whatever happens in between.

use super::failure::About;
use super::{Ran, Runner};
use crate::db::{Database, DbError};
use crate::source::Span;

/// What becomes of what was done.
pub(super) enum Fate<T> {
    Kept(T),
    Undone(T),
}

/// Whether foreign keys are enforced meanwhile. Where they are not, dropping a table fires no `ON DELETE` of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    Enforced,
    Suspended,
}

impl Runner<'_> {
    /// What `work` does, in a transaction of its own: kept where it says so, undone where it doesn't or fails. Behind it foreign keys are
    /// enforced as before.
    pub(super) fn transact<T>(
        &mut self,
        at: Span,
        keys: Keys,
        work: impl FnOnce(&mut Self) -> Ran<Fate<T>>,
    ) -> Ran<T> {
        let failed = |runner: &Self, it| runner.scripts.failure(it, at, About::default());
        let enforced = suspend(self.database, keys).map_err(|it| failed(self, it))?;
        let done = match self.database.begin() {
            Ok(()) => match work(self) {
                Ok(Fate::Kept(it)) => {
                    let kept = self.database.commit();
                    kept.map(|()| it).map_err(|it| failed(self, it))
                }
                Ok(Fate::Undone(it)) => Ok(it),
                Err(problem) => Err(problem),
            },
            Err(error) => Err(failed(self, error)),
        };
        // Behind a commit there is nothing left to undo.
        let undone = self.database.rollback();
        let back = match enforced {
            true => self.database.set_foreign_keys(true),
            false => Ok(()),
        };
        let done = done?;
        undone.and(back).map_err(|it| failed(self, it))?;
        Ok(done)
    }
}

/// Whether foreign keys were enforced, and are not now.
fn suspend(database: &mut dyn Database, keys: Keys) -> Result<bool, DbError> {
    if keys == Keys::Enforced || !database.foreign_keys()? {
        return Ok(false);
    }
    database.set_foreign_keys(false)?;
    Ok(true)
}
