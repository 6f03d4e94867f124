//! A table as a model: its columns, checks, uniques and indexes.

use super::Found;
use super::draft::{Attribute, Draft, Model, Part, Subject, Way, Ways};
use super::expression::translated;
use super::given::GivenModel;
use super::names::{Style, named, sql, text, written};
use super::shape::{Check, Column, Shape, same};
use super::types::types;
use crate::db::Object;
use crate::stored::{Index, Member, TokenKind, tokens};
use crate::words::underscore;

/// A model of a table; `given` is the one that a script has of it.
pub(super) fn model(
    draft: &Draft,
    name: String,
    shape: &Shape,
    given: Option<&GivenModel>,
) -> Model {
    let style = given.map_or(draft.style, |it| it.style);
    let mut names = style.attributes(shape);
    for (name, column) in names.iter_mut().zip(&shape.columns) {
        let given = given.and_then(|it| it.attributes.get(&column.name.to_lowercase()));
        *name = given.cloned().unwrap_or_else(|| name.clone());
    }
    let mut options = Vec::new();
    if style.table(&name) != shape.name {
        options.push(format!("tableName: {}", named(&shape.name)));
    }
    if style.underscored != draft.style.underscored {
        options.push(format!("underscored: {}", style.underscored));
    }
    if style.frozen != draft.style.frozen {
        options.push(format!("freezeTableName: {}", style.frozen));
    }
    let stamps = timestamps(style, shape, &names);
    if stamps.is_some() != draft.timestamps {
        options.push(format!("timestamps: {}", stamps.is_some()));
    }
    if shape.key.is_empty() {
        options.push("id: false".to_owned());
    }
    for (flag, on) in [("strict", shape.strict), ("withoutRowid", shape.without_rowid)] {
        if on {
            options.push(flag.to_owned());
        }
    }
    let count = shape.columns.len();
    let mut attributes = Vec::with_capacity(count);
    for (place, (column, attribute)) in shape.columns.iter().zip(&names).enumerate() {
        let mut made = self::attribute(style, shape, place, column, attribute, &names);
        let last = stamps.is_some_and(|(created, updated)| {
            (created, updated) == (count.saturating_sub(2), count.saturating_sub(1))
                && place >= created
        });
        made.implied = (last || (place == 0 && is_implied_id(shape, column)))
            && column.remarks.is_empty()
            && count > 1;
        attributes.push(made);
    }
    Model { name, shape: shape.clone(), options, attributes }
}

/// Whether a check is written at its attribute: the first one there that has no name.
pub(super) fn is_at_column(shape: &Shape, place: usize) -> bool {
    let check = shape.checks.get(place);
    let Some(column) = check.filter(|it| it.name.is_none()).and_then(|it| it.column) else {
        return false;
    };
    let mut before = shape.checks.iter().take(place);
    !before.any(|it| it.column == Some(column) && it.name.is_none())
}

/// Whether it is the `id` that comes by itself.
fn is_implied_id(shape: &Shape, column: &Column) -> bool {
    let plain = column.rest.eq_ignore_ascii_case("integer");
    column.name == "id" && plain && shape.increments && shape.key.len() == 1
}

/// The places of the columns that `timestamps` makes.
fn timestamps(style: Style, shape: &Shape, names: &[String]) -> Option<(usize, usize)> {
    let place = |name: &str| {
        let at = names.iter().position(|it| it == name)?;
        let column = shape.columns.get(at)?;
        let fits = column.rest.eq_ignore_ascii_case("datetime not null")
            && style.column(name) == column.name;
        fits.then_some(at)
    };
    Some((place("createdAt")?, place("updatedAt")?))
}

/// Whether a table has the columns that `timestamps` makes.
pub(super) fn has_timestamps(style: Style, shape: &Shape) -> bool {
    timestamps(style, shape, &style.attributes(shape)).is_some()
}

