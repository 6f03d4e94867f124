//! Forms that a text may have (an e-mail address, a URL, a number ..), by the rules of `validator.js`.

use super::{Patterns, write_json_document};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The longest URL, as browsers have it.
const LONGEST_URL: usize = 2084;

/// The longest e-mail address.
const LONGEST_EMAIL: usize = 254;

/// The pattern of `mastercard` is anchored on one side of each alternative alone, as in `validator.js`.
const CARD: &str = r"^(?:4[0-9]{12}(?:[0-9]{3,6})?|6(?:011|5[0-9][0-9])[0-9]{12,15}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35[0-9]{3})[0-9]{11}|6[27][0-9]{14}|81[0-9]{14,17})$|^5[1-5][0-9]{2}|(?:222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}$";

/// Whether there are some, and all are such.
pub(crate) fn all(text: &str, is: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(is)
}

pub(crate) fn unsigned(text: &str) -> &str {
    text.strip_prefix(['+', '-']).unwrap_or(text)
}

pub(crate) fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|it: &f64| !it.is_nan())
}

/// What JavaScript counts as white space.
pub(crate) fn is_space(sign: char) -> bool {
    sign == '\u{feff}' || (sign.is_whitespace() && sign != '\u{85}')
}

/// The number that a text begins with, as JavaScript's `parseFloat` finds it.
pub(crate) fn leading_number(text: &str) -> Option<f64> {
    let text = text.trim_start_matches(is_space);
    let digits = unsigned(text);
    if digits.starts_with("Infinity") {
        return Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    // Numbers are ASCII, so that each of their lengths is a boundary.
    let most = text.bytes().take_while(|it| it.is_ascii_digit() || b"+-.eE".contains(it)).count();
    (1..=most).rev().find_map(|it| text.get(..it)?.parse().ok())
}

/// `-1`, `.5`, `5.`, `1e-3`
pub(crate) fn is_decimal(text: &str) -> bool {
    let is_digits = |digits: &str| digits.bytes().all(|it| it.is_ascii_digit());
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
        && exponent.is_none_or(|exponent| all(unsigned(exponent), |it| it.is_ascii_digit()))
}

pub(crate) fn is_ipv4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

/// With a zone, perhaps: `fe80::1%eth0`.
pub(crate) fn is_ipv6(text: &str) -> bool {
    let (address, zone) = match text.split_once('%') {
        Some((address, zone)) => (address, Some(zone)),
        None => (text, None),
    };
    let letters = |it: u8| it.is_ascii_alphanumeric() || it == b'.';
    address.parse::<Ipv6Addr>().is_ok() && zone.is_none_or(|it| all(it, letters))
}

pub(crate) fn is_float(text: &str) -> bool {
    let digits = unsigned(text);
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (digits.get(..at).unwrap_or_default(), digits.get(at + 1..)),
        None => (digits, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |digits: &str| digits.bytes().all(|it| it.is_ascii_digit());
    !["", ".", "+", "-"].contains(&text)
        && is_digits(whole)
        && is_digits(fraction)
        && exponent.is_none_or(|exponent| all(unsigned(exponent), |it| it.is_ascii_digit()))
}

pub(crate) fn is_uuid(text: &str, version: &str) -> bool {
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

pub(crate) fn is_card(text: &str, patterns: &mut Patterns) -> bool {
    let digits: String = text.chars().filter(|it| !matches!(it, '-' | ' ')).collect();
    // One of the patterns, as validator.js has them, looks at the first digits alone.
    let is_number = digits.bytes().all(|it| it.is_ascii_digit());
    if !is_number || patterns.is_match(CARD, "", &digits) != Some(true) {
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

pub(crate) fn is_json(text: &str) -> bool {
    let mut out = String::new();
    write_json_document(text, &mut out);
    out.starts_with(['{', '['])
}

/// How long a text is to JavaScript.
fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// A letter beyond ASCII that a name of a person or a country may have.
const fn is_letter_beyond(sign: char) -> bool {
    matches!(sign, '\u{a1}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{ffef}')
}

/// Whether it is a domain's full name.
fn is_domain(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let Some((top, [_, ..])) = parts.split_last() else {
        return false;
    };
    let is_letter = |it: char| it.is_ascii_alphabetic() || (is_letter_beyond(it) && it != '\u{a9}');
    let is_top = units(top) >= 2 && top.chars().all(is_letter)
        || top.to_ascii_lowercase().strip_prefix("xn").is_some_and(|rest| {
            rest.len() >= 2 && rest.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
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

pub(crate) fn is_email(text: &str) -> bool {
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
        let is_login = |login: &str| {
            let letters = |it: u8| it.is_ascii_alphanumeric() || b"-_.%:".contains(&it);
            let encoded = login.as_bytes().windows(3).any(|it| {
                matches!(it, [b'%', one, two] if one.is_ascii_hexdigit() && two.is_ascii_hexdigit())
            });
            login.bytes().all(letters) && !encoded
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

pub(crate) fn is_url(text: &str) -> bool {
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

/// Digits, perhaps with a sign and a fraction, as `validator.js` has them: `5.` is none.
pub(crate) fn is_numeric(text: &str) -> bool {
    let digits = unsigned(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or(("", digits));
    (whole.is_empty() || all(whole, |it| it.is_ascii_digit()))
        && all(fraction, |it| it.is_ascii_digit())
}

/// `0xff`, `AB`
pub(crate) fn is_hexadecimal(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let digits = lower.strip_prefix("0x").or_else(|| lower.strip_prefix("0h"));
    all(digits.unwrap_or(&lower), |it| it.is_ascii_hexdigit())
}

fn is_port(text: &str) -> bool {
    let digits = text.trim_start_matches('0');
    all(text, |it| it.is_ascii_digit()) && digits.parse::<u16>().is_ok()
}
