//! The library as a host uses it: scripts one after the other, imports from memory, `sync` and `drop` on a database.

#![expect(clippy::unwrap_used, reason = "a test whose database fails may panic")]

use relata::catalog::ObjectKind;
use relata::db::{Database, Sqlite};
use relata::diagnostics::Problem;
use relata::load::{Input, Library, MapLoader};
use relata::record::{Item, Record};
use relata::run::{Outcome, Sink, Yield};
use relata::session::{Error, Session};
use relata::source::Sources;
use relata::sql::Dialect;
use relata::value::Value;
use std::ops::ControlFlow;

/// What a script did, and what was said.
#[derive(Default)]
struct Heard {
    statements: Vec<String>,
    warnings: Vec<String>,
}

impl Sink for Heard {
    fn outcome(&mut self, outcome: Outcome) {
        if let Yield::Ddl(statements) = outcome.result {
            self.statements.extend(statements);
        }
    }

    fn warning(&mut self, problem: Problem) {
        self.warnings.push(format!("{}: {problem}", problem.code()));
    }
}

#[track_caller]
fn session() -> Session<Sqlite> {
    Session::new(Sqlite::in_memory().unwrap())
}

/// Runs a script that works.
#[track_caller]
fn run(session: &mut Session<Sqlite>, script: &str) -> Heard {
    let mut heard = Heard::default();
    session.run("a.schema", script, &mut heard).unwrap();
    heard
}

/// The codes of a script that doesn't.
#[track_caller]
fn codes(session: &mut Session<Sqlite>, script: &str) -> Vec<&'static str> {
    let found = session.run("a.schema", script, &mut Heard::default());
    let problems = found.unwrap_err().problems();
    problems.iter().map(Problem::code).collect()
}

#[track_caller]
fn execute(session: &mut Session<Sqlite>, sql: &str) {
    session.database().execute(sql, &[]).unwrap();
}

#[track_caller]
fn count(session: &mut Session<Sqlite>, table: &str) -> usize {
    let (mut rows, sql) = (0, format!("SELECT 1 FROM {table}"));
    let mut each = |_: &mut [_]| {
        rows += 1;
        ControlFlow::Continue(())
    };
    session.database().query(&sql, &[], &mut each).unwrap();
    rows
}

fn tables(session: &mut Session<Sqlite>) -> Vec<String> {
    let objects = session.database().objects().unwrap().into_iter();
    let tables = objects.filter(|it| it.kind() == ObjectKind::Table);
    tables.map(|it| it.name).collect()
}

const SHOP: &str = "\
defaults < timestamps: false >
model User { name: STRING; unique (name) }
model Invoice { amount: INTEGER }
Invoice belongsTo User < onDelete: cascade >
";

#[test]
fn declarations_stay_and_a_refused_script_leaves_no_trace() {
    let mut session = session();
    run(&mut session, "model User { name: STRING }");
    assert_eq!(codes(&mut session, "model Bill { n: STRNG }"), ["E0301"]);
    run(&mut session, "model Bill { n: INTEGER }\nBill belongsTo User\nsync");
    assert_eq!(tables(&mut session), ["Users", "Bills"]);
    assert_eq!(session.schema().models().count(), 2);
    // The `sync` of before isn't run again.
    assert!(run(&mut session, "model Other { a: STRING }").statements.is_empty());
    assert_eq!(tables(&mut session).len(), 2);
}

#[test]
fn a_check_leaves_nothing() {
    let mut session = session();
    assert_eq!(session.check("a", "model User { name: STRING }\nsync"), []);
    assert_eq!(session.check("b", "model User { name: STRING }"), []);
    assert_eq!(session.schema().models().count(), 0);
    assert_eq!(tables(&mut session).len(), 0);
}

#[test]
fn a_warning_is_said_once() {
    let mut session = session();
    let script = "model User { name: STRING }\nmodel Bill { n: INTEGER }\nBill belongsTo User < targetKey: name >";
    assert_eq!(run(&mut session, script).warnings.len(), 1);
    assert!(run(&mut session, "model Other { a: STRING }").warnings.is_empty());
}

