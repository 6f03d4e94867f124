//! Huge and hostile scripts: what they take grows with their size, and with nothing else.
//!
//! No clock is looked at: something that grows with the square takes minutes here, and nobody misses that.

use super::kit::{session, well_formed};
use std::fmt::Write;

/// The sizes below are for an optimised build; without optimisation a part of them shows the same.
const SHARE: usize = if cfg!(debug_assertions) { 20 } else { 1 };
/// Checks a script; returns the codes of what is wrong, each once.
#[track_caller]
fn check(what: &str, text: &str) -> Vec<&'static str> {
    let mut session = session();
    let problems = session.check("a.schema", text);
    let some: Vec<_> = problems.iter().take(100).cloned().collect();
    well_formed(session.sources(), &some, what);
    let mut codes: Vec<_> = problems.iter().map(relata::diagnostics::Problem::code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[track_caller]
fn refused(what: &str, text: &str, code: &str) {
    let codes = check(what, text);
    assert!(codes.iter().any(|it| it.starts_with(code)), "{what}: {codes:?}");
}

#[track_caller]
fn fine(what: &str, text: &str) {
    let codes = check(what, text);
    assert!(codes.iter().all(|it| it.starts_with('W')), "{what}: {codes:?}");
}

fn each(count: usize, write: impl Fn(usize) -> String) -> String {
    (0..count / SHARE).map(write).collect()
}

#[test]
fn brackets() {
    for (open, close) in
        [("(", ")"), ("[", "]"), ("{", "}"), ("<", ">"), ("f(", ")"), ("{a:", "}"), ("/*", "*/")]
    {
        let many = open.repeat(100_000 / SHARE);
        let closed = format!("{many}{}", close.repeat(100_000 / SHARE));
        refused("brackets", &format!("model A {{ a: STRING < check: {closed} > }}\n"), "E01");
        refused("brackets that begin", &closed, "E01");
        refused("unclosed brackets", &many, "E01");
        let lines = format!("model A {open}\n").repeat(500);
        refused("500 unclosed brackets", &lines, "E01");
    }
}

#[test]
fn expressions() {
    let check =
        |what: &str, it: &str| fine(what, &format!("model A {{ a: INTEGER\n check ({it}) }}\n"));
    let many = 100_000 / SHARE;
    check("and", &format!("a = 1{}", " and a = 1".repeat(999)));
    check("or", &format!("a = 1{}", " or a = 1".repeat(999)));
    let list = "1, ".repeat(many);
    check("a list", &format!("a in [{list}1]"));
    let told = |what: &str, it: &str, code: &str| {
        let script = format!("model A {{ a: INTEGER\n check ({it}) }}\n");
        refused(what, &script, code);
    };
    let refuse = |what: &str, it: &str| told(what, it, "E01");
    let ands = format!("a = 1{}", " and a = 1".repeat(many));
    told("many ands", &ands, "E0222");
    let ors = format!("a = 1{}", " or a = 1".repeat(many));
    told("many ors", &ors, "E0222");
    refuse("not", &format!("{}a", "not ".repeat(many)));
    refuse("minus", &format!("{}a", "- ".repeat(many)));
    refuse("a sum", &format!("a{} = 1", " + a".repeat(many)));
    refuse("case", &format!("{}a", "case when ".repeat(many)));
    refuse("comparisons", &format!("a{}", " = a".repeat(many)));
    refused(
        "a path",
        &format!("model A {{ a: INTEGER\n check (a{} = 1) }}\n", ".a".repeat(many)),
        "E",
    );
}

#[test]
fn tables_that_are_read_together() {
    let list = |from: usize, to: usize| {
        let names: Vec<_> = (from..to).map(|it| format!("u{it}")).collect();
        names.join(", ")
    };
    let models = |scope: &str| {
        let mut script = format!(
            "model User {{ name: STRING }}\nmodel Post {{ title: STRING, scope {scope} < include: [{}] > }}\n\
             model Note {{ text: STRING }}\nNote belongsTo Post < as: p, foreignKey: pId >\n\
             Note belongsTo Post < as: q, foreignKey: qId >\n",
            list(0, 40)
        );
        for it in 0..80 {
            let _ = writeln!(script, "Post belongsTo User < as: u{it}, foreignKey: u{it}Id >");
        }
        script
    };
    let include = list(40, 80);
    let default = models("default");
    let refuse = |sentence: &str| refused(sentence, &format!("{default}{sentence}"), "E0222");
    let fine = |sentence: &str| fine(sentence, &format!("{default}{sentence}"));
    refuse(&format!("Post findAll < include: [{include}] >"));
    refuse(&format!("view Wide = Post findAll < include: [{include}] >"));
    refuse("Note findAll < include: [p, q] >");
    fine(&format!("Post.unscoped findAll < include: [{include}] >"));
    fine(&format!("Post findAll < include: [{}] >", list(30, 60)));
    fine("Note findAll < include: p >");
    let value = list(0, 70).replace(", ", ".name || ");
    refuse(&format!("Post update {{ title: ({value}.name) }} < all >"));
    let named = format!("{}Post.wide findAll < include: [{include}] >", models("wide"));
    refused("a named scope", &named, "E0222");
}

#[test]
fn long_lines_and_texts() {
    let ten = 10_000_000 / SHARE;
    refused("10 MB of a word", &"a".repeat(ten), "E02");
    refused("10 MB of words", &"a ".repeat(ten / 2), "E");
    fine("10 MB of a comment", &format!("/* {} */", "é".repeat(ten / 2)));
    fine("10 MB of slashes", &"/".repeat(ten));
    fine("10 MB of blank lines", &"\n".repeat(ten));
    refused("10 MB of quotes", &"\"".repeat(ten), "E01");
    refused("10 MB of backquotes", &"`".repeat(ten + 1), "E");
    refused(
        "10 MB of a text",
        &format!("model A {{ a: INTEGER < comment: \"{}\n", "x".repeat(ten)),
        "E01",
    );
    let models = each(200_000, |it| format!("model A{it} {{ a: STRING }}; "));
    fine("models on one line", &models);
    let attributes = each(500_000, |it| format!("a{it}: STRING, "));
    let codes = check("attributes on one line", &format!("model A {{ {attributes} }}\n"));
    assert!(codes.is_empty() || codes.iter().all(|it| it.starts_with("E04")), "{codes:?}");
}

#[test]
fn errors() {
    refused("unknown verbs", &each(100_000, |it| format!("foo{it} bar\n")), "E02");
    refused("broken sentences", &each(100_000, |_| "model A { a: STRING,, }\n".to_owned()), "E01");
    refused("stray brackets", &each(100_000, |_| ") ".to_owned()), "E01");
    refused("control characters", &each(100_000, |_| "\u{1} ".to_owned()), "E01");
    refused(
        "one model, again and again",
        &each(100_000, |_| "model A { a: STRING }\n".to_owned()),
        "E04",
    );
    let members = each(100_000, |it| format!("  a{it}: STRNG\n"));
    refused("types", &format!("model A {{\n{members}}}\n"), "E03");
    let options = each(100_000, |it| format!("optoin{it}, "));
    refused("options", &format!("model A {{ a: STRING < {options} > }}\n"), "E02");
    refused("associations", &each(100_000, |it| format!("A{it} hasMany B{it}\n")), "E02");
}

#[test]
fn misspelt_names() {
    let models = each(20_000, |it| format!("model Model{it} {{ a: STRING }}\n"));
    let joins = each(20_000, |it| format!("Modle{it} hasMany Mdoel{it}\n"));
    refused("models", &(models.clone() + &joins), "E02");
    let bases = each(20_000, |it| format!("model Other{it} extends Modle{it} {{ a: STRING }}\n"));
    refused("bases", &(models + &bases), "E02");
    let abstracts = each(20_000, |it| format!("abstract model Base{it} {{ a: STRING }}\n"));
    let derived =
        each(20_000, |it| format!("model Derived{it} extends Bsae{it} {{ b: STRING }}\n"));
    refused("abstract models", &(abstracts + &derived), "E02");
    let members = each(2_000, |it| format!("  attribute{it}: INTEGER\n"));
    let checks = each(5_000, |it| format!("  check (atribute{it} > 0)\n  index (attribuet{it})\n"));
    refused("attributes", &format!("model A {{\n{members}{checks}}}\n"), "E02");
    let words = each(10_000, |it| format!("word{it}, "));
    let defaults = each(10_000, |it| format!("  a{it}: E < defaultValue: wrod{it} >\n"));
    refused(
        "members of an enum",
        &format!("enum E {{ {words} }}\nmodel A {{\n{defaults}}}\n"),
        "E03",
    );
    let models = each(10_000, |it| format!("model Model{it} {{ a: STRING }}\n"));
    let keys =
        each(10_000, |it| format!("  a{it}: INTEGER < references: {{ model: \"Modle{it}\" }} >\n"));
    fine("tables", &format!("{models}model A {{\n{keys}}}\n"));
    let enums = each(10_000, |it| format!("enum Enum{it} {{ a }}\n"));
    let types = each(10_000, |it| format!("  a{it}: Enmu{it}\n"));
    refused("enums", &format!("{enums}model A {{\n{types}}}\n"), "E03");
}

#[test]
fn large_models() {
    let members =
        each(2_000, |it| format!("  a{it}: STRING < unique, check: (length(a{it}) > 0) >\n"));
    fine("attributes", &format!("model A {{\n{members}}}\n"));
    let members =
        each(2_000, |it| format!("  a{it}: STRING < unique: all, references: {{ model: B }} >\n"));
    check(
        "keys by hand",
        &format!("model A {{\n{members}}}\nmodel B {{ id: STRING < primaryKey > }}\n"),
    );
    let members = each(2_000, |it| format!("  a{it}: ENUM(a, b)\n"));
    fine("enums", &format!("model A {{\n{members}}}\n"));
    let members = each(2_000, |it| format!("  a{it}: STRING < primaryKey >\n"));
    fine("a key of many", &format!("model A {{\n{members}}}\n"));
    let members = each(10_000, |it| format!("w{it}, "));
    fine("members", &format!("enum E {{ {members} }}\nmodel A {{ a: E < defaultValue: w7 > }}\n"));
    fine("members in the type", &format!("model A {{ a: ENUM({members}) }}\n"));
    let members = each(10_000, |it| {
        format!("  index (a) < name: i{it} >\n  check (a > {it}) < name: c{it} >\n")
    });
    fine("indexes and checks", &format!("model A {{ a: INTEGER\n{members}}}\n"));
    let members = each(10_000, |it| format!("  scope s{it} < where: (a = {it}) >\n"));
    fine("scopes", &format!("model A {{ a: INTEGER\n{members}}}\n"));
}

#[test]
fn hubs() {
    let models = each(5_000, |it| format!("model M{it} {{ a: STRING }}\n"));
    for verb in ["hasMany", "hasOne", "belongsTo"] {
        let joins = each(5_000, |it| format!("Hub {verb} M{it}\n"));
        fine(verb, &format!("{models}model Hub {{ a: STRING }}\n{joins}"));
        let joins = each(5_000, |it| format!("M{it} {verb} Hub\n"));
        fine(verb, &format!("{models}model Hub {{ a: STRING }}\n{joins}"));
    }
    let joins = each(5_000, |it| format!("Hub belongsToMany M{it} < through: T{it} >\n"));
    fine("through tables of their own", &format!("{models}model Hub {{ a: STRING }}\n{joins}"));
    let joins = each(5_000, |it| format!("Hub belongsToMany M{it} < through: T >\n"));
    refused("one through table", &format!("{models}model Hub {{ a: STRING }}\n{joins}"), "E04");
    let joins = each(5_000, |it| {
        format!(
            "Hub hasMany Spoke < as: a{it}, foreignKey: k{it} >\nSpoke belongsTo Hub < as: b{it}, foreignKey: k{it} >\n"
        )
    });
    fine(
        "pairs between two",
        &format!("model Hub {{ a: STRING }}\nmodel Spoke {{ a: STRING }}\n{joins}"),
    );
    let joins = each(5_000, |it| format!("Hub hasMany Spoke < as: a{it}, foreignKey: k >\n"));
    fine("one key", &format!("model Hub {{ a: STRING }}\nmodel Spoke {{ a: STRING }}\n{joins}"));
    let joins = each(5_000, |it| {
        format!("Hub hasMany Spoke < as: a{it}, foreignKey: k{it}, sourceKey: a >\n")
    });
    fine(
        "one made unique",
        &format!("model Hub {{ a: STRING }}\nmodel Spoke {{ a: STRING }}\n{joins}"),
    );
}

#[test]
fn chains() {
    let count = 5_000 / SHARE;
    let models = each(5_000, |it| format!("model M{it} {{ a: STRING }}\n"));
    let join =
        |it: usize| format!("M{it} belongsTo M{} < foreignKey: {{ primaryKey: true }} >\n", it + 1);
    let chain: String = (0..count - 1).map(join).collect();
    let codes = check("keys that are primary keys", &format!("{models}{chain}"));
    assert!(codes.iter().all(|it| it.starts_with('W')), "{codes:?}");
    let cycle = format!(
        "{models}{chain}M{} belongsTo M0 < foreignKey: {{ primaryKey: true }} >\n",
        count - 1
    );
    check("a cycle of them", &cycle);
    let join = |it: usize| format!("M{it} belongsTo M{}\n", (it + 1) % count);
    let cycle: String = (0..count).map(join).collect();
    fine("a cycle", &format!("{models}{cycle}"));
    let extends = each(20_000, |it| {
        format!("abstract model B{} extends B{it} {{ a{it}: STRING }}\n", it + 1)
    });
    refused(
        "abstract models",
        &format!("abstract model B0 {{ a: STRING }}\n{extends}model A extends B5 {{ }}\n"),
        "E04",
    );
    let extends = each(20_000, |it| format!("model M{it} extends Base {{ b: STRING }}\n"));
    fine("one base", &format!("abstract model Base {{ a: STRING, c: INTEGER }}\n{extends}"));
    let circle = each(20_000, |it| {
        format!("abstract model B{it} extends B{} {{ }}\n", (it + 1) % (20_000 / SHARE))
    });
    refused("a circle of bases", &circle, "E04");
}

#[test]
fn much_documentation() {
    let mut text = String::new();
    for it in 0..100_000 / SHARE {
        let _ = writeln!(text, "/// Line {it}");
    }
    fine("documentation", &format!("{text}model A {{ a: STRING }}\n"));
    fine(
        "documentation between",
        &each(100_000, |it| format!("/// A\nmodel A{it} {{\n  /// a\n  a: STRING\n}}\n")),
    );
}
