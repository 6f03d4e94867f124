//! Random names that change: columns and tables get others' names, go round, come and go, one script behind the other, with every `was` left
//! in it that is true. Whatever the names are, each value is where it belongs; a second time nothing is done, `diff` says what is done, and
//! nothing behind that; each change is rolled back to the letter, and made again.
//!
//! What a script says is followed here by what is meant: a column is the same one, whatever it is called.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail so")]

use arbtest::arbitrary::{Result, Unstructured};
use relata::db::Sqlite;
use relata::diagnostics::{Loss, Losses, Problem};
use relata::migrate::{self, Change};
use relata::run::{Options, Outcome, Yield};
use relata::session::Session;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Few names, so that they are taken again and again.
const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const TABLES: [&str; 4] = ["t", "u", "v", "w"];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Key,
    Text,
    /// It refers to a row of the table of this identity.
    Refers(usize),
}

#[derive(Debug, Clone)]
struct Named {
    id: usize,
    name: &'static str,
    was: Option<&'static str>,
}

#[derive(Debug, Clone)]
struct Column {
    named: Named,
    kind: Kind,
    index: bool,
}

#[derive(Debug, Clone)]
struct Table {
    named: Named,
    columns: Vec<Column>,
    drops: Vec<&'static str>,
}

#[derive(Debug, Clone, Default)]
struct Script {
    tables: Vec<Table>,
    drops: Vec<&'static str>,
    made: usize,
    /// What was said of names so far, of tables and, by their identity, of the columns of a table: the same, said again, is done.
    said: Vec<(usize, &'static str, &'static str)>,
}

