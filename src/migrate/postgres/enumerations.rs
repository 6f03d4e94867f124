//! The types of enumerations: they come, get members, or are made anew where members go. Rows that hold a member which goes are refused as those that break a check.

use super::kept::kept_schema;
use super::steps::kept;
use crate::catalog::{Column, ObjectKind, Table};
use crate::client::{Client, RunResult, quoted, quoted_text};
use crate::diagnostics::{Hazard, HazardKind, UnalterableTable};
use crate::ir::Enumeration;
use crate::migrate::alteration::change;
use crate::migrate::questions::rows_where;
use crate::migrate::server::plan::{DesiredStructure, Planning};
use crate::migrate::server::work::{WorkPhase, WorkStep};
use crate::migrate::{
    Change, ChangeMethod, Migrator, PlanPart, Sign, StepCost, StepWaits, StepWork,
};
use crate::source::Span;
use crate::sql::{SchemaObject, SchemaObjectKind};
use crate::value::Value;
use std::collections::HashSet;

/// The members of a type that names mean; none where there is no such.
pub(super) fn members_of(client: &Client<'_>, at: Span, name: &str) -> RunResult<Vec<String>> {
    let sql = "SELECT e.enumlabel::text FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid \
               WHERE t.typname = $1 AND pg_type_is_visible(t.oid) ORDER BY e.enumsortorder";
    texts(client, at, sql, name)
}

fn texts(client: &Client<'_>, at: Span, sql: &str, name: &str) -> RunResult<Vec<String>> {
    let rows = client.rows(at, sql, &[Value::from(name)])?;
    let each = rows.iter().filter_map(|row| match row.first() {
        Some(Value::Text(it)) => Some(it.to_string()),
        _ => None,
    });
    Ok(each.collect())
}

/// The columns of tables that have a type.
fn columns_of(client: &Client<'_>, at: Span, name: &str) -> RunResult<Vec<(String, String)>> {
    let sql = "SELECT CASE WHEN n.nspname = current_schema() THEN '' ELSE n.nspname || '.' END || c.relname || chr(1) || a.attname \
               FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid \
               WHERE t.typname = $1 AND pg_type_is_visible(t.oid) AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped \
                  AND n.nspname NOT LIKE '\\_relata\\_%' ORDER BY 1";
    let each = texts(client, at, sql, name)?;
    let pairs = each.iter().filter_map(|it| it.split_once('\u{1}'));
    Ok(pairs.map(|it| (it.0.to_owned(), it.1.to_owned())).collect())
}

/// What stands on a type beside columns and their defaults, in words; none where nothing does.
fn stands_on(client: &Client<'_>, at: Span, name: &str) -> RunResult<Option<String>> {
    let sql = "SELECT pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_depend d JOIN pg_type t ON t.oid = d.refobjid \
               LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid \
               LEFT JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum \
               WHERE d.refclassid = 'pg_type'::regclass AND t.typname = $1 AND pg_type_is_visible(t.oid) AND d.deptype IN ('n', 'a') \
                  AND (d.classid IN ('pg_constraint'::regclass, 'pg_proc'::regclass, 'pg_rewrite'::regclass) \
                     OR d.classid = 'pg_class'::regclass AND (d.objsubid = 0 OR (SELECT relkind NOT IN ('r', 'p') FROM pg_class k WHERE k.oid = d.objid)) \
                     OR a.attgenerated <> '') \
               UNION ALL SELECT 'view ' || v.oid::regclass FROM pg_attribute b JOIN pg_type t ON t.oid = b.atttypid JOIN pg_class v ON v.oid = b.attrelid \
               WHERE t.typname = $1 AND pg_type_is_visible(t.oid) AND v.relkind IN ('v', 'm') \
               UNION ALL SELECT 'lists of it' FROM pg_attribute b JOIN pg_type l ON l.oid = b.atttypid JOIN pg_type t ON t.typarray = l.oid \
               WHERE t.typname = $1 AND pg_type_is_visible(t.oid) LIMIT 1";
    Ok(texts(client, at, sql, name)?.into_iter().next())
}

