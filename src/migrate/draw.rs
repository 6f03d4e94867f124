//! A plan as people read it: a heading for each table, view or trigger, and a line below it for each thing that changes of it.

use super::{Change, ChangeMethod, Detail, PlanPart, RecordedChange, Sign, StepCost, StepWork};
use crate::words::counted;
use std::collections::{BTreeMap, HashSet};

/// A plan, line by line, each with the sign that it begins with. What changes of one table stands under one heading, where the first
/// change of it would stand.
///
/// ```
/// use relata::{Session, Sqlite, migrate};
/// let mut session = Session::new(Sqlite::in_memory()?);
/// session.run("users.schema", "model User { name: STRING } < timestamps: false >", &mut Vec::new())?;
/// let lines: Vec<_> = migrate::draw(&session.diff()?).into_iter().map(|it| it.1).collect();
/// assert_eq!(lines, ["+ Users: create"]);
/// # Ok::<(), relata::Error>(())
/// ```
pub fn draw(changes: &[Change]) -> Vec<(Sign, String)> {
    draw_each(changes, |it| how(it).map(|how| how + waits(it)))
}

/// The same of what was carried out; `took` says of an object how long that took, where it is worth telling.
pub fn draw_done(changes: &[Change], took: impl Fn(&str) -> Option<String>) -> Vec<(Sign, String)> {
    let mut timed: Vec<&str> = Vec::new();
    draw_each(changes, |it| {
        let took = if timed.contains(&&*it.object) { None } else { took(&it.object) };
        timed.push(&it.object);
        let told: Vec<String> = how(it).into_iter().chain(took).collect();
        (!told.is_empty()).then(|| told.join(", "))
    })
}

fn draw_each<'c>(
    changes: &'c [Change],
    mut how: impl FnMut(&'c Change) -> Option<String>,
) -> Vec<(Sign, String)> {
    let mut res = Vec::new();
    let mut objects: Vec<&str> = Vec::new();
    for change in changes {
        if objects.contains(&&*change.object) {
            continue;
        }
        objects.push(&change.object);
        let group: Vec<&Change> = changes.iter().filter(|it| it.object == change.object).collect();
        let sign = sign(&group);
        // Of what steps aside for a change, nothing is told beside that.
        let told = |it: &&&Change| !it.what.is_empty() || !it.refused.is_empty();
        let mut how: Vec<String> = group.iter().filter(told).filter_map(|it| how(it)).collect();
        how.extend(costs(&group));
        // That a table is created or dropped its heading says.
        let is_told = |it: &&&Change| {
            !matches!((it.way, it.sign()), (ChangeMethod::Create, Sign::Add)) || sign != Sign::Add
        };
        let details = group.iter().filter(is_told).flat_map(|it| &it.what);
        draw_object((sign, &change.object), &how.join(", "), details, &mut res);
    }
    res
}

/// What a migration changed, or a rollback, in the same way.
pub fn draw_recorded(changes: &[RecordedChange]) -> Vec<(Sign, String)> {
    let mut res = Vec::new();
    for it in changes {
        draw_object((it.sign, &it.object), it.how.unwrap_or_default(), &it.what, &mut res);
    }
    res
}

/// A heading, and a line for each thing that changes.
fn draw_object<'d>(
    (sign, object): (Sign, &str),
    how: &str,
    what: impl IntoIterator<Item = &'d Detail>,
    res: &mut Vec<(Sign, String)>,
) {
    let colon = if how.is_empty() { "" } else { ": " };
    res.push((sign, format!("{} {object}{colon}{how}", sign.word())));
    for it in what {
        res.push((it.sign, format!("  {} {}", it.sign.word(), it.text)));
    }
}

/// How many things of one kind a plan does the same with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanCount {
    /// What is done with them.
    pub action: PlanAction,
    /// What they are.
    pub part: PlanPart,
    /// How many.
    pub count: usize,
}

/// What a plan does with something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlanAction {
    /// They are added.
    Add,
    /// They get other names.
    Rename,
    /// They are carried out.
    Run,
    /// They are changed.
    Change,
    /// They are dropped.
    Drop,
}

impl PlanAction {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Rename => "rename",
            Self::Run => "run",
            Self::Change => "change",
            Self::Drop => "drop",
        }
    }

    /// Its word for what is done already.
    const fn past(self) -> &'static str {
        match self {
            Self::Add => "added",
            Self::Rename => "renamed",
            Self::Run => "run",
            Self::Change => "changed",
            Self::Drop => "dropped",
        }
    }
}

impl PlanCount {
    /// What was done: `2 columns dropped`.
    pub fn done(&self) -> String {
        format!("{} {}", self.things(), self.action.past())
    }

    /// `2 columns`
    fn things(&self) -> String {
        let end = match (self.count, self.part) {
            (1, _) => "",
            (_, PlanPart::Index) => "es",
            (
                _,
                PlanPart::Table
                | PlanPart::View
                | PlanPart::Trigger
                | PlanPart::Column
                | PlanPart::PrimaryKey
                | PlanPart::ForeignKey
                | PlanPart::UniqueKey
                | PlanPart::Check
                | PlanPart::Step,
            ) => "s",
        };
        format!("{} {}{end}", self.count, self.part.word())
    }
}

