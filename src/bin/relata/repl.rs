//! `relata repl`: sentences, one after the other, on one database.
//!
//! Invariant: no input ends it but `.quit` and the end of the input.

mod changes;
mod dots;
mod editor;
mod history;
mod pipe;
mod save;
mod schema;

use crate::cli::ReplArgs;
use crate::database::{self, Unusable};
use crate::files::{FileLoader, STDIN};
use crate::formats::{Printing, RunFormat};
use crate::interrupt;
use crate::output::{Exit, Output};
use crate::printer::ResultPrinter;
use relata::check::KnownVariable;
use relata::db::Database;
use relata::diagnostics::{CheckProblem, Problem};
use relata::ide::{self, Variable};
use relata::load::{Input, LoadError, Loader};
use relata::run::{Files, Options};
use relata::session::{Error, Session};
use relata::source::Sources;
use relata::syntax;
use relata::value::Value;
use std::io::{self, IsTerminal, Read};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

pub(crate) fn run(arguments: &ReplArgs, output: &mut Output) -> Exit {
    let place = match database::location_or_default(arguments.db.as_deref()) {
        Ok(place) => place,
        Err(Unusable { message, help }) => return output.usage(&message, Some(&help)),
    };
    if arguments.files.iter().any(|it| it == STDIN.0) {
        let help = "what is on standard input is read sentence by sentence, without `-`";
        return output.usage("`-` is no script here", Some(help));
    }
    let database = match database::connect(&place) {
        Ok(database) => database,
        Err(problem) => {
            let problems = [problem.into()];
            output.problems(&Sources::default(), &problems);
            return Exit::of(&problems);
        }
    };
    let watched = io::stdin().is_terminal() && io::stdout().is_terminal();
    let mut state = ReplState::new(database, watched);
    if watched {
        interrupt::wait_for_input();
    }
    let mut exit = state.begin(&arguments.files, output);
    if exit > Exit::Script {
        return exit;
    }
    if watched {
        // Whoever sits there has seen what failed.
        return editor::run(&mut state, arguments, output);
    }
    exit = exit.worse(pipe::run(&mut state, output));
    exit
}

/// What inputs leave behind.
struct ReplState {
    session: Session<Box<dyn Database>>,
    /// How many inputs there were.
    inputs: usize,
    options: Options,
    format: RunFormat,
    printing: Printing,
    /// Whether someone sits there.
    watched: bool,
    /// Whether statements are shown as they run.
    shows_statements: bool,
    /// The statements of the last input that read or wrote rows.
    statements: Vec<(String, Vec<Value>)>,
    /// Whether it is told how long each input took.
    timing: bool,
}

impl ReplState {
    fn new(database: Box<dyn Database>, watched: bool) -> Self {
        let files = Shared(Arc::new(Mutex::new(FileLoader::new(true))));
        Self {
            session: Session::new(database).with_loader(files.clone()).with_files(files),
            inputs: 0,
            options: Options { explain: true, ..Options::default() },
            format: RunFormat::Table,
            printing: Printing::default(),
            watched,
            shows_statements: false,
            statements: Vec::new(),
            timing: false,
        }
    }

    /// Runs the scripts that were named.
    fn begin(&mut self, files: &[String], output: &mut Output) -> Exit {
        if files.is_empty() {
            return Exit::Done;
        }
        let inputs: Vec<Input<'_>> = files.iter().map(|it| Input::Path(it)).collect();
        self.run_all(&inputs, output)
    }

    /// An input: a line that begins with a dot, or sentences.
    fn input(&mut self, text: &str, output: &mut Output) -> (Exit, ControlFlow<()>) {
        let line = text.trim();
        if line.is_empty() {
            return (Exit::Done, ControlFlow::Continue(()));
        }
        if let Some(command) = dots::command(line) {
            return dots::run(self, &command, output);
        }
        let began = Instant::now();
        let name = self.name();
        let (exit, problems) = self.try_all(&[Input::Text { name: &name, text }], output);
        let value = if problems.is_empty() { None } else { self.value_of(&name, line) };
        let exit = exit.worse(match value {
            Some(text) => self.run_all(&[Input::Text { name: &name, text: &text }], output),
            None if problems.is_empty() => Exit::Done,
            None => {
                // The text that is reported is the one that was checked last.
                let begins = line.split(|it: char| !it.is_alphanumeric() && it != '_').next();
                let is_variable =
                    self.session.known_variables().any(|it| Some(&*it.name) == begins);
                let value = format!("print {line}");
                let text = if is_variable && !line.contains(' ') { &value } else { text };
                let problems = self.session.check(&name, text);
                let exit = self.refuse(&problems, output);
                if let Some(dot) = dots::without_dot(line) {
                    output.say(&format!("`{dot}`, with a dot, is a command of the prompt"));
                }
                exit
            }
        });
        if self.timing {
            output.say(&format!("{:.1} ms", began.elapsed().as_secs_f64() * 1_000.0));
        }
        (exit, ControlFlow::Continue(()))
    }

