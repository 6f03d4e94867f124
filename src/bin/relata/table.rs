//! Rows in columns, for a terminal.

use crate::results::{cell, plain};
use relata::record::{Item, Record};
use relata::report::visible;
use relata::run::Yield;
use relata::value::Value;
use relata::verbs::{Effect, LinkVerb};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// What stands between two columns.
const GAP: usize = 2;

/// A column is never made narrower.
const NARROWEST: usize = 8;

/// How tables are drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableStyle {
    /// How wide they may be; none where no terminal bounds them.
    pub(crate) width: Option<usize>,
    /// Whether nulls are dim.
    pub(crate) color: bool,
}

/// What a sentence yielded, for people.
pub(crate) fn draw(verb: &str, result: &Yield, style: TableStyle) -> String {
    match result {
        Yield::Value(value) => format!("{}\n", shown(value)),
        Yield::Row(Some(row)) => rows(std::slice::from_ref(row), style),
        Yield::Row(None) => "null\n".to_owned(),
        Yield::Rows(found) if found.is_empty() => "no rows\n".to_owned(),
        Yield::Rows(found) => rows(found, style),
        Yield::List(values) => {
            let each = values.iter().map(|it| shown(it) + "\n");
            each.collect()
        }
        Yield::Count(count) => {
            let link = LinkVerb::beginning(verb);
            let link = link.is_some_and(|it| it.effect() == Effect::Writes);
            let what = match (link, count) {
                (true, 1) => "link",
                (true, _) => "links",
                (false, 1) => "row",
                (false, _) => "rows",
            };
            format!("{verb}: {count} {what}\n")
        }
        Yield::Pair(row, made) => {
            let is = if *made { "created" } else { "there already" };
            format!("{}({is})\n", rows(std::slice::from_ref(row), style))
        }
        Yield::Page(count, found) => {
            let table = if found.is_empty() { String::new() } else { rows(found, style) };
            format!("{table}({} of {count})\n", found.len())
        }
        _ => String::new(),
    }
}

fn shown(value: &Value) -> String {
    let text = told_from_null(plain(value), value);
    let lines: Vec<_> = text.lines().map(|it| visible(it).to_string()).collect();
    lines.join("\n")
}

/// What a value is shown as: a text that reads like a null is in quotes, and so is one that reads like such a text.
fn told_from_null(plain: String, value: &Value) -> String {
    let is_text = matches!(value, Value::Text(_));
    if is_text && plain.trim_matches('"') == "null" { format!("\"{plain}\"") } else { plain }
}

struct TableCell {
    text: String,
    null: bool,
    number: bool,
}

fn rows(found: &[Record], style: TableStyle) -> String {
    let mut names: Vec<&str> = Vec::new();
    for row in found {
        for (name, _) in row.members() {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        // Rows of one sentence have the same members.
        if found.len() > 1 {
            break;
        }
    }
    let table: Vec<Vec<TableCell>> =
        found.iter().map(|row| names.iter().map(|name| cell_of(row.get(name))).collect()).collect();
    let mut widths: Vec<usize> = names.iter().map(|it| visible(it).width()).collect();
    for row in &table {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.text.split('\n').map(UnicodeWidthStr::width).fold(*width, usize::max);
        }
    }
    narrow(&mut widths, style.width);
    let mut out = String::new();
    let heads: Vec<TableCell> = names
        .iter()
        .zip(0..)
        .map(|(name, place)| TableCell {
            text: visible(name).to_string(),
            null: false,
            number: table.iter().all(|it| it.get(place).is_some_and(|it| it.number || it.null)),
        })
        .collect();
    line(&heads, &widths, style, &mut out);
    let rules: Vec<_> = widths.iter().map(|it| "─".repeat(*it)).collect();
    out.push_str(&rules.join(&" ".repeat(GAP)));
    out.push('\n');
    for row in &table {
        line(row, &widths, style, &mut out);
    }
    out
}

