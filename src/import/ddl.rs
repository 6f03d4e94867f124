//! The statements of PostgreSQL, MySQL and MariaDB that make tables, in SQLite's words: so they can be pulled.

mod column;
mod constraint;
mod cursor;
mod schemas;
mod table;

use crate::pull::ColumnFact;
use crate::stored::{SqlToken, quoted, tokens};
use crate::words::same_name;
use cursor::DdlCursor;
use std::ops::Range;
use table::DdlColumn;
pub(super) use table::DdlTable;

/// Statements for SQLite, and what has none.
#[derive(Debug, Default)]
pub(super) struct ImportedDdl {
    /// Tables, which come first.
    pub(super) tables: Vec<DdlTable>,
    /// The other statements.
    pub(super) statements: Vec<String>,
    /// Enumerations that have names, and their members.
    pub(super) enums: Vec<(String, Vec<String>)>,
    /// What SQLite's statements have no place for.
    pub(super) facts: Vec<ColumnFact>,
    /// What is left out: the reason, and the original.
    pub(super) left: Vec<(String, String)>,
    /// A bracket that has no other end.
    pub(super) unpaired: Option<Range<usize>>,
}

/// Whether a text of SQL is a server's: it has what SQLite has no use for, where a server has it. A column may have any name.
pub(super) fn is_of_server(text: &str) -> bool {
    const TYPES: [&str; 15] = [
        "serial",
        "bigserial",
        "smallserial",
        "timestamptz",
        "jsonb",
        "bytea",
        "unsigned",
        "longtext",
        "mediumtext",
        "tinytext",
        "longblob",
        "uuid",
        "inet",
        "citext",
        "tsvector",
    ];
    const ADDED: [&str; 6] = ["constraint", "foreign", "primary", "unique", "index", "key"];
    // Behind these stands no type.
    const OTHERS: [&str; 18] = [
        "select",
        "distinct",
        "where",
        "and",
        "or",
        "not",
        "on",
        "by",
        "as",
        "is",
        "in",
        "from",
        "then",
        "when",
        "else",
        "case",
        "key",
        "references",
    ];
    let all = tokens(text);
    let is_sqlite =
        all.iter().any(|it| it.is("autoincrement") || it.is("pragma") || it.is("rowid"));
    let says = |three: &[SqlToken]| {
        let [before, token, behind] = three else { return false };
        let named = before.name().is_some() && !OTHERS.iter().any(|it| before.is(it));
        token.is_sign(':') && behind.is_sign(':')
            || named && TYPES.iter().any(|it| token.is(it))
            || before.is("table") && token.is("only")
            || before.is("time") && token.is("zone")
            || before.is("as") && (token.is("identity") || token.is("enum"))
            || before.is("using") && token.is("btree")
            || before.is("character") && token.is("varying")
            || before.is("create") && token.is("extension")
            || before.is("from") && token.is("stdin")
            || token.is("comment") && behind.is("on")
            || token.is("add") && ADDED.iter().any(|it| behind.is(it))
            || token.is("auto_increment")
            || (token.is("engine") || token.is("charset")) && behind.is_sign('=')
            || (token.is("nextval") || token.is("gen_random_uuid")) && behind.is_sign('(')
            || named && token.is("enum") && behind.is_sign('(')
            || before.is("language") && token.is("plpgsql")
    };
    !is_sqlite && all.windows(3).any(says)
}

/// What a server's statements make, in SQLite's words.
///
/// `text` is without what isn't a statement (`dump`), and `left` what that took out.
pub(super) fn ddl(text: &str, left: Vec<(String, String)>) -> ImportedDdl {
    let mut work = DdlReader { left, ..DdlReader::default() };
    let text = &*schemas::told_apart(text, &mut work.left);
    let all = tokens(text);
    for statement in all.split(|it| it.is_sign(';')) {
        if !statement.is_empty() {
            work.statement(text, statement);
        }
    }
    work.finish(unpaired_in(&all))
}

