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

#[cfg(any(feature = "mysql", feature = "postgres"))]
mod alike;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod alike_changes;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod alike_pages;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod faults_on_servers;
mod format;
#[cfg(feature = "mysql")]
mod galera;
#[cfg(feature = "mysql")]
mod galera_writers;
#[cfg(feature = "mysql")]
mod mariadb;
#[cfg(feature = "mysql")]
mod mariadb_changes;
#[cfg(feature = "mysql")]
mod mariadb_cut_off;
#[cfg(feature = "mysql")]
mod mariadb_sessions;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod pulled_again;
mod recorded;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod server_faults;
#[cfg(feature = "postgres")]
mod server_pages;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod server_tls;
#[cfg(feature = "postgres")]
mod servers;

use format::check_format;
use libtest_mimic::{Arguments, Failed, Trial};
use relata::load::{LoadError, Loader};
use relata::run::NoFiles;
use relata::testing::{BlockKind, PageSection, TestFailure, TestHost, TestPage, TestResult};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

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
    #[cfg(feature = "postgres")]
    let server = servers::trials(root, pages(root), &mut trials);
    #[cfg(feature = "postgres")]
    server.0.iter().for_each(|it| server_pages::trials(root, it, &mut trials));
    #[cfg(feature = "mysql")]
    mariadb::trials(root, pages(root), &mut trials);
    #[cfg(feature = "mysql")]
    galera::trials(&mut trials);
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    server_faults::trials(&mut trials);
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    faults_on_servers::trials(&mut trials);
    let res = libtest_mimic::run(&arguments, trials);
    if let Some(edits) = blessed.as_ref() {
        edits.write();
    }
    #[cfg(feature = "postgres")]
    drop(server);
    res.exit();
}

