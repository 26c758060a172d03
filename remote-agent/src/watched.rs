//! What is watched, and what an event of the kernel means for it.
//!
//! The meaning is libuv's: a change of content or metadata is Change, all else Rename; an event without a name
//! has the watched path's last component. One inode has one number in an inotify instance however often it is
//! watched, so each number leads to a list of watches. After an overflow of the kernel's queue events are lost
//! without a trace: each watch then reports all that is there, so that whoever looks again misses nothing but
//! removals, and a recursive watch finds the new directories.

mod below;

use std::{
    collections::HashMap,
    ffi::OsStr,
    os::{
        fd::{AsFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    rc::Rc,
    sync::Arc,
};

use inotify::{Event, EventMask, WatchDescriptor, WatchMask, Watches};
use rustix::io::{Errno, Result};
use wire_protocol::watch::{WatchEvent, WatchId};

use self::below::{Found, joined, list};
use crate::{errno, metadata::proc_path, path::basename, polled::Polled, roots::Roots, served_root::Intent};

/// The mask of libuv's `uv_fs_event_start`.
const MASK: WatchMask = WatchMask::ATTRIB
    .union(WatchMask::CREATE)
    .union(WatchMask::MODIFY)
    .union(WatchMask::DELETE)
    .union(WatchMask::DELETE_SELF)
    .union(WatchMask::MOVE_SELF)
    .union(WatchMask::MOVED_FROM)
    .union(WatchMask::MOVED_TO);

/// One watch as it was asked for.
#[derive(Debug)]
struct Watch {
    path: Vec<u8>,
    recursive: bool,
}

/// One watch's interest in an inode: `below` is the path from the watched directory to it, empty for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interest {
    /// The watch.
    pub watch: WatchId,
    /// The path below what it watches.
    pub below: Vec<u8>,
}

/// All watches of an inotify instance.
pub struct Watched {
    roots: Arc<Roots>,
    kernel: Watches,
    watches: HashMap<WatchId, Watch>,
    interests: HashMap<WatchDescriptor, Vec<Interest>>,
    polled: Polled,
}

/// Events for the program's side, in order.
pub type Seen = Vec<(WatchId, WatchEvent)>;

impl Watched {
    /// Nothing is watched yet.
    pub fn new(roots: Arc<Roots>, kernel: Watches) -> Self {
        Self { roots, kernel, watches: HashMap::new(), interests: HashMap::new(), polled: Polled::default() }
    }

    /// Watches a path from now on. Fails as opening it or inotify_add_watch does; where the kernel has no watches left,
    /// it is to be looked at by [`Watched::look`].
    pub fn start(&mut self, number: WatchId, path: Vec<u8>, recursive: bool) -> Result<()> {
        let place = self.roots.find(&path, true, Intent::Look)?.file;
        self.watches.insert(number, Watch { path, recursive });
        let started = self
            .add(number, Vec::new(), &place)
            .and_then(|()| if recursive { self.add_below(number, &place, None) } else { Ok(()) });
        if started.is_err() {
            self.stop(number);
        }
        started
    }

    /// Ends a watch.
    pub fn stop(&mut self, number: WatchId) {
        self.watches.remove(&number);
        self.drop_interests(|interest| interest.watch == number);
    }

    fn add(&mut self, watch: WatchId, below: Vec<u8>, place: &OwnedFd) -> Result<()> {
        let interest = Interest { watch, below };
        let wd = match self.kernel.add(proc_path(place.as_fd()), MASK).map_err(|error| errno::of_io(&error)) {
            Ok(wd) => wd,
            Err(Errno::NOSPC) => return self.polled.add(interest, place),
            Err(errno) => return Err(errno),
        };
        let interests = self.interests.entry(wd).or_default();
        if !interests.contains(&interest) {
            interests.push(interest);
        }
        Ok(())
    }

    /// Takes in one event of the kernel.
    pub fn see(&mut self, event: Event<&OsStr>, seen: &mut Seen) {
        if event.mask.contains(EventMask::Q_OVERFLOW) {
            return self.look_again(seen);
        }
        let name = event.name.map(OsStr::as_bytes);
        let Some(interests) = self.interests.get(&event.wd) else { return };
        let mut moved = Vec::new();
        for Interest { watch, below } in interests {
            let Some(path) = self.watches.get(watch).map(|watch| &watch.path) else { continue };
            let name = match name {
                Some(name) => joined(below, name),
                None if below.is_empty() => basename(path).to_vec(),
                // The directory above reports the same by name.
                None => continue,
            };
            if event.mask.contains(EventMask::ISDIR) && event.name.is_some() {
                moved.push((*watch, name.clone()));
            }
            let changes = EventMask::ATTRIB | EventMask::MODIFY;
            // Any other bit makes it Rename, even that it is a directory whose mode was changed.
            let event = match event.mask.intersects(!changes) {
                true => WatchEvent::Rename { name },
                false => WatchEvent::Change { name },
            };
            seen.push((*watch, event));
        }
        if event.mask.contains(EventMask::IGNORED) {
            self.interests.remove(&event.wd);
        }
        for (watch, name) in moved {
            if event.mask.contains(EventMask::MOVED_FROM) {
                let within = joined(&name, b"");
                self.drop_interests(|interest| {
                    interest.watch == watch && (interest.below == name || interest.below.starts_with(&within))
                });
            }
            if event.mask.intersects(EventMask::CREATE | EventMask::MOVED_TO) {
                self.enter(watch, name, seen);
            }
        }
    }

    /// A directory has appeared below a watch: a recursive one goes on in it.
    fn enter(&mut self, number: WatchId, below: Vec<u8>, seen: &mut Seen) {
        let Some(watch) = self.watches.get(&number).filter(|watch| watch.recursive) else { return };
        let name = basename(&below).to_vec();
        let parent = joined(&watch.path, &below[..below.len() - name.len()]);
        let Ok(parent) = self.roots.find_directory(&parent) else { return };
        let found = Found { parent: Rc::new(parent.file), below, name };
        if let Err(errno) = self.add_all(number, vec![found], Some(seen)) {
            self.fail(number, errno, seen);
        }
    }

    /// Whether [`Watched::look`] has anything to look at.
    pub fn is_polling(&self) -> bool {
        !self.polled.is_empty()
    }

    /// Looks at what the kernel does not watch.
    pub fn look(&mut self, seen: &mut Seen) {
        for (Interest { watch, below }, event) in self.polled.look() {
            let Some(path) = self.watches.get(&watch).map(|watch| watch.path.clone()) else { continue };
            let whole = |name: Vec<u8>| match name.is_empty() {
                false => joined(&below, &name),
                true if below.is_empty() => basename(&path).to_vec(),
                true => below.clone(),
            };
            match event {
                WatchEvent::Rename { name } => {
                    let appeared = !name.is_empty();
                    let name = whole(name);
                    seen.push((watch, WatchEvent::Rename { name: name.clone() }));
                    if appeared {
                        self.enter(watch, name, seen);
                    }
                }
                WatchEvent::Change { name } => seen.push((watch, WatchEvent::Change { name: whole(name) })),
                failed @ WatchEvent::Failed { .. } => seen.push((watch, failed)),
            }
        }
    }

    fn fail(&mut self, number: WatchId, errno: Errno, seen: &mut Seen) {
        self.stop(number);
        seen.push((number, WatchEvent::Failed { code: errno::name(errno) }));
    }

    /// Events were lost: report all that is there.
    fn look_again(&mut self, seen: &mut Seen) {
        let numbers: Vec<WatchId> = self.watches.keys().copied().collect();
        for number in numbers {
            let Some(watch) = self.watches.get(&number) else { continue };
            let (path, recursive) = (watch.path.clone(), watch.recursive);
            seen.push((number, WatchEvent::Change { name: basename(&path).to_vec() }));
            let Ok(place) = self.roots.find(&path, true, Intent::Look) else { continue };
            let looked = if recursive {
                self.add_below(number, &place.file, Some(seen))
            } else {
                list(number, &place.file, seen)
            };
            if let Err(errno) = looked {
                self.fail(number, errno, seen);
            }
        }
    }

    /// Drops interests, and the kernel's watches that nobody is interested in any more.
    fn drop_interests(&mut self, drop: impl Fn(&Interest) -> bool) {
        self.polled.drop_interests(&drop);
        let kernel = &mut self.kernel;
        self.interests.retain(|wd, interests| {
            interests.retain(|interest| !drop(interest));
            if interests.is_empty() {
                // EINVAL: the kernel dropped it itself, since the inode is gone.
                let _ = kernel.remove(wd.clone());
            }
            !interests.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use inotify::Inotify;

    use super::*;
    use crate::{
        roots::Resolver,
        served_root::{Rights, ServedRoot},
    };

    #[test]
    fn after_an_overflow_all_that_is_there_is_reported() {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().canonicalize().unwrap().into_os_string().into_encoded_bytes();
        let root = ServedRoot::open(&path, Rights::Change).unwrap();
        let inotify = Inotify::init().unwrap();
        let roots = Arc::new(Roots::new(vec![root], Resolver::detect()));
        let mut watched = Watched::new(roots, inotify.watches());
        watched.start(1, path.clone(), true).unwrap();
        watched.start(2, path.clone(), false).unwrap();
        fs::create_dir(directory.path().join("new")).unwrap();
        fs::write(directory.path().join("new/file"), "").unwrap();
        let mut seen = Vec::new();
        watched.look_again(&mut seen);
        let renamed = |watch, name: &str| (watch, WatchEvent::Rename { name: name.as_bytes().to_vec() });
        for expected in [renamed(1, "new"), renamed(1, "new/file"), renamed(2, "new")] {
            assert!(seen.contains(&expected), "{expected:?} is missing in {seen:?}");
        }
        assert!(!seen.contains(&renamed(2, "new/file")));
        let below: Vec<_> = watched.interests.values().flatten().map(|interest| &interest.below).collect();
        assert!(below.contains(&&b"new".to_vec()), "the new directory is watched: {below:?}");
        watched.stop(1);
        watched.stop(2);
        assert!(watched.interests.is_empty());
    }
}
