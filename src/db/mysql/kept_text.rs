//! What the server keeps as a text of its own: views, routines and the statements of triggers, as a session of Relata's would write them.

use super::shown::{quoted_end, split_at_word, words_of};

/// The statement of a view or routine without who made it, and what it says by itself.
pub(super) fn told_statement(sql: &str, kind: &str) -> String {
    let Some((before, made)) = split_at_word(sql, kind) else { return sql.to_owned() };
    let mut res = "CREATE ".to_owned();
    for it in words_of(before).into_iter().skip(1) {
        match it {
            "INVOKER" => res.push_str("SQL SECURITY INVOKER "),
            "ALGORITHM=UNDEFINED" | "SQL" | "SECURITY" | "DEFINER" => {}
            _ if it.starts_with("DEFINER=") => {}
            other => {
                res.push_str(other);
                res.push(' ');
            }
        }
    }
    res + made
}

/// A trigger's or routine's text, which was written where quotes and bars mean something else, as a session of Relata's reads it.
pub(super) fn in_session_mode(sql: &str, mode: &str) -> String {
    let has = |word: &str| mode.split(',').any(|it| it == word);
    let (names, texts) = (has("ANSI_QUOTES"), has("PIPES_AS_CONCAT"));
    if names && texts {
        return sql.to_owned();
    }
    let (mut res, mut rest) = (String::with_capacity(sql.len()), sql);
    while let Some(first) = rest.chars().next() {
        let comment = match first {
            '#' => rest.find('\n'),
            '-' if rest.starts_with("-- ") => rest.find('\n'),
            '/' if rest.starts_with("/*") => rest.find("*/").map(|it| it + 2),
            _ => Some(0),
        };
        let end = match (comment, first) {
            (None, _) => rest.len(),
            (Some(0), '\'' | '"' | '`') => quoted_end(rest, first).unwrap_or(rest.len()),
            (Some(0), '|') if rest.starts_with("||") => 2,
            (Some(0), _) => first.len_utf8(),
            (Some(end), _) => end,
        };
        let (piece, behind) = rest.split_at(end);
        rest = behind;
        match piece {
            "||" if !texts => res.push_str("or"),
            _ if first == '"' && piece.len() > 1 && !names => {
                let inner = piece.get(1..piece.len() - 1).unwrap_or_default();
                res.push('\'');
                res.push_str(&inner.replace("\"\"", "\"").replace('\'', "''"));
                res.push('\'');
            }
            _ => res.push_str(piece),
        }
    }
    res
}

#[cfg(test)]
mod tests {
    use super::{in_session_mode, told_statement};

    #[test]
    fn a_text_means_what_it_meant() {
        let sql = "SET NEW.`a\"` = \"it's \"\"x\"\"\" || 'a||\"' /* \"b\" */ -- \"c\"\n";
        assert_eq!(
            in_session_mode(sql, "STRICT_TRANS_TABLES"),
            "SET NEW.`a\"` = 'it''s \"x\"' or 'a||\"' /* \"b\" */ -- \"c\"\n"
        );
        assert_eq!(in_session_mode(sql, "ANSI_QUOTES,PIPES_AS_CONCAT"), sql);
    }

    #[test]
    fn who_made_it_is_nobodys_matter() {
        let sql = "CREATE ALGORITHM=UNDEFINED DEFINER=\"root\"@\"local VIEW host\" SQL SECURITY DEFINER VIEW \"v\" AS select 1";
        assert_eq!(told_statement(sql, "VIEW"), "CREATE VIEW \"v\" AS select 1");
        let sql = "CREATE ALGORITHM=MERGE DEFINER=\"a\"@\"b\" SQL SECURITY INVOKER VIEW \"v\" AS select 1";
        assert_eq!(
            told_statement(sql, "VIEW"),
            "CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW \"v\" AS select 1"
        );
        let sql = "CREATE DEFINER=\"a\"@\"b\" FUNCTION \"f\"() RETURNS int(11)\nRETURN 1";
        assert_eq!(
            told_statement(sql, "FUNCTION"),
            "CREATE FUNCTION \"f\"() RETURNS int(11)\nRETURN 1"
        );
    }
}
