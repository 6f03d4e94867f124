//! What another database says of tables and columns that SQLite's statements have no place for.

use super::contents::DatabaseContents;
use super::draft::{Alternatives, PulledScript};
use super::names;
use super::names::text;
use super::options::PulledOption;
use super::types::PulledType;
use crate::catalog::Name;
use crate::ir::DataType;
use crate::verbs::OptionId;

/// Something that is said of a table, or of a column of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnFact {
    /// The table.
    pub table: Name,
    /// The column; none where it is about the table.
    pub column: Option<Name>,
    /// What.
    pub said: FactKind,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactKind {
    /// A comment that the database keeps.
    Comment(String),
    /// New rows get a UUID.
    Identifier,
    /// It is of the enumeration of that name.
    Enumeration(String),
    /// Its type, in Relata's words: SQLite numbers no other than its INTEGER.
    DataType(String),
}

impl ColumnFact {
    /// A comment on a table, or on a column of it.
    pub fn comment(table: &str, column: Option<String>, text: String) -> Self {
        let column = column.map(|it| it.as_str().into());
        Self { table: table.into(), column, said: FactKind::Comment(text) }
    }

    /// A column that gets UUIDs.
    pub fn identifier(table: &str, column: &str) -> Self {
        Self { table: table.into(), column: Some(column.into()), said: FactKind::Identifier }
    }

    /// A column whose type is this.
    pub fn data_type(table: &str, column: &str, written: String) -> Self {
        let said = FactKind::DataType(written);
        Self { table: table.into(), column: Some(column.into()), said }
    }

    /// A column of an enumeration that has a name.
    pub fn enumeration(table: &str, column: &str, name: &str) -> Self {
        let said = FactKind::Enumeration(name.to_owned());
        Self { table: table.into(), column: Some(column.into()), said }
    }

    /// The option that says it.
    fn option(&self) -> Option<PulledOption> {
        match &self.said {
            FactKind::Comment(said) => Some(PulledOption::of(OptionId::Comment, text(said))),
            FactKind::Identifier => Some(PulledOption::of(OptionId::DefaultValue, "uuid()")),
            FactKind::DataType(_) | FactKind::Enumeration(_) => None,
        }
    }
}

/// Marks what is said something of, so that it is written though it would come by itself.
pub(super) fn mark(found: &mut DatabaseContents<'_>, facts: &[ColumnFact]) {
    for fact in facts {
        let table = found.tables.iter_mut().find(|it| fact.table == *it.name.as_str());
        let Some((table, name)) = table.zip(fact.column.as_ref()) else { continue };
        let column = table.columns.iter_mut().find(|it| *name == *it.name.as_str());
        if let Some(column) = column {
            column.comment = vec![String::new()];
        }
    }
}

/// Says it as options.
pub(super) fn say(draft: &mut PulledScript, facts: &[ColumnFact], enums: &[&str]) {
    for attribute in draft.models.iter_mut().flat_map(|it| &mut it.attributes) {
        attribute.remarks.retain(|it| !it.is_empty());
    }
    for fact in facts {
        let mut models = draft.models.iter_mut();
        let Some(model) = models.find(|it| fact.table == *it.table.name.as_str()) else {
            continue;
        };
        let Some(column) = &fact.column else {
            model.options.extend(fact.option());
            continue;
        };
        let mut own = model.attributes.iter_mut();
        if let Some(own) = own.find(|it| *column == *it.column.as_str()) {
            own.options.extend(fact.option());
            let of = |written: &str| PulledType {
                written: written.to_owned(),
                spelled: None,
                data_type: None,
            };
            if let (FactKind::Enumeration(name), Some((_, data_type))) =
                (&fact.said, &mut own.enumeration)
                && enums.contains(&name.as_str())
            {
                *data_type = of(&names::written(name));
            }
            if let FactKind::DataType(written) = &fact.said {
                let data_type = of(written);
                own.data_type = Alternatives::new(vec![data_type]);
                // It compares so by itself.
                if DataType::of_database(written) == Some(DataType::CiText) {
                    own.collation = None;
                }
            }
        }
    }
}
