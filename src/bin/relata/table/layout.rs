//! How rows of a kind are drawn: their columns, and the rows beside them under each.

use super::cell::{Holds, TableCell, short_moment};
use super::fit::{GAP, Need, Telling, fit};
use super::markdown;
use super::text::cut;
use relata::record::{Item, Record};
use relata::report::{thousands, visible_in_line, wrap};
use smol_str::SmolStr;
use std::borrow::Cow;
use unicode_width::UnicodeWidthStr;

/// A name is always shown so far.
const NAME: usize = 6;

/// A text is cut no shorter, where it is longer.
const TEXT: usize = 10;

/// A key that is wider is a text.
const WIDEST_KEY: usize = 40;

/// Rows of an association stand so far to the right.
const INDENT: usize = 4;

/// What is narrower has its name above it, not beside it.
const BESIDE: usize = 40;

/// What is narrower isn't indented any further.
const NARROW: usize = 20;

/// How long the line above a block is.
const RULE: usize = 40;

/// What a row is drawn as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowShape {
    /// A line of a table.
    Line,
    /// A block, a value a line.
    Block,
    /// A line of a table in Markdown.
    Markdown,
}

/// How rows are drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableStyle {
    /// How wide lines may be; none where no terminal bounds them.
    pub(crate) width: Option<usize>,
    /// Whether nulls are dim.
    pub(crate) color: bool,
    pub(crate) shape: RowShape,
    /// How many rows are shown.
    pub(crate) limit: Option<u64>,
}

pub(super) struct TableLayout {
    /// The members of the rows that it is for.
    names: Vec<SmolStr>,
    columns: Vec<TableColumn>,
    associations: Vec<Beside>,
    /// A table that would be too narrow is blocks.
    shape: RowShape,
    style: TableStyle,
}

struct TableColumn {
    name: String,
    /// Which member it shows.
    place: usize,
    /// None where it is left out.
    width: Option<usize>,
    number: bool,
    /// Whether moments are in their short form.
    short: bool,
    /// Whether nothing of a value may be cut.
    whole: bool,
}

/// Rows of an association, under each row.
struct Beside {
    name: String,
    place: usize,
    /// How far its rows are indented, where they stand beside the name; none where they stand under it.
    indent: Option<usize>,
    layout: TableLayout,
}

impl TableLayout {
    /// What suits these rows.
    pub(super) fn of(rows: &[&Record], style: TableStyle) -> Self {
        let names: Vec<SmolStr> =
            rows.first().map_or_else(Vec::new, |it| names_of(it).cloned().collect());
        let alike: Vec<Vec<&Item>> = (rows.iter())
            .filter(|it| names_of(it).eq(&names))
            .map(|it| it.members().map(|(_, item)| item).collect())
            .collect();
        let (mut columns, mut needs, mut associations) = (Vec::new(), Vec::new(), Vec::new());
        for (place, name) in names.iter().enumerate() {
            let items: Vec<&Item> = alike.iter().filter_map(|it| it.get(place).copied()).collect();
            let shown = visible_in_line(name).into_owned();
            if style.shape != RowShape::Markdown && items.iter().any(|it| is_association(it)) {
                associations.push((shown, place, items));
                continue;
            }
            let (column, need) = column(shown, place, &items, style.width.is_some());
            columns.push(column);
            needs.push(need);
        }
        let bound = style.width.filter(|_| style.shape == RowShape::Line);
        let widths = fit(&needs, bound).unwrap_or_else(|| vec![None; needs.len()]);
        // One row alone is told whole.
        let left_out = widths.iter().filter(|it| it.is_none()).count();
        let shape = match style.shape {
            RowShape::Line if left_out == columns.len() || left_out > 0 && alike.len() == 1 => {
                RowShape::Block
            }
            shape => shape,
        };
        for ((column, width), need) in columns.iter_mut().zip(widths).zip(&needs) {
            column.width = width;
            column.short = shape == RowShape::Line && width.is_some_and(|it| it < need.natural);
        }
        let label = associations.iter().map(|(name, ..)| name.width()).max().unwrap_or(0);
        let associations = (associations.into_iter())
            .map(|(name, place, items)| Beside::of(name, place, &items, label, style))
            .collect();
        Self { names, columns, associations, shape, style }
    }

