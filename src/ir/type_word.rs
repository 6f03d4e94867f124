//! The words of types: one row each, and how a word and what stands behind it make a type.

use super::{
    BareWord, DataType, Decimal, Enumeration, Float, FloatKind, Foreign, Integer, IntegerWidth,
    Size,
};
use std::borrow::Cow;
use std::sync::Arc;

/// What may stand in the brackets behind a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeArguments {
    /// Nothing: `UUID`
    Nothing,
    /// `STRING(80)`
    Length,
    /// `INTEGER(11)`
    Width,
    /// `FLOAT(11, 2)`
    Decimals,
    /// `DECIMAL(10, 2)`
    Precision,
    /// `DATE(6)`
    Digits,
    /// `TEXT(tiny)`
    Size,
    /// `ENUM(draft, paid)`
    Members,
    /// `ARRAY(STRING)`
    Type,
    /// `GEOMETRY(POINT, 4326)`
    Shape,
}

impl TypeArguments {
    /// At most how many numbers, where there are some, and what they are, in words.
    pub const fn numbers(self) -> Option<(usize, &'static str)> {
        match self {
            Self::Length => Some((1, "a length: `STRING(80)`")),
            Self::Width => Some((1, "a display width: `INTEGER(11)`")),
            Self::Decimals => Some((2, "a length and decimals: `FLOAT(11, 2)`")),
            Self::Precision => Some((2, "a precision and a scale: `DECIMAL(10, 2)`")),
            Self::Digits => Some((1, "the digits of a second's fraction: `DATE(6)`")),
            Self::Nothing | Self::Size | Self::Members | Self::Type | Self::Shape => None,
        }
    }

    /// What numbers have to be that are not; none where all is well.
    pub fn wanting(self, [one, two]: [Option<u32>; 2]) -> Option<&'static str> {
        match self {
            Self::Length => (one == Some(0)).then_some("a length of at least 1: `STRING(80)`"),
            Self::Precision => (one == Some(0) || two > one).then_some(
                "a precision of at least 1, and a scale that is not larger: `DECIMAL(10, 2)`",
            ),
            Self::Digits => {
                (one > Some(6)).then_some("at most 6 digits of a second's fraction: `DATE(6)`")
            }
            Self::Nothing
            | Self::Width
            | Self::Decimals
            | Self::Size
            | Self::Members
            | Self::Type
            | Self::Shape => None,
        }
    }
}

/// What an attribute of a type holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    /// Texts.
    Text,
    /// Times of day, as texts.
    Time,
    /// UUIDs, as texts.
    Uuid,
    /// Members of an enumeration, as texts.
    Member,
    /// Integers.
    Integer,
    /// Numbers.
    Number,
    /// True and false.
    Truth,
    /// Moments.
    Moment,
    /// Days, as texts.
    Day,
    /// Bytes.
    Bytes,
    /// Documents.
    Json,
    /// Nothing: it is computed.
    Nothing,
    /// What the database makes of it.
    Anything,
}

/// What may stand behind a dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suffix {
    /// `STRING.BINARY`
    Binary,
    /// `INTEGER.UNSIGNED`
    Unsigned,
    /// `INTEGER.ZEROFILL`
    Zerofill,
}

impl Suffix {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Binary, Self::Unsigned, Self::Zerofill];

    /// How it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Binary => "BINARY",
            Self::Unsigned => "UNSIGNED",
            Self::Zerofill => "ZEROFILL",
        }
    }
}

/// What stands behind a type's word.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TypeParts {
    /// Numbers in brackets.
    pub numbers: [Option<u32>; 2],
    /// `tiny`, `medium`, `long`
    pub size: Option<Size>,
    /// What follows behind dots.
    pub suffixes: Vec<Suffix>,
    /// The members of an enumeration.
    pub members: Option<Arc<Enumeration>>,
    /// The type of what it holds.
    pub inner: Option<Box<DataType>>,
    /// A geometry's shape.
    pub shape: Option<BareWord>,
}

