//! What was meant where a sentence says it as other languages do: conditions in objects, options without their brackets.

use super::{Context, names};
use crate::ast;
use crate::diagnostics::{CheckProblem, Edit, Help, Problem};
use crate::foreign;
use crate::ir::{AssociationKind, DataType, TypeWord};
use crate::source::Span;
use crate::verbs::{self, BodyVerb, OptionItem, RowVerb, Verb};

/// The attributes of a model that hold documents.
fn documents(context: &Context<'_>, model: Option<usize>) -> Vec<String> {
    let is_document = |it: &DataType| matches!(it, DataType::Json | DataType::Jsonb);
    let attributes = model.into_iter().flat_map(|it| &context.model(it).attributes);
    attributes.filter(|it| is_document(&it.data_type)).map(|it| it.name.to_string()).collect()
}

/// "`where` takes an expression in brackets", with the condition that the value says.
pub(super) fn wrong_condition(
    context: &Context<'_>,
    item: OptionItem<'_>,
    model: Option<usize>,
) -> Problem {
    let name = item.name.text.as_str();
    let written = context.sources.slice(item.value_span());
    let said = match item.value.map(|it| &it.kind) {
        Some(ast::ValueKind::Object(braces)) if braces.members.is_empty() => None,
        Some(ast::ValueKind::Object(_) | ast::ValueKind::List(_)) => {
            foreign::condition(written, documents(context, model).into_iter())
        }
        Some(ast::ValueKind::Name(_) | ast::ValueKind::Path(_) | ast::ValueKind::Call(_)) => {
            Some(written.to_owned())
        }
        _ => None,
    };
    let help = match (said, item.value.map(|it| &it.kind)) {
        (Some(it), _) => Some(
            Help::write(item.value_span(), &format!("({it})"))
                .with_text(format!("write `{name}: ({it})`")),
        ),
        (None, Some(ast::ValueKind::Text(text))) => Some(
            format!("a condition stands in brackets, not in quotes: `{name}: ({text})`").into(),
        ),
        (None, Some(ast::ValueKind::Object(braces))) if braces.members.is_empty() => Some(
            format!("leave `{name}` out where all rows are meant; what changes rows says `all`")
                .into(),
        ),
        (None, _) => None,
    };
    verbs::wrong_value(item, "an expression in brackets", help)
}

/// The options that stand behind a verb without their brackets, or in others, written as they should be.
pub(super) fn options_instead(
    context: &Context<'_>,
    sentence: &ast::Sentence,
    model: usize,
    verb: &ast::Path,
) -> Option<Help> {
    let rest = Span::new(verb.span.end, sentence.span.end);
    let text = context.sources.slice(rest);
    if sentence.options.is_some() || text.trim().is_empty() {
        return None;
    }
    let said = foreign::options(text, documents(context, Some(model)).into_iter())?;
    let edits = vec![Edit { at: rest, text: format!(" {said}") }];
    let words = sentence.words.iter().take_while(|it| it.span.start <= verb.span.start);
    let words: Vec<&str> = words.map(|it| context.sources.slice(it.span)).collect();
    Some(Help { text: format!("write `{} {said}`", words.join(" ")), edits })
}

