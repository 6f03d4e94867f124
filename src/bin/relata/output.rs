//! The only place that prints: results to stdout, everything else to stderr.
//!
//! Invariant: nothing that a script, a database or the name of a file holds acts on a terminal: what is for people is made
//! visible here, wherever it goes, and what is for programs where it goes to a terminal.

use crate::page;
use crate::pager::Pager;
use crate::statement::fitted;
use crate::table::hanging;
use relata::diagnostics::{Blame, LoadProblem, Problem, RunProblem};
use relata::migrate::Sign;
use relata::report::{self, Style, visible};
use relata::source::Sources;
use relata::stored::{self, SqlToken, SqlTokenKind, laid_out};
use relata::value::escaped_json;
use relata::words::nearest;
use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, Stderr, Stdout, Write};
use std::time::{Duration, Instant};

/// Standard output for a protocol, which no terminal shows.
pub(crate) fn raw_results() -> Stdout {
    io::stdout()
}

/// Standard error for the notes of a server.
pub(crate) fn raw_log() -> Stderr {
    io::stderr()
}

/// What the process says when it ends. The worse of two is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// The script or the data is at fault.
    Script,
    /// The arguments are.
    Usage,
    /// The database or the machine is.
    Machine,
    /// Ctrl-C.
    Interrupted,
}

impl Exit {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Script => 1,
            Self::Usage => 2,
            Self::Machine => 3,
            Self::Interrupted => 130,
        }
    }

    pub(crate) fn worse(self, other: Self) -> Self {
        self.max(other)
    }

    /// What problems come to.
    pub(crate) fn of(problems: &[Problem]) -> Self {
        let each = problems.iter().filter(|it| !it.is_warning());
        each.map(|it| match it {
            // A run that took too long: nobody has pressed Ctrl-C.
            Problem::Run(RunProblem::TooLong { .. })
            | Problem::Load(LoadProblem::CannotMerge { .. }) => Self::Script,
            Problem::Run(it) => match it.blame() {
                Blame::Script => Self::Script,
                Blame::Machine => Self::Machine,
                Blame::Interrupt => Self::Interrupted,
            },
            // A script that was named among the arguments, and isn't there.
            Problem::Load(_) if it.span().is_none() => Self::Usage,
            _ => Self::Script,
        })
        .max()
        .unwrap_or(Self::Done)
    }
}

/// How often a sentence's progress is shown, and from when on.
const PACE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(1);

/// Standard output and error.
pub(crate) struct Output {
    results: BufWriter<Stdout>,
    messages: Stderr,
    style: Style,
    /// Whether a person looks at the messages.
    watched: bool,
    /// Whether a person looks at the results.
    shown_to_people: bool,
    /// Whether results are the last that stands on the terminal.
    ends_with_results: bool,
    failed: Option<io::Error>,
    began: Instant,
    shown: Option<Instant>,
    /// What shows the rows that are being drawn, where they are many.
    pager: Option<Pager>,
}

impl Output {
    pub(crate) fn new() -> Self {
        let messages = io::stderr();
        let watched = messages.is_terminal();
        let width = if watched {
            terminal_size::terminal_size_of(&messages).map(|(width, _)| usize::from(width.0))
        } else {
            None
        };
        Self {
            results: BufWriter::with_capacity(64 * 1024, io::stdout()),
            shown_to_people: io::stdout().is_terminal(),
            style: Style {
                width: width.unwrap_or(Style::default().width),
                color: watched && colors(),
                ..Style::default()
            },
            ends_with_results: false,
            watched,
            messages,
            failed: None,
            pager: None,
            began: Instant::now(),
            shown: None,
        }
    }

    /// A result for people.
    pub(crate) fn write(&mut self, text: &str) {
        self.put(&visible(text));
    }

    /// A result for people, broken where the terminal is too narrow for it, and a line's end.
    pub(crate) fn line(&mut self, text: &str) {
        let text = self.fitted(text);
        self.write(&text);
        self.put("\n");
    }

    /// A line of a plan, in the colour of its sign.
    pub(crate) fn plan(&mut self, sign: Sign, line: &str) {
        let color = match sign {
            Sign::Add => "\x1b[32m",
            Sign::Change => "\x1b[33m",
            Sign::Drop => "\x1b[31m",
        };
        let line = self.fitted(line);
        self.colored(Some(color), &line);
        self.put("\n");
    }