/// How a type gets members without being made anew; none where some go, or stand in another order.
fn added(name: &str, current: &[String], desired: &[&str]) -> Option<Vec<String>> {
    let kept: Vec<_> = desired.iter().filter(|it| current.iter().any(|own| own == *it)).collect();
    if !kept.iter().map(|it| **it).eq(current.iter().map(String::as_str)) {
        return None;
    }
    let mut statements = Vec::new();
    for (place, member) in desired.iter().enumerate() {
        if current.iter().any(|it| it == member) {
            continue;
        }
        let mut rest = desired.iter().skip(place + 1);
        let is_last = !rest.any(|it| current.iter().any(|own| own == it));
        let before = place.checked_sub(1).and_then(|it| desired.get(it));
        let where_to = match (is_last, before, current.first()) {
            (false, Some(before), _) => format!(" AFTER {}", quoted_text(before)),
            (false, None, Some(first)) => format!(" BEFORE {}", quoted_text(first)),
            _ => String::new(),
        };
        let (name, member) = (quoted(name), quoted_text(member));
        statements.push(format!("ALTER TYPE {name} ADD VALUE {member}{where_to}"));
    }
    Some(statements)
}

/// A column whose type is made anew: its table, its name, its default behind that, and whether it had one before.
type RetypedColumn = (String, String, Option<String>, bool);

/// Statements that make a type anew, with all columns that have it.
pub(super) fn made_anew(name: &str, members: &[&str], columns: &[RetypedColumn]) -> Vec<String> {
    let (own, old) = (quoted(name), quoted(&format!("_relata_former_{name}")));
    let each: Vec<_> = members.iter().map(|it| quoted_text(it)).collect();
    let mut res = vec![
        format!("ALTER TYPE {own} RENAME TO {old}"),
        format!("CREATE TYPE {own} AS ENUM ({})", each.join(", ")),
    ];
    for (table, column, default, had) in columns {
        let column = quoted(column);
        let mut clauses = Vec::new();
        if *had {
            clauses.push(format!("ALTER COLUMN {column} DROP DEFAULT"));
        }
        clauses.push(format!("ALTER COLUMN {column} TYPE {own} USING {column}::text::{own}"));
        if let Some(default) = default {
            clauses.push(format!("ALTER COLUMN {column} SET DEFAULT {default}"));
        }
        res.push(format!("ALTER TABLE {} {}", super::table_name(table), clauses.join(", ")));
    }
    res.push(format!("DROP TYPE {old}"));
    res
}

/// What becomes of the defaults of columns where their type is made anew: that of the desired table, where it has one.
pub(super) fn with_defaults(
    client: &mut Client<'_>,
    at: Span,
    columns: Vec<(String, String)>,
    desired: impl Fn(&str) -> Option<Table>,
    members: &[&str],
) -> RunResult<Vec<RetypedColumn>> {
    let mut res = Vec::new();
    for (table, column) in columns {
        let current = client.ask(at, |it| it.table(&table))?;
        let default = |column: Option<&Column>| {
            column.and_then(|it| it.default.as_deref()).map(str::to_owned)
        };
        let had = default(current.as_ref().and_then(|it| it.column(&column)));
        let other = desired(&table);
        let said = match other.as_ref().and_then(|it| it.column(&column)) {
            Some(column) => default(Some(column)),
            None => had.clone(),
        };
        let is_member = |it: &String| {
            members.iter().any(|own| it.starts_with(&format!("{}::", quoted_text(own))))
        };
        res.push((table, column, said.filter(is_member), had.is_some()));
    }
    Ok(res)
}

