//! Sentences whose parts stand in other brackets than Relata's, or in none: `User create < name: "Ann" >`, `sync force`, `enum X ("a")`.
//!
//! Invariant: what is said instead is the whole sentence; nothing of what was written is left out of it.

mod conditions;
mod parts;

use super::draft::{name, options};
use super::lexeme::{LexemeCursor, LexemeKind, LexemeSpelling};
use super::words::{Rewording, options_behind};
pub(crate) use conditions::is_beside_row;
use parts::{angled, condition_of, items, named_list, pairs, row, tail};

/// The sentence, its parts in the brackets that they belong in; nothing where they stand in them, or where it can't be told.
pub(crate) fn phrased(text: &str) -> Option<Rewording> {
    let mut cursor = LexemeCursor::new(text, LexemeSpelling::Script, 0);
    let mut ahead = cursor;
    if ahead.eat("let") && ahead.word().is_some() && ahead.eat("=") {
        cursor = ahead;
    }
    let start = cursor.behind_space();
    let written = text.get(start..)?.trim_end();
    // a comment would be lost
    if written.contains("//") || written.contains("/*") {
        return None;
    }
    let said = sentence(cursor)?;
    let is_same = said
        .chars()
        .filter(|it| !it.is_whitespace())
        .eq(written.chars().filter(|it| !it.is_whitespace()));
    let help =
        if said.contains('\n') { format!("write\n{said}") } else { format!("write `{said}`") };
    if is_same {
        return None;
    }
    // what they begin with alike stays as it is
    let alike = said.bytes().zip(written.bytes()).take_while(|it| it.0 == it.1).count();
    let alike =
        said.as_bytes().get(..alike)?.iter().rposition(|it| *it == b' ').map_or(0, |it| it + 1);
    let range = start + alike..start + written.len();
    Some(Rewording { range, text: said.get(alike..)?.to_owned(), help })
}

fn sentence(mut cursor: LexemeCursor<'_>) -> Option<String> {
    let first = cursor.peek().filter(|it| it.kind == LexemeKind::Word)?.text;
    let mut behind = cursor;
    behind.take();
    match first {
        "print" | "assert" | "let" | "model" | "abstract" | "import" | "drop" | "rollback"
        | "transaction" | "defaults" | "once" => return None,
        "enum" => return enumeration(behind),
        "sync" => return table(None, behind),
        "index" | "unique" => return index(first, behind),
        "check" => return check(behind),
        "scope" => return scope(behind),
        "view" => return view(behind),
        "delete" | "destroy" | "remove" | "insert" | "new" | "reload" | "restore" | "find"
        | "count"
            if behind.peek().is_some_and(|it| it.kind == LexemeKind::Word && !it.breaks) =>
        {
            let subject = path(&mut behind)?;
            let verb = match first {
                "delete" | "remove" => "destroy",
                "insert" | "new" => "create",
                "find" => "findAll",
                it => it,
            };
            if behind.peek().is_none() {
                return Some(format!("{subject} {verb}"));
            }
            return about(&subject, verb, behind);
        }
        _ => {}
    }
    let subject = path(&mut cursor)?;
    let verb = cursor.word()?;
    let mut ahead = cursor;
    let next = ahead.word().unwrap_or_default();
    match (verb, next) {
        ("sync", _) => table(Some(&subject), cursor),
        ("has", "many") => association(&subject, "hasMany", ahead),
        ("has", "one") => association(&subject, "hasOne", ahead),
        ("belongs", "to") if ahead.eat("many") => association(&subject, "belongsToMany", ahead),
        ("belongs", "to") => association(&subject, "belongsTo", ahead),
        ("hasMany" | "hasOne" | "belongsTo" | "belongsToMany", _) => {
            association(&subject, verb, cursor)
        }
        ("exists" | "any", _) => {
            let rest = cursor.text.get(cursor.end..)?.trim();
            Some(format!("{subject} count {rest}").trim_end().to_owned())
        }
        ("distinct", _) => {
            let names = named_list(cursor.text.get(cursor.behind_space()..)?)?;
            Some(format!("{subject} findAll < attributes: [{names}], distinct >"))
        }
        _ => about(&subject, verb, cursor),
    }
}

