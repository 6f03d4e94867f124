//! Views that SQL makes: `view Total { customer: STRING, owes: DECIMAL(10, 2) }` says what such a view shows, so that it is read as a model.
//!
//! Invariant: nothing here makes or changes a view of the database; where it comes from is another sentence's matter, or another program's.

use super::{Context, ModelDraft};
use crate::ast;
use crate::diagnostics::{CheckProblem, Stray};
use crate::ir::{Attribute, AttributeId, DataType, Model, Origin};
use crate::verbs;
use crate::verbs::{OptionId, OptionItem, SHOWN};

/// The model that stands for such a view.
pub(super) fn shown_view<'a>(
    context: &mut Context<'a>,
    sentence: &'a ast::Sentence,
    braces: &'a ast::Braces,
) -> Option<usize> {
    let name = &sentence.words.get(1)?.head;
    if let Some(options) = &sentence.options {
        context.no_options("a view", options);
    }
    let doc = context.doc(context.script, sentence.span.start);
    let mut res = Model::of_view(&name.text, name.span, doc);
    let before = context.problems.len();
    for member in &braces.members {
        column(context, member, &mut res);
    }
    if context.problems.len() == before && res.attributes.is_empty() {
        context.report(CheckProblem::Malformed {
            message: format!("the view `{}` shows nothing", name.text),
            at: braces.span,
            label: "its columns stand here".into(),
            help: Some("name them with their types: `{ name: STRING, total: INTEGER }`".into()),
        });
    }
    // what is wrong with a column is told; the others are there
    let index = context.drafts.len();
    context.drafts.push(ModelDraft::whole(res));
    Some(index)
}

/// `total: INTEGER < field: "sum" >`
fn column<'a>(context: &mut Context<'a>, member: &'a ast::Member, of: &mut Model) {
    let ast::Member::Pair(pair) = member else {
        context.report(CheckProblem::NotHere {
            what: Stray::This,
            at: member.span(),
            label: "not a column".into(),
            help: Some("a view's columns are named with their types: `total: INTEGER`".into()),
        });
        return;
    };
    if let Some(first) = of.attributes.iter().find(|it| it.name == pair.key.text) {
        context.report(CheckProblem::DeclaredTwice {
            name: pair.key.text.to_string(),
            first: first.span,
            again: pair.key.span,
            help: Some("keep one of the two".into()),
        });
        return;
    }
    let items = OptionItem::of_options(pair.options.as_ref());
    let said = verbs::read("a view's column", &[SHOWN], items, &mut context.problems);
    let Some(value) = &pair.value else { return };
    let Some(data_type) = context.data_type(value) else { return };
    if matches!(data_type, DataType::Virtual) {
        context.report(CheckProblem::Malformed {
            message: format!("`{}` of a view is a column", pair.key.text),
            at: value.span,
            label: "VIRTUAL has none".into(),
            help: Some("name the type of what the view shows".into()),
        });
        return;
    }
    let mut attribute =
        Attribute::new(pair.key.text.clone(), data_type, pair.key.span, Origin::Written);
    if let Some(field) = said.text(OptionId::Field) {
        attribute.column = field.value.clone();
    }
    if said.is_on(OptionId::PrimaryKey) {
        let id = AttributeId(u32::try_from(of.attributes.len()).unwrap_or_default());
        of.primary_key = of.primary_key.iter().copied().chain([id]).collect();
    }
    of.attributes.push(attribute);
}
