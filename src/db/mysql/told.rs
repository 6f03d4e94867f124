//! A table as a script has it: what the server adds by itself is left out, and so are comments, which are told beside it.

use super::shown::{body_and_tail, clauses, fragment, quoted, words_of};
use crate::catalog::{
    Column, ForeignKeyAction, ForeignKeyConstraint, IndexOrigin, Table, TableIndex,
};

/// The table, as a script has it.
pub(crate) fn told_table(mut table: Table) -> Table {
    let (items, tail) = body_and_tail(&table.sql).unwrap_or_default();
    let words = words_of(tail);
    let charset = words.iter().find_map(|it| it.strip_prefix("CHARSET=")).unwrap_or_default();
    let binary = format!("{charset}_bin");
    let key = items.iter().filter(|it| it.starts_with("PRIMARY KEY "));
    let said = words.iter().filter(|it| !it.starts_with("COMMENT="));
    table.ending = key.chain(said).copied().collect::<Vec<_>>().join(" ");
    table.comment.clear();
    for column in &mut table.columns {
        column.comment.clear();
        let said = clauses(&column.text);
        column.text = said.into_iter().filter(|it| !it.starts_with(" COMMENT '")).collect();
    }
    for check in std::mem::take(&mut table.checks) {
        let Some(column) = check.column.and_then(|at| table.columns.get_mut(at)) else {
            table.checks.push(check);
            continue;
        };
        // What stands at its column has no word, but for what makes a text a document.
        let is_document = *check.condition == *format!("json_valid({})", quoted(&column.name));
        if is_document && &*column.data_type == "longtext" {
            column.data_type = fragment("json");
            column.collation = None;
        } else {
            column.others.push(fragment(&format!("CHECK ({})", check.condition)));
        }
    }
    for column in &mut table.columns {
        compared_by_bytes(column, &binary);
    }
    let implied = |index: &TableIndex| table.keys.iter().any(|key| comes_with(&table, index, key));
    let implied: Vec<bool> = table.indexes.iter().map(implied).collect();
    let mut implied = implied.into_iter();
    table.indexes.retain(|_| implied.next() != Some(true));
    for key in &mut table.keys {
        told_key(key);
    }
    table
}

/// `BINARY` of a text's type: the collation that its character set has for bytes.
fn compared_by_bytes(column: &mut Column, binary: &str) {
    let is_text = ["char(", "varchar("].iter().any(|it| column.data_type.starts_with(it));
    if is_text && column.collation.as_ref().is_some_and(|it| *it == *binary) {
        column.data_type = fragment(&format!("{} binary", column.data_type));
        column.collation = None;
    }
}

/// Whether an index is the one that the server makes for a foreign key by itself.
fn comes_with(table: &Table, index: &TableIndex, key: &ForeignKeyConstraint) -> bool {
    let is_of = |index: &TableIndex, whole: bool| {
        let mut members = index.members.iter();
        let all = key.columns.iter().all(|column| {
            let member = members.next();
            member.and_then(|it| it.column.as_ref()).is_some_and(|it| *it == *column.as_str())
        });
        all && (!whole || members.next().is_none())
    };
    let is_plain = index.sql.as_ref().is_some_and(|it| it.ends_with(')'))
        && !index.unique
        && index.origin == IndexOrigin::Created
        && !index.members.iter().any(|it| it.descending);
    let others = || table.indexes.iter().filter(|it| it.name != index.name);
    key.name.as_deref() == Some(index.name.as_str())
        && is_plain
        && is_of(index, true)
        && !others().any(|it| is_of(it, false))
}

/// A foreign key in one spelling; what looks at each row as it is written has two words.
fn told_key(key: &mut ForeignKeyConstraint) {
    for action in [&mut key.on_delete, &mut key.on_update] {
        if *action == ForeignKeyAction::Restrict {
            *action = ForeignKeyAction::NoAction;
        }
    }
    let list = |names: &[String]| {
        let each: Vec<_> = names.iter().map(|it| quoted(it)).collect();
        each.join(", ")
    };
    let (name, table) = (quoted(key.name.as_deref().unwrap_or_default()), quoted(&key.table));
    let (columns, to) = (list(&key.columns), list(&key.to));
    key.text = format!("CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {table} ({to})");
    for (when, action) in [("ON DELETE", key.on_delete), ("ON UPDATE", key.on_update)] {
        if action != ForeignKeyAction::NoAction {
            key.text = format!("{} {when} {}", key.text, action.sql());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::told_table;
    use crate::db::mysql::shown::shown_table;

    #[test]
    fn what_the_server_adds_is_left_out() {
        let sql = "CREATE TABLE \"t\" (\n  \"id\" int(11) NOT NULL COMMENT 'it''s, COMMENT ''x''',\n  \"m\" longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(\"m\")),\n  \"n\" int(11) DEFAULT NULL CHECK (\"n\" > 0),\n  \"b\" varchar(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL,\n  PRIMARY KEY (\"id\"),\n  KEY \"k\" (\"n\"),\n  CONSTRAINT \"k\" FOREIGN KEY (\"n\") REFERENCES \"t\" (\"id\") ON DELETE CASCADE ON UPDATE NO ACTION\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci COMMENT='a COLLATE=b'";
        let table = told_table(shown_table(sql).unwrap());
        let types: Vec<_> = table.columns.iter().map(|it| &*it.data_type).collect();
        assert_eq!(types, ["int(11)", "json", "int(11)", "varchar(80) binary"]);
        assert_eq!(table.columns[0].text, "int(11) NOT NULL");
        assert_eq!(&*table.columns[2].others[0], "CHECK (\"n\" > 0)");
        assert!(table.checks.is_empty() && table.indexes.len() == 1);
        assert_eq!(
            table.ending,
            "PRIMARY KEY (\"id\") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci"
        );
        assert_eq!(
            table.keys[0].text,
            "CONSTRAINT \"k\" FOREIGN KEY (\"n\") REFERENCES \"t\" (\"id\") ON DELETE CASCADE"
        );
    }
}
