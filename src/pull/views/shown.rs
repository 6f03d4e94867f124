//! Views that stay SQL, as models to read: `view totals { customer: STRING, owes: DECIMAL(10, 2) }`, behind the statement that makes them.

use crate::catalog::ShownColumn;
use crate::ir::DataType;
use crate::pull::names::{sql, written};
use crate::words::same_name;

/// The sentence that says what a view shows; none where a name would come twice.
pub(super) fn sentence(view: &str, columns: &[ShownColumn]) -> Option<String> {
    let is_twice = |at: usize, name: &str| {
        let mut before = columns.iter().take(at);
        name.trim().is_empty() || before.any(|it| same_name(&it.name, name))
    };
    if columns.is_empty() || columns.iter().enumerate().any(|(at, it)| is_twice(at, &it.name)) {
        return None;
    }
    let each = columns.iter().map(|it| {
        // What is computed has no type: it holds whatever comes. SQLite says "BLOB" and "NUM" of such, too.
        let is_any = matches!(it.data_type.trim(), "" | "BLOB" | "NUM");
        let data_type = match DataType::of_database(&it.data_type).filter(|_| !is_any) {
            Some(known) => known.written(),
            None if is_any => sql("ANY"),
            None => sql(&it.data_type),
        };
        format!("  {}: {data_type}\n", written(&it.name))
    });
    Some(format!("view {} {{\n{}}}", written(view), each.collect::<String>()))
}
