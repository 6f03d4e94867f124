//! Scripts and what they import, brought together.
//!
//! Where texts come from is the host's business: it gives a [`Loader`]. Each script counts once, where it is
//! imported first; so imports may go in circles.
//!
//! Invariant: nothing here touches a file.

mod map;

pub use map::{MapLoader, NoLoader, OwnOnly};

use crate::ast::{Bundle, Sentence, ValueKind};
use crate::diagnostics::{Edit, Help, LoadProblem, Problem, SyntaxProblem};
use crate::source::{Sources, Span};
use crate::syntax;
use crate::verbs::{Declaration, Verb, Verbal, verbal};
use crate::words;
use smol_str::SmolStr;
use std::collections::HashMap;

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
            incomplete: self.bundle.incomplete,
        }
    }

    /// Forgets what came after `mark`.
    pub fn forget(&mut self, mark: LibraryMark) {
        self.bundle.scripts.truncate(mark.scripts);
        self.bundle.order.truncate(mark.order);
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

    /// Adds a script and all that it imports. What is wrong with them, warnings too, comes back.
    pub fn add(
        &mut self,
        sources: &mut Sources,
        loader: &mut dyn Loader,
        input: Input<'_>,
    ) -> Vec<Problem> {
        let mut work =
            ScriptLoader { library: self, sources, loader, problems: Vec::new(), open: Vec::new() };
        match input {
            Input::Text { name, text } => work.parse(name, text, None),
            Input::Path(path) => work.import(None, path, None),
        }
        work.finish();
        work.problems
    }
}

/// The loading of one script.
struct ScriptLoader<'a> {
    library: &'a mut Library,
    sources: &'a mut Sources,
    loader: &'a mut dyn Loader,
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
        let name = match self.loader.resolve(from, path) {
            Ok(name) => name,
            Err(found) => return self.failed(found, path, at),
        };
        if self.library.names.contains_key(&name) {
            return;
        }
        let bytes = match self.loader.read(&name) {
            Ok(bytes) => bytes,
            Err(found) => return self.failed(found, path, at),
        };
        match std::str::from_utf8(&bytes) {
            Ok(text) => self.parse(&name, text, at),
            Err(found) => {
                let offset = found.valid_up_to();
                let problem = SyntaxProblem::NotUtf8 { name, offset };
                self.library.bundle.incomplete = true;
                self.problems.push(problem.into());
            }
        }
    }

    fn parse(&mut self, name: &str, text: &str, at: Option<Span>) {
        let Ok(id) = self.sources.add(name, text) else {
            self.library.bundle.incomplete = true;
            let path = name.to_owned();
            self.problems.push(LoadProblem::TooLarge { path, at }.into());
            return;
        };
        if at.is_some() {
            self.sources.mark_imported(id);
        }
        let parsed = syntax::parse(self.sources.get(id));
        self.problems.extend(parsed.problems);
        let script = self.library.bundle.scripts.len();
        self.library.bundle.scripts.push(parsed.script);
        self.library.names.insert(name.to_owned(), script);
        self.open.push(OpenScript { script, next: 0 });
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

/// The path that `import "path"` names. Anything else that begins with `import` is left for `check` to report.
fn imported(sentence: &Sentence) -> Option<(&SmolStr, Span)> {
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
