//! A schema of everything that there is.

use super::*;

fn computed(by: Computed) -> AttributeExtra {
    AttributeExtra { computed: Some(by), ..AttributeExtra::default() }
}

/// Everything that there is, in one schema that all four databases take.
pub(super) fn everything() -> Schema {
    let float = |kind, length, decimals| {
        DataType::Float(Float { kind, length, decimals, unsigned: true, zerofill: false })
    };
    let decimal = DataType::Decimal(Decimal {
        precision: Some(10),
        scale: Some(2),
        unsigned: false,
        zerofill: false,
    });
    let named = Arc::new(Enumeration {
        name: Some("Status".into()),
        members: vec!["draft".into(), "it's".into()],
        doc: None,
    });
    let inline =
        Arc::new(Enumeration { name: None, members: vec!["a".into(), "b".into()], doc: None });
    let short = DataType::String { length: Some(80), binary: false };
    let mut wide = model(
        "Wide",
        vec![
            value("string", short.clone(), Value::Text("it's".into())),
            attribute("binary", DataType::String { length: Some(10), binary: true }),
            attribute("char", DataType::Char { length: Some(3), binary: false }),
            value("text", DataType::Text(None), Value::Text("a\\b".into())),
            attribute("tiny", DataType::Text(Some(Size::Tiny))),
            attribute("ci", DataType::CiText),
            value("i", INTEGER, Value::Integer(-7)),
            value("t", integer(IntegerWidth::Tiny), Value::Integer(1)),
            attribute("m", integer(IntegerWidth::Medium)),
            value("big", integer(IntegerWidth::Big), Value::Integer(i64::MIN)),
            value("f", float(FloatKind::Float, Some(11), None), Value::Float(1.5)),
            value("r", float(FloatKind::Real, Some(11), Some(2)), Value::Integer(2)),
            value("d", float(FloatKind::Double, Some(11), None), Value::Decimal("0.25".into())),
            value("dec", decimal.clone(), Value::Decimal("9.99".into())),
            value("yes", DataType::Boolean, Value::Bool(true)),
            value("at", DataType::Date(None), Value::Date("2022-02-16 12:30:15.123 +00:00".into())),
            value(
                "at6",
                DataType::Date(Some(6)),
                Value::Date("2022-02-16 12:30:15.123 +00:00".into()),
            ),
            with_default("now", DataType::Date(None), Default::Sql("CURRENT_TIMESTAMP".into())),
            value("day", DataType::DateOnly, Value::Text("2022-02-16".into())),
            attribute("time", DataType::Time),
            with_default("uuid", DataType::Uuid, Default::UuidV4),
            value("blob", DataType::Blob(None), Value::Blob([0, 255].into())),
            attribute("long", DataType::Blob(Some(Size::Long))),
            value("status", DataType::Enum(named), Value::Text("it's".into())),
            value("kind", DataType::Enum(Arc::clone(&inline)), Value::Text("a".into())),
            value("json", DataType::Json, Value::Json("{\"a\":[1,\"it's\"]}".into())),
            value("jsonb", DataType::Jsonb, Value::Null),
            with_default(
                "sum",
                INTEGER,
                Default::Expression(binary(number(1), Operator::Add, number(2))),
            ),
            with_default("raw", short.clone(), Default::Sql("lower('X')".into())),
            attribute("virtual", DataType::Virtual),
        ],
    );
    wide.extra.get_or_insert_default().comment = Some("what's wide".into());
    let mut item = model(
        "Item",
        vec![
            attribute("name", short.clone()),
            attribute("net", INTEGER),
            Attribute {
                extra: Some(Box::new(computed(Computed::Generated {
                    expression: binary(of(2), Operator::Multiply, number(2)),
                    stored: true,
                }))),
                not_null: true,
                ..attribute("gross", INTEGER)
            },
            Attribute {
                extra: Some(Box::new(computed(Computed::Generated {
                    expression: binary(
                        binary(of(1), Operator::Concat, text("-")),
                        Operator::Concat,
                        of(1),
                    ),
                    stored: false,
                }))),
                ..attribute("twice", STRING)
            },
            Attribute {
                extra: Some(Box::new(AttributeExtra {
                    collate: Some("BINARY".into()),
                    doc: Some("Of the item.".into()),
                    ..AttributeExtra::default()
                })),
                ..attribute("exact", short.clone())
            },
            attribute("meta", DataType::Jsonb),
            attribute("note", DataType::Text(None)),
            attribute("flag", DataType::Boolean),
            attribute("WideId", INTEGER),
            attribute("data", STRING),
        ],
    );
    item.doc = Some("A thing.\nOn two lines.".into());
    key(&mut item, 9, 0, 0);
    item.foreign_keys[0].deferrable = Some(Deferrable::InitiallyDeferred);
    item.indexes = vec![
        unique("items_name_unique", vec![of(1)]),
        unique("items_name_net", vec![of(1), of(2)]),
        Index {
            members: vec![IndexMember { expression: of(2), collation: None, descending: true }],
            ..index("items_net", vec![])
        },
        index("items_note", vec![of(7)]),
        Index {
            filter: Some(Expression::IsNull(Box::new(of(2)), true)),
            ..index("items_some", vec![of(1)])
        },
    ];
    let like = |operator, it: &str| binary(of(1), operator, text(it));
    let json = |steps| Expression::Json(Box::new(of(6)), steps);
    let cast = |it, data_type| Expression::Cast(Box::new(it), data_type);
    let checks = vec![
        binary(call("length", vec![of(1)]), Operator::Greater, number(0)),
        like(Operator::StartsWith, "50%_\\'"),
        Expression::Not(Box::new(like(Operator::Like, "a%"))),
        binary(of(1), Operator::Contains, of(10)),
        Expression::Or(vec![
            Expression::And(vec![
                like(Operator::NotEqual, "x"),
                Expression::Or(vec![
                    Expression::IsNull(Box::new(of(2)), false),
                    binary(of(2), Operator::Less, number(3)),
                ]),
            ]),
            Expression::In {
                value: Box::new(of(2)),
                list: Box::new(Expression::List(vec![number(1), number(-2)])),
                negated: true,
            },
            Expression::In {
                value: Box::new(of(2)),
                list: Box::new(Expression::List(vec![])),
                negated: false,
            },
        ]),
        Expression::Between {
            value: Box::new(binary(
                of(2),
                Operator::Subtract,
                binary(of(2), Operator::Subtract, Expression::Negate(Box::new(number(-1)))),
            )),
            low: Box::new(number(-5)),
            high: Box::new(number(5)),
            negated: false,
        },
        binary(
            json(vec![
                JsonStep::Key("a b".into()),
                JsonStep::Index(0),
                JsonStep::Key("it's".into()),
            ]),
            Operator::Equal,
            text("x"),
        ),
        binary(json(vec![JsonStep::Key("n".into())]), Operator::GreaterEqual, number(3)),
        binary(
            json(vec![JsonStep::Key("ok".into())]),
            Operator::Equal,
            Expression::Literal(Value::Bool(true)),
        ),
        binary(of(8), Operator::Equal, Expression::Literal(Value::Bool(true))),
        binary(cast(of(1), INTEGER), Operator::Remainder, number(7)).clone(),
        binary(
            cast(of(2), decimal),
            Operator::LessEqual,
            Expression::Literal(Value::Decimal("99.50".into())),
        ),
        binary(cast(of(2), short), Operator::NotEqual, text("")),
        Expression::Case {
            operand: Some(Box::new(of(2))),
            arms: vec![(number(1), of(8))],
            otherwise: Some(Box::new(Expression::Literal(Value::Bool(false)))),
        },
        binary(
            binary(binary(of(2), Operator::Add, number(1)), Operator::Multiply, number(2)),
            Operator::Greater,
            number(0),
        ),
    ];
    item.checks = (checks.into_iter().map(check_of)).collect();
    item.checks[10].expression =
        binary(item.checks[10].expression.clone(), Operator::Less, number(9));
    item.checks[0].attribute = Some(AttributeId(1));
    item.checks[0].name = Some("has_name".into());
    let tag = bare(
        "Tag",
        vec![
            Attribute { primary_key: true, not_null: true, ..attribute("wide", INTEGER) },
            Attribute { primary_key: true, not_null: true, ..attribute("it`e\"m", INTEGER) },
        ],
        vec![AttributeId(0), AttributeId(1)],
    );
    let mut tag = Model { schema: Some("app".into()), ..tag };
    key(&mut tag, 0, 0, 0);
    key(&mut tag, 1, 1, 0);
    tag.foreign_keys.iter_mut().for_each(|it| it.on_delete = Some(Action::Cascade));
    let uuid = bare(
        "Token",
        vec![Attribute { primary_key: true, not_null: true, ..attribute("id", DataType::Uuid) }],
        vec![AttributeId(0)],
    );
    schema(vec![wide, item, tag, uuid])
}
