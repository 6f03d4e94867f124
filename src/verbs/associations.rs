//! `hasOne`, `hasMany`, `belongsTo` and `belongsToMany`: how models belong to each other.

use super::facts::verb_page;
use super::facts::{Argument, Effect, Subject, VerbFacts, Yields};
use super::options::{ObjectOptions, Opt, OptionId, Side, Takes, members, opt};
use crate::ir::AssociationKind;

const AS: Opt = opt(
    OptionId::As,
    Takes::NameOr(members("a name, or { singular, plural }", &[super::NAME])),
    "the association's name",
);
const A_KEY: ObjectOptions = members(
    "a name, { name, attribute options }, or a list of these",
    &[FOREIGN_KEY, super::ATTRIBUTE],
);

/// The key of the model on that side; none for a through table's.
const fn key(side: Option<Side>) -> Opt {
    opt(OptionId::ForeignKey, Takes::Key(A_KEY, side), "the key's attribute, or its attributes")
}

const SOURCE_KEY: Opt =
    opt(OptionId::SourceKey, Takes::Attribute(Side::Source), "what the key refers to");
const TARGET_KEY: Opt =
    opt(OptionId::TargetKey, Takes::Attribute(Side::Target), "what the key refers to");
const ON_DELETE: Opt = opt(
    OptionId::OnDelete,
    Takes::Action,
    "what happens to the row when the referenced one is deleted",
);
const ON_UPDATE: Opt =
    opt(OptionId::OnUpdate, Takes::Action, "what happens to it when the referenced key changes");
const CONSTRAINTS: Opt =
    opt(OptionId::Constraints, Takes::Flag, "whether the database enforces the key");
const UNIQUE_KEY: Opt = opt(OptionId::UniqueKey, Takes::Name, "the foreign key constraint's name");
const DEFERRABLE: Opt = opt(OptionId::Deferrable, Takes::Deferrable, "when it is checked");
const SCOPE: Opt = opt(
    OptionId::Scope,
    Takes::Row(Side::Target),
    "which of the target's rows: a polymorphic association",
);

const HAS: &[Opt] = &[
    AS,
    key(Some(Side::Target)),
    SOURCE_KEY,
    ON_DELETE,
    ON_UPDATE,
    CONSTRAINTS,
    UNIQUE_KEY,
    DEFERRABLE,
    SCOPE,
];

const BELONGS: &[Opt] = &[
    AS,
    key(Some(Side::Source)),
    TARGET_KEY,
    ON_DELETE,
    ON_UPDATE,
    CONSTRAINTS,
    UNIQUE_KEY,
    DEFERRABLE,
];

const MANY: &[Opt] = &[
    AS,
    key(None),
    opt(OptionId::OtherKey, Takes::Key(A_KEY, None), "the key that refers to the target"),
    opt(
        OptionId::Through,
        Takes::NameOr(
            members(
                "a model, a table's name, or { model, unique, scope, .. }",
                &[THROUGH, super::model::SHARED, super::model::OWN],
            )
            .needing(
                OptionId::Model,
                "name the table of the keys: `through: { model: Membership }`",
            ),
        ),
        "the table of the keys",
    ),
    SOURCE_KEY,
    TARGET_KEY,
    ON_DELETE,
    ON_UPDATE,
    CONSTRAINTS,
    opt(OptionId::UniqueKey, Takes::Name, "the through table's unique key's name"),
    opt(OptionId::Timestamps, Takes::Flag, "whether a through table that is made has timestamps"),
    DEFERRABLE,
    SCOPE,
];

/// The four kinds, in the order in which they are listed.
pub(super) const ALL: [AssociationKind; 4] = [
    AssociationKind::HasOne,
    AssociationKind::HasMany,
    AssociationKind::BelongsTo,
    AssociationKind::BelongsToMany,
];

/// What is known of the verb of a kind of association.
pub(super) const fn facts(kind: AssociationKind) -> &'static VerbFacts {
    const HAS_ONE: VerbFacts = row(
        AssociationKind::HasOne,
        &[HAS],
        "User hasOne Profile < foreignKey: userId >",
        "one row of the target refers to each row: the key is the target's",
        verb_page!("hasOne"),
    );
    const HAS_MANY: VerbFacts = row(
        AssociationKind::HasMany,
        &[HAS],
        "User hasMany Invoice < as: invoices >",
        "many rows of the target refer to each row: the key is the target's",
        verb_page!("hasMany"),
    );
    const BELONGS_TO: VerbFacts = row(
        AssociationKind::BelongsTo,
        &[BELONGS],
        "Invoice belongsTo User < as: creator, onDelete: cascade >",
        "each row refers to one of the target: the key is the source's",
        verb_page!("belongsTo"),
    );
    const BELONGS_TO_MANY: VerbFacts = row(
        AssociationKind::BelongsToMany,
        &[MANY],
        "User belongsToMany Project < through: Membership >",
        "rows of both refer to each other: the keys are the through table's",
        verb_page!("belongsToMany"),
    );
    match kind {
        AssociationKind::HasOne => &HAS_ONE,
        AssociationKind::HasMany => &HAS_MANY,
        AssociationKind::BelongsTo => &BELONGS_TO,
        AssociationKind::BelongsToMany => &BELONGS_TO_MANY,
    }
}

const fn row(
    kind: AssociationKind,
    options: &'static [&'static [Opt]],
    usage: &'static str,
    summary: &'static str,
    page: &'static str,
) -> VerbFacts {
    VerbFacts {
        name: kind.word(),
        subject: Subject::Model,
        argument: Argument::Model,
        effect: Effect::Declares,
        yields: Yields::Nothing,
        options,
        usage,
        summary,
        page,
    }
}

/// What `foreignKey` and `otherKey` have beside an attribute's options.
pub const FOREIGN_KEY: &[Opt] = &[opt(OptionId::Name, Takes::Name, "the key's attribute")];

/// What `through` has beside a model's options.
pub const THROUGH: &[Opt] = &[
    opt(OptionId::Model, Takes::Model, "the table of the keys"),
    opt(OptionId::Unique, Takes::Flag, "whether two rows may hold the same pair of keys"),
    opt(OptionId::Scope, Takes::Row(Side::Target), "which of the through table's rows"),
];