/// What a number type's suffixes are.
const SIGNS: &[Suffix] = &[Suffix::Unsigned, Suffix::Zerofill];

macro_rules! words {
    ($($name:ident $word:literal $arguments:ident $holds:ident $suffixes:expr;)*) => {
        /// The word of a type.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum TypeWord {
            $(#[doc = concat!("`", $word, "`")] $name,)*
        }

        impl TypeWord {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// How it is written.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What may stand in brackets behind it.
            pub const fn arguments(self) -> TypeArguments {
                match self { $(Self::$name => TypeArguments::$arguments,)* }
            }

            /// What an attribute holds.
            pub const fn holds(self) -> Contents {
                match self { $(Self::$name => Contents::$holds,)* }
            }

            /// What may follow behind dots.
            pub const fn suffixes(self) -> &'static [Suffix] {
                match self { $(Self::$name => $suffixes,)* }
            }
        }
    };
}

words! {
    String    "STRING"    Length    Text     &[Suffix::Binary];
    Char      "CHAR"      Length    Text     &[Suffix::Binary];
    Text      "TEXT"      Size      Text     &[];
    CiText    "CITEXT"    Nothing   Text     &[];
    Integer   "INTEGER"   Width     Integer  SIGNS;
    TinyInt   "TINYINT"   Width     Integer  SIGNS;
    SmallInt  "SMALLINT"  Width     Integer  SIGNS;
    MediumInt "MEDIUMINT" Width     Integer  SIGNS;
    BigInt    "BIGINT"    Width     Integer  SIGNS;
    Float     "FLOAT"     Decimals  Number   SIGNS;
    Real      "REAL"      Decimals  Number   SIGNS;
    Double    "DOUBLE"    Decimals  Number   SIGNS;
    Decimal   "DECIMAL"   Precision Number   SIGNS;
    Numeric   "NUMERIC"   Precision Number   SIGNS;
    Boolean   "BOOLEAN"   Nothing   Truth    &[];
    Date      "DATE"      Digits    Moment   &[];
    DateOnly  "DATEONLY"  Nothing   Day      &[];
    Time      "TIME"      Nothing   Time     &[];
    Uuid      "UUID"      Nothing   Uuid     &[];
    Blob      "BLOB"      Size      Bytes    &[];
    Enum      "ENUM"      Members   Member   &[];
    Json      "JSON"      Nothing   Json     &[];
    Jsonb     "JSONB"     Nothing   Json     &[];
    Virtual   "VIRTUAL"   Nothing   Nothing  &[];
    Array     "ARRAY"     Type      Anything &[];
    Range     "RANGE"     Type      Anything &[];
    Hstore    "HSTORE"    Nothing   Anything &[];
    Geometry  "GEOMETRY"  Shape     Anything &[];
    Geography "GEOGRAPHY" Shape     Anything &[];
    Cidr      "CIDR"      Nothing   Anything &[];
    Inet      "INET"      Nothing   Anything &[];
    MacAddr   "MACADDR"   Nothing   Anything &[];
    TsVector  "TSVECTOR"  Nothing   Anything &[];
}

