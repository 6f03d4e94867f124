//! Types, from how they are written.

use super::pasted;
use super::{Context, Entity};
use crate::ast;
use crate::diagnostics::{CheckProblem, Help, SyntaxProblem};
use crate::ir::{
    BareWord, DataType, Enumeration, Size, Suffix, TypeArguments, TypeParts, TypeWord,
};
use crate::source::Span;
use crate::verbs;
use crate::verbs::Verb;
use crate::words;
use smol_str::SmolStr;
use std::sync::Arc;

/// Words that are no types, and what is meant by each.
const MEANT: [(&str, &str); 5] = [
    ("VARCHAR", "STRING"),
    ("INT", "INTEGER"),
    ("DATETIME", "DATE"),
    ("TIMESTAMP", "DATE"),
    ("BOOL", "BOOLEAN"),
];

/// The names of all types.
pub fn type_names() -> impl Iterator<Item = &'static str> {
    TypeWord::ALL.iter().map(|it| it.word())
}

/// A type as written: its name, its arguments, what follows them.
struct WrittenType<'a> {
    name: &'a str,
    span: Span,
    arguments: &'a [ast::ValueNode],
    /// Whether there are brackets.
    called: bool,
    suffixes: Vec<&'a ast::Word>,
}

impl<'a> Context<'a> {
    /// The type that `value` stands for.
    pub(super) fn data_type(&mut self, value: &'a ast::ValueNode) -> Option<DataType> {
        let written = match &value.kind {
            ast::ValueKind::Sql(text) => return Some(DataType::Raw(text.clone())),
            ast::ValueKind::Name(word) => {
                let found = TypeWord::named(&word.text);
                if let Some(found) = found.and_then(|it| it.data_type(TypeParts::default())) {
                    return Some(found);
                }
                if let Some((Entity::Enum(index), _)) = self.entities.get(&word.text) {
                    self.notes.enumeration(word);
                    return self
                        .schema
                        .enumerations
                        .get(*index)
                        .map(|it| DataType::Enum(it.clone()));
                }
                WrittenType {
                    name: &word.text,
                    span: word.span,
                    arguments: &[],
                    called: false,
                    suffixes: vec![],
                }
            }
            ast::ValueKind::Path(path) => {
                let mut suffixes = Vec::new();
                for step in &path.tail {
                    if let ast::PathStep::Name(word) = step {
                        suffixes.push(word);
                    }
                }
                if suffixes.len() != path.tail.len() {
                    no_type(self, value);
                    return None;
                }
                WrittenType {
                    name: &path.head.text,
                    span: path.head.span,
                    arguments: &[],
                    called: false,
                    suffixes,
                }
            }
            ast::ValueKind::Call(call) if !call.distinct => WrittenType {
                name: &call.name.text,
                span: call.name.span,
                arguments: &call.arguments,
                called: true,
                suffixes: call.suffixes.iter().collect(),
            },
            _ => {
                no_type(self, value);
                return None;
            }
        };
        written_type(self, &written, value.span)
    }
}

fn no_type(context: &mut Context<'_>, value: &ast::ValueNode) {
    let help = pasted::type_instead(context, value).unwrap_or_else(|| {
        "a type is a word, `STRING`, perhaps with arguments and a suffix: `INTEGER(10).UNSIGNED`; or raw: sql`VARCHAR(7)`".into()
    });
    context.report(CheckProblem::TypeArguments {
        message: "this is no type".into(),
        at: value.span,
        label: format!("this is {}", verbs::describe(&value.kind)),
        help: Some(help),
    });
}

