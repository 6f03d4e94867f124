//! Which server a URL means, and a connection to it.
//!
//! Invariant: a password is in nothing that is said of a connection.

use super::error;
use super::role::ServerRole;
use crate::db::server_list::{
    ReachedServer, UrlParts, cannot, first_ready, host_and_port, refuse_twice, within, wrong,
};
use crate::db::{DbError, ServerFault};
use postgres::config::{Host, SslMode};
use postgres::{CancelToken, Client, Config, NoTls};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// A connection on which nothing comes is asked for a sign of life so often: a machine that is gone says nothing.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Where servers listen.
const PORT: u16 = 5432;

/// So long a lock is waited for: no wait never ends.
const WAIT: Duration = Duration::from_secs(5);

/// What every session has, whatever the server's own settings are: moments in UTC, texts in UTF-8, names and literals as the standard has them.
const SETTINGS: &str = "SET TimeZone = 'UTC'; SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; \
    SET DateStyle = 'ISO, YMD'; SET bytea_output = 'hex'; \
    SET default_transaction_isolation = 'read committed'; SET client_min_messages = warning";

/// Messages in English, so far as this user may say that.
const ENGLISH: &str = "SET lc_messages = 'C'";

/// How a connection is made, and made again.
#[derive(Clone)]
pub(super) struct Address {
    /// Each server of the URL; the first that takes work is used.
    servers: Vec<Config>,
    /// What reports call each of them.
    names: Vec<String>,
    /// What one has to be.
    role: ServerRole,
    tls: Option<MakeRustlsConnect>,
    /// So long a lock that somebody else has is waited for.
    wait: Duration,
    /// The URL without its password.
    pub(super) name: String,
}

/// What `sslmode` says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TlsMode {
    Disable,
    Prefer,
    Require,
    VerifyFull,
}

impl Address {
    /// Reads `postgres://user:password@host:port,host:port/name?sslmode=..`.
    pub(super) fn of(url: &str) -> Result<Self, DbError> {
        let parts = UrlParts::of(url)?;
        let own = OwnOptions::of(parts.options)?;
        let mut names = Vec::new();
        for place in &parts.hosts {
            let (host, port) = host_and_port(place, PORT)?;
            names.push(format!("{host}:{port}"));
        }
        refuse_twice(&names)?;
        let who = parts.who.map_or_else(String::new, |it| format!("{it}@"));
        let rest = if own.others.is_empty() {
            parts.path.to_owned()
        } else {
            format!("{}?{}", parts.path, own.others)
        };
        let hosts = if parts.hosts.is_empty() { vec![""] } else { parts.hosts };
        let mut servers = Vec::new();
        for host in hosts {
            servers.push(config(&format!("{}://{who}{host}{rest}", parts.scheme))?);
        }
        let several = servers.len() > 1;
        let role = own.role.unwrap_or(if several { ServerRole::Primary } else { ServerRole::Any });
        let is_near = servers.iter().flat_map(Config::get_hosts).all(is_loopback);
        let mode = match (own.mode, is_near, own.root.is_some()) {
            (Some(mode), ..) => mode,
            (None, true, false) => TlsMode::Prefer,
            (None, ..) => TlsMode::VerifyFull,
        };
        for config in &mut servers {
            config.ssl_mode(match mode {
                TlsMode::Disable => SslMode::Disable,
                TlsMode::Prefer => SslMode::Prefer,
                TlsMode::Require | TlsMode::VerifyFull => SslMode::Require,
            });
        }
        let name = name(&servers);
        for config in &mut servers {
            if config.get_password().is_none()
                && let Some(password) = variable("PGPASSWORD").or_else(|| kept_password(config))
            {
                config.password(password);
            }
        }
        let tls = match mode {
            TlsMode::Disable => None,
            TlsMode::Prefer | TlsMode::Require | TlsMode::VerifyFull => {
                Some(MakeRustlsConnect::new(tls(mode, own.root.as_deref())?))
            }
        };
        if names.is_empty() {
            names.push("the server".to_owned());
        }
        Ok(Self { servers, names, role, tls, wait: WAIT, name })
    }

    /// Whether it names several servers.
    pub(super) const fn has_several(&self) -> bool {
        self.servers.len() > 1
    }

    /// A new connection, to the first server that takes work: which one that is. The one at `from` is the first that is asked.
    pub(super) fn connect(&self, from: usize) -> Result<(Client, usize), DbError> {
        first_ready(&self.names, from, |place, most| {
            let mut config =
                self.servers.get(place).ok_or_else(|| wrong("there is no such server"))?.clone();
            if config.get_connect_timeout().is_none() {
                config.connect_timeout(most);
            }
            let (tls, settings, role) = (self.tls.clone(), self.settings(), self.role);
            within(most, move || session(&config, tls, &settings, role))
        })
    }

    /// From now on locks are waited for so long.
    pub(super) const fn wait(&mut self, most: Duration) {
        self.wait = most;
    }

