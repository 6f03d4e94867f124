//! `sync < alter >`: the tables that are there become what the script says, with every row.
//!
//! All of it is one transaction, in which foreign keys are not enforced: no row of another table is touched. Renames come first, then each table
//! gets the text that [`changes`] makes of the one that is kept. Where no row is touched that text is put in its place; else the
//! rows move into a new table, by the procedure of <https://www.sqlite.org/lang_altertable.html>, section 7. What would lose
//! something is refused ([`hazards`]), and what came of it is compared with what the script says before it is kept.

mod broken;
mod changes;
mod hazards;
mod rebuild;
mod renames;

use super::compare::{differences, has_unique};
use super::ddl::{self, TableDdl};
use super::failure::About;
use super::sync::quoted;
use super::transaction::Transaction;
use super::{Losses, Ran, Runner};
use crate::db::{Object, ObjectKind, Table};
use crate::diagnostics::RunProblem;
use crate::ir::ModelId;
use crate::source::Span;
use changes::changes;
use smol_str::SmolStr;

/// What a sentence says of losses.
#[derive(Debug, Clone, Copy)]
struct Meant<'a> {
    at: Span,
    /// What the sentence allows.
    allow: &'a [SmolStr],
    /// What the whole run allows.
    losses: Losses,
    keep: bool,
}

impl Meant<'_> {
    fn allows(&self, code: &str) -> bool {
        self.losses.has(code) || self.allow.iter().any(|it| it == code)
    }
}

