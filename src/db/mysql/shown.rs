//! The statement of a table as MariaDB shows it, read: what is known of a table is read there, so that a table which is there, one that a session has for
//! itself, and one of which only the statement is kept are described alike.

use crate::catalog::{
    CheckConstraint, Column, ForeignKeyAction, ForeignKeyConstraint, Fragment, Generated,
    IndexOrigin, IndexedColumn, Name, Table, TableIndex,
};

/// What ends a default, or another clause of a column that has no brackets around it.
const CLAUSES: [&str; 9] = [
    " COMMENT '",
    " CHECK (",
    " ON UPDATE ",
    " INVISIBLE",
    " COLLATE ",
    " CHARACTER SET ",
    " NOT NULL",
    " DEFAULT ",
    " GENERATED ALWAYS AS (",
];

/// The table that such a statement is of; none where it is something else.
pub(crate) fn shown_table(sql: &str) -> Option<Table> {
    let begin = ["CREATE TABLE ", "CREATE TEMPORARY TABLE "];
    let rest = begin.iter().find_map(|it| sql.strip_prefix(it))?;
    let (name, rest) = name_of(rest)?;
    let (body, tail) = bracketed(rest.trim_start())?;
    let kept = format!("CREATE TABLE {} ({body}){}", quoted(&name), without_number(tail));
    let mut table = Table { name, sql: kept, ..Table::default() };
    let mut others = Vec::new();
    for item in items(body) {
        if item.starts_with(['"', '`']) {
            column(item, &mut table)?;
        } else {
            others.push(item);
        }
    }
    for item in others {
        if clause(item, &mut table).is_none() {
            table.others.push(fragment(item));
        }
    }
    table.identity = table.columns.iter().any(|it| it.identity);
    if let Some(at) = tail.find(" COMMENT='") {
        let text = tail.get(at + " COMMENT=".len()..).and_then(text_of);
        table.comment = text.iter().flat_map(|it| it.0.lines()).map(str::to_owned).collect();
    }
    Some(table)
}

/// A statement without the name of its own database, which the server writes before sequences and functions: the same has another one elsewhere.
pub(crate) fn without_own_name(sql: &str, database: &str) -> String {
    let own = format!("{}.", quoted(database));
    let (mut res, mut rest) = (String::with_capacity(sql.len()), sql);
    while let Some(at) = rest.find(['\'', '"', '`']) {
        let (before, quoted) = rest.split_at(at);
        res.push_str(before);
        if let Some(behind) = quoted.strip_prefix(&own) {
            rest = behind;
            continue;
        }
        let quote = quoted.chars().next().unwrap_or('\'');
        let (text, behind) = quoted.split_at(quoted_end(quoted, quote).unwrap_or(quoted.len()));
        res.push_str(text);
        rest = behind;
    }
    res + rest
}

/// What stands between the brackets of a table's statement, and behind them.
pub(super) fn body_and_tail(sql: &str) -> Option<(Vec<&str>, &str)> {
    let (_, rest) = name_of(sql.strip_prefix("CREATE TABLE ")?)?;
    let (body, tail) = bracketed(rest.trim_start())?;
    Some((items(body), tail))
}

/// The words of a text, as far as no quotes or brackets are around them.
pub(super) fn words_of(text: &str) -> Vec<&str> {
    let (mut res, mut from) = (Vec::new(), 0);
    let spaces = outside(text).into_iter().filter(|it| it.1.is_whitespace()).map(|it| it.0);
    for end in spaces.chain([text.len()]) {
        res.extend(text.get(from..end).map(str::trim).filter(|it| !it.is_empty()));
        from = end;
    }
    res
}

