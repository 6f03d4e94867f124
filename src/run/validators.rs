//! The validators that Sequelize has, by the rules of its `validator.js`.

use crate::ir::{Validator, iso, milliseconds};
use crate::value::{Pattern, Value, write_json_document};
use smol_str::{SmolStr, ToSmolStr};
use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The regular expressions that were met, by their text and flags; none for one that is none.
pub(super) type Patterns = HashMap<(String, String), Option<Pattern>>;

/// The longest URL, as browsers have it.
const LONGEST_URL: usize = 2084;

/// The longest e-mail address.
const LONGEST_EMAIL: usize = 254;

/// The pattern of `mastercard` is anchored on one side of each alternative alone, as in `validator.js`.
const CARD: &str = r"^(?:4[0-9]{12}(?:[0-9]{3,6})?|6(?:011|5[0-9][0-9])[0-9]{12,15}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35[0-9]{3})[0-9]{11}|6[27][0-9]{14}|81[0-9]{14,17})$|^5[1-5][0-9]{2}|(?:222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}$";

/// Whether a value, which is not null, passes.
pub(super) fn passes(validator: &Validator, value: &Value, patterns: &mut Patterns) -> bool {
    let text = text_of(value);
    let text = text.as_str();
    let arguments: Vec<SmolStr> = validator.arguments.iter().map(text_of).collect();
    let first = arguments.first().map_or("", SmolStr::as_str);
    match validator.name.as_str() {
        // What can't be told passes neither.
        "is" | "regex" => matches(&arguments, text, patterns) == Some(true),
        "not" | "notRegex" => matches(&arguments, text, patterns) == Some(false),
        "isEmail" => is_email(text),
        "isUrl" => is_url(text),
        "isIP" => match first {
            "4" => is_ipv4(text),
            "6" => is_ipv6(text),
            _ => is_ipv4(text) || is_ipv6(text),
        },
        "isIPv4" => is_ipv4(text),
        "isIPv6" => is_ipv6(text),
        "isAlpha" => all(text, |it| it.is_ascii_alphabetic()),
        "isAlphanumeric" => all(text, |it| it.is_ascii_alphanumeric()),
        "isNumeric" => {
            let digits = unsigned(text);
            let (whole, fraction) = digits.split_once('.').unwrap_or(("", digits));
            (whole.is_empty() || all(whole, |it| it.is_ascii_digit()))
                && all(fraction, |it| it.is_ascii_digit())
        }
        "isInt" => all(unsigned(text), |it| it.is_ascii_digit()),
        "isFloat" => is_float(text),
        "isDecimal" => is_decimal(text),
        "isLowercase" => text == text.to_lowercase(),
        "isUppercase" => text == text.to_uppercase(),
        // Null never comes here.
        "isNull" => text.is_empty(),
        "notEmpty" => !text.chars().all(is_space),
        "equals" => text == first,
        // Nothing is in no text.
        "contains" => !first.is_empty() && text.contains(first),
        "notContains" => first.is_empty() || !text.contains(first),
        "isIn" => arguments.iter().any(|it| it == text),
        "notIn" => !arguments.iter().any(|it| it == text),
        "len" => {
            let length = text.chars().count();
            let bound = |place: usize| arguments.get(place).and_then(|it| it.parse().ok());
            length >= bound(0).unwrap_or(0) && length <= bound(1).unwrap_or(usize::MAX)
        }
        "isUUID" => is_uuid(text, first),
        "isDate" => moment(text).is_some(),
        "isAfter" => moment(text) > moment(first) && moment(text).is_some(),
        "isBefore" => moment(text).is_some_and(|it| moment(first).is_some_and(|then| it < then)),
        // What is no number has no bounds.
        "min" => {
            leading_number(text).is_none_or(|it| number(first).is_some_and(|least| it >= least))
        }
        "max" => leading_number(text).is_none_or(|it| number(first).is_some_and(|most| it <= most)),
        "isCreditCard" => is_card(text, patterns),
        "isHexadecimal" => {
            let lower = text.to_ascii_lowercase();
            let digits = lower.strip_prefix("0x").or_else(|| lower.strip_prefix("0h"));
            all(digits.unwrap_or(&lower), |it| it.is_ascii_hexdigit())
        }
        "isJSON" => matches!(value, Value::Json(_)) || is_json(text),
        // `notNull` is asked where null is.
        _ => true,
    }
}