impl Planning<'_> {
    /// The type of an enumeration.
    pub(super) fn enumeration_on_postgres(
        &mut self,
        migrator: &mut Migrator<'_>,
        enumeration: &Enumeration,
        made: &HashSet<SchemaObject>,
        sql: String,
    ) -> RunResult<()> {
        let Some(name) = &enumeration.name else { return Ok(()) };
        let at = self.alter.at;
        let object = SchemaObject { kind: SchemaObjectKind::Type, name: name.clone(), table: None };
        if !made.contains(&object) {
            let what = (Sign::Add, PlanPart::Table, "create type".to_owned());
            self.work.add(WorkPhase::Types, change(name, what, ChangeMethod::Create, vec![sql]));
            return Ok(());
        }
        let current = members_of(&migrator.client, at, name)?;
        let desired: Vec<&str> =
            enumeration.members.iter().map(smol_str::SmolStr::as_str).collect();
        if current.iter().map(String::as_str).eq(desired.iter().copied()) {
            return Ok(());
        }
        let words = |it: &str| format!("`{it}`");
        let new: Vec<&str> =
            desired.iter().copied().filter(|it| !current.iter().any(|own| own == it)).collect();
        let gone: Vec<&String> =
            current.iter().filter(|it| !desired.contains(&it.as_str())).collect();
        let mut details = Vec::new();
        let detail = |sign, text: String| crate::migrate::Detail {
            sign,
            part: PlanPart::Table,
            column: None,
            text,
        };
        details.extend(new.iter().map(|it| detail(Sign::Add, format!("add member {}", words(it)))));
        details
            .extend(gone.iter().map(|it| detail(Sign::Drop, format!("drop member {}", words(it)))));
        if details.is_empty() {
            let order: Vec<_> = desired.iter().map(|it| words(it)).collect();
            details.push(detail(Sign::Change, format!("order members {}", order.join(", "))));
        }
        // A member that was added can't be used before that is committed: what uses it at once needs a type that is new.
        let used = new.iter().any(|it| uses(&self.wanted, &self.desired, it));
        if let Some(statements) = added(name, &current, &desired).filter(|_| !used) {
            let cost = Some(StepCost { work: StepWork::Instant, waits: StepWaits::Nobody });
            let what = (Sign::Add, PlanPart::Table, String::new());
            let change = change(name, what, ChangeMethod::Alter, statements);
            let step = WorkStep::new(WorkPhase::Types, Change { what: details, cost, ..change });
            self.work.steps.push(self.with_former(step, name, &current));
            return Ok(());
        }
        let columns = columns_of(&migrator.client, at, name)?;
        let refused = self.refused_members(migrator, (name, &desired, &gone), &columns)?;
        if !refused.is_empty() {
            let what = (Sign::Change, PlanPart::Table, String::new());
            let change = change(name, what, ChangeMethod::Refused, Vec::new());
            self.work.add(WorkPhase::Types, Change { what: details, refused, ..change });
            return Ok(());
        }
        let mut rows = 0;
        for (table, _) in &columns {
            self.alter.name(ObjectKind::Table, table);
            rows += self.rows(migrator, table)?;
        }
        let wanted = &self.wanted;
        let desired_of = |name: &str| wanted.iter().find(|it| it.name == name).cloned();
        let columns = with_defaults(&mut migrator.client, at, columns, desired_of, &desired)?;
        let statements = made_anew(name, &desired, &columns);
        let cost = Some(StepCost { work: StepWork::Rewrites, waits: StepWaits::ReadsAndWrites });
        let what = (Sign::Change, PlanPart::Table, String::new());
        let change = change(name, what, ChangeMethod::Alter, statements);
        let mut step =
            WorkStep::new(WorkPhase::Types, Change { what: details, cost, rows, ..change });
        step.of = columns.into_iter().map(|it| it.0).collect();
        self.work.steps.push(self.with_former(step, name, &current));
        Ok(())
    }

    /// The type as it was is kept, for a rollback.
    fn with_former(&self, mut step: WorkStep, name: &str, current: &[String]) -> WorkStep {
        let schema = quoted(&kept_schema(self.alter.migration.get()));
        let each: Vec<_> = current.iter().map(|it| quoted_text(it)).collect();
        let statements = vec![
            format!("CREATE SCHEMA IF NOT EXISTS {schema}"),
            format!("CREATE TYPE {schema}.{} AS ENUM ({})", quoted(name), each.join(", ")),
        ];
        step.keeps = kept(name, statements);
        step
    }

    /// Why a type can't be made anew.
    fn refused_members(
        &self,
        migrator: &mut Migrator<'_>,
        (name, desired, gone): (&str, &[&str], &[&String]),
        columns: &[(String, String)],
    ) -> RunResult<Vec<Hazard>> {
        let before = self.alter.refused();
        let at = self.alter.at;
        let schema = migrator.client.scripts.schema;
        let each: Vec<_> = desired.iter().map(|it| quoted_text(it)).collect();
        let lost: Vec<_> = gone.iter().map(|it| quoted_text(it)).collect();
        for (table, column) in columns.iter().filter(|_| !gone.is_empty()) {
            let Some(current) = migrator.client.ask(at, |it| it.table(table))? else { continue };
            let own = quoted(column);
            let holds = format!("{own}::text IN ({})", lost.join(", "));
            let rows = rows_where(&mut migrator.client, self.alter, &current, &holds)?;
            if rows.is_none() {
                continue;
            }
            let mut models = schema.models();
            let model = models.find(|it| *it.1.full_table() == *table.as_str());
            let declared =
                model.map(|(_, model)| model.on_column(column).map_or(model.span, |it| it.span));
            let check = format!("({own} IN ({}))", each.join(", "));
            let kind = HazardKind::Check { table: table.clone(), check };
            self.alter.refuse(Hazard { rows, ..self.alter.hazard(kind, declared) });
        }
        if let Some(what) = stands_on(&migrator.client, at, name)? {
            let title = migrator.client.database.dialect().title;
            let what = format!("make the type of an enumeration anew, on which {what} stands");
            let why = UnalterableTable::NotYet { title, what };
            let kind = HazardKind::Unalterable { table: name.to_owned(), why };
            self.alter.refuse(self.alter.hazard(kind, None));
        }
        Ok(self.alter.refused_since(before))
    }
}

