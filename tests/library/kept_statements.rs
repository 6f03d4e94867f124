//! Statements that are kept at hand from one call, or one sentence, to the next: what they find and do is what new ones would.
#![expect(clippy::unwrap_used, reason = "a test may fail so")]

use relata::{
    Calls, Error, Limits, Options, Outcome, Params, Policy, Session, Sqlite, Value, Yield, params,
};
use rusqlite::Connection;
use std::time::Duration;

const USERS: &str = "model User { name: STRING < unique >, age: INTEGER } < timestamps: false >\n";

fn users() -> Session<Sqlite> {
    users_in(Sqlite::in_memory().unwrap())
}

fn users_in(database: Sqlite) -> Session<Sqlite> {
    let mut session = Session::new(database);
    let rows = "sync\nUser bulkCreate [{ name: 'Ann', age: 30 }, { name: 'Bea', age: 40 }]";
    session.run("users.schema", &format!("{USERS}{rows}"), &mut Vec::new()).unwrap();
    session
}

/// What the sentences yield, as a program sees it; the code of what fails.
fn told(done: Result<Vec<Outcome>, Error>) -> Vec<String> {
    match done {
        Ok(outcomes) => outcomes.iter().map(|it| yielded(&it.result)).collect(),
        Err(error) => error.problems().iter().map(|it| it.code().to_owned()).collect(),
    }
}

fn yielded(result: &Yield) -> String {
    match result {
        Yield::Row(Some(row)) => row.to_json(),
        Yield::Rows(rows) => rows.iter().map(relata::Row::to_json).collect::<Vec<_>>().join(","),
        other => format!("{other:?}"),
    }
}

fn found(calls: &mut Calls<'_>, key: i64) -> Vec<String> {
    told(calls.run(params! { key: key }))
}

#[test]
fn calls_do_what_single_runs_do() {
    let sentences: [(&str, &[Params]); 8] = [
        ("User findByPk key", &[params! { key: 1 }, params! { key: 7 }, params! { key: "2" }]),
        ("User findAll < where: (age > least), order: id >", &[params! { least: 30 }]),
        (
            "User create { name: who }\nUser count",
            &[params! { who: "Cid" }, params! { who: "Ann" }, params! { who: "Dan" }],
        ),
        (
            "User update { age: (age + 1) } < where: (name = who) >",
            &[params! { who: "Ann" }, params! { who: "nobody" }],
        ),
        ("User findOrCreate { name: who }", &[params! { who: "Eva" }, params! { who: "Eva" }]),
        ("transaction {\nUser create { name: who }\nassert (1 = 2)\n}", &[params! { who: "Fay" }]),
        ("User destroy < where: (name = who) >", &[params! { who: "Bea" }, params! { who: "Bea" }]),
        ("let all = User findAll < order: id >\nprint all[0].name", &[params! {}, params! {}]),
    ];
    let (mut one, mut other) = (users(), users());
    for (text, each) in sentences {
        let mut single = one.prepare(text).unwrap();
        let single: Vec<_> = each.iter().map(|it| told(single.run(&mut one, it.clone()))).collect();
        let mut many = other.prepare(text).unwrap();
        let mut calls = many.calls(&mut other).unwrap();
        let many: Vec<_> = each.iter().map(|it| told(calls.run(it.clone()))).collect();
        assert_eq!(many, single, "{text}");
    }
}

