//! SQL: tables, and sentences about rows.

mod expression;
mod table;

use super::draft::{as_comment, model_of_table, name, operand, options};
use super::lexeme::{Lexeme, LexemeCursor, LexemeKind, LexemeSpelling};
use super::{ForeignPart, Translation};
use crate::words::{pluralize, same_name};
use expression::{SqlNames, expression};

/// The models that a text declares, to know which one a table is.
#[derive(Debug, Default)]
pub(super) struct TableModels {
    models: Vec<String>,
}

impl TableModels {
    pub(super) fn of(text: &str) -> Self {
        let mut models = Vec::new();
        for line in text.lines() {
            let mut cursor = LexemeCursor::new(line, LexemeSpelling::Script, 0);
            if cursor.eat("model") {
                models.extend(cursor.name());
            }
        }
        Self { models }
    }

    /// The model of a table: one that is declared, or what it would be called.
    fn model(&self, table: &str) -> String {
        let is_of = |it: &&String| same_name(it, table) || same_name(&pluralize(it), table);
        let found = self.models.iter().find(is_of);
        found.cloned().unwrap_or_else(|| model_of_table(table))
    }
}

/// The sentence that begins at `at`.
pub(super) fn sentence(text: &str, at: usize, tables: &TableModels) -> Option<ForeignPart> {
    let rest = text.get(at..)?;
    if let Some(comment) = rest.strip_prefix("--") {
        let comment = comment.lines().next().unwrap_or_default();
        let said = Translation::Said(as_comment(comment).trim_end().to_owned());
        return Some(ForeignPart { end: at + 2 + comment.trim_end().len(), said });
    }
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Sql, at);
    let said = translate(&mut cursor, tables)?;
    // what wasn't read belongs to it, up to its semicolon
    let said = match (cursor.peek(), said) {
        (Some(next), Translation::Said(_)) if !next.is(";") && (!next.breaks || goes_on(&next)) => {
            Translation::Unsaid(if JOINS.iter().any(|it| next.is(it)) {
                JOINED.to_owned()
            } else {
                NO_WORDS.to_owned()
            })
        }
        (_, said) => said,
    };
    if let Translation::Unsaid(_) = said {
        let start = text.get(at..cursor.end).is_some_and(|it| it.contains('\n'));
        cursor.until(|it| it.is(";") || (it.breaks && !start && !goes_on(it)));
    }
    cursor.eat(";");
    Some(ForeignPart { end: cursor.end, said })
}

const JOINS: [&str; 6] = ["join", "inner", "left", "right", "full", "cross"];
const JOINED: &str = "what a JOIN brings is included: `User findAll < include: [invoices] >`, or said by a path: `where: (creator.name = \"Ann\")`";
const NO_WORDS: &str =
    "rows are read so: `User findAll < where: (age > 1), order: [name desc], limit: 10 >`";

/// Whether a line that begins so belongs to the one above.
fn goes_on(lexeme: &Lexeme<'_>) -> bool {
    const CLAUSES: [&str; 22] = [
        "from",
        "where",
        "and",
        "or",
        "order",
        "group",
        "having",
        "limit",
        "offset",
        "join",
        "inner",
        "left",
        "right",
        "on",
        "set",
        "values",
        "as",
        "union",
        "returning",
        "using",
        "full",
        "cross",
    ];
    CLAUSES.iter().any(|it| lexeme.is(it)) || lexeme.is(",") || lexeme.is("(") || lexeme.is(")")
}

