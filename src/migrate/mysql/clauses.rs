//! What becomes of a table, as clauses of one `ALTER TABLE`, and what the server does with rows for each: as MariaDB 10.11 has it, tried.

use crate::catalog::{Column, Difference, IndexOrigin, Respect, Table, TableIndex};
use crate::client::quoted;
use crate::db::{added_index, default_collation, is_utf8mb4, split_check};
use crate::ir::ExtraColumns;
use crate::migrate::script_differences::{differences, is_of_extra_column};
use crate::migrate::{StepCost, StepWaits, StepWork};

/// How the server carries out an `ALTER TABLE`, as it is asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum AlterAlgorithm {
    /// No row is looked at.
    #[default]
    Instant,
    /// An index is made or goes: rows are read, and written to meanwhile.
    Index,
    /// Rows are written anew in their place, and written to meanwhile.
    InPlace,
    /// Rows are copied: nobody writes meanwhile.
    Copy,
}

impl AlterAlgorithm {
    /// As the last clauses of a statement: one that would do more fails before it begins.
    pub(super) const fn sql(self) -> &'static str {
        match self {
            Self::Instant => "ALGORITHM=INSTANT, LOCK=NONE",
            Self::Index | Self::InPlace => "ALGORITHM=INPLACE, LOCK=NONE",
            Self::Copy => "ALGORITHM=COPY, LOCK=SHARED",
        }
    }

    /// What that costs.
    pub(super) const fn cost(self) -> StepCost {
        let (work, waits) = match self {
            Self::Instant => (StepWork::Instant, StepWaits::Nobody),
            Self::Index => (StepWork::Scans, StepWaits::Nobody),
            Self::InPlace => (StepWork::Rewrites, StepWaits::Nobody),
            Self::Copy => (StepWork::Rewrites, StepWaits::Writes),
        };
        StepCost { work, waits }
    }
}

/// The clauses of one statement.
#[derive(Debug, Default)]
pub(super) struct AlterClauses {
    clauses: Vec<AlterClause>,
    algorithm: AlterAlgorithm,
}

/// A clause of an `ALTER TABLE`.
#[derive(Debug, PartialEq, Eq)]
struct AlterClause {
    /// What is done to which column, where it is about one.
    column: Option<(ColumnClause, String)>,
    text: String,
}

/// What a clause does to a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnClause {
    Add,
    Drop,
    Modify,
}

impl ColumnClause {
    const fn sql(self) -> &'static str {
        match self {
            Self::Add => "ADD COLUMN",
            Self::Drop => "DROP COLUMN",
            Self::Modify => "MODIFY COLUMN",
        }
    }
}

impl AlterClauses {
    pub(super) const fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    pub(super) fn add(&mut self, clause: String, algorithm: AlterAlgorithm) {
        self.push(AlterClause { column: None, text: clause }, algorithm);
    }

    /// The same for one that is about a column; `text` stands behind its name.
    pub(super) fn column(
        &mut self,
        (what, name): (ColumnClause, &str),
        text: &str,
        algorithm: AlterAlgorithm,
    ) {
        let column = Some((what, name.to_owned()));
        if what == ColumnClause::Modify {
            // A column is said once, as it is said last.
            self.clauses.retain(|it| it.column != column);
        }
        let text = format!("{} {} {text}", what.sql(), quoted(name));
        self.push(AlterClause { column, text: text.trim_end().to_owned() }, algorithm);
    }

    fn push(&mut self, clause: AlterClause, algorithm: AlterAlgorithm) {
        if !self.clauses.contains(&clause) {
            self.clauses.push(clause);
        }
        self.algorithm = self.algorithm.max(algorithm);
    }

    /// How all of it is carried out.
    pub(super) fn algorithm(&self) -> AlterAlgorithm {
        let columns = self.clauses.iter().filter_map(|it| it.column.as_ref());
        let columns: Vec<ColumnClause> = columns.map(|it| it.0).collect();
        match self.algorithm {
            // What is instant by itself isn't beside others.
            _ if columns.contains(&ColumnClause::Drop)
                && (columns.contains(&ColumnClause::Add) || self.clauses.len() > 1) =>
            {
                AlterAlgorithm::Copy
            }
            // Columns that come or are others beside indexes: all rows are written.
            AlterAlgorithm::Index if !columns.is_empty() => AlterAlgorithm::InPlace,
            it => it,
        }
    }

