//! Renames where a database has the old name.

use super::{Client, position, uri};
use crate::kit::Folder;
use serde_json::{Value, json};

/// A text with edits made.
fn edited(text: &str, edits: &[Value]) -> String {
    let place = |it: &Value, end: &str| {
        let number =
            |name: &str| usize::try_from(it["range"][end][name].as_u64().unwrap()).unwrap();
        let lines = text.split_inclusive('\n').take(number("line"));
        lines.map(str::len).sum::<usize>() + number("character")
    };
    let mut edits = edits.to_vec();
    edits.sort_by_key(|it| std::cmp::Reverse(place(it, "start")));
    let mut changed = text.to_owned();
    for it in &edits {
        let range = place(it, "start")..place(it, "end");
        changed.replace_range(range, it["newText"].as_str().unwrap());
    }
    changed
}

/// What a rename answers.
fn rename(client: &mut Client, uri: &str, text: &str, (found, new): (&str, &str)) -> Value {
    let at = position(text, found, "utf-8");
    let params = json!({ "textDocument": { "uri": uri }, "position": at, "newName": new });
    client.ask("textDocument/rename", &params).unwrap()
}

fn with_database(client: &mut Client) {
    let settings = json!({ "settings": { "relata": { "database": "shop.db" } } });
    client.tell("workspace/didChangeConfiguration", &settings);
}

#[test]
fn a_rename_keeps_the_rows_of_the_database() {
    let folder = Folder::new();
    let text = "model User {\n  name: STRING\n} < timestamps: false >\n";
    folder.write("shop.schema", text);
    let run = format!("{text}sync\nUser create {{ name: \"Ann\" }}\n");
    folder.feed(&["run", "-", "--db", "shop.db"], run.as_bytes());
    let mut client = Client::new(&folder, "utf-8");
    with_database(&mut client);
    let shop = uri(&folder, "shop.schema");
    client.open(&shop, text);
    let mut text = text.to_owned();
    for asked in [("model Us", "Client"), ("\n  na", "firstName")] {
        let answer = rename(&mut client, &shop, &text, asked);
        text = edited(&text, answer["changes"][&shop].as_array().unwrap());
        let version = i64::try_from(text.len()).unwrap();
        client.change(&shop, version, &json!([{ "text": text }]));
        assert_eq!(client.reports(&shop, version), [] as [Value; 0], "{text}");
    }
    let expected =
        "model Client {\n  firstName: STRING < was: name >\n} < was: User, timestamps: false >\n";
    assert_eq!(text, expected);
    let command = json!({ "command": "relata.plan", "arguments": [shop] });
    let plan = client.ask("workspace/executeCommand", &command).unwrap();
    let plan = plan.as_str().unwrap();
    assert!(plan.contains("rename column `name` to `firstName`"), "{plan}");
    assert_eq!(client.end(), 0);
}

#[test]
fn what_else_a_rename_changes_is_told_and_its_rows_stay() {
    const TEXT: &str = "model User { name: STRING }\nmodel Bill { sum: INTEGER }\n\
                        User hasMany Bill\nBill belongsTo User\n\
                        Bill findAll < where: (UserId = 1) >\n";
    let folder = Folder::new();
    folder.write("shop.schema", TEXT);
    let rows = "sync\nlet ann = User create { name: \"Ann\", Bills: [{ sum: 3 }] }\n";
    let (models, _) = TEXT.split_once("Bill findAll").unwrap();
    folder.feed(&["run", "-", "--db", "shop.db"], format!("{models}{rows}").as_bytes());
    let mut client = Client::silent(&folder);
    let edits = json!({ "documentChanges": true, "changeAnnotationSupport": {} });
    let encodings = json!({ "positionEncodings": ["utf-8"] });
    let can = json!({ "workspace": { "workspaceEdit": edits }, "general": encodings });
    client.begin(&folder, &can);
    with_database(&mut client);
    let shop = uri(&folder, "shop.schema");
    client.open(&shop, TEXT);
    let answer = rename(&mut client, &shop, TEXT, ("model Us", "Person"));
    let told = &answer["changeAnnotations"];
    let name = json!({
        "label": "the new name: `Person`",
        "needsConfirmation": false,
        "description": "the table `Users` becomes `People`: its rows stay; \
                        the column `UserId` of `Bills` becomes `PersonId`: its values stay",
    });
    assert_eq!(told["name"], name);
    assert_eq!(told["follows"]["label"], "what comes from the name by itself");
    assert_eq!(told["was"]["label"], "what it was, so that the database's rows stay");
    let edits = answer["documentChanges"][0]["edits"].as_array().unwrap();
    let mut said: Vec<(&str, &str)> = Vec::new();
    for it in edits {
        said.push((it["annotationId"].as_str().unwrap(), it["newText"].as_str().unwrap()));
    }
    let expected = [
        ("name", "Person"),
        ("was", " < was: User >"),
        ("name", "Person"),
        ("was", " < foreignKey: { was: UserId } >"),
        ("name", "Person"),
        ("follows", "PersonId"),
    ];
    assert_eq!(said, expected);
    let text = edited(TEXT, edits);
    client.change(&shop, 2, &json!([{ "text": text }]));
    assert_eq!(client.reports(&shop, 2), [] as [Value; 0], "{text}");
    assert_eq!(client.end(), 0);
    folder.write("shop.schema", &text);
    folder.run(&["apply", "shop.schema", "--db", "shop.db"]).fine();
    let asked = format!("{text}Bill count < where: (User.name = \"Ann\") >\n");
    let asked = asked.replace("User.name", "Person.name");
    let answer =
        folder.feed(&["run", "-", "--db", "shop.db", "--format", "json"], asked.as_bytes());
    assert!(answer.out.ends_with("\"value\":1}\n"), "{}{}", answer.out, answer.err);
}
