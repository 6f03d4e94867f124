//! What SQLite keeps of its structure, read and edited.

use super::copy::SideFile;
use super::quoting::{self, quote_names};
use super::{SharedSqlite, Sqlite, error, schema_check, sketch};
use crate::catalog::{Name, Table};
use crate::db::{Database, DbError, DbErrorKind, Structure};
use crate::stored::{quoted, quoted_text};
use rusqlite::config::DbConfig;
use std::collections::BTreeSet;

/// What lets a statement change the texts that SQLite keeps.
const WRITABLE_SCHEMA: [(DbConfig, bool); 2] = [
    (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false),
    (DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true),
];

impl Structure for SharedSqlite<'_> {
    fn create(&mut self, sql: &str) -> Result<(), DbError> {
        self.check_interrupted()?;
        // SQLite keeps what is written before the semicolon, white space too.
        let end = if sql.ends_with(char::is_whitespace) { ";" } else { "" };
        let whole = format!("{sql}{end}");
        if sql.contains('"') {
            self.with_texts(|it| it.run(&whole, &mut [].iter()))?;
        } else {
            self.run(&whole, &mut [].iter())?;
        }
        Ok(())
    }

    fn quoted_texts(&mut self, sql: &str) -> Result<Vec<String>, DbError> {
        self.check_interrupted()?;
        let (_, sql) = quote_names(sql);
        let strict = self
            .with(&[(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)], |it| it.prepare(&sql).map(|_| ()));
        match strict {
            Err(error) if error.kind.is_of_statement() => self.ask(|it| quoting::texts(it, &sql)),
            Err(error) => Err(error),
            Ok(()) => Ok(Vec::new()),
        }
    }

    fn preview(&mut self, statements: &[String], name: &str) -> Result<Option<Table>, DbError> {
        let mut scratch = Sqlite::in_memory()?;
        for statement in statements {
            scratch.create(statement)?;
        }
        scratch.table(name)
    }

    fn rewrite(&mut self, table: &str, sql: &str) -> Result<(), DbError> {
        let changed = self.with(&WRITABLE_SCHEMA, |connection| {
            let changed = connection.execute(
                "UPDATE sqlite_schema SET sql = ?1 WHERE type = 'table' AND name = ?2 COLLATE NOCASE",
                [sql, table],
            )?;
            let version: i64 =
                connection.query_row("PRAGMA schema_version", [], |row| row.get(0))?;
            connection.execute_batch(&format!("PRAGMA schema_version = {}", version + 1))?;
            connection.execute_batch("PRAGMA writable_schema = RESET")?;
            Ok(changed)
        })?;
        if changed == 1 {
            Ok(())
        } else {
            let message = format!("there is no table `{table}`");
            Err(DbError::new(DbErrorKind::Refused, message))
        }
    }

    fn replace_table(&mut self, new: &str, name: &str) -> Result<(), DbError> {
        let sql = format!("ALTER TABLE {} RENAME TO {}", quoted(new), quoted(name));
        let settings = [
            (DbConfig::SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, true),
            (DbConfig::SQLITE_DBCONFIG_DQS_DDL, true),
        ];
        self.with(&settings, |it| it.execute_batch(&sql))
    }

    fn rename(&mut self, sql: &str) -> Result<(), DbError> {
        // Only so does SQLite pass over what it can't read.
        self.with(&WRITABLE_SCHEMA, |it| {
            it.execute_batch(sql)?;
            it.execute_batch("PRAGMA writable_schema = RESET")
        })
    }

    fn size(&mut self) -> Result<u64, DbError> {
        let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        self.query_own(sql, |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
    }

    fn damage(&mut self, table: Option<&str>) -> Result<Option<String>, DbError> {
        let of = table.map_or_else(|| "1".to_owned(), quoted_text);
        let check = format!("PRAGMA integrity_check({of})");
        match self.query_own(&check, |row| row.get::<_, String>(0)) {
            Ok(said) => Ok((said != "ok").then_some(said)),
            // What is worse than what it looks for.
            Err(error) if error.kind == DbErrorKind::NotADatabase => Ok(Some(error.message)),
            Err(error) => Err(error),
        }
    }

    fn unreadable(&mut self, tables: &BTreeSet<Name>) -> Result<Option<String>, DbError> {
        self.ask(|it| schema_check::unreadable(it, tables))
    }

    fn watch(&mut self) {
        // What is compiled already would not be compiled again.
        self.connection.flush_prepared_statement_cache();
        self.guard.start_noting();
    }

    fn written(&mut self) -> BTreeSet<Name> {
        self.guard.take_noted().unwrap_or_default()
    }

    fn backup(&mut self, name: &str) -> Result<Option<String>, DbError> {
        self.check_interrupted()?;
        let Some(file) = &self.file else {
            return Ok(None);
        };
        if self.connection.is_readonly("main").map_err(error::of)? {
            // SQLite begins to write without a word, and says it later: a copy would be left for nothing.
            return Err(DbError {
                code: Some(rusqlite::ffi::SQLITE_READONLY),
                ..DbError::new(DbErrorKind::CannotWrite, "it may only be read")
            });
        }
        let copy = SideFile::of(file, name, &self.stop)?;
        let path = copy.path();
        self.copy.replace(Some(copy));
        Ok(Some(path))
    }

    fn create_temporary(&mut self, sql: &str) -> Result<(), DbError> {
        self.check_interrupted()?;
        self.execute_own(sql)
    }

    fn is_sketch_cheap(&mut self) -> Result<bool, DbError> {
        sketch::is_cheap(self)
    }

    fn sketch(&mut self) -> Result<Option<Box<dyn Database>>, DbError> {
        Ok(sketch::of(self)?.map(|it| Box::new(it) as Box<dyn Database>))
    }

    fn copy(&mut self) -> Result<Option<Box<dyn Database>>, DbError> {
        if self.connection.is_readonly("main").map_err(error::of)? {
            return Ok(Some(Box::new(Sqlite::copy(self)?)));
        }
        Ok(None)
    }
}

