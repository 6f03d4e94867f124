//! Rows as Markdown has them: a line each, what is in them is no markup.

use crate::results::plain;
use relata::record::{Item, Record};
use relata::report::visible;

/// What stands above the rows.
pub(super) fn head<'a>(columns: impl Iterator<Item = (&'a str, bool)> + Clone, out: &mut String) {
    for (name, _) in columns.clone() {
        out.push_str("| ");
        escape(name, out);
        out.push(' ');
    }
    out.push_str("|\n");
    for (_, number) in columns {
        out.push_str(if number { "| ---: " } else { "| --- " });
    }
    out.push_str("|\n");
}

pub(super) fn row<'a>(items: impl Iterator<Item = &'a Item>, out: &mut String) {
    for item in items {
        out.push_str("| ");
        write(item, "<br>", out);
        out.push(' ');
    }
    out.push_str("|\n");
}

/// A member; rows of an association are told in a line each.
fn write(item: &Item, between: &str, out: &mut String) {
    match item {
        Item::Value(value) => escape(&super::cell::quoted_if_like_null(plain(value), value), out),
        Item::Record(row) => members(row, out),
        Item::List(rows) => {
            for (place, row) in rows.iter().enumerate() {
                out.push_str(if place > 0 { between } else { "" });
                members(row, out);
            }
        }
    }
}

fn members(row: &Record, out: &mut String) {
    for (place, (name, item)) in row.members().enumerate() {
        out.push_str(if place > 0 { ", " } else { "" });
        escape(name, out);
        out.push(' ');
        let nested = !matches!(item, Item::Value(_));
        out.push_str(if nested { "(" } else { "" });
        write(item, "; ", out);
        out.push_str(if nested { ")" } else { "" });
    }
}

fn escape(text: &str, out: &mut String) {
    for letter in visible(text).chars() {
        match letter {
            '\r' => {}
            '\n' => out.push_str("<br>"),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '~' => out.extend(['\\', letter]),
            _ => out.push(letter),
        }
    }
}
