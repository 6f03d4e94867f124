//! Relations of Prisma's, as associations.

use super::super::draft::{action, name, one_or_all, options};
use super::arguments::{argument, keys};
use super::{PrismaField, PrismaModel, PrismaSchema};

impl PrismaModel {
    /// The association that a field is; the first side of one without a model between also says its table.
    pub(super) fn relation(
        &self,
        field: &PrismaField,
        schema: &PrismaSchema,
    ) -> Result<String, String> {
        let (own, other) = (name(&self.name), name(&field.data_type));
        let mut said = vec![format!("as: {}", name(&field.name))];
        let target = schema.model(&field.data_type);
        let fields = field.keys("fields");
        if !fields.is_empty() {
            said.push(format!("foreignKey: {}", one_or_all(&fields)));
            let references = field.keys("references");
            if !references.is_empty() && !target.is_none_or(|it| it.is_key(&references)) {
                said.push(format!("targetKey: {}", one_or_all(&references)));
            }
            let inner = field.attribute("relation").unwrap_or_default();
            if schema.keyless {
                said.push("constraints: false".to_owned());
            } else {
                for (option, otherwise) in [
                    (
                        "onDelete",
                        if field.optional || self.is_own { None } else { Some("restrict") },
                    ),
                    ("onUpdate", None),
                ] {
                    let given = argument(inner, option).and_then(action).or(otherwise);
                    said.extend(given.map(|it| format!("{option}: {it}")));
                }
            }
            let known = ["name", "fields", "references", "onDelete", "onUpdate", "map"];
            if let Some((key, _)) = keys(inner).into_iter().find(|it| !known.contains(&it.0)) {
                return Err(format!(
                    "`{key}` can't be said of `{own} belongsTo {other}{}`",
                    options(&said)
                ));
            }
            if target.is_none() {
                return Err(format!(
                    "write `{own} belongsTo {other}{}` when `{other}` is there",
                    options(&said)
                ));
            }
            return Ok(format!("{own} belongsTo {other}{}", options(&said)));
        }
        let Some(target) = target else {
            return Err(format!(
                "write `{own} hasMany {other}{}` when `{other}` is there",
                options(&said)
            ));
        };
        let is_back = |it: &&PrismaField| {
            it.data_type == self.name
                && it.relation() == field.relation()
                && !(it.name == field.name && target.name == self.name)
        };
        let Some(back) = target.fields.iter().find(is_back) else {
            let verb = if field.list { "hasMany" } else { "belongsTo" };
            return if self.is_own {
                Ok(format!("{own} {verb} {other}{}", options(&said)))
            } else {
                Err("its other side isn't there".to_owned())
            };
        };
        let fields = back.keys("fields");
        if !fields.is_empty() {
            said.push(format!("foreignKey: {}", one_or_all(&fields)));
            let references = back.keys("references");
            if !references.is_empty() && !self.is_key(&references) {
                said.push(format!("sourceKey: {}", one_or_all(&references)));
            }
            if schema.keyless {
                said.push("constraints: false".to_owned());
            }
            let verb = if field.list { "hasMany" } else { "hasOne" };
            return Ok(format!("{own} {verb} {other}{}", options(&said)));
        }
        if !(field.list && back.list) {
            return Err("neither side says its key".to_owned());
        }
        Ok(self.between(target, field, back, schema.keyless, said))
    }

    /// An association with a table that Prisma makes: its column `A` is of the side whose name comes first.
    fn between(
        &self,
        target: &Self,
        field: &PrismaField,
        back: &PrismaField,
        keyless: bool,
        mut said: Vec<String>,
    ) -> String {
        let (one, two) = ((&self.name, &field.name), (&target.name, &back.name));
        let is_first = one < two;
        let (first, second) = if is_first { (one, two) } else { (two, one) };
        let table = field.relation().unwrap_or_else(|| format!("{}To{}", first.0, second.0));
        let through = name(&format!("_{table}"));
        let (key, other_key) = if is_first { ("A", "B") } else { ("B", "A") };
        said.insert(0, format!("through: {through}"));
        said.push(format!("foreignKey: {key}, otherKey: {other_key}, timestamps: false"));
        if keyless {
            said.push("constraints: false".to_owned());
        }
        let (own, other) = (name(&self.name), name(&target.name));
        let sentence = format!("{own} belongsToMany {other}{}", options(&said));
        if !is_first {
            return sentence;
        }
        let index = name(&format!("_{table}_B_index"));
        format!(
            "model {through} {{ index (B) < name: {index} > }} < freezeTableName, timestamps: false >\n{sentence}"
        )
    }
}
