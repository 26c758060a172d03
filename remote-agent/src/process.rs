//! One running process, from its start until its group is empty and its pipes have ended.

use std::{
    collections::HashMap,
    os::fd::OwnedFd,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use nix::sys::signal::Signal;
use rustix::{
    io::{Errno, Result},
    process::{Pid, WaitStatus},
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
};
use wire_protocol::{
    CallId, Position, Reply, ToProgram,
    processes::{PipeNumber, ProcessId, ProcessReply, Reach, WINDOW},
    terminal::{Size, TERMINAL},
};

use crate::{
    children::Children,
    ending::{self, Scope},
    errno,
    outgoing::{Gone, Outgoing},
    processes::{Ground, Kept},
    pumps::{InputPump, OutputControl, OutputPump},
    signals,
    spawn::Started,
    stdio::{self, Sink, Source},
    terminal::{self, Screen},
};

/// What a process's task is told.
#[derive(Debug)]
pub enum Message {
    /// Send a signal and answer.
    Kill {
        /// The call.
        id: CallId,
        /// The signal's name.
        signal: String,
        /// Whom it reaches.
        reach: Reach,
    },
    /// Let it outlive the session, and answer.
    Keep {
        /// The call.
        id: CallId,
    },
    /// Bytes for an input.
    Input(PipeNumber, Vec<u8>),
    /// Close an input.
    InputEnd(PipeNumber),
    /// The program took bytes of an output.
    OutputTaken(PipeNumber, u32),
    /// The program closed an output.
    OutputClosed(PipeNumber),
    /// The terminal has another size.
    Resize(Size),
}

/// The way to the pump of an input.
struct InputQueue {
    queue: mpsc::UnboundedSender<Vec<u8>>,
    /// How many bytes wait in it.
    waiting: Arc<AtomicUsize>,
}

/// A running process.
pub struct Process {
    number: ProcessId,
    group: Pid,
    outgoing: Outgoing,
    children: Arc<Children>,
    kept: Arc<Kept>,
    keep: bool,
    reaped: watch::Receiver<()>,
    ended: Option<oneshot::Receiver<WaitStatus>>,
    /// True once the group has lost its last member; its number may by then be somebody else's.
    group_gone: bool,
    inputs: HashMap<PipeNumber, InputQueue>,
    outputs: HashMap<PipeNumber, mpsc::UnboundedSender<OutputControl>>,
    terminal: Option<OwnedFd>,
    pumps: JoinSet<()>,
}

impl Process {
    /// Takes over a process that was just started.
    pub fn new(number: ProcessId, started: Started, ground: &Ground, outgoing: Outgoing) -> Result<Self> {
        let mut process = Self {
            number,
            group: started.pid,
            outgoing,
            children: Arc::clone(&ground.children),
            kept: Arc::clone(&ground.kept),
            keep: false,
            reaped: ground.children.reaped(),
            ended: Some(started.ended),
            group_gone: false,
            inputs: HashMap::new(),
            outputs: HashMap::new(),
            terminal: None,
            pumps: JoinSet::new(),
        };
        if let Err(error) = process.start_pumps(started.ends, started.terminal) {
            // ESRCH means that it is gone already.
            let _ = process.kill(Some(Signal::SIGKILL));
            return Err(errno::of_io(&error));
        }
        Ok(process)
    }

    fn start_pumps(&mut self, ends: Vec<Option<OwnedFd>>, terminal: Option<OwnedFd>) -> std::io::Result<()> {
        for (number, end) in (0..).zip(ends) {
            let Some(end) = end else { continue };
            let (source, sink) = stdio::split(number, end)?;
            self.start_pumps_of(number, source, sink);
        }
        if let Some(ours) = terminal {
            let source = Source::Terminal(Screen::new(ours.try_clone()?)?);
            let sink = Sink::Pipe(terminal::keys(ours.try_clone()?)?);
            self.start_pumps_of(TERMINAL, Some(source), Some(sink));
            self.terminal = Some(ours);
        }
        Ok(())
    }

    fn start_pumps_of(&mut self, number: PipeNumber, source: Option<Source>, sink: Option<Sink>) {
        let (process, outgoing) = (self.number, &self.outgoing);
        if let Some(sink) = sink {
            let (sender, queue) = mpsc::unbounded_channel();
            let waiting = Arc::<AtomicUsize>::default();
            self.inputs.insert(number, InputQueue { queue: sender, waiting: Arc::clone(&waiting) });
            let pump = InputPump { process, number, sink, queue, waiting, outgoing: outgoing.clone() };
            self.pumps.spawn(pump.run());
        }
        if let Some(source) = source {
            let (sender, control) = mpsc::unbounded_channel();
            self.outputs.insert(number, sender);
            let pump = OutputPump { process, number, source, control, outgoing: outgoing.clone() };
            self.pumps.spawn(pump.run());
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.group.as_raw_nonzero().get().unsigned_abs()
    }

    /// Looks after the process until nothing of it is left, or `inbox` is closed because the stream has ended.
    pub async fn look_after(mut self, mut inbox: mpsc::UnboundedReceiver<Message>) {
        let mut exiting: JoinSet<()> = JoinSet::new();
        loop {
            if self.group_gone {
                // Nobody is left to read it.
                self.inputs.clear();
            }
            if self.group_gone && self.pumps.is_empty() && exiting.is_empty() {
                return;
            }
            tokio::select! {
                biased;
                message = inbox.recv() => match message {
                    Some(message) => if self.handle(message).await.is_err() { break },
                    None => break,
                },
                status = ended(&mut self.ended) => {
                    self.ended = None;
                    self.group_gone = signals::is_empty(self.group);
                    exiting.spawn(self.exit(status));
                }
                _ = exiting.join_next(), if !exiting.is_empty() => {}
                _ = self.pumps.join_next(), if !self.pumps.is_empty() => {}
                Ok(()) = self.reaped.changed(), if self.ended.is_none() && !self.group_gone => {
                    self.group_gone = signals::is_empty(self.group);
                }
            }
        }
        self.end().await;
    }

    async fn handle(&mut self, message: Message) -> std::result::Result<(), Gone> {
        match message {
            Message::Kill { id, signal, reach } => {
                let result = signals::parse(&signal).and_then(|signal| match reach {
                    Reach::Process => self.children.signal(self.group, signal),
                    Reach::Group => self.kill(signal),
                });
                self.answer(id, result).await?;
            }
            Message::Keep { id } => {
                self.keep = true;
                if !self.group_gone {
                    self.kept.add(self.group);
                }
                self.answer(id, Ok(())).await?;
            }
            Message::Input(pipe, data) => self.input(pipe, data).await?,
            Message::InputEnd(pipe) => {
                self.inputs.remove(&pipe);
                if pipe == TERMINAL {
                    self.hang_up();
                }
            }
            Message::Resize(size) => {
                // A terminal that nobody has open any more has no size.
                let _ = self.terminal.as_ref().map(|ours| terminal::resize(ours, size));
            }
            Message::OutputTaken(pipe, bytes) => {
                if let Some(output) = self.outputs.get(&pipe) {
                    // A pump that has ended wants no more credit.
                    let _ = output.send(OutputControl::Taken(bytes));
                }
            }
            Message::OutputClosed(pipe) => {
                // Told rather than left to the end of its queue, which whoever waits for the drain keeps open.
                if let Some(output) = self.outputs.remove(&pipe) {
                    let _ = output.send(OutputControl::Close);
                }
            }
        }
        Ok(())
    }

    /// Lets go of the terminal, so that the kernel tells its processes.
    fn hang_up(&mut self) {
        self.terminal = None;
        if let Some(output) = self.outputs.remove(&TERMINAL) {
            let _ = output.send(OutputControl::Close);
        }
    }

    async fn answer(&self, id: CallId, result: Result<()>) -> std::result::Result<(), Gone> {
        let reply = result.map(|()| Reply::Processes(ProcessReply::Done));
        self.outgoing.answer(id, self.outgoing.position(), reply).await
    }

    /// Signals the group. Once it is empty its number is never used again.
    fn kill(&mut self, signal: Option<Signal>) -> Result<()> {
        if self.group_gone {
            return Err(Errno::SRCH);
        }
        let sent = signals::send(self.group, signal);
        self.group_gone = self.ended.is_none() && sent == Err(Errno::SRCH);
        sent
    }

    async fn input(&mut self, pipe: PipeNumber, data: Vec<u8>) -> std::result::Result<(), Gone> {
        if let Some(input) = self.inputs.get(&pipe) {
            let waiting = input.waiting.fetch_add(data.len(), Ordering::Relaxed) + data.len();
            // More than was agreed on: nothing of it may be lost unnoticed, nor may it fill the memory.
            if waiting <= WINDOW as usize && input.queue.send(data).is_ok() {
                return Ok(());
            }
            self.inputs.remove(&pipe);
        }
        self.outgoing.send(&ToProgram::InputClosed { process: self.number, pipe }).await
    }

    /// Waits until all that is in the pipes now has been sent, then tells of the end.
    fn exit(&self, status: WaitStatus) -> impl Future<Output = ()> + use<> {
        let position: Position = self.outgoing.position();
        let drained: Vec<_> = self
            .outputs
            .values()
            .filter_map(|output| {
                let (drained, wait) = oneshot::channel();
                output.send(OutputControl::Drain(drained)).ok().map(|()| (output.clone(), wait))
            })
            .collect();
        let (process, outgoing) = (self.number, self.outgoing.clone());
        async move {
            for (output, drained) in drained {
                // A pump that has ended has nothing left to send. It may end while it is being asked; then the
                // question lies in its closed queue unseen, so its end is waited for as well.
                tokio::select! {
                    _ = drained => {}
                    () = output.closed() => {}
                }
            }
            let status = signals::exit_status(status);
            let _ = outgoing.send(&ToProgram::Exit { process, position, status }).await;
        }
    }

    /// The stream has ended: so does the process, unless it is kept or what is left of it was left on purpose.
    async fn end(mut self) {
        if self.keep {
            let (group, kept, mut reaped) = (self.group, self.kept, self.reaped);
            tokio::spawn(async move {
                while !signals::is_empty(group) && reaped.changed().await.is_ok() {}
                kept.remove(group);
            });
        } else {
            // What still writes hears that nobody reads any more, as from a terminal that was closed.
            self.pumps.shutdown().await;
            let (children, spared) = (Arc::clone(&self.children), self.kept.spared());
            let scope = Scope::Group(self.group.as_raw_nonzero().get());
            // The thread ends by itself if the runtime does not wait for it.
            let _ = tokio::task::spawn_blocking(move || ending::end(&children, scope, &spared)).await;
        }
    }
}

/// Waits for the end of a process; never ready once it was noticed.
async fn ended(receiver: &mut Option<oneshot::Receiver<WaitStatus>>) -> WaitStatus {
    if let Some(receiver) = receiver
        && let Ok(status) = receiver.await
    {
        return status;
    }
    std::future::pending().await
}
