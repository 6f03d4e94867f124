//! Types, from how they are written.

use super::{Context, Entity};
use crate::ast;
use crate::diagnostics::{CheckProblem, Help, SyntaxProblem};
use crate::ir::{
    BareWord, DataType, Decimal, Enumeration, Float, FloatKind, Foreign, Integer, IntegerWidth,
    Size,
};
use crate::source::Span;
use crate::verbs;
use crate::verbs::Verb;
use crate::words;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::sync::Arc;

/// The names of all types, for "did you mean".
const NAMES: [&str; 37] = [
    "STRING",
    "CHAR",
    "TEXT",
    "CITEXT",
    "INTEGER",
    "TINYINT",
    "SMALLINT",
    "MEDIUMINT",
    "BIGINT",
    "FLOAT",
    "REAL",
    "DOUBLE",
    "DECIMAL",
    "NUMERIC",
    "BOOLEAN",
    "DATE",
    "DATEONLY",
    "TIME",
    "UUID",
    "BLOB",
    "ENUM",
    "JSON",
    "JSONB",
    "VIRTUAL",
    "ARRAY",
    "RANGE",
    "HSTORE",
    "GEOMETRY",
    "GEOGRAPHY",
    "CIDR",
    "INET",
    "MACADDR",
    "TSVECTOR",
    "VARCHAR",
    "INT",
    "DATETIME",
    "BOOL",
];

/// How many of them are no types, and only meant as one.
const MEANT: usize = 4;

/// The names of all types.
pub fn type_names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().copied().take(NAMES.len() - MEANT)
}

/// A type as written: its name, its arguments, what follows them.
struct Written<'a> {
    name: &'a str,
    span: Span,
    arguments: &'a [ast::Value],
    /// Whether there are brackets.
    called: bool,
    suffixes: Vec<&'a ast::Word>,
}

impl<'a> Context<'a> {
    /// The type that `value` stands for.
    pub(super) fn data_type(&mut self, value: &'a ast::Value) -> Option<DataType> {
        let written = match &value.kind {
            ast::ValueKind::Sql(text) => return Some(DataType::Raw(text.clone())),
            ast::ValueKind::Name(word) => {
                if let Some(found) = plain(&word.text) {
                    return Some(found);
                }
                if let Some((Entity::Enum(index), _)) = self.entities.get(&word.text) {
                    return self
                        .schema
                        .enumerations
                        .get(*index)
                        .map(|it| DataType::Enum(it.clone()));
                }
                Written {
                    name: &word.text,
                    span: word.span,
                    arguments: &[],
                    called: false,
                    suffixes: vec![],
                }
            }
            ast::ValueKind::Path(path) => {
                let mut suffixes = Vec::new();
                for step in &path.tail {
                    if let ast::Step::Name(word) = step {
                        suffixes.push(word);
                    }
                }
                if suffixes.len() != path.tail.len() {
                    self.no_type(value);
                    return None;
                }
                Written {
                    name: &path.head.text,
                    span: path.head.span,
                    arguments: &[],
                    called: false,
                    suffixes,
                }
            }
            ast::ValueKind::Call(call) if !call.distinct => Written {
                name: &call.name.text,
                span: call.name.span,
                arguments: &call.arguments,
                called: true,
                suffixes: call.suffixes.iter().collect(),
            },
            _ => {
                self.no_type(value);
                return None;
            }
        };
        self.written_type(&written, value.span)
    }

    fn no_type(&mut self, value: &ast::Value) {
        let help = if let ast::ValueKind::Object(_) = value.kind {
            "the type comes first, then options: `name: STRING < allowNull: false >`"
        } else {
            "a type is a word, `STRING`, perhaps with arguments and a suffix: `INTEGER(10).UNSIGNED`; or raw: sql`VARCHAR(7)`"
        };
        self.report(CheckProblem::TypeArguments {
            message: "this is no type".into(),
            at: value.span,
            label: format!("this is {}", verbs::describe(&value.kind)),
            help: Some(help.into()),
        });
    }

