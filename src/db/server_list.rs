//! The servers that a URL names: they are tried one after the other, until one takes work.
//!
//! Invariant: a password is in nothing that is said of a URL, whatever is wrong with it.

use super::{DbError, DbErrorKind, ServerFault};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// So long servers may take to answer at all, all of them together.
pub(super) const PATIENCE: Duration = Duration::from_secs(8);

/// So long one of several may take, if there is as much time.
const LEAST: Duration = Duration::from_secs(2);

/// A URL by its parts, each as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UrlParts<'u> {
    pub scheme: &'u str,
    /// The user and the password, if it says so.
    pub who: Option<&'u str>,
    /// Each with its port, if it says so. None is where the URL names no server.
    pub hosts: Vec<&'u str>,
    /// From the `/` before the database's name on.
    pub path: &'u str,
    /// What stands behind the `?`.
    pub options: &'u str,
}

impl<'u> UrlParts<'u> {
    /// Reads `scheme://user:password@host:port,host:port/database?options`.
    pub(super) fn of(url: &'u str) -> Result<Self, DbError> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| wrong("it is no URL"))?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (who, places) =
            authority.rsplit_once('@').map_or((None, authority), |(a, b)| (Some(a), b));
        if rest.contains('@') || who.is_some_and(|it| it.contains('@')) {
            // Which part of it is the password nobody can tell.
            return Err(wrong("an `@`, `/` or `?` in a password is written `%40`, `%2F` or `%3F`"));
        }
        let hosts: Vec<_> = places.split(',').collect();
        if hosts.len() > 1 && hosts.contains(&"") {
            return Err(wrong("the URL's list of servers has an empty place"));
        }
        let hosts = hosts.into_iter().filter(|it| !it.is_empty()).collect();
        Ok(Self { scheme, who, hosts, path, options })
    }
}

/// `host`, `host:port`, `[::1]:port`
pub(super) fn host_and_port(place: &str, default: u16) -> Result<(&str, u16), DbError> {
    let (host, port) = match place.strip_prefix('[').and_then(|it| it.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, behind)) => (host, behind.strip_prefix(':').or(Some(""))),
        None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
    };
    if host.is_empty() {
        return Err(wrong("the URL has a port without a server before it"));
    }
    match port.map(str::parse) {
        None => Ok((host, default)),
        Some(Ok(port)) if port > 0 => Ok((host, port)),
        Some(_) => Err(wrong("the URL's port is no number from 1 to 65535")),
    }
}

/// Refuses a list that names a server twice.
pub(super) fn refuse_twice(servers: &[String]) -> Result<(), DbError> {
    for (place, server) in servers.iter().enumerate() {
        if servers.iter().take(place).any(|it| it == server) {
            return Err(wrong(format!("the URL names the server {server} twice")));
        }
    }
    Ok(())
}

/// That a URL is none.
pub(super) fn wrong(message: impl Into<String>) -> DbError {
    cannot(ServerFault::Url, message)
}

/// That a server can't be used.
pub(super) fn cannot(fault: ServerFault, message: impl Into<String>) -> DbError {
    let error = DbError::new(DbErrorKind::CannotOpen, message);
    DbError { fault: Some(fault), ..error }
}

/// A server that answers.
pub(super) enum ReachedServer<T> {
    /// It takes work.
    Ready(T),
    /// It would do, where no other takes work.
    IfNoOther(T),
}

/// Connects to the first of the servers that takes work, and says which one that is. The one at `from` is the first that is tried, and behind the last
/// comes the first.
pub(super) fn first_ready<T>(
    servers: &[String],
    from: usize,
    mut connect: impl FnMut(usize, Duration) -> Result<ReachedServer<T>, DbError>,
) -> Result<(T, usize), DbError> {
    let count = servers.len();
    let end = Instant::now() + PATIENCE;
    let (mut spare, mut failed) = (None, Vec::new());
    for tried in 0..count {
        let place = (from + tried) % count;
        let left = end.saturating_duration_since(Instant::now());
        let others = u32::try_from(count - tried).unwrap_or(u32::MAX);
        if left.is_zero() {
            failed.push((place, cannot(ServerFault::Unreachable, "no time is left to try it")));
            continue;
        }
        match connect(place, (left / others).max(LEAST).min(left)) {
            Ok(ReachedServer::Ready(it)) => return Ok((it, place)),
            Ok(ReachedServer::IfNoOther(it)) if spare.is_none() => spare = Some((it, place)),
            Ok(ReachedServer::IfNoOther(_)) => {}
            // The others would say the same, and some count how often somebody comes with a wrong password.
            Err(error) if error.fault.is_some_and(ServerFault::is_of_all) => return Err(error),
            Err(error) => failed.push((place, error)),
        }
    }
    spare.ok_or_else(|| none_of(servers, failed))
}

