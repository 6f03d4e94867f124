//! Attributes that come by themselves: `id`, timestamps and `version`.

use super::keys::AssociationKeys;
use super::{Context, ModelDraft, attribute_id};
use crate::diagnostics::CheckProblem;
use crate::ir::{
    Attribute, AttributeId, DataType, Default as DefaultValue, Integer, IntegerWidth, Origin,
};
use crate::source::Span;
use crate::value::Value;
use crate::verbs::{NamedFlag, OptionId};
use smol_str::SmolStr;

impl<'a> Context<'a> {
    /// `id`, timestamps and `version` of a model.
    pub(super) fn implied_attributes(&mut self, index: usize, keys: &AssociationKeys<'a>) {
        let keyed =
            keys.keyed_by_join.contains_key(&index) || keys.keyed_by_key.contains_key(&index);
        let draft = self.draft(index);
        let has_key = keyed || draft.has_written_key();
        let without_id = draft.options.flag(OptionId::Id).is_some_and(|it| !it.value);
        if !has_key && !without_id {
            let written =
                draft.model.attribute_named("id").map(|it| draft.model.attribute(it).span);
            if let Some(at) = written {
                let model = self.model(index).name.to_string();
                self.report(CheckProblem::IdIsNoKey { model, at });
            } else {
                let draft = self.draft_mut(index);
                let span = draft.model.span;
                let mut id = implied("id", integer(), span);
                id.primary_key = true;
                id.auto_increment = !draft.model.without_rowid;
                draft.model.attributes.reserve_exact(1);
                draft.model.attributes.insert(0, id);
                draft.said.move_on();
            }
        }
        if self.model(index).without_rowid && !has_key {
            let said = self.draft(index).options.flag(OptionId::WithoutRowid);
            self.report(CheckProblem::WithoutRowid {
                model: self.model(index).name.to_string(),
                at: said.map_or_else(|| self.model(index).span, |it| it.span),
                label: "no attribute is the primary key".into(),
            });
        }
        self.timestamps(index);
    }

    pub(super) fn timestamps(&mut self, index: usize) {
        let options = &self.draft(index).options;
        let said = options.flag(OptionId::Timestamps);
        let timestamps = said.is_none_or(|it| it.value);
        let paranoid = options.flag(OptionId::Paranoid).filter(|it| it.value);
        let name = |id: OptionId, without: NamedFlag| match options
            .named(id)
            .map_or(without, |it| it.value)
        {
            NamedFlag::On => Some(SmolStr::new_static(id.name())),
            NamedFlag::Off => None,
            NamedFlag::As(name) => Some(name),
        };
        let created_at = name(OptionId::CreatedAt, NamedFlag::On).filter(|_| timestamps);
        let updated_at = name(OptionId::UpdatedAt, NamedFlag::On).filter(|_| timestamps);
        let deleted_at = name(OptionId::DeletedAt, NamedFlag::On);
        let deleted_at = deleted_at.filter(|_| timestamps && paranoid.is_some());
        let version = name(OptionId::Version, NamedFlag::Off);
        // What `defaults` and bases say holds for others, too.
        let own = self.draft(index).base.as_ref().map(|it| it.sentence.span);
        let named = |id: OptionId| {
            let said = options.named(id).filter(|it| it.value != NamedFlag::Off)?;
            own.filter(|own| own.start <= said.span.start && said.span.end <= own.end)?;
            Some((id.name(), said.span))
        };
        let (idle, needed) = match (timestamps, paranoid) {
            (true, None) => (named(OptionId::DeletedAt), OptionId::Paranoid.name()),
            (false, None) => {
                let all = [OptionId::CreatedAt, OptionId::UpdatedAt, OptionId::DeletedAt];
                (all.into_iter().find_map(named), OptionId::Timestamps.name())
            }
            (_, Some(_)) => (None, ""),
        };
        if let (false, Some(paranoid), Some(off)) = (timestamps, paranoid, said) {
            self.report(CheckProblem::ParanoidWithoutTimestamps {
                paranoid: paranoid.span,
                timestamps: off.span,
            });
        }
        if let Some((name, at)) = idle {
            self.report(CheckProblem::Contradiction {
                message: format!("`{name}` has no effect without `{needed}`"),
                at,
                label: "no such attribute comes".into(),
                help: Some(format!("leave it out, or say `{needed}`")),
            });
        }
        let draft = self.draft_mut(index);
        draft.model.created_at = created_at.map(|it| draft.time(&it, true));
        draft.model.updated_at = updated_at.map(|it| draft.time(&it, true));
        draft.model.deleted_at = deleted_at.map(|it| draft.time(&it, false));
        draft.model.paranoid = draft.model.deleted_at.is_some();
        if let Some(name) = version {
            let span = draft.model.span;
            draft.model.version = Some(match draft.model.attribute_named(&name) {
                Some(id) => id,
                None => {
                    let mut version = implied(&name, integer(), span);
                    version.not_null = true;
                    version.default = Some(Box::new(DefaultValue::Value(Value::Integer(0))));
                    draft.add(version)
                }
            });
        }
    }
}

impl ModelDraft<'_> {
    /// Adds an attribute that nobody wrote.
    pub(super) fn add(&mut self, attribute: Attribute) -> AttributeId {
        let id = attribute_id(self.model.attributes.len());
        self.push(attribute, None);
        id
    }

    /// The attribute of a time that Relata keeps.
    fn time(&mut self, name: &SmolStr, not_null: bool) -> AttributeId {
        if let Some(id) = self.model.attribute_named(name) {
            return id;
        }
        let mut attribute = implied(name, DataType::Date(None), self.model.span);
        attribute.not_null = not_null;
        self.add(attribute)
    }
}

pub(super) fn implied(name: &str, data_type: DataType, span: Span) -> Attribute {
    Attribute::new(name.into(), data_type, span, Origin::Implied)
}

pub(super) const fn integer() -> DataType {
    DataType::Integer(Integer {
        width: IntegerWidth::Normal,
        length: None,
        unsigned: false,
        zerofill: false,
    })
}