/// The tests of this program's own files.
fn own_trials() -> Vec<Trial> {
    let files = [
        ("tables", harness::tables::TESTS),
        ("recorded", recorded::TESTS),
        ("format", format::TESTS),
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
    let text = fs::read_to_string(path).unwrap();
    let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
    let page = TestPage::parse(name.clone(), text).map_err(|it| format!("{name}:{it}"));
    let page = match page.and_then(known_blocks) {
        Ok(page) => page,
        Err(message) => return vec![Trial::test(name, move || Err(message.into()))],
    };
    let mut res = Vec::new();
    if name.starts_with("docs/errors/") {
        let code = path.file_stem().unwrap().display().to_string();
        let own = page.clone();
        res.push(Trial::test(format!("{name}: shows its code"), move || code_page(&own, &code)));
    }
    for section in page.tests().cloned() {
        let case = Case { page: name.clone(), path: path.to_owned(), blessed: Arc::clone(blessed) };
        let title = format!("{name}: {}", section.title);
        let run = move || case.run(&section);
        res.push(Trial::test(title, run));
    }
    res
}

/// Blocks for people. Those of Rust are tested as documentation.
const PROSE: [&str; 8] = ["text", "sh", "console", "rust", "toml", "js", "prisma", "yaml"];

/// A page, where its blocks are known ones: the list is closed here.
fn known_blocks(page: TestPage) -> Result<TestPage, String> {
    for block in page.sections.iter().flat_map(|it| &it.blocks) {
        let word = block.info.split_whitespace().next().unwrap_or_default();
        if block.kind == BlockKind::Prose && !PROSE.contains(&word) {
            return Err(format!("{}:{}: a block can't be `{}`", page.name, block.line, block.info));
        }
    }
    Ok(page)
}

/// A code that another one's page has beside its own: that tables differ from the script.
const BESIDE: [&str; 1] = ["W0006"];

/// The page of a code reports that code first, and says under `Fixed` how it is done right. What no script causes alone
/// (a file, a database, a machine) is told instead, and has a heading `What to do`.
fn code_page(page: &TestPage, code: &str) -> Result<(), Failed> {
    let name = &page.name;
    let scripts = |it: &&PageSection| it.blocks.iter().any(|it| it.kind == BlockKind::Schema);
    let Some(first) = page.sections.iter().find(scripts) else {
        if page.sections.iter().any(|it| it.title == "What to do") {
            return Ok(());
        }
        return Err(format!("{name}: no `schema` block").into());
    };
    let codes = first.run(&host()).scripts.first().map(|it| it.codes.clone()).unwrap_or_default();
    if codes.first() != Some(&code) || codes.iter().any(|it| *it != code && !BESIDE.contains(it)) {
        let line = first.line;
        return Err(format!("{name}:{line}: reports {codes:?} instead of {code}").into());
    }
    let Some(fixed) = page.sections.iter().filter(scripts).find(|it| it.title == "Fixed") else {
        return Err(format!("{name}: no `schema` block under a heading `Fixed`").into());
    };
    match fixed.blocks.iter().find(|it| it.info == "report") {
        Some(block) => Err(format!("{name}:{}: what is fixed has no report", block.line).into()),
        None => Ok(()),
    }
}

/// Pages may import the scripts of examples/.
fn host() -> TestHost {
    TestHost::new(|| Examples, || NoFiles)
}

struct Examples;

impl Loader for Examples {
    fn resolve(&mut self, from: Option<&str>, path: &str) -> Result<String, LoadError> {
        let folder = from.and_then(|it| Path::new(it).parent());
        let path = folder.unwrap_or(Path::new("")).join(path);
        let is_there = examples().join(&path).is_file();
        is_there.then(|| path.display().to_string()).ok_or(LoadError::NoImports)
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, LoadError> {
        fs::read(examples().join(name)).map_err(|_| LoadError::NoImports)
    }
}

fn examples() -> PathBuf {
    harness::root().join("examples")
}

/// A heading of a page, to be held against the library.
struct Case {
    page: String,
    path: PathBuf,
    blessed: Arc<Option<Edits>>,
}

impl Case {
    fn run(&self, section: &PageSection) -> Result<(), Failed> {
        let mut failures = String::new();
        let mut fail = |line: usize, message: &str| {
            let _ = writeln!(failures, "{}:{line}: {message}", self.page);
        };
        for block in &section.blocks {
            // What isn't whole has no style yet.
            let is_asked = section.blocks.iter().any(|it| is_of_a_part(&it.kind));
            if matches!(block.kind, BlockKind::Schema | BlockKind::File(_)) && !is_asked {
                check_format(&block.text).unwrap_or_else(|it| fail(block.line, &it));
            }
        }
        let result: TestResult = section.run(&host());
        for script in result.scripts {
            if let Some(fixed) = script.uncorrected {
                fail(script.line, &format!("its corrections correct nothing:\n{fixed}"));
            }
        }
        for TestFailure { line, message, difference } in result.failures {
            let Some(it) = difference else {
                fail(line, &message);
                continue;
            };
            match (self.blessed.as_ref(), it.edit) {
                (Some(edits), Some(edit)) => edits.add(&self.path, edit),
                (_, None) => fail(line, &message),
                (None, Some(_)) => fail(line, &harness::difference(&it.expected, &it.actual)),
            }
        }
        if failures.is_empty() { Ok(()) } else { Err(failures.into()) }
    }
}

/// Whether a block asks about a script that needn't be whole.
fn is_of_a_part(kind: &BlockKind) -> bool {
    use relata::testing::Answer;
    matches!(kind, BlockKind::Answer(Answer::Complete | Answer::Name(_)))
}

/// The answers to write, by page.
#[derive(Default)]
struct Edits(Mutex<BTreeMap<PathBuf, Vec<Edit>>>);

/// The bytes to replace, and by what.
type Edit = (Range<usize>, String);

impl Edits {
    fn add(&self, page: &Path, edit: Edit) {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pages.entry(page.to_owned()).or_default().push(edit);
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
