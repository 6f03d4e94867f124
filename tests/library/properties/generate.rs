//! Random scripts that are right: every name, type and option that goes together.

#![expect(
    clippy::unwrap_used,
    reason = "what comes from a finite source of randomness is always there"
)]

use arbtest::arbitrary::Unstructured;
use std::fmt::Write;

/// A script in parts, which may be put into another order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    /// `defaults`, which must come first.
    pub(crate) head: String,
    /// Models, abstract ones and enumerations, in any order.
    pub(crate) models: Vec<String>,
    /// The associations.
    pub(crate) associations: Vec<String>,
}

impl Script {
    /// As it was made.
    pub(crate) fn text(&self) -> String {
        let parts = self.models.iter().chain(&self.associations);
        parts.fold(self.head.clone(), |text, it| text + it)
    }

    /// The associations first, then the models from the last to the first.
    pub(crate) fn reversed(&self) -> String {
        let parts = self.associations.iter().chain(self.models.iter().rev());
        parts.fold(self.head.clone(), |text, it| text + it)
    }
}

const MODELS: [&str; 24] = [
    "User",
    "Invoice",
    "Post",
    "Country",
    "Person",
    "Mouse",
    "Category",
    "UserAccount",
    "HTTPLog",
    "Table",
    "Order",
    "x\"; DROP TABLE y;--",
    "Été",
    "日本",
    "a b",
    "back`tick",
    "it's",
    "100%",
    "[brackets]",
    "PRIMARY",
    "Group",
    "Data",
    "Sheep",
    "Straße",
];

const ATTRIBUTES: [&str; 28] = [
    "a",
    "b",
    "firstName",
    "lastName",
    "email",
    "age",
    "kind",
    "from",
    "select",
    "oid",
    "y\"; DROP TABLE y;--",
    "ключ",
    "two words",
    "q`t",
    "it's",
    "100%",
    "where",
    "index",
    "check",
    "exists",
    "deletedOn",
    "$1",
    ":name",
    "a.b",
    "not",
    "case",
    "HTMLBody",
    "AUTOINCREMENT",
];

/// Types with a default that fits.
const TYPES: [(&str, &str, Kind); 36] = [
    ("STRING", "\"it's \\\"x\\\"\"", Kind::Text),
    ("STRING(80)", "\"true\"", Kind::Text),
    ("STRING.BINARY", "null", Kind::Text),
    ("CHAR(3)", "\"abc\"", Kind::Text),
    ("TEXT", "\"\"\"two\n  lines\"\"\"", Kind::Text),
    ("TEXT(medium)", "\"null\"", Kind::Text),
    ("CITEXT", "\"ß\"", Kind::Text),
    ("INTEGER", "-5", Kind::Number),
    ("INTEGER(10).UNSIGNED", "7", Kind::Number),
    ("INTEGER.UNSIGNED.ZEROFILL", "7", Kind::Number),
    ("TINYINT", "127", Kind::Number),
    ("SMALLINT", "0", Kind::Number),
    ("MEDIUMINT(5)", "0", Kind::Number),
    ("BIGINT", "9_223_372_036_854_775_807", Kind::Number),
    ("FLOAT", "1.5", Kind::Number),
    ("FLOAT(11, 2)", "-1.25", Kind::Number),
    ("REAL(4)", "1e10", Kind::Number),
    ("DOUBLE.UNSIGNED", "3", Kind::Number),
    ("DECIMAL(10, 2)", "12.30", Kind::Number),
    ("NUMERIC", "(1 + 2)", Kind::Number),
    ("BOOLEAN", "true", Kind::Other),
    ("BOOLEAN", "false", Kind::Other),
    ("DATE", "\"2022-01-16T12:00:00Z\"", Kind::Other),
    ("DATE(6)", "now()", Kind::Other),
    ("DATEONLY", "\"2022-01-16\"", Kind::Other),
    ("TIME", "\"12:30:00\"", Kind::Other),
    ("UUID", "uuid()", Kind::Other),
    ("BLOB", "x\"00ff\"", Kind::Other),
    ("BLOB(tiny)", "x\"\"", Kind::Other),
    ("ENUM(draft, paid, `in transit`)", "paid", Kind::Other),
    ("JSON", "{ a: [1, \"x\", null] }", Kind::Other),
    ("JSONB", "[]", Kind::Other),
    ("Color", "red", Kind::Other),
    ("STRING", "(lower(\"X\"))", Kind::Text),
    ("STRING", "sql`CURRENT_TIMESTAMP`", Kind::Text),
    ("sql`VARCHAR(7)`", "\"x\"", Kind::Raw),
];

