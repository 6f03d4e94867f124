//! Values, as PostgreSQL takes and gives them.
//!
//! Parameters are texts, whatever their type: the server reads them as it reads a literal in quotes. What it gives comes in its binary form.

use crate::value::{Value, moment_of, write_json_document, write_json_text};
use postgres::types::private::BytesMut;
use postgres::types::{Format, FromSql, IsNull, Kind, ToSql, Type};
use smol_str::{SmolStr, format_smolstr};
use std::error::Error;
use std::fmt::Write as _;

type Conversion<T> = Result<T, Box<dyn Error + Sync + Send>>;

/// The days from 1970 to 2000, where the server counts from.
const DAYS: i64 = 10_957;

/// The milliseconds of a day.
const DAY: i64 = 86_400_000;

/// A value as a parameter.
#[derive(Debug)]
pub(super) struct TextParameter<'a>(pub(super) &'a Value);

impl ToSql for TextParameter<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Conversion<IsNull> {
        let mut bytes = String::new();
        let text = match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Bool(it) => if *it { "true" } else { "false" }.into(),
            Value::Integer(it) => format_smolstr!("{it}"),
            Value::Float(it) => format_smolstr!("{it:?}"),
            Value::Blob(it) => {
                bytes.push_str("\\x");
                for byte in it {
                    let _ = write!(bytes, "{byte:02x}");
                }
                bytes.as_str().into()
            }
            Value::Json(it) => match kind.kind() {
                Kind::Array(_) => array_text(it).ok_or("it is no list of plain values")?.into(),
                Kind::Range(_) => range_text(it).into(),
                _ => it.clone(),
            },
            Value::Decimal(it) | Value::Text(it) | Value::Date(it) => it.clone(),
        };
        out.extend_from_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    fn to_sql_checked(&self, kind: &Type, out: &mut BytesMut) -> Conversion<IsNull> {
        self.to_sql(kind, out)
    }
}

/// `{"a","b"}` of `["a","b"]`: the same but for the brackets, where its members are no lists or documents.
fn array_text(json: &str) -> Option<String> {
    let members = json.strip_prefix('[')?.strip_suffix(']')?;
    let (mut inside, mut escaped) = (false, false);
    for it in members.chars() {
        if inside {
            inside = escaped || it != '"';
            escaped = !escaped && it == '\\';
        } else if matches!(it, '[' | '{') {
            return None;
        } else {
            inside = it == '"';
        }
    }
    // `\n` and its like mean the letter itself there.
    (!members.contains("\\n") && !members.contains("\\u") && !members.contains("\\t"))
        .then(|| format!("{{{members}}}"))
}

/// `[1,2)` of `[1,2]`: a range has its lower end and not its upper one.
fn range_text(json: &str) -> String {
    let ends = json.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    ends.map_or_else(|| json.to_owned(), |ends| format!("[{})", ends.replace("null", "")))
}

/// A column of a row.
pub(super) struct CellValue(pub(super) Value);

impl<'a> FromSql<'a> for CellValue {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Conversion<Self> {
        value(kind, raw).map(Self)
    }

