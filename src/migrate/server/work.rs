//! What is to be done on a server, as data: in the order in which each statement finds what it needs.

use crate::ir::ModelId;
use crate::migrate::Change;
use crate::migrate::history::Renamed;

/// When a change is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::migrate) enum WorkPhase {
    /// Views that go, or are in the way.
    ViewsGo,
    /// Foreign keys and indexes that go, or are in the way.
    KeysGo,
    /// New names.
    Renames,
    /// Types.
    Types,
    /// Tables that are there.
    Tables,
    /// Their indexes, where these have statements of their own.
    #[cfg(feature = "postgres")]
    Indexes,
    /// Tables that come.
    Creates,
    /// What is said of tables.
    #[cfg(feature = "postgres")]
    Comments,
    /// Foreign keys that come.
    KeysCome,
    /// Tables that go.
    Drops,
    /// Views, and what raw SQL makes.
    Objects,
}

/// A change, and when it is carried out.
#[derive(Debug)]
pub(in crate::migrate) struct WorkStep {
    pub phase: WorkPhase,
    pub change: Change,
    /// What keeps what it takes away, before it does.
    pub keeps: Vec<String>,
    /// What keeps what it gives rows, behind it.
    pub keeps_after: Vec<String>,
    /// What is run instead of its statements, where these are for people.
    pub instead: Option<Vec<String>>,
    /// The tables that it changes beside its object.
    #[cfg(feature = "postgres")]
    pub of: Vec<String>,
}

impl WorkStep {
    pub(in crate::migrate) const fn new(phase: WorkPhase, change: Change) -> Self {
        Self {
            phase,
            change,
            keeps: Vec::new(),
            keeps_after: Vec::new(),
            instead: None,
            #[cfg(feature = "postgres")]
            of: Vec::new(),
        }
    }
}

/// All of it.
#[derive(Debug, Default)]
pub(in crate::migrate) struct ServerWork {
    pub steps: Vec<WorkStep>,
    /// What gets another name.
    pub renames: Vec<Renamed>,
    /// The models whose tables become what the script says.
    pub models: Vec<ModelId>,
    /// The tables whose rows are read or written, by the names that they have behind it: they have as many rows then.
    #[cfg(feature = "postgres")]
    pub steady: Vec<String>,
}

impl ServerWork {
    /// One more change.
    pub(in crate::migrate) fn add(&mut self, phase: WorkPhase, change: Change) {
        self.steps.push(WorkStep::new(phase, change));
    }

    /// The changes, in order.
    pub(in crate::migrate) fn changes(self) -> Vec<Change> {
        self.steps.into_iter().map(|it| it.change).collect()
    }

    /// Puts them into their order.
    pub(in crate::migrate) fn ordered(mut self) -> Self {
        self.steps.sort_by_key(|it| it.phase);
        self
    }

    /// What a table is called before names change.
    pub(in crate::migrate) fn former<'n>(&'n self, table: &'n str) -> &'n str {
        let tables = self.renames.iter().rev().filter(|it| it.table.is_none());
        tables.fold(table, |name, it| if it.to == name { &it.from } else { name })
    }
}
