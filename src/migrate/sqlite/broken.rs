//! Which views and triggers don't work, as SQLite says where it compiles them.

use crate::catalog::{NameRef, ObjectKind};
use crate::client::{Client, RunResult, quoted};
use crate::migrate::broken::{BrokenObjects, ObjectKey, QuotedTexts};
use crate::source::Span;
use crate::stored::{SqlTokenKind, tokens};
use std::collections::{HashMap, HashSet};

/// The views that can't be read, and the tables whose triggers can't run. Nothing is run for it: SQLite compiles the statements.
pub(super) fn find_broken(client: &mut Client<'_>, at: Span) -> RunResult<BrokenObjects> {
    let mut found = BrokenObjects::default();
    let any = "SELECT count(*) FROM sqlite_schema WHERE type IN ('view', 'trigger')";
    if client.on_structure_itself().count(at, any)? == 0 {
        return Ok(found);
    }
    let objects = client.ask(at, |it| it.objects())?;
    let mut triggers: HashMap<_, Vec<String>> = HashMap::new();
    for trigger in objects.iter().filter(|it| it.kind() == ObjectKind::Trigger) {
        let own = triggers.entry(NameRef(&trigger.table)).or_default();
        own.extend(trigger.sql.clone());
    }
    for object in &objects {
        let name = quoted(&object.name);
        let own = triggers.get(&NameRef(&object.name));
        let (statements, sql) = match object.kind() {
            ObjectKind::View => {
                let sql = object.sql.iter().chain(own.into_iter().flatten());
                (vec![format!("SELECT * FROM {name}")], sql.cloned().collect())
            }
            ObjectKind::Table => {
                let Some(own) = own else { continue };
                let Some(table) = client.ask(at, |it| it.table(&object.name))? else {
                    continue;
                };
                let plain = table.columns.iter().filter(|it| it.generated.is_none());
                let all: Vec<_> = plain.map(|it| format!("{0} = {0}", quoted(&it.name))).collect();
                let statements = vec![
                    format!("INSERT INTO {name} DEFAULT VALUES"),
                    format!("UPDATE {name} SET {}", all.join(", ")),
                    format!("DELETE FROM {name}"),
                ];
                (statements, own.clone())
            }
            ObjectKind::Index | ObjectKind::Trigger => continue,
        };
        compile_all(
            client,
            at,
            (object.kind(), object.name.as_str().into()),
            &statements,
            sql,
            &mut found,
        )?;
    }
    Ok(found)
}

/// Compiles statements that go by what is kept as `sql`.
fn compile_all(
    client: &mut Client<'_>,
    at: Span,
    key: ObjectKey,
    statements: &[String],
    sql: Vec<String>,
    found: &mut BrokenObjects,
) -> RunResult<()> {
    let mut texts = Vec::new();
    for statement in statements {
        match client.try_structure(at, |it| it.quoted_texts(statement))? {
            Ok(more) => texts.extend(more),
            Err(why) => {
                found.why.insert(key.clone(), why);
            }
        }
    }
    let all = sql.iter().flat_map(|it| tokens(it));
    let quoted: HashSet<_> = all
        .filter_map(|it| match it.kind {
            SqlTokenKind::Quoted(it) => Some(it),
            SqlTokenKind::Word(_)
            | SqlTokenKind::Name(_)
            | SqlTokenKind::Text(_)
            | SqlTokenKind::Literal
            | SqlTokenKind::Sign(_) => None,
        })
        .collect();
    texts.retain(|it| quoted.contains(it.as_str()));
    if !quoted.is_empty() {
        found.quoting.insert(key, QuotedTexts { sql, texts });
    }
    Ok(())
}
