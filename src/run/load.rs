//! `User load "users.csv"`: the rows of a file, one after the other.

use super::batch::RefusedRow;
use super::bulk::STEP;
use super::draft::{Cell, Drafting, RowDraft};
use super::failure::no_row_of_the_key;
use super::insert::{PreparedInsert, refers_to_itself};
use super::validate::ValidationErrors;
use super::{RunResult, Runner};
use crate::db::DbErrorKind;
use crate::diagnostics::{Blame, RunProblem};
use crate::ir::{Attribute, AttributeId, DataType, Load, Model, fit};
use crate::source::Span;
use crate::value::{Value, write_json_text};
use crate::words;
use smol_str::{SmolStr, ToSmolStr};
use std::io::{BufRead, BufReader, Read};

/// A row of the file, as far as it has been read.
struct FileRow {
    draft: RowDraft,
    wrong: ValidationErrors,
    line: u64,
}

/// How what follows is written into the table.
struct Loading<'r, 'a> {
    run: &'r mut Runner<'a>,
    at: Span,
    load: &'r Load,
    insert: Option<PreparedInsert>,
    /// Rows that are to be written next, and where each stands.
    waiting: Vec<RowDraft>,
    lines: Vec<u64>,
    parameters: Vec<Value>,
    count: usize,
}

impl Runner<'_> {
    /// Loads a file; returns how many rows it has. Rows of a model that refers to itself may refer to later ones.
    pub(super) fn load(&mut self, at: Span, load: &Load) -> RunResult<u64> {
        let schema = self.scripts.schema;
        if !refers_to_itself(&schema[load.model], load.model) {
            return Loading::new(self, at, load).load_rows();
        }
        let before = self.violations(at)?;
        self.defer(at, true)?;
        let loaded = Loading::new(self, at, load).load_rows();
        let again = self.defer(at, false);
        let loaded = loaded?;
        again?;
        match self.violations(at)?.since(&before) {
            None => Ok(loaded),
            Some(what) => Err(match self.refusal(at).orphan(load.model)? {
                Some(orphan) => orphan,
                None => RunProblem::ForeignKey {
                    what: format!("{}: {what}", load.path),
                    at,
                    cause: no_row_of_the_key(),
                },
            }),
        }
    }
}

impl Loading<'_, '_> {
    /// Loads a file, whose keys are looked at as they are now.
    fn load_rows(&mut self) -> RunResult<u64> {
        let from = self.run.scripts.sources.at(self.load.span.start);
        let from = from.map(|it| it.name.to_string()).unwrap_or_default();
        let file =
            self.run.files.open(&from, &self.load.path).map_err(|reason| RunProblem::Load {
                what: format!("`{}` can't be read: {reason}", self.load.path),
                at: self.load.span,
                help: None,
            })?;
        let end = self.load.path.rsplit('.').next().unwrap_or_default();
        let lines = ["jsonl", "ndjson", "json"].iter().any(|it| end.eq_ignore_ascii_case(it));
        let read = if lines { self.load_lines(file) } else { self.load_csv(file) };
        // What is wrong with a row that waits comes before what is wrong with a later one.
        if read.as_ref().err().is_none_or(|it| it.blame() == Blame::Script) {
            self.write_waiting()?;
        }
        read.map(|()| self.count as u64)
    }

