//! Watching: one inotify instance for a stream, read by one task.

use std::{sync::Arc, time::Duration};

use inotify::Inotify;
use rustix::io::Errno;
use tokio::{
    io::{Interest, unix::AsyncFd},
    sync::mpsc,
    time::{Interval, MissedTickBehavior, interval},
};
use wire_protocol::{
    CallId, Reply, ToProgram,
    watch::{WatchCall, WatchEvent, WatchId},
};

use crate::{
    outgoing::{Gone, Outgoing},
    roots::Roots,
    watched::Watched,
};

/// How often is looked at what the kernel does not watch.
const LOOK: Duration = Duration::from_secs(1);

/// The watches of a stream. They end when it is dropped.
#[derive(Debug)]
pub struct Watches {
    roots: Arc<Roots>,
    outgoing: Outgoing,
    inbox: Option<mpsc::UnboundedSender<(CallId, WatchCall)>>,
}

impl Watches {
    /// None yet.
    pub fn new(roots: Arc<Roots>, outgoing: Outgoing) -> Self {
        Self { roots, outgoing, inbox: None }
    }

    /// Does a call; the watching task answers it. The first call starts the task.
    pub async fn call(&mut self, id: CallId, call: WatchCall) -> Result<(), Gone> {
        if self.inbox.as_ref().is_none_or(mpsc::UnboundedSender::is_closed) {
            match self.start() {
                Ok(inbox) => self.inbox = Some(inbox),
                // No instance left (EMFILE): libuv's answer too.
                Err(error) => {
                    let errno = crate::errno::of_io(&error);
                    return self.outgoing.answer(id, self.outgoing.position(), Err(errno)).await;
                }
            }
        }
        match &self.inbox {
            Some(inbox) => inbox.send((id, call)).map_err(|_| Gone),
            None => Err(Gone),
        }
    }

    fn start(&self) -> std::io::Result<mpsc::UnboundedSender<(CallId, WatchCall)>> {
        let inotify = Inotify::init()?;
        let watched = Watched::new(Arc::clone(&self.roots), inotify.watches());
        let (inbox, calls) = mpsc::unbounded_channel();
        #[allow(unsafe_code, reason = "tokio leaves it to its caller that the descriptor stays open")]
        // SAFETY: an Inotify closes its descriptor when it is dropped only, and AsyncFd owns it until then.
        let inotify = unsafe { AsyncFd::register_with_interest(inotify, Interest::READABLE) }?;
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let task = Task { inotify, watched, looks, outgoing: self.outgoing.clone() };
        tokio::spawn(task.run(calls));
        Ok(inbox)
    }
}

/// Serves calls and events in turn, so that no event of a watch precedes the answer that started it.
struct Task {
    inotify: AsyncFd<Inotify>,
    watched: Watched,
    looks: Interval,
    outgoing: Outgoing,
}

impl Task {
    async fn run(mut self, mut calls: mpsc::UnboundedReceiver<(CallId, WatchCall)>) {
        while let Ok(true) = self.step(&mut calls).await {}
    }

    async fn step(&mut self, calls: &mut mpsc::UnboundedReceiver<(CallId, WatchCall)>) -> Result<bool, Gone> {
        tokio::select! {
            call = calls.recv() => {
                let Some((id, call)) = call else { return Ok(false) };
                // Scanning a tree takes long; other tasks must not wait for it.
                let result = tokio::task::block_in_place(|| match call {
                    WatchCall::Start { watch, path, recursive } => self.watched.start(watch, path, recursive),
                    WatchCall::Stop { watch } => { self.watched.stop(watch); Ok(()) }
                });
                self.outgoing.answer(id, self.outgoing.position(), result.map(|()| Reply::Watch)).await?;
            }
            ready = self.inotify.readable_mut() => {
                let Ok(mut ready) = ready else { return Ok(false) };
                let events = tokio::task::block_in_place(|| read(ready.get_inner_mut(), &mut self.watched));
                match events {
                    Ok(events) => self.report(events).await?,
                    Err(Errno::AGAIN) => ready.clear_ready(),
                    Err(_) => return Ok(false),
                }
            }
            _ = self.looks.tick(), if self.watched.is_polling() => {
                let mut seen = Vec::new();
                tokio::task::block_in_place(|| self.watched.look(&mut seen));
                self.report(seen).await?;
            }
        }
        Ok(true)
    }

    async fn report(&self, events: Vec<(WatchId, WatchEvent)>) -> Result<(), Gone> {
        let position = self.outgoing.position();
        for (watch, event) in events {
            self.outgoing.send(&ToProgram::Watch { watch, position, event }).await?;
        }
        Ok(())
    }
}

/// Reads what events there are. EAGAIN if there are none.
fn read(inotify: &mut Inotify, watched: &mut Watched) -> Result<Vec<(WatchId, WatchEvent)>, Errno> {
    let mut buffer = [0; 16 * 1024];
    let events = inotify.read_events(&mut buffer).map_err(|error| match error.kind() {
        std::io::ErrorKind::WouldBlock => Errno::AGAIN,
        _ => crate::errno::of_io(&error),
    })?;
    let mut seen = Vec::new();
    for event in events {
        watched.see(event, &mut seen);
    }
    Ok(seen)
}
