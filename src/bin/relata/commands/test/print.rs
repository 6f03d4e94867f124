//! What is printed of tests, in each format.

use super::Tally;
use crate::cli::TestFormat;
use crate::line_diff::LineDiff;
use crate::output::Output;
use relata::migrate::Sign;
use relata::testing::{TestFailure, TestResult};
use serde_json::json;
use similar::ChangeTag;
use std::fmt::Write as _;

/// Prints pages as they come.
pub(super) struct TestPrinter {
    format: TestFormat,
    /// What of the XML has to wait for the numbers before it.
    suites: String,
}

impl TestPrinter {
    pub(super) const fn new(format: TestFormat) -> Self {
        Self { format, suites: String::new() }
    }

    pub(super) fn begin(&self, output: &mut Output) {
        if self.format == TestFormat::Junit {
            output.line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        }
    }

    /// A page's tests; how many of those that fail were written, where that was asked for.
    pub(super) fn page(
        &mut self,
        name: &str,
        results: &[TestResult],
        written: Option<usize>,
        output: &mut Output,
    ) {
        match self.format {
            TestFormat::Human => human(name, results, written, output),
            TestFormat::Json => {
                for result in results {
                    output.json(&line(name, result));
                }
            }
            TestFormat::Junit => self.suite(name, results),
            TestFormat::Github => {
                for result in results {
                    for failure in &result.failures {
                        output.exact(&annotation(name, result, failure));
                    }
                }
            }
        }
    }

    /// The sum.
    pub(super) fn end(&self, tally: Tally, output: &mut Output) {
        let unread = tally.unread;
        if self.format == TestFormat::Junit {
            let (all, failed) = (tally.passed + tally.failed, tally.failed);
            output.exact(&format!("<testsuites tests=\"{all}\" failures=\"{failed}\">\n"));
            output.exact(&self.suites);
            output.exact("</testsuites>\n");
        }
        if tally.passed + tally.failed == 0 {
            return;
        }
        let failed = tally.failed.saturating_sub(tally.blessed);
        let mut text = format!("{} passed, {failed} failed", tally.passed);
        if tally.blessed > 0 {
            let _ = write!(text, ", {} written", tally.blessed);
        }
        if unread > 0 {
            let s = if unread == 1 { "" } else { "s" };
            let _ = write!(text, "; {unread} page{s} can't be read");
        }
        output.say(&text);
        if tally.failed > 0 && tally.blessed == 0 && self.format == TestFormat::Human {
            output.say("`relata test --bless` writes what came into the pages");
        }
    }

    fn suite(&mut self, name: &str, results: &[TestResult]) {
        let failed = results.iter().filter(|it| !it.failures.is_empty()).count();
        let (page, all) = (xml(name), results.len());
        let text = &mut self.suites;
        let _ =
            writeln!(text, "  <testsuite name=\"{page}\" tests=\"{all}\" failures=\"{failed}\">");
        for result in results {
            let (title, line) = (xml(title(result)), result.line);
            let _ = write!(
                text,
                "    <testcase classname=\"{page}\" name=\"{title}\" file=\"{page}\" line=\"{line}\""
            );
            if result.failures.is_empty() {
                text.push_str("/>\n");
                continue;
            }
            text.push_str(">\n");
            for failure in &result.failures {
                let first = failure.message.lines().next().unwrap_or_default();
                let (message, whole) = (xml(first), xml(&plain(name, failure)));
                let _ = writeln!(text, "      <failure message=\"{message}\">{whole}</failure>");
            }
            text.push_str("    </testcase>\n");
        }
        text.push_str("  </testsuite>\n");
    }
}

/// What stands before the first heading has no title.
fn title(result: &TestResult) -> &str {
    if result.title.is_empty() { "(before the first heading)" } else { &result.title }
}

