//! A table as a model: its columns, checks, uniques and indexes.

use super::RowMisfits;
use super::draft::{
    Alternative, Alternatives, PartSubject, PulledAttribute, PulledModel, PulledPart, PulledScript,
};
use super::expression::{json, translated};
use super::model_flags::ModelFlags;
use super::names::{NamingStyle, named, sql, written};
use super::options::{PulledOption, behind};
use super::script_names::ScriptModel;
use super::timestamps::Timestamps;
use super::types::{PulledType, types};
use crate::catalog::{
    CheckConstraint, Column, IndexOrigin, IndexedColumn, Name, Table, TableIndex,
};
use crate::ir::{Contents, DataType};
use crate::stored::{SqlToken, SqlTokenKind, quoted, tokens};
use crate::verbs::OptionId;
use crate::words::{same_name, underscore};

/// A model of a table; `given` is the one that a script has of it.
pub(super) fn model(
    draft: &PulledScript,
    name: String,
    table: &Table,
    given: Option<&ScriptModel>,
    rows: &RowMisfits,
) -> PulledModel {
    let style = given.map_or(draft.style, |it| it.style);
    let mut names = style.attributes(table);
    for (name, column) in names.iter_mut().zip(&table.columns) {
        let given = given.and_then(|it| it.attributes.get(&Name::from(&column.name)));
        *name = given.cloned().unwrap_or_else(|| name.clone());
    }
    let mut options = Vec::new();
    if style.table(&name) != table.name {
        options.push(PulledOption::of(OptionId::TableName, named(&table.name)));
    }
    let stamps = timestamps(table, &names, rows);
    let own = ModelFlags::of(style, stamps.as_ref(), table.options);
    options.extend(own.beside(&draft.common));
    if table.primary_key().is_empty() {
        options.push(PulledOption::off(OptionId::Id));
    }
    let count = table.columns.len();
    let mut attributes = Vec::with_capacity(count);
    for (place, (column, attribute)) in table.columns.iter().zip(&names).enumerate() {
        let unfit = rows.of(&table.name, &column.name);
        let mut made = self::attribute(style, table, (place, column), attribute, &names, unfit);
        let is_stamp = stamps.as_ref().is_some_and(|it| it.makes(style, table, place));
        made.implied = (is_stamp || (place == 0 && is_implied_id(table, column)))
            && column.comment.is_empty()
            && unfit == 0
            && count > 1;
        let known = given.map(|it| &it.attributes);
        made.is_given = known.is_some_and(|it| it.contains_key(&Name::from(&column.name)));
        attributes.push(made);
    }
    PulledModel { name, table: table.clone(), options, attributes }
}

/// Whether a check is written at its attribute: the first one there that has no name.
pub(super) fn is_at_column(table: &Table, place: usize) -> bool {
    let check = table.checks.get(place);
    let Some(column) = check.filter(|it| it.name.is_none()).and_then(|it| it.column) else {
        return false;
    };
    let mut before = table.checks.iter().take(place);
    !before.any(|it| it.column == Some(column) && it.name.is_none())
}

/// Whether it is the `id` that comes by itself.
fn is_implied_id(table: &Table, column: &Column) -> bool {
    let plain = column.text.eq_ignore_ascii_case("integer");
    column.name == "id" && plain && table.identity && table.primary_key().len() == 1
}

fn timestamps(table: &Table, names: &[String], rows: &RowMisfits) -> Option<Timestamps> {
    Timestamps::of(table, names, |column| rows.of(&table.name, column) == 0)
}

/// What holds of a table as a whole, in that style.
pub(super) fn switches(style: NamingStyle, table: &Table, rows: &RowMisfits) -> ModelFlags {
    let stamps = timestamps(table, &style.attributes(table), rows);
    ModelFlags::of(style, stamps.as_ref(), table.options)
}

