//! Carries the streams of a session between `pii` and the agent.
//!
//! All of them share one *link*, a byte pipe that may break at any byte. What is sent is numbered and kept until the
//! other end has confirmed it; on the next link both ends say how far they have come, and each goes on from there. So
//! every byte arrives once and in order, as long as both processes live, and whatever is made of the bytes need not
//! know of links: a call is done once, an output goes on where it stopped.
//!
//! Knows nothing of SSH, of files or of processes, nor how a link is made.

#![forbid(unsafe_code)]

mod carrier;
mod heartbeat;
mod journal;
mod link;
mod packet;
mod stream;

pub use carrier::{Carrier, Incoming};
pub use heartbeat::Heartbeat;
pub use journal::Lost;
pub use link::{LinkEnd, Source};
pub use stream::CarriedStream;
