//! `relata.run`: a script is run, by a process of its own, and what that prints is the answer.
//!
//! Without the setting `database` it runs in memory. On a database it runs only when the client's user has said so: the server asks each
//! time, and nothing in a file or in the settings answers for them.

use super::disk;
use super::running::{PendingRun, RunningScript};
use super::server::{Answered, RefusedRequest, Server};
use super::wire::{self, Incoming};
use gen_lsp_types::json_rpc::Id;
use gen_lsp_types::{LspErrorCodes, Uri};
use serde_json::{Value, json};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::{env, thread};

/// What the user says to run a script on a database.
const CONSENT: &str = "Run";

impl<W: Write> Server<'_, W> {
    /// Runs the script of a URI, or asks first; the answer follows when it has ended.
    pub(super) fn run_script(&mut self, id: &Id, uri: &Uri) -> io::Result<()> {
        let started = self.script_to_run(uri).map(|script| match self.database.0.clone() {
            None => Err(script),
            Some(database) => Ok(PendingRun { id: id.clone(), script, database }),
        });
        match started {
            Err(refusal) => self.refuse(id, refusal),
            Ok(Err(script)) => self.start(id, &script, None),
            Ok(Ok(pending)) => {
                let (script, database) = (name(&pending.script), name(&pending.database));
                let message = format!("Run {script} on {database}? It may change what is there.");
                let actions = json!([{ "title": CONSENT }, { "title": "Cancel" }]);
                let params = json!({ "type": 2, "message": message, "actions": actions });
                self.asked += 1;
                self.runs.asked.insert(self.asked, pending);
                wire::ask(&mut self.out, self.asked, "window/showMessageRequest", &params)
            }
        }
    }

    /// The file of a script that can be run: without errors, and saved with all that it imports.
    fn script_to_run(&mut self, uri: &Uri) -> Answered<PathBuf> {
        let asked = self.current(uri)?;
        if asked.root.checked().has_errors() {
            return Err(RefusedRequest::failed("the script has errors"));
        }
        for script in &asked.root.bundle().scripts {
            let source = asked.project.sources().get(script.source);
            let is_open = asked.project.open_scripts().contains_key(&*source.name);
            let saved = || crate::files::read(Path::new(&*source.name)).ok();
            if is_open && saved().as_deref() != Some(source.text.as_bytes()) {
                let why = format!("save `{}` first", name(Path::new(&*source.name)));
                return Err(RefusedRequest::failed(why));
            }
        }
        Ok(PathBuf::from(disk::name(uri)))
    }

    fn start(&mut self, id: &Id, script: &Path, database: Option<&Path>) -> io::Result<()> {
        let mut command = match env::current_exe() {
            Ok(program) => Command::new(program),
            Err(error) => return self.refuse(id, RefusedRequest::failed(error.to_string())),
        };
        command.arg("run");
        if let Some(database) = database {
            command.arg("--db").arg(database);
        }
        command.arg(script).env("NO_COLOR", "1").env("COLUMNS", "100");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = match command.spawn() {
            Ok(process) => process,
            Err(error) => return self.refuse(id, RefusedRequest::failed(error.to_string())),
        };
        let (out, error) = (process.stdout.take(), process.stderr.take());
        let process = Arc::new(Mutex::new(process));
        self.runs.running.push(RunningScript { id: id.clone(), process });
        let (sender, id) = (self.sender.clone(), id.clone());
        thread::spawn(move || {
            let reports = thread::spawn(move || text_of(error));
            let mut printed = text_of(out);
            printed += &reports.join().unwrap_or_default();
            // Where nobody listens any more, nobody wants it.
            let _unheard = sender.send(Ok(Incoming::Ran { id, printed }));
        });
        Ok(())
    }

    /// A script has ended.
    pub(super) fn ran(&mut self, id: &Id, printed: String) -> io::Result<()> {
        let Some(place) = self.runs.running.iter().position(|it| it.id == *id) else {
            return Ok(());
        };
        let run = self.runs.running.swap_remove(place);
        let mut process = run.process.lock().unwrap_or_else(PoisonError::into_inner);
        let _status = process.wait();
        self.reply(id, Ok(Value::String(printed).to_string()))
    }

    /// The client has answered a question.
    pub(super) fn answered(&mut self, number: i64, result: &Value) -> io::Result<()> {
        let Some(pending) = self.runs.asked.remove(&number) else {
            return Ok(());
        };
        if result.get("title").and_then(Value::as_str) == Some(CONSENT) {
            return self.start(&pending.id, &pending.script, Some(&pending.database));
        }
        self.refuse(&pending.id, cancelled("nothing was run"))
    }

    /// The client needs no answer to a request any more.
    pub(super) fn cancel_run(&mut self, id: &Id) -> io::Result<()> {
        let asked = self.runs.asked.iter().find(|it| it.1.id == *id).map(|it| *it.0);
        let running = self.runs.running.iter().position(|it| it.id == *id);
        if asked.and_then(|it| self.runs.asked.remove(&it)).is_some() {
            return self.refuse(id, cancelled("nothing was run"));
        }
        let Some(run) = running.map(|it| self.runs.running.swap_remove(it)) else {
            return Ok(());
        };
        run.stop();
        let mut process = run.process.lock().unwrap_or_else(PoisonError::into_inner);
        let _status = process.wait();
        drop(process);
        self.refuse(id, cancelled("the script was stopped"))
    }
}

fn cancelled(why: &str) -> RefusedRequest {
    RefusedRequest::of(i32::from(LspErrorCodes::RequestCancelled).into(), why)
}

fn name(path: &Path) -> String {
    let own = path.file_name().unwrap_or(path.as_os_str());
    own.to_string_lossy().into_owned()
}

/// All that comes out of a process; what isn't a text is shown as well as it can be.
fn text_of(from: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut from) = from {
        // What came before it broke is shown.
        let _broken = from.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
