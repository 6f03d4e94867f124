//! The pages of codes that no script written by hand comes near: what they show is what is told.

#![expect(clippy::unwrap_used, reason = "a test may fail so")]

use super::kit::session;
use relata::diagnostics::{LoadProblem, Problem};
use relata::report::{Style, draw};
use relata::source::Sources;

#[track_caller]
fn shows(sources: &Sources, problem: Problem, page: &str) {
    let drawn = draw(sources, &[problem], Style::default());
    let shown = page.split("```console\n").nth(1).and_then(|it| it.split("```").next());
    assert_eq!(drawn.trim_end().trim_end_matches("1 error").trim_end(), shown.unwrap().trim_end());
}

#[test]
fn nested_too_deep() {
    let (begin, end) = ("case when a then ".repeat(300), " end".repeat(300));
    let text = format!("model A {{ b: INTEGER < check: ({begin}1{end}) > }}");
    let mut session = session();
    let problem = session.check("deep.schema", &text).first().cloned().unwrap();
    shows(session.sources(), problem, include_str!("../../../docs/errors/E0109.md"));
}

#[test]
fn too_large() {
    let problem = LoadProblem::TooLarge { path: "all.schema".into(), at: None };
    let page = include_str!("../../../docs/errors/E0125.md");
    shows(&Sources::default(), problem.into(), page);
}
