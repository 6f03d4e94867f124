//! `create`, `bulkCreate`, `upsert`, `findOrCreate` and `load`: verbs that write new rows.

use super::super::model_id;
use super::super::moments;
use super::super::quoted_names;
use super::super::quoted_names::NameList;
use super::super::rows;
use super::RowSentence;
use crate::ast;
use crate::diagnostics::{CheckProblem, Stray};
use crate::ir::{
    AssociationKind, AttributeId, Data, Expression, Index, Load, NewRow, Related, RelatedRow,
    RowRef, VariablePath, VariableStep, Write,
};
use crate::source::Span;
use crate::value::Value;
use crate::verbs;
use crate::verbs::{OptionId, OptionItem};
use crate::words;

impl<'a> RowSentence<'_, 'a> {
    pub(super) fn create(mut self) -> Option<Data> {
        let (row, write) = self.row_and_write()?;
        Some(Data::Create(row, write))
    }

    pub(super) fn upsert(mut self) -> Option<Data> {
        let (row, write) = self.row_and_write()?;
        for related in &row.related {
            let name = self.context.schema.associations.get(related.association.0 as usize)?;
            if name.kind != AssociationKind::BelongsTo {
                let name = name.name.to_string();
                let help = format!(
                    "keep the row first, and say behind it what becomes of its `{name}`: `row set{} ..`",
                    words::upper_first(&name)
                );
                let label = "where the row is there, it has some already";
                return self.stray(name, (row.span, label), help);
            }
        }
        Some(Data::Upsert(row, write))
    }

    fn row_and_write(&mut self) -> Option<(NewRow, Write)> {
        let value = self.required_row()?;
        let (row, write) = (self.new_row(value), self.write());
        Some((row?, write?))
    }

    pub(super) fn find_or_create(mut self) -> Option<Data> {
        let value = self.required_row()?;
        let mut row = self.new_row(value)?;
        let mut conditions: Vec<Expression> = self.query.filter.take().into_iter().collect();
        conditions.extend(row.values.iter().map(|it| {
            let left = Box::new(Expression::Attribute(it.attribute));
            match &it.value {
                Expression::Literal(Value::Null) => Expression::IsNull(left, false),
                value => {
                    let data_type =
                        &self.context.model(self.model).attribute(it.attribute).data_type;
                    let value = moments::as_date(value.clone(), data_type);
                    Expression::Binary(ast::Operator::Equal, left, Box::new(value))
                }
            }
        }));
        for related in &row.related {
            conditions.extend(self.leads_to(related, row.span)?);
        }
        if conditions.is_empty() {
            self.context.report(CheckProblem::AnyRow {
                at: value.span,
                help: Some(format!(
                    "say what tells the row from others, and the rest in `defaults`: `{}`",
                    self.facts.usage
                )),
            });
            return None;
        }
        self.query.filter = Some(Expression::And(conditions));
        let defaults = self.said.item(OptionId::Defaults).and_then(|it| it.value);
        if let Some(value) = defaults {
            let defaults = self.new_row(value)?;
            for value in defaults.values {
                if !row.values.iter().any(|it| it.attribute == value.attribute) {
                    row.values.push(value);
                }
            }
            for related in defaults.related {
                if !row.related.iter().any(|it| it.association == related.association) {
                    row.related.push(related);
                }
            }
        }
        Some(Data::FindOrCreate(self.query, row))
    }

    /// What tells the rows from which an association leads to a row that is there.
    fn leads_to(&mut self, related: &Related, span: Span) -> Option<Vec<Expression>> {
        let association = self.context.schema.associations.get(related.association.0 as usize)?;
        let (target, keys) = (association.target, association.key.clone());
        let equal =
            |own, value| Expression::Binary(ast::Operator::Equal, Box::new(own), Box::new(value));
        // A key that is no primary key is on the row that it leads to.
        let key = |id: AttributeId| match keys.iter().find(|it| it.referenced == id) {
            Some(pair) => Expression::Attribute(pair.attribute),
            None => Expression::Related(vec![related.association], id),
        };
        let primary = &self.context.model(target.0 as usize).primary_key;
        let belongs = association.kind == AssociationKind::BelongsTo;
        match related.rows.as_slice() {
            [] if belongs => {
                let own = keys.iter().map(|it| Box::new(Expression::Attribute(it.attribute)));
                Some(own.map(|it| Expression::IsNull(it, false)).collect())
            }
            [RelatedRow::Existing(row)] if belongs => Some(match row {
                RowRef::Variable(name, span) => {
                    let of = |id| VariablePath {
                        name: name.clone(),
                        steps: vec![VariableStep::Attribute(target, id)],
                        beside: None,
                        span: *span,
                    };
                    let each = keys.iter().map(|it| (it.attribute, of(it.referenced)));
                    each.map(|it| equal(Expression::Attribute(it.0), Expression::Variable(it.1)))
                        .collect()
                }
                RowRef::Key(value, _) => {
                    primary.iter().map(|it| equal(key(*it), value.clone())).collect()
                }
                RowRef::CompoundKey(values, _) => {
                    let each = primary.iter().zip(values);
                    each.map(|(it, value)| equal(key(*it), value.clone())).collect()
                }
            }),
            _ => {
                let name = association.name.to_string();
                let help = format!("rows to be written stand in `< defaults: {{ {name}: .. }} >`");
                self.stray(name, (span, "no row that is looked for is known by it"), help)
            }
        }
    }

    fn stray<T>(&mut self, name: String, (at, label): (Span, &str), help: String) -> Option<T> {
        self.context.report(CheckProblem::NotHere {
            what: Stray::Association(name),
            at,
            label: label.to_owned(),
            help: Some(help.into()),
        });
        None
    }

    /// `User load "users.csv" < columns: { Name: firstName } >`
    pub(super) fn load(mut self) -> Option<Data> {
        let Some(ast::ValueNode { kind: ast::ValueKind::Text(path), span }) =
            &self.sentence.argument
        else {
            return self.malformed(&format!("`{}` takes a file's name", self.facts.name));
        };
        let mut columns = Vec::new();
        if let Some(braces) = self.said.braces(OptionId::Columns) {
            for it in OptionItem::of_object(braces, &mut self.context.problems) {
                let Some(ast::ValueKind::Name(word)) = it.value.map(|it| &it.kind) else {
                    self.context.problems.push(verbs::wrong_kind(it, "an attribute"));
                    return None;
                };
                columns.push((it.name.text.clone(), self.attribute(word)?));
            }
        }
        let delimiter = match self.said.text(OptionId::Delimiter) {
            None => b',',
            Some(it) => match it.value.as_bytes() {
                [one] if !matches!(one, b'"' | b'\n' | b'\r') => *one,
                _ => {
                    let item = self.said.item(OptionId::Delimiter)?;
                    let problem = verbs::wrong_kind(item, "one character: `\";\"`, `\"\\t\"`");
                    self.context.problems.push(problem);
                    return None;
                }
            },
        };
        let skip = self.said.item(OptionId::Skip);
        let skip = match skip.map(|it| (it, it.value.map(|value| &value.kind))) {
            None => 0,
            Some((_, Some(ast::ValueKind::Integer(lines)))) if *lines >= 0 => lines.unsigned_abs(),
            Some((item, _)) => {
                let problem = verbs::wrong_kind(item, "a whole number, 0 or more");
                self.context.problems.push(problem);
                return None;
            }
        };
        let (path, span, model) = (path.clone(), *span, model_id(self.model));
        let write = self.write()?;
        Some(Data::Load(Load { model, path, span, columns, delimiter, skip, write }))
    }

    pub(super) fn new_row(&mut self, value: &'a ast::ValueNode) -> Option<NewRow> {
        rows::new_row(self.context, self.model, value)
    }

    /// `fields`, `validate: false` and the like.
    pub(super) fn write(&mut self) -> Option<Write> {
        self.knows_duplicates()?;
        let conflict_fields = self.attributes(OptionId::ConflictFields)?;
        if let Some(fields) = &conflict_fields {
            self.is_key(fields)?;
        }
        Some(Write {
            fields: self.attributes(OptionId::Fields)?,
            update_on_duplicate: self.attributes(OptionId::UpdateOnDuplicate)?,
            conflict_fields,
            ignore_duplicates: self.said.is_on(OptionId::IgnoreDuplicates),
            unvalidated: self.said.flag(OptionId::Validate).is_some_and(|it| !it.value),
        })
    }

    /// That what is said of rows that are there already has an effect, and no other than is said.
    fn knows_duplicates(&mut self) -> Option<()> {
        let own = |id| self.said.item(id);
        let ignore =
            own(OptionId::IgnoreDuplicates).filter(|_| self.said.is_on(OptionId::IgnoreDuplicates));
        let (update, conflict) = (own(OptionId::UpdateOnDuplicate), own(OptionId::ConflictFields));
        let is_empty = |item: &OptionItem<'_>| {
            let value = item.value.map(|it| &it.kind);
            matches!(value, Some(ast::ValueKind::List(all)) if all.is_empty())
        };
        let mut options = self.facts.options.iter().copied().flatten();
        let may_update = options.any(|it| it.id == OptionId::UpdateOnDuplicate);
        let (item, message, help) = if let (Some(item), Some(_)) = (ignore, update) {
            let message = "`ignoreDuplicates` passes over rows that are there, and `updateOnDuplicate` changes them";
            (item, message.to_owned(), "leave out one of the two")
        } else if let Some(item) = update.into_iter().chain(conflict).find(is_empty) {
            (item, format!("`{}` names no attribute", item.name.text), "name those that are meant")
        } else if let (Some(item), None, None, true) = (conflict, ignore, update, may_update) {
            let message = "`conflictFields` needs `updateOnDuplicate` or `ignoreDuplicates`";
            (item, message.to_owned(), "say what becomes of rows that are there")
        } else {
            return Some(());
        };
        self.context.report(CheckProblem::Contradiction {
            message,
            at: item.name.span,
            label: "without effect".into(),
            help: Some(help.to_owned()),
        });
        None
    }

    /// That the database knows by these attributes which rows are there already. What raw SQL says of keys isn't known.
    fn is_key(&mut self, fields: &[AttributeId]) -> Option<()> {
        let model = self.context.model(self.model);
        let same = |key: &[AttributeId]| {
            key.len() == fields.len() && key.iter().all(|it| fields.contains(it))
        };
        let is_unique = |index: &Index| {
            let members = index.members.iter().map(|it| match &it.expression {
                Expression::Attribute(id) => Some(*id),
                _ => None,
            });
            let members: Option<Vec<_>> = members.collect();
            index.unique && index.filter.is_none() && members.is_some_and(|it| same(&it))
        };
        let may_update = self.facts.options.iter().copied().flatten();
        let asks_database = may_update.into_iter().any(|it| it.id == OptionId::UpdateOnDuplicate);
        let raw = !model.clauses().is_empty() || !self.context.schema.objects.is_empty();
        if !asks_database || raw || same(&model.primary_key) || model.indexes.iter().any(is_unique)
        {
            return Some(());
        }
        let names: Vec<&str> = fields.iter().map(|it| model.attribute(*it).name.as_str()).collect();
        let names = names.join(", ");
        let message =
            format!("`{}` has no unique key of {}", model.name, verbs::list(names.split(", ")));
        let help = format!("make one in the model's braces: `unique ({names})`");
        let at = self.said.item(OptionId::ConflictFields)?.span;
        self.context.report(CheckProblem::Contradiction {
            message,
            at,
            label: "no row is told by it".into(),
            help: Some(help),
        });
        None
    }

    /// The attributes that an option lists, where it is said; none after a mistake.
    #[expect(clippy::option_option, reason = "none inside where the option isn't said")]
    fn attributes(&mut self, id: OptionId) -> Option<Option<Vec<AttributeId>>> {
        let Some(item) = self.said.item(id) else {
            return Some(None);
        };
        if !quoted_names::are_names(self.context, item, NameList::Plain) {
            return None;
        }
        let Some(ast::ValueKind::List(values)) = item.value.map(|it| &it.kind) else {
            self.context.problems.push(verbs::wrong_kind(item, "a list of attributes"));
            return None;
        };
        let mut ids = Vec::with_capacity(values.len());
        for value in values {
            let ast::ValueKind::Name(word) = &value.kind else {
                self.context.problems.push(verbs::wrong_kind(item, "a list of attributes"));
                return None;
            };
            ids.push(self.attribute(word)?);
        }
        Some(Some(ids))
    }
}
