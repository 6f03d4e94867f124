//! Scripts in files.
//!
//! Invariant: an import never reads a file outside of the folders of the scripts that were named as arguments.

use relata::load::{LoadError, Loader, nearest_path};
use relata::run::Files;
use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

/// What standard input is called, as an argument and in reports.
pub(crate) const STDIN: (&str, &str) = ("-", "<stdin>");

/// Positions count up to this.
const LARGEST: u64 = u32::MAX as u64;

/// Reads files. A path in an `import` counts from the importing file.
#[derive(Debug, Default)]
pub(crate) struct FileLoader {
    /// The folders of the scripts that were named, as they really are.
    roots: BTreeSet<PathBuf>,
    /// What a file is called in reports, by where it really is.
    names: HashMap<PathBuf, String>,
    /// And back.
    paths: HashMap<String, PathBuf>,
}

impl FileLoader {
    /// A loader whose imports stay under the current folder (that of a script on standard input) where `here`.
    pub(crate) fn new(here: bool) -> Self {
        let mut res = Self::default();
        if here {
            res.roots.extend(Path::new(".").canonicalize());
        }
        res
    }

    /// The files that were found, whatever found them.
    pub(crate) fn found(&self) -> Vec<PathBuf> {
        self.names.keys().cloned().collect()
    }

    /// A loader for a script that stands in a page: it is called `name`, and what it imports counts from `folder`.
    pub(crate) fn of_page(name: &str, folder: &Path) -> Self {
        let mut res = Self::new(true);
        if let Ok(folder) = folder.canonicalize() {
            res.paths.insert(name.to_owned(), folder.join(name));
            res.roots.insert(folder);
        }
        res
    }

    fn called(&mut self, real: PathBuf, name: String) -> String {
        if let Some(known) = self.names.get(&real) {
            return known.clone();
        }
        self.paths.insert(name.clone(), real.clone());
        self.names.insert(real, name.clone());
        name
    }

    /// A script that was named as an argument.
    fn named(&mut self, path: &str) -> Result<String, LoadError> {
        let written = Path::new(path);
        let real = written.canonicalize().map_err(|it| unreadable(&it, written))?;
        if real.is_dir() {
            return Err(LoadError::Unreadable("it is a folder".to_owned()));
        }
        if let Some(folder) = real.parent() {
            self.roots.insert(folder.to_owned());
        }
        Ok(self.called(real, path.to_owned()))
    }

    fn imported(&mut self, from: &str, path: &str) -> Result<String, LoadError> {
        let relative = Path::new(path);
        if relative.is_absolute() || relative.has_root() {
            return Err(LoadError::Outside);
        }
        // Where the importing file really is decides; what it is called is for people.
        let folder = match self.paths.get(from) {
            Some(real) => real.parent().map(Path::to_owned),
            None => Path::new(".").canonicalize().ok(),
        };
        let folder = folder.ok_or(LoadError::Outside)?;
        let wanted = folder.join(relative);
        // Before anything outside is even looked at:
        if !self.inside(&plain(&wanted)) {
            return Err(LoadError::Outside);
        }
        let real = wanted.canonicalize().map_err(|it| match unreadable(&it, &wanted) {
            // A script hardly means to import itself.
            LoadError::NotFound { nearest: Some(near) }
                if Path::new(from).file_name() == Some(near.as_ref()) =>
            {
                LoadError::NotFound { nearest: None }
            }
            error => error,
        })?;
        if !self.inside(&real) {
            return Err(LoadError::Outside);
        }
        if !real.is_file() {
            let what = if real.is_dir() { "it is a folder" } else { "it is no file" };
            return Err(LoadError::Unreadable(what.to_owned()));
        }
        let beside = Path::new(from).parent().unwrap_or(Path::new(""));
        let mut name = plain(&beside.join(relative)).to_string_lossy().into_owned();
        // A file may be called like the script of a page.
        if self.paths.get(&name).is_some_and(|it| !self.names.contains_key(it)) {
            name.insert_str(0, "./");
        }
        Ok(self.called(real, name))
    }

    fn inside(&self, path: &Path) -> bool {
        self.roots.iter().any(|it| path.starts_with(it))
    }
}

