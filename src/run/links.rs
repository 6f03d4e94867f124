//! The SQL of links between rows.

use crate::ir::{Association, AssociationKind, AttributeId, Model, Schema, Scoped};
use crate::sql::Writer;
use crate::value::Value;

/// The condition on rows of the target that an association leads to from the row that has `key`.
pub(super) fn write_linked(
    writer: &mut Writer<'_>,
    schema: &Schema,
    association: &Association,
    key: &Value,
) {
    let target = &schema[association.target];
    let own = match association.kind {
        AssociationKind::HasOne | AssociationKind::HasMany => association.foreign_key,
        AssociationKind::BelongsTo => association.referenced,
        AssociationKind::BelongsToMany => {
            let Some(through) = &association.through else {
                return;
            };
            let model = &schema[through.model];
            writer.name(&target.attribute(through.target_key).column).push(" IN (SELECT ");
            writer.name(&model.attribute(through.other_key).column).push(" FROM ");
            writer.name(&model.full_table()).push(" WHERE ");
            write_key(writer, model, association.foreign_key, key);
            write_scope(writer, model, &through.scope);
            write_live(writer, model);
            writer.push(")");
            write_scope(writer, target, &association.scope);
            return;
        }
    };
    write_key(writer, target, own, key);
    write_scope(writer, target, &association.scope);
}

/// `column = key`
pub(super) fn write_key(
    writer: &mut Writer<'_>,
    model: &Model,
    attribute: AttributeId,
    key: &Value,
) {
    writer.name(&model.attribute(attribute).column).push(" = ").value(key);
}

/// ` AND column = value`, for each.
pub(super) fn write_scope(writer: &mut Writer<'_>, model: &Model, scope: &[Scoped]) {
    for it in scope {
        writer.push(" AND ");
        match it.only() {
            Some(Value::Null) => {
                writer.name(&model.attribute(it.attribute).column);
                writer.push(" IS NULL");
            }
            Some(value) => write_key(writer, model, it.attribute, value),
            None => {
                writer.name(&model.attribute(it.attribute).column);
                writer.push(" IN (");
                writer.list(&it.values, |writer, value| {
                    writer.value(value);
                });
                writer.push(")");
            }
        }
    }
}

/// `, version = version + 1`, where the model counts the versions of its rows.
pub(super) fn write_version(writer: &mut Writer<'_>, model: &Model) {
    if let Some(version) = model.version {
        let column = &model.attribute(version).column;
        writer.push(", ").name(column).push(" = ");
        writer.name(column).push(" + 1");
    }
}

/// ` AND deletedAt IS NULL`, where rows are only marked as deleted.
pub(super) fn write_live(writer: &mut Writer<'_>, model: &Model) {
    if let Some(deleted) = model.deleted_at.filter(|_| model.paranoid) {
        writer.push(" AND ").name(&model.attribute(deleted).column).push(" IS NULL");
    }
}

/// ` ORDER BY` the primary key, so that rows come in the same order twice.
pub(super) fn write_key_order(writer: &mut Writer<'_>, model: &Model) {
    if model.primary_key.is_empty() {
        return;
    }
    writer.push(" ORDER BY ");
    writer.list(&model.primary_key, |writer, id| {
        writer.name(&model.attribute(*id).column);
    });
}
