//! Texts that nobody wrote.

use super::{condition, operators, phrased, sentences};

#[test]
fn brackets_of_any_depth_end_nothing() {
    const DEEP: usize = 20_000;
    for (head, open, close) in [
        ("User.findAll([", "sum(", ")"),
        ("User update { a: 1 } ", "< b ", ">"),
        ("User findAll < where: (", "posts.some(", ")"),
        ("User.findAll({ where: ", "{ a: ", "}"),
        ("User.findAll({ where: ", "{ [Op.or]: [", "]}"),
        ("const A = sequelize.define('A', ", "{ a: ", "}"),
        ("const f = ", "() => { ", "}"),
        ("", "(async () => { ", "})()"),
        ("", "try { ", "} catch {}"),
        ("if (require.main === module) ", "{ ", "}"),
        ("class A extends Model { static f() { ", "class A extends Model { static f() { ", "}}"),
        ("a = ", "a = ", ""),
        ("const x = await ", "Promise.all([", "])"),
        ("", "a.b().then(() => ", ")"),
        ("", "const t = await sequelize.transaction(); ", "t.commit();"),
        ("const f = () => g(); const g = () => ", "f(", ")"),
        ("", "export default ", ""),
        ("", "{ function f() { f(); f(); ", "}}"),
        ("prisma.user.findMany({ where: ", "{ AND: [", "]}"),
        ("SELECT * FROM users WHERE ", "(", ")"),
        ("SELECT * FROM users WHERE ", "f(", ")"),
        ("SELECT * FROM users WHERE id IN ", "(", ")"),
        ("CREATE TABLE users (id INT CHECK ", "(", ")"),
        ("UPDATE users SET id = ", "(", ")"),
        ("model User {\n id Int @default", "(", ")"),
        ("Table users {\n id int [default: ", "(", ")"),
    ] {
        let open_only = format!("{head}{}\n", open.repeat(DEEP));
        let closed = format!("{head}{}1{}\n", open.repeat(DEEP), close.repeat(DEEP));
        for text in [open_only, closed] {
            // one that overflows the stack fails
            let found = sentences(&text);
            assert!(found.iter().all(|it| it.range.end <= text.len()), "{head}");
            let _ = condition(&text, std::iter::empty());
            let _ = (phrased(&text), operators(&text));
        }
    }
}

#[test]
fn what_is_not_whole_is_not_said() {
    for text in [
        "User.hasMany(Post, { foreignKey: 'userId })",
        "User.findAll({ where: { id: 1 } ",
        "model User {\n  id Int @id @default(autoincrement()\n  name String\n}",
        "SELECT * FROM users WHERE name = 'Ann",
        "Table users {\n  id int [pk\n}",
    ] {
        let found = sentences(text);
        assert!(found.iter().all(|it| it.said.is_none()), "{text}: {found:?}");
    }
}

/// Each bracket of what the test pages paste, left out, and another one in its place: whoever reads a list up to its end must see that it is
/// no list.
#[test]
fn a_bracket_that_is_missing_or_another_ends_nothing() {
    let pages = [
        include_str!("../../tests/cases/diagnostics/pasted.md"),
        include_str!("../../tests/cases/diagnostics/prismas_calls.md"),
        include_str!("../../tests/cases/diagnostics/programs.md"),
        include_str!("../../tests/cases/diagnostics/rubys_calls.md"),
        include_str!("../../tests/cases/diagnostics/sql_lines.md"),
        include_str!("../../tests/cases/diagnostics/whole_models.md"),
    ];
    let mut tried = 0;
    for page in pages {
        let scripts = page.split("```schema\n").skip(1).filter_map(|it| it.split("```").next());
        for script in scripts.filter(|it| it.len() < 300) {
            for (at, bracket) in script.match_indices(['(', ')', '[', ']', '{', '}']) {
                let (before, rest) = script.split_at(at);
                let behind = rest.strip_prefix(bracket).unwrap();
                for other in ["", if bracket == ")" { "]" } else { ")" }] {
                    let text = format!("{before}{other}{behind}");
                    let found = sentences(&text);
                    assert!(found.iter().all(|it| it.range.end <= text.len()), "{text}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 500, "{tried}");
}