    fn from_sql_null(_: &Type) -> Conversion<Self> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn value(kind: &Type, raw: &[u8]) -> Conversion<Value> {
    match kind.kind() {
        Kind::Simple | Kind::Pseudo => {}
        Kind::Enum(_) => return text(raw),
        Kind::Domain(of) => return value(of, raw),
        Kind::Array(of) => {
            let mut out = String::new();
            array(of, raw, &mut out).ok_or("it is a broken array")??;
            return Ok(Value::Json(out.into()));
        }
        _ => return Err(unreadable(kind)),
    }
    Ok(match *kind {
        Type::BOOL => Value::Bool(bool::from_sql(kind, raw)?),
        Type::INT2 => Value::Integer(i16::from_sql(kind, raw)?.into()),
        Type::INT4 => Value::Integer(i32::from_sql(kind, raw)?.into()),
        Type::INT8 => Value::Integer(i64::from_sql(kind, raw)?),
        Type::OID => Value::Integer(u32::from_sql(kind, raw)?.into()),
        Type::FLOAT4 => {
            // As many digits as it has, and none that comes from its being stored in fewer bits.
            let it = f32::from_sql(kind, raw)?;
            Value::Float(format!("{it}").parse().unwrap_or_else(|_| it.into()))
        }
        Type::FLOAT8 => Value::Float(f64::from_sql(kind, raw)?),
        Type::BYTEA => Value::Blob(raw.into()),
        Type::NUMERIC => numeric(raw).ok_or("it is a broken number")?,
        Type::TIMESTAMPTZ | Type::TIMESTAMP => {
            let since = long(raw).ok_or("it is a broken moment")?;
            let whole = since.div_euclid(1000).saturating_add(DAYS * DAY);
            Value::Text(moment_of(whole).ok_or("it is no moment between the years 1 and 9999")?)
        }
        Type::DATE => {
            let days = int(raw).ok_or("it is a broken date")?;
            let day = moment_of((i64::from(days) + DAYS) * DAY);
            let day = day.as_deref().and_then(|it| it.get(..10));
            Value::Text(day.ok_or("it is no day between the years 1 and 9999")?.into())
        }
        Type::TIME => Value::Text(time(long(raw).ok_or("it is a broken time")?)),
        Type::UUID => Value::Text(uuid(raw)),
        Type::JSON => document(raw)?,
        Type::JSONB => document(raw.get(1..).unwrap_or_default())?,
        Type::INET | Type::CIDR => Value::Text(address(raw).ok_or("it is a broken address")?),
        Type::MACADDR => Value::Text(bytes_between(raw, ":").into()),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::XML => {
            return text(raw);
        }
        Type::CHAR => return text(raw),
        Type::VOID => Value::Null,
        _ if kind.name() == "citext" => return text(raw),
        _ => return Err(unreadable(kind)),
    })
}

fn unreadable(kind: &Type) -> Box<dyn Error + Sync + Send> {
    format!("values of type {} can't be read yet; a CAST to text can", kind.name()).into()
}

fn text(raw: &[u8]) -> Conversion<Value> {
    Ok(Value::Text(std::str::from_utf8(raw)?.into()))
}

/// A document, without the white space between its parts.
fn document(raw: &[u8]) -> Conversion<Value> {
    let mut out = String::with_capacity(raw.len());
    write_json_document(std::str::from_utf8(raw)?, &mut out);
    Ok(Value::Text(out.into()))
}

fn short(raw: &[u8], place: usize) -> Option<i16> {
    Some(i16::from_be_bytes(raw.get(place..place + 2)?.try_into().ok()?))
}

fn int(raw: &[u8]) -> Option<i32> {
    Some(i32::from_be_bytes(raw.get(..4)?.try_into().ok()?))
}

fn long(raw: &[u8]) -> Option<i64> {
    Some(i64::from_be_bytes(raw.get(..8)?.try_into().ok()?))
}

/// A NUMERIC: digits of base 10,000, the power of the first, a sign, and how many decimals are shown.
fn numeric(raw: &[u8]) -> Option<Value> {
    let digits = usize::try_from(short(raw, 0)?).ok()?;
    let (first, sign, scale) = (short(raw, 2)?, short(raw, 4)?, short(raw, 6)?);
    match sign.cast_unsigned() {
        0 | 0x4000 => {}
        0xc000 => return Some(Value::Float(f64::NAN)),
        0xd000 => return Some(Value::Float(f64::INFINITY)),
        0xf000 => return Some(Value::Float(f64::NEG_INFINITY)),
        _ => return None,
    }
    let digit = |power: i16| {
        let place = usize::try_from(first.checked_sub(power)?).ok()?;
        short(raw, 8 + 2 * place).filter(|_| place < digits)
    };
    let digit = |power: i16| digit(power).unwrap_or(0);
    let mut out = String::from(if sign == 0x4000 { "-" } else { "" });
    if first < 0 {
        out.push('0');
    }
    for power in (0..=first.max(-1)).rev() {
        let width = if power == first { 0 } else { 4 };
        let _ = write!(out, "{:0width$}", digit(power));
    }
    let scale = usize::try_from(scale).ok()?;
    if scale > 0 {
        out.push('.');
        let end = out.len() + scale;
        let mut power = -1;
        while out.len() < end {
            let _ = write!(out, "{:04}", digit(power));
            power -= 1;
        }
        out.truncate(end);
    }
    Some(Value::Decimal(out.into()))
}

/// `12:00:00`, with a fraction where there is one.
fn time(microseconds: i64) -> SmolStr {
    let (seconds, below) = (microseconds.div_euclid(1_000_000), microseconds.rem_euclid(1_000_000));
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let whole = format_smolstr!("{hours:02}:{minutes:02}:{seconds:02}");
    if below == 0 {
        return whole;
    }
    let fraction = format!("{below:06}");
    format_smolstr!("{whole}.{}", fraction.trim_end_matches('0'))
}

fn uuid(raw: &[u8]) -> SmolStr {
    let mut out = String::with_capacity(36);
    for (place, byte) in raw.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        let _ = write!(out, "{byte:02x}");
    }
    out.into()
}

