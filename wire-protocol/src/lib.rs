//! What the program's side and the agent say to each other. No I/O.
//!
//! All parts of one release are shipped together, so the protocol need not be compatible with any other
//! release: [`Hello`] carries [`VERSION`] and the agent refuses another one.
//!
//! 1. `pii` starts the agent over SSH and writes [`Hello`] (a line of JSON) to its stdin. The agent answers
//!    with one line of JSON on stdout, [`Ready`]. That stdin and stdout are the first link of the session, which
//!    carries its streams (the crate `stream-carrier`). For any further link `pii` asks the agent's socket or port for
//!    [`LINK_PATH`] with `Upgrade: `[`UPGRADE`], the token as a bearer, and [`ARRIVED`]. The agent answers `101` and
//!    its own [`ARRIVED`].
//! 2. For each process of the program `pii` opens a stream.
//! 3. On it both ends send frames ([`codec`]): [`ToAgent`] one way, [`ToProgram`] the other.
//!
//! The three nouns of every room are files, processes and watch.

#![forbid(unsafe_code)]

mod call;
pub mod codec;
mod error;
mod file_calls;
pub mod files;
mod handshake;
pub mod leases;
pub mod processes;
mod session;
pub mod terminal;
pub mod watch;

pub use call::{Call, CallId, Position, Reply, ToAgent, ToProgram};
pub use error::{OUTSIDE, WireError};
pub use handshake::{
    AfterExit, EnvironmentMode, EnvironmentSettings, Hello, Lease, Ready, Refusal, Root, Served,
};
pub use session::{Carried, Decisions, Outside, Redirect, SessionFacts};

/// The release; both ends must have the same.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Path of the HTTP request to the agent that becomes a link.
pub const LINK_PATH: &str = "/link";

/// Header of that request and of its answer: how many numbered packets of the session have arrived at who says it.
pub const ARRIVED: &str = "pii-arrived";

/// Path of the HTTP request that becomes a stream, on `pii`'s own local socket only.
pub const STREAM_PATH: &str = "/stream";

/// Path under which `pii` tells the program's side its [`SessionFacts`], on its own local socket only.
pub const SESSION_PATH: &str = "/session";

/// Path under which a process of the program puts a line into `pii`'s log, on the same socket.
pub const LOG_PATH: &str = "/log";

/// Path under which `pii` hands out, once, what a process of the program noted of its start the last time, and takes
/// what is noted this time, on the same socket.
pub const START_PATH: &str = "/start";

/// Value of the `Upgrade` header of a link or a stream.
pub const UPGRADE: &str = "pii";

/// Bytes of randomness in a token.
pub const TOKEN_BYTES: usize = 32;
