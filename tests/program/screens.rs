//! What the guide shows of a terminal is what a terminal shows. With `BLESS` in the environment the page is written anew.

#![expect(clippy::unwrap_used, reason = "a test whose terminal fails may panic")]

use crate::kit::Folder;
use crate::tables::lines;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr as _;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guide/20-screens.md");

const WIDTH: usize = 80;

const ROWS: &str = r#"import "models.schema"
sync
Invoice create {
  number: "2026-017", status: paid, customer: "Ann Lee", issuedAt: "2026-11-02T09:30:00Z", due: "2026-12-02", total: 119.5
  note: "Asked for a copy by mail, and for the delivery note of October"
  lines: [{ text: "Oak board, planed", qty: 4, price: 25 }, { text: "Glue", qty: 3, price: 6.5 }]
}
Invoice create {
  number: "2026-018", customer: "Bo", issuedAt: "2026-11-20T16:05:00Z", due: "2026-12-20", total: 12, reminders: 1
  lines: [{ text: "Nails", qty: 2, price: 6 }]
}
"#;

const LIST: &str = "import \"models.schema\"\nInvoice findAll < include: [lines] >\n";

const WRONG: &str = "import \"models.schema\"\nInvoice findAll < where: (total > 100 && status == \"payed\"), order: [due], incluude: [lines] >\n";

/// The page with what its commands print in place of what it says.
#[expect(clippy::disallowed_methods, reason = "a test reads its page")]
fn page() -> (String, String) {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let models = page.split("```schema\n").nth(1).and_then(|it| it.split("```").next()).unwrap();
    let folder = Folder::new();
    let changed = models
        .replace("  customer: STRING", "  client: STRING < was: customer >")
        .replace("total: DECIMAL(10, 2)", "total: DECIMAL(10, 2) < allowNull: false >")
        .replace("  note: TEXT", "  paidAt: DATE");
    folder.write("models.schema", models).write("changed.schema", changed);
    folder.write("rows.schema", ROWS).write("list.schema", LIST).write("wrong.schema", WRONG);
    folder.write("help.txt", ".help\n");
    folder.run(&["run", "rows.schema", "--db", "shop.db"]).fine();
    let mut written = String::new();
    let mut parts = page.split("```console\n");
    written.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (shown, behind) = part.split_once("```").unwrap();
        let command = shown.lines().next().unwrap_or_default();
        let words = command.strip_prefix("$ relata ").unwrap();
        let (words, input) = words.split_at(words.find(" <").unwrap_or(words.len()));
        let arguments: Vec<&str> = words.split(' ').collect();
        write!(written, "```console\n{command}\n").unwrap();
        for line in lines(folder.at_terminal_with(WIDTH, &arguments, input)) {
            assert!(line.width() <= WIDTH, "{command}: {line}");
            writeln!(written, "{}", line.trim_end()).unwrap();
        }
        write!(written, "```{behind}").unwrap();
    }
    (page, written)
}

#[test]
fn the_guide_shows_what_a_terminal_shows() {
    let (page, written) = page();
    #[expect(clippy::disallowed_methods, reason = "a test that is told to writes its page")]
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(PAGE, &written).unwrap();
        return;
    }
    assert_eq!(page, written);
}
