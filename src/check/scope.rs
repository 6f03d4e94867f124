//! Where an expression stands, what it may name there, and the kinds of values.

use super::Context;
use crate::ir::{Association, AssociationId, Contents, DataType};
use smol_str::SmolStr;

/// Where an expression stands, which decides what it may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExpressionPlace {
    /// `defaultValue: (..)`
    Default,
    /// `check (..)`
    Check,
    /// `generated: (..)`
    Generated,
    /// `index (lower(a))`
    Index,
    /// `index (a) < where: (..) >`
    Filter,
    /// `get: (..)`
    Get,
    /// `using: (..)`
    Using,
    /// A query's `where`
    Where,
    /// A query's `attributes`, `group`, `having`: aggregates are possible.
    Aggregate,
    /// A query's `order`: paths may lead to many rows.
    Order,
    /// `print`, `assert`, `let`, a value of a row: no row of a model is at hand.
    Script,
}

impl ExpressionPlace {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Default => "a default",
            Self::Check => "a check",
            Self::Generated => "a generated attribute",
            Self::Index => "an index",
            Self::Filter => "an index's `where`",
            Self::Get => "`get`",
            Self::Using => "`using`",
            Self::Where => "`where`",
            Self::Aggregate => "a query",
            Self::Order => "`order`",
            Self::Script => "a script's expression",
        }
    }

    /// Whether what stands there is true or false.
    pub(super) const fn is_condition(self) -> bool {
        matches!(self, Self::Check | Self::Filter | Self::Where)
    }

    /// Whether what stands there would have to be the same each time, and a call of that function isn't.
    pub(super) fn changes_with(self, function: &str) -> bool {
        match self {
            Self::Check | Self::Generated | Self::Index | Self::Filter => {
                matches!(function, "now" | "uuid" | "random" | "randomblob")
            }
            Self::Default
            | Self::Get
            | Self::Using
            | Self::Where
            | Self::Aggregate
            | Self::Order
            | Self::Script => false,
        }
    }

    /// Whether it becomes part of the schema, rather than of a query.
    pub(super) const fn is_schema(self) -> bool {
        match self {
            Self::Default
            | Self::Check
            | Self::Generated
            | Self::Index
            | Self::Filter
            | Self::Get
            | Self::Using => true,
            Self::Where | Self::Aggregate | Self::Order | Self::Script => false,
        }
    }
}

/// What an expression is about.
#[derive(Debug, Clone)]
pub(super) struct ExpressionScope {
    /// The model whose rows it is over; none where there are only variables.
    pub model: Option<usize>,
    pub place: ExpressionPlace,
    /// Names that the query's `attributes` give, and what is known of each.
    pub aliases: Vec<(SmolStr, Option<ValueType>)>,
    /// The row of a through table by which its rows are reached.
    pub link: Option<LinkScope>,
    /// The rows of which an aggregate is.
    pub along: Option<AggregatedRows>,
}

/// The rows of which an aggregate is: in it, paths may lead through these associations.
#[derive(Debug, Clone)]
pub(super) struct AggregatedRows {
    /// The variable that holds the rows from which they lead, and how many steps from it do; none: the row at hand.
    pub variable: Option<(SmolStr, usize)>,
    pub path: Vec<AssociationId>,
}

/// The row of a through table, as an expression may name it.
#[derive(Debug, Clone)]
pub(super) struct LinkScope {
    /// The through model, by whose name it is called.
    pub model: usize,
    /// Its name in the result, where that is another.
    pub alias: Option<SmolStr>,
}

impl LinkScope {
    /// That of an association; none where it leads through no table.
    pub(super) fn of(association: &Association) -> Option<Self> {
        let through = association.through.as_ref()?;
        Some(Self { model: through.model.0 as usize, alias: None })
    }

    /// Whether it is called so.
    pub(super) fn is_called(&self, context: &Context<'_>, name: &str) -> bool {
        self.alias.as_deref() == Some(name) || context.model(self.model).name == name
    }
}

impl ExpressionScope {
    /// Of a script: variables only.
    pub(super) const fn script() -> Self {
        let place = ExpressionPlace::Script;
        Self { model: None, place, aliases: Vec::new(), link: None, along: None }
    }

    pub(super) const fn new(model: usize, place: ExpressionPlace) -> Self {
        Self { model: Some(model), place, aliases: Vec::new(), link: None, along: None }
    }
}

/// What values are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Text,
    Number,
    /// True or false.
    Truth,
    /// A DATE.
    Moment,
    /// A DATEONLY.
    Day,
    /// A BLOB.
    Bytes,
}

impl Sort {
    /// As a report says it.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Truth => "a truth value",
            Self::Moment | Self::Day => "a date",
            Self::Bytes => "a blob",
        }
    }

    /// Whether a comparison of the two can mean something: dates are kept as texts, and truth as 0 and 1.
    pub(super) const fn compares(self, other: Self) -> bool {
        match self {
            Self::Text | Self::Moment | Self::Day => {
                matches!(other, Self::Text | Self::Moment | Self::Day)
            }
            Self::Number | Self::Truth => other.counts(),
            Self::Bytes => matches!(other, Self::Bytes),
        }
    }

    /// Whether it can be computed with.
    pub(super) const fn counts(self) -> bool {
        matches!(self, Self::Number | Self::Truth)
    }
}

/// What is known of an expression's values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ValueType {
    pub sort: Sort,
    /// The attribute's type, where they are an attribute's.
    pub declared: Option<DataType>,
}

impl ValueType {
    pub(super) const fn plain(sort: Sort) -> Self {
        Self { sort, declared: None }
    }

    /// Of a type's values; none where they may be anything.
    pub(super) fn of(data_type: &DataType) -> Option<Self> {
        let sort = match data_type.holds() {
            Contents::Text | Contents::Time | Contents::Uuid | Contents::Member => Sort::Text,
            Contents::Integer | Contents::Number => Sort::Number,
            Contents::Truth => Sort::Truth,
            Contents::Moment => Sort::Moment,
            Contents::Day => Sort::Day,
            Contents::Bytes => Sort::Bytes,
            Contents::Json | Contents::Nothing | Contents::Anything => return None,
        };
        Some(Self { sort, declared: Some(data_type.clone()) })
    }

    /// `STRING`, `a text`
    pub(super) fn words(&self) -> String {
        match &self.declared {
            Some(data_type) => data_type.written(),
            None => self.sort.words().to_owned(),
        }
    }

    /// What two alternatives have in common.
    pub(super) fn common(self, other: &Self) -> Option<Self> {
        match self {
            same if same == *other => Some(same),
            it if it.sort == other.sort => Some(Self::plain(it.sort)),
            _ => None,
        }
    }
}
