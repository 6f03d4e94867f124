//! Names of models, attributes and associations, found from those of tables and columns.

pub(super) use crate::words::script_text as text;

use super::RowMisfits;
use super::asked::schema_of;
use crate::catalog::{Name, Table};
use crate::words::{Reserved, camelize, plain, pluralize, singular, underscore, upper_first};
use std::borrow::Cow;
use std::collections::HashSet;

/// What the script's models have in common.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct NamingStyle {
    /// `underscored`: every column is in snake case.
    pub(super) underscored: bool,
    /// `freezeTableName`: more tables are called as their models than by the plural.
    pub(super) frozen: bool,
}

impl NamingStyle {
    /// The style of these tables.
    pub(super) fn of(tables: &[&Table], rows: &RowMisfits) -> Self {
        let mut columns = tables.iter().flat_map(|it| &it.columns);
        let small = |name: &str| !name.contains(|it: char| it.is_uppercase());
        let underscored = columns.clone().all(|it| small(&it.name))
            && columns.any(|it| it.name.trim_matches('_').contains('_'));
        let fits = |frozen: bool| {
            let style = Self { underscored, frozen };
            let own = |it: &'_ Table| schema_of(rows, &it.name).1.to_owned();
            let named = |it: &&&Table| style.table(&model(&own(it))) == own(it);
            tables.iter().filter(named).count()
        };
        Self { underscored, frozen: fits(true) > fits(false) }
    }

    /// The table that a model of that name has by itself.
    pub(super) fn table(self, model: &str) -> String {
        let plural = pluralize(model);
        match (self.frozen, self.underscored) {
            (true, _) => model.to_owned(),
            (false, true) => underscore(&plural).into(),
            (false, false) => plural.into(),
        }
    }

    /// The column that an attribute of that name has by itself.
    pub(super) fn column(self, attribute: &str) -> String {
        if self.underscored { underscore(attribute).into() } else { attribute.to_owned() }
    }

    /// The attributes' names, by the places of the columns.
    pub(super) fn attributes(self, table: &Table) -> Vec<String> {
        let mut taken = HashSet::new();
        let each = table.columns.iter().map(|column| {
            let camel = camelize(&column.name);
            let is_better = self.underscored
                && underscore(&camel) == column.name
                && !taken.contains(&Name::from(&camel));
            let plain = plain(&column.name).replace(['\n', '\r', '\t'], " ");
            let plain = if plain.trim().is_empty() { "unnamed".to_owned() } else { plain };
            let name = if is_better { camel.to_string() } else { plain };
            let name = free([name], |it| !taken.contains(&Name::from(it)));
            taken.insert(Name::from(&name));
            name
        });
        each.collect()
    }
}

/// The first of these names that is free, or the last one with a number.
pub(super) fn free(
    names: impl IntoIterator<Item = String>,
    is_free: impl Fn(&str) -> bool,
) -> String {
    let mut last = String::new();
    for name in names {
        if is_free(&name) {
            return name;
        }
        last = name;
    }
    let numbered = (2_u32..).map(|it| format!("{last}{it}"));
    numbered.into_iter().find(|it| is_free(it)).unwrap_or_default()
}

/// The model of a table: `order_items` -> `OrderItem`
pub(super) fn model(table: &str) -> String {
    let shouts = !table.contains(|it: char| it.is_lowercase());
    let table = if shouts { Cow::Owned(table.to_lowercase()) } else { Cow::Borrowed(table) };
    let parts = table.split(|it: char| !it.is_alphanumeric());
    let name: String = parts.map(|it| upper_first(it).to_string()).collect();
    let name = singular(&name);
    if name.starts_with(char::is_alphabetic) { name.into() } else { format!("Table{name}") }
}

/// A name as a script writes it: in backquotes where it is not one word, or one that means something there.
pub(super) fn written(name: &str) -> Cow<'_, str> {
    if is_word(name) && Reserved::of(name).is_none() && !matches!(name, "distinct" | "sql") {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("`{}`", name.replace('`', "``")))
}

/// A name as the value of an option.
pub(super) fn named(name: &str) -> Cow<'_, str> {
    if is_word(name) && !matches!(name, "true" | "false" | "null") {
        return Cow::Borrowed(name);
    }
    Cow::Owned(text(name))
}

fn is_word(name: &str) -> bool {
    let begins = name.starts_with(|it: char| it.is_alphabetic() || it == '_');
    begins && name.chars().all(|it| it.is_alphanumeric() || it == '_')
}

/// SQL, verbatim.
pub(super) fn sql(text: &str) -> String {
    format!("sql`{}`", plain(text).replace('`', "``"))
}

/// What a key's attribute calls the row that it refers to: `creatorId` -> `creator`; none where it doesn't say.
pub(super) fn base(attribute: &str) -> Option<&str> {
    let endings = ["_id", "_ID", "_Id", "Id", "ID"];
    let attribute = attribute.trim_start_matches('_');
    let all = endings.iter().filter_map(|it| attribute.strip_suffix(it));
    all.into_iter().find(|it| !it.is_empty())
}
