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
        // Without the first line `sqlite3` would go on behind a statement that fails.
        text: ".bail on\nPRAGMA foreign_keys = OFF;\nBEGIN IMMEDIATE;\n".to_owned(),
        dialect: database.dialect(),
    };
    for change in changes {
        script.change(change);
    }
    let mut text = script.text;
    if changes.iter().any(|it| it.kept.is_some()) {
        // Else programs that have read the texts before would go on with them.
        text.push_str("CREATE VIEW _relata_edited AS SELECT 1;\nDROP VIEW _relata_edited;\n");
    }
    text.push_str(if has(ChangeMethod::Refused) {
        "-- what is refused is not in it\nROLLBACK;\n"
    } else {
        "COMMIT;\n"
    });
    Ok(text)
}

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
            ChangeMethod::Rebuild if self.reads => {
                ("PRAGMA legacy_alter_table = ON;\n", "PRAGMA legacy_alter_table = OFF;\n")
            }
            // and those that can't be read are not to be in the way.
            ChangeMethod::Rename | ChangeMethod::Alter if self.reads => {
                ("PRAGMA writable_schema = ON;\n", "PRAGMA writable_schema = RESET;\n")
            }
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
                "PRAGMA writable_schema = ON;\n\
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
