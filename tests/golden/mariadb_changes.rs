//! Changes of structures on MariaDB, held against the same changes on SQLite: the recorded ones, and random ones with random rows, there and back.

use super::alike::{OPTIONS, compare, judge, known_differences, results};
use super::mariadb::{LIST, MariadbServer};
use libtest_mimic::Trial;
use relata::db::{Database, Mysql, Sqlite};
use relata::diagnostics::{Losses, Problem};
use relata::migrate;
use relata::run::Options;
use relata::session::{Error, Session};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// So many random changes are made, in so many tests.
const RANDOM: (u64, u64) = (200, 8);

/// The tests.
pub(crate) fn trials(root: &Path, server: &Arc<MariadbServer>, out: &mut Vec<Trial>) {
    let known = known_differences(root, LIST);
    let mut cases: Vec<_> = harness::files(&root.join("tests/migrations"))
        .into_iter()
        .filter_map(|it| {
            let folder = it.parent()?.to_owned();
            it.ends_with("after.schema").then_some(folder)
        })
        .collect();
    cases.sort();
    for case in cases {
        let name = format!("migrations/{}", case.file_name().unwrap().display());
        let (server, differs) = (Arc::clone(server), known.contains(&name));
        let run = move || {
            let text = |name: &str| fs::read_to_string(case.join(name)).unwrap_or_default();
            let change = Change { before: text("before.schema"), after: text("after.schema") };
            judge(LIST, server.with(|it| recorded(it, &change)), differs)
        };
        out.push(Trial::test(format!("mysql/{name}"), run));
    }
    let (all, tests) = RANDOM;
    for part in 0..tests {
        let server = Arc::clone(server);
        let run = move || {
            let each = all / tests;
            let seeds = part * each..(part + 1) * each;
            let failed: Vec<String> = seeds
                .filter_map(|seed| {
                    let change = random(seed);
                    let done = server.with(|it| there_and_back(it, &change));
                    done.err().map(|it| {
                        format!("seed {seed}: {it}\n{}\n----\n{}", change.before, change.after)
                    })
                })
                .collect();
            if failed.is_empty() { Ok(()) } else { Err(failed.join("\n\n").into()) }
        };
        out.push(Trial::test(format!("mysql/random changes, part {part}"), run));
    }
}

/// A script that makes a database with rows, and one that changes it.
struct Change {
    before: String,
    after: String,
}

/// A script without what it does.
fn declared(script: &str) -> String {
    let does = |line: &str| {
        ["sync", "let ", "a add"].iter().any(|it| line.starts_with(it))
            || line.contains(" create {")
            || line.contains(" sync <")
            || line.contains("bulkCreate")
    };
    script.split_inclusive('\n').filter(|it| !does(it)).collect()
}

/// The rows of all models of a script.
fn rows<D: Database>(database: D, script: &str) -> (D, Result<Vec<String>, String>) {
    let mut session = Session::new(database).with_options(OPTIONS);
    let models = script.lines().filter_map(|it| it.strip_prefix("model "));
    let names: Vec<_> = models.filter_map(|it| it.split([' ', '{']).next()).collect();
    let reads = names.iter().map(|it| format!("{it} findAll < order: [id] >\n"));
    let text = format!("{}{}", declared(script), reads.collect::<String>());
    let found = results(&mut session, &text);
    let found = found.and_then(|it| it.ok_or_else(|| "it isn't taken".to_owned()));
    (session.into_database(), found)
}

fn run<D: Database>(database: D, script: &str) -> (D, Result<Vec<String>, String>) {
    let mut session = Session::new(database).with_options(OPTIONS);
    let found = results(&mut session, script);
    let found = found.and_then(|it| it.ok_or_else(|| "it isn't taken".to_owned()));
    (session.into_database(), found)
}

fn same(
    what: &str,
    here: &impl std::fmt::Debug,
    there: &impl std::fmt::Debug,
) -> Result<(), String> {
    let (here, there) = (format!("{here:?}"), format!("{there:?}"));
    if here == there { Ok(()) } else { Err(format!("{what}: {there}, expected {here}")) }
}

fn compared(
    what: &str,
    here: &Result<Vec<String>, String>,
    there: &Result<Vec<String>, String>,
) -> Result<(), String> {
    match (here, there) {
        (Ok(here), Ok(there)) => compare(here, there).map_err(|it| format!("{what}: {it}")),
        (here, there) => same(what, here, there),
    }
}

