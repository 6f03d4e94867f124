//! What a thing is called, and in which order things are declared, changes no answer.

use relata::db::Sqlite;
use relata::diagnostics::Problem;
use relata::record::{Item, Record};
use relata::report::{Style, draw};
use relata::run::{Outcome, Sink, Yield};
use relata::session::Session;
use std::fmt::Write as _;

/// What is declared; `@key` is what the key of `Country` is called, `@1` and so on are places for options.
const DECLARATIONS: [&str; 9] = [
    "model Country { @key: STRING < primaryKey@field >, name: STRING@1 }@2",
    "model City { nr: INTEGER < primaryKey, autoIncrement >, name: STRING@1, people: INTEGER@1, twin: STRING < references: { model: Country, key: @key }@field > }@2",
    "model Guide { nr: INTEGER < primaryKey, autoIncrement >, text: STRING@1 }@2",
    "model Visit { stars: INTEGER@1 }@2",
    "City belongsTo Country < as: country, foreignKey: countryCode >",
    "Country hasMany City < as: cities, foreignKey: countryCode >",
    "Country hasOne Guide < as: guide, foreignKey: countryCode >",
    "Guide belongsTo Country < as: country, foreignKey: countryCode >",
    "City belongsToMany Guide < as: guides, through: Visit, foreignKey: cityId, otherKey: guideId >",
];

const SENTENCES: &str = r#"
sync
let it = Country create { @key: "IT", name: "Italy", cities: [{ name: "Rome", people: 3 }, { name: "Bari", people: 1 }], guide: { text: "go" } }
let fr = Country create { @key: "FR", name: "France" }
City bulkCreate [{ name: "Nowhere" }, { name: "Nice", people: 2, countryCode: fr, twin: it }]
let every = Country findAll < order: [name] >
let rome = City findOne < where: (name = "Rome") >
let go = Guide findOne
rome addGuide go < through: { stars: 5 } >
print every
print (rome.country = it and rome.countryCode = it and rome.country.name = "Italy")
print (it in every and rome in [rome])
City findAll < where: (country = it), order: [name] >
City findAll < where: (countryCode != it), order: [name] >
City findAll < where: (country in every and twin = it), order: [name] >
City findAll < where: (country not in [it, fr] or country is null), order: [name] >
City findAll < where: (country.name like "I%" and country.guide.text = "go"), order: [country.name, people desc] >
City findAll < include: [country < include: [guide] >, guides], order: [country.name desc nulls last, name] >
Country findAll < where: (any cities (country = it and people > 1)), include: [cities < order: [people] >] >
Country findAll < where: (@key in every and count(cities) > 0), attributes: [@key as mark, count(cities) as n], order: [n desc, name] >
Guide count < where: (country = it) >
Visit findAll < where: (guideId = go and cityId = rome), attributes: [stars] >
Country findByPk it < include: [cities < order: [name] >] >
Country findByPk "FR"
it countCities
it getCities < where: (people > 1) >
rome setCountry fr
City update { twin: it } < where: (country = fr) >
City update { people: (coalesce(people, 0) + count(guides)), twin: (case country when fr then "IT" else null end) } < all >
City increment { people: (length(country.name)) } < where: (country in every) >
it hasCities rome
it addCity rome
City findAll < order: [name] >
City destroy < where: (country = fr) >
City count < where: (country = it) >
Country upsert { @key: "FR", name: "La France" }
Country findOrCreate { @key: "DE" } < defaults: { name: "Germany" } >
City max people < group: [countryCode] >
Country findAll < order: [name] >
"#;

