//! Edits equal a fresh start: whatever is typed, pasted, cut and taken back, a server that has seen it all says what a new one says of the same
//! texts.
//!
//! `SEEDS=1-50 EDITS=200 cargo test --test program -- edits` tries more of them.

use super::{Client, SHOP, USERS, shop, uri};
use crate::kit::Folder;
use serde_json::{Value, json};

/// Numbers that look like chance, and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most.max(1)
    }

    fn any<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

const PIECES: [&str; 30] = [
    "model X { }\n",
    "model Y extends X { status: ENUM(draft, paid) }\n",
    "abstract model X { name: STRING }\n",
    "enum Status { draft, paid }\n",
    "import \"users.schema\"\n",
    "import \"more.schema\"\n",
    "Invoice belongsTo X < foreignKey: { name: UserId, allowNull: false } >\n",
    "let big = User findAll < where: (firstName = \"a\") >\n",
    "view rich = Invoice findAll < where: (amount > 5) >\n",
    "defaults < timestamps: false >\n",
    "sql`CREATE TABLE t (a)`\n",
    "const a = require('x');\n",
    "transaction { let x = User create { } }\n",
    "/// A user.\n",
    "// {\n",
    "\n",
    "\r\n",
    "{",
    "}",
    "(",
    ")",
    "User ",
    "hasMany ",
    "< as: a >",
    "\u{FEFF}",
    "名",
    "𝄞",
    "\"",
    "/*",
    "amount",
];

/// A script that is open, with the texts that it had.
struct Buffer {
    name: &'static str,
    text: String,
    version: i64,
    before: Vec<String>,
    open: bool,
}

impl Buffer {
    fn new(name: &'static str, text: &str) -> Self {
        Self { name, text: text.to_owned(), version: 1, before: Vec::new(), open: false }
    }
}

/// A place of a text, as UTF-16 counts; `within` puts it into the middle of a character of two units.
fn place(text: &str, offset: usize, within: bool) -> Value {
    let (before, behind) = text.split_at(offset);
    let line = before.rsplit('\n').next().unwrap();
    let wide = within && behind.chars().next().is_some_and(|it| it.len_utf16() == 2);
    let character = line.encode_utf16().count() + usize::from(wide);
    json!({ "line": before.matches('\n').count(), "character": character })
}

/// The bytes at which characters begin, and the end. Within a line's end of two characters there is no place.
fn offsets(text: &str) -> Vec<usize> {
    let all =
        text.char_indices().filter(|it| it.1 != '\n' || !text.split_at(it.0).0.ends_with('\r'));
    all.map(|it| it.0).chain([text.len()]).collect()
}

/// What the client knows of a script, and of some places in it.
fn known(client: &mut Client, uri: &str, text: &str, dice: &mut Dice) -> Vec<(String, Value)> {
    let document = json!({ "uri": uri });
    let lines = text.matches('\n').count() + 1;
    let range = |start: usize, end: usize| {
        let at = |line: usize| json!({ "line": line, "character": 0 });
        json!({ "start": at(start), "end": at(end) })
    };
    let (whole, middle) = (range(0, lines), dice.below(lines));
    let part = range(middle, middle + 3);
    let options = json!({ "tabSize": 2, "insertSpaces": true });
    let context = json!({ "diagnostics": [] });
    let only = json!({ "textDocument": document });
    let mut asked: Vec<(&str, Value)> = vec![
        ("diagnostic", only.clone()),
        ("semanticTokens/full", only.clone()),
        ("semanticTokens/range", json!({ "textDocument": document, "range": part })),
        ("documentSymbol", only.clone()),
        ("foldingRange", only.clone()),
        ("documentLink", only.clone()),
        ("codeLens", only),
        ("inlayHint", json!({ "textDocument": document, "range": whole })),
        ("formatting", json!({ "textDocument": document, "options": options })),
        ("codeAction", json!({ "textDocument": document, "range": whole, "context": context })),
    ];
    for _ in 0..6 {
        let all = offsets(text);
        let at = place(text, all[dice.below(all.len())], false);
        let mut at = json!({ "textDocument": document, "position": at });
        for it in [
            "hover",
            "definition",
            "typeDefinition",
            "documentHighlight",
            "completion",
            "signatureHelp",
        ] {
            asked.push((it, at.clone()));
        }
        at["context"] = json!({ "includeDeclaration": true });
        asked.push(("references", at.clone()));
        at["newName"] = json!("order line");
        asked.push(("rename", at));
    }
    let each = asked.into_iter().map(|(method, params)| {
        let answer = client.ask(&format!("textDocument/{method}"), &params);
        let mut answer = answer.unwrap_or_else(|error| error["message"].clone());
        if let Some(answer) = answer.as_object_mut() {
            answer.remove("resultId");
        }
        (format!("{method} {params}"), answer)
    });
    each.collect()
}

