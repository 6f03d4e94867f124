//! What is loaded beside rows: joined, or by statements of their own.

use super::build::{Draft, Layers};
use super::shape::Members;
use super::{CHUNK, Child, Fold, Reader, Selection};
use crate::ir::{AssociationId, Attribute, DataType, Include, Order};
use crate::record::{Content, Shape};
use crate::sql::{Joining, Linked, Row, Select, Slice, Sorting, Term, key_of_source, leads_to_one};
use smol_str::SmolStr;
use std::rc::Rc;

impl<'q> Reader<'q> {
    /// What a query includes; of two includes of one association the later holds.
    pub(super) fn included(layers: &Layers<'q>) -> Vec<&'q Include> {
        let mut included: Vec<&Include> = Vec::new();
        for it in layers.0.iter().flat_map(|it| &it.include) {
            match included
                .iter_mut()
                .find(|known| known.association == it.association)
            {
                Some(known) => *known = it,
                None => included.push(it),
            }
        }
        included
    }

    /// The rows beside a row become its members. Whether one of the joins may take the row away.
    pub(super) fn includes(
        &self,
        draft: &mut Draft<'q>,
        row: &Row<'q>,
        layers: &Layers<'q>,
        way: &[AssociationId],
        members: &mut Members,
    ) -> bool {
        let mut inner = false;
        for include in Self::included(layers) {
            let id = include.association;
            let inner_layers = self.layers(self.schema[id].target, &include.query);
            let mut way = way.to_vec();
            way.push(id);
            if draft.raw || (leads_to_one(self.schema, id) && !include.separate) {
                inner |= self.joined(draft, row, include, &inner_layers, &way, members);
                continue;
            }
            if is_required(include) {
                let found = Term::Exists(Rc::new(self.required(row, include)));
                if row.alias == draft.tables.root().alias {
                    draft.filter.push(found);
                } else {
                    draft.tables.on(row).push(found);
                }
            }
            let Some(child) = self.child(draft, row, include, &inner_layers, &way) else {
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
        draft: &mut Draft<'q>,
        row: &Row<'q>,
        include: &'q Include,
        layers: &Layers<'q>,
        way: &[AssociationId],
        members: &mut Members,
    ) -> bool {
        let association = &self.schema[include.association];
        let required = is_required(include);
        let with_deleted = layers.with_deleted();
        let joining = Joining {
            inner: required,
            shared: draft.raw || (layers.filters().next().is_none() && !with_deleted),
            with_deleted,
        };
        let target = draft.tables.join(row, include.association, joining);
        let name = &association.name;
        let (shape, inner) = if draft.raw {
            let prefix = format!("{}{name}.", members.prefix);
            let before = std::mem::replace(&mut members.prefix, prefix);
            self.attributes(draft, &target, layers, members);
            let inner = self.includes(draft, &target, layers, way, members);
            members.prefix = before;
            (Shape::default(), inner)
        } else {
            let mut nested = Members::default();
            self.attributes(draft, &target, layers, &mut nested);
            let inner = self.includes(draft, &target, layers, way, &mut nested);
            (nested.finish(), inner)
        };
        let mut grouped = inner && !required;
        for it in layers.filters() {
            grouped |= draft.tables.use_ways(&target, it);
            draft.tables.on(&target).push(Term::Of(target.clone(), it));
        }
        if grouped {
            draft.tables.group(&target);
        }
        if !shape.contents.is_empty() {
            // The join's own column is never null where there is a row.
            let key = match association.kind {
                crate::ir::AssociationKind::BelongsTo => association.referenced,
                crate::ir::AssociationKind::HasOne
                | crate::ir::AssociationKind::HasMany
                | crate::ir::AssociationKind::BelongsToMany => association.foreign_key,
            };
            let place = draft.place_of(&target, key, SmolStr::default());
            members.push(name.clone(), Content::Row(place, shape));
        }
        required
    }

    /// That there is a row, for a required include.
    pub(super) fn required(&self, row: &Row<'q>, include: &'q Include) -> Select<'q> {
        let target = self.schema[include.association].target;
        let layers = self.layers(target, &include.query);
        let Linked {
            mut tables,
            target,
            through,
            mut filter,
            ..
        } = Linked::within(row, include.association, layers.with_deleted());
        let own = layers.filters().map(|it| (&target, it));
        let link = include.through.as_ref().and_then(|it| it.filter.as_ref());
        let link = through.as_ref().zip(link);
        for (row, it) in own.chain(link) {
            tables.use_ways(row, it);
            filter.push(Term::Of(row.clone(), it));
        }
        for nested in Self::included(&layers) {
            if is_required(nested) {
                filter.push(Term::Exists(Rc::new(self.required(&target, nested))));
            }
        }
        let mut select = Select::of(tables);
        select.filter = filter;
        select
    }

    /// An include by a statement of its own; none where nothing of its rows is asked for.
    fn child(
        &self,
        outer: &mut Draft<'q>,
        row: &Row<'q>,
        include: &'q Include,
        layers: &Layers<'q>,
        way: &[AssociationId],
    ) -> Option<Child> {
        let id = include.association;
        let linked = Linked::new(self.schema, id, layers.with_deleted());
        let (target, through) = (linked.target, linked.through);
        let mut draft = Draft::new(linked.tables, linked.filter, false);
        let asked = Term::Keys(Box::new(linked.key.clone()), CHUNK);
        draft.filter.insert(0, asked);
        draft.orders.extend(outer.orders.iter());
        let said = (include.through.as_deref(), include.through_as.clone());
        let beside = through.clone().map(|it| (it, Some(said)));
        let shape = self.rows(&mut draft, &target, layers, way, beside);
        if shape.contents.is_empty() {
            return None;
        }
        Self::conditions(&mut draft, &target, layers);
        if let Some(link) = &through
            && let Some(it) = include.through.as_ref().and_then(|it| it.filter.as_ref())
        {
            draft.tables.use_ways(link, it);
            draft.filter.push(Term::Of(link.clone(), it));
        }
        let own: Vec<&Order> = layers.orders().collect();
        let mut order = self.sorted(&mut draft.tables, &target, 0, &own);
        order.extend(self.sorted_by_outer(&mut draft, row, &target, way));
        let limit = layers.number(|it| it.limit.as_ref());
        let offset = layers.number(|it| it.offset.as_ref()).unwrap_or(0);
        let first = !self.schema[id].is_to_many();
        if order.is_empty() && (first || limit.is_some() || offset > 0) {
            order = by_key(&target);
        }
        let association = &self.schema[id];
        let (link, attribute) = match (&through, association.kind) {
            (Some(link), _) => (link, association.foreign_key),
            (None, crate::ir::AssociationKind::BelongsTo) => (&target, association.referenced),
            (
                None,
                crate::ir::AssociationKind::HasOne
                | crate::ir::AssociationKind::HasMany
                | crate::ir::AssociationKind::BelongsToMany,
            ) => (&target, association.foreign_key),
        };
        let key = draft.place_of(link, attribute, SmolStr::default());
        let fold = fold(link.of().attribute(attribute));
        let distinct = layers.any(|it| it.distinct);
        let (mut select, children) = draft.finish();
        select.distinct = distinct;
        select.order = order;
        if limit.is_some() || offset > 0 {
            select.slice = Slice::Each(linked.key, limit, offset);
        }
        let (statement, keys) = select.render_with_keys(self.dialect);
        Some(Child {
            keys,
            parent: outer.place_of(row, key_of_source(self.schema, id), SmolStr::default()),
            key,
            fold,
            selection: Selection {
                statement,
                shape,
                width: select.columns.len(),
                children,
            },
        })
    }
}

/// A `where` asks for a row, too, unless the include says otherwise.
pub(super) fn is_required(include: &Include) -> bool {
    include
        .required
        .unwrap_or_else(|| include.query.filter.is_some())
}

/// By the primary key.
fn by_key<'q>(row: &Row<'q>) -> Vec<Sorting<'q>> {
    const UPWARDS: &Order = &Order {
        expression: crate::ir::Expression::Star,
        descending: false,
        nulls: None,
        collation: None,
    };
    let key = row.of().primary_key.iter();
    key.map(|id| Sorting {
        term: row.column(*id),
        by: UPWARDS,
    })
    .collect()
}

/// When two values of an attribute are the same to the database.
fn fold(attribute: &Attribute) -> Fold {
    let extra = attribute.extra.as_ref();
    match extra.and_then(|it| it.collate.as_deref()) {
        Some(it) if it.eq_ignore_ascii_case("NOCASE") => Fold::Case,
        Some(it) if it.eq_ignore_ascii_case("RTRIM") => Fold::End,
        None if attribute.data_type == DataType::CiText => Fold::Case,
        Some(_) | None => Fold::Exact,
    }
}
