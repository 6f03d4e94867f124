//! Single places of statements: of those that the server shows, and of those that make a table.

use super::shown::{name_of, quoted, shown_key};
use crate::catalog::{Table, TriggerDefinition, TriggerEvent, TriggerTiming};

/// The statement of a table without its foreign keys.
pub(crate) fn without_keys(table: &Table) -> String {
    let is_key = |line: &str| {
        line.starts_with("  CONSTRAINT ") && shown_key(line.trim().trim_end_matches(',')).is_some()
    };
    let lines: Vec<&str> = table.sql.lines().filter(|it| !is_key(it)).collect();
    let mut res = String::with_capacity(table.sql.len());
    for (at, line) in lines.iter().enumerate() {
        let last = lines.get(at + 1).is_some_and(|it| it.starts_with(')'));
        res.push_str(if last { line.trim_end_matches(',') } else { line });
        res.push('\n');
    }
    res
}

/// A statement that makes a table, as one that makes such a table for this session alone.
pub(crate) fn temporary_table(sql: &str) -> String {
    let begins = ["CREATE TABLE IF NOT EXISTS ", "CREATE TABLE "];
    let rest = begins.iter().find_map(|it| sql.strip_prefix(it));
    rest.map_or_else(|| sql.to_owned(), |it| format!("CREATE TEMPORARY TABLE {it}"))
}

/// A statement that makes an index of a table, as the clause of an `ALTER TABLE` that adds it.
pub(crate) fn added_index(sql: &str, table: &str) -> Option<String> {
    let rest = sql.strip_prefix("CREATE ")?;
    let on = format!(" ON {} ", quoted(table));
    Some(format!("ADD {}", rest.replacen(&on, " ", 1)))
}

/// The collation that a table has where its columns say nothing.
pub(crate) fn default_collation(sql: &str) -> Option<&str> {
    let (_, behind) = sql.rsplit_once("\n)")?;
    let (_, collation) = behind.split_once(" COLLATE=")?;
    collation.split(' ').next()
}

/// Whether texts of a table are in UTF-8 of four bytes where its columns say nothing.
pub(crate) fn is_utf8mb4(sql: &str) -> bool {
    let behind = sql.rsplit_once("\n)").map_or("", |it| it.1);
    behind.split(' ').any(|it| it == "CHARSET=utf8mb4")
}

/// What a view's statement says, without who made it.
pub(crate) fn view_body(sql: &str) -> &str {
    sql.find(" VIEW ").and_then(|at| sql.get(at..)).unwrap_or(sql)
}

/// When a trigger fires, and for what, as its statement begins.
pub(crate) fn shown_trigger(sql: &str) -> TriggerDefinition {
    let begin = sql.strip_prefix("CREATE TRIGGER ").and_then(name_of);
    let mut words = begin.map_or("", |it| it.1).split_whitespace();
    let timing = match words.next() {
        Some("AFTER") => TriggerTiming::After,
        _ => TriggerTiming::Before,
    };
    let event = match words.next() {
        Some("UPDATE") => TriggerEvent::Update { of: Vec::new() },
        Some("DELETE") => TriggerEvent::Delete,
        _ => TriggerEvent::Insert,
    };
    TriggerDefinition { timing, event, ..TriggerDefinition::default() }
}

#[cfg(test)]
mod tests {
    use super::{default_collation, is_utf8mb4, shown_trigger, temporary_table};
    use crate::catalog::{TriggerEvent, TriggerTiming};

    #[test]
    fn the_collation_of_a_table_stands_behind_its_columns() {
        let sql = "CREATE TABLE \"t\" (\n  \"a\" int(11) DEFAULT NULL\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci COMMENT='x'";
        assert_eq!(default_collation(sql), Some("utf8mb4_general_ci"));
        assert!(is_utf8mb4(sql));
        assert!(!is_utf8mb4(
            "CREATE TABLE \"t\" (\n  \"CHARSET=utf8mb4\" int(11)\n) CHARSET=latin1"
        ));
    }

    #[test]
    fn a_trigger_fires_for_what_stands_behind_its_name() {
        let trigger = shown_trigger(
            "CREATE TRIGGER \"a UPDATE \"\"b\" AFTER DELETE ON \"t\" FOR EACH ROW UPDATE x SET y = 1",
        );
        assert_eq!((trigger.timing, trigger.event), (TriggerTiming::After, TriggerEvent::Delete));
        let trigger =
            shown_trigger("CREATE TRIGGER \"t\" BEFORE UPDATE ON \"t\" FOR EACH ROW SET @a = 1");
        assert_eq!(trigger.event, TriggerEvent::Update { of: Vec::new() });
    }

    #[test]
    fn a_table_of_a_session_is_made_by_the_same_words() {
        for begin in ["CREATE TABLE IF NOT EXISTS ", "CREATE TABLE "] {
            let made = temporary_table(&format!("{begin}\"t\" (\"a\" INTEGER)"));
            assert_eq!(made, "CREATE TEMPORARY TABLE \"t\" (\"a\" INTEGER)");
        }
    }
}
