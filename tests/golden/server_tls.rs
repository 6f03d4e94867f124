//! Who a server proves to be. `RELATA_POSTGRES_TLS` and `RELATA_MARIADB_TLS` are folders with its certificates, which `.ci/servers` makes: `ca.pem` has
//! signed that of the server, which is called localhost, and `other.pem` nothing.

use libtest_mimic::{Failed, Trial};
use relata::db::{Database, DbError, DbErrorKind};

/// Host, options behind the URL, and what is said where it isn't connected.
type TlsTest = (&'static str, &'static str, &'static str, Option<&'static str>);

const TESTS: [TlsTest; 12] = [
    ("the right certificate", "localhost", "sslrootcert=FOLDER/ca.pem", None),
    (
        "the right certificate, asked for",
        "localhost",
        "sslmode=verify-full&sslrootcert=FOLDER/ca.pem",
        None,
    ),
    ("any certificate", "127.0.0.1", "sslmode=require", None),
    ("a certificate where there is one", "127.0.0.1", "sslmode=prefer", None),
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
    (
        "a file without certificates",
        "localhost",
        "sslrootcert=FOLDER/server.ext",
        Some("sslrootcert"),
    ),
    (
        "any certificate of a known authority",
        "localhost",
        "sslmode=require&sslrootcert=FOLDER/ca.pem",
        None,
    ),
    (
        "any certificate, of an unknown authority",
        "localhost",
        "sslmode=require&sslrootcert=FOLDER/other.pem",
        Some("UnknownIssuer"),
    ),
];

/// How a server is connected to.
type Open = fn(&str) -> Result<Box<dyn Database>, DbError>;

/// The tests of a server, whose certificates the variable tells the folder of. Whether a connection is encrypted is what `cipher` yields: a text that isn't empty.
pub(crate) fn trials(
    (prefix, url, variable): (&str, &str, &str),
    (open, cipher): (Open, &'static str),
    out: &mut Vec<Trial>,
) {
    let Ok(folder) = std::env::var(variable) else { return };
    for (name, host, options, refused) in TESTS {
        let url = url.replace("127.0.0.1", host);
        let url = format!("{url}?{}", options.replace("FOLDER", &folder));
        let encrypted = options != "sslmode=disable";
        let run = move || tried(open(&url), refused, (cipher, encrypted)).map_err(Failed::from);
        out.push(Trial::test(format!("{prefix}/TLS: {name}"), run));
    }
}

/// What is said where it isn't connected, and whether a connection is encrypted.
fn tried(
    opened: Result<Box<dyn Database>, DbError>,
    refused: Option<&str>,
    (cipher, encrypted): (&str, bool),
) -> Result<(), String> {
    match (opened, refused) {
        (Ok(database), None) => {
            let found = database.rows(cipher, &[]).map_err(|it| it.message)?;
            let is = !format!("{found:?}").contains("\"\"");
            if is == encrypted { Ok(()) } else { Err(format!("{found:?}")) }
        }
        (Err(error), Some(words)) if error.kind == DbErrorKind::CannotOpen => {
            let said = error.message;
            if said.contains(words) { Ok(()) } else { Err(said) }
        }
        (Err(error), _) => Err(format!("{:?}: {}", error.kind, error.message)),
        (Ok(_), Some(words)) => Err(format!("it is connected, expected `{words}`")),
    }
}
