//! Expressions as each database spells them, and what SQLite makes of them.

use super::{Dialect, Writer};
use crate::ast::Operator;
use crate::ir::{DataType, Expression, Integer, IntegerWidth, JsonStep, Model};
use crate::value::Value;

fn value(value: Value) -> Expression {
    Expression::Literal(value)
}

fn text(text: &str) -> Expression {
    value(Value::Text(text.into()))
}

fn number(number: i64) -> Expression {
    value(Value::Integer(number))
}

fn binary(left: Expression, operator: Operator, right: Expression) -> Expression {
    Expression::Binary(operator, Box::new(left), Box::new(right))
}

fn not(operand: Expression) -> Expression {
    Expression::Not(Box::new(operand))
}

fn call(name: &str, arguments: Vec<Expression>) -> Expression {
    Expression::Call { name: name.into(), distinct: false, arguments }
}

fn written(dialect: &Dialect, expression: &Expression) -> String {
    let mut writer = Writer::inline(dialect);
    writer.expression(&Model::default(), expression);
    writer.finish().text
}

/// The text for SQLite, and for the others where it differs.
#[track_caller]
fn check(expression: &Expression, sqlite: &str, others: &[(&Dialect, &str)]) {
    assert_eq!(written(Dialect::SQLITE, expression), sqlite);
    for (dialect, expected) in others {
        assert_eq!(written(dialect, expression), *expected, "{}", dialect.title);
    }
}

#[test]
fn brackets_stand_where_they_are_needed() {
    use Operator::{Add, Concat, Equal, Less, Multiply, Subtract};
    let sum = || binary(number(1), Add, number(2));
    check(&binary(sum(), Multiply, number(3)), "(1 + 2) * 3", &[]);
    check(&binary(number(3), Add, binary(number(1), Multiply, number(2))), "3 + 1 * 2", &[]);
    check(
        &binary(number(3), Subtract, binary(number(1), Subtract, number(-2))),
        "3 - (1 - -2)",
        &[],
    );
    check(
        &binary(binary(number(1), Less, number(2)), Equal, binary(number(2), Less, number(1))),
        "(1 < 2) = (2 < 1)",
        &[],
    );
    check(
        &binary(binary(text("a"), Concat, sum()), Concat, text("b")),
        "'a' || (1 + 2) || 'b'",
        &[(Dialect::MYSQL, "CONCAT('a', 1 + 2, 'b')")],
    );
    check(
        &binary(binary(number(1), Concat, number(2)), Multiply, number(3)),
        "(1 || 2) * 3",
        &[(Dialect::MARIADB, "CONCAT(1, 2) * 3")],
    );
    let raw = |it: &str| Expression::Sql(it.into());
    check(&Expression::And(vec![raw("a or b"), raw("(c or d)")]), "(a or b) AND (c or d)", &[]);
    check(&Expression::And(vec![raw("(a) or (b)"), raw("c")]), "((a) or (b)) AND c", &[]);
    check(
        &not(Expression::Or(vec![not(raw("a")), Expression::And(vec![raw("b"), raw("c")])])),
        "NOT (NOT a OR b AND c)",
        &[],
    );
    check(&not(raw("('(') || (')')")), "NOT (('(') || (')'))", &[]);
    check(&Expression::Negate(Box::new(number(-5))), "-(-5)", &[]);
}

#[test]
fn places_in_documents_are_quoted() {
    let steps = ["a", "b c", "it's \"x\""].map(|it| JsonStep::Key(it.into()));
    let mut steps = steps.to_vec();
    steps.push(JsonStep::Index(-1));
    let json = Expression::Json(Box::new(text("{}")), steps);
    check(
        &binary(json, Operator::Greater, number(1)),
        r#"CASE WHEN typeof(json_extract('{}', '$.a."b c"."it''s \"x\""[#-1]')) <> 'text' THEN json_extract('{}', '$.a."b c"."it''s \"x\""[#-1]') END > 1"#,
        &[
            (
                Dialect::POSTGRES,
                r#"CASE WHEN upper(jsonb_typeof(CAST('{}' -> 'a' -> 'b c' -> 'it''s "x"' -> -1 AS JSONB))) = 'NUMBER' THEN CAST(('{}' -> 'a' -> 'b c' -> 'it''s "x"' ->> -1) AS NUMERIC) END > 1"#,
            ),
            (
                Dialect::MYSQL,
                r#"CASE WHEN json_type(json_extract('{}', '$.a."b c"."it''s \\"x\\""[last]')) NOT IN ('STRING', 'ARRAY', 'OBJECT') THEN CASE WHEN json_type(json_extract('{}', '$.a."b c"."it''s \\"x\\""[last]')) = 'NULL' OR json_type(json_extract('{}', '$.a."b c"."it''s \\"x\\""')) <> 'ARRAY' THEN NULL WHEN json_type(json_extract('{}', '$.a."b c"."it''s \\"x\\""[last]')) = 'BOOLEAN' THEN json_unquote(json_extract('{}', '$.a."b c"."it''s \\"x\\""[last]')) = 'true' ELSE json_unquote(json_extract('{}', '$.a."b c"."it''s \\"x\\""[last]')) END END > 1"#,
            ),
        ],
    );
}

