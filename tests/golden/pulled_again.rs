//! A server's database as a script, which makes the same in an empty one: all that is there, but for what a pulled script is told not to say.

use super::alike::OPTIONS;
use relata::db::Database;
use relata::report::{Style, draw};
use relata::session::{self, Session};

/// The script of a database, once it has made the same in another one that `with_other` gives; `line` is a line of a statement without what
/// a script says otherwise.
pub(crate) fn pulled_again<D: Database>(
    database: &mut D,
    with_other: impl FnOnce(&dyn Fn(D) -> Result<(), String>) -> Result<(), String>,
    line: fn(&str) -> String,
) -> Result<String, String> {
    let objects = database.objects().map_err(|it| it.message)?;
    let pulled = session::pulled(database, &objects).map_err(|it| it.to_string())?;
    let expected = catalog_of(database, line)?;
    with_other(&|other| {
        let mut session = Session::new(other).with_options(OPTIONS);
        let made = session.run("pulled.schema", &pulled.text, &mut Vec::new());
        if let Err(error) = made {
            let problems = error.problems();
            let report = draw(session.sources(), &problems, Style::default());
            return Err(format!("{}\n{report}", pulled.text));
        }
        let actual = catalog_of(&mut session.into_database(), line)?;
        if actual == expected {
            return Ok(());
        }
        let only = |a: &[String], b: &[String]| {
            let only: Vec<_> = a.iter().filter(|it| !b.contains(it)).cloned().collect();
            only.join("\n")
        };
        let (more, less) = (only(&actual, &expected), only(&expected, &actual));
        Err(format!("{}\nmade:\n{more}\ninstead of:\n{less}", pulled.text))
    })?;
    Ok(pulled.text)
}

fn catalog_of(
    database: &mut dyn Database,
    line: fn(&str) -> String,
) -> Result<Vec<String>, String> {
    let objects = database.objects().map_err(|it| it.message)?;
    let beside = database.surroundings().map_err(|it| it.message)?;
    let mut res = Vec::new();
    for it in objects.iter().filter_map(|it| it.sql.as_deref()) {
        let mut lines: Vec<String> = it.lines().map(line).collect();
        lines.sort();
        res.push(lines.join("\n"));
    }
    res.extend(beside.enumerations.iter().map(|it| format!("{it:?}")));
    res.extend(beside.statements);
    res.extend(beside.comments.iter().map(|it| format!("{it:?}")));
    res.sort();
    Ok(res)
}
