//! What comes out of a remote process: written to its place as fast as that takes it, and confirmed to the agent.

use std::{
    os::fd::{AsFd, OwnedFd},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tokio::{
    io::AsyncWriteExt,
    net::unix::OwnedWriteHalf,
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot,
    },
    task::spawn_blocking,
};
use wire_protocol::{
    ToAgent,
    processes::{PipeNumber, ProcessId},
    terminal::TerminalUse,
};

use crate::{inherited, session::runtime, stream::Stream, terminal::Hold};

/// Where an output goes.
pub enum Sink {
    /// To the other end of a socket pair, which JavaScript reads.
    Socket(OwnedWriteHalf),
    /// To a descriptor of this process.
    Inherited(Arc<OwnedFd>),
    /// To the user's terminal.
    Terminal(Arc<Hold>),
}

enum Piece {
    Data(Vec<u8>),
    Use(TerminalUse),
    End,
    Flush(oneshot::Sender<()>),
}

/// One output. The window of wire-protocol bounds what may queue here.
pub struct Output {
    pieces: UnboundedSender<Piece>,
    left: Left,
    read_by_javascript: bool,
}

/// How many bytes of an output are not written yet.
#[derive(Clone, Default)]
pub struct Left(Arc<State>);

#[derive(Default)]
struct State {
    bytes: AtomicUsize,
    /// Nothing will be written any more.
    over: AtomicBool,
}

impl Left {
    /// The bytes that are still to be written.
    pub fn bytes(&self) -> usize {
        if self.0.over.load(Ordering::Acquire) { 0 } else { self.0.bytes.load(Ordering::Acquire) }
    }
}

impl Output {
    /// Starts writing to `sink`.
    pub fn start(stream: &'static Stream, process: ProcessId, pipe: PipeNumber, sink: Sink) -> Self {
        let (sender, pieces) = unbounded_channel();
        let left = Left::default();
        let read_by_javascript = matches!(sink, Sink::Socket(_));
        let written = left.clone();
        runtime().spawn(async move {
            pump(stream, process, pipe, sink, pieces, &written).await;
            written.0.over.store(true, Ordering::Release);
        });
        Self { pieces: sender, left, read_by_javascript }
    }

    /// Queues bytes.
    pub fn data(&self, bytes: Vec<u8>) {
        self.left.0.bytes.fetch_add(bytes.len(), Ordering::AcqRel);
        let _ = self.pieces.send(Piece::Data(bytes));
    }

    /// The terminal is used in another way from here on.
    pub fn uses(&self, now: TerminalUse) {
        let _ = self.pieces.send(Piece::Use(now));
    }

    /// No bytes follow: the reader gets its end of file after what is queued.
    pub fn end(&self) {
        let _ = self.pieces.send(Piece::End);
    }

    /// How much is not written yet.
    pub fn left(&self) -> &Left {
        &self.left
    }

    /// Whether its reader is JavaScript, which may read when it likes, or never.
    pub fn is_read_by_javascript(&self) -> bool {
        self.read_by_javascript
    }

    /// Returns when all that was queued has been written, or its reader is gone.
    pub async fn flushed(&self) {
        let (done, flushed) = oneshot::channel();
        if self.pieces.send(Piece::Flush(done)).is_err() {
            return;
        }
        // A pump that ends while it is being asked may leave the question in its closed queue unseen.
        tokio::select! {
            _ = flushed => {}
            () = self.pieces.closed() => {}
        }
    }
}

async fn pump(
    stream: &'static Stream,
    process: ProcessId,
    pipe: PipeNumber,
    mut sink: Sink,
    mut pieces: UnboundedReceiver<Piece>,
    left: &Left,
) {
    while let Some(piece) = pieces.recv().await {
        match piece {
            Piece::Data(data) => {
                let bytes = data.len() as u32;
                if !write(&mut sink, data, left).await {
                    stream.send(&ToAgent::OutputClosed { process, pipe });
                    return;
                }
                stream.send(&ToAgent::OutputTaken { process, pipe, bytes });
            }
            Piece::Use(now) => {
                if let Sink::Terminal(hold) = &sink {
                    hold.uses(now);
                }
            }
            Piece::Flush(done) => drop(done.send(())),
            Piece::End => return,
        }
    }
}

/// False where nobody reads any more.
async fn write(sink: &mut Sink, data: Vec<u8>, left: &Left) -> bool {
    let bytes = data.len();
    let written = match sink {
        Sink::Socket(socket) => socket.write_all(&data).await.is_ok(),
        Sink::Inherited(to) => write_blocking(to.clone(), data).await,
        Sink::Terminal(hold) => write_blocking(hold.clone(), data).await,
    };
    left.0.bytes.fetch_sub(bytes, Ordering::AcqRel);
    written
}

async fn write_blocking(to: Arc<impl AsFd + Send + Sync + 'static>, data: Vec<u8>) -> bool {
    spawn_blocking(move || inherited::write_all(to.as_fd(), &data).is_ok()).await.unwrap_or(false)
}
