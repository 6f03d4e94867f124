//! A database's structure becomes what a schema says, with every row: `sync`, `drop`, `relata diff`, `relata apply`; what was done is
//! recorded, and can be undone.
//!
//! Invariant: what fails has changed nothing.

mod alter;
mod alteration;
mod ask;
mod broken;
mod change;
mod ddl;
mod draw;
mod dropped;
mod engine;
mod existing;
mod fill;
mod hazards;
mod history;
mod indexes;
mod keys;
mod misfits;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(not(all(feature = "mysql", feature = "postgres")))]
mod no_engine;
mod objects;
mod plan;
mod plan_words;
#[cfg(feature = "postgres")]
mod postgres;
mod questions;
mod referred;
mod renames;
mod rollback;
mod scope;
mod script_differences;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod server;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod server_plan;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod server_statement;
mod settle;
mod sqlite;
mod steps;
mod sync;
mod tables;
mod transaction;
mod using;
mod verify;

pub use change::{Change, ChangeMethod, Detail, PlanPart, Sign, StepCost, StepWaits, StepWork};
pub use draw::{PlanAction, PlanCount, draw, draw_done, draw_recorded, summary};
pub use history::{
    Migration, MigrationVerb, RecordedChange, Undone, drift, history, prune, rollback,
};
pub use misfits::{ColumnMisfit, ColumnUnfit, MisfitKind};
pub(crate) use steps::{DataSteps, StepOutcome, StepSurroundings};

use crate::catalog::{Object, ObjectKind, ShownColumn, Surroundings, Table};
use crate::client::{Client, Clock, ProblemContext, RunResult, Sketch};
use crate::db::Database;
use crate::diagnostics::{Losses, Problem, RunProblem};
use crate::ir::{AlterOptions, Model, ModelId, Schema};
use crate::source::{Sources, Span};
use crate::sql::Dialect;
use alter::{begin_sketch, record_plan, refuse_broken, verify_plan};
use alteration::Alteration;
use engine::{AlterEngine, AlteredTable, Engine, PlannedOutcome};
use history::Renamed;
use scope::PartScope;
use verify::verify_renames;

/// Is told what happens on the way.
pub trait Log {
    /// There is something to say that hinders nothing.
    fn warning(&mut self, problem: Problem);

    /// Values are about to go; the database as it was is in this file.
    fn backup(&mut self, _path: &str) {}

    /// So many of a sentence's statements have run.
    fn progress(&mut self, _done: usize, _all: usize) {}

    /// Whether it wants to hear what is changed, in words: the rows that are concerned are counted for that.
    fn hears_changes(&self) -> bool {
        false
    }

    /// From now on the changes of this object are carried out; of none, when they are done.
    fn carrying_out(&mut self, _object: Option<&str>) {}

    /// This was changed, and stays.
    fn changed(&mut self, _changes: &[Change]) {}
}

impl Log for Vec<Problem> {
    fn warning(&mut self, problem: Problem) {
        self.push(problem);
    }
}

/// What a change may do, whatever the sentence that asks for it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consent {
    /// The losses that it may cause.
    pub allow: Losses,
    /// Make no copy of a file before values are taken out of it.
    pub no_backup: bool,
}

/// Changes a database's structure.
pub(crate) struct Migrator<'a> {
    pub client: Client<'a>,
    pub log: &'a mut dyn Log,
    pub clock: &'a mut Clock,
    pub consent: Consent,
    /// How many transactions are open around it.
    pub depth: usize,
}

