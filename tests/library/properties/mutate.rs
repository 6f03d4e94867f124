//! Scripts with mistakes: a report or a result, never a panic.

use super::generate;
use super::kit::{Heard, seeded, session, well_formed};
use arbtest::arbitrary::{Result, Unstructured};

const PIECES: [&str; 40] = [
    "{",
    "}",
    "<",
    ">",
    "(",
    ")",
    "[",
    "]",
    ",",
    ";",
    ":",
    ".",
    "\n",
    "`",
    "\"",
    "'",
    "\"\"\"",
    "/*",
    "*/",
    "///",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "é",
    "null",
    "not",
    "model",
    "extends",
    "belongsToMany",
    "through",
    "sql`",
    "-",
    "9223372036854775808",
    "1e999",
    "x\"0",
    "primaryKey",
    "id",
    "sync",
    "as",
    "STRING",
];

/// The words, names, numbers and signs of a text.
fn tokens(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut word = false;
    for it in text.chars() {
        let part = it.is_alphanumeric() || it == '_';
        match found.last_mut() {
            Some(last) if part && word => last.push(it),
            _ => found.push(it.to_string()),
        }
        word = part;
    }
    found
}

fn mutated(random: &mut Unstructured<'_>, text: &str) -> Result<String> {
    let mut tokens = tokens(text);
    for _ in 0..=random.int_in_range(0..=4)? {
        if tokens.is_empty() {
            break;
        }
        let (at, other) = (random.choose_index(tokens.len())?, random.choose_index(tokens.len())?);
        let piece = (*random.choose(&PIECES)?).to_owned();
        match random.int_in_range(0..=6)? {
            0 => {
                tokens.remove(at);
            }
            1 => tokens.swap(at, other),
            2 => tokens.insert(at, piece),
            3 => {
                if let Some(it) = tokens.get_mut(at) {
                    *it = piece;
                }
            }
            4 => {
                let copied = tokens.get(at.min(other)..at.max(other)).map(<[String]>::to_vec);
                let copied = copied.unwrap_or_default().into_iter().take(200);
                tokens.splice(at..at, copied);
            }
            5 => {
                let (from, to) = (at.min(other), at.max(other).min(at.min(other) + 20));
                tokens.drain(from..to);
            }
            _ => tokens.truncate(at),
        }
    }
    Ok(tokens.concat())
}

fn survives(text: &str) {
    let mut session = session();
    let problems = session.check("a.schema", text);
    well_formed(session.sources(), &problems, text);
    match session.run("a.schema", &format!("{text}\nsync\n"), &mut Heard::default()) {
        Ok(()) => {}
        Err(error) => well_formed(session.sources(), &error.problems(), text),
    }
}

#[test]
fn a_script_with_mistakes_gives_reports() {
    seeded(64, 4_096, |random| {
        let text = generate::script(random).text();
        survives(&mutated(random, &text)?);
        Ok(())
    });
}

#[test]
fn any_bytes_give_reports() {
    seeded(64, 1_024, |random| {
        let mut text = String::new();
        for _ in 0..random.int_in_range(0..=200)? {
            text.push_str(random.choose(&PIECES)?);
            if random.ratio(1, 3)? {
                text.push(' ');
            }
        }
        survives(&text);
        Ok(())
    });
}

#[test]
fn a_script_cut_anywhere_gives_reports() {
    let text = "/// Doc\nmodel `é \"` extends B { a: ENUM(x, \"y\") < defaultValue: x, check: (a = \"é\") >\n\
                  index (lower(a) desc) < where: (a is null) > } < timestamps: false >\n\
                abstract model B { t: TEXT < defaultValue: \"\"\"x\n\"\"\" > /* é */ }\n\
                `é \"` belongsToMany `é \"` < through: { model: T, unique: false }, as: { singular: o, plural: p } >\n\
                view V = `é \"` findAll < where: (a in [x, y]), include: [p < required >] >\nsql`CREATE VIEW v AS SELECT 1`\n";
    for (at, _) in text.char_indices() {
        let (before, after) = text.split_at(at);
        survives(before);
        survives(after);
    }
}
