//! What is done behind the transaction, so that nobody waits for it.

use crate::migrate::StepWaits;
use crate::migrate::server::work::{ServerWork, WorkPhase, WorkStatement};

/// Takes out what can be done behind the transaction, so that nobody waits for it: indexes, and whether rows have what new keys refer to. Its
/// statements, in order.
pub(super) fn later(work: &mut ServerWork) -> Vec<String> {
    let mut res = Vec::new();
    for step in &mut work.steps {
        let [sql] = step.change.sql.as_slice() else { continue };
        if step.phase == WorkPhase::Indexes && sql.starts_with("CREATE ") {
            let later = sql.replacen("INDEX ", "INDEX CONCURRENTLY ", 1);
            step.instead = Some(Vec::new());
            step.change.sql = vec![later.clone()];
            res.push(later);
        } else if step.phase == WorkPhase::KeysCome
            && let Some((alter, key)) = sql.split_once(" ADD CONSTRAINT ")
            && let Some((name, _)) = key.split_once(" FOREIGN KEY ")
            && !key.contains(" ADD CONSTRAINT ")
        {
            let first = format!("{sql} NOT VALID");
            let later = format!("{alter} VALIDATE CONSTRAINT {name}");
            step.change.sql = vec![first.clone(), later.clone()];
            step.instead = Some(vec![WorkStatement::of(step.change.object.as_str(), first)]);
            res.push(later);
        } else {
            continue;
        }
        if let Some(cost) = &mut step.change.cost {
            cost.waits = StepWaits::Nobody;
        }
    }
    res
}
