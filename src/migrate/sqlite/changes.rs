//! What changes of a table, and the text that it gets.

mod added;

use crate::catalog::{self, Difference, IndexOrigin, Respect, Table};
use crate::client::quoted;
use crate::ir::ExtraColumns;
use crate::migrate::alteration::{ChangePart, TableChanges, has_value};
use crate::migrate::script_differences::{differences, is_of_extra_column};
use crate::sql::Affinity;
use crate::stored::{
    Clause, ClauseKind, ClausePlace, ColumnRange, CreateTable, Edits, SqlTokenKind, tokens,
};
use added::is_before_steps;
pub(super) use added::to_be_filled;

/// How a table becomes what the script says, as far as the part at hand goes; none where one of the statements can't be read.
pub(super) fn changes(
    current: &Table,
    desired: &Table,
    (part, extra): (ChangePart, ExtraColumns),
) -> Option<TableChanges> {
    let old = CreateTable::read(&current.sql)?;
    let new = CreateTable::read(&desired.sql)?;
    let mut work = TableEdit {
        part,
        current,
        desired,
        old: &old,
        new: &new,
        edits: Edits::default(),
        gone: Vec::new(),
        tail: Vec::new(),
        res: TableChanges::default(),
    };
    let mut found = differences(current, desired);
    let keep = extra == ExtraColumns::Keep || part == ChangePart::Added;
    if keep {
        found.retain(|it| !is_of_extra_column(*it, current, desired));
    }
    match part {
        ChangePart::Added => found.retain(|it| is_before_steps(*it, desired)),
        ChangePart::Rest => work.affinities(),
    }
    work.primary_key(keep, &found);
    for difference in &found {
        if work.difference(*difference) {
            work.res.differences.push(*difference);
        }
    }
    work.columns_come(keep, &found);
    work.clauses_come(&found);
    let TableEdit { mut edits, gone, tail, mut res, .. } = work;
    let goes = |it: &ColumnRange| res.dropped.contains(&it.name);
    let columns = (0..).zip(&old.columns).filter(|it| goes(it.1));
    let columns: Vec<_> = columns.map(|it| it.0).collect();
    old.cut(&mut edits, &columns, &gone, !res.added.is_empty());
    for text in tail {
        let last = old.constraints.last().map(|it| it.range.end);
        let last = last.or_else(|| old.columns.last().map(|it| it.range.end));
        edits.insert(last.unwrap_or(old.close), format!(", {text}"));
    }
    // Nulls are filled before the text of a table is edited: a check that goes must not see them.
    let filled = res.tightened.iter().filter_map(|it| desired.columns.get(*it));
    let mut filled = filled.filter(|it| has_value(it));
    res.rebuild |= filled.any(|it| res.unchecked.iter().any(|check| check.has_name(&it.name)));
    if !edits.is_empty() {
        res.text = Some(edits.apply(&current.sql));
    }
    Some(res)
}

struct TableEdit<'a> {
    part: ChangePart,
    current: &'a Table,
    desired: &'a Table,
    old: &'a CreateTable,
    new: &'a CreateTable,
    edits: Edits,
    /// The table constraints that go: their places.
    gone: Vec<usize>,
    /// What comes at the end of the table's list.
    tail: Vec<String>,
    res: TableChanges,
}

