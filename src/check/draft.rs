//! A model in the making.

use super::{Base, Body, attribute_id, names};
use crate::ast;
use crate::diagnostics::Problem;
use crate::ir::{Attribute, BareWord, DataType, Model, ModelExtra, MysqlOptions};
use crate::verbs;
use crate::verbs::{Opt, OptionId, OptionItem, OptionValue, Settings, Spanned};
use crate::words;
use std::borrow::Cow;

/// The options of an attribute.
const ATTRIBUTES: &[&[Opt]] = &[verbs::ATTRIBUTE];

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
pub(super) struct AttributeSaid<'a> {
    written: SaidOptions<'a>,
    /// What most say, so that they needn't be read again.
    pub(super) flags: SaidFlags,
}

#[derive(Debug, Clone)]
enum SaidOptions<'a> {
    /// What stands in these options, nothing of it wrong.
    Written(&'a ast::OptionList),
    /// Options with mistakes, which are reported once; or what several declarations of a key say.
    Read(Box<Settings<'a>>),
}

/// The flags that the options of an attribute say, and whether there is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SaidFlags {
    /// `allowNull`
    pub(super) allow_null: Option<bool>,
    /// `primaryKey`
    pub(super) primary_key: bool,
    /// `autoIncrement`
    pub(super) auto_increment: bool,
    /// What else is said.
    pub(super) rest: SaidRest,
}

/// What is said of an attribute beside flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SaidRest {
    /// Nothing.
    Nothing,
    /// What becomes an index or a default, once all columns are known.
    Later,
    /// More than that.
    More,
}

impl SaidFlags {
    /// Those of which nothing is said.
    const NONE: Self = Self {
        allow_null: None,
        primary_key: false,
        auto_increment: false,
        rest: SaidRest::Nothing,
    };

    fn of(settings: &Settings<'_>) -> Self {
        let mut res = Self::NONE;
        for it in settings.iter() {
            res.note(it.option.id, matches!(it.given, OptionValue::Flag(true)));
        }
        res
    }

    /// Those of options that are so plain that nothing of them can be wrong, as most are: no list of them is needed.
    fn of_plain(options: &ast::OptionList) -> Option<Self> {
        let mut res = Self::NONE;
        for (place, it) in options.items.iter().enumerate() {
            let before = options.items.get(..place).unwrap_or_default();
            if before.iter().any(|other| other.name.text == it.name.text) {
                return None;
            }
            let (option, on) = verbs::plain_option(ATTRIBUTES, it)?;
            res.note(option.id, on);
        }
        Some(res)
    }

    /// An option is said; where it is a flag, it is `on` or off.
    fn note(&mut self, id: OptionId, on: bool) {
        match id {
            OptionId::AllowNull => self.allow_null = Some(on),
            OptionId::PrimaryKey => self.primary_key = on,
            OptionId::AutoIncrement => self.auto_increment = on,
            OptionId::Unique | OptionId::DefaultValue => {
                if self.rest != SaidRest::More {
                    self.rest = SaidRest::Later;
                }
            }
            _ => self.rest = SaidRest::More,
        }
    }
}

impl<'a> AttributeSaid<'a> {
    /// Reads the options of an attribute; none where there are none.
    pub(super) fn read(
        options: Option<&'a ast::OptionList>,
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let options = options.filter(|it| !it.items.is_empty())?;
        if let Some(flags) = SaidFlags::of_plain(options) {
            return Some(Self { written: SaidOptions::Written(options), flags });
        }
        let before = problems.len();
        let settings = read_options(options, problems);
        if problems.len() > before {
            return Some(Self::of(settings));
        }
        let written = SaidOptions::Written(options);
        Some(Self { written, flags: SaidFlags::of(&settings) })
    }

    /// What isn't written so in one place.
    fn of(settings: Settings<'a>) -> Self {
        let flags = SaidFlags { rest: SaidRest::More, ..SaidFlags::of(&settings) };
        Self { written: SaidOptions::Read(Box::new(settings)), flags }
    }

    /// The options themselves.
    pub(super) fn settings(&self) -> Cow<'_, Settings<'a>> {
        self.written.settings()
    }

