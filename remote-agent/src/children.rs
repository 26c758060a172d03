//! The agent's children: starting them, and noticing how they end.
//!
//! The agent adopts the orphans of what it started, so it must reap processes it knows nothing of as well. All
//! reaping is done here, by one task woken by SIGCHLD. The one other place that waits for a child is std's own
//! spawn when the exec fails; a lock keeps the two apart.

use std::{
    collections::{HashMap, HashSet},
    io,
    process::{Child, Command},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use nix::sys::signal::Signal;
use rustix::{
    io::{Errno, Result},
    process::{Pid, WaitOptions, WaitStatus},
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{oneshot, watch},
};

use crate::signals;

/// Whose end is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaping {
    /// Every child's: the agent is alone in its process and adopts orphans.
    Everything,
    /// Only that of processes started here, where others have children in this process too.
    Own,
}

/// The agent's children.
#[derive(Debug)]
pub struct Children {
    reaping: Reaping,
    /// Held for reading while a child is started, for writing while children are reaped.
    starting: RwLock<()>,
    running: Mutex<HashMap<Pid, oneshot::Sender<WaitStatus>>>,
    /// Whatever was started here: the sessions that others made have other numbers.
    started: Mutex<HashSet<i32>>,
    reaped: watch::Sender<()>,
}

impl Children {
    /// Starts to look after children, until the runtime ends.
    pub fn look_after(reaping: Reaping) -> io::Result<Arc<Self>> {
        let children = Arc::new(Self {
            reaping,
            starting: RwLock::default(),
            running: Mutex::default(),
            started: Mutex::default(),
            reaped: watch::Sender::new(()),
        });
        let mut signals = signal(SignalKind::child())?;
        let weak = Arc::downgrade(&children);
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                let Some(children) = weak.upgrade() else { return };
                // A start may hold the lock for as long as an exec takes.
                let _ = tokio::task::spawn_blocking(move || children.reap()).await;
            }
        });
        Ok(children)
    }

    /// Starts a child. Its end comes through the receiver.
    pub fn start(&self, command: &mut Command) -> io::Result<(Child, Pid, oneshot::Receiver<WaitStatus>)> {
        let _starting = self.starting.read().unwrap_or_else(PoisonError::into_inner);
        let child = command.spawn()?;
        let (sender, ended) = oneshot::channel();
        let pid = Pid::from_child(&child);
        self.started.lock().unwrap_or_else(PoisonError::into_inner).insert(pid.as_raw_nonzero().get());
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(pid, sender);
        Ok((child, pid, ended))
    }

    /// Whether a process of this number was started here.
    pub fn has_started(&self, number: i32) -> bool {
        self.started.lock().unwrap_or_else(PoisonError::into_inner).contains(&number)
    }

    /// Signals a child alone, or asks whether it is there. ESRCH once it was reaped: its number may be somebody else's.
    pub fn signal(&self, child: Pid, signal: Option<Signal>) -> Result<()> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if !running.contains_key(&child) {
            return Err(Errno::SRCH);
        }
        signals::send_alone(child, signal)
    }

    /// Tells whenever a child was reaped, and so a process group may have lost its last member.
    pub fn reaped(&self) -> watch::Receiver<()> {
        self.reaped.subscribe()
    }

    /// Reaps all children that have ended.
    pub fn reap(&self) {
        let _apart = self.starting.write().unwrap_or_else(PoisonError::into_inner);
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match self.reaping {
            Reaping::Everything => {
                while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
                    if let Some(ended) = running.remove(&pid) {
                        // Nobody waits any more if its stream is gone.
                        let _ = ended.send(status);
                    }
                }
            }
            Reaping::Own => {
                running.retain(|pid, ended| match rustix::process::waitpid(Some(*pid), WaitOptions::NOHANG) {
                    Ok(None) | Err(Errno::INTR) => true,
                    Ok(Some((_, status))) => {
                        let (unused, _) = oneshot::channel();
                        let _ = std::mem::replace(ended, unused).send(status);
                        false
                    }
                    Err(_) => false,
                })
            }
        }
        drop(running);
        self.reaped.send_replace(());
    }
}