impl TableEdit<'_> {
    /// What the script's statement says there.
    fn new_text(&self, clause: &Clause) -> String {
        self.desired.sql.get(clause.range.clone()).unwrap_or_default().to_owned()
    }

    /// Edits what is there already and changes or goes; whether the difference is one of its own. What goes with a column is none, and
    /// indexes have statements of their own.
    fn difference(&mut self, difference: Difference) -> bool {
        match difference {
            Difference::PrimaryKey
            | Difference::Identity
            | Difference::AddColumn { .. }
            | Difference::AddKey { .. } => true,
            Difference::DropColumn { current } => {
                let column = self.current.columns.get(current).map(|it| it.name.clone());
                self.res.dropped.extend(column);
                self.res.rebuild = true;
                true
            }
            Difference::Column { current, desired, what } => {
                self.column(current, desired, what).is_some()
            }
            Difference::AddIndex { desired } => {
                let index = self.desired.indexes.get(desired);
                index.is_some_and(|it| it.origin == IndexOrigin::Unique)
            }
            Difference::DropIndex { current } => self.unique_goes(current),
            Difference::DropCheck { current } => self.check_goes(current),
            Difference::AddCheck { desired } => {
                let place = self.new.checks.get(desired);
                place.is_some_and(|it| !self.comes_with_column(*it))
            }
            Difference::DropKey { current } | Difference::Key { current, .. } => {
                self.clause_goes(self.old.keys.get(current).copied());
                true
            }
            Difference::Options => {
                let text = self.desired.sql.get(self.new.options.clone());
                self.edits.replace(self.old.options.clone(), text.unwrap_or_default());
                self.res.rebuild = true;
                true
            }
            Difference::Index { .. }
            | Difference::RenameCheck { .. }
            | Difference::AddOther { .. }
            | Difference::DropOther { .. } => false,
        }
    }

    /// Puts the script's primary key in place of the table's, with AUTOINCREMENT, which stands in it.
    fn primary_key(&mut self, keep: bool, found: &[Difference]) {
        self.res.rekeyed = found.contains(&Difference::PrimaryKey);
        if !self.res.rekeyed && !found.contains(&Difference::Identity) {
            return;
        }
        self.res.rebuild = true;
        let (old, new) = (self.old, self.new);
        for column in &old.columns {
            if keep || new.column(&column.name).is_some() {
                self.without(column, ClauseKind::PrimaryKey);
            }
        }
        for place in old.places(ClauseKind::PrimaryKey) {
            if let ClausePlace::Table(at) = place {
                self.gone.push(at);
            }
        }
        for place in new.places(ClauseKind::PrimaryKey) {
            let Some(text) = new.clause(place).map(|it| self.new_text(it)) else {
                continue;
            };
            match place {
                ClausePlace::Table(_) => self.tail.push(text),
                ClausePlace::Column(column, _) => {
                    let name = new.columns.get(column).map(|it| &it.name);
                    if let Some(there) = name.and_then(|it| old.column(it)) {
                        self.edits.insert(there.range.end, format!(" {text}"));
                    }
                }
            }
        }
    }

    /// A column whose values are treated in another way is written anew, whatever its type is called.
    fn affinities(&mut self) {
        for (place, desired) in self.desired.columns.iter().enumerate() {
            let Some(current) = self.current.column(&desired.name) else {
                continue;
            };
            if Affinity::in_table(self.current, current)
                != Affinity::in_table(self.desired, desired)
            {
                self.res.rebuild = true;
                self.res.converted.push(place);
            }
        }
    }

    /// Edits a column that is there.
    fn column(&mut self, current: usize, place: usize, what: Respect) -> Option<()> {
        let (current, desired) =
            (self.current.columns.get(current)?, self.desired.columns.get(place)?);
        let (old, new) = (self.old, self.new);
        let (from, to) = (old.column(&current.name)?, new.column(&desired.name)?);
        match what {
            Respect::Type => {
                let text = self.desired.sql.get(to.data_type.clone()).unwrap_or_default();
                if from.data_type.is_empty() {
                    self.edits.insert(from.data_type.end, format!(" {text}"));
                } else {
                    self.edits.replace(from.data_type.clone(), text);
                }
                if !self.res.converted.contains(&place) {
                    self.res.converted.push(place);
                }
                self.res.rebuild |= self.current.options.strict || self.desired.options.strict;
            }
            Respect::Null if desired.not_null => {
                self.res.tightened.push(place);
                let behind = from.data_type.end.max(from.name_range.end);
                self.edits.insert(behind, " NOT NULL");
                self.res.rebuild |= desired.default.as_deref().is_some_and(|it| !is_constant(it));
            }
            Respect::Null => self.without(from, ClauseKind::NotNull),
            Respect::Default => {
                self.instead(from, to, ClauseKind::Default);
                self.res.defaults.push(current.name.clone());
            }
            Respect::Collation => {
                self.instead(from, to, ClauseKind::Collate);
                self.res.rebuild = true;
                // Of several the last one holds.
                let last = to.clauses.iter().rfind(|it| it.kind == ClauseKind::Collate);
                let text = last.and_then(|it| self.desired.sql.get(it.body.clone()));
                self.res.collated.push((place, text.unwrap_or("COLLATE BINARY").to_owned()));
            }
            Respect::Generated => {
                self.instead(from, to, ClauseKind::Generated);
                self.res.rebuild = true;
            }
            Respect::Other => return None,
        }
        Some(())
    }

    /// Takes the clauses of a kind out of a column.
    fn without(&mut self, from: &ColumnRange, kind: ClauseKind) {
        for clause in from.clauses.iter().filter(|it| it.kind == kind) {
            self.edits.remove(clause.range.clone());
        }
    }

    /// Puts the script's clause of a kind in place of the column's. Where there are several the last one holds.
    fn instead(&mut self, from: &ColumnRange, to: &ColumnRange, kind: ClauseKind) {
        let mut texts = to.clauses.iter().filter(|it| it.kind == kind);
        let text = texts.next().map(|it| self.new_text(it));
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

    /// Whether a column goes: its place in the table's statement.
    fn goes(&self, column: usize) -> bool {
        let name = self.old.columns.get(column).map(|it| &it.name);
        name.is_some_and(|it| self.res.dropped.contains(it))
    }

    /// Takes out the clause at a place, unless it goes with its column; whether it did.
    fn clause_goes(&mut self, place: Option<ClausePlace>) -> bool {
        match place {
            Some(ClausePlace::Column(column, _)) if self.goes(column) => false,
            Some(ClausePlace::Table(at)) => {
                self.gone.push(at);
                true
            }
            Some(place @ ClausePlace::Column(..)) => {
                if let Some(clause) = self.old.clause(place) {
                    self.edits.remove(clause.range.clone());
                }
                true
            }
            None => false,
        }
    }

    /// A unique key in the table's own text that the script doesn't have goes, however often it is said.
    fn unique_goes(&mut self, current: usize) -> bool {
        let index = self.current.indexes.get(current);
        let index = index.filter(|it| it.origin == IndexOrigin::Unique);
        let Some(columns) = index.and_then(catalog::TableIndex::unique_key) else {
            return false;
        };
        let mut any = false;
        for (place, of) in &self.old.uniques {
            if of.iter().eq(columns.iter().copied()) {
                any |= self.clause_goes(Some(*place));
            }
        }
        self.res.rebuild |= any;
        self.res.unkeyed |= any;
        any
    }

    fn check_goes(&mut self, current: usize) -> bool {
        let goes = self.clause_goes(self.old.checks.get(current).copied());
        if let Some(check) = self.current.checks.get(current).filter(|_| goes) {
            self.res.unchecked.push(check.clone());
        }
        goes
    }

    /// Whether a clause of the script's stands at a column that isn't there.
    fn comes_with_column(&self, place: ClausePlace) -> bool {
        match place {
            ClausePlace::Column(column, _) => {
                let name = self.new.columns.get(column).map(|it| &it.name);
                name.is_some_and(|it| self.current.column(it).is_none())
            }
            ClausePlace::Table(_) => false,
        }
    }

    /// Columns that are missing come, behind what is written at the end of the last one that is there.
    fn columns_come(&mut self, keep: bool, found: &[Difference]) {
        let (old, new) = (self.old, self.new);
        // Where none of them stays, what comes first has no comma before it.
        let stays = old.columns.iter().any(|it| new.column(&it.name).is_some());
        let mut gap = if keep || stays { ", " } else { "" };
        for difference in found {
            let Difference::AddColumn { desired: place } = *difference else {
                continue;
            };
            let Some(desired) = self.desired.columns.get(place) else { continue };
            let Some(to) = new.column(&desired.name) else { continue };
            // What rows have there before it is written SQLite knows of a plain value only, which must be right without a look at it.
            let constant = desired.default.as_deref().is_none_or(is_constant);
            let empty = desired.not_null && !has_value(desired);
            let checked = to.clauses.iter().any(|it| it.kind == ClauseKind::Check);
            let key = desired.primary_key > 0;
            // As rows move it shows whether it can be computed of each; of those that steps will fill that isn't asked.
            let computed = desired.generated.is_some() && self.part == ChangePart::Rest;
            self.res.rebuild |=
                empty || key || !constant || checked || computed || self.current.options.strict;
            self.res.added.push(place);
            if let Some(last) = old.columns.last() {
                let text = self.desired.sql.get(to.range.clone()).unwrap_or_default();
                self.edits.insert(last.range.end, format!("{gap}{text}"));
            }
            gap = ", ";
        }
    }

    /// Checks, foreign keys and unique keys that are missing come, at the end of the list.
    fn clauses_come(&mut self, found: &[Difference]) {
        let mut keys = Vec::new();
        for difference in found {
            match *difference {
                Difference::AddIndex { desired } => self.unique_comes(desired),
                Difference::AddCheck { desired } => {
                    let Some(check) = self.desired.checks.get(desired) else { continue };
                    self.res.checks.push(check.clone());
                    let place = self.new.checks.get(desired).copied();
                    let clause = place.and_then(|it| self.new.clause(it));
                    let text = clause.map(|it| self.new_text(it)).unwrap_or_default();
                    self.clause_comes(place, text);
                }
                Difference::AddKey { desired } | Difference::Key { desired, .. } => {
                    keys.push(desired);
                }
                Difference::PrimaryKey
                | Difference::Identity
                | Difference::AddColumn { .. }
                | Difference::DropColumn { .. }
                | Difference::Column { .. }
                | Difference::DropIndex { .. }
                | Difference::Index { .. }
                | Difference::DropCheck { .. }
                | Difference::RenameCheck { .. }
                | Difference::DropKey { .. }
                | Difference::Options
                | Difference::AddOther { .. }
                | Difference::DropOther { .. } => {}
            }
        }
        keys.sort_unstable();
        for at in keys {
            let Some(key) = self.desired.keys.get(at) else { continue };
            self.res.keys.push(key.clone());
            self.clause_comes(self.new.keys.get(at).copied(), key.text.clone());
        }
    }

    /// A clause of the script's comes, unless it does so with its column; one that stands at a column as `text`.
    fn clause_comes(&mut self, place: Option<ClausePlace>, text: String) {
        let place = place.filter(|it| !self.comes_with_column(*it));
        self.tail.extend(match place {
            None => None,
            Some(ClausePlace::Column(..)) => Some(text),
            Some(place) => self.new.clause(place).map(|it| self.new_text(it)),
        });
    }

    /// A unique key of the script's own text comes: it has an index in the file.
    fn unique_comes(&mut self, desired: usize) {
        let index = self.desired.indexes.get(desired);
        let index = index.filter(|it| it.origin == IndexOrigin::Unique);
        let Some(columns) = index.and_then(catalog::TableIndex::unique_key) else {
            return;
        };
        let mut own = self.new.uniques.iter();
        let desired = own.find(|it| it.1.iter().eq(columns.iter().copied()));
        let each: Vec<_> = columns.iter().map(|it| quoted(it)).collect();
        self.clause_comes(desired.map(|it| it.0), format!("UNIQUE ({})", each.join(", ")));
        self.res.rebuild = true;
    }
}

/// Whether `ADD COLUMN` would take a default: a literal, not what is computed. SQLite tells of defaults without the brackets around them.
pub(super) fn is_constant(text: &str) -> bool {
    let all = tokens(text);
    let signs = all.iter().take_while(|it| it.is_sign('-') || it.is_sign('+'));
    let Some([value]) = all.get(signs.count()..) else {
        return false;
    };
    let word = ["null", "true", "false"].iter().any(|it| value.is(it));
    word || matches!(value.kind, SqlTokenKind::Literal | SqlTokenKind::Text(_))
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