/// What `sync < alter >` would change of `database`, which is left as it was. What it would refuse is among them. `now` is the present moment,
/// where that is fixed.
///
/// Rows are asked, and what would be done is done to a sketch of the database, which has its structure and no rows. Where that doesn't tell
/// what comes of it, it is carried out and undone; on a copy, where the database may only be read ([`crate::db::Sqlite::read_only`]).
///
/// # Errors
/// Where it fails as a whole, as `sync < alter >` would.
pub(crate) fn diff(
    (schema, sources): (&Schema, &Sources),
    database: &mut dyn Database,
    options: AlterOptions,
    now: Option<i64>,
    log: &mut dyn Log,
    steps: &mut dyn DataSteps,
) -> Result<Vec<Change>, RunProblem> {
    let scripts = ProblemContext { schema, sources, database: database.name().into() };
    let mut clock = Clock::default();
    clock.begin(now, None);
    let (mut room, mut told) = (None, Vec::new());
    let mut client = Client::new(&scripts, &mut *database);
    client.sketch = Sketch::within(&mut room);
    if let Some(done) = rehearse(client, &mut clock.clone(), options, &mut told, steps) {
        for it in told {
            log.warning(it);
        }
        return done;
    }
    let mut client = Client::new(&scripts, &mut *database);
    let copy = alter_engine(client.database)?.copy(&mut client, Span::default())?;
    let done = match copy {
        Some(mut copy) => {
            let client = Client::new(&scripts, &mut *copy);
            rehearse(client, &mut clock, options, log, steps)
        }
        None => rehearse(client, &mut clock, options, log, steps),
    };
    done.unwrap_or_else(|| Ok(Vec::new()))
}

/// What would be changed; none where that isn't known yet.
fn rehearse<'a>(
    client: Client<'a>,
    clock: &'a mut Clock,
    options: AlterOptions,
    log: &'a mut dyn Log,
    steps: &mut dyn DataSteps,
) -> Option<RunResult<Vec<Change>>> {
    let consent = Consent { allow: options.allow, ..Consent::default() };
    let mut migrator = Migrator { client, log, clock, consent, depth: 0 };
    match migrator.rehearse(Span::default(), options, steps) {
        // Something was to be written after all.
        Err(RunProblem::CannotWrite { cause, .. })
            if migrator.client.is_sketching() && cause.is_read_only() =>
        {
            None
        }
        done => (!migrator.client.is_unknown()).then_some(done),
    }
}

/// Tells of DATE columns with values that have another form than Relata's (W0017): the first rows of each table are looked at, and where they
/// show one, all are counted.
///
/// # Errors
/// What the database says no with.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method of a `Migrator` of one lifetime is no function of all"
)]
pub fn other_moments(
    schema: &Schema,
    sources: &Sources,
    database: &mut dyn Database,
    log: &mut dyn Log,
) -> Result<(), RunProblem> {
    let consent = Consent::default();
    with((schema, sources), database, consent, None, log, |it| it.tell_all_moments())
}

/// The values of all tables of a schema which don't fit the types of their attributes. Each row of them is looked at.
///
/// # Errors
/// What the database says no with.
pub fn misfits(
    schema: &Schema,
    sources: &Sources,
    database: &mut dyn Database,
) -> Result<Vec<ColumnMisfit>, RunProblem> {
    let consent = Consent::default();
    with((schema, sources), database, consent, None, &mut Vec::new(), |it| {
        alter_engine(it.client.database)?.misfits(it)
    })
}

/// What a server makes of a script's tables.
#[derive(Debug, Default)]
pub struct ServerTables {
    /// The tables that are not, word by word, those that are there.
    pub others: Vec<(ModelId, Table)>,
    /// The models whose table it refuses.
    pub refused: Vec<ModelId>,
    /// Where keys and indexes are declared that it refuses.
    pub refused_parts: Vec<Span>,
}

/// What a server makes of a script's tables, held against the objects that are there; it is undone.
///
/// # Errors
/// What the database says no with, but for what it refuses of the script.
pub fn server_tables(
    schema: &Schema,
    sources: &Sources,
    database: &mut dyn Database,
    known: &[Object],
) -> Result<ServerTables, RunProblem> {
    with((schema, sources), database, Consent::default(), None, &mut Vec::new(), |it| {
        engine_of(it.client.database).made(it, known)
    })
}

