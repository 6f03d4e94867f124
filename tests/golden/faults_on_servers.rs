//! What a server refuses to whom, and what changes under a session, as the program tells it.

use super::server_faults::{add, refused, told};
use libtest_mimic::Trial;
use relata::db::Database;

type Tested = Result<(), String>;

/// What makes a table that isn't there.
const SCRIPT: &str = "model User { name: STRING } < timestamps: false >\nsync\n";

/// The tests, for each server that is there.
pub(crate) fn trials(out: &mut Vec<Trial>) {
    #[cfg(feature = "postgres")]
    if let Ok(url) = std::env::var("RELATA_POSTGRES") {
        postgres::trials(&url, out);
    }
    #[cfg(feature = "mysql")]
    if let Ok(url) = std::env::var("RELATA_MARIADB") {
        mariadb::trials(&url, out);
    }
}

/// Runs statements.
fn all(database: &mut dyn Database, statements: &[&str]) -> Tested {
    for sql in statements {
        database.execute(sql, &[]).map_err(|it| format!("{sql}: {}", it.message))?;
    }
    Ok(())
}

/// A URL with another user and database.
fn url_of(url: &str, who: &str, database: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (_, rest) = rest.split_once('@').unwrap();
    let (host, _) = rest.split_once('/').unwrap();
    format!("{scheme}://{who}@{host}/{database}")
}

/// What a session reads by a statement that was prepared before its table changed.
fn changed_under<D: Database>(
    mut database: D,
    mut other: D,
    [create, change, read]: [&str; 3],
) -> Tested {
    fn read_all(database: &dyn Database, read: &str) -> Result<Vec<String>, String> {
        let mut rows = Vec::new();
        let asked = database.query(read, &[], &mut |row| {
            rows.push(format!("{row:?}"));
            std::ops::ControlFlow::Continue(())
        });
        asked.map(|()| rows).map_err(|it| format!("{:?}: {}", it.kind, it.message))
    }
    all(&mut database, &[create, "INSERT INTO t VALUES (1)"])?;
    let before = read_all(&database, read)?;
    all(&mut other, &[change])?;
    let behind = read_all(&database, read)?;
    database.begin().map_err(|it| it.message)?;
    let within = read_all(&database, read)?;
    database.rollback().map_err(|it| it.message)?;
    if before == ["[Integer(1)]"] && behind == ["[Text(\"1\"), Null]"] && within == behind {
        return Ok(());
    }
    Err(format!("{before:?}, {behind:?}, {within:?}"))
}

#[cfg(feature = "postgres")]
mod postgres {
    use super::{SCRIPT, Tested, Trial, add, all, changed_under, refused, told, url_of};
    use relata::db::Postgres;

    /// Does something as the server's owner, with a database and a user of its own; both go.
    fn with(
        (url, number): (&str, usize),
        made: &[&str],
        test: impl FnOnce(&str, &str) -> Tested,
    ) -> Tested {
        let name = format!("relata_fault_{}_{number}", std::process::id());
        let mut server = Postgres::open(url).map_err(|it| it.message)?;
        all(&mut server, &[&format!("CREATE ROLE {name} LOGIN PASSWORD 'right'")])?;
        let encoding =
            if number == 6 { "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'" } else { "" };
        all(&mut server, &[&format!("CREATE DATABASE {name} TEMPLATE template0 {encoding}")])?;
        let made: Vec<_> = made.iter().map(|it| it.replace("NAME", &name)).collect();
        let done = all(&mut server, &made.iter().map(String::as_str).collect::<Vec<_>>())
            .and_then(|()| test(&name, &url_of(url, "postgres", &name)));
        all(
            &mut server,
            &[
                &format!("DROP DATABASE {name} WITH (FORCE)"),
                &format!("DROP ROLE IF EXISTS {name}"),
            ],
        )?;
        done
    }

