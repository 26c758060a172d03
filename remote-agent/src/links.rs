//! The links of the session, one after another, and how long the agent lives without one.

use std::time::{Duration, Instant};

use stream_carrier::{Carrier, LinkEnd, Source};
use tokio::{
    io::AsyncWrite,
    sync::{Mutex, watch},
    task::JoinHandle,
    time::timeout_at,
};
use wire_protocol::Lease;

/// A link that is closed this soon after its last byte was not silent before. `pii` is heard every three seconds.
const SILENCE: Duration = Duration::from_secs(8);

/// What became of the present link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Carrying,
    /// There is none since then.
    Without(Instant),
    /// `pii` has said goodbye.
    Over,
}

/// The session's links.
pub struct Links {
    carrier: Carrier,
    lease: Lease,
    present: Mutex<Option<JoinHandle<()>>>,
    state: watch::Sender<State>,
}

impl Links {
    /// Of a session that has no link yet.
    pub fn new(carrier: Carrier, lease: Lease) -> Self {
        let state = watch::Sender::new(State::Without(Instant::now()));
        Self { carrier, lease, present: Mutex::default(), state }
    }

    /// Gives up the present link for another. `take` gets how many numbered packets have arrived so far; what it
    /// answers is carried on a task of its own.
    pub async fn replace<F>(&self, take: impl FnOnce(u64) -> Option<F>)
    where
        F: Future<Output = LinkEnd> + Send + 'static,
    {
        let mut present = self.present.lock().await;
        if let Some(link) = present.take() {
            link.abort();
            // Aborted or over: in both cases nothing is read from it any more.
            let _ = link.await;
        }
        let Some(carrying) = take(self.carrier.arrived()) else {
            self.state.send_replace(State::Without(Instant::now()));
            return;
        };
        let state = self.state.clone();
        state.send_replace(State::Carrying);
        *present = Some(tokio::spawn(async move {
            let end = carrying.await;
            state.send_replace(match end {
                LinkEnd::Goodbye => State::Over,
                LinkEnd::Broken | LinkEnd::Silent | LinkEnd::Lost => State::Without(Instant::now()),
            });
        }));
    }

    /// Carries the first link, over these pipes.
    pub async fn first(&self, source: impl Source + 'static, sink: impl AsyncWrite + Send + Unpin + 'static) {
        let carrier = self.carrier.clone();
        self.replace(|_| Some(async move { carrier.carry(source, sink, 0, None).await })).await;
    }

    /// Waits until the session is over: told so, or left without a link for longer than its lease.
    pub async fn over(&self) {
        let mut state = self.state.subscribe();
        loop {
            let now = *state.borrow_and_update();
            let end = match now {
                State::Over => return,
                State::Carrying => self.carrier.heard() + seconds(self.lease.silent),
                State::Without(since) => {
                    let heard = self.carrier.heard();
                    if since.saturating_duration_since(heard) < SILENCE {
                        since + seconds(self.lease.closed)
                    } else {
                        heard + seconds(self.lease.silent)
                    }
                }
            };
            if Instant::now() >= end {
                return;
            }
            // Time is up or the state is another one; the next round tells.
            let _ = timeout_at(end.into(), state.changed()).await;
        }
    }
}

fn seconds(count: u32) -> Duration {
    Duration::from_secs(count.into())
}

#[cfg(test)]
mod tests {
    use tokio::io::{DuplexStream, duplex, split};

    use super::*;

    fn links(silent: u32, closed: u32) -> Links {
        Links::new(Carrier::new().0, Lease { silent, closed })
    }

    /// Gives the links their next one, and answers its other end.
    async fn give_one(links: &Links) -> DuplexStream {
        let (near, far) = duplex(64);
        let (read, write) = split(near);
        links.first(read, write).await;
        far
    }

    #[tokio::test]
    async fn a_closed_link_is_waited_for_as_long_as_the_short_lease() {
        let links = links(3600, 1);
        let far = give_one(&links).await;
        let closed = Instant::now();
        drop(far);
        links.over().await;
        assert!(closed.elapsed() >= Duration::from_secs(1));
    }

    #[tokio::test]
    async fn a_silent_link_is_waited_for_as_long_as_the_long_lease() {
        let links = links(1, 3600);
        let _far = give_one(&links).await;
        links.over().await;
    }

    #[tokio::test]
    async fn a_goodbye_ends_it_at_once() {
        let links = links(3600, 3600);
        let (far, other) = (give_one(&links).await, Carrier::new().0);
        other.say_goodbye();
        let (read, write) = split(far);
        tokio::spawn(async move { other.carry(read, write, 0, None).await });
        links.over().await;
    }

    #[tokio::test]
    async fn the_next_link_takes_the_place_of_one_that_hangs() {
        let links = links(3600, 0);
        let _hangs = give_one(&links).await;
        let far = give_one(&links).await;
        assert_eq!(*links.state.borrow(), State::Carrying);
        drop(far);
        links.over().await;
    }
}
