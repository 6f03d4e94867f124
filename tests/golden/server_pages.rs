//! Pages of PostgreSQL's own, `tests/postgres`: what is said and done there, word by word. `db` blocks are its SQL.

use super::alike::OPTIONS;
use super::servers::Server;
use libtest_mimic::{Failed, Trial};
use relata::db::{Database as _, Postgres};
use relata::diagnostics::{Losses, Problem, RunProblem};
use relata::migrate::{self, Change};
use relata::report::{Style, draw};
use relata::run::{Options, Outcome, Yield};
use relata::session::{self, Error, Session};
use relata::source::Sources;
use relata::testing::{Answer, PageStep, TestPage};
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Barrier};

/// The tests.
pub(crate) fn trials(root: &Path, server: &Arc<Server>, out: &mut Vec<Trial>) {
    for path in harness::files(&root.join("tests/postgres")) {
        let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        let server = Arc::clone(server);
        let run = move || page(&server, &path).map_err(Failed::from);
        out.push(Trial::test(format!("postgres/{name}"), run));
    }
    let own = Arc::clone(server);
    let run = move || own.with(|it| a_locked_table(&own, it)).map_err(Failed::from);
    out.push(Trial::test(
        "postgres/a table that somebody has locked is waited for, and nothing changes",
        run,
    ));
    let own = Arc::clone(server);
    let run = move || own.with(|it| a_writer_in_between(&own, it)).map_err(Failed::from);
    out.push(Trial::test(
        "postgres/what somebody writes while a change is planned is lost to no one",
        run,
    ));
    let own = Arc::clone(server);
    let run = move || own.with(|it| three_writers(&own, it)).map_err(Failed::from);
    out.push(Trial::test("postgres/three writers who look for what they make find it", run));
    let own = Arc::clone(server);
    let run = move || own.with(|it| two_appliers(&own, it)).map_err(Failed::from);
    out.push(Trial::test("postgres/of two appliers one finds nothing left to do", run));
    let own = Arc::clone(server);
    let run = move || own.with(|it| a_lost_write(&own, it)).map_err(Failed::from);
    out.push(Trial::test(
        "postgres/of a write whose connection is lost nobody says that it was not kept",
        run,
    ));
}

/// Every heading of a page; its answers are written into it where that is asked for.
fn page(server: &Server, path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|it| it.to_string())?;
    let page =
        TestPage::parse(path.display().to_string(), text.clone()).map_err(|it| it.message)?;
    let mut answers: Vec<(Range<usize>, String)> = Vec::new();
    for section in page.tests() {
        server.with(|database| {
            let mut told = ServerPage { server, database: Some(database), scripts: Vec::new() };
            for step in section.steps().map_err(|it| it.message)? {
                told.step(&step, &mut answers).map_err(|it| format!("{}: {it}", section.title))?;
            }
            Ok(())
        })?;
    }
    answers.sort_by_key(|it| it.0.start);
    let mut wrong = Vec::new();
    let mut blessed = text.clone();
    for (range, answer) in answers.iter().rev() {
        if text.get(range.clone()) != Some(answer) {
            wrong.push(format!(
                "{answer}\nexpected\n{}",
                text.get(range.clone()).unwrap_or_default()
            ));
            blessed.replace_range(range.clone(), answer);
        }
    }
    if std::env::var("BLESS").is_ok_and(|it| it == "1") {
        return fs::write(path, blessed).map_err(|it| it.to_string());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n\n")) }
}

/// A database, and the scripts so far.
struct ServerPage<'s> {
    server: &'s Server,
    database: Option<Postgres>,
    scripts: Vec<String>,
}

