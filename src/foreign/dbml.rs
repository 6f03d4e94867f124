//! DBML: tables with their columns and indexes, references, enums.

mod column;
mod names;
mod reference;

use super::draft::{ForeignAttribute, ForeignModel, as_comment, name, operand, options, raw, text};
use super::lexeme::{Lexeme, LexemeCursor, LexemeSpelling};
use super::{ForeignPart, Translation};
use crate::ir::TypeWord;
use crate::words::{camelize, lower_first, pluralize, upper_first};
use column::column;
use names::{ModelNames, first_free};
use reference::{DbmlEnd, DbmlReference, references};
use std::collections::{HashMap, HashSet};

/// What of a text is read: what tables have in common is known before they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DbmlPass {
    Partials,
    Tables,
}

/// What is known of a whole text: which names tables have beside their own, and all references.
#[derive(Debug, Default)]
pub(super) struct DbmlTables {
    /// `Table users as U`: the alias, and the table.
    aliases: Vec<(String, String)>,
    /// Each table with its columns, and those of its primary key.
    columns: Vec<(String, Vec<String>, Vec<String>)>,
    /// What each `TablePartial` has.
    partials: Vec<DbmlTable>,
    /// The name of each table's model, and of each enum.
    names: ModelNames,
    references: Vec<DbmlReference>,
    /// The table between two others, for each reference of many to many.
    links: Vec<(DbmlReference, String)>,
    /// How many references there are between two tables.
    between: HashMap<(String, String), usize>,
}

/// Two tables, whichever of them refers to the other.
fn pair(one: &str, two: &str) -> (String, String) {
    (one.min(two).to_owned(), one.max(two).to_owned())
}

/// A table, as it is written.
#[derive(Debug)]
struct DbmlTable {
    name: String,
    alias: Option<String>,
    model: ForeignModel,
    references: Vec<DbmlReference>,
}

impl DbmlTables {
    pub(super) fn of(text: &str) -> Self {
        let mut res = Self::default();
        for pass in [DbmlPass::Partials, DbmlPass::Tables] {
            res.read(text, pass);
        }
        for at in 0..res.references.len() {
            let Some(mut it) = res.references.get(at).cloned() else { break };
            res.resolve(&mut it);
            if let Some(slot) = res.references.get_mut(at) {
                *slot = it;
            }
        }
        res.references.dedup();
        let mut used: HashSet<String> = res.columns.iter().map(|it| plain(&it.0)).collect();
        for it in &res.references {
            *res.between.entry(pair(&it.from.table, &it.to.table)).or_default() += 1;
            if it.sign == "<>" {
                let base = format!("{}_{}", plain(&it.from.table), plain(&it.to.table));
                let link = first_free(&base, |base, count| format!("{base}({count})"), &used);
                used.insert(link.clone());
                res.links.push((it.clone(), link));
            }
        }
        res
    }

