//! Cancelling a call: whoever settles it first, the thread that does it or the frame that cancels it, decides.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;
use wire_protocol::{CallId, files::FileCall};

/// A call that is waiting or being done.
#[derive(Debug, Default)]
pub struct Pending {
    settled: AtomicBool,
    cancelled: Notify,
}

impl Pending {
    /// Settles the call. False if that was done before: the other side's word counts.
    pub fn settle(&self) -> bool {
        !self.settled.swap(true, Ordering::AcqRel)
    }

    /// Whether somebody has settled it.
    pub fn is_settled(&self) -> bool {
        self.settled.load(Ordering::Acquire)
    }

    /// Waits until the call is settled by being cancelled.
    pub async fn cancelled(&self) {
        self.cancelled.notified().await;
    }

    fn cancel(&self) {
        if self.settle() {
            self.cancelled.notify_one();
        }
    }
}

/// Whether a call may be left in the middle: it looks, waits or opens, and changes no file's content. Once begun, any
/// other is done to its end, so that nothing is written after its caller heard that it was cancelled.
pub fn may_be_left(call: &FileCall) -> bool {
    matches!(
        call,
        FileCall::Open { .. }
            | FileCall::Read { .. }
            | FileCall::ReadFile { .. }
            | FileCall::Fstat { .. }
            | FileCall::Fsync { .. }
    )
}

/// The calls of a stream that are not answered.
#[derive(Debug, Default)]
pub struct Calls {
    pending: Mutex<HashMap<CallId, Arc<Pending>>>,
}

impl Calls {
    /// Notes a call, until [`Calls::answered`].
    pub fn begun(&self, id: CallId) -> Arc<Pending> {
        let pending = Arc::<Pending>::default();
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&pending));
        pending
    }

    /// Forgets a call.
    pub fn answered(&self, id: CallId) {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// Cancels a call. One that is answered needs none.
    pub fn cancel(&self, id: CallId) {
        if let Some(pending) = self.pending.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
            pending.cancel();
        }
    }
}
