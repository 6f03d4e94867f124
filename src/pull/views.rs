//! Views as sentences: `view Rich = Project findAll < where: (budget > 1000) >`.
//!
//! A sentence is compiled, and its query held against the database's; one that can't be said so stays SQL.

mod shown;
mod write;

use super::contents::DatabaseContents;
use super::draft::{Alternatives, PulledElement, PulledScript, PulledView, remarks};
use crate::ast::Bundle;
use crate::catalog::{Name, ObjectKind};
use crate::check;
use crate::ir::Schema;
use crate::plan;
use crate::source::Sources;
use crate::sql::{Dialect, Statement, render};
use crate::stored::{QueryColumns, SqlExpression, ViewQuery, remarks_in};
use crate::syntax;
use std::collections::HashSet;
use write::ViewWriter;

/// A view of the database that can be read.
struct ReadView<'a> {
    name: &'a str,
    sql: &'a str,
    query: ViewQuery,
}

/// Says the views of a draft as sentences, as far as they can be.
pub(super) fn say(draft: &mut PulledScript, found: &DatabaseContents<'_>) {
    let is_view = |it: &&&crate::catalog::Object| it.kind() == ObjectKind::View;
    let mut views = found.objects.iter().filter(is_view).peekable();
    if views.peek().is_none() {
        return;
    }
    // What a server's query says only its statement does.
    if found.rows.server.is_none() {
        say_queries(draft, found);
    }
    show(draft, found);
}

/// Says what the others show.
pub(super) fn show(draft: &mut PulledScript, found: &DatabaseContents<'_>) {
    let mut taken: HashSet<_> = draft.models.iter().map(|it| Name::from(&it.name)).collect();
    taken.extend(draft.views.iter().map(|it| Name::from(&it.name)));
    let views = found.objects.iter().filter(|it| it.kind() == ObjectKind::View);
    for view in views.filter(|it| !taken.contains(&Name::from(&it.name))) {
        let columns = found.rows.shown.get(&Name::from(&view.name));
        if let Some(text) = columns.and_then(|it| shown::sentence(&view.name, it)) {
            draft.shown.push((view.name.clone(), text));
        }
    }
    // one that has a problem is left out: its statement is there
    while !draft.shown.is_empty() {
        let dialect = found.rows.dialect();
        let Some((_, faults)) = compiled(draft, dialect) else { return draft.shown.clear() };
        let faults: HashSet<usize> = faults.iter().filter_map(DraftFault::shown).collect();
        if faults.is_empty() {
            return;
        }
        let mut place = 0;
        draft.shown.retain(|_| {
            place += 1;
            !faults.contains(&(place - 1))
        });
    }
}

/// Says those as sentences that can be.
fn say_queries(draft: &mut PulledScript, found: &DatabaseContents<'_>) {
    let views = found.objects.iter().filter(|it| it.kind() == ObjectKind::View);
    let known = QueryColumns::of_objects(found.objects.iter().copied());
    let models: HashSet<_> = draft.models.iter().map(|it| Name::from(&it.name)).collect();
    let mut waiting: Vec<_> = views
        .filter(|it| !models.contains(&Name::from(&it.name)))
        .filter_map(|it| {
            let sql = it.sql.as_deref()?;
            Some(ReadView { name: &it.name, sql, query: ViewQuery::read(sql, &known)? })
        })
        .collect();
    // One that reads another comes in a later round.
    while !waiting.is_empty() {
        let Some((schema, _)) = compiled(draft, Dialect::SQLITE) else { return };
        let before = draft.views.len();
        let mut later = Vec::new();
        for view in waiting {
            match ViewWriter::new(&schema, &known, &view.query) {
                Some(writer) => {
                    let ways = ways(&writer, view.name, view.sql);
                    let (name, sql) = (view.name.to_owned(), view.sql.to_owned());
                    draft.views.push(PulledView { name, sql, query: view.query, ways });
                }
                None => later.push(view),
            }
        }
        if draft.views.len() == before {
            return;
        }
        waiting = later;
        settle(draft, &known);
    }
}

/// How a view may be said, with what its statement remarks.
fn ways(writer: &ViewWriter<'_>, name: &str, sql: &str) -> Alternatives<String> {
    let mut before = String::new();
    remarks(&remarks_in(sql), "", &mut before);
    let each = writer.ways(name).into_iter().map(|it| format!("{before}{it}"));
    Alternatives::new(each.collect())
}

