//! The tables of a SELECT, and how associations join them.

use super::joins::first_of;
use super::{
    HeldTable, JoinNode, Layers, Linked, QueryContext, SelectNames, TableRow, Tables, Term,
};
use crate::ir::{AssociationId, AttributeId, Expression, Model, ModelId, Schema};
use smol_str::{SmolStr, format_smolstr};
use std::rc::Rc;

/// Whether no two rows of the model have the same in these attributes.
fn is_unique(model: &Model, ids: &[AttributeId]) -> bool {
    let known = |id: AttributeId| ids.contains(&id);
    let key = &model.primary_key;
    !key.is_empty() && key.iter().all(|it| known(*it))
        || model.indexes.iter().any(|index| {
            let mut members = index.members.iter();
            index.unique
                && index.filter.is_none()
                && members.all(|it| match it.expression {
                    Expression::Attribute(id) => it.collation.is_none() && known(id),
                    _ => false,
                })
        })
}

/// That two rows have the same in each pair of these attributes.
fn joined<'q>(
    one: &TableRow<'q>,
    ones: impl Iterator<Item = AttributeId>,
    two: &TableRow<'q>,
    twos: impl Iterator<Item = AttributeId>,
) -> Vec<Term<'q>> {
    let pairs = ones.zip(twos);
    pairs.map(|(a, b)| Term::Equal(Box::new([one.column(a), two.column(b)]))).collect()
}

/// The rows that an association leads to; within the SELECT of `outer`, if there is one.
fn linked<'q>(
    basis: &QueryContext<'q>,
    id: AssociationId,
    outer: Option<&TableRow<'q>>,
    layers: &Layers<'q>,
) -> Linked<'q> {
    let schema = basis.schema;
    let association = &schema[id];
    let mut tables = Tables::new(basis, association.target, &association.name, outer);
    let target = tables.root();
    let mut filter = target.scoped(&association.scope);
    filter.extend(target.kept(layers.with_deleted()));
    let Some(through) = &association.through else {
        let key = association.target_key().map(|it| target.column(it)).collect();
        return Linked { tables, target, through: None, key, filter };
    };
    let name = &schema[through.model].name;
    let row = tables.add(0, through.model, name, true);
    let referring = through.key.iter().map(|it| it.attribute);
    let mut on = joined(&row, referring, &target, association.target_key());
    filter.extend(row.scoped(&through.scope));
    filter.extend(row.kept(layers.links_with_deleted()));
    let key = association.referring().map(|it| row.column(it)).collect();
    tables.on(&row).append(&mut on);
    target.reached_by(&row);
    Linked { tables, target, through: Some(row), key, filter }
}

impl<'q> Linked<'q> {
    /// The rows that an association leads to, in a SELECT of its own.
    pub fn new(basis: &QueryContext<'q>, id: AssociationId, layers: &Layers<'q>) -> Self {
        linked(basis, id, None, layers)
    }

    /// The rows that an association leads to from `row`, in a SELECT within its own.
    pub fn within(row: &TableRow<'q>, id: AssociationId, layers: &Layers<'q>) -> Self {
        let mut found = linked(row.query_context(), id, Some(row), layers);
        let own = row.schema[id].own_key().map(|it| row.column(it));
        let same = found.key.iter().cloned().zip(own);
        let same: Vec<_> = same.map(|(key, own)| Term::Equal(Box::new([key, own]))).collect();
        found.filter.splice(..0, same);
        found
    }
}

impl<'q> Tables<'q> {
    /// One table; its alias differs from those around it.
    pub fn new(
        basis: &QueryContext<'q>,
        model: ModelId,
        alias: &str,
        outer: Option<&TableRow<'q>>,
    ) -> Self {
        let mut tables = Self::none(basis);
        if let Some(outer) = outer {
            let mut taken = tables.names.taken.borrow_mut();
            taken.extend(outer.names.taken.borrow().iter().cloned());
        }
        tables.add_node(model, alias, true);
        tables
    }

    /// One table whose columns are called by their names alone.
    pub fn bare(basis: &QueryContext<'q>, model: ModelId) -> Self {
        Self::new(basis, model, "", None)
    }

