//! Where the harness calls the library, and nowhere else.

use crate::page::Asked;
use relata::catalog::Object;
use relata::check;
use relata::db::{Database, Sqlite, Structure};
use relata::diagnostics::{Edit, Losses, Problem, RunProblem};
use relata::ide::{self, Declarations, Project};
use relata::load::{Input, Library, LoadError, Loader, MapLoader};
use relata::migrate;
use relata::plan;
use relata::pull;
use relata::report::{Style, draw, fixed};
use relata::run::{Limits, Options, Outcome, Sink, Yield};
use relata::session;
use relata::source::{Lines, Source, Sources, Span, Unit};
use relata::sql::Dialect;
use relata::stored::tokens;
use relata::syntax;
use relata::value::Value;
use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Why something couldn't be asked of the library at all.
pub type Result<T> = std::result::Result<T, String>;

/// What was found wrong with a script.
#[derive(Debug, Default)]
pub struct Found {
    /// The codes, in order, those of warnings too.
    pub codes: Vec<&'static str>,
    /// What they say.
    pub messages: Vec<String>,
    /// The script with the corrections made that its problems hold, if it is another then; and what those say.
    pub fixed: Option<(String, Vec<String>)>,
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
pub struct Ran {
    /// What the checks and the database found wrong.
    pub found: Found,
    /// What `relata run --format json` prints: an object a line. Beside what sentences about rows yield, statements
    /// are left out.
    pub json: String,
    /// What sentences about rows yield, one by one.
    pub results: Vec<String>,
}

/// A database in memory, and what the scripts so far said about it.
pub struct Session {
    sources: Sources,
    /// The scripts that were checked and have no errors.
    library: Library,
    /// Those that may be imported.
    files: Files,
    host: session::Session<Sqlite>,
}

impl Session {
    /// Nothing said, nothing there.
    pub fn new() -> Result<Self> {
        let database = Sqlite::in_memory().map_err(|it| it.to_string())?;
        let files = Files::default();
        Ok(Self {
            sources: Sources::default(),
            library: Library::default(),
            host: session::Session::new(database).with_options(OPTIONS).with_loader(files.clone()),
            files,
        })
    }

    /// A script that others may import.
    pub fn file(&mut self, name: &str, script: &str) {
        self.files.given().insert(name, script);
    }

    /// What is wrong with a script, given those before. One without errors is kept for those behind it.
    pub fn check(&mut self, name: &str, script: &str) -> Found {
        let mark = self.library.mark();
        let found = self.found_in(Dialect::SQLITE, name, script);
        if found.has_errors {
            self.library.forget(mark);
        }
        found
    }

    /// The same in another dialect; nothing is kept.
    pub fn check_in(&mut self, dialect: &str, name: &str, script: &str) -> Found {
        let mark = self.library.mark();
        let found = self.found_in(Dialect::named(dialect).unwrap(), name, script);
        self.library.forget(mark);
        found
    }

    fn found_in(&mut self, dialect: &'static Dialect, name: &str, script: &str) -> Found {
        let last = self.sources.iter().last();
        let base = last.map_or(0, |it| it.span(0..it.text.len()).end);
        let input = Input::Text { name, text: script };
        let mut problems = self.library.add(&mut self.sources, &mut self.files, input);
        let checked = session::check(self.library.bundle(), &self.sources, dialect);
        // What was wrong with the scripts before has been told.
        let is_new = |it: &Problem| it.span().is_none_or(|it| it.start >= base);
        problems.extend(checked.problems.into_iter().filter(is_new));
        let mut found = found(&self.sources, &problems);
        let fixed = fixed(&self.sources, &problems);
        if let Some(own) = fixed.into_iter().find(|it| &*it.source.name == name) {
            let is_own = |it: &&Problem| {
                it.fix().is_some_and(|it| it.edits.iter().all(|it| own.edits.contains(&it)))
            };
            let corrected = problems.iter().filter(is_own).map(ToString::to_string).collect();
            found.fixed = Some((own.text, corrected));
        }
        found
    }

    /// The text that comes of a script's corrections, where it has one of the problems still.
    pub fn not_fixed(&mut self, found: &Found) -> Option<String> {
        let (text, corrected) = found.fixed.as_ref()?;
        let mark = self.library.mark();
        let again = self.check("fixed.schema", text);
        self.library.forget(mark);
        let count = |list: &[String], one| list.iter().filter(|it| *it == one).count();
        let is_left =
            |it| count(&again.messages, it) + count(corrected, it) > count(&found.messages, it);
        corrected.iter().any(is_left).then(|| format!("{text}\n{}", again.report))
    }

