//! The candidates of a place.

use super::cursor::{Cursor, CursorContext, Frame, ModelName, behind_assignment, option, sentence};
use super::examples;
use super::token::{Token, TokenKind};
use super::{Candidate, CandidateKind, Declarations};
use crate::check;
use crate::ir::{Action, Attribute, DataType, Deferrable, ModelId, Schema, Validator};
use crate::verbs::{
    self, Argument, BodyVerb, Declaration, Effect, LinkVerb, ObjectOptions, Opt, OptionId, Side,
    Takes, Verb, VerbFacts,
};
use crate::words::Reserved;
use smol_str::{SmolStr, format_smolstr};

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Completer {
    pub(super) items: Vec<Candidate>,
    pub(super) hint: Option<SmolStr>,
    /// Whether models are among them.
    pub(super) model: bool,
}

/// What may stand at a cursor.
pub(super) fn gather(cursor: &Cursor<'_>, known: Declarations<'_>) -> Completer {
    let mut gather = Completer::default();
    let Some(frame) = cursor.here() else {
        return gather;
    };
    let last = frame.member.last();
    let begins = frame.member.is_empty();
    match &frame.inside {
        CursorContext::Sentences => gather.of_sentence(frame, cursor, known),
        CursorContext::Body if begins => gather.verbs(BodyVerb::ALL.iter().map(|it| it.facts())),
        CursorContext::Body if last.is_some_and(|it| it.is(b':')) => gather.types(known.schema),
        CursorContext::Row(model) => match frame.key() {
            None if begins => {
                gather.attributes(cursor, *model, &frame.used);
                gather.associations(cursor, *model, &frame.used);
            }
            Some(key) if last.is_some_and(|it| it.is(b':')) => {
                gather.values(cursor, *model, key);
                gather.variables(cursor);
            }
            _ => {}
        },
        CursorContext::Options(groups, source, target) => match frame.key() {
            None if begins => gather.options(groups, &frame.used, changes_held_row(cursor, 1)),
            key @ Some(_) if last.is_some_and(|it| it.is(b':')) => {
                if let Some(option) = option(groups, key) {
                    gather.value_of(option.takes, cursor, known, (*source, *target));
                }
            }
            _ => {}
        },
        CursorContext::Expression(model) => gather.expression(frame, cursor, *model),
        CursorContext::Attributes(model, ordered) => match frame.member.as_slice() {
            [] => gather.attributes(cursor, *model, &frame.used),
            [.., dot] if dot.is(b'.') => gather.path(frame, cursor, *model),
            [..] if *ordered => gather.words(&["asc", "desc", "nulls", "collate"], ""),
            [..] => gather.words(&["as"], ""),
        },
        CursorContext::Names(model) if begins => {
            gather.attributes(cursor, *model, &frame.used);
        }
        CursorContext::Selection(model) => {
            if begins {
                gather.words(&["include", "exclude"], "attributes");
            } else {
                gather.attributes(cursor, *model, &[]);
            }
        }
        CursorContext::Include(model) if let [name, .., dot] = frame.member.as_slice() => {
            if dot.is(b'.')
                && let Some(target) = name.name().and_then(|it| cursor.target(*model, it))
            {
                gather.scopes(cursor.model(Some(target)), cursor.schema());
            }
        }
        CursorContext::Include(model) if begins => gather.associations(cursor, *model, &frame.used),
        CursorContext::Validators if begins => {
            let names = Validator::ALL.iter().map(|it| it.name());
            let names = names.filter(|it| !frame.used.contains(it));
            gather.extend(names, CandidateKind::Option, "a validator");
        }
        _ => {}
    }
    gather
}

impl Completer {
    fn add(&mut self, text: &str, kind: CandidateKind, detail: &str) {
        self.items.push(Candidate {
            text: check::written_name(text).into(),
            kind,
            detail: detail.into(),
            opening: "",
        });
    }

