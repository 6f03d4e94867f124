//! What holds of every text: parsing never fails badly, a mistake costs one sentence, formatting changes no meaning.

#![expect(
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::string_slice,
    reason = "a test may panic, and builds texts piece by piece"
)]

use arbtest::arbitrary::{Result, Unstructured};
use arbtest::arbtest;
use relata::ast::Script;
use relata::source::{Source, Sources};
use relata::syntax::{Parsed, format, is_complete, parse, parse_on};

const STYLED: &str = include_str!("styled.schema");

fn source(text: &str) -> Source {
    let mut sources = Sources::default();
    let id = sources.add("test", text).unwrap();
    sources.get(id).clone()
}

/// The sentences without their places.
fn meaning(script: &Script) -> Vec<String> {
    script.sentences.iter().map(|it| placeless(&format!("{it:?}"))).collect()
}

fn placeless(debug: &str) -> String {
    let mut out = String::new();
    let mut rest = debug;
    while let Some(at) = rest.find("Span { start: ") {
        out.push_str(&rest[..at]);
        let end = rest[at..].find('}').unwrap();
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    out
}

fn comments(source: &Source, parsed: &Parsed) -> Vec<String> {
    let comments = parsed.script.comments.iter();
    let text = comments.map(|it| source.slice(it.span).replace("\r\n", "\n"));
    text.map(|it| it.trim_end().to_owned()).collect()
}

/// How many texts a property is tried on.
const COUNT: u64 = 200;

/// Tries a property on texts made of random bytes, the same ones every time.
fn seeded(count: u64, property: impl Fn(&mut Unstructured<'_>) -> Result<()>) {
    for number in 1..=count {
        let size = 16 + number % 16 * 64;
        let random = number.wrapping_mul(0x9E37_79B9) & 0xFFFF_FFFF;
        arbtest(&property).seed(random << 32 | size);
    }
}

/// What must hold of any text.
fn check(text: &str) -> Parsed {
    let source = source(text);
    let parsed = parse(&source);
    assert!(!parsed.problems.is_empty() || parsed.script.broken.is_empty());
    for span in
        parsed.script.sentences.iter().map(|it| it.span).chain(parsed.script.broken.iter().copied())
    {
        assert!(text.get(source.range(span)).is_some_and(|it| !it.is_empty()), "{text:?}");
    }
    let mut end = 0;
    for comment in &parsed.script.comments {
        assert!(comment.span.start >= end, "{text:?}");
        end = comment.span.end;
    }
    for problem in &parsed.problems {
        for label in problem.labels() {
            assert!(text.get(source.range(label.span)).is_some(), "{text:?}");
        }
    }
    let _ = is_complete(&source);
    assert_eq!(parse_on(&source, 3), parsed, "{text:?}");

    let once = format(&source, &parsed);
    let printed = self::source(&once);
    let again = parse(&printed);
    assert_eq!(meaning(&again.script), meaning(&parsed.script), "{text:?}\n{once}");
    assert_eq!(again.problems.len(), parsed.problems.len(), "{text:?}\n{once}");
    assert_eq!(comments(&printed, &again), comments(&source, &parsed), "{text:?}");
    let twice = format(&printed, &again);
    assert_eq!(twice, once, "formatted twice: {text:?}");
    parsed
}

#[test]
fn the_styled_script_stays() {
    let source = source(STYLED);
    let parsed = check(STYLED);
    assert_eq!(parsed.problems, []);
    assert_eq!(format(&source, &parsed), STYLED);
    let windows = STYLED.replace('\n', "\r\n");
    let parsed = check(&windows);
    assert_eq!(parsed.problems, []);
}

#[test]
fn every_prefix_has_at_most_one_mistake() {
    let whole = parse(&source(STYLED)).script.sentences.len();
    for (end, _) in STYLED.char_indices() {
        let text = &STYLED[..end];
        let parsed = parse(&source(text));
        assert!(parsed.problems.len() <= 1, "{text}\n{:#?}", parsed.problems);
        assert!(parsed.script.sentences.len() <= whole, "{text}");
    }
}

#[test]
fn a_missing_character_costs_at_most_one_report_and_one_sentence() {
    let whole = parse(&source(STYLED)).script.sentences.len();
    for (at, character) in STYLED.char_indices() {
        let text = [&STYLED[..at], &STYLED[at + character.len_utf8()..]].concat();
        let parsed = parse(&source(&text));
        let around = &text[at.saturating_sub(30)..(at + 30).min(text.len())];
        assert!(parsed.problems.len() <= 1, "{character:?} in {around:?}: {:#?}", parsed.problems);
        let lost = whole.saturating_sub(parsed.script.sentences.len());
        assert!(lost <= 1 + usize::from(character == '\n'), "{lost} {character:?} in {around:?}");
    }
}

#[test]
fn any_text_is_read() {
    seeded(COUNT, |u| {
        let bytes: Vec<u8> = u.arbitrary()?;
        check(&String::from_utf8_lossy(&bytes));
        Ok(())
    });
}

#[test]
fn any_run_of_tokens_is_read() {
    let tokens = [
        "a", "model", "User", "{", "}", "<", ">", "(", ")", "[", "]", ":", ",", ";", "\n", "\n",
        " ", " ", "//x\n", "///d\n", "/*", "*/", "/* c */", "\"", "'", "\"s\"", "\"\"\"", "`",
        "`q`", "sql`", "sql`x`", "x\"00\"", "1", "-", "1.5", ".", "=", "and", "or", "not",
        "is null", "in", "between", "case", "when", "then", "else", "end", "any", "*", "||",
        "true", "null", "\\", "\r\n", "\0", "é", "\u{202E}", "desc", "as", "cast", "distinct",
        "==",
    ];
    seeded(COUNT, |u| {
        let mut text = String::new();
        while !u.is_empty() && text.len() < 400 {
            text.push_str(u.choose(&tokens)?);
            if u.ratio(1, 2)? {
                text.push(' ');
            }
        }
        check(&text);
        Ok(())
    });
}

#[test]
fn any_change_of_a_good_script_is_read() {
    seeded(COUNT, |u| {
        let mut text = STYLED.to_owned();
        for _ in 0..u.int_in_range(1..=4)? {
            let mut at = u.int_in_range(0..=text.len() - 1)?;
            let mut end = (at + u.int_in_range(0..=12)?).min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            while !text.is_char_boundary(end) {
                end += 1;
            }
            let with = u.choose(&[
                "", "", "{", "}", "<", ">", "(", ")", "\"", "`", "\n", ",", "/*", "*/", "//", ";",
                "  ",
            ])?;
            text.replace_range(at..end.max(at), with);
        }
        check(&text);
        Ok(())
    });
}

/// A text of `name`s, blanks and line ends where those mean nothing.
fn gap(u: &mut Unstructured<'_>) -> Result<&'static str> {
    u.choose(&[" ", " ", " ", "  ", "\n", "\n    ", " /* c */ ", " // c\n "]).copied()
}

fn blank(u: &mut Unstructured<'_>) -> Result<&'static str> {
    u.choose(&[" ", " ", "  ", "\t", " /* b */ "]).copied()
}

fn name(u: &mut Unstructured<'_>) -> Result<String> {
    let names =
        ["a", "User", "firstName", "`order line`", "été", "index", "x", "sql", "model", "_1"];
    Ok((*u.choose(&names)?).to_owned())
}

fn path(u: &mut Unstructured<'_>) -> Result<String> {
    let mut out = name(u)?;
    for _ in 0..u.int_in_range(0_u8..=2)?.saturating_sub(1) {
        out += &format!(".{}", name(u)?);
    }
    Ok(out)
}

fn literal(u: &mut Unstructured<'_>) -> Result<String> {
    let literals = [
        "1",
        "-2",
        "1_000",
        "1.50",
        "\"s\"",
        "'it\\'s'",
        "\"{ < ( // \"",
        "sql`a ``b```",
        "x\"00ff\"",
        "\"\"\"\n  b \" {\n  \"\"\"",
        "null",
        "true",
    ];
    Ok((*u.choose(&literals)?).to_owned())
}

fn expression(u: &mut Unstructured<'_>, depth: u32) -> Result<String> {
    if depth == 0 {
        return if u.arbitrary()? { path(u) } else { literal(u) };
    }
    let (a, b) = (expression(u, depth - 1)?, expression(u, depth - 1)?);
    let gap = gap(u)?;
    Ok(match u.int_in_range(0..=12)? {
        0 => format!("{a}{gap}and {b}"),
        1 => format!("{a} or{gap}{b}"),
        2 => format!("not{gap}{a}"),
        3 => format!("({gap}{a}{gap})"),
        4 => format!("{a}{gap}= {b}"),
        5 => format!("{a}<{b}"),
        6 => format!("{a} not in [{b},{gap}{b},]"),
        7 => format!("{a} is{gap}not null"),
        8 => format!("({a}) between {b}{gap}and 2"),
        9 => format!("case {a} when {b} then{gap}{a} else 1 end"),
        10 => format!("lower({a},{gap}{b})"),
        11 => format!("any posts{gap}({a})"),
        _ => format!("-{a}+ {b}"),
    })
}

fn value(u: &mut Unstructured<'_>, depth: u32) -> Result<String> {
    if depth == 0 {
        return if u.arbitrary()? { path(u) } else { literal(u) };
    }
    let gap = gap(u)?;
    Ok(match u.int_in_range(0..=6)? {
        0 => object(u, depth - 1)?,
        1 => format!("[{gap}{},{gap}{} desc]", value(u, depth - 1)?, value(u, depth - 1)?),
        2 => format!("({gap}{},{gap}{} desc)", expression(u, depth)?, expression(u, depth - 1)?),
        3 => format!("f({})", expression(u, depth)?),
        4 => "DECIMAL(10, 2).UNSIGNED".to_owned(),
        _ => literal(u)?,
    })
}

fn options(u: &mut Unstructured<'_>, depth: u32) -> Result<String> {
    let mut out = "<".to_owned();
    for _ in 0..u.int_in_range(0..=3)? {
        let gap = gap(u)?;
        out += &match u.int_in_range(0..=2)? {
            0 => format!("{gap}{},", name(u)?),
            1 => format!("{gap}{}:{gap}{},", name(u)?, value(u, depth)?),
            _ => format!("{gap}{}: {} as y < z >{gap},", name(u)?, value(u, depth)?),
        };
    }
    Ok(out + gap(u)? + ">")
}

fn object(u: &mut Unstructured<'_>, depth: u32) -> Result<String> {
    let mut out = format!("{{{}", gap(u)?);
    for _ in 0..u.int_in_range(0..=4)? {
        let blank = blank(u)?;
        out += &match u.int_in_range(0..=4)? {
            0 => name(u)?,
            1 => format!("index{blank}({})", expression(u, depth)?),
            2 => format!("{}:{blank}{}", name(u)?, value(u, depth)?),
            3 => format!("\"k\": {}{}{}", value(u, depth)?, gap(u)?, options(u, depth)?),
            _ => format!("{}:{blank}{}", name(u)?, options(u, depth)?),
        };
        out += u.choose(&["\n", ",", ", ", ";", "\n\n", " // e\n", ",\n"])?;
    }
    Ok(out + "}")
}

fn sentence(u: &mut Unstructured<'_>) -> Result<String> {
    let mut out = path(u)?;
    for _ in 0..u.int_in_range(0..=2)? {
        out += &format!("{}{}", blank(u)?, path(u)?);
    }
    if u.ratio(1, 8)? {
        out = format!("let x ={}", out.split_off(0).trim_start_matches("let x ="));
    }
    if u.arbitrary()? {
        let value = value(u, 2)?;
        let direct = value.starts_with('(') && u.arbitrary()?;
        out += if direct { "" } else { blank(u)? };
        out += &value;
    }
    if u.arbitrary()? {
        out += &format!("{}{}", gap(u)?, options(u, 2)?);
    }
    Ok(out)
}

#[test]
fn sentences_together_are_the_sentences_alone() {
    seeded(COUNT, |u| {
        let mut alone = Vec::new();
        let mut text = String::new();
        for _ in 0..u.int_in_range(1..=5)? {
            let one = sentence(u)?;
            let parsed = check(&one);
            // `a.b(..)` alone is a call of JavaScript's, and told as that.
            if parsed.problems.iter().any(|it| it.code() == "E0119") {
                continue;
            }
            assert_eq!(parsed.problems, [], "{one}");
            alone.extend(meaning(&parsed.script));
            text += &one;
            text +=
                u.choose(&["\n", "\n\n", ";", " // e\n", "\r\n", "\n/* b */ ", "\n  /// d\n"])?;
        }
        let together = check(&text);
        assert_eq!(together.problems, [], "{text}");
        assert_eq!(meaning(&together.script), alone, "{text}");
        Ok(())
    });
}
