//! What a statement does, so far as a server's connection has to know it.

/// What a statement does, by its first word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatementWork {
    /// It reads, and nothing else.
    Read,
    /// It may write rows.
    Write,
    /// It changes the structure.
    Define,
    /// Its first word doesn't say so: it may do anything.
    Unknown,
}

impl StatementWork {
    /// What `sql` does.
    pub(super) fn of(sql: &str) -> Self {
        let sql = sql.trim_start_matches(|it: char| it.is_whitespace() || it == '(');
        let end = sql.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(sql.len());
        match sql.get(..end).unwrap_or_default().to_ascii_uppercase().as_str() {
            "SELECT" | "VALUES" | "SHOW" => Self::Read,
            "CREATE" | "ALTER" | "DROP" | "COMMENT" | "RENAME" | "TRUNCATE" => Self::Define,
            "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "WITH" => Self::Write,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StatementWork;

    #[test]
    fn the_first_word_says_what_a_statement_does() {
        for (sql, work) in [
            ("SELECT 1", StatementWork::Read),
            ("\n (select 1)", StatementWork::Read),
            ("INSERT INTO t SELECT 1", StatementWork::Write),
            ("WITH gone AS (DELETE FROM t RETURNING *) SELECT 1", StatementWork::Write),
            ("/* SELECT */ DELETE FROM t", StatementWork::Unknown),
            ("alter table t add x int", StatementWork::Define),
            ("CALL t()", StatementWork::Unknown),
            ("", StatementWork::Unknown),
        ] {
            assert_eq!(StatementWork::of(sql), work, "{sql}");
        }
    }
}
