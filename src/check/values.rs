//! Whether a literal fits a type, and what it then is.

use super::Context;
use super::types::written;
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::{DataType, IntegerWidth};
use crate::value::{Value, write_json_text};
use crate::verbs;
use smol_str::{SmolStr, ToSmolStr, format_smolstr};
use std::fmt::Write as _;

pub(super) use crate::value::moment;

/// Why a value doesn't fit, and what would.
struct Misfit {
    reason: String,
    help: Option<String>,
}

fn misfit<T>(reason: impl Into<String>) -> Result<T, Misfit> {
    Err(Misfit {
        reason: reason.into(),
        help: None,
    })
}

impl Context<'_> {
    /// The value that a literal is for an attribute of that type; what doesn't fit is reported.
    pub(super) fn fit(&mut self, literal: &ast::Value, data_type: &DataType) -> Option<Value> {
        match fit(literal, data_type) {
            Ok(value) => Some(value),
            Err(misfit) => {
                let shown = match &literal.kind {
                    ast::ValueKind::Text(text) if text.chars().count() <= 30 => {
                        format!("\"{text}\"")
                    }
                    ast::ValueKind::Name(word) => format!("`{}`", word.text),
                    ast::ValueKind::Integer(number) => number.to_string(),
                    ast::ValueKind::Decimal(text) => text.to_string(),
                    ast::ValueKind::Bool(value) => value.to_string(),
                    other => verbs::describe(other).to_owned(),
                };
                self.report(CheckProblem::DoesNotFit {
                    value: shown,
                    type_name: written(data_type),
                    at: literal.span,
                    reason: misfit.reason,
                    help: misfit.help.or_else(|| self.meant(literal, data_type)),
                });
                None
            }
        }
    }

    /// Which member of an enumeration was meant, or all of them.
    fn meant(&self, literal: &ast::Value, data_type: &DataType) -> Option<String> {
        let DataType::Enum(enumeration) = data_type else {
            return None;
        };
        let (ast::ValueKind::Text(word) | ast::ValueKind::Name(ast::Word { text: word, .. })) =
            &literal.kind
        else {
            return None;
        };
        let members = || enumeration.members.iter().map(SmolStr::as_str);
        Some(match self.nearest(word, members()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("its members are {}", verbs::list(members())),
        })
    }
}

