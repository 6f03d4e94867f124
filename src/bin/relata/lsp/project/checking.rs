//! When which root is checked, by whom, and what comes of it.

use super::super::checks::{FinishedCheck, RootCheck, RootMeaning, RootState};
use super::{Root, ScriptFolders};

impl ScriptFolders {
    /// The next root to be checked: one of the script that is being typed first, then one of an open script.
    fn next_root(&mut self) -> Option<usize> {
        self.find_roots();
        let typed = |root: &Root| self.typed.as_ref().is_some_and(|it| root.members.contains(it));
        let open = |root: &Root| root.members.iter().any(|it| self.open.contains_key(it));
        let unchecked = || self.roots.iter().enumerate().filter(|(_, it)| !it.fresh);
        let next = unchecked().find(|it| typed(it.1)).or_else(|| unchecked().find(|it| open(it.1)));
        next.or_else(|| unchecked().next()).map(|it| it.0)
    }

    /// Checks one root that has changed; whether there was one.
    pub(in super::super) fn check_next(&mut self) -> bool {
        let next = self.next_root();
        next.map(|it| self.check(it)).is_some()
    }

    pub(super) fn check(&mut self, place: usize) {
        if let Some(found) = self.prepare(place).map(RootCheck::run) {
            self.install(place, Some(found));
        }
    }

    /// What it takes to check a root.
    fn prepare(&mut self, place: usize) -> Option<RootCheck> {
        let root = self.roots.get(place)?;
        let (library, problems) = self.workspace.load(&mut self.disk, &[&root.name]);
        let (sources, dialect) = (self.workspace.sources().clone(), self.dialect);
        let place = RootState { name: root.name.clone(), number: root.state };
        Some(RootCheck { place, library, problems, sources, dialect })
    }

    /// What a root means is known now; where its check has panicked, all stays as it was before, until the next change.
    fn install(&mut self, place: usize, found: Option<RootMeaning>) {
        if let Some(root) = self.roots.get_mut(place) {
            root.fresh = true;
            if let Some(found) = found {
                (root.meaning, root.known) = (found, true);
            }
            self.news = true;
        }
    }

    /// What is to be checked next beside the talk; none while a check runs.
    pub(in super::super) fn next_check(&mut self) -> Option<RootCheck> {
        if self.running.is_some() {
            return None;
        }
        let place = self.next_root()?;
        let check = self.prepare(place)?;
        self.running = Some(check.place.clone());
        Some(check)
    }

    /// A check beside the talk has ended. What it has found is thrown away where the texts are other ones by now.
    pub(in super::super) fn finished(&mut self, FinishedCheck { of, found }: FinishedCheck) {
        self.running = None;
        let is_same = |it: &Root| it.name == of.name && it.state == of.number && !it.fresh;
        if let Some(place) = self.roots.iter().position(is_same) {
            self.install(place, found);
        }
    }

    /// The root that is being checked beside the talk, as its texts are now.
    pub(in super::super) fn running(&self) -> Option<&Root> {
        let running = self.running.as_ref()?;
        let same = |it: &&Root| it.name == running.name && it.state == running.number;
        self.roots.iter().find(same).filter(|it| !it.fresh)
    }

    /// The script that was changed last, once all is known of it; each time once.
    pub(in super::super) fn take_settled(&mut self) -> Option<String> {
        let name = self.typed.as_ref()?;
        let mut roots = self.roots.iter().filter(|it| it.members.contains(name));
        if self.stale || roots.any(|it| !it.fresh) { None } else { self.typed.take() }
    }
}
