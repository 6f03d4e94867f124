//! Values of a SQLite database that another one can't take: how SQLite is asked for them, once for each table.

use crate::client::{RunResult, quoted, told};
use crate::diagnostics::UnfitReason;
use crate::ir::{
    Attribute, AttributeId, Contents, DataType, Integer, IntegerWidth, Model, ModelId, Size,
};
use crate::migrate::Migrator;
use crate::migrate::misfits::ColumnUnfit;
use crate::source::Span;
use crate::sql::Dialect;
use crate::value::Value;

/// So many things are asked of a table at once.
const AT_ONCE: usize = 200;

/// What is to be asked of a column: which values don't fit, as SQL.
struct UnfitQuestion {
    attribute: AttributeId,
    why: UnfitReason,
    unfit: String,
}

impl Migrator<'_> {
    /// The values of all tables that are there which that database can't take.
    pub(super) fn find_unfit(&mut self, dialect: &Dialect) -> RunResult<Vec<ColumnUnfit>> {
        let schema = self.client.scripts.schema;
        let mut found = Vec::new();
        for (id, model) in schema.models() {
            let columns = model.columns();
            let all: Vec<_> = columns.flat_map(|(id, it)| questions(id, it, dialect)).collect();
            for some in all.chunks(AT_ONCE) {
                self.ask_unfit(id, model, some, &mut found)?;
            }
        }
        Ok(found)
    }

    fn ask_unfit(
        &mut self,
        id: ModelId,
        model: &Model,
        questions: &[UnfitQuestion],
        found: &mut Vec<ColumnUnfit>,
    ) -> RunResult<()> {
        let (name, key) = key(model);
        let asked = questions.iter().map(|UnfitQuestion { attribute, unfit, .. }| {
            let column = quoted(&model.attribute(*attribute).column);
            format!("count({column}), count(*) FILTER (WHERE {unfit}), min({key}) FILTER (WHERE {unfit})")
        });
        let asked: Vec<_> = asked.collect();
        let table = quoted(&model.full_table());
        let sql = format!("SELECT {} FROM {table}", asked.join(", "));
        let rows = self.client.rows(Span::default(), &sql, &[])?;
        let answers = rows.first().map_or(&[][..], Vec::as_slice);
        for (question, answer) in questions.iter().zip(answers.chunks(3)) {
            if let [Value::Integer(filled), Value::Integer(rows @ 1..), first] = answer {
                found.push(ColumnUnfit {
                    model: id,
                    attribute: question.attribute,
                    rows: rows.unsigned_abs(),
                    filled: filled.unsigned_abs(),
                    why: question.why.clone(),
                    first: format!("{name} is {}", told(first)),
                });
            }
        }
        Ok(())
    }
}

/// What tells a model's rows apart, in words, and as SQL.
fn key(model: &Model) -> (String, String) {
    let columns: Vec<_> = model.primary_key.iter().map(|it| model.attribute(*it)).collect();
    let names: Vec<_> = columns.iter().map(|it| format!("`{}`", it.column)).collect();
    let each: Vec<_> = columns.iter().map(|it| quoted(&it.column)).collect();
    match each.as_slice() {
        [] => ("`rowid`".to_owned(), "rowid".to_owned()),
        [only] => (names.join(", "), only.clone()),
        all => (names.join(", "), all.join(" || ', ' || ")),
    }
}

