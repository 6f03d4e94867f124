//! Prisma's schemas: models with their fields and relations, enums; what says where the database is isn't needed.

mod default;
mod enumeration;

use super::draft::{ForeignAttribute, ForeignModel, action, name, one_or_all, operand, options};
use super::lexeme::{LexemeCursor, LexemeKind, LexemeSpelling};
use super::types::{self, json_default};
use super::{ForeignPart, Translation};

/// The models of a text, so that both sides of a relation are known.
#[derive(Debug, Default)]
pub(super) struct PrismaSchema {
    models: Vec<PrismaModel>,
    /// The names of its enums.
    enums: Vec<String>,
    /// Whether a String has no end: so it is everywhere but on MySQL and SQL Server, where the text says its database.
    long_texts: bool,
}

#[derive(Debug)]
struct PrismaModel {
    name: String,
    fields: Vec<PrismaField>,
    /// `@@unique([a, b])`: the name, and what is in its brackets.
    own: Vec<(String, String)>,
}

#[derive(Debug)]
struct PrismaField {
    name: String,
    data_type: String,
    optional: bool,
    list: bool,
    attributes: Vec<(String, String)>,
}

const SCALARS: [(&str, &str); 9] = [
    ("String", "STRING"),
    ("Boolean", "BOOLEAN"),
    ("Int", "INTEGER"),
    ("BigInt", "BIGINT"),
    ("Float", "DOUBLE"),
    ("Decimal", "DECIMAL(65, 30)"),
    ("DateTime", "DATE"),
    ("Json", "JSON"),
    ("Bytes", "BLOB"),
];

pub(super) fn scalar(word: &str) -> Option<&'static str> {
    SCALARS.iter().find(|it| it.0 == word).map(|it| it.1)
}

impl PrismaSchema {
    pub(super) fn of(text: &str) -> Self {
        let begins = |at: usize| {
            text.get(..at).is_some_and(|it| it.is_empty() || it.ends_with([' ', '\n', '\t']))
        };
        let heads = text.match_indices("model ").filter(|head| begins(head.0));
        let models = heads.filter_map(|it| Some(model(text, it.0)?.0)).collect();
        let enums = text.match_indices("enum ").filter(|head| begins(head.0));
        let enums = enums.filter_map(|head| {
            let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, head.0);
            cursor.word()?;
            cursor.word().map(str::to_owned)
        });
        let long = ["postgresql", "postgres", "sqlite", "cockroachdb"];
        let provider = text.split_once("datasource ").and_then(|it| it.1.split_once("provider"));
        let provider = provider.and_then(|it| quoted(it.1.trim_start_matches([' ', '\t', '='])));
        let long_texts = provider.is_some_and(|it| long.contains(&it.as_str()));
        Self { models, enums: enums.collect(), long_texts }
    }

    fn model(&self, name: &str) -> Option<&PrismaModel> {
        self.models.iter().find(|it| it.name == name)
    }
}

/// The sentence that begins at `at`.
pub(super) fn sentence(text: &str, at: usize, schema: &PrismaSchema) -> Option<ForeignPart> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, at);
    let head = cursor.word()?;
    match head {
        "datasource" | "generator" => {
            cursor.word()?;
            let mut inner = cursor;
            if !(inner.eat("{") && inner.word().is_some() && inner.eat("=")) {
                return None;
            }
            cursor.skip();
            let said = Translation::Nothing("a script names no database: `relata run --db` does");
            Some(ForeignPart { end: cursor.end, said })
        }
        "model" | "type" | "view" => {
            let (model, end) = model(text, at)?;
            let said = if head == "model" {
                Translation::Said(model.sentence_text(schema))
            } else {
                Translation::Unsaid(
                    "what isn't a table is a JSON attribute, or a `view`".to_owned(),
                )
            };
            Some(ForeignPart { end, said })
        }
        "enum" => enumeration::enumeration(cursor),
        _ => None,
    }
}

/// What is in the round brackets that come next, if they do.
fn arguments(cursor: &mut LexemeCursor<'_>) -> String {
    if !cursor.peek().is_some_and(|it| it.is("(") && !it.breaks) {
        return String::new();
    }
    cursor.take();
    let inner = cursor.until(|_| false).to_owned();
    cursor.eat(")");
    inner
}