#[test]
fn another_connection_may_change_the_table_between_two_calls() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.db");
    let mut session = users_in(Sqlite::open(&path).unwrap());
    let other = Connection::open(&path).unwrap();
    let change = |sql: &str| other.execute_batch(sql).unwrap();
    let mut find = session.prepare("User findByPk key").unwrap();
    let mut calls = find.calls(&mut session).unwrap();
    let ann = r#"{"id":1,"name":"Ann","age":30}"#;
    assert_eq!(found(&mut calls, 1), [ann]);
    change("ALTER TABLE Users ADD COLUMN more TEXT DEFAULT 'x'");
    assert_eq!(found(&mut calls, 1), [ann]);
    // The columns stand in another order.
    change(
        "ALTER TABLE Users RENAME TO Old;
         CREATE TABLE Users (age INTEGER, name TEXT, id INTEGER PRIMARY KEY);
         INSERT INTO Users SELECT age + 1, name, id FROM Old",
    );
    assert_eq!(found(&mut calls, 1), [r#"{"id":1,"name":"Ann","age":31}"#]);
    // What the statement reads is gone, and comes back.
    change("ALTER TABLE Users RENAME COLUMN age TO years");
    assert_eq!(found(&mut calls, 1), ["E0610"]);
    change("ALTER TABLE Users RENAME COLUMN years TO age");
    assert_eq!(found(&mut calls, 2), [r#"{"id":2,"name":"Bea","age":41}"#]);
    change("DROP TABLE Users");
    assert_eq!(found(&mut calls, 1), ["E0614"]);
}

#[test]
fn tables_may_be_made_anew_between_two_sentences() {
    let mut session = users();
    let mut all = session
        .prepare("User findByPk 1\nUser sync < force >\nUser findByPk 1\nUser create { name: who }\nUser findByPk 1")
        .unwrap();
    let mut calls = all.calls(&mut session).unwrap();
    for (before, who) in [("Ann", "Cid"), ("Cid", "Dan")] {
        let outcomes = calls.run(params! { who: who }).unwrap();
        let rows: Vec<_> = [0, 2, 4].map(|it| yielded(&outcomes[it].result)).into();
        let age = if before == "Ann" { "30" } else { "null" };
        let first = format!(r#"{{"id":1,"name":"{before}","age":{age}}}"#);
        let last = format!(r#"{{"id":1,"name":"{who}","age":null}}"#);
        assert_eq!(rows, [first, "Row(None)".to_owned(), last]);
    }
}

#[test]
fn a_constraint_that_fails_is_told_and_the_next_call_holds() {
    let mut session = users();
    let mut create = session.prepare("User create { name: who }").unwrap();
    let mut calls = create.calls(&mut session).unwrap();
    let each =
        ["Cid", "Ann", "Dan", "Dan", "Eva"].map(|who| calls.run(params! { who: who }).is_ok());
    assert_eq!(each, [true, false, true, false, true]);
    assert_eq!(told(calls.run(params! { who: "Ann" })), ["E0601"]);
    drop(calls);
    assert_eq!(session.ask::<u64>("count", "User count"), Ok(5));
}

#[test]
fn calls_within_transactions_are_undone_with_them() {
    let mut session = users();
    let mut create = session.prepare("User create { name: who }").unwrap();
    let done: Result<(), Error> = session.transaction(|it| {
        let mut calls = create.calls(it)?;
        calls.run(params! { who: "Cid" })?;
        assert!(calls.run(params! { who: "Ann" }).is_err());
        drop(calls);
        let inner: Result<(), Error> = it.transaction(|it| {
            let mut calls = create.calls(it)?;
            calls.run(params! { who: "Dan" })?;
            calls.run(params! { who: "Ann" }).map(|_| ())
        });
        assert!(inner.is_err());
        assert_eq!(it.ask::<u64>("count", "User count"), Ok(3));
        it.run("fails", "assert (1 = 2)", &mut Vec::new())
    });
    assert!(done.is_err());
    assert_eq!(session.ask::<u64>("count", "User count"), Ok(2));
}

#[test]
fn limits_hold_for_each_call() {
    let limits = Limits { rows: Some(1), time: Some(Duration::from_hours(1)), ..Limits::default() };
    let mut session = users().into_database();
    session = {
        let mut own = Session::new(session).with_limits(limits);
        own.run("users.schema", USERS, &mut Vec::new()).unwrap();
        let mut all = own.prepare("User findAll < where: (id <= most) >").unwrap();
        let mut calls = all.calls(&mut own).unwrap();
        let codes = [1, 2, 1, 2].map(|most| told(calls.run(params! { most: most }))[0].len() == 5);
        assert_eq!(codes, [false, true, false, true]);
        assert_eq!(told(calls.run(params! { most: 2 })), ["E0805"]);
        drop(calls);
        own.into_database()
    };
    // A call that would never end does, and so does the one behind it.
    let limits = Limits { time: Some(Duration::from_millis(20)), ..Limits::default() };
    let mut own = Session::new(session).with_limits(limits);
    own.run("users.schema", USERS, &mut Vec::new()).unwrap();
    let endless =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
    let mut never = own.prepare(&format!("print sql`({endless})`")).unwrap();
    let mut calls = never.calls(&mut own).unwrap();
    assert_eq!([0; 2].map(|_| told(calls.run(params! {}))), [["E0806"], ["E0806"]]);
    drop(calls);
    own.set_options(Options::default());
    assert_eq!(own.ask::<u64>("count", "User count"), Ok(2));
}

#[test]
fn who_is_asked_to_stop_fails_once() {
    let mut session = users();
    let stop = session.interrupter();
    let mut find = session.prepare("User findByPk key").unwrap();
    let mut calls = find.calls(&mut session).unwrap();
    let ann = r#"{"id":1,"name":"Ann","age":30}"#;
    assert_eq!(found(&mut calls, 1), [ann]);
    stop.interrupt();
    assert_eq!(found(&mut calls, 1), ["E0611"]);
    assert_eq!(found(&mut calls, 1), [ann]);
}

#[test]
fn what_strangers_may_not_do_they_may_not_do_again() {
    let mut session = Session::new(users().into_database()).with_policy(Policy::CLOSED);
    session.run("users.schema", USERS, &mut Vec::new()).unwrap();
    assert!(session.prepare("User findAll < where: (id = sql`1`) >").is_err());
    // SQLite refuses what reaches out, each time it is asked.
    let mut open = users();
    let reach = "print sql`load_extension('x')`";
    let script = format!("User count\n{reach}\nUser count\n{reach}\nUser count");
    open.set_options(Options { keep_going: true, ..Options::default() });
    let mut outcomes: Vec<Outcome> = Vec::new();
    let error = open.run("reach.schema", &script, &mut outcomes).unwrap_err();
    assert_eq!(error.problems()[0].code(), "E0612");
    let failed = outcomes.iter().map(|it| matches!(it.result, Yield::Failed(_)));
    assert_eq!(failed.collect::<Vec<_>>(), [false, true, false, true, false]);
}

#[test]
fn prepared_sentences_outlive_their_session() {
    let mut session = users();
    let mut find = session.prepare("User findByPk key").unwrap();
    assert_eq!(found(&mut find.calls(&mut session).unwrap(), 1).len(), 1);
    drop(session);
    let mut other = users();
    let rows = "User update { age: 50 } < where: (id = 2) >";
    other.run("rows.schema", rows, &mut Vec::new()).unwrap();
    let bea = r#"{"id":2,"name":"Bea","age":50}"#;
    assert_eq!(found(&mut find.calls(&mut other).unwrap(), 2), [bea]);
    // One that has no such model refuses them.
    let mut empty = Session::new(Sqlite::in_memory().unwrap());
    assert!(matches!(find.calls(&mut empty), Err(Error::Refused(_))));
}

#[test]
fn more_statements_than_are_kept_take_turns() {
    let mut session = users();
    let find = |it: usize| format!("User findByPk 1 < attributes: [(age + {it}) as sum] >\n");
    // As many again, in the same order, and backwards.
    let script: String = (0..20).chain(0..20).chain((0..20).rev()).map(find).collect();
    let mut outcomes: Vec<Outcome> = Vec::new();
    session.run("many.schema", &script, &mut outcomes).unwrap();
    let sums =
        (0..20).chain(0..20).chain((0..20).rev()).map(|it| format!("{{\"sum\":{}}}", 30 + it));
    let found = outcomes.iter().map(|it| yielded(&it.result));
    assert!(found.eq(sums), "{outcomes:?}");
}

#[test]
fn values_of_a_call_are_gone_with_it() {
    let mut session = users();
    let mut some = session.prepare("User findAll < where: (name = who or age = age_) >").unwrap();
    let mut calls = some.calls(&mut session).unwrap();
    let mut asked = |who: Option<&str>, age: Option<i64>| {
        let outcomes = calls.run(params! { who: who, age_: age }).unwrap();
        let Yield::Rows(rows) = &outcomes[0].result else { panic!("{outcomes:?}") };
        rows.len()
    };
    assert_eq!([asked(Some("Ann"), Some(40)), asked(None, None), asked(None, Some(30))], [2, 0, 1]);
    // By their names, in whatever order they are given.
    let outcomes = calls.run(params! { age_: 1, who: "Bea" }).unwrap();
    assert_eq!(yielded(&outcomes[0].result), r#"{"id":2,"name":"Bea","age":40}"#);
    assert!(matches!(calls.run(params! { who: "Bea" }), Err(Error::Parameters { .. })));
    drop(calls);
    // They were no variables of the session's.
    assert_eq!(session.variables().get("who"), None);
    let blob: Vec<u8> = vec![7; 100];
    let mut print = session.prepare("print length(what)").unwrap();
    let mut calls = print.calls(&mut session).unwrap();
    let lengths = [Value::from(blob), Value::Null, Value::from("four")]
        .map(|it| calls.run(params! { what: it }).unwrap().remove(0).result);
    assert_eq!(
        lengths,
        [Yield::Value(100.into()), Yield::Value(Value::Null), Yield::Value(4.into())]
    );
}
