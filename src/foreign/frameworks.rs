//! Models of Rails and Django: `class User < ApplicationRecord`, `create_table :users do |t|`, `class User(models.Model):`.
//!
//! They are read by the line; what isn't known of a line is a remark.

use super::draft::{ForeignAttribute, ForeignModel, action, model_of_table, name, text};
use super::{ForeignPart, Language, Translation};
use crate::words::pluralize;

/// The sentence that begins here, if it is one of these languages'.
pub(super) fn sentence(source: &str, at: usize) -> Option<(Language, ForeignPart)> {
    let rest = source.get(at..)?;
    let line = rest.lines().next()?;
    let (language, end, said) = if let Some(class) = line.strip_prefix("class ") {
        if let Some((model, base)) = class.split_once('<') {
            matches!(base.trim(), "ApplicationRecord" | "ActiveRecord::Base").then_some(())?;
            let end = ruby_end(rest)?;
            (Language::Ruby, end, record(model.trim(), lines(rest, end)))
        } else {
            let (model, base) = class.split_once('(')?;
            base.trim_end().strip_suffix("):")?.ends_with("Model").then_some(())?;
            let end = python_end(rest);
            (Language::Python, end, fields(model.trim(), lines(rest, end)))
        }
    } else {
        let table = line.strip_prefix("create_table ")?;
        let end = ruby_end(rest)?;
        (Language::Ruby, end, columns(table, lines(rest, end)))
    };
    Some((language, ForeignPart { end: at + end, said: Translation::Said(said) }))
}

/// The lines between the first and the last.
fn lines(rest: &str, end: usize) -> impl Iterator<Item = &str> {
    let inner = rest.get(..end).unwrap_or_default().lines().skip(1).map(str::trim);
    inner.filter(|it| !it.is_empty() && *it != "end" && !it.starts_with('#'))
}

/// So many lines may stand before an `end`: it isn't looked for in all of a text, by each that lacks one.
const LONGEST: usize = 500;

/// Behind the `end` that stands at the beginning of its line, before anything else that does.
fn ruby_end(rest: &str) -> Option<usize> {
    let mut at = 0;
    for line in rest.split_inclusive('\n').take(LONGEST) {
        if at > 0 && line.trim_end() == "end" {
            return Some(at + 3);
        }
        if at > 0 && !line.trim().is_empty() && !line.starts_with([' ', '\t', '#']) {
            return None;
        }
        at += line.len();
    }
    None
}

/// Behind the last line that stands deeper than the first.
fn python_end(rest: &str) -> usize {
    let (mut at, mut end) = (0, 0);
    for line in rest.split_inclusive('\n') {
        if at > 0 && !line.trim().is_empty() && !line.starts_with([' ', '\t']) {
            break;
        }
        at += line.len();
        if !line.trim().is_empty() {
            end = at - (line.len() - line.trim_end().len());
        }
    }
    end
}

/// What stands between commas, outside of brackets and quotes, each with its key: `null: false`, `null=False`.
fn arguments(given: &str) -> Vec<(Option<&str>, &str)> {
    let (mut parts, mut start, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (at, sign) in given.char_indices() {
        match (quote, sign) {
            (Some(open), _) => quote = Some(open).filter(|it| *it != sign),
            (None, '"' | '\'') => quote = Some(sign),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(given.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            (None, _) => {}
        }
    }
    parts.push(given.get(start..).unwrap_or_default());
    let parts = parts.into_iter().map(str::trim).filter(|it| !it.is_empty());
    parts.map(|it| pair(it).map_or((None, it), |(key, value)| (Some(key), value))).collect()
}

/// `null: false`, `null=False`
fn pair(part: &str) -> Option<(&str, &str)> {
    let (key, value) = part.split_once([':', '='])?;
    let (key, value) = (key.trim(), value.trim());
    let is_key = |sign: u8| sign.is_ascii_alphanumeric() || sign == b'_';
    (!key.is_empty() && key.bytes().all(is_key)).then_some((key, value))
}

/// A name: `:users`, `"users"`, `User`, `models.User`.
fn plain(value: &str) -> &str {
    value.trim_start_matches(':').trim_matches(['"', '\'']).rsplit('.').next().unwrap_or_default()
}

/// A literal of both languages.
fn literal(value: &str) -> Option<String> {
    match value {
        "True" | "true" => return Some("true".to_owned()),
        "False" | "false" => return Some("false".to_owned()),
        _ => {}
    }
    if let Some(inner) = value.strip_prefix(['"', '\'']) {
        return inner.strip_suffix(['"', '\'']).map(text);
    }
    value.parse::<f64>().ok().map(|_| value.to_owned())
}

/// A value of an argument that has this key.
fn valued<'a>(given: &[(Option<&str>, &'a str)], key: &str) -> Option<&'a str> {
    given.iter().find(|it| it.0 == Some(key)).map(|it| it.1)
}

