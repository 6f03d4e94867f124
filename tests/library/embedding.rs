//! What a program gets of Relata: rows as its own structs, variables that it gives, limits that it sets.
#![expect(clippy::unwrap_used, reason = "a test may fail so")]

use relata::{
    Binding, Error, Limits, MapLoader, Options, Outcome, Policy, Prepared, Problem, Session, Sink,
    Sqlite, Value, Yield, params,
};
use serde::Deserialize;
use std::fmt::Write as _;
use std::time::Duration;

const BLOG: &str = "
model User { name: STRING, role: ENUM(admin, clerk), born: DATEONLY } < timestamps: false >
model Post { title: STRING, price: DECIMAL(10, 2), big: BIGINT, at: DATE, data: BLOB, meta: JSON } < timestamps: false >
model Label { text: STRING } < timestamps: false >
User hasMany Post < as: posts, foreignKey: authorId >
Post belongsTo User < as: author, foreignKey: authorId >
Post belongsToMany Label < through: PostLabel, as: labels >
sync
User create {
  name: 'Ann', role: admin, born: '1990-02-03'
  posts: [{
    title: 'One', price: 12.3, big: 9007199254740993, at: '2022-01-16T12:00:00Z', data: x\"00ff\", meta: { tags: ['a'] }
    labels: [{ text: 'red' }]
  }, { title: 'Two' }]
}
Post create { title: 'Alone' }
";

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Admin,
    Clerk,
}

#[derive(Debug, PartialEq, Deserialize)]
struct User {
    id: u32,
    name: String,
    role: Role,
    born: String,
    #[serde(default)]
    posts: Vec<Post>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Post {
    title: String,
    price: Option<String>,
    big: Option<i64>,
    at: Option<i64>,
    data: Option<Vec<u8>>,
    meta: Option<Meta>,
    #[serde(default)]
    author: Option<Box<User>>,
    #[serde(default)]
    labels: Vec<Label>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Meta {
    tags: Vec<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Label {
    text: String,
    #[serde(rename = "PostLabel")]
    link: Link,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Link {
    post_id: i64,
    label_id: i64,
}

fn blog() -> Session<Sqlite> {
    let mut session = Session::new(Sqlite::in_memory().unwrap());
    session.run("blog.schema", BLOG, &mut Vec::new()).unwrap();
    session
}

fn codes(session: &mut Session<Sqlite>, script: &str) -> Vec<&'static str> {
    let found = session.run("script.schema", script, &mut Vec::new());
    let problems = found.err().map(Error::problems).unwrap_or_default();
    problems.iter().map(Problem::code).collect()
}

#[test]
fn rows_and_those_beside_them_become_structs() {
    let script = "Post findAll < include: [author, labels], order: [id] >";
    let posts: Vec<Post> = blog().ask("a", script).unwrap();
    let [one, two, alone] = posts.as_slice() else {
        panic!("{posts:?}");
    };
    let expected = Post {
        title: "One".into(),
        price: Some("12.30".into()),
        big: Some(9_007_199_254_740_993),
        at: Some(1_642_334_400_000),
        data: Some(vec![0, 255]),
        meta: Some(Meta { tags: vec!["a".into()] }),
        author: Some(Box::new(User {
            id: 1,
            name: "Ann".into(),
            role: Role::Admin,
            born: "1990-02-03".into(),
            posts: Vec::new(),
        })),
        labels: vec![Label { text: "red".into(), link: Link { post_id: 1, label_id: 1 } }],
    };
    assert_eq!(*one, expected);
    assert_eq!((&two.price, two.meta.as_ref()), (&None, None));
    assert_eq!((&alone.author, alone.labels.len()), (&None, 0));

    let script = "User findOne < include: [posts < separate, order: [id] >] >";
    let ann: Option<User> = blog().ask("a", script).unwrap();
    assert_eq!(ann.unwrap().posts.len(), 2);
}

#[test]
fn whatever_a_sentence_yields_has_a_type() {
    #[derive(Deserialize)]
    struct Name {
        name: String,
    }
    let mut session = blog();
    let mut ask = |script: &str| {
        let mut outcomes: Vec<Outcome> = Vec::new();
        session.run("a", script, &mut outcomes).unwrap();
        outcomes.pop().unwrap().result
    };
    assert_eq!(ask("User count").read(), Ok(1_u64));
    assert_eq!(ask("Post sum price").read(), Ok("12.30".to_owned()));
    assert_eq!(ask("print (1 < 2)").read(), Ok(true));
    assert_eq!(ask("User findByPk 7").read(), Ok(None::<User>));
    assert_eq!(ask("Post update { title: 'x' } < all >").read(), Ok(3));
    let (bob, made): (Name, bool) = ask("User findOrCreate { name: 'Bob' }").read().unwrap();
    assert_eq!((bob.name.as_str(), made), ("Bob", true));
    let (count, page): (u64, Vec<Name>) = ask("User findAndCountAll < limit: 1 >").read().unwrap();
    assert_eq!((count, page.len()), (2, 1));
    let grouped: Vec<(String, i64)> = ask("Post count < group: [title] >")
        .read::<Vec<std::collections::BTreeMap<String, serde_json::Value>>>()
        .unwrap()
        .into_iter()
        .map(|it| (it["title"].as_str().unwrap().to_owned(), it["count"].as_i64().unwrap()))
        .collect();
    assert_eq!(grouped, [("x".to_owned(), 3)]);
}

#[test]
fn what_does_not_fit_is_named() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "nothing fits it")]
    struct Wrong {
        posts: Vec<Priced>,
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "nothing fits it")]
    struct Priced {
        price: f64,
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "nothing fits it")]
    struct Missing {
        age: u8,
    }
    let mut session = blog();
    let script = "User findAll < include: [posts < order: [id] >] >";
    let found = session.ask::<Vec<Wrong>>("a", script).unwrap_err();
    let said = "`[0].posts[1].price`: invalid type: unit value, expected f64";
    assert_eq!(found.to_string(), said);
    let found = session.ask::<Missing>("a", "User findOne").unwrap_err();
    assert_eq!(found.to_string(), "missing field `age`");
    let found = session.ask::<Missing>("a", "Usr findOne").unwrap_err();
    assert!(matches!(found, Error::Refused(_)));
}

