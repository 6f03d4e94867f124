//! Pages of a server's own: what is said and done there, word by word. `db` blocks are its SQL.

use super::alike::OPTIONS;
use relata::db::Database;
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

/// What is done on a database that is made for it.
pub(crate) type OnDatabase<'w, D> = dyn FnMut(D) -> Result<(), String> + 'w;

/// What makes a script of a database.
pub(crate) type PullDatabase<'p, D> = &'p dyn Fn(&mut D) -> Result<String, String>;

/// Every heading of a page; its answers are written into it where that is asked for.
pub(crate) fn page<D: Database>(
    path: &Path,
    with: &dyn Fn(&mut OnDatabase<'_, D>) -> Result<(), String>,
    pull: PullDatabase<'_, D>,
) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|it| it.to_string())?;
    let page =
        TestPage::parse(path.display().to_string(), text.clone()).map_err(|it| it.message)?;
    let mut answers: Vec<(Range<usize>, String)> = Vec::new();
    for section in page.tests() {
        with(&mut |database| {
            let mut told = ServerPage { pull, database: Some(database), scripts: Vec::new() };
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
struct ServerPage<'s, D: Database> {
    pull: PullDatabase<'s, D>,
    database: Option<D>,
    scripts: Vec<String>,
}

impl<D: Database> ServerPage<'_, D> {
    fn session<T>(&mut self, work: impl FnOnce(&mut Session<D>) -> T) -> T {
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
                let text = (self.pull)(self.database.as_mut().unwrap())?;
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
