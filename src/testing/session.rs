//! What a page asks of the library: a session, and what comes of scripts in it, as texts.

use super::TestHost;
use super::fixes::fixed_alone;
use super::loader::PageLoader;
use crate::catalog::{Object, ObjectKind, Table};
use crate::check::Checked;
use crate::db::{Database, Sqlite, Structure};
use crate::diagnostics::{Losses, Problem, RunProblem};
use crate::ide::{self, Declarations};
use crate::import::{self, ImportFormat};
use crate::ir::{AlterOptions, ExtraColumns, Schema};
use crate::load::{Input, Library, Loader, MapLoader};
use crate::migrate::{self, Change};
use crate::plan;
use crate::pull;
use crate::report::{Style, draw, fixed};
use crate::run::{self, Limits, NoFiles, Options, Outcome, Sink, Yield};
use crate::session::{self, PulledDatabase, Session, TranslatedDatabase};
use crate::source::Sources;
use crate::sql::Dialect;
use crate::stored::{laid_out, tokens};
use std::fmt::Write as _;
use std::sync::Arc;

/// Why something couldn't be asked of the library at all.
pub type TestAnswer<T> = Result<T, String>;

/// What was found wrong with a script.
#[derive(Debug, Clone, Default)]
pub struct ScriptFindings {
    /// The codes, in order, those of warnings too.
    pub codes: Vec<&'static str>,
    /// What they say.
    pub messages: Vec<String>,
    /// The script with the corrections made that its problems hold, if it is another then; and what those say.
    pub fixed: Option<(String, Vec<String>)>,
    /// The script with each of the corrections made alone, and what its problem says.
    pub fixed_alone: Vec<(String, String)>,
    /// Whether one of them is an error.
    pub has_errors: bool,
    /// The problems as the command line draws them: no colour, no links, a fixed width. Empty where there are none.
    pub report: String,
}

/// How scripts run: to their end, and the same every time. The moment is 2022-01-16T12:00:00Z.
const OPTIONS: Options = Options {
    keep_going: true,
    explain: false,
    now: Some(1_642_334_400_000),
    seed: Some(1),
    limits: Limits { rows: None, time: None, memory: None },
    allow: Losses::NONE,
    no_backup: true,
};

/// What came of a run.
#[derive(Debug, Default)]
pub struct ScriptRun {
    /// What the checks and the database found wrong.
    pub found: ScriptFindings,
    /// What `relata run --format json` prints: an object a line. Beside what sentences about rows yield, statements
    /// are left out.
    pub json: String,
    /// What sentences about rows yield, one by one.
    pub results: Vec<String>,
}

/// A database in memory, and what the scripts so far said about it.
pub struct TestSession {
    pub(super) sources: Sources,
    /// The scripts that were checked and have no errors.
    pub(super) library: Library,
    /// Those that may be imported.
    pub(super) files: PageLoader,
    host: Session<Sqlite>,
}

impl TestSession {
    /// Nothing said, nothing there; scripts may import what the page has, and what the host gives.
    ///
    /// # Errors
    /// Where SQLite has no memory for it.
    pub fn new(host: &TestHost) -> TestAnswer<Self> {
        let database = Sqlite::in_memory().map_err(|it| it.to_string())?;
        let files = PageLoader { given: Arc::default(), others: host.loader() };
        Ok(Self {
            sources: Sources::default(),
            library: Library::default(),
            host: session_on(database, host, &files),
            files,
        })
    }

    /// A script that others may import.
    pub fn file(&mut self, name: &str, script: &str) {
        self.files.given().insert(name, script);
    }

    /// What is wrong with a script, given those before. One without errors is kept for those behind it.
    pub fn check(&mut self, name: &str, script: &str) -> ScriptFindings {
        let mark = self.library.mark();
        let found = self.found_in(Dialect::SQLITE, name, script);
        if found.has_errors {
            self.library.forget(mark);
        }
        found
    }

