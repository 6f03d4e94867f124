//! Sequelize's JavaScript: definitions, associations and calls about rows, said as sentences.

mod model;
mod query;
mod value;

use super::draft::{as_comment, name, options};
use super::lexeme::{LexemeCursor, LexemeKind, LexemeSpelling};
use super::{ForeignPart, Translation};
use query::Names;
use value::JsValue;

/// What is known while a text is gone through.
#[derive(Debug, Default)]
pub(super) struct JavaScript {
    names: Names,
    /// The class whose body was entered last.
    class: String,
    /// How many functions' and classes' braces are open.
    pub(super) open: usize,
}

const ASSOCIATIONS: [&str; 4] = ["hasOne", "hasMany", "belongsTo", "belongsToMany"];
const NO_FUNCTIONS: &str = "a script has no functions, classes and modules: leave this out";
const NO_CONNECTION: &str = "a script names no database: `relata run --db` does";
const NO_HOOKS: &str = "a script has no hooks and methods: validators, `check` and computed attributes say most of them";

impl JavaScript {
    /// The statement that begins at `at`.
    pub(super) fn statement(&mut self, text: &str, at: usize) -> Option<ForeignPart> {
        let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, at);
        let said = self.translate(&mut cursor)?;
        cursor.eat(";");
        Some(ForeignPart { end: cursor.end, said })
    }

    fn translate(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        let next = cursor.peek()?;
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
            if self.open > 0 && cursor.eat("}") {
                self.open -= 1;
                while cursor.eat(")") || cursor.eat_all(&["(", ")"]) || cursor.eat(",") {}
                return Some(Translation::Nothing(NO_FUNCTIONS));
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
            "return" if self.open > 0 => {
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
            "if" | "for" | "while" | "try" | "throw" | "switch" if self.open > 0 => {
                cursor.until(|it| it.is(";") || it.is("{"));
                if cursor.peek().is_some_and(|it| it.is("{")) {
                    cursor.skip();
                }
                while cursor.eat_one_of(&["else", "catch", "finally"]) {
                    cursor.until(|it| it.is("{") || it.is(";"));
                    cursor.skip();
                }
                return Some(Translation::Nothing(NO_FUNCTIONS));
            }
            _ => {}
        }
        self.call(cursor, None)
    }

    /// The head of a function, up to its brace.
    fn function(&mut self, cursor: &mut LexemeCursor<'_>) -> bool {
        let mut ahead = *cursor;
        let is_static = ahead.eat("static");
        ahead.eat("async");
        let is_function = ahead.eat("function");
        ahead.eat("*");
        if is_function || is_static {
            ahead.word();
        }
        let one = !is_function && ahead.peek().is_some_and(|it| it.kind == LexemeKind::Word);
        if one {
            ahead.take();
        } else if !ahead.peek().is_some_and(|it| it.is("(")) || !ahead.skip() {
            return false;
        }
        let is_arrow = ahead.eat("=>");
        if !(is_function || is_static || is_arrow) {
            return false;
        }
        if !ahead.eat("{") {
            return false;
        }
        self.open += 1;
        *cursor = ahead;
        true
    }

    fn class(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        cursor.take();
        let name = cursor.word()?;
        if !cursor.eat("extends") {
            return None;
        }
        value::path(cursor)?;
        if !cursor.eat("{") {
            return None;
        }
        name.clone_into(&mut self.class);
        self.open += 1;
        Some(Translation::Nothing(NO_FUNCTIONS))
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
            Some(it) => Translation::Said(format!("let {} = {it}", name(&variable))),
            None => Translation::Unsaid(
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
            return None;
        }
        let (target, method) = path.rsplit_once('.').unwrap_or(("", &path));
        let bare = matches!(path.as_str(), "sync" | "drop" | "require") && variable.is_none();
        let is_call = cursor.peek().is_some_and(|it| it.is("(") && it.start == cursor.end);
        if !is_call || (target.is_empty() && !bare) {
            return None;
        }
        cursor.take();
        let mut steps = vec![(method.to_owned(), value::values(cursor, ")"))];
        while cursor.eat(".") || cursor.eat("?.") {
            let step = cursor.word()?.to_owned();
            let arguments = if cursor.eat("(") { value::values(cursor, ")") } else { Vec::new() };
            steps.push((step, arguments));
        }
        // `then`, `catch`: what comes after is no part of the sentence
        steps.retain(|it| !matches!(it.0.as_str(), "then" | "catch" | "finally" | "toJSON"));
        let target = target.rsplit('.').next().unwrap_or_default().to_owned();
        Some(self.called(&target, &steps, variable.filter(|it| !it.is_empty())))
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
                return Translation::Said(model.written());
            }
            ("init", Some(attributes)) if second.is_some() || !target.is_empty() => {
                let named = second.and_then(|it| it.member("modelName")).and_then(JsValue::text);
                let named = named.unwrap_or(&target).to_owned();
                self.names.models.insert(target, named.clone());
                let model = model::model(&named, attributes, second, &self.names);
                return Translation::Said(model.written());
            }
            _ => {}
        }
        let subject = self.names.of(&target);
        let is_connection =
            matches!(target.as_str(), "sequelize" | "db" | "connection" | "database" | "");
        if is_connection {
            return connection(method, first);
        }
        if target == "console" {
            return match first.and_then(JsValue::written) {
                Some(it) => Translation::Said(format!("print {it}")),
                None => {
                    Translation::Unsaid("`print` shows a value: `print ann.firstName`".to_owned())
                }
            };
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
                ("scope", scopes) if !behind.is_empty() => {
                    for it in scopes.iter().flat_map(JsValue::items).filter_map(JsValue::text) {
                        subject.push('.');
                        subject.push_str(&name(it));
                    }
                }
                ("unscoped", _) if !behind.is_empty() => subject.push_str(".unscoped"),
                _ => break,
            }
            rest = behind;
        }
        let Some(((method, arguments), behind)) = rest.split_first() else {
            return Translation::Unsaid(format!("write `{subject} findAll`"));
        };
        let said = behind.is_empty().then(|| self.rows(&subject, method, arguments)).flatten();
        match (said, variable) {
            (Some(it), Some(variable)) => {
                Translation::Said(format!("let {} = {it}", name(variable)))
            }
            (Some(it), None) => Translation::Said(it),
            (None, _) if method.starts_with("before") || method.starts_with("after") => {
                Translation::Unsaid(NO_HOOKS.to_owned())
            }
            (None, _) => Translation::Unsaid(nearest(&subject, method)),
        }
    }

    /// A sentence about rows.
    fn rows(&self, subject: &str, method: &str, arguments: &[JsValue]) -> Option<String> {
        let nothing = JsValue::Object(Vec::new());
        let first = arguments.first();
        let second = arguments.get(1).unwrap_or(&nothing);
        let of = |value: &JsValue| query::query(value, &self.names).map(|it| options(&it));
        // a write without a condition is one of all rows
        let rows = |value: &JsValue| {
            let mut said = query::query(value, &self.names)?;
            if !said.iter().any(|it| it.starts_with("where")) {
                said.push("all".to_owned());
            }
            Some(options(&said))
        };
        let is_instance = subject.starts_with(char::is_lowercase)
            && !self.names.models.values().any(|it| it == subject);
        Some(match (method, first) {
            ("findAll" | "findOne" | "findAndCountAll" | "count", it) => {
                format!("{subject} {method}{}", of(it.unwrap_or(&nothing))?)
            }
            ("findAndCount", it) => {
                format!("{subject} findAndCountAll{}", of(it.unwrap_or(&nothing))?)
            }
            ("findByPk" | "findById", Some(key)) => {
                format!("{subject} findByPk {}{}", key.written()?, of(second)?)
            }
            ("sum" | "min" | "max", Some(JsValue::Text(column))) => {
                format!("{subject} {method} {}{}", name(column), of(second)?)
            }
            ("create" | "build" | "upsert", Some(row)) => {
                let verb = if method == "build" { "create" } else { method };
                let kept = second
                    .members()
                    .iter()
                    .filter(|it| it.0 != "include" && it.0 != "returning")
                    .cloned();
                format!(
                    "{subject} {verb} {}{}",
                    row.written()?,
                    of(&JsValue::Object(kept.collect()))?
                )
            }
            ("bulkCreate", Some(JsValue::List(rows))) => {
                let rows: Option<Vec<String>> = rows.iter().map(JsValue::written).collect();
                format!("{subject} {method} [{}]{}", rows?.join(", "), of(second)?)
            }
            ("findOrCreate" | "findOrBuild", Some(value)) => {
                let row = value.member("where")?.written()?;
                let defaults = value.member("defaults").map(JsValue::written);
                let defaults = match defaults {
                    Some(it) => format!(" < defaults: {} >", it?),
                    None => String::new(),
                };
                format!("{subject} findOrCreate {row}{defaults}")
            }
            ("update" | "set", Some(values)) if is_instance => {
                format!("{subject} update {}", values.written()?)
            }
            ("update", Some(values)) => {
                format!("{subject} update {}{}", values.written()?, rows(second)?)
            }
            ("destroy" | "restore" | "reload", _) if is_instance => {
                let given = if method == "destroy" {
                    of(first.unwrap_or(&nothing))?
                } else {
                    String::new()
                };
                format!("{subject} {method}{given}")
            }
            ("destroy", Some(it)) if it.member("truncate").is_some_and(|it| it.is("true")) => {
                format!("{subject} truncate")
            }
            ("destroy" | "restore", it) => {
                format!("{subject} {method}{}", rows(it.unwrap_or(&nothing))?)
            }
            ("truncate", _) => format!("{subject} truncate"),
            ("increment" | "decrement", Some(what)) => {
                let by = second.member("by").and_then(JsValue::written);
                let by = by.unwrap_or_else(|| "1".to_owned());
                let row = match what {
                    JsValue::Text(it) => format!("{{ {}: {by} }}", name(it)),
                    JsValue::List(items) => {
                        let each: Option<Vec<String>> = items
                            .iter()
                            .map(|it| Some(format!("{}: {by}", name(it.text()?))))
                            .collect();
                        format!("{{ {} }}", each?.join(", "))
                    }
                    it => it.written()?,
                };
                let kept = second.members().iter().filter(|it| it.0 != "by").cloned().collect();
                let said = if is_instance { String::new() } else { rows(&JsValue::Object(kept))? };
                format!("{subject} {method} {row}{said}")
            }
            ("sync" | "drop", given) => table(Some(subject), method, given),
            (verb, argument) if is_instance && is_association_method(verb) => {
                let reads = verb.starts_with("get") || verb.starts_with("count");
                match argument {
                    None => format!("{subject} {verb}"),
                    Some(it) if reads => format!("{subject} {verb}{}", of(it)?),
                    Some(it) => format!("{subject} {verb} {}", it.written()?),
                }
            }
            _ => return None,
        })
    }
}

