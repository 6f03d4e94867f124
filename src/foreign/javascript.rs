//! Sequelize's JavaScript: definitions, associations and calls about rows, said as sentences.

mod block;
mod call;
mod chain;
mod client;
mod condition;
mod drizzle;
mod model;
mod names;
mod own;
mod query;
mod value;

use super::draft::{ForeignModel, as_comment, name, options};
use super::lexeme::{LexemeCursor, LexemeKind, LexemeSpelling};
use super::{ForeignPart, Translation};
use crate::words::{singular, upper_first};
use names::Names;
pub(super) use own::{attribute, condition, include, own_call, query};
use value::JsValue;

/// What is known while a text is gone through.
#[derive(Debug, Default)]
pub(super) struct JavaScript {
    names: Names,
    /// The class whose body was entered last.
    class: String,
    /// The braces that are open, the outermost first.
    pub(super) open: Vec<OpenBrace>,
}

/// What begins with a brace whose contents are sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OpenBrace {
    Function,
    Class,
    Transaction,
}

const ASSOCIATIONS: [&str; 4] = ["hasOne", "hasMany", "belongsTo", "belongsToMany"];
const NO_FUNCTIONS: &str = "a script has no functions, classes and modules: leave this out";
const NO_CONNECTION: &str = "a script names no database: `relata run --db` does";
const NO_CONTROL: &str = "a script has no conditions and loops";
const NO_HOOKS: &str = "a script has no hooks and methods: validators, `check` and computed attributes say most of them";

impl JavaScript {
    /// What is known of a text before it is gone through.
    pub(super) fn of(text: &str) -> Self {
        let names = Names { keys: names::keys_of(text), ..Names::default() };
        Self { names, ..Self::default() }
    }