/// What is to be asked of an attribute's column.
fn questions(id: AttributeId, attribute: &Attribute, dialect: &Dialect) -> Vec<UnfitQuestion> {
    let column = quoted(&attribute.column);
    let data_type = &attribute.data_type;
    let is = |kinds: &str| format!("typeof({column}) IN ({kinds})");
    let bytes = format!("CAST({column} AS BLOB)");
    let is_text = is("'text'");
    let other = |kinds: &str, unless: &str| {
        let unfit = format!("typeof({column}) NOT IN ('null', {kinds}){unless}");
        (UnfitReason::NoSuch(data_type.written()), unfit)
    };
    let mut all: Vec<(UnfitReason, String)> = Vec::new();
    let holds = data_type.holds();
    match holds {
        Contents::Text => {
            all.push(other("'text', 'integer', 'real'", ""));
            if let DataType::String { length, .. } | DataType::Char { length, .. } = data_type {
                let most = length.unwrap_or(255);
                all.push((UnfitReason::Longer(most), format!("length({column}) > {most}")));
            }
            if let DataType::Text(size) = data_type
                && let Some(usual) = dialect.text_bytes
            {
                let most = match size {
                    None => Some(usual),
                    Some(Size::Tiny) => Some(255),
                    Some(Size::Medium) => Some(16_777_215),
                    Some(Size::Long) => None,
                };
                all.extend(most.map(|it| {
                    (UnfitReason::Larger(it), format!("{is_text} AND length({bytes}) > {it}"))
                }));
            }
        }
        Contents::Integer => {
            all.push(other("'integer'", ""));
            if let DataType::Integer(it) = data_type
                && let Some((least, most)) = range(*it, dialect)
            {
                all.push((
                    UnfitReason::Beyond(data_type.written()),
                    format!(
                        "typeof({column}) = 'integer' AND {column} NOT BETWEEN {least} AND {most}"
                    ),
                ));
            }
        }
        Contents::Number => {
            all.push(other("'integer', 'real'", ""));
            if let DataType::Decimal(it) = data_type
                && let Some(precision) = it.precision
            {
                let digits = precision.saturating_sub(it.scale.unwrap_or(0));
                let is_number = is("'integer', 'real'");
                all.push((
                    UnfitReason::Digits(digits),
                    format!("{is_number} AND abs({column}) >= 1e{digits}"),
                ));
            }
        }
        Contents::Truth => all.push((
            UnfitReason::NoSuch(data_type.written()),
            format!("{column} IS NOT NULL AND {column} NOT IN (0, 1)"),
        )),
        Contents::Moment => all.push((
            UnfitReason::NoSuch(data_type.written()),
            format!("{column} IS NOT NULL AND (NOT {is_text} OR julianday({column}) IS NULL OR {column} NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*')"),
        )),
        Contents::Day => all.push((
            UnfitReason::NoSuch(data_type.written()),
            format!("{column} IS NOT NULL AND ({column} NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' OR date({column}) IS NOT {column})"),
        )),
        Contents::Time => all.push((
            UnfitReason::NoSuch(data_type.written()),
            format!("{column} IS NOT NULL AND (NOT {is_text} OR time({column}) IS NULL OR {column} NOT GLOB '[0-2][0-9]:*')"),
        )),
        Contents::Uuid => all.push(other(
            "'text'",
            &format!(" OR {is_text} AND (length({column}) <> 36 OR {column} NOT GLOB '????????-????-????-????-????????????' OR replace({column}, '-', '') GLOB '*[^0-9a-fA-F]*')"),
        )),
        Contents::Json => all.push(other(
            "'text', 'integer', 'real'",
            &format!(" OR {is_text} AND NOT json_valid({column})"),
        )),
        Contents::Bytes
        | Contents::Member
        | Contents::Nothing
        | Contents::Anything => {}
    }
    // What holds of whatever is written as a text.
    if matches!(holds, Contents::Text | Contents::Member | Contents::Json | Contents::Anything) {
        all.push((UnfitReason::Encoding, format!("{is_text} AND NOT relata_is_text({column})")));
        if !dialect.nul_in_texts {
            all.push((UnfitReason::Nul, format!("{is_text} AND instr({bytes}, x'00') > 0")));
        }
    }
    let question = |(why, unfit)| UnfitQuestion { attribute: id, why, unfit };
    all.into_iter().map(question).collect()
}

/// The least and the greatest integer of a type; none where it holds all that SQLite does.
fn range(integer: Integer, dialect: &Dialect) -> Option<(i64, i64)> {
    let bits = match integer.width {
        IntegerWidth::Tiny if dialect.all_integers => 8,
        IntegerWidth::Tiny | IntegerWidth::Small => 16,
        IntegerWidth::Medium if dialect.all_integers => 24,
        IntegerWidth::Medium | IntegerWidth::Normal => 32,
        IntegerWidth::Big => 64,
    };
    match (integer.unsigned && dialect.all_integers, bits) {
        (false, 64) => None,
        (true, 64) => Some((0, i64::MAX)),
        (false, bits) => {
            let most = 1_i64 << (bits - 1);
            Some((-most, most - 1))
        }
        (true, bits) => Some((0, (1_i64 << bits) - 1)),
    }
}