#[test]
fn values_lists_and_rows_of_the_host_are_variables() {
    let mut session = blog();
    let evil = "'); DROP TABLE Users; --";
    session.set("who", evil);
    session.set("ids", vec![Value::from(1), Value::from(2)]);
    session.set("nowhere", Vec::<Value>::new());
    session.set("nothing", None::<i64>);
    let mut outcomes: Vec<Outcome> = Vec::new();
    let script = "User create { name: who }
        User count < where: (name = who or name = nothing) >
        Post count < where: (id in ids) >
        Post count < where: (id in nowhere) >
        Post count < where: (authorId = nothing) >
        print ids[1]
        Post findAll < limit: 1 >";
    session.run("a", script, &mut outcomes).unwrap();
    let value = |at: usize| outcomes[at].result.read::<u64>().unwrap();
    assert_eq!([1, 2, 3, 4, 5].map(value), [1, 2, 0, 1, 2]);

    let Yield::Rows(posts) = &outcomes[6].result else {
        panic!("{outcomes:?}");
    };
    session.set_rows("found", "Post", posts.clone());
    session.set_rows("first", "Post", posts[0].clone());
    session.set("loose", posts[0].clone());
    let script = "first update { title: 'Uno' }
        User create { name: 'Cid', posts: [first] }
        print first.title
        print found[0].title
        print loose.title
        Post count < where: (id in found) >";
    let mut outcomes: Vec<Outcome> = Vec::new();
    session.run("b", script, &mut outcomes).unwrap();
    let text = |at: usize| outcomes[at].result.read::<String>().unwrap();
    assert_eq!([2, 3, 4].map(text), ["Uno", "One", "One"]);
    assert_eq!(outcomes[5].result.read(), Ok(1));
    // A variable that is set again holds something else, of another kind perhaps.
    session.set("first", 5);
    assert_eq!(codes(&mut session, "first update { title: 'x' }"), ["E0210"]);
    assert!(matches!(session.variables().get("first"), Some(Binding::Value(Value::Integer(5)))));
}

