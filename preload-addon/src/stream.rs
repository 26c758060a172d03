//! The stream of this process: calls out, answers back by id, and frames that come unasked to their owners.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
        mpsc,
    },
};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use wire_protocol::{
    Call, CallId, Position, Reply, ToAgent, ToProgram, WireError,
    codec::{Decoder, encode},
    files::{FileCall, FileReply},
    leases::KEPT_CONTENT,
    processes::ProcessId,
    watch::{WatchEvent, WatchId},
};

use crate::{cache::Cache, error::LOST, session::runtime};

/// Bytes asked of the socket in one read.
const READ: usize = 256 * 1024;

/// Frames are gathered up to this many bytes for one write.
const GATHER: usize = 256 * 1024;

/// Called once with the outcome of a call, on the reader's thread.
type Waiter = Box<dyn FnOnce(Result<Reply, WireError>) + Send>;

/// Called with each event of a watch, on the reader's thread.
type Watcher = Box<dyn Fn(WatchEvent) + Send>;

/// The way to the agent.
pub struct Stream {
    frames: UnboundedSender<Vec<u8>>,
    owners: Arc<Owners>,
    next_call: AtomicU64,
    next_number: AtomicU32,
}

/// Who waits for what, and what is known.
struct Owners {
    calls: Mutex<Calls>,
    processes: Mutex<HashMap<ProcessId, UnboundedSender<ToProgram>>>,
    watches: Mutex<HashMap<WatchId, Watcher>>,
    position: AtomicU64,
    cache: Cache,
}

#[derive(Default)]
struct Calls {
    waiting: HashMap<CallId, Waiting>,
    lost: bool,
}

/// A call that is not answered yet.
struct Waiting {
    done: Waiter,
    /// The call itself, if something may be learned with its answer.
    learns: Option<FileCall>,
}

impl Stream {
    /// Takes over an upgraded connection.
    pub fn start(connection: impl AsyncRead + AsyncWrite + Send + 'static, cache: Cache) -> Self {
        let (reader, writer) = tokio::io::split(connection);
        let (frames, outgoing) = unbounded_channel();
        let owners = Arc::new(Owners {
            calls: Mutex::default(),
            processes: Mutex::default(),
            watches: Mutex::default(),
            position: AtomicU64::new(0),
            cache,
        });
        runtime().spawn(write(writer, outgoing));
        runtime().spawn(read(reader, owners.clone()));
        let silent = owners.clone();
        runtime().spawn(async move { silent.cache.watch_silence().await });
        Self { frames, owners, next_call: AtomicU64::new(1), next_number: AtomicU32::new(1) }
    }

    /// A number this process has not used yet, for a descriptor, a process or a watch.
    pub fn new_number(&self) -> u32 {
        self.next_number.fetch_add(1, Ordering::Relaxed)
    }

    /// Sends a frame whose answer, if there is one, is awaited already. On a lost stream it goes nowhere: its owner
    /// hears of the loss itself.
    pub fn send(&self, frame: &ToAgent) {
        match encode(frame) {
            Ok(bytes) => drop(self.frames.send(bytes)),
            Err(error) => unreachable!("these frames are small and plain: {error}"),
        }
    }

    /// What is known of the remote's disk.
    pub fn cache(&self) -> &Cache {
        &self.owners.cache
    }

    /// Sends a call; `done` gets its outcome, EREMOTEIO if the stream is or gets lost. Answers its id.
    pub fn call(&self, call: Call, done: impl FnOnce(Result<Reply, WireError>) + Send + 'static) -> CallId {
        let id = self.next_call.fetch_add(1, Ordering::Relaxed);
        let learns = learns(&call);
        let Ok(bytes) = encode(&ToAgent::Call { id, call }) else {
            done(Err(WireError::new("EMSGSIZE")));
            return id;
        };
        {
            let mut calls = self.owners.calls.lock();
            if !calls.lost {
                calls.waiting.insert(id, Waiting { done: Box::new(done), learns });
                // A send that fails has met the end of the writer; the reader then ends too and tells all waiters.
                let _ = self.frames.send(bytes);
                return id;
            }
        }
        done(Err(WireError::new(LOST)));
        id
    }

    /// Asks for what will be looked at. The blocking calls that come meanwhile wait for it.
    pub fn recall(&'static self, calls: Vec<FileCall>) {
        let (first, count) = (self.next_call.fetch_add(calls.len() as u64, Ordering::Relaxed), calls.len());
        {
            let mut waiting = self.owners.calls.lock();
            if waiting.lost {
                return;
            }
            self.owners.cache.start.asked(count);
            for (id, call) in (first..).zip(&calls) {
                let opened = call.opens();
                let done = move |result| {
                    if let (Some(descriptor), Ok(Reply::Files(reply))) = (opened, &result)
                        && reply.leaves_open()
                    {
                        self.call(Call::Files(FileCall::Close { descriptor }), |_| ());
                    }
                    self.owners.cache.start.answered();
                };
                waiting.waiting.insert(id, Waiting { done: Box::new(done), learns: Some(call.clone()) });
            }
        }
        self.send(&ToAgent::Call { id: first, call: Call::Recall(calls) });
    }

    /// Asks the agent to give up a call, whose outcome is then ECANCELED unless it is past that.
    pub fn cancel(&self, id: CallId) {
        self.send(&ToAgent::Cancel { id });
    }

