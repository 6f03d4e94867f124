//! Every place that takes an expression, with every form of expression: each pair gives the right answer or is refused by `check`.

use relata::db::Sqlite;
use relata::diagnostics::Problem;
use relata::record::{Item, Record};
use relata::report::{Style, draw};
use relata::run::{Outcome, Sink, Yield};
use relata::session::{Error, Session};
use relata::value::Value;
use std::fmt::Write as _;

/// What is declared; `{attribute}` and `{body}` are places of the schema.
const MODELS: &str = r"
defaults < timestamps: false >
model Book { title: STRING }
model Team { rate: INTEGER }
model Line { q: INTEGER }
model Card { code: STRING }
model Inv {
  n: INTEGER, s: STRING, flag: BOOLEAN, day: DATE, kind: ENUM(small, large), meta: JSON, doc: JSON
  twice: VIRTUAL < get: (n * 2) >, out: sql`BLOB`, sum: FLOAT < defaultValue: 0 >{attribute}
  {body}
}
Inv belongsTo Book < as: book, foreignKey: bookId >
Book hasMany Inv < as: entries, foreignKey: bookId >
Inv belongsTo Team < as: team, foreignKey: teamId >
Inv hasMany Line < as: lines, foreignKey: invId >
Line belongsTo Inv < as: inv, foreignKey: invId >
Inv hasOne Card < as: card, foreignKey: invId >
sync
";

/// Two rows, of which the second has almost nothing, and variables.
const ROWS: &str = r#"
let book = Book create { title: "b" }
let t = Team create { rate: 2 }
Inv create { n: 3, s: "ab", flag: true, day: "2022-05-01", kind: large, meta: { a: { b: 5 }, l: [7] }, book: book, team: t, lines: [{ q: 1 }, { q: 4 }], card: { code: "x" } }
Inv create { n: -1, flag: false, kind: small, book: book }
let five = (5)
let ids = [1, 3]
let every = Team findAll
"#;

