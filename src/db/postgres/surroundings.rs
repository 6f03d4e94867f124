//! What there is beside tables, views and triggers, as statements where there are some, and in words where there aren't.

use super::describe::{Described, FOREIGN, NAME, OWN, number, quoted_name, table_text};
use crate::catalog::{ShownColumn, Surroundings, TableComment};
use postgres::Client;

/// Of what an extension has made there is no statement: it comes with it.
fn not_of_extension(class: &str, id: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = '{class}'::regclass AND e.objid = {id} AND e.deptype = 'e')"
    )
}

/// All of it.
pub(super) fn surroundings(client: &mut Client) -> Described<Surroundings> {
    let mut res = Surroundings::default();
    let types = not_of_extension("pg_type", "t.oid");
    let enumerations = format!(
        "SELECT format_type(t.oid, NULL), ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) \
         FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e' AND {FOREIGN} AND n.nspname NOT LIKE '\\_relata\\_%' AND {types} ORDER BY t.oid"
    );
    for row in client.query(&enumerations, &[])? {
        let name: String = row.try_get(0)?;
        let quoted = name.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        let name = quoted.map_or(name.clone(), |it| it.replace("\"\"", "\""));
        res.enumerations.push((name, row.try_get(1)?));
    }
    for sql in statements() {
        for row in client.query(&sql, &[])? {
            res.statements.push(row.try_get(0)?);
        }
    }
    for row in client.query(&instead(), &[])? {
        res.instead.push((row.try_get(0)?, row.try_get(1)?));
    }
    let serial = format!(
        "SELECT {NAME}, a.attname::text FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' \
         JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid \
         JOIN pg_attrdef f ON f.adrelid = c.oid AND f.adnum = a.attnum \
         WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'a' AND a.attnotnull AND {FOREIGN} AND NOT ({OWN}) \
            AND pg_get_expr(f.adbin, f.adrelid) = 'nextval(' || quote_literal(s.oid::regclass) || '::regclass)' ORDER BY 1, 2"
    );
    for row in client.query(&serial, &[])? {
        res.serial.push((row.try_get(0)?, row.try_get(1)?));
    }
    let comments = format!(
        "SELECT {NAME}, a.attname::text, d.description FROM pg_description d JOIN pg_class c ON c.oid = d.objoid JOIN pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0 \
         WHERE d.classoid = 'pg_class'::regclass AND c.relkind IN ('r', 'p') AND {FOREIGN} AND NOT ({OWN}) AND {} ORDER BY 1, d.objsubid",
        not_of_extension("pg_class", "c.oid")
    );
    for row in client.query(&comments, &[])? {
        res.comments.push(TableComment {
            table: row.try_get(0)?,
            column: row.try_get(1)?,
            text: row.try_get(2)?,
        });
    }
    for row in client.query(&untold(), &[])? {
        res.untold.push((row.try_get(0)?, row.try_get(1)?));
    }
    Ok(res)
}

