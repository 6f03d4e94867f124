//! Reading: a plan's statements, and rows as they come.
//!
//! Rows are handed over one by one, and never more than a chunk of them is kept: where there are lists beside them, these
//! are read for some rows at a time, while the statement of the rows themselves waits. A chunk is small at first. It
//! grows with the number of rows, as far as memory allows, since each may cost a look at all rows of a list's table, where
//! its key has no index.

use super::keys::{KeyPlaces, RowKey};
use crate::db::{Database, DbError};
use crate::plan::{CHUNK, Child, KeyColumn, Selection};
use crate::record::{Content, Item, Record, Shape};
use crate::sql::{Placeholder, Sql};
use crate::value::{Value, escape_json, is_stored_moment};
use std::ops::ControlFlow;

/// So many times [`CHUNK`] keys a list's statement may ask for: few sizes, so that it is seldom prepared. The largest is as many as SQLite
/// takes.
const SIZES: [usize; 5] = [1, 4, 16, 64, 127];

/// How much larger than the one before a chunk may be.
const GROWTH: usize = 16;

/// About so much memory a chunk takes, with its lists, unless it is of [`CHUNK`] rows.
const MOST_BYTES: usize = 16 << 20;

/// A row that was found, with the lists beside it.
#[derive(Debug, Clone, Copy)]
pub struct FoundRow<'a> {
    shape: &'a Shape,
    values: &'a [Value],
    lists: &'a [LoadedList<'a>],
}

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
    Row(FoundRow<'a>),
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

/// Rows of a child's statement.
#[derive(Debug)]
struct LoadedList<'a> {
    child: &'a Child,
    /// The values of all rows, one row behind the other.
    values: Vec<Value>,
    /// The place in `groups` of each key that was asked for.
    places: KeyPlaces,
    /// The first and the last row of each of these keys.
    groups: Vec<Option<(usize, usize)>>,
    /// To which of them the last row belongs.
    latest: Option<usize>,
    /// The next row of the same key, of each row.
    next: Vec<Option<usize>>,
    lists: Vec<LoadedList<'a>>,
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
                FindEvent::Row(row) => each(row),
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
            (watch.each)(FindEvent::Row(FoundRow::of(&selection.shape, values)))
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
            if (watch.each)(FindEvent::Row(found)).is_break() {
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

impl LoadedList<'_> {
    /// Adds a row, if it has one of the keys.
    fn add(&mut self, row: &[Value]) {
        let columns = &self.child.columns;
        // Rows of one key mostly come together.
        let before = self.values.len().checked_sub(row.len());
        let before = before.and_then(|it| self.values.get(it..));
        let same =
            |before: &[Value]| columns.iter().all(|it| before.get(it.own) == row.get(it.own));
        let known = self.latest.filter(|_| before.is_some_and(same));
        let own = |it: &KeyColumn| row.get(it.own);
        let found = known.or_else(|| self.places.of(&RowKey::of(columns, own)?));
        let Some((place, group)) = found.and_then(|it| Some((it, self.groups.get_mut(it)?))) else {
            return;
        };
        self.latest = Some(place);
        let row_place = self.next.len();
        self.values.extend_from_slice(row);
        self.next.push(None);
        if let Some((_, last)) = group {
            if let Some(before) = self.next.get_mut(*last) {
                *before = Some(row_place);
            }
            *last = row_place;
        } else {
            *group = Some((row_place, row_place));
        }
    }

    /// How much memory it takes, about.
    fn bytes(&self) -> usize {
        let lists: usize = self.lists.iter().map(Self::bytes).sum();
        bytes(&self.values) + lists
    }
}

/// How many rows may wait behind a chunk of so many, of which each takes so much memory.
fn next_chunk(before: usize, row: usize) -> usize {
    let sizes = SIZES.iter().map(|it| CHUNK * it);
    let fits = |it: &usize| *it <= before * GROWTH && *it * row <= MOST_BYTES;
    sizes.take_while(fits).last().unwrap_or(CHUNK)
}

/// How much memory values take, about.
fn bytes(values: &[Value]) -> usize {
    let texts = values.iter().map(|it| match it {
        Value::Text(it) | Value::Decimal(it) | Value::Date(it) | Value::Json(it) => it.len(),
        Value::Blob(it) => it.len(),
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) => 0,
    });
    size_of_val(values) + texts.sum::<usize>()
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

impl<'a> FoundRow<'a> {
    /// A row of these values, without lists.
    pub(super) const fn of(shape: &'a Shape, values: &'a [Value]) -> Self {
        Self { shape, values, lists: &[] }
    }

    fn column(&self, place: usize) -> &'a Value {
        self.values.get(place).unwrap_or(&Value::Null)
    }

    /// The value of its first member; null where that is no value.
    pub fn first(&self) -> Value {
        match self.shape.contents.first() {
            Some(Content::Column(place, reading)) => reading.read(self.column(*place)),
            Some(Content::Row(..) | Content::Rows(_) | Content::FirstRow(_)) | None => Value::Null,
        }
    }

    /// The same row of the statement, as another shape sees it.
    const fn as_shape(self, shape: &'a Shape) -> Self {
        Self { shape, ..self }
    }

    /// The rows of a list that belong to this one.
    fn list(&self, place: usize) -> impl Iterator<Item = FoundRow<'a>> + use<'a> {
        let loaded = self.lists.get(place);
        let group = loaded.and_then(|it| {
            let key = RowKey::of(&it.child.columns, |column| self.values.get(column.parent))?;
            *it.groups.get(it.places.of(&key)?)?
        });
        let next = move |row: &usize| *loaded?.next.get(*row)?;
        let rows = std::iter::successors(group.map(|(first, _)| first), next);
        rows.filter_map(move |row| {
            let loaded = loaded?;
            let Selection { shape, width, .. } = &loaded.child.selection;
            Some(FoundRow {
                shape,
                values: loaded.values.get(row * width..(row + 1) * width)?,
                lists: &loaded.lists,
            })
        })
    }

    /// The row, kept.
    pub fn record(&self) -> Record {
        let item = |content: &'a Content| match content {
            Content::Column(place, reading) => Item::Value(reading.read(self.column(*place))),
            Content::Row(place, _) if *self.column(*place) == Value::Null => {
                Item::Value(Value::Null)
            }
            Content::Row(_, shape) => Item::Record(self.as_shape(shape).record()),
            Content::Rows(place) => Item::List(self.list(*place).map(|it| it.record()).collect()),
            Content::FirstRow(place) => match self.list(*place).next() {
                Some(row) => Item::Record(row.record()),
                None => Item::Value(Value::Null),
            },
        };
        let items = self.shape.contents.iter().map(item).collect();
        Record::new(self.shape.names.clone(), items)
    }

    /// Writes the row's JSON, without making a record of it.
    pub fn write_json(&self, out: &mut String) {
        let from = out.len();
        self.append(out);
        escape_json(out, from);
    }

    fn append(&self, out: &mut String) {
        self.shape.write_json(out, |content, out| match content {
            Content::Column(place, reading) => reading.write_json(self.column(*place), out),
            Content::Row(place, _) if *self.column(*place) == Value::Null => out.push_str("null"),
            Content::Row(_, shape) => self.as_shape(shape).append(out),
            Content::Rows(place) => {
                out.push('[');
                for (place, it) in self.list(*place).enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    it.append(out);
                }
                out.push(']');
            }
            Content::FirstRow(place) => match self.list(*place).next() {
                Some(row) => row.append(out),
                None => out.push_str("null"),
            },
        });
    }
}
