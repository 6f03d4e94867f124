//! What literals stand for: strings, numbers, blobs, names in backquotes.

use super::SyntaxResult;
use crate::ast::ValueKind;
use crate::diagnostics::SyntaxProblem;
use crate::source::Span;
use crate::words;
use smol_str::SmolStr;

/// The place of the bytes `from..to` of a literal that begins at `at`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a literal is part of a source, whose positions fit"
)]
fn within(at: Span, from: usize, to: usize) -> Span {
    Span::new(at.start + from as u32, at.start + to as u32)
}

/// `1_000`, `-1.5`
pub(super) fn number(text: &str, at: Span) -> SyntaxResult<ValueKind> {
    let plain = if text.contains('_') { &text.replace('_', "") } else { text };
    if plain.contains(['.', 'e', 'E']) {
        return Ok(ValueKind::Decimal(plain.into()));
    }
    plain
        .parse()
        .map(ValueKind::Integer)
        .map_err(|_| Box::new(SyntaxProblem::Integer { number: text.to_owned(), at }))
}

/// What the backquotes of a name or of raw SQL hold.
pub(super) fn backquoted(inner: &str) -> SmolStr {
    if inner.contains('`') { inner.replace("``", "`").into() } else { inner.into() }
}

/// What stands between the backquotes of raw SQL, whose quotes and word included are at `at`.
pub(super) fn raw_sql(inner: &str, at: Span) -> SyntaxResult<SmolStr> {
    const BEFORE: usize = "sql`".len();
    let sql = backquoted(inner);
    let Some(fault) = words::fault(&sql) else {
        return Ok(sql);
    };
    // Backquotes are written twice: the bytes are others then.
    let place = if sql.len() == inner.len() {
        within(at, BEFORE + fault.at.start, BEFORE + fault.at.end)
    } else {
        at
    };
    Err(Box::new(SyntaxProblem::RawSql {
        what: fault.what,
        at: place,
        label: fault.label,
        help: fault.help,
    }))
}

/// `x"00ff"`
pub(super) fn blob(text: &str, at: Span) -> SyntaxResult<ValueKind> {
    let digits = text.trim_start_matches('x').trim_matches('"');
    let wrong = |at, why| Box::new(SyntaxProblem::Blob { at, why });
    if let Some((from, it)) = digits.char_indices().find(|it| !it.1.is_ascii_hexdigit()) {
        let place = within(at, 2 + from, 2 + from + it.len_utf8());
        return Err(wrong(place, "no hexadecimal digit"));
    }
    if digits.len() % 2 == 1 {
        return Err(wrong(at, "an odd number of digits"));
    }
    let digits: Vec<u8> = digits.bytes().map(hexadecimal).collect();
    let (pairs, _) = digits.as_chunks::<2>();
    Ok(ValueKind::Blob(pairs.iter().map(|[high, low]| high << 4 | low).collect()))
}

fn hexadecimal(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20).wrapping_sub(b'a').wrapping_add(10),
    }
}

/// `"text"`, `'text'`, `"""block"""`, quotes included.
pub(super) fn string(text: &str, at: Span) -> SyntaxResult<SmolStr> {
    if let Some(inner) = text.strip_prefix("\"\"\"") {
        let inner = inner.strip_suffix("\"\"\"").unwrap_or(inner);
        return block(inner, at);
    }
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    if !inner.contains('\\') {
        return Ok(inner.into());
    }
    let mut out = String::with_capacity(inner.len());
    unescape(inner, within(at, 1, text.len()), &mut out)?;
    Ok(out.into())
}

/// A block: a line's end right behind the opening quotes doesn't count; where the closing quotes stand alone on their
/// line, neither does the one before, and their indentation is taken from every line.
fn block(inner: &str, at: Span) -> SyntaxResult<SmolStr> {
    let first = inner.find('\n').filter(|at| {
        let before = inner.get(..*at).unwrap_or_default();
        before.chars().all(|it| matches!(it, ' ' | '\t' | '\r'))
    });
    let start = first.map_or(0, |it| it + 1);
    let mut body = inner.get(start..).unwrap_or_default();
    let mut indentation = "";
    if first.is_some() {
        let last = body.rfind('\n').map_or(0, |it| it + 1);
        let closing = body.get(last..).unwrap_or_default();
        if closing.chars().all(|it| matches!(it, ' ' | '\t')) {
            indentation = closing;
            body = body.get(..last.saturating_sub(1)).unwrap_or_default();
        }
    }
    let mut out = String::with_capacity(body.len());
    let mut from = 3 + start;
    for (index, line) in body.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let text = line.strip_suffix('\r').unwrap_or(line);
        let mut margin = text.bytes().zip(indentation.bytes()).take_while(|(a, b)| a == b).count();
        if index == 0 && first.is_none() {
            margin = 0;
        }
        let place = within(at, from + margin, from + text.len());
        unescape(text.get(margin..).unwrap_or_default(), place, &mut out)?;
        from += line.len() + 1;
    }
    Ok(out.into())
}

