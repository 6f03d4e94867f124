//! What sentences yield, as people read it.
//!
//! Invariant: on a terminal no line of rows is wider than it; elsewhere nothing of a value is left out.

mod cell;
mod fit;
mod layout;
mod markdown;
mod rows;
mod text;

pub(crate) use text::hanging;

pub(crate) use layout::{RowShape, TableStyle};
pub(crate) use rows::TableRows;

use cell::shown;
use relata::record::Record;
use relata::report::wrap;
use relata::run::Yield;
use relata::value::Value;
use relata::verbs::{Effect, LinkVerb};

/// What a sentence yielded as a whole.
pub(crate) fn draw(verb: &str, result: &Yield, style: TableStyle, quiet: bool) -> String {
    match result {
        Yield::Value(value) => line_of(value, style),
        Yield::Row(Some(row)) => rows(std::slice::from_ref(row), style, None),
        Yield::Row(None) => "null\n".to_owned(),
        Yield::Rows(found) => rows(found, style, (!quiet).then_some("")),
        Yield::List(values) => values.iter().map(|it| line_of(it, style)).collect(),
        Yield::Count(_) if quiet => String::new(),
        Yield::Count(count) => {
            let link = LinkVerb::beginning(verb);
            let link = link.is_some_and(|it| it.effect() == Effect::Writes);
            let what = match (link, count) {
                (true, 1) => "link",
                (true, _) => "links",
                (false, 1) => "row",
                (false, _) => "rows",
            };
            format!("{verb}: {} {what}\n", relata::report::thousands(*count))
        }
        Yield::Pair(row, made) => {
            let is = if *made { "created" } else { "there already" };
            format!("{}({is})\n", rows(std::slice::from_ref(row), style, None))
        }
        Yield::Page(count, found) => {
            let of = format!(" of {}", relata::report::thousands(*count));
            rows(found, style, Some(&of))
        }
        _ => String::new(),
    }
}

/// A value alone; on a terminal in lines that fit.
fn line_of(value: &Value, style: TableStyle) -> String {
    let text = shown(value);
    let lines = text.split('\n').map(|it| match style.width {
        Some(width) => wrap(it, width.max(1)).join("\n"),
        None => it.to_owned(),
    });
    lines.fold(String::new(), |res, it| res + &it + "\n")
}

/// Rows that are all there; how many there are, with what is said of it.
pub(crate) fn rows(found: &[Record], style: TableStyle, counted: Option<&str>) -> String {
    let (mut drawing, mut out) = (TableRows::new(style), String::new());
    for row in found {
        drawing.row(|| row.clone(), &mut out);
    }
    drawing.end(counted, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use relata::record::Item;
    use relata::value::Value;

    fn record(members: &[(&str, Item)]) -> Record {
        let names = members.iter().map(|(name, _)| (*name).into()).collect();
        Record::new(names, members.iter().map(|(_, item)| item.clone()).collect())
    }

    fn text(text: &str) -> Item {
        Item::Value(Value::Text(text.into()))
    }

    const fn number(number: i64) -> Item {
        Item::Value(Value::Integer(number))
    }

    const PIPE: TableStyle =
        TableStyle { width: None, color: false, shape: RowShape::Line, limit: None };

    #[test]
    fn numbers_stand_right_and_nulls_are_words() {
        let found = [
            record(&[("id", number(1)), ("name", text("Ann"))]),
            record(&[("id", number(10)), ("name", Item::Value(Value::Null))]),
        ];
        let expected = "id  name\n──  ────\n 1  Ann\n10  null\n";
        assert_eq!(rows(&found, PIPE, None), expected);
        assert_eq!(
            rows(&found, TableStyle { width: Some(80), ..PIPE }, Some("")),
            format!("{expected}2 rows\n")
        );
        let one = TableStyle { limit: Some(1), width: Some(20), ..PIPE };
        assert_eq!(rows(&found, one, None), "id  name\n──  ────\n 1  Ann\n… 1 more (`--limit`…\n");
        let blocks = TableStyle { shape: RowShape::Block, width: Some(12), ..PIPE };
        assert_eq!(
            rows(&found, blocks, None),
            "── 1 ───────\nid    1\nname  Ann\n── 2 ───────\nid    10\nname  null\n"
        );
    }

    #[test]
    fn rows_of_associations_stand_under_theirs() {
        let posts = Item::List(vec![
            record(&[("id", number(7)), ("title", text("Hello"))]),
            record(&[("id", number(8)), ("title", text("World"))]),
        ]);
        let found = [
            record(&[
                ("id", number(1)),
                ("posts", posts),
                ("team", Item::Record(record(&[("name", text("A"))]))),
            ]),
            record(&[
                ("id", number(2)),
                ("posts", Item::List(Vec::new())),
                ("team", Item::Value(Value::Null)),
            ]),
        ];
        let expected = "\
id
──
 1
    posts  id  title
           ──  ─────
            7  Hello
            8  World
    team   name
           ────
           A
 2
    posts  none
    team   null
";
        assert_eq!(rows(&found, PIPE, None), expected);
        let narrow = "\
id
──
 1
    posts
        id  title
        ──  ─────
         7  Hello
         8  World
    team
        name
        ────
        A
 2
    posts
        none
    team
        null
";
        assert_eq!(rows(&found, TableStyle { width: Some(40), ..PIPE }, None), narrow);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        use unicode_width::UnicodeWidthStr;
        let long = "word ".repeat(400);
        let texts = [
            "日本語の文章".repeat(20),
            "👨‍👩‍👧".repeat(50),
            "می‌خواهم ".repeat(60),
            long,
            "a\nb".into(),
        ];
        let row = |id: i64, columns: usize, nested: Option<Item>| {
            let mut members = vec![("id".to_owned(), number(id))];
            for column in 0..columns {
                let item = match column % 4 {
                    0 => text(&texts[column / 4 % texts.len()]),
                    1 => Item::Value(Value::Date("2026-11-28T13:45:07.000Z".into())),
                    2 => number(i64::MAX - id),
                    _ => Item::Value(Value::Null),
                };
                members.push((format!("column{column}"), item));
            }
            members.extend(nested.map(|it| ("besides".to_owned(), it)));
            let names = members.iter().map(|(name, _)| name.as_str().into()).collect();
            Record::new(names, members.into_iter().map(|(_, item)| item).collect())
        };
        for width in [8, 20, 40, 80, 120, 200] {
            for columns in [1, 3, 9, 100] {
                for shape in [RowShape::Line, RowShape::Block] {
                    let innermost = Item::List(vec![row(5, columns, None), row(6, columns, None)]);
                    let inner = Item::Record(row(4, columns, Some(innermost)));
                    let found = [
                        row(1, columns, Some(inner)),
                        row(2, columns, Some(Item::Value(Value::Null))),
                    ];
                    let style = TableStyle { width: Some(width), shape, ..PIPE };
                    for line in rows(&found, style, Some("")).lines() {
                        assert!(line.width() <= width, "{width}, {columns}: {line}");
                    }
                }
            }
        }
    }
}
