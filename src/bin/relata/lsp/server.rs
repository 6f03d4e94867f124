//! What is known of the talk with one client, and of its scripts.

use super::ServerLog;
use super::checks::Checker;
use super::database::DatabaseSetting;
use super::disk::{self, Disk};
use super::project::{Asked, Root, ScriptFolders};
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
    /// Whether edits may name versions.
    pub(super) document_changes: bool,
    /// Whether they may say why.
    pub(super) annotations: bool,
    /// Whether it can be asked to tell of files.
    pub(super) watches: bool,
    /// Whether it can be told that colours are other ones now.
    pub(super) refreshes: bool,
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
    pub(super) checker: Checker,
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
        let finished = sender.clone();
        let tell = move |it| finished.send(Ok(Incoming::Checked(Box::new(it)))).is_ok();
        Self {
            out,
            log,
            incoming,
            checker: Checker::start(tell),
            sender,
            queue: VecDeque::new(),
            stage: Stage::Silent,
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
        let name = disk::name(uri);
        self.wait_while(|it| it.has(&name));
        self.project.current(&name).ok_or_else(|| unknown(uri))
    }

    /// A script that the client asks about, with the names that were known last.
    pub(super) fn latest(&mut self, uri: &Uri) -> Answered<Asked<'_>> {
        let name = disk::name(uri);
        self.wait_while(|it| it.has(&name) && !it.is_known());
        self.project.latest(&name).ok_or_else(|| unknown(uri))
    }

    /// Checks the roots that never were: what a script could import isn't known before that.
    pub(super) fn know_all(&mut self) {
        self.wait_while(|it| !it.is_known());
        self.project.know_all();
    }

    /// Waits while a root is checked beside the talk of which something holds.
    fn wait_while(&mut self, holds: impl Fn(&Root) -> bool) {
        while self.project.running().is_some_and(&holds) {
            match self.incoming.recv() {
                Ok(Ok(message)) => self.arrived(message),
                Ok(Err(_)) | Err(_) => return self.queue.push_back(Incoming::End),
            }
        }
    }

    /// Something has come in: what a check has found is taken at once, all else in its order.
    pub(super) fn arrived(&mut self, message: Incoming) {
        match message {
            Incoming::Checked(done) => {
                if done.found.is_none() {
                    self.log.line("a check has panicked");
                }
                self.project.finished(*done);
            }
            other => self.queue.push_back(other),
        }
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
