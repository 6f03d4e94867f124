//! What databases call their types, in Relata's words.

use super::{DataType, Size, TypeArguments, TypeParts, TypeWord};

/// How many texts, or how large, a name says by itself.
#[derive(Clone, Copy)]
enum NameFacts {
    Nothing,
    Size(Size),
    Numbers(u32, u32),
}

/// A name in lower case, the word for it, and what it says beside that.
const NAMES: &[(&str, TypeWord, NameFacts)] = {
    use NameFacts::{Nothing, Numbers};
    use TypeWord as T;
    const TINY: NameFacts = NameFacts::Size(Size::Tiny);
    const MEDIUM: NameFacts = NameFacts::Size(Size::Medium);
    const LONG: NameFacts = NameFacts::Size(Size::Long);
    &[
        ("int", T::Integer, Nothing),
        ("integer", T::Integer, Nothing),
        ("int4", T::Integer, Nothing),
        ("serial", T::Integer, Nothing),
        ("serial4", T::Integer, Nothing),
        ("tinyint", T::TinyInt, Nothing),
        ("smallint", T::SmallInt, Nothing),
        ("int2", T::SmallInt, Nothing),
        ("smallserial", T::SmallInt, Nothing),
        ("mediumint", T::MediumInt, Nothing),
        ("bigint", T::BigInt, Nothing),
        ("big int", T::BigInt, Nothing),
        ("int8", T::BigInt, Nothing),
        ("bigserial", T::BigInt, Nothing),
        ("serial8", T::BigInt, Nothing),
        ("float", T::Float, Nothing),
        ("float4", T::Real, Nothing),
        ("real", T::Real, Nothing),
        ("double", T::Double, Nothing),
        ("double precision", T::Double, Nothing),
        ("float8", T::Double, Nothing),
        ("number", T::Decimal, Nothing),
        ("decimal", T::Decimal, Nothing),
        ("dec", T::Decimal, Nothing),
        ("numeric", T::Decimal, Nothing),
        ("money", T::Decimal, Numbers(19, 4)),
        ("string", T::String, Nothing),
        ("varchar", T::String, Nothing),
        ("varchar2", T::String, Nothing),
        ("nvarchar", T::String, Nothing),
        ("nvarchar2", T::String, Nothing),
        ("character varying", T::String, Nothing),
        ("varying character", T::String, Nothing),
        ("char", T::Char, Nothing),
        ("character", T::Char, Nothing),
        ("nchar", T::Char, Nothing),
        ("native character", T::Char, Nothing),
        ("bpchar", T::Char, Nothing),
        ("text", T::Text, Nothing),
        ("ntext", T::Text, Nothing),
        ("clob", T::Text, Nothing),
        ("blob sub_type text", T::Text, Nothing),
        ("tinytext", T::Text, TINY),
        ("mediumtext", T::Text, MEDIUM),
        ("longtext", T::Text, LONG),
        ("citext", T::CiText, Nothing),
        ("bool", T::Boolean, Nothing),
        ("boolean", T::Boolean, Nothing),
        ("bit", T::Boolean, Nothing),
        ("date", T::DateOnly, Nothing),
        ("datetime", T::Date, Nothing),
        ("datetime2", T::Date, Nothing),
        ("smalldatetime", T::Date, Nothing),
        ("datetimeoffset", T::Date, Nothing),
        ("timestamp", T::Date, Nothing),
        ("timestamptz", T::Date, Nothing),
        ("timestamp with time zone", T::Date, Nothing),
        ("timestamp without time zone", T::Date, Nothing),
        ("time", T::Time, Nothing),
        ("time without time zone", T::Time, Nothing),
        ("uuid", T::Uuid, Nothing),
        ("uniqueidentifier", T::Uuid, Nothing),
        ("blob", T::Blob, Nothing),
        ("tinyblob", T::Blob, TINY),
        ("mediumblob", T::Blob, MEDIUM),
        ("longblob", T::Blob, LONG),
        ("bytes", T::Blob, Nothing),
        ("bytea", T::Blob, Nothing),
        ("binary", T::Blob, Nothing),
        ("varbinary", T::Blob, Nothing),
        ("json", T::Json, Nothing),
        ("jsonb", T::Jsonb, Nothing),
        ("hstore", T::Hstore, Nothing),
        ("cidr", T::Cidr, Nothing),
        ("inet", T::Inet, Nothing),
        ("macaddr", T::MacAddr, Nothing),
        ("tsvector", T::TsVector, Nothing),
    ]
};

impl DataType {
    /// The type that databases write so: `nvarchar(80)`, `double precision`, `int unsigned`; none where no word says it.
    ///
    /// ```
    /// use relata::ir::DataType;
    /// let said = |written| DataType::of_database(written).map(|it| it.written());
    /// assert_eq!(said("nvarchar(80)").as_deref(), Some("STRING(80)"));
    /// assert_eq!(said("unsigned big int").as_deref(), Some("BIGINT.UNSIGNED"));
    /// assert_eq!(said("tinyint(1)").as_deref(), Some("BOOLEAN"));
    /// assert_eq!(said("polygon"), None);
    /// ```
    pub fn of_database(written: &str) -> Option<Self> {
        let lower = written.to_lowercase();
        let (name, rest) = lower.split_once('(').unwrap_or((&lower, ""));
        let (arguments, behind) = match rest.split_once(')') {
            Some((arguments, behind)) => (Some(arguments), behind),
            None if rest.is_empty() => (None, ""),
            None => return None,
        };
        let mut suffixes = Vec::new();
        let mut words = Vec::new();
        for word in name.split_whitespace().chain(behind.split_whitespace()) {
            match super::Suffix::ALL.iter().find(|it| it.word().eq_ignore_ascii_case(word)) {
                Some(suffix) if !(words.is_empty() && word == "binary") => suffixes.push(*suffix),
                _ => words.push(word),
            }
        }
        let name = words.join(" ");
        let (_, word, fixed) = *NAMES.iter().find(|it| it.0 == name)?;
        let number = |text: &str| text.trim().parse::<u32>().ok();
        let numbers = arguments.map(|it| it.split(',').map(number));
        let mut given: Vec<Option<u32>> = numbers.map_or_else(Vec::new, Iterator::collect);
        if given.len() > 2 {
            return None;
        }
        if arguments.is_some_and(|it| it.trim() == "max") && word == TypeWord::String {
            return Some(Self::Text(None));
        }
        if given.contains(&None) {
            return None;
        }
        given.resize(2, None);
        let given = [given.first().copied().flatten(), given.get(1).copied().flatten()];
        let mut parts = TypeParts { suffixes, ..TypeParts::default() };
        match (word, given) {
            (TypeWord::TinyInt, [Some(1), None]) => return Some(Self::Boolean),
            (TypeWord::Boolean, [Some(2..), _]) => return None,
            _ => {}
        }
        match fixed {
            NameFacts::Nothing => {}
            NameFacts::Size(size) => parts.size = Some(size),
            NameFacts::Numbers(one, two) => parts.numbers = [Some(one), Some(two)],
        }
        let takes = word.arguments();
        if let Some((most, _)) = takes.numbers()
            && given[0].is_some()
        {
            let wanted = [given[0], given[1].filter(|_| most > 1)];
            // A scale beyond the precision, a length of nothing: no word says that.
            if takes.wanting(wanted).is_some() {
                return None;
            }
            parts.numbers = match (takes, wanted) {
                (TypeArguments::Length, [Some(255), _]) => [None, None],
                (_, wanted) => wanted,
            };
        }
        parts.suffixes.retain(|it| word.suffixes().contains(it));
        word.data_type(parts)
    }
}
