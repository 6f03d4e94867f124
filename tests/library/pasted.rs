//! What people paste of other languages: one report for each sentence, and what its correction writes is taken by `check`.

#![expect(clippy::unwrap_used, reason = "a test may fail so")]

use relata::ast::Bundle;
use relata::check::check;
use relata::diagnostics::Problem;
use relata::report::fixed;
use relata::source::Sources;
use relata::syntax::{TextDocument, parse};

/// The snippets: a line with the number of reports, then the text; a line of `=` between two.
const SNIPPETS: &str = include_str!("pasted.txt");

fn problems(text: &str) -> (Sources, Vec<Problem>) {
    let mut sources = Sources::default();
    let id = sources.add("pasted.schema", text).unwrap();
    let parsed = parse(sources.get(id));
    let document = TextDocument::new(sources.get(id));
    assert_eq!(document.problems(), parsed.problems, "{text}");
    let mut problems = parsed.problems;
    let checked = check(&Bundle::of(parsed.script), &sources);
    problems.extend(checked.problems.into_iter().filter(|it| !it.is_warning()));
    (sources, problems)
}

#[test]
fn what_is_pasted_is_corrected_to_a_script() {
    for snippet in SNIPPETS.split("\n====\n") {
        let (count, text) = snippet.split_once('\n').unwrap();
        let (sources, found) = problems(text);
        assert_eq!(found.len().to_string(), count, "{text}\n{found:#?}");
        let fixed = fixed(&sources, &found);
        let fixed = &fixed.first().unwrap_or_else(|| panic!("no correction: {text}")).text;
        let (_, left) = problems(fixed);
        assert_eq!(left, [], "{text}\n{fixed}");
    }
}

#[test]
fn what_is_whole_is_nobody_elses() {
    let text = "model Table { name: STRING }\nmodel Project { name: STRING }\nmodel Ref { name: STRING }\n\
        Table create { name: \"a\" }\nProject create { name: \"b\" }\nRef create { name: \"c\" }\n\
        let select = Table findOne\nselect update { name: \"x\" }\nUser findAll";
    let (_, found) = problems(text);
    assert_eq!(found.len(), 1, "{found:#?}");
}
