//! SQL: tables, and sentences about rows.

mod body;
mod definition;
mod expression;
mod table;

use super::draft::{as_comment, is_plain_name, model_of_table, name, options};
use super::lexeme::{Lexeme, LexemeCursor, LexemeKind, LexemeSpelling};
use super::{ForeignPart, Translation, WithinModel};
use crate::words::{pluralize, same_name, underscore};
pub(crate) use body::{begins_sql_line, lines};
use expression::{SqlNames, expression, literal};

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

/// The condition that a text of SQL's says about a model's rows.
pub(super) fn condition(text: &str, model: &str) -> Option<String> {
    // to some databases it is a text, to others a name
    if text.contains('"') {
        return None;
    }
    let table = pluralize(model).to_string();
    let names = [model, &*table, &*underscore(&table)].map(str::to_owned).to_vec();
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Sql, 0);
    let said = expression(&mut cursor, &SqlNames { names })?;
    cursor.peek().is_none().then_some(said)
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
        (Some(next), Translation::Said(it))
            if !next.is(";") && (!next.breaks || goes_on(&next)) =>
        {
            let mut ahead = LexemeCursor::new(text, LexemeSpelling::Sql, at);
            ahead.until(|it| it.is("from") || it.is(";"));
            let is_joined = JOINS.iter().any(|it| next.is(it)) && ahead.eat("from");
            Translation::Unsaid(if is_joined {
                read_so(&mut ahead, tables)
            } else if it.contains(" findAll") {
                NO_WORDS.to_owned()
            } else {
                format!("a part of it has no word in a script; without that it is `{it}`")
            })
        }
        (_, said) => said,
    };
    if let Translation::Unsaid(_) = said {
        let read = cursor.end;
        let start = text.get(at..read).is_some_and(|it| it.contains('\n'));
        // from its beginning, so that no bracket is open
        let mut whole = LexemeCursor::new(text, LexemeSpelling::Sql, at);
        whole.until(|it| it.start >= read && (it.is(";") || (it.breaks && !start && !goes_on(it))));
        if whole.end > cursor.end {
            cursor = whole;
        }
    }
    cursor.eat(";");
    Some(ForeignPart { end: cursor.end, said })
}

const JOINS: [&str; 6] = ["join", "inner", "left", "right", "full", "cross"];
const BEGINNINGS: [&str; 8] =
    ["select", "insert", "update", "delete", "create", "alter", "drop", "with"];
const ALL_OR_NOTHING: &str = "all or nothing is `transaction { .. }`, with the sentences in it";
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
    let start = cursor.behind_space();
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
            return definition::index(cursor, unique, tables);
        }
        if cursor.eat("type") {
            return definition::enumeration(cursor);
        }
        if cursor.eat("view") {
            return Some(definition::view(cursor, tables));
        }
        if cursor.eat("trigger") {
            return Some(definition::trigger(cursor, start));
        }
        if cursor.eat_one_of(&["materialized", "function", "procedure"]) {
            return unsaid("SQLite has no such thing, and a script has no words for it");
        }
        if cursor.eat("sequence") {
            return unsaid("keys count by themselves: `id: INTEGER < primaryKey, autoIncrement >`");
        }
        if cursor.eat_one_of(&["database", "schema", "extension"]) {
            return unsaid("a script names no database: `relata run --db` does");
        }
        return None;
    }
    if cursor.eat_all(&["insert", "into"]) {
        return insert(cursor, tables);
    }
    if cursor.eat_all(&["insert", "or"]) || cursor.eat_all(&["replace", "into"]) {
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
        return definition::alter(cursor, tables);
    }
    if let Some(found) = definition::other(cursor) {
        return Some(found);
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
        return Some(read.unwrap_or_else(|| Translation::Unsaid(read_so(&mut found, tables))));
    }
    if cursor.eat_all(&["begin", "transaction"])
        || cursor.eat_all(&["start", "transaction"])
        || cursor.eat_all(&["begin", "work"])
        || (stands_alone(cursor, "begin") && cursor.eat("begin"))
    {
        return Some(definition::transaction(cursor, tables));
    }
    if stands_alone(cursor, "commit") {
        cursor.eat("commit");
        return unsaid(ALL_OR_NOTHING);
    }
    if cursor.eat("pragma") && cursor.peek().is_some_and(|it| it.text.contains('_')) {
        cursor.until(|it| it.is(";") || it.breaks);
        return Some(Translation::Nothing("a script sets nothing of the database: leave this out"));
    }
    None
}

