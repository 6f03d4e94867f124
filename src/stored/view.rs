//! The query of a view, read: what two spellings of one query share.
//!
//! Whatever isn't known here makes a query unreadable, and what can't be read is the same as nothing: `UNION`, a SELECT within another,
//! a window. So two queries that are called the same give the same columns of the same rows, in the same order.

mod columns;
mod expression;
mod groups;
mod joins;
mod reader;
mod same;

pub use columns::QueryColumns;
pub use expression::{SqlExpression, SqlOperator};

use super::token::{SqlToken, as_kept, parts, tokens};
use crate::catalog::{Definition, Name, ObjectKind, ViewDefinition};
use crate::words::same_name;
use columns::NamedSource;
use reader::{ExpressionReader, QueryNames};
use smol_str::SmolStr;

/// A SELECT over tables and views, joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewQuery {
    /// Its columns, by their names.
    pub columns: Vec<NamedColumn>,
    /// What it reads.
    pub sources: Vec<ViewSource>,
    /// What holds of its rows, all of it; what inner joins ask for, too.
    pub filter: Vec<SqlExpression>,
    /// By what rows are put together.
    pub group: Vec<SqlExpression>,
    /// What holds of groups, all of it.
    pub having: Vec<SqlExpression>,
    /// In which order its rows come.
    pub order: Vec<ViewOrder>,
    /// At most how many.
    pub limit: Option<i64>,
    /// How many are passed over.
    pub offset: Option<i64>,
    /// Whether equal rows come once.
    pub distinct: bool,
}

/// A column of a query: its name, and what it shows.
pub type NamedColumn = (SmolStr, SqlExpression);

/// A column that a query reads: the place of its source, and its own among that one's.
pub type ColumnPlace = (usize, usize);

/// A table or a view that a query reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewSource {
    /// Its name.
    pub table: Name,
    /// What a left join to it asks for; none of the first source, and of one that is joined otherwise.
    pub outer: Option<Vec<SqlExpression>>,
}

/// A member of `ORDER BY`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewOrder {
    /// By what.
    pub expression: SqlExpression,
    /// `DESC`
    pub descending: bool,
    /// `NULLS FIRST` (false), `NULLS LAST` (true).
    pub nulls_last: Option<bool>,
    /// `COLLATE`
    pub collation: Option<Name>,
}

impl ViewQuery {
    /// The query of a `CREATE VIEW`; none where it is one that isn't known here.
    ///
    /// ```
    /// use relata::stored::{QueryColumns, ViewQuery};
    /// let mut known = QueryColumns::default();
    /// known.add_table("CREATE TABLE t (a INT, b TEXT)");
    /// let read = |sql| ViewQuery::read(sql, &known);
    /// let a = read("CREATE VIEW v AS SELECT a, T.b AS c FROM t WHERE b LIKE 'x%' AND (a = 1)").unwrap();
    /// let b = read("create view V as select t.\"a\", \"b\" c from \"t\" as t where 1 = a and t.b like 'x%'").unwrap();
    /// assert!(a.is_same(&b));
    /// assert!(read("CREATE VIEW v AS SELECT a FROM t UNION SELECT b FROM t").is_none());
    /// ```
    pub fn read(sql: &str, known: &QueryColumns) -> Option<Self> {
        let sql = as_kept(sql);
        let definition = super::definition(ObjectKind::View, &sql);
        let Definition::View(ViewDefinition { columns, query }) = definition else {
            return None;
        };
        let mut found = SelectReader::read(&query, known)?.query(!columns.is_empty())?;
        if !columns.is_empty() {
            if columns.len() != found.columns.len() {
                return None;
            }
            for (column, name) in found.columns.iter_mut().zip(&columns) {
                column.0 = name.as_str().into();
            }
        }
        let mut names = found.columns.iter().map(|it| &it.0).enumerate();
        let is_twice = |at: usize, name: &str| {
            let mut before = found.columns.iter().take(at);
            before.any(|it| same_name(&it.0, name))
        };
        let twice = names.any(|(at, it)| it.is_empty() || is_twice(at, it));
        (!twice).then_some(found)
    }
}

/// The clauses of a SELECT, by the word that begins them.
struct SelectReader<'t> {
    sql: &'t str,
    all: Vec<SqlToken>,
    known: &'t QueryColumns,
}

/// The names that an expression may use.
struct QueryScope<'s> {
    sources: &'s [NamedSource<'s>],
    /// Names that the query gives its columns, and what these are.
    given: &'s [NamedColumn],
}