    fn written_type(&mut self, it: &Written<'a>, span: Span) -> Option<DataType> {
        let mut suffixes = Suffixes::default();
        let (found, allowed): (DataType, &[&str]) = match it.name {
            "STRING" | "CHAR" => {
                let length = self.numbers(it, 1, "a length: `STRING(80)`")?.first().copied();
                if length == Some(0) {
                    self.bad_arguments(it, "a length of at least 1");
                    return None;
                }
                self.suffixes(it, &["BINARY"], &mut suffixes)?;
                let binary = suffixes.binary;
                let data_type = if it.name == "STRING" {
                    DataType::String { length, binary }
                } else {
                    DataType::Char { length, binary }
                };
                return Some(data_type);
            }
            "TEXT" => (DataType::Text(self.size(it)?), &[]),
            "BLOB" => (DataType::Blob(self.size(it)?), &[]),
            "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INTEGER" | "BIGINT" => {
                let length =
                    self.numbers(it, 1, "a display width: `INTEGER(11)`")?.first().copied();
                self.suffixes(it, &["UNSIGNED", "ZEROFILL"], &mut suffixes)?;
                let width = match it.name {
                    "TINYINT" => IntegerWidth::Tiny,
                    "SMALLINT" => IntegerWidth::Small,
                    "MEDIUMINT" => IntegerWidth::Medium,
                    "BIGINT" => IntegerWidth::Big,
                    _ => IntegerWidth::Normal,
                };
                return Some(DataType::Integer(Integer {
                    width,
                    length,
                    unsigned: suffixes.unsigned,
                    zerofill: suffixes.zerofill,
                }));
            }
            "FLOAT" | "REAL" | "DOUBLE" => {
                let numbers = self.numbers(it, 2, "a length and decimals: `FLOAT(11, 2)`")?;
                self.suffixes(it, &["UNSIGNED", "ZEROFILL"], &mut suffixes)?;
                let kind = match it.name {
                    "FLOAT" => FloatKind::Float,
                    "REAL" => FloatKind::Real,
                    _ => FloatKind::Double,
                };
                return Some(DataType::Float(Float {
                    kind,
                    length: numbers.first().copied(),
                    decimals: numbers.get(1).copied(),
                    unsigned: suffixes.unsigned,
                    zerofill: suffixes.zerofill,
                }));
            }
            "DECIMAL" | "NUMERIC" => {
                let numbers = self.numbers(it, 2, "a precision and a scale: `DECIMAL(10, 2)`")?;
                let (precision, scale) = (numbers.first().copied(), numbers.get(1).copied());
                if precision == Some(0) || scale > precision {
                    self.bad_arguments(
                        it,
                        "a precision of at least 1, and a scale that is not larger",
                    );
                    return None;
                }
                self.suffixes(it, &["UNSIGNED", "ZEROFILL"], &mut suffixes)?;
                return Some(DataType::Decimal(Decimal {
                    precision,
                    scale,
                    unsigned: suffixes.unsigned,
                    zerofill: suffixes.zerofill,
                }));
            }
            "DATE" => {
                let digits = self
                    .numbers(it, 1, "the digits of a second's fraction: `DATE(6)`")?
                    .first()
                    .copied();
                if digits > Some(6) {
                    self.bad_arguments(it, "at most 6 digits of a second's fraction");
                    return None;
                }
                (DataType::Date(digits), &[])
            }
            "ENUM" => (self.enumeration(it)?, &[]),
            "ARRAY" | "RANGE" => {
                let [inner] = it.arguments else {
                    self.bad_arguments(it, "the type of its members: `ARRAY(STRING)`");
                    return None;
                };
                let inner = Box::new(self.data_type(inner)?);
                let foreign =
                    if it.name == "ARRAY" { Foreign::Array(inner) } else { Foreign::Range(inner) };
                (DataType::Foreign(foreign), &[])
            }
            "GEOMETRY" | "GEOGRAPHY" => (self.geometry(it)?, &[]),
            name => {
                let Some(found) = plain(name) else {
                    self.unknown_type(it);
                    return None;
                };
                if it.called {
                    self.report(CheckProblem::TypeArguments {
                        message: format!("`{name}` takes no argument"),
                        at: span,
                        label: "arguments here".into(),
                        help: Some(format!("write `{name}`").into()),
                    });
                    return None;
                }
                (found, &[])
            }
        };
        self.suffixes(it, allowed, &mut suffixes)?;
        Some(found)
    }