fn cell_of(item: Option<&Item>) -> TableCell {
    let Some(item) = item else {
        return TableCell { text: String::new(), null: true, number: false };
    };
    let text = match item {
        Item::Value(value) => told_from_null(plain(value), value),
        Item::Record(_) | Item::List(_) => cell(item),
    };
    let number = |it: &Value| matches!(it, Value::Integer(_) | Value::Float(_) | Value::Decimal(_));
    TableCell {
        // A tab would leave its column.
        text: text
            .replace('\t', "    ")
            .split('\n')
            .map(|it| visible(it).to_string())
            .collect::<Vec<_>>()
            .join("\n"),
        null: matches!(item, Item::Value(Value::Null)),
        number: matches!(item, Item::Value(it) if number(it)),
    }
}

/// Takes from the widest columns what doesn't fit.
fn narrow(widths: &mut [usize], most: Option<usize>) {
    let Some(most) = most else { return };
    let gaps = GAP * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > most {
        let Some(widest) = widths.iter_mut().max().filter(|it| **it > NARROWEST) else {
            return;
        };
        *widest -= 1;
    }
}

/// A row of the table, on as many lines as its highest cell needs.
fn line(cells: &[TableCell], widths: &[usize], style: TableStyle, out: &mut String) {
    let wrapped: Vec<Vec<String>> = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| cell.text.split('\n').flat_map(|it| wrap(it, *width)).collect())
        .collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    for part in 0..height {
        let mut text = String::new();
        for (place, ((cell, parts), width)) in cells.iter().zip(&wrapped).zip(widths).enumerate() {
            if place > 0 {
                text.push_str(&" ".repeat(GAP));
            }
            let part = parts.get(part).map_or("", String::as_str);
            let space = " ".repeat(width.saturating_sub(part.width()));
            let (dim, plain) =
                if cell.null && style.color { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
            if cell.number {
                text.push_str(&space);
                text.push_str(part);
            } else {
                text.push_str(dim);
                text.push_str(part);
                text.push_str(plain);
                text.push_str(&space);
            }
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
}

/// A line in pieces that fit, at spaces where there are some.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let (mut piece, mut wide, mut space) = (String::new(), 0, None);
    // What a reader takes for one letter stays together: `👨‍👩‍👧` is five characters.
    for letter in text.graphemes(true) {
        let own = letter.width();
        if wide + own > width && !piece.is_empty() {
            let rest = match space.take() {
                Some(at) if letter != " " => piece.split_off(at),
                _ => String::new(),
            };
            pieces.push(piece.trim_end().to_owned());
            rest.trim_start().clone_into(&mut piece);
            wide = piece.width();
            if letter == " " {
                continue;
            }
        }
        piece.push_str(letter);
        wide += own;
        if letter == " " {
            space = Some(piece.len());
        }
    }
    pieces.push(piece);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_at_spaces() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
        assert_eq!(wrap("👨‍👩‍👧 می‌خواهم", 2).first().unwrap(), "👨‍👩‍👧");
    }

    #[test]
    fn a_text_is_told_from_a_null() {
        for (value, expected) in [
            (Value::Null, "null"),
            (Value::Text("null".into()), "\"null\""),
            (Value::Text("\"null\"".into()), "\"\"null\"\""),
            (Value::Text("Null".into()), "Null"),
            (Value::Text("".into()), ""),
        ] {
            assert_eq!(shown(&value), expected);
            let cell = cell_of(Some(&Item::Value(value)));
            assert_eq!(cell.text, expected);
        }
    }

    #[test]
    fn numbers_stand_right_and_nulls_are_words() {
        let row = |id: i64, name: Value| {
            let names = ["id".into(), "name".into()];
            Record::new(names.into(), vec![Item::Value(Value::Integer(id)), Item::Value(name)])
        };
        let found = [row(1, Value::Text("Ann".into())), row(10, Value::Null)];
        let style = TableStyle { width: Some(80), color: false };
        assert_eq!(rows(&found, style), "id  name\n──  ────\n 1  Ann\n10  null\n");
    }
}
