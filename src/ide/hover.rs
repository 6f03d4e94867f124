//! What is known of what stands at a place, as Markdown.

use super::names::{Project, definition, name_at};
use crate::check::Meaning;
use crate::ir::{
    Association, AssociationKind, Attribute, AttributeId, KeyPair, KeyTarget, Model, ModelId,
    Origin, Schema,
};
use crate::plan;
use crate::source::Span;
use crate::sql::{self, Dialect};
use crate::stored::laid_out;
use crate::verbs::{self, Declaration, Opt, OptionId};
use std::fmt::Write;

/// What is known of what stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// The place.
    pub at: Span,
    /// What is known, as Markdown.
    pub text: String,
}

/// What is known of what stands at a position: a model with its table, an attribute with its column, an association with its key and the
/// rules that gave it, a verb, an option.
///
/// ```
/// use relata::{ast::Bundle, check, ide, source::Sources, sql::Dialect, syntax};
/// let mut sources = Sources::default();
/// let id = sources.add("a.schema", "model User { name: STRING }").unwrap();
/// let bundle = Bundle::of(syntax::parse(sources.get(id)).script);
/// let checked = check::check_noting(&bundle, &sources);
/// let project = ide::Project { sources: &sources, bundle: &bundle, checked: &checked, dialect: Dialect::SQLITE };
/// let found = ide::hover(project, sources.get(id).base + 15, Dialect::SQLITE).unwrap();
/// assert!(found.text.contains("`name` VARCHAR(255)"), "{}", found.text);
/// ```
pub fn hover(project: Project<'_>, position: u32, dialect: &'static Dialect) -> Option<Hover> {
    let word = word_at(project, position);
    let named = name_at(project, position);
    // What declares an association is its verb, too, which has a page.
    if let Some(found) = named {
        let schema = &project.checked.schema;
        let text = match &found.meaning {
            Meaning::Model(id) => model(schema, *id, dialect),
            Meaning::Attribute(model, id) => attribute(schema, &schema[*model], *id, dialect),
            Meaning::Association(id) => association(project, &schema[*id]),
            Meaning::Table(name) => format!("table `{name}`, which no model is on\n"),
            Meaning::Former(at) => {
                format!("what was called {} before\n", project.sources.slice(*at))
            }
            Meaning::Script(_) => return None,
            Meaning::Base(_) | Meaning::Enumeration(_) => {
                declared_sentence(project, definition(project, position)?)
            }
            Meaning::Member(_) | Meaning::Scope(_) | Meaning::Variable(_) => {
                declared_line(project, definition(project, position)?)
            }
        };
        return Some(Hover { at: found.at, text });
    }
    let (at, word) = word?;
    let option = verbs::facts().flat_map(|it| it.options.iter().copied().flatten());
    let is_option = is_key(project, at);
    let option = option.filter(|_| is_option).find(|it| it.name() == word);
    let text = match (option, verbs::page(word)) {
        (Some(option), _) => about_option(option),
        (None, Some(page)) => page.to_owned(),
        (None, None) => return None,
    };
    Some(Hover { at, text })
}

/// The word at a position.
fn word_at(project: Project<'_>, position: u32) -> Option<(Span, &str)> {
    let source = project.sources.at(position)?;
    let at = source.offset(position);
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    let (before, behind) = (source.text.get(..at)?, source.text.get(at..)?);
    let start = before.trim_end_matches(is_word).len();
    let end = at + behind.len() - behind.trim_start_matches(is_word).len();
    let range = start..end;
    let word = source.text.get(range.clone()).filter(|it| !it.is_empty())?;
    Some((source.span(range), word))
}

/// Whether a word stands where options do: in `< .. >`.
fn is_key(project: Project<'_>, at: Span) -> bool {
    let mut sentences = project.bundle.sentences();
    let within = |span: Span| span.start <= at.start && at.end <= span.end;
    let Some((_, sentence)) = sentences.find(|(_, it)| within(it.span)) else {
        return false;
    };
    let source = project.sources.at(at.start);
    let before = source.map_or("", |it| it.slice(Span::new(sentence.span.start, at.start)));
    before.trim_end().ends_with(['<', ',', '{']) && before.contains('<')
}

fn about_option(option: &Opt) -> String {
    format!("option `{}: {}`\n\n{}\n", option.name(), option.takes.words(), option.summary)
}

/// So many lines of a sentence are shown.
const SHOWN: usize = 30;

/// The sentence that declares what is named at a place.
fn declared_sentence(project: Project<'_>, at: Span) -> String {
    let mut sentences = project.bundle.sentences().map(|it| it.1.span);
    let Some(span) = sentences.find(|it| it.start <= at.start && at.end <= it.end) else {
        return declared_line(project, at);
    };
    let text = project.sources.slice(span);
    let mut lines: Vec<&str> = text.lines().take(SHOWN).collect();
    if text.lines().nth(SHOWN).is_some() {
        lines.push("..");
    }
    format!("```schema\n{}\n```\n", lines.join("\n"))
}

/// The line that declares what is named at a place.
fn declared_line(project: Project<'_>, at: Span) -> String {
    let Some(source) = project.sources.at(at.start) else {
        return String::new();
    };
    let offset = source.offset(at.start);
    let start = source.text.get(..offset).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
    let line = source.text.get(start..).and_then(|it| it.lines().next()).unwrap_or_default();
    format!("```schema\n{}\n```\n", line.trim())
}