    fn unknown_type(&mut self, it: &Written<'_>) {
        if self.may_be_declared(it.name) {
            return;
        }
        let enums: Vec<SmolStr> =
            self.schema.enumerations.iter().filter_map(|it| it.name.clone()).collect();
        if let Some((Entity::Enum(_), _)) = self.entities.get(it.name) {
            return self.report(CheckProblem::TypeArguments {
                message: format!("the enumeration `{}` takes nothing behind it", it.name),
                at: it.span,
                label: "declared with its members".into(),
                help: Some(format!("write `{}`", it.name).into()),
            });
        }
        if let Some(verb) = verbs::only_second(it.name).map(Verb::facts) {
            return self.report(CheckProblem::UnknownType {
                name: it.name.to_owned(),
                at: it.span,
                help: Some(
                    format!(
                        "`{}` makes a sentence of its own, outside of the braces: `{}`",
                        verb.name, verb.usage
                    )
                    .into(),
                ),
            });
        }
        if let [name, ..] = it.suffixes.as_slice()
            && NAMES.contains(&name.text.as_str())
        {
            return self.report(CheckProblem::UnknownType {
                name: it.name.to_owned(),
                at: it.span,
                help: Some(format!("types stand alone: write `{}`", name.text).into()),
            });
        }
        let known = NAMES.iter().copied().chain(enums.iter().map(SmolStr::as_str));
        let own = |name: &str| match name {
            "VARCHAR" => Some("STRING"),
            "INT" => Some("INTEGER"),
            "DATETIME" | "TIMESTAMP" => Some("DATE"),
            "BOOL" => Some("BOOLEAN"),
            _ => None,
        };
        let name = it.name.to_ascii_uppercase();
        let help = match name.as_str() {
            "NOW" => "NOW is a default value: `createdAt: DATE < defaultValue: now() >`".into(),
            "UUIDV4" | "UUIDV1" => "that is a default value: `id: UUID < defaultValue: uuid() >`".into(),
            "NUMBER" => "write `INTEGER`, or `DECIMAL(10, 2)` for numbers with decimals".into(),
            "ID" | "SERIAL" => "an `id` comes by itself; written out it is `id: INTEGER < primaryKey, autoIncrement >`".into(),
            "VARCHAR" if it.called => Help::write(it.span, "STRING").said("write `STRING(n)`".into()),
            "VARCHAR" => "write `STRING(n)`".into(),
            name => match (own(name), self.nearest(it.name, known)) {
                (Some(own), _) => Help::write(it.span, own),
                (None, Some(nearest)) => Help::name(it.span, own(nearest).unwrap_or(nearest)),
                (None, None) => "a type is one of STRING, TEXT, INTEGER, BIGINT, FLOAT, DECIMAL, BOOLEAN, DATE, DATEONLY, UUID, BLOB, ENUM(..), JSON and the like, the name of an `enum`, or raw: sql`..`".into(),
            },
        };
        self.report(CheckProblem::UnknownType {
            name: it.name.to_owned(),
            at: it.span,
            help: Some(help),
        });
    }

