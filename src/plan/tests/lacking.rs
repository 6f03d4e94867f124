//! What databases lack, tables of SQLite's own kinds, and names.

use super::*;
use crate::diagnostics::Problem;
use crate::ir::{BareWord, Foreign, RawObject};
use crate::sql::{Dialect, Statement, render};

#[track_caller]
fn codes(schema: &Schema, dialect: &Dialect, expected: &[&str]) {
    let found: Vec<_> = problems(schema, dialect).iter().map(Problem::code).collect();
    assert_eq!(found, expected, "for {}", dialect.title);
}

fn one(data_type: DataType) -> Schema {
    schema(vec![model("A", vec![attribute("x", data_type)])])
}

#[test]
fn a_type_that_is_lacking_names_those_who_have_it() {
    let inet = one(DataType::Foreign(Box::new(Foreign::Inet)));
    let found = problems(&inet, Dialect::SQLITE);
    assert_eq!(found[0].to_string(), "SQLite has no type INET");
    assert_eq!(found[0].help().as_deref(), Some("PostgreSQL has it"));
    codes(&inet, Dialect::POSTGRES, &[]);
    codes(&inet, Dialect::MARIADB, &["E0303"]);
    let point = one(DataType::Foreign(Box::new(Foreign::Geometry(BareWord::new("POINT"), None))));
    codes(&point, Dialect::MYSQL, &[]);
    codes(&point, Dialect::SQLITE, &["E0303"]);
    let strings = one(DataType::Foreign(Box::new(Foreign::Range(Box::new(STRING)))));
    codes(&strings, Dialect::POSTGRES, &["E0303"]);
    assert_eq!(problems(&strings, Dialect::POSTGRES)[0].help(), None);
}

#[test]
fn wide_decimals_are_rounded_by_sqlite() {
    let wide = |precision| {
        one(DataType::Decimal(Decimal {
            precision: Some(precision),
            scale: Some(2),
            unsigned: false,
            zerofill: false,
        }))
    };
    codes(&wide(15), Dialect::SQLITE, &[]);
    codes(&wide(16), Dialect::SQLITE, &["W0005"]);
    codes(&wide(16), Dialect::MYSQL, &[]);
    codes(&wide(66), Dialect::MYSQL, &["E0303"]);
    assert!(problems(&wide(16), Dialect::SQLITE)[0].is_warning());
}

#[test]
fn one_name_is_for_one_thing() {
    let mut a = model("A", vec![attribute("x", INTEGER)]);
    a.indexes = vec![index("by_x", vec![of(1)]), index("as", vec![of(1)])];
    let mut b = model("B", vec![attribute("x", INTEGER)]);
    b.indexes = vec![index("BY_X", vec![of(1)])];
    let mut both = schema(vec![a, b]);
    codes(&both, Dialect::SQLITE, &["E0404", "E0404"]);
    codes(&both, Dialect::POSTGRES, &[]);
    codes(&both, Dialect::MYSQL, &[]);
    both.objects.push(RawObject {
        sql: "CREATE VIRTUAL TABLE Bs USING fts5(a)".into(),
        span: Span::default(),
    });
    let found = problems(&both, Dialect::SQLITE);
    let places = |at: usize| found[at].labels().into_iter().map(|it| it.text);
    let told = |at: usize| (found[at].to_string(), places(at).collect::<Vec<_>>());
    let (message, labels) = told(0);
    assert_eq!(message, "two things would be called `Bs` in the database");
    assert_eq!(labels, ["a table", "and a table of raw SQL"]);
    assert_eq!(told(1).1, ["a table", "and an index"]);
}

#[test]
fn what_changes_which_rows_are_allowed_is_not_left_out() {
    let partial = |unique: bool| {
        let mut a = model("A", vec![attribute("x", DataType::Text(None))]);
        a.indexes.push(Index {
            unique,
            filter: Some(Expression::IsNull(Box::new(of(1)), true)),
            ..index("i", vec![of(1)])
        });
        schema(vec![a])
    };
    codes(&partial(false), Dialect::MYSQL, &[]);
    codes(&partial(true), Dialect::MYSQL, &["E0430", "E0430"]);
    codes(&partial(true), Dialect::SQLITE, &[]);
    let mut a = model("A", vec![attribute("x", STRING)]);
    a.indexes.push(index("i", vec![call("lower", vec![of(1)])]));
    let mut expression = schema(vec![a]);
    codes(&expression, Dialect::MARIADB, &["E0430"]);
    codes(&expression, Dialect::MYSQL, &[]);
    expression.models[0].indexes[0].members[0].collation = Some("NOCASE".into());
    codes(&expression, Dialect::POSTGRES, &["E0430"]);
    expression.models[0].indexes[0].members[0].collation = Some("de_DE".into());
    codes(&expression, Dialect::POSTGRES, &[]);
    codes(&expression, Dialect::SQLITE, &["E0430"]);
    let mut keyed = cycle();
    keyed.models[0].foreign_keys[0].deferrable = Some(Deferrable::InitiallyImmediate);
    keyed.models[0].foreign_keys[0].on_delete = Some(Action::SetDefault);
    codes(&keyed, Dialect::MYSQL, &["W0008", "E0430"]);
    codes(&keyed, Dialect::POSTGRES, &[]);
}

