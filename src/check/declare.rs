//! First pass: which sentences declare what, under which name.

use super::dropped;
use super::{Base, Context, Entity, ModelDraft, PendingSentence, names, pasted};
use crate::ast;
use crate::diagnostics::{CheckProblem, Help, Stray};
use crate::ir::{Enumeration, RawObject};
use crate::source::Span;
use crate::verbs;
use crate::verbs::{Declaration, OptionItem, TableVerb, Verb, VerbPlace, Verbal, verbal};
use crate::words;
use smol_str::SmolStr;
use std::sync::Arc;

/// Whether it has the shape of a declaration: two words and braces.
pub(super) fn is_declaration(sentence: &ast::Sentence) -> bool {
    let argument = sentence.argument.as_ref().map(|it| &it.kind);
    sentence.words.len() == 2 && matches!(argument, Some(ast::ValueKind::Object(_)))
}

impl<'a> Context<'a> {
    /// Whether an unknown name may be declared where a reported mistake hides it: no report of its own.
    pub(super) fn may_be_declared(&self, name: &str) -> bool {
        self.bundle.incomplete || self.doubtful.contains(name) || self.unread.contains(name)
    }

    /// Sorts all sentences: declarations by their names, the rest for later passes.
    pub(super) fn declare(&mut self) {
        note_broken(self);
        let mut defaults: Vec<Option<&'a ast::OptionList>> = vec![None; self.bundle.scripts.len()];
        let bundle = self.bundle;
        // A large schema has ten thousand models: growing by doubling would need twice the room.
        let name = Declaration::Model.name();
        let models = |sentence: &ast::Sentence| {
            sentence.words.first().is_some_and(|it| it.head.text == name)
        };
        let count = bundle.sentences().filter(|(_, it)| models(it)).count();
        self.drafts.reserve_exact(count);
        self.entities.reserve(count);
        self.pending.reserve_exact(bundle.order.len() - count);
        for (script, place) in bundle.order.iter().copied() {
            let Some(sentence) = bundle.scripts.get(script).and_then(|it| it.sentences.get(place))
            else {
                continue;
            };
            self.script = script;
            if !may_have_title(self, sentence) {
                continue;
            }
            match verbal(sentence) {
                Verbal::First(Verb::Declare(verb)) => match verb {
                    Declaration::Model | Declaration::Abstract => {
                        let shared = defaults.get(script).copied().flatten();
                        declare_model(self, sentence, verb, shared);
                        let words = || sentence.words.iter().map(|it| it.head.text.as_str());
                        if !words().any(|it| self.entities.contains_key(it)) {
                            self.doubtful.extend(words());
                        }
                    }
                    Declaration::Enum => declare_enum(self, sentence),
                    Declaration::View => declare_view(self, sentence),
                    Declaration::Defaults => {
                        defaults_sentence(self, sentence);
                        if let Some(it) = defaults.get_mut(script) {
                            *it = sentence.options.as_ref();
                        }
                    }
                    Declaration::Import => import_sentence(self, sentence),
                    Declaration::Once => self.once.push((script, sentence)),
                },
                Verbal::First(Verb::Tables(TableVerb::Drop)) if sentence.argument.is_some() => {
                    dropped::declare(self, sentence);
                }
                Verbal::First(
                    Verb::Associate(_) | Verb::Tables(_) | Verb::Control(_) | Verb::Rows(_),
                ) => self.pending.push(PendingSentence { script, sentence, shared: None }),
                Verbal::Second(..) => {
                    let shared = defaults.get(script).copied().flatten();
                    self.pending.push(PendingSentence { script, sentence, shared });
                }
                Verbal::Unknown(_) => {
                    if let Some(ast::ValueNode { kind: ast::ValueKind::Object(_), .. }) =
                        sentence.argument
                    {
                        let words = sentence.words.iter().map(|it| it.head.text.as_str());
                        self.hidden.extend(words.clone().nth(1));
                        self.doubtful.extend(words);
                    }
                    self.pending.push(PendingSentence { script, sentence, shared: None });
                }
                Verbal::Sql(text) => {
                    self.schema.objects.push(RawObject { sql: text.clone(), span: sentence.span });
                }
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
}

/// Whether no `=` stands in a sentence of a verb that takes none; else a report.
pub(super) fn takes_no_value(
    context: &mut Context<'_>,
    sentence: &ast::Sentence,
    name: &str,
    usage: &str,
) -> bool {
    let none = sentence.assigned.is_none();
    if !none {
        context.malformed(sentence, &format!("`{name}` takes no `=`"), usage);
    }
    none
}

/// Whether no text stands before a sentence's braces, or one may; else a report.
pub(super) fn may_have_title<'a>(context: &mut Context<'a>, sentence: &'a ast::Sentence) -> bool {
    let Some(title) = &sentence.title else {
        return true;
    };
    if let Verbal::First(Verb::Declare(Declaration::Once)) = verbal(sentence) {
        return true;
    }
    let ast::ValueKind::Text(text) = &title.kind else {
        return true;
    };
    let name = names::written(text);
    context.doubtful.insert(text);
    context.report(CheckProblem::Malformed {
        message: "a text is no name".into(),
        at: title.span,
        label: "in quotes".into(),
        help: Some(Help::write(title.span, &name).with_text(format!(
            "a name is bare or in backquotes; what is in quotes is a text: write `{name}`"
        ))),
    });
    false
}

/// The names that broken sentences declare, perhaps: the first words of their lines.
fn note_broken(context: &mut Context<'_>) {
    let bundle = context.bundle;
    for script in &bundle.scripts {
        let source = context.sources.get(script.source);
        let lines = script.broken.iter().flat_map(|it| source.slice(*it).lines());
        for line in lines {
            let head = line.split(['{', '(', '[', '<', '=', ':', '"']).next();
            // Every second part between backquotes is a name, white space and all.
            let parts = head.unwrap_or_default().split('`').enumerate();
            let mut names = Vec::new();
            for (index, part) in parts {
                if index % 2 == 1 {
                    names.push(part);
                } else {
                    names.extend(part.split_whitespace());
                }
            }
            let declares =
                |verb: &&str| verbs::first(verb).is_some_and(|it| it.place() == VerbPlace::First);
            if names.first().is_some_and(declares) {
                context.hidden.extend(names.get(1));
            }
            context.doubtful.extend(names);
        }
    }
}

fn import_sentence<'a>(context: &mut Context<'a>, sentence: &'a ast::Sentence) {
    let text =
        matches!(sentence.argument.as_ref().map(|it| &it.kind), Some(ast::ValueKind::Text(_)));
    if !text || sentence.words.len() != 1 {
        context.malformed(
            sentence,
            "`import` takes a file's name",
            Declaration::Import.facts().usage,
        );
    } else if let Some(options) = &sentence.options {
        context.no_options("`import`", options);
    }
}

fn declare_model<'a>(
    context: &mut Context<'a>,
    sentence: &'a ast::Sentence,
    verb: Declaration,
    shared: Option<&'a ast::OptionList>,
) {
    let words = &*sentence.words;
    let is_abstract = verb == Declaration::Abstract;
    let rest = if is_abstract {
        match words.get(1) {
            Some(word) if word.head.text == Declaration::Model.name() => {
                words.get(2..).unwrap_or_default()
            }
            _ => {
                return context.malformed(
                    sentence,
                    "`abstract` is followed by `model`",
                    Declaration::Abstract.facts().usage,
                );
            }
        }
    } else {
        words.get(1..).unwrap_or_default()
    };
    // The name, and what it extends; anything else in this place is a mistake.
    let (name, extends) = match rest {
        [] => {
            return context.malformed(
                sentence,
                "`model` needs a name",
                Declaration::Model.facts().usage,
            );
        }
        [name] => (name, None),
        [name, word, base] if word.head.text == "extends" => (name, Some(base)),
        [_, word, ..] => {
            let nearest = words::nearest(&word.head.text, ["extends"]);
            let help = Help::nearest(word.head.span, nearest, || {
                format!("a model is written `{}`", Declaration::Model.facts().usage)
            });
            return context.report(CheckProblem::Malformed {
                message: format!("`{}` is one word too many", word.head.text),
                at: word.span,
                label: "behind the model's name comes `{`, or `extends` and a name".into(),
                help: Some(help),
            });
        }
    };
    for path in [Some(name), extends].into_iter().flatten() {
        if !path.tail.is_empty() {
            return context.report(CheckProblem::Malformed {
                message: "a model's name has no dots".into(),
                at: path.span,
                label: "not one name".into(),
                help: Some(
                    "put a name that has a dot into backquotes, or say `schema: ..` in the options"
                        .into(),
                ),
            });
        }
    }
    match &sentence.argument {
        Some(ast::ValueNode { kind: ast::ValueKind::Object(_), .. }) => {}
        None if sentence.assigned.is_some() => {
            return context.malformed(
                sentence,
                "`model` takes no `=`",
                Declaration::Model.facts().usage,
            );
        }
        None => {
            let example = format!("model {} {{ name: STRING }}", names::written(&name.head.text));
            return context.malformed(
                sentence,
                &format!("the model `{}` has no body", name.head.text),
                &example,
            );
        }
        Some(other) => {
            return context.report(CheckProblem::Malformed {
                message: "a model's body is in braces".into(),
                at: other.span,
                label: format!("this is {}", verbs::describe(&other.kind)),
                help: Some(format!("write `{}`", Declaration::Model.facts().usage).into()),
            });
        }
    }
    if sentence.assigned.is_some() {
        return context.malformed(
            sentence,
            "`model` takes no `=`",
            Declaration::Model.facts().usage,
        );
    }
    let entity = if is_abstract {
        Entity::Base(context.bases.len())
    } else {
        Entity::Model(context.drafts.len())
    };
    if !declare_name(context, &name.head, entity) {
        return;
    }
    let base = Base {
        script: context.script,
        word: &name.head,
        sentence,
        extends: extends.map(|it| &it.head),
    };
    if is_abstract {
        context.notes.declare_base(base.word);
        context.bases.push(base);
    } else {
        context.drafts.push(ModelDraft::new(base, shared));
    }
}

