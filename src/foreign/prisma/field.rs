//! A field of Prisma's, as an attribute.

use super::super::draft::{ForeignAttribute, name, raw};
use super::super::types::{self, json_default};
use super::arguments::{argument, bracketed, quoted};
use super::default::default;
use super::{PrismaField, PrismaProvider, PrismaSchema, scalar};

impl PrismaField {
    /// The attribute that it is; `key` are the fields of a key of several.
    pub(super) fn sentence_text(&self, key: &[String], schema: &PrismaSchema) -> ForeignAttribute {
        let mut res = ForeignAttribute { name: self.name.clone(), ..ForeignAttribute::default() };
        let native = self.attributes.iter().find_map(|(name, inner)| {
            let word = name.strip_prefix("db.")?;
            match word.strip_prefix("Unsigned") {
                Some(signed) => types::of_database(&format!("{signed} unsigned"), ""),
                // A text of bits; of a Boolean it is that one bit.
                None if word == "Bit" && self.data_type != "Boolean" => None,
                None if self.data_type == "DateTime" => type_of_times(word, inner, schema.provider),
                None => types::of_database(word, inner),
            }
        });
        let has_native = native.is_some();
        let enumeration = schema.enumeration(&self.data_type);
        res.data_type = if self.list {
            res.remarks.push("a list is kept as JSON".to_owned());
            "JSON".to_owned()
        } else if let Some(it) = &self.raw_type {
            raw(it)
        } else if let Some(it) = native.or_else(|| own_type(&self.data_type, schema.provider)) {
            it
        } else if self.is_own {
            self.data_type.clone()
        } else {
            name(enumeration.map_or(&*self.data_type, |it| it.own_name()))
        };
        if res.data_type.starts_with("DATE(") && schema.provider != Some(PrismaProvider::MySql) {
            res.remarks.push(format!(
                "{}: `{}` says its digits to MySQL and MariaDB alone",
                self.name, res.data_type
            ));
        }
        let is_key = self.attribute("id").is_some() || key.contains(&self.name);
        if is_key {
            res.options.push("primaryKey".to_owned());
        } else if !self.optional && !self.list && !self.is_own {
            res.options.push("allowNull: false".to_owned());
        }
        for (attribute, inner) in &self.attributes {
            match attribute.as_str() {
                // a key is unique already
                "unique" if is_key && key.is_empty() => {}
                "unique" => res.options.push(match argument(inner, "map").and_then(quoted) {
                    Some(it) => format!("unique: {{ name: {} }}", name(&it)),
                    None => "unique".to_owned(),
                }),
                "map" => {
                    res.options.extend(quoted(inner).map(|it| format!("field: {}", name(&it))));
                }
                "default" => match default(inner, enumeration, self.list) {
                    Ok(it) => {
                        let it = if res.data_type.starts_with("JSON") && !self.list {
                            json_default(&it)
                        } else {
                            it
                        };
                        if inner.starts_with("uuid(7") {
                            let why =
                                format!("{}: {inner} has an order, uuid() has none", self.name);
                            res.remarks.push(why);
                        }
                        res.options.push(it);
                    }
                    Err(why) => res.remarks.push(format!("{}: {why}", self.name)),
                },
                // the key, the sentence of an association, the model's `updatedAt`
                "id" | "relation" | "updatedAt" => {}
                "primaryKey" | "autoIncrement" => res.options.push(attribute.clone()),
                "notNull" | "required" => res.options.push("allowNull: false".to_owned()),
                it if it.starts_with("db.") && (has_native || self.list) => {}
                other => {
                    let given = bracketed(inner);
                    res.remarks.push(format!("{}: @{other}{given} can't be said", self.name));
                }
            }
        }
        res.options.extend_from_slice(&self.options);
        res
    }

    /// The first word of its type.
    pub(super) fn word(&self) -> &str {
        let end = self.data_type.find(['(', '.']).unwrap_or(self.data_type.len());
        self.data_type.get(..end).unwrap_or_default()
    }
}

/// The type of a field that names none of its database: what Prisma makes of it there.
fn own_type(word: &str, provider: Option<PrismaProvider>) -> Option<String> {
    let known = scalar(word)?;
    let own = match provider {
        Some(PrismaProvider::PostgreSql | PrismaProvider::Sqlite) => match known {
            "STRING" => "TEXT",
            "JSON" => "JSONB",
            it => it,
        },
        Some(PrismaProvider::MySql) => match known {
            "STRING" => "STRING(191)",
            "DATE" => "DATE(3)",
            "BLOB" => "BLOB(\"long\")",
            it => it,
        },
        Some(PrismaProvider::SqlServer) if known == "STRING" => "STRING(1000)",
        Some(PrismaProvider::SqlServer | PrismaProvider::MongoDb) | None => known,
    };
    Some(own.to_owned())
}

/// The type of a `DateTime` that its database keeps as a date, a time of day or both.
fn type_of_times(word: &str, inner: &str, provider: Option<PrismaProvider>) -> Option<String> {
    let word = match word {
        "Date" => "DATEONLY",
        "Time" | "Timetz" => "TIME",
        "Timestamp" | "Timestamptz" | "DateTime" | "DateTime2" | "SmallDateTime"
        | "DateTimeOffset" => match (provider, inner) {
            // Prisma's own precision is 3 where a server has one
            (Some(PrismaProvider::MySql), "1" | "2" | "3" | "4" | "5" | "6")
            | (_, "1" | "2" | "4" | "5" | "6") => {
                return Some(format!("DATE({inner})"));
            }
            _ => "DATE",
        },
        _ => return None,
    };
    Some(word.to_owned())
}
