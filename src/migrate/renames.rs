//! `was`: tables and columns get their new names.
//!
//! Names that change places go by way of a name that nothing has. Once they have, nothing of the tables tells that they did: the history
//! does, and so they don't change back.

use super::alter_engine;
use super::alteration::{Alteration, change};
use super::broken::BrokenObjects;
use super::history::record::renames_made;
use crate::catalog::{Name, ObjectKind, Table};
use crate::client::Client;
use crate::client::{RunResult, quoted};
use crate::diagnostics::RunProblem;
use crate::ir::{Attribute, Model};
use crate::migrate::ddl::TableDdl;
use crate::migrate::history::Renamed;
use crate::migrate::{Change, ChangeMethod, Migrator, PlanPart, Sign};
use crate::source::Span;
use crate::words;
use smol_str::SmolStr;

/// How the name begins that one has on its way to another's.
pub(super) const ASIDE: &str = "_relata_was_";

/// An old name and the new one.
pub(super) type Renaming = (String, String);

impl Migrator<'_> {
    /// Renames what the script says was called something else.
    pub(super) fn rename(
        &mut self,
        alter: &Alteration,
        tables: &[TableDdl],
        broken: &BrokenObjects,
        changes: &mut Vec<Change>,
    ) -> RunResult<Vec<Renamed>> {
        let at = alter.at;
        let (engine, scope) =
            (alter_engine(self.client.database)?, (self.depth + 1, !broken.is_empty()));
        let made = renames_made(&mut self.client)?;
        let mut renames = Vec::new();
        // Of a name that steps aside nothing is told by itself.
        let mut ran = Vec::new();
        let moves = without_made(&self.table_moves(at, tables)?, None, &made);
        if !moves.is_empty() {
            self.client.begin_sketch(at)?;
        }
        for (from, to) in in_order(moves) {
            if self.client.is_unknown() {
                break;
            }
            let sql = format!("ALTER TABLE {} RENAME TO {}", quoted(&from), quoted(&to));
            engine.rename(&mut self.client, at, &sql, scope)?;
            ran.push(sql);
            if !to.starts_with(ASIDE) {
                let from = from.trim_start_matches(ASIDE);
                let what = (Sign::Change, PlanPart::Table, format!("rename table from `{from}`"));
                changes.push(change(&to, what, ChangeMethod::Rename, std::mem::take(&mut ran)));
            }
            renames.push(Renamed { table: None, from, to });
        }
        let moves =
            |attribute: &&Attribute| attribute.extra.as_ref().is_some_and(|it| it.was.is_some());
        for table in tables {
            let model = &self.client.scripts.schema[table.model];
            if !model.attributes.iter().any(|it| moves(&it)) {
                continue;
            }
            let Some((name, moves)) = column_moves(&mut self.client, at, table)? else {
                continue;
            };
            let moves = without_made(&moves, Some(&name), &made);
            if !moves.is_empty() {
                self.client.begin_sketch(at)?;
            }
            for (from, to) in in_order(moves) {
                if self.client.is_unknown() {
                    break;
                }
                let sql = format!(
                    "ALTER TABLE {} RENAME COLUMN {} TO {}",
                    quoted(&name),
                    quoted(&from),
                    quoted(&to)
                );
                engine.rename(&mut self.client, at, &sql, scope)?;
                ran.push(sql);
                if !to.starts_with(ASIDE) {
                    let from = from.trim_start_matches(ASIDE);
                    let text = format!("rename column `{from}` to `{to}`");
                    let what = (Sign::Change, PlanPart::Column, text);
                    changes.push(change(
                        &name,
                        what,
                        ChangeMethod::Rename,
                        std::mem::take(&mut ran),
                    ));
                }
                renames.push(Renamed { table: Some(name.clone()), from, to });
            }
        }
        Ok(renames)
    }

    /// The tables that get other names.
    pub(super) fn table_moves(
        &mut self,
        at: Span,
        tables: &[TableDdl],
    ) -> RunResult<Vec<Renaming>> {
        let schema = self.client.scripts.schema;
        let mut moves: Vec<Renaming> = Vec::new();
        for table in tables {
            let Some(was) = schema[table.model].was() else {
                continue;
            };
            let names = former_tables(&schema[table.model], was);
            let mut there = None;
            for name in &names {
                let Some(current) = self.client.ask(at, |it| it.table(name))? else {
                    continue;
                };
                // One that is written in other letters is renamed as long as it is written so.
                let same = name.eq_ignore_ascii_case(&table.name);
                if !same || (current.name.as_str() == name.as_str() && *name != table.name) {
                    there = Some(name);
                    break;
                }
            }
            match there {
                Some(name) => moves.push((name.to_string(), table.name.to_string())),
                None => self.tell_likely(at, table, &names, tables)?,
            }
        }
        let mut there = Vec::new();
        for (_, to) in &moves {
            let leaves = moves.iter().any(|(from, _)| from.eq_ignore_ascii_case(to));
            there.push(!leaves && self.client.ask(at, |it| it.table(to))?.is_some());
        }
        // Where the new name is taken by a table that stays, the old one isn't what `was` means any more.
        let mut keep = there.into_iter();
        moves.retain(|_| !keep.next().unwrap_or(false));
        Ok(moves)
    }

    /// Tells of a table that may be the one that `was` means, where neither the old one nor the new one is there.
    fn tell_likely(
        &mut self,
        at: Span,
        table: &TableDdl,
        was: &[SmolStr],
        tables: &[TableDdl],
    ) -> RunResult<()> {
        let own = |name: &str| tables.iter().any(|it| it.name.eq_ignore_ascii_case(name));
        let mut objects = self.client.ask(at, |it| it.objects())?;
        objects.retain(|it| it.kind() == ObjectKind::Table);
        if objects.iter().any(|it| it.name.eq_ignore_ascii_case(&table.name)) {
            return Ok(());
        }
        objects.retain(|it| !own(&it.name));
        let there = || objects.iter().map(|it| it.name.as_str());
        let likely = was.iter().find_map(|it| words::nearest(it, there()));
        if let (Some(likely), Some(was)) = (likely, was.first()) {
            let problem = RunProblem::NoOldTable {
                table: table.name.to_string(),
                was: was.to_string(),
                likely: likely.to_owned(),
                at: self.client.scripts.schema[table.model].span,
            };
            self.log.warning(problem.into());
        }
        Ok(())
    }
}

