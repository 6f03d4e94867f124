//! Prisma's schemas: models with their fields and relations, enums; what says where the database is isn't needed.

mod arguments;
mod default;
mod enumeration;
mod field;
mod model;
mod relation;

use super::lexeme::{Lexeme, LexemeCursor, LexemeKind, LexemeSpelling};
use super::{ForeignPart, Translation, types};
use arguments::{argument, arguments, listed, quoted};
use enumeration::PrismaEnum;

/// The models of a text, so that both sides of a relation are known.
#[derive(Debug, Default)]
pub(super) struct PrismaSchema {
    models: Vec<PrismaModel>,
    enums: Vec<PrismaEnum>,
    provider: Option<PrismaProvider>,
    /// Whether its relations are kept by Prisma's client, so that the database has no foreign keys.
    keyless: bool,
}

/// The database that a schema is for: what a type without a native one is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PrismaProvider {
    /// And `CockroachDB`.
    PostgreSql,
    Sqlite,
    MySql,
    SqlServer,
    MongoDb,
}

impl PrismaProvider {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "postgresql" | "postgres" | "cockroachdb" => Self::PostgreSql,
            "sqlite" => Self::Sqlite,
            "mysql" => Self::MySql,
            "sqlserver" => Self::SqlServer,
            "mongodb" => Self::MongoDb,
            _ => return None,
        })
    }
}

#[derive(Debug, Default)]
struct PrismaModel {
    name: String,
    fields: Vec<PrismaField>,
    /// `@@unique([a, b])`: the name, and what is in its brackets.
    own: Vec<(String, String)>,
    /// Whether it is Relata's but for some of its parts.
    is_own: bool,
    /// The lines of its body, and its options, that are.
    lines: Vec<String>,
    options: Vec<String>,
}

#[derive(Debug, Default)]
struct PrismaField {
    name: String,
    data_type: String,
    /// What `Unsupported("..")` has in its quotes.
    raw_type: Option<String>,
    optional: bool,
    list: bool,
    attributes: Vec<(String, String)>,
    /// Whether its type stands behind a colon, as Relata has it, and its options.
    is_own: bool,
    options: Vec<String>,
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
        let enums = enums.filter_map(|it| Some(PrismaEnum::at(text, it.0)?.0)).collect();
        let mut sources = text.match_indices("datasource ").filter(|head| begins(head.0));
        let source = sources.find_map(|it| datasource(text, it.0)).unwrap_or_default();
        let setting = |name: &str| source.iter().find(|it| it.0 == name).map(|it| it.1.as_str());
        Self {
            models,
            enums,
            provider: setting("provider").and_then(PrismaProvider::named),
            keyless: setting("relationMode").is_some_and(|it| it == "prisma"),
        }
    }

    fn model(&self, name: &str) -> Option<&PrismaModel> {
        self.models.iter().find(|it| it.name == name)
    }

    fn enumeration(&self, name: &str) -> Option<&PrismaEnum> {
        self.enums.iter().find(|it| it.name == name)
    }

    /// What its times are in PostgreSQL, where Relata has another word for them.
    fn zones(&self) -> Option<String> {
        let is_zoneless = |field: &PrismaField| {
            let mut attributes = field.attributes.iter();
            field.data_type == "DateTime" && !attributes.any(|it| it.0.starts_with("db."))
        };
        let is_meant = self.provider == Some(PrismaProvider::PostgreSql)
            && self.models.iter().flat_map(|it| &it.fields).any(is_zoneless);
        is_meant.then(|| {
            "// on PostgreSQL `DATE` is TIMESTAMP WITH TIME ZONE, where Prisma's `DateTime` is TIMESTAMP(3) without one"
                .to_owned()
        })
    }
}

/// The option that an attribute of Prisma's says whose `@` was taken, and where it ends.
pub(super) fn option(mut cursor: LexemeCursor<'_>) -> Option<(usize, String)> {
    let word = dotted(&mut cursor)?;
    let inner = arguments(&mut cursor);
    let field =
        PrismaField { is_own: true, attributes: vec![(word, inner)], ..PrismaField::default() };
    let found = field.sentence_text(&[], &PrismaSchema::default());
    match found.options.as_slice() {
        [only] if found.remarks.is_empty() => Some((cursor.end, only.clone())),
        _ => None,
    }
}

