//! What a table has: columns, checks, uniques and indexes.

use super::super::draft::{Subject, Way};
use super::super::edit::{Editor, Said};
use super::super::hold::{Made, Respect, differs, lower};
use super::super::names::sql as verbatim;
use super::super::shape::{Shape, same};
use super::{Pairing, Work};
use crate::ast::Member;
use crate::db::ObjectKind;
use crate::ir::{AssociationKind, DataType, ModelId, Origin};
use crate::source::Span;
use crate::stored::plain;
use std::collections::HashSet;

impl<'a> Work<'a> {
    /// What a table has as a whole.
    pub(super) fn table(&mut self, it: Pairing<'a>, made: &Made) {
        let (is, said) = (it.shape, &made.shape);
        let mut fresh: Vec<Said> = Vec::new();
        let mut names = Vec::new();
        for (name, is, said) in [
            ("strict", is.strict, said.strict),
            ("withoutRowid", is.without_rowid, said.without_rowid),
        ] {
            if is != said {
                names.push(name);
            }
            if is {
                fresh.push((name.to_owned(), name.to_owned()));
            }
        }
        let model = &self.schema[it.id];
        for (id, attribute) in model.columns() {
            if is.column(&attribute.column).is_some() || attribute.origin != Origin::Implied {
                continue;
            }
            let name = if model.created_at == Some(id) || model.updated_at == Some(id) {
                "timestamps"
            } else if is.key.is_empty() {
                "id"
            } else {
                continue;
            };
            if !names.contains(&name) {
                names.push(name);
                fresh.push((name.to_owned(), format!("{name}: false")));
            }
        }
        if !names.is_empty() {
            self.model_options(it, &fresh, &names);
        }
        let plain_all =
            |all: &[String]| -> HashSet<String> { all.iter().map(|it| plain(it)).collect() };
        let (there, wanted) = (plain_all(&said.others), plain_all(&is.others));
        for other in is.others.iter().filter(|it| !there.contains(&plain(it))) {
            self.editor.add(it.sentence, &verbatim(other), false);
        }
        for other in said.others.iter().filter(|it| !wanted.contains(&plain(it))) {
            self.remove_clause(it, other);
        }
    }

    pub(super) fn remove_clause(&mut self, it: Pairing<'a>, text: &str) {
        match Editor::clause(it.sentence, text) {
            Some(span) => self.editor.remove(span),
            None => self.fail(format!("`{}` has no more {text}", it.shape.name)),
        }
    }

    pub(super) fn columns(&mut self, it: Pairing<'a>, made: &Made) {
        let (is, said) = (it.shape, &made.shape);
        let is_key = |shape: &Shape, column: &str| {
            let mut keys = shape.key.iter();
            keys.any(|it| same(it, column)).then_some(shape.increments)
        };
        for column in &is.columns {
            let Some(other) = said.column(&column.name).and_then(|it| said.columns.get(it)) else {
                if let Some(line) = self.fresh_line(it, &column.name) {
                    // The order of a primary key is that of its attributes.
                    let mut behind = is.key.iter().skip_while(|it| !same(it, &column.name));
                    behind.next();
                    match behind.find_map(|column| self.pair(it, column)) {
                        Some(pair) => self.editor.add_before(pair, &line),
                        None => self.add_attribute(it, &line),
                    }
                }
                continue;
            };
            let mut names: Vec<&str> = Vec::new();
            let mut value = false;
            for respect in differs(column, other) {
                match respect {
                    Respect::Type => value = true,
                    Respect::Default => names.push("defaultValue"),
                    Respect::Generated => names.extend(["generated", "stored"]),
                    Respect::Check(_) => names.push("check"),
                    Respect::Any => {
                        value |= column.others != other.others;
                        names.extend(["allowNull", "collate", "field"]);
                    }
                }
            }
            if is_key(is, &column.name) != is_key(said, &column.name) {
                names.extend(["primaryKey", "autoIncrement", "allowNull"]);
            }
            let verbatim = self.fresh(it, &column.name).is_some_and(|it| it.is_verbatim);
            if value && verbatim {
                names.extend([
                    "allowNull",
                    "defaultValue",
                    "collate",
                    "generated",
                    "stored",
                    "check",
                ]);
            }
            if value || !names.is_empty() {
                self.revise(it, &column.name, value, &names);
            }
        }
        let in_order = |all: &Shape| {
            let mut keys = lower(&all.key);
            keys.sort();
            keys
        };
        if in_order(is) == in_order(said) && lower(&is.key) != lower(&said.key) {
            self.fail(format!("the primary key of `{}` has another order", is.name));
        }
        for column in &said.columns {
            if is.column(&column.name).is_some() {
                continue;
            }
            if let Some(pair) = self.pair(it, &column.name) {
                self.editor.remove(pair.span);
            }
        }
    }

