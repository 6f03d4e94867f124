//! What a script's `was` says and a database has been told already. Of names that have changed places nothing in the tables tells that they
//! did, nor of a new column that has got the old name of another: the history does.
//!
//! A row of it keeps, beside the renames that it made, every `was` of the tables that it brought to what the script says.

use super::renamed::Renamed;
use super::{has_history, kept_lists, lists, rows_of, text};
use crate::catalog::{Object, ObjectKind};
use crate::client::{Client, RunResult};
use crate::ir::ModelId;
use crate::plan::former_tables;
use crate::source::Span;
use crate::words::same_name;
use smol_str::SmolStr;

/// What ends a list of texts that is no rename, but a `was` that was settled.
const SETTLED: &str = "settled";

/// What tables and columns were called, as scripts said it and the history has kept it: each by its name of now.
#[derive(Debug, Default)]
pub(in crate::migrate) struct SettledNames(Vec<Renamed>);

impl SettledNames {
    /// Whether it is known of a table, or of a column of a table, that it was called one of `was`.
    pub(in crate::migrate) fn has(&self, table: Option<&str>, name: &str, was: &[SmolStr]) -> bool {
        let is_it = |it: &&Renamed| it.is_of(table) && same_name(&it.to, name);
        let found = self.0.iter().find(is_it);
        found.is_some_and(|found| was.iter().any(|it| same_name(it, &found.from)))
    }

    fn settle(&mut self, settled: Renamed) {
        let table = settled.table.as_deref();
        self.0.retain(|it| !it.is_of(table) || !same_name(&it.to, &settled.to));
        // Of a name that is gone nothing is known any more.
        if !settled.from.is_empty() {
            self.0.push(settled);
        }
    }

    /// What is known behind renames, one after the other.
    pub(in crate::migrate) fn rename(&mut self, renames: &[Renamed]) {
        for it in &mut self.0 {
            if let Some(table) = &mut it.table {
                *table = Renamed::later(renames, None, table);
            }
        }
        let later = |it: &Renamed| Renamed::later(renames, it.table.as_deref(), &it.from);
        let begun = |it: &&Renamed| {
            let earlier = renames.iter().take_while(|other| !std::ptr::eq(*other, *it));
            let mut own = earlier.filter(|other| other.is_of(it.table.as_deref()));
            !own.any(|other| same_name(&other.to, &it.from))
        };
        let whole = renames.iter().filter(begun).map(|it| Renamed { to: later(it), ..it.clone() });
        let whole: Vec<_> = whole.collect();
        self.0.retain(|known| {
            let mut gone = whole.iter().filter(|it| it.is_of(known.table.as_deref()));
            !gone.any(|it| same_name(&it.from, &known.to))
        });
        for it in whole {
            self.settle(it);
        }
    }
}

/// What is settled so far.
pub(in crate::migrate) fn settled_names(client: &mut Client<'_>) -> RunResult<SettledNames> {
    let mut res = SettledNames::default();
    if !has_history(client)? {
        return Ok(res);
    }
    let sql = "SELECT renames FROM _relata_migrations WHERE \"rolledBackAt\" IS NULL AND renames <> '[]' ORDER BY id";
    for row in rows_of(client, sql, &[])? {
        let (renames, settled) = names_of(&text(&row, 0))?;
        res.rename(&renames);
        for it in settled {
            res.settle(it);
        }
    }
    Ok(res)
}

/// The renames that are kept of a migration, and what it has settled.
pub(super) fn names_of(json: &str) -> RunResult<(Vec<Renamed>, Vec<Renamed>)> {
    let (mut renames, mut settled) = (Vec::new(), Vec::new());
    for list in kept_lists(json)? {
        let mut texts = list.into_iter().map(Option::unwrap_or_default);
        let mut next = || texts.next().unwrap_or_default();
        let it =
            Renamed { table: Some(next()).filter(|it| !it.is_empty()), from: next(), to: next() };
        if next() == SETTLED { settled.push(it) } else { renames.push(it) }
    }
    Ok((renames, settled))
}

/// Renames, and what is settled, as JSON: lists of table, old name, new name; the table of a table is empty.
pub(super) fn written(renames: &[Renamed], settled: &[Renamed]) -> String {
    let one = |it: &Renamed, end: Option<&str>| {
        let texts = [it.table.as_deref().unwrap_or_default(), &it.from, &it.to];
        lists::written(texts.into_iter().chain(end).map(Some))
    };
    let renames = renames.iter().map(|it| one(it, None));
    lists::nested(renames.chain(settled.iter().map(|it| one(it, Some(SETTLED)))))
}

/// What a migration did that settles names.
#[derive(Debug, Clone, Copy)]
pub(super) struct SettledScope<'a> {
    pub renames: &'a [Renamed],
    /// The tables that went, even those that are there again.
    pub anew: &'a [String],
    /// The models whose tables are as the script says now, beside those whose tables it created.
    pub models: &'a [ModelId],
}

/// What a migration settles: each `was` of the tables that are as the script says now; and, by an empty old name, of names that are gone.
pub(super) fn settled_by(
    client: &mut Client<'_>,
    at: Span,
    [before, now]: [&[Object]; 2],
    done: SettledScope<'_>,
) -> RunResult<Vec<Renamed>> {
    let find = |all: &'_ [Object], name: &str| {
        let mut tables = all.iter().filter(|it| it.kind() == ObjectKind::Table);
        tables.find(|it| same_name(&it.name, name)).map(|it| it.sql.clone())
    };
    let mut known = settled_names(client)?;
    known.rename(done.renames);
    let mut res = Vec::new();
    for it in known.0 {
        let name = it.table.as_deref().unwrap_or(&it.to);
        let there = find(now, name);
        let is_gone = match &it.table {
            None => there.is_none() && find(before, name).is_some(),
            Some(_) if there.is_none() => true,
            Some(table) if there != find(before, name) => {
                let current = client.ask(at, |database| database.table(table))?;
                current.is_none_or(|current| current.column(&it.to).is_none())
            }
            Some(_) => false,
        };
        if is_gone {
            res.push(Renamed { from: String::new(), ..it });
        }
    }
    for (id, model) in client.scripts.schema.models() {
        let table = model.full_table();
        let in_scope = done.models.contains(&id);
        if let Some(was) = model.was() {
            let names = former_tables(model, was);
            // Where nothing was called so, nothing will be what it means.
            if in_scope || !names.iter().any(|it| find(before, it).is_some()) {
                res.push(Renamed { table: None, from: was.to_string(), to: table.to_string() });
            }
        }
        let created = || {
            let anew = done.anew.iter().any(|it| same_name(it, &table));
            find(now, &table).is_some() && (anew || find(before, &table).is_none())
        };
        let mut said = model.columns().filter_map(|(_, it)| Some((it.was()?, &it.column)));
        let Some(first) = said.next() else { continue };
        if in_scope || created() {
            res.extend([first].into_iter().chain(said).map(|(from, to)| Renamed {
                table: Some(table.to_string()),
                from: from.to_string(),
                to: to.to_string(),
            }));
        }
    }
    Ok(res)
}
