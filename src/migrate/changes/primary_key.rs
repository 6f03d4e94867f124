//! A primary key that becomes another, and AUTOINCREMENT, which stands in it.

use super::Work;
use crate::db::Table;
use crate::stored::{ClauseKind, increments};
use crate::words::folded;

impl Work<'_> {
    /// Puts the script's primary key in place of the table's.
    pub(super) fn primary_key(&mut self, keep: bool) {
        let (had, has) = (key(self.is), key(self.said));
        let (counted, counts) = (increments(&self.is.sql), increments(&self.said.sql));
        if had == has && counted == counts {
            return;
        }
        if had == has {
            let verb = if counts { "comes" } else { "goes" };
            self.tell(format!("AUTOINCREMENT {verb}"));
        } else {
            let said = has.join("`, `");
            self.tell(if has.is_empty() {
                "it has no primary key any more".to_owned()
            } else {
                format!("its primary key is `{said}`")
            });
            self.res.rekeyed = true;
        }
        self.res.rebuild = true;
        let (old, new) = (self.old, self.new);
        for column in &old.columns {
            if keep || new.column(&column.name).is_some() {
                self.without(column, ClauseKind::PrimaryKey);
            }
        }
        for (at, clause) in old.constraints.iter().enumerate() {
            if clause.kind == ClauseKind::PrimaryKey {
                self.gone.push(at);
            }
        }
        for column in &new.columns {
            let Some(there) = old.column(&column.name) else {
                continue;
            };
            for clause in &column.clauses {
                if clause.kind == ClauseKind::PrimaryKey {
                    let text = self.said.sql.get(clause.range.clone()).unwrap_or_default();
                    self.edits.insert(there.range.end, format!(" {text}"));
                }
            }
        }
        for clause in &new.constraints {
            if clause.kind == ClauseKind::PrimaryKey {
                let text = self.said.sql.get(clause.range.clone());
                self.tail.push(text.unwrap_or_default().to_owned());
            }
        }
    }
}

/// The columns of a table's primary key, in lower case.
fn key(table: &Table) -> Vec<String> {
    let members = table.columns.iter().filter(|it| it.primary_key > 0);
    let mut members: Vec<_> = members.map(|it| (it.primary_key, folded(&it.name))).collect();
    members.sort();
    members.into_iter().map(|it| it.1).collect()
}