    /// The statement.
    pub(super) fn statement(&self, table: &str) -> Option<String> {
        let clauses: Vec<_> = self.clauses.iter().map(|it| it.text.as_str()).collect();
        let (table, clauses) = (quoted(table), clauses.join(", "));
        let algorithm = self.algorithm().sql();
        (!self.is_empty()).then(|| format!("ALTER TABLE {table} {clauses}, {algorithm}"))
    }
}

/// In what a table differs that is the script's matter.
pub(super) fn found(current: &Table, desired: &Table, extra: ExtraColumns) -> Vec<Difference> {
    let mut found = differences(current, desired);
    if extra == ExtraColumns::Keep {
        found.retain(|it| !is_of_extra_column(*it, current, desired));
    }
    let common = default_collation(&current.sql);
    found.retain(|difference| match *difference {
        // What the table says of itself is said of its columns.
        Difference::Column { desired: to, what: Respect::Collation, .. } => {
            let said = desired.columns.get(to).and_then(|it| it.collation.as_deref());
            said.is_none() || said != common
        }
        // What a script has no words for is left alone.
        Difference::Column { what: Respect::Other, .. }
        | Difference::AddOther { .. }
        | Difference::DropOther { .. }
        | Difference::Options => false,
        _ => true,
    });
    // The name that a check gets by itself is nobody's matter.
    let alike = |drop: usize, add: usize| {
        let (is, said) = (current.checks.get(drop), desired.checks.get(add));
        is.zip(said).is_some_and(|(is, said)| {
            let own = |name: Option<&str>| name.is_none_or(|it| it.starts_with("CONSTRAINT_"));
            is.condition == said.condition
                && is.column.is_some() == said.column.is_some()
                && (own(is.name.as_deref()) || own(said.name.as_deref()))
        })
    };
    let mut pairs = Vec::new();
    for it in &found {
        let Difference::DropCheck { current: drop } = *it else { continue };
        let add = found.iter().find(|other| match **other {
            Difference::AddCheck { desired: add } => alike(drop, add) && !pairs.contains(*other),
            _ => false,
        });
        if let Some(add) = add {
            pairs.extend([*it, *add]);
        }
    }
    found.retain(|it| !pairs.contains(it) && !matches!(it, Difference::RenameCheck { .. }));
    // What is said of a column comes, or takes the place of something else.
    for (to, column) in desired.columns.iter().enumerate() {
        let at = current.place(&column.name);
        let is = at.and_then(|at| current.columns.get(at));
        if let (Some(at), Some(is)) = (at, is)
            && !column.comment.is_empty()
            && column.comment != is.comment
        {
            found.push(Difference::Column { current: at, desired: to, what: Respect::Other });
        }
    }
    if !desired.comment.is_empty() && desired.comment != current.comment {
        found.push(Difference::Options);
    }
    found
}

/// The type that is true or false, which the server doesn't ask for.
pub(super) const BOOLEAN: &str = "tinyint(1)";

/// A type's word, and what is in its brackets.
fn parts(data_type: &str) -> (&str, &str) {
    match data_type.split_once('(') {
        Some((word, rest)) => (word, rest.rsplit_once(')').map_or(rest, |it| it.0)),
        None => (data_type, ""),
    }
}

/// How many bits of an integer there are.
fn bits(data_type: &str) -> Option<(u32, bool)> {
    let unsigned = data_type.contains(" unsigned");
    let bits = match data_type.split(['(', ' ']).next()? {
        "tinyint" => 8,
        "smallint" => 16,
        "mediumint" => 24,
        "int" => 32,
        "bigint" => 64,
        _ => return None,
    };
    Some((bits, unsigned))
}

/// How long a text of a type may be.
fn length(data_type: &str) -> Option<u64> {
    let (word, inner) = parts(data_type);
    Some(match word {
        "varchar" | "char" => inner.parse().ok()?,
        "tinytext" => 63,
        "text" => 16_383,
        "mediumtext" => 4_194_303,
        "longtext" => u64::from(u32::MAX) / 4,
        _ => return None,
    })
}

