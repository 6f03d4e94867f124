//! The comments of a statement: what they say, and of what.

use super::statement::CreateTable;
use super::token;

/// What comments say.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    /// Of the table.
    pub(super) table: Vec<String>,
    /// Of each column, by its place.
    pub(super) columns: Vec<Vec<String>>,
}

/// The comments of a statement. One on a column's line is about that column, one on a line of its own about the column
/// below it; what stands before the first bracket, or below the last column, is about the table.
pub(super) fn remarks(sql: &str, statement: &CreateTable) -> Remarks {
    let mut res =
        Remarks { columns: vec![Vec::new(); statement.columns.len()], ..Remarks::default() };
    if !sql.contains("--") && !sql.contains("/*") {
        return res;
    }
    for (at, text) in comments(sql) {
        let lines = lines(text);
        let slot = owner(sql, statement, at).and_then(|it| res.columns.get_mut(it));
        slot.unwrap_or(&mut res.table).extend(lines);
    }
    res
}

/// What all comments of a statement say, line by line.
pub fn remarks_in(sql: &str) -> Vec<String> {
    comments(sql).into_iter().flat_map(|(_, text)| lines(text)).collect()
}

fn lines(text: &str) -> impl Iterator<Item = String> {
    let lines = text.lines().map(|it| it.trim().trim_matches('*').trim());
    lines.filter(|it| !it.is_empty()).map(str::to_owned)
}

/// The column that a comment at a place is about.
fn owner(sql: &str, statement: &CreateTable, at: usize) -> Option<usize> {
    let begins = |at: usize| statement.columns.get(at).map(|it| it.range.start);
    let next = (0..statement.columns.len()).find(|it| begins(*it) > Some(at));
    let last = next.unwrap_or(statement.columns.len()).checked_sub(1);
    if let Some(last) = last {
        let column = statement.columns.get(last)?;
        let between = sql.get(column.range.end.min(at)..at)?;
        if !between.contains('\n') {
            return Some(last);
        }
    } else {
        // Before the bracket, or on its line.
        let behind = sql.get(statement.open..at)?;
        if !behind.contains('\n') {
            return None;
        }
    }
    next
}

/// The comments, where they begin and what they say.
fn comments(sql: &str) -> Vec<(usize, &str)> {
    let inner = |range: std::ops::Range<usize>| {
        let text = sql.get(range.clone())?;
        let text = text.get(2..).unwrap_or_default();
        let text = text.strip_suffix("*/").unwrap_or(text);
        Some((range.start, text))
    };
    let all = token::comments(sql).into_iter();
    all.filter_map(inner).collect()
}
