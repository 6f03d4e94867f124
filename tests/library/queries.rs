//! Queries: what they find, held against what was recorded, and against evaluators that know no SQL.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail so")]

mod places;
mod renamed;

use relata::ast::Bundle;
use relata::check;
use relata::db::{Database, Sqlite};
use relata::ir::{Aggregate, AggregateFunction, Query, Schema};
use relata::plan::{self, Planner, Selection};
use relata::run;
use relata::source::Sources;
use relata::sql::{self, Dialect};
use relata::syntax;
use std::ops::ControlFlow;

const MODELS: &str = r#"
model User {
  name: STRING, age: INTEGER, email: STRING < unique >, role: STRING < defaultValue: "user" >
  active: BOOLEAN < defaultValue: true >, meta: JSON
} < timestamps: false >
model Post { title: STRING, views: INTEGER < defaultValue: 0 >, published: DATE, rating: FLOAT } < timestamps: false >
model Comment { text: STRING } < timestamps: false >
model Profile { bio: STRING } < timestamps: false >
model Tag { label: STRING } < timestamps: false >
model PostTag { weight: INTEGER } < timestamps: false >
User hasMany Post < as: posts, foreignKey: userId >
User hasOne Profile < as: profile, foreignKey: userId >
Post hasMany Comment < as: comments, foreignKey: postId >
Post belongsToMany Tag < as: tags, through: PostTag, foreignKey: postId, otherKey: tagId >
Post belongsTo User < as: author, foreignKey: userId >
Profile belongsTo User < as: user, foreignKey: userId >
Comment belongsTo Post < as: post, foreignKey: postId >
Tag belongsToMany Post < as: posts, through: PostTag, foreignKey: tagId, otherKey: postId >
"#;

const ROWS: &[&str] = &[
    r#"INSERT INTO Users (id, name, age, email, role, active, meta) VALUES
        (1, 'Ann', 30, 'ann@x.org', 'admin', 1, '{"lang":"en","nested":{"n":1},"tags":["a","b"]}'),
        (2, 'Bob', 25, 'bob@x.org', 'user', 1, '{"lang":"fr","nested":{"n":2},"tags":[]}'),
        (3, 'Cy', NULL, NULL, 'user', 0, NULL), (4, 'O''Neil', 41, 'on@x.org', 'user', 1, NULL)"#,
    "INSERT INTO Posts (id, title, views, published, rating, userId) VALUES
        (1, 'First', 10, '2022-01-01 10:00:00.000 +00:00', 4.5, 1), (2, 'Second', 200, '2022-01-02 10:00:00.000 +00:00', 3.0, 1),
        (3, 'Third', 5, NULL, NULL, 2), (4, '100% sure_thing', 0, '2022-01-04 10:00:00.000 +00:00', 1.25, 1),
        (5, 'Orphan', 7, '2022-01-05 10:00:00.000 +00:00', 2.0, NULL)",
    "INSERT INTO Profiles (id, bio, userId) VALUES (1, 'about Ann', 1), (2, 'about Bob', 2), (3, 'Bob again', 2)",
    "INSERT INTO Comments (id, text, postId) VALUES (1, 'nice', 1), (2, 'bad', 1), (3, 'ok', 3)",
    "INSERT INTO Tags (id, label) VALUES (1, 'red'), (2, 'green'), (3, 'blue')",
    "INSERT INTO PostTags (postId, tagId, weight) VALUES (1, 1, 5), (1, 2, 1), (2, 1, 9), (4, 3, 2)",
];

/// What a script declares.
fn schema(script: &str) -> Schema {
    let mut sources = Sources::default();
    let id = sources.add("test.schema", script).unwrap();
    let parsed = syntax::parse(sources.get(id));
    let checked = check::check(&Bundle::of(parsed.script), &sources);
    assert!(!checked.has_errors(), "{script}: {:#?}", checked.problems);
    checked.schema
}

fn query(schema: &Schema) -> &Query {
    &schema.views.last().unwrap().query
}

/// A database with the tables of `schema` and some rows.
fn database(schema: &Schema, rows: &[&str]) -> Sqlite {
    let mut database = Sqlite::in_memory().unwrap();
    for it in plan::create(schema, Dialect::SQLITE) {
        let is_view = matches!(it, sql::Statement::CreateView { .. });
        if !is_view {
            let text = sql::render(&it, schema, Dialect::SQLITE);
            database.execute(&text, &[]).unwrap();
        }
    }
    for it in rows {
        database.execute(it, &[]).unwrap();
    }
    database
}