/// `User`, `User.active`
fn path(cursor: &mut LexemeCursor<'_>) -> Option<String> {
    let mut res = cursor.word()?.to_owned();
    while cursor.eat(".") {
        res.push('.');
        res.push_str(cursor.word()?);
    }
    Some(res)
}

/// Whether a verb makes or changes what belongs to a row: `createPost`.
fn is_of_association(verb: &str, prefix: &str) -> bool {
    verb.strip_prefix(prefix).is_some_and(|it| it.starts_with(char::is_uppercase))
}

/// A sentence about rows.
fn about(subject: &str, verb: &str, cursor: LexemeCursor<'_>) -> Option<String> {
    cursor.peek()?;
    match verb {
        "create" | "upsert" | "findOrCreate" | "update" | "increment" | "decrement" => {
            row_sentence(subject, verb, cursor)
        }
        _ if is_of_association(verb, "create") => row_sentence(subject, verb, cursor),
        "bulkCreate" => {
            let (rows, rest) = rows(cursor)?;
            Some(format!("{subject} {verb} [{}]{}", rows.join(", "), options(&tail(rest)?)))
        }
        "findByPk" => {
            let written = cursor.text.get(cursor.behind_space()..)?.trim();
            let inner = written.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
            match pairs(inner.unwrap_or(written))?.as_slice() {
                [only] if !written.starts_with('{') => {
                    Some(format!("{subject} {verb} {}", only.value))
                }
                _ => None,
            }
        }
        "sum" | "min" | "max" | "avg" => {
            let mut cursor = cursor;
            let of = cursor.name()?;
            Some(format!("{subject} {verb} {}{}", name(&of), options(&tail(cursor)?)))
        }
        "findAll" | "findOne" | "findAndCountAll" | "count" | "destroy" | "restore"
        | "truncate" => query_sentence(subject, verb, cursor),
        _ => None,
    }
}

/// A sentence that takes a row.
fn row_sentence(subject: &str, verb: &str, cursor: LexemeCursor<'_>) -> Option<String> {
    let mut cursor = cursor;
    let mut said = Vec::new();
    let is_change = matches!(verb, "update" | "increment" | "decrement");
    if verb == "update" {
        let mut ahead = cursor;
        if ahead.eat("set") && ahead.peek().is_some_and(|it| it.kind == LexemeKind::Word) {
            cursor = ahead;
        }
        // which row: `update 1 { age: 3 }`
        let key = cursor.peek()?;
        let mut ahead = cursor;
        ahead.take();
        let is_value = matches!(key.kind, LexemeKind::Number | LexemeKind::Quoted);
        if is_value && ahead.peek().is_some_and(|it| it.is("{")) {
            said.push(format!("where: (id = {})", key.text));
            cursor = ahead;
        }
    }
    let next = cursor.peek()?;
    let mut verb = verb;
    if let Some(inner) = bracketed_options(cursor)
        && let Some(found) = conditions::by_options(subject, verb, inner)
    {
        return Some(found);
    }
    let values = match next.text {
        "{" | "[" => {
            let (rows, rest) = rows(cursor)?;
            cursor = rest;
            match rows.as_slice() {
                [only] => only.clone(),
                all if verb == "create" => {
                    verb = "bulkCreate";
                    format!("[{}]", all.join(", "))
                }
                _ => return None,
            }
        }
        "(" => {
            let start = next.end;
            cursor.skip();
            row(cursor.text.get(start..cursor.end.checked_sub(1)?)?)?
        }
        "<" => {
            let inner = angled(&mut cursor)?;
            let (mut values, mut by) = (Vec::new(), None);
            for item in items(inner)? {
                match &item.value {
                    Some(it) if item.key == "by" && is_change => by = Some(it.clone()),
                    Some(it) if !item.is_option() => {
                        values.push(format!("{}: {it}", name(&item.key)));
                    }
                    Some(_) | None => said.push(item.written),
                }
            }
            if values.is_empty() || by.is_some() {
                return None;
            }
            format!("{{ {} }}", values.join(", "))
        }
        // one or more attributes, by so much: `increment age by 2`
        _ if matches!(verb, "increment" | "decrement") && next.kind != LexemeKind::Number => {
            let written = cursor.until(|it| it.is("by") || it.is("<") || it.is("where"));
            let names = named_list(written.trim_end())?;
            let mut by = "1".to_owned();
            if cursor.eat("by") {
                cursor.take()?.text.clone_into(&mut by);
            }
            if cursor.peek().is_some_and(|it| it.is("<")) {
                for item in items(angled(&mut cursor)?)? {
                    match item.value {
                        Some(it) if item.key == "by" => by = it,
                        Some(_) | None => said.push(item.written),
                    }
                }
            }
            let each: Vec<String> = names.split(", ").map(|it| format!("{it}: {by}")).collect();
            format!("{{ {} }}", each.join(", "))
        }
        _ if next.kind == LexemeKind::Word => {
            let inner = cursor.until(|it| it.is("<") || it.is("where"));
            row(inner.trim_end())?
        }
        _ => return None,
    };
    said.extend(tail(cursor)?);
    let is_model = subject.starts_with(char::is_uppercase);
    let names_rows = |it: &String| it.starts_with("where") || it == "all";
    once_each(&said)?;
    // which rows are meant nobody can tell
    if is_change && is_model && !said.iter().any(names_rows) {
        return None;
    }
    Some(format!("{subject} {verb} {values}{}", options(&said)))
}

