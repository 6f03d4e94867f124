//! The figures that Relata is held to, as ratios measured in one run: `cargo bench --bench ratios`.
//!
//! Schemas are those of a binary tree: N models of eight attributes, each with one association. CPU time is the
//! process's own (`/proc/self/stat`, so Linux); every figure is the median of several runs, since machines are noisy.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    reason = "a program for people who measure: it prints, and may stop"
)]

use relata::ast::Bundle;
use relata::check;
use relata::load::{MapLoader, Workspace};
use relata::plan;
use relata::source::Sources;
use relata::sql::Dialect;
use relata::syntax;
use std::fmt::Write as _;
use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::Instant;

const RUNS: usize = 7;

fn main() {
    // `cargo test --benches` calls this too, with `--test`: there is nothing to test here.
    if !std::env::args().any(|it| it == "--bench") {
        return;
    }
    let relata = env!("CARGO_BIN_EXE_relata");
    println!(
        "check, in this process (CPU of one thread; then wall on all cores, which only parsing uses)"
    );
    println!(
        "  models      text    pest alone      parse   the whole of check    whole / pest   of it letting go      wall   wall / pest"
    );
    for count in [10, 100, 1_000, 10_000] {
        check_line(count);
    }
    println!("\nan editor: one letter more in the middle of a file of 1,000 models (medians)");
    edit_line();
    let folder = std::env::temp_dir().join(format!("relata-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| folder.join(name).display().to_string();

    println!("\nprocesses (wall, in turn, medians)");
    let ten = file("10.schema");
    std::fs::write(&ten, schema(10)).unwrap();
    compare(
        ("relata check, 10 models", &mut || run(Command::new(relata).args(["check", &ten]))),
        ("sqlite3 :memory: 'select 1'", &mut || {
            run(Command::new("sqlite3").args([":memory:", "select 1"]))
        }),
        40,
        2.0,
    );

    let large = file("10000.schema");
    std::fs::write(&large, schema(10_000)).unwrap();
    let wall =
        median((0..RUNS).map(|_| run(Command::new(relata).args(["check", &large]))).collect());
    println!("  relata check, 10,000 models: {:.0} ms (aim: under 300)", wall * 1e3);
    println!("  its peak memory: {:.1} x the text (aim: at most 15)", memory(relata, &large));

    let thousand = file("1000.schema");
    let text = schema(1_000);
    std::fs::write(&thousand, format!("{text}sync\n")).unwrap();
    let ddl = file("1000.sql");
    std::fs::write(&ddl, format!("BEGIN;\n{}\nCOMMIT;\n", statements(&text))).unwrap();
    let database = file("bench.db");
    let fresh = |command: &mut Command| {
        let _ = std::fs::remove_file(&database);
        run(command)
    };
    let read = format!(".read {ddl}");
    compare(
        ("relata run, sync of 1,000 tables", &mut || {
            fresh(Command::new(relata).args(["run", &thousand, "--db", &database]))
        }),
        ("sqlite3 on the same statements", &mut || {
            fresh(Command::new("sqlite3").args([&database, &read]))
        }),
        RUNS,
        1.2,
    );
    let _ = std::fs::remove_dir_all(&folder);
}

fn check_line(count: usize) {
    let text = schema(count);
    let mut sources = Sources::default();
    let id = sources.add("bench", &text).unwrap();
    let source = sources.get(id);
    let rounds = (2_000_000 / text.len()).max(1);
    let megabytes = text.len() as f64 / 1e6;
    let pest = cpu(rounds, || {
        black_box(syntax::nodes(source));
    });
    let parse = cpu(rounds, || {
        black_box(syntax::parse_on(source, 1));
    });
    let whole = |threads: usize| {
        let parsed = syntax::parse_on(source, threads);
        let bundle = Bundle::of(parsed.script);
        let checked = check::check(&bundle, &sources);
        let problems = plan::problems(&checked.schema, Dialect::SQLITE);
        assert!(parsed.problems.is_empty() && checked.problems.is_empty() && problems.is_empty());
        (bundle, checked)
    };
    let all = cpu(rounds, || drop(black_box(whole(1))));
    // The command ends with what it has found; a host lets it go.
    let letting_go = median(
        (0..RUNS)
            .map(|_| {
                let held = whole(1);
                let started = Instant::now();
                drop(black_box(held));
                started.elapsed().as_secs_f64()
            })
            .collect(),
    );
    let wall = median(
        (0..RUNS)
            .map(|_| {
                let started = Instant::now();
                let threads =
                    std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
                drop(black_box(whole(if text.len() > 65_536 { threads } else { 1 })));
                started.elapsed().as_secs_f64()
            })
            .collect(),
    );
    println!(
        "  {count:>6} {:>6.0} KB {:>8.1} MB/s {:>5.1} MB/s {:>16.2} ms {:>12.2}x (<= 1.5) {:>12.2} ms {:>10.2} ms {:>10.2}x",
        megabytes * 1e3,
        megabytes / pest,
        megabytes / parse,
        all * 1e3,
        all / pest,
        letting_go * 1e3,
        wall * 1e3,
        wall / pest
    );
}

/// What an edit costs a host that keeps its scripts open: the text and the sentence in it are read again, then all is checked, and what
/// each name means is noted.
fn edit_line() {
    let text = schema(1_000);
    let half = text.get(..text.len() / 2).unwrap();
    let at = half.rfind(": STRING").unwrap();
    let mut workspace = Workspace::default();
    workspace.open("bench.schema", &text).unwrap();
    let mut loader = MapLoader::default();
    let (mut edits, mut checks) = (Vec::new(), Vec::new());
    for _ in 0..20 * RUNS {
        let started = Instant::now();
        workspace.edit("bench.schema", at..at, "x").unwrap();
        let (library, problems) = workspace.load(&mut loader, &["bench.schema"]);
        edits.push(started.elapsed().as_secs_f64());
        let started = Instant::now();
        let checked = check::check_noting(library.bundle(), workspace.sources());
        assert!(problems.is_empty() && checked.problems.is_empty());
        black_box(checked);
        checks.push(started.elapsed().as_secs_f64());
    }
    let (edit, check) = (median(edits) * 1e3, median(checks) * 1e3);
    println!("  the edit {edit:.2} ms, the whole of check with its list of uses {check:.1} ms");
}

/// Seconds of CPU that a round takes.
fn cpu(rounds: usize, mut round: impl FnMut()) -> f64 {
    round();
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let started = ticks();
        let mut done = 0;
        // The clock ticks a hundred times a second: enough rounds for forty of them.
        while done < rounds || ticks() - started < 0.4 {
            round();
            done += 1;
        }
        times.push((ticks() - started) / done as f64);
    }
    median(times)
}

/// Seconds of CPU that this process has taken.
fn ticks() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = text.rsplit(") ").next().unwrap().split(' ').collect();
    let number = |at: usize| fields[at].parse::<f64>().unwrap();
    (number(11) + number(12)) / 100.0
}

