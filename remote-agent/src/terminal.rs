//! The terminal of a process: a pseudoterminal whose other side is the stream.

use std::{
    io,
    os::fd::{AsFd, OwnedFd},
};

use rustix::{
    fs::{CWD, Mode, OFlags},
    io::{Errno, Result},
    pty::{OpenptFlags, openpt, ptsname, unlockpt},
    termios::{LocalModes, OptionalActions, OutputModes, tcgetattr, tcsetattr, tcsetwinsize},
};
use tokio::net::unix::pipe;
use wire_protocol::terminal::{Size, Terminal, TerminalUse};

/// Bytes that the kernel may hold of what was written to a terminal, and more.
const HELD: u64 = 256 * 1024;

/// Both sides of a new terminal.
#[derive(Debug)]
pub struct Pair {
    /// What the process gets.
    pub theirs: OwnedFd,
    /// What the agent keeps.
    pub ours: OwnedFd,
}

impl Pair {
    /// Makes a terminal. ENOTTY where the system has none to give.
    pub fn open(terminal: &Terminal) -> Result<Self> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).map_err(missing)?;
        unlockpt(&ours)?;
        let name = ptsname(&ours, Vec::new())?;
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let theirs = rustix::fs::openat(CWD, name, flags, Mode::empty()).map_err(missing)?;
        let mut termios = tcgetattr(&theirs)?;
        terminal.modes.apply(&mut termios);
        tcsetattr(&theirs, OptionalActions::Now, &termios)?;
        resize(&ours, terminal.size)?;
        rustix::io::ioctl_fionbio(&ours, true)?;
        Ok(Self { theirs, ours })
    }
}

/// ENOENT would say that there is no such command.
fn missing(errno: Errno) -> Errno {
    if errno == Errno::NOENT { Errno::NOTTY } else { errno }
}

/// Changes a terminal's size, upon which the kernel tells its foreground group.
pub fn resize(ours: impl AsFd, size: Size) -> Result<()> {
    tcsetwinsize(ours, size.into())
}

/// What processes write to their terminal, echoes included.
#[derive(Debug)]
pub struct Screen {
    ours: pipe::Receiver,
    last: TerminalUse,
}

impl Screen {
    /// The output of a terminal, to be made within a runtime.
    pub fn new(ours: OwnedFd) -> io::Result<Self> {
        let last = TerminalUse { keys: false, raw_output: false };
        Ok(Self { ours: pipe::Receiver::from_owned_fd_unchecked(ours)?, last })
    }

    /// Waits until the kernel tells that it may be read.
    pub async fn readable(&self) -> io::Result<()> {
        self.ours.readable().await
    }

    /// Reads what is there. Fails once nobody has the terminal open any more.
    pub fn try_read(&self, bytes: &mut [u8]) -> io::Result<usize> {
        self.ours.try_read(bytes)
    }

    /// Reads what is there, whether the kernel has told of it or not: it tells of what a process has written a
    /// little later, but looks for it when it is asked.
    pub fn read_now(&self, bytes: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(&self.ours, bytes)?)
    }

    /// Bytes that are there now, at most. It cannot be asked how many there are.
    pub fn waiting(&self) -> u64 {
        HELD
    }

    /// How the terminal is used, if that is another way than at the last question.
    pub fn new_use(&mut self) -> Option<TerminalUse> {
        let termios = tcgetattr(&self.ours).ok()?;
        let now = TerminalUse {
            keys: !termios.local_modes.contains(LocalModes::ICANON | LocalModes::ECHO),
            raw_output: !termios.output_modes.contains(OutputModes::OPOST),
        };
        (std::mem::replace(&mut self.last, now) != now).then_some(now)
    }
}

/// What is typed on a terminal. To be made within a runtime.
pub fn keys(ours: OwnedFd) -> io::Result<pipe::Sender> {
    pipe::Sender::from_owned_fd_unchecked(ours)
}
