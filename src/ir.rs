//! What scripts mean: a schema and the steps to take, every name resolved, every default filled in.
//!
//! Invariant: a thing that has a default has it here; names are for people and for the database, ids for everything else.

mod association;
mod data;
mod expression;
mod fit;
mod query;
mod reads;
mod schema;
mod short_list;
mod type_names;
mod type_word;
mod types;
mod validator;

pub use crate::value::{milliseconds, moment_of};
pub use association::{Association, AssociationKind, KeyPair, ScopedAttribute, Through};
pub use data::{
    Aggregate, AggregateFunction, Assignment, Data, DataYield, Find, Learned, LetValue, Link,
    LinkAct, ListedRows, Load, NewRow, NewRows, Related, RelatedRow, RowRef, RowTarget,
    VariablePath, VariableStep, Write,
};
pub use expression::{Expression, HeldRows, JsonStep};
pub use fit::{Misfit, beside_numbers, fit, iso, unlike};
pub use query::{Include, Nulls, Order, Query, Scope, Selected, ThroughQuery};
pub use reads::{OwnRead, key_of};
pub use schema::{
    Attribute, AttributeExtra, BareWord, Check, Computed, DataStep, DroppedTable, ForeignKey,
    Index, IndexMember, KeyTarget, Model, ModelExtra, MysqlOptions, Origin, RawObject, Schema,
    View,
};
pub use short_list::ShortList;
pub use type_word::{Contents, Suffix, TypeArguments, TypeParts, TypeWord};
pub use types::{
    Action, DataType, Decimal, Default, Deferrable, Enumeration, Float, FloatKind, Foreign,
    Integer, IntegerWidth, Size,
};
pub use validator::{BadArguments, Validation, Validator};

pub use crate::ast::{Operator, Quantifier};
use crate::diagnostics::Losses;
use crate::source::Span;
use smol_str::SmolStr;

/// Names a [`Model`] of one [`Schema`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelId(pub(crate) u32);

/// Names an [`Attribute`] of one [`Model`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeId(pub(crate) u32);

/// Names an [`Association`] of one [`Schema`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssociationId(pub(crate) u32);

/// Something that a script does, in the order of its sentences.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The sentence.
    pub span: Span,
    /// Its verb: `sync`.
    pub verb: SmolStr,
    /// What is to be done.
    pub kind: StepKind,
}

/// What `sync` does with the tables that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Existing {
    /// They stay as they are.
    Leave,
    /// `force`: they are dropped and made anew.
    Drop,
    /// `alter`: they become what the script says, with their rows.
    Alter(AlterOptions),
}

/// What a change of tables that are there may do to them: of `sync < alter >`, `relata diff` and `relata apply`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AlterOptions {
    /// `allow`: the losses that are meant.
    pub allow: Losses,
    /// What becomes of columns that the script doesn't know.
    pub extra: ExtraColumns,
    /// Whether what needs no lock that writers wait for is done behind the transaction, where the database has such.
    pub online: bool,
}

/// What becomes of columns that the script doesn't know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum ExtraColumns {
    /// They are dropped.
    #[default]
    Drop,
    /// `keep`: they stay.
    Keep,
}

impl ExtraColumns {
    /// Whether they stay, as a flag says.
    pub const fn kept(keep: bool) -> Self {
        if keep { Self::Keep } else { Self::Drop }
    }
}

/// The kinds of step.
#[derive(Debug, Clone, PartialEq)]
pub enum StepKind {
    /// `sync`, `User sync < force >`
    Sync {
        /// One model, or all of them.
        model: Option<ModelId>,
        /// What becomes of the tables that are there.
        existing: Existing,
    },
    /// `drop`, `User drop`
    Drop {
        /// One model, or all of them.
        model: Option<ModelId>,
    },
    /// `User create { .. }`, `ann getInvoices`; the variable's or the model's own model.
    Data(ModelId, Box<Data>),
    /// `let x = ..`
    Let(SmolStr, LetValue),
    /// `print ..`
    Print(Expression),
    /// `assert (..)`
    Assert(Expression),
    /// `transaction { .. }`
    Transaction(Vec<Step>),
    /// `rollback`
    Rollback,
    /// `` sql`..` `` in a data step
    Sql(SmolStr),
}
