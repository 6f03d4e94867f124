//! Rows that aren't what their attributes' types say: how SQLite is asked for them.

use crate::client::{RunResult, quoted, told};
use crate::ir::{Attribute, AttributeId, Contents, DataType, Model, ModelId};
use crate::migrate::Migrator;
use crate::migrate::misfits::{ColumnMisfit, MisfitKind};
use crate::source::Span;
use crate::value::Value;

/// So many columns of a table are asked at once.
const AT_ONCE: usize = 100;

/// What is to be asked of a column: whether a value doesn't fit, as SQL.
struct MisfitQuestion {
    attribute: AttributeId,
    column: String,
    kind: MisfitKind,
    misfits: String,
}

impl Migrator<'_> {
    /// The values of all tables that are there which don't fit the types of their attributes.
    pub(super) fn find_misfits(&mut self) -> RunResult<Vec<ColumnMisfit>> {
        let schema = self.client.scripts.schema;
        let mut found = Vec::new();
        for (id, model) in schema.models().filter(|it| !it.1.view) {
            let columns = model.columns();
            let all: Vec<_> = columns.flat_map(|(id, it)| questions(model, id, it)).collect();
            for some in all.chunks(AT_ONCE) {
                self.ask_misfits(id, model, some, &mut found)?;
            }
        }
        Ok(found)
    }

    fn ask_misfits(
        &mut self,
        id: ModelId,
        model: &Model,
        questions: &[MisfitQuestion],
        found: &mut Vec<ColumnMisfit>,
    ) -> RunResult<()> {
        let asked = questions.iter().map(|MisfitQuestion { column, misfits, .. }| {
            format!("count(*) FILTER (WHERE {misfits}), min(quote(substr({column}, 1, 40))) FILTER (WHERE {misfits})")
        });
        let asked: Vec<_> = asked.collect();
        let table = quoted(&model.full_table());
        let sql = format!("SELECT {} FROM {table}", asked.join(", "));
        let rows = self.client.rows(Span::default(), &sql, &[])?;
        let answers = rows.first().map_or(&[][..], Vec::as_slice);
        for (question, answer) in questions.iter().zip(answers.chunks(2)) {
            if let [Value::Integer(rows @ 1..), example] = answer {
                found.push(ColumnMisfit {
                    model: id,
                    attribute: question.attribute,
                    kind: question.kind,
                    rows: rows.unsigned_abs(),
                    example: match example {
                        Value::Text(it) => it.to_string(),
                        it => told(it),
                    },
                });
            }
        }
        Ok(())
    }
}

/// What is to be asked of an attribute's column.
fn questions(model: &Model, id: AttributeId, attribute: &Attribute) -> Vec<MisfitQuestion> {
    use MisfitKind::{Unreadable, Unwritable};
    let column = quoted(&attribute.column);
    let other = |kinds: &str| format!("typeof({column}) NOT IN ('null', {kinds})");
    let mut all: Vec<(MisfitKind, String)> = Vec::new();
    match attribute.data_type.holds() {
        Contents::Text => {
            all.push((Unreadable, other("'text', 'integer', 'real'")));
            if let DataType::String { length, .. } | DataType::Char { length, .. } =
                attribute.data_type
            {
                // A column that says no length bounds none.
                let extra = attribute.extra.as_ref();
                let spelled = extra.and_then(|it| it.column_type.as_ref());
                let bounded = length.is_some() || spelled.is_none();
                let kind = if bounded { Unwritable } else { Unreadable };
                all.push((kind, format!("length({column}) > {}", length.unwrap_or(255))));
            }
        }
        Contents::Integer if !model.is_rowid(id) => all.push((Unreadable, other("'integer'"))),
        Contents::Number => {
            all.push((Unreadable, other("'integer', 'real'")));
            if let DataType::Decimal(it) = &attribute.data_type
                && let Some(precision) = it.precision
            {
                let scale = it.scale.unwrap_or(0);
                let digits = precision.saturating_sub(scale);
                all.push((
                    Unreadable,
                    format!("typeof({column}) IN ('integer', 'real') AND abs(round({column}, {scale}) - {column}) > 0.000000001"),
                ));
                all.push((
                    Unwritable,
                    format!("typeof({column}) IN ('integer', 'real') AND abs({column}) >= 1e{digits}"),
                ));
            }
        }
        Contents::Truth => all.push((Unreadable, format!("{column} NOT IN (0, 1)"))),
        Contents::Moment => {
            let is_text = format!("typeof({column}) = 'text'");
            all.push((Unreadable, format!("{} OR {is_text} AND julianday({column}) IS NULL", other("'text', 'integer', 'real'"))));
        }
        Contents::Day => all.push((
            Unreadable,
            format!("{column} NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'"),
        )),
        Contents::Time => all.push((
            Unreadable,
            format!("{column} NOT GLOB '[0-2][0-9]:[0-5][0-9]' AND {column} NOT GLOB '[0-2][0-9]:[0-5][0-9]:[0-5][0-9]*'"),
        )),
        Contents::Uuid => all.push((
            Unreadable,
            format!("{} OR length({column}) <> 36 OR {column} NOT GLOB '????????-????-????-????-????????????'", other("'text'")),
        )),
        Contents::Bytes => all.push((Unwritable, other("'blob', 'text'"))),
        Contents::Json => all.push((
            Unreadable,
            format!("typeof({column}) = 'blob' OR typeof({column}) = 'text' AND NOT json_valid({column})"),
        )),
        Contents::Integer | Contents::Member | Contents::Nothing | Contents::Anything => {}
    }
    let question =
        |(kind, misfits)| MisfitQuestion { attribute: id, column: column.clone(), kind, misfits };
    all.into_iter().map(question).collect()
}
