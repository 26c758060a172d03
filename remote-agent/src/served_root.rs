//! One served directory, and what may be done beneath it.

use std::{os::fd::OwnedFd, sync::Arc};

use rustix::{
    fs::{CWD, Mode, OFlags},
    io::{Errno, Result},
};

use crate::outside::{Askable, OUTSIDE, owned};

/// What a call does with what it resolves, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Intent {
    /// It asks whether it is there, and as what.
    Ask,
    /// It looks into it.
    Look,
    /// It changes something.
    Change,
}

/// What may be done beneath a root.
#[derive(Debug)]
pub enum Rights {
    /// Everything.
    Change,
    /// All but changes, which are answered with this errno.
    Look(Errno),
    /// What this says.
    Ask(Arc<Askable>),
}

impl Rights {
    /// Those of a configured root.
    pub fn of(writable: bool) -> Self {
        if writable { Self::Change } else { Self::Look(Errno::ROFS) }
    }
}

/// One served directory.
#[derive(Debug)]
pub struct ServedRoot {
    pub(crate) components: Vec<Vec<u8>>,
    pub(crate) directory: OwnedFd,
    pub(crate) rights: Rights,
}

impl ServedRoot {
    /// Opens a root. `path` is absolute and canonical; EACCES where the user may not enter it.
    pub fn open(path: &[u8], rights: Rights) -> Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = rustix::fs::openat(CWD, path, flags, Mode::empty())?;
        rustix::fs::accessat(&directory, ".", rustix::fs::Access::EXEC_OK, rustix::fs::AtFlags::empty())?;
        Ok(Self { components: owned(path), directory, rights })
    }

    /// The same under a path through links that leads here, too.
    pub(crate) fn called(self, path: &[u8]) -> Self {
        Self { components: owned(path), ..self }
    }

    /// Fails if nothing beneath it may be used so.
    pub(crate) fn admit(&self, intent: Intent) -> Result<()> {
        match (&self.rights, intent) {
            (Rights::Look(errno), Intent::Change) => Err(*errno),
            (Rights::Ask(_), Intent::Change) => Err(OUTSIDE),
            _ => Ok(()),
        }
    }

    /// Whether it is one of those that stand for what lies beneath no other.
    pub(crate) fn is_outside(&self) -> bool {
        matches!(self.rights, Rights::Look(OUTSIDE) | Rights::Ask(_))
    }

    pub(crate) fn is_writable(&self) -> bool {
        matches!(self.rights, Rights::Change)
    }

    /// Whether only what is outside of the others lies beneath it.
    pub(crate) fn is_asked_only(&self) -> bool {
        matches!(self.rights, Rights::Ask(_))
    }

    /// Whether this is `/` itself, which `..` cannot leave.
    pub(crate) fn is_top(&self) -> bool {
        self.components.is_empty()
    }
}
