//! The sentences of a script that are about no rows: `sync` and `drop`, `let`, `transaction` and the like.

use super::facts::{Argument, Effect, Subject, Yields, verbs};
use super::options::{OptionId, Takes, opt};

verbs! {
    /// A verb that makes and drops tables, those of all models or of one.
    TableVerb:
    /// `sync`, `User sync`
    Sync {
        name: "sync",
        subject: Subject::Model,
        argument: Argument::Nothing,
        effect: Effect::Ddl,
        yields: Yields::Nothing,
        options: &[&[
            opt(OptionId::Force, Takes::Flag, "drop and create again"),
            opt(OptionId::Alter, Takes::Flag, "change the tables into what the script says"),
            opt(OptionId::Allow, Takes::Codes, "which losses are meant, under `alter`"),
            opt(OptionId::Keep, Takes::Flag, "leave unknown columns as they are, under `alter`"),
        ]],
        usage: "sync < force >",
        summary: "creates the tables that are missing",
    }
    /// `drop`, `User drop`
    Drop {
        name: "drop",
        subject: Subject::Model,
        argument: Argument::Nothing,
        effect: Effect::Ddl,
        yields: Yields::Nothing,
        options: &[],
        usage: "User drop",
        summary: "drops the tables",
    }
}

verbs! {
    /// A verb that says what happens with sentences and values.
    Control:
    /// `let ann = ..`
    Let {
        name: "let",
        subject: Subject::None,
        argument: Argument::Assigned,
        effect: Effect::Control,
        yields: Yields::Nothing,
        options: &[],
        usage: "let ann = User create { firstName: \"Ann\" }",
        summary: "keeps a value",
    }
    /// `transaction { .. }`
    Transaction {
        name: "transaction",
        subject: Subject::None,
        argument: Argument::Sentences,
        effect: Effect::Control,
        yields: Yields::Nothing,
        options: &[],
        usage: "transaction { .. }",
        summary: "all of its sentences or none",
    }
    /// `rollback`
    Rollback {
        name: "rollback",
        subject: Subject::None,
        argument: Argument::Nothing,
        effect: Effect::Control,
        yields: Yields::Nothing,
        options: &[],
        usage: "rollback",
        summary: "leaves a transaction and undoes it",
    }
    /// `print ann.firstName`
    Print {
        name: "print",
        subject: Subject::None,
        argument: Argument::Value,
        effect: Effect::Control,
        yields: Yields::Nothing,
        options: &[],
        usage: "print ann.firstName",
        summary: "prints a value",
    }
    /// `assert (..)`
    Assert {
        name: "assert",
        subject: Subject::None,
        argument: Argument::Value,
        effect: Effect::Control,
        yields: Yields::Nothing,
        options: &[],
        usage: "assert (ann.firstName = \"Ann\")",
        summary: "stops where something doesn't hold",
    }
}
