//! A script that is being made: what may be said in several ways, with the way that is tried.

use super::model_flags::ModelFlags;
use super::names::{NamingStyle, named, sql, text as quoted, written};
use super::options::{PulledOption, PulledSentence, behind, lines};
use super::types::PulledType;
use crate::catalog::Table;
use crate::stored::ViewQuery;
use crate::verbs::OptionId;
use crate::words::{plain, same_name};
use std::fmt::Write;
use std::ops::Range;

/// A script.
#[derive(Debug, Clone, Default)]
pub(super) struct PulledScript {
    pub(super) style: NamingStyle,
    /// What most models have in common.
    pub(super) common: ModelFlags,
    /// Sentences of what tables stand on.
    pub(super) before: Vec<String>,
    pub(super) models: Vec<PulledModel>,
    pub(super) parts: Vec<PulledPart>,
    /// What the language has no words for, as SQL, in order; the statements of all views, too.
    pub(super) raw: Vec<String>,
    /// The views that are said as sentences.
    pub(super) views: Vec<PulledView>,
    /// What is said of the others, so that they are read as models: their names and sentences.
    pub(super) shown: Vec<(String, String)>,
}

/// A view.
#[derive(Debug, Clone)]
pub(super) struct PulledView {
    pub(super) name: String,
    /// Its statement.
    pub(super) sql: String,
    pub(super) query: ViewQuery,
    pub(super) ways: Alternatives<String>,
}

/// A model.
#[derive(Debug, Clone)]
pub(super) struct PulledModel {
    pub(super) name: String,
    /// What its table is.
    pub(super) table: Table,
    pub(super) options: Vec<PulledOption>,
    /// In the order of the columns.
    pub(super) attributes: Vec<PulledAttribute>,
}

impl PulledModel {
    /// Whether a check of its table is an attribute's enumeration.
    pub(super) fn lists(&self, check: usize) -> bool {
        let mut lists = self.attributes.iter().filter_map(|it| it.enumeration.as_ref());
        lists.any(|it| it.0 == check)
    }

    /// The places of its attributes, in the order in which they are written: the primary key's are in the key's order.
    fn order(&self) -> Vec<usize> {
        let key = |at: &usize| {
            let column = self.table.columns.get(*at);
            column.map(|it| it.primary_key).filter(|it| *it > 0)
        };
        let mut keys: Vec<_> = (0..self.attributes.len()).filter(|it| key(it).is_some()).collect();
        keys.sort_by_key(key);
        let mut keys = keys.into_iter();
        let each = (0..self.attributes.len()).map(|at| match key(&at) {
            Some(_) => keys.next().unwrap_or(at),
            None => at,
        });
        each.collect()
    }
}

/// An attribute.
#[derive(Debug, Clone)]
pub(super) struct PulledAttribute {
    pub(super) name: String,
    pub(super) column: String,
    /// It comes by itself.
    pub(super) implied: bool,
    /// A script has it already.
    pub(super) is_given: bool,
    /// `ENUM(a, b)`, in place of its type and of that check.
    pub(super) enumeration: Option<(usize, PulledType)>,
    pub(super) data_type: Alternatives<PulledType>,
    pub(super) default: Alternatives<String>,
    pub(super) generated: Alternatives<String>,
    pub(super) stored: bool,
    /// What its checks say, and their places among the table's.
    pub(super) checks: Vec<(usize, Alternatives<String>)>,
    /// What its column is called, where it isn't called so by itself.
    pub(super) field: Option<String>,
    /// Whether it is part of the primary key.
    pub(super) is_key: bool,
    /// How its values are compared, where it says so.
    pub(super) collation: Option<String>,
    /// Other options that have one form.
    pub(super) options: Vec<PulledOption>,
    /// As the column's own text: the attribute has nothing but that type.
    pub(super) verbatim: Option<String>,
    pub(super) is_verbatim: bool,
    pub(super) remarks: Vec<String>,
}

/// Ways to say one thing, best first.
#[derive(Debug, Clone)]
pub(super) struct Alternatives<T> {
    ways: Vec<T>,
    at: usize,
}

impl<T> Default for Alternatives<T> {
    fn default() -> Self {
        Self { ways: Vec::new(), at: 0 }
    }
}

impl<T> Alternatives<T> {
    pub(super) const fn new(ways: Vec<T>) -> Self {
        Self { ways, at: 0 }
    }

    /// The same, but for so many of the best.
    pub(super) fn without_best(self, count: usize) -> Self {
        Self { at: count.min(self.ways.len().saturating_sub(1)), ..self }
    }