#[test]
fn a_policy_forbids_in_every_place() {
    let loader = MapLoader::from_iter([("own.schema", "model Own { a: STRING }")]);
    let mut session =
        Session::new(Sqlite::in_memory().unwrap()).with_loader(loader).with_policy(Policy::CLOSED);
    let model = "model User { name: STRING }\n";
    for (script, places) in [
        ("model A { a: sql`TEXT` }", 1),
        ("model A { a: STRING; sql`CHECK (1)` }", 1),
        ("model A { a: STRING < defaultValue: sql`1` > }", 1),
        ("sql`CREATE TRIGGER x`", 1),
        ("User findAll < where: (id in sql`(SELECT 1)` or not sql`1` = 1 + sql`2`) >", 3),
        ("User findAll < attributes: [sql`1` as one], order: [sql`2` desc] >", 2),
        ("User create { name: sql`1` }", 1),
        ("print (case when sql`1` then 2 else sql`3` end)", 2),
        ("transaction { User load 'a.csv' }", 1),
        ("let n = User load 'a.csv'", 1),
    ] {
        let found = codes(&mut session, &format!("{model}{script}"));
        let found = found.iter().filter(|it| **it == "E0216").count();
        assert_eq!(found, places, "{script}");
    }
    assert_eq!(codes(&mut session, "import 'own.schema'"), ["E0124"]);
    // What the host itself asks for is no import.
    let own = [relata::load::Input::Path("own.schema")];
    session.run_all(&own, &mut Vec::new()).unwrap();
    assert_eq!(codes(&mut session, "model load { load: STRING }"), [""; 0]);
}

#[test]
fn rows_and_time_have_limits() {
    let keep_going = Options { keep_going: true, ..Options::default() };
    let mut session = blog();
    session.set_options(Options {
        limits: Limits { rows: Some(2), ..Limits::default() },
        ..keep_going
    });
    assert_eq!(codes(&mut session, "Post findAll"), ["E0805"]);
    assert_eq!(codes(&mut session, "Post findAll < limit: 2 >"), [""; 0]);
    // Rows of lists are rows, too.
    let lists = "User findOne < include: [posts] >";
    assert_eq!(codes(&mut session, lists), ["E0805"]);
    assert_eq!(codes(&mut session, "User findOne"), [""; 0]);

    let rows = vec!["{ title: 'x' }"; 400].join(", ");
    let script = format!("Post bulkCreate [{rows}]\nPost count");
    session.set_options(Options::default());
    assert_eq!(codes(&mut session, &script), [""; 0]);
    // What takes hours, whatever the machine does beside.
    let limits = Limits { time: Some(Duration::from_millis(50)), ..Limits::default() };
    session.set_options(Options { limits, ..keep_going });
    let slow = "transaction {
          Post update { title: 'y' } < all >
          Post count < where: (id + sql`(SELECT count(*) FROM Posts a, Posts b, Posts c, Posts d)` > 0) >
        }
        Post update { title: 'z' } < all >";
    assert_eq!(codes(&mut session, slow), ["E0806"]);
    session.set_options(Options::default());
    let changed = "Post count < where: (title in ['y', 'z']) >";
    assert_eq!(session.ask::<u64>("a", changed).unwrap(), 0);
}

#[test]
fn texts_that_declare_nothing_are_not_kept() {
    let mut session = blog();
    let kept = session.accepted().scripts.len();
    for number in 0..50 {
        session.set("number", number);
        assert_eq!(session.ask::<i64>("a", "print number").unwrap(), number);
    }
    assert_eq!(session.accepted().scripts.len(), kept);
    session.run("a", "let a = 1", &mut Vec::new()).unwrap();
    session.run("a", "model A { }", &mut Vec::new()).unwrap();
    assert_eq!(session.ask::<i64>("a", "print a").unwrap(), 1);
    assert_eq!(session.accepted().scripts.len(), kept + 1);
}

/// What is told of statements.
#[derive(Default)]
struct Told(Vec<(String, Vec<Value>)>);

impl Sink for Told {
    fn outcome(&mut self, _outcome: Outcome) {}

    fn statement(&mut self, sql: &str, parameters: &[Value]) {
        self.0.push((sql.to_owned(), parameters.to_vec()));
    }
}

