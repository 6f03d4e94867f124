//! What `defaults` may say for all models, and what a model says otherwise.

use super::names::NamingStyle;
use super::options::PulledOption;
use super::timestamps::Timestamps;
use crate::ast::OptionList;
use crate::catalog::TableOptions;
use crate::verbs::{self, Declaration, NamedFlag, OptionId, OptionItem, OptionValue, Verb};

/// The options that may be common, and what holds where nobody says one.
const SWITCHES: [(OptionId, NamedFlag); 9] = [
    (OptionId::Timestamps, NamedFlag::On),
    (OptionId::CreatedAt, NamedFlag::On),
    (OptionId::UpdatedAt, NamedFlag::On),
    (OptionId::Paranoid, NamedFlag::Off),
    (OptionId::DeletedAt, NamedFlag::On),
    (OptionId::Underscored, NamedFlag::Off),
    (OptionId::FreezeTableName, NamedFlag::Off),
    (OptionId::Strict, NamedFlag::Off),
    (OptionId::WithoutRowid, NamedFlag::Off),
];

/// What is said of a model, or of all; nothing of what makes no difference to it.
#[derive(Debug, Clone, Default)]
pub(super) struct ModelFlags(Vec<(OptionId, NamedFlag)>);

fn flag(on: bool) -> NamedFlag {
    if on { NamedFlag::On } else { NamedFlag::Off }
}

impl ModelFlags {
    /// What holds of a table.
    pub(super) fn of(
        style: NamingStyle,
        stamps: Option<&Timestamps>,
        options: TableOptions,
    ) -> Self {
        let mut all = vec![
            (OptionId::Timestamps, flag(stamps.is_some())),
            (OptionId::Paranoid, flag(stamps.is_some_and(|it| it.deleted.is_some()))),
            (OptionId::Underscored, flag(style.underscored)),
            (OptionId::FreezeTableName, flag(style.frozen)),
            (OptionId::Strict, flag(options.strict)),
            (OptionId::WithoutRowid, flag(options.without_rowid)),
        ];
        all.extend(stamps.into_iter().flat_map(Timestamps::names));
        Self(all)
    }

    /// What most of these have in common.
    pub(super) fn common(all: &[Self]) -> Self {
        let mut res = Vec::new();
        for (id, unless) in &SWITCHES {
            let said: Vec<_> = all.iter().filter_map(|it| it.get(*id)).collect();
            let same = |value: &NamedFlag| said.iter().filter(|it| ***it == *value).count();
            let most = said.iter().find(|it| same(it) * 2 > all.len());
            res.push((*id, most.map_or(unless, |it| it).clone()));
        }
        Self(res)
    }

    /// The same, and what the options of a `defaults` say.
    pub(super) fn and(mut self, options: &OptionList) -> Self {
        let tables = Verb::Declare(Declaration::Defaults).facts().options;
        let items = OptionItem::of_options(Some(options));
        // What is wrong with them has been told where the script was checked.
        let said = verbs::read("`defaults`", tables, items, &mut Vec::new());
        for setting in said.iter() {
            let value = match &setting.given {
                OptionValue::Flag(it) => flag(*it),
                OptionValue::Named(it) => it.clone(),
                _ => continue,
            };
            let known = self.0.iter_mut().find(|it| it.0 == setting.option.id);
            if let Some((_, known)) = known {
                *known = value;
            }
        }
        self
    }

    /// What holds where nobody says anything.
    pub(super) fn unsaid() -> Self {
        Self(SWITCHES.to_vec())
    }

    fn get(&self, id: OptionId) -> Option<&NamedFlag> {
        self.0.iter().find(|it| it.0 == id).map(|it| &it.1)
    }

    pub(super) fn is_on(&self, id: OptionId) -> bool {
        self.get(id) == Some(&NamedFlag::On)
    }

    /// What is to be said where others say `common`.
    pub(super) fn beside(&self, common: &Self) -> Vec<PulledOption> {
        let ids = SWITCHES.iter().map(|it| it.0);
        let own = ids.filter_map(|id| Some((id, self.get(id)?)));
        let said = own.filter(|(id, it)| common.get(*id) != Some(it));
        said.map(|(id, it)| PulledOption::named(id, it)).collect()
    }
}
