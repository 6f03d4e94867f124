//! What is loaded beside rows: joined, or by statements of their own.

use super::build::SelectDraft;
use super::order::RelatedList;
use super::shape::{RowMembers, ThroughRow};
use super::{CHUNK, Child, Collation, KeyColumn, Planner, Selection};
use crate::ir::{AssociationId, Attribute, AttributeId, Include};
use crate::record::{Content, Shape};
use crate::sql::{Layers, Linked, Slice, TableRow, Term, leads_to_one, required};
use smol_str::SmolStr;

impl<'q> Planner<'q> {
    /// The rows beside a row become its members. Whether one of the joins may take the row away.
    pub(super) fn includes(
        &self,
        draft: &mut SelectDraft<'q>,
        row: &TableRow<'q>,
        layers: &Layers<'q>,
        path: &[AssociationId],
        members: &mut RowMembers,
    ) -> bool {
        let mut inner = false;
        for include in layers.included() {
            let id = include.association;
            let inner_layers = self.layers(self.schema[id].target, &include.query);
            let mut path = path.to_vec();
            path.push(id);
            let one = leads_to_one(self.schema, id) && !inner_layers.puts_together();
            if draft.raw || one {
                inner |= self.joined(draft, row, include, &inner_layers, &path, members);
                continue;
            }
            if include.is_required() {
                let found = required(row, include);
                if row.alias == draft.tables.root().alias {
                    draft.filter.push(found);
                } else {
                    draft.tables.on(row).push(found);
                }
            }
            let Some(child) = self.child(draft, row, include, &inner_layers, &path) else {
                continue;
            };
            let place = draft.children.len();
            draft.children.push(child);
            let association = &self.schema[id];
            let content = if association.is_to_many() {
                Content::Rows(place)
            } else {
                Content::FirstRow(place)
            };
            members.push(association.name.clone(), content);
        }
        inner
    }

    /// An include by a join.
    fn joined(
        &self,
        draft: &mut SelectDraft<'q>,
        row: &TableRow<'q>,
        include: &'q Include,
        layers: &Layers<'q>,
        path: &[AssociationId],
        members: &mut RowMembers,
    ) -> bool {
        let association = &self.schema[include.association];
        let required = include.is_required();
        let link = include.query.link_filter();
        let target = (draft.tables).join(row, include.association, required, layers, link);
        let name = &association.name;
        let (shape, inner) = if draft.raw {
            let prefix = format!("{}{name}.", members.prefix);
            let before = std::mem::replace(&mut members.prefix, prefix);
            self.attributes(draft, &target, layers, members);
            if let Some((link, said)) = target.link().zip(layers.last(|it| it.through.as_deref()))
                && said.query.attributes.is_some()
            {
                let name = said.name.as_ref().unwrap_or(&link.of().name);
                self.nested(draft, &link, &Layers(vec![&said.query]), name, members);
            }
            let inner = self.includes(draft, &target, layers, path, members);
            members.prefix = before;
            (Shape::default(), inner)
        } else {
            let mut nested = RowMembers::default();
            self.attributes(draft, &target, layers, &mut nested);
            let inner = self.includes(draft, &target, layers, path, &mut nested);
            (nested.finish(), inner)
        };
        let joined_behind = draft.tables.ask(&target, layers);
        if joined_behind || (inner && !required) {
            draft.tables.group(&target);
        }
        if !shape.contents.is_empty() {
            // The join's own column is never null where there is a row.
            let key = association.target_key().next().unwrap_or(AttributeId(0));
            let place = draft.place_of(&target, key, SmolStr::default());
            members.push(name.clone(), Content::Row(place, shape));
        }
        required
    }

    /// An include by a statement of its own; none where nothing of its rows is asked for.
    fn child(
        &self,
        outer: &mut SelectDraft<'q>,
        row: &TableRow<'q>,
        include: &'q Include,
        layers: &Layers<'q>,
        path: &[AssociationId],
    ) -> Option<Child> {
        let id = include.association;
        let linked = Linked::new(&self.query_context(), id, layers);
        let (target, through) = (linked.target, linked.through);
        target.read_with(layers);
        let mut draft = SelectDraft::new(linked.tables, linked.filter, false);
        let asked = Term::Keys(linked.key.clone(), CHUNK);
        draft.filter.insert(0, asked);
        draft.orders.extend(outer.orders.iter());
        let together = layers.puts_together();
        let shape = self.rows(&mut draft, &target, layers, path, beside(through.as_ref(), layers));
        if shape.contents.is_empty() {
            return None;
        }
        Self::conditions(&mut draft, &target, layers);
        Self::link_conditions(&mut draft, through.as_ref(), layers);
        let list = RelatedList {
            include: Some(include),
            layers,
            target: &target,
            seen: &draft.tables.beside(row, path, &target),
            path,
        };
        let outer_orders = Self::orders_of_include(&draft.orders, path);
        let mut order = self.sorted_beside(&mut draft.tables, &list, &outer_orders);
        let limit = layers.number(|it| it.limit.as_ref());
        let offset = layers.number(|it| it.offset.as_ref()).unwrap_or(0);
        let first = !self.schema[id].is_to_many();
        if order.is_empty() && !together && (first || limit.is_some() || offset > 0) {
            order = target.by_key();
        }
        let association = &self.schema[id];
        let (link, key): (_, Vec<_>) = match &through {
            Some(link) => (link, association.referring().collect()),
            None => (&target, association.target_key().collect()),
        };
        let columns = association.own_key().zip(key).map(|(parent, own)| KeyColumn {
            parent: outer.place_of(row, parent, SmolStr::default()),
            own: draft.place_of(link, own, SmolStr::default()),
            fold: fold(link.of().attribute(own)),
        });
        let columns = columns.collect();
        let distinct = layers.any(|it| it.distinct);
        let (groups, having) = Self::grouping(&mut draft, &target, layers);
        let (mut select, children) = draft.finish();
        select.distinct = distinct;
        if together {
            // For each row's own list.
            select.group.clone_from(&linked.key);
            select.group.extend(groups);
        }
        select.having = having;
        select.order = order;
        if limit.is_some() || offset > 0 {
            select.slice = Slice::Each(linked.key, limit, offset);
        }
        let (statement, keys) = select.render_with_keys(self.dialect);
        Some(Child {
            keys,
            columns,
            selection: Selection::new(statement, shape, select.columns.len(), children),
        })
    }
}

/// The row of a through table, where it is one for each row and not hidden with it.
fn beside<'q>(link: Option<&TableRow<'q>>, layers: &Layers<'q>) -> Option<ThroughRow<'q>> {
    let said = layers.last(|it| it.through.as_deref());
    let asked = said.is_some_and(|it| it.query.attributes.is_some());
    let hidden = layers.last(|it| it.attributes.as_deref()).is_some_and(<[_]>::is_empty);
    if !asked && (hidden || layers.puts_together()) {
        return None;
    }
    Some((link?.clone(), said))
}

/// When two values of an attribute are the same to the database.
fn fold(attribute: &Attribute) -> Collation {
    match attribute.collation() {
        Some(it) if it.eq_ignore_ascii_case("NOCASE") => Collation::Case,
        Some(it) if it.eq_ignore_ascii_case("RTRIM") => Collation::End,
        Some(_) | None => Collation::Exact,
    }
}
