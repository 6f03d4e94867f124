//! `User load "users.csv"`: the rows of a file, one after the other.

use super::batch::RefusedRow;
use super::bulk::STEP;
use super::cells::value_of_cell;
use super::conflicts::conflict_of;
use super::draft::{Cell, Drafting, RowDraft};
use super::failure::no_row_of_the_key;
use super::held::fit_on;
use super::insert::{PreparedInsert, refers_to_itself, tells_all_keys};
use super::json_rows::JsonCutter;
use super::validate::ValidationErrors;
use super::{RunResult, Runner};
use crate::client::broken_reference;
use crate::db::DbErrorKind;
use crate::diagnostics::{Blame, BrokenReference, RunProblem};
use crate::ir::{AttributeId, DataType, Load, Model};
use crate::plan::Conflict;
use crate::source::Span;
use crate::sql::Dialect;
use crate::value::Value;
use crate::words;
use smol_str::SmolStr;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};

/// A row of the file, as far as it has been read.
struct FileRow {
    dialect: &'static Dialect,
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
    conflict: Option<Conflict>,
    /// How many rows have been read, and how many of them written.
    count: usize,
    written: u64,
    /// What is wrong with rows, the first of them, and how many there are.
    bad: Vec<(u64, RunProblem)>,
    bad_count: usize,
}

/// So many bad rows are told one by one.
const TOLD: usize = 50;

