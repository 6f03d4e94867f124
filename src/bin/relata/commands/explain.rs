//! `relata explain`: the long story of a code.

use crate::cli::ExplainArgs;
use crate::output::{Exit, Output};
use relata::diagnostics::pages;
use relata::words::nearest;

pub(crate) fn run(arguments: &ExplainArgs, output: &mut Output) -> Exit {
    let Some(written) = &arguments.code else {
        for page in pages() {
            output.line(&format!("{}  {}", page.code, page.title()));
        }
        return Exit::Done;
    };
    let code = written.trim().to_ascii_uppercase();
    if let Some(page) = pages().iter().find(|it| it.code == code) {
        output.write(&plain(page.text));
        return Exit::Done;
    }
    let help = match nearest(&code, pages().iter().map(|it| it.code)) {
        Some(near) => format!("did you mean `{near}`? `relata explain` lists all codes"),
        None => "`relata explain` lists all codes".to_owned(),
    };
    output.usage(&format!("there is no code `{written}`"), Some(&help))
}

/// A page as a terminal shows it: headings without their signs, blocks indented instead of fenced.
pub(crate) fn plain(page: &str) -> String {
    let mut res = String::with_capacity(page.len());
    let mut fenced = false;
    for line in page.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced && !line.is_empty() {
            res.push_str("    ");
        }
        let heading = line.trim_start_matches('#').trim_start();
        res.push_str(if fenced || !line.starts_with('#') { line } else { heading });
        res.push('\n');
    }
    res
}
