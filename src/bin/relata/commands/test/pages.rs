//! Finds the pages.

use crate::files::{self, reason};
use std::fs;
use std::path::{Path, PathBuf};

/// A file that may be a page.
#[derive(Debug, Clone)]
pub(super) struct PageFile {
    /// What it is called: as it was named, or found below what was named.
    pub(super) name: String,
    pub(super) path: PathBuf,
}

/// The Markdown files that are meant, in order: those below folders too, but what is hidden or was made by other tools.
pub(super) fn find(paths: &[String]) -> Result<Vec<PageFile>, String> {
    let mut found = Vec::new();
    for name in paths {
        let path = Path::new(name);
        let kind = fs::metadata(path);
        let kind = kind.map_err(|it| format!("`{name}` can't be read: {}", reason(&it)))?;
        if kind.is_dir() {
            below(path, &mut found)?;
        } else {
            found.push(PageFile { name: name.clone(), path: path.to_owned() });
        }
    }
    Ok(found)
}

/// Folders that other tools fill.
const MADE: [&str; 3] = ["target", "node_modules", "vendor"];

fn below(folder: &Path, found: &mut Vec<PageFile>) -> Result<(), String> {
    let error =
        |it: std::io::Error| format!("`{}` can't be read: {}", folder.display(), reason(&it));
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(error)? {
        let entry = entry.map_err(error)?;
        entries.push((entry.path(), entry.file_type().map_err(error)?));
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    for (path, kind) in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        // Through a symlink a folder could hold itself.
        if kind.is_dir() && !MADE.contains(&&*name) {
            below(&path, found)?;
        } else if !kind.is_dir() && path.extension().is_some_and(|it| it == "md") && path.is_file()
        {
            let name = path.strip_prefix(".").unwrap_or(&path).to_string_lossy().into_owned();
            found.push(PageFile { name, path });
        }
    }
    Ok(())
}

/// The text of a page.
pub(super) fn read(path: &Path) -> Result<String, String> {
    let error = |it: std::io::Error| format!(" {}", reason(&it));
    let bytes = files::read(path).map_err(error)?;
    String::from_utf8(bytes).map_err(|_| " it is no UTF-8".to_owned())
}