    /// The sentence that prints what an input stands for that is no sentence: a variable, a path, an expression.
    fn value_of(&mut self, name: &str, line: &str) -> Option<String> {
        let line = line.trim_end_matches(';');
        if assigns(line) {
            return None;
        }
        let texts = [format!("print {line}"), format!("print ({line})")];
        texts.into_iter().find(|text| {
            // Else a comment would take the bracket into it.
            let one = !line.contains("//") && !line.contains('\n');
            one && self.session.check(name, text).iter().all(Problem::is_warning)
        })
    }

    /// What the next input is called.
    fn name(&mut self) -> String {
        self.inputs += 1;
        format!("<repl:{}>", self.inputs)
    }

    /// The variables that there are, for completion.
    fn variables(&self) -> Vec<Variable> {
        let known = self.session.known_variables();
        let variable = |it: &KnownVariable| Variable {
            name: it.name.clone(),
            model: it.model().map(Into::into),
        };
        known.map(variable).collect()
    }

    fn run_all(&mut self, inputs: &[Input<'_>], output: &mut Output) -> Exit {
        let (exit, problems) = self.try_all(inputs, output);
        exit.worse(self.refuse(&problems, output))
    }

    /// Shows why inputs weren't accepted.
    fn refuse(&self, problems: &[Problem], output: &mut Output) -> Exit {
        output.problems(self.session.sources(), problems);
        for name in self.taken(problems) {
            output.say(&format!("`.forget {name}` takes the earlier one back"));
        }
        output.flush();
        Exit::of(problems)
    }

    /// Runs inputs, and shows what comes of it; the problems for which they weren't accepted, if they weren't.
    fn try_all(&mut self, inputs: &[Input<'_>], output: &mut Output) -> (Exit, Vec<Problem>) {
        self.show(output, self.printing, |session, printer| session.run_all(inputs, printer))
    }

    /// Does something with the session, and shows what comes of it; the problems for which it wasn't done, if it wasn't.
    fn show(
        &mut self,
        output: &mut Output,
        printing: Printing,
        work: impl FnOnce(&mut Session<Box<dyn Database>>, &mut ResultPrinter<'_>) -> Result<(), Error>,
    ) -> (Exit, Vec<Problem>) {
        self.session.set_options(self.options);
        let printing = Printing { verbose: self.shows_statements, ..printing };
        let printer = ResultPrinter::new(output, self.format, printing, Vec::new());
        let mut printer = printer.remembering(self.shows_statements);
        if self.watched {
            interrupt::stops_sentence(self.session.interrupter());
        } else {
            interrupt::stops(self.session.database());
        }
        let result = work(&mut self.session, &mut printer);
        let pressed = if self.watched { interrupt::wait_for_input() } else { interrupt::rest() };
        let (problems, exit): (Vec<Problem>, Exit) = (printer.problems, printer.exit);
        if !printer.statements.is_empty() {
            self.statements = printer.statements;
        }
        if pressed {
            // What came too late must not stop the next sentence.
            self.session.database().forget_interrupt();
        }
        output.problems(self.session.sources(), &problems);
        output.flush();
        match result {
            // What failed has been told to the printer.
            Ok(()) | Err(Error::Failed(_)) => (exit, Vec::new()),
            Err(error) => (exit, error.problems()),
        }
    }

    /// The names of accepted models that an input wanted to give again.
    fn taken<'p>(&self, problems: &'p [Problem]) -> Vec<&'p str> {
        let names = problems.iter().filter_map(|it| match it {
            Problem::Check(CheckProblem::DeclaredTwice { name, .. }) => Some(name.as_str()),
            _ => None,
        });
        let schema = self.session.schema();
        names.filter(|it| schema.model_named(it).is_some()).collect()
    }
}

/// Whether a line reads as if it gave a variable, or an attribute of one, a value: in brackets it compares.
fn assigns(line: &str) -> bool {
    let is_path = |it: char| it.is_alphanumeric() || it == '_' || it == '.';
    let behind = line.trim_start_matches(is_path);
    let sign = behind.trim_start();
    behind.len() < line.len() && sign.starts_with('=') && !sign.starts_with("==")
}

/// Whether an input is whole, so that it runs.
fn is_complete(text: &str) -> bool {
    if dots::command(text.trim()).is_some() {
        return true;
    }
    let mut sources = Sources::default();
    let Ok(id) = sources.add("<repl>", text) else {
        return true;
    };
    syntax::is_complete(sources.get(id)) && !ide::is_only_comments(text)
}

/// One loader for scripts and for the files that `load` reads.
#[derive(Debug, Clone)]
struct Shared(Arc<Mutex<FileLoader>>);

impl Shared {
    fn files(&self) -> MutexGuard<'_, FileLoader> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Loader for Shared {
    fn resolve(&mut self, from: Option<&str>, path: &str) -> Result<String, LoadError> {
        self.files().resolve(from, path)
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, LoadError> {
        self.files().read(name)
    }
}

impl Files for Shared {
    fn open(&mut self, from: &str, path: &str) -> Result<Box<dyn Read>, String> {
        self.files().open(from, path)
    }
}
