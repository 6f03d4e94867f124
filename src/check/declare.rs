//! First pass: which sentences declare what, under which name.

use super::{Base, Context, Draft, Entity, Pending, names};
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::{Enumeration, RawObject};
use crate::source::Span;
use crate::verbs;
use crate::verbs::{Place, Verb};
use crate::words;
use smol_str::SmolStr;
use std::sync::Arc;

/// What a sentence is, by its verb.
pub(super) enum Verbal<'a> {
    /// `model User`: the verb stands first.
    First(&'static Verb),
    /// `User hasMany Invoice`: a subject stands first.
    Second(&'a ast::Path, &'static Verb),
    /// No verb, and which word should have been one.
    Unknown(&'a ast::Word),
    /// `` sql`..` ``
    Sql(&'a SmolStr),
    /// A value alone.
    Nothing,
}

/// Finds the verb of a sentence.
pub(super) fn verbal(sentence: &ast::Sentence) -> Verbal<'_> {
    let Some(subject) = sentence.words.first() else {
        return match sentence.argument.as_ref().map(|it| &it.kind) {
            Some(ast::ValueKind::Sql(text)) if sentence.options.is_none() => Verbal::Sql(text),
            _ => Verbal::Nothing,
        };
    };
    if subject.tail.is_empty()
        && subject.head.quotes == ast::Quotes::None
        && let Some(verb) = verbs::first(&subject.head.text)
    {
        return Verbal::First(verb);
    }
    match sentence.words.get(1) {
        Some(verb) if verb.tail.is_empty() => match verbs::second(&verb.head.text) {
            Some(known) => Verbal::Second(subject, known),
            None => Verbal::Unknown(&verb.head),
        },
        Some(verb) => Verbal::Unknown(&verb.head),
        None => Verbal::Unknown(&subject.head),
    }
}

/// The name that a text declares which can't be read as a sentence.
fn declared(text: &str) -> Option<SmolStr> {
    let text = text.strip_prefix("abstract").map_or(text, str::trim_start);
    let rest = ["model", "enum"]
        .iter()
        .find_map(|it| text.strip_prefix(it))?;
    let name = rest.trim_start();
    let name = match name.strip_prefix('`') {
        Some(quoted) => quoted.split('`').next()?,
        None => name
            .split(|it: char| it.is_whitespace() || "{<".contains(it))
            .next()?,
    };
    (rest.len() > name.len() && !name.is_empty()).then(|| name.into())
}

impl<'a> Context<'a> {
    /// Sorts all sentences: declarations by their names, the rest for later passes.
    pub(super) fn declare(&mut self) {
        let mut defaults: Vec<Option<&'a ast::Options>> = vec![None; self.bundle.scripts.len()];
        let bundle = self.bundle;
        // A large schema has ten thousand models: growing by doubling would need twice the room.
        let models =
            |it: &ast::Sentence| it.words.first().is_some_and(|it| it.head.text == "model");
        let count = bundle.sentences().filter(|(_, it)| models(it)).count();
        for script in &bundle.scripts {
            let source = self.sources.get(script.source);
            let broken = script.broken.iter().map(|it| source.slice(*it));
            self.lost.extend(broken.filter_map(declared));
        }
        self.drafts.reserve_exact(count);
        self.pending.reserve_exact(bundle.order.len() - count);
        for (script, place) in bundle.order.iter().copied() {
            let Some(sentence) = bundle
                .scripts
                .get(script)
                .and_then(|it| it.sentences.get(place))
            else {
                continue;
            };
            self.script = script;
            match verbal(sentence) {
                Verbal::First(verb) => match verb.name {
                    "model" | "abstract" => {
                        let shared = defaults.get(script).copied().flatten();
                        self.declare_model(sentence, shared);
                        self.lose(sentence);
                    }
                    "enum" => {
                        self.declare_enum(sentence);
                        self.lose(sentence);
                    }
                    "view" => self.declare_view(sentence),
                    "defaults" => {
                        self.defaults_sentence(sentence);
                        if let Some(it) = defaults.get_mut(script) {
                            *it = sentence.options.as_ref();
                        }
                    }
                    "import" => self.import_sentence(sentence),
                    _ => self.pending.push(Pending {
                        script,
                        sentence,
                        shared: None,
                    }),
                },
                Verbal::Second(..) => {
                    let shared = defaults.get(script).copied().flatten();
                    self.pending.push(Pending {
                        script,
                        sentence,
                        shared,
                    });
                }
                Verbal::Unknown(word) => self.unknown.push((script, sentence, word)),
                Verbal::Sql(text) => self.schema.objects.push(RawObject {
                    sql: text.clone(),
                    span: sentence.span,
                }),
                Verbal::Nothing => self.report(CheckProblem::Malformed {
                    message: "a sentence begins with words".into(),
                    at: sentence.span,
                    label: "a value alone says nothing".into(),
                    help: Some(
                        "to keep a value write `let name = ..`, to show one `print ..`".into(),
                    ),
                }),
            }
        }
    }

    /// Notes the name that a sentence was to declare, if it didn't: that it isn't there needs no report of its own.
    fn lose(&mut self, sentence: &ast::Sentence) {
        let mut words = sentence.words.iter().skip(1).map(|it| &it.head.text);
        let name = words.find(|it| *it != "model");
        if let Some(name) = name.filter(|it| !self.entities.contains_key(*it)) {
            self.lost.insert(name.clone());
        }
    }

    /// What has no verb: reported when all names are known.
    pub(super) fn unknown_verbs(&mut self) {
        for (_, sentence, word) in std::mem::take(&mut self.unknown) {
            self.unknown_verb(sentence, word);
        }
    }

    fn unknown_verb(&mut self, sentence: &'a ast::Sentence, word: &'a ast::Word) {
        let Some(subject) = sentence.words.first() else {
            return;
        };
        let is_subject = std::ptr::eq(&raw const subject.head, word);
        let known = self.entities.contains_key(&subject.head.text);
        let firsts = || {
            verbs::all()
                .filter(|it| it.place != Place::Second)
                .map(|it| it.name)
        };
        if verbs::of_body(&subject.head.text).is_some() && !known {
            self.report(CheckProblem::NotHere {
                what: format!("`{}`", subject.head.text),
                at: subject.span,
                label: "a sentence of a model's body".into(),
                help: Some(format!(
                    "write it inside of the braces: `model User {{ {} }}`",
                    subject.head.text
                )),
            });
            return;
        }
        if is_subject && known {
            self.report(CheckProblem::Malformed {
                message: format!("the sentence about `{}` has no verb", subject.head.text),
                at: subject.span,
                label: "what about it?".into(),
                help: Some(format!(
                    "say what is to be done: `{} sync`",
                    subject.head.text
                )),
            });
            return;
        }
        if !known && let Some(nearest) = words::nearest(&subject.head.text, firsts()) {
            if matches!(nearest, "model" | "abstract" | "enum") {
                self.lose(sentence);
            }
            self.report(CheckProblem::UnknownVerb {
                verb: subject.head.text.to_string(),
                at: subject.head.span,
                help: Some(format!("did you mean `{nearest}`?")),
            });
            return;
        }
        if is_accessor(&word.text) && !is_subject && !known {
            self.not_yet(&word.text, word.span);
            return;
        }
        let seconds = verbs::all()
            .filter(|it| it.place != Place::First)
            .map(|it| it.name);
        let nearest = if is_subject {
            None
        } else {
            words::nearest(&word.text, seconds)
        };
        let help = match nearest {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None if is_subject => format!(
                "a sentence begins with a model's name or with one of {}",
                verbs::list(firsts())
            ),
            None => {
                let some = [
                    "hasOne",
                    "hasMany",
                    "belongsTo",
                    "belongsToMany",
                    "sync",
                    "drop",
                ];
                format!(
                    "verbs behind a model's name are {}, and those that read and write rows",
                    verbs::list(some)
                )
            }
        };
        self.report(CheckProblem::UnknownVerb {
            verb: word.text.to_string(),
            at: word.span,
            help: Some(help),
        });
    }

    pub(super) fn not_yet(&mut self, verb: &str, at: Span) {
        self.report(CheckProblem::NotYet {
            what: format!("`{verb}`"),
            at,
            help: Some("sentences that read and write rows come with a later version; take it out to use the rest of the script".into()),
        });
    }

    fn import_sentence(&mut self, sentence: &'a ast::Sentence) {
        let text = matches!(
            sentence.argument.as_ref().map(|it| &it.kind),
            Some(ast::ValueKind::Text(_))
        );
        if !text || sentence.words.len() != 1 {
            self.malformed(
                sentence,
                "`import` takes a file's name",
                "import \"billing.schema\"",
            );
        } else if let Some(options) = &sentence.options {
            self.no_options("`import`", options);
        }
    }

    fn declare_model(&mut self, sentence: &'a ast::Sentence, shared: Option<&'a ast::Options>) {
        let words = sentence.words.as_slice();
        let is_abstract = words.first().is_some_and(|it| it.head.text == "abstract");
        let rest = if is_abstract {
            match words.get(1) {
                Some(word) if word.head.text == "model" => words.get(2..).unwrap_or_default(),
                _ => {
                    return self.malformed(
                        sentence,
                        "`abstract` is followed by `model`",
                        verbs::ABSTRACT.usage,
                    );
                }
            }
        } else {
            words.get(1..).unwrap_or_default()
        };
        let (name, extends) = match rest {
            [] => return self.malformed(sentence, "`model` needs a name", verbs::MODEL.usage),
            [name] => (name, None),
            [name, word, base] if word.head.text == "extends" => (name, Some(base)),
            [_, word, ..] => {
                let help = words::nearest(&word.head.text, ["extends"]).map_or_else(
                    || format!("a model is written `{}`", verbs::MODEL.usage),
                    |it| format!("did you mean `{it}`?"),
                );
                return self.report(CheckProblem::Malformed {
                    message: format!("`{}` is one word too many", word.head.text),
                    at: word.span,
                    label: "behind the model's name comes `{`, or `extends` and a name".into(),
                    help: Some(help),
                });
            }
        };
        for path in [Some(name), extends].into_iter().flatten() {
            if !path.tail.is_empty() {
                return self.report(CheckProblem::Malformed {
                    message: "a model's name has no dots".into(),
                    at: path.span,
                    label: "not one name".into(),
                    help: Some("put a name that has a dot into backquotes, or say `schema: ..` in the options".into()),
                });
            }
        }
        match &sentence.argument {
            Some(ast::Value {
                kind: ast::ValueKind::Object(_),
                ..
            }) => {}
            None => {
                let example = format!(
                    "model {} {{ name: STRING }}",
                    names::written(&name.head.text)
                );
                return self.malformed(
                    sentence,
                    &format!("the model `{}` has no body", name.head.text),
                    &example,
                );
            }
            Some(other) => {
                return self.report(CheckProblem::Malformed {
                    message: "a model's body is in braces".into(),
                    at: other.span,
                    label: format!("this is {}", verbs::describe(&other.kind)),
                    help: Some(format!("write `{}`", verbs::MODEL.usage)),
                });
            }
        }
        if sentence.assigned.is_some() {
            return self.malformed(sentence, "`model` takes no `=`", verbs::MODEL.usage);
        }
        let entity = if is_abstract {
            Entity::Base(self.bases.len())
        } else {
            Entity::Model(self.drafts.len())
        };
        if !self.declare_name(&name.head, entity) {
            return;
        }
        let base = Base {
            script: self.script,
            word: &name.head,
            sentence,
            extends: extends.map(|it| &it.head),
        };
        if is_abstract {
            self.bases.push(base);
        } else {
            self.drafts.push(Draft::new(base, shared));
        }
    }

    /// Takes a name, unless another declaration has it.
    fn declare_name(&mut self, word: &'a ast::Word, entity: Entity) -> bool {
        if let Some((_, first)) = self.entities.get(&word.text) {
            let first = *first;
            self.report(CheckProblem::DeclaredTwice {
                name: word.text.to_string(),
                first,
                again: word.span,
                help: Some("give one of them another name, or put the two together".into()),
            });
            return false;
        }
        self.entities.insert(word.text.clone(), (entity, word.span));
        true
    }

    fn declare_enum(&mut self, sentence: &'a ast::Sentence) {
        let (
            Some(name),
            Some(ast::Value {
                kind: ast::ValueKind::Object(braces),
                ..
            }),
        ) = (sentence.words.get(1), &sentence.argument)
        else {
            return self.malformed(
                sentence,
                "`enum` needs a name and members",
                verbs::ENUM.usage,
            );
        };
        if sentence.words.len() > 2 || !name.tail.is_empty() {
            return self.malformed(sentence, "`enum` takes one name", verbs::ENUM.usage);
        }
        if let Some(options) = &sentence.options {
            self.no_options("`enum`", options);
        }
        let mut members: Vec<(SmolStr, Span)> = Vec::with_capacity(braces.members.len());
        for member in &braces.members {
            match enum_member(member) {
                Some(it) => members.push(it),
                None => self.report(CheckProblem::NotHere {
                    what: "this".into(),
                    at: member.span(),
                    label: "not a word".into(),
                    help: Some("an enumeration holds words or texts, separated by commas".into()),
                }),
            }
        }
        let members = self.enum_members(members, braces.span);
        if members.is_empty()
            || !self.declare_name(&name.head, Entity::Enum(self.schema.enumerations.len()))
        {
            return;
        }
        let doc = self.doc(self.script, sentence.span.start);
        self.schema.enumerations.push(Arc::new(Enumeration {
            name: Some(name.head.text.clone()),
            members,
            doc,
        }));
    }

    /// The members without those that are there twice.
    pub(super) fn enum_members(&mut self, members: Vec<(SmolStr, Span)>, at: Span) -> Vec<SmolStr> {
        if members.is_empty() {
            self.report(CheckProblem::EmptyEnumeration { at });
        }
        let mut seen: std::collections::HashMap<SmolStr, Span> = std::collections::HashMap::new();
        let mut kept = Vec::with_capacity(members.len());
        for (member, span) in members {
            if let Some(first) = seen.get(&member) {
                let first = *first;
                self.report(CheckProblem::DuplicateMember {
                    member: member.to_string(),
                    first,
                    again: span,
                });
            } else {
                seen.insert(member.clone(), span);
                kept.push(member);
            }
        }
        kept
    }

    fn declare_view(&mut self, sentence: &'a ast::Sentence) {
        let (Some(name), Some(_)) = (sentence.words.get(1), &sentence.assigned) else {
            return self.malformed(
                sentence,
                "`view` needs a name and a query",
                verbs::VIEW.usage,
            );
        };
        if sentence.words.len() > 2 || !name.tail.is_empty() {
            return self.malformed(sentence, "`view` takes one name", verbs::VIEW.usage);
        }
        if self.declare_name(&name.head, Entity::View(self.views.len())) {
            self.views.push((self.script, sentence));
        }
    }

    fn defaults_sentence(&mut self, sentence: &'a ast::Sentence) {
        if sentence.options.is_none() || sentence.argument.is_some() || sentence.words.len() > 1 {
            self.malformed(
                sentence,
                "`defaults` takes options alone",
                verbs::DEFAULTS.usage,
            );
        }
        // What its options say is checked here once; the models read them again.
        super::models::read_options(
            "`defaults`",
            &verbs::SHARED_OPTIONS,
            sentence.options.as_ref(),
            &mut self.problems,
        );
    }
}

fn enum_member(member: &ast::Member) -> Option<(SmolStr, Span)> {
    let ast::Member::Sentence(sentence) = member else {
        return None;
    };
    if sentence.options.is_some() || sentence.assigned.is_some() {
        return None;
    }
    match (sentence.words.as_slice(), &sentence.argument) {
        ([word], None) if word.tail.is_empty() => Some((word.head.text.clone(), word.span)),
        (
            [],
            Some(ast::Value {
                kind: ast::ValueKind::Text(text),
                span,
            }),
        ) => Some((text.clone(), *span)),
        _ => None,
    }
}

/// `createInvoice`, `getInvoices`: verbs that associations give to rows.
fn is_accessor(word: &str) -> bool {
    ["create", "get", "set", "add", "remove", "has", "count"]
        .iter()
        .any(|it| {
            word.strip_prefix(it)
                .is_some_and(|rest| rest.starts_with(char::is_uppercase))
        })
}
