//! What comes and goes as a whole: tables, indexes and views.

use super::beside;
use super::plan::{Planning, altered};
use super::renamed::FormerNames;
use super::work::{StatementEffect, WorkPhase, WorkStatement, WorkStep};
use crate::catalog::{NameRef, ObjectKind};
use crate::client::{RunResult, quoted};
use crate::diagnostics::HazardKind;
use crate::ir::ModelId;
use crate::migrate::alteration::change;
use crate::migrate::ddl::TableDdl;
use crate::migrate::dropped::tables_to_drop;
use crate::migrate::{Change, ChangeMethod, Migrator, PlanPart, Sign, StepCost};
use crate::sql::{Statement, render};
use crate::words::counted;
use std::collections::HashSet;

impl Planning<'_> {
    /// Tables that come, with what is made beside them.
    pub(in crate::migrate) fn new_tables(
        &mut self,
        migrator: &mut Migrator<'_>,
        model: Option<ModelId>,
        tables: &[TableDdl],
    ) -> RunResult<()> {
        let (schema, dialect) =
            (migrator.client.scripts.schema, migrator.client.database.dialect());
        let is_new = |names: &FormerNames, it: &TableDdl| {
            !self.there.contains_key(&(ObjectKind::Table, NameRef(names.former(&it.name))))
        };
        let new: HashSet<ModelId> =
            tables.iter().filter(|it| is_new(&self.names, it)).map(|it| it.model).collect();
        let all = match model {
            Some(model) => crate::plan::create_model(schema, model, dialect),
            None => crate::plan::create(schema, dialect),
        };
        let is_beside = |it: &Statement| {
            use Statement::{CreateExtension, CreateSchema, CreateType};
            matches!(it, CreateType(_) | CreateExtension(_) | CreateSchema(_))
        };
        // Of very many tables it takes its time.
        let made = if all.iter().any(is_beside) {
            migrator.client.ask(self.alter.at, |it| it.schema_objects())?
        } else {
            HashSet::new()
        };
        for statement in all {
            let sql = || render(&statement, schema, dialect).replacen(" IF NOT EXISTS", "", 1);
            match &statement {
                Statement::CreateTable { model, .. } if new.contains(model) => {
                    let what = (Sign::Add, PlanPart::Table, "create table".to_owned());
                    let name = schema[*model].full_table();
                    self.work.add(
                        WorkPhase::Creates,
                        change(&name, what, ChangeMethod::Create, vec![sql()]),
                    );
                }
                Statement::CreateIndex { model, .. } | Statement::Comment { model, .. }
                    if new.contains(model) =>
                {
                    let name = schema[*model].full_table();
                    let own = |it: &&mut WorkStep| {
                        it.phase == WorkPhase::Creates && it.change.object == name
                    };
                    if let Some(step) = self.work.steps.iter_mut().find(own) {
                        step.change.sql.push(sql());
                    }
                }
                Statement::AddForeignKey { model, .. } if new.contains(model) => {
                    let cost = StepCost::default();
                    let name = schema[*model].full_table();
                    self.work
                        .add(WorkPhase::KeysCome, altered(&name, Vec::new(), vec![sql()], cost, 0));
                }
                Statement::CreateType(enumeration) => {
                    let server = self.server;
                    server.enumeration(self, migrator, enumeration, &made, sql())?;
                }
                Statement::CreateExtension(_) | Statement::CreateSchema(_) => {
                    let found = statement.object(schema, dialect);
                    if let Some(it) = found.filter(|it| !made.contains(it)) {
                        let what = (Sign::Add, PlanPart::Table, format!("create {}", it.name));
                        self.work.add(
                            WorkPhase::Types,
                            change(&it.name, what, ChangeMethod::Create, vec![sql()]),
                        );
                    }
                }
                Statement::CreateTable { .. }
                | Statement::CreateIndex { .. }
                | Statement::Comment { .. }
                | Statement::AddForeignKey { .. }
                | Statement::CreateView { .. }
                | Statement::DropView(_)
                | Statement::Raw(_)
                | Statement::DropForeignKey { .. }
                | Statement::DropTable(_)
                | Statement::DropRaw(_)
                | Statement::DropType(_) => {}
            }
        }
        Ok(())
    }

    /// Indexes and views that Relata made go with their lines.
    pub(in crate::migrate) fn undeclared(&mut self, migrator: &Migrator<'_>, tables: &[TableDdl]) {
        let schema = migrator.client.scripts.schema;
        let declared: HashSet<&str> = (tables.iter())
            .flat_map(|table| table.indexes.iter().map(|it| it.name.as_str()))
            .chain(schema.views.iter().map(|it| it.name.as_str()))
            .collect();
        for object in self.objects {
            let own = self.made.contains(&object.name.as_str().into()) && object.sql.is_some();
            let of_table = || tables.iter().any(|it| self.names.former(&it.name) == object.table);
            let (phase, way) = match object.kind() {
                ObjectKind::View => (WorkPhase::ViewsGo, ChangeMethod::Drop),
                ObjectKind::Index if of_table() && self.server.drops_indexes_apart() => {
                    (WorkPhase::KeysGo, ChangeMethod::Index)
                }
                ObjectKind::Index | ObjectKind::Table | ObjectKind::Trigger => continue,
            };
            if !own || declared.contains(object.name.as_str()) {
                continue;
            }
            self.alter.name(object.kind(), &object.name);
            let text = format!("drop {} `{}`", object.kind().noun(), object.name);
            let sql = self.server.drop_object(object.kind(), &object.name);
            let what = (Sign::Drop, object.kind().into(), text);
            let table = self.names.later(&object.table);
            let change = change(&table, what, way, Vec::new());
            let cost = (way == ChangeMethod::Index).then(StepCost::default);
            let does = StatementEffect::of(object.kind());
            let statements = vec![WorkStatement::new(does, object.name.clone(), sql)];
            self.work.steps.push(WorkStep::of(phase, Change { cost, ..change }, statements));
        }
    }

    /// Tables that go because the script says so.
    pub(in crate::migrate) fn dropped(&mut self, migrator: &mut Migrator<'_>) -> RunResult<()> {
        let (alter, at) = (self.alter, self.alter.at);
        let schema = migrator.client.scripts.schema;
        let mut refused = Vec::new();
        let to_drop =
            tables_to_drop(&mut migrator.client, alter, schema, &self.there, &mut refused)?;
        for it in refused {
            self.work.add(WorkPhase::Drops, it);
        }
        let gone: Vec<&str> = to_drop.iter().map(|it| it.name.as_str()).collect();
        for table in &to_drop {
            let name = table.name.as_str();
            let stays = self.keys.iter().find(|key| {
                let goes = self.work.drops_key(&key.table, &key.name);
                key.parent == name && !gone.contains(&key.table.as_str()) && !goes
            });
            let hazard = match stays {
                Some(key) => {
                    Some(HazardKind::Referred { table: name.to_owned(), by: key.table.clone() })
                }
                None => self.views.iter().find(|it| it.table == name).map(|it| {
                    let why = format!("it reads `{name}`, which would be dropped");
                    HazardKind::BreaksObject { view: true, name: it.view.clone(), why }
                }),
            };
            if let Some(kind) = hazard {
                let hazard = alter.hazard(kind, Some(table.declared()));
                alter.refuse(hazard.clone());
                let what = (Sign::Drop, PlanPart::Table, "drop table".to_owned());
                let change = change(name, what, ChangeMethod::Refused, Vec::new());
                self.work.add(WorkPhase::Drops, Change { refused: vec![hazard], ..change });
                continue;
            }
            let text = if table.rows > 0 {
                format!("drop table and its {}", counted(table.rows))
            } else {
                "drop table".to_owned()
            };
            let what = (Sign::Drop, PlanPart::Table, text);
            let sql = vec![format!("DROP TABLE {}", quoted(name))];
            let change = change(name, what, ChangeMethod::Drop, sql);
            let found = migrator.client.ask(at, |it| it.table(name))?;
            let keys: Vec<String> =
                (found.iter().flat_map(|it| &it.keys)).filter_map(|it| it.name.clone()).collect();
            for index in found.iter().flat_map(|it| &it.indexes) {
                alter.name(ObjectKind::Index, &index.name);
            }
            let instead = Some(self.server.keep_table(alter.migration.get(), name, &keys));
            self.work.steps.push(WorkStep { instead, ..WorkStep::new(WorkPhase::Drops, change) });
        }
        Ok(())
    }

    /// Views, and what raw SQL makes.
    pub(in crate::migrate) fn objects_beside(
        &mut self,
        migrator: &mut Migrator<'_>,
        in_the_way: &HashSet<String>,
    ) -> RunResult<()> {
        beside::views(
            self.server,
            (migrator, self.alter),
            &self.there,
            &self.desired,
            in_the_way,
            &mut self.work,
        );
        beside::raw((migrator, self.alter), &mut self.work)
    }
}
