//! What stands on a table and is in the way when it changes: foreign keys that refer to it, views that read it, triggers of it.

use crate::catalog::{Object, ObjectKind};
use crate::client::{Client, RunResult, quoted};
use crate::migrate::server::around::{KeyAround, ViewAround};
use crate::source::Span;
use crate::value::Value;

/// All foreign keys.
pub(super) fn keys(client: &Client<'_>, at: Span) -> RunResult<Vec<KeyAround>> {
    let sql = "SELECT r.constraint_name, r.table_name, k.column_name, r.referenced_table_name, k.referenced_column_name, \
            coalesce(r.unique_constraint_name, ''), r.update_rule, r.delete_rule, coalesce(k.referenced_table_schema = database(), 0) \
         FROM information_schema.referential_constraints r JOIN information_schema.key_column_usage k \
            ON k.constraint_schema = r.constraint_schema AND k.constraint_name = r.constraint_name AND k.table_name = r.table_name \
         WHERE r.constraint_schema = database() AND r.table_name NOT LIKE '\\_relata\\_%' \
         ORDER BY r.table_name, r.constraint_name, k.ordinal_position";
    let mut res: Vec<KeyAround> = Vec::new();
    let mut rules: Vec<[String; 2]> = Vec::new();
    for row in client.rows(at, sql, &[])? {
        let text = |at: usize| match row.get(at) {
            Some(Value::Text(it)) => it.to_string(),
            _ => String::new(),
        };
        if row.get(8) != Some(&Value::Integer(1)) {
            continue;
        }
        let (name, table) = (text(0), text(1));
        match res.last_mut().filter(|it| it.name == name && it.table == table) {
            Some(key) => {
                key.columns.push(text(2));
                key.to.push(text(4));
            }
            None => {
                let (columns, to) = (vec![text(2)], vec![text(4)]);
                let (parent, index) = (text(3), text(5));
                rules.push([text(6), text(7)]);
                let text = String::new();
                res.push(KeyAround { name, table, columns, parent, to, index, text });
            }
        }
    }
    for (key, [update, delete]) in res.iter_mut().zip(rules) {
        key.text = format!(
            "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE {delete} ON UPDATE {update}",
            quoted(&key.name),
            listed(&key.columns),
            quoted(&key.parent),
            listed(&key.to)
        );
    }
    Ok(res)
}

/// Names in quotes, behind each other.
pub(super) fn listed(names: &[String]) -> String {
    names.iter().map(|it| quoted(it)).collect::<Vec<_>>().join(", ")
}

/// The names that a statement of the server's own has in quotes.
fn names_in(sql: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut rest = sql;
    while let Some(at) = rest.find(['\'', '"']) {
        let begin = rest.get(at..).unwrap_or_default();
        let quote = begin.chars().next().unwrap_or('"');
        let mut letters = begin.char_indices().skip(1).peekable();
        let mut end = begin.len();
        while let Some((place, it)) = letters.next() {
            if it == '\\' && quote == '\'' {
                letters.next();
            } else if it == quote && letters.next_if(|it| it.1 == quote).is_none() {
                end = place + 1;
                break;
            }
        }
        let (own, behind) = begin.split_at(end);
        if quote == '"' {
            names.extend(own.get(1..end.saturating_sub(1)).map(|it| it.replace("\"\"", "\"")));
        }
        rest = behind;
    }
    names
}

/// All views, with what they may read: each name that their statements have.
pub(super) fn views(there: &[Object]) -> Vec<ViewAround> {
    let is_read = |it: &&Object| matches!(it.kind(), ObjectKind::Table | ObjectKind::View);
    let mut res = Vec::new();
    for view in there.iter().filter(|it| it.kind() == ObjectKind::View) {
        let names = names_in(view.sql.as_deref().unwrap_or_default());
        for table in there.iter().filter(is_read).filter(|it| it.name != view.name) {
            if !names.contains(&table.name) {
                continue;
            }
            res.extend(names.iter().map(|column| ViewAround {
                view: view.name.clone(),
                table: table.name.clone(),
                column: column.clone(),
            }));
        }
    }
    res
}

/// The triggers of a table.
pub(super) fn triggers<'o>(there: &'o [Object], table: &str) -> impl Iterator<Item = &'o Object> {
    there.iter().filter(move |it| it.kind() == ObjectKind::Trigger && it.table == table)
}

/// Whether a trigger's statement, which is as somebody wrote it, has a word in it.
pub(super) fn says(trigger: &Object, word: &str) -> bool {
    let is_word = |it: char| it.is_alphanumeric() || it == '_' || it == '$';
    let sql = trigger.sql.as_deref().unwrap_or_default().to_lowercase();
    let word = word.to_lowercase();
    sql.match_indices(&word).any(|(at, found)| {
        let before = sql.get(..at).and_then(|it| it.chars().next_back());
        let behind = sql.get(at + found.len()..).and_then(|it| it.chars().next());
        !before.is_some_and(is_word) && !behind.is_some_and(is_word)
    })
}
