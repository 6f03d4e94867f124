//! Queries, as scopes and views keep them.

use super::{AssociationId, AttributeId, Expression, ModelId};
use smol_str::SmolStr;

/// A `findAll` over a model, or the options of a scope.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// The model; none in a scope, where it is the scope's own.
    pub model: Option<ModelId>,
    /// Named scopes that are applied, by their place among the model's.
    pub scopes: Vec<usize>,
    /// What its scopes ask for, in terms of the moment at which it runs; empty as long as it doesn't.
    pub bound: Vec<Query>,
    /// Whether the default scope is left out.
    pub unscoped: bool,
    /// What a row has; none for all attributes.
    pub attributes: Option<Vec<Selected>>,
    /// Which rows.
    pub filter: Option<Expression>,
    /// What is loaded beside them.
    pub include: Vec<Include>,
    /// In which order.
    pub order: Vec<Order>,
    /// At most how many.
    pub limit: Option<Expression>,
    /// How many are passed over.
    pub offset: Option<Expression>,
    /// By what rows are put together.
    pub group: Vec<Expression>,
    /// Which groups.
    pub having: Option<Expression>,
    /// Whether equal rows count once.
    pub distinct: bool,
    /// Flat rows, as the database has them.
    pub raw: bool,
    /// `paranoid: false`: deleted rows too.
    pub with_deleted: bool,
    /// What of the rows of a through table by which its rows are reached.
    pub through: Option<Box<ThroughQuery>>,
}

/// What a query asks of the rows of a through table: `through: { where, attributes, as }`
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ThroughQuery {
    /// Which of them, and what they have.
    pub query: Query,
    /// The name of such a row in the result.
    pub name: Option<SmolStr>,
}

impl Query {
    /// What the scopes ask for that hold with it, of those that its model has: `default` holds unless `unscoped` or a
    /// named scope is used.
    pub fn scoped<'q>(&'q self, scopes: &'q [Scope]) -> Vec<&'q Self> {
        if !self.bound.is_empty() {
            return self.bound.iter().collect();
        }
        if self.scopes.is_empty() {
            let default = Self::default_scope(scopes).filter(|_| !self.unscoped);
            return default.into_iter().collect();
        }
        let named = self.scopes.iter().filter_map(|it| scopes.get(*it));
        named.map(|it| &it.query).collect()
    }

    /// Shows each of its expressions to `each`, those of includes left out.
    pub fn each_expression(&self, each: &mut dyn FnMut(&Expression)) {
        let selected = self.attributes.iter().flatten();
        selected.for_each(|it| each(&it.expression));
        self.order.iter().for_each(|it| each(&it.expression));
        let conditions = self.filter.iter().chain(&self.having);
        conditions.chain(&self.group).for_each(each);
    }

    /// What it asks of the rows of a through table.
    pub fn link_filter(&self) -> Option<&Expression> {
        self.through.as_ref()?.query.filter.as_ref()
    }

    /// Whether it puts rows together: by `group`, or as an aggregate among its attributes does.
    pub fn puts_together(&self) -> bool {
        let mut selected = self.attributes.iter().flatten();
        !self.group.is_empty() || selected.any(|it| it.expression.aggregates())
    }

    /// The scope that holds by itself.
    pub const DEFAULT_SCOPE: &'static str = "default";

    /// What the scope asks for that holds by itself.
    pub fn default_scope(scopes: &[Scope]) -> Option<&Self> {
        let default = scopes.iter().find(|it| it.name == Self::DEFAULT_SCOPE);
        default.map(|it| &it.query)
    }
}

/// A member of `attributes`.
#[derive(Debug, Clone, PartialEq)]
pub struct Selected {
    /// What.
    pub expression: Expression,
    /// Its name in the row.
    pub name: SmolStr,
}

/// A member of `include`.
#[derive(Debug, Clone, PartialEq)]
pub struct Include {
    /// The association.
    pub association: AssociationId,
    /// Only rows that have one: `required`. None where it wasn't said.
    pub required: Option<bool>,
    /// By a statement of its own: `separate`.
    pub separate: bool,
    /// What of its rows: attributes, where, include, order, limit.
    pub query: Query,
}

impl Include {
    /// A `where` asks for a row, too, unless the include says otherwise.
    pub fn is_required(&self) -> bool {
        self.required.unwrap_or_else(|| self.query.filter.is_some())
    }
}

/// A member of `order`.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// By what.
    pub expression: Expression,
    /// `desc`
    pub descending: bool,
    /// `nulls first`, `nulls last`
    pub nulls: Option<Nulls>,
    /// `collate NOCASE`
    pub collation: Option<SmolStr>,
}

impl Order {
    /// Upwards by an attribute.
    pub const fn by(attribute: AttributeId) -> Self {
        Self {
            expression: Expression::Attribute(attribute),
            descending: false,
            nulls: None,
            collation: None,
        }
    }
}

/// Where nulls come in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// `nulls first`
    First,
    /// `nulls last`
    Last,
}

/// `scope active < where: (..) >`
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    /// Its name; `default` holds by itself.
    pub name: SmolStr,
    /// What it asks for.
    pub query: Query,
    /// Its documentation.
    pub doc: Option<SmolStr>,
}
