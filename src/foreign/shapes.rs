//! Definitions in another language's shape, within a sentence that is Relata's otherwise: `ENUM["a", "b"]`, `name?: STRING`, `STRING[]`,
//! `enum X = a | b`.

use super::lexeme::{Lexeme, LexemeCursor, LexemeKind, LexemeSpelling};
use super::words::{Rewording, in_small};
use super::{prisma, types};
use crate::ir::TypeWord;

/// So many words and signs of an enumeration are looked at for its end.
const LONGEST: usize = 2_000;

/// What is to be written in place of such shapes; nothing where there are none.
pub(crate) fn reshaped(text: &str) -> Vec<Rewording> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, 0);
    let mut all: Vec<Lexeme<'_>> = Vec::new();
    while let Some(next) = cursor.take() {
        all.push(next);
    }
    if let Some(found) =
        enumeration(text, &all).or_else(|| assignment(&all)).or_else(|| changed(&all))
    {
        return vec![found];
    }
    let mut res = in_round_brackets(&all).unwrap_or_default();
    if let Some(found) = arrow(text, &all) {
        return vec![found];
    }
    for (at, lexeme) in all.iter().enumerate() {
        let rest = all.get(at + 1..).unwrap_or_default();
        let is_typed = at.checked_sub(1).and_then(|it| all.get(it)).is_some_and(|it| it.is(":"));
        match rest {
            [open, ..] if is_typed && lexeme.is("ENUM") && (open.is("[") || open.is("<")) => {
                let close = if open.is("[") { "]" } else { ">" };
                if let Some(close) = rest.iter().take(LONGEST).find(|it| it.is(close)) {
                    let members = text.get(open.end..close.start).unwrap_or_default().trim();
                    let help = format!("write `ENUM({members})`");
                    res.push(put(open, "(", &help));
                    res.push(put(close, ")", &help));
                }
            }
            [at_sign, word, open, ..]
                if lexeme.is("@")
                    && at_sign.is("@")
                    && word.start == at_sign.end
                    && open.is("(") =>
            {
                res.extend(body_attribute(text, lexeme.start, word, open.end));
            }
            [open, close, ..]
                if is_typed
                    && open.is("[")
                    && close.is("]")
                    && (TypeWord::named(lexeme.text).is_some()
                        || types::of_database(lexeme.text, "").is_some()) =>
            {
                res.push(Rewording {
                    range: lexeme.start..close.end,
                    text: "JSON".to_owned(),
                    help: "write `JSON`, which a list of values is kept as".to_owned(),
                });
            }
            _ if is_typed && lexeme.kind == LexemeKind::Word => {
                res.extend(suffixed(text, lexeme, rest));
            }
            [mark, colon, ..]
                if lexeme.kind == LexemeKind::Word && mark.is("?") && colon.is(":") =>
            {
                res.push(put(
                    mark,
                    "",
                    &format!(
                        "write `{}:`: without `allowNull: false` an attribute may be null",
                        lexeme.text
                    ),
                ));
            }
            _ => {}
        }
    }
    res
}

fn put(at: &Lexeme<'_>, text: &str, help: &str) -> Rewording {
    Rewording { range: at.start..at.end, text: text.to_owned(), help: help.to_owned() }
}

