//! The thread that looks after the user's terminal as long as a remote process has it.

use std::{
    io::Write,
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::UnixStream,
    },
    sync::Arc,
    thread,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

use crate::terminal::Hold;

/// How long a new size of the window, or a turn of who may read its keys, may go unnoticed.
const TURN: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// What is typed, as a socket, whenever it is for the process. The thread ends when the socket is dropped.
pub fn watch(hold: Arc<Hold>) -> std::io::Result<UnixStream> {
    let (ours, theirs) = UnixStream::pair()?;
    thread::Builder::new().name("pii-terminal".into()).spawn(move || {
        // The end of it is the socket's end, which tells the process that its terminal is gone.
        let _ = pass_on(&hold, theirs);
    })?;
    Ok(ours)
}

/// Ends with the terminal or with the socket.
fn pass_on(hold: &Hold, mut to: UnixStream) -> rustix::io::Result<()> {
    loop {
        hold.refresh();
        let terminal = wait(hold.as_fd(), &to, hold.may_read())?;
        match terminal {
            Event::End => return Ok(()),
            Event::None => {}
            // Asked again: meanwhile the keys may have become another's.
            Event::Typed if hold.may_read() => match hold.read() {
                Ok(bytes) => {
                    if to.write_all(&bytes).is_err() {
                        return Ok(());
                    }
                }
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(error) => return Err(error),
            },
            Event::Typed => {}
        }
    }
}

enum Event {
    /// Nobody wants what is typed any more, or the terminal is gone.
    End,
    /// There is something to read.
    Typed,
    /// Neither.
    None,
}

fn wait(terminal: BorrowedFd<'_>, to: &UnixStream, keys: bool) -> rustix::io::Result<Event> {
    let wanted = if keys { PollFlags::IN } else { PollFlags::empty() };
    let mut ready = [
        PollFd::from_borrowed_fd(to.as_fd(), PollFlags::empty()),
        PollFd::from_borrowed_fd(terminal, wanted),
    ];
    match poll(&mut ready, Some(&TURN)) {
        Ok(_) | Err(Errno::INTR) => {}
        Err(error) => return Err(error),
    }
    let [to, terminal] = ready.map(|fd| fd.revents());
    Ok(if !to.is_empty() || terminal.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
        Event::End
    } else if terminal.is_empty() {
        Event::None
    } else {
        Event::Typed
    })
}
