//! Rows as scripts write them: `{ firstName: "Ann", posts: [{ title: "a" }] }`.

use super::bindings::VariableType;
use super::json_paths::json_path;
use super::references::ComparedWithRow;
use super::scope::{ExpressionPlace, ExpressionScope};
use super::{
    Context, model_id, operands, pasted, quoted_names, related_values, row_variables, stray_words,
    typing, variables,
};
use crate::ast;
use crate::diagnostics::{CheckProblem, Stray};
use crate::ir::{
    Assignment, AssociationId, Attribute, AttributeId, Computed, DataType, Expression, NewRow,
    Related, RelatedRow, RowRef,
};
use crate::source::Span;
use crate::verbs;

/// Whose values are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowOf {
    pub model: usize,
    /// Whether `(expressions)` may name attributes of the row that changes.
    pub changes: bool,
}

/// What a row says: values, related rows, and values of the through row.
#[derive(Debug, Default)]
struct RowContents {
    values: Vec<Assignment>,
    related: Vec<Related>,
    through: Vec<Assignment>,
}

/// A row to be written, with the rows beside it.
pub(super) fn new_row<'a>(
    context: &mut Context<'a>,
    model: usize,
    value: &'a ast::ValueNode,
) -> Option<NewRow> {
    let (row, _) = row_through(context, model, None, value)?;
    Some(row)
}

/// A row beside another, with what its through row holds.
fn row_through<'a>(
    context: &mut Context<'a>,
    model: usize,
    through: Option<usize>,
    value: &'a ast::ValueNode,
) -> Option<(NewRow, Vec<Assignment>)> {
    let ast::ValueKind::Object(braces) = &value.kind else {
        context.report(CheckProblem::Malformed {
            message: "a row is written in braces".into(),
            at: value.span,
            label: format!("this is {}", verbs::describe(&value.kind)),
            help: Some("write `{ name: value }`".into()),
        });
        return None;
    };
    let into = RowOf { model, changes: false };
    let written = row_contents(context, into, through, braces)?;
    let row = NewRow {
        model: model_id(model),
        values: written.values,
        related: written.related,
        span: value.span,
    };
    Some((row, written.through))
}

/// Values of attributes alone: `update { .. }`, `defaults: { .. }`, `through: { .. }`.
pub(super) fn assignments<'a>(
    context: &mut Context<'a>,
    into: RowOf,
    braces: &'a ast::Braces,
) -> Option<Vec<Assignment>> {
    let written = row_contents(context, into, None, braces)?;
    if let Some(related) = written.related.first() {
        related_values::refuse(context, related.association, braces);
        return None;
    }
    Some(written.values)
}

fn row_contents<'a>(
    context: &mut Context<'a>,
    into: RowOf,
    through: Option<usize>,
    braces: &'a ast::Braces,
) -> Option<RowContents> {
    let before = context.problems.len();
    let mut written = RowContents::default();
    let mut seen: Vec<&'a ast::Word> = Vec::new();
    for member in &braces.members {
        let ast::Member::Pair(pair) = member else {
            context.report(match pasted::pair_instead(context, member) {
                Some(help) => CheckProblem::Malformed {
                    message: "`:` stands between a name and its value".into(),
                    at: member.span(),
                    label: "not `name: value`".into(),
                    help: Some(help),
                },
                None => CheckProblem::NotHere {
                    what: Stray::This,
                    at: member.span(),
                    label: "not `name: value`".into(),
                    help: Some("a row says each value: `active: true`".into()),
                },
            });
            continue;
        };
        if let Some(options) = &pair.options {
            context.no_options("a value", options);
        }
        if let Some(first) = seen.iter().find(|it| it.text == pair.key.text) {
            context.problems.push(verbs::duplicate_option(first, &pair.key));
            continue;
        }
        seen.push(&pair.key);
        let Some(value) = &pair.value else {
            context.report(CheckProblem::Malformed {
                message: format!("`{}` has no value", pair.key.text),
                at: pair.key.span,
                label: "a value is missing behind the colon".into(),
                help: Some("write its value, or leave it out".into()),
            });
            continue;
        };
        entry(context, into, through, &pair.key, value, &mut written);
    }
    (context.problems.len() == before).then_some(written)
}