/// What a database knows of its tables, and what is beside them.
///
/// # Errors
/// What the database says no with.
pub fn described(
    database: &mut dyn Database,
    objects: &[Object],
) -> Result<(Vec<Table>, Surroundings), RunProblem> {
    alone(database, Consent::default(), None, |migrator| {
        let at = Span::default();
        let mut tables = Vec::new();
        for object in objects.iter().filter(|it| it.kind() == ObjectKind::Table) {
            let table = migrator.client.ask(at, |it| it.table(&object.name))?;
            tables.extend(table.map(|it| engine_of(migrator.client.database).told(it)));
        }
        let beside = migrator.client.ask(at, |it| it.surroundings())?;
        Ok((tables, beside))
    })
}

/// The columns that a view of a database shows.
///
/// # Errors
/// What the database says no with.
pub fn shown_columns(
    database: &mut dyn Database,
    view: &str,
) -> Result<Vec<ShownColumn>, RunProblem> {
    alone(database, Consent::default(), None, |it| {
        let found = it.client.database.shown_columns(view);
        found.map_err(|error| it.client.failure(error, Span::default()))
    })
}

/// The values of all tables of a schema, whose types are another database's, which that one can't take. Each table is read once.
///
/// # Errors
/// What the database says no with.
pub fn unfit(
    schema: &Schema,
    sources: &Sources,
    database: &mut dyn Database,
    dialect: &'static Dialect,
) -> Result<Vec<ColumnUnfit>, RunProblem> {
    let consent = Consent::default();
    with((schema, sources), database, consent, None, &mut Vec::new(), |it| {
        alter_engine(it.client.database)?.unfit(it, dialect)
    })
}

impl Migrator<'_> {
    /// A part of a change, in the order that all have: what differs is read off the catalog and becomes a plan, rows are asked what it would make of them, and what would
    /// lose something is refused; only then it is carried out, recorded, and held against what it says. `renamed` has been renamed in this
    /// part; what was done comes behind `all`.
    fn alter_part(
        &mut self,
        alter: &Alteration,
        scope: &PartScope<'_>,
        renamed: &[Renamed],
        all: &mut Vec<Change>,
    ) -> RunResult<()> {
        let begun = all.len();
        let there = verify_renames(&mut self.client, alter.at, scope.snapshot, renamed)?;
        let input = ask::input(self, alter, scope, &there, all)?;
        let of = (self.client.scripts.schema, self.client.database.dialect());
        let mut plan = plan::plan(alter_engine(self.client.database)?, alter, scope, of, input);
        ask::refuse(self, alter, &mut plan, all)?;
        if alter.stops() || !begin_sketch(&mut self.client, alter, &plan)? {
            return Ok(());
        }
        let before = self.before(alter, &plan, (there.into_owned(), renamed))?;
        self.carry_out_plan(alter, &plan, all)?;
        if all.len() == begun && renamed.is_empty() {
            return Ok(());
        }
        let refused = alter.refused();
        refuse_broken(&mut self.client, alter, scope, &before, all)?;
        if alter.refused() > refused || alter.stops() {
            return Ok(());
        }
        // Renames are told before all parts.
        let own = if renamed.is_empty() { begun } else { 0 };
        let own = all.get(own..).unwrap_or_default();
        let now = record_plan(self, alter, (scope, &plan), &before, renamed, own)?;
        verify_plan(&mut self.client, alter, &plan, &before, &now)
    }
}

/// The engine of a database.
fn engine_of(database: &dyn Database) -> &'static dyn Engine {
    #[cfg(feature = "postgres")]
    let transactional = &postgres::PostgresEngine;
    #[cfg(not(feature = "postgres"))]
    let transactional = &no_engine::NoEngine;
    #[cfg(feature = "mysql")]
    let other = &mysql::MysqlEngine;
    #[cfg(not(feature = "mysql"))]
    let other = &no_engine::NoEngine;
    let dialect = database.dialect();
    if dialect.keeps_statements {
        &sqlite::SqliteEngine
    } else if dialect.transactional_ddl {
        transactional
    } else {
        other
    }
}

