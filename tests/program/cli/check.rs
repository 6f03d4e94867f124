//! `check`, `explain`, `completions`, and what scripts are read from.

use super::unread;
use crate::kit::Folder;

const FINE: &str = "model User { name: STRING }\n";

#[test]
fn a_script_without_problems_is_summed_up_on_stderr() {
    let folder = Folder::new();
    let done = folder.write("a.schema", FINE).run(&["check", "a.schema"]);
    assert_eq!(done.fine().out, "");
    assert_eq!(done.err, "ok: 1 model\n");
}

#[test]
fn every_problem_is_reported_and_the_code_is_1() {
    let folder = Folder::new();
    folder.write("a.schema", "model User { name: STRNG }\nUser hasMany Nobody\n");
    let done = folder.run(&["check", "a.schema"]);
    done.says(1, "E0301").says(1, "E0204").says(1, "2 errors");
    assert!(!done.err.contains('\u{1b}'), "no colours in a pipe");
}

#[test]
fn json_has_a_line_a_problem_with_places() {
    let folder = Folder::new();
    folder.write("a.schema", "\u{FEFF}model Ä { é: STRNG }\r\n");
    let done = folder.run(&["check", "--format", "json", "a.schema"]);
    assert_eq!(done.code, Some(1));
    let line: serde_json::Value = serde_json::from_str(done.out.trim_end()).unwrap();
    assert_eq!(line["file"], "a.schema");
    assert_eq!(line["severity"], "error");
    let span = &line["spans"][0];
    assert_eq!((&span["line"], &span["column"]), (&1.into(), &14.into()));
    assert_eq!((&span["start"], &span["end"]), (&15.into(), &20.into()));
    let edit = &line["edits"][0];
    assert_eq!((&edit["start"], &edit["text"]), (&15.into(), &"STRING".into()));
    assert_eq!(done.err, "");
}

#[test]
fn standard_input_is_a_script() {
    let folder = Folder::new();
    folder.feed(&["check", "-"], FINE.as_bytes()).fine();
    let done = folder.feed(&["check", "-"], b"modl User { name: STRING }\n");
    done.says(1, "<stdin>:1:1");
    folder.run(&["check", "-", "-"]).says(2, "twice");
}

#[test]
fn a_script_that_is_missing_is_a_mistake_of_usage() {
    let folder = Folder::new();
    folder.write("invoices.schema", FINE);
    let done = folder.run(&["check", "invoice.schema"]);
    done.says(2, "E0120").says(2, "did you mean `invoices.schema`?");
    folder.run(&["check", "."]).says(2, "it is a folder");
    folder.run(&["sql"]).says(2, "Usage");
    folder.run(&["chek", "x"]).says(2, "similar");
}

#[test]
fn what_is_no_text_is_reported() {
    let folder = Folder::new();
    folder.write("a.schema", b"model User { n\xFFame: STRING }");
    folder.run(&["check", "a.schema"]).says(1, "E0117");
    folder.feed(&["check", "-"], b"\xFF").says(1, "E0117");
    folder.write("b.schema", "model \0User\u{1b}[31m { }\u{202E}\n");
    let done = folder.run(&["check", "b.schema"]);
    assert_eq!(done.code, Some(1));
    let raw = |it: char| it.is_control() && it != '\n' || it == '\u{202E}';
    assert!(!done.err.contains(raw), "{:?}", done.err);
}

#[test]
fn imports_are_read_once_and_may_go_in_circles() {
    let folder = Folder::new();
    folder
        .write("a.schema", "import \"sub/b.schema\"\nimport \"c.schema\"\n")
        .write("sub/b.schema", "import \"../c.schema\"\nimport \"../a.schema\"\n")
        .write("c.schema", "model User { name: STRING }\nimport \"./c.schema\"\n");
    folder.run(&["check", "a.schema"]).fine();
    folder.run(&["check", "a.schema", "c.schema"]).fine();
}

#[test]
fn an_import_stays_under_the_scripts_folder() {
    let folder = Folder::new();
    folder
        .write("secret.schema", FINE)
        .write("in/dir/x", "")
        .write("in/a.schema", "import \"../secret.schema\"\n")
        .write("in/b.schema", "import \"/etc/passwd\"\n")
        .write("in/c.schema", "import \"dir/../../secret.schema\"\n")
        .write("in/d.schema", "import \"link.schema\"\n")
        .write("in/e.schema", "import \"nul\\0l.schema\"\n")
        .write("in/f.schema", "import \"dir\"\n")
        .write("in/g.schema", "import \"c.shema\"\n");
    std::os::unix::fs::symlink(folder.path("secret.schema"), folder.path("in/link.schema"))
        .unwrap();
    for name in ["a", "b", "c", "d"] {
        let done = folder.run(&["check", &format!("in/{name}.schema")]);
        done.says(1, "E0121");
    }
    folder.run(&["check", "in/e.schema"]).says(1, "E0120");
    folder.run(&["check", "in/f.schema"]).says(1, "E0123");
    let done = folder.run(&["check", "in/g.schema"]);
    done.says(1, "did you mean `c.schema`?");
    let done = folder.feed(&["check", "-"], b"import \"in/dir/../../../x.schema\"");
    done.says(1, "E0121");
}

#[test]
fn a_hundred_thousand_problems_are_fifty_reports_and_a_count() {
    let folder = Folder::new();
    folder.write("a.schema", "A hasMny B\n".repeat(100_000));
    let done = folder.run(&["check", "a.schema"]);
    done.says(1, "… and 99,950 more problems").says(1, "100,000 errors");
    assert_eq!(done.err.matches("Error: ").count(), 50);
}

