//! What holds of names: whatever is renamed in a script that is right, it is right afterwards, says the same, and can be renamed back.

#![expect(clippy::unwrap_used, reason = "a test may fail so")]

use crate::examples::{Examples, scripts};
use relata::ast::Bundle;
use relata::check::{self, Checked, Meaning};
use relata::diagnostics::Edit;
use relata::ide::{self, Project};
use relata::load::{Input, Library};
use relata::source::{Sources, Span};
use relata::sql::Dialect;
use relata::syntax;

/// A script and what it imports, checked by one who asks for names.
struct Read {
    sources: Sources,
    bundle: Bundle,
    checked: Checked,
}

impl Read {
    fn new(sources: Sources, bundle: Bundle) -> Self {
        let checked = check::check_noting(&bundle, &sources);
        Self { sources, bundle, checked }
    }

    fn project(&self) -> Project<'_> {
        Project {
            sources: &self.sources,
            bundle: &self.bundle,
            checked: &self.checked,
            dialect: Dialect::SQLITE,
        }
    }

    /// The same with edits made.
    fn edited(&self, edits: &[Edit]) -> Self {
        let mut sources = self.sources.clone();
        for it in edits.iter().rev() {
            let source = self.sources.at(it.at.start).unwrap();
            sources.edit(source.id, source.range(it.at), &it.text).unwrap();
        }
        let read = |it: &std::sync::Arc<relata::ast::Script>| {
            std::sync::Arc::new(syntax::parse(sources.get(it.source)).script)
        };
        let scripts = self.bundle.scripts.iter().map(read).collect();
        let bundle = Bundle { scripts, ..self.bundle.clone() };
        Self::new(sources, bundle)
    }

    fn texts(&self) -> Vec<String> {
        let each = self.bundle.scripts.iter();
        each.map(|it| self.sources.get(it.source).text.to_string()).collect()
    }
}

/// Whether an association is declared there without a name: what names it can't be taken back.
fn is_unnamed(read: &Read, at: Span, meaning: &Meaning) -> bool {
    let verb = |it: &str| matches!(it, "hasOne" | "hasMany" | "belongsTo" | "belongsToMany");
    matches!(meaning, Meaning::Association(_)) && verb(read.sources.slice(at))
}

/// The edits of a rename.
fn edits_of(read: &Read, at: u32, new: &str) -> Result<Vec<Edit>, String> {
    let found = ide::rename(read.project(), at, new, &mut |_| false)?;
    Ok(found.edits.into_iter().map(|it| it.0).collect())
}

#[test]
fn whatever_the_examples_name_is_renamed_and_renamed_back() {
    let mut renamed = 0;
    for name in scripts() {
        let (mut sources, mut library) = (Sources::default(), Library::default());
        let problems = library.add(&mut sources, &mut Examples, Input::Path(&name));
        assert_eq!(problems, []);
        let read = Read::new(sources, library.bundle().clone());
        for it in read.checked.uses.iter().filter(|it| it.declares) {
            let old = read.sources.slice(it.at).trim_matches(['`', '"']).to_owned();
            let new = if old.starts_with(char::is_uppercase) { "Fresh" } else { "fresh" };
            let edits = edits_of(&read, it.at.start, new);
            let edits = match edits {
                Ok(edits) => edits,
                // Its name makes its key, which another association shares.
                Err(why) if why.contains("another key would be made") => continue,
                Err(why) => panic!("{name}: {old}: {why}"),
            };
            let after = read.edited(&edits);
            let errors = |it: &Checked| it.problems.iter().filter(|it| !it.is_warning()).count();
            assert_eq!(errors(&after.checked), errors(&read.checked), "{name}: {old}");
            assert_ne!(after.texts(), read.texts(), "{name}: {old}");
            renamed += 1;
            if is_unnamed(&read, it.at, &it.meaning) {
                continue;
            }
            let is_new = |it: &&check::NameUse| {
                it.declares && after.sources.slice(it.at).trim_matches('"') == new
            };
            let at = after.checked.uses.iter().find(is_new).unwrap().at;
            let back = edits_of(&after, at.start, &old);
            let back = back.unwrap_or_else(|why| panic!("{name}: {old}, back: {why}"));
            assert_eq!(after.edited(&back).texts(), read.texts(), "{name}: {old}");
        }
    }
    assert!(renamed > 50, "{renamed}");
}