fn recorded(database: Mysql, change: &Change) -> Result<(), String> {
    let here = Sqlite::in_memory().map_err(|it| it.message)?;
    let (here, a) = run(here, &change.before);
    let (there, b) = run(database, &change.before);
    compared("before", &a, &b)?;
    let (here, a) = run(here, &change.after);
    let (there, b) = run(there, &change.after);
    compared("after", &a, &b)?;
    let refused = b.iter().flatten().any(|it| it.contains("\"error\""));
    let script = if refused { &change.before } else { &change.after };
    let (_, a) = rows(here, script);
    let (there, b) = rows(there, script);
    // Each has a clock of its own.
    let clock = |found: Result<Vec<String>, String>| {
        let own = change.after.contains("CURRENT_TIMESTAMP");
        let end = |mut it: String| {
            let end = it.find(".000Z").filter(|_| own);
            if let Some((begin, end)) = end.and_then(|end| Some((end.checked_sub(19)?, end + 5))) {
                it.replace_range(begin..end, "then");
            }
            it
        };
        found.map(|it| it.into_iter().map(end).collect::<Vec<String>>())
    };
    compared("rows", &clock(a), &clock(b))?;
    if refused || !change.after.contains("sync < alter") {
        return Ok(());
    }
    let (_, again) = diff(there, &declared(&change.after), Losses::NONE);
    same("again", &Ok::<_, String>(Changes::new()), &again)
}

/// Objects that change, and the codes that each is refused by.
type Changes = BTreeMap<String, Vec<String>>;

fn codes(error: Error) -> String {
    let all = error.problems();
    let errors = all.iter().filter(|it| !it.is_warning());
    errors.map(Problem::code).collect::<Vec<_>>().join(" ")
}

fn with_script<D: Database, T>(
    database: D,
    (script, allow): (&str, Losses),
    work: impl FnOnce(&mut Session<D>) -> Result<T, Error>,
) -> (D, Result<T, String>) {
    let mut session = Session::new(database).with_options(Options { allow, ..OPTIONS });
    let done = session.declare("change.schema", script).map(drop).and_then(|()| work(&mut session));
    let told = |error: Error| {
        let text = error.to_string();
        let codes = codes(error);
        if codes.starts_with("E05") { codes } else { format!("{codes} {text}") }
    };
    let done = done.map_err(told);
    (session.into_database(), done)
}

fn diff<D: Database>(database: D, script: &str, allow: Losses) -> (D, Result<Changes, String>) {
    let (database, found) = with_script(database, (script, allow), Session::diff);
    let told = found.map(|found| {
        let mut changes = Changes::new();
        for change in found {
            let own = changes.entry(change.object.to_string()).or_default();
            own.extend(change.refused.iter().map(|it| it.loss().code().to_owned()));
            own.sort();
            own.dedup();
        }
        changes
    });
    (database, told)
}

/// A change is made as on SQLite, leaves nothing to do, and is undone.
fn there_and_back(database: Mysql, change: &Change) -> Result<(), String> {
    let here = Sqlite::in_memory().map_err(|it| it.message)?;
    let (here, a) = run(here, &change.before);
    let (there, b) = run(database, &change.before);
    compared("before", &a, &b)?;
    let (here, rows_before) = rows(here, &change.before);
    let none = Losses::NONE;
    let (here, a) = diff(here, &change.after, none);
    let (there, b) = diff(there, &change.after, none);
    // Which hazards there are is for both to say; in which code may differ.
    let refused = |it: &Result<Changes, String>| match it {
        Ok(it) => it.values().any(|it| !it.is_empty()),
        // There a part of it is carried out, to be undone.
        Err(code) => code == "E0505" || code == "E0506" || code == "E0502",
    };
    let failed = |it: &Result<Changes, String>| it.is_err() && !refused(it);
    same("refused", &(refused(&a), failed(&a)), &(refused(&b), failed(&b)))
        .map_err(|it| format!("{it}: {b:?}, expected {a:?}"))?;
    let (here, a) = with_script(here, (&change.after, none), |it| it.apply().map(|_| ()));
    let (there, b) = with_script(there, (&change.after, none), |it| it.apply().map(|_| ()));
    same("apply", &a.is_ok(), &b.is_ok()).map_err(|it| format!("{it}: {b:?}, expected {a:?}"))?;
    if b.is_err() {
        let (_, rows_then) = rows(there, &change.before);
        return compared("rows of what was refused", &rows_before, &rows_then);
    }
    let (there, again) = diff(there, &change.after, none);
    same("again", &Ok::<_, String>(Changes::new()), &again)?;
    let (mut here, a) = rows(here, &change.after);
    let (mut there, b) = rows(there, &change.after);
    compared("rows", &a, &b)?;
    let undone = |found: Result<Option<migrate::Undone>, relata::diagnostics::RunProblem>| {
        found.map(|it| it.is_some()).map_err(|it| {
            let text = it.to_string();
            let code = Problem::from(it).code();
            if code.starts_with("E05") { code.to_owned() } else { format!("{code} {text}") }
        })
    };
    let a = undone(migrate::rollback(&mut here, none, OPTIONS.now));
    let b = undone(migrate::rollback(&mut there, none, OPTIONS.now));
    same("rollback", &a, &b)?;
    if b == Ok(true) {
        let (_, rows_then) = rows(there, &change.before);
        compared("rows again", &rows_before, &rows_then)?;
    }
    Ok(())
}

