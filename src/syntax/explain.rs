//! Why a text is no sentence: what stands where the grammar stopped, and what could stand there.

use super::elsewise::{self, last_word, token};
use super::grammar::{self, Rule};
use super::respelled;
use super::sentence::unknown;
use crate::diagnostics::{Edit, Help, SyntaxProblem};
use crate::source::{Source, Span};
use crate::words::Reserved;
use pest::error::{Error, ErrorVariant, InputLocation};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// pest keeps track of what it expected only while a switch of the whole process is on.
static DETAIL: Mutex<()> = Mutex::new(());

/// The problem of `range`, which isn't a sentence.
pub(super) fn explain(source: &Source, range: &Range<usize>) -> SyntaxProblem {
    let text = source.text.get(range.clone()).unwrap_or_default();
    let stop = {
        let _lock = DETAIL.lock().unwrap_or_else(PoisonError::into_inner);
        pest::set_error_detail(true);
        let stop = grammar::parse(text, |nodes| nodes.err().as_ref().and_then(parse_stop));
        pest::set_error_detail(false);
        stop
    };
    let Some(stop) = stop else {
        return unknown(source.span(range.clone()));
    };
    let (stopped, rule_level) = (stop.at, stop.rule_level);
    // the grammar looks behind a reserved word before it refuses it
    let word = token(text.get(rule_level..).unwrap_or_default());
    if rule_level < stopped && Reserved::of(word).is_some() && rule_level + word.len() >= stopped {
        return SyntaxProblem::Unexpected {
            found: shown(word),
            at: source.span(range.start + rule_level..range.start + rule_level + word.len()),
            expected: "expected an expression".to_owned(),
            help: Some(format!("as a name in an expression, `{word}` needs backquotes").into()),
        };
    }
    // `10abc` is neither a number nor a name
    let (digits, letters) =
        (last_word(text.get(..stopped).unwrap_or_default()), text.get(stopped..));
    let letters = token(letters.unwrap_or_default());
    if digits.starts_with(|it: char| it.is_ascii_digit())
        && letters.starts_with(|it: char| it.is_alphanumeric() || it == '_')
    {
        let from = range.start + stopped - digits.len();
        let word = format!("{digits}{letters}");
        return SyntaxProblem::Unexpected {
            found: format!("`{word}`"),
            at: source.span(from..from + word.len()),
            expected: "expected a number or a name".to_owned(),
            help: Some("a name that begins with a digit needs backquotes".into()),
        };
    }
    let joined = text.get(..stopped).unwrap_or_default();
    let stopped = stopped + space(text.get(stopped..).unwrap_or_default());
    let place = |from: usize, to: usize| source.span(range.start + from..range.start + to);
    let rest = text.get(stopped..).unwrap_or_default();
    let found = token(rest);
    let at = place(stopped, stopped + found.len());
    let before = text.get(..stopped).unwrap_or_default().trim_end();

    if let Some((operator, instead, from)) = foreign(rest, before, stopped) {
        let at = place(from, from + operator.len());
        let is_letter = |it: char| it.is_alphanumeric() || it == '_';
        let is_word = instead.starts_with(is_letter);
        let touches = |it: Option<char>| is_word && it.is_some_and(is_letter);
        let ahead = text.get(..from).and_then(|it| it.chars().next_back());
        let behind = text.get(from + operator.len()..).and_then(|it| it.chars().next());
        if operator == "!" && ahead.is_some_and(is_letter) {
            return exclamation(at, &Expected::new(&stop, joined), text.get(from..), |to| {
                place(from, from + to)
            });
        }
        let blank = |it: bool| if it { " " } else { "" };
        let written = format!("{}{instead}{}", blank(touches(ahead)), blank(touches(behind)));
        // A text joined by `||` may be meant; or a condition, in the language of the others.
        let help = match operator {
            "&" | "|" => format!("write `{instead}`").into(),
            _ if text.contains("||") => {
                format!("write `{instead}`; `||` joins texts, conditions are joined by `or`").into()
            }
            _ => Help::write(at, &written).with_text(format!("write `{instead}`")),
        };
        return SyntaxProblem::Operator { operator, at, instead, help: Some(help) };
    }
    if let Some((length, help)) = elsewise::parameter(before, rest) {
        return SyntaxProblem::Foreign {
            what: "another language's spelling",
            at: place(stopped, stopped + length),
            label: "a parameter",
            help: Some(help.into()),
        };
    }
    if rest.starts_with('?') && Expected::new(&stop, joined).round {
        return SyntaxProblem::Character {
            character: "`?`".to_owned(),
            at: place(stopped, stopped + if rest.starts_with("??") { 2 } else { 1 }),
            what: "it means nothing in a script",
            help: Some(elsewise::instead_of_question(before, rest)),
        };
    }
    if let Some(problem) = character(rest, at) {
        return problem;
    }
    if let Some(problem) = missing_value(text, before, stopped, place) {
        return problem;
    }
    let expected = Expected::new(&stop, joined);
    let word = last_word(before);
    let ahead = before.len() - word.len();
    let ahead_of_word = before.get(..ahead).unwrap_or_default().trim_end();
    let ends = |line: &str| {
        let last = line.chars().next_back();
        last.is_some_and(|it| it.is_alphanumeric() || "_\"'`)]}>".contains(it))
    };
    let begins = rest.chars().next();
    let begins = begins.is_some_and(|it| it.is_alphanumeric() || "_\"'`[{(".contains(it));
    let touches =
        |quote: char| before.len() == stopped && before.ends_with(quote) && rest.starts_with(quote);
    if touches('\'') {
        return SyntaxProblem::Unexpected {
            found: shown(found),
            at,
            expected: "a quote ends the text".to_owned(),
            help: Some("a quote in a text stands in quotes of the other kind: `\"O'Brien\"`; or behind a backslash: `'O\\'Brien'`".into()),
        };
    }
    if let Some(it) = respelled::respelled(text, stopped) {
        let help = match it.edit {
            Some((range, text)) => {
                Help::write(place(range.start, range.end), &text).with_text(it.words)
            }
            None => it.words.into(),
        };
        let (found, expected) = (shown(found), expected.words());
        return SyntaxProblem::Unexpected { found, at, expected, help: Some(help) };
    }
    if expected.comma
        && let Some((range, written)) = elsewise::chosen(text, stopped)
    {
        let text = format!("options stand in angle brackets: `{word} {written}`");
        return SyntaxProblem::Unexpected {
            found: shown(found),
            at,
            expected: expected.words(),
            help: Some(Help::write(place(range.start, range.end), &written).with_text(text)),
        };
    }
    if expected.comma && !expected.round {
        if begins && ends(before) && !rest.starts_with('(') {
            let behind = place(before.len(), before.len());
            return missing_comma(found, at, behind, &expected);
        }
        if rest.starts_with(':') && !word.is_empty() && ends(ahead_of_word) {
            let behind = place(ahead_of_word.len(), ahead_of_word.len());
            return missing_comma(word, place(ahead, before.len()), behind, &expected);
        }
    }
    if expected.round
        && begins
        && !word.is_empty()
        && Reserved::of(word).is_none()
        && ends(ahead_of_word)
    {
        let at = place(ahead, before.len());
        return SyntaxProblem::Unexpected {
            found: shown(word),
            at,
            expected: "expected an operator, `,` or `)`".to_owned(),
            help: elsewise::operator(word).map(|it| Help::name(at, it)),
        };
    }
    if expected.list.contains(&"options `< .. >`")
        && let Some((range, written)) =
            elsewise::computed_item(text, stopped).or_else(|| elsewise::computed(text, stopped))
    {
        return SyntaxProblem::Unexpected {
            found: shown(found),
            at,
            expected: expected.words(),
            help: Some(
                Help::write(place(range.start, range.end), &written)
                    .with_text(format!("what is computed stands in round brackets: `{written}`")),
            ),
        };
    }
    if let Some(help) = elsewise::without_condition(before, rest) {
        return SyntaxProblem::Unexpected {
            found: shown(found),
            at,
            expected: "expected a condition in round brackets".to_owned(),
            help: Some(help.into()),
        };
    }
    if elsewise::assigns(rest) {
        return SyntaxProblem::Unexpected {
            found: shown(found),
            at,
            expected: expected.words(),
            help: Some("a variable gets a new value by `let n = (n + 1)`, a row by `ann update { age: (ann.age + 1) }`".into()),
        };
    }
    if let Some(written) = elsewise::shown_value(text, stopped) {
        let start = text.len() - text.trim_start().len();
        let help = Help::write(place(start, start + text.trim().len()), &written)
            .with_text(format!("`print` shows a value: `{written}`"));
        return SyntaxProblem::Unexpected {
            found: shown(found),
            at,
            expected: expected.words(),
            help: Some(help),
        };
    }
    if let Some(rows) = elsewise::rows(text, stopped) {
        let written = format!("[{}]", text.get(rows.clone()).unwrap_or_default());
        return SyntaxProblem::Unexpected {
            found: shown(found),
            at,
            expected: expected.words(),
            help: Some(
                Help::write(place(rows.start, rows.end), &written)
                    .with_text(format!("several rows are a list: `{written}`")),
            ),
        };
    }
    let help = match found {
        "]" if before.ends_with('[') => {
            Some("a list of values in one attribute is JSON: `tags: JSON`")
        }
        "=" if expected.list.contains(&"`:`") => Some("`:` stands between a name and its value"),
        "{" if before.ends_with(['"', '\'']) => {
            Some("a name is bare or in backquotes; what is in quotes is a text")
        }
        "{" if before.ends_with('}') => Some("options stand in angle brackets: `< .. >`"),
        "<" if before.ends_with('>') => Some("options stand in one list, separated by `,`"),
        ":" if expected.round => Some("`name: value` stands in braces, or among options"),
        "," if before.ends_with(',') => Some("one comma is enough"),
        "," if expected.list.contains(&"options `< .. >`") => {
            Some("a sentence says one thing; the next begins on a line of its own")
        }
        _ if begins && !expected.comma && before.ends_with(['}', '>']) => {
            Some("a sentence ends with its line; `;` separates two on one line")
        }
        _ if before.ends_with('-') && before.contains("order:") => {
            Some("the other direction is written behind the name: `name desc`")
        }
        _ if before.ends_with('-') => Some("a name with a dash in it needs backquotes"),
        _ => None,
    };
    let is_equals = found == "=" && !rest.starts_with("==") && expected.list.contains(&"`:`");
    let help = help.map(|words| {
        if is_equals {
            Help::write(place(before.len(), stopped + 1), ":").with_text(words.to_owned())
        } else {
            words.into()
        }
    });
    SyntaxProblem::Unexpected {
        found: if found.is_empty() { "the sentence's end".to_owned() } else { shown(found) },
        at,
        expected: expected.words(),
        help,
    }
}

