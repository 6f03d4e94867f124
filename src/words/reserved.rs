//! The words that mean something in expressions, so that they need backquotes as names there.

/// What a reserved word does in an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserved {
    /// Stands between operands, or before one: `and`, `not`, `like`.
    Operator,
    /// Begins an operand: `case`, `any`.
    Begins,
    /// Goes on with a `case`: `when`.
    GoesOn,
    /// Ends a `case`.
    Ends,
    /// Is an operand: `null`.
    Constant,
}

impl Reserved {
    /// All words. The grammar's rule `reserved` has the same ones.
    pub const ALL: [(&str, Self); 23] = [
        ("and", Self::Operator),
        ("or", Self::Operator),
        ("is", Self::Operator),
        ("not", Self::Operator),
        ("in", Self::Operator),
        ("like", Self::Operator),
        ("between", Self::Operator),
        ("startsWith", Self::Operator),
        ("endsWith", Self::Operator),
        ("contains", Self::Operator),
        ("matches", Self::Operator),
        ("glob", Self::Operator),
        ("any", Self::Begins),
        ("all", Self::Begins),
        ("none", Self::Begins),
        ("case", Self::Begins),
        ("when", Self::GoesOn),
        ("then", Self::GoesOn),
        ("else", Self::GoesOn),
        ("end", Self::Ends),
        ("true", Self::Constant),
        ("false", Self::Constant),
        ("null", Self::Constant),
    ];

    /// What a word does; none where it is a name like any other.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(it, _)| *it == word).map(|(_, it)| *it)
    }

    /// The words that stand between operands.
    pub fn operators() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().filter(|(_, it)| *it == Self::Operator).map(|(it, _)| *it)
    }

    /// Whether an operand has to follow.
    pub const fn wants_operand(self) -> bool {
        match self {
            Self::Operator | Self::Begins | Self::GoesOn => true,
            Self::Ends | Self::Constant => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_reserves_the_same_words() {
        let grammar = include_str!("../../grammar/expression.pest");
        let (_, rule) = grammar.split_once("reserved = _{").unwrap();
        let (rule, _) = rule.split_once('}').unwrap();
        let mut theirs: Vec<&str> = rule.split('"').skip(1).step_by(2).collect();
        let mut ours: Vec<&str> = Reserved::ALL.iter().map(|(it, _)| *it).collect();
        theirs.sort_unstable();
        ours.sort_unstable();
        assert_eq!(ours, theirs);
    }
}