#[test]
fn statements_are_told_with_the_values_that_they_are_sent_with() {
    let mut session = blog();
    session.set_options(Options { explain: true, ..Options::default() });
    let mut told = Told::default();
    let script = "User findAll < where: (id < 3), include: [posts < where: (id > 1) >] >";
    session.run("script.schema", script, &mut told).unwrap();
    let [_, (sql, parameters)] = told.0.as_slice() else {
        panic!("{:?}", told.0);
    };
    assert_eq!(sql.matches('?').count(), parameters.len(), "{sql}");
    assert!(!parameters.contains(&Value::Null), "{parameters:?}");
}

#[test]
fn a_list_behind_in_may_be_long() {
    let mut session = blog();
    let numbers: Vec<String> = (1..=40_000).map(|it| it.to_string()).collect();
    let texts: Vec<String> = (numbers.iter().skip(39_000)).map(|it| format!("'n{it}'")).collect();
    let blobs: Vec<String> = (0..400).map(|it| format!("x\"{it:04x}\"")).collect();
    let dates: Vec<String> = (0..400).map(|it| format!("'{}-01-01'", 1900 + it)).collect();
    let halves: Vec<String> = (0..400).map(|it| format!("{it}.5")).collect();
    let mut script = "model Thing { n: INTEGER, t: STRING, b: BLOB, d: DATE, f: DOUBLE, q: BOOLEAN } < timestamps: false >
sync
Thing bulkCreate [{ n: 40_000, t: 'n40000', b: x\"0007\", d: '2020-01-01', f: 2.5, q: true }, { n: 40_001, t: 'n40001', b: x\"f007\", d: '2020-01-02', f: 2.25, q: false }]
"
    .to_owned();
    let truths = vec!["true".to_owned(); 300];
    for (column, values) in [
        ("n", &numbers),
        ("t", &texts),
        ("b", &blobs),
        ("d", &dates),
        ("f", &halves),
        ("q", &truths),
    ] {
        let list = values.join(", ");
        for (word, id) in [("in", 1), ("not in", 2)] {
            let _ = writeln!(
                script,
                "let it = Thing findAll < where: ({column} {word} [{list}]) >\nassert (it[0].id = {id} and it[1].id is null)"
            );
        }
    }
    assert_eq!(codes(&mut session, &script), [""; 0]);
}

#[test]
fn prepared_sentences_take_the_parameters_that_they_name() {
    let mut session = blog();
    let mut find = session.prepare("User findByPk key").unwrap();
    let name = |it: &Prepared| it.parameters().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(name(&find), ["key"]);
    let got: Option<User> = find.ask(&mut session, params! { key: 1 }).unwrap();
    assert_eq!(got.unwrap().name, "Ann");
    let got: Option<User> = find.ask(&mut session, params! { key: 1000 }).unwrap();
    assert!(got.is_none());
    // A misspelt attribute is a parameter that nobody gives.
    let mut wrong = session.prepare("User findAll < where: (nmae = who) >").unwrap();
    let error = wrong.run(&mut session, params! { who: "Ann" }).unwrap_err();
    assert_eq!(error.to_string(), "no value is given for `nmae`");
    // A name that is an attribute's is none.
    let mut own = session.prepare("User findAll < where: (name = upper(name)) >").unwrap();
    let error = own.run(&mut session, params! { name: "Ann" }).unwrap_err();
    assert_eq!(error.to_string(), "nothing is named `name`");
    // A key that is none stays an error.
    let error = session.prepare("User create { nmae: who }").unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error}");
    for declares in ["model X { }", "User hasMany Post < as: others >", "sql`SELECT 1`"] {
        let error = session.prepare(declares).unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{declares}: {error}");
    }
    // Parameters are no variables, and `let`s in a call are its own.
    let mut own = session.prepare("let twice = (n + n)\nprint twice").unwrap();
    assert_eq!(own.ask::<i64>(&mut session, params! { n: 4 }), Ok(8));
    assert_eq!(codes(&mut session, "print twice"), ["E0215"]);
    assert_eq!(codes(&mut session, "print n"), ["E0215"]);
    let mut list = session.prepare("User count < where: (id in ids) >").unwrap();
    let ids = vec![Value::from(1), Value::from(7)];
    assert_eq!(list.ask::<u64>(&mut session, params! { ids: ids }), Ok(1));
}

/// As a literal is: texts of two forms aren't the same date, and a text that is no date is less than none of them.
#[test]
fn what_a_program_gives_is_read_as_what_it_is_compared_with() {
    let mut session = blog();
    let mut count = |condition: &str, given: Binding| {
        let text = format!("Post count < where: ({condition}) >");
        let mut count = session.prepare(&text).unwrap();
        count.ask::<u64>(&mut session, params! { given: given }).ok()
    };
    for same in ["2022-01-16T12:00:00Z", "2022-01-16T13:00:00+01:00", "2022-01-16 12:00"] {
        assert_eq!(count("at = given", same.into()), Some(1), "{same}");
        assert_eq!(count("at < given", same.into()), Some(0), "{same}");
        assert_eq!(count("at >= given", same.into()), Some(1), "{same}");
        assert_eq!(count("at between given and given", same.into()), Some(1), "{same}");
        assert_eq!(count("at in given", vec![Value::from(same)].into()), Some(1), "{same}");
        assert_eq!(count("coalesce(at, given) = given", same.into()), Some(3), "{same}");
    }
    for other in [Value::from("yesterday"), 5.into(), true.into()] {
        assert_eq!(count("at < given", other.clone().into()), None, "{other:?}");
    }
    assert_eq!(count("price = given", "12.30".into()), Some(1));
    assert_eq!(count("price < given", "x".into()), None);
    assert_eq!(count("price + 1 < given", "20".into()), Some(1));
    assert_eq!(count("author.born = given", "1990-02-03".into()), Some(2));
    // as `= null` is `is null`: of a post without an author, too
    assert_eq!(count("author.born = given", Value::Null.into()), Some(1));
}

#[test]
fn how_many_rows_are_wanted_is_a_parameter() {
    let mut session = blog();
    let mut page =
        session.prepare("Post findAll < order: id, limit: size, offset: before >").unwrap();
    assert_eq!(page.parameters().collect::<Vec<_>>(), ["size", "before"]);
    let mut titles = |size: Value, before: i64| {
        let found = page.ask::<Vec<Post>>(&mut session, params! { size: size, before: before });
        found.ok().map(|it| it.into_iter().map(|it| it.title).collect::<Vec<_>>())
    };
    assert_eq!(titles(1.into(), 1), Some(vec!["Two".to_owned()]));
    assert_eq!(titles(5.into(), 2), Some(vec!["Alone".to_owned()]));
    for wrong in [Value::from(-1), "two".into(), 1.5.into(), Value::Null] {
        assert_eq!(titles(wrong.clone(), 0), None, "{wrong:?}");
    }
}

#[test]
fn a_plan_that_is_kept_is_good_for_no_other_variables() {
    let mut session = blog();
    let mut find = session.prepare("User findByPk 1 < where: (name = who) >").unwrap();
    let mut found = |who: Option<&str>| {
        let outcomes = find.run(&mut session, params! { who: who }).unwrap();
        !matches!(outcomes[0].result, Yield::Row(None))
    };
    assert_eq!([None, Some("Ann"), Some("Bob"), None].map(&mut found), [false, true, false, false]);
}

#[test]
fn what_was_prepared_follows_the_schema_and_the_variables() {
    let mut session = blog();
    let mut find = session.prepare("User findByPk key").unwrap();
    find.run(&mut session, params! { key: 1 }).unwrap();
    session.run("more.schema", "model Badge { text: STRING }\nsync", &mut Vec::new()).unwrap();
    session.forget("User");
    let again = "model User { nick: STRING } < timestamps: false, tableName: Others >\nsync\nUser create { nick: 'x' }";
    session.run("again.schema", again, &mut Vec::new()).unwrap();
    let outcomes = find.run(&mut session, params! { key: 1 }).unwrap();
    let Yield::Row(Some(row)) = &outcomes[0].result else { panic!("{outcomes:?}") };
    assert_eq!(row.to_json(), r#"{"id":1,"nick":"x"}"#);
    // A variable of the session's is one until it is none.
    session.set("limit", 1);
    let mut some = session.prepare("Post findAll < limit: limit >").unwrap();
    assert_eq!(some.parameters().count(), 0);
    let found: Vec<Post> = some.ask(&mut session, params! {}).unwrap();
    assert_eq!(found.len(), 1);
    // Another session's sentences are read again.
    let mut other = blog();
    assert!(some.run(&mut other, params! {}).is_err());
}

#[test]
fn a_host_s_transaction_happens_as_a_whole_or_not_at_all() {
    let mut session = blog();
    let count = |it: &mut Session<Sqlite>| it.ask::<u64>("c", "User count").unwrap();
    let before = count(&mut session);
    let mut create = session.prepare("User create { name: who }").unwrap();
    let done: Result<(), Error> = session.transaction(|it| {
        create.run(it, params! { who: "Bea" })?;
        it.run("a", "let bea = User findOne < where: (name = 'Bea') >", &mut Vec::new())?;
        let inner: Result<(), Error> = it.transaction(|it| {
            create.run(it, params! { who: "Cid" })?;
            it.run("b", "assert (1 = 2)", &mut Vec::new())
        });
        assert!(inner.is_err());
        // What fails has changed nothing, in blocks too.
        let failing = "User create { name: 'Dan' }\ntransaction { User create { name: 'Eva' } }\nUser create { id: 1, name: 'x' }";
        assert!(it.run("c", failing, &mut Vec::new()).is_err());
        assert_eq!(count(it), before + 1);
        Ok(())
    });
    done.unwrap();
    assert_eq!(count(&mut session), before + 1);
    assert_eq!(codes(&mut session, "bea update { name: 'Bee' }"), [""; 0]);
    let done: Result<(), Error> = session.transaction(|it| {
        it.run("a", "User destroy < all >\nlet gone = 1", &mut Vec::new())?;
        Err(it.run("b", "print nothing_there", &mut Vec::new()).unwrap_err())
    });
    assert!(done.is_err());
    assert_eq!(count(&mut session), before + 1);
    assert_eq!(codes(&mut session, "print gone"), ["E0215"]);
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let done: Result<(), Error> = session.transaction(|it| {
            it.run("a", "User destroy < all >", &mut Vec::new())?;
            panic!("the host's own")
        });
        done
    }));
    assert!(caught.is_err());
    assert_eq!(count(&mut session), before + 1);
}

