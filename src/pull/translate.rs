//! A draft in another database's words: what that has none for is left out, and told.

mod groups;
mod lacking;
mod views;
mod wide;

use super::contents::DatabaseContents;
use super::draft::{Alternative, Alternatives, PartSubject, PulledAttribute, PulledScript};
use super::expression::{json, translated};
use super::names::sql;
use super::types::PulledType;
use crate::catalog::{Column, Name, ObjectKind, Table};
use crate::ir::{Contents, DataType, fit};
use crate::sql::{Affinity, Dialect, DialectKind};
use crate::stored::{SqlTokenKind, tokens};
use crate::value::Value;
use crate::words::same_name;
use std::collections::HashMap;

/// Something of a database that another one has no words for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// What: "the trigger `t`".
    pub what: String,
    /// Why it is left out, or what it becomes.
    pub why: String,
    /// What the database has, where it can be said as a whole.
    pub sql: Option<String>,
}

/// What SQLite's clock says, in one spelling, as moments and as seconds.
const NOW: [&str; 4] = [
    "current_timestamp",
    "datetime ( 'now' )",
    "datetime ( )",
    "strftime ( '%Y-%m-%d %H:%M:%f' , 'now' )",
];
const SECONDS: [&str; 4] =
    ["strftime ( '%s' , 'now' )", "unixepoch ( )", "unixepoch ( 'now' )", "strftime ( '%s' )"];
const TODAY: [&str; 3] = ["current_date", "date ( 'now' )", "date ( )"];

/// A draft that is said for another database.
struct DialectTranslation<'a> {
    draft: &'a mut PulledScript,
    dialect: &'static Dialect,
    left: Vec<LeftOut>,
    /// The columns whose integers need 64 bits, and why.
    wide: HashMap<(Name, Name), String>,
}

/// Says a draft in a database's words. What it has none for.
pub(super) fn translate(
    draft: &mut PulledScript,
    found: &DatabaseContents<'_>,
    dialect: &'static Dialect,
) -> Vec<LeftOut> {
    let mut work =
        DialectTranslation { draft, dialect, left: Vec::new(), wide: found.rows.wide.clone() };
    work.groups(found);
    work.wide_keys();
    for model in 0..work.draft.models.len() {
        work.attributes(model);
    }
    work.key_types();
    work.parts();
    work.objects(found);
    work.views();
    // the views that these are about are no sentences
    work.draft.shown.clear();
    work.settle();
    work.left
}

