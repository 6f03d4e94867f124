//! Definitions in another language's shape, within a sentence that is Relata's otherwise: `ENUM["a", "b"]`, `name?: STRING`, `STRING[]`,
//! `enum X = a | b`.

use super::lexeme::{Lexeme, LexemeCursor, LexemeKind, LexemeSpelling};
use super::words::Rewording;

/// So many words and signs of an enumeration are looked at for its end.
const LONGEST: usize = 2_000;

/// What is to be written in place of such shapes; nothing where there are none.
pub(crate) fn reshaped(text: &str) -> Vec<Rewording> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, 0);
    let mut all: Vec<Lexeme<'_>> = Vec::new();
    while let Some(next) = cursor.take() {
        all.push(next);
    }
    if let Some(found) = enumeration(text, &all) {
        return vec![found];
    }
    let mut res = Vec::new();
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
            [open, close, ..]
                if is_typed && lexeme.kind == LexemeKind::Word && open.is("[") && close.is("]") =>
            {
                res.push(Rewording {
                    range: lexeme.start..close.end,
                    text: "JSON".to_owned(),
                    help: "write `JSON`, which a list of values is kept as".to_owned(),
                });
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
