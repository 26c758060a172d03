//! One stream: frames in, calls done side by side, frames out.

use std::{convert::Infallible, sync::Arc};

use rustix::io::Errno;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    sync::{Notify, OwnedSemaphorePermit, Semaphore, watch},
};
use wire_protocol::{
    Call, CallId, Position, Reply, ToAgent, codec,
    files::{FileCall, FileReply},
    leases::SIGN_OF_LIFE,
};

use crate::{
    cancel::{Calls, Pending},
    descriptors::{Descriptors, Turn},
    files,
    learn::Learner,
    leases::{Learned, Leases, StreamId},
    outgoing::{self, Gone, Outgoing},
    process::Message,
    processes::{Ground, Processes},
    roots::Roots,
    server::Agent,
    watch::Watches,
};

/// File calls done side by side; more wait in the socket. Bounds the memory, since each may carry a chunk.
const FILE_CALLS: usize = 64;

/// Bytes read from the socket at a time.
const READ: usize = 64 * 1024;

/// Serves a stream until its other end closes it. `alive` is held as long as anything of it is left.
pub async fn serve(
    io: impl AsyncRead + AsyncWrite + Send + 'static,
    agent: Arc<Agent>,
    alive: watch::Receiver<()>,
) {
    let (mut input, output) = tokio::io::split(io);
    let (number, ended) = agent.leases.enter();
    let (outgoing, frames) = Outgoing::new(Arc::clone(&agent.leases), number);
    let writer = tokio::spawn(outgoing::write(output, frames));
    let ground = Ground {
        roots: Arc::clone(&agent.roots),
        children: Arc::clone(&agent.children),
        kept: Arc::clone(&agent.kept),
        login: agent.login.clone(),
    };
    let descriptors = Arc::<Descriptors>::default();
    let learner =
        Learner { roots: Arc::clone(&agent.roots), leases: Arc::clone(&agent.leases), stream: number };
    let mut stream = Stream {
        learner,
        roots: Arc::clone(&agent.roots),
        descriptors: Arc::clone(&descriptors),
        calls: Arc::default(),
        file_calls: Arc::new(Semaphore::new(FILE_CALLS)),
        processes: Processes::new(ground, descriptors, outgoing.clone(), alive.clone()),
        watches: Watches::new(Arc::clone(&agent.roots), outgoing.clone()),
        outgoing: outgoing.clone(),
    };
    let mut ending = agent.ending.subscribe();
    tokio::select! {
        // Whatever ended it, there is nobody left to tell.
        _ = stream.take_frames(&mut input) => {}
        () = outgoing.closed() => {}
        _ = keep_leases(&agent.leases, number, &ended, &outgoing) => {}
        _ = ending.wait_for(|ending| *ending) => {}
    }
    writer.abort();
    agent.leases.leave(number);
    stream.descriptors.close_all();
    stream.processes.end_all();
    drop(alive);
}

/// Tells of leases that end while nothing else is said, and gives signs of life as long as any is held.
async fn keep_leases(
    leases: &Leases,
    stream: StreamId,
    ended: &Notify,
    outgoing: &Outgoing,
) -> Result<Infallible, Gone> {
    loop {
        tokio::select! {
            () = ended.notified() => outgoing.sign_of_life().await?,
            () = tokio::time::sleep(SIGN_OF_LIFE) => {
                if leases.holds_any(stream) {
                    outgoing.sign_of_life().await?;
                }
            }
        }
    }
}

/// What a stream holds.
struct Stream {
    learner: Learner,
    roots: Arc<Roots>,
    descriptors: Arc<Descriptors>,
    calls: Arc<Calls>,
    file_calls: Arc<Semaphore>,
    processes: Processes,
    watches: Watches,
    outgoing: Outgoing,
}

impl Stream {
    /// Reads frames until the end of the stream, or until one cannot be understood.
    async fn take_frames(&mut self, input: &mut (impl AsyncRead + Unpin)) -> Result<(), Gone> {
        let mut decoder = codec::Decoder::default();
        let mut buffer = vec![0; READ];
        loop {
            while let Some(frame) = decoder.next_frame().map_err(|_| Gone)? {
                self.take(frame).await?;
            }
            match input.read(&mut buffer).await {
                Ok(0) | Err(_) => return Err(Gone),
                Ok(count) => decoder.push(&buffer[..count]),
            }
        }
    }

    async fn take(&mut self, frame: ToAgent) -> Result<(), Gone> {
        let (process, message) = match frame {
            ToAgent::Call { id, call } => return self.call(id, call).await,
            ToAgent::Cancel { id } => {
                self.calls.cancel(id);
                return Ok(());
            }
            ToAgent::Input { process, pipe, data } => (process, Message::Input(pipe, data)),
            ToAgent::InputEnd { process, pipe } => (process, Message::InputEnd(pipe)),
            ToAgent::OutputTaken { process, pipe, bytes } => (process, Message::OutputTaken(pipe, bytes)),
            ToAgent::OutputClosed { process, pipe } => (process, Message::OutputClosed(pipe)),
            ToAgent::Resize { process, size } => (process, Message::Resize(size)),
        };
        // A process that has ended meanwhile needs none of these.
        self.processes.tell(process, message);
        Ok(())
    }

    async fn call(&mut self, id: CallId, call: Call) -> Result<(), Gone> {
        match call {
            Call::Processes(call) => self.processes.call(id, call).await,
            Call::Watch(call) => self.watches.call(id, call).await,
            Call::Files(call) => self.file_call(id, call, None).await,
            Call::Learn(call) => self.file_call(id, call, Some(self.learner.clone())).await,
        }
    }

    async fn file_call(&mut self, id: CallId, call: FileCall, learner: Option<Learner>) -> Result<(), Gone> {
        let permit = Arc::clone(&self.file_calls).acquire_owned().await.map_err(|_| Gone)?;
        let turn = self.descriptors.queue(&call).await;
        let pending = self.calls.begun(id);
        let work = Work {
            roots: Arc::clone(&self.roots),
            descriptors: Arc::clone(&self.descriptors),
            call,
            permit,
            pending,
            learner,
        };
        let (calls, outgoing) = (Arc::clone(&self.calls), self.outgoing.clone());
        tokio::spawn(async move {
            let Outcome { position, result, learned, permit } = work.answer(turn, &outgoing).await;
            calls.answered(id);
            // An error means that the stream has ended.
            let _ = match learned {
                Some(learned) => outgoing.answer_learned(id, result, learned).await,
                None => outgoing.answer(id, position, result.map(Reply::Files)).await,
            };
            drop(permit);
        });
        Ok(())
    }
}

/// One file call to be done.
struct Work {
    roots: Arc<Roots>,
    descriptors: Arc<Descriptors>,
    call: FileCall,
    permit: OwnedSemaphorePermit,
    pending: Arc<Pending>,
    /// Learns along with the call, if its answer is to tell more.
    learner: Option<Learner>,
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
        let learned = self.learner.is_some().then(Vec::new);
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
            let lesson = self.learner.as_ref().map(|learner| learner.learn(&self.call));
            let result = files::perform(&self.roots, &self.descriptors, self.call, held, &self.pending);
            let learned = lesson.map(|lesson| lesson.end(result.as_ref().ok()));
            Outcome { position, result, learned, permit: Some(self.permit) }
        };
        tokio::task::spawn_blocking(perform).await.map_err(|_| Errno::IO)
    }
}
