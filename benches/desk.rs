//! What an editor waits for, over the wire, and the memory of `relata lsp`: `cargo bench --bench desk`.
//!
//! Schemas are those of `ratios`: N models in one script, and 1,000 of them in a workspace of 200 scripts, each of which imports another.
//! Every time is that of one message until its answer or its reports, as the client sees it; the median and the least of many. `RELATA` names
//! another program than the one that was built, to hold one against the other. `--bench -- 300` types that many edits instead of 10,000.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a program for people who measure: it prints, and may stop"
)]

use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// How often each question is asked.
const TIMES: usize = 40;

fn main() {
    // `cargo test --benches` calls this too, with `--test`: there is nothing to test here.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    let edits = std::env::args().find_map(|it| it.parse().ok()).unwrap_or(10_000);
    println!("{:<58} {:>9} {:>9} {:>9}", "what is waited for", "median", "least", "asked for");
    for count in [100, 1_000] {
        one_script(count);
    }
    workspace();
    memory(edits);
}

/// Prints a line of the table.
fn line(what: &str, mut times: Vec<Duration>, most: &str) {
    times.sort_unstable();
    let ms = |it: Duration| format!("{:.2} ms", it.as_secs_f64() * 1e3);
    println!("{what:<58} {:>9} {:>9} {most:>9}", ms(times[times.len() / 2]), ms(times[0]));
}

/// A model, and its association.
fn model(text: &mut String, number: usize) {
    let _ = write!(
        text,
        "model Model{number} {{\n  id: INTEGER < primaryKey, autoIncrement >\n  name: STRING < allowNull: false >\n  \
         email: STRING < allowNull: false, unique >\n  age: INTEGER\n  score: FLOAT < defaultValue: 0 >\n  \
         active: BOOLEAN < allowNull: false, defaultValue: true >\n  notes: TEXT\n  createdAt: DATE < allowNull: false >\n\
         }} < timestamps: false >\n"
    );
}

fn association(text: &mut String, number: usize) {
    let parent = number.saturating_sub(1) / 2;
    let _ = writeln!(
        text,
        "Model{number} belongsTo Model{parent} < foreignKey: parentId, as: parent, onDelete: setNull >"
    );
}

fn schema(count: usize) -> String {
    let mut text = String::new();
    (0..count).for_each(|it| model(&mut text, it));
    (0..count).for_each(|it| association(&mut text, it));
    text
}

/// One open script of so many models.
fn one_script(count: usize) {
    let folder = Scratch::new();
    let text = schema(count);
    let uri = folder.write("bench.schema", &text);
    let mut client = Client::new(&folder);
    client.open(&uri, &text);
    let middle = format!("model Model{} ", count / 2);
    let first = text.split_once(&middle).unwrap().0.matches('\n').count();
    let at = |line: usize, column: usize| json!({ "line": first + line, "character": column });
    let said = |what: &str| format!("{count} models: {what}");
    let asked = |it: &'static str| if count == 1_000 { it } else { "" };

    // An attribute is typed below another one, and taken out again.
    let mut typed = Vec::new();
    for _ in 0..3 {
        for (place, letter) in "\n  nickname: STRING < allowNull: false >".chars().enumerate() {
            let at = if place == 0 { at(4, 14) } else { at(5, place - 1) };
            typed.push(client.edit(&uri, &at, &at, &letter.to_string()));
        }
        client.edit(&uri, &at(4, 14), &at(5, 39), "");
    }
    let most = if count == 1_000 { "20 ms" } else { "5 ms" };
    line(&said("a typed character, its reports"), typed, most);

    let document = json!({ "uri": uri });
    let place = |line: usize, column: usize| json!({ "textDocument": document, "position": at(line, column) });
    let mut ask = |what: &str, method: &str, params: &Value, most: &str| {
        let times = (0..TIMES).map(|_| client.time(method, params));
        let times: Vec<Duration> = times.collect();
        line(&said(what), times, most);
    };
    let association = json!({ "line": text.matches('\n').count() - count / 2, "character": 24 });
    let key = json!({ "textDocument": document, "position": association });
    ask("completion of an option", "textDocument/completion", &place(2, 19), asked("10 ms"));
    ask("completion of a model", "textDocument/completion", &key, asked("10 ms"));
    ask("hover", "textDocument/hover", &place(0, 8), asked("10 ms"));
    ask("definition", "textDocument/definition", &key, asked("10 ms"));
    ask("signature help", "textDocument/signatureHelp", &place(2, 19), asked("5 ms"));
    let range = json!({ "start": at(0, 0), "end": at(60, 0) });
    let visible = json!({ "textDocument": document, "range": range });
    ask("tokens of 60 lines", "textDocument/semanticTokens/range", &visible, asked("10 ms"));
    let only = json!({ "textDocument": document });
    ask("tokens of the script", "textDocument/semanticTokens/full", &only, asked("50 ms"));
    let options = json!({ "tabSize": 2, "insertSpaces": true });
    let format = json!({ "textDocument": document, "options": options });
    ask("formatting", "textDocument/formatting", &format, asked("60 ms"));
    // Behind each edit, as an editor asks: what was known is known no more.
    let mut behind = |what: &str, method: &str, params: &Value, most: &str| {
        let mut times = Vec::new();
        for place in 0..TIMES {
            let text = if place % 2 == 0 { "x" } else { "" };
            let end = if place % 2 == 0 { at(4, 5) } else { at(4, 6) };
            client.change(&uri, &at(4, 5), &end, text);
            times.push(client.time(method, params));
            client.reports(&uri);
        }
        line(&said(what), times, most);
    };
    behind("completion behind an edit", "textDocument/completion", &place(2, 19), asked("10 ms"));
    behind("hover behind an edit", "textDocument/hover", &place(0, 8), "");
    behind(
        "tokens of 60 lines behind an edit",
        "textDocument/semanticTokens/range",
        &visible,
        asked("10 ms"),
    );
}