#[test]
fn casts_to_dates_within_others_end() {
    let of = |it| Expression::Cast(Box::new(it), DataType::Date(None));
    let other = |it| Expression::Call {
        name: "coalesce".into(),
        distinct: false,
        arguments: vec![it, text("2022-01-16")],
    };
    let nested = (0..60).fold(text("a"), |it, _| of(other(it)));
    for dialect in Dialect::ALL {
        let mut writer = Writer::with_parameters(dialect);
        writer.expression(&Model::default(), &nested);
        // Each of them is written several times where a database needs that, but not each of those within it again.
        assert!(writer.finish().text.len() < 100_000, "{}", dialect.title);
    }
}

#[test]
fn patterns_are_parameters_of_data_sentences() {
    let expression = binary(text("a"), Operator::Contains, text("5%_\\"));
    let mut writer = Writer::with_parameters(Dialect::POSTGRES);
    writer.expression(&Model::default(), &expression);
    let sql = writer.finish();
    assert_eq!(sql.text, "$1 LIKE $2 ESCAPE '\\'");
    assert_eq!(sql.parameters, [Value::Text("a".into()), Value::Text("%5\\%\\_\\\\%".into())]);
}

/// Conditions without columns, with what all databases must make of them.
fn conditions() -> Vec<(Expression, bool)> {
    use Operator::{
        Add, Concat, Contains, Divide, EndsWith, Equal, Like, Multiply, NotEqual, NotLike,
        Remainder, StartsWith, Subtract,
    };
    let integer = DataType::Integer(Integer {
        width: IntegerWidth::Normal,
        length: None,
        unsigned: false,
        zerofill: false,
    });
    let cast = |it, data_type| Expression::Cast(Box::new(it), data_type);
    let list = |it: Vec<Expression>, negated| Expression::In {
        value: Box::new(number(1)),
        list: Box::new(Expression::List(it)),
        negated,
    };
    let odd = "50%_\\'x";
    vec![
        (binary(text("50%_\\'xyz"), StartsWith, text(odd)), true),
        (binary(text("50aa\\'xyz"), StartsWith, text(odd)), false),
        (binary(text("ab\\c"), Contains, text("\\")), true),
        (binary(text("abc"), Contains, text("\\")), false),
        (binary(text("a_b"), EndsWith, call("lower", vec![text("_B")])), true),
        (binary(text("axb"), EndsWith, call("lower", vec![text("_B")])), false),
        (binary(text("a\\b"), Contains, call("lower", vec![text("\\")])), true),
        (binary(text("abc"), Like, text("a%")), true),
        (binary(text("abc"), NotLike, text("a_")), true),
        (list(vec![], false), false),
        (list(vec![], true), true),
        (list(vec![number(1), number(-2)], false), true),
        (binary(call("length", vec![text("äö")]), Equal, number(2)), true),
        (
            binary(binary(text("a"), Concat, binary(number(1), Add, number(2))), Equal, text("a3")),
            true,
        ),
        (binary(binary(number(7), Divide, number(2)), Equal, number(3)), true),
        (binary(binary(number(-7), Remainder, number(2)), Equal, number(-1)), true),
        (binary(cast(text("12"), integer), Equal, number(12)), true),
        (not(binary(number(1), Equal, number(1))), false),
        (
            binary(
                binary(number(2), Subtract, binary(number(3), Subtract, number(-4))),
                Equal,
                number(-5),
            ),
            true,
        ),
        (binary(text("it's"), NotEqual, text("it\\'s")), true),
        (
            binary(
                value(Value::Decimal("0.10".into())),
                Equal,
                value(Value::Decimal("0.1".into())),
            ),
            true,
        ),
        (binary(value(Value::Float(1e3)), Equal, number(1000)), true),
        (
            binary(
                binary(number(6), Multiply, binary(number(1), Add, number(1))),
                Equal,
                number(12),
            ),
            true,
        ),
        (
            Expression::Between {
                value: Box::new(number(3)),
                low: Box::new(number(-1)),
                high: Box::new(binary(number(1), Add, number(2))),
                negated: false,
            },
            true,
        ),
    ]
}

#[test]
fn sqlite_makes_of_conditions_what_they_say() {
    let link = rusqlite::Connection::open_in_memory().unwrap();
    for (condition, expected) in conditions() {
        let sql = written(Dialect::SQLITE, &condition);
        let got: bool = link.query_row(&format!("SELECT {sql}"), [], |row| row.get(0)).unwrap();
        assert_eq!(got, expected, "{sql}");
    }
}
