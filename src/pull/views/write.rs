//! A view's query as a sentence, in the words of the models that it reads.

use crate::ir::{Association, Attribute, Contents, DataType, Model, ModelId, Schema};
use crate::pull::names::{text, written};
use crate::stored::{QueryColumns, SqlExpression, SqlOperator, ViewOrder, ViewQuery};
use crate::words::same_name;
use smol_str::SmolStr;
use std::fmt::Write;

/// How tightly an expression holds together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tightness {
    Whole,
    Or,
    And,
    Compare,
    Add,
    Multiply,
    Concatenate,
    Atom,
}

/// A source, as the sentence reaches it.
#[derive(Debug, Clone)]
struct ReachedSource<'s> {
    model: &'s Model,
    /// The source from which an association leads to it, and the association; none for the sentence's own model.
    from: Option<(usize, &'s Association)>,
    /// How it is reached from the sentence's own model.
    path: Vec<SmolStr>,
}

/// A query that a sentence may say.
pub(super) struct ViewWriter<'s> {
    schema: &'s Schema,
    known: &'s QueryColumns,
    query: &'s ViewQuery,
    models: Vec<(ModelId, &'s Model)>,
}

/// One way to reach all sources: the sentence's own model, and how each of them is reached.
type Reached<'s> = (usize, Vec<ReachedSource<'s>>);

impl<'s> ViewWriter<'s> {
    /// None where there is no model for something that it reads.
    pub(super) fn new(
        schema: &'s Schema,
        known: &'s QueryColumns,
        query: &'s ViewQuery,
    ) -> Option<Self> {
        let model = |table: &str| {
            let mut all = (0..).map(ModelId).zip(&schema.models);
            all.find(|(_, it)| same_name(&it.full_table(), table))
        };
        let models: Option<Vec<_>> = query.sources.iter().map(|it| model(&it.table)).collect();
        Some(Self { schema, known, query, models: models? })
    }

    /// The sentences that may say it, the shortest first; none of them has been tried.
    pub(super) fn ways(&self, name: &str) -> Vec<String> {
        let inner = self.query.sources.iter().enumerate().filter(|(_, it)| it.outer.is_none());
        let reached = inner.filter_map(|(at, _)| Some((at, self.reached(at)?)));
        let paranoid = self.models.iter().any(|(_, it)| it.paranoid);
        let all: &[bool] = if paranoid { &[false, true] } else { &[false] };
        let each = reached.flat_map(|it| {
            let ways = all.iter().flat_map(|deleted| {
                [true, false].map(|whole| self.sentence(name, &it, whole, *deleted))
            });
            ways.flatten().collect::<Vec<_>>()
        });
        each.collect()
    }

