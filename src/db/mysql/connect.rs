//! Which server a URL means, and a connection to it.
//!
//! Invariant: a password is in nothing that is said of a connection.

use super::error;
use crate::db::{DbError, DbErrorKind};
use mysql::consts::CapabilityFlags;
use mysql::prelude::Queryable as _;
use mysql::{Conn, OptsBuilder, SslOpts};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::time::Duration;

/// So long a server may take to answer at all.
const PATIENCE: Duration = Duration::from_secs(8);

/// So many statements are kept prepared.
const PREPARED: usize = 256;

/// Where servers listen.
const PORT: u16 = 3306;

/// What every session has, whatever the server's own settings are: moments in UTC, texts in UTF-8, no value that is cut or made another, a
/// number only where one is asked for, enough digits of an average, messages in English, no wait for a lock that never ends; and names in
/// double quotes, `||` and the values of an UPDATE as the standard and all other databases have them.
const SETTINGS: [&str; 3] = [
    "SET NAMES utf8mb4",
    "SET SESSION time_zone = '+00:00', lc_messages = 'en_US', autocommit = 1, foreign_key_checks = 1, unique_checks = 1, \
     sql_auto_is_null = 0, completion_type = 0, lock_wait_timeout = 5, innodb_lock_wait_timeout = 5, \
     group_concat_max_len = 4294967295, div_precision_increment = 20, \
     sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,\
     ANSI_QUOTES,PIPES_AS_CONCAT,SIMULTANEOUS_ASSIGNMENT'",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
];

/// The oldest version that has all that is used.
const OLDEST: (u32, u32) = (10, 9);

/// How a connection is made, and made again.
#[derive(Clone)]
pub(super) struct ServerAddress {
    user: String,
    password: Option<String>,
    /// Each with its port; the first that takes the connection is used.
    hosts: Vec<(String, u16)>,
    socket: Option<String>,
    pub(super) database: Option<String>,
    tls: TlsDemand,
    root: Option<String>,
    /// The URL without its password.
    pub(super) name: String,
}

/// What `sslmode` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum TlsDemand {
    Disable,
    Require,
    VerifyFull,
}