/// Queries of the statements of what tables may stand on, in order.
fn statements() -> Vec<String> {
    let typed = not_of_extension("pg_type", "t.oid");
    let own =
        "CASE WHEN n.nspname = current_schema() THEN '' ELSE quote_ident(n.nspname) || '.' END";
    let sequences = not_of_extension("pg_class", "c.oid");
    let functions = not_of_extension("pg_proc", "p.oid");
    let quoted = quoted_name();
    vec![
        "SELECT 'CREATE EXTENSION IF NOT EXISTS ' || quote_ident(extname) FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY oid".to_owned(),
        format!(
            "SELECT 'CREATE SCHEMA ' || quote_ident(n.nspname) FROM pg_namespace n \
             WHERE {FOREIGN} AND n.nspname NOT IN ('public', current_schema()) AND n.nspname NOT LIKE '\\_relata\\_%' AND {} ORDER BY n.oid",
            not_of_extension("pg_namespace", "n.oid")
        ),
        // Domains and composite types, in the order in which they were made: one may be of another.
        format!(
            "SELECT CASE t.typtype WHEN 'd' THEN 'CREATE DOMAIN ' || {own} || quote_ident(t.typname) || ' AS ' || format_type(t.typbasetype, t.typtypmod) \
                || coalesce((SELECT ' COLLATE ' || quote_ident(o.collname) FROM pg_collation o JOIN pg_type b ON b.oid = t.typbasetype WHERE o.oid = t.typcollation AND t.typcollation <> b.typcollation), '') \
                || coalesce(' DEFAULT ' || t.typdefault, '') || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END \
                || coalesce((SELECT string_agg(' CONSTRAINT ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid), '' ORDER BY k.conname) \
                    FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), '') \
             ELSE 'CREATE TYPE ' || {own} || quote_ident(t.typname) || ' AS (' \
                || (SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) \
                    FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) || ')' END \
             FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid \
             WHERE (t.typtype = 'd' OR t.typtype = 'c' AND c.relkind = 'c') AND {FOREIGN} AND n.nspname NOT LIKE '\\_relata\\_%' AND {typed} ORDER BY t.oid"
        ),
        format!(
            "SELECT 'CREATE SEQUENCE ' || {quoted} || ' AS ' || format_type(q.seqtypid, NULL) || ' INCREMENT BY ' || q.seqincrement || ' MINVALUE ' || q.seqmin \
                || ' MAXVALUE ' || q.seqmax || ' START WITH ' || q.seqstart || ' CACHE ' || q.seqcache || CASE WHEN q.seqcycle THEN ' CYCLE' ELSE '' END \
             FROM pg_sequence q JOIN pg_class c ON c.oid = q.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE {FOREIGN} AND NOT ({OWN}) AND {sequences} \
                AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')) ORDER BY c.oid"
        ),
        format!(
            "SELECT rtrim(replace(pg_get_functiondef(p.oid), 'CREATE OR REPLACE ', 'CREATE '), E'\\n') FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
             WHERE p.prokind IN ('f', 'p') AND {FOREIGN} AND n.nspname NOT LIKE '\\_relata\\_%' AND {functions} ORDER BY p.oid"
        ),
    ]
}

/// The query of what stands in the place of an object's own statement.
fn instead() -> String {
    let (quoted, made) = (quoted_name(), table_text());
    let parent = "(SELECT CASE WHEN pn.nspname = current_schema() THEN '' ELSE quote_ident(pn.nspname) || '.' END || quote_ident(p.relname) \
        FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace WHERE h.inhrelid = c.oid ORDER BY h.inhseqno LIMIT 1)";
    format!(
        "SELECT {NAME}, CASE WHEN e.objid IS NOT NULL OR c.relispartition AND c.relkind IN ('i', 'I') THEN NULL \
            WHEN c.relkind = 'I' THEN replace(pg_get_indexdef(c.oid), ' ON ONLY ', ' ON ') \
            WHEN c.relispartition THEN 'CREATE TABLE ' || {quoted} || ' PARTITION OF ' || {parent} || ' ' || pg_get_expr(c.relpartbound, c.oid) \
                || CASE WHEN c.relkind = 'p' THEN ' PARTITION BY ' || pg_get_partkeydef(c.oid) ELSE '' END \
            ELSE {made} || coalesce(' INHERITS (' || {parent} || ')', '') || coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', '') END \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN pg_depend e ON e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e' \
         WHERE {FOREIGN} AND NOT ({OWN}) AND (e.objid IS NOT NULL OR c.relkind = 'p' OR c.relispartition OR c.relkind = 'I' \
            OR c.relkind = 'r' AND (c.relpersistence = 'u' OR c.reloptions IS NOT NULL OR EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = c.oid))) \
            AND c.relkind IN ('r', 'p', 'i', 'I', 'v', 'm')"
    )
}

