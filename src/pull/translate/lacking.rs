//! What a database lacks for a draft beside what has no words: it is left out until nothing is lacking.

use super::DialectTranslation;
use crate::pull::draft::{Alternative, Alternatives};
use crate::pull::verify::{AttributeAspect, Mismatch, problems};

impl DialectTranslation<'_> {
    /// What the database lacks beside all that is left out, until it lacks nothing.
    pub(super) fn settle(&mut self) {
        loop {
            let found = problems(self.draft, self.dialect);
            let mut changed = false;
            for (fault, why) in found {
                changed |= match fault {
                    Mismatch::Part(part) => {
                        let is_there = self.draft.parts.get(part);
                        let is_there =
                            is_there.is_some_and(|it| !matches!(it.now(), Alternative::Nothing));
                        if is_there {
                            self.leave_part(part, why);
                        }
                        is_there
                    }
                    Mismatch::Attribute(
                        model,
                        at,
                        AttributeAspect::Any
                        | AttributeAspect::Type
                        | AttributeAspect::Default
                        | AttributeAspect::Generated
                        | AttributeAspect::Check(_),
                    ) => self.say_less(model, at, &why),
                    Mismatch::View(view) => {
                        self.leave_view(view, why);
                        true
                    }
                    Mismatch::Model(_) | Mismatch::Shown(_) => false,
                };
                if matches!(fault, Mismatch::View(_)) {
                    // The places of those behind it are others now.
                    break;
                }
            }
            if !changed {
                return;
            }
        }
    }

    /// Says less of an attribute; whether there was more.
    fn say_less(&mut self, model: usize, at: usize, why: &str) -> bool {
        let Some(table) = self.draft.models.get(model).map(|it| it.table.name.clone()) else {
            return false;
        };
        let attribute = self.draft.models.get_mut(model).and_then(|it| it.attributes.get_mut(at));
        let Some(attribute) = attribute else { return false };
        let named = format!("of `{}` of `{table}`", attribute.column);
        let what = if attribute.default.now().is_some() {
            attribute.default = Alternatives::default();
            "the default"
        } else if !attribute.checks.is_empty() {
            attribute.checks.clear();
            "the checks"
        } else if attribute.generated.now().is_some() {
            attribute.generated = Alternatives::default();
            attribute.stored = false;
            "the expression"
        } else if attribute.collation.take().is_some() {
            "the collation"
        } else {
            return false;
        };
        self.leave(format!("{what} {named}"), why);
        true
    }
}
