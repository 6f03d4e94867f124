//! What a server has to be: one that takes writes, or one that only follows another.

use crate::db::server_list::{ReachedServer, cannot, wrong};
use crate::db::{DbError, ServerFault};

/// What `target_session_attrs` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerRole {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

impl ServerRole {
    /// The role of that name.
    pub(super) fn of(word: &str) -> Result<Self, DbError> {
        Ok(match word {
            "any" => Self::Any,
            "read-write" => Self::ReadWrite,
            "read-only" => Self::ReadOnly,
            "primary" => Self::Primary,
            "standby" => Self::Standby,
            "prefer-standby" => Self::PreferStandby,
            _ => {
                let known = "any, read-write, read-only, primary, standby or prefer-standby";
                return Err(wrong(format!("target_session_attrs is {known}, and not `{word}`")));
            }
        })
    }

    /// The connection, where its server is what it has to be.
    pub(super) fn reached<T>(
        self,
        connection: T,
        standby: bool,
        read_only: bool,
    ) -> Result<ReachedServer<T>, DbError> {
        let why = match self {
            Self::ReadWrite if read_only => "it takes no writes",
            Self::ReadOnly if !read_only => "it takes writes, and one that doesn't is asked for",
            Self::Primary if standby => "it is a standby",
            Self::Standby if !standby => "it is no standby",
            Self::PreferStandby if !standby => return Ok(ReachedServer::IfNoOther(connection)),
            Self::Any
            | Self::ReadWrite
            | Self::ReadOnly
            | Self::Primary
            | Self::Standby
            | Self::PreferStandby => return Ok(ReachedServer::Ready(connection)),
        };
        Err(cannot(ServerFault::NotReady, why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether each role takes a primary, a primary that is read-only, and a standby.
    #[track_caller]
    fn check(word: &str, expected: [Option<bool>; 3]) {
        let role = ServerRole::of(word).unwrap();
        let found = [(false, false), (false, true), (true, true)].map(|(standby, read_only)| {
            match role.reached((), standby, read_only) {
                Ok(ReachedServer::Ready(())) => Some(true),
                Ok(ReachedServer::IfNoOther(())) => Some(false),
                Err(_) => None,
            }
        });
        assert_eq!(found, expected, "{word}");
    }

    #[test]
    fn a_role_takes_servers() {
        check("any", [Some(true), Some(true), Some(true)]);
        check("read-write", [Some(true), None, None]);
        check("read-only", [None, Some(true), Some(true)]);
        check("primary", [Some(true), Some(true), None]);
        check("standby", [None, None, Some(true)]);
        check("prefer-standby", [Some(false), Some(false), Some(true)]);
        assert!(ServerRole::of("READ-WRITE").is_err());
    }
}
