//! Tables of one name in several schemas: SQLite has one schema, where the later ones are `schema.table`.

use crate::stored::{SqlToken, quoted, tokens};
use std::borrow::Cow;
use std::collections::HashMap;

/// A text in which no two tables that are made have one name; what is said of those that got another.
pub(super) fn told_apart<'t>(text: &'t str, left: &mut Vec<(String, String)>) -> Cow<'t, str> {
    let all = tokens(text);
    // by the table's own name: the schema of the first one
    let mut first: HashMap<String, String> = HashMap::new();
    let mut renamed: Vec<(String, String)> = Vec::new();
    for statement in all.split(|it| it.is_sign(';')) {
        let Some((schema, table)) = made(statement) else { continue };
        let (schema, table) = (schema.to_lowercase(), table.to_lowercase());
        let known = first.entry(table.clone()).or_insert_with(|| schema.clone());
        if *known != schema && !renamed.contains(&(schema.clone(), table.clone())) {
            renamed.push((schema, table));
        }
    }
    if renamed.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut res, mut at) = (String::with_capacity(text.len()), 0);
    for three in all.windows(3) {
        let [schema, dot, table] = three else { continue };
        let (Some(own), true, Some(name)) = (schema.label(), dot.is_sign('.'), table.label())
        else {
            continue;
        };
        let is_meant = renamed
            .iter()
            .any(|it| it.0.eq_ignore_ascii_case(own) && it.1.eq_ignore_ascii_case(name));
        if is_meant && schema.range.start >= at {
            res.push_str(text.get(at..schema.range.start).unwrap_or_default());
            res.push_str(&quoted(&format!("{own}.{name}")));
            at = table.range.end;
        }
    }
    res.push_str(text.get(at..).unwrap_or_default());
    for (schema, table) in renamed {
        left.push((
            format!("another schema has a table `{table}`, so that of `{schema}` is `{schema}.{table}` here: write `tableName: {table}, schema: {schema}`"),
            String::new(),
        ));
    }
    Cow::Owned(res)
}

/// The schema and the name of the table that a statement makes: `public`, where it names none.
fn made(statement: &[SqlToken]) -> Option<(&str, &str)> {
    let at = statement.iter().take(5).position(|it| it.is("table"))?;
    if !statement.first()?.is("create") {
        return None;
    }
    let mut rest = statement.get(at + 1..)?;
    if let [one, two, three, behind @ ..] = rest
        && one.is("if")
        && two.is("not")
        && three.is("exists")
    {
        rest = behind;
    }
    match rest {
        [schema, dot, table, ..] if dot.is_sign('.') => Some((schema.label()?, table.label()?)),
        [table, ..] => Some(("public", table.label()?)),
        [] => None,
    }
}
