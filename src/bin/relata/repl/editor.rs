//! The line editor: prompt, colours, completion, hints, history.

use super::{State, dots, history, is_complete};
use crate::cli::Repl;
use crate::files;
use crate::output::{Exit, Output, colors};
use relata::db::Database;
use relata::ide::{self, Known, Paint, Variable};
use relata::ir::Schema;
use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{ColorMode, CompletionType, Config, Context, Editor, Helper};
use std::borrow::Cow;
use std::path::PathBuf;

const PROMPT: &str = "relata> ";

/// Reads and runs inputs until there are no more.
pub(super) fn run(state: &mut State, arguments: &Repl, output: &mut Output) -> Exit {
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
            output.say(&format!("the history isn't kept: {}", said(&error)));
            kept = None;
        }
    }
    let name = state.session.database().name().to_owned();
    let name = relata::report::visible(&name).into_owned();
    output.line(&format!(
        "Relata {} on {name}. `.help` helps, Ctrl-D leaves.",
        env!("CARGO_PKG_VERSION")
    ));
    loop {
        output.flush();
        if let Some(helper) = editor.helper_mut() {
            helper.schema = state.session.schema().clone();
            helper.variables.clone_from(&state.variables);
        }
        match editor.readline(PROMPT) {
            Ok(text) => {
                remember(&mut editor, &text, kept.as_ref());
                let (_, flow) = state.input(&text, output);
                if flow.is_break() {
                    return Exit::Done;
                }
            }
            // Ctrl-C while a line is edited: the line goes.
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => return Exit::Done,
            Err(error) => return machine(&error, output),
        }
    }
}

fn editor() -> rustyline::Result<Editor<Assistant, FileHistory>> {
    let color = if colors() {
        ColorMode::Enabled
    } else {
        ColorMode::Disabled
    };
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
    output.say(&format!(
        "error: the terminal can't be used: {}",
        said(error)
    ));
    Exit::Machine
}

fn said(error: &ReadlineError) -> String {
    match error {
        ReadlineError::Io(error) => files::reason(error),
        other => other.to_string(),
    }
}

/// What helps while a line is edited.
struct Assistant {
    schema: Schema,
    variables: Vec<Variable>,
    paths: FilenameCompleter,
    color: bool,
}

impl Helper for Assistant {}

impl Assistant {
    fn known(&self) -> Known<'_> {
        Known {
            schema: &self.schema,
            variables: &self.variables,
        }
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if is_complete(context.input()) {
            ValidationResult::Valid(None)
        } else {
            ValidationResult::Incomplete
        })
    }
}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        if line.starts_with('.') {
            return Ok(dots::complete(line, at, &self.schema, &self.paths));
        }
        let found = ide::complete(line, at, self.known());
        if found.path {
            let path = line.get(found.range.clone()).unwrap_or_default();
            // With its quote, so that nothing in it is escaped as a shell wants it.
            let path = format!("\"{path}");
            let (start, pairs) = self.paths.complete_path(&path, path.len())?;
            return Ok((found.range.start + start.saturating_sub(1), pairs));
        }
        let pairs = found.items.into_iter().map(|it| Pair {
            display: it.text.to_string(),
            replacement: it.text.to_string(),
        });
        Ok((found.range.start, pairs.collect()))
    }
}

/// What stands grey behind the cursor.
struct Ghost {
    text: String,
    /// Whether it can be taken over.
    taken: bool,
}

impl Hint for Ghost {
    fn display(&self) -> &str {
        &self.text
    }

    fn completion(&self) -> Option<&str> {
        self.taken.then_some(self.text.as_str())
    }
}

impl Hinter for Assistant {
    type Hint = Ghost;

    fn hint(&self, line: &str, at: usize, _: &Context<'_>) -> Option<Ghost> {
        if at < line.len() || line.starts_with('.') {
            return None;
        }
        let found = ide::complete(line, at, self.known());
        if let Some(hint) = found.hint {
            let space = if line.ends_with(' ') { "" } else { " " };
            return Some(Ghost {
                text: format!("{space}{hint}"),
                taken: false,
            });
        }
        let begun = line.get(found.range.clone()).unwrap_or_default();
        let [only] = found.items.as_slice() else {
            return None;
        };
        let rest = only.text.strip_prefix(begun)?;
        (!begun.is_empty() && !rest.is_empty()).then(|| Ghost {
            text: rest.to_owned(),
            taken: true,
        })
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if !self.color || line.starts_with('.') {
            return Cow::Borrowed(line);
        }
        let (mut text, mut at) = (String::with_capacity(line.len() + 64), 0);
        for it in ide::paint(line, self.known()) {
            text.push_str(line.get(at..it.range.start).unwrap_or_default());
            at = it.range.end;
            text.push_str(escape(it.paint));
            text.push_str(line.get(it.range).unwrap_or_default());
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
        if self.color {
            Cow::Owned(format!("\x1b[2m{hint}\x1b[0m"))
        } else {
            Cow::Borrowed(hint)
        }
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