/// Whether a statement with that first word has nothing to say of the structure.
pub(super) fn is_of_rows(first: &SqlToken) -> bool {
    const WORDS: [&str; 36] = [
        "insert",
        "update",
        "delete",
        "replace",
        "select",
        "with",
        "values",
        "truncate",
        "copy",
        "load",
        "set",
        "reset",
        "show",
        "use",
        "call",
        "do",
        "begin",
        "start",
        "commit",
        "end",
        "rollback",
        "savepoint",
        "release",
        "lock",
        "unlock",
        "pragma",
        "vacuum",
        "analyze",
        "analyse",
        "reindex",
        "explain",
        "grant",
        "revoke",
        "comment",
        "security",
        "delimiter",
    ];
    WORDS.iter().any(|it| first.is(it))
}

/// The first round bracket without its other end, in the statement that it stands in.
pub(super) fn unpaired_in(all: &[SqlToken]) -> Option<Range<usize>> {
    let mut open: Vec<&SqlToken> = Vec::new();
    for token in all {
        if token.is_sign('(') {
            open.push(token);
        } else if token.is_sign(')') && open.pop().is_none() {
            return Some(token.range.clone());
        } else if token.is_sign(';') && !open.is_empty() {
            break;
        }
    }
    open.first().map(|it| it.range.clone())
}

#[derive(Debug, Default)]
struct DdlReader {
    tables: Vec<DdlTable>,
    /// Enumerations by their names, and their members.
    enums: Vec<(String, Vec<String>)>,
    /// Domains by their names, as the types that they are of.
    domains: Vec<(String, String)>,
    /// How texts are compared, and which.
    collated: Vec<(String, String)>,
    /// Columns of PostgreSQL whose times have no zone.
    zoneless: Vec<String>,
    /// The indexes' names, their tables, and their statements.
    indexes: Vec<DdlIndex>,
    facts: Vec<ColumnFact>,
    left: Vec<(String, String)>,
}

#[derive(Debug)]
struct DdlIndex {
    name: String,
    table: String,
    sql: String,
}

fn list(names: &[String]) -> String {
    names.iter().map(|it| quoted(it)).collect::<Vec<_>>().join(", ")
}

impl DdlReader {
    fn statement(&mut self, text: &str, all: &[SqlToken]) {
        let mut cursor = DdlCursor { text, all };
        let whole = cursor;
        if cursor.eat(&["alter", "table"]) {
            if self.alter(cursor).is_none() {
                self.leave("this change of a table has no word", whole);
            }
        } else if cursor.eat(&["comment", "on"]) {
            if self.comment(cursor).is_none() {
                self.leave("what this is a comment on has no word", whole);
            }
        } else if cursor.eat(&["drop"]) {
            self.drop_all(cursor);
        } else if cursor.eat(&["create"]) {
            self.create(cursor, whole);
        } else if !cursor.all.first().is_some_and(is_of_rows) && !cursor.eat(&["alter"]) {
            self.leave("this is no statement of SQL that is known here", whole);
        }
    }

