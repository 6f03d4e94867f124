//! Columns as `TypeORM`'s entities, Drizzle's tables and Mongoose's schemas have them, said as attributes.

use super::super::draft::{ForeignAttribute, ForeignModel, model_of_table, name};
use super::super::lexeme::{LexemeCursor, LexemeSpelling};
use super::super::{Translation, types};
use super::names::Names;
use super::value::{self, JsValue};
use super::{JavaScript, NO_FUNCTIONS, model};
use crate::words::{same_name, upper_first};

/// What is said of a column, each by its name.
pub(super) type Said = Vec<(String, JsValue)>;

/// What others call the options of a column, in small letters; whether the opposite is meant.
const OPTIONS: [(&str, &str, bool); 13] = [
    ("nullable", "allowNull", false),
    ("allownull", "allowNull", false),
    ("required", "allowNull", true),
    ("notnull", "allowNull", true),
    ("primarykey", "primaryKey", false),
    ("autoincrement", "autoIncrement", false),
    ("unique", "unique", false),
    ("default", "defaultValue", false),
    ("defaultvalue", "defaultValue", false),
    ("comment", "comment", false),
    ("name", "field", false),
    ("field", "field", false),
    ("validate", "validate", false),
];

/// Types by the words of TypeScript and of Mongoose, in small letters.
const TYPES: [(&str, &str); 9] = [
    ("string", "STRING"),
    ("number", "INTEGER"),
    ("bigint", "BIGINT"),
    ("boolean", "BOOLEAN"),
    ("date", "DATE"),
    ("buffer", "BLOB"),
    ("mixed", "JSON"),
    ("object", "JSON"),
    ("any", "JSON"),
];

/// The type that a word of TypeScript's means: `string | null`, `number[]`.
pub(super) fn type_of(word: &str) -> Option<String> {
    let word = word.split('|').next().unwrap_or_default().trim();
    if word.ends_with("[]") {
        return Some("JSON".to_owned());
    }
    let found = TYPES.iter().find(|it| same_name(it.0, word))?;
    Some(found.1.to_owned())
}

/// `ENUM(a, b)` of the texts of a list.
fn members_of(value: &JsValue) -> Option<String> {
    let JsValue::List(items) = value else { return None };
    let members: Option<Vec<String>> = items.iter().map(|it| it.text().map(name)).collect();
    members.filter(|it| !it.is_empty()).map(|it| format!("ENUM({})", it.join(", ")))
}

/// A number by which Mongoose bounds what a value may be, and the word for it; `len` where it is of a text's length.
fn bound<'v>(option: &str, value: &'v JsValue) -> Option<(&'static str, &'v str)> {
    let word = match option {
        "min" => "min",
        "max" => "max",
        "minlength" => "shortest",
        "maxlength" => "longest",
        _ => return None,
    };
    match value {
        JsValue::Number(it) if it.bytes().all(|it| it.is_ascii_digit() || it == b'.') => {
            Some((word, it.as_str()))
        }
        _ => None,
    }
}

/// `validate: { len: [3, 40], min: 18 }`
fn bounds(said: &[(String, JsValue)]) -> Option<String> {
    let all = said.iter().filter_map(|(option, it)| bound(&option.to_ascii_lowercase(), it));
    let all: Vec<(&str, &str)> = all.collect();
    let of = |word: &str| all.iter().find(|it| it.0 == word).map(|it| it.1);
    let length = match (of("shortest"), of("longest")) {
        (None, None) => None,
        (least, Some(most)) => Some(format!("len: [{}, {most}]", least.unwrap_or("0"))),
        (Some(least), None) => Some(format!("len: [{least}]")),
    };
    let numbers = ["min", "max"].into_iter().filter_map(|it| Some(format!("{it}: {}", of(it)?)));
    let each: Vec<String> = length.into_iter().chain(numbers).collect();
    (!each.is_empty()).then(|| format!("validate: {{ {} }}", each.join(", ")))
}

