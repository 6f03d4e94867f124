//! What a server says of itself: which version it is, and whether it takes work as a node of a cluster.

use super::error;
use crate::db::server_list::cannot;
use crate::db::{DbError, ServerFault};
use mysql::Conn;
use mysql::prelude::Queryable as _;

/// The oldest version that has all that is used.
const OLDEST: (u32, u32) = (10, 9);

/// A connection, and what is behind it.
pub(super) struct NodeConnection {
    pub connection: Conn,
    /// Whether the server is a node of a Galera cluster.
    pub is_cluster: bool,
}

/// How a server is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct NodeState {
    pub is_cluster: bool,
    /// Whether it takes no writes.
    pub is_read_only: bool,
    /// Whether it takes work, and may be long behind the others: it gives its data to another node, or was told to stay out of step.
    pub is_behind: bool,
}

/// What a node says of its state.
const SYNCED: &str = "4";

/// How the server is; an error where it isn't one of those that are known here, or takes no work at all.
pub(super) fn state(connection: &mut Conn) -> Result<NodeState, DbError> {
    let failed = |it: mysql::Error| error::opening(&it);
    let version: Vec<String> = connection.query("SELECT VERSION()").map_err(failed)?;
    check_version(&version.concat())?;
    let settings = "SHOW GLOBAL VARIABLES WHERE variable_name IN ('read_only', 'wsrep_on')";
    let settings: Vec<(String, String)> = connection.query(settings).map_err(failed)?;
    let is_on = |name: &str| settings.iter().any(|it| it.0 == name && it.1 == "ON");
    let mut state = NodeState {
        is_cluster: is_on("wsrep_on"),
        is_read_only: is_on("read_only"),
        is_behind: false,
    };
    if state.is_cluster {
        let all = "SHOW GLOBAL STATUS WHERE variable_name IN ('wsrep_ready', 'wsrep_cluster_status', 'wsrep_local_state')";
        let all: Vec<(String, String)> = connection.query(all).map_err(failed)?;
        state.is_behind = is_behind(&all)?;
        // What changes the structure comes to each node at the same place of what they do.
        connection.query_drop("SET SESSION wsrep_OSU_method = 'TOI'").map_err(failed)?;
        if !state.is_behind {
            // What was kept on other nodes is here before anything is read.
            let wait = "SET STATEMENT wsrep_sync_wait = 15 FOR SELECT 1";
            connection.query_drop(wait).map_err(failed)?;
        }
    }
    Ok(state)
}

/// Whether a node may be behind the others; an error where it takes no work.
fn is_behind(all: &[(String, String)]) -> Result<bool, DbError> {
    let said = |name: &str| all.iter().find(|it| it.0 == name).map_or("", |it| it.1.as_str());
    let status = said("wsrep_cluster_status");
    if !status.eq_ignore_ascii_case("primary") {
        let message = "it is a node that has lost most of its cluster";
        return Err(cannot(ServerFault::NotReady, message));
    }
    if said("wsrep_ready") != "ON" {
        let message = "it is a node of a cluster that isn't ready";
        return Err(cannot(ServerFault::NotReady, message));
    }
    Ok(said("wsrep_local_state") != SYNCED)
}

/// That the server is one of those that are known here.
fn check_version(said: &str) -> Result<(), DbError> {
    if !said.contains("MariaDB") {
        let message = format!("it is MySQL {said}, where scripts don't run yet");
        return Err(cannot(ServerFault::Version, message));
    }
    let mut numbers = said.split(['.', '-']).map(|it| it.parse::<u32>().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if version < OLDEST {
        let (major, minor) = OLDEST;
        let message = format!("it is {said}, and version {major}.{minor} is needed");
        return Err(cannot(ServerFault::Version, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_server_and_one_of_another_kind_are_refused() {
        assert!(check_version("10.11.6-MariaDB-0+deb12u1").is_ok());
        assert!(check_version("11.4.2-MariaDB").is_ok());
        for (version, word) in [
            ("10.8.9-MariaDB", "10.9 is needed"),
            ("5.5.68-MariaDB", "10.9 is needed"),
            ("8.0.36", "MySQL 8.0.36"),
        ] {
            let said = check_version(version).unwrap_err();
            assert!(said.message.contains(word), "{}", said.message);
            assert_eq!(said.fault, Some(ServerFault::Version));
        }
    }

    #[test]
    fn a_node_takes_work_where_it_is_ready_within_most_of_its_cluster() {
        let of = |ready: &str, status: &str, state: &str| {
            let all = [
                ("wsrep_ready", ready),
                ("wsrep_cluster_status", status),
                ("wsrep_local_state", state),
            ];
            is_behind(&all.map(|(name, value)| (name.to_owned(), value.to_owned()))).ok()
        };
        assert_eq!(of("ON", "Primary", "4"), Some(false));
        assert_eq!(of("ON", "Primary", "2"), Some(true));
        assert_eq!(of("OFF", "Primary", "1"), None);
        assert_eq!(of("ON", "non-Primary", "4"), None);
        assert_eq!(of("OFF", "Disconnected", "0"), None);
    }
}