/// What a sentence about rows that takes options alone was to say with what stands behind its verb: a row's key, an attribute, options.
pub(super) fn instead_of_argument(
    context: &Context<'_>,
    sentence: &ast::Sentence,
    model: usize,
    verb: RowVerb,
) -> Option<Help> {
    let [subject, word, extra @ ..] = &*sentence.words else { return None };
    let subject = context.sources.slice(subject.span);
    let of = context.model(model);
    let line = |at: Span, verb: &str, behind: String| {
        let edits = vec![Edit { at, text: format!("{verb}{behind}") }];
        Help { text: format!("write `{subject} {verb}{behind}`"), edits }
    };
    match (extra, sentence.argument.as_ref()) {
        ([], Some(value)) if is_key(value) && sentence.options.is_none() => {
            let [key] = of.primary_key.as_slice() else { return None };
            let (at, key) = (word.span.to(value.span), names::written(&of.attribute(*key).name));
            let written = context.sources.slice(value.span);
            match verb {
                RowVerb::FindAll | RowVerb::FindOne => {
                    Some(line(at, Verb::Rows(RowVerb::FindByPk).name(), format!(" {written}")))
                }
                RowVerb::Destroy | RowVerb::Restore => Some(line(
                    at,
                    word.head.text.as_str(),
                    format!(" < where: ({key} = {written}) >"),
                )),
                _ => None,
            }
        }
        ([only], None)
            if sentence.options.is_none()
                && only.tail.is_empty()
                && of.attribute_named(&only.head.text).is_some()
                && matches!(verb, RowVerb::FindAll | RowVerb::FindOne) =>
        {
            let behind = format!(" < attributes: [{}] >", context.sources.slice(only.span));
            Some(line(word.span.to(only.span), word.head.text.as_str(), behind))
        }
        _ => options_instead(context, sentence, model, word),
    }
}

/// `{ type: STRING, allowNull: false }`: the type comes first, then options. `"STRING"`: without quotes.
pub(super) fn type_instead(context: &Context<'_>, value: &ast::ValueNode) -> Option<Help> {
    match &value.kind {
        ast::ValueKind::Object(_) => {
            let words = "the type comes first, then options";
            Some(match foreign::attribute(context.sources.slice(value.span)) {
                Some(it) => Help::write(value.span, &it).with_text(format!("{words}: `{it}`")),
                None => format!("{words}: `name: STRING < allowNull: false >`").into(),
            })
        }
        ast::ValueKind::Text(text) if TypeWord::named(text).is_some() => {
            Some(Help::write(value.span, text))
        }
        ast::ValueKind::List(members) => list_instead(context, value, members),
        _ => None,
    }
}