    fn load_csv(&mut self, file: Box<dyn Read>) -> RunResult<()> {
        let schema = self.run.scripts.schema;
        let model = &schema[self.load.model];
        let mut reader = csv::ReaderBuilder::new().from_reader(file);
        let headers = reader.headers().map_err(|it| self.csv_problem(&it))?.clone();
        let mut columns = Vec::with_capacity(headers.len());
        for header in &headers {
            let name = header.trim_start_matches('\u{feff}');
            columns.push(self.attribute(model, name, 1)?);
        }
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(false) => return Ok(()),
                Ok(true) => {}
                Err(error) => return Err(self.csv_problem(&error)),
            }
            let line = record.position().map_or(0, csv::Position::line);
            let mut row = self.row(model, line);
            for (column, text) in columns.iter().zip(&record) {
                let attribute = model.attribute(*column);
                row.set(model, *column, &value_of_cell(attribute, text));
            }
            self.load_row(row)?;
        }
    }

    fn load_lines(&mut self, file: Box<dyn Read>) -> RunResult<()> {
        let schema = self.run.scripts.schema;
        let model = &schema[self.load.model];
        let mut reader = BufReader::new(file);
        let (mut text, mut line) = (String::new(), 0_u64);
        loop {
            text.clear();
            line += 1;
            let read = reader.read_line(&mut text);
            if read.map_err(|it| self.problem(line, &it.to_string()))? == 0 {
                return Ok(());
            }
            let row = text.trim_start_matches('\u{feff}').trim();
            if row.is_empty() {
                continue;
            }
            let members = self.members(row, line)?;
            let mut row = self.row(model, line);
            for (name, value) in members {
                let id = self.attribute(model, &name, line)?;
                row.set(model, id, &value);
            }
            self.load_row(row)?;
        }
    }

    /// The members of a JSON object: the database takes it apart.
    fn members(&mut self, row: &str, line: u64) -> RunResult<Vec<(SmolStr, Value)>> {
        const SQL: &str = "SELECT key, type, CASE WHEN type IN ('object', 'array') THEN value ELSE atom END FROM json_each(?)";
        if !row.starts_with('{') {
            return Err(self.problem(line, "it is no JSON object"));
        }
        let mut members = Vec::new();
        let parameters = [Value::Text(row.into())];
        let asked = self.run.database.query(SQL, &parameters, &mut |row| {
            if let [Value::Text(name), Value::Text(kind), value] = row {
                let value = match (kind.as_str(), value) {
                    ("true", _) => Value::Bool(true),
                    ("false", _) => Value::Bool(false),
                    ("object" | "array", Value::Text(it)) => Value::Json(it.clone()),
                    _ => value.clone(),
                };
                members.push((name.clone(), value));
            }
            std::ops::ControlFlow::Continue(())
        });
        match asked {
            Ok(()) => Ok(members),
            Err(error) if error.kind == DbErrorKind::Refused => {
                Err(self.problem(line, &error.message))
            }
            Err(error) => Err(self.run.failure(error, self.at)),
        }
    }

    /// One row of the file.
    fn load_row(&mut self, row: FileRow) -> RunResult<()> {
        let FileRow { draft, wrong, line } = row;
        let mut drafting = Drafting { run: &mut *self.run, wrong };
        let draft = drafting.complete(draft, true)?;
        let wrong = drafting.wrong;
        wrong.problem(self.at).map_err(|it| self.problem(line, &it.to_string()))?;
        let known = self.insert.as_ref().filter(|it| it.fits(&draft));
        let rows = if let Some(known) = known {
            known.rows
        } else {
            self.write_waiting()?;
            let insert = PreparedInsert::without_returning(&self.run.planner(), &draft);
            self.insert.insert(insert).rows
        };
        self.waiting.push(draft);
        self.lines.push(line);
        if self.waiting.len() < rows {
            return Ok(());
        }
        self.write_waiting()
    }

    /// Writes the rows that wait.
    fn write_waiting(&mut self) -> RunResult<()> {
        let Some(insert) = &self.insert else {
            return Ok(());
        };
        let at = self.at;
        let mut drafts = std::mem::take(&mut self.waiting);
        let mut lines = std::mem::take(&mut self.lines);
        let done = if drafts.len() > 1 && drafts.len() == insert.rows {
            match (self.run.inserter(at).insert_batch(insert, &drafts), drafts.first()) {
                (Ok(written), Some(first)) if written != drafts.len() as u64 => {
                    // Which of them it was, nothing tells.
                    return Err(self.run.inserter(at).insert_ignored(first));
                }
                (done, _) => done.map(|_| ()),
            }
        } else {
            self.run.inserter(at).insert_each(insert, &drafts, &mut self.parameters)
        };
        done.map_err(|RefusedRow { place, problem }| match problem {
            RunProblem::Interrupted { .. }
            | RunProblem::TooLong { .. }
            | RunProblem::Busy { .. } => problem,
            other => {
                let line = lines.get(place).copied().unwrap_or_default();
                other.at_line(&self.load.path, line)
            }
        })?;
        let told = self.count / STEP;
        self.count += drafts.len();
        if self.count / STEP > told {
            self.run.sink.progress(self.count, 0);
        }
        drafts.clear();
        lines.clear();
        (self.waiting, self.lines) = (drafts, lines);
        Ok(())
    }
}

