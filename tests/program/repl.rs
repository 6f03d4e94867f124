//! `relata repl`: at a terminal, and on a pipe.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test whose terminal fails may panic")]

use crate::kit::{self, Folder};
use rexpect::session::{PtySession, spawn_command};

/// Only what hangs takes so long.
const PATIENCE: u64 = 600_000;
/// What the editor writes before its first prompt for an input: it is ready for keys.
const READY: &str = "\x1b[?2004h";

/// A terminal at which `relata repl` runs. What is looked for counts as seen, and everything before it.
struct Terminal(PtySession);

impl Terminal {
    fn new(folder: &Folder, arguments: &[&str]) -> Self {
        let mut command = folder.command([&["repl"], arguments].concat());
        command.env("NO_COLOR", "1").env("TERM", "xterm").env("XDG_DATA_HOME", folder.path("data"));
        // The terminal is its standard input, too.
        command.stdin(std::process::Stdio::inherit());
        let mut terminal = Self(spawn_command(command, Some(PATIENCE)).unwrap());
        terminal.sees(READY);
        terminal
    }

    /// A line, and what is shown until the next may be typed.
    #[track_caller]
    fn asks(&mut self, text: &str) -> String {
        self.line(text);
        self.sees(READY)
    }

    #[track_caller]
    fn sees(&mut self, text: &str) -> String {
        match self.0.exp_string(text) {
            Ok(before) => before,
            Err(error) => panic!("`{text}`: {error}"),
        }
    }

    fn types(&mut self, text: &str) {
        self.0.send(text).unwrap();
        self.0.flush().unwrap();
    }

    /// A line, and Enter.
    fn line(&mut self, text: &str) {
        self.types(&format!("{text}\r"));
    }

    /// Leaves by Ctrl-D, and ends well.
    #[track_caller]
    fn leaves(mut self) {
        self.types("\x04");
        self.0.exp_eof().unwrap();
        let status = self.0.process().wait().unwrap();
        assert!(format!("{status:?}").contains(", 0)"), "{status:?}");
    }
}

#[track_caller]
fn has(shown: &str, text: &str) {
    assert!(shown.contains(text), "`{text}` is not in\n{shown}");
}

#[test]
fn a_complete_line_runs_at_once() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &[]);
    terminal.asks("model User { name: STRING }");
    has(&terminal.asks("sync"), "CREATE TABLE");
    terminal.leaves();
}

#[test]
fn an_open_bracket_waits_for_its_end() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &[]);
    terminal.asks("model User {");
    terminal.sees("   ...> ");
    // Completion knows the lines before.
    terminal.types("name: STRI\t");
    terminal.sees("STRING");
    terminal.asks("");
    terminal.sees("   ...> ");
    terminal.asks("}");
    terminal.sees("relata> ");
    has(&terminal.asks(".sql User"), "`name` VARCHAR(255)");
    terminal.leaves();
}

#[test]
fn an_input_that_was_given_up_can_be_fetched_back() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &[]);
    terminal.asks("model User {");
    terminal.asks("name: STRING");
    terminal.types("\x03");
    terminal.sees("relata> ");
    terminal.types("\x1b[A");
    terminal.sees("name: STRING");
    terminal.asks("");
    terminal.sees("   ...> ");
    terminal.asks("}");
    has(&terminal.asks(".sql User"), "`name` VARCHAR(255)");
    terminal.leaves();
}

#[test]
fn a_model_is_forgotten_and_declared_anew() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &["--db", "a.db"]);
    terminal.asks(
        "model User { name: STRING } < timestamps: false >; model Post { } < timestamps: false >",
    );
    terminal.asks("User hasMany Post; view All = User findAll < where: (id > 0) >");
    terminal.asks("sync");
    terminal.asks("let ann = User create { name: \"Ann\" }");
    terminal.asks("let n = User count");
    let again = terminal.asks("model User { name: STRING, age: INTEGER } < timestamps: false >");
    has(&again, "E0401");
    has(&again, "`.forget User` takes the earlier one back");
    let gone = terminal.asks(".forget User");
    for text in
        ["  model User { name: STRING }", "  User hasMany Post", "  view All =", "  let ann ="]
    {
        has(&gone, text);
    }
    has(&terminal.asks("print ann"), "E0215");
    has(&terminal.asks("print n"), "1");
    has(&terminal.asks(".tables"), "Users  1 row");
    has(&terminal.asks(".forget Pos"), "did you mean");
    terminal.asks("model User { name: STRING, age: INTEGER } < timestamps: false >");
    terminal.asks("User hasMany Post");
    terminal.asks("sync < alter >");
    has(&terminal.asks("User findAll"), "age");
    terminal.leaves();
}