impl ServerPage<'_> {
    fn session<T>(&mut self, work: impl FnOnce(&mut Session<Postgres>) -> T) -> T {
        let mut session = Session::new(self.database.take().unwrap()).with_options(OPTIONS);
        for (at, script) in self.scripts.iter().enumerate() {
            session.declare(&format!("{at}.schema"), script).map(drop).unwrap_or_default();
        }
        let done = work(&mut session);
        self.database = Some(session.into_database());
        done
    }

    fn step(
        &mut self,
        step: &PageStep<'_>,
        answers: &mut Vec<(Range<usize>, String)>,
    ) -> Result<(), String> {
        match step {
            PageStep::Db(block) => {
                for sql in block.text.split(";\n").filter(|it| !it.trim().is_empty()) {
                    let database = self.database.as_mut().unwrap();
                    database.execute(sql, &[]).map_err(|it| format!("{sql}: {}", it.message))?;
                }
            }
            PageStep::Before(block) => {
                self.session(|it| it.run("before.schema", &block.text, &mut Vec::new()).map(drop))
                    .map_err(|it| it.to_string())?;
            }
            PageStep::Script { parts, answers: asked } => {
                let script: String = parts.iter().map(|it| it.text.as_str()).collect();
                let change = asked.iter().find_map(|it| match it.0 {
                    Answer::Diff(allow) => Some((*allow, false)),
                    Answer::Apply(allow) => Some((*allow, true)),
                    _ => None,
                });
                let (json, report) = match change {
                    Some((allow, applies)) => (self.change(&script, allow, applies), String::new()),
                    None => self.run(&script),
                };
                for (answer, block) in asked {
                    let text = if matches!(answer, Answer::Report(_)) { &report } else { &json };
                    answers.push((block.range.clone(), text.clone()));
                }
            }
            PageStep::Ask(Answer::Rollback, block) => {
                answers.push((block.range.clone(), self.rollback()));
            }
            PageStep::Ask(Answer::History, block) => {
                let all = migrate::history(self.database.as_mut().unwrap())
                    .map_err(|it| it.to_string())?;
                let mut text = String::new();
                for it in all {
                    let state = if it.rolled_back_at.is_some() { "rolled back" } else { "applied" };
                    writeln!(text, "{} {}, {state}", it.id, it.verb).unwrap();
                    for (_, line) in migrate::draw_recorded(&it.changes) {
                        writeln!(text, "  {line}").unwrap();
                    }
                }
                answers.push((block.range.clone(), text));
            }
            PageStep::Ask(Answer::Pull(None), block) => {
                answers.push((block.range.clone(), self.pull()?));
            }
            PageStep::File(..) | PageStep::Ask(..) => {
                return Err("it isn't asked of a server".to_owned());
            }
        }
        Ok(())
    }

    /// What a script's sentences yield, and what is wrong with it.
    fn run(&mut self, script: &str) -> (String, String) {
        let mut outcomes: Vec<Outcome> = Vec::new();
        let (report, accepted) = self.session(|it| {
            let problems = match it.run("page.schema", script, &mut outcomes) {
                Ok(()) => Vec::new(),
                Err(error) => error.problems(),
            };
            let accepted = !problems.iter().any(|it| !it.is_warning());
            (draw(it.sources(), &problems, Style::default()), accepted)
        });
        if accepted {
            self.scripts.push(script.to_owned());
        }
        let told = outcomes.iter().filter(|it| !matches!(it.result, Yield::Ddl(_)));
        let lines: Vec<String> = told.map(|it| it.to_json() + "\n").collect();
        (lines.concat(), report)
    }

    /// What would be changed, or is.
    fn change(&mut self, script: &str, allow: Losses, applies: bool) -> String {
        // It is the whole script.
        let before = std::mem::take(&mut self.scripts);
        let (text, done) = self.session(|it| {
            it.set_options(Options { allow, ..OPTIONS });
            let changes = it.declare("page.schema", script).and_then(|_| it.diff());
            let changes = match changes {
                Ok(changes) => changes,
                Err(error) => return (told(Vec::new(), error.problems(), it.sources()), false),
            };
            let sound = changes.iter().all(|it| it.refused.is_empty());
            let failed = if applies && sound { it.apply().err() } else { None };
            let done = applies && sound && failed.is_none();
            let problems = failed.map(Error::problems).unwrap_or_default();
            (told(changes, problems, it.sources()), done)
        });
        self.scripts = if done { vec![script.to_owned()] } else { before };
        text
    }

    /// The database as a script, which makes the same in an empty one.
    fn pull(&mut self) -> Result<String, String> {
        let database = self.database.as_mut().unwrap();
        let objects = database.objects().map_err(|it| it.message)?;
        let pulled = session::pulled(database, &objects).map_err(|it| it.to_string())?;
        let expected = catalog_of(database)?;
        self.server.with(|other| {
            let mut session = Session::new(other).with_options(OPTIONS);
            let made = session.run("pulled.schema", &pulled.text, &mut Vec::new());
            if let Err(error) = made {
                let problems = error.problems();
                let report = draw(session.sources(), &problems, Style::default());
                return Err(format!("{}\n{report}", pulled.text));
            }
            let actual = catalog_of(&mut session.into_database())?;
            if actual == expected {
                return Ok(());
            }
            let only = |a: &[String], b: &[String]| {
                let only: Vec<_> = a.iter().filter(|it| !b.contains(it)).cloned().collect();
                only.join("\n")
            };
            let (more, less) = (only(&actual, &expected), only(&expected, &actual));
            Err(format!("{}\nmade:\n{more}\ninstead of:\n{less}", pulled.text))
        })?;
        Ok(pulled.text)
    }

    fn rollback(&mut self) -> String {
        match migrate::rollback(self.database.as_mut().unwrap(), Losses::NONE, OPTIONS.now) {
            Ok(None) => "there is nothing to roll back\n".to_owned(),
            Ok(Some(undone)) => undone.sql.into_iter().map(|it| it + ";\n").collect(),
            Err(problem) => draw(&Sources::default(), &[problem.into()], Style::default()),
        }
    }
}

