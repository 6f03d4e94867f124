//! Associations, as they are after every default has been filled in.

use super::{AttributeId, ModelId};
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
    /// The key: on the target for `hasOne` and `hasMany`, on the source for `belongsTo`, on the through model for
    /// `belongsToMany`, where it refers to the source.
    pub foreign_key: AttributeId,
    /// What the key refers to: an attribute of the source (`hasOne`, `hasMany`, `belongsToMany`) or of the target (`belongsTo`).
    pub referenced: AttributeId,
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

    /// The attribute of the source by which it finds its rows.
    pub const fn own_key(&self) -> AttributeId {
        match self.kind {
            AssociationKind::HasOne | AssociationKind::HasMany | AssociationKind::BelongsToMany => {
                self.referenced
            }
            AssociationKind::BelongsTo => self.foreign_key,
        }
    }
}

/// The way of a `belongsToMany`.
#[derive(Debug, Clone, PartialEq)]
pub struct Through {
    /// The through model.
    pub model: ModelId,
    /// Its key that refers to the target.
    pub other_key: AttributeId,
    /// What that refers to: an attribute of the target.
    pub target_key: AttributeId,
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
