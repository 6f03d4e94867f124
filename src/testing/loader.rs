//! What a page's scripts may import.

use super::SharedLoader;
use crate::load::{LoadError, Loader, MapLoader};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a page may import: the files that it gives, then the host's.
#[derive(Clone)]
pub(super) struct PageLoader {
    pub(super) given: Arc<Mutex<MapLoader>>,
    pub(super) others: SharedLoader,
}

impl PageLoader {
    pub(super) fn given(&self) -> MutexGuard<'_, MapLoader> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn others(&self) -> MutexGuard<'_, dyn Loader + Send + 'static> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Loader for PageLoader {
    fn resolve(&mut self, from: Option<&str>, path: &str) -> Result<String, LoadError> {
        let given = self.given().resolve(from, path);
        given.or_else(|error| match self.others().resolve(from, path) {
            // What the page has is nearer.
            Err(LoadError::NoImports) => Err(error),
            found => found,
        })
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, LoadError> {
        let given = self.given().read(name);
        given.or_else(|_| self.others().read(name))
    }
}
