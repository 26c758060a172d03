//! The table of leases: one inotify instance, what it watches, and which streams hold what. Used under one lock.

use std::{
    collections::{HashMap, VecDeque},
    fs,
    io::ErrorKind,
    os::fd::OwnedFd,
    path::Path,
    sync::Arc,
};

use inotify::{EventMask, Inotify, WatchDescriptor, WatchMask};
use tokio::sync::Notify;
use wire_protocol::{
    Position,
    leases::{Fact, LeaseId},
};

/// What a directory's watch says about an entry that has, or needs, a lease of its own.
const OF_ENTRY: EventMask = EventMask::ATTRIB;

/// Most leases held at one time; beyond it the oldest end.
const MOST: usize = 64 * 1024;

/// Number of a stream.
pub type StreamId = u64;

/// All leases, and who holds them.
#[derive(Debug)]
pub struct Table {
    /// None where the system has no instance left: nothing is ever leased then.
    inotify: Option<Inotify>,
    held: HashMap<LeaseId, Lease>,
    /// By age, with some that ended long ago.
    order: VecDeque<LeaseId>,
    most: usize,
    streams: HashMap<StreamId, Holder>,
    next_stream: StreamId,
    position: Position,
}

#[derive(Debug)]
struct Lease {
    watch: WatchDescriptor,
    holders: Vec<Holding>,
    /// Whether it is a directory with more names than are told unasked.
    is_large: bool,
}

#[derive(Debug)]
struct Holding {
    stream: StreamId,
    /// Whether the stream knows all names of the directory.
    listed: bool,
}

#[derive(Debug, Default)]
struct Holder {
    leases: usize,
    ended: Vec<LeaseId>,
    wake: Arc<Notify>,
}

/// What a frame is handed out with.
pub struct Stamp {
    /// Leases of the stream that ended and were not yet told of.
    pub ended: Vec<LeaseId>,
    /// The position reached.
    pub position: Position,
}

impl Table {
    /// None held yet. Without inotify none ever is.
    pub fn new() -> Self {
        let most = fs::read_to_string("/proc/sys/fs/inotify/max_user_watches")
            .ok()
            .and_then(|limit| limit.trim().parse().ok())
            .map_or(0, |limit: usize| (limit / 2).min(MOST));
        Self {
            inotify: Inotify::init().ok(),
            held: HashMap::new(),
            order: VecDeque::new(),
            most,
            streams: HashMap::new(),
            next_stream: 0,
            position: 0,
        }
    }

    /// A copy of the descriptor of the event queue, to wait by.
    pub fn copy_of_queue(&self) -> std::io::Result<Option<OwnedFd>> {
        let Some(inotify) = &self.inotify else { return Ok(None) };
        Ok(Some(rustix::io::fcntl_dupfd_cloexec(inotify, 0)?))
    }

    /// A stream begins. What ends is announced by the notice.
    pub fn enter(&mut self) -> (StreamId, Arc<Notify>) {
        self.next_stream += 1;
        let holder = Holder::default();
        let wake = Arc::clone(&holder.wake);
        self.streams.insert(self.next_stream, holder);
        (self.next_stream, wake)
    }

    /// A stream ends, and with it what only it held.
    pub fn leave(&mut self, stream: StreamId) {
        self.streams.remove(&stream);
        self.held.retain(|_, lease| {
            lease.holders.retain(|holding| holding.stream != stream);
            if lease.holders.is_empty() {
                unwatch(self.inotify.as_ref(), lease);
            }
            !lease.holders.is_empty()
        });
        self.order.retain(|id| self.held.contains_key(id));
    }

    /// The position reached.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Whether a lease stands.
    pub fn is_held(&self, lease: LeaseId) -> bool {
        self.held.contains_key(&lease)
    }

    /// Whether a stream knows what there is to know under a lease: of a directory, all its names.
    pub fn is_known(&self, stream: StreamId, lease: LeaseId, listed: bool) -> bool {
        let holdings = self.held.get(&lease).map_or(&[][..], |lease| &lease.holders);
        holdings.iter().any(|holding| holding.stream == stream && (holding.listed || !listed))
    }

    /// Whether a directory was found to be large.
    pub fn is_large(&self, lease: LeaseId) -> bool {
        self.held.get(&lease).is_some_and(|lease| lease.is_large)
    }

    /// Remembers that a directory is large.
    pub fn set_large(&mut self, lease: LeaseId) {
        if let Some(lease) = self.held.get_mut(&lease) {
            lease.is_large = true;
        }
    }

    /// Whether a stream holds any lease.
    pub fn holds_any(&self, stream: StreamId) -> bool {
        self.streams.get(&stream).is_some_and(|holder| holder.leases > 0)
    }

