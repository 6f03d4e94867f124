//! Which model extends which.

use super::names::{Project, name_at};
use crate::ast::{Sentence, Word};
use crate::check::Meaning;
use crate::source::Span;
use crate::verbs::{Declaration, Verb, Verbal, verbal};
use smol_str::SmolStr;

/// A model, or an `abstract model`, by its sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredModel {
    /// Its name, without quotes.
    pub name: SmolStr,
    /// Whether it is an `abstract model`.
    pub is_abstract: bool,
    /// The name of what it extends.
    pub base: Option<SmolStr>,
    /// The sentence.
    pub span: Span,
    /// Its name, quotes included.
    pub name_span: Span,
}

/// The model whose name stands at a position, wherever that is.
///
/// ```
/// use relata::{ast::Bundle, check, ide, source::Sources, sql::Dialect, syntax};
/// let mut sources = Sources::default();
/// let text = "abstract model Named { name: STRING }\nmodel User extends Named { }";
/// let id = sources.add("a.schema", text).unwrap();
/// let bundle = Bundle::of(syntax::parse(sources.get(id)).script);
/// let checked = check::check_noting(&bundle, &sources);
/// let project = ide::Project { sources: &sources, bundle: &bundle, checked: &checked, dialect: Dialect::SQLITE };
/// let user = ide::model_at(project, sources.get(id).span(44..44).start).unwrap();
/// let base = ide::base_of(project, &user).unwrap();
/// assert_eq!((base.name.as_str(), base.is_abstract), ("Named", true));
/// assert_eq!(ide::extended_by(project, &base), [user]);
/// ```
pub fn model_at(project: Project<'_>, position: u32) -> Option<DeclaredModel> {
    let name = match &name_at(project, position)?.meaning {
        Meaning::Model(id) => &project.checked.schema[*id].name,
        Meaning::Base(name) => name,
        Meaning::Attribute(..)
        | Meaning::Association(_)
        | Meaning::Scope(_)
        | Meaning::Enumeration(_)
        | Meaning::Member(_)
        | Meaning::Variable(_)
        | Meaning::Former(_)
        | Meaning::Table(_)
        | Meaning::Script(_) => return None,
    };
    models(project).find(|it| it.name == *name)
}

/// What a model extends.
pub fn base_of(project: Project<'_>, model: &DeclaredModel) -> Option<DeclaredModel> {
    let base = model.base.as_ref()?;
    models(project).find(|it| it.name == *base)
}

/// The models that extend one, in order.
pub fn extended_by(project: Project<'_>, model: &DeclaredModel) -> Vec<DeclaredModel> {
    models(project).filter(|it| it.base.as_ref() == Some(&model.name)).collect()
}

pub(super) fn models(project: Project<'_>) -> impl Iterator<Item = DeclaredModel> {
    project.bundle.sentences().filter_map(|(_, it)| declared(it))
}

fn declared(sentence: &Sentence) -> Option<DeclaredModel> {
    let is_abstract = match verbal(sentence) {
        Verbal::First(Verb::Declare(Declaration::Model)) => false,
        Verbal::First(Verb::Declare(Declaration::Abstract)) => true,
        Verbal::First(_)
        | Verbal::Second(..)
        | Verbal::Unknown(_)
        | Verbal::Sql(_)
        | Verbal::Nothing => return None,
    };
    let mut words = sentence.words.iter().map(|it| &it.head).skip(if is_abstract { 2 } else { 1 });
    let Word { text: name, span: name_span, .. } = words.next()?;
    let base = words.nth(1).map(|it| it.text.clone());
    let (name, span) = (name.clone(), sentence.span);
    Some(DeclaredModel { name, is_abstract, base, span, name_span: *name_span })
}
