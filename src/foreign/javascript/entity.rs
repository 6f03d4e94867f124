//! Entities with decorators: sequelize-typescript's and `TypeORM`'s.

use super::super::Translation;
use super::super::draft::{ForeignModel, name, options};
use super::super::lexeme::{LexemeCursor, LexemeKind, LexemeSpelling};
use super::class::{NO_CLASSES, class_head};
use super::column::{Said, column, type_of, yes};
use super::value::{self, JsValue};
use super::{JavaScript, model};
use crate::words::underscore;

/// `@Column({ unique: true })`
type Decorator = (String, Vec<JsValue>);

fn decorators(cursor: &mut LexemeCursor<'_>) -> Vec<Decorator> {
    let mut res = Vec::new();
    while cursor.eat("@") {
        let Some(path) = value::path(cursor) else { break };
        let is_call = cursor.peek().is_some_and(|it| it.is("(") && it.start == cursor.end);
        let given =
            if is_call && cursor.eat("(") { value::values(cursor, ")") } else { Vec::new() };
        res.push((path, given));
    }
    res
}

/// What stands behind an arrow: `() => Post`, `(post) => post.author`; or a name in quotes.
fn behind_arrow(value: Option<&JsValue>) -> Option<&str> {
    let of = match value? {
        JsValue::Code(code) => code.split_once("=>")?.1,
        JsValue::Text(text) => text,
        _ => return None,
    };
    of.trim().rsplit('.').next().filter(|it| it.chars().all(char::is_alphanumeric))
}

/// An entity that is put together.
struct DecoratedEntity {
    model: ForeignModel,
    sentences: Vec<String>,
    /// Whether it is `TypeORM`'s.
    typeorm: bool,
    /// The attributes that are keys, each with what it refers to.
    keys: Vec<(String, String)>,
    relations: Vec<(String, Vec<Decorator>)>,
}

impl JavaScript {
    /// `@Table class Person extends Model { @Column name: string }`, `@Entity() class User { .. }`
    pub(super) fn decorated(&mut self, cursor: &mut LexemeCursor<'_>) -> Option<Translation> {
        let mut ahead = *cursor;
        let of_class = decorators(&mut ahead);
        while ahead.eat_one_of(&["export", "default", "public", "final"]) {}
        let (named, _) = class_head(&mut ahead)?;
        let is_entity = |it: &&Decorator| it.0 == "Table" || it.0 == "Entity";
        let found = of_class.iter().find(is_entity).and_then(|of| {
            let mut inner = ahead;
            let it = self.entity(&mut inner, &named, of)?;
            ahead = inner;
            Some(it)
        });
        if found.is_none() {
            ahead.until(|_| false);
            ahead.eat("}");
        }
        *cursor = ahead;
        Some(found.map_or_else(|| Translation::Unsaid(NO_CLASSES.to_owned()), Translation::Said))
    }

    fn entity(
        &mut self,
        cursor: &mut LexemeCursor<'_>,
        named: &str,
        of: &Decorator,
    ) -> Option<String> {
        let typeorm = of.0 == "Entity";
        let mut model = ForeignModel { name: named.to_owned(), ..ForeignModel::default() };
        let given = of.1.first();
        let table = given.and_then(|it| it.text().or_else(|| it.member("name")?.text()));
        if typeorm {
            let table = table.map_or_else(|| underscore(named).to_string(), str::to_owned);
            model.options.push(format!("tableName: {}", name(&table)));
        } else {
            for (key, value) in given.map_or(&[][..], JsValue::members) {
                model::option(&mut model, key, value, &self.names);
            }
        }
        let (keys, relations, sentences) = (Vec::new(), Vec::new(), Vec::new());
        let mut entity = DecoratedEntity { model, sentences, typeorm, keys, relations };
        let mut dated = Vec::new();
        while cursor.peek().is_some() && !cursor.eat("}") {
            if cursor.eat(";") {
                continue;
            }
            let said = decorators(cursor);
            while cursor.eat_one_of(&["declare", "public", "private", "protected", "readonly"]) {}
            let field = cursor.word()?.to_owned();
            let _ = cursor.eat("!") || cursor.eat("?");
            if !cursor.eat(":") {
                // a method
                (cursor.peek()?.is("(") && cursor.skip()).then_some(())?;
                cursor.until(|it| it.is("{"));
                cursor.skip();
                entity.model.remarks.push(format!("a script has no methods: {field}()"));
                continue;
            }
            let typed = cursor.until(|it| it.is(";") || it.is("=") || it.is("@") || it.breaks);
            if cursor.eat("=") {
                cursor.until(|it| it.is(";") || it.breaks);
            }
            match said.iter().find_map(|it| moment(&it.0)) {
                Some(option) => {
                    dated.push(option);
                    let own = if option == "version" || option != field {
                        format!("{option}: {}", name(&field))
                    } else {
                        continue;
                    };
                    entity.model.options.push(own);
                }
                None => self.field(&mut entity, &field, typed, said),
            }
        }
        let has = |option: &str| dated.contains(&option);
        if has("deletedAt") {
            entity.model.options.push("paranoid".to_owned());
        }
        if typeorm && !has("createdAt") && !has("updatedAt") {
            entity.model.options.push("timestamps: false".to_owned());
        } else if typeorm {
            for it in ["createdAt", "updatedAt"].into_iter().filter(|it| !has(it)) {
                entity.model.options.push(format!("{it}: false"));
            }
        }
        entity.relate(cursor.text);
        let mut said = vec![entity.model.written()];
        said.append(&mut entity.sentences);
        Some(said.join("\n"))
    }