    /// The same in another dialect; nothing is kept.
    pub fn check_in(
        &mut self,
        dialect: &'static Dialect,
        name: &str,
        script: &str,
    ) -> ScriptFindings {
        let mark = self.library.mark();
        let found = self.found_in(dialect, name, script);
        self.library.forget(mark);
        found
    }

    fn found_in(&mut self, dialect: &'static Dialect, name: &str, script: &str) -> ScriptFindings {
        let last = self.sources.iter().last();
        let base = last.map_or(0, |it| it.span(0..it.text.len()).end);
        let input = Input::Text { name, text: script };
        let mut problems = self.library.add(&mut self.sources, &mut self.files, input);
        let checked = session::check(self.library.bundle(), &self.sources, dialect);
        // What was wrong with the scripts before has been told.
        let is_new = |problem: &Problem| problem.span().is_none_or(|it| it.start >= base);
        problems.extend(checked.problems.into_iter().filter(is_new));
        let mut found = found(&self.sources, &problems);
        let all_fixed = fixed(&self.sources, &problems);
        if let Some(own) = all_fixed.into_iter().find(|it| &*it.source.name == name) {
            let is_own = |problem: &&Problem| {
                let has = |edit| own.edits.contains(&edit);
                problem.fix().is_some_and(|it| it.edits.iter().all(has))
            };
            let corrected = problems.iter().filter(is_own).map(ToString::to_string).collect();
            found.fixed = Some((own.text, corrected));
        }
        found.fixed_alone = fixed_alone(&self.sources, name, &problems);
        found
    }

    /// Runs the script that was checked last and has no errors; what the database refuses is among the problems.
    pub fn run(&mut self, name: &str, script: &str) -> ScriptRun {
        let mut told = RunLog::default();
        if let Err(failure) = self.host.run(name, script, &mut told) {
            told.problems.extend(failure.problems());
        }
        let problems = &told.problems;
        let found = found(self.host.sources(), problems);
        let is_ddl = |it: &&Outcome| matches!(it.result, Yield::Ddl(_));
        let outcomes = told.outcomes.iter();
        let results = outcomes.clone().filter(|it| !is_ddl(it));
        let results: Vec<String> = results.map(Outcome::to_json).collect();
        let json = if results.is_empty() {
            outcomes.map(Outcome::to_json).collect()
        } else {
            results.clone()
        };
        ScriptRun { found, json: json.join("\n"), results }
    }

    /// Runs a script, and forgets what it and those before it declare: the database is as it leaves it.
    ///
    /// # Errors
    /// The report of what is wrong with it, or fails.
    pub fn run_before(&mut self, host: &TestHost, name: &str, script: &str) -> TestAnswer<()> {
        let mut found = self.check(name, script);
        if !found.has_errors {
            found = self.run(name, script).found;
        }
        let fresh = Sqlite::in_memory().map_err(|it| it.to_string())?;
        let old = std::mem::replace(&mut self.host, session_on(fresh, host, &self.files));
        self.host = session_on(old.into_database(), host, &self.files);
        (self.sources, self.library) = (Sources::default(), Library::default());
        if found.has_errors { Err(found.report) } else { Ok(()) }
    }

    /// The DDL of all that the scripts so far declare, that which was checked last included.
    pub fn sql(&mut self, dialect: &'static Dialect) -> String {
        let schema = session::check(self.library.bundle(), &self.sources, dialect).schema;
        let statements = plan::create(&schema, dialect);
        let texts = plan::texts(&schema, dialect, &statements);
        texts.iter().flat_map(|it| [laid_out(it), ";\n".into()]).collect()
    }