fn with_doc(text: &mut String, doc: Option<&smol_str::SmolStr>) {
    if let Some(doc) = doc {
        let _infallible = write!(text, "\n{doc}\n");
    }
}

fn model(schema: &Schema, id: ModelId, dialect: &'static Dialect) -> String {
    let model = &schema[id];
    let kind = if model.view { Declaration::View.name() } else { Declaration::Model.name() };
    let mut text = format!("{kind} `{}`, table `{}`\n", model.name, model.full_table());
    with_doc(&mut text, model.doc.as_ref());
    let statements = plan::create_model(schema, id, dialect);
    let text_of = |it| format!("{};\n", laid_out(&sql::render(it, schema, dialect)));
    let statements: String = statements.iter().map(text_of).collect();
    if !statements.is_empty() {
        let _infallible = write!(text, "\n```sql\n{statements}```\n");
    }
    text
}

fn attribute(schema: &Schema, model: &Model, id: AttributeId, dialect: &'static Dialect) -> String {
    let it = model.attribute(id);
    let Attribute { name, column, data_type, .. } = it;
    let mut text = format!("```schema\n{}.{name}: {}\n```\n", model.name, data_type.written());
    with_doc(&mut text, it.extra.as_ref().and_then(|it| it.doc.as_ref()));
    let column_type = sql::type_text(dialect, data_type);
    let null = if it.not_null { " NOT NULL" } else { "" };
    let _infallible =
        write!(text, "\ncolumn `{column}` {column_type}{null} of `{}`\n", model.table);
    let origin = match it.origin {
        Origin::Written => "",
        Origin::Implied => {
            "\nit comes by itself: the model's options can name it or leave it out\n"
        }
        Origin::Key => "\nan association makes it: a foreign key\n",
    };
    text.push_str(origin);
    for key in model.foreign_keys.iter().filter(|it| it.attributes.contains(&id)) {
        let target = match &key.target {
            KeyTarget::Model(id, _) => schema[*id].table.as_str(),
            KeyTarget::Table(name, _) => name,
        };
        let _infallible = writeln!(text, "\nforeign key `{}` to `{target}`", key.name);
    }
    text
}

/// Whether an association's own sentence says an option.
fn says(project: Project<'_>, association: &Association, option: OptionId) -> bool {
    let mut sentences = project.bundle.sentences();
    let found = sentences.find(|(_, sentence)| sentence.span.start == association.span.start);
    let options = found.and_then(|(_, it)| it.options.as_ref());
    options.is_some_and(|list| list.items.iter().any(|it| it.name.text == option.name()))
}

/// An association, with its key, the constraint, and the rule that gave each action.
fn association(project: Project<'_>, association: &Association) -> String {
    let schema = &project.checked.schema;
    let (source, target) = (&schema[association.source], &schema[association.target]);
    let mut text = format!(
        "```schema\n{} {} {} < as: {} >\n```\n",
        source.name,
        association.kind.word(),
        target.name,
        association.name
    );
    with_doc(&mut text, association.doc.as_ref());
    let refers = if association.kind == AssociationKind::BelongsTo { target } else { source };
    about_key(&mut text, project, association, &association.key, refers);
    if let Some(through) = &association.through {
        about_key(&mut text, project, association, &through.key, target);
    }
    text
}

fn about_key(
    text: &mut String,
    project: Project<'_>,
    association: &Association,
    key: &[KeyPair],
    refers: &Model,
) {
    let schema = &project.checked.schema;
    let holder = &schema[association.holder()];
    let attributes: Vec<AttributeId> = key.iter().map(|it| it.attribute).collect();
    let names: Vec<&str> = attributes.iter().map(|it| &*holder.attribute(*it).name).collect();
    let names = names.join(", ");
    let _infallible = writeln!(text, "\nkey `{}.{names}`, to `{}`", holder.name, refers.name);
    let Some(key) = holder.foreign_keys.iter().find(|it| it.attributes == attributes) else {
        text.push_str("\nno constraint keeps it\n");
        return;
    };
    let by = if key.named { "the script names it" } else { "its name comes by itself" };
    let _infallible = writeln!(text, "\nconstraint `{}` ({by})\n", key.name);
    // Both sides of a key may say what becomes of it.
    let of_key = |it: &&Association| {
        it.holder() == association.holder() && it.referring().eq(attributes.iter().copied())
    };
    let sides: Vec<&Association> =
        schema.associations().map(|it| it.1).filter(of_key).chain([association]).collect();
    let nullable = attributes.iter().all(|it| !holder.attribute(*it).not_null);
    let actions = [(OptionId::OnDelete, key.on_delete), (OptionId::OnUpdate, key.on_update)];
    for (option, action) in actions {
        let Some(action) = action else { continue };
        let said = sides.iter().any(|it| says(project, it, option));
        let why = match (said, option, nullable) {
            (true, ..) => "as the script says",
            (false, OptionId::OnUpdate, _) => "unless the script says otherwise",
            (false, _, _) if association.through.is_some() => "a link goes with its rows",
            (false, _, true) => "since the key may be null",
            (false, _, false) => "since the key can't be null",
        };
        let _infallible = writeln!(text, "- `{}: {}`, {why}", option.name(), action.word());
    }
}
