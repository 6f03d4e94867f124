//! The path into a JSON document that a row names in quotes.

use crate::ir::JsonStep;

/// The way into a document, behind its attribute: `.address.city`, `.tags[0]`, `.tags.0`.
pub(super) fn json_path(text: &str) -> Vec<JsonStep> {
    let mut steps = Vec::new();
    for (place, part) in text.split('.').enumerate() {
        let part_of = |it: &str| it.parse().map(JsonStep::Index);
        let (name, indexes) = match part.strip_suffix(']').and_then(|it| it.split_once('[')) {
            Some((name, indexes)) => (name, indexes.split("][").map(part_of).collect()),
            None => (part, Ok(Vec::new())),
        };
        // What only looks like places in a list is a name.
        let (name, indexes) = indexes.map_or((part, Vec::new()), |it| (name, it));
        // Nothing stands before the first dot.
        if place > 0 || !name.is_empty() {
            steps.push(part_of(name).unwrap_or_else(|_| JsonStep::Key(name.into())));
        }
        steps.extend(indexes);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_into_a_document_has_names_and_places() {
        let key = |it: &str| JsonStep::Key(it.into());
        let rows: [(&str, Vec<JsonStep>); 7] = [
            (".lang", vec![key("lang")]),
            (".a.b", vec![key("a"), key("b")]),
            (".a[0]", vec![key("a"), JsonStep::Index(0)]),
            (".a.0", vec![key("a"), JsonStep::Index(0)]),
            ("[1][2].x", vec![JsonStep::Index(1), JsonStep::Index(2), key("x")]),
            (".a[x]", vec![key("a[x]")]),
            (".", vec![key("")]),
        ];
        for (text, expected) in rows {
            assert_eq!(json_path(text), expected, "{text}");
        }
    }
}