/// The attribute of that name.
pub(super) fn column(
    key: &str,
    typed: Option<String>,
    said: &[(String, JsValue)],
    names: &Names,
) -> ForeignAttribute {
    let mut res = ForeignAttribute { name: key.to_owned(), ..ForeignAttribute::default() };
    let member = |name: &str| said.iter().find(|it| it.0 == name).map(|it| &it.1);
    let sizes = ["length", "precision", "scale"].into_iter().filter_map(member);
    let sizes: Option<Vec<String>> = sizes.map(JsValue::written).collect();
    let sizes = sizes.unwrap_or_default().join(", ").replace('"', "");
    let members = member("enum").and_then(members_of);
    let found = match member("type") {
        _ if members.is_some() => members.clone(),
        Some(JsValue::Text(word)) => types::of_database(word, &sizes).or_else(|| type_of(word)),
        Some(it @ JsValue::Path(_)) => it
            .last_step()
            .and_then(type_of)
            .or_else(|| model::data_type(it, None, &mut res.remarks)),
        Some(it) => model::data_type(it, None, &mut res.remarks),
        None => typed.map(|it| {
            if it == "STRING" && !sizes.is_empty() { format!("{it}({sizes})") } else { it }
        }),
    };
    match found {
        Some(it) => res.data_type = it,
        None => {
            res.remarks.push(format!("{key}: its type has no word in Relata"));
            "TEXT".clone_into(&mut res.data_type);
        }
    }
    res.options.extend(bounds(said));
    for (option, value) in said {
        let lower = option.to_ascii_lowercase();
        if lower == "enum" && members.is_some() || bound(&lower, value).is_some() {
            continue;
        }
        let known = OPTIONS.iter().find(|it| it.0 == lower);
        let Some((_, meant, is_opposite)) = known else {
            if !matches!(option.as_str(), "type" | "length" | "precision" | "scale") {
                res.remarks.push(format!("{key}: `{option}` can't be said"));
            }
            continue;
        };
        let value = match value {
            it if *is_opposite && it.is("true") => &JsValue::Path("false".to_owned()),
            it if *is_opposite && it.is("false") => &JsValue::Path("true".to_owned()),
            it => it,
        };
        match model::attribute_option(meant, value, names) {
            // it may be null by itself, and is called so
            Ok(Some(it)) if it == "allowNull" || it == format!("field: {}", name(key)) => {}
            Ok(it) => res.options.extend(it),
            Err(why) => res.remarks.push(format!("{key}: {why}")),
        }
    }
    res
}

/// `true`
pub(super) fn yes() -> JsValue {
    JsValue::Path("true".to_owned())
}

impl JavaScript {
    /// `pgTable("users", { .. })`, `new Schema({ .. })`, `mongoose.model("User", userSchema)`: a model, where a value is one.
    pub(super) fn schema(
        &mut self,
        value: &JsValue,
        variable: &str,
        text: &str,
    ) -> Option<Translation> {
        let JsValue::Call(called, arguments, _) = value else { return None };
        let last = called.rsplit('.').next().unwrap_or_default();
        let last = last.strip_prefix("new ").unwrap_or(last);
        match (last, arguments.as_slice()) {
            (
                "pgTable" | "mysqlTable" | "sqliteTable",
                [JsValue::Text(table), JsValue::Object(columns), rest @ ..],
            ) => {
                let mut res =
                    ForeignModel { name: model_of_table(variable), ..ForeignModel::default() };
                for (key, value) in columns {
                    match value {
                        JsValue::Code(code) => res.attributes.push(self.chained(key, code)),
                        it => res.attributes.push(self.chained(key, &called_text(it))),
                    }
                }
                if !rest.is_empty() {
                    res.remarks.push(
                        "its indexes and keys are lines here: `index (a)`, `unique (a, b)`"
                            .to_owned(),
                    );
                }
                res.options =
                    vec![format!("tableName: {}", name(table)), "timestamps: false".to_owned()];
                self.names.models.insert(variable.to_owned(), res.name.clone());
                Some(Translation::Said(res.written()))
            }
            ("Schema", [columns @ JsValue::Object(_), rest @ ..]) => {
                let schema = (variable.to_owned(), columns.clone(), rest.first().cloned());
                let named = text.contains(&format!(", {variable})"));
                self.schemas.push(schema);
                if named {
                    return Some(Translation::Nothing(NO_FUNCTIONS));
                }
                let named = variable.trim_end_matches("Schema");
                Some(self.document(&upper_first(named), variable))
            }
            ("model", [JsValue::Text(named), of, ..]) => {
                if let JsValue::Call(inner, ..) = of
                    && inner.ends_with("Schema")
                {
                    let schema = self.schema(of, named, &format!(", {named})"));
                    schema.map(|_| self.document(named, named))
                } else if let JsValue::Path(of) = of
                    && self.schemas.iter().any(|it| it.0 == *of)
                {
                    Some(self.document(named, of))
                } else {
                    None
                }
            }
            _ => None,
        }
    }

