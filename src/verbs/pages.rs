//! The pages of verbs: docs/verbs, as `relata explain` and `.help` show them.

macro_rules! pages {
    ($($name:literal)*) => {
        /// The pages, by the names of what they are about.
        const PAGES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verbs/", $name, ".md"))),)*
        ];
    };
}

pages! {
    "abstract" "assert" "avg" "belongsTo" "belongsToMany" "bulkCreate" "check" "count" "create" "decrement" "defaults" "destroy" "drop"
    "enum" "findAll" "findAndCountAll" "findByPk" "findOne" "findOrCreate" "hasMany" "hasOne" "import" "increment" "index" "let" "links"
    "load" "max" "min" "model" "once" "print" "reload" "restore" "rollback" "scope" "sum" "sync" "transaction" "truncate" "unique" "update"
    "upsert" "view"
}

/// The page of a verb, or of what associations make (`links`); Markdown.
///
/// ```
/// assert!(relata::verbs::page("findAll").unwrap().starts_with("# findAll\n"));
/// assert_eq!(relata::verbs::page("findall"), None);
/// ```
pub fn page(name: &str) -> Option<&'static str> {
    PAGES.iter().find(|it| it.0 == name).map(|it| it.1)
}

/// What there are pages of.
pub fn page_names() -> impl Iterator<Item = &'static str> {
    PAGES.iter().map(|it| it.0)
}