/// A table's name, and its columns that get other names.
fn column_moves(
    client: &mut Client<'_>,
    at: Span,
    table: &TableDdl,
) -> RunResult<Option<(String, Vec<Renaming>)>> {
    let Some(current) = client.ask(at, |it| it.table(&table.name))? else {
        return Ok(None);
    };
    let moves = column_moves_of(&client.scripts.schema[table.model], &current);
    Ok(Some((current.name, moves)))
}

/// The columns of a table that get other names.
pub(super) fn column_moves_of(model: &Model, current: &Table) -> Vec<Renaming> {
    let has = |name: &str| current.column(name);
    let mut moves = Vec::new();
    for (_, attribute) in model.columns() {
        let extra = attribute.extra.as_ref();
        let Some(was) = extra.and_then(|it| it.was.as_ref()) else {
            continue;
        };
        let names = former_columns(model, was);
        let Some(from) = names.iter().find_map(|it| has(it)) else {
            continue;
        };
        let to = &attribute.column;
        // One that is written in other letters is renamed as long as it is written so.
        let written = names.iter().any(|it| it.as_str() == from.name.as_str());
        let same = from.name.eq_ignore_ascii_case(to);
        if !same || (written && from.name.as_str() != to.as_str()) {
            moves.push((from.name.clone(), to.to_string()));
        }
    }
    let leaving: Vec<_> = moves.iter().map(|it| Name::from(it.0.as_str())).collect();
    moves.retain(|(_, to)| has(to).is_none() || leaving.contains(&to.as_str().into()));
    moves
}

/// What the table of a model that was called `was` may be called.
pub fn former_tables(model: &Model, was: &SmolStr) -> Vec<SmolStr> {
    let plural = words::pluralize(was);
    let mut names = vec![was.clone()];
    if model.underscored {
        names.push(words::underscore(&plural));
    }
    names.push(plural);
    names
}

