//! Options: their names, and what each takes.

use std::borrow::Cow;

macro_rules! options {
    ($($id:ident $name:literal)*) => {
        /// Which option it is. Options of one name are one, whoever takes them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum OptionId {
            $(#[doc = concat!("`", $name, "`")] $id,)*
        }

        impl OptionId {
            /// How it is written.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$id => $name,)* }
            }
        }
    };
}

impl OptionId {
    /// Whether it says which rows a sentence changes: of a row that a variable holds nothing is left to choose.
    pub(crate) const fn chooses_rows(self) -> bool {
        matches!(self, Self::Where | Self::All | Self::Limit | Self::Order | Self::Paranoid)
    }
}

options! {
    All "all"
    Allow "allow"
    AllowNull "allowNull"
    Alter "alter"
    As "as"
    Attributes "attributes"
    AutoIncrement "autoIncrement"
    Charset "charset"
    Check "check"
    Collate "collate"
    ColumnType "columnType"
    Columns "columns"
    Comment "comment"
    ConflictFields "conflictFields"
    Constraints "constraints"
    CreatedAt "createdAt"
    DefaultValue "defaultValue"
    Delimiter "delimiter"
    Destroy "destroy"
    Defaults "defaults"
    Deferrable "deferrable"
    DeletedAt "deletedAt"
    Distinct "distinct"
    Engine "engine"
    Field "field"
    Fields "fields"
    Force "force"
    ForeignKey "foreignKey"
    FreezeTableName "freezeTableName"
    Generated "generated"
    Get "get"
    Group "group"
    Having "having"
    Id "id"
    IgnoreDuplicates "ignoreDuplicates"
    Include "include"
    Keep "keep"
    Key "key"
    Limit "limit"
    Model "model"
    Msg "msg"
    Mysql "mysql"
    Name "name"
    Offset "offset"
    OnDelete "onDelete"
    OnUpdate "onUpdate"
    Order "order"
    OtherKey "otherKey"
    Paranoid "paranoid"
    Plural "plural"
    PrimaryKey "primaryKey"
    Raw "raw"
    References "references"
    Required "required"
    Schema "schema"
    Scope "scope"
    Separate "separate"
    Singular "singular"
    Skip "skip"
    SourceKey "sourceKey"
    Stored "stored"
    Strict "strict"
    TableName "tableName"
    TargetKey "targetKey"
    Through "through"
    Timestamps "timestamps"
    Underscored "underscored"
    Unique "unique"
    UniqueKey "uniqueKey"
    UpdateOnDuplicate "updateOnDuplicate"
    UpdatedAt "updatedAt"
    Using "using"
    Validate "validate"
    Version "version"
    Was "was"
    Where "where"
    WithoutRowid "withoutRowid"
}

/// What an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// `paranoid`, `paranoid: false`
    Flag,
    /// `id: false`, which alone says something
    Off,
    /// `field: first_name`
    Name,
    /// `comment: "a text"`
    Text,
    /// `engine: InnoDB`, a word that reaches SQL as it is; with an example.
    Word(&'static str),
    /// `version`, `version: false`, `version: revision`
    Named,
    /// The same, and `unique: { name: by_email, msg: "taken" }`
    NamedOr(ObjectOptions),
    /// `onDelete: cascade`
    Action,
    /// `deferrable: initiallyDeferred`
    Deferrable,
    /// `limit: 10`, `limit: n`
    Number,
    /// `check: (a > 1)`
    Expression,
    /// `where: (a > 1)`: a condition of a query, in which variables may stand.
    Condition,
    /// `defaultValue: 1`
    Value,
    /// `model: User`, and a table in quotes.
    Model,
    /// `sourceKey: email`, `sourceKey: [orgId, userId]`
    Attribute(Side),
    /// `fields: [a, b]`, `order: [a desc]`
    List {
        /// Whether its members have a direction.
        ordered: bool,
    },
    /// `attributes: [a, b]`, `attributes: { exclude: [a] }`
    Selection,
    /// `include: [invoices < required >]`
    Associations,
    /// `scope: { kind: "image" }`: attributes and what they hold.
    Row(Side),
    /// `columns: { Name: firstName }`
    Columns,
    /// `allow: [E0501]`
    Codes,
    /// `validate: { isEmail }`
    Validators,
    /// `mysql: { engine: InnoDB }`
    Object(ObjectOptions),
    /// `name: { singular: child }`: its members are options of whoever has it.
    Parts(ObjectOptions),
    /// `as: owner`, `as: { singular: owner }`
    NameOr(ObjectOptions),
    /// `foreignKey: ownerId`, `foreignKey: { name: ownerId }`, or a list of these
    Key(ObjectOptions, Option<Side>),
}

/// Which of an association's models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one that the sentence begins with.
    Source,
    /// The one that it leads to.
    Target,
}

