//! The statements of PostgreSQL, MySQL and MariaDB that make tables, in SQLite's words: so they can be pulled.

mod column;
mod cursor;

use crate::stored::{SqlToken, quoted, tokens};
use crate::words::same_name;
use cursor::DdlCursor;

/// Statements for SQLite, and what has none.
#[derive(Debug, Default)]
pub struct ImportedDdl {
    /// Tables, then indexes.
    pub statements: Vec<String>,
    /// What is left out: the reason, and the original.
    pub left: Vec<(String, String)>,
}

/// A table that is put together.
#[derive(Debug, Default)]
struct DdlTable {
    name: String,
    columns: Vec<DdlColumn>,
    primary_key: Vec<String>,
    /// Clauses of the table, in SQLite's words.
    clauses: Vec<String>,
}

#[derive(Debug, Default)]
struct DdlColumn {
    name: String,
    data_type: String,
    /// What holds of it, in SQLite's words.
    clauses: Vec<String>,
    counts: bool,
}

/// Whether a text of SQL is a server's, by words that SQLite has no use for.
pub fn is_of_server(text: &str) -> bool {
    const WORDS: [&str; 22] = [
        "serial",
        "bigserial",
        "smallserial",
        "timestamptz",
        "auto_increment",
        "engine",
        "nextval",
        "jsonb",
        "varying",
        "bytea",
        "unsigned",
        "enum",
        "only",
        "zone",
        "btree",
        "charset",
        "identity",
        "gen_random_uuid",
        "uuid_generate_v4",
        "longtext",
        "mediumtext",
        "uuid",
    ];
    let all = tokens(text);
    let casts = all.windows(2).any(|it| matches!(it, [a, b] if a.is_sign(':') && b.is_sign(':')));
    let is_sqlite =
        all.iter().any(|it| it.is("autoincrement") || it.is("pragma") || it.is("rowid"));
    !is_sqlite && (casts || all.iter().any(|it| WORDS.iter().any(|word| it.is(word))))
}

/// What a server's statements make, in SQLite's words.
pub fn ddl(text: &str) -> ImportedDdl {
    let all = tokens(text);
    let mut work = DdlReader::default();
    let mut begin = 0;
    for at in 0..=all.len() {
        if all.get(at).is_none_or(|it| it.is_sign(';')) {
            let statement = all.get(begin..at).unwrap_or_default();
            if !statement.is_empty() {
                work.statement(text, statement);
            }
            begin = at + 1;
        }
    }
    work.finish()
}

#[derive(Debug, Default)]
struct DdlReader {
    tables: Vec<DdlTable>,
    /// Enumerations by their names, as the list of a check.
    enums: Vec<(String, String)>,
    indexes: Vec<String>,
    left: Vec<(String, String)>,
}

fn list(names: &[String]) -> String {
    names.iter().map(|it| quoted(it)).collect::<Vec<_>>().join(", ")
}

impl DdlReader {
    fn statement(&mut self, text: &str, all: &[SqlToken]) {
        let mut cursor = DdlCursor { text, all };
        let whole = cursor;
        if !cursor.eat(&["create"]) {
            if cursor.eat(&["alter", "table"]) && self.alter(cursor).is_none() {
                self.leave("this change of a table has no word", whole);
            }
            return;
        }
        while cursor.eat(&["or", "replace"])
            || cursor.eat(&["unlogged"])
            || cursor.eat(&["temporary"])
            || cursor.eat(&["temp"])
        {}
        let unique = cursor.eat(&["unique"]);
        if cursor.eat(&["table"]) {
            if self.table(cursor).is_none() {
                self.leave("the table can't be read", whole);
            }
        } else if cursor.eat(&["index"]) {
            if self.index(cursor, unique).is_none() {
                self.leave("the index can't be read", whole);
            }
        } else if cursor.eat(&["type"]) {
            if self.enumeration(cursor).is_none() {
                self.leave("a type that is no enumeration has no word", whole);
            }
        } else {
            let silent = ["extension", "sequence", "schema", "database"];
            if !silent.iter().any(|it| cursor.eat(&[it])) {
                self.leave("views, functions and triggers are that database's own text", whole);
            }
        }
    }

