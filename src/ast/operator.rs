//! The operators of expressions: one row each, with all that is known of them.

/// How tight an operator binds, loosest first; SQLite has it so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// `or`
    Or,
    /// `and`
    And,
    /// `not`
    Not,
    /// `=`, `like`, `in`, `between`, `is null`
    Equality,
    /// `<`
    Order,
    /// `+`
    Sum,
    /// `*`
    Product,
    /// `||`
    Concat,
    /// `-a`
    Negate,
}

/// What an operator takes, and by that what it yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Two values of one kind; true or false.
    Comparison,
    /// Two texts; true or false.
    Pattern,
    /// Two numbers; a number.
    Arithmetic,
    /// Any two values; a text.
    Concatenation,
}

macro_rules! operators {
    ($($name:ident $word:literal $family:ident $strength:ident)*) => {
        /// The operators of [`Binary`](super::Binary).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operator {
            $(#[doc = concat!("`", $word, "`")] $name,)*
        }

        impl Operator {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// How it is written.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it takes.
            pub const fn family(self) -> Family {
                match self { $(Self::$name => Family::$family,)* }
            }

            /// How tight it binds.
            pub const fn strength(self) -> Strength {
                match self { $(Self::$name => Strength::$strength,)* }
            }
        }
    };
}

operators! {
    Equal        "="          Comparison    Equality
    NotEqual     "!="         Comparison    Equality
    Less         "<"          Comparison    Order
    LessEqual    "<="         Comparison    Order
    Greater      ">"          Comparison    Order
    GreaterEqual ">="         Comparison    Order
    Add          "+"          Arithmetic    Sum
    Subtract     "-"          Arithmetic    Sum
    Multiply     "*"          Arithmetic    Product
    Divide       "/"          Arithmetic    Product
    Remainder    "%"          Arithmetic    Product
    Concat       "||"         Concatenation Concat
    Like         "like"       Pattern       Equality
    NotLike      "not like"   Pattern       Equality
    Glob         "glob"       Pattern       Equality
    NotGlob      "not glob"   Pattern       Equality
    StartsWith   "startsWith" Pattern       Equality
    EndsWith     "endsWith"   Pattern       Equality
    Contains     "contains"   Pattern       Equality
    Matches      "matches"    Pattern       Equality
}

impl Operator {
    /// Whether what it yields is true or false.
    pub const fn is_condition(self) -> bool {
        matches!(self.family(), Family::Comparison | Family::Pattern)
    }
}
