//! Values, as MariaDB and MySQL take and give them: in the binary form of prepared statements.

use crate::value::Value;
use mysql::consts::{ColumnFlags, ColumnType};
use mysql::{Column, Row};
use smol_str::{SmolStr, format_smolstr};

/// The number of what is no text but bytes, among character sets.
const BINARY: u16 = 63;

/// `2022-01-16 12:00:00.000` as the server's own value.
fn moment(text: &str) -> Option<mysql::Value> {
    let (day, time) = text.split_once(' ')?;
    let mut day = day.splitn(3, '-');
    let (year, month, date) = (day.next()?, day.next()?, day.next()?);
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut time = time.splitn(3, ':');
    let (hour, minute, second) = (time.next()?, time.next()?, time.next()?);
    let micros = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    Some(mysql::Value::Date(
        year.parse().ok()?,
        month.parse().ok()?,
        date.parse().ok()?,
        hour.parse().ok()?,
        minute.parse().ok()?,
        second.parse().ok()?,
        micros,
    ))
}

/// A value as a parameter.
pub(super) fn parameter(value: &Value) -> mysql::Value {
    use mysql::Value as Given;
    match value {
        Value::Null => Given::NULL,
        Value::Bool(it) => Given::Int(i64::from(*it)),
        Value::Integer(it) => Given::Int(*it),
        Value::Float(it) => Given::Double(*it),
        // They know no offset; the moment is in UTC.
        // As a moment, not as its text: `coalesce(at, ?)` is what its parts are.
        Value::Date(it) => {
            let text = it.strip_suffix(" +00:00").unwrap_or(it);
            moment(text).unwrap_or_else(|| Given::Bytes(text.into()))
        }
        Value::Decimal(it) | Value::Text(it) | Value::Json(it) => {
            Given::Bytes(it.as_bytes().into())
        }
        Value::Blob(it) => Given::Bytes(it.to_vec()),
    }
}

/// The values of a row.
pub(super) fn read(row: &Row, into: &mut Vec<Value>) -> Result<(), String> {
    into.clear();
    for (place, column) in row.columns_ref().iter().enumerate() {
        into.push(match row.as_ref(place) {
            Some(it) => value(column, it)?,
            None => Value::Null,
        });
    }
    Ok(())
}

fn value(column: &Column, found: &mysql::Value) -> Result<Value, String> {
    use mysql::Value as Found;
    Ok(match found {
        Found::NULL => Value::Null,
        Found::Int(it) => Value::Integer(*it),
        Found::UInt(it) => match i64::try_from(*it) {
            Ok(it) => Value::Integer(it),
            Err(_) => Value::Decimal(format_smolstr!("{it}")),
        },
        // As many digits as it has, and none that comes from its being stored in fewer bits.
        Found::Float(it) => Value::Float(format!("{it}").parse().unwrap_or_else(|_| (*it).into())),
        Found::Double(it) => Value::Float(*it),
        Found::Bytes(bytes) => of_bytes(column, bytes)?,
        Found::Date(year, month, day, hour, minute, second, micros) => {
            let mut out = format!("{year:04}-{month:02}-{day:02}");
            if column.column_type() != ColumnType::MYSQL_TYPE_DATE {
                let thousandths = micros / 1000;
                let time = format!("{hour:02}:{minute:02}:{second:02}.{thousandths:03}");
                out = format!("{out} {time} +00:00");
            }
            Value::Text(out.into())
        }
        Found::Time(negative, days, hours, minutes, seconds, micros) => {
            let sign = if *negative { "-" } else { "" };
            let hours = u32::from(*hours) + 24 * days;
            let whole = format_smolstr!("{sign}{hours:02}:{minutes:02}:{seconds:02}");
            Value::Text(with_fraction(whole, *micros))
        }
    })
}

/// `12:00:00`, with a fraction where there is one.
fn with_fraction(whole: SmolStr, micros: u32) -> SmolStr {
    if micros == 0 {
        return whole;
    }
    let fraction = format!("{micros:06}");
    format_smolstr!("{whole}.{}", fraction.trim_end_matches('0'))
}

fn of_bytes(column: &Column, bytes: &[u8]) -> Result<Value, String> {
    let kind = column.column_type();
    if kind == ColumnType::MYSQL_TYPE_BIT {
        let number = bytes.iter().try_fold(0_i64, |sum, it| {
            sum.checked_mul(256).and_then(|sum| sum.checked_add(i64::from(*it)))
        });
        return Ok(number.map_or_else(|| Value::Blob(bytes.into()), Value::Integer));
    }
    let is_decimal =
        matches!(kind, ColumnType::MYSQL_TYPE_NEWDECIMAL | ColumnType::MYSQL_TYPE_DECIMAL);
    // A document is no bytes, though some servers say it is.
    let is_text = is_decimal
        || kind == ColumnType::MYSQL_TYPE_JSON
        || column.flags().intersects(ColumnFlags::ENUM_FLAG | ColumnFlags::SET_FLAG);
    if column.character_set() == BINARY && !is_text {
        return Ok(Value::Blob(bytes.into()));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| format!("a text of the column `{}` isn't UTF-8", column.name_str()))?;
    Ok(if is_decimal { Value::Decimal(text.into()) } else { Value::Text(text.into()) })
}