const ACTIONS: [&str; 7] =
    ["cascade", "restrict", "setNull", "setDefault", "noAction", "\"set null\"", "\"NO ACTION\""];

/// What can be done with a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Other,
    /// Not in strict tables.
    Raw,
}

#[derive(Debug, Clone)]
struct Attribute {
    name: String,
    kind: Kind,
    generated: bool,
}

#[derive(Debug, Clone)]
struct Model {
    name: String,
    attributes: Vec<Attribute>,
    /// Its primary key, where that is one attribute.
    key: Option<String>,
}

/// Makes a script.
pub(crate) struct Generator<'u, 'd> {
    random: &'u mut Unstructured<'d>,
    script: Script,
    models: Vec<Model>,
    number: usize,
}

/// A script that is right.
pub(crate) fn script(random: &mut Unstructured<'_>) -> Script {
    let mut generator =
        Generator { random, script: Script::default(), models: Vec::new(), number: 0 };
    generator.all();
    generator.script
}

/// A name as it is written.
pub(crate) fn quoted(name: &str) -> String {
    const WORDS: [&str; 7] = ["not", "case", "where", "index", "check", "exists", "from"];
    let plain = name.chars().all(char::is_alphabetic) && !WORDS.contains(&name);
    if plain { name.to_owned() } else { format!("`{}`", name.replace('`', "``")) }
}

impl Generator<'_, '_> {
    /// True so many times out of sixteen; false where there is no more randomness.
    fn chance(&mut self, of_16: u8) -> bool {
        self.random.arbitrary::<u8>().unwrap() % 16 >= 16 - of_16
    }

    fn below(&mut self, end: usize) -> usize {
        self.random.int_in_range(0..=end.saturating_sub(1)).unwrap()
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        let at = self.below(of.len());
        of.get(at).unwrap()
    }

    fn fresh(&mut self, what: &str) -> String {
        self.number += 1;
        format!("{what}{}", self.number)
    }

    fn all(&mut self) {
        if self.chance(3) {
            let options = [
                "timestamps: false",
                "underscored",
                "freezeTableName",
                "version",
                "createdAt: born, updatedAt: false",
            ];
            self.script.head = format!("defaults < {} >\n", self.one(&options));
        }
        self.script
            .models
            .push("/// Colours.\nenum Color { red, green, `dark blue` }\n".to_owned());
        let base = self.base();
        for _ in 0..=self.below(6) {
            self.model(&base);
        }
        for _ in 0..self.below(8) {
            self.association();
        }
    }

    /// `abstract model Base { .. }`
    fn base(&mut self) -> Vec<Attribute> {
        let count = self.below(3);
        let (attributes, mut text) = self.attributes(count, &[], false);
        if let Some(it) = attributes.first() {
            let _ = writeln!(text, "  index ({} desc)", quoted(&it.name));
        }
        let shown = format!("abstract model Base {{\n{text}}}\n");
        self.script.models.push(shown);
        attributes
    }

