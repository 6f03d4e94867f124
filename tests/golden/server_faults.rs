//! Servers that can't be used, as the program tells it: the exit code 3, one report that says what to do, and nothing of a password.

use libtest_mimic::{Failed, Trial};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};

type Tested = Result<(), String>;

/// What no report says.
const PASSWORD: &str = "s3cret";

/// What a script does whose database can't be used.
const SCRIPT: &str = "model User { name: STRING } < timestamps: false >\nsync\n";

/// The tests that need no server.
pub(crate) fn trials(out: &mut Vec<Trial>) {
    for scheme in schemes() {
        for (name, place, words) in URLS {
            let url = format!("{scheme}://{place}");
            add(out, format!("faults/{scheme}: {name}"), move || refused(&url, words));
        }
        add(out, format!("faults/{scheme}: a server that says nothing"), move || {
            let listener = listening();
            refused(&url_of(scheme, &listener), &["doesn't answer within 8 s", "does the server"])
        });
        add(out, format!("faults/{scheme}: a server of another kind"), move || {
            let listener = listening();
            let url = url_of(scheme, &listener);
            std::thread::spawn(move || listener.incoming().flatten().for_each(answer));
            refused(&url, &["does the server"])
        });
    }
}

/// What answers everybody as a web server does.
fn answer(mut stream: TcpStream) {
    let said = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    let read = stream.read(&mut [0; 64]);
    drop((said, read));
}

fn listening() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

fn url_of(scheme: &str, listener: &TcpListener) -> String {
    let port = listener.local_addr().unwrap().port();
    format!("{scheme}://ann:{PASSWORD}@127.0.0.1:{port}/shop?sslmode=disable")
}

fn schemes() -> Vec<&'static str> {
    let mut res = Vec::new();
    if cfg!(feature = "mysql") {
        res.push("mysql");
    }
    if cfg!(feature = "postgres") {
        res.push("postgres");
    }
    res
}

/// What a URL says behind its scheme, and words of the report.
const URLS: &[(&str, &str, &[&str])] = &[
    ("nobody listens", "ann:s3cret@127.0.0.1:1/shop", &["does the server run"]),
    (
        "nobody listens on any of the servers",
        "ann:s3cret@127.0.0.1:1,127.0.0.1:2,127.0.0.1:3/shop",
        &["none of the 3 servers takes work", "127.0.0.1:2: ", "does the server run"],
    ),
    ("no such host", "ann:s3cret@nowhere.invalid/shop", &["does the server run"]),
    ("a list with an empty place", "ann:s3cret@a,,b/shop", &["empty place", "host:port,host:port"]),
    ("a list that names a server twice", "ann:s3cret@a:1,b,a:1/shop", &["the server a:1 twice"]),
    ("a port that is none", "ann:s3cret@a,b:port/shop", &["port is no number from 1 to 65535"]),
    ("a port that is too large", "ann:s3cret@a:70000/shop", &["port is no number"]),
    ("a password in each place", "ann:s3cret@a,ben:s3cret@b/shop", &["written `%40`"]),
    ("a password with an @", "ann:s3cret@s3cret@a/shop", &["written `%40`"]),
    ("a password with a slash", "ann:s3cret/1@a/shop", &["written `%40`"]),
    ("an unknown sslmode", "ann:s3cret@a/shop?sslmode=on", &["sslmode is disable"]),
    (
        "a file of certificates that isn't there",
        "ann:s3cret@127.0.0.1:1/shop?sslmode=verify-full&sslrootcert=none.pem",
        &[""],
    ),
];

pub(crate) fn add(out: &mut Vec<Trial>, name: String, test: impl Fn() -> Tested + Send + 'static) {
    out.push(Trial::test(name, move || test().map_err(Failed::from)));
}

/// What the program says of a script on that database, and with which code it ends.
pub(crate) fn said(url: &str, script: &str) -> (Option<i32>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_relata"))
        .args(["run", "-", "--db", url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env_remove("PGPASSWORD")
        .env_remove("MYSQL_PWD")
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let text = [done.stdout, done.stderr].concat();
    (done.status.code(), String::from_utf8_lossy(&text).into_owned())
}

/// A database that can't be used is told once, with what to do.
pub(crate) fn refused(url: &str, words: &[&str]) -> Tested {
    told(url, SCRIPT, (3, "Error: E0607"), words)
}

/// What a script on that database fails with, once, and with which exit code.
pub(crate) fn told(url: &str, script: &str, (code, first): (i32, &str), words: &[&str]) -> Tested {
    let (exit, text) = said(url, script);
    // Lines break where the report ends.
    let line = text.split_whitespace().filter(|it| *it != "│").collect::<Vec<_>>().join(" ");
    let is_told = words.iter().all(|it| line.contains(it));
    let is_one = text.matches("Error: ").count() == 1 && text.contains(first);
    if exit == Some(code)
        && is_told
        && is_one
        && text.contains("help: ")
        && !text.contains(PASSWORD)
    {
        return Ok(());
    }
    Err(format!("{exit:?}, expected {words:?}: {text}"))
}
