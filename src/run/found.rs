//! Rows that were found, and the lists beside them.

use super::keys::{KeyPlaces, RowKey};
use crate::plan::{Child, KeyColumn, Selection};
use crate::record::{Content, Item, Record, Shape};
use crate::value::{Value, escape_json};

/// A row that was found, with the lists beside it.
#[derive(Debug, Clone, Copy)]
pub struct FoundRow<'a> {
    pub(super) shape: &'a Shape,
    pub(super) values: &'a [Value],
    pub(super) lists: &'a [LoadedList<'a>],
}

/// A row that was read.
#[derive(Debug)]
pub(super) enum ReadRow<'a> {
    /// One that may have lists beside it.
    Beside(FoundRow<'a>),
    /// One of a statement alone, whose values nobody else needs.
    Alone(&'a Shape, &'a mut [Value]),
}

impl<'a> ReadRow<'a> {
    /// The row, to look at.
    pub(super) fn found(self) -> FoundRow<'a> {
        match self {
            Self::Beside(row) => row,
            Self::Alone(shape, values) => FoundRow::of(shape, values),
        }
    }

    /// The row, kept.
    pub(super) fn record(mut self) -> Record {
        if let Self::Alone(shape, values) = &mut self
            && let Some(record) = shape.take(values)
        {
            return record;
        }
        self.found().record()
    }
}

/// Rows of a child's statement.
#[derive(Debug)]
pub(super) struct LoadedList<'a> {
    pub(super) child: &'a Child,
    /// The values of all rows, one row behind the other.
    pub(super) values: Vec<Value>,
    /// The place in `groups` of each key that was asked for.
    pub(super) places: KeyPlaces,
    /// The first and the last row of each of these keys.
    pub(super) groups: Vec<Option<(usize, usize)>>,
    /// To which of them the last row belongs.
    pub(super) latest: Option<usize>,
    /// The next row of the same key, of each row.
    pub(super) next: Vec<Option<usize>>,
    pub(super) lists: Vec<LoadedList<'a>>,
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

impl LoadedList<'_> {
    /// Adds a row, if it has one of the keys.
    pub(super) fn add(&mut self, row: &[Value]) {
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
    pub(super) fn bytes(&self) -> usize {
        let lists: usize = self.lists.iter().map(Self::bytes).sum();
        bytes(&self.values) + lists
    }
}

/// How much memory values take, about.
pub(super) fn bytes(values: &[Value]) -> usize {
    let texts = values.iter().map(|it| match it {
        Value::Text(it) | Value::Decimal(it) | Value::Date(it) | Value::Json(it) => it.len(),
        Value::Blob(it) => it.len(),
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) => 0,
    });
    size_of_val(values) + texts.sum::<usize>()
}
