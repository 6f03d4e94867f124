//! A project of which is known what each name in it means: its texts are written from that, so that they can be written with other names.

use relata::verbs;
use relata::words::{self, Reserved};
use std::collections::{BTreeMap, BTreeSet};

/// What has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    Model(usize),
    Base,
    Enumeration,
    Member(usize),
    Attribute(usize),
    /// The key of an association that says what it is called.
    Key(usize),
    Association(usize),
    Scope(usize),
    Variable(usize),
    View,
}

/// How a name is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    /// As a text, beside which nothing can be asked of a name: `"meta.lang"`.
    InPath,
    /// As a text that stands for the name: `{ state: "draft" }`.
    Text,
    /// Where it follows another name: a view's attribute, a model that stands for the association to it.
    Follows,
    /// A model in an include, which stands for the association to it.
    Stands,
    /// The key that an association makes.
    KeyOf,
    /// The verb of an association, of one row or of several.
    One(&'static str),
    Many(&'static str),
    /// What a model's table is called.
    Table,
    /// The sentence's verb, which declares an association without a name.
    Declares,
    /// `as: name, ` or nothing.
    As,
    /// The same where no option follows.
    AsAlone,
}

/// What a text is made of.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    Plain(String),
    Name(Thing, Form),
}

/// `User hasMany Invoice`, said once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Relation {
    pub(super) source: usize,
    pub(super) target: usize,
    pub(super) verb: &'static str,
    /// Whether the key has a name of its own, and of which association.
    pub(super) key: Option<usize>,
}

impl Relation {
    pub(super) fn is_to_many(&self) -> bool {
        self.verb.ends_with("Many")
    }

    /// The model whose table has the key.
    pub(super) fn holder(&self) -> usize {
        if self.verb == "belongsTo" { self.source } else { self.target }
    }
}

/// What things are called.
#[derive(Debug, Clone, Default)]
pub(super) struct Naming {
    pub(super) names: BTreeMap<Thing, String>,
    /// The associations that say their names.
    pub(super) named: BTreeSet<usize>,
    pub(super) relations: Vec<Relation>,
}

impl Naming {
    pub(super) fn name(&self, thing: Thing) -> String {
        match thing {
            Thing::Association(place) if !self.named.contains(&place) => {
                let relation = &self.relations[place];
                let target = self.name(Thing::Model(relation.target));
                if relation.is_to_many() { words::pluralize(&target).into() } else { target }
            }
            _ => self.names[&thing].clone(),
        }
    }

    /// What the key of an association is called.
    pub(super) fn key(&self, place: usize) -> String {
        let relation = &self.relations[place];
        if let Some(named) = relation.key {
            return self.name(Thing::Key(named));
        }
        let part = match relation.verb {
            "hasMany" => self.name(Thing::Model(relation.source)),
            "hasOne" if !self.named.contains(&place) => self.name(Thing::Model(relation.source)),
            _ => self.name(Thing::Association(place)),
        };
        words::camelize(&format!("{part}_id")).into()
    }

    /// Whether an association has a key that another one has, too, and that none of them names.
    pub(super) fn shares_key(&self, place: usize) -> bool {
        let relation = &self.relations[place];
        let same = |(other, it): (usize, &Relation)| {
            other != place && it.holder() == relation.holder() && self.key(other) == self.key(place)
        };
        relation.key.is_none() && self.relations.iter().enumerate().any(same)
    }

    fn written(&self, thing: Thing, form: Form) -> String {
        let name = || self.name(thing);
        match form {
            Form::Plain | Form::Follows | Form::Stands => quoted(&name()),
            Form::Text => format!("\"{}\"", name()),
            Form::InPath => name(),
            Form::Table => format!("\"{}\"", words::pluralize(&name())),
            Form::KeyOf => {
                let Thing::Association(place) = thing else { unreachable!() };
                quoted(&self.key(place))
            }
            Form::One(verb) => {
                quoted(&format!("{verb}{}", words::upper_first(&words::singular(&name()))))
            }
            Form::Many(verb) => quoted(&format!("{verb}{}", words::upper_first(&name()))),
            Form::Declares => {
                let Thing::Association(place) = thing else { unreachable!() };
                self.relations[place].verb.to_owned()
            }
            Form::As | Form::AsAlone => {
                let Thing::Association(place) = thing else { unreachable!() };
                match (self.named.contains(&place), form) {
                    (true, Form::As) => format!("as: {}, ", quoted(&name())),
                    (true, _) => format!(" < as: {} >", quoted(&name())),
                    (false, _) => String::new(),
                }
            }
        }
    }
}

/// A name as it is written where any may stand.
pub(super) fn quoted(name: &str) -> String {
    let plain = name.starts_with(|it: char| it.is_alphabetic() || it == '_')
        && name.chars().all(|it| it.is_alphanumeric() || it == '_');
    if plain && verbs::first(name).is_none() && Reserved::of(name).is_none() {
        return name.to_owned();
    }
    format!("`{}`", name.replace('`', "``"))
}

/// Where a name stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) thing: Thing,
    pub(super) form: Form,
}

/// Scripts, as they are written with certain names.
#[derive(Debug, Clone, Default)]
pub(super) struct Written {
    pub(super) texts: Vec<String>,
    pub(super) places: Vec<Place>,
}

/// A project, by what its scripts are made of.
#[derive(Debug, Clone, Default)]
pub(super) struct Pieces(pub(super) Vec<Vec<Piece>>);

impl Pieces {
    pub(super) fn written(&self, naming: &Naming) -> Written {
        let mut res = Written::default();
        for (file, pieces) in self.0.iter().enumerate() {
            let mut text = String::new();
            for it in pieces {
                match it {
                    Piece::Plain(it) => text.push_str(it),
                    Piece::Name(thing, form) => {
                        let mut start = text.len();
                        text.push_str(&naming.written(*thing, *form));
                        let mut end = text.len();
                        if end == start {
                            continue;
                        }
                        // Of `as: name` the name is one.
                        let (before, behind) = match form {
                            Form::As => ("as: ".len(), ", ".len()),
                            Form::AsAlone => (" < as: ".len(), " >".len()),
                            _ => (0, 0),
                        };
                        (start, end) = (start + before, end - behind);
                        res.places.push(Place { file, start, end, thing: *thing, form: *form });
                    }
                }
            }
            res.texts.push(text);
        }
        res
    }
}

/// A text without the backquotes that it doesn't need.
pub(super) fn unquoted(text: &str) -> String {
    text.replace('`', "")
}