/// The line of a body that `@@index(..)` or `@@unique(..)` is; nothing where a part of it can't be said.
pub(super) fn index_line(own: &str, inner: &str) -> Option<String> {
    matches!(own, "index" | "unique").then_some(())?;
    let (line, unsaid) = model::index(own, inner).ok()?;
    unsaid.is_none().then_some(line)
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
            let zones = schema.zones().filter(|_| head == "datasource");
            let said = zones.map_or(
                Translation::Nothing("a script names no database: `relata run --db` does"),
                Translation::Said,
            );
            Some(ForeignPart { end: cursor.end, said })
        }
        "model" | "type" | "view" => {
            let (model, plain, end) = model(text, at)?;
            plain.then_some(())?;
            let said = if head == "model" {
                Translation::Said(model.sentence_text(schema))
            } else {
                Translation::Unsaid(
                    "what isn't a table is a JSON attribute, or a `view`".to_owned(),
                )
            };
            Some(ForeignPart { end, said })
        }
        "enum" => {
            let (it, end) = PrismaEnum::at(text, at)?;
            Some(ForeignPart { end, said: Translation::Said(it.written()?) })
        }
        _ => None,
    }
}

/// What `datasource db { provider = "sqlite" }` sets to a text; nothing where it is none.
fn datasource(text: &str, at: usize) -> Option<Vec<(String, String)>> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, at);
    cursor.word()?;
    cursor.word()?;
    if !cursor.eat("{") {
        return None;
    }
    let mut found = Vec::new();
    while !cursor.eat("}") {
        let name = cursor.take()?.text.to_owned();
        if cursor.eat("=")
            && let Some(value) = cursor.peek().filter(Lexeme::is_text)
        {
            found.push((name, value.unquoted()));
        }
    }
    Some(found)
}

/// `model User { .. }`, whether it is plainly Prisma's, and where it ends. What stands in it as Relata has it stays so.
fn model(text: &str, at: usize) -> Option<(PrismaModel, bool, usize)> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, at);
    cursor.word()?;
    let mut res = PrismaModel { name: cursor.word()?.to_owned(), ..PrismaModel::default() };
    if !cursor.eat("{") {
        return None;
    }
    let (mut plain, mut indexed) = (false, false);
    while !cursor.eat("}") {
        if cursor.eat_all(&["@", "@"]) {
            let name = cursor.word()?.to_owned();
            let is_line = name == "index" || name == "unique";
            indexed |= is_line;
            plain |= !is_line;
            res.own.push((name, arguments(&mut cursor)));
            cursor.eat(",");
            continue;
        }
        let line = cursor;
        let name = cursor.word()?.to_owned();
        if matches!(&*name, "index" | "unique" | "check") && cursor.peek()?.is("(") {
            cursor = line;
            res.lines
                .push(cursor.until(|it| it.breaks && !it.is("<") && it.text != name).to_owned());
            res.is_own = true;
            continue;
        }
        let is_own = cursor.eat(":");
        res.is_own |= is_own;
        let start = cursor.behind_space();
        let word = cursor.peek().filter(|it| it.kind == LexemeKind::Word && !it.breaks)?.text;
        cursor.take();
        let is_raw = word == "Unsupported";
        let raw_type = is_raw.then(|| arguments(&mut cursor)).and_then(|it| quoted(&it));
        if is_own {
            arguments(&mut cursor);
            while cursor.eat(".") {
                cursor.word()?;
            }
        }
        let data_type = text.get(start..cursor.end)?.to_owned();
        let mut field = PrismaField { name, data_type, raw_type, is_own, ..PrismaField::default() };
        field.list = cursor.eat_all(&["[", "]"]);
        field.optional = cursor.eat("?");
        field.attributes(&mut cursor)?;
        if is_own && cursor.eat("<") {
            field.options.push(cursor.until(|it| it.is(">")).to_owned());
            cursor.eat(">").then_some(())?;
            field.attributes(&mut cursor)?;
        }
        let is_typed = scalar(word).is_some() || types::of_database(word, "").is_some();
        plain |= !field.attributes.is_empty()
            || field.list && !is_typed
            || !is_own && (field.list || field.optional || scalar(word).is_some());
        // a field ends with its line
        let ends = is_own && (cursor.eat(",") || cursor.peek().is_some_and(|it| it.is("@")));
        if !ends && cursor.peek().is_some_and(|it| !it.breaks && !it.is("}")) {
            return None;
        }
        res.fields.push(field);
    }
    if res.is_own && cursor.eat("<") {
        res.options.push(cursor.until(|it| it.is(">")).to_owned());
        cursor.eat(">").then_some(())?;
    }
    // lines that Relata has, too, are corrected one by one
    plain |= indexed && !res.is_own;
    Some((res, plain, cursor.end))
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

impl PrismaField {
    /// `@id @default(1)`, up to the line's end.
    fn attributes(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<()> {
        while cursor.peek().is_some_and(|it| it.is("@") && !it.breaks) {
            let mut ahead = *cursor;
            if ahead.eat_all(&["@", "@"]) {
                break;
            }
            cursor.take();
            let name = dotted(cursor)?;
            self.attributes.push((name, arguments(cursor)));
        }
        Some(())
    }

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