    pub(super) fn now(&self) -> Option<&T> {
        self.ways.get(self.at)
    }

    pub(super) const fn has_more(&self) -> bool {
        self.at + 1 < self.ways.len()
    }

    /// Takes the next way, where there is one.
    pub(super) const fn advance(&mut self) -> bool {
        let more = self.has_more();
        self.at += more as usize;
        more
    }
}

/// What is said beside attributes' types: in a body, at an attribute, in a sentence of its own.
#[derive(Debug, Clone)]
pub(super) struct PulledPart {
    /// The model whose table it is about.
    pub(super) model: usize,
    pub(super) subject: PartSubject,
    pub(super) ways: Vec<Alternative>,
    pub(super) at: usize,
}

/// What a part is about, by its place among the table's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PartSubject {
    Index(usize),
    Check(usize),
    Key(usize),
    /// A clause without a name of its own.
    Clause,
    /// A join table, as an association.
    Join,
}

/// A way to say a part.
#[derive(Debug, Clone)]
pub(super) enum Alternative {
    /// A sentence in the model's body.
    Body(String),
    /// Options of the attribute of that column.
    Option(String, Vec<PulledOption>),
    /// Sentences of associations, and the columns whose attributes they make.
    Sentence(Vec<PulledSentence>, Vec<String>),
    /// A statement of SQL.
    Raw(String),
    Nothing,
}

impl PartSubject {
    pub(super) const fn is_key(&self) -> bool {
        matches!(self, Self::Key(_))
    }
}

impl PulledPart {
    /// Whether it is written at the attribute of that column.
    pub(super) fn is_option_of(&self, column: &str) -> bool {
        matches!(self.now(), Alternative::Option(it, _) if same_name(it, column))
    }

    /// Whether the attribute of that column comes with it.
    pub(super) fn makes(&self, column: &str) -> bool {
        matches!(self.now(), Alternative::Sentence(_, it) if it.iter().any(|it| same_name(it, column)))
    }

    pub(super) fn now(&self) -> &Alternative {
        self.ways.get(self.at).unwrap_or(&Alternative::Nothing)
    }
}

/// What a place of the text is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum PulledElement {
    Model(usize),
    Attribute(usize, usize),
    Part(usize),
    View(usize),
    Shown(usize),
}

/// The text of a draft, and what its places are about, the innermost last.
#[derive(Debug, Clone, Default)]
pub(super) struct PulledText {
    pub(super) text: String,
    pub(super) places: Vec<(Range<usize>, PulledElement)>,
}

impl PulledText {
    /// Writes `text` as that piece.
    fn piece(&mut self, piece: PulledElement, text: &str) {
        let begin = self.text.len();
        self.text.push_str(text);
        self.places.push((begin..self.text.len(), piece));
    }
}

impl PulledScript {
    /// All of it, not formatted yet.
    pub(super) fn write(&self) -> PulledText {
        let mut out = PulledText::default();
        self.defaults(&mut out.text);
        for before in &self.before {
            let _ = write!(out.text, "\n{before}\n");
        }
        for model in 0..self.models.len() {
            out.text.push('\n');
            self.model(model, &mut out);
        }
        let mut last = None;
        for (place, part) in self.parts.iter().enumerate() {
            if let Alternative::Sentence(sentences, _) = part.now() {
                if last != Some(part.model) {
                    out.text.push('\n');
                    last = Some(part.model);
                }
                out.piece(PulledElement::Part(place), &lines(sentences));
                out.text.push('\n');
            }
        }
        for (place, view) in self.views.iter().enumerate() {
            if let Some(text) = view.ways.now() {
                out.text.push('\n');
                out.piece(PulledElement::View(place), text);
                out.text.push('\n');
            }
        }
        for raw in self.raw.iter().filter(|it| !self.is_said(it)) {
            let _ = write!(out.text, "\n{}\n", sql(raw));
        }
        for (place, (_, text)) in self.shown.iter().enumerate() {
            out.text.push('\n');
            out.piece(PulledElement::Shown(place), text);
            out.text.push('\n');
        }
        for (place, part) in self.parts.iter().enumerate() {
            if let Alternative::Raw(text) = part.now() {
                out.text.push('\n');
                out.piece(PulledElement::Part(place), &sql(text));
                out.text.push('\n');
            }
        }
        out
    }

    /// Whether a statement is that of a view that is said as a sentence.
    pub(super) fn is_said(&self, raw: &str) -> bool {
        self.views.iter().any(|it| it.sql == raw)
    }

    fn defaults(&self, out: &mut String) {
        let options = self.common.beside(&ModelFlags::unsaid());
        if !options.is_empty() && !self.models.is_empty() {
            let _ = writeln!(out, "defaults{}", behind(&options));
        }
    }

