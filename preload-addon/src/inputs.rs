//! What goes into a remote process: a source is read only as fast as the process takes its bytes.

use std::sync::Arc;

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    sync::Semaphore,
    task::AbortHandle,
};
use wire_protocol::{
    ToAgent,
    processes::{PipeNumber, ProcessId, WINDOW},
};

use crate::{session::runtime, stream::Stream};

/// Bytes of one input frame at most.
const PIECE: usize = 64 * 1024;

/// A source being sent to an input of a process.
pub struct Input {
    credit: Arc<Semaphore>,
    task: AbortHandle,
}

impl Input {
    /// Sends all of `source`, then the end of input.
    pub fn start(
        stream: &'static Stream,
        process: ProcessId,
        pipe: PipeNumber,
        source: impl AsyncRead + Send + Unpin + 'static,
    ) -> Self {
        let credit = Arc::new(Semaphore::new(WINDOW as usize));
        let task = runtime().spawn(pump(stream, process, pipe, source, credit.clone())).abort_handle();
        Self { credit, task }
    }

    /// The process took this many bytes.
    pub fn taken(&self, bytes: u32) {
        self.credit.add_permits(bytes as usize);
    }

    /// The process takes no more: the source is dropped, so that its writer gets EPIPE.
    pub fn close(&self) {
        self.task.abort();
    }
}

async fn pump(
    stream: &'static Stream,
    process: ProcessId,
    pipe: PipeNumber,
    mut source: impl AsyncRead + Unpin,
    credit: Arc<Semaphore>,
) {
    let mut bytes = vec![0; PIECE];
    // An unreadable source ends the input like its end does; the process cannot tell them apart locally either.
    while let Ok(count @ 1..) = source.read(&mut bytes).await {
        let Ok(permits) = credit.acquire_many(count as u32).await else { return };
        permits.forget();
        stream.send(&ToAgent::Input { process, pipe, data: bytes[..count].to_vec() });
    }
    stream.send(&ToAgent::InputEnd { process, pipe });
}
