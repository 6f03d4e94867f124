//! What changes of a table, and the text that it gets.

mod primary_key;

use super::types::Affinity;
use crate::client::quoted;
use crate::db::{self, Table};
use crate::migrate::compare::spare_uniques;
use crate::stored::{
    Check, Clause, ClauseKind, Column, Edits, Place, Statement, TokenKind, plain, plain_default,
    same_checks, tokens,
};
use crate::words::{folded, same_name};
use std::collections::HashSet;

/// What is to be done to a table that is there.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// The statement that is kept of it afterwards; none where it stays as it is.
    pub text: Option<String>,
    /// Whether its rows are written anew.
    pub rebuild: bool,
    /// The columns that go.
    pub dropped: Vec<String>,
    /// The columns that come, and their places among the script's.
    pub added: Vec<usize>,
    /// The columns that take another type: their places among the script's.
    pub converted: Vec<usize>,
    /// The columns that may not be null any more: their places among the script's.
    pub tightened: Vec<usize>,
    /// The checks that come: what they say.
    pub checks: Vec<String>,
    /// The checks that go.
    pub unchecked: Vec<String>,
    /// The foreign keys that come.
    pub keys: Vec<db::Key>,
    /// The columns that get another default, or none.
    pub defaults: Vec<String>,
    /// What changes, in words; and what is true of the rows that are concerned.
    pub words: Vec<(String, Option<String>)>,
    /// Whether its primary key is another.
    pub rekeyed: bool,
    /// Whether columns may be unique no more, to which others may refer.
    pub unkeyed: bool,
    /// The columns that are compared in another way: their places among the script's, and the collation.
    pub collated: Vec<(usize, String)>,
}

/// How a table becomes what the script says; none where one of the statements can't be read.
///
/// `used` says whether `using` has something to say of a column.
pub(super) fn changes(
    is: &Table,
    said: &Table,
    keep: bool,
    used: &dyn Fn(&str) -> bool,
) -> Option<Changes> {
    let old = Statement::read(&is.sql)?;
    let new = Statement::read(&said.sql)?;
    let mut work = Work {
        is,
        said,
        used,
        old: &old,
        new: &new,
        edits: Edits::default(),
        come: false,
        gone: Vec::new(),
        tail: Vec::new(),
        res: Changes::default(),
    };
    work.primary_key(keep);
    work.columns(keep);
    work.uniques();
    work.checks();
    work.keys();
    work.options();
    let Work { mut edits, come, gone, tail, mut res, .. } = work;
    let goes = |it: &Column| res.dropped.contains(&it.name);
    let columns = (0..).zip(&old.columns).filter(|it| goes(it.1));
    let columns: Vec<_> = columns.map(|it| it.0).collect();
    old.cut(&mut edits, &columns, &gone, come);
    for text in tail {
        let last = old.constraints.last().map(|it| it.range.end);
        let last = last.or_else(|| old.columns.last().map(|it| it.range.end));
        edits.insert(last.unwrap_or(old.close), format!(", {text}"));
    }
    if !edits.is_empty() {
        res.text = Some(edits.apply(&is.sql));
    }
    Some(res)
}

/// What would change of a table, in words; nothing where one of the statements can't be read.
pub(in crate::migrate) fn in_words(is: &Table, said: &Table) -> Vec<String> {
    let changes = changes(is, said, false, &|_| false);
    let words = changes.map_or_else(Vec::new, |it| it.words);
    words.into_iter().map(|it| it.0).collect()
}

struct Work<'a> {
    is: &'a Table,
    said: &'a Table,
    used: &'a dyn Fn(&str) -> bool,
    old: &'a Statement,
    new: &'a Statement,
    edits: Edits,
    /// Whether columns come behind the last one.
    come: bool,
    /// The table constraints that go: their places.
    gone: Vec<usize>,
    /// What comes at the end of the table's list.
    tail: Vec<String>,
    res: Changes,
}

