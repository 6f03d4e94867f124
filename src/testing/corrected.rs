//! Whether what corrections write corrects what it is for: all of them together, and each alone.

use super::session::{ScriptFindings, TestSession};

impl TestSession {
    /// The text that comes of a script's corrections, of all or of one alone, where it has one of the problems still.
    pub fn not_fixed(&mut self, found: &ScriptFindings) -> Option<String> {
        let count = |list: &[String], one| list.iter().filter(|it| *it == one).count();
        for (text, message) in &found.fixed_alone {
            let mark = self.library.mark();
            let again = self.check("fixed.schema", text);
            self.library.forget(mark);
            if count(&again.messages, message) >= count(&found.messages, message) {
                return Some(format!("{text}\n{}", again.report));
            }
        }
        let (text, corrected) = found.fixed.as_ref()?;
        let mark = self.library.mark();
        let again = self.check("fixed.schema", text);
        self.library.forget(mark);
        let is_left =
            |it| count(&again.messages, it) + count(corrected, it) > count(&found.messages, it);
        corrected.iter().any(is_left).then(|| format!("{text}\n{}", again.report))
    }
}
