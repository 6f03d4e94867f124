//! The arguments.

mod structure;
mod values;

pub(crate) use structure::{
    ApplyArgs, DiffArgs, DiffFormat, HistoryAction, HistoryArgs, PullArgs, RollbackArgs,
};

use self::values::{bytes, dialect, duration, import_format, jobs, loss, moment};
use crate::formats::{RowLimit, RunFormat};
use clap::{Args, Parser, Subcommand, ValueEnum};
use relata::diagnostics::Loss;
use relata::import::ImportFormat;
use relata::sql::Dialect;
use std::time::Duration;

/// A language for data models and the relations between them.
///
/// A script declares models and how they belong together, and may read and write rows; Relata checks it, turns it into SQL, and runs it on a database.
#[derive(Debug, Parser)]
#[command(
    name = "relata",
    version,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "\
Examples:
  relata check shop.schema               every problem of the script, nothing
                                         executed
  relata sql shop.schema                 its CREATE TABLE statements
  relata run shop.schema --db shop.db    creates the tables in shop.db, and
                                         carries out the rest

Exit codes: 0 done, 1 the script or the data is at fault, 2 the arguments are, 3
the database or the machine is, 130 interrupted."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run scripts on a database
    Run(RunArgs),
    /// Change a database that has data into what scripts declare, keeping every row
    Apply(ApplyArgs),
    /// Show what `apply` would change, changing nothing
    Diff(DiffArgs),
    /// List what was done to a database's structure
    History(HistoryArgs),
    /// Undo the last change of a database's structure
    Rollback(RollbackArgs),
    /// Write a script that declares what is in a database
    Pull(PullArgs),
    /// Write a script of models that are written elsewhere: Prisma's, DBML, SQL, Sequelize's
    Import(ImportArgs),
    /// Report every problem of scripts, executing nothing
    Check(CheckArgs),
    /// Print the CREATE TABLE statements of scripts
    Sql(SqlArgs),
    /// Try pages of scripts and what must come of them
    Test(TestArgs),
    /// Bring scripts into the one style, in place
    Fmt(FmtArgs),
    /// Write sentences and see at once what they do
    Repl(ReplArgs),
    /// Answer an editor's questions over standard input and output
    Lsp(LspArgs),
    /// Write a first script
    Init(InitArgs),
    /// Explain an error code or a verb
    Explain(ExplainArgs),
    /// Explain a command, a verb or a code
    Help(HelpArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
The scripts are checked first, all together; with an error nothing is executed.
A sentence that fails has changed nothing, and ends the run.

Examples:
  relata run shop.schema                          in memory: tries the script
  relata run shop.schema --db shop.db             on a file, made where there is
                                                  none
  relata run shop.schema --db shop.db --format json | jq .value
  relata run shop.schema --explain                its SQL as well
  relata run shop.schema --watch                  again whenever it is saved
  relata run theirs.schema --untrusted --max-time 2s
  echo 'model User { name: STRING }; sync' | relata run -")]
pub(crate) struct RunArgs {
    /// The scripts, which count as one; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// The database: a path, or sqlite:PATH; in memory if not given
    #[arg(long, value_name = "URL")]
    pub(crate) db: Option<String>,
    /// How results are printed, on standard output
    #[arg(long, value_enum, default_value_t = RunFormat::Table)]
    pub(crate) format: RunFormat,
    /// How many rows of a sentence are shown, or `all`; 40 on a terminal if not given, all elsewhere
    #[arg(long, value_name = "N", value_parser = RowLimit::parse)]
    pub(crate) limit: Option<RowLimit>,
    /// Print only what sentences find: no statements, no numbers of rows
    #[arg(long)]
    pub(crate) quiet: bool,
    /// Go on behind a sentence that fails
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// Show each statement that reads or writes rows, with its values, on standard error; and the SQL of `sync < alter >` beside its words
    #[arg(long)]
    pub(crate) explain: bool,
    /// Let a migration step pass that loses data, by its code (of `sync < alter >`)
    #[arg(long, value_name = "CODE", value_parser = loss)]
    pub(crate) allow: Vec<Loss>,
    /// Make no copy of the file before `sync < alter >` takes values out of it
    #[arg(long)]
    pub(crate) no_backup: bool,
    /// Take this for the present moment, such as 2022-01-16T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) now: Option<i64>,
    /// Begin random values with this; with the same --now, two runs have the same
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Run again, from the beginning, whenever one of the files changes; Ctrl-C ends it
    #[arg(long)]
    pub(crate) watch: bool,
    /// For scripts of strangers: no raw SQL, no `load`, no imports; and 10s, 100000 rows and 256MB where no other limits are given
    #[arg(long)]
    pub(crate) untrusted: bool,
    /// Refuse scripts with raw SQL
    #[arg(long)]
    pub(crate) no_sql: bool,
    /// Wait so long for what somebody else has locked, in place of 5s: 250ms, 2m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
    /// End the run when it takes longer: 250ms, 10s, 5m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) max_time: Option<Duration>,
    /// Let a sentence fail that finds more rows
    #[arg(long, value_name = "N")]
    pub(crate) max_rows: Option<u64>,
    /// Let a sentence fail that takes more memory: 64MB, 1GB
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub(crate) max_memory: Option<u64>,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
With --format json there is one JSON object a line for each problem:
  {\"file\", \"code\", \"severity\", \"message\", \"help\", \"spans\": [{\"file\", \"start\",
   \"end\",
   \"line\", \"column\", \"endLine\", \"endColumn\", \"label\"}], \"edits\": [{.., \"text\"}]}
Lines and columns count from 1, columns in characters; start and end are bytes
of the file (a byte order mark left out), end is the one behind the last.

Examples:
  relata check                                    all *.schema of this folder
  relata check *.schema --deny warnings           for CI: a warning fails it too
  relata check shop.schema --dialect postgres     what PostgreSQL lacks is
                                                  reported as well
  relata check shop.schema --format json | jq -r .code")]
pub(crate) struct CheckArgs {
    /// The scripts, which count as one; `-` is standard input. All *.schema of the current folder if none is given
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// Which database the script is for
    #[arg(long, value_parser = dialect(), default_value = Dialect::SQLITE.name)]
    pub(crate) dialect: &'static Dialect,
    /// How problems are printed
    #[arg(long, value_enum, default_value_t = CheckFormat::Human)]
    pub(crate) format: CheckFormat,
    /// Correct in the files what has one likely correction, such as a misspelt name, and report what is left
    #[arg(long)]
    pub(crate) fix: bool,
    /// Let warnings fail the check
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) deny: Option<Deny>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Drawn, to stderr
    Human,
    /// One JSON object a line, to stdout
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// All warnings
    Warnings,
}

#[derive(Debug, Args)]
#[command(after_help = "\
What a file holds is known by its name (.prisma, .dbml, .sql, .json), or said
with --from. What can't be said is a comment in the script, with the reason.
Exit codes: 0 done, 1 the file is at fault, 2 the arguments are, 3 it can't be
read.

Examples:
  relata import schema.prisma > shop.schema
  pg_dump --schema-only shop | relata import --from sql - > shop.schema
  node examples/sequelize-models.js models/index.js > models.json
  relata import models.json > shop.schema")]
pub(crate) struct ImportArgs {
    /// What the file holds, where its name doesn't say
    #[arg(long, value_name = "FORMAT", value_parser = import_format())]
    pub(crate) from: Option<ImportFormat>,
    /// The file; `-` for standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: String,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  relata sql shop.schema
  relata sql shop.schema --dialect mysql
  relata sql shop.schema --compact | sqlite3 shop.db     one statement a line")]
pub(crate) struct SqlArgs {
    /// The scripts, which count as one; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// Whose SQL
    #[arg(long, value_parser = dialect(), default_value = Dialect::SQLITE.name)]
    pub(crate) dialect: &'static Dialect,
    /// One statement a line, in place of one column a line
    #[arg(long)]
    pub(crate) compact: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A page is Markdown. Below a heading, a block that begins with ```schema is a
script, and the blocks behind it say what must come of it. Each heading is a
test, on a database of its own in memory, at 2022-01-16T12:00:00Z.
  schema         a script; `schema NAME.schema` one to import, `schema before`
                 one whose declarations are forgotten
  db             SQL for the database as it was, with its rows
  json           what `relata run --format json` prints
  tables         the tables that are there
  sql [DIALECT]  the CREATE TABLE statements
  report         the problems, as they are drawn
  diff           what `relata diff` says
  apply          the same, carried out
  pull           the database as a script
  format         the script in the one style
  rollback       what is undone of the last change
  history        what was done
`diff` and `apply` take `allow CODE`. What stands in other blocks is for people.

With --format json there is one JSON object a line for each test:
  {\"page\", \"line\", \"title\", \"ok\", \"failures\": [{\"line\", \"message\", \"expected\",
   \"actual\"}]}
Exit codes: 0 all pass, 1 some fail, 2 a page or an argument is at fault, 3 the
machine is.

Examples:
  relata test                           all pages of this folder and below
  relata test tests/shop.md --bless     writes what came into the page; read its
                                        diff before you keep it
  relata test --filter invoice          those whose page or heading has that
                                        word
  relata test --format junit > out.xml  for CI; --format github annotates a pull
                                        request")]
pub(crate) struct TestArgs {
    /// Pages, and folders of pages (*.md, those below too); the current folder if not given
    #[arg(value_name = "FILE|FOLDER")]
    pub(crate) paths: Vec<String>,
    /// Write what came into the pages, in the place of what they say
    #[arg(long)]
    pub(crate) bless: bool,
    /// Only tests whose page and heading have all of these words, whatever their case
    #[arg(long, value_name = "WORDS")]
    pub(crate) filter: Option<String>,
    /// How many pages are tried at once; as many as the machine has cores if not given
    #[arg(short, long, value_name = "N", value_parser = jobs)]
    pub(crate) jobs: Option<std::num::NonZeroUsize>,
    /// How results are printed, on standard output
    #[arg(long, value_enum, default_value_t = TestFormat::Human)]
    pub(crate) format: TestFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// In words: what fails, and how many pass
    Human,
    /// One JSON object a line for each test
    Json,
    /// XML as `JUnit` has it
    Junit,
    /// Annotations of a workflow on GitHub
    Github,
}

#[derive(Debug, Args)]
#[command(after_help = "\
There is one style and nothing to choose. A broken sentence is reported and left
as it is, while the rest of its file is formatted. A file changes as a whole or
not at all.

Examples:
  relata fmt *.schema
  relata fmt --check *.schema     for CI: shows what would change, and fails if
                                  something would
  relata fmt - < shop.schema      to standard output")]
pub(crate) struct FmtArgs {
    /// Change nothing; show what would change, and fail if something would
    #[arg(long)]
    pub(crate) check: bool,
    /// The scripts; `-` is standard input, whose formatted text is written to standard output
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A sentence runs as soon as its line is complete; while a bracket is open, the
next line belongs to it. What was declared stays; an input with a mistake is
reported and leaves no trace. Tab completes, Ctrl-R searches the history, Ctrl-C
stops a sentence that runs or clears the line, Ctrl-D leaves. Lines that begin
with a dot are for the REPL itself: `.help` lists them.

On a pipe there is no prompt, and the exit code is 1 where something failed.

Examples:
  relata repl                                in memory
  relata repl shop.schema --db shop.db       with what shop.schema declares, on
                                             a file
  echo 'model User {}; sync' | relata repl")]
pub(crate) struct ReplArgs {
    /// Scripts to begin with, which count as one: they run first
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// The database: a path, or sqlite:PATH; in memory if not given
    #[arg(long, value_name = "URL")]
    pub(crate) db: Option<String>,
    /// Neither read nor keep the history of what was typed
    #[arg(long)]
    pub(crate) no_history: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Editors start it: docs/editors.md says how, for each of them. It speaks the
Language Server Protocol, reads the scripts of the folders that the editor has
open, and writes nothing to disk.

Examples:
  relata lsp
  relata lsp --log /tmp/relata.log")]
pub(crate) struct LspArgs {
    /// Standard input and output, as clients ask for it; there is nothing else
    #[arg(long)]
    pub(crate) stdio: bool,
    /// Write to this file what would go to standard error
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  relata explain E0202
  relata explain hasMany
  relata explain            all codes and verbs")]
pub(crate) struct ExplainArgs {
    /// A code, such as E0202, or a verb, such as hasMany; all of them are listed if none is given
    #[arg(value_name = "CODE|VERB")]
    pub(crate) topic: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct HelpArgs {
    /// A command, a verb or a code; the commands if none is given
    #[arg(value_name = "COMMAND|VERB|CODE")]
    pub(crate) topic: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  relata init                            an example to change, in models.schema
  relata init shop.schema --from-db shop.db     what a database has, as `relata
                                                pull` writes it
  relata init shop.schema --from-prisma schema.prisma
                                         the models of Prisma's schema, as
                                         `relata import` writes them")]
pub(crate) struct InitArgs {
    /// The script to write; it must not be there yet
    #[arg(value_name = "FILE", default_value = "models.schema")]
    pub(crate) file: String,
    /// Declare what is in this database: a path, or sqlite:PATH
    #[arg(long, value_name = "URL", conflicts_with = "from_prisma")]
    pub(crate) from_db: Option<String>,
    /// Declare the models of this schema of Prisma's
    #[arg(long, value_name = "SCHEMA")]
    pub(crate) from_prisma: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  relata completions bash > ~/.local/share/bash-completion/completions/relata
  relata completions zsh > ~/.zfunc/_relata
  relata completions fish > ~/.config/fish/completions/relata.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_examples_of_help_fit_eighty_columns() {
        for command in Cli::command().get_subcommands().chain([&Cli::command()]) {
            let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in text.lines() {
                assert!(line.chars().count() <= 80, "{}: {line}", command.get_name());
            }
        }
    }
}