    /// A field of it: an attribute, or an association.
    fn field(&self, entity: &mut DecoratedEntity, field: &str, typed: &str, said: Vec<Decorator>) {
        let mut column_said: Said = Vec::new();
        let mut is_column = false;
        for (decorator, given) in &said {
            let first = given.first();
            is_column |= decorator.ends_with("Column") && decorator != "JoinColumn";
            match decorator.as_str() {
                "PrimaryGeneratedColumn" if first.and_then(JsValue::text) == Some("uuid") => {
                    column_said.push(("primaryKey".to_owned(), yes()));
                    column_said.push(("type".to_owned(), JsValue::Text("uuid".to_owned())));
                    column_said.push(("default".to_owned(), JsValue::Path("X.UUIDV4".to_owned())));
                }
                "PrimaryGeneratedColumn" => {
                    column_said.push(("primaryKey".to_owned(), yes()));
                    column_said.push(("autoIncrement".to_owned(), yes()));
                }
                "Column" | "PrimaryColumn" => {
                    if decorator == "PrimaryColumn" {
                        column_said.push(("primaryKey".to_owned(), yes()));
                    }
                    for it in given {
                        match it {
                            JsValue::Object(members) => column_said.extend(members.iter().cloned()),
                            it => column_said.push(("type".to_owned(), it.clone())),
                        }
                    }
                }
                "ForeignKey" => {
                    let to = behind_arrow(first).unwrap_or_default();
                    entity.keys.push((field.to_owned(), to.to_owned()));
                }
                "BelongsTo" | "HasMany" | "HasOne" | "BelongsToMany" | "ManyToOne"
                | "OneToMany" | "OneToOne" | "ManyToMany" => {
                    entity.relations.push((field.to_owned(), said));
                    return;
                }
                it => column_said.push((it.to_owned(), first.cloned().unwrap_or_else(yes))),
            }
        }
        if !is_column {
            return;
        }
        let is_said = |word: &str| column_said.iter().any(|it| it.0 == word);
        if entity.typeorm && !is_said("nullable") && !is_said("primaryKey") {
            column_said.push(("nullable".to_owned(), JsValue::Path("false".to_owned())));
        }
        entity.model.attributes.push(column(field, type_of(typed), &column_said, &self.names));
    }
}

/// The option of a model that names the attribute that this fills.
fn moment(decorator: &str) -> Option<&'static str> {
    Some(match decorator {
        "CreateDateColumn" | "CreatedAt" => "createdAt",
        "UpdateDateColumn" | "UpdatedAt" => "updatedAt",
        "DeleteDateColumn" | "DeletedAt" => "deletedAt",
        "VersionColumn" => "version",
        _ => return None,
    })
}

impl DecoratedEntity {
    /// Its associations, as sentences.
    fn relate(&mut self, text: &str) {
        for (field, said) in std::mem::take(&mut self.relations) {
            match self.relation(text, &field, &said) {
                Some(it) => self.sentences.push(it),
                None => self
                    .model
                    .remarks
                    .push(format!("{field}: an association says it, outside of the braces")),
            }
        }
    }