impl DialectTranslation<'_> {
    fn leave(&mut self, what: String, why: impl Into<String>) {
        let left = LeftOut { what, why: why.into(), sql: None };
        if !self.left.contains(&left) {
            self.left.push(left);
        }
    }

    fn attributes(&mut self, place: usize) {
        let Some(model) = self.draft.models.get(place) else { return };
        let table = model.table.clone();
        for at in 0..table.columns.len() {
            let (Some(column), Some(attribute)) = (
                table.columns.get(at),
                self.draft.models.get(place).and_then(|it| it.attributes.get(at)).cloned(),
            ) else {
                continue;
            };
            let changed = self.attribute(&table, column, attribute);
            let slot = self.draft.models.get_mut(place).and_then(|it| it.attributes.get_mut(at));
            if let Some(slot) = slot {
                *slot = changed;
            }
        }
    }

    fn attribute(
        &mut self,
        table: &Table,
        column: &Column,
        mut attribute: PulledAttribute,
    ) -> PulledAttribute {
        let named = format!("`{}` of `{}`", column.name, table.name);
        let what = |part: &str| format!("{part} of {named}");
        if attribute.is_verbatim {
            attribute.is_verbatim = false;
            let others = column.others.iter().map(ToString::to_string).collect::<Vec<_>>();
            if !others.is_empty() {
                self.leave(
                    what("what else is said"),
                    format!("`{}` has no word", others.join(" ")),
                );
            }
        }
        let mut data_type = self.data_type(table, column, &attribute, &named);
        let wide = self.wide.get(&(Name::from(&table.name), Name::from(&column.name))).cloned();
        if let (Some(why), Some(big)) = (wide, DataType::of_database("bigint")) {
            self.leave(
                what(&format!("the type {}", data_type.written())),
                format!("{why}: it becomes {}", big.written()),
            );
            data_type = big;
            attribute.implied = false;
        }
        let mut default = None;
        if attribute.generated.now().is_some() {
            let expression = column.generated.as_ref().map(|it| it.expression.to_string());
            if let Some(why) = expression.and_then(|it| self.lacks(&it)) {
                self.leave(what("the expression"), why);
                attribute.generated = Alternatives::default();
                attribute.stored = false;
            }
        } else if let Some(written) = &column.default {
            let said = attribute.default.now().map(String::as_str);
            match self.default(&data_type, written.normalized(), written, said) {
                Ok(it) => default = it,
                Err(why) => self.leave(what("the default"), format!("`{written}`: {why}")),
            }
        }
        attribute.default = Alternatives::new(default.into_iter().collect());
        let is_truth = data_type == DataType::Boolean;
        let checks = std::mem::take(&mut attribute.checks);
        for (place, check) in checks {
            let condition = table.checks.get(place).map_or("", |it| &it.condition);
            let lists = attribute.enumeration.as_ref().is_some_and(|it| it.0 == place);
            match self.lacks(condition) {
                _ if lists => attribute.checks.push((place, check)),
                None if is_truth => {}
                None => attribute.checks.push((place, check)),
                Some(why) => self.leave(what("the check"), why),
            }
        }
        if let Some(name) = &column.collation
            && self.dialect.collation(name).is_none()
        {
            attribute.collation = None;
            self.leave(
                what("the collation"),
                format!("{} has nothing like {name}", self.dialect.title),
            );
        }
        match &mut attribute.enumeration {
            Some((_, it)) => it.spelled = None,
            None => attribute.data_type = Alternatives::new(vec![PulledType::of(data_type)]),
        }
        attribute
    }

    /// The type of a column whose values are such.
    fn data_type(
        &mut self,
        table: &Table,
        column: &Column,
        attribute: &PulledAttribute,
        named: &str,
    ) -> DataType {
        let known = attribute.data_type.now().and_then(|it| it.data_type.clone());
        // Where nothing has become another database's, no row hinders what the column says.
        let known = known.or_else(|| match self.dialect.kind {
            DialectKind::Sqlite => DataType::of_database(&column.data_type),
            DialectKind::Postgres | DialectKind::Mysql | DialectKind::Mariadb => None,
        });
        let is_key = |key: &[&str]| key.iter().any(|it| same_name(it, &column.name));
        let in_index = table.primary_key().contains(&column.name.as_str())
            || table.indexes.iter().any(|index| {
                index.members.iter().any(|member| {
                    member.column.as_ref().is_some_and(|it| same_name(it, &column.name))
                })
            })
            || table
                .keys
                .iter()
                .any(|it| is_key(&it.columns.iter().map(String::as_str).collect::<Vec<_>>()));
        let bounded = |it: DataType| match it {
            DataType::Text(_) if in_index && !self.dialect.text_keys => {
                DataType::String { length: None, binary: false }
            }
            it => it,
        };
        if let Some(known) = known {
            return bounded(known);
        }
        let written = &*column.data_type;
        let becomes = match Affinity::of(written) {
            Affinity::Integer => DataType::of_database("bigint"),
            Affinity::Text => DataType::of_database("text"),
            Affinity::Real => DataType::of_database("double"),
            Affinity::Numeric => DataType::of_database("decimal"),
            Affinity::Blob if written.trim().is_empty() => DataType::of_database("text"),
            Affinity::Blob => DataType::of_database("blob"),
        };
        let becomes = bounded(becomes.unwrap_or(DataType::Text(None)));
        let was =
            if written.trim().is_empty() { "no type".to_owned() } else { format!("`{written}`") };
        let why = format!("it is {was} on SQLite, and becomes {}", becomes.written());
        self.leave(format!("the type of {named}"), why);
        becomes
    }

    /// A default as a script says it, if there is one to say.
    fn default(
        &self,
        data_type: &DataType,
        normalized: &str,
        written: &str,
        said: Option<&str>,
    ) -> Result<Option<String>, String> {
        let is_one_of = |all: &[&str]| all.iter().any(|it| it.eq_ignore_ascii_case(normalized));
        let holds = data_type.holds();
        match holds {
            Contents::Moment if is_one_of(&NOW) => return Ok(Some("(now())".to_owned())),
            Contents::Day if is_one_of(&TODAY) => return Ok(Some(sql("CURRENT_DATE"))),
            Contents::Integer | Contents::Number if is_one_of(&SECONDS) => {
                return Ok(Some(sql(self.dialect.seconds)));
            }
            _ => {}
        }
        if normalized == "null" {
            return Ok(None);
        }
        let all = tokens(normalized);
        let literal = match all.as_slice() {
            [only] => match &only.kind {
                SqlTokenKind::Text(text) => Some(Value::Text(text.as_str().into())),
                SqlTokenKind::Literal => normalized
                    .parse()
                    .map(Value::Integer)
                    .or_else(|_| normalized.parse::<f64>().map(Value::Float))
                    .ok(),
                SqlTokenKind::Word(_)
                | SqlTokenKind::Name(_)
                | SqlTokenKind::Quoted(_)
                | SqlTokenKind::Sign(_) => None,
            },
            [sign, _] if sign.is_sign('-') => {
                let number = normalized.replace(' ', "");
                number
                    .parse()
                    .map(Value::Integer)
                    .or_else(|_| number.parse::<f64>().map(Value::Float))
                    .ok()
            }
            _ => None,
        };
        if let Some(value) = literal {
            if let Err(misfit) = fit(value.clone(), data_type) {
                return Err(format!("it is no {}: {}", data_type.written(), misfit.0));
            }
            return Ok(match (holds, &value) {
                (Contents::Truth, Value::Integer(it)) => Some((*it != 0).to_string()),
                (Contents::Json, Value::Text(text)) => Some(json(text, written)),
                (_, Value::Text(_)) => translated(written, |_| None),
                _ => Some(normalized.replace(' ', "")),
            });
        }
        match self.lacks(written) {
            Some(why) => Err(why),
            None => Ok(said.map(str::to_owned)),
        }
    }

    /// Why an expression of SQLite's can't be said; none where it can.
    fn lacks(&self, expression: &str) -> Option<String> {
        let all = tokens(expression);
        let calls = all.windows(2).filter(|it| matches!(it, [_, open] if open.is_sign('(')));
        let called = calls.filter_map(|it| it.first());
        let mut names = called.filter_map(|it| match &it.kind {
            SqlTokenKind::Word(name) => Some(name.as_str()),
            _ => None,
        });
        let lacks = |name: &&str| {
            self.dialect.lacks_functions.iter().any(|it| it.eq_ignore_ascii_case(name))
        };
        if let Some(name) = names.find(lacks) {
            return Some(format!("{} has no function `{name}`", self.dialect.title));
        }
        (translated(expression, |it| Some(it.to_owned())).is_none())
            .then(|| "it is SQLite's own SQL".to_owned())
    }

    /// A key has the type of what it refers to, where those are of different kinds.
    fn key_types(&mut self) {
        let mut changes = Vec::new();
        for (from, model) in self.draft.models.iter().enumerate() {
            for key in &model.table.keys {
                let to = self.draft.models.iter().find(|it| same_name(&it.table.name, &key.table));
                let Some(to) = to else { continue };
                for (column, target) in key.columns.iter().zip(&key.to) {
                    let own = model.table.place(column);
                    let wanted = to.table.place(target).and_then(|it| to.attributes.get(it));
                    let wanted = wanted.and_then(|it| it.data_type.now()).cloned();
                    if let (Some(own), Some(wanted)) = (own, wanted) {
                        changes.push((from, own, wanted));
                    }
                }
            }
        }
        for (model, at, wanted) in changes {
            let Some(model) = self.draft.models.get_mut(model) else { continue };
            let table = model.table.name.clone();
            let Some(attribute) = model.attributes.get_mut(at) else { continue };
            let holds = |data_type: Option<&PulledType>| {
                data_type.and_then(|it| it.data_type.as_ref()).map(DataType::holds)
            };
            let differs = holds(attribute.data_type.now()) != holds(Some(&wanted));
            if differs && attribute.enumeration.is_none() {
                let what = format!("the type of `{}` of `{table}`", attribute.column);
                let why = format!("it refers to {}, and becomes that", wanted.written);
                attribute.data_type = Alternatives::new(vec![wanted]);
                self.leave(what, why);
            }
        }
    }

    /// What has no words but SQLite's beside the attributes.
    fn parts(&mut self) {
        if self.dialect.kind == DialectKind::Sqlite {
            return;
        }
        for at in 0..self.draft.parts.len() {
            let Some(part) = self.draft.parts.get(at) else { continue };
            let Some(model) = self.draft.models.get(part.model) else { continue };
            let table = &model.table;
            let text = match &part.subject {
                PartSubject::Index(it) => table.indexes.get(*it).and_then(|it| it.sql.clone()),
                PartSubject::Check(it) => table.checks.get(*it).map(|it| it.condition.to_string()),
                PartSubject::Key(_) | PartSubject::Clause | PartSubject::Join => None,
            };
            let why = match (part.now(), &part.subject) {
                (Alternative::Raw(_), _) => Some("it is SQLite's own SQL".to_owned()),
                (Alternative::Body(text), _) if text.contains("sql`") => {
                    Some("it is SQLite's own SQL".to_owned())
                }
                (Alternative::Body(_), PartSubject::Check(_)) => text
                    .as_deref()
                    .and_then(|it| self.lacks(it))
                    .or_else(|| self.compares_truths(table, text.as_deref())),
                _ => None,
            };
            if let Some(why) = why {
                self.leave_part(at, why);
            }
        }
    }

    /// Why a condition that compares what is true or false with numbers can't be said.
    fn compares_truths(&self, table: &Table, condition: Option<&str>) -> Option<String> {
        let all = tokens(condition?);
        let is_truth = |column: &str| {
            let model = self.draft.models.iter().find(|it| same_name(&it.table.name, &table.name));
            let attribute = model.and_then(|it| it.attributes.get(table.place(column)?));
            let data_type = attribute.and_then(|it| it.data_type.now());
            data_type.is_some_and(PulledType::is_truth)
        };
        let mut columns = all.iter().filter_map(|it| it.name());
        let numbers = all.iter().any(|it| it.kind == SqlTokenKind::Literal);
        (numbers && columns.any(is_truth))
            .then(|| "a BOOLEAN isn't compared with numbers there".to_owned())
    }

    /// Leaves out a part.
    fn leave_part(&mut self, at: usize, why: String) {
        let Some(part) = self.draft.parts.get_mut(at) else { return };
        let Some(table) = self.draft.models.get(part.model).map(|it| &it.table) else { return };
        let (what, text) = match &part.subject {
            PartSubject::Index(it) => {
                let index = table.indexes.get(*it);
                let name = index.map_or("", |it| &it.name);
                (
                    format!("the index `{name}` of `{}`", table.name),
                    index.and_then(|it| it.sql.clone()),
                )
            }
            PartSubject::Check(it) => {
                let check = table.checks.get(*it);
                let text = check.map(|it| format!("CHECK ({})", it.condition));
                (format!("a check of `{}`", table.name), text)
            }
            PartSubject::Key(it) => {
                let text = table.keys.get(*it).map(|it| it.text.clone());
                (format!("a foreign key of `{}`", table.name), text)
            }
            PartSubject::Clause => {
                let text = match part.now() {
                    Alternative::Body(text) => Some(text.clone()),
                    _ => None,
                };
                (format!("a clause of `{}`", table.name), text)
            }
            PartSubject::Join => (format!("what `{}` joins", table.name), None),
        };
        part.ways.push(Alternative::Nothing);
        part.at = part.ways.len() - 1;
        self.left.push(LeftOut { what, why, sql: text });
    }

    /// Tables without words, views, triggers.
    fn objects(&mut self, found: &DatabaseContents<'_>) {
        for text in std::mem::take(&mut self.draft.raw) {
            if self.draft.is_said(&text) {
                continue;
            }
            let object = found.objects.iter().find(|it| it.sql.as_deref() == Some(&*text));
            let what = object.map_or_else(String::new, |it| {
                let kind = match it.kind() {
                    ObjectKind::Table => "table",
                    ObjectKind::Index => "index",
                    ObjectKind::View => "view",
                    ObjectKind::Trigger => "trigger",
                };
                format!("the {kind} `{}`", it.name)
            });
            let why = "its text is SQLite's own".to_owned();
            self.left.push(LeftOut { what, why, sql: Some(text) });
        }
    }
}