impl Work<'_> {
    fn old_text(&self, clause: &Clause) -> &str {
        self.is.sql.get(clause.body.clone()).unwrap_or_default()
    }

    fn new_text(&self, clause: &Clause) -> &str {
        self.said.sql.get(clause.body.clone()).unwrap_or_default()
    }

    fn tell(&mut self, what: String) {
        self.res.words.push((what, None));
    }

    /// Tells of a change that concerns the rows of which `rows` is true.
    fn tell_of(&mut self, what: String, rows: String) {
        self.res.words.push((what, Some(rows)));
    }

    fn columns(&mut self, keep: bool) {
        let (old, new, wanted) = (self.old, self.new, self.said);
        let mut added = Vec::new();
        // Where none of them stays, what comes first has no comma before it.
        let mut gap = if keep || self.kept_before(old.columns.len()) { ", " } else { "" };
        for (place, said) in wanted.columns.iter().enumerate() {
            let Some(to) = new.column(&said.name) else {
                continue;
            };
            let mut there = self.is.columns.iter();
            let is = there.find(|it| same_name(&it.name, &said.name));
            match (is, old.column(&said.name)) {
                (Some(is), Some(from)) => self.column(place, is, said, from, to),
                _ => added.push((place, said, to)),
            }
        }
        // Behind what is written at the end of the last column that is there.
        for (place, said, to) in added {
            let text = wanted.sql.get(to.range.clone()).unwrap_or_default();
            self.add_column(place, said, &format!("{gap}{text}"));
            gap = ", ";
        }
        if keep {
            return;
        }
        for from in &old.columns {
            if new.column(&from.name).is_some() {
                continue;
            }
            self.res.dropped.push(from.name.clone());
            let held = format!("{} IS NOT NULL", quoted(&from.name));
            self.tell_of(format!("`{}` goes with its values", from.name), held);
            self.res.rebuild = true;
        }
    }

    /// Whether a column before that place stays.
    fn kept_before(&self, at: usize) -> bool {
        let mut before = self.old.columns.iter().take(at);
        before.any(|it| self.new.column(&it.name).is_some())
    }

    /// A column comes; `text` is what it says, with the comma before it.
    fn add_column(&mut self, place: usize, said: &db::Column, text: &str) {
        // What rows have there before it is written SQLite knows of a plain value only, which must be right without a look at it.
        let constant = said.default.as_deref().is_none_or(is_constant);
        let empty = said.not_null && !has_value(said);
        let plain = self.new.column(&said.name).is_some_and(|it| {
            let checked = |it: &Clause| it.kind == ClauseKind::Check;
            !it.clauses.iter().any(checked)
        });
        let key = said.primary_key > 0;
        if empty || key || !constant || !plain || said.generated.is_some() || self.is.strict {
            self.res.rebuild = true;
        }
        self.res.added.push(place);
        self.tell(format!("`{}` comes", said.name));
        if let Some(last) = self.old.columns.last() {
            self.edits.insert(last.range.end, text);
            self.come = true;
        }
    }

    fn column(
        &mut self,
        place: usize,
        is: &db::Column,
        said: &db::Column,
        from: &Column,
        to: &Column,
    ) {
        let squeezed = |it: &str| plain(it).replace(' ', "");
        if squeezed(&is.data_type) != squeezed(&said.data_type) {
            let text = self.said.sql.get(to.data_type.clone()).unwrap_or_default();
            if from.data_type.is_empty() {
                self.edits.insert(from.data_type.end, format!(" {text}"));
            } else {
                self.edits.replace(from.data_type.clone(), text);
            }
            self.res.converted.push(place);
            let typed = |it: &str| {
                if it.is_empty() { "untyped".to_owned() } else { it.to_owned() }
            };
            let (was, becomes) = (typed(&is.data_type), typed(&said.data_type));
            let held = format!("{} IS NOT NULL", quoted(&is.name));
            self.tell_of(format!("`{}` becomes {becomes}; it was {was}", is.name), held);
            if self.is.strict || self.said.strict {
                self.res.rebuild = true;
            }
        }
        let [before, after] =
            [Affinity::in_table(self.is, is), Affinity::in_table(self.said, said)];
        if before != after {
            self.res.rebuild = true;
            if !self.res.converted.contains(&place) {
                self.res.converted.push(place);
            }
        }
        let outside = said.primary_key == 0 || said.not_null && is.primary_key == 0;
        if is.not_null != said.not_null && outside {
            if said.not_null {
                self.res.tightened.push(place);
                let null = format!("{} IS NULL", quoted(&is.name));
                self.tell_of(
                    match &said.default {
                        Some(it) if !(self.used)(&is.name) => format!(
                            "`{}` may not be null any more; where it is, it gets {it}",
                            is.name
                        ),
                        Some(_) | None => format!("`{}` may not be null any more", is.name),
                    },
                    null,
                );
                let behind = from.data_type.end.max(from.name_range.end);
                self.edits.insert(behind, " NOT NULL");
                if said.default.as_deref().is_some_and(|it| !is_constant(it)) {
                    self.res.rebuild = true;
                }
            } else {
                self.tell(format!("`{}` may be null", is.name));
                self.without(from, ClauseKind::NotNull);
            }
        }
        let default = |it: &db::Column| it.default.as_deref().map(plain_default);
        if default(is) != default(said) {
            self.tell(match &said.default {
                Some(it) => format!("the default of `{}` is {it}", is.name),
                None => format!("`{}` has no default any more", is.name),
            });
            self.instead(from, to, ClauseKind::Default);
            self.res.defaults.push(is.name.clone());
        }
        for kind in [ClauseKind::Collate, ClauseKind::Generated] {
            // Of several SQLite takes the last one.
            let last = |all: &[Clause]| all.iter().rfind(|it| it.kind == kind).cloned();
            let there = last(&from.clauses).map(|it| plain(&self.old.said(&self.is.sql, it.body)));
            let wanted = last(&to.clauses).map(|it| plain(&self.new.said(&self.said.sql, it.body)));
            let normal = |it: Option<String>| {
                it.map(|it| {
                    let it = it.trim_start_matches("generated always ").to_owned();
                    it.trim_end_matches(" virtual").to_owned()
                })
                .filter(|it| it != "collate binary")
            };
            if normal(there) != normal(wanted) {
                self.tell(format!(
                    "`{}` {}",
                    is.name,
                    if kind == ClauseKind::Collate {
                        "is compared in another way"
                    } else {
                        "is computed in another way, or not any more"
                    }
                ));
                self.instead(from, to, kind);
                self.res.rebuild = true;
                if kind == ClauseKind::Collate {
                    let text = last(&to.clauses).map(|it| self.new_text(&it).to_owned());
                    let text = text.unwrap_or_else(|| "COLLATE BINARY".to_owned());
                    self.res.collated.push((place, text));
                }
            }
        }
    }

    /// Takes the clauses of a kind out of a column.
    fn without(&mut self, from: &Column, kind: ClauseKind) {
        for clause in from.clauses.iter().filter(|it| it.kind == kind) {
            self.edits.remove(clause.range.clone());
        }
    }

    /// Puts the script's clause of a kind in place of the column's. Where there are several the last one holds.
    fn instead(&mut self, from: &Column, to: &Column, kind: ClauseKind) {
        let mut texts = to.clauses.iter().filter(|it| it.kind == kind);
        let text = texts.next().and_then(|it| self.said.sql.get(it.range.clone()));
        let mut there = from.clauses.iter().filter(|it| it.kind == kind).rev();
        match (there.next(), text) {
            (Some(last), Some(text)) => {
                self.edits.replace(last.range.clone(), text);
                there.for_each(|it| self.edits.remove(it.range.clone()));
            }
            (Some(_), None) => self.without(from, kind),
            (None, Some(text)) => self.edits.insert(from.range.end, format!(" {text}")),
            (None, None) => {}
        }
    }

    /// Unique keys in the table's own text that the script doesn't have go.
    fn uniques(&mut self) {
        let gone = spare_uniques(self.is, self.said);
        if gone.is_empty() {
            return;
        }
        let old = self.old;
        for column in &old.columns {
            let lone = vec![folded(&column.name)];
            let unique = column.clauses.iter().any(|it| it.kind == ClauseKind::Unique);
            if unique && gone.contains(&lone) && self.new.column(&column.name).is_some() {
                self.tell(format!("`{}` isn't unique any more", column.name));
                self.without(column, ClauseKind::Unique);
                self.res.rebuild = true;
                self.res.unkeyed = true;
            }
        }
        for (at, clause) in old.constraints.iter().enumerate() {
            if clause.kind != ClauseKind::Unique {
                continue;
            }
            let members = clause.members(&self.is.sql);
            let columns: Vec<_> = members.iter().map(|it| folded(&it.text)).collect();
            if gone.contains(&columns) {
                self.tell(format!("`{}` aren't unique any more", columns.join("`, `")));
                self.gone.push(at);
                self.res.rebuild = true;
                self.res.unkeyed = true;
            }
        }
    }

    /// Checks that the script doesn't have go, and those that the table doesn't have come: each is one.
    fn checks(&mut self) {
        let (old, new) = (self.old, self.new);
        let goes = |it: &Place| match it {
            Place::Column(column, _) => {
                let column = old.columns.get(*column);
                column.is_some_and(|it| self.res.dropped.contains(&it.name))
            }
            Place::Table(_) => false,
        };
        let mut there = old.checks(&self.is.sql);
        there.retain(|it| !goes(&it.0));
        let (own, wanted): (Vec<_>, Vec<_>) = (new.checks(&self.said.sql).into_iter())
            .partition(|it| new.clause(it.0).is_some_and(|it| self.new_column_has(it)));
        let checks = |all: &[(Place, Check)]| -> Vec<_> {
            let each = all.iter().map(|it| it.1.clone());
            each.collect()
        };
        let same = same_checks(&checks(&there), &checks(&wanted));
        for ((place, _), said) in there.iter().zip(&same) {
            let Some(clause) = old.clause(*place).filter(|_| said.is_none()) else {
                continue;
            };
            self.res.unchecked.push(self.old_text(clause).to_owned());
            match place {
                Place::Column(column, _) => {
                    let name = old.columns.get(*column).map(|it| it.name.clone());
                    self.tell(format!("the check of `{}` goes", name.unwrap_or_default()));
                    self.edits.remove(clause.range.clone());
                }
                Place::Table(at) => {
                    self.tell(format!("the check {} goes", self.old_text(clause)));
                    self.gone.push(*at);
                }
            }
        }
        for (place, _) in &own {
            let clause = new.clause(*place);
            let inner = clause.map(|it| it.condition(new, &self.said.sql));
            let inner = inner.map(|it| format!("({it})"));
            self.res.checks.extend(inner);
        }
        for (at, (place, _)) in wanted.iter().enumerate() {
            let Some(clause) = new.clause(*place).filter(|_| !same.contains(&Some(at))) else {
                continue;
            };
            let inner = format!("({})", clause.condition(new, &self.said.sql));
            self.tell(format!("the check {inner} comes"));
            self.res.checks.push(inner);
            let text = self.said.sql.get(clause.range.clone());
            self.tail.push(text.unwrap_or_default().to_owned());
        }
    }

    /// Whether a clause stands in a column that comes, and comes with it.
    fn new_column_has(&self, clause: &Clause) -> bool {
        let mut added = self.new.columns.iter().filter(|it| {
            let name = &it.name;
            self.old.column(name).is_none()
        });
        added.any(|it| it.range.contains(&clause.range.start))
    }

    fn keys(&mut self) {
        let old = self.old;
        let deferred = |text: &str| {
            let words = ["deferrable", "initially", "deferred"];
            let mut all = tokens(text);
            let at = all.iter().rposition(|it| it.is("initially"));
            let from = at.and_then(|it| it.checked_sub(1)).unwrap_or(all.len());
            let late = all.split_off(from);
            late.len() >= words.len() && late.iter().zip(words).all(|(it, word)| it.is(word))
        };
        let shape = |key: &db::Key, text: &str| {
            let lower = |it: &String| it.to_lowercase();
            let columns: Vec<_> = key.columns.iter().map(lower).collect();
            let to: Vec<_> = key.to.iter().flatten().map(lower).collect();
            let actions = (key.on_delete.clone(), key.on_update.clone());
            (columns, lower(&key.table), to, actions, deferred(text))
        };
        let clauses = |it: &Statement| -> Vec<(Option<usize>, Clause)> {
            let columns = (it.columns.iter()).flat_map(|it| it.clauses.iter().map(|it| (None, it)));
            let constraints = (it.constraints.iter().enumerate()).map(|(at, it)| (Some(at), it));
            columns
                .chain(constraints)
                .filter(|(_, it)| it.kind == ClauseKind::ForeignKey)
                .map(|(at, it)| (at, it.clone()))
                .collect()
        };
        let there: Vec<_> = (self.is.keys.iter().zip(clauses(old)))
            .map(|(key, (at, clause))| (shape(key, self.old_text(&clause)), at, clause, key))
            .collect();
        let wanted: Vec<_> = (self.said.keys.iter().zip(clauses(self.new)))
            .map(|(key, (_, clause))| (shape(key, self.new_text(&clause)), clause))
            .collect();
        let gone: HashSet<_> = self.res.dropped.iter().map(|it| it.to_lowercase()).collect();
        // A name that the script doesn't give is none of its matters.
        let own = format!("{}_ibfk_", folded(&self.said.name));
        let numbered = |it: &str| {
            let number = it.strip_prefix(&own);
            number.is_some_and(|it| it.bytes().all(|it| it.is_ascii_digit()))
        };
        let same_name = |is: &Clause, said: &Clause| match (&is.name, &said.name) {
            (Some(is), Some(said)) => numbered(said) || same_name(is, said),
            _ => true,
        };
        for (shape, at, clause, key) in &there {
            let implied = |it: &(_, Clause)| same_key(&it.0, shape) && same_name(clause, &it.1);
            if wanted.iter().any(implied) {
                continue;
            }
            let columns = key.columns.join("`, `");
            let other = (wanted.iter()).find(|it| it.0.0 == shape.0 && it.0.1 == shape.1);
            self.tell(match other {
                Some((said, clause)) if same_key(said, shape) => format!(
                    "the foreign key of `{columns}` is called `{}`",
                    clause.name.as_deref().unwrap_or_default()
                ),
                Some(other) => format!(
                    "`{columns}` refers to `{}` {}; it did so {}",
                    key.table,
                    rules(&other.0),
                    rules(shape)
                ),
                None => format!("`{columns}` doesn't refer to `{}` any more", key.table),
            });
            match at {
                Some(at) => self.gone.push(*at),
                None if shape.0.iter().any(|it| gone.contains(it)) => {}
                None => self.edits.remove(clause.range.clone()),
            }
        }
        for ((shape, clause), key) in wanted.iter().zip(&self.said.keys) {
            let is_there =
                |it: &(_, _, Clause, _)| same_key(shape, &it.0) && same_name(&it.2, clause);
            if !there.iter().any(is_there) {
                self.res.keys.push(key.clone());
                let columns = key.columns.join("`, `");
                if !(there.iter()).any(|it| it.0.0 == shape.0 && it.0.1 == shape.1) {
                    self.tell(format!("`{columns}` refers to `{}`", key.table));
                }
                let text = self.said.sql.get(clause.range.clone());
                self.tail.push(text.unwrap_or_default().to_owned());
            }
        }
    }

    fn options(&mut self) {
        let (is, said) = (self.is, self.said);
        if is.strict != said.strict || is.without_rowid != said.without_rowid {
            let text = self.said.sql.get(self.new.options.clone());
            let or_not = |it: &str| match it.trim() {
                "" => "no option".to_owned(),
                it => it.to_owned(),
            };
            let gets = or_not(text.unwrap_or_default());
            let numbers = said.without_rowid && !is.without_rowid;
            let and = if numbers { "; the numbers of its rows go" } else { "" };
            self.tell(format!("it gets {gets}{and}"));
            self.edits.replace(self.old.options.clone(), text.unwrap_or_default());
            self.res.rebuild = true;
        }
    }
}

