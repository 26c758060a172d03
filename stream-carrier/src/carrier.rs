//! The carrier: what both ends of a session hold, whatever becomes of the link.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Waker,
    time::Instant,
};

use bytes::Bytes;
use tokio::sync::{
    Notify,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use crate::{
    journal::{Journal, Lost},
    packet::Packet,
    stream::CarriedStream,
};

/// Bytes of a stream that may be under way or lie unread: enough for a long link.
pub const WINDOW: u32 = 8 * 1024 * 1024;

/// Bytes that may wait to be written on the link; a stream with more waits for its turn.
pub const ROOM: usize = 256 * 1024;

/// Streams the other end has opened.
pub type Incoming = UnboundedReceiver<CarriedStream>;

/// One end of all streams of a session.
#[derive(Clone)]
pub struct Carrier {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    state: Mutex<State>,
    /// Wakes whoever writes on the link.
    pub(crate) work: Notify,
}

pub(crate) struct State {
    pub(crate) journal: Journal,
    /// What concerns the present link alone, written before all else.
    pub(crate) urgent: VecDeque<Packet>,
    pub(crate) streams: HashMap<u32, Entry>,
    /// Streams that wait for room.
    pub(crate) crowd: Vec<Waker>,
    /// Numbered packets that have arrived.
    pub(crate) arrived: u64,
    pub(crate) heard: Instant,
    pub(crate) goodbye: bool,
    over: bool,
    last: u32,
    incoming: UnboundedSender<CarriedStream>,
}

/// One stream.
pub(crate) struct Entry {
    pub(crate) arrived: VecDeque<Bytes>,
    /// Read, but not yet told as credit.
    pub(crate) taken: u32,
    pub(crate) credit: u32,
    /// The other end sends no more.
    pub(crate) ended: bool,
    /// This end sends no more.
    pub(crate) closed: bool,
    /// Nobody here reads any more.
    pub(crate) dropped: bool,
    pub(crate) reader: Option<Waker>,
    pub(crate) writer: Option<Waker>,
}

impl Carrier {
    /// A new session's end. The other end's streams come through the receiver.
    pub fn new() -> (Self, Incoming) {
        let (incoming, opened) = unbounded_channel();
        let state = State {
            journal: Journal::default(),
            urgent: VecDeque::new(),
            streams: HashMap::new(),
            crowd: Vec::new(),
            arrived: 0,
            heard: Instant::now(),
            goodbye: false,
            over: false,
            last: 0,
            incoming,
        };
        (Self { shared: Arc::new(Shared { state: Mutex::new(state), work: Notify::new() }) }, opened)
    }

    /// Opens a stream. Only one end of a session may do that, since it chooses the numbers. It costs no round trip.
    pub fn open(&self) -> CarriedStream {
        let mut state = self.shared.lock();
        state.last += 1;
        let stream = state.last;
        if !state.over {
            state.streams.insert(stream, Entry::new());
            state.journal.push(Packet::Open { stream });
            self.shared.work.notify_one();
        }
        drop(state);
        CarriedStream::new(Arc::clone(&self.shared), stream)
    }

    /// How many numbered packets have arrived: what the other end must know to go on over another link. No link may
    /// be read meanwhile.
    pub fn arrived(&self) -> u64 {
        self.shared.lock().arrived
    }

    /// When the last byte came.
    pub fn heard(&self) -> Instant {
        self.shared.lock().heard
    }

    /// Tells the other end, if there is a link, that the session is over.
    pub fn say_goodbye(&self) {
        self.shared.lock().urgent.push_back(Packet::Goodbye);
        self.shared.work.notify_one();
    }

    /// Ends all streams here: whoever reads one comes to its end, whoever writes fails.
    pub fn end(&self) {
        let mut state = self.shared.lock();
        state.over = true;
        let State { streams, crowd, .. } = &mut *state;
        let waiting = streams.values_mut().flat_map(|entry| [entry.reader.take(), entry.writer.take()]);
        let wakers: Vec<Waker> = waiting.flatten().chain(crowd.drain(..)).collect();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in a packet. `Err` if it cannot be of this session.
    pub(crate) fn take(self: &Arc<Self>, packet: Packet) -> Result<(), Lost> {
        let mut state = self.lock();
        if packet.is_numbered() {
            state.arrived += 1;
        }
        let waker = match packet {
            Packet::Open { stream } => {
                state.streams.insert(stream, Entry::new());
                let opened = CarriedStream::new(Arc::clone(self), stream);
                let incoming = state.incoming.clone();
                drop(state);
                // An end that takes no streams drops them, which tells the other.
                drop(incoming.send(opened));
                return Ok(());
            }
            Packet::Data { stream, bytes } => state.data(stream, bytes),
            Packet::End { stream } => {
                let entry = state.streams.get_mut(&stream);
                let waker = entry.and_then(|entry| {
                    entry.ended = true;
                    entry.reader.take()
                });
                state.forget_if_over(stream);
                waker
            }
            Packet::Credit { stream, bytes } => state.streams.get_mut(&stream).and_then(|entry| {
                entry.credit = entry.credit.saturating_add(bytes);
                entry.writer.take()
            }),
            Packet::Arrived { count } => {
                state.journal.confirm(count)?;
                None
            }
            Packet::Ping => {
                state.urgent.push_back(Packet::Pong);
                self.work.notify_one();
                None
            }
            // Its bytes alone are the sign of life.
            Packet::Pong => None,
            Packet::Goodbye => {
                state.goodbye = true;
                None
            }
        };
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }
}

impl State {
    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    fn data(&mut self, stream: u32, bytes: Bytes) -> Option<Waker> {
        let entry = self.streams.get_mut(&stream)?;
        if entry.dropped || bytes.is_empty() {
            return None;
        }
        entry.arrived.push_back(bytes);
        entry.reader.take()
    }

    /// Both ends have ended it and nobody reads here any more.
    pub(crate) fn forget_if_over(&mut self, stream: u32) {
        if self.streams.get(&stream).is_some_and(|entry| entry.ended && entry.closed && entry.dropped) {
            self.streams.remove(&stream);
        }
    }
}

impl Entry {
    fn new() -> Self {
        Self {
            arrived: VecDeque::new(),
            taken: 0,
            credit: WINDOW,
            ended: false,
            closed: false,
            dropped: false,
            reader: None,
            writer: None,
        }
    }
}
