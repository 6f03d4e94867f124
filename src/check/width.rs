//! How many tables and columns a query reads together: a database takes so many.

use super::Context;
use crate::diagnostics::{CheckProblem, Excess};
use crate::ir::{Assignment, AssociationId, Expression, Query};
use crate::source::Span;
use std::collections::{BTreeMap, HashSet};

/// So many tables SQLite joins.
const MOST_TABLES: usize = 64;

/// So many columns a row of SQLite has.
const MOST_COLUMNS: usize = 2_000;

/// What of a query is measured. Of what it includes the default scopes hold in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// What it says itself, be it a scope.
    Itself,
    /// What its scopes say, too.
    Scoped,
}

/// The associations that lead from a query's rows to others that are read beside them.
type AssociationPath = Vec<AssociationId>;

/// Reports a query that reads more tables or columns together than a statement may.
pub(super) fn of_query(context: &mut Context<'_>, model: usize, query: &Query, of: Of, at: Span) {
    let mut layers = vec![query];
    if of == Of::Scoped {
        layers.extend(query.scoped(&context.model(model).scopes));
        if layers.len() == 1 {
            // Nothing comes to what it says itself.
            return;
        }
    }
    let mut columns = 0;
    let mut all_paths = HashSet::new();
    for layer in &layers {
        layer.each_expression(&mut |it| paths(&[], it, &mut all_paths));
    }
    let mut rest = vec![(AssociationPath::new(), model, layers)];
    while let Some((path, model, layers)) = rest.pop() {
        columns += match layers.iter().find_map(|it| it.attributes.as_ref()) {
            Some(selected) => selected.len(),
            None => context.model(model).attributes().count(),
        };
        // Of one association there is one include, whoever says it.
        let mut included = BTreeMap::<u32, Vec<&Query>>::new();
        for it in layers.iter().flat_map(|it| &it.include) {
            included.entry(it.association.0).or_default().push(&it.query);
        }
        for (id, mut layers) in included {
            let association = context.schema.associations.get(id as usize);
            let Some(association) = association.filter(|it| !it.is_to_many()) else {
                continue;
            };
            let further = [path.as_slice(), &[AssociationId(id)]].concat();
            for layer in &layers {
                layer.each_expression(&mut |it| paths(&further, it, &mut all_paths));
            }
            let target = association.target.0 as usize;
            // Default scopes that include each other are reported elsewhere.
            if !path.contains(&AssociationId(id)) {
                let scopes = &context.model(target).scopes;
                layers.extend(layers.first().map(|it| it.scoped(scopes)).unwrap_or_default());
            }
            all_paths.insert(further.clone());
            rest.push((further, target, layers));
        }
    }
    let tables = all_paths.len() + 1;
    let (what, most) = if tables > MOST_TABLES {
        (Excess::Tables(tables), MOST_TABLES)
    } else if columns > MOST_COLUMNS {
        (Excess::Columns(columns), MOST_COLUMNS)
    } else {
        return;
    };
    let help = match of {
        Of::Itself => {
            "read what is needed: fewer includes, or `attributes` in them; the rest by another sentence"
        }
        Of::Scoped => {
            "the scopes that hold count, too: read what is needed, or leave them out with `unscoped`"
        }
    };
    context.report(CheckProblem::TooMuch { what, most, at, help: Some(help.into()) });
}

/// Reports a value that is computed of more tables than a statement may read together.
pub(super) fn of_values(context: &mut Context<'_>, values: &[Assignment]) {
    for it in values {
        let mut all_paths = HashSet::new();
        paths(&[], &it.value, &mut all_paths);
        if all_paths.len() > MOST_TABLES {
            context.report(CheckProblem::TooMuch {
                what: Excess::Tables(all_paths.len()),
                most: MOST_TABLES,
                at: it.span,
                help: Some("compute it in several steps".into()),
            });
        }
    }
}

/// Adds the paths of an expression.
fn paths(
    from: &[AssociationId],
    expression: &Expression,
    all_paths: &mut HashSet<AssociationPath>,
) {
    expression.visit(&mut |it| {
        if let Expression::Related(steps, _) | Expression::OfLink { path: steps, .. } = it {
            for (place, _) in steps.iter().enumerate() {
                let further = steps.get(..=place).unwrap_or_default();
                all_paths.insert([from, further].concat());
            }
        }
    });
}
