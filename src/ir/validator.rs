//! Validators: what a value must be before it is written, as Sequelize has them.
//!
//! One row each: its name, what it takes, and its test, which is given no null.

use super::iso;
use crate::source::Span;
use crate::value::{Pattern, Patterns, Value, date_parse, forms};
use smol_str::{SmolStr, ToSmolStr};

/// `validate: { len: [2, 10] }`
#[derive(Debug, Clone, PartialEq)]
pub struct Validation {
    /// What is asked.
    pub validator: Validator,
    /// Its arguments.
    pub arguments: Vec<Value>,
    /// `msg`
    pub message: Option<SmolStr>,
    /// Where it is written.
    pub span: Span,
}

/// What a validator takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Accepts {
    /// `isEmail`
    Nothing,
    /// `isIP`, `isIP: 4`
    AtMostOne,
    /// `equals: x`
    One,
    /// `min: 1`
    Number,
    /// `len: [2, 10]`
    Numbers,
    /// `is: "^[a-z]+$"`, `is: ["^[a-z]+$", i]`
    Pattern,
    /// `isIn: [a, b]`
    List,
}

impl Accepts {
    /// How many arguments at least and at most, and that in words.
    const fn bounds(self) -> (usize, usize, &'static str) {
        match self {
            Self::Nothing => (0, 0, "no argument"),
            Self::AtMostOne => (0, 1, "at most one argument"),
            Self::One | Self::Number => (1, 1, "one argument"),
            Self::Numbers | Self::Pattern => (1, 2, "one or two arguments in a list"),
            Self::List => (1, usize::MAX, "a list of values"),
        }
    }
}

/// What is wrong with a validator's arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadArguments {
    /// It takes something else.
    Takes(&'static str),
    /// The text is no regular expression.
    Pattern {
        /// The text.
        text: SmolStr,
        /// Why.
        reason: String,
    },
}

/// A value, as a test sees it.
struct Tested<'a> {
    value: &'a Value,
    text: &'a str,
    arguments: &'a [SmolStr],
    patterns: &'a mut Patterns,
}

macro_rules! validators {
    ($($variant:ident $name:literal $takes:ident $test:expr;)*) => {
        /// A validator.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Validator {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Validator {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// How it is written.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            const fn takes(self) -> Accepts {
                match self { $(Self::$variant => Accepts::$takes,)* }
            }

            fn test(self) -> fn(&mut Tested<'_>) -> bool {
                match self { $(Self::$variant => $test,)* }
            }
        }
    };
}

validators! {
    // What can't be told passes neither.
    Is "is" Pattern |it| it.matches() == Some(true);
    Not "not" Pattern |it| it.matches() == Some(false);
    Regex "regex" Pattern |it| it.matches() == Some(true);
    NotRegex "notRegex" Pattern |it| it.matches() == Some(false);
    IsEmail "isEmail" Nothing |it| forms::is_email(it.text);
    IsUrl "isUrl" Nothing |it| forms::is_url(it.text);
    IsIp "isIP" AtMostOne |it| match it.first() {
        "4" => forms::is_ipv4(it.text),
        "6" => forms::is_ipv6(it.text),
        _ => forms::is_ipv4(it.text) || forms::is_ipv6(it.text),
    };
    IsIpv4 "isIPv4" Nothing |it| forms::is_ipv4(it.text);
    IsIpv6 "isIPv6" Nothing |it| forms::is_ipv6(it.text);
    IsAlpha "isAlpha" Nothing |it| forms::all(it.text, |it| it.is_ascii_alphabetic());
    IsAlphanumeric "isAlphanumeric" Nothing |it| forms::all(it.text, |it| it.is_ascii_alphanumeric());
    IsNumeric "isNumeric" Nothing |it| forms::is_numeric(it.text);
    IsInt "isInt" Nothing |it| forms::all(forms::unsigned(it.text), |it| it.is_ascii_digit());
    IsFloat "isFloat" Nothing |it| forms::is_float(it.text);
    IsDecimal "isDecimal" Nothing |it| forms::is_decimal(it.text);
    IsLowercase "isLowercase" Nothing |it| it.text == it.text.to_lowercase();
    IsUppercase "isUppercase" Nothing |it| it.text == it.text.to_uppercase();
    IsNull "isNull" Nothing |it| it.text.is_empty();
    NotNull "notNull" Nothing |_| true;
    NotEmpty "notEmpty" Nothing |it| !it.text.chars().all(forms::is_space);
    Equals "equals" One |it| it.text == it.first();
    // Nothing is in no text.
    Contains "contains" One |it| !it.first().is_empty() && it.text.contains(it.first());
    NotContains "notContains" One |it| it.first().is_empty() || !it.text.contains(it.first());
    IsIn "isIn" List |it| it.arguments.iter().any(|one| one == it.text);
    NotIn "notIn" List |it| !it.arguments.iter().any(|one| one == it.text);
    Len "len" Numbers |it| {
        let length = it.text.chars().count();
        let bound = |place: usize| it.arguments.get(place).and_then(|it| it.parse().ok());
        length >= bound(0).unwrap_or(0) && length <= bound(1).unwrap_or(usize::MAX)
    };
    IsUuid "isUUID" AtMostOne |it| forms::is_uuid(it.text, it.first());
    IsDate "isDate" Nothing |it| date_parse(it.text).is_some();
    IsAfter "isAfter" One |it| {
        date_parse(it.text).is_some_and(|at| date_parse(it.first()).is_none_or(|then| at > then))
    };
    IsBefore "isBefore" One |it| {
        date_parse(it.text).is_some_and(|at| date_parse(it.first()).is_some_and(|then| at < then))
    };
    // What is no number has no bounds.
    Min "min" Number |it| {
        let least = forms::number(it.first());
        forms::leading_number(it.text).is_none_or(|it| least.is_some_and(|least| it >= least))
    };
    Max "max" Number |it| {
        let most = forms::number(it.first());
        forms::leading_number(it.text).is_none_or(|it| most.is_some_and(|most| it <= most))
    };
    IsCreditCard "isCreditCard" Nothing |it| forms::is_card(it.text, it.patterns);
    IsHexadecimal "isHexadecimal" Nothing |it| forms::is_hexadecimal(it.text);
    IsJson "isJSON" Nothing |it| matches!(it.value, Value::Json(_)) || forms::is_json(it.text);
}

