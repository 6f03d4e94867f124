//! Random projects of two scripts: whatever has a name is there, with few names for many things.

use super::written::{Form, Naming, Piece, Pieces, Relation, Thing};
use arbtest::arbitrary::{Result, Unstructured};
use std::collections::BTreeSet;

const MODELS: [&str; 6] = ["User", "Invoice", "Post", "Tag", "Line", "Sheep"];
const ATTRIBUTES: [&str; 12] = [
    "name", "title", "amount", "state", "text", "odd one", "名前", "user", "draft", "index",
    "tags", "end",
];
const ROLES: [&str; 8] = ["owner", "creator", "tags", "lines", "items", "name", "parent", "user"];
const VARIABLES: [&str; 8] = ["ann", "it", "name", "draft", "user", "nobody", "title", "recent"];
const SCOPES: [&str; 4] = ["active", "recent", "name", "title"];
const MEMBERS: [&str; 6] = ["draft", "sent", "paid", "name", "not yet", "ann"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    State,
    Json,
}

/// A variable that holds a row.
#[derive(Debug, Clone)]
struct Held {
    thing: Thing,
    name: String,
    model: usize,
}

/// A project in the making.
struct Generator<'u, 'd> {
    u: &'u mut Unstructured<'d>,
    naming: Naming,
    pieces: Pieces,
    /// Of each model its attributes.
    attributes: Vec<Vec<(Thing, Kind)>>,
    /// Of each model its scopes.
    scopes: Vec<Vec<Thing>>,
    members: Vec<Thing>,
    held: Vec<Held>,
    made: usize,
}

/// Names behind the places of a sentence.
type Names<'a> = &'a [(Thing, Form)];

fn plain(thing: Thing) -> (Thing, Form) {
    (thing, Form::Plain)
}

/// A project, and what things are called in it.
pub(super) fn project(u: &mut Unstructured<'_>) -> Result<(Pieces, Naming)> {
    let mut it = Generator {
        u,
        naming: Naming::default(),
        pieces: Pieces(vec![Vec::new(), Vec::new()]),
        attributes: Vec::new(),
        scopes: Vec::new(),
        members: Vec::new(),
        held: Vec::new(),
        made: 0,
    };
    it.declarations()?;
    it.relations()?;
    it.say(0, "sync\n", &[]);
    for _ in 0..it.u.int_in_range(6..=16)? {
        it.sentence()?;
    }
    Ok((it.pieces, it.naming))
}

impl Generator<'_, '_> {
    /// Writes a sentence, with a name for each `@`.
    fn say(&mut self, file: usize, text: &str, names: Names<'_>) {
        let mut names = names.iter();
        let pieces = &mut self.pieces.0[file];
        for (place, part) in text.split('@').enumerate() {
            if place > 0 {
                let (thing, form) = *names.next().unwrap();
                pieces.push(Piece::Name(thing, form));
            }
            pieces.push(Piece::Plain(part.to_owned()));
        }
        assert!(names.next().is_none(), "{text}");
    }

    fn name(&mut self, thing: Thing, name: &str) -> Thing {
        self.naming.names.insert(thing, name.to_owned());
        thing
    }

    fn number(&mut self) -> usize {
        self.made += 1;
        self.made
    }

