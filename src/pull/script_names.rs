//! What a script that is merged into has already: names, and how it is written.

use super::model_flags::ModelFlags;
use super::names::NamingStyle;
use crate::ast::{Script, Sentence};
use crate::catalog::Name;
use crate::ir::{ModelId, Schema};
use crate::verbs::{Declaration, OptionId, Verb, Verbal, verbal};
use std::collections::{HashMap, HashSet};

/// What a script has.
#[derive(Debug, Default)]
pub(super) struct ScriptContents {
    /// How models are written that come behind all others.
    pub(super) style: NamingStyle,
    pub(super) common: ModelFlags,
    /// Its models, by their tables.
    pub(super) models: HashMap<Name, ScriptModel>,
    /// The names of models, views and enumerations that are taken.
    pub(super) names: HashSet<Name>,
}

/// A model that a script has.
#[derive(Debug, Default)]
pub(super) struct ScriptModel {
    pub(super) name: String,
    pub(super) style: NamingStyle,
    /// Its attributes, by their columns.
    pub(super) attributes: HashMap<Name, String>,
    /// The names that its associations and attributes have.
    pub(super) taken: Vec<Name>,
}

impl ScriptContents {
    /// What `schema` has; `script` is the one that models are added to.
    pub(super) fn of(schema: &Schema, script: &Script) -> Self {
        let mut res = Self { common: ModelFlags::unsaid(), ..Self::default() };
        let mut defaults = script.sentences.iter().filter(|it| is_defaults(it));
        let said = defaults.by_ref().filter_map(|it| it.options.as_ref());
        res.common = said.fold(res.common, ModelFlags::and);
        res.style = NamingStyle {
            underscored: res.common.is_on(OptionId::Underscored),
            frozen: res.common.is_on(OptionId::FreezeTableName),
        };
        let views = schema.views.iter().map(|it| Name::from(&it.name));
        let enumerations = schema.enumerations.iter().filter_map(|it| it.name.as_ref());
        res.names.extend(views);
        res.names.extend(enumerations.map(Name::from));
        for (id, model) in schema.models() {
            res.names.insert(Name::from(&model.name));
            let table = Name::from(&*model.full_table());
            res.models.insert(table, given(schema, id, res.style));
        }
        res
    }
}

fn given(schema: &Schema, id: ModelId, style: NamingStyle) -> ScriptModel {
    let model = &schema[id];
    let style = NamingStyle { underscored: model.underscored, ..style };
    let columns = model.columns();
    let attributes = columns.map(|(_, it)| (Name::from(&it.column), it.name.to_string()));
    let names = model.attributes.iter().map(|it| Name::from(&it.name));
    let associations = schema.associations_of(id);
    let associations = associations.map(|(_, it)| Name::from(&it.name));
    ScriptModel {
        name: model.name.to_string(),
        style,
        attributes: attributes.collect(),
        taken: names.chain(associations).collect(),
    }
}

fn is_defaults(sentence: &Sentence) -> bool {
    let declares = Verb::Declare(Declaration::Defaults);
    matches!(verbal(sentence), Verbal::First(verb) if verb == declares)
}
