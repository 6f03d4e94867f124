//! Random conditions over random rows, held against an evaluator that knows no SQL; and what any logic must keep: rows of
//! which a condition is true, false and null are all rows, each once.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail so"
)]

use arbtest::arbitrary::{Result, Unstructured};
use relata::ast::Bundle;
use relata::check;
use relata::db::{Database, Sqlite};
use relata::ir::Schema;
use relata::plan::{self, Planner};
use relata::run;
use relata::source::Sources;
use relata::sql::{self, Dialect};
use relata::syntax;
use relata::value::Value;
use std::ops::ControlFlow;

const MODELS: &str = "
model T { a: INTEGER, b: INTEGER, s: STRING } < timestamps: false >
model U { n: INTEGER } < timestamps: false >
T hasMany U < as: us, foreignKey: tId >
U belongsTo T < as: t, foreignKey: tId >
";

/// A row of T; its id is its place, from 1.
#[derive(Debug, Clone)]
struct T {
    a: Option<i64>,
    b: Option<i64>,
    s: Option<String>,
    us: Vec<U>,
}

#[derive(Debug, Clone, Copy)]
struct U {
    id: usize,
    n: Option<i64>,
}

/// A number of a row.
#[derive(Debug, Clone)]
enum Number {
    A,
    B,
    Literal(i64),
    Sum(Box<Number>, Box<Number>),
    Count,
}

