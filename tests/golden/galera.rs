//! What becomes of blocks, changes of the structure and numbers where each of three nodes is written to, and where a node goes.
//!
//! `RELATA_GALERA` is a URL that names the nodes, and `RELATA_GALERA_NODES` a program that kills and starts one of them: `.ci/galera run` gives both.

use super::alike::OPTIONS;
use super::galera_writers::{ended_unsaid, numbers, overtaken, racing_rows, three_writers};
use super::mariadb_sessions::{ENDLESS, MODELS, busy, expect, run};
use libtest_mimic::{Failed, Trial};
use relata::db::{Database as _, DbErrorKind, Mysql};
use relata::diagnostics::{Losses, Problem};
use relata::migrate;
use relata::run::{Outcome, Sink};
use relata::session::Session;
use std::process::Command;
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::time::Duration;

pub(super) type Tested = Result<(), String>;

/// The nodes, and a database on them.
pub(super) struct Cluster {
    /// `mysql://root@`
    before: String,
    nodes: Vec<String>,
    /// What kills and starts a node.
    program: String,
    database: String,
}

impl Cluster {
    /// The database's URL, which names these nodes, numbered from one.
    fn url(&self, nodes: &[usize]) -> String {
        let nodes: Vec<_> = nodes.iter().map(|it| self.nodes[it - 1].as_str()).collect();
        format!("{}{}/{}", self.before, nodes.join(","), self.database)
    }

    pub(super) fn open(&self, nodes: &[usize]) -> Result<Mysql, String> {
        Mysql::open(&self.url(nodes)).map_err(|it| it.message)
    }

    pub(super) fn session(&self, nodes: &[usize]) -> Result<Session<Mysql>, String> {
        Ok(Session::new(self.open(nodes)?).with_options(OPTIONS))
    }

    /// Does something with a node, and waits until it is done.
    fn node(&self, node: usize, what: &str) {
        let done =
            Command::new(&self.program).args(["node", &node.to_string(), what]).status().unwrap();
        assert!(done.success(), "node {node} {what}");
    }
}

/// What is done on the nodes.
pub(super) type ClusterTest = fn(&Cluster) -> Tested;

const TESTS: &[(&str, ClusterTest)] = &[
    ("a list of nodes names the first that takes work", first_node),
    ("a block is left wholly when its node is killed, and the next node goes on", killed_node),
    ("of a write whose node is killed nobody says that it was not kept", killed_write),
    ("a block on one node is left wholly when another changes its table", changed_meanwhile),
    ("a block whose row another node has written is left wholly, whatever comes next", overtaken),
    ("of writers on three nodes none loses what another has written", three_writers),
    ("a transaction that a node ends without a word is told as one that failed", ended_unsaid),
    ("rows that three nodes make at once are one", racing_rows),
    ("rows have the numbers that their node gave them", numbers),
    ("of appliers on three nodes one finds something to do", appliers),
    ("an applier whose node is gone keeps nobody waiting", gone_applier),
    ("an applier that has lost its lock changes nothing more", lost_lock),
    ("a model without a primary key is told", keyless),
];

/// The tests; none, and a word about it, where there is no cluster. They come one after the other: some of them kill a node.
pub(crate) fn trials(out: &mut Vec<Trial>) {
    let Ok(url) = std::env::var("RELATA_GALERA") else {
        out.push(Trial::test("galera/", || Ok(())).with_kind("skipped: no server"));
        return;
    };
    let program = std::env::var("RELATA_GALERA_NODES").unwrap();
    let (before, rest) = url.split_at(url.find('@').unwrap() + 1);
    let (hosts, _) = rest.split_once('/').unwrap();
    let nodes: Vec<_> = hosts.split(',').map(str::to_owned).collect();
    let turn = Arc::new(Mutex::new(()));
    for (place, (name, test)) in TESTS.iter().enumerate() {
        let cluster = Cluster {
            before: before.to_owned(),
            nodes: nodes.clone(),
            program: program.clone(),
            database: format!("relata_cluster_{}_{place}", std::process::id()),
        };
        let turn = Arc::clone(&turn);
        let run = move || {
            let turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            let done = on_database(&cluster, *test).map_err(Failed::from);
            drop(turn);
            done
        };
        out.push(Trial::test(format!("galera/{name}"), run));
    }
}

