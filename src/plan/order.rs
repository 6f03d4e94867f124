//! The order of tables: each after those that it refers to.

use crate::ir::{KeyTarget, ModelId, Schema};

/// How far a model has come.
#[derive(Debug, Clone, Copy, Default)]
struct Visit {
    /// When it was reached, from 1; 0 before.
    reached: usize,
    /// The earliest that it leads back to.
    low: usize,
    /// Whether it waits on the stack for its cycle's end.
    waiting: bool,
}

/// The models in the order in which their tables are created: in their own order, each after those that it refers to,
/// these in the order of its columns; the models of a cycle stand together, in their own order.
///
/// It is Sequelize's order, found in linear time and without recursion.
pub fn order(schema: &Schema) -> Vec<ModelId> {
    let count = schema.models().count();
    let mut marks = vec![Visit::default(); count];
    let mut ordered = Vec::with_capacity(count);
    let mut waiting: Vec<ModelId> = Vec::new();
    // The path from the root, each with the place of the foreign key that is looked at next.
    let mut path: Vec<(ModelId, usize)> = Vec::new();
    let mut clock = 0;
    for (root, _) in schema.models() {
        if mark(&marks, root).reached > 0 {
            continue;
        }
        path.push((root, 0));
        while let Some((model, key)) = path.pop() {
            if key == 0 {
                clock += 1;
                let new = Visit { reached: clock, low: clock, waiting: true };
                set(&mut marks, model, new);
                waiting.push(model);
            }
            if let Some(foreign) = schema[model].foreign_keys.get(key) {
                path.push((model, key + 1));
                if let KeyTarget::Model(target, _) = foreign.target {
                    let other = mark(&marks, target);
                    if other.reached == 0 {
                        path.push((target, 0));
                    } else if other.waiting {
                        lower(&mut marks, model, other.reached);
                    }
                }
                continue;
            }
            let own = mark(&marks, model);
            if own.low == own.reached {
                let from = waiting.iter().rposition(|it| *it == model).unwrap_or(0);
                let mut cycle = waiting.split_off(from);
                cycle.sort_unstable();
                for it in &cycle {
                    let done = Visit { waiting: false, ..mark(&marks, *it) };
                    set(&mut marks, *it, done);
                }
                ordered.append(&mut cycle);
            }
            if let Some((before, _)) = path.last() {
                lower(&mut marks, *before, own.low);
            }
        }
    }
    ordered
}

fn mark(marks: &[Visit], model: ModelId) -> Visit {
    marks.get(model.0 as usize).copied().unwrap_or_default()
}

fn set(marks: &mut [Visit], model: ModelId, mark: Visit) {
    if let Some(it) = marks.get_mut(model.0 as usize) {
        *it = mark;
    }
}

fn lower(marks: &mut [Visit], model: ModelId, low: usize) {
    if let Some(it) = marks.get_mut(model.0 as usize) {
        it.low = it.low.min(low);
    }
}
