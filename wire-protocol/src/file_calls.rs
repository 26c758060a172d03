//! What kind of call a file call is, and what its answer leaves, for whoever queues it, keeps its answer or closes what it left open.

use crate::files::{Descriptor, FileCall, FileReply};

impl FileCall {
    /// The descriptor under which what its path leads to may be left open.
    pub fn opens(&self) -> Option<Descriptor> {
        match self {
            Self::Open { descriptor, .. }
            | Self::ReadFile { descriptor, .. }
            | Self::ReadDirectory { descriptor, .. } => Some(*descriptor),
            _ => None,
        }
    }

    /// The open file it acts on.
    pub fn uses(&self) -> Option<Descriptor> {
        match self {
            Self::Close { descriptor }
            | Self::Duplicate { of: descriptor, .. }
            | Self::Read { descriptor, .. }
            | Self::ReadEntries { descriptor }
            | Self::Write { descriptor, .. }
            | Self::Seek { descriptor, .. }
            | Self::Fstat { descriptor }
            | Self::Ftruncate { descriptor, .. }
            | Self::Fsync { descriptor, .. }
            | Self::Futimes { descriptor, .. }
            | Self::Fchmod { descriptor, .. }
            | Self::Fchown { descriptor, .. } => Some(*descriptor),
            _ => None,
        }
    }

    /// The path it looks at, if its answer may be kept, and whether a link at the end is followed.
    pub fn looks_at(&self) -> Option<(&[u8], bool)> {
        match self {
            Self::Stat { path, follow } => Some((path, *follow)),
            Self::Access { path, .. }
            | Self::ReadDirectory { path, .. }
            | Self::RealPath { path }
            | Self::ReadFile { path, flags: 0, .. }
            | Self::Open { path, flags: 0, .. } => Some((path, true)),
            Self::ReadLink { path } => Some((path, false)),
            _ => None,
        }
    }

    /// The paths that lead to something else after it, and whether a link at their end is followed. One that has none
    /// changes nothing, or an open file only.
    pub fn changes(&self) -> [Option<(&[u8], bool)>; 2] {
        let one = match self {
            Self::WriteFile { path, .. }
            | Self::Truncate { path, .. }
            | Self::Chmod { path, .. }
            | Self::CopyFile { to: path, .. } => (path, true),
            Self::MakeDirectory { path, .. }
            | Self::RemoveTree { path }
            | Self::RemoveDirectory { path }
            | Self::Unlink { path }
            | Self::Symlink { path, .. }
            | Self::Link { to: path, .. } => (path, false),
            Self::Chown { path, follow, .. } | Self::Utimes { path, follow, .. } => (path, *follow),
            Self::Rename { from, to } => return [Some((from, false)), Some((to, false))],
            _ => return [None, None],
        };
        [Some((one.0, one.1)), None]
    }
}

impl FileReply {
    /// Whether the descriptor of the call is open now.
    pub fn leaves_open(&self) -> bool {
        matches!(
            self,
            Self::Opened { .. } | Self::Content { more: true, .. } | Self::Entries { more: true, .. }
        )
    }
}
