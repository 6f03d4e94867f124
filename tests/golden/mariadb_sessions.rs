//! What several sessions on one MariaDB do to each other, what stops a statement, and what a lost connection is.

use super::alike::OPTIONS;
use super::mariadb::MariadbServer;
use libtest_mimic::{Failed, Trial};
use relata::db::{Database as _, DbErrorKind, Mysql, Sqlite};
use relata::run::{Limits, Options, Outcome, Yield};
use relata::session::Session;
use std::sync::{Arc, Barrier};
use std::time::Duration;

type Tested = Result<(), String>;

/// What is done on a database, by its URL.
type SessionTest = fn(&str) -> Tested;

/// What each test does: on a database, whose URL it gets.
const TESTS: &[(&str, SessionTest)] = &[
    ("time that is up ends the statement and not the session", time_is_up),
    ("who asks to stop ends the statement and not the session", someone_stops),
    ("a row that somebody holds is waited for", a_held_row),
    ("of two blocks that wait for each other one is left wholly", a_deadlock),
    (
        "a block whose connection is lost is left wholly, and the next sentence connects",
        a_lost_block,
    ),
    ("of a write whose connection is lost nobody says that it was not kept", a_lost_write),
    ("rows that are there already are passed over, and nothing else is", passed_over),
    ("rows that are there already are changed, and count once", changed_rows),
    ("a row that several sessions make at once is one", racing_rows),
    (
        "what is at places in documents is true, is null and has an order as on SQLite",
        places_in_documents,
    ),
    ("lists beside rows are read within a block and outside", lists_beside_rows),
    ("what a failing sync has made goes again", a_failing_sync),
    ("a table that lacks a column is told", a_differing_table),
    ("there is one statement in a text", one_statement),
    ("an error behind rows is one of their statement", failing_behind_rows),
];

/// The tests.
pub(crate) fn trials(server: &Arc<MariadbServer>, out: &mut Vec<Trial>) {
    for (name, test) in TESTS {
        let server = Arc::clone(server);
        let run = move || server.with_url(test).map_err(Failed::from);
        out.push(Trial::test(format!("mysql/{name}"), run));
    }
}

fn open(url: &str) -> Result<Mysql, String> {
    Mysql::open(url).map_err(|it| it.message)
}

fn session(url: &str) -> Result<Session<Mysql>, String> {
    Ok(Session::new(open(url)?).with_options(OPTIONS))
}

pub(crate) const MODELS: &str = "defaults < timestamps: false >\nmodel User { name: STRING, email: STRING < unique > }\n\
    model Post { title: STRING }\nUser hasMany Post < as: posts, foreignKey: userId >\n\
    Post belongsTo User < as: author, foreignKey: userId >\n";

/// What sentences yield: JSON, a line each.
pub(crate) fn run<D: relata::db::Database>(session: &mut Session<D>, script: &str) -> Vec<String> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    let failed = session.run("test.schema", script, &mut outcomes).err();
    let told = outcomes.iter().filter(|it| !matches!(it.result, Yield::Ddl(_)));
    let mut lines: Vec<String> = told.map(Outcome::to_json).collect();
    if let Some(error) = failed.filter(|_| !lines.iter().any(|it| it.contains("\"error\""))) {
        lines.extend(error.problems().iter().map(|it| format!("{} {it}", it.code())));
    }
    lines
}

/// A session that has tables.
fn synced(url: &str) -> Result<Session<Mysql>, String> {
    let mut res = session(url)?;
    expect(&run(&mut res, &format!("{MODELS}sync\n")), &[])?;
    Ok(res)
}

/// Whether each line has its part.
pub(crate) fn expect(lines: &[String], parts: &[&str]) -> Tested {
    let fits = lines.len() == parts.len() && lines.iter().zip(parts).all(|(a, b)| a.contains(b));
    if fits { Ok(()) } else { Err(format!("{lines:#?}, expected {parts:#?}")) }
}

/// What takes longer than anyone waits, as SQL, and as a sentence.
pub(crate) const ENDLESS: &str =
    "(SELECT count(*) FROM seq_1_to_1000000 AS a, seq_1_to_1000000 AS b)";

fn endless() -> String {
    format!("User count < where: (sql`{ENDLESS}` = 0) >\n")
}

/// The number of the connection that runs it, once there is one.
pub(crate) fn busy(other: &Mysql) -> i64 {
    let running = "SELECT id FROM information_schema.processlist \
        WHERE db = database() AND info LIKE '%seq\\_1\\_to%' AND id <> connection_id()";
    loop {
        if let Some(found) = (other as &dyn relata::db::Database).number(running, &[]).unwrap() {
            return found;
        }
    }
}

