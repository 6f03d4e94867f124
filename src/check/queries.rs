//! Queries: what sentences, scopes and views ask for.

use super::Context;
use super::operands;
use super::pasted;
use super::quoted_names;
use super::quoted_names::{NameList, items_of};
use super::row_variables;
use super::scope::{ExpressionPlace, ExpressionScope, LinkScope, ValueType};
use super::selected_names;
use super::stray_words;
use super::typing;
use super::width::{self, Of};
use crate::ast;
use crate::diagnostics::{CheckProblem, Help, Stray};
use crate::ir::{
    AssociationId, DataType, Expression, Include, Nulls, Order, Query, ScopedAttribute, Selected,
    ThroughQuery,
};
use crate::source::Span;
use crate::value::Value;
use crate::verbs;
use crate::verbs::{Opt, OptionId, OptionItem, OptionValue, Setting, Settings};
use smol_str::SmolStr;
use std::collections::HashMap;

impl<'a> Context<'a> {
    /// Reads a query's options; all that is said is handed back.
    pub(super) fn query(
        &mut self,
        owner: &str,
        model: usize,
        items: impl IntoIterator<Item = OptionItem<'a>>,
        tables: &[&'static [Opt]],
    ) -> Option<(Query, Settings<'a>)> {
        let said = verbs::read(owner, tables, items, &mut self.problems);
        let query = QueryReader { context: self, model, link: None }.query_of(owner, &said)?;
        Some((query, said))
    }

    /// The same of a query over the rows to which an association leads.
    pub(super) fn linked_query(
        &mut self,
        owner: &str,
        association: AssociationId,
        items: impl IntoIterator<Item = OptionItem<'a>>,
        tables: &[&'static [Opt]],
    ) -> Option<(Query, Settings<'a>)> {
        let said = verbs::read(owner, tables, items, &mut self.problems);
        let leads = self.schema.associations.get(association.0 as usize)?;
        let (model, mut link) = (leads.target.0 as usize, LinkScope::of(leads));
        let through = said.get(OptionId::Through);
        if let (Some(link), Some(OptionValue::Object(row))) =
            (&mut link, through.map(|it| &it.given))
        {
            link.alias = row.text(OptionId::As).map(|it| it.value);
        }
        let through = match through {
            Some(setting) => Some(Box::new(self.through_query(link.as_ref(), setting)?)),
            None => None,
        };
        let query = QueryReader { context: self, model, link }.query_of(owner, &said)?;
        Some((Query { through, ..query }, said))
    }

    /// `through: { where: (weight > 4), attributes: [weight] }`
    fn through_query(
        &mut self,
        link: Option<&LinkScope>,
        setting: &Setting<'a>,
    ) -> Option<ThroughQuery> {
        let (Some(link), OptionValue::Object(said)) = (link, &setting.given) else {
            self.problems.push(verbs::wrong_kind(
                setting.item,
                "an object, and only on an include of a `belongsToMany`",
            ));
            return None;
        };
        let mut reader = QueryReader { context: self, model: link.model, link: None };
        let query = reader.query_of("`through`", said)?;
        Some(ThroughQuery { query, name: link.alias.clone() })
    }

    /// `scope: { kind: "image" }`: attributes of `model` and what they hold.
    pub(super) fn scope_of(
        &mut self,
        model: usize,
        braces: &'a ast::Braces,
    ) -> Vec<ScopedAttribute> {
        let mut problems = std::mem::take(&mut self.problems);
        let items = OptionItem::of_object(braces, &mut problems);
        self.problems = problems;
        let mut scope: Vec<ScopedAttribute> = Vec::new();
        let mut seen: Vec<&'a ast::Word> = Vec::new();
        for item in items {
            if let Some(first) = seen.iter().find(|it| it.text == item.name.text) {
                self.problems.push(verbs::duplicate_option(first, item.name));
                continue;
            }
            seen.push(item.name);
            let Some(id) = self.model(model).attribute_named(&item.name.text) else {
                self.unknown_attribute(model, &item.name.text, item.name.span);
                continue;
            };
            self.notes.attribute(item.name.span, model, id);
            let data_type = self.model(model).attribute(id).data_type.clone();
            let is_json = matches!(data_type, DataType::Json | DataType::Jsonb);
            let written = match item.value.map(|it| (it, &it.kind)) {
                Some((_, ast::ValueKind::List(items))) if !is_json && !items.is_empty() => {
                    items.as_slice()
                }
                Some((value, _)) => std::slice::from_ref(value),
                None => {
                    self.problems.push(verbs::wrong_kind(item, "a value"));
                    continue;
                }
            };
            let mut values = Vec::with_capacity(written.len());
            for it in written {
                if written.len() > 1 && matches!(it.kind, ast::ValueKind::Null) {
                    self.report(CheckProblem::Malformed {
                        message: format!("no `{}` equals null", item.name.text),
                        at: it.span,
                        label: "in a list it finds no row".into(),
                        help: Some("leave it out of the list".into()),
                    });
                }
                values.extend(self.fit(it, &data_type));
            }
            if values.len() == written.len() {
                values.dedup();
                scope.push(ScopedAttribute { attribute: id, values });
            }
        }
        scope
    }
}

/// Reads a query over a model.
pub(super) struct QueryReader<'c, 'a> {
    pub(super) context: &'c mut Context<'a>,
    pub(super) model: usize,
    /// The row of a through table by which its rows are reached.
    pub(super) link: Option<LinkScope>,
}

impl<'a> QueryReader<'_, 'a> {
    /// The query that options say.
    pub(super) fn query_of(&mut self, owner: &str, said: &Settings<'a>) -> Option<Query> {
        let distinct = said.is_on(OptionId::Distinct);
        let flat = said.item(OptionId::Raw);
        let raw = said.is_on(OptionId::Raw);
        let with_deleted = said.flag(OptionId::Paranoid).is_some_and(|it| !it.value);
        let [attributes, filter, include, order] =
            [OptionId::Attributes, OptionId::Where, OptionId::Include, OptionId::Order]
                .map(|it| said.item(it));
        let [limit, offset, group, having] =
            [OptionId::Limit, OptionId::Offset, OptionId::Group, OptionId::Having]
                .map(|it| said.item(it));
        // Names that `attributes` gives are known to `order`, `group` and `having`, so it is read first.
        let count = self.context.problems.len();
        let mut query = Query { distinct, raw, with_deleted, ..Query::default() };
        let mut aliases = Vec::new();
        if let Some(item) = attributes {
            query.attributes = self.selected(item, &mut aliases).map(without_repeated_names);
        }
        if let Some(item) = filter {
            query.filter = self.context.scoped_option(item, &self.scope(ExpressionPlace::Where));
        }
        let own = self.scope(ExpressionPlace::Aggregate);
        let scope = |place| ExpressionScope { place, aliases: aliases.clone(), ..own.clone() };
        let include =
            include.filter(|it| quoted_names::are_names(self.context, *it, NameList::Plain));
        if let Some(item) = include {
            let mut before: Vec<(AssociationId, Span)> = Vec::new();
            for value in items_of(item) {
                let Some(found) = self.include(value) else { continue };
                match before.iter().find(|it| it.0 == found.association) {
                    Some((id, first)) => {
                        let name = self.context.schema.associations.get(id.0 as usize);
                        let option = name.map(|it| it.name.to_string()).unwrap_or_default();
                        let (first, again) = (*first, value.span);
                        self.context.report(CheckProblem::DuplicateOption { option, first, again });
                    }
                    None => {
                        before.push((found.association, value.span));
                        query.include.push(found);
                    }
                }
            }
        }
        let order = order.filter(|it| quoted_names::are_names(self.context, *it, NameList::Order));
        let named_groups =
            group.filter(|it| quoted_names::are_names(self.context, *it, NameList::Plain));
        if let Some(item) = order {
            for value in items_of(item) {
                query.order.extend(self.order(value, &scope(ExpressionPlace::Order)));
            }
        }
        for (item, into) in [(limit, &mut query.limit), (offset, &mut query.offset)] {
            if let Some(item) = item {
                *into = self.whole_number(item);
            }
        }
        if let Some(item) = named_groups {
            for value in items_of(item) {
                let by = self.context.expression(value, &scope(ExpressionPlace::Aggregate));
                let by = by.filter(|it| {
                    quoted_names::require_varying(self.context, "group", it, value.span)
                });
                query.group.extend(by);
            }
        }
        if let Some(item) = having {
            let selected = query.attributes.iter().flatten();
            let groups = selected.into_iter().any(|it| it.expression.may_aggregate());
            if group.is_none() && !groups {
                self.context.report(CheckProblem::MissingOption {
                    verb: owner.trim_matches('`').into(),
                    option: "group".into(),
                    at: item.name.span,
                    help: Some(
                        "`having` chooses among groups; a condition on rows goes into `where`"
                            .into(),
                    ),
                });
            }
            query.having = match item.value.map(|it| &it.kind) {
                Some(ast::ValueKind::Group(members)) => match members.as_slice() {
                    [one] => self.context.condition(one, &scope(ExpressionPlace::Aggregate)),
                    _ => None,
                },
                _ => {
                    let problem = pasted::wrong_condition(self.context, item, Some(self.model));
                    self.context.problems.push(problem);
                    None
                }
            };
        }
        selected_names::mean_aggregates(self.context, self.model, &mut query);
        if let Some(item) = flat.filter(|_| query.raw) {
            self.refuse_list_option(&query, item);
        }
        if self.context.problems.len() == count
            && let Some(item) = include.or(attributes).or(filter)
        {
            width::of_query(self.context, self.model, &query, Of::Itself, item.name.span);
        }
        (self.context.problems.len() == count).then_some(query)
    }

    /// Where its expressions stand.
    fn scope(&self, place: ExpressionPlace) -> ExpressionScope {
        ExpressionScope { link: self.link.clone(), ..ExpressionScope::new(self.model, place) }
    }

    /// Reports a list that is ordered, chosen from or put together where rows are flat: its rows stand beside the others there.
    fn refuse_list_option(&mut self, query: &Query, item: OptionItem<'a>) {
        let mut rest: Vec<&Include> = query.include.iter().collect();
        while let Some(include) = rest.pop() {
            rest.extend(&include.query.include);
            let inner = &include.query;
            let what = if include.separate {
                "`separate`"
            } else if inner.limit.is_some() || inner.offset.is_some() {
                "`limit` or `offset`"
            } else if !inner.order.is_empty() {
                "`order`"
            } else if inner.distinct {
                "`distinct`"
            } else if inner.puts_together() {
                "an aggregate or `group`"
            } else {
                continue;
            };
            let found = self.context.schema.associations.get(include.association.0 as usize);
            let name = found.map(|it| it.name.to_string()).unwrap_or_default();
            self.context.report(CheckProblem::NotHere {
                what: Stray::Word("raw".into()),
                at: item.name.span,
                label: format!("the include `{name}` has {what}"),
                help: Some("rows are flat with `raw`, those of a list among them; leave out one of the two".into()),
            });
        }
    }

    fn whole_number(&mut self, item: OptionItem<'a>) -> Option<Expression> {
        if let Some(value) = item.value
            && !matches!(value.kind, ast::ValueKind::List(_))
            && !operands::is_single(self.context, value, &ExpressionScope::script())
        {
            return None;
        }
        match item.value.map(|it| &it.kind) {
            Some(ast::ValueKind::Integer(number)) if *number >= 0 => {
                Some(Expression::Literal(Value::Integer(*number)))
            }
            Some(ast::ValueKind::Name(word)) => {
                let number = self.context.variable(word, &[], word.span)?;
                row_variables::no_rows(self.context, number, word.span)
            }
            Some(ast::ValueKind::Path(path)) => {
                let number = self.context.variable(&path.head, &path.tail, path.span)?;
                row_variables::no_rows(self.context, number, path.span)
            }
            _ => {
                self.context.problems.push(verbs::wrong_kind(item, "a whole number, 0 or more"));
                None
            }
        }
    }

    fn selected(
        &mut self,
        item: OptionItem<'a>,
        aliases: &mut Vec<(SmolStr, Option<ValueType>)>,
    ) -> Option<Vec<Selected>> {
        match item.value.map(|it| &it.kind) {
            Some(ast::ValueKind::List(_) | ast::ValueKind::Text(_))
                if !quoted_names::are_names(self.context, item, NameList::Attributes) =>
            {
                None
            }
            Some(ast::ValueKind::List(items)) => {
                let mut selected = Vec::with_capacity(items.len());
                for it in items {
                    selected.extend(self.selected_member(it, aliases));
                }
                Some(selected)
            }
            Some(ast::ValueKind::Object(braces)) => {
                let mut problems = std::mem::take(&mut self.context.problems);
                let items = OptionItem::of_object(braces, &mut problems);
                self.context.problems = problems;
                let mut selected = Vec::new();
                let mut without = Vec::new();
                for it in items {
                    let names = match it.name.text.as_str() {
                        "exclude" => NameList::Plain,
                        _ => NameList::Attributes,
                    };
                    if !quoted_names::are_names(self.context, it, names) {
                        continue;
                    }
                    for value in items_of(it) {
                        match (it.name.text.as_str(), &value.kind) {
                            ("exclude", ast::ValueKind::Name(word)) => {
                                let own = self.context.model(self.model);
                                let Some(id) = own.attribute_named(&word.text) else {
                                    self.context
                                        .unknown_attribute(self.model, &word.text, word.span);
                                    continue;
                                };
                                self.context.notes.attribute(word.span, self.model, id);
                                without.push(word.text.clone());
                            }
                            ("include", _) => {
                                selected.extend(self.selected_member(value, aliases));
                            }
                            _ => {
                                self.context.problems.push(verbs::wrong_value(
                                    item,
                                    "a list, or `{ include: [..], exclude: [..] }`",
                                    true_names(item, braces),
                                ));
                                return None;
                            }
                        }
                    }
                }
                let attributes = self.context.model(self.model).attributes();
                let all = attributes.filter(|(_, it)| !without.contains(&it.name));
                let all = all.map(|(id, it)| Selected {
                    expression: Expression::Attribute(id),
                    name: it.name.clone(),
                });
                Some(all.chain(selected).collect())
            }
            _ => {
                self.context
                    .problems
                    .push(verbs::wrong_kind(item, "a list, or `{ include: [..], exclude: [..] }`"));
                None
            }
        }
    }

    fn selected_member(
        &mut self,
        value: &'a ast::ValueNode,
        aliases: &mut Vec<(SmolStr, Option<ValueType>)>,
    ) -> Option<Selected> {
        let scope = self.scope(ExpressionPlace::Aggregate);
        if let ast::ValueKind::Phrase(phrase) = &value.kind
            && let ([word, name], None) = (phrase.words.as_slice(), &phrase.options)
            && word.text == "as"
        {
            let expression = self.context.expression(&phrase.value, &scope)?;
            if !quoted_names::is_no_name(self.context, &phrase.value, &[], &scope) {
                return None;
            }
            let kind = typing::kind_of(self.context, &phrase.value, &scope);
            aliases.push((name.text.clone(), kind));
            return Some(Selected { expression, name: name.text.clone() });
        }
        let expression = self.context.expression(value, &scope)?;
        // With a name of its own it may be a constant.
        if matches!(expression, Expression::Literal(_) | Expression::Variable(_))
            && !quoted_names::require_varying(self.context, "attributes", &expression, value.span)
        {
            return None;
        }
        let name = match &value.kind {
            ast::ValueKind::Name(word) => word.text.clone(),
            _ => self.context.sources.slice(value.span).into(),
        };
        Some(Selected { expression, name })
    }

    fn order(&mut self, value: &'a ast::ValueNode, scope: &ExpressionScope) -> Option<Order> {
        let (value, words) = match &value.kind {
            ast::ValueKind::Phrase(phrase) if phrase.options.is_none() => {
                (&phrase.value, phrase.words.as_slice())
            }
            _ => (value, [].as_slice()),
        };
        let (mut descending, mut nulls, mut collation) = (false, None, None);
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let next =
                if matches!(word.text.as_str(), "nulls" | "collate") { rest.next() } else { None };
            match (word.text.as_str(), next.map(|it| it.text.as_str())) {
                ("asc", _) => descending = false,
                ("desc", _) => descending = true,
                ("nulls", Some("first")) => nulls = Some(Nulls::First),
                ("nulls", Some("last")) => nulls = Some(Nulls::Last),
                ("collate", Some(name)) => collation = Some(name.into()),
                _ => {
                    self.context.report(CheckProblem::UnknownWord {
                        word: word.text.to_string(),
                        expected: "a direction of an order".into(),
                        at: word.span,
                        help: Some(stray_words::counted_order(value, words).unwrap_or_else(|| {
                            Help::nearest(word.span, direction(&word.text), || DIRECTIONS.into())
                        })),
                    });
                    return None;
                }
            }
        }
        if stray_words::is_direction(self.context, value, scope) {
            return None;
        }
        let expression = self.context.expression(value, scope)?;
        if !quoted_names::require_varying(self.context, "order", &expression, value.span) {
            return None;
        }
        Some(Order { expression, descending, nulls, collation })
    }
}

