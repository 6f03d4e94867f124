//! Conditions in objects: `{ age: { [Op.gt]: 3 } }`, and Prisma's `{ age: { gt: 3 }, posts: { some: {..} } }`.

use super::super::draft::{all_of, operand};
use super::super::lexeme::{LexemeCursor, LexemeSpelling};
use super::names::{Names, computed};
use super::value::{COMPARISONS, JsValue};

/// What `where` says.
pub(super) fn condition(value: &JsValue, names: &Names) -> Option<String> {
    let each: Option<Vec<String>> = match value {
        JsValue::Object(members) => {
            members.iter().map(|(key, it)| member(key, it, names)).collect()
        }
        JsValue::List(items) => items.iter().map(|it| condition(it, names)).collect(),
        // Relata's own, among options that stand in braces
        JsValue::Code(code) if is_bracketed(code) => {
            return Some(code.get(1..code.len() - 1)?.trim().to_owned());
        }
        it => return it.literal(),
    };
    let each = each?;
    (!each.is_empty()).then(|| all_of(&each))
}

/// Whether a bracket is all there is.
fn is_bracketed(code: &str) -> bool {
    let mut cursor = LexemeCursor::new(code, LexemeSpelling::Script, 0);
    cursor.peek().is_some_and(|it| it.is("(")) && cursor.skip() && cursor.peek().is_none()
}

/// What is said of a value that stands left: `sum(views)`, `{ gt: 10 }`
pub(super) fn comparison(left: &str, value: &JsValue, names: &Names) -> Option<String> {
    Comparison { names, document: false }.of(left, value)
}

/// An operator's name: of `Op.gt`, of `$gt`.
fn operator(key: &str) -> Option<&str> {
    key.strip_prefix('$').filter(|it| !it.ends_with('$')).or_else(|| {
        let (before, name) = key.rsplit_once('.')?;
        before.ends_with("Op").then_some(name)
    })
}

/// The operator that a bare word is, in Sequelize's old spelling and Prisma's.
fn bare_operator(key: &str) -> Option<&str> {
    match key {
        "equals" => Some("eq"),
        "contains" => Some("substring"),
        "in" => Some(key),
        _ => COMPARISONS.contains(&key).then_some(key),
    }
}

fn member(key: &str, value: &JsValue, names: &Names) -> Option<String> {
    let connective = operator(key).or(match key {
        "AND" => Some("and"),
        "OR" => Some("or"),
        "NOT" => Some("not"),
        _ => None,
    });
    match connective {
        Some("and") => condition(value, names).map(|it| format!("({it})")),
        Some("or") => {
            let each: Option<Vec<String>> = match value {
                JsValue::Object(members) => {
                    members.iter().map(|(key, it)| member(key, it, names)).collect()
                }
                it => it.items().iter().map(|it| condition(it, names)).collect(),
            };
            Some(format!("({})", each?.join(" or ")))
        }
        // of Prisma's list none may hold
        Some("not") if key == "NOT" && value.items().len() > 1 => {
            let each: Option<Vec<String>> =
                value.items().iter().map(|it| condition(it, names)).collect();
            Some(format!("not ({})", each?.join(" or ")))
        }
        Some("not") => condition(value, names).map(|it| format!("not ({it})")),
        Some(_) => None,
        // Prisma's name of a key of several fields
        None if value.members().len() > 1
            && key.contains('_')
            && *key
                == value.members().iter().map(|it| it.0.as_str()).collect::<Vec<_>>().join("_") =>
        {
            condition(value, names)
        }
        None => {
            let path: Vec<String> = key.trim_matches('$').split('.').map(operand).collect();
            Comparison { names, document: names.documents.contains(key) }.of(&path.join("."), value)
        }
    }
}

/// What Prisma's client asks of a value, and a script has no word for.
fn is_clients(key: &str) -> bool {
    const WORDS: [&str; 13] = [
        "isNot",
        "has",
        "hasEvery",
        "hasSome",
        "isEmpty",
        "isSet",
        "mode",
        "search",
        "string_contains",
        "string_starts_with",
        "string_ends_with",
        "array_contains",
        "_count",
    ];
    WORDS.contains(&key)
}

/// What stands beside a name in a condition.
struct Comparison<'n> {
    names: &'n Names,
    /// Whether the name is one of documents, so that bare words are parts.
    document: bool,
}