    fn bad_arguments(&mut self, it: &Written<'_>, takes: &str) {
        let at = match (it.arguments.first(), it.arguments.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => it.span,
        };
        let label = match it.arguments {
            [] if it.called => "nothing in the brackets".to_owned(),
            [] => "needs arguments".to_owned(),
            [one] => format!("this is {}", verbs::describe(&one.kind)),
            more => format!("these are {} arguments", more.len()),
        };
        self.report(CheckProblem::TypeArguments {
            message: format!("`{}` takes {takes}", it.name),
            at,
            label,
            help: None,
        });
    }

    /// The arguments, at most `most` whole numbers.
    fn numbers(&mut self, it: &Written<'_>, most: usize, takes: &str) -> Option<Vec<u32>> {
        let mut numbers = Vec::new();
        for argument in it.arguments {
            match argument.kind {
                ast::ValueKind::Integer(number) if u32::try_from(number).is_ok() => {
                    numbers.extend(u32::try_from(number).ok());
                }
                _ => {
                    self.bad_arguments(it, takes);
                    return None;
                }
            }
        }
        if numbers.len() > most || (it.called && numbers.is_empty()) {
            self.bad_arguments(it, takes);
            return None;
        }
        Some(numbers)
    }

    #[expect(
        clippy::option_option,
        reason = "none after a mistake, none inside where no size is given"
    )]
    fn size(&mut self, it: &Written<'_>) -> Option<Option<Size>> {
        let [argument] = it.arguments else {
            if it.called {
                self.bad_arguments(it, "one of tiny, medium and long");
                return None;
            }
            return Some(None);
        };
        let size = match &argument.kind {
            ast::ValueKind::Name(ast::Word { text, .. }) | ast::ValueKind::Text(text) => {
                match text.as_str() {
                    "tiny" => Some(Size::Tiny),
                    "medium" => Some(Size::Medium),
                    "long" => Some(Size::Long),
                    _ => None,
                }
            }
            _ => None,
        };
        if size.is_none() {
            self.bad_arguments(it, "one of tiny, medium and long");
            return None;
        }
        Some(size)
    }

    fn enumeration(&mut self, it: &Written<'a>) -> Option<DataType> {
        let mut members = Vec::new();
        for argument in it.arguments {
            match &argument.kind {
                ast::ValueKind::Name(word) => members.push((word.text.clone(), word.span)),
                ast::ValueKind::Text(text) => members.push((text.clone(), argument.span)),
                // Words that mean something in expressions are words here.
                ast::ValueKind::Bool(value) => {
                    members.push((SmolStr::new(value.to_string()), argument.span));
                }
                ast::ValueKind::Phrase(phrase) => {
                    if let Some(word) = phrase.words.first() {
                        self.problems.push(
                            SyntaxProblem::MissingComma {
                                found: format!("`{}`", word.text),
                                at: word.span,
                                help: "separate the two with `,`".into(),
                            }
                            .into(),
                        );
                    }
                    return None;
                }
                _ => {
                    self.bad_arguments(it, "words or texts: `ENUM(draft, paid)`");
                    return None;
                }
            }
        }
        let members = self.enum_members(members, it.span);
        if members.is_empty() {
            return None;
        }
        Some(DataType::Enum(Arc::new(Enumeration { name: None, members, doc: None })))
    }

    fn geometry(&mut self, it: &Written<'_>) -> Option<DataType> {
        let mut shape = None;
        let mut srid = None;
        for (place, argument) in it.arguments.iter().enumerate() {
            match &argument.kind {
                ast::ValueKind::Name(ast::Word { text, .. }) | ast::ValueKind::Text(text)
                    if place == 0 && BareWord::new(text).is_some() =>
                {
                    shape = BareWord::new(text);
                }
                ast::ValueKind::Integer(number) if place == 1 && u32::try_from(*number).is_ok() => {
                    srid = u32::try_from(*number).ok();
                }
                _ => {
                    self.bad_arguments(it, "a shape and an SRID: `GEOMETRY(POINT, 4326)`");
                    return None;
                }
            }
        }
        Some(DataType::Foreign(if it.name == "GEOMETRY" {
            Foreign::Geometry(shape, srid)
        } else {
            Foreign::Geography(shape, srid)
        }))
    }

    /// Reads the suffixes, of which `allowed` may be there.
    fn suffixes(&mut self, it: &Written<'_>, allowed: &[&str], into: &mut Suffixes) -> Option<()> {
        for word in &it.suffixes {
            let known = allowed.contains(&word.text.as_str());
            let seen = match word.text.as_str() {
                "BINARY" if known => &mut into.binary,
                "UNSIGNED" if known => &mut into.unsigned,
                "ZEROFILL" if known => &mut into.zerofill,
                _ => {
                    let help = match words::nearest(&word.text, allowed.iter().copied()) {
                        Some(nearest) => Some(Help::name(word.span, nearest)),
                        None if allowed.is_empty() => None,
                        None => Some(
                            format!("it takes {}", verbs::list(allowed.iter().copied())).into(),
                        ),
                    };
                    self.report(CheckProblem::TypeArguments {
                        message: format!("`{}` takes no suffix `{}`", it.name, word.text),
                        at: word.span,
                        label: "unknown suffix".into(),
                        help,
                    });
                    return None;
                }
            };
            if *seen {
                self.report(CheckProblem::TypeArguments {
                    message: format!("`{}` is there twice", word.text),
                    at: word.span,
                    label: "once more".into(),
                    help: Some("keep one of the two".into()),
                });
                return None;
            }
            *seen = true;
        }
        Some(())
    }
}