/// `{ name: true, age: true }`: the names that are true, as a list.
fn true_names(item: OptionItem<'_>, braces: &ast::Braces) -> Option<Help> {
    let names = braces.members.iter().map(|it| match it {
        ast::Member::Pair(pair) if matches!(&pair.value, Some(value) if matches!(value.kind, ast::ValueKind::Bool(true))) => {
            Some(pair.key.text.as_str())
        }
        ast::Member::Pair(_) | ast::Member::Sentence(_) => None,
    });
    let names = names.collect::<Option<Vec<_>>>()?.join(", ");
    let text = format!("write `{}: [{names}]`", item.name.text);
    Some(Help::write(item.value_span(), &format!("[{names}]")).with_text(text))
}

/// Of two members of one name the latter is meant, at the place of the former.
fn without_repeated_names(all: Vec<Selected>) -> Vec<Selected> {
    let mut places = HashMap::with_capacity(all.len());
    let mut res: Vec<Selected> = Vec::with_capacity(all.len());
    for it in all {
        let place = *places.entry(it.name.clone()).or_insert(res.len());
        match res.get_mut(place) {
            Some(former) => *former = it,
            None => res.push(it),
        }
    }
    res
}

const DIRECTIONS: &str =
    "it is one of `asc`, `desc`, `nulls first`, `nulls last` and `collate NAME`";

/// The direction of an order that a word in capitals means.
fn direction(word: &str) -> Option<&'static str> {
    ["asc", "desc"].into_iter().find(|it| it.eq_ignore_ascii_case(word))
}