fn attribute(
    style: NamingStyle,
    table: &Table,
    column: (usize, &Column),
    name: &str,
    names: &[String],
    unfit: usize,
) -> PulledAttribute {
    let (place, column) = column;
    let mut options = Vec::new();
    let is_key = column.primary_key > 0;
    if is_key && table.identity {
        options.push(PulledOption::on(OptionId::AutoIncrement));
    }
    let numbers = table.rowid().is_some_and(|it| it.name == column.name);
    match (is_key, column.not_null) {
        (true, false) if !numbers => {
            options.push(PulledOption::of(OptionId::AllowNull, "true"));
        }
        (true, true) if numbers => options.push(PulledOption::off(OptionId::AllowNull)),
        (false, true) => options.push(PulledOption::off(OptionId::AllowNull)),
        _ => {}
    }
    let attribute_of = |it: &str| names.get(table.place(it)?).cloned();
    let own = |it: &(usize, &CheckConstraint)| it.1.column == Some(place);
    let checks: Vec<_> = table.checks.iter().enumerate().filter(own).collect();
    let lists = checks.iter().find_map(|(at, it)| Some((*at, enumeration(it, column)?)));
    let data_type = Alternatives::new(types(column, table.options.strict)).without_best(unfit);
    let holds = data_type.now().and_then(|it| it.data_type.as_ref()).map(DataType::holds);
    let spelled = |it: &str| {
        let mut ways: Vec<_> = translated(it, attribute_of).into_iter().collect();
        ways.push(sql(it));
        Alternatives::new(ways)
    };
    let one = |it: &(usize, &CheckConstraint)| (it.0, spelled(&it.1.condition));
    let own = |it: &&(usize, &CheckConstraint)| is_at_column(table, it.0);
    let generated = column.generated.as_ref();
    PulledAttribute {
        name: name.to_owned(),
        column: column.name.clone(),
        implied: false,
        field: (style.column(name) != column.name).then(|| column.name.clone()),
        is_key,
        enumeration: lists,
        data_type,
        default: defaults(column, holds, |it| translated(it, attribute_of)),
        generated: generated.map_or_else(Alternatives::default, |it| spelled(&it.expression)),
        stored: generated.is_some_and(|it| it.stored),
        checks: checks.iter().filter(own).map(one).collect(),
        collation: column.collation.as_ref().map(ToString::to_string),
        options,
        is_given: false,
        verbatim: Some(column.text.clone()),
        is_verbatim: !column.others.is_empty(),
        remarks: column.comment.clone(),
    }
}

/// The ways to write a default.
fn defaults(
    column: &Column,
    holds: Option<Contents>,
    translated: impl Fn(&str) -> Option<String>,
) -> Alternatives<String> {
    let Some(default) = &column.default else {
        return Alternatives::default();
    };
    let is_truth = holds == Some(Contents::Truth);
    let mut ways = Vec::new();
    let inner = default.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
    if let Some(inner) = inner {
        ways.extend(translated(inner).map(|it| format!("({it})")));
    } else {
        match default.normalized() {
            "0" if is_truth => ways.push("false".to_owned()),
            "1" if is_truth => ways.push("true".to_owned()),
            _ => {}
        }
        if holds == Some(Contents::Json)
            && let [SqlToken { kind: SqlTokenKind::Text(it), .. }] = tokens(default).as_slice()
        {
            ways.push(json(it, default));
        }
        let number = default.strip_prefix(['-', '+']).unwrap_or(default);
        let is_number = number.bytes().all(|it| it.is_ascii_digit() || it == b'.');
        let is_blob = default.starts_with(['x', 'X']);
        if default.starts_with('\'') || is_blob || (is_number && !default.starts_with('+')) {
            ways.extend(translated(default));
        }
        if default.eq_ignore_ascii_case("null") {
            ways.push("null".to_owned());
        }
    }
    ways.push(sql(default));
    Alternatives::new(ways)
}

/// `ENUM(a, b)`, for a check that lists what its column may be.
fn enumeration(check: &CheckConstraint, column: &Column) -> Option<PulledType> {
    let all = tokens(&check.condition);
    let [first, word, open, members @ .., close] = all.as_slice() else {
        return None;
    };
    let shaped = first.name().is_some_and(|it| same_name(it, &column.name)) && word.is("in");
    if !shaped || !open.is_sign('(') || !close.is_sign(')') {
        return None;
    }
    let mut names = Vec::new();
    for (at, member) in members.iter().enumerate() {
        match (&member.kind, at % 2) {
            (SqlTokenKind::Text(it), 0) => names.push(named(it).into_owned()),
            (SqlTokenKind::Sign(','), 1) => {}
            _ => return None,
        }
    }
    (members.len() % 2 == 1).then(|| PulledType::enumeration(&names, column))
}

/// What a table has beside its columns and keys.
pub(super) fn parts(model: usize, made: &PulledModel, parts: &mut Vec<PulledPart>) {
    let table = &made.table;
    let part = |subject, ways| PulledPart { model, subject, ways, at: 0 };
    for (place, index) in table.indexes.iter().enumerate() {
        let ways = match index.origin {
            IndexOrigin::Unique => {
                let columns = index.members.iter().filter_map(|it| it.column.as_deref());
                uniques(made, index.constraint.as_deref(), &columns.collect::<Vec<_>>())
            }
            IndexOrigin::Created => indexes(made, index),
            IndexOrigin::PrimaryKey => continue,
        };
        parts.push(part(PartSubject::Index(place), ways));
    }
    for (place, check) in table.checks.iter().enumerate() {
        if !is_at_column(table, place) {
            let mut ways = Vec::new();
            if made.lists(place) {
                ways.push(Alternative::Nothing);
            }
            let name = check.name.as_ref();
            let name = name.map(|it| PulledOption::of(OptionId::Name, named(it)));
            let name = behind(name.as_slice());
            let said = translated(&check.condition, |it| attribute_of(made, it));
            for said in said.into_iter().chain([sql(&check.condition)]) {
                ways.push(Alternative::Body(format!("check ({said}){name}")));
            }
            parts.push(part(PartSubject::Check(place), ways));
        }
    }
    for other in &table.others {
        parts.push(part(PartSubject::Clause, vec![Alternative::Body(sql(other))]));
    }
}

