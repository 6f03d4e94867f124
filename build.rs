//! Packs the pages of docs/errors and docs/verbs for the binary: as they stand they are a fifth of a megabyte.
//!
//! Invariant: what is packed depends on the pages alone, so that a build is the same twice.

use std::collections::HashMap;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let out = env::var("OUT_DIR").unwrap_or_default();
    for folder in ["errors", "verbs"] {
        let pages = Path::new(&root).join("docs").join(folder);
        println!("cargo:rerun-if-changed={}", pages.display());
        let mut files: Vec<_> = fs::read_dir(&pages)?.collect::<Result<_, _>>()?;
        files.sort_by_key(fs::DirEntry::file_name);
        let mut all = Vec::new();
        for file in files {
            let path = file.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            all.extend_from_slice(name.as_bytes());
            all.push(0);
            all.extend(fs::read(&path)?);
            all.push(0);
        }
        fs::write(Path::new(&out).join(folder), packed(&all))?;
    }
    Ok(())
}

/// What is there already need be at least as long as this to be said by its place.
const LEAST: usize = 6;

/// `src/words/packed.rs` reads it: how many bytes stand as they are, these, how many are taken from before, and how far before; and so on.
fn packed(all: &[u8]) -> Vec<u8> {
    let mut res = Vec::new();
    let mut places: HashMap<&[u8], Vec<usize>> = HashMap::new();
    let (mut at, mut plain) = (0, 0);
    while at < all.len() {
        let key = all.get(at..at + LEAST);
        let (mut length, mut from) = (0, 0);
        for place in key.and_then(|it| places.get(it)).into_iter().flatten().rev().take(64) {
            let same = all[*place..].iter().zip(&all[at..]).take_while(|it| it.0 == it.1).count();
            if same > length {
                (length, from) = (same, *place);
            }
        }
        let step = if length >= LEAST {
            number(&mut res, at - plain);
            res.extend_from_slice(&all[plain..at]);
            number(&mut res, length);
            number(&mut res, at - from);
            plain = at + length;
            length
        } else {
            1
        };
        for place in at..at + step {
            if let Some(key) = all.get(place..place + LEAST) {
                places.entry(key).or_default().push(place);
            }
        }
        at += step;
    }
    number(&mut res, all.len() - plain);
    res.extend_from_slice(&all[plain..]);
    res
}

/// Seven bits a byte, the least first.
fn number(out: &mut Vec<u8>, mut value: usize) {
    while value > 127 {
        out.push((value & 127) as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}
