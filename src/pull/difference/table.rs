//! What a table has: columns, checks, uniques and indexes.

use super::super::draft::{Alternative, PartSubject};
use super::super::edit::Editor;
use super::super::names::sql as verbatim;
use super::super::options::PulledOption;
use super::super::verify::CompiledTable;
use super::{ModelPair, ScriptUpdate};
use crate::ast::Member;
use crate::catalog::{Difference, Respect, Table, TableIndex};
use crate::ir::{AssociationKind, DataType, ModelId, Origin};
use crate::source::Span;
use crate::verbs::OptionId;
use crate::words::{folded, same_name};

/// The options that say which values a column takes.
const OF_VALUES: [OptionId; 3] = [OptionId::AllowNull, OptionId::Collate, OptionId::Field];

impl<'a> ScriptUpdate<'a> {
    /// What a table has as a whole.
    pub(super) fn table(
        &mut self,
        pair: ModelPair<'a>,
        made: &CompiledTable,
        found: &[Difference],
    ) {
        let (is, said) = (pair.table, &made.table);
        let mut fresh: Vec<PulledOption> = Vec::new();
        let mut which = Vec::new();
        for (id, is, said) in [
            (OptionId::Strict, is.options.strict, said.options.strict),
            (OptionId::WithoutRowid, is.options.without_rowid, said.options.without_rowid),
        ] {
            if is != said {
                which.push(id);
            }
            if is {
                fresh.push(PulledOption::on(id));
            }
        }
        let model = &self.schema[pair.id];
        for (id, attribute) in model.columns() {
            if is.column(&attribute.column).is_some() || attribute.origin != Origin::Implied {
                continue;
            }
            let option = if model.created_at == Some(id) || model.updated_at == Some(id) {
                OptionId::Timestamps
            } else if is.primary_key().is_empty() {
                OptionId::Id
            } else {
                continue;
            };
            if !which.contains(&option) {
                which.push(option);
                fresh.push(PulledOption::off(option));
            }
        }
        if !which.is_empty() {
            self.model_options(pair, &fresh, &which);
        }
        for difference in found {
            if let Difference::DropOther { current } = *difference
                && let Some(other) = pair.table.others.get(current)
            {
                self.editor.add(pair.sentence, &verbatim(other), false);
            } else if let Difference::AddOther { desired } = *difference
                && let Some(other) = made.table.others.get(desired)
            {
                self.remove_clause(pair, other);
            }
        }
    }

    pub(super) fn remove_clause(&mut self, pair: ModelPair<'a>, text: &str) {
        match Editor::clause(pair.sentence, text) {
            Some(span) => self.editor.remove(span),
            None => self.fail(format!("`{}` has no more {text}", pair.table.name)),
        }
    }