fn written_type<'a>(
    context: &mut Context<'a>,
    written: &WrittenType<'a>,
    span: Span,
) -> Option<DataType> {
    let Some(word) = TypeWord::named(written.name) else {
        unknown_type(context, written);
        return None;
    };
    let mut parts = TypeParts::default();
    match word.arguments() {
        TypeArguments::Nothing if written.called => {
            context.report(CheckProblem::TypeArguments {
                message: format!("`{}` takes no argument", written.name),
                at: span,
                label: "arguments here".into(),
                help: Some(format!("write `{}`", written.name).into()),
            });
            return None;
        }
        TypeArguments::Nothing => {}
        arguments @ (TypeArguments::Length
        | TypeArguments::Width
        | TypeArguments::Decimals
        | TypeArguments::Precision
        | TypeArguments::Digits) => {
            let (most, takes) = arguments.numbers()?;
            let numbers = numbers(context, written, most, takes)?;
            parts.numbers = [numbers.first().copied(), numbers.get(1).copied()];
            if let Some(wanting) = arguments.wanting(parts.numbers) {
                bad_arguments(context, written, wanting);
                return None;
            }
        }
        TypeArguments::Size => parts.size = size(context, written)?,
        TypeArguments::Members => parts.members = Some(enumeration(context, written)?),
        TypeArguments::Type => {
            let [inner] = written.arguments else {
                bad_arguments(context, written, "the type of its members: `ARRAY(STRING)`");
                return None;
            };
            parts.inner = Some(Box::new(context.data_type(inner)?));
        }
        TypeArguments::Shape => shape(context, written, &mut parts)?,
    }
    parts.suffixes = suffixes(context, written, word.suffixes())?;
    word.data_type(parts)
}

fn unknown_type(context: &mut Context<'_>, written: &WrittenType<'_>) {
    if context.may_be_declared(written.name) {
        return;
    }
    let enums: Vec<SmolStr> =
        context.schema.enumerations.iter().filter_map(|it| it.name.clone()).collect();
    if let Some((Entity::Enum(_), _)) = context.entities.get(written.name) {
        return context.report(CheckProblem::TypeArguments {
            message: format!("the enumeration `{}` takes nothing behind it", written.name),
            at: written.span,
            label: "declared with its members".into(),
            help: Some(format!("write `{}`", written.name).into()),
        });
    }
    if let Some(verb) = verbs::only_subject_verb(written.name).map(Verb::facts) {
        return context.report(CheckProblem::UnknownType {
            name: written.name.to_owned(),
            at: written.span,
            help: Some(
                format!(
                    "`{}` makes a sentence of its own, outside of the braces: `{}`",
                    verb.name, verb.usage
                )
                .into(),
            ),
        });
    }
    if let Some((Entity::Model(_), _)) = context.entities.get(written.name) {
        let name = written.name;
        return context.report(CheckProblem::UnknownType {
            name: name.to_owned(),
            at: written.span,
            help: Some(format!("`{name}` is a model: a row belongs to it by an association, outside of the braces: `.. belongsTo {name}`").into()),
        });
    }
    if let [name, ..] = written.suffixes.as_slice()
        && TypeWord::named(&name.text).is_some()
    {
        return context.report(CheckProblem::UnknownType {
            name: written.name.to_owned(),
            at: written.span,
            help: Some(
                Help::write(written.span.to(name.span), &name.text)
                    .with_text(format!("types stand alone: write `{}`", name.text)),
            ),
        });
    }
    let meant = MEANT.iter().map(|(it, _)| *it);
    let mut known: Vec<&str> = type_names().chain(meant).collect();
    known.extend(enums.iter().map(SmolStr::as_str));
    let own = |name: &str| MEANT.iter().find(|(it, _)| *it == name).map(|(_, it)| *it);
    let name = written.name.to_ascii_uppercase();
    let help = match name.as_str() {
        "NOW" => "NOW is a default value: `createdAt: DATE < defaultValue: now() >`".into(),
        "UUIDV4" | "UUIDV1" => "that is a default value: `id: UUID < defaultValue: uuid() >`".into(),
        "NUMBER" => "write `INTEGER`, or `DECIMAL(10, 2)` for numbers with decimals".into(),
        "ID" | "SERIAL" => "an `id` is added where no attribute is the primary key; written out it is `id: INTEGER < primaryKey, autoIncrement >`".into(),
        "CHARFIELD" | "EMAILFIELD" | "SLUGFIELD" | "URLFIELD" => "write `STRING`, with its length `STRING(80)`".into(),
        "LONG" | "BIGINTEGER" => Help::write(written.span, "BIGINT"),
        "MAP" | "OBJECT" | "DICT" | "RECORD" | "LIST" | "SET" | "ANY" => Help::write(written.span, "JSON")
            .with_text("write `JSON`, which lists and objects are kept as".into()),
        "MONEY" | "CURRENCY" => Help::write(written.span, "DECIMAL(19, 4)"),
        "DATETIMEFIELD" => Help::write(written.span, "DATE"),
        "DATEFIELD" => Help::write(written.span, "DATEONLY"),
        "BOOLEANFIELD" => Help::write(written.span, "BOOLEAN"),
        "INTEGERFIELD" | "AUTOFIELD" => Help::write(written.span, "INTEGER"),
        "FOREIGNKEY" | "ONETOONEFIELD" | "MANYTOMANYFIELD" | "MANYTOMANY" | "HAS_MANY" | "BELONGS_TO" | "HAS_ONE" => association_instead(context, written),
        "VARCHAR" if written.called => Help::write(written.span, "STRING").with_text("write `STRING(n)`".into()),
        "VARCHAR" => "write `STRING(n)`".into(),
        name => match (own(name), context.nearest(written.name, known)) {
            (Some(own), _) => Help::write(written.span, own),
            (None, Some(nearest)) => Help::name(written.span, own(nearest).unwrap_or(nearest)),
            (None, None) => "a type is one of STRING, TEXT, INTEGER, BIGINT, FLOAT, DECIMAL, BOOLEAN, DATE, DATEONLY, UUID, BLOB, ENUM(..), JSON and the like, the name of an `enum`, or raw: sql`..`".into(),
        },
    };
    context.report(CheckProblem::UnknownType {
        name: written.name.to_owned(),
        at: written.span,
        help: Some(help),
    });
}