/// A value as JavaScript's `String` has it.
fn text_of(value: &Value) -> SmolStr {
    match value {
        Value::Null => "".into(),
        Value::Bool(it) => it.to_smolstr(),
        Value::Integer(it) => it.to_smolstr(),
        Value::Float(it) => it.to_smolstr(),
        // As a number has it: without zeros at the end.
        Value::Decimal(it) if it.contains('.') && !it.contains(['e', 'E']) => {
            it.trim_end_matches('0').trim_end_matches('.').into()
        }
        Value::Decimal(it) | Value::Text(it) | Value::Json(it) => it.clone(),
        Value::Date(it) => iso(it),
        Value::Blob(it) => String::from_utf8_lossy(it).into(),
    }
}

/// Whether there are some, and all are such.
fn all(text: &str, is: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(is)
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|it: &f64| !it.is_nan())
}

/// A moment in ISO form, a year or a month alone too: its beginning. Short forms that JavaScript doesn't know are none.
fn moment(text: &str) -> Option<i64> {
    let digits = |it: &str, count: usize| it.len() == count && all(it, |it| it.is_ascii_digit());
    let is_year = digits(text, 4);
    let is_month =
        text.split_once('-').is_some_and(|(year, month)| digits(year, 4) && digits(month, 2));
    if is_year {
        return milliseconds(&format!("{text}-01-01"));
    }
    if is_month {
        return milliseconds(&format!("{text}-01"));
    }
    let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, "00:00"));
    let mut parts = time.split(':');
    let (hour, second) = (parts.next(), parts.nth(1));
    let is_whole = date.contains('-')
        && hour.is_some_and(|it| digits(it, 2))
        && time.contains(':')
        && second.is_none_or(|it| !it.starts_with("60"));
    is_whole.then(|| milliseconds(text)).flatten()
}

/// What JavaScript counts as white space.
fn is_space(it: char) -> bool {
    it == '\u{feff}' || (it.is_whitespace() && it != '\u{85}')
}

/// Whether a text matches `[pattern, flags]`; none where it can't be told.
fn matches(arguments: &[SmolStr], text: &str, patterns: &mut Patterns) -> Option<bool> {
    let argument = |place: usize| arguments.get(place).map_or("", SmolStr::as_str);
    matches_pattern(argument(0), argument(1), text, patterns)
}

fn matches_pattern(
    pattern: &str,
    flags: &str,
    text: &str,
    patterns: &mut Patterns,
) -> Option<bool> {
    let known = patterns
        .entry((pattern.to_owned(), flags.to_owned()))
        .or_insert_with_key(|(pattern, flags)| Pattern::new(pattern, flags).ok());
    known.as_ref()?.is_match(text)
}

/// The number that a text begins with, as JavaScript's `parseFloat` finds it.
fn leading_number(text: &str) -> Option<f64> {
    let text = text.trim_start();
    let digits = unsigned(text);
    if digits.starts_with("Infinity") {
        return Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    // Numbers are ASCII, so that each of their lengths is a boundary.
    let most = text.bytes().take_while(|it| it.is_ascii_digit() || b"+-.eE".contains(it)).count();
    (1..=most).rev().find_map(|it| text.get(..it)?.parse().ok())
}

/// `-1`, `.5`, `5.`, `1e-3`
fn is_decimal(text: &str) -> bool {
    let is_digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let signed = whole.strip_prefix('-');
    !text.is_empty()
        && is_digits(signed.unwrap_or(whole))
        && signed != Some("")
        && is_digits(fraction)
        && exponent.is_none_or(|it| all(unsigned(it), |it| it.is_ascii_digit()))
}

fn is_ipv4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

/// With a zone, perhaps: `fe80::1%eth0`.
fn is_ipv6(text: &str) -> bool {
    let (address, zone) = match text.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (text, None),
    };
    let letters = |it: u8| it.is_ascii_alphanumeric() || it == b'.';
    address.parse::<Ipv6Addr>().is_ok() && zone.is_none_or(|it| all(it, letters))
}