/// A text before a word of it, and from that word on.
pub(super) fn split_at_word<'t>(text: &'t str, word: &str) -> Option<(&'t str, &'t str)> {
    let mut spaces = outside(text).into_iter().filter(|it| it.1 == ' ').map(|it| it.0);
    let behind = |at: usize| text.get(at + 1..).and_then(|it| it.strip_prefix(word));
    let at = spaces.find(|at| behind(*at).is_some_and(|it| it.starts_with(' ')))?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// The foreign key of a clause; none where it is none.
pub(crate) fn shown_key(clause: &str) -> Option<ForeignKeyConstraint> {
    let (name, rest) = name_of(clause.strip_prefix("CONSTRAINT ")?)?;
    let (columns, rest) = bracketed(rest.strip_prefix(" FOREIGN KEY ")?)?;
    let (parent, rest) = name_of(rest.strip_prefix(" REFERENCES ")?)?;
    // In another database.
    let (parent, rest) = match rest.strip_prefix('.') {
        Some(rest) => {
            let (table, rest) = name_of(rest)?;
            (format!("{parent}.{table}"), rest)
        }
        None => (parent, rest),
    };
    let (to, rest) = bracketed(rest.trim_start())?;
    let names = |list: &str| -> Option<Vec<String>> {
        items(list).into_iter().map(|it| Some(name_of(it)?.0)).collect()
    };
    let action = |when: &str| {
        let said = rest.split_once(when).map_or("", |it| it.1);
        let found = ForeignKeyAction::ALL.into_iter().find(|it| said.starts_with(it.sql()));
        // Both look at each row as it is written.
        match found {
            None | Some(ForeignKeyAction::NoAction) => ForeignKeyAction::Restrict,
            Some(it) => it,
        }
    };
    let (columns, to) = (names(columns)?, names(to)?);
    let [on_delete, on_update] = [action(" ON DELETE "), action(" ON UPDATE ")];
    Some(ForeignKeyConstraint {
        name: Some(name),
        columns,
        table: parent,
        to,
        on_update,
        on_delete,
        text: clause.to_owned(),
        ..ForeignKeyConstraint::default()
    })
}

/// What stands behind a table's columns, without the number that comes next.
fn without_number(tail: &str) -> String {
    let Some((before, behind)) = tail.split_once(" AUTO_INCREMENT=") else {
        return tail.to_owned();
    };
    if before.contains('\'') {
        // It is in what is said of the table.
        return tail.to_owned();
    }
    format!("{before}{}", behind.trim_start_matches(|it: char| it.is_ascii_digit()))
}

/// A piece of SQL, as the server itself writes it.
pub(super) fn fragment(text: &str) -> Fragment {
    Fragment::new(text, text)
}

/// A name in quotes.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A name in quotes at the beginning of a text, and what stands behind it.
pub(super) fn name_of(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|it| matches!(it, '"' | '`'))?;
    let end = quoted_end(text, quote)?;
    let (name, rest) = text.split_at(end);
    let name = name.get(1..name.len() - 1)?;
    let twice: String = [quote, quote].iter().collect();
    Some((name.replace(&twice, quote.encode_utf8(&mut [0; 4])), rest))
}

/// Where what begins with a quote ends.
pub(super) fn quoted_end(text: &str, quote: char) -> Option<usize> {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, it)) = letters.next() {
        if it == '\\' && quote == '\'' {
            letters.next();
        } else if it == quote && letters.next_if(|it| it.1 == quote).is_none() {
            return Some(at + 1);
        }
    }
    None
}

/// A text in single quotes at the beginning of another, and what stands behind it.
fn text_of(text: &str) -> Option<(String, &str)> {
    let end = text.starts_with('\'').then(|| quoted_end(text, '\'')).flatten()?;
    let (own, rest) = text.split_at(end);
    let own = own.get(1..own.len() - 1)?;
    let (mut res, mut letters) = (String::new(), own.chars().peekable());
    while let Some(it) = letters.next() {
        match it {
            '\'' => {
                letters.next_if_eq(&'\'');
                res.push('\'');
            }
            '\\' => match letters.next() {
                Some('n') => res.push('\n'),
                Some('r') => res.push('\r'),
                Some('t') => res.push('\t'),
                Some('0') => res.push('\0'),
                Some(other) => res.push(other),
                None => {}
            },
            other => res.push(other),
        }
    }
    Some((res, rest))
}

/// The places of a text outside of quotes and brackets, each with its sign.
fn outside(text: &str) -> Vec<(usize, char)> {
    let (mut res, mut depth, mut at) = (Vec::new(), 0_usize, 0);
    while let Some(it) = text.get(at..).and_then(|it| it.chars().next()) {
        if matches!(it, '\'' | '"' | '`') {
            let end = text.get(at..).and_then(|rest| quoted_end(rest, it));
            if depth == 0 {
                res.push((at, it));
            }
            at = end.map_or(text.len(), |end| at + end);
            continue;
        }
        if it == ')' {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            res.push((at, it));
        }
        if it == '(' {
            depth += 1;
        }
        at += it.len_utf8();
    }
    res
}