    fn leave(&mut self, why: &str, what: DdlCursor<'_>) {
        self.left.push((why.to_owned(), what.written().to_owned()));
    }

    fn enumeration(&mut self, mut cursor: DdlCursor<'_>) -> Option<()> {
        let name = cursor.name()?;
        if !cursor.eat(&["as", "enum"]) {
            return None;
        }
        let members = cursor.brackets()?;
        self.enums.push((name, members.written().to_owned()));
        Some(())
    }

    fn table(&mut self, mut cursor: DdlCursor<'_>) -> Option<()> {
        cursor.eat(&["if", "not", "exists"]);
        let mut table = DdlTable { name: cursor.name()?, ..DdlTable::default() };
        for item in cursor.brackets()?.parts() {
            if item.all.is_empty() {
                continue;
            }
            if self.constraint(item, &mut table).is_none()
                && self.column(item, &mut table).is_none()
            {
                self.leave(&format!("a clause of `{}` can't be said", table.name), item);
            }
        }
        self.tables.push(table);
        Some(())
    }

    /// A clause of a table; none where it is none.
    fn constraint(&mut self, item: DdlCursor<'_>, table: &mut DdlTable) -> Option<()> {
        let mut cursor = item;
        let mut named = String::new();
        if cursor.eat(&["constraint"]) {
            named = format!("CONSTRAINT {} ", quoted(&cursor.name()?));
        }
        if cursor.eat(&["primary", "key"]) {
            cursor.eat(&["using", "btree"]);
            table.primary_key = cursor.names()?;
        } else if cursor.eat(&["foreign", "key"]) {
            let columns = cursor.names().or_else(|| {
                cursor.name()?;
                cursor.names()
            })?;
            let references = references(&mut cursor)?;
            table.clauses.push(format!("{named}FOREIGN KEY ({}) {references}", list(&columns)));
        } else if cursor.eat(&["check"]) {
            let condition = cursor.brackets()?.expression();
            table.clauses.push(format!("{named}CHECK ({condition})"));
        } else if cursor.eat(&["unique"]) {
            let _ = cursor.eat(&["key"]) || cursor.eat(&["index"]);
            let columns = cursor.names().or_else(|| {
                named = format!("CONSTRAINT {} ", quoted(&cursor.name()?));
                cursor.names()
            })?;
            table.clauses.push(format!("{named}UNIQUE ({})", list(&columns)));
        } else if named.is_empty() && (cursor.eat(&["key"]) || cursor.eat(&["index"])) {
            let name = cursor.name()?;
            cursor.eat(&["using", "btree"]);
            let columns = cursor.names()?;
            let (index, table) = (quoted(&name), quoted(&table.name));
            self.indexes.push(format!("CREATE INDEX {index} ON {table} ({})", list(&columns)));
        } else if ["fulltext", "spatial", "exclude", "like"].iter().any(|it| cursor.eat(&[it])) {
            self.leave(&format!("an index of `{}` has no word", table.name), item);
        } else {
            return None;
        }
        Some(())
    }

    fn index(&mut self, mut cursor: DdlCursor<'_>, unique: bool) -> Option<()> {
        cursor.eat(&["concurrently"]);
        cursor.eat(&["if", "not", "exists"]);
        let name = cursor.name()?;
        if !cursor.eat(&["on"]) {
            return None;
        }
        cursor.eat(&["only"]);
        let table = cursor.name()?;
        if cursor.eat(&["using"]) && !cursor.eat(&["btree"]) {
            return None;
        }
        let members = cursor.brackets()?.expression();
        let filter = if cursor.eat(&["where"]) {
            format!(" WHERE {}", cursor.expression())
        } else {
            String::new()
        };
        let unique = if unique { "UNIQUE " } else { "" };
        let (name, table) = (quoted(&name), quoted(&table));
        self.indexes.push(format!("CREATE {unique}INDEX {name} ON {table} ({members}){filter}"));
        Some(())
    }