fn bytes_between(raw: &[u8], between: &str) -> String {
    let each: Vec<_> = raw.iter().map(|it| format!("{it:02x}")).collect();
    each.join(between)
}

/// `192.168.0.0/16`: its family, its bits, whether it is a network, how many bytes it has, and these.
fn address(raw: &[u8]) -> Option<SmolStr> {
    let [_, bits, network, _, bytes @ ..] = raw else {
        return None;
    };
    let (address, all) = match <[u8; 4]>::try_from(bytes) {
        Ok(it) => (std::net::IpAddr::from(it), 32),
        Err(_) => (std::net::IpAddr::from(<[u8; 16]>::try_from(bytes).ok()?), 128),
    };
    Some(if *network == 0 && *bits == all {
        format_smolstr!("{address}")
    } else {
        format_smolstr!("{address}/{bits}")
    })
}

/// An array as a JSON list; a list of lists where it has more dimensions. None where it is broken.
fn array(of: &Type, raw: &[u8], out: &mut String) -> Option<Conversion<()>> {
    let dimensions = usize::try_from(int(raw)?).ok()?;
    let mut rest = raw.get(12..)?;
    let mut lengths = Vec::new();
    for _ in 0..dimensions {
        lengths.push(usize::try_from(int(rest)?).ok()?);
        rest = rest.get(8..)?;
    }
    if lengths.is_empty() {
        out.push_str("[]");
        return Some(Ok(()));
    }
    members(of, &lengths, &mut rest, out)
}

fn members(
    of: &Type,
    lengths: &[usize],
    rest: &mut &[u8],
    out: &mut String,
) -> Option<Conversion<()>> {
    let Some((length, inner)) = lengths.split_first() else {
        let size = int(rest)?;
        *rest = rest.get(4..)?;
        let Ok(size) = usize::try_from(size) else {
            out.push_str("null");
            return Some(Ok(()));
        };
        let (own, behind) = rest.split_at_checked(size)?;
        *rest = behind;
        return Some(value(of, own).map(|it| write_member(&it, out)));
    };
    out.push('[');
    for place in 0..*length {
        if place > 0 {
            out.push(',');
        }
        if let Err(error) = members(of, inner, rest, out)? {
            return Some(Err(error));
        }
    }
    out.push(']');
    Some(Ok(()))
}

fn write_member(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(it) => out.push_str(if *it { "true" } else { "false" }),
        Value::Integer(it) => out.push_str(&it.to_string()),
        Value::Float(it) if it.is_finite() => out.push_str(&format_smolstr!("{it:?}")),
        Value::Float(it) => write_json_text(&it.to_string(), out),
        Value::Decimal(it) | Value::Json(it) => out.push_str(it),
        Value::Text(it) | Value::Date(it) => write_json_text(it, out),
        Value::Blob(it) => write_json_text(&bytes_between(it, ""), out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(digits: &[i16], [first, sign, scale]: [i16; 3], expected: &str) {
        let count = i16::try_from(digits.len()).unwrap();
        let all = [count, first, sign, scale];
        let raw: Vec<u8> = all.iter().chain(digits).flat_map(|it| it.to_be_bytes()).collect();
        assert_eq!(numeric(&raw), Some(Value::Decimal(expected.into())));
    }

    #[test]
    fn numbers_have_the_digits_that_the_server_shows() {
        check(&[], [0, 0, 0], "0");
        check(&[], [0, 0, 2], "0.00");
        check(&[1, 2345], [1, 0, 0], "12345");
        check(&[1], [1, 0, 0], "10000");
        check(&[44, 4000], [0, 0, 16], "44.4000000000000000");
        check(&[12, 3000], [0, 0x4000, 2], "-12.30");
        check(&[5], [-2, 0, 8], "0.00000005");
    }

    #[test]
    fn lists_become_arrays() {
        assert_eq!(array_text(r#"["a,\"b",1,null]"#).as_deref(), Some(r#"{"a,\"b",1,null}"#));
        assert_eq!(array_text(r#"["[a]"]"#).as_deref(), Some(r#"{"[a]"}"#));
        assert_eq!(array_text("[[1]]"), None);
        assert_eq!(array_text("1"), None);
        assert_eq!(range_text("[1,null]"), "[1,)");
    }
}
