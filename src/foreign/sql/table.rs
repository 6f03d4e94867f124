//! CREATE TABLE: columns, keys and constraints, said as a model.

use super::super::draft::{
    ForeignAttribute, ForeignModel, action, name, operand, options, raw, text,
};
use super::super::lexeme::{Lexeme, LexemeCursor, LexemeKind};
use super::super::types;
use super::{
    SqlNames, TableModels, Translation, WithinModel, expression, literal, names, table_name,
};

/// What follows CREATE TABLE.
pub(super) fn create(cursor: &mut LexemeCursor<'_>, tables: &TableModels) -> Option<Translation> {
    cursor.eat_all(&["if", "not", "exists"]);
    let table = table_name(cursor)?;
    if !cursor.eat("(") {
        return Some(Translation::Unsaid(
            "a table is a model: `model User { name: STRING }`".to_owned(),
        ));
    }
    let mut model = ForeignModel { name: tables.model(&table), ..ForeignModel::default() };
    while !cursor.eat(")") {
        let mut ahead = *cursor;
        if constraint(&mut ahead, &mut model, tables) {
            *cursor = ahead;
        } else if begins_constraint(cursor) {
            // all of it is left for a remark
        } else {
            match column(cursor, tables) {
                Some(it) => model.attributes.push(it),
                None => model.remarks.push("a column can't be said".to_owned()),
            }
        }
        let rest = cursor.until(|it| it.is(","));
        if !rest.is_empty() {
            model.remarks.push(format!(
                "`{}` can't be said",
                rest.split_whitespace().collect::<Vec<_>>().join(" ")
            ));
        }
        if !cursor.eat(",") && !cursor.peek()?.is(")") {
            return None;
        }
    }
    let said = |attribute: &ForeignAttribute, option: &str| {
        attribute.options.iter().any(|it| it == option)
    };
    if !model.attributes.iter().any(|it| said(it, "primaryKey")) {
        match model.attribute("id") {
            Some(it) => it.options.insert(0, "primaryKey".to_owned()),
            None => model.options.push("id: false".to_owned()),
        }
    }
    for it in &mut model.attributes {
        if said(it, "primaryKey") {
            it.options.retain(|it| it != "allowNull: false");
        }
    }
    // `WITHOUT ROWID`, `ENGINE = InnoDB`
    let tail = cursor.until(|it| it.is(";") || it.breaks).to_ascii_lowercase();
    if tail.contains("without rowid") {
        model.options.push("withoutRowid".to_owned());
    }
    if tail.split([' ', ',']).any(|it| it == "strict") {
        model.options.push("strict".to_owned());
    }
    if let Some(word) = ["inherits", "partition"].iter().find(|it| tail.starts_with(**it)) {
        model.remarks.push(format!("its {} can't be said", word.to_uppercase()));
    }
    model.options.push(format!("tableName: {}", name(&table)));
    model.options.push("timestamps: false".to_owned());
    Some(Translation::Said(model.written()))
}

