//! The talk with one client: what is asked, in order, and what is told between.

use super::database::DatabaseSetting;
use super::disk::{self, Disk};
use super::project::ScriptFolders;
use super::server::{Answered, End, RefusedRequest, Server, ShownSettings, Stage, read};
use super::wire::{self, Incoming};
use super::{answers, colours, commands, places};
use gen_lsp_types::json_rpc::Id;
use gen_lsp_types::{
    DidChangeConfigurationParams, DidChangeTextDocumentParams, DidChangeWatchedFilesParams,
    DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    ErrorCodes, LspErrorCodes, TextDocumentContentChangeEvent, Uri,
};
use relata::source::Lines;
use relata::sql::Dialect;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

impl<W: Write> Server<'_, W> {
    /// Talks until the client is gone or says `exit`.
    pub(super) fn run(&mut self) -> io::Result<End> {
        loop {
            // What has come in meanwhile may make what is asked for needless.
            while let Ok(message) = self.incoming.try_recv() {
                self.arrived(message?);
            }
            if let Some(message) = self.queue.pop_front() {
                if let Some(end) = self.take(message)? {
                    return Ok(end);
                }
                continue;
            }
            if self.stage == Stage::Talking && self.go_on()? {
                continue;
            }
            match self.incoming.recv_timeout(Duration::from_secs(5)) {
                Ok(message) => self.arrived(message?),
                Err(RecvTimeoutError::Disconnected) => return Ok(End::Abrupt),
                Err(RecvTimeoutError::Timeout) if self.is_orphan() => return Ok(End::Abrupt),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// While nothing is asked: tells what is known by now, that of the script which is typed first; and has the next root checked that has changed.
    /// Whether there was anything to do.
    fn go_on(&mut self) -> io::Result<bool> {
        if let Some(name) = self.project.take_settled() {
            self.tell_reports(Some(&name))?;
            return Ok(true);
        }
        if !self.project.is_unchecked() {
            // A question may have had everything checked already.
            let is_new = self.project.take_news();
            if is_new {
                self.tell_reports(None)?;
                self.tell_colours()?;
            }
            return Ok(is_new);
        }
        let check = self.guarded(|server| server.project.next_check()).flatten();
        let Some(check) = check else {
            // One runs, or it has been found out that nothing has changed.
            return Ok(!self.project.is_unchecked());
        };
        if let Some(done) = self.checker.check(check) {
            self.project.finished(done);
        }
        Ok(true)
    }

    /// Says that colours are other ones now, where some were told before all was checked.
    fn tell_colours(&mut self) -> io::Result<()> {
        if !colours::are_others(self) {
            return Ok(());
        }
        self.asked += 1;
        let method = "workspace/semanticTokens/refresh";
        wire::ask(&mut self.out, self.asked, method, &Value::Null)
    }

    /// Whether the process that began this one is gone, where that can be seen.
    fn is_orphan(&self) -> bool {
        let known = Path::new("/proc/self").exists();
        let gone = |it: i32| known && !Path::new("/proc").join(it.to_string()).exists();
        self.client.parent.is_some_and(gone)
    }

    fn take(&mut self, message: Incoming) -> io::Result<Option<End>> {
        match message {
            Incoming::Malformed { id, code, why } => {
                self.log.line(&format!("a message that is none: {why}"));
                self.refuse(&id, RefusedRequest::of(code, why))?;
            }
            Incoming::Response { number, result } => {
                if let Some(number) = number {
                    self.answered(number, &result)?;
                }
            }
            Incoming::Ran { id, printed } => self.ran(&id, printed)?,
            // It is taken as soon as it comes.
            Incoming::Checked(done) => self.project.finished(*done),
            Incoming::End => return Ok(Some(End::Abrupt)),
            Incoming::Notification { method, params } => {
                if method == "exit" {
                    let asked = self.stage == Stage::Ending;
                    return Ok(Some(if asked { End::Asked } else { End::Abrupt }));
                }
                if self.stage == Stage::Talking {
                    self.told(&method, params)?;
                }
            }
            Incoming::Request { id, method, params } => self.asked_for(&id, &method, params)?,
        }
        Ok(None)
    }

    fn asked_for(&mut self, id: &Id, method: &str, params: Value) -> io::Result<()> {
        if self.is_cancelled(id) {
            let code = i32::from(LspErrorCodes::RequestCancelled).into();
            return self.refuse(id, RefusedRequest::of(code, "it was cancelled"));
        }
        let refusal = match (self.stage, method) {
            (Stage::Silent, "initialize") => {
                let capabilities = self.initialize(&params);
                self.stage = Stage::Talking;
                return self.reply(id, Ok(capabilities.to_string()));
            }
            (Stage::Silent, _) => (ErrorCodes::ServerNotInitialized, "`initialize` comes first"),
            (Stage::Ending, _) => (ErrorCodes::InvalidRequest, "it has been shut down"),
            (Stage::Talking, "initialize") => (ErrorCodes::InvalidRequest, "it was said before"),
            (Stage::Talking, "shutdown") => {
                self.stage = Stage::Ending;
                return self.reply(id, Ok(Value::Null.to_string()));
            }
            (Stage::Talking, "workspace/executeCommand")
                if let Some(uri) = commands::script_to_run(&params) =>
            {
                return self.run_script(id, &uri);
            }
            (Stage::Talking, _) => {
                let answer = self.guarded(|server| answers::answer(server, method, params));
                let failed =
                    || RefusedRequest::of(ErrorCodes::InternalError, "the request has failed");
                let answer = answer.unwrap_or_else(|| Err(failed()));
                return self.reply(id, answer);
            }
        };
        self.refuse(id, RefusedRequest::of(refusal.0, refusal.1))
    }

    /// Whether it was said behind a request that nobody needs it.
    fn is_cancelled(&self, id: &Id) -> bool {
        let id = serde_json::to_value(id).unwrap_or_default();
        self.queue.iter().any(|message| match message {
            Incoming::Notification { method, params } => {
                method == "$/cancelRequest" && params.get("id") == Some(&id)
            }
            Incoming::Request { .. }
            | Incoming::Response { .. }
            | Incoming::Ran { .. }
            | Incoming::Checked(_)
            | Incoming::End
            | Incoming::Malformed { .. } => false,
        })
    }

    /// Does something; where that panics, the talk goes on.
    fn guarded<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let done = catch_unwind(AssertUnwindSafe(|| work(self)));
        if done.is_err() {
            self.log.line("a request has panicked");
        }
        done.ok()
    }

    pub(super) fn reply(&mut self, id: &Id, answer: Answered<String>) -> io::Result<()> {
        match answer {
            Ok(result) if self.waiting.answered(id) => wire::answer(&mut self.out, id, &result),
            Ok(_) => Ok(()),
            Err(refusal) => self.refuse(id, refusal),
        }
    }

    pub(super) fn refuse(
        &mut self,
        id: &Id,
        RefusedRequest(error): RefusedRequest,
    ) -> io::Result<()> {
        if self.waiting.answered(id) { wire::refuse(&mut self.out, id, &error) } else { Ok(()) }
    }

    fn initialize(&mut self, params: &Value) -> Value {
        let (client, capabilities) = answers::capabilities(params);
        self.client = client;
        let uri = |it: &Value| it.as_str().map(Uri::from);
        let folders = params.get("workspaceFolders").and_then(Value::as_array);
        let folders: Vec<Uri> = match folders {
            Some(all) => all.iter().filter_map(|it| uri(it.get("uri")?)).collect(),
            None => params.get("rootUri").and_then(uri).into_iter().collect(),
        };
        let mut disk = Disk::default();
        folders.iter().filter_map(disk::path).for_each(|it| disk.add(&it));
        self.project = ScriptFolders::new(disk, Dialect::SQLITE);
        self.configure(params.get("initializationOptions"));
        capabilities
    }

    fn configure(&mut self, settings: Option<&Value>) {
        let settings = settings.map(|it| it.get("relata").unwrap_or(it));
        let text = |name: &str| settings.and_then(|it| it.get(name)).and_then(Value::as_str);
        let path = text("database").filter(|it| !it.is_empty()).map(Path::new);
        let folder = self.project.folder();
        let path = path.map(|it| folder.map_or_else(|| it.to_owned(), |folder| folder.join(it)));
        self.database = DatabaseSetting(path);
        let flag = |name: &str| settings.and_then(|it| it.get(name)).and_then(Value::as_bool);
        self.shown = ShownSettings {
            code_lens: flag("codeLens").unwrap_or(true),
            inlay_hints: flag("inlayHints").unwrap_or(true),
            format: flag("format").unwrap_or(true),
        };
        let roots = settings.and_then(|it| it.get("roots")).and_then(Value::as_array);
        let roots = roots.into_iter().flatten().filter_map(Value::as_str);
        for wrong in self.project.set_roots(roots) {
            self.log.line(&format!("`roots`: `{wrong}` is no pattern"));
        }
        let dialect = text("dialect");
        if let Some(dialect) = dialect.and_then(Dialect::named) {
            self.project.set_dialect(dialect);
        }
    }

    fn told(&mut self, method: &str, params: Value) -> io::Result<()> {
        let done = match method {
            "initialized" => return self.watch(),
            "$/cancelRequest" => {
                let id = params.get("id").cloned().map(serde_json::from_value);
                return id.and_then(Result::ok).map_or(Ok(()), |id| self.cancel_run(&id));
            }
            "textDocument/didSave" => {
                self.project.saved();
                Ok(())
            }
            "$/setTrace" => Ok(()),
            "textDocument/didOpen" => read(params).map(|it| self.opened(it)),
            "textDocument/didChange" => read(params).map(|it| self.changed(it)),
            "textDocument/didClose" => read(params).map(|it: DidCloseTextDocumentParams| {
                self.project.close(&disk::name(&it.text_document.uri));
            }),
            "workspace/didChangeWatchedFiles" => {
                read(params).map(|all: DidChangeWatchedFilesParams| {
                    let names = all.changes.iter().map(|it| disk::name(&it.uri));
                    self.project.changed_on_disk(&names.collect());
                })
            }
            "workspace/didChangeConfiguration" => {
                read(params).map(|it: DidChangeConfigurationParams| {
                    self.configure(Some(&it.settings));
                })
            }
            "workspace/didChangeWorkspaceFolders" => {
                read(params).map(|params: DidChangeWorkspaceFoldersParams| {
                    let paths = |all: Vec<gen_lsp_types::WorkspaceFolder>| {
                        all.into_iter().filter_map(|it| disk::path(&it.uri))
                    };
                    self.project.change_folders(|disk| {
                        paths(params.event.removed).for_each(|it| disk.remove(&it));
                        paths(params.event.added).for_each(|it| disk.add(&it));
                    });
                })
            }
            _ => {
                self.log.line(&format!("`{method}` is not known"));
                Ok(())
            }
        };
        if let Err(RefusedRequest(error)) = done {
            self.log.line(&format!("`{method}`: {}", error.message));
        }
        Ok(())
    }

    fn opened(&mut self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        if !self.project.open(document.uri, document.version, &document.text) {
            self.log.line("the script is too large");
        }
    }

    fn changed(&mut self, params: DidChangeTextDocumentParams) {
        let (name, version) = (
            disk::name(&params.text_document.text_document_identifier.uri),
            params.text_document.version,
        );
        self.colours.early.remove(&name);
        for change in params.content_changes {
            let Some(source) = self.project.source(&name) else {
                return;
            };
            let (range, text) = match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(it) => {
                    let lines = Lines::new(source);
                    let offset = |at| places::offset(&lines, at, self.client.unit);
                    let (start, end) = (offset(it.range.start), offset(it.range.end));
                    (start.min(end)..start.max(end), it.text)
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(it) => {
                    (0..source.text.len(), it.text)
                }
            };
            self.project.edit(&name, version, range, &text);
        }
    }

    /// Asks to be told of what changes on disk.
    fn watch(&mut self) -> io::Result<()> {
        if !self.client.watches {
            return Ok(());
        }
        self.asked += 1;
        let options = json!({ "watchers": [{ "globPattern": "**/*.schema" }] });
        let method = "workspace/didChangeWatchedFiles";
        let all = json!([{ "id": "scripts", "method": method, "registerOptions": options }]);
        let params = json!({ "registrations": all });
        wire::ask(&mut self.out, self.asked, "client/registerCapability", &params)
    }

    /// Tells what is wrong with the scripts, or with one alone.
    fn tell_reports(&mut self, only: Option<&str>) -> io::Result<()> {
        if self.client.pulls {
            return Ok(());
        }
        for params in self.published.changes(&self.project, self.client.unit, only) {
            let method = "textDocument/publishDiagnostics";
            wire::notify(&mut self.out, method, &params)?;
        }
        Ok(())
    }
}