/// `model User { .. }`, if it is plainly Prisma's, and where it ends.
fn model(text: &str, at: usize) -> Option<(PrismaModel, usize)> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, at);
    cursor.word()?;
    let mut res =
        PrismaModel { name: cursor.word()?.to_owned(), fields: Vec::new(), own: Vec::new() };
    if !cursor.eat("{") {
        return None;
    }
    let mut plain = false;
    while !cursor.eat("}") {
        if cursor.eat_all(&["@", "@"]) {
            plain = true;
            let name = cursor.word()?.to_owned();
            res.own.push((name, arguments(&mut cursor)));
            continue;
        }
        let name = cursor.word()?.to_owned();
        let data_type = cursor.peek().filter(|it| it.kind == LexemeKind::Word && !it.breaks)?.text;
        cursor.take();
        let data_type = data_type.to_owned();
        if data_type == "Unsupported" {
            arguments(&mut cursor);
        }
        let mut field =
            PrismaField { name, data_type, optional: false, list: false, attributes: Vec::new() };
        field.list = cursor.eat_all(&["[", "]"]);
        field.optional = cursor.eat("?");
        while cursor.peek().is_some_and(|it| it.is("@") && !it.breaks) {
            cursor.take();
            let name = dotted(&mut cursor)?;
            field.attributes.push((name, arguments(&mut cursor)));
        }
        plain |= field.list
            || field.optional
            || !field.attributes.is_empty()
            || scalar(&field.data_type).is_some();
        // a field ends with its line
        if cursor.peek().is_some_and(|it| !it.breaks && !it.is("}")) {
            return None;
        }
        res.fields.push(field);
    }
    plain.then_some((res, cursor.end))
}

/// `db.VarChar`
fn dotted(cursor: &mut LexemeCursor<'_>) -> Option<String> {
    let mut res = cursor.word()?.to_owned();
    while cursor.eat(".") {
        res.push('.');
        res.push_str(cursor.word()?);
    }
    Some(res)
}

/// What `key: ..` is in an attribute's brackets.
fn argument<'a>(inner: &'a str, key: &str) -> Option<&'a str> {
    let mut cursor = LexemeCursor::new(inner, LexemeSpelling::Script, 0);
    while cursor.peek().is_some() {
        let mut ahead = cursor;
        if ahead.eat(key) && ahead.eat(":") {
            return Some(ahead.until(|it| it.is(",")));
        }
        cursor.until(|it| it.is(","));
        if !cursor.eat(",") {
            break;
        }
    }
    None
}

/// The names in `[a, b(sort: Desc)]`.
fn listed(list: &str) -> Vec<String> {
    let mut cursor = LexemeCursor::new(list, LexemeSpelling::Script, 0);
    cursor.eat("[");
    let mut res = Vec::new();
    while let Some(name) = cursor.word() {
        res.push(name.to_owned());
        cursor.until(|it| it.is(","));
        cursor.eat(",");
    }
    res
}

/// What `[a, b(sort: Desc)]` are in an index.
fn index_members(list: &str) -> String {
    let mut cursor = LexemeCursor::new(list, LexemeSpelling::Script, 0);
    cursor.eat("[");
    let mut res = Vec::new();
    while let Some(name) = cursor.word() {
        let inner = arguments(&mut cursor);
        let descends = argument(&inner, "sort") == Some("Desc");
        res.push(format!("{}{}", operand(name), if descends { " desc" } else { "" }));
        cursor.until(|it| it.is(","));
        cursor.eat(",");
    }
    res.join(", ")
}

/// What is in the quotes of `"x"` or `map: "x"`.
fn quoted(inner: &str) -> Option<String> {
    let mut cursor = LexemeCursor::new(inner, LexemeSpelling::Script, 0);
    cursor.eat_all(&["name", ":"]);
    cursor.peek().filter(super::lexeme::Lexeme::is_text).map(|it| it.unquoted())
}

impl PrismaField {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }

    /// The name of its relation.
    fn relation(&self) -> Option<String> {
        self.attribute("relation").and_then(quoted)
    }

    /// The names that `fields: [..]` or `references: [..]` lists.
    fn keys(&self, of: &str) -> Vec<String> {
        let inner = self.attribute("relation").unwrap_or_default();
        argument(inner, of).map(listed).unwrap_or_default()
    }
}

impl PrismaModel {
    fn list(&self, name: &str) -> Option<Vec<String>> {
        let inner = self.own.iter().find(|it| it.0 == name).map(|it| it.1.as_str())?;
        Some(listed(argument(inner, "fields").unwrap_or(inner)))
    }

