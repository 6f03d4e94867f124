//! DATE columns with values of other forms than Relata's: something else wrote them, SQLite's `CURRENT_TIMESTAMP` perhaps.

use crate::client::{RunResult, quoted};
use crate::diagnostics::{CheckProblem, OtherForm};
use crate::ir::{Attribute, DataType, Model};
use crate::migrate::Migrator;
use crate::migrate::alteration::Alteration;
use crate::migrate::ddl::TableDdl;
use crate::source::Span;

/// How a moment is kept.
const FORM: &str = "'[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9] +00:00'";
/// So many rows are looked at where nothing but a warning comes of it.
const LOOKED_AT: u32 = 1000;
/// Integers beyond it are milliseconds, not seconds.
const SECONDS: &str = "100000000000";

/// What is true of a value, as SQL, that has another form.
pub(super) fn other_form(value: &str) -> String {
    format!("({value} IS NOT NULL AND (typeof({value}) <> 'text' OR {value} NOT GLOB {FORM}))")
}

impl Migrator<'_> {
    /// The DATE columns of a table that have values in other forms, and of which `using` says something; the others may be told.
    pub(super) fn other_dates(
        &mut self,
        alter: &Alteration,
        table: &TableDdl,
        has: &dyn Fn(&str) -> bool,
        tell: bool,
    ) -> RunResult<Vec<String>> {
        let model = &self.client.scripts.schema[table.model];
        let dates = dates(model).filter(|it| has(&it.column));
        let (desired, silent): (Vec<_>, Vec<_>) =
            dates.partition(|it| model.using(&it.column).is_some());
        let mut found = Vec::new();
        for attribute in desired {
            let other = other_form(&quoted(&attribute.column));
            if self.client.has_row(alter.at, &table.name, &other)? {
                found.push(attribute.column.to_string());
            }
        }
        if tell && !silent.is_empty() {
            self.tell_dates(alter.at, &table.name, &silent)?;
        }
        Ok(found)
    }

    /// Tells of columns with values in other forms, with the line that brings them into one.
    fn tell_dates(&mut self, at: Span, table: &str, columns: &[&Attribute]) -> RunResult<()> {
        // By names of their own: SQLite takes `true` of a query for the number, quoted or not.
        let name = |place: usize| format!("d{place}");
        let all = columns.iter().enumerate();
        let all: Vec<_> =
            all.map(|(place, it)| format!("{} AS {}", quoted(&it.column), name(place))).collect();
        let other: Vec<_> = (0..columns.len()).map(|it| other_form(&name(it))).collect();
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM (SELECT {} FROM {} LIMIT {LOOKED_AT}) WHERE {})",
            all.join(", "),
            quoted(table),
            other.join(" OR ")
        );
        if self.client.count(at, &sql)? == 0 {
            return Ok(());
        }
        self.count_dates(at, table, columns)
    }

    /// Tells of the moments in another form that rows of a model have; only if the first rows show one, where it is only looked at.
    pub(super) fn tell_other_moments(
        &mut self,
        at: Span,
        model: &Model,
        first: bool,
    ) -> RunResult<()> {
        let dates: Vec<_> = dates(model).collect();
        match dates.as_slice() {
            [] => Ok(()),
            dates if first => self.tell_dates(at, &model.full_table(), dates),
            dates => self.count_dates(at, &model.full_table(), dates),
        }
    }

    /// Counts values in other forms, and tells of them.
    fn count_dates(&mut self, at: Span, table: &str, columns: &[&Attribute]) -> RunResult<()> {
        let name = quoted(table);
        for attribute in columns {
            let column = &quoted(&attribute.column);
            let other = other_form(column);
            let count =
                |what: &str| format!("SELECT count(*) FROM {name} WHERE {other} AND {what}");
            let rows = self.client.count(at, &count("true"))?;
            if rows == 0 {
                continue;
            }
            let integers = format!("typeof({column}) = 'integer'");
            let milliseconds = format!("{integers} AND abs({column}) > {SECONDS}");
            let all_integers = self.client.count(at, &count(&integers))?;
            let milliseconds = self.client.count(at, &count(&milliseconds))?;
            let kinds = DateForms {
                milliseconds: milliseconds > 0,
                seconds: all_integers > milliseconds,
                others: rows > all_integers,
            };
            self.log.warning(
                CheckProblem::OtherDates {
                    what: OtherForm::Stored {
                        table: table.to_string(),
                        column: attribute.column.to_string(),
                        rows,
                        attribute: attribute.name.to_string(),
                        using: one_form(&attribute.name, &kinds),
                    },
                    at: attribute.span,
                }
                .into(),
            );
        }
        Ok(())
    }
}

/// The DATE columns that rows of a model give values to.
fn dates(model: &Model) -> impl Iterator<Item = &Attribute> {
    let columns = model.columns().map(|(_, it)| it);
    columns.filter(|it| matches!(it.data_type, DataType::Date(_)) && it.computed().is_none())
}

/// What the values of another form are.
#[derive(Debug)]
struct DateForms {
    milliseconds: bool,
    seconds: bool,
    /// Texts, and numbers of days.
    others: bool,
}

/// What brings values of a DATE into one form, in Relata's words.
fn one_form(name: &str, kinds: &DateForms) -> String {
    let form = "\"%Y-%m-%d %H:%M:%f +00:00\"";
    let number = format!("typeof({name}) = \"integer\"");
    let ways = [
        (
            kinds.milliseconds,
            format!("{number} and abs({name}) > {SECONDS}"),
            format!("strftime({form}, {name} / 1000.0, \"unixepoch\")"),
        ),
        (kinds.seconds, number, format!("strftime({form}, {name}, \"unixepoch\")")),
        (kinds.others, "true".to_owned(), format!("strftime({form}, {name})")),
    ];
    let mut ways: Vec<_> = ways.into_iter().filter(|it| it.0).collect();
    let Some((_, _, last)) = ways.pop() else {
        return String::new();
    };
    if ways.is_empty() {
        return last;
    }
    let arms = ways.iter().map(|(_, when, then)| format!("when {when} then {then}"));
    format!("case {} else {last} end", arms.collect::<Vec<_>>().join(" "))
}
