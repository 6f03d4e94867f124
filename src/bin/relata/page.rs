//! A page of the documentation as a terminal shows it.

use crate::table::hanging;
use relata::report::wrap;
use unicode_width::UnicodeWidthStr as _;

/// Prose is no wider than this, however wide the terminal is.
const WIDEST: usize = 100;
/// How far a block of a script stands in.
const INDENT: &str = "    ";
/// What stands between two columns of a table.
const BETWEEN: &str = "  ";
/// A last column that would be narrower than this is none: its table's rows are lines.
const NARROWEST: usize = 24;

/// Headings without their signs, blocks indented instead of fenced; and where it goes to a terminal of that width, paragraphs and tables that fit.
pub(crate) fn shown(page: &str, width: Option<usize>) -> String {
    let mut res = Vec::new();
    let width_of_prose = width.map(|it| it.min(WIDEST));
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            for line in lines.by_ref().take_while(|it| !it.starts_with("```")) {
                let text = if line.is_empty() { String::new() } else { format!("{INDENT}{line}") };
                res.push(match width {
                    Some(width) if kind == "json" => values_in_lines(&text, width),
                    Some(width) => hanging(&text, width),
                    None => text,
                });
            }
            continue;
        }
        let Some(width) = width_of_prose else {
            res.push(without_sign(line).to_owned());
            continue;
        };
        let mut group = vec![line];
        while let Some(next) = lines.next_if(|it| goes_on(line, it)) {
            group.push(next);
        }
        if line.starts_with('|') {
            table(&group, width, &mut res);
        } else {
            let text: Vec<&str> = group.iter().map(|it| it.trim()).collect();
            let text = text.join(" ");
            let text = without_sign(&text);
            let deeper = if is_item(line) { "\n  " } else { "\n" };
            res.push(wrap(text, width.saturating_sub(2).max(1)).join(deeper));
        }
    }
    res.push(String::new());
    res.join("\n")
}

/// A line of JSON, broken behind the commas that are in no text.
fn values_in_lines(line: &str, width: usize) -> String {
    let (mut parts, mut begin) = (Vec::new(), 0);
    let (mut in_text, mut escaped) = (false, false);
    for (at, letter) in line.char_indices() {
        let ends = letter == '"' && !escaped;
        in_text ^= ends;
        escaped = in_text && letter == '\\' && !escaped;
        if letter == ',' && !in_text {
            parts.extend(line.get(begin..=at));
            begin = at + 1;
        }
    }
    parts.extend(line.get(begin..));
    let (mut res, mut own) = (Vec::new(), String::new());
    for part in parts {
        if !own.trim().is_empty() && own.width() + part.width() > width {
            res.push(std::mem::replace(&mut own, INDENT.repeat(2)));
        }
        own.push_str(part);
    }
    res.push(own);
    let lines: Vec<String> = res.iter().map(|it| hanging(it, width)).collect();
    lines.join("\n")
}

/// A heading's text; any other line as it is.
fn without_sign(line: &str) -> &str {
    if line.starts_with('#') { line.trim_start_matches('#').trim_start() } else { line }
}

/// Whether a line begins a member of a list.
fn is_item(line: &str) -> bool {
    let behind = line.trim_start_matches(|it: char| it.is_ascii_digit());
    line.starts_with("- ") || behind.len() < line.len() && behind.starts_with(". ")
}

/// Whether `next` belongs to what begins with `line`.
fn goes_on(line: &str, next: &str) -> bool {
    if line.starts_with('|') {
        return next.starts_with('|');
    }
    let begins = next.starts_with(['#', '|']) || next.starts_with("```") || is_item(next);
    !line.is_empty() && !line.starts_with('#') && !next.is_empty() && !begins
}

/// A table of Markdown in columns, of which the last is broken; where it has no room, a line for each row.
fn table(lines: &[&str], width: usize, res: &mut Vec<String>) {
    let is_row = |it: &&&str| !it.bytes().all(|byte| b"|-: ".contains(&byte));
    let rows: Vec<Vec<&str>> = lines.iter().filter(is_row).map(|it| cells(it)).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widest = |at: usize| rows.iter().filter_map(|it| it.get(at)).map(|it| it.width()).max();
    let before: Vec<usize> =
        (0..columns.saturating_sub(1)).map(|it| widest(it).unwrap_or_default()).collect();
    let taken: usize = before.iter().map(|it| it + BETWEEN.len()).sum();
    let rest = width.saturating_sub(taken);
    for row in &rows {
        let (Some(last), true) = (row.last(), rest >= NARROWEST) else {
            res.push(hanging(&row.join(BETWEEN), width));
            continue;
        };
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&before) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + BETWEEN.len()));
        }
        let next = format!("\n{}", " ".repeat(taken));
        line.push_str(&wrap(last, rest).join(&next));
        res.push(line);
    }
}

/// The cells of a row: `\|` is a sign of one.
fn cells(row: &str) -> Vec<&str> {
    let row = row.trim().trim_start_matches('|');
    let row = row.strip_suffix('|').unwrap_or(row);
    let (mut res, mut start) = (Vec::new(), 0);
    let bars = row
        .match_indices('|')
        .filter(|(at, _)| !row.get(..*at).is_some_and(|before| before.ends_with('\\')));
    for (at, _) in bars {
        res.push(row.get(start..at).unwrap_or_default().trim());
        start = at + 1;
    }
    res.push(row.get(start..).unwrap_or_default().trim());
    res
}

#[cfg(test)]
mod tests {
    use super::*;
    use relata::diagnostics::pages;
    use relata::verbs;

    #[test]
    fn no_line_of_any_page_is_wider_than_the_terminal() {
        let verbs = verbs::page_names().filter_map(verbs::page);
        for page in pages().iter().map(|it| it.text).chain(verbs) {
            for width in [40, 80, 120, 200] {
                let text = shown(page, Some(width));
                for line in text.lines() {
                    assert!(line.width() <= width, "{width}: {line}");
                }
            }
        }
    }

    #[test]
    fn json_is_broken_behind_commas() {
        let page = "```json\n{\"a\":\"b, c\\\",d\",\"e\":[1,2,3],\"f\":\"ghi\"}\n```\n";
        let expected =
            "    {\"a\":\"b, c\\\",d\",\n        \"e\":[1,2,3],\n        \"f\":\"ghi\"}\n";
        assert_eq!(shown(page, Some(24)), expected);
    }

    #[test]
    fn paragraphs_lists_and_tables_fit() {
        let page = "# One\n\nA long line\nand another.\n- an item that\n  goes on\n\n| option | meaning |\n|---|---|\n| `a` | what it is for, in many words |\n\n```schema\nmodel User { }\n```\n";
        let expected = "One\n\nA long line and another.\n- an item that goes on\n\noption  meaning\n`a`     what it is for, in many\n        words\n\n    model User { }\n";
        assert_eq!(shown(page, Some(32)), expected);
        let piped = page.replace("# ", "").replace("```schema\n", "    ").replace("```\n", "");
        assert_eq!(shown(page, None), piped);
    }
}