    /// No table.
    pub fn none(basis: &QueryContext<'q>) -> Self {
        Self { schema: basis.schema, names: SelectNames::new(basis), nodes: Vec::new() }
    }

    /// A row of the first table.
    #[expect(clippy::indexing_slicing, reason = "there is always a first")]
    pub fn root(&self) -> TableRow<'q> {
        self.nodes[0].row.clone()
    }

    /// The rows that a script holds, in place of their model's table.
    pub fn held(basis: &QueryContext<'q>, rows: HeldTable) -> Self {
        let mut tables = Self::none(basis);
        let model = rows.model;
        tables.add_node(model, &basis.schema[model].name, true);
        tables.names.held.set(true);
        if let Some(node) = tables.nodes.first_mut() {
            node.held = Some(rows);
        }
        tables
    }

    fn add_node(&mut self, model: ModelId, alias: &str, inner: bool) -> TableRow<'q> {
        let mut taken = self.names.taken.borrow_mut();
        let mut free = SmolStr::from(alias);
        let mut number = 2;
        // Letter case doesn't tell aliases apart.
        while !taken.insert(free.to_lowercase().into()) {
            free = format_smolstr!("{alias}_{number}");
            number += 1;
        }
        let row = TableRow {
            schema: self.schema,
            model,
            alias: free,
            place: self.nodes.len(),
            names: Rc::clone(&self.names),
        };
        self.nodes.push(JoinNode {
            row: row.clone(),
            inner,
            on: Vec::new(),
            first: None,
            held: None,
            joined: Vec::new(),
            grouped: false,
        });
        row
    }

    fn add(&mut self, to: usize, model: ModelId, alias: &str, inner: bool) -> TableRow<'q> {
        let row = self.add_node(model, alias, inner);
        // A row of a SELECT around is none of these tables'.
        let to = if to < row.place { to } else { 0 };
        if let Some(node) = self.nodes.get_mut(to) {
            node.joined.push(row.place);
        }
        row
    }

    /// `outer` as it is seen from here: its own attributes are those of the SELECT around, and the path `path` leads to
    /// `target`, a row of these tables.
    pub fn beside(
        &self,
        outer: &TableRow<'q>,
        path: &[AssociationId],
        target: &TableRow<'q>,
    ) -> TableRow<'q> {
        let mut joins = self.names.joins.borrow_mut();
        for (step, id) in path.iter().enumerate() {
            let to = if step + 1 == path.len() {
                (target.place, target.model, target.alias.clone())
            } else {
                let so_far = path.get(..=step).unwrap_or_default();
                let alias = outer.joined_row(so_far).map(|it| it.alias).unwrap_or_default();
                (usize::MAX - step - 1, self.schema[*id].target, alias)
            };
            joins.insert((usize::MAX - step, *id), to);
        }
        drop(joins);
        if let Some(link) = outer.link() {
            let to = (usize::MAX - path.len() - 1, link.model, link.alias);
            self.names.links.borrow_mut().insert(usize::MAX, to);
        }
        TableRow { place: usize::MAX, names: Rc::clone(&self.names), ..outer.clone() }
    }

    /// The condition of a row's join.
    #[expect(clippy::indexing_slicing, reason = "rows are made with their nodes")]
    pub fn on(&mut self, row: &TableRow<'q>) -> &mut Vec<Term<'q>> {
        &mut self.nodes[row.place].on
    }

    /// The joins behind a row's are made before its own.
    pub fn group(&mut self, row: &TableRow<'q>) {
        if let Some(node) = self.nodes.get_mut(row.place) {
            node.grouped = true;
        }
    }

    /// Whether a row was joined as the first of several.
    pub(in crate::sql) fn is_first(&self, row: &TableRow<'q>) -> bool {
        let node = self.nodes.get(row.place);
        node.is_some_and(|it| it.first.is_some())
    }

    /// Joins an association to a row, as it is read with these layers: paths from it lead to what they include. What they
    /// ask of the rows is left to [`Tables::ask`]; `link` is what is asked of the rows of the through table.
    ///
    /// Of an association that leads to one row only the first is joined, though there may be several where nothing makes
    /// its key unique: joining one never multiplies rows.
    pub fn join(
        &mut self,
        from: &TableRow<'q>,
        id: AssociationId,
        inner: bool,
        layers: &Layers<'q>,
        link: Option<&'q Expression>,
    ) -> TableRow<'q> {
        let association = &self.schema[id];
        let alias = if from.place == 0 {
            association.name.clone()
        } else {
            format_smolstr!("{}->{}", from.alias, association.name)
        };
        let with_deleted = layers.with_deleted();
        let row = if let Some(through) = &association.through {
            let name = format_smolstr!("{alias}->{}", self.schema[through.model].name);
            let row_of_link = self.add(from.place, through.model, &name, inner);
            let mut on = joined(&row_of_link, association.referring(), from, association.own_key());
            on.extend(row_of_link.scoped(&through.scope));
            on.extend(row_of_link.kept(layers.links_with_deleted()));
            if let Some(it) = link {
                self.join_paths(&row_of_link, it);
                on.push(Term::Of(row_of_link.clone(), it));
            }
            self.on(&row_of_link).append(&mut on);
            self.group(&row_of_link);
            let row = self.add(row_of_link.place, association.target, &alias, true);
            let referring = through.key.iter().map(|it| it.attribute);
            let mut on = joined(&row, association.target_key(), &row_of_link, referring);
            on.extend(row.scoped(&association.scope));
            on.extend(row.kept(with_deleted));
            self.on(&row).append(&mut on);
            row.reached_by(&row_of_link);
            row
        } else {
            let row = self.add(from.place, association.target, &alias, inner);
            let key: Vec<_> = association.target_key().collect();
            let mut on = joined(&row, key.iter().copied(), from, association.own_key());
            let one = association.is_to_many() || is_unique(row.of(), &key);
            if one {
                on.extend(row.scoped(&association.scope));
                on.extend(row.kept(with_deleted));
            } else if let Some(node) = self.nodes.get_mut(row.place) {
                node.first = Some(first_of(&row, id, layers));
            }
            self.on(&row).append(&mut on);
            row
        };
        let to = (row.place, row.model, row.alias.clone());
        self.names.joins.borrow_mut().insert((from.place, id), to);
        row.read_with(layers);
        row
    }

    /// Joins what the paths of an expression over a row lead through, where that isn't joined yet. Whether there are any.
    pub fn join_paths(&mut self, row: &TableRow<'q>, expression: &'q Expression) -> bool {
        let mut used = false;
        let mut rest = vec![expression];
        while let Some(it) = rest.pop() {
            it.visit(&mut |it| {
                if let Expression::Related(path, _) = it {
                    used = true;
                    self.join_path(row, path);
                } else if let Expression::OfLink { path, of, .. } = it {
                    used = true;
                    let row = self.join_path(row, path);
                    if let Some(link) = row.link() {
                        self.join_paths(&link, of);
                    }
                } else if let Expression::Alias(name) = it {
                    rest.extend(row.given(name));
                } else if let Expression::Around(back, of) = it
                    && let Some(row) =
                        row.back(*back).filter(|it| Rc::ptr_eq(&it.names, &self.names))
                {
                    used |= self.join_paths(&row, of);
                }
            });
        }
        used
    }

    /// Joins what a path leads through.
    pub fn join_path(&mut self, row: &TableRow<'q>, path: &[AssociationId]) -> TableRow<'q> {
        let mut at = row.clone();
        for step in path {
            at = match at.joined_row(&[*step]) {
                Some(next) => next,
                None => self.join_association(&at, *step, at.include(*step), false),
            };
        }
        at
    }
}

/// Whether an association leads to one row at most, by a key that makes sure of it.
pub fn leads_to_one(schema: &Schema, id: AssociationId) -> bool {
    let association = &schema[id];
    let key: Vec<_> = association.target_key().collect();
    !association.is_to_many() && is_unique(&schema[association.target], &key)
}