impl TypeWord {
    /// The word that is written so.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.word() == word)
    }

    /// The type; none where a part is missing without which it is none.
    pub fn data_type(self, parts: TypeParts) -> Option<DataType> {
        let TypeParts { numbers: [one, two], size, suffixes, members, inner, shape } = parts;
        let has = |it: Suffix| suffixes.contains(&it);
        let (binary, unsigned, zerofill) =
            (has(Suffix::Binary), has(Suffix::Unsigned), has(Suffix::Zerofill));
        let integer = |width| DataType::Integer(Integer { width, length: one, unsigned, zerofill });
        let float =
            |kind| DataType::Float(Float { kind, length: one, decimals: two, unsigned, zerofill });
        let foreign = |it| DataType::Foreign(Box::new(it));
        Some(match self {
            Self::String => DataType::String { length: one, binary },
            Self::Char => DataType::Char { length: one, binary },
            Self::Text => DataType::Text(size),
            Self::CiText => DataType::CiText,
            Self::Integer => integer(IntegerWidth::Normal),
            Self::TinyInt => integer(IntegerWidth::Tiny),
            Self::SmallInt => integer(IntegerWidth::Small),
            Self::MediumInt => integer(IntegerWidth::Medium),
            Self::BigInt => integer(IntegerWidth::Big),
            Self::Float => float(FloatKind::Float),
            Self::Real => float(FloatKind::Real),
            Self::Double => float(FloatKind::Double),
            Self::Decimal | Self::Numeric => {
                DataType::Decimal(Decimal { precision: one, scale: two, unsigned, zerofill })
            }
            Self::Boolean => DataType::Boolean,
            Self::Date => DataType::Date(one),
            Self::DateOnly => DataType::DateOnly,
            Self::Time => DataType::Time,
            Self::Uuid => DataType::Uuid,
            Self::Blob => DataType::Blob(size),
            Self::Enum => DataType::Enum(members?),
            Self::Json => DataType::Json,
            Self::Jsonb => DataType::Jsonb,
            Self::Virtual => DataType::Virtual,
            Self::Array => foreign(Foreign::Array(inner?)),
            Self::Range => foreign(Foreign::Range(inner?)),
            Self::Hstore => foreign(Foreign::Hstore),
            Self::Geometry => foreign(Foreign::Geometry(shape, one)),
            Self::Geography => foreign(Foreign::Geography(shape, one)),
            Self::Cidr => foreign(Foreign::Cidr),
            Self::Inet => foreign(Foreign::Inet),
            Self::MacAddr => foreign(Foreign::MacAddr),
            Self::TsVector => foreign(Foreign::TsVector),
        })
    }
}

impl DataType {
    /// The word of a type; none of raw SQL.
    pub const fn word(&self) -> Option<TypeWord> {
        Some(match self {
            Self::String { .. } => TypeWord::String,
            Self::Char { .. } => TypeWord::Char,
            Self::Text(_) => TypeWord::Text,
            Self::CiText => TypeWord::CiText,
            Self::Integer(it) => match it.width {
                IntegerWidth::Tiny => TypeWord::TinyInt,
                IntegerWidth::Small => TypeWord::SmallInt,
                IntegerWidth::Medium => TypeWord::MediumInt,
                IntegerWidth::Normal => TypeWord::Integer,
                IntegerWidth::Big => TypeWord::BigInt,
            },
            Self::Float(it) => match it.kind {
                FloatKind::Float => TypeWord::Float,
                FloatKind::Real => TypeWord::Real,
                FloatKind::Double => TypeWord::Double,
            },
            Self::Decimal(_) => TypeWord::Decimal,
            Self::Boolean => TypeWord::Boolean,
            Self::Date(_) => TypeWord::Date,
            Self::DateOnly => TypeWord::DateOnly,
            Self::Time => TypeWord::Time,
            Self::Uuid => TypeWord::Uuid,
            Self::Blob(_) => TypeWord::Blob,
            Self::Enum(_) => TypeWord::Enum,
            Self::Json => TypeWord::Json,
            Self::Jsonb => TypeWord::Jsonb,
            Self::Virtual => TypeWord::Virtual,
            Self::Raw(_) => return None,
            Self::Foreign(it) => match **it {
                Foreign::Array(_) => TypeWord::Array,
                Foreign::Range(_) => TypeWord::Range,
                Foreign::Hstore => TypeWord::Hstore,
                Foreign::Geometry(..) => TypeWord::Geometry,
                Foreign::Geography(..) => TypeWord::Geography,
                Foreign::Cidr => TypeWord::Cidr,
                Foreign::Inet => TypeWord::Inet,
                Foreign::MacAddr => TypeWord::MacAddr,
                Foreign::TsVector => TypeWord::TsVector,
            },
        })
    }