    fn extend<'a>(
        &mut self,
        names: impl IntoIterator<Item = &'a str>,
        kind: CandidateKind,
        detail: &str,
    ) {
        for name in names {
            self.add(name, kind, detail);
        }
    }

    fn words(&mut self, words: &[&str], detail: &str) {
        self.extend(words.iter().copied(), CandidateKind::Word, detail);
    }

    fn verbs(&mut self, verbs: impl Iterator<Item = &'static VerbFacts>) {
        for verb in verbs {
            self.add(verb.name, CandidateKind::Verb, verb.summary);
        }
    }

    fn models(&mut self, cursor: &Cursor<'_>, schema: &Schema) {
        self.model = true;
        for (_, model) in schema.models() {
            self.add(&model.name, CandidateKind::Model, &doc(model.doc.as_ref()));
        }
        let own = cursor.declared.iter().map(|it| it.0);
        self.extend(own, CandidateKind::Model, "");
    }

    fn variables(&mut self, cursor: &Cursor<'_>) {
        for it in cursor.variables.iter().rev() {
            let model = it.model.clone().unwrap_or_default();
            self.add(&it.name, CandidateKind::Variable, &model);
        }
    }

    fn of_sentence(&mut self, frame: &Frame<'_>, cursor: &Cursor<'_>, known: Declarations<'_>) {
        let assigned = behind_assignment(&frame.member).len() < frame.member.len();
        let member = behind_assignment(&frame.member);
        let (verb, subject) = sentence(member);
        match member {
            [] => {
                if !assigned {
                    self.verbs(verbs::all().filter(|it| it.begins_sentence()).map(Verb::facts));
                }
                self.models(cursor, known.schema);
                let views = known.schema.models.iter().filter(|it| it.view);
                let views = views.map(|it| it.name.as_str());
                self.extend(views, CandidateKind::Model, "a view");
                self.variables(cursor);
            }
            [.., before, dot] if dot.is(b'.') => self.behind_dot(before, cursor, known),
            // a subject, perhaps with scopes
            _ if verb.is_none() && only_path(member) => {
                self.behind_subject(subject, cursor, known);
            }
            [.., last] => {
                let Some(verb) = verb else {
                    // `ann addInvoice`
                    if member.len() == 2 {
                        self.variables(cursor);
                    }
                    return;
                };
                let VerbFacts { name, argument, .. } = verb.facts();
                match argument {
                    Argument::Model if member.len() == 2 => self.models(cursor, known.schema),
                    Argument::Attribute if last.name() == Some(name) => {
                        let model = subject.and_then(|it| cursor.subject(it));
                        self.attributes(cursor, model.as_deref(), &[]);
                    }
                    Argument::Body if matches!(member.len(), 2 | 3) => {
                        self.words(&["extends"], "a base");
                    }
                    Argument::Value if member.len() == 1 => self.variables(cursor),
                    Argument::Model
                    | Argument::Attribute
                    | Argument::Body
                    | Argument::Value
                    | Argument::Nothing
                    | Argument::Members
                    | Argument::Name
                    | Argument::Assigned
                    | Argument::Sentences
                    | Argument::File
                    | Argument::Row
                    | Argument::Rows
                    | Argument::Key
                    | Argument::Attributes
                    | Argument::Condition => {}
                }
                if last.text == "extends" {
                    self.models(cursor, known.schema);
                }
                if self.items.is_empty() && !last.is(b'<') {
                    let held = changes_held_row(cursor, 0);
                    let behind_verb = last.name() == Some(verb.facts().name);
                    let own =
                        examples::behind(cursor, known.schema, verb, held).filter(|_| behind_verb);
                    self.hint = own.or_else(|| what_follows(verb.facts(), last, held));
                }
                if verb == Verb::Declare(Declaration::Abstract) && member.len() == 1 {
                    self.items.clear();
                    self.words(&[Declaration::Model.name()], "");
                }
            }
        }
    }

    fn behind_dot(&mut self, before: &Token<'_>, cursor: &Cursor<'_>, known: Declarations<'_>) {
        let name = before.name().unwrap_or_default();
        let variable = cursor.variables.iter().any(|it| it.name == name);
        let subject = cursor.subject(name);
        if variable {
            self.attributes(cursor, subject.as_deref(), &[]);
            self.associations(cursor, subject.as_deref(), &[]);
        } else {
            self.scopes(subject.and_then(|it| known.schema.model_named(&it)), known.schema);
        }
    }

    fn scopes(&mut self, model: Option<ModelId>, schema: &Schema) {
        let Some(id) = model else {
            return;
        };
        for scope in &schema[id].scopes {
            self.add(&scope.name, CandidateKind::Scope, "a scope");
        }
        self.add("unscoped", CandidateKind::Scope, "no scope, not the default either");
    }

    fn behind_subject(
        &mut self,
        subject: ModelName<'_>,
        cursor: &Cursor<'_>,
        known: Declarations<'_>,
    ) {
        let Some(name) = subject else {
            return;
        };
        let variable = cursor.variables.iter().any(|it| it.name == name);
        let id = cursor.subject(name);
        let id = id.and_then(|it| known.schema.model_named(&it));
        let view = id.is_some_and(|it| known.schema[it].view);
        let may = |it: &&VerbFacts| !view || it.effect == Effect::Reads;
        let about = |it: &&VerbFacts| match it.subject {
            verbs::Subject::Model => !variable,
            verbs::Subject::Row => variable,
            verbs::Subject::Either => true,
            verbs::Subject::None => false,
        };
        self.verbs(verbs::all().map(Verb::facts).filter(|it| about(it) && may(it)));
        if !variable {
            return;
        }
        if let Some(id) = id {
            for (_, association) in known.schema.associations_of(id) {
                let target = &known.schema[association.target].name;
                for verb in LinkVerb::names(association) {
                    self.add(&verb, CandidateKind::Verb, target);
                }
            }
        }
    }

    fn types(&mut self, schema: &Schema) {
        self.extend(check::type_names(), CandidateKind::Type, "");
        for it in &schema.enumerations {
            let name = it.name.iter().map(SmolStr::as_str);
            self.extend(name, CandidateKind::Type, &it.members.join(", "));
        }
    }

    fn options(&mut self, groups: &[&'static [Opt]], used: &[&str], held: bool) {
        let fits = |it: &&Opt| !(held && it.id.chooses_rows());
        for option in groups.iter().copied().flatten().filter(fits) {
            if !used.contains(&option.name()) {
                let detail = format_smolstr!("{}: {}", option.takes.words(), option.summary);
                self.add(option.name(), CandidateKind::Option, &detail);
                if let Some(last) = self.items.last_mut() {
                    last.opening = option.takes.opening();
                }
            }
        }
    }

    /// The values of an option.
    fn value_of(
        &mut self,
        takes: Takes,
        cursor: &Cursor<'_>,
        known: Declarations<'_>,
        (source, target): (ModelName<'_>, ModelName<'_>),
    ) {
        self.hint = Some(takes.words().into());
        match takes {
            Takes::Flag | Takes::Named | Takes::NamedOr(_) => self.words(&["true", "false"], ""),
            Takes::Off => self.words(&["false"], ""),
            Takes::Action => self.words(&Action::ALL.map(Action::word), "an action"),
            Takes::Deferrable => self.words(&Deferrable::ALL.map(Deferrable::word), ""),
            Takes::Model => self.models(cursor, known.schema),
            Takes::Attribute(Side::Source)
            | Takes::Key(_, Some(Side::Source))
            | Takes::List { .. }
            | Takes::Selection => self.attributes(cursor, source, &[]),
            Takes::Attribute(Side::Target) | Takes::Key(_, Some(Side::Target)) => {
                self.attributes(cursor, target, &[]);
            }
            Takes::Associations => self.associations(cursor, source, &[]),
            Takes::Value => self.words(&["now()", "uuid()", "true", "false", "null"], ""),
            Takes::NameOr(it) if is_model(it) => self.models(cursor, known.schema),
            Takes::Name
            | Takes::Text
            | Takes::Word(_)
            | Takes::Number
            | Takes::Expression
            | Takes::Condition
            | Takes::Row(_)
            | Takes::Columns
            | Takes::Codes
            | Takes::Validators
            | Takes::Object(_)
            | Takes::Parts(_)
            | Takes::NameOr(_)
            | Takes::Key(_, None) => {}
        }
        for word in &mut self.items {
            // a call isn't a name
            if word.text.ends_with("()`") {
                word.text = word.text.trim_matches('`').into();
            }
        }
    }

    fn attributes(&mut self, cursor: &Cursor<'_>, model: ModelName<'_>, used: &[&str]) {
        if let Some(id) = cursor.model(model) {
            for attribute in &cursor.schema()[id].attributes {
                if !used.contains(&attribute.name.as_str()) {
                    let detail = attribute.data_type.written();
                    self.add(&attribute.name, CandidateKind::Attribute, &detail);
                }
            }
        }
        let own = cursor.declared.iter().filter(|it| Some(it.0) == model);
        for (_, names) in own {
            let names = names.iter().copied().filter(|it| !used.contains(it));
            self.extend(names, CandidateKind::Attribute, "");
        }
    }

    fn associations(&mut self, cursor: &Cursor<'_>, model: ModelName<'_>, used: &[&str]) {
        let Some(id) = cursor.model(model) else {
            return;
        };
        let schema = cursor.schema();
        for (_, it) in schema.associations_of(id) {
            if !used.contains(&it.name.as_str()) {
                let target = &schema[it.target].name;
                let detail = format_smolstr!("{} {target}", it.kind.word());
                self.add(&it.name, CandidateKind::Association, &detail);
            }
        }
    }

    /// The values of an attribute.
    fn values(&mut self, cursor: &Cursor<'_>, model: ModelName<'_>, attribute: &str) {
        let Some(found) = find(cursor, model, attribute) else {
            return;
        };
        match &found.data_type {
            DataType::Enum(it) => {
                let members = it.members.iter().map(SmolStr::as_str);
                self.extend(members, CandidateKind::Word, attribute);
            }
            DataType::Boolean => self.words(&["true", "false"], ""),
            _ => {}
        }
    }

    fn expression(&mut self, frame: &Frame<'_>, cursor: &Cursor<'_>, model: ModelName<'_>) {
        match frame.member.as_slice() {
            [.., dot] if dot.is(b'.') => self.path(frame, cursor, model),
            [.., last] if is_operand(last) => {
                self.extend(Reserved::operators(), CandidateKind::Word, "an operator");
            }
            member => {
                if let [.., name, sign] = member
                    && (sign.is(b'=') || sign.text == "in")
                    && let Some(name) = name.name()
                {
                    self.values(cursor, model, name);
                }
                self.attributes(cursor, model, &[]);
                self.associations(cursor, model, &[]);
                self.variables(cursor);
                self.words(
                    &["any", "all", "none", "count", "not", "case", "null", "true", "false"],
                    "",
                );
            }
        }
    }

    /// What stands behind the last `.` of a path through associations.
    fn path(&mut self, frame: &Frame<'_>, cursor: &Cursor<'_>, model: ModelName<'_>) {
        let schema = cursor.schema();
        let mut steps: Vec<&str> = Vec::new();
        let mut rest = frame.member.as_slice();
        while let [before @ .., name, dot] = rest
            && dot.is(b'.')
            && let Some(name) = name.name()
        {
            steps.push(name);
            rest = before;
        }
        let mut id = cursor.model(model);
        if let Some(first) = steps.last()
            && let Some(variable) = cursor.variables.iter().rev().find(|it| it.name == *first)
        {
            id = cursor.model(variable.model.as_deref());
            steps.pop();
        }
        for step in steps.into_iter().rev() {
            id = id.and_then(|id| {
                let mut all = schema.associations_of(id);
                all.find(|(_, it)| it.name == step).map(|(_, it)| it.target)
            });
        }
        if let Some(id) = id {
            let name = schema[id].name.clone();
            self.attributes(cursor, Some(&name), &[]);
            self.associations(cursor, Some(&name), &[]);
        }
    }
}

