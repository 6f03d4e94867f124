//! Sequelize's JavaScript: definitions, associations and calls about rows, said as sentences.

mod active_record;
mod block;
mod call;
mod chain;
mod class;
mod client;
mod client_query;
mod column;
mod condition;
mod declaration;
mod drizzle;
mod entity;
mod functions;
mod model;
mod names;
mod nested;
mod own;
mod query;
mod steps;
mod typed;
mod value;

use super::draft::{ForeignModel, as_comment, name, options};
use super::lexeme::{LexemeCursor, LexemeKind, LexemeSpelling};
use super::{ForeignPart, Translation};
use crate::words::{singular, upper_first};
pub(super) use active_record::scope;
use block::{DEEPEST, NO_CALLS, NO_STEPS, goes_on, skip_statement};
use functions::NamedFunctions;
use names::Names;
pub(super) use own::{attribute, condition, include, own_call, query};
use std::collections::BTreeSet;
use value::JsValue;

/// What is known while a text is gone through.
#[derive(Debug, Default)]
pub(super) struct JavaScript {
    names: Names,
    functions: NamedFunctions,
    /// The functions whose sentences are being read, and those that have been read for the statement at hand.
    reading: BTreeSet<String>,
    pending: BTreeSet<String>,
    /// How many calls of such were read, and how many braces are open.
    calls: usize,
    depth: usize,
    /// The class whose body was entered last.
    class: String,
    /// Variables that are Prisma's client.
    clients: BTreeSet<String>,
    /// Schemas of Mongoose's that wait for their names: columns and options.
    schemas: Vec<(String, JsValue, Option<JsValue>)>,
}

const ASSOCIATIONS: [&str; 4] = ["hasOne", "hasMany", "belongsTo", "belongsToMany"];
const NO_FUNCTIONS: &str = "a script has no functions, classes and modules: leave this out";
const NO_CONNECTION: &str = "a script names no database: `relata run --db` does";
const NO_HOOKS: &str = "a script has no hooks and methods: validators, `check` and computed attributes say most of them";
const NO_WORD: &str = "a part of it has no word in a script: write what is meant to be done in sentences, `User findOne < where: (id = 1) >`";

