//! Copies of a database: one to try something on, and one of how it was before a change.

use super::error;
use super::wait::{wait, wait_with};
use super::{DbError, DbErrorKind};
use crate::db::stop::StopSignal;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, ffi};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// So many pages are copied between two looks at whether it is to end.
const PAGES: i32 = 1000;

/// A copy that is made aside, and gets its name when the change is kept.
///
/// Invariant: nothing that is half a copy has the name of one; nobody reads it who can't read the database.
#[derive(Debug)]
pub(super) struct SideFile {
    aside: PathBuf,
    path: PathBuf,
}

impl SideFile {
    /// Copies the file `from` beside itself. `name` tells one copy from another; where it is taken, a number follows it.
    pub(super) fn of(from: &Path, name: &str, stop: &StopSignal) -> Result<Self, DbError> {
        let path = free(from, name);
        let copy = Self { aside: with_suffix(&path, ".partial"), path };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        // Another connection sees what is committed, and nothing else.
        let mut source = open(from, flags)?;
        wait_with(stop, &mut source).map_err(error::of)?;
        match copy.make(&source, from, stop) {
            Ok(()) => Ok(copy),
            Err(mut found) => {
                let told = copy.path.display();
                found.message = match copy.remove() {
                    Ok(()) => format!("no copy could be made in `{told}`: {}", found.message),
                    Err(why) => format!(
                        "no copy could be made in `{told}`: {}; and `{}` can't be removed: {}",
                        found.message,
                        copy.aside.display(),
                        why.message
                    ),
                };
                if found.kind == DbErrorKind::CannotOpen {
                    found.kind = DbErrorKind::CannotWrite;
                }
                Err(found)
            }
        }
    }

    /// What its name will be.
    pub(super) fn path(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }

    fn make(&self, source: &Connection, from: &Path, stop: &StopSignal) -> Result<(), DbError> {
        // Whoever made the one that is there was killed: two can't change the database at once.
        self.remove()?;
        let file = private(&self.aside).map_err(|it| failed(&it))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut to = open(&self.aside, flags)?;
        // Until it is whole nobody needs it.
        to.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
            .map_err(error::of)?;
        pages(source, &mut to, stop)?;
        to.close().map_err(|(_, it)| error::of(it))?;
        copy_permissions(&file, from).map_err(|it| failed(&it))?;
        file.sync_all().map_err(|it| failed(&it))
    }

    /// Gives it its name; never that of something else.
    pub(super) fn keep(&self) -> Result<(), DbError> {
        let named = match fs::hard_link(&self.aside, &self.path) {
            Ok(()) => return self.remove(),
            // Not every file system has files of two names.
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists && !is_taken(&self.path) => {
                fs::rename(&self.aside, &self.path)
            }
            Err(error) => Err(error),
        };
        named.map_err(|it| {
            let told = self.path.display();
            let found = failed(&it);
            let message = format!("no copy could be kept in `{told}`: {}", found.message);
            DbError { message, ..found }
        })
    }

    /// Removes what is there of it, its name aside.
    pub(super) fn remove(&self) -> Result<(), DbError> {
        ignore_missing(fs::remove_file(&self.aside))
    }

    /// Takes its name away: the change was not kept.
    pub(super) fn delete_name(&self) -> Result<(), DbError> {
        ignore_missing(fs::remove_file(&self.path))
    }
}

/// What isn't there is gone.
fn ignore_missing(removed: io::Result<()>) -> Result<(), DbError> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A name that nothing has, be it a link that leads nowhere.
fn free(from: &Path, name: &str) -> PathBuf {
    let mut path = with_suffix(from, &format!(".{name}"));
    let mut number = 1;
    while is_taken(&path) {
        number += 1;
        path = with_suffix(from, &format!(".{name}-{number}"));
    }
    path
}

fn is_taken(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// A path that goes on.
fn with_suffix(path: &Path, end: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(end);
    PathBuf::from(path)
}

fn failed(error: &io::Error) -> DbError {
    DbError::new(DbErrorKind::CannotWrite, error.to_string())
}

/// A new file that nobody else may read yet.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Lets those read and write `file` who may read and write the file at `like`, and nobody else.
#[cfg(unix)]
fn copy_permissions(file: &File, like: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let (like, own) = (fs::metadata(like)?, file.metadata()?);
    let mut mode = like.mode() & 0o777;
    if (like.uid(), like.gid()) != (own.uid(), own.gid())
        && fchown(file, Some(like.uid()), Some(like.gid())).is_err()
    {
        // To another group the same bits would say something else.
        mode &= 0o600;
    }
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn copy_permissions(_: &File, _: &Path) -> io::Result<()> {
    Ok(())
}

/// A copy of a database as it is now, that goes with the answer.
pub(super) fn of(from: &Connection, stop: &StopSignal) -> Result<Connection, DbError> {
    // An empty name is a file of SQLite's own, which it removes.
    let mut copy = Connection::open("").map_err(error::opening)?;
    pages(from, &mut copy, stop)?;
    Ok(copy)
}

/// Opens a file that is there, to read it only.
pub(super) fn open_read_only(path: &Path) -> Result<Connection, DbError> {
    if path.is_dir() {
        return Err(DbError::new(DbErrorKind::CannotOpen, "it is a folder"));
    }
    let stop = StopSignal::default();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let take = || {
        let mut connection = open(path, flags)?;
        wait_with(&stop, &mut connection).map_err(error::of)?;
        probe(&connection)?;
        Ok(connection)
    };
    match take() {
        Err(error) if needs_recovery(&error) => {
            recover(path, &stop)?;
            take()
        }
        taken => taken,
    }
}

/// The first look at a file: whether it is a database shows itself here.
fn probe(connection: &Connection) -> Result<(), DbError> {
    let read = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
    read.map_err(error::of)
}

/// Whether a program that wrote was killed, and what it had begun has to be undone before anybody reads.
fn needs_recovery(error: &DbError) -> bool {
    matches!(
        error.code,
        Some(
            ffi::SQLITE_READONLY_ROLLBACK
                | ffi::SQLITE_READONLY_RECOVERY
                | ffi::SQLITE_READONLY_CANTINIT
        )
    )
}

/// Lets SQLite undo what a killed program had begun: who reads next would do the same.
fn recover(path: &Path, stop: &StopSignal) -> Result<(), DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = open(path, flags)?;
    wait_with(stop, &mut connection).map_err(error::of)?;
    probe(&connection)
}

/// Opens a file by its path, whatever that looks like.
pub(super) fn open(path: &Path, flags: OpenFlags) -> Result<Connection, DbError> {
    let written = path.to_string_lossy();
    if written.is_empty() {
        return Err(DbError::new(DbErrorKind::CannotOpen, "its path is empty"));
    }
    // SQLite takes some names for something else.
    let special = written.starts_with(':')
        || written.get(..5).is_some_and(|it| it.eq_ignore_ascii_case("file:"));
    let plain = if special { Path::new(".").join(path) } else { path.to_owned() };
    Connection::open_with_flags(plain, flags).map_err(error::opening)
}

/// Copies a database, page by page.
fn pages(from: &Connection, to: &mut Connection, stop: &StopSignal) -> Result<(), DbError> {
    let backup = Backup::new(from, to).map_err(error::of)?;
    let mut waits = None;
    loop {
        match backup.step(PAGES).map_err(error::of)? {
            StepResult::Done => return Ok(()),
            StepResult::More => {
                waits = None;
                if let Some(reason) = stop.reason() {
                    return Err(reason);
                }
            }
            // Another program has it.
            _ => wait(stop, *waits.get_or_insert_with(Instant::now))?,
        }
    }
}