/// Numbers of chance, the same for each seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn one_of<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

/// An attribute: its name, its type, its options.
#[derive(Clone)]
struct Attribute {
    name: String,
    data_type: &'static str,
    options: Vec<String>,
}

impl Attribute {
    fn value(&self, chance: &mut Chance) -> String {
        if self.options.iter().all(|it| it != "allowNull: false") && chance.once_in(4) {
            return "null".to_owned();
        }
        match self.data_type {
            "INTEGER" | "BIGINT" => format!("{}", chance.below(40)),
            "BOOLEAN" => chance.one_of(&["true", "false"]).to_owned(),
            "DECIMAL(8, 2)" => format!("{}.5", chance.below(90)),
            "DATE" => "\"2022-01-16T12:00:00Z\"".to_owned(),
            "DATEONLY" => "\"2022-01-16\"".to_owned(),
            "JSON" => format!("{{ n: {} }}", chance.below(9)),
            "ENUM(red, green, blue)" => {
                chance.one_of(&["\"red\"", "\"green\"", "\"blue\""]).to_owned()
            }
            "ENUM(red, green)" => chance.one_of(&["\"red\"", "\"green\""]).to_owned(),
            _ => format!("\"{}\"", chance.one_of(&["12", "007", "abc", "x", "abcdefgh", "it's"])),
        }
    }
}

const TYPES: [&str; 11] = [
    "INTEGER",
    "BIGINT",
    "STRING",
    "STRING(80)",
    "STRING(5)",
    "TEXT",
    "BOOLEAN",
    "DECIMAL(8, 2)",
    "DATE",
    "JSON",
    "ENUM(red, green, blue)",
];

fn attribute(name: &str, chance: &mut Chance) -> Attribute {
    let data_type = TYPES[usize::try_from(chance.below(TYPES.len() as u64)).unwrap()];
    let mut options = Vec::new();
    if chance.once_in(4) {
        options.push("allowNull: false".to_owned());
    }
    if chance.once_in(3) {
        let default = match data_type {
            "INTEGER" | "BIGINT" => Some("7"),
            "BOOLEAN" => Some("true"),
            "DECIMAL(8, 2)" => Some("1.5"),
            "STRING" | "STRING(80)" | "STRING(5)" | "TEXT" => Some("\"it's\""),
            "ENUM(red, green, blue)" => Some("\"red\""),
            _ => None,
        };
        options.extend(default.map(|it| format!("defaultValue: {it}")));
    }
    if chance.once_in(8) && !matches!(data_type, "TEXT" | "JSON") {
        options.push("unique".to_owned());
    }
    if chance.once_in(8) {
        options.push("comment: \"it's said\"".to_owned());
    }
    Attribute { name: name.to_owned(), data_type, options }
}

/// A model: its name, what it was called, its attributes, lines behind these.
#[derive(Clone)]
struct Model {
    name: String,
    was: Option<String>,
    attributes: Vec<Attribute>,
    lines: Vec<String>,
}

impl Model {
    fn written(&self, out: &mut String) {
        writeln!(out, "model {} {{", self.name).unwrap();
        for it in &self.attributes {
            let options = if it.options.is_empty() {
                String::new()
            } else {
                format!(" < {} >", it.options.join(", "))
            };
            writeln!(out, "  {}: {}{options}", it.name, it.data_type).unwrap();
        }
        for line in &self.lines {
            writeln!(out, "  {line}").unwrap();
        }
        let was = self.was.as_ref().map_or_else(String::new, |it| format!(", was: {it}"));
        writeln!(out, "}} < timestamps: false{was} >").unwrap();
    }
}

