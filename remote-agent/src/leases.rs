//! Leases: the promise to tell of the first change of an inode, kept by one inotify instance for all streams.
//!
//! The kernel queues an event inside the call that makes the change. So whoever drains the queue to its end before
//! handing out anything (an answer, a process's output, its exit) has told of every change made before that. All of
//! it happens under one lock: a lease is entered with its watch, and what was learned under leases leaves only while
//! all of them still stand.

use std::{
    collections::{HashMap, VecDeque},
    ffi::OsStr,
    fs,
    io::ErrorKind,
    os::{
        fd::{BorrowedFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use inotify::{EventMask, Inotify, WatchDescriptor, WatchMask};
use tokio::{
    io::{Interest, unix::AsyncFd},
    sync::Notify,
};
use wire_protocol::{
    Position,
    leases::{Fact, LeaseId},
};

use crate::metadata::proc_path;

/// Changes of a directory: of its names, and of its own metadata.
const OF_DIRECTORY: WatchMask = WatchMask::ATTRIB
    .union(WatchMask::CREATE)
    .union(WatchMask::DELETE)
    .union(WatchMask::MOVED_FROM)
    .union(WatchMask::MOVED_TO)
    .union(WatchMask::DELETE_SELF)
    .union(WatchMask::MOVE_SELF);

/// Changes of anything else. What was written through a shared mapping shows when the file is closed.
const OF_FILE: WatchMask = WatchMask::ATTRIB
    .union(WatchMask::MODIFY)
    .union(WatchMask::CLOSE_WRITE)
    .union(WatchMask::DELETE_SELF)
    .union(WatchMask::MOVE_SELF);

/// What a directory's watch says about an entry that has, or needs, a lease of its own.
const OF_ENTRY: EventMask = EventMask::ATTRIB;

/// Most leases held at one time; beyond it the oldest end.
const MOST: usize = 64 * 1024;

/// The variable by which a test has changes that nobody waits for told so many milliseconds late. What comes with an
/// answer, an output or an exit is never late: no read may depend on the notices alone.
const SLOW_NOTICES: &str = "PII_SLOW_NOTICES";

/// Number of a stream.
pub type StreamId = u64;

/// All leases of the agent.
#[derive(Debug)]
pub struct Leases {
    table: Mutex<Table>,
}

#[derive(Debug)]
struct Table {
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

/// A fact that was learned by a name.
#[derive(Debug)]
pub struct Learned {
    /// The fact.
    pub fact: Fact,
    /// The directory the name was found in: were it changed while the fact was made, the fact may be about two inodes.
    pub under: Option<LeaseId>,
}

/// What a frame is handed out with.
pub struct Stamp {
    /// Leases of the stream that ended and were not yet told of.
    pub ended: Vec<LeaseId>,
    /// The position reached.
    pub position: Position,
}

impl Leases {
    /// None held yet. Without inotify none ever is.
    pub fn new() -> Arc<Self> {
        let most = fs::read_to_string("/proc/sys/fs/inotify/max_user_watches")
            .ok()
            .and_then(|limit| limit.trim().parse().ok())
            .map_or(0, |limit: usize| (limit / 2).min(MOST));
        let table = Table {
            inotify: Inotify::init().ok(),
            held: HashMap::new(),
            order: VecDeque::new(),
            most,
            streams: HashMap::new(),
            next_stream: 0,
            position: 0,
        };
        Arc::new(Self { table: Mutex::new(table) })
    }

    /// Tells streams of changes as they come, also while nothing else is said.
    pub async fn publish(self: Arc<Self>) -> std::io::Result<()> {
        let Some(events) = self.events()? else { return Ok(()) };
        let slowed =
            std::env::var(SLOW_NOTICES).ok().and_then(|text| text.parse().ok()).map(Duration::from_millis);
        loop {
            events.readable().await?.clear_ready();
            if let Some(time) = slowed {
                tokio::time::sleep(time).await;
            }
            self.table().drain();
        }
    }

    /// A descriptor of its own to wait for events by; the instance itself is used under the lock.
    fn events(&self) -> std::io::Result<Option<AsyncFd<OwnedFd>>> {
        let table = self.table();
        let Some(inotify) = &table.inotify else { return Ok(None) };
        let fd = rustix::io::fcntl_dupfd_cloexec(inotify, 0)?;
        #[allow(unsafe_code, reason = "tokio leaves it to its caller that the descriptor stays open")]
        // SAFETY: AsyncFd owns the descriptor, which is closed when it is dropped only.
        let events = unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) };
        Ok(Some(events?))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A stream begins. What ends while nothing else is said to it is announced by the notice.
    pub fn enter(&self) -> (StreamId, Arc<Notify>) {
        let mut table = self.table();
        table.next_stream += 1;
        let stream = table.next_stream;
        let holder = Holder::default();
        let wake = Arc::clone(&holder.wake);
        table.streams.insert(stream, holder);
        (stream, wake)
    }

    /// A stream ends, and with it what only it held.
    pub fn leave(&self, stream: StreamId) {
        let mut table = self.table();
        table.streams.remove(&stream);
        let table = &mut *table;
        table.held.retain(|_, lease| {
            lease.holders.retain(|holding| holding.stream != stream);
            if lease.holders.is_empty() {
                unwatch(table.inotify.as_ref(), lease);
            }
            !lease.holders.is_empty()
        });
        table.order.retain(|id| table.held.contains_key(id));
    }

    /// The position reached.
    pub fn position(&self) -> Position {
        self.table().position
    }

    /// Leases a directory. `None`: its changes could not be seen.
    pub fn lease_directory(&self, directory: BorrowedFd<'_>) -> Option<LeaseId> {
        self.table().lease(&proc_path(directory), OF_DIRECTORY)
    }

    /// Leases what a name in a directory leads to, a link itself. `None`: its changes could not be seen.
    pub fn lease_entry(&self, directory: BorrowedFd<'_>, name: &[u8], is_directory: bool) -> Option<LeaseId> {
        let mask = if is_directory { OF_DIRECTORY } else { OF_FILE };
        let path = proc_path(directory).join(OsStr::from_bytes(name));
        self.table().lease(&path, mask | WatchMask::DONT_FOLLOW)
    }

    /// Whether a stream knows what there is to know under a lease: of a directory, all its names.
    pub fn is_known(&self, stream: StreamId, lease: LeaseId, listed: bool) -> bool {
        let table = self.table();
        let holdings = table.held.get(&lease).map_or(&[][..], |lease| &lease.holders);
        holdings.iter().any(|holding| holding.stream == stream && (holding.listed || !listed))
    }

    /// Whether a directory was found to be large.
    pub fn is_large(&self, lease: LeaseId) -> bool {
        self.table().held.get(&lease).is_some_and(|lease| lease.is_large)
    }

    /// Remembers that a directory is large, as long as it does not change.
    pub fn set_large(&self, lease: LeaseId) {
        if let Some(lease) = self.table().held.get_mut(&lease) {
            lease.is_large = true;
        }
    }

    /// Whether a stream holds any lease.
    pub fn holds_any(&self, stream: StreamId) -> bool {
        self.table().streams.get(&stream).is_some_and(|holder| holder.leases > 0)
    }

    /// Takes in all changes made until now: what they concern is leased no longer.
    pub fn catch_up(&self) {
        self.table().drain();
    }

    /// Hands a frame out: all changes made until now are told of with it or before it.
    pub fn stamp<T>(&self, stream: StreamId, hand_out: impl FnOnce(Stamp) -> T) -> T {
        let mut table = self.table();
        table.drain();
        let stamp = table.take_ended(stream);
        hand_out(stamp)
    }

    /// The same with what was learned: what lost a lease meanwhile is left out, for the rest the stream now holds
    /// the leases.
    pub fn stamp_facts<T>(
        &self,
        stream: StreamId,
        learned: Vec<Learned>,
        hand_out: impl FnOnce(Stamp, Vec<Fact>) -> T,
    ) -> T {
        let mut table = self.table();
        table.drain();
        let stands =
            |table: &Table, under: Option<LeaseId>| under.is_none_or(|id| table.held.contains_key(&id));
        let facts = learned
            .into_iter()
            .filter_map(
                |Learned { fact, under }| {
                    if stands(&table, under) { table.vouch(stream, fact) } else { None }
                },
            )
            .collect();
        let stamp = table.take_ended(stream);
        hand_out(stamp, facts)
    }
}

impl Table {
    fn lease(&mut self, path: &Path, mask: WatchMask) -> Option<LeaseId> {
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
    fn drain(&mut self) {
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

    fn take_ended(&mut self, stream: StreamId) -> Stamp {
        let ended = self.streams.get_mut(&stream).map(|holder| std::mem::take(&mut holder.ended));
        Stamp { ended: ended.unwrap_or_default(), position: self.position }
    }

    /// A fact, if all leases it needs stand; the stream holds them from now on.
    fn vouch(&mut self, stream: StreamId, fact: Fact) -> Option<Fact> {
        match fact {
            Fact::Root { lease, .. }
            | Fact::Inode { lease, .. }
            | Fact::Rights { lease, .. }
            | Fact::Content { lease }
            | Fact::Opened { lease, .. } => {
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
