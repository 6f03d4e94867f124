//! `relata lsp`, by a client that says what an editor says.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails so")]

mod edits;
mod renames;
mod typed;

use crate::kit::Folder;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// An editor.
struct Client {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    asked: i64,
    /// What it was told and hasn't looked at.
    told: Vec<Value>,
}

impl Client {
    /// A client that has said nothing yet.
    fn silent(folder: &Folder) -> Self {
        let mut command = folder.command(["lsp", "--log", "lsp.log"]);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, to, from: BufReader::new(from), asked: 0, told: Vec::new() }
    }

    fn new(folder: &Folder, encoding: &str) -> Self {
        let mut client = Self::silent(folder);
        let answer =
            client.begin(folder, &json!({ "general": { "positionEncodings": [encoding] } }));
        assert_eq!(answer["capabilities"]["positionEncoding"], encoding);
        client
    }

    /// Begins the talk; what the server can do.
    fn begin(&mut self, folder: &Folder, capabilities: &Value) -> Value {
        let uri = uri(folder, "");
        let params = json!({ "processId": null, "rootUri": uri, "capabilities": capabilities });
        let answer = self.ask("initialize", &params).unwrap();
        self.tell("initialized", &json!({}));
        answer
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.to.write_all(bytes).unwrap();
        self.to.flush().unwrap();
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn next(&mut self) -> Value {
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
        serde_json::from_slice(&bytes).unwrap()
    }

    /// The answer; or the error.
    fn ask(&mut self, method: &str, params: &Value) -> Result<Value, Value> {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let mut message = self.next();
            if message["id"] == id && message.get("method").is_none() {
                return match message.get_mut("error") {
                    Some(error) => Err(error.take()),
                    None => Ok(message["result"].take()),
                };
            }
            self.told.push(message);
        }
    }

    fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "relata", "version": 1, "text": text });
        self.tell("textDocument/didOpen", &json!({ "textDocument": document }));
    }

    fn change(&mut self, uri: &str, version: i64, changes: &Value) {
        let document = json!({ "uri": uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.tell("textDocument/didChange", &params);
    }

    /// The reports of a script in the version.
    fn reports(&mut self, uri: &str, version: i64) -> Vec<Value> {
        let is = |it: &Value| {
            it["method"] == "textDocument/publishDiagnostics"
                && it["params"]["uri"] == uri
                && it["params"]["version"] == version
        };
        let found = self.told.iter().position(is).map(|it| self.told.remove(it));
        let mut found = found.unwrap_or_default();
        while !is(&found) {
            found = self.next();
        }
        found["params"]["diagnostics"].as_array().unwrap().clone()
    }

    /// How it ends.
    fn end(mut self) -> i32 {
        assert_eq!(self.ask("shutdown", &Value::Null), Ok(Value::Null));
        self.tell("exit", &Value::Null);
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn uri(folder: &Folder, name: &str) -> String {
    format!("file://{}", folder.path(name).to_str().unwrap().trim_end_matches('/'))
}

/// The position behind the first `found` of a text, whose lines count in so many units.
fn position(text: &str, found: &str, encoding: &str) -> Value {
    let at = text.find(found).unwrap() + found.len();
    let before = text.get(..at).unwrap();
    let line = before.rsplit('\n').next().unwrap();
    let character = match encoding {
        "utf-8" => line.len(),
        "utf-16" => line.encode_utf16().count(),
        _ => line.chars().count(),
    };
    json!({ "line": before.matches('\n').count(), "character": character })
}

const SHOP: &str = "import \"users.schema\"

/// What a user is asked to pay.
model Invoice {
  /* 名前 𝄞 */ amount: INTEGER
  /* 名前 𝄞 */ status: ENUM(draft, paid)
}

User hasMany Invoice < as: invoices >
Invoice belongsTo User
let big = Invoice findAll < where: (amount > 10), include: [User] >
";

const USERS: &str = "model User {\n  firstName: STRING\n  `order line`: TEXT\n}\n";

fn shop() -> Folder {
    let folder = Folder::new();
    folder.write("shop.schema", SHOP).write("users.schema", USERS);
    folder
}

#[test]
fn every_question_has_an_answer_in_every_encoding() {
    let folder = shop();
    for encoding in ["utf-8", "utf-16", "utf-32"] {
        let mut client = Client::new(&folder, encoding);
        let (shop, users) = (uri(&folder, "shop.schema"), uri(&folder, "users.schema"));
        client.open(&shop, SHOP);
        let reports = client.reports(&shop, 1);
        let messages: Vec<_> = reports.iter().map(|it| it["message"].as_str().unwrap()).collect();
        assert_eq!(messages, ["nothing uses `big`"], "the rest is right");
        let document = json!({ "uri": shop });
        let at = |found: &str| json!({ "textDocument": document, "position": position(SHOP, found, encoding) });
        let mut ask = |method: &str, params: &Value| {
            client.ask(&format!("textDocument/{method}"), params).unwrap()
        };
        // A word behind signs of one, two, three and four bytes.
        let hover = ask("hover", &at("𝄞 */ amo"));
        assert!(hover["contents"]["value"].as_str().unwrap().contains("column `amount`"));
        assert_eq!(hover["range"]["end"], position(SHOP, "𝄞 */ amount", encoding));
        let found = ask("definition", &at("include: [Us"));
        assert_eq!(found["uri"], shop);
        assert_eq!(found["range"]["start"]["line"], 9);
        assert_eq!(ask("definition", &at("User has"))["range"]["start"]["line"], 8);
        assert_eq!(ask("definition", &at("\nUs"))["uri"], users);
        assert_eq!(ask("definition", &at("\"users"))["uri"], users);
        assert_eq!(ask("typeDefinition", &at("invoi"))["range"]["start"]["line"], 3);
        let mut params = at("amo");
        params["context"] = json!({ "includeDeclaration": false });
        let found = ask("references", &params);
        assert_eq!(found.as_array().unwrap().len(), 1);
        assert_eq!(found[0]["range"]["start"]["line"], 10);
        assert_eq!(ask("documentHighlight", &at("amo")).as_array().unwrap().len(), 2);
        assert_eq!(ask("prepareRename", &at("amo"))["placeholder"], "amount");
        let mut params = at("\nUs");
        params["newName"] = json!("order line");
        let edits = ask("rename", &params);
        assert_eq!(edits["changes"][&users][0]["newText"], "`order line`");
        params["newName"] = json!("Invoice");
        let refused = client.ask("textDocument/rename", &params).unwrap_err();
        assert_eq!(refused["message"], "`Invoice` is declared twice");
        let mut ask = |method: &str, params: &Value| {
            client.ask(&format!("textDocument/{method}"), params).unwrap()
        };
        let found = ask("completion", &at("where: (am"));
        assert_eq!(found["items"][0]["label"], "amount");
        let signature = ask("signatureHelp", &at("as: invo"));
        assert_eq!(signature["activeParameter"], 0);
        let only = json!({ "textDocument": document });
        let symbols = ask("documentSymbol", &only);
        assert_eq!(symbols[0]["children"][1]["name"], "status");
        assert_eq!(ask("foldingRange", &only)[0]["startLine"], 3);
        assert_eq!(ask("documentLink", &only)[0]["target"], users);
        assert!(ask("semanticTokens/full", &only)["data"].as_array().unwrap().len() > 50);
        assert_eq!(ask("codeLens", &only)[0]["command"]["title"], "3 references");
        let options = json!({ "tabSize": 2, "insertSpaces": true });
        let edits = ask("formatting", &json!({ "textDocument": document, "options": options }));
        let lines = edits.as_array().unwrap().iter().map(|it| &it["range"]["start"]["line"]);
        assert_eq!(lines.collect::<Vec<_>>(), [4, 5], "the lines that change, each by itself");
        let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
        let hints = ask("inlayHint", &json!({ "textDocument": document, "range": whole }));
        assert_eq!(hints[1]["label"], "foreignKey: UserId, onDelete: setNull, onUpdate: cascade");
        let here = position(SHOP, "ENUM", encoding);
        let actions = ask(
            "codeAction",
            &json!({ "textDocument": document, "range": { "start": here, "end": here }, "context": { "diagnostics": [] } }),
        );
        assert_eq!(actions[0]["title"], "extract `enum InvoiceStatus`");
        let selection =
            ask("selectionRange", &json!({ "textDocument": document, "positions": [here] }));
        assert_eq!(selection[0]["range"]["end"], here);
        let found = client.ask("workspace/symbol", &json!({ "query": "fname" })).unwrap();
        assert_eq!(found[0]["name"], "firstName");
        let command = json!({ "command": "relata.sql", "arguments": [shop] });
        let sql = client.ask("workspace/executeCommand", &command).unwrap();
        assert!(sql.as_str().unwrap().starts_with("CREATE TABLE"));
        assert_eq!(client.end(), 0);
    }
}

#[test]
fn reports_follow_what_is_typed() {
    let folder = shop();
    let mut client = Client::new(&folder, "utf-16");
    let shop = uri(&folder, "shop.schema");
    client.open(&shop, SHOP);
    client.reports(&shop, 1);
    let at = position(SHOP, "User has", "utf-16");
    let next = position(SHOP, "User hasM", "utf-16");
    let typed = json!([{ "range": { "start": at, "end": next }, "text": "" }]);
    client.change(&shop, 2, &typed);
    let reports = client.reports(&shop, 2);
    assert_eq!(reports[0]["code"], "E0201");
    let context = json!({ "diagnostics": reports, "only": ["quickfix"] });
    let range = json!({ "start": at, "end": at });
    let params = json!({ "textDocument": { "uri": shop }, "range": range, "context": context });
    let fixes = client.ask("textDocument/codeAction", &params).unwrap();
    let edit = fixes[0]["edit"]["changes"][&shop][0].clone();
    assert_eq!(edit["newText"], "hasMany");
    client.change(&shop, 3, &json!([{ "range": edit["range"], "text": "hasMany" }]));
    // A question that comes at once has the script checked; the reports are told all the same.
    client
        .ask("textDocument/hover", &json!({ "textDocument": { "uri": shop }, "position": at }))
        .unwrap();
    assert_eq!(client.reports(&shop, 3).len(), 1, "the variable that nothing uses");
    // A script that another one imports is part of it, though it isn't open.
    folder.write("users.schema", "model Usr { }");
    let changes = json!({ "changes": [{ "uri": uri(&folder, "users.schema"), "type": 2 }] });
    client.tell("workspace/didChangeWatchedFiles", &changes);
    let reports = client.reports(&shop, 3);
    assert!(reports.iter().any(|it| it["code"] == "E0204"), "{reports:?}");
    assert_eq!(client.end(), 0);
}

#[test]
fn what_is_no_message_ends_nothing() {
    let folder = shop();
    let mut client = Client::silent(&folder);
    assert_eq!(client.ask("textDocument/hover", &json!({})).unwrap_err()["code"], -32002);
    client.raw(b"Content-Length: 5\r\n\r\n{]\"\xFF\xFE");
    assert_eq!(client.next()["error"]["code"], -32700);
    client.raw(b"Hello\r\n\r\n");
    assert_eq!(client.next()["error"]["code"], -32700);
    let params = json!({ "processId": null, "rootUri": uri(&folder, ""), "capabilities": {} });
    client.ask("initialize", &params).unwrap();
    let shop = uri(&folder, "shop.schema");
    let far = json!({ "line": 4_000_000_000_u32, "character": 4_000_000_000_u32 });
    for (method, params) in [
        ("textDocument/hover", json!({ "textDocument": { "uri": shop }, "position": far })),
        (
            "textDocument/hover",
            json!({ "textDocument": { "uri": "http://x/%%%" }, "position": far }),
        ),
        ("textDocument/hover", json!([])),
        (
            "textDocument/rename",
            json!({ "textDocument": { "uri": shop }, "position": far, "newName": "" }),
        ),
        ("workspace/executeCommand", json!({ "command": "rm", "arguments": ["-r"] })),
        ("no/such", json!(null)),
    ] {
        // Whatever the answer is, it comes.
        let _answer = client.ask(method, &params);
    }
    // Ranges that end before they begin, or lie outside; an unsaved script.
    client.open("untitled:1", "model A { x: STRIN }");
    let begin = json!({ "line": 0, "character": 0 });
    let changes = json!([
        { "range": { "start": far, "end": begin }, "text": "model B { }\n" },
        { "range": { "start": far, "end": far }, "text": "B hasMny B" },
    ]);
    client.change("untitled:1", 2, &changes);
    let reports = client.reports("untitled:1", 2);
    assert_eq!(reports[0]["code"], "E0201", "{reports:?}");
    client.open("untitled:2", &"{".repeat(100_000));
    assert!(!client.reports("untitled:2", 1).is_empty());
    client.tell("exit", &Value::Null);
    assert_eq!(client.child.wait().unwrap().code(), Some(1), "without `shutdown`");
}

/// What a completion at the end of a text offers, by label.
fn offered(client: &mut Client, uri: &str, line: u32, column: u32) -> Vec<Value> {
    let at = json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": column } });
    let found = client.ask("textDocument/completion", &at).unwrap();
    found["items"].as_array().unwrap().clone()
}

#[test]
fn a_model_that_is_not_imported_is_offered_with_its_import() {
    let folder = Folder::new();
    folder.write("models/user.schema", "model User { name: STRING }\n");
    folder.write("shop.schema", "");
    let mut client = Client::new(&folder, "utf-16");
    let shop = uri(&folder, "shop.schema");
    client.open(&shop, "/// A bill.\nmodel Bill { }\nBill belongsTo U");
    let found = offered(&mut client, &shop, 2, 16);
    let user = found.iter().find(|it| it["label"] == "User").unwrap();
    assert_eq!(user["detail"], "import \"models/user.schema\"");
    assert_eq!(
        user["additionalTextEdits"],
        json!([{
            "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } },
            "newText": "import \"models/user.schema\"\n",
        }])
    );
    client.change(
        &shop,
        2,
        &json!([{ "text": "import \"models/user.schema\"\nmodel Bill { }\nBill belongsTo U" }]),
    );
    client.reports(&shop, 2);
    let found = offered(&mut client, &shop, 2, 16);
    let user = found.iter().find(|it| it["label"] == "User").unwrap();
    assert_eq!(user.get("additionalTextEdits"), None);
    assert_eq!(client.end(), 0);
}

#[test]
fn models_and_their_bases_are_a_hierarchy_over_files() {
    let folder = Folder::new();
    folder.write("base.schema", "abstract model Named { name: STRING }\n");
    folder.write("user.schema", "import \"base.schema\"\nmodel User extends Named { }\n");
    folder.write("shop.schema", "import \"base.schema\"\nmodel Shop extends Named { }\n");
    let mut client = Client::new(&folder, "utf-16");
    let user = uri(&folder, "user.schema");
    let position = json!({ "line": 1, "character": 8 });
    let at = json!({ "textDocument": { "uri": user }, "position": position });
    let found = client.ask("textDocument/prepareTypeHierarchy", &at).unwrap();
    assert_eq!(found[0]["name"], "User");
    let bases = client.ask("typeHierarchy/supertypes", &json!({ "item": found[0] })).unwrap();
    assert_eq!(
        (&bases[0]["name"], &bases[0]["detail"]),
        (&json!("Named"), &json!("abstract model"))
    );
    let own = client.ask("typeHierarchy/subtypes", &json!({ "item": bases[0] })).unwrap();
    let names: Vec<_> = own.as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
    assert_eq!(names, ["Shop", "User"]);
    let none = client.ask("typeHierarchy/supertypes", &json!({ "item": bases[0] })).unwrap();
    assert_eq!(none, json!([]));
    assert_eq!(client.end(), 0);
}

#[test]
fn settings_say_what_is_shown_and_which_scripts_are_roots() {
    let folder = Folder::new();
    folder.write("a.schema", "import \"b.schema\"\nmodel A { }\nA belongsTo B\n");
    folder.write("b.schema", "model B { }\nB belongsTo A\n");
    let mut client = Client::new(&folder, "utf-16");
    let b = uri(&folder, "b.schema");
    client.open(&b, "model B { }\nB belongsTo A\n");
    assert_eq!(client.reports(&b, 1), Vec::<Value>::new());
    let settings = json!({ "codeLens": false, "inlayHints": false, "format": false, "roots": ["b*.schema", "["] });
    client.tell("workspace/didChangeConfiguration", &json!({ "settings": { "relata": settings } }));
    let document = json!({ "textDocument": { "uri": b } });
    assert_eq!(client.ask("textDocument/codeLens", &document), Ok(Value::Null));
    let start = json!({ "line": 0, "character": 0 });
    let range = json!({ "start": start, "end": { "line": 2, "character": 0 } });
    let hints = json!({ "textDocument": { "uri": b }, "range": range });
    assert_eq!(client.ask("textDocument/inlayHint", &hints), Ok(Value::Null));
    let format =
        json!({ "textDocument": { "uri": b }, "options": { "tabSize": 2, "insertSpaces": true } });
    assert_eq!(client.ask("textDocument/formatting", &format), Ok(Value::Null));
    // As a root of its own it knows no model `A`.
    let reports = client.ask("textDocument/diagnostic", &document).unwrap();
    assert_eq!(reports["items"][0]["code"], "E0204", "{reports}");
    assert_eq!(client.end(), 0);
}

#[test]
fn a_script_is_run_in_memory_and_on_a_database_only_by_consent() {
    let folder = Folder::new();
    let text = "model User { name: STRING }\nsync\nUser create { name: \"Ann\" }\nUser findAll\n";
    folder.write("shop.schema", text);
    let mut client = Client::new(&folder, "utf-16");
    let shop = uri(&folder, "shop.schema");
    let run = json!({ "command": "relata.run", "arguments": [shop] });
    let printed = client.ask("workspace/executeCommand", &run).unwrap();
    assert!(printed.as_str().unwrap().contains("Ann"), "{printed}");
    // What isn't saved isn't run.
    client.open(&shop, &text.replace("Ann", "Bob"));
    let refused = client.ask("workspace/executeCommand", &run).unwrap_err();
    assert_eq!(refused["message"], "save `shop.schema` first");
    client.change(&shop, 2, &json!([{ "text": text }]));
    let settings = json!({ "database": "shop.db" });
    client.tell("workspace/didChangeConfiguration", &json!({ "settings": settings }));
    for (answer, runs) in [(json!(null), false), (json!({ "title": "Run" }), true)] {
        client.asked += 1;
        let id = client.asked;
        let method = "workspace/executeCommand";
        client.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": run }));
        let question = loop {
            let message = client.next();
            if message["method"] == "window/showMessageRequest" {
                break message;
            }
        };
        assert_eq!(
            question["params"]["message"],
            "Run shop.schema on shop.db? It may change what is there."
        );
        assert!(!folder.path("shop.db").exists());
        client.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer }));
        let done = loop {
            let message = client.next();
            if message["id"] == id {
                break message;
            }
        };
        assert_eq!(done.get("error").is_none(), runs, "{done}");
        assert_eq!(folder.path("shop.db").exists(), runs);
    }
    assert_eq!(client.end(), 0);
}
