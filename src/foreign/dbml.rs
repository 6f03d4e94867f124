//! DBML: tables with their columns and indexes, references, enums.

use super::draft::{
    ForeignAttribute, ForeignModel, action, model_of_table, name, operand, options, raw, text,
};
use super::lexeme::{Lexeme, LexemeCursor, LexemeKind, LexemeSpelling};
use super::types;
use super::{ForeignPart, Translation};

/// The sentence that begins at `at`.
pub(super) fn sentence(text: &str, at: usize) -> Option<ForeignPart> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, at);
    let said = match cursor.word()?.to_ascii_lowercase().as_str() {
        "table" => Translation::Said(table(&mut cursor)?),
        "ref" => {
            if !cursor.peek()?.is(":") && !cursor.peek()?.is("{") {
                cursor.name()?;
            }
            let in_braces = !cursor.eat(":");
            if in_braces && !cursor.eat("{") {
                return None;
            }
            let mut all = vec![reference(&mut cursor)?];
            while in_braces && !cursor.eat("}") {
                all.push(reference(&mut cursor)?);
            }
            Translation::Said(all.join("\n"))
        }
        "enum" => Translation::Said(enumeration(&mut cursor)?),
        "tablegroup" | "project" => {
            cursor.name()?;
            let start = cursor.peek().filter(|it| it.is("{"))?.start;
            cursor.skip();
            let inner = text.get(start..cursor.end)?;
            if inner.contains(':') && !inner.contains("database_type") {
                return None;
            }
            Translation::Nothing("a script has no groups and no title")
        }
        _ => return None,
    };
    Some(ForeignPart { end: cursor.end, said })
}

/// `schema.table`
fn table_name(cursor: &mut LexemeCursor<'_>) -> Option<String> {
    let mut res = cursor.name()?;
    while cursor.eat(".") {
        res.push('.');
        res.push_str(&cursor.name()?);
    }
    Some(res)
}

fn table(cursor: &mut LexemeCursor<'_>) -> Option<String> {
    let table = table_name(cursor)?;
    if cursor.eat("as") {
        cursor.name()?;
    }
    settings(cursor);
    if !cursor.eat("{") {
        return None;
    }
    let mut model = ForeignModel { name: model_of_table(&table), ..ForeignModel::default() };
    let mut sentences = Vec::new();
    while !cursor.eat("}") {
        if cursor.eat_all(&["Note", ":"]) {
            let note = cursor.take().filter(Lexeme::is_text)?.unquoted();
            model.options.push(format!("comment: {}", text(&note)));
        } else if cursor.eat_all(&["Note", "{"]) {
            cursor.until(|_| false);
            cursor.eat("}");
        } else if cursor.eat_all(&["indexes", "{"]) {
            while !cursor.eat("}") {
                index(cursor, &mut model)?;
            }
        } else {
            column(cursor, &table, &mut model, &mut sentences)?;
        }
    }
    if model.attributes.is_empty() {
        return None;
    }
    if !model
        .attributes
        .iter()
        .any(|attribute| attribute.options.iter().any(|it| it == "primaryKey"))
    {
        match model.attribute("id") {
            Some(it) => it.options.insert(0, "primaryKey".to_owned()),
            None => model.options.push("id: false".to_owned()),
        }
    }
    let plain = table.rsplit('.').next().unwrap_or(&table);
    model.options.push(format!("tableName: {}", name(plain)));
    model.options.push("timestamps: false".to_owned());
    sentences.insert(0, model.written());
    Some(sentences.join("\n"))
}

/// What `[a, b: c]` says, each by itself.
fn settings<'a>(cursor: &mut LexemeCursor<'a>) -> Vec<&'a str> {
    let mut res = Vec::new();
    if cursor.peek().is_some_and(|it| it.is("[") && !it.breaks) {
        cursor.take();
        while cursor.peek().is_some_and(|it| !it.is("]")) {
            res.push(cursor.until(|it| it.is(",")));
            if !cursor.eat(",") {
                break;
            }
        }
        cursor.eat("]");
    }
    res
}

