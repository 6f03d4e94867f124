//! A column of a server's table: its type, its default and what else holds of it.

use super::constraint::references;
use super::cursor::{DdlCursor, is_empty_list};
use super::{DdlColumn, DdlReader, DdlTable};
use crate::ir::{DataType, Integer, Suffix};
use crate::pull::ColumnFact;
use crate::sql::{Affinity, Dialect, type_text};
use crate::stored::{SqlToken, SqlTokenKind, quoted, quoted_text};
use crate::words::same_name;

impl DdlReader {
    pub(super) fn column(&mut self, item: DdlCursor<'_>, table: &mut DdlTable) -> Option<()> {
        let mut cursor = item;
        let mut column = DdlColumn { name: cursor.name()?, ..DdlColumn::default() };
        self.data_type(&mut cursor, &mut column, &table.name);
        while !cursor.all.is_empty() {
            let before = cursor;
            if cursor.eat(&["constraint"]) {
                cursor.name()?;
            } else if cursor.eat(&["not", "null"]) {
                column.clauses.push("NOT NULL".to_owned());
            } else if cursor.eat(&["null"]) {
            } else if cursor.eat(&["primary", "key"]) {
                table.primary_key = vec![column.name.clone()];
            } else if cursor.eat(&["unique"]) {
                cursor.eat(&["key"]);
                column.clauses.push("UNIQUE".to_owned());
            } else if cursor.eat(&["auto_increment"]) {
                column.counts = Some(item.written().to_owned());
            } else if cursor.eat(&["default"]) {
                self.column_default(&mut cursor, &mut column, &table.name);
            } else if cursor.eat(&["check"]) {
                column.clauses.push(format!("CHECK ({})", cursor.brackets()?.expression()));
            } else if cursor.all.first().is_some_and(|it| it.is("references")) {
                column.clauses.push(references(&mut cursor)?);
            } else if cursor.eat(&["generated"]) {
                let _ = cursor.eat(&["always"]) || cursor.eat(&["by", "default"]);
                cursor.eat(&["as"]);
                if cursor.eat(&["identity"]) {
                    column.counts = Some(item.written().to_owned());
                    cursor.brackets();
                } else {
                    let expression = cursor.brackets()?.expression();
                    let kind = if cursor.eat(&["virtual"]) { "VIRTUAL" } else { "STORED" };
                    cursor.eat(&["stored"]);
                    column.clauses.push(format!("GENERATED ALWAYS AS ({expression}) {kind}"));
                }
            } else if cursor.eat(&["on", "update"]) {
                cursor.take();
                cursor.brackets();
                let why = format!(
                    "`{}` of `{}` changes with its row in MySQL; here a model's `updatedAt` does",
                    column.name, table.name
                );
                self.leave(&why, item);
            } else if cursor.eat(&["comment"]) {
                let said = cursor.text_value()?;
                let named = Some(column.name.clone());
                self.facts.push(ColumnFact::comment(&table.name, named, said));
            } else if cursor.eat(&["collate"]) {
                let name = cursor.name()?;
                self.collated.push((name, format!("`{}` of `{}`", column.name, table.name)));
            } else if cursor.eat(&["charset"]) {
                cursor.name()?;
            } else if cursor.eat(&["visible"]) {
            } else if cursor.eat(&["character", "set"]) {
                cursor.take();
            } else {
                self.leave(
                    &format!("this of `{}` of `{}` can't be said", column.name, table.name),
                    before,
                );
                break;
            }
        }
        table.columns.push(column);
        Some(())
    }