impl Loader for FileLoader {
    fn resolve(&mut self, from: Option<&str>, path: &str) -> Result<String, LoadError> {
        if path.contains('\0') {
            return Err(LoadError::NotFound { nearest: None });
        }
        match from {
            None => self.named(path),
            Some(from) => self.imported(from, path),
        }
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, LoadError> {
        let path = self.paths.get(name).ok_or(LoadError::Outside)?;
        let file = File::open(path).map_err(|it| unreadable(&it, path))?;
        read_all(file).map_err(|it| unreadable(&it, path))
    }
}

/// The files that `load` reads lie beside the scripts that were named, and below.
impl Files for FileLoader {
    fn open(&mut self, from: &str, path: &str) -> Result<Box<dyn Read>, String> {
        let name = self.imported(from, path).map_err(|it| match it {
            LoadError::NotFound { .. } => "there is no such file".to_owned(),
            other => other.to_string(),
        })?;
        let real = self.paths.get(&name).ok_or("it is unknown")?;
        let file = File::open(real).map_err(|it| reason(&it))?;
        Ok(Box::new(io::BufReader::with_capacity(64 * 1024, file)))
    }
}

/// The scripts of the current folder, in order.
pub(crate) fn scripts_here() -> Vec<String> {
    let entries = fs::read_dir(".").into_iter().flatten().flatten();
    let names = entries.filter_map(|it| it.file_name().into_string().ok());
    let is_script = |name: &String| {
        let is = Path::new(name).extension().is_some_and(|it| it == "schema");
        is && !name.starts_with('.')
    };
    let scripts: BTreeSet<String> = names.filter(is_script).collect();
    scripts.into_iter().collect()
}

/// What standard input has.
pub(crate) fn stdin() -> io::Result<Vec<u8>> {
    read_all(io::stdin().lock())
}

/// What a file has.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    read_all(File::open(path)?)
}

fn read_all(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if read as u64 > LARGEST {
        return Err(io::Error::other("it is larger than 4 GiB"));
    }
    Ok(bytes)
}

fn unreadable(error: &io::Error, path: &Path) -> LoadError {
    if error.kind() == io::ErrorKind::NotFound {
        let nearest = sibling(path);
        return LoadError::NotFound { nearest };
    }
    LoadError::Unreadable(reason(error))
}

/// An error in words, without its number.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split_once(" (os error").map_or(text.as_str(), |it| it.0);
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// A script beside `path` that was meant, perhaps.
fn sibling(path: &Path) -> Option<String> {
    let word = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let entries = fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let names = entries.flatten().filter_map(|it| it.file_name().into_string().ok());
    let scripts = names.filter(|name| Path::new(name).extension().is_some_and(|it| it == "schema"));
    let scripts: BTreeSet<String> = scripts.collect();
    nearest_path(word, scripts.iter().map(String::as_str)).map(str::to_owned)
}

/// The path without `.` and `..`, as far as that can be known without looking.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut res = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                let last = res.components().next_back();
                if matches!(last, Some(Component::Normal(_))) {
                    res.pop();
                } else if !matches!(last, Some(Component::RootDir | Component::Prefix(_))) {
                    res.push(part);
                }
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => res.push(part),
        }
    }
    res
}

/// Writes the file as a whole or not at all: beside it first, then in its place. Its permissions stay; what is no regular file stays what it is.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let there = match fs::metadata(path) {
        // In its place there would be a file.
        Ok(it) if !it.is_file() => return Err(io::Error::other("it is not a regular file")),
        Ok(it) => Some(it),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    // Through a symlink, to the file itself.
    let path = match there {
        Some(_) => path.canonicalize()?,
        None => path.to_owned(),
    };
    let (beside, mut file) = beside(&path)?;
    let written = (|| {
        file.write_all(bytes)?;
        if let Some(there) = there {
            file.set_permissions(there.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&beside, &path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// A new file beside `path`.
fn beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for number in 0..100 {
        let beside = path.with_file_name(format!(".{name}.{}-{number}", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Ok(file) => return Ok((beside, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

/// Whether a file begins with a byte order mark, which a rewritten one keeps.
pub(crate) fn begins_with_mark(path: &Path) -> bool {
    let mut bytes = [0; 3];
    let read = File::open(path).and_then(|mut it| it.read_exact(&mut bytes));
    read.is_ok() && bytes == [0xEF, 0xBB, 0xBF]
}