    /// Sends a call and blocks this thread until it is answered.
    pub fn call_and_wait(&self, call: Call) -> Result<Reply, WireError> {
        let (answer, answered) = mpsc::sync_channel(1);
        self.call(call, move |result| {
            let _ = answer.send(result);
        });
        answered.recv().unwrap_or_else(|_| Err(WireError::new(LOST)))
    }

    /// Frames of this process come through the receiver until [`Stream::forget_process`]; its end is the stream's.
    pub fn own_process(&self, process: ProcessId) -> UnboundedReceiver<ToProgram> {
        let (sender, receiver) = unbounded_channel();
        self.owners.processes.lock().insert(process, sender);
        receiver
    }

    /// Ends the receiver of [`Stream::own_process`].
    pub fn forget_process(&self, process: ProcessId) {
        self.owners.processes.lock().remove(&process);
    }

    /// Events of this watch go to `watcher` until [`Stream::forget_watch`].
    pub fn own_watch(&self, watch: WatchId, watcher: impl Fn(WatchEvent) + Send + 'static) {
        self.owners.watches.lock().insert(watch, Box::new(watcher));
    }

    /// Drops the watcher of [`Stream::own_watch`].
    pub fn forget_watch(&self, watch: WatchId) {
        self.owners.watches.lock().remove(&watch);
    }
}

impl Owners {
    fn dispatch(&self, frame: ToProgram) {
        match frame {
            ToProgram::Answer { id, position, result } => {
                self.reached(position);
                let Some(Waiting { done, learns }) = self.calls.lock().waiting.remove(&id) else { return };
                // Learned before the waiter is woken, so that it finds what it asked for.
                let result = match result {
                    Ok(Reply::Learned { outcome, facts }) => {
                        if let Some(call) = learns {
                            self.cache.learn(facts, &call, &outcome);
                        }
                        outcome.map(Reply::Files)
                    }
                    result => result,
                };
                done(result);
            }
            ToProgram::Ended { leases, position } => {
                self.cache.end(&leases);
                self.reached(position);
            }
            ToProgram::Alive { position } => self.reached(position),
            ToProgram::Watch { watch, position, event } => {
                self.reached(position);
                if let Some(watcher) = self.watches.lock().get(&watch) {
                    watcher(event);
                }
            }
            ToProgram::Output { process, position, .. } | ToProgram::Exit { process, position, .. } => {
                self.reached(position);
                self.to_process(process, frame);
            }
            ToProgram::OutputEnd { process, .. }
            | ToProgram::TerminalUse { process, .. }
            | ToProgram::InputTaken { process, .. }
            | ToProgram::InputClosed { process, .. } => self.to_process(process, frame),
        }
    }

    fn to_process(&self, process: ProcessId, frame: ToProgram) {
        if let Some(owner) = self.processes.lock().get(&process) {
            // The owner may have just ended; then nobody wants the frame.
            let _ = owner.send(frame);
        }
    }

    /// Everything handed on from here was made at this position or later.
    fn reached(&self, position: Position) {
        self.position.fetch_max(position, Ordering::Relaxed);
    }

    /// The stream is over: every waiter, process and watch hears of it.
    fn lose(&self) {
        let waiting = {
            let mut calls = self.calls.lock();
            calls.lost = true;
            std::mem::take(&mut calls.waiting)
        };
        for Waiting { done, .. } in waiting.into_values() {
            done(Err(WireError::new(LOST)));
        }
        self.processes.lock().clear();
        for watcher in self.watches.lock().drain().map(|(_, watcher)| watcher) {
            watcher(WatchEvent::Failed { code: LOST.into() });
        }
    }
}

/// An answer of another noun than was asked for is a broken agent, which is as good as none.
pub fn of_files(reply: Reply) -> Result<FileReply, WireError> {
    match reply {
        Reply::Files(reply) => Ok(reply),
        _ => Err(WireError::new(LOST)),
    }
}

/// The call itself, if something may be learned with its answer.
fn learns(call: &Call) -> Option<FileCall> {
    match call {
        // What is not kept need not be copied.
        Call::Learn(FileCall::WriteFile { path, flags, mode, data, flush }) if data.len() > KEPT_CONTENT => {
            let (path, data) = (path.clone(), Vec::new());
            Some(FileCall::WriteFile { path, flags: *flags, mode: *mode, data, flush: *flush })
        }
        Call::Learn(call) => Some(call.clone()),
        _ => None,
    }
}

async fn read(mut reader: impl AsyncRead + Unpin, owners: Arc<Owners>) {
    let mut decoder = Decoder::default();
    let mut bytes = vec![0; READ];
    'stream: while let Ok(count @ 1..) = reader.read(&mut bytes).await {
        owners.cache.heard();
        decoder.push(&bytes[..count]);
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => owners.dispatch(frame),
                Ok(None) => break,
                Err(_) => break 'stream,
            }
        }
    }
    owners.lose();
}

async fn write(mut writer: impl AsyncWrite + Unpin, mut outgoing: UnboundedReceiver<Vec<u8>>) {
    while let Some(mut bytes) = outgoing.recv().await {
        while bytes.len() < GATHER
            && let Ok(more) = outgoing.try_recv()
        {
            bytes.extend_from_slice(&more);
        }
        if writer.write_all(&bytes).await.is_err() || writer.flush().await.is_err() {
            return;
        }
    }
}