    /// Whether it is for rows such as this one.
    pub(super) fn has_shape_of(&self, row: &Record) -> bool {
        let mut members = row.members().zip(&self.names).enumerate();
        let same = members.all(|(place, ((name, item), known))| {
            let expected = !is_association(item)
                || self.shape == RowShape::Markdown
                || self.associations.iter().any(|it| it.place == place);
            name == known && expected
        });
        same && row.members().count() == self.names.len() && self.holds(row)
    }

    /// Whether keys and numbers of a row stand whole in their columns.
    fn holds(&self, row: &Record) -> bool {
        if self.shape != RowShape::Line || self.style.width.is_none() {
            return true;
        }
        let items: Vec<&Item> = row.members().map(|(_, item)| item).collect();
        let mut whole = self.columns.iter().filter(|it| it.whole);
        whole.all(|it| {
            let cell = TableCell::of(items.get(it.place).copied(), true);
            it.width.is_none_or(|width| shortened(&cell, &cell.text, it.short).width() <= width)
        })
    }

    /// What stands above the rows.
    pub(super) fn head(&self, out: &mut String) {
        match self.shape {
            RowShape::Block => {}
            RowShape::Markdown => {
                let columns = self.columns.iter().map(|it| (it.name.as_str(), it.number));
                markdown::head(columns, out);
            }
            RowShape::Line => {
                let head =
                    |it: &TableColumn| TableCell { text: it.name.clone(), holds: Holds::Text };
                self.line(&self.columns.iter().map(head).collect::<Vec<_>>(), out);
                let widths = self.columns.iter().filter_map(|it| it.width);
                let rules: Vec<_> = widths.map(|it| "─".repeat(it)).collect();
                out.push_str(&rules.join(&" ".repeat(GAP)));
                out.push('\n');
            }
        }
    }

    /// A row, and what is beside it.
    pub(super) fn row(&self, number: u64, row: &Record, out: &mut String) {
        let items: Vec<&Item> = row.members().map(|(_, item)| item).collect();
        match self.shape {
            RowShape::Block => self.block(number, &items, out),
            RowShape::Markdown => markdown::row(items.iter().copied(), out),
            RowShape::Line => {
                let one_line = self.style.width.is_some();
                let cell = |it: &TableColumn| TableCell::of(items.get(it.place).copied(), one_line);
                self.line(&self.columns.iter().map(cell).collect::<Vec<_>>(), out);
            }
        }
        for it in &self.associations {
            it.draw(items.get(it.place).copied(), self.style, out);
        }
    }

    /// How many columns are left out, and which.
    pub(super) fn omitted_columns(&self) -> Option<String> {
        if self.shape != RowShape::Line {
            return None;
        }
        let left_out = self.columns.iter().filter(|it| it.width.is_none());
        let names: Vec<&str> = left_out.map(|it| it.name.as_str()).collect();
        let word = if names.len() == 1 { "column" } else { "columns" };
        (!names.is_empty()).then(|| format!("+{} {word}: {}", names.len(), names.join(", ")))
    }