impl Validator {
    /// The validator of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name() == name)
    }

    /// Whether it takes these arguments.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn accept(self, arguments: &[Value]) -> Result<(), BadArguments> {
        let (least, most, expected) = self.takes().bounds();
        if arguments.len() < least || arguments.len() > most {
            return Err(BadArguments::Takes(expected));
        }
        let is_number =
            |it: &Value| matches!(it, Value::Integer(_) | Value::Float(_) | Value::Decimal(_));
        let numbers = || arguments.iter().all(is_number);
        match (self.takes(), arguments.first()) {
            (Accepts::Number, _) if !numbers() => Err(BadArguments::Takes("a number")),
            (Accepts::Numbers, _) if !numbers() => {
                Err(BadArguments::Takes("numbers: `len: [2, 10]`"))
            }
            (Accepts::Pattern, Some(Value::Text(text))) => match Pattern::new(text, "") {
                Ok(_) => Ok(()),
                Err(reason) => Err(BadArguments::Pattern { text: text.clone(), reason }),
            },
            _ => Ok(()),
        }
    }

    /// What the arguments have to be, in words.
    pub const fn expected(self) -> &'static str {
        self.takes().bounds().2
    }
}

impl Validation {
    /// Whether a value, which is not null, passes.
    pub fn passes(&self, value: &Value, patterns: &mut Patterns) -> bool {
        let arguments: Vec<SmolStr> = self.arguments.iter().map(text_of).collect();
        let text = text_of(value);
        self.validator.test()(&mut Tested { value, text: &text, arguments: &arguments, patterns })
    }

    /// Whether another asks the same.
    pub fn same(&self, other: &Self) -> bool {
        let Self { validator, arguments, message, span: _ } = self;
        *validator == other.validator && *arguments == other.arguments && *message == other.message
    }

    /// What is said where a value doesn't pass.
    pub fn refusal(&self, attribute: &str) -> String {
        match &self.message {
            Some(own) => own.to_string(),
            None => format!("Validation {} on {attribute} failed", self.validator.name()),
        }
    }
}

impl Tested<'_> {
    /// The first argument; without one an empty text.
    fn first(&self) -> &str {
        self.arguments.first().map_or("", SmolStr::as_str)
    }

    /// Whether the text matches `[pattern, flags]`; none where it can't be told.
    fn matches(&mut self) -> Option<bool> {
        let flags = self.arguments.get(1).map_or("", SmolStr::as_str);
        let pattern = self.arguments.first().map_or("", SmolStr::as_str);
        self.patterns.is_match(pattern, flags, self.text)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[track_caller]
    fn check(name: &str, arguments: &[&str], good: &[&str], bad: &[&str]) {
        let validator = Validator::named(name).unwrap();
        let validation = Validation {
            validator,
            arguments: arguments.iter().map(|it| Value::Text((*it).into())).collect(),
            message: None,
            span: Span::default(),
        };
        let mut patterns = Patterns::default();
        let mut passes = |it: &str| validation.passes(&Value::Text(it.into()), &mut patterns);
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
        check(
            "isCreditCard",
            &[],
            &["4111 1111 1111 1111"],
            &["4111111111111112", "123", "5555555555554,444", "a5105105105105100"],
        );
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
