//! Starts the program and stays until it has ended.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

use rustix::process::{Pid, Signal as Number, kill_process};
use tokio::process::{Child, Command};
use tracing::debug;

use super::{LaunchError, Signals};
use crate::run_directory::RunDirectory;
use crate::terminal;

/// Environment variable that tells the preload where `pii` listens.
const SOCKET: &str = "PII_SOCKET";

/// How the program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this code.
    Code(u8),
    /// By a signal of this number.
    Signal(u8),
}

impl Ended {
    /// The exit code of `pii` for it, as a shell has it.
    pub fn code(self) -> u8 {
        match self {
            Self::Code(code) => code,
            Self::Signal(number) => 128 + number,
        }
    }
}

/// Runs Node with the words after its own to its end. It is killed when nobody waits for that any more.
pub async fn run(
    node: &Path,
    preload: &Path,
    words: &[OsString],
    root: &str,
    directory: &RunDirectory,
    signals: &mut Signals,
) -> Result<Ended, LaunchError> {
    let mut command = Command::new(node);
    let cwd = directory.mirror(root).map_err(LaunchError::Directory)?;
    command.arg("--require").arg(preload).args(words).current_dir(cwd);
    command.kill_on_drop(true);
    command.env(SOCKET, directory.socket()).env("PWD", root).env("TMPDIR", directory.temp());
    let _modes = terminal::Modes::remember();
    let mut child = command.spawn().map_err(|source| LaunchError::Start { path: node.to_owned(), source })?;
    debug!(pid = child.id(), "the program runs");
    let status = loop {
        tokio::select! {
            status = child.wait() => break status.map_err(LaunchError::Wait)?,
            Some(signal) = signals.next() => {
                debug!(?signal, "a signal came");
                if signal.sent {
                    forward(&child, signal.number);
                }
            }
        }
    };
    debug!(%status, "the program has ended");
    // An exit code has eight bits, a signal's number seven.
    Ok(match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Code(code as u8),
        (None, Some(signal)) => Ended::Signal(signal as u8),
        (None, None) => Ended::Code(1),
    })
}

fn forward(child: &Child, number: i32) {
    // Without an id the program has ended and been waited for.
    let Some(pid) = child.id().and_then(|id| Pid::from_raw(id.cast_signed())) else { return };
    let Some(number) = Number::from_named_raw(number) else { return };
    if let Err(error) = kill_process(pid, number) {
        debug!("the signal does not reach the program: {error}");
    }
}