/// Does it on a database that all nodes know.
fn on_database(cluster: &Cluster, test: ClusterTest) -> Tested {
    let system = format!("{}{}/mysql", cluster.before, cluster.nodes.join(","));
    let mut server = Mysql::open(&system).map_err(|it| it.message)?;
    let name = &cluster.database;
    let sql = format!("CREATE DATABASE {name} CHARACTER SET utf8mb4");
    server.execute(&sql, &[]).map_err(|it| it.message)?;
    for node in &cluster.nodes {
        // Another node has it when it comes to what this one has done.
        drop(Mysql::open(&format!("{}{node}/mysql", cluster.before)).map_err(|it| it.message)?);
    }
    let done = test(cluster);
    let mut server = Mysql::open(&system).map_err(|it| it.message)?;
    server.execute(&format!("DROP DATABASE {name}"), &[]).map_err(|it| it.message)?;
    done
}

/// A session on these nodes, on which the tables are.
pub(super) fn synced(cluster: &Cluster, nodes: &[usize]) -> Result<Session<Mysql>, String> {
    let mut res = cluster.session(nodes)?;
    expect(&run(&mut res, &format!("{MODELS}sync\n")), &[])?;
    Ok(res)
}

/// A session on a node that knows the models.
pub(super) fn declared(cluster: &Cluster, nodes: &[usize]) -> Result<Session<Mysql>, String> {
    let mut res = cluster.session(nodes)?;
    res.declare("models.schema", MODELS).map_err(|it| it.to_string())?;
    Ok(res)
}

/// The name of the node that a connection leads to.
fn node_of(database: &Mysql) -> Result<String, String> {
    let mut found = String::new();
    let sql = "SELECT @@wsrep_node_name";
    let asked = database.query(sql, &[], &mut |row| {
        found = format!("{:?}", row[0]);
        std::ops::ControlFlow::Continue(())
    });
    asked.map(|()| found).map_err(|it| it.message)
}

fn first_node(cluster: &Cluster) -> Tested {
    let is_on = |nodes: &[usize], node: usize| {
        let found = node_of(&cluster.open(nodes)?)?;
        if found.contains(&format!("node{node}")) { Ok(()) } else { Err(found) }
    };
    is_on(&[2, 1, 3], 2)?;
    let mut second = Mysql::open(&cluster.url(&[2])).map_err(|it| it.message)?;
    let mut set = |sql: &str| second.execute(sql, &[]).map(drop).map_err(|it| it.message);
    // Nothing is written there.
    set("SET GLOBAL read_only = 1")?;
    let read_only = is_on(&[2, 1, 3], 1);
    set("SET GLOBAL read_only = 0")?;
    read_only?;
    // It comes behind the others, and takes work where no other does.
    set("SET GLOBAL wsrep_desync = 1")?;
    let desynced = is_on(&[2, 3], 3).and_then(|()| is_on(&[2], 2));
    set("SET GLOBAL wsrep_desync = 0")?;
    desynced
}

/// What a script says one of whose statements runs when its node is killed; another one sees that it runs.
fn killed(cluster: &Cluster, node: usize, script: &str) -> Result<Vec<String>, String> {
    let mut session = declared(cluster, &[node, 1, 2])?;
    let lines = std::thread::scope(|scope| {
        scope.spawn(|| {
            let other = cluster.open(&[node]).unwrap();
            busy(&other);
            cluster.node(node, "kill");
        });
        run(&mut session, script)
    });
    cluster.node(node, "start");
    Ok(lines)
}

fn killed_node(cluster: &Cluster) -> Tested {
    drop(synced(cluster, &[1])?);
    let script = format!(
        "User create {{ name: \"first\", email: \"a\" }}\n\
         transaction {{\n  User create {{ name: \"a\" }}\n  User count < where: (sql`{ENDLESS}` = 0) >\n  User create {{ name: \"b\" }}\n}}\n\
         User count\nUser create {{ name: \"second\", email: \"a\" }}\nUser create {{ name: \"second\", email: \"b\" }}\n\
         User findAll < attributes: [name], order: [name], where: (name || \"\" = name) >\n"
    );
    let lines = killed(cluster, 3, &script)?;
    let names = "[{\"name\":\"first\"},{\"name\":\"second\"}]";
    expect(
        &lines,
        &["\"id\"", "\"id\"", "E0605", "\"value\":1", "E0601", "\"name\":\"second\"", names],
    )
}