    /// What of it becomes an index, a default or an expression.
    pub(super) fn later(self) -> SaidLater<'a> {
        match self.written {
            SaidOptions::Read(settings) => SaidLater::All(*settings),
            SaidOptions::Written(options) => (self.flags.rest == SaidRest::Later)
                .then(|| SaidLater::of_plain(options))
                .flatten()
                .unwrap_or_else(|| SaidLater::All(read_options(options, &mut Vec::new()))),
        }
    }
}

/// What of an attribute's options is carried out once all columns are known.
#[derive(Debug)]
pub(super) enum SaidLater<'a> {
    /// `unique` and `defaultValue`, and nothing of them can be wrong: no list of them is needed.
    Plain { unique: Option<Spanned<bool>>, default: Option<&'a ast::ValueNode> },
    /// All of them.
    All(Settings<'a>),
}

impl<'a> SaidLater<'a> {
    fn of_plain(options: &'a ast::OptionList) -> Option<Self> {
        let (mut unique, mut default) = (None, None);
        for it in &options.items {
            let (option, on) = verbs::plain_option(ATTRIBUTES, it)?;
            match option.id {
                OptionId::Unique => unique = Some(Spanned { value: on, span: it.span() }),
                OptionId::DefaultValue => default = it.value.as_ref(),
                _ => {}
            }
        }
        Some(Self::Plain { unique, default })
    }

    /// `defaultValue`
    pub(super) fn default(&self) -> Option<&'a ast::ValueNode> {
        match self {
            Self::Plain { default, .. } => *default,
            Self::All(settings) => settings.value(OptionId::DefaultValue),
        }
    }

    /// An expression that is said.
    pub(super) fn item(&self, id: OptionId) -> Option<OptionItem<'a>> {
        match self {
            Self::Plain { .. } => None,
            Self::All(settings) => settings.item(id),
        }
    }
}

impl<'a> SaidOptions<'a> {
    fn settings(&self) -> Cow<'_, Settings<'a>> {
        match self {
            Self::Written(options) => Cow::Owned(read_options(options, &mut Vec::new())),
            Self::Read(settings) => Cow::Borrowed(settings),
        }
    }
}

fn read_options<'a>(options: &'a ast::OptionList, problems: &mut Vec<Problem>) -> Settings<'a> {
    let items = OptionItem::of_options(Some(options));
    verbs::read("an attribute", ATTRIBUTES, items, problems)
}

/// What is said of the attributes of a model, by their places.
#[derive(Debug, Default)]
pub(super) struct AttributeSettings<'a> {
    /// In the order of the places, those of which nothing is said left out.
    all: Vec<SaidAt<'a>>,
}

/// What is said of the attribute at a place. There are many: its parts stand beside each other so that they leave no gaps.
#[derive(Debug)]
struct SaidAt<'a> {
    place: u32,
    flags: SaidFlags,
    written: SaidOptions<'a>,
}

impl<'a> SaidAt<'a> {
    fn new(place: usize, AttributeSaid { written, flags }: AttributeSaid<'a>) -> Self {
        Self { place: attribute_id(place).0, flags, written }
    }

    const fn place(&self) -> usize {
        self.place as usize
    }
}

impl<'a> AttributeSettings<'a> {
    /// What is said of an attribute.
    pub(super) fn get(&self, place: usize) -> Option<Cow<'_, Settings<'a>>> {
        let at = self.find(place).ok()?;
        self.all.get(at).map(|it| it.written.settings())
    }