    /// One of some names that isn't taken yet.
    fn free<'n>(&mut self, names: &[&'n str], taken: &BTreeSet<String>) -> Result<Option<&'n str>> {
        let free: Vec<&str> =
            names.iter().copied().filter(|it| !taken.contains(&it.to_lowercase())).collect();
        Ok(if free.is_empty() { None } else { Some(*self.u.choose(&free)?) })
    }

    fn declarations(&mut self) -> Result<()> {
        self.say(1, "// A name in a comment: User, name, draft.\n", &[]);
        self.say(0, "import \"names.schema\"\n\ndefaults < timestamps: false >\n", &[]);
        self.say(1, "defaults < timestamps: false >\n", &[]);
        let state = *self.u.choose(&["State", "name", "Kind"])?;
        let state = self.name(Thing::Enumeration, state);
        let mut taken = BTreeSet::new();
        for _ in 0..3 {
            let Some(name) = self.free(&MEMBERS, &taken)? else { continue };
            taken.insert(name.to_lowercase());
            let thing = Thing::Member(self.number());
            let member = self.name(thing, name);
            self.members.push(member);
        }
        let members: Vec<_> = self.members.iter().map(|it| plain(*it)).collect();
        self.say(1, "enum @ { @, @, @ }\n", &[&[plain(state)], &*members].concat());
        let base = self.name(Thing::Base, "Named");
        let mut shared = Vec::new();
        if self.u.ratio(2, 3)? {
            let name = *self.u.choose(&["name", "label"])?;
            let thing = Thing::Attribute(self.number());
            shared.push((self.name(thing, name), Kind::Text));
            self.say(
                1,
                "abstract model @ {\n  @: STRING\n  index (@)\n}\n",
                &[plain(base), plain(thing), plain(thing)],
            );
        }
        let count = self.u.int_in_range(2..=3)?;
        let mut taken = BTreeSet::new();
        for model in 0..count {
            let Some(name) = self.free(&MODELS, &taken)? else { continue };
            taken.insert(name.to_lowercase());
            let thing = self.name(Thing::Model(model), name);
            let file = usize::from(self.u.ratio(1, 2)?);
            let extends = !shared.is_empty() && (model == 0 || self.u.ratio(1, 2)?);
            self.say(file, "model @", &[plain(thing)]);
            if extends {
                self.say(file, " extends @", &[plain(base)]);
            }
            self.attributes.push(if extends { shared.clone() } else { Vec::new() });
            self.scopes.push(Vec::new());
            self.say(file, " {\n", &[]);
            self.body(file, model)?;
            self.say(file, "}\n", &[]);
        }
        Ok(())
    }

    fn taken(&self, model: usize) -> BTreeSet<String> {
        let attributes = self.attributes[model].iter().map(|it| self.naming.name(it.0));
        let relations = self.naming.relations.iter().enumerate();
        let own = relations.flat_map(|(place, it)| {
            let name = (it.source == model).then(|| self.naming.name(Thing::Association(place)));
            let key = (it.holder() == model).then(|| self.naming.key(place));
            [name, key].into_iter().flatten()
        });
        attributes.chain(own).map(|it| it.to_lowercase()).collect()
    }

    fn body(&mut self, file: usize, model: usize) -> Result<()> {
        let kinds = [Kind::Text, Kind::Number, Kind::State, Kind::Text, Kind::Json];
        let count = self.u.int_in_range(3..=5)?;
        for kind in kinds.into_iter().take(count) {
            let taken = self.taken(model);
            let Some(name) = self.free(&ATTRIBUTES, &taken)? else { continue };
            let thing = Thing::Attribute(self.number());
            let thing = self.name(thing, name);
            let state = plain(Thing::Enumeration);
            match kind {
                Kind::Text => self.say(file, "  @: STRING\n", &[plain(thing)]),
                Kind::Number => {
                    self.say(file, "  @: INTEGER < defaultValue: 1 >\n", &[plain(thing)]);
                }
                Kind::Json => self.say(file, "  @: JSON\n", &[plain(thing)]),
                Kind::State => {
                    let member = *self.u.choose(&self.members)?;
                    let names = [plain(thing), state, plain(member)];
                    self.say(file, "  @: @ < defaultValue: @ >\n", &names);
                }
            }
            self.attributes[model].push((thing, kind));
        }
        self.clause(file, model)
    }

    /// A member of a body that isn't an attribute, or one that comes from others.
    fn clause(&mut self, file: usize, model: usize) -> Result<()> {
        let (Some(text), Some(number)) =
            (self.attribute(model, Kind::Text)?, self.attribute(model, Kind::Number)?)
        else {
            return Ok(());
        };
        let (t, n) = (plain(text), plain(number));
        match self.u.int_in_range(0..=8)? {
            0 => self.say(file, "  index (@, @ desc)\n", &[t, n]),
            1 => self.say(file, "  check (@ > -5 or @ = \"name\") < name: fits >\n", &[n, t]),
            2 => self.say(file, "  index (lower(@)) < where: (@ > 0) >\n", &[t, n]),
            3 => self.say(file, "  shout: VIRTUAL < get: (upper(@) || \"name\") >\n", &[t]),
            4 => {
                let line = "  twice: INTEGER < generated: (@ * 2), stored >\n  unique (@, @)\n";
                self.say(file, line, &[n, t, n]);
            }
            5 => {
                let target = Thing::Model(self.u.choose_index(model + 1)?);
                let form = if self.u.ratio(1, 2)? { Form::Plain } else { Form::Table };
                let line = "  madeBy: INTEGER < references: { model: @, key: id } >\n";
                self.say(file, line, &[(target, form)]);
            }
            _ => {
                let name = *self.u.choose(&SCOPES)?;
                let thing = Thing::Scope(self.number());
                let scope = self.name(thing, name);
                self.scopes[model].push(scope);
                let line = "  scope @ < where: (@ < 100), order: [@] >\n";
                self.say(file, line, &[plain(scope), n, t]);
            }
        }
        Ok(())
    }

    fn attribute(&mut self, model: usize, kind: Kind) -> Result<Option<Thing>> {
        let own: Vec<Thing> =
            self.attributes[model].iter().filter(|it| it.1 == kind).map(|it| it.0).collect();
        Ok(if own.is_empty() { None } else { Some(*self.u.choose(&own)?) })
    }

    fn relations(&mut self) -> Result<()> {
        for _ in 0..self.u.int_in_range(2..=5)? {
            let source = self.u.choose_index(self.attributes.len())?;
            let target = self.u.choose_index(self.attributes.len())?;
            let verb =
                *self.u.choose(&["hasMany", "belongsTo", "hasOne", "hasMany", "belongsTo"])?;
            let place = self.naming.relations.len();
            let key = self.u.ratio(1, 2)?.then_some(place);
            self.naming.relations.push(Relation { source, target, verb, key });
            let mut names = ROLES.to_vec();
            names.retain(|it| it.ends_with('s') == verb.ends_with("Many"));
            let role = *self.u.choose(&names)?;
            self.name(Thing::Association(place), role);
            if self.u.ratio(1, 2)? {
                self.naming.named.insert(place);
            }
            let key_name = format!("{}Key", *self.u.choose(&["a", "b", "user"])?);
            self.name(Thing::Key(place), &key_name);
            // What it is called, and its key, must be free; a key that nobody names may be there already by its other side.
            let relation = self.naming.relations.pop().unwrap();
            let (of_source, of_holder) = (self.taken(source), self.taken(relation.holder()));
            let models = 0..self.attributes.len();
            let all_keys: Vec<(usize, String)> = models
                .flat_map(|model| self.taken(model).into_iter().map(move |it| (model, it)))
                .collect();
            self.naming.relations.push(relation);
            let name = self.naming.name(Thing::Association(place)).to_lowercase();
            let key_text = self.naming.key(place).to_lowercase();
            let is_other_side = |(other, it): (usize, &Relation)| {
                other != place
                    && it.key.is_none()
                    && it.source == target
                    && it.target == source
                    && (it.verb == "belongsTo") != (verb == "belongsTo")
                    && self.naming.key(other).to_lowercase() == key_text
            };
            let other_side = key.is_none()
                && source != target
                && self.naming.relations.iter().enumerate().any(is_other_side);
            let fits = !of_source.contains(&name)
                && name != key_text
                && (!of_holder.contains(&key_text) || other_side);
            if !fits || all_keys.is_empty() {
                self.naming.relations.pop();
                self.naming.named.remove(&place);
                continue;
            }
            let own = Thing::Association(place);
            let head =
                [plain(Thing::Model(source)), (own, Form::Declares), plain(Thing::Model(target))];
            let file = usize::from(self.u.ratio(1, 3)?);
            if key.is_some() {
                let names = [&head[..], &[(own, Form::As), plain(Thing::Key(place))]].concat();
                self.say(file, "@ @ @ < @foreignKey: @ >\n", &names);
            } else {
                let names = [&head[..], &[(own, Form::AsAlone)]].concat();
                self.say(file, "@ @ @@\n", &names);
            }
        }
        Ok(())
    }

    /// Whether a name means a variable in the expressions of a model's sentences.
    fn is_free_in(&self, model: usize, name: &str) -> bool {
        !self.taken(model).contains(&name.to_lowercase()) && name != "id"
    }

    /// The variables that hold rows and can be named, of a model where one is asked for.
    fn held(&mut self, model: Option<usize>) -> Result<Option<Held>> {
        let mut seen = BTreeSet::new();
        let last: Vec<Held> =
            self.held.iter().rev().filter(|it| seen.insert(it.name.clone())).cloned().collect();
        let all: Vec<&Held> =
            last.iter().filter(|it| model.is_none_or(|model| it.model == model)).collect();
        Ok(if all.is_empty() { None } else { Some((*self.u.choose(&all)?).clone()) })
    }

    fn relation(&mut self, source: usize, to_many: bool) -> Result<Option<(usize, usize)>> {
        let all: Vec<(usize, usize)> = self
            .naming
            .relations
            .iter()
            .enumerate()
            .filter(|(_, it)| it.source == source && it.is_to_many() == to_many)
            .map(|(place, it)| (place, it.target))
            .collect();
        Ok(if all.is_empty() { None } else { Some(*self.u.choose(&all)?) })
    }

    fn create(&mut self, model: usize, before: &str) -> Result<()> {
        let Some(text) = self.attribute(model, Kind::Text)? else { return Ok(()) };
        let name = *self.u.choose(&VARIABLES)?;
        let thing = Thing::Variable(self.number());
        self.name(thing, name);
        let names = [plain(thing), plain(Thing::Model(model)), plain(text)];
        self.say(0, &format!("{before}let @ = @ create {{ @: \"name {}\"", self.made), &names);
        if let (Some(state), true) = (self.attribute(model, Kind::State)?, self.u.ratio(1, 2)?) {
            let member = *self.u.choose(&self.members)?;
            let form = if self.u.ratio(1, 2)? { Form::Text } else { Form::Plain };
            self.say(0, ", @: @", &[plain(state), (member, form)]);
        }
        if let (Some(json), true) = (self.attribute(model, Kind::Json)?, self.u.ratio(1, 2)?) {
            self.say(0, ", @: { name: \"it\" }", &[plain(json)]);
        }
        if let (Some((place, target)), true) = (self.relation(model, true)?, self.u.ratio(1, 2)?)
            && let Some(theirs) = self.attribute(target, Kind::Text)?
        {
            let names = [plain(Thing::Association(place)), plain(theirs)];
            self.say(0, ", @: [{ @: \"title\" }]", &names);
        }
        self.say(0, " }\n", &[]);
        self.held.push(Held { thing, name: name.to_owned(), model });
        Ok(())
    }

    fn sentence(&mut self) -> Result<()> {
        let model = self.u.choose_index(self.attributes.len())?;
        let (Some(text), Some(number)) =
            (self.attribute(model, Kind::Text)?, self.attribute(model, Kind::Number)?)
        else {
            return Ok(());
        };
        let (text, number) = (plain(text), plain(number));
        match self.u.int_in_range(0..=13)? {
            0..=2 => self.create(model, ""),
            3 => self.of_state(model),
            4 => self.of_json(model),
            5 => {
                self.of_scope(model, text);
                Ok(())
            }
            6 | 7 => self.of_relation(model, text, number),
            8 => self.of_view(model, text.0, number.0),
            9 => self.of_block(model, text, number),
            10 | 11 => self.of_variable(),
            _ => self.of_rows(model, text, number),
        }
    }

    /// A sentence about a model's rows that needs two attributes alone.
    fn of_rows(&mut self, model: usize, t: (Thing, Form), n: (Thing, Form)) -> Result<()> {
        let of = plain(Thing::Model(model));
        let all: [(&str, &[(Thing, Form)]); 13] = [
            (
                "@ findAll < where: (@ like \"name%\" and @ > 0), order: [@ desc, id] >\n",
                &[of, t, n, n],
            ),
            (
                "@ findAll < attributes: [id, @ as title2, (@ || \"name\") as both], order: [title2] >\n",
                &[of, t, t],
            ),
            (
                "@ update { @: (@ + 1), @: \"amount\" } < where: (@ is not null) >\n",
                &[of, n, n, t, t],
            ),
            (
                "@ count < group: [@] >\n@ max @\n@ increment { @: 2 } < all >\n",
                &[of, t, of, n, of, n],
            ),
            (
                "@ bulkCreate [{ @: \"b\" }, { @: \"c\", @: 4 }] < fields: [@, @] >\n",
                &[of, t, t, n, t, n],
            ),
            ("@ findOrCreate { @: \"one\" } < defaults: { @: 3 } >\n", &[of, t, n]),
            ("@ upsert { id: 1, @: \"up\" } < fields: [id, @] >\n", &[of, t, t]),
            (
                "@ findAll < attributes: [@, sum(@) as total], group: [@], having: (sum(@) > 0), order: [@] >\n",
                &[of, t, n, t, n, t],
            ),
            ("once \"a step\" {\n  @ update { @: 3 } < where: (@ = \"step\") >\n}\n", &[of, n, t]),
            (
                "@ findAndCountAll < attributes: { exclude: [@] }, limit: 2, order: [@ desc nulls last] >\n",
                &[of, t, n],
            ),
            ("@ destroy < where: (@ = \"gone\") >\n", &[of, t]),
            (
                "let rows = @ findAll < where: (@ > 0) >\n@ findAll < where: (id in rows and @ != \"a\") >\n",
                &[of, n, of, t],
            ),
            (
                "@ findAll < where: (case when @ > 1 then @ else \"name\" end = \"name\" or @ in [lower(@)]) >\n",
                &[of, n, t, t, t],
            ),
        ];
        let (sentence, names) = all[self.u.choose_index(all.len())?];
        self.say(0, sentence, names);
        Ok(())
    }

    fn of_json(&mut self, model: usize) -> Result<()> {
        let of = plain(Thing::Model(model));
        if let Some(json) = self.attribute(model, Kind::Json)? {
            let names = [of, plain(json), of, (json, Form::InPath), plain(json)];
            self.say(
                0,
                "@ findAll < where: (@.name = \"it\") >\n@ update { \"@.name\": \"at\" } < where: (@ is not null) >\n",
                &names,
            );
        }
        Ok(())
    }

    fn of_scope(&mut self, model: usize, text: (Thing, Form)) {
        if let Some(scope) = self.scopes[model].first() {
            let names = [plain(Thing::Model(model)), plain(*scope), text];
            self.say(0, "@.@ findAll < where: (@ = \"a\") >\n", &names);
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "as what else makes a sentence")]
    fn of_view(&mut self, model: usize, text: Thing, number: Thing) -> Result<()> {
        if self.naming.names.contains_key(&Thing::View) {
            return Ok(());
        }
        let view = plain(self.name(Thing::View, "Shown"));
        let (t, n) = (plain(text), plain(number));
        let names = [view, plain(Thing::Model(model)), t, n, n];
        self.say(0, "view @ = @ findAll < attributes: [@, @], where: (@ > 0) >\nsync\n", &names);
        let names = [view, (text, Form::Follows), (number, Form::Follows)];
        self.say(0, "@ findAll < where: (@ = \"name\"), order: [@] >\n", &names);
        Ok(())
    }

    fn of_block(&mut self, model: usize, text: (Thing, Form), number: (Thing, Form)) -> Result<()> {
        self.say(0, "transaction {\n", &[]);
        let before = self.held.len();
        self.create(model, "  ")?;
        if let Some(held) = self.held(Some(model))? {
            let it = plain(held.thing);
            self.say(0, "  @ update { @: 9 }\n  print @.@\n", &[it, number, it, text]);
        }
        self.held.truncate(before);
        self.say(0, "}\n", &[]);
        Ok(())
    }

    fn of_state(&mut self, model: usize) -> Result<()> {
        let Some(state) = self.attribute(model, Kind::State)? else { return Ok(()) };
        let of = plain(Thing::Model(model));
        let member = *self.u.choose(&self.members)?;
        // An attribute of that name goes before the member.
        let form = if self.is_free_in(model, &self.naming.name(member)) {
            Form::Plain
        } else {
            Form::Text
        };
        let names = [
            of,
            plain(state),
            (member, form),
            of,
            plain(state),
            plain(member),
            plain(state),
            (member, Form::Text),
        ];
        self.say(
            0,
            "@ findAll < where: (@ = @) >\n@ update { @: @ } < where: (@ in [@]) >\n",
            &names,
        );
        Ok(())
    }

    fn of_relation(
        &mut self,
        model: usize,
        text: (Thing, Form),
        number: (Thing, Form),
    ) -> Result<()> {
        let of = plain(Thing::Model(model));
        let many = self.u.ratio(1, 2)?;
        let Some((place, target)) = self.relation(model, many)? else { return Ok(()) };
        let own = plain(Thing::Association(place));
        let Some(theirs) = self.attribute(target, Kind::Text)? else { return Ok(()) };
        let Some(amount) = self.attribute(target, Kind::Number)? else { return Ok(()) };
        let (theirs, amount) = (plain(theirs), plain(amount));
        if self.u.ratio(1, 5)? {
            return self.of_other_row(model, place, text);
        }
        match (self.u.int_in_range(0..=3)?, many) {
            (0, _) => self.say(0, "@ findAll < include: [@ < where: (@ != \"q\"), attributes: [id, @] >], order: [@, id] >\n", &[of, own, theirs, amount, text]),
            (1, true) => self.say(0, "@ findAll < where: (any @ (@ > 0 and @ != \"x\") or none @), attributes: [@, count(@) as n, sum(@.@) as s], order: [id] >\n", &[of, own, amount, theirs, own, text, own, own, amount]),
            (1, false) => self.say(0, "@ findAll < where: (@.@ = \"x\" or @.id = 1), include: [@], order: [@.@ desc, id] >\n", &[of, own, theirs, own, own, own, theirs]),
            (2, _) => {
                let relation = self.naming.relations[place];
                let key = match relation.key {
                    Some(key) => plain(Thing::Key(key)),
                    None => (Thing::Association(place), Form::KeyOf),
                };
                let holder = plain(Thing::Model(relation.holder()));
                self.say(0, "@ findAll < where: (@ = 1 or @ is null) >\n", &[holder, key, key]);
            }
            (_, true) => self.say(0, "@ update { @: (count(@) + 1) } < where: (count(@) > 0) >\n", &[of, number, own, own]),
            (_, false) => {
                if let Some(held) = self.held(Some(target))?
                    && self.is_free_in(model, &held.name)
                {
                    self.say(0, "@ findAll < where: (@ = @ and @.@ = @.@) >\n", &[of, own, plain(held.thing), own, theirs, plain(held.thing), theirs]);
                }
            }
        }
        Ok(())
    }

    /// A row that comes with others; a model that stands for the only association that leads to it.
    fn of_other_row(&mut self, model: usize, place: usize, text: (Thing, Form)) -> Result<()> {
        let of = plain(Thing::Model(model));
        let relation = self.naming.relations[place];
        let all = self.naming.relations.iter();
        let only = all.filter(|it| it.source == model).count() == 1;
        match self.held(Some(relation.target))? {
            Some(held) if relation.is_to_many() => {
                let names = [of, text, plain(Thing::Association(place)), plain(held.thing)];
                self.say(0, "@ create { @: \"with\", @: [@] }\n", &names);
            }
            _ if only && relation.target != model => {
                let names = [of, (Thing::Model(relation.target), Form::Stands)];
                self.say(0, "@ findAll < include: [@], order: [id] >\n", &names);
            }
            _ => {}
        }
        Ok(())
    }

    fn of_variable(&mut self) -> Result<()> {
        let Some(held) = self.held(None)? else { return Ok(()) };
        let it = plain(held.thing);
        let many = self.u.ratio(1, 2)?;
        let Some((place, target)) = self.relation(held.model, many)? else {
            self.say(0, "@ reload\nprint @\n", &[it, it]);
            return Ok(());
        };
        let own = Thing::Association(place);
        let Some(theirs) = self.attribute(target, Kind::Text)?.map(plain) else { return Ok(()) };
        let other = self.held(Some(target))?;
        match (many, other, self.u.int_in_range(0..=2)?) {
            (true, Some(other), 0) => self.say(
                0,
                "@ @ @\n@ @ @\n@ @\n",
                &[
                    it,
                    (own, Form::One("add")),
                    plain(other.thing),
                    it,
                    (own, Form::One("has")),
                    plain(other.thing),
                    it,
                    (own, Form::Many("count")),
                ],
            ),
            (true, _, 1) => {
                self.say(
                    0,
                    "@ @ < where: (@ = \"x\") >\n",
                    &[it, (own, Form::Many("get")), theirs],
                );
            }
            (true, _, _) => self.say(
                0,
                "@ @ { @: \"made\" }\nprint @.@\n",
                &[it, (own, Form::One("create")), theirs, it, plain(own)],
            ),
            (false, Some(other), 0) => {
                self.say(0, "@ @ @\n", &[it, (own, Form::Many("set")), plain(other.thing)]);
            }
            (false, _, _) => self.say(
                0,
                "@ @\nprint (@.@.@ = \"x\")\n",
                &[it, (own, Form::Many("get")), it, plain(own), theirs],
            ),
        }
        Ok(())
    }
}
