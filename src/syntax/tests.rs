//! What the parser promises, row by row.

use super::{is_complete, parse, parse_on};
use crate::ast::{Member, Operator, Sentence, ValueKind, ValueNode};
use crate::diagnostics::Problem;
use crate::source::{Source, Sources};
use std::fmt::Write as _;

fn source(text: &str) -> Source {
    let mut sources = Sources::default();
    sources.add("first", "so that positions don't begin at 0").unwrap();
    let id = sources.add("test", text).unwrap();
    sources.get(id).clone()
}

#[track_caller]
fn good(text: &str) -> Vec<Sentence> {
    let parsed = parse(&source(text));
    assert_eq!(parsed.problems, [], "{text}");
    parsed.script.sentences
}

/// A sentence as s-expressions, so that rows stay short.
fn show(sentence: &Sentence) -> String {
    let mut parts: Vec<String> = sentence.words.iter().map(path).collect();
    parts.extend(sentence.argument.as_ref().map(value));
    if let Some(it) = &sentence.options {
        parts.push(options(it));
    }
    if let Some(it) = &sentence.assigned {
        parts.push(format!("= {}", show(it)));
    }
    parts.join(" ")
}

fn path(path: &crate::ast::Path) -> String {
    let mut out = path.head.text.to_string();
    for step in &path.tail {
        match step {
            crate::ast::PathStep::Name(it) => write!(out, ".{}", it.text),
            crate::ast::PathStep::Index(it, _) => write!(out, "[{it}]"),
        }
        .unwrap();
    }
    out
}

fn options(options: &crate::ast::OptionList) -> String {
    let items = options.items.iter().map(|it| match &it.value {
        None => it.name.text.to_string(),
        Some(it_value) => format!("{}: {}", it.name.text, value(it_value)),
    });
    format!("<{}>", items.collect::<Vec<_>>().join(", "))
}

fn values(list: &[ValueNode]) -> String {
    list.iter().map(value).collect::<Vec<_>>().join(", ")
}

