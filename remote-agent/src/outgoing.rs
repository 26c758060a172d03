//! The way out of a stream: everybody queues frames, one task writes them.

use std::sync::Arc;

use rustix::io::Errno;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt, BufWriter},
    sync::mpsc,
};
use wire_protocol::{CallId, Position, Reply, ToProgram, WireError, codec, files::FileReply};

use crate::{
    errno,
    leases::{Learned, Leases, Stamp, StreamId},
};

/// Frames that may wait to be written; whoever has one more waits.
const QUEUE: usize = 32;

/// Frames up to this many bytes in all are gathered into one write.
const GATHER: usize = 64 * 1024;

/// The program's side is gone: there is nobody to tell.
#[derive(Debug)]
pub struct Gone;

/// A handle to queue frames by.
#[derive(Debug, Clone)]
pub struct Outgoing {
    queue: mpsc::Sender<Vec<u8>>,
    leases: Arc<Leases>,
    stream: StreamId,
}

impl Outgoing {
    /// A handle, and the queue to give to [`write`].
    pub fn new(leases: Arc<Leases>, stream: StreamId) -> (Self, mpsc::Receiver<Vec<u8>>) {
        let (queue, frames) = mpsc::channel(QUEUE);
        (Self { queue, leases, stream }, frames)
    }

    /// The position reached now.
    pub fn position(&self) -> Position {
        self.leases.position()
    }

    /// Waits until nobody writes any more, since the other end is gone.
    pub async fn closed(&self) {
        self.queue.closed().await;
    }

    /// Queues a frame; waits while the queue is full.
    pub async fn send(&self, frame: &ToProgram) -> Result<(), Gone> {
        // What processes and watches send is far below the codec's limit.
        self.queue(codec::encode(frame).map_err(|_| Gone)?).await
    }

    /// Queues an encoded frame, after the ends of leases it must not overtake.
    async fn queue(&self, frame: Vec<u8>) -> Result<(), Gone> {
        let permit = self.queue.reserve().await.map_err(|_| Gone)?;
        self.leases.stamp(self.stream, |stamp| permit.send(after(stamp, frame)));
        Ok(())
    }

    /// Tells of leases that ended, and that those left still hold.
    pub async fn sign_of_life(&self) -> Result<(), Gone> {
        self.send(&ToProgram::Alive { position: self.position() }).await
    }

    /// Queues the answer to a call that also learned.
    pub async fn answer_learned(
        &self,
        id: CallId,
        outcome: rustix::io::Result<FileReply>,
        learned: Vec<Learned>,
    ) -> Result<(), Gone> {
        let permit = self.queue.reserve().await.map_err(|_| Gone)?;
        let outcome = outcome.map_err(errno::wire);
        let encoded = self.leases.stamp_facts(self.stream, learned, |stamp, facts| {
            let position = stamp.position;
            let result = Ok(Reply::Learned { outcome, facts });
            let frame = codec::encode(&ToProgram::Answer { id, position, result });
            // A directory of a million entries may be over the limit; its caller must not wait for ever.
            let frame = frame.or_else(|_| {
                let outcome = Err(errno::wire(Errno::OVERFLOW));
                let result = Ok(Reply::Learned { outcome, facts: Vec::new() });
                codec::encode(&ToProgram::Answer { id, position, result })
            });
            frame.map(|frame| permit.send(after(stamp, frame)))
        });
        encoded.map_err(|_| Gone)
    }

    /// Queues the answer to a call.
    pub async fn answer(
        &self,
        id: CallId,
        position: Position,
        result: rustix::io::Result<Reply>,
    ) -> Result<(), Gone> {
        let result: Result<Reply, WireError> = result.map_err(errno::wire);
        let frame = codec::encode(&ToProgram::Answer { id, position, result }).or_else(|_| {
            // A directory of a million entries may be over the limit; its caller must not wait for ever.
            let result = Err(errno::wire(Errno::OVERFLOW));
            codec::encode(&ToProgram::Answer { id, position, result })
        });
        self.queue(frame.map_err(|_| Gone)?).await
    }
}

/// A frame behind the notice of what ended before it.
fn after(stamp: Stamp, frame: Vec<u8>) -> Vec<u8> {
    if stamp.ended.is_empty() {
        return frame;
    }
    let ended = ToProgram::Ended { leases: stamp.ended, position: stamp.position };
    let mut bytes = codec::encode(&ended).expect("a list of numbers, fewer than the most leases, is a frame");
    bytes.extend(frame);
    bytes
}

/// Writes queued frames until every handle is dropped or the other end is gone.
pub async fn write(io: impl AsyncWrite + Unpin, mut frames: mpsc::Receiver<Vec<u8>>) -> std::io::Result<()> {
    let mut io = BufWriter::with_capacity(GATHER, io);
    let mut batch = Vec::with_capacity(QUEUE);
    while frames.recv_many(&mut batch, QUEUE).await > 0 {
        for frame in batch.drain(..) {
            io.write_all(&frame).await?;
        }
        io.flush().await?;
    }
    Ok(())
}
