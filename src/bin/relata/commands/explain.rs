//! `relata explain`: the long story of a code.

use crate::cli::Explain;
use crate::output::{Exit, Output};
use relata::diagnostics::pages;
use relata::words::nearest;

pub(crate) fn run(arguments: &Explain, output: &mut Output) -> Exit {
    let Some(written) = &arguments.code else {
        for page in pages() {
            output.line(&format!("{}  {}", page.code, page.title()));
        }
        return Exit::Done;
    };
    let code = written.trim().to_ascii_uppercase();
    if let Some(page) = pages().iter().find(|it| it.code == code) {
        output.write(page.text);
        return Exit::Done;
    }
    let help = match nearest(&code, pages().iter().map(|it| it.code)) {
        Some(near) => format!("did you mean `{near}`? `relata explain` lists all codes"),
        None => "`relata explain` lists all codes".to_owned(),
    };
    output.usage(&format!("there is no code `{written}`"), Some(&help))
}
