//! A row of a SELECT's tables: what names in an expression stand for.
//!
//! Paths over associations become joins ([`Tables::join_paths`](super::Tables::join_paths)), conditions over many rows become SELECTs of
//! their own whose tables know what names are taken around them.

use super::many::over_rows;
use super::{HeldTable, Layers, QueryContext, Select, Sorting, TableRow, Term};
use crate::ir::{
    AssociationId, AttributeId, Computed, DataType, Expression, Include, Model, Order, Schema,
    ScopedAttribute,
};
use crate::value::Value;
use smol_str::SmolStr;

impl<'q> TableRow<'q> {
    /// The row's model.
    pub fn of(&self) -> &'q Model {
        &self.schema[self.model]
    }

    /// The schema that ids are of.
    pub const fn schema(&self) -> &'q Schema {
        self.schema
    }

    /// What an attribute is: its column, or what it is computed from.
    pub fn attribute(&self, id: AttributeId) -> Term<'q> {
        let attribute = self.of().attribute(id);
        if !matches!(attribute.data_type, DataType::Virtual) || self.is_held() {
            return self.column(id);
        }
        match attribute.computed() {
            Some(Computed::Get(expression)) => Term::Of(self.clone(), expression),
            Some(Computed::Generated { .. }) | None => Term::Value(Value::Null),
        }
    }

    /// An attribute's column.
    pub fn column(&self, id: AttributeId) -> Term<'q> {
        let attribute = self.of().attribute(id);
        let column = if self.is_held() {
            HeldTable::called(&attribute.name)
        } else {
            attribute.column.clone()
        };
        Term::Column(self.alias.clone(), column)
    }

    /// Whether it is a row that a script holds: its columns are called as a script calls them.
    fn is_held(&self) -> bool {
        self.place == 0 && self.names.held.get()
    }

    /// Names that stand for expressions from now on.
    pub fn give(&self, name: SmolStr, expression: &'q Expression) {
        self.names.given.borrow_mut().push((name, expression));
    }

    /// The expression that a name stands for.
    pub fn given(&self, name: &str) -> Option<&'q Expression> {
        let given = self.names.given.borrow();
        given.iter().rfind(|it| it.0 == name).map(|it| it.1)
    }

    /// The attribute that a name stands for, where it holds members of an enumeration.
    pub fn member_given(&self, name: &str) -> Option<&'q Expression> {
        let given = self.given(name)?;
        let Expression::Attribute(id) = given else { return None };
        matches!(self.of().attribute(*id).data_type, DataType::Enum(_)).then_some(given)
    }

    /// The row to which joined associations lead.
    pub fn joined_row(&self, path: &[AssociationId]) -> Option<Self> {
        let joins = self.names.joins.borrow();
        let mut row = self.clone();
        for step in path {
            let (place, model, alias) = joins.get(&(row.place, *step))?;
            row = Self { model: *model, alias: alias.clone(), place: *place, ..row };
        }
        Some(row)
    }

    /// The row of the through table by which this one is reached.
    pub fn link(&self) -> Option<Self> {
        let links = self.names.links.borrow();
        let (place, model, alias) = links.get(&self.place)?;
        Some(Self { model: *model, alias: alias.clone(), place: *place, ..self.clone() })
    }

    /// It is reached by that row of a through table.
    pub(super) fn reached_by(&self, link: &Self) {
        let target = (link.place, link.model, link.alias.clone());
        self.names.links.borrow_mut().insert(self.place, target);
    }

    /// What the row's query includes is what paths from it mean.
    pub fn read_with(&self, layers: &Layers<'q>) {
        let mut included = self.names.included.borrow_mut();
        for it in layers.included() {
            included.insert((self.place, it.association), it);
        }
    }

    /// What the row's query includes of an association.
    pub fn include(&self, id: AssociationId) -> Option<&'q Include> {
        let included = self.names.included.borrow();
        included.get(&(self.place, id)).copied()
    }

    /// What queries are planned over here.
    pub(in crate::sql) fn query_context(&self) -> &QueryContext<'q> {
        &self.names.basis
    }

    /// Upwards by the primary key.
    pub fn by_key(&self) -> Vec<Sorting<'q>> {
        const UPWARDS: &Order = &Order {
            expression: Expression::Star,
            descending: false,
            nulls: None,
            collation: None,
        };
        let key = self.of().primary_key.iter();
        key.map(|id| Sorting { term: self.column(*id), by: UPWARDS }).collect()
    }

    /// What only a query gives a meaning to.
    pub(in crate::sql) fn leaf(&self, leaf: &'q Expression) -> Term<'q> {
        if let Expression::Related(path, id) = leaf {
            match self.joined_row(path) {
                Some(row) => row.attribute(*id),
                None => {
                    self.beside(path, |_, row| Some(row.attribute(*id))).unwrap_or(Term::Unknown)
                }
            }
        } else if let Expression::OfLink { path, of, .. } = leaf {
            match self.joined_row(path).and_then(|it| it.link()) {
                Some(link) => Term::Of(link, of),
                None => {
                    let asked = |select: &mut Select<'q>, row: &Self| {
                        let link = row.link()?;
                        select.tables.join_paths(&link, of);
                        Some(Term::Of(link, of))
                    };
                    self.beside(path, asked).unwrap_or(Term::Unknown)
                }
            }
        } else if let Expression::Alias(name) = leaf {
            match self.given(name) {
                Some(it) => Term::Of(self.clone(), it),
                None if self.is_held() => Term::Column(self.alias.clone(), HeldTable::called(name)),
                None => Term::Unknown,
            }
        } else if let Expression::Quantified { path, .. } | Expression::AggregateOf { path, .. } =
            leaf
        {
            let rows = self.rows_along(path, false);
            rows.map_or(Term::Unknown, |(select, row)| over_rows(leaf, select, &row))
        } else if let Expression::Around(back, of) = leaf {
            self.back(*back).map_or(Term::Unknown, |it| Term::Of(it, of))
        } else {
            Term::Unknown
        }
    }
}

impl<'q> TableRow<'q> {
    /// What an association's scope asks of the row.
    pub fn scoped(&self, scope: &'q [ScopedAttribute]) -> Vec<Term<'q>> {
        let each = scope.iter().map(|it| {
            let column = self.column(it.attribute);
            match it.only() {
                Some(value) => Term::same(column, value),
                None => Term::OneOf(Box::new(column), &it.values),
            }
        });
        each.collect()
    }

    /// That the row isn't deleted, unless deleted rows count, too.
    pub(super) fn kept(&self, with_deleted: bool) -> Option<Term<'q>> {
        self.not_deleted().filter(|_| !with_deleted)
    }

    /// That the row isn't deleted, where the model keeps deleted rows.
    pub fn not_deleted(&self) -> Option<Term<'q>> {
        let model = self.of();
        let deleted = model.deleted_at.filter(|_| model.paranoid)?;
        Some(Term::IsNull(Box::new(self.column(deleted))))
    }
}
