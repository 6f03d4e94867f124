//! A script brought up to date: what the database has otherwise is changed in it, and nothing else.

use super::RowMisfits;
use super::contents::DatabaseContents;
use super::difference::ScriptUpdate;
use super::edit::Editor;
use super::script_names::ScriptContents;
use super::{settled, views};
use crate::ast::Bundle;
use crate::catalog::{Object, ObjectKind};
use crate::check;
use crate::diagnostics::{LoadProblem, Problem};
use crate::load::{Input, Library, Loader};
use crate::plan;
use crate::source::Sources;
use crate::sql::Dialect;
use crate::syntax;

/// So often a script is gone over: what is changed may show what else is to be.
const ROUNDS: usize = 8;

/// Brings the script at `path` up to date with what is in a database: models are matched by their tables, and what the
/// script says stays as it is, with its comments, order and names, where the database says the same. None where there
/// is nothing to change.
///
/// # Errors
/// Its problems, where it has errors, or where it can't be changed into one that says what the database has.
pub fn merge(
    objects: &[Object],
    rows: &RowMisfits,
    path: &str,
    loader: &mut dyn Loader,
) -> (Sources, Result<Option<String>, Vec<Problem>>) {
    let has_views = objects.iter().any(|it| it.kind() == ObjectKind::View);
    let (sources, merged) = merged(objects, rows, path, loader, has_views);
    match merged {
        // What views would be said by may have other names here: their statements stay.
        Err(_) if has_views => self::merged(objects, rows, path, loader, false),
        merged => (sources, merged),
    }
}

fn merged(
    objects: &[Object],
    rows: &RowMisfits,
    path: &str,
    loader: &mut dyn Loader,
    says_views: bool,
) -> (Sources, Result<Option<String>, Vec<Problem>>) {
    let found = DatabaseContents::new(objects, rows);
    let mut sources = Sources::default();
    let mut library = Library::default();
    let mut problems = library.add(&mut sources, loader, Input::Path(path));
    let mut text: Option<String> = None;
    let mut in_style = false;
    for round in 0..=ROUNDS {
        let bundle = library.bundle();
        let checked = check::check(bundle, &sources);
        problems.extend(checked.problems);
        problems.extend(plan::problems(&checked.schema, Dialect::SQLITE));
        let has_errors = problems.iter().any(|it| !it.is_warning());
        if has_errors && round == 0 {
            problems.sort_by_cached_key(Problem::span);
            return (sources, Err(problems));
        }
        let error = problems.iter().find(|it| !it.is_warning());
        let mut left: Vec<_> = error.map(ToString::to_string).into_iter().collect();
        if !has_errors {
            match revised(bundle, &sources, (&checked.schema, says_views), &found) {
                Ok(None) => return (sources, Ok(text)),
                Ok(Some(new)) => {
                    in_style = if round == 0 { is_formatted(bundle, &sources) } else { in_style };
                    text = Some(if in_style { syntax::formatted(&new) } else { new });
                    left.clear();
                }
                Err(found) => left = found,
            }
        }
        if left.is_empty() && round == ROUNDS {
            left.push("its changes have no end".to_owned());
        }
        if !left.is_empty() {
            let problem =
                LoadProblem::CannotMerge { path: path.to_owned(), reason: left.join("; ") };
            return (sources, Err(vec![problem.into()]));
        }
        sources = Sources::default();
        library = Library::default();
        let text = text.as_deref().unwrap_or_default();
        let input = Input::Text { name: path, text };
        problems = library.add(&mut sources, loader, input);
    }
    (sources, Ok(None))
}

/// Whether the script is in the one style.
fn is_formatted(bundle: &Bundle, sources: &Sources) -> bool {
    bundle.scripts.first().is_some_and(|it| {
        let source = sources.get(it.source);
        *syntax::format(source, &syntax::parse(source)) == *source.text
    })
}

/// The script with its changes; none where it needs none. Fails with what can't be changed.
fn revised(
    bundle: &Bundle,
    sources: &Sources,
    (schema, says_views): (&crate::ir::Schema, bool),
    found: &DatabaseContents<'_>,
) -> Result<Option<String>, Vec<String>> {
    let Some(script) = bundle.scripts.first() else {
        return Ok(None);
    };
    let mut draft = settled(found, Some(&ScriptContents::of(schema, script)));
    if says_views {
        views::say(&mut draft, found);
    } else {
        views::show(&mut draft, found);
    }
    let editor = Editor::new(sources.get(script.source), script);
    let mut work = ScriptUpdate::new(schema, found, &draft, editor);
    work.all();
    if !work.left.is_empty() {
        return Err(work.left);
    }
    if work.editor.is_empty() {
        return if work.stuck.is_empty() { Ok(None) } else { Err(work.stuck) };
    }
    Ok(Some(work.editor.text()))
}
