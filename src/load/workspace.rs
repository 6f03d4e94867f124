//! Scripts that a host has open, while they are edited, and those that they import.

use super::{Input, KeptScript, Library, Loader};
use crate::diagnostics::Problem;
use crate::source::{Sources, TextChange, TooLarge};
use crate::syntax::TextDocument;
use std::collections::BTreeMap;
use std::ops::Range;

/// Scripts that are loaded again and again: a script that is open stands for what the loader has under its name, and no sentence is
/// parsed twice as long as it stays.
///
/// ```
/// use relata::load::{MapLoader, Workspace};
/// let mut loader = MapLoader::from_iter([("user.schema", "model User { name: STRING }")]);
/// let mut workspace = Workspace::default();
/// workspace.open("shop.schema", "import \"user.schema\"\nUser hasMany Post").unwrap();
/// workspace.edit("shop.schema", 36..40, "User").unwrap();
/// let (library, problems) = workspace.load(&mut loader, &["shop.schema"]);
/// assert!(problems.is_empty());
/// assert_eq!(library.bundle().order.len(), 2);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    sources: Sources,
    kept: BTreeMap<String, KeptScript>,
}

impl Workspace {
    /// Opens a script, or gives an open one another text.
    ///
    /// # Errors
    /// [`TooLarge`] where all texts together would pass 4 GiB.
    pub fn open(&mut self, name: &str, text: &str) -> Result<(), TooLarge> {
        if let Some(kept) = self.kept.get_mut(name) {
            kept.open = true;
            return kept.document.replace(&mut self.sources, text).map(|_| ());
        }
        let id = self.sources.add(name, text)?;
        let document = TextDocument::new(self.sources.get(id));
        self.kept.insert(name.to_owned(), KeptScript { document, open: true });
        Ok(())
    }

    /// Puts `text` in place of the bytes `range` of an open script; see [`Sources::edit`]. None where it isn't open.
    ///
    /// # Errors
    /// [`TooLarge`] where all texts together would pass 4 GiB.
    pub fn edit(
        &mut self,
        name: &str,
        range: Range<usize>,
        text: &str,
    ) -> Result<Option<TextChange>, TooLarge> {
        let kept = self.kept.get_mut(name).filter(|it| it.open);
        kept.map(|it| it.document.edit(&mut self.sources, range, text)).transpose()
    }

    /// Closes a script: what the loader has under its name counts again.
    pub fn close(&mut self, name: &str) {
        if let Some(kept) = self.kept.get_mut(name) {
            kept.open = false;
        }
        self.release(|it| it != name);
    }

    /// Lets the scripts go that aren't open and of which something doesn't hold: the loader is asked for them once more where they are
    /// needed again.
    pub fn release(&mut self, holds: impl Fn(&str) -> bool) {
        self.kept.retain(|name, it| it.open || holds(name));
        let mut kept: Vec<_> = self.kept.values().map(|it| it.document.id()).collect();
        kept.sort_unstable();
        self.sources.retain(|it| kept.binary_search(&it.id).is_ok());
    }

    /// The scripts that `paths` lead to and all that they import, and what is wrong with their texts.
    pub fn load(&mut self, loader: &mut dyn Loader, paths: &[&str]) -> (Library, Vec<Problem>) {
        let (mut library, mut problems) = (Library::default(), Vec::new());
        for path in paths {
            let (sources, kept) = (&mut self.sources, Some(&mut self.kept));
            problems.extend(library.add_kept(sources, loader, Input::Path(path), kept));
        }
        (library, problems)
    }

    /// The script of that name, if it was opened or read.
    pub fn document(&self, name: &str) -> Option<&TextDocument> {
        self.kept.get(name).map(|it| &it.document)
    }

    /// All texts: problems point to them.
    pub const fn sources(&self) -> &Sources {
        &self.sources
    }
}