/// Names that change, of `all`: some get free ones, or each other's. What has gone leaves its name to others.
fn rename(
    (all, of): (&mut [&mut Named], usize),
    names: &[&'static str],
    said: &mut Vec<(usize, &'static str, &'static str)>,
    u: &mut Unstructured<'_>,
) -> Result<()> {
    let before: Vec<Named> = all.iter().map(|it| (**it).clone()).collect();
    let mut moving = Vec::new();
    for at in 0..all.len() {
        if u.ratio(2, 5)? {
            moving.push(at);
        }
    }
    let stays =
        |name: &str| (0..before.len()).any(|at| before[at].name == name && !moving.contains(&at));
    let mut free: Vec<&'static str> = names.iter().copied().filter(|it| !stays(it)).collect();
    for &at in &moving {
        let name = free.remove(u.int_in_range(0..=free.len() - 1)?);
        let it = &mut *all[at];
        if name != before[at].name {
            it.was = Some(before[at].name);
            it.name = name;
        }
    }
    let again = moving.iter().any(|at| {
        let it = &all[*at];
        it.was.is_some_and(|was| said.contains(&(of, it.name, was)))
    });
    if again {
        for (it, was) in all.iter_mut().zip(before) {
            **it = was;
        }
        return Ok(());
    }
    let before: Vec<&'static str> = before.iter().map(|it| it.name).collect();
    forget(all, &before, &moving);
    said.extend(all.iter().filter_map(|it| Some((of, it.name, it.was?))));
    Ok(())
}

/// What isn't true any more is no longer said: that something was called what another thing is said to have been called.
fn forget(all: &mut [&mut Named], before: &[&'static str], moving: &[usize]) {
    let said: Vec<&'static str> = moving.iter().filter_map(|at| all[*at].was).collect();
    for (at, it) in all.iter_mut().enumerate() {
        if !moving.contains(&at) && it.was.is_some_and(|was| said.contains(&was)) {
            it.was = None;
        }
        // What came under a name that it keeps says nothing of another's.
        if it.was == Some(it.name) || before[at] == it.name && moving.contains(&at) {
            it.was = None;
        }
    }
}

impl Script {
    fn id(&mut self) -> usize {
        self.made += 1;
        self.made
    }

    fn column(
        &mut self,
        name: &'static str,
        kind: Kind,
        u: &mut Unstructured<'_>,
    ) -> Result<Column> {
        let index = kind != Kind::Key && u.ratio(1, 3)?;
        Ok(Column { named: Named { id: self.id(), name, was: None }, kind, index })
    }

    fn table(&mut self, name: &'static str, u: &mut Unstructured<'_>) -> Result<Table> {
        let mut columns = Vec::new();
        let width = u.int_in_range(2..=4)?;
        let mut free = NAMES.to_vec();
        for place in 0..=width {
            let name = free.remove(u.int_in_range(0..=free.len() - 1)?);
            let kind = match self.tables.first() {
                _ if place == 0 => Kind::Key,
                Some(first) if place == 1 => Kind::Refers(first.named.id),
                _ => Kind::Text,
            };
            columns.push(self.column(name, kind, u)?);
        }
        Ok(Table { named: Named { id: self.id(), name, was: None }, columns, drops: Vec::new() })
    }

    fn changed(&self, u: &mut Unstructured<'_>) -> Result<Self> {
        let mut new = self.clone();
        new.drops.clear();
        for at in 0..new.tables.len() {
            new.tables[at].drops.clear();
            let id = new.tables[at].named.id;
            let columns = &mut new.tables[at].columns;
            let mut gone = None;
            if columns.len() > 2 && u.ratio(1, 4)? {
                let place = u.int_in_range(1..=columns.len() - 1)?;
                gone = Some(columns.remove(place).named.name);
            }
            let mut names: Vec<&mut Named> = columns.iter_mut().map(|it| &mut it.named).collect();
            // A name that is given up in the same script isn't another's: which one is meant can't be told.
            let free: Vec<&'static str> =
                NAMES.into_iter().filter(|it| Some(*it) != gone).collect();
            rename((&mut names, id), &free, &mut new.said, u)?;
            if let Some(gone) = gone {
                for it in &mut new.tables[at].columns {
                    if it.named.was == Some(gone) {
                        it.named.was = None;
                    }
                }
                new.tables[at].drops.push(gone);
            }
            for name in free {
                let columns = &new.tables[at].columns;
                if columns.len() < 6
                    && columns.iter().all(|it| it.named.name != name)
                    && u.ratio(1, 4)?
                {
                    let mut column = new.column(name, Kind::Text, u)?;
                    // As one does who closes the circle without need.
                    let left = self.tables[at].columns.iter().find(|it| it.named.name == name);
                    let taker = left.and_then(|left| {
                        let mut now = new.tables[at].columns.iter();
                        now.find(|it| it.named.id == left.named.id).map(|it| it.named.name)
                    });
                    let was_there =
                        |it: &str| self.tables[at].columns.iter().any(|old| old.named.name == it);
                    let said = |it: &str| {
                        new.tables[at].columns.iter().any(|other| other.named.was == Some(it))
                    };
                    if let Some(taker) = taker
                        && !was_there(taker)
                        && !said(taker)
                        && u.ratio(1, 2)?
                    {
                        column.named.was = Some(taker);
                        new.said.push((id, name, taker));
                    }
                    new.tables[at].columns.push(column);
                }
            }
        }
        let mut names: Vec<&mut Named> = new.tables.iter_mut().map(|it| &mut it.named).collect();
        rename((&mut names, 0), &TABLES, &mut new.said, u)?;
        for name in TABLES {
            if new.tables.len() < 4
                && new.tables.iter().all(|it| it.named.name != name)
                && u.ratio(1, 5)?
            {
                let table = new.table(name, u)?;
                new.tables.push(table);
            }
        }
        Ok(new)
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let was = |it: &Named| it.was.map_or_else(String::new, |was| format!(", was: \"{was}\""));
        for table in &self.tables {
            let _ = writeln!(text, "model M{} {{", table.named.id);
            for it in &table.columns {
                let (name, was) = (it.named.name, was(&it.named));
                let _ = match it.kind {
                    Kind::Key => writeln!(text, "  {name}: INTEGER < primaryKey{was} >"),
                    Kind::Text => writeln!(text, "  {name}: TEXT < allowNull{was} >"),
                    Kind::Refers(_) => Ok(()),
                };
            }
            for it in table.columns.iter().filter(|it| it.index) {
                let _ = writeln!(text, "  index ({}) < name: by_{} >", it.named.name, it.named.id);
            }
            for it in &table.drops {
                let _ = writeln!(text, "  drop {it}");
            }
            let _ = writeln!(
                text,
                "}} < timestamps: false, tableName: {}{} >",
                table.named.name,
                was(&table.named)
            );
        }
        for table in &self.tables {
            for it in &table.columns {
                if let Kind::Refers(to) = it.kind {
                    let (name, was) = (it.named.name, was(&it.named));
                    let _ = writeln!(
                        text,
                        "M{} belongsTo M{to} < as: to_{}, foreignKey: {{ name: {name}{was} }}, onDelete: cascade >",
                        table.named.id, it.named.id
                    );
                }
            }
        }
        text
    }

    /// The values of each column that is known by its identity, by the keys of their rows.
    fn values(&self, connection: &Connection) -> BTreeMap<(usize, i64), Value> {
        let mut res = BTreeMap::new();
        for table in &self.tables {
            let key = table.columns.iter().find(|it| it.kind == Kind::Key).unwrap().named.name;
            for it in &table.columns {
                let sql = format!(
                    "SELECT \"{key}\", \"{}\" FROM \"{}\"",
                    it.named.name, table.named.name
                );
                for row in rows(connection, &sql) {
                    let Value::Integer(number) = row[0] else { unreachable!("{row:?}") };
                    res.insert((it.named.id, number), row[1].clone());
                }
            }
        }
        res
    }

    /// Two rows more in each table, each value one of its own.
    fn fill(&self, connection: &Connection, round: i64) {
        for table in &self.tables {
            for key in [10 * round + 1, 10 * round + 2] {
                let names: Vec<_> =
                    table.columns.iter().map(|it| format!("\"{}\"", it.named.name)).collect();
                let values = table.columns.iter().map(|it| match it.kind {
                    Kind::Key => key.to_string(),
                    Kind::Refers(_) => (10 * round + 1).to_string(),
                    Kind::Text => format!("'{} of {key}'", it.named.id),
                });
                let values: Vec<_> = values.collect();
                let sql = format!(
                    "INSERT INTO \"{}\" ({}) VALUES ({})",
                    table.named.name,
                    names.join(", "),
                    values.join(", ")
                );
                connection.execute(&sql, []).unwrap();
            }
        }
    }
}

fn rows(connection: &Connection, sql: &str) -> Vec<Vec<Value>> {
    let mut statement = connection.prepare(sql).unwrap();
    let width = statement.column_count();
    let each = statement.query_map([], |row| (0..width).map(|it| row.get(it)).collect());
    each.unwrap().map(std::result::Result::unwrap).collect()
}

/// Statements and rows, Relata's own left out.
fn dump(connection: &Connection) -> Vec<String> {
    let own = "name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE '!_relata!_%' ESCAPE '!'";
    let objects = format!("SELECT type, name, sql FROM sqlite_schema WHERE {own} ORDER BY 1, 2");
    let mut found = rows(connection, &objects);
    for object in found.clone() {
        if let [Value::Text(kind), Value::Text(table), _] = object.as_slice()
            && kind == "table"
        {
            found.extend(rows(connection, &format!("SELECT * FROM \"{table}\" ORDER BY 1")));
        }
    }
    found.iter().map(|it| format!("{it:?}")).collect()
}

fn options() -> Options {
    Options {
        allow: Losses::of([Loss::Conversion]),
        now: Some(1_642_334_400_000),
        ..Options::default()
    }
}

/// What a script would change.
fn told(path: &Path, script: &str) -> Vec<String> {
    let mut session = Session::new(Sqlite::read_only(path).unwrap()).with_options(options());
    session.run("a.schema", script, &mut Vec::new()).unwrap();
    let changes = session.diff().map_err(relata::Error::problems).unwrap();
    let refused: Vec<_> = changes.iter().flat_map(|it| &it.refused).collect();
    assert!(refused.is_empty(), "{refused:?}\n{script}");
    changes.iter().flat_map(Change::statements).map(str::to_owned).collect()
}

/// What a script has changed.
fn alter(path: &Path, script: &str) -> Vec<String> {
    let (ran, problems) = try_to_alter(path, script);
    assert!(problems.is_empty(), "{problems:?}\n{script}");
    ran
}

fn try_to_alter(path: &Path, script: &str) -> (Vec<String>, Vec<Problem>) {
    let mut session = Session::new(Sqlite::open(path).unwrap()).with_options(options());
    let mut outcomes = Vec::new();
    let done = session.run("a.schema", script, &mut outcomes);
    let problems = done.err().map_or_else(Vec::new, relata::Error::problems);
    let ddl = |it: Outcome| match it.result {
        Yield::Ddl(statements) => statements,
        _ => Vec::new(),
    };
    (outcomes.into_iter().flat_map(ddl).collect(), problems)
}

/// Each value is where it belongs.
fn survived(
    connection: &Connection,
    script: &Script,
    were: &BTreeMap<(usize, i64), Value>,
    story: &str,
) {
    let are = script.values(connection);
    for (at, value) in &are {
        let was = were.get(at).unwrap_or(&Value::Null);
        assert_eq!(value, was, "column {} of row {}\n{story}", at.0, at.1);
    }
    let there =
        |id: usize| script.tables.iter().flat_map(|it| &it.columns).any(|it| it.named.id == id);
    for at in were.keys().filter(|at| there(at.0)) {
        assert!(are.contains_key(at), "{at:?} is gone\n{story}");
    }
}

fn check(u: &mut Unstructured<'_>, changes: &mut usize) -> Result<()> {
    let mut script = Script::default();
    for name in &TABLES[..u.int_in_range(1..=3)?] {
        let table = script.table(name, u)?;
        script.tables.push(table);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut story = script.text();
    alter(&path, &format!("{story}sync\n"));
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("PRAGMA foreign_keys = ON").unwrap();
    for round in 0..4 {
        script.fill(&connection, round);
        let (before, were) = (dump(&connection), script.values(&connection));
        let new = script.changed(u)?;
        let text = new.text();
        let _ = write!(story, "--- {round}\n{text}");
        let altering = format!("{text}sync < alter >\n");
        // Perhaps one table first, whichever it is; it may refer to a key that isn't there yet.
        let mut alone = None;
        if u.ratio(1, 4)? {
            let table = u.choose(&new.tables)?.named.id;
            let _ = writeln!(story, "--- M{table} first");
            let (ran, problems) = try_to_alter(&path, &format!("{text}M{table} sync < alter >\n"));
            assert!(problems.iter().all(|it| it.code() == "E0507"), "{problems:?}\n{story}");
            alone = Some(ran);
        }
        let would = told(&path, &text);
        let ran = alter(&path, &altering);
        assert_eq!(would, ran, "{story}");
        survived(&connection, &new, &were, &story);
        let (again, third) = (told(&path, &text), alter(&path, &altering));
        assert!(again.is_empty() && third.is_empty(), "{again:#?} {third:#?}\n{story}");
        *changes += ran.len();
        let first = alone.is_some_and(|it| !it.is_empty());
        if !first && !ran.is_empty() {
            let after = dump(&connection);
            let undone = migrate::rollback(&mut Sqlite::open(&path).unwrap(), Losses::NONE, None);
            assert!(matches!(undone, Ok(Some(_))), "{undone:?}\n{story}");
            assert_eq!(dump(&connection), before, "{story}");
            // What a rollback has created again may stand in another order.
            let sorted = |mut all: Vec<String>| {
                all.sort();
                all
            };
            assert_eq!(sorted(alter(&path, &altering)), sorted(ran), "{story}");
            assert_eq!(dump(&connection), after, "{story}");
        }
        script = new;
    }
    Ok(())
}

/// So many stories are told, the same ones every time.
const COUNT: u64 = 150;

/// So many bytes of chance a story has.
const SIZE: u64 = 6_000;

#[test]
fn values_are_where_their_names_are() {
    let mut changes = 0;
    for number in 1..=COUNT {
        let random = u64::wrapping_mul(number, 0x9E37_79B9) & 0xFFFF_FFFF;
        arbtest::arbtest(|u| check(u, &mut changes)).seed(random << 32 | SIZE);
    }
    assert!(changes > 500, "{changes}");
}