#[derive(Default)]
struct Suffixes {
    binary: bool,
    unsigned: bool,
    zerofill: bool,
}

/// The types of one word.
fn plain(name: &str) -> Option<DataType> {
    let integer = |width| {
        DataType::Integer(Integer { width, length: None, unsigned: false, zerofill: false })
    };
    let float = |kind| {
        DataType::Float(Float {
            kind,
            length: None,
            decimals: None,
            unsigned: false,
            zerofill: false,
        })
    };
    Some(match name {
        "STRING" => DataType::String { length: None, binary: false },
        "CHAR" => DataType::Char { length: None, binary: false },
        "TEXT" => DataType::Text(None),
        "CITEXT" => DataType::CiText,
        "INTEGER" => integer(IntegerWidth::Normal),
        "TINYINT" => integer(IntegerWidth::Tiny),
        "SMALLINT" => integer(IntegerWidth::Small),
        "MEDIUMINT" => integer(IntegerWidth::Medium),
        "BIGINT" => integer(IntegerWidth::Big),
        "FLOAT" => float(FloatKind::Float),
        "REAL" => float(FloatKind::Real),
        "DOUBLE" => float(FloatKind::Double),
        "DECIMAL" | "NUMERIC" => DataType::Decimal(Decimal {
            precision: None,
            scale: None,
            unsigned: false,
            zerofill: false,
        }),
        "BOOLEAN" => DataType::Boolean,
        "DATE" => DataType::Date(None),
        "DATEONLY" => DataType::DateOnly,
        "TIME" => DataType::Time,
        "UUID" => DataType::Uuid,
        "BLOB" => DataType::Blob(None),
        "JSON" => DataType::Json,
        "JSONB" => DataType::Jsonb,
        "VIRTUAL" => DataType::Virtual,
        "HSTORE" => DataType::Foreign(Foreign::Hstore),
        "GEOMETRY" => DataType::Foreign(Foreign::Geometry(None, None)),
        "GEOGRAPHY" => DataType::Foreign(Foreign::Geography(None, None)),
        "CIDR" => DataType::Foreign(Foreign::Cidr),
        "INET" => DataType::Foreign(Foreign::Inet),
        "MACADDR" => DataType::Foreign(Foreign::MacAddr),
        "TSVECTOR" => DataType::Foreign(Foreign::TsVector),
        _ => return None,
    })
}