/// `enum X = a | b`, `enum X: a, b`
fn enumeration(text: &str, all: &[Lexeme<'_>]) -> Option<Rewording> {
    let [word, name, sign, members @ ..] = all else { return None };
    if !word.is("enum") || !(sign.is("=") || sign.is(":")) {
        return None;
    }
    let mut names = Vec::new();
    for (at, member) in members.iter().enumerate() {
        match (at % 2, member.kind) {
            (0, LexemeKind::Word | LexemeKind::Quoted) => {
                names.push(text.get(member.start..member.end)?);
            }
            (1, _) if member.is("|") || member.is(",") => {}
            _ => return None,
        }
    }
    let last = members.last()?;
    let said = format!("{{ {} }}", names.join(", "));
    let help = format!("it is written `enum {} {said}`", text.get(name.start..name.end)?);
    Some(Rewording { range: sign.start..last.end, text: said, help })
}

/// `i++`
fn changed(all: &[Lexeme<'_>]) -> Option<Rewording> {
    let (range, said) = super::counted::changed(all)?;
    let help = format!("write `{said}`");
    Some(Rewording { range, text: said, help })
}

/// `let x := 3`, `let x: INTEGER = 3`: a variable has no type.
fn assignment(all: &[Lexeme<'_>]) -> Option<Rewording> {
    let [word, name, colon, rest @ ..] = all else { return None };
    if !word.is("let") || name.kind != LexemeKind::Word || !colon.is(":") {
        return None;
    }
    let sign = match rest {
        [sign, ..] if sign.is("=") => sign,
        [of, sign, ..] if of.kind == LexemeKind::Word && sign.is("=") => sign,
        _ => return None,
    };
    Some(Rewording {
        range: name.end..sign.end,
        text: " =".to_owned(),
        help: format!("write `let {} = ..`", name.text),
    })
}

/// `model User (name: STRING)`: a body stands in braces.
fn in_round_brackets(all: &[Lexeme<'_>]) -> Option<Vec<Rewording>> {
    let [word, name, open, ..] = all else { return None };
    if !word.is("model") || name.kind != LexemeKind::Word || !open.is("(") {
        return None;
    }
    let mut depth = 0_usize;
    for it in all {
        match it.text {
            "(" if it.kind == LexemeKind::Sign => depth += 1,
            ")" if it.kind == LexemeKind::Sign => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            let help = format!("a body stands in braces: `model {} {{ .. }}`", name.text);
            return Some(vec![put(open, "{", &help), put(it, "}", &help)]);
        }
    }
    None
}

/// `@@index([a, b])`: an index of the body; `@@id` and the like have no line of their own.
fn body_attribute(text: &str, start: usize, word: &Lexeme<'_>, open: usize) -> Option<Rewording> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, open);
    cursor.until(|_| false);
    let inner = text.get(open..cursor.end)?;
    cursor.eat(")").then_some(())?;
    let line = prisma::index_line(word.text, inner)?;
    let help = format!("write `{line}`");
    Some(Rewording { range: start..cursor.end, text: line, help })
}

/// `INTEGER UNSIGNED`, `INT(11) UNSIGNED ZEROFILL`: what belongs to a type stands behind a dot.
fn suffixed(text: &str, word: &Lexeme<'_>, rest: &[Lexeme<'_>]) -> Option<Rewording> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, word.end);
    let mut arguments = "";
    if rest.first().is_some_and(|it| it.is("(")) && cursor.skip() {
        arguments = text.get(word.end..cursor.end)?;
    }
    let mut suffixes = String::new();
    while let Some(next) = cursor.peek().filter(|it| !it.breaks && it.kind == LexemeKind::Word) {
        if !next.is("unsigned") && !next.is("zerofill") {
            break;
        }
        cursor.take();
        suffixes.push('.');
        suffixes.push_str(&next.text.to_uppercase());
    }
    if suffixes.is_empty() {
        return None;
    }
    let own = if TypeWord::named(word.text).is_some() {
        format!("{}{arguments}", word.text)
    } else {
        let inner = arguments.trim_start_matches('(').trim_end_matches(')');
        types::of_database(word.text, inner)?
    };
    let said = format!("{own}{suffixes}");
    let help = format!("write `{said}`");
    Some(Rewording { range: word.start..cursor.end, text: said, help })
}

/// `where: (u => u.age > 3)`, `where: u => u.age > 3`: a condition speaks of the row by itself.
fn arrow(text: &str, all: &[Lexeme<'_>]) -> Option<Rewording> {
    let at = all.iter().position(|it| it.is("=>"))?;
    let before = all.get(..at)?;
    // `u`, `(u)`
    let (name, first) = match before {
        [.., open, name, close] if open.is("(") && close.is(")") => (name, at.checked_sub(3)?),
        [.., name] => (name, at.checked_sub(1)?),
        [] => return None,
    };
    let outer = all.get(first.checked_sub(1)?)?;
    let start = all.get(first)?.start;
    let body = all.get(at)?.end;
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, body);
    if outer.is("(") {
        cursor.until(|_| false);
    } else if outer.is(":") {
        let last = text.rfind('>')?;
        cursor.until(|it| it.is(",") || it.start >= last);
    } else {
        return None;
    }
    let condition = super::without_parameter(text.get(body..cursor.end)?, name.text)?;
    let said = in_small(&format!("({condition})"));
    let help = format!("a condition speaks of the row by itself: `{said}`");
    let said = if outer.is("(") { said.get(1..said.len().checked_sub(1)?)? } else { &said };
    Some(Rewording { range: start..cursor.end, text: said.to_owned(), help })
}
