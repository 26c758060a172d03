//! Descriptors of a process: the ends it gets, and the ends the agent keeps.

use std::{
    io,
    os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, OwnedFd, RawFd},
};

use rustix::{
    fs::{CWD, Mode, OFlags},
    io::{Errno, Result, fcntl_dupfd_cloexec},
    net::{AddressFamily, Shutdown, SocketFlags, SocketType, shutdown, socketpair},
    pipe::{PipeFlags, pipe_with},
};
use tokio::net::{
    UnixStream,
    unix::{OwnedReadHalf, OwnedWriteHalf, pipe},
};
use wire_protocol::processes::{MAX_STDIO, PipeNumber, Stdio};

use crate::terminal::{Pair, Screen};

/// The ends of a process's descriptors, by their numbers.
#[derive(Debug, Default)]
pub struct Ends {
    /// What the process gets.
    pub theirs: Vec<Option<OwnedFd>>,
    /// The other ends of its pipes.
    pub ours: Vec<Option<OwnedFd>>,
}

impl Ends {
    /// Makes the pipes; `files` are copies of the open files, in the order `stdio` names them.
    pub fn open(stdio: &[Stdio], terminal: Option<&Pair>, files: Vec<OwnedFd>) -> Result<Self> {
        if stdio.len() > usize::from(MAX_STDIO) {
            return Err(Errno::MFILE);
        }
        let mut files = files.into_iter();
        let mut ends = Self::default();
        for (number, stdio) in stdio.iter().enumerate() {
            let (theirs, ours) = match stdio {
                Stdio::Null => (None, None),
                Stdio::Terminal => {
                    let pair = terminal.ok_or(Errno::NOTTY)?;
                    (Some(fcntl_dupfd_cloexec(&pair.theirs, 0)?), None)
                }
                Stdio::File(_) => (Some(files.next().ok_or(Errno::BADF)?), None),
                Stdio::Pipe => {
                    let (theirs, ours) = connected(number)?;
                    (Some(theirs), Some(ours))
                }
            };
            ends.theirs.push(theirs);
            ends.ours.push(ours);
        }
        Ok(ends)
    }
}

/// A process's end of a pipe and ours. Beyond the standard three a pipe goes both ways.
fn connected(number: usize) -> Result<(OwnedFd, OwnedFd)> {
    if number > 2 {
        return socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None);
    }
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
    Ok(if number == 0 { (reader, writer) } else { (writer, reader) })
}

/// Keeps the numbers that processes are given beyond the standard three from anything the agent opens: what is
/// given as such a number never has to make way, least of all the pipe by which std hears of a failed exec.
pub fn reserve_numbers() -> Result<()> {
    let nothing = rustix::fs::openat(CWD, "/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    loop {
        let place = fcntl_dupfd_cloexec(&nothing, 3)?;
        if place.as_raw_fd() >= RawFd::from(MAX_STDIO) {
            return Ok(());
        }
        let _ = place.into_raw_fd();
    }
}

/// Gives each end beyond the standard three its number. To be called between fork and exec.
pub fn place(ends: &[(RawFd, OwnedFd)]) -> io::Result<()> {
    for (number, end) in ends {
        #[allow(unsafe_code, reason = "a descriptor of a chosen number is owned by nobody")]
        // SAFETY: nothing in this process, which is about to execute another program, uses the number.
        let placed = unsafe { nix::unistd::dup2_raw(end, *number) }?;
        let _ = placed.into_raw_fd();
    }
    Ok(())
}

/// Our end of what a process writes.
#[derive(Debug)]
pub enum Source {
    /// Of its stdout or stderr.
    Pipe(pipe::Receiver),
    /// Of a pipe that goes both ways.
    Socket(OwnedReadHalf),
    /// Of its terminal.
    Terminal(Screen),
}

impl Source {
    /// Waits until it may be read. What the kernel has of a terminal's output is not always told of: to drain it,
    /// it has to be read until there is no more.
    pub async fn readable(&self, draining: bool) -> io::Result<()> {
        match self {
            Self::Terminal(_) if draining => Ok(()),
            Self::Pipe(pipe) => pipe.readable().await,
            Self::Socket(socket) => socket.readable().await,
            Self::Terminal(screen) => screen.readable().await,
        }
    }

    /// Reads what is there.
    pub fn try_read(&self, bytes: &mut [u8], draining: bool) -> io::Result<usize> {
        match self {
            Self::Terminal(screen) if draining => screen.read_now(bytes),
            Self::Pipe(pipe) => pipe.try_read(bytes),
            Self::Socket(socket) => socket.try_read(bytes),
            Self::Terminal(screen) => screen.try_read(bytes),
        }
    }

    /// Bytes that are there now.
    pub fn waiting(&self) -> u64 {
        let fd: BorrowedFd<'_> = match self {
            Self::Pipe(pipe) => pipe.as_fd(),
            Self::Socket(socket) => socket.as_ref().as_fd(),
            Self::Terminal(screen) => return screen.waiting(),
        };
        rustix::io::ioctl_fionread(fd).unwrap_or(0)
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        if let Self::Socket(socket) = self {
            // Its other half may stay open; whoever writes is to hear that nobody reads. A process that is gone
            // needs not.
            let _ = shutdown(socket.as_ref(), Shutdown::Read);
        }
    }
}

/// Our end of what a process reads.
#[derive(Debug)]
pub enum Sink {
    /// Of its stdin, or its terminal.
    Pipe(pipe::Sender),
    /// Of a pipe that goes both ways.
    Socket(OwnedWriteHalf),
}

impl Sink {
    /// Waits until it may be written.
    pub async fn writable(&self) -> io::Result<()> {
        match self {
            Self::Pipe(pipe) => pipe.writable().await,
            Self::Socket(socket) => socket.writable().await,
        }
    }

    /// Writes what there is room for.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Pipe(pipe) => pipe.try_write(bytes),
            Self::Socket(socket) => socket.try_write(bytes),
        }
    }

    /// Waits until the last reader is gone. Only a pipe tells before it is written to.
    pub async fn abandoned(&self) {
        match self {
            Self::Pipe(pipe) => drop(pipe.ready(tokio::io::Interest::ERROR).await),
            Self::Socket(_) => std::future::pending().await,
        }
    }
}

/// What the process writes to our end, and what it reads from it.
pub fn split(number: PipeNumber, end: OwnedFd) -> io::Result<(Option<Source>, Option<Sink>)> {
    match number {
        0 => Ok((None, Some(Sink::Pipe(pipe::Sender::from_owned_fd(end)?)))),
        1 | 2 => Ok((Some(Source::Pipe(pipe::Receiver::from_owned_fd(end)?)), None)),
        _ => {
            let socket = std::os::unix::net::UnixStream::from(end);
            socket.set_nonblocking(true)?;
            let (source, sink) = UnixStream::from_std(socket)?.into_split();
            Ok((Some(Source::Socket(source)), Some(Sink::Socket(sink))))
        }
    }
}
