//! Checks that run beside the talk: a question that needs none waits for none.

use relata::check::{Checked, NameUse};
use relata::diagnostics::Problem;
use relata::load::Library;
use relata::source::{Sources, Span, TextChange};
use relata::sql::Dialect;
use relata::{ide, session};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Sender};
use std::thread;

/// The stack of the thread that checks: as much as a process's own has.
const STACK: usize = 8 * 1024 * 1024;

/// A root that is to be checked, with all that this takes.
pub(super) struct RootCheck {
    pub(super) place: RootState,
    pub(super) library: Library,
    /// What is wrong with the texts themselves.
    pub(super) problems: Vec<Problem>,
    pub(super) sources: Sources,
    pub(super) dialect: &'static Dialect,
}

/// A root as it was at some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RootState {
    pub(super) name: String,
    /// Another number after each change.
    pub(super) number: u64,
}

/// What a root means.
#[derive(Debug, Default)]
pub(super) struct RootMeaning {
    pub(super) library: Library,
    /// Its problems are those of the texts, too.
    pub(super) checked: Checked,
    /// The names that nothing in it uses, in order of place.
    pub(super) unused: Vec<Span>,
}

impl RootMeaning {
    /// A text has changed that was at `old`, and begins at `base` now: what is known of its names stays with them, but for those that the change
    /// touches.
    pub(super) fn move_uses(&mut self, old: Span, base: u32, change: &TextChange) {
        let number = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        let TextChange { range, length } = change;
        let moved = base.wrapping_sub(old.start);
        let longer = number(*length).wrapping_sub(number(range.len()));
        let (first, last) = (old.start + number(range.start), old.start + number(range.end));
        let stays = |it: &mut NameUse| {
            if it.at.start < old.start || old.end < it.at.end {
                return true;
            }
            let (is_before, is_behind) = (it.at.end < first, last < it.at.start);
            it.at.shift(if is_behind { moved.wrapping_add(longer) } else { moved });
            is_before || is_behind
        };
        self.checked.uses.retain_mut(stays);
        if moved != 0 {
            self.checked.uses.sort_by_key(|it| it.at);
        }
    }
}

/// A check that is over.
#[derive(Debug)]
pub(super) struct FinishedCheck {
    pub(super) of: RootState,
    /// Nothing where it has panicked.
    pub(super) found: Option<RootMeaning>,
}

impl RootCheck {
    /// Finds out what the root means.
    pub(super) fn run(self) -> RootMeaning {
        let Self { library, problems, sources, dialect, .. } = self;
        let mut checked = session::check_noting(library.bundle(), &sources, dialect);
        checked.problems.splice(0..0, problems);
        let unused = ide::unused(&checked);
        RootMeaning { library, checked, unused }
    }

    /// The same; a panic is the end of this check alone.
    pub(super) fn finish(self) -> FinishedCheck {
        let of = self.place.clone();
        let found = catch_unwind(AssertUnwindSafe(|| self.run())).ok();
        FinishedCheck { of, found }
    }
}

/// The thread that checks; none where none was to be had.
pub(super) struct Checker(Option<Sender<RootCheck>>);

impl Checker {
    /// Starts it. What it finds out is handed to `finished`, which says whether more is wanted.
    pub(super) fn start(finished: impl Fn(FinishedCheck) -> bool + Send + 'static) -> Self {
        let (sender, asked) = mpsc::channel::<RootCheck>();
        let work = move || {
            for check in asked {
                if !finished(check.finish()) {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().stack_size(STACK).spawn(work);
        Self(thread.is_ok().then_some(sender))
    }

    /// Has a root checked; what has come of it already, where there is no thread.
    pub(super) fn check(&self, check: RootCheck) -> Option<FinishedCheck> {
        match &self.0 {
            None => Some(check.finish()),
            Some(sender) => sender.send(check).err().map(|it| it.0.finish()),
        }
    }
}
