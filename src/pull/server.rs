//! A database on a server as a script: what it is told by, and how a draft is held against it.
//!
//! Nothing here reads a server's statements: it is asked what it makes of the draft's own ones, and that is compared with what it has.

use super::asked::{AskServer, ServerContents, ServerMade, ServerMaker};
use super::contents::DatabaseContents;
use super::draft::{Alternative, PulledScript};
use super::facts::{self, ColumnFact};
use super::names::sql;
use super::verify::{AttributeAspect, CompiledTable, FaultFinder, Mismatch};
use super::{LeftOut, RowMisfits, said, written_with};
use crate::catalog::{IndexOrigin, Name, Object, ObjectKind, Table};
use crate::diagnostics::RunProblem;
use crate::ir::{ModelId, Schema};
use crate::source::Sources;
use crate::sql::{SchemaObjectKind, created};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

/// Whoever is asked, and why it doesn't answer.
struct AskedServer<'m, 'd> {
    make: RefCell<&'m mut ServerMaker<'d>>,
    failed: RefCell<Option<RunProblem>>,
}

impl AskServer for AskedServer<'_, '_> {
    fn made(&self, schema: &Schema, sources: &Sources) -> Option<ServerMade> {
        match (self.make.borrow_mut())(schema, sources) {
            Ok(made) => Some(made),
            Err(problem) => {
                self.failed.replace(Some(problem));
                None
            }
        }
    }
}

/// A script that declares what is in a database on a server, formatted, and what it doesn't say of it. Run on an empty database of that kind it makes
/// the same, but for that.
///
/// # Errors
/// Where the server doesn't answer.
pub fn server_script(
    contents: &ServerContents,
    rows: &mut RowMisfits,
    make: &mut ServerMaker<'_>,
) -> Result<(String, Vec<LeftOut>), RunProblem> {
    rows.server = Some(contents.dialect);
    rows.types = contents.beside.enumerations.iter().map(|it| it.0.clone()).collect();
    rows.collation.clone_from(&contents.beside.collation);
    let objects = stated(contents);
    let asked = AskedServer { make: RefCell::new(make), failed: RefCell::default() };
    let mut left = Vec::new();
    let mut found = DatabaseContents::of_server(&objects, contents, rows, &asked);
    let comments: Vec<ColumnFact> = (contents.beside.comments.iter())
        .map(|it| ColumnFact::comment(&it.table, it.column.clone(), it.text.clone()))
        .collect();
    facts::mark(&mut found, &comments);
    let mut draft = said(&found);
    if let Some(problem) = asked.failed.take() {
        return Err(problem);
    }
    facts::say(&mut draft, &comments, &[]);
    prerequisites(&mut draft, contents);
    let named = |it: &&crate::catalog::TableComment| {
        !contents.beside.whole_tables
            && !draft.models.iter().any(|model| model.table.name == it.table)
    };
    for it in contents.beside.comments.iter().filter(named) {
        let of = it.column.as_ref().map_or_else(String::new, |column| format!("`{column}` of "));
        let why = "it is not in the script, which has its statement alone".to_owned();
        left.push(LeftOut { what: format!("the comment on {of}`{}`", it.table), why, sql: None });
    }
    let untold = contents.beside.untold.iter();
    left.extend(untold.map(|(what, why)| LeftOut {
        what: what.clone(),
        why: why.clone(),
        sql: None,
    }));
    if !contents.beside.serial.is_empty() {
        let each: Vec<_> =
            contents.beside.serial.iter().map(|it| format!("`{}`.`{}`", it.0, it.1)).collect();
        let what = match each.as_slice() {
            [one] => format!("that a sequence of its own numbers {one} (serial)"),
            [one, rest @ ..] => {
                format!("that sequences of their own number {one} and {} more (serial)", rest.len())
            }
            [] => String::new(),
        };
        let why = "the script's are IDENTITY, which numbers rows likewise".to_owned();
        left.push(LeftOut { what, why, sql: None });
    }
    Ok((written_with(&draft, &left, "What the script doesn't say"), left))
}

/// The objects, each with the statement that makes it again.
fn stated(contents: &ServerContents) -> Vec<Object> {
    let instead: HashMap<&str, &Option<String>> =
        contents.beside.instead.iter().map(|it| (it.0.as_str(), &it.1)).collect();
    let stated = contents.objects.iter().filter_map(|it| {
        let mut object = it.clone();
        // An index is in its table's statement there, and a trigger may be called as a table is.
        if contents.beside.whole_tables && it.kind() == ObjectKind::Index {
            return None;
        }
        match instead.get(it.name.as_str()).filter(|_| it.kind() != ObjectKind::Trigger) {
            Some(None) => return None,
            Some(Some(sql)) => object.sql = Some(sql.clone()),
            None => {}
        }
        // What comes with a table that is left out goes with it.
        if matches!(instead.get(it.table.as_str()), Some(None)) {
            return None;
        }
        if let Some(sql) = &mut object.sql
            && let Some(begin) = sql.find(" /* ")
            && sql.ends_with(" */")
            && it.kind() != ObjectKind::Table
        {
            sql.truncate(begin);
        }
        Some(object)
    });
    stated.collect()
}