/// Whether a member is used by what is desired.
fn uses(wanted: &[Table], views: &DesiredStructure, member: &str) -> bool {
    let written = format!("{}::", quoted_text(member));
    let mut tables = wanted.iter();
    let of_table = |table: &Table| {
        let mut indexes = table.indexes.iter().filter_map(|it| it.sql.as_deref());
        table.sql.contains(&written) || indexes.any(|it| it.contains(&written))
    };
    tables.any(of_table) || views.views.values().any(|it| it.contains(&written))
}

/// Types that a migration has changed, with the members that they had.
pub(super) fn kept_types(
    client: &Client<'_>,
    migration: u64,
) -> RunResult<Vec<(String, Vec<String>)>> {
    let at = Span::default();
    let schema = kept_schema(migration);
    let sql = "SELECT t.typname::text FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = $1 AND t.typtype = 'e' ORDER BY t.oid";
    let mut res = Vec::new();
    for name in texts(client, at, sql, &schema)? {
        let sql = "SELECT e.enumlabel::text FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace \
                   WHERE n.nspname || '.' || t.typname = $1 ORDER BY e.enumsortorder";
        let members = texts(client, at, sql, &format!("{schema}.{name}"))?;
        res.push((name, members));
    }
    Ok(res)
}

/// Statements by which a type has its members of before again; or the table whose rows hold one that it hadn't.
pub(super) fn as_before(
    client: &mut Client<'_>,
    name: &str,
    members: &[String],
) -> RunResult<Result<Vec<String>, (String, String)>> {
    let at = Span::default();
    let columns = columns_of(client, at, name)?;
    let each: Vec<_> = members.iter().map(|it| quoted_text(it)).collect();
    for (table, column) in &columns {
        let own = quoted(column);
        let holds = format!("{own}::text NOT IN ({})", each.join(", "));
        let sql = format!("SELECT count(*) FROM {} WHERE {holds}", super::table_name(table));
        if client.count(at, &sql)? > 0 {
            return Ok(Err((
                table.clone(),
                format!("`{column}` holds a member that came with it"),
            )));
        }
    }
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    let columns = with_defaults(client, at, columns, |_| None, &members)?;
    Ok(Ok(made_anew(name, &members, &columns)))
}