fn entry<'a>(
    context: &mut Context<'a>,
    into: RowOf,
    through: Option<usize>,
    key: &'a ast::Word,
    value: &'a ast::ValueNode,
    written: &mut RowContents,
) {
    if let Some(id) = context.model(into.model).attribute_named(&key.text) {
        context.notes.attribute(key.span, into.model, id);
        let value = attribute_value(context, into, id, key, value);
        written.values.extend(value);
        return;
    }
    if let Some(id) = context.association_named(into.model, &key.text) {
        context.notes.association(key.span, id);
        let rows = related_rows(context, id, value);
        written.related.extend(rows);
        return;
    }
    if let Some(through) = through
        && context.model(through).name == key.text
    {
        context.notes.model(key.span, through);
        match &value.kind {
            ast::ValueKind::Object(braces) => {
                let into = RowOf { model: through, changes: false };
                let values = assignments(context, into, braces);
                written.through.extend(values.into_iter().flatten());
            }
            _ => context.report(CheckProblem::Malformed {
                message: format!("`{}` takes the through row's values", key.text),
                at: value.span,
                label: format!("this is {}", verbs::describe(&value.kind)),
                help: Some(format!("write `{}: {{ name: value }}`", key.text).into()),
            }),
        }
        return;
    }
    if quoted_names::is_text(context, key) && key.text.contains(['.', '[']) {
        json_entry(context, into, key, value, written);
        return;
    }
    stray_words::unknown_row_key(context, into.model, key);
}

/// `"meta.lang": "it"`
fn json_entry<'a>(
    context: &mut Context<'a>,
    into: RowOf,
    key: &'a ast::Word,
    value: &'a ast::ValueNode,
    written: &mut RowContents,
) {
    let end = key.text.find(['.', '[']).unwrap_or(key.text.len());
    let (head, rest) = key.text.split_at(end);
    let Some(id) = context.model(into.model).attribute_named(head) else {
        context.unknown_attribute(into.model, head, key.span);
        return;
    };
    context.notes.attribute_within(context.sources, (key, head), into.model, id);
    let data_type = context.model(into.model).attribute(id).data_type.clone();
    if !matches!(data_type, DataType::Json | DataType::Jsonb) {
        context.report(CheckProblem::Malformed {
            message: format!("`{head}` is {}, and only JSON has parts", data_type.written()),
            at: key.span,
            label: "no document".into(),
            help: Some(format!("write `{head}: ..`").into()),
        });
        return;
    }
    let path = json_path(rest);
    let expression = place_expression(context, into, id, value);
    written.values.extend(expression.map(|expression| Assignment {
        attribute: id,
        path,
        value: expression,
        span: value.span,
    }));
}

fn attribute_value<'a>(
    context: &mut Context<'a>,
    into: RowOf,
    id: AttributeId,
    key: &ast::Word,
    value: &'a ast::ValueNode,
) -> Option<Assignment> {
    let attribute = context.model(into.model).attribute(id);
    let computed = why_unwritable(attribute);
    if let Some(label) = computed {
        context.report(CheckProblem::Contradiction {
            message: format!("`{}` can't be written", key.text),
            at: key.span,
            label: label.into(),
            help: Some("write what it is computed from".into()),
        });
        return None;
    }
    Some(Assignment {
        attribute: id,
        path: Vec::new(),
        value: value_expression(context, into, id, value)?,
        span: value.span,
    })
}

/// Why an attribute can't be written, if it can't.
pub(super) fn why_unwritable(attribute: &Attribute) -> Option<&'static str> {
    match attribute.computed() {
        Some(Computed::Generated { .. }) => Some("the database computes it"),
        Some(Computed::Get(_)) => Some("it is computed when it is read"),
        None if matches!(attribute.data_type, DataType::Virtual) => Some("it is never stored"),
        None => None,
    }
}