#[test]
fn a_line_of_megabytes_is_cut_around_its_problem() {
    let folder = Folder::new();
    let filler = "x".repeat(2_000_000);
    folder.write(
        "a.schema",
        format!(
            "model User {{ a: TEXT < comment: \"{filler}\" >, b: TEXTT < comment: \"{filler}\" > }}"
        ),
    );
    let done = folder.run(&["check", "a.schema"]);
    done.says(1, "TEXTT");
    assert!(done.err.len() < 2000, "{} bytes", done.err.len());
    assert!(done.err.lines().all(|it| it.chars().count() <= 120));
}

#[test]
fn warnings_fail_where_they_are_denied() {
    let folder = Folder::new();
    folder.write(
        "a.schema",
        "model User { name: STRING }\nmodel Bill { n: INTEGER }\nBill belongsTo User < targetKey: name >\n",
    );
    folder.run(&["check", "a.schema"]).says(0, "1 warning");
    let done = folder.run(&["check", "--deny", "warnings", "a.schema"]);
    done.says(1, "1 warning");
}

#[test]
fn a_reader_who_leaves_is_no_failure() {
    let folder = Folder::new();
    folder.write("a.schema", "A hasMny B\n".repeat(20_000));
    let done = unread(&folder, &["check", "--format", "json", "a.schema"]);
    assert_eq!((done.code, done.err.as_str()), (Some(1), ""));
}

#[test]
fn help_teaches_by_examples() {
    let folder = Folder::new();
    for command in ["run", "check", "sql", "fmt", "explain", "completions"] {
        let done = folder.run(&[command, "--help"]);
        assert!(done.fine().out.contains("Examples:"), "{command}");
    }
    assert!(folder.run(&["--help"]).fine().out.contains("Exit codes"));
}

#[test]
fn every_page_is_explained_in_any_letter_case() {
    let folder = Folder::new();
    let pages = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors");
    let mut there: Vec<String> = std::fs::read_dir(pages)
        .into_iter()
        .flatten()
        .filter_map(|it| it.unwrap().file_name().into_string().ok())
        .filter_map(|it| it.strip_suffix(".md").map(str::to_owned))
        .filter(|it| it.len() == 5)
        .collect();
    there.sort();
    let all = folder.run(&["explain"]);
    let listed: Vec<_> = all.fine().out.lines().take_while(|it| !it.is_empty()).collect();
    assert_eq!(listed.len(), there.len(), "a page for each code");
    for (code, line) in there.iter().zip(listed) {
        assert!(line.starts_with(code.as_str()), "{line}");
        assert!(line.len() > code.len() + 4, "`{code}` has no title");
        let page = folder.run(&["explain", &code.to_lowercase()]);
        assert!(page.fine().out.contains(code));
    }
    folder.run(&["explain", "E9999"]).says(2, "there is no code");
}

#[test]
fn shells_get_their_completions() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish"] {
        let done = folder.run(&["completions", shell]);
        assert!(done.fine().out.contains("relata"));
    }
}

#[test]
fn misspelt_names_are_corrected_in_the_files() {
    let folder = Folder::new();
    folder
        .write(
            "a.schema",
            "\u{FEFF}import \"b.schema\"\nInvoice belongTo Usr < onDelte: cascade >\n",
        )
        .write("b.schema", "model User { name: STRNG }\r\nmodel Invoice { amount: INTEGER }\r\n");
    let done = folder.run(&["check", "--fix", "a.schema"]);
    assert!(done.fine().err.contains("a.schema:2:9: `belongTo` is now `belongsTo`"));
    assert_eq!(
        folder.read("a.schema"),
        "\u{FEFF}import \"b.schema\"\nInvoice belongsTo User < onDelete: cascade >\n"
    );
    assert_eq!(
        folder.read("b.schema"),
        "model User { name: STRING }\r\nmodel Invoice { amount: INTEGER }\r\n"
    );
    folder.feed(&["check", "--fix", "-"], b"").says(2, "--fix");
}

#[test]
fn verbs_are_explained_and_help_is_one_word_for_all() {
    let folder = Folder::new();
    for (topic, first) in
        [("hasMany", "hasMany"), ("findall", "findAll"), ("delete", "destroy"), ("links", "Links")]
    {
        let done = folder.run(&["explain", topic]);
        assert_eq!(done.fine().out.lines().next(), Some(first));
        assert_eq!(folder.run(&["help", topic]).fine().out, done.out);
    }
    folder.run(&["explain", "hasManny"]).says(2, "did you mean `hasMany`?");
    assert!(folder.run(&["help", "run"]).fine().out.contains("Usage: relata run"));
    assert!(folder.run(&["help"]).fine().out.contains("Usage: relata <COMMAND>"));
}

#[test]
fn a_folder_is_checked_by_its_scripts() {
    let folder = Folder::new();
    folder.run(&["check"]).says(2, "there is no *.schema in this folder");
    folder.write("a.schema", "model User { }\n").write("b.schema", "User hasMny User\n");
    let done = folder.run(&["check"]);
    done.says(1, "b.schema:1:6").says(1, "the 2 scripts of this folder were checked as one");
}

#[test]
fn a_first_script_is_written_and_works() {
    let folder = Folder::new();
    folder.run(&["init"]).says(0, "wrote models.schema");
    folder.run(&["init"]).says(2, "`models.schema` is there already");
    folder.run(&["fmt", "--check", "models.schema"]).fine();
    folder.run(&["check", "--deny", "warnings"]).fine();
    folder.run(&["run", "models.schema", "--db", "a.db"]).fine();
    folder.run(&["init", "pulled.schema", "--from-db", "a.db"]).fine();
    folder.run(&["diff", "pulled.schema", "--db", "a.db"]).fine();
}
