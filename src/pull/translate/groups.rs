//! What a group of a view has one value of.
//!
//! SQLite shows of a group whatever is asked for: the value of one of its rows. Others refuse what is neither a key of the group nor put together.
//! Where the keys know the value, because they hold a key of its table or are compared with it, one more key groups the same rows.

use super::DialectTranslation;
use crate::catalog::{Column, Table};
use crate::pull::contents::uniques;
use crate::sql::{Affinity, ShownOfGroup};
use crate::stored::{ColumnPlace, SqlExpression, SqlOperator, ViewQuery};
use crate::words::same_name;
use std::collections::HashSet;

/// What a view's groups need so that a database takes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum GroupNeed {
    Nothing,
    /// These keys, too.
    MoreKeys(Vec<SqlExpression>),
    /// One value where there may be several: nothing helps.
    OneValue,
}

impl DialectTranslation<'_> {
    /// What the groups of a view need.
    pub(super) fn group_need(&self, query: &ViewQuery) -> GroupNeed {
        let shown = self.dialect.shown_of_group;
        let loose = query.loose_columns();
        if shown == ShownOfGroup::Anything || loose.is_empty() {
            return GroupNeed::Nothing;
        }
        // Without keys all rows are one group, and with any there are none where there are no rows.
        if query.group.is_empty() {
            return GroupNeed::OneValue;
        }
        let tables = query.sources.iter().map(|source| {
            let mut models = self.draft.models.iter().map(|it| &it.table);
            models.find(|it| same_name(&it.name, &source.table))
        });
        let mut group = GroupValues { query, tables: tables.collect(), known: HashSet::new() };
        let keys = query.group.iter().filter_map(column);
        group.known.extend(keys);
        let by_key = |place: &ColumnPlace| {
            shown == ShownOfGroup::OfPrimaryKey && group.has_primary_key(place.0)
        };
        let more: Vec<_> = loose.into_iter().filter(|it| !by_key(it)).collect();
        if more.is_empty() {
            return GroupNeed::Nothing;
        }
        group.follow();
        if more.iter().all(|it| group.known.contains(it)) {
            let keys = more.into_iter().map(|(source, place)| SqlExpression::Column(source, place));
            GroupNeed::MoreKeys(keys.collect())
        } else {
            GroupNeed::OneValue
        }
    }
}

/// The columns of a query of which each group has one value.
struct GroupValues<'a> {
    query: &'a ViewQuery,
    /// The tables of its sources; none of a view.
    tables: Vec<Option<&'a Table>>,
    known: HashSet<ColumnPlace>,
}

impl GroupValues<'_> {
    fn table(&self, source: usize) -> Option<&Table> {
        self.tables.get(source).copied().flatten()
    }

    fn column(&self, (source, place): ColumnPlace) -> Option<&Column> {
        self.table(source)?.columns.get(place)
    }

    /// Whether all columns of a source's primary key are known.
    fn has_primary_key(&self, source: usize) -> bool {
        let Some(table) = self.table(source) else { return false };
        let key = table.primary_key();
        !key.is_empty() && self.has(source, table, &key)
    }

    fn has(&self, source: usize, table: &Table, columns: &[&str]) -> bool {
        let is_known = |place: usize| self.known.contains(&(source, place));
        columns.iter().all(|it| table.place(it).is_some_and(is_known))
    }

    /// Adds what follows from what is known, until nothing does.
    fn follow(&mut self) {
        loop {
            let mut more: Vec<ColumnPlace> = Vec::new();
            for (source, table) in self.tables.iter().enumerate() {
                if let Some(table) = table
                    && self.has_key(source, table)
                {
                    more.extend((0..table.columns.len()).map(|it| (source, it)));
                }
            }
            for it in &self.query.filter {
                let [left, right] = sides(it);
                more.extend(self.compared(left, right));
                more.extend(self.compared(right, left));
            }
            for (source, it) in self.query.sources.iter().enumerate() {
                more.extend(self.joined(source, it.outer.as_deref().unwrap_or_default()));
            }
            let before = self.known.len();
            self.known.extend(more);
            if self.known.len() == before {
                return;
            }
        }
    }

    /// Whether a key of a source's table is known, in which no two rows are alike.
    fn has_key(&self, source: usize, table: &Table) -> bool {
        let is_whole = |key: &&Vec<&str>| {
            // A unique key lets several rows have a null.
            let is_primary = **key == table.primary_key();
            let never_null = |name: &&str| table.column(name).is_some_and(|it| it.not_null);
            !key.is_empty() && (is_primary || key.iter().all(never_null))
        };
        uniques(table).iter().filter(is_whole).any(|it| self.has(source, table, it))
    }

    /// The column that a condition compares with what is known.
    fn compared(
        &self,
        own: Option<&SqlExpression>,
        other: Option<&SqlExpression>,
    ) -> Option<ColumnPlace> {
        let own = column(own?)?;
        let is_known = match other? {
            SqlExpression::Column(source, place) => {
                self.known.contains(&(*source, *place)) && self.alike(own, (*source, *place))
            }
            SqlExpression::Integer(_) => self.is_of(own, &[Affinity::Integer]),
            SqlExpression::Text(_) => self.is_of(own, &[Affinity::Text]),
            _ => false,
        };
        is_known.then_some(own)
    }

    /// The columns of a source that is joined where there is one: which row it is must follow from what is known.
    fn joined(&self, source: usize, on: &[SqlExpression]) -> Vec<ColumnPlace> {
        let is_settled = |it: &SqlExpression| {
            !it.any_part(&|part| match part {
                SqlExpression::Column(of, place) => {
                    *of != source && !self.known.contains(&(*of, *place))
                }
                SqlExpression::Call { .. } => true,
                _ => false,
            })
        };
        if !on.iter().all(is_settled) {
            return Vec::new();
        }
        let mut res = Vec::new();
        for [left, right] in on.iter().map(sides) {
            for (own, other) in [(left, right), (right, left)] {
                // Beside a constant it is that, or null.
                let is_joined = other.and_then(column).is_some();
                let found = self.compared(own, other);
                res.extend(found.filter(|it| is_joined && it.0 == source));
            }
        }
        res
    }

    /// Whether equal values of two columns are the same.
    fn alike(&self, one: ColumnPlace, other: ColumnPlace) -> bool {
        [[Affinity::Text].as_slice(), &[Affinity::Integer], &[Affinity::Real, Affinity::Numeric]]
            .into_iter()
            .any(|it| self.is_of(one, it) && self.is_of(other, it))
    }

    /// Whether a column is of one of these affinities, and in no order of its own.
    fn is_of(&self, place: ColumnPlace, all: &[Affinity]) -> bool {
        let column = self.column(place);
        column
            .is_some_and(|it| it.collation.is_none() && all.contains(&Affinity::of(&it.data_type)))
    }
}

/// The sides of `a = b`.
fn sides(condition: &SqlExpression) -> [Option<&SqlExpression>; 2] {
    match condition {
        SqlExpression::Binary { operator: SqlOperator::Equal, sides, .. } => {
            let [left, right] = &**sides;
            [Some(left), Some(right)]
        }
        _ => [None, None],
    }
}

/// The place of a column.
const fn column(expression: &SqlExpression) -> Option<ColumnPlace> {
    match expression {
        SqlExpression::Column(source, place) => Some((*source, *place)),
        _ => None,
    }
}