    /// What a session has that may be otherwise for each.
    pub(super) fn settings(&self) -> String {
        // None at all would be a wait without an end.
        format!("SET lock_timeout = '{}ms'", self.wait.as_millis().clamp(1, 2_000_000_000))
    }

    /// Asks the server to end what a connection runs.
    pub(super) fn cancel(&self, token: &Mutex<CancelToken>) -> Result<(), postgres::Error> {
        let token = token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match &self.tls {
            Some(tls) => token.cancel_query(tls.clone()),
            None => token.cancel_query(NoTls),
        }
    }
}

/// The oldest version that has all that is used.
const OLDEST: i32 = 130_000;

/// A connection to a server, with what every session has.
fn session(
    config: &Config,
    tls: Option<MakeRustlsConnect>,
    settings: &str,
    role: ServerRole,
) -> Result<ReachedServer<Client>, DbError> {
    let failed = |it: postgres::Error| error::opening(&it);
    let client = match tls {
        Some(tls) => config.connect(tls),
        None => config.connect(NoTls),
    };
    let mut client = client.map_err(failed)?;
    client.batch_execute(SETTINGS).map_err(failed)?;
    client.batch_execute(settings).map_err(failed)?;
    // Only some may say so; the others get the server's language, which nothing depends on.
    let said = client.batch_execute(ENGLISH);
    drop(said);
    let asked = "SELECT current_setting('server_version_num')::int4, pg_is_in_recovery(), current_setting('transaction_read_only') = 'on'";
    let row = client.query_one(asked, &[]).map_err(failed)?;
    check_version(row.try_get(0).map_err(failed)?)?;
    let (standby, read_only) = (row.try_get(1).map_err(failed)?, row.try_get(2).map_err(failed)?);
    role.reached(client, standby, read_only)
}

/// That the server isn't older than it may be.
fn check_version(version: i32) -> Result<(), DbError> {
    if version < OLDEST {
        let message = format!(
            "it is PostgreSQL {}, and version {} is needed",
            version / 10_000,
            OLDEST / 10_000
        );
        return Err(cannot(ServerFault::Version, message));
    }
    Ok(())
}

/// What the driver makes of a URL of one server.
fn config(url: &str) -> Result<Config, DbError> {
    let mut config: Config = url.parse().map_err(|it: postgres::Error| {
        let why =
            std::error::Error::source(&it).map_or_else(|| it.to_string(), ToString::to_string);
        wrong(format!("the URL can't be read: {why}"))
    })?;
    let several = |it: &Host| matches!(it, Host::Tcp(name) if name.contains(','));
    if config.get_hosts().len() != 1 || config.get_hosts().iter().any(several) {
        return Err(wrong("the URL names no server: several stand as `host:port,host:port`"));
    }
    if config.get_application_name().is_none() {
        config.application_name("relata");
    }
    if !url.contains("keepalives") {
        config.keepalives_idle(KEEPALIVE).keepalives_interval(KEEPALIVE / 3).keepalives_retries(3);
    }
    if config.get_user().is_none() {
        config.user(
            &variable("PGUSER")
                .or_else(|| variable("USER"))
                .unwrap_or_else(|| "postgres".to_owned()),
        );
    }
    Ok(config)
}

/// What a URL says that the driver reads otherwise, or not at all.
struct OwnOptions {
    mode: Option<TlsMode>,
    root: Option<String>,
    role: Option<ServerRole>,
    /// The rest, as it is written.
    others: String,
}

impl OwnOptions {
    fn of(options: &str) -> Result<Self, DbError> {
        let (mut mode, mut root, mut role, mut others) = (None, None, None, Vec::new());
        for option in options.split('&').filter(|it| !it.is_empty()) {
            match option.split_once('=') {
                Some(("sslmode", it)) => {
                    mode = Some(match it {
                        "disable" => TlsMode::Disable,
                        "allow" | "prefer" => TlsMode::Prefer,
                        "require" => TlsMode::Require,
                        "verify-ca" | "verify-full" => TlsMode::VerifyFull,
                        _ => {
                            let known = "disable, prefer, require or verify-full";
                            return Err(wrong(format!("sslmode is {known}, and not `{it}`")));
                        }
                    });
                }
                Some(("sslrootcert", it)) => root = Some(it.replace("%2F", "/")),
                Some(("target_session_attrs", it)) => role = Some(ServerRole::of(it)?),
                Some(_) | None => others.push(option),
            }
        }
        Ok(Self { mode, root, role, others: others.join("&") })
    }
}

/// Whether what goes there doesn't leave this machine.
fn is_loopback(host: &Host) -> bool {
    match host {
        #[cfg(unix)]
        Host::Unix(_) => true,
        Host::Tcp(it) => {
            it == "localhost" || it.parse::<std::net::IpAddr>().is_ok_and(|it| it.is_loopback())
        }
    }
}

