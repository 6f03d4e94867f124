//! From sentences to their meaning.
//!
//! Passes, each relying on those before it only: *declare* the names (so that the order of sentences doesn't matter) ->
//! lower the *models* -> resolve the *associations* -> put the *keys* together -> *finish* attributes, indexes and
//! expressions -> the *steps*. Problems are collected, and a pass goes on with what is whole.
//!
//! Invariant: touches no database, and knows no dialect.

mod aggregates;
mod association_names;
mod associations;
mod bindings;
mod cases;
mod comparisons;
mod compound;
mod computed;
mod constraints;
mod declare;
mod draft;
mod dropped;
mod expressions;
mod finish;
mod former;
mod held_keys;
mod implied;
mod includes;
mod incremental;
mod indexes;
mod json_paths;
mod key_names;
mod key_uniques;
mod keys;
mod list_aggregates;
mod many_rows;
mod membership;
mod merge;
mod model_contents;
mod models;
mod moments;
mod names;
mod once;
mod operands;
mod pasted;
mod paths;
mod policy;
mod queries;
mod quoted_names;
mod references;
mod referred;
mod related_values;
mod row_variables;
mod rows;
mod scope;
mod scopes;
mod selected_names;
mod shown_views;
mod stray_words;
mod sums;
mod through;
mod types;
mod typing;
mod unknown_verbs;
mod uses;
mod values;
mod variables;
mod verbs;
mod view_size;
mod views;
mod width;

use crate::ast;
use crate::diagnostics::{CheckProblem, Help, Problem};
use crate::ir::{AttributeId, Model, ModelId, Schema, Step};
use crate::source::{Sources, Span};
use crate::verbs::BodyVerb;
use crate::words;
use smol_str::SmolStr;
use std::cell::Cell;
use std::collections::{BTreeSet, HashMap, HashSet};

use draft::ModelDraft;
pub use incremental::{KnownNames, check_behind, declares};
pub use names::written as written_name;
pub use policy::Policy;
pub use types::type_names;
pub use uses::{Meaning, NameUse};

/// What scripts mean.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// What is declared. Where there are errors, what could be made of it.
    pub schema: Schema,
    /// What is to be done, in order.
    pub steps: Vec<Step>,
    /// What is known of the variables that the scripts' own sentences give values to, where they end.
    pub variables: Vec<KnownVariable>,
    /// What is known by now of those that were there already.
    pub learned: Vec<KnownVariable>,
    /// Errors and warnings, in order of place.
    pub problems: Vec<Problem>,
    /// What names stand for, for [`check_behind`].
    pub names: KnownNames,
    /// Which name at which place means what, in order of place; of [`check_noting`] alone.
    pub uses: Vec<NameUse>,
}

impl Checked {
    /// Whether anything is wrong; warnings aside.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|it| !it.is_warning())
    }
}

/// Finds out what the scripts of `bundle` mean, and all that is wrong with them.
///
/// ```
/// use relata::{ast::Bundle, check, source::Sources, syntax};
/// let mut sources = Sources::default();
/// let id = sources.add("users.schema", "model User { name: STRING }\nsync").unwrap();
/// let bundle = Bundle::of(syntax::parse(sources.get(id)).script);
/// let checked = check::check(&bundle, &sources);
/// assert!(checked.problems.is_empty());
/// assert_eq!(checked.schema.models().next().unwrap().1.table, "Users");
/// ```
pub fn check(bundle: &ast::Bundle, sources: &Sources) -> Checked {
    check_with(bundle, sources, &[])
}

/// What a variable holds that the host gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostVariable {
    /// A value, or a list of them.
    Value,
    /// A row of the model of that name.
    Row(SmolStr),
    /// Rows of the model of that name.
    Rows(SmolStr),
}

/// What is known of a variable that is there before the scripts begin: the host gives it, or a script that has run.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownVariable {
    /// Its name.
    pub name: SmolStr,
    is: bindings::VariableOrigin,
}

impl KnownVariable {
    /// A variable that the host gives.
    pub const fn given(name: SmolStr, given: HostVariable) -> Self {
        Self { name, is: bindings::VariableOrigin::Given(given) }
    }

    /// The model whose rows it holds, if it holds some.
    pub fn model(&self) -> Option<&str> {
        self.is.model()
    }
}

/// As [`check`], where these variables are there already.
pub fn check_with(bundle: &ast::Bundle, sources: &Sources, given: &[KnownVariable]) -> Checked {
    run_passes(Context::new(bundle, sources, given))
}

/// As [`check`], and notes which name at which place means what.
pub fn check_noting(bundle: &ast::Bundle, sources: &Sources) -> Checked {
    let mut context = Context::new(bundle, sources, &[]);
    context.notes = uses::UseNotes::asked();
    run_passes(context)
}

/// All passes.
fn run_passes(mut context: Context<'_>) -> Checked {
    context.declare();
    models::lower_models(&mut context);
    let joins = context.resolve_associations();
    let keys = keys::put_keys_together(&mut context, joins);
    context.finish(keys);
    context.into_checked()
}

