//! The scripts of the workspace's folders, on disk.
//!
//! A script is called by its file's path, as it really is; one that was never saved, by its URI.

use crate::files::plain;
use gen_lsp_types::Uri;
use relata::load::{LoadError, Loader};
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// How deep folders are looked into.
const DEEPEST: usize = 24;

/// How many scripts are looked at on start.
const MOST: usize = 10_000;

/// Reads scripts that lie in the workspace's folders, and nothing else.
#[derive(Debug, Default)]
pub(super) struct Disk {
    folders: BTreeSet<PathBuf>,
    /// The scripts that the client has open: one of them need not be on disk.
    pub(super) open: BTreeSet<String>,
    /// Which script a path means in a folder, as long as nothing is told of the files.
    resolved: HashMap<(PathBuf, String), String>,
}

impl Disk {
    /// Adds a folder of the workspace.
    pub(super) fn add(&mut self, folder: &Path) {
        self.folders.extend(folder.canonicalize());
    }

    /// Forgets a folder of the workspace.
    pub(super) fn remove(&mut self, folder: &Path) {
        let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        self.folders.remove(&real);
    }

    /// Something has changed on disk.
    pub(super) fn changed(&mut self) {
        self.resolved.clear();
    }

    /// The first folder.
    pub(super) fn first(&self) -> Option<&Path> {
        self.folders.first().map(PathBuf::as_path)
    }

    /// A path, counted from the folder in which it lies.
    pub(super) fn within<'p>(&self, path: &'p Path) -> Option<&'p Path> {
        self.folders.iter().rev().find_map(|it| path.strip_prefix(it).ok())
    }

    /// Whether a script is open.
    fn is_open(&self, path: &Path) -> bool {
        path.to_str().is_some_and(|it| self.open.contains(it))
    }

    /// Whether a path lies in one of the folders.
    pub(super) fn has(&self, path: &Path) -> bool {
        self.folders.iter().any(|it| path.starts_with(it))
    }

    /// All scripts of the folders.
    pub(super) fn scripts(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for folder in &self.folders {
            self.collect(folder, DEEPEST, &mut found);
        }
        found
    }

    fn collect(&self, folder: &Path, depth: usize, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            let hidden = name.to_string_lossy().starts_with('.');
            if hidden || name == "node_modules" || name == "target" || found.len() >= MOST {
                continue;
            }
            // A link may lead anywhere; where it really leads decides.
            let Ok(path) = path.canonicalize() else {
                continue;
            };
            if path.is_dir() && depth > 0 && entry.file_type().is_ok_and(|it| it.is_dir()) {
                self.collect(&path, depth - 1, found);
            } else if is_script(&path) && self.has(&path) {
                found.extend(path.to_str().map(str::to_owned));
            }
        }
    }
}

/// Whether it is a script by its name.
pub(super) fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "schema")
}

impl Loader for Disk {
    fn resolve(&mut self, from: Option<&str>, path: &str) -> Result<String, LoadError> {
        let Some(from) = from else {
            return Ok(path.to_owned());
        };
        let beside = Path::new(from);
        let relative = Path::new(path);
        let folder = beside.parent().unwrap_or(beside);
        let asked = (folder.to_owned(), path.to_owned());
        if let Some(known) = self.resolved.get(&asked) {
            return Ok(known.clone());
        }
        if !beside.is_absolute() {
            return Err(LoadError::NoImports);
        }
        if relative.is_absolute() || relative.has_root() {
            return Err(LoadError::Outside);
        }
        let wanted = plain(&folder.join(relative));
        if !self.has(&wanted) {
            return Err(LoadError::Outside);
        }
        let Some(real) = real(&wanted).filter(|it| it.exists() || self.is_open(it)) else {
            return Err(LoadError::NotFound { nearest: None });
        };
        if !self.has(&real) {
            return Err(LoadError::Outside);
        }
        let name = real.to_str().ok_or(LoadError::NotFound { nearest: None })?.to_owned();
        self.resolved.insert(asked, name.clone());
        Ok(name)
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, LoadError> {
        let path = Path::new(name);
        if !self.has(path) {
            return Err(LoadError::Outside);
        }
        if !path.is_file() {
            let what = if path.exists() { "it is no file" } else { "there is no such file" };
            return Err(LoadError::Unreadable(what.to_owned()));
        }
        crate::files::read(path).map_err(|it| LoadError::Unreadable(crate::files::reason(&it)))
    }
}

/// What the script of a URI is called: its file's path, as it really is, or the URI itself.
pub(super) fn name(uri: &Uri) -> String {
    let Some(path) = path(uri) else {
        return uri.0.clone();
    };
    real(&path).unwrap_or(path).to_string_lossy().into_owned()
}

/// A path as it really is; what isn't saved yet lies in a folder that is there.
fn real(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().or_else(|| {
        let folder = path.parent()?.canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    })
}

/// The file of a URI.
pub(super) fn path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.0.strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let rest = rest.split(['?', '#']).next()?;
    let mut bytes = Vec::with_capacity(rest.len());
    let mut left = rest.as_bytes();
    while let [first, behind @ ..] = left {
        left = behind;
        let pair = behind.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        match (first, pair.and_then(|it| u8::from_str_radix(it, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                left = behind.get(2..).unwrap_or_default();
            }
            _ => bytes.push(*first),
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    // `/C:/shop` on Windows.
    let drive = matches!(text.as_bytes(), [b'/', _, b':', ..]);
    let text = if drive { text.get(1..)? } else { &text };
    text.starts_with(['/']).then_some(()).or(drive.then_some(()))?;
    Some(PathBuf::from(text))
}

/// The URI of the script of that name.
pub(super) fn uri(name: &str) -> Uri {
    if !Path::new(name).is_absolute() {
        return Uri(name.to_owned());
    }
    let mut res = "file://".to_owned();
    if !name.starts_with('/') {
        res.push('/');
    }
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                res.push(char::from(byte));
            }
            b'\\' => res.push('/'),
            _ => {
                let _infallible = write!(res, "%{byte:02X}");
            }
        }
    }
    Uri(res)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_uris_lead_to_each_other() {
        for name in ["/tmp/a b/ä%25.schema", "/名前/𝄞.schema", "/a"] {
            assert_eq!(path(&uri(name)), Some(PathBuf::from(name)));
        }
        assert_eq!(path(&Uri::from("untitled:Untitled-1")), None);
        assert_eq!(path(&Uri::from("file:///%FF")), None);
        assert_eq!(path(&Uri::from("file:///a%2")), Some(PathBuf::from("/a%2")));
        assert_eq!(uri("untitled:1"), Uri::from("untitled:1"));
    }
}
