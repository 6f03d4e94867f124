//! SQL: what it makes is made in a database in memory, and pulled.

use super::ddl::{self, ImportedDdl, is_of_rows, unpaired_in};
use super::dump;
use super::{ImportFormat, ImportedScript, nothing, unpaired};
use crate::db::{Database, Structure};
use crate::diagnostics::Problem;
use crate::pull::{self, RowMisfits};
use crate::source::Source;
use crate::stored::{SqlToken, tokens};
use crate::words::plain;
use std::fmt::Write;

/// What statements make, as a script; `database` is an empty one in memory. A server's statements are said in SQLite's words.
///
/// # Errors
/// Where a bracket has no other end, or no table is made.
pub fn sql(
    source: &Source,
    database: &mut (impl Database + Structure),
) -> Result<ImportedScript, Box<Problem>> {
    let mut left = Vec::new();
    let dump = dump::statements(&source.text, &mut left);
    let is_of_server = ddl::is_of_server(&dump);
    let made = if is_of_server { ddl::ddl(&dump, left) } else { of_sqlite(&source.text) };
    if let Some(place) = made.unpaired {
        return Err(unpaired(source, ImportFormat::Sql, place).into());
    }
    let mut left = made.left;
    for mut table in made.tables {
        let compiles =
            |sql: &str| database.quoted_texts(sql).map(drop).map_err(|error| error.to_string());
        left.extend(table.without_uncomputed(compiles));
        let statement = table.statement();
        if let Err(error) = database.create(&statement) {
            left.push((error.to_string(), statement));
        }
    }
    for statement in made.statements {
        if let Err(error) = database.create(&statement) {
            left.push((error.to_string(), statement));
        }
    }
    let objects = database.objects().unwrap_or_default();
    if objects.is_empty() {
        return Err(nothing(source, ImportFormat::Sql, "table").into());
    }
    let mut script = if is_of_server {
        pull::imported(&objects, &made.facts, &made.enums)
    } else {
        pull::script(&objects, &RowMisfits::default())
    };
    for (why, sql) in &left {
        let _ = writeln!(script, "\n// {}", plain(&why.replace('\n', " ")));
        for line in sql.lines().filter(|it| !it.trim().is_empty()) {
            let _ = writeln!(script, "//     {}", plain(line).trim_end());
        }
    }
    Ok(ImportedScript { text: script, left: left.len() })
}

/// The statements of a text of SQLite's that change the structure, as they are.
fn of_sqlite(text: &str) -> ImportedDdl {
    let all = tokens(text);
    let mut res = ImportedDdl { unpaired: unpaired_in(&all), ..ImportedDdl::default() };
    for statement in statements(&all) {
        let written = match statement {
            [first, .., last] => text.get(first.range.start..last.range.end),
            _ => None,
        };
        if let (Some(written), Some(first)) = (written, statement.first()) {
            if ["create", "alter", "drop"].iter().any(|it| first.is(it)) {
                res.statements.push(written.to_owned());
            } else if !is_of_rows(first) {
                res.left.push((
                    "this is no statement of SQL that is known here".to_owned(),
                    written.to_owned(),
                ));
            }
        }
    }
    res
}

/// The statements of a text, without what ends them; a trigger has statements of its own.
fn statements(all: &[SqlToken]) -> Vec<&[SqlToken]> {
    let mut res = Vec::new();
    let (mut begin, mut depth) = (0, 0_usize);
    for at in 0..=all.len() {
        if let Some(token) = all.get(at) {
            let of_trigger = || {
                let mut words = all.get(begin..).unwrap_or_default().iter().take(4);
                words.any(|it| it.is("trigger"))
            };
            let opens = token.is("case") || token.is("begin");
            if opens && of_trigger() {
                depth += 1;
            } else if token.is("end") {
                depth = depth.saturating_sub(1);
            }
            if depth > 0 || !token.is_sign(';') {
                continue;
            }
        }
        res.extend(all.get(begin..at).filter(|it| !it.is_empty()));
        begin = at + 1;
    }
    res
}