fn json(database: &Sqlite, selection: &Selection) -> String {
    let (mut out, mut kept) = (String::from("["), String::from("["));
    run::find(database, selection, &mut |row| {
        for it in [&mut out, &mut kept] {
            if it.len() > 1 {
                it.push(',');
            }
        }
        row.write_json(&mut out);
        row.record().write_json(&mut kept);
        ControlFlow::Continue(())
    })
    .unwrap_or_else(|it| panic!("{it}: {}", selection.statement.text));
    // Written at once or kept first: it is the same.
    assert_eq!(out, kept);
    out + "]"
}

#[track_caller]
fn check(model: &str, options: &str, expected: &str) {
    let schema = schema(&format!("{MODELS}view V = {model} findAll {options}\n"));
    let reader = Planner { schema: &schema, dialect: Dialect::SQLITE, now: None };
    let selection = reader.all(query(&schema));
    let found = json(&database(&schema, ROWS), &selection);
    assert_eq!(found, expected, "{options}: {}", selection.statement.text);
}

#[test]
fn conditions_select_rows() {
    check(
        "User",
        "< attributes: [id], where: (age not between 25 and 30), order: [id] >",
        r#"[{"id":4}]"#,
    );
    check("User", "< attributes: [id], where: (id in []), order: [id] >", "[]");
    check(
        "User",
        "< attributes: [id], where: (id not in []), order: [id], limit: 1 >",
        r#"[{"id":1}]"#,
    );
    check("User", "< attributes: [id], order: [id], offset: 3 >", r#"[{"id":4}]"#);
    check(
        "Post",
        r#"< attributes: [id], where: (title startsWith "100%"), order: [id] >"#,
        r#"[{"id":4}]"#,
    );
    check(
        "Post",
        r#"< attributes: [id], where: (title contains "_"), order: [id] >"#,
        r#"[{"id":4}]"#,
    );
    check(
        "Post",
        r#"< attributes: [id], where: (title like "F%"), order: [id] >"#,
        r#"[{"id":1}]"#,
    );
    check("User", r#"< attributes: [id], where: (meta.lang = "en") >"#, r#"[{"id":1}]"#);
    check("User", "< attributes: [id], where: (meta.nested.n > 1) >", r#"[{"id":2}]"#);
    check(
        "User",
        "< attributes: [id], where: (meta.nope = null), order: [id] >",
        r#"[{"id":1},{"id":2},{"id":3},{"id":4}]"#,
    );
    check("User", "< attributes: [id], where: (meta.flag = true) >", "[]");
    check(
        "User",
        "< attributes: [id, (meta.lang) as lang, (meta.tags) as tags], order: [(meta.lang) desc, id], limit: 3 >",
        r#"[{"id":2,"lang":"fr","tags":[]},{"id":1,"lang":"en","tags":["a","b"]},{"id":3,"lang":null,"tags":null}]"#,
    );
    check(
        "User",
        "< where: (id = 1) >",
        r#"[{"id":1,"name":"Ann","age":30,"email":"ann@x.org","role":"admin","active":true,"meta":{"lang":"en","nested":{"n":1},"tags":["a","b"]}}]"#,
    );
    check(
        "User",
        "< where: (id = 1), raw, attributes: [active, meta] >",
        r#"[{"active":1,"meta":"{\"lang\":\"en\",\"nested\":{\"n\":1},\"tags\":[\"a\",\"b\"]}"}]"#,
    );
}

#[test]
fn groups_and_orders() {
    check(
        "Post",
        "< attributes: [userId, (count(id)) as n], group: [userId], having: (n > 1) >",
        r#"[{"userId":1,"n":3}]"#,
    );
    check(
        "Post",
        "< attributes: [userId], group: [userId], having: (sum(views) >= 100) >",
        r#"[{"userId":1}]"#,
    );
    check(
        "Post",
        r#"< attributes: [(strftime("%Y", published)) as year, (count(id)) as n], group: [(strftime("%Y", published))], order: [year] >"#,
        r#"[{"year":null,"n":1},{"year":"2022","n":4}]"#,
    );
    check(
        "User",
        "< attributes: [id, (count(posts)) as n], order: [n desc, id] >",
        r#"[{"id":1,"n":3},{"id":2,"n":1},{"id":3,"n":0},{"id":4,"n":0}]"#,
    );
    check(
        "Post",
        "< attributes: [id], order: [rating asc nulls last] >",
        r#"[{"id":4},{"id":5},{"id":2},{"id":1},{"id":3}]"#,
    );
    check(
        "Post",
        "< attributes: [id], include: [author < attributes: [] >], order: [author.name desc, id] >",
        r#"[{"id":3},{"id":1},{"id":2},{"id":4},{"id":5}]"#,
    );
    check(
        "Post",
        "< attributes: [id], include: [author < attributes: [], include: [profile < attributes: [] >] >], order: [author.profile.bio, id] >",
        r#"[{"id":5},{"id":1},{"id":2},{"id":4},{"id":3}]"#,
    );
    check(
        "Post",
        "< attributes: [id], include: [comments < attributes: [text] >], order: [comments.text, id] >",
        r#"[{"id":2,"comments":[]},{"id":4,"comments":[]},{"id":5,"comments":[]},{"id":1,"comments":[{"text":"bad"},{"text":"nice"}]},{"id":3,"comments":[{"text":"ok"}]}]"#,
    );
}

#[test]
fn includes_nest_rows() {
    check(
        "User",
        "< attributes: [id], include: [posts < attributes: [id, title] >], order: [id, posts.id], limit: 2 >",
        r#"[{"id":1,"posts":[{"id":1,"title":"First"},{"id":2,"title":"Second"},{"id":4,"title":"100% sure_thing"}]},{"id":2,"posts":[{"id":3,"title":"Third"}]}]"#,
    );
    check(
        "User",
        "< attributes: [id], include: [posts < attributes: [id], required >], order: [id, posts.id], limit: 1, offset: 1 >",
        r#"[{"id":2,"posts":[{"id":3}]}]"#,
    );
    check(
        "User",
        "< attributes: [id], include: [posts < attributes: [id], where: (views = 5) >], order: [id], limit: 2 >",
        r#"[{"id":2,"posts":[{"id":3}]}]"#,
    );
    check(
        "User",
        "< attributes: [id], include: [posts < attributes: [id], where: (views = 5), required: false >], order: [id], limit: 2 >",
        r#"[{"id":1,"posts":[]},{"id":2,"posts":[{"id":3}]}]"#,
    );
    check(
        "Post",
        "< attributes: [id], include: [author < attributes: [name] >], order: [id desc], limit: 2 >",
        r#"[{"id":5,"author":null},{"id":4,"author":{"name":"Ann"}}]"#,
    );
    check(
        "Post",
        r#"< attributes: [id], include: [author < attributes: [name], where: (name = "Bob") >] >"#,
        r#"[{"id":3,"author":{"name":"Bob"}}]"#,
    );
    check(
        "Post",
        r#"< attributes: [id], include: [author < attributes: [name], where: (name = "Bob"), required: false >], order: [id], limit: 3 >"#,
        r#"[{"id":1,"author":null},{"id":2,"author":null},{"id":3,"author":{"name":"Bob"}}]"#,
    );
    check(
        "User",
        "< attributes: [id, name], include: [posts < attributes: [id, views] >], order: [posts.views desc], limit: 2 >",
        r#"[{"id":1,"name":"Ann","posts":[{"id":2,"views":200},{"id":1,"views":10},{"id":4,"views":0}]},{"id":2,"name":"Bob","posts":[{"id":3,"views":5}]}]"#,
    );
    check(
        "User",
        "< attributes: [id], where: (count(posts) = 0), order: [id] >",
        r#"[{"id":3},{"id":4}]"#,
    );
    check(
        "User",
        "< attributes: [id], where: (none posts (id is not null)), order: [id] >",
        r#"[{"id":3},{"id":4}]"#,
    );
}

#[test]
fn conditions_over_many_rows() {
    check("User", r#"< attributes: [id], where: (any posts (title = "First")) >"#, r#"[{"id":1}]"#);
    check(
        "User",
        "< attributes: [id], where: (all posts (rating > 1) and count(posts) > 0) >",
        r#"[{"id":1}]"#,
    );
    check(
        "User",
        r#"< attributes: [id], where: (any posts (any tags (label = "red") and author.name = "Ann")) >"#,
        r#"[{"id":1}]"#,
    );
    check(
        "User",
        r#"< attributes: [id], where: (any posts.tags (label = "blue")) >"#,
        r#"[{"id":1}]"#,
    );
    check(
        "Post",
        r#"< attributes: [id], where: (author.name = "Ann"), include: [author < attributes: [name] >], order: [id], limit: 2 >"#,
        r#"[{"id":1,"author":{"name":"Ann"}},{"id":2,"author":{"name":"Ann"}}]"#,
    );
    check(
        "Post",
        "< attributes: [id], include: [tags < attributes: [label] >], order: [id, tags.id], limit: 1 >",
        r#"[{"id":1,"tags":[{"label":"red","PostTag":{"weight":5,"postId":1,"tagId":1}},{"label":"green","PostTag":{"weight":1,"postId":1,"tagId":2}}]}]"#,
    );
}

#[test]
fn through_rows() {
    check(
        "Post",
        "< attributes: [id], include: [tags < attributes: [label], through: { attributes: [] } >], order: [id, tags.id], limit: 2 >",
        r#"[{"id":1,"tags":[{"label":"red"},{"label":"green"}]},{"id":2,"tags":[{"label":"red"}]}]"#,
    );
    check(
        "Post",
        "< attributes: [id], include: [tags < attributes: [label], through: { where: (weight = 5) } >], order: [id, tags.id], limit: 2 >",
        r#"[{"id":1,"tags":[{"label":"red","PostTag":{"weight":5,"postId":1,"tagId":1}}]},{"id":2,"tags":[]}]"#,
    );
    check(
        "Post",
        "< attributes: [id], include: [tags < attributes: [label], through: { as: link } >], order: [id, tags.id], limit: 1, offset: 3 >",
        r#"[{"id":4,"tags":[{"label":"blue","link":{"weight":2,"postId":4,"tagId":3}}]}]"#,
    );
    check(
        "Post",
        r#"< attributes: [id], include: [tags < attributes: [label], through: { attributes: [] }, where: (label = "red") >], order: [id], limit: 1 >"#,
        r#"[{"id":1,"tags":[{"label":"red"}]}]"#,
    );
    check(
        "User",
        "< attributes: [id], include: [posts < attributes: [id], separate, order: [views desc], limit: 1 >], order: [id], limit: 3 >",
        r#"[{"id":1,"posts":[{"id":2}]},{"id":2,"posts":[{"id":3}]},{"id":3,"posts":[]}]"#,
    );
    check(
        "User",
        "< attributes: [id], include: [posts < attributes: [id], order: [views], limit: 1, offset: 1 >], order: [id], limit: 1 >",
        r#"[{"id":1,"posts":[{"id":1}]}]"#,
    );
}

#[test]
fn each_has_its_own_limit() {
    check(
        "User",
        "< attributes: [id], include: [posts < attributes: [id], order: [id], include: [comments < attributes: [text], order: [text] >] >], order: [id], limit: 1 >",
        r#"[{"id":1,"posts":[{"id":1,"comments":[{"text":"bad"},{"text":"nice"}]},{"id":2,"comments":[]},{"id":4,"comments":[]}]}]"#,
    );
    check(
        "Post",
        "< attributes: [id], include: [author < attributes: [name], include: [profile < attributes: [bio], required >, posts < attributes: [id], order: [id desc], limit: 1 >] >], order: [id desc], limit: 2 >",
        r#"[{"id":5,"author":null},{"id":4,"author":{"name":"Ann","profile":{"bio":"about Ann"},"posts":[{"id":4}]}}]"#,
    );
    check(
        "Comment",
        r#"< attributes: [id], include: [post < attributes: [id], include: [author < attributes: [name], where: (name = "Bob") >], required: false >], order: [id] >"#,
        r#"[{"id":1,"post":null},{"id":2,"post":null},{"id":3,"post":{"id":3,"author":{"name":"Bob"}}}]"#,
    );
    check(
        "User",
        "< attributes: [id], include: [profile < attributes: [bio] >], order: [id], limit: 3 >",
        r#"[{"id":1,"profile":{"bio":"about Ann"}},{"id":2,"profile":{"bio":"about Bob"}},{"id":3,"profile":null}]"#,
    );
    check("User", r#"< attributes: [id], where: (profile.bio contains "Bob") >"#, r#"[{"id":2}]"#);
    check(
        "Post",
        "< raw, attributes: [id], include: [author < attributes: [name] >], where: (id = 1) >",
        r#"[{"id":1,"author.name":"Ann"}]"#,
    );
    check(
        "Post",
        r#"< attributes: [id], where: (published > "2022-01-02T12:00:00+02:00"), order: [id] >"#,
        r#"[{"id":4},{"id":5}]"#,
    );
    check(
        "Post",
        "< attributes: [published, rating], where: (id = 1) >",
        r#"[{"published":"2022-01-01T10:00:00.000Z","rating":4.5}]"#,
    );
    check(
        "User",
        "< distinct, attributes: [role], order: [role] >",
        r#"[{"role":"admin"},{"role":"user"}]"#,
    );
}
#[test]
fn scopes_and_deleted_rows() {
    let script = r#"
model Team {
  name: STRING, level: INTEGER
  scope default < where: (level > 0) >
  scope high < where: (level >= 5) >
  scope sorted < order: [name desc] >
  scope two < limit: 2 >
} < timestamps: false >
model Man {
  name: STRING
  shout: VIRTUAL < get: (upper(name) || "!") >
} < paranoid >
Team hasMany Man < as: men, foreignKey: teamId >
Man belongsTo Team < as: team, foreignKey: teamId >
"#;
    let rows = [
        "INSERT INTO Teams VALUES (1, 'a', 1), (2, 'b', 0), (3, 'c', 7), (4, 'd', 9)",
        "INSERT INTO Men VALUES (1, 'x', '', '', NULL, 1), (2, 'y', '', '', '2022-01-01', 1), (3, 'z', '', '', NULL, 2)",
    ];
    let check = |of: &str, expected: &str| {
        let schema = schema(&format!("{script}view V = {of}\n"));
        let reader = Planner { schema: &schema, dialect: Dialect::SQLITE, now: None };
        let found = json(&database(&schema, &rows), &reader.all(query(&schema)));
        assert_eq!(found, expected, "{of}");
    };
    check("Team findAll < attributes: [name] >", r#"[{"name":"a"},{"name":"c"},{"name":"d"}]"#);
    check("Team.unscoped findAll < attributes: [id], where: (level = 0) >", r#"[{"id":2}]"#);
    check(
        "Team.high.sorted findAll < attributes: [name], where: (id > 1) >",
        r#"[{"name":"d"},{"name":"c"}]"#,
    );
    check("Team.two findAll < attributes: [id], order: [id] >", r#"[{"id":1},{"id":2}]"#);
    check("Man findAll < attributes: [shout], order: [id] >", r#"[{"shout":"X!"},{"shout":"Z!"}]"#);
    check("Man findAll < attributes: [id], where: (shout = \"X!\") >", r#"[{"id":1}]"#);
    check(
        "Man findAll < attributes: [id], paranoid: false, order: [id] >",
        r#"[{"id":1},{"id":2},{"id":3}]"#,
    );
    check(
        "Man findAll < attributes: [id], include: [team < attributes: [name] >], order: [id] >",
        r#"[{"id":1,"team":{"name":"a"}},{"id":3,"team":null}]"#,
    );
    check(
        "Team findAll < attributes: [id, (count(men)) as n], include: [men < attributes: [name] >], limit: 1 >",
        r#"[{"id":1,"n":1,"men":[{"name":"x"}]}]"#,
    );
    check(
        "Team findAll < attributes: [id], include: [men < attributes: [name], paranoid: false, order: [id] >], limit: 1 >",
        r#"[{"id":1,"men":[{"name":"x"},{"name":"y"}]}]"#,
    );
}

#[test]
fn rows_are_counted_and_summed() {
    let run = |model: &str, options: &str, function, of: Option<&str>, expected: &str| {
        let of = of.map_or(String::new(), |it| format!("attributes: [({it}) as it]"));
        let schema = schema(&format!(
            "{MODELS}view O = {model} findAll < {of} >\nview V = {model} findAll {options}\n"
        ));
        let reader = Planner { schema: &schema, dialect: Dialect::SQLITE, now: None };
        let first = schema.views.first().unwrap().query.attributes.as_ref();
        let aggregate = Aggregate { function, of: first.map(|it| it[0].expression.clone()) };
        let selection = reader.aggregate(&aggregate, query(&schema));
        assert_eq!(json(&database(&schema, ROWS), &selection), expected, "{options}");
    };
    run(
        "User",
        "< include: [posts < required >, profile] >",
        AggregateFunction::Count,
        None,
        r#"[{"count":2}]"#,
    );
    run(
        "Post",
        "< where: (author.name = \"Ann\"), limit: 1, order: [id] >",
        AggregateFunction::Count,
        None,
        r#"[{"count":3}]"#,
    );
    run(
        "Post",
        "< where: (author.profile.bio like \"%Bob%\") >",
        AggregateFunction::Count,
        None,
        r#"[{"count":1}]"#,
    );
    run(
        "Post",
        "< group: [userId], order: [userId] >",
        AggregateFunction::Count,
        None,
        r#"[{"userId":null,"count":1},{"userId":1,"count":3},{"userId":2,"count":1}]"#,
    );
    run("Post", "< where: (id < 0) >", AggregateFunction::Sum, Some("views"), r#"[{"sum":null}]"#);
    run("Post", "< where: (id > 0) >", AggregateFunction::Sum, Some("views"), r#"[{"sum":222}]"#);
    run("Post", "< where: (id < 3) >", AggregateFunction::Avg, Some("views"), r#"[{"avg":105.0}]"#);
    run(
        "Post",
        "< where: (id > 0) >",
        AggregateFunction::Max,
        Some("published"),
        r#"[{"max":"2022-01-05T10:00:00.000Z"}]"#,
    );
}

#[test]
fn many_rows_are_read_in_chunks() {
    let schema = schema(&format!(
        "{MODELS}view V = User findAll < attributes: [id], include: [posts < attributes: [id], order: [id] >], order: [id] >\n"
    ));
    let reader = Planner { schema: &schema, dialect: Dialect::SQLITE, now: None };
    let count = 40 * plan::CHUNK + 7;
    let database = database(
        &schema,
        &[
            &format!(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) INSERT INTO Users (id) SELECT i FROM n"
            ),
            "INSERT INTO Posts (id, userId) SELECT id * 2 + k, id FROM Users, (SELECT 0 AS k UNION SELECT 1) ORDER BY 1",
        ],
    );
    let expected: Vec<String> = (1..=count)
        .map(|it| format!(r#"{{"id":{it},"posts":[{{"id":{}}},{{"id":{}}}]}}"#, it * 2, it * 2 + 1))
        .collect();
    let found = json(&database, &reader.all(query(&schema)));
    assert_eq!(found, format!("[{}]", expected.join(",")));
    // It ends where it is told to.
    let mut seen = 0;
    run::find(&database, &reader.all(query(&schema)), &mut |_| {
        seen += 1;
        if seen == 300 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert_eq!(seen, 300);
}

#[test]
fn a_view_is_flat_and_has_its_values_in_it() {
    let schema = schema(&format!(
        "{MODELS}view V = Post findAll < attributes: [id], where: (title != \"it's\"), include: [author < attributes: [name] >], limit: 2, order: [id] >\n"
    ));
    let statements = plan::create(&schema, Dialect::SQLITE);
    let text = sql::render(statements.last().unwrap(), &schema, Dialect::SQLITE);
    assert_eq!(
        text,
        "CREATE VIEW `V` AS SELECT `Post`.`id` AS `id`, `author`.`name` AS `author.name` FROM `Posts` AS `Post` \
         LEFT JOIN `Users` AS `author` ON `author`.`id` = `Post`.`userId` WHERE `Post`.`title` <> 'it''s' \
         ORDER BY `Post`.`id` LIMIT 2"
    );
    let mut database = database(&schema, ROWS);
    database.execute(&text, &[]).unwrap();
    let mut rows = 0;
    let mut each = |_: &mut [relata::value::Value]| {
        rows += 1;
        ControlFlow::Continue(())
    };
    database.query("SELECT `author.name` FROM V", &[], &mut each).unwrap();
    assert_eq!(rows, 2);
    let lists = self::schema(&format!("{MODELS}view V = User findAll < include: [posts] >\n"));
    let problems = plan::problems(&lists, Dialect::SQLITE);
    assert_eq!(
        problems.iter().map(relata::diagnostics::Problem::code).collect::<Vec<_>>(),
        ["E0434"]
    );
}

#[test]
fn sync_creates_views_once() {
    let script = format!(
        "{MODELS}view V = Post findAll < where: (views > 1) >\nsync\nsync\nsync < force >\ndrop\n"
    );
    let mut session = relata::session::Session::new(Sqlite::in_memory().unwrap());
    let mut outcomes = Vec::new();
    session.run("test.schema", &script, &mut outcomes).unwrap();
    let views = outcomes.iter().map(|it| match &it.result {
        run::Yield::Ddl(statements) => {
            let of = |word: &str| statements.iter().filter(|it| it.starts_with(word)).count();
            (of("CREATE VIEW"), of("DROP VIEW"))
        }
        other => panic!("{other:?}"),
    });
    assert_eq!(views.collect::<Vec<_>>(), [(1, 0), (0, 0), (1, 1), (0, 1)]);
}