    fn attributes(
        &mut self,
        count: usize,
        taken: &[Attribute],
        strict: bool,
    ) -> (Vec<Attribute>, String) {
        let mut made: Vec<Attribute> = Vec::new();
        let mut text = String::new();
        for _ in 0..count {
            let name = self.one(&ATTRIBUTES);
            if made.iter().chain(taken).any(|it| it.name == name) {
                continue;
            }
            let at = self.below(TYPES.len());
            let (data_type, default, kind) = *TYPES.get(at).unwrap();
            if strict && kind == Kind::Raw {
                continue;
            }
            let generated = !made.is_empty() && self.chance(2) && kind == Kind::Text;
            let options = self.options(name, default, kind, generated, &made);
            if self.chance(2) {
                text.push_str("  /// What it is.\n");
            }
            let _ = write!(text, "  {}: {data_type}", quoted(name));
            if !options.is_empty() {
                let _ = write!(text, " < {} >", options.join(", "));
            }
            text.push('\n');
            made.push(Attribute { name: name.to_owned(), kind, generated });
        }
        if self.chance(3) {
            let name = self.fresh("seen");
            let of = made.first().map_or("1".to_owned(), |it| quoted(&it.name));
            let _ = writeln!(text, "  {name}: VIRTUAL < get: ({of} is null) >");
        }
        (made, text)
    }

    fn options(
        &mut self,
        name: &str,
        default: &str,
        kind: Kind,
        generated: bool,
        before: &[Attribute],
    ) -> Vec<String> {
        let mut options = Vec::new();
        let name = quoted(name);
        if generated {
            let stored = if self.chance(8) { ", stored" } else { "" };
            let of = quoted(&before.first().unwrap().name);
            options.push(format!("generated: (coalesce({of}, \"x\") || \"y\"){stored}"));
        } else if self.chance(6) && kind != Kind::Raw {
            options.push(format!("defaultValue: {default}"));
        }
        if self.chance(4) {
            options.push(format!("allowNull: {}", self.one(&["false", "true"])));
        }
        if self.chance(3) {
            options.push(
                self.one(&["unique", "unique: true", "unique: pair", "unique: false"]).to_owned(),
            );
        }
        if self.chance(3) {
            let field = self.fresh("Column \"");
            options.push(format!("field: {}", quoted(&field)));
        }
        if self.chance(2) {
            options.push("comment: \"what's \\\"it\\\"\"".to_owned());
        }
        if self.chance(2) && kind == Kind::Text {
            options.push("collate: NOCASE".to_owned());
        }
        if self.chance(2) {
            options.push("validate: { notEmpty, len: [1, 10] }".to_owned());
        }
        if self.chance(2) {
            options.push(format!("check: (length({name}) >= 0 or {name} is null)"));
        }
        options
    }

    fn model(&mut self, base: &[Attribute]) {
        let name = self.one(&MODELS);
        if self.models.iter().any(|it| it.name == name) {
            return;
        }
        let mut options: Vec<String> = Vec::new();
        let extends = self.chance(4);
        let taken = if extends { base } else { &[] };
        let strict = self.chance(2) && taken.iter().all(|it| it.kind != Kind::Raw);
        if strict {
            options.push("strict".to_owned());
        }
        let without_rowid = self.chance(2);
        let mut text = String::new();
        let key = match self.below(if without_rowid { 3 } else { 6 }) {
            0 if without_rowid => {
                text.push_str("  code: INTEGER < primaryKey >\n");
                Some("code".to_owned())
            }
            0 => {
                text.push_str("  code: INTEGER(11) < primaryKey, autoIncrement >\n");
                Some("code".to_owned())
            }
            1 => {
                text.push_str("  code: STRING(9) < primaryKey, defaultValue: \"PRINT\" >\n");
                Some("code".to_owned())
            }
            2 => {
                text.push_str("  one: INTEGER < primaryKey >\n  two: UUID < primaryKey >\n");
                None
            }
            3 if self.chance(6) => {
                options.push("id: false".to_owned());
                None
            }
            _ => Some("id".to_owned()),
        };
        let count = 1 + self.below(6);
        let (made, more) = self.attributes(count, taken, strict);
        text.push_str(&more);
        if options.iter().any(|it| it == "id: false") && made.iter().all(|it| it.generated) {
            text.push_str("  only: TEXT\n");
        }
        let own = made.clone();
        let attributes: Vec<Attribute> = taken.iter().cloned().chain(made).collect();
        if without_rowid {
            options.push("withoutRowid".to_owned());
        }
        self.references(&mut text);
        self.body(&attributes, &own, &mut text);
        self.model_options(&mut options);
        let extends = if extends { " extends Base" } else { "" };
        let options =
            if options.is_empty() { String::new() } else { format!(" < {} >", options.join(", ")) };
        let shown = format!("model {}{extends} {{\n{text}}}{options}\n", quoted(name));
        self.script.models.push(shown);
        self.models.push(Model { name: name.to_owned(), attributes, key });
    }

