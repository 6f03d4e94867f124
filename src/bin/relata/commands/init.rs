//! `relata init`: a first script.

use crate::cli::{InitArgs, PullArgs};
use crate::commands::{import, pull};
use crate::database;
use crate::files;
use crate::output::{Exit, Output, named};
use relata::import::{ImportFormat, ImportedScript};
use relata::sql::Dialect;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

/// What a first script says.
const EXAMPLE: &str = "\
// What the database holds. Change it, then:
//   relata check
//     tells every mistake, with what to write instead
//   relata run FILE --db app.db
//     creates what is missing, and carries out the rest
//   relata diff FILE --db app.db
//     tells what a change of this script would change there
//   relata apply FILE --db app.db
//     changes it, keeping every row

/// Who may sign in.
model User {
  email: STRING < allowNull: false, unique, validate: { isEmail } >
  name:  STRING
}

/// What a user writes.
model Post {
  title:     STRING  < allowNull: false >
  published: BOOLEAN < defaultValue: false >
}

User hasMany Post < as: posts, foreignKey: authorId, onDelete: cascade >
Post belongsTo User < as: author, foreignKey: authorId >

sync
";

pub(crate) fn run(arguments: &InitArgs, output: &mut Output) -> Exit {
    let file = &arguments.file;
    if Path::new(file).exists() {
        return there(file, output);
    }
    if let Some(db) = arguments.from_db.clone() {
        let (dialect, file) = (Dialect::SQLITE, Some(file.clone()));
        let exit = pull::run(&PullArgs { db: db.clone(), dialect, file: file.clone() }, output);
        if let (Exit::Done, Some(file)) = (exit, file) {
            // Nobody is shown a password.
            let db = database::shown(&db);
            output.say(&format!("next: relata diff {} --db {}", named(&file), named(&db)));
        }
        return exit;
    }
    let made = arguments.from_prisma.as_ref();
    let made = made.map(|it| import::imported(it, Some(ImportFormat::Prisma), output));
    let made = match made {
        Some(Ok(made)) => made,
        Some(Err(exit)) => return exit,
        None => ImportedScript { text: EXAMPLE.replace("FILE", file), left: 0 },
    };
    let written = OpenOptions::new().write(true).create_new(true).open(file);
    match written.and_then(|mut it| it.write_all(made.text.as_bytes())) {
        Ok(()) => {
            import::tell(&made, output);
            let next = if arguments.from_prisma.is_some() { "check" } else { "run" };
            let db = if next == "run" { " --db app.db" } else { "" };
            output.say(&format!("wrote {0}; next: relata {next} {0}{db}", named(file)));
            Exit::Done
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => there(file, output),
        Err(error) => {
            let reason = files::reason(&error);
            output.say(&format!("error: `{}` can't be written: {reason}", named(file)));
            Exit::Machine
        }
    }
}

fn there(file: &str, output: &mut Output) -> Exit {
    let help = "name another file: `relata init other.schema`";
    output.usage(&format!("`{}` is there already", named(file)), Some(help))
}
