//! Reading: a plan's statements, and rows as they come.
//!
//! Rows are handed over one by one, and never more than a chunk of them is kept: where there are lists beside them, these
//! are read for [`CHUNK`] rows at a time, while the statement of the rows themselves waits.

use crate::db::{Database, DbError};
use crate::plan::{CHUNK, Child, Fold, Selection};
use crate::record::{Content, Item, Record, Shape};
use crate::value::{Value, write_json_text};
use smol_str::SmolStr;
use std::collections::HashMap;
use std::ops::ControlFlow;

/// A row that was found, with the lists beside it.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    shape: &'a Shape,
    values: &'a [Value],
    lists: &'a [Loaded<'a>],
}

/// Rows of a child's statement.
#[derive(Debug)]
struct Loaded<'a> {
    child: &'a Child,
    /// The values of all rows, one row behind the other.
    values: Vec<Value>,
    /// The rows of each key.
    groups: HashMap<Key, Vec<usize>>,
    lists: Vec<Loaded<'a>>,
}

/// A key, so that equal keys are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Integer(i64),
    Float(u64),
    Text(SmolStr),
    Blob(Box<[u8]>),
}

/// Runs a plan and shows each row to `each`, until that breaks.
///
/// # Errors
/// What the database says no with.
pub fn find(
    database: &dyn Database,
    selection: &Selection,
    each: &mut dyn FnMut(Found<'_>) -> ControlFlow<()>,
) -> Result<(), DbError> {
    let statement = &selection.statement;
    let mut show = |values: &[Value], lists: &[Loaded<'_>]| {
        each(Found {
            shape: &selection.shape,
            values,
            lists,
        })
    };
    if selection.children.is_empty() {
        let mut one = |values: &[Value]| show(values, &[]);
        return database.query(&statement.text, &statement.parameters, &mut one);
    }
    let width = selection.width.max(1);
    let mut waiting: Vec<Value> = Vec::with_capacity(width * CHUNK);
    let mut hand_over = |waiting: &mut Vec<Value>| {
        let lists = load(database, &selection.children, waiting, width)?;
        for values in waiting.chunks_exact(width) {
            if show(values, &lists).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        waiting.clear();
        Ok(ControlFlow::Continue(()))
    };
    let mut end = Ok(ControlFlow::Continue(()));
    database.query(&statement.text, &statement.parameters, &mut |values| {
        waiting.extend_from_slice(values);
        if waiting.len() >= width * CHUNK {
            end = hand_over(&mut waiting);
        }
        match &end {
            Ok(flow) => *flow,
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    if end?.is_continue() {
        hand_over(&mut waiting).map(|_| ())?;
    }
    Ok(())
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
        if let Some(Content::Column(place, reading)) = row.shape.contents.first() {
            found = reading.read(row.column(*place));
        }
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
) -> Result<Vec<Loaded<'a>>, DbError> {
    let mut lists = Vec::with_capacity(children.len());
    for child in children {
        // Each key once, in the order of the rows.
        let mut keys: Vec<&Value> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for row in parents.chunks_exact(width) {
            let value = row.get(child.parent).unwrap_or(&Value::Null);
            if let Some(key) = key(value, child.fold)
                && seen.insert(key)
            {
                keys.push(value);
            }
        }
        let mut loaded = Loaded {
            child,
            values: Vec::new(),
            groups: HashMap::with_capacity(keys.len()),
            lists: Vec::new(),
        };
        let statement = &child.selection.statement;
        let mut parameters = statement.parameters.clone();
        for some in keys.chunks(CHUNK) {
            for place in 0..CHUNK {
                if let Some(slot) = parameters.get_mut(child.keys_at + place) {
                    *slot = some.get(place).map_or(Value::Null, |it| (*it).clone());
                }
            }
            database.query(&statement.text, &parameters, &mut |values| {
                // A window's number may stand behind the columns.
                let own = values.get(..child.selection.width).unwrap_or(values);
                let place = loaded.values.len() / child.selection.width.max(1);
                let value = own.get(child.key).unwrap_or(&Value::Null);
                if let Some(key) = key(value, child.fold) {
                    loaded.groups.entry(key).or_default().push(place);
                    loaded.values.extend_from_slice(own);
                }
                ControlFlow::Continue(())
            })?;
        }
        let inner = &child.selection;
        if !inner.children.is_empty() {
            let width = inner.width.max(1);
            loaded.lists = load(database, &inner.children, &loaded.values, width)?;
        }
        lists.push(loaded);
    }
    Ok(lists)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "only a float that is a whole number in range is taken for one"
)]
fn key(value: &Value, fold: Fold) -> Option<Key> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(it) => Key::Integer(i64::from(*it)),
        Value::Integer(it) => Key::Integer(*it),
        Value::Float(it) if it.fract() == 0.0 && it.abs() < 9e18 => Key::Integer(*it as i64),
        Value::Float(it) => Key::Float(it.to_bits()),
        Value::Decimal(it) | Value::Text(it) | Value::Date(it) | Value::Json(it) => {
            Key::Text(match fold {
                Fold::Exact => it.clone(),
                Fold::Case => it.to_ascii_lowercase().into(),
                Fold::End => it.trim_end_matches(' ').into(),
            })
        }
        Value::Blob(it) => Key::Blob(it.clone()),
    })
}

impl<'a> Found<'a> {
    fn column(&self, place: usize) -> &'a Value {
        self.values.get(place).unwrap_or(&Value::Null)
    }

    /// The same row of the statement, as another shape sees it.
    const fn as_shape(self, shape: &'a Shape) -> Self {
        Self { shape, ..self }
    }

    /// The rows of a list that belong to this one.
    fn list(&self, place: usize) -> impl Iterator<Item = Found<'a>> + use<'a> {
        let loaded = self.lists.get(place);
        let key = loaded.and_then(|it| key(self.column(it.child.parent), it.child.fold));
        let rows = loaded.and_then(|it| it.groups.get(&key?));
        rows.into_iter().flatten().filter_map(move |row| {
            let loaded = loaded?;
            let Selection { shape, width, .. } = &loaded.child.selection;
            Some(Found {
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
        out.push('{');
        let members = self.shape.names.iter().zip(&self.shape.contents);
        for (place, (name, content)) in members.enumerate() {
            if place > 0 {
                out.push(',');
            }
            write_json_text(name, out);
            out.push(':');
            match content {
                Content::Column(place, reading) => reading.write_json(self.column(*place), out),
                Content::Row(place, _) if *self.column(*place) == Value::Null => {
                    out.push_str("null");
                }
                Content::Row(_, shape) => self.as_shape(shape).write_json(out),
                Content::Rows(place) => {
                    out.push('[');
                    for (place, it) in self.list(*place).enumerate() {
                        if place > 0 {
                            out.push(',');
                        }
                        it.write_json(out);
                    }
                    out.push(']');
                }
                Content::FirstRow(place) => match self.list(*place).next() {
                    Some(row) => row.write_json(out),
                    None => out.push_str("null"),
                },
            }
        }
        out.push('}');
    }
}
