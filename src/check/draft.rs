//! A model in the making.

use super::{Base, Body, names};
use crate::ast;
use crate::diagnostics::Problem;
use crate::ir::{Attribute, BareWord, DataType, Model, ModelExtra, MysqlOptions};
use crate::verbs;
use crate::verbs::{OptionId, OptionItem, Settings};
use crate::words;
use std::borrow::Cow;

/// What comes of a `model` sentence.
#[derive(Debug)]
pub(super) struct ModelDraft<'a> {
    /// Its sentence; none for a through table that an association makes.
    pub(super) base: Option<Base<'a>>,
    /// The `defaults` that hold for it.
    pub(super) shared: Option<&'a ast::OptionList>,
    /// What comes of it.
    pub(super) model: Model,
    /// What is said of the attributes of `model`.
    pub(super) said: AttributeSettings<'a>,
    /// The sentences of its body and its bases'.
    pub(super) bodies: Vec<Body<'a>>,
    /// Its options.
    pub(super) options: Settings<'a>,
}

impl<'a> ModelDraft<'a> {
    pub(super) fn new(base: Base<'a>, shared: Option<&'a ast::OptionList>) -> Self {
        let model =
            Model { name: base.word.text.clone(), span: base.word.span, ..Model::default() };
        Self {
            base: Some(base),
            shared,
            model,
            said: AttributeSettings::default(),
            bodies: Vec::new(),
            options: Settings::default(),
        }
    }

    /// A model of which all is known: one that stands for a view.
    pub(super) fn whole(model: Model) -> Self {
        Self {
            base: None,
            shared: None,
            model,
            said: AttributeSettings::default(),
            bodies: Vec::new(),
            options: Settings::default(),
        }
    }

    /// Adds an attribute at the end.
    pub(super) fn push(&mut self, attribute: Attribute, said: Option<AttributeSaid<'a>>) {
        if let Some(said) = said {
            self.said.push(self.model.attributes.len(), said);
        }
        // A large schema has a hundred thousand attributes: no room in reserve.
        self.model.attributes.reserve_exact(1);
        self.model.attributes.push(attribute);
    }
}

/// What is said of an attribute. In a large schema it takes more room than what comes of it, so it isn't kept but read again where it is needed.
#[derive(Debug, Clone)]
pub(super) enum AttributeSaid<'a> {
    /// What stands in these options, nothing of it wrong.
    Written(&'a ast::OptionList),
    /// Options with mistakes, which are reported once; or what several declarations of a key say.
    Read(Box<Settings<'a>>),
}

impl<'a> AttributeSaid<'a> {
    /// Reads the options of an attribute; none where there are none.
    pub(super) fn read(
        options: Option<&'a ast::OptionList>,
        problems: &mut Vec<Problem>,
    ) -> Option<(Self, Settings<'a>)> {
        let options = options.filter(|it| !it.items.is_empty())?;
        let before = problems.len();
        let settings = read_options(options, problems);
        let is_right = problems.len() == before;
        let said =
            if is_right { Self::Written(options) } else { Self::Read(Box::new(settings.clone())) };
        Some((said, settings))
    }

    /// The options themselves.
    pub(super) fn settings(&self) -> Cow<'_, Settings<'a>> {
        match self {
            Self::Written(options) => Cow::Owned(read_options(options, &mut Vec::new())),
            Self::Read(settings) => Cow::Borrowed(settings),
        }
    }
}

fn read_options<'a>(options: &'a ast::OptionList, problems: &mut Vec<Problem>) -> Settings<'a> {
    let items = OptionItem::of_options(Some(options));
    verbs::read("an attribute", &[verbs::ATTRIBUTE], items, problems)
}

/// What is said of the attributes of a model, by their places.
#[derive(Debug, Default)]
pub(super) struct AttributeSettings<'a> {
    /// In the order of the places, those of which nothing is said left out.
    all: Vec<(usize, AttributeSaid<'a>)>,
}