#[test]
fn sentences_alone_mean_what_they_mean_with_all_that_is_declared() {
    let schema = "enum Size { small, large }\nabstract model Base { size: Size }\n\
        model Thing extends Base { name: STRING; scope big < where: (size = large) > }\n\
        model Part { n: INTEGER }\nThing hasMany Part\nview Large = Thing findAll < where: (size = large) >\nsync";
    let sentences = "let one = Thing create { name: 'a', size: large, Parts: [{ n: 1 }] }\none countParts\n\
        Large count\nThing.big findAll < include: Parts >\n\
        Thing findAll < include: [Parts.unscoped] >\nThing findAll < attributes: [name, sum(Parts.n) as total] >\n\
        Thing findAll < where: (count Parts (n > 0)) >\nThing.big update { name: (max(Parts.n)) } < all >\none.size\none reload\nprint one.name";
    for sentence in sentences.lines() {
        let (mut one, mut other) = (blog(), blog());
        let before = "let one = Thing create { name: 'a', size: large }";
        let whole = format!("{schema}\n{before}\n{sentence}");
        let mut together: Vec<Outcome> = Vec::new();
        let all = one.run("a", &whole, &mut together).map_err(Error::problems);
        other.run("a", &format!("{schema}\n{before}"), &mut Vec::new()).unwrap();
        let mut alone: Vec<Outcome> = Vec::new();
        let own = other.run("b", sentence, &mut alone).map_err(Error::problems);
        let codes = |it: Result<(), Vec<Problem>>| {
            it.err().unwrap_or_default().iter().map(Problem::code).collect::<Vec<_>>()
        };
        assert_eq!(codes(all), codes(own), "{sentence}");
        let shown = |it: &[Outcome]| it.last().map(|it| format!("{:?}", it.result));
        if !alone.is_empty() {
            let (a, b) = (shown(&together), shown(&alone));
            let rough = |it: Option<String>| it.unwrap_or_default().len();
            assert_eq!(rough(a), rough(b), "{sentence}");
        }
    }
}
