//! What is known of the talk with one client, and of its scripts.

use super::ServerLog;
use super::database::DatabaseSetting;
use super::disk::{self, Disk};
use super::project::{Asked, ScriptFolders};
use super::running::Runs;
use super::told::{Published, ToldColours};
use super::waiting::WaitingRequests;
use super::wire::Incoming;
use gen_lsp_types::json_rpc::Error;
use gen_lsp_types::{ErrorCodes, LspErrorCodes, Uri};
use relata::source::Unit;
use relata::sql::Dialect;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender};

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// `shutdown`, then `exit`.
    Asked,
    /// Without `shutdown`.
    Abrupt,
}

/// Why there is no answer.
pub(super) struct RefusedRequest(pub(super) Error);

impl RefusedRequest {
    /// The request can't be carried out, for that reason.
    pub(super) fn failed(why: impl Into<String>) -> Self {
        Self::of(i32::from(LspErrorCodes::RequestFailed).into(), why)
    }

    pub(super) fn of(code: ErrorCodes, why: impl Into<String>) -> Self {
        Self(Error { code, message: why.into(), data: None })
    }
}

/// What a question gets.
pub(super) type Answered<T> = Result<T, RefusedRequest>;

/// What the client says that it can do.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ClientFeatures {
    pub(super) unit: Unit,
    /// Whether it asks for reports itself.
    pub(super) pulls: bool,
    /// Whether completions may have places to fill in.
    pub(super) snippets: bool,
    /// Whether edits may name versions and say why.
    pub(super) document_changes: bool,
    /// Whether it can be asked to tell of files.
    pub(super) watches: bool,
    /// The process that began this one.
    pub(super) parent: Option<i32>,
}

/// Where the talk has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Before `initialize`.
    Silent,
    Talking,
    /// Behind `shutdown`.
    Ending,
}

/// A talk.
pub(super) struct Server<'a, W: Write> {
    pub(super) out: W,
    pub(super) log: &'a mut ServerLog,
    pub(super) incoming: Receiver<io::Result<Incoming>>,
    /// Where what runs beside the talk says that it has ended.
    pub(super) sender: Sender<io::Result<Incoming>>,
    pub(super) queue: VecDeque<Incoming>,
    pub(super) stage: Stage,
    /// Whether a script was edited and nothing has come since.
    pub(super) edited: bool,
    pub(super) asked: i64,
    pub(super) published: Published,
    pub(super) colours: ToldColours,
    pub(super) client: ClientFeatures,
    pub(super) project: ScriptFolders,
    pub(super) database: DatabaseSetting,
    pub(super) shown: ShownSettings,
    pub(super) runs: Runs,
    pub(super) waiting: WaitingRequests,
}

/// What is shown beside a script's own text, and whether it is formatted.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShownSettings {
    pub(super) code_lens: bool,
    pub(super) inlay_hints: bool,
    pub(super) format: bool,
}

impl Default for ShownSettings {
    fn default() -> Self {
        Self { code_lens: true, inlay_hints: true, format: true }
    }
}

impl<'a, W: Write> Server<'a, W> {
    pub(super) fn new(
        out: W,
        log: &'a mut ServerLog,
        (sender, incoming): (Sender<io::Result<Incoming>>, Receiver<io::Result<Incoming>>),
        waiting: WaitingRequests,
    ) -> Self {
        Self {
            out,
            log,
            incoming,
            sender,
            queue: VecDeque::new(),
            stage: Stage::Silent,
            edited: false,
            asked: 0,
            published: Published::default(),
            colours: ToldColours::default(),
            client: ClientFeatures::default(),
            project: ScriptFolders::new(Disk::default(), Dialect::SQLITE),
            database: DatabaseSetting::default(),
            shown: ShownSettings::default(),
            runs: Runs::default(),
            waiting,
        }
    }

    /// A script that the client asks about, as it is now.
    pub(super) fn current(&mut self, uri: &Uri) -> Answered<Asked<'_>> {
        self.project.current(&disk::name(uri)).ok_or_else(|| unknown(uri))
    }

    /// A script that the client asks about, with the names that were known last.
    pub(super) fn latest(&mut self, uri: &Uri) -> Answered<Asked<'_>> {
        self.project.latest(&disk::name(uri)).ok_or_else(|| unknown(uri))
    }
}

fn unknown(uri: &Uri) -> RefusedRequest {
    RefusedRequest::of(ErrorCodes::InvalidParams, format!("`{}` is no script that is known", uri.0))
}

/// Reads parameters.
pub(super) fn read<T: DeserializeOwned>(params: Value) -> Answered<T> {
    serde_json::from_value(params)
        .map_err(|error| RefusedRequest::of(ErrorCodes::InvalidParams, error.to_string()))
}
