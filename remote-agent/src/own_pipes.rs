//! The agent's own stdin and stdout, read and written without holding up a thread.

use std::{
    io,
    os::fd::{AsFd, OwnedFd},
};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use tokio::net::unix::pipe;

/// Takes stdin.
pub fn stdin() -> io::Result<pipe::Receiver> {
    pipe::Receiver::from_owned_fd_unchecked(non_blocking(io::stdin().as_fd().try_clone_to_owned()?)?)
}

/// Takes stdout.
pub fn stdout() -> io::Result<pipe::Sender> {
    pipe::Sender::from_owned_fd_unchecked(non_blocking(io::stdout().as_fd().try_clone_to_owned()?)?)
}

/// A socket pair, as sshd gives, serves as well as a pipe.
fn non_blocking(fd: OwnedFd) -> io::Result<OwnedFd> {
    fcntl_setfl(&fd, fcntl_getfl(&fd)? | OFlags::NONBLOCK)?;
    Ok(fd)
}
