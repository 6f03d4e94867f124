//! Schemas built by hand, and what comes out for each database.

mod everything;
mod lacking;

use super::{Condition, Conflict, Planner, Set, create, drop, order, problems, script};
use crate::ir::{
    Action, AggregateFunction, Attribute, AttributeExtra, AttributeId, Check, Computed, DataType,
    Decimal, Default, Deferrable, Enumeration, Expression, Float, FloatKind, ForeignKey, Index,
    IndexMember, Integer, IntegerWidth, JsonStep, KeyTarget, Model, ModelId, Operator, Origin,
    Query, Schema, Size,
};
use crate::source::Span;
use crate::sql::{Dialect, SchemaObjectKind};
use crate::value::Value;
use everything::everything;
use std::sync::Arc;

const STRING: DataType = DataType::String { length: None, binary: false };
const INTEGER: DataType = integer(IntegerWidth::Normal);

const fn integer(width: IntegerWidth) -> DataType {
    DataType::Integer(Integer { width, length: None, unsigned: false, zerofill: false })
}

fn attribute(name: &str, data_type: DataType) -> Attribute {
    Attribute::new(name.into(), data_type, Span::default(), Origin::Written)
}

fn with_default(name: &str, data_type: DataType, default: Default) -> Attribute {
    Attribute { default: Some(Box::new(default)), ..attribute(name, data_type) }
}

fn value(name: &str, data_type: DataType, value: Value) -> Attribute {
    with_default(name, data_type, Default::Value(value))
}

fn id() -> Attribute {
    Attribute {
        primary_key: true,
        auto_increment: true,
        not_null: true,
        origin: Origin::Implied,
        ..attribute("id", INTEGER)
    }
}

/// A model with an `id` of its own.
fn model(name: &str, attributes: Vec<Attribute>) -> Model {
    let mut all = vec![id()];
    all.extend(attributes);
    bare(name, all, vec![AttributeId(0)])
}

fn bare(name: &str, attributes: Vec<Attribute>, primary_key: Vec<AttributeId>) -> Model {
    Model {
        name: name.into(),
        table: format!("{name}s").into(),
        attributes,
        primary_key: primary_key.into(),
        ..Model::default()
    }
}

fn key(model: &mut Model, attribute: u32, target: u32, referenced: u32) {
    let number = model.foreign_keys.len() + 1;
    model.foreign_keys.push(ForeignKey {
        name: format!("{}_ibfk_{number}", model.full_table().to_lowercase()).into(),
        named: false,
        attributes: vec![AttributeId(attribute)].into(),
        target: KeyTarget::Model(ModelId(target), vec![AttributeId(referenced)].into()),
        on_delete: Some(Action::SetNull),
        on_update: Some(Action::Cascade),
        deferrable: None,
        span: Span::default(),
    });
}

fn index(name: &str, members: Vec<Expression>) -> Index {
    let member = |expression| IndexMember { expression, collation: None, descending: false };
    Index {
        name: name.into(),
        named: true,
        unique: false,
        constraint: false,
        members: members.into_iter().map(member).collect(),
        message: None,
        filter: None,
        span: Span::default(),
        doc: None,
    }
}

fn unique(name: &str, members: Vec<Expression>) -> Index {
    Index { unique: true, constraint: true, ..index(name, members) }
}

fn of(id: u32) -> Expression {
    Expression::Attribute(AttributeId(id))
}

fn text(text: &str) -> Expression {
    Expression::Literal(Value::Text(text.into()))
}

fn number(number: i64) -> Expression {
    Expression::Literal(Value::Integer(number))
}

fn binary(left: Expression, operator: Operator, right: Expression) -> Expression {
    Expression::Binary(operator, Box::new(left), Box::new(right))
}

fn call(name: &str, arguments: Vec<Expression>) -> Expression {
    Expression::Call { name: name.into(), distinct: false, arguments }
}

fn check_of(expression: Expression) -> Check {
    Check { name: None, expression, attribute: None, span: Span::default() }
}

fn schema(models: Vec<Model>) -> Schema {
    Schema { models, ..Schema::default() }
}

fn article() -> Schema {
    let user = model("User", vec![attribute("firstName", STRING)]);
    let mut invoice =
        model("Invoice", vec![attribute("amount", INTEGER), attribute("UserId", INTEGER)]);
    key(&mut invoice, 2, 0, 0);
    schema(vec![user, invoice])
}

#[track_caller]
fn check(schema: &Schema, dialect: &Dialect, expected: &str) {
    let text = script(schema, dialect, &create(schema, dialect));
    assert_eq!(text.trim_end(), expected.trim(), "for {}", dialect.title);
    if *dialect == *Dialect::SQLITE {
        run(&text);
    }
}

/// SQLite takes the script, and finds nothing wrong with its keys.
#[track_caller]
fn run(script: &str) {
    let link = rusqlite::Connection::open_in_memory().unwrap();
    if let Err(error) = link.execute_batch(script) {
        panic!("{error}: {script}");
    }
    let keys = link
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get::<_, i64>(0))
        .unwrap();
    assert_eq!(keys, 0);
}