/// One statement of SQL, by its first words.
fn translate(cursor: &mut LexemeCursor<'_>, tables: &TableModels) -> Option<Translation> {
    // A statement that has no counterpart gets the line that does the same, or the reason.
    let unsaid = |it: &str| Some(Translation::Unsaid(it.to_owned()));
    if cursor.eat("create") {
        let temporary = cursor.eat("temporary") || cursor.eat("temp");
        let unique = cursor.eat("unique");
        if cursor.eat("table") && !unique {
            let made = table::create(cursor, tables)?;
            return Some(if temporary {
                Translation::Unsaid("a script has no temporary tables".to_owned())
            } else {
                made
            });
        }
        if cursor.eat("index") {
            return index(cursor, unique, tables);
        }
        if cursor.eat("type") {
            return enumeration(cursor);
        }
        if cursor.eat_one_of(&["view", "materialized"]) {
            return unsaid(
                "a view is a query with a name: `view Debtor = Invoice findAll < where: (amount > 100) >`",
            );
        }
        if cursor.eat_one_of(&["trigger", "function", "procedure"]) {
            return unsaid("what Relata has no words for stands in sql`CREATE TRIGGER ..`");
        }
        if cursor.eat_one_of(&["database", "schema", "extension"]) {
            return unsaid("a script names no database: `relata run --db` does");
        }
        return None;
    }
    if cursor.eat_all(&["insert", "into"]) || cursor.eat_all(&["replace", "into"]) {
        return insert(cursor, tables);
    }
    if cursor.eat_all(&["insert", "or"]) {
        return unsaid(
            "rows that may be there already: `User upsert { .. }`, or `User bulkCreate [..] < ignoreDuplicates >`",
        );
    }
    if cursor.eat_all(&["delete", "from"]) {
        let table = table_name(cursor)?;
        let (model, mut said) = (tables.model(&table), Vec::new());
        if cursor.eat("where") {
            said.push(format!("where: ({})", expression(cursor, &SqlNames::of(&table))?));
        } else {
            said.push("all".to_owned());
        }
        return Some(Translation::Said(format!("{} destroy{}", name(&model), options(&said))));
    }
    if cursor.eat_all(&["drop", "table"]) {
        cursor.eat_all(&["if", "exists"]);
        let model = tables.model(&table_name(cursor)?);
        cursor.eat("cascade");
        return Some(Translation::Said(format!("{} drop", name(&model))));
    }
    if cursor.eat_all(&["truncate", "table"]) {
        let model = tables.model(&table_name(cursor)?);
        return Some(Translation::Said(format!("{} truncate", name(&model))));
    }
    if cursor.eat_all(&["alter", "table"]) {
        return alter(cursor, tables);
    }
    let mut ahead = *cursor;
    if ahead.eat("update") {
        let table = table_name(&mut ahead)?;
        if ahead.eat("set") {
            *cursor = ahead;
            return Some(update(cursor, &table, tables).unwrap_or_else(|| {
                Translation::Unsaid(format!(
                    "write `{} update {{ name: \"Ann\" }} < where: (id = 1) >`",
                    name(&tables.model(&table))
                ))
            }));
        }
        return None;
    }
    if ahead.eat("select") {
        let mut found = ahead;
        found.until(|it| it.is("from") || it.is(";"));
        if !found.eat("from") {
            return None;
        }
        *cursor = ahead;
        let read = select(cursor, tables);
        if read.is_none() {
            *cursor = found;
        }
        return Some(read.unwrap_or_else(|| {
            let joined = found.until(|it| it.is(";")).to_ascii_lowercase().contains("join");
            Translation::Unsaid(if joined { JOINED.to_owned() } else { NO_WORDS.to_owned() })
        }));
    }
    if cursor.eat_all(&["begin", "transaction"])
        || cursor.eat_all(&["begin", ";"])
        || cursor.eat_all(&["commit", ";"])
        || cursor.eat_all(&["start", "transaction"])
    {
        return unsaid("all or nothing is `transaction { .. }`, with the sentences in it");
    }
    if cursor.eat("pragma") && cursor.peek().is_some_and(|it| it.text.contains('_')) {
        cursor.until(|it| it.is(";") || it.breaks);
        return Some(Translation::Nothing("a script sets nothing of the database: leave this out"));
    }
    None
}

/// `public.users`
fn table_name(cursor: &mut LexemeCursor<'_>) -> Option<String> {
    let mut res = cursor.name()?;
    while cursor.eat(".") {
        res = cursor.name()?;
    }
    Some(res)
}

/// The names in round brackets.
fn names(cursor: &mut LexemeCursor<'_>) -> Option<Vec<String>> {
    if !cursor.eat("(") {
        return None;
    }
    let mut res = Vec::new();
    while !cursor.eat(")") {
        res.push(cursor.name()?);
        cursor.eat_one_of(&["asc", "desc"]);
        if !cursor.eat(",") && !cursor.peek()?.is(")") {
            return None;
        }
    }
    Some(res)
}

