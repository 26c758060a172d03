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
    files::{FileCall, FileReply},
    leases::{Fact, LEASE, LeaseId},
};

use crate::{known, mirror::Mirror, platform};

/// What this process knows of the remote's disk.
pub struct Cache {
    mirror: Mutex<Mirror>,
    /// Until when it may be used, in nanoseconds of [`platform::clock`].
    fresh_until: AtomicU64,
    heard: Notify,
    /// Whether anything is to be learned.
    enabled: bool,
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
        }
    }

    /// Whether the answer to a call may be kept.
    pub fn wants(&self, call: &FileCall) -> bool {
        self.enabled
            && matches!(
                call,
                FileCall::Stat { .. }
                    | FileCall::Access { .. }
                    | FileCall::ReadDirectory { .. }
                    | FileCall::RealPath { .. }
                    | FileCall::ReadLink { .. }
                    | FileCall::ReadFile { flags: 0, .. }
            )
    }

    /// The answer to a call, if it is known and may be used.
    pub fn answer(&self, call: &FileCall) -> Option<Result<FileReply, WireError>> {
        if !self.wants(call) || nanoseconds(platform::clock()) > self.fresh_until.load(Ordering::Acquire) {
            return None;
        }
        self.mirror.lock().answer(call)
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

    /// Takes in what was learned with an answer.
    pub fn learn(&self, facts: Vec<Fact>, outcome: &Result<FileReply, WireError>) {
        let content = match outcome {
            Ok(FileReply::Content { data, more: false, .. }) => Some(data.as_slice()),
            _ => None,
        };
        self.mirror.lock().learn(facts, content);
    }

    /// Forgets what leases that ended were about.
    pub fn end(&self, leases: &[LeaseId]) {
        self.mirror.lock().end(leases);
        known::changed();
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