fn is_float(text: &str) -> bool {
    let digits = unsigned(text);
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (digits.get(..at).unwrap_or_default(), digits.get(at + 1..)),
        None => (digits, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    !["", ".", "+", "-"].contains(&text)
        && is_digits(whole)
        && is_digits(fraction)
        && exponent.is_none_or(|it| all(unsigned(it), |it| it.is_ascii_digit()))
}

fn is_uuid(text: &str, version: &str) -> bool {
    let bytes = text.as_bytes();
    let formed = bytes.len() == 36
        && bytes.iter().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    let nibble = bytes.get(14).copied();
    let variant = bytes.get(19).map(u8::to_ascii_lowercase);
    let is_variant = matches!(variant, Some(b'8' | b'9' | b'a' | b'b'));
    let is_one_byte =
        |it: u8| bytes.iter().all(|byte| byte.eq_ignore_ascii_case(&it) || *byte == b'-');
    formed
        && match version {
            "loose" => true,
            "" | "all" => {
                is_variant && matches!(nibble, Some(b'1'..=b'8'))
                    || is_one_byte(b'0')
                    || is_one_byte(b'f')
            }
            version => is_variant && nibble == version.bytes().next(),
        }
}

fn is_card(text: &str, patterns: &mut Patterns) -> bool {
    let digits: String = text.chars().filter(|it| !matches!(it, '-' | ' ')).collect();
    if matches_pattern(CARD, "", &digits, patterns) != Some(true) {
        return false;
    }
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|it| it.to_digit(10))
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => digit,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    sum.is_multiple_of(10)
}

fn is_json(text: &str) -> bool {
    let mut out = String::new();
    write_json_document(text, &mut out);
    out.starts_with(['{', '['])
}

/// How long a text is to JavaScript.
fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// A letter beyond ASCII that a name of a person or a country may have.
const fn is_letter_beyond(it: char) -> bool {
    matches!(it, '\u{a1}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{ffef}')
}

/// Whether it is a domain's full name.
fn is_domain(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let Some((top, [_, ..])) = parts.split_last() else {
        return false;
    };
    let is_letter = |it: char| it.is_ascii_alphabetic() || (is_letter_beyond(it) && it != '\u{a9}');
    let is_top = units(top) >= 2 && top.chars().all(is_letter)
        || top.to_ascii_lowercase().strip_prefix("xn").is_some_and(|it| {
            it.len() >= 2 && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
        });
    is_top
        && !top.contains(is_space)
        && parts.iter().all(|part| {
            let letters = |it: char| {
                let full_width = matches!(it, '\u{ff01}'..='\u{ff5e}');
                it.is_ascii_alphanumeric() || it == '-' || (it >= '\u{a1}' && !full_width)
            };
            !part.is_empty()
                && units(part) <= 63
                && part.chars().all(letters)
                && !part.starts_with('-')
                && !part.ends_with('-')
        })
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let long = units(text) > LONGEST_EMAIL || local.len() > 64 || domain.len() > 254;
    if long || !is_domain(domain) {
        return false;
    }
    if local.starts_with('"') && local.ends_with('"') {
        return is_quoted(local.get(1..local.len() - 1).unwrap_or_default());
    }
    let is_letter = |it: char| {
        it.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(it) || is_letter_beyond(it)
    };
    local.split('.').all(|it| !it.is_empty() && it.chars().all(is_letter))
}

/// What stands between the quotes of an e-mail address: no quote but behind a backslash.
fn is_quoted(text: &str) -> bool {
    let mut characters = text.chars();
    while let Some(it) = characters.next() {
        let well = match it {
            '\\' => characters.next().is_some_and(|it| {
                matches!(it, '\u{1}'..='\t' | '\u{b}'..='\u{7f}' | '\u{a0}') || is_letter_beyond(it)
            }),
            '"' | '\0' => false,
            it => it.is_ascii() || is_space(it) || it == '\u{a0}' || is_letter_beyond(it),
        };
        if !well {
            return false;
        }
    }
    true
}

/// A URL behind the protocol that it names, if it names one; none for a protocol that none has.
fn behind_protocol(url: &str) -> Option<&str> {
    let Some((protocol, rest)) = url.split_once(':') else {
        return (!url.starts_with("//")).then_some(url);
    };
    let letters = |it: u8| it.is_ascii_alphanumeric() || b"+-.".contains(&it);
    let named = protocol.starts_with(|it: char| it.is_ascii_alphabetic());
    if !named || !protocol.bytes().all(letters) {
        return (!url.starts_with("//")).then_some(url);
    }
    if !rest.starts_with("//") {
        let host = rest.split('/').next().unwrap_or_default();
        let is_login = |it: &str| {
            let letters = |it: u8| it.is_ascii_alphanumeric() || b"-_.%:".contains(&it);
            let encoded = it.as_bytes().windows(3).any(|it| {
                matches!(it, [b'%', one, two] if one.is_ascii_hexdigit() && two.is_ascii_hexdigit())
            });
            it.bytes().all(letters) && !encoded
        };
        let is_host = match host.split_once('@') {
            Some((login, _)) => is_login(login),
            None => rest.starts_with(|it: char| it.is_ascii_digit()),
        };
        if is_host {
            return Some(url);
        }
    }
    let known = ["http", "https", "ftp"];
    known
        .iter()
        .any(|it| protocol.eq_ignore_ascii_case(it))
        .then(|| rest.strip_prefix("//").unwrap_or(rest))
}