    fn relation(&self, text: &str, field: &str, said: &[Decorator]) -> Option<String> {
        let own = name(&self.model.name);
        let is_relation = |it: &&Decorator| !matches!(&*it.0, "JoinColumn" | "JoinTable");
        let (kind, given) = said.iter().find(is_relation)?;
        let other = behind_arrow(given.first())?;
        let decorator = |word: &str| said.iter().find(|it| it.0 == word);
        let settings = given.iter().find(|it| matches!(it, JsValue::Object(_)));
        let key =
            given.get(1).and_then(JsValue::text).or_else(|| settings?.member("foreignKey")?.text());
        let mut parts = vec![format!("as: {}", name(field))];
        let verb = match kind.as_str() {
            "BelongsTo" => {
                let own_key = self.keys.iter().find(|it| it.1 == other).map(|it| it.0.as_str());
                parts.extend(key.or(own_key).map(|it| format!("foreignKey: {}", name(it))));
                "belongsTo"
            }
            "HasMany" | "HasOne" => {
                let found =
                    key.map(str::to_owned).or_else(|| key_in(text, other, &self.model.name));
                parts.push(format!("foreignKey: {}", name(&found?)));
                if kind == "HasMany" { "hasMany" } else { "hasOne" }
            }
            "BelongsToMany" => {
                let through = behind_arrow(given.get(1))?;
                parts.insert(0, format!("through: {}", name(through)));
                for (option, of) in [("foreignKey", &*self.model.name), ("otherKey", other)] {
                    let found = key_in(text, through, of);
                    parts.extend(found.map(|it| format!("{option}: {}", name(&it))));
                }
                "belongsToMany"
            }
            "ManyToOne" | "OneToOne"
                if kind == "ManyToOne" || decorator("JoinColumn").is_some() =>
            {
                let mut key = vec![format!("name: {field}Id")];
                let column =
                    decorator("JoinColumn").and_then(|it| it.1.first()?.member("name")?.text());
                key.extend(column.map(|it| format!("field: {}", name(it))));
                if kind == "OneToOne" {
                    key.push("unique".to_owned());
                }
                if settings.and_then(|it| it.member("nullable")).is_some_and(|it| it.is("false")) {
                    key.push("allowNull: false".to_owned());
                }
                parts.push(format!("foreignKey: {{ {} }}", key.join(", ")));
                for option in ["onDelete", "onUpdate"] {
                    let action = settings.and_then(|it| it.member(option)?.text());
                    let action = action.and_then(super::super::draft::action).unwrap_or("noAction");
                    parts.push(format!("{option}: {action}"));
                }
                "belongsTo"
            }
            "OneToMany" | "OneToOne" => {
                parts.push(format!("foreignKey: {}Id", behind_arrow(given.get(1))?));
                if kind == "OneToMany" { "hasMany" } else { "hasOne" }
            }
            "ManyToMany" => {
                decorator("JoinTable")?;
                let table = format!(
                    "{}_{}_{}",
                    underscore(&self.model.name),
                    underscore(field),
                    underscore(other)
                );
                parts.insert(0, format!("through: {table}, timestamps: false"));
                let (own, other) = (lower(&self.model.name), lower(other));
                let (one, two) = if own == other { ("_1", "_2") } else { ("", "") };
                parts.push(format!("foreignKey: {own}Id{one}, otherKey: {other}Id{two}"));
                "belongsToMany"
            }
            _ => return None,
        };
        Some(format!("{own} {verb} {}{}", name(other), options(&parts)))
    }
}

fn lower(word: &str) -> String {
    crate::words::lower_first(word)
}

/// The attribute of a class of the text that `@ForeignKey(() => Person)` stands above.
fn key_in(text: &str, class: &str, target: &str) -> Option<String> {
    let inner = text.split(&format!("class {class} ")).nth(1)?;
    let inner = inner.split("class ").next()?;
    let at = inner.find(&format!("ForeignKey(() => {target})"))?;
    let mut cursor = LexemeCursor::new(inner, LexemeSpelling::Script, at);
    value::path(&mut cursor);
    cursor.skip();
    decorators(&mut cursor);
    while cursor.eat_one_of(&["declare", "public", "private", "readonly"]) {}
    cursor.peek().filter(|it| it.kind == LexemeKind::Word).map(|it| it.text.to_owned())
}
