//! Descriptors of this process that a remote process is to use as its own.

use std::{
    io::Write,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    thread,
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::{Errno, fcntl_dupfd_cloexec, read, write},
};

/// Bytes read from an inherited descriptor at once.
pub const PIECE: usize = 64 * 1024;

/// A copy of this process's descriptor `number`, which stays open whatever JavaScript does with its own.
pub fn duplicate(number: i32) -> Result<OwnedFd, Errno> {
    if number < 0 {
        return Err(Errno::BADF);
    }
    // SAFETY: the borrow lasts for this one call, in which the kernel answers EBADF for a number that is not open.
    #[allow(unsafe_code, reason = "JavaScript names descriptors by number")]
    let borrowed = unsafe { BorrowedFd::borrow_raw(number) };
    fcntl_dupfd_cloexec(borrowed, 0)
}

/// Writes all of `bytes`. Node makes pipes non-blocking, so a full one has to be waited for.
pub fn write_all(to: impl AsFd, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match write(&to, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::AGAIN) => wait_for(&to, PollFlags::OUT)?,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn wait_for(fd: &impl AsFd, what: PollFlags) -> Result<(), Errno> {
    match poll(&mut [PollFd::new(fd, what)], None) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The bytes of `from` as a socket. Its thread ends at the end of `from`, or when the socket is dropped, and takes
/// no byte from `from` after that.
pub fn as_socket(from: OwnedFd) -> std::io::Result<UnixStream> {
    let (ours, theirs) = UnixStream::pair()?;
    thread::Builder::new().name("pii-stdin".into()).spawn(move || copy(&from, theirs))?;
    Ok(ours)
}

fn copy(from: &OwnedFd, mut to: UnixStream) {
    let mut bytes = vec![0; PIECE];
    loop {
        let dropped = {
            let mut ready =
                [PollFd::new(from, PollFlags::IN), PollFd::from_borrowed_fd(to.as_fd(), PollFlags::empty())];
            match poll(&mut ready, None) {
                Ok(_) => !ready[1].revents().is_empty(),
                Err(Errno::INTR) => continue,
                Err(_) => return,
            }
        };
        if dropped {
            return;
        }
        match read(from, &mut bytes) {
            Ok(0) => return,
            Ok(count) if to.write_all(&bytes[..count]).is_err() => return,
            Ok(_) | Err(Errno::AGAIN | Errno::INTR) => {}
            Err(_) => return,
        }
    }
}
