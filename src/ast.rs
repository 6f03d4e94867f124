//! What was written, every node with its place.
//!
//! A script is a list of sentences: words, then perhaps an argument (a value, a list, an object, a bracket), then
//! perhaps options. Nothing here knows a verb: `model User { .. }` and `User create { .. }` have one shape.
//!
//! Invariant: no ids, no defaults, nothing resolved; the order is the text's.

mod nodes;
mod operator;

pub use nodes::{Same, Shift};
pub use operator::{Family, Operator, Strength};

use crate::source::{SourceId, Span};
use smol_str::SmolStr;
use std::sync::Arc;

/// A text's sentences and comments.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// The text it was read from.
    pub source: SourceId,
    /// The sentences that could be read, in order.
    pub sentences: Vec<Sentence>,
    /// Every comment, in order, those inside of sentences too.
    pub comments: Vec<Comment>,
    /// The pieces of the text that are no sentences (each has been reported).
    pub broken: Vec<Span>,
}

impl Script {
    /// The documentation of what begins at `start`: the text of the `///` lines right above it (other comments
    /// and blank lines may not stand between), without the slashes and one space, joined by line ends.
    pub fn doc(&self, start: u32, text: impl Fn(Span) -> bool) -> Vec<Span> {
        let mut index = self.comments.partition_point(|it| it.span.start < start);
        let (mut below, mut found) = (start, Vec::new());
        while let Some(comment) = index.checked_sub(1).and_then(|it| self.comments.get(it)) {
            if comment.kind != CommentKind::Doc || !text(Span::new(comment.span.end, below)) {
                break;
            }
            found.push(comment.span);
            below = comment.span.start;
            index -= 1;
        }
        found.reverse();
        found
    }
}

/// Several scripts that count as one: what was given, and what it imports.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bundle {
    /// Every script, once.
    pub scripts: Vec<Arc<Script>>,
    /// The sentences in the order in which they count, as places in `scripts` and in its sentences: an `import` is
    /// replaced by the imported script's sentences where it stands first, and by nothing after that.
    pub order: Vec<(usize, usize)>,
    /// Whether a script that one of them imports couldn't be had: what it declares isn't known.
    pub incomplete: bool,
    /// What was imported where.
    pub imports: Vec<Import>,
}

/// An `import` of a script that could be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Import {
    /// The path, quotes included.
    pub at: Span,
    /// Which script says it.
    pub by: usize,
    /// Which script it names.
    pub script: usize,
}

impl Bundle {
    /// One script alone, nothing imported.
    pub fn of(script: Script) -> Self {
        let order = (0..script.sentences.len()).map(|it| (0, it)).collect();
        Self { scripts: vec![Arc::new(script)], order, incomplete: false, imports: Vec::new() }
    }

    /// The sentences in the order in which they count, each with its script.
    pub fn sentences(&self) -> impl Iterator<Item = (&Script, &Sentence)> {
        self.order.iter().filter_map(|(script, sentence)| {
            let script: &Script = self.scripts.get(*script)?;
            Some((script, script.sentences.get(*sentence)?))
        })
    }
}

/// A comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// Its place, from the first slash; a line comment ends before its line's end.
    pub span: Span,
    /// Which kind it is.
    pub kind: CommentKind,
}

/// The kinds of comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentKind {
    /// `// to the end of the line`, and `#!` on the first line.
    Line,
    /// `/// the documentation of what follows`
    Doc,
    /// `/* nested /* too */ */`
    Block,
}

/// `Subject verb object < options >`, or any other sentence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sentence {
    /// From its first word to its last bracket.
    pub span: Span,
    /// The words it begins with, the subject (`User.active`) among them.
    pub words: Box<[Path]>,
    /// A text before braces: `once "split names" { .. }`
    pub title: Option<Box<ValueNode>>,
    /// What follows the words: a value, a list, an object or a bracket.
    pub argument: Option<ValueNode>,
    /// `< .. >`
    pub options: Option<OptionList>,
    /// What follows `=`, in `let x = ..` and `view X = ..`; then `argument` and `options` are empty.
    pub assigned: Option<Box<Sentence>>,
}

/// A name, as written: `name`, `` `a name` ``, and where it is the key of an object `"a name"` too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its place, quotes included.
    pub span: Span,
    /// The name, without quotes.
    pub text: SmolStr,
}

