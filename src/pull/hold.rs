//! A draft, held against the database: what it says is compiled, and compared statement by statement.

use super::Found;
use super::draft::{Attribute, Draft, Piece, Subject, Way, Written};
use super::shape::{Key, Shape, Unique, same, same_type};
use super::tables::is_at_column;
use crate::ast::Bundle;
use crate::check;
use crate::diagnostics::{CheckProblem, Problem};
use crate::ir::{self, Schema};
use crate::plan;
use crate::source::{Sources, Span};
use crate::sql::{Dialect, Statement, render};
use crate::stored::{Index, plain, plain_default};
use crate::syntax;
use std::collections::{HashMap, HashSet};

/// What is to be said in another way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Fault {
    /// The whole table.
    Model(usize),
    /// An attribute, in that respect.
    Attribute(usize, usize, Respect),
    Part(usize),
}

/// In what respect an attribute differs from its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Respect {
    Type,
    Default,
    Generated,
    Check(usize),
    /// In one that has no other way, or in one that isn't known.
    Any,
}

/// A table as a script's statements make it.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) shape: Shape,
    /// Its indexes: where each is declared, its name, and what it says.
    pub(super) indexes: Vec<(Span, String, Index)>,
    /// Where its foreign keys are declared, and whether the script names them.
    pub(super) keys: Vec<(Span, bool)>,
}

/// What is wrong with a draft, and whether it hinders it to be compiled at all.
pub(super) fn faults(draft: &Draft, found: &Found<'_>) -> Vec<Fault> {
    let written = draft.write();
    let mut sources = Sources::default();
    let Ok(id) = sources.add("", &written.text) else {
        return (0..draft.models.len()).map(Fault::Model).collect();
    };
    let parsed = syntax::parse(sources.get(id));
    let checked = check::check(&Bundle::of(parsed.script), &sources);
    let mut problems = parsed.problems;
    problems.extend(checked.problems);
    problems.extend(plan::problems(&checked.schema, Dialect::SQLITE));
    let base = sources.get(id).base;
    let mut res =
        Faults { draft, written: &written, base, found: HashSet::new(), list: Vec::new() };
    // A DATE with SQLite's own clock is one all the same, and whoever pulls it is told.
    let dates = |it: &&Problem| matches!(it, Problem::Check(CheckProblem::OtherDates { .. }));
    for problem in problems.iter().filter(|it| !dates(it)) {
        res.problem(problem);
    }
    if res.list.is_empty() {
        let made = made(&checked.schema);
        for place in 0..draft.models.len() {
            res.model(place, found, &made);
        }
    }
    res.list
}

