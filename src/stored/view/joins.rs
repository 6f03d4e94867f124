//! What a view's query reads: tables and views, and how they are joined.

use super::SelectReader;
use super::columns::NamedSource;
use crate::catalog::Name;
use crate::stored::token::SqlToken;
use crate::words::same_name;

impl<'t> SelectReader<'t> {
    /// What stands behind `FROM`.
    pub(super) fn sources<'s>(
        &'s self,
        tokens: &'s [SqlToken],
        names: &mut Vec<NamedSource<'t>>,
        joins: &mut Vec<ReadJoin<'s>>,
    ) -> Option<()> {
        let mut rest = tokens;
        let mut is_outer = false;
        loop {
            let (first, behind) = rest.split_first()?;
            let table = first.name()?;
            rest = behind;
            let columns = self.known.of(table)?;
            let mut name = table;
            match rest {
                [word, alias, behind @ ..] if word.is("as") => {
                    name = alias.label()?;
                    rest = behind;
                }
                [alias, behind @ ..] if !is_of_join(alias) => {
                    name = alias.label()?;
                    rest = behind;
                }
                _ => {}
            }
            let mut on = None;
            if let [word, behind @ ..] = rest
                && word.is("on")
            {
                let end = end_of_condition(behind);
                on = Some(behind.get(..end)?);
                rest = behind.get(end..)?;
            }
            if names.iter().any(|it| same_name(&it.name, name)) {
                return None;
            }
            names.push(NamedSource { name: name.into(), columns });
            joins.push(ReadJoin { table: Name::from(table), is_outer, on });
            (is_outer, rest) = match rest {
                [] => return Some(()),
                [comma, behind @ ..] if comma.is_sign(',') => (false, behind),
                [join, behind @ ..] if join.is("join") => (false, behind),
                [word, join, behind @ ..]
                    if (word.is("inner") || word.is("cross")) && join.is("join") =>
                {
                    (false, behind)
                }
                [left, join, behind @ ..] if left.is("left") && join.is("join") => (true, behind),
                [left, outer, join, behind @ ..]
                    if left.is("left") && outer.is("outer") && join.is("join") =>
                {
                    (true, behind)
                }
                _ => return None,
            };
        }
    }
}

/// A source, as it is joined.
pub(super) struct ReadJoin<'s> {
    pub(super) table: Name,
    pub(super) is_outer: bool,
    pub(super) on: Option<&'s [SqlToken]>,
}

/// Whether a word is a join's own: no name of a source.
fn is_of_join(token: &SqlToken) -> bool {
    const WORDS: [&str; 12] = [
        "on", "using", "join", "left", "right", "full", "inner", "outer", "cross", "natural",
        "indexed", "not",
    ];
    token.is_sign(',') || WORDS.iter().any(|it| token.is(it))
}

/// Where the condition of a join ends.
fn end_of_condition(tokens: &[SqlToken]) -> usize {
    const WORDS: [&str; 8] =
        ["using", "join", "left", "right", "full", "inner", "cross", "natural"];
    let mut depth = 0_usize;
    let end = tokens.iter().position(|it| {
        if it.is_sign('(') {
            depth += 1;
        } else if it.is_sign(')') {
            depth = depth.saturating_sub(1);
        }
        depth == 0 && (it.is_sign(',') || WORDS.iter().any(|word| it.is(word)))
    });
    end.unwrap_or(tokens.len())
}