/// What is between the brackets at the beginning of a text, and what stands behind them.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('(')?;
    let end = outside(text).into_iter().find(|it| it.1 == ')')?.0;
    Some((inner.get(..end - 1)?, text.get(end + 1..)?))
}

/// The items of a list.
fn items(list: &str) -> Vec<&str> {
    let (mut res, mut from) = (Vec::new(), 0);
    let commas = outside(list).into_iter().filter(|it| it.1 == ',').map(|it| it.0);
    for end in commas.chain([list.len()]) {
        res.extend(list.get(from..end).map(str::trim).filter(|it| !it.is_empty()));
        from = end + 1;
    }
    res
}

/// Where the next clause of a column begins.
fn next_clause(text: &str) -> usize {
    let spaces = outside(text).into_iter().filter(|it| it.1 == ' ').map(|it| it.0);
    let begins = |at: &usize| {
        text.get(*at..).is_some_and(|it| CLAUSES.iter().any(|word| it.starts_with(word)))
    };
    let mut spaces = spaces.skip_while(|at| *at == 0);
    spaces.find(begins).unwrap_or(text.len())
}

/// What stands behind a column's name, clause by clause; its type is the first. Together they are the text.
pub(super) fn clauses(text: &str) -> Vec<&str> {
    let (mut res, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (clause, behind) = rest.split_at(next_clause(rest));
        res.push(clause);
        rest = behind;
    }
    res
}

/// What stands behind a column's name, without NOT NULL.
pub(crate) fn nullable_text(text: &str) -> String {
    clauses(text).into_iter().map(|it| it.strip_prefix(" NOT NULL").unwrap_or(it)).collect()
}

/// What stands behind a column's name: all before its check, and the check, if there is one.
pub(crate) fn split_check(text: &str) -> (&str, &str) {
    let before = clauses(text).into_iter().take_while(|it| !it.starts_with(" CHECK ("));
    text.split_at(before.map(str::len).sum())
}

/// The names that a piece of SQL has in quotes.
pub(super) fn names_in(sql: &str) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    let mut rest = sql;
    while let Some(at) = rest.find(['\'', '"', '`']) {
        let begin = rest.get(at..).unwrap_or_default();
        let quote = begin.chars().next().unwrap_or('\'');
        let Some(end) = quoted_end(begin, quote) else { break };
        if quote != '\''
            && let Some((name, _)) = name_of(begin)
        {
            names.push(name.as_str().into());
        }
        rest = begin.get(end..).unwrap_or_default();
    }
    names
}

fn check(name: String, condition: &str, column: Option<usize>) -> CheckConstraint {
    CheckConstraint {
        name: Some(name),
        condition: fragment(condition),
        column,
        names: names_in(condition),
        ..CheckConstraint::default()
    }
}

/// A column, with the check that stands at it.
fn column(item: &str, table: &mut Table) -> Option<()> {
    let (name, rest) = name_of(item)?;
    let text = rest.strip_prefix(' ')?;
    let end = next_clause(text);
    let (data_type, mut rest) = text.split_at(end);
    let mut res = Column {
        name: name.clone(),
        text: text.to_owned(),
        data_type: fragment(data_type),
        ..Column::default()
    };
    // A word that numbers rows has no other clause before it.
    if let Some(plain) = data_type.strip_suffix(" AUTO_INCREMENT") {
        res.data_type = fragment(plain);
        res.identity = true;
    }
    while !rest.is_empty() {
        let end = next_clause(rest);
        let (clause, behind) = rest.split_at(end);
        rest = behind;
        if let Some(set) = clause.strip_prefix(" CHARACTER SET ") {
            // The collation says it, which stands behind it where both aren't the table's.
            res.collation.get_or_insert_with(|| set.into());
        } else if let Some(collation) = clause.strip_prefix(" COLLATE ") {
            res.collation = Some(collation.into());
        } else if let Some(more) = clause.strip_prefix(" NOT NULL") {
            res.not_null = true;
            res.identity |= more == " AUTO_INCREMENT";
            res.others.extend(
                Some(more).filter(|it| !it.is_empty() && *it != " AUTO_INCREMENT").map(fragment),
            );
        } else if let Some(default) = clause.strip_prefix(" DEFAULT ") {
            res.default = (default != "NULL").then(|| fragment(default));
        } else if let Some(computed) = clause.strip_prefix(" GENERATED ALWAYS AS ") {
            let (expression, kind) = bracketed(computed)?;
            let stored = kind.contains("STORED") || kind.contains("PERSISTENT");
            res.generated = Some(Generated { expression: fragment(expression), stored });
        } else if let Some(said) = clause.strip_prefix(" COMMENT ") {
            let (text, _) = text_of(said)?;
            res.comment = text.lines().map(str::to_owned).collect();
        } else if let Some(said) = clause.strip_prefix(" CHECK ") {
            let (condition, _) = bracketed(said)?;
            table.checks.push(check(name.clone(), condition, Some(table.columns.len())));
        } else {
            res.others.push(fragment(clause.trim_start()));
        }
    }
    table.columns.push(res);
    Some(())
}

