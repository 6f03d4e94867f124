//! Relata inside of a program: rows as structs, values from the program, scripts of strangers.
//!
//!     cargo run --example embed

use relata::check::Policy;
use relata::db::Sqlite;
use relata::report;
use relata::run::{Options, Outcome};
use relata::session::{Failure, Session};
use relata::value::Value;
use serde::Deserialize;
use std::error::Error;
use std::time::Duration;

const SHOP: &str = r#"
model Customer { name: STRING } < timestamps: false >
model Invoice  { amount: DECIMAL(10, 2), sent: DATE } < timestamps: false >
Customer hasMany   Invoice  < as: invoices, foreignKey: customerId >
Invoice  belongsTo Customer < as: customer, foreignKey: customerId >
sync
Customer create { name: "Ann", invoices: [{ amount: 120, sent: "2022-01-16T12:00:00Z" }, { amount: 7.5 }] }
"#;

/// A row, and the rows of a `hasMany` beside it.
#[derive(Debug, Deserialize)]
struct Customer {
    name: String,
    invoices: Vec<Invoice>,
}

#[derive(Debug, Deserialize)]
struct Invoice {
    id: i64,
    /// A DECIMAL with all its digits; a type of a decimal crate does, too.
    amount: String,
    /// A moment in ISO form, which the types of date crates read.
    sent: Option<String>,
}

#[expect(clippy::print_stdout, reason = "an example shows something")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut session = Session::new(Sqlite::in_memory()?);
    session.run("shop.schema", SHOP, &mut Vec::new())?;

    // What the program gives reaches the database as parameters, whatever is in it.
    session.set("name", "Robert'); DROP TABLE Customers; --");
    session.run("new.schema", "Customer create { name: name }", &mut Vec::new())?;
    session.set("ids", vec![Value::from(1), Value::from(2)]);

    // Rows come as the program's own structs.
    let find = "Customer findAll < where: (id in ids), include: [invoices], order: [id] >";
    let customers: Vec<Customer> = session.ask("find.schema", find)?;
    for customer in &customers {
        println!("{}: {} invoices", customer.name, customer.invoices.len());
        for Invoice { id, amount, sent } in &customer.invoices {
            println!("  {id}: {amount}, sent {}", sent.as_deref().unwrap_or("never"));
        }
    }

    // A script of a stranger: no raw SQL, no files, and not for ever.
    let mut session = session.with_policy(Policy::CLOSED).with_options(Options {
        most_rows: Some(1000),
        most_time: Some(Duration::from_millis(500)),
        ..Options::default()
    });
    let strange = "Customer findAll < where: (name = sql`(SELECT sql FROM sqlite_schema)`) >";
    let mut outcomes: Vec<Outcome> = Vec::new();
    if let Err(failure) = session.run("strange.schema", strange, &mut outcomes) {
        let refused = matches!(failure, Failure::Refused(_));
        for report in report::reports(session.sources(), &failure.problems()) {
            for place in &report.places {
                let (line, column) = (place.line, place.column);
                println!("{line}:{column}: {} (refused: {refused})", report.message);
            }
        }
    }
    Ok(())
}