    /// Lines, broken where the terminal is too narrow for them.
    fn fitted<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.result_width() {
            Some(width) if !text.is_empty() => Cow::Owned(fitted_lines(&visible(text), width)),
            Some(_) | None => Cow::Borrowed(text),
        }
    }

    /// A page of the documentation.
    pub(crate) fn page(&mut self, text: &str) {
        let text = page::shown(text, self.result_width());
        self.drawn(&visible(&text));
        self.all_drawn();
    }

    /// A result for people, in a colour where there are colours: the sequence that begins it.
    pub(crate) fn colored(&mut self, color: Option<&str>, text: &str) {
        let color = color.filter(|_| self.has_colors());
        self.put(color.unwrap_or_default());
        self.write(text);
        self.put(if color.is_some() { "\x1b[0m" } else { "" });
    }

    /// A statement for people: a column of a new table a line, and no line wider than the terminal if it can be broken.
    pub(crate) fn statement(&mut self, sql: &str) {
        match self.result_width() {
            // A semicolon may follow.
            Some(width) => self.sql(&fitted(&visible(sql), width.saturating_sub(1))),
            None => self.sql(&laid_out(sql)),
        }
    }

    /// The same beside the results: one that has run, with a comment behind it.
    pub(crate) fn say_statement(&mut self, sql: &str) {
        if self.watched {
            self.tell(&fitted(&visible(sql), self.style.width));
        } else {
            self.say(sql);
        }
    }

    /// A text of SQL, its keywords in a colour where there are colours: names are in quotes in what Relata writes.
    fn sql(&mut self, text: &str) {
        if !self.has_colors() {
            return self.write(text);
        }
        let mut end = 0;
        let is_upper = |word: &str| !word.contains(|it: char| it.is_ascii_lowercase());
        let is_keyword = |token: &SqlToken| matches!(&token.kind, SqlTokenKind::Word(it) if it.len() > 1 && is_upper(it));
        for token in stored::tokens(text).into_iter().filter(is_keyword) {
            self.write(text.get(end..token.range.start).unwrap_or_default());
            self.colored(Some("\x1b[36m"), text.get(token.range.clone()).unwrap_or_default());
            end = token.range.end;
        }
        self.write(text.get(end..).unwrap_or_default());
    }

    /// A statement that programs read, too; on one line where that is asked for.
    pub(crate) fn exact_sql(&mut self, text: &str, compact: bool) {
        match (self.shown_to_people, compact) {
            (true, true) => self.sql(text),
            (true, false) => self.statement(text),
            (false, true) => self.put(text),
            (false, false) => self.put(&laid_out(text)),
        }
    }

    /// A result that programs read: as it is, but on a terminal.
    pub(crate) fn exact(&mut self, text: &str) {
        if self.shown_to_people {
            self.write(text);
        } else {
            self.put(text);
        }
    }

    /// A line of JSON.
    pub(crate) fn json(&mut self, line: &str) {
        self.put(&escaped_json(line));
        self.put("\n");
    }

    /// How wide the terminal is that results go to; none where they go elsewhere.
    pub(crate) fn result_width(&self) -> Option<usize> {
        let width = || terminal_size::terminal_size_of(io::stdout());
        self.shown_to_people.then(|| width().map_or(80, |(width, _)| usize::from(width.0)))
    }

    /// How wide the terminal is that messages go to; none where they go elsewhere.
    pub(crate) fn message_width(&self) -> Option<usize> {
        self.watched.then_some(self.style.width)
    }

    /// Whether results have colours.
    pub(crate) fn has_colors(&self) -> bool {
        self.shown_to_people && colors()
    }

    /// Rows that are drawn, or a page: what is in them is visible already; they may have colours of their own. What is higher than the
    /// terminal goes through a pager, and so does what follows until [`Output::all_drawn`].
    pub(crate) fn drawn(&mut self, text: &str) {
        if self.pager.is_none() && self.shown_to_people {
            let size = terminal_size::terminal_size_of(io::stdout());
            if size.is_some_and(|(_, height)| text.lines().count() >= usize::from(height.0)) {
                self.flush();
                self.pager = Pager::start();
            }
        }
        match &mut self.pager {
            Some(pager) => pager.write(text),
            None => self.put(text),
        }
    }

    /// Those were all rows of a sentence.
    pub(crate) fn all_drawn(&mut self) {
        if let Some(pager) = self.pager.take() {
            let done = pager.finish();
            self.note(done);
        }
    }

    fn put(&mut self, text: &str) {
        // A result stands on a line of its own.
        self.clear();
        self.ends_with_results |= self.shown_to_people && !text.is_empty();
        let done = self.results.write_all(text.as_bytes());
        self.note(done);
    }

    /// Somebody is asked for an input: what was shown is above it.
    pub(crate) fn ask(&mut self) {
        self.flush();
        self.ends_with_results = false;
    }

    /// What is waiting is shown now.
    pub(crate) fn flush(&mut self) {
        let done = self.results.flush();
        self.note(done);
    }

    /// Whether whoever read the results has left, or they can't be written.
    pub(crate) const fn is_closed(&self) -> bool {
        self.failed.is_some() || matches!(&self.pager, Some(it) if it.is_left())
    }

    /// Something to say beside the results.
    pub(crate) fn say(&mut self, text: &str) {
        let text = visible(text);
        if self.watched {
            self.tell(&fitted_lines(&text, self.style.width));
        } else {
            self.tell(&text);
        }
    }

    fn tell(&mut self, text: &str) {
        self.flush();
        self.clear();
        self.ends_with_results = false;
        // Where nobody listens, there is nobody to tell.
        let _ = self.messages.write_all(text.as_bytes());
        let _ = self.messages.write_all(b"\n");
    }

    /// A mistake in the arguments.
    pub(crate) fn usage(&mut self, message: &str, help: Option<&str>) -> Exit {
        self.say(&format!("error: {message}"));
        if let Some(help) = help {
            self.say(&format!("\n  help: {help}"));
        }
        Exit::Usage
    }

    /// A line of the REPL that can't be carried out.
    pub(crate) fn wrong(&mut self, message: &str, help: &str) -> Exit {
        self.usage(message, Some(help));
        Exit::Script
    }

    /// The same, where `name` is none of `names`: the nearest of them is the help, or else `otherwise`.
    pub(crate) fn unknown<'a>(
        &mut self,
        message: &str,
        name: &str,
        names: impl IntoIterator<Item = &'a str>,
        otherwise: &str,
    ) -> Exit {
        match nearest(name, names) {
            Some(near) => self.wrong(message, &format!("did you mean `{near}`?")),
            None => self.wrong(message, otherwise),
        }
    }

    /// Problems, drawn.
    pub(crate) fn problems(&mut self, sources: &Sources, problems: &[Problem]) {
        if problems.is_empty() {
            return;
        }
        let text = report::draw(sources, problems, self.style);
        let apart = if self.watched && self.ends_with_results { "\n" } else { "" };
        // What it shows is visible already; it has colours of its own.
        self.tell(&format!("{apart}{}", text.trim_end_matches('\n')));
    }

    /// So many of something are done. Shown to a person who has been waiting.
    pub(crate) fn progress(&mut self, what: &str, done: usize, all: usize) {
        if !self.watched || self.began.elapsed() < PATIENCE {
            return;
        }
        if done == all {
            self.clear();
        } else if self.shown.is_none_or(|it| it.elapsed() >= PACE) {
            self.shown = Some(Instant::now());
            let of = if all == 0 { String::new() } else { format!(" of {all}") };
            let _ = write!(self.messages, "\r{what}: {done}{of}\x1b[K");
        }
    }

    fn clear(&mut self) {
        if self.shown.take().is_some() {
            let _ = self.messages.write_all(b"\r\x1b[K");
        }
    }

    /// Everything has been said. What couldn't be written to stdout is the machine's fault, unless the reader had
    /// enough and left.
    pub(crate) fn finish(mut self) -> Exit {
        self.flush();
        match self.failed.take() {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                self.say(&format!("error: the output can't be written: {error}"));
                Exit::Machine
            }
            _ => Exit::Done,
        }
    }

    fn note(&mut self, done: io::Result<()>) {
        if let Err(error) = done {
            self.failed.get_or_insert(error);
        }
    }
}

/// Lines, none wider.
fn fitted_lines(text: &str, width: usize) -> String {
    let lines: Vec<String> = text.split('\n').map(|it| hanging(it, width)).collect();
    lines.join("\n")
}

/// A name or a path within a message: it stays on its line.
pub(crate) fn named(name: &str) -> Cow<'_, str> {
    report::visible_in_line(name)
}

/// Ctrl-C ends the process, whatever else is said.
pub(crate) fn interrupted() {
    // Who can't be told sees the exit code.
    drop(io::stderr().write_all(b"error: interrupted (E0611)\n"));
}

/// Ctrl-C ends what waits: the next prompt stands on a line of its own.
pub(crate) fn left() {
    drop(io::stderr().write_all(b"\n"));
}

/// Whether the environment leaves colours on.
#[expect(clippy::disallowed_methods, reason = "the binary reads the environment")]
pub(crate) fn colors() -> bool {
    let has = |name| std::env::var(name).is_ok_and(|it| !it.is_empty());
    !has("NO_COLOR") && std::env::var("TERM").map_or(true, |it| it != "dumb")
}