#[test]
fn imports_come_from_the_loader() {
    let loader = MapLoader::from_iter([
        ("shop/main.schema", "import \"user.schema\"\nimport \"bill.schema\""),
        ("shop/user.schema", "model User { name: STRING }"),
        (
            "shop/bill.schema",
            "import \"user.schema\"\nimport \"main.schema\"\nmodel Bill { n: INTEGER }",
        ),
    ]);
    let mut session = session().with_loader(loader);
    run(&mut session, "import \"shop/main.schema\"\nsync");
    assert_eq!(tables(&mut session), ["Users", "Bills"]);
    assert_eq!(codes(&mut session, "import \"shop/usr.schema\""), ["E0120"]);
    assert_eq!(codes(&mut session, "import \"../x.schema\""), ["E0121"]);
    let mut alone = self::session();
    assert_eq!(codes(&mut alone, "import \"x.schema\""), ["E0124"]);
}

#[test]
fn sync_is_idempotent_and_adds_missing_indexes() {
    let mut session = session();
    let script = format!("{SHOP}sync");
    assert_eq!(run(&mut session, &script).statements.len(), 3);
    let again = run(&mut session, "sync");
    assert_eq!((again.statements.len(), again.warnings.len()), (0, 0));
    execute(&mut session, "DROP INDEX users_name_unique");
    let again = run(&mut session, "sync");
    assert_eq!((again.statements.len(), again.warnings.len()), (1, 0), "{:?}", again.warnings);
}

#[test]
fn a_unique_constraint_stands_for_a_unique_index() {
    let mut session = session();
    execute(
        &mut session,
        "CREATE TABLE `Users` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, `name` VARCHAR(255), UNIQUE (name))",
    );
    let heard =
        run(&mut session, "model User { name: STRING < unique > } < timestamps: false >\nsync");
    assert_eq!((heard.statements.len(), heard.warnings.len()), (0, 0), "{:?}", heard.warnings);
}

#[test]
fn a_table_that_differs_stays_and_is_warned_of() {
    let mut session = session();
    execute(
        &mut session,
        "CREATE TABLE Users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, age INTEGER)",
    );
    let heard = run(
        &mut session,
        "model User { name: STRING; city: STRING; index (city) } < timestamps: false >\nsync",
    );
    let [warning] = heard.warnings.as_slice() else {
        panic!("{:?}", heard.warnings);
    };
    assert_eq!(
        warning,
        "W0006: the table `Users` differs from the script: `name` is TEXT, not VARCHAR(255); \
         `name` may not be null; it has no column `city`; and 2 more"
    );
    assert!(heard.statements.is_empty());
}

#[test]
fn force_drops_and_creates_again_and_fires_nothing() {
    let mut session = session();
    run(
        &mut session,
        &format!(
            "{SHOP}sql`CREATE TRIGGER gone AFTER DELETE ON Invoices BEGIN SELECT RAISE(ABORT, 'fired'); END`\nsync"
        ),
    );
    execute(&mut session, "INSERT INTO Users (name) VALUES ('Ann')");
    execute(&mut session, "INSERT INTO Invoices (UserId) VALUES (1)");
    let heard = run(&mut session, "sync < force >");
    let drops = heard.statements.iter().filter(|it| it.starts_with("DROP"));
    assert_eq!(drops.count(), 3);
    assert_eq!(count(&mut session, "Invoices"), 0);
    assert!(session.database().foreign_keys().unwrap());
    let triggers = session.database().objects().unwrap();
    assert!(triggers.iter().any(|it| it.name == "gone"));
}

#[test]
fn rows_of_other_tables_are_not_left_without_what_they_refer_to() {
    let mut session = session();
    run(&mut session, &format!("{SHOP}sync"));
    execute(&mut session, "INSERT INTO Users (name) VALUES ('Ann')");
    execute(&mut session, "INSERT INTO Invoices (UserId) VALUES (1), (NULL)");
    for sentence in ["User drop", "User sync < force >"] {
        assert_eq!(codes(&mut session, sentence), ["E0510"], "{sentence}");
        assert_eq!(count(&mut session, "Users"), 1);
    }
    // Within the sentence they go together.
    run(&mut session, "Invoice sync < force >\ndrop");
    assert_eq!(tables(&mut session).len(), 0);
    assert!(run(&mut session, "drop").statements.is_empty());
}