fn lines(model: &Model, chance: &mut Chance) -> Vec<String> {
    let plain = |it: &&Attribute| !matches!(it.data_type, "TEXT" | "JSON");
    let names: Vec<_> = model.attributes.iter().filter(plain).map(|it| it.name.as_str()).collect();
    let mut lines = Vec::new();
    if names.len() > 1 && chance.once_in(2) {
        lines.push(format!("index ({}, {})", names[0], names[1]));
    }
    let number = model.attributes.iter().find(|it| it.data_type == "INTEGER");
    if let Some(it) = number.filter(|_| chance.once_in(3)) {
        lines.push(format!("check ({} >= 0)", it.name));
    }
    if let Some(it) = number.filter(|_| chance.once_in(4)) {
        lines.push(format!("check ({} < 1000) < name: small_{} >", it.name, model.name));
    }
    lines
}

/// A random change.
fn random(seed: u64) -> Change {
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    for _ in 0..4 {
        chance.below(2);
    }
    let mut models = Vec::new();
    for name in ["Apple", "Bread"] {
        let count = 2 + chance.below(4);
        let attributes = (0..count).map(|it| attribute(&format!("c{it}"), &mut chance)).collect();
        let mut model = Model { name: name.to_owned(), was: None, attributes, lines: Vec::new() };
        model.lines = lines(&model, &mut chance);
        models.push(model);
    }
    let keys = ["", "Bread belongsTo Apple\n", "Bread belongsTo Apple < onDelete: cascade >\n"];
    let mut before = String::new();
    for it in &models {
        it.written(&mut before);
    }
    before.push_str(chance.one_of(&keys));
    before.push_str("sync\n");
    for model in &models {
        for id in 1..=chance.below(4) {
            let values: Vec<_> = model
                .attributes
                .iter()
                .map(|it| format!("{}: {}", it.name, it.value(&mut chance)))
                .collect();
            let values = values.join(", ");
            writeln!(before, "{} create {{ id: {id}, {values} }}", model.name).unwrap();
        }
    }
    let mut after = String::new();
    for model in &mut models {
        changed(model, &mut chance);
        model.written(&mut after);
    }
    let renamed = models[0].name.as_str();
    let key = chance.one_of(&keys).replace("Apple", renamed);
    let key = if models[1].name == "Bread" { key } else { key.replace("Bread", &models[1].name) };
    after.push_str(&key);
    Change { before, after }
}

/// A model changes in some respects.
fn changed(model: &mut Model, chance: &mut Chance) {
    let mut all = Vec::new();
    for mut it in std::mem::take(&mut model.attributes) {
        match chance.below(10) {
            0 => {
                // It goes.
                if chance.once_in(2) {
                    model.lines.push(format!("drop {}", it.name));
                }
                continue;
            }
            1 => {
                // Another type.
                // How a moment is kept as a text differs.
                let other = attribute(&it.name, chance);
                if it.data_type != "DATE" && other.data_type != "DATE" {
                    it = other;
                }
            }
            2 => it.options.retain(|it| it != "allowNull: false"),
            3 if !it.options.contains(&"allowNull: false".to_owned()) => {
                it.options.push("allowNull: false".to_owned());
            }
            4 => it.options.retain(|it| !it.starts_with("defaultValue")),
            5 => {
                it.options.push(format!("was: {}", it.name));
                it.name = format!("{}x", it.name);
            }
            6 if it.data_type == "ENUM(red, green, blue)" => {
                it.data_type = "ENUM(red, green)";
            }
            _ => {}
        }
        all.push(it);
    }
    model.attributes = all;
    if chance.once_in(2) {
        model.attributes.push(attribute("added", chance));
    }
    if model.attributes.is_empty() {
        model.attributes.push(attribute("only", chance));
    }
    let drops: Vec<_> = model.lines.iter().filter(|it| it.starts_with("drop ")).cloned().collect();
    if chance.once_in(2) || model.lines.len() > drops.len() {
        model.lines = lines(model, chance);
        model.lines.extend(drops);
    }
    if chance.once_in(6) {
        model.was = Some(model.name.clone());
        model.name = format!("New{}", model.name);
    }
}
