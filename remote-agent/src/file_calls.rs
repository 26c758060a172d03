//! The file calls of a stream: queued by their descriptors, done on threads that may block, answered in any order.

use std::sync::Arc;

use rustix::io::Errno;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wire_protocol::{
    CallId, Position, Reply,
    files::{FileCall, FileReply},
};

use crate::{
    cancel::{Calls, Pending},
    descriptors::{Descriptors, Turn},
    files,
    learn::Learner,
    leases::Learned,
    outgoing::{Gone, Outgoing},
};

/// File calls done side by side; more wait in the socket. Bounds the memory, since each may carry a chunk.
const SIDE_BY_SIDE: usize = 64;

/// The file calls of a stream.
#[derive(Debug, Clone)]
pub struct FileCalls {
    learner: Learner,
    descriptors: Arc<Descriptors>,
    calls: Arc<Calls>,
    permits: Arc<Semaphore>,
    outgoing: Outgoing,
}

impl FileCalls {
    /// None yet.
    pub fn new(learner: Learner, descriptors: Arc<Descriptors>, outgoing: Outgoing) -> Self {
        let permits = Arc::new(Semaphore::new(SIDE_BY_SIDE));
        Self { learner, descriptors, calls: Arc::default(), permits, outgoing }
    }

    /// Does a call beside others. `learns`: its answer is to tell what may be kept.
    pub async fn begin(&self, id: CallId, call: FileCall, learns: bool) -> Result<(), Gone> {
        let (work, turn) = self.work(id, call, learns).await?;
        tokio::spawn(self.clone().finish(id, work, turn));
        Ok(())
    }

    /// Does a call before anything that follows it.
    pub async fn first(&self, id: CallId, call: FileCall) -> Result<(), Gone> {
        let (work, turn) = self.work(id, call, false).await?;
        self.clone().finish(id, work, turn).await;
        Ok(())
    }

    /// Does calls one after another, so that none tells what one before has told; the first is answered under `id`,
    /// the next under the one after.
    pub fn recall(&self, id: CallId, calls: Vec<FileCall>) {
        let of_stream = self.clone();
        tokio::spawn(async move {
            for (id, call) in (id..).zip(calls) {
                let Ok((work, turn)) = of_stream.work(id, call, true).await else { return };
                of_stream.clone().finish(id, work, turn).await;
            }
        });
    }

    /// The answer to this call is no longer wanted.
    pub fn cancel(&self, id: CallId) {
        self.calls.cancel(id);
    }

    /// Takes a call's place among all.
    async fn work(&self, id: CallId, call: FileCall, learns: bool) -> Result<(Work, Turn), Gone> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| Gone)?;
        let turn = self.descriptors.queue(&call).await;
        let work = Work {
            learner: self.learner.clone(),
            learns,
            descriptors: Arc::clone(&self.descriptors),
            call,
            permit,
            pending: self.calls.begun(id),
        };
        Ok((work, turn))
    }

    async fn finish(self, id: CallId, work: Work, turn: Turn) {
        let Outcome { position, result, learned, permit } = work.answer(turn, &self.outgoing).await;
        self.calls.answered(id);
        // An error means that the stream has ended.
        let _ = match learned {
            Some(learned) => self.outgoing.answer_learned(id, result, learned).await,
            None => self.outgoing.answer(id, position, result.map(Reply::Files)).await,
        };
        drop(permit);
    }
}

/// One call to be done.
struct Work {
    learner: Learner,
    learns: bool,
    descriptors: Arc<Descriptors>,
    call: FileCall,
    permit: OwnedSemaphorePermit,
    pending: Arc<Pending>,
}

/// What came of it.
struct Outcome {
    position: Position,
    result: Result<FileReply, Errno>,
    /// `Some` where it was to tell more.
    learned: Option<Vec<Learned>>,
    /// Kept until the answer is queued, which may hold a chunk.
    permit: Option<OwnedSemaphorePermit>,
}

impl Work {
    /// Its outcome, or ECANCELED as soon as it is cancelled.
    async fn answer(self, turn: Turn, outgoing: &Outgoing) -> Outcome {
        let pending = Arc::clone(&self.pending);
        let position = outgoing.position();
        let learned = self.learns.then(Vec::new);
        let failed = |errno| Outcome { position, result: Err(errno), learned, permit: None };
        tokio::select! {
            outcome = self.done(turn, outgoing) => outcome.unwrap_or_else(failed),
            () = pending.cancelled() => failed(Errno::CANCELED),
        }
    }

    /// Does it on a thread that may block. The thread has the permit, since after a cancellation it may go on.
    async fn done(self, turn: Turn, outgoing: &Outgoing) -> Result<Outcome, Errno> {
        let held = turn.come().await.map_err(|_| Errno::BADF)?;
        // What is read is true at the position reached before: a change during the read comes later.
        let position = outgoing.position();
        let perform = move || {
            let roots = &self.learner.roots;
            let perform = |call| files::perform(roots, &self.descriptors, call, held, &self.pending);
            let (result, learned) = if self.learns {
                let (result, learned) = self.learner.attend(self.call, perform);
                (result, Some(learned))
            } else {
                (perform(self.call), None)
            };
            Outcome { position, result, learned, permit: Some(self.permit) }
        };
        tokio::task::spawn_blocking(perform).await.map_err(|_| Errno::IO)
    }
}
