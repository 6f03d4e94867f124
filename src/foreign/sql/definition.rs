//! What defines things beside tables: indexes, views, triggers, types, ALTER TABLE, and what stands between BEGIN and COMMIT.

use super::super::draft::{model_of_table, name, operand, options, raw};
use super::super::lexeme::{Lexeme, LexemeCursor};
use super::super::{ForeignPart, Translation, WithinModel, end_of_own_sentence};
use super::{
    ALL_OR_NOTHING, NO_WORDS, SqlNames, TableModels, expression, names, select, sentence, table,
    table_name,
};

/// The columns of an index, with their directions.
fn directed(cursor: &mut LexemeCursor<'_>) -> Option<Vec<String>> {
    let mut ahead = *cursor;
    names(cursor)?;
    ahead.take();
    let mut res = Vec::new();
    while ahead.end < cursor.end {
        let column = operand(&ahead.name()?);
        ahead.eat("asc");
        res.push(if ahead.eat("desc") { format!("{column} desc") } else { column });
        ahead.take();
    }
    Some(res)
}

pub(super) fn index(
    cursor: &mut LexemeCursor<'_>,
    unique: bool,
    tables: &TableModels,
) -> Option<Translation> {
    cursor.eat_all(&["if", "not", "exists"]);
    let named = cursor.name()?;
    if !cursor.eat("on") {
        return None;
    }
    let table = table_name(cursor)?;
    let model = tables.model(&table);
    let start = *cursor;
    let Some(columns) = directed(cursor) else {
        *cursor = start;
        return Some(Translation::Unsaid(format!(
            "an index stands in the braces of its model, `{}`: `index (lower(name))`",
            name(&model)
        )));
    };
    let mut said = Vec::new();
    if unique {
        said.push("unique".to_owned());
    }
    if cursor.eat("where") {
        let Some(condition) = expression(cursor, &SqlNames::of(&table)) else {
            return Some(Translation::Unsaid(format!(
                "an index stands in the braces of its model, `{}`: `index (..) < where: (age > 1) >`",
                name(&model)
            )));
        };
        said.push(format!("where: ({condition})"));
    }
    said.push(format!("name: {}", name(&named)));
    let sentence = format!("index ({}){}", columns.join(", "), options(&said));
    let why = format!("write it in the braces of `model {}`: `{sentence}`", name(&model));
    Some(Translation::Within(WithinModel { model: name(&model), line: sentence, why }))
}

/// `v AS SELECT ..`
pub(super) fn view(cursor: &mut LexemeCursor<'_>, tables: &TableModels) -> Translation {
    cursor.eat_all(&["if", "not", "exists"]);
    let named = table_name(cursor).unwrap_or_default();
    let said = cursor.eat_all(&["as", "select"]).then(|| select(cursor, tables)).flatten();
    match said {
        Some(Translation::Said(query)) if query.contains(" findAll") => {
            Translation::Said(format!("view {} = {query}", name(&named)))
        }
        _ => Translation::Unsaid(format!(
            "a view is a query with a name: `view {} = User findAll < where: (age > 1) >`",
            name(&named)
        )),
    }
}

/// A trigger, as it stands: up to its `END`.
pub(super) fn trigger(cursor: &mut LexemeCursor<'_>, start: usize) -> Translation {
    let mut open = 0_usize;
    while let Some(next) = cursor.take() {
        if next.is("begin") || next.is("case") {
            open += 1;
        } else if next.is("end") {
            open = open.saturating_sub(1);
            if open == 0 {
                break;
            }
        }
    }
    Translation::Said(raw(cursor.text.get(start..cursor.end).unwrap_or_default()))
}

/// What stands between BEGIN and COMMIT.
pub(super) fn transaction(cursor: &mut LexemeCursor<'_>, tables: &TableModels) -> Translation {
    cursor.eat(";");
    let mut said = vec!["transaction {".to_owned()];
    loop {
        if cursor.eat_one_of(&["commit", "end"]) {
            cursor.eat("transaction");
            // what is declared is no part of a transaction
            if said.iter().skip(1).all(|it| it.starts_with("model ")) {
                said.remove(0);
                return Translation::Said(said.join("\n"));
            }
            said.push("}".to_owned());
            return Translation::Said(said.join("\n"));
        }
        if cursor.eat("rollback") {
            said.push("rollback".to_owned());
            said.push("}".to_owned());
            return Translation::Said(said.join("\n"));
        }
        if cursor.peek().is_some_and(|it| it.is("begin") || it.is("start")) {
            return Translation::Unsaid(ALL_OR_NOTHING.to_owned());
        }
        let at = cursor.behind_space();
        match sentence(cursor.text, at, tables) {
            Some(ForeignPart { end, said: Translation::Said(it) }) => {
                said.push(it);
                cursor.advance_to(end);
            }
            // one of Relata's own
            None if cursor.peek().is_some() => {
                let end = end_of_own_sentence(cursor.text, at);
                if end <= at {
                    return Translation::Unsaid(ALL_OR_NOTHING.to_owned());
                }
                said.push(cursor.text.get(at..end).unwrap_or_default().to_owned());
                cursor.advance_to(end);
            }
            _ => return Translation::Unsaid(ALL_OR_NOTHING.to_owned()),
        }
    }
}

/// Statements that a script has no sentence for, what to do, and whether it needs none.
const OTHERS: [(&[&str], &str, bool); 8] = [
    (&["drop", "index"], "take its line out of the braces of its model", false),
    (&["drop", "view"], "take its sentence out: `view name = ..`", false),
    (&["grant"], "a script doesn't say who may do what", false),
    (&["revoke"], "a script doesn't say who may do what", false),
    (&["explain"], "`relata run --explain` shows the statements", false),
    (&["with"], NO_WORDS, false),
    (&["set"], "a script sets nothing of the database: leave this out", true),
    (&["use"], "a script names no database: `relata run --db` does", true),
];
/// One of these, by its first words.
pub(super) fn other(cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
    // in capitals alone: all of them may be a script's names
    let is_loud = |it: &Lexeme<'_>| it.text.chars().all(|letter| letter.is_ascii_uppercase());
    let is_other = cursor.peek().is_some_and(|it| is_loud(&it));
    let (_, why, is_needless) = OTHERS.iter().find(|it| is_other && cursor.eat_all(it.0))?;
    cursor.until(|it| it.is(";") || it.breaks);
    Some(if *is_needless {
        Translation::Nothing(why)
    } else {
        Translation::Unsaid((*why).to_owned())
    })
}

pub(super) fn enumeration(cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
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

pub(super) fn alter(cursor: &mut LexemeCursor<'_>, tables: &TableModels) -> Option<Translation> {
    cursor.eat_all(&["if", "exists"]);
    let table = table_name(cursor)?;
    let model = name(&tables.model(&table));
    let within = format!("in the braces of `model {model}`");
    let last = "`relata diff` shows what changes, `relata apply` changes it";
    let words = if cursor.eat("add") {
        let mut ahead = *cursor;
        if let Some(said) = table::added(&mut ahead, &model, tables) {
            *cursor = ahead;
            return Some(said);
        }
        if !cursor.eat("column") && table::begins_constraint(cursor) {
            return Some(Translation::Unsaid(format!("a key is written {within}; {last}")));
        }
        cursor.eat_all(&["if", "not", "exists"]);
        match table::column(cursor, tables) {
            Some(it) => {
                let line = format!("{}: {}{}", name(&it.name), it.data_type, options(&it.options));
                let why = format!("write `{line}` {within}; {last}");
                return Some(Translation::Within(WithinModel { model, line, why }));
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
