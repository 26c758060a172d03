//! Why a measurement cannot be made.

use std::{io, time::Duration};

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A script that is timed did not answer as it should.
    #[error("{line}: {what}")]
    Script {
        /// The command line.
        line: String,
        /// What it did instead.
        what: String,
    },
    /// A session of pi did not come to its end as it should.
    #[error("a session of pi by {way}: {what}")]
    Session {
        /// Which way it took.
        way: &'static str,
        /// What it did instead.
        what: String,
    },
    /// Something took far longer than it may.
    #[error("{line}: not done after {limit:?}")]
    Late {
        /// The command line.
        line: String,
        /// How long it may take.
        limit: Duration,
    },
    /// The remote has no agent where one must be.
    #[error("no agent runs on the remote while a program does: {0}")]
    NoAgent(String),
    /// Something of the system failed.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Results that cannot be written as JSON.
    #[error("the results are no JSON: {0}")]
    Json(#[from] serde_json::Error),
}
