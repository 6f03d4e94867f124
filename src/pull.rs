//! A database as a script: what is there, in the language's words.
//!
//! Each thing may be said in several ways, the best one first. A script that is made so is compiled, and what comes of it
//! is held against the database's own statements; where that differs the next way is taken, and the last one is the
//! statement itself, verbatim in `` sql`..` ``. So nothing is lost, whatever the language has no words for.
//!
//! Invariant: a pure function of what [`Database::objects`](crate::db::Database::objects) says; nothing here asks a
//! database.

mod asked;
mod contents;
mod difference;
mod draft;
mod edit;
mod expression;
mod facts;
mod keys;
mod merge;
mod model_flags;
mod names;
mod next_way;
mod options;
mod references;
mod script_names;
mod server;
mod server_sql;
mod tables;
mod timestamps;
mod translate;
mod types;
mod verify;
mod views;

pub use asked::{ServerContents, ServerMade, ServerMaker};
pub use facts::{ColumnFact, FactKind};
pub use merge::merge;
pub use server::server_script;
pub use translate::LeftOut;

use crate::catalog::{Name, NameRef, Object, ObjectKind, ShownColumn, Table};
use crate::sql::Dialect;
use crate::syntax;
use crate::words::plain;
use contents::DatabaseContents;
use draft::PulledScript;
use model_flags::ModelFlags;
use names::NamingStyle;
use script_names::ScriptContents;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use verify::Mismatch;

/// Which of the types that a column may be said to have its rows don't fit.
#[derive(Debug, Clone, Default)]
pub struct RowMisfits {
    /// How many of the ways to say a column's type are out of the question, by its table and its name.
    refused: HashMap<(Name, Name), usize>,
    /// The columns whose integers need 64 bits, and which ones do.
    wide: HashMap<(Name, Name), String>,
    /// What views show.
    shown: HashMap<Name, Vec<ShownColumn>>,
    /// The SQL of the server whose tables these are; none of SQLite's.
    server: Option<&'static Dialect>,
    /// The enumerations that are types there.
    types: Vec<String>,
    /// How texts are compared there in a table that says nothing of that.
    collation: Option<String>,
}

impl RowMisfits {
    /// What a view shows: one that stays SQL becomes a model to read by it.
    pub fn show(&mut self, view: &Name, columns: Vec<ShownColumn>) {
        self.shown.insert(view.clone(), columns);
    }

    /// The rows of a column don't fit the best of the types that are left for it. Whether others may be.
    pub fn refuse(&mut self, table: &Name, column: &Name) -> bool {
        let refused = self.refused.entry((table.clone(), column.clone())).or_default();
        *refused += 1;
        *refused < types::MOST_WAYS
    }

    /// The integers of a column need 64 bits, and why. Whether that is new.
    pub fn widen(&mut self, table: &Name, column: &Name, why: String) -> bool {
        self.wide.insert((table.clone(), column.clone()), why).is_none()
    }

    /// The SQL that is spoken there.
    fn dialect(&self) -> &'static Dialect {
        self.server.unwrap_or(Dialect::SQLITE)
    }

    /// How many of the best types of a column are out of the question.
    fn of(&self, table: &str, column: &str) -> usize {
        self.refused.get(&(table.into(), column.into())).copied().unwrap_or_default()
    }
}

/// A script that declares what is in a database, formatted. Run on an empty one it makes the same.
///
/// ```
/// use relata::db::{Database, Sqlite};
///
/// let mut db = Sqlite::in_memory()?;
/// db.execute("CREATE TABLE Users (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(80) NOT NULL)", &[])?;
/// assert_eq!(
///     relata::pull::script(&db.objects()?, &relata::pull::RowMisfits::default()),
///     "defaults < timestamps: false >\n\nmodel User {\n  name: STRING(80) < allowNull: false >\n}\n\nsync\n"
/// );
/// # Ok::<(), relata::db::DbError>(())
/// ```
pub fn script(objects: &[Object], rows: &RowMisfits) -> String {
    let found = DatabaseContents::new(objects, rows);
    let text = said(&found).write().text;
    syntax::formatted(&format!("{}\nsync\n", text.trim_start()))
}

/// A script that declares what is in a SQLite database for another one, formatted, and what that has no words for: comments at its end.
pub fn script_for(
    objects: &[Object],
    rows: &RowMisfits,
    dialect: &'static Dialect,
) -> (String, Vec<LeftOut>) {
    let found = DatabaseContents::new(objects, rows);
    let mut draft = said(&found);
    let left = translate::translate(&mut draft, &found, dialect);
    (written_with(&draft, &left, &format!("{} has no words for", dialect.title)), left)
}

/// A script that declares what is in a database whose tables were another server's, in words that any has, formatted.
pub fn imported(
    objects: &[Object],
    facts: &[ColumnFact],
    enums: &[(String, Vec<String>)],
) -> String {
    let rows = RowMisfits::default();
    let mut found = DatabaseContents::new(objects, &rows);
    facts::mark(&mut found, facts);
    let mut draft = said(&found);
    let left = translate::translate(&mut draft, &found, Dialect::SQLITE);
    // A model of that name goes before it: then each column says its members.
    let is_free = |it: &&(String, Vec<String>)| draft.models.iter().all(|own| *own.name != *it.0);
    let enums: Vec<_> = enums.iter().filter(is_free).collect();
    draft.before = enums.iter().map(|it| server::enumeration(&it.0, &it.1)).collect();
    let names: Vec<_> = enums.iter().map(|it| it.0.as_str()).collect();
    facts::say(&mut draft, facts, &names);
    written_with(&draft, &left, &format!("{} has no words for", Dialect::SQLITE.title))
}

