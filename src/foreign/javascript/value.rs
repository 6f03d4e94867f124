//! JavaScript's values, as a tree: what the arguments of a call are made of.

use super::super::draft::{name, raw, text};
use super::super::lexeme::{Lexeme, LexemeCursor, LexemeKind, LexemeSpelling};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum JsValue {
    Text(String),
    Number(String),
    /// `user`, `DataTypes.STRING`, `true`
    Path(String),
    List(Vec<JsValue>),
    Object(Vec<(String, JsValue)>),
    /// `DataTypes.INTEGER(10).UNSIGNED`: what is called, its arguments, what follows.
    Call(String, Vec<JsValue>, String),
    /// `/^a/i`: the pattern and its flags.
    Regex(String, String),
    /// Anything else, as written.
    Code(String),
}

/// A value that a text's cursor stands before.
pub(super) fn value(cursor: &mut LexemeCursor<'_>) -> JsValue {
    let start = cursor.behind_space();
    let res = simple(cursor);
    let ends = |it: &Lexeme<'_>| it.breaks || matches!(it.text, "," | ";" | ")" | "]" | "}" | ":");
    if let Some(res) = res
        && cursor.peek().is_none_or(|it| ends(&it) && !it.is("."))
    {
        return res;
    }
    cursor.until(|it| matches!(it.text, "," | ";") && it.kind == LexemeKind::Sign);
    JsValue::Code(cursor.text.get(start..cursor.end).unwrap_or_default().trim().to_owned())
}

fn simple(cursor: &mut LexemeCursor<'_>) -> Option<JsValue> {
    let next = cursor.peek()?;
    match next.kind {
        LexemeKind::Quoted => {
            cursor.take();
            let is_plain = !(next.text.starts_with('`') && next.text.contains("${"));
            is_plain.then(|| JsValue::Text(next.unquoted()))
        }
        LexemeKind::Number => {
            cursor.take();
            decimal(next.text).map(JsValue::Number)
        }
        LexemeKind::Word => word(cursor),
        LexemeKind::Sign => match next.text {
            "-" => {
                cursor.take();
                let number = cursor.peek().filter(|it| it.kind == LexemeKind::Number)?;
                cursor.take();
                decimal(number.text).map(|it| JsValue::Number(format!("-{it}")))
            }
            "[" => cursor.within(|cursor| {
                cursor.take();
                Some(JsValue::List(values(cursor, "]")))
            }),
            "{" => cursor.within(|cursor| {
                cursor.take();
                Some(JsValue::Object(members(cursor)))
            }),
            "/" => {
                let (pattern, flags) = cursor.pattern(next.start)?;
                Some(JsValue::Regex(pattern.replace("\\/", "/"), flags.to_owned()))
            }
            _ => None,
        },
    }
}

/// A number that reads the same in a script: `0x10` and `017` don't.
fn decimal(number: &str) -> Option<String> {
    let number = number.trim_end_matches('n');
    let is_other = number.len() > 1
        && number.starts_with('0')
        && number.as_bytes().get(1).is_some_and(u8::is_ascii_alphanumeric);
    (!is_other).then(|| number.to_owned())
}

/// What stands up to a bracket's end, which is taken. Ruby's `name: "Ann"` in a call is an object's member.
pub(super) fn values(cursor: &mut LexemeCursor<'_>, closer: &str) -> Vec<JsValue> {
    let mut res = Vec::new();
    let mut named: Vec<(String, JsValue)> = Vec::new();
    while let Some(next) = cursor.peek() {
        if next.is(closer) {
            cursor.take();
            break;
        }
        let before = cursor.end;
        let mut ahead = *cursor;
        if closer == ")"
            && let Some(key) = ahead.word()
            && ahead.eat(":")
        {
            *cursor = ahead;
            named.push((key.to_owned(), value(cursor)));
            cursor.eat(",");
            continue;
        }
        res.push(value(cursor));
        if !cursor.eat(",")
            && !cursor.peek().is_some_and(|it| it.is(closer))
            && cursor.end == before
        {
            cursor.skip();
        }
    }
    if !named.is_empty() {
        res.push(JsValue::Object(named));
    }
    res
}

