//! The running number of published file changes.

use std::sync::atomic::{AtomicU64, Ordering};

use wire_protocol::Position;

/// Counts published changes. What is answered, printed or reported carries the number reached by then.
#[derive(Debug, Default)]
pub struct Positions {
    reached: AtomicU64,
}

impl Positions {
    /// The position reached.
    pub fn reached(&self) -> Position {
        self.reached.load(Ordering::Acquire)
    }
}
