//! Types as GraphQL and TypeScript have them, said as models.

use super::super::Translation;
use super::super::draft::{ForeignAttribute, ForeignModel, name};
use super::super::lexeme::{LexemeCursor, LexemeKind, LexemeSpelling};
use super::block::skip_statement;
use super::{JavaScript, NO_FUNCTIONS};
use crate::words::same_name;

/// Their words for types, and GraphQL's among them.
const TYPES: [(&str, &str); 13] = [
    ("ID", "STRING"),
    ("Int", "INTEGER"),
    ("Float", "DOUBLE"),
    ("number", "DOUBLE"),
    ("bigint", "BIGINT"),
    ("String", "STRING"),
    ("Boolean", "BOOLEAN"),
    ("Date", "DATE"),
    ("DateTime", "DATE"),
    ("Buffer", "BLOB"),
    ("JSON", "JSON"),
    ("any", "JSON"),
    ("object", "JSON"),
];

/// The type of a member.
struct MemberType {
    word: String,
    list: bool,
    required: bool,
}

fn member_type(cursor: &mut LexemeCursor<'_>) -> Option<MemberType> {
    let mut res = MemberType { word: String::new(), list: cursor.eat("["), required: false };
    cursor.word()?.clone_into(&mut res.word);
    cursor.eat("!");
    if res.list {
        cursor.eat("]").then_some(())?;
    }
    if cursor.eat("<") {
        cursor.until(|it| it.is(">"));
        cursor.eat(">").then_some(())?;
        res.list |= same_name(&res.word, "Array");
        "any".clone_into(&mut res.word);
    }
    res.list |= cursor.eat_all(&["[", "]"]);
    res.required = cursor.text.get(..cursor.end)?.ends_with('!') || cursor.eat("!");
    Some(res)
}

impl JavaScript {
    /// `interface User { name: string }`, `type User = { .. }`, `type User { name: String! }`. Beside models TypeScript alone needs them.
    pub(super) fn typed(cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        let mut ahead = *cursor;
        let head = ahead.take()?;
        // a variable may be called `input`
        let named = ahead.word().filter(|it| it.starts_with(char::is_uppercase))?.to_owned();
        ahead.until(|it| it.breaks || matches!(it.text, "{" | "=" | ":" | ";"));
        let is_typescript = ahead.eat("=") || head.is("interface");
        let is_beside = |it: &&str| cursor.text.contains(*it);
        if is_typescript && ["extends Model", ".define", ".init("].iter().any(is_beside) {
            skip_statement(&mut ahead);
            *cursor = ahead;
            return Some(Translation::Nothing(NO_FUNCTIONS));
        }
        ahead.eat("{").then_some(())?;
        let asks = matches!(&*named, "Query" | "Mutation" | "Subscription") || head.is("input");
        let said = if asks {
            ahead.until(|_| false);
            Translation::Nothing("what a server answers and takes is no table: leave this out")
        } else {
            Self::members(&mut ahead, &named, is_typescript)?
        };
        ahead.eat("}").then_some(())?;
        *cursor = ahead;
        Some(said)
    }

    fn members(
        cursor: &mut LexemeCursor<'_>,
        named: &str,
        is_typescript: bool,
    ) -> Option<Translation> {
        let mut model = ForeignModel { name: named.to_owned(), ..ForeignModel::default() };
        let mut sentences = Vec::new();
        while !cursor.peek()?.is("}") {
            if cursor.eat(";") || cursor.eat(",") {
                continue;
            }
            cursor.eat("readonly");
            let field = cursor.name()?;
            let mut optional = cursor.eat("?");
            cursor.eat(":").then_some(())?;
            let found = member_type(cursor)?;
            while cursor.eat("|") {
                optional |= cursor.eat("null") || cursor.eat("undefined");
                optional.then_some(())?;
            }
            // its directives
            while cursor.eat("@") {
                cursor.word();
                if cursor.peek().is_some_and(|it| it.is("(")) {
                    cursor.skip();
                }
            }
            let word = &*found.word;
            let known = TYPES.iter().find(|it| same_name(it.0, word)).map(|it| it.1);
            if field == "id" && matches!(word, "ID" | "number" | "Int") {
                // the key comes by itself
                continue;
            }
            let is_enum = cursor.text.contains(&format!("enum {word} "));
            if known.is_none() && !is_enum {
                let key =
                    if found.list { key_to(cursor.text, word, named) } else { Some(field.clone()) };
                let key = key.map_or(String::new(), |it| format!(", foreignKey: {it}Id"));
                let verb = if found.list { "hasMany" } else { "belongsTo" };
                sentences.push(format!(
                    "{} {verb} {} < as: {}{key} >",
                    name(named),
                    name(word),
                    name(&field)
                ));
                continue;
            }
            let data_type = match known {
                _ if found.list => "JSON",
                Some(it) => it,
                None => word,
            };
            let mut res = ForeignAttribute { name: field.clone(), ..ForeignAttribute::default() };
            data_type.clone_into(&mut res.data_type);
            if field == "id" {
                res.options.push("primaryKey".to_owned());
            } else if found.required || is_typescript && !optional {
                res.options.push("allowNull: false".to_owned());
            }
            model.attributes.push(res);
        }
        model.options.push("timestamps: false".to_owned());
        sentences.insert(0, model.written());
        Some(Translation::Said(sentences.join("\n")))
    }
}

/// The field of another type of the text that refers to this one.
fn key_to(text: &str, other: &str, named: &str) -> Option<String> {
    let inner = text.split(&format!(" {other} ")).nth(1)?.split('}').next()?;
    let mut cursor = LexemeCursor::new(inner, LexemeSpelling::Script, 0);
    let mut field = String::new();
    while let Some(next) = cursor.take() {
        if next.is(":") && cursor.peek().is_some_and(|it| it.text == named) {
            return Some(field);
        }
        if next.kind == LexemeKind::Word {
            next.text.clone_into(&mut field);
        }
    }
    None
}