    pub(super) fn trials(url: &str, out: &mut Vec<Trial>) {
        let mut test = |name: &str, test: Box<dyn Fn(&str) -> Tested + Send>| {
            let url = url.to_owned();
            add(out, format!("postgres/faults: {name}"), move || test(&url));
        };
        let look = "look at the user and the password";
        test(
            "an unknown user",
            Box::new(move |url| {
                refused(&url_of(url, "nobody:s3cret", "postgres"), &["\"nobody\"", look])
            }),
        );
        test(
            "a wrong password",
            Box::new(move |url| {
                let made = ["CREATE ROLE relata_password LOGIN PASSWORD 'right'"];
                let done = with((url, 1), &made, |_, url| {
                    let right = url_of(url, "relata_password:right", "postgres");
                    Postgres::open(&right).map_err(|it| it.message)?;
                    refused(&url_of(url, "relata_password:s3cret", "postgres"), &[look])?;
                    refused(&url_of(url, "relata_password", "postgres"), &["password", look])
                });
                all(
                    &mut Postgres::open(url).map_err(|it| it.message)?,
                    &["DROP ROLE IF EXISTS relata_password"],
                )?;
                done
            }),
        );
        test(
            "no such database",
            Box::new(|url| {
                let url = url_of(url, "postgres:s3cret", "nowhere");
                refused(&url, &["\"nowhere\"", "CREATE DATABASE"])
            }),
        );
        test(
            "no connection left",
            Box::new(|url| {
                with((url, 2), &["ALTER ROLE NAME CONNECTION LIMIT 0"], |name, url| {
                    refused(&url_of(url, &format!("{name}:s3cret"), name), &["max_connections"])
                })
            }),
        );
        test(
            "no right to connect",
            Box::new(|url| {
                with((url, 3), &["REVOKE CONNECT ON DATABASE NAME FROM public"], |name, url| {
                    let url = url_of(url, &format!("{name}:s3cret"), name);
                    refused(&url, &["permission denied for database", "has to give the user"])
                })
            }),
        );
        test(
            "no right to create a table",
            Box::new(|url| {
                with((url, 4), &[], |name, url| {
                    let url = url_of(url, &format!("{name}:s3cret"), name);
                    told(&url, SCRIPT, (1, "E0610"), &["permission denied for schema public"])
                })
            }),
        );
        test(
            "a database that is read-only",
            Box::new(|url| {
                let made = ["ALTER DATABASE NAME SET default_transaction_read_only = on"];
                with((url, 5), &made, |_, url| {
                    told(url, SCRIPT, (3, "E0609"), &["read-only transaction"])?;
                    let (host, rest) = url.split_once("127.0.0.1").unwrap();
                    let url = format!("{host}localhost{rest}?target_session_attrs=read-write");
                    refused(&url, &["it takes no writes", "try again when it takes work"])
                })
            }),
        );
        test(
            "bytes that aren't UTF-8",
            Box::new(|url| {
                with((url, 6), &[], |_, url| {
                    let mut database = Postgres::open(url).map_err(|it| it.message)?;
                    let table = "CREATE TABLE \"Users\" (id SERIAL PRIMARY KEY, name VARCHAR(255))";
                    all(
                        &mut database,
                        &[table, "INSERT INTO \"Users\" (name) VALUES (E'a\\xff')"],
                    )?;
                    let script = format!("{SCRIPT}User findAll\n");
                    told(
                        url,
                        &script.replace("sync\n", ""),
                        (1, "E0610"),
                        &["0xff", "bytes that are no UTF-8"],
                    )
                })
            }),
        );
        test(
            "a table that changes under a prepared statement",
            Box::new(|url| {
                with((url, 7), &[], |_, url| {
                    let open = || Postgres::open(url).map_err(|it| it.message);
                    let change = "ALTER TABLE t ALTER a TYPE text, ADD COLUMN b text";
                    let sql = ["CREATE TABLE t (a int)", change, "SELECT * FROM t"];
                    changed_under(open()?, open()?, sql)
                })
            }),
        );
    }
}

#[cfg(feature = "mysql")]
mod mariadb {
    use super::{SCRIPT, Tested, Trial, add, all, changed_under, refused, told, url_of};
    use relata::db::Mysql;

    /// Does something as the server's owner, with a database and a user of its own; both go.
    fn with(
        (url, number): (&str, usize),
        made: &[&str],
        test: impl FnOnce(&str, &str) -> Tested,
    ) -> Tested {
        let name = format!("relata_fault_{}_{number}", std::process::id());
        let mut server = Mysql::open(url).map_err(|it| it.message)?;
        all(&mut server, &[&format!("CREATE DATABASE {name} CHARACTER SET utf8mb4")])?;
        all(&mut server, &[&format!("CREATE USER '{name}'@'%' IDENTIFIED BY 's3cret'")])?;
        let made: Vec<_> = made.iter().map(|it| it.replace("NAME", &name)).collect();
        let done = all(&mut server, &made.iter().map(String::as_str).collect::<Vec<_>>())
            .and_then(|()| test(&name, &url_of(url, &format!("{name}:s3cret"), &name)));
        all(&mut server, &[&format!("DROP DATABASE {name}"), &format!("DROP USER '{name}'@'%'")])?;
        done
    }

    pub(super) fn trials(url: &str, out: &mut Vec<Trial>) {
        let mut test = |name: &str, test: Box<dyn Fn(&str) -> Tested + Send>| {
            let url = url.to_owned();
            add(out, format!("mysql/faults: {name}"), move || test(&url));
        };
        test(
            "a wrong password",
            Box::new(|url| {
                let url = url_of(url, "root:s3cret", "mysql");
                refused(&url, &["Access denied", "look at the user and the password"])
            }),
        );
        test(
            "no such database",
            Box::new(|url| {
                refused(&url_of(url, "root", "nowhere"), &["'nowhere'", "CREATE DATABASE"])
            }),
        );
        test(
            "no right to the database",
            Box::new(|url| {
                with((url, 1), &[], |_, url| {
                    refused(url, &["Access denied", "has to give the user"])
                })
            }),
        );
        test(
            "no right to create a table",
            Box::new(|url| {
                with((url, 2), &["GRANT SELECT ON NAME.* TO 'NAME'@'%'"], |_, url| {
                    told(url, SCRIPT, (1, "E0610"), &["CREATE command denied"])
                })
            }),
        );
        test(
            "no connection left",
            Box::new(|url| {
                let made = [
                    "GRANT ALL ON NAME.* TO 'NAME'@'%'",
                    "ALTER USER 'NAME'@'%' WITH MAX_USER_CONNECTIONS 1",
                ];
                with((url, 3), &made, |_, url| {
                    let first = Mysql::open(url).map_err(|it| it.message)?;
                    let done = refused(url, &["max_connections"]);
                    drop(first);
                    done
                })
            }),
        );
        test(
            "a table that changes under a prepared statement",
            Box::new(|url| {
                with((url, 4), &["GRANT ALL ON NAME.* TO 'NAME'@'%'"], |_, url| {
                    let open = || Mysql::open(url).map_err(|it| it.message);
                    let change = "ALTER TABLE t MODIFY a text, ADD COLUMN b text";
                    let sql = ["CREATE TABLE t (a int)", change, "SELECT * FROM t"];
                    changed_under(open()?, open()?, sql)
                })
            }),
        );
    }
}