#[test]
fn cycles_keep_their_constraints() {
    let mut session = session();
    run(
        &mut session,
        "model A { n: INTEGER }\nmodel B { n: INTEGER }\nA belongsTo B\nB belongsTo A\nsync",
    );
    for name in ["As", "Bs"] {
        let table = session.database().table(name).unwrap().unwrap();
        assert_eq!(table.keys.len(), 1, "{name}");
    }
}

#[test]
fn a_sync_that_fails_leaves_nothing_half_done() {
    let mut session = session();
    execute(&mut session, "CREATE TABLE x (a)");
    execute(&mut session, "CREATE INDEX users_name_unique ON x (a)");
    assert_eq!(codes(&mut session, &format!("{SHOP}sync")), ["E0610"]);
    assert_eq!(tables(&mut session), ["x"]);
    assert!(session.database().foreign_keys().unwrap());
    // What was declared stays: the script itself was accepted.
    execute(&mut session, "DROP TABLE x");
    run(&mut session, "sync");
    assert_eq!(tables(&mut session).len(), 2);
}

#[test]
fn a_unique_index_over_rows_that_are_the_same_is_refused() {
    let mut session = session();
    run(&mut session, &format!("{SHOP}sync"));
    execute(&mut session, "DROP INDEX users_name_unique");
    execute(&mut session, "INSERT INTO Users (name) VALUES ('Ann'), ('Ann')");
    let found = session.run("b", "sync", &mut Heard::default());
    let Err(Error::Failed(problem)) = found else {
        panic!("{found:?}");
    };
    assert_eq!(problem.to_string(), "two rows have the same `User.name`");
}

#[test]
fn an_interrupt_rolls_back() {
    struct Stops(relata::db::Interrupter);
    impl Sink for Stops {
        fn outcome(&mut self, _outcome: Outcome) {}

        fn progress(&mut self, done: usize, _all: usize) {
            if done == 2 {
                self.0.interrupt();
            }
        }
    }
    let mut session = session();
    let mut sink = Stops(session.interrupter());
    let found = session.run("a", &format!("{SHOP}sync"), &mut sink);
    let codes: Vec<_> = found.unwrap_err().problems().iter().map(Problem::code).collect();
    assert_eq!(codes, ["E0611"]);
    assert_eq!(tables(&mut session).len(), 0);
    run(&mut session, "sync");
    assert_eq!(tables(&mut session).len(), 2);
}

#[test]
fn hostile_names_are_names() {
    let mut session = session();
    let script = "model `x\"; DROP TABLE y;--` { `a\"`` ' b`: STRING } < tableName: 'x\"; DROP TABLE y;--' >\nsync";
    run(&mut session, script);
    assert_eq!(tables(&mut session), ["x\"; DROP TABLE y;--"]);
    assert!(run(&mut session, "sync").statements.is_empty());
    run(&mut session, "sync < force >\ndrop");
    assert_eq!(tables(&mut session).len(), 0);
}

#[test]
fn a_session_may_go_to_another_thread() {
    let mut session = session();
    run(&mut session, &format!("{SHOP}sync"));
    let thread = std::thread::spawn(move || {
        run(&mut session, "User create { name: \"Ann\" }");
        count(&mut session, "Users")
    });
    assert_eq!(thread.join().unwrap(), 1);
}

