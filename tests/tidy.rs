//! The house rules.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may fail so, and reads the sources"
)]

use relata::verbs;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Who may look into whom, lowest first: a room may look into itself and into the rooms on its line, which stand
/// above it. A new room is a new line.
const ROOMS: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("value", &[]),
    ("words", &[]),
    ("diagnostics", &["source", "words"]),
    ("report", &["diagnostics", "source", "value", "words"]),
    ("ast", &["source"]),
    ("ir", &["ast", "diagnostics", "source", "value"]),
    ("foreign", &["ir", "words"]),
    ("syntax", &["ast", "diagnostics", "foreign", "source", "words"]),
    ("record", &["ir", "value"]),
    ("verbs", &["ast", "diagnostics", "ir", "source", "value", "words"]),
    ("load", &["ast", "diagnostics", "source", "syntax", "verbs", "words"]),
    ("check", &["ast", "diagnostics", "foreign", "ir", "source", "value", "verbs", "words"]),
    ("catalog", &["words"]),
    ("sql", &["ast", "catalog", "ir", "value", "words"]),
    ("plan", &["diagnostics", "ir", "record", "source", "sql", "value", "words"]),
    ("stored", &["catalog", "words"]),
    (
        "ide",
        &[
            "ast",
            "check",
            "diagnostics",
            "ir",
            "plan",
            "source",
            "sql",
            "stored",
            "syntax",
            "verbs",
            "words",
        ],
    ),
    ("db", &["catalog", "sql", "stored", "value"]),
    (
        "pull",
        &[
            "ast",
            "catalog",
            "check",
            "diagnostics",
            "ir",
            "load",
            "plan",
            "source",
            "sql",
            "stored",
            "syntax",
            "value",
            "verbs",
            "words",
        ],
    ),
    (
        "import",
        &[
            "ast",
            "check",
            "db",
            "diagnostics",
            "foreign",
            "ir",
            "plan",
            "pull",
            "source",
            "sql",
            "stored",
            "syntax",
            "words",
        ],
    ),
    ("client", &["catalog", "db", "diagnostics", "ir", "source", "stored", "value"]),
    (
        "migrate",
        &[
            "catalog",
            "client",
            "db",
            "diagnostics",
            "ir",
            "plan",
            "source",
            "sql",
            "stored",
            "value",
            "words",
        ],
    ),
    (
        "run",
        &[
            "client",
            "db",
            "diagnostics",
            "ir",
            "migrate",
            "plan",
            "record",
            "source",
            "sql",
            "value",
            "words",
        ],
    ),
    (
        "session",
        &[
            "ast",
            "catalog",
            "check",
            "db",
            "diagnostics",
            "ir",
            "load",
            "migrate",
            "plan",
            "pull",
            "record",
            "report",
            "run",
            "source",
            "sql",
            "syntax",
            "value",
            "verbs",
            "words",
        ],
    ),
    (
        "testing",
        &[
            "catalog",
            "check",
            "db",
            "diagnostics",
            "ide",
            "import",
            "ir",
            "load",
            "migrate",
            "plan",
            "pull",
            "report",
            "run",
            "session",
            "source",
            "sql",
            "stored",
            "words",
        ],
    ),
];

/// The most methods that a type may have.
const METHODS: usize = 60;

/// The longest a file may be.
const LONGEST: usize = 500;

/// The files that may be longer, and why.
const LONGER: &[(&str, &str)] = &[
    ("src/diagnostics/check.rs", "a catalogue: a variant a problem, and nothing else"),
    ("src/diagnostics/run.rs", "a catalogue, too"),
];

#[test]
fn the_table_of_rooms_has_no_circle() {
    let mut above: Vec<&str> = Vec::new();
    for (room, others) in ROOMS {
        for other in *others {
            assert!(above.contains(other), "`{room}` looks into `{other}`, which isn't above it");
        }
        assert!(!above.contains(room), "`{room}` stands twice");
        above.push(room);
    }
}

