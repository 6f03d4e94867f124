//! Calls of Rails' models, said as sentences: `User.where(age: 3).order(:name).first`, `User.create!(name: "Ann")`.
//!
//! Values are read into the tree that JavaScript's are read into, so that conditions and rows are said in one place.

mod reader;

use super::super::draft::{is_plain_name, name, options};
use super::super::lexeme::{LexemeCursor, LexemeSpelling};
use super::super::{ForeignPart, Translation};
use super::block::NO_LOOPS;
use super::names::Names;
use super::value::JsValue;
use super::{JavaScript, chain};
use crate::words::{singular, upper_first};
use reader::{RubyReader, RubyStep, is_call};

/// What is said of calls that have no word.
const NO_CALL: &str = "rows are found, made and changed so: `User findAll < where: (age > 3), order: [name] >`, `User create { name: \"Ann\" }`, `User update { age: 3 } < where: (id = 1) >`";

impl JavaScript {
    /// The sentence about rows that begins at `at`, if it is Ruby's.
    pub(in super::super) fn active_record(&mut self, text: &str, at: usize) -> Option<ForeignPart> {
        let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, at);
        let first = cursor.word()?;
        let is_assigned = cursor.eat("=");
        let receiver = if is_assigned { cursor.word()? } else { first }.to_owned();
        let variable = is_assigned.then(|| first.to_owned());
        let is_model = receiver.starts_with(char::is_uppercase);
        if !is_model && variable.is_none() && !self.names.variables.contains(&receiver) {
            // whose row it is nobody knows
            cursor.peek().filter(|it| it.is("."))?;
        }
        let reader = RubyReader { names: &self.names };
        let start = cursor;
        let Some((steps, is_plain, loops)) = reader.steps(&mut cursor) else {
            is_call(start).then_some(())?;
            let mut whole = start;
            super::block::skip_statement(&mut whole);
            let end = whole.end;
            let said = Translation::Unsaid(NO_CALL.replace("User", &name(&receiver)));
            return Some(ForeignPart { end, said });
        };
        // `user = User.first`
        let bare = cursor.text.get(start.end..cursor.end).is_some_and(|it| !it.contains('('));
        (is_plain || variable.is_some() && is_model && bare).then_some(())?;
        let said = if loops {
            Translation::Unsaid(NO_LOOPS.to_owned())
        } else if is_model {
            model_sentence(&self.names, &name(&receiver), &steps)
        } else {
            row_sentence(&self.names, &name(&receiver), &steps)
        };
        let said = self.named(said, variable.as_deref().unwrap_or_default());
        Some(ForeignPart { end: cursor.end, said })
    }
}

/// The options that a scope's calls say: `where(active: true).order(:name)`.
pub(in super::super) fn scope(calls: &str) -> Option<String> {
    let text = format!("It.{}", calls.trim());
    let mut cursor = LexemeCursor::new(&text, LexemeSpelling::Script, 0);
    cursor.word()?;
    let names = Names::default();
    let (steps, _, loops) = RubyReader { names: &names }.steps(&mut cursor)?;
    if loops || cursor.peek().is_some() {
        return None;
    }
    match model_sentence(&names, "It", &steps) {
        Translation::Said(it) => it.strip_prefix("It findAll ").map(str::to_owned),
        Translation::Nothing(_)
        | Translation::Unsaid(_)
        | Translation::Told(_)
        | Translation::Within(_) => None,
    }
}

/// `where("age > ?", 3)`: the text with its values.
fn filled(arguments: &[JsValue]) -> Option<JsValue> {
    let (JsValue::Text(text), values) = arguments.split_first()? else { return None };
    let mut parts = text.split('?');
    let mut res = parts.next()?.to_owned();
    let mut values = values.iter();
    for part in parts {
        match values.next()? {
            JsValue::Number(it) => res.push_str(it),
            JsValue::Text(it) => res.extend(["'", &it.replace('\'', "''"), "'"]),
            _ => return None,
        }
        res.push_str(part);
    }
    values.next().is_none().then_some(JsValue::Text(res))
}

fn text(of: &str) -> Vec<JsValue> {
    vec![JsValue::Text(of.to_owned())]
}

/// What is said of a model's rows.
fn model_sentence(names: &Names, subject: &str, steps: &[RubyStep]) -> Translation {
    match said(names, subject, steps) {
        Some(it) => it,
        None => {
            let last = steps.last();
            let joins = steps.iter().any(|it| it.name.ends_with("joins"));
            Translation::Unsaid(if joins {
                format!(
                    "rows that have others are found so: `{subject} findAll < where: (any posts (title = \"x\")) >`; a path through a to-one association stands in `where`, too"
                )
            } else if last.is_some_and(|it| it.asks) {
                format!("`{subject} count < where: (..) >` says how many there are")
            } else {
                NO_CALL.replace("User", subject)
            })
        }
    }
}