/// Whether every value of a type has its like in the other, and comes back from there as it was.
pub(super) fn holds_all(from: &str, to: &str) -> bool {
    if from == to {
        return true;
    }
    if to == BOOLEAN {
        return false;
    }
    if let (Some((a, unsigned)), Some((b, other))) = (bits(from), bits(to)) {
        return if unsigned == other { a <= b } else { unsigned && a < b };
    }
    if let (Some(a), Some(b)) = (length(from), length(to)) {
        // One of a fixed length loses blanks at its end.
        return a <= b && (!to.starts_with("char(") || from.starts_with("char("));
    }
    let ((from, had), (to, has)) = (parts(from), parts(to));
    let numbers =
        |list: &str| -> Vec<u32> { list.split(',').filter_map(|it| it.parse().ok()).collect() };
    match (from, to) {
        ("decimal", "decimal") => match (numbers(had).as_slice(), numbers(has).as_slice()) {
            ([a, s], [b, t]) => s <= t && a - s <= b.saturating_sub(*t),
            _ => false,
        },
        ("datetime", "datetime") | ("time", "time") | ("timestamp", "timestamp") => {
            had.parse::<u32>().unwrap_or(0) <= has.parse::<u32>().unwrap_or(0)
        }
        ("date", "datetime") | ("float", "double") => true,
        ("enum", "enum") => members(had).iter().all(|it| members(has).contains(it)),
        _ => false,
    }
}

/// The members of an enumeration.
fn members(list: &str) -> Vec<&str> {
    list.split("',").map(|it| it.trim_matches('\'')).collect()
}

/// Whether a type becomes another one without a row being looked at.
fn is_instant(from: &Column, to: &Column, utf8: bool) -> bool {
    let ((a, had), (b, has)) = (parts(&from.data_type), parts(&to.data_type));
    match (a, b) {
        ("varchar", "varchar") if utf8 => match (had.parse::<u32>(), has.parse::<u32>()) {
            // As many bytes say how long it is.
            (Ok(a), Ok(b)) => a <= b && (b <= 63 || a >= 64),
            _ => false,
        },
        ("enum", "enum") => {
            let all = members(has);
            has.starts_with(had) && all.len() < 256 && all.starts_with(&members(had))
        }
        // How wide an integer is shown.
        _ => bits(&from.data_type).is_some() && bits(&from.data_type) == bits(&to.data_type),
    }
}

/// A value of another type as one of this, as SQL; none of a type that has no such.
pub(super) fn cast(value: &str, data_type: &str) -> Option<String> {
    let (word, inner) = parts(data_type);
    let as_type = match word {
        "decimal" => data_type.split(' ').next()?.to_owned(),
        "date" => "DATE".to_owned(),
        "datetime" | "timestamp" if inner.is_empty() => "DATETIME".to_owned(),
        "datetime" | "timestamp" => format!("DATETIME({inner})"),
        "time" if inner.is_empty() => "TIME".to_owned(),
        "time" => format!("TIME({inner})"),
        "double" | "float" => "DOUBLE".to_owned(),
        _ => match bits(data_type) {
            Some((_, unsigned)) => if unsigned { "UNSIGNED" } else { "SIGNED" }.to_owned(),
            None => {
                return (length(data_type).is_some() || word == "enum").then(|| value.to_owned());
            }
        },
    };
    Some(format!("CAST({value} AS {as_type})"))
}

/// Whether values of one type become those of the other by a number that nobody sees: the place of a member.
pub(super) fn goes_by_place(from: &str, to: &str) -> bool {
    let lists = |it: &str| it.starts_with("enum(") || it.starts_with("set(");
    let text = |it: &str| length(it).is_some();
    lists(from) && !lists(to) && !text(to) || lists(to) && !lists(from) && !text(from)
}