/// A `!` that stands behind a word: `create!`, `age! = 3`.
fn exclamation(
    at: Span,
    expected: &Expected,
    rest: Option<&str>,
    place: impl Fn(usize) -> Span,
) -> SyntaxProblem {
    let follows = rest.unwrap_or_default();
    let help = match follows.find('=') {
        Some(to) if follows.get(1..to).is_some_and(|it| it.trim().is_empty()) => {
            Help::write(place(to + 1), "!=")
        }
        _ => Help::write(at, "")
            .with_text("leave `!` out: a sentence that fails says so in any case".to_owned()),
    };
    let (found, expected) = (shown("!"), expected.words());
    SyntaxProblem::Unexpected { found, at, expected, help: Some(help) }
}

/// Where the grammar stops in a text; nothing where it is a sentence.
pub(super) fn stops(text: &str) -> Option<usize> {
    let _lock = DETAIL.lock().unwrap_or_else(PoisonError::into_inner);
    pest::set_error_detail(true);
    let res = grammar::parse(text, |nodes| {
        nodes.err().map(|failure| parse_stop(&failure).map_or(0, |it| it.at))
    });
    pest::set_error_detail(false);
    res
}

/// A colon behind which a bracket closes, a comma stands or another line begins.
fn missing_value(
    text: &str,
    before: &str,
    stopped: usize,
    place: impl Fn(usize, usize) -> Span,
) -> Option<SyntaxProblem> {
    let name = last_word(before.strip_suffix(':')?.trim_end());
    let next = text.get(stopped..)?.chars().next();
    let same_line = !text.get(before.len()..stopped)?.contains('\n');
    let is_there = same_line && next.is_some_and(|it| !",;}>])".contains(it));
    if name.is_empty() || is_there {
        return None;
    }
    let start = before.rfind(name)?;
    Some(SyntaxProblem::MissingValue { name: name.to_owned(), at: place(start, before.len()) })
}

