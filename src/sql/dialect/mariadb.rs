//! MariaDB, from version 10.5: MySQL but for a few facts.

use super::mysql::MYSQL;
use super::{Dialect, DialectKind, Namespace, ShownOfGroup};

pub(super) const MARIADB: Dialect = Dialect {
    kind: DialectKind::Mariadb,
    name: "mariadb",
    aliases: &["maria"],
    title: "MariaDB",
    tells_new_rows: true,
    index_if_not_exists: true,
    expression_indexes: false,
    // With ONLY_FULL_GROUP_BY, which it has not by itself.
    shown_of_group: ShownOfGroup::Nothing,
    text_defaults: true,
    key_names: Namespace::Kind,
    ..MYSQL
};