impl Runner<'_> {
    /// `sync < alter >`, `User sync < alter >`
    pub(super) fn alter(
        &mut self,
        at: Span,
        model: Option<ModelId>,
        allow: &[SmolStr],
        keep: bool,
    ) -> Ran<Vec<String>> {
        let meant = Meant {
            at,
            allow,
            losses: self.options.allow,
            keep,
        };
        let scripts = self.scripts;
        let failed = |it| scripts.failure(it, at, About::default());
        let tables = ddl::tables(scripts.schema, model, self.database.dialect());
        let before = self.database.violations().map_err(failed)?;
        let mut transaction = Transaction::without_keys(&mut *self.database).map_err(failed)?;
        let mut inner = Runner {
            scripts,
            database: &mut *transaction,
            sink: &mut *self.sink,
            files: &mut *self.files,
            environment: &mut *self.environment,
            options: self.options,
        };
        let mut ran = Vec::new();
        let broken = inner.broken(at)?;
        inner.rename(&meant, &tables, &mut ran)?;
        for (done, table) in tables.iter().enumerate() {
            inner.alter_table(&meant, table, &mut ran)?;
            inner.sink.progress(done + 1, tables.len());
        }
        if model.is_none() {
            inner.alter_views(at, &mut ran)?;
        }
        if !ran.is_empty() {
            inner.still_whole(&meant, before)?;
            inner.none_broken(&meant, &broken)?;
        }
        transaction.commit().map_err(failed)?;
        // What else the script declares, and indexes that are missing.
        ran.extend(self.sync(at, model, false)?);
        Ok(ran)
    }

    /// One table.
    fn alter_table(
        &mut self,
        meant: &Meant<'_>,
        table: &TableDdl,
        ran: &mut Vec<String>,
    ) -> Ran<()> {
        let at = meant.at;
        let declared = self.scripts.schema[table.model].span;
        let Some(is) = self.ask(at, |it| it.table(&table.name))? else {
            self.do_it(at, &ddl::as_kept(&table.create), ran)?;
            return self.indexes(meant, table, ran);
        };
        let mut said = vec![table.create.clone()];
        said.extend(table.indexes.iter().map(|it| it.sql.clone()));
        let Some(said) = self.ask(at, |it| it.preview(&said, &table.name))? else {
            return Ok(());
        };
        if ddl::as_kept(&is.sql) != said.sql {
            let unknown = || RunProblem::CannotAlter {
                what: format!(
                    "`{}` can't be altered: the statement that made it can't be read",
                    is.name
                ),
                help: "alter it by hand; nothing else of it is in the way".to_owned(),
                declared,
                at,
            };
            let todo = changes(&is, &said, meant.keep).ok_or_else(unknown)?;
            if let Some(why) = &todo.refused {
                return Err(RunProblem::CannotAlter {
                    what: format!("`{}` can't be altered: {why}", is.name),
                    help:
                        "this version changes no primary keys; make a new model, and move the rows"
                            .to_owned(),
                    declared,
                    at,
                });
            }
            if let Some(text) = &todo.text {
                self.hazards(meant, table, &is, &said, &todo)?;
                if todo.rebuild {
                    self.rebuild(meant, table, &is, &said, &todo, text, ran)?;
                } else {
                    self.ask(at, |it| it.rewrite(&is.name, text))?;
                    ran.push(text.clone());
                }
            }
        }
        self.indexes(meant, table, ran)?;
        self.as_said(meant, table, &said)
    }

    /// The views that are there with another query are made anew; those that are missing come with `sync`.
    fn alter_views(&mut self, at: Span, ran: &mut Vec<String>) -> Ran<()> {
        let objects = self.ask(at, |it| it.objects())?;
        for view in ddl::views(self.scripts.schema, self.database.dialect()) {
            let mut there = objects.iter().filter(|it| it.kind == ObjectKind::View);
            let Some(found) = there.find(|it| it.name.eq_ignore_ascii_case(&view.name)) else {
                continue;
            };
            let plain = |sql: &str| crate::stored::plain(&ddl::as_kept(sql));
            if plain(found.sql.as_deref().unwrap_or_default()) != plain(&view.create) {
                let sql = format!("DROP VIEW {}", quoted(&found.name));
                self.do_it(at, &sql, ran)?;
                self.do_it(at, &ddl::as_kept(&view.create), ran)?;
            }
        }
        Ok(())
    }

    /// Its indexes: those that are missing come, and those that are others are made anew.
    fn indexes(&mut self, meant: &Meant<'_>, table: &TableDdl, ran: &mut Vec<String>) -> Ran<()> {
        let at = meant.at;
        let Some(is) = self.ask(at, |it| it.table(&table.name))? else {
            return Ok(());
        };
        for index in &table.indexes {
            let mut there = is.indexes.iter();
            let found = there.find(|it| it.name.eq_ignore_ascii_case(&index.name));
            if let Some(found) = found {
                let kept = found.sql.as_deref().unwrap_or_default();
                let plain = |sql: &str| crate::stored::plain(&ddl::as_kept(sql));
                if plain(kept) == plain(&index.sql) {
                    continue;
                }
                let sql = format!("DROP INDEX {}", quoted(&found.name));
                self.do_it(at, &sql, ran)?;
            } else if index.unique && has_unique(&is, &index.columns) {
                continue;
            }
            if index.unique {
                self.duplicates(meant, table, &index.columns)?;
            }
            self.do_it(at, &ddl::as_kept(&index.sql), ran)?;
        }
        Ok(())
    }

    /// Holds a table against what the script says.
    fn as_said(&mut self, meant: &Meant<'_>, table: &TableDdl, said: &Table) -> Ran<()> {
        let Some(is) = self.ask(meant.at, |it| it.table(&table.name))? else {
            return Ok(());
        };
        let mut found = differences(&is, said);
        if meant.keep {
            found.retain(|it| !it.starts_with("the script has no column"));
        }
        // An index that the script doesn't know is left alone.
        found.retain(|it| !it.ends_with("unique"));
        if found.is_empty() {
            return Ok(());
        }
        Err(RunProblem::CannotAlter {
            what: format!(
                "`{}` was not altered: afterwards it would differ from the script: {}",
                table.name,
                found.join("; ")
            ),
            help: "please report this; nothing was changed".to_owned(),
            declared: self.scripts.schema[table.model].span,
            at: meant.at,
        })
    }

    /// Whether every row still has what it refers to, and the file is whole.
    fn still_whole(&mut self, meant: &Meant<'_>, before: u64) -> Ran<()> {
        let after = self.ask(meant.at, |it| it.violations())?;
        if after > before {
            let first = self.scripts.schema.models().next();
            return Err(RunProblem::ParentsMissing {
                what: format!("{} rows would refer to nothing", after - before),
                help: "run `PRAGMA foreign_key_check` to see which tables' rows do so already"
                    .to_owned(),
                declared: first.map_or(meant.at, |(_, it)| it.span),
                at: meant.at,
            });
        }
        Ok(())
    }

    /// Runs a statement.
    fn do_it(&mut self, at: Span, sql: &str, ran: &mut Vec<String>) -> Ran<()> {
        let done = self.database.execute(sql, &[]);
        done.map_err(|error| {
            let about = About {
                statement: Some(sql),
                ..About::default()
            };
            self.scripts.failure(error, at, about)
        })?;
        ran.push(sql.to_owned());
        Ok(())
    }

    /// The indexes and triggers of a table that have statements of their own.
    fn beside(&mut self, at: Span, table: &str) -> Ran<Vec<Object>> {
        let objects = self.ask(at, |it| it.objects())?;
        let own = objects.into_iter().filter(|it| {
            it.table.eq_ignore_ascii_case(table)
                && matches!(it.kind, ObjectKind::Index | ObjectKind::Trigger)
                && it.sql.is_some()
        });
        Ok(own.collect())
    }

    /// The number that a query yields.
    fn counted(&mut self, at: Span, sql: &str) -> Ran<u64> {
        let mut found = 0;
        self.ask(at, |it| {
            it.query(sql, &[], &mut |row| {
                if let Some(crate::value::Value::Integer(number)) = row.first() {
                    found = number.unsigned_abs();
                }
                std::ops::ControlFlow::Break(())
            })
        })?;
        Ok(found)
    }
}
