//! A script checked, its problems read, and run.
//!
//!     cargo run --example hello

use relata::db::Sqlite;
use relata::report;
use relata::run::{Outcome, Yield};
use relata::session::{Failure, Session};
use std::error::Error;

#[expect(clippy::print_stdout, reason = "an example shows something")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut session = Session::new(Sqlite::in_memory()?);

    // A script with a mistake: nothing of it is run, and every problem says where it is and what to do.
    let wrong = "model User { name: STRING }\nUser hasMany Invoces\nsync";
    let mut outcomes: Vec<Outcome> = Vec::new();
    if let Err(Failure::Refused(problems)) = session.run("wrong.schema", wrong, &mut outcomes) {
        for report in report::reports(session.sources(), &problems) {
            for place in &report.places {
                let (line, column) = (place.line, place.column);
                println!("{}:{line}:{column}: {}", place.file, report.message);
            }
        }
    }

    // And a good one.
    let right = "model User { name: STRING }\nsync";
    session.run("right.schema", right, &mut outcomes)?;
    for outcome in &outcomes {
        if let Yield::Ddl(statements) = &outcome.result {
            println!("line {}: {}", outcome.line, statements.join("; "));
        }
    }
    Ok(())
}
