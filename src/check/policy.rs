//! What a host forbids its scripts, found in what they say before anything of them runs.

use crate::ast::{Braces, Member, OptionList, Script, Sentence, ValueKind, ValueNode};
use crate::diagnostics::{CheckProblem, Forbidden, Problem};
use crate::source::Span;
use crate::verbs::{Argument, Verbal, verbal};

/// What scripts may say. What they may reach besides is the database's and the loaders' business: a session without
/// files has nothing to load, whatever the policy is.
///
/// ```
/// use relata::{Policy, Session, Sqlite};
///
/// let policy = Policy { load: true, ..Policy::CLOSED };
/// let mut session = Session::new(Sqlite::in_memory()?).with_policy(policy);
/// let problems = session.check("a.schema", "import \"users.schema\"");
/// assert!(!problems.is_empty());
/// # Ok::<(), relata::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// `` sql`..` ``, wherever it stands.
    pub sql: bool,
    /// `User load "users.csv"`
    pub load: bool,
    /// `import "users.schema"`
    pub imports: bool,
}

impl Policy {
    /// Everything that the language has.
    pub const OPEN: Self = Self { sql: true, load: true, imports: true };

    /// For scripts of strangers: nothing but the language's own words, and nothing from outside of the script.
    pub const CLOSED: Self = Self { sql: false, load: false, imports: false };

    /// What of a script it forbids; imports aside, which are never followed then.
    pub fn problems(self, script: &Script) -> Vec<Problem> {
        let mut found = PolicyReader { policy: self, problems: Vec::new() };
        if !(self.sql && self.load) {
            for sentence in &script.sentences {
                found.sentence(sentence);
            }
        }
        found.problems
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::OPEN
    }
}

/// Whether sentences in braces have SQL of their own, anywhere in them.
pub(super) fn has_sql(braces: &Braces) -> bool {
    let policy = Policy { sql: false, ..Policy::OPEN };
    let mut found = PolicyReader { policy, problems: Vec::new() };
    found.braces(braces);
    !found.problems.is_empty()
}

/// What has been found so far.
struct PolicyReader {
    policy: Policy,
    problems: Vec<Problem>,
}

impl PolicyReader {
    fn report(&mut self, what: Forbidden, at: Span) {
        self.problems.push(CheckProblem::NotAllowed { what, at }.into());
    }

    fn sentence(&mut self, sentence: &Sentence) {
        if let Verbal::Second(_, verb) = verbal(sentence)
            && verb.facts().argument == Argument::File
            && !self.policy.load
        {
            let at = sentence.words.get(1).map_or(sentence.span, |it| it.span);
            self.report(Forbidden::Verb(verb.name()), at);
        }
        if let Some(assigned) = &sentence.assigned {
            self.sentence(assigned);
        }
        if let Some(argument) = &sentence.argument {
            self.value(argument);
        }
        self.options(sentence.options.as_ref());
    }

    fn options(&mut self, options: Option<&OptionList>) {
        let items = options.into_iter().flat_map(|it| &it.items);
        for value in items.filter_map(|it| it.value.as_ref()) {
            self.value(value);
        }
    }

    fn braces(&mut self, braces: &Braces) {
        for member in &braces.members {
            match member {
                Member::Sentence(it) => self.sentence(it),
                Member::Pair(it) => {
                    if let Some(value) = &it.value {
                        self.value(value);
                    }
                    self.options(it.options.as_ref());
                }
            }
        }
    }

    fn values<'a>(&mut self, values: impl IntoIterator<Item = &'a ValueNode>) {
        for it in values {
            self.value(it);
        }
    }

    fn value(&mut self, value: &ValueNode) {
        match &value.kind {
            ValueKind::Sql(_) if !self.policy.sql => self.report(Forbidden::RawSql, value.span),
            ValueKind::Null
            | ValueKind::Bool(_)
            | ValueKind::Integer(_)
            | ValueKind::Decimal(_)
            | ValueKind::Text(_)
            | ValueKind::Blob(_)
            | ValueKind::Sql(_)
            | ValueKind::Name(_)
            | ValueKind::Path(_)
            | ValueKind::Star => {}
            ValueKind::Call(it) => self.values(&it.arguments),
            ValueKind::List(it) | ValueKind::Group(it) | ValueKind::And(it) | ValueKind::Or(it) => {
                self.values(it);
            }
            ValueKind::Object(it) => self.braces(it),
            ValueKind::Phrase(it) => {
                self.value(&it.value);
                self.options(it.options.as_ref());
            }
            ValueKind::Not(it) | ValueKind::Negate(it) => self.value(it),
            ValueKind::Binary(_) => self.chain(value),
            ValueKind::IsNull(it) => self.value(&it.value),
            ValueKind::Between(it) => self.values([&it.value, &it.low, &it.high]),
            ValueKind::In(it) => self.values([&it.value, &it.list]),
            ValueKind::Case(it) => {
                self.values(&it.operand);
                for (when, then) in &it.arms {
                    self.values([when, then]);
                }
                self.values(&it.otherwise);
            }
            ValueKind::Cast(it) => self.values([&it.value, &it.data_type]),
            ValueKind::Quantified(it) => self.value(&it.condition),
        }
    }

    /// `a + b + c`: however long it is, it needs no deep recursion.
    fn chain(&mut self, value: &ValueNode) {
        let mut rest = value;
        while let ValueKind::Binary(it) = &rest.kind {
            self.value(&it.right);
            rest = &it.left;
        }
        self.value(rest);
    }
}
