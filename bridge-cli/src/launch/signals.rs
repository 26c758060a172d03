//! The signals that reach `pii`, and which of them the program has not got by itself.

use std::io;

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::iterator::{Handle, SignalsInfo};
use signal_hook::low_level::siginfo::{Cause, Origin};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::platform;

/// Signals to `pii` from now on; they no longer end it.
pub struct Signals {
    received: UnboundedReceiver<Signal>,
    handle: Handle,
}

/// A signal.
#[derive(Debug, Clone, Copy)]
pub struct Signal {
    /// Its number.
    pub number: i32,
    /// A process sent it to `pii`. Otherwise the terminal did, to the whole foreground group.
    pub sent: bool,
}

impl Signals {
    /// Takes INT, TERM, HUP and QUIT over.
    pub fn take() -> io::Result<Self> {
        let mut signals = SignalsInfo::<WithOrigin>::new([SIGINT, SIGTERM, SIGHUP, SIGQUIT])?;
        let handle = signals.handle();
        let (sender, received) = unbounded_channel();
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            for origin in signals.forever() {
                if sender.send(Signal { number: origin.signal, sent: is_sent(&origin) }).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { received, handle })
    }

    /// The next one.
    pub async fn next(&mut self) -> Option<Signal> {
        self.received.recv().await
    }

    /// One that has come already.
    pub fn pending(&mut self) -> Option<Signal> {
        self.received.try_recv().ok()
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.handle.close();
    }
}

fn is_sent(origin: &Origin) -> bool {
    let sender = origin.process.as_ref().map(|process| process.pid);
    matches!(origin.cause, Cause::Sent(_)) && !platform::is_from_terminal(sender)
}