fn attribute(
    style: Style,
    shape: &Shape,
    place: usize,
    column: &Column,
    name: &str,
    names: &[String],
) -> Attribute {
    let mut options = Vec::new();
    if style.column(name) != column.name {
        options.push(format!("field: {}", text(&column.name)));
    }
    let is_key = shape.key.iter().any(|it| same(it, &column.name));
    let counts = is_key && shape.key.len() == 1 && column.data_type.eq_ignore_ascii_case("integer");
    if is_key {
        options.push("primaryKey".to_owned());
        if shape.increments {
            options.push("autoIncrement".to_owned());
        }
    }
    let numbers = counts && !shape.without_rowid;
    match (is_key, column.not_null) {
        (true, false) if !numbers => options.push("allowNull: true".to_owned()),
        (true, true) if numbers => options.push("allowNull: false".to_owned()),
        (false, true) => options.push("allowNull: false".to_owned()),
        _ => {}
    }
    if let Some(it) = &column.collate {
        options.push(format!("collate: {}", named(it)));
    }
    let attribute_of = |it: &str| names.get(shape.column(it)?).cloned();
    let own = |it: &(usize, &Check)| it.1.column == Some(place);
    let checks: Vec<_> = shape.checks.iter().enumerate().filter(own).collect();
    let is_text = column.data_type.eq_ignore_ascii_case("text");
    let lists = checks.iter().find_map(|(at, it)| {
        let members = enumeration(it, &column.name).filter(|_| is_text)?;
        Some((*at, members))
    });
    let spelled = |it: &str| {
        let mut ways: Vec<_> = translated(it, attribute_of).into_iter().collect();
        ways.push(sql(it));
        Ways::new(ways)
    };
    let one = |it: &(usize, &Check)| (it.0, spelled(&it.1.text));
    let own = |it: &&(usize, &Check)| is_at_column(shape, it.0);
    let generated = column.generated.as_ref();
    Attribute {
        name: name.to_owned(),
        column: column.name.clone(),
        implied: false,
        enumeration: lists,
        data_type: Ways::new(types(column, shape.strict)),
        default: defaults(column, &spelled),
        generated: generated.map_or_else(Ways::default, |(it, _)| spelled(it)),
        stored: generated.is_some_and(|it| it.1),
        checks: checks.iter().filter(own).map(one).collect(),
        options,
        verbatim: Some(column.rest.clone()),
        is_verbatim: !column.others.is_empty(),
        remarks: column.remarks.clone(),
    }
}

/// The ways to write a default.
fn defaults(column: &Column, spelled: &impl Fn(&str) -> Ways) -> Ways {
    let Some(default) = &column.default else {
        return Ways::default();
    };
    let mut ways = Vec::new();
    let inner = default.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
    if let Some(inner) = inner {
        let spelled = spelled(inner);
        ways.extend(spelled.now().map(|it| format!("({it})")));
    } else {
        let boolean = column.data_type.eq_ignore_ascii_case("tinyint(1)");
        match default.as_str() {
            "0" if boolean => ways.push("false".to_owned()),
            "1" if boolean => ways.push("true".to_owned()),
            _ => {}
        }
        let number = default.strip_prefix(['-', '+']).unwrap_or(default);
        let is_number = number.bytes().all(|it| it.is_ascii_digit() || it == b'.');
        let is_blob = default.starts_with(['x', 'X']);
        if default.starts_with('\'') || is_blob || (is_number && !default.starts_with('+')) {
            ways.extend(spelled(default).now().map(str::to_owned));
        }
        if default.eq_ignore_ascii_case("null") {
            ways.push("null".to_owned());
        }
    }
    ways.retain(|it| !it.contains("sql`"));
    ways.push(sql(default));
    Ways::new(ways)
}

/// `ENUM(a, b)`, for a check that lists what its column may be.
fn enumeration(check: &Check, column: &str) -> Option<String> {
    // Relata's own checks of enumerations have a name that ends so.
    if check.name.as_ref().is_some_and(|it| !it.ends_with("_check")) {
        return None;
    }
    let all = tokens(&check.text);
    let [first, word, open, members @ .., close] = all.as_slice() else {
        return None;
    };
    let shaped = first.name().is_some_and(|it| same(it, column)) && word.is("in");
    if !shaped || !open.is_sign('(') || !close.is_sign(')') {
        return None;
    }
    let mut names = Vec::new();
    for (at, member) in members.iter().enumerate() {
        match (&member.kind, at % 2) {
            (TokenKind::Text(it), 0) => names.push(named(it).into_owned()),
            (TokenKind::Sign(','), 1) => {}
            _ => return None,
        }
    }
    (members.len() % 2 == 1).then(|| format!("ENUM({})", names.join(", ")))
}

/// What a table has beside its columns and keys.
pub(super) fn parts(found: &Found<'_>, model: usize, made: &Model, parts: &mut Vec<Part>) {
    let shape = &made.shape;
    let part = |subject, ways| Part { model, subject, ways, at: 0 };
    for (place, unique) in shape.uniques.iter().enumerate() {
        let ways = uniques(made, unique.name.as_deref(), &unique.columns);
        parts.push(part(Subject::Unique(place), ways));
    }
    for object in found.indexes(&shape.name) {
        let ways = indexes(made, object);
        parts.push(part(Subject::Index(object.name.to_lowercase()), ways));
    }
    for (place, check) in shape.checks.iter().enumerate() {
        if !is_at_column(shape, place) {
            let mut ways = Vec::new();
            if made.lists(place) {
                ways.push(Way::Nothing);
            }
            let name = check.name.as_ref();
            let name = name.map_or_else(String::new, |it| format!(" < name: {} >", named(it)));
            let said = translated(&check.text, |it| attribute_of(made, it));
            for said in said.into_iter().chain([sql(&check.text)]) {
                ways.push(Way::Body(format!("check ({said}){name}")));
            }
            parts.push(part(Subject::Check(place), ways));
        }
    }
    for other in &shape.others {
        parts.push(part(Subject::Clause, vec![Way::Body(sql(other))]));
    }
}