    fn references(&mut self, text: &mut String) {
        let Some(target) = self.models.iter().find(|it| it.key.as_deref() == Some("id")) else {
            return;
        };
        let target = target.name.clone();
        if self.chance(3) {
            let (name, action) = (self.fresh("ref"), self.one(&ACTIONS));
            let _ = writeln!(
                text,
                "  {name}: INTEGER < references: {{ model: {}, key: id }}, onDelete: {action} >",
                quoted(&target)
            );
        }
    }

    fn body(&mut self, all: &[Attribute], own: &[Attribute], text: &mut String) {
        if all.is_empty() {
            return;
        }
        let any = |it: &mut Self| {
            let at = it.below(all.len());
            quoted(&all.get(at).unwrap().name)
        };
        if self.chance(4) && own.len() > 1 {
            let names: Vec<String> = own.iter().map(|it| quoted(&it.name)).collect();
            let _ = writeln!(text, "  /// To find them.\n  index ({})", names.join(", "));
        }
        if self.chance(4) {
            let (one, two, name) = (any(self), any(self), self.fresh("Index \""));
            let options = self.one(&["unique, ", ""]);
            let _ = writeln!(
                text,
                "  index ({one} collate NOCASE desc) < {options}where: ({two} is not null), name: {} >",
                quoted(&name)
            );
        }
        if self.chance(3) {
            let (one, name) = (any(self), self.fresh("lower"));
            let _ = writeln!(text, "  index (lower({one}), length({one}) desc) < name: {name} >");
        }
        if self.chance(3) && own.len() > 1 {
            let (one, name) = (any(self), self.fresh("all"));
            let _ = writeln!(text, "  unique ({one}) < name: {name} >");
        }
        if self.chance(3) {
            let (one, name) = (any(self), self.fresh("rule '"));
            let condition = match self.below(5) {
                0 => format!("{one} is null or not (cast({one} as STRING) in [\"x\", \"it's\"])"),
                1 => format!("coalesce({one}, 1) between 0 and 5 or true"),
                2 => format!(
                    "case when {one} is null then 1 else length(cast({one} as STRING)) end >= 0"
                ),
                3 => format!("({one} || \"x\") like \"%x\" and 1 + 2 * 3 - 4 / 2 % 5 > 0"),
                _ => format!("{one} is not null or {one} is null"),
            };
            let name = if self.chance(8) {
                format!(" < name: {} >", quoted(&name))
            } else {
                String::new()
            };
            let _ = writeln!(text, "  check ({condition}){name}");
        }
        if self.chance(2) {
            let one = any(self);
            let _ = writeln!(
                text,
                "  scope active < where: ({one} is null), order: [{one} desc], limit: 3 >"
            );
        }
        if self.chance(1) {
            text.push_str("  sql`CHECK (1 + 1 = 2)`\n");
        }
    }

    fn model_options(&mut self, options: &mut Vec<String>) {
        if self.chance(8) {
            options.push("timestamps: false".to_owned());
        } else {
            options.push("timestamps".to_owned());
            match self.below(8) {
                0 => options.push("createdAt: false".to_owned()),
                1 => options.push("updatedAt: `changed at`".to_owned()),
                2 => options.push("paranoid, deletedAt: gone".to_owned()),
                3 => options.push("paranoid: true".to_owned()),
                _ => {}
            }
        }
        match self.below(12) {
            0 => options.push("underscored".to_owned()),
            1 => options.push("freezeTableName".to_owned()),
            2 => {
                let name = self.fresh("table \"");
                options.push(format!("tableName: {}", quoted(&name)));
            }
            3 => options.push("schema: app".to_owned()),
            4 => options.push("version".to_owned()),
            5 => options.push("comment: \"it's\", mysql: { engine: MyISAM }".to_owned()),
            6 => {
                let name = self.fresh("thing");
                options.push(format!("name: {{ singular: {name}, plural: {name}s }}"));
            }
            _ => {}
        }
    }