#[test]
fn long_names_are_refused_and_derived_ones_shortened() {
    let long = "x".repeat(65);
    let mut a = model("A", vec![attribute(&long, INTEGER)]);
    a.indexes.push(Index { named: false, ..index(&format!("as_{long}"), vec![of(1)]) });
    let schema = schema(vec![a]);
    codes(&schema, Dialect::POSTGRES, &["E0431"]);
    codes(&schema, Dialect::MYSQL, &["E0431"]);
    codes(&schema, Dialect::SQLITE, &[]);
    let statement = Statement::CreateIndex { model: ModelId(0), index: 0 };
    let name = statement.object(&schema, Dialect::POSTGRES).unwrap().name;
    assert_eq!(name.len(), 63);
    assert!(render(&statement, &schema, Dialect::POSTGRES).contains(&*name));
}

#[test]
fn strict_tables_take_storage_types() {
    let types = vec![
        attribute("s", STRING),
        attribute("c", DataType::CiText),
        value("b", DataType::Boolean, Value::Bool(true)),
        value(
            "f",
            DataType::Float(Float {
                kind: FloatKind::Float,
                length: Some(7),
                decimals: None,
                unsigned: true,
                zerofill: false,
            }),
            Value::Float(1.5),
        ),
        attribute("at", DataType::Date(None)),
        attribute("j", DataType::Json),
        attribute("l", DataType::Blob(Some(Size::Long))),
        attribute("any", DataType::Raw("any".into())),
    ];
    let mut strict = schema(vec![Model { strict: true, ..model("A", types) }]);
    check(
        &strict,
        Dialect::SQLITE,
        "CREATE TABLE IF NOT EXISTS `As` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, `s` TEXT, `c` TEXT COLLATE NOCASE, `b` INTEGER DEFAULT 1, `f` REAL DEFAULT 1.5, `at` TEXT, `j` TEXT, `l` BLOB, `any` any) STRICT;",
    );
    codes(&strict, Dialect::SQLITE, &[]);
    strict.models[0].attributes[1].data_type = DataType::Raw("VARCHAR(7)".into());
    codes(&strict, Dialect::SQLITE, &["E0432"]);
    codes(&strict, Dialect::POSTGRES, &[]);
    strict.models[0].strict = false;
    strict.models[0].without_rowid = true;
    codes(&strict, Dialect::SQLITE, &["E0430"]);
}

#[test]
fn tables_without_rowid_have_keys_like_others() {
    let code = |auto| Attribute {
        primary_key: true,
        not_null: true,
        auto_increment: auto,
        ..attribute("code", integer(IntegerWidth::Big))
    };
    let mut a = bare("A", vec![code(false)], vec![AttributeId(0)]);
    check(
        &schema(vec![a.clone()]),
        Dialect::SQLITE,
        "CREATE TABLE IF NOT EXISTS `As` (`code` INTEGER PRIMARY KEY);",
    );
    a.without_rowid = true;
    check(
        &schema(vec![a.clone()]),
        Dialect::SQLITE,
        "CREATE TABLE IF NOT EXISTS `As` (`code` BIGINT NOT NULL PRIMARY KEY) WITHOUT ROWID;",
    );
    a.strict = true;
    check(
        &schema(vec![a]),
        Dialect::SQLITE,
        "CREATE TABLE IF NOT EXISTS `As` (`code` INTEGER NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;",
    );
}

#[test]
fn raw_sql_comes_last_and_knows_what_it_creates() {
    let mut schema = article();
    schema.objects.push(RawObject {
        sql: "CREATE VIEW rich AS SELECT * FROM Invoices;\n".into(),
        span: Span::default(),
    });
    let made = create(&schema, Dialect::SQLITE);
    let last = made.last().unwrap();
    assert_eq!(last.object(&schema, Dialect::SQLITE).unwrap().kind, SchemaObjectKind::View);
    assert_eq!(
        render(last, &schema, Dialect::SQLITE),
        "CREATE VIEW rich AS SELECT * FROM Invoices"
    );
    let dropped = drop(&schema, None, Dialect::SQLITE);
    assert_eq!(
        script(&schema, Dialect::SQLITE, &dropped),
        "DROP VIEW IF EXISTS `rich`;\nDROP TABLE IF EXISTS `Invoices`;\nDROP TABLE IF EXISTS `Users`;\n"
    );
}

#[test]
fn checks_of_enumerations_have_names_of_their_own() {
    let letters = Arc::new(Enumeration { name: None, members: vec!["a".into()], doc: None });
    let of_letters = |name| attribute(name, DataType::Enum(Arc::clone(&letters)));
    let schema =
        schema(vec![model("UserAccount", vec![of_letters("fooBar"), of_letters("foo_bar")])]);
    check(
        &schema,
        Dialect::SQLITE,
        "CREATE TABLE IF NOT EXISTS `UserAccounts` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, `fooBar` TEXT CONSTRAINT `user_accounts_foo_bar_check` CHECK (`fooBar` IN ('a')), `foo_bar` TEXT CONSTRAINT `user_accounts_foo_bar_check_2` CHECK (`foo_bar` IN ('a')));",
    );
}
