//! What a part of a change is about.

use super::alteration::{Alteration, ChangePart};
use super::broken::BrokenObjects;
use super::ddl::TableDdl;
use super::history::Renamed;
use crate::catalog::Object;
use crate::ir::ModelId;

/// What all parts of a change are about.
#[derive(Debug, Clone, Copy)]
pub(super) struct PartScope<'c> {
    pub(super) model: Option<ModelId>,
    pub(super) tables: &'c [TableDdl],
    /// What didn't work before.
    pub(super) broken: &'c BrokenObjects,
    /// What got another name.
    pub(super) renames: &'c [Renamed],
    /// What was there before the part.
    pub(super) snapshot: &'c [Object],
}

impl PartScope<'_> {
    /// Whether what no table of the script's is about is due in this part, too.
    pub(super) fn of_all(&self, alter: &Alteration) -> bool {
        self.model.is_none() && alter.part.get() == ChangePart::Rest
    }
}