    /// Reads what a text declares.
    fn read(&mut self, text: &str, pass: DbmlPass) {
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
            let head = cursor.word().map(str::to_ascii_lowercase);
            match (pass, head.as_deref()) {
                (DbmlPass::Partials, Some("tablepartial")) => {
                    let found = table(&mut cursor, &[]);
                    read = cursor.behind_space();
                    self.partials.extend(found);
                }
                (DbmlPass::Tables, Some("table")) => {
                    let found = table(&mut cursor, &self.partials);
                    read = cursor.behind_space();
                    let Some(table) = found else { continue };
                    let all = table.model.attributes;
                    let keys = all.iter().filter(|it| is_key(it)).map(|it| it.name.clone());
                    let keys = keys.collect();
                    let names = all.into_iter().map(|it| it.name).collect();
                    self.names.add_table(&table.name);
                    self.columns.push((table.name.clone(), names, keys));
                    self.aliases.extend(table.alias.map(|it| (it, table.name)));
                    self.references.extend(table.references);
                }
                (DbmlPass::Tables, Some("enum")) => {
                    if let Some(it) = table_name(&mut cursor) {
                        self.names.add_enum(&it);
                    }
                }
                (DbmlPass::Tables, Some("ref")) => {
                    self.references.extend(references(&mut cursor).into_iter().flatten());
                }
                _ => {}
            }
        }
    }

    /// Puts tables in place of their aliases.
    fn resolve(&self, reference: &mut DbmlReference) {
        for end in [&mut reference.from, &mut reference.to] {
            if let Some((_, table)) = self.aliases.iter().find(|it| it.0 == end.table) {
                end.table.clone_from(table);
            }
        }
    }

    /// Whether these columns are the primary key of their table.
    fn is_key(&self, end: &DbmlEnd) -> bool {
        let keys = self.columns.iter().find(|it| it.0 == end.table).map(|it| it.2.as_slice());
        keys.map_or_else(|| end.columns == ["id"], |it| it == end.columns)
    }

    /// How many references there are between two tables.
    fn count_between(&self, one: &DbmlEnd, two: &DbmlEnd) -> usize {
        self.between.get(&pair(&one.table, &two.table)).copied().unwrap_or_default()
    }

    /// The names that both associations need, where theirs by themselves are taken: the child's, and the parent's.
    fn names(&self, child: &DbmlEnd, parent: &DbmlEnd) -> Option<(String, String)> {
        let (one, two) = (self.names.model(&child.table), self.names.model(&parent.table));
        let column = child.columns.first()?;
        let own = self.columns.iter().find(|it| it.0 == child.table).map(|it| it.1.as_slice());
        let is_column =
            |name: &str| own.unwrap_or_default().iter().any(|it| it.eq_ignore_ascii_case(name));
        let count = self.count_between(child, parent);
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
    let word = cursor.word()?.to_ascii_lowercase();
    let said = match word.as_str() {
        "table" => {
            let mut table = table(&mut cursor, &tables.partials)?;
            table.model.name = tables.names.model(&table.name);
            for it in &mut table.model.attributes {
                let raw_type =
                    it.data_type.strip_prefix("sql`").and_then(|it| it.strip_suffix('`'));
                let own = raw_type.unwrap_or(&it.data_type).trim_matches('`');
                let word = own.split(['.', '(']).next().unwrap_or(own);
                if let Some(named) = tables.names.enumeration(own) {
                    it.data_type = name(named);
                } else if raw_type.is_none() && TypeWord::named(word).is_none() {
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
        "enum" => Translation::Said(enumeration(&mut cursor, &tables.names)?),
        "tablegroup" | "project" => {
            let group = cursor.name()?;
            settings(&mut cursor);
            let start = cursor.peek().filter(|it| it.is("{"))?.start;
            cursor.skip();
            let inner = text.get(start..cursor.end)?;
            let is_own = ["database_type", "Note", "note"];
            if inner.contains(':') && !is_own.iter().any(|it| inner.contains(it)) {
                return None;
            }
            match project_note(inner) {
                // What belongs together is worth a line.
                _ if word == "tablegroup" => {
                    Translation::Said(as_comment(&format!("TableGroup {group} {inner}")))
                }
                Some(note) => Translation::Said(as_comment(&note)),
                None => Translation::Nothing("a script has no title"),
            }
        }
        "records" => {
            cursor.until(|it| it.is("{"));
            cursor.peek().filter(|it| it.is("{"))?;
            cursor.skip();
            Translation::Unsaid("rows are no models: `load` and `bulkCreate` write them".to_owned())
        }
        "tablepartial" => {
            table(&mut cursor, &[])?;
            Translation::Nothing("what several tables have is written at each of them")
        }
        _ => return None,
    };
    Some(ForeignPart { end: cursor.end, said })
}

/// What the note of a project's body says.
fn project_note(body: &str) -> Option<String> {
    let mut cursor = LexemeCursor::new(body, LexemeSpelling::Script, 0);
    while let Some(it) = cursor.take() {
        if it.text.eq_ignore_ascii_case("note") && (cursor.eat(":") || cursor.eat("{")) {
            return cursor.take().filter(Lexeme::is_text).map(|it| it.unquoted());
        }
    }
    None
}

/// `schema.table`
fn table_name(cursor: &mut LexemeCursor<'_>) -> Option<String> {
    let mut res = cursor.name()?;
    while cursor.eat(".") {
        res.push('.');
        res.push_str(&cursor.name()?);
    }
    Some(res.strip_prefix("public.").map(str::to_owned).unwrap_or(res))
}

/// A table's own name, without its schema.
fn plain(table: &str) -> String {
    table.rsplit('.').next().unwrap_or(table).to_owned()
}

fn table(cursor: &mut LexemeCursor<'_>, partials: &[DbmlTable]) -> Option<DbmlTable> {
    let table = table_name(cursor)?;
    let alias = if cursor.eat("as") { Some(cursor.name()?) } else { None };
    let mut injected: Vec<(usize, String)> = Vec::new();
    let mut model = ForeignModel::default();
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
            injected.push((model.attributes.len(), cursor.name()?));
        } else {
            column(cursor, &table, &mut model, &mut references)?;
        }
    }
    inject(&table, &injected, partials, &mut model, &mut references);
    if model.attributes.is_empty() {
        return None;
    }
    if !model.attributes.iter().any(is_key) {
        model.options.push("id: false".to_owned());
    }
    model.options.push(format!("tableName: {}", name(&plain(&table))));
    if let Some((schema, _)) = table.rsplit_once('.') {
        model.options.push(format!("schema: {}", name(schema)));
    }
    model.options.push("timestamps: false".to_owned());
    Some(DbmlTable { name: table, alias, model, references })
}

/// Puts what `~partials` have into a table: its own columns count before theirs, and a later one's before an earlier one's.
fn inject(
    table: &str,
    injected: &[(usize, String)],
    partials: &[DbmlTable],
    model: &mut ForeignModel,
    references: &mut Vec<DbmlReference>,
) {
    let mut known: HashSet<String> = model.attributes.iter().map(|it| it.name.clone()).collect();
    for (at, name) in injected.iter().rev() {
        let Some(partial) = partials.iter().find(|it| it.name == *name) else {
            model.remarks.push(format!("~{name}: there is no such TablePartial"));
            continue;
        };
        let new = partial.model.attributes.iter().filter(|it| known.insert(it.name.clone()));
        let new: Vec<ForeignAttribute> = new.cloned().collect();
        for it in &partial.references {
            if it.from.columns.iter().all(|column| new.iter().any(|it| it.name == *column)) {
                let mut it = it.clone();
                table.clone_into(&mut it.from.table);
                references.push(it);
            }
        }
        model.attributes.splice(at..at, new);
        model.body.extend(partial.model.body.iter().cloned());
        model.remarks.extend(partial.model.remarks.iter().cloned());
        let note = partial.model.options.iter().find(|it| it.starts_with("comment"));
        if !model.options.iter().any(|it| it.starts_with("comment")) {
            model.options.extend(note.cloned());
        }
    }
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

fn enumeration(cursor: &mut LexemeCursor<'_>, models: &ModelNames) -> Option<String> {
    // `enum Status { draft, paid }` is Relata's own
    let is_own = cursor.text.get(..cursor.end)?.ends_with("enum");
    let named = table_name(cursor)?;
    if !cursor.eat("{") {
        return None;
    }
    let (mut members, mut notes) = (Vec::new(), String::new());
    while !cursor.eat("}") {
        if cursor.eat_all(&["Note", ":"]) {
            let said = cursor.take().filter(Lexeme::is_text)?.unquoted();
            notes.extend([as_comment(&said), "\n".to_owned()]);
            continue;
        }
        let member = cursor.name()?;
        for it in settings(cursor) {
            let said = quoted_value(it, "note").unwrap_or_else(|| it.trim().to_owned());
            notes.extend([as_comment(&format!("{member}: {said}")), "\n".to_owned()]);
        }
        members.push(name(&member));
    }
    let has_notes = !notes.is_empty();
    let is_plain = is_own && !has_notes && !named.contains('.');
    let own = plain(&named);
    let said = models.enumeration(&named).unwrap_or(&own);
    let differs = !is_plain || said != own;
    (differs && !members.is_empty())
        .then(|| format!("{notes}enum {} {{ {} }}", name(said), members.join(", ")))
}
