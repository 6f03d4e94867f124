//! What is being done, statement by statement: `_relata_work` has a row for each of them, written before the first one runs, and noted before and after
//! each. Where there are rows, something was cut off: they say how far it came.
//!
//! A part is what belongs together: an `ALTER TABLE` that comes before rows get values, and the statements behind it. One that was begun is
//! carried on to its end, statement by statement; what wasn't begun is planned anew.

use crate::catalog::Object;
use crate::client::{FailedStatement, RunResult};
use crate::db::{DbError, shown_table};
use crate::diagnostics::RunProblem;
use crate::migrate::history::record::{names_kept, objects_left, record_end};
use crate::migrate::history::{MigrationRecord, Renamed};
use crate::migrate::server::work::{StatementEffect, WorkStatement};
use crate::migrate::{Migrator, engine_of};
use crate::source::Span;
use crate::sql::SchemaObjectKind;
use crate::value::Value;
use crate::words::same_name;

const NAME: &str = "_relata_work";

const TABLE: &str = "CREATE TABLE _relata_work (place INTEGER PRIMARY KEY, migration INTEGER NOT NULL, part INTEGER NOT NULL, object TEXT NOT NULL, \
     does TEXT NOT NULL, \"sql\" LONGTEXT NOT NULL, undoes INTEGER NOT NULL, state TEXT NOT NULL, was LONGTEXT) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";

/// How far a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StatementState {
    Planned,
    Begun,
    Done,
}

impl StatementState {
    const fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Begun => "begun",
            Self::Done => "done",
        }
    }
}

/// The objects that may come and go by a statement, and are kept by their words.
const OBJECTS: [(SchemaObjectKind, &str); 8] = [
    (SchemaObjectKind::Extension, "extension"),
    (SchemaObjectKind::Schema, "schema"),
    (SchemaObjectKind::Type, "type"),
    (SchemaObjectKind::Column, "column"),
    (SchemaObjectKind::Index, "index"),
    (SchemaObjectKind::ForeignKey, "foreign key"),
    (SchemaObjectKind::Trigger, "trigger"),
    (SchemaObjectKind::Other, "object"),
];

/// What else a statement may do, by its word.
const EFFECTS: [(StatementEffect, &str); 7] = [
    (StatementEffect::Structure, "structure"),
    (StatementEffect::TableName, "table name"),
    (StatementEffect::TableNames, "table names"),
    (StatementEffect::ColumnNames, "column names"),
    (StatementEffect::OwnTable, "own table"),
    (StatementEffect::Keeps, "keeps"),
    (StatementEffect::Fills, "fills"),
];

impl StatementEffect {
    /// As it is kept.
    fn word(self) -> &'static str {
        let word = match self {
            Self::Object(kind) => OBJECTS.iter().find(|it| it.0 == kind).map(|it| it.1),
            other => EFFECTS.iter().find(|it| it.0 == other).map(|it| it.1),
        };
        word.unwrap_or("structure")
    }

    /// The one that is kept so.
    fn read(word: &str) -> Self {
        let effect = EFFECTS.iter().find(|it| it.1 == word).map(|it| it.0);
        let object = || OBJECTS.iter().find(|it| it.1 == word).map(|it| Self::Object(it.0));
        effect.or_else(object).unwrap_or(Self::Structure)
    }

    /// Whether it is told, or keeps something aside.
    pub(super) const fn is_told(self) -> bool {
        match self {
            Self::Structure
            | Self::Object(_)
            | Self::TableName
            | Self::TableNames
            | Self::ColumnNames
            | Self::Fills => true,
            Self::OwnTable | Self::Keeps => false,
        }
    }

    /// Whether it changes rows, which can be undone with the note of it.
    const fn is_of_rows(self) -> bool {
        match self {
            Self::Keeps | Self::Fills => true,
            Self::Structure
            | Self::Object(_)
            | Self::TableName
            | Self::TableNames
            | Self::ColumnNames
            | Self::OwnTable => false,
        }
    }
}

