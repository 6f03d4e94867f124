//! What becomes of a table: what differs as changes, and these as clauses of `ALTER TABLE`.

use super::fits::ServerCast;
use crate::catalog::{Column, Difference, IndexOrigin, Respect, Table, TableIndex};
use crate::client::quoted;
use crate::ir::ExtraColumns;
use crate::migrate::alteration::{FilledRows, TableAlteration};
use crate::migrate::script_differences::{differences, is_of_extra_column};
use crate::migrate::{StepCost, StepWaits, StepWork};
use std::fmt::Write as _;

/// In what a table differs that is the script's matter, with the indexes that have another statement.
pub(super) fn found(current: &Table, desired: &Table, extra: ExtraColumns) -> Vec<Difference> {
    let mut found = differences(current, desired);
    if extra == ExtraColumns::Keep {
        found.retain(|it| !is_of_extra_column(*it, current, desired));
    }
    // A sequence that is a column's default numbers rows as IDENTITY does.
    let counts = |column: &Column| {
        let nextval = column.default.as_deref().is_some_and(|it| it.starts_with("nextval("));
        nextval && desired.column(&column.name).is_some_and(|it| it.identity)
    };
    found.retain(|it| match *it {
        Difference::Identity => !current.columns.iter().any(counts),
        Difference::Column { current: at, what: Respect::Default, .. } => {
            !current.columns.get(at).is_some_and(counts)
        }
        _ => true,
    });
    // The name that a check gets by itself is nobody's matter.
    let alike = |drop: usize, add: usize| {
        let (is, said) = (current.checks.get(drop), desired.checks.get(add));
        is.zip(said).is_some_and(|(is, said)| {
            let own = |name: Option<&str>| name.is_none_or(|it| it.contains("_check"));
            is.condition == said.condition
                && is.more == said.more
                && (own(is.name.as_deref()) || own(said.name.as_deref()))
        })
    };
    let mut pairs = Vec::new();
    for it in &found {
        let Difference::DropCheck { current: drop } = *it else { continue };
        let add = found.iter().find(|other| match **other {
            Difference::AddCheck { desired: add } => alike(drop, add) && !pairs.contains(*other),
            _ => false,
        });
        if let Some(add) = add {
            pairs.extend([*it, *add]);
        }
    }
    found.retain(|it| !pairs.contains(it));
    for (to, index) in desired.indexes.iter().enumerate() {
        let created = |it: &TableIndex| it.origin == IndexOrigin::Created;
        let at = current.indexes.iter().position(|it| created(it) && it.name == index.name);
        let Some(at) = at.filter(|_| created(index)) else { continue };
        let other = current.indexes.get(at).is_some_and(|it| it.sql != index.sql);
        let difference = Difference::Index { current: at, desired: to };
        if other && !found.contains(&difference) {
            found.push(difference);
        }
    }
    found
}

/// What is done to a table, in order, and what that costs.
#[derive(Debug, Default)]
pub(super) struct TableStatements {
    /// Before rows get values: what comes, and the checks that go.
    first: Vec<String>,
    /// What rows get: columns with their expressions, and of which rows that is true.
    fills: Vec<(String, Option<String>)>,
    /// Behind that.
    rest: Vec<String>,
    /// Behind all.
    last: Vec<String>,
    /// The least cost that is known of it.
    pub cost: StepCost,
    /// The checks of the desired table as the script writes them, in its order.
    checks: Vec<String>,
}