    /// What ALTER TABLE adds; none where that can't be said.
    fn alter(&mut self, mut cursor: DdlCursor<'_>) -> Option<()> {
        cursor.eat(&["if", "exists"]);
        cursor.eat(&["only"]);
        let name = cursor.name()?;
        let place = self.tables.iter().position(|it| same_name(&it.name, &name))?;
        let mut table = std::mem::take(self.tables.get_mut(place)?);
        let mut res = Some(());
        for mut part in cursor.parts() {
            let silent =
                ["owner", "enable", "disable", "cluster", "replica", "auto_increment", "attach"];
            let done = if part.eat(&["add"]) {
                self.constraint(part, &mut table).or_else(|| {
                    part.eat(&["column"]);
                    self.column(part, &mut table)
                })
            } else if part.eat(&["modify"])
                || part.eat(&["alter", "column"])
                || part.eat(&["alter"])
            {
                part.eat(&["column"]);
                let column = part.name();
                let counts = part
                    .all
                    .iter()
                    .any(|it| it.is("auto_increment") || it.is("identity") || it.is("nextval"));
                let mut own = table.columns.iter_mut();
                let own =
                    own.find(|it| column.as_ref().is_some_and(|name| same_name(name, &it.name)));
                own.filter(|_| counts).map(|it| it.counts = true)
            } else {
                silent.iter().any(|it| part.eat(&[it])).then_some(())
            };
            res = res.and(done);
        }
        if let Some(slot) = self.tables.get_mut(place) {
            *slot = table;
        }
        res
    }

    fn finish(self) -> ImportedDdl {
        let mut statements: Vec<_> = self.tables.iter().map(DdlTable::statement).collect();
        statements.extend(self.indexes);
        ImportedDdl { statements, left: self.left }
    }
}

/// `REFERENCES users (id) ON DELETE CASCADE`
fn references(cursor: &mut DdlCursor<'_>) -> Option<String> {
    if !cursor.eat(&["references"]) {
        return None;
    }
    let mut res = format!("REFERENCES {}", quoted(&cursor.name()?));
    if let Some(columns) = cursor.names() {
        res.extend([" (", &list(&columns), ")"]);
    }
    loop {
        let action = if cursor.eat(&["on", "delete"]) {
            " ON DELETE"
        } else if cursor.eat(&["on", "update"]) {
            " ON UPDATE"
        } else if cursor.eat(&["match", "simple"])
            || cursor.eat(&["not", "valid"])
            || cursor.eat(&["not", "deferrable"])
        {
            continue;
        } else if cursor.eat(&["deferrable"]) {
            res.push_str(" DEFERRABLE");
            continue;
        } else if cursor.eat(&["initially", "deferred"]) {
            res.push_str(" INITIALLY DEFERRED");
            continue;
        } else if cursor.eat(&["initially", "immediate"]) {
            continue;
        } else {
            return Some(res);
        };
        res.push_str(action);
        let word = cursor.take()?.name()?.to_uppercase();
        res.extend([" ", &word]);
        if word == "SET" || word == "NO" {
            res.extend([" ", &cursor.take()?.name()?.to_uppercase()]);
        }
    }
}

impl DdlTable {
    fn statement(&self) -> String {
        let mut items = Vec::new();
        let key = match self.primary_key.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        let mut has_key = false;
        for column in &self.columns {
            let is_key = key.is_some_and(|it| same_name(it, &column.name));
            let mut item = format!("{} {}", quoted(&column.name), column.data_type);
            if is_key && column.counts {
                has_key = true;
                item = format!("{} INTEGER PRIMARY KEY AUTOINCREMENT", quoted(&column.name));
            }
            for clause in &column.clauses {
                if !is_key || clause != "NOT NULL" || !column.counts {
                    item.push(' ');
                    item.push_str(clause);
                }
            }
            items.push(item);
        }
        if !has_key && !self.primary_key.is_empty() {
            items.push(format!("PRIMARY KEY ({})", list(&self.primary_key)));
        }
        items.extend(self.clauses.iter().cloned());
        format!("CREATE TABLE {} ({})", quoted(&self.name), items.join(", "))
    }
}