impl QueryNames for QueryScope<'_> {
    fn name(&self, table: Option<&str>, name: &str) -> Option<SqlExpression> {
        let mut found = Vec::new();
        for (at, source) in self.sources.iter().enumerate() {
            if table.is_some_and(|it| !same_name(it, &source.name)) {
                continue;
            }
            let place = source.columns.iter().position(|it| same_name(&it.name, name));
            found.extend(place.map(|it| SqlExpression::Column(at, it)));
        }
        if table.is_none() && found.is_empty() {
            let mut given = self.given.iter();
            return given.find(|it| same_name(&it.0, name)).map(|it| it.1.clone());
        }
        let only = found.pop();
        only.filter(|_| found.is_empty())
    }

    fn is_collated(&self, expression: &SqlExpression) -> bool {
        expression.any_part(&|it| match it {
            SqlExpression::Column(source, column) => {
                let source = self.sources.get(*source);
                source.and_then(|it| it.columns.get(*column)).is_none_or(|it| it.is_collated)
            }
            _ => false,
        })
    }
}

/// The clauses of a SELECT, in order.
const CLAUSES: [&str; 7] = ["select", "from", "where", "group", "having", "order", "limit"];

impl<'t> SelectReader<'t> {
    fn read(sql: &'t str, known: &'t QueryColumns) -> Option<Self> {
        let all = tokens(sql);
        all.first()?.is("select").then_some(Self { sql, all, known })
    }

    /// What stands behind each of the words; none where a word stands there that makes it another kind of query.
    fn clauses(&self) -> Option<[&[SqlToken]; CLAUSES.len()]> {
        const OTHERS: [&str; 5] = ["union", "except", "intersect", "window", "natural"];
        let mut res: [&[SqlToken]; CLAUSES.len()] = [&[]; CLAUSES.len()];
        let (mut depth, mut current, mut begin) = (0_usize, 0, 1);
        for (at, token) in self.all.iter().enumerate() {
            if token.is_sign('(') {
                depth += 1;
            } else if token.is_sign(')') {
                depth = depth.checked_sub(1)?;
            }
            if depth > 0 || at == 0 {
                continue;
            }
            if OTHERS.iter().any(|it| token.is(it)) {
                return None;
            }
            let Some(next) = CLAUSES.iter().position(|it| token.is(it)) else { continue };
            if next <= current {
                return None;
            }
            *res.get_mut(current)? = self.all.get(begin..at)?;
            (current, begin) = (next, at + 1);
        }
        *res.get_mut(current)? = self.all.get(begin..)?;
        Some(res)
    }

    fn query(&self, named: bool) -> Option<ViewQuery> {
        let [columns, from, filter, group, having, order, limit] = self.clauses()?;
        let mut joins = Vec::new();
        let mut read = Vec::new();
        self.sources(from, &mut read, &mut joins)?;
        let scope = QueryScope { sources: &read, given: &[] };
        let mut sources: Vec<ViewSource> = Vec::new();
        let mut asked = Vec::new();
        for join in joins {
            let known = QueryScope { sources: read.get(..=sources.len())?, given: &[] };
            let on = match join.on {
                Some(on) => self.expression(on, &known)?.conditions(),
                None => Vec::new(),
            };
            let outer = if join.is_outer {
                Some(on)
            } else {
                asked.extend(on);
                None
            };
            sources.push(ViewSource { table: join.table, outer });
        }
        let (distinct, columns) = match columns {
            [first, rest @ ..] if first.is("distinct") => (true, rest),
            [first, rest @ ..] if first.is("all") => (false, rest),
            all => (false, all),
        };
        let mut given = Vec::new();
        let mut of_query = Vec::new();
        for (_, column) in parts(columns) {
            self.column(column, &scope, named, (&mut of_query, &mut given))?;
        }
        let scope = QueryScope { sources: &read, given: &given };
        if !filter.is_empty() {
            asked.extend(self.expression(filter, &scope)?.conditions());
        }
        let group = self.group(group, &scope, &of_query)?;
        let having = match having {
            [] => Vec::new(),
            some => self.expression(some, &scope)?.conditions(),
        };
        let order = self.order(order, &scope, &of_query)?;
        let (limit, offset) = self.limit(limit)?;
        Some(ViewQuery {
            columns: of_query,
            sources,
            filter: asked,
            group,
            having,
            order,
            limit,
            offset,
            distinct,
        })
    }

    fn expression(&self, rest: &[SqlToken], names: &QueryScope<'_>) -> Option<SqlExpression> {
        ExpressionReader { sql: self.sql, rest, names, depth: 0 }.whole()
    }

    /// A member of what is selected, with the name that it gives.
    fn column(
        &self,
        tokens: &[SqlToken],
        scope: &QueryScope<'_>,
        named: bool,
        found: (&mut Vec<NamedColumn>, &mut Vec<NamedColumn>),
    ) -> Option<()> {
        let (columns, given) = found;
        let table = match tokens {
            [star] if star.is_sign('*') => Some(None),
            [table, dot, star] if dot.is_sign('.') && star.is_sign('*') => {
                Some(Some(table.name()?))
            }
            _ => None,
        };
        if let Some(table) = table {
            let before = columns.len();
            for (at, source) in scope.sources.iter().enumerate() {
                if table.is_none_or(|it| same_name(it, &source.name)) {
                    let each = source.columns.iter().enumerate();
                    columns.extend(
                        each.map(|(place, it)| (it.name.clone(), SqlExpression::Column(at, place))),
                    );
                }
            }
            return (columns.len() > before).then_some(());
        }
        let mut reader = ExpressionReader { sql: self.sql, rest: tokens, names: scope, depth: 0 };
        let expression = reader.expression()?;
        let name: SmolStr = match reader.rest {
            [] => match &expression {
                SqlExpression::Column(source, place) => {
                    scope.sources.get(*source)?.columns.get(*place)?.name.clone()
                }
                // Which name it gets is nobody's promise.
                _ if named => SmolStr::default(),
                _ => return None,
            },
            [word, name] if word.is("as") => name.label()?.into(),
            [name] => name.label()?.into(),
            _ => return None,
        };
        if !reader.rest.is_empty() {
            given.push((name.clone(), expression.clone()));
        }
        columns.push((name, expression));
        Some(())
    }