fn index(cursor: &mut LexemeCursor<'_>, unique: bool, tables: &TableModels) -> Option<Translation> {
    cursor.eat_all(&["if", "not", "exists"]);
    let named = cursor.name()?;
    if !cursor.eat("on") {
        return None;
    }
    let table = table_name(cursor)?;
    let model = tables.model(&table);
    let start = *cursor;
    let Some(columns) = names(cursor) else {
        *cursor = start;
        return Some(Translation::Unsaid(format!(
            "an index stands in the braces of its model, `{}`: `index (lower(name))`",
            name(&model)
        )));
    };
    let columns: Vec<String> = columns.iter().map(|it| operand(it)).collect();
    let mut said = Vec::new();
    if unique {
        said.push("unique".to_owned());
    }
    if cursor.eat("where") {
        said.extend(expression(cursor, &SqlNames::of(&table)).map(|it| format!("where: ({it})")));
    }
    said.push(format!("name: {}", name(&named)));
    let sentence = format!("index ({}){}", columns.join(", "), options(&said));
    Some(Translation::Unsaid(format!(
        "write it in the braces of `model {}`: `{sentence}`",
        name(&model)
    )))
}

fn enumeration(cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
    let named = table_name(cursor)?;
    if !cursor.eat_all(&["as", "enum", "("]) {
        return None;
    }
    let mut members = Vec::new();
    while !cursor.eat(")") {
        members.push(name(&cursor.take().filter(Lexeme::is_text)?.unquoted()));
        cursor.eat(",");
    }
    Some(Translation::Said(format!(
        "enum {} {{ {} }}",
        name(&model_of_table(&named)),
        members.join(", ")
    )))
}

fn alter(cursor: &mut LexemeCursor<'_>, tables: &TableModels) -> Option<Translation> {
    cursor.eat_all(&["if", "exists"]);
    let table = table_name(cursor)?;
    let model = name(&tables.model(&table));
    let within = format!("in the braces of `model {model}`");
    let last = "`relata diff` shows what changes, `relata apply` changes it";
    let words = if cursor.eat("add") {
        cursor.eat("column");
        cursor.eat_all(&["if", "not", "exists"]);
        match table::column(cursor, tables) {
            Some(it) => {
                let said = options(&it.options);
                format!("write `{}: {}{said}` {within}; {last}", name(&it.name), it.data_type)
            }
            None => format!("what it adds is written {within}; {last}"),
        }
    } else if cursor.eat("drop") {
        cursor.eat("column");
        cursor.eat_all(&["if", "exists"]);
        let column = cursor.name().unwrap_or_default();
        format!("take the attribute out, and write `drop {}` {within}; {last}", name(&column))
    } else if cursor.eat_all(&["rename", "to"]) {
        let new = name(&model_of_table(&cursor.name()?));
        format!(
            "rename the model, and say its old name: `model {new} {{ .. }} < was: {model} >`; {last}"
        )
    } else if cursor.eat("rename") {
        cursor.eat("column");
        let (old, new) = (cursor.name()?, cursor.eat("to").then(|| cursor.name()).flatten()?);
        format!(
            "rename the attribute, and say its old name {within}: `{}: STRING < was: {} >`; {last}",
            name(&new),
            name(&old)
        )
    } else {
        format!("change what stands {within}; {last}")
    };
    Some(Translation::Unsaid(words))
}

/// A value that a row can have.
fn value(cursor: &mut LexemeCursor<'_>, scope: &SqlNames) -> Option<String> {
    let said = expression(cursor, scope)?;
    let mut inner = LexemeCursor::new(&said, LexemeSpelling::Script, 0);
    inner.eat("-");
    let first = inner.take()?;
    let is_constant =
        ["null", "true", "false"].contains(&first.text) || first.kind != LexemeKind::Word;
    let is_alone = inner.peek().is_none() || said == "now()";
    Some(if is_alone && (is_constant || said == "now()") { said } else { format!("({said})") })
}

fn insert(cursor: &mut LexemeCursor<'_>, tables: &TableModels) -> Option<Translation> {
    let table = table_name(cursor)?;
    let model = name(&tables.model(&table));
    let rows = rows(cursor, &SqlNames::of(&table));
    Some(match rows.as_deref() {
        Some([row]) => Translation::Said(format!("{model} create {row}")),
        Some(rows) => Translation::Said(format!("{model} bulkCreate [{}]", rows.join(", "))),
        None => Translation::Unsaid(format!(
            "rows have names for their values: `{model} create {{ name: \"Ann\" }}`"
        )),
    })
}