/// What tables stand on, as sentences before them.
fn prerequisites(draft: &mut PulledScript, contents: &ServerContents) {
    let types = draft.models.iter().flat_map(|it| &it.attributes).filter_map(|it| {
        (!it.is_verbatim && it.enumeration.is_none()).then(|| it.data_type.now())?
    });
    let types: HashSet<String> = types.map(|it| it.written.clone()).collect();
    let mut before = Vec::new();
    for (name, members) in &contents.beside.enumerations {
        let word = super::names::written(name).into_owned();
        if types.contains(&word) {
            before.push(enumeration(name, members));
        } else {
            let each: Vec<_> =
                members.iter().map(|it| format!("'{}'", it.replace('\'', "''"))).collect();
            let name = name.split('.').map(crate::stored::quoted).collect::<Vec<_>>().join(".");
            before.push(sql(&format!("CREATE TYPE {name} AS ENUM ({})", each.join(", "))));
        }
    }
    let schemas: HashSet<&str> =
        draft.models.iter().filter_map(|it| it.table.name.split_once('.')).map(|it| it.0).collect();
    for statement in &contents.beside.statements {
        let made = created(statement);
        let of_models = made.is_some_and(|it| {
            it.kind == SchemaObjectKind::Schema && schemas.contains(it.name.as_str())
        });
        if !of_models {
            before.push(sql(statement));
        }
    }
    draft.before = before;
}

/// An enumeration that is a type.
pub(super) fn enumeration(name: &str, members: &[String]) -> String {
    let each: Vec<_> = members.iter().map(|it| super::names::written(it)).collect();
    format!("enum {} {{ {} }}", super::names::written(name), each.join(", "))
}

impl<'a> DatabaseContents<'a> {
    /// The same of a server, whose tables are described.
    pub(super) fn of_server(
        objects: &'a [Object],
        contents: &ServerContents,
        rows: &'a RowMisfits,
        server: &'a dyn AskServer,
    ) -> Self {
        let of_script = |it: &&Table| {
            objects
                .iter()
                .any(|object| object.kind() == ObjectKind::Table && object.name == it.name)
        };
        let mut tables: Vec<Table> = contents.tables.iter().filter(of_script).cloned().collect();
        for table in &mut tables {
            for column in &mut table.columns {
                let mut serial = contents.beside.serial.iter();
                if serial.any(|it| it.0 == table.name && it.1 == column.name) {
                    counted(column);
                    table.identity = true;
                }
            }
            as_script(table);
        }
        let names = tables.iter().enumerate();
        let places = names.map(|(at, it)| (Name::from(&it.name), at)).collect();
        let is_table = |name: &str| contents.tables.iter().any(|it| it.name == name);
        let verbatim = contents.beside.instead.iter().filter(|it| is_table(&it.0));
        let verbatim = verbatim.map(|it| Name::from(&it.0)).collect();
        let before = contents.beside.enumerations.iter();
        let before = before.filter(|it| !it.1.is_empty()).map(|it| enumeration(&it.0, &it.1));
        let (server, before) = (Some(server), before.collect());
        Self { objects: objects.iter().collect(), tables, places, rows, server, verbatim, before }
    }
}

/// A column that a sequence numbers, as one that is IDENTITY.
fn counted(column: &mut crate::catalog::Column) {
    column.identity = true;
    column.default = None;
    column.text = format!("{} GENERATED BY DEFAULT AS IDENTITY NOT NULL", column.data_type);
}

/// What a constraint says, but for whether rows that were there have been looked at.
fn without_state(more: &str) -> String {
    more.replace("NOT VALID", "").trim().to_owned()
}

/// A server's table as the rest of `pull` reads one.
fn as_script(table: &mut Table) {
    // What has a clause of its own is that clause.
    let others: Vec<String> = table.others.iter().map(ToString::to_string).collect();
    let is_other = |name: &str| {
        let quoted = format!("CONSTRAINT {} ", crate::stored::quoted(name));
        let plain = format!("CONSTRAINT {name} ");
        others.iter().any(|it| it.starts_with(&quoted) || it.starts_with(&plain))
    };
    table.indexes.retain(|it| !is_other(&it.name));
    let mut checks = Vec::new();
    for mut check in std::mem::take(&mut table.checks) {
        check.more = without_state(&check.more);
        if !check.more.is_empty() {
            let name = check.name.as_deref().map(crate::stored::quoted).unwrap_or_default();
            let text = format!("CONSTRAINT {name} CHECK ({}) {}", check.condition, check.more);
            table.others.push(crate::catalog::Fragment::new(text.as_str(), text.as_str()));
            continue;
        }
        let lists = check.lists.as_ref().map(ToString::to_string);
        check.column = lists.and_then(|it| table.columns.iter().position(|own| own.name == it));
        checks.push(check);
    }
    table.checks = checks;
    for key in &mut table.keys {
        key.more = without_state(&key.more);
        if let Some(text) = key.text.strip_suffix(" NOT VALID") {
            key.text = text.to_owned();
        }
    }
}

