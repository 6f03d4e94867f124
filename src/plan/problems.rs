//! What a database lacks for a schema.

use super::key_order::key_order;
use crate::diagnostics::{Having, KeyUsage, Lack, PlanProblem, Problem};
use crate::ir::{
    Action, Attribute, AttributeId, DataType, Expression, ForeignKey, Index, KeyTarget, Model,
    ModelId, RawObject, Schema, TypeWord,
};
use crate::source::Span;
use crate::sql::{
    Dialect, DocumentKeys, Enumerations, NameLength, Namespace, SchemaObjectKind, SpellingFault,
    StrictType, created, is_text, spelling_fault,
};
use crate::words;
use smol_str::SmolStr;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// What `dialect` lacks for `schema`, and what comes out otherwise than written; in the order of the models.
pub fn problems(schema: &Schema, dialect: &Dialect) -> Vec<Problem> {
    let mut found = LackChecker { schema, dialect, problems: Vec::new(), reserved: Vec::new() };
    for (_, model) in schema.models() {
        found.name(&model.table, model.span, "give the model a shorter `tableName`");
        let columns = model.columns().count();
        if columns > dialect.most_columns {
            found.lacks(Lack::WideTable { columns, most: dialect.most_columns }, model.span);
        }
        for (id, attribute) in model.columns() {
            found.attribute(model, id, attribute);
        }
        for key in &model.foreign_keys {
            found.key(model, key);
        }
        for index in &model.indexes {
            found.index(model, index);
        }
        for check in &model.checks {
            if let Some(name) = &check.name {
                found.name(name, check.span, "give it a shorter `name`");
            }
        }
        found.reserved_of(model);
    }
    for view in &schema.views {
        if let Some(id) = super::included_list(schema, &view.query) {
            found.problems.push(PlanProblem::ViewOfLists {
                view: view.name.to_string(),
                association: schema[id].name.to_string(),
                at: view.span,
            });
        }
    }
    for view in schema.models.iter().filter(|it| it.view) {
        for column in &view.attributes {
            let lower = column.column.to_ascii_lowercase();
            if dialect.unshown_names.contains(&lower.as_str()) {
                found.lacks(Lack::ShownColumn(column.column.to_string()), column.span);
            }
        }
    }
    for object in &schema.objects {
        found.object(object);
    }
    found.names();
    found.reserved();
    let LackChecker { problems, mut reserved, .. } = found;
    reserved.sort_by_key(|(place, _)| *place);
    reserved.dedup();
    let reserved = reserved.into_iter().map(|(_, it)| it);
    problems.into_iter().chain(reserved).map(Problem::from).collect()
}

/// How names begin that are Relata's own in a database.
const OURS: (&str, &str) = ("_relata_", "Relata's");

struct LackChecker<'a> {
    schema: &'a Schema,
    dialect: &'a Dialect,
    problems: Vec<PlanProblem>,
    /// Names that are Relata's, or the database's: whose, and what is said of it.
    reserved: Vec<(usize, PlanProblem)>,
}