fn time_is_up(url: &str) -> Tested {
    let mut session = synced(url)?;
    expect(&run(&mut session, "User create { name: \"a\" }"), &["\"id\":1"])?;
    let time = Some(Duration::from_millis(300));
    session.set_options(Options { limits: Limits { time, ..OPTIONS.limits }, ..OPTIONS });
    expect(&run(&mut session, &endless()), &["E0806"])?;
    session.set_options(OPTIONS);
    expect(&run(&mut session, "User count"), &["\"value\":1"])
}

fn someone_stops(url: &str) -> Tested {
    let mut session = synced(url)?;
    expect(&run(&mut session, "User create { name: \"a\" }"), &["\"id\":1"])?;
    let stop = session.interrupter();
    let other = open(url)?;
    let lines = std::thread::scope(|scope| {
        scope.spawn(move || {
            busy(&other);
            stop.interrupt();
        });
        run(&mut session, &endless())
    });
    expect(&lines, &["E0611"])?;
    expect(&run(&mut session, "User count"), &["\"value\":1"])
}

fn a_held_row(url: &str) -> Tested {
    let mut one = synced(url)?;
    expect(&run(&mut one, "User create { name: \"a\" }"), &["\"id\":1"])?;
    let mut other = open(url)?;
    other.begin().map_err(|it| it.message)?;
    other.execute("UPDATE `Users` SET `name` = 'b'", &[]).map_err(|it| it.message)?;
    let mut database = one.into_database();
    database.limit_wait(Duration::from_millis(300)).map_err(|it| it.message)?;
    let mut one = Session::new(database).with_options(OPTIONS);
    one.declare("models.schema", MODELS).map_err(|it| it.to_string())?;
    expect(&run(&mut one, "User update { name: \"c\" } < where: (id = 1) >"), &["E0605"])?;
    other.rollback().map_err(|it| it.message)?;
    expect(&run(&mut one, "User update { name: \"c\" } < where: (id = 1) >"), &["\"value\":1"])
}

fn a_deadlock(url: &str) -> Tested {
    let mut one = synced(url)?;
    let both = "User bulkCreate [{ name: \"a\" }, { name: \"b\" }]";
    expect(&run(&mut one, both), &["\"id\":2"])?;
    let (mut x, mut y) = (open(url)?, open(url)?);
    let set = |database: &mut Mysql, name: &str, id: u8| {
        database.execute(&format!("UPDATE `Users` SET `name` = '{name}' WHERE `id` = {id}"), &[])
    };
    for (database, name, id) in [(&mut x, "x", 1), (&mut y, "y", 2)] {
        database.begin().map_err(|it| it.message)?;
        set(database, name, id).map_err(|it| it.message)?;
    }
    let (of_x, of_y) = std::thread::scope(|scope| {
        let of_x = scope.spawn(|| set(&mut x, "x", 2));
        let of_y = set(&mut y, "y", 1);
        (of_x.join().unwrap(), of_y)
    });
    let (lost, error, kept, winner) = match (of_x, of_y) {
        (Err(error), Ok(_)) => (&mut x, error, &mut y, "y"),
        (Ok(_), Err(error)) => (&mut y, error, &mut x, "x"),
        both => return Err(format!("{both:?}")),
    };
    let ended = error.ended && lost.has_ended() && lost.lost_race();
    if error.kind != DbErrorKind::Busy || !ended {
        return Err(format!("{error:?}"));
    }
    let undone = lost.execute("DELETE FROM `Users`", &[]).map_err(|it| it.kind);
    if undone != Err(DbErrorKind::Undone) {
        return Err(format!("{undone:?}"));
    }
    lost.rollback().map_err(|it| it.message)?;
    kept.commit().map_err(|it| it.message)?;
    let found = run(&mut one, "User findAll < attributes: [name], order: [id] >");
    let all = format!("[{0},{0}]", format_args!("{{\"name\":\"{winner}\"}}"));
    expect(&found, &[&all])
}

/// What a script says whose statements are ended, with their connection, when one of them takes longer than anyone waits.
fn killed(url: &str, session: &mut Session<Mysql>, script: &str) -> Result<Vec<String>, String> {
    let mut other = open(url)?;
    Ok(std::thread::scope(|scope| {
        scope.spawn(move || {
            let number = busy(&other);
            other.execute(&format!("KILL {number}"), &[]).unwrap();
        });
        run(session, script)
    }))
}