fn column(
    cursor: &mut LexemeCursor<'_>,
    table: &str,
    model: &mut ForeignModel,
    sentences: &mut Vec<String>,
) -> Option<()> {
    let column = cursor.name()?;
    let word = cursor.peek().filter(|it| !it.breaks)?;
    let is_quoted = word.kind == LexemeKind::Quoted;
    let word = cursor.name()?;
    let mut arguments = String::new();
    if cursor.peek().is_some_and(|it| it.is("(") && !it.breaks) {
        cursor.take();
        cursor.until(|_| false).clone_into(&mut arguments);
        cursor.eat(")");
    }
    let mut res = ForeignAttribute { name: column.clone(), ..ForeignAttribute::default() };
    if cursor.eat_all(&["[", "]"]) {
        res.remarks.push("a list is kept as JSON".to_owned());
        "JSON".clone_into(&mut res.data_type);
    } else {
        res.data_type = types::of_database(&word, &arguments)
            .unwrap_or_else(|| if is_quoted { raw(&word) } else { name(&word) });
    }
    for setting in settings(cursor) {
        let lower = setting.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
        let value = || setting.split_once(':').map_or("", |it| it.1.trim());
        match lower.as_str() {
            "pk" | "primary key" => res.options.push("primaryKey".to_owned()),
            "increment" => res.options.push("autoIncrement".to_owned()),
            "not null" => res.options.push("allowNull: false".to_owned()),
            "unique" => res.options.push("unique".to_owned()),
            "null" => {}
            it if it.starts_with("default") => match default(value()) {
                Some(it) => res.options.push(format!("defaultValue: {it}")),
                None => res.remarks.push(format!("{column}: its default can't be said")),
            },
            it if it.starts_with("note") => {
                let note = LexemeCursor::new(value(), LexemeSpelling::Script, 0)
                    .peek()
                    .map(|it| it.unquoted());
                res.options.extend(note.map(|it| format!("comment: {}", text(&it))));
            }
            it if it.starts_with("ref") => {
                let mut target = LexemeCursor::new(value(), LexemeSpelling::Script, 0);
                let sign = target.take()?.text;
                let to = end(&mut target)?;
                sentences.push(associations(&(table.to_owned(), column.clone()), sign, &to, &[])?);
            }
            _ => res.remarks.push(format!("{column}: `{setting}` can't be said")),
        }
    }
    if res.options.iter().any(|it| it == "primaryKey") {
        res.options.retain(|it| it != "allowNull: false");
    }
    model.attributes.push(res);
    Some(())
}

fn default(value: &str) -> Option<String> {
    let mut cursor = LexemeCursor::new(value, LexemeSpelling::Script, 0);
    let minus = cursor.eat("-");
    let next = cursor.take()?;
    Some(match next.kind {
        LexemeKind::Quoted if next.text.starts_with('`') => {
            let inner = next.unquoted();
            let lower = inner.to_ascii_lowercase();
            if matches!(lower.as_str(), "now()" | "current_timestamp") {
                "now()".to_owned()
            } else {
                raw(&inner)
            }
        }
        LexemeKind::Quoted => text(&next.unquoted()),
        LexemeKind::Number => format!("{}{}", if minus { "-" } else { "" }, next.text),
        LexemeKind::Word => next.text.to_ascii_lowercase(),
        LexemeKind::Sign => return None,
    })
}