type Shape = (Vec<String>, String, Vec<String>, (String, String), bool);

/// What a foreign key does: `(id) on delete cascade, on update cascade`.
fn rules((_, _, to, (delete, update), deferred): &Shape) -> String {
    let to = match to.as_slice() {
        [] => String::new(),
        columns => format!("(`{}`) ", columns.join("`, `")),
    };
    let [delete, update] = [delete, update].map(|it| it.to_lowercase());
    let late = if *deferred { ", deferred" } else { "" };
    format!("{to}on delete {delete}, on update {update}{late}")
}

/// Whether two foreign keys are one; without columns a key refers to the primary key, which the other one names.
fn same_key(a: &Shape, b: &Shape) -> bool {
    let to = a.2 == b.2 || a.2.is_empty() || b.2.is_empty();
    to && a.0 == b.0 && a.1 == b.1 && a.3 == b.3 && a.4 == b.4
}

/// Whether a column's default is a value, not null.
pub(super) fn has_value(column: &db::Column) -> bool {
    let default = column.default.as_deref();
    default.is_some_and(|it| !it.eq_ignore_ascii_case("null"))
}

/// Whether `ADD COLUMN` would take a default: a literal, not what is computed. SQLite tells of defaults without the brackets around them.
pub(in crate::migrate) fn is_constant(text: &str) -> bool {
    let all = tokens(text);
    let signs = all.iter().take_while(|it| it.is_sign('-') || it.is_sign('+'));
    let Some([value]) = all.get(signs.count()..) else {
        return false;
    };
    let word = ["null", "true", "false"].iter().any(|it| value.is(it));
    word || matches!(value.kind, TokenKind::Literal | TokenKind::Text(_))
}

#[cfg(test)]
mod tests {
    use super::is_constant;

    #[test]
    fn a_literal_is_constant_and_nothing_else() {
        for text in ["1", "-1.5e3", "- 1", "'a'' b'", "x'00'", "NULL", "true"] {
            assert!(is_constant(text), "{text}");
        }
        for text in ["1 + 1", "CURRENT_TIMESTAMP", "(1)", "lower('A')", "\"a\"", "'a' || 'b'", ""] {
            assert!(!is_constant(text), "{text}");
        }
    }
}
