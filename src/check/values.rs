//! Whether a literal fits a type, and what it then is.

use super::Context;
use crate::ast;
use crate::diagnostics::{CheckProblem, Edit, Help};
use crate::ir::{self, Contents, DataType, unlike};
use crate::value::{Value, write_json_text};
use crate::verbs;
use smol_str::SmolStr;
use std::fmt::Write as _;

/// Why a value doesn't fit, and what would.
struct ValueMisfit {
    reason: String,
    help: Option<Help>,
}

fn misfit<T>(reason: impl Into<String>) -> Result<T, ValueMisfit> {
    Err(ValueMisfit { reason: reason.into(), help: None })
}

impl Context<'_> {
    /// The value that a literal is for an attribute of that type; what doesn't fit is reported.
    pub(super) fn fit(&mut self, literal: &ast::ValueNode, data_type: &DataType) -> Option<Value> {
        match fit(literal, data_type) {
            Ok(value) => {
                if let (
                    DataType::Enum(of),
                    ast::ValueKind::Name(ast::Word { text, .. }) | ast::ValueKind::Text(text),
                ) = (data_type, &literal.kind)
                {
                    self.notes.member(literal.span, of, text);
                }
                Some(value)
            }
            Err(misfit) => {
                let shown = match &literal.kind {
                    ast::ValueKind::Text(text) if text.chars().count() <= 30 => {
                        format!("{text:?}")
                    }
                    ast::ValueKind::Name(word) => format!("`{}`", word.text),
                    ast::ValueKind::Integer(number) => number.to_string(),
                    ast::ValueKind::Decimal(text) => text.to_string(),
                    ast::ValueKind::Bool(value) => value.to_string(),
                    other => verbs::describe(other).to_owned(),
                };
                self.report(CheckProblem::DoesNotFit {
                    value: shown,
                    type_name: data_type.written(),
                    at: literal.span,
                    reason: misfit.reason,
                    help: misfit.help.or_else(|| Some(self.meant(literal, data_type))),
                });
                None
            }
        }
    }

    /// Which member of an enumeration was meant, or all of them; of another type what is written so.
    fn meant(&self, literal: &ast::ValueNode, data_type: &DataType) -> Help {
        let DataType::Enum(enumeration) = data_type else {
            return example(data_type, &literal.kind).into();
        };
        let word = match &literal.kind {
            ast::ValueKind::Text(word) | ast::ValueKind::Name(ast::Word { text: word, .. }) => word,
            _ => "",
        };
        let members = || enumeration.members.iter().map(SmolStr::as_str);
        match self.nearest(word, members()) {
            Some(nearest) => {
                let text = format!("did you mean `{}`?", on_one_line(nearest));
                let in_quotes = matches!(literal.kind, ast::ValueKind::Text(_));
                let name = Help::new(text, literal.span, nearest);
                let quoted = |it: Edit| Edit { text: format!("\"{}\"", it.text), ..it };
                Help {
                    edits: name
                        .edits
                        .into_iter()
                        .map(|it| if in_quotes { quoted(it) } else { it })
                        .collect(),
                    ..name
                }
            }
            None => {
                let members: Vec<String> = members().map(on_one_line).collect();
                let members = members.iter().map(String::as_str);
                format!("its members are {}", verbs::list(members)).into()
            }
        }
    }
}

