//! A draft, held against the database: what it says is compiled, and compared statement by statement.

use super::contents::{DatabaseContents, read, read_index};
use super::draft::{
    Alternative, PartSubject, PulledAttribute, PulledElement, PulledScript, PulledText,
};
use super::tables::is_at_column;
use crate::ast::Bundle;
use crate::catalog::{self, Difference, IndexOrigin, KeyRespect, Name, Table, differences};
use crate::check;
use crate::diagnostics::{CheckProblem, Problem};
use crate::ir::{self, Schema};
use crate::plan;
use crate::source::{Sources, Span};
use crate::sql::{Dialect, Statement, render};
use crate::syntax;
use std::collections::{HashMap, HashSet};

/// What is to be said in another way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Mismatch {
    /// The whole table.
    Model(usize),
    /// An attribute, in that respect.
    Attribute(usize, usize, AttributeAspect),
    Part(usize),
    View(usize),
    /// What is said of a view that stays SQL.
    Shown(usize),
}

/// In what respect an attribute differs from its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum AttributeAspect {
    Type,
    Default,
    Generated,
    Check(usize),
    /// In one that has no other way, or in one that isn't known.
    Any,
}

impl From<catalog::Respect> for AttributeAspect {
    fn from(what: catalog::Respect) -> Self {
        match what {
            catalog::Respect::Type => Self::Type,
            catalog::Respect::Default => Self::Default,
            catalog::Respect::Generated => Self::Generated,
            catalog::Respect::Null | catalog::Respect::Collation | catalog::Respect::Other => {
                Self::Any
            }
        }
    }
}

/// A table as a script's statements make it.
#[derive(Debug, Default)]
pub(super) struct CompiledTable {
    pub(super) table: Table,
    /// Where its indexes are declared; none of those in raw clauses.
    pub(super) indexes: Vec<Option<Span>>,
    /// Where its foreign keys are declared; none of those in raw clauses, which come first.
    pub(super) keys: Vec<Option<Span>>,
}

/// What is wrong with a draft, and whether it hinders it to be compiled at all.
pub(super) fn faults(draft: &PulledScript, found: &DatabaseContents<'_>) -> Vec<Mismatch> {
    let written = draft.write();
    let mut sources = Sources::default();
    let Ok(id) = sources.add("", &written.text) else {
        return (0..draft.models.len()).map(Mismatch::Model).collect();
    };
    let parsed = syntax::parse(sources.get(id));
    let checked = check::check(&Bundle::of(parsed.script), &sources);
    let mut problems = parsed.problems;
    problems.extend(checked.problems);
    let dialect = found.rows.dialect();
    problems.extend(plan::problems(&checked.schema, dialect));
    let base = sources.get(id).base;
    let mut res = FaultFinder {
        draft,
        written: &written,
        base,
        dialect,
        found: HashSet::new(),
        list: Vec::new(),
    };
    // A DATE with SQLite's own clock is one all the same, and whoever pulls it is told.
    let dates = |it: &&Problem| matches!(it, Problem::Check(CheckProblem::OtherDates { .. }));
    for problem in problems.iter().filter(|it| !dates(it)) {
        res.problem(problem);
    }
    if let Some(server) = found.server.filter(|_| res.list.is_empty()) {
        res.on_server(server, (&checked.schema, &sources));
    } else if res.list.is_empty() {
        let made = made(&checked.schema, found);
        for place in 0..draft.models.len() {
            res.model(place, &made);
        }
    }
    res.list
}

