//! The options of models, read.

use crate::ast;
use crate::diagnostics::{CheckProblem, Problem};
use crate::ir::{BareWord, MysqlOptions};
use crate::verbs;
use crate::verbs::{Item, Opt, OptionReader, Said};
use smol_str::SmolStr;

/// The options of a model, as said; what isn't said isn't there.
#[derive(Debug, Clone, Default)]
pub(super) struct ModelSaid {
    pub timestamps: Option<Said<bool>>,
    pub created_at: Option<Said<Named>>,
    pub updated_at: Option<Said<Named>>,
    pub deleted_at: Option<Said<Named>>,
    pub paranoid: Option<Said<bool>>,
    pub underscored: Option<Said<bool>>,
    pub freeze: Option<Said<bool>>,
    pub version: Option<Said<Named>>,
    pub schema: Option<Said<SmolStr>>,
    pub strict: Option<Said<bool>>,
    pub without_rowid: Option<Said<bool>>,
    pub id: Option<Said<bool>>,
    pub mysql: Option<Said<MysqlOptions>>,
    pub table_name: Option<Said<SmolStr>>,
    pub singular: Option<Said<SmolStr>>,
    pub plural: Option<Said<SmolStr>>,
    pub comment: Option<Said<SmolStr>>,
    pub was: Option<Said<SmolStr>>,
}

/// An attribute that comes by itself: on, off, or on by another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    On,
    Off,
    As(SmolStr),
}

impl ModelSaid {
    /// What this says, and where it says nothing what `other` says.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            timestamps: self.timestamps.or(other.timestamps),
            created_at: self.created_at.or(other.created_at),
            updated_at: self.updated_at.or(other.updated_at),
            deleted_at: self.deleted_at.or(other.deleted_at),
            paranoid: self.paranoid.or(other.paranoid),
            underscored: self.underscored.or(other.underscored),
            freeze: self.freeze.or(other.freeze),
            version: self.version.or(other.version),
            schema: self.schema.or(other.schema),
            strict: self.strict.or(other.strict),
            without_rowid: self.without_rowid.or(other.without_rowid),
            id: self.id.or(other.id),
            mysql: self.mysql.or(other.mysql),
            table_name: self.table_name.or(other.table_name),
            singular: self.singular.or(other.singular),
            plural: self.plural.or(other.plural),
            comment: self.comment.or(other.comment),
            was: self.was.or(other.was),
        }
    }

    /// Whether a flag is said to be true.
    pub(super) fn on(flag: Option<&Said<bool>>) -> bool {
        flag.is_some_and(|it| it.value)
    }
}

/// Reads the options of a model, or those that `defaults` sets.
pub(super) fn read_options(
    owner: &str,
    tables: &[&'static [Opt]],
    options: Option<&ast::Options>,
    problems: &mut Vec<Problem>,
) -> ModelSaid {
    let mut reader = OptionReader::new(owner, tables, Item::of_options(options), problems);
    read_model_options(&mut reader)
}

/// Reads a model's options out of a reader that may have others too.
pub(super) fn read_model_options(reader: &mut OptionReader<'_, '_>) -> ModelSaid {
    let mut said = ModelSaid {
        timestamps: reader.flag("timestamps"),
        created_at: named(reader, "createdAt"),
        updated_at: named(reader, "updatedAt"),
        deleted_at: named(reader, "deletedAt"),
        paranoid: reader.flag("paranoid"),
        underscored: reader.flag("underscored"),
        freeze: reader.flag("freezeTableName"),
        version: named(reader, "version"),
        schema: reader.text("schema"),
        strict: reader.flag("strict"),
        without_rowid: reader.flag("withoutRowid"),
        id: reader.flag("id"),
        mysql: None,
        table_name: reader.text("tableName"),
        singular: None,
        plural: None,
        comment: reader.text("comment"),
        was: reader.text("was"),
    };
    if let (Some(braces), Some(item)) = (reader.object("mysql"), reader.item("mysql")) {
        let items = Item::of_object(braces, reader.problems());
        let mut inner = OptionReader::new("`mysql`", &[verbs::MYSQL], items, reader.problems());
        let value = MysqlOptions {
            engine: bare_word(&mut inner, "engine", "InnoDB"),
            charset: bare_word(&mut inner, "charset", "utf8mb4"),
            collate: bare_word(&mut inner, "collate", "utf8mb4_bin"),
        };
        said.mysql = Some(Said { value, span: item.span });
    }
    if let Some(braces) = reader.object("name") {
        let items = Item::of_object(braces, reader.problems());
        let mut inner = OptionReader::new("`name`", &[verbs::NAME], items, reader.problems());
        said.singular = inner.text("singular");
        said.plural = inner.text("plural");
    }
    said
}

/// A word that reaches SQL as it is.
fn bare_word(
    reader: &mut OptionReader<'_, '_>,
    option: &str,
    example: &'static str,
) -> Option<BareWord> {
    let said = reader.text(option)?;
    let word = BareWord::new(&said.value);
    if word.is_none() {
        reader.report(CheckProblem::NoWord { option: option.to_owned(), at: said.span, example });
    }
    word
}

/// `name`, `name: true`, `name: false` or `name: other`
fn named(reader: &mut OptionReader<'_, '_>, option: &str) -> Option<Said<Named>> {
    let item = reader.item(option)?;
    let value = match item.value.map(|it| &it.kind) {
        None | Some(ast::ValueKind::Bool(true)) => Named::On,
        Some(ast::ValueKind::Bool(false)) => Named::Off,
        Some(ast::ValueKind::Name(_) | ast::ValueKind::Text(_)) => {
            Named::As(reader.text(option)?.value)
        }
        Some(_) => {
            reader.report(verbs::wrong_kind(item, "true, false or an attribute's name"));
            return None;
        }
    };
    Some(Said { value, span: item.span })
}