#[test]
fn the_table_of_rooms_is_the_one_in_the_documents() {
    let text = read(&root().join("docs/ARCHITECTURE.md")).unwrap().text;
    let table = text.split_once("\n## Rooms\n").unwrap().1;
    for (room, others) in ROOMS {
        assert!(root().join(format!("src/{room}.rs")).is_file(), "there is no room `{room}`");
        let begin = format!("| {room} | ");
        let line = table.lines().find(|it| it.starts_with(&begin));
        let cells = line.map(|it| it.trim_end_matches('|').rsplit('|').next().unwrap());
        let written = cells.map(str::trim);
        assert_eq!(written, Some(&*others.join(", ")), "`{room}`");
    }
}

#[test]
fn rooms_look_only_into_rooms_below_them() {
    let mut faults = Faults::default();
    for file in library() {
        let Some(room) = file.room() else {
            continue;
        };
        let Some((_, others)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            faults.add(
                &file,
                1,
                &format!("there is no room `{room}` in the table of tests/tidy.rs"),
            );
            continue;
        };
        for (line, code) in file.code() {
            // A macro names what is at the root.
            let code = code.replace("$crate::", "");
            for used in after(&code, "crate::").map(word) {
                if used.is_empty() {
                    faults.add(&file, line, "one `use crate::room` line per room");
                } else if !ROOMS.iter().any(|(name, _)| *name == used) {
                    faults.add(&file, line, &format!("`{used}` is no room"));
                } else if used != room && !others.contains(&used) {
                    faults.add(&file, line, &format!("`{room}` may not look into `{used}`"));
                }
            }
        }
    }
    faults.assert_none();
}

/// Within a room files look one way, as rooms do; the file that holds them all may be seen by each.
#[test]
fn no_two_files_of_a_room_look_into_each_other() {
    let files = sources();
    let name = |it: &File| it.name.trim_end_matches(".rs").trim_start_matches("src/").to_owned();
    let modules: Vec<String> = files.iter().map(name).collect();
    let mut looks: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files.iter().filter(|it| !it.name.ends_with("/tests.rs")) {
        let own = file.name.trim_end_matches(".rs").trim_start_matches("src/");
        for used in uses(file, own) {
            // The longest part of the path that is a file.
            let mut path = used.as_str();
            while !modules.iter().any(|it| it == path) {
                let Some((before, _)) = path.rsplit_once('/') else { break };
                path = before;
            }
            // The two as siblings, below the folder that both are in.
            let (mine, others) = (own.split('/'), path.split('/'));
            let shared = mine.zip(others).take_while(|(a, b)| a == b).count();
            let sibling = |it: &str| it.split('/').take(shared + 1).collect::<Vec<_>>().join("/");
            let depth = |it: &str| it.split('/').count();
            if shared > 0 && depth(own) > shared && depth(path) > shared {
                looks.entry(sibling(own)).or_default().insert(sibling(path));
            }
        }
    }
    let reaches = |from: &str, to: &str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(it) = open.pop() {
            let next = looks.get(&it).into_iter().flatten();
            open.extend(next.filter(|it| seen.insert((*it).clone())).cloned());
        }
        seen.contains(to)
    };
    let circles: Vec<&String> = looks.keys().filter(|it| reaches(it, it)).collect();
    assert!(circles.is_empty(), "{circles:?}, of {looks:#?}");
}

/// What a file of the module `own` imports or names, as paths from `src`.
fn uses(file: &File, own: &str) -> Vec<String> {
    let code: String = file.code().take_while(|(_, it)| *it != "mod tests {").fold(
        String::new(),
        |mut text, (_, line)| {
            text.push_str(line);
            text.push('\n');
            text
        },
    );
    let mut res = Vec::new();
    let parent = |it: &str| it.rsplit_once('/').map_or("", |(it, _)| it).to_owned();
    for (mark, mut base) in [("crate::", String::new()), ("super::", parent(own))] {
        if mark == "crate::" && own.starts_with("bin/relata/") {
            "bin/relata".clone_into(&mut base);
        }
        for at in after(&code, mark) {
            let before = code.len() - at.len() - mark.len();
            let again = code.get(..before).is_some_and(|it| it.ends_with("super::"));
            if again {
                continue;
            }
            let (mut base, mut rest) = (base.clone(), at);
            while let Some(more) = rest.strip_prefix("super::") {
                (base, rest) = (parent(&base), more);
            }
            let text = rest.split([';', ')', '>']).next().unwrap_or_default();
            for name in names(text) {
                res.push(format!("{base}/{name}").trim_start_matches('/').to_owned());
            }
        }
    }
    res
}

