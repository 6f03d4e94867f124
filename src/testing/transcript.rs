//! A heading of a page, carried out: what its blocks should hold.

use super::page::{Answer, BlockKind, PageBlock, PageSection, PageStep};
use super::session::{ScriptFindings, TestAnswer, TestSession};
use super::tables;
use super::{TestFailure, TestHost, TestResult, TestedScript};
use crate::db::Sqlite;
use crate::session::Session;
use crate::sql::Dialect;
use crate::stored::laid_out;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What reports call the script of a page.
pub const SCRIPT: &str = "example.schema";

/// What reports call a script of the state before.
const BEFORE: &str = "before.schema";

/// What comes of a heading's scripts.
struct Transcript<'a> {
    host: &'a TestHost,
    session: TestSession,
    /// Its scripts, in order.
    scripts: Vec<TestedScript>,
    /// What each answer block should hold.
    answers: Vec<(&'a Answer, &'a PageBlock, String)>,
    /// What is wrong apart from the answers.
    failures: Vec<TestFailure>,
}

/// What comes of a heading.
pub(super) fn run<'a>(section: &'a PageSection, host: &'a TestHost) -> TestResult {
    let mut result = TestResult {
        title: section.title.clone(),
        line: section.line,
        failures: Vec::new(),
        scripts: Vec::new(),
    };
    let session = match TestSession::new(host) {
        Ok(session) => session,
        Err(message) => {
            result.failures.push(TestFailure { line: section.line, message, difference: None });
            return result;
        }
    };
    let (scripts, answers, failures) = (Vec::new(), Vec::new(), Vec::new());
    let mut transcript = Transcript { host, session, scripts, answers, failures };
    transcript.section(section);
    result.scripts = transcript.scripts;
    result.failures = transcript.failures;
    for (answer, block, actual) in transcript.answers {
        result.failures.extend(TestFailure::of(answer, block, &actual));
    }
    result.failures.sort_by_key(|it| it.line);
    result
}

impl<'a> Transcript<'a> {
    fn section(&mut self, section: &'a PageSection) {
        let steps = match section.steps() {
            Ok(steps) => steps,
            Err(mistake) => return self.fail(mistake.line, mistake.message),
        };
        for step in steps {
            match step {
                PageStep::File(name, block) => self.session.file(name, &block.text),
                PageStep::Before(block) => self.before(block),
                PageStep::Db(block) => {
                    for statement in tables::statements(&block.text) {
                        if let Err(message) = self.session.execute(statement) {
                            self.fail(block.line, message);
                        }
                    }
                }
                PageStep::Ask(answer, block) => {
                    let actual = match answer {
                        Answer::Pull(Some(name)) => self.session.merged(name),
                        Answer::Pull(None) => self.session.pulled(),
                        Answer::PullFor(name) => self.session.translated(name),
                        Answer::Import(name) => self.session.imported(name),
                        Answer::Rollback => Ok(self.session.rolled_back()),
                        Answer::History => self.session.history(),
                        Answer::Tables => self.tables(),
                        Answer::Report(_)
                        | Answer::Sql(_)
                        | Answer::Format
                        | Answer::Json
                        | Answer::Complete
                        | Answer::Name(_)
                        | Answer::Diff(_)
                        | Answer::Apply(_) => Err("it is no question to a database".to_owned()),
                    };
                    self.answer(answer, block, actual);
                }
                PageStep::Script { parts, answers } => {
                    let line = parts.first().map_or(section.line, |it| it.line);
                    let script: String = parts.iter().map(|it| it.text.as_str()).collect();
                    if !self.asked(&script, &answers) {
                        self.script(line, &script, &answers);
                    }
                }
            }
        }
    }

    fn fail(&mut self, line: usize, message: String) {
        self.failures.push(TestFailure { line, message, difference: None });
    }

    /// A script whose declarations aren't known afterwards.
    fn before(&mut self, block: &PageBlock) {
        if let Err(report) = self.session.run_before(self.host, BEFORE, &block.text) {
            self.fail(block.line, report);
        }
    }

    fn answer(&mut self, answer: &'a Answer, block: &'a PageBlock, actual: TestAnswer<String>) {
        match actual {
            Ok(actual) => self.answers.push((answer, block, actual)),
            Err(message) => self.fail(block.line, message),
        }
    }

