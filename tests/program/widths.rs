//! Whatever is printed for people: on a terminal no line is wider than it.

#![expect(clippy::unwrap_used, reason = "a test whose terminal fails may panic")]

use crate::kit::Folder;
use crate::tables::lines;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr as _;

/// So wide are the terminals.
const WIDTHS: [usize; 4] = [40, 80, 120, 200];

/// Texts that are wider than they have characters, narrower, or written from right to left.
const CJK: &str = "日本語の文章";
const EMOJI: &str = "👨‍👩‍👧";
const RIGHT_TO_LEFT: &str = "می‌خواهم";

/// What a command prints at each width; none of its lines is wider. `least` lines are expected.
#[track_caller]
fn fits(folder: &Folder, arguments: &[&str], least: usize) {
    for width in WIDTHS {
        let shown = lines(folder.at_terminal(width, arguments));
        assert!(shown.len() >= least, "{arguments:?} at {width}: {shown:?}");
        for line in shown {
            assert!(line.width() <= width, "{arguments:?} at {width}:\n{line}");
        }
    }
}

/// Members of a model, of which there are many.
fn members(letter: &str) -> String {
    (0..100).fold(String::new(), |mut res, it| {
        write!(res, "{letter}{it}: STRING, ").unwrap();
        res
    })
}

/// A model of 100 columns, and names of all kinds.
fn before() -> String {
    format!(
        "model Wide {{ {} nick: TEXT, `{CJK}`: STRING }} < timestamps: false >\n\
         model `{EMOJI}{RIGHT_TO_LEFT}` {{ name: STRING }} < timestamps: false >\n\
         sync\nWide create {{ nick: \"{}\" }}\n",
        members("column"),
        "a".repeat(2_000),
    )
}

/// The same, changed in many ways; with so many members of an ENUM.
fn after(kinds: usize) -> String {
    format!(
        "model Wide {{ {} {} kind: ENUM({}) < allowNull: false, defaultValue: \"value1\" >,\n\
         index (column1, column2, column3, column4, column5, column6, column7, column8) < name: by_columns >\n\
         }} < timestamps: false >\n\
         model `{EMOJI}{RIGHT_TO_LEFT}` {{ name: STRING < unique: true >, `{}`: INTEGER }} < timestamps: false >\n\
         view Found = Wide findAll < where: (column1 = \"{}\" and column2 = \"b\" or column3 = \"c\") >\n",
        members("column"),
        members("other"),
        (0..kinds)
            .map(|it| format!("\"{}{it}\"", if it % 2 == 1 { "value" } else { CJK }))
            .collect::<Vec<_>>()
            .join(", "),
        CJK.repeat(2),
        "x".repeat(5),
    )
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("before.schema", before()).write("after.schema", after(60));
    folder.run(&["run", "before.schema", "--db", "a.db"]).fine();
    folder
}

#[test]
fn pages_and_lists_fit() {
    let folder = Folder::new();
    for topic in ["E0414", "E0202", "W0006", "findAll", "model", "belongsToMany"] {
        fits(&folder, &["explain", topic], 10);
    }
    fits(&folder, &["explain"], 100);
    fits(&folder, &["explain", "E9999"], 1);
    for command in ["run", "apply", "diff", "check", "test", "history", "repl"] {
        fits(&folder, &["help", command], 10);
        fits(&folder, &[command, "--help"], 10);
    }
    fits(&folder, &["--help"], 20);
    fits(&folder, &["run", "--nothing-of-that-name", "none.schema"], 1);
}

