//! The statement of a table as `db/postgres/describe.rs` writes it, read again: what the history tells of a change is made of it.

use crate::catalog::{
    CheckConstraint, Column, ForeignKeyAction, ForeignKeyConstraint, Fragment, Generated,
    IndexOrigin, IndexedColumn, Table, TableIndex,
};

/// The table that such a statement is of; none where it is something else.
pub(super) fn read(sql: &str) -> Option<Table> {
    let mut lines = sql.lines();
    let first = lines.next()?.strip_suffix(" (")?;
    let name =
        first.strip_prefix("CREATE TABLE ").or(first.strip_prefix("CREATE UNLOGGED TABLE "))?;
    let mut table = Table { name: name_of(name)?.0, sql: sql.to_owned(), ..Table::default() };
    let mut keys = Vec::new();
    for line in lines {
        let Some(text) = line.strip_prefix("  ") else { break };
        let text = text.strip_suffix(',').unwrap_or(text);
        match text.strip_prefix("CONSTRAINT ") {
            Some(constraint) => keys.push(constraint),
            None => {
                let column = column(text)?;
                table.identity |= column.identity;
                table.columns.push(column);
            }
        }
    }
    for text in keys {
        constraint(text, &mut table)?;
    }
    Some(table)
}

/// A name, in quotes or not, and what stands behind it.
fn name_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(|it: char| !(it.is_alphanumeric() || it == '_')).unwrap_or(text.len());
        return Some((text.get(..end)?.to_owned(), text.get(end..)?));
    };
    let (mut name, mut rest) = (String::new(), quoted);
    loop {
        let (part, behind) = rest.split_once('"')?;
        name.push_str(part);
        match behind.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, behind)),
        }
    }
}

fn fragment(text: &str) -> Fragment {
    Fragment::new(text, text)
}

fn column(text: &str) -> Option<Column> {
    let (name, rest) = name_of(text)?;
    let all = rest.strip_prefix(' ')?;
    let mut res = Column { name, text: all.to_owned(), ..Column::default() };
    let rest = all.strip_suffix(" NOT NULL").inspect(|_| res.not_null = true).unwrap_or(all);
    // A default's text may have the word, and stands behind nothing of the other kind.
    let computed = rest.split_once(" GENERATED ").filter(|it| !it.0.contains(" DEFAULT "));
    let (rest, said) = match computed {
        Some((before, computed)) => {
            res.identity = computed.ends_with(" AS IDENTITY");
            let inner =
                computed.strip_prefix("ALWAYS AS (").and_then(|it| it.strip_suffix(") STORED"));
            res.generated = inner.map(|it| Generated { expression: fragment(it), stored: true });
            (before, None)
        }
        None => match rest.split_once(" DEFAULT ") {
            Some((before, default)) => (before, Some(default)),
            None => (rest, None),
        },
    };
    res.default = said.map(fragment);
    let (data_type, collation) = match rest.split_once(" COLLATE ") {
        Some((data_type, collation)) => (data_type, name_of(collation).map(|it| it.0)),
        None => (rest, None),
    };
    res.data_type = fragment(data_type);
    res.collation = collation.map(|it| it.as_str().into());
    Some(res)
}

/// Names between brackets, and what stands behind these.
fn list(text: &str) -> Option<(Vec<String>, &str)> {
    let mut rest = text.strip_prefix('(')?;
    let mut names = Vec::new();
    loop {
        let (name, behind) = name_of(rest)?;
        names.push(name);
        rest = match behind.strip_prefix(", ") {
            Some(more) => more,
            None => return Some((names, behind.strip_prefix(')')?)),
        };
    }
}

fn constraint(text: &str, table: &mut Table) -> Option<()> {
    let (name, rest) = name_of(text)?;
    let rest = rest.strip_prefix(' ')?;
    if let Some(columns) = rest.strip_prefix("PRIMARY KEY ") {
        for (place, name) in list(columns)?.0.iter().enumerate() {
            let column = table.columns.iter_mut().find(|it| it.name == *name)?;
            column.primary_key = place + 1;
        }
    } else if let Some(columns) = rest.strip_prefix("UNIQUE ") {
        let members = list(columns)?.0.into_iter().map(|it| IndexedColumn {
            column: Some(it.as_str().into()),
            ..IndexedColumn::default()
        });
        table.indexes.push(TableIndex {
            constraint: Some(name.clone()),
            name,
            unique: true,
            origin: IndexOrigin::Unique,
            members: members.collect(),
            ..TableIndex::default()
        });
    } else if let Some(check) = rest.strip_prefix("CHECK (") {
        let condition = check.rsplit_once(')')?.0;
        let inner = condition.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
        table.checks.push(CheckConstraint {
            name: Some(name),
            condition: fragment(inner.unwrap_or(condition)),
            ..CheckConstraint::default()
        });
    } else if let Some(key) = rest.strip_prefix("FOREIGN KEY ") {
        let (columns, behind) = list(key)?;
        let (parent, behind) = name_of(behind.strip_prefix(" REFERENCES ")?)?;
        let (to, behind) = list(behind)?;
        let action = |when: &str| {
            let said = behind.split_once(when).map_or("", |it| it.1);
            let found = ForeignKeyAction::ALL.into_iter().find(|it| said.starts_with(it.sql()));
            found.unwrap_or_default()
        };
        table.keys.push(ForeignKeyConstraint {
            name: Some(name),
            columns,
            table: parent,
            to,
            on_update: action(" ON UPDATE "),
            on_delete: action(" ON DELETE "),
            text: format!("CONSTRAINT {text}"),
            ..ForeignKeyConstraint::default()
        });
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_statement_is_read_as_it_is_written() {
        let sql = "CREATE TABLE \"Users\" (\n  id integer GENERATED BY DEFAULT AS IDENTITY NOT NULL,\n  \"a \"\"b\" character varying(80) DEFAULT 'x GENERATED AS IDENTITY NOT NULL'::text,\n  net numeric(10,2) COLLATE \"C\",\n  gross numeric(10,2) GENERATED ALWAYS AS ((net * 1.2)) STORED NOT NULL,\n  CONSTRAINT \"Users_pkey\" PRIMARY KEY (id),\n  CONSTRAINT u UNIQUE (\"a \"\"b\", net),\n  CONSTRAINT c CHECK ((net > 1)),\n  CONSTRAINT k FOREIGN KEY (id) REFERENCES \"Other\"(no) ON UPDATE CASCADE ON DELETE SET NULL\n)";
        let table = read(sql).unwrap();
        let columns: Vec<_> = (table.columns.iter())
            .map(|it| (it.name.as_str(), it.data_type.to_string(), it.not_null, it.primary_key))
            .collect();
        assert_eq!(
            columns,
            [
                ("id", "integer".to_owned(), true, 1),
                ("a \"b", "character varying(80)".to_owned(), false, 0),
                ("net", "numeric(10,2)".to_owned(), false, 0),
                ("gross", "numeric(10,2)".to_owned(), true, 0),
            ]
        );
        assert_eq!(
            table.columns[1].default.as_deref(),
            Some("'x GENERATED AS IDENTITY NOT NULL'::text")
        );
        assert_eq!(table.checks[0].condition.to_string(), "net > 1");
        assert_eq!(table.keys[0].table, "Other");
        assert!(table.identity && table.indexes[0].members.len() == 2);
        assert_eq!(read("CREATE VIEW v AS SELECT 1"), None);
    }
}