/// What stands in a sentence's only brackets, angled ones or braces, where that tells its row by options.
fn bracketed_options(mut cursor: LexemeCursor<'_>) -> Option<&str> {
    let inner = if cursor.peek()?.is("{") {
        let start = cursor.peek()?.end;
        cursor.skip().then_some(())?;
        cursor.text.get(start..cursor.end.checked_sub(1)?)?
    } else {
        angled(&mut cursor)?
    };
    cursor.peek().is_none().then_some(())?;
    items(inner)?.iter().any(|it| is_beside_row(&it.key)).then_some(inner)
}

/// Rows in braces, in a list or one behind the other.
fn rows(cursor: LexemeCursor<'_>) -> Option<(Vec<String>, LexemeCursor<'_>)> {
    let mut cursor = cursor;
    let is_list = cursor.eat("[");
    let mut res = Vec::new();
    loop {
        let open = cursor.peek().filter(|it| it.is("{"))?;
        cursor.skip();
        res.push(row(cursor.text.get(open.end..cursor.end.checked_sub(1)?)?)?);
        let mut ahead = cursor;
        let goes_on = ahead.eat(",") && ahead.peek().is_some_and(|it| it.is("{"));
        // `, { where: .. }` is no row
        let is_options = goes_on && !is_list && {
            let mut inner = ahead;
            inner.take();
            inner.eat("where")
        };
        if !goes_on || is_options {
            break;
        }
        cursor = ahead;
    }
    cursor.eat(",");
    if is_list && !cursor.eat("]") {
        return None;
    }
    Some((res, cursor))
}

