//! What a foreign sentence says, as Relata writes it: models, their attributes, and what can't be said, with the reason.

pub(super) use crate::words::script_text as text;

use super::lexeme::{LexemeCursor, LexemeSpelling};
use crate::words::{Reserved, camelize, plain, singular, upper_first};

/// A model, put together from another language's words.
#[derive(Debug, Default)]
pub(super) struct ForeignModel {
    pub(super) name: String,
    pub(super) attributes: Vec<ForeignAttribute>,
    /// Sentences of its body.
    pub(super) body: Vec<String>,
    pub(super) options: Vec<String>,
    /// What can't be said, and why.
    pub(super) remarks: Vec<String>,
}

/// An attribute of it.
#[derive(Debug, Default, Clone)]
pub(super) struct ForeignAttribute {
    pub(super) name: String,
    pub(super) data_type: String,
    pub(super) options: Vec<String>,
    pub(super) remarks: Vec<String>,
}

impl ForeignModel {
    /// The sentence.
    pub(super) fn written(&self) -> String {
        let mut lines = vec![format!("model {} {{", name(&self.name))];
        for it in &self.attributes {
            lines.extend(it.remarks.iter().map(|it| format!("  {}", as_comment(it))));
            let options = options(&it.options);
            lines.push(format!("  {}: {}{options}", name(&it.name), it.data_type));
        }
        lines.extend(self.body.iter().map(|it| format!("  {it}")));
        lines.extend(self.remarks.iter().map(|it| format!("  {}", as_comment(it))));
        lines.push(format!("}}{}", options(&self.options)));
        lines.join("\n")
    }

    /// The attribute of that name.
    pub(super) fn attribute(&mut self, name: &str) -> Option<&mut ForeignAttribute> {
        self.attributes.iter_mut().find(|it| it.name == name)
    }
}

/// ` < a, b: 1 >`, or nothing.
#[inline(never)]
pub(super) fn options(options: &[String]) -> String {
    if options.is_empty() { String::new() } else { format!(" < {} >", options.join(", ")) }
}

/// Conditions that hold together: one that says `or` stands in brackets.
pub(super) fn all_of(conditions: &[String]) -> String {
    match conditions {
        [only] => only.clone(),
        all => all.iter().map(|it| bracketed_or(it)).collect::<Vec<_>>().join(" and "),
    }
}

/// A condition that may stand beside another one.
fn bracketed_or(condition: &str) -> String {
    let mut cursor = LexemeCursor::new(condition, LexemeSpelling::Script, 0);
    while let Some(next) = cursor.peek() {
        if next.is("or") {
            return format!("({condition})");
        }
        if !cursor.skip() {
            break;
        }
    }
    condition.to_owned()
}

/// A comment of one line.
#[inline(never)]
pub(super) fn as_comment(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    format!("// {}", plain(&words.join(" ")))
}

/// `a`, `[a, b]`
pub(super) fn one_or_all(names: &[String]) -> String {
    match names {
        [only] => name(only),
        all => format!("[{}]", all.iter().map(|it| name(it)).collect::<Vec<_>>().join(", ")),
    }
}

/// A name, in backquotes where it needs them.
#[inline(never)]
pub(super) fn name(text: &str) -> String {
    let first = text.chars().next().is_some_and(|it| it.is_alphabetic() || it == '_');
    if first && text.chars().all(|it| it.is_alphanumeric() || it == '_') {
        text.to_owned()
    } else {
        format!("`{}`", text.replace('`', "``").replace(['\n', '\r'], " "))
    }
}

/// A name in an expression.
#[inline(never)]
pub(super) fn operand(text: &str) -> String {
    match Reserved::of(text) {
        Some(_) => format!("`{text}`"),
        None => name(text),
    }
}

/// Whether a text is a name as it stands.
pub(super) fn is_plain_name(text: &str) -> bool {
    !text.is_empty() && name(text) == text
}

/// Raw SQL.
pub(super) fn raw(sql: &str) -> String {
    format!("sql`{}`", sql.trim().replace('`', "``"))
}

/// The model of a table: `order_items` is `OrderItem`.
#[inline(never)]
pub(super) fn model_of_table(table: &str) -> String {
    let last = table.rsplit('.').next().unwrap_or(table);
    upper_first(&singular(&camelize(last))).to_string()
}

/// What a foreign key does, in whatever spelling: `SET NULL` is `setNull`.
pub(super) fn action(text: &str) -> Option<&'static str> {
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    let known = ["cascade", "restrict", "setNull", "setDefault", "noAction"];
    known.into_iter().find(|it| it.eq_ignore_ascii_case(&letters))
}