/// An expression, and what it is for the two rows.
const FORMS: &[(&str, [&str; 2])] = &[
    ("5", ["5", "5"]),
    ("1.5", ["1.5", "1.5"]),
    (r#""x""#, ["x", "x"]),
    ("true", ["1", "1"]),
    ("n", ["3", "-1"]),
    ("s", ["ab", "null"]),
    ("twice", ["6", "-2"]),
    ("team", ["1", "null"]),
    ("team.rate", ["2", "null"]),
    ("card.code", ["x", "null"]),
    ("meta.a.b", ["5", "null"]),
    ("meta.l[0]", ["7", "null"]),
    ("five", ["5", "5"]),
    ("t.rate", ["2", "2"]),
    ("every[0].rate", ["2", "2"]),
    ("sql`n + 1`", ["4", "0"]),
    ("-n", ["-3", "1"]),
    ("n * 2 + team.rate", ["8", "null"]),
    (r#"s || "!""#, ["ab!", "null"]),
    ("not flag", ["0", "1"]),
    ("n > 0 and flag", ["1", "0"]),
    ("n > 5 or team.rate = 2", ["1", "null"]),
    ("n = 3", ["1", "0"]),
    ("n != 3", ["0", "1"]),
    (r#"s like "a%""#, ["1", "null"]),
    (r#"s startsWith "a""#, ["1", "null"]),
    (r#"s matches "^a""#, ["1", "null"]),
    ("s is null", ["0", "1"]),
    ("team.rate is not null", ["1", "0"]),
    ("n between 1 and 4", ["1", "0"]),
    ("n in [3, 9]", ["1", "0"]),
    ("n in ids", ["1", "0"]),
    ("n not in sql`(SELECT 3)`", ["0", "1"]),
    ("team = t", ["1", "null"]),
    ("teamId in every", ["1", "null"]),
    ("t is null", ["0", "0"]),
    ("kind = large", ["1", "0"]),
    (r#"day > "2022-01-01""#, ["1", "null"]),
    (r#"now() > "2000-01-01""#, ["1", "1"]),
    (r#"coalesce(s, "-")"#, ["ab", "-"]),
    ("length(s)", ["2", "null"]),
    ("cast(n as STRING)", ["3", "-1"]),
    ("case when n > 0 then 1 else 2 end", ["1", "2"]),
    ("case team when t then 1 else 2 end", ["1", "2"]),
    ("any lines (q > 3)", ["1", "0"]),
    ("all lines (q > 3)", ["0", "1"]),
    ("none lines (q > 3)", ["0", "1"]),
    ("any lines (inv.n = 3 and q = 1)", ["1", "0"]),
    ("count(lines)", ["2", "0"]),
    ("count(lines) * 10 + n", ["23", "-1"]),
    // What is wrong everywhere.
    ("lines.q", ["", ""]),
    ("lines", ["", ""]),
    ("t", ["", ""]),
    ("every", ["", ""]),
    ("t + 1", ["", ""]),
    ("nothing", ["", ""]),
    ("meta.a.b.nothing.q = lines", ["", ""]),
    ("n[0]", ["", ""]),
    ("[1, 2]", ["", ""]),
    ("{ a: 1 }", ["", ""]),
];

/// What a place shows of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// Its value for each row, as `x`.
    Values,
    /// The same, added to 0 (or taken away).
    Added(bool),
    /// The value of an expression that is the same for all rows.
    Value,
    /// The ids of the rows for which the condition holds.
    Ids,
    /// The ids of those for which it doesn't.
    OtherIds,
    /// How many rows it holds for.
    Count,
    /// The ids, those with the largest value first.
    Order,
    /// The same of the first row of each value.
    Groups,
    /// Whether it holds for a row.
    Any,
    /// That it holds for the first row: a row for which it doesn't is refused.
    Checked,
    /// Nothing but that it works.
    Works,
}

/// Places of sentences: `{e}` is the expression in brackets, `{c}` a condition, that it is what it is for the first row.
const SENTENCES: &[(&str, &str, Shows)] = &[
    ("attributes", "Inv findAll < attributes: [{e} as x], order: [id] >", Shows::Values),
    ("where", "Inv findAll < attributes: [id], where: {c}, order: [id] >", Shows::Ids),
    ("order", "Inv findAll < attributes: [id], order: [{e} desc, id] >", Shows::Order),
    (
        "group",
        "Inv findAll < attributes: [{e} as y, min(id) as id], group: [{e}], order: [{e} desc, min(id)] >",
        Shows::Groups,
    ),
    (
        "having",
        "Inv findAll < attributes: [id], group: [id], having: {c}, order: [id] >",
        Shows::Ids,
    ),
    (
        "update",
        "Inv update { out: {e} } < all >\nInv findAll < attributes: [out as x], order: [id] >",
        Shows::Values,
    ),
    (
        "update of a variable",
        "let a = Inv findByPk 1\nlet b = Inv findByPk 2\na update { out: {e} }\nb update { out: {e} }\nInv findAll < attributes: [out as x], order: [id] >",
        Shows::Values,
    ),
    (
        "update of a document",
        "Inv update { \"doc.x\": {e} } < all >\nInv findAll < attributes: [doc.x as x], order: [id] >",
        Shows::Values,
    ),
    (
        "increment",
        "Inv increment { sum: {e} } < all >\nInv findAll < attributes: [sum as x], order: [id] >",
        Shows::Added(false),
    ),
    (
        "decrement",
        "Inv decrement { sum: {e} } < all >\nInv findAll < attributes: [sum as x], order: [id] >",
        Shows::Added(true),
    ),
    (
        "increment of a variable",
        "let a = Inv findByPk 1\nlet b = Inv findByPk 2\na increment { sum: {e} }\nb increment { sum: {e} }\nInv findAll < attributes: [sum as x], order: [id] >",
        Shows::Added(false),
    ),
    (
        "where of an update",
        "Inv update { out: 1 } < where: {c} >\nInv findAll < attributes: [id], where: (out = 1), order: [id] >",
        Shows::Ids,
    ),
    (
        "where of an increment",
        "Inv increment { sum: 1 } < where: {c} >\nInv findAll < attributes: [id], where: (sum = 1), order: [id] >",
        Shows::Ids,
    ),
    (
        "where of a destroy",
        "Inv destroy < where: {c} >\nInv findAll < attributes: [id], order: [id] >",
        Shows::OtherIds,
    ),
    ("count", "Inv count < where: {c} >", Shows::Count),
    ("max", "Inv max {e} < group: [id] >", Shows::Values),
    (
        "include's attributes",
        "Book findOne < include: [entries < attributes: [{e} as x], order: [id] >] >",
        Shows::Values,
    ),
    (
        "include's where",
        "Book findOne < include: [entries < attributes: [id], where: {c}, required: false, order: [id] >] >",
        Shows::Ids,
    ),
    (
        "include's order",
        "Book findOne < include: [entries < attributes: [id], order: [{e} desc, id] >] >",
        Shows::Order,
    ),
    ("any", "Book count < where: (any entries {c}) >", Shows::Any),
    ("get", "book getEntries < attributes: [id], where: {c}, order: [id] >", Shows::Ids),
    ("print", "print {e}", Shows::Value),
    ("let", "let z = {e}\nprint z", Shows::Value),
    ("assert", "assert {c}", Shows::Works),
    ("create", "Inv create { out: {e} }\nInv max out < where: (id > 2) >", Shows::Value),
    ("bulkCreate", "Inv bulkCreate [{ out: {e} }]\nInv max out < where: (id > 2) >", Shows::Value),
    ("upsert", "Inv upsert { id: 1, out: {e} }\nInv max out < where: (id = 1) >", Shows::Value),
    (
        "defaults",
        "Inv findOrCreate { n: 77 } < defaults: { out: {e} } >\nInv max out < where: (id > 2) >",
        Shows::Value,
    ),
    ("limit", "Inv findAll < limit: {e} >", Shows::Works),
];

/// Places of the schema.
const DECLARATIONS: &[(&str, &str, &str, &str, Shows)] = &[
    (
        "get",
        ", x: VIRTUAL < get: {e} >",
        "",
        "Inv findAll < attributes: [x], order: [id] >",
        Shows::Values,
    ),
    (
        "generated",
        ", x: sql`BLOB` < generated: {e} >",
        "",
        "Inv findAll < attributes: [x], order: [id] >",
        Shows::Values,
    ),
    (
        "default",
        ", x: sql`BLOB` < defaultValue: {e} >",
        "",
        "Inv findAll < attributes: [x], order: [id] >",
        Shows::Values,
    ),
    ("check", "", "check {c}", "Inv count", Shows::Checked),
    ("an attribute's check", ", x: INTEGER < check: {c} >", "", "Inv count", Shows::Checked),
    (
        "index",
        "",
        "index ({e})",
        "Inv findAll < attributes: [{e} as x], order: [id] >",
        Shows::Values,
    ),
    (
        "index's where",
        "",
        "index (n) < where: {c} >",
        "Inv findAll < attributes: [id], where: {c}, order: [id] >",
        Shows::Ids,
    ),
    ("using", ", x: sql`BLOB` < using: {e} >", "", "Inv count", Shows::Works),
    (
        "scope",
        "",
        "scope chosen < where: {c} >",
        "Inv.chosen findAll < attributes: [id], order: [id] >",
        Shows::Ids,
    ),
    ("view", "", "", "V findAll < attributes: [x], order: [id] >", Shows::Values),
];

/// Which pairs work (`+`), which are refused (`-`), and which raw SQL the database refuses (`x`): places of the schema behind the
/// bar.
const TABLE: &str = r#"++--++++++++++++++-+++++++++-|+++++-++++ 5
++--++++++++++++++-+++++++++-|+++++-++++ 1.5
++--++++---+++++++-+++++++++-|++++--++++ "x"
++--++++---+++++++-+++++++++-|+++++-++++ true
+++++++++++++++++++++--------|++-+++++++ n
+++++++++++++++++++++--------|++-+++++++ s
+++++++++++++++++++++--------|--------++ twice
+++++++++++++++++++++--------|--------++ team
+++++++++++++++++++++--------|--------++ team.rate
+++++++++++++++++++++--------|--------++ card.code
+++++++++++++++++++++--------|++-+++++++ meta.a.b
+++++++++++++++++++++--------|++-+++++++ meta.l[0]
++--++++++++++++++-+++++++++-|---------- five
++--++++++++++++++-+++++++++-|---------- t.rate
++--++++++++++++++-+++++++++-|---------- every[0].rate
+++++++++++++++++++++xxxxx+x-|++x+++++++ sql`n + 1`
+++++++++++++++++++++--------|++-+++++++ -n
+++++++++++++++++++++--------|--------++ n * 2 + team.rate
+++++++++++++++++++++--------|++-+++++++ s || "!"
+++++++++++++++++++++--------|++-+++++++ not flag
+++++++++++++++++++++--------|++-+++++++ n > 0 and flag
+++++++++++++++++++++--------|--------++ n > 5 or team.rate = 2
+++++++++++++++++++++--------|++-+++++++ n = 3
+++++++++++++++++++++--------|++-+++++++ n != 3
+++++++++++++++++++++--------|++-+++++++ s like "a%"
+++++++++++++++++++++--------|++-+++++++ s startsWith "a"
+++++++++++++++++++++--------|--------+- s matches "^a"
+++++++++++++++++++++--------|++-+++++++ s is null
+++++++++++++++++++++--------|--------++ team.rate is not null
+++++++++++++++++++++--------|++-+++++++ n between 1 and 4
+++++++++++++++++++++--------|++-+++++++ n in [3, 9]
+++++++++++++++++++++--------|---------- n in ids
+++++++++++++++++++++--------|+x-xxxx+++ n not in sql`(SELECT 3)`
+++++++++++++++++++++--------|---------- team = t
+++++++++++++++++++++--------|---------- teamId in every
++--++++++++++++++-+++++++++-|---------- t is null
+++++++++++++++++++++--------|++-+++++++ kind = large
+++++++++++++++++++++--------|++-+++++++ day > "2022-01-01"
++++++++++++++++++++++++++++-|+-+----+++ now() > "2000-01-01"
+++++++++++++++++++++--------|++-+++++++ coalesce(s, "-")
+++++++++++++++++++++--------|++-+++++++ length(s)
+++++++++++++++++++++--------|++-+++++++ cast(n as STRING)
+++++++++++++++++++++--------|++-+++++++ case when n > 0 then 1 else 2 end
+++++++++++++++++++++--------|---------- case team when t then 1 else 2 end
+++++++++++++++++++++--------|--------++ any lines (q > 3)
+++++++++++++++++++++--------|--------++ all lines (q > 3)
+++++++++++++++++++++--------|--------++ none lines (q > 3)
+++++++++++++++++++++--------|--------++ any lines (inv.n = 3 and q = 1)
+++++++++++++++++++++--------|--------++ count(lines)
+++++++++++++++++++++--------|--------++ count(lines) * 10 + n
--+---------------+----------|---------- lines.q
-----------------------------|---------- lines
---------------------++------|---------- t
---------------------++------|---------- every
-----------------------------|---------- t + 1
-----------------------------|---------- nothing
-----------------------------|---------- meta.a.b.nothing.q = lines
-----------------------------|---------- n[0]
---------------------++------|---------- [1, 2]
-----------------------------|---------- { a: 1 }
"#;

/// Everything that a run yields.
#[derive(Default)]
struct Heard(Vec<Yield>);

impl Sink for Heard {
    fn outcome(&mut self, outcome: Outcome) {
        self.0.push(outcome.result);
    }

    fn warning(&mut self, _: Problem) {}
}

fn session() -> Session<Sqlite> {
    Session::new(Sqlite::in_memory().unwrap())
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(it) => i64::from(*it).to_string(),
        Value::Integer(it) => it.to_string(),
        Value::Float(it) => it.to_string(),
        Value::Decimal(it) | Value::Text(it) | Value::Date(it) => it.to_string(),
        Value::Json(it) => match it.as_str() {
            "true" => "1".to_owned(),
            "false" => "0".to_owned(),
            it => it.trim_matches('"').to_owned(),
        },
        Value::Blob(it) => format!("{it:?}"),
    }
}

/// The last member of each row.
fn last_members(rows: &[Record]) -> Vec<String> {
    let members = rows.iter().map(|it| it.members().last());
    let values = members.map(|it| match it {
        Some((_, Item::Value(value))) => text(value),
        other => format!("{other:?}"),
    });
    values.collect()
}

/// What came last, as texts.
fn answer(yields: &[Yield]) -> Vec<String> {
    match yields.last() {
        Some(Yield::Rows(rows)) => last_members(rows),
        Some(Yield::Row(Some(row))) => match row.get("entries") {
            Some(Item::List(rows)) => last_members(rows),
            other => vec![format!("{other:?}")],
        },
        Some(Yield::Value(value)) => vec![text(value)],
        other => vec![format!("{other:?}")],
    }
}

/// What has to come.
fn expected(shows: Shows, values: [&str; 2]) -> Option<Vec<String>> {
    let holds = values.map(|it| it == values[0]);
    let ids = |wanted: bool| {
        let ids = ["1", "2"].into_iter().zip(holds);
        ids.filter(|it| it.1 == wanted).map(|it| it.0.to_owned()).collect()
    };
    let number = |it: &str| it.parse::<f64>().ok();
    Some(match shows {
        Shows::Values => values.map(str::to_owned).to_vec(),
        Shows::Added(down) => {
            let each = values.map(|it| match number(it) {
                Some(it) if down => Some((0.0 - it).to_string()),
                Some(it) => Some(it.to_string()),
                None if it == "null" => Some("null".to_owned()),
                // A text: SQLite's business.
                None => None,
            });
            each.into_iter().collect::<Option<_>>()?
        }
        Shows::Value => vec![values[0].to_owned()],
        Shows::Ids => ids(true),
        Shows::OtherIds => ids(false),
        Shows::Count => vec![ids(true).len().to_string()],
        Shows::Groups if values[0] == values[1] => vec!["1".to_owned()],
        Shows::Order | Shows::Groups => {
            let second = match (number(values[0]), number(values[1])) {
                (Some(first), Some(second)) => second > first,
                _ => values[0] == "null" || values[1] != "null" && values[1] > values[0],
            };
            let first = if second { ["2", "1"] } else { ["1", "2"] };
            first.map(str::to_owned).to_vec()
        }
        Shows::Any => vec!["1".to_owned()],
        Shows::Checked | Shows::Works => return None,
    })
}

/// The expression and the condition in a place.
fn filled(place: &str, form: &str, value: &str) -> String {
    let literal = match value {
        "null" => format!("(({form}) is null)"),
        value if value.parse::<f64>().is_ok() && !form.starts_with("cast") => {
            format!("(({form}) = {value})")
        }
        value => format!("(({form}) = \"{value}\")"),
    };
    place.replace("{e}", &format!("({form})")).replace("{c}", &literal)
}

#[derive(Debug)]
enum Came {
    Refused,
    Of(Vec<Yield>),
    Failed(String),
}

fn run(session: &mut Session<Sqlite>, script: &str) -> Came {
    let mut heard = Heard::default();
    match session.run("a.schema", script, &mut heard) {
        Ok(()) => Came::Of(heard.0),
        Err(Error::Refused(_)) => Came::Refused,
        Err(failure) => {
            Came::Failed(draw(session.sources(), &failure.problems(), Style::default()))
        }
    }
}

#[test]
fn an_expression_means_the_same_wherever_it_may_stand() {
    let mut table = String::new();
    let mut faults = String::new();
    for (form, values) in FORMS {
        let mut line = String::new();
        let mut base = session();
        let models = MODELS.replace("{attribute}", "").replace("{body}", "");
        assert!(matches!(run(&mut base, &(models + ROWS)), Came::Of(_)));
        for (place, sentence, shows) in SENTENCES {
            let sentences = filled(sentence, form, values[0]);
            let came = run(&mut base, &format!("transaction {{\n{sentences}\nrollback\n}}"));
            line.push(judged(&mut faults, (form, *values), place, *shows, came));
        }
        line.push('|');
        for (place, attribute, body, sentence, shows) in DECLARATIONS {
            let fill = |it: &str| filled(it, form, values[0]);
            let mut script = MODELS.replace("{attribute}", &fill(attribute));
            script = script.replace("{body}", &fill(body)) + ROWS;
            if *place == "view" {
                script += &fill("view V = Inv findAll < attributes: [id, {e} as x] >\n");
            }
            let came = run(&mut session(), &(script + &fill(sentence)));
            line.push(judged(&mut faults, (form, *values), place, *shows, came));
        }
        let _ = writeln!(table, "{line} {form}");
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(table == TABLE, "the table is now\n{table}");
}

fn allowed(place: &str, form: &str) -> bool {
    match form {
        "t" | "every" | "[1, 2]" => ["print", "let"].contains(&place),
        "lines.q" => place.contains("order"),
        _ => false,
    }
}

fn judged(
    faults: &mut String,
    (form, values): (&str, [&str; 2]),
    place: &str,
    shows: Shows,
    came: Came,
) -> char {
    let wrong = match came {
        Came::Refused => return '-',
        // Rows and lists may be shown and kept, and an order may lead through many rows.
        Came::Of(_) if values[0].is_empty() && allowed(place, form) => return '+',
        Came::Of(_) if values[0].is_empty() => "it is not refused".to_owned(),
        // Raw SQL is the database's: it says so itself.
        Came::Failed(report) if report.contains("E0610") && form.contains("sql`") => return 'x',
        // The second row is another one.
        Came::Failed(report) if shows == Shows::Checked => {
            if report.contains("E0604") && values[0] != values[1] && values[1] != "null" {
                return '+';
            }
            report
        }
        Came::Failed(report) => report,
        Came::Of(yields) => match expected(shows, values) {
            None => return '+',
            Some(expected) => {
                let found = answer(&yields);
                if found == expected {
                    return '+';
                }
                format!("{found:?} in place of {expected:?}")
            }
        },
    };
    let _ = writeln!(faults, "`{form}` in {place}: {wrong}");
    '!'
}