fn attribute_of(model: &Model, column: &str) -> Option<String> {
    let attribute = model.attributes.get(model.shape.column(column)?)?;
    Some(attribute.name.clone())
}

/// Attributes in a list, as a script writes them.
fn list(model: &Model, columns: &[String]) -> Option<String> {
    let names = columns.iter().map(|it| attribute_of(model, it));
    let names: Option<Vec<_>> = names.collect();
    let names = names?;
    let written: Vec<_> = names.iter().map(|it| written(it)).collect();
    Some(written.join(", "))
}

/// The ways to write `UNIQUE`.
fn uniques(model: &Model, name: Option<&str>, columns: &[String]) -> Vec<Way> {
    let mut ways = Vec::new();
    let quoted: Vec<_> = columns.iter().map(|it| super::clause::quoted(it)).collect();
    let own = format!("{}_unique", default_name(&model.shape.name, columns));
    let name = name.filter(|it| *it != own);
    if let ([column], None) = (columns, name) {
        ways.push(Way::Option(column.clone(), "unique".to_owned()));
    }
    if let Some(names) = list(model, columns) {
        if let Some(name) = name {
            let name = self::named(name);
            ways.push(Way::Body(format!("unique ({names}) < name: {name} >")));
        }
        ways.push(Way::Body(format!("unique ({names})")));
    }
    ways.push(Way::Body(sql(&format!("UNIQUE ({})", quoted.join(", ")))));
    ways
}

/// The name that an index over these columns has by itself.
fn default_name(table: &str, columns: &[String]) -> String {
    underscore(&format!("{table}_{}", columns.join("_"))).into()
}

/// The ways to write an index.
fn indexes(model: &Model, object: &Object) -> Vec<Way> {
    let statement = object.sql.clone().unwrap_or_default();
    let raw = Way::Raw(statement.clone());
    let is_column = |it: &str| model.shape.column(it).is_some();
    let Some(index) = Index::of(&statement, is_column) else {
        return vec![raw];
    };
    let mut ways = Vec::new();
    let plain = index.members.iter().all(|it| it.is_column);
    let columns: Vec<_> = index.members.iter().map(|it| it.text.clone()).collect();
    let own = default_name(&model.shape.name, &columns);
    let by_itself = plain && object.name == own;
    if let Some(columns) = index.unique_columns()
        && object.name == format!("{own}_unique")
    {
        ways.extend(uniques(model, None, &columns));
        ways.pop();
    }
    for verbatim in [false, true] {
        let members: Option<Vec<_>> =
            (index.members.iter()).map(|it| member(model, it, verbatim)).collect();
        let Some(members) = members else { continue };
        let mut options = Vec::new();
        if index.unique {
            options.push("unique".to_owned());
        }
        if let Some(filter) = &index.filter {
            let said = translated(filter, |it| attribute_of(model, it)).filter(|_| !verbatim);
            let said = said.unwrap_or_else(|| sql(filter));
            options.push(format!("where: ({said})"));
        }
        let members = members.join(", ");
        let mut said = |options: &[String]| {
            let mut text = format!("index ({members})");
            if !options.is_empty() {
                text = format!("{text} < {} >", options.join(", "));
            }
            ways.push(Way::Body(text));
        };
        if by_itself {
            said(&options);
        }
        options.push(format!("name: {}", named(&object.name)));
        said(&options);
    }
    ways.push(raw);
    ways
}

/// A member of an index; none where the language can't say it.
fn member(model: &Model, member: &Member, verbatim: bool) -> Option<String> {
    let of = |it: &str| attribute_of(model, it);
    let mut text = if member.is_column {
        written(&of(&member.text)?).into_owned()
    } else {
        let said = translated(&member.text, of).filter(|_| !verbatim);
        said.unwrap_or_else(|| sql(&member.text))
    };
    if let Some(it) = &member.collation {
        text = format!("{text} collate {}", written(it));
    }
    if member.descending {
        text.push_str(" desc");
    }
    Some(text)
}