/// Takes a name, unless another declaration has it.
fn declare_name<'a>(context: &mut Context<'a>, word: &'a ast::Word, entity: Entity) -> bool {
    if let Some((_, first)) = context.entities.get(&word.text) {
        let first = *first;
        context.report(CheckProblem::DeclaredTwice {
            name: word.text.to_string(),
            first,
            again: word.span,
            help: Some("give one of them another name, or put the two together".into()),
        });
        return false;
    }
    context.entities.insert(word.text.clone(), (entity, word.span));
    true
}

fn declare_enum<'a>(context: &mut Context<'a>, sentence: &'a ast::Sentence) {
    let (Some(name), Some(ast::ValueNode { kind: ast::ValueKind::Object(braces), .. })) =
        (sentence.words.get(1), &sentence.argument)
    else {
        // its types aren't reported again
        if let Some(name) = sentence.words.get(1) {
            context.doubtful.insert(&name.head.text);
        }
        return context.malformed(
            sentence,
            "`enum` needs a name and members",
            Declaration::Enum.facts().usage,
        );
    };
    if braces.members.iter().any(|it| enum_member(it).is_none())
        && let Some(help) = pasted::phrased(context, sentence)
    {
        context.doubtful.insert(&name.head.text);
        context.report(CheckProblem::Malformed {
            message: "an enumeration holds words or texts, separated by commas".into(),
            at: braces.span,
            label: "something else is among them".into(),
            help: Some(help),
        });
        return;
    }
    if sentence.words.len() > 2 || !name.tail.is_empty() {
        return context.malformed(
            sentence,
            "`enum` takes one name",
            Declaration::Enum.facts().usage,
        );
    }
    if let Some(options) = &sentence.options {
        context.no_options("`enum`", options);
    }
    let mut members: Vec<(SmolStr, Span)> = Vec::with_capacity(braces.members.len());
    for member in &braces.members {
        match enum_member(member) {
            Some(it) => members.push(it),
            None => {
                let words = words_side_by_side(member);
                let listed = || words.iter().map(|it| it.text.as_str()).collect::<Vec<_>>();
                let help = match words.as_slice() {
                    [] | [_] => "an enumeration holds words or texts, separated by commas".into(),
                    [..] => format!("write `{}`", listed().join(", ")),
                };
                context.report(CheckProblem::NotHere {
                    what: Stray::This,
                    at: member.span(),
                    label: "not a word".into(),
                    help: Some(help.into()),
                });
                members.extend(words.iter().map(|it| (it.text.clone(), it.span)));
            }
        }
    }
    let places = members.clone();
    // none is left where each of them is wrong, and told
    let members = if members.is_empty() && !braces.members.is_empty() {
        Vec::new()
    } else {
        context.enum_members(members, braces.span)
    };
    if members.is_empty() {
        context.doubtful.insert(&name.head.text);
        return;
    }
    if !declare_name(context, &name.head, Entity::Enum(context.schema.enumerations.len())) {
        return;
    }
    let doc = context.doc(context.script, sentence.span.start);
    let enumeration = Arc::new(Enumeration { name: Some(name.head.text.clone()), members, doc });
    context.notes.declare_enumeration(&name.head);
    context.notes.declare_members(&enumeration, &places);
    context.schema.enumerations.push(enumeration);
}