/// What associates models where another language has a type for it: `author: ForeignKey(User)`.
fn association_instead(context: &Context<'_>, written: &WrittenType<'_>) -> Help {
    let to_many = written.name.to_ascii_lowercase().starts_with("many");
    let other = written.arguments.first().map_or("User", |it| context.sources.slice(it.span));
    let other = other.trim_matches(['"', '\'']);
    if to_many {
        format!("an association is a sentence outside of the braces: `Post belongsToMany {other} < through: Post{other} >`").into()
    } else {
        format!("an association is a sentence outside of the braces: `Post belongsTo {other} < as: author >`; it adds the key").into()
    }
}

fn bad_arguments(context: &mut Context<'_>, written: &WrittenType<'_>, takes: &str) {
    let at = match (written.arguments.first(), written.arguments.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => written.span,
    };
    let label = match written.arguments {
        [] if written.called => "nothing in the brackets".to_owned(),
        [] => "needs arguments".to_owned(),
        [one] => format!("this is {}", verbs::describe(&one.kind)),
        more => format!("these are {} arguments", more.len()),
    };
    // the example is another type's, perhaps
    let (takes, example) = takes.split_once(": `").unwrap_or((takes, ""));
    let example = example.find('(').and_then(|at| example.get(at..)).unwrap_or("`");
    context.report(CheckProblem::TypeArguments {
        message: format!("`{}` takes {takes}", written.name),
        at,
        label,
        help: Some(format!("write `{}{example}", written.name).into()),
    });
}

/// The arguments, at most `most` whole numbers.
fn numbers(
    context: &mut Context<'_>,
    written: &WrittenType<'_>,
    most: usize,
    takes: &str,
) -> Option<Vec<u32>> {
    let mut numbers = Vec::new();
    for argument in written.arguments {
        match argument.kind {
            ast::ValueKind::Integer(number) if u32::try_from(number).is_ok() => {
                numbers.extend(u32::try_from(number).ok());
            }
            _ => {
                bad_arguments(context, written, takes);
                return None;
            }
        }
    }
    if numbers.len() > most || (written.called && numbers.is_empty()) {
        bad_arguments(context, written, takes);
        return None;
    }
    Some(numbers)
}

