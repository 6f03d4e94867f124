//! What is to be done on a server, as data: in the order in which each statement finds what it needs.

use crate::client::quoted;
use crate::migrate::history::Renamed;
use crate::migrate::{Change, StepWaits};

/// When a change is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum WorkPhase {
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
    /// Their indexes.
    Indexes,
    /// Tables that come.
    Creates,
    /// What is said of tables.
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
pub(super) struct WorkStep {
    pub phase: WorkPhase,
    pub change: Change,
    /// What keeps what it takes away, before it does.
    pub keeps: Vec<String>,
    /// What keeps what it gives rows, behind it.
    pub keeps_after: Vec<String>,
    /// What is run instead of its statements, where these are for people.
    pub instead: Option<Vec<String>>,
    /// The tables that it changes beside its object.
    pub of: Vec<String>,
}

impl WorkStep {
    pub(super) const fn new(phase: WorkPhase, change: Change) -> Self {
        Self {
            phase,
            change,
            keeps: Vec::new(),
            keeps_after: Vec::new(),
            instead: None,
            of: Vec::new(),
        }
    }
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct ServerWork {
    pub steps: Vec<WorkStep>,
    /// What gets another name.
    pub renames: Vec<Renamed>,
    /// The tables whose rows are read or written, by the names that they have behind it: they have as many rows then.
    pub steady: Vec<String>,
}

impl ServerWork {
    /// One more change.
    pub(super) fn add(&mut self, phase: WorkPhase, change: Change) {
        self.steps.push(WorkStep::new(phase, change));
    }

    /// The changes, in order.
    pub(super) fn changes(self) -> Vec<Change> {
        self.steps.into_iter().map(|it| it.change).collect()
    }

    /// Takes out what can be done behind the transaction, so that nobody waits for it: indexes, and whether rows have what new keys refer to. Its
    /// statements, in order.
    pub(super) fn later(&mut self) -> Vec<String> {
        let mut res = Vec::new();
        for step in &mut self.steps {
            let [sql] = step.change.sql.as_slice() else { continue };
            if step.phase == WorkPhase::Indexes && sql.starts_with("CREATE ") {
                let later = sql.replacen("INDEX ", "INDEX CONCURRENTLY ", 1);
                step.instead = Some(Vec::new());
                step.change.sql = vec![later.clone()];
                res.push(later);
            } else if step.phase == WorkPhase::KeysCome
                && let Some((alter, key)) = sql.split_once(" ADD CONSTRAINT ")
                && let Some((name, _)) = key.split_once(" FOREIGN KEY ")
                && !key.contains(" ADD CONSTRAINT ")
            {
                let first = format!("{sql} NOT VALID");
                let later = format!("{alter} VALIDATE CONSTRAINT {name}");
                step.change.sql = vec![first.clone(), later.clone()];
                step.instead = Some(vec![first]);
                res.push(later);
            } else {
                continue;
            }
            if let Some(cost) = &mut step.change.cost {
                cost.waits = StepWaits::Nobody;
            }
        }
        res
    }

    /// Puts them into their order.
    pub(super) fn ordered(mut self) -> Self {
        self.steps.sort_by_key(|it| it.phase);
        self
    }

    /// What a table is called before names change.
    pub(super) fn former<'n>(&'n self, table: &'n str) -> &'n str {
        let tables = self.renames.iter().rev().filter(|it| it.table.is_none());
        tables.fold(table, |name, it| if it.to == name { &it.from } else { name })
    }
}

/// The schema in which a migration keeps what it takes away.
pub(super) fn kept_schema(migration: u64) -> String {
    format!("_relata_kept_{migration}")
}

/// Statements that keep the values of columns, with the key of their rows.
pub(super) fn keep_columns(migration: u64, table: &str, columns: &[String]) -> Vec<String> {
    let schema = quoted(&kept_schema(migration));
    let each: Vec<_> = columns.iter().map(|it| quoted(it)).collect();
    let (table, each) = (quoted(table), each.join(", "));
    vec![
        format!("CREATE SCHEMA IF NOT EXISTS {schema}"),
        format!("CREATE TABLE {schema}.{table} AS SELECT {each} FROM {table}"),
    ]
}

/// How the name begins of what keeps the values that rows of a table got.
pub(super) const GIVEN: &str = "_relata_given_";

/// Statements that keep the values that rows got, with their key.
pub(super) fn keep_given(migration: u64, table: &str, columns: &[String]) -> Vec<String> {
    let schema = quoted(&kept_schema(migration));
    let each: Vec<_> = columns.iter().map(|it| quoted(it)).collect();
    let (kept, table, each) = (quoted(&format!("{GIVEN}{table}")), quoted(table), each.join(", "));
    vec![
        format!("CREATE SCHEMA IF NOT EXISTS {schema}"),
        format!("CREATE TABLE {schema}.{kept} AS SELECT {each} FROM {table}"),
    ]
}

/// Statements that keep a table that goes, with all that is on it; its keys refer to nothing any more.
pub(super) fn keep_table(migration: u64, table: &str, keys: &[String]) -> Vec<String> {
    let schema = quoted(&kept_schema(migration));
    let table = quoted(table);
    let mut res = vec![format!("CREATE SCHEMA IF NOT EXISTS {schema}")];
    if !keys.is_empty() {
        let each: Vec<_> =
            keys.iter().map(|it| format!("DROP CONSTRAINT {}", quoted(it))).collect();
        res.push(format!("ALTER TABLE {table} {}", each.join(", ")));
    }
    res.push(format!("ALTER TABLE {table} SET SCHEMA {schema}"));
    res
}
