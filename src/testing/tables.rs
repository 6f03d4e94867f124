//! What a `tables` block holds: a database's tables, as it knows them; and the statements of a `db` block.

use crate::catalog::{
    Column, ForeignKeyAction, ForeignKeyConstraint, IndexOrigin, Table, TableIndex,
};
use crate::stored::tokens;
use std::fmt::Write as _;

/// The tables, each by its columns, keys, checks and indexes.
pub(super) fn dump(tables: &[Table]) -> String {
    let mut res = String::new();
    for (place, table) in tables.iter().enumerate() {
        if place > 0 {
            res.push('\n');
        }
        dump_table(&mut res, table);
    }
    res
}

fn dump_table(res: &mut String, table: &Table) {
    // Writing into a text can't fail.
    let _ = writeln!(res, "{}", table.name);
    let width = |of: fn(&Column) -> &str| {
        let widths = table.columns.iter().map(|it| of(it).chars().count());
        widths.max().unwrap_or_default()
    };
    let (names, types) = (width(|it| &it.name), width(|it| &it.data_type));
    for column in &table.columns {
        let (name, data_type) = (&column.name, &*column.data_type);
        let line = format!("  {name:names$}  {data_type:types$}  {}", facts(table, column));
        let _ = writeln!(res, "{}", line.trim_end());
    }
    for key in &table.keys {
        let _ = writeln!(res, "  {}", foreign_key(key));
    }
    for check in &table.checks {
        let name = check.name.as_ref().map(|it| format!("{it} ")).unwrap_or_default();
        let _ = writeln!(res, "  check {name}({})", check.condition);
    }
    for index in table.indexes.iter().filter(|it| it.origin != IndexOrigin::PrimaryKey) {
        let _ = writeln!(res, "  {}", index_line(index));
    }
}

/// What a column is beside its type.
fn facts(table: &Table, column: &Column) -> String {
    let compound = table.columns.iter().filter(|it| it.primary_key > 0).count() > 1;
    let mut res = Vec::new();
    if column.primary_key > 0 {
        res.push(if compound { format!("pk {}", column.primary_key) } else { "pk".to_owned() });
        if table.identity {
            res.push("autoincrement".to_owned());
        }
    }
    if column.not_null {
        res.push("not null".to_owned());
    }
    if let Some(default) = &column.default {
        res.push(format!("default {default}"));
    }
    if let Some(generated) = &column.generated {
        res.push(format!("generated {}", if generated.stored { "stored" } else { "virtual" }));
    }
    res.join(", ")
}

fn foreign_key(key: &ForeignKeyConstraint) -> String {
    let name = key.name.as_ref().map(|it| format!("{it} ")).unwrap_or_default();
    let mut res = format!("foreign key {name}({}) -> {}", key.columns.join(", "), key.table);
    if !key.to.is_empty() {
        let _ = write!(res, " ({})", key.to.join(", "));
    }
    for (when, action) in [("update", key.on_update), ("delete", key.on_delete)] {
        if action != ForeignKeyAction::NoAction {
            let _ = write!(res, ", on {when} {}", action.words());
        }
    }
    res
}

fn index_line(index: &TableIndex) -> String {
    let Some(sql) = &index.sql else {
        let columns =
            index.members.iter().map(|member| member.column.as_ref().map_or("?", |it| it.as_str()));
        return format!("unique ({})", columns.collect::<Vec<_>>().join(", "));
    };
    let open = tokens(sql).into_iter().find(|it| it.is_sign('('));
    let members = open.and_then(|it| sql.get(it.range.start..)).unwrap_or_default();
    let unique = if index.unique { "unique " } else { "" };
    format!("{unique}index {} {members}", index.name)
}

/// The statements of a text, those of a trigger's body left together.
pub(super) fn statements(sql: &str) -> Vec<&str> {
    let (mut res, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    let tokens = tokens(sql);
    for token in &tokens {
        depth += usize::from(token.is("BEGIN") || token.is("CASE"));
        depth = depth.saturating_sub(usize::from(token.is("END")));
        if depth == 0 && token.is_sign(';') {
            res.extend(sql.get(start..token.range.end).map(str::trim));
            start = token.range.end;
        }
    }
    if tokens.last().is_some_and(|it| it.range.end > start) {
        res.extend(sql.get(start..).map(str::trim));
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Database as _, Sqlite, Structure as _};

    #[test]
    fn the_tables_of_a_database_are_written_down() {
        let mut database = Sqlite::in_memory().unwrap();
        let sql = "CREATE TABLE Users (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(80) NOT NULL DEFAULT 'x, CHECK (y)',
               tag TEXT UNIQUE, half AS (id / 2), CONSTRAINT has_name CHECK (length(name) > 0));
             CREATE TABLE Marks (a INTEGER, b INTEGER NOT NULL, c INTEGER, PRIMARY KEY (a, b), UNIQUE (b, c),
               CONSTRAINT marks_ibfk_1 FOREIGN KEY (`a`) REFERENCES Users (id) ON DELETE CASCADE ON UPDATE SET NULL,
               FOREIGN KEY (c) REFERENCES Users);
             CREATE UNIQUE INDEX marks_c ON Marks (c DESC) WHERE c > 0;
             CREATE INDEX users_name ON Users (lower(name));";
        for statement in statements(sql) {
            database.create(statement).unwrap();
        }
        let tables = ["Users", "Marks"].map(|it| database.table(it).unwrap().unwrap());
        let expected = "\
Users
  id    INTEGER      pk, autoincrement
  name  VARCHAR(80)  not null, default 'x, CHECK (y)'
  tag   TEXT
  half               generated virtual
  check has_name (length(name) > 0)
  unique (tag)
  index users_name (lower(name))

Marks
  a  INTEGER  pk 1
  b  INTEGER  pk 2, not null
  c  INTEGER
  foreign key marks_ibfk_1 (a) -> Users (id), on update set null, on delete cascade
  foreign key (c) -> Users
  unique (b, c)
  unique index marks_c (c DESC) WHERE c > 0
";
        assert_eq!(dump(&tables), expected);
    }

    #[test]
    fn statements_end_with_a_semicolon_of_their_own() {
        let trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; DELETE FROM a; END;";
        let text = format!("SELECT ';';\n-- a; b\n{trigger} SELECT 1\n");
        assert_eq!(statements(&text), ["SELECT ';';", &format!("-- a; b\n{trigger}"), "SELECT 1"]);
        assert_eq!(statements(" -- nothing\n"), [""; 0]);
    }
}
