//! What several nodes of a cluster write at the same time: nothing of it is lost, and nothing is kept in part.

use super::galera::{Cluster, Tested, at_once, declared, declared_as, left_wholly, synced};
use super::mariadb_sessions::{MODELS, expect, run};
use relata::db::{Database, DbErrorKind, Mysql};
use relata::value::Value;
use std::sync::Barrier;

/// The row of a block is written on the first node, and the second has come to that when this is done.
fn written_meanwhile(cluster: &Cluster) -> Tested {
    let mut first = declared(cluster, &[1])?;
    expect(&run(&mut first, "Post update { title: \"first\" } < where: (id = 1) >\n"), &[":1"])?;
    cluster.open(&[2]).map(drop)
}

pub(super) fn overtaken(cluster: &Cluster) -> Tested {
    let rows = "Post create { id: 1, title: \"t\" }\nUser create { id: 1, name: \"stays\" }\n";
    expect(&run(&mut synced(cluster, &[1])?, rows), &["\"id\":1", "\"id\":1"])?;
    // Statements that the session hasn't sent before, and such as it has.
    for behind in [
        "User create { name: \"u\" }\n",
        "User count\n",
        "User destroy < where: (name = \"stays\") >\n",
        "User update { name: \"gone\" } < where: (name = \"stays\") >\n",
        "User bulkCreate [{ name: \"u\" }] < ignoreDuplicates >\n",
        "transaction {\n  User create { name: \"u\" }\n}\n",
        "Post update { title: \"third\" } < where: (id = 1) >\nUser create { name: \"u\" }\n",
        "",
    ] {
        let block = format!(
            "Post update {{ title: \"second\" }} < where: (id = 1) >\nPost create {{ title: \"meanwhile\" }}\n{behind}"
        );
        let before = "Post update { title: \"t\" } < where: (id = 1) >\n";
        expect(&run(&mut declared(cluster, &[2])?, before), &[":1"])?;
        left_wholly(cluster, MODELS, written_meanwhile, &block)?;
        let kept =
            "User findAll < attributes: [name] >\nPost findAll < attributes: [id, title] >\n";
        let rows = "[{\"id\":1,\"title\":\"first\"}]";
        let users = "[{\"name\":\"stays\"}]";
        expect(&run(&mut declared(cluster, &[3])?, kept), &[users, rows])
            .map_err(|it| format!("{behind}: {it}"))?;
    }
    Ok(())
}

/// A sentence that counts a row up, and is another statement than with another number: each is prepared when its turn comes.
fn counted_up(title: &str, number: usize) -> String {
    let or = " or title = \"none\"".repeat(number);
    format!("Post increment {{ words: 1 }} < where: (title = \"{title}\"{or}) >\n")
}

/// What three sessions that count rows up have been told: how many of so many sentences or blocks were kept. Whoever gave up has said so.
fn kept_of(all: &[Vec<String>], count: usize) -> Result<usize, String> {
    let mut kept = count;
    for line in all.iter().flatten().filter(|it| it.contains("\"error\"")) {
        if !line.contains("E0605") {
            return Err(line.clone());
        }
        kept = kept.checked_sub(1).ok_or("more were given up than there are")?;
    }
    Ok(kept)
}

/// The tables on all nodes, with rows that are counted up.
fn counters(cluster: &Cluster, titles: &[&str]) -> Result<String, String> {
    let models = MODELS.replace("title: STRING", "title: STRING, words: INTEGER");
    let rows: Vec<_> = titles.iter().map(|it| format!("{{ title: \"{it}\", words: 0 }}")).collect();
    let script = format!("{models}sync\nPost bulkCreate [{}]\n", rows.join(", "));
    expect(&run(&mut cluster.session(&[1])?, &script), &["\"words\":0"])?;
    Ok(models)
}

/// Whether each node has counted each row up so often.
fn counted(cluster: &Cluster, models: &str, titles: &[&str], kept: usize) -> Tested {
    for node in 1..4 {
        for title in titles {
            let sum = format!("Post sum (words) < where: (title = \"{title}\") >\n");
            let value = format!(":{kept}}}");
            let found = run(&mut declared_as(cluster, node, models)?, &sum);
            expect(&found, &[value.as_str()])
                .map_err(|it| format!("{title} on node {node}: {it}"))?;
        }
    }
    if kept > 0 { Ok(()) } else { Err("nobody has written anything".to_owned()) }
}

pub(super) fn three_writers(cluster: &Cluster) -> Tested {
    let models = counters(cluster, &["t"])?;
    let each: String = (0..30).map(|it| counted_up("t", it)).collect();
    let all = at_once(cluster, &models, &|_| each.clone())?;
    counted(cluster, &models, &["t"], kept_of(&all, 90)?)
}

