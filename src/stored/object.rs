//! The statements of views, triggers and virtual tables, read.

use super::texts::fragment;
use super::token::{SqlToken, as_kept, closing, normalized, parts, spelled_alike, tokens};
use crate::catalog::{
    Definition, Fragment, Name, ObjectKind, TableStorage, TriggerDefinition, TriggerEvent,
    TriggerTiming, ViewDefinition,
};

/// What the statement of an object of that kind says. One that can't be read is all that is known of a view or a trigger.
///
/// ```
/// use relata::catalog::{Definition, ObjectKind};
/// let trigger = |sql| relata::stored::definition(ObjectKind::Trigger, sql);
/// let long = "create trigger if not exists \"t\" before update of a, \"b\" on u for each row begin select 1; end";
/// assert_eq!(trigger(long), trigger("CREATE TRIGGER t UPDATE OF A, B ON u BEGIN SELECT 1; END"));
/// let Definition::Trigger(read) = trigger(long) else { panic!() };
/// assert!(read.is_of_column("B") && !read.is_of_column("c"));
/// let view = |query: &str| relata::stored::definition(ObjectKind::View, &format!("CREATE VIEW v AS {query}"));
/// assert_eq!(view("SELECT [u].`a` AS \"b\" FROM u LEFT OUTER JOIN t"), view("select U.A b from u left join t"));
/// assert_ne!(view("SELECT \"a b\" FROM u"), view("SELECT a b FROM u"));
/// assert_ne!(view("SELECT \"null\" FROM u"), view("SELECT null FROM u"));
/// ```
pub fn definition(kind: ObjectKind, sql: &str) -> Definition {
    let all = tokens(sql);
    let end = all.iter().rposition(|it| !it.is_sign(';')).map_or(0, |it| it + 1);
    let statement = StatementTokens { sql, all: all.get(..end).unwrap_or_default() };
    match kind {
        ObjectKind::Table => Definition::Table(statement.storage()),
        ObjectKind::Index => Definition::Index,
        ObjectKind::View => Definition::View(statement.view().unwrap_or_else(|| ViewDefinition {
            query: fragment(sql),
            ..ViewDefinition::default()
        })),
        ObjectKind::Trigger => Definition::Trigger(statement.trigger().unwrap_or_else(|| {
            TriggerDefinition { body: fragment(sql), ..TriggerDefinition::default() }
        })),
    }
}

/// Whether two statements make the same object of a kind: a view and a trigger by what their statements say.
pub fn same_object(kind: ObjectKind, a: &str, b: &str) -> bool {
    match kind {
        ObjectKind::Table | ObjectKind::Index => normalized(&as_kept(a)) == normalized(&as_kept(b)),
        ObjectKind::View | ObjectKind::Trigger => definition(kind, a) == definition(kind, b),
    }
}

struct StatementTokens<'a> {
    sql: &'a str,
    all: &'a [SqlToken],
}

impl<'a> StatementTokens<'a> {
    /// What stands behind the name of a `CREATE`.
    fn behind_name(&self, kind: ObjectKind) -> Option<&'a [SqlToken]> {
        let place = self.all.iter().take(3).position(|it| it.is(kind.word()))?;
        let mut rest = self.all.get(place + 1..)?;
        if let [first, _, _, behind @ ..] = rest
            && first.is("if")
            && behind.first().is_some_and(|it| !it.is_sign('.'))
        {
            rest = behind;
        }
        match rest {
            [_, dot, _, behind @ ..] if dot.is_sign('.') => Some(behind),
            [_, behind @ ..] => Some(behind),
            [] => None,
        }
    }

    fn fragment(&self, tokens: &[SqlToken]) -> Fragment {
        let ends = tokens.first().zip(tokens.last());
        let range = ends.map_or(0..0, |(first, last)| first.range.start..last.range.end);
        fragment(self.sql.get(range).unwrap_or_default())
    }

    /// A query, for which it is the same whether it says `AS` before an alias, and how it calls a join.
    fn query(&self, tokens: &[SqlToken]) -> Fragment {
        let mut kept = Vec::with_capacity(tokens.len());
        for (at, token) in tokens.iter().enumerate() {
            let joins = tokens.get(at + 1).is_some_and(|it| it.is("join"));
            if !(token.is("as") || joins && (token.is("inner") || token.is("outer"))) {
                kept.push(token.clone());
            }
        }
        Fragment::new(&*self.fragment(tokens), spelled_alike(self.sql, &kept))
    }

    fn storage(&self) -> TableStorage {
        if !self.all.get(1).is_some_and(|it| it.is("virtual")) {
            return TableStorage::Rows;
        }
        let content = self.all.windows(3).find_map(|tokens| match tokens {
            [option, equals, value] if option.is("content") && equals.is_sign('=') => {
                value.label().filter(|it| !it.is_empty()).map(Name::from)
            }
            _ => None,
        });
        TableStorage::Module { content }
    }

    fn view(&self) -> Option<ViewDefinition> {
        let mut rest = self.behind_name(ObjectKind::View)?;
        let mut columns = Vec::new();
        if rest.first()?.is_sign('(') {
            let close = closing(rest, 0)?;
            columns = names(rest.get(1..close)?);
            rest = rest.get(close + 1..)?;
        }
        let (word, query) = rest.split_first()?;
        word.is("as").then(|| ViewDefinition { columns, query: self.query(query) })
    }

    fn trigger(&self) -> Option<TriggerDefinition> {
        let mut rest = self.behind_name(ObjectKind::Trigger)?;
        let timing = match rest {
            [first, behind @ ..] if first.is("before") || first.is("after") => {
                rest = behind;
                if first.is("after") { TriggerTiming::After } else { TriggerTiming::Before }
            }
            [first, of, behind @ ..] if first.is("instead") && of.is("of") => {
                rest = behind;
                TriggerTiming::Instead
            }
            _ => TriggerTiming::Before,
        };
        let on = rest.iter().position(|it| it.is("on"))?;
        let event = match rest.get(..on)? {
            [word] if word.is("insert") => TriggerEvent::Insert,
            [word] if word.is("delete") => TriggerEvent::Delete,
            [word] if word.is("update") => TriggerEvent::Update { of: Vec::new() },
            [word, of, columns @ ..] if word.is("update") && of.is("of") => {
                TriggerEvent::Update { of: names(columns) }
            }
            _ => return None,
        };
        let of = match rest.get(on + 1..)? {
            [_, dot, name, ..] if dot.is_sign('.') => name,
            [name, ..] => name,
            [] => return None,
        };
        let of = Name::from(of.label()?);
        let mut rest = rest.get(on + 2..)?;
        if let [first, each, row, behind @ ..] = rest
            && first.is("for")
            && each.is("each")
            && row.is("row")
        {
            rest = behind;
        }
        let begin = rest.iter().position(|it| it.is("begin"))?;
        let when = match rest.get(..begin)? {
            [] => None,
            [word, condition @ ..] if word.is("when") => Some(self.fragment(condition)),
            _ => return None,
        };
        let body = self.fragment(rest.get(begin..)?);
        Some(TriggerDefinition { of, timing, event, when, body })
    }
}

/// The names in a list.
fn names(tokens: &[SqlToken]) -> Vec<Name> {
    let each = parts(tokens).into_iter();
    each.filter_map(|(_, it)| it.first()?.label().map(Name::from)).collect()
}