/// 1,000 models in 200 scripts.
fn scripts(folder: &Scratch) -> (String, String) {
    let mut first = (String::new(), String::new());
    for script in 0..200 {
        let mut text = String::new();
        if script > 0 {
            let _ = writeln!(text, "import \"s{}.schema\"", (script - 1) / 5);
        }
        (script * 5..script * 5 + 5).for_each(|it| model(&mut text, it));
        (script * 5..script * 5 + 5).for_each(|it| association(&mut text, it));
        let uri = folder.write(&format!("s{script}.schema"), &text);
        if script == 0 {
            first = (uri, text);
        }
    }
    let mut all = String::new();
    (0..200).for_each(|it| {
        let _ = writeln!(all, "import \"s{it}.schema\"");
    });
    folder.write("all.schema", &all);
    first
}

fn workspace() {
    let folder = Scratch::new();
    let (uri, text) = scripts(&folder);
    let (mut begun, mut reported) = (Vec::new(), Vec::new());
    for _ in 0..7 {
        let started = Instant::now();
        let mut client = Client::new(&folder);
        begun.push(client.begun);
        client.open(&uri, &text);
        reported.push(started.elapsed());
    }
    line("200 scripts: start, the answer to `initialize`", begun, "30 ms");
    line("200 scripts: start, the first reports", reported, "400 ms");
    let mut client = Client::new(&folder);
    client.open(&uri, &text);
    let document = json!({ "uri": uri });
    // `Model0`, and its attribute `name`.
    for (what, at) in [("a model", json!([0, 8])), ("an attribute", json!([2, 3]))] {
        let at = json!({ "line": at[0], "character": at[1] });
        let context = json!({ "includeDeclaration": true });
        let params = json!({ "textDocument": document, "position": at, "context": context });
        let times = (0..TIMES).map(|_| client.time("textDocument/references", &params)).collect();
        line(&format!("200 scripts: references of {what}"), times, "100 ms");
        let params = json!({ "textDocument": document, "position": at, "newName": "other" });
        let times = (0..TIMES).map(|_| client.time("textDocument/rename", &params)).collect();
        line(&format!("200 scripts: rename of {what}"), times, "100 ms");
    }
    let mut typed = Vec::new();
    let start = json!({ "line": 4, "character": 5 });
    for _ in 0..TIMES / 2 {
        typed.push(client.edit(&uri, &start, &start, "x"));
        let end = json!({ "line": 4, "character": 6 });
        typed.push(client.edit(&uri, &start, &end, ""));
    }
    line("200 scripts: a typed character, its reports", typed, "");
    println!("200 scripts: memory {:>57} {:>19}", client.memory(), "120 MB");
}