/// A condition over rows of T.
#[derive(Debug, Clone)]
enum Condition {
    Compare(Number, &'static str, Number),
    IsNull(Number, bool),
    Between(Number, i64, i64, bool),
    In(Number, Vec<i64>, bool),
    Text(&'static str, String),
    Not(Box<Condition>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
    /// `any us (n < 3)`
    Quantified(&'static str, &'static str, i64),
}

fn number(u: &mut Unstructured<'_>, depth: usize) -> Result<Number> {
    Ok(match u.int_in_range(0..=if depth > 0 { 4 } else { 2 })? {
        0 => Number::A,
        1 => Number::B,
        2 => Number::Literal(u.int_in_range(-3..=3)?),
        3 => Number::Count,
        _ => Number::Sum(Box::new(number(u, depth - 1)?), Box::new(number(u, depth - 1)?)),
    })
}

fn condition(u: &mut Unstructured<'_>, depth: usize) -> Result<Condition> {
    let comparisons = ["=", "!=", "<", "<=", ">", ">="];
    Ok(match u.int_in_range(0..=if depth > 0 { 8 } else { 5 })? {
        0 => {
            let (left, word, right) = (number(u, 2)?, *u.choose(&comparisons)?, number(u, 2)?);
            // What is compared with itself is refused.
            let is_same = left.script() == right.script();
            Condition::Compare(left, word, if is_same { Number::Literal(0) } else { right })
        }
        1 => Condition::IsNull(number(u, 1)?, u.arbitrary()?),
        2 => Condition::Between(
            number(u, 1)?,
            u.int_in_range(-3..=3)?,
            u.int_in_range(-3..=3)?,
            u.arbitrary()?,
        ),
        3 => {
            let count = u.int_in_range(0..=3)?;
            let list: Result<Vec<i64>> = (0..count).map(|_| u.int_in_range(-3..=3)).collect();
            Condition::In(number(u, 1)?, list?, u.arbitrary()?)
        }
        4 => Condition::Text(u.choose(&["startsWith", "endsWith", "contains"])?, text(u)?),
        5 => Condition::Quantified(
            u.choose(&["any", "all", "none"])?,
            u.choose(&comparisons)?,
            u.int_in_range(-3..=3)?,
        ),
        6 => Condition::Not(Box::new(condition(u, depth - 1)?)),
        kind => {
            let count = u.int_in_range(2..=3)?;
            let members: Result<Vec<_>> = (0..count).map(|_| condition(u, depth - 1)).collect();
            if kind == 7 { Condition::And(members?) } else { Condition::Or(members?) }
        }
    })
}

/// Letters that mean something in patterns, and such that differ in case only.
fn text(u: &mut Unstructured<'_>) -> Result<String> {
    let count = u.int_in_range(0..=3)?;
    (0..count).map(|_| u.choose(&['a', 'A', '%', '_', '\\']).copied()).collect()
}

impl Number {
    fn script(&self) -> String {
        match self {
            Self::A => "a".into(),
            Self::B => "b".into(),
            Self::Literal(it) => it.to_string(),
            Self::Sum(left, right) => format!("({} + {})", left.script(), right.script()),
            Self::Count => "count(us)".into(),
        }
    }

    fn of(&self, row: &T) -> Option<i64> {
        match self {
            Self::A => row.a,
            Self::B => row.b,
            Self::Literal(it) => Some(*it),
            Self::Sum(left, right) => Some(left.of(row)? + right.of(row)?),
            Self::Count => Some(row.us.len().try_into().unwrap()),
        }
    }
}

fn compare(left: Option<i64>, word: &str, right: Option<i64>) -> Option<bool> {
    let (left, right) = (left?, right?);
    Some(match word {
        "=" => left == right,
        "!=" => left != right,
        "<" => left < right,
        "<=" => left <= right,
        ">" => left > right,
        _ => left >= right,
    })
}

/// False where one is; else null where one is.
fn and(members: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut so_far = Some(true);
    for it in members {
        match it {
            Some(true) => {}
            Some(false) => return Some(false),
            None => so_far = None,
        }
    }
    so_far
}

impl Condition {
    fn script(&self) -> String {
        let negation = |it: &bool| if *it { "not " } else { "" };
        let joined = |members: &[Self], word: &str| {
            let members: Vec<_> = members.iter().map(|it| format!("({})", it.script())).collect();
            members.join(word)
        };
        match self {
            Self::Compare(left, word, right) => {
                format!("{} {word} {}", left.script(), right.script())
            }
            Self::IsNull(it, not) => format!("{} is {}null", it.script(), negation(not)),
            Self::Between(it, low, high, not) => {
                format!("{} {}between {low} and {high}", it.script(), negation(not))
            }
            Self::In(it, list, not) => format!("{} {}in {list:?}", it.script(), negation(not)),
            Self::Text(word, text) => format!("s {word} {text:?}"),
            Self::Not(it) => format!("not ({})", it.script()),
            Self::And(members) => joined(members, " and "),
            Self::Or(members) => joined(members, " or "),
            Self::Quantified(word, operator, limit) => format!("{word} us (n {operator} {limit})"),
        }
    }

    fn of(&self, row: &T) -> Option<bool> {
        match self {
            Self::Compare(left, word, right) => compare(left.of(row), word, right.of(row)),
            Self::IsNull(it, not) => Some(it.of(row).is_none() != *not),
            Self::Between(it, low, high, not) => {
                let it = it.of(row);
                let within = [compare(it, ">=", Some(*low)), compare(it, "<=", Some(*high))];
                and(within.into_iter()).map(|it| it != *not)
            }
            Self::In(_, list, not) if list.is_empty() => Some(*not),
            Self::In(it, list, not) => it.of(row).map(|it| list.contains(&it) != *not),
            Self::Text(word, text) => {
                // Letter case as the database's `like` has it: none.
                let (own, text) = (row.s.as_ref()?.to_lowercase(), text.to_lowercase());
                Some(match *word {
                    "startsWith" => own.starts_with(&text),
                    "endsWith" => own.ends_with(&text),
                    _ => own.contains(&text),
                })
            }
            Self::Not(it) => it.of(row).map(|it| !it),
            Self::And(members) => and(members.iter().map(|it| it.of(row))),
            Self::Or(members) => {
                and(members.iter().map(|it| it.of(row).map(|it| !it))).map(|it| !it)
            }
            Self::Quantified(word, operator, limit) => {
                let mut holds =
                    row.us.iter().map(|it| compare(it.n, operator, Some(*limit)) == Some(true));
                Some(match *word {
                    "any" => holds.any(|it| it),
                    "all" => holds.all(|it| it),
                    _ => !holds.any(|it| it),
                })
            }
        }
    }
}

fn rows(u: &mut Unstructured<'_>) -> Result<Vec<T>> {
    let mut last = 0;
    let count = u.int_in_range(0..=8)?;
    (0..count)
        .map(|_| {
            let some = |u: &mut Unstructured<'_>| -> Result<Option<i64>> {
                Ok(if u.ratio(1, 4)? { None } else { Some(u.int_in_range(-3..=3)?) })
            };
            let (a, b) = (some(u)?, some(u)?);
            let s = if u.ratio(1, 4)? { None } else { Some(text(u)?) };
            let children = u.int_in_range(0..=3)?;
            let us: Result<Vec<U>> = (0..children)
                .map(|_| {
                    last += 1;
                    Ok(U { id: last, n: some(u)? })
                })
                .collect();
            Ok(T { a, b, s, us: us? })
        })
        .collect()
}

fn schema(script: &str) -> Schema {
    let mut sources = Sources::default();
    let id = sources.add("test.schema", script).unwrap();
    let checked = check::check(&Bundle::of(syntax::parse(sources.get(id)).script), &sources);
    assert!(!checked.has_errors(), "{script}: {:#?}", checked.problems);
    checked.schema
}

fn database(schema: &Schema, rows: &[T]) -> Sqlite {
    let mut database = Sqlite::in_memory().unwrap();
    for it in plan::create(schema, Dialect::SQLITE) {
        if !matches!(it, sql::Statement::CreateView { .. }) {
            database.execute(&sql::render(&it, schema, Dialect::SQLITE), &[]).unwrap();
        }
    }
    let integer = |it: Option<i64>| it.map_or(Value::Null, Value::Integer);
    let id = |it: usize| Value::Integer(it.try_into().unwrap());
    for (place, row) in (1..).zip(rows) {
        let s = row.s.as_deref().map_or(Value::Null, |it| Value::Text(it.into()));
        let values = [id(place), integer(row.a), integer(row.b), s];
        database.execute("INSERT INTO Ts (id, a, b, s) VALUES (?, ?, ?, ?)", &values).unwrap();
        for it in &row.us {
            let values = [id(it.id), integer(it.n), id(place)];
            database.execute("INSERT INTO Us (id, n, tId) VALUES (?, ?, ?)", &values).unwrap();
        }
    }
    database
}

/// What the last view finds, as JSON.
fn found(schema: &Schema, database: &Sqlite, view: usize) -> Vec<String> {
    let reader = Planner { schema, dialect: Dialect::SQLITE, now: None };
    let selection = reader.all(&schema.views[view].query);
    let mut found = Vec::new();
    run::find(database, &selection, &mut |row| {
        let mut out = String::new();
        row.write_json(&mut out);
        found.push(out);
        ControlFlow::Continue(())
    })
    .unwrap_or_else(|it| panic!("{it}: {}", selection.statement.text));
    found
}

/// How many times a property is tried.
const COUNT: u64 = 256;

/// Tries a property on random bytes, the same ones every time.
fn seeded(property: impl Fn(&mut Unstructured<'_>) -> Result<()>) {
    for number in 1..=COUNT {
        let size = 64 + number % 16 * 64;
        let random = number.wrapping_mul(0x9E37_79B9) & 0xFFFF_FFFF;
        arbtest::arbtest(&property).seed(random << 32 | size);
    }
}

#[test]
fn conditions_hold_of_the_rows_of_which_they_hold() {
    seeded(|u| {
        let (rows, condition) = (rows(u)?, condition(u, 3)?);
        let text = condition.script();
        let view = |name: &str, what: &str| {
            format!("view {name} = T findAll < attributes: [id], where: ({what}), order: [id] >\n")
        };
        let script = format!(
            "{MODELS}{}{}{}",
            view("Yes", &text),
            view("No", &format!("not ({text})")),
            view("Unknown", &format!("({text}) is null"))
        );
        let schema = schema(&script);
        let database = database(&schema, &rows);
        for (view, expected) in [Some(true), Some(false), None].into_iter().enumerate() {
            let expected: Vec<String> = (1..)
                .zip(&rows)
                .filter(|(_, it)| condition.of(it) == expected)
                .map(|(id, _)| format!("{{\"id\":{id}}}"))
                .collect();
            assert_eq!(found(&schema, &database, view), expected, "{text} of {rows:?}");
        }
        Ok(())
    });
}

#[test]
fn paths_orders_limits_and_includes_are_those_of_the_rows() {
    seeded(|u| {
        let (rows, limit, offset) = (rows(u)?, u.int_in_range(0..=5)?, u.int_in_range(0..=3)?);
        let (most, low) = (u.int_in_range(0..=3)?, u.int_in_range(-3..=3)?);
        let script = format!(
            "{MODELS}
view Lists = T findAll < attributes: [id], include: [us < attributes: [n], where: (n > {low}), order: [n desc nulls first, id], limit: {most} >], order: [a desc nulls last, id], limit: {limit}, offset: {offset} >
view Paths = U findAll < attributes: [id], where: (t.a > {low}), order: [t.b, id] >
view Firsts = T findAll < attributes: [id], order: [us.n desc, id] >
"
        );
        let schema = schema(&script);
        let database = database(&schema, &rows);
        let mut all: Vec<(usize, &T)> = (1..).zip(&rows).collect();
        all.sort_by_key(|(id, it)| (it.a.is_none(), std::cmp::Reverse(it.a), *id));
        let lists: Vec<String> = all
            .iter()
            .filter_map(|(id, it)| {
                let mut us: Vec<i64> =
                    it.us.iter().filter_map(|it| it.n).filter(|it| *it > low).collect();
                us.sort_by_key(|it| std::cmp::Reverse(*it));
                if us.is_empty() {
                    return None;
                }
                let us: Vec<_> = us.iter().take(most).map(|it| format!("{{\"n\":{it}}}")).collect();
                Some(format!("{{\"id\":{id},\"us\":[{}]}}", us.join(",")))
            })
            .skip(offset)
            .take(limit)
            .collect();
        assert_eq!(found(&schema, &database, 0), lists, "{script} {rows:?}");
        let mut paths: Vec<(Option<i64>, usize)> = rows
            .iter()
            .filter(|it| it.a.is_some_and(|it| it > low))
            .flat_map(|it| it.us.iter().map(|own| (it.b, own.id)))
            .collect();
        paths.sort_unstable();
        let paths: Vec<_> = paths.iter().map(|(_, id)| format!("{{\"id\":{id}}}")).collect();
        assert_eq!(found(&schema, &database, 1), paths, "{script} {rows:?}");
        let mut firsts: Vec<(std::cmp::Reverse<Option<i64>>, usize)> = (1..)
            .zip(&rows)
            .map(|(id, it)| (std::cmp::Reverse(it.us.iter().filter_map(|it| it.n).max()), id))
            .collect();
        firsts.sort_unstable();
        let firsts: Vec<_> = firsts.iter().map(|(_, id)| format!("{{\"id\":{id}}}")).collect();
        assert_eq!(found(&schema, &database, 2), firsts, "{script} {rows:?}");
        Ok(())
    });
}