fn attribute_of(model: &PulledModel, column: &str) -> Option<String> {
    let attribute = model.attributes.get(model.table.place(column)?)?;
    Some(attribute.name.clone())
}

/// Attributes in a list, as a script writes them.
fn list(model: &PulledModel, columns: &[&str]) -> Option<String> {
    let names = columns.iter().map(|it| attribute_of(model, it));
    let names: Option<Vec<_>> = names.collect();
    let names = names?;
    let written: Vec<_> = names.iter().map(|it| written(it)).collect();
    Some(written.join(", "))
}

/// The ways to write `UNIQUE`.
fn uniques(model: &PulledModel, name: Option<&str>, columns: &[&str]) -> Vec<Alternative> {
    let mut ways = Vec::new();
    let quoted: Vec<_> = columns.iter().map(|it| quoted(it)).collect();
    let own = format!("{}_unique", default_name(&model.table.name, columns));
    let name = name.filter(|it| *it != own);
    if let ([column], None) = (columns, name) {
        let unique = vec![PulledOption::on(OptionId::Unique)];
        ways.push(Alternative::Option((*column).to_owned(), unique));
    }
    if let Some(names) = list(model, columns) {
        if let Some(name) = name {
            let name = behind(&[PulledOption::of(OptionId::Name, named(name))]);
            ways.push(Alternative::Body(format!("unique ({names}){name}")));
        }
        ways.push(Alternative::Body(format!("unique ({names})")));
    }
    ways.push(Alternative::Body(sql(&format!("UNIQUE ({})", quoted.join(", ")))));
    ways
}

/// Whether an index is what `unique` makes at the attribute of a column.
pub(super) fn is_unique_option(table: &Table, index: &TableIndex, column: &Column) -> bool {
    let columns = index.unique_columns().unwrap_or_default();
    let own = format!("{}_unique", default_name(&table.name, &columns));
    let is_own = match index.origin {
        IndexOrigin::Unique => index.constraint.as_ref().is_none_or(|it| *it == own),
        IndexOrigin::Created => index.name == own,
        IndexOrigin::PrimaryKey => false,
    };
    is_own && matches!(columns.as_slice(), [only] if same_name(only, &column.name))
}

/// The name that an index over these columns has by itself.
fn default_name(table: &str, columns: &[&str]) -> String {
    underscore(&format!("{table}_{}", columns.join("_"))).into()
}

/// The ways to write an index.
fn indexes(model: &PulledModel, index: &TableIndex) -> Vec<Alternative> {
    let raw = Alternative::Raw(index.sql.clone().unwrap_or_default());
    if index.members.is_empty() {
        return vec![raw];
    }
    let mut ways = Vec::new();
    let columns: Option<Vec<_>> = index.members.iter().map(|it| it.column.as_deref()).collect();
    let own = columns.map(|it| default_name(&model.table.name, &it));
    let by_itself = own.as_ref().is_some_and(|it| index.name == *it);
    if let Some(columns) = index.unique_columns()
        && own.is_some_and(|own| index.name == format!("{own}_unique"))
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
            options.push(PulledOption::on(OptionId::Unique));
        }
        if let Some(filter) = &index.filter {
            let said = translated(filter, |it| attribute_of(model, it)).filter(|_| !verbatim);
            let said = said.unwrap_or_else(|| sql(filter));
            options.push(PulledOption::of(OptionId::Where, format!("({said})")));
        }
        let members = members.join(", ");
        let mut said = |options: &[PulledOption]| {
            ways.push(Alternative::Body(format!("index ({members}){}", behind(options))));
        };
        if by_itself {
            said(&options);
        }
        options.push(PulledOption::of(OptionId::Name, named(&index.name)));
        said(&options);
    }
    ways.push(raw);
    ways
}

/// A member of an index; none where the language can't say it.
fn member(model: &PulledModel, member: &IndexedColumn, verbatim: bool) -> Option<String> {
    let of = |it: &str| attribute_of(model, it);
    let mut text = match (&member.column, &member.expression) {
        (Some(column), _) => written(&of(column)?).into_owned(),
        (None, expression) => {
            let expression = expression.as_deref().unwrap_or_default();
            let said = translated(expression, of).filter(|_| !verbatim);
            said.unwrap_or_else(|| sql(expression))
        }
    };
    if let Some(it) = &member.collation {
        text = format!("{text} collate {}", written(it));
    }
    if member.descending {
        text.push_str(" desc");
    }
    Some(text)
}
