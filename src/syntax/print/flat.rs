//! What a thing looks like on one line.
//!
//! Each function appends and says whether it could: not where a comment is in the way, or a bracket that stays open.

use super::Printer;
use crate::ast::{Braces, Case, Member, OptionList, Pair, Sentence, ValueKind, ValueNode};
use crate::source::Span;

impl Printer<'_> {
    /// What `print` appends, if it can.
    pub(super) fn flat(&self, print: impl FnOnce(&Self, &mut String) -> bool) -> Option<String> {
        let mut out = String::new();
        print(self, &mut out).then_some(out)
    }

    /// Whether a bracket was followed by a line's end, before its first member.
    fn stays_open(&self, span: Span, first: Option<Span>) -> bool {
        first.is_some_and(|it| self.slice(Span::new(span.start, it.start)).contains('\n'))
    }

    pub(super) fn flat_sentence(&self, sentence: &Sentence, out: &mut String) -> bool {
        if self.commented(sentence.span) {
            return false;
        }
        for (index, word) in sentence.words.iter().enumerate() {
            out.push_str(if index > 0 { " " } else { "" });
            out.push_str(self.slice(word.span));
        }
        let mut fits = true;
        if let Some(it) = &sentence.assigned {
            out.push_str(" = ");
            fits &= self.flat_sentence(it, out);
        }
        if let Some(it) = &sentence.title {
            out.push(' ');
            fits &= self.flat_value(it, out);
        }
        if let Some(it) = &sentence.argument {
            out.push_str(if sentence.words.is_empty() { "" } else { " " });
            fits &= self.flat_value(it, out);
        }
        if let Some(it) = &sentence.options {
            out.push(' ');
            fits &= self.flat_options(it, out);
        }
        fits
    }

    pub(super) fn flat_options(&self, options: &OptionList, out: &mut String) -> bool {
        if self.commented(options.span) {
            return false;
        }
        let mut fits = true;
        out.push('<');
        for (index, option) in options.items.iter().enumerate() {
            out.push_str(if index > 0 { ", " } else { " " });
            out.push_str(self.slice(option.name.span));
            if let Some(it) = &option.value {
                out.push_str(": ");
                fits &= self.flat_value(it, out);
            }
        }
        out.push_str(" >");
        fits
    }

    pub(super) fn flat_pair(&self, pair: &Pair, out: &mut String) -> bool {
        if self.commented(pair.span()) {
            return false;
        }
        let mut fits = true;
        out.push_str(self.slice(pair.key.span));
        out.push(':');
        if let Some(it) = &pair.value {
            out.push(' ');
            fits &= self.flat_value(it, out);
        }
        if let Some(it) = &pair.options {
            out.push(' ');
            fits &= self.flat_options(it, out);
        }
        fits
    }

    fn flat_braces(&self, braces: &Braces, out: &mut String) -> bool {
        if self.commented(braces.span)
            || self.stays_open(braces.span, braces.members.first().map(Member::span))
        {
            return false;
        }
        let says = |it: &Member| match it {
            Member::Pair(_) => false,
            Member::Sentence(it) => it.words.len() > 1 || it.argument.is_some(),
        };
        let pairs = braces.members.iter().any(|it| matches!(it, Member::Pair(_)));
        let sentences = !pairs && braces.members.iter().any(says);
        let between = if sentences { "; " } else { ", " };
        let mut fits = true;
        out.push('{');
        for (index, member) in braces.members.iter().enumerate() {
            out.push_str(if index > 0 { between } else { " " });
            fits &= match member {
                Member::Pair(it) => self.flat_pair(it, out),
                Member::Sentence(it) => self.flat_sentence(it, out),
            };
        }
        out.push_str(" }");
        fits
    }

    fn flat_all(&self, values: &[ValueNode], out: &mut String) -> bool {
        let mut fits = true;
        for (index, value) in values.iter().enumerate() {
            out.push_str(if index > 0 { ", " } else { "" });
            fits &= self.flat_value(value, out);
        }
        fits
    }

    /// A value on one line; false where a comment in it, or a bracket that the author left open, keeps it on several.
    pub(super) fn flat_value(&self, value: &ValueNode, out: &mut String) -> bool {
        // What has no parts is written as the author wrote it: quotes, digits and escapes stay.
        match &value.kind {
            ValueKind::Null
            | ValueKind::Bool(_)
            | ValueKind::Integer(_)
            | ValueKind::Decimal(_)
            | ValueKind::Text(_)
            | ValueKind::Blob(_)
            | ValueKind::Sql(_)
            | ValueKind::Name(_)
            | ValueKind::Path(_)
            | ValueKind::Star => {
                out.push_str(self.slice(value.span));
                !self.commented(value.span)
            }
            ValueKind::Call(it) => {
                out.push_str(self.slice(it.name.span));
                out.push_str(if it.distinct { "(distinct " } else { "(" });
                let fits = self.flat_all(&it.arguments, out) && !self.commented(value.span);
                out.push(')');
                for it in &it.suffixes {
                    out.push('.');
                    out.push_str(self.slice(it.span));
                }
                fits
            }
            ValueKind::List(it) => {
                if self.commented(value.span)
                    || self.stays_open(value.span, it.first().map(|it| it.span))
                {
                    return false;
                }
                out.push('[');
                let fits = self.flat_all(it, out);
                out.push(']');
                fits
            }
            ValueKind::Object(it) => self.flat_braces(it, out),
            ValueKind::Group(it) => {
                out.push('(');
                let fits = self.flat_all(it, out);
                out.push(')');
                fits && !self.commented(value.span)
            }
            ValueKind::Phrase(it) => {
                let mut fits = self.flat_value(&it.value, out) && !self.commented(value.span);
                for it in &it.words {
                    out.push(' ');
                    out.push_str(self.slice(it.span));
                }
                if let Some(it) = &it.options {
                    out.push(' ');
                    fits &= self.flat_options(it, out);
                }
                fits
            }
            ValueKind::Not(it) => {
                out.push_str("not ");
                self.flat_value(it, out)
            }
            ValueKind::Negate(it) => {
                out.push('-');
                let length = out.len();
                let fits = self.flat_value(it, out);
                if out.get(length..).is_some_and(|it| it.starts_with('-')) {
                    out.insert(length, ' ');
                }
                fits
            }
            ValueKind::And(it) => self.joined(it, " and ", out),
            ValueKind::Or(it) => self.joined(it, " or ", out),
            ValueKind::Binary(it) => {
                let left = self.flat_value(&it.left, out);
                out.push(' ');
                out.push_str(it.operator.word());
                out.push(' ');
                self.flat_value(&it.right, out) && left
            }
            ValueKind::IsNull(it) => {
                let fits = self.flat_value(&it.value, out);
                out.push_str(if it.negated { " is not null" } else { " is null" });
                fits && !self.commented(value.span)
            }
            ValueKind::Between(it) => {
                let value = self.flat_value(&it.value, out);
                out.push_str(if it.negated { " not between " } else { " between " });
                let low = self.flat_value(&it.low, out);
                out.push_str(" and ");
                self.flat_value(&it.high, out) && low && value
            }
            ValueKind::In(it) => {
                let value = self.flat_value(&it.value, out);
                out.push_str(if it.negated { " not in " } else { " in " });
                self.flat_value(&it.list, out) && value
            }
            ValueKind::Case(it) => self.flat_case(it, out) && !self.commented(value.span),
            ValueKind::Cast(it) => {
                out.push_str("cast(");
                let fits = self.flat_value(&it.value, out);
                out.push_str(" as ");
                let data_type = self.flat_value(&it.data_type, out);
                out.push(')');
                fits && data_type && !self.commented(value.span)
            }
            ValueKind::Quantified(it) => {
                let whole = self.slice(value.span);
                let word = whole.split(|it: char| !it.is_alphabetic()).next();
                out.push_str(word.unwrap_or_default());
                out.push(' ');
                out.push_str(self.slice(it.association.span));
                out.push(' ');
                self.flat_value(&it.condition, out) && !self.commented(value.span)
            }
        }
    }

    fn joined(&self, values: &[ValueNode], between: &str, out: &mut String) -> bool {
        let mut fits = true;
        for (index, value) in values.iter().enumerate() {
            out.push_str(if index > 0 { between } else { "" });
            fits &= self.flat_value(value, out);
        }
        fits
    }

    fn flat_case(&self, case: &Case, out: &mut String) -> bool {
        out.push_str("case");
        let mut fits = true;
        let mut part = |word: &str, it: &ValueNode, out: &mut String| {
            out.push_str(word);
            fits &= self.flat_value(it, out);
        };
        if let Some(it) = &case.operand {
            part(" ", it, out);
        }
        for (when, then) in &case.arms {
            part(" when ", when, out);
            part(" then ", then, out);
        }
        if let Some(it) = &case.otherwise {
            part(" else ", it, out);
        }
        out.push_str(" end");
        fits
    }
}
