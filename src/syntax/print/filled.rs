//! What is broken at its commas: the arguments of a call that is too long for a line, an ENUM's members for one, and the list behind `in`.

use super::{Printer, STEP};
use crate::ast::{Call, In, ValueKind, ValueNode};
use unicode_width::UnicodeWidthStr as _;

impl Printer<'_> {
    /// `ENUM(`, as many members on each line as there is room for, `)`. Whether it could: a comment among them stays where it is.
    pub(super) fn filled_call(&mut self, value: &ValueNode, call: &Call, indent: usize) -> bool {
        if self.commented(value.span) || call.arguments.len() < 2 {
            return false;
        }
        let members = call.arguments.iter();
        let members: Option<Vec<String>> =
            members.map(|it| self.flat(|printer, out| printer.flat_value(it, out))).collect();
        let Some(members) = members else { return false };
        let inner = indent + STEP;
        self.out.push_str(self.slice(call.name.span));
        self.out.push_str(if call.distinct { "(distinct" } else { "(" });
        let mut column = usize::MAX;
        for (place, member) in members.iter().enumerate() {
            let comma = usize::from(place + 1 < members.len());
            let length = member.width() + comma;
            if column.saturating_add(1 + length) > self.width {
                self.out.push('\n');
                self.out.extend(std::iter::repeat_n(' ', inner));
                column = inner + length;
            } else {
                self.out.push(' ');
                column += 1 + length;
            }
            self.out.push_str(member);
            self.out.push_str(if comma > 0 { "," } else { "" });
        }
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.out.push(')');
        for it in &call.suffixes {
            self.out.push('.');
            self.out.push_str(self.slice(it.span));
        }
        true
    }

    /// `kind in [`, a member a line, `]`
    pub(super) fn open_membership(
        &mut self,
        value: &ValueNode,
        of: &In,
        (indent, behind): (usize, usize),
    ) -> bool {
        if self.commented(value.span) || !matches!(of.list.kind, ValueKind::List(_)) {
            return false;
        }
        self.value(&of.value, indent, 0);
        self.out.push_str(if of.negated { " not in " } else { " in " });
        self.value(&of.list, indent, behind);
        true
    }
}
