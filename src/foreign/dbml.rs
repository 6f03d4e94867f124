//! DBML: tables with their columns and indexes, references, enums.

mod reference;

use super::draft::{
    ForeignAttribute, ForeignModel, model_of_table, name, operand, options, raw, text,
};
use super::lexeme::{Lexeme, LexemeCursor, LexemeKind, LexemeSpelling};
use super::types::{self, json_default};
use super::{ForeignPart, Translation};
use crate::ir::TypeWord;
use crate::words::{camelize, lower_first, pluralize, upper_first};
use reference::{DbmlEnd, DbmlReference, end, references};
use std::collections::HashMap;

/// What is known of a whole text: which names tables have beside their own, and all references.
#[derive(Debug, Default)]
pub(super) struct DbmlTables {
    /// `Table users as U`: the alias, and the table.
    aliases: Vec<(String, String)>,
    /// Each table with its columns, and those of its primary key.
    columns: Vec<(String, Vec<String>, Vec<String>)>,
    enums: Vec<String>,
    references: Vec<DbmlReference>,
    /// How many references there are between two models.
    between: HashMap<(String, String), usize>,
}

/// Two models, whichever of them refers to the other.
fn pair(one: &str, two: &str) -> (String, String) {
    (one.min(two).to_owned(), one.max(two).to_owned())
}

/// A table, as it is written.
struct DbmlTable {
    name: String,
    alias: Option<String>,
    model: ForeignModel,
    references: Vec<DbmlReference>,
}

impl DbmlTables {
    pub(super) fn of(text: &str) -> Self {
        let mut res = Self::default();
        let (mut begin, mut read) = (0, 0);
        for line in text.split_inclusive('\n') {
            let at = begin + line.len() - line.trim_start().len();
            begin += line.len();
            // What begins otherwise is passed over without a look at what follows it: a comment, say, that is open up to the text's end.
            let first = line.trim_start().bytes().next();
            if !first.is_some_and(|it| it.is_ascii_alphabetic()) || at < read {
                continue;
            }
            let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, at);
            match cursor.word().map(str::to_ascii_lowercase).as_deref() {
                Some("table") => {
                    let found = table(&mut cursor);
                    read = cursor.behind_space();
                    let Some(table) = found else { continue };
                    let all = table.model.attributes;
                    let keys = all.iter().filter(|it| is_key(it)).map(|it| it.name.clone());
                    let keys = keys.collect();
                    let names = all.into_iter().map(|it| it.name).collect();
                    res.columns.push((table.name.clone(), names, keys));
                    res.aliases.extend(table.alias.map(|it| (it, table.name)));
                    res.references.extend(table.references);
                }
                Some("enum") => res.enums.extend(table_name(&mut cursor)),
                Some("ref") => res.references.extend(references(&mut cursor).into_iter().flatten()),
                _ => {}
            }
        }
        for at in 0..res.references.len() {
            let Some(mut it) = res.references.get(at).cloned() else { break };
            res.resolve(&mut it);
            if let Some(slot) = res.references.get_mut(at) {
                *slot = it;
            }
        }
        res.references.dedup();
        for it in res.references.iter().filter(|it| it.sign != "<>") {
            let ends = pair(&model_of_table(&it.from.table), &model_of_table(&it.to.table));
            *res.between.entry(ends).or_default() += 1;
        }
        res
    }

    /// Puts tables in place of their aliases.
    fn resolve(&self, reference: &mut DbmlReference) {
        for end in [&mut reference.from, &mut reference.to] {
            if let Some((_, table)) = self.aliases.iter().find(|it| it.0 == end.table) {
                end.table.clone_from(table);
            }
        }
    }

    /// The names that both associations need, where theirs by themselves are taken: the child's, and the parent's.
    fn names(&self, child: &DbmlEnd, parent: &DbmlEnd) -> Option<(String, String)> {
        let (one, two) = (model_of_table(&child.table), model_of_table(&parent.table));
        let column = child.columns.first()?;
        let own = self.columns.iter().find(|it| it.0 == child.table).map(|it| it.1.as_slice());
        let is_column =
            |name: &str| own.unwrap_or_default().iter().any(|it| it.eq_ignore_ascii_case(name));
        let count = self.between.get(&pair(&one, &two)).copied().unwrap_or_default();
        if count < 2 && one != two && !is_column(&two) {
            return None;
        }
        let base = column.trim_end_matches("_id").trim_end_matches("Id").to_owned();
        let base =
            if base.is_empty() || is_column(&base) { format!("{column}_{two}") } else { base };
        let base = camelize(&base).to_string();
        let many = lower_first(&pluralize(&one));
        Some((base, format!("{many}By{}", upper_first(&camelize(column)))))
    }
}

