//! The scripts of the workspace, which of them count as one, and what they mean.
//!
//! A root is a script that no other one imports. A script is checked as part of every root that reaches it.

mod checking;

use super::checks::{RootMeaning, RootState};
use super::disk::{self, Disk};
use gen_lsp_types::Uri;
use glob::{MatchOptions, Pattern};
use relata::ast::{Bundle, Script};
use relata::check::Checked;
use relata::diagnostics::Problem;
use relata::ide;
use relata::ir::Schema;
use relata::load::{self, Workspace};
use relata::source::{Source, Sources, Span};
use relata::sql::Dialect;
use relata::syntax::TextDocument;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;
use std::path::Path;

/// A script that the client has open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EditedScript {
    /// As the client spells it.
    pub(super) uri: Uri,
    /// The text's number.
    pub(super) version: i32,
}

/// A script that no other one imports, with all that it imports.
#[derive(Debug, Default)]
pub(super) struct Root {
    name: String,
    /// What it means, as it was checked last.
    meaning: RootMeaning,
    /// The scripts that it reaches.
    members: BTreeSet<String>,
    /// Whether it was ever checked.
    known: bool,
    /// Whether `meaning` is of the texts as they are.
    fresh: bool,
    /// Another number after each change.
    state: u64,
}

impl Root {
    /// The scripts, as one.
    pub(super) fn bundle(&self) -> &Bundle {
        self.meaning.library.bundle()
    }

    /// What they mean.
    pub(super) const fn checked(&self) -> &Checked {
        &self.meaning.checked
    }

    /// Whether it reaches a script.
    pub(super) fn has(&self, name: &str) -> bool {
        self.members.contains(name)
    }

    /// Whether it was ever checked.
    pub(super) const fn is_known(&self) -> bool {
        self.known
    }
}

/// A script, and what it means.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) project: &'a ScriptFolders,
    pub(super) source: &'a Source,
    pub(super) root: &'a Root,
}

impl<'a> Asked<'a> {
    /// What `ide` asks about names.
    pub(super) fn names(self) -> ide::Project<'a> {
        let (sources, bundle) = (self.project.sources(), self.root.bundle());
        ide::Project {
            sources,
            bundle,
            checked: self.root.checked(),
            dialect: self.project.dialect,
        }
    }

    /// The models and all that belongs to them.
    pub(super) const fn schema(self) -> &'a Schema {
        &self.root.checked().schema
    }

    /// What could be read of the script.
    pub(super) fn script(self) -> Option<&'a Script> {
        self.document().map(|it| &**it.script())
    }

    /// What was read of the script.
    pub(super) fn document(self) -> Option<&'a TextDocument> {
        self.project.workspace.document(&self.source.name)
    }
}

/// All scripts.
pub(super) struct ScriptFolders {
    disk: Disk,
    workspace: Workspace,
    open: BTreeMap<String, EditedScript>,
    /// The scripts of the folders.
    scripts: BTreeSet<String>,
    roots: Vec<Root>,
    /// Whether it has to be found out which the roots are.
    stale: bool,
    /// Whether anything was checked that the client wasn't told of.
    news: bool,
    /// The script that was changed last, until the client is told what is wrong with it.
    typed: Option<String>,
    /// How many changes there were.
    changes: u64,
    /// What is being checked beside the talk.
    running: Option<RootState>,
    dialect: &'static Dialect,
    /// Which scripts are roots, by their paths in the workspace's folders; where there are none, those that no other one imports.
    patterns: Vec<Pattern>,
}

impl ScriptFolders {
    pub(super) fn new(disk: Disk, dialect: &'static Dialect) -> Self {
        let scripts = disk.scripts();
        let (workspace, open, roots) = (Workspace::default(), BTreeMap::new(), Vec::new());
        let (stale, news, patterns) = (true, true, Vec::new());
        let (typed, changes, running) = (None, 0, None);
        Self {
            disk,
            workspace,
            open,
            scripts,
            roots,
            stale,
            news,
            typed,
            changes,
            running,
            dialect,
            patterns,
        }
    }

