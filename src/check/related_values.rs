//! What belongs to a row, where only values of attributes belong: `update { author: 2 }`.

use super::Context;
use crate::ast;
use crate::diagnostics::{CheckProblem, Help, Stray};
use crate::ir::{AssociationId, AssociationKind};
use crate::words;

/// Reports an association among values, with its key in place of it where that is what is meant.
pub(super) fn refuse(context: &mut Context<'_>, association: AssociationId, braces: &ast::Braces) {
    let Some(found) = context.schema.associations.get(association.0 as usize) else {
        return;
    };
    let name = found.name.to_string();
    let key = found
        .single_key()
        .filter(|_| found.kind == AssociationKind::BelongsTo)
        .map(|it| context.model(found.source.0 as usize).attribute(it.attribute).name.clone());
    let member = braces.members.iter().find_map(|it| match it {
        ast::Member::Pair(pair) if pair.key.text == name => Some(pair),
        _ => None,
    });
    let help = match (key, member, member.and_then(|it| it.value.as_ref())) {
        (Some(key), Some(pair), Some(value))
            if matches!(
                value.kind,
                ast::ValueKind::Integer(_)
                    | ast::ValueKind::Text(_)
                    | ast::ValueKind::Null
                    | ast::ValueKind::Name(_)
            ) =>
        {
            let value = context.sources.slice(value.span);
            Help::write(pair.key.span, &key).with_text(format!("write its key: `{key}: {value}`"))
        }
        _ => format!(
            "change what it leads to with its own verbs: `row set{} ..`",
            words::upper_first(&name)
        )
        .into(),
    };
    context.report(CheckProblem::NotHere {
        what: Stray::Association(name),
        at: member.map_or(braces.span, |it| it.key.span),
        label: "values of attributes belong here".into(),
        help: Some(help),
    });
}