/// The answers, and what the key is called.
struct Heard(String, &'static str);

impl Sink for Heard {
    fn outcome(&mut self, outcome: Outcome) {
        let _ = match outcome.result {
            Yield::Ddl(_) => writeln!(self.0, "{}", outcome.verb),
            Yield::Row(Some(it)) => writeln!(self.0, "{} {}", outcome.verb, row(self.1, &it)),
            Yield::Rows(it) => writeln!(self.0, "{} {}", outcome.verb, rows(self.1, &it)),
            Yield::Pair(it, made) => {
                writeln!(self.0, "{} {} {made}", outcome.verb, row(self.1, &it))
            }
            other => writeln!(self.0, "{} {other:?}", outcome.verb),
        };
    }

    fn warning(&mut self, _: Problem) {}
}

/// A row, its members in the order of their names: that of columns is the declarations'.
fn row(key: &str, record: &Record) -> String {
    let members = record.members().map(|(name, item)| {
        let item = match item {
            Item::Value(value) => format!("{value:?}"),
            Item::Record(it) => row(key, it),
            Item::List(it) => rows(key, it),
        };
        let name = if *name == key { "KEY" } else { name };
        format!("{name}: {item}")
    });
    let mut members: Vec<_> = members.collect();
    members.sort();
    format!("{{ {} }}", members.join(", "))
}

fn rows(key: &str, all: &[Record]) -> String {
    let all: Vec<_> = all.iter().map(|it| row(key, it)).collect();
    format!("[{}]", all.join(", "))
}

/// One way to call and order things.
#[derive(Debug, Clone, Copy)]
struct Way {
    key: &'static str,
    /// Options of attributes: a column of another name.
    columns: bool,
    /// Options of models: a table of another name.
    tables: bool,
    /// Where the declarations begin, and which way they go.
    order: (usize, bool),
    /// Whether sentences stand before the declarations.
    last: bool,
}

fn script(way: Way) -> String {
    let mut number = 0;
    let mut declared: Vec<String> = (DECLARATIONS.iter())
        .map(|it| {
            let mut text = String::new();
            let mut pieces = it.split('@');
            text.push_str(pieces.next().unwrap());
            for piece in pieces {
                number += 1;
                let (what, rest) = match piece.strip_prefix("key") {
                    Some(rest) => (way.key.to_owned(), rest),
                    None => match (piece.strip_prefix("field"), piece.split_at(1)) {
                        (Some(rest), _) if way.columns => {
                            (format!(", field: column_{number}"), rest)
                        }
                        (None, ("1", rest)) if way.columns => {
                            (format!(" < field: column_{number} >"), rest)
                        }
                        (None, ("2", rest)) if way.tables => {
                            (format!(" < tableName: table_{number} >"), rest)
                        }
                        (Some(rest), _) | (None, (_, rest)) => (String::new(), rest),
                    },
                };
                text.push_str(&what);
                text.push_str(rest);
            }
            text
        })
        .collect();
    declared.rotate_left(way.order.0);
    if way.order.1 {
        declared.reverse();
    }
    let declared = declared.join("\n");
    let sentences = SENTENCES.replace("@key", way.key);
    let defaults = "defaults < timestamps: false >\n";
    if way.last {
        format!("{defaults}{sentences}{declared}\n")
    } else {
        format!("{defaults}{declared}\n{sentences}")
    }
}

fn answers(way: Way) -> String {
    let script = script(way);
    let mut session = Session::new(Sqlite::in_memory().unwrap());
    let mut heard = Heard(String::new(), way.key.trim_matches('`'));
    if let Err(failure) = session.run("a.schema", &script, &mut heard) {
        let report = draw(session.sources(), &failure.problems(), Style::default());
        panic!("{way:?}\n{report}\n{script}");
    }
    heard.0
}

#[test]
fn names_and_the_order_of_declarations_change_no_answer() {
    let first = Way { key: "code", columns: false, tables: false, order: (0, false), last: false };
    let expected = answers(first);
    assert!(expected.lines().count() > 30, "{expected}");
    for key in ["code", "id", "name_of_it", "`the key`", "ID", "rowid"] {
        for (columns, tables) in [(false, false), (true, false), (false, true), (true, true)] {
            for order in [(0, false), (3, true), (5, false), (8, true)] {
                let way = Way { key, columns, tables, order, last: columns == order.1 };
                let found = answers(way);
                assert!(
                    found == expected,
                    "{way:?}\n{found}\nin place of\n{expected}\n{}",
                    script(way)
                );
            }
        }
    }
}
