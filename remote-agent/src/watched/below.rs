//! The directories below a watched one, which a recursive watch watches too.

use std::{os::fd::OwnedFd, rc::Rc};

use rustix::{
    fs::{Mode, OFlags},
    io::{Errno, Result},
};
use wire_protocol::{
    files::{Entry, EntryKind},
    watch::{WatchEvent, WatchId},
};

use super::{Seen, Watched};
use crate::tree;

/// A name that may be a directory, and where it lies below the watched one.
pub struct Found {
    /// The directory it is in.
    pub parent: Rc<OwnedFd>,
    /// The name.
    pub name: Vec<u8>,
    /// The path below the watched directory.
    pub below: Vec<u8>,
}

impl Watched {
    /// Adds the directories below the watched one; with `seen`, also reports all that is in them.
    pub(super) fn add_below(
        &mut self,
        number: WatchId,
        place: &OwnedFd,
        mut seen: Option<&mut Seen>,
    ) -> Result<()> {
        let todo = self.scan(number, b"", place, seen.as_deref_mut())?;
        self.add_all(number, todo, seen)
    }

    /// Adds directories and all below them. Not by recursion: a tree may be deeper than the thread's stack.
    pub(super) fn add_all(
        &mut self,
        number: WatchId,
        mut todo: Vec<Found>,
        mut seen: Option<&mut Seen>,
    ) -> Result<()> {
        while let Some(found) = todo.pop() {
            todo.extend(self.add_directory(number, &found, seen.as_deref_mut())?);
        }
        Ok(())
    }

    /// Lists a directory; answers what in it may be a directory.
    fn scan(
        &self,
        number: WatchId,
        below: &[u8],
        place: &OwnedFd,
        seen: Option<&mut Seen>,
    ) -> Result<Vec<Found>> {
        let directory = match rustix::fs::openat(place, ".", tree::ENTER, Mode::empty()) {
            Ok(directory) => directory,
            // A file, or a directory that the user may not list or that went away: nothing to see below.
            Err(Errno::NOTDIR | Errno::ACCESS | Errno::NOENT) => return Ok(Vec::new()),
            Err(errno) => return Err(errno),
        };
        let parent = Rc::new(directory);
        let entries = tree::entries(rustix::io::fcntl_dupfd_cloexec(&parent, 0)?)?;
        if let Some(seen) = seen {
            let name = |entry: &Entry| joined(below, &entry.name);
            seen.extend(entries.iter().map(|entry| (number, WatchEvent::Rename { name: name(entry) })));
        }
        let directories = entries
            .into_iter()
            .filter(|entry| matches!(entry.kind, EntryKind::Directory | EntryKind::Unknown));
        let found = directories.map(|entry| Found {
            parent: Rc::clone(&parent),
            below: joined(below, &entry.name),
            name: entry.name,
        });
        Ok(found.collect())
    }

    /// Adds a directory; anything else of that name is left alone. Answers what to add next.
    fn add_directory(
        &mut self,
        number: WatchId,
        found: &Found,
        seen: Option<&mut Seen>,
    ) -> Result<Vec<Found>> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = rustix::fs::openat(&found.parent, found.name.as_slice(), flags, Mode::empty());
        let Ok(place) = opened else { return Ok(Vec::new()) };
        match self.add(number, found.below.clone(), &place) {
            Ok(()) => self.scan(number, &found.below, &place, seen),
            Err(Errno::ACCESS | Errno::NOENT) => Ok(Vec::new()),
            Err(errno) => Err(errno),
        }
    }
}

/// Reports the entries of a directory as changed; a file has none.
pub fn list(number: WatchId, place: &OwnedFd, seen: &mut Seen) -> Result<()> {
    let Ok(directory) = rustix::fs::openat(place, ".", tree::ENTER, Mode::empty()) else { return Ok(()) };
    let entries = tree::entries(directory)?.into_iter();
    seen.extend(entries.map(|entry| (number, WatchEvent::Rename { name: entry.name })));
    Ok(())
}

/// A path below another.
pub fn joined(path: &[u8], name: &[u8]) -> Vec<u8> {
    if path.is_empty() { name.to_vec() } else { [path, b"/", name].concat() }
}