/// The attribute of that name which the sentence at hand may read.
fn attribute_named(context: &Context<'_>, model: usize, name: &str) -> Option<AttributeId> {
    let model = context.model(model);
    let found = model.attribute_named(name);
    found.or_else(|| {
        let former = model.former().iter().position(|it| context.in_step && it.name == name)?;
        Some(attribute_id(model.attributes.len() + former))
    })
}

/// So many names are compared for advice, all in all: a script of nothing but wrong names needs no advice for each.
const COMPARED: usize = 250_000;

/// What a declared name stands for: its place in the list of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entity {
    Model(usize),
    Base(usize),
    Enum(usize),
    View(usize),
}

/// A `model` sentence.
#[derive(Debug, Clone, Copy)]
struct Base<'a> {
    script: usize,
    word: &'a ast::Word,
    sentence: &'a ast::Sentence,
    extends: Option<&'a ast::Word>,
}

/// A sentence of a model's body, for a later pass.
#[derive(Debug, Clone, Copy)]
struct Body<'a> {
    script: usize,
    verb: BodyVerb,
    sentence: &'a ast::Sentence,
}

/// A sentence for a later pass.
#[derive(Debug, Clone, Copy)]
struct PendingSentence<'a> {
    script: usize,
    sentence: &'a ast::Sentence,
    shared: Option<&'a ast::OptionList>,
}

