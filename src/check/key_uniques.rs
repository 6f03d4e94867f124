//! What keys make unique: the pairs of a through table, and columns that a constraint refers to.

use super::indexes::{add_index, member, unique_index};
use super::keys::AssociationKeys;
use super::referred::Resolved;
use super::{Context, attribute_id, names};
use crate::diagnostics::CheckProblem;
use crate::ir::{
    Attribute, AttributeId, DataType, Expression, Index, IndexMember, Model, ShortList,
};
use crate::source::Span;
use crate::verbs::Spanned;
use smol_str::SmolStr;
use std::collections::HashSet;

/// What keys make unique, to be looked at when the keys are gone.
pub(super) struct KeyUniques {
    /// Indexes of through models.
    through: Vec<(usize, Index)>,
    /// What constraints refer to beside primary keys.
    referenced: Vec<ReferencedColumns>,
}

/// What a constraint refers to.
struct ReferencedColumns {
    model: usize,
    /// Its attributes.
    places: ShortList<usize>,
    /// Where the key says so.
    at: Span,
}

impl KeyUniques {
    /// What these keys make unique.
    pub(super) fn of<'a>(
        context: &mut Context<'a>,
        keys: &AssociationKeys<'a>,
        resolved: &[Resolved],
    ) -> Self {
        let referenced = keys.groups.iter().zip(resolved).filter_map(|(group, it)| {
            let ((model, places), wanting) = (it.target.as_ref()?, group.wanting()?);
            let at = wanting.referenced.as_ref().map_or(wanting.span, |said| said.span);
            (!is_same(&context.model(*model).primary_key, places)).then(|| ReferencedColumns {
                model: *model,
                places: places.clone(),
                at,
            })
        });
        let referenced = referenced.collect();
        Self { through: through_uniques(context, keys), referenced }
    }

    /// Adds the indexes of through models, behind those that attributes say.
    pub(super) fn add_through(&mut self, context: &mut Context<'_>) {
        for (model, index) in std::mem::take(&mut self.through) {
            add_index(context, model, index);
        }
    }

    /// Makes unique what constraints refer to and nothing else does, behind all other indexes.
    pub(super) fn add_referenced(self, context: &mut Context<'_>) {
        make_unique(context, self.referenced);
    }
}

/// Whether attributes are those at these places, in whatever order.
fn is_same(attributes: &[AttributeId], places: &[usize]) -> bool {
    attributes.len() == places.len()
        && attributes.iter().all(|it| places.contains(&(it.0 as usize)))
}

/// Through models with a primary key of their own: each pair of keys once, unless `unique: false`.
fn through_uniques<'a>(
    context: &mut Context<'a>,
    keys: &AssociationKeys<'a>,
) -> Vec<(usize, Index)> {
    let mut res = Vec::new();
    let mut done: HashSet<(usize, Vec<AttributeId>)> = HashSet::new();
    for (index, join) in keys.joins.iter().enumerate() {
        let (Some(through), Some((one, Some(two)))) = (&join.through, keys.columns.get(index))
        else {
            continue;
        };
        let pair = keys.pairs.get(&index).copied().and_then(|it| keys.joins.get(it));
        if keys.keyed_by_join.contains_key(&through.model) {
            continue;
        }
        let own = context.model(through.model);
        let both = one.names.iter().chain(&two.names);
        let mut ids: Vec<AttributeId> = both.filter_map(|it| own.attribute_named(it)).collect();
        ids.sort_unstable();
        ids.dedup();
        if *one == **two || !done.insert((through.model, ids.clone())) {
            continue;
        }
        let key = |context: &Context<'a>| context.model(through.model).name.to_string();
        let mut unique = through.unique;
        let other = pair.and_then(|it| it.through.as_ref()).and_then(|it| it.unique);
        context.merge_value(&key, "`unique`", &mut unique, other, ToString::to_string);
        let mut name = join.unique_key.as_deref().cloned();
        let other = pair.and_then(|it| it.unique_key.as_deref().cloned());
        context.merge_value(&key, "`uniqueKey`", &mut name, other, |it| format!("`{it}`"));
        if unique.is_some_and(|it| !it.value) {
            continue;
        }
        let draft = context.draft(through.model);
        // The primary key says it already, in whatever order.
        let mut primary = draft.model.primary_key.to_vec();
        primary.sort_unstable();
        if primary == ids {
            continue;
        }
        let columns = ids.iter().map(|it| draft.model.attribute(*it).column.as_str());
        let default = names::unique(&draft.model.table, columns);
        let named = name.is_some();
        let name = name.map_or(default, |it: Spanned<SmolStr>| it.value);
        let members = ids.iter().map(|it| member(Expression::Attribute(*it))).collect();
        res.push((through.model, unique_index(name, named, members, join.span())));
    }
    res
}

/// What a constraint refers to points at one row: where it isn't unique, it is made so, with a warning.
fn make_unique(context: &mut Context<'_>, referenced: Vec<ReferencedColumns>) {
    for ReferencedColumns { model, places, at } in referenced {
        let own = context.model(model);
        let is_key = |of: &[AttributeId]| is_same(of, &places);
        let ids: Vec<AttributeId> = places.iter().map(|it| attribute_id(*it)).collect();
        let attributes: Vec<_> = ids.iter().map(|it| own.attribute(*it)).collect();
        let mut indexes = own.indexes.iter();
        if indexes.any(|index| plain_unique(own, index).is_some_and(|it| is_key(&it)))
            || attributes.iter().any(|it| is_placeholder(it))
        {
            continue;
        }
        let Some(first) = attributes.first() else {
            continue;
        };
        let name = names::unique(&own.table, attributes.iter().map(|it| it.column.as_str()));
        let names: Vec<&str> = attributes.iter().map(|it| it.name.as_str()).collect();
        let (attribute, label, help) = match names.as_slice() {
            [one] => {
                let written = first.data_type.written();
                let help = format!("say it yourself: `{one}: {written} < unique >`");
                (format!("{}.{one}", own.name), "this may hold the same value twice", help)
            }
            several => {
                let several = several.join(", ");
                let help = format!("say it yourself, in its body: `unique ({several})`");
                (format!("{}.({several})", own.name), "two rows may have the same in these", help)
            }
        };
        let declared = first.span;
        let members = ids.iter().map(|it| member(Expression::Attribute(*it))).collect();
        let index = unique_index(name, false, members, declared);
        add_index(context, model, index);
        let (label, help) = (label.to_owned(), Some(help));
        context.report(CheckProblem::MadeUnique { attribute, at, declared, label, help });
    }
}

/// The attributes that an index makes unique together, unconditionally and in their own collations.
fn plain_unique(model: &Model, index: &Index) -> Option<Vec<AttributeId>> {
    let plain = |member: &IndexMember| match &member.expression {
        Expression::Attribute(id) => {
            let extra = model.attribute(*id).extra.as_ref();
            let own = extra.and_then(|it| it.collate.as_ref());
            let same = member.collation.is_none() || member.collation.as_ref() == own;
            same.then_some(*id)
        }
        _ => None,
    };
    let unique = index.unique && index.filter.is_none();
    index.members.iter().filter(|_| unique).map(plain).collect::<Option<Vec<_>>>()
}

/// Whether an attribute's type is wrong, which has been reported.
fn is_placeholder(attribute: &Attribute) -> bool {
    matches!(&attribute.data_type, DataType::Raw(text) if text.is_empty())
}
