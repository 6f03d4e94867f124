//! What is declared and never used.

use crate::check::{Checked, Meaning};
use crate::source::Span;
use std::collections::HashSet;

/// The variables and enumerations that nothing uses, by the places of their names.
///
/// ```
/// use relata::{ast::Bundle, check, ide, source::Sources, syntax};
/// let mut sources = Sources::default();
/// let id = sources.add("a.schema", "enum Status { draft, paid }").unwrap();
/// let bundle = Bundle::of(syntax::parse(sources.get(id)).script);
/// let checked = check::check_noting(&bundle, &sources);
/// assert_eq!(sources.slice(ide::unused(&checked)[0]), "Status");
/// ```
pub fn unused(checked: &Checked) -> Vec<Span> {
    let names = || checked.uses.iter();
    let used: HashSet<&Meaning> = names().filter(|it| !it.declares).map(|it| &it.meaning).collect();
    let fades = |it: &Meaning| match it {
        Meaning::Variable(_) | Meaning::Enumeration(_) => !used.contains(it),
        Meaning::Model(_)
        | Meaning::Base(_)
        | Meaning::Attribute(..)
        | Meaning::Association(_)
        | Meaning::Scope(_)
        | Meaning::Member(_)
        | Meaning::Former(_)
        | Meaning::Table(_)
        | Meaning::Script(_) => false,
    };
    names().filter(|it| it.declares && fades(&it.meaning)).map(|it| it.at).collect()
}
