//! What is known of each problem beside its words: its code, its page, its first place, the correction that its help holds.
//!
//! miette's `Diagnostic` knows the same, but only as text that is made anew each time.

use super::{
    BrokenCheck, BrokenReference, Cause, Duplicate, Excess, Forbidden, ForeignValues, Having, Help,
    HistoryDamage, Lack, NullViolation, OtherForm, Stray, UnfitRow, UnfitValues, UnreadValue,
    Violations,
};
use crate::source::Span;
use miette::LabeledSpan;

/// What a field of a problem may hold beside words.
pub(super) trait ProblemField {
    /// A place.
    fn place(&self) -> Option<Span> {
        None
    }

    /// What to do.
    fn help(&self) -> Option<&Help> {
        None
    }

    /// Moves the places in it by so many positions.
    fn shift(&mut self, _by: u32) {}
}

macro_rules! words {
    ($($type:ty),*) => { $(impl ProblemField for $type {})* };
}

words!(String, Option<String>, Vec<String>, &'static str, char, bool, u32, u64, usize);
words!(Cause, Violations, Excess, Forbidden, UnfitRow, Lack, Option<Having>);
words!(
    OtherForm,
    Stray,
    ForeignValues,
    Box<BrokenReference>,
    Box<BrokenCheck>,
    BrokenCheck,
    Duplicate,
    HistoryDamage,
    NullViolation,
    UnfitValues,
    UnreadValue
);

impl ProblemField for Span {
    fn place(&self) -> Option<Span> {
        Some(*self)
    }

    fn shift(&mut self, by: u32) {
        Self::shift(self, by);
    }
}

impl ProblemField for Option<Span> {
    fn place(&self) -> Option<Span> {
        *self
    }

    fn shift(&mut self, by: u32) {
        if let Some(it) = self {
            it.shift(by);
        }
    }
}

impl ProblemField for Vec<LabeledSpan> {
    fn place(&self) -> Option<Span> {
        self.first().map(super::span_of)
    }

    fn shift(&mut self, by: u32) {
        for it in self {
            let mut span = super::span_of(it);
            span.shift(by);
            *it = LabeledSpan::new_with_span(it.label().map(str::to_owned), span);
        }
    }
}

impl ProblemField for Option<Help> {
    fn help(&self) -> Option<&Help> {
        self.as_ref()
    }

    fn shift(&mut self, by: u32) {
        let edits = self.iter_mut().flat_map(|it| &mut it.edits);
        edits.for_each(|it| it.at.shift(by));
    }
}

/// The enum as it is written, and what is known of its variants. A variant `through` is a type that knows its own code.
macro_rules! catalogue {
    (
        $(#[$about:meta])*
        pub enum $name:ident {
            $(through $through:ident: $said:literal;)?
            $(
                $(#[doc = $doc:literal])*
                #[error($($error:tt)*)]
                #[diagnostic(code($code:literal) $($diagnostic:tt)*)]
                $variant:ident { $($(#[$about_field:meta])* $field:ident: $type:ty),* $(,)? }
            ),* $(,)?
        }
    ) => {
        $(#[$about])*
        pub enum $name {
            $(
                #[doc = $said]
                #[error("{0}")]
                #[diagnostic(transparent)]
                $through($through),
            )?
            $(
                $(#[doc = $doc])*
                #[error($($error)*)]
                #[diagnostic(code($code) $($diagnostic)*)]
                $variant { $($(#[$about_field])* $field: $type),* }
            ),*
        }

        impl $name {
            /// The pages of its codes.
            pub(super) const PAGES: &'static [super::Page] = &[$(super::Page {
                code: $code,
                text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors/", $code, ".md")),
            }),*];

            /// Its code.
            pub(super) fn own_code(&self) -> &'static str {
                match self {
                    $(Self::$through(it) => it.own_code(),)?
                    $(Self::$variant { .. } => $code),*
                }
            }

            /// Moves its places by so many positions.
            pub(crate) fn shift(&mut self, by: u32) {
                match self {
                    $(Self::$through(it) => it.shift(by),)?
                    $(
                        Self::$variant { $($field),* } => {
                            let parts: &mut [&mut dyn super::catalogue::ProblemField] = &mut [$($field),*];
                            for it in parts {
                                it.shift(by);
                            }
                        }
                    )*
                }
            }

            /// What the first of its fields to have it has.
            pub(super) fn find<'a, T>(
                &'a self,
                has: impl Fn(&'a dyn super::catalogue::ProblemField) -> Option<T>,
            ) -> Option<T> {
                match self {
                    $(Self::$through(it) => it.find(has),)?
                    $(
                        Self::$variant { $($field),* } => {
                            let parts: &[&'a dyn super::catalogue::ProblemField] = &[$($field),*];
                            parts.iter().find_map(|it| has(*it))
                        }
                    )*
                }
            }
        }
    };
}

pub(super) use catalogue;
