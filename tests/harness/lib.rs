//! What the test programs share: databases to try things on, and how they are read back.

mod guarded;
pub mod shop;
pub mod tables;

use std::path::{Path, PathBuf};

/// The tests of a file, by what they hold; the golden program runs them.
pub type Tests = &'static [(&'static str, fn())];

/// The package's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files in `folder` and below, in order; none where there is no such folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut res = Vec::new();
    walk(folder, &mut res);
    res
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|it| it.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// What differs, line by line.
pub fn difference(expected: &str, actual: &str) -> String {
    let diff = similar::TextDiff::from_lines(expected, actual);
    let header = "differs; `-` is expected, `+` is so\n";
    format!("{header}{}", diff.unified_diff().context_radius(3))
}