/// `has_many :posts` and the like, each a sentence.
fn record<'a>(model: &str, lines: impl Iterator<Item = &'a str>) -> String {
    let table = pluralize(&snake(model));
    let mut declared = ForeignModel { name: model.to_owned(), ..ForeignModel::default() };
    declared.remarks.push(format!("the columns of `{table}`, from its migration"));
    declared.options.extend([format!("tableName: {table}"), "underscored".to_owned()]);
    let mut sentences = Vec::new();
    for line in lines {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let given = arguments(rest);
        let alias = given.first().map_or("", |it| plain(it.1));
        let named = valued(&given, "class_name").map(plain);
        let other = named.map_or_else(|| model_of_table(alias), str::to_owned);
        let through = valued(&given, "through").map(|it| model_of_table(plain(it)));
        let (own, key) = (format!("{}_id", snake(model)), format!("{}_id", snake(&other)));
        let (verb, said) = match (word, through) {
            ("has_many" | "has_and_belongs_to_many", Some(through)) => (
                "belongsToMany",
                format!(
                    "through: {}, as: {}, foreignKey: {own}, otherKey: {key}",
                    name(&through),
                    name(alias)
                ),
            ),
            ("has_and_belongs_to_many", None) => (
                "belongsToMany",
                format!(
                    "through: {model}{other}, as: {}, foreignKey: {own}, otherKey: {key}",
                    name(alias)
                ),
            ),
            ("has_many", None) => ("hasMany", format!("as: {}, foreignKey: {own}", name(alias))),
            ("has_one", _) => ("hasOne", format!("as: {}, foreignKey: {own}", name(alias))),
            ("belongs_to", _) => {
                ("belongsTo", format!("as: {}, foreignKey: {alias}_id", name(alias)))
            }
            _ => {
                declared.remarks.push(line.to_owned());
                continue;
            }
        };
        sentences.push(format!("{} {verb} {} < {said} >", name(model), name(&other)));
    }
    [vec![declared.written()], sentences].concat().join("\n")
}

fn snake(word: &str) -> String {
    let mut res = String::new();
    for letter in word.chars() {
        if letter.is_uppercase() && !res.is_empty() {
            res.push('_');
        }
        res.extend(letter.to_lowercase());
    }
    res
}

/// The table of a migration.
fn columns<'a>(head: &str, lines: impl Iterator<Item = &'a str>) -> String {
    let table = plain(head.split([',', ' ']).next().unwrap_or_default());
    let model = model_of_table(table);
    let mut declared = ForeignModel { name: model.clone(), ..ForeignModel::default() };
    let (mut sentences, mut dated) = (Vec::new(), false);
    for line in lines {
        let called = line.split_once('.').map_or("", |it| it.1);
        let (word, rest) = called.split_once([' ', '(']).unwrap_or((called, ""));
        let given = arguments(rest.trim_end_matches(')'));
        let column = given.first().map_or("", |it| plain(it.1));
        let is_off = |key: &str| valued(&given, key) == Some("false");
        let data_type = match word {
            "timestamps" => {
                dated = true;
                continue;
            }
            "references" | "belongs_to" => {
                let key = if is_off("null") {
                    format!(", foreignKey: {{ name: {column}_id, allowNull: false }}")
                } else {
                    format!(", foreignKey: {column}_id")
                };
                let other = model_of_table(column);
                sentences.push(format!(
                    "{} belongsTo {} < as: {}{key} >",
                    name(&model),
                    name(&other),
                    name(column)
                ));
                continue;
            }
            "string" => {
                valued(&given, "limit").map_or("STRING".to_owned(), |it| format!("STRING({it})"))
            }
            "text" => "TEXT".to_owned(),
            "integer" => "INTEGER".to_owned(),
            "bigint" => "BIGINT".to_owned(),
            "float" => "FLOAT".to_owned(),
            "decimal" => decimal(valued(&given, "precision"), valued(&given, "scale")),
            "boolean" => "BOOLEAN".to_owned(),
            "datetime" | "timestamp" => "DATE".to_owned(),
            "date" => "DATEONLY".to_owned(),
            "time" => "TIME".to_owned(),
            "json" | "jsonb" => "JSON".to_owned(),
            "binary" => "BLOB".to_owned(),
            "uuid" => "UUID".to_owned(),
            _ => {
                declared.remarks.push(line.to_owned());
                continue;
            }
        };
        let mut options = Vec::new();
        if is_off("null") {
            options.push("allowNull: false".to_owned());
        }
        let default = valued(&given, "default").and_then(literal);
        options.extend(default.map(|it| format!("defaultValue: {it}")));
        declared.attributes.push(ForeignAttribute {
            name: column.to_owned(),
            data_type,
            options,
            remarks: Vec::new(),
        });
    }
    declared.options.push(format!("tableName: {}", name(table)));
    let last = if dated { "underscored" } else { "timestamps: false" };
    declared.options.push(last.to_owned());
    [vec![declared.written()], sentences].concat().join("\n")
}

