//! A script that waits to be asked: so one process runs all batches of a way, and the batches of several ways alternate.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde::de::DeserializeOwned;
use serde_json::Value;
use testbed::finish::poll;

use crate::error::Error;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running script. Dropping it ends it.
pub struct Worker {
    child: Child,
    line: String,
    questions: Option<ChildStdin>,
    answers: Receiver<String>,
}

impl Worker {
    /// Starts a script. Its stderr goes to the terminal.
    pub fn start(mut command: Command) -> Result<Self, Error> {
        let line = format!("{command:?}");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let questions = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, answers) = mpsc::channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, line, questions, answers })
    }

    /// Asks a question and waits for the answer.
    pub fn ask<T: DeserializeOwned>(&mut self, question: &Value) -> Result<T, Error> {
        if let Some(stdin) = &mut self.questions {
            stdin.write_all(format!("{question}\n").as_bytes())?;
        }
        self.hear()
    }

    /// Waits for something the script says unasked.
    pub fn hear<T: DeserializeOwned>(&mut self) -> Result<T, Error> {
        let line = self.line.clone();
        let answer = match self.answers.recv_timeout(PATIENCE) {
            Ok(answer) => answer,
            Err(mpsc::RecvTimeoutError::Timeout) => return Err(Error::Late { line, limit: PATIENCE }),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                return Err(Error::Script { line, what: "ended without an answer".into() });
            }
        };
        serde_json::from_str(&answer).map_err(|_| Error::Script { line, what: format!("answered {answer}") })
    }

    /// Ends it: the end of its stdin is the end of its questions.
    pub fn end(mut self) -> Result<(), Error> {
        self.questions.take();
        let Some(status) = poll(PATIENCE, || self.child.try_wait().transpose()).transpose()? else {
            return Err(Error::Late { line: self.line.clone(), limit: PATIENCE });
        };
        if status.success() {
            return Ok(());
        }
        Err(Error::Script { line: self.line.clone(), what: status.to_string() })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // What it started ends with its machine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