/// A key, an index or a check of a table.
fn clause(item: &str, table: &mut Table) -> Option<()> {
    if let Some(rest) = item.strip_prefix("PRIMARY KEY ") {
        let (list, _) = bracketed(rest)?;
        let mut members = Vec::new();
        for (place, it) in items(list).into_iter().enumerate() {
            let (name, _) = name_of(it)?;
            let column = table.columns.iter_mut().find(|it| it.name == name)?;
            column.primary_key = place + 1;
            members.push(member(it)?);
        }
        table.indexes.push(TableIndex {
            name: "PRIMARY".to_owned(),
            unique: true,
            origin: IndexOrigin::PrimaryKey,
            members,
            ..TableIndex::default()
        });
        return Some(());
    }
    if item.starts_with("CONSTRAINT ") {
        if let Some(key) = shown_key(item) {
            table.keys.push(key);
            return Some(());
        }
        let (name, rest) = name_of(item.strip_prefix("CONSTRAINT ")?)?;
        let (condition, _) = bracketed(rest.strip_prefix(" CHECK ")?)?;
        table.checks.push(check(name, condition, None));
        return Some(());
    }
    let (kind, rest) = item.split_once("KEY ")?;
    let (name, rest) = name_of(rest)?;
    let (list, more) = bracketed(rest.trim_start())?;
    let members = items(list).into_iter().map(member).collect::<Option<Vec<_>>>()?;
    let (of, on) = (quoted(&name), quoted(&table.name));
    let sql = format!("CREATE {kind}INDEX {of} ON {on} ({list}){more}");
    table.indexes.push(TableIndex {
        name,
        unique: kind == "UNIQUE ",
        members,
        sql: Some(sql),
        ..TableIndex::default()
    });
    Some(())
}

/// A member of an index; of one that has the beginning of a column's values alone that is what it computes.
fn member(text: &str) -> Option<IndexedColumn> {
    let (name, rest) = name_of(text)?;
    let descending = rest.ends_with(" DESC");
    Some(if rest.starts_with('(') {
        IndexedColumn { expression: Some(fragment(text)), descending, ..IndexedColumn::default() }
    } else {
        IndexedColumn { column: Some(name.into()), descending, ..IndexedColumn::default() }
    })
}

#[cfg(test)]
mod tests {
    use super::{nullable_text, shown_key, shown_table, split_check, without_own_name};

    #[test]
    fn what_is_in_its_own_database_is_called_by_its_name() {
        let sql = "DEFAULT nextval(\"a\".\"n\") COMMENT '\"a\".' REFERENCES \"b\".\"a\"";
        let own = "DEFAULT nextval(\"n\") COMMENT '\"a\".' REFERENCES \"b\".\"a\"";
        assert_eq!(without_own_name(sql, "a"), own);
    }

