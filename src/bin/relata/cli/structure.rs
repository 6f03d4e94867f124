//! The arguments of commands that change a database's structure, or read it.

use super::values::{dialect, duration, loss, loss_of_rollback};
use crate::formats::RunFormat;
use clap::{Args, ValueEnum};
use relata::diagnostics::Loss;
use relata::sql::Dialect;
use std::time::Duration;

#[derive(Debug, Args)]
#[command(after_help = "\
Does what `sync < alter >` does, and nothing else of the scripts: in one
transaction, with every row. It prints what it has changed as `relata diff`
does. What would lose something is refused with the rows
that are concerned, before anything is touched. The script says what is meant:
`drop name`, `was: name`, `using: (expression)`; so does --allow.

Examples:
  relata apply shop.schema --db shop.db
  relata apply shop.schema --db shop.db --verbose        its SQL as well
  relata apply shop.schema --db shop.db --allow E0501
      columns may go with their values
  relata explain E0501                                   what a code means")]
pub(crate) struct ApplyArgs {
    /// The scripts, which count as one; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// The database: a path, or sqlite:PATH
    #[arg(long, value_name = "URL")]
    pub(crate) db: String,
    /// How what was changed is printed, on standard output: in words, or as its statements in JSON
    #[arg(long, value_enum, default_value_t = RunFormat::Table)]
    pub(crate) format: RunFormat,
    /// Let a step pass that loses data, by its code
    #[arg(long, value_name = "CODE", value_parser = loss)]
    pub(crate) allow: Vec<Loss>,
    /// Leave columns that the scripts don't know as they are
    #[arg(long)]
    pub(crate) keep: bool,
    /// Make no copy of the file before values are taken out of it
    #[arg(long)]
    pub(crate) no_backup: bool,
    /// On PostgreSQL: make indexes, and look at new foreign keys, behind the transaction, so that nobody who writes waits for that
    #[arg(long)]
    pub(crate) online: bool,
    /// Wait so long for what somebody else has locked, in place of 5s: 250ms, 2m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    /// Print the SQL that was run, too
    #[arg(long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Every table becomes a model, every foreign key associations of both models, a
join table a belongsToMany. What the language has no words for is kept as it is,
in sql`..`: nothing is lost. Run on an empty database, the script makes the same
again.

With FILE the script goes there. Where FILE is a script already, what it says
stays as it is, with its comments, order and names; only what the database has
otherwise is changed, added or taken out.

Examples:
  relata pull --db shop.db                     to standard output
  relata pull --db shop.db shop.schema         into a file
  relata diff shop.schema --db shop.db         says what differs: nothing")]
pub(crate) struct PullArgs {
    /// The database: a path, or sqlite:PATH
    #[arg(long, value_name = "URL")]
    pub(crate) db: String,
    /// For which database the script is: what that has no words for is left out, and told
    #[arg(long = "for", value_name = "DIALECT", value_parser = dialect(), default_value = Dialect::SQLITE.name)]
    pub(crate) dialect: &'static Dialect,
    /// The script to write, or to bring up to date; standard output if not given
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
With --db the scripts are held against a database, which is only read; its rows
are asked, so that what is shown is what `apply` does. Without --db two scripts
are held against each other: OLD NEW. Exit codes: 0 they are the same, 1 they
differ, 2 a script or an argument is at fault, 3 the database is.

With --format json there is one JSON object a line for each change:
  {\"object\", \"way\", \"rows\", \"what\": [..], \"sql\": [..], \"refused\": [{\"code\",
   \"message\", \"help\"}]}
The ways are create, rename, edit, rebuild, index, drop and refused; rows are
those that are written anew.

Examples:
  relata diff shop.schema --db shop.db                  in words
  relata diff shop.schema --db shop.db --format sql     its statements
  relata diff old.schema new.schema                     what a commit would
                                                        change")]
pub(crate) struct DiffArgs {
    /// The scripts, which count as one; without --db the old one and the new one
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// The database: a path, or sqlite:PATH
    #[arg(long, value_name = "URL")]
    pub(crate) db: Option<String>,
    /// How the changes are printed, on standard output
    #[arg(long, value_enum, default_value_t = DiffFormat::Human)]
    pub(crate) format: DiffFormat,
    /// Let a change pass that loses data, by its code
    #[arg(long, value_name = "CODE", value_parser = loss)]
    pub(crate) allow: Vec<Loss>,
    /// Leave columns that the scripts don't know as they are
    #[arg(long)]
    pub(crate) keep: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// In words
    Human,
    /// The statements
    Sql,
    /// One JSON object a line for each change
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Each sentence that changed tables, indexes or views has an entry in the database
itself (`_relata_migrations`). What somebody else has changed since is told as
well. Values that a change took away are kept for `rollback` until they are
pruned.

With --format json there is one JSON object a line for each:
  {\"id\", \"verb\", \"appliedAt\", \"version\", \"script\", \"sql\": [..], \"rolledBackAt\",
   \"kept\"}

Examples:
  relata history --db shop.db
  relata history prune --db shop.db     gives up what is kept; nothing before
                                        can be rolled back then")]
pub(crate) struct HistoryArgs {
    /// What to do with it, other than to list it
    #[arg(value_enum, value_name = "ACTION")]
    pub(crate) action: Option<HistoryAction>,
    /// With `prune`: remove the copies of the database, too
    #[arg(long)]
    pub(crate) copies: bool,
    /// The database: a path, or sqlite:PATH
    #[arg(long, value_name = "URL")]
    pub(crate) db: String,
    /// How it is printed, on standard output
    #[arg(long, value_enum, default_value_t = RunFormat::Table)]
    pub(crate) format: RunFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HistoryAction {
    /// Give up the values that are kept for rollbacks
    Prune,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Undoes the last entry of `relata history` that isn't undone: tables are as they
were, with the values that were taken away. Rows written since stay. A rollback
that would lose some of what was written since is refused (E0513), as is one
over what somebody else has changed (E0512); nothing is changed then.

Examples:
  relata rollback --db shop.db
  relata rollback --db shop.db --allow E0513     what was written since may go")]
pub(crate) struct RollbackArgs {
    /// The database: a path, or sqlite:PATH
    #[arg(long, value_name = "URL")]
    pub(crate) db: String,
    /// Let it lose what was written since, by its code
    #[arg(long, value_name = "CODE", value_parser = loss_of_rollback)]
    pub(crate) allow: Vec<Loss>,
    /// Wait so long for what somebody else has locked, in place of 5s: 250ms, 2m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    /// Print the SQL that was run, too
    #[arg(long)]
    pub(crate) verbose: bool,
}