impl JavaScript {
    /// What is known of a text before it is gone through.
    pub(super) fn of(text: &str) -> Self {
        let names = Names { keys: names::keys_of(text), ..Names::default() };
        let of = |carried| {
            let mut functions = NamedFunctions::of(text);
            functions.carried = carried;
            let clients = BTreeSet::from(["prisma".to_owned()]);
            Self { names: names.clone(), functions, clients, ..Self::default() }
        };
        let mut res = of(BTreeSet::new());
        if res.functions.is_empty() {
            return res;
        }
        // which functions are called, so that what they do is said there
        let mut carried = BTreeSet::new();
        let mut at = 0;
        while at < text.len() {
            let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, at);
            at = match res.statement(text, cursor.behind_space()) {
                Some(part) if part.end > at => {
                    if matches!(part.said, Translation::Said(_) | Translation::Nothing(_)) {
                        carried.append(&mut res.pending);
                    }
                    part.end
                }
                _ => {
                    skip_statement(&mut cursor);
                    cursor.end.max(at + 1)
                }
            };
            res.pending.clear();
        }
        of(carried)
    }

    /// The statement that begins at `at`.
    pub(super) fn statement(&mut self, text: &str, at: usize) -> Option<ForeignPart> {
        let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, at);
        while cursor.eat(";") {}
        let mut said = self.translate(&mut cursor)?;
        if goes_on(cursor) {
            // options of Relata's
            if cursor.peek().is_some_and(|it| it.is("<")) {
                return None;
            }
            cursor.until(|it| it.is(";") || it.breaks && !block::continues(it));
            if !matches!(
                said,
                Translation::Nothing(_) | Translation::Unsaid(_) | Translation::Told(_)
            ) {
                said = Translation::Unsaid(NO_WORD.to_owned());
            }
        }
        cursor.eat(";");
        Some(ForeignPart { end: cursor.end, said })
    }

    fn translate(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        cursor.within(|cursor| self.translated(cursor))
    }

    fn translated(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        let next = cursor.peek()?;
        if next.kind != LexemeKind::Word {
            return if next.is("@") { self.decorated(cursor) } else { self.bracketed(cursor) };
        }
        match next.text {
            "import" => {
                cursor.take();
                let from = cursor.until(|it| it.is(";") || (it.breaks && !it.is("from")));
                let is_bare = from.starts_with(['"', '\'']);
                return (!is_bare && from.contains("from"))
                    .then_some(Translation::Nothing(NO_FUNCTIONS));
            }
            "export" => {
                cursor.take();
                if cursor.eat("{") {
                    cursor.until(|_| false);
                    cursor.eat("}");
                    return Some(Translation::Nothing(NO_FUNCTIONS));
                }
                let follows = [
                    "default",
                    "const",
                    "let",
                    "var",
                    "class",
                    "function",
                    "async",
                    "*",
                    "abstract",
                    "interface",
                    "type",
                ];
                if !cursor.peek().is_some_and(|next| follows.iter().any(|it| next.is(it))) {
                    return None;
                }
                cursor.eat("default");
                return Some(self.passed_on(cursor));
            }
            "class" | "abstract" => return self.class(cursor),
            "interface" | "type" | "input" => return Self::typed(cursor),
            "return" if self.depth > 0 => {
                cursor.take();
                return Some(self.passed_on(cursor));
            }
            "async" | "function" if let Some(found) = self.function(cursor) => return Some(found),
            "const" | "var" | "let" => return self.declaration(cursor),
            "if" | "for" | "while" | "do" | "try" | "throw" | "switch" => {
                return self.control(cursor);
            }
            _ => {}
        }
        self.call(cursor, None)
    }

    /// What is exported or returned: a statement, or a value of which a script needs nothing.
    fn passed_on(&mut self, cursor: &mut LexemeCursor<'_>) -> Translation {
        let mut ahead = *cursor;
        if let Some(found) = self.translate(&mut ahead) {
            *cursor = ahead;
            return found;
        }
        let start = cursor.behind_space();
        if !cursor.peek().is_none_or(|it| it.is(";") || it.is("}")) {
            value::value(cursor);
        }
        let code = cursor.text.get(start..cursor.end).unwrap_or_default();
        self.left_out(code)
    }

    /// What becomes of code that a script has no use for.
    fn left_out(&mut self, code: &str) -> Translation {
        if !["=>", "function", "await", "async"].iter().any(|it| code.contains(it)) {
            return Translation::Nothing(NO_FUNCTIONS);
        }
        // steps of a migration
        let migrates = code.contains("queryInterface");
        let mut why = if migrates { NO_STEPS } else { NO_CALLS }.to_owned();
        for (at, _) in code.match_indices("queryInterface.createTable") {
            let mut cursor = LexemeCursor::new(code, LexemeSpelling::Script, at);
            if let Some(Translation::Said(it)) = self.call(&mut cursor, None) {
                why.push('\n');
                why.push_str(&it);
            }
        }
        Translation::Unsaid(why)
    }

    /// What a model that the text defines says; its documents are known from here on.
    fn declared(&mut self, model: &ForeignModel) -> Translation {
        let documents = model.attributes.iter().filter(|it| it.data_type.starts_with("JSON"));
        self.names.documents.extend(documents.map(|it| it.name.clone()));
        Translation::Said(model.written())
    }

    /// `prisma.user.findMany(..)`
    fn asked(
        &mut self,
        model: &str,
        steps: &[(String, Vec<JsValue>)],
        variable: Option<&str>,
    ) -> Translation {
        let subject = name(&upper_first(model));
        let [(method, arguments)] = steps else {
            return Translation::Unsaid(format!("write `{subject} findAll`"));
        };
        let first = arguments.first();
        if model.starts_with('$') {
            return call::connection("query", None);
        }
        match client::rows(&self.names, &subject, method, first, variable) {
            Some(it) => {
                // a row that is found so that others are linked with it
                let found =
                    it.lines().filter_map(|line| line.strip_prefix("let ")?.split(' ').next());
                self.names.variables.extend(found.map(str::to_owned));
                Translation::Said(it)
            }
            None => {
                let nearest = nested::nearest(&subject, first);
                let other = || call::nearest(&self.names, &subject, method, arguments);
                Translation::Unsaid(nearest.unwrap_or_else(other))
            }
        }
    }

    /// What is printed: a value, or what a sentence yields, which is shown by itself.
    fn shown(&mut self, value: &JsValue) -> Option<String> {
        let print = |what: &str| format!("print {what}");
        match value {
            JsValue::Call(path, none, _) if none.is_empty() => {
                path.strip_suffix(".toJSON").map(print)
            }
            JsValue::Code(code) if code.starts_with("await ") && self.depth <= DEEPEST => {
                let mut cursor = LexemeCursor::new(code, LexemeSpelling::Script, 0);
                self.depth += 1;
                let found = self.call(&mut cursor, None);
                self.depth -= 1;
                match found {
                    Some(Translation::Said(it)) if cursor.peek().is_none() => Some(it),
                    _ => None,
                }
            }
            it => self.names.row(it).as_deref().map(print),
        }
    }

    fn called(
        &mut self,
        target: &str,
        steps: &[(String, Vec<JsValue>)],
        variable: Option<&str>,
    ) -> Translation {
        let none = Vec::new();
        let (method, arguments) = steps.first().map_or(("", &none), |it| (it.0.as_str(), &it.1));
        if method == "model" {
            let called = JsValue::Call(method.to_owned(), arguments.clone(), String::new());
            if let Some(found) = self.schema(&called, variable.unwrap_or_default(), "") {
                return found;
            }
        }
        // Within a class `this` is the model.
        let target =
            if matches!(target, "this" | "super") { self.class.clone() } else { target.to_owned() };
        let first = arguments.first();
        let second = arguments.get(1);
        match (method, first) {
            ("define", Some(JsValue::Text(named))) => {
                if let Some(it) = variable {
                    self.names.models.insert(it.to_owned(), named.clone());
                }
                let attributes = second.cloned().unwrap_or(JsValue::Object(Vec::new()));
                let model = model::model(named, &attributes, arguments.get(2), &self.names);
                return self.declared(&model);
            }
            ("init", Some(attributes)) if second.is_some() || !target.is_empty() => {
                let named = second.and_then(|it| it.member("modelName")).and_then(JsValue::text);
                let named = named.unwrap_or(&target).to_owned();
                self.names.models.insert(target, named.clone());
                let model = model::model(&named, attributes, second, &self.names);
                return self.declared(&model);
            }
            _ => {}
        }
        let subject = match target.strip_suffix("Repository") {
            // TypeORM's
            Some(of) if !of.is_empty() => upper_first(&singular(of)).to_string(),
            _ => self.names.of(&target),
        };
        let is_connection =
            matches!(target.as_str(), "sequelize" | "db" | "connection" | "database" | "");
        if is_connection && let Some(said) = drizzle::rows(&self.names, steps) {
            return self.named(Translation::Said(said), variable.unwrap_or_default());
        }
        if is_connection {
            return call::connection(method, first);
        }
        if target == "queryInterface" {
            return call::step(&self.names, method, arguments);
        }
        if target == "console" {
            let shown = arguments.iter().map(|it| self.shown(it));
            let shown: Option<Vec<String>> = shown.collect();
            return match shown.filter(|it| !it.is_empty()) {
                Some(it) => Translation::Said(it.join("\n")),
                None => {
                    Translation::Unsaid("`print` shows a value: `print ann.firstName`".to_owned())
                }
            };
        }
        // of a row what is to be written is said before; of anything else it is the row
        let known =
            ["transaction", "fields", "validate", "hooks", "logging", "silent", "returning"];
        let is_row =
            |value: &JsValue| !value.members().iter().all(|it| known.contains(&it.0.as_str()));
        if method == "save"
            && target.starts_with(char::is_lowercase)
            && !arguments.iter().any(|it| is_row(it) || !matches!(it, JsValue::Object(_)))
        {
            return Translation::Nothing(
                "`update` and `create` save what they say: leave this out",
            );
        }
        if ASSOCIATIONS.contains(&method) {
            let other = first.and_then(|it| self.names.model(it));
            let Some(other) = other else {
                return Translation::Unsaid(format!(
                    "write `{} {method} Other < .. >`",
                    name(&subject)
                ));
            };
            let mut remarks = Vec::new();
            let said = second.map(|it| query::association(it, &self.names, &mut remarks));
            let said = options(&said.unwrap_or_default());
            let remarks: String = remarks.iter().map(|it| as_comment(it) + "\n").collect();
            return Translation::Said(format!(
                "{remarks}{} {method} {}{said}",
                name(&subject),
                name(&other)
            ));
        }
        let mut subject = name(&subject);
        let mut rest = steps;
        while let Some(((step, arguments), behind)) = rest.split_first() {
            match (step.as_str(), arguments.as_slice()) {
                ("scope", []) | ("unscoped", _) if !behind.is_empty() => {
                    subject.push_str(".unscoped");
                }
                ("scope", [none]) if !behind.is_empty() && none.is("null") => {
                    subject.push_str(".unscoped");
                }
                // one that takes something has no word
                ("scope", scopes)
                    if scopes.iter().flat_map(JsValue::items).any(|it| it.text().is_none()) =>
                {
                    break;
                }
                ("scope", scopes) if !behind.is_empty() => {
                    for it in scopes.iter().flat_map(JsValue::items).filter_map(JsValue::text) {
                        let scope = if it == "defaultScope" { "default" } else { it };
                        subject.push('.');
                        subject.push_str(&name(scope));
                    }
                }
                _ => break,
            }
            rest = behind;
        }
        let Some(((method, arguments), behind)) = rest.split_first() else {
            return Translation::Unsaid(format!("write `{subject} findAll`"));
        };
        let said = behind
            .is_empty()
            .then(|| call::rows(&self.names, &subject, method, arguments))
            .flatten()
            .or_else(|| chain::rows(&self.names, &subject, rest));
        match said {
            Some(it) => self.named(Translation::Said(it), variable.unwrap_or_default()),
            // among definitions a remark tells of it
            None if method.starts_with("before") || method.starts_with("after") => {
                if self.depth == 0 {
                    return Translation::Unsaid(NO_HOOKS.to_owned());
                }
                Translation::Said(as_comment(&format!(
                    "a script has no hooks: {subject}.{method}(..)"
                )))
            }
            None => Translation::Unsaid(call::nearest(&self.names, &subject, method, arguments)),
        }
    }
}
