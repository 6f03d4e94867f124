//! What comes by itself, shown where it comes from.

use super::names::Project;
use crate::ir::{Association, AssociationKind, Model};
use crate::source::Span;
use crate::verbs::OptionId;
use std::collections::HashMap;

/// A word of what comes by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The position behind which it stands.
    pub at: u32,
    /// What is shown.
    pub text: String,
}

/// What comes by itself from the sentences that touch a place: a model's table, an association's key and what becomes of its rows.
///
/// ```
/// use relata::{ast::Bundle, check, ide, source::Sources, sql::Dialect, syntax};
/// let mut sources = Sources::default();
/// let id = sources.add("a.schema", "model User { }\nmodel Bill { }\nBill belongsTo User").unwrap();
/// let bundle = Bundle::of(syntax::parse(sources.get(id)).script);
/// let checked = check::check_noting(&bundle, &sources);
/// let project = ide::Project { sources: &sources, bundle: &bundle, checked: &checked, dialect: Dialect::SQLITE };
/// let all = sources.get(id).span(0..49);
/// let found: Vec<String> = ide::hints(project, all).into_iter().map(|it| it.text).collect();
/// assert_eq!(found, ["table Users", "table Bills", "foreignKey: UserId, onDelete: setNull, onUpdate: cascade"]);
/// ```
pub fn hints(project: Project<'_>, within: Span) -> Vec<Hint> {
    let schema = &project.checked.schema;
    let touches = |span: Span| within.start <= span.end && span.start <= within.end;
    let models: HashMap<u32, &Model> = schema
        .models
        .iter()
        .filter(|it| !it.made && !it.view && touches(it.span))
        .map(|it| (it.span.start, it))
        .collect();
    let associations: HashMap<u32, &Association> = schema
        .associations()
        .filter(|(_, it)| touches(it.span))
        .map(|(_, it)| (it.span.start, it))
        .collect();
    let mut found = Vec::new();
    for (_, sentence) in project.bundle.sentences().filter(|(_, it)| touches(it.span)) {
        let says = |option: OptionId| {
            let mut items = sentence.options.iter().flat_map(|it| &it.items);
            items.any(|it| it.name.text == option.name())
        };
        if let Some(word) = sentence.words.get(1)
            && let Some(model) = models.get(&word.head.span.start)
            && !says(OptionId::TableName)
        {
            found.push(Hint { at: word.span.end, text: format!("table {}", model.table) });
        }
        let Some(it) = associations.get(&sentence.span.start) else {
            continue;
        };
        let holder = &schema[it.holder()];
        let names: Vec<&str> = it.referring().map(|id| &*holder.attribute(id).name).collect();
        let mut parts = Vec::new();
        if !says(OptionId::ForeignKey) {
            let names = names.join(", ");
            let list = if it.key.len() > 1 { format!("[{names}]") } else { names };
            parts.push(format!("foreignKey: {list}"));
        }
        let of_key =
            |key: &&crate::ir::ForeignKey| it.referring().eq(key.attributes.iter().copied());
        let key = holder.foreign_keys.iter().find(of_key);
        let actions = key.into_iter().flat_map(|key| {
            [(OptionId::OnDelete, key.on_delete), (OptionId::OnUpdate, key.on_update)]
        });
        if it.kind != AssociationKind::BelongsToMany {
            for (option, action) in actions {
                if let Some(action) = action.filter(|_| !says(option)) {
                    parts.push(format!("{}: {}", option.name(), action.word()));
                }
            }
        }
        if !parts.is_empty() {
            let end = sentence.words.last().map_or(sentence.span.end, |it| it.span.end);
            found.push(Hint { at: end, text: parts.join(", ") });
        }
    }
    found
}
