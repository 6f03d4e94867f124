//! Scripts and what they import, brought together.
//!
//! Where texts come from is the host's business: it gives a [`Loader`]. Each script counts once, where it is
//! imported first; so imports may go in circles.
//!
//! Invariant: nothing here touches a file.

mod map;
mod workspace;

pub use map::{MapLoader, NoLoader, OwnOnly};
pub use workspace::Workspace;

use crate::ast::{Bundle, Import, Path, Script, Sentence, ValueKind};
use crate::diagnostics::{Edit, Help, LoadProblem, Problem, SyntaxProblem};
use crate::source::{SourceId, Sources, Span};
use crate::syntax;
use crate::syntax::TextDocument;
use crate::verbs::{Declaration, Verb, Verbal, verbal};
use crate::words;
use smol_str::SmolStr;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Gives the texts of scripts.
pub trait Loader {
    /// The name of the script that `path` means in the script `from` (none: from outside). One script has one name,
    /// whatever path leads to it; reports show it.
    fn resolve(&mut self, from: Option<&str>, path: &str) -> Result<String, LoadError>;

    /// The bytes of the script of that name.
    fn read(&mut self, name: &str) -> Result<Vec<u8>, LoadError>;
}

/// Why a [`Loader`] has no such script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// There is none.
    #[error("there is no such script")]
    NotFound {
        /// A path that was meant, perhaps.
        nearest: Option<String>,
    },
    /// The path leads where scripts may not look.
    #[error("it lies outside of the scripts' folder")]
    Outside,
    /// It is there, and can't be read.
    #[error("{0}")]
    Unreadable(String),
    /// There is nothing to import at all.
    #[error("nothing can be imported here")]
    NoImports,
}

/// A script to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input<'a> {
    /// A text.
    Text {
        /// What reports call it; what it imports is sought from there.
        name: &'a str,
        /// The text.
        text: &'a str,
    },
    /// What the loader has under this path.
    Path(&'a str),
}

/// The scripts that have been loaded, and the order in which their sentences count.
#[derive(Debug, Clone, Default)]
pub struct Library {
    bundle: Bundle,
    /// The scripts by name.
    names: HashMap<String, usize>,
}

/// How far a [`Library`] had come.
#[derive(Debug, Clone, Copy)]
pub struct LibraryMark {
    scripts: usize,
    pub(crate) order: usize,
    imports: usize,
    incomplete: bool,
}

/// A script that is being read, and the next of its sentences.
struct OpenScript {
    script: usize,
    next: usize,
}

impl Library {
    /// All scripts, as one.
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// How far it has come.
    pub fn mark(&self) -> LibraryMark {
        LibraryMark {
            scripts: self.bundle.scripts.len(),
            order: self.bundle.order.len(),
            imports: self.bundle.imports.len(),
            incomplete: self.bundle.incomplete,
        }
    }

    /// Forgets what came after `mark`.
    pub fn forget(&mut self, mark: LibraryMark) {
        self.bundle.scripts.truncate(mark.scripts);
        self.bundle.order.truncate(mark.order);
        self.bundle.imports.truncate(mark.imports);
        self.bundle.incomplete = mark.incomplete;
        self.names.retain(|_, it| *it < mark.scripts);
    }

    /// The sentences that came after `mark`, in order.
    pub(crate) fn behind(&self, mark: LibraryMark) -> impl Iterator<Item = &Sentence> {
        let order = self.bundle.order.iter().skip(mark.order);
        order.filter_map(|(script, sentence)| {
            self.bundle.scripts.get(*script)?.sentences.get(*sentence)
        })
    }

    /// Takes out the sentences behind `mark` of which something holds; how many are left there.
    pub(crate) fn remove_behind(
        &mut self,
        mark: LibraryMark,
        gone: impl Fn(&Sentence) -> bool,
    ) -> usize {
        let (mut place, scripts) = (0, &self.bundle.scripts);
        self.bundle.order.retain(|(script, sentence)| {
            place += 1;
            let script = scripts.get(*script);
            let sentence = script.and_then(|it| it.sentences.get(*sentence));
            place <= mark.order || !sentence.is_some_and(&gone)
        });
        self.bundle.order.len().saturating_sub(mark.order)
    }

    /// Takes out the sentences of which something holds.
    pub(crate) fn remove(&mut self, gone: impl Fn(&Sentence) -> bool) {
        let scripts = &self.bundle.scripts;
        self.bundle.order.retain(|(script, sentence)| {
            let script = scripts.get(*script);
            let sentence = script.and_then(|it| it.sentences.get(*sentence));
            !sentence.is_some_and(&gone)
        });
    }

