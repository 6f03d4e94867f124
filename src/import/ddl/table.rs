//! A table of a server, put together from its clauses, as SQLite makes it.

use super::cursor::DdlCursor;
use super::list;
use crate::stored::quoted;
use crate::words::same_name;

/// A table that is put together.
#[derive(Debug, Default)]
pub(in crate::import) struct DdlTable {
    pub(super) name: String,
    pub(super) columns: Vec<DdlColumn>,
    pub(super) primary_key: Vec<String>,
    /// Clauses of the table, in SQLite's words.
    pub(super) clauses: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct DdlColumn {
    pub(super) name: String,
    pub(super) data_type: String,
    /// What holds of it, in SQLite's words.
    pub(super) clauses: Vec<String>,
    /// What says that a server numbers it, as written.
    pub(super) counts: Option<String>,
    /// Whether a server has several values in it.
    pub(super) is_list: bool,
    /// What it is in Relata's words, where SQLite's can't tell.
    pub(super) written: Option<String>,
    /// Whether SQLite's words for its type say less.
    pub(super) says_more: bool,
}

/// How MySQL keeps a table, as an option of a model says it: empty where a script means that without a word.
pub(super) fn told_option(cursor: &mut DdlCursor<'_>) -> Option<String> {
    let (option, usual) = if cursor.eat(&["engine"]) {
        ("engine", "InnoDB")
    } else if cursor.eat(&["charset"]) || cursor.eat(&["character", "set"]) {
        ("charset", "utf8mb4")
    } else {
        return None;
    };
    cursor.eat(&["="]);
    let value = cursor.name()?;
    Some(if same_name(&value, usual) { String::new() } else { format!("{option}: {value}") })
}

impl DdlTable {
    /// Whether SQLite would number it by itself: its type is another one there.
    pub(super) fn numbers(&self, column: &DdlColumn) -> bool {
        column.counts.is_some()
            && matches!(self.primary_key.as_slice(), [only] if same_name(only, &column.name))
    }

    /// The statement that makes it.
    pub(in crate::import) fn statement(&self) -> String {
        let mut items = Vec::new();
        let mut has_key = false;
        for column in &self.columns {
            let is_key =
                matches!(self.primary_key.as_slice(), [only] if same_name(only, &column.name));
            let numbers = self.numbers(column);
            let mut item = format!("{} {}", quoted(&column.name), column.data_type);
            if numbers {
                has_key = true;
                item = format!("{} INTEGER PRIMARY KEY AUTOINCREMENT", quoted(&column.name));
            }
            // A key that is an INTEGER is never null.
            let is_said = numbers || is_key && column.data_type.eq_ignore_ascii_case("integer");
            let of_key = self.primary_key.iter().any(|it| same_name(it, &column.name));
            if of_key && !is_said && !column.clauses.iter().any(|it| it == "NOT NULL") {
                // so a server has it, whatever is said
                item.push_str(" NOT NULL");
            }
            for clause in column.clauses.iter().filter(|it| *it != "NOT NULL" || !is_said) {
                item.push(' ');
                item.push_str(clause);
            }
            items.push(item);
        }
        if !has_key && !self.primary_key.is_empty() {
            items.push(format!("PRIMARY KEY ({})", list(&self.primary_key)));
        }
        items.extend(self.clauses.iter().cloned());
        format!("CREATE TABLE {} ({})", quoted(&self.name), items.join(", "))
    }

    /// Takes out what `compiles` has a word against: conditions, defaults and expressions, each with the reason and the original.
    pub(in crate::import) fn without_uncomputed(
        &mut self,
        mut compiles: impl FnMut(&str) -> Result<(), String>,
    ) -> Vec<(String, String)> {
        let names: Vec<String> = self.columns.iter().map(|it| it.name.clone()).collect();
        let mut left = Vec::new();
        let mut is_kept = |clause: &str, own: Option<&str>| {
            let made = if let Some(value) = clause.strip_prefix("DEFAULT (") {
                // SQLite looks at it when a row needs it
                compiles(&format!("SELECT ({value}"))
            } else if ["CHECK", "GENERATED", "CONSTRAINT"].iter().any(|it| clause.starts_with(it))
                && !clause.contains("FOREIGN KEY")
            {
                let others = names.iter().filter(|name| own != Some(name));
                let mut items: Vec<String> = others.map(|name| quoted(name)).collect();
                let own = own.map(|name| format!("{} {clause}", quoted(name)));
                items.push(own.unwrap_or_else(|| clause.to_owned()));
                compiles(&format!("CREATE TABLE x ({})", items.join(", ")))
            } else {
                return true;
            };
            let why =
                |error: &String| format!("SQLite can't compute this of `{}`: {error}", self.name);
            left.extend(made.as_ref().err().map(|error| (why(error), clause.to_owned())));
            made.is_ok()
        };
        for column in &mut self.columns {
            column.clauses.retain(|it| is_kept(it, Some(&column.name)));
        }
        self.clauses.retain(|it| is_kept(it, None));
        left
    }
}
