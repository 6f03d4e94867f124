//! Words where a verb is expected: verbs of other places, and what was meant.

use super::declare::is_declaration;
use super::pasted;
use super::{Context, variables};
use crate::ast;
use crate::diagnostics::{CheckProblem, Edit, Help, Stray};
use crate::source::Span;
use crate::verbs;
use crate::verbs::{Declaration, LinkVerb, RowVerb, Verb};
use crate::words;
use smol_str::SmolStr;

/// A verb that stands elsewhere in its sentence: `belongsTo Invoice User`, `User.hasMany(Invoice)`.
fn misplaced_verb<'a>(context: &mut Context<'a>, sentence: &'a ast::Sentence) -> bool {
    let verb = |it: &ast::Word| verbs::only_subject_verb(&it.text);
    let first = sentence.words.first();
    let dotted = first.and_then(|it| match &*it.tail {
        [ast::PathStep::Name(last)] => Some((verb(last)?, last.span)),
        _ => None,
    });
    // a call as a sentence is a word and its argument
    let words = || sentence.words.iter().map(|it| &it.head);
    let elsewhere = || words().find_map(|it| Some((verb(it)?, it.span)));
    let Some((verb, at)) = dotted.or_else(elsewhere) else {
        return false;
    };
    let is_name = |it: &&ast::Word| it.span != at && !matches!(it.text.as_str(), "await" | "new");
    let mut names: Vec<&ast::Word> = words().filter(is_name).collect();
    // the argument of a call is a name where nothing else is in it
    let argument = sentence.argument.as_ref();
    let objects = argument.and_then(|it| match &it.kind {
        ast::ValueKind::Name(word) => Some((vec![word], it.span)),
        ast::ValueKind::Group(members) => {
            let names = members.iter().map(|member| match &member.kind {
                ast::ValueKind::Name(word) => Some(word),
                _ => None,
            });
            Some((names.collect::<Option<Vec<_>>>()?, it.span))
        }
        _ => None,
    });
    let last = sentence.words.last().map(|it| it.span);
    let end = objects.as_ref().map(|it| it.1).or(last);
    names.extend(objects.into_iter().flat_map(|it| it.0));
    let text = |it: &ast::Word| context.sources.slice(it.span);
    let written = match names.as_slice() {
        [subject, object] => Some(format!("{} {} {}", text(subject), verb.name(), text(object))),
        [subject] if context.entities.contains_key(&subject.text) => {
            Some(format!("{} {}", text(subject), verb.name()))
        }
        _ => None,
    };
    let declares = |it: &&&ast::Word| matches!(verbs::first(&it.text), Some(Verb::Declare(_)));
    let help = match (written, first.zip(end)) {
        // `create model User { .. }`
        _ if let Some(model) =
            names.first().filter(declares).filter(|it| at.end < it.span.start) =>
        {
            let edits =
                vec![Edit { at: Span::new(at.start, model.span.start), text: String::new() }];
            Help { text: format!("leave `{}` out", verb.name()), edits }
        }
        (Some(it), Some((first, end))) => moved(context, sentence, first.span.to(end), &it),
        (Some(it), None) => format!("write `{it}`").into(),
        (None, _) if sentence.words.first().is_some_and(|it| is_loop(&it.head.text)) => {
            "there are no loops: a sentence is about all the rows that it finds, `User update { active: false } < where: (age < 18) >`, and lists of rows are written by `bulkCreate`".into()
        }
        (None, _) => format!("write `{}`", verb.facts().usage).into(),
    };
    context.report(CheckProblem::Malformed {
        message: format!("`{}` stands behind its subject", verb.name()),
        at,
        label: "in the wrong place".into(),
        help: Some(help),
    });
    true
}

/// Whether others begin a loop with that word.
fn is_loop(word: &str) -> bool {
    matches!(word, "for" | "foreach" | "forEach" | "while" | "each" | "loop")
}