    /// The model of a schema of Mongoose's.
    fn document(&mut self, named: &str, schema: &str) -> Translation {
        let place = self.schemas.iter().position(|it| it.0 == schema);
        let Some((_, columns, options)) = place.map(|it| self.schemas.remove(it)) else {
            return Translation::Nothing(NO_FUNCTIONS);
        };
        let mut res = ForeignModel { name: named.to_owned(), ..ForeignModel::default() };
        let mut sentences = Vec::new();
        for (key, value) in columns.members() {
            let own = value.member("type").unwrap_or(value);
            let other = value.member("ref").and_then(JsValue::text);
            if let Some(other) = other {
                sentences.push(format!(
                    "{} belongsTo {} < as: {} >",
                    name(named),
                    name(other),
                    name(key)
                ));
                continue;
            }
            let typed = match own.last_step() {
                // of any length and with decimals
                Some("String") => Some("TEXT".to_owned()),
                Some("Number") => Some("DOUBLE".to_owned()),
                Some(it) => type_of(it),
                None => Some("JSON".to_owned()),
            };
            if let JsValue::List(items) = value
                && let Some(other) = items.first().and_then(|it| it.member("ref"))
            {
                let other = other.text().unwrap_or_default();
                res.remarks.push(format!(
                    "{key}: rows of others are read by `{} hasMany {} < as: {} >`, where `{1}` has the key",
                    name(named),
                    name(other),
                    name(key)
                ));
                continue;
            }
            let said = if value.member("type").is_some() { value.members() } else { &[] };
            let kept = |it: &&(String, JsValue)| it.0 != "type";
            let said: Said = said.iter().filter(kept).cloned().collect();
            res.attributes.push(column(key, typed, &said, &self.names));
        }
        let options = options.unwrap_or(JsValue::Object(Vec::new()));
        let dated = options.member("timestamps").is_some_and(|it| it.is("true"));
        if !dated {
            res.options.push("timestamps: false".to_owned());
        }
        let mut said = vec![res.written()];
        said.append(&mut sentences);
        Translation::Said(said.join("\n"))
    }

    /// `varchar("name", { length: 80 }).notNull()`
    fn chained(&self, key: &str, code: &str) -> ForeignAttribute {
        let mut cursor = LexemeCursor::new(code, LexemeSpelling::Script, 0);
        let mut said: Said = Vec::new();
        let word = value::path(&mut cursor).unwrap_or_default();
        let given = if cursor.eat("(") { value::values(&mut cursor, ")") } else { Vec::new() };
        for it in &given {
            match it {
                JsValue::Text(_) => said.push(("name".to_owned(), it.clone())),
                it => said.extend(it.members().iter().cloned()),
            }
        }
        let serial = word.to_ascii_lowercase();
        let serial = serial.strip_suffix("serial");
        let typed = match serial {
            Some("big") => "bigint",
            Some(_) => "integer",
            None => &word,
        };
        if serial.is_some() {
            said.push(("autoIncrement".to_owned(), yes()));
        }
        said.push(("type".to_owned(), JsValue::Text(typed.to_owned())));
        let (mut references, mut extra) = (None, Vec::new());
        while cursor.eat(".") {
            let Some(step) = cursor.word() else { break };
            let given = if cursor.eat("(") { value::values(&mut cursor, ")") } else { Vec::new() };
            match (step, given.as_slice()) {
                // `() => users.id`
                ("references", [JsValue::Code(of), rest @ ..]) => {
                    references = of.split_once("=>").map(|it| it.1.trim().to_owned());
                    said.extend(rest.iter().flat_map(JsValue::members).cloned());
                }
                ("primaryKey", [object @ JsValue::Object(_)]) => {
                    said.push((step.to_owned(), yes()));
                    said.extend(object.members().iter().cloned());
                }
                ("defaultNow", []) => extra.push("defaultValue: (now())".to_owned()),
                (_, given) => {
                    said.push((step.to_owned(), given.first().cloned().unwrap_or_else(yes)));
                }
            }
        }
        let actions: Vec<_> = ["onDelete", "onUpdate"]
            .into_iter()
            .filter_map(|it| said.iter().position(|said| said.0 == it))
            .collect();
        let actions: Said = actions.into_iter().rev().map(|at| said.remove(at)).collect();
        let mut res = column(key, None, &said, &self.names);
        res.options.append(&mut extra);
        if let Some((table, key)) = references.as_deref().and_then(|it| it.split_once('.')) {
            let model = name(&model_of_table(table));
            res.options.push(format!("references: {{ model: {model}, key: {} }}", name(key)));
        }
        for (option, value) in actions.iter().rev() {
            if let Ok(it) = model::attribute_option(option, value, &self.names) {
                res.options.extend(it);
            }
        }
        res
    }
}

/// A call without steps behind it, as it was.
fn called_text(value: &JsValue) -> String {
    match value {
        JsValue::Call(path, given, _) => {
            let given: Vec<String> = given.iter().filter_map(JsValue::written).collect();
            format!("{path}({})", given.join(", "))
        }
        _ => String::new(),
    }
}
