//! `relata import`: models that are written elsewhere, as a script.

mod sequelize;

use crate::cli::ImportArgs;
use crate::files::{self, STDIN};
use crate::output::{Exit, Output, named};
use crate::scripts;
use relata::db::{Database, Sqlite, Structure};
use relata::import::{self, ImportFormat};
use relata::pull::{self, RowMisfits};
use relata::sql::Dialect;
use relata::stored::tokens;
use std::fmt::Write;
use std::path::Path;

/// A script, and what of the file is a comment in it.
struct ImportedScript {
    text: String,
    left: usize,
}

pub(crate) fn run(arguments: &ImportArgs, output: &mut Output) -> Exit {
    let path = &arguments.file;
    let bytes = if path == STDIN.0 {
        match scripts::stdin(output) {
            Ok(bytes) => bytes,
            Err(exit) => return exit,
        }
    } else {
        match files::read(Path::new(path)) {
            Ok(bytes) => bytes,
            Err(error) => {
                let (path, reason) = (named(path), files::reason(&error));
                output.say(&format!("error: `{path}` can't be read: {reason}"));
                return Exit::Machine;
            }
        }
    };
    let Some(format) = arguments.from.or_else(|| ImportFormat::of_file(path)) else {
        let help = "say what it holds: `--from prisma`, `dbml`, `sql` or `sequelize`";
        return output.usage(&format!("it isn't known what `{path}` is"), Some(help));
    };
    let Ok(text) = String::from_utf8(bytes) else {
        output.say(&format!("error: `{}` is no text in UTF-8", named(path)));
        return Exit::Script;
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let imported = match format {
        ImportFormat::Prisma | ImportFormat::Dbml => {
            let (text, left) = import::models(text);
            Ok(ImportedScript { text, left })
        }
        ImportFormat::Sql => of_sql(text),
        ImportFormat::Sequelize => sequelize::script(text).map(|text| {
            let (text, left) = import::whole(&text);
            ImportedScript { text, left }
        }),
    };
    match imported {
        Ok(ImportedScript { text, left }) => {
            output.exact(&text);
            if left > 0 {
                let s = if left == 1 { "part is a comment" } else { "parts are comments" };
                output.say(&format!("{left} {s}, with the reason: what can't be said"));
            }
            Exit::Done
        }
        Err(reason) => {
            output.say(&format!("error: `{}`: {reason}", named(path)));
            Exit::Script
        }
    }
}

/// A script of what SQL makes: it is made in memory, and pulled.
fn of_sql(text: &str) -> Result<ImportedScript, String> {
    let mut database = Sqlite::in_memory().map_err(|it| it.to_string())?;
    let is_of_server = import::is_of_server(text);
    let (statements, mut left) = if is_of_server {
        let made = import::ddl(text);
        (made.statements, made.left)
    } else {
        (creations(text), Vec::new())
    };
    for statement in statements {
        if let Err(error) = database.create(&statement) {
            left.push((error.to_string(), statement));
        }
    }
    let objects = database.objects().map_err(|it| it.to_string())?;
    if objects.is_empty() {
        return Err("no table is made in it".to_owned());
    }
    let rows = RowMisfits::default();
    let mut script = if is_of_server {
        pull::script_for(&objects, &rows, Dialect::SQLITE).0
    } else {
        pull::script(&objects, &rows)
    };
    for (why, sql) in &left {
        let _ = writeln!(script, "\n// {}", why.replace('\n', " "));
        for line in sql.lines().filter(|it| !it.trim().is_empty()) {
            let _ = writeln!(script, "//     {}", line.trim_end());
        }
    }
    Ok(ImportedScript { text: script, left: left.len() })
}

/// The statements of a text that create something or change it; a trigger has statements of its own.
fn creations(text: &str) -> Vec<String> {
    let all = tokens(text);
    let mut res = Vec::new();
    let (mut begin, mut depth) = (0, 0_usize);
    for at in 0..=all.len() {
        let of_trigger = || {
            let mut words = all.get(begin..).unwrap_or_default().iter().take(4);
            words.any(|it| it.is("trigger"))
        };
        if let Some(token) = all.get(at) {
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
        let statement = all.get(begin..at).unwrap_or_default();
        if let (Some(first), Some(last)) = (statement.first(), statement.last())
            && (first.is("CREATE") || first.is("ALTER"))
        {
            let written = text.get(first.range.start..last.range.end);
            res.extend(written.map(str::to_owned));
        }
        begin = at + 1;
    }
    res
}