fn value(node: &ValueNode) -> String {
    match &node.kind {
        ValueKind::Null => "null".to_owned(),
        ValueKind::Bool(it) => it.to_string(),
        ValueKind::Integer(it) => it.to_string(),
        ValueKind::Decimal(it) => it.to_string(),
        ValueKind::Text(it) => format!("{it:?}"),
        ValueKind::Blob(it) => format!("{it:?}"),
        ValueKind::Sql(it) => format!("sql`{it}`"),
        ValueKind::Name(it) => it.text.to_string(),
        ValueKind::Path(it) => path(it),
        ValueKind::Call(it) => {
            let distinct = if it.distinct { "distinct " } else { "" };
            let mut out = format!("{}({distinct}{})", it.name.text, values(&it.arguments));
            for it in &it.suffixes {
                write!(out, ".{}", it.text).unwrap();
            }
            out
        }
        ValueKind::List(it) => format!("[{}]", values(it)),
        ValueKind::Object(it) => {
            let members = it.members.iter().map(|it| match it {
                Member::Sentence(it) => show(it),
                Member::Pair(it) => {
                    let mut out = format!("{}:", it.key.text);
                    for it in it.value.iter().map(value).chain(it.options.iter().map(options)) {
                        write!(out, " {it}").unwrap();
                    }
                    out
                }
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join("; "))
        }
        ValueKind::Group(it) => format!("({})", values(it)),
        ValueKind::Phrase(it) => {
            let words = it.words.iter().map(|it| it.text.to_string());
            let all = std::iter::once(value(&it.value)).chain(words);
            let all = all.chain(it.options.iter().map(options));
            format!("«{}»", all.collect::<Vec<_>>().join(" "))
        }
        ValueKind::Star => "*".to_owned(),
        ValueKind::Not(it) => format!("(not {})", value(it)),
        ValueKind::Negate(it) => format!("(- {})", value(it)),
        ValueKind::And(it) => format!("(and {})", values(it)),
        ValueKind::Or(it) => format!("(or {})", values(it)),
        ValueKind::Binary(it) => {
            format!("({} {} {})", value(&it.left), it.operator.word(), value(&it.right))
        }
        ValueKind::IsNull(it) => format!("({} is null {})", value(&it.value), !it.negated),
        ValueKind::Between(it) => format!(
            "({} between {} {} {})",
            value(&it.value),
            value(&it.low),
            value(&it.high),
            !it.negated
        ),
        ValueKind::In(it) => {
            format!("({} in {} {})", value(&it.value), value(&it.list), !it.negated)
        }
        ValueKind::Case(it) => {
            let arms = it.arms.iter().map(|(a, b)| format!("{} => {}", value(a), value(b)));
            format!(
                "(case {:?} {} else {:?})",
                it.operand.as_ref().map(value),
                arms.collect::<Vec<_>>().join(", "),
                it.otherwise.as_ref().map(value)
            )
        }
        ValueKind::Cast(it) => format!("cast({} as {})", value(&it.value), value(&it.data_type)),
        ValueKind::Quantified(it) => {
            format!("({:?} {} {})", it.quantifier, path(&it.association), value(&it.condition))
        }
    }
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let shown: Vec<String> = good(text).iter().map(show).collect();
    assert_eq!(shown, expected, "{text}");
}

#[test]
fn a_sentence_is_words_an_argument_and_options() {
    check("sync", &["sync"]);
    check("User.active.sorted findAll", &["User.active.sorted findAll"]);
    check("User create { a: 1 } < x, y: 2 >", &["User create {a: 1} <x, y: 2>"]);
    check("Invoice findByPk 1", &["Invoice findByPk 1"]);
    check("assert (a)", &["assert (a)"]);
    check("print now()", &["print now()"]);
    check("print cast(1 as TEXT)", &["print cast(1 as TEXT)"]);
    check("index(a) < unique >", &["index (a) <unique>"]);
    check("check (length(a) > 0)", &["check ((length(a) > 0))"]);
    check("print ann.tags[0].x", &["print ann.tags[0].x"]);
    check("let x = User findOne < a >", &["let x = User findOne <a>"]);
    check("let x = uuid()", &["let x = uuid()"]);
    check("let x = (1 + 2)", &["let x = ((1 + 2))"]);
    check("view D = Invoice findAll < raw >", &["view D = Invoice findAll <raw>"]);
    check("sql`CREATE ``x```", &["sql`CREATE `x``"]);
    check("a sql`b` < c >", &["a sql`b` <c>"]);
    check("print x\"00ff\"", &["print [0, 255]"]);
    check("model `order line` { }", &["model order line {}"]);
}

#[test]
fn a_line_ends_a_sentence_unless_a_bracket_goes_on() {
    check("sync; drop\nsync;", &["sync", "drop", "sync"]);
    check("a b\n\n  // c\n< c >\nd", &["a b <c>", "d"]);
    check("model A\n{ b: C }\n/* */ < d >", &["model A {b: C} <d>"]);
    check("a [\n1,\n2,\n] < b:\n c,\n>", &["a [1, 2] <b: c>"]);
    check(
        "model A {\n  a: B\n    < c >\n  d: E,\n f, g; h\n}",
        &["model A {a: B <c>; d: E; f; g; h}"],
    );
    check("#!/usr/bin/relata\r\nsync\r\n// x\r\ndrop\r\n", &["sync", "drop"]);
    check("", &[]);
    check(" \n;;\n", &[]);
}

#[test]
fn a_body_holds_pairs_and_sentences() {
    check(
        "model U { a: STRING(80).BINARY < b >, c: sql`X`, d: < unique >, \"e\": 1, index (a, b desc) < c >, drop x }",
        &[
            "model U {a: STRING(80).BINARY <b>; c: sql`X`; d: <unique>; e: 1; index (a, «b desc») <c>; drop x}",
        ],
    );
    check(
        "transaction { a create { } ; transaction { rollback } }",
        &["transaction {a create {}; transaction {rollback}}"],
    );
    check(
        "a { x: true, y: null, z: false, w: `true` }",
        &["a {x: true; y: null; z: false; w: true}"],
    );
    check("enum E { a, b\n c }", &["enum E {a; b; c}"]);
}

#[test]
fn lists_and_options_hold_phrases() {
    check(
        "a < order: [x desc nulls last, y], include: [p < required, w: (a > 1) > ], as: (x) as y >",
        &[
            "a <order: [«x desc nulls last», y], include: [«p <required, w: ((a > 1))>»], as: «(x) as y»>",
        ],
    );
    check(
        "a [count(*) as n, { b: 1 }, [1, -2], 1.50, 'x']",
        &["a [«count(*) as n», {b: 1}, [1, -2], 1.50, \"x\"]"],
    );
}

#[test]
fn expressions_bind_as_in_sqlite() {
    for (text, expected) in [
        ("a or b and not c = d", "(or a, (and b, (not (c = d))))"),
        ("a and b and c or d", "(or (and a, b, c), d)"),
        ("a and (b and c)", "(and a, ((and b, c)))"),
        ("a = b < c + d * e || -f", "(a = (b < (c + (d * (e || (- f))))))"),
        ("a - b - c", "((a - b) - c)"),
        ("a = not b and c", "(and (a = (not b)), c)"),
        ("a between 1 and 2 and b", "(and (a between 1 2 true), b)"),
        ("a not between 1 + 1 and 2 or b", "(or (a between (1 + 1) 2 false), b)"),
        ("a between b between 1 and 2 and 3", "(a between (b between 1 2 true) 3 true)"),
        ("a in [1, b] and c not in d", "(and (a in [1, b] true), (c in d false))"),
        ("a not in sql`(SELECT 1)`", "(a in sql`(SELECT 1)` false)"),
        ("a is null or a is not /* x */ null", "(or (a is null true), (a is null false))"),
        ("a + 1 is null", "((a + 1) is null true)"),
        ("a like 'x' and b not like 'y'", "(and (a like \"x\"), (b not like \"y\"))"),
        ("a startsWith 'x' = true", "((a startsWith \"x\") = true)"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("- 5 - -5", "(-5 - -5)"),
        ("- -5", "(- -5)"),
        ("a.b.tags[0] = x", "(a.b.tags[0] = x)"),
        ("count(distinct x) + count(*)", "(count(distinct x) + count(*))"),
        ("count(distinct)", "count(distinct)"),
        ("cast(a + 1 as DECIMAL(10, 2))", "cast((a + 1) as DECIMAL(10, 2))"),
        ("any posts (a > 1) and none p.q (b)", "(and (Any posts ((a > 1))), (None p.q (b)))"),
        (
            "case when a then 1 when b then 2 else 3 end",
            "(case None a => 1, b => 2 else Some(\"3\"))",
        ),
        ("case x when 1 then 'y' end || z", "((case Some(\"x\") 1 => \"y\" else None) || z)"),
        ("`and` and android", "(and and, android)"),
        ("nothing.not", "nothing.not"),
        ("lower(a) collate NOCASE desc", "«lower(a) collate NOCASE desc»"),
        ("a >= 1\n  and b != 2 // x\n", "(and (a >= 1), (b != 2))"),
    ] {
        check(&format!("x ({text})"), &[&format!("x ({expected})")]);
    }
}

/// The reports of a text: code, what they say, and what the first label covers.
fn reports(text: &str) -> Vec<String> {
    let source = source(text);
    let parsed = parse(&source);
    let show = |problem: &Problem| {
        let place = problem.span().map(|it| source.slice(it)).unwrap_or_default().to_owned();
        let label = problem.labels().first().map(|it| it.text.clone()).unwrap_or_default();
        format!("{} {problem} [{place}] {label}", problem.code())
    };
    parsed.problems.iter().map(show).collect()
}

#[track_caller]
fn report(text: &str, expected: &str) {
    let reports = reports(text);
    let [report] = reports.as_slice() else { unreachable!("{text}: {reports:#?}") };
    assert_eq!(report, expected, "{text}");
}

#[test]
fn one_mistake_is_one_report() {
    for (text, expected) in [
        ("a b < x: 1 y: 2 >", "E0115 a comma is missing before `y` [y] `,` is missing before this"),
        ("a { x: 1 y: 2 }", "E0115 a comma is missing before `y` [y] `,` is missing before this"),
        ("a [1 2]", "E0115 a comma is missing before `2` [2] `,` is missing before this"),
        ("a (b == 1)", "E0116 `==` is no operator [==] write `=`"),
        ("a (b <> 1)", "E0116 `<>` is no operator [<>] write `!=`"),
        ("a (b && c)", "E0116 `&&` is no operator [&&] write `and`"),
        ("sync < force = true >", "E0101 `=` is unexpected here [=] expected `,`, `:` or `>`"),
        (
            "a (case when b then c)",
            "E0101 `)` is unexpected here [)] expected an operator, `when`, `else` or `end`",
        ),
        ("a (b and )", "E0101 `)` is unexpected here [)] expected an expression"),
        ("a (and = 1)", "E0101 `and` is unexpected here [and] expected an expression"),
        (
            "a (b ilike 'c')",
            "E0101 `ilike` is unexpected here [ilike] expected an operator, `,` or `)`",
        ),
        ("a = ", "E0101 the sentence's end is unexpected here [] expected a value"),
        ("print 10abc", "E0101 `10abc` is unexpected here [10abc] expected a number or a name"),
        ("a (b in (1, 2))", "E0101 a bracket is unexpected here [(1, 2)] expected a list"),
        (
            "a (b between 1)",
            "E0101 `between` without `and` is unexpected here [between] expected `between .. and ..`",
        ),
        ("a (*)", "E0101 `*` is unexpected here [*] expected an expression"),
        ("a < 'b': 1 >", "E0101 a string is unexpected here ['b'] expected an option's name"),
        ("sync < force", "E0102 `<` is not closed [<] opened here"),
        ("a { b: [1 }", "E0102 `[` is not closed [[] opened here"),
        ("sync }", "E0103 `}` closes nothing [}] no `{` is open here"),
        (
            "assert a > 3",
            "E0119 this is another language's spelling, not Relata [a > 3] written otherwise",
        ),
        (
            "model U\n  a: STRING\n  index (a)\n  b: STRING\n}",
            "E0103 `}` closes nothing [}] no `{` is open here",
        ),
        ("a 'b\nsync", "E0104 a string is not closed ['b] `'` is missing at the end of this"),
        (
            "a \"\"\"b\nsync",
            "E0104 a string is not closed [\"\"\"b] `\"\"\"` is missing at the end of this",
        ),
        ("/* a /* b */\nsync", "E0105 a comment is not closed [/*] `*/` is missing for this"),
        (
            "a `b\nsync",
            "E0106 a name in backquotes is not closed [`b] a backquote is missing at the end of this",
        ),
        ("a sql`b\nsync", "E0107 raw SQL is not closed [sql`] a backquote is missing for this"),
        ("a \"\\q\"", "E0110 `\\q` is no escape [\\q] not known"),
        (
            "a 9223372036854775808",
            "E0111 `9223372036854775808` is too large for an integer [9223372036854775808] more than 64 bits",
        ),
        (
            "a x\"0g\"",
            "E0112 a blob consists of pairs of hexadecimal digits [g] no hexadecimal digit",
        ),
        (
            "a \"\u{202E}b\" \u{202E}",
            "E0113 the character U+202E is not allowed [\u{202E}] turns the direction of writing",
        ),
        ("// \0\0\nsync", "E0113 the character U+0000 is not allowed [\0] a control character"),
        (
            "a\u{A0}b",
            "E0113 the character U+00A0 is not allowed [\u{A0}] white space that looks like a blank",
        ),
        ("a ``", "E0114 a name is empty [``] nothing between the backquotes"),
        ("a b@c", "E0113 the character `@` is not allowed [@] it means nothing in a script"),
    ] {
        report(text, expected);
    }
}

#[test]
fn what_stands_around_a_mistake_still_counts() {
    for (text, good, reports) in [
        ("model A {\n  b: C\n\nmodel B { }\nsync", 2, 1),
        ("model A {\n  b: C < d: { e >\n  f: G\n}\nsync", 1, 1),
        ("U create { a: \"b }\nsync", 1, 1),
        ("U findAll < where: (a > 1, limit: 3 >\nsync\nU count", 2, 1),
        ("sync\nmodel U\n  a: STRING\n}\nsync", 2, 1),
        ("sync\n}\nsync", 2, 1),
        ("a (\nsync\nb (\nsync", 2, 2),
        ("a < b: 'c >\nmodel U {\n  a: STRING\n}\nsync", 2, 1),
        ("a < b\n// x\n/// doc\nmodel U { }", 1, 1),
    ] {
        let parsed = parse(&source(text));
        let found = (parsed.script.sentences.len(), parsed.problems.len());
        assert_eq!(found, (good, reports), "{text}: {:#?}", parsed.problems);
    }
}

#[test]
fn nothing_takes_long_or_overflows() {
    let many = |it: &str, count: usize| it.repeat(count);
    let deep = 100_000;
    // a debug build is some ten times slower
    let long = if cfg!(debug_assertions) { 10_000 } else { deep };
    for (name, text) in [
        ("round", many("(", deep)),
        ("round, closed", many("(", deep) + &many(")", deep)),
        ("square", format!("a {}", many("[", deep))),
        ("curly", format!("a {}", many("{a:", deep))),
        ("angles", format!("a {}", many("<a:", deep))),
        ("calls", format!("a (f{}", many("(f", deep))),
        ("calls behind an arrow", format!("const g = () => {}", many("f(", deep))),
        ("lists behind an arrow", format!("const g = () => {}", many("[", deep))),
        ("calls in a condition", format!("a < where: {}", many("f(", deep))),
        ("closers", many(")", deep)),
        ("mixed closers", many("(", deep) + &many("]", deep)),
        ("unclosed", many("a (\n", 500)),
        ("comments", many("/*", deep)),
        ("comments on lines", many("/*\n", deep)),
        ("heads in comments", many("/* enum E { ", deep)),
        ("blocks", many("\"\"\"\n", deep)),
        ("not", format!("a ({} b)", many("not ", long))),
        ("minus", format!("a ({} b)", many("- ", long))),
        ("and", format!("a (b{})", many(" and b", 10 * long))),
        ("or and", format!("a (b{})", many(" or b and b", long))),
        ("concat", format!("a (b{})", many(" || b", long))),
        ("between", format!("a (b{})", many(" between b and b", long))),
        ("between low", format!("a (b{})", many(" between b", long))),
        ("case", format!("a ({}", many("case when ", deep))),
        ("case closed", format!("a ({})", many("case when ", deep))),
        (
            "case else",
            format!("a ({} x {})", many("case when a then b else ", deep), many("end ", deep)),
        ),
        ("cases", format!("a ({}", many("case when (case when ", 80))),
        ("steps", format!("a ({}", many("case when a.end then ", deep))),
        ("assigned", many("let x = ", deep)),
        ("assigned places", many("let x[0] = ", deep)),
        ("in", format!("a (b{})", many(" in [b]", long))),
        ("commas", format!("a [{}]", many("b,", deep))),
        ("one line", format!("a {{ b: \"{}\" }}", many("x", 1 << 20))),
        ("blank lines", format!("a{}< b >", many("\n", deep))),
        ("comment lines", format!("a\n{}< b >", many("// x\n", deep))),
        ("nul", many("\0", deep)),
        ("nul in lines", many("a \0\n", deep / 10)),
        ("semicolons", many(";", deep)),
        ("backquotes", many("`", deep)),
        ("quotes", many("\"", deep)),
        ("dots", format!("a{}", many(".b", deep))),
        ("words", many("a ", deep)),
        ("pairs of brackets", format!("a ({}", many("(b) ", deep))),
        ("sentences", many("a b <\n", deep)),
    ] {
        // One that hangs or overflows fails; how fast they are, the benches say.
        let source = source(&text);
        let parsed = parse_on(&source, 1);
        let _ = is_complete(&source);
        let copy = parsed.clone();
        drop(parsed);
        let end = source.base as usize + text.len();
        let inside = |problem: &Problem| problem.span().is_none_or(|it| it.end as usize <= end);
        assert!(copy.problems.iter().all(inside), "{name}");
    }
}

#[test]
fn brackets_may_be_nested_to_the_limit() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{ a: ", "}"), ("f(", ")")] {
        let nested = |depth: usize| {
            let outer = if open == "f(" { "a (" } else { "a " };
            let end = if open == "f(" { ")" } else { "" };
            format!("{outer}{}1{}{end}", open.repeat(depth), close.repeat(depth))
        };
        let limit = if open == "f(" { 127 } else { 128 };
        assert_eq!(reports(&nested(limit)), [""; 0], "{open}");
        assert_eq!(reports(&nested(limit + 1)).len(), 1, "{open}");
    }
    let angles = |depth: usize| format!("a {}{}", "< a: b ".repeat(depth), "> ".repeat(depth));
    assert_eq!(reports(&angles(128)), [""; 0]);
    assert!(reports(&angles(129))[0].starts_with("E0108"));
    let sum = |count: usize| format!("a (1{})", " + 1".repeat(count));
    assert_eq!(reports(&sum(255)), [""; 0]);
    assert!(reports(&sum(256))[0].starts_with("E0109"));
}

