//! A column of DBML's, as an attribute.

use super::super::draft::{ForeignAttribute, ForeignModel, name, raw, text};
use super::super::lexeme::{Lexeme, LexemeCursor, LexemeKind, LexemeSpelling};
use super::super::types::{self, json_default};
use super::reference::{DbmlEnd, DbmlReference, end};
use super::{note, quoted_value, settings};

/// Reads a column into its model; its references come to these.
pub(super) fn column(
    cursor: &mut LexemeCursor<'_>,
    table: &str,
    model: &mut ForeignModel,
    references: &mut Vec<DbmlReference>,
) -> Option<()> {
    let column = cursor.name()?;
    let word = cursor.peek().filter(|it| !it.breaks)?;
    let mut is_quoted = word.kind == LexemeKind::Quoted;
    let mut word = cursor.name()?;
    while cursor.eat(".") {
        // The schema of an enum.
        is_quoted = true;
        word.push('.');
        word.push_str(&cursor.name()?);
    }
    let mut arguments = String::new();
    if cursor.peek().is_some_and(|it| it.is("(") && !it.breaks) {
        cursor.take();
        cursor.until(|_| false).clone_into(&mut arguments);
        cursor.eat(")");
    }
    let mut res = ForeignAttribute { name: column.clone(), ..ForeignAttribute::default() };
    if dimensions(cursor) > 0 {
        res.remarks.push("a list is kept as JSON".to_owned());
        "JSON".clone_into(&mut res.data_type);
    } else {
        res.data_type = types::of_database(&word, &arguments)
            .unwrap_or_else(|| if is_quoted { raw(&word) } else { name(&word) });
    }
    let mut said = settings_without_brackets(cursor)?;
    said.extend(settings(cursor));
    let mut checks = Vec::new();
    for setting in said {
        let lower = setting.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
        let value = || setting.split_once(':').map_or("", |it| it.1.trim());
        match lower.as_str() {
            "pk" | "primary key" => res.options.push("primaryKey".to_owned()),
            "increment" => res.options.push("autoIncrement".to_owned()),
            "not null" => res.options.push("allowNull: false".to_owned()),
            "unique" => res.options.push("unique".to_owned()),
            "null" => {}
            it if it.starts_with("default") => match default(value()) {
                Some(it) if it == "null" => {}
                Some(it) => res.options.push(format!("defaultValue: {it}")),
                None => res.remarks.push(format!("{column}: its default can't be said")),
            },
            it if it.starts_with("note") => res.options.extend(note(setting)),
            it if it.starts_with("check") => {
                let check = quoted_value(setting, "check")?;
                checks.push(raw(&check));
            }
            it if it.starts_with("ref") => {
                let mut target = LexemeCursor::new(value(), LexemeSpelling::Script, 0);
                let sign = target.take()?.text.to_owned();
                let to = match end(&mut target) {
                    Some(it) => it,
                    // `ref: > id`: of this table
                    None => DbmlEnd {
                        table: table.to_owned(),
                        columns: vec![value().trim_start_matches(&*sign).trim().to_owned()],
                    },
                };
                let from = DbmlEnd { table: table.to_owned(), columns: vec![column.clone()] };
                // the other side of many to many comes first
                let (from, to) = if sign == "<>" { (to, from) } else { (from, to) };
                references.push(DbmlReference { from, sign, to, said: Vec::new() });
            }
            _ => res.remarks.push(format!("{column}: `{setting}` can't be said")),
        }
    }
    let mut checks = checks.into_iter();
    res.options.extend(checks.next().map(|it| format!("check: ({it})")));
    model.body.extend(checks.map(|it| format!("check ({it})")));
    if res.data_type.starts_with("JSON") {
        res.options.iter_mut().for_each(|it| *it = json_default(&document_default(it)));
    }
    if res.options.iter().any(|it| it == "primaryKey") {
        res.options.retain(|it| it != "allowNull: false");
    }
    model.attributes.push(res);
    Some(())
}

/// How many pairs of square brackets come next: `[]`, `[3][3]`.
fn dimensions(cursor: &mut LexemeCursor<'_>) -> usize {
    let mut count = 0;
    loop {
        let mut ahead = *cursor;
        if !(ahead.peek().is_some_and(|it| it.is("[") && !it.breaks) && ahead.eat("[")) {
            return count;
        }
        if ahead.peek().is_some_and(|it| it.kind == LexemeKind::Number) {
            ahead.take();
        }
        if !ahead.eat("]") {
            return count;
        }
        (*cursor, count) = (ahead, count + 1);
    }
}

/// `pk`, `not null`, as DBML was written once; nothing where it is something else.
fn settings_without_brackets<'a>(cursor: &mut LexemeCursor<'a>) -> Option<Vec<&'a str>> {
    let mut res = Vec::new();
    while cursor.peek().is_some_and(|it| it.kind != LexemeKind::Sign && !it.breaks) {
        let known = [("not", "null", "not null"), ("primary", "key", "pk")];
        let known = known.into_iter().find(|it| cursor.eat_all(&[it.0, it.1])).map(|it| it.2);
        let single = ["pk", "unique", "increment", "null"];
        res.push(known.or_else(|| single.into_iter().find(|it| cursor.eat(it)))?);
    }
    Some(res)
}

fn default(value: &str) -> Option<String> {
    let mut cursor = LexemeCursor::new(value, LexemeSpelling::Script, 0);
    let mut minus = false;
    while cursor.peek().is_some_and(|it| it.is("-") || it.is("+")) {
        minus ^= cursor.take()?.is("-");
    }
    let mut next = cursor.take()?;
    let is_path = cursor.peek().is_some_and(|it| it.is("."));
    while cursor.eat(".") {
        // `status.active`: the enum is known by the column's type
        next = cursor.take()?;
    }
    Some(match next.kind {
        LexemeKind::Quoted | LexemeKind::Word if is_path => name(
            &Some(next)
                .filter(Lexeme::is_text)
                .map_or_else(|| next.text.to_owned(), |it| it.unquoted()),
        ),
        LexemeKind::Quoted if next.text.starts_with('`') => {
            let inner = next.unquoted();
            let lower = inner.to_ascii_lowercase();
            match lower.as_str() {
                // The database fills it.
                "now()" | "current_timestamp" => "(now())".to_owned(),
                "gen_random_uuid()" | "uuid_generate_v4()" | "uuid()" => "uuid()".to_owned(),
                _ => raw(&inner),
            }
        }
        LexemeKind::Quoted => text(&next.unquoted()),
        LexemeKind::Number => format!("{}{}", if minus { "-" } else { "" }, next.text),
        LexemeKind::Word => next.text.to_ascii_lowercase(),
        LexemeKind::Sign => return None,
    })
}

/// The default of a JSON column, where it is in backquotes and still a document, or PostgreSQL's empty list: as a text.
fn document_default(option: &str) -> String {
    let document = option.strip_prefix("defaultValue: sql`").and_then(|it| it.strip_suffix('`'));
    match document.map(str::trim) {
        Some(list) if list.to_ascii_uppercase().starts_with("ARRAY[]") => {
            "defaultValue: []".to_owned()
        }
        Some(it) if it.starts_with(['{', '[']) => format!("defaultValue: {}", text(it)),
        _ => option.to_owned(),
    }
}