/// A statement of a change, and the part of it that it belongs to.
#[derive(Debug, Clone)]
pub(super) struct LoggedStatement {
    pub statement: WorkStatement,
    pub part: usize,
}

/// A statement, as it stands there.
#[derive(Debug)]
struct LoggedRow {
    place: i64,
    part: usize,
    statement: WorkStatement,
    state: StatementState,
    was: String,
}

impl LoggedRow {
    const fn is_told(&self) -> bool {
        self.statement.does.is_told()
    }
}

/// What was cut off.
#[derive(Debug)]
pub(super) struct OpenWork {
    pub migration: u64,
    /// Whether it was a rollback.
    pub undoes: bool,
    rows: Vec<LoggedRow>,
}

impl OpenWork {
    /// The statements that are done, and told.
    fn ran(&self) -> Vec<String> {
        let done = self.rows.iter().filter(|it| it.state == StatementState::Done);
        done.filter(|it| it.is_told()).map(|it| it.statement.sql.clone()).collect()
    }

    /// How many of them are done, and how many there are.
    pub(super) fn counts(&self) -> (usize, usize) {
        let told = self.rows.iter().filter(|it| it.is_told()).count();
        (self.ran().len(), told)
    }
}

/// Whether something was cut off.
fn has_work(migrator: &mut Migrator<'_>) -> RunResult<bool> {
    let engine = engine_of(migrator.client.database);
    let own = engine.own_objects(&mut migrator.client)?;
    Ok(own.iter().any(|it| same_name(&it.name, NAME)))
}

/// What was cut off; none where nothing was.
pub(super) fn open_work(migrator: &mut Migrator<'_>) -> RunResult<Option<OpenWork>> {
    if !has_work(migrator)? {
        return Ok(None);
    }
    let sql = "SELECT place, migration, part, object, \"sql\", does, undoes, state, was FROM _relata_work ORDER BY place";
    let rows = migrator.client.ask(Span::default(), |it| it.rows(sql, &[]))?;
    let mut found: Option<OpenWork> = None;
    for row in rows {
        let number = |at: usize| match row.get(at) {
            Some(Value::Integer(it)) => *it,
            _ => 0,
        };
        let text = |at: usize| match row.get(at) {
            Some(Value::Text(it)) => it.to_string(),
            _ => String::new(),
        };
        let all = [StatementState::Begun, StatementState::Done];
        let state = all.into_iter().find(|it| it.word() == text(7));
        let work = found.get_or_insert_with(|| OpenWork {
            migration: number(1).unsigned_abs(),
            undoes: number(6) == 1,
            rows: Vec::new(),
        });
        work.rows.push(LoggedRow {
            place: number(0),
            part: usize::try_from(number(2)).unwrap_or_default(),
            statement: WorkStatement::new(StatementEffect::read(&text(5)), text(3), text(4)),
            state: state.unwrap_or(StatementState::Planned),
            was: text(8),
        });
    }
    Ok(found)
}

/// Writes down what is going to be done, behind what stands there.
pub(super) fn plan_statements(
    migrator: &mut Migrator<'_>,
    at: Span,
    (migration, undoes): (u64, bool),
    statements: &[LoggedStatement],
) -> RunResult<()> {
    if !has_work(migrator)? {
        migrator.client.ask(at, |it| it.execute(TABLE, &[]))?;
    }
    migrator.client.ask(at, |database| {
        database.begin()?;
        let sql = "INSERT INTO _relata_work (migration, part, object, \"sql\", does, undoes, state, place) \
             VALUES ($1, $2, $3, $4, $5, $6, 'planned', (SELECT coalesce(max(place), 0) + 1 FROM _relata_work AS w))";
        let number = |it: u64| Value::Integer(i64::try_from(it).unwrap_or(i64::MAX));
        for LoggedStatement { statement, part } in statements {
            let values = [
                number(migration),
                number(*part as u64),
                Value::Text(statement.object.as_str().into()),
                Value::Text(statement.sql.as_str().into()),
                Value::Text(statement.does.word().into()),
                Value::Integer(i64::from(undoes)),
            ];
            database.execute(sql, &values)?;
        }
        database.commit()
    })
}