/// A constraint of the table; whether it was one.
pub(super) fn constraint(
    cursor: &mut LexemeCursor<'_>,
    model: &mut ForeignModel,
    tables: &TableModels,
) -> bool {
    let mut named = Vec::new();
    if cursor.eat("constraint") {
        named.extend(cursor.name().map(|it| format!("name: {}", name(&it))));
    }
    let listed =
        |names: &[String]| names.iter().map(|it| operand(it)).collect::<Vec<_>>().join(", ");
    if cursor.eat_all(&["primary", "key"]) {
        let mut ahead = *cursor;
        let Some(columns) = names(&mut ahead) else { return false };
        if columns.iter().any(|it| column_named(model, it).is_none()) {
            return false;
        }
        *cursor = ahead;
        for it in columns {
            if let Some(it) = column_named(model, &it) {
                it.options.insert(0, "primaryKey".to_owned());
            }
        }
        return true;
    }
    if cursor.eat("unique") {
        cursor.eat_one_of(&["key", "index"]);
        let mut ahead = *cursor;
        let columns = names(&mut ahead).or_else(|| {
            let own = ahead.name()?;
            if named.is_empty() {
                named.push(format!("name: {}", name(&own)));
            }
            names(&mut ahead)
        });
        let Some(columns) = columns else { return false };
        *cursor = ahead;
        model.body.push(format!("unique ({}){}", listed(&columns), options(&named)));
        return true;
    }
    if cursor.eat_all(&["foreign", "key"]) {
        let columns = names(cursor).unwrap_or_default();
        let found = cursor.eat("references").then(|| references(cursor, tables)).flatten();
        match (columns.as_slice(), found) {
            ([column], Some(found))
                if let Some(it) = column_named(model, column)
                    && !it.options.iter().any(|it| it.starts_with("references")) =>
            {
                it.options.extend(found);
            }
            _ => model.remarks.push(format!(
                "the foreign key ({}) is said by an association",
                columns.join(", ")
            )),
        }
        return true;
    }
    if cursor.eat("check") {
        match cursor.eat("(").then(|| expression(cursor, &SqlNames::default())).flatten() {
            Some(it) if cursor.eat(")") => {
                model.body.push(format!("check ({it}){}", options(&named)));
            }
            _ => model.remarks.push("a check can't be said".to_owned()),
        }
        return true;
    }
    let is_index = cursor.peek().is_some_and(|it| it.is("key") || it.is("index"));
    let mut ahead = *cursor;
    ahead.take();
    let index_name = ahead.name();
    if is_index && let Some(members) = index_members(&mut ahead) {
        *cursor = ahead;
        let named: Vec<String> =
            index_name.iter().map(|it| format!("name: {}", name(it))).collect();
        model.body.push(format!("index ({}){}", members.join(", "), options(&named)));
        return true;
    }
    false
}

/// What an index's round brackets hold, each with its direction.
fn index_members(cursor: &mut LexemeCursor<'_>) -> Option<Vec<String>> {
    cursor.eat("(").then_some(())?;
    let mut res = Vec::new();
    while !cursor.eat(")") {
        let column = operand(&cursor.name()?);
        let direction = if cursor.eat("desc") { " desc" } else { "" };
        cursor.eat("asc");
        res.push(format!("{column}{direction}"));
        if !cursor.eat(",") && !cursor.peek()?.is(")") {
            return None;
        }
    }
    Some(res)
}

/// The column of that name, whatever its letter case.
fn column_named<'m>(model: &'m mut ForeignModel, name: &str) -> Option<&'m mut ForeignAttribute> {
    model.attributes.iter_mut().find(|it| it.name.eq_ignore_ascii_case(name))
}

/// Whether a table's constraint or index begins here, not a column.
pub(super) fn begins_constraint(cursor: &LexemeCursor<'_>) -> bool {
    let mut ahead = *cursor;
    let Some(first) = ahead.take() else { return false };
    let next = ahead;
    let follows = |word: &str| next.peek().is_some_and(|it| it.is(word));
    first.kind == LexemeKind::Word
        && match first.text.to_ascii_lowercase().as_str() {
            "constraint" | "foreign" | "exclude" | "fulltext" | "spatial" => true,
            "primary" => follows("key"),
            "unique" => follows("(") || follows("key") || follows("index"),
            "check" => follows("("),
            "key" | "index" => {
                let is_bare = follows("(");
                ahead.take();
                is_bare || ahead.peek().is_some_and(|it| it.is("(") || it.is("using"))
            }
            _ => false,
        }
}

/// What ALTER TABLE .. ADD brings beside columns: a constraint.
pub(super) fn added(
    cursor: &mut LexemeCursor<'_>,
    model: &str,
    tables: &TableModels,
) -> Option<Translation> {
    let mut key = *cursor;
    let named = if key.eat("constraint") { key.name() } else { None };
    if key.eat_all(&["foreign", "key"]) {
        let columns = names(&mut key)?;
        key.eat("references").then_some(())?;
        let target = tables.model(&table_name(&mut key.clone())?);
        let mut ahead = key;
        table_name(&mut ahead)?;
        let referred = names(&mut ahead).unwrap_or_default();
        let list = |names: &[String]| match names {
            [one] => name(one),
            all => format!("[{}]", all.iter().map(|it| name(it)).collect::<Vec<_>>().join(", ")),
        };
        let mut said = vec![format!("foreignKey: {}", list(&columns))];
        if !referred.is_empty() && referred.as_slice() != ["id"] {
            said.push(format!("targetKey: {}", list(&referred)));
        }
        let actions = references(&mut key, tables)?;
        // without a word, SQL's keys do nothing
        for option in ["onDelete", "onUpdate"] {
            if !actions.iter().any(|it| it.starts_with(option)) {
                said.push(format!("{option}: noAction"));
            }
        }
        let is_deferred = |it: &String| it.contains("deferrable: initiallyDeferred");
        if actions.first().is_some_and(is_deferred) {
            said.push("deferrable: initiallyDeferred".to_owned());
        }
        said.extend(actions.into_iter().skip(1));
        said.extend(named.map(|it| format!("uniqueKey: {}", name(&it))));
        *cursor = key;
        return Some(Translation::Said(format!(
            "{model} belongsTo {}{}",
            name(&target),
            options(&said)
        )));
    }
    let mut scratch = ForeignModel::default();
    if !constraint(cursor, &mut scratch, tables) {
        return None;
    }
    let line = scratch.body.pop()?;
    let why = format!("write `{line}` in the braces of `model {model}`");
    Some(Translation::Within(WithinModel { model: model.to_owned(), line, why }))
}

