//! Models of Rails and Django: `class User < ApplicationRecord`, `create_table :users do |t|`, `class User(models.Model):`.
//!
//! They are read by the line; what isn't known of a line is a remark.

mod rails;

use super::draft::{ForeignAttribute, ForeignModel, action, name, text};
use super::lexeme::{LexemeCursor, LexemeSpelling};
use super::{ForeignPart, Language, Translation};
use rails::{columns, record, steps};

/// The sentence that begins here, if it is one of these languages'.
pub(super) fn sentence(source: &str, at: usize) -> Option<(Language, ForeignPart)> {
    let rest = source.get(at..)?;
    if let Some((length, said)) = transcript(rest) {
        return Some((Language::Prompt, ForeignPart { end: at + length, said }));
    }
    let line = rest.lines().next()?;
    if OTHERS.iter().any(|it| line.starts_with(it)) || is_struct(line) {
        return Some((Language::Other, ForeignPart { end: braces(source, at), said: declared() }));
    }
    if line.starts_with("from ") && line.contains(" import ") {
        let said = Translation::Nothing("a script needs none of this: leave this out");
        return Some((Language::Python, ForeignPart { end: at + line.trim_end().len(), said }));
    }
    let (language, end, said) = if let Some(class) = line.strip_prefix("class ") {
        if let Some((model, base)) = class.split_once('<') {
            if base.trim_start().starts_with("ActiveRecord::Migration") {
                let end = ruby_end(rest)?;
                let part = ForeignPart { end: at + end, said: steps(rest.get(..end)?) };
                return Some((Language::Ruby, part));
            }
            matches!(base.trim(), "ApplicationRecord" | "ActiveRecord::Base").then_some(())?;
            let end = ruby_end(rest)?;
            (Language::Ruby, end, record(model.trim(), lines(rest, end)))
        } else {
            let (model, base) = class.split_once('(')?;
            let base = base.trim_end().strip_suffix("):")?;
            let end = python_end(rest);
            if !base.ends_with("Model") {
                return Some((Language::Python, ForeignPart { end: at + end, said: declared() }));
            }
            (Language::Python, end, fields(model.trim(), lines(rest, end)))
        }
    } else {
        let table = line.strip_prefix("create_table ")?;
        let end = ruby_end(rest)?;
        (Language::Ruby, end, columns(table, &mut lines(rest, end)))
    };
    Some((language, ForeignPart { end: at + end, said: Translation::Said(said) }))
}

/// A sentence that is pasted from the prompt, with its sign. What stands behind it, up to an empty line, was printed, or is the next sentence:
/// it is kept, as comments.
fn transcript(rest: &str) -> Option<(usize, Translation)> {
    const SIGN: &str = "relata>";
    let first = rest.lines().next()?;
    let (mut said, mut length) = (first.strip_prefix(SIGN)?.trim().to_owned(), first.len());
    let (mut goes_on, mut printed) = (true, Vec::new());
    for line in rest.get(length..)?.split('\n').skip(1) {
        if line.trim().is_empty() || line.starts_with(SIGN) {
            break;
        }
        length += line.len() + 1;
        let more = line.trim_start().strip_prefix("...").filter(|_| goes_on);
        goes_on = more.is_some();
        match more {
            Some(it) => {
                said.push('\n');
                said.push_str(it.trim_start().trim_start_matches('>'));
            }
            None => printed.push(format!("// {}", line.trim_end())),
        }
    }
    let is_command = said.is_empty() || said.starts_with('.');
    if is_command && printed.is_empty() {
        let why = "a command of the prompt stands in no script: leave this out";
        return Some((length, Translation::Nothing(why)));
    }
    let own = if is_command { format!("// {said}").trim_end().to_owned() } else { said };
    let lines: Vec<_> = std::iter::once(own).chain(printed).collect();
    Some((length, Translation::Said(lines.join("\n"))))
}

/// How definitions of languages begin that aren't read.
const OTHERS: [&str; 7] = [
    "<?php",
    "Schema::create(",
    "public class ",
    "#[derive",
    "table! {",
    "diesel::table!",
    "data class ",
];

/// `type User struct {`
fn is_struct(line: &str) -> bool {
    line.starts_with("type ") && line.ends_with(" struct {")
}

fn declared() -> Translation {
    Translation::Unsaid(
        "declare the model with its attributes: `model User { name: STRING(80) < allowNull: false > }`"
            .to_owned(),
    )
}

