//! Pages and recorded cases as tests.
//!
//! A page is Markdown: tests/cases, the guide, the pages of verbs and codes, the README. A heading is a test and has a
//! database of its own; `harness::page` says what its blocks are. A script without a `report` must be clean.
//! `cargo test --test golden -- associations` runs the tests with that in their name (path and heading);
//! `BLESS=1 cargo test --test golden` writes the answers into the pages: read the diff.
//!
//! A recorded case (tests/recorded) is an answer of Sequelize and is never blessed.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may fail so, and reads pages and the environment"
)]

mod recorded;

use harness::adapter::{self, Found, Session};
use harness::page::{self, Answer, Block, Section, Step};
use harness::{difference, tables};
use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What reports call the script of a page.
const NAME: &str = "example.schema";

fn main() {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let blessed = std::env::var("BLESS").is_ok_and(|it| it == "1");
    let blessed = Arc::new(blessed.then(Edits::default));
    let mut trials = own_trials();
    for path in pages(root) {
        trials.extend(page_trials(root, &path, &blessed));
    }
    trials.extend(recorded::trials(&root.join("tests/recorded")));
    let res = libtest_mimic::run(&arguments, trials);
    if let Some(edits) = blessed.as_ref() {
        edits.write();
    }
    res.exit();
}

/// The tests of the harness itself.
fn own_trials() -> Vec<Trial> {
    let files = [
        ("page", page::TESTS),
        ("tables", tables::TESTS),
        ("recorded", recorded::TESTS),
        ("adapter", adapter::TESTS),
    ];
    let trials = files.iter().flat_map(|(file, tests)| {
        tests.iter().map(move |&(name, test)| {
            Trial::test(format!("harness/{file}: {name}"), move || {
                test();
                Ok(())
            })
        })
    });
    trials.collect()
}

/// Every page there is, in order.
fn pages(root: &Path) -> Vec<PathBuf> {
    let mut res = vec![root.join("README.md")];
    for folder in ["docs/guide", "docs/verbs", "docs/errors", "tests/cases"] {
        res.extend(harness::files(&root.join(folder)));
    }
    res.retain(|it| it.extension().is_some_and(|it| it == "md") && it.is_file());
    res
}

/// The tests of a page: one a heading, and for the page of a code one more.
fn page_trials(root: &Path, path: &Path, blessed: &Arc<Option<Edits>>) -> Vec<Trial> {
    let page = fs::read_to_string(path).unwrap();
    let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
    let sections = match page::parse(&page) {
        Ok(sections) => sections,
        Err(mistake) => {
            let message = format!("{name}:{}: {}", mistake.line, mistake.message);
            return vec![Trial::test(name, move || Err(message.into()))];
        }
    };
    let mut res = Vec::new();
    if name.starts_with("docs/errors/") {
        let sections = sections.clone();
        let (page, code) = (name.clone(), path.file_stem().unwrap().display().to_string());
        let check = move || code_page(&page, &code, &sections);
        res.push(Trial::test(format!("{name}: shows its code"), check));
    }
    for section in sections {
        let is_prose = |it: &Block| it.kind == page::Kind::Prose;
        if section.blocks.iter().all(is_prose) {
            continue;
        }
        let case = Case { page: name.clone(), path: path.to_owned(), blessed: Arc::clone(blessed) };
        let title = format!("{name}: {}", section.title);
        let run = move || case.run(&section);
        res.push(Trial::test(title, run));
    }
    res
}

/// The page of a code reports that code first, and says under `Fixed` how it is done right. What no script causes alone
/// (a file, a database, a machine) is told instead, and has a heading `What to do`.
fn code_page(page: &str, code: &str, sections: &[Section]) -> Result<(), Failed> {
    let scripts = |it: &&Section| it.blocks.iter().any(|it| it.kind == page::Kind::Schema);
    let Some(first) = sections.iter().find(scripts) else {
        if sections.iter().any(|it| it.title == "What to do") {
            return Ok(());
        }
        return Err(format!("{page}: no `schema` block").into());
    };
    let mut case = Transcript::new()?;
    case.section(first);
    let codes = case.found.first().map(|it| it.codes.clone()).unwrap_or_default();
    if codes.is_empty() || codes.iter().any(|it| *it != code) {
        let line = first.line;
        return Err(format!("{page}:{line}: reports {codes:?} instead of {code}").into());
    }
    let Some(fixed) = sections.iter().filter(scripts).find(|it| it.title == "Fixed") else {
        return Err(format!("{page}: no `schema` block under a heading `Fixed`").into());
    };
    let report = |it: &&Block| it.kind == page::Kind::Answer(Answer::Report(None));
    match fixed.blocks.iter().find(report) {
        Some(block) => Err(format!("{page}:{}: what is fixed has no report", block.line).into()),
        None => Ok(()),
    }
}