/// What the column of an attribute that was called `was` may be called.
fn former_columns(model: &Model, was: &SmolStr) -> Vec<SmolStr> {
    let mut names = Vec::new();
    let still = |it: &&Attribute| it.name == *was || it.column == *was;
    // Another attribute has that name now, and so its column, unless that one is renamed too.
    let taken = model.attributes.iter().find(still);
    let moves = |attribute: &Attribute| attribute.extra.as_ref().is_some_and(|it| it.was.is_some());
    if taken.is_none_or(|it| moves(it) || it.default.is_none()) {
        names.push(was.clone());
        if model.underscored {
            names.push(words::underscore(was));
        }
    }
    names
}

/// Without the names that went round in the last migration that touched them: they have done so.
pub(super) fn without_made(
    moves: &[Renaming],
    table: Option<&str>,
    made: &[Vec<Renamed>],
) -> Vec<Renaming> {
    let is_made = |round: &[&Renaming]| {
        let touches = |rename: &Renamed| {
            let mut names = round.iter().map(|it| &it.0);
            names.any(|name| *name == rename.from || *name == rename.to)
        };
        let mut all = made.iter();
        let last = all.find(|migration| {
            let mut own = migration.iter().filter(|it| it.is_of(table));
            own.any(touches)
        });
        last.is_some_and(|renames| {
            round.iter().all(|it| Renamed::later(renames, table, &it.0) == it.1)
        })
    };
    let made: Vec<_> =
        (moves.iter()).map(|it| round_of(moves, it).is_some_and(|round| is_made(&round))).collect();
    let each = moves.iter().zip(made);
    each.filter(|(_, made)| !made).map(|(it, _)| it.clone()).collect()
}

/// The moves that lead from a name back to it, if they do.
fn round_of<'m>(moves: &'m [Renaming], start: &'m Renaming) -> Option<Vec<&'m Renaming>> {
    let mut round = vec![start];
    for _ in moves {
        let to = &round.last()?.1;
        if to.eq_ignore_ascii_case(&start.0) {
            return Some(round);
        }
        round.push(moves.iter().find(|it| it.0.eq_ignore_ascii_case(to))?);
    }
    None
}

/// Renames in an order in which each new name is free.
pub(super) fn in_order(mut moves: Vec<Renaming>) -> Vec<Renaming> {
    let mut ordered = Vec::with_capacity(moves.len());
    while !moves.is_empty() {
        let taken = |to: &str| moves.iter().any(|(from, _)| from.eq_ignore_ascii_case(to));
        let free = moves.iter().position(|(_, to)| !taken(to));
        if let Some(at) = free {
            ordered.push(moves.remove(at));
        } else if let Some((from, _)) = moves.first_mut() {
            let aside = format!("{ASIDE}{from}");
            ordered.push((std::mem::replace(from, aside.clone()), aside));
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::{Renamed, in_order, without_made};

    fn moves(all: &[(&str, &str)]) -> Vec<(String, String)> {
        let each = all.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        each.collect()
    }

    #[test]
    fn each_new_name_is_free_when_it_is_taken() {
        assert_eq!(in_order(moves(&[("a", "b"), ("b", "c")])), moves(&[("b", "c"), ("a", "b")]));
        assert_eq!(
            in_order(moves(&[("a", "b"), ("b", "a"), ("c", "d")])),
            moves(&[("c", "d"), ("a", "_relata_was_a"), ("b", "a"), ("_relata_was_a", "b")])
        );
    }

    #[test]
    fn names_that_have_changed_places_do_not_change_back() {
        let swap = moves(&[("a", "b"), ("b", "a"), ("c", "d")]);
        let made: Vec<_> = (in_order(swap.clone()).into_iter())
            .map(|(from, to)| Renamed { table: Some("t".to_owned()), from, to })
            .collect();
        let left = |table| without_made(&swap, table, std::slice::from_ref(&made));
        assert_eq!(left(Some("t")), moves(&[("c", "d")]));
        assert_eq!(left(Some("u")), swap);
    }
}
