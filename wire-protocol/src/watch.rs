//! Watching files and directories, with the meaning of Node's `fs.watch` on Linux.

use serde::{Deserialize, Serialize};

/// Number of a watch, chosen by the program's side.
pub type WatchId = u32;

/// What can be asked about watching.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WatchCall {
    /// Watch a file or directory from now on.
    Start {
        /// Number for the events to come.
        watch: WatchId,
        /// Absolute path.
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
        /// Also what lies below it.
        recursive: bool,
    },
    /// End a watch. Events already sent may still arrive.
    Stop {
        /// The watch.
        watch: WatchId,
    },
}

/// Something that happened to a watched path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WatchEvent {
    /// Node's `rename`: an entry appeared, went or was replaced.
    Rename {
        /// Path relative to the watched directory, or the watched file's own name.
        #[serde(with = "serde_bytes")]
        name: Vec<u8>,
    },
    /// Node's `change`: content or metadata changed.
    Change {
        /// Path relative to the watched directory, or the watched file's own name.
        #[serde(with = "serde_bytes")]
        name: Vec<u8>,
    },
    /// The watch cannot go on; no event follows.
    Failed {
        /// The errno's name.
        code: String,
    },
}