/// What each method does: what the database does that is shared.
macro_rules! forward {
    ($(fn $name:ident(&mut $own:ident $(, $argument:ident: $kind:ty)*) $(-> $result:ty)?;)*) => {
        $(fn $name(&mut $own $(, $argument: $kind)*) $(-> $result)? {
            SharedSqlite($own).$name($($argument),*)
        })*
    };
}

impl Structure for Sqlite {
    forward! {
        fn create(&mut self, sql: &str) -> Result<(), DbError>;
        fn quoted_texts(&mut self, sql: &str) -> Result<Vec<String>, DbError>;
        fn preview(&mut self, statements: &[String], name: &str) -> Result<Option<Table>, DbError>;
        fn rewrite(&mut self, table: &str, sql: &str) -> Result<(), DbError>;
        fn replace_table(&mut self, new: &str, name: &str) -> Result<(), DbError>;
        fn rename(&mut self, sql: &str) -> Result<(), DbError>;
        fn size(&mut self) -> Result<u64, DbError>;
        fn damage(&mut self, table: Option<&str>) -> Result<Option<String>, DbError>;
        fn unreadable(&mut self, tables: &BTreeSet<Name>) -> Result<Option<String>, DbError>;
        fn watch(&mut self);
        fn written(&mut self) -> BTreeSet<Name>;
        fn backup(&mut self, name: &str) -> Result<Option<String>, DbError>;
        fn create_temporary(&mut self, sql: &str) -> Result<(), DbError>;
        fn is_sketch_cheap(&mut self) -> Result<bool, DbError>;
        fn sketch(&mut self) -> Result<Option<Box<dyn Database>>, DbError>;
        fn copy(&mut self) -> Result<Option<Box<dyn Database>>, DbError>;
    }
}
