//! A folder to work in, and the binary to run there.

#![expect(clippy::unwrap_used, reason = "a test whose folder fails may panic")]

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder that goes with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("relata-cli-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path.canonicalize().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    #[expect(clippy::disallowed_methods, reason = "a test prepares its files")]
    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    #[expect(clippy::disallowed_methods, reason = "a test looks at its files")]
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn command<I: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = I>,
    ) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_relata"));
        command.args(arguments).current_dir(&self.0).stdin(Stdio::null());
        command
    }

    /// The same at a terminal that is so wide, for `rexpect`.
    pub(crate) fn at_terminal(&self, width: usize, arguments: &[&str]) -> Command {
        self.at_terminal_with(width, arguments, "")
    }

    /// The same, with what the shell does to its input: `< file`.
    pub(crate) fn at_terminal_with(
        &self,
        width: usize,
        arguments: &[&str],
        input: &str,
    ) -> Command {
        let mut command = Command::new("sh");
        let sized = format!("stty cols {width} rows 30 && exec \"$@\" {input}");
        command.args(["-c", &sized, "sh", env!("CARGO_BIN_EXE_relata")]).args(arguments);
        command.env("NO_COLOR", "1").env("TERM", "xterm").env("PAGER", "cat");
        command.current_dir(&self.0);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Done {
        Done::of(self.command(arguments).output().unwrap())
    }

    /// With something on standard input.
    pub(crate) fn feed(&self, arguments: &[&str], input: &[u8]) -> Done {
        let mut command = self.command(arguments);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        Done::of(child.wait_with_output().unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a process left.
#[derive(Debug)]
pub(crate) struct Done {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Done {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Ends with this code and says this on stderr.
    #[track_caller]
    pub(crate) fn says(&self, code: i32, text: &str) -> &Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.err.contains(text), "`{text}` is not in\n{}", self.err);
        self
    }

    /// Ends well.
    #[track_caller]
    pub(crate) fn fine(&self) -> &Self {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self
    }
}

/// Whether something is there.
pub(crate) fn exists(path: &Path) -> bool {
    path.exists()
}
