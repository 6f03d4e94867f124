//! Reading: a plan's statements, and rows as they come.
//!
//! Rows are handed over one by one, and never more than a chunk of them is kept: where there are lists beside them, these
//! are read for some rows at a time, while the statement of the rows themselves waits. A chunk is small at first. It
//! grows with the number of rows, as far as memory allows, since each may cost a look at all rows of a list's table, where
//! its key has no index.

use super::found::{FoundRow, LoadedList, ReadRow, bytes};
use super::keys::{KeyPlaces, RowKey};
use crate::db::{Database, DbError};
use crate::plan::{CHUNK, Child, KeyColumn, Selection};
use crate::record::Record;
use crate::sql::{Placeholder, Sql};
use crate::value::{Value, is_stored_moment};
use std::ops::ControlFlow;

/// So many times [`CHUNK`] keys a list's statement may ask for: few sizes, so that it is seldom prepared. The largest is as many as SQLite
/// takes.
const SIZES: [usize; 5] = [1, 4, 16, 64, 127];

/// How much larger than the one before a chunk may be.
const GROWTH: usize = 16;

/// About so much memory a chunk takes, with its lists, unless it is of [`CHUNK`] rows.
const MOST_BYTES: usize = 16 << 20;

/// Rows that wait for the lists beside them.
struct RowBuffer<'a> {
    selection: &'a Selection,
    /// The values of all rows, one row behind the other.
    values: Vec<Value>,
    rows: usize,
    /// How much memory they take, about.
    bytes: usize,
    /// How many rows may wait.
    chunk: usize,
}

/// What comes while a plan runs.
#[derive(Debug)]
pub(super) enum FindEvent<'a> {
    /// A statement is about to be sent. Only where that is asked for.
    Statement(&'a Sql),
    /// A row was found.
    Row(ReadRow<'a>),
}

/// Who watches a plan, and how much there may be.
pub(super) struct Watch<'w> {
    /// Whether statements are told.
    pub explain: bool,
    /// So many rows may come, those of lists too.
    pub most: Option<u64>,
    /// So many have come.
    pub count: u64,
    /// Whether a moment was read that has another form than Relata's.
    pub other_moment: bool,
    /// What is told.
    pub each: &'w mut dyn FnMut(FindEvent<'_>) -> ControlFlow<()>,
}

impl Watch<'_> {
    /// One row more; whether it is one too many.
    fn counts(&mut self) -> ControlFlow<()> {
        self.count += 1;
        if self.is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Looks at the moments of a row.
    fn reads(&mut self, moments: &[usize], row: &[Value]) {
        self.other_moment = self.other_moment
            || moments.iter().any(|it| match row.get(*it) {
                None | Some(Value::Null) => false,
                Some(Value::Text(it)) => !is_stored_moment(it),
                Some(_) => true,
            });
    }

    /// Whether there were more rows than there may be.
    pub(super) fn is_over(&self) -> bool {
        self.most.is_some_and(|it| self.count > it)
    }

    fn statement(&mut self, statement: &Sql) -> ControlFlow<()> {
        if self.explain {
            (self.each)(FindEvent::Statement(statement))
        } else {
            ControlFlow::Continue(())
        }
    }
}

