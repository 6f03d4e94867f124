//! Models, attributes, keys and indexes, as they are after every default has been filled in.

use super::{Action, AssociationId, DataType, Default, Deferrable, Expression, Query, Scope};
use super::{Association, AttributeId, ModelId, ShortList};
use crate::source::Span;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::ops::Index as Subscript;

/// Everything that scripts declare.
#[derive(Debug, Clone, PartialEq, std::default::Default)]
pub struct Schema {
    pub(crate) models: Vec<Model>,
    pub(crate) associations: Vec<Association>,
    /// The associations of each model, in order, by the models that they are declared for.
    pub(crate) by_source: Vec<AssociationId>,
    pub(crate) names: HashMap<SmolStr, ModelId>,
    /// The keys of each model that share columns with others of it.
    pub(crate) overlapping: HashMap<ModelId, Vec<Vec<AttributeId>>>,
    /// The views, in order.
    pub views: Vec<View>,
    /// What is created by raw SQL, in order.
    pub objects: Vec<RawObject>,
    /// Tables that go, on which no model is.
    pub dropped: Vec<DroppedTable>,
    /// The declared enumerations, in order.
    pub enumerations: Vec<std::sync::Arc<super::Enumeration>>,
    /// The data steps, in order.
    pub data_steps: Vec<DataStep>,
}

impl Schema {
    /// The models that have tables, in the order of their declaration, made through tables last.
    pub fn models(&self) -> impl Iterator<Item = (ModelId, &Model)> {
        let all = (0..).map(ModelId).zip(&self.models);
        all.filter(|(_, it)| !it.view)
    }

    /// The associations, in the order of their declaration.
    pub fn associations(&self) -> impl Iterator<Item = (AssociationId, &Association)> {
        (0..).map(AssociationId).zip(&self.associations)
    }

    /// The associations declared for `model`, in order.
    pub fn associations_of(
        &self,
        model: ModelId,
    ) -> impl Iterator<Item = (AssociationId, &Association)> {
        let first = self.by_source.partition_point(|id| self[*id].source < model);
        let own = self.by_source.get(first..).unwrap_or_default().iter();
        own.map(|id| (*id, &self[*id])).take_while(move |it| it.1.source == model)
    }

    /// The keys of a model that share columns with others of its keys.
    pub fn overlapping_keys(&self, model: ModelId) -> &[Vec<AttributeId>] {
        self.overlapping.get(&model).map_or(&[], Vec::as_slice)
    }

    /// The model of that name, or the one that stands for the view of that name.
    pub fn model_named(&self, name: &str) -> Option<ModelId> {
        self.names.get(name).copied()
    }
}

impl Subscript<ModelId> for Schema {
    type Output = Model;
    #[expect(clippy::indexing_slicing, reason = "ids are made with the models")]
    fn index(&self, id: ModelId) -> &Model {
        &self.models[id.0 as usize]
    }
}

impl Subscript<AssociationId> for Schema {
    type Output = Association;
    #[expect(clippy::indexing_slicing, reason = "ids are made with the associations")]
    fn index(&self, id: AssociationId) -> &Association {
        &self.associations[id.0 as usize]
    }
}