/// The query of what has no statement: what, and what becomes of it.
fn untold() -> String {
    let lost = "'it is not in the script'";
    let named = NAME;
    let of_class = |what: &str, condition: &str| {
        format!(
            "SELECT {what}, {lost} FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {FOREIGN} AND NOT ({OWN}) AND {condition}"
        )
    };
    let table = |joined: &str, what: &str, condition: &str| {
        format!(
            "SELECT {what}, {lost} FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace {joined} WHERE {FOREIGN} AND NOT ({OWN}) AND {condition}"
        )
    };
    [
        of_class(
            &format!("'the foreign table `' || {named} || '`'"),
            "c.relkind = 'f'",
        ),
        of_class(
            &format!("'row level security of `' || {named} || '`'"),
            "c.relkind IN ('r', 'p') AND c.relrowsecurity",
        ),
        table(
            "JOIN pg_policy p ON p.polrelid = c.oid",
            &format!("'the policy `' || p.polname || '` of `' || {named} || '`'"),
            "true",
        ),
        table(
            "JOIN pg_rewrite r ON r.ev_class = c.oid",
            &format!("'the rule `' || r.rulename || '` of `' || {named} || '`'"),
            "r.rulename <> '_RETURN'",
        ),
        table(
            "JOIN pg_statistic_ext x ON x.stxrelid = c.oid",
            &format!("'the statistics `' || x.stxname || '` of `' || {named} || '`'"),
            "true",
        ),
        table(
            "JOIN pg_trigger g ON g.tgrelid = c.oid",
            &format!("'that the trigger `' || g.tgname || '` of `' || {named} || '` is enabled in a way of its own'"),
            "NOT g.tgisinternal AND g.tgenabled <> 'O'",
        ),
        table(
            "JOIN pg_constraint k ON k.conrelid = c.oid",
            &format!("'the name `' || k.conname || '` of the primary key of `' || {named} || '`'"),
            "k.contype = 'p' AND k.conname <> c.relname || '_pkey' AND NOT c.relispartition",
        )
        .replace(lost, "'the script''s is called `' || c.relname || '_pkey`'"),
        table(
            "JOIN pg_constraint k ON k.conrelid = c.oid",
            &format!("'that rows written before `' || k.conname || '` of `' || {named} || '` may break it'"),
            "NOT k.convalidated",
        )
        .replace(lost, "'in the script it holds for all rows'"),
        table(
            "JOIN pg_constraint k ON k.conrelid = c.oid",
            &format!("'when the primary key of `' || {named} || '` is looked at'"),
            "k.contype = 'p' AND k.condeferrable",
        )
        .replace(lost, "'the script''s is looked at by each statement'"),
        table(
            "JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid",
            &format!("'the index `' || x.relname || '` of `' || {named} || '`, which is invalid'"),
            "NOT i.indisvalid AND c.relkind = 'r'",
        )
        .replace(lost, "'the script has it as a whole one'"),
        // Numbers that begin elsewhere, or come by other steps.
        format!(
            "SELECT 'how `' || a.attname || '` of `' || {named} || '` counts', 'the script''s begins with 1, and counts by 1' FROM pg_sequence q \
             JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = q.seqrelid AND d.deptype IN ('a', 'i') \
             JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid \
             WHERE {FOREIGN} AND NOT ({OWN}) AND (q.seqstart <> 1 OR q.seqincrement <> 1 OR q.seqcycle)"
        ),
        format!(
            "SELECT 'the comment on the view `' || {named} || '`', {lost} FROM pg_description d JOIN pg_class c ON c.oid = d.objoid JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE d.classoid = 'pg_class'::regclass AND c.relkind IN ('v', 'm') AND {FOREIGN} AND NOT ({OWN}) AND d.objsubid = 0"
        ),
        format!(
            "SELECT 'the ' || CASE p.prokind WHEN 'a' THEN 'aggregate' ELSE 'window function' END || ' `' || p.proname || '`', {lost} \
             FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prokind IN ('a', 'w') AND {FOREIGN} AND {}",
            not_of_extension("pg_proc", "p.oid")
        ),
        format!(
            "SELECT 'the operator `' || o.oprname || '`', {lost} FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE {FOREIGN} AND {}",
            not_of_extension("pg_operator", "o.oid")
        ),
        format!(
            "SELECT 'the collation `' || o.collname || '`', {lost} FROM pg_collation o JOIN pg_namespace n ON n.oid = o.collnamespace WHERE {FOREIGN} AND {}",
            not_of_extension("pg_collation", "o.oid")
        ),
        format!(
            "SELECT 'the range type `' || t.typname || '`', {lost} FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'r' AND {FOREIGN} AND {}",
            not_of_extension("pg_type", "t.oid")
        ),
        format!("SELECT 'the event trigger `' || evtname || '`', {lost} FROM pg_event_trigger"),
    ]
    .join(" UNION ALL ")
}

/// The columns of a view, by the types that they have.
pub(super) fn shown_columns(client: &mut Client, view: &str) -> Described<Vec<ShownColumn>> {
    let Some(number) = number(client, view)? else { return Ok(Vec::new()) };
    let sql = "SELECT a.attname::text, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a \
               WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";
    let rows = client.query(sql, &[&number])?;
    let each = rows
        .iter()
        .map(|row| Ok(ShownColumn { name: row.try_get(0)?, data_type: row.try_get(1)? }));
    each.collect()
}
