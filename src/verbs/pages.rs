//! The pages of verbs: docs/verbs, as `relata explain` and `.help` show them.

use super::facts;
use super::facts::paged;
use crate::words::PackedPages;

static PACKED: PackedPages =
    PackedPages::new(|| PackedPages::text(include_bytes!(concat!(env!("OUT_DIR"), "/verbs"))));

/// What there is a page of beside verbs: what associations make.
const LINKS: &str = paged!("links");

/// The page of a verb, or of what associations make (`links`); Markdown.
///
/// ```
/// assert!(relata::verbs::page("findAll").unwrap().starts_with("# findAll\n"));
/// assert_eq!(relata::verbs::page("findall"), None);
/// ```
pub fn page(name: &str) -> Option<&'static str> {
    PACKED.page(name)
}

/// What there are pages of, from A to Z.
pub fn page_names() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<_> = facts().map(|it| it.name).chain([LINKS]).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter()
}