#[test]
fn reports_fit() {
    let folder = Folder::new();
    let (long, deep) = ("word ".repeat(400), format!("{}/", "a-folder".repeat(12)).repeat(2));
    let script = format!(
        "// {CJK}\n\
         model User {{ {}name: STRNG, /* {long} */ name: INTEGER }} < tabelName: \"{}\" >\n\
         User create {{ name: \"{}\", nmae: \"{}\", \"{}\": 1 }}\n\
         User findAll < where: (name like \"{}\" and nmae = 2 and {} = 3) >\n\
         \tUser belongsTo Person < as: \"{}\", forignKey: \"{}\" >\n\
         User findAll < whre: (name = 1)\n",
        members("column"),
        EMOJI.repeat(40),
        CJK.repeat(20),
        EMOJI.repeat(30),
        RIGHT_TO_LEFT.repeat(30),
        CJK.repeat(40),
        "x".repeat(2_000),
        CJK.repeat(20),
        RIGHT_TO_LEFT.repeat(40),
    );
    let lines: String = (0..120).fold(String::new(), |mut res, it| {
        writeln!(res, "// line {it}").unwrap();
        res
    });
    folder.write("a.schema", &script).write(&format!("{deep}名前.schema"), lines + &script);
    fits(&folder, &["check", "a.schema"], 30);
    fits(&folder, &["check", &format!("{deep}名前.schema")], 30);
    fits(&folder, &["check", "no.schema"], 1);
}

#[test]
fn plans_and_their_sql_fit() {
    let folder = folder();
    let (at, allow) = (["after.schema", "--db", "a.db"], ["--allow", "E0501"]);
    fits(&folder, &[&["diff"][..], &at, &allow].concat(), 8);
    fits(&folder, &[&["diff"][..], &at].concat(), 8);
    for width in WIDTHS {
        let arguments = [&["diff"][..], &at, &allow, &["--format", "sql"]].concat();
        for line in lines(folder.at_terminal(width, &arguments)) {
            // A literal, such as the statement that is kept of a table, has no place where it can be broken.
            let is_literal = line.trim_start().starts_with('\'');
            assert!(line.width() <= width || is_literal, "{width}:\n{line}");
        }
    }
    for width in WIDTHS {
        folder.run(&["run", "before.schema", "--db", &format!("{width}.db")]).fine();
        let db = format!("{width}.db");
        let commands = [
            vec!["apply", "after.schema", "--db", &db, "--allow", "E0501", "--verbose"],
            vec!["history", "--db", &db],
            vec!["diff", "before.schema", "--db", &db],
            vec!["rollback", "--db", &db],
        ];
        for arguments in commands {
            let shown = lines(folder.at_terminal(width, &arguments));
            assert!(shown.len() > 5, "{arguments:?} at {width}: {shown:?}");
            for line in shown {
                assert!(line.width() <= width, "{arguments:?} at {width}:\n{line}");
            }
        }
    }
}

#[test]
fn statements_fit() {
    let folder = folder();
    fits(&folder, &["sql", "after.schema"], 200);
    fits(&folder, &["sql", "after.schema", "--dialect", "postgres"], 200);
    folder.write(
        "read.schema",
        format!(
            "{}sync\nprint \"{}\"\nWide findAll < where: (column1 = \"{}\"), order: [column2, column3, column4, column5, column6] >\n",
            after(60),
            format!("{CJK} {EMOJI} {RIGHT_TO_LEFT} ").repeat(50),
            "y".repeat(20),
        ),
    );
    fits(&folder, &["run", "read.schema", "--explain"], 200);
}

#[test]
fn what_the_prompt_shows_fits() {
    let folder = folder();
    let input = format!(
        ".schema\n.sql\n.tables\n.help\n.help findAll\n.explain E0414\nWide findAll < where: (column1 = \"{CJK}\"), order: [column2, column3, column4, column5, column6] >\n.sql last\n.plan\n.diff\n.nothing\n",
    );
    folder.write("input.txt", input);
    for width in WIDTHS {
        let mut command = std::process::Command::new("sh");
        let sized =
            format!("stty cols {width} rows 30 && exec \"$0\" repl after.schema < input.txt");
        command.args(["-c", &sized, env!("CARGO_BIN_EXE_relata")]);
        command.env("NO_COLOR", "1").env("TERM", "xterm").env("PAGER", "cat");
        command.current_dir(folder.path(""));
        let shown = lines(command);
        assert!(shown.len() > 300, "{width}: {shown:?}");
        for line in shown {
            assert!(line.width() <= width, "{width}:\n{line}");
        }
    }
}
