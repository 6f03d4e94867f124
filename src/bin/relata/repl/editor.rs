//! The line editor: prompt, colours, completion, hints, history.

use super::{ReplState, dots, history, is_complete};
use crate::cli::ReplArgs;
use crate::files;
use crate::output::{Exit, Output, colors, named};
use relata::db::Database;
use relata::ide::{self, CandidateKind, Declarations, Paint, Variable};
use relata::ir::Schema;
use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::history::{FileHistory, History as _};
use rustyline::validate::Validator;
use rustyline::{ColorMode, CompletionType, Config, Context, Editor, Helper};
use std::borrow::Cow;
use std::path::PathBuf;

const PROMPT: &str = "relata> ";
/// The prompt of a line that goes on with an input.
const MORE: &str = "   ...> ";

/// Reads and runs inputs until there are no more.
pub(super) fn run(state: &mut ReplState, arguments: &ReplArgs, output: &mut Output) -> Exit {
    let mut editor = match editor() {
        Ok(editor) => editor,
        Err(error) => return machine(&error, output),
    };
    let mut kept = None;
    if !arguments.no_history {
        kept = history::path();
    }
    if let Some(path) = &kept {
        let ready = history::prepare(path).map_err(ReadlineError::from);
        if let Err(error) = ready.and_then(|()| editor.load_history(path)) {
            output.say(&format!("the history isn't kept: {}", readline_error(&error)));
            kept = None;
        }
    }
    let name = state.session.database().name().to_owned();
    output.line(&format!(
        "Relata {} on {}. `.help` helps, Ctrl-D leaves.",
        env!("CARGO_PKG_VERSION"),
        named(&name)
    ));
    if kept.is_some() && editor.history().is_empty() {
        output.line(
            "Declare `model User { name: STRING }`, create its table with `sync`, a row with",
        );
        output
            .line("`User create { name: \"Ann\" }`; `User findAll` shows the rows. Tab completes.");
    }
    let mut begun = String::new();
    loop {
        output.ask();
        if let Some(helper) = editor.helper_mut() {
            helper.schema = state.session.schema().clone();
            helper.variables = state.variables();
            helper.begun.clone_from(&begun);
        }
        let prompt = if begun.is_empty() { PROMPT } else { MORE };
        match editor.readline(prompt) {
            Ok(line) => {
                begun.push_str(&line);
                if !is_complete(&begun) {
                    begun.push('\n');
                    continue;
                }
                let text = std::mem::take(&mut begun);
                remember(&mut editor, &text, kept.as_ref());
                let (_, flow) = state.input(&text, output);
                if flow.is_break() {
                    return Exit::Done;
                }
            }
            // Ctrl-C while a line is edited: the input goes; what was begun can be fetched back and mended.
            Err(ReadlineError::Interrupted) => {
                let text = std::mem::take(&mut begun);
                remember(&mut editor, &text, kept.as_ref());
            }
            Err(ReadlineError::Eof) => return Exit::Done,
            Err(error) => return machine(&error, output),
        }
    }
}

fn editor() -> rustyline::Result<Editor<Assistant, FileHistory>> {
    let color = if colors() { ColorMode::Enabled } else { ColorMode::Disabled };
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .color_mode(color)
        .history_ignore_space(true)
        .max_history_size(history::LENGTH)?
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(Assistant {
        schema: Schema::default(),
        variables: Vec::new(),
        begun: String::new(),
        paths: FilenameCompleter::new(),
        color: colors(),
    }));
    Ok(editor)
}

fn remember(editor: &mut Editor<Assistant, FileHistory>, text: &str, kept: Option<&PathBuf>) {
    let text = text.trim_end();
    if !text.is_empty()
        && editor.add_history_entry(text).unwrap_or_default()
        && let Some(path) = kept
    {
        // Another session may have written, too. What can't be kept is no reason to stop.
        let _ = editor.append_history(path);
    }
}

fn machine(error: &ReadlineError, output: &mut Output) -> Exit {
    output.say(&format!("error: the terminal can't be used: {}", readline_error(error)));
    Exit::Machine
}

fn readline_error(error: &ReadlineError) -> String {
    match error {
        ReadlineError::Io(error) => files::reason(error),
        other => other.to_string(),
    }
}

/// What helps while a line is edited.
struct Assistant {
    schema: Schema,
    variables: Vec<Variable>,
    /// The lines of the input before the one that is edited.
    begun: String,
    paths: FilenameCompleter,
    color: bool,
}

impl Helper for Assistant {}

impl Assistant {
    /// Whether a line is a command of the REPL.
    fn is_dot(&self, line: &str) -> bool {
        self.begun.is_empty() && line.starts_with('.')
    }

    /// The input as far as it goes, with this line.
    fn whole(&self, line: &str) -> String {
        [self.begun.as_str(), line].concat()
    }