impl std::fmt::Display for PlanCount {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} to {}", self.things(), self.action.word())
    }
}

/// What a plan comes to: how much of each kind it adds, renames, changes and drops. What is refused is not counted.
///
/// ```
/// use relata::{Session, Sqlite, migrate};
/// let mut session = Session::new(Sqlite::in_memory()?);
/// session.run("a.schema", "model User { name: STRING }\nmodel Tag { name: STRING }", &mut Vec::new())?;
/// let counts = migrate::summary(&session.diff()?);
/// assert_eq!(counts[0].to_string(), "2 tables to add");
/// # Ok::<(), relata::Error>(())
/// ```
pub fn summary(changes: &[Change]) -> Vec<PlanCount> {
    let mut counts: BTreeMap<(PlanAction, PlanPart), usize> = BTreeMap::new();
    let mut columns = HashSet::new();
    for change in changes.iter().filter(|it| it.refused.is_empty()) {
        if change.way == ChangeMethod::Once {
            *counts.entry((PlanAction::Run, PlanPart::Step)).or_default() += 1;
            continue;
        }
        for detail in &change.what {
            let action = match (change.way, detail.sign) {
                (ChangeMethod::Rename, _) => PlanAction::Rename,
                (_, Sign::Add) => PlanAction::Add,
                (_, Sign::Change) => PlanAction::Change,
                (_, Sign::Drop) => PlanAction::Drop,
            };
            // Of one column more than one thing may change, and one that is added may be filled.
            let column = detail.column.as_deref();
            if column.is_none_or(|it| columns.insert((&*change.object, it))) {
                *counts.entry((action, detail.part)).or_default() += 1;
            }
        }
    }
    counts.into_iter().map(|((action, part), count)| PlanCount { action, part, count }).collect()
}

/// What a plan does with a whole object.
fn sign(group: &[&Change]) -> Sign {
    if group.iter().any(|it| it.sign() == Sign::Add) {
        Sign::Add
    } else if group.iter().all(|it| it.sign() == Sign::Drop) {
        Sign::Drop
    } else {
        Sign::Change
    }
}

/// How a change is carried out, with the rows that are written.
fn how(change: &Change) -> Option<String> {
    if change.cost.is_some() && change.refused.is_empty() {
        // All of one object's are told in one.
        return None;
    }
    match change.way {
        ChangeMethod::Create if change.sign() == Sign::Add => Some("create".to_owned()),
        ChangeMethod::Create => Some("replace".to_owned()),
        ChangeMethod::Edit if change.rows == 0 => Some("alter, rows unchanged".to_owned()),
        ChangeMethod::Edit => Some(format!("alter, {} updated", counted(change.rows))),
        ChangeMethod::Alter => Some(format!("alter in place, {} written", counted(change.rows))),
        ChangeMethod::Rebuild => Some(format!("rebuild, {} copied", counted(change.rows))),
        ChangeMethod::Drop => Some("drop".to_owned()),
        ChangeMethod::Once if change.sql.is_empty() => None,
        ChangeMethod::Once => Some(format!("{} written", counted(change.rows))),
        ChangeMethod::Refused => Some("refused".to_owned()),
        ChangeMethod::Rename | ChangeMethod::Index => None,
    }
}

/// What the changes of an object cost, in words: `alter, scans 12 rows, writes wait`. Nothing of what is refused.
fn costs(group: &[&Change]) -> Option<String> {
    let costed: Vec<_> = group.iter().filter(|it| it.cost.is_some()).collect();
    if costed.is_empty() || group.iter().any(|it| !it.refused.is_empty()) {
        return None;
    }
    let cost = costed.iter().filter_map(|it| it.cost).fold(StepCost::default(), StepCost::and);
    let rows = costed.iter().map(|it| it.rows).max().unwrap_or(0);
    let all = |way: ChangeMethod| costed.iter().all(|it| it.way == way);
    let way = if all(ChangeMethod::Index) {
        "index"
    } else if all(ChangeMethod::Rename) {
        "rename"
    } else {
        "alter"
    };
    if cost.work == StepWork::Instant {
        return Some(format!("{way}, {}", cost.work.word()));
    }
    let waits = match cost.waits.words() {
        [] => String::new(),
        words => format!(", {} wait", words.join(" and ")),
    };
    Some(format!("{way}, {} {}{waits}", cost.work.word(), counted(rows)))
}

/// From so many rows on that are written, who else writes notices.
const MANY: u64 = 100_000;

/// Who waits while a large table changes: SQLite has one writer at a time, and its transaction ends with the plan.
fn waits(change: &Change) -> &'static str {
    let writes = match change.way {
        ChangeMethod::Edit | ChangeMethod::Alter | ChangeMethod::Rebuild => true,
        ChangeMethod::Create
        | ChangeMethod::Rename
        | ChangeMethod::Index
        | ChangeMethod::Drop
        | ChangeMethod::Once
        | ChangeMethod::Refused => false,
    };
    if !writes || change.rows < MANY {
        ""
    } else {
        "; all other writers wait until the plan is carried out"
    }
}
