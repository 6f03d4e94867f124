//! What is declared and never used.

use crate::check::{Checked, Meaning, NameUse};
use crate::source::Span;
use std::collections::HashSet;

/// The variables and enumerations that nothing uses, by the places of their names, in order.
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
    let fades = |it: &&NameUse| match it.meaning {
        Meaning::Variable(_) | Meaning::Enumeration(_) => true,
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
    // Few names of a script are such: the rest costs a look at its kind.
    let names: Vec<&NameUse> = checked.uses.iter().filter(fades).collect();
    let used: HashSet<&Meaning> =
        names.iter().filter(|it| !it.declares).map(|it| &it.meaning).collect();
    let unused = names.iter().filter(|it| it.declares && !used.contains(&it.meaning));
    unused.map(|it| it.at).collect()
}