impl FileRow {
    /// Gives it a value, if that fits.
    fn set(&mut self, model: &Model, id: AttributeId, value: &Value) {
        let attribute = model.attribute(id);
        match fit(value.clone(), &attribute.data_type) {
            Ok(value) => self.draft.set(id, Cell::Value(value)),
            Err(misfit) => {
                let at = self.draft.at;
                self.wrong.misfit(model, attribute, value, &misfit, at);
            }
        }
    }
}

impl<'r, 'a> Loading<'r, 'a> {
    fn new(run: &'r mut Runner<'a>, at: Span, load: &'r Load) -> Self {
        Self {
            run,
            at,
            load,
            insert: None,
            waiting: Vec::new(),
            lines: Vec::new(),
            parameters: Vec::new(),
            count: 0,
        }
    }

    /// A row of the file, of which nothing has been read.
    fn row(&self, model: &Model, line: u64) -> FileRow {
        FileRow {
            draft: RowDraft::new(self.load.model, model, self.at),
            wrong: ValidationErrors::default(),
            line,
        }
    }

    /// The attribute that a name of the file stands for.
    fn attribute(&self, model: &Model, name: &str, line: u64) -> RunResult<AttributeId> {
        let renamed = self.load.columns.iter().find(|(it, _)| it == name);
        if let Some((_, id)) = renamed {
            return Ok(*id);
        }
        let is_column = |id: &AttributeId| {
            let it = model.attribute(*id);
            it.computed.is_none() && !matches!(it.data_type, DataType::Virtual)
        };
        model.attribute_named(name).filter(is_column).ok_or_else(|| {
            let names = model.columns().map(|(_, it)| it.name.as_str());
            let help = match words::nearest(name, names) {
                Some(near) => {
                    format!("did you mean `< columns: {{ {}: {near} }} >`?", written(name))
                }
                None => {
                    format!("say which attribute it is: `< columns: {{ {}: .. }} >`", written(name))
                }
            };
            RunProblem::Load {
                what: format!(
                    "{}:{line}: `{}` has no attribute `{name}`",
                    self.load.path, model.name
                ),
                at: self.at,
                help: Some(help),
            }
        })
    }

    fn problem(&self, line: u64, reason: &str) -> RunProblem {
        RunProblem::Load {
            what: format!("{}:{line}: {reason}", self.load.path),
            at: self.at,
            help: None,
        }
    }

    fn csv_problem(&self, error: &csv::Error) -> RunProblem {
        let line = error.position().map_or(0, csv::Position::line);
        let reason = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("{len} fields, {expected_len} expected")
            }
            csv::ErrorKind::Utf8 { .. } => "it is not UTF-8".to_owned(),
            csv::ErrorKind::Io(error) => error.to_string(),
            _ => error.to_string(),
        };
        self.problem(line, &reason)
    }
}

/// What a field of CSV is to an attribute: an empty one is null, where it may be and isn't a text.
fn value_of_cell(attribute: &Attribute, text: &str) -> Value {
    match &attribute.data_type {
        DataType::String { .. } | DataType::Char { .. } | DataType::Text(_) | DataType::CiText
            if !text.is_empty() || attribute.not_null =>
        {
            Value::Text(text.into())
        }
        _ if text.is_empty() => Value::Null,
        DataType::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "1" => Value::Bool(true),
            "false" | "f" | "no" | "0" => Value::Bool(false),
            _ => Value::Text(text.into()),
        },
        DataType::Json | DataType::Jsonb => {
            let mut document = String::new();
            crate::value::write_json_document(text, &mut document);
            let mut quoted = String::new();
            write_json_text(text, &mut quoted);
            if document == quoted { Value::Text(text.into()) } else { Value::Json(document.into()) }
        }
        _ => Value::Text(text.to_smolstr()),
    }
}

/// A name as a script has it: in quotes where it is no word.
fn written(name: &str) -> String {
    let mut characters = name.chars();
    let begins = characters.next().is_some_and(|it| it.is_alphabetic() || it == '_');
    if begins && characters.all(|it| it.is_alphanumeric() || it == '_') {
        return name.to_owned();
    }
    format!("{name:?}")
}
