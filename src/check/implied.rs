//! Attributes that come by themselves: `id`, timestamps and `version`.

use super::keys::Keys;
use super::options::{ModelSaid, Named};
use super::{Context, Draft, attribute_id};
use crate::diagnostics::CheckProblem;
use crate::ir::{
    Attribute, AttributeId, DataType, Default as DefaultValue, Integer, IntegerWidth, Origin,
};
use crate::source::Span;
use crate::value::Value;
use crate::verbs::Said;
use smol_str::SmolStr;

impl<'a> Context<'a> {
    /// `id`, timestamps and `version`.
    pub(super) fn implied_attributes(&mut self, keys: &Keys<'a>) {
        for index in 0..self.drafts.len() {
            let keyed =
                keys.keyed_by_join.contains_key(&index) || keys.keyed_by_key.contains_key(&index);
            let draft = self.draft(index);
            let has_key = keyed || draft.has_written_key();
            let without_id = draft.options.id.is_some_and(|it| !it.value);
            let model_name = draft.model.name.to_string();
            if !has_key && !without_id {
                let written =
                    draft.model.attribute_named("id").map(|it| draft.model.attribute(it).span);
                if let Some(at) = written {
                    self.report(CheckProblem::IdIsNoKey { model: model_name.clone(), at });
                } else {
                    let draft = self.draft_mut(index);
                    let span = draft.model.span;
                    let mut id = implied("id", integer(), span);
                    id.primary_key = true;
                    id.auto_increment = !draft.model.without_rowid;
                    draft.model.attributes.reserve_exact(1);
                    draft.model.attributes.insert(0, id);
                    draft.said.insert(0, None);
                }
            }
            if self.draft(index).model.without_rowid && !has_key {
                let said = self.draft(index).options.without_rowid;
                self.report(CheckProblem::WithoutRowid {
                    model: model_name,
                    at: said.map_or_else(|| self.draft(index).model.span, |it| it.span),
                    label: "no attribute is the primary key".into(),
                });
            }
            self.timestamps(index);
        }
    }

    pub(super) fn timestamps(&mut self, index: usize) {
        let options = self.draft(index).options.clone();
        let timestamps = options.timestamps.is_none_or(|it| it.value);
        let paranoid = ModelSaid::on(options.paranoid.as_ref());
        if let (true, false, Some(said), Some(off)) =
            (paranoid, timestamps, options.paranoid, options.timestamps)
        {
            self.report(CheckProblem::ParanoidWithoutTimestamps {
                paranoid: said.span,
                timestamps: off.span,
            });
        }
        let draft = self.draft_mut(index);
        let name =
            |said: Option<&Said<Named>>, default: &'static str| match said.map(|it| &it.value) {
                None | Some(Named::On) => Some(SmolStr::new_static(default)),
                Some(Named::Off) => None,
                Some(Named::As(name)) => Some(name.clone()),
            };
        if timestamps {
            draft.model.created_at =
                name(options.created_at.as_ref(), "createdAt").map(|it| draft.time(&it, true));
            draft.model.updated_at =
                name(options.updated_at.as_ref(), "updatedAt").map(|it| draft.time(&it, true));
            if paranoid {
                draft.model.deleted_at =
                    name(options.deleted_at.as_ref(), "deletedAt").map(|it| draft.time(&it, false));
                draft.model.paranoid = draft.model.deleted_at.is_some();
            }
        }
        if let Some(name) = options.version.as_ref().and_then(|it| name(Some(it), "version")) {
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

impl Draft<'_> {
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
    Attribute {
        name: name.into(),
        column: SmolStr::default(),
        span,
        data_type,
        not_null: false,
        primary_key: false,
        auto_increment: false,
        default: None,
        computed: None,
        extra: None,
        origin: Origin::Implied,
    }
}

pub(super) const fn integer() -> DataType {
    DataType::Integer(Integer {
        width: IntegerWidth::Normal,
        length: None,
        unsigned: false,
        zerofill: false,
    })
}