#[test]
fn what_is_typed_while_a_sentence_runs_is_not_lost() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &[]);
    terminal.types("model User { name: STRING }\rsync\r.tables\r");
    terminal.sees("Users  0 rows");
    terminal.sees(READY);
    terminal.leaves();
}

#[test]
fn tab_completes_from_the_verbs_and_the_schema() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &[]);
    terminal.asks("model Customer { name: STRING }");
    // A model that begins a sentence and a verb have more words behind them.
    terminal.types("Cus\tfindAl\t< whe\tna\t = \"Ann\") >\r");
    // The table isn't there yet: the sentence was understood.
    terminal.sees("Customer findAll < where: (name = \"Ann\") >");
    has(&terminal.sees(READY), "sync");
    terminal.types(".qui\t\r");
    terminal.0.exp_eof().unwrap();
}

#[test]
fn tab_lists_what_may_follow() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &[]);
    terminal.types("sync < \t\t");
    terminal.sees("alter");
    terminal.sees("keep");
    terminal.types("\x03");
    terminal.sees(READY);
    terminal.leaves();
}

#[test]
fn the_history_outlives_a_session() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &[]);
    terminal.asks("model Persistent { name: STRING }");
    terminal.leaves();
    let mut terminal = Terminal::new(&folder, &[]);
    terminal.types("\x1b[A");
    terminal.sees("model Persistent { name: STRING }");
    terminal.asks("");
    has(&terminal.asks(".schema"), "model Persistent { name: STRING }");
    // Ctrl-R seeks.
    terminal.types("\x12odel Pers");
    terminal.sees("model Persistent { name: STRING }");
    terminal.types("\x03");
    terminal.sees(READY);
    terminal.leaves();
    let file = folder.path("data/relata/history");
    let mode = std::fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn without_history_nothing_is_kept() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &["--no-history"]);
    terminal.asks("model User {}");
    terminal.leaves();
    assert!(!kit::exists(&folder.path("data")));
}

#[test]
fn ctrl_c_clears_the_line_and_keeps_the_session() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &[]);
    terminal.asks("model User { name: STRING }");
    terminal.asks("model Wrong {");
    terminal.types("half\x03");
    terminal.sees("relata> ");
    has(&terminal.asks("sync"), "`Users`");
    terminal.leaves();
}

#[test]
fn ctrl_c_stops_a_sentence_that_runs_and_keeps_the_session() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &[]);
    terminal.asks("model User { name: STRING }");
    terminal.asks("sync");
    terminal.asks("User create { name: \"Ann\" }");
    let endless =
        "WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT max(x) FROM t";
    terminal.line(&format!("User count < where: (id in sql`({endless})`) >"));
    // The editor has let go of the terminal. Whether the sentence has begun by then, or not: it stops.
    terminal.sees("\x1b[?2004l");
    terminal.types("\x03");
    has(&terminal.sees(READY), "interrupted");
    has(&terminal.asks("User count"), "1\r\n");
    terminal.leaves();
}

#[test]
fn an_error_leaves_no_trace_and_keeps_the_session() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &[]);
    let report = terminal.asks("model User { name: STRNG }");
    for it in ["E0301", "<repl:1>", "did you mean `STRING`?"] {
        has(&report, it);
    }
    let made = terminal.asks("model User { name: STRING }; sync");
    has(&made, "CREATE TABLE");
    terminal.leaves();
}

#[test]
fn help_is_there() {
    let folder = Folder::new();
    let mut terminal = Terminal::new(&folder, &[]);
    let help = terminal.asks(".help");
    has(&help, ".tables");
    assert!(help.lines().count() <= 24, "a screen: {help}");
    has(&terminal.asks("?"), ".tables");
    let help = terminal.asks(".help sync");
    has(&help, "sync < force >");
    has(&terminal.asks("help findAll"), "`where`       (expression)");
    has(&terminal.asks(".help .schema"), "what has been declared");
    has(&terminal.asks(".help nothing"), "Tab behind `.help `");
    has(&terminal.asks("tables"), "`.tables`, with a dot, is a command of the prompt");
    has(&terminal.asks("show tables"), "there are no tables");
    has(&terminal.asks(".hlp"), "did you mean `.help`?");
    has(&terminal.asks(".explain E0301"), "E0301");
    terminal.leaves();
}