/// What the server shows of what a statement is about; nothing where there is none.
fn shown(migrator: &mut Migrator<'_>, statement: &WorkStatement) -> RunResult<String> {
    let object = &statement.object;
    if let StatementEffect::Object(kind) = statement.does {
        let there = migrator.client.ask(Span::default(), |it| it.schema_objects())?;
        let found = there.iter().any(|it| it.kind == kind && it.name == *object);
        return Ok(if found { object.clone() } else { String::new() });
    }
    let sql = format!("SHOW CREATE TABLE {}", crate::client::quoted(object));
    match migrator.client.database.rows(&sql, &[]) {
        Ok(rows) => Ok(rows
            .first()
            .and_then(|row| match row.get(1) {
                Some(Value::Text(sql)) => {
                    Some(shown_table(sql).map_or_else(|| sql.to_string(), |it| it.sql))
                }
                _ => None,
            })
            .unwrap_or_default()),
        Err(error) if error.kind.is_of_statement() => Ok(String::new()),
        Err(error) => Err(migrator.client.failure(error, Span::default())),
    }
}

/// Why a statement failed.
pub(super) struct FailedStep {
    pub object: String,
    pub error: DbError,
    pub sql: String,
}

impl FailedStep {
    /// As a problem of a sentence.
    pub(super) fn problem(self, migrator: &Migrator<'_>, at: Span) -> RunProblem {
        let statement = Some(self.sql.as_str());
        let about = FailedStatement { statement, ..FailedStatement::default() };
        migrator.client.failure_of(self.error, at, about)
    }
}

/// Runs what is written down and isn't done: all of it, or what is left of the part that was begun.
pub(super) fn carry_on(
    migrator: &mut Migrator<'_>,
    at: Span,
    begun: bool,
) -> RunResult<Result<(), FailedStep>> {
    let Some(work) = open_work(migrator)? else { return Ok(Ok(())) };
    let mut open = None;
    if begun {
        for row in &work.rows {
            if row.state == StatementState::Begun {
                let now = shown(migrator, &row.statement)?;
                if now == row.was {
                    continue;
                }
                note(migrator, at, row.place, StatementState::Done, None)?;
            }
            if row.state != StatementState::Planned {
                open = Some(row.part);
            }
        }
    }
    let Some(work) = open_work(migrator)? else { return Ok(Ok(())) };
    let all = work.rows.len();
    for (done, row) in work.rows.into_iter().enumerate() {
        if row.state == StatementState::Done || begun && Some(row.part) != open {
            continue;
        }
        migrator.log.carrying_out(Some(&row.statement.object));
        if let Err(error) = run(migrator, at, row.place, &row.statement)? {
            let WorkStatement { object, sql, .. } = row.statement;
            return Ok(Err(FailedStep { object, error, sql }));
        }
        migrator.log.progress(done + 1, all);
    }
    migrator.log.carrying_out(None);
    Ok(Ok(()))
}

fn run(
    migrator: &mut Migrator<'_>,
    at: Span,
    place: i64,
    statement: &WorkStatement,
) -> RunResult<Result<(), DbError>> {
    let sql = &statement.sql;
    migrator.client.ask(at, |it| it.excludes_appliers())?;
    if statement.does.is_of_rows() {
        migrator.client.ask(at, |it| it.begin())?;
        if let Err(error) = migrator.client.database.execute(sql, &[]) {
            migrator.client.ask(at, |it| it.rollback())?;
            return Ok(Err(error));
        }
        note(migrator, at, place, StatementState::Done, None)?;
        migrator.client.ask(at, |it| it.commit())?;
        return Ok(Ok(()));
    }
    let was = shown(migrator, statement)?;
    note(migrator, at, place, StatementState::Begun, Some(&was))?;
    if let Err(error) = migrator.client.database.execute(sql, &[]) {
        return Ok(Err(error));
    }
    note(migrator, at, place, StatementState::Done, None)?;
    Ok(Ok(()))
}

