//! `relata diff`: what `apply` would change.

use crate::cli::{DiffArgs, DiffFormat};
use crate::database::{self, DatabaseLocation, Unusable};
use crate::interrupt;
use crate::output::{Exit, Output};
use crate::scripts::{self, CheckedScripts};
use relata::db::{Database, Sqlite};
use relata::diagnostics::{Losses, Problem, RunProblem};
use relata::ir::{AlterOptions, Existing, ExtraColumns, Step, StepKind};
use relata::migrate::{self, Change};
use relata::report;
use relata::run::{self, Environment, Host, Options};
use relata::source::{Sources, Span};
use relata::sql::Dialect;
use relata::verbs::TableVerb;
use serde_json::json;

pub(crate) fn run(arguments: &DiffArgs, output: &mut Output) -> Exit {
    let new = match (&arguments.db, arguments.files.as_slice()) {
        (Some(_), files) => files,
        (None, [_, new]) => std::slice::from_ref(new),
        (None, _) => {
            let help = "name a database with --db, or two scripts: the old one and the new one";
            return output.usage("there is nothing to compare with", Some(help));
        }
    };
    let place = match arguments.db.as_deref().map(database::place).transpose() {
        Ok(place) => place,
        Err(Unusable { message, help }) => return output.usage(&message, Some(&help)),
    };
    let dialect = place.as_ref().map_or(Dialect::SQLITE, DatabaseLocation::dialect);
    let mut scripts = match read(new, dialect, output) {
        Ok(scripts) => scripts,
        Err(exit) => return exit,
    };
    let opened = match (&place, arguments.files.first()) {
        (Some(place), _) => database::read_only(place),
        (None, Some(old)) => match compile_script(old, output) {
            Ok(made) => made.map(|it| Box::new(it) as Box<dyn Database>),
            Err(exit) => return exit,
        },
        (None, None) => return Exit::Usage,
    };
    let mut problems = std::mem::take(&mut scripts.checked.problems);
    let found = opened.and_then(|mut database| {
        interrupt::stops(&database);
        let found = changes(arguments, &mut scripts, &mut *database, &mut problems);
        let sql = |changes: Vec<Change>| {
            let sql = migrate::script(&changes, &mut *database)?;
            Ok((changes, sql))
        };
        found.and_then(sql)
    });
    let exit = match found {
        Ok((changes, sql)) => {
            match arguments.format {
                DiffFormat::Human => tell(&changes, output),
                // For people it is laid out; what is run is what `apply` would run, to the letter.
                DiffFormat::Sql if output.result_width().is_some() => {
                    for line in sql.lines() {
                        output.statement(line);
                        output.line("");
                    }
                }
                DiffFormat::Sql => output.exact(&sql),
                DiffFormat::Json => {
                    for it in &changes {
                        output.json(&line(it, &scripts.sources));
                    }
                    if !changes.is_empty() {
                        output.json(&summary_line(&changes));
                    }
                }
            }
            let refused = changes.iter().flat_map(|it| it.refused.iter().cloned());
            problems.extend(refused.map(|it| Problem::from(RunProblem::from(it))));
            if changes.is_empty() { Exit::Done } else { Exit::Script }
        }
        Err(problem) => {
            problems.push(problem.into());
            Exit::of(&problems)
        }
    };
    output.problems(&scripts.sources, &problems);
    if exit == Exit::Done && arguments.format == DiffFormat::Human {
        output.say("nothing differs");
    }
    exit
}

/// Scripts without errors; an error is a mistake in the arguments, since exit code 1 says that something differs.
fn read(
    paths: &[String],
    dialect: &'static Dialect,
    output: &mut Output,
) -> Result<CheckedScripts, Exit> {
    let scripts = scripts::read(paths, dialect, output)?;
    if scripts.checked.has_errors() {
        output.problems(&scripts.sources, &scripts.checked.problems);
        return Err(Exit::of(&scripts.checked.problems).worse(Exit::Usage));
    }
    Ok(scripts)
}