/// Whether that word is all there is of a sentence.
fn stands_alone(cursor: &LexemeCursor<'_>, word: &str) -> bool {
    let mut ahead = *cursor;
    ahead.eat(word) && ahead.peek().is_none_or(|it| it.breaks || it.is(";"))
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

/// How rows of several tables are read, with the tables that stand behind FROM.
fn read_so(cursor: &mut LexemeCursor<'_>, tables: &TableModels) -> String {
    let Some(table) = table_name(cursor) else { return NO_WORDS.to_owned() };
    let mut joined = Vec::new();
    let mut is_outer = false;
    // Up to its semicolon, or to what begins another statement.
    let ends =
        |it: &Lexeme<'_>| it.is(";") || it.breaks && BEGINNINGS.iter().any(|word| it.is(word));
    while let Some(next) = cursor.peek().filter(|it| !ends(it)) {
        cursor.skip();
        is_outer |= next.is("left");
        if next.is("join") {
            let table = table_name(cursor).map(|it| name(&tables.model(&it)));
            let required = if is_outer { "" } else { " < required >" };
            joined.extend(table.map(|it| format!("{it}{required}")));
            is_outer = false;
        }
    }
    if joined.is_empty() {
        return NO_WORDS.to_owned();
    }
    format!(
        "what a JOIN brings is included: `{} findAll < include: [{}] >`; a path says what holds of it: `where: (author.name = \"Ann\")`",
        name(&tables.model(&table)),
        joined.join(", ")
    )
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
    let mut is_all = false;
    while !list.eat("from") {
        let mut star = list;
        let of_table = star.name().is_some_and(|it| scope.names.contains(&it)) && star.eat(".");
        if of_table && star.eat("*") {
            list = star;
            is_all = true;
            list.eat(",");
            continue;
        }
        if list.eat("*") {
            is_all = true;
            list.eat(",");
            continue;
        }
        let one = expression(&mut list, &scope)?;
        let is_name = !one.contains(['(', ' ']);
        let aliased = one.split_once(' ').filter(|it| is_plain_name(it.0) && is_plain_name(it.1));
        if let Some((of, alias)) = aliased {
            attributes.push(format!("{of} as {alias}"));
        } else if list.eat("as") {
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
    let is_count = !is_all && attributes.as_slice() == ["count(*) as count"];
    if is_all && !attributes.is_empty() {
        // in braces, what is computed stands in brackets
        for it in &mut attributes {
            if let Some((of, alias)) = it.rsplit_once(" as ").filter(|it| it.0.contains(' ')) {
                *it = format!("({of}) as {alias}");
            }
        }
        said.push(format!("attributes: {{ include: [{}] }}", attributes.join(", ")));
    } else if !attributes.is_empty() && !is_count {
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
            // MySQL's `limit 10, 5` names what is left out first
            if option == "limit" && cursor.eat(",") {
                let most = cursor.take().filter(|it| it.kind == LexemeKind::Number)?;
                said.push(format!("limit: {}, offset: {}", most.text, number.text));
                continue;
            }
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
        let mut nulls = "";
        for place in ["first", "last"] {
            if directed && cursor.eat_all(&["nulls", place]) {
                nulls = if place == "first" { " nulls first" } else { " nulls last" };
            }
        }
        res.push(one + direction + nulls);
        if !cursor.eat(",") {
            return Some(res);
        }
    }
}