impl Comparison<'_> {
    fn of(&self, left: &str, value: &JsValue) -> Option<String> {
        match value {
            it if it.is("null") => Some(format!("{left} is null")),
            JsValue::List(_) => Some(format!("{left} in {}", self.names.row(value)?)),
            JsValue::Object(members) => {
                let each: Option<Vec<String>> =
                    members.iter().map(|(key, it)| self.member(left, key, it)).collect();
                each.filter(|it| !it.is_empty()).map(|it| all_of(&it))
            }
            it => Some(format!("{left} = {}", self.operand(left, it)?)),
        }
    }

    /// What a name is compared with: a variable of its own name would be the name itself.
    fn operand(&self, left: &str, value: &JsValue) -> Option<String> {
        match value {
            JsValue::Call(called, ..) if called.ends_with("fn") || called.ends_with("col") => {
                computed(value)
            }
            JsValue::Object(_) => None,
            JsValue::Path(path) if value.is("undefined") || self.names.is_ambiguous(path, left) => {
                None
            }
            it => it.literal().or_else(|| self.names.row(it)),
        }
    }

    /// `[Op.gt]: 3`, `gt: 3`, `city: "Rome"`
    fn member(&self, left: &str, key: &str, value: &JsValue) -> Option<String> {
        let by = |sign: &str| Some(format!("{left} {sign} {}", self.operand(left, value)?));
        let each = |items: &[JsValue], sign: &str| -> Option<String> {
            let each: Option<Vec<String>> = items.iter().map(|it| self.of(left, it)).collect();
            Some(format!("({})", each?.join(sign)))
        };
        let bare = if self.document { None } else { bare_operator(key) };
        let Some(named) = operator(key).or(bare) else { return self.part(left, key, value) };
        match named {
            "eq" | "is" if value.is("null") => Some(format!("{left} is null")),
            "ne" | "not" if value.is("null") => Some(format!("{left} is not null")),
            "eq" | "is" => by("="),
            "not" if matches!(value, JsValue::List(_)) => by("not in"),
            "not" if matches!(value, JsValue::Object(_)) => {
                Some(format!("not ({})", self.of(left, value)?))
            }
            // Sequelize's is true of null, too, where it stands beside a truth value; Prisma's isn't.
            "not" if operator(key).is_some() && (value.is("true") || value.is("false")) => {
                Some(format!("({} or {left} is null)", by("!=")?))
            }
            "ne" | "not" => by("!="),
            "gt" => by(">"),
            "gte" => by(">="),
            "lt" => by("<"),
            "lte" => by("<="),
            "in" => by("in"),
            "notIn" => by("not in"),
            "like" | "iLike" => by("like"),
            "notLike" | "notILike" => by("not like"),
            "startsWith" => by("startsWith"),
            "endsWith" => by("endsWith"),
            "substring" => by("contains"),
            "regexp" => by("matches"),
            "notRegexp" => by("matches").map(|it| format!("not ({it})")),
            "between" | "notBetween" => {
                let [from, to] = value.items() else { return None };
                let not = if named == "notBetween" { "not " } else { "" };
                let (from, to) = (self.operand(left, from)?, self.operand(left, to)?);
                Some(format!("{left} {not}between {from} and {to}"))
            }
            "or" => match value {
                JsValue::Object(members) => {
                    let each: Option<Vec<String>> =
                        members.iter().map(|(key, it)| self.member(left, key, it)).collect();
                    Some(format!("({})", each?.join(" or ")))
                }
                it => each(it.items(), " or "),
            },
            "and" => match value {
                JsValue::List(items) => each(items, " and "),
                it => self.of(left, it),
            },
            _ => None,
        }
    }

    /// What is said of a part of a document, of a row that belongs to this one, or of rows.
    fn part(&self, left: &str, key: &str, value: &JsValue) -> Option<String> {
        let quantified =
            |word: &str| Some(format!("{word} {left} ({})", condition(value, self.names)?));
        match (key, value) {
            _ if key.contains('.')
                || key.starts_with('$')
                || (is_clients(key) && !value.is("null")) =>
            {
                None
            }
            ("some", JsValue::Object(members)) if members.is_empty() => {
                Some(format!("count({left}) > 0"))
            }
            ("some", JsValue::Object(_)) => quantified("any"),
            ("every", JsValue::Object(_)) => quantified("all"),
            ("none", JsValue::Object(members)) if members.is_empty() => {
                Some(format!("count({left}) = 0"))
            }
            ("none", JsValue::Object(_)) => quantified("none"),
            ("is", JsValue::Object(_)) => self.of(left, value),
            ("is", none) if none.is("null") => Some(format!("{left} is null")),
            ("isNot", none) if none.is("null") => Some(format!("{left} is not null")),
            _ => self.of(&format!("{left}.{}", operand(key)), value),
        }
    }
}
