//! The cache: what is known, and whether it may be used now.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::sync::Notify;
use wire_protocol::{
    WireError,
    files::{Descriptor, FileCall, FileReply},
    leases::{Fact, LEASE, LeaseId},
};

use crate::{
    ahead::{Begun, Done, OpenFile, Part},
    known,
    mirror::{FileId, Mirror},
    platform,
    start::Start,
};

/// What this process knows of the remote's disk.
pub struct Cache {
    mirror: Mutex<Mirror>,
    /// Until when it may be used, in nanoseconds of [`platform::clock`].
    fresh_until: AtomicU64,
    heard: Notify,
    /// Whether anything is to be learned.
    enabled: bool,
    /// The program's start.
    pub start: Start,
}

impl Cache {
    /// Knows nothing, keeps contents up to so many bytes; with none, nothing is ever learned.
    pub fn new(max_bytes: u64) -> Self {
        let most = usize::try_from(max_bytes).unwrap_or(usize::MAX);
        Self {
            mirror: Mutex::new(Mirror::new(most)),
            fresh_until: AtomicU64::new(0),
            heard: Notify::new(),
            enabled: max_bytes > 0,
            start: Start::default(),
        }
    }

    /// Whether anything is to be learned at all.
    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// Whether the answer to a call is to tell what may be kept.
    pub fn wants(&self, call: &FileCall) -> bool {
        self.enabled && (looks(call) || call.changes()[0].is_some())
    }

    /// The answer to a call, if it is known and may be used.
    pub fn answer(&self, call: &FileCall) -> Option<Result<FileReply, WireError>> {
        if !may_be_known(call) || !self.is_fresh() {
            return None;
        }
        let answer = self.mirror.lock().answer(call);
        if let Some(outcome) = &answer
            && looks(call)
        {
            self.start.note(call, outcome);
        }
        answer
    }

    /// The same, waiting for what was asked for when the program started.
    pub fn answer_soon(&self, call: &FileCall) -> Option<Result<FileReply, WireError>> {
        if !looks(call) {
            return self.answer(call);
        }
        self.start.wait_for(|| self.answer(call))
    }

    /// Whether what is known may be told.
    fn is_fresh(&self) -> bool {
        self.enabled && nanoseconds(platform::clock()) <= self.fresh_until.load(Ordering::Acquire)
    }

    /// Reads an open file, ahead of what is asked for. Gives `done` back where it may not.
    pub fn read(
        &self,
        descriptor: Descriptor,
        position: Option<u64>,
        length: u32,
        done: Done,
    ) -> Result<Begun, Done> {
        if self.is_fresh() { self.mirror.lock().read(descriptor, position, length, done) } else { Err(done) }
    }

    /// Takes a part of an open file that was asked for, and gives back whom to tell what. `None` where the file may
    /// not be told of any more.
    pub fn arrived(
        &self,
        descriptor: Descriptor,
        part: Part,
        data: Option<Vec<u8>>,
    ) -> Option<Vec<(Done, Vec<u8>)>> {
        self.mirror.lock().arrived(descriptor, part, data)
    }

    /// A write begins that the program takes to be done: what was kept of the file is told no more until it is.
    pub fn begin_write(&self, file: FileId) {
        self.mirror.lock().begin_write(file);
        known::changed();
    }

    /// It is done, and the ends of the file's leases came before.
    pub fn end_write(&self, file: FileId) {
        self.mirror.lock().end_write(file);
    }

    /// An open file is used by the agent from now on. Whatever else concerns it waits for `resume`.
    pub fn let_go(&self, descriptor: Descriptor, resume: impl FnOnce(OpenFile)) {
        let mut mirror = self.mirror.lock();
        if let Some(file) = mirror.let_go(descriptor) {
            resume(file);
        }
    }

    /// Something came from the agent.
    pub fn heard(&self) {
        self.fresh_until.store(nanoseconds(platform::clock() + LEASE), Ordering::Release);
        self.heard.notify_one();
    }

    /// Has those forget who keep answers outside, whenever nothing was heard for the time of a lease.
    pub async fn watch_silence(&self) -> Infallible {
        loop {
            self.heard.notified().await;
            while let left @ 1.. =
                self.fresh_until.load(Ordering::Acquire).saturating_sub(nanoseconds(platform::clock()))
            {
                tokio::time::sleep(Duration::from_nanos(left)).await;
            }
            known::changed();
        }
    }

    /// Takes in what was learned with the answer to a call.
    pub fn learn(&self, facts: Vec<Fact>, call: &FileCall, outcome: &Result<FileReply, WireError>) {
        let content = match (call, outcome) {
            (_, Ok(FileReply::Content { data, more: false, .. }))
            | (FileCall::WriteFile { data, .. }, Ok(_)) => Some(data.as_slice()),
            _ => None,
        };
        self.mirror.lock().learn(facts, content);
        if looks(call) {
            self.start.note(call, outcome);
        }
    }

    /// Forgets what leases that ended were about.
    pub fn end(&self, leases: &[LeaseId]) {
        self.mirror.lock().end(leases);
        known::changed();
    }
}

fn looks(call: &FileCall) -> bool {
    call.looks_at().is_some()
}

/// Whether a call may be answered from what is known: it looks at a path or at an open file, or makes what may be there.
fn may_be_known(call: &FileCall) -> bool {
    let other = matches!(
        call,
        FileCall::Fstat { .. }
            | FileCall::Read { .. }
            | FileCall::Close { .. }
            | FileCall::MakeDirectory { recursive: true, .. }
    );
    other || looks(call)
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