fn a_lost_write(url: &str) -> Tested {
    let mut session = synced(url)?;
    expect(&run(&mut session, "User create { name: \"a\" }"), &["\"id\":1"])?;
    let write = format!("User update {{ name: \"b\" }} < where: (sql`{ENDLESS}` = 0) >\n");
    expect(&killed(url, &mut session, &write)?, &["E0619"])?;
    expect(&killed(url, &mut session, &endless())?, &["E0605"])?;
    expect(&run(&mut session, "User count"), &["\"value\":1"])
}

fn a_lost_block(url: &str) -> Tested {
    let mut session = synced(url)?;
    let script = format!(
        "transaction {{\n  User create {{ name: \"a\" }}\n  {}  User create {{ name: \"b\" }}\n}}\nUser count\n",
        endless()
    );
    let lines = killed(url, &mut session, &script)?;
    let last = lines.last().cloned().unwrap_or_default();
    if !lines.iter().any(|it| it.contains("E0605")) || !last.contains("\"value\":0") {
        return Err(format!("{lines:#?}"));
    }
    Ok(())
}

fn passed_over(url: &str) -> Tested {
    let mut session = synced(url)?;
    let script = "User bulkCreate [{ name: \"a\", email: \"x\" }]\n\
        User bulkCreate [{ name: \"b\", email: \"x\" }, { name: \"c\", email: \"y\" }] < ignoreDuplicates >\n\
        Post bulkCreate [{ title: \"t\", userId: 99 }] < ignoreDuplicates >\nPost count\nUser count\n";
    let parts = ["\"id\":1", "\"name\":\"c\"", "E0602", "\"value\":0", "\"value\":2"];
    expect(&run(&mut session, script), &parts)
}

fn changed_rows(url: &str) -> Tested {
    let mut session = synced(url)?;
    let script = "User bulkCreate [{ name: \"a\", email: \"x\" }, { name: \"b\", email: \"y\" }]\n\
        User bulkCreate [{ name: \"c\", email: \"x\" }, { name: \"d\", email: \"z\" }] < updateOnDuplicate: [name], conflictFields: [email] >\n\
        User bulkCreate [{ id: 1, name: \"e\", email: \"y\" }] < updateOnDuplicate: [name], conflictFields: [email] >\n\
        User findAll < attributes: [name], order: [email] >\n";
    let names = "[{\"name\":\"c\"},{\"name\":\"b\"},{\"name\":\"d\"}]";
    expect(&run(&mut session, script), &["\"id\":2", "\"id\":1,\"name\":\"c\"", "E0618", names])
}

fn racing_rows(url: &str) -> Tested {
    let models = format!(
        "{MODELS}model Tag {{ label: STRING < unique > }}\nUser belongsToMany Tag < as: tags, through: UserTags >\nTag belongsToMany User < as: users, through: UserTags >\n"
    );
    let mut first = session(url)?;
    expect(
        &run(&mut first, &format!("{models}sync\nUser create {{ name: \"a\" }}\n")),
        &["\"id\":1"],
    )?;
    let start = Barrier::new(4);
    let work = || {
        let mut own = session(url)?;
        own.declare("models.schema", &models).map_err(|it| it.to_string())?;
        start.wait();
        let each = (0..25).map(|it| {
            format!("Tag findOrCreate {{ label: \"{it}\" }}\nUser upsert {{ name: \"u\", email: \"{it}\" }}\nlet tag{it} = Tag findOne < where: (label = \"{it}\") >\nann addTags tag{it}\n")
        });
        let script = format!("let ann = User findByPk 1\n{}", each.collect::<String>());
        Ok::<_, String>(run(&mut own, &script))
    };
    let all: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    for lines in all {
        if let Some(error) = lines?.iter().find(|it| it.contains("\"error\"")) {
            return Err(error.clone());
        }
    }
    let counts =
        run(&mut first, "Tag count\nUser count < where: (email is not null) >\nUserTags count\n");
    expect(&counts, &["\"value\":25", "\"value\":25", "\"value\":25"])
}