/// What a script declares, as a database without rows.
fn compile_script(path: &str, output: &mut Output) -> Result<Result<Sqlite, RunProblem>, Exit> {
    let mut scripts = read(&[path.to_owned()], Dialect::SQLITE, output)?;
    let sync = Step {
        span: Span::default(),
        verb: TableVerb::Sync.name().into(),
        kind: StepKind::Sync { model: None, existing: Existing::Leave },
    };
    let mut host = Host {
        schema: &scripts.checked.schema,
        sources: &scripts.sources,
        files: &mut scripts.loader,
        environment: &mut Environment::default(),
    };
    let database = database::open(&DatabaseLocation::Memory).and_then(|mut it| {
        let options = Options::default();
        run::run(&[sync], &mut host, &mut it, options, &mut Vec::new())?;
        Ok(it)
    });
    if let Err(problem) = &database {
        output.problems(&scripts.sources, &[problem.clone().into()]);
        return Err(Exit::Usage);
    }
    Ok(database)
}

fn changes(
    arguments: &DiffArgs,
    scripts: &mut CheckedScripts,
    database: &mut dyn Database,
    warnings: &mut Vec<Problem>,
) -> Result<Vec<Change>, RunProblem> {
    let alter = AlterOptions {
        allow: Losses::of(arguments.allow.iter().copied()),
        extra: ExtraColumns::kept(arguments.keep),
        online: false,
    };
    let declared = (&scripts.checked.schema, &scripts.sources);
    run::diff(declared, &mut scripts.loader, database, alter, None, warnings)
}

/// A plan, and what it comes to.
pub(crate) fn tell(changes: &[Change], output: &mut Output) {
    for (sign, line) in migrate::draw(changes) {
        output.plan(sign, &line);
    }
    if let Some(summary) = summary(changes) {
        output.line("");
        output.line(&summary);
    }
}

/// What a plan comes to, for people: `1 table to add, 2 columns to drop; 1 change is refused`. Nothing where it changes nothing.
fn summary(changes: &[Change]) -> Option<String> {
    let counts: Vec<String> = migrate::summary(changes).iter().map(ToString::to_string).collect();
    let refused = match changes.iter().filter(|it| !it.refused.is_empty()).count() {
        0 => None,
        1 => Some("1 change is refused".to_owned()),
        number => Some(format!("{number} changes are refused")),
    };
    let done = (!counts.is_empty()).then(|| counts.join(", "));
    let all: Vec<String> = done.into_iter().chain(refused).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// The same for programs.
fn summary_line(changes: &[Change]) -> String {
    let counts = migrate::summary(changes);
    let counts = counts
        .iter()
        .map(|it| json!({ "action": it.action.word(), "what": it.part.word(), "count": it.count }));
    let refused = changes.iter().filter(|it| !it.refused.is_empty()).count();
    json!({ "summary": counts.collect::<Vec<_>>(), "refused": refused }).to_string()
}

fn line(change: &Change, sources: &Sources) -> String {
    let refused = change.refused.iter().map(|hazard| {
        let report = report::reports(sources, &[RunProblem::from(hazard.clone()).into()]);
        let first = report.into_iter().next();
        json!({
            "code": first.as_ref().map(|it| it.code),
            "message": first.as_ref().map(|it| it.message.clone()),
            "help": first.and_then(|it| it.help),
        })
    });
    let mut res = json!({
        "object": change.object.as_str(),
        "way": change.way.word(),
        "rows": change.rows,
        "sign": change.sign().word(),
        "what": change.what.iter().map(|it| &it.text).collect::<Vec<_>>(),
        "signs": change.what.iter().map(|it| it.sign.word()).collect::<Vec<_>>(),
        "sql": change.statements().collect::<Vec<_>>(),
        "refused": refused.collect::<Vec<_>>(),
    });
    if let (Some(cost), Some(fields)) = (change.cost, res.as_object_mut()) {
        fields.insert("work".to_owned(), json!(cost.work.word()));
        fields.insert("waits".to_owned(), json!(cost.waits.words()));
    }
    res.to_string()
}