/// A sentence that takes options alone.
fn query_sentence(subject: &str, verb: &str, cursor: LexemeCursor<'_>) -> Option<String> {
    let next = cursor.peek()?;
    let written = cursor.text.get(next.start..)?.trim_end();
    if next.is("where") || next.is("limit") || next.is("order") || next.is("group") {
        return tail(cursor).map(|it| format!("{subject} {verb}{}", options(&it)));
    }
    let mut behind = cursor;
    behind.skip();
    let rest = tail(behind);
    let mut said = match next.text {
        "{" => vec![format!("where: ({})", condition_of(written.get(..behind.end - next.start)?)?)],
        "[" => {
            let names = named_list(written.get(1..behind.end - next.start - 1)?)?;
            vec![format!("attributes: [{names}]")]
        }
        "*" => Vec::new(),
        "(" if written.starts_with("(*)") => Vec::new(),
        "all" | "force" | "cascade" => {
            // each row's links go with it by their keys' own actions
            let words: Option<Vec<String>> = written
                .split([' ', ','])
                .filter(|it| !it.is_empty())
                .map(|it| matches!(it, "all" | "force").then(|| it.to_owned()))
                .collect();
            return words.map(|it| format!("{subject} {verb}{}", options(&it)));
        }
        _ if next.kind == LexemeKind::Word => {
            let mut ahead = cursor;
            let list = ahead.until(|it| it.is("<") || it.is("where"));
            if let Some(names) = named_list(list.trim_end()) {
                let mut said = vec![format!("attributes: [{names}]")];
                said.extend(tail(ahead)?);
                return Some(format!("{subject} {verb}{}", options(&said)));
            }
            let mut ahead = cursor;
            ahead.take();
            if !ahead.peek().is_some_and(|it| it.is("=") || it.is("==")) {
                return None;
            }
            return Some(format!(
                "{subject} {verb} {}",
                options_behind(&format!("where {written}"), std::iter::empty())?
            ));
        }
        _ => return None,
    };
    said.extend(rest?);
    once_each(&said)?;
    Some(format!("{subject} {verb}{}", options(&said)))
}

/// Nothing where it is said twice which rows are meant.
fn once_each(said: &[String]) -> Option<()> {
    let conditions = said.iter().filter(|it| it.starts_with("where"));
    (conditions.count() < 2).then_some(())
}

/// `enum X ("a")`, `enum X = [a, b]`, `enum X { a = 1 }`, `enum X a, b`
fn enumeration(cursor: LexemeCursor<'_>) -> Option<String> {
    let mut cursor = cursor;
    let title = cursor.name()?;
    while cursor.eat("=") || cursor.eat(":") {}
    let is_bracket = cursor.eat("(") || cursor.eat("[") || cursor.eat("{");
    let mut members: Vec<String> = Vec::new();
    // where the numbers that are written begin
    let mut first_place: Option<usize> = None;
    while let Some(next) = cursor.take() {
        match next.kind {
            LexemeKind::Word | LexemeKind::Quoted => members.push(next.text.to_owned()),
            LexemeKind::Sign if next.is(",") || next.is("|") => {}
            // a value of its own: a text is what is kept, a number is a place or what nobody knows
            LexemeKind::Sign if next.is("=") || next.is(":") => {
                let value = cursor.take()?;
                let at = members.len().checked_sub(1)?;
                match value.kind {
                    LexemeKind::Quoted => value.text.clone_into(members.last_mut()?),
                    LexemeKind::Number => {
                        let place = value.text.parse::<usize>().ok()?;
                        let first = place.checked_sub(at)?;
                        let is_next = first_place.is_none_or(|it| it == first) && first < 2;
                        is_next.then_some(())?;
                        first_place = Some(first);
                    }
                    LexemeKind::Word | LexemeKind::Sign => return None,
                }
            }
            LexemeKind::Sign if is_bracket && next.closes() => {
                return cursor
                    .peek()
                    .is_none()
                    .then_some(())
                    .and_then(|()| listed(&title, &members));
            }
            LexemeKind::Number | LexemeKind::Sign => return None,
        }
    }
    if is_bracket { None } else { listed(&title, &members) }
}

fn listed(title: &str, members: &[String]) -> Option<String> {
    let written = || format!("enum {} {{ {} }}", name(title), members.join(", "));
    (!members.is_empty()).then(written)
}

/// `sync force`, `User sync (alter)`
fn table(subject: Option<&str>, cursor: LexemeCursor<'_>) -> Option<String> {
    let mut cursor = cursor;
    let mut said: Vec<String> = Vec::new();
    while let Some(next) = cursor.take() {
        match next.text {
            "force" | "alter" | "keep" => said.push(next.text.to_owned()),
            // every table is meant where none is named
            "all" if subject.is_none() => {}
            "(" | ")" | "," | "-" => {}
            _ => return None,
        }
    }
    let subject = subject.map_or_else(String::new, |it| format!("{it} "));
    Some(format!("{subject}sync{}", options(&said)))
}

