//! What is offered at `$0`.

use super::*;
use crate::ast::Bundle;
use crate::check;
use crate::ir::Schema;
use crate::source::Sources;
use crate::syntax;

const SHOP: &str = "
enum Status { draft, paid }
model User {
  firstName: STRING
  role: ENUM(admin, clerk)
  scope active < where: (firstName is not null) >
}
model Invoice { amount: INTEGER, status: Status }
Invoice belongsTo User < as: creator, foreignKey: creatorId >
User hasMany Invoice < as: invoices, foreignKey: creatorId >
view Debtor = Invoice findAll < attributes: [creator.firstName as who, sum(amount) as owes], group: [creatorId] >
";

fn schema() -> Schema {
    let mut sources = Sources::default();
    let id = sources.add("shop.schema", SHOP).unwrap();
    let bundle = Bundle::of(syntax::parse(sources.get(id)).script);
    let checked = check::check(&bundle, &sources);
    assert_eq!(checked.problems, []);
    checked.schema
}

/// What may stand at `$0`.
fn at(text: &str) -> Completions {
    let at = text.find("$0").unwrap();
    let text = text.replace("$0", "");
    let schema = schema();
    let known = Declarations { schema: &schema, variables: &[] };
    complete(&text, at, known)
}

/// All of these are offered at `$0`.
#[track_caller]
fn has(text: &str, expected: &[&str]) {
    let found = at(text);
    let words: Vec<&str> = found.items.iter().map(|it| it.text.as_str()).collect();
    for it in expected {
        assert!(words.contains(it), "`{it}` at {text}: {words:?}");
    }
}

/// These and no others are offered at `$0`.
#[track_caller]
fn is(text: &str, expected: &[&str]) {
    let found = at(text);
    let words: Vec<&str> = found.items.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(words, expected, "{text}");
}

#[test]
fn a_sentence_begins_with_a_verb_a_model_or_a_variable() {
    has("$0", &["model", "sync", "import", "User", "Invoice"]);
    is("mod$0", &["model"]);
    is("Us$0", &["User"]);
    has("let ann = User create {}\n$0", &["ann"]);
    has("let x = $0", &["User"]);
    is("let x = sy$0", &[]);
}

#[test]
fn verbs_follow_a_subject() {
    has("User $0", &["hasMany", "findAll", "create", "sync"]);
    is("User hasM$0", &["hasMany"]);
    is(
        "User.active find$0",
        &["findAll", "findOne", "findByPk", "findAndCountAll", "findOrCreate"],
    );
    is("User.$0", &["active", "unscoped"]);
    is("User belongsTo I$0", &["Invoice"]);
    is("model X $0", &["extends"]);
    is("model X extends U$0", &["User"]);
}

#[test]
fn a_view_is_a_model_that_is_only_read() {
    is("Deb$0", &["Debtor"]);
    has("Debtor $0", &["findAll", "findOne", "count", "sum"]);
    is("Debtor cre$0", &[]);
    is("Debtor sync$0", &[]);
    has("Debtor findAll < where: ($0", &["who", "owes"]);
    has("Debtor sum $0", &["owes"]);
    is("let one = Debtor findOne\none $0", &["reload"]);
    has("let one = Debtor findOne\nprint one.$0", &["who", "owes"]);
    is("User hasMany Deb$0", &[]);
}

#[test]
fn a_row_has_the_verbs_of_its_associations() {
    has("let ann = User create {}\nann $0", &["update", "reload", "createInvoice", "getInvoices"]);
    has("let ann = User create {}\nann createInvoice { $0", &["amount"]);
    has("let ann = User create {}\nprint ann.$0", &["firstName", "invoices"]);
    has("let ann = User create {}\nlet inv = ann createInvoice {}\ninv set$0", &["setCreator"]);
}

#[test]
fn options_are_the_verbs() {
    is("sync < $0", &["force", "alter", "allow", "keep"]);
    is("sync < force, al$0", &["alter", "allow"]);
    has("User hasMany Invoice < $0 >", &["as", "foreignKey", "onDelete"]);
    has("model X { a: STRING < $0 > }", &["allowNull", "unique"]);
    has("model X {\n  index (a) < $0", &["unique", "where", "name"]);
    has("model X {} < $0", &["timestamps", "tableName"]);
    has("User findAll < $0", &["where", "include"]);
    has("User findAll < include: [invoices < $0", &["where", "required"]);
    has("A hasMany B < foreignKey: { $0", &["name", "allowNull"]);
    has("Invoice belongsTo User < foreignKey: [$0", &["amount", "creatorId"]);
    is("Invoice belongsTo User < foreignKey: [amount, creator$0", &["creatorId"]);
    is("Invoice belongsTo User < foreignKey: [creatorId $0", &[]);
    has("Invoice belongsTo User < targetKey: [$0", &["firstName"]);
    is("Invoice belongsTo User < targetKey: [firstName, first$0", &[]);
    has("User hasMany Invoice < foreignKey: [$0", &["amount", "creatorId"]);
    has("User hasMany Invoice < foreignKey: $0", &["amount", "creatorId"]);
    has("User hasMany Invoice < sourceKey: [$0", &["firstName"]);
    has("model X { a: STRING < validate: { $0", &["isEmail"]);
}