/// A model and its table.
#[derive(Debug, Clone, PartialEq, std::default::Default)]
pub struct Model {
    /// Its name in scripts.
    pub name: SmolStr,
    /// Where it is declared; for a made through table the association that makes it.
    pub span: Span,
    /// Its documentation.
    pub doc: Option<SmolStr>,
    /// The name of one: `User`.
    pub singular: SmolStr,
    /// The name of many: `Users`.
    pub plural: SmolStr,
    /// Its table's name.
    pub table: SmolStr,
    /// Its table's schema: a prefix on SQLite (`app.Users`).
    pub schema: Option<SmolStr>,
    /// Its attributes, in the order of the columns.
    pub attributes: Vec<Attribute>,
    /// Its primary key, in order; empty with `id: false`.
    pub primary_key: ShortList<AttributeId>,
    /// Its foreign keys, in the order of their columns.
    pub foreign_keys: Vec<ForeignKey>,
    /// Its indexes and unique keys: attributes' uniques first, then the body's, in order.
    pub indexes: Vec<Index>,
    /// Its checks (those of ENUM attributes aside), the attributes' first.
    pub checks: Vec<Check>,
    /// Its scopes.
    pub scopes: Vec<Scope>,
    /// The attribute that holds a row's creation time.
    pub created_at: Option<AttributeId>,
    /// The attribute that holds a row's last change.
    pub updated_at: Option<AttributeId>,
    /// The attribute that marks a row as deleted.
    pub deleted_at: Option<AttributeId>,
    /// `paranoid`: `destroy` sets `deleted_at`.
    pub paranoid: bool,
    /// The attribute that counts a row's changes.
    pub version: Option<AttributeId>,
    /// `underscored`
    pub underscored: bool,
    /// `strict`
    pub strict: bool,
    /// `withoutRowid`
    pub without_rowid: bool,
    /// Made for a `belongsToMany`, without a declaration of its own.
    pub made: bool,
    /// Stands for a [`View`]: its attributes are the view's columns, and nothing writes it. Behind those that have tables.
    pub view: bool,
    /// What is seldom there.
    pub extra: Option<Box<ModelExtra>>,
}

/// What few models have.
#[derive(Debug, Clone, PartialEq, std::default::Default)]
pub struct ModelExtra {
    /// `comment`
    pub comment: Option<SmolStr>,
    /// `mysql: { engine, charset, collate }`
    pub mysql: MysqlOptions,
    /// `` sql`..` `` in the body: table clauses, verbatim.
    pub clauses: Vec<SmolStr>,
    /// `was: Old`
    pub was: Option<SmolStr>,
    /// `drop name` in the body.
    pub drops: Vec<SmolStr>,
    /// What `drop` names, for sentences of data steps, which still read it: their ids follow those of the attributes.
    pub former: Vec<Attribute>,
}

impl Model {
    /// One that stands for a view, of which no attribute is known yet.
    pub(crate) fn of_view(name: &SmolStr, span: Span, doc: Option<SmolStr>) -> Self {
        Self {
            name: name.clone(),
            span,
            doc,
            singular: name.clone(),
            plural: name.clone(),
            table: name.clone(),
            view: true,
            ..Self::default()
        }
    }

    /// `` sql`..` `` in the body: table clauses, verbatim.
    pub fn clauses(&self) -> &[SmolStr] {
        self.extra.as_ref().map_or(&[], |it| &it.clauses)
    }

    /// `was: Old`
    pub fn was(&self) -> Option<&SmolStr> {
        self.extra.as_ref()?.was.as_ref()
    }

    /// `drop name` in the body.
    pub fn drops(&self) -> &[SmolStr] {
        self.extra.as_ref().map_or(&[], |it| &it.drops)
    }

    /// What `drop` names, as data steps read it.
    pub fn former(&self) -> &[Attribute] {
        self.extra.as_ref().map_or(&[], |it| &it.former)
    }

    /// The attribute that `id` names.
    ///
    /// # Panics
    /// Where `id` is another model's and out of this one's range.
    #[expect(clippy::indexing_slicing, reason = "ids are made with the attributes")]
    pub fn attribute(&self, id: AttributeId) -> &Attribute {
        let place = id.0 as usize;
        self.attributes.get(place).unwrap_or_else(|| &self.former()[place - self.attributes.len()])
    }

    /// The attribute on a column, whatever the case of its letters.
    pub fn on_column(&self, column: &str) -> Option<&Attribute> {
        let mut attributes = self.attributes.iter();
        attributes.find(|it| it.column.eq_ignore_ascii_case(column))
    }

    /// What `using` says that rows which are there get in a column.
    pub fn using(&self, column: &str) -> Option<&Expression> {
        self.on_column(column)?.extra.as_ref()?.using.as_ref()
    }

    /// The attributes with their ids, in order.
    pub fn attributes(&self) -> impl Iterator<Item = (AttributeId, &Attribute)> {
        (0..).map(AttributeId).zip(&self.attributes)
    }

    /// The attributes that are columns, with their ids.
    pub fn columns(&self) -> impl Iterator<Item = (AttributeId, &Attribute)> {
        self.attributes().filter(|(_, it)| !matches!(it.data_type, DataType::Virtual))
    }

