//! Statements laid out for people: no line is wider than it may be, where it can be broken.
//!
//! Invariant: what comes out means the same: lines are broken at spaces between tokens, and at no others.

use relata::report::wrap;
use relata::stored::{SqlToken, comments, laid_out, tokens};
use std::ops::Range;
use unicode_width::UnicodeWidthStr as _;

/// What a clause begins with.
const CLAUSES: [&str; 17] = [
    "SELECT",
    "FROM",
    "WHERE",
    "SET",
    "VALUES",
    "GROUP",
    "ORDER",
    "HAVING",
    "LIMIT",
    "LEFT",
    "INNER",
    "JOIN",
    "UNION",
    "EXCEPT",
    "RETURNING",
    "REFERENCES",
    "CHECK",
];
/// Behind these, a word of [`CLAUSES`] goes on with what they say: `ON DELETE SET NULL`, `IS DISTINCT FROM`.
const GOES_ON: [&str; 8] =
    ["DELETE", "UPDATE", "DISTINCT", "LEFT", "INNER", "OUTER", "CROSS", "NATURAL"];
/// How much deeper a clause stands than its statement, and the rest of a clause than its beginning.
const DEEPER: usize = 2;

/// A place where a line may end: spaces between two tokens.
struct Gap {
    spaces: Range<usize>,
    /// How many brackets are open there.
    depth: usize,
    /// Whether what follows is a line of its own rather than the rest of one.
    is_clause: bool,
    /// Whether a list, or a condition, has a member's end here.
    is_member: bool,
}

/// A statement, or several, of which no line is wider than `width` if there is a place to break it.
pub(crate) fn fitted(sql: &str, width: usize) -> String {
    let text = laid_out(sql);
    if text.lines().all(|it| it.width() <= width) {
        return text.into_owned();
    }
    let (gaps, comments) = (gaps(&text), comments(&text));
    let (mut res, mut start) = (Vec::new(), 0);
    for line in text.split('\n') {
        let range = start..start + line.len();
        start = range.end + 1;
        if line.width() <= width {
            res.push(line.to_owned());
            continue;
        }
        let told = comments.iter().find(|it| range.contains(&it.start));
        let told =
            told.filter(|it| text.get(it.start..).is_some_and(|rest| rest.starts_with("--")));
        let code = range.start..told.map_or(range.end, |it| it.start);
        if !text.get(code.clone()).unwrap_or_default().trim().is_empty() {
            let first = gaps.partition_point(|it| it.spaces.start < code.start);
            let behind = gaps.partition_point(|it| it.spaces.end <= code.end);
            broken(
                &text,
                code.clone(),
                gaps.get(first..behind).unwrap_or_default(),
                width,
                &mut res,
            );
        }
        let told = told.and_then(|_| text.get(code.end..range.end));
        res.extend(told.iter().flat_map(|it| comment(it, width)));
    }
    res.join("\n")
}

fn gaps(text: &str) -> Vec<Gap> {
    let tokens = tokens(text);
    let (mut res, mut depth) = (Vec::new(), 0_usize);
    for pair in tokens.windows(2) {
        let [before, behind] = pair else { continue };
        if before.is_sign('(') {
            depth += 1;
        } else if before.is_sign(')') {
            depth = depth.saturating_sub(1);
        }
        let spaces = before.range.end..behind.range.start;
        let between = text.get(spaces.clone()).unwrap_or_default();
        if between.is_empty() || between.bytes().any(|it| it != b' ') {
            continue;
        }
        let is_any = |token: &SqlToken, words: &[&str]| words.iter().any(|word| token.is(word));
        let goes_on = is_any(before, &GOES_ON);
        let ends = before.is_sign(';') || before.is("begin");
        res.push(Gap {
            spaces,
            depth,
            is_clause: ends || is_any(behind, &CLAUSES) && !goes_on,
            is_member: before.is_sign(',') || behind.is("and") || behind.is("or"),
        });
    }
    res
}

/// A line at its clauses, and where these are too long at members of lists, or at any gap.
fn broken(text: &str, line: Range<usize>, gaps: &[Gap], width: usize, res: &mut Vec<String>) {
    let whole = text.get(line.clone()).unwrap_or_default();
    let indent = (whole.len() - whole.trim_start_matches(' ').len()).min(width / 4);
    let depth = gaps.iter().map(|it| it.depth).min().unwrap_or_default();
    let mut start = line.start;
    let mut deeper = indent;
    let mut own: Vec<&Gap> = Vec::new();
    for gap in gaps {
        if gap.is_clause && gap.depth == depth {
            filled(text, start..gap.spaces.start, &own, (deeper, width), res);
            own.clear();
            start = gap.spaces.end;
            deeper = indent + DEEPER;
        } else {
            own.push(gap);
        }
    }
    filled(text, start..line.end, &own, (deeper, width), res);
}