    fn data_type(&mut self, cursor: &mut DdlCursor<'_>, column: &mut DdlColumn, table: &str) {
        const CLAUSES: [&str; 15] = [
            "not",
            "null",
            "primary",
            "unique",
            "auto_increment",
            "default",
            "check",
            "references",
            "generated",
            "on",
            "comment",
            "collate",
            "charset",
            "constraint",
            "character set",
        ];
        let begin = cursor.all;
        let is_clause = |it: &DdlCursor<'_>| {
            let mut ahead = *it;
            CLAUSES.iter().any(|word| ahead.eat(&word.split(' ').collect::<Vec<_>>()))
        };
        let mut members = None;
        while !cursor.all.is_empty() && !is_clause(cursor) {
            match cursor.brackets() {
                Some(inner) => members = Some(inner),
                None => drop(cursor.take()),
            }
        }
        let count = begin.len() - cursor.all.len();
        let type_tokens = DdlCursor { all: begin.get(..count).unwrap_or_default(), ..*cursor };
        let written = type_tokens.written();
        let mut plain = type_tokens;
        let name = plain.name().unwrap_or_default();
        let known = self.enums.iter().find(|it| same_name(&it.0, &name));
        let listed = match (members, known) {
            (Some(members), _) if same_name(&name, "enum") => Some(members.written().to_owned()),
            (_, Some((named, members))) => {
                self.facts.push(ColumnFact::enumeration(table, &column.name, named));
                let each: Vec<_> = members.iter().map(|it| quoted_text(it)).collect();
                Some(each.join(", "))
            }
            (_, None) => None,
        };
        if let Some(members) = listed {
            "TEXT".clone_into(&mut column.data_type);
            column.clauses.push(format!("CHECK ({} IN ({members}))", quoted(&column.name)));
            return;
        }
        if written.contains('[') || type_tokens.all.iter().any(|it| it.is("array")) {
            "JSON".clone_into(&mut column.data_type);
            column.is_list = true;
            let why = format!("a list is kept as JSON: `{}`", column.name);
            return self.left.push((why, written.to_owned()));
        }
        if ["serial", "bigserial", "smallserial"].iter().any(|it| same_name(it, &name)) {
            column.counts = Some(written.to_owned());
        }
        let last = written.rsplit('.').next().unwrap_or(written);
        let domain = self.domains.iter().find(|it| same_name(&it.0, &name));
        let found = DataType::of_database(domain.map_or(last, |it| &it.1));
        let (zoned, mut words) = (["with", "timestamptz"], type_tokens.all.iter());
        if same_name(&name, "timestamp")
            && !cursor.text.contains('`')
            && !words.any(|it| zoned.iter().any(|word| it.is(word)))
        {
            self.zoneless.push(format!("`{}` of `{table}`", column.name));
        }
        if let (Some(DataType::Blob(_)), Some(length)) = (&found, members) {
            let why = format!("no length of `{}` can be said: {}", column.name, length.written());
            self.left.push((why, written.to_owned()));
        }
        if let Some(DataType::Date(Some(digits))) = found {
            // MySQL alone writes names so
            if !cursor.text.contains('`') {
                let why = format!(
                    "`{}` keeps {digits} digits of a second: `DATE({digits})` says so to MySQL and MariaDB alone",
                    column.name
                );
                self.left.push((why, written.to_owned()));
            }
        }
        column.data_type = match found {
            // Where no length is said there is none.
            Some(DataType::String { length: None, binary: false }) => "TEXT".to_owned(),
            // What SQLite lacks is a text, as it would be written.
            Some(it) if Dialect::SQLITE.lacks(&it).is_none() => {
                let plain = spelled(&it);
                column.says_more = DataType::of_database(&plain.1).as_ref() != Some(&plain.0);
                column.written = Some(plain.0.written()).filter(|it| *it != "INTEGER");
                plain.1
            }
            _ => {
                let why = format!("the type of `{}` has no word, and becomes TEXT", column.name);
                self.left.push((why, written.to_owned()));
                "TEXT".to_owned()
            }
        };
    }

    fn column_default(&mut self, cursor: &mut DdlCursor<'_>, column: &mut DdlColumn, table: &str) {
        if let Some(said) = prefixed_text(cursor, &column.data_type) {
            while cursor.eat(&[":", ":"]) {
                cursor.cast();
            }
            return column.clauses.push(format!("DEFAULT {said}"));
        }
        let (begin, whole) = (cursor.all, *cursor);
        if cursor.brackets().is_none() {
            while cursor.eat(&["-"]) || cursor.eat(&["+"]) {}
            cursor.take();
            cursor.brackets();
        }
        let is_empty_list = |it: &DdlCursor<'_>| it.all.first().is_some_and(is_empty_list);
        let mut is_list = column.is_list;
        if is_empty_list(cursor) {
            is_list = true;
            // `ARRAY[]`
            cursor.take();
        }
        let count = begin.len() - cursor.all.len();
        let value = DdlCursor { all: begin.get(..count).unwrap_or_default(), ..*cursor };
        while cursor.eat(&[":", ":"]) {
            is_list |= cursor.cast();
        }
        let mut value = value;
        while let Some(inner) = value.whole_brackets() {
            value = inner;
        }
        let called = value.all.first().and_then(SqlToken::name).unwrap_or_default().to_lowercase();
        let said = match called.as_str() {
            "nextval" => {
                column.counts = Some(whole.written().to_owned());
                return;
            }
            "now" | "current_timestamp" | "localtimestamp" | "transaction_timestamp" => {
                "CURRENT_TIMESTAMP".to_owned()
            }
            "null" => return,
            "gen_random_uuid" | "uuid_generate_v4" | "uuid" => {
                return self.facts.push(ColumnFact::identifier(table, &column.name));
            }
            _ if is_list => match value.written() {
                "'{}'" | "ARRAY[]" | "(ARRAY[])" => "'[]'".to_owned(),
                _ => {
                    let why = format!("the default of `{}` of `{table}` is a list", column.name);
                    return self.left.push((why, value.written().to_owned()));
                }
            },
            // Dumps have numbers as texts.
            _ if is_number_of(value, &column.data_type) => {
                value.written().trim_matches('\'').to_owned()
            }
            _ => value.expression(),
        };
        let signs = value.all.iter().take_while(|it| it.is_sign('-') || it.is_sign('+')).count();
        let is_plain = value.all.len() == signs + 1 || said.starts_with('\'');
        column.clauses.push(if is_plain || said == "CURRENT_TIMESTAMP" {
            format!("DEFAULT {said}")
        } else {
            format!("DEFAULT ({said})")
        });
    }
}