/// All that a database has, but for what a pulled script is told not to say.
fn catalog_of(database: &mut Postgres) -> Result<Vec<String>, String> {
    let objects = database.objects().map_err(|it| it.message)?;
    let beside = database.surroundings().map_err(|it| it.message)?;
    let mut res = Vec::new();
    for it in objects.iter().filter_map(|it| it.sql.as_deref()) {
        let mut lines: Vec<String> = it.lines().map(same_in_script).collect();
        lines.sort();
        res.push(lines.join("\n"));
    }
    res.extend(beside.enumerations.iter().map(|it| format!("{it:?}")));
    res.extend(beside.statements);
    res.extend(beside.comments.iter().map(|it| format!("{it:?}")));
    res.sort();
    Ok(res)
}

/// A line of a statement without what a script says otherwise, and tells.
fn same_in_script(line: &str) -> String {
    let line = line.trim_end_matches(',').replace(" NOT VALID", "");
    if let Some((before, _)) = line.split_once(" DEFAULT nextval(") {
        return format!("{before} GENERATED BY DEFAULT AS IDENTITY NOT NULL");
    }
    match line.split_once(" PRIMARY KEY ") {
        Some((_, key)) => format!("PRIMARY KEY {key}"),
        None => line.split(" /* ").next().unwrap_or_default().to_owned(),
    }
}

/// A plan, and what is refused of it.
fn told(changes: Vec<Change>, mut problems: Vec<Problem>, sources: &Sources) -> String {
    let mut text = String::new();
    for (_, line) in migrate::draw(&changes) {
        text.push_str(&line);
        text.push('\n');
    }
    let refused = changes.into_iter().flat_map(|it| it.refused);
    problems.extend(refused.map(|it| Problem::from(RunProblem::from(it))));
    if text.is_empty() && problems.is_empty() {
        text.push_str("nothing differs\n");
    }
    if !problems.is_empty() {
        text.push('\n');
        text.push_str(&draw(sources, &problems, Style::default()));
    }
    text
}

const BEFORE: &str =
    "model User { name: STRING } < timestamps: false >\nsync\nUser create { name: \"Ann\" }";

const AFTER: &str =
    "model User { name: TEXT < allowNull: false >, age: INTEGER } < timestamps: false >";

/// Applies the second script; the codes of what went wrong.
fn applied(database: Postgres) -> Result<usize, String> {
    let mut session = Session::new(database).with_options(OPTIONS);
    session.declare("after.schema", AFTER).map_err(|it| it.to_string())?;
    let codes = |error: Error| {
        let problems = error.problems();
        problems.iter().map(Problem::code).collect::<Vec<_>>().join(" ")
    };
    session.apply().map(|it| it.len()).map_err(codes)
}

