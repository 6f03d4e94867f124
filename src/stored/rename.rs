//! A table's statement with another name.

use super::{CreateTable, Edits, tokens};

/// The statement with another name, `quoted`. Where it says `t.a` of its own columns, as a check may, it says `a`: SQLite lets
/// no name but the table's stand there, and the table is renamed once more.
pub fn renamed(sql: &str, quoted: &str) -> String {
    let Some(statement) = CreateTable::read(sql) else {
        return sql.to_owned();
    };
    let mut edits = Edits::default();
    let all = tokens(sql);
    for (at, pair) in all.windows(2).enumerate() {
        if let [of, dot] = pair
            && of.range.start > statement.name.end
            && dot.is_sign('.')
            && of.name().is_some_and(|it| it.eq_ignore_ascii_case(&statement.table.name))
        {
            // `main.t.a` too.
            let before = at.checked_sub(2).and_then(|it| all.get(it..at));
            let start = match before {
                Some([schema, dot]) if dot.is_sign('.') => schema.range.start,
                _ => of.range.start,
            };
            edits.replace(start..dot.range.end, " ");
        }
    }
    edits.replace(statement.name, quoted);
    edits.apply(sql)
}

/// Whether a statement says `t.a` of its own columns: with another name it says less.
pub fn names_itself(sql: &str) -> bool {
    let name = CreateTable::read(sql).and_then(|it| sql.get(it.name));
    name.is_some_and(|it| renamed(sql, it) != sql)
}

#[cfg(test)]
mod tests {
    use super::renamed;

    #[test]
    fn no_column_names_the_table() {
        let sql = "CREATE TABLE [a b] (a INT CHECK (\"A b\" . a > 'a b.a' OR a = 1.), b AS (`a b`.a) REFERENCES [a b] (a))";
        assert_eq!(
            renamed(sql, "`n`"),
            "CREATE TABLE `n` (a INT CHECK (  a > 'a b.a' OR a = 1.), b AS ( a) REFERENCES [a b] (a))"
        );
        assert_eq!(
            renamed("CREATE TABLE t (a CHECK (main.t.a > 0 AND t.a < 9))", "n"),
            "CREATE TABLE n (a CHECK ( a > 0 AND  a < 9))"
        );
        assert_eq!(renamed("CREATE VIEW v AS SELECT 1", "n"), "CREATE VIEW v AS SELECT 1");
    }
}
