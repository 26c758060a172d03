//! What the agent's life hangs on besides its links: the signals that ask it to end.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Holds the signals.
#[derive(Debug)]
pub struct Lifeline {
    signals: [Signal; 2],
    /// A terminal that goes away, as one that sudo made, is a link that breaks.
    _hangup: Signal,
}

impl Lifeline {
    /// Takes hold of them, within a runtime.
    pub fn hold() -> io::Result<Self> {
        let signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
        Ok(Self { signals, _hangup: signal(SignalKind::hangup())? })
    }

    /// Waits until one asks the agent to end.
    pub async fn cut(mut self) {
        let [terminate, interrupt] = &mut self.signals;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}