/// What a database lacks for a draft, and where.
pub(super) fn problems(draft: &PulledScript, dialect: &'static Dialect) -> Vec<(Mismatch, String)> {
    let written = draft.write();
    let mut sources = Sources::default();
    let Ok(id) = sources.add("", &written.text) else { return Vec::new() };
    let parsed = syntax::parse(sources.get(id));
    let checked = check::check(&Bundle::of(parsed.script), &sources);
    let mut problems = checked.problems;
    problems.extend(plan::problems(&checked.schema, dialect));
    let base = sources.get(id).base;
    let faults = FaultFinder {
        draft,
        written: &written,
        base,
        dialect,
        found: HashSet::new(),
        list: Vec::new(),
    };
    let each = problems.iter().filter(|it| !it.is_warning()).filter_map(|problem| {
        let fault = match faults.at(problem.span()?)? {
            PulledElement::Model(model) => Mismatch::Model(model),
            PulledElement::Attribute(model, at) => {
                Mismatch::Attribute(model, at, AttributeAspect::Any)
            }
            PulledElement::Part(part) => Mismatch::Part(part),
            PulledElement::View(view) => Mismatch::View(view),
            PulledElement::Shown(view) => Mismatch::Shown(view),
        };
        Some((fault, problem.to_string()))
    });
    each.collect()
}

/// The tables that a schema makes, by name.
pub(super) fn made(schema: &Schema, found: &DatabaseContents<'_>) -> HashMap<Name, CompiledTable> {
    let dialect = Dialect::SQLITE;
    let mut res: HashMap<Name, CompiledTable> = HashMap::new();
    for statement in plan::create(schema, dialect) {
        match &statement {
            Statement::CreateTable { model, .. } => {
                let mut table = read(&render(&statement, schema, dialect)).unwrap_or_default();
                table.keys = found.resolved(&table.keys);
                let keys = &schema[*model].foreign_keys;
                let raw = table.keys.len().saturating_sub(keys.len());
                let said = keys.iter().map(|it| Some(it.span));
                let made = CompiledTable {
                    indexes: vec![None; table.indexes.len()],
                    keys: std::iter::repeat_n(None, raw).chain(said).collect(),
                    table,
                };
                res.insert(table_name(&schema[*model]), made);
            }
            Statement::CreateIndex { model, index } => {
                let of = schema[*model].indexes.get(*index);
                let made = res.get_mut(&table_name(&schema[*model]));
                if let (Some(made), Some(of)) = (made, of) {
                    let said = render(&statement, schema, dialect);
                    let said = read_index(&made.table, &of.name, &said);
                    made.table.indexes.push(said);
                    made.indexes.push(Some(of.span));
                }
            }
            Statement::Raw(_)
            | Statement::CreateView { .. }
            | Statement::DropView(_)
            | Statement::CreateExtension(_)
            | Statement::CreateSchema(_)
            | Statement::CreateType(_)
            | Statement::Comment { .. }
            | Statement::AddForeignKey { .. }
            | Statement::DropForeignKey { .. }
            | Statement::DropTable(_)
            | Statement::DropRaw(_)
            | Statement::DropType(_) => {}
        }
    }
    res
}

fn table_name(model: &ir::Model) -> Name {
    Name::from(&*model.full_table())
}

pub(super) struct FaultFinder<'a> {
    pub(super) draft: &'a PulledScript,
    written: &'a PulledText,
    base: u32,
    pub(super) dialect: &'static Dialect,
    found: HashSet<Mismatch>,
    pub(super) list: Vec<Mismatch>,
}

