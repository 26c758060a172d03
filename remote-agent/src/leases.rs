//! Leases: the promise to tell of the first change of an inode, kept by one inotify instance for all streams.
//!
//! The kernel queues an event inside the call that makes the change. So whoever drains the queue to its end before
//! handing out anything (an answer, a process's output, its exit) has told of every change made before that. All of
//! it happens under one lock: a lease is entered with its watch, and what was learned under leases leaves only while
//! all of them still stand.

use std::{
    ffi::OsStr,
    os::{
        fd::{BorrowedFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use inotify::WatchMask;
use tokio::{
    io::{Interest, unix::AsyncFd},
    sync::Notify,
};
use wire_protocol::{
    Position,
    leases::{Fact, LeaseId},
};

pub use crate::lease_table::{Stamp, StreamId};
use crate::{lease_table::Table, metadata::proc_path};

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

/// The variable by which a test has changes that nobody waits for told so many milliseconds late. What comes with an
/// answer, an output or an exit is never late: no read may depend on the notices alone.
const SLOW_NOTICES: &str = "PII_SLOW_NOTICES";

/// All leases of the agent.
#[derive(Debug)]
pub struct Leases {
    table: Mutex<Table>,
}

/// A fact that was learned by a name.
#[derive(Debug)]
pub struct Learned {
    /// The fact.
    pub fact: Fact,
    /// The directory the name was found in: were it changed while the fact was made, the fact may be about two inodes.
    pub under: Option<LeaseId>,
}

impl Leases {
    /// None held yet. Without inotify none ever is.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { table: Mutex::new(Table::new()) })
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
        let Some(fd) = self.table().copy_of_queue()? else { return Ok(None) };
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
        self.table().enter()
    }

    /// A stream ends, and with it what only it held.
    pub fn leave(&self, stream: StreamId) {
        self.table().leave(stream);
    }

    /// The position reached.
    pub fn position(&self) -> Position {
        self.table().position()
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
        self.table().is_known(stream, lease, listed)
    }

    /// Whether a directory was found to be large.
    pub fn is_large(&self, lease: LeaseId) -> bool {
        self.table().is_large(lease)
    }

    /// Remembers that a directory is large, as long as it does not change.
    pub fn set_large(&self, lease: LeaseId) {
        self.table().set_large(lease);
    }

    /// Whether a stream holds any lease.
    pub fn holds_any(&self, stream: StreamId) -> bool {
        self.table().holds_any(stream)
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
        let vouched = |Learned { fact, under }| {
            if under.is_none_or(|id| table.is_held(id)) { table.vouch(stream, fact) } else { None }
        };
        let facts = learned.into_iter().filter_map(vouched).collect();
        let stamp = table.take_ended(stream);
        hand_out(stamp, facts)
    }
}
