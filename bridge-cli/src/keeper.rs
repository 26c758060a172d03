//! Keeps the session's link: carries it, and makes the next one when it breaks, until the session is over.

use std::time::{Duration, Instant};

use stream_carrier::{Carrier, Heartbeat, LinkEnd};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tracing::{debug, info, warn};

use crate::door::Door;
use crate::links::{Link, LinkError, LinkKind};
use crate::ssh::{Asking, Connection, Dialer};
use crate::terminal;

/// Pauses between attempts to connect; the last one again and again.
const PAUSES: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// How long an attempt may take besides what connecting may: the command of a relay, and the agent's answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long the agent may take to end after a goodbye.
const FAREWELL: Duration = Duration::from_secs(2);

/// What became of the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// It stands.
    Up,
    /// It broke then, and the next one is on its way.
    Down(Instant),
    /// It broke then, and nobody may be asked for what the server wants to know.
    Locked(Instant),
    /// There will be none any more.
    Over,
}

/// What a keeper needs to make the next link.
pub struct Keeper {
    /// The session's streams.
    pub carrier: Carrier,
    /// The way to the host.
    pub dialer: Dialer,
    /// The way to the agent.
    pub door: Door,
    /// The kinds of link that may be tried.
    pub kinds: Vec<LinkKind>,
    /// How long the agent waits for the next link.
    pub lease: Duration,
    /// Tells what became of the link.
    pub state: watch::Sender<LinkState>,
    /// Changes when the session ends.
    pub ending: watch::Receiver<bool>,
}

impl Keeper {
    /// Carries the session over this link and those that follow, until it ends or is lost. Then all streams end.
    pub async fn keep(mut self, connection: Connection, mut link: Link) {
        let mut connection = Some(connection);
        loop {
            let lost = match self.carry(link).await {
                Some(LinkEnd::Broken | LinkEnd::Silent) => self.carrier.heard(),
                Some(LinkEnd::Goodbye) => break info!("the agent has ended"),
                Some(LinkEnd::Lost) => break warn!("the agent does not know the session any more"),
                None => break,
            };
            info!("the link to the remote is down");
            self.state.send_replace(LinkState::Down(lost));
            // Whatever is left of it must not count against the server's limits.
            close(connection.take()).await;
            let mut ending = self.ending.clone();
            let next = tokio::select! {
                next = self.next(lost) => next,
                _ = ending.wait_for(|ending| *ending) => None,
            };
            let Some(next) = next else { break };
            link = next.1;
            connection = Some(next.0);
            info!(seconds = lost.elapsed().as_secs_f32(), "the link to the remote is up again");
            self.state.send_replace(LinkState::Up);
        }
        self.carrier.end();
        self.state.send_replace(LinkState::Over);
        close(connection).await;
    }

    /// Carries until the link is over; `None` if the session is.
    async fn carry(&mut self, link: Link) -> Option<LinkEnd> {
        let Link { source, sink, arrived } = link;
        let carrying = self.carrier.carry(source, sink, arrived, Some(Heartbeat::default()));
        tokio::pin!(carrying);
        tokio::select! {
            end = &mut carrying => return Some(end),
            _ = self.ending.wait_for(|ending| *ending) => {}
        }
        self.carrier.say_goodbye();
        if timeout(FAREWELL, carrying).await.is_err() {
            debug!("the agent did not end in time; its lease will end it");
        }
        None
    }

    /// The next link; `None` when there is nothing left to reach.
    async fn next(&mut self, lost: Instant) -> Option<(Connection, Link)> {
        let mut pauses = PAUSES.iter();
        let mut pause = Duration::ZERO;
        while lost.elapsed() < self.lease {
            pause = pauses.next().copied().unwrap_or(pause);
            sleep(pause).await;
            let asking = if terminal::is_free() { Asking::Allowed } else { Asking::Forbidden };
            match self.attempt(asking).await {
                Ok(next) => return Some(next),
                Err(LinkError::Gone) => {
                    warn!("the agent is gone, and the session with it");
                    return None;
                }
                Err(LinkError::Ssh(error)) if !error.may_pass() => {
                    // Asking for it again and again would only lock the user out.
                    warn!("the remote does not let us in again: {error}");
                    pauses = [].iter();
                    pause = PAUSES[PAUSES.len() - 1] * 6;
                    self.state.send_replace(LinkState::Locked(lost));
                }
                Err(error) => debug!("no link yet: {error}"),
            }
        }
        warn!("the remote was out of reach for too long");
        None
    }

    async fn attempt(&mut self, asking: Asking) -> Result<(Connection, Link), LinkError> {
        let connection = self.dialer.dial(asking).await?;
        let opening = self.door.open(&connection, &self.kinds, self.carrier.arrived());
        let opened = if self.dialer.asks_elsewhere(asking) {
            opening.await
        } else {
            let silent = |_| LinkError::Answer(std::io::ErrorKind::TimedOut.into());
            timeout(self.dialer.limit + PATIENCE, opening).await.map_err(silent)?
        };
        let (kind, link) = opened?;
        // What the server allowed once it allows again.
        self.kinds = vec![kind];
        Ok((connection, link))
    }
}

/// Says goodbye to the server, if it still listens.
async fn close(connection: Option<Connection>) {
    if let Some(connection) = connection {
        let _ = timeout(FAREWELL, connection.close()).await;
    }
}
