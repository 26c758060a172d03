//! One stream: frames in, calls done side by side, frames out.

use std::{convert::Infallible, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite},
    sync::{Notify, watch},
};
use wire_protocol::{Call, CallId, ToAgent, codec, leases::SIGN_OF_LIFE};

use crate::{
    descriptors::Descriptors,
    file_calls::FileCalls,
    learn::Learner,
    leases::{Leases, StreamId},
    outgoing::{self, Gone, Outgoing},
    process::Message,
    processes::{Ground, Processes},
    server::Agent,
    watch::Watches,
};

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
        children: Arc::clone(&agent.children),
        kept: Arc::clone(&agent.kept),
        login: agent.login.clone(),
    };
    let descriptors = Arc::<Descriptors>::default();
    let learner =
        Learner { roots: Arc::clone(&agent.roots), leases: Arc::clone(&agent.leases), stream: number };
    let mut stream = Stream {
        descriptors: Arc::clone(&descriptors),
        file_calls: FileCalls::new(learner, Arc::clone(&descriptors), outgoing.clone()),
        processes: Processes::new(ground, descriptors, outgoing.clone(), alive.clone()),
        watches: Watches::new(Arc::clone(&agent.roots), outgoing.clone()),
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
    descriptors: Arc<Descriptors>,
    file_calls: FileCalls,
    processes: Processes,
    watches: Watches,
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
                self.file_calls.cancel(id);
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
            Call::Files(call) => self.file_calls.begin(id, call, false).await,
            Call::Learn(call) => self.file_calls.begin(id, call, true).await,
            Call::First(call) => self.file_calls.first(id, call).await,
            Call::Recall(calls) => {
                self.file_calls.recall(id, calls);
                Ok(())
            }
        }
    }
}