    /// Lets the scripts go of which no sentence is left; which texts they are. To import one of them reads it again.
    pub(crate) fn release(&mut self) -> HashSet<SourceId> {
        let used: HashSet<usize> = self.bundle.order.iter().map(|it| it.0).collect();
        let (mut places, mut gone) = (Vec::new(), HashSet::new());
        let mut kept = 0;
        for (place, script) in self.bundle.scripts.iter().enumerate() {
            places.push(kept);
            if used.contains(&place) {
                kept += 1;
            } else {
                gone.insert(script.source);
            }
        }
        let place = |it: usize| places.get(it).copied().unwrap_or_default();
        self.bundle.scripts.retain(|it| !gone.contains(&it.source));
        self.bundle.order.iter_mut().for_each(|it| it.0 = place(it.0));
        self.bundle.imports.retain(|it| used.contains(&it.by) && used.contains(&it.script));
        for it in &mut self.bundle.imports {
            (it.by, it.script) = (place(it.by), place(it.script));
        }
        self.names.retain(|_, it| used.contains(it));
        self.names.values_mut().for_each(|it| *it = place(*it));
        gone
    }

    /// Whether the script of that name is among them.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// Adds a script and all that it imports. What is wrong with them, warnings too, comes back.
    pub fn add(
        &mut self,
        sources: &mut Sources,
        loader: &mut dyn Loader,
        input: Input<'_>,
    ) -> Vec<Problem> {
        self.add_kept(sources, loader, input, None)
    }

    /// As [`Library::add`], where some scripts were read before; those that weren't are put beside them.
    fn add_kept(
        &mut self,
        sources: &mut Sources,
        loader: &mut dyn Loader,
        input: Input<'_>,
        kept: Option<&mut BTreeMap<String, KeptScript>>,
    ) -> Vec<Problem> {
        let (problems, open) = (Vec::new(), Vec::new());
        let mut work = ScriptLoader { library: self, sources, loader, kept, problems, open };
        match input {
            Input::Text { name, text } => work.parse(name, text.to_owned(), None),
            Input::Path(path) => work.import(None, path, None),
        }
        work.finish();
        work.problems
    }
}

/// A script that stays from one loading to the next.
#[derive(Debug, Clone)]
struct KeptScript {
    document: TextDocument,
    /// Whether the host itself has given its text.
    open: bool,
}

/// The loading of one script.
struct ScriptLoader<'a> {
    library: &'a mut Library,
    sources: &'a mut Sources,
    loader: &'a mut dyn Loader,
    /// The scripts that were read before.
    kept: Option<&'a mut BTreeMap<String, KeptScript>>,
    problems: Vec<Problem>,
    open: Vec<OpenScript>,
}