#[test]
fn the_article_comes_out_in_sequelizes_shape() {
    let schema = article();
    check(
        &schema,
        Dialect::SQLITE,
        "
CREATE TABLE IF NOT EXISTS `Users` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, `firstName` VARCHAR(255));
CREATE TABLE IF NOT EXISTS `Invoices` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, `amount` INTEGER, `UserId` INTEGER, CONSTRAINT `invoices_ibfk_1` FOREIGN KEY (`UserId`) REFERENCES `Users` (`id`) ON DELETE SET NULL ON UPDATE CASCADE);",
    );
    check(
        &schema,
        Dialect::MYSQL,
        "
CREATE TABLE IF NOT EXISTS `Users` (`id` INTEGER NOT NULL auto_increment, `firstName` VARCHAR(255), PRIMARY KEY (`id`)) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS `Invoices` (`id` INTEGER NOT NULL auto_increment, `amount` INTEGER, `UserId` INTEGER, PRIMARY KEY (`id`), CONSTRAINT `invoices_ibfk_1` FOREIGN KEY (`UserId`) REFERENCES `Users` (`id`) ON DELETE SET NULL ON UPDATE CASCADE) ENGINE=InnoDB;",
    );
    check(
        &schema,
        Dialect::POSTGRES,
        r#"
CREATE TABLE IF NOT EXISTS "Users" ("id" INTEGER GENERATED BY DEFAULT AS IDENTITY, "firstName" VARCHAR(255), PRIMARY KEY ("id"));
CREATE TABLE IF NOT EXISTS "Invoices" ("id" INTEGER GENERATED BY DEFAULT AS IDENTITY, "amount" INTEGER, "UserId" INTEGER, PRIMARY KEY ("id"), CONSTRAINT "invoices_ibfk_1" FOREIGN KEY ("UserId") REFERENCES "Users" ("id") ON DELETE SET NULL ON UPDATE CASCADE);"#,
    );
}

#[test]
fn statements_know_their_objects() {
    let schema = article();
    let made = create(&schema, Dialect::SQLITE);
    let object = made.last().unwrap().object(&schema, Dialect::SQLITE).unwrap();
    assert_eq!((object.kind, object.name.as_str()), (SchemaObjectKind::Table, "Invoices"));
}

/// Two models that refer to each other, one with a key to itself by a plain unique index.
fn cycle() -> Schema {
    let mut a = model(
        "A",
        vec![attribute("b", INTEGER), attribute("code", STRING), attribute("up", STRING)],
    );
    key(&mut a, 1, 1, 0);
    key(&mut a, 3, 0, 2);
    a.indexes.push(Index { constraint: false, ..unique("a_code", vec![of(2)]) });
    let mut b = model("B", vec![attribute("a", INTEGER)]);
    key(&mut b, 1, 0, 0);
    schema(vec![a, b])
}

#[test]
fn a_cycle_keeps_its_constraints() {
    let schema = cycle();
    check(
        &schema,
        Dialect::SQLITE,
        "
CREATE TABLE IF NOT EXISTS `As` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, `b` INTEGER, `code` VARCHAR(255), `up` VARCHAR(255), CONSTRAINT `as_ibfk_1` FOREIGN KEY (`b`) REFERENCES `Bs` (`id`) ON DELETE SET NULL ON UPDATE CASCADE, CONSTRAINT `as_ibfk_2` FOREIGN KEY (`up`) REFERENCES `As` (`code`) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE UNIQUE INDEX IF NOT EXISTS `a_code` ON `As` (`code`);
CREATE TABLE IF NOT EXISTS `Bs` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, `a` INTEGER, CONSTRAINT `bs_ibfk_1` FOREIGN KEY (`a`) REFERENCES `As` (`id`) ON DELETE SET NULL ON UPDATE CASCADE);",
    );
    check(
        &schema,
        Dialect::POSTGRES,
        r#"
CREATE TABLE IF NOT EXISTS "As" ("id" INTEGER GENERATED BY DEFAULT AS IDENTITY, "b" INTEGER, "code" VARCHAR(255), "up" VARCHAR(255), PRIMARY KEY ("id"));
CREATE UNIQUE INDEX IF NOT EXISTS "a_code" ON "As" ("code");
CREATE TABLE IF NOT EXISTS "Bs" ("id" INTEGER GENERATED BY DEFAULT AS IDENTITY, "a" INTEGER, PRIMARY KEY ("id"), CONSTRAINT "bs_ibfk_1" FOREIGN KEY ("a") REFERENCES "As" ("id") ON DELETE SET NULL ON UPDATE CASCADE);
ALTER TABLE "As" ADD CONSTRAINT "as_ibfk_1" FOREIGN KEY ("b") REFERENCES "Bs" ("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "As" ADD CONSTRAINT "as_ibfk_2" FOREIGN KEY ("up") REFERENCES "As" ("code") ON DELETE SET NULL ON UPDATE CASCADE;"#,
    );
    let dropped = script(&schema, Dialect::MYSQL, &drop(&schema, None, Dialect::MYSQL));
    assert_eq!(
        dropped,
        "ALTER TABLE `As` DROP FOREIGN KEY `as_ibfk_1`;\nDROP TABLE IF EXISTS `Bs`;\nDROP TABLE IF EXISTS `As`;\n"
    );
}