fn index(cursor: &mut LexemeCursor<'_>, model: &mut ForeignModel) -> Option<()> {
    let mut fields = Vec::new();
    if cursor.eat("(") {
        while !cursor.eat(")") {
            fields.push(cursor.name()?);
            cursor.eat(",");
        }
    } else {
        fields.push(cursor.name()?);
    }
    let mut said = Vec::new();
    for setting in settings(cursor) {
        let (key, value) = setting.split_once(':').unwrap_or((setting, ""));
        match key.trim() {
            "pk" => {
                for field in &fields {
                    if let Some(it) = model.attribute(field) {
                        it.options.retain(|it| it != "allowNull: false");
                        it.options.push("primaryKey".to_owned());
                    }
                }
                return Some(());
            }
            "unique" => said.push("unique".to_owned()),
            "name" => {
                let value = LexemeCursor::new(value, LexemeSpelling::Script, 0).peek()?.unquoted();
                said.push(format!("name: {}", name(&value)));
            }
            _ => {}
        }
    }
    let fields: Vec<String> = fields.iter().map(|it| operand(it)).collect();
    model.body.push(format!("index ({}){}", fields.join(", "), options(&said)));
    Some(())
}

/// `users.id`
fn end(cursor: &mut LexemeCursor<'_>) -> Option<(String, String)> {
    let mut table = cursor.name()?;
    if !cursor.eat(".") {
        return None;
    }
    let mut column = cursor.name()?;
    while cursor.eat(".") {
        table = std::mem::replace(&mut column, cursor.name()?);
    }
    Some((table, column))
}

/// `posts.user_id > users.id [delete: cascade]`
fn reference(cursor: &mut LexemeCursor<'_>) -> Option<String> {
    let from = end(cursor)?;
    let sign = cursor.take()?.text;
    let to = end(cursor)?;
    let settings = settings(cursor);
    let said = settings.iter().filter_map(|it| {
        let (key, value) = it.split_once(':')?;
        let option = match key.trim() {
            "delete" => "onDelete",
            "update" => "onUpdate",
            _ => return None,
        };
        Some(format!("{option}: {}", action(value)?))
    });
    associations(&from, sign, &to, &said.collect::<Vec<_>>())
}

fn associations(
    from: &(String, String),
    sign: &str,
    to: &(String, String),
    said: &[String],
) -> Option<String> {
    let (child, parent, verb) = match sign {
        ">" => (from, to, "hasMany"),
        "<" => (to, from, "hasMany"),
        "-" => (from, to, "hasOne"),
        "<>" => {
            let (one, two) = (name(&model_of_table(&from.0)), name(&model_of_table(&to.0)));
            let through = name(&format!("{}_{}", from.0, to.0));
            let through = format!("< through: {through}, timestamps: false >");
            return Some(format!(
                "{one} belongsToMany {two} {through}\n{two} belongsToMany {one} {through}"
            ));
        }
        _ => return None,
    };
    let (one, two) = (name(&model_of_table(&child.0)), name(&model_of_table(&parent.0)));
    let key = format!("foreignKey: {}", name(&child.1));
    let (mut own, mut other) = (vec![key.clone()], vec![key]);
    if parent.1 != "id" {
        own.push(format!("targetKey: {}", name(&parent.1)));
        other.push(format!("sourceKey: {}", name(&parent.1)));
    }
    own.extend_from_slice(said);
    Some(format!("{one} belongsTo {two}{}\n{two} {verb} {one}{}", options(&own), options(&other)))
}

fn enumeration(cursor: &mut LexemeCursor<'_>) -> Option<String> {
    // `enum Status { draft, paid }` is Relata's own
    let is_own = cursor.text.get(..cursor.end)?.ends_with("enum");
    let named = table_name(cursor)?;
    if !cursor.eat("{") {
        return None;
    }
    let (mut members, mut noted) = (Vec::new(), false);
    while !cursor.eat("}") {
        members.push(name(&cursor.name()?));
        noted |= !settings(cursor).is_empty();
    }
    let is_plain = is_own && !noted && !named.contains('.');
    let named = named.rsplit('.').next().unwrap_or(&named);
    (!is_plain && !members.is_empty())
        .then(|| format!("enum {} {{ {} }}", name(named), members.join(", ")))
}
