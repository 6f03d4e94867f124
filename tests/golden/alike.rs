//! What sentences yield on a server, held against what they are to yield: recorded cases and pages once more.
//!
//! What differs is listed, a line for each test with the reason: one that differs and isn't there fails, and so does one that is there and
//! doesn't differ.

use super::recorded::{compare_results, same};
use libtest_mimic::Failed;
use relata::db::Sqlite;
use relata::run::{NoFiles, Options, Outcome, Yield};
use relata::session::{Error, Session};
use relata::testing::{Answer, BlockKind, PageBlock, PageSection, PageStep};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// How sentences run, so that their answers are the same twice.
pub(crate) const OPTIONS: Options = Options {
    keep_going: true,
    explain: false,
    now: Some(1_642_334_400_000),
    seed: Some(1),
    limits: relata::run::Limits { rows: None, time: None, memory: None },
    allow: relata::diagnostics::Losses::NONE,
    no_backup: true,
};

/// The tests that differ on a server.
pub(crate) fn known_differences(root: &Path, list: &str) -> Vec<String> {
    let differs = fs::read_to_string(root.join(list)).unwrap();
    let lines = differs.lines().filter(|it| !it.starts_with('#') && !it.is_empty());
    lines.map(|it| it.split_once(" -- ").unwrap_or((it, "")).0.to_owned()).collect()
}

/// What comes of a test that differs, or doesn't.
pub(crate) fn judge(list: &str, found: Result<(), String>, differs: bool) -> Result<(), Failed> {
    match (found, differs) {
        (Ok(()), false) | (Err(_), true) => Ok(()),
        (Ok(()), true) => Err(Failed::from(format!("it is in {list}, and doesn't differ"))),
        (Err(message), false) => Err(Failed::from(message)),
    }
}

/// The recorded cases whose sentences yield something: each with its name, its script, and what is recorded.
pub(crate) fn recorded_cases(root: &Path) -> Vec<(String, String, Value)> {
    let mut res = Vec::new();
    for case in harness::files(&root.join("tests/recorded")) {
        if case.file_name().is_none_or(|it| it != "expected.json") {
            continue;
        }
        let case = case.parent().unwrap().to_owned();
        let expected = fs::read_to_string(case.join("expected.json")).unwrap();
        let expected: Value = serde_json::from_str(&expected).unwrap();
        if expected.get("results").is_none() {
            continue;
        }
        let script = fs::read_to_string(case.join("input.schema")).unwrap();
        res.push((format!("recorded/{}", case.file_name().unwrap().display()), script, expected));
    }
    res
}

/// Whether a heading runs scripts whose answers are rows, and asks for nothing that is SQLite's.
pub(crate) fn is_about_rows(section: &PageSection) -> bool {
    let runs = |it: &&PageBlock| {
        let asks = matches!(it.kind, BlockKind::Answer(Answer::Json));
        asks || it.kind == BlockKind::Schema && it.text.contains("sync")
    };
    let others = |it: &PageBlock| match &it.kind {
        BlockKind::Schema | BlockKind::Prose => false,
        BlockKind::Before | BlockKind::File(_) | BlockKind::Models(_) | BlockKind::Db => true,
        BlockKind::Answer(answer) => match answer {
            Answer::Report(None)
            | Answer::Json
            | Answer::Tables
            | Answer::Sql(_)
            | Answer::Format => false,
            Answer::Report(Some(_))
            | Answer::Complete
            | Answer::Name(_)
            | Answer::Diff(_)
            | Answer::Apply(_)
            | Answer::Pull(_)
            | Answer::PullFor(_)
            | Answer::Import(_)
            | Answer::Rollback
            | Answer::History => true,
        },
    };
    section.blocks.iter().any(|it| runs(&it)) && !section.blocks.iter().any(others)
}

/// What sentences about rows yield, one a line; none where the script isn't taken.
pub(crate) fn results<D: relata::db::Database>(
    session: &mut Session<D>,
    script: &str,
) -> Result<Option<Vec<String>>, String> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    if let Err(Error::Refused(problems)) = session.run("example.schema", script, &mut outcomes) {
        let codes: Vec<_> = problems
            .iter()
            .filter(|it| !it.is_warning())
            .map(relata::diagnostics::Problem::code)
            .collect();
        return if codes.is_empty() { Ok(None) } else { Err(codes.join(" ")) };
    }
    let told = outcomes.iter().filter(|it| !matches!(it.result, Yield::Ddl(_)));
    Ok(Some(told.map(Outcome::to_json).collect()))
}

pub(crate) fn recorded<D: relata::db::Database>(
    database: D,
    script: &str,
    expected: &Value,
) -> Result<(), String> {
    let mut session = Session::new(database).with_options(OPTIONS).with_files(NoFiles);
    let all = expected["results"].as_array().cloned().unwrap_or_default();
    match results(&mut session, script)? {
        Some(actual) => compare_results(&all, &actual),
        None => Err("it isn't taken".to_owned()),
    }
}

/// Whether the scripts of a heading yield what they yield on SQLite; their errors have the same codes.
pub(crate) fn answers_alike<D: relata::db::Database>(
    database: D,
    section: &PageSection,
) -> Result<(), String> {
    let mut there = Session::new(database).with_options(OPTIONS);
    let sqlite = Sqlite::in_memory().map_err(|it| it.message)?;
    let mut here = Session::new(sqlite).with_options(OPTIONS);
    for step in section.steps().map_err(|it| it.message)? {
        let PageStep::Script { parts, .. } = step else { continue };
        let script: String = parts.iter().map(|it| it.text.as_str()).collect();
        let expected = results(&mut here, &script);
        let actual = results(&mut there, &script);
        match (expected, actual) {
            (Err(_), Err(_)) => return Ok(()),
            (Ok(Some(expected)), Ok(Some(actual))) => compare(&expected, &actual)?,
            (Ok(None), Ok(None)) => {}
            (_, Err(codes)) => return Err(format!("it isn't taken there: {codes}")),
            (expected, actual) => return Err(format!("{actual:?}, expected {expected:?}")),
        }
    }
    Ok(())
}

pub(crate) fn compare(expected: &[String], actual: &[String]) -> Result<(), String> {
    for (expected, actual) in expected.iter().zip(actual) {
        let (a, b): (Value, Value) =
            (serde_json::from_str(expected).unwrap(), serde_json::from_str(actual).unwrap());
        let alike = match (a.get("error"), b.get("error")) {
            (Some(a), Some(b)) => a["code"] == b["code"],
            (None, None) => same(&a, &b, true),
            _ => false,
        };
        if !alike {
            return Err(format!("{actual}\nexpected {expected}"));
        }
    }
    if expected.len() == actual.len() {
        return Ok(());
    }
    Err(format!("{} answers, expected {}", actual.len(), expected.len()))
}
