//! `relata init`: a first script.

use crate::cli::{InitArgs, PullArgs};
use crate::commands::pull;
use crate::files;
use crate::output::{Exit, Output, named};
use relata::sql::Dialect;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

/// What a first script says.
const EXAMPLE: &str = "\
// What the database holds. Change it, then:
//   relata check                           every mistake, with what to write instead
//   relata run FILE --db app.db            creates what is missing, and carries out the rest
//   relata diff FILE --db app.db           what a change of this script would change there
//   relata apply FILE --db app.db          changes it, keeping every row

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
        return pull::run(&PullArgs { db, dialect, file }, output);
    }
    let text = EXAMPLE.replace("FILE", file);
    let written = OpenOptions::new().write(true).create_new(true).open(file);
    match written.and_then(|mut it| it.write_all(text.as_bytes())) {
        Ok(()) => {
            output.say(&format!("wrote {0}; next: relata run {0} --db app.db", named(file)));
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