fn declare_view<'a>(context: &mut Context<'a>, sentence: &'a ast::Sentence) {
    let is_shown = sentence.assigned.is_none()
        && matches!(
            &sentence.argument,
            Some(ast::ValueNode { kind: ast::ValueKind::Object(braces), .. })
                if braces.members.first().is_none_or(|it| matches!(it, ast::Member::Pair(_)))
        );
    let (Some(name), true) = (sentence.words.get(1), is_shown || sentence.assigned.is_some())
    else {
        return context.malformed(
            sentence,
            "`view` needs a name and a query",
            Declaration::View.facts().usage,
        );
    };
    if sentence.words.len() > 2 || !name.tail.is_empty() {
        return context.malformed(
            sentence,
            "`view` takes one name",
            Declaration::View.facts().usage,
        );
    }
    if declare_name(context, &name.head, Entity::View(context.views.len())) {
        context.views.push((context.script, sentence));
    }
}

fn defaults_sentence<'a>(context: &mut Context<'a>, sentence: &'a ast::Sentence) {
    if sentence.options.is_none() || sentence.argument.is_some() || sentence.words.len() > 1 {
        context.malformed(
            sentence,
            "`defaults` takes options alone",
            Declaration::Defaults.facts().usage,
        );
    }
    // What its options say is checked here once; the models read them again.
    let items = OptionItem::of_options(sentence.options.as_ref());
    verbs::read("`defaults`", Declaration::Defaults.facts().options, items, &mut context.problems);
}

/// `USER ADMIN`, without a comma.
fn words_side_by_side(member: &ast::Member) -> Vec<&ast::Word> {
    match member {
        ast::Member::Sentence(it)
            if it.argument.is_none() && it.options.is_none() && it.assigned.is_none() =>
        {
            it.words.iter().map(|it| &it.head).collect()
        }
        ast::Member::Sentence(_) | ast::Member::Pair(_) => Vec::new(),
    }
}

fn enum_member(member: &ast::Member) -> Option<(SmolStr, Span)> {
    let ast::Member::Sentence(sentence) = member else {
        return None;
    };
    if sentence.options.is_some() || sentence.assigned.is_some() {
        return None;
    }
    match (&*sentence.words, &sentence.argument) {
        ([word], None) if word.tail.is_empty() => Some((word.head.text.clone(), word.span)),
        ([], Some(ast::ValueNode { kind: ast::ValueKind::Text(text), span })) => {
            Some((text.clone(), *span))
        }
        _ => None,
    }
}