fn members(cursor: &mut LexemeCursor<'_>) -> Vec<(String, JsValue)> {
    let mut res = Vec::new();
    while let Some(next) = cursor.peek() {
        if cursor.eat("}") {
            break;
        }
        if cursor.eat(",") {
            continue;
        }
        let before = cursor.end;
        let key = if cursor.eat("[") {
            let key = cursor.until(|_| false);
            cursor.eat("]");
            computed_key(key)
        } else if next.kind == LexemeKind::Number {
            cursor.take().map(|it| it.text.to_owned())
        } else {
            cursor.name()
        };
        match key {
            Some(key) if cursor.eat(":") => res.push((key, value(cursor))),
            Some(key) if cursor.peek().is_some_and(|it| matches!(it.text, "," | "}")) => {
                res.push((key.clone(), JsValue::Path(key)));
            }
            // a method, or `...others`
            key => {
                let code = cursor.until(|it| it.is(",")).to_owned();
                res.push((key.unwrap_or_default(), JsValue::Code(code)));
            }
        }
        if cursor.end == before && !cursor.skip() {
            break;
        }
    }
    res
}

/// Sequelize's comparisons by their words alone; `in` and `is` are words of the language too.
pub(super) const COMPARISONS: [&str; 17] = [
    "gt",
    "gte",
    "lt",
    "lte",
    "eq",
    "ne",
    "not",
    "notIn",
    "like",
    "notLike",
    "iLike",
    "between",
    "notBetween",
    "startsWith",
    "endsWith",
    "substring",
    "regexp",
];

/// Whether a variable of that name in square brackets is taken from `Op`. (`[in]` is no JavaScript.)
fn is_bare_operator(name: &str) -> bool {
    matches!(name, "is" | "or" | "and") || COMPARISONS.contains(&name)
}

/// The name in square brackets: an operator, or a text; what a variable holds isn't known.
fn computed_key(key: &str) -> Option<String> {
    let mut cursor = LexemeCursor::new(key, LexemeSpelling::Script, 0);
    let first = cursor.take()?;
    let is_alone = cursor.peek().is_none();
    match first.kind {
        LexemeKind::Quoted if is_alone && !key.contains("${") => Some(first.unquoted()),
        LexemeKind::Word if is_bare_operator(key) => Some(format!("Op.{key}")),
        LexemeKind::Word => {
            let (before, _) = key.rsplit_once('.')?;
            (before == "Op" || before.ends_with(".Op")).then(|| key.to_owned())
        }
        _ => None,
    }
}

fn word(cursor: &mut LexemeCursor<'_>) -> Option<JsValue> {
    let is_new = cursor.eat("new");
    if cursor.peek().is_some_and(|it| matches!(it.text, "function" | "async" | "await" | "class")) {
        return None;
    }
    let path = path(cursor)?;
    if !cursor.eat("(") {
        return Some(JsValue::Path(path));
    }
    let arguments = cursor.within(|cursor| Some(values(cursor, ")")))?;
    let mut suffix = String::new();
    while cursor.eat(".") {
        suffix.push('.');
        suffix.push_str(cursor.word()?);
    }
    let called = if is_new { format!("new {path}") } else { path };
    Some(JsValue::Call(called, arguments, suffix))
}

/// `DataTypes.STRING`
pub(super) fn path(cursor: &mut LexemeCursor<'_>) -> Option<String> {
    let mut res = cursor.word()?.to_owned();
    loop {
        let mut ahead = *cursor;
        if !(ahead.eat(".") || ahead.eat("?.")) {
            return Some(res);
        }
        let Some(step) = ahead.word() else {
            return Some(res);
        };
        res.push('.');
        res.push_str(step);
        *cursor = ahead;
    }
}

