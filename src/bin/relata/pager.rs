//! What shows long results at a terminal, as git has it: `PAGER`, or `less`.

use std::io::{self, Write};
use std::process::{Child, Command, Stdio};

/// A pager that runs.
pub(crate) struct Pager {
    child: Child,
    /// Whether whoever reads has enough.
    left: bool,
}

impl Pager {
    /// Starts it; none where none is wanted, or it can't be started.
    #[expect(clippy::disallowed_methods, reason = "the binary reads the environment")]
    pub(crate) fn start() -> Option<Self> {
        let wanted = std::env::var("PAGER").unwrap_or_else(|_| "less".to_owned());
        let mut words = wanted.split_whitespace();
        let program = words.next().filter(|it| *it != "cat")?;
        let mut command = Command::new(program);
        command.args(words).stdin(Stdio::piped());
        if std::env::var_os("LESS").is_none() {
            // Leaves at once where all fits, with colours, without clearing the screen.
            command.env("LESS", "FRX");
        }
        let child = command.spawn().ok()?;
        Some(Self { child, left: false })
    }

    pub(crate) fn write(&mut self, text: &str) {
        let input = self.child.stdin.as_mut();
        let done = input.map_or(Ok(()), |it| it.write_all(text.as_bytes()));
        self.left |= done.is_err();
    }

    pub(crate) const fn is_left(&self) -> bool {
        self.left
    }

    /// Waits until whoever reads has enough.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        drop(self.child.stdin.take());
        self.child.wait().map(drop)
    }
}
