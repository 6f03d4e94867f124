//! Through tables of `belongsToMany`: found or made, and which two declarations are sides of one.

use super::associations::Join;
use super::attributes::AttributeSaid;
use super::options::{ModelSaid, Named, read_model_options, read_options};
use super::{Context, Draft, Entity, Pending};
use crate::ast;
use crate::diagnostics::CheckProblem;
use crate::ir::Model;
use crate::source::Span;
use crate::verbs;
use crate::verbs::{Declaration, Item, OptionReader, Said};
use smol_str::{SmolStr, ToSmolStr};

/// `through: Membership`, `through: { model, unique, scope, .. }`
#[derive(Debug)]
pub(super) struct ThroughSaid<'a> {
    /// The through model.
    pub model: usize,
    pub unique: Option<Said<bool>>,
    pub scope: Option<&'a ast::Braces>,
}

impl<'a> Context<'a> {
    /// Reads `through`, and makes its model where there is none of that name.
    pub(super) fn read_through(
        &mut self,
        pending: &Pending<'a>,
        item: Item<'a>,
        timestamps: Option<Said<bool>>,
        source: usize,
        target: usize,
    ) -> Option<ThroughSaid<'a>> {
        let mut problems = std::mem::take(&mut self.problems);
        let read = read(item, &mut problems);
        self.problems = problems;
        let (name, unique, scope, mut options) = read?;
        if timestamps.is_some() {
            options.timestamps = options.timestamps.or(timestamps);
        }
        let said = |model| ThroughSaid { model, unique, scope };
        match self.entities.get(&name.value) {
            Some((Entity::Model(index), _)) => {
                let index = *index;
                self.check_repeated(index, &options);
                return Some(said(index));
            }
            Some(_) => {
                let word =
                    ast::Word { span: name.span, text: name.value, quotes: ast::Quotes::None };
                return self.model_of(&word).map(said);
            }
            None => {}
        }
        // What the sentence `defaults` gets wrong has been reported there.
        let mut shared = read_options(
            "",
            Declaration::Defaults.facts().options,
            pending.shared,
            &mut Vec::new(),
        );
        shared.paranoid = None;
        let (one, two) = (self.draft(source), self.draft(target));
        let underscored = one.model.underscored || two.model.underscored;
        let schema = one.model.schema.clone().filter(|it| two.model.schema.as_ref() == Some(it));
        let mut options = options.or(shared);
        options.schema =
            options.schema.or_else(|| schema.map(|value| Said { value, span: name.span }));
        if underscored && options.underscored.is_none() {
            options.underscored = Some(Said { value: true, span: name.span });
        }
        if options.table_name.is_none() {
            options.table_name = Some(name.clone());
        }
        let mut draft = Draft {
            base: None,
            shared: pending.shared,
            model: Model {
                name: name.value.clone(),
                span: name.span,
                made: true,
                ..Model::default()
            },
            said: Vec::new(),
            bodies: Vec::new(),
            options: Box::new(options),
        };
        draft.complete_names();
        let index = self.drafts.len();
        self.entities.insert(name.value.clone(), (Entity::Model(index), name.span));
        self.drafts.push(draft);
        Some(said(index))
    }

    /// Options for a through table that is declared, or that another association makes, may only repeat what it is.
    fn check_repeated(&mut self, model: usize, options: &ModelSaid) {
        let draft = self.draft(model);
        // Without `..`: a new option has to be compared, too.
        let ModelSaid {
            timestamps,
            created_at,
            updated_at,
            deleted_at,
            paranoid,
            underscored,
            freeze,
            version,
            schema,
            strict,
            without_rowid,
            id,
            mysql,
            table_name,
            singular,
            plural,
            comment,
            was,
        } = options;
        let own = &draft.options;
        let table = Some(&draft.model.table);
        let places = [
            ("timestamps", differs(timestamps.as_ref(), own.timestamps.as_ref(), Some(&true))),
            ("createdAt", differs(created_at.as_ref(), own.created_at.as_ref(), Some(&Named::On))),
            ("updatedAt", differs(updated_at.as_ref(), own.updated_at.as_ref(), Some(&Named::On))),
            ("deletedAt", differs(deleted_at.as_ref(), own.deleted_at.as_ref(), None)),
            ("paranoid", differs(paranoid.as_ref(), own.paranoid.as_ref(), Some(&false))),
            ("underscored", differs(underscored.as_ref(), own.underscored.as_ref(), Some(&false))),
            ("freezeTableName", differs(freeze.as_ref(), own.freeze.as_ref(), Some(&false))),
            ("version", differs(version.as_ref(), own.version.as_ref(), Some(&Named::Off))),
            ("schema", differs(schema.as_ref(), own.schema.as_ref(), None)),
            ("strict", differs(strict.as_ref(), own.strict.as_ref(), Some(&false))),
            (
                "withoutRowid",
                differs(without_rowid.as_ref(), own.without_rowid.as_ref(), Some(&false)),
            ),
            ("id", differs(id.as_ref(), own.id.as_ref(), Some(&true))),
            ("mysql", differs(mysql.as_ref(), own.mysql.as_ref(), None)),
            ("tableName", differs(table_name.as_ref(), own.table_name.as_ref(), table)),
            ("name", differs(singular.as_ref(), own.singular.as_ref(), None)),
            ("name", differs(plural.as_ref(), own.plural.as_ref(), None)),
            ("comment", differs(comment.as_ref(), own.comment.as_ref(), None)),
            ("was", differs(was.as_ref(), own.was.as_ref(), None)),
        ];
        let (name, made) = (draft.model.name.clone(), draft.model.made);
        for (option, at) in places {
            let Some(at) = at else { continue };
            let (whose, help) = if made {
                (
                    "another association that makes it",
                    "say the same in both, or in one of them alone".to_owned(),
                )
            } else {
                (
                    "its model",
                    format!(
                        "say it where the model is declared: `model {name} {{ .. }} < {option}: .. >`"
                    ),
                )
            };
            self.report(CheckProblem::Contradiction {
                message: format!("`{option}` of `{name}` is for {whose} to say"),
                at,
                label: "says something else".into(),
                help: Some(help),
            });
        }
    }

    /// For each `belongsToMany` the one that declares the other side, if any does.
    pub(super) fn pair_sides(joins: &[Join<'a>]) -> Vec<Option<usize>> {
        let mut by_through: std::collections::HashMap<usize, Vec<usize>> =
            std::collections::HashMap::new();
        for (index, join) in joins.iter().enumerate() {
            if let Some(through) = &join.through {
                by_through.entry(through.model).or_default().push(index);
            }
        }
        let agrees = |one: Option<&Said<SmolStr>>, two: Option<&Said<SmolStr>>| match (one, two) {
            (Some(one), Some(two)) => one.value == two.value,
            _ => true,
        };
        let other_side = |index: usize| -> Option<usize> {
            let join = joins.get(index)?;
            let candidates = by_through.get(&join.through.as_ref()?.model)?;
            // A table through which thousands of pairs go is refused; no need to look at all of them.
            candidates.iter().copied().take(64).find(|other| {
                let Some(it) = joins.get(*other) else {
                    return false;
                };
                let sides = *other != index && it.source == join.target && it.target == join.source;
                let to_itself = join.source == join.target;
                sides
                    && (!to_itself
                        || (agrees(join.foreign_key.name.as_ref(), it.other_key.name.as_ref())
                            && agrees(join.other_key.name.as_ref(), it.foreign_key.name.as_ref())))
            })
        };
        (0..joins.len()).map(other_side).collect()
    }
}