const SHOP: &str = "model User { name: STRING } < timestamps: false >\nsync\n";

#[test]
fn on_a_pipe_there_are_results_and_no_prompt() {
    let folder = Folder::new();
    let done = folder.feed(&["repl"], b"model User {}\nsync");
    assert!(done.fine().out.starts_with("CREATE TABLE"), "{}", done.out);
    assert!(!done.out.contains("relata>"));
    assert_eq!(done.err, "");
}

#[test]
fn on_a_pipe_a_failure_shows_in_the_exit_code_and_ends_nothing() {
    let folder = Folder::new();
    let text = format!("{SHOP}User findAl\nUser create {{ name: \"Ann\" }}\nUser count\n");
    let done = folder.feed(&["repl"], text.as_bytes());
    done.says(1, "E0201").says(1, "<repl:3>:1:6");
    assert!(done.out.ends_with("1\n"), "{}", done.out);
    folder.feed(&["repl"], b".nothing\n").says(1, "no command");
    let done = folder.feed(&["repl"], b".quit\nnonsense nonsense\n");
    assert_eq!(done.fine().out, "");
}

#[test]
fn what_begins_with_an_angle_or_a_brace_goes_on() {
    let folder = Folder::new();
    let text = "/// Someone.\nmodel User\n{\n name: STRING }\n\n  < tableName: people >\n.sql\n";
    let done = folder.feed(&["repl"], text.as_bytes());
    assert!(done.fine().out.contains("`people`"), "{}", done.out);
}

#[test]
fn scripts_and_a_database_may_be_given() {
    let folder = Folder::new();
    folder.write("a.schema", SHOP);
    let run = |text: &str| folder.feed(&["repl", "a.schema", "--db", "a.db"], text.as_bytes());
    run("User create { name: \"Ann\" }\n").fine();
    let done = run(".tables\nUser count\n");
    assert!(done.fine().out.contains("Users  1 row"), "{}", done.out);
    let missing = folder.feed(&["repl", "missing.schema"], b"");
    missing.says(2, "missing.schema");
    folder.feed(&["repl", "-"], b"").says(2, "no script");
    folder.feed(&["repl", "--db", "no/such.db"], b"").says(3, "no folder");
}

#[test]
fn statements_are_shown_when_asked_for() {
    let folder = Folder::new();
    let text = format!("{SHOP}User count\n.sql on\nUser count\n.sql off\nUser count\n.sql x\n");
    let done = folder.feed(&["repl"], text.as_bytes());
    assert_eq!(done.says(1, "there is no model `x`").err.matches("SELECT").count(), 1);
}

#[test]
fn a_name_or_an_expression_alone_is_shown() {
    let folder = Folder::new();
    let text = format!(
        "{SHOP}let u = User create {{ name: \"Ann\" }}\n.limit 1\nu\nu.name\n1 + 1;\nu.nmae\nUser\nquit\n1 + 2\n"
    );
    let done = folder.feed(&["repl"], text.as_bytes());
    assert!(done.out.ends_with("id  name\n──  ────\n 1  Ann\nAnn\n2\n"), "{}", done.out);
    // What would be an assignment elsewhere isn't taken for a comparison.
    let text = format!(
        "{SHOP}let u = User create {{ name: \"Ann\" }}\nlet n = 1\n(n = 1)\nu.name = \"Bo\"\nn = 2\nu.name = \"Ann\" or n = 2\n"
    );
    let assigned = folder.feed(&["repl"], text.as_bytes());
    assert!(assigned.out.ends_with(" 1  Ann\ntrue\n"), "{}", assigned.out);
    assigned.says(1, "write `u update { name: \"Bo\" }`").says(1, "a variable is declared");
    // What is none is reported as it was written.
    done.says(1, "print u.nmae").says(1, "did you mean").says(1, "has no verb");
}

