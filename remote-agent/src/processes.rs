//! The processes of a stream: each is looked after by one task ([`crate::process`]) with an inbox, so that what
//! concerns one process is done in the order it was asked for, a spawn and what follows it back to back included.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    os::fd::OwnedFd,
    sync::{Arc, Mutex, PoisonError},
};

use rustix::{io::Errno, process::Pid};
use tokio::sync::{mpsc, watch};
use wire_protocol::{
    CallId, Reply,
    processes::{ProcessCall, ProcessId, ProcessReply, Spawn, Stdio},
};

use crate::{
    children::Children,
    content,
    descriptors::{Descriptors, Turn},
    ending::Spared,
    login::Login,
    outgoing::{Gone, Outgoing},
    process::{Message, Process},
};

/// The processes that are to outlive the session.
#[derive(Debug, Default)]
pub struct Kept {
    /// Those the program asked for, by the number of their group.
    groups: Mutex<HashSet<Pid>>,
    /// Whether those are, too, that were left running on purpose.
    on_purpose: bool,
}

impl Kept {
    /// None was asked for yet.
    pub fn new(on_purpose: bool) -> Self {
        Self { groups: Mutex::default(), on_purpose }
    }

    pub(crate) fn add(&self, group: Pid) {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner).insert(group);
    }

    pub(crate) fn remove(&self, group: Pid) {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner).remove(&group);
    }

    /// What is spared when the rest ends.
    pub fn spared(&self) -> Spared {
        let kept = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.iter().map(|group| group.as_raw_nonzero().get()).collect();
        Spared { kept, on_purpose: self.on_purpose }
    }
}

/// What starting a process takes.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The agent's children.
    pub children: Arc<Children>,
    /// Those to outlive the session.
    pub kept: Arc<Kept>,
    /// The environment they start from.
    pub login: Login,
}

type Table = Arc<Mutex<HashMap<ProcessId, mpsc::UnboundedSender<Message>>>>;

/// The processes of a stream. Dropping it ends all that are not kept.
#[derive(Debug)]
pub struct Processes {
    ground: Ground,
    descriptors: Arc<Descriptors>,
    outgoing: Outgoing,
    table: Table,
    /// Held by each process's task: the stream has ended only when all of them have.
    alive: watch::Receiver<()>,
}

impl Processes {
    /// No process yet. `alive` is held as long as any process is looked after.
    pub fn new(
        ground: Ground,
        descriptors: Arc<Descriptors>,
        outgoing: Outgoing,
        alive: watch::Receiver<()>,
    ) -> Self {
        Self { ground, descriptors, outgoing, table: Table::default(), alive }
    }

    /// Does a call; the process's task answers it. To be called in the order of arrival.
    pub async fn call(&self, id: CallId, call: ProcessCall) -> Result<(), Gone> {
        match call {
            ProcessCall::Spawn(spawn) => self.spawn(id, spawn).await,
            ProcessCall::Kill { process, signal, reach } => {
                self.ask(id, process, Message::Kill { id, signal, reach }).await
            }
            ProcessCall::Keep { process } => self.ask(id, process, Message::Keep { id }).await,
        }
    }

    /// Passes a message to a process; one that is gone needs none.
    pub fn tell(&self, process: ProcessId, message: Message) -> bool {
        let table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.get(&process).is_some_and(|inbox| inbox.send(message).is_ok())
    }

    async fn ask(&self, id: CallId, process: ProcessId, message: Message) -> Result<(), Gone> {
        if self.tell(process, message) {
            return Ok(());
        }
        self.outgoing.answer(id, self.outgoing.position(), Err(Errno::SRCH)).await
    }

    async fn spawn(&self, id: CallId, spawn: Spawn) -> Result<(), Gone> {
        let number = spawn.process;
        let (sender, inbox) = mpsc::unbounded_channel();
        if !self.enter(number, sender) {
            return self.outgoing.answer(id, self.outgoing.position(), Err(Errno::EXIST)).await;
        }
        let (ground, outgoing) = (self.ground.clone(), self.outgoing.clone());
        let (table, alive) = (Arc::clone(&self.table), self.alive.clone());
        let mut turns = Vec::new();
        for stdio in &spawn.stdio {
            if let Stdio::File(descriptor) = stdio {
                turns.push(self.descriptors.queue_for(*descriptor).await);
            }
        }
        tokio::spawn(async move {
            let started = match copies(turns).await {
                Ok(files) => {
                    let own = ground.login.variables().await;
                    let children = Arc::clone(&ground.children);
                    let start = move || crate::spawn::start(&children, &own, spawn, files);
                    tokio::task::spawn_blocking(start).await.unwrap_or(Err(Errno::IO))
                }
                Err(errno) => Err(errno),
            };
            let position = outgoing.position();
            match started.and_then(|started| Process::new(number, started, &ground, outgoing.clone())) {
                Err(errno) => {
                    table.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
                    let _ = outgoing.answer(id, position, Err(errno)).await;
                }
                Ok(process) => {
                    let reply = Reply::Processes(ProcessReply::Spawned { pid: process.pid() });
                    let _ = outgoing.answer(id, position, Ok(reply)).await;
                    process.look_after(inbox).await;
                    table.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
                }
            }
            drop(alive);
        });
        Ok(())
    }

    /// Enters a process into the table; `false` if its number is taken.
    fn enter(&self, number: ProcessId, inbox: mpsc::UnboundedSender<Message>) -> bool {
        match self.table.lock().unwrap_or_else(PoisonError::into_inner).entry(number) {
            Entry::Occupied(_) => false,
            Entry::Vacant(free) => {
                free.insert(inbox);
                true
            }
        }
    }

    /// Ends all that are not kept, once their tasks have noticed.
    pub fn end_all(&self) {
        self.table.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Copies of open files, each in its turn.
async fn copies(turns: Vec<Turn>) -> rustix::io::Result<Vec<OwnedFd>> {
    let mut files = Vec::new();
    for turn in turns {
        let held = turn.come().await.map_err(|_| Errno::BADF)?;
        let opened = held.as_ref().and_then(|held| held.as_ref()).ok_or(Errno::BADF)?;
        files.push(content::duplicate(opened)?.file);
    }
    Ok(files)
}