    /// An attribute that a key may refer to where the primary key won't do.
    fn referable(model: &Model) -> Option<String> {
        let fit = |it: &&Attribute| it.kind == Kind::Text && !it.generated;
        model.attributes.iter().find(fit).map(|it| it.name.clone())
    }

    fn association(&mut self) {
        let (source, target) = (self.below(self.models.len()), self.below(self.models.len()));
        let (source, target) =
            (self.models.get(source).unwrap().clone(), self.models.get(target).unwrap().clone());
        let kind = self.one(&["hasOne", "hasMany", "belongsTo", "belongsToMany"]);
        if kind == "belongsToMany" {
            return self.many(&source, &target);
        }
        let belongs = kind == "belongsTo";
        let referred = if belongs { &target } else { &source };
        let mut options = vec![format!("as: {}", self.fresh("Rel"))];
        let word = if belongs { "targetKey" } else { "sourceKey" };
        if referred.key.is_none() || self.chance(3) {
            let Some(key) = Self::referable(referred) else {
                return;
            };
            options.push(format!("{word}: {}", quoted(&key)));
        }
        let name = self.fresh("key");
        let mut not_null = false;
        match self.below(4) {
            0 => {
                not_null = self.chance(8);
                options.push(format!(
                    "foreignKey: {{ name: {name}, allowNull: {}, field: \"{name} ` \\\" x\" }}",
                    !not_null
                ));
            }
            1 if belongs => {}
            _ => options.push(format!("foreignKey: {name}")),
        }
        if self.chance(3) {
            options.push("constraints: false".to_owned());
        } else {
            for option in ["onDelete", "onUpdate"] {
                let action = self.one(&ACTIONS);
                if self.chance(4)
                    && !(not_null && action.to_lowercase().replace(' ', "").contains("setnull"))
                {
                    options.push(format!("{option}: {action}"));
                }
            }
            if self.chance(3) {
                let name = self.fresh("key '");
                options.push(format!("uniqueKey: {}", quoted(&name)));
            }
            if self.chance(3) {
                options.push("deferrable: initiallyDeferred".to_owned());
            }
        }
        self.join(&source, kind, &target, &options);
    }

    fn many(&mut self, source: &Model, target: &Model) {
        let mut keys = Vec::new();
        for (word, model) in [("sourceKey", source), ("targetKey", target)] {
            if model.key.is_none() {
                let Some(key) = Self::referable(model) else {
                    return;
                };
                keys.push(format!("{word}: {}", quoted(&key)));
            }
        }
        let through = self.fresh("Through");
        let mut options = vec![format!("as: {}", self.fresh("Rels"))];
        options.push(match self.below(4) {
            0 => format!("through: \"{through}\", timestamps: false"),
            1 => {
                let key = self.one(&["  code: INTEGER < primaryKey >\n", ""]);
                let shown = format!("model {through} {{\n{key}  label: STRING\n}}\n");
                self.script.models.push(shown);
                format!("through: {through}")
            }
            2 => format!(
                "through: {{ model: {through}, tableName: \"{through} `x`\", comment: \"x\" }}"
            ),
            _ => format!("through: {through}"),
        });
        options.append(&mut keys);
        if source.name == target.name || self.chance(8) {
            options.push(format!(
                "foreignKey: {}, otherKey: {}",
                self.fresh("key"),
                self.fresh("key")
            ));
        }
        if self.chance(3) {
            options.push(format!("onDelete: {}", self.one(&["cascade", "restrict"])));
        }
        self.join(source, "belongsToMany", target, &options);
    }

    fn join(&mut self, source: &Model, kind: &str, target: &Model, options: &[String]) {
        let (source, target) = (quoted(&source.name), quoted(&target.name));
        let shown = format!("{source} {kind} {target} < {} >\n", options.join(", "));
        self.script.associations.push(shown);
    }
}
