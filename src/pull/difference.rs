//! In what a script differs from a database, as changes of its text.

mod keys;
mod table;
mod views;

use super::contents::DatabaseContents;
use super::draft::{Alternative, PulledAttribute, PulledScript, PulledText};
use super::edit::Editor;
use super::names::sql as verbatim;
use super::options::{PulledOption, lines};
use super::verify::{CompiledTable, made};
use crate::ast::{Pair, Sentence};
use crate::catalog::{Difference, Name, ObjectKind, Table, differences};
use crate::ir::{ModelId, Origin, Schema};
use crate::source::Span;
use crate::sql;
use crate::stored::same_object;
use crate::verbs::OptionId;
use crate::words::same_name;
use std::collections::HashMap;

/// A script, a database, and what is to be changed of the script.
pub(super) struct ScriptUpdate<'a> {
    schema: &'a Schema,
    found: &'a DatabaseContents<'a>,
    /// The database as it would be written anew, with the script's names.
    draft: &'a PulledScript,
    made: HashMap<Name, CompiledTable>,
    pub(super) editor: Editor<'a>,
    /// What can't be changed.
    pub(super) left: Vec<String>,
    /// What is otherwise, though the script says it so already: other changes may settle it.
    pub(super) stuck: Vec<String>,
}

/// A model of the script, and the table that it is about.
#[derive(Clone, Copy)]
struct ModelPair<'a> {
    id: ModelId,
    table: &'a Table,
    sentence: &'a Sentence,
    /// Its place in the draft.
    fresh: usize,
}

impl<'a> ScriptUpdate<'a> {
    pub(super) fn new(
        schema: &'a Schema,
        found: &'a DatabaseContents<'a>,
        draft: &'a PulledScript,
        editor: Editor<'a>,
    ) -> Self {
        Self {
            schema,
            found,
            draft,
            made: made(schema, found),
            editor,
            left: Vec::new(),
            stuck: Vec::new(),
        }
    }

    /// Everything.
    pub(super) fn all(&mut self) {
        let found = self.found;
        let is = |table: &Name| found.tables.get(*found.places.get(table)?);
        // What goes is not changed as well.
        for (id, model) in self.schema.models() {
            if is(&Name::from(&*model.full_table())).is_none() {
                self.remove_model(id);
            }
        }
        for (id, model) in self.schema.models() {
            let table = Name::from(&*model.full_table());
            let made = self.made.remove(&table).unwrap_or_default();
            if let Some(is) = is(&table) {
                self.model(id, is, &made);
            }
        }
        for (fresh, model) in self.draft.models.iter().enumerate() {
            let table = &model.table.name;
            let mut known = self.schema.models();
            let is_known = known.any(|(_, it)| same_name(&it.full_table(), table));
            if is_known || self.is_dropped(table) || self.has_object(ObjectKind::Table, table) {
                continue;
            }
            if let Some(key) = model.table.keys.iter().find(|it| self.is_dropped(&it.table)) {
                self.fail(format!("`{table}` refers to `{}`, which the script drops", key.table));
            }
            self.append_model(fresh);
        }
        self.objects();
    }

    fn fail(&mut self, text: String) {
        self.left.push(text);
    }

    /// Whether a table is one that the script drops: `drop "Tags"`.
    fn is_dropped(&self, table: &str) -> bool {
        self.schema.dropped.iter().any(|it| same_name(&it.name, table))
    }

    /// Whether the script creates that by raw SQL.
    fn has_object(&self, kind: ObjectKind, name: &str) -> bool {
        let mut objects = self.schema.objects.iter();
        objects.any(|object| created(&object.sql).is_some_and(|it| it.0 == kind && it.1 == *name))
    }

    /// Takes out a model whose table is gone, and its associations.
    fn remove_model(&mut self, id: ModelId) {
        let model = &self.schema[id];
        let mut spans = Vec::new();
        if !model.made {
            spans.push(model.span);
        }
        for (_, it) in self.schema.associations() {
            let through = it.through.as_ref().map(|it| it.model);
            if it.source == id || it.target == id || through == Some(id) {
                spans.push(it.span);
            }
        }
        for span in spans {
            self.remove_sentence(span);
        }
    }

    fn remove_sentence(&mut self, span: Span) {
        match self.editor.sentence(span) {
            Some(sentence) if self.editor.holds(span) => self.editor.remove(sentence.span),
            _ => self.fail("a script that it imports is to be changed".to_owned()),
        }
    }

    /// Adds a model, with its associations.
    fn append_model(&mut self, fresh: usize) {
        let mut written = PulledText::default();
        self.draft.model(fresh, &mut written);
        self.editor.append(&written.text);
        for part in self.draft.parts.iter().filter(|it| it.model == fresh) {
            self.append_part(part.now());
        }
    }

    fn append_part(&mut self, way: &Alternative) {
        match way {
            Alternative::Sentence(sentences, _) => self.editor.append(&lines(sentences)),
            Alternative::Raw(text) => self.editor.append(&verbatim(text)),
            Alternative::Body(_) | Alternative::Option(..) | Alternative::Nothing => {}
        }
    }

    /// A model whose table is there.
    fn model(&mut self, id: ModelId, table: &'a Table, made: &CompiledTable) {
        let model = &self.schema[id];
        let mut fresh = self.draft.models.iter();
        let fresh = fresh.position(|it| same_name(&it.table.name, &table.name));
        let sentence = self.editor.sentence(model.span);
        let own = sentence.filter(|_| self.editor.holds(model.span) && !model.made);
        let (Some(fresh), Some(sentence)) = (fresh, own) else {
            // It can't be changed here, and needn't be where it is the same.
            if !self.differences(table, made).is_empty() {
                self.fail(format!("the table `{}` is another one", table.name));
            }
            return;
        };
        let pairing = ModelPair { id, table, sentence, fresh };
        let found = self.differences(table, made);
        self.table(pairing, made, &found);
        self.columns(pairing, made, &found);
        self.checks(pairing, made, &found);
        self.indexes(pairing, made, &found);
        self.keys(pairing, made, &found);
    }

