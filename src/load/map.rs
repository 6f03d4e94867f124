//! Loaders that touch no file.

use super::{LoadError, Loader, nearest_path};
use std::collections::BTreeMap;

/// Scripts in memory, by path. A path in an `import` counts from the importing script's folder; `/` parts folders.
///
/// ```
/// use relata::load::MapLoader;
/// let loader = MapLoader::from_iter([("shop/user.schema", "model User { name: STRING }")]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct MapLoader {
    scripts: BTreeMap<String, Vec<u8>>,
}

impl MapLoader {
    /// Adds a script.
    ///
    /// ```
    /// use relata::MapLoader;
    ///
    /// let mut loader = MapLoader::default();
    /// loader.insert("users.schema", "model User { name: STRING }");
    /// ```
    pub fn insert(&mut self, path: impl Into<String>, text: impl Into<Vec<u8>>) {
        self.scripts.insert(path.into(), text.into());
    }
}

impl<P: Into<String>, T: Into<Vec<u8>>> FromIterator<(P, T)> for MapLoader {
    fn from_iter<I: IntoIterator<Item = (P, T)>>(scripts: I) -> Self {
        let mut res = Self::default();
        for (path, text) in scripts {
            res.insert(path, text);
        }
        res
    }
}

impl Loader for MapLoader {
    fn resolve(&mut self, from: Option<&str>, path: &str) -> Result<String, LoadError> {
        if path.starts_with('/') {
            return Err(LoadError::Outside);
        }
        let folder = from.and_then(|it| it.rsplit_once('/')).map_or("", |(folder, _)| folder);
        let mut parts: Vec<&str> = Vec::new();
        for part in folder.split('/').chain(path.split('/')) {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or(LoadError::Outside)?;
                }
                part => parts.push(part),
            }
        }
        let name = parts.join("/");
        if self.scripts.contains_key(&name) {
            return Ok(name);
        }
        let nearest = nearest_path(&name, self.scripts.keys().map(String::as_str));
        Err(LoadError::NotFound { nearest: nearest.map(str::to_owned) })
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, LoadError> {
        let found = self.scripts.get(name).cloned();
        found.ok_or(LoadError::NotFound { nearest: None })
    }
}

/// No scripts at all: every `import` is reported.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoLoader;

impl Loader for NoLoader {
    fn resolve(&mut self, _from: Option<&str>, _path: &str) -> Result<String, LoadError> {
        Err(LoadError::NoImports)
    }

    fn read(&mut self, _name: &str) -> Result<Vec<u8>, LoadError> {
        Err(LoadError::NoImports)
    }
}

/// Another one's scripts as far as the host itself asks for them: what scripts import is reported.
pub struct OwnOnly<'a>(pub &'a mut dyn Loader);

impl Loader for OwnOnly<'_> {
    fn resolve(&mut self, from: Option<&str>, path: &str) -> Result<String, LoadError> {
        match from {
            None => self.0.resolve(None, path),
            Some(_) => Err(LoadError::NoImports),
        }
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, LoadError> {
        self.0.read(name)
    }
}