fn begun(database: Postgres) -> Result<Postgres, String> {
    let mut session = Session::new(database).with_options(OPTIONS);
    session.run("before.schema", BEFORE, &mut Vec::new()).map_err(|it| it.to_string())?;
    Ok(session.into_database())
}

/// What `diff` has to say.
fn differs(database: Postgres) -> Result<usize, String> {
    let mut session = Session::new(database).with_options(OPTIONS);
    session.declare("after.schema", AFTER).map_err(|it| it.to_string())?;
    session.diff().map(|it| it.len()).map_err(|it| it.to_string())
}

fn a_locked_table(server: &Server, database: Postgres) -> Result<(), String> {
    let mut reader = begun(database)?;
    let url = reader.name().to_owned();
    let open = || server.open(&url);
    reader.begin().map_err(|it| it.message)?;
    reader.execute("LOCK TABLE \"Users\" IN ACCESS SHARE MODE", &[]).map_err(|it| it.message)?;
    // Who only looks waits for nobody.
    if differs(open()?)? == 0 {
        return Err("nothing differs".to_owned());
    }
    let found = applied(open()?);
    if found != Err("E0605".to_owned()) {
        return Err(format!("{found:?}, expected E0605"));
    }
    reader.rollback().map_err(|it| it.message)?;
    applied(open()?)?;
    let left = differs(open()?)?;
    if left == 0 { Ok(()) } else { Err(format!("{left} changes are left")) }
}

/// Does something while somebody else's transaction is open that has written to the table; that ends when it is waited for.
fn beside_a_writer(
    writer: &mut Postgres,
    sql: &str,
    work: impl FnOnce() -> Result<(), String> + Send,
) -> Result<(), String> {
    let message = |it: relata::db::DbError| it.message;
    writer.begin().map_err(message)?;
    writer.execute(sql, &[]).map_err(message)?;
    std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        while !other.is_finished() {
            let waiting = (writer as &dyn relata::db::Database).number(waits, &[]);
            if waiting.map_err(message)? != Some(0) {
                break;
            }
            std::thread::yield_now();
        }
        writer.commit().map_err(message)?;
        other.join().unwrap()
    })
}

/// What a script says whose connection the server ends while it waits in it.
fn killed(
    other: &mut Postgres,
    session: &mut Session<Postgres>,
    script: &str,
) -> Result<String, String> {
    std::thread::scope(|scope| {
        let running = scope.spawn(|| session.run("lost.schema", script, &mut Vec::new()));
        let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
            WHERE datname = current_database() AND query LIKE '%pg_sleep(1000)%' AND pid <> pg_backend_pid()";
        while (other as &dyn relata::db::Database).number(kill, &[]).map_err(|it| it.message)?
            == Some(0)
            && !running.is_finished()
        {
            std::thread::yield_now();
        }
        let Err(error) = running.join().unwrap() else {
            return Ok(String::new());
        };
        let problems = error.problems();
        Ok(problems.iter().map(Problem::code).collect::<Vec<_>>().join(" "))
    })
}

fn a_lost_write(server: &Server, database: Postgres) -> Result<(), String> {
    let database = begun(database)?;
    let mut other = server.open(database.name())?;
    let mut session = Session::new(database).with_options(OPTIONS);
    let model = "model User { name: STRING } < timestamps: false >";
    session.declare("models.schema", model).map_err(|it| it.to_string())?;
    let waits = "< where: (sql`pg_sleep(1000)` is null) >";
    for (script, code) in [
        (format!("User update {{ name: \"b\" }} {waits}"), "E0619"),
        (format!("User count {waits}"), "E0605"),
        (format!("transaction {{\n  User update {{ name: \"b\" }} {waits}\n}}"), "E0605"),
        ("User count".to_owned(), ""),
    ] {
        let found = killed(&mut other, &mut session, &script)?;
        if found != code {
            return Err(format!("{script}: {found:?}, expected {code:?}"));
        }
    }
    Ok(())
}