    /// A row of the table, on as many lines as its highest cell needs: one, on a terminal.
    fn line(&self, cells: &[TableCell], out: &mut String) {
        let shown: Vec<_> = self
            .columns
            .iter()
            .zip(cells)
            .filter_map(|(it, cell)| Some((it, it.width?, cell)))
            .collect();
        let height = shown.iter().map(|(.., cell)| cell.text.split('\n').count()).max();
        for part in 0..height.unwrap_or(1) {
            let start = out.len();
            for (place, (column, width, cell)) in shown.iter().enumerate() {
                if place > 0 {
                    out.push_str(&" ".repeat(GAP));
                }
                let text = cell.text.split('\n').nth(part).unwrap_or_default();
                let text = shortened(cell, text, column.short);
                let text = if self.style.width.is_some() { cut(&text, *width) } else { text };
                let space = " ".repeat(width.saturating_sub(text.width()));
                let dim = cell.holds == Holds::Null && self.style.color;
                let (dim, plain) = if dim { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
                let (before, behind) =
                    if column.number { (space.as_str(), "") } else { ("", space.as_str()) };
                for it in [before, dim, &text, plain, behind] {
                    out.push_str(it);
                }
            }
            out.truncate(start + out.get(start..).map_or(0, |it| it.trim_end().len()));
            out.push('\n');
        }
    }

    /// A row as a block: a member a line.
    fn block(&self, number: u64, items: &[&Item], out: &mut String) {
        let width = self.style.width;
        let head = format!("── {} ", thousands(number));
        let rule = RULE.min(width.unwrap_or(RULE)).saturating_sub(head.width());
        out.push_str(&head);
        out.push_str(&"─".repeat(rule));
        out.push('\n');
        let widest = self.columns.iter().map(|it| it.name.width()).max().unwrap_or(0);
        let label = width.map_or(widest, |it| widest.min(it / 3));
        for column in &self.columns {
            let cell = TableCell::of(items.get(column.place).copied(), false);
            let narrow = width.is_some_and(|it| label + GAP + cell.width() > it);
            let text = shortened(&cell, &cell.text, narrow);
            let lines = text.split('\n');
            let lines: Vec<String> = match width {
                Some(width) => {
                    let most = width.saturating_sub(label + GAP).max(1);
                    lines.flat_map(|it| wrap(it, most)).collect()
                }
                None => lines.map(str::to_owned).collect(),
            };
            let dim = cell.holds == Holds::Null && self.style.color;
            for (place, line) in lines.iter().enumerate() {
                let start = out.len();
                let name = if place == 0 { cut(&column.name, label) } else { "".into() };
                out.push_str(&name);
                out.push_str(&" ".repeat(label + GAP - name.width().min(label)));
                out.push_str(if dim { "\x1b[2m" } else { "" });
                out.push_str(line);
                out.push_str(if dim { "\x1b[0m" } else { "" });
                out.truncate(start + out.get(start..).map_or(0, |it| it.trim_end().len()));
                out.push('\n');
            }
        }
    }
}

impl Beside {
    fn of(name: String, place: usize, items: &[&Item], label: usize, style: TableStyle) -> Self {
        let rows: Vec<&Record> = items.iter().flat_map(|it| rows_of(it)).collect();
        let beside = INDENT + label + GAP;
        let beside = style.width.is_none_or(|it| it >= beside + BESIDE).then_some(beside);
        let left = |width: usize| match beside {
            Some(it) => width - it,
            None => width - indent(width) - indent(width - indent(width)),
        };
        let layout = TableLayout::of(&rows, TableStyle { width: style.width.map(left), ..style });
        Self { name, place, indent: beside, layout }
    }