fn places_in_documents(url: &str) -> Tested {
    let script = "model Note { meta: JSON } < timestamps: false >\nsync\n\
        Note bulkCreate [{ meta: { n: 10, yes: true, nul: null, l: [1] } }, { meta: { n: 9, yes: false, s: \"y\", l: 5 } }, { meta: { n: \"x\" } }]\n\
        Note findAll < attributes: [id], where: (meta.yes) >\nNote findAll < attributes: [id], where: (not meta.yes) >\n\
        Note findAll < attributes: [id], where: (meta.yes = true) >\nNote findAll < attributes: [id], where: (meta.nul is null), order: [id] >\n\
        Note findAll < attributes: [id], order: [meta.n] >\nNote findAll < attributes: [id], order: [meta.n desc] >\n\
        Note findAll < attributes: [id], where: (meta.l[0] is not null) >\nNote max (meta.n)\n";
    let mut here =
        Session::new(Sqlite::in_memory().map_err(|it| it.message)?).with_options(OPTIONS);
    let mut there = session(url)?;
    let (expected, actual) = (run(&mut here, script), run(&mut there, script));
    if expected == actual { Ok(()) } else { Err(format!("{actual:#?}, expected {expected:#?}")) }
}

fn lists_beside_rows(url: &str) -> Tested {
    let mut session = synced(url)?;
    let rows: Vec<_> = (0..1500)
        .map(|it| format!("{{ name: \"{it}\", posts: [{{ title: \"p\" }}, {{ title: \"q\" }}] }}"))
        .collect();
    let script = format!("User bulkCreate [{}]\n", rows.join(", "));
    expect(&run(&mut session, &script), &["\"id\":1500"])?;
    let read = "User findAll < include: [posts], order: [id] >";
    let outside = run(&mut session, read);
    let within = run(&mut session, &format!("transaction {{\n  {read}\n}}\n"));
    let count = |lines: &[String]| lines.iter().map(|it| it.matches("\"title\"").count()).sum();
    let (a, b): (usize, usize) = (count(&outside), count(&within));
    if (a, b) == (3000, 3000) { Ok(()) } else { Err(format!("{a} and {b} rows beside others")) }
}

fn a_failing_sync(url: &str) -> Tested {
    let mut session = session(url)?;
    let script = format!("{MODELS}sql`CREATE VIEW broken AS SELECT nothing FROM nowhere`\nsync\n");
    let lines = run(&mut session, &script);
    if !lines.iter().any(|it| it.contains("nowhere")) {
        return Err(format!("{lines:#?}"));
    }
    let mut database = open(url)?;
    let left = database.objects().map_err(|it| it.message)?;
    if left.is_empty() { Ok(()) } else { Err(format!("{left:?}")) }
}

/// Keeps what is warned of.
struct Warned<'w>(&'w mut Vec<String>);
impl relata::run::Sink for Warned<'_> {
    fn outcome(&mut self, _: Outcome) {}
    fn warning(&mut self, problem: relata::diagnostics::Problem) {
        self.0.push(problem.to_string());
    }
}

fn a_differing_table(url: &str) -> Tested {
    let mut database = open(url)?;
    let table = "CREATE TABLE `Users` (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(255) UNIQUE, phone TEXT)";
    database.execute(table, &[]).map_err(|it| it.message)?;
    let mut session = Session::new(database).with_options(OPTIONS);
    let mut told = Vec::new();
    session
        .run("test.schema", &format!("{MODELS}sync\n"), &mut Warned(&mut told))
        .map_err(|it| it.to_string())?;
    let all = told.join("\n");
    if all.contains("it has no column `name`") && all.contains("`phone`") {
        return Ok(());
    }
    Err(all)
}

fn one_statement(url: &str) -> Tested {
    let mut session = synced(url)?;
    let lines =
        run(&mut session, "User count < where: (sql`1 = 1; CREATE TABLE stacked (a INT)` = 1) >\n");
    if !lines.iter().any(|it| it.contains("E0107")) {
        return Err(format!("{lines:#?}"));
    }
    let mut database = open(url)?;
    match database.execute("SELECT 1; CREATE TABLE stacked (a INT)", &[]) {
        Ok(_) => Err("two statements ran".to_owned()),
        Err(_) => Ok(()),
    }
}

fn failing_behind_rows(url: &str) -> Tested {
    let mut database = open(url)?;
    let fails = "CREATE PROCEDURE fails () BEGIN SELECT 1; SELECT 2; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'behind'; END";
    database.execute(fails, &[]).map_err(|it| it.message)?;
    let call = "CALL fails()";
    let database: &mut dyn relata::db::Database = &mut database;
    let all = [
        database.execute(call, &[]).map(drop),
        database.rows(call, &[]).map(drop),
        database.number(call, &[]).map(drop),
    ];
    for it in all {
        match it {
            Err(error) if error.message == "behind" => {}
            found => return Err(format!("{found:?}")),
        }
    }
    // The connection goes on.
    match database.number("SELECT 3", &[]) {
        Ok(Some(3)) => Ok(()),
        found => Err(format!("{found:?}")),
    }
}
