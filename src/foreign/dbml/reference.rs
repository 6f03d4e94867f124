//! References of DBML, as associations of both sides.

use super::super::draft::{action, model_of_table, name, one_or_all, options};
use super::super::lexeme::LexemeCursor;
use super::{DbmlTables, settings};

/// `posts.user_id > users.id [delete: cascade]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DbmlReference {
    pub(super) from: DbmlEnd,
    pub(super) sign: String,
    pub(super) to: DbmlEnd,
    /// What the key does, as options.
    pub(super) said: Vec<String>,
}

/// `users.id`, `users.(org, id)`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DbmlEnd {
    pub(super) table: String,
    pub(super) columns: Vec<String>,
}

/// What stands behind `Ref`: one, or several in braces.
pub(super) fn references(cursor: &mut LexemeCursor<'_>) -> Option<Vec<DbmlReference>> {
    if !cursor.peek()?.is(":") && !cursor.peek()?.is("{") {
        cursor.name()?;
    }
    settings(cursor);
    let in_braces = !cursor.eat(":");
    if in_braces && !cursor.eat("{") {
        return None;
    }
    let mut all = vec![reference(cursor)?];
    while in_braces && !cursor.eat("}") {
        all.push(reference(cursor)?);
    }
    Some(all)
}

/// `users.id`, `users.(org, id)`
pub(super) fn end(cursor: &mut LexemeCursor<'_>) -> Option<DbmlEnd> {
    let mut names = vec![cursor.name()?];
    let mut columns = Vec::new();
    while cursor.eat(".") {
        if cursor.eat("(") {
            while !cursor.eat(")") {
                columns.push(cursor.name()?);
                cursor.eat(",");
            }
            break;
        }
        names.push(cursor.name()?);
    }
    if columns.is_empty() {
        columns.push(names.pop()?);
    }
    (!names.is_empty()).then(|| DbmlEnd { table: names.join("."), columns })
}

/// `posts.user_id > users.id [delete: cascade]`
fn reference(cursor: &mut LexemeCursor<'_>) -> Option<DbmlReference> {
    let from = end(cursor)?;
    let sign = cursor.take()?.text.to_owned();
    let to = end(cursor)?;
    let settings = settings(cursor);
    let said = settings.iter().filter_map(|it| {
        let (key, value) = it.split_once(':')?;
        let option = match key.trim() {
            "delete" => "onDelete",
            "update" => "onUpdate",
            _ => return None,
        };
        Some(format!("{option}: {}", action(value)?))
    });
    Some(DbmlReference { from, sign, to, said: said.collect() })
}

impl DbmlReference {
    /// The associations of both sides.
    pub(super) fn written(mut self, tables: &DbmlTables) -> Option<String> {
        tables.resolve(&mut self);
        let (child, parent, verb) = match self.sign.as_str() {
            ">" => (&self.from, &self.to, "hasMany"),
            "<" => (&self.to, &self.from, "hasMany"),
            "-" => (&self.from, &self.to, "hasOne"),
            "<>" => return Some(self.many_to_many()),
            _ => return None,
        };
        let (one, two) =
            (name(&model_of_table(&child.table)), name(&model_of_table(&parent.table)));
        let key = format!("foreignKey: {}", one_or_all(&child.columns));
        let (mut own, mut other) = (Vec::new(), Vec::new());
        if let Some((base, many)) = tables.names(child, parent) {
            own.push(format!("as: {}", name(&base)));
            other.push(format!("as: {}", name(&many)));
        }
        own.push(key.clone());
        other.push(key);
        let keys = tables.columns.iter().find(|it| it.0 == parent.table).map(|it| it.2.clone());
        if parent.columns != keys.unwrap_or_else(|| vec!["id".to_owned()]) {
            own.push(format!("targetKey: {}", one_or_all(&parent.columns)));
            other.push(format!("sourceKey: {}", one_or_all(&parent.columns)));
        }
        // DBML's keys do nothing unless they say so.
        for option in ["onDelete", "onUpdate"] {
            let given = self.said.iter().find(|it| it.starts_with(option)).cloned();
            own.push(given.unwrap_or_else(|| format!("{option}: noAction")));
        }
        Some(format!(
            "{one} belongsTo {two}{}\n{two} {verb} {one}{}",
            options(&own),
            options(&other)
        ))
    }

    fn many_to_many(&self) -> String {
        let plain = |it: &DbmlEnd| it.table.rsplit('.').next().unwrap_or(&it.table).to_owned();
        let key = |it: &DbmlEnd| name(&format!("{}_{}", plain(it), it.columns.join("_")));
        let through = name(&format!("{}_{}", plain(&self.from), plain(&self.to)));
        let said = |own: &DbmlEnd, other: &DbmlEnd| {
            format!(
                "< through: {through}, foreignKey: {}, otherKey: {}, timestamps: false, onDelete: noAction, onUpdate: noAction >",
                key(own),
                key(other)
            )
        };
        let (from, to) = (&self.from, &self.to);
        let (one, two) = (name(&model_of_table(&from.table)), name(&model_of_table(&to.table)));
        format!(
            "{one} belongsToMany {two} {}\n{two} belongsToMany {one} {}",
            said(from, to),
            said(to, from)
        )
    }
}
