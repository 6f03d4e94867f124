//! Which server a URL means, and a connection to it.
//!
//! Invariant: a password is in nothing that is said of a connection.

use super::error;
use super::node::{self, NodeConnection};
use crate::db::server_list::{
    PATIENCE, ReachedServer, UrlParts, cannot, first_ready, host_and_port, refuse_twice, within,
    wrong,
};
use crate::db::{DbError, ServerFault};
use mysql::consts::CapabilityFlags;
use mysql::prelude::Queryable as _;
use mysql::{Conn, DriverError, OptsBuilder, SslOpts};
use std::io::Read as _;
use std::path::PathBuf;
use std::time::Duration;

/// A connection on which nothing comes is asked for a sign of life so often: a machine that is gone says nothing.
const KEEPALIVE: Duration = Duration::from_secs(30);

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

/// How a connection is made, and made again.
#[derive(Clone)]
pub(super) struct ServerAddress {
    user: String,
    password: Option<String>,
    /// Each with its port; the first that takes work is used.
    hosts: Vec<(String, u16)>,
    /// What reports call each of them.
    servers: Vec<String>,
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
    /// Where the server has it.
    Prefer,
    Require,
    VerifyFull,
}

impl ServerAddress {
    /// Reads `mysql://user:password@host:port,host:port/name?sslmode=..`.
    pub(super) fn of(url: &str) -> Result<Self, DbError> {
        let parts = UrlParts::of(url)?;
        let (user, password) = parts.who.map_or((None, None), |it| {
            it.split_once(':').map_or((Some(it), None), |(a, b)| (Some(a), Some(b)))
        });
        let mut hosts = Vec::new();
        for place in &parts.hosts {
            let (host, port) = host_and_port(place, PORT)?;
            hosts.push((plain(host)?, port));
        }
        if hosts.is_empty() {
            hosts.push(("127.0.0.1".to_owned(), PORT));
        }
        let servers: Vec<_> = hosts.iter().map(|(host, port)| format!("{host}:{port}")).collect();
        refuse_twice(&servers)?;
        let (mut mode, mut root, mut socket) = (None, None, None);
        for option in parts.options.split('&').filter(|it| !it.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            match name {
                "sslmode" => mode = Some(tls_mode(value)?),
                "sslrootcert" => root = Some(plain(value)?),
                "socket" => socket = Some(plain(value)?),
                _ => {
                    let known = "sslmode, sslrootcert and socket";
                    return Err(wrong(format!("the URL has no `{name}`: it may have {known}")));
                }
            }
        }
        if socket.is_some() && hosts.len() > 1 {
            return Err(wrong("a socket is one server, and the URL names several"));
        }
        let is_near = socket.is_some() || hosts.iter().all(|(host, _)| is_loopback(host));
        let tls = match (mode, is_near, root.is_some()) {
            // What names certificates to trust wants them looked at.
            (Some(TlsDemand::Require), _, true) => TlsDemand::VerifyFull,
            (Some(TlsDemand::Prefer), _, true) => {
                return Err(wrong(
                    "sslrootcert says whom to trust, and sslmode=prefer trusts anybody: write sslmode=verify-full",
                ));
            }
            (Some(mode), ..) => mode,
            (None, true, false) => TlsDemand::Disable,
            (None, ..) => TlsDemand::VerifyFull,
        };
        let user = match plain(user.unwrap_or_default())? {
            it if it.is_empty() => variable("USER").unwrap_or_else(|| "root".to_owned()),
            it => it,
        };
        let database = plain(parts.path.trim_start_matches('/'))?;
        if database.is_empty() {
            return Err(wrong("the URL names no database: mysql://user@host/database"));
        }
        let place = socket.clone().unwrap_or_else(|| servers.join(","));
        let name = format!("{}://{user}@{place}/{database}", parts.scheme);
        let password = match password {
            Some(it) => Some(plain(it)?),
            None => variable("MYSQL_PWD"),
        };
        let database = Some(database);
        Ok(Self { user, password, hosts, servers, socket, database, tls, root, name })
    }

    /// Whether it names several servers.
    pub(super) const fn has_several(&self) -> bool {
        self.hosts.len() > 1
    }

    /// A new connection, to the first server that takes work: which one that is. The one at `from` is the first that is asked.
    pub(super) fn connect(&self, from: usize) -> Result<(NodeConnection, usize), DbError> {
        first_ready(&self.servers, from, |place, most| {
            let mut connection = self.connect_within(place, most)?;
            let state = node::state(&mut connection)?;
            if self.has_several() && state.is_read_only {
                return Err(cannot(ServerFault::NotReady, "it is read-only"));
            }
            let reached = NodeConnection { connection, is_cluster: state.is_cluster };
            Ok(if state.is_behind {
                ReachedServer::IfNoOther(reached)
            } else {
                ReachedServer::Ready(reached)
            })
        })
    }