fn a_writer_in_between(server: &Server, database: Postgres) -> Result<(), String> {
    let mut writer = begun(database)?;
    let url = writer.name().to_owned();
    let without = "model User { } < timestamps: false >";
    let apply = |script: &str, expected: Result<(), &str>| {
        let mut session = Session::new(server.open(&url)?).with_options(OPTIONS);
        session.declare("after.schema", script).map_err(|it| it.to_string())?;
        let done = session.apply().map(drop).map_err(|error| {
            let problems = error.problems();
            problems.iter().map(Problem::code).collect::<Vec<_>>().join(" ")
        });
        if done == expected.map_err(str::to_owned) {
            return Ok(());
        }
        Err(format!("{done:?}, expected {expected:?}"))
    };
    // There is nothing in the column until somebody writes to it.
    writer.execute("UPDATE \"Users\" SET name = NULL", &[]).map_err(|it| it.message)?;
    beside_a_writer(&mut writer, "UPDATE \"Users\" SET name = 'Bob'", || {
        apply(without, Err("E0501"))
    })?;
    let row = (&mut writer as &mut dyn relata::db::Database)
        .row("SELECT name FROM \"Users\"", &[])
        .map_err(|it| it.message)?;
    if row != Some(vec![relata::value::Value::from("Bob")]) {
        return Err(format!("{row:?}"));
    }
    // The same of a rollback: a column that came goes, unless somebody has written to it.
    apply(AFTER, Ok(()))?;
    beside_a_writer(&mut writer, "UPDATE \"Users\" SET age = 7", || {
        let mut database = server.open(&url)?;
        match migrate::rollback(&mut database, Losses::NONE, OPTIONS.now) {
            Err(problem) if Problem::from(problem.clone()).code() == "E0513" => Ok(()),
            other => Err(format!("{other:?}, expected E0513")),
        }
    })?;
    Ok(())
}

const LINKED: &str = "model User { name: STRING < unique > } < timestamps: false >\n\
    model Tag { label: STRING } < timestamps: false >\n\
    User belongsToMany Tag < through: UserTags, timestamps: false >\n\
    Tag belongsToMany User < through: UserTags, timestamps: false >\n";

fn three_writers(server: &Server, database: Postgres) -> Result<(), String> {
    let mut session = Session::new(database).with_options(OPTIONS);
    let first = format!(
        "{LINKED}sync\nTag bulkCreate [{{ label: \"a\" }}, {{ label: \"b\" }}]\nUser create {{ name: \"one\" }}"
    );
    session.run("first.schema", &first, &mut Vec::new()).map_err(|it| it.to_string())?;
    let url = session.into_database().name().to_owned();
    let mut script = format!("{LINKED}let u = User findByPk 1\nlet tags = Tag findAll\n");
    for at in 0..25 {
        write!(script, "User findOrCreate {{ name: \"n{at}\" }}\nUser upsert {{ name: \"m{at}\" }} < conflictFields: [name] >\nu setTags tags\nu removeTags tags\n")
            .unwrap();
    }
    let write = || {
        let mut session = Session::new(server.open(&url)?).with_options(OPTIONS);
        let mut outcomes: Vec<Outcome> = Vec::new();
        session.run("writer.schema", &script, &mut outcomes).map_err(|it| it.to_string())?;
        let failed = outcomes.iter().find(|it| matches!(it.result, Yield::Failed(_)));
        failed.map_or(Ok(()), |it| Err(it.to_json()))
    };
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..3).map(|_| scope.spawn(write)).collect();
        writers.into_iter().try_for_each(|it| it.join().unwrap())
    })
}

fn two_appliers(server: &Server, database: Postgres) -> Result<(), String> {
    let url = begun(database)?.name().to_owned();
    let start = Barrier::new(2);
    let apply = || {
        let database = server.open(&url)?;
        start.wait();
        applied(database)
    };
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(apply);
        let other = apply();
        (one.join().unwrap(), other)
    });
    let mut counts = [one?, other?];
    counts.sort_unstable();
    match counts {
        [0, many] if many > 0 => Ok(()),
        counts => Err(format!("{counts:?} changes")),
    }
}