/// The options that an object has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectOptions {
    /// What is taken, in words.
    pub words: &'static str,
    /// Its tables.
    pub tables: &'static [&'static [Opt]],
    /// The one that can't be missing, and what is said where it is.
    pub needs: Option<(OptionId, &'static str)>,
}

impl ObjectOptions {
    /// The same, without this one it means nothing.
    pub(super) const fn needing(self, id: OptionId, help: &'static str) -> Self {
        Self { needs: Some((id, help)), ..self }
    }
}

impl Takes {
    /// What it takes, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Flag => "true or false",
            Self::Off => "false",
            Self::Name => "a name or a text",
            Self::Text => "a text",
            Self::Word(_) => "a word",
            Self::Named => "true, false or a name",
            Self::Action => "an action",
            Self::Deferrable => "initiallyDeferred or initiallyImmediate",
            Self::Number => "a number",
            Self::Expression | Self::Condition => "(expression)",
            Self::Value => "a value",
            Self::Model => "a model, or a table in quotes",
            Self::Attribute(Side::Source) => "an attribute of the source, or a list of them",
            Self::Attribute(Side::Target) => "an attribute of the target, or a list of them",
            Self::List { .. } => "a list",
            Self::Selection => "a list, or { include, exclude }",
            Self::Associations => "associations",
            Self::Row(_) => "{ attribute: value }",
            Self::Columns => "{ Name: attribute }",
            Self::Codes => "a list of codes",
            Self::Validators => "{ validators }",
            Self::Object(it)
            | Self::Parts(it)
            | Self::NameOr(it)
            | Self::NamedOr(it)
            | Self::Key(it, _) => it.words,
        }
    }

    /// What is written behind its name before its value begins.
    pub const fn opening(self) -> &'static str {
        match self {
            Self::Flag | Self::Named | Self::NamedOr(_) => "",
            Self::Off
            | Self::Name
            | Self::Text
            | Self::Word(_)
            | Self::Action
            | Self::Deferrable
            | Self::Number
            | Self::Value
            | Self::Model
            | Self::Attribute(_)
            | Self::Key(..)
            | Self::NameOr(_) => ": ",
            Self::Expression | Self::Condition => ": (",
            Self::List { .. } | Self::Selection | Self::Associations | Self::Codes => ": [",
            Self::Row(_) | Self::Columns | Self::Validators | Self::Object(_) | Self::Parts(_) => {
                ": { "
            }
        }
    }

    /// The options of the object that it takes; none where it takes no such.
    pub const fn members(self) -> Option<&'static [&'static [Opt]]> {
        if let Self::Object(it)
        | Self::Parts(it)
        | Self::NameOr(it)
        | Self::NamedOr(it)
        | Self::Key(it, _) = self
        {
            Some(it.tables)
        } else {
            None
        }
    }
}

/// An option of a verb, an attribute or an object.
#[derive(Debug, PartialEq, Eq)]
pub struct Opt {
    /// Which.
    pub id: OptionId,
    /// What it takes.
    pub takes: Takes,
    /// What it does, in one line.
    pub summary: &'static str,
    /// Whether it is said of an attribute's column, so that a VIRTUAL has no use for it.
    pub of_column: bool,
}

impl Opt {
    /// How it is written.
    pub const fn name(&self) -> &'static str {
        self.id.name()
    }

    /// What it takes, as reports say it.
    pub(super) fn expected(&self) -> Cow<'static, str> {
        let name = self.name();
        match self.takes {
            Takes::Action => "a referential action".into(),
            Takes::Deferrable => "a time of checking".into(),
            Takes::Expression => "an expression in brackets".into(),
            Takes::Validators => "an object of validators: `{ isEmail, len: [2, 10] }`".into(),
            Takes::Codes => "a list of codes such as [E0501]".into(),
            Takes::Text | Takes::Word(_) => Takes::Name.words().into(),
            Takes::Attribute(_) => "a name, or a list of names".into(),
            Takes::Object(_) | Takes::Parts(_) | Takes::Row(_) | Takes::Columns => {
                format!("an object: `{name}: {}`", self.takes.words()).into()
            }
            Takes::Flag
            | Takes::Off
            | Takes::Name
            | Takes::Named
            | Takes::Number
            | Takes::Condition
            | Takes::Value
            | Takes::Model
            | Takes::List { .. }
            | Takes::Selection
            | Takes::Associations
            | Takes::NameOr(_)
            | Takes::NamedOr(_)
            | Takes::Key(..) => self.takes.words().into(),
        }
    }

    /// The same, said of a column.
    pub(super) const fn of_column(self) -> Self {
        Self { of_column: true, ..self }
    }
}

/// A row of an option table.
pub(super) const fn opt(id: OptionId, takes: Takes, summary: &'static str) -> Opt {
    Opt { id, takes, summary, of_column: false }
}

/// `{ .. }` of these options.
pub(super) const fn members(
    words: &'static str,
    tables: &'static [&'static [Opt]],
) -> ObjectOptions {
    ObjectOptions { words, tables, needs: None }
}