/// A draft, and what is left out of it as comments, formatted.
fn written_with(draft: &PulledScript, left: &[LeftOut], heading: &str) -> String {
    let mut text = draft.write().text;
    if !left.is_empty() {
        let _ = write!(text, "\n// {heading}:\n");
    }
    for it in left {
        let _ = writeln!(text, "// - {}: {}", it.what, it.why.replace('\n', " "));
        for line in it.sql.iter().flat_map(|it| it.lines()).filter(|it| !it.trim().is_empty()) {
            let _ = writeln!(text, "//     {}", plain(line).trim_end());
        }
    }
    syntax::formatted(&format!("{}\nsync\n", text.trim_start()))
}

/// A draft with which nothing is wrong, and that has sentences for views.
fn said(found: &DatabaseContents<'_>) -> PulledScript {
    let mut draft = settled(found, None);
    views::say(&mut draft, found);
    draft
}

/// A draft with which nothing is wrong, in which views are SQL.
fn settled(found: &DatabaseContents<'_>, given: Option<&ScriptContents>) -> PulledScript {
    // The tables that the language has no words for.
    let mut verbatim = found.verbatim.clone();
    loop {
        let mut draft = draft(found, &verbatim, given);
        loop {
            let faults = verify::faults(&draft, found);
            let mut given_up = Vec::new();
            for fault in &faults {
                if !draft.advance(*fault) {
                    given_up.extend(draft.table_of(*fault));
                }
            }
            if faults.is_empty() || (given_up.is_empty() && draft.models.is_empty()) {
                return draft;
            }
            if !given_up.is_empty() {
                verbatim.extend(given_up);
                break;
            }
        }
    }
}

impl PulledScript {
    /// The table that a fault is about.
    fn table_of(&self, fault: Mismatch) -> Option<Name> {
        let model = match fault {
            Mismatch::Model(model) | Mismatch::Attribute(model, ..) => model,
            Mismatch::Part(part) => self.parts.get(part)?.model,
            Mismatch::View(_) | Mismatch::Shown(_) => return None,
        };
        Some(Name::from(&self.models.get(model)?.table.name))
    }
}

/// A first draft: a model of each table but those that are `verbatim`.
fn draft(
    found: &DatabaseContents<'_>,
    verbatim: &HashSet<Name>,
    given: Option<&ScriptContents>,
) -> PulledScript {
    let is_model = |it: &&Table| !verbatim.contains(&Name::from(&it.name));
    let tables: Vec<_> = found.tables.iter().filter(is_model).collect();
    let mut draft = PulledScript { before: found.before.clone(), ..PulledScript::default() };
    let mut taken: HashSet<Name> = found.rows.types.iter().map(Name::from).collect();
    if let Some(given) = given {
        (draft.style, draft.common) = (given.style, given.common.clone());
        taken.extend(given.names.iter().cloned());
    } else {
        draft.style = NamingStyle::of(&tables, found.rows);
        let each = tables.iter().map(|it| tables::switches(draft.style, it, found.rows));
        draft.common = ModelFlags::common(&each.collect::<Vec<_>>());
    }
    for table in &tables {
        let known = given.and_then(|it| it.models.get(&Name::from(&table.name)));
        let name = known.map_or_else(
            || {
                let name = names::model(asked::schema_of(found.rows, &table.name).1);
                names::free([name], |it| !taken.contains(&Name::from(it)))
            },
            |it| it.name.clone(),
        );
        taken.insert(Name::from(&name));
        let model = tables::model(&draft, name, table, known, found.rows);
        draft.models.push(model);
    }
    let mut parts = Vec::new();
    for (place, model) in draft.models.iter().enumerate() {
        tables::parts(place, model, found.rows, &mut parts);
    }
    parts.extend(keys::parts(&draft, given));
    draft.parts = parts;
    let names: HashSet<_> = tables.iter().map(|it| NameRef(&it.name)).collect();
    draft.raw = raw(found, &names);
    draft
}

/// The statements of what is no model: tables, then their indexes, views and triggers.
fn raw(found: &DatabaseContents<'_>, models: &HashSet<NameRef<'_>>) -> Vec<String> {
    let mut res = Vec::new();
    let mut kinds = ObjectKind::ALL;
    // A server's views may have indexes.
    kinds.sort_by_key(|it| {
        found.rows.server.is_some() && matches!(it, ObjectKind::Index | ObjectKind::Trigger)
    });
    for kind in kinds {
        let all = found.objects.iter().filter(|it| it.kind() == kind);
        let is_said = |it: &&&Object| {
            let of_model = models.contains(&NameRef(&it.table));
            of_model && matches!(it.kind(), ObjectKind::Table | ObjectKind::Index)
        };
        let statements = all.filter(|it| !is_said(it)).filter_map(|it| it.sql.clone());
        res.extend(statements);
    }
    res
}