impl TableStatements {
    /// The statements of a table; `casts` says how values of columns that take another type become such, `checks` is what the script says
    /// of its checks: what the server writes of them it may read otherwise.
    pub(super) fn of(
        task: &TableAlteration<'_>,
        casts: &[(String, ServerCast)],
        checks: Option<Vec<String>>,
    ) -> Self {
        let all = task.desired.checks.len();
        let checks = checks.filter(|it| it.len() == all).unwrap_or_default();
        let mut res = Self { checks, ..Self::default() };
        let (current, desired) = (&task.current, &task.desired);
        for place in &task.todo.added {
            if let Some(column) = desired.columns.get(*place) {
                res.comes(task, column);
            }
        }
        // A column that is computed goes before what it is computed of.
        let is_base = |difference: &&Difference| match **difference {
            Difference::DropColumn { current: at } => {
                task.current.columns.get(at).is_some_and(|it| it.generated.is_none())
            }
            _ => false,
        };
        let (last, first): (Vec<&Difference>, Vec<&Difference>) =
            task.todo.differences.iter().partition(is_base);
        for difference in first.into_iter().chain(last) {
            res.difference(task, *difference, casts);
        }
        for used in &task.used {
            let Some(column) = desired.column(&used.column) else { continue };
            let place = desired.place(&column.name);
            let converted = place.is_some_and(|it| task.todo.converted.contains(&it));
            let whole = (used.of == FilledRows::All).then_some(None);
            let rows = whole.unwrap_or_else(|| Some(used.rows.clone()));
            if !converted {
                res.fill(&column.name, &task.value_to_come(column), rows);
            }
        }
        let begun = |column: &Column, res: &Self| {
            let clause = format!("ALTER COLUMN {} TYPE ", quoted(&column.name));
            res.rest.iter().any(|it| it.starts_with(&clause) && it.contains(" USING "))
        };
        for place in &task.todo.tightened {
            let Some(column) = desired.columns.get(*place) else { continue };
            if begun(column, &res) {
                // Its new type says so.
                continue;
            }
            let value = task.value_to_come(column);
            let there = current.column(&column.name).is_some();
            if there && task.used(&column.name).is_none() && value != "NULL" {
                let name = quoted(&column.name);
                let rows = Some(format!("{name} IS NULL"));
                res.fill(&column.name, &format!("coalesce({name}, {value})"), rows);
            }
        }
        res
    }

    fn costs(&mut self, work: StepWork, waits: StepWaits) {
        self.cost = self.cost.and(StepCost { work, waits });
    }

    fn fill(&mut self, column: &str, value: &str, rows: Option<String>) {
        self.costs(StepWork::Rewrites, StepWaits::ReadsAndWrites);
        self.fills.push((format!("{} = {value}", quoted(column)), rows));
    }

    /// A column that comes.
    fn comes(&mut self, task: &TableAlteration<'_>, column: &Column) {
        let name = quoted(&column.name);
        let given = task.given.iter().find(|it| it.0 == column.name);
        let used = task.used(&column.name);
        let volatile = |text: &str| text.contains('(') && !text.starts_with('\'');
        let default = given.map(|it| it.1.as_str()).or(column.default.as_deref());
        if column.generated.is_some() || default.is_some_and(volatile) || column.identity {
            self.costs(StepWork::Rewrites, StepWaits::ReadsAndWrites);
        }
        if used.is_some() {
            let open = column.text.strip_suffix(" NOT NULL");
            self.first.push(format!("ADD COLUMN {name} {}", open.unwrap_or(&column.text)));
            if open.is_some() {
                self.rest.push(format!("ALTER COLUMN {name} SET NOT NULL"));
            }
        } else if let Some((_, value)) = given {
            self.first.push(format!("ADD COLUMN {name} {} DEFAULT {value}", column.text));
            self.last.push(format!("ALTER COLUMN {name} DROP DEFAULT"));
        } else {
            self.first.push(format!("ADD COLUMN {name} {}", column.text));
        }
    }