#[test]
fn tables_follow_those_they_refer_to() {
    // 0 -> 3, 2;  2 -> 1;  4 <-> 5, 4 -> 6
    let edges: [&[u32]; 7] = [&[3, 2], &[], &[1], &[], &[5, 6], &[4], &[]];
    let models = edges.iter().enumerate().map(|(number, targets)| {
        let keys = (0..targets.len()).map(|it| attribute(&format!("k{it}"), INTEGER));
        let mut model = model(&format!("M{number}"), keys.collect());
        for (place, target) in (1..).zip(*targets) {
            key(&mut model, place, *target, 0);
        }
        model
    });
    let schema = schema(models.collect());
    let ids: Vec<u32> = order(&schema).into_iter().map(|it| it.0).collect();
    assert_eq!(ids, [3, 1, 2, 0, 6, 4, 5]);
}

#[test]
fn ten_thousand_models_in_a_chain_are_ordered_and_written() {
    let count = 10_000_u32;
    let models = (0..count).map(|number| {
        let mut model = model(&format!("M{number}"), vec![attribute("next", INTEGER)]);
        if number + 1 < count {
            key(&mut model, 1, number + 1, 0);
        }
        model
    });
    let schema = schema(models.collect());
    let ordered = order(&schema);
    assert_eq!(ordered.first(), Some(&ModelId(count - 1)));
    let text = script(&schema, Dialect::POSTGRES, &create(&schema, Dialect::POSTGRES));
    assert_eq!(text.lines().count(), 10_000);
}

#[test]
fn a_chain_of_a_hundred_thousand_operators_is_written() {
    let mut expression = of(0);
    let mut all = Vec::new();
    for number_of in 0..100_000 {
        expression = binary(expression, Operator::Add, number(number_of));
        all.push(number(1));
    }
    let mut writer = crate::sql::Writer::inline(Dialect::SQLITE);
    writer.expression(&model("A", vec![]), &expression);
    writer.expression(&model("A", vec![]), &Expression::And(all));
    assert!(writer.finish().text.starts_with("`id` + 0 + 1 + 2"));
    // Its drop glue recurses; that is the owner's business.
    std::mem::forget(expression);
}

#[test]
fn sqlite_takes_everything() {
    let schema = everything();
    let text = script(&schema, Dialect::SQLITE, &create(&schema, Dialect::SQLITE));
    run(&text);
    assert_eq!(problems(&schema, Dialect::SQLITE), []);
}

#[test]
fn statements_in_each_other_count_their_parameters_together() {
    let mut user = model("User", vec![attribute("name", STRING), attribute("n", INTEGER)]);
    user.version = Some(AttributeId(2));
    let schema = Schema { models: vec![user], ..Schema::default() };
    let planner = Planner { schema: &schema, dialect: Dialect::POSTGRES, now: None };
    let named = |it: &str| Some(binary(of(1), Operator::Equal, text(it)));
    let query = Query {
        model: Some(ModelId(0)),
        filter: named("b"),
        limit: Some(number(7)),
        ..Query::default()
    };
    let which = Condition::Each(vec![
        Condition::Lacks(vec![(AttributeId(1), Value::Text("a".into()))]),
        Condition::Found(Box::new(query)),
    ]);
    let sets = [(AttributeId(1), Set::Value(Value::Null))];
    let update = planner.update(ModelId(0), &sets, &which, None);
    assert_eq!(
        update.text,
        "UPDATE \"Users\" SET \"name\" = $1, \"n\" = \"n\" + 1 WHERE \"name\" IS DISTINCT FROM $2 AND \"id\" IN \
         (SELECT \"User\".\"id\" FROM \"Users\" AS \"User\" WHERE \"User\".\"name\" = $3 LIMIT $4::integer)"
    );
    assert_eq!(update.parameters.len(), 4);
    let far = Set::Computed(Expression::AggregateOf {
        function: AggregateFunction::Count,
        distinct: false,
        from: None,
        path: Vec::new(),
        of: None,
    });
    let update = planner.update(ModelId(0), &[(AttributeId(1), far)], &which, Some(&[]));
    assert_eq!(update.text.matches('$').count(), 3, "{}", update.text);
    let conflict = Conflict { fields: vec![AttributeId(1)], update: vec![AttributeId(1)] };
    let insert = planner.insert(ModelId(0), &sets, 2, Some(&conflict), true);
    assert_eq!(
        insert.text,
        "INSERT INTO \"Users\" (\"name\") VALUES ($1), ($2) ON CONFLICT (\"name\") DO UPDATE SET \
         \"name\" = \"excluded\".\"name\", \"n\" = \"Users\".\"n\" + 1 RETURNING \"id\", \"name\", \"n\""
    );
}