fn note(
    migrator: &mut Migrator<'_>,
    at: Span,
    place: i64,
    state: StatementState,
    was: Option<&str>,
) -> RunResult<()> {
    let sql = "UPDATE _relata_work SET state = $1, was = coalesce($2, was) WHERE place = $3";
    let was = was.map_or(Value::Null, |it| Value::Text(it.into()));
    let values = [Value::Text(state.word().into()), was, Value::Integer(place)];
    migrator.client.ask(at, |it| it.execute(sql, &values)).map(|_| ())
}

/// Whether a part was begun and isn't done.
pub(super) fn is_within_part(work: &OpenWork) -> bool {
    work.rows.iter().any(|row| {
        row.state != StatementState::Done
            && work
                .rows
                .iter()
                .any(|it| it.part == row.part && it.is_told() && it.state == StatementState::Done)
    })
}

/// Ends what was begun: the history says what came of it, and there is nothing open any more. What is there now.
pub(super) fn close(migrator: &mut Migrator<'_>, at: Span) -> RunResult<Vec<Object>> {
    let now = migrator.client.ask(at, |it| it.objects())?;
    let Some(work) = open_work(migrator)? else { return Ok(now) };
    let before = objects_left(&mut migrator.client, work.migration)?;
    let (planned, mut settled) = names_kept(&mut migrator.client, work.migration)?;
    let ran = work.ran();
    let done = || work.rows.iter().filter(|it| it.state == StatementState::Done);
    let is_given = |rename: &Renamed| done().any(|it| gives_name(&it.statement, rename));
    let renames: Vec<Renamed> = planned.into_iter().filter(is_given).collect();
    // Where rows got values, they are others though the structure may be as it was.
    let filled = done().filter(|it| it.statement.does == StatementEffect::Fills);
    let anew: Vec<String> = filled.map(|it| it.statement.object.clone()).collect();
    let done =
        MigrationRecord { sql: &ran, renames: &renames, anew: &anew, ..MigrationRecord::default() };
    migrator.client.ask(at, |it| it.begin())?;
    // What was begun only hasn't got all names.
    if work.rows.iter().any(|it| it.state != StatementState::Done) {
        settled.clear();
    }
    record_end(migrator, at, work.migration, [&before, &now], (&done, &settled))?;
    migrator.client.ask(at, |it| it.execute("DELETE FROM _relata_work", &[]))?;
    migrator.client.ask(at, |it| it.commit())?;
    Ok(now)
}

/// Forgets what was written down: it is done.
pub(super) fn forget(migrator: &mut Migrator<'_>, at: Span) -> RunResult<()> {
    if has_work(migrator)? {
        migrator.client.ask(at, |it| it.execute("DELETE FROM _relata_work", &[]))?;
    }
    Ok(())
}

/// Forgets what isn't done; whether something is.
pub(super) fn forget_planned(migrator: &mut Migrator<'_>, at: Span) -> RunResult<bool> {
    let sql = "DELETE FROM _relata_work WHERE state <> 'done'";
    migrator.client.ask(at, |it| it.execute(sql, &[]))?;
    Ok(open_work(migrator)?.is_some())
}

/// Whether a statement gives that name.
fn gives_name(statement: &WorkStatement, rename: &Renamed) -> bool {
    match (statement.does, &rename.table) {
        (StatementEffect::TableNames, None) => true,
        (StatementEffect::TableName, None) => statement.object == rename.from,
        // Those of a table all at once.
        (StatementEffect::ColumnNames, Some(table)) => statement.object == *table,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{EFFECTS, OBJECTS, StatementEffect};

    #[test]
    fn what_a_statement_does_is_kept_by_a_word_of_its_own() {
        let objects = OBJECTS.iter().map(|it| StatementEffect::Object(it.0));
        for it in EFFECTS.iter().map(|it| it.0).chain(objects) {
            assert_eq!(StatementEffect::read(it.word()), it, "{}", it.word());
        }
    }
}
