//! A plan as a script for the program `sqlite3`.

use crate::db::{Database, DbError};
use crate::migrate::{Change, ChangeMethod};
use crate::sql::{Dialect, Writer};
use crate::value::Value;
use std::fmt::Write;

/// A plan as SQL for `sqlite3`, which has to be of the same version: how a number becomes a text has changed.
pub(super) fn script(changes: &[Change], database: &dyn Database) -> Result<String, DbError> {
    if changes.is_empty() {
        return Ok(String::new());
    }
    let has = |way: ChangeMethod| changes.iter().any(|it| it.way == way);
    let others = "SELECT count(*) FROM sqlite_schema WHERE type IN ('view', 'trigger')";
    let mut script = PlanScript {
        reads: has(ChangeMethod::Drop) || database.number(others, &[])? > Some(0),
        text: HEAD.to_owned(),
        dialect: database.dialect(),
    };
    for change in changes {
        script.change(change);
    }
    let mut text = script.text;
    if changes.iter().any(|it| it.kept.is_some()) {
        text.push_str(EDITED);
    }
    text.push_str(if has(ChangeMethod::Refused) {
        "-- what is refused is not in it\nROLLBACK;\n"
    } else {
        "COMMIT;\n"
    });
    Ok(text)
}

/// What a script begins with.
const HEAD: &str = "\
.bail on
-- the first statement that fails ends the script, and nothing is changed
-- only while tables are exchanged: rows that belong to others stay when a table is dropped
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
";

/// What follows where texts that SQLite keeps were edited.
const EDITED: &str = "\
-- for programs that have the database open: they read the changed texts again
CREATE VIEW _relata_edited AS SELECT 1;
DROP VIEW _relata_edited;
";

struct PlanScript {
    text: String,
    dialect: &'static Dialect,
    /// Whether SQLite reads views and triggers where a table gets another name.
    reads: bool,
}

impl PlanScript {
    fn change(&mut self, change: &Change) {
        let (before, behind) = match change.way {
            // Views and triggers are not to be read while the table isn't there,
            ChangeMethod::Rebuild if self.reads => (
                "-- views and triggers stay as they are while the table gets its name\nPRAGMA legacy_alter_table = ON;\n",
                "PRAGMA legacy_alter_table = OFF;\n",
            ),
            // and those that can't be read are not to be in the way.
            ChangeMethod::Rename | ChangeMethod::Alter if self.reads => (
                "-- views and triggers that cannot be read are not in the way\nPRAGMA writable_schema = ON;\n",
                "PRAGMA writable_schema = RESET;\n",
            ),
            ChangeMethod::Rebuild
            | ChangeMethod::Rename
            | ChangeMethod::Alter
            | ChangeMethod::Create
            | ChangeMethod::Edit
            | ChangeMethod::Index
            | ChangeMethod::Drop
            | ChangeMethod::Once
            | ChangeMethod::Refused => ("", ""),
        };
        self.text.push_str(before);
        if change.way == ChangeMethod::Rebuild {
            let _infallible = writeln!(
                self.text,
                "-- {}: a new table takes all rows, then the name of the old one, which is dropped",
                change.object.replace(['\n', '\r'], " ")
            );
        }
        for sql in &change.sql {
            let sql = sql.trim_end_matches(';');
            // What ends in a comment would take the semicolon into it.
            let end = if sql.contains("--") { "\n;" } else { ";" };
            for part in [sql, end, "\n"] {
                self.text.push_str(part);
            }
        }
        self.text.push_str(behind);
        if let Some(kept) = &change.kept {
            let (kept, name) = (self.literal(kept), self.literal(&change.object));
            let _ = write!(
                self.text,
                "-- no row changes: the text that SQLite keeps of the table does\n\
                 PRAGMA writable_schema = ON;\n\
                 UPDATE sqlite_schema SET sql = {kept} WHERE type = 'table' AND name = {name} COLLATE NOCASE;\n\
                 PRAGMA writable_schema = RESET;\n"
            );
        }
    }

    fn literal(&self, text: &str) -> String {
        let mut writer = Writer::inline(self.dialect);
        writer.literal(&Value::Text(text.into()));
        writer.finish().text
    }
}