    #[test]
    fn clauses_are_no_words_of_a_text() {
        let text = "enum('a NOT NULL','b') NOT NULL DEFAULT ' CHECK (x' COMMENT ' NOT NULL' CHECK (\"a\" <> ' CHECK (')";
        let nullable = "enum('a NOT NULL','b') DEFAULT ' CHECK (x' COMMENT ' NOT NULL' CHECK (\"a\" <> ' CHECK (')";
        assert_eq!(nullable_text(text), nullable);
        let (before, check) = split_check(nullable);
        assert_eq!(before, "enum('a NOT NULL','b') DEFAULT ' CHECK (x' COMMENT ' NOT NULL'");
        assert_eq!(check, " CHECK (\"a\" <> ' CHECK (')");
        assert_eq!(nullable_text("int(11) NOT NULL AUTO_INCREMENT"), "int(11) AUTO_INCREMENT");
        assert_eq!(split_check("int(11)"), ("int(11)", ""));
    }

    #[test]
    fn a_statement_is_read_as_it_is_shown() {
        let sql = "CREATE TABLE \"Users\" (\n  \"id\" int(11) NOT NULL AUTO_INCREMENT,\n  \"na\"\"me\" varchar(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT 'it''s \\\\ NOT NULL, x' COMMENT 'a\\nb ''c''',\n  \"m\" longtext COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(\"m\")),\n  \"e\" enum('a','b''c)') DEFAULT 'a',\n  \"ts\" timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),\n  \"s\" int(10) unsigned GENERATED ALWAYS AS (\"id\" + 1) STORED,\n  \"x\" varchar(10) DEFAULT concat('q',\"e\"),\n  \"h\" int(11) INVISIBLE DEFAULT 3,\n  PRIMARY KEY (\"id\"),\n  UNIQUE KEY \"uq\" (\"e\",\"x\" DESC) COMMENT 'ix',\n  KEY \"k\" (\"m\"(10)),\n  CONSTRAINT \"fk\" FOREIGN KEY (\"s\") REFERENCES \"par\" (\"id\") ON DELETE SET NULL ON UPDATE NO ACTION,\n  CONSTRAINT \"ck\" CHECK (\"e\" <> 'a)\\nb')\n) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COMMENT='t AUTO_INCREMENT=5'";
        let table = shown_table(sql).unwrap();
        let columns: Vec<_> = (table.columns.iter())
            .map(|it| (it.name.as_str(), &*it.data_type, it.not_null, it.default.as_deref()))
            .collect();
        assert_eq!(
            columns,
            [
                ("id", "int(11)", true, None),
                ("na\"me", "varchar(80)", true, Some("'it''s \\\\ NOT NULL, x'")),
                ("m", "longtext", false, None),
                ("e", "enum('a','b''c)')", false, Some("'a'")),
                ("ts", "timestamp", true, Some("current_timestamp()")),
                ("s", "int(10) unsigned", false, None),
                ("x", "varchar(10)", false, Some("concat('q',\"e\")")),
                ("h", "int(11)", false, Some("3")),
            ]
        );
        assert_eq!(table.columns[1].comment, ["a", "b 'c'"]);
        assert_eq!(&*table.columns[4].others[0], "ON UPDATE current_timestamp()");
        assert!(table.identity && table.columns[5].generated.as_ref().unwrap().stored);
        assert_eq!(table.primary_key(), ["id"]);
        assert_eq!(
            table.indexes[1].sql.as_deref(),
            Some("CREATE UNIQUE INDEX \"uq\" ON \"Users\" (\"e\",\"x\" DESC) COMMENT 'ix'")
        );
        assert!(table.indexes[2].members[0].column.is_none());
        assert_eq!(
            (table.keys[0].on_delete.sql(), table.keys[0].on_update.sql()),
            ("SET NULL", "RESTRICT")
        );
        assert_eq!((table.checks[0].column, table.checks[1].column), (Some(2), None));
        assert!(table.checks[1].has_name("e") && !table.checks[1].has_name("b"));
        assert!(!table.sql.contains("AUTO_INCREMENT=7") && table.sql.contains("AUTO_INCREMENT=5"));
        assert_eq!(table.comment, ["t AUTO_INCREMENT=5"]);
        assert_eq!(shown_table("CREATE VIEW \"v\" AS select 1"), None);
        let key = shown_key(
            "CONSTRAINT `k` FOREIGN KEY (`a`, `b`) REFERENCES `t` (`x`, `y`) ON DELETE CASCADE",
        )
        .unwrap();
        assert_eq!((key.columns.len(), key.to.join(" ")), (2, "x y".to_owned()));
    }
}