fn rows(cursor: &mut LexemeCursor<'_>, scope: &SqlNames) -> Option<Vec<String>> {
    let columns = names(cursor)?;
    if !cursor.eat("values") {
        return None;
    }
    let mut rows = Vec::new();
    loop {
        if !cursor.eat("(") {
            return None;
        }
        let mut members = Vec::new();
        for column in &columns {
            members.push(format!("{}: {}", name(column), value(cursor, scope)?));
            cursor.eat(",");
        }
        if !cursor.eat(")") {
            return None;
        }
        rows.push(format!("{{ {} }}", members.join(", ")));
        if !cursor.eat(",") {
            return Some(rows);
        }
    }
}

fn update(cursor: &mut LexemeCursor<'_>, table: &str, tables: &TableModels) -> Option<Translation> {
    let scope = SqlNames::of(table);
    let (mut members, mut said) = (Vec::new(), Vec::new());
    loop {
        let column = cursor.name()?;
        if !cursor.eat("=") {
            return None;
        }
        members.push(format!("{}: {}", name(&column), value(cursor, &scope)?));
        if !cursor.eat(",") {
            break;
        }
    }
    if cursor.eat("where") {
        said.push(format!("where: ({})", expression(cursor, &scope)?));
    } else {
        said.push("all".to_owned());
    }
    let model = name(&tables.model(table));
    Some(Translation::Said(format!(
        "{model} update {{ {} }}{}",
        members.join(", "),
        options(&said)
    )))
}

fn select(cursor: &mut LexemeCursor<'_>, tables: &TableModels) -> Option<Translation> {
    let distinct = cursor.eat("distinct");
    let mut list = *cursor;
    cursor.until(|it| it.is("from"));
    cursor.eat("from");
    let table = table_name(cursor)?;
    let mut scope = SqlNames::of(&table);
    cursor.eat("as");
    let is_alias = |it: &Lexeme<'_>| it.kind == LexemeKind::Word && !goes_on(it) && !it.breaks;
    if cursor.peek().is_some_and(|it| is_alias(&it)) {
        scope.names.extend(cursor.name());
    }
    let mut said = Vec::new();
    let mut attributes = Vec::new();
    while !list.eat("from") {
        let mut star = list;
        let of_table = star.name().is_some_and(|it| scope.names.contains(&it)) && star.eat(".");
        if of_table && star.eat("*") {
            list = star;
            list.eat(",");
            continue;
        }
        if list.eat("*") {
            list.eat(",");
            continue;
        }
        let one = expression(&mut list, &scope)?;
        let is_name = !one.contains(['(', ' ']);
        if list.eat("as") {
            attributes.push(format!("{one} as {}", name(&list.name()?)));
        } else if is_name {
            attributes.push(one);
        } else {
            let alias: String =
                one.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
            attributes
                .push(format!("{one} as {}", if alias.is_empty() { "value" } else { &alias }));
        }
        list.eat(",");
    }
    let is_count = attributes.as_slice() == ["count(*) as count"];
    if !attributes.is_empty() && !is_count {
        said.push(format!("attributes: [{}]", attributes.join(", ")));
    }
    if cursor.eat("where") {
        said.push(format!("where: ({})", expression(cursor, &scope)?));
    }
    if cursor.eat_all(&["group", "by"]) {
        said.push(format!("group: [{}]", listed(cursor, &scope, false)?.join(", ")));
    }
    if cursor.eat("having") {
        said.push(format!("having: ({})", expression(cursor, &scope)?));
    }
    if cursor.eat_all(&["order", "by"]) {
        said.push(format!("order: [{}]", listed(cursor, &scope, true)?.join(", ")));
    }
    for option in ["limit", "offset"] {
        if cursor.eat(option) {
            let number = cursor.take().filter(|it| it.kind == LexemeKind::Number)?;
            said.push(format!("{option}: {}", number.text));
        }
    }
    if distinct {
        said.push("distinct".to_owned());
    }
    let verb = if is_count { "count" } else { "findAll" };
    Some(Translation::Said(format!("{} {verb}{}", name(&tables.model(&table)), options(&said))))
}

fn listed(cursor: &mut LexemeCursor<'_>, scope: &SqlNames, directed: bool) -> Option<Vec<String>> {
    let mut res = Vec::new();
    loop {
        let one = expression(cursor, scope)?;
        let plain = !one.contains(['(', ' ']);
        let one = if plain { one } else { format!("({one})") };
        let direction = if directed && cursor.eat("desc") { " desc" } else { "" };
        if directed {
            cursor.eat("asc");
        }
        res.push(one + direction);
        if !cursor.eat(",") {
            return Some(res);
        }
    }
}