/// A type without what says nothing of its values, and as a column of SQLite has it, whose values may be said to have no sign.
fn spelled(data_type: &DataType) -> (DataType, String) {
    // How wide a number is shown says nothing of its values.
    let data_type = match data_type {
        DataType::Integer(it) => DataType::Integer(Integer { length: None, ..*it }),
        it => it.clone(),
    };
    let written = type_text(Dialect::SQLITE, &data_type);
    let spelled = if data_type.parts().suffixes.contains(&Suffix::Unsigned) {
        let (name, arguments) = written.split_at(written.find('(').unwrap_or(written.len()));
        format!("{name} {}{arguments}", Suffix::Unsigned.word())
    } else {
        written
    };
    (data_type, spelled)
}

/// A text with a word before it that says what it is: bits (`b'1'`) are a number, letters of whatever set (`_utf8mb4'x'`, `N'x'`)
/// themselves, those behind `E` written with escapes.
fn prefixed_text(cursor: &mut DdlCursor<'_>, data_type: &str) -> Option<String> {
    let [prefix, text, rest @ ..] = cursor.all else { return None };
    let (word, SqlTokenKind::Text(letters)) = (prefix.name()?, &text.kind) else { return None };
    let text = |it: &str| format!("'{}'", it.replace('\'', "''"));
    let said = match word.to_ascii_lowercase().as_str() {
        "b" if data_type == "TEXT" => text(letters),
        "b" => u32::from_str_radix(letters, 2).ok()?.to_string(),
        "e" => text(&unescaped(letters)),
        it if it == "n" || it.starts_with('_') => text(letters),
        _ => return None,
    };
    cursor.all = rest;
    Some(said)
}

/// What PostgreSQL reads behind `E`, as far as single letters say it.
fn unescaped(letters: &str) -> String {
    let mut res = String::with_capacity(letters.len());
    let mut rest = letters.chars();
    while let Some(letter) = rest.next() {
        let escaped = if letter == '\\' { rest.next() } else { None };
        res.push(match escaped {
            None => letter,
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some(itself) => itself,
        });
    }
    res
}

/// Whether a default is a text that stands for a number of such a column.
fn is_number_of(value: DdlCursor<'_>, data_type: &str) -> bool {
    let is_number = match value.all {
        [SqlToken { kind: SqlTokenKind::Text(text), .. }] => text.parse::<f64>().is_ok(),
        _ => false,
    };
    is_number && !matches!(Affinity::of(data_type), Affinity::Text | Affinity::Blob)
}

/// What ALTER COLUMN or MODIFY says of a column that is there; none where that can't be said.
pub(super) fn altered(mut part: DdlCursor<'_>, table: &mut DdlTable) -> Option<()> {
    let name = part.name()?;
    let column = table.columns.iter_mut().find(|it| same_name(&name, &it.name))?;
    let counts = |it: &SqlToken| it.is("auto_increment") || it.is("identity") || it.is("nextval");
    let written = part.written();
    if part.all.iter().any(counts) {
        column.counts = Some(written.to_owned());
        return Some(());
    }
    // How a server keeps a value says nothing of it.
    let silent = part.eat(&["set", "storage"]) || part.eat(&["set", "statistics"]);
    let not_null = part.eat(&["set", "not", "null"]);
    if not_null && !column.clauses.iter().any(|it| it == "NOT NULL") {
        column.clauses.insert(0, "NOT NULL".to_owned());
    }
    (not_null || silent).then_some(())
}