    /// Leases what is watched by this path and mask. `None`: its changes could not be seen.
    pub fn lease(&mut self, path: &Path, mask: WatchMask) -> Option<LeaseId> {
        if self.held.len() >= self.most {
            self.make_room();
        }
        // Added to what is watched already: should a name have come to lead to another kind of inode a moment ago,
        // nothing of that inode may be missed. An error (unreadable, gone, no watches left): nothing would be seen.
        let watch = self.inotify.as_ref()?.watches().add(path, mask | WatchMask::MASK_ADD).ok()?;
        let id = watch.get_watch_descriptor_id();
        self.held.entry(id).or_insert_with(|| {
            self.order.push_back(id);
            Lease { watch, holders: Vec::new(), is_large: false }
        });
        Some(id)
    }

    /// Ends the oldest leases. A limit of none leaves none.
    fn make_room(&mut self) {
        let room = self.most / 8 + 1;
        for _ in 0..room.min(self.order.len()) {
            if let Some(id) = self.order.pop_front() {
                self.end(id, true);
            }
        }
    }

    /// Takes in all events there are.
    pub fn drain(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let mut buffer = [0; 16 * 1024];
        loop {
            let Some(inotify) = &mut self.inotify else { return };
            let mut changed = Vec::new();
            let mut lost = false;
            match inotify.read_events(&mut buffer) {
                Ok(events) => {
                    for event in events {
                        lost |= event.mask.contains(EventMask::Q_OVERFLOW);
                        let of_entry =
                            event.name.is_some() && (event.mask - (EventMask::ISDIR | OF_ENTRY)).is_empty();
                        if !of_entry {
                            let gone = event.mask.intersects(EventMask::IGNORED);
                            changed.push((event.wd.get_watch_descriptor_id(), !gone));
                        }
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // Nothing can be seen any more.
                Err(_) => {
                    self.end_all();
                    self.inotify = None;
                    return;
                }
            }
            for (id, watched) in changed {
                self.end(id, watched);
            }
            if lost {
                self.end_all();
            }
        }
    }

    fn end_all(&mut self) {
        for id in self.held.keys().copied().collect::<Vec<_>>() {
            self.end(id, true);
        }
        self.order.clear();
    }

    /// Ends a lease. `watched`: the kernel still watches for it.
    fn end(&mut self, id: LeaseId, watched: bool) {
        let Some(lease) = self.held.remove(&id) else { return };
        self.position += 1;
        if watched {
            unwatch(self.inotify.as_ref(), &lease);
        }
        for holding in lease.holders {
            if let Some(holder) = self.streams.get_mut(&holding.stream) {
                holder.leases -= 1;
                holder.ended.push(id);
                holder.wake.notify_one();
            }
        }
    }

    /// What ended of a stream since it was told last.
    pub fn take_ended(&mut self, stream: StreamId) -> Stamp {
        let ended = self.streams.get_mut(&stream).map(|holder| std::mem::take(&mut holder.ended));
        Stamp { ended: ended.unwrap_or_default(), position: self.position }
    }

    /// A fact, if all leases it needs stand; the stream holds them from now on.
    pub fn vouch(&mut self, stream: StreamId, fact: Fact) -> Option<Fact> {
        match fact {
            Fact::Root { lease, .. }
            | Fact::Inode { lease, .. }
            | Fact::Rights { lease, .. }
            | Fact::Content { lease }
            | Fact::Opened { lease, .. }
            | Fact::Whole { lease, .. } => {
                self.hold(stream, lease, false)?;
                Some(fact)
            }
            Fact::Name { directory, leads, .. } => {
                self.hold(stream, directory, false)?;
                leads.map_or(Some(()), |lease| self.hold(stream, lease, false))?;
                Some(fact)
            }
            Fact::Listing { directory, mut names } => {
                self.hold(stream, directory, true)?;
                for name in &mut names {
                    // The name is still true where the inode has changed.
                    name.leads = name.leads.filter(|lease| self.hold(stream, *lease, false).is_some());
                }
                Some(Fact::Listing { directory, names })
            }
        }
    }

    fn hold(&mut self, stream: StreamId, id: LeaseId, listed: bool) -> Option<()> {
        let lease = self.held.get_mut(&id)?;
        if let Some(holding) = lease.holders.iter_mut().find(|holding| holding.stream == stream) {
            holding.listed |= listed;
        } else {
            self.streams.get_mut(&stream)?.leases += 1;
            lease.holders.push(Holding { stream, listed });
        }
        Some(())
    }
}

fn unwatch(inotify: Option<&Inotify>, lease: &Lease) {
    if let Some(inotify) = inotify {
        // EINVAL: the kernel dropped the watch itself, since the inode is gone.
        let _ = inotify.watches().remove(lease.watch.clone());
    }
}