/// `users (id) ON DELETE CASCADE`
fn references(cursor: &mut LexemeCursor<'_>, tables: &TableModels) -> Option<Vec<String>> {
    let table = table_name(cursor)?;
    let declared = tables.model(&table);
    let model = if tables.models.contains(&declared) { name(&declared) } else { text(&table) };
    let mut ahead = *cursor;
    let key = names(&mut ahead);
    let key = match key.as_deref() {
        Some([key]) => {
            *cursor = ahead;
            format!(", key: {}", name(key))
        }
        // whose columns are for whoever asks
        Some(_) => {
            *cursor = ahead;
            String::new()
        }
        None => String::new(),
    };
    let mut res = Vec::new();
    while cursor.eat("on") {
        let option = if cursor.eat("delete") {
            "onDelete"
        } else if cursor.eat("update") {
            "onUpdate"
        } else {
            return None;
        };
        let first = cursor.word()?;
        let is_two = ["set", "no"].iter().any(|it| it.eq_ignore_ascii_case(first));
        let second = if is_two { cursor.word()? } else { "" };
        res.push(format!("{option}: {}", action(&format!("{first}{second}"))?));
    }
    let mut deferrable = "";
    if cursor.eat("deferrable") {
        deferrable = ", deferrable: initiallyImmediate";
    }
    if cursor.eat("initially") {
        if cursor.eat("deferred") {
            deferrable = ", deferrable: initiallyDeferred";
        } else if !cursor.eat("immediate") {
            return None;
        }
    }
    res.insert(0, format!("references: {{ model: {model}{key}{deferrable} }}"));
    Some(res)
}

/// A column; what follows it and can't be said is left standing.
pub(super) fn column(
    cursor: &mut LexemeCursor<'_>,
    tables: &TableModels,
) -> Option<ForeignAttribute> {
    let column = cursor.name()?;
    let mut res = ForeignAttribute { name: column, ..ForeignAttribute::default() };
    let is_type = |it: &Lexeme<'_>| {
        it.kind == LexemeKind::Word && !CONSTRAINTS.iter().any(|word| it.is(word))
    };
    let start = cursor.behind_space();
    let mut word = String::new();
    if cursor.peek().is_some_and(|it| is_type(&it)) {
        cursor.word()?.clone_into(&mut word);
        while cursor.eat_one_of(&["varying", "precision"]) {}
    }
    let mut arguments = String::new();
    let mut members = Vec::new();
    if !word.is_empty() && cursor.eat("(") {
        let mut ahead = *cursor;
        while let Some(it) = ahead.take().filter(|it| it.is_text() && literal(it).is_some()) {
            members.push(it.unquoted());
            ahead.eat(",");
        }
        cursor.until(|_| false).clone_into(&mut arguments);
        cursor.eat(")");
    }
    while cursor.eat_all(&["without", "time", "zone"]) || cursor.eat_all(&["with", "time", "zone"])
    {
    }
    let written = cursor.text.get(start..cursor.end).unwrap_or_default();
    let unsigned = cursor.eat("unsigned");
    res.data_type = if word.eq_ignore_ascii_case("enum") && !members.is_empty() {
        let members: Vec<String> = members.iter().map(|it| text(it)).collect();
        format!("ENUM({})", members.join(", "))
    } else if word.is_empty() {
        "BLOB".to_owned()
    } else {
        types::of_database(&word, &arguments).unwrap_or_else(|| raw(written))
    };
    if unsigned {
        res.data_type.push_str(".UNSIGNED");
    }
    if word.to_ascii_lowercase().ends_with("serial") {
        res.options.push("autoIncrement".to_owned());
    }
    while column_constraint(cursor, &mut res, tables) {}
    Some(res)
}