/// A clause, in as few lines as it takes.
fn filled(
    text: &str,
    clause: Range<usize>,
    gaps: &[&Gap],
    (indent, width): (usize, usize),
    res: &mut Vec<String>,
) {
    let of = |range: Range<usize>| text.get(range).unwrap_or_default().trim();
    let (mut start, mut deeper) = (clause.start, indent);
    // Where the line that is being filled may end: anywhere, and better behind a member.
    let (mut last, mut member) = (None::<&Gap>, None::<&Gap>);
    let ends = gaps.iter().map(|it| (it.spaces.start, Some(*it)));
    for (end, gap) in ends.chain([(clause.end, None)]) {
        while deeper + of(start..end).width() > width {
            let far = member
                .filter(|it| 2 * of(start..it.spaces.start).width() > width.saturating_sub(deeper));
            let Some(at) = far.or(last) else { break };
            res.push(format!("{:deeper$}{}", "", of(start..at.spaces.start)));
            start = at.spaces.end;
            deeper = (indent + DEEPER).min(width / 2);
            member = member.filter(|it| it.spaces.start > start);
            last = last.filter(|it| it.spaces.start > start);
        }
        last = gap.or(last);
        member = gap.filter(|it| it.is_member).or(member);
    }
    res.push(format!("{:deeper$}{}", "", of(start..clause.end)));
}

/// A comment, in comments.
fn comment(text: &str, width: usize) -> Vec<String> {
    let text = text.trim_start_matches('-').trim();
    let pieces = wrap(text, width.saturating_sub(3).max(1));
    pieces.iter().map(|it| format!("-- {it}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sql: &str, width: usize, expected: &str) {
        let res = fitted(sql, width);
        assert_eq!(res, expected, "\n{res}");
        let plain = |it: &str| it.split_whitespace().collect::<String>();
        assert_eq!(plain(&res), plain(sql));
    }

    #[test]
    fn a_statement_that_fits_stays_and_another_is_broken_at_its_clauses() {
        let sql = "INSERT INTO `a` (`id`, `name`) SELECT `id`, `name` FROM `b` WHERE `id` > 1";
        check(sql, 80, sql);
        check(
            sql,
            40,
            "INSERT INTO `a` (`id`, `name`)\n  SELECT `id`, `name`\n  FROM `b`\n  WHERE `id` > 1",
        );
        check(
            sql,
            24,
            "INSERT INTO `a` (`id`,\n  `name`)\n  SELECT `id`, `name`\n  FROM `b`\n  WHERE `id` > 1",
        );
    }

    #[test]
    fn what_is_in_quotes_or_brackets_is_one_word() {
        check(
            "SELECT count(*), 'one two three four five' FROM t",
            20,
            "SELECT count(*),\n  'one two three four five'\n  FROM t",
        );
        check(
            "CREATE TABLE t (a TEXT, CONSTRAINT k FOREIGN KEY (a) REFERENCES b (a) ON DELETE SET NULL)",
            46,
            "CREATE TABLE t (\n  a TEXT,\n  CONSTRAINT k FOREIGN KEY (a)\n    REFERENCES b (a) ON DELETE SET NULL\n)",
        );
    }

    #[test]
    fn triggers_and_comments_are_broken_too() {
        check(
            "CREATE TRIGGER g AFTER UPDATE ON t BEGIN UPDATE t SET a = 1; DELETE FROM b; END",
            40,
            "CREATE TRIGGER g AFTER UPDATE ON t BEGIN\n  UPDATE t\n  SET a = 1;\n  DELETE FROM b;\n  END",
        );
        let comment = "-- one two three four\nSELECT 1";
        assert_eq!(fitted(comment, 14), "-- one two\n-- three four\nSELECT 1");
        let values = "SELECT ?, ? FROM `t`  -- 1, two";
        assert_eq!(fitted(values, 24), "SELECT ?, ?\n  FROM `t`\n-- 1, two");
    }

    #[test]
    fn no_line_is_wider_whatever_the_letters() {
        let columns: Vec<String> = (0..100).map(|it| format!("`名前👨‍👩‍👧{it}`")).collect();
        let columns = columns.join(", ");
        for sql in [
            format!("INSERT INTO `t` ({columns}) SELECT {columns} FROM `s`"),
            format!("CREATE UNIQUE INDEX `i` ON `t` ({columns}) WHERE `a` IS NOT NULL"),
            format!(
                "CREATE VIEW v AS SELECT {columns} FROM t WHERE ({columns}) IN (SELECT {columns} FROM x)"
            ),
            format!("ALTER TABLE t ADD COLUMN `a` TEXT CHECK (`a` IN ({columns}))"),
        ] {
            for width in [40, 80, 120, 200] {
                let res = fitted(&sql, width);
                assert!(res.lines().all(|it| it.width() <= width), "{width}: {res}");
                let plain = |it: &str| it.split_whitespace().collect::<String>();
                assert_eq!(plain(&res), plain(&sql));
            }
        }
    }
}
