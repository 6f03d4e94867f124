//! Pages of PostgreSQL's own, `tests/postgres`: what is said and done there, word by word. `db` blocks are its SQL.

use super::alike::OPTIONS;
use super::servers::Server;
use libtest_mimic::{Failed, Trial};
use relata::db::{Database as _, Postgres};
use relata::diagnostics::{Losses, Problem, RunProblem};
use relata::migrate::{self, Change};
use relata::report::{Style, draw};
use relata::run::{Options, Outcome, Yield};
use relata::session::{Error, Session};
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
    let run = move || own.with(|it| two_appliers(&own, it)).map_err(Failed::from);
    out.push(Trial::test("postgres/of two appliers one finds nothing left to do", run));
}

/// Every heading of a page; its answers are written into it where that is asked for.
fn page(server: &Server, path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|it| it.to_string())?;
    let page =
        TestPage::parse(path.display().to_string(), text.clone()).map_err(|it| it.message)?;
    let mut answers: Vec<(Range<usize>, String)> = Vec::new();
    for section in page.tests() {
        server.with(|database| {
            let mut told = ServerPage { database: Some(database), scripts: Vec::new() };
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
struct ServerPage {
    database: Option<Postgres>,
    scripts: Vec<String>,
}

impl ServerPage {
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
        if done {
            self.scripts.push(script.to_owned());
        }
        text
    }

    fn rollback(&mut self) -> String {
        match migrate::rollback(self.database.as_mut().unwrap(), Losses::NONE, OPTIONS.now) {
            Ok(None) => "there is nothing to roll back\n".to_owned(),
            Ok(Some(undone)) => undone.sql.into_iter().map(|it| it + ";\n").collect(),
            Err(problem) => draw(&Sources::default(), &[problem.into()], Style::default()),
        }
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
