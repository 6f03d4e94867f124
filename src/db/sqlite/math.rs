//! SQLite's mathematical functions, which the SQLite that comes with the library is built without. They are what SQLite's own
//! are: of anything but a number they are null, and so is what has no value.

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result};
use std::f64::consts;

type UnaryFunction = fn(f64) -> f64;
type BinaryFunction = fn(f64, f64) -> f64;

/// Functions of one number.
const OF_ONE: [(&str, UnaryFunction); 20] = [
    ("acos", f64::acos),
    ("acosh", f64::acosh),
    ("asin", f64::asin),
    ("asinh", f64::asinh),
    ("atan", f64::atan),
    ("atanh", f64::atanh),
    ("cos", f64::cos),
    ("cosh", f64::cosh),
    ("degrees", |it| it * (180.0 / consts::PI)),
    ("exp", f64::exp),
    ("ln", |it| positive(it).ln()),
    ("log", |it| positive(it).log10()),
    ("log10", |it| positive(it).log10()),
    ("log2", |it| positive(it).log2()),
    ("radians", |it| it * (consts::PI / 180.0)),
    ("sin", f64::sin),
    ("sinh", f64::sinh),
    ("sqrt", f64::sqrt),
    ("tan", f64::tan),
    ("tanh", f64::tanh),
];

/// Functions that leave an integer as it is.
const ROUNDING: [(&str, UnaryFunction); 4] =
    [("ceil", f64::ceil), ("ceiling", f64::ceil), ("floor", f64::floor), ("trunc", f64::trunc)];

/// Functions of two numbers.
const OF_TWO: [(&str, BinaryFunction); 5] = [
    ("atan2", f64::atan2),
    ("log", |base, it| match positive(base).ln() {
        by if by > 0.0 => positive(it).ln() / by,
        _ => f64::NAN,
    }),
    ("mod", |one, two| one % two),
    ("pow", f64::powf),
    ("power", f64::powf),
];

/// Gives `connection` the functions.
pub(super) fn add(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("pi", 0, flags, |_| Ok(consts::PI))?;
    for (name, function) in OF_ONE {
        connection.create_scalar_function(name, 1, flags, move |context| {
            Ok(number(context, 0).map(function).and_then(known))
        })?;
    }
    for (name, function) in ROUNDING {
        connection.create_scalar_function(name, 1, flags, move |context| {
            Ok(match context.get_raw(0) {
                ValueRef::Integer(it) => Value::Integer(it),
                _ => match number(context, 0).map(function).and_then(known) {
                    Some(it) => Value::Real(it),
                    None => Value::Null,
                },
            })
        })?;
    }
    for (name, function) in OF_TWO {
        connection.create_scalar_function(name, 2, flags, move |context| {
            let both = number(context, 0).zip(number(context, 1));
            Ok(both.map(|(one, two)| function(one, two)).and_then(known))
        })?;
    }
    Ok(())
}

/// What a logarithm is of.
fn positive(number: f64) -> f64 {
    if number > 0.0 { number } else { f64::NAN }
}

/// What SQLite keeps: anything but "no number".
fn known(number: f64) -> Option<f64> {
    (!number.is_nan()).then_some(number)
}

/// An argument that is a number, or the text of one.
fn number(context: &Context<'_>, place: usize) -> Option<f64> {
    match context.get_raw(place) {
        #[expect(clippy::cast_precision_loss, reason = "as SQLite does")]
        ValueRef::Integer(it) => Some(it as f64),
        ValueRef::Real(it) => Some(it),
        ValueRef::Text(text) => {
            let text = std::str::from_utf8(text).ok()?.trim();
            let plain = |it: u8| it.is_ascii_digit() || b"+-.eE".contains(&it);
            text.bytes().all(plain).then(|| text.parse().ok()).flatten()
        }
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}