impl ScriptLoader<'_> {
    /// Goes through the open scripts until none is left.
    fn finish(&mut self) {
        while let Some(reading) = self.open.last_mut() {
            let (script, sentence) = (reading.script, reading.next);
            reading.next += 1;
            let Some(found) = self.library.bundle.scripts.get(script) else {
                self.open.pop();
                continue;
            };
            let Some(written) = found.sentences.get(sentence) else {
                self.open.pop();
                continue;
            };
            match imported(written) {
                None => self.library.bundle.order.push((script, sentence)),
                Some((path, at)) => {
                    let (path, from) = (path.clone(), found.source);
                    let from = self.sources.get(from).name.to_string();
                    self.import(Some(&from), &path, Some(at));
                }
            }
        }
    }

    fn import(&mut self, from: Option<&str>, path: &str, at: Option<Span>) {
        let name = self.imported(from, path, at);
        let place = |name: &str| self.library.names.get(name).copied();
        if let (Some(at), Some(by), Some(script)) =
            (at, from.and_then(place), name.as_deref().and_then(place))
        {
            self.library.bundle.imports.push(Import { at, by, script });
        }
    }

    /// The name of the script that was meant, where it could be had.
    fn imported(&mut self, from: Option<&str>, path: &str, at: Option<Span>) -> Option<String> {
        let is_kept = |it: &&mut BTreeMap<String, KeptScript>| it.contains_key(path);
        let name = if from.is_none() && self.kept.as_ref().is_some_and(is_kept) {
            path.to_owned()
        } else {
            match self.loader.resolve(from, path) {
                Ok(name) => name,
                Err(found) => {
                    self.failed(found, path, at);
                    return None;
                }
            }
        };
        if self.library.names.contains_key(&name) || self.take(&name) {
            return Some(name);
        }
        let bytes = match self.loader.read(&name) {
            Ok(bytes) => bytes,
            Err(found) => {
                self.failed(found, path, at);
                return None;
            }
        };
        match String::from_utf8(bytes) {
            Ok(text) => self.parse(&name, text, at),
            Err(found) => {
                let (bytes, offset) = (found.as_bytes(), found.utf8_error().valid_up_to());
                let problem = SyntaxProblem::not_utf8(name.clone(), bytes, offset);
                self.library.bundle.incomplete = true;
                self.problems.push(problem.into());
            }
        }
        Some(name)
    }

    fn parse(&mut self, name: &str, text: String, at: Option<Span>) {
        let Ok(id) = self.sources.add_owned(name, text) else {
            self.library.bundle.incomplete = true;
            let path = name.to_owned();
            self.problems.push(LoadProblem::TooLarge { path, at }.into());
            return;
        };
        if at.is_some() {
            self.sources.mark_imported(id);
        }
        if let Some(kept) = &mut self.kept {
            let document = TextDocument::new(self.sources.get(id));
            kept.insert(name.to_owned(), KeptScript { document, open: false });
            self.take(name);
        } else {
            let parsed = syntax::parse(self.sources.get(id));
            self.begin(name, Arc::new(parsed.script), parsed.problems);
        }
    }

    /// Begins with a script that was read before, if it was.
    fn take(&mut self, name: &str) -> bool {
        let found = self.kept.as_ref().and_then(|it| it.get(name));
        let Some(KeptScript { document, .. }) = found else {
            return false;
        };
        let (script, problems) = (Arc::clone(document.script()), document.problems().to_vec());
        self.begin(name, script, problems);
        true
    }

    fn begin(&mut self, name: &str, script: Arc<Script>, problems: Vec<Problem>) {
        self.problems.extend(problems);
        let place = self.library.bundle.scripts.len();
        self.library.bundle.scripts.push(script);
        self.library.names.insert(name.to_owned(), place);
        self.open.push(OpenScript { script: place, next: 0 });
    }

    fn failed(&mut self, found: LoadError, path: &str, at: Option<Span>) {
        self.library.bundle.incomplete = true;
        let path = path.to_owned();
        let problem = match found {
            LoadError::NotFound { nearest } => LoadProblem::NotFound {
                path,
                at,
                help: nearest.map(|it| {
                    let text = format!("did you mean `{it}`?");
                    let quoted = at.filter(|_| !it.contains(['"', '\\']));
                    let edit = quoted.map(|at| Edit { at, text: format!("\"{it}\"") });
                    Help { text, edits: edit.into_iter().collect() }
                }),
            },
            LoadError::Outside => LoadProblem::Outside { path, at },
            LoadError::Unreadable(reason) => LoadProblem::Unreadable { path, reason, at },
            LoadError::NoImports => LoadProblem::NoImports { path, at },
        };
        self.problems.push(problem.into());
    }
}

/// The one of `paths` that `path` was meant to be. What all scripts' names end with says nothing, so it isn't compared.
pub fn nearest_path<'a>(path: &str, paths: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const EXTENSION: &str = ".schema";
    let Some(stem) = path.strip_suffix(EXTENSION) else {
        return words::nearest(path, paths);
    };
    let (with, without): (Vec<&str>, Vec<&str>) =
        paths.into_iter().filter_map(|it| Some((it, it.strip_suffix(EXTENSION)?))).unzip();
    let found = words::nearest(stem, without.iter().copied())?;
    let place = without.iter().position(|it| *it == found)?;
    with.get(place).copied()
}

/// The paths that a script imports, as it writes them.
pub fn imports(script: &Script) -> impl Iterator<Item = &SmolStr> {
    script.sentences.iter().filter_map(imported).map(|it| it.0)
}

/// The path that `import "path"` names. Anything else that begins with `import` is left for `check` to report.
fn imported(sentence: &Sentence) -> Option<(&SmolStr, Span)> {
    let is_word = |it: &Path| it.head.text == Declaration::Import.facts().name;
    if !sentence.words.first().is_some_and(is_word) {
        return None;
    }
    let imports = matches!(verbal(sentence), Verbal::First(Verb::Declare(Declaration::Import)));
    if !imports || sentence.words.len() > 1 {
        return None;
    }
    if sentence.options.is_some() || sentence.assigned.is_some() {
        return None;
    }
    let argument = sentence.argument.as_ref()?;
    let ValueKind::Text(path) = &argument.kind else {
        return None;
    };
    Some((path, argument.span))
}