/// Transactions on a node, each of whose statements is new to the server; how many were kept.
fn new_statements(cluster: &Cluster, node: usize, start: &Barrier) -> Result<usize, String> {
    let mut own = cluster.open(&[node])?;
    let mut kept = 0;
    start.wait();
    for number in 0..150 {
        let add =
            |id: usize| format!("UPDATE counters SET n = n + 1 WHERE id = {id} AND {number} >= 0");
        let seen = format!("SELECT n FROM counters WHERE {number} >= 0");
        let each = |own: &mut Mysql| {
            own.begin()?;
            own.execute(&add(1), &[])?;
            // The rows are read, or the first of them alone.
            if number % 2 == 0 {
                (own as &dyn Database).rows(&seen, &[])?;
            } else {
                (own as &dyn Database).number(&seen, &[])?;
            }
            own.execute(&add(2), &[])?;
            own.commit()
        };
        match each(&mut own) {
            Ok(()) => kept += 1,
            Err(error) if error.kind == DbErrorKind::Busy => {
                own.rollback().map_err(|it| it.message)?;
            }
            Err(error) => return Err(error.message),
        }
    }
    Ok(kept)
}

/// A node that ends a transaction says nothing of that while a statement is prepared, and says it behind the rows of one that reads.
pub(super) fn ended_unsaid(cluster: &Cluster) -> Tested {
    let mut first = cluster.open(&[1])?;
    for sql in [
        "CREATE TABLE counters (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)",
        "INSERT INTO counters VALUES (1, 0), (2, 0)",
    ] {
        first.execute(sql, &[]).map_err(|it| it.message)?;
    }
    let start = Barrier::new(3);
    let work = |node: usize| new_statements(cluster, node, &start);
    let all: Vec<Result<usize, String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..4).map(|node| scope.spawn(move || work(node))).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let kept: usize = all.into_iter().sum::<Result<_, _>>()?;
    let mut found = Vec::new();
    let asked = cluster.open(&[2])?.query("SELECT n FROM counters", &[], &mut |row| {
        found.push(row[0].clone());
        std::ops::ControlFlow::Continue(())
    });
    asked.map_err(|it| it.message)?;
    let counted = Value::Integer(i64::try_from(kept).unwrap());
    if kept > 0 && found == [counted.clone(), counted] {
        return Ok(());
    }
    Err(format!("{kept} were kept, and the rows say {found:?}"))
}

pub(super) fn racing_rows(cluster: &Cluster) -> Tested {
    let models = format!(
        "{MODELS}model Tag {{ label: STRING < unique > }}\nUser belongsToMany Tag < as: tags, through: UserTags >\nTag belongsToMany User < as: users, through: UserTags >\n"
    );
    let mut first = cluster.session(&[1])?;
    expect(
        &run(&mut first, &format!("{models}sync\nUser create {{ name: \"a\", email: \"a\" }}\n")),
        &["\"id\""],
    )?;
    let each = |_: usize| {
        let each = (0..10).map(|it| {
            format!("Tag findOrCreate {{ label: \"{it}\" }}\nUser upsert {{ name: \"u\", email: \"{it}\" }}\nlet tag{it} = Tag findOne < where: (label = \"{it}\") >\nann addTags tag{it}\n")
        });
        format!("let ann = User findOne < where: (email = \"a\") >\n{}", each.collect::<String>())
    };
    for lines in at_once(cluster, &models, &each)? {
        if let Some(error) = lines.iter().find(|it| it.contains("\"error\"")) {
            return Err(error.clone());
        }
    }
    let counts = "Tag count\nUser count < where: (name = \"u\") >\nUserTags count\n";
    let found = run(&mut declared_as(cluster, 3, &models)?, counts);
    expect(&found, &["\"value\":10", "\"value\":10", "\"value\":10"])
}

pub(super) fn numbers(cluster: &Cluster) -> Tested {
    drop(synced(cluster, &[1])?);
    let create = |node: usize| {
        let rows: Vec<_> = (0..150).map(|it| format!("{{ name: \"{node}-{it}\" }}")).collect();
        format!("User bulkCreate [{}]\n", rows.join(", "))
    };
    let all = at_once(cluster, MODELS, &create)?;
    let found = run(&mut declared(cluster, &[1])?, "User findAll < attributes: [id, name] >\n");
    let stored = found.join("\n");
    let mut count = 0;
    for line in all.iter().flatten() {
        // Each row as it was told, with its number, is as it is kept.
        for row in line.split("{\"id\":").skip(1) {
            let (id, rest) = row.split_once(",\"name\":\"").ok_or("a row without a name")?;
            let (name, _) = rest.split_once('"').ok_or("a row without a name")?;
            let row = format!("{{\"id\":{id},\"name\":\"{name}\"}}");
            if !stored.contains(&row) {
                return Err(format!("{row} isn't kept"));
            }
            count += 1;
        }
    }
    if count == 450 { Ok(()) } else { Err(format!("{count} rows: {all:?}")) }
}