/// Says a view with more keys by which it groups; one that can't be said so stays as it is.
pub(super) fn regroup(
    draft: &mut PulledScript,
    found: &DatabaseContents<'_>,
    place: usize,
    keys: &[SqlExpression],
) {
    let known = QueryColumns::of_objects(found.objects.iter().copied());
    let Some((before, (schema, _))) =
        draft.views.get(place).cloned().zip(compiled(draft, Dialect::SQLITE))
    else {
        return;
    };
    let mut query = before.query.clone();
    query.group.extend_from_slice(keys);
    let all = ViewWriter::new(&schema, &known, &query);
    let all = all.map(|it| ways(&it, &before.name, &before.sql)).unwrap_or_default();
    let set = |draft: &mut PulledScript, view: PulledView| {
        if let Some(slot) = draft.views.get_mut(place) {
            *slot = view;
        }
    };
    set(draft, PulledView { query, ways: all, ..before.clone() });
    while faults(draft, &known).contains(&place) {
        if !draft.views.get_mut(place).is_some_and(|it| it.ways.advance()) {
            return set(draft, before);
        }
    }
}

/// Tries the ways of the views, until each is said or given up.
fn settle(draft: &mut PulledScript, known: &QueryColumns) {
    loop {
        let faults = faults(draft, known);
        if faults.is_empty() {
            return;
        }
        let mut place = 0;
        draft.views.retain_mut(|it| {
            place += 1;
            !faults.contains(&(place - 1)) || it.ways.advance()
        });
    }
}

/// The views that aren't what the database has, by their places.
fn faults(draft: &PulledScript, known: &QueryColumns) -> HashSet<usize> {
    let all = || (0..draft.views.len()).collect();
    let Some((schema, faults)) = compiled(draft, Dialect::SQLITE) else { return all() };
    if faults.contains(&DraftFault::Else) {
        return all();
    }
    let mut res: HashSet<usize> = faults.iter().filter_map(DraftFault::view).collect();
    let planner = plan::Planner { schema: &schema, dialect: Dialect::SQLITE, now: None };
    for (place, view) in draft.views.iter().enumerate() {
        let mut made = schema.views.iter().enumerate();
        let said = made.find(|(_, it)| it.name == view.name).and_then(|(at, it)| {
            let create = Statement::CreateView { view: at, select: planner.view(&it.query) };
            ViewQuery::read(&render(&create, &schema, Dialect::SQLITE), known)
        });
        if !said.is_some_and(|it| view.query.is_same(&it)) {
            res.insert(place);
        }
    }
    res
}

/// What of a draft has a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DraftFault {
    /// A view that is said, by its place.
    View(usize),
    /// One of which it is said what it shows.
    Shown(usize),
    /// Anything else.
    Else,
}

impl DraftFault {
    const fn view(&self) -> Option<usize> {
        match self {
            Self::View(place) => Some(*place),
            Self::Shown(_) | Self::Else => None,
        }
    }

    const fn shown(&self) -> Option<usize> {
        match self {
            Self::Shown(place) => Some(*place),
            Self::View(_) | Self::Else => None,
        }
    }
}

/// What a draft says, and what of it has problems.
fn compiled(draft: &PulledScript, dialect: &Dialect) -> Option<(Schema, Vec<DraftFault>)> {
    let written = draft.write();
    let mut sources = Sources::default();
    let id = sources.add("", &written.text).ok()?;
    let base = sources.get(id).base;
    let parsed = syntax::parse(sources.get(id));
    let checked = check::check(&Bundle::of(parsed.script), &sources);
    let mut problems = parsed.problems;
    problems.extend(checked.problems);
    problems.extend(plan::problems(&checked.schema, dialect));
    let each = problems.iter().filter_map(|problem| {
        let at = problem.span().map(|it| (it.start - base) as usize);
        let mut places = written.places.iter();
        let view = places.find_map(|(range, element)| match element {
            PulledElement::View(view) if at.is_some_and(|it| range.contains(&it)) => {
                Some(DraftFault::View(*view))
            }
            PulledElement::Shown(view) if at.is_some_and(|it| range.contains(&it)) => {
                Some(DraftFault::Shown(*view))
            }
            PulledElement::View(_)
            | PulledElement::Shown(_)
            | PulledElement::Model(_)
            | PulledElement::Attribute(..)
            | PulledElement::Part(_) => None,
        });
        // A warning about something else was there before.
        (view.is_some() || !problem.is_warning()).then_some(view.unwrap_or(DraftFault::Else))
    });
    let faults = each.collect();
    Some((checked.schema, faults))
}