    fn draw(&self, item: Option<&Item>, style: TableStyle, out: &mut String) {
        let before = style.width.map_or(INDENT, indent);
        let rows: &[Record] = match item {
            Some(Item::List(rows)) => rows,
            Some(Item::Record(row)) => std::slice::from_ref(row),
            Some(Item::Value(_)) | None => &[],
        };
        let mut text = String::new();
        if rows.is_empty() {
            let none = if matches!(item, Some(Item::List(_))) { "none" } else { "null" };
            text.push_str(none);
            text.push('\n');
        }
        if rows.iter().all(|it| self.layout.has_shape_of(it)) {
            all(rows, &self.layout, &mut text);
        } else {
            let each: Vec<&Record> = rows.iter().collect();
            all(rows, &TableLayout::of(&each, self.layout.style), &mut text);
        }
        out.push_str(&" ".repeat(before));
        let further = if let Some(further) = self.indent {
            out.push_str(&self.name);
            out.push_str(&" ".repeat(further - before - self.name.width()));
            further
        } else {
            let width = style.width.unwrap_or_default();
            out.push_str(&cut(&self.name, width - before));
            out.push('\n');
            before + indent(width - before)
        };
        for (place, line) in text.lines().enumerate() {
            if place > 0 || self.indent.is_none() {
                out.push_str(&" ".repeat(further));
            }
            out.push_str(line);
            out.push('\n');
        }
    }
}

/// How far something is indented within so much.
const fn indent(width: usize) -> usize {
    if width < NARROW { 0 } else { INDENT }
}

/// Rows that are all there, in the way of the first: as many as are shown, and what isn't.
fn all(rows: &[Record], layout: &TableLayout, out: &mut String) {
    if rows.is_empty() {
        return;
    }
    layout.head(out);
    let limit = layout.style.limit.and_then(|it| usize::try_from(it).ok()).unwrap_or(usize::MAX);
    for (number, row) in (1..).zip(rows.iter().take(limit)) {
        if layout.has_shape_of(row) {
            layout.row(number, row, out);
        } else {
            let own = TableLayout::of(&[row], layout.style);
            own.head(out);
            own.row(number, row, out);
        }
    }
    let more = rows.len().saturating_sub(limit);
    let more = (more > 0).then(|| format!("… {} more", thousands(more)));
    for note in more.into_iter().chain(layout.omitted_columns()) {
        out.push_str(&layout.style.cut(&note));
        out.push('\n');
    }
}

impl TableStyle {
    /// A note that is no wider than the terminal.
    pub(super) fn cut(self, note: &str) -> String {
        self.width.map_or_else(|| note.to_owned(), |it| cut(note, it).into_owned())
    }
}

fn names_of(row: &Record) -> impl Iterator<Item = &SmolStr> {
    row.members().map(|(name, _)| name)
}

const fn is_association(item: &Item) -> bool {
    matches!(item, Item::Record(_) | Item::List(_))
}

fn rows_of(item: &Item) -> &[Record] {
    match item {
        Item::List(rows) => rows,
        Item::Record(row) => std::slice::from_ref(row),
        Item::Value(_) => &[],
    }
}

/// What a line of a cell is, with a moment in its short form where that is asked for.
fn shortened<'t>(cell: &TableCell, line: &'t str, short: bool) -> Cow<'t, str> {
    let short = if short && cell.holds == Holds::Moment { short_moment(line) } else { None };
    short.map_or(Cow::Borrowed(line), Cow::Owned)
}

/// A column, and what it asks for.
fn column(name: String, place: usize, items: &[&Item], one_line: bool) -> (TableColumn, Need) {
    let (mut wide, mut short) = (0, 0);
    let (mut some, mut number, mut moment, mut document, mut text) =
        (false, true, false, false, false);
    for item in items {
        let cell = TableCell::of(Some(item), one_line);
        let own = cell.width();
        wide = wide.max(own);
        let is_moment = cell.holds == Holds::Moment;
        let brief = if is_moment { short_moment(&cell.text) } else { None };
        short = short.max(brief.map_or(own, |it| it.len()));
        if cell.holds != Holds::Null {
            some = true;
            number &= cell.holds == Holds::Number;
            moment |= is_moment;
            document |= cell.holds == Holds::Document;
            text |= cell.holds == Holds::Text;
        }
    }
    let key = name == "id" || name == "uuid" || name.ends_with("Id") || name.ends_with("_id");
    let head = name.width();
    let whole = some && (!(document || text) || key && wide <= WIDEST_KEY);
    let values = if whole { short } else { short.min(TEXT) };
    let written = moment && (name.ends_with("At") || name.ends_with("_at"));
    let telling = match () {
        () if name == "id" => Telling::Key,
        () if !some => Telling::Empty,
        () if written => Telling::Written,
        () if document => Telling::Document,
        () => Telling::Value,
    };
    let need = Need {
        natural: wide.max(head),
        short: short.max(head),
        least: values.max(head.min(NAME)),
        telling,
    };
    (TableColumn { name, place, width: None, number: number && some, short: false, whole }, need)
}