    fn sentence_text(&self, schema: &PrismaSchema) -> String {
        let mut model = ForeignModel { name: self.name.clone(), ..ForeignModel::default() };
        let mut sentences = Vec::new();
        let mut key = self.list("id").unwrap_or_default();
        if key.is_empty() && !self.fields.iter().any(|it| it.attribute("id").is_some()) {
            key.push("id".to_owned());
        }
        let is_relation = |it: &PrismaField| {
            it.attribute("relation").is_some()
                || schema.model(&it.data_type).is_some()
                || (it.list
                    && scalar(&it.data_type).is_none()
                    && !schema.enums.contains(&it.data_type))
        };
        for field in &self.fields {
            if is_relation(field) {
                match self.relation(field, schema) {
                    Ok(it) => sentences.push(it),
                    Err(why) => model.remarks.push(format!("{}: {why}", field.name)),
                }
            } else {
                match field.sentence_text(&key, schema.long_texts) {
                    Ok(it) => model.attributes.push(it),
                    Err(why) => model.remarks.push(format!("{}: {why}", field.name)),
                }
            }
        }
        for (own, inner) in &self.own {
            let fields = || listed(argument(inner, "fields").unwrap_or(inner));
            let fields = || fields().iter().map(|it| operand(it)).collect::<Vec<_>>().join(", ");
            let named = argument(inner, "map").and_then(quoted);
            let named: Vec<String> = named.iter().map(|it| format!("name: {}", name(it))).collect();
            match own.as_str() {
                "unique" => model.body.push(format!("unique ({}){}", fields(), options(&named))),
                "index" => {
                    let list = argument(inner, "fields").unwrap_or(inner);
                    let text = format!("index ({}){}", index_members(list), options(&named));
                    match argument(inner, "type").filter(|it| *it != "BTree") {
                        Some(it) => {
                            model.remarks.push(format!("its type {it} can't be said: {text}"));
                        }
                        None => model.body.push(text),
                    }
                }
                "map" => model
                    .options
                    .extend(quoted(inner).map(|it| format!("tableName: {}", name(&it)))),
                "id" => {}
                other => model.remarks.push(format!("@@{other} can't be said")),
            }
        }
        if !model.options.iter().any(|it| it.starts_with("tableName")) {
            model.options.push("freezeTableName".to_owned());
        }
        let updated = self.fields.iter().find(|it| it.attribute("updatedAt").is_some());
        match updated {
            Some(it) => {
                model.options.push("createdAt: false".to_owned());
                model.options.push(format!("updatedAt: {}", name(&it.name)));
            }
            None => model.options.push("timestamps: false".to_owned()),
        }
        let mut res = model.written();
        for it in sentences {
            res.push('\n');
            res.push_str(&it);
        }
        res
    }

    /// Whether these fields are its primary key.
    fn is_key(&self, fields: &[String]) -> bool {
        match fields {
            [only] => {
                let mut own = self.fields.iter();
                own.any(|it| it.name == *only && it.attribute("id").is_some())
                    || self.list("id").is_some_and(|it| it == fields)
            }
            all => self.list("id").is_some_and(|it| it == all),
        }
    }