impl ServerAddress {
    /// Reads `mysql://user:password@host:port,host:port/name?sslmode=..`.
    pub(super) fn of(url: &str) -> Result<Self, DbError> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| cannot("it is no URL"))?;
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (who, places) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = who.split_once(':').map_or((who, None), |(a, b)| (a, Some(b)));
        let mut hosts = Vec::new();
        for place in places.split(',').filter(|it| !it.is_empty()) {
            hosts.push(host(place)?);
        }
        if hosts.is_empty() {
            hosts.push(("127.0.0.1".to_owned(), PORT));
        }
        let (mut mode, mut root, mut socket) = (None, None, None);
        for option in options.split('&').filter(|it| !it.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            match name {
                "sslmode" => mode = Some(tls_mode(value)?),
                "sslrootcert" => root = Some(plain(value)?),
                "socket" => socket = Some(plain(value)?),
                _ => {
                    let known = "sslmode, sslrootcert and socket";
                    return Err(cannot(format!("the URL has no `{name}`: it may have {known}")));
                }
            }
        }
        let is_near = socket.is_some() || hosts.iter().all(|(host, _)| is_loopback(host));
        let tls = match (mode, is_near, root.is_some()) {
            (Some(mode), ..) => mode,
            (None, true, false) => TlsDemand::Disable,
            (None, ..) => TlsDemand::VerifyFull,
        };
        let user = match plain(user)? {
            it if it.is_empty() => variable("USER").unwrap_or_else(|| "root".to_owned()),
            it => it,
        };
        let database = plain(database)?;
        if database.is_empty() {
            return Err(cannot("the URL names no database: mysql://user@host/database"));
        }
        let database = Some(database);
        let name = name(scheme, (&user, &hosts, socket.as_deref()), database.as_deref());
        let password = match password {
            Some(it) => Some(plain(it)?),
            None => variable("MYSQL_PWD"),
        };
        Ok(Self { user, password, hosts, socket, database, tls, root, name })
    }

    /// A new connection, to the first server that takes it; which one that is.
    pub(super) fn connect(&self) -> Result<(Conn, usize), DbError> {
        let mut failed = None;
        for place in 0..self.hosts.len() {
            match self.connect_to(place) {
                Ok(it) => return Ok((it, place)),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        Err(failed.unwrap_or_else(|| cannot("the URL names no server")))
    }

    /// A new connection to one of the servers.
    pub(super) fn connect_to(&self, place: usize) -> Result<Conn, DbError> {
        let (host, port) =
            self.hosts.get(place).ok_or_else(|| cannot("there is no such server"))?;
        let tls = match self.tls {
            TlsDemand::Disable => None,
            TlsDemand::Require => Some(
                SslOpts::default()
                    .with_danger_accept_invalid_certs(true)
                    .with_danger_skip_domain_validation(true),
            ),
            TlsDemand::VerifyFull => {
                Some(SslOpts::default().with_root_cert_path(self.root.clone().map(PathBuf::from)))
            }
        };
        let options = OptsBuilder::new()
            .ip_or_hostname(Some(host.clone()))
            .tcp_port(*port)
            .socket(self.socket.clone())
            .prefer_socket(false)
            .user(Some(self.user.clone()))
            .pass(self.password.clone())
            .db_name(self.database.clone())
            .tcp_connect_timeout(Some(PATIENCE))
            .stmt_cache_size(PREPARED)
            .ssl_opts(tls)
            .init(SETTINGS.to_vec())
            // Rows that were found count as written, though they had these values before.
            .additional_capabilities(CapabilityFlags::CLIENT_FOUND_ROWS);
        let (sender, receiver) = channel();
        // A server that takes a connection and then says nothing.
        std::thread::spawn(move || drop(sender.send(Conn::new(options))));
        match receiver.recv_timeout(PATIENCE) {
            Ok(done) => done.map_err(|it| error::opening(&it)),
            Err(_) => Err(cannot(format!("the server doesn't answer within {PATIENCE:?}"))),
        }
    }

    /// Asks a server to end what a connection to it runs.
    pub(super) fn cancel(&self, (place, number): (usize, u32)) -> Result<(), DbError> {
        let mut connection = self.connect_to(place)?;
        let asked = connection.query_drop(format!("KILL QUERY {number}"));
        asked.map_err(|it| error::of(&it))
    }
}

/// That the server is one of those that are known here.
pub(super) fn check_version(connection: &mut Conn) -> Result<(), DbError> {
    let said: Option<String> =
        connection.query_first("SELECT VERSION()").map_err(|it| error::opening(&it))?;
    let said = said.unwrap_or_default();
    if !said.contains("MariaDB") {
        return Err(cannot(format!("it is MySQL {said}, where scripts don't run yet")));
    }
    let mut numbers = said.split(['.', '-']).map(|it| it.parse::<u32>().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if version < OLDEST {
        let (major, minor) = OLDEST;
        return Err(cannot(format!("it is {said}, and version {major}.{minor} is needed")));
    }
    Ok(())
}

fn cannot(message: impl Into<String>) -> DbError {
    DbError::new(DbErrorKind::CannotOpen, message)
}

fn tls_mode(word: &str) -> Result<TlsDemand, DbError> {
    Ok(match word {
        "disable" | "prefer" => TlsDemand::Disable,
        "require" => TlsDemand::Require,
        "verify-ca" | "verify-full" => TlsDemand::VerifyFull,
        _ => {
            let known = "disable, prefer, require or verify-full";
            return Err(cannot(format!("sslmode is {known}, and not `{word}`")));
        }
    })
}

/// `host`, `host:port`, `[::1]:port`
fn host(place: &str) -> Result<(String, u16), DbError> {
    let (host, port) = match place.strip_prefix('[').and_then(|it| it.split_once(']')) {
        Some((host, behind)) => (host, behind.strip_prefix(':')),
        None => match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    let port = match port.map(str::parse) {
        None => PORT,
        Some(Ok(port)) => port,
        Some(Err(_)) => return Err(cannot("the URL's port is no number")),
    };
    Ok((plain(host)?, port))
}

/// A part of a URL without what is written otherwise in it: `%40` is `@`.
fn plain(part: &str) -> Result<String, DbError> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part;
    while let Some((before, behind)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let code = behind.get(..2).map(|it| u8::from_str_radix(it, 16));
        let Some(Ok(byte)) = code else {
            return Err(cannot("a `%` in the URL stands before two hexadecimal digits"));
        };
        bytes.push(byte);
        rest = behind.get(2..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).map_err(|_| cannot("the URL isn't UTF-8"))
}

/// Whether what goes there doesn't leave this machine.
fn is_loopback(host: &str) -> bool {
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|it| it.is_loopback())
}

/// `mysql://ann@localhost:3306/shop`
fn name(
    scheme: &str,
    (user, hosts, socket): (&str, &[(String, u16)], Option<&str>),
    database: Option<&str>,
) -> String {
    let mut out = format!("{scheme}://{user}@");
    match socket {
        Some(socket) => out.push_str(socket),
        None => {
            for (place, (host, port)) in hosts.iter().enumerate() {
                let comma = if place > 0 { "," } else { "" };
                let _ = write!(out, "{comma}{host}:{port}");
            }
        }
    }
    if let Some(database) = database {
        let _ = write!(out, "/{database}");
    }
    out
}

#[expect(clippy::disallowed_methods, reason = "where the servers' own programs look for it")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_password_and_far_servers_are_verified() {
        let near = ServerAddress::of("mysql://ann:s%40cret@localhost:13310/shop").unwrap();
        assert_eq!(near.name, "mysql://ann@localhost:13310/shop");
        assert_eq!((near.password.as_deref(), near.tls), (Some("s@cret"), TlsDemand::Disable));
        let far = ServerAddress::of("mariadb://ann:secret@a,b:3307/shop").unwrap();
        assert_eq!(far.name, "mariadb://ann@a:3306,b:3307/shop");
        assert_eq!(far.tls, TlsDemand::VerifyFull);
        for wrong in [
            "mysql://ann:secret@h/shop?sslmode=no",
            "mysql://ann:secret@h:port/x",
            "mysql://ann:secret%@h/x",
            "mysql://ann:secret@h/x?other=1",
        ] {
            let said = ServerAddress::of(wrong).err().unwrap().message;
            assert!(!said.contains("secret"), "{said}");
        }
    }
}
