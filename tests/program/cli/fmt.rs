//! `fmt`.

use crate::kit::Folder;

const UGLY: &str = "model  User{name:STRING}\n";

#[test]
fn files_are_formatted_in_place_and_keep_their_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    folder.write("a.schema", UGLY).write("b.schema", UGLY);
    let mode = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(folder.path("a.schema"), mode).unwrap();
    std::os::unix::fs::symlink("b.schema", folder.path("link.schema")).unwrap();
    let done = folder.run(&["fmt", "a.schema", "link.schema"]);
    done.says(0, "formatted a.schema");
    let text = folder.read("a.schema");
    assert_ne!(text, UGLY);
    assert_eq!(folder.read("b.schema"), text);
    assert!(folder.path("link.schema").is_symlink());
    let mode = folder.path("a.schema").metadata().unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o640);
    let left = std::fs::read_dir(folder.path("")).unwrap().count();
    assert_eq!(left, 3, "nothing is left beside them");
    let again = folder.run(&["fmt", "a.schema"]);
    assert_eq!(again.fine().err, "");
    assert_eq!(folder.read("a.schema"), text);
}

#[test]
fn a_check_shows_what_would_change_and_changes_nothing() {
    let folder = Folder::new();
    folder.write("a.schema", UGLY);
    let done = folder.run(&["fmt", "--check", "a.schema"]);
    done.says(1, "1 file would change");
    assert!(done.out.contains("-model  User{name:STRING}"), "{}", done.out);
    assert_eq!(folder.read("a.schema"), UGLY);
    folder.run(&["fmt", "a.schema"]).fine();
    folder.run(&["fmt", "--check", "a.schema"]).fine();
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = Folder::new();
    let done = folder.feed(&["fmt", "-"], UGLY.as_bytes());
    let once = done.fine().out.clone();
    let again = folder.feed(&["fmt", "-"], once.as_bytes());
    assert_eq!(again.fine().out, once);
}

#[test]
fn a_broken_sentence_is_reported_and_the_rest_is_formatted() {
    let folder = Folder::new();
    folder.write("a.schema", format!("{UGLY}\nmodel User {{ a: \n\n)(\n")).write("b.schema", UGLY);
    let done = folder.run(&["fmt", "a.schema", "missing.schema", "b.schema"]);
    done.says(2, "E01").says(2, "E0120");
    assert_ne!(folder.read("b.schema"), UGLY);
}
