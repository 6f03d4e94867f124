//! Renames, held against a second account of what they must write: projects are written from what their names mean, once with each name. A rename to
//! a name that nothing has writes what is written with that name, in all scripts, and back; it changes no report and nothing that the script does, and a
//! database keeps its rows. One to a name that something has does so, or is refused.
//!
//! `PROJECTS=500 cargo test --test library -- renaming::` tries more of them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail so")]

mod generate;
mod traced;
mod written;

use crate::properties::kit::seeded;
use relata::ast::Bundle;
use relata::check::{self, Checked};
use relata::diagnostics::{Edit, Problem};
use relata::ide::{self, Project, Rename};
use relata::load::{Input, Library};
use relata::source::{Sources, Span};
use relata::sql::Dialect;
use std::collections::BTreeSet;
use traced::{FILES, Texts, difference, lost, trace};
use written::{Form, Naming, Pieces, Place, Thing, Written, unquoted};

/// A project, checked by one who asks for names.
struct Read {
    sources: Sources,
    bundle: Bundle,
    checked: Checked,
}

impl Read {
    fn new(texts: &[String]) -> Self {
        let (mut sources, mut library) = (Sources::default(), Library::default());
        let mut loader = Texts(texts.to_vec());
        let problems = library.add(&mut sources, &mut loader, Input::Path(FILES[0]));
        let bundle = library.bundle().clone();
        let mut checked = check::check_noting(&bundle, &sources);
        checked.problems.extend(problems);
        Self { sources, bundle, checked }
    }

    fn span(&self, place: &Place) -> Span {
        let source = self.sources.iter().find(|it| &*it.name == FILES[place.file]).unwrap();
        source.span(place.start..place.end)
    }

    fn rename(&self, at: Span, new: &str, stored: bool) -> Result<Rename, String> {
        let Self { sources, bundle, checked } = self;
        let project = Project { sources, bundle, checked, dialect: Dialect::SQLITE };
        ide::rename(project, at.start, new, &mut |_| stored)
    }

    fn references(&self, at: Span) -> Vec<Span> {
        let Self { sources, bundle, checked } = self;
        let project = Project { sources, bundle, checked, dialect: Dialect::SQLITE };
        ide::references(project, at.start)
    }

    /// The texts behind a rename.
    fn renamed(&self, rename: &Rename) -> Vec<String> {
        let each = FILES.iter().map(|name| {
            let source = self.sources.iter().find(|it| &*it.name == *name).unwrap();
            let mut text = source.text.to_string();
            let own = |it: &&Edit| self.sources.at(it.at.start).unwrap().id == source.id;
            for it in rename.edits.iter().map(|it| &it.0).filter(own).rev() {
                text.replace_range(source.range(it.at), &it.text);
            }
            text
        });
        each.collect()
    }

    fn codes(&self) -> Vec<&'static str> {
        let mut codes: Vec<_> = self.checked.problems.iter().map(Problem::code).collect();
        codes.sort_unstable();
        codes
    }
}

/// A name that nothing has.
fn fresh(thing: Thing, naming: &Naming) -> &'static str {
    match thing {
        Thing::Model(_) | Thing::Base | Thing::Enumeration | Thing::View => "Zebra",
        Thing::Association(it) if naming.relations[it].is_to_many() => "zebras",
        _ => "zebra",
    }
}

/// Whether a name may be asked about at such a place: where it follows another one, that one is, elsewhere.
fn is_asked(form: Form) -> bool {
    !matches!(form, Form::Follows | Form::KeyOf | Form::InPath | Form::Stands)
}

/// The naming in which a thing is called otherwise.
fn naming_with(naming: &Naming, thing: Thing, new: &str) -> Naming {
    let mut naming = naming.clone();
    naming.names.insert(thing, new.to_owned());
    if let Thing::Association(it) = thing {
        naming.named.insert(it);
    }
    naming
}

fn shown(texts: &[String]) -> String {
    texts.join("-----\n")
}

/// A project, as it is written, and what it does.
struct Held<'a> {
    pieces: &'a Pieces,
    naming: &'a Naming,
    written: Written,
    read: Read,
    does: Vec<String>,
}