    /// In what a table differs from the script's, as far as that is the script's matter.
    fn differences(&self, current: &Table, made: &CompiledTable) -> Vec<Difference> {
        let mut found = differences(current, &made.table);
        found.retain(|it| !it.is_key_by_another_name(current, &made.table));
        found.retain(|difference| match difference {
            Difference::DropIndex { current: at } => {
                let index = current.indexes.get(*at).filter(|it| it.sql.is_some());
                !index.is_some_and(|it| self.has_object(ObjectKind::Index, &it.name))
            }
            other => !matches!(other, Difference::RenameCheck { .. }),
        });
        found
    }

    /// The attribute that is written for a column, and where.
    fn pair(&self, pair: ModelPair<'a>, column: &str) -> Option<&'a Pair> {
        let mut columns = self.schema[pair.id].columns();
        let (_, attribute) = columns.find(|(_, it)| same_name(&it.column, column))?;
        if attribute.origin != Origin::Written {
            return None;
        }
        Editor::pair(pair.sentence, attribute.span)
    }

    fn fresh(&self, pair: ModelPair<'a>, column: &str) -> Option<&'a PulledAttribute> {
        let mut attributes = self.draft.models.get(pair.fresh)?.attributes.iter();
        attributes.find(|it| same_name(&it.column, column))
    }

    fn fresh_line(&self, pair: ModelPair<'a>, column: &str) -> Option<String> {
        let attribute = self.fresh(pair, column)?;
        Some(self.draft.attribute(pair.fresh, attribute))
    }

    /// Makes the attribute of a column say what the draft says in these options.
    fn revise(&mut self, model: ModelPair<'a>, column: &str, value: bool, which: &[OptionId]) {
        let fresh = self.fresh(model, column);
        let Some((fresh, data_type)) = fresh.and_then(|it| Some((it, it.written_type()?))) else {
            return self.fail(format!("`{column}` of `{}` is another one", model.table.name));
        };
        let options = self.draft.attribute_options(model.fresh, fresh);
        let mut which = which.to_vec();
        if value && options.iter().any(|it| it.id == OptionId::DefaultValue) {
            which.push(OptionId::DefaultValue);
        }
        let mut seen = Vec::new();
        which.retain(|it| {
            let is_new = !seen.contains(it);
            seen.push(*it);
            is_new
        });
        match self.pair(model, column) {
            Some(pair) => {
                let mut changes = false;
                if value
                    && let Some(there) = &pair.value
                    && self.editor.differs(there.span, &data_type)
                {
                    self.editor.replace(there.span, &data_type);
                    changes = true;
                }
                let behind = pair.value.as_ref().map_or(pair.key.span, |it| it.span);
                let there = pair.options.as_ref();
                changes |= self.editor.options(there, behind, &options, &which);
                if !changes {
                    let table = &model.table.name;
                    self.stuck.push(format!("`{column}` of `{table}` is another one"));
                }
            }
            None => {
                let line = self.draft.attribute(model.fresh, fresh);
                self.add_attribute(model, &line);
            }
        }
    }

    fn add_attribute(&mut self, pair: ModelPair<'a>, line: &str) {
        self.editor.add(pair.sentence, line, true);
    }

    /// The options of the model.
    fn model_options(&mut self, pair: ModelPair<'a>, fresh: &[PulledOption], which: &[OptionId]) {
        let words = pair.sentence.words.last().map_or(pair.sentence.span, |it| it.span);
        let behind = pair.sentence.argument.as_ref().map_or(words, |it| it.span);
        let there = pair.sentence.options.as_ref();
        self.editor.options(there, behind, fresh, which);
    }

    /// Views, and what is made by raw SQL.
    fn objects(&mut self) {
        let mut done = self.views();
        let found = self.found;
        for object in &self.schema.objects {
            let Some((kind, name)) = created(&object.sql) else {
                continue;
            };
            let mut there = found.objects.iter();
            let is = there.find(|it| it.kind() == kind && name == *it.name);
            match is.and_then(|it| it.sql.as_deref()) {
                None => self.remove_sentence(object.span),
                Some(is) if same_object(kind, is, &object.sql) => {}
                Some(is) if kind == ObjectKind::View => self.another_view(object.span, is),
                Some(is) => match self.editor.sentence(object.span) {
                    Some(sentence) if self.editor.holds(object.span) => {
                        self.editor.replace(sentence.span, &verbatim(is));
                    }
                    _ => self.fail(format!("`{name}` is another one")),
                },
            }
            done.insert((kind, name));
        }
        for raw in &self.draft.raw {
            let known = created(raw).is_some_and(|it| done.contains(&it));
            let is_model = created(raw).is_some_and(|(kind, name)| {
                let mut models = self.schema.models();
                kind == ObjectKind::Table && models.any(|(_, it)| name == *it.full_table())
            });
            if !known && !is_model {
                self.append_object(raw);
            }
        }
    }
}

/// What raw SQL creates, where it is something that SQLite has.
fn created(text: &str) -> Option<(ObjectKind, Name)> {
    let made = sql::created(text)?;
    Some((made.kind.kept()?, Name::from(&made.name)))
}