#[test]
fn values_of_options_are_words() {
    is("User hasMany Invoice < onDelete: c$0", &["cascade"]);
    has("sync < force: $0", &["true", "false"]);
    assert_eq!(at("User hasMany Invoice < onDelete: $0").hint.as_deref(), Some("an action"));
    // What else a sentence takes.
    assert_eq!(at("let ann = User findOne\nann destroy $0").hint.as_deref(), Some("< force >"));
    let row = at("let ann = User findOne\nann update $0").hint;
    assert_eq!(row.as_deref(), Some("{ firstName: \"..\" }"));
    let offered = at("let ann = User findOne\nann update { age: 1 } < $0");
    assert!(offered.items.iter().all(|it| it.text != "where" && it.text != "limit"));
    assert!(offered.items.iter().any(|it| it.text == "fields"));
    // With attributes that the model has.
    let hint = |text: &str| at(text).hint.unwrap_or_default();
    assert_eq!(hint("User create $0"), "{ firstName: \"..\" }");
    assert_eq!(hint("Invoice create $0"), "{ amount: 1 }");
    assert_eq!(hint("Invoice update $0"), "{ amount: 1 } < where: (id = 1) >");
    assert_eq!(hint("Invoice findOrCreate $0"), "{ amount: 1 } < defaults: { status: draft } >");
    let options = at("User findAll $0").hint.unwrap();
    assert!(options.starts_with("< attributes, where, include,"), "{options}");
    assert_eq!(at("User findAll < limit: 1 > $0").hint, None);
    // How a value begins.
    let opening = |text: &str| at(text).items.first().map(|it| it.opening);
    assert_eq!(opening("User findAll < whe$0"), Some(": ("));
    assert_eq!(opening("User findAll < inclu$0"), Some(": ["));
    assert_eq!(opening("User findAll < ra$0"), Some(""));
    has("User hasMany Invoice < sourceKey: $0", &["firstName"]);
    has("User belongsToMany Invoice < through: $0", &["User"]);
    has("model X { a: DATE < defaultValue: $0", &["now()"]);
}

#[test]
fn types_follow_a_colon() {
    has("model X { a: $0", &["STRING", "Status", "UUID"]);
    is("model X {\n  a: STRI$0", &["STRING"]);
    has("model X {\n  a: STRING(80)\n  $0", &["index", "unique"]);
}

#[test]
fn attributes_stand_in_expressions_and_lists() {
    has("User findAll < where: ($0", &["firstName", "invoices"]);
    is("User findAll < where: (fir$0", &["firstName"]);
    has("User findAll < where: (firstName = \"a\" and r$0", &["role"]);
    has("User findAll < where: (firstName $0", &["like", "is"]);
    has("User findAll < where: (role = $0", &["admin", "clerk"]);
    has("Invoice findAll < where: (creator.$0", &["firstName"]);
    has("User findAll < where: (any invoices ($0", &["amount"]);
    has("User findAll < where: (count invoices ($0", &["amount"]);
    is("Invoice findAll < where: (count creator.invoices (amou$0", &["amount"]);
    has("User findAll < attributes: [sum(invoices.$0", &["amount"]);
    has("User findAll < include: [invoices.$0", &["unscoped"]);
    has("User findAll < order: [$0", &["firstName"]);
    has("User findAll < order: [firstName d$0", &["desc"]);
    has("User findAll < attributes: { exclude: [$0", &["firstName"]);
    has("Invoice sum $0", &["amount"]);
    has("model X {\n  a: STRING\n  b: STRING\n  index ($0", &["a", "b"]);
    is("User findAll < include: [$0", &["invoices"]);
}

#[test]
fn a_row_is_written_with_what_it_has() {
    has("User create { $0", &["firstName", "role", "invoices"]);
    is("User create { role: $0", &["admin", "clerk"]);
    is("User create { firstName: \"x\", fi$0", &[]);
    has("User bulkCreate [{ $0", &["firstName"]);
    has("User create { invoices: [{ $0", &["amount"]);
    has("Invoice create { status: $0", &["draft", "paid"]);
    has("transaction {\n  User create { $0", &["firstName"]);
}

#[test]
fn paths_are_the_hosts() {
    let found = at("import \"bil$0");
    assert!(found.path);
    assert_eq!(found.range, 8..11);
    assert!(at("User load \"$0").path);
    assert!(!at("User create { firstName: \"$0").path);
}

#[test]
fn nothing_is_offered_in_comments_and_texts() {
    is("// mod$0", &[]);
    is("/* mod$0", &[]);
    is("sql`sel$0", &[]);
    is("sync // x\n$0", &at("$0").items.iter().map(|it| it.text.as_str()).collect::<Vec<_>>());
}

#[test]
fn no_place_of_any_text_is_too_odd() {
    let text = "model Ü { a: STRING(\"x < y\") < b: [c, { d: (e > 1) }] > } < `f\n/* \"\"\" x\"0 sql`}>)];.:let = .";
    let schema = schema();
    let known = Declarations { schema: &schema, variables: &[] };
    for begin in (0..text.len()).filter(|it| text.is_char_boundary(*it)) {
        let (_, text) = text.split_at(begin);
        for at in 0..=text.len() + 1 {
            complete(text, at, known);
        }
        crate::ide::paint(text, known);
    }
}
