//! What is at fault in a draft is said in its next way.

use super::draft::{PartSubject, PulledAttribute, PulledScript};
use super::verify::{AttributeAspect, Mismatch};

impl PulledScript {
    /// Takes the next way to say what is at fault; whether there is one.
    pub(super) fn advance(&mut self, fault: Mismatch) -> bool {
        match fault {
            Mismatch::Model(_) | Mismatch::View(_) | Mismatch::Shown(_) => false,
            Mismatch::Part(part) => self.parts.get_mut(part).is_some_and(|it| {
                let more = it.at + 1 < it.ways.len();
                it.at += usize::from(more);
                more
            }),
            Mismatch::Attribute(model, at, respect) => {
                let column = self.models.get(model).and_then(|it| it.attributes.get(at));
                let maker = column.and_then(|it| self.part_making(model, &it.column));
                if let Some(part) = maker.and_then(|it| self.parts.get_mut(it)) {
                    part.at += 1;
                    return true;
                }
                // What is known least of is most likely at fault.
                let unknown = respect == AttributeAspect::Any;
                if unknown && self.advance_option(model, at, PartSubject::is_key) {
                    return true;
                }
                let attribute = self.models.get_mut(model);
                let attribute = attribute.and_then(|it| it.attributes.get_mut(at));
                let advanced = attribute.is_some_and(|it| it.advance(respect));
                advanced || (unknown && self.advance_option(model, at, |_| true))
            }
        }
    }

    /// What is written at an attribute, is about such a thing, and isn't the attribute's own.
    fn advance_option(
        &mut self,
        model: usize,
        at: usize,
        is_so: impl Fn(&PartSubject) -> bool,
    ) -> bool {
        let attribute = self.models.get(model).and_then(|it| it.attributes.get(at));
        let Some(column) = attribute.map(|it| it.column.clone()) else {
            return false;
        };
        for part in &mut self.parts {
            let here = part.model == model && is_so(&part.subject) && part.is_option_of(&column);
            if here && part.at + 1 < part.ways.len() {
                part.at += 1;
                return true;
            }
        }
        false
    }
}

impl PulledAttribute {
    /// Takes the next way to say it in that respect; at last, the column's own text.
    fn advance(&mut self, respect: AttributeAspect) -> bool {
        if self.is_verbatim {
            return false;
        }
        if self.implied {
            self.implied = false;
            return true;
        }
        if matches!(
            respect,
            AttributeAspect::Type | AttributeAspect::Check(_) | AttributeAspect::Any
        ) && self.enumeration.take().is_some()
        {
            return true;
        }
        let mut more = false;
        let all = respect == AttributeAspect::Any;
        if all || respect == AttributeAspect::Type {
            more |= self.data_type.advance();
        }
        if all || respect == AttributeAspect::Default {
            more |= self.default.advance();
        }
        if all || respect == AttributeAspect::Generated {
            more |= self.generated.advance();
        }
        for (place, check) in &mut self.checks {
            if all || respect == AttributeAspect::Check(*place) {
                more |= check.advance();
            }
        }
        if !more {
            self.is_verbatim = true;
        }
        true
    }
}