/// What is typed for hours takes no more room.
fn memory(edits: usize) {
    let folder = Scratch::new();
    let text = schema(1_000);
    let uri = folder.write("bench.schema", &text);
    let mut client = Client::new(&folder);
    client.open(&uri, &text);
    let mut at_hundred = String::new();
    for edit in 0..edits {
        let line = (edit / 2) * 37 % 9_000;
        let at = json!({ "line": line, "character": 1 });
        let end = json!({ "line": line, "character": 2 });
        if edit % 2 == 0 {
            client.edit(&uri, &at, &at, "x");
        } else {
            client.edit(&uri, &at, &end, "");
        }
        if edit == 99 {
            at_hundred = client.memory();
        }
    }
    println!("1000 models: memory after 100 edits {at_hundred:>42}");
    println!("1000 models: memory after {edits} edits {:>39} {:>19}", client.memory(), "1.2 times");
}

/// A folder that goes with it.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new() -> Self {
        let name = format!("relata-desk-{}-{:?}", std::process::id(), Instant::now());
        let name: String = name.chars().filter(|it| it.is_alphanumeric() || *it == '-').collect();
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.0.join(name), text).unwrap();
        uri(&self.0.join(name))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _left = std::fs::remove_dir_all(&self.0);
    }
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.to_str().unwrap())
}

/// An editor.
struct Client {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    asked: i64,
    version: i64,
    /// The reports that came while something else was waited for.
    told: Vec<Vec<u8>>,
    /// How long the answer to `initialize` took, from the start of the process.
    begun: Duration,
}

impl Client {
    fn new(folder: &Scratch) -> Self {
        let program = std::env::var("RELATA");
        let program = program.unwrap_or_else(|_| env!("CARGO_BIN_EXE_relata").to_owned());
        let started = Instant::now();
        let mut command = Command::new(program);
        command.arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let from = BufReader::with_capacity(1 << 20, from);
        let begun = Duration::ZERO;
        let mut client = Self { child, to, from, asked: 0, version: 0, told: Vec::new(), begun };
        let folder = uri(&folder.0);
        // As editors say it.
        let can = json!({ "workspace": { "semanticTokens": { "refreshSupport": true } } });
        let params = json!({ "processId": null, "rootUri": folder, "capabilities": can });
        client.time("initialize", &params);
        client.begun = started.elapsed();
        client.tell("initialized", &json!({}));
        client
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.to.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The bytes of the next message.
    fn next(&mut self) -> Vec<u8> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).unwrap() > 0, "it has ended");
            match line.trim_end().split_once(": ") {
                Some((_, value)) => length = value.parse().unwrap(),
                None => break,
            }
        }
        let mut bytes = vec![0; length];
        self.from.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// How long an answer takes to come; reading it is the client's own business.
    fn time(&mut self, method: &str, params: &Value) -> Duration {
        self.asked += 1;
        let id = self.asked;
        let started = Instant::now();
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let begins = format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},");
        loop {
            let bytes = self.next();
            let took = started.elapsed();
            if bytes.starts_with(begins.as_bytes()) {
                let refused = bytes.get(begins.len()..begins.len() + 8) == Some(b"\"error\":");
                assert!(!refused, "{}", String::from_utf8_lossy(&bytes));
                return took;
            }
            self.told.push(bytes);
        }
    }

    fn open(&mut self, uri: &str, text: &str) {
        self.version += 1;
        let version = self.version;
        let document =
            json!({ "uri": uri, "languageId": "relata", "version": version, "text": text });
        self.tell("textDocument/didOpen", &json!({ "textDocument": document }));
        self.reports(uri);
    }

    fn change(&mut self, uri: &str, start: &Value, end: &Value, text: &str) {
        self.version += 1;
        let document = json!({ "uri": uri, "version": self.version });
        let changes = json!([{ "range": { "start": start, "end": end }, "text": text }]);
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.tell("textDocument/didChange", &params);
    }

    /// Waits for the reports of a script, as it is now.
    fn reports(&mut self, uri: &str) {
        let mut told = std::mem::take(&mut self.told).into_iter();
        loop {
            let bytes = told.next().unwrap_or_else(|| self.next());
            let message: Value = serde_json::from_slice(&bytes).unwrap();
            let params = &message["params"];
            if params["uri"] == uri && params["version"] == self.version {
                return;
            }
        }
    }

    /// How long the reports take that an edit gets.
    fn edit(&mut self, uri: &str, start: &Value, end: &Value, text: &str) -> Duration {
        let started = Instant::now();
        self.change(uri, start, end, text);
        self.reports(uri);
        started.elapsed()
    }

    /// What is in memory.
    fn memory(&self) -> String {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|it| it.starts_with("VmRSS")).unwrap();
        let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        format!("{:.1} MB", kilobytes / 1024.0)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}