    /// The attributes of which something is said, by their places, with what it is.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, Cow<'_, Settings<'a>>)> {
        self.all.iter().map(|it| (it.place(), it.written.settings()))
    }

    /// All of it, to be gone through; in the order of the places.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (usize, AttributeSaid<'a>)> + use<'a> {
        let all = std::mem::take(&mut self.all).into_iter();
        all.map(|it| (it.place(), AttributeSaid { written: it.written, flags: it.flags }))
    }

    /// What is said of one attribute behind all others.
    pub(super) fn push(&mut self, place: usize, said: AttributeSaid<'a>) {
        self.all.push(SaidAt::new(place, said));
    }

    /// Says something else of an attribute.
    pub(super) fn put(&mut self, place: usize, said: Settings<'a>) {
        let said = SaidAt::new(place, AttributeSaid::of(said));
        match self.find(place) {
            Ok(at) => {
                if let Some(it) = self.all.get_mut(at) {
                    *it = said;
                }
            }
            Err(at) => self.all.insert(at, said),
        }
    }

    /// Another attribute has come before all others.
    pub(super) fn move_on(&mut self) {
        self.all.iter_mut().for_each(|it| it.place += 1);
    }

    /// What is said of each attribute, in their order.
    pub(super) fn fill(&mut self, all: Vec<Option<AttributeSaid<'a>>>) {
        self.all.reserve_exact(all.iter().flatten().count());
        for (place, said) in all.into_iter().enumerate() {
            self.all.extend(said.map(|it| SaidAt::new(place, it)));
        }
    }

    /// Lets the room go that isn't needed any more.
    pub(super) fn shrink(&mut self) {
        self.all.shrink_to_fit();
    }

    fn find(&self, place: usize) -> Result<usize, usize> {
        self.all.binary_search_by_key(&place, SaidAt::place)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;
    use crate::verbs::NamedFlag;

    const FLAGS: [&str; 4] = ["allowNull", "primaryKey", "autoIncrement", "unique"];

    fn name(text: &str) -> ast::Word {
        ast::Word { span: Span::new(0, 4), text: text.into() }
    }

    fn option(option: &str, value: Option<ast::ValueKind>) -> ast::OptionPair {
        let value = value.map(|kind| ast::ValueNode { span: Span::new(6, 9), kind });
        ast::OptionPair { name: name(option), value }
    }

    /// What plain options say, without a list of them and with one; none where a list is needed.
    #[track_caller]
    fn check(items: &[ast::OptionPair], is_plain: bool) {
        let options = ast::OptionList { span: Span::default(), items: items.into() };
        let plain = SaidFlags::of_plain(&options);
        assert_eq!(plain.is_some(), is_plain, "{items:?}");
        let Some(plain) = plain else { return };
        let mut problems = Vec::new();
        let settings = read_options(&options, &mut problems);
        assert!(problems.is_empty(), "{items:?}");
        assert_eq!(plain, SaidFlags::of(&settings), "{items:?}");
        let later = SaidLater::of_plain(&options);
        let Some(SaidLater::Plain { unique, default }) = later else {
            panic!("{items:?} need a list");
        };
        let named = settings.named(OptionId::Unique);
        let said = unique.map(|it| (it.value, it.span));
        assert_eq!(said, named.map(|it| (it.value == NamedFlag::On, it.span)), "{items:?}");
        assert_eq!(default, settings.value(OptionId::DefaultValue), "{items:?}");
    }

    #[test]
    fn plain_options_say_what_a_list_of_them_says() {
        let values = [None, Some(true), Some(false)].map(|it| it.map(ast::ValueKind::Bool));
        let default = option("defaultValue", Some(ast::ValueKind::Integer(0)));
        for one in FLAGS {
            for value in &values {
                let first = option(one, value.clone());
                check(std::slice::from_ref(&first), true);
                for other in FLAGS.into_iter().filter(|it| *it != one) {
                    check(&[first.clone(), default.clone(), option(other, None)], true);
                }
            }
        }
        check(&[default], true);
    }

    #[test]
    fn all_else_needs_a_list() {
        let others = [
            ast::ValueKind::Null,
            ast::ValueKind::Integer(1),
            ast::ValueKind::Text("true".into()),
            ast::ValueKind::Name(name("yes")),
            ast::ValueKind::List(Vec::new()),
        ];
        for value in others {
            for one in FLAGS {
                check(&[option(one, Some(value.clone()))], false);
            }
        }
        check(&[option("unique", None), option("unique", None)], false);
        check(&[option("defaultValue", None)], false);
        check(&[option("comment", Some(ast::ValueKind::Text("x".into())))], false);
        check(&[option("allowNul", None)], false);
    }
}
