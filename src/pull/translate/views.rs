//! Views for another database.

use super::groups::GroupNeed;
use super::{DialectTranslation, LeftOut};
use crate::pull::contents::DatabaseContents;
use crate::pull::draft::PulledView;
use crate::pull::views::regroup;
use crate::sql::ShownOfGroup;
use crate::stored::ViewQuery;

impl DialectTranslation<'_> {
    /// Groups that the database would refuse, by more keys: those of which the keys that there are know the value. That means the same.
    pub(super) fn groups(&mut self, found: &DatabaseContents<'_>) {
        for place in 0..self.draft.views.len() {
            let Some(view) = self.draft.views.get(place) else { return };
            if let GroupNeed::MoreKeys(keys) = self.group_need(&view.query) {
                regroup(self.draft, found, place, &keys);
            }
        }
    }

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
        let lacking = query.functions().into_iter().find(|name| {
            self.dialect.lacks_functions.iter().any(|it| it.eq_ignore_ascii_case(name))
        });
        if let Some(name) = lacking {
            return Some(format!("{title} has no function `{name}`"));
        }
        match self.group_need(query) {
            GroupNeed::Nothing => {}
            GroupNeed::MoreKeys(_) | GroupNeed::OneValue => {
                return Some(format!("{title} shows no value that a group may have several of"));
            }
        }
        let orders_by_another =
            query.order.iter().any(|by| !query.columns.iter().any(|it| it.1 == by.expression));
        (query.distinct
            && orders_by_another
            && self.dialect.shown_of_group != ShownOfGroup::Anything)
            .then(|| format!("{title} orders distinct rows by what they show alone"))
    }

    /// Leaves out a view.
    pub(super) fn leave_view(&mut self, place: usize, why: String) {
        if place < self.draft.views.len() {
            let PulledView { name, sql, .. } = self.draft.views.remove(place);
            self.left.push(LeftOut { what: format!("the view `{name}`"), why, sql: Some(sql) });
        }
    }
}