/// What the passes share.
struct Context<'a> {
    bundle: &'a ast::Bundle,
    sources: &'a Sources,
    /// The script of the sentence at hand.
    script: usize,
    schema: Schema,
    problems: Vec<Problem>,
    entities: HashMap<SmolStr, (Entity, Span)>,
    drafts: Vec<ModelDraft<'a>>,
    bases: Vec<Base<'a>>,
    views: Vec<(usize, &'a ast::Sentence)>,
    /// The drafts that stand for them, once they have been read.
    view_models: Vec<Option<usize>>,
    /// How large the views are, by the models that stand for them.
    weights: HashMap<usize, view_size::ViewSize>,
    pending: Vec<PendingSentence<'a>>,
    /// The drafts of models that have an attribute which says what it refers to.
    referring: Vec<usize>,
    /// The columns that models drop.
    drops: Vec<(usize, &'a ast::Word)>,
    /// Names that a sentence declares, perhaps, which couldn't be read and has been reported.
    doubtful: HashSet<&'a str>,
    /// Those of them that stand where a declaration has its name.
    hidden: BTreeSet<&'a str>,
    /// The variables of `let` sentences that have been reported, and of which nothing is known.
    unread: HashSet<&'a str>,
    steps: Vec<Step>,
    /// The variables that are there already.
    given: &'a [KnownVariable],
    /// The variables that are known at the sentence at hand, the latest last.
    variables: Vec<(SmolStr, bindings::VariableType)>,
    /// Whether a view's query is read.
    in_view: bool,
    /// How many transactions the sentence at hand is in.
    transactions: usize,
    /// The data steps.
    once: Vec<(usize, &'a ast::Sentence)>,
    /// Whether the sentence at hand is one of a data step's, which reads what `drop` names, too.
    in_step: bool,
    /// How many names have been compared for advice.
    compared: Cell<usize>,
    /// Which name at which place means what.
    notes: uses::UseNotes,
}

impl<'a> Context<'a> {
    fn new(bundle: &'a ast::Bundle, sources: &'a Sources, given: &'a [KnownVariable]) -> Self {
        Self {
            bundle,
            sources,
            script: 0,
            schema: Schema::default(),
            problems: Vec::new(),
            entities: HashMap::new(),
            drafts: Vec::new(),
            bases: Vec::new(),
            views: Vec::new(),
            view_models: Vec::new(),
            weights: HashMap::new(),
            pending: Vec::new(),
            referring: Vec::new(),
            drops: Vec::new(),
            doubtful: HashSet::new(),
            unread: HashSet::new(),
            hidden: BTreeSet::new(),
            steps: Vec::new(),
            given,
            variables: Vec::new(),
            in_view: false,
            transactions: 0,
            once: Vec::new(),
            in_step: false,
            compared: Cell::new(0),
            notes: uses::UseNotes::default(),
        }
    }

    /// The name that was meant, while there is time to look for it.
    fn nearest<'n>(&self, name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        let rest = COMPARED.saturating_sub(self.compared.get());
        let counted = names.into_iter().take(rest).inspect(|_| {
            self.compared.set(self.compared.get() + 1);
        });
        words::nearest(name, counted)
    }

    #[cold]
    fn report(&mut self, problem: CheckProblem) {
        self.problems.push(problem.into());
    }

    /// "`model` needs a name", at the sentence's words.
    fn malformed(&mut self, sentence: &ast::Sentence, message: &str, example: &str) {
        let words = sentence.words.first().zip(sentence.words.last());
        let at = words.map_or(sentence.span, |(first, last)| first.span.to(last.span));
        self.report(CheckProblem::Malformed {
            message: message.to_owned(),
            at,
            label: "this sentence".into(),
            help: Some(pasted::phrased_or(self, sentence, example)),
        });
    }

    fn no_options(&mut self, owner: &str, options: &ast::OptionList) {
        for item in &options.items {
            self.report(CheckProblem::UnknownOption {
                owner: owner.to_owned(),
                option: item.name.text.to_string(),
                at: item.name.span,
                help: Some("it takes no options".into()),
            });
        }
    }

    /// The documentation of what begins at `start`.
    fn doc(&self, script: usize, start: u32) -> Option<SmolStr> {
        let script = self.bundle.scripts.get(script)?;
        if script.comments.is_empty() {
            return None;
        }
        let source = self.sources.get(script.source);
        let close = |span: Span| {
            let between = source.slice(span);
            between.bytes().all(|it| it.is_ascii_whitespace()) && between.matches('\n').count() <= 1
        };
        let lines = script.doc(start, close);
        if lines.is_empty() {
            return None;
        }
        let text: Vec<&str> = lines
            .into_iter()
            .map(|it| {
                let line = source.slice(it).trim_end();
                let line = line.strip_prefix("///").unwrap_or(line);
                line.strip_prefix(' ').unwrap_or(line)
            })
            .collect();
        Some(text.join("\n").into())
    }

    /// The model of that name, or a report.
    fn model_of(&mut self, word: &ast::Word) -> Option<usize> {
        match self.entities.get(&word.text) {
            Some((Entity::Model(index), _)) => {
                self.notes.model(word.span, *index);
                Some(*index)
            }
            Some((Entity::Base(_), declared)) => {
                let declared = *declared;
                self.report(CheckProblem::AbstractUsed {
                    name: word.text.to_string(),
                    at: word.span,
                    declared,
                    help: Some(format!(
                        "use a model that extends it, `model Name extends {} {{ .. }}`",
                        word.text
                    )),
                });
                None
            }
            Some((Entity::View(_), _)) => {
                self.report(CheckProblem::Malformed {
                    message: format!("`{}` is a view, which can only be read", word.text),
                    at: word.span,
                    label: "a model is needed here".into(),
                    help: None,
                });
                None
            }
            None if self.may_be_declared(&word.text) => None,
            Some((Entity::Enum(_), _)) | None => {
                let known = self.models().map(|it| it.name.as_str());
                let known = known.chain(self.hidden.iter().copied());
                let help = Help::nearest(word.span, self.nearest(&word.text, known), || {
                    format!("declare it: `model {} {{ .. }}`", names::written(&word.text))
                });
                self.report(CheckProblem::UnknownModel {
                    name: word.text.to_string(),
                    at: word.span,
                    help: Some(help),
                });
                None
            }
        }
    }

    /// A model; the schema's behind scripts that were accepted.
    #[expect(clippy::indexing_slicing, reason = "the indexes are those of `entities`")]
    fn model(&self, index: usize) -> &Model {
        self.drafts.get(index).map_or_else(|| &self.schema.models[index], |it| &it.model)
    }

    /// All models.
    fn models(&self) -> impl Iterator<Item = &Model> {
        self.drafts.iter().map(|it| &it.model).chain(&self.schema.models)
    }

    #[expect(clippy::indexing_slicing, reason = "the indexes are those of `entities`")]
    fn draft(&self, index: usize) -> &ModelDraft<'a> {
        &self.drafts[index]
    }

    #[expect(clippy::indexing_slicing, reason = "the indexes are those of `entities`")]
    fn draft_mut(&mut self, index: usize) -> &mut ModelDraft<'a> {
        &mut self.drafts[index]
    }

    fn into_checked(mut self) -> Checked {
        // A mistake in an abstract model shows in each model that extends it: once is enough.
        let shared: Vec<Span> = self.bases.iter().map(|it| it.sentence.span).collect();
        if !shared.is_empty() {
            let mut seen = HashSet::new();
            self.problems.retain(|it| {
                let Some(span) = it.span() else { return true };
                let inside =
                    shared.iter().any(|base| base.start <= span.start && span.end <= base.end);
                !inside || seen.insert((it.code(), span))
            });
        }
        let (variables, learned) =
            (variables::declared_variables(&self), variables::updated_variables(&self));
        let uses = uses::collect_uses(&self);
        self.problems.sort_by_cached_key(|problem| problem.span().map_or(0, |it| it.start));
        Checked {
            variables,
            learned,
            schema: self.schema,
            steps: self.steps,
            problems: self.problems,
            names: KnownNames {
                entities: self.entities,
                view_models: self.view_models,
                weights: self.weights,
            },
            uses,
        }
    }
}

/// The id of the model at `index`.
#[expect(clippy::cast_possible_truncation, reason = "a text of 4 GiB has fewer models than that")]
const fn model_id(index: usize) -> ModelId {
    ModelId(index as u32)
}

/// The id of the attribute at `index`.
#[expect(clippy::cast_possible_truncation, reason = "a text of 4 GiB has fewer attributes")]
const fn attribute_id(index: usize) -> crate::ir::AttributeId {
    crate::ir::AttributeId(index as u32)
}

/// The id of the association at `index`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a text of 4 GiB has fewer associations than that"
)]
const fn association_id(index: usize) -> crate::ir::AssociationId {
    crate::ir::AssociationId(index as u32)
}