    /// The place in the edited line of a place in the input.
    fn in_line(&self, at: usize) -> usize {
        at.saturating_sub(self.begun.len())
    }

    fn known(&self) -> Declarations<'_> {
        Declarations { schema: &self.schema, variables: &self.variables }
    }
}

// Every line is taken as it is: what is to follow it is asked for line by line.
impl Validator for Assistant {}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, mut pairs) = self.candidates(line, at)?;
        // The editor writes them as they are: the name of a file that would act on the terminal can't be offered.
        pairs.retain(|it| named(&it.display) == it.display.as_str());
        Ok((start, pairs))
    }
}

impl Assistant {
    /// What may stand at a place of the line, and where that begins.
    fn candidates(&self, line: &str, at: usize) -> rustyline::Result<(usize, Vec<Pair>)> {
        if self.is_dot(line) {
            return Ok(dots::complete(line, at, &self.schema, &self.paths));
        }
        let found = ide::complete(&self.whole(line), self.begun.len() + at, self.known());
        let range = self.in_line(found.range.start)..self.in_line(found.range.end);
        if found.path {
            let path = line.get(range.clone()).unwrap_or_default();
            // With its quote, so that nothing in it is escaped as a shell wants it.
            let path = format!("\"{path}");
            let (start, pairs) = self.paths.complete_path(&path, path.len())?;
            return Ok((range.start + start.saturating_sub(1), pairs));
        }
        let ends = range.end == line.len();
        let pairs = found.items.into_iter().map(|it| {
            // Behind a verb, and a model that begins a sentence, more words follow.
            let goes_on = match it.kind {
                CandidateKind::Verb => ends,
                CandidateKind::Model => ends && range.start == 0,
                CandidateKind::Type
                | CandidateKind::Option
                | CandidateKind::Word
                | CandidateKind::Attribute
                | CandidateKind::Association
                | CandidateKind::Scope
                | CandidateKind::Variable => false,
            };
            let space = if goes_on { " " } else { "" };
            let replacement = format!("{}{}{space}", it.text, it.opening);
            Pair { display: it.text.to_string(), replacement }
        });
        Ok((range.start, pairs.collect()))
    }
}

/// What stands grey behind the cursor.
struct InlineHint {
    text: String,
    /// Whether it can be taken over.
    taken: bool,
}

impl Hint for InlineHint {
    fn display(&self) -> &str {
        &self.text
    }

    fn completion(&self) -> Option<&str> {
        self.taken.then_some(self.text.as_str())
    }
}

impl Hinter for Assistant {
    type Hint = InlineHint;

    fn hint(&self, line: &str, at: usize, _: &Context<'_>) -> Option<InlineHint> {
        if at < line.len() || self.is_dot(line) {
            return None;
        }
        let whole = self.whole(line);
        let found = ide::complete(&whole, whole.len(), self.known());
        if let Some(hint) = found.hint {
            let space = if line.ends_with(' ') { "" } else { " " };
            return Some(InlineHint { text: format!("{space}{hint}"), taken: false });
        }
        let begun = whole.get(found.range.clone()).unwrap_or_default();
        let [only] = found.items.as_slice() else {
            return None;
        };
        let rest = format!("{}{}", only.text.strip_prefix(begun)?, only.opening);
        (!begun.is_empty() && !rest.is_empty()).then_some(InlineHint { text: rest, taken: true })
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if !self.color || self.is_dot(line) {
            return Cow::Borrowed(line);
        }
        let (mut text, mut at) = (String::with_capacity(line.len() + 64), 0);
        for it in ide::paint(&self.whole(line), self.known()) {
            let range = self.in_line(it.range.start)..self.in_line(it.range.end);
            if range.is_empty() {
                continue;
            }
            text.push_str(line.get(at..range.start).unwrap_or_default());
            at = range.end;
            text.push_str(escape(it.paint));
            text.push_str(line.get(range).unwrap_or_default());
            text.push_str("\x1b[0m");
        }
        text.push_str(line.get(at..).unwrap_or_default());
        Cow::Owned(text)
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        if self.color {
            Cow::Owned(format!("\x1b[1m{prompt}\x1b[0m"))
        } else {
            Cow::Borrowed(prompt)
        }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.color { Cow::Owned(format!("\x1b[2m{hint}\x1b[0m")) } else { Cow::Borrowed(hint) }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.color && kind != CmdKind::MoveCursor
    }
}

const fn escape(paint: Paint) -> &'static str {
    match paint {
        Paint::Verb => "\x1b[1;35m",
        Paint::Type => "\x1b[36m",
        Paint::Model => "\x1b[1;34m",
        Paint::Key => "\x1b[34m",
        Paint::Text => "\x1b[32m",
        Paint::Constant => "\x1b[33m",
        Paint::Comment => "\x1b[2m",
    }
}
