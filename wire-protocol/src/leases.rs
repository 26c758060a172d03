//! What the program's side may keep: facts, each of which holds as long as the leases it names do.
//!
//! A lease is the agent's promise to tell of the first change of one inode: of a file's content or metadata, of a
//! directory's names or its own metadata. Telling ends it. An end is sent before anything that was made after it, so
//! whoever takes frames in order never uses a fact longer than it was true at the position reached.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::files::{Descriptor, EntryKind, Metadata};

/// Number of a lease, chosen by the agent, never used again within its life.
pub type LeaseId = i32;

/// How long facts may be used after the last byte that came from the agent.
pub const LEASE: Duration = Duration::from_secs(5);

/// How often the agent sends something to a stream that holds leases.
pub const SIGN_OF_LIFE: Duration = Duration::from_millis(1500);

/// Longest content that is worth keeping, in bytes.
pub const KEPT_CONTENT: usize = 256 * 1024;

/// Longest content that comes before it is asked for, in bytes.
pub const EARLY_CONTENT: usize = 64 * 1024;

/// Something that is true as long as every lease it names is held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Fact {
    /// The root of this path is this directory.
    Root {
        /// The root's absolute path.
        #[serde(with = "serde_bytes")]
        path: Vec<u8>,
        /// The directory.
        lease: LeaseId,
    },
    /// What is known of an inode itself.
    Inode {
        /// The inode.
        lease: LeaseId,
        /// Its metadata.
        metadata: Box<Metadata>,
        /// Where it leads, for a link.
        target: Option<serde_bytes::ByteBuf>,
    },
    /// What the agent's user may do with an inode.
    Rights {
        /// The inode.
        lease: LeaseId,
        /// A mask of 4 read, 2 write, 1 execute.
        mask: u8,
    },
    /// A name in a directory.
    Name {
        /// The directory.
        directory: LeaseId,
        /// The name.
        #[serde(with = "serde_bytes")]
        name: Vec<u8>,
        /// The inode it leads to; `None` where there is no such name.
        leads: Option<LeaseId>,
    },
    /// All names of a directory, in the disk's order.
    Listing {
        /// The directory.
        directory: LeaseId,
        /// The names.
        names: Vec<Listed>,
    },
    /// The content in the same answer is the whole content of this file.
    Content {
        /// The file.
        lease: LeaseId,
    },
    /// What a file was opened as.
    Opened {
        /// The file.
        lease: LeaseId,
        /// The open file.
        descriptor: Descriptor,
    },
    /// The whole content of a file that is about to be read.
    Whole {
        /// The file.
        lease: LeaseId,
        /// The bytes.
        content: serde_bytes::ByteBuf,
    },
}

/// One name of a [`Fact::Listing`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// The name.
    #[serde(with = "serde_bytes")]
    pub name: Vec<u8>,
    /// What it is.
    pub kind: EntryKind,
    /// The inode, if it has a lease.
    pub leads: Option<LeaseId>,
}