impl FaultFinder<'_> {
    /// Holds what the server makes of a draft against what it has.
    pub(super) fn on_server(
        &mut self,
        server: &dyn AskServer,
        (schema, sources): (&Schema, &Sources),
    ) {
        let Some(made) = server.made(schema, sources) else { return };
        for span in &made.refused_parts {
            self.declared(*span);
        }
        for place in 0..self.draft.models.len() {
            let Some(model) = self.draft.models.get(place) else { continue };
            let name = model.table.name.as_str();
            let id = schema.models().find(|it| *it.1.full_table() == *name).map(|it| it.0);
            let Some(id) = id else {
                self.add(Mismatch::Model(place));
                continue;
            };
            if made.refused.contains(&id) {
                self.refused_table(place);
            } else if let Some((_, table)) = made.others.iter().find(|it| it.0 == id) {
                self.other_table(place, table, schema, id);
            }
        }
    }

    /// What may be at fault where a table is refused: what is translated, before the table itself.
    fn refused_table(&mut self, place: usize) {
        let before = self.list.len();
        let Some(model) = self.draft.models.get(place) else { return };
        for (at, attribute) in model.attributes.iter().enumerate() {
            if attribute.default.has_more() {
                self.add(Mismatch::Attribute(place, at, AttributeAspect::Default));
            }
            if attribute.generated.has_more() {
                self.add(Mismatch::Attribute(place, at, AttributeAspect::Generated));
            }
        }
        for (at, part) in self.draft.parts.iter().enumerate() {
            let in_body = matches!(part.now(), Alternative::Body(_) | Alternative::Option(..));
            if part.model == place && in_body && part.at + 1 < part.ways.len() {
                self.add(Mismatch::Part(at));
            }
        }
        if self.list.len() == before {
            self.add(Mismatch::Model(place));
        }
    }

    fn other_table(&mut self, place: usize, desired: &Table, schema: &Schema, id: ModelId) {
        let (model, dialect) = (&schema[id], self.dialect);
        let mut desired = desired.clone();
        as_script(&mut desired);
        let indexes = desired.indexes.iter().map(|index| {
            let mut all = model.indexes.iter();
            all.find(|it| dialect.shortened(&it.name) == index.name).map(|it| it.span)
        });
        let keys = desired.keys.iter().map(|key| {
            let name = key.name.as_deref().unwrap_or_default();
            let mut all = model.foreign_keys.iter();
            all.find(|it| dialect.shortened(&it.name) == name).map(|it| it.span)
        });
        let made =
            CompiledTable { indexes: indexes.collect(), keys: keys.collect(), table: desired };
        let before = self.list.len();
        self.held_against(place, &made);
        if self.list.len() > before {
            return;
        }
        let Some(current) = self.draft.models.get(place).map(|it| &it.table) else { return };
        // What the catalog has no place for is in the texts.
        for (at, column) in current.columns.iter().enumerate() {
            let other = made.table.column(&column.name);
            if other.is_none_or(|it| it.text != column.text || it.name != column.name) {
                self.add(Mismatch::Attribute(place, at, AttributeAspect::Any));
            }
        }
        for (at, index) in current.indexes.iter().enumerate() {
            let other = made.table.indexes.iter().find(|it| it.name == index.name);
            let alike = match index.origin {
                IndexOrigin::PrimaryKey => true,
                IndexOrigin::Unique => other.is_some_and(|it| it.origin == IndexOrigin::Unique),
                IndexOrigin::Created => other.is_some_and(|it| it.sql == index.sql),
            };
            if !alike {
                self.index(place, at);
            }
        }
        for (at, key) in current.keys.iter().enumerate() {
            if !made.table.keys.iter().any(|it| it.text == key.text) {
                self.part(place, &super::draft::PartSubject::Key(at));
            }
        }
        for (at, check) in current.checks.iter().enumerate() {
            let named = |it: &crate::catalog::CheckConstraint| it.name == check.name;
            if !made.table.checks.iter().any(named) {
                self.check(place, at);
            }
        }
        let more = made.table.checks.len() > current.checks.len()
            || made.table.keys.len() > current.keys.len()
            || made.table.ending != current.ending;
        if more {
            self.add(Mismatch::Model(place));
        }
    }
}
