//! Running commands to their end, with a deadline, and waiting for what takes a moment.

use std::{
    io::Read,
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How a command ended.
#[derive(Debug)]
pub struct Finished {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
}

impl Finished {
    /// The stdout of a command that must have succeeded.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self.stdout
    }
}

/// A command under way, its outputs being collected.
pub struct Running {
    child: Child,
    line: String,
    stdout: JoinHandle<Vec<u8>>,
    stderr: JoinHandle<Vec<u8>>,
}

/// Starts a command without input.
#[track_caller]
pub fn start(mut command: Command) -> Running {
    let line = format!("{command:?}");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{line}: {error}"));
    let stdout = collect(child.stdout.take().expect("a pipe"));
    let stderr = collect(child.stderr.take().expect("a pipe"));
    Running { child, line, stdout, stderr }
}

impl Running {
    /// Waits for the end, which must come within `limit`.
    #[track_caller]
    pub fn finish(self, limit: Duration) -> Finished {
        let line = self.line.clone();
        self.try_finish(limit).unwrap_or_else(|| panic!("did not end within {limit:?}: {line}"))
    }

    /// Waits for the end; `None` when it does not come within `limit`.
    pub fn try_finish(mut self, limit: Duration) -> Option<Finished> {
        let Some(status) = poll(limit, || self.child.try_wait().expect("a child of ours")) else {
            // What it started ends with its machine.
            let _ = self.child.kill();
            return None;
        };
        let text = |bytes: JoinHandle<Vec<u8>>| {
            String::from_utf8_lossy(&bytes.join().expect("a reader does not panic")).into_owned()
        };
        Some(Finished { code: status.code(), stdout: text(self.stdout), stderr: text(self.stderr) })
    }
}

/// Asks until there is an answer or the time is over.
pub fn poll<T>(limit: Duration, mut question: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(answer) = question() {
            return Some(answer);
        }
        if Instant::now() > deadline {
            return None;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // A pipe that breaks has given all it had.
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}