#[expect(
    clippy::option_option,
    reason = "none after a mistake, none inside where no size is given"
)]
fn size(context: &mut Context<'_>, written: &WrittenType<'_>) -> Option<Option<Size>> {
    let [argument] = written.arguments else {
        if written.called {
            bad_arguments(context, written, "one of tiny, medium and long: `TEXT(long)`");
            return None;
        }
        return Some(None);
    };
    let size = match &argument.kind {
        ast::ValueKind::Name(ast::Word { text, .. }) | ast::ValueKind::Text(text) => {
            Size::ALL.into_iter().find(|it| it.word() == text)
        }
        _ => None,
    };
    if size.is_none() {
        bad_arguments(context, written, "one of tiny, medium and long: `TEXT(long)`");
        return None;
    }
    Some(size)
}

fn enumeration<'a>(
    context: &mut Context<'a>,
    written: &WrittenType<'a>,
) -> Option<Arc<Enumeration>> {
    let mut members = Vec::new();
    for argument in written.arguments {
        match &argument.kind {
            ast::ValueKind::Name(word) => members.push((word.text.clone(), word.span)),
            ast::ValueKind::Text(text) => members.push((text.clone(), argument.span)),
            // Words that mean something in expressions are words here.
            ast::ValueKind::Bool(value) => {
                members.push((SmolStr::new(value.to_string()), argument.span));
            }
            ast::ValueKind::Phrase(phrase) => {
                if let Some(word) = phrase.words.first() {
                    context.problems.push(
                        SyntaxProblem::MissingComma {
                            found: format!("`{}`", word.text),
                            at: word.span,
                            help: Some("separate the two with `,`".into()),
                        }
                        .into(),
                    );
                }
                return None;
            }
            _ => {
                bad_arguments(context, written, "words or texts: `ENUM(draft, paid)`");
                return None;
            }
        }
    }
    let places = members.clone();
    let members = context.enum_members(members, written.span);
    if members.is_empty() {
        return None;
    }
    let enumeration = Arc::new(Enumeration { name: None, members, doc: None });
    context.notes.declare_members(&enumeration, &places);
    Some(enumeration)
}

fn shape(
    context: &mut Context<'_>,
    written: &WrittenType<'_>,
    parts: &mut TypeParts,
) -> Option<()> {
    for (place, argument) in written.arguments.iter().enumerate() {
        match &argument.kind {
            ast::ValueKind::Name(ast::Word { text, .. }) | ast::ValueKind::Text(text)
                if place == 0 && BareWord::new(text).is_some() =>
            {
                parts.shape = BareWord::new(text);
            }
            ast::ValueKind::Integer(number) if place == 1 && u32::try_from(*number).is_ok() => {
                parts.numbers = [u32::try_from(*number).ok(), None];
            }
            _ => {
                bad_arguments(context, written, "a shape and an SRID: `GEOMETRY(POINT, 4326)`");
                return None;
            }
        }
    }
    Some(())
}

/// Reads the suffixes, of which `allowed` may be there.
fn suffixes(
    context: &mut Context<'_>,
    written: &WrittenType<'_>,
    allowed: &[Suffix],
) -> Option<Vec<Suffix>> {
    let names = || allowed.iter().map(|it| it.word());
    let mut seen = Vec::new();
    for word in &written.suffixes {
        let Some(suffix) = allowed.iter().find(|it| it.word() == word.text) else {
            let help = match words::nearest(&word.text, names()) {
                Some(nearest) => Some(Help::name(word.span, nearest)),
                None if allowed.is_empty() => None,
                None => Some(format!("it takes {}", verbs::list(names())).into()),
            };
            context.report(CheckProblem::TypeArguments {
                message: format!("`{}` takes no suffix `{}`", written.name, word.text),
                at: word.span,
                label: "unknown suffix".into(),
                help,
            });
            return None;
        };
        if seen.contains(suffix) {
            context.report(CheckProblem::TypeArguments {
                message: format!("`{}` is there twice", word.text),
                at: word.span,
                label: "once more".into(),
                help: Some("keep one of the two".into()),
            });
            return None;
        }
        seen.push(*suffix);
    }
    Some(seen)
}
