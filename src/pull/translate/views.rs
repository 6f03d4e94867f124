//! Views for another database.

use super::{DialectTranslation, LeftOut};
use crate::pull::draft::PulledView;
use crate::stored::ViewQuery;

impl DialectTranslation<'_> {
    /// The views that have no words but SQLite's.
    pub(super) fn views(&mut self) {
        let mut place = 0;
        while let Some(view) = self.draft.views.get(place) {
            match self.lacks_of_view(&view.query) {
                Some(why) => self.leave_view(place, why),
                None => place += 1,
            }
        }
    }

    /// Why a view can't be said; none where it can.
    fn lacks_of_view(&self, query: &ViewQuery) -> Option<String> {
        let title = self.dialect.title;
        if !self.dialect.loose_groups && query.has_loose_columns() {
            return Some(format!("{title} shows no value that a group may have several of"));
        }
        let lacking = query.functions().into_iter().find(|name| {
            self.dialect.lacks_functions.iter().any(|it| it.eq_ignore_ascii_case(name))
        });
        lacking.map(|name| format!("{title} has no function `{name}`"))
    }

    /// Leaves out a view.
    pub(super) fn leave_view(&mut self, place: usize, why: String) {
        if place < self.draft.views.len() {
            let PulledView { name, sql, .. } = self.draft.views.remove(place);
            self.left.push(LeftOut { what: format!("the view `{name}`"), why, sql: Some(sql) });
        }
    }
}
