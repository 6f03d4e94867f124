//! A model of Prisma's, as a sentence and those of its associations.

use super::super::draft::{ForeignModel, name, operand, options};
use super::arguments::{IndexField, argument, bracketed, index_fields, keys, listed, quoted};
use super::{PrismaField, PrismaModel, PrismaSchema, scalar};
use crate::ir::TypeWord;

impl PrismaModel {
    /// The names in the brackets of `@@id([a, b])`.
    pub(super) fn list(&self, name: &str) -> Option<Vec<String>> {
        let inner = self.own.iter().find(|it| it.0 == name).map(|it| it.1.as_str())?;
        Some(listed(argument(inner, "fields").unwrap_or(inner)))
    }

    /// The model and its associations.
    pub(super) fn sentence_text(&self, schema: &PrismaSchema) -> String {
        let mut model = ForeignModel { name: self.name.clone(), ..ForeignModel::default() };
        let mut sentences = Vec::new();
        let key = self.list("id").unwrap_or_default();
        model.body.clone_from(&self.lines);
        let has_key = !key.is_empty() || self.fields.iter().any(|it| it.attribute("id").is_some());
        for field in &self.fields {
            if field.is_relation(schema) {
                match self.relation(field, schema) {
                    Ok(it) => sentences.push(it),
                    Err(why) => model.remarks.push(format!("{}: {why}", field.name)),
                }
            } else {
                model.attributes.push(field.sentence_text(&key, schema));
            }
        }
        for (own, inner) in &self.own {
            match own.as_str() {
                "unique" | "index" => match index(own, inner) {
                    Ok((line, remark)) => {
                        model.body.push(line);
                        model.remarks.extend(remark);
                    }
                    Err(why) => model.remarks.push(why),
                },
                "map" => model
                    .options
                    .extend(quoted(inner).map(|it| format!("tableName: {}", name(&it)))),
                "schema" => {
                    model.options.extend(quoted(inner).map(|it| format!("schema: {}", name(&it))));
                }
                "id" => {}
                other => model.remarks.push(format!("@@{other}{} can't be said", bracketed(inner))),
            }
        }
        if self.is_own {
            model.options.extend_from_slice(&self.options);
        }
        if !has_key && !self.is_own {
            // Prisma has models without a primary key, where something is unique.
            model.options.push("id: false".to_owned());
        }
        if !self.is_own && !model.options.iter().any(|it| it.starts_with("tableName")) {
            model.options.push("freezeTableName".to_owned());
        }
        let mut updated = self.fields.iter().filter(|it| it.attribute("updatedAt").is_some());
        match updated.next() {
            Some(it) if self.is_own && it.name == "updatedAt" => {}
            Some(it) => {
                if !self.is_own {
                    model.options.push("createdAt: false".to_owned());
                }
                model.options.push(format!("updatedAt: {}", name(&it.name)));
            }
            None if self.is_own => {}
            None => model.options.push("timestamps: false".to_owned()),
        }
        for it in updated {
            let why =
                format!("{}: a model has one `updatedAt`, this isn't filled by itself", it.name);
            model.remarks.push(why);
        }
        let mut res = model.written();
        for it in sentences {
            res.push('\n');
            res.push_str(&it);
        }
        res
    }

    /// Whether these fields are its primary key.
    pub(super) fn is_key(&self, fields: &[String]) -> bool {
        let is_said = |it: &PrismaField| {
            let own = it.options.iter().any(|option| option.contains("primaryKey"));
            own || it.attribute("id").is_some()
        };
        match fields {
            [only] => {
                let mut own = self.fields.iter();
                own.any(|it| it.name == *only && is_said(it))
                    // the key that comes by itself
                    || self.is_own && only == "id" && !self.fields.iter().any(is_said)
                    || self.list("id").is_some_and(|it| it == fields)
            }
            all => self.list("id").is_some_and(|it| it == all),
        }
    }
}

impl PrismaField {
    /// Whether another model is meant, not a column.
    fn is_relation(&self, schema: &PrismaSchema) -> bool {
        self.attribute("relation").is_some()
            || schema.model(&self.data_type).is_some()
            || (self.list
                && self.raw_type.is_none()
                && scalar(&self.data_type).is_none()
                && !(self.is_own && TypeWord::named(self.word()).is_some())
                && schema.enumeration(&self.data_type).is_none())
    }
}

/// What `@@unique(..)` or `@@index(..)` is, with what isn't said of it; or why there is none.
pub(super) fn index(own: &str, inner: &str) -> Result<(String, Option<String>), String> {
    let is_unique = own == "unique";
    let fields = index_fields(argument(inner, "fields").unwrap_or(inner));
    let original = format!("@@{own}({})", inner.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut said: Vec<String> = Vec::new();
    let mut unsaid: Vec<String> = Vec::new();
    for (key, value) in keys(inner) {
        match key {
            "map" => said.extend(quoted(value).map(|it| format!("name: {}", name(&it)))),
            "type" if value == "BTree" => {}
            "type" => return Err(format!("its type {value} can't be said: {original}")),
            "where" => return Err(format!("its condition can't be said: {original}")),
            // the fields, and what the client calls it
            "fields" | "name" => {}
            other => unsaid.push(other.to_owned()),
        }
    }
    for IndexField { name, given, .. } in &fields {
        for it in given.iter().filter(|it| it.as_str() != "sort") {
            if is_unique {
                return Err(format!(
                    "`{it}` of {name} can't be said, and without it more would be refused: {original}"
                ));
            }
            unsaid.push(format!("{it} of {name}"));
        }
    }
    let members: Vec<String> = fields
        .iter()
        .map(|it| format!("{}{}", operand(&it.name), if it.descends { " desc" } else { "" }))
        .collect();
    let mut verb = own;
    if is_unique && fields.iter().any(|it| it.descends) {
        // A unique key has no directions.
        said.insert(0, "unique".to_owned());
        verb = "index";
    }
    let remark =
        (!unsaid.is_empty()).then(|| format!("{} can't be said: {original}", unsaid.join(", ")));
    Ok((format!("{verb} ({}){}", members.join(", "), options(&said)), remark))
}