    fn create(&mut self, mut cursor: DdlCursor<'_>, whole: DdlCursor<'_>) {
        while cursor.eat(&["or", "replace"])
            || cursor.eat(&["unlogged"])
            || cursor.eat(&["temporary"])
            || cursor.eat(&["temp"])
        {}
        let unique = cursor.eat(&["unique"]);
        if cursor.eat(&["table"]) {
            if self.table(cursor).is_none() {
                self.leave("this table can't be read: it has no columns of its own", whole);
            }
        } else if cursor.eat(&["index"]) {
            if self.index(cursor, unique, whole).is_none() {
                self.leave("an index of this kind has no word", whole);
            }
        } else if cursor.eat(&["type"]) {
            if self.enumeration(cursor).is_none() {
                self.leave("a type that is no enumeration has no word", whole);
            }
        } else if cursor.eat(&["domain"]) {
            self.domain(cursor);
            self.leave("a domain has no word: its columns have its type alone", whole);
        } else {
            let silent = ["extension", "sequence", "schema", "database", "role", "user"];
            if !silent.iter().any(|it| cursor.eat(&[it])) {
                self.leave(OWN_SQL, whole);
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
        let mut list = cursor.brackets()?;
        let mut members = Vec::new();
        while !list.all.is_empty() {
            members.push(list.text_value()?);
            if !list.all.is_empty() && !list.eat(&[","]) {
                return None;
            }
        }
        self.enums.push((name, members));
        Some(())
    }

    /// `CREATE DOMAIN positive AS integer CHECK (VALUE > 0)`
    fn domain(&mut self, mut cursor: DdlCursor<'_>) {
        const CLAUSES: [&str; 6] = ["check", "not", "null", "default", "constraint", "collate"];
        let Some(name) = cursor.name() else { return };
        cursor.eat(&["as"]);
        let is_clause = |it: &SqlToken| CLAUSES.iter().any(|word| it.is(word));
        let end = cursor.all.iter().position(is_clause).unwrap_or(cursor.all.len());
        let of = DdlCursor { all: cursor.all.get(..end).unwrap_or_default(), ..cursor };
        self.domains.push((name, of.written().to_owned()));
    }

    /// `COMMENT ON COLUMN users.name IS 'who'`
    fn comment(&mut self, mut cursor: DdlCursor<'_>) -> Option<()> {
        let of_column = cursor.eat(&["column"]);
        if !of_column && !cursor.eat(&["table"]) {
            // Those of what isn't carried over go with it.
            return Some(());
        }
        let mut names = vec![cursor.take()?.label()?.to_owned()];
        while cursor.eat(&["."]) {
            names.push(cursor.take()?.label()?.to_owned());
        }
        let column = if of_column { Some(names.pop()?) } else { None };
        let table = names.pop()?;
        if !cursor.eat(&["is"]) {
            return None;
        }
        self.facts.extend(cursor.text_value().map(|it| ColumnFact::comment(&table, column, it)));
        Some(())
    }

    /// What DROP takes away again.
    fn drop_all(&mut self, mut cursor: DdlCursor<'_>) {
        let table = cursor.eat(&["table"]);
        if !table && !cursor.eat(&["index"]) {
            return;
        }
        cursor.eat(&["concurrently"]);
        cursor.eat(&["if", "exists"]);
        for mut part in cursor.parts() {
            let Some(name) = part.name() else { continue };
            if table {
                self.tables.retain(|it| !same_name(&it.name, &name));
                self.facts.retain(|it| it.table != *name.as_str());
            }
            let gone = |it: &DdlIndex| same_name(if table { &it.table } else { &it.name }, &name);
            self.indexes.retain(|it| !gone(it));
        }
    }

    fn table(&mut self, mut cursor: DdlCursor<'_>) -> Option<()> {
        cursor.eat(&["if", "not", "exists"]);
        let whole = cursor;
        let mut table = DdlTable { name: cursor.name()?, ..DdlTable::default() };
        let schema = whole.all.first().and_then(SqlToken::label).unwrap_or_default();
        if !["public", "dbo", "main"].contains(&schema) && !same_name(schema, &table.name) {
            self.left.push((
                format!(
                    "`{}` is not in the schema `{schema}` here: `schema: {schema}` says so",
                    table.name
                ),
                String::new(),
            ));
        }
        for item in cursor.brackets()?.parts() {
            if !item.all.is_empty() {
                self.item(item, &mut table);
            }
        }
        self.table_options(cursor, &table);
        let has_columns = !table.columns.is_empty();
        if has_columns {
            self.tables.push(table);
        }
        has_columns.then_some(())
    }

    /// A clause of a table, or a column.
    fn item(&mut self, item: DdlCursor<'_>, table: &mut DdlTable) {
        let done = if constraint::begins(item) {
            self.constraint(item, table)
        } else {
            self.column(item, table)
        };
        if done.is_none() {
            self.leave(&format!("this clause of `{}` can't be said", table.name), item);
        }
    }

    /// What stands behind a table's brackets.
    fn table_options(&mut self, mut cursor: DdlCursor<'_>, table: &DdlTable) {
        while !cursor.all.is_empty() {
            let before = cursor;
            if cursor.eat(&["comment"]) {
                cursor.eat(&["="]);
                let said = cursor.text_value();
                self.facts.extend(said.map(|it| ColumnFact::comment(&table.name, None, it)));
            } else if cursor.eat(&["collate"]) {
                cursor.eat(&["="]);
                let name = cursor.name();
                self.collated.extend(name.map(|it| (it, format!("`{}`", table.name))));
            } else if let Some(it) = table::told_option(&mut cursor) {
                let told = format!("`{}` has more: `mysql: {{ {it} }}` says so", table.name);
                self.left.extend((!it.is_empty()).then(|| (told, String::new())));
            } else if cursor.eat(&["inherits"]) || cursor.eat(&["partition"]) {
                let why = format!("how `{}` is inherited or partitioned has no word", table.name);
                return self.leave(&why, before);
            } else {
                cursor.take();
            }
        }
    }

    /// What ALTER TABLE adds; none where that can't be said.
    fn alter(&mut self, mut cursor: DdlCursor<'_>) -> Option<()> {
        cursor.eat(&["if", "exists"]);
        cursor.eat(&["only"]);
        let name = cursor.name()?;
        if cursor.eat(&["owner", "to"]) {
            // Whose a table is, or a sequence, says nothing of it.
            return Some(());
        }
        let place = self.tables.iter().position(|it| same_name(&it.name, &name))?;
        let mut table = std::mem::take(self.tables.get_mut(place)?);
        let mut res = Some(());
        for mut part in cursor.parts() {
            let silent = [
                "owner",
                "enable",
                "disable",
                "cluster",
                "replica",
                "auto_increment",
                "algorithm",
                "lock",
                "engine",
                "convert",
                "order",
                "comment",
                "set",
                "reset",
                "validate",
                "force",
            ];
            let done = if part.eat(&["add"]) {
                if constraint::begins(part) {
                    self.constraint(part, &mut table)
                } else {
                    part.eat(&["column"]);
                    part.eat(&["if", "not", "exists"]);
                    self.column(part, &mut table)
                }
            } else if part.eat(&["modify"]) || part.eat(&["alter"]) {
                part.eat(&["column"]);
                column::altered(part, &mut table)
            } else if part.eat(&["enable", "row"]) || part.eat(&["force", "row"]) {
                // Who sees which rows isn't how a table is kept.
                None
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

    fn finish(mut self, unpaired: Option<Range<usize>>) -> ImportedDdl {
        for table in &self.tables {
            for column in &table.columns {
                if let (Some(written), false) = (&column.counts, table.numbers(column)) {
                    let why = format!(
                        "`{}` of `{}` gets no numbers here: only a primary key of one column does",
                        column.name, table.name
                    );
                    self.left.push((why, written.clone()));
                }
                let is_said = table.numbers(column) || column.says_more;
                let written = column.written.clone().filter(|_| is_said);
                let fact = written.map(|it| ColumnFact::data_type(&table.name, &column.name, it));
                self.facts.extend(fact);
            }
        }
        self.left.extend(collations(&self.collated));
        if !self.zoneless.is_empty() {
            let why = "`DATE` is TIMESTAMP WITH TIME ZONE on PostgreSQL; these have no time zone";
            self.left.push((why.to_owned(), self.zoneless.join("\n")));
        }
        let statements = self.indexes.into_iter().map(|it| it.sql).collect();
        ImportedDdl {
            tables: self.tables,
            statements,
            enums: self.enums,
            facts: self.facts,
            left: self.left,
            unpaired,
        }
    }
}

/// Why what has no word at all is left out.
pub(super) const OWN_SQL: &str =
    "views, functions, triggers and policies aren't carried over: their SQL is that database's own";

/// What isn't carried over of how texts are compared.
fn collations(all: &[(String, String)]) -> Option<(String, String)> {
    // These compare as SQLite does.
    let others = all.iter().filter(|it| !["C", "POSIX", "default"].contains(&it.0.as_str()));
    let others: Vec<String> = others.map(|(name, of)| format!("{name}: {of}")).collect();
    let why = "how texts are compared isn't carried over: `collate` of an attribute says it";
    (!others.is_empty()).then(|| (why.to_owned(), others.join("\n")))
}
