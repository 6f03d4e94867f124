//! Many rows at once come to what they come to one by one: their numbers, their order, and which one is refused.

#![expect(clippy::unwrap_used, reason = "a test whose database fails may panic")]

use relata::db::{Database, Sqlite};
use relata::run::{Files, Outcome, Yield};
use relata::session::Session;
use std::fmt::Write as _;
use std::io::{Cursor, Read};

const MODEL: &str =
    "model User { name: STRING < unique >, age: INTEGER } < timestamps: false >\nsync\n";

/// One file, whatever its name.
struct File(String);

impl Files for File {
    fn open(&mut self, _: &str, _: &str) -> Result<Box<dyn Read>, String> {
        Ok(Box::new(Cursor::new(self.0.clone())))
    }
}

fn session(file: String) -> Session<Sqlite> {
    Session::new(Sqlite::in_memory().unwrap()).with_files(File(file))
}

/// What the sentences of a script yield, as JSON; of one that fails its code and message.
fn yields(session: &mut Session<Sqlite>, script: &str) -> Vec<String> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    // What fails is among the outcomes.
    let _ = session.run("a.schema", script, &mut outcomes);
    let told = outcomes.iter().filter_map(|it| match &it.result {
        Yield::Ddl(_) => None,
        Yield::Failed(problem) => Some(problem.to_string()),
        _ => Some(it.to_json()),
    });
    told.collect()
}

/// `{ name: "n0" }, ..` of the rows that `member` makes, in brackets.
fn rows(count: usize, member: impl Fn(usize) -> String) -> String {
    let mut text = String::from("[\n");
    for i in 0..count {
        let _ = writeln!(text, "{{ {} }},", member(i));
    }
    text + "]"
}

/// The numbers that the database has given, by the rows' ages.
#[track_caller]
fn numbered(session: &mut Session<Sqlite>, yielded: &str) {
    let rows = yielded.split_once("\"value\":").map(|(_, it)| it);
    let find = "User findAll < where: (age >= 0), order: age >";
    let found = yields(session, find);
    let found = found.first().and_then(|it| it.split_once("\"value\":"));
    assert_eq!(rows, found.map(|(_, it)| it));
}

#[test]
fn rows_are_yielded_with_the_numbers_that_they_have() {
    let plain = rows(300, |i| format!("name: \"n{i}\", age: {i}"));
    let keys = rows(300, |i| match i % 100 {
        7 => format!("id: {}, name: \"n{i}\", age: {i}", 1000 + i * 10),
        8 => format!("age: {i}"),
        _ => format!("name: \"n{i}\", age: {i}"),
    });
    for rows in [plain, keys] {
        let mut session = session(String::new());
        let found = yields(&mut session, &format!("{MODEL}User bulkCreate {rows}"));
        numbered(&mut session, found.first().unwrap());
    }
}

