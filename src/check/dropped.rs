//! `drop "Tags"`: tables that go, on which no model is; `drop nick` in a body: columns that go, which no attribute has.

use super::Context;
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::{Attribute, DataType, DroppedTable, Origin};
use crate::words::same_name;
use std::collections::BTreeSet;

/// `drop "Tags"`
pub(super) fn declare(context: &mut Context<'_>, sentence: &ast::Sentence) {
    let (Some(ast::ValueNode { kind: ast::ValueKind::Text(name), span }), [_], None) =
        (&sentence.argument, &*sentence.words, &sentence.options)
    else {
        let message = "`drop` takes a table's name in quotes, and nothing else";
        context.malformed(sentence, message, "drop \"Tags\"");
        return;
    };
    let begins =
        |with: &str| name.get(..with.len()).is_some_and(|it| it.eq_ignore_ascii_case(with));
    let label = if name.is_empty() {
        "no name"
    } else if begins("_relata_") {
        "Relata's own"
    } else if begins("sqlite_") {
        "the database's own"
    } else {
        context.notes.table(*span, name);
        context.schema.dropped.push(DroppedTable { name: name.clone(), span: *span });
        return;
    };
    context.report(CheckProblem::Contradiction {
        message: format!("`{name}` can't be dropped"),
        at: *span,
        label: label.into(),
        help: Some("leave this line out".into()),
    });
}

/// That no column which goes is one that its model has.
pub(super) fn check_columns(context: &mut Context<'_>) {
    let mut told = BTreeSet::new();
    for (model, dropped) in std::mem::take(&mut context.drops) {
        let name = dropped.text.as_str();
        // What a key is called may be what its column was called.
        let is_it = |it: &Attribute| {
            same_name(&it.name, name) && it.origin != Origin::Key
                || !matches!(it.data_type, DataType::Virtual) && same_name(&it.column, name)
        };
        let Some(attribute) = context.model(model).attributes.iter().find(|it| is_it(it)) else {
            continue;
        };
        let label = if same_name(&attribute.name, name) {
            match attribute.origin {
                Origin::Written => "is among the attributes".to_owned(),
                Origin::Implied => "comes by itself".to_owned(),
                Origin::Key => "is the key of an association".to_owned(),
            }
        } else {
            format!("is the column of `{}`", attribute.name)
        };
        // What a base drops is dropped of each model that extends it.
        if told.insert(dropped.span.start) {
            context.report(CheckProblem::Contradiction {
                message: format!("`{name}` is dropped, and an attribute"),
                at: dropped.span,
                label,
                help: Some("take one of the two away".into()),
            });
        }
    }
}

/// That no model, and nothing else that a script declares, is on a table that goes.
pub(super) fn check(context: &mut Context<'_>) {
    for dropped in std::mem::take(&mut context.schema.dropped) {
        let same = |it: &str| same_name(it, &dropped.name);
        let found = context.models().find(|it| same(&it.full_table()));
        if let Some(model) = found {
            let name = model.name.clone();
            let (what, stands, help) = if model.view {
                ("a view", format!("`{name}`"), "a view goes with its line".to_owned())
            } else {
                let help = format!(
                    "leave out the model, or write `{name} drop`, which drops it when the script runs"
                );
                ("a table", format!("the model `{name}`"), help)
            };
            context.report(CheckProblem::Contradiction {
                message: format!("`{}` is {what} of this script", dropped.name),
                at: dropped.span,
                label: stands,
                help: Some(help),
            });
            continue;
        }
        context.schema.dropped.push(dropped);
    }
}
