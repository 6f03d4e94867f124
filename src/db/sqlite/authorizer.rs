//! What a script's SQL may not do.

use crate::catalog::Name;
use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The virtual tables that touch nothing but the database.
const MODULES: [&str; 5] = ["fts5", "fts4", "fts3", "rtree", "geopoly"];

/// The pragmas that only tell.
const PRAGMAS: [&str; 9] = [
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "foreign_key_check",
    "collation_list",
];

/// Those that only tell where they are given no value: virtual tables ask them of the file that they are in.
const ASKED: [&str; 2] = ["data_version", "page_size"];

/// Stands between statements and a connection.
#[derive(Debug, Default)]
pub(super) struct Guard {
    trusting: Arc<AtomicBool>,
    denied: Arc<Mutex<Option<String>>>,
    /// The tables that statements write to, where these are noted.
    written: Arc<Mutex<Option<BTreeSet<Name>>>>,
}

/// While it lives, everything is let through: the statement is Relata's own.
pub(super) struct Trusted(Arc<AtomicBool>);

impl Drop for Trusted {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Guard {
    /// Watches every statement of `connection` from now on.
    pub(super) fn watch(&self, connection: &mut Connection) -> rusqlite::Result<()> {
        let trusting = Arc::clone(&self.trusting);
        let denied = Arc::clone(&self.denied);
        let written = Arc::clone(&self.written);
        connection.authorizer(Some(move |context: AuthContext<'_>| {
            if let Some(table) = target(&context.action)
                && let Some(all) = &mut *written.lock().unwrap_or_else(PoisonError::into_inner)
            {
                all.insert(table.into());
            }
            if trusting.load(Ordering::Relaxed) {
                return Authorization::Allow;
            }
            let what = match context.database_name {
                Some("temp") => temporary(&context.action),
                _ => forbidden(&context.action),
            };
            let Some(what) = what else {
                return Authorization::Allow;
            };
            *denied.lock().unwrap_or_else(PoisonError::into_inner) = Some(what);
            Authorization::Deny
        }))
    }

    /// Lets everything through while the answer lives.
    pub(super) fn trust(&self) -> Trusted {
        self.trusting.store(true, Ordering::Relaxed);
        Trusted(Arc::clone(&self.trusting))
    }

    /// Notes from now on which tables statements write to.
    pub(super) fn start_noting(&self) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        *written = Some(BTreeSet::new());
    }

    /// Those that were noted, once; none where nothing is noted.
    pub(super) fn take_noted(&self) -> Option<BTreeSet<Name>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Goes on with what was noted: SQLite compiles every trigger for a change of its schema, and runs none.
    pub(super) fn resume_noting(&self, noted: Option<BTreeSet<Name>>) {
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = noted;
    }

    /// What was denied last, once.
    pub(super) fn denied(&self) -> Option<String> {
        let mut denied = self.denied.lock().unwrap_or_else(PoisonError::into_inner);
        denied.take()
    }
}

/// The table whose rows an action writes.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "SQLite's list of actions is long, and three write rows"
)]
fn target<'a>(action: &AuthAction<'a>) -> Option<&'a str> {
    match action {
        AuthAction::Insert { table_name }
        | AuthAction::Update { table_name, .. }
        | AuthAction::Delete { table_name } => Some(table_name),
        _ => None,
    }
}

/// What of an action in the database `temp` isn't allowed, in words.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "SQLite's list of actions is long, and only a few make something"
)]
fn temporary(action: &AuthAction<'_>) -> Option<String> {
    match action {
        AuthAction::CreateTable { .. }
        | AuthAction::CreateIndex { .. }
        | AuthAction::CreateView { .. }
        | AuthAction::CreateTrigger { .. }
        | AuthAction::CreateVtable { .. } => Some("temporary objects".to_owned()),
        _ => forbidden(action),
    }
}

/// What of an action isn't allowed, in words.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "SQLite's list of actions is long, and only a few reach out"
)]
fn forbidden(action: &AuthAction<'_>) -> Option<String> {
    match action {
        AuthAction::Attach { .. } => Some("another file (ATTACH, VACUUM INTO)".to_owned()),
        AuthAction::Detach { .. } => Some("DETACH".to_owned()),
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
            Some("a transaction".to_owned())
        }
        AuthAction::Function { function_name }
            if ["load_extension", "fts3_tokenizer", "writefile", "readfile", "edit"]
                .iter()
                .any(|it| function_name.eq_ignore_ascii_case(it)) =>
        {
            Some(format!("{function_name}()"))
        }
        AuthAction::Pragma { pragma_name, pragma_value: None }
            if (ASKED.iter()).any(|it| pragma_name.eq_ignore_ascii_case(it)) =>
        {
            None
        }
        AuthAction::Pragma { pragma_name, .. }
            if !PRAGMAS.iter().any(|it| pragma_name.eq_ignore_ascii_case(it)) =>
        {
            Some(format!("PRAGMA {pragma_name}"))
        }
        AuthAction::CreateVtable { module_name, .. }
            if !MODULES.iter().any(|it| module_name.eq_ignore_ascii_case(it)) =>
        {
            Some(format!("virtual tables of `{module_name}`"))
        }
        AuthAction::CreateTempIndex { .. }
        | AuthAction::CreateTempTable { .. }
        | AuthAction::CreateTempTrigger { .. }
        | AuthAction::CreateTempView { .. } => Some("temporary objects".to_owned()),
        AuthAction::Unknown { code, .. } => Some(format!("action {code}")),
        _ => None,
    }
}