    /// The attribute of that name.
    pub fn attribute_named(&self, name: &str) -> Option<AttributeId> {
        self.attributes().find(|(_, it)| it.name == name).map(|(id, _)| id)
    }

    /// Whether an attribute's column is another name of the numbers that SQLite gives rows: an integer that is the whole primary key, where
    /// its column says INTEGER.
    pub fn is_rowid(&self, id: AttributeId) -> bool {
        let attribute = self.attribute(id);
        let spelled = attribute.extra.as_ref().and_then(|it| it.column_type.as_ref());
        !self.without_rowid
            && self.primary_key == [id]
            && matches!(attribute.data_type, DataType::Integer(_))
            && spelled.is_none_or(|it| it.eq_ignore_ascii_case("integer"))
    }

    /// The table's name with its schema before it: `app.Users`.
    pub fn full_table(&self) -> SmolStr {
        match &self.schema {
            Some(schema) => smol_str::format_smolstr!("{schema}.{}", self.table),
            None => self.table.clone(),
        }
    }
}

/// What MySQL and MariaDB alone have.
#[derive(Debug, Clone, PartialEq, Eq, std::default::Default)]
pub struct MysqlOptions {
    /// The engine, `InnoDB` unless given.
    pub engine: Option<BareWord>,
    /// The character set.
    pub charset: Option<BareWord>,
    /// The collation.
    pub collate: Option<BareWord>,
}

/// A word that stands in SQL without quotes: ASCII letters, digits and `_`, one at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BareWord(SmolStr);

impl BareWord {
    /// The word; none where the text is no such word.
    pub fn new(text: &str) -> Option<Self> {
        let plain = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
        (!text.is_empty() && text.bytes().all(plain)).then(|| Self(text.into()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An attribute and its column.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Its name in scripts.
    pub name: SmolStr,
    /// Its column's name.
    pub column: SmolStr,
    /// Where it is declared; for one that comes by itself, its model or association.
    pub span: Span,
    /// Its type.
    pub data_type: DataType,
    /// `allowNull: false`, or a primary key that doesn't say `allowNull: true`
    pub not_null: bool,
    /// Part of the primary key.
    pub primary_key: bool,
    /// `autoIncrement`
    pub auto_increment: bool,
    /// What it holds where a row says nothing.
    pub default: Option<Box<Default>>,
    /// What is seldom there.
    pub extra: Option<Box<AttributeExtra>>,
    /// Where it comes from.
    pub origin: Origin,
}

impl Attribute {
    /// `was`: an attribute's name, or (quoted) a column's.
    pub fn was(&self) -> Option<&SmolStr> {
        self.extra.as_ref()?.was.as_ref()
    }

    /// How its texts compare, where not letter by letter: `collate`, or as those of CITEXT do.
    pub fn collation(&self) -> Option<&str> {
        let said = self.extra.as_ref().and_then(|it| it.collate.as_deref());
        said.or_else(|| (self.data_type == DataType::CiText).then_some("NOCASE"))
    }

    /// One of which nothing else is said; its column is called as it is.
    pub fn new(name: SmolStr, data_type: DataType, span: Span, origin: Origin) -> Self {
        Self {
            column: name.clone(),
            name,
            span,
            data_type,
            not_null: false,
            primary_key: false,
            auto_increment: false,
            default: None,
            extra: None,
            origin,
        }
    }

    /// Where its value comes from, if it is computed.
    pub fn computed(&self) -> Option<&Computed> {
        self.extra.as_ref()?.computed.as_ref()
    }
}

/// What few attributes have.
#[derive(Debug, Clone, PartialEq, std::default::Default)]
pub struct AttributeExtra {
    /// Where its value comes from.
    pub computed: Option<Computed>,
    /// Its documentation.
    pub doc: Option<SmolStr>,
    /// `comment`
    pub comment: Option<SmolStr>,
    /// `collate`
    pub collate: Option<SmolStr>,
    /// `columnType`: how SQLite's column spells the type.
    pub column_type: Option<SmolStr>,
    /// `allowNull` of a primary key, where it says so: SQLite alone has keys that may be null.
    pub key_null: Option<bool>,
    /// `validate`
    pub validators: Vec<super::Validation>,
    /// `was`: an attribute's name, or (quoted) a column's.
    pub was: Option<SmolStr>,
    /// `using`
    pub using: Option<Expression>,
}

/// Where an attribute comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The script writes it.
    Written,
    /// It comes by itself: `id`, timestamps, `version`.
    Implied,
    /// An association makes it: a foreign key.
    Key,
}

/// An attribute whose value is computed.
#[derive(Debug, Clone, PartialEq)]
pub enum Computed {
    /// `VIRTUAL < get: (..) >`
    Get(Expression),
    /// `generated: (..)`
    Generated {
        /// From what.
        expression: Expression,
        /// `stored`
        stored: bool,
    },
}

/// A foreign key of one or more columns.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignKey {
    /// The constraint's name.
    pub name: SmolStr,
    /// Whether the script names it.
    pub named: bool,
    /// The referencing attributes.
    pub attributes: ShortList<AttributeId>,
    /// What is referred to.
    pub target: KeyTarget,
    /// `onDelete`; none where `references` says nothing.
    pub on_delete: Option<Action>,
    /// `onUpdate`; none where `references` says nothing.
    pub on_update: Option<Action>,
    /// `deferrable`
    pub deferrable: Option<Deferrable>,
    /// Where it is declared.
    pub span: Span,
}

/// What a foreign key refers to.
#[derive(Debug, Clone, PartialEq)]
pub enum KeyTarget {
    /// A model.
    Model(ModelId, ShortList<AttributeId>),
    /// A table that no model is on, by its name and columns.
    Table(SmolStr, Vec<SmolStr>),
}

/// An index, or a unique key (on SQLite a unique index).
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// Its name.
    pub name: SmolStr,
    /// Whether the script names it.
    pub named: bool,
    /// Whether rows must differ in it.
    pub unique: bool,
    /// Whether it was said as a rule (`unique: true`, `unique (..)`) rather than as an index: other dialects write a constraint.
    pub constraint: bool,
    /// Its members, at least one.
    pub members: Vec<IndexMember>,
    /// `where`: only these rows.
    pub filter: Option<Expression>,
    /// `msg`: what is said where a row breaks it.
    pub message: Option<SmolStr>,
    /// Where it is declared.
    pub span: Span,
    /// Its documentation.
    pub doc: Option<SmolStr>,
}

