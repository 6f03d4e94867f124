//! What is made beside tables: types of enumerations, views, and what raw SQL makes.

use super::ServerEngine;
use super::plan::DesiredStructure;
use super::work::{ServerWork, StatementEffect, WorkPhase, WorkStatement, WorkStep};
use crate::catalog::{NameRef, ObjectKind};
use crate::client::RunResult;
use crate::migrate::alteration::{Alteration, change};
use crate::migrate::existing::ExistingObjects;
use crate::migrate::objects::overwrites;
use crate::migrate::{Change, ChangeMethod, Migrator, PlanPart, Sign, ddl};
use crate::sql::{self, SchemaObject, SchemaObjectKind};
use std::collections::HashSet;

/// The script's views: those that are others, or in the way of a table, are made again.
pub(in crate::migrate) fn views(
    server: &dyn ServerEngine,
    (migrator, alter): (&Migrator<'_>, &Alteration),
    there: &ExistingObjects<'_>,
    desired: &DesiredStructure,
    in_the_way: &HashSet<String>,
    work: &mut ServerWork,
) {
    let views = ddl::views(migrator.client.scripts.schema, migrator.client.database.dialect());
    let renamed = !work.renames.is_empty();
    for view in views {
        let name = view.name.as_str();
        let found = there.get(&(ObjectKind::View, NameRef(name)));
        let says = desired.views.get(name).map(String::as_str);
        let is_same =
            |it: Option<&str>| it.zip(says).is_some_and(|(is, says)| server.is_same_view(is, says));
        let same = found.is_some_and(|it| is_same(it.sql.as_deref()));
        if same && !in_the_way.contains(name) {
            continue;
        }
        let mut sql = vec![view.create.clone()];
        let (sign, verb) =
            if found.is_some() { (Sign::Change, "replace") } else { (Sign::Add, "create") };
        if found.is_some() {
            let left = alter.drift.left(ObjectKind::View, name);
            let theirs = is_same(left);
            if theirs
                && !same
                && !renamed
                && !alter.options.allow.has(crate::diagnostics::Loss::Drift)
            {
                let hazard = overwrites(ObjectKind::View, name);
                alter.refuse(hazard.clone());
                let what = (sign, PlanPart::View, format!("{verb} view"));
                let change = change(name, what, ChangeMethod::Refused, Vec::new());
                work.add(WorkPhase::Objects, Change { refused: vec![hazard], ..change });
                continue;
            }
            alter.name(ObjectKind::View, name);
            let drop = server.drop_object(ObjectKind::View, name);
            let what = (Sign::Change, PlanPart::View, "step aside".to_owned());
            let mut aside = change(name, what, ChangeMethod::Create, vec![drop]);
            aside.what.clear();
            work.add(WorkPhase::ViewsGo, aside);
        }
        let what = (sign, PlanPart::View, format!("{verb} view"));
        work.add(
            WorkPhase::Objects,
            change(name, what, ChangeMethod::Create, std::mem::take(&mut sql)),
        );
    }
}

/// What raw SQL makes comes where nothing is called so; what is there is left alone.
pub(in crate::migrate) fn raw(
    (migrator, alter): (&mut Migrator<'_>, &Alteration),
    work: &mut ServerWork,
) -> RunResult<()> {
    let schema = migrator.client.scripts.schema;
    if schema.objects.is_empty() {
        return Ok(());
    }
    let made = migrator.client.ask(alter.at, |it| it.schema_objects())?;
    for object in &schema.objects {
        let Some(created) = sql::created(&object.sql) else { continue };
        let is_it = |it: &SchemaObject| it.kind == created.kind && it.name == created.name;
        if made.iter().any(is_it) {
            continue;
        }
        let part = created.kind.kept().map_or(PlanPart::Table, PlanPart::from);
        let what = (Sign::Add, part, "create what raw SQL says".to_owned());
        let does = match created.kind {
            SchemaObjectKind::Table | SchemaObjectKind::View => StatementEffect::Structure,
            other => StatementEffect::Object(other),
        };
        let statement = WorkStatement::new(does, created.name.clone(), object.sql.to_string());
        let change = change(&created.name, what, ChangeMethod::Create, Vec::new());
        work.steps.push(WorkStep::of(WorkPhase::Objects, change, vec![statement]));
    }
    Ok(())
}
