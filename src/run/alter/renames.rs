//! `was`: tables and columns get their new names.

use super::{Meant, change};
use crate::diagnostics::RunProblem;
use crate::ir::{Attribute, Model};
use crate::run::ddl::TableDdl;
use crate::run::history::Renamed;
use crate::run::sync::quoted;
use crate::run::{Change, Ran, Runner, Way};
use crate::source::Span;
use crate::words;
use smol_str::SmolStr;

impl Runner<'_> {
    /// Renames what the script says was called something else. Two names that change places are refused.
    pub(super) fn rename(
        &mut self,
        meant: &Meant<'_>,
        tables: &[TableDdl],
        changes: &mut Vec<Change>,
    ) -> Ran<Vec<Renamed>> {
        let at = meant.at;
        let schema = self.scripts.schema;
        let mut renames = Vec::new();
        let mut moves = Vec::new();
        for table in tables {
            let Some(was) = &schema[table.model].was else {
                continue;
            };
            for name in former_tables(&schema[table.model], was) {
                let same = name.eq_ignore_ascii_case(&table.name);
                if !same && self.ask(at, |it| it.table(&name))?.is_some() {
                    moves.push((name.to_string(), table.name.to_string()));
                    break;
                }
            }
        }
        let mut there = Vec::new();
        for (_, to) in &moves {
            let leaves = moves.iter().any(|(from, _)| from.eq_ignore_ascii_case(to));
            there.push(!leaves && self.ask(at, |it| it.table(to))?.is_some());
        }
        // Where the new name is taken by a table that stays, the old one isn't what `was` means any more.
        let mut keep = there.into_iter();
        moves.retain(|_| !keep.next().unwrap_or(false));
        let statement =
            |from: &str, to: &str| format!("ALTER TABLE {} RENAME TO {}", quoted(from), quoted(to));
        let first = tables.first().map_or(at, |it| schema[it.model].span);
        let ordered = in_order(moves).map_err(|names| round(meant, &names, first))?;
        for (from, to) in ordered {
            let mut ran = Vec::new();
            self.do_it(at, &statement(&from, &to), &mut ran)?;
            let what = format!("was `{from}`");
            changes.push(change(&to, what, Way::Rename, ran));
            renames.push(Renamed {
                table: None,
                from,
                to,
            });
        }
        let moves = |it: &&Attribute| it.extra.as_ref().is_some_and(|it| it.was.is_some());
        for table in tables {
            if !schema[table.model].attributes.iter().any(|it| moves(&it)) {
                continue;
            }
            let Some(is) = self.ask(at, |it| it.table(&table.name))? else {
                continue;
            };
            let has = |name: &str| {
                let mut columns = is.columns.iter();
                columns.find(|it| it.name.eq_ignore_ascii_case(name))
            };
            let model = &schema[table.model];
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
                if !from.name.eq_ignore_ascii_case(to) {
                    moves.push((from.name.clone(), to.to_string()));
                }
            }
            let leaving: Vec<_> = moves.iter().map(|it| it.0.to_lowercase()).collect();
            moves.retain(|(_, to)| has(to).is_none() || leaving.contains(&to.to_lowercase()));
            let ordered = in_order(moves).map_err(|names| round(meant, &names, model.span))?;
            for (from, to) in ordered {
                let sql = format!(
                    "ALTER TABLE {} RENAME COLUMN {} TO {}",
                    quoted(&is.name),
                    quoted(&from),
                    quoted(&to)
                );
                let mut ran = Vec::new();
                self.do_it(at, &sql, &mut ran)?;
                let what = format!("`{to}` was `{from}`");
                changes.push(change(&is.name, what, Way::Rename, ran));
                renames.push(Renamed {
                    table: Some(is.name.clone()),
                    from,
                    to,
                });
            }
        }
        Ok(renames)
    }
}

/// Names that change places: once they have, nothing tells that they did.
fn round(meant: &Meant<'_>, names: &[String], declared: Span) -> RunProblem {
    RunProblem::CannotAlter {
        what: format!(
            "`{}` can't change places: run once more, they would change back",
            names.join("` and `")
        ),
        help: "rename one of them to a name of its own, alter, and then to the other's old name"
            .to_owned(),
        declared,
        at: meant.at,
    }
}

/// What the table of a model that was called `was` may be called.
fn former_tables(model: &Model, was: &SmolStr) -> Vec<SmolStr> {
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
    let moves = |it: &Attribute| it.extra.as_ref().is_some_and(|it| it.was.is_some());
    if taken.is_none_or(|it| moves(it) || it.default.is_none()) {
        names.push(was.clone());
        if model.underscored {
            names.push(words::underscore(was));
        }
    }
    names
}

/// Renames in an order in which each new name is free; the names themselves where they go round.
fn in_order(mut moves: Vec<(String, String)>) -> Result<Vec<(String, String)>, Vec<String>> {
    let mut ordered = Vec::with_capacity(moves.len());
    while !moves.is_empty() {
        let taken = |to: &str| moves.iter().any(|(from, _)| from.eq_ignore_ascii_case(to));
        match moves.iter().position(|(_, to)| !taken(to)) {
            Some(at) => ordered.push(moves.remove(at)),
            None => return Err(moves.into_iter().map(|it| it.0).collect()),
        }
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn each_new_name_is_free_when_it_is_taken() {
        let moves = |all: &[(&str, &str)]| {
            let each = all.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
            each.collect::<Vec<_>>()
        };
        assert_eq!(
            in_order(moves(&[("a", "b"), ("b", "c")])),
            Ok(moves(&[("b", "c"), ("a", "b")]))
        );
        let round = in_order(moves(&[("a", "b"), ("b", "a"), ("c", "d")]));
        assert_eq!(round, Err(vec!["a".to_owned(), "b".to_owned()]));
    }
}
