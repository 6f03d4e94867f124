//! What sentences find, at terminals of several widths and on a pipe.

#![expect(clippy::unwrap_used, reason = "a test whose terminal fails may panic")]

use crate::kit::Folder;
use rexpect::session::spawn_command;
use std::fmt::Write;
use std::process::Command;
use unicode_width::UnicodeWidthStr;

/// Only what hangs takes so long.
const PATIENCE: u64 = 600_000;

/// What is shown at a terminal that is so wide, line by line.
fn shown(folder: &Folder, width: usize, arguments: &[&str]) -> Vec<String> {
    lines(folder.at_terminal(width, arguments))
}

pub(crate) fn lines(command: Command) -> Vec<String> {
    let mut session = spawn_command(command, Some(PATIENCE)).unwrap();
    // It takes every byte for a letter.
    let bytes = session.exp_eof().unwrap().chars().map(|it| u8::try_from(it).unwrap()).collect();
    let shown = String::from_utf8(bytes).unwrap();
    // What a slow machine shows of its progress is taken away again.
    let last = |it: &str| it.trim_end_matches('\r').rsplit("\r\u{1b}[K").next().map(str::to_owned);
    shown.lines().filter_map(last).collect()
}

const SHOP: &str = "\
model User { name: STRING, bio: TEXT, age: INTEGER, born: DATE }
model Post { title: TEXT, words: INTEGER }
User hasMany Post < as: posts, foreignKey: authorId >
Post belongsTo User < as: author >
sync
";

/// Texts of all kinds, and what belongs to them.
fn shop() -> String {
    let mut script = SHOP.to_owned();
    let texts =
        ["日本語の文章".repeat(30), "👨‍👩‍👧 ".repeat(80), "می‌خواهم ".repeat(99), "word ".repeat(400)];
    for (place, text) in texts.iter().enumerate() {
        writeln!(
            script,
            "User create {{ name: \"U{place}\", bio: \"{text}\", age: 5, born: \"2026-11-28T13:45:07Z\", posts: [{{ title: \"{text}\", words: 100 }}, {{ title: \"b\" }}] }}"
        )
        .unwrap();
    }
    script
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let folder = Folder::new();
    let wide: String = (0..100).fold(String::new(), |mut all, it| {
        write!(all, "column{it}: STRING < defaultValue: \"value {it}\" >, ").unwrap();
        all
    });
    folder.write(
        "a.schema",
        format!(
            "model Wide {{ {wide} }}\n{}User findAll\nUser findOne\nUser findAll < include: [posts < include: [author] >] >\nUser findAndCountAll < limit: 2 >\nWide bulkCreate [{{}}, {{}}]\nWide findAll\n",
            shop()
        ),
    );
    for width in [40, 80, 120, 200] {
        for format in ["table", "block"] {
            let arguments = ["run", "a.schema", "--quiet", "--format", format];
            let lines = shown(&folder, width, &arguments);
            assert!(lines.len() > 40, "{lines:?}");
            for line in lines {
                assert!(line.width() <= width, "{width}: {line}");
            }
        }
    }
}

#[test]
fn columns_shrink_then_the_least_telling_go() {
    let folder = Folder::new();
    folder.write("a.schema", shop() + "User findAll < where: (id < 3) >\n");
    let found = |width: usize| {
        let arguments = ["run", "a.schema", "--now", "2026-11-29"];
        let lines = shown(&folder, width, &arguments);
        lines.get(lines.len() - 5..).unwrap().join("\n")
    };
    assert_eq!(
        found(80),
        "\
id  name  bio          age  born              createdAt         updatedAt
──  ────  ───────────  ───  ────────────────  ────────────────  ────────────────
 1  U0    日本語の文…    5  2026-11-28 13:45  2026-11-29 00:00  2026-11-29 00:00
 2  U1    👨‍👩‍👧 👨‍👩‍👧 👨‍👩‍👧 …     5  2026-11-28 13:45  2026-11-29 00:00  2026-11-29 00:00
2 rows"
    );
    assert_eq!(
        found(43),
        "\
id  name  bio         age  born
──  ────  ──────────  ───  ────────────────
 1  U0    日本語の…     5  2026-11-28 13:45
 2  U1    👨‍👩‍👧 👨‍👩‍👧 👨‍👩‍👧 …    5  2026-11-28 13:45
2 rows, +2 columns: createdAt, updatedAt"
    );
}

#[test]
fn what_is_too_narrow_for_a_table_is_blocks() {
    let folder = Folder::new();
    folder.write(
        "a.schema",
        shop() + "User findAll < where: (id < 3), attributes: [id, name, born] >\n",
    );
    let lines = shown(&folder, 20, &["run", "a.schema"]);
    let last = lines.get(lines.len() - 11..).unwrap().join("\n");
    assert_eq!(
        last,
        "\
── 1 ───────────────
id    1
name  U0
born  2026-11-28
      13:45
── 2 ───────────────
id    2
name  U1
born  2026-11-28
      13:45
2 rows"
    );
}