/// Behind the first braces, or the statement's end before them.
fn braces(source: &str, at: usize) -> usize {
    let mut cursor = LexemeCursor::new(source, LexemeSpelling::Script, at);
    cursor.skip();
    let is_page = source.get(at..).is_some_and(|it| it.starts_with("<?"));
    cursor.until(|it| it.is("{") || it.is(";") && !is_page || it.start > at + LONGEST);
    cursor.skip();
    cursor.end.max(at + 1)
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

/// The arguments of a call. What is taken is said; what is left at the end becomes a remark, so that nothing is lost without a word.
struct Arguments<'a>(Vec<(Option<&'a str>, &'a str)>);

impl<'a> Arguments<'a> {
    /// The value that has this key.
    fn take(&mut self, key: &str) -> Option<&'a str> {
        self.take_where(|it| it.0 == Some(key))
    }

    /// The first value without a key.
    fn first(&mut self) -> Option<&'a str> {
        self.take_where(|it| it.0.is_none())
    }

    /// The value of this key, if it is that one: what goes without saying, or is said by the caller.
    fn is(&mut self, key: &str, value: &str) -> bool {
        self.take_where(|it| *it == (Some(key), value)).is_some()
    }

    fn take_where(&mut self, wanted: impl Fn(&(Option<&str>, &str)) -> bool) -> Option<&'a str> {
        let place = self.0.iter().position(wanted)?;
        Some(self.0.remove(place).1)
    }

    /// The literal that a default is; one that is computed is left.
    fn default_option(&mut self) -> Option<String> {
        let given = self.0.iter().find(|it| it.0 == Some("default"))?.1;
        let value = literal(given)?;
        self.take("default");
        Some(format!("defaultValue: {value}"))
    }

    /// Remarks of what nobody took.
    fn left(self, of: &str) -> Vec<String> {
        let text = |(key, value): (Option<&str>, &str)| {
            let key = key.map_or_else(String::new, |key| format!("{key}: "));
            format!("{of}: `{key}{value}` can't be said")
        };
        self.0.into_iter().map(text).collect()
    }
}

/// What stands between commas, outside of brackets and quotes, each with its key: `null: false`, `null=False`.
fn arguments(given: &str) -> Arguments<'_> {
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
    Arguments(
        parts.map(|it| pair(it).map_or((None, it), |(key, value)| (Some(key), value))).collect(),
    )
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
        let inner = inner.strip_suffix(['"', '\''])?;
        // a letter that is written otherwise, a text that is put together
        return (!inner.contains(['\\', '"', '\'', '#'])).then(|| text(inner));
    }
    let is_number = value.starts_with(|it: char| it.is_ascii_digit() || it == '-');
    value.parse::<f64>().ok().filter(|_| is_number).map(|_| value.to_owned())
}

/// `on_delete=models.PROTECT`
fn django_action(word: &str) -> Option<&'static str> {
    match word {
        "PROTECT" => Some("restrict"),
        "DO_NOTHING" => Some("noAction"),
        it => action(it),
    }
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
        let mut given = arguments(given);
        let is_null = given.is("null", "True");
        given.is("null", "False");
        // what forms show and take
        for word in ["blank", "editable", "help_text", "verbose_name"] {
            given.take(word);
        }
        let data_type = match kind {
            "ForeignKey" | "OneToOneField" => {
                let other = given.first().or_else(|| given.take("to")).map_or("", plain);
                let null = if is_null { "" } else { ", allowNull: false" };
                let on_delete = given.0.iter().find(|it| it.0 == Some("on_delete"));
                let on_delete = on_delete.and_then(|it| django_action(plain(it.1)));
                if on_delete.is_some() {
                    given.take("on_delete");
                }
                let on_delete = on_delete.map_or(String::new(), |it| format!(", onDelete: {it}"));
                let back = given.take("related_name");
                declared.remarks.extend(given.left(field));
                sentences.push(format!("{} belongsTo {} < as: {field}, foreignKey: {{ name: {field}_id{null} }}{on_delete} >", name(model), name(other)));
                if let Some(back) = back {
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
                let other = given.first().or_else(|| given.take("to")).map_or("", plain);
                declared.remarks.extend(given.left(field));
                sentences.push(format!(
                    "{} belongsToMany {} < through: {model}{other}, as: {field} >",
                    name(model),
                    name(other)
                ));
                continue;
            }
            "CharField" | "SlugField" | "EmailField" | "URLField" | "FileField" | "ImageField" => {
                given.take("max_length").map_or("STRING".to_owned(), |it| format!("STRING({it})"))
            }
            "TextField" => "TEXT".to_owned(),
            "IntegerField" | "PositiveIntegerField" | "AutoField" => "INTEGER".to_owned(),
            "SmallIntegerField" | "PositiveSmallIntegerField" => "SMALLINT".to_owned(),
            "BigIntegerField" | "BigAutoField" => "BIGINT".to_owned(),
            "BooleanField" | "NullBooleanField" => "BOOLEAN".to_owned(),
            "FloatField" => "FLOAT".to_owned(),
            "DecimalField" => decimal(given.take("max_digits"), given.take("decimal_places")),
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
        if given.is("primary_key", "True") {
            options.push("primaryKey".to_owned());
        } else if !is_null {
            options.push("allowNull: false".to_owned());
        }
        if given.is("unique", "True") {
            options.push("unique".to_owned());
        }
        if given.is("db_index", "True") {
            declared.body.push(format!("index ({})", name(field)));
        }
        let column = given.take("db_column").and_then(literal);
        options.extend(column.map(|it| format!("field: {}", name(it.trim_matches('"')))));
        options.extend(given.default_option());
        declared.attributes.push(ForeignAttribute {
            name: field.to_owned(),
            data_type,
            options,
            remarks: given.left(field),
        });
    }
    [vec![declared.written()], sentences].concat().join("\n")
}
