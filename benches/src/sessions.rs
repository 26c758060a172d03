//! A session of pi with a scripted model, and when it did what.

use std::{
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use scripted_model::Turn;
use testbed::{laptop::Laptop, pi};

use crate::{error::Error, figures::Way};

/// What is looked for while a session runs, and how often.
const TICK: Duration = Duration::from_millis(1);

/// How long a session took.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// From the start of the process to the first request to the model, in seconds.
    pub first_request: f64,
    /// From the start of the process to its end, in seconds.
    pub end: f64,
}

/// Runs a session with one prompt to its end. `None` when that does not come within `limit`.
///
/// The command is that of pi on this laptop, or of `pii`; the words that choose the model and the prompt are added.
pub fn run(
    laptop: &Laptop,
    mut command: Command,
    way: Way,
    script: Vec<Turn>,
    limit: Duration,
) -> Result<Option<Times>, Error> {
    let model = pi::model(laptop, script);
    command.args(pi::words()).args(["--tools", pi::TOOLS, "-p", "go"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let wrong = |what: String| Error::Session { way: way.name(), what };

    let begun = Instant::now();
    let mut child = command.spawn()?;
    let mut first_request = None;
    let status = loop {
        if first_request.is_none() && !model.transcript().requests.is_empty() {
            first_request = Some(begun.elapsed().as_secs_f64());
        }
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if begun.elapsed() > limit {
            // What it started ends with its machine.
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(TICK);
    };
    let end = begun.elapsed().as_secs_f64();
    if !status.success() {
        return Err(wrong(status.to_string()));
    }
    if model.turns_left() > 0 {
        return Err(wrong(format!("{} turns of the script are left", model.turns_left())));
    }
    if let Some(failed) = model.transcript().tool_results().iter().find(|result| is_failure(&result.text())) {
        return Err(wrong(format!("{} answered {}", failed.tool, failed.text())));
    }
    let first_request = first_request.ok_or_else(|| wrong("no request was made".into()))?;
    Ok(Some(Times { first_request, end }))
}

/// A tool that fails says so in its answer. A session of failures would be a fast one.
fn is_failure(answer: &str) -> bool {
    ["ENOENT", "SSH failed", "not found", "Could not", "exited with code"]
        .iter()
        .any(|sign| answer.contains(sign))
}