/// Appends `text`, which begins at `at`, its escapes resolved.
fn unescape(text: &str, at: Span, out: &mut String) -> SyntaxResult<()> {
    let mut rest = text;
    while let Some(backslash) = rest.find('\\') {
        let from = text.len() - rest.len() + backslash;
        out.push_str(rest.get(..backslash).unwrap_or_default());
        let escape = rest.get(backslash..).unwrap_or_default();
        let Some((character, length)) = escaped(escape) else {
            let end = if escape.starts_with("\\u{") {
                escape.find(['}', '"', '\'', ' ']).map_or(3, |it| it + 1)
            } else {
                1 + escape.chars().nth(1).map_or(0, char::len_utf8)
            };
            return Err(Box::new(SyntaxProblem::Escape {
                escape: escape.get(..end).unwrap_or(escape).to_owned(),
                at: within(at, from, from + end),
            }));
        };
        out.push(character);
        rest = escape.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    Ok(())
}

/// The character that an escape stands for, and the escape's length.
fn escaped(escape: &str) -> Option<(char, usize)> {
    Some(match escape.as_bytes().get(1)? {
        b'n' => ('\n', 2),
        b't' => ('\t', 2),
        b'r' => ('\r', 2),
        b'0' => ('\0', 2),
        b'"' => ('"', 2),
        b'\'' => ('\'', 2),
        b'\\' => ('\\', 2),
        b'u' => {
            let (digits, _) = escape.get(2..)?.strip_prefix('{')?.split_once('}')?;
            let plain = digits.len() <= 6 && digits.bytes().all(|it| it.is_ascii_hexdigit());
            let number = plain.then(|| u32::from_str_radix(digits, 16).ok())??;
            (char::from_u32(number)?, digits.len() + 4)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, meant: &str) {
        let at = Span::new(0, u32::try_from(written.len()).unwrap());
        assert_eq!(string(written, at).unwrap(), meant, "{written}");
    }

    #[test]
    fn strings_have_the_usual_escapes() {
        check(r#""a""#, "a");
        check(r"'it\'s'", "it's");
        check(r#""\n\t\r\0\"\\""#, "\n\t\r\0\"\\");
        check("\"\\u{1F600}x\"", "\u{1F600}x");
    }

    #[test]
    fn a_block_loses_the_indentation_of_its_closing_quotes() {
        check("\"\"\"one\"\"\"", "one");
        check("\"\"\"\n  one\n    two\n  \"\"\"", "one\n  two");
        check("\"\"\"\r\n  one\r\n\r\n  two\r\n  \"\"\"", "one\n\ntwo");
        check("\"\"\"\n\"\"\"", "");
        check("\"\"\"\n  one\n  two\"\"\"", "  one\n  two");
        check("\"\"\"a\n b\"\"\"", "a\n b");
        check("\"\"\"\n  a\\n\\\"\"\"\n  \"\"\"", "a\n\"\"\"");
    }

    #[test]
    fn a_bad_escape_is_shown_where_it_stands() {
        for (written, escape, start) in [
            (r#""a\qb""#, r"\q", 2),
            (r#""\u{110000}""#, r"\u{110000}", 1),
            (r#""\u{d800}""#, r"\u{d800}", 1),
            (r#""\u12""#, r"\u", 1),
        ] {
            let problem = *string(written, Span::new(0, 20)).unwrap_err();
            let SyntaxProblem::Escape { escape: it, at } = problem else {
                unreachable!("{written}")
            };
            assert_eq!((it.as_str(), at.start), (escape, start), "{written}");
        }
    }

    #[test]
    fn integers_have_64_bits() {
        let at = Span::new(0, 1);
        let check = |it| number(it, at).unwrap();
        assert_eq!(check("1_000"), ValueKind::Integer(1000));
        assert_eq!(check("-9223372036854775808"), ValueKind::Integer(i64::MIN));
        assert_eq!(check("1_0.50"), ValueKind::Decimal("10.50".into()));
        assert!(number("9223372036854775808", at).is_err());
    }

    #[test]
    fn a_blob_is_pairs_of_digits() {
        let at = Span::new(0, 1);
        assert_eq!(blob("x\"00fF\"", at).unwrap(), ValueKind::Blob(Box::new([0, 255])));
        assert_eq!(blob("x\"\"", at).unwrap(), ValueKind::Blob(Box::new([])));
        assert!(blob("x\"0\"", at).is_err());
        assert!(blob("x\"0g\"", at).is_err());
    }
}