    /// The association that a field is.
    fn relation(&self, field: &PrismaField, schema: &PrismaSchema) -> Result<String, String> {
        let (own, other) = (name(&self.name), name(&field.data_type));
        let mut said = vec![format!("as: {}", name(&field.name))];
        let target = schema.model(&field.data_type);
        let keys = field.keys("fields");
        if !keys.is_empty() {
            said.push(format!("foreignKey: {}", one_or_all(&keys)));
            let references = field.keys("references");
            if !references.is_empty() && !target.is_none_or(|it| it.is_key(&references)) {
                said.push(format!("targetKey: {}", one_or_all(&references)));
            }
            let inner = field.attribute("relation").unwrap_or_default();
            for (option, otherwise) in [
                ("onDelete", if field.optional { None } else { Some("restrict") }),
                ("onUpdate", None),
            ] {
                let given = argument(inner, option).and_then(action).or(otherwise);
                said.extend(given.map(|it| format!("{option}: {it}")));
            }
            if target.is_none() {
                return Err(format!(
                    "write `{own} belongsTo {other}{}` when `{other}` is there",
                    options(&said)
                ));
            }
            return Ok(format!("{own} belongsTo {other}{}", options(&said)));
        }
        let Some(target) = target else {
            return Err(format!(
                "write `{own} hasMany {other}{}` when `{other}` is there",
                options(&said)
            ));
        };
        let is_back = |it: &&PrismaField| {
            it.data_type == self.name
                && it.relation() == field.relation()
                && !std::ptr::eq(*it, field)
        };
        let back = target.fields.iter().find(is_back).ok_or("its other side isn't there")?;
        let keys = back.keys("fields");
        if !keys.is_empty() {
            said.push(format!("foreignKey: {}", one_or_all(&keys)));
            let references = back.keys("references");
            if !references.is_empty() && !self.is_key(&references) {
                said.push(format!("sourceKey: {}", one_or_all(&references)));
            }
            let verb = if field.list { "hasMany" } else { "hasOne" };
            return Ok(format!("{own} {verb} {other}{}", options(&said)));
        }
        if !(field.list && back.list) {
            return Err("neither side says its key".to_owned());
        }
        let (first, second) = if self.name <= target.name {
            (&self.name, &target.name)
        } else {
            (&target.name, &self.name)
        };
        let table = field.relation().unwrap_or_else(|| format!("{first}To{second}"));
        let (key, other_key) = if *first == self.name { ("A", "B") } else { ("B", "A") };
        said.insert(0, format!("through: {}", name(&format!("_{table}"))));
        said.push(format!("foreignKey: {key}, otherKey: {other_key}, timestamps: false"));
        Ok(format!("{own} belongsToMany {other}{}", options(&said)))
    }
}

impl PrismaField {
    /// The attribute that it is.
    fn sentence_text(&self, key: &[String], long_texts: bool) -> Result<ForeignAttribute, String> {
        let mut res = ForeignAttribute { name: self.name.clone(), ..ForeignAttribute::default() };
        let is_time = self.data_type == "DateTime";
        let native = self.attributes.iter().find_map(|(name, inner)| {
            let word = name.strip_prefix("db.")?;
            match word.strip_prefix("Unsigned") {
                Some(signed) => types::of_database(&format!("{signed} unsigned"), ""),
                None if is_time => type_of_times(word),
                None => types::of_database(word, inner),
            }
        });
        let known = match scalar(&self.data_type) {
            Some("STRING") if long_texts => Some("TEXT".to_owned()),
            known => known.map(str::to_owned),
        };
        let has_native = native.is_some();
        res.data_type = match known {
            _ if self.list => {
                res.remarks.push("a list is kept as JSON".to_owned());
                "JSON".to_owned()
            }
            Some(it) => native.unwrap_or(it),
            None if self.data_type == "Unsupported" => {
                return Err("its type has no word in Relata".to_owned());
            }
            None => name(&self.data_type),
        };
        let is_key = self.attribute("id").is_some() || key.contains(&self.name);
        if is_key {
            res.options.push("primaryKey".to_owned());
        } else if !self.optional && !self.list {
            res.options.push("allowNull: false".to_owned());
        }
        for (attribute, inner) in &self.attributes {
            match attribute.as_str() {
                "unique" => res.options.push("unique".to_owned()),
                "map" => {
                    res.options.extend(quoted(inner).map(|it| format!("field: {}", name(&it))));
                }
                "default" => match default::default(inner) {
                    Ok(it) => {
                        let it = if self.data_type == "Json" { json_default(&it) } else { it };
                        if inner.starts_with("uuid(7") {
                            let why =
                                format!("{}: {inner} has an order, uuid() has none", self.name);
                            res.remarks.push(why);
                        }
                        res.options.push(it);
                    }
                    Err(why) => res.remarks.push(format!("{}: {why}", self.name)),
                },
                // the key, the sentence of an association, the model's `updatedAt`
                "id" | "relation" | "updatedAt" => {}
                it if it.starts_with("db.") && has_native => {}
                other => res.remarks.push(format!("{}: @{other} can't be said", self.name)),
            }
        }
        Ok(res)
    }
}

/// The type of a `DateTime` that its database keeps as a date, a time of day or both.
fn type_of_times(word: &str) -> Option<String> {
    let word = match word {
        "Date" => "DATEONLY",
        "Time" | "Timetz" => "TIME",
        "Timestamp" | "Timestamptz" | "DateTime" | "DateTime2" | "SmallDateTime"
        | "DateTimeOffset" => "DATE",
        _ => return None,
    };
    Some(word.to_owned())
}