fn human(name: &str, results: &[TestResult], written: Option<usize>, output: &mut Output) {
    let failed: Vec<&TestResult> = results.iter().filter(|it| !it.failures.is_empty()).collect();
    let tests = if results.len() == 1 { "test" } else { "tests" };
    if failed.is_empty() {
        output.colored(Some(GREEN), "ok    ");
        output.line(&format!("{name}: {} {tests}", results.len()));
        return;
    }
    match written {
        Some(blessed) => {
            output.colored(Some(YELLOW), "wrote ");
            output.line(&format!("{name}: {blessed} of {} {tests}", results.len()));
        }
        None => {
            output.colored(Some(RED), "FAIL  ");
            output.line(&format!("{name}: {} of {} {tests}", failed.len(), results.len()));
        }
    }
    for result in failed {
        for failure in &result.failures {
            if written.is_some() && failure.can_be_blessed() {
                continue;
            }
            output.line(&format!("\n  {name}:{} {}", failure.line, title(result)));
            for line in failure.message.lines() {
                output.line(&format!("  {line}"));
            }
            if let Some(it) = &failure.difference {
                output.line("  - the page, + what came");
                difference(&it.expected, &it.actual, output);
            }
        }
    }
    output.line("");
}

const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
/// So many lines stand around a difference.
const CONTEXT: usize = 3;

const RED: &str = "\x1b[31m";

fn difference(expected: &str, actual: &str, output: &mut Output) {
    let diff = LineDiff::new(expected, actual, None);
    for (place, hunk) in diff.hunks(CONTEXT).iter().enumerate() {
        if place > 0 {
            output.line("    ...");
        }
        for change in hunk {
            let line = format!("    {} {}", change.tag(), change.value().trim_end_matches('\n'));
            match change.tag() {
                ChangeTag::Delete => output.plan(Sign::Drop, line.trim_end()),
                ChangeTag::Insert => output.plan(Sign::Add, line.trim_end()),
                ChangeTag::Equal => output.line(line.trim_end()),
            }
        }
    }
}

/// A failure without colours.
fn plain(name: &str, failure: &TestFailure) -> String {
    let mut text = format!("{name}:{}: {}\n", failure.line, failure.message);
    if let Some(it) = &failure.difference {
        let diff = LineDiff::new(&it.expected, &it.actual, None);
        text.push_str(&diff.unified(CONTEXT, "the page", "what came"));
    }
    text
}

fn line(name: &str, result: &TestResult) -> String {
    let failures = result.failures.iter().map(|failure| {
        let difference = failure.difference.as_ref();
        json!({
            "line": failure.line,
            "message": failure.message,
            "expected": difference.map(|it| &it.expected),
            "actual": difference.map(|it| &it.actual),
        })
    });
    json!({
        "page": name,
        "line": result.line,
        "title": result.title,
        "ok": result.failures.is_empty(),
        "failures": failures.collect::<Vec<_>>(),
    })
    .to_string()
}

/// A workflow command: <https://docs.github.com/actions>, "Workflow commands".
fn annotation(name: &str, result: &TestResult, failure: &TestFailure) -> String {
    let value = |it: &str| {
        let it = it.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
        it.replace(':', "%3A").replace(',', "%2C")
    };
    let text = plain(name, failure).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    format!(
        "::error file={},line={},title={}::{text}\n",
        value(name),
        failure.line,
        value(title(result))
    )
}

/// A text within XML: what XML has no sign for is left out.
fn xml(text: &str) -> String {
    let mut res = String::with_capacity(text.len());
    for it in text.chars() {
        match it {
            '<' => res.push_str("&lt;"),
            '>' => res.push_str("&gt;"),
            '&' => res.push_str("&amp;"),
            '"' => res.push_str("&quot;"),
            '\n' => res.push_str("&#10;"),
            '\t' => res.push('\t'),
            it if it.is_control() || matches!(it, '\u{fffe}' | '\u{ffff}') => res.push('\u{fffd}'),
            it => res.push(it),
        }
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_reads_is_escaped() {
        assert_eq!(xml("a<b>&\"c\"\n\u{1}"), "a&lt;b&gt;&amp;&quot;c&quot;&#10;\u{fffd}");
    }
}