/// What to say where none of the servers takes work.
fn none_of(servers: &[String], mut failed: Vec<(usize, DbError)>) -> DbError {
    failed.sort_by_key(|it| it.0);
    if failed.len() < 2 {
        return failed.pop().map_or_else(|| wrong("the URL names no server"), |it| it.1);
    }
    let fault = failed.first().and_then(|it| it.1.fault);
    let is_same = failed.iter().all(|it| it.1.fault == fault);
    let each = failed.iter().map(|(place, error)| {
        let server = servers.get(*place).map_or("", String::as_str);
        format!("{server}: {}", error.message)
    });
    let each = each.collect::<Vec<_>>().join("; ");
    let message = format!("none of the {} servers takes work: {each}", servers.len());
    cannot(fault.filter(|_| is_same).unwrap_or(ServerFault::NotReady), message)
}

/// What `work` comes to within that time: a server may take a connection and then say nothing.
pub(super) fn within<T: Send + 'static>(
    most: Duration,
    work: impl FnOnce() -> Result<T, DbError> + Send + 'static,
) -> Result<T, DbError> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || drop(sender.send(work())));
    receiver.recv_timeout(most).unwrap_or_else(|it| {
        let message = match it {
            RecvTimeoutError::Timeout => {
                format!("the server doesn't answer within {} s", most.as_secs_f64().ceil())
            }
            RecvTimeoutError::Disconnected => "the connection failed".to_owned(),
        };
        Err(cannot(ServerFault::Unreachable, message))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(url: &str) -> Result<UrlParts<'_>, String> {
        UrlParts::of(url).map_err(|it| it.message)
    }

    #[test]
    fn a_url_has_parts() {
        let found = parts("mysql://ann:s%40cret@a:1,[::1]:2,c/shop?x=1").unwrap();
        let hosts = vec!["a:1", "[::1]:2", "c"];
        let who = Some("ann:s%40cret");
        let expected = UrlParts { scheme: "mysql", who, hosts, path: "/shop", options: "x=1" };
        assert_eq!(found, expected);
        assert_eq!(parts("mysql:///shop").unwrap().hosts, Vec::<&str>::new());
        assert_eq!(parts("mysql://a?x=1").unwrap().hosts, ["a"]);
    }

    #[test]
    fn a_wrong_url_is_refused_without_its_password() {
        for url in [
            "mysql://ann:secret@a,,b/shop",
            "mysql://ann:secret@a,/shop",
            "mysql://ann:secret@,a/shop",
            "mysql://ann:secret@a,ben:secret@b/shop",
            "mysql://ann:sec@ret@a/shop",
            "mysql://ann:sec/ret@a/shop",
            "mysql://ann:sec?ret@a/shop",
            "ann:secret@a/shop",
        ] {
            let said = parts(url).unwrap_err();
            assert!(!said.contains("sec") && !said.contains("ret@"), "{url}: {said}");
        }
    }

    #[test]
    fn a_server_may_have_a_port() {
        let of = |place| host_and_port(place, 5).map_err(|_| ());
        assert_eq!(of("a"), Ok(("a", 5)));
        assert_eq!(of("a:65535"), Ok(("a", 65535)));
        assert_eq!(of("[::1]"), Ok(("::1", 5)));
        assert_eq!(of("[::1]:2"), Ok(("::1", 2)));
        for wrong in ["a:", "a:x", "a:0", "a:65536", "a:-1", ":1", "[::1]2", "a:1:2"] {
            assert_eq!(of(wrong), Err(()), "{wrong}");
        }
        let twice = ["a:1", "b:1", "a:1"].map(str::to_owned);
        assert!(refuse_twice(&twice).unwrap_err().message.contains("a:1 twice"));
    }

    /// What comes of servers, each of which is as a letter says, tried from one on.
    fn tried(servers: &str, from: usize) -> Result<(char, usize), String> {
        let names: Vec<_> = (0..servers.len()).map(|it| format!("s{it}")).collect();
        let connect = |place: usize, _: Duration| match servers.chars().nth(place).unwrap() {
            'r' => Ok(ReachedServer::Ready('r')),
            'i' => Ok(ReachedServer::IfNoOther('i')),
            'p' => Err(cannot(ServerFault::Credentials, "wrong password")),
            'n' => Err(cannot(ServerFault::NotReady, "not ready")),
            _ => Err(cannot(ServerFault::Unreachable, "gone")),
        };
        first_ready(&names, from, connect).map_err(|it| it.message)
    }

    #[test]
    fn the_first_server_that_takes_work_is_used() {
        assert_eq!(tried("rr", 0), Ok(('r', 0)));
        assert_eq!(tried("rr", 1), Ok(('r', 1)));
        assert_eq!(tried("gnr", 0), Ok(('r', 2)));
        assert_eq!(tried("rgg", 1), Ok(('r', 0)));
        assert_eq!(tried("ir", 0), Ok(('r', 1)));
        assert_eq!(tried("gig", 0), Ok(('i', 1)));
        assert_eq!(tried("pr", 0), Err("wrong password".to_owned()));
        assert_eq!(tried("g", 0), Err("gone".to_owned()));
        let all = "none of the 3 servers takes work: s0: gone; s1: not ready; s2: gone";
        assert_eq!(tried("gng", 1), Err(all.to_owned()));
    }

    #[test]
    fn who_says_nothing_is_not_waited_for() {
        let never = || {
            std::thread::park();
            Ok(())
        };
        let said = within(Duration::from_millis(1), never).unwrap_err();
        assert_eq!(said.fault, Some(ServerFault::Unreachable));
    }
}