impl Word {
    /// Whether it is written without quotes. With them it takes more room than it has letters, whatever stands for a letter between them.
    pub fn is_bare(&self) -> bool {
        self.span.len() as usize == self.text.len()
    }
}

/// `name`, `creator.firstName`, `meta.tags[0]`
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Its place.
    pub span: Span,
    /// The first name.
    pub head: Word,
    /// What follows it.
    pub tail: Box<[PathStep]>,
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq)]
pub enum PathStep {
    /// `.name`
    Name(Word),
    /// `[0]`
    Index(i64, Span),
}

/// `< option, option: value >`
#[derive(Debug, Clone, PartialEq)]
pub struct OptionList {
    /// Brackets included.
    pub span: Span,
    /// In order.
    pub items: Box<[OptionPair]>,
}

/// `name: value`, or `name` alone.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionPair {
    /// The option's name.
    pub name: Word,
    /// Its value; none for a flag.
    pub value: Option<ValueNode>,
}

impl OptionPair {
    /// From the name to the value's end.
    pub fn span(&self) -> Span {
        self.value.as_ref().map_or(self.name.span, |it| self.name.span.to(it.span))
    }
}

/// `{ .. }`: a model's body, a row, an options object, a transaction, an enum.
#[derive(Debug, Clone, PartialEq)]
pub struct Braces {
    /// Brackets included.
    pub span: Span,
    /// In order.
    pub members: Box<[Member]>,
}

/// A member of `{ .. }`.
#[derive(Debug, Clone, PartialEq)]
pub enum Member {
    /// `key: value < options >`
    Pair(Pair),
    /// Anything else; a single word is a flag (`{ isEmail }`) or a member of an enum.
    Sentence(Box<Sentence>),
}

impl Member {
    /// Its place.
    pub fn span(&self) -> Span {
        match self {
            Self::Pair(pair) => pair.span(),
            Self::Sentence(sentence) => sentence.span,
        }
    }
}

/// `key: value < options >`
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The key.
    pub key: Word,
    /// The value, a type where it is an attribute's. Missing in `x: < unique >`.
    pub value: Option<ValueNode>,
    /// `< .. >`
    pub options: Option<OptionList>,
}

impl Pair {
    /// From the key to the options' end.
    pub fn span(&self) -> Span {
        let value = self.value.as_ref().map_or(self.key.span, |it| it.span);
        let options = self.options.as_ref().map_or(value, |it| it.span);
        Span::new(self.key.span.start, options.end)
    }
}

/// A value, a type or an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueNode {
    /// Its place.
    pub span: Span,
    /// What it is.
    pub kind: ValueKind,
}

/// The kinds of value.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueKind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `1_000`, `-7`
    Integer(i64),
    /// `1.5`, `-2e10`: as written, without `_`.
    Decimal(SmolStr),
    /// `"text"`, `'text'`, `"""block"""`: what it stands for, escapes resolved.
    Text(SmolStr),
    /// `x"00ff"`
    Blob(Box<[u8]>),
    /// `` sql`CURRENT_TIMESTAMP` ``: what is between the quotes.
    Sql(SmolStr),
    /// `name`: an enumerated option's word, an attribute, a type, a variable.
    Name(Word),
    /// `creator.firstName`, `STRING.BINARY`
    Path(Box<Path>),
    /// `now()`, `count(*)`, `DECIMAL(10, 2).UNSIGNED`
    Call(Box<Call>),
    /// `[a, b]`
    List(Vec<ValueNode>),
    /// `{ .. }`
    Object(Box<Braces>),
    /// `( .. )`, its members separated by commas: one in an expression, several in `index (a, b desc)`.
    Group(Vec<ValueNode>),
    /// `value word word < options >`: `amount desc nulls last`, `count(*) as n`, `posts < required >`, `a collate NOCASE`.
    Phrase(Box<Phrase>),
    /// `*`, only as the argument of a call
    Star,
    /// `not a`
    Not(Box<ValueNode>),
    /// `-a`
    Negate(Box<ValueNode>),
    /// `a and b and c`
    And(Vec<ValueNode>),
    /// `a or b or c`
    Or(Vec<ValueNode>),
    /// `a + b`, `a like b`
    Binary(Box<Binary>),
    /// `a is null`, `a is not null`
    IsNull(Box<IsNull>),
    /// `a between b and c`, `a not between b and c`
    Between(Box<Between>),
    /// `a in [..]`, `a not in [..]`
    In(Box<In>),
    /// `case when .. then .. else .. end`
    Case(Box<Case>),
    /// `cast(a as INTEGER)`
    Cast(Box<Cast>),
    /// `any invoices (..)`
    Quantified(Box<Quantified>),
}