/// A member of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexMember {
    /// An attribute, or an expression.
    pub expression: Expression,
    /// `collate NOCASE`
    pub collation: Option<SmolStr>,
    /// `desc`
    pub descending: bool,
}

/// A check.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Its name, where the script gives one.
    pub name: Option<SmolStr>,
    /// What holds of each row.
    pub expression: Expression,
    /// The attribute that it is written at.
    pub attribute: Option<AttributeId>,
    /// Where it is declared.
    pub span: Span,
}

/// `view Debtor = Invoice findAll < .. >`
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Its name, which is the view's in the database too, and that of the [`Model`] that stands for it.
    pub name: SmolStr,
    /// What it shows.
    pub query: Query,
    /// Where it is declared.
    pub span: Span,
    /// Its documentation.
    pub doc: Option<SmolStr>,
}

/// `once "split names" { .. }`: what is done with rows while the tables change, a single time for each database.
#[derive(Debug, Clone, PartialEq)]
pub struct DataStep {
    /// Its name.
    pub name: SmolStr,
    /// Its sentences.
    pub steps: Vec<super::Step>,
    /// What it says, without comments and white space: another text is another step.
    pub text: String,
    /// Whether it has SQL of its own, of which nothing is known here.
    pub raw: bool,
    /// Where its name is written.
    pub span: Span,
}

/// `drop "Tags"`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DroppedTable {
    /// The table, as it is written; letter case doesn't tell it from others.
    pub name: SmolStr,
    /// Where it is written.
    pub span: Span,
}

/// `` sql`CREATE ..` `` as a sentence
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawObject {
    /// The statement, verbatim.
    pub sql: SmolStr,
    /// Where it is written.
    pub span: Span,
}
