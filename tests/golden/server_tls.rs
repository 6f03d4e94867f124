//! Who a server of PostgreSQL proves to be. `RELATA_POSTGRES_TLS` is the folder with its certificates, which `.ci/servers` makes: `ca.pem` has signed that
//! of the server, which is called localhost, and `other.pem` nothing.

use libtest_mimic::{Failed, Trial};
use relata::db::{Database as _, DbErrorKind, Postgres};

/// The tests.
pub(crate) fn trials(url: &str, out: &mut Vec<Trial>) {
    let Ok(folder) = std::env::var("RELATA_POSTGRES_TLS") else { return };
    let at = |host: &str, options: &str| {
        let url = url.replace("127.0.0.1", host);
        format!("{url}?{}", options.replace("FOLDER", &folder))
    };
    let rows = [
        ("the right certificate", "localhost", "sslrootcert=FOLDER/ca.pem", None),
        (
            "the right certificate, asked for",
            "localhost",
            "sslmode=verify-full&sslrootcert=FOLDER/ca.pem",
            None,
        ),
        ("any certificate", "127.0.0.1", "sslmode=require", None),
        ("no certificate", "127.0.0.1", "sslmode=disable", None),
        (
            "the certificate of another name",
            "127.0.0.1",
            "sslmode=verify-full&sslrootcert=FOLDER/ca.pem",
            Some("not valid for"),
        ),
        (
            "the certificate of an unknown authority",
            "localhost",
            "sslmode=verify-full&sslrootcert=FOLDER/other.pem",
            Some("UnknownIssuer"),
        ),
        (
            "a certificate that nobody is known to have signed",
            "localhost",
            "sslmode=verify-full",
            Some("UnknownIssuer"),
        ),
        (
            "a file of certificates that isn't there",
            "localhost",
            "sslrootcert=FOLDER/none.pem",
            Some("sslrootcert"),
        ),
    ];
    for (name, host, options, refused) in rows {
        let url = at(host, options);
        let run = move || tried(&url, refused).map_err(Failed::from);
        out.push(Trial::test(format!("postgres/TLS: {name}"), run));
    }
}

/// Connects; what is said where it doesn't.
fn tried(url: &str, refused: Option<&str>) -> Result<(), String> {
    match (Postgres::open(url), refused) {
        (Ok(mut database), None) => {
            database.execute("SELECT 1", &[]).map(drop).map_err(|it| it.message)
        }
        (Err(error), Some(words)) if error.kind == DbErrorKind::CannotOpen => {
            let said = error.message;
            if said.contains(words) { Ok(()) } else { Err(said) }
        }
        (Err(error), _) => Err(format!("{:?}: {}", error.kind, error.message)),
        (Ok(_), Some(words)) => Err(format!("it is connected, expected `{words}`")),
    }
}
