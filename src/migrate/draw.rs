//! A plan as people read it: a heading for each table, view or trigger, and a line below it for each thing that changes of it.

use super::{Change, ChangeMethod, Sign};

/// A plan, line by line, each with the sign that it begins with. What changes of one table stands under one heading, where the first
/// change of it would stand.
///
/// ```
/// use relata::{Session, Sqlite, migrate};
/// let mut session = Session::new(Sqlite::in_memory()?);
/// session.run("users.schema", "model User { name: STRING } < timestamps: false >", &mut Vec::new())?;
/// let lines: Vec<_> = migrate::draw(&session.diff()?).into_iter().map(|it| it.1).collect();
/// assert_eq!(lines, ["+ Users: create"]);
/// # Ok::<(), relata::Error>(())
/// ```
pub fn draw(changes: &[Change]) -> Vec<(Sign, String)> {
    let mut res = Vec::new();
    let mut objects: Vec<&str> = Vec::new();
    for change in changes {
        if objects.contains(&&*change.object) {
            continue;
        }
        objects.push(&change.object);
        let group: Vec<&Change> = changes.iter().filter(|it| it.object == change.object).collect();
        let sign = sign(&group);
        let mut heading = format!("{} {}", sign.word(), change.object);
        for (at, how) in group.iter().filter_map(|it| how(it)).enumerate() {
            heading.push_str(if at == 0 { ": " } else { ", " });
            heading.push_str(&how);
        }
        res.push((sign, heading));
        // That a table is created or dropped its heading says.
        let is_told = |it: &&&Change| {
            !matches!((it.way, it.sign()), (ChangeMethod::Create, Sign::Add)) || sign != Sign::Add
        };
        for detail in group.iter().filter(is_told).flat_map(|it| &it.what) {
            res.push((detail.sign, format!("  {} {}", detail.sign.word(), detail.text)));
        }
    }
    res
}

/// What a plan does with a whole object.
fn sign(group: &[&Change]) -> Sign {
    if group.iter().any(|it| it.sign() == Sign::Add) {
        Sign::Add
    } else if group.iter().all(|it| it.sign() == Sign::Drop) {
        Sign::Drop
    } else {
        Sign::Change
    }
}

/// How a change is carried out, with the rows that are written.
fn how(change: &Change) -> Option<String> {
    let rows = |rows: u64| if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
    match change.way {
        ChangeMethod::Create if change.sign() == Sign::Add => Some("create".to_owned()),
        ChangeMethod::Create => Some("replace".to_owned()),
        ChangeMethod::Edit if change.rows == 0 => Some("alter, rows unchanged".to_owned()),
        ChangeMethod::Edit => Some(format!("alter, {} updated", rows(change.rows))),
        ChangeMethod::Alter => Some(format!("alter in place, {} written", rows(change.rows))),
        ChangeMethod::Rebuild => Some(format!("rebuild, {} copied", rows(change.rows))),
        ChangeMethod::Drop => Some("drop".to_owned()),
        ChangeMethod::Refused => Some("refused".to_owned()),
        ChangeMethod::Rename | ChangeMethod::Index => None,
    }
}
