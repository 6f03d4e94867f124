//! Moments as other languages say them within an expression: `new Date()`, `Date.now()`, `now() - interval '7 days'`.

use super::lexeme::Lexeme;
use super::words::Rewording;

/// What stands instead of the moment that begins here, and how many lexemes it takes.
pub(super) fn moment(all: &[Lexeme<'_>]) -> Option<(Vec<Rewording>, usize)> {
    let (length, said) = present(all)?;
    let end = all.get(length.checked_sub(1)?)?.end;
    let first = all.first()?;
    let rest = all.get(length..).unwrap_or_default();
    let Some((more, modifier)) = apart(rest) else {
        // what a script says in this way, too
        let own = first.is("now")
            || first.text.starts_with("current_")
            || first.text.starts_with("CURRENT_");
        return (!own).then(|| (vec![put(first.start..end, said)], length));
    };
    let last = all.get(length + more - 1)?;
    let function = if said == "date(now())" { "date" } else { "datetime" };
    let text = format!("{function}(now(), \"{modifier}\")");
    Some((vec![put(first.start..last.end, &text)], length + more))
}

/// The same of a value in a row: `new Date()`, `Date.now()`.
pub(super) fn present_moment(all: &[Lexeme<'_>]) -> Option<(Vec<Rewording>, usize)> {
    let (length, said) = present(all)?;
    let first = all.first()?;
    let is_foreign = first.is("new") || first.text == "Date";
    let end = all.get(length.checked_sub(1)?)?.end;
    is_foreign.then(|| (vec![put(first.start..end, said)], length))
}

fn put(range: std::ops::Range<usize>, text: &str) -> Rewording {
    Rewording { range, text: text.to_owned(), help: format!("write `{text}`") }
}

/// The present moment or day, and how many lexemes say it.
fn present(all: &[Lexeme<'_>]) -> Option<(usize, &'static str)> {
    let call = |at: usize| {
        let brackets = all.get(at..at + 2)?;
        (brackets.first()?.is("(") && brackets.get(1)?.is(")")).then_some(())
    };
    match all {
        [new, date, ..] if new.is("new") && date.text == "Date" => call(2).map(|()| (4, "now()")),
        [date, dot, now, ..] if date.text == "Date" && dot.is(".") && now.is("now") => {
            call(3).map(|()| (5, "now()"))
        }
        [word, ..] if word.is("now") => call(1).map(|()| (3, "now()")),
        [word, ..] if word.is("current_timestamp") => Some((1, "now()")),
        [word, ..] if word.is("current_date") => Some((1, "date(now())")),
        _ => None,
    }
}

/// `- interval '7 days'`, `+ interval 1 month`: as SQLite's functions take it, and how many lexemes say it.
fn apart(rest: &[Lexeme<'_>]) -> Option<(usize, String)> {
    let [sign, word, amount, more @ ..] = rest else { return None };
    if !(sign.is("-") || sign.is("+")) || !word.is("interval") {
        return None;
    }
    let quoted = amount.text.trim_matches(['\'', '"']);
    let (number, unit, length) = match quoted.split_once(' ') {
        Some((number, unit)) => (number, unit, 3),
        None => (quoted, more.first()?.text, 4),
    };
    let is_number = !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
    let unit = unit.to_ascii_lowercase();
    let unit = unit.strip_suffix('s').unwrap_or(&unit);
    let units = ["year", "month", "day", "hour", "minute", "second"];
    (is_number && units.contains(&unit)).then(|| (length, format!("{}{number} {unit}s", sign.text)))
}