/// Two things side by side; behind an attribute's type they may be options without their brackets.
fn missing_comma(found: &str, at: Span, behind: Span, expected: &Expected) -> SyntaxProblem {
    let text = if expected.list.contains(&"`}`") {
        "separate the two with `,`; options stand in angle brackets: `name: STRING < .. >`"
    } else {
        "separate the two with `,`"
    };
    let edits = vec![Edit { at: behind, text: ",".to_owned() }];
    let help = Some(Help { text: text.to_owned(), edits });
    SyntaxProblem::MissingComma { found: shown(found), at, help }
}

/// Where pest stopped and what it tried there.
struct ParseStop {
    at: usize,
    /// Where it stopped if only whole rules are looked at.
    rule_level: usize,
    /// The signs it tried; a range of letters is `a..z`.
    signs: Vec<String>,
    /// Whether the sentence could have ended there.
    end: bool,
}

/// Where pest stopped.
fn parse_stop(failure: &Error<Rule>) -> Option<ParseStop> {
    let ErrorVariant::ParsingError { .. } = failure.variant else {
        return None;
    };
    let (InputLocation::Pos(rule_level) | InputLocation::Span((rule_level, _))) = failure.location;
    let attempts = failure.parse_attempts()?;
    let signs = attempts.expected_tokens();
    let mut rules = attempts.call_stacks.iter();
    Some(ParseStop {
        at: attempts.max_position,
        rule_level,
        signs: signs.iter().map(ToString::to_string).collect(),
        end: rules.any(|it| it.deepest.get_rule() == Some(&Rule::EOI)),
    })
}

