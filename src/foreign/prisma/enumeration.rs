//! Prisma's enums.

use super::super::draft::name;
use super::super::lexeme::LexemeCursor;
use super::super::{ForeignPart, Translation};
use super::arguments;

/// An `enum` with what Relata's own can't have.
pub(super) fn enumeration(mut cursor: LexemeCursor<'_>) -> Option<ForeignPart> {
    let named = cursor.word()?;
    if !cursor.eat("{") {
        return None;
    }
    let (mut members, mut mapped) = (Vec::new(), false);
    while !cursor.eat("}") {
        if cursor.eat("@") {
            cursor.eat("@");
            cursor.word()?;
            let inner = arguments(&mut cursor);
            let value = inner.trim_matches('"');
            mapped = true;
            if let Some(last) = members.last_mut()
                && inner.starts_with('"')
                && !cursor
                    .text
                    .get(..cursor.end)?
                    .trim_end_matches(&*format!("({inner})"))
                    .ends_with("@@map")
            {
                *last = name(value);
            }
        } else {
            members.push(name(cursor.word()?));
        }
    }
    let said = format!("enum {} {{ {} }}", name(named), members.join(", "));
    mapped.then_some(ForeignPart { end: cursor.end, said: Translation::Said(said) })
}
