//! Relata inside of a program: rows as structs, prepared sentences, transactions, scripts of strangers.
//!
//!     cargo run --example embed

use relata::{Error, Limits, Policy, Session, Sqlite, params};
use serde::Deserialize;
use std::ops::ControlFlow;
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
fn main() -> Result<(), Error> {
    let mut session = Session::new(Sqlite::in_memory()?);
    session.run("shop.schema", SHOP, &mut Vec::new())?;

    // Read and checked once, run often. What the program gives reaches the database as parameters, whatever is in it.
    let mut create = session.prepare("Customer create { name: who }")?;
    create.run(&mut session, params! { who: "Robert'); DROP TABLE Customers; --" })?;

    // Rows come as the program's own structs.
    let find = "Customer findAll < where: (name = who), include: [invoices], order: [id] >";
    let mut find = session.prepare(find)?;
    let customers: Vec<Customer> = find.ask(&mut session, params! { who: "Ann" })?;
    for customer in &customers {
        println!("{}: {} invoices", customer.name, customer.invoices.len());
        for Invoice { id, amount, sent } in &customer.invoices {
            println!("  {id}: {amount}, sent {}", sent.as_deref().unwrap_or("never"));
        }
    }

    // Many of them one by one, and never more than some in memory.
    session.rows("Invoice findAll", |row| {
        println!("{}", row.to_json());
        ControlFlow::Continue(())
    })?;

    // All of it or nothing.
    let done: Result<(), Error> = session.transaction(|it| {
        create.run(it, params! { who: "Bea" })?;
        it.run("check.schema", "assert (1 = 2)", &mut Vec::new())
    });
    println!("{}", done.map_or_else(|it| it.to_string(), |()| "done".to_owned()));
    println!("{} customers", session.ask::<u64>("count.schema", "Customer count")?);

    // A script of a stranger: no raw SQL, no files, and not for ever.
    let limits = Limits { time: Some(Duration::from_millis(500)), ..Limits::STRANGERS };
    let mut session = session.with_policy(Policy::CLOSED).with_limits(limits);
    let strange = "Customer findAll < where: (name = sql`(SELECT sql FROM sqlite_schema)`) >";
    if let Err(error) = session.run("strange.schema", strange, &mut Vec::new()) {
        for report in session.reports(&error.problems()) {
            for place in &report.places {
                println!("{}:{}: {}", place.line, place.column, report.message);
            }
        }
    }
    Ok(())
}
