//! The link between the machines: a proxy before an sshd that takes its time, stalls or breaks when told to.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

/// Bytes carried at once.
const PIECE: usize = 64 * 1024;

/// Pieces under way in one direction: with 50 ms one way they make 1.2 GiB/s, more than a loopback sshd does.
const UNDER_WAY: usize = 1024;

/// A link to a port of 127.0.0.1. Dropping it breaks it.
pub struct Link {
    /// The port that stands for the one at its end.
    pub port: u16,
    state: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stalled: bool,
    down: bool,
    over: bool,
    /// Connections so far.
    count: usize,
    /// So many of the first of them have gone silent for ever.
    lost: usize,
    ends: Vec<TcpStream>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits while this connection is stalled.
    fn pass(&self, number: usize) {
        let stalled = |state: &mut State| (state.stalled || number <= state.lost) && !state.down;
        drop(self.changed.wait_while(self.lock(), stalled).unwrap_or_else(PoisonError::into_inner));
    }
}

impl Link {
    /// A link over which a question and its answer take `round_trip` longer.
    #[track_caller]
    pub fn to(far: u16, round_trip: Duration) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let state = Arc::new(Shared::default());
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                match shared.lock() {
                    state if state.over => return,
                    state if state.down => continue,
                    _ => {}
                }
                // A far end that is not there looks like a connection that breaks at once.
                let Ok(far) = TcpStream::connect((Ipv4Addr::LOCALHOST, far)) else { continue };
                let copies = || Some((near.try_clone().ok()?, far.try_clone().ok()?));
                let (Some(up), Some(down), Some((a, b))) = (copies(), copies(), copies()) else { continue };
                let number = {
                    let mut state = shared.lock();
                    state.ends.extend([a, b]);
                    state.count += 1;
                    state.count
                };
                carry(up.0, up.1, round_trip / 2, &shared, number);
                carry(down.1, down.0, round_trip / 2, &shared, number);
            }
        });
        Self { port, state }
    }

    /// Nothing passes any more, and nobody is told.
    pub fn stall(&self) {
        self.state.lock().stalled = true;
    }

    /// What waits passes.
    pub fn resume(&self) {
        self.state.lock().stalled = false;
        self.state.changed.notify_all();
    }

    /// The connections that stand go silent for ever, and nobody is told; new ones pass.
    pub fn lose(&self) {
        let mut state = self.state.lock();
        state.lost = state.count;
    }

    /// Breaks all connections; new ones break at once.
    pub fn cut(&self) {
        let mut state = self.state.lock();
        state.down = true;
        for end in state.ends.drain(..) {
            // An end that is gone already needs no farewell.
            let _ = end.shutdown(Shutdown::Both);
        }
        drop(state);
        self.state.changed.notify_all();
    }

    /// New connections pass again.
    pub fn restore(&self) {
        let mut state = self.state.lock();
        (state.down, state.stalled) = (false, false);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.cut();
        self.state.lock().over = true;
        // Wakes the thread that accepts, for the last time.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

/// Carries one direction until its end, each piece `delay` after it came.
fn carry(mut from: TcpStream, mut to: TcpStream, delay: Duration, shared: &Arc<Shared>, number: usize) {
    let (sender, pieces) = mpsc::sync_channel::<(Instant, Vec<u8>)>(UNDER_WAY);
    let _ = to.set_nodelay(true);
    thread::spawn(move || {
        let mut bytes = vec![0; PIECE];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            if sender.send((Instant::now() + delay, bytes[..count].to_vec())).is_err() {
                return;
            }
        }
    });
    let shared = Arc::clone(shared);
    thread::spawn(move || {
        for (due, piece) in pieces {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            shared.pass(number);
            if to.write_all(&piece).is_err() {
                let _ = to.shutdown(Shutdown::Both);
                return;
            }
        }
        shared.pass(number);
        let _ = to.shutdown(Shutdown::Write);
    });
}
