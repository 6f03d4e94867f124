//! Clauses of a server's table, and its indexes.

use super::cursor::DdlCursor;
use super::{DdlIndex, DdlReader, DdlTable, list};
use crate::stored::{SqlToken, SqlTokenKind, quoted};

/// Whether a clause of a table begins so, and no column.
pub(super) fn begins(mut cursor: DdlCursor<'_>) -> bool {
    const HEADS: [&[&str]; 14] = [
        &["constraint"],
        &["primary", "key"],
        &["foreign", "key"],
        &["check", "("],
        &["unique", "("],
        &["unique", "key"],
        &["unique", "index"],
        &["unique", "nulls"],
        &["fulltext"],
        &["spatial"],
        &["exclude"],
        &["like"],
        &["period"],
        &["unique"],
    ];
    // `key varchar(20)` is a column, ``KEY `name` (`name`)`` an index.
    let is_index = |mut it: DdlCursor<'_>| {
        (it.eat(&["key"]) || it.eat(&["index"]))
            && (it.brackets().is_some() || (it.name().is_some() && it.members_next()))
    };
    is_index(cursor) || HEADS.iter().any(|it| cursor.eat(it))
}

/// Names of columns that stand in brackets, and of which only the first letters count.
struct DdlMembers {
    names: Vec<String>,
    /// As SQLite writes them, with their directions.
    sql: String,
    cut: bool,
    /// Whether it says how it is ordered beside the directions.
    ordered: bool,
}

impl DdlReader {
    /// A clause of a table; none where it can't be said.
    pub(super) fn constraint(&mut self, item: DdlCursor<'_>, table: &mut DdlTable) -> Option<()> {
        let mut cursor = item;
        let mut named = String::new();
        if cursor.eat(&["constraint"]) && !begins(cursor) {
            named = format!("CONSTRAINT {} ", quoted(&cursor.name()?));
        }
        if cursor.eat(&["primary", "key"]) {
            cursor.eat(&["using", "btree"]);
            cursor.eat(&["using", "hash"]);
            let members = members(&mut cursor)?;
            if members.cut {
                return None;
            }
            table.primary_key = members.names;
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
            let _ = cursor.eat(&["no", "inherit"]);
            let _ = cursor.eat(&["not", "valid"]) || cursor.eat(&["enforced"]);
        } else if cursor.eat(&["unique"]) {
            let _ = cursor.eat(&["key"]) || cursor.eat(&["index"]);
            if !cursor.members_next() {
                named = format!("CONSTRAINT {} ", quoted(&cursor.name()?));
            }
            let _ = cursor.eat(&["using", "btree"]) || cursor.eat(&["using", "hash"]);
            let members = members(&mut cursor)?;
            if members.cut {
                return None;
            }
            table.clauses.push(format!("{named}UNIQUE ({})", list(&members.names)));
        } else if cursor.eat(&["key"]) || cursor.eat(&["index"]) {
            let name = if cursor.members_next() { None } else { Some(cursor.name()?) };
            let _ = cursor.eat(&["using", "btree"]) || cursor.eat(&["using", "hash"]);
            let members = members(&mut cursor)?;
            let name =
                name.unwrap_or_else(|| format!("{}_{}", table.name, members.names.join("_")));
            self.add_index(name, &table.name, "", &members.sql, "");
            if members.cut {
                let why = format!(
                    "the index of `{}` takes whole values: none has a length in Relata",
                    table.name
                );
                self.leave(&why, item);
            }
        } else {
            return None;
        }
        self.rest(cursor, table, item);
        Some(())
    }

    /// What stands behind a clause that was read: how it is kept isn't a script's matter, all else is told.
    fn rest(&mut self, cursor: DdlCursor<'_>, table: &DdlTable, item: DdlCursor<'_>) {
        let mut cursor = cursor;
        while cursor.eat(&["using", "btree"])
            || cursor.eat(&["not", "valid"])
            || cursor.eat(&["enforced"])
            || cursor.eat(&["not", "deferrable"])
            || cursor.eat(&["initially", "immediate"])
            || cursor.eat(&["visible"])
            || (cursor.eat(&["comment"]) && cursor.take().is_some())
            || (cursor.eat(&["with"]) && cursor.brackets().is_some())
            || (cursor.eat(&["key_block_size"]) && cursor.eat(&["="]) && cursor.take().is_some())
        {
        }
        if !cursor.all.is_empty() {
            let why = format!("this clause of `{}` is carried over without its end", table.name);
            self.leave(&why, item);
        }
    }