/// The sentence that begins at `at`.
pub(super) fn sentence(text: &str, at: usize, tables: &DbmlTables) -> Option<ForeignPart> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, at);
    let said = match cursor.word()?.to_ascii_lowercase().as_str() {
        "table" => {
            let mut table = table(&mut cursor)?;
            for it in &mut table.model.attributes {
                let own = it.data_type.trim_matches('`');
                let last = |name: &str| name.rsplit('.').next().is_some_and(|it| it == own);
                let word = own.split(['.', '(']).next().unwrap_or(own);
                let is_known = TypeWord::named(word).is_some() || it.data_type.starts_with("sql`");
                if !is_known && !tables.enums.iter().any(|it| last(it)) {
                    it.data_type = raw(own);
                }
            }
            let mut sentences = vec![table.model.written()];
            for it in table.references {
                sentences.push(it.written(tables)?);
            }
            Translation::Said(sentences.join("\n"))
        }
        "ref" => {
            let all = references(&mut cursor)?.into_iter().map(|it| it.written(tables));
            Translation::Said(all.collect::<Option<Vec<_>>>()?.join("\n"))
        }
        "enum" => Translation::Said(enumeration(&mut cursor)?),
        "tablegroup" | "project" => {
            cursor.name()?;
            settings(&mut cursor);
            let start = cursor.peek().filter(|it| it.is("{"))?.start;
            cursor.skip();
            let inner = text.get(start..cursor.end)?;
            let is_own = ["database_type", "Note", "note"];
            if inner.contains(':') && !is_own.iter().any(|it| inner.contains(it)) {
                return None;
            }
            Translation::Nothing("a script has no groups and no title")
        }
        "records" => {
            cursor.until(|it| it.is("{"));
            cursor.peek().filter(|it| it.is("{"))?;
            cursor.skip();
            Translation::Unsaid("rows are no models: `load` and `bulkCreate` write them".to_owned())
        }
        "tablepartial" => {
            cursor.name()?;
            settings(&mut cursor);
            cursor.peek().filter(|it| it.is("{"))?;
            cursor.skip();
            Translation::Unsaid(
                "what several tables have is written in a `defaults`, or at each".to_owned(),
            )
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

fn table(cursor: &mut LexemeCursor<'_>) -> Option<DbmlTable> {
    let table = table_name(cursor)?;
    let alias = if cursor.eat("as") { Some(cursor.name()?) } else { None };
    let plain = table.rsplit('.').next().unwrap_or(&table);
    let mut model = ForeignModel { name: model_of_table(&table), ..ForeignModel::default() };
    for it in settings(cursor) {
        model.options.extend(note(it));
    }
    if !cursor.eat("{") {
        return None;
    }
    let mut references = Vec::new();
    while !cursor.eat("}") {
        if cursor.eat_all(&["Note", ":"]) {
            let said = cursor.take().filter(Lexeme::is_text)?.unquoted();
            model.options = vec![format!("comment: {}", text(said.trim()))];
        } else if cursor.eat_all(&["Note", "{"]) {
            let said = cursor.take().filter(Lexeme::is_text)?.unquoted();
            model.options = vec![format!("comment: {}", text(said.trim()))];
            cursor.eat("}");
        } else if cursor.eat_all(&["indexes", "{"]) {
            while !cursor.eat("}") {
                index(cursor, &mut model)?;
            }
        } else if cursor.eat_all(&["checks", "{"]) {
            while !cursor.eat("}") {
                let check = cursor.take().filter(Lexeme::is_text)?.unquoted();
                let said = settings(cursor).into_iter().filter_map(|it| quoted_value(it, "name"));
                let said: Vec<_> = said.map(|it| format!("name: {}", name(&it))).collect();
                model.body.push(format!("check ({}){}", raw(&check), options(&said)));
            }
        } else if cursor.eat("~") {
            let partial = cursor.name()?;
            model
                .remarks
                .push(format!("~{partial}: what a TablePartial has is written at each table"));
        } else {
            column(cursor, &table, &mut model, &mut references)?;
        }
    }
    if model.attributes.is_empty() {
        return None;
    }
    if !model.attributes.iter().any(is_key) {
        model.options.push("id: false".to_owned());
    }
    model.options.push(format!("tableName: {}", name(plain)));
    if let Some((schema, _)) = table.rsplit_once('.')
        && schema != "public"
    {
        model.options.push(format!("schema: {}", name(schema)));
    }
    model.options.push("timestamps: false".to_owned());
    Some(DbmlTable { name: table, alias, model, references })
}

fn is_key(attribute: &ForeignAttribute) -> bool {
    attribute.options.iter().any(|it| it == "primaryKey")
}

/// `note: 'what it is'`, as an option.
fn note(setting: &str) -> Option<String> {
    quoted_value(setting, "note").map(|it| format!("comment: {}", text(it.trim())))
}

/// The text that a setting of that name gives.
fn quoted_value(setting: &str, key: &str) -> Option<String> {
    let (own, value) = setting.split_once(':')?;
    let value = LexemeCursor::new(value, LexemeSpelling::Script, 0).peek()?;
    own.trim().eq_ignore_ascii_case(key).then(|| value.unquoted())
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
    references: &mut Vec<DbmlReference>,
) -> Option<()> {
    let column = cursor.name()?;
    let word = cursor.peek().filter(|it| !it.breaks)?;
    let mut is_quoted = word.kind == LexemeKind::Quoted;
    let mut word = cursor.name()?;
    while cursor.eat(".") {
        // The schema of an enum.
        is_quoted = false;
        word = cursor.name()?;
    }
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
                Some(it) if it == "null" => {}
                Some(it) => res.options.push(format!("defaultValue: {it}")),
                None => res.remarks.push(format!("{column}: its default can't be said")),
            },
            it if it.starts_with("note") => res.options.extend(note(setting)),
            it if it.starts_with("check") => {
                let check = quoted_value(setting, "check")?;
                res.options.push(format!("check: ({})", raw(&check)));
            }
            it if it.starts_with("ref") => {
                let mut target = LexemeCursor::new(value(), LexemeSpelling::Script, 0);
                let sign = target.take()?.text.to_owned();
                let to = end(&mut target)?;
                let from = DbmlEnd { table: table.to_owned(), columns: vec![column.clone()] };
                references.push(DbmlReference { from, sign, to, said: Vec::new() });
            }
            _ => res.remarks.push(format!("{column}: `{setting}` can't be said")),
        }
    }
    if res.data_type.starts_with("JSON") {
        res.options.iter_mut().for_each(|it| *it = json_default(it));
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

fn index(cursor: &mut LexemeCursor<'_>, model: &mut ForeignModel) -> Option<()> {
    let mut fields = Vec::new();
    if cursor.eat("(") {
        while !cursor.eat(")") {
            fields.push(field(cursor)?);
            cursor.eat(",");
        }
    } else {
        fields.push(field(cursor)?);
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
            "type" if value.trim().eq_ignore_ascii_case("btree") => {}
            "note" => model.remarks.push(format!("the note of an index: {}", value.trim())),
            _ => model.remarks.push(format!("an index: `{}` can't be said", setting.trim())),
        }
    }
    let fields: Vec<String> = fields
        .iter()
        .map(|it| if it.starts_with("sql`") { it.clone() } else { operand(it) })
        .collect();
    model.body.push(format!("index ({}){}", fields.join(", "), options(&said)));
    Some(())
}

/// A column of an index, or an expression in backquotes.
fn field(cursor: &mut LexemeCursor<'_>) -> Option<String> {
    let is_expression = cursor.peek()?.text.starts_with('`');
    let said = cursor.name()?;
    Some(if is_expression { raw(&said) } else { said })
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