impl Held<'_> {
    /// A rename to a name that nothing has, at a place; false where it is refused with reason.
    fn is_renamed(&self, place: &Place) -> bool {
        let Self { pieces, naming, written, read, does } = self;
        let (texts, at) = (&written.texts, read.span(place));
        let new = fresh(place.thing, naming);
        let about = || format!("{place:?} {:?}\n{}", read.sources.slice(at), shown(texts));
        let rename = match read.rename(at, new, false) {
            Ok(rename) => rename,
            Err(why) => {
                // Its name makes its key, which another association shares.
                let shared = matches!(place.thing, Thing::Association(it) if naming.shares_key(it));
                assert!(shared && why.contains("another key would be made"), "{why}: {}", about());
                return false;
            }
        };
        let expected = pieces.written(&naming_with(naming, place.thing, new));
        let found = read.renamed(&rename);
        assert_eq!(unquoted(&shown(&found)), unquoted(&shown(&expected.texts)), "{}", about());
        let after = Read::new(&found);
        assert_eq!(after.codes(), read.codes(), "{}", about());
        let old = naming.name(place.thing);
        let differs = difference(does, &trace(&found), &old, new);
        assert_eq!(differs, None, "{}", about());
        let stored = read.rename(at, new, true).unwrap();
        assert!(stored.loses || lost(texts, &read.renamed(&stored)).is_none(), "{}", about());

        let told = read.references(at);
        let own = |it: &&Place| it.thing == place.thing && it.form == place.form;
        for it in written.places.iter().filter(own) {
            assert!(told.contains(&read.span(it)), "{it:?} is none of {}", about());
        }
        // Whoever gets a name by that can't lose it again.
        let unnamed = matches!(place.thing, Thing::Association(it) if !naming.named.contains(&it));
        let there = |it: &&Place| it.thing == place.thing && it.form == Form::Plain;
        let again = expected.places.iter().find(there).filter(|_| !unnamed);
        if let Some(again) = again {
            let plainly = Read::new(&expected.texts);
            let back = plainly.rename(plainly.span(again), &old, false).unwrap();
            assert_eq!(unquoted(&shown(&plainly.renamed(&back))), unquoted(&shown(texts)));
        }
        true
    }

    /// Renames of a thing to names that others have, or that mean something.
    fn is_renamed_to_what_is_there(&self, thing: Thing, taken: &BTreeSet<String>) {
        let Self { naming, written, read, does, .. } = self;
        let is_own = |it: &&Place| it.thing == thing && is_asked(it.form);
        let Some(place) = written.places.iter().find(is_own) else { return };
        let (at, old) = (read.span(place), naming.name(thing));
        for new in taken.iter().filter(|it| **it != old) {
            let Ok(rename) = read.rename(at, new, false) else { continue };
            let found = read.renamed(&rename);
            let about = || format!("{place:?} {old} as {new}\n{}", shown(&written.texts));
            assert_eq!(Read::new(&found).codes(), read.codes(), "{}", about());
            assert_eq!(difference(does, &trace(&found), &old, new), None, "{}", about());
        }
    }
}

const WORDS: [&str; 22] = [
    "id",
    "model",
    "index",
    "null",
    "any",
    "count",
    "sync",
    "default",
    "unscoped",
    "createdAt",
    "NOW",
    "now",
    "UUIDV4",
    "desc",
    "nulls",
    "as",
    "where",
    "true",
    "STRING",
    "a.b",
    "it's",
    "x`y",
];

#[test]
#[expect(clippy::disallowed_methods, reason = "how many are tried is said from outside")]
fn a_rename_writes_what_would_have_been_written() {
    let count = std::env::var("PROJECTS").map_or(4, |it| it.parse().unwrap());
    let (mut wrong, mut renamed, mut refused) = (0, 0, 0);
    seeded(count, 3000, |u| {
        let (pieces, naming) = generate::project(u)?;
        let written = pieces.written(&naming);
        let read = Read::new(&written.texts);
        if read.checked.has_errors() {
            wrong += 1;
            return Ok(());
        }
        let does = trace(&written.texts);
        let held = Held { pieces: &pieces, naming: &naming, written, read, does };
        for place in held.written.places.iter().filter(|it| is_asked(it.form)) {
            if held.is_renamed(place) { renamed += 1 } else { refused += 1 }
        }
        let all = naming.names.values().map(String::as_str).chain(WORDS);
        let mut taken = BTreeSet::new();
        for it in all {
            if u.ratio(1, 8)? {
                taken.insert(it.to_owned());
            }
        }
        for thing in naming.names.keys() {
            held.is_renamed_to_what_is_there(*thing, &taken);
        }
        Ok(())
    });
    assert!(renamed > 20 * count && refused * 20 < renamed && wrong * 4 <= count);
}