    /// How each source is reached from one of them, where it is.
    fn reached(&self, root: usize) -> Option<Vec<ReachedSource<'s>>> {
        let count = self.models.len();
        let mut found: Vec<Option<ReachedSource<'s>>> = vec![None; count];
        let own = self.models.get(root)?.1;
        *found.get_mut(root)? = Some(ReachedSource { model: own, from: None, path: Vec::new() });
        loop {
            let missing = (0..count).filter(|at| found.get(*at).is_none_or(Option::is_none));
            let mut missing = missing.peekable();
            if missing.peek().is_none() {
                return found.into_iter().collect();
            }
            let next = missing.find_map(|at| Some((at, self.step(&found, at)?)));
            let (at, reached) = next?;
            *found.get_mut(at)? = Some(reached);
        }
    }

    /// The association that leads to a source from one that is reached.
    fn step(&self, found: &[Option<ReachedSource<'s>>], at: usize) -> Option<ReachedSource<'s>> {
        let source = self.query.sources.get(at)?;
        let (target, model) = *self.models.get(at)?;
        found.iter().enumerate().find_map(|(from, reached)| {
            let reached = reached.as_ref()?;
            let is_outer = self.query.sources.get(from)?.outer.is_some();
            if is_outer && source.outer.is_none() {
                return None;
            }
            let (id, _) = *self.models.get(from)?;
            let leads = |it: &&Association| {
                let mut others = found.iter().flatten();
                let is_used = others.any(|other| {
                    other.from.is_some_and(|(place, by)| place == from && by.name == it.name)
                });
                let asked = source.outer.as_ref().unwrap_or(&self.query.filter);
                it.target == target
                    && !it.is_to_many()
                    && it.scope.is_empty()
                    && !is_used
                    && self.keys(it, from, at).is_some_and(|keys| {
                        (source.outer.is_none() || asked.len() == keys.len())
                            && keys.iter().all(|key| asked.iter().any(|on| is_key(on, *key)))
                    })
            };
            let mut own = self.schema.associations_of(id).map(|it| it.1);
            let association = own.find(leads)?;
            let mut path = reached.path.clone();
            path.push(association.name.clone());
            Some(ReachedSource { model, from: Some((from, association)), path })
        })
    }

    /// The columns that an association from one source to another compares.
    fn keys(
        &self,
        association: &Association,
        from: usize,
        to: usize,
    ) -> Option<Vec<[(usize, usize); 2]>> {
        let pairs = association.own_key().zip(association.target_key());
        let each =
            pairs.map(|(own, target)| Some([self.place(from, own)?, self.place(to, target)?]));
        each.collect()
    }

    /// The place of an attribute's column among those of its source.
    fn place(&self, source: usize, id: crate::ir::AttributeId) -> Option<(usize, usize)> {
        let attribute = self.models.get(source)?.1.attribute(id);
        let table = &self.query.sources.get(source)?.table;
        let mut places = (0..).map_while(|it| Some((it, self.known.name(table, it)?)));
        places.find(|it| same_name(it.1, &attribute.column)).map(|it| (source, it.0))
    }

    /// The sentence that begins at the model `root`; `whole` leaves out the attributes where it shows all of its own.
    fn sentence(
        &self,
        name: &str,
        (root, reached): &Reached<'s>,
        whole: bool,
        deleted: bool,
    ) -> Option<String> {
        let writer = SentenceWriter { of: self, reached };
        let own = reached.get(*root)?;
        let mut options = Vec::new();
        if whole {
            if !self.is_whole(*root) {
                return None;
            }
        } else {
            let each = self.query.columns.iter().map(|it| writer.selected(&it.0, &it.1));
            let each: Option<Vec<_>> = each.collect();
            options.push(format!("attributes: [{}]", each?.join(", ")));
        }
        let keys: Vec<_> = (reached.iter().enumerate())
            .filter(|(at, _)| self.query.sources.get(*at).is_some_and(|it| it.outer.is_none()))
            .filter_map(|(at, it)| self.keys(it.from?.1, it.from?.0, at))
            .flatten()
            .collect();
        let is_asked = |it: &&SqlExpression| !keys.iter().any(|key| is_key(it, *key));
        let filter: Vec<_> = self.query.filter.iter().filter(is_asked).cloned().collect();
        if !filter.is_empty() {
            options.push(format!("where: ({})", writer.all(&filter)?));
        }
        let include = writer.include(*root, deleted);
        if !include.is_empty() {
            options.push(format!("include: [{include}]"));
        }
        if !self.query.group.is_empty() {
            let each = self.query.group.iter().map(|it| writer.member(it));
            options.push(format!("group: [{}]", each.collect::<Option<Vec<_>>>()?.join(", ")));
        }
        if !self.query.having.is_empty() {
            options.push(format!("having: ({})", writer.all(&self.query.having)?));
        }
        if !self.query.order.is_empty() {
            let each = self.query.order.iter().map(|it| writer.order(it));
            options.push(format!("order: [{}]", each.collect::<Option<Vec<_>>>()?.join(", ")));
        }
        options.extend(self.query.limit.map(|it| format!("limit: {it}")));
        options.extend(self.query.offset.map(|it| format!("offset: {it}")));
        if self.query.distinct {
            options.push("distinct".to_owned());
        }
        if deleted && own.model.paranoid {
            options.push("paranoid: false".to_owned());
        }
        let mut res = format!("view {} = {} findAll", written(name), written(&own.model.name));
        if !options.is_empty() {
            let _ = write!(res, " < {} >", options.join(", "));
        }
        Some(res)
    }

    /// Whether the query shows what its first model has, and nothing else.
    fn is_whole(&self, root: usize) -> bool {
        let Some((_, model)) = self.models.get(root) else { return false };
        let Some(source) = self.query.sources.get(root) else { return false };
        let shown = model.attributes().filter(|(_, it)| !matches!(it.data_type, DataType::Virtual));
        let mut columns = self.query.columns.iter();
        let all = shown.into_iter().all(|(_, attribute)| {
            columns.next().is_some_and(|(name, expression)| match expression {
                SqlExpression::Column(at, place) => {
                    let column = self.known.name(&source.table, *place);
                    *at == root
                        && *name == attribute.name
                        && column.is_some_and(|it| same_name(it, &attribute.column))
                }
                _ => false,
            })
        });
        all && columns.next().is_none() && self.query.group.is_empty()
    }
}

/// Whether a condition compares these two columns.
fn is_key(condition: &SqlExpression, [own, target]: [(usize, usize); 2]) -> bool {
    let SqlExpression::Binary { operator: SqlOperator::Equal, sides, .. } = condition else {
        return false;
    };
    match &**sides {
        [SqlExpression::Column(a, b), SqlExpression::Column(c, d)] => {
            let sides = [(*a, *b), (*c, *d)];
            sides == [own, target] || sides == [target, own]
        }
        _ => false,
    }
}

/// The parts of a sentence.
struct SentenceWriter<'w, 's> {
    of: &'w ViewWriter<'s>,
    reached: &'w [ReachedSource<'s>],
}

