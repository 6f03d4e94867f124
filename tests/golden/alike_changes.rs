//! What changes of a structure on a server, held against what changes on SQLite: pages once more.

use super::alike::{OPTIONS, compare, results};
use relata::db::{Database, Sqlite};
use relata::diagnostics::{Losses, Problem, RunProblem};
use relata::migrate;
use relata::run::Options;
use relata::session::{Error, Session};
use relata::testing::{Answer, BlockKind, PageBlock, PageSection, PageStep};

/// Whether a heading changes a structure, and asks for nothing that is SQLite's.
pub(crate) fn is_about_structure(section: &PageSection) -> bool {
    let changes = |it: &PageBlock| {
        matches!(
            it.kind,
            BlockKind::Answer(
                Answer::Diff(_) | Answer::Apply(_) | Answer::Rollback | Answer::History
            )
        ) || it.kind == BlockKind::Schema && it.text.contains("< alter")
    };
    let others = |it: &PageBlock| match &it.kind {
        BlockKind::Schema | BlockKind::Prose | BlockKind::Before => false,
        BlockKind::File(_) | BlockKind::Models(_) | BlockKind::Db => true,
        BlockKind::Answer(answer) => match answer {
            Answer::Report(None)
            | Answer::Json
            | Answer::Tables
            | Answer::Sql(_)
            | Answer::Format
            | Answer::Diff(_)
            | Answer::Apply(_)
            | Answer::Rollback
            | Answer::History => false,
            Answer::Report(Some(_))
            | Answer::Complete
            | Answer::Name(_)
            | Answer::Pull(_)
            | Answer::PullFor(_)
            | Answer::Import(_) => true,
        },
    };
    section.blocks.iter().any(changes) && !section.blocks.iter().any(others)
}

/// A database, and the scripts that were accepted on it.
struct Changing<D: Database> {
    database: Option<D>,
    scripts: Vec<String>,
}

impl<D: Database> Changing<D> {
    /// Does something in a session that knows the scripts so far.
    fn session<T>(&mut self, work: impl FnOnce(&mut Session<D>) -> T) -> T {
        let mut session = Session::new(self.database.take().unwrap()).with_options(OPTIONS);
        for (at, script) in self.scripts.iter().enumerate() {
            session.declare(&format!("{at}.schema"), script).map(drop).unwrap_or_default();
        }
        let done = work(&mut session);
        self.database = Some(session.into_database());
        done
    }

    fn run(&mut self, script: &str, keeps: bool) -> Result<Option<Vec<String>>, String> {
        let found = self.session(|it| results(it, script));
        if keeps && matches!(found, Ok(Some(_))) {
            self.scripts.push(script.to_owned());
        }
        found
    }

    /// What changes of which object, each with the codes that it is refused by.
    fn diff(&mut self, script: &str, allow: Losses) -> Result<Changes, String> {
        self.session(|it| {
            it.set_options(Options { allow, ..OPTIONS });
            it.declare("diff.schema", script).map_err(codes)?;
            let found = it.diff().map_err(codes)?;
            let mut changes = Changes::new();
            for change in found {
                let own = changes.entry(change.object.to_string()).or_default();
                own.extend(change.refused.iter().map(|it| it.loss().code().to_owned()));
                own.sort();
            }
            Ok(changes)
        })
    }

    fn apply(&mut self, script: &str, allow: Losses) -> Result<(), String> {
        let done = self.session(|it| {
            it.set_options(Options { allow, ..OPTIONS });
            it.declare("apply.schema", script).map_err(codes)?;
            it.apply().map(drop).map_err(codes)
        });
        if done.is_ok() {
            self.scripts.push(script.to_owned());
        }
        done
    }

    fn database(&mut self) -> &mut D {
        self.database.as_mut().unwrap()
    }
}

/// Objects that change, and the codes that each is refused by.
type Changes = std::collections::BTreeMap<String, Vec<String>>;

