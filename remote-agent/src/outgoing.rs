//! The way out of a stream: everybody queues frames, one task writes them.

use std::sync::Arc;

use rustix::io::Errno;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt, BufWriter},
    sync::mpsc,
};
use wire_protocol::{CallId, Position, Reply, ToProgram, WireError, codec};

use crate::{errno, position::Positions};

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
    positions: Arc<Positions>,
}

impl Outgoing {
    /// A handle, and the queue to give to [`write`].
    pub fn new(positions: Arc<Positions>) -> (Self, mpsc::Receiver<Vec<u8>>) {
        let (queue, frames) = mpsc::channel(QUEUE);
        (Self { queue, positions }, frames)
    }

    /// The position reached now.
    pub fn position(&self) -> Position {
        self.positions.reached()
    }

    /// Waits until nobody writes any more, since the other end is gone.
    pub async fn closed(&self) {
        self.queue.closed().await;
    }

    /// Queues a frame; waits while the queue is full.
    pub async fn send(&self, frame: &ToProgram) -> Result<(), Gone> {
        // What processes and watches send is far below the codec's limit.
        let frame = codec::encode(frame).map_err(|_| Gone)?;
        self.queue.send(frame).await.map_err(|_| Gone)
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
        self.queue.send(frame.map_err(|_| Gone)?).await.map_err(|_| Gone)
    }
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
