//! A script checked, its problems read, and run.
//!
//!     cargo run --example hello

use relata::{Error, Outcome, Session, Sqlite, Yield};

#[expect(clippy::print_stdout, reason = "an example shows something")]
fn main() -> Result<(), Error> {
    let mut session = Session::new(Sqlite::in_memory()?);

    // A script with a mistake: nothing of it is run, and every problem says where it is and what to do.
    let wrong = "model User { name: STRING }\nUser hasMany Invoces\nsync";
    if let Err(error) = session.run("wrong.schema", wrong, &mut Vec::new()) {
        for report in session.reports(&error.problems()) {
            for place in &report.places {
                println!("{}:{}:{}: {}", place.file, place.line, place.column, report.message);
            }
            println!("help: {}", report.help.as_deref().unwrap_or("none"));
        }
    }

    // And a good one.
    let right = "model User { name: STRING }\nsync";
    let mut outcomes: Vec<Outcome> = Vec::new();
    session.run("right.schema", right, &mut outcomes)?;
    for outcome in &outcomes {
        if let Yield::Ddl(statements) = &outcome.result {
            println!("line {}: {}", outcome.line, statements.join("; "));
        }
    }
    Ok(())
}
