//! Whether values fit their attributes' types, and whether the database holds such.

use super::Runner;
use super::draft::{Cell, Drafting};
use crate::ir::{Assignment, DataType, Misfit, Model, fit};
use crate::sql::Dialect;
use crate::value::Value;

/// What an attribute of that type holds on a database where it is given `value`.
pub(super) fn fit_on(
    dialect: &Dialect,
    value: Value,
    data_type: &DataType,
) -> Result<Value, Misfit> {
    let value = fit(value, data_type)?;
    let lacks = dialect.cannot_hold(&value, data_type);
    lacks.map_or(Ok(value), Err)
}

impl Drafting<'_, '_> {
    /// What an attribute is given that the check knows to fit its type: told, where the database holds no such.
    pub(super) fn known(&mut self, model: &Model, assignment: &Assignment, value: &Value) -> Cell {
        let attribute = model.attribute(assignment.attribute);
        match self.run.unheld(value, &attribute.data_type) {
            None => Cell::Value(value.clone()),
            Some(misfit) => {
                self.wrong.misfit(model, attribute, value, &misfit, assignment.span);
                Cell::Later
            }
        }
    }
}

impl Runner<'_> {
    /// What an attribute of that type holds where it is given `value`.
    pub(super) fn fit(&self, value: Value, data_type: &DataType) -> Result<Value, Misfit> {
        fit_on(self.database.dialect(), value, data_type)
    }

    /// Why the database holds no such value, which fits the type as far as the script could be checked.
    pub(super) fn unheld(&self, value: &Value, data_type: &DataType) -> Option<Misfit> {
        self.database.dialect().cannot_hold(value, data_type)
    }
}
