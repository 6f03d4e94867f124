//! Integers that need 64 bits.

use super::DialectTranslation;
use crate::catalog::Name;

impl DialectTranslation<'_> {
    /// A key is as wide as what it refers to.
    pub(super) fn wide_keys(&mut self) {
        let mut more = !self.wide.is_empty();
        while more {
            more = false;
            for model in &self.draft.models {
                for key in &model.table.keys {
                    for (column, to) in key.columns.iter().zip(&key.to) {
                        let to = (Name::from(&key.table), Name::from(to));
                        let own = (Name::from(&model.table.name), Name::from(column));
                        if self.wide.contains_key(&to) && !self.wide.contains_key(&own) {
                            let why = format!("it refers to `{}` of `{}`", to.1, to.0);
                            self.wide.insert(own, why);
                            more = true;
                        }
                    }
                }
            }
        }
    }
}
