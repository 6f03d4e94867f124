//! All or nothing, whatever happens in between.

use crate::db::{Database, DbError, DbErrorKind};
use std::ops::{Deref, DerefMut};

/// A transaction that is rolled back unless it is committed, and that puts foreign keys back in force.
pub(super) struct Transaction<'a> {
    database: &'a mut dyn Database,
    open: bool,
    /// Whether foreign keys were enforced before, where they are not now.
    enforce: bool,
}

impl<'a> Transaction<'a> {
    /// Begins one.
    pub(super) fn begin(database: &'a mut dyn Database) -> Result<Self, DbError> {
        database.begin()?;
        Ok(Self {
            database,
            open: true,
            enforce: false,
        })
    }

    /// Begins one in which dropping a table fires no `ON DELETE` of another.
    pub(super) fn without_keys(database: &'a mut dyn Database) -> Result<Self, DbError> {
        let enforce = database.foreign_keys()?;
        // From here on, whatever fails, dropping `res` puts them back.
        let mut res = Self {
            database,
            open: false,
            enforce,
        };
        res.set_foreign_keys(false)?;
        if res.foreign_keys()? {
            let message = "foreign keys can't be suspended within a transaction";
            return Err(DbError::new(DbErrorKind::Refused, message));
        }
        res.database.begin()?;
        res.open = true;
        Ok(res)
    }

    /// Keeps what was done.
    pub(super) fn commit(mut self) -> Result<(), DbError> {
        // Where this fails, nothing is kept: dropping `self` rolls back.
        self.database.commit()?;
        self.open = false;
        if std::mem::take(&mut self.enforce) {
            self.database.set_foreign_keys(true)?;
        }
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.open {
            // SQLite rolls back by itself where even this fails.
            let _ = self.database.rollback();
        }
        if self.enforce {
            let _ = self.database.set_foreign_keys(true);
        }
    }
}

impl<'a> Deref for Transaction<'a> {
    type Target = dyn Database + 'a;

    fn deref(&self) -> &Self::Target {
        self.database
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.database
    }
}
