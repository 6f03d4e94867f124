//! DATE columns with values of other forms than Relata's: something else wrote them, SQLite's `CURRENT_TIMESTAMP` perhaps.

use super::Meant;
use crate::diagnostics::CheckProblem;
use crate::ir::{Attribute, DataType};
use crate::run::ddl::TableDdl;
use crate::run::sync::quoted;
use crate::run::{Ran, Runner};

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

impl Runner<'_> {
    /// The DATE columns of a table that have values in other forms, and of which `using` says something; the others may be told.
    pub(super) fn dates(
        &mut self,
        meant: &Meant<'_>,
        table: &TableDdl,
        has: &dyn Fn(&str) -> bool,
        tell: bool,
    ) -> Ran<Vec<String>> {
        let model = &self.scripts.schema[table.model];
        let dates = model.columns().map(|(_, it)| it).filter(|it| {
            matches!(it.data_type, DataType::Date(_)) && it.computed.is_none() && has(&it.column)
        });
        let (said, silent): (Vec<_>, Vec<_>) =
            dates.partition(|it| model.using(&it.column).is_some());
        let mut found = Vec::new();
        for attribute in said {
            let other = other_form(&quoted(&attribute.column));
            if self.has_row(meant.at, &table.name, &other)? {
                found.push(attribute.column.to_string());
            }
        }
        if tell && !silent.is_empty() {
            self.tell_dates(meant, table, &silent)?;
        }
        Ok(found)
    }

    /// Tells of columns with values in other forms, with the line that brings them into one.
    fn tell_dates(
        &mut self,
        meant: &Meant<'_>,
        table: &TableDdl,
        columns: &[&Attribute],
    ) -> Ran<()> {
        let (at, name) = (meant.at, quoted(&table.name));
        let all: Vec<_> = columns.iter().map(|it| quoted(&it.column)).collect();
        let other: Vec<_> = all.iter().map(|it| other_form(it)).collect();
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM (SELECT {} FROM {name} LIMIT {LOOKED_AT}) WHERE {})",
            all.join(", "),
            other.join(" OR ")
        );
        if self.counted(at, &sql)? == 0 {
            return Ok(());
        }
        for ((attribute, column), other) in columns.iter().zip(&all).zip(&other) {
            let count =
                |what: &str| format!("SELECT count(*) FROM {name} WHERE {other} AND {what}");
            let rows = self.counted(at, &count("true"))?;
            if rows == 0 {
                continue;
            }
            let integers = format!("typeof({column}) = 'integer'");
            let milliseconds = format!("{integers} AND abs({column}) > {SECONDS}");
            let all_integers = self.counted(at, &count(&integers))?;
            let milliseconds = self.counted(at, &count(&milliseconds))?;
            let kinds = Kinds {
                milliseconds: milliseconds > 0,
                seconds: all_integers > milliseconds,
                others: rows > all_integers,
            };
            let values = if rows == 1 { "value" } else { "values" };
            self.sink.warning(
                CheckProblem::OtherDates {
                    what: format!(
                        "`{}` of `{}` has {rows} {values} of another form than Relata's",
                        attribute.column, table.name
                    ),
                    at: attribute.span,
                    help: format!(
                        "`using: ({})` among the options of `{}` brings them into one form with the next `sync < alter >` or `relata apply`",
                        one_form(&attribute.name, &kinds),
                        attribute.name
                    ),
                }
                .into(),
            );
        }
        Ok(())
    }
}

/// What the values of another form are.
#[derive(Debug)]
struct Kinds {
    milliseconds: bool,
    seconds: bool,
    /// Texts, and numbers of days.
    others: bool,
}

/// What brings values of a DATE into one form, in Relata's words.
fn one_form(name: &str, kinds: &Kinds) -> String {
    let form = "\"%Y-%m-%d %H:%M:%f +00:00\"";
    let number = format!("typeof({name}) = \"integer\"");
    let ways = [
        (
            kinds.milliseconds,
            format!("{number} and abs({name}) > {SECONDS}"),
            format!("strftime({form}, {name} / 1000.0, \"unixepoch\")"),
        ),
        (
            kinds.seconds,
            number,
            format!("strftime({form}, {name}, \"unixepoch\")"),
        ),
        (
            kinds.others,
            "true".to_owned(),
            format!("strftime({form}, {name})"),
        ),
    ];
    let mut ways: Vec<_> = ways.into_iter().filter(|it| it.0).collect();
    let Some((_, _, last)) = ways.pop() else {
        return String::new();
    };
    if ways.is_empty() {
        return last;
    }
    let arms = ways
        .iter()
        .map(|(_, when, then)| format!("when {when} then {then}"));
    format!(
        "case {} else {last} end",
        arms.collect::<Vec<_>>().join(" ")
    )
}