    /// The part that makes the attribute of a model's column.
    pub(super) fn part_making(&self, model: usize, column: &str) -> Option<usize> {
        self.parts.iter().position(|it| it.model == model && it.makes(column))
    }

    /// A model and its body.
    pub(super) fn model(&self, place: usize, out: &mut PulledText) {
        let Some(model) = self.models.get(place) else {
            return;
        };
        let begin = out.text.len();
        remarks(&model.table.comment, "", &mut out.text);
        let _ = writeln!(out.text, "model {} {{", written(&model.name));
        for at in model.order() {
            let is_written = |it: &&PulledAttribute| {
                !it.implied && self.part_making(place, &it.column).is_none()
            };
            if let Some(attribute) = model.attributes.get(at).filter(is_written) {
                let text = self.attribute(place, attribute);
                out.piece(PulledElement::Attribute(place, at), &text);
            }
        }
        let mut gap = "\n";
        for (at, part) in self.parts.iter().enumerate() {
            if let (true, Alternative::Body(text)) = (part.model == place, part.now()) {
                out.text.push_str(gap);
                out.piece(PulledElement::Part(at), &format!("  {text}\n"));
                gap = "";
            }
        }
        let _ = writeln!(out.text, "}}{}", behind(&model.options));
        out.places.insert(0, (begin..out.text.len(), PulledElement::Model(place)));
    }

    /// An attribute as a line of its model's body.
    pub(super) fn attribute(&self, model: usize, attribute: &PulledAttribute) -> String {
        let mut out = String::new();
        remarks(&attribute.remarks, "  ", &mut out);
        let data_type = attribute.written_type().unwrap_or_default();
        let options = behind(&self.attribute_options(model, attribute));
        let _ = writeln!(out, "  {}: {data_type}{options}", written(&attribute.name));
        out
    }

    /// The options of an attribute.
    pub(super) fn attribute_options(
        &self,
        model: usize,
        attribute: &PulledAttribute,
    ) -> Vec<PulledOption> {
        let field = attribute.field.as_ref();
        let field = field.map(|it| PulledOption::of(OptionId::Field, quoted(it)));
        let mut options: Vec<_> = field.into_iter().collect();
        options.extend(attribute.is_key.then(|| PulledOption::on(OptionId::PrimaryKey)));
        if attribute.is_verbatim {
            let open = PulledOption::of(OptionId::AllowNull, "true");
            options.extend(attribute.is_key.then_some(open));
            // What is said of it is no matter of its type.
            let said = attribute.options.iter().filter(|it| it.id == OptionId::Comment);
            options.extend(said.cloned());
        } else {
            options.extend(attribute.options.iter().cloned());
            let collation = attribute.collation.as_ref();
            options.extend(collation.map(|it| PulledOption::of(OptionId::Collate, named(it))));
            let default = attribute.default.now();
            options.extend(default.map(|it| PulledOption::of(OptionId::DefaultValue, it)));
            if let Some(it) = attribute.generated.now() {
                options.push(PulledOption::of(OptionId::Generated, format!("({it})")));
                options.extend(attribute.stored.then(|| PulledOption::on(OptionId::Stored)));
            }
            for (place, check) in &attribute.checks {
                let said = attribute.enumeration.as_ref();
                if said.is_none_or(|it| it.0 != *place) {
                    let check = check.now();
                    let check =
                        check.map(|it| PulledOption::of(OptionId::Check, format!("({it})")));
                    options.extend(check);
                }
            }
            options.extend(attribute.own_type().and_then(PulledType::option));
        }
        for part in self.parts.iter().filter(|it| it.model == model) {
            if let Alternative::Option(column, said) = part.now()
                && same_name(column, &attribute.column)
            {
                options.extend(said.iter().cloned());
            }
        }
        options
    }
}

impl PulledAttribute {
    fn own_type(&self) -> Option<&PulledType> {
        let enumeration = self.enumeration.as_ref().map(|it| &it.1);
        enumeration.or_else(|| self.data_type.now())
    }

    /// Its type, as the script writes it.
    pub(super) fn written_type(&self) -> Option<String> {
        match &self.verbatim {
            Some(text) if self.is_verbatim => Some(sql(text)),
            _ => self.own_type().map(|it| it.written.clone()),
        }
    }
}

/// Comments, as documentation.
pub(super) fn remarks(remarks: &[String], indent: &str, out: &mut String) {
    for it in remarks {
        let _ = writeln!(out, "{indent}/// {}", plain(it));
    }
}
