//! How long a sentence takes, and each of its steps.

use relata::words::same_name;
use std::time::{Duration, Instant};

/// From when on it is worth telling how long something took, to whoever doesn't look at it.
pub(crate) const LONG: Duration = Duration::from_secs(1);

/// Measures a sentence, and the steps that it tells of.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    began: Instant,
    /// The step that is going on.
    current: Option<(String, Instant)>,
    steps: Vec<(String, Duration)>,
}

impl Stopwatch {
    /// A sentence begins.
    pub(crate) fn start() -> Self {
        Self { began: Instant::now(), current: None, steps: Vec::new() }
    }

    /// From now on this step goes on; or none does.
    pub(crate) fn step(&mut self, name: Option<&str>) {
        let now = Instant::now();
        if let Some((name, began)) = self.current.take() {
            self.steps.push((name, now - began));
        }
        self.current = name.map(|it| (it.to_owned(), now));
    }

    /// How long the sentence has taken.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// How long the steps of that name took, where that was long.
    pub(crate) fn long_step(&self, name: &str) -> Option<String> {
        long(self.steps.iter().filter(|it| same_name(&it.0, name)).map(|it| it.1).sum())
    }
}

/// How long something took, where that was long.
pub(crate) fn long(took: Duration) -> Option<String> {
    (took >= LONG).then(|| in_words(took))
}

/// How long something took: `12 ms`, `3.2 s`, `2 min 5 s`.
pub(crate) fn in_words(took: Duration) -> String {
    let (seconds, tenths) = (took.as_secs(), took.subsec_millis() / 100);
    match seconds {
        0 => format!("{} ms", took.as_millis().max(1)),
        1..60 => format!("{seconds}.{tenths} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_say_them() {
        for (millis, expected) in [
            (0, "1 ms"),
            (12, "12 ms"),
            (999, "999 ms"),
            (1_000, "1.0 s"),
            (3_290, "3.2 s"),
            (59_999, "59.9 s"),
            (125_000, "2 min 5 s"),
        ] {
            assert_eq!(in_words(Duration::from_millis(millis)), expected);
        }
    }

    #[test]
    fn steps_of_one_name_are_added_and_short_ones_not_told() {
        let step = |name: &str, millis| (name.to_owned(), Duration::from_millis(millis));
        let steps = vec![step("Users", 700), step("Tags", 900), step("users", 800)];
        let watch = Stopwatch { steps, ..Stopwatch::start() };
        assert_eq!(watch.long_step("Users").as_deref(), Some("1.5 s"));
        assert_eq!(watch.long_step("Tags"), None);
    }
}