/// What could stand where the grammar stopped.
struct Expected {
    /// In words.
    list: Vec<&'static str>,
    /// Whether a comma is among it.
    comma: bool,
    /// Whether it is in round brackets.
    round: bool,
}

impl Expected {
    /// Reads what pest tried to match behind `joined`. Its letters and signs say more than its rules: a rule is named
    /// only where its first sign fails.
    fn new(stop: &ParseStop, joined: &str) -> Self {
        let has = |sign: &str| stop.signs.iter().any(|it| it == sign);
        let in_word = joined.ends_with(|it: char| it.is_alphanumeric() || it == '_');
        let (operator, expression) = (has("||"), has("case"));
        let value = has("\"") && !expression;
        let said = [
            ("an expression", expression),
            ("a value", value),
            ("a name", !value && !expression && !in_word && has("a..z")),
            ("an operator", operator),
            ("`null`", has("null") && !value && !expression),
            ("`when`", has("when") && !expression),
            ("`then`", has("then") && !expression),
            ("`else`", has("else") && !expression),
            ("`end`", has("end") && !expression),
            ("options `< .. >`", has("<") && !operator),
            ("`,`", has(",")),
            ("`:`", has(":")),
            ("`)`", has(")")),
            ("`]`", has("]")),
            ("`}`", has("}")),
            ("`>`", has(">") && !operator),
            ("the sentence's end", stop.end),
        ];
        Self {
            list: said.into_iter().filter(|it| it.1).map(|it| it.0).collect(),
            comma: has(","),
            round: has(")"),
        }
    }

    /// "expected `,` or `>`"
    fn words(&self) -> String {
        match self.list.split_last() {
            None => "expected the sentence's end".to_owned(),
            Some((last, [])) => format!("expected {last}"),
            Some((last, rest)) => format!("expected {} or {last}", rest.join(", ")),
        }
    }
}

/// How much white space and comments a text begins with.
fn space(text: &str) -> usize {
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        rest = if trimmed.starts_with("//") {
            trimmed.find('\n').map_or("", |it| trimmed.get(it..).unwrap_or_default())
        } else {
            return text.len() - trimmed.len();
        };
    }
}

/// A token in a report.
fn shown(token: &str) -> String {
    match token.chars().next() {
        Some('"' | '\'') => "a string".to_owned(),
        Some('`') => token.to_owned(),
        _ => format!("`{token}`"),
    }
}

/// A sign of other languages where the grammar stopped, at `at`: what is written instead, and where it begins.
fn foreign(rest: &str, before: &str, at: usize) -> Option<(&'static str, &'static str, usize)> {
    // the grammar stops within these
    let halves = [("===", "="), ("!==", "!="), ("==", "="), ("<>", "!=")];
    for (operator, instead) in halves {
        for length in 1..operator.len() {
            let (one, two) = operator.split_at(length);
            if before.len() == at && before.ends_with(one) && rest.starts_with(two) {
                return Some((operator, instead, at - length));
            }
        }
    }
    let signs = [("&&", "and"), ("&", "and"), ("|", "or"), ("!", "not"), ("===", "="), ("==", "=")];
    // The grammar stops at, or within, one of its own.
    let own = rest.starts_with("||") || before.len() == at && before.ends_with('|');
    let found =
        signs.into_iter().find(|it| rest.starts_with(it.0)).filter(|it| it.0 != "|" || !own);
    found.map(|(operator, instead)| (operator, instead, at))
}

/// A character that no token begins with.
fn character(rest: &str, at: Span) -> Option<SyntaxProblem> {
    let first = rest.chars().next()?;
    let known = first.is_ascii()
        && !matches!(first, '#' | '$' | '@' | '\\' | '^' | '~' | '?' | '&' | '|' | '!');
    if known || first.is_alphanumeric() || rest.starts_with("||") {
        return None;
    }
    let help = match first {
        '\u{201C}' | '\u{201D}' | '\u{201E}' => Some("strings are written with `\"`".to_owned()),
        '\u{2018}' | '\u{2019}' => Some("strings are written with `'` or `\"`".to_owned()),
        '#' => Some("a comment is written `// ..`".to_owned()),
        '$' => Some(
            "a command is typed in the shell and stands in no script; a name begins with a letter"
                .to_owned(),
        ),
        _ => None,
    };
    Some(SyntaxProblem::Character {
        character: if first.is_ascii_graphic() {
            format!("`{first}`")
        } else if first.is_control() || first.is_whitespace() {
            format!("U+{:04X}", u32::from(first))
        } else {
            format!("`{first}` (U+{:04X})", u32::from(first))
        },
        at,
        what: if first.is_whitespace() {
            "white space that looks like a blank"
        } else {
            "it means nothing in a script"
        },
        help,
    })
}