impl LackChecker<'_> {
    fn lacks(&mut self, what: Lack, at: Span) {
        let problem = PlanProblem::Lacks { dialect: self.dialect.title, what, at };
        // Two members of one index lack the same.
        if self.problems.last() != Some(&problem) {
            self.problems.push(problem);
        }
    }

    /// Raw SQL as a sentence creates something.
    fn object(&mut self, object: &RawObject) {
        let made = created(&object.sql).is_some_and(|it| match it.kind {
            SchemaObjectKind::Table
            | SchemaObjectKind::Index
            | SchemaObjectKind::View
            | SchemaObjectKind::Trigger => true,
            SchemaObjectKind::Extension
            | SchemaObjectKind::Schema
            | SchemaObjectKind::Type
            | SchemaObjectKind::Column
            | SchemaObjectKind::ForeignKey
            | SchemaObjectKind::Other => self.dialect.other_objects,
        });
        if !made {
            let at = object.span;
            self.problems.push(PlanProblem::NotACreate { at });
        }
    }

    fn name(&mut self, name: &str, at: Span, help: &str) {
        if !self.dialect.fits(name) {
            self.problems.push(PlanProblem::NameTooLong {
                name: name.to_owned(),
                dialect: self.dialect.title,
                at,
                most: match self.dialect.longest_name {
                    Some(NameLength::Bytes(most)) => format!("{most} bytes"),
                    Some(NameLength::Characters(most)) => format!("{most} characters"),
                    None => String::new(),
                },
                help: Some(help.to_owned()),
            });
        }
    }

    fn attribute(&mut self, model: &Model, id: AttributeId, attribute: &Attribute) {
        let at = attribute.span;
        self.name(&attribute.column, at, "give it a shorter `field`");
        if let Some(data_type) = self.dialect.lacks(&attribute.data_type) {
            let others: Vec<&str> = (Dialect::ALL.into_iter())
                .filter(|it| it.lacks(&attribute.data_type).is_none())
                .map(|it| it.title)
                .collect();
            self.problems.push(PlanProblem::LacksType {
                dialect: self.dialect.title,
                data_type,
                at,
                having: (!others.is_empty()).then_some(Having(others)),
            });
        }
        if let (DataType::Decimal(it), Some(kept)) =
            (&attribute.data_type, self.dialect.decimal_digits)
            && let Some(precision) = it.precision.filter(|it| *it > kept)
        {
            self.problems.push(PlanProblem::DecimalRounded {
                dialect: self.dialect.title,
                attribute: format!("{}.{}", model.name, attribute.name),
                precision,
                kept,
                at,
            });
        }
        if self.dialect.table_kinds {
            self.table_kind(model, attribute);
        }
        if let Some(fault) = spelling_fault(model, id) {
            self.spelling(attribute, fault);
        }
        let extra = attribute.extra.as_ref();
        if let Some(collation) = extra.and_then(|it| it.collate.as_ref()) {
            self.collation(collation, at);
        }
        if model.primary_key.contains(&id) {
            self.text_key(attribute, at, KeyUsage::Primary);
        }
    }

    /// A `columnType` that the column can't have.
    fn spelling(&mut self, attribute: &Attribute, fault: SpellingFault) {
        let extra = attribute.extra.as_ref();
        let spelled = extra.and_then(|it| it.column_type.as_deref()).unwrap_or_default();
        let own = attribute.data_type.word().map_or("raw SQL", TypeWord::word);
        let (message, help) = match fault {
            SpellingFault::NoType => (
                format!("{spelled:?} is no type of a column"),
                "write words, and numbers in brackets: `columnType: \"NVARCHAR(160)\"`".to_owned(),
            ),
            SpellingFault::Raw => (
                "a type that is raw SQL is its own spelling".to_owned(),
                format!("write sql`{spelled}` as the type, or a type's word before `columnType`"),
            ),
            SpellingFault::Affinity { spelled: other, own: wanted } => (
                format!(
                    "SQLite stores what is in a column `{spelled}` as {}, and {own} is stored as {}",
                    other.word(),
                    wanted.word()
                ),
                format!("take a spelling of {} affinity, or another type", wanted.word()),
            ),
            SpellingFault::Strict => (
                format!("a strict table has no type `{spelled}`"),
                format!("it has {}", StrictType::ALL.map(StrictType::word).join(", ")),
            ),
            SpellingFault::Counts => (
                format!("`{}` counts up, so that its column is an INTEGER", attribute.name),
                "take `columnType` away, or `autoIncrement`".to_owned(),
            ),
        };
        self.problems.push(PlanProblem::ColumnType {
            message,
            at: attribute.span,
            spelled: spelled.to_owned(),
            help: Some(help),
        });
    }

    /// What STRICT and WITHOUT ROWID ask for.
    fn table_kind(&mut self, model: &Model, attribute: &Attribute) {
        if let DataType::Raw(raw) = &attribute.data_type
            && model.strict
            && StrictType::of(raw.trim()).is_none()
        {
            self.problems.push(PlanProblem::NotStrict {
                data_type: raw.to_string(),
                at: attribute.span,
                model: model.span,
            });
        }
        if model.without_rowid && attribute.auto_increment {
            self.lacks(Lack::CountingWithoutRowid, attribute.span);
        }
    }

    fn collation(&mut self, name: &str, at: Span) {
        if self.dialect.collation(name).is_none() {
            let own = self.dialect.collations.iter().filter(|it| it.1.is_some());
            let known: Vec<&'static str> = own.map(|it| it.0).collect();
            let nearest = words::nearest(name, known.iter().copied());
            self.lacks(Lack::Collation { name: name.to_owned(), nearest, known }, at);
        }
    }

    /// A TEXT that is to be a key where there are keys of limited texts only.
    fn text_key(&mut self, attribute: &Attribute, at: Span, usage: KeyUsage) {
        if !self.dialect.text_keys && is_text(&attribute.data_type) {
            self.lacks(Lack::TextKey(usage), at);
        }
        self.document_key(attribute, at);
    }

    /// A document in a key or an index, where documents have no order.
    fn document_key(&mut self, attribute: &Attribute, at: Span) {
        let fits = match (self.dialect.document_keys, &attribute.data_type) {
            (DocumentKeys::All, _) => true,
            (DocumentKeys::Binary, other) => !matches!(other, DataType::Json),
            (DocumentKeys::None, other) => !matches!(other, DataType::Json | DataType::Jsonb),
        };
        if !fits {
            self.lacks(Lack::DocumentKey(self.dialect.document_keys == DocumentKeys::Binary), at);
        }
    }

    fn key(&mut self, model: &Model, key: &ForeignKey) {
        if key.named {
            self.name(&key.name, key.span, "give it a shorter `uniqueKey`");
        }
        for id in &key.attributes {
            self.text_key(model.attribute(*id), key.span, KeyUsage::Foreign);
        }
        if key.deferrable.is_some() && !self.dialect.deferrable {
            self.problems
                .push(PlanProblem::ChecksAtOnce { dialect: self.dialect.title, at: key.span });
        }
        if let KeyTarget::Model(parent, referenced) = &key.target
            && !self.dialect.keys_in_any_order
        {
            let other = key_order((model, key), &self.schema[*parent], referenced);
            if let Some((own, referenced)) = other {
                self.lacks(Lack::KeyOrder { own, referenced }, key.span);
            }
        }
        let sets = |it: Option<Action>| it == Some(Action::SetDefault);
        if (sets(key.on_delete) || sets(key.on_update)) && !self.dialect.sets_defaults {
            self.lacks(Lack::SetDefault, key.span);
        }
    }

    fn index(&mut self, model: &Model, index: &Index) {
        if index.named {
            self.name(&index.name, index.span, "give it a shorter `name`");
        }
        // What only makes an index larger or slower is left out in silence; what lets other rows in is not.
        if index.filter.is_some() && index.unique && !self.dialect.partial_indexes {
            self.lacks(Lack::PartialUnique, index.span);
        }
        for member in &index.members {
            if let Expression::Attribute(id) = member.expression {
                if index.unique {
                    self.text_key(model.attribute(id), index.span, KeyUsage::Unique);
                } else {
                    self.document_key(model.attribute(id), index.span);
                }
            } else if !self.dialect.expression_indexes {
                self.lacks(Lack::ExpressionIndex, index.span);
            }
            if let Some(collation) = &member.collation {
                if self.dialect.index_collations {
                    self.collation(collation, index.span);
                } else if index.unique {
                    self.lacks(Lack::MemberCollation, index.span);
                }
            }
        }
    }

    /// A name that may be Relata's, or the database's.
    fn note(&mut self, name: &str, what: &'static str, at: Span) {
        let prefixes = [OURS].iter().chain(self.dialect.own_names).copied();
        for (place, (prefix, whose)) in prefixes.enumerate() {
            let begin = name.get(..prefix.len());
            if begin.is_some_and(|it| it.eq_ignore_ascii_case(prefix)) {
                let name = name.to_owned();
                self.reserved
                    .push((place, PlanProblem::Reserved { name, what, prefix, whose, at }));
            }
        }
    }

    /// Names of a model's that are Relata's, or the database's.
    fn reserved_of(&mut self, model: &Model) {
        self.note(&model.full_table(), "the table", model.span);
        if let Some(was) = model.was() {
            self.note(was, "what `was` names", model.span);
        }
        for (_, it) in model.columns() {
            self.note(&it.column, "the column", it.span);
        }
        for it in &model.indexes {
            self.note(&it.name, "the index", it.span);
        }
        for key in &model.foreign_keys {
            if let KeyTarget::Table(name, _) = &key.target {
                self.note(name, "what the key refers to", key.span);
            }
        }
    }

    /// Names of others that are Relata's, or the database's.
    fn reserved(&mut self) {
        let schema = self.schema;
        for it in &schema.views {
            self.note(&it.name, "the view", it.span);
        }
        for object in &schema.objects {
            if let Some(made) = created(&object.sql) {
                self.note(&made.name, "what it creates", object.span);
            }
        }
    }

    /// Names that two things have.
    fn names(&mut self) {
        let dialect = self.dialect;
        // As a rule none has another's, and numbers tell: a map of all names of a large schema is in no cache.
        let mut numbers = Vec::with_capacity(2 * self.schema.models.len());
        self.each_name(&mut |place, name, _, _| {
            let short = dialect.shortened(name);
            let fold = |it: u8| if dialect.folds_case { it.to_ascii_lowercase() } else { it };
            numbers.push(number(&place, short.bytes().map(fold)));
        });
        numbers.sort_unstable();
        if !numbers.windows(2).any(|it| matches!(it, [one, two] if one == two)) {
            return;
        }
        let mut taken: HashMap<(NameScope, SmolStr), (&'static str, Span)> =
            HashMap::with_capacity(numbers.len());
        let mut clashes = Vec::new();
        self.each_name(&mut |place, name, what, span| {
            let short = dialect.shortened(name);
            let folded = if dialect.folds_case {
                SmolStr::from(short.to_ascii_lowercase())
            } else {
                short.into()
            };
            match taken.entry((place, folded)) {
                Entry::Occupied(there) => {
                    let (first_what, first) = *there.get();
                    // Two models on one table are check's.
                    if (first_what, what) != ("a table", "a table") {
                        clashes.push(PlanProblem::SameName {
                            name: name.to_owned(),
                            first_what,
                            first,
                            again_what: what,
                            again: span,
                            dialect: dialect.title,
                            scope: scope(&there.key().0),
                        });
                    }
                }
                Entry::Vacant(free) => {
                    free.insert((what, span));
                }
            }
        });
        self.problems.append(&mut clashes);
    }

    /// Every name: within what it must differ, what has it, and where that is.
    fn each_name(&self, note: &mut dyn FnMut(NameScope, &str, &'static str, Span)) {
        let schema = self.schema;
        let relations = |model: &Model| match self.dialect.index_names {
            Namespace::Schema => NameScope::Schema(model.schema.clone()),
            Namespace::Database | Namespace::Kind | Namespace::Table => NameScope::Database,
        };
        for (_, model) in schema.models() {
            let name = match self.dialect.index_names {
                Namespace::Schema => model.table.clone(),
                Namespace::Database | Namespace::Kind | Namespace::Table => model.full_table(),
            };
            note(relations(model), &name, "a table", model.span);
        }
        if self.dialect.enumerations == Enumerations::Declared {
            let mut seen = HashSet::new();
            for (_, attribute) in schema.models().flat_map(|(_, it)| it.columns()) {
                if let DataType::Enum(it) = &attribute.data_type
                    && let Some(name) = &it.name
                    && seen.insert(name)
                {
                    note(NameScope::Schema(None), name, "an enumeration", attribute.span);
                }
            }
        }
        for view in &schema.views {
            note(relations(&Model::default()), &view.name, "a view", view.span);
        }
        for object in &schema.objects {
            if let Some(made) = created(&object.sql) {
                let what = match made.kind {
                    SchemaObjectKind::Table => "a table of raw SQL",
                    SchemaObjectKind::View => "a view of raw SQL",
                    SchemaObjectKind::Index if self.dialect.index_names != Namespace::Table => {
                        "an index"
                    }
                    SchemaObjectKind::Index
                    | SchemaObjectKind::Extension
                    | SchemaObjectKind::Schema
                    | SchemaObjectKind::Type
                    | SchemaObjectKind::Column
                    | SchemaObjectKind::ForeignKey
                    | SchemaObjectKind::Trigger
                    | SchemaObjectKind::Other => continue,
                };
                note(relations(&Model::default()), &made.name, what, object.span);
            }
        }
        for (id, model) in schema.models() {
            for index in &model.indexes {
                let place = match self.dialect.index_names {
                    Namespace::Table => NameScope::Indexes(id),
                    Namespace::Database | Namespace::Schema | Namespace::Kind => relations(model),
                };
                note(place, &index.name, "an index", index.span);
            }
            for key in &model.foreign_keys {
                match self.dialect.key_names {
                    Namespace::Table => (),
                    Namespace::Database | Namespace::Schema | Namespace::Kind => {
                        note(NameScope::Keys, &key.name, "a foreign key", key.span);
                    }
                }
            }
        }
    }
}

/// Within what names must differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum NameScope {
    Database,
    Schema(Option<SmolStr>),
    Indexes(ModelId),
    Keys,
}

/// A number of a name, and within what it must differ: as a rule others have others.
fn number(place: &NameScope, name: impl Iterator<Item = u8>) -> u64 {
    let (kind, of): (u8, &[u8]) = match place {
        NameScope::Database => (0, &[]),
        NameScope::Schema(None) => (1, &[]),
        NameScope::Schema(Some(schema)) => (2, schema.as_bytes()),
        NameScope::Indexes(id) => (3, &id.0.to_le_bytes()),
        NameScope::Keys => (4, &[]),
    };
    // FNV-1a; no text has the byte between the two.
    let all = std::iter::once(kind).chain(of.iter().copied()).chain([0xFF]).chain(name);
    all.fold(0xCBF2_9CE4_8422_2325, |res, it| (res ^ u64::from(it)).wrapping_mul(0x100_0000_01B3))
}

const fn scope(place: &NameScope) -> &'static str {
    match place {
        NameScope::Database => "in the whole database, whatever the letter case",
        NameScope::Schema(_) => "in the whole schema",
        NameScope::Indexes(_) => "in the table",
        NameScope::Keys => "for all foreign keys of the database",
    }
}
