//! What a page asks of the name at `$0`, as texts.

use super::page::NameQuestion;
use super::session::{TestAnswer, TestSession};
use crate::check;
use crate::diagnostics::Edit;
use crate::ide::{self, Project};
use crate::load::Input;
use crate::report::{Style, draw};
use crate::source::{Lines, Sources, Span, Unit};
use crate::sql::Dialect;
use std::fmt::Write as _;

impl TestSession {
    /// What is known of the name at `$0` of a script, given those before; nothing of it is kept.
    pub fn asked(&mut self, name: &str, script: &str, asked: &NameQuestion) -> TestAnswer<String> {
        let mark = self.library.mark();
        let answer = self.asked_of(name, script, asked);
        self.library.forget(mark);
        answer
    }

    fn asked_of(&mut self, name: &str, script: &str, asked: &NameQuestion) -> TestAnswer<String> {
        let (before, behind) = script.split_once("$0").ok_or("there is no `$0` in the script")?;
        // What stands between two of them is selected.
        let (selected, rest) = behind.split_once("$0").unwrap_or(("", behind));
        let text = format!("{before}{selected}{rest}");
        let input = Input::Text { name, text: &text };
        let problems = self.library.add(&mut self.sources, &mut self.files, input);
        let (sources, bundle) = (&self.sources, self.library.bundle());
        let own = sources.iter().filter(|it| &*it.name == name).last();
        let own = own.ok_or("there is no such script")?;
        let checked = check::check_noting(bundle, sources);
        // What is missing can be created.
        let mends = matches!(asked, NameQuestion::Actions);
        if !problems.is_empty() || checked.has_errors() && !mends {
            let problems = [problems, checked.problems].concat();
            return Err(draw(sources, &problems, Style::default()));
        }
        let project = Project { sources, bundle, checked: &checked, dialect: Dialect::SQLITE };
        let position = own.span(before.len()..before.len()).start;
        Ok(match asked {
            NameQuestion::Definition => match ide::definition(project, position) {
                Some(at) => place(sources, at),
                None => "nothing\n".to_owned(),
            },
            NameQuestion::References => {
                let found = ide::references(project, position);
                found.into_iter().map(|it| place(sources, it)).collect()
            }
            NameQuestion::Hover => match ide::hover(project, position, Dialect::SQLITE) {
                Some(found) => format!("{}\n{}", sources.slice(found.at), found.text),
                None => "nothing\n".to_owned(),
            },
            NameQuestion::Actions => {
                let end =
                    own.span(before.len() + selected.len()..before.len() + selected.len()).start;
                let found = ide::actions(project, Span::new(position, end));
                let each = found.iter().map(|action| {
                    let edits: String = action.edits.iter().map(|it| edited(sources, it)).collect();
                    format!("{}\n{edits}", action.title)
                });
                each.collect::<Vec<_>>().join("\n")
            }
            NameQuestion::Rename { name, stored } => {
                match ide::rename(project, position, name, &mut |_| *stored) {
                    Ok(rename) => {
                        let edits: Vec<Edit> = rename.edits.into_iter().map(|it| it.0).collect();
                        let told = rename.told.iter().map(|it| format!("{it}\n"));
                        told.fold(renamed(sources, &edits), |text, it| text + &it)
                    }
                    Err(why) => format!("{why}\n"),
                }
            }
        })
    }
}

/// A place: where it is, what it covers, and its line.
fn place(sources: &Sources, at: Span) -> String {
    let Some(source) = sources.at(at.start) else {
        return "nowhere\n".to_owned();
    };
    let lines = Lines::new(source);
    let (line, column) = lines.line_column(at.start, Unit::Utf32);
    let whole = source.text.get(lines.range(line - 1)).unwrap_or_default().trim();
    let what = source.slice(at).lines().next().unwrap_or_default();
    format!("{}:{line}:{column} `{what}` in {whole}\n", source.name)
}

/// The lines that are other ones, with their numbers.
fn renamed(sources: &Sources, edits: &[Edit]) -> String {
    let mut res = String::new();
    for source in sources.iter() {
        let mut text = source.text.to_string();
        let is_own = |edit: &&Edit| sources.at(edit.at.start).is_some_and(|it| it.id == source.id);
        let own = edits.iter().filter(is_own);
        for it in own.rev() {
            text.replace_range(source.range(it.at), &it.text);
        }
        for (line, (new, old)) in (1..).zip(text.lines().zip(source.text.lines())) {
            if new != old {
                let _ = writeln!(res, "{}:{line} {}", source.name, new.trim());
            }
        }
    }
    res
}

/// An edit: where it is, what stands there, and what is written there.
fn edited(sources: &Sources, edit: &Edit) -> String {
    let Some(source) = sources.at(edit.at.start) else {
        return "nowhere\n".to_owned();
    };
    let (line, column) = Lines::new(source).line_column(edit.at.start, Unit::Utf32);
    let (before, after) = (source.slice(edit.at), &edit.text);
    format!("{}:{line}:{column} {before:?} -> {after:?}\n", source.name)
}
