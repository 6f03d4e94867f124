//! What a `model` sentence says, and what it extends says put under it.

use super::Body;
use super::draft::AttributeSaid;
use crate::ast;
use crate::ir::Attribute;
use crate::verbs::Settings;
use smol_str::SmolStr;

/// What one `model` sentence says.
#[derive(Debug, Clone, Default)]
pub(super) struct ModelContents<'a> {
    pub(super) attributes: Vec<Attribute>,
    /// What is said of each of them.
    pub(super) said: Vec<Option<AttributeSaid<'a>>>,
    /// Whether one of them says what it refers to.
    pub(super) refers: bool,
    pub(super) bodies: Vec<Body<'a>>,
    pub(super) options: Settings<'a>,
    pub(super) drops: Vec<&'a ast::Word>,
    pub(super) clauses: Vec<SmolStr>,
}

impl<'a> ModelContents<'a> {
    /// One attribute more.
    pub(super) fn push(&mut self, attribute: Attribute, said: Option<AttributeSaid<'a>>) {
        self.attributes.push(attribute);
        self.said.push(said);
    }

    /// Puts `over` on top: an attribute of the same name takes the other's place.
    pub(super) fn add(&mut self, over: Self) {
        if self.attributes.is_empty() {
            (self.attributes, self.said) = (over.attributes, over.said);
        } else {
            for (attribute, said) in over.attributes.into_iter().zip(over.said) {
                let place = self.attributes.iter().position(|it| it.name == attribute.name);
                let there =
                    place.and_then(|it| self.attributes.get_mut(it).zip(self.said.get_mut(it)));
                match there {
                    Some(there) => (*there.0, *there.1) = (attribute, said),
                    None => self.push(attribute, said),
                }
            }
        }
        self.refers |= over.refers;
        self.bodies.extend(over.bodies);
        self.drops.extend(over.drops);
        self.clauses.extend(over.clauses);
    }
}