/// Seconds that a process takes.
fn run(command: &mut Command) -> f64 {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success());
    started.elapsed().as_secs_f64()
}

/// Peak memory of `relata check`, as a multiple of the text.
fn memory(relata: &str, file: &str) -> f64 {
    let script = format!("/usr/bin/time -f %M {relata} check {file} 2>&1 >/dev/null | tail -1");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let kilobytes: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap_or(f64::NAN);
    kilobytes * 1024.0 / std::fs::metadata(file).unwrap().len() as f64
}

type Timed<'a> = (&'a str, &'a mut dyn FnMut() -> f64);

/// Runs the two in turn, so that a machine that slows down slows both.
fn compare((ours, one): Timed<'_>, (theirs, two): Timed<'_>, runs: usize, most: f64) {
    let pairs: Vec<(f64, f64)> = (0..runs).map(|_| (one(), two())).collect();
    let ratio = median(pairs.iter().map(|(one, two)| one / two).collect());
    let one = median(pairs.iter().map(|it| it.0).collect());
    let two = median(pairs.iter().map(|it| it.1).collect());
    println!(
        "  {ours}: {:.2} ms; {theirs}: {:.2} ms; ratio {ratio:.2} (aim: at most {most})",
        one * 1e3,
        two * 1e3
    );
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn statements(text: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add("bench", text).unwrap();
    let checked = check::check(&Bundle::of(syntax::parse(sources.get(id)).script), &sources);
    plan::script(&checked.schema, Dialect::SQLITE, &plan::create(&checked.schema, Dialect::SQLITE))
}

/// N models of eight attributes, each belonging to another: model i to model (i - 1) / 2.
fn schema(count: usize) -> String {
    let mut text = String::new();
    for model in 0..count {
        let _ = write!(
            text,
            "model Model{model} {{\n  id: INTEGER < primaryKey, autoIncrement >\n  name: STRING < allowNull: false >\n  \
             email: STRING < allowNull: false, unique >\n  age: INTEGER\n  score: FLOAT < defaultValue: 0 >\n  \
             active: BOOLEAN < allowNull: false, defaultValue: true >\n  notes: TEXT\n  createdAt: DATE < allowNull: false >\n\
             }} < timestamps: false >\n"
        );
    }
    for model in 0..count {
        let parent = model.saturating_sub(1) / 2;
        let _ = writeln!(
            text,
            "Model{model} belongsTo Model{parent} < foreignKey: parentId, as: parent, onDelete: setNull >"
        );
    }
    text
}
