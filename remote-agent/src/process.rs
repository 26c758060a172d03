//! One running process, from its start until its group is empty and its pipes have ended.

use std::{
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
    net::unix::pipe,
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
};
use wire_protocol::{
    CallId, Position, Reply, ToProgram,
    processes::{PipeNumber, ProcessId, ProcessReply, WINDOW},
};

use crate::{
    errno,
    outgoing::{Gone, Outgoing},
    processes::{Ground, Kept},
    pumps::{InputPump, OutputControl, OutputPump},
    signals,
    spawn::Started,
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
    },
    /// Let it outlive the session, and answer.
    Keep {
        /// The call.
        id: CallId,
    },
    /// Bytes for its stdin.
    Input(Vec<u8>),
    /// Close its stdin.
    InputEnd,
    /// The program took bytes of an output.
    OutputTaken(PipeNumber, u32),
    /// The program closed an output.
    OutputClosed(PipeNumber),
}

/// A running process.
pub struct Process {
    number: ProcessId,
    group: Pid,
    outgoing: Outgoing,
    kept: Arc<Kept>,
    keep: bool,
    reaped: watch::Receiver<()>,
    ended: Option<oneshot::Receiver<WaitStatus>>,
    /// True once the group has lost its last member; its number may by then be somebody else's.
    group_gone: bool,
    input: Option<mpsc::UnboundedSender<Vec<u8>>>,
    input_waiting: Arc<AtomicUsize>,
    outputs: [Option<mpsc::UnboundedSender<OutputControl>>; 2],
    pumps: JoinSet<()>,
}

impl Process {
    /// Takes over a process that was just started.
    pub fn new(number: ProcessId, started: Started, ground: &Ground, outgoing: Outgoing) -> Result<Self> {
        let mut process = Self {
            number,
            group: started.pid,
            outgoing,
            kept: Arc::clone(&ground.kept),
            keep: false,
            reaped: ground.children.reaped(),
            ended: Some(started.ended),
            group_gone: false,
            input: None,
            input_waiting: Arc::default(),
            outputs: [None, None],
            pumps: JoinSet::new(),
        };
        if let Err(error) = process.start_pumps(started.pipes) {
            process.end();
            return Err(errno::of_io(&error));
        }
        Ok(process)
    }

    fn start_pumps(&mut self, [stdin, stdout, stderr]: [Option<OwnedFd>; 3]) -> std::io::Result<()> {
        if let Some(stdin) = stdin {
            let (sender, queue) = mpsc::unbounded_channel();
            let pump = InputPump {
                process: self.number,
                pipe: pipe::Sender::from_owned_fd(stdin)?,
                queue,
                waiting: Arc::clone(&self.input_waiting),
                outgoing: self.outgoing.clone(),
            };
            self.pumps.spawn(pump.run());
            self.input = Some(sender);
        }
        for (number, end) in (1..).zip([stdout, stderr]) {
            let Some(end) = end else { continue };
            let (sender, control) = mpsc::unbounded_channel();
            let pump = OutputPump {
                process: self.number,
                number,
                pipe: pipe::Receiver::from_owned_fd(end)?,
                control,
                outgoing: self.outgoing.clone(),
            };
            self.pumps.spawn(pump.run());
            self.outputs[usize::from(number) - 1] = Some(sender);
        }
        Ok(())
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
                self.input = None;
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
        self.end();
    }

    async fn handle(&mut self, message: Message) -> std::result::Result<(), Gone> {
        match message {
            Message::Kill { id, signal } => {
                let result = signals::parse(&signal).and_then(|signal| self.kill(signal));
                self.answer(id, result).await?;
            }
            Message::Keep { id } => {
                self.keep = true;
                if !self.group_gone {
                    self.kept.add(self.group);
                }
                self.answer(id, Ok(())).await?;
            }
            Message::Input(data) => self.input(data).await?,
            Message::InputEnd => self.input = None,
            Message::OutputTaken(pipe, bytes) => {
                if let Some(output) = self.output(pipe).as_ref() {
                    // A pump that has ended wants no more credit.
                    let _ = output.send(OutputControl::Taken(bytes));
                }
            }
            Message::OutputClosed(pipe) => {
                // Told rather than left to the end of its queue, which whoever waits for the drain keeps open.
                if let Some(output) = self.output(pipe).take() {
                    let _ = output.send(OutputControl::Close);
                }
            }
        }
        Ok(())
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

    async fn input(&mut self, data: Vec<u8>) -> std::result::Result<(), Gone> {
        let waiting = self.input_waiting.fetch_add(data.len(), Ordering::Relaxed) + data.len();
        if waiting > WINDOW as usize {
            // More than was agreed on: nothing of it may be lost unnoticed, nor may it fill the memory.
            self.input = None;
        }
        if self.input.as_ref().is_some_and(|queue| queue.send(data).is_ok()) {
            return Ok(());
        }
        self.outgoing.send(&ToProgram::InputClosed { process: self.number }).await
    }

    fn output(&mut self, pipe: PipeNumber) -> &mut Option<mpsc::UnboundedSender<OutputControl>> {
        &mut self.outputs[if pipe == 2 { 1 } else { 0 }]
    }

    /// Waits until all that is in the pipes now has been sent, then tells of the end.
    fn exit(&self, status: WaitStatus) -> impl Future<Output = ()> + use<> {
        let position: Position = self.outgoing.position();
        let drained: Vec<_> = self
            .outputs
            .iter()
            .flatten()
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

    /// The stream has ended: so does the process, unless it is kept.
    fn end(mut self) {
        if self.keep {
            let (group, kept, mut reaped) = (self.group, self.kept, self.reaped);
            tokio::spawn(async move {
                while !signals::is_empty(group) && reaped.changed().await.is_ok() {}
                kept.remove(group);
            });
        } else if !self.group_gone {
            // ESRCH means that it is gone already.
            let _ = self.kill(Some(Signal::SIGKILL));
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