/// How a database that keeps statements as texts alters what is there; E0618 where it keeps none, and what is asked isn't possible yet.
fn alter_engine(database: &dyn Database) -> RunResult<&'static dyn AlterEngine> {
    engine_of(database).alters().ok_or_else(|| not_yet(database, "this", None))
}

/// What can't be asked of a database yet.
fn not_yet(database: &dyn Database, what: &str, at: Option<Span>) -> RunProblem {
    RunProblem::NotOnServer { what: what.to_owned(), title: database.dialect().title, at }
}

/// A plan as SQL that makes the same of the database when its own program runs it: one transaction, in which foreign keys are not enforced.
/// It ends with ROLLBACK where something of the plan is refused; without changes it is empty.
///
/// `database` is the one that the plan was tried on. What Relata keeps for a rollback is not in the script, which can't be rolled
/// back afterwards.
///
/// # Errors
/// Where the database doesn't answer.
pub fn script(changes: &[Change], database: &mut dyn Database) -> Result<String, RunProblem> {
    alone(database, Consent::default(), None, |migrator| {
        let client = &migrator.client;
        let script = engine_of(client.database).script(changes, &*client.database);
        script.map_err(|it| client.failure(it, Span::default()))
    })
}

impl Migrator<'_> {
    /// `sync`, `User sync`, `sync < force >`
    pub(crate) fn sync(
        &mut self,
        at: Span,
        scope: (Option<ModelId>, bool),
        steps: &mut dyn DataSteps,
    ) -> RunResult<Vec<String>> {
        engine_of(self.client.database).sync(self, at, scope, steps)
    }

    /// `drop`, `User drop`
    pub(crate) fn drop(&mut self, at: Span, model: Option<ModelId>) -> RunResult<Vec<String>> {
        engine_of(self.client.database).drop(self, at, model)
    }

    /// Counts the moments in another form that rows of a model have, and tells of them.
    pub(crate) fn tell_moments(&mut self, at: Span, model: &Model) -> RunResult<()> {
        // A column of dates has one form where tables aren't altered yet.
        let Some(engine) = engine_of(self.client.database).alters() else { return Ok(()) };
        engine.tell_moments(self, at, model, false)
    }

    /// Tells of the moments in another form that the first rows of each table show.
    fn tell_all_moments(&mut self) -> RunResult<()> {
        let schema = self.client.scripts.schema;
        let Some(engine) = engine_of(self.client.database).alters() else { return Ok(()) };
        for model in schema.models.iter().filter(|it| !it.view) {
            engine.tell_moments(self, Span::default(), model, true)?;
        }
        Ok(())
    }
}

/// Does something beside no sentence.
fn with<T>(
    (schema, sources): (&Schema, &Sources),
    database: &mut dyn Database,
    consent: Consent,
    now: Option<i64>,
    log: &mut dyn Log,
    work: impl FnOnce(&mut Migrator<'_>) -> RunResult<T>,
) -> RunResult<T> {
    let scripts = ProblemContext { schema, sources, database: database.name().into() };
    let mut clock = Clock::default();
    clock.begin(now, None);
    let client = Client::new(&scripts, database);
    work(&mut Migrator { client, log, clock: &mut clock, consent, depth: 0 })
}

/// Does something without a script.
fn alone<T>(
    database: &mut dyn Database,
    consent: Consent,
    now: Option<i64>,
    work: impl FnOnce(&mut Migrator<'_>) -> RunResult<T>,
) -> RunResult<T> {
    let (schema, sources) = (Schema::default(), Sources::default());
    with((&schema, &sources), database, consent, now, &mut Vec::new(), work)
}
