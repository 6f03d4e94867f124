//! Where in a text a cursor is: in which bracket of which sentence, behind which words.

use super::token::{Token, TokenKind};
use crate::ir::{ModelId, Schema};
use crate::verbs::{
    self, Argument, BodyVerb, Control, LinkVerb, Opt, RowVerb, Side, Takes, Verb, Yields,
};
use smol_str::SmolStr;

/// What `let` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: SmolStr,
    /// The model whose row it holds, where that can be seen.
    pub model: Option<SmolStr>,
}

/// What a bracket holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum CursorContext<'a> {
    /// Sentences: the text itself, or a transaction's.
    Sentences,
    /// A model's body.
    Body,
    /// Attributes and their values.
    Row(ModelName<'a>),
    /// Rows.
    Rows(ModelName<'a>),
    /// Options; of a sentence about these two.
    Options(Vec<&'static [Opt]>, ModelName<'a>, ModelName<'a>),
    /// An expression.
    Expression(ModelName<'a>),
    /// A list of attributes; the second says whether it is an order.
    Attributes(ModelName<'a>, bool),
    /// A list of a model's attributes, their names alone.
    Names(ModelName<'a>),
    /// `attributes: { include, exclude }`
    Selection(ModelName<'a>),
    /// Associations.
    Include(ModelName<'a>),
    /// Validators.
    Validators,
    /// Something about which there is nothing to say.
    Nothing,
}

/// The model that something is about.
pub(super) type ModelName<'a> = Option<&'a str>;

/// A bracket that is open at the cursor, or the text.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    open: u8,
    pub(super) inside: CursorContext<'a>,
    /// The tokens of the sentence or member at hand.
    pub(super) member: Vec<Token<'a>>,
    /// What the members before it begin with.
    pub(super) used: Vec<&'a str>,
}

/// Where a cursor is.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    pub(super) frames: Vec<Frame<'a>>,
    /// The models that the text itself declares, and their attributes.
    pub(super) declared: Vec<(&'a str, Vec<&'a str>)>,
    /// The variables before the cursor.
    pub(super) variables: Vec<Variable>,
    schema: &'a Schema,
}

impl<'a> Frame<'a> {
    fn new(open: u8, inside: CursorContext<'a>) -> Self {
        Self { open, inside, member: Vec::new(), used: Vec::new() }
    }

    /// The name before the first `:` of the member at hand.
    pub(super) fn key(&self) -> Option<&'a str> {
        match self.member.as_slice() {
            [name, colon, ..] if colon.is(b':') => name.name(),
            _ => None,
        }
    }
}

/// Whether what stands in a bracket is a query, up to its options.
fn is_query(member: &[Token<'_>]) -> bool {
    matches!(member, [_, .., verb] if verb.name() == Some(RowVerb::FindAll.name()))
}

impl<'a> Cursor<'a> {
    /// At the beginning of a text.
    pub(super) fn new(schema: &'a Schema, known: &[Variable]) -> Self {
        Self {
            frames: vec![Frame::new(0, CursorContext::Sentences)],
            declared: Vec::new(),
            variables: known.to_vec(),
            schema,
        }
    }

    /// The sentence at hand is over, with all that it leaves open.
    pub(super) fn end_sentence(&mut self) {
        while self.frames.len() > 1 {
            self.end();
            self.frames.pop();
        }
        self.end();
    }

    pub(super) const fn schema(&self) -> &'a Schema {
        self.schema
    }

    pub(super) fn here(&self) -> Option<&Frame<'a>> {
        self.frames.last()
    }

    /// Goes through the tokens before the cursor.
    pub(super) fn go_through(&mut self, tokens: Vec<Token<'a>>) {
        let mut tokens = tokens.into_iter().filter(|it| it.kind != TokenKind::Comment).peekable();
        while let Some(token) = tokens.next() {
            match token.kind {
                TokenKind::Newline => {
                    while tokens.next_if(|it| it.kind == TokenKind::Newline).is_some() {}
                    let continues = tokens.peek().is_some_and(|it| it.is(b'<') || it.is(b'{'));
                    if !continues && self.ends_with_line() {
                        self.end();
                    }
                }
                TokenKind::Sign(b';') => self.end(),
                TokenKind::Sign(b',') if self.frames.len() > 1 => self.end(),
                TokenKind::Sign(byte @ (b'(' | b'[' | b'{')) => self.open(byte, token),
                TokenKind::Sign(b'<') if self.angles() => self.open(b'<', token),
                TokenKind::Sign(byte @ (b')' | b']' | b'}')) => self.close(byte),
                TokenKind::Sign(b'>') if self.angles() => self.close(b'>'),
                _ => self.push(token),
            }
        }
    }

    fn push(&mut self, token: Token<'a>) {
        if let Some(frame) = self.frames.last_mut() {
            frame.member.push(token);
        }
    }

    /// Whether `<` and `>` are brackets here.
    fn angles(&self) -> bool {
        let mut around = self.frames.iter().rev().filter(|it| matches!(it.open, b'(' | b'<'));
        around.next().is_none_or(|it| it.open == b'<' || is_query(&it.member))
    }

    fn ends_with_line(&self) -> bool {
        self.here().is_none_or(|it| matches!(it.open, 0 | b'{'))
    }

    /// The member at hand ends.
    fn end(&mut self) {
        self.note();
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        let first = frame.member.first().and_then(Token::name);
        let body = frame.inside == CursorContext::Body;
        let attribute = if body { frame.key() } else { None };
        frame.used.extend(first);
        frame.member.clear();
        if let (Some(name), Some((_, names))) = (attribute, self.declared.last_mut()) {
            names.push(name);
        }
    }

    /// Remembers what the sentence at hand names.
    pub(super) fn note(&mut self) {
        let Some(frame) = self.here() else {
            return;
        };
        if frame.inside != CursorContext::Sentences {
            return;
        }
        let [first, name, sign, rest @ ..] = frame.member.as_slice() else {
            return;
        };
        if first.text == Control::Let.name() && sign.is(b'=') {
            let (verb, subject) = sentence(rest);
            let model = subject.and_then(|subject| self.model_of(verb, subject, rest));
            if let Some(name) = name.name() {
                self.variables
                    .push(Variable { name: name.into(), model: model.map(SmolStr::from) });
            }
        }
    }

    /// The model whose rows a sentence on `subject` yields: the subject's own, or where an association leads.
    fn model_of(&self, verb: Option<Verb>, subject: &'a str, rest: &[Token<'a>]) -> Option<String> {
        let own = self.subject(subject)?;
        let word = rest.get(1).and_then(Token::name);
        let id = self.schema.model_named(&own);
        let linked = word.zip(id).and_then(|(word, id)| {
            let mut all = self.schema.associations_of(id);
            all.find_map(|(_, it)| Some((it, LinkVerb::of(it, word)?)))
        });
        let (yields, model) = match (verb, linked) {
            (Some(verb), _) => (verb.facts().yields, own),
            (None, Some((it, verb))) => (verb.yields(it), self.schema[it.target].name.to_string()),
            (None, None) => return Some(own),
        };
        match yields {
            Yields::Row | Yields::Rows => Some(model),
            Yields::Value | Yields::Nothing => None,
        }
    }

    /// The model that a sentence's subject is, or whose row it holds.
    pub(super) fn subject(&self, name: &str) -> Option<String> {
        let held = self.variables.iter().rev().find(|it| it.name == name);
        match held {
            Some(it) => it.model.as_ref().map(ToString::to_string),
            None => self.is_model(name).then(|| name.to_owned()),
        }
    }

    pub(super) fn is_model(&self, name: &str) -> bool {
        self.schema.model_named(name).is_some() || self.declared.iter().any(|it| it.0 == name)
    }

    /// The model of that name, where it is declared outside of the text.
    pub(super) fn model(&self, subject: ModelName<'_>) -> Option<ModelId> {
        self.schema.model_named(subject?)
    }

    /// The model that an association leads to, by its name, or by the model's.
    pub(super) fn target(&self, subject: ModelName<'_>, name: &str) -> ModelName<'a> {
        let id = self.model(subject)?;
        let (_, found) = self
            .schema
            .associations_of(id)
            .find(|(_, it)| it.name == name || self.schema[it.target].name == name)?;
        Some(&self.schema[found.target].name)
    }

    /// The model whose rows a condition is about, of which `any orders.lines` stands before it.
    fn quantified(&self, member: &[Token<'a>], model: ModelName<'_>) -> ModelName<'a> {
        let (last, mut rest) = member.split_last()?;
        let mut steps = vec![last.name()?];
        while let [before @ .., name, dot] = rest
            && dot.is(b'.')
        {
            steps.push(name.name()?);
            rest = before;
        }
        let quantifier = rest.last()?.text;
        matches!(quantifier, "any" | "all" | "none" | "count").then_some(())?;
        let first = self.target(model, steps.pop()?)?;
        steps.into_iter().rev().try_fold(first, |at, step| self.target(Some(at), step))
    }

    /// The name of the model that a subject's row is of, which lives as long as the schema or the text.
    fn lasting(&self, subject: &'a str) -> ModelName<'a> {
        let model = self.subject(subject)?;
        if model == subject {
            return Some(subject);
        }
        let id = self.schema.model_named(&model)?;
        Some(&self.schema[id].name)
    }

    fn open(&mut self, byte: u8, token: Token<'a>) {
        let inside = match self.here() {
            Some(frame) => self.inside(frame, byte),
            None => CursorContext::Nothing,
        };
        if inside == CursorContext::Body {
            let name = self.here().and_then(|frame| {
                let mut words = frame.member.iter().filter_map(Token::name);
                words.find(|it| !has_body(it))
            });
            self.declared.extend(name.map(|it| (it, Vec::new())));
        }
        self.push(token);
        self.frames.push(Frame::new(byte, inside));
    }

    fn close(&mut self, byte: u8) {
        let opener = match byte {
            b')' => b'(',
            b']' => b'[',
            b'}' => b'{',
            _ => b'<',
        };
        if self.frames.iter().skip(1).any(|it| it.open == opener) {
            while self.frames.len() > 1 {
                self.end();
                if self.frames.pop().is_none_or(|it| it.open == opener) {
                    break;
                }
            }
        }
    }

    /// What a bracket that opens in `frame` holds.
    fn inside(&self, frame: &Frame<'a>, byte: u8) -> CursorContext<'a> {
        let member = frame.member.as_slice();
        match &frame.inside {
            CursorContext::Sentences => self.of_sentence(member, byte),
            CursorContext::Body => self.of_body(frame, byte),
            CursorContext::Row(model) => {
                let target = frame.key().and_then(|it| self.target(*model, it));
                match (byte, target) {
                    (b'{', Some(_)) => CursorContext::Row(target),
                    (b'[', Some(_)) => CursorContext::Rows(target),
                    (b'(', _) => CursorContext::Expression(None),
                    _ => CursorContext::Nothing,
                }
            }
            CursorContext::Rows(model) if byte == b'{' => CursorContext::Row(*model),
            CursorContext::Options(groups, source, target) => {
                of_option(option(groups, frame.key()), byte, *source, *target)
            }
            // A query in brackets: `(Post findAll <`
            CursorContext::Expression(_) if byte == b'<' && is_query(member) => {
                let subject = member.first().and_then(Token::name);
                CursorContext::Options(vec![verbs::QUERY], subject, None)
            }
            CursorContext::Expression(model) if byte == b'(' => {
                CursorContext::Expression(self.quantified(member, *model).or(*model))
            }
            CursorContext::Attributes(model, _) if byte == b'(' => {
                CursorContext::Expression(*model)
            }
            CursorContext::Selection(model) if byte == b'[' => {
                CursorContext::Attributes(*model, false)
            }
            CursorContext::Include(model) if byte == b'<' => {
                let name = member.first().and_then(Token::name);
                let target = name.and_then(|it| self.target(*model, it));
                CursorContext::Options(vec![verbs::QUERY, verbs::INCLUDE], target, None)
            }
            _ => CursorContext::Nothing,
        }
    }

    fn of_sentence(&self, member: &[Token<'a>], byte: u8) -> CursorContext<'a> {
        let (verb, subject) = sentence(member);
        let model = subject.and_then(|it| self.lasting(it));
        let last = member.last().and_then(Token::name);
        let Some(verb) = verb else {
            // a verb of an association
            let target = subject.zip(member.get(1).and_then(Token::name));
            let target = target.and_then(|(subject, verb)| {
                let model = self.lasting(subject);
                let id = self.model(model)?;
                let mut all = self.schema.associations_of(id);
                all.find_map(|(_, it)| Some((it, LinkVerb::of(it, verb)?)))
            });
            let options = target.map_or_else(|| vec![verbs::QUERY], |(it, verb)| verb.options(it));
            let target = target.map(|(it, _)| self.schema[it.target].name.as_str());
            return match byte {
                b'{' => CursorContext::Row(target),
                b'[' => CursorContext::Rows(target),
                b'<' => CursorContext::Options(options, target, None),
                _ => CursorContext::Expression(None),
            };
        };
        match (verb.facts().argument, byte) {
            (_, b'<') => {
                let target = last.filter(|it| self.is_model(it));
                CursorContext::Options(verb.facts().options.to_vec(), model, target)
            }
            (Argument::Body, b'{') => CursorContext::Body,
            (Argument::Sentences, b'{') => CursorContext::Sentences,
            (Argument::Members, _) => CursorContext::Nothing,
            (_, b'{') => CursorContext::Row(model),
            (_, b'[') => CursorContext::Rows(model),
            _ => CursorContext::Expression(model),
        }
    }

    fn of_body(&self, frame: &Frame<'a>, byte: u8) -> CursorContext<'a> {
        let model = self.declared.last().map(|it| it.0);
        if frame.key().is_some() {
            return match byte {
                b'<' => CursorContext::Options(vec![verbs::ATTRIBUTE], model, None),
                _ => CursorContext::Nothing,
            };
        }
        let first = frame.member.first().and_then(Token::name);
        match (first.and_then(verbs::of_body), byte) {
            (Some(verb), b'<') => {
                CursorContext::Options(verb.facts().options.to_vec(), model, None)
            }
            (Some(BodyVerb::Check), b'(') => CursorContext::Expression(model),
            (Some(_), b'(') => CursorContext::Attributes(model, true),
            _ => CursorContext::Nothing,
        }
    }
}

/// The option of that name.
pub(super) fn option(groups: &[&'static [Opt]], name: Option<&str>) -> Option<&'static Opt> {
    let mut all = groups.iter().copied().flatten();
    all.find(|it| Some(it.name()) == name)
}

/// What the value of an option holds.
fn of_option<'a>(
    option: Option<&Opt>,
    byte: u8,
    source: ModelName<'a>,
    target: ModelName<'a>,
) -> CursorContext<'a> {
    let Some(takes) = option.map(|it| it.takes) else {
        return CursorContext::Nothing;
    };
    match (byte, takes) {
        (b'(', _) => CursorContext::Expression(source),
        (b'[', Takes::Associations) => CursorContext::Include(source),
        (b'[', Takes::List { ordered }) => CursorContext::Attributes(source, ordered),
        (b'[', Takes::Selection) => CursorContext::Attributes(source, false),
        (b'[', Takes::Attribute(side) | Takes::Key(_, Some(side))) => {
            CursorContext::Names(match side {
                Side::Source => source,
                Side::Target => target,
            })
        }
        (b'{', Takes::Selection) => CursorContext::Selection(source),
        (b'{', Takes::Validators) => CursorContext::Validators,
        (b'{', Takes::Row(Side::Source)) => CursorContext::Row(source),
        (b'{', Takes::Row(Side::Target)) => CursorContext::Row(target.or(source)),
        (b'{', _) => match takes.members() {
            Some(tables) => CursorContext::Options(tables.to_vec(), source, target),
            None => CursorContext::Nothing,
        },
        _ => CursorContext::Nothing,
    }
}

/// A sentence's verb and subject, where `let x =` and `view X =` are left out.
pub(super) fn sentence<'a>(member: &[Token<'a>]) -> (Option<Verb>, ModelName<'a>) {
    let member = behind_assignment(member);
    let words: Vec<&Token<'a>> = member.iter().filter(|it| it.name().is_some()).collect();
    // of `User.active findAll` the scope is a word too
    let dots = member.iter().filter(|it| it.is(b'.')).count();
    let first = words.first().and_then(|it| it.name());
    let second = words.get(1 + dots).and_then(|it| it.name());
    if let Some(verb) = second.and_then(verbs::subject_verb) {
        return (Some(verb), first);
    }
    match first.and_then(verbs::first) {
        Some(verb) => (Some(verb), None),
        None => (None, first),
    }
}

/// What stands behind `let x =` or `view X =`; the sentence itself where there is none.
pub(super) fn behind_assignment<'m, 'a>(member: &'m [Token<'a>]) -> &'m [Token<'a>] {
    match member {
        [first, _, sign, rest @ ..] if is_assigned(first.text) && sign.is(b'=') => rest,
        _ => member,
    }
}

/// Whether a word is a verb behind which a name and `=` stand.
fn is_assigned(word: &str) -> bool {
    verbs::first(word).is_some_and(|it| it.facts().argument == Argument::Assigned)
}

/// Whether a word is a verb behind which a body stands.
pub(super) fn has_body(word: &str) -> bool {
    verbs::first(word).is_some_and(|it| it.facts().argument == Argument::Body)
}