fn find<'a>(cursor: &Cursor<'a>, model: ModelName<'_>, name: &str) -> Option<&'a Attribute> {
    let model = &cursor.schema()[cursor.model(model)?];
    let id = model.attribute_named(name)?;
    Some(model.attribute(id))
}

/// How many options a hint names.
const HINTED: usize = 6;

/// Whether the sentence, so many frames out of the cursor's, changes a row that a variable holds.
fn changes_held_row(cursor: &Cursor<'_>, out: usize) -> bool {
    let Some(frame) = cursor.frames.iter().rev().nth(out) else { return false };
    let (verb, subject) = sentence(behind_assignment(&frame.member));
    verb.is_some_and(|it| it.facts().subject == verbs::Subject::Either)
        && cursor.variables.iter().any(|it| subject == Some(&*it.name))
}

/// What a sentence takes behind its verb, as its usage shows it; or else its options.
fn what_follows(facts: &VerbFacts, last: &Token<'_>, held: bool) -> Option<SmolStr> {
    if facts.argument != Argument::Nothing && last.name() == Some(facts.name) {
        let (_, behind) = facts.usage.split_once(facts.name)?;
        let row = behind.split(" < ").next().filter(|_| held);
        return Some(row.unwrap_or(behind).trim_start().into());
    }
    let options = facts.options.iter().copied().flatten();
    let fitting = options.filter(|it| !(held && it.id.chooses_rows()));
    let mut names: Vec<&str> = fitting.map(Opt::name).collect();
    let more = if names.len() > HINTED { ", .." } else { "" };
    names.truncate(HINTED);
    (!names.is_empty()).then(|| format_smolstr!("< {}{more} >", names.join(", ")))
}

/// Whether the name that may stand in place of an object is a model's, as its members say.
fn is_model(members: ObjectOptions) -> bool {
    option(members.tables, Some(OptionId::Model.name())).is_some()
}

/// Whether an operator may follow.
fn is_operand(token: &Token<'_>) -> bool {
    match token.kind {
        TokenKind::Word => !Reserved::of(token.text).is_some_and(Reserved::wants_operand),
        TokenKind::Name | TokenKind::Number | TokenKind::Text => true,
        TokenKind::Sign(byte) => byte == b'(',
        _ => false,
    }
}

/// Whether words are a subject, perhaps with scopes: `User.active`.
fn only_path(member: &[Token<'_>]) -> bool {
    let names = member.iter().filter(|it| it.name().is_some()).count();
    let dots = member.iter().filter(|it| it.is(b'.')).count();
    names == dots + 1 && names + dots == member.len()
}

/// The first line of a documentation.
fn doc(doc: Option<&SmolStr>) -> SmolStr {
    let line = doc.and_then(|it| it.lines().next());
    line.unwrap_or_default().into()
}