    /// The database as a script. The script has no problems, nor has it on this database; on an empty one it makes the same.
    pub fn pulled(&mut self) -> TestAnswer<String> {
        const NAME: &str = "pulled.schema";
        let objects = self.objects()?;
        let pulled = session::pulled(self.host.database(), &objects);
        let PulledDatabase { text: script, rows, .. } = pulled.map_err(|it| it.to_string())?;
        let host = TestHost::default();
        let (mut same, mut copy) = (Self::new(&host)?, Self::new(&host)?);
        for object in &objects {
            // The tables of a virtual table are there with it.
            let made = object.sql.as_ref().map(|it| copy.execute(it));
            drop(made);
        }
        let mut found = String::new();
        for session in [&mut same, &mut copy] {
            let reports =
                [session.check(NAME, &script).report, session.run(NAME, &script).found.report];
            found.extend(reports.into_iter().filter(|it| !tells_of_dates(it)));
        }
        if !found.is_empty() {
            return Err(format!("what is pulled has problems:\n{script}\n{found}"));
        }
        for objects in [&objects, &same.objects()?] {
            let mut loader = MapLoader::from_iter([(NAME, script.as_str())]);
            match pull::merge(objects, &rows, NAME, &mut loader) {
                (_, Ok(None)) => {}
                (_, Ok(Some(other))) => {
                    return Err(format!("what is pulled is another one:\n{script}\n{other}"));
                }
                (sources, Err(problems)) => {
                    let report = draw(&sources, &problems, Style::default());
                    return Err(format!(
                        "what is pulled can't be held against it:\n{script}\n{report}"
                    ));
                }
            }
        }
        Ok(script)
    }

    /// The database as a script for another one, and what is told of it.
    pub fn translated(&mut self, dialect: &str) -> TestAnswer<String> {
        let dialect = Dialect::named(dialect).ok_or("there is no such dialect")?;
        let objects = self.objects()?;
        let found = session::translated(self.host.database(), &objects, dialect);
        let TranslatedDatabase { text, problems } = found.map_err(|it| it.to_string())?;
        Ok(format!("{text}\n{}", draw(&Sources::default(), &problems, Style::default())))
    }

    /// The script of that name, brought up to date with the database; or why it can't be.
    pub fn merged(&mut self, name: &str) -> TestAnswer<String> {
        let objects = self.objects()?;
        let rows = session::shown(self.host.database(), &objects).map_err(|it| it.to_string())?;
        let (sources, merged) = pull::merge(&objects, &rows, name, &mut self.files);
        let text = match merged {
            Ok(Some(text)) => text,
            Ok(None) => {
                let text = self.files.read(name).map_err(|it| it.to_string())?;
                return String::from_utf8(text).map_err(|it| it.to_string());
            }
            Err(problems) => return Ok(draw(&sources, &problems, Style::default())),
        };
        self.file(name, &text);
        match pull::merge(&objects, &rows, name, &mut self.files) {
            (_, Ok(None)) => Ok(text),
            (_, other) => Err(format!("it is not up to date then: {other:?}\n{text}")),
        }
    }

    /// The script that is made of the file of that name, or why none is; it can be imported then. It has no errors, neither when it is checked
    /// nor when it is run.
    pub fn imported(&mut self, name: &str) -> TestAnswer<String> {
        let text = self.files.read(name).map_err(|it| it.to_string())?;
        let text = String::from_utf8(text).map_err(|it| it.to_string())?;
        let format = ImportFormat::of_file(name).ok_or("it isn't known what that file is")?;
        let mut sources = Sources::default();
        let id = sources.add(name, &text).map_err(|it| it.to_string())?;
        let source = sources.get(id);
        let mut database = Sqlite::in_memory().map_err(|it| it.to_string())?;
        let made = match format {
            ImportFormat::Prisma | ImportFormat::Dbml => {
                import::models(source, format, &mut database)
            }
            ImportFormat::Sql => import::sql(source, &mut database),
            ImportFormat::Sequelize => return Err("JSON isn't read by pages".to_owned()),
        };
        let script = match made {
            Ok(made) => made.text,
            Err(problem) => return Ok(draw(&sources, &[*problem], Style::default())),
        };
        let mut empty = Self::new(&TestHost::default())?;
        let mut found = empty.check("imported.schema", &script);
        if !found.has_errors {
            found = empty.run("imported.schema", &script).found;
        }
        if found.has_errors {
            return Err(format!("the script has errors:\n{script}\n{}", found.report));
        }
        let (name, _) = name.rsplit_once('.').unwrap_or((name, ""));
        self.file(&format!("{name}.schema"), &script);
        Ok(script)
    }