fn fit(literal: &ast::Value, data_type: &DataType) -> Result<Value, Misfit> {
    if let ast::ValueKind::Null = literal.kind {
        return Ok(Value::Null);
    }
    match data_type {
        DataType::String { length, .. } | DataType::Char { length, .. } => {
            let text = text_of(literal)?;
            let most = length.unwrap_or(255) as usize;
            let long = text.chars().count();
            if long > most {
                return misfit(format!("{long} characters, {most} at most"));
            }
            Ok(Value::Text(text))
        }
        DataType::Text(_) | DataType::CiText => Ok(Value::Text(text_of(literal)?)),
        DataType::Integer(integer) => {
            let number = match &literal.kind {
                ast::ValueKind::Integer(number) => *number,
                ast::ValueKind::Text(text) => match text.parse::<i64>() {
                    Ok(number) if number.to_string() == text.as_str() => number,
                    _ => return misfit("not the written form of an integer"),
                },
                _ => return misfit("not an integer"),
            };
            let bits: u32 = match integer.width {
                IntegerWidth::Tiny => 8,
                IntegerWidth::Small => 16,
                IntegerWidth::Medium => 24,
                IntegerWidth::Normal | IntegerWidth::Big => 64,
            };
            if integer.unsigned && number < 0 {
                return misfit("negative, but the type is UNSIGNED");
            }
            if bits < 64 {
                let (low, high) = if integer.unsigned {
                    (0, (1_i64 << bits) - 1)
                } else {
                    (-(1_i64 << (bits - 1)), (1_i64 << (bits - 1)) - 1)
                };
                if number < low || number > high {
                    return misfit(format!("outside of {low} to {high}"));
                }
            }
            Ok(Value::Integer(number))
        }
        DataType::Float(float) => {
            let number: f64 = number_text(literal)?.parse().map_err(|_| Misfit {
                reason: "not a number".into(),
                help: None,
            })?;
            if float.unsigned && number < 0.0 {
                return misfit("negative, but the type is UNSIGNED");
            }
            if number.is_finite() {
                Ok(Value::Float(number))
            } else {
                misfit("too large")
            }
        }
        DataType::Decimal(decimal) => {
            let text = number_text(literal)?;
            if decimal.unsigned && text.starts_with('-') {
                return misfit("negative, but the type is UNSIGNED");
            }
            if let Some(precision) = decimal.precision {
                let digits = text.trim_start_matches('-');
                let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
                let scale = decimal.scale.unwrap_or(0) as usize;
                let whole = whole.trim_start_matches('0');
                if text.contains(['e', 'E']) {
                    return misfit("an exponent");
                }
                if fraction.trim_end_matches('0').len() > scale {
                    return misfit(format!("more than {scale} digits behind the point"));
                }
                if whole.len() > (precision as usize).saturating_sub(scale) {
                    return misfit(format!(
                        "more than {} digits before the point",
                        (precision as usize).saturating_sub(scale)
                    ));
                }
            }
            Ok(Value::Decimal(text))
        }
        DataType::Boolean => match &literal.kind {
            ast::ValueKind::Bool(value) => Ok(Value::Bool(*value)),
            ast::ValueKind::Integer(number @ (0 | 1)) => Ok(Value::Bool(*number == 1)),
            ast::ValueKind::Text(text) if text == "true" || text == "false" => {
                Ok(Value::Bool(text == "true"))
            }
            _ => misfit("neither true nor false"),
        },
        DataType::Date(_) => match &literal.kind {
            ast::ValueKind::Text(text) => match moment(text) {
                Some(stored) => Ok(Value::Date(stored)),
                None => Err(Misfit {
                    reason: "not a date that exists, in ISO form".into(),
                    help: Some("write it like \"2022-01-16T12:00:00Z\" or \"2022-01-16\"".into()),
                }),
            },
            _ => misfit("not a text with a date"),
        },
        DataType::DateOnly => match &literal.kind {
            ast::ValueKind::Text(text) => match day(text) {
                Some(stored) => Ok(Value::Text(stored)),
                None => Err(Misfit {
                    reason: "not a date that exists, in ISO form".into(),
                    help: Some("write it like \"2022-01-16\"".into()),
                }),
            },
            _ => misfit("not a text with a date"),
        },
        DataType::Time => match &literal.kind {
            ast::ValueKind::Text(text) if text.parse::<jiff::civil::Time>().is_ok() => {
                Ok(Value::Text(text.clone()))
            }
            ast::ValueKind::Text(_) => misfit("not a time of day like \"12:30:00\""),
            _ => misfit("not a text with a time"),
        },
        DataType::Uuid => match &literal.kind {
            ast::ValueKind::Text(text) if is_uuid(text) => Ok(Value::Text(text.clone())),
            ast::ValueKind::Text(_) => misfit("not 32 hexadecimal digits in groups of 8-4-4-4-12"),
            _ => misfit("not a text with a UUID"),
        },
        DataType::Blob(_) => match &literal.kind {
            ast::ValueKind::Blob(bytes) => Ok(Value::Blob(bytes.clone())),
            ast::ValueKind::Text(text) => Ok(Value::Blob(text.as_bytes().into())),
            _ => misfit("neither a blob like x\"00ff\" nor a text"),
        },
        DataType::Enum(enumeration) => {
            let word = match &literal.kind {
                ast::ValueKind::Text(text) => text.clone(),
                ast::ValueKind::Name(word) => word.text.clone(),
                ast::ValueKind::Bool(value) => value.to_smolstr(),
                _ => return misfit("not one of its members"),
            };
            if enumeration.members.contains(&word) {
                return Ok(Value::Text(word));
            }
            misfit("not one of its members")
        }
        DataType::Json | DataType::Jsonb => {
            let mut text = String::new();
            json(literal, &mut text)?;
            Ok(Value::Json(text.into()))
        }
        DataType::Virtual => misfit("a VIRTUAL attribute holds nothing"),
        DataType::Raw(_) | DataType::Foreign(_) => match &literal.kind {
            ast::ValueKind::Text(text) => Ok(Value::Text(text.clone())),
            ast::ValueKind::Integer(number) => Ok(Value::Integer(*number)),
            ast::ValueKind::Decimal(text) => Ok(Value::Decimal(text.clone())),
            ast::ValueKind::Bool(value) => Ok(Value::Bool(*value)),
            ast::ValueKind::Blob(bytes) => Ok(Value::Blob(bytes.clone())),
            _ => misfit("not a literal"),
        },
    }
}

/// A literal of no certain type.
pub(super) fn plain(literal: &ast::Value) -> Option<Value> {
    Some(match &literal.kind {
        ast::ValueKind::Null => Value::Null,
        ast::ValueKind::Bool(value) => Value::Bool(*value),
        ast::ValueKind::Integer(number) => Value::Integer(*number),
        ast::ValueKind::Decimal(text) => Value::Decimal(text.clone()),
        ast::ValueKind::Text(text) => Value::Text(text.clone()),
        ast::ValueKind::Blob(bytes) => Value::Blob(bytes.clone()),
        _ => return None,
    })
}

fn text_of(literal: &ast::Value) -> Result<SmolStr, Misfit> {
    match &literal.kind {
        ast::ValueKind::Text(text) | ast::ValueKind::Decimal(text) => Ok(text.clone()),
        ast::ValueKind::Integer(number) => Ok(number.to_smolstr()),
        ast::ValueKind::Name(word) => Err(Misfit {
            reason: "a name, not a text".into(),
            help: Some(format!("write it in quotes: \"{}\"", word.text)),
        }),
        _ => misfit("not a text"),
    }
}

fn number_text(literal: &ast::Value) -> Result<SmolStr, Misfit> {
    match &literal.kind {
        ast::ValueKind::Integer(number) => Ok(number.to_smolstr()),
        ast::ValueKind::Decimal(text) => Ok(text.clone()),
        ast::ValueKind::Text(text) if text.parse::<f64>().is_ok_and(f64::is_finite) => {
            Ok(text.clone())
        }
        _ => misfit("not a number"),
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn day(text: &str) -> Option<SmolStr> {
    let date = match text.parse::<jiff::civil::Date>() {
        Ok(date) if text.len() == 10 => date,
        _ => return moment(text)?.get(..10).map(SmolStr::new),
    };
    (date.year() >= 0)
        .then(|| format_smolstr!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day()))
}

/// A literal as compact JSON.
fn json(literal: &ast::Value, out: &mut String) -> Result<(), Misfit> {
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
                let ast::Member::Pair(ast::Pair {
                    key,
                    value: Some(value),
                    options: None,
                    ..
                }) = member
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