/// A heading of a page, to be held against the library.
struct Case {
    page: String,
    path: PathBuf,
    blessed: Arc<Option<Edits>>,
}

impl Case {
    fn run(&self, section: &Section) -> Result<(), Failed> {
        let mut transcript = Transcript::new()?;
        transcript.section(section);
        let mut failures = String::new();
        let mut fail = |line: usize, message: &str| {
            let _ = writeln!(failures, "{}:{line}: {message}", self.page);
        };
        for (line, message) in &transcript.failures {
            fail(*line, message);
        }
        for (answer, block, actual) in &transcript.answers {
            let (expected, actual) = (normal(answer, &block.text), normal(answer, actual));
            if expected == actual {
                continue;
            }
            match self.blessed.as_ref() {
                Some(_) if actual.lines().any(|it| it.starts_with("```")) => {
                    fail(block.line, "the answer holds a fence and can't stand in the page");
                }
                Some(edits) => edits.add(&self.path, block, &actual),
                None => fail(block.line, &difference(&expected, &actual)),
            }
        }
        if failures.is_empty() { Ok(()) } else { Err(failures.into()) }
    }
}

/// What comes of a heading's scripts.
struct Transcript<'a> {
    session: Session,
    /// What was found in each script.
    found: Vec<Found>,
    /// What each answer block should hold.
    answers: Vec<(&'a Answer, &'a Block, String)>,
    /// What is wrong apart from the answers, and on which line.
    failures: Vec<(usize, String)>,
}

impl<'a> Transcript<'a> {
    fn new() -> Result<Self, Failed> {
        Ok(Self {
            session: Session::new()?,
            found: Vec::new(),
            answers: Vec::new(),
            failures: Vec::new(),
        })
    }

    fn section(&mut self, section: &'a Section) {
        let steps = match section.steps() {
            Ok(steps) => steps,
            Err(mistake) => return self.failures.push((mistake.line, mistake.message)),
        };
        for step in steps {
            match step {
                Step::File(name, block) => {
                    if let Err(message) = check_format(&block.text) {
                        self.failures.push((block.line, message));
                    }
                    self.session.file(name, &block.text);
                }
                Step::Db(block) => {
                    for statement in tables::statements(&block.text) {
                        if let Err(message) = self.session.execute(statement) {
                            self.failures.push((block.line, message));
                        }
                    }
                }
                Step::Ask(answer, block) => {
                    let actual = match answer {
                        Answer::Pull(Some(name)) => self.session.merged(name),
                        Answer::Pull(None) => self.session.pulled(),
                        Answer::Rollback => Ok(self.session.rolled_back()),
                        Answer::History => self.session.history(),
                        Answer::Tables => self.tables(),
                        _ => Err("it is no question to a database".to_owned()),
                    };
                    self.answer(answer, block, actual);
                }
                Step::Script { parts, answers } => {
                    let line = parts.first().map_or(section.line, |it| it.line);
                    let script: String = parts.iter().map(|it| it.text.as_str()).collect();
                    if let [(answer @ Answer::Complete, block)] = answers[..] {
                        let actual = Ok(self.session.complete(script.trim_end_matches('\n')));
                        self.answer(answer, block, actual);
                        continue;
                    }
                    let names = answers.iter().filter_map(|(answer, block)| match answer {
                        Answer::Name(asked) => Some((*answer, *block, asked)),
                        _ => None,
                    });
                    let names: Vec<_> = names.collect();
                    if !names.is_empty() && names.len() == answers.len() {
                        for (answer, block, asked) in names {
                            let actual = self.session.asked(NAME, &script, asked);
                            self.answer(answer, block, actual);
                        }
                        continue;
                    }
                    for part in &parts {
                        if let Err(message) = check_format(&part.text) {
                            self.failures.push((part.line, message));
                        }
                    }
                    if let [(answer @ Answer::Diff, block)] = answers[..] {
                        let actual = self.session.diff(NAME, &script);
                        self.answer(answer, block, actual);
                        continue;
                    }
                    self.script(line, &script, &answers);
                }
            }
        }
    }