    /// How the database differs from what the scripts and this one declare: what `relata diff` says of it.
    ///
    /// # Errors
    /// Where the database can't be compared at all.
    pub fn diff(&mut self, name: &str, script: &str, allow: Losses) -> TestAnswer<String> {
        let (checked, mut problems) = self.checked(name, script);
        if problems.iter().any(|it| !it.is_warning()) {
            return Ok(draw(&self.sources, &problems, Style::default()));
        }
        let changes = self.changes(&checked.schema, allow, &mut problems)?;
        Ok(self.drawn(changes, problems, "nothing differs\n"))
    }

    /// Makes the database what the scripts and this one declare, as `relata apply` does; what it did, in the words of `relata diff`.
    ///
    /// # Errors
    /// Where the database can't be compared at all.
    pub fn apply(&mut self, name: &str, script: &str, allow: Losses) -> TestAnswer<String> {
        let (checked, mut problems) = self.checked(name, script);
        if problems.iter().any(|it| !it.is_warning()) {
            return Ok(draw(&self.sources, &problems, Style::default()));
        }
        let changes = self.changes(&checked.schema, allow, &mut problems)?;
        if changes.iter().all(|it| it.refused.is_empty()) {
            self.check(name, script);
            let applied = self.host.declare(name, script).and_then(|_| {
                self.host.set_options(Options { allow, ..OPTIONS });
                self.host.apply()
            });
            self.host.set_options(OPTIONS);
            if let Err(error) = applied {
                problems.extend(error.problems());
            }
        }
        Ok(self.drawn(changes, problems, "nothing to change\n"))
    }

    /// A script that follows those before, checked; nothing of it is kept.
    fn checked(&mut self, name: &str, script: &str) -> (Checked, Vec<Problem>) {
        let mark = self.library.mark();
        let input = Input::Text { name, text: script };
        let mut problems = self.library.add(&mut self.sources, &mut self.files, input);
        let mut checked = session::check(self.library.bundle(), &self.sources, Dialect::SQLITE);
        self.library.forget(mark);
        problems.append(&mut checked.problems);
        (checked, problems)
    }

    fn changes(
        &mut self,
        schema: &Schema,
        allow: Losses,
        problems: &mut Vec<Problem>,
    ) -> TestAnswer<Vec<Change>> {
        let database = self.host.database();
        let alter = AlterOptions { allow, extra: ExtraColumns::Drop, online: false };
        let scripts = (schema, &self.sources);
        let changes = run::diff(scripts, &mut NoFiles, database, alter, OPTIONS.now, problems);
        changes.map_err(|it| it.to_string())
    }

    fn drawn(&self, changes: Vec<Change>, mut problems: Vec<Problem>, nothing: &str) -> String {
        let mut text = String::new();
        for (_, line) in migrate::draw(&changes) {
            let _ = writeln!(text, "{line}");
        }
        let refused = changes.into_iter().flat_map(|it| it.refused);
        problems.extend(refused.map(|it| Problem::from(RunProblem::from(it))));
        if text.is_empty() {
            text.push_str(nothing);
        }
        if !problems.is_empty() {
            let _ = write!(text, "\n{}", draw(&self.sources, &problems, Style::default()));
        }
        text
    }

    /// What is undone of the last change, or why it isn't.
    pub fn rolled_back(&mut self) -> String {
        let undone = migrate::rollback(self.host.database(), Losses::NONE, OPTIONS.now);
        match undone {
            Ok(None) => "there is nothing to roll back\n".to_owned(),
            Ok(Some(undone)) => {
                let lines = undone.sql.iter().map(|it| format!("{it};\n"));
                let all = std::iter::once(&undone.migration).chain(&undone.with);
                let all: Vec<_> = all.map(|it| it.id.to_string()).collect();
                lines.chain([format!("-- migration {}\n", all.join(", "))]).collect()
            }
            Err(problem) => draw(&self.sources, &[problem.into()], Style::default()),
        }
    }