#[test]
fn what_is_declared_and_forgotten_again_and_again_keeps_nothing() {
    let mut session = session();
    run(&mut session, &format!("{SHOP}sync"));
    let size = |session: &Session<Sqlite>| {
        let bundle = session.accepted();
        (session.sources().len(), bundle.scripts.len(), bundle.order.len())
    };
    let before = size(&session);
    for _ in 0..20 {
        run(&mut session, "model Passing { a: STRING }\nmodel Other { }");
        run(&mut session, "Passing hasMany User");
        assert_eq!(session.forget("Passing").len(), 2);
        assert_eq!(session.forget("Other").len(), 1);
        run(&mut session, "User findAll");
        assert_eq!(size(&session).1, before.1);
    }
    assert_eq!(size(&session), (before.0 + 1, before.1, before.2));
}

#[test]
fn a_session_that_asks_for_ever_keeps_nothing() {
    let mut session = session();
    run(&mut session, &format!("{SHOP}sync"));
    let size = |session: &Session<Sqlite>| {
        let bundle = session.accepted();
        (session.sources().len(), bundle.scripts.len(), bundle.order.len())
    };
    let ask = |session: &mut Session<Sqlite>, number: i64| {
        session.set("number", number);
        for script in [
            "let ann = User create { name: \"Ann\" }\nann update { name: \"Bea\" }\nann destroy",
            "let count = (number + 1)\nlet count = (count + 1)\nassert (count = number + 2)",
            "User findAll < where: (name = \"x\") >",
            "transaction { let inner = User findOne }",
        ] {
            run(session, script);
        }
        assert_eq!(codes(session, "let wrong = Usr findOne"), ["E0204"]);
        assert_eq!(codes(session, "assert (count = 0)"), ["E0802"]);
        assert_eq!(session.check("c", "model Other { }\nsync"), []);
    };
    ask(&mut session, 0);
    let before = size(&session);
    for number in 1..40 {
        ask(&mut session, number);
    }
    assert_eq!(size(&session), before);
    assert_eq!(before, (2, 1, 4));
}

#[test]
fn a_variable_is_known_as_what_it_holds() {
    let mut session = session();
    run(&mut session, &format!("{SHOP}sync\nlet it = User create {{ name: \"Ann\" }}"));
    // The model's place and its attributes change.
    run(&mut session, "model City { name: STRING }\nUser belongsTo City\nsync < alter >");
    run(
        &mut session,
        "assert (it.name = \"Ann\")\nit update { name: \"Bea\" }\nassert (it.name = \"Bea\")",
    );
    // A sentence that fails gives nothing another meaning.
    assert_eq!(codes(&mut session, "let it = Invoice create { UserId: 7 }"), ["E0602"]);
    run(&mut session, "it update { name: \"Cid\" }");
    // Of which of these it holds can't be known.
    let twice = "let it = (1)\nlet it = Invoice create { UserId: 7 }";
    assert_eq!(codes(&mut session, twice), ["E0602"]);
    assert_eq!(codes(&mut session, "print it"), ["E0215"]);
    run(&mut session, "let it = (5)\nlet other = (it + 1)\nlet it = (other + 1)");
    run(&mut session, "assert (it = 7)\nassert (other = 6)");
}

#[test]
fn what_is_said_of_a_text_can_be_shown_until_the_next_one() {
    let mut session = session();
    run(&mut session, SHOP);
    let problems = session.check("wrong.schema", "User findAl");
    let shown = |session: &Session<Sqlite>| relata::report::reports(session.sources(), &problems);
    let place = shown(&session).remove(0).places.remove(0);
    assert_eq!((&*place.file, place.line, place.column), ("wrong.schema", 1, 6));
    run(&mut session, "sync");
    // Its place is gone, and no other text's is shown for it.
    assert!(shown(&session).remove(0).places.is_empty());
}

/// What a script means: what it declares and does.
fn meaning(text: &str) -> String {
    let (mut library, mut sources) = (Library::default(), Sources::default());
    let mut files = MapLoader::default();
    files.insert("billing.schema", "model Bill { amount: INTEGER }");
    let name = "verbs.schema";
    let mut problems = library.add(&mut sources, &mut files, Input::Text { name, text });
    let checked = relata::session::check(library.bundle(), &sources, Dialect::SQLITE);
    problems.extend(checked.problems.iter().filter(|it| !it.is_warning()).cloned());
    assert!(problems.is_empty(), "{text}\n{problems:?}");
    // Where a text ends is no meaning.
    format!("{:?} {:?}", checked.schema, checked.steps)
}