/// What to write for an attribute of that type, where something else is written.
pub(super) const fn example(data_type: &DataType, written: &ast::ValueKind) -> &'static str {
    let number = matches!(written, ast::ValueKind::Integer(_) | ast::ValueKind::Decimal(_));
    match data_type.holds() {
        Contents::Text if matches!(written, ast::ValueKind::Text(_)) => {
            "shorten it, or declare a longer type: `STRING(n)`, `TEXT`"
        }
        Contents::Text => "write a text, in quotes",
        Contents::Integer if matches!(written, ast::ValueKind::Decimal(_)) => {
            "write a whole number, or declare the type as `DECIMAL(10, 2)` or `DOUBLE`"
        }
        Contents::Integer | Contents::Number if number => {
            "write a number that it has room for, or declare a wider type: `BIGINT`, `DECIMAL(20, 4)`"
        }
        Contents::Integer => "write a whole number, as in `3`",
        Contents::Number => "write a number, as in `1.5`",
        Contents::Truth => "write `true` or `false`",
        Contents::Moment => "write it like \"2022-01-16T12:00:00Z\" or \"2022-01-16\"",
        Contents::Day => "write it like \"2022-01-16\"",
        Contents::Time => "write it like \"12:30:00\"",
        Contents::Uuid => {
            "write it like \"f47ac10b-58cc-4372-a567-0e02b2c3d479\"; `uuid()` makes a new one"
        }
        Contents::Bytes => "write `x\"00ff\"`, or a text",
        Contents::Member => "write one of its members",
        Contents::Json => "write `null`, `true`, a number, a text, `[a list]` or `{ an: object }`",
        Contents::Nothing => "leave it out: what it is says `get: (..)`",
        Contents::Anything => "write a number or a text",
    }
}

/// A name without the characters that would break its line.
fn on_one_line(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for it in name.chars() {
        if it.is_control() {
            text.extend(it.escape_default());
        } else {
            text.push(it);
        }
    }
    text
}

/// What literals alone know is settled here; what fits a type is the ir's rule, the same while a script runs.
fn fit(literal: &ast::ValueNode, data_type: &DataType) -> Result<Value, ValueMisfit> {
    let value = match (data_type, &literal.kind) {
        (DataType::Json | DataType::Jsonb, kind) if !matches!(kind, ast::ValueKind::Null) => {
            let mut text = String::new();
            json(literal, &mut text)?;
            return Ok(Value::Json(text.into()));
        }
        (DataType::Enum(_), ast::ValueKind::Name(word)) => Value::Text(word.text.clone()),
        (
            DataType::String { .. } | DataType::Char { .. } | DataType::Text(_) | DataType::CiText,
            ast::ValueKind::Name(word),
        ) => {
            return Err(ValueMisfit {
                reason: "a name, not a text".into(),
                help: Some(
                    Help::write(literal.span, &format!("\"{}\"", word.text))
                        .with_text(format!("write it in quotes: \"{}\"", word.text)),
                ),
            });
        }
        _ => match verbs::untyped_value(literal) {
            Some(value) => value,
            None => return misfit(unlike(data_type)),
        },
    };
    ir::fit(value, data_type).map_err(|ir::Misfit(reason)| match (data_type, &literal.kind) {
        // Its members are in the help, or the nearest of them.
        (DataType::Enum(_), _) => ValueMisfit { reason: unlike(data_type).into(), help: None },
        _ => ValueMisfit { reason, help: None },
    })
}

/// A literal as compact JSON.
fn json(literal: &ast::ValueNode, out: &mut String) -> Result<(), ValueMisfit> {
    match &literal.kind {
        ast::ValueKind::Null => out.push_str("null"),
        ast::ValueKind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        ast::ValueKind::Integer(number) => {
            let _ = write!(out, "{number}");
        }
        ast::ValueKind::Decimal(text) => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => out.push_str(text),
            _ => return misfit("too large a number"),
        },
        ast::ValueKind::Text(text) => write_json_text(text, out),
        ast::ValueKind::List(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                json(item, out)?;
            }
            out.push(']');
        }
        ast::ValueKind::Object(braces) => {
            out.push('{');
            for (place, member) in braces.members.iter().enumerate() {
                let ast::Member::Pair(ast::Pair { key, value: Some(value), options: None, .. }) =
                    member
                else {
                    return misfit("an object of JSON holds `key: value`");
                };
                if place > 0 {
                    out.push(',');
                }
                write_json_text(&key.text, out);
                out.push(':');
                json(value, out)?;
            }
            out.push('}');
        }
        _ => return misfit("not JSON"),
    }
    Ok(())
}