const CONSTRAINTS: [&str; 10] = [
    "not",
    "null",
    "primary",
    "unique",
    "default",
    "references",
    "check",
    "constraint",
    "collate",
    "generated",
];

/// A constraint of the column; whether there was one.
fn column_constraint(
    cursor: &mut LexemeCursor<'_>,
    column: &mut ForeignAttribute,
    tables: &TableModels,
) -> bool {
    let before = *cursor;
    let option;
    if cursor.eat("constraint") {
        cursor.name();
        return true;
    } else if cursor.eat_all(&["not", "null"]) {
        option = Some("allowNull: false".to_owned());
    } else if cursor.eat_all(&["primary", "key"]) {
        cursor.eat_one_of(&["asc", "desc"]);
        option = Some("primaryKey".to_owned());
    } else if cursor.eat("autoincrement") || cursor.eat("auto_increment") {
        option = Some("autoIncrement".to_owned());
    } else if cursor.eat("unique") {
        cursor.eat("key");
        option = Some("unique".to_owned());
    } else if cursor.eat("default") {
        option = default(cursor).map(|it| format!("defaultValue: {it}"));
    } else if cursor.eat("collate") {
        option = cursor.name().map(|it| format!("collate: {it}"));
    } else if cursor.eat("comment") {
        option = cursor.take().and_then(|it| Some(format!("comment: {}", literal(&it)?)));
    } else if cursor.eat("references") {
        match references(cursor, tables) {
            Some(it) => column.options.extend(it),
            None => {
                *cursor = before;
                return false;
            }
        }
        return true;
    } else if cursor.eat("generated") {
        let _ = cursor.eat("always") || cursor.eat_all(&["by", "default"]);
        let computed = if cursor.eat("as") && cursor.eat("(") {
            expression(cursor, &SqlNames::default()).filter(|_| cursor.eat(")"))
        } else {
            None
        };
        option = if let Some(it) = computed {
            let stored = if cursor.eat("stored") { ", stored" } else { "" };
            cursor.eat("virtual");
            Some(format!("generated: ({it}){stored}"))
        } else if cursor.eat("identity") {
            if cursor.peek().is_some_and(|it| it.is("(")) {
                cursor.skip();
            }
            Some("autoIncrement".to_owned())
        } else {
            None
        };
    } else if cursor.eat("check") {
        let inner = cursor.eat("(").then(|| expression(cursor, &SqlNames::default())).flatten();
        option = inner.filter(|_| cursor.eat(")")).map(|it| format!("check: ({it})"));
    } else {
        return cursor.eat("null");
    }
    match option {
        Some(it) => column.options.push(it),
        None => *cursor = before,
    }
    cursor.end != before.end
}

fn default(cursor: &mut LexemeCursor<'_>) -> Option<String> {
    let next = cursor.take()?;
    Some(match next.kind {
        LexemeKind::Number => next.text.to_owned(),
        LexemeKind::Quoted => literal(&next)?,
        LexemeKind::Word if ["true", "false", "null"].iter().any(|it| next.is(it)) => {
            next.text.to_ascii_lowercase()
        }
        LexemeKind::Word => {
            let called = cursor.eat_all(&["(", ")"]);
            let is_now = ["current_timestamp", "now"].iter().any(|it| next.is(it));
            match (is_now, called) {
                (true, _) => "(now())".to_owned(),
                (false, true) => raw(&format!("{}()", next.text)),
                (false, false) => {
                    // `nextval('numbers')`, `b'0'`
                    let follows = cursor.peek().filter(|it| it.start == next.end);
                    if follows.is_some_and(|it| it.is("(") || it.is_text()) {
                        cursor.skip();
                    }
                    raw(cursor.text.get(next.start..cursor.end)?)
                }
            }
        }
        LexemeKind::Sign if next.is("-") => {
            format!("-{}", cursor.take().filter(|it| it.kind == LexemeKind::Number)?.text)
        }
        LexemeKind::Sign if next.is("(") => {
            let inner = cursor.until(|_| false).to_owned();
            cursor.eat(")");
            raw(&format!("({inner})"))
        }
        LexemeKind::Sign => return None,
    })
}
