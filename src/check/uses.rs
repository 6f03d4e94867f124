//! Which name at which place means what: noted for those who ask, at no cost for the others.
//!
//! A name is noted where the check finds out what it means, so nothing here finds that out once more.

use super::{Context, model_id};
use crate::ast;
use crate::ir::{AssociationId, AttributeId, Enumeration, ModelId, Origin};
use crate::source::{Sources, Span};
use crate::verbs::OptionId;
use smol_str::SmolStr;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// A model, or the one that stands for a view.
    Model(ModelId),
    /// An `abstract model`, by its name.
    Base(SmolStr),
    /// An attribute; of what several models have from one `abstract model`, one of them stands for all.
    Attribute(ModelId, AttributeId),
    /// An association.
    Association(AssociationId),
    /// A scope, by the place of its name.
    Scope(Span),
    /// An `enum`, by its name.
    Enumeration(SmolStr),
    /// A member of an `enum` or an `ENUM(..)`, by the place of its name.
    Member(Span),
    /// A variable, by the place of its name.
    Variable(Span),
    /// What an attribute or a column was called before, by the place of the name in `was` or `drop`.
    Former(Span),
    /// A table that the database has and no model is on, by its name in small letters: of `drop`, `was` and `references`.
    Table(SmolStr),
    /// A script that is imported, by its place in the bundle.
    Script(usize),
}

/// A name at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameUse {
    /// The place: of a name, quotes included, but for one with which a text begins; of what declares an association without naming it, its verb.
    pub at: Span,
    /// What it means there.
    pub meaning: Meaning,
    /// Whether it is declared by that.
    pub declares: bool,
}

/// An enumeration, and its members with their places.
type NamedMembers = (Arc<Enumeration>, Vec<(SmolStr, Span)>);

/// What was noted.
#[derive(Debug, Default)]
pub(super) struct UseNotes {
    /// None where nobody asks.
    uses: Option<RefCell<Vec<NameUse>>>,
    /// The names of the variables, by their places in the list of those that are known.
    variables: RefCell<HashMap<usize, Span>>,
    /// The names of members, by the addresses of their enumerations, which stay as long as these are held.
    members: RefCell<HashMap<usize, NamedMembers>>,
    /// Where models say names of before.
    former: RefCell<HashMap<(usize, SmolStr), Span>>,
}

impl UseNotes {
    /// For someone who asks.
    pub(super) fn asked() -> Self {
        Self { uses: Some(RefCell::default()), ..Self::default() }
    }

    fn add(&self, at: Span, meaning: impl FnOnce() -> Meaning) {
        if let Some(uses) = &self.uses {
            uses.borrow_mut().push(NameUse { at, meaning: meaning(), declares: false });
        }
    }

    fn declare(&self, at: Span, meaning: impl FnOnce() -> Meaning) {
        if let Some(uses) = &self.uses {
            uses.borrow_mut().push(NameUse { at, meaning: meaning(), declares: true });
        }
    }

    pub(super) fn model(&self, at: Span, model: usize) {
        self.add(at, || Meaning::Model(model_id(model)));
    }

    pub(super) fn base(&self, word: &ast::Word) {
        self.add(word.span, || Meaning::Base(word.text.clone()));
    }

    pub(super) fn enumeration(&self, word: &ast::Word) {
        self.add(word.span, || Meaning::Enumeration(word.text.clone()));
    }

    pub(super) fn attribute(&self, at: Span, model: usize, id: AttributeId) {
        self.add(at, || Meaning::Attribute(model_id(model), id));
    }

    /// The attribute with which a text begins, where it is written there as it is called: `"meta.lang"`.
    pub(super) fn attribute_within(
        &self,
        sources: &Sources,
        (text, head): (&ast::Word, &str),
        model: usize,
        id: AttributeId,
    ) {
        let start = text.span.start.saturating_add(1);
        let end = u32::try_from(head.len()).ok().and_then(|it| start.checked_add(it));
        let at = end.filter(|end| *end < text.span.end).map(|end| Span::new(start, end));
        if let Some(at) = at.filter(|at| self.uses.is_some() && sources.slice(*at) == head) {
            self.attribute(at, model, id);
        }
    }

    pub(super) fn association(&self, at: Span, id: AssociationId) {
        self.add(at, || Meaning::Association(id));
    }

    pub(super) fn scope(&self, at: Span, declared: Option<Span>) {
        if let Some(declared) = declared {
            self.add(at, || Meaning::Scope(declared));
        }
    }

    pub(super) fn declare_scope(&self, at: Span) {
        self.declare(at, || Meaning::Scope(at));
    }

    pub(super) fn declare_base(&self, word: &ast::Word) {
        self.declare(word.span, || Meaning::Base(word.text.clone()));
    }

    pub(super) fn declare_enumeration(&self, word: &ast::Word) {
        self.declare(word.span, || Meaning::Enumeration(word.text.clone()));
    }

    pub(super) fn declare_members(&self, of: &Arc<Enumeration>, members: &[(SmolStr, Span)]) {
        if self.uses.is_some() {
            for (_, at) in members {
                self.declare(*at, || Meaning::Member(*at));
            }
            let known = (Arc::clone(of), members.to_vec());
            self.members.borrow_mut().insert(Arc::as_ptr(of).addr(), known);
        }
    }

    /// `was: name`, `drop name`
    pub(super) fn declare_former(&self, at: Span, model: usize, name: &SmolStr) {
        if self.uses.is_some() {
            self.former.borrow_mut().insert((model, name.clone()), at);
            self.declare(at, || Meaning::Former(at));
        }
    }