fn codes(error: Error) -> String {
    let codes = error.problems();
    let codes = codes.iter().filter(|it| !it.is_warning());
    codes.map(Problem::code).collect::<Vec<_>>().join(" ")
}

/// Whether a page's changes are the same there: the same objects, refused for the same reasons, with rows as on SQLite; a change that was
/// carried out is none a second time.
pub(crate) fn changes_alike<D: Database>(database: D, section: &PageSection) -> Result<(), String> {
    let sqlite = Sqlite::in_memory().map_err(|it| it.message)?;
    let mut here = Changing { database: Some(sqlite), scripts: Vec::new() };
    let mut there = Changing { database: Some(database), scripts: Vec::new() };
    let same = |what: &str, expected: String, actual: String| {
        if expected == actual {
            return Ok(());
        }
        Err(format!("{what}: {actual}, expected {expected}"))
    };
    for step in section.steps().map_err(|it| it.message)? {
        match step {
            PageStep::Before(block) => {
                let expected = here.run(&block.text, false);
                let actual = there.run(&block.text, false);
                same("before", format!("{:?}", expected.is_ok()), format!("{:?}", actual.is_ok()))?;
            }
            PageStep::Script { parts, answers } => {
                let script: String = parts.iter().map(|it| it.text.as_str()).collect();
                let asked = answers.iter().find_map(|it| match it.0 {
                    Answer::Diff(allow) => Some((*allow, false)),
                    Answer::Apply(allow) => Some((*allow, true)),
                    _ => None,
                });
                let Some((allow, applies)) = asked else {
                    let expected = here.run(&script, true);
                    match (expected, there.run(&script, true)) {
                        (Ok(Some(expected)), Ok(Some(actual))) => compare(&expected, &actual)?,
                        (Err(_), Err(_)) | (Ok(None), Ok(None)) => {}
                        (expected, actual) => {
                            return Err(format!("{actual:?}, expected {expected:?}"));
                        }
                    }
                    continue;
                };
                let expected = here.diff(&script, allow);
                let actual = there.diff(&script, allow);
                same("diff", format!("{expected:?}"), format!("{actual:?}"))?;
                if applies {
                    let (expected, actual) =
                        (here.apply(&script, allow), there.apply(&script, allow));
                    same("apply", format!("{expected:?}"), format!("{actual:?}"))?;
                    if actual.is_ok() {
                        let again = there.diff(&script, allow);
                        same(
                            "again",
                            format!("{:?}", Ok::<_, String>(Changes::new())),
                            format!("{again:?}"),
                        )?;
                    }
                }
            }
            PageStep::Ask(Answer::Rollback, _) => {
                let none = Losses::NONE;
                let code = |it: &RunProblem| Problem::from(it.clone()).code();
                let undone = |found: &Result<Option<migrate::Undone>, _>| match found {
                    Ok(it) => format!("{:?}", it.as_ref().map(|it| it.migration.id)),
                    Err(it) => code(it).to_owned(),
                };
                let expected = migrate::rollback(here.database(), none, OPTIONS.now);
                let actual = migrate::rollback(there.database(), none, OPTIONS.now);
                same("rollback", undone(&expected), undone(&actual))?;
            }
            PageStep::Ask(Answer::History, _) => {
                let done = |found: Vec<migrate::Migration>| {
                    let each = found
                        .iter()
                        .map(|it| (it.id, it.verb.to_string(), it.rolled_back_at.is_some()));
                    format!("{:?}", each.collect::<Vec<_>>())
                };
                let expected = migrate::history(here.database()).map_err(|it| it.to_string())?;
                let actual = migrate::history(there.database()).map_err(|it| it.to_string())?;
                same("history", done(expected), done(actual))?;
            }
            PageStep::File(..) | PageStep::Db(_) | PageStep::Ask(..) => {}
        }
    }
    Ok(())
}