    /// Where the checks of a model's statement are declared, in its order.
    fn check_spans(&self, id: ModelId) -> Vec<Span> {
        let model = &self.schema[id];
        let mut spans = Vec::new();
        for (at, attribute) in model.columns() {
            if matches!(attribute.data_type, DataType::Enum(_)) {
                spans.push(attribute.span);
            }
            let own = model.checks.iter().filter(|it| it.attribute == Some(at));
            spans.extend(own.map(|it| it.span));
        }
        let others = model.checks.iter().filter(|it| it.attribute.is_none());
        spans.extend(others.map(|it| it.span));
        spans
    }

    pub(super) fn checks(&mut self, it: Pairing<'a>, made: &Made) {
        let spans = self.check_spans(it.id);
        let mut left: Vec<_> = made.shape.checks.iter().enumerate().collect();
        let same = it.shape.same_checks(&made.shape);
        left.retain(|(at, _)| !same.contains(&Some(*at)));
        for (place, check) in it.shape.checks.iter().enumerate() {
            if same.get(place).is_some_and(Option::is_some) {
                continue;
            }
            let by_name =
                left.iter().position(|(_, it)| check.name.is_some() && check.name == it.name);
            if let Some(at) = by_name
                && let Some(span) = left.get(at).and_then(|it| spans.get(it.0))
                && self.replace_at(it, *span, &Subject::Check(place))
            {
                left.remove(at);
                continue;
            }
            let column = check.column.and_then(|at| it.shape.columns.get(at));
            let of_part = self.part(it, &Subject::Check(place));
            match (of_part, column) {
                (Some(text), _) => self.editor.add(it.sentence, &text, false),
                (None, Some(column)) => {
                    let name = column.name.clone();
                    let fresh = self.fresh(it, &name);
                    let lists = fresh.is_some_and(|it| it.enumeration.is_some());
                    let names: &[&str] = if lists { &[] } else { &["check"] };
                    self.revise(it, &name, lists, names);
                }
                (None, None) => self.fail(format!("`{}` has other checks", it.shape.name)),
            }
        }
        for (at, check) in left {
            match spans.get(at) {
                Some(span) => self.remove_at(it, *span, &["check"]),
                None => self.remove_clause(it, &format!("CHECK ({})", check.text)),
            }
        }
    }

    /// Puts what the draft says of a part in place of a sentence of the model's body; whether both are sentences there.
    fn replace_at(&mut self, it: Pairing<'a>, span: Span, subject: &Subject) -> bool {
        let (Some(Member::Sentence(sentence)), Some(text)) =
            (Editor::member(it.sentence, span), self.part(it, subject))
        else {
            return false;
        };
        self.editor.replace(sentence.span, &text);
        true
    }

    /// Takes out what a model's body says at a place: a sentence, or these options of an attribute.
    fn remove_at(&mut self, it: Pairing<'a>, span: Span, names: &[&str]) {
        let Some(member) = Editor::member(it.sentence, span) else {
            return self.fail(format!("`{}` is another one", it.shape.name));
        };
        let Some(pair) = Editor::pair(it.sentence, span) else {
            return self.editor.remove(member.span());
        };
        let mut columns = self.schema[it.id].columns();
        let column = columns
            .find(|(_, it)| pair.span.start <= it.span.start && it.span.start < pair.span.end);
        let Some((_, attribute)) = column else { return };
        let is_enum = matches!(attribute.data_type, DataType::Enum(_));
        let name = attribute.column.to_string();
        if it.shape.column(&name).is_some() {
            self.revise(it, &name, is_enum && names.contains(&"check"), names);
        }
    }