impl ValueNode {
    /// The values that it is made of, those about other rows (the condition of a quantifier) left out.
    pub fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            ValueKind::Null
            | ValueKind::Bool(_)
            | ValueKind::Integer(_)
            | ValueKind::Decimal(_)
            | ValueKind::Text(_)
            | ValueKind::Blob(_)
            | ValueKind::Sql(_)
            | ValueKind::Name(_)
            | ValueKind::Path(_)
            | ValueKind::Object(_)
            | ValueKind::Star
            | ValueKind::Quantified(_) => Vec::new(),
            ValueKind::Call(it) => it.arguments.iter().collect(),
            ValueKind::List(it) | ValueKind::Group(it) | ValueKind::And(it) | ValueKind::Or(it) => {
                it.iter().collect()
            }
            ValueKind::Phrase(it) => vec![&it.value],
            ValueKind::Not(it) | ValueKind::Negate(it) => vec![it],
            ValueKind::Binary(it) => vec![&it.left, &it.right],
            ValueKind::IsNull(it) => vec![&it.value],
            ValueKind::Between(it) => vec![&it.value, &it.low, &it.high],
            ValueKind::In(it) => vec![&it.value, &it.list],
            ValueKind::Case(it) => (it.operand.iter())
                .chain(it.arms.iter().flat_map(|(when, then)| [when, then]))
                .chain(&it.otherwise)
                .collect(),
            ValueKind::Cast(it) => vec![&it.value],
        }
    }
}

/// `name(arguments).SUFFIX`
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// What is called.
    pub name: Word,
    /// `distinct` before the arguments.
    pub distinct: bool,
    /// The arguments.
    pub arguments: Vec<ValueNode>,
    /// What follows, of types: `UNSIGNED`.
    pub suffixes: Vec<Word>,
}

/// A value with words or options behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase {
    /// The value.
    pub value: ValueNode,
    /// The words behind it.
    pub words: Vec<Word>,
    /// The options behind those.
    pub options: Option<OptionList>,
}

/// Two operands and what is between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Binary {
    /// The operator.
    pub operator: Operator,
    /// Where the operator stands.
    pub operator_span: Span,
    /// What is before it.
    pub left: ValueNode,
    /// What is behind it.
    pub right: ValueNode,
}

/// `value is null`
#[derive(Debug, Clone, PartialEq)]
pub struct IsNull {
    /// What is asked about.
    pub value: ValueNode,
    /// `is not null`
    pub negated: bool,
}

/// `value between low and high`
#[derive(Debug, Clone, PartialEq)]
pub struct Between {
    /// What is asked about.
    pub value: ValueNode,
    /// The lower bound.
    pub low: ValueNode,
    /// The upper bound.
    pub high: ValueNode,
    /// `not between`
    pub negated: bool,
}

/// `value in list`
#[derive(Debug, Clone, PartialEq)]
pub struct In {
    /// What is asked about.
    pub value: ValueNode,
    /// A list, a name, or raw SQL.
    pub list: ValueNode,
    /// `not in`
    pub negated: bool,
}

/// `case operand when a then b else c end`
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// What the arms are compared with; none where they are conditions.
    pub operand: Option<ValueNode>,
    /// `when a then b`
    pub arms: Vec<(ValueNode, ValueNode)>,
    /// `else c`
    pub otherwise: Option<ValueNode>,
}

/// `cast(value as TYPE)`
#[derive(Debug, Clone, PartialEq)]
pub struct Cast {
    /// What is converted.
    pub value: ValueNode,
    /// The type.
    pub data_type: ValueNode,
}

/// `any association (condition)`
#[derive(Debug, Clone, PartialEq)]
pub struct Quantified {
    /// Which of the three.
    pub quantifier: Quantifier,
    /// The association.
    pub association: Path,
    /// What holds of its rows.
    pub condition: ValueNode,
}

/// How many rows of an association a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// `any`
    Any,
    /// `all`
    All,
    /// `none`
    None,
    /// `count`: how many there are.
    Count,
}