    pub(super) fn columns(
        &mut self,
        model: ModelPair<'a>,
        made: &CompiledTable,
        found: &[Difference],
    ) {
        let (current, desired) = (model.table, &made.table);
        let is_key = |table: &Table, column: &str| {
            let column = table.column(column).filter(|it| it.primary_key > 0);
            column.map(|_| table.identity)
        };
        for (at, column) in current.columns.iter().enumerate() {
            if found.contains(&Difference::DropColumn { current: at }) {
                // What its key's association makes comes with that.
                if self.draft.part_making(model.fresh, &column.name).is_some() {
                    continue;
                }
                if let Some(line) = self.fresh_line(model, &column.name) {
                    // The order of a primary key is that of its attributes.
                    let key = current.primary_key();
                    let mut behind = key.iter().skip_while(|it| !same_name(it, &column.name));
                    behind.next();
                    match behind.find_map(|column| self.pair(model, column)) {
                        Some(pair) => self.editor.add_before(pair, &line),
                        None => self.add_attribute(model, &line),
                    }
                }
                continue;
            }
            let mut which: Vec<OptionId> = Vec::new();
            let mut value = false;
            let respects = found.iter().filter_map(|it| match it {
                Difference::Column { current, what, .. } if *current == at => Some(what),
                _ => None,
            });
            for what in respects {
                match what {
                    Respect::Type => value = true,
                    Respect::Default => which.push(OptionId::DefaultValue),
                    Respect::Generated => which.extend([OptionId::Generated, OptionId::Stored]),
                    Respect::Null | Respect::Collation => which.extend(OF_VALUES),
                    Respect::Other => {
                        value = true;
                        which.extend(OF_VALUES);
                    }
                }
            }
            if is_key(current, &column.name) != is_key(desired, &column.name) {
                which.extend([OptionId::PrimaryKey, OptionId::AutoIncrement, OptionId::AllowNull]);
            }
            let verbatim = self.fresh(model, &column.name).is_some_and(|it| it.is_verbatim);
            if value && verbatim {
                which.extend([
                    OptionId::AllowNull,
                    OptionId::DefaultValue,
                    OptionId::Collate,
                    OptionId::Generated,
                    OptionId::Stored,
                    OptionId::Check,
                ]);
            }
            if value || !which.is_empty() {
                self.revise(model, &column.name, value, &which);
            }
        }
        let in_order = |table: &Table| {
            let mut keys: Vec<_> = table.primary_key().into_iter().map(folded).collect();
            keys.sort();
            keys
        };
        if found.contains(&Difference::PrimaryKey) && in_order(current) == in_order(desired) {
            self.fail(format!("the primary key of `{}` has another order", current.name));
        }
        for difference in found {
            if let Difference::AddColumn { desired: to } = *difference
                && let Some(column) = desired.columns.get(to)
                && let Some(pair) = self.pair(model, &column.name)
            {
                self.editor.remove(pair.span());
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

    pub(super) fn checks(
        &mut self,
        pair: ModelPair<'a>,
        made: &CompiledTable,
        found: &[Difference],
    ) {
        let spans = self.check_spans(pair.id);
        let check = |table: &'_ Table, at: usize| table.checks.get(at).cloned();
        let mut left: Vec<_> = found
            .iter()
            .filter_map(|it| match it {
                Difference::AddCheck { desired } => Some((*desired, check(&made.table, *desired)?)),
                _ => None,
            })
            .collect();
        for difference in found {
            let Difference::DropCheck { current: place } = *difference else {
                continue;
            };
            let Some(check) = check(pair.table, place) else {
                continue;
            };
            let by_name =
                left.iter().position(|(_, it)| check.name.is_some() && check.name == it.name);
            if let Some(at) = by_name
                && let Some(span) = left.get(at).and_then(|it| spans.get(it.0))
                && self.replace_at(pair, *span, &PartSubject::Check(place))
            {
                left.remove(at);
                continue;
            }
            let column = check.column.and_then(|at| pair.table.columns.get(at));
            let of_part = self.part(pair, &PartSubject::Check(place));
            match (of_part, column) {
                (Some(text), _) => self.editor.add(pair.sentence, &text, false),
                (None, Some(column)) => {
                    let name = column.name.clone();
                    let fresh = self.fresh(pair, &name);
                    let lists = fresh.is_some_and(|it| it.enumeration.is_some());
                    let which: &[OptionId] = if lists { &[] } else { &[OptionId::Check] };
                    self.revise(pair, &name, lists, which);
                }
                (None, None) => self.fail(format!("`{}` has other checks", pair.table.name)),
            }
        }
        for (at, check) in left {
            match spans.get(at) {
                Some(span) => self.remove_at(pair, *span, &[OptionId::Check]),
                None => self.remove_clause(pair, &format!("CHECK ({})", check.condition)),
            }
        }
    }

    /// Puts what the draft says of a part in place of a sentence of the model's body; whether both are sentences there.
    fn replace_at(&mut self, pair: ModelPair<'a>, span: Span, subject: &PartSubject) -> bool {
        let (Some(Member::Sentence(sentence)), Some(text)) =
            (Editor::member(pair.sentence, span), self.part(pair, subject))
        else {
            return false;
        };
        self.editor.replace(sentence.span, &text);
        true
    }

    /// Takes out what a model's body says at a place: a sentence, or these options of an attribute.
    fn remove_at(&mut self, model: ModelPair<'a>, span: Span, which: &[OptionId]) {
        let Some(member) = Editor::member(model.sentence, span) else {
            return self.fail(format!("`{}` is another one", model.table.name));
        };
        let Some(pair) = Editor::pair(model.sentence, span) else {
            return self.editor.remove(member.span());
        };
        let mut columns = self.schema[model.id].columns();
        let column = columns
            .find(|(_, it)| pair.span().start <= it.span.start && it.span.start < pair.span().end);
        let Some((_, attribute)) = column else { return };
        let is_enum = matches!(attribute.data_type, DataType::Enum(_));
        let name = attribute.column.to_string();
        if model.table.column(&name).is_some() {
            self.revise(model, &name, is_enum && which.contains(&OptionId::Check), which);
        }
    }

    /// The body's sentence for a part, where it has one.
    fn part(&self, pair: ModelPair<'a>, subject: &PartSubject) -> Option<String> {
        match self.way(pair, subject)? {
            Alternative::Body(text) => Some(text.clone()),
            Alternative::Option(..)
            | Alternative::Sentence(..)
            | Alternative::Raw(_)
            | Alternative::Nothing => None,
        }
    }

    pub(super) fn way(
        &self,
        pair: ModelPair<'a>,
        subject: &PartSubject,
    ) -> Option<&'a Alternative> {
        let mut parts = self.draft.parts.iter();
        let part = parts.find(|part| part.model == pair.fresh && part.subject == *subject)?;
        Some(part.now())
    }

    /// Adds what the draft says of a part.
    pub(super) fn add_part(
        &mut self,
        pair: ModelPair<'a>,
        subject: &PartSubject,
        which: &[OptionId],
    ) {
        match self.way(pair, subject) {
            Some(Alternative::Body(text)) => self.editor.add(pair.sentence, text, false),
            Some(Alternative::Option(column, _)) => {
                let column = column.clone();
                self.revise(pair, &column, false, which);
            }
            Some(way @ (Alternative::Sentence(..) | Alternative::Raw(_))) => self.append_part(way),
            Some(Alternative::Nothing) | None => {
                self.fail(format!("`{}` can't be said otherwise", pair.table.name));
            }
        }
    }

    pub(super) fn indexes(
        &mut self,
        pair: ModelPair<'a>,
        made: &CompiledTable,
        found: &[Difference],
    ) {
        let span = |at: usize| made.indexes.get(at).copied().flatten();
        for difference in found {
            if let Difference::DropIndex { current } = *difference {
                self.add_part(pair, &PartSubject::Index(current), &[OptionId::Unique]);
            } else if let Difference::Index { current, desired } = *difference {
                let subject = PartSubject::Index(current);
                if let Some(span) = span(desired)
                    && !self.replace_at(pair, span, &subject)
                {
                    self.remove_at(pair, span, &[OptionId::Unique]);
                    self.add_part(pair, &subject, &[OptionId::Unique]);
                }
            } else if let Difference::AddIndex { desired } = *difference {
                match span(desired) {
                    Some(span) => self.remove_index(pair, span),
                    None => self.remove_unique(pair, made.table.indexes.get(desired)),
                }
            }
        }
    }

    /// Takes out a raw `UNIQUE`.
    fn remove_unique(&mut self, pair: ModelPair<'a>, index: Option<&TableIndex>) {
        let members = index.map_or(&[][..], |it| &it.members).iter();
        let columns: Vec<_> = members.filter_map(|it| it.column.as_deref()).collect();
        self.remove_clause(pair, &format!("UNIQUE ({})", columns.join(", ")));
    }

    /// Takes out an index that is declared at a place.
    fn remove_index(&mut self, pair: ModelPair<'a>, span: Span) {
        if self.is_of_join(span) {
            self.fail(format!("`{}` joins rows more than once", pair.table.name));
        } else if pair.sentence.span.start <= span.start && span.start < pair.sentence.span.end {
            self.remove_at(pair, span, &[OptionId::Unique]);
        }
    }

    /// Whether a place is a `belongsToMany`.
    fn is_of_join(&self, span: Span) -> bool {
        let mut all = self.schema.associations();
        all.any(|(_, it)| it.kind == AssociationKind::BelongsToMany && it.span == span)
    }
}