    fn add_index(&mut self, name: String, table: &str, unique: &str, members: &str, filter: &str) {
        // A server's indexes have names of their table, SQLite's of the database.
        let is_taken =
            |name: &str| self.indexes.iter().any(|it| it.name.eq_ignore_ascii_case(name));
        let name = if is_taken(&name) { format!("{table}_{name}") } else { name };
        let (index, of) = (quoted(&name), quoted(table));
        let sql = format!("CREATE {unique}INDEX {index} ON {of} ({members}){filter}");
        self.indexes.push(DdlIndex { name, table: table.to_owned(), sql });
    }

    pub(super) fn index(
        &mut self,
        mut cursor: DdlCursor<'_>,
        unique: bool,
        whole: DdlCursor<'_>,
    ) -> Option<()> {
        cursor.eat(&["concurrently"]);
        cursor.eat(&["if", "not", "exists"]);
        let name = if cursor.all.first()?.is("on") { None } else { Some(cursor.name()?) };
        let _ = cursor.eat(&["using", "btree"]) || cursor.eat(&["using", "hash"]);
        if !cursor.eat(&["on"]) {
            return None;
        }
        cursor.eat(&["only"]);
        let table = cursor.name()?;
        if cursor.eat(&["using"]) && !cursor.eat(&["btree"]) && !cursor.eat(&["hash"]) {
            return None;
        }
        let mut ahead = cursor;
        let plain = members(&mut ahead);
        let (sql, cut) = match &plain {
            Some(it) => (it.sql.clone(), it.cut),
            None => (cursor.brackets()?.expression(), false),
        };
        if plain.is_some() {
            cursor = ahead;
        }
        let ordered = plain.as_ref().is_some_and(|it| it.ordered);
        if cut && unique {
            return None;
        }
        let name = name.unwrap_or_else(|| {
            let names = plain.map_or_else(|| "index".to_owned(), |it| it.names.join("_"));
            format!("{table}_{names}")
        });
        if cut {
            let why = format!("the index `{name}` takes whole values: none has a length in Relata");
            self.leave(&why, whole);
        }
        if ordered {
            self.leave(&format!("`{name}` orders nulls and texts as SQLite does"), whole);
        }
        if cursor.eat(&["include"]) {
            cursor.brackets();
            self.leave(&format!("`{name}` has no columns beside its own"), whole);
        }
        if cursor.eat(&["nulls", "not", "distinct"]) {
            self.leave(&format!("nulls are distinct in `{name}`"), whole);
        }
        if cursor.eat(&["with"]) {
            cursor.brackets();
        }
        let filter = if cursor.eat(&["where"]) {
            format!(" WHERE {}", cursor.expression())
        } else {
            String::new()
        };
        self.add_index(name, &table, if unique { "UNIQUE " } else { "" }, &sql, &filter);
        Some(())
    }
}

/// The columns in the brackets that come next; none where one of them is an expression.
fn members(cursor: &mut DdlCursor<'_>) -> Option<DdlMembers> {
    let mut ahead = *cursor;
    let (mut names, mut sql, mut cut, mut ordered) = (Vec::new(), Vec::new(), false, false);
    for mut part in ahead.brackets()?.parts() {
        let name = part.name()?;
        if let Some(length) = part.brackets() {
            // Else it is a call.
            if !matches!(length.all, [SqlToken { kind: SqlTokenKind::Literal, .. }]) {
                return None;
            }
            cut = true;
        }
        if part.eat(&["collate"]) {
            part.name();
            ordered = true;
        }
        part.name_of_class();
        let direction = if part.eat(&["desc"]) { " DESC" } else { "" };
        let _ = part.eat(&["asc"]);
        ordered |= part.eat(&["nulls", "first"]) || part.eat(&["nulls", "last"]);
        if !part.all.is_empty() {
            return None;
        }
        sql.push(format!("{}{direction}", quoted(&name)));
        names.push(name);
    }
    *cursor = ahead;
    Some(DdlMembers { names, sql: sql.join(", "), cut, ordered })
}

/// `REFERENCES users (id) ON DELETE CASCADE`
pub(super) fn references(cursor: &mut DdlCursor<'_>) -> Option<String> {
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
            || cursor.eat(&["match", "full"])
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