    fn answer(&mut self, answer: &'a Answer, block: &'a Block, actual: adapter::Result<String>) {
        match actual {
            Ok(actual) => self.answers.push((answer, block, actual)),
            Err(message) => self.failures.push((block.line, message)),
        }
    }

    fn script(&mut self, line: usize, script: &str, answers: &[(&'a Answer, &'a Block)]) {
        let mut elsewhere = BTreeMap::new();
        for (answer, _) in answers {
            if let Answer::Report(Some(dialect)) = answer {
                elsewhere.insert(dialect, self.session.check_in(dialect, NAME, script));
            }
        }
        let mut found = self.session.check(NAME, script);
        let mut sql = BTreeMap::new();
        for (answer, _) in answers {
            if let Answer::Sql(dialect) = answer {
                sql.insert(dialect, self.session.sql(dialect));
            }
        }
        let mut json = Err("a script with errors isn't run".to_owned());
        if !found.has_errors {
            let ran = self.session.run(NAME, script);
            json = Ok(ran.json);
            found = ran.found;
        }
        for (answer, block) in answers {
            let actual = match answer {
                Answer::Report(dialect) => {
                    let found = dialect.as_ref().map_or(Some(&found), |it| elsewhere.get(it));
                    let report = found.map(|it| it.report.clone()).filter(|it| !it.is_empty());
                    report.ok_or_else(|| "there is nothing to report".to_owned())
                }
                Answer::Sql(dialect) => sql[dialect].clone(),
                Answer::Format => adapter::format(script),
                Answer::Tables => self.tables(),
                Answer::Json => json.clone(),
                Answer::Pull(_) | Answer::Rollback | Answer::History => {
                    Err("it is no answer of a script".to_owned())
                }
                Answer::Name(_) => Err("other answers stand behind another script".to_owned()),
                Answer::Complete | Answer::Diff => {
                    Err("it is the only answer of its script".to_owned())
                }
            };
            self.answer(answer, block, actual);
        }
        if let Some(fixed) = self.session.not_fixed(&found) {
            self.failures.push((line, format!("its corrections correct nothing:\n{fixed}")));
        }
        let is_report = |(answer, _): &(&Answer, &Block)| **answer == Answer::Report(None);
        if !found.codes.is_empty() && !answers.iter().any(is_report) {
            let message = format!("problems, and no `report` block:\n{}", found.report);
            self.failures.push((line, message));
        }
        self.found.push(found);
    }

    fn tables(&mut self) -> adapter::Result<String> {
        let tables = tables::read(&mut |sql| self.session.query(sql))?;
        Ok(tables::dump(&tables))
    }
}

/// The formatter says the same, and has nothing to do a second time.
fn check_format(script: &str) -> adapter::Result<()> {
    let once = adapter::format(script)?;
    let twice = adapter::format(&once)?;
    if once != twice {
        let difference = difference(&once, &twice);
        return Err(format!("formatting again changes it again:\n{difference}"));
    }
    let (before, after) = (adapter::meaning(script)?, adapter::meaning(&once)?);
    if before != after {
        let difference = difference(&before, &after);
        return Err(format!("formatting changes what it says:\n{difference}"));
    }
    Ok(())
}

/// An answer as it is compared and written: lines end where their text ends, but in what the formatter answers.
fn normal(answer: &Answer, text: &str) -> String {
    if *answer == Answer::Format {
        return text.to_owned();
    }
    let mut res: String = text.lines().flat_map(|it| [it.trim_end(), "\n"]).collect();
    res.truncate(res.trim_end().len());
    if !res.is_empty() {
        res.push('\n');
    }
    res
}

/// The answers to write, by page.
#[derive(Default)]
struct Edits(Mutex<BTreeMap<PathBuf, Vec<Edit>>>);

/// The bytes to replace, and by what.
type Edit = (Range<usize>, String);

impl Edits {
    fn add(&self, page: &Path, block: &Block, text: &str) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let edits = pages.entry(page.to_owned()).or_default();
        edits.push((block.range.clone(), block.indented(text)));
    }

    /// Writes them, the last first, so that those before keep their place.
    fn write(&self) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (path, edits) in pages.iter_mut() {
            let mut text = fs::read_to_string(path).unwrap();
            edits.sort_by_key(|(range, _)| range.start);
            for (range, answer) in edits.drain(..).rev() {
                text.replace_range(range, &answer);
            }
            fs::write(path, text).unwrap();
        }
    }
}