    fn difference(
        &mut self,
        task: &TableAlteration<'_>,
        difference: Difference,
        casts: &[(String, ServerCast)],
    ) {
        let (current, desired) = (&task.current, &task.desired);
        let drop = |name: Option<&str>| name.map(|it| format!("DROP CONSTRAINT {}", quoted(it)));
        match difference {
            Difference::PrimaryKey => {
                let key = |table: &'_ Table| {
                    let mut indexes = table.indexes.iter();
                    let found = indexes.find(|it| it.origin == IndexOrigin::PrimaryKey);
                    found.and_then(|it| it.constraint.clone())
                };
                // Columns that are no key any more may be null only behind that.
                if let Some(it) = drop(key(current).as_deref()) {
                    self.rest.insert(0, it);
                }
                let columns = desired.primary_key();
                if !columns.is_empty() {
                    let columns: Vec<_> = columns.into_iter().map(quoted).collect();
                    let name = key(desired).unwrap_or_else(|| format!("{}_pkey", desired.name));
                    self.costs(StepWork::Scans, StepWaits::ReadsAndWrites);
                    self.rest.push(format!(
                        "ADD CONSTRAINT {} PRIMARY KEY ({})",
                        quoted(&name),
                        columns.join(", ")
                    ));
                }
            }
            Difference::Identity => self.identity(current, desired),
            Difference::DropColumn { current: at } => {
                let column = current.columns.get(at);
                self.rest.extend(column.map(|it| format!("DROP COLUMN {}", quoted(&it.name))));
            }
            Difference::Column { current: at, desired: to, what } => {
                let columns = current.columns.get(at).zip(desired.columns.get(to));
                if let Some((from, to)) = columns {
                    self.column(task, (from, to), what, casts);
                }
            }
            Difference::AddIndex { desired: to } => {
                let index = desired.indexes.get(to);
                let index = index.filter(|it| it.origin == IndexOrigin::Unique);
                if let Some(columns) = index.and_then(TableIndex::unique_columns) {
                    let columns: Vec<_> = columns.into_iter().map(quoted).collect();
                    let name = index.and_then(|it| it.constraint.clone()).unwrap_or_default();
                    self.costs(StepWork::Scans, StepWaits::ReadsAndWrites);
                    self.rest.push(format!(
                        "ADD CONSTRAINT {} UNIQUE ({})",
                        quoted(&name),
                        columns.join(", ")
                    ));
                }
            }
            Difference::DropIndex { current: at } => {
                let index = current.indexes.get(at);
                let index = index.filter(|it| it.origin == IndexOrigin::Unique);
                // Before its columns, with which it would go.
                self.first.extend(drop(index.and_then(|it| it.constraint.as_deref())));
            }
            Difference::AddCheck { desired: to } => {
                let Some(check) = desired.checks.get(to) else { return };
                let name = check
                    .name
                    .as_deref()
                    .map_or_else(String::new, |it| format!("CONSTRAINT {} ", quoted(it)));
                self.costs(StepWork::Scans, StepWaits::ReadsAndWrites);
                let said = self.checks.get(to).cloned();
                let clause = said.unwrap_or_else(|| format!("{name}CHECK {}", check.text()));
                self.rest.push(format!("ADD {clause}"));
            }
            Difference::DropCheck { current: at } => {
                let check = current.checks.get(at).and_then(|it| it.name.as_deref());
                // Rows may get values that it forbids.
                self.first.extend(drop(check));
            }
            Difference::AddColumn { .. }
            | Difference::Index { .. }
            | Difference::RenameCheck { .. }
            | Difference::AddKey { .. }
            | Difference::DropKey { .. }
            | Difference::Key { .. }
            | Difference::Options
            | Difference::AddOther { .. }
            | Difference::DropOther { .. } => {}
        }
    }

    fn identity(&mut self, current: &Table, desired: &Table) {
        let is_it = |it: &&Column| it.identity;
        let Some(column) = desired.columns.iter().find(is_it) else {
            let column = current.columns.iter().find(is_it).map(|it| quoted(&it.name));
            self.rest.extend(column.map(|it| format!("ALTER COLUMN {it} DROP IDENTITY")));
            return;
        };
        if current.column(&column.name).is_some() {
            let name = quoted(&column.name);
            self.rest.push(format!("ALTER COLUMN {name} ADD GENERATED BY DEFAULT AS IDENTITY"));
        }
    }

    /// A column that is there is another in some respect.
    fn column(
        &mut self,
        task: &TableAlteration<'_>,
        (from, to): (&Column, &Column),
        what: Respect,
        casts: &[(String, ServerCast)],
    ) {
        let name = quoted(&from.name);
        match what {
            Respect::Type | Respect::Collation => {
                let begun = format!("ALTER COLUMN {name} TYPE ");
                if self.rest.iter().any(|it| it.starts_with(&begun)) {
                    return;
                }
                let cast = casts.iter().find(|it| it.0 == to.name).map(|it| it.1);
                let cast = cast.unwrap_or(ServerCast::Text);
                let value = match task.used(&to.name) {
                    Some(_) => ServerCast::Text.sql(&task.value_to_come(to), &to.data_type),
                    None => {
                        let value = cast.sql(&name, &to.data_type);
                        let instead = task.value_to_come(to);
                        let tightens = to.not_null && !from.not_null && instead != "NULL";
                        if tightens { format!("coalesce({value}, {instead})") } else { value }
                    }
                };
                let mut clause = format!("{begun}{}", to.data_type);
                if let Some(collation) = &to.collation {
                    let _ = write!(clause, " COLLATE {}", quoted(collation.as_str()));
                }
                if cast != ServerCast::Nothing || task.used(&to.name).is_some() {
                    let _ = write!(clause, " USING {value}");
                }
                if from.default.is_some() {
                    self.rest.push(format!("ALTER COLUMN {name} DROP DEFAULT"));
                }
                self.rest.push(clause);
                if let Some(default) = to.default.as_deref().filter(|_| from.default.is_some()) {
                    self.rest.push(format!("ALTER COLUMN {name} SET DEFAULT {default}"));
                }
                let instant = cast == ServerCast::Nothing && task.used(&to.name).is_none();
                let work = if instant { StepWork::Instant } else { StepWork::Rewrites };
                self.costs(work, StepWaits::ReadsAndWrites);
            }
            Respect::Null if to.not_null => {
                self.costs(StepWork::Scans, StepWaits::ReadsAndWrites);
                self.rest.push(format!("ALTER COLUMN {name} SET NOT NULL"));
            }
            Respect::Null => self.rest.push(format!("ALTER COLUMN {name} DROP NOT NULL")),
            Respect::Default => {
                let clause = match &to.default {
                    Some(it) => format!("ALTER COLUMN {name} SET DEFAULT {it}"),
                    None => format!("ALTER COLUMN {name} DROP DEFAULT"),
                };
                if !self.rest.contains(&clause) {
                    self.rest.push(clause);
                }
            }
            Respect::Generated if to.generated.is_none() => {
                self.rest.push(format!("ALTER COLUMN {name} DROP EXPRESSION"));
            }
            Respect::Generated => {
                self.costs(StepWork::Rewrites, StepWaits::ReadsAndWrites);
                // Before what it is computed of.
                self.rest.insert(0, format!("DROP COLUMN {name}"));
                self.rest.push(format!("ADD COLUMN {name} {}", to.text));
            }
            Respect::Other => {}
        }
    }

    /// All of them; `triggers` are not to fire where rows get values.
    pub(super) fn statements(
        self,
        table: &str,
        triggers: &[String],
        late_keys: bool,
    ) -> Vec<String> {
        let Self { mut first, fills, mut rest, last, .. } = self;
        let name = quoted(table);
        let alter = |clauses: &[String]| {
            (!clauses.is_empty()).then(|| format!("ALTER TABLE {name} {}", clauses.join(", ")))
        };
        let mut res = Vec::new();
        if fills.is_empty() {
            first.append(&mut rest);
        } else {
            let switch = |how: &str| -> Vec<String> {
                triggers.iter().map(|it| format!("{how} TRIGGER {}", quoted(it))).collect()
            };
            first.extend(switch("DISABLE"));
            res.extend(alter(&first));
            first = switch("ENABLE");
            let sets: Vec<_> = fills.iter().map(|it| it.0.as_str()).collect();
            let rows: Option<Vec<_>> =
                fills.iter().map(|fill| fill.1.as_ref().map(|it| format!("({it})"))).collect();
            let rows = rows.map_or_else(String::new, |it| format!(" WHERE {}", it.join(" OR ")));
            res.push(format!("UPDATE {name} SET {}{rows}", sets.join(", ")));
            if late_keys {
                res.push("SET CONSTRAINTS ALL IMMEDIATE".to_owned());
            }
            first.append(&mut rest);
        }
        res.extend(alter(&first));
        res.extend(alter(&last));
        res
    }
}
