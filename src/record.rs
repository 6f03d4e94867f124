//! Rows as people and programs see them: names with values, and the rows beside them.
//!
//! A [`Shape`] says what a row of a query becomes: which column is which member, how it is read, where rows of
//! associations are nested. A [`Record`] is such a row, kept; [`write_value`] is a value's JSON.
//!
//! Invariant: the members of a record are in the order in which the query asks for them.

#[cfg(feature = "serde")]
mod deserialize;
mod json;
mod read;

#[cfg(feature = "serde")]
pub use deserialize::ReadError;
#[cfg(feature = "serde")]
pub(crate) use deserialize::RecordPart;
pub use json::write_value;
pub use read::Decoding;

use crate::value::{Value, is_plain_json, write_json_text};
use smol_str::SmolStr;
use std::sync::Arc;

/// What a row becomes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shape {
    /// The members' names, in order.
    pub names: Arc<[SmolStr]>,
    /// Where each comes from.
    pub contents: Vec<Content>,
    /// Whether JSON has all names as they are.
    plain: bool,
    /// Whether each member is a column, and in the order of the members.
    apart: bool,
}

impl Shape {
    /// Of as many names as contents.
    pub fn new(names: Arc<[SmolStr]>, contents: Vec<Content>) -> Self {
        let plain = names.iter().all(|it| is_plain_json(it));
        let mut before = None;
        let apart = contents.iter().all(|it| match it {
            Content::Column(place, _) => before.replace(*place).is_none_or(|last| last < *place),
            Content::Row(..) | Content::Rows(_) | Content::FirstRow(_) => false,
        });
        Self { names, contents, plain, apart }
    }

    /// The row of these values, which are taken out of them; none where members aren't columns of their own.
    pub(crate) fn take(&self, values: &mut [Value]) -> Option<Record> {
        // Their places rise: where the last is there, all are. None is taken in part.
        let last = self.contents.last();
        let whole = last.is_none_or(|it| match it {
            Content::Column(place, _) => *place < values.len(),
            Content::Row(..) | Content::Rows(_) | Content::FirstRow(_) => false,
        });
        if !self.apart || !whole {
            return None;
        }
        let mut items = Vec::with_capacity(self.contents.len());
        for content in &self.contents {
            let Content::Column(place, reading) = content else { return None };
            let value = values.get_mut(*place)?;
            items.push(Item::Value(if reading.leaves(value) {
                std::mem::replace(value, Value::Null)
            } else {
                reading.take(std::mem::replace(value, Value::Null))
            }));
        }
        Some(Record::new(Arc::clone(&self.names), items))
    }

    /// Writes the members of a JSON object: what `write` writes of each content, behind its name.
    pub(crate) fn write_json<'a>(
        &'a self,
        out: &mut String,
        mut write: impl FnMut(&'a Content, &mut String),
    ) {
        let mut before = "{\"";
        for (name, content) in self.names.iter().zip(&self.contents) {
            if self.plain {
                out.push_str(before);
                out.push_str(name);
                out.push_str("\":");
            } else {
                out.push_str(before.trim_end_matches('"'));
                write_json_text(name, out);
                out.push(':');
            }
            before = ",\"";
            write(content, out);
        }
        out.push_str(if self.contents.is_empty() { "{}" } else { "}" });
    }

    /// The columns that are moments.
    pub fn moments(&self) -> Vec<usize> {
        let mut res = Vec::new();
        let mut shapes = vec![self];
        while let Some(shape) = shapes.pop() {
            for content in &shape.contents {
                match content {
                    Content::Column(place, Decoding::Date) => res.push(*place),
                    Content::Row(_, inner) => shapes.push(inner),
                    Content::Column(..) | Content::Rows(_) | Content::FirstRow(_) => {}
                }
            }
        }
        res
    }
}

/// Where a member of a row comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A column, by its place.
    Column(usize, Decoding),
    /// A row of the same statement; there is one where the column at the place is not null.
    Row(usize, Shape),
    /// The rows of a further statement, by its place among the select's children.
    Rows(usize),
    /// The first row of a further statement, or null.
    FirstRow(usize),
}

/// A row with names.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    names: Arc<[SmolStr]>,
    items: Vec<Item>,
}

/// A member of a [`Record`].
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A value.
    Value(Value),
    /// A row.
    Record(Record),
    /// Rows.
    List(Vec<Record>),
}

impl Record {
    /// About how many bytes it takes.
    pub fn size(&self) -> u64 {
        self.members().map(|(_, item)| item.size()).sum()
    }

    /// A record of as many names as items.
    pub const fn new(names: Arc<[SmolStr]>, items: Vec<Item>) -> Self {
        Self { names, items }
    }

    /// The members, in order.
    ///
    /// ```
    /// use relata::{Session, Sqlite};
    /// use std::ops::ControlFlow;
    ///
    /// let mut session = Session::new(Sqlite::in_memory()?);
    /// let script = "model User { name: STRING } < timestamps: false >\nsync\nUser create { name: \"Ann\" }";
    /// session.run("users.schema", script, &mut Vec::new())?;
    /// session.rows("User findAll", |row| {
    ///     assert_eq!(row.members().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["id", "name"]);
    ///     ControlFlow::Continue(())
    /// })?;
    /// # Ok::<(), relata::Error>(())
    /// ```
    pub fn members(&self) -> impl Iterator<Item = (&SmolStr, &Item)> {
        self.names.iter().zip(&self.items)
    }

    /// The member of that name.
    ///
    /// ```
    /// use relata::record::{Item, Record};
    /// use relata::value::Value;
    /// let record = Record::new(["id".into()].into(), vec![Item::Value(Value::Integer(7))]);
    /// assert_eq!(record.get("id"), Some(&Item::Value(Value::Integer(7))));
    /// assert_eq!(record.to_json(), r#"{"id":7}"#);
    /// ```
    pub fn get(&self, name: &str) -> Option<&Item> {
        let found = self.members().find(|(it, _)| *it == name);
        found.map(|(_, item)| item)
    }

    /// Its JSON.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }
}

impl Item {
    fn size(&self) -> u64 {
        let own = size_of::<Self>() as u64;
        own + match self {
            Self::Value(
                Value::Text(it) | Value::Json(it) | Value::Decimal(it) | Value::Date(it),
            ) => it.len() as u64,
            Self::Value(Value::Blob(it)) => it.len() as u64,
            Self::Value(Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_)) => 0,
            Self::Record(it) => it.size(),
            Self::List(all) => all.iter().map(Record::size).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_taken_out_of_a_row_as_a_whole_or_not_at_all() {
        let names = ["id".into(), "name".into()].into();
        let column = |it| Content::Column(it, Decoding::Plain);
        let shape = Shape::new(names, vec![column(0), column(1)]);
        let mut row = [Value::Integer(7)];
        assert_eq!(shape.take(&mut row), None);
        assert_eq!(row, [Value::Integer(7)]);
        let mut row = [Value::Integer(7), Value::Text("Ann".into())];
        let taken = shape.take(&mut row);
        assert_eq!(taken.map(|it| it.to_json()).as_deref(), Some(r#"{"id":7,"name":"Ann"}"#));
        assert_eq!(row, [Value::Null, Value::Null]);
    }
}