#[test]
fn a_word_knows_whether_it_is_in_quotes() {
    for (written, name, bare) in [
        ("name", "name", true),
        ("größe", "größe", true),
        ("`name`", "name", false),
        ("`a``b`", "a`b", false),
        ("\"name\"", "name", false),
        ("'\\u{10FFFF}'", "\u{10FFFF}", false),
        ("\"\"", "", false),
    ] {
        let sentences = good(&format!("User create {{ {written}: 1 }}"));
        let argument = sentences[0].argument.as_ref().map(|it| &it.kind);
        let Some(ValueKind::Object(braces)) = argument else { panic!("{written}") };
        let Member::Pair(pair) = &braces.members[0] else { panic!("{written}") };
        assert_eq!((pair.key.text.as_str(), pair.key.is_bare()), (name, bare), "{written}");
    }
}

#[test]
fn a_text_is_complete_where_nothing_is_open() {
    for text in ["sync", "a { }", "a }", "a 'b", "// a", ""] {
        assert!(is_complete(&source(text)), "{text}");
    }
    for text in ["a {", "a < b", "/* a", "a \"\"\"b", "a sql`b", "a (b,\n"] {
        assert!(!is_complete(&source(text)), "{text}");
    }
}

#[test]
fn places_are_those_of_the_text() {
    let text = "sync\n  User  create { a: \"b\" }  // c\n";
    let source = source(text);
    let parsed = parse(&source);
    let slices: Vec<&str> =
        parsed.script.sentences.iter().map(|it| source.slice(it.span)).collect();
    assert_eq!(slices, ["sync", "User  create { a: \"b\" }"]);
    assert_eq!(source.slice(parsed.script.comments[0].span), "// c");
    assert_eq!(Operator::ALL.len(), 20);
}

#[test]
fn threads_change_nothing() {
    let text = "model A { b: C < d > }\na (b = 1 and\nc (d)\n/// x\nsync\n".repeat(3000);
    let source = source(&text);
    assert_eq!(parse_on(&source, 1), parse_on(&source, 5));
}
