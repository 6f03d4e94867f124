//! One statement of a script's structure, run; what fails points at where it is declared.

use crate::client::{Client, FailedStatement, RunResult};
use crate::ir::Schema;
use crate::source::Span;
use crate::sql::{Statement, render};

/// Runs a statement; its text.
pub(super) fn run_statement(
    client: &mut Client<'_>,
    at: Span,
    schema: &Schema,
    statement: &Statement,
) -> RunResult<String> {
    let dialect = client.database.dialect();
    let sql = render(statement, schema, dialect);
    match client.database.execute(&sql, &[]) {
        Ok(_) => Ok(sql),
        Err(error) => {
            let (declared, raw) = places(schema, statement);
            let about = FailedStatement { statement: Some(&sql), declared, raw };
            Err(client.failure_of(error, at, about))
        }
    }
}

/// Where what a statement is about is declared; or, where it is raw SQL, written.
fn places(schema: &Schema, statement: &Statement) -> (Option<Span>, Option<Span>) {
    match statement {
        Statement::CreateTable { model, .. }
        | Statement::CreateIndex { model, .. }
        | Statement::Comment { model, .. }
        | Statement::AddForeignKey { model, .. }
        | Statement::DropForeignKey { model, .. }
        | Statement::DropTable(model) => (Some(schema[*model].span), None),
        Statement::CreateView { view, .. } | Statement::DropView(view) => {
            (schema.views.get(*view).map(|it| it.span), None)
        }
        Statement::Raw(place) | Statement::DropRaw(place) => {
            (None, schema.objects.get(*place).map(|it| it.span))
        }
        Statement::CreateExtension(_)
        | Statement::CreateSchema(_)
        | Statement::CreateType(_)
        | Statement::DropType(_) => (None, None),
    }
}
