//! The binary as a process: exit codes, streams, files, pipes.

#![cfg(unix)]

mod cli {
    pub(crate) mod kit;

    mod apply;
    mod check;
    mod clean;
    mod diff;
    mod fmt;
    mod history;
    mod machine;
    mod pull;
    mod run;

    /// Runs before a reader who leaves at once.
    #[expect(clippy::unwrap_used, reason = "a test whose process fails may panic")]
    fn unread(folder: &kit::Folder, arguments: &[&str]) -> kit::Done {
        let mut command = folder.command(arguments);
        let command =
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        kit::Done::of(child.wait_with_output().unwrap())
    }
}
