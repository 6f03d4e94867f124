//! The sentences of a model's body.

use super::data::QUERY;
use super::facts::{Argument, Effect, Subject, Yields, verbs};
use super::options::{Opt, OptionId, Takes, opt};

verbs! {
    /// A verb of a model's body.
    BodyVerb:
    /// `index (a, b desc) < unique, where: (..), name: n >`
    Index {
        name: "index",
        subject: Subject::None,
        argument: Argument::Attributes,
        effect: Effect::Declares,
        yields: Yields::Nothing,
        options: &[&[
            opt(OptionId::Unique, Takes::Flag, "no two rows have the same"),
            WHERE,
            NAME,
            MSG,
        ]],
        usage: "index (lastName, firstName desc) < unique, name: by_name >",
        summary: "finds rows fast",
    }
    /// `unique (a, b)`
    Unique {
        name: "unique",
        subject: Subject::None,
        argument: Argument::Attributes,
        effect: Effect::Declares,
        yields: Yields::Nothing,
        options: &[&[WHERE, NAME, MSG]],
        usage: "unique (email, role)",
        summary: "no two rows have the same",
    }
    /// `check (..)`
    Check {
        name: "check",
        subject: Subject::None,
        argument: Argument::Condition,
        effect: Effect::Declares,
        yields: Yields::Nothing,
        options: &[&[NAME]],
        usage: "check (length(firstName) > 0) < name: has_name >",
        summary: "what holds of each row",
    }
    /// `scope active < where: (..) >`
    Scope {
        name: "scope",
        subject: Subject::None,
        argument: Argument::Name,
        effect: Effect::Declares,
        yields: Yields::Nothing,
        options: &[QUERY],
        usage: "scope active < where: (deletedAt is null) >",
        summary: "names a part of a query; `default` holds by itself",
    }
    /// `drop oldName`
    Drop {
        name: "drop",
        subject: Subject::None,
        argument: Argument::Name,
        effect: Effect::Declares,
        yields: Yields::Nothing,
        options: &[],
        usage: "drop oldName",
        summary: "drops a column and its values when the database is changed",
    }
}

const MSG: Opt = opt(OptionId::Msg, Takes::Text, "what is said where a row breaks it");
const NAME: Opt = opt(OptionId::Name, Takes::Name, "its name");
const WHERE: Opt = opt(OptionId::Where, Takes::Condition, "only the rows of which this holds");
