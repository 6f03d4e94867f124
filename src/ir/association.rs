//! Associations, as they are after every default has been filled in.

use super::{AttributeId, ModelId, ShortList};
use crate::source::Span;
use crate::value::Value;
use smol_str::SmolStr;

/// What one declaration says, completed.
#[derive(Debug, Clone, PartialEq)]
pub struct Association {
    /// Which of the four kinds.
    pub kind: AssociationKind,
    /// Its name in paths, includes and results: `as`, or the target's name.
    pub name: SmolStr,
    /// The name of one, for `createInvoice`.
    pub singular: SmolStr,
    /// The name of many, for `getInvoices`.
    pub plural: SmolStr,
    /// The model that it is declared for.
    pub source: ModelId,
    /// The model that it leads to.
    pub target: ModelId,
    /// The key, one column at least: on the target for `hasOne` and `hasMany`, on the source for `belongsTo`, on the through model for
    /// `belongsToMany`, where it refers to the source.
    pub key: ShortList<KeyPair>,
    /// For `belongsToMany`.
    pub through: Option<Through>,
    /// `scope: { kind: "image" }`: attributes of the target's rows.
    pub scope: Vec<ScopedAttribute>,
    /// Where it is declared.
    pub span: Span,
    /// Its documentation.
    pub doc: Option<SmolStr>,
}

impl Association {
    /// Whether it leads to many rows.
    pub const fn is_to_many(&self) -> bool {
        matches!(self.kind, AssociationKind::HasMany | AssociationKind::BelongsToMany)
    }

    /// The attributes of the source by which it finds its rows, in the key's order.
    pub fn own_key(&self) -> impl Iterator<Item = AttributeId> + Clone {
        let belongs = self.kind == AssociationKind::BelongsTo;
        self.key.iter().map(move |it| if belongs { it.attribute } else { it.referenced })
    }

    /// The attributes of the target by which it finds it, in the key's order; that of the through table's other key, where there is one.
    pub fn target_key(&self) -> impl Iterator<Item = AttributeId> + Clone {
        let has = matches!(self.kind, AssociationKind::HasOne | AssociationKind::HasMany);
        let key = self.through.as_ref().map_or(&self.key, |it| &it.key);
        key.iter().map(move |it| if has { it.attribute } else { it.referenced })
    }

    /// The model on whose table the key is.
    pub fn holder(&self) -> ModelId {
        match (self.kind, &self.through) {
            (_, Some(through)) => through.model,
            (AssociationKind::BelongsTo, None) => self.source,
            (_, None) => self.target,
        }
    }

    /// The only column of the key.
    pub fn single_key(&self) -> Option<KeyPair> {
        match self.key.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }

    /// The attributes of the key, on whichever model they lie.
    pub fn referring(&self) -> impl Iterator<Item = AttributeId> + Clone {
        self.key.iter().map(|it| it.attribute)
    }
}

/// A column of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPair {
    /// The attribute that refers.
    pub attribute: AttributeId,
    /// The attribute of another row that it refers to.
    pub referenced: AttributeId,
}

/// The way of a `belongsToMany`.
#[derive(Debug, Clone, PartialEq)]
pub struct Through {
    /// The through model.
    pub model: ModelId,
    /// Its key that refers to the target.
    pub key: ShortList<KeyPair>,
    /// `through: { scope }`: attributes of the through model's rows.
    pub scope: Vec<ScopedAttribute>,
}

/// What a `scope` says of an attribute: `kind: "image"`, `kind: ["image", "video"]`.
#[derive(Debug, Clone, PartialEq)]
pub struct ScopedAttribute {
    /// The attribute.
    pub attribute: AttributeId,
    /// What it may hold, one value at least. One alone is what new rows get.
    pub values: Vec<Value>,
}

impl ScopedAttribute {
    /// The value that all rows have, where there is but one.
    pub fn only(&self) -> Option<&Value> {
        match self.values.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }
}

/// The four kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssociationKind {
    /// `hasOne`
    HasOne,
    /// `hasMany`
    HasMany,
    /// `belongsTo`
    BelongsTo,
    /// `belongsToMany`
    BelongsToMany,
}

impl AssociationKind {
    /// Its verb.
    pub const fn word(self) -> &'static str {
        match self {
            Self::HasOne => "hasOne",
            Self::HasMany => "hasMany",
            Self::BelongsTo => "belongsTo",
            Self::BelongsToMany => "belongsToMany",
        }
    }
}