/// A value of a row: a literal that fits, a variable, a call, or an expression in brackets. A row stands for what the attribute
/// refers to.
pub(super) fn value_expression<'a>(
    context: &mut Context<'a>,
    into: RowOf,
    id: AttributeId,
    value: &'a ast::ValueNode,
) -> Option<Expression> {
    let meant = value_of(context, into, id, value)?;
    let data_type = &context.model(into.model).attribute(id).data_type;
    if !matches!(data_type, DataType::Json | DataType::Jsonb | DataType::Foreign(_))
        && !operands::is_single(context, value, &ExpressionScope::script())
    {
        return None;
    }
    let meant = row_variables::one_row(context, meant, value.span)?;
    let beside = ComparedWithRow::Attribute(into.model, id);
    row_variables::keyed(context, meant, value.span, beside, &ExpressionScope::script())
}

/// The value of a place in a document: rows have none.
fn place_expression<'a>(
    context: &mut Context<'a>,
    into: RowOf,
    id: AttributeId,
    value: &'a ast::ValueNode,
) -> Option<Expression> {
    let meant = value_of(context, into, id, value)?;
    row_variables::no_rows(context, meant, value.span)
}

fn value_of<'a>(
    context: &mut Context<'a>,
    into: RowOf,
    id: AttributeId,
    value: &'a ast::ValueNode,
) -> Option<Expression> {
    let data_type = &context.model(into.model).attribute(id).data_type.clone();
    let scope = if into.changes {
        ExpressionScope::new(into.model, ExpressionPlace::Where)
    } else {
        ExpressionScope::script()
    };
    match &value.kind {
        ast::ValueKind::Sql(text) => Some(Expression::Sql(text.clone())),
        ast::ValueKind::Group(members) => match members.as_slice() {
            [one] if !operands::is_no_list(context, one) => None,
            [one] if typing::literal(one).is_some() => {
                context.fit(typing::inner(one), data_type).map(Expression::Literal)
            }
            [one] => context.lowering(&scope).value_or_rows(one),
            _ => {
                context.not_possible(Stray::RoundList, scope.place, value.span, None);
                None
            }
        },
        ast::ValueKind::Name(word) => {
            let member = match data_type {
                DataType::Enum(it) => Some(it.members.contains(&word.text)),
                _ => None,
            };
            if member == Some(true) || (member == Some(false) && !context.is_variable(&word.text)) {
                return context.fit(value, data_type).map(Expression::Literal);
            }
            context.variable(word, &[], value.span)
        }
        ast::ValueKind::Path(path) => context.variable(&path.head, &path.tail, path.span),
        ast::ValueKind::Call(call) => {
            let known = matches!(
                (call.name.text.as_str(), call.arguments.as_slice()),
                ("now" | "uuid", [])
                    | ("uuid", [ast::ValueNode { kind: ast::ValueKind::Integer(1 | 4), .. }])
            );
            if !known {
                let text = context.sources.slice(value.span).to_owned();
                context.not_possible(
                    Stray::Call(call.name.text.to_string()),
                    ExpressionPlace::Script,
                    value.span,
                    Some(format!(
                        "the calls are `now()` and `uuid()`; what the database computes is written in brackets: `({text})`"
                    ).into()),
                );
                return None;
            }
            context.expression(value, &ExpressionScope::script())
        }
        _ => context.fit(value, data_type).map(Expression::Literal),
    }
}

/// The rows that stand for an association: `posts: [{ .. }, old, 3]`, `creator: ann`, `creator: null`.
fn related_rows<'a>(
    context: &mut Context<'a>,
    id: AssociationId,
    value: &'a ast::ValueNode,
) -> Option<Related> {
    let association = context.schema.associations.get(id.0 as usize)?;
    let (target, to_many, name) =
        (association.target.0 as usize, association.is_to_many(), association.name.clone());
    let through = association.through.as_ref().map(|it| it.model.0 as usize);
    let mut rows = Vec::new();
    let values = match &value.kind {
        ast::ValueKind::List(values) if to_many => values.as_slice(),
        ast::ValueKind::List(_) => {
            context.report(CheckProblem::Malformed {
                message: format!("`{name}` leads to one row"),
                at: value.span,
                label: "a list of them".into(),
                help: Some(format!("write one row: `{name}: {{ .. }}`").into()),
            });
            return None;
        }
        ast::ValueKind::Null if !to_many => &[],
        _ => std::slice::from_ref(value),
    };
    for value in values {
        let row = match &value.kind {
            ast::ValueKind::Object(_) => row_through(context, target, through, value)
                .map(|(row, through)| RelatedRow::New(row, through)),
            _ => row_ref(context, target, to_many, value).map(RelatedRow::Existing),
        };
        rows.extend(row);
    }
    Some(Related { association: id, rows })
}