fn killed_write(cluster: &Cluster) -> Tested {
    drop(synced(cluster, &[1])?);
    let write = format!(
        "User create {{ name: \"a\" }}\nUser update {{ name: \"b\" }} < where: (sql`{ENDLESS}` = 0) >\nUser count\n"
    );
    expect(&killed(cluster, 3, &write)?, &["\"id\"", "E0619", "\"value\":1"])
}

/// Does something on another node when a sentence of a block has been carried out.
struct Meanwhile<'c> {
    cluster: &'c Cluster,
    work: ClusterTest,
    lines: Vec<String>,
    done: Option<Tested>,
}

impl Sink for Meanwhile<'_> {
    fn outcome(&mut self, outcome: Outcome) {
        let line = outcome.to_json();
        if line.contains("meanwhile") && self.done.is_none() {
            self.done = Some((self.work)(self.cluster));
        }
        self.lines.push(line);
    }

    fn warning(&mut self, _: Problem) {}
}

/// The models as they are to be, on a node.
fn apply(cluster: &Cluster, node: usize) -> Tested {
    let mut session = cluster.session(&[node])?;
    let after = MODELS.replace("title: STRING", "title: STRING, words: INTEGER");
    session.declare("after.schema", &after).map_err(|it| it.to_string())?;
    session.apply().map(drop).map_err(|it| it.to_string())
}

/// A block on the second node that is left wholly, since something is done meanwhile on the first.
pub(super) fn left_wholly(
    cluster: &Cluster,
    models: &str,
    work: ClusterTest,
    block: &str,
) -> Tested {
    let mut session = declared_as(cluster, 2, models)?;
    let mut sink = Meanwhile { cluster, work, lines: Vec::new(), done: None };
    let ended = session.run("test.schema", &format!("transaction {{\n{block}}}\n"), &mut sink);
    sink.done.clone().ok_or("nothing was done meanwhile")??;
    if ended.is_ok() || !sink.lines.iter().any(|it| it.contains("E0605")) {
        return Err(format!("{block}: {:#?}", sink.lines));
    }
    Ok(())
}

fn changed_meanwhile(cluster: &Cluster) -> Tested {
    drop(synced(cluster, &[1])?);
    for behind in ["Post create { title: \"c\" }\n", "Post count\n", ""] {
        let block = format!(
            "User create {{ name: \"u\" }}\nPost create {{ title: \"meanwhile\" }}\n{behind}"
        );
        left_wholly(cluster, MODELS, |it| apply(it, 1), &block)?;
        let mut third = declared(cluster, &[3])?;
        expect(&run(&mut third, "User count\nPost count\n"), &["\"value\":0", "\"value\":0"])?;
        migrate::rollback(&mut cluster.open(&[3])?, Losses::NONE, OPTIONS.now)
            .map_err(|it| it.to_string())?;
    }
    Ok(())
}

/// What a session on each node yields that does the same at the same time.
pub(super) fn at_once(
    cluster: &Cluster,
    models: &str,
    script: &(dyn Fn(usize) -> String + Sync),
) -> Result<Vec<Vec<String>>, String> {
    let start = Barrier::new(3);
    let work = |node: usize| {
        let mut own = cluster.session(&[node])?;
        own.declare("models.schema", models).map_err(|it| it.to_string())?;
        start.wait();
        let options = relata::run::Options { keep_going: true, ..OPTIONS };
        own.set_options(options);
        Ok::<_, String>(run(&mut own, &script(node)))
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (1..4).map(|node| scope.spawn(move || work(node))).collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    })
}

pub(super) fn declared_as(
    cluster: &Cluster,
    node: usize,
    models: &str,
) -> Result<Session<Mysql>, String> {
    let mut res = cluster.session(&[node])?;
    res.declare("models.schema", models).map_err(|it| it.to_string())?;
    Ok(res)
}

