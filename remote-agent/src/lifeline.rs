//! What the agent's life hangs on: its stdin, its stdout and the signals that ask it to end.

use std::{io, thread};

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::oneshot,
};

/// Holds the lifeline.
#[derive(Debug)]
pub struct Lifeline {
    streams: oneshot::Receiver<()>,
    signals: [Signal; 3],
}

impl Lifeline {
    /// Takes hold of it, within a runtime.
    pub fn hold() -> io::Result<Self> {
        let signals = [
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
            signal(SignalKind::interrupt())?,
        ];
        let (cut, streams) = oneshot::channel();
        thread::Builder::new().name("lifeline".into()).stack_size(64 * 1024).spawn(move || {
            until_closed();
            // Unheard only if the agent is ending already.
            let _ = cut.send(());
        })?;
        Ok(Self { streams, signals })
    }

    /// Waits until it is cut.
    pub async fn cut(mut self) {
        let [terminate, hangup, interrupt] = &mut self.signals;
        tokio::select! {
            _ = self.streams => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

/// Waits for the end of stdin, or until nobody reads stdout any more. What comes on stdin is not looked at.
fn until_closed() {
    let (stdin, stdout) = (io::stdin(), io::stdout());
    loop {
        let mut ends = [
            PollFd::new(&stdin, PollFlags::IN),
            // Asking for nothing reports hang-ups and errors only.
            PollFd::new(&stdout, PollFlags::empty()),
        ];
        match poll(&mut ends, None) {
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(_) => return,
        }
        if !ends[1].revents().is_empty() {
            return;
        }
        if !ends[0].revents().is_empty() {
            match rustix::io::read(&stdin, &mut [0; 512]) {
                Ok(1..) | Err(Errno::INTR | Errno::AGAIN) => {}
                Ok(0) | Err(_) => return,
            }
        }
    }
}