#[test]
fn a_trigger_may_take_numbers_of_its_own() {
    let mut session = session(String::new());
    yields(&mut session, MODEL);
    let trigger = "CREATE TRIGGER t AFTER INSERT ON Users WHEN new.age % 3 = 0 BEGIN INSERT INTO Users (age) VALUES (-1); END";
    session.database().execute(trigger, &[]).unwrap();
    let rows = rows(200, |i| format!("name: \"n{i}\", age: {i}"));
    let found = yields(&mut session, &format!("User bulkCreate {rows}"));
    numbered(&mut session, found.first().unwrap());
    let count = yields(&mut session, "User count");
    assert_eq!(count, [r#"{"line":1,"verb":"count","model":"User","value":267}"#]);
}

#[test]
fn rows_may_refer_to_each_other() {
    let model = "model Node { name: STRING } < timestamps: false >\nNode belongsTo Node < as: parent >\nsync\n";
    for (parent, fails) in [(1, false), (150, false), (151, true)] {
        let rows = rows(200, |i| match i {
            149 => format!("name: \"n{i}\", parentId: {}", i + parent - 99),
            _ => format!("name: \"n{i}\""),
        });
        let mut session = session(String::new());
        let found = yields(&mut session, &format!("{model}Node bulkCreate {rows}"));
        let said = found.first().unwrap();
        assert_eq!(said.starts_with("`Node.parentId` is 201"), fails, "{said}");
    }
}

#[test]
fn the_row_that_is_refused_is_named() {
    let rows = rows(300, |i| format!("name: \"n{}\", age: {i}", i % 170));
    let mut session = session(String::new());
    let script = format!("{MODEL}transaction {{\nUser bulkCreate {rows}\n}}");
    assert_eq!(yields(&mut session, &script), ["there is a row with `User.name` \"n0\" already"]);
    let count = yields(&mut session, "User count");
    assert_eq!(count, [r#"{"line":1,"verb":"count","model":"User","value":0}"#]);
}

/// What `load` says of a file of so many rows, some of them others than usual.
#[track_caller]
fn loads(rows: usize, others: &[(usize, &str)], expected: &str) {
    let mut text = String::from("name,age\n");
    for line in 2..rows + 2 {
        match others.iter().find(|(it, _)| *it == line) {
            Some((_, other)) => text.push_str(other),
            None => {
                let _ = write!(text, "n{line},{line}");
            }
        }
        text.push('\n');
    }
    let mut session = session(text);
    let found = yields(&mut session, &format!("{MODEL}User load \"a.csv\""));
    let count = yields(&mut session, "User count");
    let there = if found == [expected] && expected.starts_with('{') { rows } else { 0 };
    assert_eq!(found, [expected]);
    let count = count.first().map(String::as_str);
    let all = format!(r#"{{"line":1,"verb":"count","model":"User","value":{there}}}"#);
    assert_eq!(count, Some(all.as_str()));
}

#[test]
fn a_file_is_loaded_up_to_its_last_row_and_the_first_wrong_line_is_named() {
    let all =
        |count: usize| format!(r#"{{"line":3,"verb":"load","model":"User","value":{count}}}"#);
    for count in [0, 1, 35, 36, 37, 63, 64, 65, 72, 73, 200] {
        loads(count, &[], &all(count));
    }
    let twice =
        |line: usize| format!("a.csv:{line}: there is a row with `User.name` \"n9\" already");
    loads(200, &[(100, "n9,1")], &twice(100));
    let both = |one: &str, two: &str| format!("2 rows are refused\n{one}\n{two}");
    loads(200, &[(190, "n9,1"), (195, "n9,1")], &both(&twice(190), &twice(195)));
    let misfit = "a.csv:25: \"old\" does not fit `User.age`: not the written form of an integer";
    loads(200, &[(20, "n9,1"), (25, "x,old")], &both(&twice(20), misfit));
    loads(200, &[(25, "x,old"), (26, "n9,1")], &both(misfit, &twice(26)));
    loads(100, &[(50, "n9")], "a.csv:50: 1 fields, 2 expected");
    loads(
        100,
        &[(50, "n9"), (60, "x,y,z")],
        &both("a.csv:50: 1 fields, 2 expected", "a.csv:60: 3 fields, 2 expected"),
    );
}

#[test]
fn of_many_rows_that_are_refused_the_first_are_told_and_all_are_counted() {
    let others: Vec<(usize, &str)> = (2..70).map(|line| (line, "x,old")).collect();
    let mut session = session_with(&others);
    let found = yields(&mut session, &format!("{MODEL}User load \"a.csv\""));
    let [found] = found.as_slice() else { panic!("{found:?}") };
    let lines: Vec<_> = found.lines().collect();
    assert_eq!((lines.len(), lines[0]), (52, "68 rows are refused"));
    assert!(lines[50].starts_with("a.csv:51: "), "{}", lines[50]);
    assert_eq!(lines[51], "and 18 more");
}

/// A session that reads a file of 100 rows, some of them others than usual.
fn session_with(others: &[(usize, &str)]) -> Session<Sqlite> {
    let mut text = String::from("name,age\n");
    for line in 2..102 {
        match others.iter().find(|(it, _)| *it == line) {
            Some((_, other)) => text.push_str(other),
            None => {
                let _ = write!(text, "n{line},{line}");
            }
        }
        text.push('\n');
    }
    session(text)
}

#[test]
fn a_file_has_another_delimiter_lines_to_skip_and_rows_that_are_there_already() {
    let script = |file: &str, options: &str| {
        format!(
            "{MODEL}User create {{ name: \"a\", age: 1 }}\nUser load \"{file}\" < {options} >\nUser findAll < order: [name], attributes: [name, age] >"
        )
    };
    let csv = "# from elsewhere\n\nname;age\na;5\nb;6\n";
    for (options, count, age) in [
        ("delimiter: \";\", skip: 2, ignoreDuplicates", 1, 1),
        ("delimiter: \";\", skip: 2, updateOnDuplicate: [age], conflictFields: [name]", 2, 5),
    ] {
        let mut session = session(csv.to_owned());
        assert_eq!(
            yields(&mut session, &script("a.csv", options)).get(1..).unwrap(),
            [
                format!(r#"{{"line":4,"verb":"load","model":"User","value":{count}}}"#),
                format!(
                    r#"{{"line":5,"verb":"findAll","model":"User","value":[{{"name":"a","age":{age}}},{{"name":"b","age":6}}]}}"#
                ),
            ],
            "{options}"
        );
    }
}

#[test]
fn a_file_of_json_is_a_list_or_a_row_each_line() {
    let load = format!(
        "{MODEL}User load \"a.json\"\nUser findAll < order: [name], attributes: [name, age] >"
    );
    let rows = r#"{"line":4,"verb":"findAll","model":"User","value":[{"name":"a,]","age":1},{"name":"b","age":2}]}"#;
    for text in [
        "[{\"name\": \"a,]\", \"age\": 1},\n {\"name\": \"b\",\n  \"age\": 2}]\n",
        "{\"name\": \"a,]\", \"age\": 1}\n\n{\"name\": \"b\", \"age\": 2}",
    ] {
        let mut session = session(text.to_owned());
        assert_eq!(yields(&mut session, &load).last().map(String::as_str), Some(rows), "{text}");
    }
    let mut session = session("[{\"name\": \"a\"}, 5,\n{\"nam\": 1}, {\"name\": ]".to_owned());
    let found = yields(&mut session, &format!("{MODEL}User load \"a.json\""));
    let [found] = found.as_slice() else { panic!("{found:?}") };
    let lines: Vec<_> = found.lines().collect();
    assert_eq!(lines[0], "3 rows are refused");
    assert_eq!(lines[1], "a.json:1: it is no JSON object");
    assert_eq!(lines[2], "a.json:2: `User` has no attribute `nam`");
}

#[test]
fn a_file_is_loaded_where_the_database_computes_values() {
    let model = "model User { name: STRING, age: INTEGER < defaultValue: sql`(1 + 1)` > } < timestamps: false >\nsync\n";
    let mut session = session("name\na\nb\n".to_owned());
    let script = format!("{model}User load \"a.csv\"\nUser sum age");
    assert_eq!(
        yields(&mut session, &script),
        [
            r#"{"line":3,"verb":"load","model":"User","value":2}"#,
            r#"{"line":4,"verb":"sum","model":"User","value":4}"#,
        ]
    );
}
