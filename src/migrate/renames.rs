//! `was`: tables and columns get their new names.
//!
//! Names that change places go by way of a name that nothing has. Once they have, nothing of the tables tells that they did: the history
//! does (`history/settled.rs`), and so they don't change back.

use super::alter_engine;
use super::alteration::{Alteration, change};
use super::broken::BrokenObjects;
use super::history::{Renamed, SettledNames, settled_names};
use crate::catalog::{Name, ObjectKind, Table};
use crate::client::{RunResult, quoted};
use crate::diagnostics::{HazardKind, RunProblem};
use crate::ir::Model;
use crate::migrate::ddl::TableDdl;
use crate::migrate::{Change, ChangeMethod, Migrator, PlanPart, Sign};
use crate::plan::{former_columns, former_tables};
use crate::source::Span;
use crate::words::{self, same_name};
use smol_str::SmolStr;
use std::collections::BTreeSet;

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
        let mut settled = settled_names(&mut self.client)?;
        let mut renames = Vec::new();
        // Of a name that steps aside nothing is told by itself.
        let mut ran = Vec::new();
        let moves = self.table_moves(at, tables, &settled)?;
        for (from, _) in &moves {
            // Its text can't be put otherwise by SQLite, and would name a table that isn't there.
            if let Some(why) = broken.why.get(&(ObjectKind::Table, from.as_str().into())) {
                let kind = HazardKind::BrokenTrigger { table: from.clone(), why: why.clone() };
                return Err(alter.hazard(kind, None).into());
            }
        }
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
        settled.rename(&renames);
        for table in tables {
            let model = &self.client.scripts.schema[table.model];
            if model.attributes.iter().all(|it| it.was().is_none()) {
                continue;
            }
            let Some(current) = self.client.ask(at, |it| it.table(&table.name))? else { continue };
            let moves = column_moves_of(model, (&current.name, &current), &settled);
            let name = current.name;
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

    /// The tables that get other names so that `tables` have theirs: those that stand in their places, too.
    pub(super) fn table_moves(
        &mut self,
        at: Span,
        tables: &[TableDdl],
        settled: &SettledNames,
    ) -> RunResult<Vec<Renaming>> {
        let schema = self.client.scripts.schema;
        let said = schema.models().filter(|(_, model)| model.was().is_some());
        let (mut claims, mut there) = (Vec::new(), BTreeSet::new());
        for (id, model) in said {
            let (Some(was), table) = (model.was(), model.full_table()) else { continue };
            let names = former_tables(model, was);
            let mut from = None;
            for name in &names {
                let Some(current) = self.client.ask(at, |it| it.table(name))? else {
                    continue;
                };
                // One that is written in other letters is renamed as long as it is written so.
                let same = name.eq_ignore_ascii_case(&table);
                if !same || (current.name.as_str() == name.as_str() && *name != table) {
                    from = Some(name.to_string());
                    break;
                }
            }
            match tables.iter().find(|it| it.model == id) {
                Some(own) if from.is_none() => self.tell_likely(at, own, &names, tables)?,
                Some(_) | None => {}
            }
            if self.client.ask(at, |it| it.table(&table))?.is_some() {
                there.insert(Name::from(table.as_str()));
            }
            let settled = settled.has(None, &table, &names);
            claims.push(Claim { from, to: table.to_string(), settled });
        }
        let moves = moves_of(&claims, |name| there.contains(&name.into()));
        Ok(needed_for(moves, |to| tables.iter().any(|it| same_name(&it.name, to))))
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

/// The columns of a table that get other names; `name` is what the table is called where something is settled.
pub(super) fn column_moves_of(
    model: &Model,
    (name, current): (&str, &Table),
    settled: &SettledNames,
) -> Vec<Renaming> {
    let has = |column: &str| current.column(column).is_some();
    let said = model.columns().filter_map(|(_, attribute)| {
        let names = former_columns(model, attribute.was()?);
        let to = attribute.column.to_string();
        let from = names.iter().find_map(|it| current.column(it)).filter(|from| {
            // One that is written in other letters is renamed as long as it is written so.
            let written = names.iter().any(|it| it.as_str() == from.name.as_str());
            !same_name(&from.name, &to) || (written && from.name != to)
        });
        let from = from.map(|it| it.name.clone());
        let settled = settled.has(Some(name), &to, &names);
        Some(Claim { from, to, settled })
    });
    let claims: Vec<_> = said.collect();
    moves_of(&claims, has)
}

/// What a script says that something was called.
#[derive(Debug)]
struct Claim {
    /// What there is of its old names.
    from: Option<String>,
    /// Its name of now.
    to: String,
    /// Whether the history knows that it was.
    settled: bool,
}

/// Which names follow from claims, where `has` says what there is. Names that a change has given stay given, and nothing loses its name to
/// another that stays.
fn moves_of(claims: &[Claim], has: impl Fn(&str) -> bool) -> Vec<Renaming> {
    let named = |name: &str| claims.iter().find(|it| same_name(&it.to, name));
    let is_made = |claim: &Claim| match round_of(claims, claim) {
        Some(round) => round.iter().all(|it| it.settled),
        // Of two that are said to have been each other, the one that had the name, and has it no more, keeps what it got.
        None => claim
            .from
            .as_deref()
            .and_then(named)
            .is_some_and(|own| claim.settled && own.settled && own.from.is_none()),
    };
    let moving = claims.iter().filter(|it| !is_made(it));
    let mut moves: Vec<Renaming> =
        moving.filter_map(|it| Some((it.from.clone()?, it.to.clone()))).collect();
    // Where a new name is taken by something that stays, the old one isn't what `was` means any more; and so that stays, too.
    loop {
        let leaves = |name: &str| moves.iter().any(|(from, _)| same_name(from, name));
        let free = |it: &&Renaming| !has(&it.1) || leaves(&it.1);
        let left: Vec<Renaming> = moves.iter().filter(free).cloned().collect();
        if left.len() == moves.len() {
            return moves;
        }
        moves = left;
    }
}

/// The claims that lead from a name back to it, if they do.
fn round_of<'c>(claims: &'c [Claim], start: &'c Claim) -> Option<Vec<&'c Claim>> {
    let from = start.from.as_deref()?;
    let mut round = vec![start];
    for _ in claims {
        let to = &round.last()?.to;
        if same_name(to, from) {
            return Some(round);
        }
        let goes_on = |it: &&Claim| it.from.as_deref().is_some_and(|from| same_name(from, to));
        round.push(claims.iter().find(goes_on)?);
    }
    None
}

/// Those that give the names that are `wanted`, or take something away that has one, and those that make place for them.
fn needed_for(moves: Vec<Renaming>, wanted: impl Fn(&str) -> bool) -> Vec<Renaming> {
    let mut needed: Vec<bool> = moves.iter().map(|it| wanted(&it.0) || wanted(&it.1)).collect();
    for _ in &moves {
        for (at, (from, _)) in moves.iter().enumerate() {
            let is_taken =
                |(other, needed): (&Renaming, &bool)| *needed && same_name(&other.1, from);
            let takes = moves.iter().zip(&needed).any(is_taken);
            if let Some(it) = needed.get_mut(at) {
                *it |= takes;
            }
        }
    }
    let each = moves.into_iter().zip(needed);
    each.filter(|(_, needed)| *needed).map(|(it, _)| it).collect()
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
    use super::{Claim, in_order, moves_of, needed_for};

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

    /// `said`: what something was called, what it is called, and whether that is settled.
    #[track_caller]
    fn check(there: &str, said: &[(&str, &str, bool)], expected: &[(&str, &str)]) {
        let has = |name: &str| there.split(' ').any(|it| it == name);
        let claim = |(was, name, settled): &(&str, &str, bool)| Claim {
            from: Some((*was).to_owned()).filter(|it| has(it)),
            to: (*name).to_owned(),
            settled: *settled,
        };
        let claims: Vec<_> = said.iter().map(claim).collect();
        assert_eq!(moves_of(&claims, has), moves(expected));
    }

    #[test]
    fn names_that_have_been_given_stay_given() {
        let swap = |done| [("a", "b", done), ("b", "a", done)];
        check("a b", &swap(false), &[("a", "b"), ("b", "a")]);
        check("a b", &swap(true), &[]);
        // One of them came later.
        check("a b", &[("a", "b", true), ("b", "a", false)], &[("a", "b"), ("b", "a")]);
        check("a", &swap(false), &[("a", "b")]);
        // The other one isn't there yet, or is back.
        check("b", &[("a", "b", true), ("b", "a", true)], &[]);
        check("b", &[("a", "b", true), ("b", "c", true)], &[]);
        check("b", &[("a", "b", true), ("b", "a", false)], &[("b", "a")]);
        check("a", &[("a", "b", true)], &[("a", "b")]);
        check("a b", &[("a", "b", true), ("b", "c", false)], &[("a", "b"), ("b", "c")]);
    }

    #[test]
    fn what_stays_keeps_its_name() {
        check("a b", &[("a", "b", false)], &[]);
        check("a b c", &[("b", "a", false), ("c", "b", false)], &[]);
        check("b c", &[("b", "a", false), ("c", "b", false)], &[("b", "a"), ("c", "b")]);
    }

    #[test]
    fn who_stands_in_the_way_moves_first() {
        let all = moves(&[("b", "c"), ("a", "b"), ("x", "y")]);
        assert_eq!(needed_for(all.clone(), |it| it == "b"), moves(&[("b", "c"), ("a", "b")]));
        assert_eq!(needed_for(all.clone(), |it| it == "c"), moves(&[("b", "c")]));
        assert_eq!(needed_for(all, |it| it == "x"), moves(&[("x", "y")]));
    }
}
