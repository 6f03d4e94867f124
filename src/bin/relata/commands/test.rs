//! `relata test`: pages of scripts and what must come of them.

mod pages;
mod print;

use crate::cli::TestArgs;
use crate::files::{self, FileLoader};
use crate::output::{Exit, Output, named};
use pages::PageFile;
use print::TestPrinter;
use relata::testing::{SCRIPT, TestFailure, TestHost, TestPage, TestResult};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

/// How many pass and how many fail.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) passed: usize,
    pub(super) failed: usize,
    /// Failing tests whose page was written.
    pub(super) blessed: usize,
    pub(super) pages: usize,
    /// Pages that can't be read.
    pub(super) unread: usize,
}

/// A page and what came of its tests; or why it is none.
struct TestedPage {
    file: PageFile,
    outcome: Result<(TestPage, Vec<TestResult>), String>,
}

pub(crate) fn run(arguments: &TestArgs, output: &mut Output) -> Exit {
    let here = [".".to_owned()];
    let paths = if arguments.paths.is_empty() { &here } else { arguments.paths.as_slice() };
    let files = match pages::find(paths) {
        Ok(files) => files,
        Err(message) => return output.usage(&message, None),
    };
    let mut printer = TestPrinter::new(arguments.format);
    let (mut tally, mut exit) = (Tally::default(), Exit::Done);
    printer.begin(output);
    each_page(&files, arguments, |place, page| {
        output.progress("pages tried", place + 1, files.len());
        exit = exit.worse(told(page, arguments, &mut printer, &mut tally, output));
        !output.is_closed()
    });
    printer.end(tally, output);
    if tally.pages == 0 && exit == Exit::Done {
        let help =
            "a page is a Markdown file with a ```schema block; `relata test --help` shows one";
        return output.usage("there is nothing to test here", Some(help));
    }
    let nothing = arguments.filter.as_ref().filter(|_| tally.passed + tally.failed == 0);
    if let (Some(words), Exit::Done) = (nothing, exit) {
        return output.usage(&format!("no test has `{}` in its name", named(words)), None);
    }
    if tally.failed > tally.blessed { exit.worse(Exit::Script) } else { exit }
}

/// Tells what came of a page, and writes it where that is asked for.
fn told(
    page: TestedPage,
    arguments: &TestArgs,
    printer: &mut TestPrinter,
    tally: &mut Tally,
    output: &mut Output,
) -> Exit {
    let name = page.file.name;
    let (page, results) = match page.outcome {
        Ok(it) => it,
        Err(message) => {
            output.say(&format!("error: {}:{message}", named(&name)));
            tally.unread += 1;
            return Exit::Usage;
        }
    };
    if results.is_empty() {
        let is_page = page.tests().next().is_some();
        tally.pages += usize::from(is_page);
        if !is_page && page_was_named(arguments, &name) {
            output.say(&format!("error: {} has no ```schema block, and so no test", named(&name)));
            return Exit::Usage;
        }
        return Exit::Done;
    }
    tally.pages += 1;
    let failed = results.iter().filter(|it| !it.failures.is_empty());
    let (failed, all) = (failed.count(), results.len());
    tally.failed += failed;
    tally.passed += all - failed;
    let mut written = None;
    if let Some(text) = page.blessed(&results).filter(|_| arguments.bless) {
        if let Err(error) = files::write(Path::new(&name), text.as_bytes()) {
            let reason = files::reason(&error);
            output.say(&format!("error: `{}` can't be written: {reason}", named(&name)));
            return Exit::Machine;
        }
        let is_blessed = |result: &&TestResult| {
            !result.failures.is_empty() && result.failures.iter().all(TestFailure::can_be_blessed)
        };
        let blessed = results.iter().filter(is_blessed).count();
        tally.blessed += blessed;
        written = Some(blessed);
    }
    printer.page(&name, &results, written, output);
    Exit::Done
}

fn page_was_named(arguments: &TestArgs, name: &str) -> bool {
    arguments.paths.iter().any(|it| it == name)
}

/// Tries the pages, several at once, and gives each in order to `each`, until that has enough.
fn each_page(
    files: &[PageFile],
    arguments: &TestArgs,
    mut each: impl FnMut(usize, TestedPage) -> bool,
) {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = arguments.jobs.map_or_else(cores, usize::from).min(files.len());
    let (next, enough) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let (sender, next, enough) = (sender.clone(), &next, &enough);
            scope.spawn(move || {
                while !enough.load(Ordering::Relaxed) {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(file) = files.get(place) else {
                        return;
                    };
                    // Who had enough doesn't listen.
                    if sender.send((place, tried(file, arguments.filter.as_deref()))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = std::collections::BTreeMap::new();
        let mut told = 0;
        for (place, page) in receiver {
            waiting.insert(place, page);
            while let Some(page) = waiting.remove(&told) {
                if !each(told, page) {
                    enough.store(true, Ordering::Relaxed);
                    return;
                }
                told += 1;
            }
        }
    });
}

/// Reads a page and carries out its tests.
fn tried(file: &PageFile, filter: Option<&str>) -> TestedPage {
    let outcome = pages::read(&file.path).and_then(|text| {
        let page = TestPage::parse(file.name.clone(), text).map_err(|it| it.to_string())?;
        let folder: PathBuf = match file.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let files = folder.clone();
        let host = TestHost::new(
            move || FileLoader::of_page(SCRIPT, &folder),
            move || FileLoader::of_page(SCRIPT, &files),
        );
        let wanted = |title: &str| filter.is_none_or(|it| has_words(&file.name, title, it));
        let tests = page.tests().filter(|it| wanted(&it.title));
        let results = tests.map(|it| it.run(&host)).collect();
        Ok((page, results))
    });
    TestedPage { file: file.clone(), outcome }
}

/// Whether a test's page and heading have all of the words.
fn has_words(page: &str, title: &str, words: &str) -> bool {
    let name = format!("{page} {title}").to_lowercase();
    words.to_lowercase().split_whitespace().all(|it| name.contains(it))
}