impl Runner<'_> {
    /// Loads a file; returns how many rows it has. Rows of a model that refers to itself may refer to later ones.
    pub(super) fn load(&mut self, at: Span, load: &Load) -> RunResult<u64> {
        let schema = self.scripts.schema;
        let model = &schema[load.model];
        let looks = self.database.dialect().deferrable;
        let defers = looks || tells_all_keys(model);
        if !refers_to_itself(model, load.model) || !defers {
            return Loading::new(self, at, load).load_rows();
        }
        let before = self.violations(at)?;
        self.defer(at, true)?;
        let loaded = Loading::new(self, at, load).load_rows();
        let again = self.defer(at, false);
        let loaded = loaded?;
        again?;
        if !looks && let Some(orphan) = self.refusal(at).orphan(load.model)? {
            return Err(orphan);
        }
        match self.violations(at)?.since(&before) {
            None => Ok(loaded),
            Some(what) => Err(match self.refusal(at).orphan(load.model)? {
                Some(orphan) => orphan,
                None => {
                    let (file, what) = (load.path.to_string(), broken_reference(what).into());
                    BrokenReference::InFile { file, line: None, what }.at(at, no_row_of_the_key())
                }
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
                help: Some(
                    "write its path from the script's folder, in which it has to lie".into(),
                ),
            })?;
        let end = self.load.path.rsplit('.').next().unwrap_or_default();
        let json = ["jsonl", "ndjson", "json"].iter().any(|it| end.eq_ignore_ascii_case(it));
        let mut reader = BufReader::new(file);
        let mut skipped = Vec::new();
        for line in 0..self.load.skip {
            skipped.clear();
            let read = reader.read_until(b'\n', &mut skipped);
            read.map_err(|it| self.problem(line + 1, &it.to_string()))?;
        }
        let read = if json { self.load_json(reader) } else { self.load_csv(reader) };
        // What is wrong with a row that waits comes before what is wrong with a later one.
        if read.as_ref().err().is_none_or(|it| it.blame() == Blame::Script) {
            self.write_waiting()?;
        }
        match self.refused() {
            Some(refused) => Err(refused),
            None => read.map(|()| self.written),
        }
    }

    /// A row of the file is bad; the others are looked at all the same.
    fn refuse(&mut self, line: u64, problem: RunProblem) {
        if self.bad.len() < TOLD {
            self.bad.push((line, problem));
        }
        self.bad_count += 1;
    }

    /// What is wrong with the file's rows.
    fn refused(&mut self) -> Option<RunProblem> {
        let mut bad = std::mem::take(&mut self.bad);
        if bad.len() < 2 {
            return bad.pop().map(|it| it.1);
        }
        bad.sort_by_key(|it| it.0);
        let mut what = format!("{} rows are refused", self.bad_count);
        for (_, problem) in &bad {
            // Into a text it can't fail.
            let _ = write!(what, "\n{problem}");
        }
        if self.bad_count > bad.len() {
            let _ = write!(what, "\nand {} more", self.bad_count - bad.len());
        }
        let help = Some("none of the file's rows is kept".to_owned());
        Some(RunProblem::Load { what, at: self.at, help })
    }

    fn load_csv(&mut self, file: BufReader<Box<dyn Read>>) -> RunResult<()> {
        let schema = self.run.scripts.schema;
        let model = &schema[self.load.model];
        let mut builder = csv::ReaderBuilder::new();
        let mut reader = builder.delimiter(self.load.delimiter).from_reader(file);
        let headers = reader.headers().map_err(|it| self.csv_problem(&it))?.clone();
        let mut columns = Vec::with_capacity(headers.len());
        for header in &headers {
            let name = header.trim_start_matches('\u{feff}');
            self.another(model, (name, self.load.skip + 1), &mut columns)?;
        }
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(false) => return Ok(()),
                Ok(true) => {}
                Err(error) => {
                    let problem = self.csv_problem(&error);
                    let (csv::ErrorKind::UnequalLengths { .. } | csv::ErrorKind::Utf8 { .. }) =
                        error.kind()
                    else {
                        return Err(problem);
                    };
                    let line = error.position().map_or(0, csv::Position::line);
                    self.refuse(line + self.load.skip, problem);
                    continue;
                }
            }
            let line = record.position().map_or(0, csv::Position::line) + self.load.skip;
            let mut row = self.row(model, line);
            for (column, text) in columns.iter().zip(&record) {
                let attribute = model.attribute(*column);
                row.set(model, *column, &value_of_cell(attribute, text));
            }
            self.load_row(row)?;
        }
    }

    /// JSON: a list of objects, or an object a line.
    fn load_json(&mut self, mut reader: BufReader<Box<dyn Read>>) -> RunResult<()> {
        let mut cutter = JsonCutter::new(self.load.skip + 1);
        let mut text = Vec::new();
        loop {
            let line = cutter.line;
            let read = cutter.next(&mut reader, &mut text);
            let more = read.map_err(|it| self.problem(line, &it.to_string()))?;
            let line = cutter.begun;
            if !text.is_empty() {
                match std::str::from_utf8(&text) {
                    Ok(row) => self.load_object(row, line)?,
                    Err(error) => self.refuse(line, self.problem(line, &error.to_string())),
                }
            }
            if !more {
                return Ok(());
            }
        }
    }

    fn load_object(&mut self, text: &str, line: u64) -> RunResult<()> {
        let schema = self.run.scripts.schema;
        let model = &schema[self.load.model];
        let members = match self.members(text, line)? {
            Ok(members) => members,
            Err(problem) => {
                self.refuse(line, problem);
                return Ok(());
            }
        };
        let mut row = self.row(model, line);
        let mut given = Vec::with_capacity(members.len());
        for (name, value) in members {
            match self.another(model, (&name, line), &mut given) {
                Ok(id) => row.set(model, id, &value),
                Err(problem) => {
                    self.refuse(line, problem);
                    return Ok(());
                }
            }
        }
        self.load_row(row)
    }

    /// The members of a JSON object: the database takes it apart.
    fn members(
        &mut self,
        row: &str,
        line: u64,
    ) -> RunResult<Result<Vec<(SmolStr, Value)>, RunProblem>> {
        const SQL: &str = "SELECT key, type, CASE WHEN type IN ('object', 'array') THEN value ELSE atom END FROM json_each(?)";
        if !row.starts_with('{') {
            return Ok(Err(self.problem(line, "it is no JSON object")));
        }
        let mut members = Vec::new();
        let parameters = [Value::Text(row.into())];
        let asked = self.run.database.query(SQL, &parameters, &mut |row| {
            if let [Value::Text(name), Value::Text(kind), value] = row {
                let value = match (kind.as_str(), &*value) {
                    ("true", _) => Value::Bool(true),
                    ("false", _) => Value::Bool(false),
                    ("object" | "array", Value::Text(it)) => Value::Json(it.clone()),
                    (_, other) => other.clone(),
                };
                members.push((name.clone(), value));
            }
            std::ops::ControlFlow::Continue(())
        });
        match asked {
            Ok(()) => Ok(Ok(members)),
            Err(error) if error.kind == DbErrorKind::Refused => {
                Ok(Err(self.problem(line, &error.message)))
            }
            Err(error) => Err(self.run.failure(error, self.at)),
        }
    }

    /// One row of the file.
    fn load_row(&mut self, row: FileRow) -> RunResult<()> {
        let FileRow { draft, wrong, line, .. } = row;
        let mut drafting = Drafting { run: &mut *self.run, wrong };
        let draft = drafting.complete(draft, true)?;
        let wrong = drafting.wrong;
        if let Err(problem) = wrong.problem(self.at) {
            self.refuse(line, self.problem(line, &problem.to_string()));
            return Ok(());
        }
        let known = self.insert.as_ref().filter(|it| it.fits(&draft));
        let rows = if let Some(known) = known {
            known.rows
        } else {
            self.write_waiting()?;
            let planner = self.run.planner();
            let conflict = self.conflict.as_ref();
            let insert = PreparedInsert::without_returning(&planner, &draft, conflict);
            let insert = insert.of_one_key(&planner, draft.model, self.at)?;
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
        let mut left = 0;
        if drafts.len() > 1 && drafts.len() == insert.rows {
            match self.run.inserter(at).insert_batch(insert, &drafts) {
                Ok(written) if insert.may_pass || written == drafts.len() as u64 => {
                    self.written += written;
                    left = drafts.len();
                }
                // Which of them it was, nothing tells.
                Ok(_) => {
                    if let Some(first) = drafts.first() {
                        return Err(self.run.inserter(at).insert_ignored(first));
                    }
                }
                Err(RefusedRow { problem, .. }) if is_final(self.run, &problem) => {
                    return Err(*problem);
                }
                // All that are refused are found one by one.
                Err(RefusedRow { .. }) => {}
            }
        }
        let mut refused = Vec::new();
        while let Some(rest) = drafts.get(left..).filter(|it| !it.is_empty()) {
            match self.run.inserter(at).insert_each(insert, rest, &mut self.parameters) {
                Ok(written) => {
                    self.written += written;
                    left = drafts.len();
                }
                Err(RefusedRow { problem, .. }) if is_final(self.run, &problem) => {
                    return Err(*problem);
                }
                Err(RefusedRow { place, problem }) => {
                    let line = lines.get(left + place).copied().unwrap_or_default();
                    refused.push((line, (*problem).at_line(&self.load.path, line)));
                    left += place + 1;
                }
            }
        }
        if refused.is_empty() {
            self.run.inserter(at).count_given(&drafts)?;
        }
        for (line, problem) in refused {
            self.refuse(line, problem);
        }
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
        match fit_on(self.dialect, value.clone(), &attribute.data_type) {
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
        let conflict = conflict_of(&run.scripts.schema[load.model], &load.write);
        Self {
            at,
            load,
            insert: None,
            waiting: Vec::new(),
            lines: Vec::new(),
            parameters: Vec::new(),
            conflict,
            count: 0,
            written: 0,
            bad: Vec::new(),
            bad_count: 0,
            run,
        }
    }

    /// A row of the file, of which nothing has been read.
    fn row(&self, model: &Model, line: u64) -> FileRow {
        FileRow {
            dialect: self.run.database.dialect(),
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
            it.computed().is_none() && !matches!(it.data_type, DataType::Virtual)
        };
        model.attribute_named(name).filter(is_column).ok_or_else(|| {
            let names = model.columns().map(|(_, it)| it.name.as_str());
            let sign = name.chars().find(|it| matches!(it, ';' | '\t' | '|'));
            let help = match words::nearest(name, names) {
                _ if let Some(it) = sign => {
                    let sign = it.to_string();
                    format!("what separates its values is said by `< delimiter: {sign:?} >`")
                }
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

    /// The same of a row's next value: a second one for an attribute would take the first one's place.
    fn another(
        &self,
        model: &Model,
        (name, line): (&str, u64),
        before: &mut Vec<AttributeId>,
    ) -> RunResult<AttributeId> {
        let id = self.attribute(model, name, line)?;
        if before.contains(&id) {
            let attribute = &model.attribute(id).name;
            return Err(self.problem(line, &format!("there are two values for `{attribute}`")));
        }
        before.push(id);
        Ok(id)
    }

    fn problem(&self, line: u64, reason: &str) -> RunProblem {
        RunProblem::Load {
            what: format!("{}:{line}: {reason}", self.load.path),
            at: self.at,
            help: Some("correct that line: of a file all rows are loaded, or none".into()),
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

/// Whether nothing more of the file is to be looked at.
fn is_final(run: &Runner<'_>, problem: &RunProblem) -> bool {
    run.database.has_ended()
        || matches!(
            problem,
            RunProblem::Interrupted { .. }
                | RunProblem::TooLong { .. }
                | RunProblem::Busy { .. }
                | RunProblem::OutcomeUnknown { .. }
        )
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
