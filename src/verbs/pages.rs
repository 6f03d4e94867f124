//! The pages of verbs: docs/verbs, as `relata explain` and `.help` show them.

use super::facts;
use super::facts::verb_page;

/// What there is a page of beside verbs: what associations make.
const LINKS: (&str, &str) = ("links", verb_page!("links"));

/// The page of a verb, or of what associations make (`links`); Markdown.
///
/// ```
/// assert!(relata::verbs::page("findAll").unwrap().starts_with("# findAll\n"));
/// assert_eq!(relata::verbs::page("findall"), None);
/// ```
pub fn page(name: &str) -> Option<&'static str> {
    let verb = facts().find(|it| it.name == name).map(|it| it.page);
    verb.or((name == LINKS.0).then_some(LINKS.1))
}

/// What there are pages of, from A to Z.
pub fn page_names() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<_> = facts().map(|it| it.name).chain([LINKS.0]).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter()
}
