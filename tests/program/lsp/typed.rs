//! What is told while somebody types: what is wrong there before all else, and colours before the check.

use super::{Client, uri};
use crate::kit::Folder;
use serde_json::{Value, json};
use std::fmt::Write as _;

#[test]
fn the_script_that_is_typed_is_told_of_first() {
    const TYPED: &str = "model Z { }\nmodel Y { name: STRIN }\n";
    let folder = Folder::new();
    folder.write("all.schema", "import \"a.schema\"\nimport \"z.schema\"\n");
    folder.write("a.schema", "model A { }\nA belongsTo Z\n").write("z.schema", TYPED);
    let mut client = Client::new(&folder, "utf-16");
    let (other, typed) = (uri(&folder, "a.schema"), uri(&folder, "z.schema"));
    client.open(&typed, TYPED);
    assert_eq!(client.reports(&typed, 1).len(), 1);
    // `Z` is called otherwise now, so that something is wrong in the other script, too.
    let at = json!({ "line": 0, "character": 7 });
    client.change(&typed, 2, &json!([{ "range": { "start": at, "end": at }, "text": "z" }]));
    let mut told = Vec::new();
    while told.len() < 2 {
        let message = client.next();
        if message["method"] == "textDocument/publishDiagnostics" {
            let params = &message["params"];
            let count = params["diagnostics"].as_array().unwrap().len();
            told.push((params["uri"].as_str().unwrap().to_owned(), count));
        }
    }
    assert_eq!(told, [(typed, 1), (other, 1)]);
    assert_eq!(client.end(), 0);
}

/// What the tokens of two lines are, numbers that say where left out.
fn kinds(client: &mut Client, uri: &str) -> Vec<i64> {
    let range =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 2, "character": 0 } });
    let params = json!({ "textDocument": { "uri": uri }, "range": range });
    let answer = client.ask("textDocument/semanticTokens/range", &params).unwrap();
    let numbers: Vec<i64> =
        answer["data"].as_array().unwrap().iter().map(|it| it.as_i64().unwrap()).collect();
    numbers.chunks(5).map(|it| it[3]).collect()
}

#[test]
fn colours_wait_for_no_check_where_they_can_be_put_right() {
    let mut text = "enum Status { draft }\nmodel Order { status: Status }\n".to_owned();
    // There is something to check.
    for it in 0..300 {
        let _ = writeln!(text, "model M{it} {{ a: STRING, b: Status }}\nM{it} belongsTo Order");
    }
    let folder = Folder::new();
    folder.write("a.schema", &text);
    let mut client = Client::silent(&folder);
    let refreshes = json!({ "workspace": { "semanticTokens": { "refreshSupport": true } } });
    client.begin(&folder, &refreshes);
    let uri = uri(&folder, "a.schema");
    client.open(&uri, &text);
    client.reports(&uri, 1);
    let before = kinds(&mut client, &uri);
    // A blank changes nothing of what is known.
    let at = json!({ "line": 0, "character": 13 });
    client.change(&uri, 2, &json!([{ "range": { "start": at, "end": at }, "text": " " }]));
    assert_eq!(kinds(&mut client, &uri), before);
    client.reports(&uri, 2);
    assert_eq!(kinds(&mut client, &uri), before);
    // The enumeration is called otherwise now, so that the model's word for it means nothing.
    let at = json!({ "line": 0, "character": 11 });
    client.change(&uri, 3, &json!([{ "range": { "start": at, "end": at }, "text": "x" }]));
    let early = kinds(&mut client, &uri);
    client.reports(&uri, 3);
    let is_refresh = |it: &Value| it["method"] == "workspace/semanticTokens/refresh";
    let late = kinds(&mut client, &uri);
    assert_ne!(late, before);
    // Who was told before the check is told that it's otherwise.
    while early != late && !client.told.iter().any(is_refresh) {
        let message = client.next();
        client.told.push(message);
    }
    assert_eq!(client.end(), 0);
}
