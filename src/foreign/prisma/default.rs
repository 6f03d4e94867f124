//! What fills a field of Prisma's by itself.

use super::super::draft::{name, text};
use super::super::lexeme::{LexemeCursor, LexemeKind, LexemeSpelling};
use super::quoted;

/// The option that fills an attribute by itself, or why there is none.
pub(super) fn default(inner: &str) -> Result<String, String> {
    let call = inner.split('(').next().unwrap_or_default().trim();
    let unsaid = || format!("its default {inner} can't be said");
    let value = match call {
        "autoincrement" => return Ok("autoIncrement".to_owned()),
        "now" => "now()".to_owned(),
        "uuid" => "uuid()".to_owned(),
        "cuid" | "nanoid" | "ulid" => {
            return Err(format!(
                "{inner} is made by Prisma's client: a row gives its own, or say `defaultValue: uuid()`"
            ));
        }
        "dbgenerated" => {
            let sql = inner.split_once('(').and_then(|it| quoted(it.1)).unwrap_or_default();
            let cut = sql.split("::").next().unwrap_or_default().trim();
            match cut.to_ascii_lowercase().as_str() {
                "gen_random_uuid()" | "uuid_generate_v4()" | "uuid()" => "uuid()".to_owned(),
                "now()" | "current_timestamp" | "current_timestamp()" => "now()".to_owned(),
                _ => {
                    let mut cursor = LexemeCursor::new(cut, LexemeSpelling::Sql, 0);
                    let plain = cursor.take().filter(|_| cursor.peek().is_none());
                    match plain.map(|it| (it.kind, it)) {
                        Some((LexemeKind::Quoted, it)) if it.text.starts_with('\'') => {
                            text(&it.unquoted())
                        }
                        Some((LexemeKind::Number, it)) => it.text.to_owned(),
                        _ => return Err(format!("its database makes the default: {sql}")),
                    }
                }
            }
        }
        "true" | "false" => call.to_owned(),
        _ => {
            let mut cursor = LexemeCursor::new(inner, LexemeSpelling::Script, 0);
            let minus = cursor.eat("-");
            let next = cursor.take().filter(|_| cursor.peek().is_none()).ok_or_else(unsaid)?;
            match next.kind {
                LexemeKind::Quoted => text(&next.unquoted()),
                LexemeKind::Number => format!("{}{}", if minus { "-" } else { "" }, next.text),
                LexemeKind::Word => name(next.text),
                LexemeKind::Sign => return Err(unsaid()),
            }
        }
    };
    Ok(format!("defaultValue: {value}"))
}