/// Runs a plan and shows each row to `each`, until that breaks.
///
/// # Errors
/// What the database says no with.
pub fn find(
    database: &dyn Database,
    selection: &Selection,
    each: &mut dyn FnMut(FoundRow<'_>) -> ControlFlow<()>,
) -> Result<(), DbError> {
    read_within_limits(
        database,
        selection,
        &mut Watch {
            explain: false,
            most: None,
            count: 0,
            other_moment: false,
            each: &mut |it| match it {
                FindEvent::Statement(_) => ControlFlow::Continue(()),
                FindEvent::Row(row) => each(row.found()),
            },
        },
    )
}

/// The same, watched.
pub(super) fn read_within_limits(
    database: &dyn Database,
    selection: &Selection,
    watch: &mut Watch<'_>,
) -> Result<(), DbError> {
    let statement = &selection.statement;
    if watch.statement(statement).is_break() {
        return Ok(());
    }
    if selection.children.is_empty() {
        return database.query(&statement.text, &statement.parameters, &mut |values| {
            if watch.counts().is_break() {
                return ControlFlow::Break(());
            }
            watch.reads(&selection.moments, values);
            (watch.each)(FindEvent::Row(ReadRow::Alone(&selection.shape, values)))
        });
    }
    let mut waiting = RowBuffer::of(selection);
    let mut end = Ok(ControlFlow::Continue(()));
    database.query_in_parts(&statement.text, &statement.parameters, &mut |values| {
        if watch.counts().is_break() {
            return ControlFlow::Break(());
        }
        watch.reads(&selection.moments, values);
        waiting.push(values);
        if waiting.is_full() {
            end = waiting.flush_rows(database, watch);
        }
        // What failed is told behind the rows.
        end.as_ref().map_or(ControlFlow::Break(()), |it| *it)
    })?;
    match end? {
        ControlFlow::Continue(()) if !watch.is_over() => {
            waiting.flush_rows(database, watch).map(|_| ())
        }
        ControlFlow::Continue(()) | ControlFlow::Break(()) => Ok(()),
    }
}

impl<'a> RowBuffer<'a> {
    fn of(selection: &'a Selection) -> Self {
        Self {
            selection,
            values: Vec::with_capacity(selection.width * CHUNK),
            rows: 0,
            bytes: 0,
            chunk: CHUNK,
        }
    }

    fn push(&mut self, row: &[Value]) {
        self.values.extend_from_slice(row);
        self.rows += 1;
        self.bytes += bytes(row);
    }

    /// Whether it is time to read the lists beside these rows.
    const fn is_full(&self) -> bool {
        self.rows >= self.chunk || (self.rows >= CHUNK && self.bytes > MOST_BYTES)
    }

    /// Reads the lists beside the rows that wait, and shows them.
    fn flush_rows(
        &mut self,
        database: &dyn Database,
        watch: &mut Watch<'_>,
    ) -> Result<ControlFlow<()>, DbError> {
        let width = self.selection.width.max(1);
        let children = &self.selection.children;
        let lists = load(database, children, &self.values, width, watch)?;
        if watch.is_over() {
            return Ok(ControlFlow::Break(()));
        }
        for values in self.values.chunks_exact(width) {
            let found = FoundRow { shape: &self.selection.shape, values, lists: &lists };
            if (watch.each)(FindEvent::Row(ReadRow::Beside(found))).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        self.chunk = next_chunk(self.chunk, {
            let lists = lists.iter().map(LoadedList::bytes).sum::<usize>();
            (self.bytes + lists).div_ceil(self.rows.max(1))
        });
        self.values.clear();
        (self.rows, self.bytes) = (0, 0);
        Ok(ControlFlow::Continue(()))
    }
}

/// How many rows may wait behind a chunk of so many, of which each takes so much memory.
fn next_chunk(before: usize, row: usize) -> usize {
    let sizes = SIZES.iter().map(|it| CHUNK * it);
    let fits = |it: &usize| *it <= before * GROWTH && *it * row <= MOST_BYTES;
    sizes.take_while(fits).last().unwrap_or(CHUNK)
}

/// All rows of a plan.
///
/// # Errors
/// What the database says no with.
pub fn records(database: &dyn Database, selection: &Selection) -> Result<Vec<Record>, DbError> {
    let mut records = Vec::new();
    find(database, selection, &mut |row| {
        records.push(row.record());
        ControlFlow::Continue(())
    })?;
    Ok(records)
}

/// The value of a plan of one row with one member; null where there is no row.
///
/// # Errors
/// What the database says no with.
pub fn value(database: &dyn Database, selection: &Selection) -> Result<Value, DbError> {
    let mut found = Value::Null;
    find(database, selection, &mut |row| {
        found = row.first();
        ControlFlow::Break(())
    })?;
    Ok(found)
}

/// The lists beside rows.
fn load<'a>(
    database: &dyn Database,
    children: &'a [Child],
    parents: &[Value],
    width: usize,
    watch: &mut Watch<'_>,
) -> Result<Vec<LoadedList<'a>>, DbError> {
    let mut lists = Vec::with_capacity(children.len());
    for child in children {
        let mut loaded = LoadedList {
            child,
            values: Vec::new(),
            places: KeyPlaces::default(),
            groups: Vec::new(),
            latest: None,
            next: Vec::new(),
            lists: Vec::new(),
        };
        // Each key once, in the order of the rows.
        let mut keys: Vec<&Value> = Vec::new();
        for row in parents.chunks_exact(width) {
            let parent = |it: &KeyColumn| row.get(it.parent);
            let key = RowKey::of(&child.columns, parent);
            if key.is_some_and(|it| loaded.places.add(it)) {
                keys.extend(child.columns.iter().filter_map(parent));
            }
        }
        let width = child.columns.len().max(1);
        loaded.groups.resize(keys.len() / width, None);
        for some in keys.chunks(most_keys(database, child) * width) {
            let statement = list_statement(database, child, some, watch.explain);
            if watch.statement(&statement).is_break() {
                return Ok(lists);
            }
            database.query(&statement.text, &statement.parameters, &mut |values| {
                if watch.counts().is_break() {
                    return ControlFlow::Break(());
                }
                watch.reads(&child.selection.moments, values);
                // A window's number may stand behind the columns.
                let own = values.get(..child.selection.width).unwrap_or(values);
                loaded.add(own);
                ControlFlow::Continue(())
            })?;
            if watch.is_over() {
                return Ok(lists);
            }
        }
        let inner = &child.selection;
        if !inner.children.is_empty() {
            let width = inner.width.max(1);
            loaded.lists = load(database, &inner.children, &loaded.values, width, watch)?;
        }
        lists.push(loaded);
    }
    Ok(lists)
}

/// How many keys a list can be asked for at once.
fn most_keys(database: &dyn Database, child: &Child) -> usize {
    let Child { keys, selection, .. } = child;
    let least = keys.count.max(1);
    if database.dialect().placeholder == Placeholder::Numbered {
        return least;
    }
    let others = selection.statement.parameters.len().saturating_sub(least * keys.width);
    let sizes = SIZES.iter().map(|it| least * it);
    let fits = |it: &usize| *it * keys.width + others <= database.dialect().most_parameters;
    sizes.take_while(fits).last().unwrap_or(least)
}

/// The statement of a list for these keys. There are few sizes of it, so that it is seldom prepared; one that is told has
/// as many places as there are keys.
fn list_statement(database: &dyn Database, child: &Child, keys: &[&Value], exact: bool) -> Sql {
    let alike = database.dialect().placeholder == Placeholder::Question;
    let wanted = keys.len() / child.columns.len().max(1);
    let least = child.keys.count.max(1);
    let mut sizes = SIZES.iter().map(|it| least * it);
    let count = match sizes.find(|it| *it >= wanted) {
        Some(size) if !(exact && alike) => size,
        Some(_) | None => wanted,
    };
    let statement = &child.selection.statement;
    statement.with_keys(&child.keys, count, keys.iter().copied())
}