fn decimal(precision: Option<&str>, scale: Option<&str>) -> String {
    format!("DECIMAL({}, {})", precision.unwrap_or("10"), scale.unwrap_or("0"))
}

/// The fields of a model of Django's.
fn fields<'a>(model: &str, lines: impl Iterator<Item = &'a str>) -> String {
    let mut declared = ForeignModel { name: model.to_owned(), ..ForeignModel::default() };
    declared.options.push("timestamps: false".to_owned());
    let table = model.to_lowercase();
    declared.remarks.push(format!("Django calls its table by the app: `tableName: app_{table}`"));
    let mut sentences = Vec::new();
    for line in lines {
        let field = line.split_once('=').and_then(|(field, value)| {
            let (kind, given) = value.trim().split_once('(')?;
            Some((field.trim(), plain(kind), given.strip_suffix(')')?))
        });
        let Some((field, kind, given)) = field else {
            declared.remarks.push(line.to_owned());
            continue;
        };
        let given = arguments(given);
        let is_null = valued(&given, "null") == Some("True");
        let other = given.iter().find(|it| it.0.is_none()).map_or("", |it| plain(it.1));
        let data_type = match kind {
            "ForeignKey" | "OneToOneField" => {
                let null = if is_null { "" } else { ", allowNull: false" };
                let on_delete = valued(&given, "on_delete").map(plain).and_then(action);
                let on_delete = on_delete.map_or(String::new(), |it| format!(", onDelete: {it}"));
                sentences.push(format!("{} belongsTo {} < as: {field}, foreignKey: {{ name: {field}_id{null} }}{on_delete} >", name(model), name(other)));
                if let Some(back) = valued(&given, "related_name") {
                    let verb = if kind == "ForeignKey" { "hasMany" } else { "hasOne" };
                    sentences.push(format!(
                        "{} {verb} {} < as: {}, foreignKey: {field}_id >",
                        name(other),
                        name(model),
                        name(plain(back))
                    ));
                }
                continue;
            }
            "ManyToManyField" => {
                sentences.push(format!(
                    "{} belongsToMany {} < through: {model}{other}, as: {field} >",
                    name(model),
                    name(other)
                ));
                continue;
            }
            "CharField" | "SlugField" | "EmailField" | "URLField" | "FileField" | "ImageField" => {
                valued(&given, "max_length")
                    .map_or("STRING".to_owned(), |it| format!("STRING({it})"))
            }
            "TextField" => "TEXT".to_owned(),
            "IntegerField" | "PositiveIntegerField" | "AutoField" => "INTEGER".to_owned(),
            "SmallIntegerField" | "PositiveSmallIntegerField" => "SMALLINT".to_owned(),
            "BigIntegerField" | "BigAutoField" => "BIGINT".to_owned(),
            "BooleanField" | "NullBooleanField" => "BOOLEAN".to_owned(),
            "FloatField" => "FLOAT".to_owned(),
            "DecimalField" => {
                decimal(valued(&given, "max_digits"), valued(&given, "decimal_places"))
            }
            "DateTimeField" => "DATE".to_owned(),
            "DateField" => "DATEONLY".to_owned(),
            "TimeField" => "TIME".to_owned(),
            "UUIDField" => "UUID".to_owned(),
            "JSONField" => "JSON".to_owned(),
            "BinaryField" => "BLOB".to_owned(),
            _ => {
                declared.remarks.push(line.to_owned());
                continue;
            }
        };
        let mut options = Vec::new();
        if valued(&given, "primary_key") == Some("True") {
            options.push("primaryKey".to_owned());
        } else if !is_null {
            options.push("allowNull: false".to_owned());
        }
        if valued(&given, "unique") == Some("True") {
            options.push("unique".to_owned());
        }
        let default = valued(&given, "default").and_then(literal);
        options.extend(default.map(|it| format!("defaultValue: {it}")));
        declared.attributes.push(ForeignAttribute {
            name: field.to_owned(),
            data_type,
            options,
            remarks: Vec::new(),
        });
    }
    [vec![declared.written()], sentences].concat().join("\n")
}