/// The place of an option that says something else than another, or than what holds where that says nothing.
fn differs<T: PartialEq>(
    one: Option<&Said<T>>,
    two: Option<&Said<T>>,
    without: Option<&T>,
) -> Option<Span> {
    let one = one?;
    let two = two.map(|it| &it.value).or(without);
    (Some(&one.value) != two).then_some(one.span)
}

/// Whether a key's object says `primaryKey`.
pub(super) fn says_primary(said: Option<&AttributeSaid<'_>>) -> bool {
    said.and_then(|it| it.primary_key).is_some_and(|it| it.value)
}

type Read<'a> = (Said<SmolStr>, Option<Said<bool>>, Option<&'a ast::Braces>, ModelSaid);

fn read<'a>(item: Item<'a>, problems: &mut Vec<crate::diagnostics::Problem>) -> Option<Read<'a>> {
    match item.value.map(|it| &it.kind) {
        Some(ast::ValueKind::Name(_) | ast::ValueKind::Text(_)) => {
            let name = verbs::read_text(item, problems)?;
            Some((name, None, None, ModelSaid::default()))
        }
        Some(ast::ValueKind::Object(braces)) => {
            let items = Item::of_object(braces, problems);
            let mut tables = vec![verbs::THROUGH];
            tables.extend(Declaration::Model.facts().options);
            let mut reader = OptionReader::new("`through`", &tables, items, problems);
            let unique = reader.flag("unique");
            let scope = reader.object("scope");
            let options = read_model_options(&mut reader);
            let Some(name) = reader.text("model") else {
                if reader.item("model").is_none() && !reader.is_misspelled("model") {
                    reader.report(CheckProblem::MissingOption {
                        verb: "through".to_smolstr().to_string(),
                        option: "model".into(),
                        at: braces.span,
                        help: Some(
                            "name the table of the keys: `through: { model: Membership }`".into(),
                        ),
                    });
                }
                return None;
            };
            Some((name, unique, scope, options))
        }
        _ => {
            problems.push(verbs::wrong_kind(
                item,
                "a model, a table's name, or `{ model, unique, scope, .. }`",
            ));
            None
        }
    }
}
