//! What is to be done on a server, as data: in the order in which each statement finds what it needs.

use crate::catalog::ObjectKind;
use crate::ir::ModelId;
use crate::migrate::Change;
use crate::migrate::history::Renamed;
use crate::sql::SchemaObjectKind;
use std::borrow::Cow;

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

/// A statement, with what it does: nobody has to read it to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::migrate) struct WorkStatement {
    pub sql: String,
    /// What it is about, by the name that this has when it is run: a table, a view, another object.
    pub object: String,
    pub does: StatementEffect,
}

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::migrate) enum StatementEffect {
    /// A table or view comes, goes, or becomes another.
    Structure,
    /// The same of an object that isn't shown as tables are.
    Object(SchemaObjectKind),
    /// The table gets another name.
    TableName,
    /// It and others get other names, all at once.
    TableNames,
    /// Its columns get other names.
    ColumnNames,
    /// A table of Relata's own comes, or becomes another.
    OwnTable,
    /// Rows are kept in such a table.
    Keeps,
    /// Rows that are there get values.
    Fills,
}

impl StatementEffect {
    /// That of one by which an object comes or goes.
    pub(in crate::migrate) const fn of(kind: ObjectKind) -> Self {
        match kind {
            ObjectKind::Table | ObjectKind::View => Self::Structure,
            ObjectKind::Index => Self::Object(SchemaObjectKind::Index),
            ObjectKind::Trigger => Self::Object(SchemaObjectKind::Trigger),
        }
    }
}

impl WorkStatement {
    pub(in crate::migrate) fn new(
        does: StatementEffect,
        object: impl Into<String>,
        sql: String,
    ) -> Self {
        Self { sql, object: object.into(), does }
    }

    /// One by which a table or view becomes another.
    pub(in crate::migrate) fn of(object: impl Into<String>, sql: String) -> Self {
        Self::new(StatementEffect::Structure, object, sql)
    }
}

/// The texts of statements.
pub(in crate::migrate) fn texts(statements: &[WorkStatement]) -> Vec<String> {
    statements.iter().map(|it| it.sql.clone()).collect()
}

/// A foreign key that goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::migrate) struct GoingKey {
    /// Its table, by its name before all changes.
    pub table: String,
    pub name: String,
}

/// A change, and when it is carried out.
#[derive(Debug)]
pub(in crate::migrate) struct WorkStep {
    pub phase: WorkPhase,
    pub change: Change,
    /// Its statements, where they aren't all about the change's own table or view.
    pub runs: Option<Vec<WorkStatement>>,
    /// What keeps what it takes away, before it does.
    pub keeps: Vec<WorkStatement>,
    /// What keeps what it gives rows, behind it.
    pub keeps_after: Vec<WorkStatement>,
    /// What is run instead of its statements, where these are for people.
    pub instead: Option<Vec<WorkStatement>>,
    /// The foreign keys that go with it.
    pub keys: Vec<GoingKey>,
    /// The tables that it changes beside its object.
    #[cfg(feature = "postgres")]
    pub of: Vec<String>,
}

impl WorkStep {
    pub(in crate::migrate) const fn new(phase: WorkPhase, change: Change) -> Self {
        Self {
            phase,
            change,
            runs: None,
            keeps: Vec::new(),
            keeps_after: Vec::new(),
            instead: None,
            keys: Vec::new(),
            #[cfg(feature = "postgres")]
            of: Vec::new(),
        }
    }

    /// The same of statements that say what each of them is about; the change tells them.
    pub(in crate::migrate) fn of(
        phase: WorkPhase,
        change: Change,
        statements: Vec<WorkStatement>,
    ) -> Self {
        let change = Change { sql: texts(&statements), ..change };
        Self { runs: Some(statements), ..Self::new(phase, change) }
    }

    /// What is run for the change itself.
    pub(in crate::migrate) fn run(&self) -> Cow<'_, [WorkStatement]> {
        if let Some(own) = self.instead.as_ref().or(self.runs.as_ref()) {
            return Cow::Borrowed(own);
        }
        let object = self.change.object.as_str();
        self.change.sql.iter().map(|it| WorkStatement::of(object, it.clone())).collect()
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

    /// Whether a foreign key of a table goes, which is said by the name that the table has before all changes.
    pub(in crate::migrate) fn drops_key(&self, table: &str, name: &str) -> bool {
        let mut keys = self.steps.iter().flat_map(|it| &it.keys);
        keys.any(|it| it.table == table && it.name == name)
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
