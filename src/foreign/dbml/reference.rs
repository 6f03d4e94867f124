//! References of DBML, as associations of both sides.

use super::super::draft::{action, name, one_or_all, options};
use super::super::lexeme::LexemeCursor;
use super::{DbmlTables, plain, settings};
use crate::words::{camelize, lower_first, pluralize, upper_first};

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
    if names.len() > 1 && names.first().is_some_and(|it| it == "public") {
        names.remove(0);
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
            "<>" => return Some(self.many_to_many(tables)),
            _ => return None,
        };
        let (one, two) =
            (name(&tables.names.model(&child.table)), name(&tables.names.model(&parent.table)));
        let key = format!("foreignKey: {}", one_or_all(&child.columns));
        let (mut own, mut other) = (Vec::new(), Vec::new());
        if let Some((base, many)) = tables.names(child, parent) {
            own.push(format!("as: {}", name(&base)));
            other.push(format!("as: {}", name(&many)));
        }
        own.push(key.clone());
        other.push(key);
        if !tables.is_key(parent) {
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

    /// The associations of both sides with the table that DBML makes between them.
    fn many_to_many(&self, tables: &DbmlTables) -> String {
        let (from, to) = (&self.from, &self.to);
        let made = tables.links.iter().find(|it| it.0.from == *from && it.0.to == *to);
        let link = made.map_or_else(
            || format!("{}_{}", plain(&from.table), plain(&to.table)),
            |it| it.1.clone(),
        );
        let keys = |it: &DbmlEnd| -> Vec<String> {
            it.columns.iter().map(|column| format!("{}_{column}", plain(&it.table))).collect()
        };
        let first = keys(from);
        let second: Vec<String> = keys(to)
            .into_iter()
            .map(|it| if first.contains(&it) { format!("{it}(1)") } else { it })
            .collect();
        let mut through = name(&link);
        let mut res = String::new();
        if let Some((schema, _)) = from.table.rsplit_once('.') {
            through = name(&format!(
                "{}{}",
                tables.names.model(&from.table),
                upper_first(&camelize(&link))
            ));
            let said = [
                format!("tableName: {}", name(&link)),
                format!("schema: {}", name(schema)),
                "timestamps: false".to_owned(),
            ];
            res = format!("model {through} {{ }}{}\n", options(&said));
        }
        let (one, two) = (tables.names.model(&from.table), tables.names.model(&to.table));
        let is_one_of_many = from.table == to.table || tables.count_between(from, to) > 1;
        let mut side = |(model, own, own_keys): (&str, &DbmlEnd, &[String]),
                        (other, theirs, other_keys): (&str, &DbmlEnd, &[String]),
                        is_second: bool| {
            let mut said = vec![format!("through: {through}")];
            if is_one_of_many {
                let by = if is_second { "ByLink" } else { "" };
                let base = lower_first(&pluralize(other));
                said.push(format!(
                    "as: {}",
                    name(&format!("{base}Of{}{by}", upper_first(&camelize(&link))))
                ));
            }
            said.push(format!("foreignKey: {}", one_or_all(own_keys)));
            said.push(format!("otherKey: {}", one_or_all(other_keys)));
            if !tables.is_key(own) {
                said.push(format!("sourceKey: {}", one_or_all(&own.columns)));
            }
            if !tables.is_key(theirs) {
                said.push(format!("targetKey: {}", one_or_all(&theirs.columns)));
            }
            said.extend(
                ["timestamps: false", "onDelete: noAction", "onUpdate: noAction"]
                    .map(str::to_owned),
            );
            let start = if res.is_empty() || res.ends_with('\n') { "" } else { "\n" };
            let sentence =
                format!("{} belongsToMany {}{}", name(model), name(other), options(&said));
            res.push_str(start);
            res.push_str(&sentence);
        };
        side((&one, from, &first), (&two, to, &second), false);
        side((&two, to, &second), (&one, from, &first), from.table == to.table);
        res
    }
}
