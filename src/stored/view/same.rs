//! Whether two queries say the same.

use super::{SqlExpression, ViewOrder, ViewQuery};

/// So many sources are looked at in every order.
const MOST: usize = 6;

impl ViewQuery {
    /// Whether both give the same columns of the same rows, in the same order.
    pub fn is_same(&self, other: &Self) -> bool {
        let names = |query: &Self| query.columns.iter().map(|it| it.0.clone()).collect::<Vec<_>>();
        let settled = self.distinct == other.distinct
            && self.limit == other.limit
            && self.offset == other.offset
            && self.sources.len() == other.sources.len()
            && self.sources.len() <= MOST
            && names(self) == names(other);
        settled && self.is_same_by(other, &mut Vec::new())
    }

    /// The same where `places` says which source of the other each of the first sources is; the others are tried.
    fn is_same_by(&self, other: &Self, places: &mut Vec<usize>) -> bool {
        let Some(source) = self.sources.get(places.len()) else {
            return self.is_same_at(other, places);
        };
        for (at, theirs) in other.sources.iter().enumerate() {
            let is_one = theirs.table == source.table
                && theirs.outer.is_some() == source.outer.is_some()
                && !places.contains(&at)
                && (at == places.len() || !self.depends_on_order());
            if !is_one {
                continue;
            }
            places.push(at);
            if self.is_same_by(other, places) {
                return true;
            }
            places.pop();
        }
        false
    }

    fn is_same_at(&self, other: &Self, places: &[usize]) -> bool {
        let compared = Compared { places };
        let columns = self.columns.iter().zip(&other.columns);
        let joins = self.sources.iter().zip(places).all(|(own, at)| {
            let theirs = other.sources.get(*at).and_then(|it| it.outer.as_ref());
            match (&own.outer, theirs) {
                (Some(own), Some(theirs)) => compared.all(own, theirs),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            }
        });
        let order = |own: &ViewOrder, theirs: &ViewOrder| {
            compared.is_same(&own.expression, &theirs.expression)
                && own.descending == theirs.descending
                && own.nulls_last == theirs.nulls_last
                && own.collation == theirs.collation
        };
        let pairs = |own: &[SqlExpression], theirs: &[SqlExpression]| {
            own.len() == theirs.len()
                && own.iter().zip(theirs).all(|(own, theirs)| compared.is_same(own, theirs))
        };
        joins
            && columns.into_iter().all(|(own, theirs)| compared.is_same(&own.1, &theirs.1))
            && compared.all(&self.filter, &other.filter)
            && pairs(&self.group, &other.group)
            && compared.all(&self.having, &other.having)
            && self.order.len() == other.order.len()
            && self.order.iter().zip(&other.order).all(|(own, theirs)| order(own, theirs))
    }

    /// Whether something depends on the order in which its sources are read: which rows a limit leaves, which row of a group
    /// tells a value that is no key of it, what an aggregate strings together.
    fn depends_on_order(&self) -> bool {
        let strung = |column: &SqlExpression| {
            column.any_part(&|it| match it {
                SqlExpression::Call { name, .. } => {
                    ["group_", "string_", "json"].iter().any(|begin| name.starts_with(begin))
                }
                _ => false,
            })
        };
        let columns = self.columns.iter().map(|it| &it.1);
        self.limit.is_some()
            || self.offset.is_some()
            || !self.loose_columns().is_empty()
            || columns.chain(&self.having).any(strung)
    }

    /// The functions that it calls; not `min` and `max` of many rows, which every database has.
    pub fn functions(&self) -> Vec<&str> {
        let columns = self.columns.iter().map(|it| &it.1);
        let order = self.order.iter().map(|it| &it.expression);
        let joins = self.sources.iter().filter_map(|it| it.outer.as_ref()).flatten();
        let mut rest: Vec<_> = columns.chain(order).chain(joins).collect();
        rest.extend(self.filter.iter().chain(&self.group).chain(&self.having));
        let mut res = Vec::new();
        while let Some(it) = rest.pop() {
            let is_everywhere = it.is_extreme();
            if let SqlExpression::Call { name, .. } = it
                && !is_everywhere
            {
                res.push(name.as_str());
            }
            rest.extend(it.parts());
        }
        res
    }
}

/// Two queries, with the place in the other one of each source of the first.
struct Compared<'p> {
    places: &'p [usize],
}

impl Compared<'_> {
    /// Whether both ask for the same, in any order, and however often.
    fn all(&self, own: &[SqlExpression], theirs: &[SqlExpression]) -> bool {
        let has = |it: &SqlExpression| theirs.iter().any(|theirs| self.is_same(it, theirs));
        let is_had = |it: &SqlExpression| own.iter().any(|own| self.is_same(own, it));
        own.iter().all(has) && theirs.iter().all(is_had)
    }

    fn pairs<'e>(
        &self,
        own: impl IntoIterator<Item = &'e SqlExpression>,
        theirs: impl IntoIterator<Item = &'e SqlExpression>,
    ) -> bool {
        let (mut own, mut theirs) = (own.into_iter(), theirs.into_iter());
        loop {
            match (own.next(), theirs.next()) {
                (Some(own), Some(theirs)) if self.is_same(own, theirs) => {}
                (own, theirs) => return own.is_none() && theirs.is_none(),
            }
        }
    }

    fn is_same(&self, own: &SqlExpression, theirs: &SqlExpression) -> bool {
        use SqlExpression as E;
        match (own, theirs) {
            (E::Column(source, place), E::Column(other, other_place)) => {
                self.places.get(*source) == Some(other) && place == other_place
            }
            (E::And(own), E::And(theirs)) | (E::Or(own), E::Or(theirs)) => self.all(own, theirs),
            (
                E::Binary { operator, swaps, sides },
                E::Binary { operator: other, sides: theirs, .. },
            ) => {
                let [left, right] = &**theirs;
                operator == other
                    && (self.pairs(&**sides, [left, right])
                        || *swaps && self.pairs(&**sides, [right, left]))
            }
            (E::IsNull(_, negated), E::IsNull(_, other))
            | (E::Between(_, negated), E::Between(_, other))
            | (E::In(_, _, negated), E::In(_, _, other)) => {
                negated == other && self.pairs(own.parts(), theirs.parts())
            }
            (
                E::Call { name, distinct, arguments },
                E::Call { name: other, distinct: other_distinct, arguments: others },
            ) => {
                name == other
                    && distinct == other_distinct
                    && arguments.is_some() == others.is_some()
                    && self.pairs(own.parts(), theirs.parts())
            }
            (
                E::Case { operand, arms, otherwise },
                E::Case { operand: other, arms: others, otherwise: other_otherwise },
            ) => {
                operand.is_some() == other.is_some()
                    && arms.len() == others.len()
                    && otherwise.is_some() == other_otherwise.is_some()
                    && self.pairs(own.parts(), theirs.parts())
            }
            (E::Cast(_, own_type), E::Cast(_, type_of_other)) => {
                own_type == type_of_other && self.pairs(own.parts(), theirs.parts())
            }
            (E::Negate(_), E::Negate(_)) | (E::Not(_), E::Not(_)) => {
                self.pairs(own.parts(), theirs.parts())
            }
            (
                E::Null | E::Integer(_) | E::Real(_) | E::Text(_) | E::Blob(_),
                E::Null | E::Integer(_) | E::Real(_) | E::Text(_) | E::Blob(_),
            ) => own == theirs,
            _ => false,
        }
    }
}