#[test]
fn the_database_is_held_against_what_is_declared() {
    let folder = Folder::new();
    folder.write("a.schema", SHOP);
    folder.run(&["run", "a.schema", "--db", "a.db"]).fine();
    folder.write(
        "b.schema",
        SHOP.replace("name: STRING", "name: STRING, age: INTEGER").replace("sync", "User count"),
    );
    let done = folder.feed(
        &["repl", "--db", "a.db"],
        b".read b.schema\n.diff\n.apply\n.diff\nUser findAll\n.sql last\n.plan\n.tables\n.schema User\n",
    );
    for shown in [
        "0\n~ Users: alter, rows unchanged\n  + add column `age` INTEGER\n\n1 column to add\n~ Users: alter, rows unchanged\n  + add column `age` INTEGER\n\napplied: 1 column added\n",
        "FROM `Users` AS `User`\n  SCAN User\nUsers  0 rows\nmodel User { name: STRING, age: INTEGER } < timestamps: false >\n",
    ] {
        assert!(done.out.contains(shown), "{done:?}");
    }
    done.says(0, "nothing differs");
}

#[test]
fn how_results_are_shown_can_be_said() {
    let folder = Folder::new();
    let text = format!(
        "{SHOP}User bulkCreate [{{ name: \"Ann\" }}, {{ name: \"Bob\" }}]\n.limit 1\nUser findAll\n.limit\n.format block\n.format\n.limit all\nUser findOne\n.format cvs\n.limit 0\n.width 12\n.width\n.width 1\n.timing on\n.timing\nUser count\n"
    );
    let done = folder.feed(&["repl"], text.as_bytes());
    done.says(1, "did you mean `csv`?")
        .says(1, "`0` is not a number of rows, or `all`")
        .says(1, " ms\n")
        .says(1, "`1` is no number of columns");
    assert!(done.out.ends_with("\n12\non\n2\n"), "{}", done.out);
    for shown in
        [" 1  Ann\n… 1 more (`--limit`, `.limit`)\n2 rows\n1\nblock\n", "\nid    1\nname  Ann\n"]
    {
        assert!(done.out.contains(shown), "{}", done.out);
    }
}

#[test]
fn what_was_declared_is_saved_as_a_script() {
    let folder = Folder::new();
    let text = "/// Someone.\nmodel User {name:STRING}\nmodel Invoice{}\nInvoice belongsTo User\nsync\nUser create {}\nmodel Wrong { a: STRNG }\n.save a.schema\n.save a.schema\n";
    folder.feed(&["repl"], text.as_bytes()).says(1, "there already");
    assert_eq!(
        folder.read("a.schema"),
        "/// Someone.\nmodel User { name: STRING }\n\nmodel Invoice { }\n\nInvoice belongsTo User\n"
    );
    folder.run(&["check", "a.schema", "--deny", "warnings"]).fine();
}

#[test]
fn defaults_are_saved_only_where_they_mean_the_same() {
    let folder = Folder::new();
    let text = "defaults < timestamps: false >\nmodel A {}\ndefaults < timestamps: false >; model B {}\n.save a.schema\nmodel C {}\n.save b.schema\n";
    folder.feed(&["repl"], text.as_bytes()).says(1, "`defaults` of one script");
    assert_eq!(
        folder.read("a.schema"),
        "model A { }\n\ndefaults < timestamps: false >\n\nmodel B { }\n"
    );
    assert!(!kit::exists(&folder.path("b.schema")));
}

#[test]
fn declarations_on_a_pipe_wait_for_what_needs_them() {
    let folder = Folder::new();
    let text = "Invoice belongsTo User\nmodel User { name: STRING }\nmodel Invoice { }\nmodel Wrong { a: STRNG }\nmodel User { other: STRING }\nsync\nWrong count\nUser count\nmodel Late { a: STRNG }\n";
    let done = folder.feed(&["repl"], text.as_bytes());
    for (code, place) in [
        ("E0301", "<repl:4>:1:18"),
        ("E0401", "<repl:5>:1:7"),
        ("E0204", "<repl:7>:1:1"),
        ("E0301", "<repl:9>:1:17"),
    ] {
        done.says(1, code).says(1, place);
    }
    assert!(done.out.contains("`name` VARCHAR(255)"), "{}", done.out);
    assert!(done.out.contains("REFERENCES `Users`"), "{}", done.out);
    assert!(!done.out.contains("other"), "{}", done.out);
    assert!(done.out.ends_with("0\n"), "{}", done.out);
}