/// A row that is there: a variable that holds one of the model's, or a key.
pub(super) fn row_ref<'a>(
    context: &mut Context<'a>,
    model: usize,
    many: bool,
    value: &'a ast::ValueNode,
) -> Option<RowRef> {
    if let ast::ValueKind::Name(word) = &value.kind {
        return row_word(context, model, many, word);
    }
    let into = RowOf { model, changes: false };
    let own = context.model(model);
    let ids = own.primary_key.clone();
    if let (ast::ValueKind::Object(braces), [_, _, ..]) = (&value.kind, ids.as_slice()) {
        let values = assignments(context, into, braces)?;
        let value_of = |id| values.iter().find(|it| it.attribute == id);
        let each = ids.iter().map(|id| value_of(*id).map(|it| it.value.clone()));
        if let Some(key) = each.collect::<Option<Vec<_>>>().filter(|it| it.len() == values.len()) {
            return Some(RowRef::CompoundKey(key, value.span));
        }
    }
    let [key] = ids.as_slice() else {
        let own = context.model(model);
        let names = ids.iter().map(|it| super::names::written(&own.attribute(*it).name));
        let names: Vec<_> = names.map(|it| format!("{it}: ..")).collect();
        let help = if names.is_empty() {
            "keep the row first: `let row = .. findOne < .. >`".to_owned()
        } else {
            format!(
                "name all of it, `{{ {} }}`, or keep the row first: `let row = ..`",
                names.join(", ")
            )
        };
        context.report(CheckProblem::Malformed {
            message: if names.is_empty() {
                "a row without a key is named by a variable".to_owned()
            } else {
                format!("a row of `{}` is named by its whole key, or by a variable", own.name)
            },
            at: value.span,
            label: "not the whole key".into(),
            help: Some(help.into()),
        });
        return None;
    };
    let expression = value_expression(context, into, *key, value)?;
    Some(RowRef::Key(expression, value.span))
}

/// A variable as a row.
pub(super) fn row_word(
    context: &mut Context<'_>,
    model: usize,
    many: bool,
    word: &ast::Word,
) -> Option<RowRef> {
    let held = match context.variable_type(&word.text) {
        Some(VariableType::Row(held)) => Some(held),
        Some(VariableType::Rows(held)) if many => Some(held),
        Some(VariableType::List(_)) if !many => variables::row_variable(context, word),
        // A value may be a key.
        Some(VariableType::Value(_) | VariableType::List(_)) => {
            let expression = context.variable(word, &[], word.span)?;
            return Some(RowRef::Key(expression, word.span));
        }
        Some(VariableType::Rows(_)) | None => variables::row_variable(context, word),
    }?;
    variables::note_use(context, word);
    if held.model != model {
        wrong_model(context, model, held.model, word.span);
        return None;
    }
    row_variables::is_identified(context, &held, word.span)?;
    Some(RowRef::Variable(word.text.clone(), word.span))
}

fn wrong_model(context: &mut Context<'_>, wanted: usize, held: usize, at: Span) {
    let (wanted, held) = (context.model(wanted).name.clone(), context.model(held).name.clone());
    context.report(CheckProblem::Malformed {
        message: format!("a `{wanted}` is needed here"),
        at,
        label: format!("this is a `{held}`"),
        help: Some(format!("find one: `let found = {wanted} findOne < where: (..) >`").into()),
    });
}