    /// Answers about a script that isn't run; false, where it is.
    fn asked(&mut self, script: &str, answers: &[(&'a Answer, &'a PageBlock)]) -> bool {
        let is_asked = |it: &Answer| {
            matches!(it, Answer::Complete | Answer::Name(_) | Answer::Diff(_) | Answer::Apply(_))
        };
        if answers.is_empty() || !answers.iter().all(|(it, _)| is_asked(it)) {
            return false;
        }
        for (answer, block) in answers {
            let actual = match answer {
                Answer::Complete => Ok(self.session.complete(script.trim_end_matches('\n'))),
                Answer::Name(asked) => self.session.asked(SCRIPT, script, asked),
                Answer::Diff(allow) => self.session.diff(SCRIPT, script, *allow),
                Answer::Apply(allow) => self.session.apply(SCRIPT, script, *allow),
                Answer::Report(_)
                | Answer::Sql(_)
                | Answer::Format
                | Answer::Tables
                | Answer::Json
                | Answer::Pull(_)
                | Answer::PullFor(_)
                | Answer::Import(_)
                | Answer::Rollback
                | Answer::History => continue,
            };
            self.answer(answer, block, actual);
        }
        true
    }

    fn script(&mut self, line: usize, script: &str, answers: &[(&'a Answer, &'a PageBlock)]) {
        let mut elsewhere: BTreeMap<&str, ScriptFindings> = BTreeMap::new();
        for (answer, _) in answers {
            if let Answer::Report(Some(name)) = answer
                && let Some(dialect) = Dialect::named(name)
            {
                elsewhere.insert(name, self.session.check_in(dialect, SCRIPT, script));
            }
        }
        let mut found = self.session.check(SCRIPT, script);
        let mut sql: BTreeMap<&str, String> = BTreeMap::new();
        for (answer, _) in answers {
            if let Answer::Sql(name) = answer
                && let Some(dialect) = Dialect::named(name)
            {
                sql.insert(name, self.session.sql(dialect));
            }
        }
        let mut json = Err("a script with errors isn't run".to_owned());
        if !found.has_errors {
            let ran = self.session.run(SCRIPT, script);
            json = Ok(ran.json);
            found = ran.found;
        }
        for (answer, block) in answers {
            let nothing = || "there is nothing to report".to_owned();
            let actual = match answer {
                Answer::Report(dialect) => {
                    let found = dialect.map_or(Some(&found), |it| elsewhere.get(it));
                    let report = found.map(|it| it.report.clone()).filter(|it| !it.is_empty());
                    report.ok_or_else(nothing)
                }
                Answer::Sql(dialect) => sql.get(dialect).cloned().ok_or_else(nothing),
                Answer::Format => Session::<Sqlite>::format(script).map_err(|it| it.to_string()),
                Answer::Tables => self.tables(),
                Answer::Json => json.clone(),
                Answer::Pull(_)
                | Answer::PullFor(_)
                | Answer::Import(_)
                | Answer::Rollback
                | Answer::History => Err("it is no answer of a script".to_owned()),
                Answer::Name(_) | Answer::Complete | Answer::Diff(_) | Answer::Apply(_) => {
                    Err("other answers stand behind another script".to_owned())
                }
            };
            self.answer(answer, block, actual);
        }
        let is_report = |(answer, _): &(&Answer, &PageBlock)| **answer == Answer::Report(None);
        if !found.codes.is_empty() && !answers.iter().any(is_report) {
            self.fail(line, format!("problems, and no `report` block:\n{}", found.report));
        }
        let uncorrected = self.session.not_fixed(&found);
        self.scripts.push(TestedScript { line, codes: found.codes, uncorrected });
    }

    fn tables(&mut self) -> TestAnswer<String> {
        Ok(tables::dump(&self.session.tables()?))
    }
}

/// An answer as it is compared and written: lines end where their text ends, but in what the formatter answers.
pub(super) fn normal(answer: &Answer, text: &str) -> String {
    if *answer == Answer::Format {
        return text.to_owned();
    }
    // However its lines are broken.
    let text = if matches!(answer, Answer::Sql(_)) {
        Cow::Owned(text.lines().flat_map(|it| [laid_out(it), "\n".into()]).collect::<String>())
    } else {
        Cow::Borrowed(text)
    };
    let mut res: String = text.lines().flat_map(|it| [it.trim_end(), "\n"]).collect();
    res.truncate(res.trim_end().len());
    if !res.is_empty() {
        res.push('\n');
    }
    res
}

/// Whether a heading has something to try.
pub(super) fn has_input(section: &PageSection) -> bool {
    let mut kinds = section.blocks.iter().map(|it| &it.kind);
    kinds.any(|it| match it {
        BlockKind::Schema
        | BlockKind::Before
        | BlockKind::File(_)
        | BlockKind::Models(_)
        | BlockKind::Db => true,
        BlockKind::Answer(_) | BlockKind::Prose => false,
    })
}