impl<'a> AttributeSettings<'a> {
    /// What is said of an attribute.
    pub(super) fn get(&self, place: usize) -> Option<Cow<'_, Settings<'a>>> {
        let at = self.find(place).ok()?;
        self.all.get(at).map(|it| it.1.settings())
    }

    /// The attributes of which something is said, by their places, with what it is.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, Cow<'_, Settings<'a>>)> {
        self.all.iter().map(|(place, said)| (*place, said.settings()))
    }

    /// All of it, to be gone through; in the order of the places.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (usize, AttributeSaid<'a>)> + use<'a> {
        std::mem::take(&mut self.all).into_iter()
    }

    /// What is said of one attribute behind all others.
    pub(super) fn push(&mut self, place: usize, said: AttributeSaid<'a>) {
        self.all.push((place, said));
    }

    /// Says something else of an attribute.
    pub(super) fn put(&mut self, place: usize, said: Settings<'a>) {
        let said = AttributeSaid::Read(Box::new(said));
        match self.find(place) {
            Ok(at) => {
                if let Some(it) = self.all.get_mut(at) {
                    it.1 = said;
                }
            }
            Err(at) => self.all.insert(at, (place, said)),
        }
    }

    /// Another attribute has come before all others.
    pub(super) fn move_on(&mut self) {
        self.all.iter_mut().for_each(|it| it.0 += 1);
    }

    /// Room for so many.
    pub(super) fn reserve(&mut self, count: usize) {
        self.all.reserve_exact(count);
    }

    /// Lets the room go that isn't needed any more.
    pub(super) fn shrink(&mut self) {
        self.all.shrink_to_fit();
    }

    fn find(&self, place: usize) -> Result<usize, usize> {
        self.all.binary_search_by_key(&place, |it| it.0)
    }
}

impl ModelDraft<'_> {
    /// Fills in what follows from the options alone.
    pub(super) fn complete_names(&mut self) {
        let (model, options) = (&mut self.model, &self.options);
        let text = |id| options.text(id).map(|it| it.value);
        model.underscored = options.is_on(OptionId::Underscored);
        let freeze = options.is_on(OptionId::FreezeTableName);
        let plural = words::pluralize(&model.name);
        model.table = text(OptionId::TableName)
            .unwrap_or_else(|| names::table(&model.name, &plural, freeze, model.underscored));
        model.schema = text(OptionId::Schema);
        model.singular = text(OptionId::Singular).unwrap_or_else(|| words::singular(&model.name));
        model.plural = text(OptionId::Plural).unwrap_or(plural);
        model.strict = options.is_on(OptionId::Strict);
        model.without_rowid = options.is_on(OptionId::WithoutRowid);
        let mut extra = model.extra.take().map(|it| *it).unwrap_or_default();
        extra.comment = text(OptionId::Comment);
        extra.was = text(OptionId::Was);
        if let Some(mysql) = options.object(OptionId::Mysql) {
            let word = |id| mysql.text(id).and_then(|it| BareWord::new(&it.value));
            extra.mysql = MysqlOptions {
                engine: word(OptionId::Engine),
                charset: word(OptionId::Charset),
                collate: word(OptionId::Collate),
            };
        }
        model.extra = (extra != ModelExtra::default()).then(|| Box::new(extra));
    }

    /// Whether an attribute that is written is the primary key, or belongs to it.
    pub(super) fn has_written_key(&self) -> bool {
        self.model.attributes.iter().any(|it| it.primary_key)
    }

    /// Whether an attribute takes a column.
    pub(super) fn is_column(data_type: &DataType) -> bool {
        !matches!(data_type, DataType::Virtual)
    }
}

/// Adds to a list that has one member or two in most models: no room in reserve for those.
pub(super) fn push_few<T>(list: &mut Vec<T>, member: T) {
    if list.len() < 4 {
        list.reserve_exact(1);
    }
    list.push(member);
}