/// `index: [a, b]`, `unique: [a]`: a sentence of the body, not an attribute; whether it was, and was told.
fn is_index(context: &mut Context<'_>, pair: &ast::Pair) -> bool {
    let verb = match (verbs::of_body(&pair.key.text), pair.key.text.as_str()) {
        (Some(verb @ (BodyVerb::Index | BodyVerb::Unique)), _) => verb,
        (None, "indexes" | "indices" | "key") => BodyVerb::Index,
        (None, "uniqueKeys") => BodyVerb::Unique,
        _ => return false,
    };
    let word = verb.name();
    let (Some(value), None) = (&pair.value, &pair.options) else { return false };
    let ast::ValueKind::List(members) = &value.kind else { return false };
    let names: Option<Vec<&str>> = members
        .iter()
        .map(|it| match &it.kind {
            ast::ValueKind::Name(word) => Some(word.text.as_str()),
            ast::ValueKind::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let at = pair.key.span.to(value.span);
    let help = match names {
        Some(names) if !names.is_empty() => {
            Help::write(at, &format!("{word} ({})", names.join(", ")))
        }
        _ => format!("each is a sentence of the body: `{word} (name) < name: by_name >`").into(),
    };
    context.report(CheckProblem::TypeArguments {
        message: format!("`{word}` takes its members in round brackets"),
        at,
        label: "no attribute".into(),
        help: Some(help),
    });
    true
}

/// `INT(11) < unsigned >`, `Array<STRING>`: what stands in angle brackets belongs to the type; whether it does, and was told.
pub(super) fn type_in_brackets(context: &mut Context<'_>, pair: &ast::Pair) -> bool {
    if is_index(context, pair) {
        return true;
    }
    let (Some(value), Some(options)) = (&pair.value, &pair.options) else { return false };
    let is_suffix = |it: &ast::OptionPair| {
        matches!(it.name.text.as_str(), "unsigned" | "zerofill" | "UNSIGNED" | "ZEROFILL")
    };
    let is_type = |it: &ast::OptionPair| it.name.text.starts_with(char::is_uppercase);
    let all = &options.items;
    if !all.iter().any(|it| it.value.is_none() && (is_suffix(it) || is_type(it))) {
        return false;
    }
    let word = match &value.kind {
        ast::ValueKind::Name(word) => word,
        ast::ValueKind::Call(call) if call.suffixes.is_empty() => &call.name,
        _ => return false,
    };
    let Some(said) = whole_type(context, (word, value), all, is_suffix) else { return false };
    let at = value.span.to(options.span);
    context.report(if TypeWord::named(&word.text).is_some() {
        CheckProblem::TypeArguments {
            message: "what belongs to a type stands behind a dot".into(),
            at,
            label: "not an option".into(),
            help: Some(Help::write(at, &said)),
        }
    } else {
        let help = Help::write(at, &said);
        let help = if said == "JSON" {
            help.with_text("write `JSON`, which a list of values is kept as".to_owned())
        } else {
            help
        };
        CheckProblem::UnknownType { name: word.text.to_string(), at, help: Some(help) }
    });
    true
}

/// The type with what stands in the brackets behind it, and the options that are left.
fn whole_type(
    context: &Context<'_>,
    (word, value): (&ast::Word, &ast::ValueNode),
    all: &[ast::OptionPair],
    is_suffix: impl Fn(&ast::OptionPair) -> bool,
) -> Option<String> {
    let written = context.sources.slice(value.span);
    let (own, others): (Vec<_>, Vec<_>) = all.iter().partition(|it| is_suffix(it));
    if own.is_empty() {
        let is_list =
            ["array", "list", "set", "vec"].iter().any(|it| word.text.eq_ignore_ascii_case(it));
        let of_type = |it: &ast::OptionPair| {
            let name = it.name.text.as_str();
            TypeWord::named(name).is_some() || DataType::of_database(name).is_some()
        };
        let [only] = all else { return None };
        return (is_list && only.value.is_none() && of_type(only)).then(|| "JSON".to_owned());
    }
    let words: Vec<_> = own.iter().map(|it| it.name.text.as_str()).collect();
    let known = DataType::of_database(&format!("{written} {}", words.join(" ")))?;
    if !matches!(known, DataType::Integer(_) | DataType::Float(_) | DataType::Decimal(_)) {
        return None;
    }
    let mut res = if TypeWord::named(&word.text).is_some() {
        let suffixes = own.iter().map(|it| format!(".{}", it.name.text.to_uppercase()));
        format!("{written}{}", suffixes.collect::<String>())
    } else {
        known.written()
    };
    let others: Vec<_> = others.iter().map(|it| context.sources.slice(it.span())).collect();
    if !others.is_empty() {
        res = format!("{res} < {} >", others.join(", "));
    }
    Some(res)
}

/// `[STRING]`: a list is kept as JSON. `["a", "b"]` are an ENUM's members, `[Post]` are rows.
fn list_instead(
    context: &Context<'_>,
    value: &ast::ValueNode,
    members: &[ast::ValueNode],
) -> Option<Help> {
    let word = |it: &ast::ValueNode| match &it.kind {
        ast::ValueKind::Name(word) => Some(word.text.clone()),
        ast::ValueKind::Text(text) => Some(text.clone()),
        ast::ValueKind::Call(call) => Some(call.name.text.clone()),
        _ => None,
    };
    let words: Vec<_> = members.iter().map(word).collect::<Option<_>>()?;
    match words.as_slice() {
        [] => None,
        [only] if DataType::of_database(only).is_some() || TypeWord::named(only).is_some() => {
            let text = "write `JSON`, which a list of values is kept as".to_owned();
            Some(Help::write(value.span, "JSON").with_text(text))
        }
        [only] if context.entities.contains_key(only) => Some(
            format!("rows of `{only}` belong to it by an association, outside of the braces: `.. hasMany {only}`").into(),
        ),
        _ => {
            let inner = context.sources.slice(value.span);
            let inner = inner.strip_prefix('[')?.strip_suffix(']')?;
            Some(Help::write(value.span, &format!("ENUM({inner})")))
        }
    }
}

/// `User sum(age)`, `User where(age > 3)`: a call behind its subject.
pub(super) fn called_verb(context: &Context<'_>, sentence: &ast::Sentence) -> Option<Help> {
    let argument = sentence.argument.as_ref()?;
    let ast::ValueKind::Call(call) = &argument.kind else { return None };
    let subject = context.sources.slice(sentence.words.first()?.span);
    let verb = verbs::all()
        .filter(|it| it.follows_subject())
        .find(|it| it.name() == call.name.text)
        .or_else(|| verbs::verb_of_others(&call.name.text, false))?;
    let said = match call.arguments.as_slice() {
        [] => verb.name().to_owned(),
        [one]
            if matches!(
                one.kind,
                ast::ValueKind::Name(_) | ast::ValueKind::Integer(_) | ast::ValueKind::Object(_)
            ) =>
        {
            format!("{} {}", verb.name(), context.sources.slice(one.span))
        }
        [one] if matches!(one.kind, ast::ValueKind::Star) => verb.name().to_owned(),
        [one] => format!("{} ({})", verb.name(), context.sources.slice(one.span)),
        _ => return None,
    };
    let text = format!("a sentence is no call: `{subject} {said}`");
    Some(Help::write(argument.span, &said).with_text(text))
}

/// `Post belongsTo User as owner`: options without their brackets.
pub(super) fn named_options(sentence: &ast::Sentence) -> Option<Help> {
    let mut words = sentence.words.iter().map(|it| &it.head);
    let (subject, verb, object) = (words.next()?, words.next()?, words.next()?);
    let (option, value) = (words.next()?, words.next());
    let argument = sentence.argument.as_ref().map(|it| &it.kind);
    let ((Some(value), None) | (None, Some(ast::ValueKind::Name(value)))) = (value, argument)
    else {
        return None;
    };
    let is_option = matches!(option.text.as_str(), "as" | "through" | "foreignKey");
    if !is_option || words.next().is_some() || sentence.options.is_some() {
        return None;
    }
    let said = format!("< {}: {} >", option.text, value.text);
    let text = format!("write `{} {} {} {said}`", subject.text, verb.text, object.text);
    Some(Help::write(option.span.to(value.span), &said).with_text(text))
}

/// `User hasMany Post < through: PostTag >`: it is the verb that is meant otherwise.
pub(super) fn through_elsewhere(
    context: &mut Context<'_>,
    sentence: &ast::Sentence,
    owner: &str,
    item: OptionItem<'_>,
) {
    let meant = Verb::Associate(AssociationKind::BelongsToMany).name();
    let [subject, verb, object] = &*sentence.words else { return };
    let line = format!("{} {meant} {}", subject.head.text, object.head.text);
    let option = context.sources.slice(item.span);
    let text = format!("a table between the two makes them many to many: `{line} < {option} >`");
    let edits = vec![Edit { at: verb.span, text: meant.to_owned() }];
    context.report(CheckProblem::UnknownOption {
        owner: owner.to_owned(),
        option: item.name.text.to_string(),
        at: item.name.span,
        help: Some(Help { text, edits }),
    });
}

/// `include: [{ model: Post, as: posts }]`, `include: { posts: true }`
pub(super) fn wrong_include(context: &mut Context<'_>, value: &ast::ValueNode, model: usize) {
    let said = match &value.kind {
        ast::ValueKind::Object(_) => foreign::include(
            context.sources.slice(value.span),
            documents(context, Some(model)).into_iter(),
        ),
        _ => None,
    };
    let names = context.schema.associations.iter().filter(|it| it.source.0 as usize == model);
    let names: Vec<&str> = names.map(|it| it.name.as_str()).collect();
    let help = match said {
        Some(it) if it == "all" && !names.contains(&"all") => {
            format!("each is named: `include: [{}]`", names.join(", ")).into()
        }
        Some(it) => Help::write(value.span, &it),
        None => "name one, perhaps with options: `include: [posts < required >]`".into(),
    };
    context.report(CheckProblem::Malformed {
        message: "`include` takes associations".into(),
        at: value.span,
        label: format!("this is {}", verbs::describe(&value.kind)),
        help: Some(help),
    });
}

/// `name = "Ann"` in a row.
pub(super) fn pair_instead(context: &Context<'_>, member: &ast::Member) -> Option<Help> {
    let ast::Member::Sentence(sentence) = member else { return None };
    let ([key], Some(value)) = (&*sentence.words, &sentence.assigned) else {
        return None;
    };
    let written = context.sources.slice(value.span).trim_end();
    let is_one = value.words.len() + usize::from(value.argument.is_some()) == 1;
    is_one.then(|| {
        Help::write(member.span(), &format!("{}: {written}", context.sources.slice(key.span)))
    })
}

/// `User.first`, `User[1]`, `User.sync < force >`, `ann.posts`: a verb behind a dot, or none.
pub(super) fn behind_dot(context: &Context<'_>, sentence: &ast::Sentence) -> Option<Help> {
    let ([subject], None) = (&*sentence.words, &sentence.assigned) else { return None };
    let head = &subject.head.text;
    if context.is_variable(head) && !context.entities.contains_key(head) {
        let is_alone = sentence.argument.is_none() && sentence.options.is_none();
        let path = context.sources.slice(subject.span);
        return is_alone.then(|| Help::write(sentence.span, &format!("print {path}")));
    }
    let (last, scopes) = subject.tail.split_last()?;
    context.entities.get(head)?;
    let verb = match last {
        ast::PathStep::Index(key, _) if scopes.is_empty() => {
            format!("{} {key}", Verb::Rows(RowVerb::FindByPk).name())
        }
        ast::PathStep::Index(..) => return None,
        ast::PathStep::Name(word) => {
            let own = verbs::all().filter(|it| it.follows_subject());
            let own = own.map(Verb::name).find(|it| *it == word.text);
            let other = || verbs::verb_of_others(&word.text, false).map(Verb::name);
            own.or_else(other)?.to_owned()
        }
    };
    let start = subject.span.start;
    let before = match scopes.last() {
        Some(ast::PathStep::Name(word)) => Span::new(start, word.span.end),
        Some(ast::PathStep::Index(..)) => return None,
        None => subject.head.span,
    };
    let said = format!("{} {verb}", context.sources.slice(before));
    Some(Help::write(subject.span, &said))
}

/// The same, or an example of the verb's.
pub(super) fn phrased_or(context: &Context<'_>, sentence: &ast::Sentence, example: &str) -> Help {
    phrased(context, sentence).unwrap_or_else(|| format!("it is written `{example}`").into())
}

/// A sentence of a body, its parts in their brackets.
pub(super) fn phrased_text(text: &str) -> Option<String> {
    let found = foreign::phrased(text)?;
    let mut res = text.to_owned();
    res.replace_range(found.range, &found.text);
    Some(res)
}

/// The same sentence with its parts in the brackets that they belong in.
pub(super) fn phrased(context: &Context<'_>, sentence: &ast::Sentence) -> Option<Help> {
    let found = foreign::phrased(context.sources.slice(sentence.span))?;
    let at = |it: usize| sentence.span.start + u32::try_from(it).unwrap_or_default();
    let at = Span::new(at(found.range.start), at(found.range.end));
    Some(Help { text: found.help, edits: vec![Edit { at, text: found.text }] })
}

/// Whether a value may be a row's key.
fn is_key(value: &ast::ValueNode) -> bool {
    matches!(value.kind, ast::ValueKind::Integer(_) | ast::ValueKind::Text(_))
}
