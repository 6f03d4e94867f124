//! Relata behind a web server: one session, shared by axum's handlers.
//!
//!     cargo run --example web            serves, asks itself twice, and ends
//!     cargo run --example web -- --stay  serves until Ctrl-C

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use relata::{Prepared, Session, Sqlite, params};
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};

const SHOP: &str = r#"
model Customer { name: STRING < unique > } < timestamps: false >
model Invoice  { amount: DECIMAL(10, 2) < allowNull: false, validate: { min: 0 } > } < timestamps: false >
Customer hasMany   Invoice  < as: invoices, foreignKey: customerId >
Invoice  belongsTo Customer < as: customer, foreignKey: customerId >
sync
Customer create { name: "Ann", invoices: [{ amount: 120 }] }
"#;

#[derive(Serialize, Deserialize)]
struct Customer {
    id: i64,
    name: String,
    invoices: Vec<Invoice>,
}

#[derive(Serialize, Deserialize)]
struct Invoice {
    amount: String,
}

/// The session, and the sentences that were read and checked once.
struct Shop {
    session: Session<Sqlite>,
    find: Prepared,
    bill: Prepared,
}

type Shared = Arc<Mutex<Shop>>;
type Failure = (StatusCode, String);

impl Shop {
    fn open() -> Result<Self, relata::Error> {
        let mut session = Session::new(Sqlite::in_memory()?);
        session.run("shop.schema", SHOP, &mut Vec::new())?;
        let find = "Customer findOne < where: (name = who), include: [invoices] >";
        let bill = "Invoice create { customerId: id, amount: amount }";
        Ok(Self { find: session.prepare(find)?, bill: session.prepare(bill)?, session })
    }

    /// The name is a parameter, whatever is in it.
    fn called(&mut self, name: String) -> Result<Option<Customer>, relata::Error> {
        self.find.ask(&mut self.session, params! { who: name })
    }
}

/// A database waits: that is for a thread where waiting holds up nobody.
async fn within<T: Send + 'static>(
    shop: Shared,
    work: impl FnOnce(&mut Shop) -> Result<T, relata::Error> + Send + 'static,
) -> Result<T, Failure> {
    let work = move || {
        // A handler that panicked has rolled back: the session behind it is whole.
        let mut shop = shop.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut shop).map_err(|it| failure(&shop.session, it))
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|it| Err((StatusCode::INTERNAL_SERVER_ERROR, it.to_string())))
}

/// What a client may know: the first problem, in words; and whose fault it is, by its code.
fn failure(session: &Session<Sqlite>, error: relata::Error) -> Failure {
    let reports = session.reports(&error.problems());
    let Some(first) = reports.first() else {
        return (StatusCode::INTERNAL_SERVER_ERROR, String::new());
    };
    let status = match first.code {
        "E0601" => StatusCode::CONFLICT,
        "E0602" | "E0603" | "E0604" | "E0701" => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, first.message.clone())
}

async fn customer(
    State(shop): State<Shared>,
    Path(name): Path<String>,
) -> Result<Json<Customer>, Failure> {
    let found = within(shop, |it| it.called(name)).await?;
    found.map(Json).ok_or_else(nobody)
}

async fn bill(
    State(shop): State<Shared>,
    Path(name): Path<String>,
    Json(Invoice { amount }): Json<Invoice>,
) -> Result<StatusCode, Failure> {
    let work = |it: &mut Shop| {
        let Some(Customer { id, .. }) = it.called(name)? else { return Ok(None) };
        it.bill.run(&mut it.session, params! { id: id, amount: amount }).map(Some)
    };
    within(shop, work).await?.map(|_| StatusCode::CREATED).ok_or_else(nobody)
}

fn nobody() -> Failure {
    (StatusCode::NOT_FOUND, "no customer is called so".to_owned())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let routes = Router::new()
        .route("/customers/{name}", get(customer))
        .route("/customers/{name}/invoices", post(bill))
        .with_state(Arc::new(Mutex::new(Shop::open()?)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async { axum::serve(listener, routes).await });
    say(&format!("http://{address}/customers/Ann"));
    if std::env::args().any(|it| it == "--stay") {
        server.await??;
    }
    for request in [
        "POST /customers/Ann/invoices HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"amount\":\"7.50\"}",
        "POST /customers/Bea/invoices HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"amount\":\"7.50\"}",
        "POST /customers/Ann/invoices HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"amount\":\"-1\"}",
        "GET /customers/Ann HTTP/1.0\r\n\r\n",
    ] {
        let answer = tokio::task::spawn_blocking(move || -> std::io::Result<String> {
            let (mut stream, mut answer) = (TcpStream::connect(address)?, String::new());
            stream.write_all(request.as_bytes())?;
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        });
        let answer = answer.await??;
        say(answer.lines().next().unwrap_or_default());
        say(answer.rsplit("\r\n").next().unwrap_or_default());
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "an example shows something")]
fn say(line: &str) {
    println!("{line}");
}