    /// The dialect that is asked for.
    pub(super) const fn dialect(&self) -> &'static Dialect {
        self.dialect
    }

    pub(super) fn set_dialect(&mut self, dialect: &'static Dialect) {
        self.dialect = dialect;
        self.forget(|_| true);
    }

    /// Says which scripts are roots; returns what is no pattern.
    pub(super) fn set_roots<'t>(&mut self, said: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
        let (mut patterns, mut wrong) = (Vec::new(), Vec::new());
        for it in said {
            match Pattern::new(it.strip_prefix("./").unwrap_or(it)) {
                Ok(pattern) => patterns.push(pattern),
                Err(_) => wrong.push(it),
            }
        }
        if patterns != self.patterns {
            (self.patterns, self.stale) = (patterns, true);
        }
        wrong
    }

    /// Whether the setting makes a script a root.
    fn is_said_root(&self, name: &str) -> bool {
        let options = MatchOptions { require_literal_separator: true, ..MatchOptions::default() };
        let path = self.disk.within(Path::new(name));
        let matches =
            |path: &Path| self.patterns.iter().any(|it| it.matches_path_with(path, options));
        path.is_some_and(matches)
    }

    /// The first folder of the workspace: paths in settings count from it.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.disk.first()
    }

    /// All texts.
    pub(super) const fn sources(&self) -> &Sources {
        self.workspace.sources()
    }

    /// The script of that name, where its text is known.
    pub(super) fn source(&self, name: &str) -> Option<&Source> {
        Some(self.sources().get(self.workspace.document(name)?.id()))
    }

    /// The scripts that the client has open.
    pub(super) const fn open_scripts(&self) -> &BTreeMap<String, EditedScript> {
        &self.open
    }

    /// All scripts of which something is known.
    pub(super) fn names(&self) -> BTreeSet<String> {
        self.scripts.iter().chain(self.open.keys()).cloned().collect()
    }

    /// The URI of a script, as the client spells it.
    pub(super) fn uri(&self, name: &str) -> Uri {
        self.open.get(name).map_or_else(|| disk::uri(name), |it| it.uri.clone())
    }

    /// The client has opened a script; whether its text could be taken.
    pub(super) fn open(&mut self, uri: Uri, version: i32, text: &str) -> bool {
        let name = disk::name(&uri);
        if let Some(folder) = disk::path(&uri).as_deref().and_then(std::path::Path::parent)
            && !self.disk.has(std::path::Path::new(&name))
        {
            // A script that lies outside of the workspace is a workspace of its own.
            self.disk.add(folder);
        }
        self.disk.open.insert(name.clone());
        self.disk.changed();
        let taken = self.workspace.open(&name, text).is_ok();
        self.open.insert(name.clone(), EditedScript { uri, version });
        self.stale = true;
        self.forget(|it| it.members.contains(&name));
        taken
    }

    /// The client has changed an open script.
    pub(super) fn edit(&mut self, name: &str, version: i32, range: Range<usize>, text: &str) {
        if let Some(open) = self.open.get_mut(name) {
            open.version = version;
            // First, so that nobody else holds the sentences: they are moved then, and not copied.
            self.forget(|it| it.members.contains(name));
            let before = self.imports(name);
            let old = self.source(name).map(|it| it.span(0..it.text.len()));
            // A text beyond 4 GiB stays as it was.
            let change = self.workspace.edit(name, range, text).ok().flatten();
            self.stale |= before != self.imports(name);
            let base = self.source(name).map(|it| it.base);
            if let (Some(old), Some(base), Some(change)) = (old, base, change) {
                let roots = self.roots.iter_mut().filter(|it| it.members.contains(name));
                roots.for_each(|it| it.meaning.move_uses(old, base, &change));
            }
            self.typed = Some(name.to_owned());
        }
    }

    /// The paths that a script imports, as it writes them.
    fn imports(&self, name: &str) -> Vec<SmolStr> {
        let document = self.workspace.document(name);
        document.into_iter().flat_map(|it| load::imports(it.script())).cloned().collect()
    }

    /// The client has closed a script.
    pub(super) fn close(&mut self, name: &str) {
        self.open.remove(name);
        self.disk.open.remove(name);
        self.disk.changed();
        self.workspace.close(name);
        self.stale = true;
        self.forget(|it| it.members.contains(name));
    }

    /// Files have changed on disk, come or gone.
    pub(super) fn changed_on_disk(&mut self, names: &BTreeSet<String>) {
        self.disk.changed();
        self.workspace.release(|it| !names.contains(it));
        self.scripts = self.disk.scripts();
        self.stale = true;
        self.forget(|_| true);
    }

    /// The folders of the workspace are others.
    pub(super) fn change_folders(&mut self, change: impl FnOnce(&mut Disk)) {
        change(&mut self.disk);
        self.changed_on_disk(&BTreeSet::new());
    }

    /// Something was saved, maybe what is imported; who doesn't watch files tells that at least.
    pub(super) fn saved(&mut self) {
        self.disk.changed();
    }

    fn forget(&mut self, which: impl Fn(&Root) -> bool) {
        self.changes += 1;
        for it in self.roots.iter_mut().filter(|it| which(it)) {
            (it.fresh, it.state) = (false, self.changes);
            it.meaning.library = load::Library::default();
        }
    }

    /// Whether something hasn't been checked since it changed.
    pub(super) fn is_unchecked(&self) -> bool {
        self.stale || self.roots.iter().any(|it| !it.fresh)
    }

    /// Whether what a script means was found out of the texts as they are, in the first root that has it.
    pub(super) fn is_fresh(&self, name: &str) -> bool {
        let root = self.roots.iter().find(|it| it.has(name));
        !self.stale && root.is_some_and(|it| it.fresh)
    }

    /// Whether anything was checked since this was asked last.
    pub(super) fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.news)
    }

    /// Finds the roots, where that may have changed.
    fn find_roots(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        self.news = true;
        self.changes += 1;
        let names: Vec<String> = self.names().into_iter().collect();
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        let (library, _) = self.workspace.load(&mut self.disk, &all);
        let (bundle, sources) = (library.bundle(), self.workspace.sources());
        let name = |script: usize| {
            bundle.scripts.get(script).map_or("", |it| &sources.get(it.source).name)
        };
        let mut imports: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for it in &bundle.imports {
            imports.entry(name(it.by)).or_default().push(name(it.script));
        }
        let imported: HashSet<&str> = imports
            .iter()
            .flat_map(|(by, all)| all.iter().copied().filter(move |it| it != by))
            .collect();
        let mut found: Vec<(&str, BTreeSet<String>)> = Vec::new();
        let mut reached: HashSet<&str> = HashSet::new();
        // Behind those that are said come those that nothing imports, and then those of circles, of each the first.
        let (first, others): (Vec<&str>, Vec<&str>) =
            all.iter().copied().partition(|it| self.is_said_root(it));
        let (alone, circles): (Vec<&str>, Vec<&str>) =
            others.into_iter().partition(|it| !imported.contains(it));
        let said = first.len();
        for (place, root) in first.into_iter().chain(alone).chain(circles).enumerate() {
            if place >= said && reached.contains(root) {
                continue;
            }
            let (mut members, mut open) = (BTreeSet::new(), vec![root]);
            while let Some(it) = open.pop() {
                if members.insert(it.to_owned()) {
                    open.extend(imports.get(it).into_iter().flatten());
                }
            }
            reached.extend(all.iter().copied().filter(|it| members.contains(*it)));
            found.push((root, members));
        }
        let mut before: BTreeMap<String, Root> =
            std::mem::take(&mut self.roots).into_iter().map(|it| (it.name.clone(), it)).collect();
        for (name, members) in found {
            let mut root = before.remove(name).unwrap_or_default();
            if root.members != members {
                (root.fresh, root.state) = (false, self.changes);
            }
            (root.name, root.members) = (name.to_owned(), members);
            self.roots.push(root);
        }
    }

    /// A script and what it means as part of the first root that has it, as the texts are now.
    pub(super) fn current(&mut self, name: &str) -> Option<Asked<'_>> {
        self.find_roots();
        let place = self.roots.iter().position(|it| it.members.contains(name))?;
        if self.roots.get(place).is_some_and(|it| !it.fresh) {
            self.check(place);
        }
        self.asked(place, name)
    }

    /// As [`ScriptFolders::current`], of all roots that have the script.
    pub(super) fn current_in_all(&mut self, name: &str) -> Vec<Asked<'_>> {
        self.find_roots();
        let stale = |it: &Root| !it.fresh && it.members.contains(name);
        while let Some(place) = self.roots.iter().position(stale) {
            self.check(place);
        }
        let places = 0..self.roots.len();
        let has =
            |place: &usize| self.roots.get(*place).is_some_and(|it| it.members.contains(name));
        places.filter(has).filter_map(|it| self.asked(it, name)).collect()
    }

    /// As [`ScriptFolders::current`], but what it means is as it was checked last: names that are there, whatever is being typed.
    pub(super) fn latest(&mut self, name: &str) -> Option<Asked<'_>> {
        self.find_roots();
        let place = self.roots.iter().position(|it| it.members.contains(name))?;
        // One that was never checked knows nothing.
        if self.roots.get(place).is_some_and(|it| !it.known) {
            self.check(place);
        }
        self.asked(place, name)
    }

    /// Checks the roots that never were: what a script could import isn't known before that.
    pub(super) fn know_all(&mut self) {
        self.find_roots();
        while let Some(place) = self.roots.iter().position(|it| !it.known) {
            self.check(place);
        }
    }

    fn asked(&self, place: usize, name: &str) -> Option<Asked<'_>> {
        let (project, source, root) = (self, self.source(name)?, self.roots.get(place)?);
        Some(Asked { project, source, root })
    }

    /// All roots, as they were checked last, each by a script of it.
    pub(super) fn all(&self) -> impl Iterator<Item = Asked<'_>> {
        (0..self.roots.len()).filter_map(|it| self.asked(it, &self.roots.get(it)?.name))
    }

    /// The names of a script that nothing uses, in any root that has it.
    pub(super) fn unused(&self, name: &str) -> Vec<Span> {
        let Some(source) = self.source(name) else {
            return Vec::new();
        };
        let own = source.span(0..source.text.len());
        let mut roots = self.roots.iter().filter(|it| it.fresh && it.members.contains(name));
        let first = roots.next().map(|it| it.meaning.unused.as_slice()).unwrap_or_default();
        let begin = first.partition_point(|it| it.start < own.start);
        let first = first.get(begin..).unwrap_or_default();
        let mut found: Vec<Span> =
            first.iter().take_while(|it| it.end <= own.end).copied().collect();
        for root in roots {
            found.retain(|it| root.meaning.unused.binary_search(it).is_ok());
        }
        found
    }

    /// What is wrong with each script, or with one alone, each thing once, whichever root it was found by.
    pub(super) fn problems(&self, only: Option<&str>) -> BTreeMap<String, Vec<&Problem>> {
        let mut found: BTreeMap<String, Vec<&Problem>> = BTreeMap::new();
        let mut told = HashSet::new();
        let has = |root: &Root| only.is_none_or(|it| root.members.contains(it));
        let is_asked = |name: &str| only.is_none_or(|it| it == name);
        for root in self.roots.iter().filter(|it| it.fresh && has(it)) {
            for name in root.members.iter().filter(|it| is_asked(it)) {
                found.entry(name.clone()).or_default();
            }
            for problem in &root.checked().problems {
                let place = problem.span();
                let source = place.and_then(|it| self.sources().at(it.start));
                let name = source.map_or(root.name.as_str(), |it| &it.name);
                if is_asked(name)
                    && told.insert((name.to_owned(), place, problem.code(), problem.to_string()))
                {
                    found.entry(name.to_owned()).or_default().push(problem);
                }
            }
        }
        for all in found.values_mut() {
            all.sort_by_key(|it| it.span());
        }
        found
    }
}