/// The tables that a schema makes, by name in lower case.
pub(super) fn made(schema: &Schema) -> HashMap<String, Made> {
    let dialect = Dialect::SQLITE;
    let mut res: HashMap<String, Made> = HashMap::new();
    for statement in plan::create(schema, dialect) {
        match &statement {
            Statement::CreateTable { model, .. } => {
                let shape = Shape::read(&render(&statement, schema, dialect)).unwrap_or_default();
                let keys = &schema[*model].foreign_keys;
                let made = Made {
                    shape,
                    indexes: Vec::new(),
                    keys: keys.iter().map(|it| (it.span, it.named)).collect(),
                };
                res.insert(table_name(&schema[*model]), made);
            }
            Statement::CreateIndex { model, index } => {
                let of = schema[*model].indexes.get(*index);
                let made = res.get_mut(&table_name(&schema[*model]));
                let said = render(&statement, schema, dialect);
                let said = made.as_ref().and_then(|it| it.shape.index(&said));
                if let (Some(made), Some(said), Some(of)) = (made, said, of) {
                    made.indexes.push((of.span, of.name.to_string(), said));
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

fn table_name(model: &ir::Model) -> String {
    model.full_table().to_lowercase()
}

struct Faults<'a> {
    draft: &'a Draft,
    written: &'a Written,
    base: u32,
    found: HashSet<Fault>,
    list: Vec<Fault>,
}

impl Faults<'_> {
    fn add(&mut self, fault: Fault) {
        if self.found.insert(fault) {
            self.list.push(fault);
        }
    }

    /// The innermost piece of the text around a place.
    fn at(&self, span: Span) -> Option<Piece> {
        let at = (span.start - self.base) as usize;
        let mut around = self.written.places.iter().rev();
        around.find(|(range, _)| range.contains(&at)).map(|(_, piece)| *piece)
    }

    fn problem(&mut self, problem: &Problem) {
        let piece = problem.span().and_then(|it| self.at(it));
        let fault = match piece {
            Some(Piece::Model(model)) => Fault::Model(model),
            Some(Piece::Attribute(model, at)) => Fault::Attribute(model, at, Respect::Any),
            Some(Piece::Part(part)) => Fault::Part(part),
            None => {
                for model in 0..self.draft.models.len() {
                    self.add(Fault::Model(model));
                }
                return;
            }
        };
        if !problem.is_warning() || self.has_more(fault) {
            self.add(fault);
        }
    }

    /// Whether there is another way to say it, short of the table's own text.
    fn has_more(&self, fault: Fault) -> bool {
        match fault {
            Fault::Model(_) => false,
            Fault::Part(part) => {
                let part = self.draft.parts.get(part);
                part.is_some_and(|it| it.at + 1 < it.ways.len())
            }
            Fault::Attribute(model, at, _) => {
                let attribute = self.draft.models.get(model);
                let attribute = attribute.and_then(|it| it.attributes.get(at));
                let Some(attribute) = attribute else {
                    return false;
                };
                let refers = self.draft.parts.iter().any(|part| {
                    let here = matches!(part.now(), Way::Option(it, text)
                        if same(it, &attribute.column) && text.starts_with("references"));
                    part.model == model && here
                });
                refers || (!attribute.is_verbatim && attribute.data_type.has_more())
            }
        }
    }

    fn model(&mut self, place: usize, found: &Found<'_>, made: &HashMap<String, Made>) {
        let Some(model) = self.draft.models.get(place) else {
            return;
        };
        let is = &model.shape;
        let Some(made) = made.get(&is.name.to_lowercase()) else {
            return self.add(Fault::Model(place));
        };
        let said = &made.shape;
        let whole = is.name == said.name
            && is.columns.len() == said.columns.len()
            && is.increments == said.increments
            && is.strict == said.strict
            && is.without_rowid == said.without_rowid
            && lower(&is.key) == lower(&said.key)
            && all_plain(&is.others) == all_plain(&said.others);
        if !whole {
            // What comes by itself may have come to something else: a through model has no `id` of its own.
            let implied = model.attributes.iter().enumerate().filter(|(_, it)| it.implied);
            let mut faults: Vec<_> =
                implied.map(|(at, _)| Fault::Attribute(place, at, Respect::Any)).collect();
            if faults.is_empty() {
                faults.push(Fault::Model(place));
            }
            return faults.into_iter().for_each(|it| self.add(it));
        }
        for (at, column) in is.columns.iter().enumerate() {
            let Some(other) = said.column(&column.name).and_then(|it| said.columns.get(it)) else {
                self.add(Fault::Model(place));
                continue;
            };
            for respect in differs(column, other) {
                self.add(Fault::Attribute(place, at, respect));
            }
            // A script that is new has its letters, too.
            if column.name != other.name {
                self.add(Fault::Attribute(place, at, Respect::Any));
            }
        }
        self.checks(place, is, said);
        self.uniques(place, found, made);
        self.keys(place, found, made);
    }

    /// The part about that of a model's table.
    fn part(&mut self, model: usize, subject: &Subject) {
        let mut parts = self.draft.parts.iter();
        match parts.position(|it| it.model == model && it.subject == *subject) {
            Some(place) => self.add(Fault::Part(place)),
            None => self.add(Fault::Model(model)),
        }
    }

    /// What the script says at a place and the database doesn't have.
    fn extra(&mut self, model: usize, span: Span) {
        let fault = match self.at(span) {
            Some(Piece::Part(part)) => Fault::Part(part),
            Some(Piece::Attribute(model, at)) => {
                let column = self.draft.models.get(model);
                let column = column.and_then(|it| it.attributes.get(at));
                match column.and_then(|it| self.option_of(model, it)) {
                    Some(part) => Fault::Part(part),
                    None => Fault::Attribute(model, at, Respect::Any),
                }
            }
            Some(Piece::Model(_)) | None => Fault::Model(model),
        };
        self.add(fault);
    }

    /// The part that is written at an attribute.
    fn option_of(&self, model: usize, attribute: &Attribute) -> Option<usize> {
        let mut parts = self.draft.parts.iter();
        parts.position(|it| {
            let here =
                matches!(it.now(), Way::Option(column, _) if same(column, &attribute.column));
            it.model == model && here
        })
    }

    fn checks(&mut self, model: usize, is: &Shape, said: &Shape) {
        let same = is.same_checks(said);
        for (place, check) in is.checks.iter().enumerate() {
            let other = same.get(place).copied().flatten();
            let other = other.and_then(|it| said.checks.get(it));
            // A script that is new has its names, too.
            let fits = other.is_some_and(|it| check.name.is_none() || check.name == it.name);
            if fits {
                continue;
            }
            let at_column = check.column.filter(|_| {
                let model = self.draft.models.get(model);
                model.is_some_and(|it| it.lists(place)) || is_at_column(is, place)
            });
            match at_column {
                Some(column) => self.add(Fault::Attribute(model, column, Respect::Check(place))),
                None => self.part(model, &Subject::Check(place)),
            }
        }
        if is.checks.len() != said.checks.len() && self.list.is_empty() {
            self.add(Fault::Model(model));
        }
    }

    fn uniques(&mut self, model: usize, found: &Found<'_>, made: &Made) {
        let is = self.draft.models.get(model).map(|it| &it.shape);
        let Some(is) = is else { return };
        let mut left: Vec<_> = made.indexes.iter().collect();
        for object in found.indexes(&is.name) {
            let subject = Subject::Index(object.name.to_lowercase());
            let stored = object.sql.as_deref().and_then(|it| is.index(it));
            let fits = |it: &&&(Span, String, Index)| {
                it.1 == object.name && stored.as_ref().is_some_and(|is| is.plain() == it.2.plain())
            };
            let parts = self.draft.parts.iter();
            let mut own = parts.filter(|it| it.model == model && it.subject == subject);
            let is_raw = own.any(|it| matches!(it.now(), Way::Raw(_)));
            match left.iter().position(|it| fits(&it)) {
                Some(at) => {
                    left.remove(at);
                }
                None if is_raw => {}
                None => self.part(model, &subject),
            }
        }
        for (place, unique) in is.uniques.iter().enumerate() {
            let columns = lower(&unique.columns);
            let fits = |it: &Unique| lower(&it.columns) == columns;
            if made.shape.uniques.iter().any(fits) {
                continue;
            }
            let same = |it: &&&(Span, String, Index)| {
                it.2.unique_columns().is_some_and(|it| lower(&it) == columns)
            };
            match left.iter().position(|it| same(&it)) {
                Some(at) => {
                    left.remove(at);
                }
                None => self.part(model, &Subject::Unique(place)),
            }
        }
        let spans: Vec<_> = left.iter().map(|it| it.0).collect();
        for span in spans {
            self.extra(model, span);
        }
    }

    fn keys(&mut self, model: usize, found: &Found<'_>, made: &Made) {
        let is = self.draft.models.get(model).map(|it| &it.shape);
        let Some(is) = is else { return };
        let mut left: Vec<_> = (made.shape.keys.iter().enumerate()).collect();
        for (place, key) in is.keys.iter().enumerate() {
            let fits = |it: &&(usize, &Key)| {
                let name = key.name.is_none() || key.name == it.1.name;
                name && same_key(key, it.1, found)
            };
            match left.iter().position(|it| fits(&it)) {
                Some(at) => {
                    left.remove(at);
                }
                None => self.part(model, &Subject::Key(place)),
            }
        }
        let raw = made.shape.keys.len().saturating_sub(made.keys.len());
        for (at, _) in left {
            // Verbatim clauses come first.
            let span = at.checked_sub(raw).and_then(|it| made.keys.get(it));
            match span {
                Some((span, _)) => self.extra(model, *span),
                None => self.add(Fault::Model(model)),
            }
        }
    }
}

/// In which respects two columns differ.
pub(super) fn differs(is: &super::shape::Column, said: &super::shape::Column) -> Vec<Respect> {
    let mut found = Vec::new();
    if !same_type(&is.data_type, &said.data_type) {
        found.push(Respect::Type);
    }
    let default = |it: &super::shape::Column| it.default.as_deref().map(plain_default);
    if default(is) != default(said) {
        found.push(Respect::Default);
    }
    let generated = |it: &super::shape::Column| {
        let of = it.generated.as_ref();
        of.map(|(text, stored)| (plain(text), *stored))
    };
    if generated(is) != generated(said) {
        found.push(Respect::Generated);
    }
    // That is how columns are compared that say nothing.
    let collate = |it: &super::shape::Column| {
        let name = it.collate.as_ref().map(|it| it.to_lowercase());
        name.filter(|it| it != "binary")
    };
    let rest = same(&is.name, &said.name)
        && is.not_null == said.not_null
        && collate(is) == collate(said)
        && is.others == said.others;
    if !rest {
        found.push(Respect::Any);
    }
    found
}

/// Whether two foreign keys say the same.
pub(super) fn same_key(a: &Key, b: &Key, found: &Found<'_>) -> bool {
    lower(&a.columns) == lower(&b.columns)
        && same(&a.table, &b.table)
        && lower(&found.referred(a)) == lower(&found.referred(b))
        && a.on_delete == b.on_delete
        && a.on_update == b.on_update
        && a.deferred == b.deferred
        && a.more == b.more
}

pub(super) fn lower(names: &[String]) -> Vec<String> {
    names.iter().map(|it| it.to_lowercase()).collect()
}

fn all_plain(texts: &[String]) -> Vec<String> {
    let mut all: Vec<_> = texts.iter().map(|it| plain(it)).collect();
    all.sort();
    all
}

impl Draft {
    /// Takes the next way to say what is at fault; whether there is one.
    pub(super) fn advance(&mut self, fault: Fault) -> bool {
        match fault {
            Fault::Model(_) => false,
            Fault::Part(part) => self.parts.get_mut(part).is_some_and(|it| {
                let more = it.at + 1 < it.ways.len();
                it.at += usize::from(more);
                more
            }),
            Fault::Attribute(model, at, respect) => {
                // What is known least of is most likely at fault.
                let unknown = respect == Respect::Any;
                if unknown && self.advance_option(model, at, "references") {
                    return true;
                }
                let attribute = self.models.get_mut(model);
                let attribute = attribute.and_then(|it| it.attributes.get_mut(at));
                let advanced = attribute.is_some_and(|it| it.advance(respect));
                advanced || (unknown && self.advance_option(model, at, ""))
            }
        }
    }

    /// What is written at an attribute, begins so, and isn't the attribute's own.
    fn advance_option(&mut self, model: usize, at: usize, begin: &str) -> bool {
        let attribute = self.models.get(model).and_then(|it| it.attributes.get(at));
        let Some(column) = attribute.map(|it| it.column.clone()) else {
            return false;
        };
        for part in &mut self.parts {
            let here = matches!(part.now(), Way::Option(it, text) if same(it, &column) && text.starts_with(begin));
            if part.model == model && here && part.at + 1 < part.ways.len() {
                part.at += 1;
                return true;
            }
        }
        false
    }
}

impl Attribute {
    /// Takes the next way to say it in that respect; at last, the column's own text.
    fn advance(&mut self, respect: Respect) -> bool {
        if self.is_verbatim {
            return false;
        }
        if self.implied {
            self.implied = false;
            return true;
        }
        if matches!(respect, Respect::Type | Respect::Check(_) | Respect::Any)
            && self.enumeration.take().is_some()
        {
            return true;
        }
        let mut more = false;
        let all = respect == Respect::Any;
        if all || respect == Respect::Type {
            more |= self.data_type.advance();
        }
        if all || respect == Respect::Default {
            more |= self.default.advance();
        }
        if all || respect == Respect::Generated {
            more |= self.generated.advance();
        }
        for (place, check) in &mut self.checks {
            if all || respect == Respect::Check(*place) {
                more |= check.advance();
            }
        }
        if !more {
            self.is_verbatim = true;
        }
        true
    }
}