/// `postgres://ann@localhost:5432/shop`
fn name(servers: &[Config]) -> String {
    let mut out = String::from("postgres://");
    let Some(first) = servers.first() else {
        return out;
    };
    if let Some(user) = first.get_user() {
        let _ = write!(out, "{user}@");
    }
    for (place, config) in servers.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        match config.get_hosts().first() {
            Some(Host::Tcp(it)) => out.push_str(it),
            #[cfg(unix)]
            Some(Host::Unix(it)) => out.push_str(&it.to_string_lossy()),
            None => {}
        }
        if let Some(port) = config.get_ports().first() {
            let _ = write!(out, ":{port}");
        }
    }
    if let Some(database) = first.get_dbname() {
        let _ = write!(out, "/{database}");
    }
    out
}

#[expect(clippy::disallowed_methods, reason = "where PostgreSQL's own programs look for it")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|it| !it.is_empty())
}

/// The password that `~/.pgpass` has: lines of `host:port:database:user:password`, where `*` stands for any.
#[expect(clippy::disallowed_methods, reason = "where PostgreSQL's own programs look for it")]
fn kept_password(config: &Config) -> Option<String> {
    let path = variable("PGPASSFILE").or_else(|| Some(format!("{}/.pgpass", variable("HOME")?)))?;
    let text = std::fs::read_to_string(path).ok()?;
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(it)) => it.clone(),
        _ => "localhost".to_owned(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432).to_string();
    let user = config.get_user().unwrap_or_default();
    let asked = [host.as_str(), port.as_str(), config.get_dbname().unwrap_or(user), user];
    let fits = |line: &&str| {
        let parts: Vec<_> = line.splitn(5, ':').collect();
        parts.len() == 5 && parts.iter().zip(asked).all(|(it, asked)| *it == "*" || *it == asked)
    };
    let line = text.lines().filter(|it| !it.starts_with('#')).find(fits)?;
    line.splitn(5, ':').last().map(str::to_owned)
}

/// Which servers are trusted.
fn tls(mode: TlsMode, root: Option<&str>) -> Result<ClientConfig, DbError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions();
    let builder = builder.map_err(|it| cannot(ServerFault::Certificate, format!("TLS: {it}")))?;
    if mode != TlsMode::VerifyFull && root.is_none() {
        let any = Arc::new(AnyServer(provider));
        return Ok(builder.dangerous().with_custom_certificate_verifier(any).with_no_client_auth());
    }
    let mut roots = RootCertStore::empty();
    if let Some(path) = root {
        let broken = |it: &dyn std::fmt::Display| {
            cannot(ServerFault::Certificate, format!("sslrootcert `{path}`: {it}"))
        };
        let all = CertificateDer::pem_file_iter(Path::new(path)).map_err(|it| broken(&it))?;
        for certificate in all {
            let certificate = certificate.map_err(|it| broken(&it))?;
            roots.add(certificate).map_err(|it| broken(&it))?;
        }
        if roots.is_empty() {
            return Err(broken(&"there is no certificate in it"));
        }
    } else {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Any server is taken for the right one: `sslmode=require` asks that nobody listens, and no more.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_password_and_far_servers_are_verified() {
        let near = Address::of("postgres://ann:secret@localhost:15432/shop?sslmode=disable");
        assert_eq!(near.unwrap().name, "postgres://ann@localhost:15432/shop");
        let near = Address::of("postgres://ann@127.0.0.1/shop").unwrap();
        assert!(near.servers[0].get_ssl_mode() == SslMode::Prefer);
        let far = Address::of("postgres://ann:secret@db.example.org/shop").unwrap();
        assert!(far.servers[0].get_ssl_mode() == SslMode::Require);
        let several = "postgres://ann:secret@a,b:5433/shop?target_session_attrs=standby";
        let several = Address::of(several).unwrap();
        assert_eq!(several.name, "postgres://ann@a:5432,b:5433/shop");
        assert_eq!(several.role, ServerRole::Standby);
        assert_eq!(several.servers.len(), 2);
        assert_eq!(Address::of("postgres://ann@a,b/shop").unwrap().role, ServerRole::Primary);
        assert_eq!(Address::of("postgres://ann@a/shop").unwrap().role, ServerRole::Any);
        for wrong in [
            "postgres://ann:secret@h/shop?sslmode=no",
            "postgres://ann:secret@h:port/x",
            "postgres://ann:secret@h:0/x",
            "postgres://ann:secret@a,,b/x",
            "postgres://ann:secret@a,a:5432/x",
            "postgres://ann:secret@a,b/x?target_session_attrs=some",
            "postgres://ann:secret@/x",
            "postgres://ann:secret@/x?host=a,b",
            "postgres://ann:sec@ret@a/x",
        ] {
            let said = Address::of(wrong).err().unwrap().message;
            assert!(!said.contains("sec"), "{wrong}: {said}");
        }
    }
}