    /// `GROUP BY ..`; a number is a column's place.
    fn group(
        &self,
        tokens: &[SqlToken],
        scope: &QueryScope<'_>,
        columns: &[NamedColumn],
    ) -> Option<Vec<SqlExpression>> {
        let [by, members @ ..] = tokens else { return Some(Vec::new()) };
        if !by.is("by") {
            return None;
        }
        let each = parts(members).into_iter().map(|(_, it)| {
            let found = self.expression(it, scope)?;
            by_place(found, columns)
        });
        each.collect()
    }

    /// `ORDER BY ..`: a name that the query gives goes before a column's.
    fn order(
        &self,
        tokens: &[SqlToken],
        scope: &QueryScope<'_>,
        columns: &[NamedColumn],
    ) -> Option<Vec<ViewOrder>> {
        let [by, members @ ..] = tokens else { return Some(Vec::new()) };
        if !by.is("by") {
            return None;
        }
        let each = parts(members).into_iter().map(|(_, member)| {
            let mut rest = member;
            let given = match member {
                [name, behind @ ..] if behind.first().is_none_or(is_of_order) => {
                    let name = name.name();
                    let mut given = scope.given.iter();
                    let given = name.and_then(|name| given.find(|it| same_name(&it.0, name)));
                    given.map(|it| (it.1.clone(), behind))
                }
                _ => None,
            };
            let expression = match given {
                Some((expression, behind)) => {
                    rest = behind;
                    expression
                }
                None => {
                    let mut reader =
                        ExpressionReader { sql: self.sql, rest, names: scope, depth: 0 };
                    let found = reader.expression()?;
                    rest = reader.rest;
                    by_place(found, columns)?
                }
            };
            let mut found =
                ViewOrder { expression, descending: false, nulls_last: None, collation: None };
            if let [word, name, behind @ ..] = rest
                && word.is("collate")
            {
                found.collation = Some(Name::from(name.label()?));
                rest = behind;
            }
            if let [word, behind @ ..] = rest
                && (word.is("asc") || word.is("desc"))
            {
                found.descending = word.is("desc");
                rest = behind;
            }
            if let [nulls, place, behind @ ..] = rest
                && nulls.is("nulls")
            {
                found.nulls_last = Some(place.is("last"));
                rest = behind;
            }
            rest.is_empty().then_some(found)
        });
        each.collect()
    }

    /// `LIMIT a OFFSET b`, `LIMIT b, a`
    fn limit(&self, tokens: &[SqlToken]) -> Option<(Option<i64>, Option<i64>)> {
        if tokens.is_empty() {
            return Some((None, None));
        }
        let between = tokens.iter().position(|it| it.is("offset") || it.is_sign(','));
        let (first, second) = match between {
            Some(at) => (tokens.get(..at)?, Some((tokens.get(at)?, tokens.get(at + 1..)?))),
            None => (tokens, None),
        };
        let first = self.number(first)?;
        let (limit, offset) = match second {
            Some((comma, second)) if comma.is_sign(',') => (self.number(second)?, Some(first)),
            Some((_, second)) => (first, Some(self.number(second)?)),
            None => (first, None),
        };
        Some(((limit >= 0).then_some(limit), offset.filter(|it| *it > 0)))
    }

    fn number(&self, tokens: &[SqlToken]) -> Option<i64> {
        match self.expression(tokens, &QueryScope { sources: &[], given: &[] })? {
            SqlExpression::Integer(it) => Some(it),
            SqlExpression::Negate(it) if *it == SqlExpression::Integer(1) => Some(-1),
            _ => None,
        }
    }
}

/// Whether it stands behind what a query is ordered by.
fn is_of_order(token: &SqlToken) -> bool {
    ["collate", "asc", "desc", "nulls"].iter().any(|it| token.is(it))
}

/// A number is a column's place, from 1.
fn by_place(found: SqlExpression, columns: &[NamedColumn]) -> Option<SqlExpression> {
    match found {
        SqlExpression::Integer(place) => {
            let place = usize::try_from(place).ok()?.checked_sub(1)?;
            columns.get(place).map(|it| it.1.clone())
        }
        other => Some(other),
    }
}