impl<'s> SentenceWriter<'_, 's> {
    fn attribute(&self, source: usize, place: usize) -> Option<&'s Attribute> {
        let table = &self.of.query.sources.get(source)?.table;
        let column = self.of.known.name(table, place)?;
        let model = self.reached.get(source)?.model;
        let mut all = model.attributes().map(|it| it.1);
        all.find(|it| same_name(&it.column, column) || model.view && it.name == column)
    }

    fn path(&self, source: usize, place: usize) -> Option<String> {
        let attribute = self.attribute(source, place)?;
        let path = self.reached.get(source)?.path.iter().chain([&attribute.name]);
        let each: Vec<_> = path.map(|it| written(it)).collect();
        Some(each.join("."))
    }

    /// A member of a list: a path, a call, else an expression in brackets.
    fn member(&self, expression: &SqlExpression) -> Option<String> {
        let plain = matches!(expression, SqlExpression::Column(..) | SqlExpression::Call { .. });
        let said = self.expression(expression, Tightness::Whole)?;
        Some(if plain { said } else { format!("({said})") })
    }

    fn selected(&self, name: &str, expression: &SqlExpression) -> Option<String> {
        let said = self.member(expression)?;
        if let SqlExpression::Column(source, place) = expression
            && self.reached.get(*source)?.path.is_empty()
            && self.attribute(*source, *place)?.name == name
        {
            return Some(said);
        }
        Some(format!("{said} as {}", written(name)))
    }

    fn order(&self, order: &ViewOrder) -> Option<String> {
        let mut said = self.member(&order.expression)?;
        if let Some(it) = &order.collation {
            let _ = write!(said, " collate {}", written(it));
        }
        if order.descending {
            said.push_str(" desc");
        }
        if let Some(last) = order.nulls_last {
            said.push_str(if last { " nulls last" } else { " nulls first" });
        }
        Some(said)
    }

    /// What is included from a source: what must be there, and what nothing else leads to.
    fn include(&self, from: usize, deleted: bool) -> String {
        let each = self.reached.iter().enumerate().filter_map(|(at, it)| {
            let (_, association) = it.from.filter(|by| by.0 == from)?;
            let is_inner = self.of.query.sources.get(at)?.outer.is_none();
            let below = self.include(at, deleted);
            let shows = deleted && it.model.paranoid;
            if !is_inner && !shows && below.is_empty() && self.is_used(at) {
                return None;
            }
            let mut options = vec!["attributes: []".to_owned()];
            if is_inner {
                options.insert(0, "required".to_owned());
            }
            if shows {
                options.push("paranoid: false".to_owned());
            }
            if !below.is_empty() {
                options.push(format!("include: [{below}]"));
            }
            Some(format!("{} < {} >", written(&association.name), options.join(", ")))
        });
        each.collect::<Vec<_>>().join(", ")
    }

    /// Whether an expression of the query reads a source.
    fn is_used(&self, source: usize) -> bool {
        let query = self.of.query;
        let columns = query.columns.iter().map(|it| &it.1);
        let order = query.order.iter().map(|it| &it.expression);
        let mut all = columns.chain(order).chain(&query.filter).chain(&query.group);
        let reads =
            |it: &SqlExpression| matches!(it, SqlExpression::Column(at, _) if *at == source);
        all.any(|it| it.any_part(&reads))
    }

    fn all(&self, conditions: &[SqlExpression]) -> Option<String> {
        let least = if conditions.len() > 1 { Tightness::Compare } else { Tightness::Whole };
        let each = conditions.iter().map(|it| self.expression(it, least));
        Some(each.collect::<Option<Vec<_>>>()?.join(" and "))
    }

    /// An expression, in brackets where it holds together less tightly than `least`.
    fn expression(&self, expression: &SqlExpression, least: Tightness) -> Option<String> {
        let (said, own) = self.pieces(expression)?;
        Some(if own < least { format!("({said})") } else { said })
    }

    fn pieces(&self, expression: &SqlExpression) -> Option<(String, Tightness)> {
        let of = |it: &SqlExpression, least| self.expression(it, least);
        let list = |all: &[SqlExpression], least, word: &str| {
            let each = all.iter().map(|it| of(it, least));
            Some(each.collect::<Option<Vec<_>>>()?.join(word))
        };
        let not = |negated: bool| if negated { "not " } else { "" };
        Some(match expression {
            SqlExpression::Null => ("null".to_owned(), Tightness::Atom),
            SqlExpression::Integer(it) => (it.to_string(), Tightness::Atom),
            SqlExpression::Real(bits) => {
                let number = format!("{:?}", f64::from_bits(*bits));
                let plain = number.bytes().all(|it| it.is_ascii_digit() || it == b'.');
                (Some(number).filter(|_| plain)?, Tightness::Atom)
            }
            SqlExpression::Text(it) => (text(it), Tightness::Atom),
            SqlExpression::Blob(it) => (format!("x\"{it}\""), Tightness::Atom),
            SqlExpression::Column(source, place) => (self.path(*source, *place)?, Tightness::Atom),
            SqlExpression::Negate(it) => {
                (format!("-{}", of(it, Tightness::Atom)?), Tightness::Concatenate)
            }
            SqlExpression::Not(it) => (format!("not {}", of(it, Tightness::Atom)?), Tightness::And),
            SqlExpression::And(all) => (list(all, Tightness::Compare, " and ")?, Tightness::And),
            SqlExpression::Or(all) => (list(all, Tightness::And, " or ")?, Tightness::Or),
            SqlExpression::Binary { operator, sides, .. } => self.binary(*operator, sides)?,
            SqlExpression::IsNull(it, negated) => {
                let said = of(it, Tightness::Add)?;
                (format!("{said} is {}null", not(*negated)), Tightness::Compare)
            }
            SqlExpression::Between(all, negated) => {
                let [value, low, high] = &**all;
                let [value, low, high] = [
                    of(value, Tightness::Add)?,
                    of(low, Tightness::Add)?,
                    of(high, Tightness::Add)?,
                ];
                let said = format!("{value} {}between {low} and {high}", not(*negated));
                (said, Tightness::Compare)
            }
            SqlExpression::In(it, members, negated) => {
                let members = members.iter().map(|member| self.beside(member, it));
                let members = members.collect::<Option<Vec<_>>>()?.join(", ");
                let said = of(it, Tightness::Add)?;
                (format!("{said} {}in [{members}]", not(*negated)), Tightness::Compare)
            }
            SqlExpression::Call { name, distinct, arguments } => {
                let arguments = match arguments {
                    Some(all) => list(all, Tightness::Whole, ", ")?,
                    None => "*".to_owned(),
                };
                let distinct = if *distinct { "distinct " } else { "" };
                (format!("{name}({distinct}{arguments})"), Tightness::Atom)
            }
            SqlExpression::Case { operand, arms, otherwise } => {
                let mut said = String::from("case");
                if let Some(it) = operand {
                    let _ = write!(said, " {}", of(it, Tightness::Whole)?);
                }
                for [when, then] in arms {
                    let when = of(when, Tightness::Whole)?;
                    let _ = write!(said, " when {when} then {}", of(then, Tightness::Whole)?);
                }
                if let Some(it) = otherwise {
                    let _ = write!(said, " else {}", of(it, Tightness::Whole)?);
                }
                said.push_str(" end");
                (said, Tightness::Atom)
            }
            SqlExpression::Cast(it, data_type) => {
                let data_type = DataType::of_database(data_type)?.written();
                (format!("cast({} as {data_type})", of(it, Tightness::Whole)?), Tightness::Atom)
            }
        })
    }

    fn binary(
        &self,
        operator: SqlOperator,
        sides: &[SqlExpression; 2],
    ) -> Option<(String, Tightness)> {
        let (word, own) = match operator {
            SqlOperator::Equal => ("=", Tightness::Compare),
            SqlOperator::Differ => ("!=", Tightness::Compare),
            SqlOperator::Less => ("<", Tightness::Compare),
            SqlOperator::LessOrEqual => ("<=", Tightness::Compare),
            SqlOperator::Greater => (">", Tightness::Compare),
            SqlOperator::GreaterOrEqual => (">=", Tightness::Compare),
            SqlOperator::Like => ("like", Tightness::Compare),
            SqlOperator::NotLike => ("not like", Tightness::Compare),
            SqlOperator::Add => ("+", Tightness::Add),
            SqlOperator::Subtract => ("-", Tightness::Add),
            SqlOperator::Multiply => ("*", Tightness::Multiply),
            SqlOperator::Divide => ("/", Tightness::Multiply),
            SqlOperator::Modulo => ("%", Tightness::Multiply),
            SqlOperator::Concatenate => ("||", Tightness::Concatenate),
        };
        let [left, right] = sides;
        let said = match own {
            Tightness::Compare => {
                format!("{} {word} {}", self.beside(left, right)?, self.beside(right, left)?)
            }
            Tightness::Add => {
                let right = self.expression(right, Tightness::Multiply)?;
                format!("{} {word} {right}", self.expression(left, own)?)
            }
            Tightness::Multiply => {
                let right = self.expression(right, Tightness::Concatenate)?;
                format!("{} {word} {right}", self.expression(left, own)?)
            }
            Tightness::Whole
            | Tightness::Or
            | Tightness::And
            | Tightness::Concatenate
            | Tightness::Atom => {
                let right = self.expression(right, Tightness::Atom)?;
                format!("{} {word} {right}", self.expression(left, own)?)
            }
        };
        Some((said, own))
    }

    /// A side of a comparison: beside what is true or false, 0 and 1 are said so.
    fn beside(&self, side: &SqlExpression, other: &SqlExpression) -> Option<String> {
        let is_truth = |side: &SqlExpression| match side {
            SqlExpression::Column(source, place) => {
                let attribute = self.attribute(*source, *place);
                attribute.is_some_and(|it| it.data_type.holds() == Contents::Truth)
            }
            _ => false,
        };
        match side {
            SqlExpression::Integer(it @ (0 | 1)) if is_truth(other) => Some((*it == 1).to_string()),
            _ => self.expression(side, Tightness::Add),
        }
    }
}
