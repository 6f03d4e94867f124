//! Options of a column as SQL, Prisma and TypeScript write them, behind its type.

use super::super::draft::{name, text};
use super::super::lexeme::{LexemeCursor, LexemeKind};
use super::Rewording;

/// Options of columns, as SQL writes them.
const COLUMN: [(&[&str], &str); 12] = [
    (&["@", "id"], "primaryKey"),
    (&["@", "unique"], "unique"),
    (&["?"], ""),
    (&["!"], "allowNull: false"),
    (&["not", "null"], "allowNull: false"),
    (&["primary", "key"], "primaryKey"),
    (&["autoincrement"], "autoIncrement"),
    (&["auto_increment"], "autoIncrement"),
    (&["unique"], "unique"),
    (&["required"], "allowNull: false"),
    (&["optional"], ""),
    (&["null"], ""),
];

/// The options that a column's words say.
pub(super) fn column_options(cursor: &mut LexemeCursor<'_>) -> Vec<String> {
    let mut res = Vec::new();
    loop {
        let known = COLUMN.iter().find(|word| {
            let mut ahead = *cursor;
            !ahead.peek().is_some_and(|it| it.breaks)
                && ahead.eat_all(word.0)
                && !ahead.peek().is_some_and(|it| it.is(":"))
        });
        if let Some((words, option)) = known {
            cursor.eat_all(words);
            res.push((*option).to_owned());
            continue;
        }
        if let Some((from, to)) = option_pair(cursor) {
            res.push(cursor.text.get(from..to).unwrap_or_default().to_owned());
            continue;
        }
        let mut ahead = *cursor;
        let is_beside = ahead.peek().is_some_and(|it| !it.breaks);
        if is_beside && ahead.eat("check") && ahead.peek().is_some_and(|it| it.is("(")) {
            let start = ahead.behind_space();
            ahead.skip();
            let inner = cursor.text.get(start..ahead.end).unwrap_or_default();
            res.push(format!("check: {}", super::bracketed(inner)));
            *cursor = ahead;
            continue;
        }
        if is_beside
            && ahead.eat("references")
            && let Some(table) = ahead.name()
        {
            let key = if ahead.eat("(") { ahead.name() } else { None };
            ahead.eat(")");
            let key = key.map_or(String::new(), |it| format!(", key: {}", name(&it)));
            res.push(format!("references: {{ model: {}{key} }}", text(&table)));
            *cursor = ahead;
            continue;
        }
        if is_beside && ahead.eat_one_of(&["default", "="]) {
            let value = ahead.peek();
            if let Some(value) = value.filter(|it| it.kind != LexemeKind::Sign) {
                ahead.take();
                let call = if ahead.eat_all(&["(", ")"]) { "()" } else { "" };
                let said = if value.is("current_timestamp") || value.is("now") {
                    "now()".to_owned()
                } else if ["true", "false", "null"].iter().any(|it| value.is(it)) {
                    value.text.to_ascii_lowercase()
                } else {
                    format!("{}{call}", value.text)
                };
                res.push(format!("defaultValue: {said}"));
                *cursor = ahead;
                continue;
            }
        }
        res.retain(|it| !it.is_empty());
        return res;
    }
}

/// `allowNull: false` and the like, in `{ }` or `( )` or without a bracket; `= "x"` is a default.
fn option_pair(cursor: &mut LexemeCursor<'_>) -> Option<(usize, usize)> {
    const OPTIONS: [&str; 9] = [
        "allowNull",
        "defaultValue",
        "unique",
        "primaryKey",
        "autoIncrement",
        "field",
        "comment",
        "references",
        "validate",
    ];
    let first = cursor.peek().filter(|it| !it.breaks)?;
    let mut ahead = *cursor;
    let is_bracket = first.is("{") || first.is("(");
    if is_bracket {
        ahead.take();
    }
    let name = ahead.peek().filter(|it| OPTIONS.contains(&it.text))?;
    ahead.take();
    if !ahead.eat(":") {
        return None;
    }
    let (mut from, mut to) = if is_bracket {
        ahead = *cursor;
        ahead.skip();
        (first.end, ahead.end - 1)
    } else {
        ahead.until(|it| it.is(",") || it.breaks);
        (name.start, ahead.end)
    };
    let text = cursor.text.get(from..to)?;
    to -= text.len() - text.trim_end().len();
    from += text.len() - text.trim_start().len();
    *cursor = ahead;
    Some((from, to))
}

/// The options in their brackets, or among those that follow.
pub(super) fn put_options(
    cursor: LexemeCursor<'_>,
    start: usize,
    options: &[String],
) -> Vec<Rewording> {
    let range = start..cursor.end;
    let said = options.join(", ");
    let help = format!("the options of an attribute stand in angle brackets: `< {said} >`");
    let brackets = cursor.peek().filter(|it| it.is("<"));
    if said.is_empty() {
        let help = "an attribute may be null by itself".to_owned();
        return vec![Rewording { range, text: String::new(), help }];
    }
    match brackets {
        Some(it) => vec![
            Rewording { range, text: String::new(), help },
            Rewording { range: it.start..it.end, text: format!("< {said},"), help: String::new() },
        ],
        None => vec![Rewording { range, text: format!("< {said} >"), help }],
    }
}
