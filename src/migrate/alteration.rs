//! What is to be done to a table that is there, and what may be lost for it.

use super::history::{Drift, MigrationVerb};
use super::misfits::Misfits;
use super::verify::PlannedObjects;
use super::{Change, ChangeMethod, Detail, Log, PlanPart, Sign, ddl};
use crate::catalog::{
    CheckConstraint, Column, Difference, ForeignKeyConstraint, Name, ObjectKind, Table,
};
use crate::client::place;
use crate::diagnostics::{Hazard, HazardKind, MisfitOutcome};
use crate::ir::AlterOptions;
use crate::source::Span;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// One `sync < alter >`: what it may do, and what was found on the way.
#[derive(Debug)]
pub(super) struct Alteration {
    pub(super) at: Span,
    /// The sentence's verb.
    pub(super) verb: MigrationVerb,
    /// What the sentence, or the whole run, lets it do.
    pub(super) options: AlterOptions,
    pub(super) purpose: Purpose,
    /// The number that what is done will have.
    pub(super) migration: Cell<u64>,
    /// Which part of it is planned and carried out.
    pub(super) part: Cell<ChangePart>,
    /// What somebody else has changed.
    pub(super) drift: Drift,
    /// Whether something was cut off: what differs then is nobody else's.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(super) open: bool,
    /// What was refused so far.
    pub(super) refused: RefCell<Vec<Hazard>>,
    /// The copy of the database, if one was made.
    pub(super) copy: RefCell<Option<String>>,
    /// What it says that it drops or changes.
    pub(super) named: RefCell<PlannedObjects>,
    /// The tables and columns that were found to have no fraction, since rows were asked what a plan would make of them.
    no_reals: RefCell<BTreeSet<(Name, Name)>>,
    /// How many rows of a table something is true of, as SQL, where that was found on the way since.
    counts: RefCell<BTreeMap<(Name, String), u64>>,
    /// In how many rows of a table a column gets another value by its type, which is allowed.
    changed: RefCell<BTreeMap<(Name, Name), u64>>,
}

/// What it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// All is carried out, or nothing where something is refused.
    Change,
    /// To say what would be done: what is refused is left out, and the rest done all the same, and undone.
    Plan,
}

impl Alteration {
    pub(super) fn new(
        (at, verb): (Span, MigrationVerb),
        options: AlterOptions,
        purpose: Purpose,
    ) -> Self {
        Self {
            at,
            verb,
            options,
            purpose,
            migration: Cell::default(),
            part: Cell::default(),
            drift: Drift::default(),
            #[cfg(any(feature = "mysql", feature = "postgres"))]
            open: false,
            refused: RefCell::default(),
            copy: RefCell::default(),
            named: RefCell::default(),
            no_reals: RefCell::default(),
            counts: RefCell::default(),
            changed: RefCell::default(),
        }
    }

    /// The same, of which nothing is planned yet.
    #[cfg(feature = "postgres")]
    pub(super) fn again(&self) -> Self {
        let part = self.part.clone();
        Self { part, ..Self::new((self.at, self.verb.clone()), self.options, self.purpose) }
    }

    /// What hinders it; `declared` is what declares that.
    pub(super) fn hazard(&self, kind: HazardKind, declared: Option<Span>) -> Hazard {
        Hazard { declared, ..Hazard::of_structure(kind, place(self.at)) }
    }

    #[cold]
    pub(super) fn refuse(&self, hazard: Hazard) {
        self.refused.borrow_mut().push(hazard);
    }

    /// The plan says that this one goes, or becomes another.
    pub(super) fn name(&self, kind: ObjectKind, name: &str) {
        self.named.borrow_mut().add(kind, name);
    }

    /// Rows are asked: what was found before may be otherwise.
    pub(super) fn asks(&self) {
        self.no_reals.borrow_mut().clear();
        self.counts.borrow_mut().clear();
        self.changed.borrow_mut().clear();
    }

    /// What becomes of values of a column that don't fit its type, as is allowed.
    pub(super) fn found_misfits(&self, table: &str, column: &str, misfits: &Misfits) {
        let rows = match misfits.outcome {
            MisfitOutcome::Kept => return,
            MisfitOutcome::Changed { rows, .. } => rows,
            MisfitOutcome::Converted => misfits.rows.count,
        };
        self.changed.borrow_mut().insert((table.into(), column.into()), rows);
    }

    /// In how many rows a column gets another value by its type.
    pub(super) fn changed_rows(&self, table: &str, column: &str) -> Option<u64> {
        self.changed.borrow().get(&(table.into(), column.into())).copied()
    }

    /// A table's column has no fraction.
    pub(super) fn found_no_reals(&self, table: &str, column: &str) {
        self.no_reals.borrow_mut().insert((table.into(), column.into()));
    }

    /// Whether a table's column was found to have no fraction.
    pub(super) fn has_no_reals(&self, table: &str, column: &str) -> bool {
        self.no_reals.borrow().contains(&(table.into(), column.into()))
    }

    /// So many rows of a table are those of which this is true, as SQL.
    pub(super) fn found_rows(&self, table: &str, holds: String, rows: u64) {
        self.counts.borrow_mut().insert((table.into(), holds), rows);
    }

    /// How many rows of a table something is true of, where that has been found.
    pub(super) fn known_rows(&self, table: &str, holds: &str) -> Option<u64> {
        self.counts.borrow().get(&(table.into(), holds.to_owned())).copied()
    }

    /// Whether it only says what would be done.
    pub(super) fn plans(&self) -> bool {
        self.purpose == Purpose::Plan
    }

