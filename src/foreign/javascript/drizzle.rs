//! Drizzle's queries: `db.select().from(users).where(eq(users.name, "Ann"))`.

use super::super::draft::{model_of_table, name, operand, options};
use super::names::Names;
use super::value::JsValue;

/// What the calls behind the connection's name ask for: nothing where one of them can't be said.
pub(super) fn rows(names: &Names, steps: &[(String, Vec<JsValue>)]) -> Option<String> {
    let ((method, first), rest) = steps.split_first()?;
    let rest: Vec<_> = rest.iter().filter(|it| it.0 != "returning").collect();
    let (table, rest) = match (method.as_str(), first.as_slice(), rest.split_first()) {
        ("select", [], Some(((from, table), rest))) if from == "from" => (table.first()?, rest),
        ("insert" | "update" | "delete", [table], _) => (table, rest.as_slice()),
        _ => return None,
    };
    let JsValue::Path(table) = table else { return None };
    let subject = name(&model_of_table(table));
    let scope = DrizzleScope { names, table };
    let (mut said, mut row) = (Vec::new(), None);
    for (step, arguments) in rest {
        let first = arguments.first()?;
        match step.as_str() {
            "where" => said.push(format!("where: ({})", scope.condition(first)?)),
            "orderBy" => {
                let each: Option<Vec<String>> =
                    arguments.iter().map(|it| scope.ordered(it)).collect();
                said.push(format!("order: [{}]", each?.join(", ")));
            }
            "limit" | "offset" => said.push(format!("{step}: {}", names.row(first)?)),
            "values" | "set" => row = Some(names.row(first)?),
            _ => return None,
        }
    }
    let said_of = options(&said);
    Some(match (method.as_str(), row) {
        ("select", None) => format!("{subject} findAll{said_of}"),
        ("insert", Some(row)) if said.is_empty() => {
            let verb = if row.starts_with('[') { "bulkCreate" } else { "create" };
            format!("{subject} {verb} {row}")
        }
        ("update", Some(row)) if !said.is_empty() => format!("{subject} update {row}{said_of}"),
        ("delete", None) if !said.is_empty() => format!("{subject} destroy{said_of}"),
        _ => return None,
    })
}

/// What the names in a condition mean.
struct DrizzleScope<'n> {
    names: &'n Names,
    /// The variable that is the table.
    table: &'n str,
}

impl DrizzleScope<'_> {
    /// `users.name`: what belongs to anything else is the program's.
    fn column(&self, value: &JsValue) -> Option<String> {
        match value {
            JsValue::Path(path) => {
                let (table, column) = path.rsplit_once('.')?;
                (table == self.table).then(|| operand(column))
            }
            _ => None,
        }
    }

    /// `eq(users.id, 1)`, `and(.., ..)`
    fn condition(&self, value: &JsValue) -> Option<String> {
        let JsValue::Call(called, arguments, _) = value else { return None };
        let joined = |word: &str| {
            let each: Option<Vec<String>> = arguments.iter().map(|it| self.condition(it)).collect();
            each.filter(|it| !it.is_empty()).map(|it| format!("({})", it.join(word)))
        };
        let sign = match (called.as_str(), arguments.as_slice()) {
            ("and", _) => return joined(" and "),
            ("or", _) => return joined(" or "),
            ("not", [inner]) => return self.condition(inner).map(|it| format!("not ({it})")),
            ("isNull", [of]) => return self.column(of).map(|it| format!("{it} is null")),
            ("isNotNull", [of]) => return self.column(of).map(|it| format!("{it} is not null")),
            ("between", [of, from, to]) => {
                let left = self.column(of)?;
                let (from, to) = (self.value(from, &left)?, self.value(to, &left)?);
                return Some(format!("{left} between {from} and {to}"));
            }
            ("eq", _) => "=",
            ("ne", _) => "!=",
            ("gt", _) => ">",
            ("gte", _) => ">=",
            ("lt", _) => "<",
            ("lte", _) => "<=",
            ("like" | "ilike", _) => "like",
            ("inArray", _) => "in",
            ("notInArray", _) => "not in",
            _ => return None,
        };
        let [left, right] = arguments.as_slice() else { return None };
        let left = self.column(left)?;
        Some(format!("{left} {sign} {}", self.value(right, &left)?))
    }

    /// What a column is compared with: another one of its table, or a value; with null nothing compares.
    fn value(&self, value: &JsValue, left: &str) -> Option<String> {
        if let Some(it) = self.column(value) {
            return Some(it);
        }
        match value {
            JsValue::Path(path) if value.is("null") || self.names.is_ambiguous(path, left) => None,
            it => self.names.row(it),
        }
    }

    /// `desc(users.name)`, `users.name`
    fn ordered(&self, value: &JsValue) -> Option<String> {
        match value {
            JsValue::Call(called, arguments, _) if called == "desc" => {
                self.column(arguments.first()?).map(|it| format!("{it} desc"))
            }
            JsValue::Call(called, arguments, _) if called == "asc" => {
                self.column(arguments.first()?)
            }
            it => self.column(it),
        }
    }
}