    /// The body's sentence for a part, where it has one.
    fn part(&self, it: Pairing<'a>, subject: &Subject) -> Option<String> {
        match self.way(it, subject)? {
            Way::Body(text) => Some(text.clone()),
            Way::Option(..) | Way::Sentence(_) | Way::Raw(_) | Way::Nothing => None,
        }
    }

    pub(super) fn way(&self, it: Pairing<'a>, subject: &Subject) -> Option<&'a Way> {
        let mut parts = self.draft.parts.iter();
        let part = parts.find(|part| part.model == it.fresh && part.subject == *subject)?;
        Some(part.now())
    }

    /// Adds what the draft says of a part.
    pub(super) fn add_part(&mut self, it: Pairing<'a>, subject: &Subject, names: &[&str]) {
        match self.way(it, subject) {
            Some(Way::Body(text)) => self.editor.add(it.sentence, text, false),
            Some(Way::Option(column, _)) => {
                let column = column.clone();
                self.revise(it, &column, false, names);
            }
            Some(way @ (Way::Sentence(_) | Way::Raw(_))) => self.append_part(way),
            Some(Way::Nothing) | None => {
                self.fail(format!("`{}` can't be said otherwise", it.shape.name));
            }
        }
    }

    pub(super) fn uniques(&mut self, it: Pairing<'a>, made: &Made) {
        let mut left: Vec<_> = made.indexes.iter().collect();
        for object in self.found.indexes(&it.shape.name) {
            let subject = Subject::Index(object.name.to_lowercase());
            let stored = object.sql.as_deref().and_then(|sql| it.shape.index(sql));
            let by_name = left.iter().position(|it| it.1.eq_ignore_ascii_case(&object.name));
            let is_raw = self.has_object(ObjectKind::Index, &object.name);
            match by_name {
                Some(at) => {
                    let (span, _, said) = left.remove(at);
                    let fits = stored.is_some_and(|is| is.plain() == said.plain());
                    if !fits && !self.replace_at(it, *span, &subject) {
                        self.remove_at(it, *span, &["unique"]);
                        self.add_part(it, &subject, &["unique"]);
                    }
                }
                None if is_raw => {}
                None => self.add_part(it, &subject, &["unique"]),
            }
        }
        for (place, unique) in it.shape.uniques.iter().enumerate() {
            let columns = lower(&unique.columns);
            let mut said = made.shape.uniques.iter();
            if said.any(|it| lower(&it.columns) == columns) {
                continue;
            }
            let fits = left
                .iter()
                .position(|(_, _, it)| it.unique_columns().is_some_and(|it| lower(&it) == columns));
            match fits {
                Some(at) => {
                    left.remove(at);
                }
                None => self.add_part(it, &Subject::Unique(place), &["unique"]),
            }
        }
        for (span, _, _) in left {
            if self.is_of_join(*span) {
                self.fail(format!("`{}` joins rows more than once", it.shape.name));
            } else if it.sentence.span.start <= span.start && span.start < it.sentence.span.end {
                self.remove_at(it, *span, &["unique"]);
            }
        }
        let unique = |columns: &[String]| {
            let all = self.found.uniques(it.shape);
            all.iter().any(|it| lower(it) == lower(columns))
        };
        let gone = made.shape.uniques.iter().filter(|it| !unique(&it.columns));
        let gone: Vec<_> = gone.map(|it| format!("UNIQUE ({})", it.columns.join(", "))).collect();
        for text in gone {
            self.remove_clause(it, &text);
        }
    }

    /// Whether a place is a `belongsToMany`.
    fn is_of_join(&self, span: Span) -> bool {
        let mut all = self.schema.associations();
        all.any(|(_, it)| it.kind == AssociationKind::BelongsToMany && it.span == span)
    }
}