    /// A name of before, where an expression reads a row as it was.
    pub(super) fn former(&self, word: &ast::Word, model: usize) {
        if let Some(declared) = self.former_place(model, &word.text) {
            self.add(word.span, || Meaning::Former(declared));
        }
    }

    fn former_place(&self, model: usize, name: &SmolStr) -> Option<Span> {
        self.former.borrow().get(&(model, name.clone())).copied()
    }

    pub(super) fn table(&self, at: Span, name: &str) {
        self.add(at, || Meaning::Table(name.to_lowercase().into()));
    }

    /// The name that an association gives to a key.
    pub(super) fn declare_key(&self, at: Option<Span>, model: ModelId, id: AttributeId) {
        if let Some(at) = at {
            self.declare(at, || Meaning::Attribute(model, id));
        }
    }

    pub(super) fn member(&self, at: Span, of: &Arc<Enumeration>, member: &SmolStr) {
        let members = self.members.borrow();
        let known = members.get(&Arc::as_ptr(of).addr());
        let declared = known.and_then(|(_, all)| all.iter().find(|it| it.0 == *member));
        if let Some((_, declared)) = declared {
            self.add(at, || Meaning::Member(*declared));
        }
    }

    /// The variable at a place of the list of those that are known.
    pub(super) fn variable(&self, at: Span, place: Option<usize>) {
        let declared = place.and_then(|it| self.variables.borrow().get(&it).copied());
        if let Some(declared) = declared {
            self.add(at, || Meaning::Variable(declared));
        }
    }

    /// A variable is declared that gets a place in the list of those that are known.
    pub(super) fn declare_variable(&self, at: Span, place: usize) {
        if self.uses.is_some() {
            self.variables.borrow_mut().insert(place, at);
            self.declare(at, || Meaning::Variable(at));
        }
    }

    /// What an association's sentence says of its names and keys.
    pub(super) fn declare_association(&self, sentence: &ast::Sentence, id: AssociationId) {
        if self.uses.is_none() {
            return;
        }
        let declare = |at: Span| self.declare(at, || Meaning::Association(id));
        sentence.words.get(1).into_iter().for_each(|it| declare(it.span));
        let items = sentence.options.iter().flat_map(|it| &it.items);
        let given = items.filter(|it| it.name.text == OptionId::As.name());
        for value in given.filter_map(|it| it.value.as_ref()) {
            match &value.kind {
                ast::ValueKind::Name(word) => declare(word.span),
                ast::ValueKind::Object(braces) => {
                    for member in &braces.members {
                        if let ast::Member::Pair(ast::Pair { value: Some(value), .. }) = member
                            && let ast::ValueKind::Name(word) = &value.kind
                        {
                            declare(word.span);
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// All that was noted, in order of place, with the names that declare what the schema has.
pub(super) fn collect_uses(context: &Context<'_>) -> Vec<NameUse> {
    let Some(uses) = &context.notes.uses else {
        return Vec::new();
    };
    let mut uses = uses.take();
    // What several models have stands in an `abstract model`; most schemas have none.
    let mut shared: Vec<Span> = context.bases.iter().map(|it| it.sentence.span).collect();
    shared.sort_unstable();
    let is_shared = |at: Span| {
        let behind = shared.partition_point(|it| it.start <= at.start);
        behind.checked_sub(1).and_then(|it| shared.get(it)).is_some_and(|it| at.end <= it.end)
    };
    let mut firsts = HashMap::new();
    for (place, model) in context.schema.models.iter().enumerate() {
        let id = model_id(place);
        uses.push(NameUse { at: model.span, meaning: Meaning::Model(id), declares: true });
        let own = model.attributes().filter(|(_, it)| it.origin == Origin::Written && !model.view);
        for (own, attribute) in own {
            let first = if is_shared(attribute.span) {
                *firsts.entry(attribute.span).or_insert((id, own))
            } else {
                (id, own)
            };
            let meaning = Meaning::Attribute(first.0, first.1);
            uses.push(NameUse { at: attribute.span, meaning, declares: true });
        }
    }
    for it in &mut uses {
        let Meaning::Attribute(model, id) = it.meaning else { continue };
        let Some(of) = context.schema.models.get(model.0 as usize) else { continue };
        match of.attributes.get(id.0 as usize) {
            Some(attribute) if attribute.origin == Origin::Written => {
                if let Some((model, id)) = firsts.get(&attribute.span) {
                    it.meaning = Meaning::Attribute(*model, *id);
                }
            }
            Some(_) => {}
            // What `drop` names is read in data steps.
            None => {
                let name = &of.attribute(id).name;
                if let Some(declared) = context.notes.former_place(model.0 as usize, name) {
                    it.meaning = Meaning::Former(declared);
                }
            }
        }
    }
    let imports = context.bundle.imports.iter();
    uses.extend(imports.map(|it| NameUse {
        at: it.at,
        meaning: Meaning::Script(it.script),
        declares: false,
    }));
    // What several models have from one `abstract model` was noted for each of them.
    uses.sort_by_key(|it| (it.at.start, it.at.end, !it.declares));
    // Those of one place stand together now.
    let mut told: Vec<NameUse> = Vec::with_capacity(uses.len());
    for it in uses {
        let mut here = told.iter().rev().take_while(|before| before.at == it.at);
        if !here.any(|before| before.meaning == it.meaning) {
            told.push(it);
        }
    }
    told
}