/// What to write where a sentence begins otherwise: what follows stays as it is.
pub(super) fn moved(
    context: &Context<'_>,
    sentence: &ast::Sentence,
    begin: Span,
    written: &str,
) -> Help {
    let rest = context.sources.slice(Span::new(begin.end, sentence.span.end)).trim_end();
    let help = Help::write(begin, written);
    if rest.is_empty() {
        help
    } else if rest.len() < 60 && !rest.contains('\n') {
        help.with_text(format!("write `{written}{rest}`"))
    } else {
        help.with_text(format!("write `{written} ..`"))
    }
}

/// Reports a sentence that has no verb.
pub(super) fn unknown_verb<'a>(
    context: &mut Context<'a>,
    sentence: &'a ast::Sentence,
    word: &'a ast::Word,
) {
    let Some(subject) = sentence.words.first() else {
        return;
    };
    if misplaced_verb(context, sentence) {
        return;
    }
    let is_subject = std::ptr::eq(&raw const subject.head, word);
    if !is_subject
        && context.entities.contains_key(&subject.head.text)
        && verbs::of_body(&word.text).is_some()
    {
        let (model, rest) = (&subject.head.text, Span::new(word.span.start, sentence.span.end));
        let written = context.sources.slice(rest).trim_end();
        let written = pasted::phrased_text(written).unwrap_or_else(|| written.to_owned());
        context.report(CheckProblem::NotHere {
            what: Stray::Word(word.text.to_string()),
            at: word.span,
            label: "a sentence of a model's body".into(),
            help: Some(
                format!("write it in the braces of `model {model} {{ .. }}`: `{written}`").into(),
            ),
        });
        return;
    }
    if let Some(help) = pasted::behind_dot(context, sentence) {
        context.report(CheckProblem::Malformed {
            message: format!("the sentence about `{}` has no verb", subject.head.text),
            at: subject.span,
            label: "what about it?".into(),
            help: Some(help),
        });
        return;
    }
    if let ([only], Some(_)) = (&*sentence.words, &sentence.assigned)
        && only.tail.is_empty()
        && !context.entities.contains_key(&only.head.text)
    {
        let edits = vec![Edit { at: only.span, text: format!("let {}", only.head.text) }];
        let text = format!("a variable is declared: `let {} = ..`", only.head.text);
        context.report(CheckProblem::UnknownVerb {
            verb: only.head.text.to_string(),
            at: only.span,
            help: Some(Help { text, edits }),
        });
        return;
    }
    if let ([only], Some(assigned)) = (&*sentence.words, &sentence.assigned)
        && let [ast::PathStep::Name(attribute)] = &*only.tail
        && context.is_variable(&only.head.text)
    {
        let (row, value) = (&only.head.text, context.sources.slice(assigned.span));
        let written = format!("{row} update {{ {}: {value} }}", attribute.text);
        context.report(CheckProblem::Malformed {
            message: "a row is changed by a sentence".into(),
            at: only.span,
            label: "nothing is assigned to".into(),
            help: Some(Help::write(sentence.span, &written)),
        });
        return;
    }
    let known = context.entities.contains_key(&subject.head.text);
    let firsts = || verbs::all().filter(|it| it.begins_sentence()).map(Verb::name);
    if verbs::of_body(&subject.head.text).is_some() && !known {
        let written = context.sources.slice(sentence.span);
        let is_short = written.len() < 60 && !written.contains('\n');
        let shown = if is_short { written } else { &subject.head.text };
        let help = format!("write it inside of a model's braces: `model User {{ {shown} }}`");
        context.report(CheckProblem::NotHere {
            what: Stray::Word(subject.head.text.to_string()),
            at: subject.span,
            label: "a sentence of a model's body".into(),
            help: Some(help.into()),
        });
        return;
    }
    if !(is_subject && known)
        && let Some(help) = pasted::phrased(context, sentence)
    {
        let is_about = known || context.is_variable(&subject.head.text);
        let word = if is_about { word } else { &subject.head };
        context.report(CheckProblem::UnknownVerb {
            verb: word.text.to_string(),
            at: word.span,
            help: Some(help),
        });
        return;
    }
    if is_subject && known {
        let called = pasted::called_verb(context, sentence);
        let called = called.or_else(|| pasted::phrased(context, sentence));
        let help = called.unwrap_or_else(|| {
            let (subject, verb) = (&subject.head.text, Verb::Rows(RowVerb::FindAll).name());
            format!("say what is to be done: `{subject} {verb}`").into()
        });
        context.report(CheckProblem::Malformed {
            message: format!("the sentence about `{}` has no verb", subject.head.text),
            at: subject.span,
            label: "what about it?".into(),
            help: Some(help),
        });
        return;
    }
    // A model in other letter case, which nothing is said about.
    let is_meant = |it: &&SmolStr| it.eq_ignore_ascii_case(&subject.head.text);
    let model = context.entities.keys().filter(is_meant).min();
    if let (true, false, Some(model)) = (is_subject, known, model) {
        let help = Help::name(subject.head.span, model);
        context.report(CheckProblem::UnknownVerb {
            verb: subject.head.text.to_string(),
            at: subject.head.span,
            help: Some(help),
        });
        return;
    }
    let meant = verbs::verb_of_others(&subject.head.text, true).map(Verb::name);
    if !known && let Some(nearest) = meant.or_else(|| words::nearest(&subject.head.text, firsts()))
    {
        context.report(CheckProblem::UnknownVerb {
            verb: subject.head.text.to_string(),
            at: subject.head.span,
            help: Some(Help::name(subject.head.span, nearest)),
        });
        return;
    }
    if LinkVerb::beginning(&word.text).is_some() && !is_subject && !known {
        variables::row_variable(context, &subject.head);
        return;
    }
    let seconds = verbs::all().filter(|it| it.follows_subject()).map(Verb::name);
    // a verb begins in lower case: what doesn't, behind a word that isn't known, is a name
    let is_name = !known && word.text.starts_with(char::is_uppercase);
    let nearest = if is_subject {
        None
    } else if let Some(meant) = verbs::verb_of_others(&word.text, false) {
        Some(meant.name())
    } else {
        words::nearest(&word.text, seconds)
            .filter(|it| !is_name || it.eq_ignore_ascii_case(&word.text))
    };
    let (word, is_subject) = match nearest {
        None if is_name => (&subject.head, true),
        Some(_) | None => (word, is_subject),
    };
    let help = match nearest {
        Some(nearest) => Help::name(word.span, nearest),
        None if is_subject && is_declaration(sentence) => {
            format!("models are declared so: `{}`", Declaration::Model.facts().usage).into()
        }
        None if is_subject && sentence.words.len() == 1 && has_attributes(sentence) => {
            let written = format!("{} {}", Declaration::Model.facts().name, word.text);
            let text = format!("a model is declared: `{written} {{ .. }}`");
            Help::write(word.span, &written).with_text(text)
        }
        None if is_subject => format!(
            "a sentence begins with a model's name or with one of {}",
            verbs::list(firsts())
        )
        .into(),
        None => {
            let about_rows = |it: &Verb| matches!(it, Verb::Rows(_));
            let some = verbs::all().filter(|it| it.follows_subject() && !about_rows(it));
            format!(
                "verbs behind a model's name are {}, and those that read and write rows",
                verbs::list(some.map(Verb::name))
            )
            .into()
        }
    };
    context.report(CheckProblem::UnknownVerb {
        verb: word.text.to_string(),
        at: word.span,
        help: Some(help),
    });
}

/// Whether `name: value` stands in braces behind its words.
fn has_attributes(sentence: &ast::Sentence) -> bool {
    match sentence.argument.as_ref().map(|it| &it.kind) {
        Some(ast::ValueKind::Object(braces)) => {
            matches!(braces.members.first(), Some(ast::Member::Pair(_)))
        }
        _ => false,
    }
}
