//! Characters that may stand nowhere in a script, strings and comments included.

use super::split::Split;
use crate::diagnostics::SyntaxProblem;
use crate::source::Source;

/// Marks what holds a character that may stand nowhere in a script: control characters, and those that turn the
/// direction of writing, by which a script could look like another one.
pub(super) fn mark(source: &Source, split: &mut Split) {
    let suspicious =
        |byte: u8| (byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0x7F;
    let bytes = source.text.as_bytes();
    let any = |bytes: &[u8]| {
        bytes.iter().fold(0, |any, it| any | u8::from(suspicious(*it)) | u8::from(*it == 0xE2)) != 0
    };
    if !bytes.chunks(4096).any(any) {
        return;
    }
    let (mut next, mut covered) = (0, 0);
    for (at, character) in source.text.char_indices() {
        let what = match character {
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => "turns the direction of writing",
            '\0'..='\x7F' if u8::try_from(character).is_ok_and(suspicious) => "a control character",
            _ => continue,
        };
        if at < covered {
            continue;
        }
        let number = u32::from(character);
        let problem = SyntaxProblem::Character {
            character: format!("U+{number:04X}"),
            at: source.span(at..at + character.len_utf8()),
            what,
            help: Some(format!("in a string, write `\\u{{{number:X}}}`")),
        };
        while split.pieces.get(next).is_some_and(|it| it.range.end <= at) {
            next += 1;
        }
        match split.pieces.get_mut(next) {
            Some(piece) if piece.range.contains(&at) => {
                piece.problem.get_or_insert_with(|| Box::new(problem));
                covered = piece.range.end;
            }
            following => {
                let end = following.map_or(bytes.len(), |it| it.range.start);
                let rest = bytes.get(at..end).unwrap_or_default();
                covered = memchr::memchr(b'\n', rest).map_or(end, |it| at + it);
                split.problems.push(problem);
            }
        }
    }
}