/// `a::{b, c::d}` as `a/b` and `a/c/d`.
fn names(path: &str) -> Vec<String> {
    let Some((before, group)) = path.split_once("::{") else {
        let group = path.strip_prefix('{');
        let end = path.find(|it: char| !it.is_alphanumeric() && !"_:".contains(it));
        let one = end.and_then(|it| path.get(..it)).unwrap_or(path).trim_end_matches(':');
        return match group {
            Some(group) => parts(group).into_iter().flat_map(names).collect(),
            None => vec![one.replace("::", "/")],
        };
    };
    if before.contains(|it: char| !it.is_alphanumeric() && !"_:".contains(it)) {
        return names(before);
    }
    let before = before.replace("::", "/");
    parts(group).into_iter().flat_map(names).map(|it| format!("{before}/{it}")).collect()
}

/// The members of a group, up to its end.
fn parts(group: &str) -> Vec<&str> {
    let (mut res, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, it) in group.char_indices() {
        match it {
            '{' => depth += 1,
            '}' if depth == 0 => {
                res.extend(group.get(start..at));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                res.extend(group.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    res.iter().map(|it| it.trim()).filter(|it| !it.is_empty()).collect()
}

#[test]
fn a_code_is_given_once() {
    let mut faults = Faults::default();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for (code, file, line) in codes() {
        let place = format!("{}:{line}", file.name);
        if let Some(first) = known.insert(code.clone(), place) {
            faults.add(&file, line, &format!("`{code}` is given to another problem at {first}"));
        }
    }
    faults.assert_none();
}

#[test]
fn every_page_of_a_code_is_about_a_code() {
    let mut faults = Faults::default();
    let codes: Vec<String> = codes().into_iter().map(|(code, _, _)| code).collect();
    for page in files("docs/errors", "md") {
        let code = Path::new(&page.name).file_stem().unwrap().display().to_string();
        if !codes.contains(&code) {
            faults.add(&page, 1, &format!("no problem has the code `{code}`"));
        }
        let title = page.text.lines().next().unwrap_or_default();
        let about = title.strip_prefix(&format!("# {code}: ")).unwrap_or_default();
        if about.trim().is_empty() {
            faults.add(&page, 1, &format!("the first line is not `# {code}: ...`"));
        }
    }
    faults.assert_none();
}

#[test]
fn every_verb_has_a_page_with_its_options() {
    let mut faults = Vec::new();
    for verb in verbs::facts() {
        let name = format!("docs/verbs/{}.md", verb.name);
        let Some(page) = read(&root().join(&name)) else {
            faults.push(format!("`{}` has no page {name}", verb.name));
            continue;
        };
        if !page.text.starts_with(&format!("# {}\n", verb.name)) {
            faults.push(format!("{name}: the first line is not `# {}`", verb.name));
        }
        for option in verb.options.iter().copied().flatten() {
            if !page.text.contains(&format!("| `{}` |", option.name())) {
                faults.push(format!("{name}: the table lacks `{}`", option.name()));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// In a closure the thing at hand is `it`. A closure in that has a name for its own, and a parameter of a function has one.
#[test]
fn it_is_what_one_closure_is_about() {
    let mut faults = Faults::default();
    for file in sources() {
        let text = without_strings(&file);
        let line = |at: usize| text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        for (at, _) in text.match_indices("fn ") {
            let end = text.get(at..).and_then(|it| it.find(['{', ';'])).map_or(at, |it| at + it);
            let head = text.get(at..end).unwrap_or_default();
            if ["(it:", ", it:", " it:"].iter().any(|it| head.contains(it)) {
                faults.add(&file, line(at), "a parameter is called `it`");
            }
        }
        let closures = closures(&text);
        for (begin, body, end) in &closures {
            let inner = closures.iter().find(|it| it.0 >= *body && it.0 < *end);
            if let Some((inner, ..)) = inner {
                let message =
                    format!("is in the closure of line {}, and both have `it`", line(*begin));
                faults.add(&file, line(*inner), &message);
            }
        }
    }
    faults.assert_none();
}

/// The closures that call something `it`: where they begin, where their bodies do, and where they end.
fn closures(text: &str) -> Vec<(usize, usize, usize)> {
    let mut res = Vec::new();
    let mut bars = text.match_indices('|').map(|it| it.0).peekable();
    while let Some(open) = bars.next() {
        let before = text.get(..open).unwrap_or_default().trim_end();
        let begins = ["(", ",", "=", "{", ";", "=>", "move", "return", "else"];
        if !begins.iter().any(|it| before.ends_with(it)) {
            continue;
        }
        let Some(close) = bars.next() else { break };
        let parameters = text.get(open + 1..close).unwrap_or_default();
        let mut names = parameters.split(',').map(|it| it.split(':').next().unwrap_or_default());
        if !names.any(|it| has_word(it, "it")) {
            continue;
        }
        let mut depth = 0_usize;
        let body = text.get(close + 1..).unwrap_or_default();
        let end = body.char_indices().find(|(_, it)| {
            match it {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' if depth > 0 => depth -= 1,
                ')' | ']' | '}' => return true,
                _ => {}
            }
            depth == 0 && matches!(it, ',' | ';')
        });
        res.push((open, close + 1, close + 1 + end.map_or(body.len(), |it| it.0)));
    }
    res
}

/// The code of a file with nothing in its strings and characters, so that brackets in it are the code's.
fn without_strings(file: &File) -> String {
    let (mut res, mut rest) = (String::new(), file.text.as_str());
    while let Some(it) = rest.chars().next() {
        let raw = ["r\"", "r#\"", "br#\""].into_iter().find(|it| rest.starts_with(it));
        let raw = raw.filter(|_| !res.ends_with(|it: char| it.is_alphanumeric()));
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = raw {
            let end = if raw.contains('#') { "\"#" } else { "\"" };
            let inner = rest.get(raw.len()..).unwrap_or_default();
            raw.len() + inner.find(end).map_or(inner.len(), |it| it + end.len())
        } else if it == '"' {
            let mut escaped = false;
            let end = rest.char_indices().skip(1).find(|(_, it)| {
                let ends = *it == '"' && !escaped;
                escaped = *it == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |it| it.0 + 1)
        } else if it == '\'' {
            // A character; a lifetime has no second quote so near.
            let inner = rest.get(1..).unwrap_or_default();
            let escaped = inner.starts_with('\\');
            let first = inner.chars().next().map_or(0, char::len_utf8);
            match inner.get(first + usize::from(escaped)..).and_then(|it| it.find('\'')) {
                Some(more) if escaped || more == 0 => 1 + first + usize::from(escaped) + more + 1,
                _ => 0,
            }
        } else {
            0
        };
        let (skipped, behind) = rest.split_at(length.max(it.len_utf8()));
        if length == 0 {
            res.push(it);
        } else {
            res.extend(skipped.chars().filter(|it| *it == '\n'));
            res.push(if it == '/' { ' ' } else { '"' });
        }
        rest = behind;
    }
    res
}

/// A verb's name stands with its facts. What is also an option's or a function's name may stand for that.
#[test]
fn no_verb_is_told_by_its_name() {
    let mut faults = Faults::default();
    let options = || verbs::facts().flat_map(|it| it.options.iter().copied().flatten());
    let options: Vec<&str> = options().chain(verbs::ATTRIBUTE).map(verbs::Opt::name).collect();
    let is_function = |it: &&verbs::VerbFacts| it.argument == verbs::Argument::Attribute;
    let other = ["model"];
    let verbs: Vec<String> = verbs::facts()
        .filter(|it| !is_function(it) && !options.contains(&it.name) && !other.contains(&it.name))
        .map(|it| format!("\"{}\"", it.name))
        .collect();
    let rooms = ["check", "ide", "load", "session", "run", "bin"];
    // The kinds of tokens are the protocol's words.
    let others = ["/tests.rs", "/lsp/colours.rs"];
    for file in sources().iter().filter(|it| !others.iter().any(|end| it.name.ends_with(end))) {
        let path = file.name.trim_start_matches("src/");
        let room = path.split(['/', '.']).next().unwrap();
        let tests = file.text.lines().position(|it| it == "#[cfg(test)]").unwrap_or(usize::MAX);
        for (line, code) in file.code().filter(|_| rooms.contains(&room)).take(tests) {
            for it in verbs.iter().filter(|it| code.contains(it.as_str())) {
                faults.add(file, line, &format!("{it}, and a verb is a variant of `verbs::Verb`"));
            }
        }
    }
    faults.assert_none();
}

/// A type's name is given once, so that whoever reads it knows which type it is.
#[test]
fn a_type_has_a_name_of_its_own() {
    let mut faults = Faults::default();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let files = sources();
    for file in files.iter().filter(|it| !it.name.contains("/tests")) {
        for (line, code) in file.code().take_while(|(_, it)| *it != "mod tests {") {
            // What is indented is a trait's.
            let code = match code.strip_prefix("pub(").and_then(|it| it.split_once(") ")) {
                Some((_, code)) => code,
                None => code.strip_prefix("pub ").unwrap_or(code),
            };
            let mut kinds = ["struct ", "enum ", "trait ", "type "].iter();
            let Some(name) = kinds.find_map(|it| code.strip_prefix(it)).map(word) else {
                continue;
            };
            let place = format!("{}:{line}", file.name);
            if let Some(first) = known.insert(name.to_owned(), place) {
                faults.add(file, line, &format!("`{name}` is a type of {first} already"));
            }
        }
    }
    faults.assert_none();
}

#[test]
fn no_type_has_too_many_methods() {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for file in library() {
        let room = file.room().unwrap_or_default().to_owned();
        let mut own = None;
        for (_, line) in file.code() {
            if line.starts_with("impl") && !line.contains(" for ") {
                let rest = line.trim_start_matches("impl");
                let rest = if rest.starts_with('<') { behind_angles(rest) } else { rest };
                let name = word(rest.trim().rsplit("::").next().unwrap());
                own = Some((room.clone(), name.to_owned()));
            } else if line.starts_with('}') {
                own = None;
            } else if let (Some(own), Some(rest)) = (&own, line.strip_prefix("    "))
                && !rest.starts_with(' ')
                && has_word(rest, "fn")
            {
                *counts.entry(own.clone()).or_default() += 1;
            }
        }
    }
    let mut faults = Vec::new();
    for ((room, name), count) in counts {
        if count > METHODS {
            faults.push(format!("`{room}::{name}` has {count} methods, more than {METHODS}"));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn nothing_is_left_for_later() {
    let mut faults = Faults::default();
    let unfinished = ["todo!", "dbg!", "unimplemented!", "TODO", "FIXME", "XXX"];
    for file in sources() {
        for (line, text) in (1..).zip(file.text.lines()) {
            for it in unfinished.iter().filter(|it| has_word(text, it)) {
                faults.add(&file, line, &format!("`{it}`"));
            }
        }
    }
    faults.assert_none();
}

#[test]
fn no_test_reads_the_clock() {
    let mut faults = Faults::default();
    let clocks = ["Instant", "SystemTime", "sleep", "elapsed", "budget_ms"];
    for file in files("tests", "rs") {
        for (line, text) in file.code().filter(|_| file.name != "tests/tidy.rs") {
            for it in clocks.iter().filter(|it| has_word(text, it)) {
                faults.add(&file, line, &format!("`{it}`"));
            }
        }
    }
    faults.assert_none();
}

#[test]
fn files_are_short_enough_to_read() {
    let mut faults = Faults::default();
    for file in sources() {
        let lines = file.text.lines().count();
        let may_be_longer = LONGER.iter().any(|(name, _)| *name == file.name);
        if lines > LONGEST && !may_be_longer {
            faults.add(&file, lines, &format!("{lines} lines, more than {LONGEST}: two rooms?"));
        }
        if lines <= LONGEST && may_be_longer {
            faults.add(&file, 1, "is short enough now: strike it from LONGER in tests/tidy.rs");
        }
    }
    faults.assert_none();
}

#[test]
fn every_file_says_first_what_it_is_for() {
    let mut faults = Faults::default();
    for file in sources() {
        if !file.text.starts_with("//! ") {
            faults.add(&file, 1, "doesn't begin with `//! `");
        }
    }
    faults.assert_none();
}

#[test]
fn no_path_is_that_of_one_machine() {
    let mut faults = Faults::default();
    let places = ["work", "root", "home", "Users"].map(|it| format!("/{it}/"));
    for file in tracked() {
        for (line, text) in (1..).zip(file.text.lines()) {
            for place in &places {
                let begins = |(at, _): (usize, _)| {
                    let before = text.get(..at).and_then(|it| it.chars().next_back());
                    before.is_none_or(|it| !it.is_alphanumeric() && !".-_*~/})".contains(it))
                };
                if text.match_indices(place.as_str()).any(begins) {
                    faults.add(&file, line, &format!("names a place of one machine, `{place}`"));
                }
            }
        }
    }
    faults.assert_none();
}

/// Output has one door, which makes it clean; and what one kind of machine alone has is asked of that kind alone.
#[test]
fn output_goes_through_one_door_and_unix_is_asked_for() {
    let mut faults = Faults::default();
    for file in sources() {
        let mut before = "";
        for (number, line) in file.code() {
            let prints = ["stdout()", "stderr()", "print!", "println!", "eprint!", "eprintln!"];
            let asks = line.contains("is_terminal()") && file.name.ends_with("/repl.rs");
            if !file.name.ends_with("/output.rs") && !asks {
                for it in prints.iter().filter(|it| line.contains(**it)) {
                    faults.add(&file, number, &format!("`{it}` stands in output.rs alone"));
                }
            }
            if line.contains("os::unix") || line.contains("os::fd") {
                let within = file.text.lines().take(number).collect::<Vec<_>>();
                let function = within.iter().rposition(|it| it.contains("fn "));
                let marked = function
                    .is_some_and(|it| within.get(it.saturating_sub(1)) == Some(&"#[cfg(unix)]"));
                if !marked && before != "#[cfg(unix)]" {
                    faults.add(&file, number, "without `#[cfg(unix)]`");
                }
            }
            before = line.trim();
        }
    }
    faults.assert_none();
}

/// What speaks to a database, and where alone that is.
const DRIVERS: [(&str, &str); 3] = [
    ("rusqlite", "src/db/sqlite"),
    ("rustls", "src/db/postgres"),
    ("tokio_postgres_rustls", "src/db/postgres"),
];

#[test]
fn drivers_are_in_their_rooms_and_printing_in_the_binary() {
    let mut faults = Faults::default();
    let prints = ["println!", "eprintln!", "print!", "eprint!"];
    for file in sources() {
        let is_test = file.name.ends_with("/tests.rs");
        let may_print = file.name.starts_with("src/bin/") || is_test;
        for (line, code) in file.code() {
            for (driver, folder) in DRIVERS {
                if has_word(code, driver) && !file.name.starts_with(folder) && !is_test {
                    faults.add(&file, line, &format!("`{driver}` outside of {folder}"));
                }
            }
            for print in prints.iter().filter(|it| !may_print && has_word(code, it)) {
                faults.add(&file, line, &format!("`{print}` outside of src/bin"));
            }
        }
    }
    faults.assert_none();
}

/// What only SQLite has, as it is spelled in code.
const OF_SQLITE: [&str; 8] =
    ["PRAGMA", "rowid", "typeof", "json_each", "json_extract", "GLOB", "strftime", "Affinity"];

/// The lines of `migrate` that may say so outside of `migrate/sqlite`, and why.
const OF_ITS_ENGINE: &[(&str, &str, &str)] = &[
    ("src/migrate.rs", "SqliteEngine", "the one place where engines are chosen"),
    ("src/migrate/history/kept_tables.rs", "SEQUENCES", "a name in the history's own format"),
    ("src/migrate/script_differences.rs", "rowid", "an option of a table, in words"),
    ("src/migrate/plan_words.rs", "rowid", "the same"),
];

#[test]
fn what_only_sqlite_has_is_behind_its_engine() {
    let mut faults = Faults::default();
    let outside =
        |it: &File| it.room() == Some("migrate") && !it.name.starts_with("src/migrate/sqlite");
    for file in library().iter().filter(|it| outside(it)) {
        let may = |code: &str| {
            let mut known = OF_ITS_ENGINE.iter();
            known.any(|(name, text, _)| *name == file.name && code.contains(text))
        };
        for (line, code) in file.code().take_while(|(_, it)| *it != "mod tests {") {
            // What a catalog says of a table is no SQL.
            let said = code.replace(".rowid()", "").replace("mod sqlite;", "");
            let names = OF_SQLITE.iter().copied().filter(|it| has_word(&said, it));
            let texts = ["sqlite_", "sqlite::", "stored::", ".structure(", "pragma_"].into_iter();
            for it in names.chain(texts.filter(|it| said.contains(it))).filter(|_| !may(code)) {
                faults.add(file, line, &format!("`{it}` outside of src/migrate/sqlite"));
            }
        }
    }
    faults.assert_none();
}

/// What looks into a text.
const LOOKS_INTO: [&str; 7] = [
    ".starts_with(\"",
    ".ends_with(\"",
    ".contains(\"",
    ".find(\"",
    ".split_once(\"",
    ".rsplit_once(\"",
    ".strip_prefix(\"",
];

/// The texts of the server's own that name a type, a constraint or a clause, and are looked for where tables are compared.
const TOLD_BY_THE_SERVER: [&str; 3] = ["CONSTRAINT_", "CHARACTER SET latin", "ON UPDATE "];

#[test]
fn no_statement_of_a_server_s_plan_is_read_again() {
    let mut faults = Faults::default();
    let of_plan = |it: &File| {
        ["src/migrate/mysql", "src/migrate/server"].iter().any(|room| it.name.starts_with(room))
    };
    for file in library().iter().filter(|it| of_plan(it)) {
        for (line, code) in file.code().take_while(|(_, it)| *it != "mod tests {") {
            for looked in LOOKS_INTO.iter().flat_map(|it| after(code, it)) {
                let words = looked.trim_start();
                let said = words.bytes().take_while(u8::is_ascii_uppercase).count();
                let known = TOLD_BY_THE_SERVER.iter().any(|it| words.starts_with(it));
                if said > 2 && !known {
                    faults.add(
                        file,
                        line,
                        "a statement says what it does by its `StatementEffect`",
                    );
                }
            }
        }
    }
    faults.assert_none();
}

/// How an error is passed over.
const PASSED_OVER: [&str; 7] =
    ["let _ =", ".is_ok()", ".is_err()", ".ok()", "Err(_)", "is_ok_and(", "or_else(|_|"];

/// The lines of the rooms that ask a database that look as if they passed over an error, and speak of something else than the database.
const NO_ERROR_OF_THE_DATABASE: &[(&str, &str)] = &[
    ("src/db/sqlite/value.rs", "ValueRef::"),
    ("src/db/sqlite/math.rs", ".ok()"),
    ("src/db/sqlite/copy.rs", "fs::symlink_metadata(path).is_ok()"),
    ("src/db/sqlite/copy.rs", "Ok(()) | Err(_) => Ok(())"),
    ("src/db/sqlite/copy.rs", "fchown(file"),
    // The environment, files, and bytes of a known length.
    ("src/db/postgres/connect.rs", "std::env::var(name)"),
    ("src/db/postgres/connect.rs", "std::fs::read_to_string(path)"),
    ("src/db/postgres/value.rs", "try_into().ok()"),
    ("src/db/postgres.rs", "Address::of(url)"),
    ("src/db/mysql/connect.rs", "std::env::var(name)"),
    ("src/db/mysql/connect.rs", "it.is_loopback()"),
    ("src/db/mysql/value.rs", "Err(_) => Value::Decimal"),
    ("src/db/mysql.rs", "ServerAddress::of(url)"),
    ("src/run/references.rs", "fit(key.clone(), &attribute.data_type)"),
    ("src/run/query.rs", "asked.is_ok() && !over"),
];

#[test]
fn no_error_of_the_database_is_passed_over() {
    let mut faults = Faults::default();
    let known = |file: &File, code: &str| {
        let written = ["write!", "parse", "try_from(", "drafts.len()).ok()"];
        let mut exceptions = NO_ERROR_OF_THE_DATABASE.iter();
        written.iter().any(|it| code.contains(it))
            || exceptions.any(|(name, text)| *name == file.name && code.contains(text))
    };
    for file in library() {
        let asks = matches!(file.room(), Some("client" | "db" | "migrate" | "run" | "session"));
        if !asks || file.name.ends_with("/tests.rs") {
            continue;
        }
        let code = file.code().take_while(|(_, it)| *it != "mod tests {");
        for (line, code) in code {
            for it in PASSED_OVER.iter().filter(|it| code.contains(**it)) {
                if !known(&file, code) {
                    let message = format!("`{it}` may pass over an error of the database");
                    faults.add(&file, line, &message);
                }
            }
        }
    }
    faults.assert_none();
}

/// An exception without a line that needs it hides the next fault.
#[test]
fn no_exception_is_left_over() {
    let mut faults = Vec::new();
    let own = OF_ITS_ENGINE.iter().map(|(file, text, _)| (*file, *text));
    for (name, text) in own.chain(NO_ERROR_OF_THE_DATABASE.iter().copied()) {
        let file = read(&root().join(name));
        if !file.is_some_and(|it| it.code().any(|(_, code)| code.contains(text))) {
            faults.push(format!("{name}: `{text}` is no more: strike it from tests/tidy.rs"));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// What is wrong, and where.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, file: &File, line: usize, message: &str) {
        self.0.push(format!("{}:{line}: {message}", file.name));
    }

    #[track_caller]
    fn assert_none(self) {
        assert!(self.0.is_empty(), "\n{}\n", self.0.join("\n"));
    }
}

/// A file of the package.
#[derive(Clone)]
struct File {
    /// Its path from the package's folder, with `/`.
    name: String,
    text: String,
}

impl File {
    /// The room it belongs to; none for the front page and the binary.
    fn room(&self) -> Option<&str> {
        let path = self.name.strip_prefix("src/")?;
        let room = path.split('/').next()?.trim_end_matches(".rs");
        (!matches!(room, "lib" | "bin")).then_some(room)
    }

    /// The lines, numbered, without comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let without_comment = |it| str::split_once(it, "//").map_or(it, |(code, _)| code);
        (1..).zip(self.text.lines().map(without_comment))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The library's sources.
fn library() -> Vec<File> {
    let mut res = sources();
    res.retain(|it| !it.name.starts_with("src/bin/"));
    res
}

/// All sources.
fn sources() -> Vec<File> {
    files("src", "rs")
}

/// The codes of problems, and where they are given.
fn codes() -> Vec<(String, File, usize)> {
    let mut res = Vec::new();
    let is_room = |it: &File| it.room() == Some("diagnostics");
    for file in sources().into_iter().filter(is_room) {
        for (line, code) in file.code() {
            // `code("E0601")`, or a row of losses.
            for text in after(code, "code(\"").chain(after(code, " = \"")) {
                let code = word(text);
                let digits = code.strip_prefix(['E', 'W']).unwrap_or_default();
                if digits.len() == 4 && digits.bytes().all(|it| it.is_ascii_digit()) {
                    res.push((code.to_owned(), file.clone(), line));
                }
            }
        }
    }
    res
}

/// The files in a folder and below whose names end so.
fn files(folder: &str, extension: &str) -> Vec<File> {
    let (mut folders, mut paths) = (vec![root().join(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths.iter().filter_map(|it| read(it)).collect()
}

/// The text files that Git knows; none where there is no Git.
fn tracked() -> Vec<File> {
    let git = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    let list = git.map(|it| String::from_utf8(it.stdout).unwrap()).unwrap_or_default();
    let names = list.split('\0').filter(|it| !it.is_empty());
    names.filter_map(|it| read(&root().join(it))).collect()
}

/// A file, if it is there and is text.
fn read(path: &Path) -> Option<File> {
    let text = fs::read_to_string(path).ok()?;
    let name = path.strip_prefix(root()).unwrap().display().to_string();
    Some(File { name: name.replace('\\', "/"), text })
}

/// What follows each `mark`.
fn after<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    let ends = text.match_indices(mark).map(|(at, mark)| at + mark.len());
    ends.filter_map(|at| text.get(at..))
}

/// The word a text begins with.
fn word(text: &str) -> &str {
    let end = text.find(|it: char| !it.is_alphanumeric() && it != '_');
    end.and_then(|at| text.get(..at)).unwrap_or(text)
}

/// What stands behind the angles that a text begins with.
fn behind_angles(text: &str) -> &str {
    let mut depth = 0;
    for (at, it) in text.char_indices() {
        match it {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return text.get(at + 1..).unwrap_or_default();
        }
    }
    text
}

/// Whether `word` stands in `text`, and not as a part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let is_letter = |it: char| it.is_alphanumeric() || it == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let behind = text.get(at + word.len()..).unwrap_or_default();
        let ends = word.ends_with('!') || !behind.starts_with(is_letter);
        !before.ends_with(is_letter) && ends
    })
}