    /// The statement that begins at `at`.
    pub(super) fn statement(&mut self, text: &str, at: usize) -> Option<ForeignPart> {
        let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, at);
        let said = self.translate(&mut cursor)?;
        cursor.eat(";");
        Some(ForeignPart { end: cursor.end, said })
    }

    fn translate(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        let next = cursor.peek()?;
        if self.open.last() == Some(&OpenBrace::Class)
            && let Some(found) = Self::class_member(cursor)
        {
            return Some(found);
        }
        // Functions around the models and their ends have no counterpart.
        if next.kind != LexemeKind::Word {
            if next.is("(") {
                let mut ahead = *cursor;
                ahead.take();
                if self.function(&mut ahead) {
                    *cursor = ahead;
                    return Some(Translation::Nothing(NO_FUNCTIONS));
                }
            }
            if !self.open.is_empty() && cursor.eat("}") {
                let closed = self.open.pop();
                while cursor.eat(")") || cursor.eat_all(&["(", ")"]) || cursor.eat(",") {}
                while cursor.eat_all(&[".", "catch"]) || cursor.eat_all(&[".", "finally"]) {
                    cursor.skip();
                }
                return Some(if closed == Some(OpenBrace::Transaction) {
                    Translation::Said("}".to_owned())
                } else {
                    Translation::Nothing(NO_FUNCTIONS)
                });
            }
            return None;
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
                let follows = ["default", "const", "let", "var", "class", "function", "async", "*"];
                if !cursor.peek().is_some_and(|next| follows.iter().any(|it| next.is(it))) {
                    return None;
                }
                cursor.eat("default");
                let mut ahead = *cursor;
                if let Some(found) = self.translate(&mut ahead) {
                    *cursor = ahead;
                    return Some(found);
                }
                cursor.until(|it| it.is(";") || it.breaks);
                return Some(Translation::Nothing(NO_FUNCTIONS));
            }
            "class" => return self.class(cursor),
            "return" if !self.open.is_empty() => {
                cursor.take();
                let mut ahead = *cursor;
                if let Some(found) = self.translate(&mut ahead) {
                    *cursor = ahead;
                    return Some(found);
                }
                cursor.until(|it| it.is(";") || it.breaks);
                return Some(Translation::Nothing(NO_FUNCTIONS));
            }
            "async" | "function" | "static" if self.function(cursor) => {
                return Some(Translation::Nothing(NO_FUNCTIONS));
            }
            "const" | "var" | "let" => return self.declaration(cursor),
            "if" | "for" | "while" | "try" | "throw" | "switch" => return self.control(cursor),
            _ => {}
        }
        self.call(cursor, None)
    }

    /// What a model that the text defines says; its documents are known from here on.
    fn declared(&mut self, model: &ForeignModel) -> Translation {
        let documents = model.attributes.iter().filter(|it| it.data_type.starts_with("JSON"));
        self.names.documents.extend(documents.map(|it| it.name.clone()));
        Translation::Said(model.written())
    }

    /// `const x = ..`
    fn declaration(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        let is_let = cursor.take()?.is("let");
        let mut variable = String::new();
        if cursor.peek().is_some_and(|it| it.is("{") || it.is("[")) {
            cursor.skip();
        } else {
            cursor.word()?.clone_into(&mut variable);
            // a type of TypeScript's
            if cursor.eat(":") {
                cursor.until(|it| it.is("=") || it.is(";") || it.breaks);
            }
        }
        if !cursor.eat("=") {
            return None;
        }
        if self.function(cursor) {
            return Some(Translation::Nothing(NO_FUNCTIONS));
        }
        let mut ahead = *cursor;
        if let Some(found) = self.call(&mut ahead, Some(&variable)) {
            *cursor = ahead;
            return Some(found);
        }
        if is_let {
            return None;
        }
        // a sentence of Relata's behind the sign
        let mut ahead = *cursor;
        ahead.eat("await");
        let from = ahead.behind_space();
        if ahead.word().is_some()
            && ahead.peek().is_some_and(|it| it.kind == LexemeKind::Word && !it.breaks)
        {
            let own = ahead.until(|it| it.is(";") || it.breaks);
            let own = cursor.text.get(from..ahead.end).filter(|_| !own.is_empty());
            if let Some(own) = own.filter(|it| !it.starts_with("new ") && !it.starts_with("async"))
            {
                self.names.variables.insert(variable.clone());
                let said = format!("let {} = {own}", name(&variable));
                *cursor = ahead;
                return Some(Translation::Said(said));
            }
        }
        let is_required = cursor.peek().is_some_and(|it| it.is("require"));
        let is_new = cursor.peek().is_some_and(|it| it.is("new"));
        let value = value::value(cursor);
        // what a call gives, taken apart
        while cursor.eat(".") {
            value::value(cursor);
        }
        if is_required || variable.is_empty() {
            return Some(Translation::Nothing(NO_FUNCTIONS));
        }
        if is_new {
            return Some(Translation::Nothing(NO_CONNECTION));
        }
        Some(match value.written() {
            Some(it)
                if matches!(value, JsValue::List(_) | JsValue::Object(_)) && it.contains('{') =>
            {
                Translation::Unsaid(format!(
                    "rows are written where they are made: `User create {it}`"
                ))
            }
            Some(it) if self.names.unknown_in(&value).is_none() => {
                self.names.variables.insert(variable.clone());
                Translation::Said(format!("let {} = {it}", name(&variable)))
            }
            _ => Translation::Unsaid(
                "a variable holds a value or what a sentence yields: `let ann = User findOne`"
                    .to_owned(),
            ),
        })
    }

    /// `await User.findAll(..)`
    fn call(
        &mut self,
        cursor: &mut LexemeCursor<'_>,
        variable: Option<&str>,
    ) -> Option<Translation> {
        cursor.eat("await");
        let path = value::path(cursor)?;
        if cursor.eat("=") {
            let exports = path == "module.exports"
                || path.starts_with("exports.")
                || path.starts_with("module.exports.");
            if path.contains('.') && self.function(cursor) {
                return Some(Translation::Nothing(NO_FUNCTIONS));
            }
            let mut ahead = *cursor;
            if exports && let Some(found) = self.translate(&mut ahead) {
                *cursor = ahead;
                return Some(found);
            }
            if exports {
                value::value(cursor);
                return Some(Translation::Nothing(NO_FUNCTIONS));
            }
            return self.assignment(cursor, &path);
        }
        let (target, method) = path.rsplit_once('.').unwrap_or(("", &path));
        let bare = matches!(path.as_str(), "sync" | "drop" | "require") && variable.is_none();
        let is_call = cursor.peek().is_some_and(|it| it.is("(") && it.start == cursor.end);
        if !is_call || (target.is_empty() && !bare) {
            return None;
        }
        cursor.take();
        if method == "transaction" && self.function(cursor) {
            self.open.pop();
            self.open.push(OpenBrace::Transaction);
            return Some(Translation::Said("transaction {".to_owned()));
        }
        let mut steps = vec![(method.to_owned(), value::values(cursor, ")"))];
        let variable = variable.filter(|it| !it.is_empty());
        let (mut then, mut follows) = (None, false);
        while cursor.eat(".") || cursor.eat("?.") {
            let step = cursor.word()?.to_owned();
            if step == "then" {
                then = self.then(cursor).filter(|_| variable.is_none());
                if then.is_some() {
                    break;
                }
            }
            let arguments = if cursor.eat("(") { value::values(cursor, ")") } else { Vec::new() };
            follows |= step == "then" && !arguments.iter().all(JsValue::only_shows);
            steps.push((step, arguments));
        }
        // `catch`: what is done where it fails is no part of the sentence
        steps.retain(|it| !matches!(it.0.as_str(), "then" | "catch" | "finally" | "toJSON"));
        let is_followed = then.is_some();
        let then = then.filter(|it| !it.is_empty());
        let variable = then.as_deref().or(variable);
        let said = match target.strip_prefix("prisma.") {
            Some(model) => self.asked(model, &steps, variable),
            None => {
                let target = target.rsplit('.').next().unwrap_or_default().to_owned();
                self.called(&target, &steps, variable)
            }
        };
        Some(match said {
            Translation::Said(it) if follows && !is_followed => Translation::Unsaid(format!(
                "write `{it}`; what `then` does follows as sentences of its own"
            )),
            it => it,
        })
    }

    /// `.then((user) => {`: what is in the braces follows as sentences, about what the function's only name is.
    fn then(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<String> {
        let mut ahead = *cursor;
        ahead.eat("(").then_some(())?;
        let mut head = ahead;
        self.function(&mut ahead).then_some(())?;
        *cursor = ahead;
        head.eat("async");
        head.eat("function");
        let in_brackets = head.eat("(");
        let named = head.word().unwrap_or_default().to_owned();
        let is_one = !in_brackets || head.eat(")");
        Some(if is_one { named } else { String::new() })
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
        match (client::rows(&self.names, &subject, method, arguments.first()), variable) {
            (Some(it), Some(variable)) => {
                self.names.variables.insert(variable.to_owned());
                Translation::Said(format!("let {} = {it}", name(variable)))
            }
            (Some(it), None) => Translation::Said(it),
            (None, _) => {
                Translation::Unsaid(call::nearest(&self.names, &subject, method, arguments))
            }
        }
    }

    /// `ann.name = "Bob"`
    fn assignment(&self, cursor: &mut LexemeCursor<'_>, path: &str) -> Option<Translation> {
        let (row, attribute) = path.split_once('.')?;
        let value = value::value(cursor);
        Some(match self.names.row(&value) {
            Some(it) if !attribute.contains('.') => {
                Translation::Said(format!("{} update {{ {}: {it} }}", name(row), name(attribute)))
            }
            _ => Translation::Unsaid(format!(
                "a row is changed so: `{} update {{ {}: \"..\" }}`",
                name(row),
                name(attribute)
            )),
        })
    }

    fn called(
        &mut self,
        target: &str,
        steps: &[(String, Vec<JsValue>)],
        variable: Option<&str>,
    ) -> Translation {
        let none = Vec::new();
        let (method, arguments) = steps.first().map_or(("", &none), |it| (it.0.as_str(), &it.1));
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
            return match variable {
                Some(variable) => {
                    self.names.variables.insert(variable.to_owned());
                    Translation::Said(format!("let {} = {said}", name(variable)))
                }
                None => Translation::Said(said),
            };
        }
        if is_connection {
            return call::connection(method, first);
        }
        if target == "console" {
            let print = |what: &str| format!("print {what}");
            let shown = arguments.iter().map(|it| match it {
                JsValue::Call(path, none, _) if none.is_empty() => {
                    path.strip_suffix(".toJSON").map(print)
                }
                it => self.names.row(it).as_deref().map(print),
            });
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
        match (said, variable) {
            (Some(it), Some(variable)) => {
                self.names.variables.insert(variable.to_owned());
                Translation::Said(format!("let {} = {it}", name(variable)))
            }
            (Some(it), None) => Translation::Said(it),
            (None, _) if method.starts_with("before") || method.starts_with("after") => {
                Translation::Unsaid(NO_HOOKS.to_owned())
            }
            (None, _) => {
                Translation::Unsaid(call::nearest(&self.names, &subject, method, arguments))
            }
        }
    }
}