#[test]
fn a_verb_that_is_in_the_table_says_something() {
    const MODELS: &str = "model User { firstName: STRING, lastName: STRING, name: STRING, nick: STRING, email: STRING < unique >, role: STRING, age: INTEGER } < paranoid >\n\
        model Invoice { amount: INTEGER }\nmodel Profile { text: STRING }\nmodel Project { title: STRING }\n";
    const ROW: &str = "sync\nlet ann = User create { firstName: \"Ann\" }\n";
    let check = |before: &str, sentence: &str, behind: &str| {
        // A comment as long as the sentence: places are the same.
        let nothing = format!("/{}/", "*".repeat(sentence.len() - 2));
        let nothing = if sentence.len() < 4 { " ".repeat(sentence.len()) } else { nothing };
        let said = meaning(&format!("{before}{sentence}\n{behind}"));
        let unsaid = meaning(&format!("{before}{nothing}\n{behind}"));
        assert!(said != unsaid, "`{sentence}` passes, and does nothing");
    };
    for verb in relata::verbs::all().map(relata::verbs::Verb::facts) {
        let with_row = format!("{MODELS}{ROW}");
        match verb.name {
            "model" | "import" => check("", verb.usage, ""),
            "abstract" => {
                let shared = format!("{}\nmodel A extends Base {{ }}", verb.usage);
                check("", &shared, "model B { a: INTEGER }");
            }
            "defaults" => check("", verb.usage, "model A { someName: TEXT }"),
            "let" => check(MODELS, verb.usage, ""),
            "transaction" => check(MODELS, "transaction { sync }", ""),
            "rollback" => check("transaction {\n", verb.usage, "}"),
            _ => check(&with_row, verb.usage, ""),
        }
    }
    for verb in relata::verbs::BodyVerb::ALL.iter().map(|it| it.facts()) {
        let before = "model A {\n  firstName: STRING\n  lastName: STRING\n  email: STRING\n  role: STRING\n  deletedAt: DATE\n";
        check(before, verb.usage, "}");
    }
}

#[test]
fn what_was_read_of_a_row_is_known_from_script_to_script() {
    let mut session = session();
    let models = "model T { n: INTEGER, s: STRING } < timestamps: false >\nsync\nT create { n: 1, s: \"a\" }";
    run(&mut session, models);
    run(&mut session, "let r = T findOne < attributes: [id] >");
    assert_eq!(codes(&mut session, "print r.s"), ["E0219"]);
    run(&mut session, "r reload");
    run(&mut session, "assert (r.s = \"a\")");
    run(&mut session, "let part = T findOne < attributes: [n] >");
    assert_eq!(codes(&mut session, "part destroy"), ["E0219"]);
    assert_eq!(codes(&mut session, "T count < where: (id = part) >"), ["E0219"]);
}

#[test]
fn what_a_host_gave_a_row_without_is_not_null() {
    let mut session = session();
    let models = "model T { n: INTEGER, s: STRING } < timestamps: false >\nsync\nT create { n: 1, s: \"a\" }";
    run(&mut session, models);
    let names = ["n".into()].into();
    let row = Record::new(names, vec![Item::Value(Value::Integer(1))]);
    session.set_rows("r", "T", row.clone());
    session.set("loose", row);
    assert_eq!(codes(&mut session, "T update { s: r.s } < all >"), ["E0220"]);
    assert_eq!(codes(&mut session, "T count < where: (id = r) >"), ["E0220"]);
    assert_eq!(codes(&mut session, "r destroy"), ["E0220"]);
    assert_eq!(codes(&mut session, "T count < where: (id = loose) >"), ["E0220"]);
    assert_eq!(codes(&mut session, "print loose.nothing"), ["E0220"]);
    run(&mut session, "assert (r.n = 1 and loose.n = 1 and r is not null)");
}
