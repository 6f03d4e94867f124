//! E01xx: the text is no sentence.

use super::Help;
use crate::source::Span;
use miette::Diagnostic;

super::catalogue! {
/// Problems of the text itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum SyntaxProblem {
    /// Something else was expected.
    #[error("{found} is unexpected here")]
    #[diagnostic(code("E0101"))]
    Unexpected {
        /// What stands there, in words.
        found: String,
        /// The place.
        #[label("{expected}")]
        at: Span,
        /// What could stand there: "expected `,` or `}`".
        expected: String,
        /// What to do.
        #[help]
        help: Option<Help>,
    },

    /// A bracket that nothing closes.
    #[error("`{bracket}` is not closed")]
    #[diagnostic(code("E0102"), help("put `{closer}` there, or where it belongs before that"))]
    Unclosed {
        /// The bracket.
        bracket: char,
        /// What would close it.
        closer: char,
        /// Where it stands.
        #[label("opened here")]
        opened: Span,
        /// Where it should have been closed at the latest.
        #[label("`{closer}` is missing here")]
        missing: Span,
    },

    /// A closing bracket too many.
    #[error("`{bracket}` closes nothing")]
    #[diagnostic(code("E0103"))]
    Unopened {
        /// The bracket.
        bracket: char,
        /// Where it stands.
        #[label("no `{opener}` is open here")]
        at: Span,
        /// What it would close.
        opener: char,
        /// Where the opening bracket might be missing.
        #[label("is `{opener}` missing here?")]
        missing: Option<Span>,
        /// What to do.
        #[help]
        help: Option<String>,
    },

    /// A string without its second quote.
    #[error("a string is not closed")]
    #[diagnostic(code("E0104"))]
    UnclosedString {
        /// From the quote to where it should have ended.
        #[label("`{quote}` is missing at the end of this")]
        at: Span,
        /// The quote that is missing.
        quote: &'static str,
        /// What to do.
        #[help]
        help: Option<String>,
    },

    /// A `/*` without its `*/`.
    #[error("a comment is not closed")]
    #[diagnostic(code("E0105"), help("each `/*` needs its own `*/`; for one line `//` does"))]
    UnclosedComment {
        /// Where it begins.
        #[label("`*/` is missing for this")]
        at: Span,
    },

    /// A name in backquotes without the second one.
    #[error("a name in backquotes is not closed")]
    #[diagnostic(
        code("E0106"),
        help("a name ends on its line; a backquote in it is written twice")
    )]
    UnclosedName {
        /// From the backquote to the line's end.
        #[label("a backquote is missing at the end of this")]
        at: Span,
    },

    /// Raw SQL without its end, or which doesn't end where it should.
    #[error("raw SQL {what}")]
    #[diagnostic(code("E0107"))]
    RawSql {
        /// What is wrong with it.
        what: &'static str,
        /// The place.
        #[label("{label}")]
        at: Span,
        /// What is wrong with the place.
        label: &'static str,
        /// What to do.
        #[help]
        help: &'static str,
    },

    /// Too many brackets in brackets.
    #[error("brackets are nested more than {limit} deep")]
    #[diagnostic(code("E0108"), help("write it with fewer brackets, or keep a part of it first: `let part = (..)`"))]
    TooDeep {
        /// The limit.
        limit: usize,
        /// The first bracket beyond it.
        #[label("one bracket too many")]
        at: Span,
    },

    /// Too many operators upon operators.
    #[error("an expression is nested more than {limit} deep")]
    #[diagnostic(code("E0109"), help("take parts of it out"))]
    ExpressionTooDeep {
        /// The limit.
        limit: usize,
        /// Where it is passed.
        #[label("the limit is passed here")]
        at: Span,
    },

    /// A backslash before something it can't stand before.
    #[error("`{escape}` is no escape")]
    #[diagnostic(
        code("E0110"),
        help(
            "the escapes are \\n \\t \\r \\0 \\\" \\' \\\\ and \\u{{1F600}}; a backslash itself is written \\\\"
        )
    )]
    Escape {
        /// The escape.
        escape: String,
        /// Its place.
        #[label("not known")]
        at: Span,
    },

    /// An integer beyond 64 bits.
    #[error("`{number}` is too large for an integer")]
    #[diagnostic(
        code("E0111"),
        help("write it as a text, in quotes, for an attribute that is DECIMAL or STRING: integers go from -9223372036854775808 to 9223372036854775807")
    )]
    Integer {
        /// The number.
        number: String,
        /// Its place.
        #[label("more than 64 bits")]
        at: Span,
    },

    /// A blob that isn't pairs of hexadecimal digits.
    #[error("a blob consists of pairs of hexadecimal digits")]
    #[diagnostic(code("E0112"), help("write it like x\"00ff\""))]
    Blob {
        /// Its place.
        #[label("{why}")]
        at: Span,
        /// What is wrong.
        why: &'static str,
    },

    /// A character that may not stand in a script.
    #[error("the character {character} is not allowed")]
    #[diagnostic(code("E0113"))]
    Character {
        /// The character's number: `U+202E`.
        character: String,
        /// Its place.
        #[label("{what}")]
        at: Span,
        /// What it is.
        what: &'static str,
        /// What to do.
        #[help]
        help: Option<String>,
    },

    /// A pair of backquotes with nothing between.
    #[error("a name is empty")]
    #[diagnostic(code("E0114"), help("write the name between the backquotes"))]
    EmptyName {
        /// Its place.
        #[label("nothing between the backquotes")]
        at: Span,
    },

    /// Two things without a comma between them.
    #[error("a comma is missing before {found}")]
    #[diagnostic(code("E0115"))]
    MissingComma {
        /// What follows, in words.
        found: String,
        /// Where the comma belongs.
        #[label("`,` is missing before this")]
        at: Span,
        /// What to write.
        #[help]
        help: Option<Help>,
    },

    /// An operator of another language.
    #[error("`{operator}` is no operator")]
    #[diagnostic(code("E0116"))]
    Operator {
        /// What stands there.
        operator: &'static str,
        /// Its place.
        #[label("write `{instead}`")]
        at: Span,
        /// How Relata writes it.
        instead: &'static str,
        /// The same.
        #[help]
        help: Option<Help>,
    },

    /// A colon with nothing behind it.
    #[error("nothing stands behind `{name}:`")]
    #[diagnostic(
        code("E0118"),
        help("an attribute has a type, `name: STRING`; an option has a value, `allowNull: false`")
    )]
    MissingValue {
        /// What stands before the colon.
        name: String,
        /// From the name to the colon.
        #[label("a type or a value is missing behind this")]
        at: Span,
    },

    /// A sentence of another language, or words of one.
    #[error("this is {what}, not Relata")]
    #[diagnostic(code("E0119"))]
    Foreign {
        /// Whose it is: "JavaScript".
        what: &'static str,
        /// The sentence's first line, or its words.
        #[label("{label}")]
        at: Span,
        /// What is said of the place.
        label: &'static str,
        /// The same in Relata.
        #[help]
        help: Option<Help>,
    },

    /// A source that isn't UTF-8.
    #[error("`{name}` is no UTF-8 text")]
    #[diagnostic(code("E0117"))]
    NotUtf8 {
        /// The file.
        name: String,
        /// What it is instead, or where it stops being UTF-8.
        #[help]
        help: Option<Help>,
    },

    /// A file that is to be imported, and can't be read as what it is said to be.
    #[error("`{name}` can't be read as {what}")]
    #[diagnostic(code("E0127"))]
    Unread {
        /// The file.
        name: String,
        /// As what: "DBML".
        what: &'static str,
        /// Where it can't be read.
        #[label("{label}")]
        at: Span,
        /// What is wrong there.
        label: String,
        /// What to do.
        #[help]
        help: &'static str,
    },
}
}

impl SyntaxProblem {
    /// A source of these bytes, of which the one at `offset` is the first that isn't UTF-8.
    pub fn not_utf8(name: String, bytes: &[u8], offset: usize) -> Self {
        let help = if bytes.starts_with(b"SQLite format 3\0") {
            format!("it is a database: `--db {name}` names it")
        } else {
            format!("byte {offset} is the first that is not UTF-8; save the file as UTF-8")
        };
        Self::NotUtf8 { name, help: Some(help.into()) }
    }
}
