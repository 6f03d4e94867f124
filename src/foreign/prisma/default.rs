//! What fills a field of Prisma's by itself.

use super::super::draft::{name, text};
use super::super::lexeme::{LexemeCursor, LexemeKind, LexemeSpelling};
use super::arguments::{elements, quoted};
use super::enumeration::PrismaEnum;

/// The option that fills an attribute by itself, or why there is none.
pub(super) fn default(
    inner: &str,
    enumeration: Option<&PrismaEnum>,
    is_list: bool,
) -> Result<String, String> {
    let inner = unnamed(inner);
    if is_list {
        return list(inner, enumeration);
    }
    let call = inner.split('(').next().unwrap_or_default().trim();
    let unsaid = || format!("its default {inner} can't be said");
    let value = match call {
        "autoincrement" => return Ok("autoIncrement".to_owned()),
        // the database fills it, too
        "now" => "(now())".to_owned(),
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
                "now()" | "current_timestamp" | "current_timestamp()" => "(now())".to_owned(),
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
                LexemeKind::Word => {
                    name(enumeration.and_then(|it| it.value(next.text)).unwrap_or(next.text))
                }
                LexemeKind::Sign => return Err(unsaid()),
            }
        }
    };
    Ok(format!("defaultValue: {value}"))
}

/// What stands behind `value:`, and before `, map: "name"`.
fn unnamed(inner: &str) -> &str {
    let mut cursor = LexemeCursor::new(inner, LexemeSpelling::Script, 0);
    cursor.eat_all(&["value", ":"]);
    cursor.until(|it| it.is(","))
}

/// `[a, "b", 1]`, as the document that it is kept as.
fn list(inner: &str, enumeration: Option<&PrismaEnum>) -> Result<String, String> {
    let unsaid = || format!("its default {inner} can't be said");
    let mut said = Vec::new();
    for it in elements(inner).ok_or_else(unsaid)? {
        let mut cursor = LexemeCursor::new(it, LexemeSpelling::Script, 0);
        let minus = cursor.eat("-");
        let next = cursor.take().filter(|_| cursor.peek().is_none()).ok_or_else(unsaid)?;
        said.push(match next.kind {
            LexemeKind::Quoted => text(&next.unquoted()),
            LexemeKind::Number => format!("{}{}", if minus { "-" } else { "" }, next.text),
            LexemeKind::Word if matches!(next.text, "true" | "false") => next.text.to_owned(),
            LexemeKind::Word => {
                text(enumeration.and_then(|it| it.value(next.text)).unwrap_or(next.text))
            }
            LexemeKind::Sign => return Err(unsaid()),
        });
    }
    Ok(format!("defaultValue: [{}]", said.join(", ")))
}
