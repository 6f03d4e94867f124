//! Models and migrations of Rails.

use super::super::Translation;
use super::super::draft::{ForeignAttribute, ForeignModel, as_comment, model_of_table, name};
use super::super::javascript::scope;
use super::{arguments, decimal, plain};
use crate::words::pluralize;

/// The tables that a migration of Rails' makes; its other lines are remarks.
pub(super) fn steps(text: &str) -> Translation {
    let mut res: Vec<String> = Vec::new();
    let mut all = text.lines().skip(1).map(str::trim);
    while let Some(line) = all.next() {
        if let Some(table) = line.strip_prefix("create_table ") {
            let inner: Vec<&str> = all.by_ref().take_while(|it| *it != "end").collect();
            res.push(columns(table, &mut inner.into_iter().filter(|it| !it.is_empty())));
        } else if !line.is_empty() && line != "end" && !line.starts_with("def ") {
            res.push(as_comment(line));
        }
    }
    if res.iter().any(|it| it.starts_with("model ")) {
        return Translation::Said(res.join("\n"));
    }
    Translation::Unsaid(
        "a script declares how tables are, and no steps that change them: `relata diff` shows what changes, `relata apply` changes it"
            .to_owned(),
    )
}

/// `has_many :posts` and the like, each a sentence.
pub(super) fn record<'a>(model: &str, lines: impl Iterator<Item = &'a str>) -> String {
    let table = pluralize(&snake(model));
    let mut declared = ForeignModel { name: model.to_owned(), ..ForeignModel::default() };
    declared.remarks.push(format!("the columns of `{table}`, from its migration"));
    declared.options.extend([format!("tableName: {table}"), "underscored".to_owned()]);
    let mut sentences = Vec::new();
    for line in lines {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if !matches!(word, "has_many" | "has_one" | "belongs_to" | "has_and_belongs_to_many") {
            declared.remarks.push(match scope_line(word, rest) {
                Some(it) => format!("once the columns are there: {it}"),
                None => line.to_owned(),
            });
            continue;
        }
        let mut given = arguments(rest);
        let alias = given.first().map_or("", plain);
        let named = given.take("class_name").map(plain);
        let other = named.map_or_else(|| model_of_table(alias), str::to_owned);
        let through = given.take("through").map(|it| model_of_table(plain(it)));
        let named_key = given.take("foreign_key").map(|it| plain(it).to_owned());
        // how a row is found in memory, and checks beside the columns' own
        given.take("inverse_of");
        given.take("optional");
        let own = if word == "belongs_to" { alias.to_owned() } else { snake(model) };
        let own = named_key.unwrap_or_else(|| format!("{own}_id"));
        let key = format!("{}_id", snake(&other));
        declared.remarks.extend(given.left(alias));
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
            _ => ("belongsTo", format!("as: {}, foreignKey: {own}", name(alias))),
        };
        sentences.push(format!("{} {verb} {} < {said} >", name(model), name(&other)));
    }
    [vec![declared.written()], sentences].concat().join("\n")
}

/// `scope :active, -> { where(active: true) }`
fn scope_line(word: &str, rest: &str) -> Option<String> {
    let (head, rest) = rest.split_once('{')?;
    let calls = rest.trim_end().strip_suffix('}')?;
    let named = match word {
        "default_scope" => "default",
        "scope" => {
            let (title, how) = head.split_once(',')?;
            // one that takes something has no word
            matches!(how.trim(), "->" | "-> ()" | "lambda" | "proc").then_some(())?;
            plain(title)
        }
        _ => return None,
    };
    Some(format!("scope {} {}", name(named), scope(calls)?))
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
pub(super) fn columns(head: &str, lines: &mut dyn Iterator<Item = &str>) -> String {
    let head = head.split_once(" do ").map_or(head, |it| it.0);
    let mut given = arguments(head);
    let table = given.first().map_or("", plain);
    // whether the table is made anew there
    given.take("force");
    given.take("if_not_exists");
    let model = model_of_table(table);
    let mut declared = ForeignModel { name: model.clone(), ..ForeignModel::default() };
    declared.remarks.extend(given.left(table));
    let (mut sentences, mut dated) = (Vec::new(), false);
    for line in lines {
        let called = line.split_once('.').map_or("", |it| it.1);
        let (word, rest) = called.split_once([' ', '(']).unwrap_or((called, ""));
        let rest = if called.contains(' ') { rest } else { rest.trim_end_matches(')') };
        let mut given = arguments(rest);
        if word == "timestamps" {
            dated = true;
            given.take("null");
            declared.remarks.extend(given.left(word));
            continue;
        }
        let column = given.first().map_or("", plain);
        let is_required = given.is("null", "false");
        given.is("null", "true");
        let data_type = match word {
            "references" | "belongs_to" => {
                let key = if is_required {
                    format!(", foreignKey: {{ name: {column}_id, allowNull: false }}")
                } else {
                    format!(", foreignKey: {column}_id")
                };
                let is_plain = given.is("foreign_key", "true");
                given.is("foreign_key", "false");
                given.is("index", "false");
                let constraint = given.take("foreign_key");
                let is_kept = is_plain || constraint.is_some();
                let inner = constraint.map(|it| it.trim_matches(['{', '}']));
                let mut constraint = arguments(inner.unwrap_or_default());
                let other = constraint.take("to_table").map_or(column, plain);
                let other = model_of_table(other);
                // Rails makes no constraint by itself, and one that does nothing
                let mut actions = String::new();
                for (word, option) in [("on_delete", "onDelete"), ("on_update", "onUpdate")] {
                    let found = constraint.0.iter().find(|it| it.0 == Some(word));
                    let found = found.and_then(|it| rails_action(plain(it.1)));
                    if found.is_some() {
                        constraint.take(word);
                    }
                    if is_kept {
                        for part in [", ", option, ": ", found.unwrap_or("noAction")] {
                            actions.push_str(part);
                        }
                    }
                }
                if !is_kept {
                    actions += ", constraints: false";
                }
                declared.remarks.extend(constraint.left(column));
                declared.remarks.extend(given.left(column));
                sentences.push(format!(
                    "{} belongsTo {} < as: {}{key}{actions} >",
                    name(&model),
                    name(&other),
                    name(column)
                ));
                continue;
            }
            "string" => {
                given.take("limit").map_or("STRING".to_owned(), |it| format!("STRING({it})"))
            }
            "text" => "TEXT".to_owned(),
            "integer" => "INTEGER".to_owned(),
            "bigint" => "BIGINT".to_owned(),
            "float" => "FLOAT".to_owned(),
            "decimal" => decimal(given.take("precision"), given.take("scale")),
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
        if is_required {
            options.push("allowNull: false".to_owned());
        }
        if given.is("index", "{ unique: true }") {
            options.push("unique".to_owned());
        }
        if given.is("index", "true") {
            declared.body.push(format!("index ({})", name(column)));
        }
        options.extend(given.default_option());
        declared.attributes.push(ForeignAttribute {
            name: column.to_owned(),
            data_type,
            options,
            remarks: given.left(column),
        });
    }
    declared.options.push(format!("tableName: {}", name(table)));
    let last = if dated { "underscored" } else { "timestamps: false" };
    declared.options.push(last.to_owned());
    [vec![declared.written()], sentences].concat().join("\n")
}

/// `on_delete: :cascade`
fn rails_action(word: &str) -> Option<&'static str> {
    match word {
        "cascade" => Some("cascade"),
        "nullify" => Some("setNull"),
        "restrict" => Some("restrict"),
        _ => None,
    }
}