/// A word as a report's one line shows it: in quotes and escaped where it has characters that would break the line.
fn on_one_line(word: &str) -> Cow<'_, str> {
    if word.contains(char::is_control) {
        Cow::Owned(format!("{word:?}"))
    } else {
        Cow::Borrowed(word)
    }
}

/// A type as scripts write it.
pub fn written(data_type: &DataType) -> String {
    let signs = |unsigned: bool, zerofill: bool| {
        format!(
            "{}{}",
            if unsigned { ".UNSIGNED" } else { "" },
            if zerofill { ".ZEROFILL" } else { "" }
        )
    };
    let sized = |word: &str, size: Option<Size>| match size {
        None => word.to_owned(),
        Some(Size::Tiny) => format!("{word}(tiny)"),
        Some(Size::Medium) => format!("{word}(medium)"),
        Some(Size::Long) => format!("{word}(long)"),
    };
    let numbered = |word: &str, one: Option<u32>, two: Option<u32>| match (one, two) {
        (None, _) => word.to_owned(),
        (Some(one), None) => format!("{word}({one})"),
        (Some(one), Some(two)) => format!("{word}({one}, {two})"),
    };
    match data_type {
        DataType::String { length, binary } => {
            numbered("STRING", *length, None) + if *binary { ".BINARY" } else { "" }
        }
        DataType::Char { length, binary } => {
            numbered("CHAR", *length, None) + if *binary { ".BINARY" } else { "" }
        }
        DataType::Text(size) => sized("TEXT", *size),
        DataType::CiText => "CITEXT".into(),
        DataType::Integer(it) => {
            let word = match it.width {
                IntegerWidth::Tiny => "TINYINT",
                IntegerWidth::Small => "SMALLINT",
                IntegerWidth::Medium => "MEDIUMINT",
                IntegerWidth::Normal => "INTEGER",
                IntegerWidth::Big => "BIGINT",
            };
            numbered(word, it.length, None) + &signs(it.unsigned, it.zerofill)
        }
        DataType::Float(it) => {
            let word = match it.kind {
                FloatKind::Float => "FLOAT",
                FloatKind::Real => "REAL",
                FloatKind::Double => "DOUBLE",
            };
            numbered(word, it.length, it.decimals) + &signs(it.unsigned, it.zerofill)
        }
        DataType::Decimal(it) => {
            numbered("DECIMAL", it.precision, it.scale) + &signs(it.unsigned, it.zerofill)
        }
        DataType::Boolean => "BOOLEAN".into(),
        DataType::Date(digits) => numbered("DATE", *digits, None),
        DataType::DateOnly => "DATEONLY".into(),
        DataType::Time => "TIME".into(),
        DataType::Uuid => "UUID".into(),
        DataType::Blob(size) => sized("BLOB", *size),
        DataType::Enum(it) => match &it.name {
            Some(name) => name.to_string(),
            None => {
                let members = it.members.iter().map(|it| on_one_line(it));
                format!("ENUM({})", members.collect::<Vec<_>>().join(", "))
            }
        },
        DataType::Json => "JSON".into(),
        DataType::Jsonb => "JSONB".into(),
        DataType::Virtual => "VIRTUAL".into(),
        DataType::Raw(text) => {
            format!("sql`{}`", text.split_whitespace().collect::<Vec<_>>().join(" "))
        }
        DataType::Foreign(it) => match it {
            Foreign::Array(inner) => format!("ARRAY({})", written(inner)),
            Foreign::Range(inner) => format!("RANGE({})", written(inner)),
            Foreign::Hstore => "HSTORE".into(),
            Foreign::Geometry(..) => "GEOMETRY".into(),
            Foreign::Geography(..) => "GEOGRAPHY".into(),
            Foreign::Cidr => "CIDR".into(),
            Foreign::Inet => "INET".into(),
            Foreign::MacAddr => "MACADDR".into(),
            Foreign::TsVector => "TSVECTOR".into(),
        },
    }
}
