//! What scripts do: the statements of a run with their values, and what comes of each sentence.

use relata::db::Sqlite;
use relata::load::{Input, LoadError, Loader};
use relata::migrate;
use relata::run::{Options, Outcome, Sink, Yield};
use relata::session::Session;
use relata::value::Value;
use relata::words;

/// What the scripts of a project are called; the first one imports the others.
pub(super) const FILES: [&str; 2] = ["main.schema", "names.schema"];

/// The scripts, in that order.
pub(super) struct Texts(pub(super) Vec<String>);

impl Loader for Texts {
    fn resolve(&mut self, _from: Option<&str>, path: &str) -> Result<String, LoadError> {
        Ok(path.to_owned())
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, LoadError> {
        let place = FILES.iter().position(|it| *it == name);
        Ok(self.0[place.ok_or(LoadError::NoImports)?].clone().into_bytes())
    }
}

#[derive(Default)]
struct Trace(Vec<String>);

impl Sink for Trace {
    fn outcome(&mut self, outcome: Outcome) {
        self.0.push(match outcome.result {
            Yield::Failed(problem) => format!("failed {problem}"),
            shown => format!("{shown:?}"),
        });
    }

    fn statement(&mut self, sql: &str, parameters: &[Value]) {
        self.0.push(format!("{sql} {parameters:?}"));
    }
}

fn session(database: Sqlite, texts: &[String]) -> Session<Sqlite> {
    let (now, seed) = (Some(0), Some(1));
    let options = Options { keep_going: true, explain: true, now, seed, ..Options::default() };
    Session::new(database).with_options(options).with_loader(Texts(texts.to_vec()))
}

/// What a run does.
pub(super) fn trace(texts: &[String]) -> Vec<String> {
    let mut heard = Trace::default();
    let mut session = session(Sqlite::in_memory().unwrap(), texts);
    let _failed = session.run_all(&[Input::Path(FILES[0])], &mut heard);
    heard.0
}

/// What a database would lose, made by some scripts, by the change to others; none where nothing goes.
pub(super) fn lost(before: &[String], after: &[String]) -> Option<String> {
    let mut first = session(Sqlite::in_memory().unwrap(), before);
    let _failed = first.run_all(&[Input::Path(FILES[0])], &mut Vec::new());
    let mut second = session(first.into_database(), after);
    if let Err(failure) = second.declare("all.schema", "import \"main.schema\"\n") {
        return Some(failure.to_string());
    }
    let changes = match second.diff() {
        Ok(changes) => changes,
        Err(failure) => return Some(failure.to_string()),
    };
    let lines: Vec<String> = migrate::draw(&changes).into_iter().map(|it| it.1).collect();
    let goes = changes.iter().any(|it| !it.refused.is_empty())
        || lines.iter().any(|it| it.contains("drop column") || it.contains("drop table"));
    goes.then(|| lines.join("\n"))
}

/// The pieces of a line: names and texts with their quotes, words, single characters else. The name that a table has beside its own in a statement is
/// left out: what is called as its table has none.
fn pieces(line: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut letters = line.chars().peekable();
    while let Some(first) = letters.next() {
        let mut piece = first.to_string();
        if matches!(first, '`' | '"') {
            while let Some(it) = letters.next() {
                piece.push(it);
                let doubled = it == first && letters.peek() == Some(&first);
                if it == '\\' || doubled {
                    piece.extend(letters.next());
                } else if it == first {
                    break;
                }
            }
        } else if first.is_alphanumeric() {
            while let Some(it) = letters.next_if(|it| it.is_alphanumeric()) {
                piece.push(it);
            }
        }
        found.push(piece);
        // `FROM`, a blank, the table, a blank, `AS`, a blank, the other name.
        let is_other_name = match found.as_slice() {
            [.., from, _, table, _, by, _, _] => {
                by == "AS" && table.starts_with('`') && (from == "FROM" || from == "JOIN")
            }
            _ => false,
        };
        if is_other_name {
            found.truncate(found.len() - 4);
        }
    }
    found
}

/// The letters of a name that stay in its plural.
fn stem(name: &str) -> String {
    let own: String = name.to_lowercase().chars().filter(|it| it.is_alphanumeric()).collect();
    let singular = words::singular(&own);
    let stays = singular.chars().count().saturating_sub(2).max(1);
    singular.chars().take(stays).collect()
}

/// Where two runs did something else, but for names in which the old and the new one are.
pub(super) fn difference(
    before: &[String],
    after: &[String],
    old: &str,
    new: &str,
) -> Option<String> {
    if before.len() != after.len() {
        return Some(format!("{} steps, {} steps", before.len(), after.len()));
    }
    let (old, new) = (stem(old), stem(new));
    let has = |piece: &str, name: &str| {
        let own: String = piece.to_lowercase().chars().filter(|it| it.is_alphanumeric()).collect();
        own.contains(name)
    };
    for (one, two) in before.iter().zip(after) {
        let (before, after) = (pieces(one), pieces(two));
        let is_renamed = |(one, two): (&String, &String)| {
            let quoted = |it: &str| it.starts_with(['`', '"']);
            // A key has the name of its association, or of the model where that has none.
            let is_key = one.trim_end_matches(['`', '"']).ends_with("Id");
            one == two || (is_key || has(one, &old)) && has(two, &new) && quoted(one) == quoted(two)
        };
        if before.len() != after.len() || !before.iter().zip(&after).all(is_renamed) {
            return Some(format!("{one}\n{two}"));
        }
    }
    None
}
