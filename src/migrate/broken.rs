//! Views and triggers that a change would break.

use super::task::{Alteration, Task, change};
use super::there::objects_beside;
use crate::catalog::{Name, NameRef, ObjectKind};
use crate::client::Client;
use crate::client::{RunResult, place, quoted};
use crate::diagnostics::{Hazard, Loss};
use crate::migrate::{Change, ChangeMethod, Sign};
use crate::source::Span;
use crate::stored::{SqlTokenKind, tokens};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A view, or a table with its triggers.
type ObjectKey = (ObjectKind, Name);

/// Which views and triggers don't work, and what those that do read as texts.
#[derive(Debug, Default)]
pub(in crate::migrate) struct Broken {
    /// Why they don't.
    why: BTreeMap<ObjectKey, String>,
    /// Those that have something in double quotes.
    quoting: BTreeMap<ObjectKey, Quoting>,
}

/// Statements that have something in double quotes: a name, or a text where nothing is called so.
#[derive(Debug)]
struct Quoting {
    /// What is kept of them.
    sql: Vec<String>,
    /// What of it are texts.
    texts: Vec<String>,
}

impl Broken {
    /// Whether all of them work.
    pub(in crate::migrate) fn is_empty(&self) -> bool {
        self.why.is_empty()
    }

    /// What doesn't work that did before, and why, by name: a name that is gone may be taken for a text.
    pub(in crate::migrate) fn since(&self, before: &Self) -> Vec<(ObjectKind, &str, String)> {
        let mut new = Vec::new();
        for (key, why) in &self.why {
            if !before.why.contains_key(key) {
                new.push((key.0, key.1.as_str(), why.clone()));
            }
        }
        for (key, now) in &self.quoting {
            let Some(before) = before.quoting.get(key).filter(|it| it.sql == now.sql) else {
                continue;
            };
            let mut left = before.texts.clone();
            let more = now.texts.iter().find(|text| {
                let known = left.iter().position(|it| it == *text);
                known.map(|at| left.swap_remove(at)).is_none()
            });
            if let Some(text) = more {
                new.push((key.0, key.1.as_str(), format!("no such column: {text}")));
            }
        }
        new.sort_by(|a, b| a.1.cmp(b.1));
        new
    }
}

/// The views that can't be read, and the tables whose triggers can't run. Nothing is run for it: SQLite compiles the statements.
pub(in crate::migrate) fn find_broken(client: &mut Client<'_>, at: Span) -> RunResult<Broken> {
    let mut found = Broken::default();
    let any = "SELECT count(*) FROM sqlite_schema WHERE type IN ('view', 'trigger')";
    if client.count(at, any)? == 0 {
        return Ok(found);
    }
    let objects = client.ask(at, |it| it.objects())?;
    let mut triggers: HashMap<_, Vec<String>> = HashMap::new();
    for trigger in objects.iter().filter(|it| it.kind == ObjectKind::Trigger) {
        let own = triggers.entry(NameRef(&trigger.table)).or_default();
        own.extend(trigger.sql.clone());
    }
    for object in &objects {
        let name = quoted(&object.name);
        let own = triggers.get(&NameRef(&object.name));
        let (statements, sql) = match object.kind {
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
            (object.kind, object.name.as_str().into()),
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
    found: &mut Broken,
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
        found.quoting.insert(key, Quoting { sql, texts });
    }
    Ok(())
}

/// Refuses what breaks something that was not broken before.
pub(super) fn none_broken(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    before: &Broken,
    changes: &mut Vec<Change>,
) -> RunResult<()> {
    let broken = find_broken(client, alter.at)?;
    for (kind, name, why) in broken.since(before) {
        let what = match kind {
            ObjectKind::View => format!("the view `{name}` would not work any more: {why}"),
            ObjectKind::Table | ObjectKind::Index | ObjectKind::Trigger => {
                format!("a trigger of `{name}` would not work any more: {why}")
            }
        };
        let problem = Hazard {
            loss: Loss::Unaltered,
            what: what.clone(),
            help: "drop it first, or create it again without what is dropped".to_owned(),
            declared: None,
            at: place(alter.at),
        };
        alter.refuse(problem.clone());
        changes.push(Change {
            refused: vec![problem],
            ..change(name, (Sign::Change, kind.into(), what), ChangeMethod::Refused, Vec::new())
        });
    }
    Ok(())
}

/// Refuses that a column goes of whose updates a trigger is: SQLite would let it be, and the trigger would never fire.
pub(super) fn triggers_of_dropped(
    client: &mut Client<'_>,
    alter: &Alteration<'_>,
    task: &Task<'_>,
) -> RunResult<()> {
    if task.todo.dropped.is_empty() {
        return Ok(());
    }
    for trigger in objects_beside(client, alter.at, &task.current.name)? {
        let sql = trigger.sql.as_deref().unwrap_or_default();
        if trigger.kind != ObjectKind::Trigger {
            continue;
        }
        let updated = updated_columns(sql);
        for column in &task.todo.dropped {
            if !updated.iter().any(|it| it.eq_ignore_ascii_case(column)) {
                continue;
            }
            alter.refuse(Hazard {
                loss: Loss::Unaltered,
                what: format!(
                    "the trigger `{}` is for updates of `{column}` of `{}`, which would be dropped",
                    trigger.name, task.current.name
                ),
                help: "drop it first, or create it again without what is dropped".to_owned(),
                declared: Some(client.scripts.schema[task.table.model].span),
                at: place(alter.at),
            });
        }
    }
    Ok(())
}

/// The columns of a trigger's `UPDATE OF a, b`.
fn updated_columns(sql: &str) -> Vec<String> {
    let all = tokens(sql);
    let mut rest = all.iter().skip_while(|it| !it.is("update")).skip(1);
    // `UPDATE ON t`, or an UPDATE of its body.
    if !rest.next().is_some_and(|it| it.is("of")) {
        return Vec::new();
    }
    let list = rest.take_while(|it| !it.is("on"));
    list.filter_map(|it| it.name().map(str::to_owned)).collect()
}