fn said(names: &Names, subject: &str, steps: &[RubyStep]) -> Option<Translation> {
    let said = |it: String| Some(Translation::Said(it));
    let by_key = |key: &JsValue| {
        matches!(key, JsValue::Text(_) | JsValue::Number(_)).then(|| names.row(key)).flatten()
    };
    match steps {
        [find, last] if find.name == "find" && find.arguments.len() == 1 => {
            let key = by_key(find.arguments.first()?)?;
            let behind = format!(" < where: (id = {key}) >");
            return match (last.name.as_str(), last.arguments.as_slice()) {
                ("destroy" | "delete", []) => said(format!("{subject} destroy{behind}")),
                ("update", [row @ JsValue::Object(_)]) => {
                    said(format!("{subject} update {}{behind}", names.row(row)?))
                }
                _ => None,
            };
        }
        [only] if !only.asks => match (only.name.as_str(), only.arguments.as_slice()) {
            ("find", [key]) => return said(format!("{subject} findByPk {}", by_key(key)?)),
            ("create" | "new" | "build", []) => return said(format!("{subject} create {{}}")),
            ("create" | "new" | "build", [row @ JsValue::Object(_)]) => {
                return said(format!("{subject} create {}", names.row(row)?));
            }
            ("create" | "insert_all", [rows @ JsValue::List(items)])
                if items.iter().all(|it| matches!(it, JsValue::Object(_))) =>
            {
                let skips = only.name == "insert_all";
                let behind = if skips { " < ignoreDuplicates >" } else { "" };
                return said(format!("{subject} bulkCreate {}{behind}", names.row(rows)?));
            }
            ("find_or_create_by" | "create_or_find_by", [row @ JsValue::Object(_)]) => {
                return said(format!("{subject} findOrCreate {}", names.row(row)?));
            }
            ("destroy_all" | "delete_all", []) => {
                return said(format!("{subject} destroy < all >"));
            }
            ("update_all", [row @ JsValue::Object(_)]) => {
                return said(format!("{subject} update {} < all >", names.row(row)?));
            }
            _ => {}
        },
        _ => {}
    }
    said(chain::rows(names, subject, &chained(steps)?)?)
}

/// The calls as query builders have them; nothing where one of them is none of theirs.
fn chained(steps: &[RubyStep]) -> Option<Vec<(String, Vec<JsValue>)>> {
    let mut res: Vec<(String, Vec<JsValue>)> = Vec::new();
    let mut negates = false;
    for (at, step) in steps.iter().enumerate() {
        let mut add = |name: &str, arguments: Vec<JsValue>| res.push((name.to_owned(), arguments));
        let given = step.arguments.as_slice();
        let is_last = at + 1 == steps.len();
        let is_ordered = steps.iter().any(|it| it.name == "order");
        if step.asks || negates && step.name != "not" {
            return None;
        }
        match (step.name.as_str(), given) {
            ("where", []) => negates = true,
            ("not", [it @ JsValue::Object(_)]) if negates => {
                negates = false;
                add("where", vec![JsValue::Object(vec![("NOT".to_owned(), it.clone())])]);
            }
            ("where", [JsValue::Object(members)])
                if members.iter().any(|it| is_of_table(&it.1)) =>
            {
                return None;
            }
            ("where", [it @ JsValue::Object(_)]) => add("where", vec![it.clone()]),
            ("where", all) => add("where", vec![filled(all)?]),
            ("find_by", [it @ JsValue::Object(_)]) if is_last => add("find_by", vec![it.clone()]),
            ("first", []) if is_last => {
                if !is_ordered {
                    add("order", text("id"));
                }
                add("first", Vec::new());
            }
            ("last", []) if is_last && !is_ordered => {
                add("order", text("id desc"));
                add("first", Vec::new());
            }
            ("first", [count @ JsValue::Number(_)]) if is_last => {
                if !is_ordered {
                    add("order", text("id"));
                }
                add("limit", vec![count.clone()]);
            }
            ("take", []) if is_last => add("first", Vec::new()),
            ("all" | "to_a" | "load", []) => {}
            ("count" | "size" | "length", []) if is_last => add("count", Vec::new()),
            (
                "order" | "limit" | "offset" | "includes" | "preload" | "select" | "group"
                | "pluck" | "sum" | "average" | "minimum" | "maximum",
                [_, ..],
            )
            | ("distinct", []) => add(&step.name, given.to_vec()),
            ("update_all", [it @ JsValue::Object(_)]) if is_last => {
                add("update_all", vec![it.clone()]);
            }
            ("destroy_all" | "delete_all", []) if is_last => add("destroy_all", Vec::new()),
            _ => return None,
        }
    }
    (!negates).then_some(res)
}

/// Whether a condition is one of another table's rows: `where(posts: { title: "x" })`
fn is_of_table(value: &JsValue) -> bool {
    matches!(value, JsValue::Object(members) if !members.iter().any(|it| matches!(it.0.as_str(), "gte" | "lte" | "lt")))
}

/// What is said of a row that a variable holds.
fn row_sentence(names: &Names, subject: &str, steps: &[RubyStep]) -> Translation {
    let said = match steps {
        [only] if !only.asks => match (only.name.as_str(), only.arguments.as_slice()) {
            ("save", []) => {
                return Translation::Nothing(
                    "`update` and `create` save what they say: leave this out",
                );
            }
            ("destroy" | "delete", []) => Some(format!("{subject} destroy")),
            ("reload", []) => Some(format!("{subject} reload")),
            ("update", [row @ JsValue::Object(_)]) => {
                names.row(row).map(|it| format!("{subject} update {it}"))
            }
            ("increment" | "decrement", [JsValue::Text(of)]) if is_plain_name(of) => {
                Some(format!("{subject} {} {{ {}: 1 }}", only.name, name(of)))
            }
            _ => None,
        },
        [association, make]
            if association.arguments.is_empty()
                && matches!(make.name.as_str(), "create" | "build")
                && matches!(make.arguments.as_slice(), [] | [JsValue::Object(_)]) =>
        {
            let verb = format!("create{}", upper_first(&singular(&association.name)));
            let row = make.arguments.first().map_or(Some("{}".to_owned()), |it| names.row(it));
            row.map(|it| format!("{subject} {verb} {it}{}", options(&[])))
        }
        _ => None,
    };
    match said {
        Some(it) => Translation::Said(it),
        None => Translation::Unsaid(format!(
            "a row is changed so: `{subject} update {{ name: \"Ann\" }}`, `{subject} destroy`, `{subject} createPost {{ .. }}`"
        )),
    }
}