impl JsValue {
    /// Whether it does nothing but show what came of the call before it, as a sentence does by itself: `console.log`, `(user) =>
    /// console.log(user)`
    pub(super) fn only_shows(&self) -> bool {
        let shows = |it: &str| it.starts_with("console.") && !it.contains(';');
        match self {
            Self::Path(it) => shows(it),
            Self::Code(it) => it.split_once("=>").is_some_and(|(_, body)| shows(body.trim())),
            Self::Text(_)
            | Self::Number(_)
            | Self::List(_)
            | Self::Object(_)
            | Self::Call(..)
            | Self::Regex(..) => false,
        }
    }

    /// What an object holds under that name.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|it| it.0 == name).map(|it| &it.1)
    }

    pub(super) fn members(&self) -> &[(String, Self)] {
        if let Self::Object(members) = self { members } else { &[] }
    }

    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            it => std::slice::from_ref(it),
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Path(path) if path == word)
    }

    /// Whether it is a word that means the same everywhere.
    pub(super) fn is_constant(&self) -> bool {
        ["true", "false", "null", "undefined"].iter().any(|it| self.is(it))
            || self.last_step() == Some("NOW")
            || matches!(self, Self::Path(path) if path.contains(".UUIDV"))
    }

    /// The last step of a path or of a call's.
    pub(super) fn last_step(&self) -> Option<&str> {
        match self {
            Self::Path(path) | Self::Call(path, ..) => path.rsplit('.').next(),
            _ => None,
        }
    }

    /// `allowNull: false`, `unique`: an option that is on or off.
    pub(super) fn flag(&self, option: &str) -> Option<String> {
        if self.is("true") {
            Some(option.to_owned())
        } else {
            self.is("false").then(|| format!("{option}: false"))
        }
    }

    /// SQL that stands as it is.
    pub(super) fn literal(&self) -> Option<String> {
        match self {
            Self::Call(called, arguments, _) if called.ends_with("literal") => {
                arguments.first().and_then(Self::text).map(raw)
            }
            _ => None,
        }
    }

    /// As a value of a row: nothing where Relata has no words for it.
    pub(super) fn written(&self) -> Option<String> {
        let listed =
            |items: &[Self]| -> Option<Vec<String>> { items.iter().map(Self::written).collect() };
        Some(match self {
            Self::Text(it) => text(it),
            Self::Number(it) => it.clone(),
            // what isn't said is no null
            Self::Path(it) if it == "undefined" => return None,
            Self::Path(_) if self.last_step() == Some("NOW") => "now()".to_owned(),
            Self::Path(it) if it.contains(".UUIDV") => "uuid()".to_owned(),
            Self::Path(it) => it.split('.').map(name).collect::<Vec<_>>().join("."),
            Self::List(items) => format!("[{}]", listed(items)?.join(", ")),
            Self::Object(members) if members.is_empty() => "{}".to_owned(),
            // operators are no names
            Self::Object(members) if members.iter().any(|it| is_operator(&it.0)) => return None,
            Self::Object(members) => {
                let each = members
                    .iter()
                    .map(|(key, it)| Some(format!("{}: {}", name(key), it.written()?)));
                format!("{{ {} }}", each.collect::<Option<Vec<_>>>()?.join(", "))
            }
            Self::Call(called, arguments, _) => match (called.as_str(), arguments.as_slice()) {
                ("new Date" | "Date.now", []) => "now()".to_owned(),
                ("new Date", [Self::Text(it)]) if is_instant(it) => text(it),
                _ => return self.literal(),
            },
            Self::Regex(..) | Self::Code(_) => return None,
        })
    }
}

/// Whether a name is an operator's.
fn is_operator(key: &str) -> bool {
    key.starts_with('$') || key.starts_with("Op.") || key.contains(".Op.")
}

/// Whether a text says a moment that is the same wherever the program runs: a day, or a time with its zone.
fn is_instant(text: &str) -> bool {
    let is_day = text.len() == 10 && text.bytes().all(|it| it.is_ascii_digit() || it == b'-');
    let zone = text.len().checked_sub(6).and_then(|at| text.get(at..));
    let is_zoned = zone.is_some_and(|it| it.starts_with(['+', '-']) && it.contains(':'));
    is_day || (text.contains('T') && (text.ends_with('Z') || is_zoned))
}