/// So many rows of a number and a text.
fn many(folder: &Folder, number: usize) {
    let mut rows = "n,t\n".to_owned();
    for it in 1..=number {
        writeln!(rows, "{it},text {it}").unwrap();
    }
    folder.write("rows.csv", rows);
    folder.write(
        "a.schema",
        "model A { n: INTEGER, t: TEXT } < timestamps: false >\nsync\nA load \"rows.csv\"\nA findAll < order: [id] >\n",
    );
}

#[test]
fn a_terminal_is_shown_forty_rows_and_a_pipe_gets_all() {
    let folder = Folder::new();
    many(&folder, 100_000);
    let lines = shown(&folder, 80, &["run", "a.schema", "--quiet"]);
    assert_eq!(lines.len(), 2 + 40 + 1, "{lines:?}");
    assert_eq!(lines.last().unwrap(), "… 99,960 more (`--limit`, `.limit`)");
    let lines = shown(&folder, 80, &["run", "a.schema", "--limit", "3"]);
    assert_eq!(
        lines.get(lines.len() - 4..).unwrap(),
        [" 2  2  text 2", " 3  3  text 3", "… 99,997 more (`--limit`, `.limit`)", "100,000 rows"]
    );
    let done = folder.run(&["run", "a.schema"]);
    let last: Vec<&str> = done.fine().out.lines().rev().take(2).collect();
    assert_eq!(last, ["100,000 rows", "100000  100000  text 100000"]);
    assert_eq!(folder.run(&["run", "a.schema", "--limit", "3"]).fine().out.lines().count(), 15);
}

#[test]
fn what_is_higher_than_the_terminal_goes_through_a_pager() {
    let folder = Folder::new();
    many(&folder, 50);
    let paged = |pager: &str, limit: &str| {
        let mut command = folder.at_terminal(80, &["run", "a.schema", "--limit", limit]);
        command.env("PAGER", pager);
        lines(command)
    };
    let last = |lines: &[String]| lines.last().unwrap().clone();
    assert_eq!(last(&paged("sed s/^/>/", "40")), ">50 rows");
    assert_eq!(last(&paged("sed s/^/>/", "10")), "50 rows");
    for none in ["cat", "", "no-such-pager -x"] {
        assert_eq!(last(&paged(none, "all")), "50 rows");
    }
    // Whoever leaves early has seen enough of this sentence.
    let script = folder.read("a.schema") + "A count\n";
    folder.write("a.schema", script);
    assert_eq!(last(&paged("head -n 1", "all")), "50");
}

#[test]
fn a_number_that_needs_more_room_gets_it() {
    let folder = Folder::new();
    many(&folder, 1200);
    // The columns are as wide as a hundred rows need; a thousandth number needs more.
    let lines = shown(&folder, 80, &["run", "a.schema", "--limit", "all"]);
    assert!(lines.iter().any(|it| it == "1200  1200  text 1200"), "{lines:?}");
    assert!(lines.iter().all(|it| !it.contains('…')), "{lines:?}");
}

#[test]
fn formats_for_people_say_the_same() {
    let folder = Folder::new();
    folder.write(
        "a.schema",
        "model User { name: STRING } < timestamps: false >
model Post { title: STRING } < timestamps: false >
User hasMany Post < as: posts, foreignKey: userId >
sync
User create { name: \"A|b\", posts: [{ title: \"One\\nline\" }, { title: \"*\" }] }
User create { }
User findAll < include: [posts < attributes: [title] >], order: [id] >
User count
",
    );
    let quiet = |format: &str| {
        let arguments = ["run", "a.schema", "--quiet", "--format", format];
        let found = folder.run(&arguments).fine().out.clone();
        found.split("\n\n").skip(2).collect::<Vec<_>>().join("\n\n")
    };
    assert_eq!(
        quiet("table"),
        "\
id  name
──  ────
 1  A|b
    posts  title
           ─────
           One
           line
           *
 2  null
    posts  none

2
"
    );
    assert_eq!(
        quiet("block"),
        "\
── 1 ───────────────────────────────────
id    1
name  A|b
    posts  ── 1 ───────────────────────────────────
           title  One
                  line
           ── 2 ───────────────────────────────────
           title  *
── 2 ───────────────────────────────────
id    2
name  null
    posts  none

2
"
    );
    assert_eq!(
        quiet("markdown"),
        "\
| id | name | posts |
| ---: | --- | --- |
| 1 | A\\|b | title One<br>line<br>title \\* |
| 2 | null |  |

2
"
    );
    folder.run(&["run", "a.schema", "--format", "csv", "--limit", "3"]).says(2, "programs get");
    folder.run(&["run", "a.schema", "--limit", "0"]).says(2, "a number of rows, or `all`");
}
