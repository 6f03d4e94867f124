//! Which server a URL means, and a connection to it.
//!
//! Invariant: a password is in nothing that is said of a connection.

use super::error;
use crate::db::{DbError, DbErrorKind};
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

/// So long a server may take to answer at all.
const PATIENCE: Duration = Duration::from_secs(8);

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
    config: Config,
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
    /// Reads `postgres://user:password@host:port/name?sslmode=..`.
    pub(super) fn of(url: &str) -> Result<Self, DbError> {
        let (url, mode, root) = without_tls(url)?;
        let mut config: Config = url.parse().map_err(|it: postgres::Error| {
            let why =
                std::error::Error::source(&it).map_or_else(|| it.to_string(), ToString::to_string);
            cannot(format!("the URL can't be read: {why}"))
        })?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        if config.get_application_name().is_none() {
            config.application_name("relata");
        }
        if config.get_user().is_none() {
            config.user(
                &variable("PGUSER")
                    .or_else(|| variable("USER"))
                    .unwrap_or_else(|| "postgres".to_owned()),
            );
        }
        let is_near = config.get_hosts().iter().all(is_loopback);
        let mode = match (mode, is_near, root.is_some()) {
            (Some(mode), ..) => mode,
            (None, true, false) => TlsMode::Prefer,
            (None, ..) => TlsMode::VerifyFull,
        };
        config.ssl_mode(match mode {
            TlsMode::Disable => SslMode::Disable,
            TlsMode::Prefer => SslMode::Prefer,
            TlsMode::Require | TlsMode::VerifyFull => SslMode::Require,
        });
        let name = name(&config);
        if config.get_password().is_none()
            && let Some(password) = variable("PGPASSWORD").or_else(|| kept_password(&config))
        {
            config.password(password);
        }
        let tls = match mode {
            TlsMode::Disable => None,
            TlsMode::Prefer | TlsMode::Require | TlsMode::VerifyFull => {
                Some(MakeRustlsConnect::new(tls(mode, root.as_deref())?))
            }
        };
        Ok(Self { config, tls, wait: WAIT, name })
    }

    /// A new connection.
    pub(super) fn connect(&self) -> Result<Client, DbError> {
        let client = match &self.tls {
            Some(tls) => self.config.connect(tls.clone()),
            None => self.config.connect(NoTls),
        };
        let mut client = client.map_err(|it| error::opening(&it))?;
        client.batch_execute(SETTINGS).map_err(|it| error::opening(&it))?;
        client.batch_execute(&self.settings()).map_err(|it| error::opening(&it))?;
        // Only some may say so; the others get the server's language, which nothing depends on.
        let said = client.batch_execute(ENGLISH);
        drop(said);
        let version = client.query_one("SELECT current_setting('server_version_num')::int4", &[]);
        let version: i32 =
            version.and_then(|it| it.try_get(0)).map_err(|it| error::opening(&it))?;
        if version < OLDEST {
            return Err(cannot(format!(
                "it is PostgreSQL {}, and version {} is needed",
                version / 10_000,
                OLDEST / 10_000
            )));
        }
        Ok(client)
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

fn cannot(message: impl Into<String>) -> DbError {
    DbError::new(DbErrorKind::CannotOpen, message)
}

/// The URL without what it says of TLS, which the driver reads otherwise.
fn without_tls(url: &str) -> Result<(String, Option<TlsMode>, Option<String>), DbError> {
    let Some((before, options)) = url.split_once('?') else {
        return Ok((url.to_owned(), None, None));
    };
    let (mut mode, mut root, mut others) = (None, None, Vec::new());
    for option in options.split('&') {
        match option.split_once('=') {
            Some(("sslmode", it)) => {
                mode = Some(match it {
                    "disable" => TlsMode::Disable,
                    "allow" | "prefer" => TlsMode::Prefer,
                    "require" => TlsMode::Require,
                    "verify-ca" | "verify-full" => TlsMode::VerifyFull,
                    _ => {
                        let known = "disable, prefer, require or verify-full";
                        return Err(cannot(format!("sslmode is {known}, and not `{it}`")));
                    }
                });
            }
            Some(("sslrootcert", it)) => root = Some(it.replace("%2F", "/")),
            Some(_) | None => others.push(option),
        }
    }
    let rest = if others.is_empty() { String::new() } else { format!("?{}", others.join("&")) };
    Ok((format!("{before}{rest}"), mode, root))
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
fn name(config: &Config) -> String {
    let mut out = String::from("postgres://");
    if let Some(user) = config.get_user() {
        let _ = write!(out, "{user}@");
    }
    let ports = config.get_ports();
    for (place, host) in config.get_hosts().iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        match host {
            Host::Tcp(it) => out.push_str(it),
            #[cfg(unix)]
            Host::Unix(it) => out.push_str(&it.to_string_lossy()),
        }
        if let Some(port) = ports.get(place).or(ports.first()) {
            let _ = write!(out, ":{port}");
        }
    }
    if let Some(database) = config.get_dbname() {
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
    let builder = builder.map_err(|it| cannot(format!("TLS: {it}")))?;
    if mode != TlsMode::VerifyFull && root.is_none() {
        let any = Arc::new(AnyServer(provider));
        return Ok(builder.dangerous().with_custom_certificate_verifier(any).with_no_client_auth());
    }
    let mut roots = RootCertStore::empty();
    if let Some(path) = root {
        let broken = |it: &dyn std::fmt::Display| cannot(format!("sslrootcert `{path}`: {it}"));
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
        assert!(near.config.get_ssl_mode() == SslMode::Prefer);
        let far = Address::of("postgres://ann:secret@db.example.org/shop").unwrap();
        assert!(far.config.get_ssl_mode() == SslMode::Require);
        for wrong in ["postgres://ann:secret@h/shop?sslmode=no", "postgres://ann:secret@h:port/x"] {
            let said = Address::of(wrong).err().unwrap().message;
            assert!(!said.contains("secret"), "{said}");
        }
    }
}