    /// As scripts write it.
    pub fn written(&self) -> String {
        if let Self::Enum(it) = self {
            let members =
                || it.members.iter().map(|it| on_one_line(it)).collect::<Vec<_>>().join(", ");
            return it
                .name
                .as_ref()
                .map_or_else(|| format!("ENUM({})", members()), ToString::to_string);
        }
        let Self::Raw(text) = self else {
            let TypeParts { numbers: [one, two], size, suffixes, inner, shape, members: _ } =
                self.parts();
            let mut res = self.word().map_or_else(String::new, |it| it.word().to_owned());
            let arguments = [
                shape.map(|it| it.as_str().to_owned()),
                one.map(|it| it.to_string()),
                two.filter(|_| one.is_some()).map(|it| it.to_string()),
                size.map(|it| it.word().to_owned()),
                inner.map(|it| it.written()),
            ];
            let arguments: Vec<String> = arguments.into_iter().flatten().collect();
            if !arguments.is_empty() {
                res += "(";
                res += &arguments.join(", ");
                res += ")";
            }
            for it in suffixes {
                res += ".";
                res += it.word();
            }
            return res;
        };
        format!("sql`{}`", text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// What an attribute of the type holds.
    pub const fn holds(&self) -> Contents {
        match self.word() {
            Some(word) => word.holds(),
            None => Contents::Anything,
        }
    }

    /// What stands behind its word, an enumeration's members aside.
    pub fn parts(&self) -> TypeParts {
        let signs = |unsigned: bool, zerofill: bool| {
            let all = [(Suffix::Unsigned, unsigned), (Suffix::Zerofill, zerofill)];
            all.into_iter().filter(|(_, on)| *on).map(|(it, _)| it).collect()
        };
        let mut parts = TypeParts::default();
        match self {
            Self::String { length, binary } | Self::Char { length, binary } => {
                parts.numbers = [*length, None];
                parts.suffixes.extend(binary.then_some(Suffix::Binary));
            }
            Self::Text(size) | Self::Blob(size) => parts.size = *size,
            Self::Integer(it) => {
                parts.numbers = [it.length, None];
                parts.suffixes = signs(it.unsigned, it.zerofill);
            }
            Self::Float(it) => {
                parts.numbers = [it.length, it.decimals];
                parts.suffixes = signs(it.unsigned, it.zerofill);
            }
            Self::Decimal(it) => {
                parts.numbers = [it.precision, it.scale];
                parts.suffixes = signs(it.unsigned, it.zerofill);
            }
            Self::Date(digits) => parts.numbers = [*digits, None],
            Self::Foreign(it) => match &**it {
                Foreign::Array(inner) | Foreign::Range(inner) => parts.inner = Some(inner.clone()),
                Foreign::Geometry(shape, srid) | Foreign::Geography(shape, srid) => {
                    parts.shape.clone_from(shape);
                    parts.numbers = [*srid, None];
                }
                Foreign::Hstore
                | Foreign::Cidr
                | Foreign::Inet
                | Foreign::MacAddr
                | Foreign::TsVector => {}
            },
            Self::CiText
            | Self::Boolean
            | Self::DateOnly
            | Self::Time
            | Self::Uuid
            | Self::Enum(_)
            | Self::Json
            | Self::Jsonb
            | Self::Virtual
            | Self::Raw(_) => {}
        }
        parts
    }
}

/// A word as a report's one line shows it: in quotes and escaped where it has characters that would break the line.
fn on_one_line(word: &str) -> Cow<'_, str> {
    if word.contains(char::is_control) {
        Cow::Owned(format!("{word:?}"))
    } else {
        Cow::Borrowed(word)
    }
}