    /// What was done, as `relata history` says it, but for the times.
    pub fn history(&mut self) -> TestAnswer<String> {
        let all = migrate::history(self.host.database()).map_err(|it| it.to_string())?;
        let line = |it: &migrate::Migration| {
            let state = if it.rolled_back_at.is_some() { "rolled back" } else { "applied" };
            let step = it.step.as_ref().map_or_else(String::new, |name| format!(" \"{name}\""));
            let mut text = format!("{}  {}{step}  {state}\n", it.id, it.verb);
            for (_, change) in migrate::draw_recorded(&it.changes) {
                let _ = writeln!(text, "  {change}");
            }
            text
        };
        Ok(all.iter().map(line).collect::<Vec<_>>().join("\n"))
    }

    /// What may stand at the end of a text, given what the scripts declare.
    pub fn complete(&self, text: &str) -> String {
        let schema = session::check(self.library.bundle(), &self.sources, Dialect::SQLITE).schema;
        let known = Declarations { schema: &schema, variables: &[] };
        let found = ide::complete(text, text.len(), known);
        let items = found.items.iter().map(|it| format!("{}  {}", it.text, it.detail));
        let lines = found.hint.map(String::from).into_iter().chain(items);
        let lines: Vec<String> = lines.map(|it| it.trim_end().to_owned()).collect();
        lines.join("\n")
    }

    /// What the database keeps statements of.
    fn objects(&mut self) -> TestAnswer<Vec<Object>> {
        self.host.database().objects().map_err(|it| it.to_string())
    }

    /// Runs one statement of SQL as it is.
    pub fn execute(&mut self, sql: &str) -> TestAnswer<()> {
        let database = self.host.database();
        let res = match tokens(sql).first() {
            // What the database makes of it is what any other program would have made.
            Some(it) if it.is("create") => database.create(sql),
            _ => database.execute(sql, &[]).map(|_| ()),
        };
        res.map_err(|it| it.to_string())
    }

    /// The database.
    pub fn database(&mut self) -> &mut Sqlite {
        self.host.database()
    }

    /// The tables that are there, in the order in which they were made.
    ///
    /// # Errors
    /// What the database says no with.
    pub fn tables(&mut self) -> TestAnswer<Vec<Table>> {
        let objects = self.objects()?;
        let tables = objects.into_iter().filter(|it| it.kind() == ObjectKind::Table);
        let database = self.host.database();
        let each = tables.map(|table| database.table(&table.name).map_err(|it| it.to_string()));
        each.filter_map(Result::transpose).collect()
    }
}

fn session_on(database: Sqlite, host: &TestHost, files: &PageLoader) -> Session<Sqlite> {
    let session = Session::new(database).with_options(OPTIONS);
    session.with_loader(files.clone()).with_files(host.files())
}

fn found(sources: &Sources, problems: &[Problem]) -> ScriptFindings {
    ScriptFindings {
        codes: problems.iter().map(Problem::code).collect(),
        messages: problems.iter().map(ToString::to_string).collect(),
        fixed: None,
        fixed_alone: Vec::new(),
        has_errors: problems.iter().any(|it| !it.is_warning()),
        report: draw(sources, problems, Style::default()),
    }
}

/// What a run told.
#[derive(Default)]
struct RunLog {
    outcomes: Vec<Outcome>,
    problems: Vec<Problem>,
}

impl Sink for RunLog {
    fn outcome(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
    }

    fn warning(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

/// Whether a report says nothing but that a database's dates are others than Relata's: that is true of what is pulled.
fn tells_of_dates(report: &str) -> bool {
    let kinds = report.lines();
    let mut kinds = kinds.filter(|it| it.starts_with("Error: ") || it.starts_with("Warning: "));
    kinds.all(|it| it == "Warning: W0017")
}