fn is_url(text: &str) -> bool {
    if text.is_empty()
        || units(text) > LONGEST_URL
        || text.contains(|it: char| is_space(it) || it == '<' || it == '>')
        || text.starts_with("mailto:")
    {
        return false;
    }
    let rest = text.split(['#', '?']).next().unwrap_or_default();
    let Some(rest) = behind_protocol(rest) else {
        return false;
    };
    let rest = rest.split('/').next().unwrap_or_default();
    let host = match rest.split_once('@') {
        Some((login, host)) => {
            if login.is_empty() || login == ":" || login.matches(':').count() > 1 {
                return false;
            }
            host
        }
        None => rest,
    };
    let (host, port) = match host.strip_prefix('[').and_then(|it| it.split_once(']')) {
        Some((address, port)) => {
            let well = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
            return well && is_ipv6(address);
        }
        None => match host.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (host, None),
        },
    };
    port.is_none_or(|it| it.is_empty() || is_port(it)) && (is_ipv4(host) || is_domain(host))
}

fn is_port(text: &str) -> bool {
    let digits = text.trim_start_matches('0');
    all(text, |it| it.is_ascii_digit()) && digits.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[track_caller]
    fn check(name: &str, arguments: &[&str], good: &[&str], bad: &[&str]) {
        let validator = Validator {
            name: name.into(),
            arguments: arguments.iter().map(|it| Value::Text((*it).into())).collect(),
            message: None,
            span: Span::default(),
        };
        let mut patterns = Patterns::default();
        let mut passes = |it: &str| passes(&validator, &Value::Text(it.into()), &mut patterns);
        for it in good {
            assert!(passes(it), "{name} refuses {it}");
        }
        for it in bad {
            assert!(!passes(it), "{name} takes {it}");
        }
    }

    #[test]
    fn texts_are_told_apart_as_by_validator_js() {
        let mail = ["a@x.org", "a.b+c@sub.x-y.co", "\"a b\"@x.org", "ü@münchen.de"];
        check("isEmail", &[], &mail, &["", "nomail", "a@b", "a..b@x.org", "a@-x.org", "a@x.o"]);
        let urls = [
            "http://x.org",
            "x.org/a?b=c",
            "ftp://u:p@x.org:21/",
            "http://1.2.3.4",
            "http://[::1]:80",
        ];
        check(
            "isUrl",
            &[],
            &urls,
            &["", "not a url", "localhost", "gopher://x.org", "//x.org", "x.org:0"],
        );
        check("isFloat", &[], &["1", "-1.5", ".5", "1.", "1e-3"], &["", ".", "x", "1e", "--1"]);
        check("isDecimal", &[], &["1", "-1.5", ".5", "1.", "1e3"], &["", "-", "+1", "1e", "x"]);
        check("isNumeric", &[], &["12", "+1.5", ".5"], &["", "1.", "x1"]);
        check("isInt", &[], &["15", "-0"], &["1.5", ""]);
        check("min", &["2"], &["2", "5abc", "abc", ""], &["1", "1.9x", "-Infinity"]);
        check("isIP", &[], &["1.2.3.4", "::1", "fe80::1%eth0"], &["1.2.3", "::1%"]);
        check("len", &["2", "3"], &["ab", "äöü"], &["a", "abcd"]);
        check("is", &["^[a-z]+$", "i"], &["ABC"], &["1"]);
        check("is", &["^(?=.*[0-9]).+$"], &["a1"], &["a"]);
        check("not", &["^(?!a)"], &["a"], &["b"]);
        check(
            "isUUID",
            &["4"],
            &["123e4567-e89b-42d3-a456-426614174000"],
            &["123e4567-e89b-12d3-a456-426614174000"],
        );
        check("isCreditCard", &[], &["4111 1111 1111 1111"], &["4111111111111112", "123"]);
        check(
            "isAfter",
            &["2022-01-01"],
            &["2023-01-01", "2022-01-01T00:00:01Z"],
            &["2021-12-31", "x"],
        );
        check("isJSON", &[], &["{\"a\": 1}", "[]"], &["1", "{a}", "\"[\""]);
        check("isHexadecimal", &[], &["0xff", "AB"], &["", "0x", "g"]);
        check("notEmpty", &[], &["x"], &["", " \t"]);
    }
}