/// One random thing that an editor's user does.
fn act(client: &mut Client, folder: &Folder, buffer: &mut Buffer, dice: &mut Dice) {
    let uri = uri(folder, buffer.name);
    let news = |kind: u8| json!({ "changes": [{ "uri": uri, "type": kind }] });
    if !buffer.open {
        // A file that isn't open comes, changes, goes, or is opened.
        match dice.below(4) {
            0 => {
                let _gone = std::fs::remove_file(folder.path(buffer.name));
                client.tell("workspace/didChangeWatchedFiles", &news(3));
            }
            1 => {
                folder.write(buffer.name, format!("{}{}", dice.any(&PIECES), buffer.text));
                client.tell("workspace/didChangeWatchedFiles", &news(1));
            }
            _ => {
                (buffer.open, buffer.version) = (true, 1);
                client.open(&uri, &buffer.text);
            }
        }
        return;
    }
    if dice.below(40) == 0 {
        buffer.open = false;
        folder.write(buffer.name, &buffer.text);
        client.tell("workspace/didChangeWatchedFiles", &news(2));
        client.tell("textDocument/didClose", &json!({ "textDocument": { "uri": uri } }));
        return;
    }
    buffer.version += 1;
    if dice.below(8) == 0
        && let Some(before) = buffer.before.pop()
    {
        // It is taken back.
        buffer.text = before;
        client.change(&uri, buffer.version, &json!([{ "text": buffer.text }]));
        return;
    }
    buffer.before.push(buffer.text.clone());
    let mut changes = Vec::new();
    for _ in 0..=dice.below(3) / 2 {
        let text = &mut buffer.text;
        let all = offsets(text);
        let start = dice.below(all.len());
        let end = if dice.below(3) == 0 { start + dice.below(40) } else { start };
        let (start, end) = (all[start], all[end.min(all.len() - 1)]);
        let piece = match dice.below(6) {
            0 => String::new(),
            // What is pasted was somewhere else.
            1 => {
                let behind = text.chars().skip(dice.below(text.len())).take(60);
                behind.filter(|it| *it != '\r').collect()
            }
            _ => dice.any(&PIECES).to_owned(),
        };
        // Within a character it is where that begins.
        let within = dice.below(2) == 0;
        let range = json!({ "start": place(text, start, within), "end": place(text, end, within) });
        changes.push(json!({ "range": range, "text": piece }));
        text.replace_range(start..end, &piece);
        // A mark at the beginning is none of the text.
        *text = text.trim_start_matches('\u{FEFF}').to_owned();
    }
    client.change(&uri, buffer.version, &json!(changes));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how many are tried is said from outside")]
fn edits_equal_a_fresh_start() {
    const MORE: &str = "import \"shop.schema\"\nmodel More { }\nMore belongsTo Invoice\n";
    let seeds = std::env::var("SEEDS").unwrap_or_else(|_| "1-5".to_owned());
    let (first, last) = seeds.split_once('-').unwrap();
    let (first, last): (u64, u64) = (first.parse().unwrap(), last.parse().unwrap());
    let edits = std::env::var("EDITS").map_or(60, |it| it.parse().unwrap());
    for seed in first..=last {
        let folder = shop();
        folder.write("more.schema", MORE);
        let mut dice = Dice(seed);
        let mut client = Client::new(&folder, "utf-16");
        let mut buffers = [
            Buffer::new("shop.schema", SHOP),
            Buffer::new("users.schema", USERS),
            Buffer::new("more.schema", MORE),
        ];
        buffers[0].open = true;
        client.open(&uri(&folder, "shop.schema"), SHOP);
        for edit in 1..=edits {
            let number = dice.below(buffers.len());
            act(&mut client, &folder, &mut buffers[number], &mut dice);
            if edit % 20 != 0 {
                continue;
            }
            let mut fresh = Client::new(&folder, "utf-16");
            for it in buffers.iter().filter(|it| it.open) {
                fresh.open(&uri(&folder, it.name), &it.text);
            }
            for it in buffers.iter().filter(|it| it.open) {
                let uri = uri(&folder, it.name);
                let mut same = Dice(dice.0);
                let found = known(&mut client, &uri, &it.text, &mut dice);
                let expected = known(&mut fresh, &uri, &it.text, &mut same);
                for (found, expected) in found.into_iter().zip(expected) {
                    let (name, text) = (it.name, &it.text);
                    assert_eq!(found, expected, "seed {seed}, edit {edit}, {name}:\n{text}");
                }
            }
            assert_eq!(fresh.end(), 0);
        }
        assert_eq!(client.end(), 0);
    }
}