impl FaultFinder<'_> {
    pub(super) fn add(&mut self, fault: Mismatch) {
        if self.found.insert(fault) {
            self.list.push(fault);
        }
    }

    /// The innermost piece of the text around a place.
    fn at(&self, span: Span) -> Option<PulledElement> {
        let at = (span.start - self.base) as usize;
        let mut around = self.written.places.iter().rev();
        around.find(|(range, _)| range.contains(&at)).map(|(_, piece)| *piece)
    }

    fn problem(&mut self, problem: &Problem) {
        let piece = problem.span().and_then(|it| self.at(it));
        let fault = match piece {
            Some(PulledElement::Model(model)) => Mismatch::Model(model),
            Some(PulledElement::Attribute(model, at)) => {
                Mismatch::Attribute(model, at, AttributeAspect::Any)
            }
            Some(PulledElement::Part(part)) => Mismatch::Part(part),
            Some(PulledElement::View(view)) => Mismatch::View(view),
            Some(PulledElement::Shown(view)) => Mismatch::Shown(view),
            None => {
                for model in 0..self.draft.models.len() {
                    self.add(Mismatch::Model(model));
                }
                return;
            }
        };
        if !problem.is_warning() || self.has_more(fault) {
            self.add(fault);
        }
    }

    /// Whether there is another way to say it, short of the table's own text.
    fn has_more(&self, fault: Mismatch) -> bool {
        match fault {
            Mismatch::Model(_) | Mismatch::View(_) | Mismatch::Shown(_) => false,
            Mismatch::Part(part) => {
                let part = self.draft.parts.get(part);
                part.is_some_and(|it| it.at + 1 < it.ways.len())
            }
            Mismatch::Attribute(model, at, _) => {
                let attribute = self.draft.models.get(model);
                let attribute = attribute.and_then(|it| it.attributes.get(at));
                let Some(attribute) = attribute else {
                    return false;
                };
                if self.draft.part_making(model, &attribute.column).is_some() {
                    return true;
                }
                let refers = self.draft.parts.iter().any(|part| {
                    part.model == model
                        && part.subject.is_key()
                        && part.is_option_of(&attribute.column)
                });
                refers || (!attribute.is_verbatim && attribute.data_type.has_more())
            }
        }
    }

    fn model(&mut self, place: usize, made: &HashMap<Name, CompiledTable>) {
        let table = self.draft.models.get(place).map(|it| Name::from(&it.table.name));
        match table.and_then(|it| made.get(&it)) {
            Some(made) => self.held_against(place, made),
            None => self.add(Mismatch::Model(place)),
        }
    }

    /// Holds the table that a model makes against the database's.
    pub(super) fn held_against(&mut self, place: usize, made: &CompiledTable) {
        let Some(model) = self.draft.models.get(place) else {
            return;
        };
        let current = &model.table;
        let desired = &made.table;
        let found = differences(current, desired);
        if current.name != desired.name || found.iter().any(is_of_table) {
            // What comes by itself may have come to something else: a through model has no `id` of its own.
            let implied = model.attributes.iter().enumerate().filter(|(_, it)| it.implied);
            let mut faults: Vec<_> = implied
                .map(|(at, _)| Mismatch::Attribute(place, at, AttributeAspect::Any))
                .collect();
            if faults.is_empty() {
                faults.push(Mismatch::Model(place));
            }
            return faults.into_iter().for_each(|it| self.add(it));
        }
        for difference in found {
            self.difference(place, made, difference);
        }
        // A script that is new has its letters, too.
        for (at, column) in current.columns.iter().enumerate() {
            if desired.column(&column.name).is_none_or(|it| it.name != column.name) {
                self.add(Mismatch::Attribute(place, at, AttributeAspect::Any));
            }
        }
        for (at, index) in current.indexes.iter().enumerate() {
            let mut said = desired.indexes.iter();
            if index.origin == IndexOrigin::Created && !said.any(|it| it.name == index.name) {
                self.index(place, at);
            }
        }
    }

    /// What is at fault where a model's table differs so from the database's.
    fn difference(&mut self, place: usize, made: &CompiledTable, difference: Difference) {
        let Some(model) = self.draft.models.get(place) else {
            return;
        };
        let extra_key = |desired: usize| made.keys.get(desired).copied().flatten();
        match difference {
            Difference::Column { current, what, .. } => {
                self.add(Mismatch::Attribute(place, current, what.into()));
            }
            Difference::DropCheck { current } => self.check(place, current),
            Difference::RenameCheck { current, .. } => {
                if model.table.checks.get(current).is_some_and(|it| it.name.is_some()) {
                    self.check(place, current);
                }
            }
            Difference::AddCheck { .. } => {
                if self.list.is_empty() {
                    self.add(Mismatch::Model(place));
                }
            }
            Difference::DropIndex { current } => self.index(place, current),
            Difference::Index { current, desired } => {
                self.index(place, current);
                self.extra(place, made.indexes.get(desired).copied().flatten());
            }
            Difference::AddIndex { desired } => {
                // A raw clause says no more than the database does.
                if let Some(Some(span)) = made.indexes.get(desired) {
                    self.extra(place, Some(*span));
                }
            }
            Difference::DropKey { current, .. } => self.part(place, &PartSubject::Key(current)),
            Difference::Key { current, desired, what } => {
                let named = model.table.keys.get(current).is_some_and(|it| it.name.is_some());
                if what != KeyRespect::Name || named {
                    self.part(place, &PartSubject::Key(current));
                    self.extra(place, extra_key(desired));
                }
            }
            Difference::AddKey { desired, .. } => {
                self.extra(place, extra_key(desired));
            }
            Difference::PrimaryKey
            | Difference::Identity
            | Difference::AddColumn { .. }
            | Difference::DropColumn { .. }
            | Difference::Options
            | Difference::AddOther { .. }
            | Difference::DropOther { .. } => self.add(Mismatch::Model(place)),
        }
    }

    /// The part about that of a model's table.
    pub(super) fn part(&mut self, model: usize, subject: &PartSubject) {
        let mut parts = self.draft.parts.iter();
        match parts.position(|it| it.model == model && it.subject == *subject) {
            Some(place) => self.add(Mismatch::Part(place)),
            None => self.add(Mismatch::Model(model)),
        }
    }

    /// What the script says at a place and the database doesn't have.
    fn extra(&mut self, model: usize, span: Option<Span>) {
        let fault = match span.and_then(|it| self.at(it)) {
            Some(PulledElement::Part(part)) => Mismatch::Part(part),
            Some(PulledElement::Attribute(model, at)) => {
                let column = self.draft.models.get(model);
                let column = column.and_then(|it| it.attributes.get(at));
                match column.and_then(|it| self.option_of(model, it)) {
                    Some(part) => Mismatch::Part(part),
                    None => Mismatch::Attribute(model, at, AttributeAspect::Any),
                }
            }
            Some(PulledElement::Model(_) | PulledElement::View(_) | PulledElement::Shown(_))
            | None => Mismatch::Model(model),
        };
        self.add(fault);
    }

    /// What is declared there and refused.
    pub(super) fn declared(&mut self, span: Span) {
        let model = match self.at(span) {
            Some(PulledElement::Model(model) | PulledElement::Attribute(model, _)) => model,
            Some(PulledElement::Part(part)) => {
                self.draft.parts.get(part).map_or(usize::MAX, |it| it.model)
            }
            Some(PulledElement::View(_) | PulledElement::Shown(_)) | None => return,
        };
        self.extra(model, Some(span));
    }

    /// The part that is written at an attribute.
    fn option_of(&self, model: usize, attribute: &PulledAttribute) -> Option<usize> {
        let mut parts = self.draft.parts.iter();
        parts.position(|it| it.model == model && it.is_option_of(&attribute.column))
    }

    /// A check of the database that the script doesn't have so.
    pub(super) fn check(&mut self, model: usize, place: usize) {
        let Some(of) = self.draft.models.get(model) else {
            return;
        };
        let column = of.table.checks.get(place).and_then(|it| it.column);
        match column.filter(|_| of.lists(place) || is_at_column(&of.table, place)) {
            Some(column) => {
                self.add(Mismatch::Attribute(model, column, AttributeAspect::Check(place)));
            }
            None => self.part(model, &PartSubject::Check(place)),
        }
    }

    /// An index of the database that the script doesn't have so, unless it has its statement.
    pub(super) fn index(&mut self, model: usize, place: usize) {
        let subject = PartSubject::Index(place);
        let mut own = self.draft.parts.iter();
        let own = own.find(|it| it.model == model && it.subject == subject);
        if !own.is_some_and(|it| matches!(it.now(), Alternative::Raw(_))) {
            self.part(model, &subject);
        }
    }
}

/// Whether a table can't be said at all that differs so.
const fn is_of_table(difference: &Difference) -> bool {
    matches!(
        difference,
        Difference::PrimaryKey
            | Difference::Identity
            | Difference::AddColumn { .. }
            | Difference::DropColumn { .. }
            | Difference::Options
            | Difference::AddOther { .. }
            | Difference::DropOther { .. }
    )
}
