//! What a change gives to rows, computed from all rows as they were before it.

use super::{Origin, Reader};
use crate::ir::{Computed, DataType, Expression, Model, ModelId, Query};
use crate::sql::{Column, Select, Sql, Tables, Term};
use smol_str::{SmolStr, format_smolstr};

/// The names by which a table knows a row of its own, whatever its key holds.
const ROW_NAMES: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// The values that rows get, and what tells which row gets which.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    /// The SELECT: a row of it for each row that changes.
    pub statement: Sql,
    /// The columns of the table that tell its rows from each other, and their names in the statement.
    pub keys: Vec<(SmolStr, SmolStr)>,
    /// The names of the values in the statement, in the order of the expressions.
    pub names: Vec<SmolStr>,
}

impl<'q> Reader<'q> {
    /// What expressions are for the rows of a model that a condition leaves. An UPDATE that computed them row by row would read
    /// what it has just written wherever they reach rows of the same table.
    pub fn values(
        &self,
        id: ModelId,
        expressions: impl Iterator<Item = &'q Expression>,
        condition: &Sql,
    ) -> Values {
        let model = &self.schema[id];
        let mut tables = Tables::new(&self.basis(), id, &model.name, None);
        let row = tables.root();
        let own = row_names(model);
        let (mut columns, mut keys, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for (place, column) in own.iter().enumerate() {
            let name = format_smolstr!("#{place}");
            columns
                .push(Column { term: Term::Column(row.alias.clone(), column), name: name.clone() });
            keys.push((SmolStr::new(column), name));
        }
        for (place, expression) in expressions.enumerate() {
            tables.use_ways(&row, expression);
            let name = format_smolstr!("={place}");
            columns.push(Column { term: Term::Of(row.clone(), expression), name: name.clone() });
            names.push(name);
        }
        let mut select = Select::of(tables);
        select.filter.push(Term::Left {
            alias: row.alias.clone(),
            columns: own,
            table: model,
            condition: condition.clone(),
        });
        select.columns = columns;
        Values { statement: select.render(self.dialect), keys, names }
    }
}

impl<'q> Reader<'q> {
    /// The columns that tell the rows of a query's model from each other, and the statement that gives those of the rows
    /// which the query finds.
    pub fn keys(&self, query: &'q Query) -> (Vec<&'q str>, Sql) {
        let id = super::model(query);
        let model = &self.schema[id];
        let names = match model.primary_key.as_slice() {
            [] => row_names(model),
            key => (key.iter()).map(|it| model.attribute(*it).column.as_str()).collect(),
        };
        let (mut select, _, _) = self.select(Origin::Model(id), query, false, false);
        let alias = select.tables.root().alias;
        let columns = names
            .iter()
            .map(|it| Column { term: Term::Column(alias.clone(), it), name: SmolStr::new(it) });
        select.columns = columns.collect();
        (names, select.render(self.dialect))
    }
}

/// The columns that tell a table's rows from each other.
fn row_names(model: &Model) -> Vec<&str> {
    let taken = |name: &str| {
        let mut columns = model.columns();
        columns.any(|(_, it)| it.column.eq_ignore_ascii_case(name))
    };
    let free = ROW_NAMES.into_iter().find(|it| !taken(it));
    match free.filter(|_| !model.without_rowid) {
        Some(name) => vec![name],
        None => (model.primary_key.iter()).map(|it| model.attribute(*it).column.as_str()).collect(),
    }
}

/// Whether an expression needs nothing but the columns of its own row.
pub fn is_own(model: &Model, expression: &Expression) -> bool {
    let mut own = true;
    expression.visit(&mut |it| {
        own &= match it {
            Expression::Related(..)
            | Expression::Alias(_)
            | Expression::Former(_)
            | Expression::Quantified { .. }
            | Expression::CountOf(_) => false,
            Expression::Attribute(id) => {
                let attribute = model.attribute(*id);
                !matches!(attribute.data_type, DataType::Virtual)
                    && !matches!(attribute.computed.as_deref(), Some(Computed::Get(_)))
            }
            Expression::Literal(_)
            | Expression::Json(..)
            | Expression::Variable(_)
            | Expression::Sql(_)
            | Expression::Not(_)
            | Expression::Negate(_)
            | Expression::And(_)
            | Expression::Or(_)
            | Expression::Binary(..)
            | Expression::IsNull(..)
            | Expression::Between { .. }
            | Expression::In { .. }
            | Expression::List(_)
            | Expression::Call { .. }
            | Expression::Star
            | Expression::Cast(..)
            | Expression::Case { .. } => true,
        };
    });
    own
}
