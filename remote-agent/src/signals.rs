//! Signals by name, and process groups.

use nix::{
    sys::signal::{SigHandler, Signal, kill, killpg, signal},
    unistd::Pid as NixPid,
};
use rustix::{
    io::{Errno, Result},
    process::{Pid, WaitStatus},
};
use wire_protocol::processes::ExitStatus;

use crate::errno;

/// The signal of a name as Node writes it; `None` for `0`, which only asks. EINVAL for an unknown name.
pub fn parse(name: &str) -> Result<Option<Signal>> {
    let name = match name {
        "0" => return Ok(None),
        "SIGIOT" => "SIGABRT",
        "SIGPOLL" => "SIGIO",
        "SIGUNUSED" => "SIGSYS",
        name => name,
    };
    name.parse().map(Some).map_err(|_| Errno::INVAL)
}

/// Sends a signal to a whole group, or asks whether it has a member. ESRCH if it has none.
pub fn send(group: Pid, signal: Option<Signal>) -> Result<()> {
    killpg(NixPid::from_raw(group.as_raw_nonzero().get()), signal).map_err(errno::of_nix)
}

/// Sends a signal to one process, or asks whether it is there. ESRCH if it is not.
pub fn send_alone(process: Pid, signal: Option<Signal>) -> Result<()> {
    kill(NixPid::from_raw(process.as_raw_nonzero().get()), signal).map_err(errno::of_nix)
}

/// Whether a group has no member left. A zombie is still a member.
pub fn is_empty(group: Pid) -> bool {
    send(group, None) == Err(Errno::SRCH)
}

/// Gives every signal its default action, as libuv does for a child: what its parent ignores, as under nohup, would be
/// ignored by it too. To be called between fork and exec.
pub fn reset() {
    for number in Signal::iterator() {
        #[allow(unsafe_code, reason = "nix leaves it to its caller what a handler does")]
        // SAFETY: the default action runs no code of this process.
        // KILL and STOP always have it, and setting it fails.
        let _ = unsafe { signal(number, SigHandler::SigDfl) };
    }
}

/// How a process ended, as it travels.
pub fn exit_status(status: WaitStatus) -> ExitStatus {
    match status.terminating_signal() {
        Some(number) => ExitStatus::Signal(match Signal::try_from(number) {
            Ok(signal) => signal.as_str().to_owned(),
            // Signals without a name of their own.
            Err(_) => format!("SIGRTMIN+{}", number - 34),
        }),
        None => ExitStatus::Code(status.exit_status().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known() {
        assert_eq!(parse("0"), Ok(None));
        assert_eq!(parse("SIGTERM"), Ok(Some(Signal::SIGTERM)));
        assert_eq!(parse("SIGPOLL"), Ok(Some(Signal::SIGIO)));
        assert_eq!(parse("SIGNOTHING"), Err(Errno::INVAL));
        assert_eq!(parse("15"), Err(Errno::INVAL));
    }
}
