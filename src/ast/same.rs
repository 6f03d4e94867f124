//! Whether two nodes say the same, wherever they stand and however their names are quoted.
//!
//! Invariant: each field of a node is named here, as one that is compared or as one that isn't; a new one doesn't compile
//! before it is.

use super::{
    Between, Binary, Braces, Call, Case, Cast, In, IsNull, Member, OptionList, OptionPair, Pair,
    Path, PathStep, Phrase, Quantified, Sentence, ValueKind, ValueNode, Word,
};

/// Nodes that can be compared without their places.
pub trait Same {
    /// Whether both say the same.
    fn same(&self, other: &Self) -> bool;
}

impl<T: Same> Same for Option<T> {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(one), Some(two)) => one.same(two),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

impl<T: Same> Same for Vec<T> {
    fn same(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(one, two)| one.same(two))
    }
}

impl<T: Same> Same for Box<T> {
    fn same(&self, other: &Self) -> bool {
        (**self).same(other)
    }
}

impl<T: Same, U: Same> Same for (T, U) {
    fn same(&self, other: &Self) -> bool {
        self.0.same(&other.0) && self.1.same(&other.1)
    }
}

/// Structures: the nodes that are compared, the values that are, and what isn't.
macro_rules! structures {
    ($($name:ident { $($node:ident)* ; $($plain:ident)* ; $($ignored:ident)* })*) => {
        $(impl Same for $name {
            fn same(&self, other: &Self) -> bool {
                let Self { $($node,)* $($plain,)* $($ignored: _,)* } = self;
                true $(&& $node.same(&other.$node))* $(&& *$plain == other.$plain)*
            }
        })*
    };
}

structures! {
    Sentence { words argument options assigned; ; span }
    Word { ; text; span quotes }
    Path { head tail; ; span }
    OptionList { items; ; span }
    OptionPair { name value; ; span }
    Braces { members; ; span }
    Pair { key value options; ; span }
    ValueNode { kind; ; span }
    Call { name arguments suffixes; distinct; }
    Phrase { value words options; ; }
    Binary { left right; operator; operator_span }
    IsNull { value; negated; }
    Between { value low high; negated; }
    In { value list; negated; }
    Case { operand arms otherwise; ; }
    Cast { value data_type; ; }
    Quantified { association condition; quantifier; }
}

impl Same for PathStep {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Name(one), Self::Name(two)) => one.same(two),
            (Self::Index(one, _), Self::Index(two, _)) => one == two,
            (Self::Name(_), Self::Index(..)) | (Self::Index(..), Self::Name(_)) => false,
        }
    }
}

impl Same for Member {
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Pair(one), Self::Pair(two)) => one.same(two),
            (Self::Sentence(one), Self::Sentence(two)) => one.same(two),
            (Self::Pair(_), Self::Sentence(_)) | (Self::Sentence(_), Self::Pair(_)) => false,
        }
    }
}

impl Same for ValueKind {
    fn same(&self, other: &Self) -> bool {
        if std::mem::discriminant(self) != std::mem::discriminant(other) {
            return false;
        }
        /// The contents of the same variant of `other`.
        macro_rules! of {
            ($variant:ident) => {
                if let Self::$variant(it) = other {
                    it
                } else {
                    return false;
                }
            };
        }
        match self {
            Self::Null | Self::Star => true,
            Self::Bool(it) => it == of!(Bool),
            Self::Integer(it) => it == of!(Integer),
            Self::Decimal(it) => it == of!(Decimal),
            Self::Text(it) => it == of!(Text),
            Self::Blob(it) => it == of!(Blob),
            Self::Sql(it) => it == of!(Sql),
            Self::Name(it) => it.same(of!(Name)),
            Self::Path(it) => it.same(of!(Path)),
            Self::Call(it) => it.same(of!(Call)),
            Self::List(it) => it.same(of!(List)),
            Self::Object(it) => it.same(of!(Object)),
            Self::Group(it) => it.same(of!(Group)),
            Self::Phrase(it) => it.same(of!(Phrase)),
            Self::Not(it) => it.same(of!(Not)),
            Self::Negate(it) => it.same(of!(Negate)),
            Self::And(it) => it.same(of!(And)),
            Self::Or(it) => it.same(of!(Or)),
            Self::Binary(it) => it.same(of!(Binary)),
            Self::IsNull(it) => it.same(of!(IsNull)),
            Self::Between(it) => it.same(of!(Between)),
            Self::In(it) => it.same(of!(In)),
            Self::Case(it) => it.same(of!(Case)),
            Self::Cast(it) => it.same(of!(Cast)),
            Self::Quantified(it) => it.same(of!(Quantified)),
        }
    }
}