/// How a column becomes another one.
pub(super) fn modification(from: &Column, to: &Column, current: &Table) -> AlterAlgorithm {
    let utf8 = is_utf8mb4(&current.sql) && !from.text.contains("CHARACTER SET latin");
    let checks = |column: &Column| !split_check(&column.text).1.is_empty();
    if from.identity != to.identity || checks(to) || checks(from) {
        return AlterAlgorithm::Copy;
    }
    let mut res = AlterAlgorithm::Instant;
    if from.data_type != to.data_type && !is_instant(from, to, utf8) {
        return AlterAlgorithm::Copy;
    }
    if from.collation != to.collation {
        let set = |column: &Column| {
            let name = column.collation.as_ref().map(ToString::to_string);
            name.and_then(|it| it.split('_').next().map(str::to_owned))
        };
        let common = default_collation(&current.sql).and_then(|it| it.split('_').next());
        let of = |it: &Column| set(it).or_else(|| common.map(str::to_owned));
        if of(from) != of(to) {
            return AlterAlgorithm::Copy;
        }
        res = AlterAlgorithm::InPlace;
    }
    if from.not_null != to.not_null {
        res = AlterAlgorithm::InPlace;
    }
    match (&from.generated, &to.generated) {
        (None, None) => res,
        (Some(a), Some(b)) if a == b || !a.stored && !b.stored => res,
        _ => AlterAlgorithm::Copy,
    }
}

/// How a column comes.
pub(super) fn addition(column: &Column, default: Option<&str>) -> AlterAlgorithm {
    let computed = |text: &str| {
        text.contains('(') && !text.starts_with('\'') && !text.starts_with("current_timestamp(")
    };
    let stored = column.generated.as_ref().is_some_and(|it| it.stored);
    if stored || column.identity || default.is_some_and(computed) {
        AlterAlgorithm::Copy
    } else {
        AlterAlgorithm::Instant
    }
}

/// How a column goes.
pub(super) fn removal(column: &str, current: &Table) -> AlterAlgorithm {
    let has = |index: &TableIndex| {
        let name = quoted(column);
        index.sql.as_deref().is_some_and(|it| it.contains(&name))
            || index
                .members
                .iter()
                .any(|member| member.column.as_ref().is_some_and(|it| *it == *column))
    };
    if current.indexes.iter().any(has) { AlterAlgorithm::Copy } else { AlterAlgorithm::Instant }
}

/// A text in quotes.
pub(super) fn text(said: &str) -> String {
    let it = said.replace('\\', "\\\\").replace('\'', "''").replace('\0', "\\0");
    format!("'{}'", it.replace('\n', "\\n").replace('\r', "\\r"))
}

/// All of a column behind its name, as it is to be; what is said of it stays where the script says nothing.
pub(super) fn column_text(to: &Column, from: Option<&Column>) -> String {
    let Some(from) = from else { return to.text.clone() };
    let (own, check) = split_check(&to.text);
    let mut own = own.to_owned();
    if from.data_type == to.data_type && to.generated.is_none() {
        for other in from.others.iter().filter(|it| !to.others.contains(it)) {
            own.push(' ');
            own.push_str(other);
        }
    }
    if to.comment.is_empty() && !from.comment.is_empty() {
        own.push_str(" COMMENT ");
        own.push_str(&text(&from.comment.join("\n")));
    }
    own + check
}

/// An index as a clause that adds it.
pub(super) fn index_clause(index: &TableIndex, table: &str) -> Option<String> {
    if index.origin != IndexOrigin::Created {
        return None;
    }
    added_index(index.sql.as_deref()?, table)
}

#[cfg(test)]
mod tests {
    use super::holds_all;

    #[test]
    fn a_type_holds_all_where_every_value_has_its_like() {
        let rows = [
            ("int(11)", "bigint(20)", true),
            ("bigint(20)", "int(11)", false),
            ("int(10) unsigned", "int(11)", false),
            ("int(10) unsigned", "bigint(20)", true),
            ("varchar(80)", "varchar(255)", true),
            ("varchar(255)", "text", true),
            ("text", "varchar(255)", false),
            ("varchar(80)", "char(80)", false),
            ("decimal(10,2)", "decimal(12,4)", true),
            ("decimal(10,2)", "decimal(11,4)", false),
            ("enum('a','b')", "enum('b','a','c')", true),
            ("enum('a','b')", "enum('a')", false),
            ("datetime(3)", "datetime", false),
            ("int(11)", "varchar(255)", false),
        ];
        for (from, to, expected) in rows {
            assert_eq!(holds_all(from, to), expected, "{from} to {to}");
        }
    }
}
