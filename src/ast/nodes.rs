//! What is done with whole nodes: whether two say the same, wherever they stand and however their names are quoted; and
//! that they stand elsewhere now.
//!
//! Invariant: each field of a node is named here, as a node, a value, a place or what isn't compared; a new one doesn't
//! compile before it is.

use super::{
    Between, Binary, Braces, Call, Case, Cast, In, IsNull, Member, OptionList, OptionPair, Pair,
    Path, PathStep, Phrase, Quantified, Sentence, ValueKind, ValueNode, Word,
};
use crate::source::Span;

/// Nodes that can be compared without their places.
pub trait Same {
    /// Whether both say the same.
    fn same(&self, other: &Self) -> bool;
}

/// Nodes that can be put elsewhere.
pub trait Shift {
    /// Moves all places in it by so many positions; to the front where adding them passes the end of all positions.
    fn shift(&mut self, by: u32);
}

impl Shift for Span {
    fn shift(&mut self, by: u32) {
        Self::shift(self, by);
    }
}

impl<T: Shift> Shift for Option<T> {
    fn shift(&mut self, by: u32) {
        if let Some(it) = self {
            it.shift(by);
        }
    }
}

impl<T: Shift> Shift for [T] {
    fn shift(&mut self, by: u32) {
        for it in self {
            it.shift(by);
        }
    }
}

impl<T: Shift> Shift for Vec<T> {
    fn shift(&mut self, by: u32) {
        self.as_mut_slice().shift(by);
    }
}

impl<T: Shift + ?Sized> Shift for Box<T> {
    fn shift(&mut self, by: u32) {
        (**self).shift(by);
    }
}

impl<T: Shift, U: Shift> Shift for (T, U) {
    fn shift(&mut self, by: u32) {
        self.0.shift(by);
        self.1.shift(by);
    }
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

impl<T: Same> Same for [T] {
    fn same(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(one, two)| one.same(two))
    }
}

impl<T: Same> Same for Vec<T> {
    fn same(&self, other: &Self) -> bool {
        self.as_slice().same(other)
    }
}

impl<T: Same + ?Sized> Same for Box<T> {
    fn same(&self, other: &Self) -> bool {
        (**self).same(other)
    }
}

impl<T: Same, U: Same> Same for (T, U) {
    fn same(&self, other: &Self) -> bool {
        self.0.same(&other.0) && self.1.same(&other.1)
    }
}

/// Structures: the nodes in them, the values that are compared, the places, and what is neither.
macro_rules! structures {
    ($($name:ident { $($node:ident)* ; $($plain:ident)* ; $($place:ident)* ; $($ignored:ident)* })*) => {
        $(impl Same for $name {
            fn same(&self, other: &Self) -> bool {
                let Self { $($node,)* $($plain,)* $($place: _,)* $($ignored: _,)* } = self;
                true $(&& $node.same(&other.$node))* $(&& *$plain == other.$plain)*
            }
        }

        impl Shift for $name {
            fn shift(&mut self, by: u32) {
                $(self.$node.shift(by);)*
                $(self.$place.shift(by);)*
            }
        })*
    };
}

structures! {
    Sentence { words title argument options assigned; ; span; }
    Word { ; text; span; }
    Path { head tail; ; span; }
    OptionList { items; ; span; }
    OptionPair { name value; ; ; }
    Braces { members; ; span; }
    Pair { key value options; ; ; }
    ValueNode { kind; ; span; }
    Call { name arguments suffixes; distinct; ; }
    Phrase { value words options; ; ; }
    Binary { left right; operator; operator_span; }
    IsNull { value; negated; ; }
    Between { value low high; negated; ; }
    In { value list; negated; ; }
    Case { operand arms otherwise; ; ; }
    Cast { value data_type; ; ; }
    Quantified { association condition; quantifier; ; }
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

impl Shift for PathStep {
    fn shift(&mut self, by: u32) {
        match self {
            Self::Name(it) => it.shift(by),
            Self::Index(_, it) => it.shift(by),
        }
    }
}

impl Shift for Member {
    fn shift(&mut self, by: u32) {
        match self {
            Self::Pair(it) => it.shift(by),
            Self::Sentence(it) => it.shift(by),
        }
    }
}

impl Shift for ValueKind {
    fn shift(&mut self, by: u32) {
        match self {
            Self::Null
            | Self::Star
            | Self::Bool(_)
            | Self::Integer(_)
            | Self::Decimal(_)
            | Self::Text(_)
            | Self::Blob(_)
            | Self::Sql(_) => {}
            Self::Name(it) => it.shift(by),
            Self::Path(it) => it.shift(by),
            Self::Call(it) => it.shift(by),
            Self::List(it) | Self::Group(it) | Self::And(it) | Self::Or(it) => it.shift(by),
            Self::Object(it) => it.shift(by),
            Self::Phrase(it) => it.shift(by),
            Self::Not(it) | Self::Negate(it) => it.shift(by),
            Self::Binary(it) => it.shift(by),
            Self::IsNull(it) => it.shift(by),
            Self::Between(it) => it.shift(by),
            Self::In(it) => it.shift(by),
            Self::Case(it) => it.shift(by),
            Self::Cast(it) => it.shift(by),
            Self::Quantified(it) => it.shift(by),
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
