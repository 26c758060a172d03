//! What kind of call a file call is, for whoever queues it, keeps its answer or closes what it left open.

use crate::files::{Descriptor, FileCall};

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
            | Self::Fstat { descriptor }
            | Self::Ftruncate { descriptor, .. }
            | Self::Fsync { descriptor, .. }
            | Self::Futimes { descriptor, .. }
            | Self::Fchmod { descriptor, .. }
            | Self::Fchown { descriptor, .. } => Some(*descriptor),
            _ => None,
        }
    }

    /// Whether it looks at what a path leads to, so that its answer may be kept.
    pub fn looks(&self) -> bool {
        matches!(
            self,
            Self::Stat { .. }
                | Self::Access { .. }
                | Self::ReadDirectory { .. }
                | Self::RealPath { .. }
                | Self::ReadLink { .. }
                | Self::ReadFile { flags: 0, .. }
                | Self::Open { flags: 0, .. }
        )
    }

    /// Whether it changes what a path leads to, so that its answer may tell what is there afterwards.
    pub fn changes(&self) -> bool {
        matches!(
            self,
            Self::WriteFile { .. }
                | Self::Truncate { .. }
                | Self::CopyFile { .. }
                | Self::MakeDirectory { .. }
                | Self::RemoveTree { .. }
                | Self::RemoveDirectory { .. }
                | Self::Unlink { .. }
                | Self::Rename { .. }
                | Self::Link { .. }
                | Self::Symlink { .. }
                | Self::Chmod { .. }
                | Self::Chown { .. }
                | Self::Utimes { .. }
        )
    }
}
