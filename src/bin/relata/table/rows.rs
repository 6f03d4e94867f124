//! Rows of a sentence, drawn as they come: the first of them decide how wide the columns are.

use super::layout::{RowShape, TableLayout, TableStyle};
use relata::record::Record;
use relata::report::thousands;

/// So many rows decide, or what takes so many bytes.
const FIRST: (usize, u64) = (100, 1 << 20);

pub(crate) struct TableRows {
    style: TableStyle,
    /// Those that wait for a layout.
    first: Vec<Record>,
    size: u64,
    layout: Option<TableLayout>,
    /// How many there were, and how many of them were drawn.
    count: u64,
    drawn: u64,
}

impl TableRows {
    pub(crate) const fn new(style: TableStyle) -> Self {
        Self { style, first: Vec::new(), size: 0, layout: None, count: 0, drawn: 0 }
    }

    /// The next row. Whether the first are to be shown now.
    pub(crate) fn row(&mut self, row: impl FnOnce() -> Record, out: &mut String) -> bool {
        self.count += 1;
        if self.style.limit.is_some_and(|it| self.count > it) {
            let waited = !self.first.is_empty();
            self.first(out);
            return waited;
        }
        let row = row();
        match &self.layout {
            Some(layout) if layout.has_shape_of(&row) => {
                self.drawn += 1;
                layout.row(self.drawn, &row, out);
                return false;
            }
            Some(layout) => {
                note(layout.omitted_columns(), self.style, out);
                self.layout = None;
            }
            None => {}
        }
        self.size += row.size();
        self.first.push(row);
        let enough = self.first.len() >= FIRST.0 || self.size >= FIRST.1;
        if enough {
            self.first(out);
        }
        enough
    }

    /// Draws what waits: rows with the same members together.
    fn first(&mut self, out: &mut String) {
        let rows = std::mem::take(&mut self.first);
        self.size = 0;
        let mut rest = rows.iter().collect::<Vec<_>>();
        while !rest.is_empty() {
            let layout = TableLayout::of(&rest, self.style);
            let end = rest.iter().position(|it| !layout.has_shape_of(it)).unwrap_or(rest.len());
            if let Some(before) = self.layout.take() {
                note(before.omitted_columns(), self.style, out);
            }
            layout.head(out);
            for row in rest.drain(..end.max(1)) {
                self.drawn += 1;
                layout.row(self.drawn, row, out);
            }
            self.layout = Some(layout);
        }
    }

    /// What is below them: what isn't shown, and how many there are where that is asked for.
    pub(crate) fn end(mut self, counted: Option<&str>, out: &mut String) {
        self.first(out);
        let left_out = self.layout.as_ref().and_then(TableLayout::omitted_columns);
        let more = self.count - self.drawn;
        if more > 0 {
            note(
                Some(format!("… {} more (`--limit`, `.limit`)", thousands(more))),
                self.style,
                out,
            );
        }
        // Who asks for no numbers still wants an answer.
        let counted = counted.or((self.count == 0).then_some(""));
        let counted = counted.map(|it| format!("{}{it}", in_words(self.count)));
        let parts: Vec<String> = counted.into_iter().chain(left_out).collect();
        note((!parts.is_empty()).then(|| parts.join(", ")), self.style, out);
    }
}

fn note(text: Option<String>, style: TableStyle, out: &mut String) {
    if let Some(text) = text {
        // There a line right below would be a row.
        out.push_str(if style.shape == RowShape::Markdown { "\n" } else { "" });
        out.push_str(&style.cut(&text));
        out.push('\n');
    }
}

/// `1 row`
fn in_words(count: u64) -> String {
    match count {
        0 => "no rows".to_owned(),
        1 => "1 row".to_owned(),
        more => format!("{} rows", thousands(more)),
    }
}