/// Whether an association gives a row this method.
fn is_association_method(method: &str) -> bool {
    ["get", "count", "create", "has", "set", "add", "remove"].iter().any(|prefix| {
        method.strip_prefix(prefix).is_some_and(|it| it.starts_with(char::is_uppercase))
    })
}

/// `sync < force >`
fn table(subject: Option<&str>, method: &str, given: Option<&JsValue>) -> String {
    let asked = |option: &&str| {
        given.and_then(|given| given.member(option)).is_some_and(|it| it.is("true"))
    };
    let said: Vec<String> =
        ["force", "alter"].iter().filter(|it| asked(it)).map(|it| (*it).to_owned()).collect();
    let said = if method == "sync" { options(&said) } else { String::new() };
    subject.map_or_else(String::new, |it| format!("{it} ")) + method + &said
}

/// What is asked of the connection.
fn connection(method: &str, first: Option<&JsValue>) -> Translation {
    match method {
        "sync" | "drop" => Translation::Said(table(None, method, first)),
        "authenticate" | "close" => Translation::Nothing(NO_CONNECTION),
        "require" => Translation::Nothing(NO_FUNCTIONS),
        "transaction" => Translation::Unsaid("all or nothing is `transaction { .. }`, with the sentences in it".to_owned()),
        "query" => Translation::Unsaid("a script asks in its own words: `User findAll < where: (..) >`; raw SQL stands in expressions, sql`..`".to_owned()),
        _ => Translation::Unsaid(format!("a script has no `{method}`")),
    }
}

/// The nearest thing to a method that can't be said.
fn nearest(subject: &str, method: &str) -> String {
    match method {
        "save" => format!("what is to be saved is said: `{subject} update {{ name: \"Ann\" }}`"),
        "addScope" => "a scope stands in its model: `scope active < where: (..) >`".to_owned(),
        _ => format!(
            "a sentence is `{subject} verb < options >`, as in `{subject} findAll < where: (id = 1) >`; its values are literals and variables"
        ),
    }
}