    /// A new connection to one of the servers.
    pub(super) fn connect_to(&self, place: usize) -> Result<Conn, DbError> {
        self.connect_within(place, PATIENCE)
    }

    fn connect_within(&self, place: usize, most: Duration) -> Result<Conn, DbError> {
        let (host, port) = self.hosts.get(place).ok_or_else(|| wrong("there is no such server"))?;
        if let (Some(path), TlsDemand::Require | TlsDemand::VerifyFull) = (&self.root, self.tls) {
            look_at_root(path)?;
        }
        let tls = match self.tls {
            TlsDemand::Disable => None,
            TlsDemand::Prefer | TlsDemand::Require => Some(
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
            .tcp_keepalive_time_ms(Some(u32::try_from(KEEPALIVE.as_millis()).unwrap_or(u32::MAX)))
            .socket(self.socket.clone())
            .prefer_socket(false)
            .user(Some(self.user.clone()))
            .pass(self.password.clone())
            .db_name(self.database.clone())
            .tcp_connect_timeout(Some(most))
            .stmt_cache_size(PREPARED)
            .ssl_opts(tls)
            .init(SETTINGS.to_vec())
            // Rows that were found count as written, though they had these values before.
            .additional_capabilities(CapabilityFlags::CLIENT_FOUND_ROWS);
        let without =
            (self.tls == TlsDemand::Prefer).then(|| options.clone().ssl_opts(None::<SslOpts>));
        within(most, move || {
            let opened = match (Conn::new(options), without) {
                (Err(mysql::Error::DriverError(DriverError::TlsNotSupported)), Some(without)) => {
                    Conn::new(without)
                }
                (opened, _) => opened,
            };
            opened.map_err(|it| error::opening(&it))
        })
    }

    /// Asks a server to end what a connection to it runs.
    pub(super) fn cancel(&self, (place, number): (usize, u32)) -> Result<(), DbError> {
        let mut connection = self.connect_to(place)?;
        let asked = connection.query_drop(format!("KILL QUERY {number}"));
        asked.map_err(|it| error::of(&it))
    }
}

/// Fails where a file of certificates can't be read, or has none: the driver doesn't say so.
fn look_at_root(path: &str) -> Result<(), DbError> {
    let broken = |why: &dyn std::fmt::Display| {
        cannot(ServerFault::Certificate, format!("sslrootcert `{path}`: {why}"))
    };
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|mut it| it.read_to_end(&mut bytes));
    read.map_err(|it| broken(&it))?;
    let begin = b"-----BEGIN CERTIFICATE-----";
    // In binary it is a sequence.
    let is_one = bytes.first() == Some(&0x30) || bytes.windows(begin.len()).any(|it| it == begin);
    if is_one { Ok(()) } else { Err(broken(&"there is no certificate in it")) }
}

fn tls_mode(word: &str) -> Result<TlsDemand, DbError> {
    Ok(match word {
        "disable" => TlsDemand::Disable,
        "prefer" => TlsDemand::Prefer,
        "require" => TlsDemand::Require,
        "verify-ca" | "verify-full" => TlsDemand::VerifyFull,
        _ => {
            let known = "disable, prefer, require or verify-full";
            return Err(wrong(format!("sslmode is {known}, and not `{word}`")));
        }
    })
}

/// A part of a URL without what is written otherwise in it: `%40` is `@`.
fn plain(part: &str) -> Result<String, DbError> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part;
    while let Some((before, behind)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let code = behind.get(..2).map(|it| u8::from_str_radix(it, 16));
        let Some(Ok(byte)) = code else {
            return Err(wrong("a `%` in the URL stands before two hexadecimal digits"));
        };
        bytes.push(byte);
        rest = behind.get(2..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).map_err(|_| wrong("the URL isn't UTF-8"))
}

/// Whether what goes there doesn't leave this machine.
fn is_loopback(host: &str) -> bool {
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|it| it.is_loopback())
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
        let either = ServerAddress::of("mysql://ann:secret@db.example.org/shop?sslmode=prefer");
        assert_eq!(either.unwrap().tls, TlsDemand::Prefer);
        for wrong in [
            "mysql://ann:secret@h/shop?sslmode=no",
            "mysql://ann:secret@h/shop?sslmode=prefer&sslrootcert=ca.pem",
            "mysql://ann:secret@h:port/x",
            "mysql://ann:secret%@h/x",
            "mysql://ann:secret@h/x?other=1",
            "mysql://ann:secret@h,h:3306/x",
            "mysql://ann:secret@a,b/x?socket=%2Frun%2Fmysql",
            "mysql://ann:secret@a,b",
            "mysql://ann:sec@ret@a,b/x",
        ] {
            let said = ServerAddress::of(wrong).err().unwrap().message;
            assert!(!said.contains("secret"), "{said}");
        }
    }
}