    /// Runs the script that was checked last and has no errors; what the database refuses is among the problems.
    pub fn run(&mut self, name: &str, script: &str) -> Ran {
        let mut told = Told::default();
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
        Ran { found, json: json.join("\n"), results }
    }

    /// The DDL of all that the scripts so far declare, that which was checked last included.
    pub fn sql(&mut self, dialect: &str) -> Result<String> {
        let dialect = Dialect::named(dialect).ok_or("there is no such dialect")?;
        let schema = session::check(self.library.bundle(), &self.sources, dialect).schema;
        let statements = plan::create(&schema, dialect);
        Ok(plan::script(&schema, dialect, &statements))
    }

    /// The database as a script. The script has no problems, nor has it on this database; on an empty one it makes the same.
    pub fn pulled(&mut self) -> Result<String> {
        const NAME: &str = "pulled.schema";
        let objects = self.objects()?;
        let script = pull::script(&objects);
        let (mut same, mut copy) = (Session::new()?, Session::new()?);
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
            match pull::merge(objects, NAME, &mut loader) {
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

    /// The script of that name, brought up to date with the database; or why it can't be.
    pub fn merged(&mut self, name: &str) -> Result<String> {
        let objects = self.objects()?;
        let (sources, merged) = pull::merge(&objects, name, &mut self.files);
        let text = match merged {
            Ok(Some(text)) => text,
            Ok(None) => {
                let text = self.files.read(name).map_err(|it| it.to_string())?;
                return String::from_utf8(text).map_err(|it| it.to_string());
            }
            Err(problems) => return Ok(draw(&sources, &problems, Style::default())),
        };
        self.file(name, &text);
        match pull::merge(&objects, name, &mut self.files) {
            (_, Ok(None)) => Ok(text),
            (_, other) => Err(format!("it is not up to date then: {other:?}\n{text}")),
        }
    }

    /// How the database differs from what the scripts and this one declare: an object with how it changes, and what of it.
    pub fn diff(&mut self, name: &str, script: &str) -> Result<String> {
        let mark = self.library.mark();
        let input = Input::Text { name, text: script };
        let mut problems = self.library.add(&mut self.sources, &mut self.files, input);
        let checked = session::check(self.library.bundle(), &self.sources, Dialect::SQLITE);
        self.library.forget(mark);
        problems.extend(checked.problems);
        if problems.iter().any(|it| !it.is_warning()) {
            return Ok(draw(&self.sources, &problems, Style::default()));
        }
        let sources = &self.sources;
        let database = self.host.database();
        let (none, now) = ((Losses::NONE, false), OPTIONS.now);
        let changes = migrate::diff(&checked.schema, sources, database, none, now, &mut problems);
        let mut text = String::new();
        let changes = changes.map_err(|it| it.to_string())?;
        for (_, line) in migrate::draw(&changes) {
            let _ = writeln!(text, "{line}");
        }
        let refused = changes.into_iter().flat_map(|it| it.refused);
        problems.extend(refused.map(|it| Problem::from(RunProblem::from(it))));
        if text.is_empty() {
            text.push_str("nothing differs\n");
        }
        if !problems.is_empty() {
            let _ = write!(text, "\n{}", draw(sources, &problems, Style::default()));
        }
        Ok(text)
    }

    /// What is undone of the last change, or why it isn't.
    pub fn rolled_back(&mut self) -> String {
        let undone = migrate::rollback(self.host.database(), Losses::NONE, OPTIONS.now);
        match undone {
            Ok(None) => "there is nothing to roll back\n".to_owned(),
            Ok(Some(undone)) => {
                let lines = undone.sql.iter().map(|it| format!("{it};\n"));
                lines.chain([format!("-- migration {}\n", undone.migration.id)]).collect()
            }
            Err(problem) => draw(&self.sources, &[problem.into()], Style::default()),
        }
    }

    /// What was done, a line for each migration.
    pub fn history(&mut self) -> Result<String> {
        let all = migrate::history(self.host.database()).map_err(|it| it.to_string())?;
        let line = |it: &migrate::Migration| {
            let state = if it.rolled_back_at.is_some() { "rolled back" } else { "applied" };
            format!("{} {}, {state}, {} statements\n", it.id, it.verb, it.sql.len())
        };
        Ok(all.iter().map(line).collect())
    }

    /// What may stand at the end of a text, given what the scripts declare.
    pub fn complete(&self, text: &str) -> String {
        let schema = session::check(self.library.bundle(), &self.sources, Dialect::SQLITE).schema;
        let known = Declarations { schema: &schema, variables: &[] };
        let found = ide::complete(text, text.len(), known);
        let items = found.items.iter().map(|it| format!("{}  {}", it.text, it.detail));
        let lines = found.hint.map(str::to_owned).into_iter().chain(items);
        let lines: Vec<String> = lines.map(|it| it.trim_end().to_owned()).collect();
        lines.join("\n")
    }

    /// What is known of the name at `$0` of a script, given those before; nothing of it is kept.
    pub fn asked(&mut self, name: &str, script: &str, asked: &Asked) -> Result<String> {
        let mark = self.library.mark();
        let answer = self.asked_of(name, script, asked);
        self.library.forget(mark);
        answer
    }

    fn asked_of(&mut self, name: &str, script: &str, asked: &Asked) -> Result<String> {
        let (before, behind) = script.split_once("$0").ok_or("there is no `$0` in the script")?;
        let text = format!("{before}{behind}");
        let input = Input::Text { name, text: &text };
        let problems = self.library.add(&mut self.sources, &mut self.files, input);
        let (sources, bundle) = (&self.sources, self.library.bundle());
        let own = sources.iter().filter(|it| &*it.name == name).last();
        let own = own.ok_or("there is no such script")?;
        let checked = check::check_noting(bundle, sources);
        if !problems.is_empty() || checked.has_errors() {
            let problems = [problems, checked.problems].concat();
            return Err(draw(sources, &problems, Style::default()));
        }
        let project = Project { sources, bundle, checked: &checked };
        let position = own.span(before.len()..before.len()).start;
        Ok(match asked {
            Asked::Definition => match ide::definition(project, position) {
                Some(at) => place(sources, at),
                None => "nothing\n".to_owned(),
            },
            Asked::References => {
                let found = ide::references(project, position);
                found.into_iter().map(|it| place(sources, it)).collect()
            }
            Asked::Rename(new) => match ide::rename(project, position, new) {
                Ok(edits) => renamed(sources, &edits),
                Err(why) => format!("{why}\n"),
            },
        })
    }

    fn objects(&mut self) -> Result<Vec<Object>> {
        self.host.database().objects().map_err(|it| it.to_string())
    }

    /// Runs one statement of SQL as it is.
    pub fn execute(&mut self, sql: &str) -> Result<()> {
        let database = self.host.database();
        let res = match tokens(sql).first() {
            // What the database makes of it is what any other program would have made.
            Some(it) if it.is("create") => database.create(sql),
            _ => database.execute(sql, &[]).map(|_| ()),
        };
        res.map_err(|it| it.to_string())
    }

    /// The rows of a query, every value as text.
    pub fn query(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        let mut rows = Vec::new();
        let mut each = |row: &[Value]| {
            rows.push(row.iter().map(text).collect());
            ControlFlow::Continue(())
        };
        let res = self.host.database().query(sql, &[], &mut each);
        res.map_err(|it| it.to_string())?;
        Ok(rows)
    }
}

/// A place: where it is, what it covers, and its line.
fn place(sources: &Sources, at: Span) -> String {
    let source = sources.at(at.start).unwrap();
    let lines = Lines::new(source);
    let (line, column) = lines.line_column(at.start, Unit::Utf32);
    let whole = source.text.get(lines.range(line - 1)).unwrap_or_default().trim();
    let what = source.slice(at).lines().next().unwrap_or_default();
    format!("{}:{line}:{column} `{what}` in {whole}\n", source.name)
}

/// The lines that are other ones, with their numbers.
fn renamed(sources: &Sources, edits: &[Edit]) -> String {
    let mut res = String::new();
    for source in sources.iter() {
        let mut text = source.text.to_string();
        let own = edits.iter().filter(|it| sources.at(it.at.start).unwrap().id == source.id);
        for it in own.rev() {
            text.replace_range(source.range(it.at), &it.text);
        }
        for (line, (new, old)) in (1..).zip(text.lines().zip(source.text.lines())) {
            if new != old {
                writeln!(res, "{}:{line} {}", source.name, new.trim()).unwrap();
            }
        }
    }
    res
}

fn found(sources: &Sources, problems: &[Problem]) -> Found {
    Found {
        codes: problems.iter().map(Problem::code).collect(),
        messages: problems.iter().map(ToString::to_string).collect(),
        fixed: None,
        has_errors: problems.iter().any(|it| !it.is_warning()),
        report: draw(sources, problems, Style::default()),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(it) => Some(u8::from(*it).to_string()),
        Value::Integer(it) => Some(it.to_string()),
        Value::Float(it) => Some(it.to_string()),
        Value::Text(it) | Value::Decimal(it) | Value::Date(it) | Value::Json(it) => {
            Some(it.to_string())
        }
        Value::Blob(it) => Some(String::from_utf8_lossy(it).into_owned()),
    }
}

/// What a page may import: the files that it gives, and the scripts of examples/.
#[derive(Clone, Default)]
struct Files {
    given: Arc<Mutex<MapLoader>>,
}

impl Files {
    fn given(&self) -> MutexGuard<'_, MapLoader> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Loader for Files {
    fn resolve(
        &mut self,
        from: Option<&str>,
        path: &str,
    ) -> std::result::Result<String, LoadError> {
        let given = self.given().resolve(from, path);
        given.or_else(|error| {
            let folder = from.and_then(|it| Path::new(it).parent());
            let path = folder.unwrap_or(Path::new("")).join(path);
            let is_there = examples().join(&path).is_file();
            is_there.then(|| path.display().to_string()).ok_or(error)
        })
    }

    fn read(&mut self, name: &str) -> std::result::Result<Vec<u8>, LoadError> {
        self.given()
            .read(name)
            .or_else(|error| std::fs::read(examples().join(name)).map_err(|_| error))
    }
}

fn examples() -> PathBuf {
    crate::root().join("examples")
}

/// What a run told.
#[derive(Default)]
struct Told {
    outcomes: Vec<Outcome>,
    problems: Vec<Problem>,
}

impl Sink for Told {
    fn outcome(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
    }

    fn warning(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

/// A script as the formatter writes it.
pub fn format(script: &str) -> Result<String> {
    let mut sources = Sources::default();
    let id = sources.add("", script).map_err(|it| it.to_string())?;
    let source: &Source = sources.get(id);
    Ok(syntax::format(source, &syntax::parse(source)))
}

/// What a script says, without its places: two scripts that say the same have the same text here.
pub fn meaning(script: &str) -> Result<String> {
    let mut sources = Sources::default();
    let id = sources.add("", script).map_err(|it| it.to_string())?;
    let source: &Source = sources.get(id);
    let script = syntax::parse(source).script;
    let comments = script.comments.iter().map(|it| source.slice(it.span));
    let broken = script.broken.iter().map(|it| source.slice(*it));
    let texts: Vec<&str> = comments.chain(broken).collect();
    Ok(without_spans(&format!("{:#?}\n{texts:#?}", script.sentences)))
}

/// The `Debug` text of a tree without its `Span { .. }`s.
fn without_spans(debug: &str) -> String {
    let mut res = String::with_capacity(debug.len());
    let mut rest = debug;
    while let Some((before, after)) = rest.split_once("Span {") {
        let _ = write!(res, "{before}_");
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    res + rest
}

/// The tests of this file.
pub const TESTS: crate::Tests = &[
    ("a meaning has no places", no_places),
    ("a script goes on where the one before ended", two_scripts),
];

fn no_places() {
    let debug = "Word { span: Span { start: 3, end: 4 }, text: \"a\", at: Span {\n start: 1,\n end: 2,\n} }";
    assert_eq!(without_spans(debug), "Word { span: _, text: \"a\", at: _ }");
    let spaced = meaning("  model  User {\n\n name: STRING }\n").unwrap();
    assert_eq!(spaced, meaning("model User { name: STRING }").unwrap());
    assert_ne!(spaced, meaning("model User { name: TEXT }").unwrap());
}

fn two_scripts() {
    let mut session = Session::new().unwrap();
    for script in ["model User { name: STRING }\n", "model Post {}\nUser hasMany Post\n"] {
        let found = session.check("a", script);
        assert!(!found.has_errors, "{}", found.report);
    }
    let found = session.check("a", "User hasMany Pots\n");
    assert!(found.has_errors);
    session.execute("CREATE TABLE a (b INTEGER)").unwrap();
    let tables = crate::tables::read(&mut |sql| session.query(sql)).unwrap();
    assert_eq!(crate::tables::dump(&tables), "a\n  b  INTEGER\n");
}

/// Whether a report says nothing but that a database's dates are others than Relata's: that is true of what is pulled.
fn tells_of_dates(report: &str) -> bool {
    let kinds = report.lines();
    let mut kinds = kinds.filter(|it| it.starts_with("Error: ") || it.starts_with("Warning: "));
    kinds.all(|it| it == "Warning: W0017")
}
