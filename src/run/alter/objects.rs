//! Views, and what raw SQL creates: what is missing comes, and what has another text is made anew.

use super::{Meant, change};
use crate::db::{Object, ObjectKind};
use crate::diagnostics::RunProblem;
use crate::run::sync::{created, quoted};
use crate::run::{Change, Ran, Runner, Way, ddl};
use crate::stored::plain;

impl Runner<'_> {
    /// Views come behind tables, triggers and their like behind views.
    pub(super) fn alter_objects(
        &mut self,
        meant: &Meant<'_>,
        changes: &mut Vec<Change>,
    ) -> Ran<()> {
        let objects = self.ask(meant.at, |it| it.objects())?;
        for view in ddl::views(self.scripts.schema, self.database.dialect()) {
            let is = found(&objects, ObjectKind::View, &view.name);
            self.object(
                meant,
                ObjectKind::View,
                is,
                &view.name,
                &view.create,
                changes,
            )?;
        }
        for object in &self.scripts.schema.objects {
            let Some((kind, name)) = created(&object.sql) else {
                return Err(RunProblem::NotACreate { at: object.span });
            };
            let is = found(&objects, kind, &name);
            // Its rows are nobody's to make anew.
            if kind == ObjectKind::Table && is.is_some() {
                continue;
            }
            self.object(meant, kind, is, &name, &object.sql, changes)?;
        }
        Ok(())
    }

    fn object(
        &mut self,
        meant: &Meant<'_>,
        kind: ObjectKind,
        is: Option<&Object>,
        name: &str,
        create: &str,
        changes: &mut Vec<Change>,
    ) -> Ran<()> {
        let as_kept = |sql: &str| plain(&ddl::as_kept(sql));
        let kept = is.map(|it| as_kept(it.sql.as_deref().unwrap_or_default()));
        if kept.is_some_and(|it| it == as_kept(create)) {
            return Ok(());
        }
        let mut ran = Vec::new();
        if let Some(is) = is {
            let sql = format!("DROP {} {}", kind.word(), quoted(&is.name));
            self.do_it(meant.at, &sql, &mut ran)?;
        }
        self.do_it(meant.at, &ddl::as_kept(create), &mut ran)?;
        let verb = if is.is_some() {
            "is made anew"
        } else {
            "comes"
        };
        let what = format!("the {} {verb}", kind.word().to_lowercase());
        changes.push(change(name, what, Way::Create, ran));
        Ok(())
    }
}

fn found<'o>(objects: &'o [Object], kind: ObjectKind, name: &str) -> Option<&'o Object> {
    let mut there = objects.iter().filter(|it| it.kind == kind);
    there.find(|it| it.name.eq_ignore_ascii_case(name))
}
