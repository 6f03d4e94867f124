//! Losses that a change of a structure may cause.

/// Losses by their codes, E05xx.
///
/// ```
/// use relata::diagnostics::Losses;
///
/// let meant = Losses::of(["E0501"]);
/// assert!(meant.has("E0501") && !meant.has("E0502"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Losses(u128);

impl Losses {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// The losses of these codes; what is no code of that family is left out.
    pub fn of<'a>(codes: impl IntoIterator<Item = &'a str>) -> Self {
        let each = codes.into_iter().filter_map(Self::bit);
        Self(each.fold(0, |all, it| all | it))
    }

    /// Whether the loss of that code is among them.
    pub fn has(self, code: &str) -> bool {
        Self::bit(code).is_some_and(|it| self.0 & it != 0)
    }

    /// The code under which a rollback may lose rows and values written since.
    pub const WRITTEN_SINCE: &'static str = "E0513";

    fn bit(code: &str) -> Option<u128> {
        let digits = code.get(..3)?.eq_ignore_ascii_case("E05");
        let number: u32 = code.get(3..)?.parse().ok()?;
        digits.then(|| 1_u128.checked_shl(number)).flatten()
    }
}