    /// Whether somebody wants to know what it changes, in words.
    pub(super) fn is_told(&self, log: &dyn Log) -> bool {
        self.plans() || log.hears_changes()
    }

    /// Whether it goes no further: something is refused.
    pub(super) fn stops(&self) -> bool {
        !self.plans() && self.refused() > 0
    }

    pub(super) fn refused(&self) -> usize {
        self.refused.borrow().len()
    }

    /// What was refused behind the first `before`.
    pub(super) fn refused_since(&self, before: usize) -> Vec<Hazard> {
        let all = self.refused.borrow();
        all.get(before..).unwrap_or_default().to_vec()
    }
}

/// What is to be done to a table that is there.
#[derive(Debug, Default)]
pub(super) struct TableChanges {
    /// The statement that is kept of it afterwards; none where it stays as it is.
    pub text: Option<String>,
    /// Whether its rows are written anew.
    pub rebuild: bool,
    /// In what its text changes.
    pub differences: Vec<Difference>,
    /// The column that becomes the number of each row, where rows had other numbers.
    pub renumbers: Option<String>,
    /// The columns that go.
    pub dropped: Vec<String>,
    /// The columns that come, and their places among the script's.
    pub added: Vec<usize>,
    /// The columns that take another type: their places among the script's.
    pub converted: Vec<usize>,
    /// The columns that may not be null any more: their places among the script's.
    pub tightened: Vec<usize>,
    /// The checks that come.
    pub checks: Vec<CheckConstraint>,
    /// The checks that go.
    pub unchecked: Vec<CheckConstraint>,
    /// The foreign keys that come.
    pub keys: Vec<ForeignKeyConstraint>,
    /// The columns that get another default, or none.
    pub defaults: Vec<String>,
    /// Whether its primary key is another.
    pub rekeyed: bool,
    /// Whether columns may be unique no more, to which others may refer.
    pub unkeyed: bool,
    /// The columns that are compared in another way: their places among the script's, and the collation.
    pub collated: Vec<(usize, String)>,
}

/// Where data steps are due, what tables get comes before them, and all else behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ChangePart {
    /// New tables, and new columns, which may be null until the steps have filled them.
    Added,
    /// All that is left to do.
    #[default]
    Rest,
}

/// Whether a column is added before data steps fill it: not one that is computed, or a key.
pub(super) fn is_added(difference: Difference, desired: &Table) -> bool {
    match difference {
        Difference::AddColumn { desired: place } => {
            let column = desired.columns.get(place);
            column.is_some_and(|it| it.primary_key == 0 && it.generated.is_none())
        }
        Difference::PrimaryKey
        | Difference::Identity
        | Difference::DropColumn { .. }
        | Difference::Column { .. }
        | Difference::AddIndex { .. }
        | Difference::DropIndex { .. }
        | Difference::Index { .. }
        | Difference::AddCheck { .. }
        | Difference::DropCheck { .. }
        | Difference::RenameCheck { .. }
        | Difference::AddKey { .. }
        | Difference::DropKey { .. }
        | Difference::Key { .. }
        | Difference::Options
        | Difference::AddOther { .. }
        | Difference::DropOther { .. } => false,
    }
}

/// What of a value is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CastCheck {
    /// Whether it comes back as the same text, and is what the type is for.
    Fits,
    /// Whether it is what the type is for.
    Meant,
    /// Whether the type takes it: that of a strict table takes its own values only.
    Taken,
}

/// A table that is there, and what becomes of it.
#[derive(Debug)]
pub(super) struct TableAlteration<'a> {
    pub(super) table: &'a ddl::TableDdl,
    pub(super) current: Table,
    pub(super) desired: Table,
    pub(super) todo: TableChanges,
    /// The indexes that go with the columns that go.
    pub(super) gone: Vec<String>,
    /// What rows that are there get in a column that nothing else fills: the column, and SQL.
    pub(super) given: Vec<(String, String)>,
    /// What rows that are there get because the script says so.
    pub(super) used: Vec<FillExpression>,
}

/// A table that is there, and what is done to it.
#[derive(Debug)]
pub(super) struct TouchedTable<'p> {
    pub(super) name: &'p str,
    /// None where it stays as it is, its indexes aside.
    pub(super) task: Option<&'p TableAlteration<'p>>,
    /// The indexes that are created.
    pub(super) indexes: Vec<&'p ddl::IndexDdl>,
}

/// A column whose rows get what `using` says.
#[derive(Debug)]
pub(super) struct FillExpression {
    pub column: String,
    /// What it computes, as SQL over the table as it was.
    pub sql: String,
    /// Which rows get it.
    pub of: FilledRows,
    /// The same, as SQL.
    pub rows: String,
}

/// Which rows get what `using` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FilledRows {
    All,
    /// Those that have null there: nothing changes but that they may not.
    Nulls,
    /// Those whose DATE has another form than Relata's: nothing changes at all.
    OtherForm,
}

/// A change of one statement.
pub(super) fn change(
    object: &str,
    (sign, part, text): (Sign, PlanPart, String),
    way: ChangeMethod,
    sql: Vec<String>,
) -> Change {
    Change {
        object: object.into(),
        what: vec![Detail { sign, part, column: None, text }],
        way,
        rows: 0,
        sql,
        kept: None,
        cost: None,
        refused: Vec::new(),
    }
}

/// Whether a column's default is a value, not null.
pub(super) fn has_value(column: &Column) -> bool {
    let default = column.default.as_deref();
    // PostgreSQL says which type a null is of.
    let value = |text: &str| text.split_once("::").map_or(text, |it| it.0).to_owned();
    default.is_some_and(|it| !value(it).eq_ignore_ascii_case("null"))
}