fn appliers(cluster: &Cluster) -> Tested {
    drop(synced(cluster, &[1])?);
    for turn in 1..3 {
        let start = Barrier::new(3);
        let work = |node: usize| {
            start.wait();
            apply(cluster, node)
        };
        let all: Vec<Tested> = std::thread::scope(|scope| {
            let threads: Vec<_> = (1..4).map(|node| scope.spawn(move || work(node))).collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect()
        });
        all.into_iter().collect::<Result<Vec<()>, String>>()?;
        let all = migrate::history(&mut cluster.open(&[2])?).map_err(|it| it.to_string())?;
        let open = all.iter().filter(|it| it.rolled_back_at.is_none()).count();
        if (all.len(), open) != (turn + 1, 2) {
            return Err(format!("{} migrations, {open} of them not undone", all.len()));
        }
        migrate::rollback(&mut cluster.open(&[3])?, Losses::NONE, OPTIONS.now)
            .map_err(|it| it.to_string())?;
    }
    Ok(())
}

/// An applier on a node gets to work when one on another is gone, and not before.
fn waits(cluster: &Cluster, node: usize, release: impl FnOnce() -> Tested) -> Tested {
    let mut other = cluster.open(&[node])?;
    // Longer than a statement waits for a lock.
    other.limit_time(Some(Duration::from_secs(6))).map_err(|it| it.message)?;
    match other.exclude_appliers() {
        Err(error) if error.kind == DbErrorKind::Late => {}
        found => return Err(format!("two are at work: {found:?}")),
    }
    other.limit_time(None).map_err(|it| it.message)?;
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            other.exclude_appliers().map_err(|it| it.message)?;
            other.admit_appliers().map_err(|it| it.message)
        });
        release().and(waiter.join().unwrap())
    })
}

fn gone_applier(cluster: &Cluster) -> Tested {
    let mut third = cluster.open(&[3])?;
    third.exclude_appliers().map_err(|it| it.message)?;
    let done = waits(cluster, 1, || {
        cluster.node(3, "kill");
        Ok(())
    });
    cluster.node(3, "start");
    done?;
    let mut second = cluster.open(&[2])?;
    second.exclude_appliers().map_err(|it| it.message)?;
    waits(cluster, 1, || {
        drop(second);
        Ok(())
    })
}

fn lost_lock(cluster: &Cluster) -> Tested {
    let mut first = cluster.open(&[1])?;
    first.exclude_appliers().map_err(|it| it.message)?;
    first.excludes_appliers().map_err(|it| it.message)?;
    let mut other = cluster.open(&[1])?;
    let holders = "SELECT id FROM information_schema.processlist WHERE db = database() ORDER BY id";
    let mut all = Vec::new();
    let asked = other.query(holders, &[], &mut |row| {
        all.push(format!("{:?}", row[0]).replace(|it: char| !it.is_ascii_digit(), ""));
        std::ops::ControlFlow::Continue(())
    });
    asked.map_err(|it| it.message)?;
    // The first connection is that of the statements, the second has the lock.
    other.execute(&format!("KILL {}", all[1]), &[]).map_err(|it| it.message)?;
    let lost = first.excludes_appliers();
    first.admit_appliers().map_err(|it| it.message)?;
    match lost {
        Err(error) if error.kind == DbErrorKind::Busy => Ok(()),
        found => Err(format!("{found:?}")),
    }
}

/// Keeps what is warned of.
struct Told<'w>(&'w mut Vec<String>);
impl Sink for Told<'_> {
    fn outcome(&mut self, _: Outcome) {}
    fn warning(&mut self, problem: Problem) {
        self.0.push(format!("{} {problem}", problem.code()));
    }
}

fn keyless(cluster: &Cluster) -> Tested {
    let script = "model Log { line: STRING } < timestamps: false, id: false >\nmodel User { name: STRING } < timestamps: false >\nsync\n";
    let mut told = Vec::new();
    let ran = cluster.session(&[1])?.run("test.schema", script, &mut Told(&mut told));
    ran.map_err(|it| it.to_string())?;
    expect(&told, &["W0027 `Log` has no primary key"])
}