/// `User hasMany Post { as: posts }`, `User hasMany [Post, Tag]`
fn association(subject: &str, verb: &str, cursor: LexemeCursor<'_>) -> Option<String> {
    let mut cursor = cursor;
    if let Some(open) = cursor.peek().filter(|it| it.is("[")) {
        cursor.skip();
        let names = named_list(cursor.text.get(open.end..cursor.end.checked_sub(1)?)?)?;
        cursor.peek().is_none().then_some(())?;
        let each: Vec<String> =
            names.split(", ").map(|it| format!("{subject} {verb} {it}")).collect();
        return Some(each.join("\n"));
    }
    let object = cursor.name()?;
    cursor.eat(",");
    let said = match cursor.peek() {
        None => Vec::new(),
        Some(it) if it.is("<") => {
            items(angled(&mut cursor)?)?.into_iter().map(|it| it.written).collect()
        }
        Some(open) if open.is("(") || open.is("{") => {
            cursor.skip();
            let inner = cursor.text.get(open.end..cursor.end.checked_sub(1)?)?;
            items(inner)?.into_iter().map(|it| it.written).collect()
        }
        Some(_) => return None,
    };
    cursor.peek().is_none().then(|| format!("{subject} {verb} {}{}", name(&object), options(&said)))
}

/// `index name`, `unique [email, role]`, `index by_name on (name)`
fn index(verb: &str, cursor: LexemeCursor<'_>) -> Option<String> {
    let mut cursor = cursor;
    let mut said = Vec::new();
    if verb == "unique" && cursor.eat("index") {
        return index("unique", cursor);
    }
    let mut ahead = cursor;
    if let Some(title) = ahead.word()
        && (ahead.eat("on") || ahead.peek().is_some_and(|it| it.is("(") || it.is("[")))
    {
        if title != "on" {
            said.push(format!("name: {title}"));
        }
        cursor = ahead;
    }
    let open = cursor.peek()?;
    let names = if open.is("[") || open.is("(") {
        cursor.skip();
        cursor.text.get(open.end..cursor.end.checked_sub(1)?)?.trim().to_owned()
    } else {
        named_list(cursor.until(|it| it.is("<")).trim_end())?
    };
    said.extend(tail(cursor)?);
    Some(format!("{verb} ({names}){}", options(&said)))
}

/// `check name = "a"`
fn check(cursor: LexemeCursor<'_>) -> Option<String> {
    let inner = cursor.text.get(cursor.behind_space()..)?.trim();
    let is_bare = !inner.starts_with(['(', '{', '[', '<']) && !inner.contains('\n');
    is_bare.then(|| format!("check {}", super::words::bracketed(inner)))
}

/// `scope active (name = "a")`, `scope active { where: { name: "a" } }`
fn scope(cursor: LexemeCursor<'_>) -> Option<String> {
    let mut cursor = cursor;
    let title = cursor.word()?;
    let said = tail(cursor)?;
    (!said.is_empty()).then(|| format!("scope {title}{}", options(&said)))
}

/// `view V as User findAll`, `view V { User findAll }`
fn view(cursor: LexemeCursor<'_>) -> Option<String> {
    let mut cursor = cursor;
    let title = cursor.name()?;
    while cursor.eat("as") || cursor.eat("=") {}
    let start = cursor.behind_space();
    let query = cursor.text.get(start..)?.trim();
    let is_bracketed = cursor.peek().is_some_and(|it| it.is("(") || it.is("{"))
        && cursor.skip()
        && cursor.peek().is_none();
    let query =
        if is_bracketed { query.get(1..query.len().checked_sub(1)?)?.trim() } else { query };
    let says_all = query.split_whitespace().nth(1) == Some("findAll");
    says_all.then(|| format!("view {} = {query}", name(&title)))
}
