//! The grammar, and nothing else: grammar/*.pest says what there is.

/// The parser that pest makes of the grammar.
#[derive(pest_derive::Parser)]
#[grammar = "../grammar/sentence.pest"]
#[grammar = "../grammar/expression.pest"]
#[grammar = "../grammar/value.pest"]
pub(super) struct Grammar;
