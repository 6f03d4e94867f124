//! Pages are read as they are written.

#![expect(clippy::string_slice, reason = "a test may fail so")]

use super::*;

#[track_caller]
fn sections(page: &str) -> Vec<PageSection> {
    parse(page).unwrap()
}

#[test]
fn a_heading_is_a_section_and_its_blocks_are_its_own() {
    let page = "intro\n\n# One thing #\n```schema\nsync\n```\n\n```text\n# no heading\n```\n## Other\n#tag\n";
    let res = sections(page);
    let titles: Vec<_> = res.iter().map(|it| (it.title.as_str(), it.line)).collect();
    assert_eq!(titles, [("", 1), ("One thing", 3), ("Other", 11)]);
    let [script, prose] = &res[1].blocks[..] else { panic!("two blocks: {:?}", res[1]) };
    assert_eq!((script.text.as_str(), script.line), ("sync\n", 4));
    assert_eq!(&page[script.range.clone()], "sync\n");
    assert_eq!(prose.kind, BlockKind::Prose);
}

#[test]
fn a_fence_ends_with_one_as_long() {
    let res = sections("````text\n```schema\n````\n~~~sql mysql\n```\n~~~\n");
    let texts: Vec<_> = res[0].blocks.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(texts, ["```schema\n", "```\n"]);
}

#[test]
fn an_indented_block_loses_its_indent_and_gets_it_back() {
    let page = "1. first\n   ```schema\n   a {\n     b\n\n   }\n   ```\n";
    let block = &sections(page)[0].blocks[0];
    assert_eq!(block.text, "a {\n  b\n\n}\n");
    assert_eq!(block.indented(&block.text), &page[block.range.clone()]);
}

#[test]
fn a_misspelt_block_fails_the_page() {
    for info in [
        "shema",
        "sql oracle",
        "schema x",
        "report 2",
        "diff allow",
        "diff allow E0101",
        "apply E0501",
    ] {
        let mistake = parse(&format!("\n```{info}\n```\n")).unwrap_err();
        assert_eq!(mistake.line, 2, "of `{info}`");
    }
}

#[test]
fn a_block_without_an_end_fails_the_page() {
    assert_eq!(parse("a\n```schema\nsync\n").unwrap_err().line, 2);
}

#[test]
fn consecutive_schema_blocks_are_one_script() {
    let page = "```db\n```\n```schema\na\n```\nand\n```schema\nb\n```\n```report\n```\n```tables\n```\n```schema\nc\n```\n";
    let res = sections(page);
    let shape: Vec<_> = (res[0].steps().unwrap().iter())
        .map(|it| match it {
            PageStep::File(..) | PageStep::Before(_) | PageStep::Db(_) | PageStep::Ask(..) => {
                (0, 0)
            }
            PageStep::Script { parts, answers } => (parts.len(), answers.len()),
        })
        .collect();
    assert_eq!(shape, [(0, 0), (2, 2), (1, 0)]);
}

#[test]
fn an_answer_needs_a_script() {
    assert_eq!(sections("```report\n```\n")[0].steps().unwrap_err().line, 1);
    let after_db = &sections("```db\n```\n```tables\n```\n")[0];
    assert_eq!(after_db.steps().unwrap_err().line, 3);
}

#[test]
fn lines_may_end_with_crlf() {
    let res = sections("# A\r\n```schema\r\nsync\r\n```\r\n");
    assert_eq!((res[1].title.as_str(), res[1].blocks.len()), ("A", 1));
}
