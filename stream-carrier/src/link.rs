//! Driving one link until it breaks.

use std::{
    io,
    sync::Arc,
    time::{Instant, SystemTime},
};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::sleep,
};

use crate::{
    carrier::{Carrier, ROOM, Shared},
    heartbeat::{Beat, Heart, Heartbeat, TICK},
    packet::Packet,
};

/// Bytes gathered for one write.
const GATHER: usize = 256 * 1024;

/// Bytes read at a time.
const READ: usize = 256 * 1024;

/// After so many packets or bytes the other end is told that they have arrived, so that it need not keep them.
const TOLD: (u64, usize) = (64, 64 * 1024);

/// Why a link is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkEnd {
    /// It was closed or broke: another may take its place.
    Broken,
    /// The other end does not answer any more: likewise.
    Silent,
    /// The other end said that the session is over.
    Goodbye,
    /// The other end is none of this session.
    Lost,
}

/// Where a link's bytes come from.
pub trait Source: Send {
    /// Adds the next bytes to `to`; how many, 0 at the end.
    fn read(&mut self, to: &mut BytesMut) -> impl Future<Output = io::Result<usize>> + Send;
}

impl<R: AsyncRead + Unpin + Send> Source for R {
    async fn read(&mut self, to: &mut BytesMut) -> io::Result<usize> {
        // Room that streams have given back is used again.
        if to.capacity() - to.len() < READ / 2 {
            to.reserve(READ);
        }
        self.read_buf(to).await
    }
}

impl Carrier {
    /// Carries the streams over this link until it is over. `arrived` is how many numbered packets the other end has
    /// (0 on a session's first link). Without a heartbeat a silent link counts as alive.
    ///
    /// One link at a time: whoever has another to offer drops this call first.
    pub async fn carry(
        &self,
        source: impl Source,
        sink: impl AsyncWrite + Unpin,
        arrived: u64,
        heartbeat: Option<Heartbeat>,
    ) -> LinkEnd {
        {
            let mut state = self.shared.lock();
            if state.journal.resume(arrived).is_err() {
                return LinkEnd::Lost;
            }
            // What the last link alone was told of.
            state.urgent.retain(|packet| *packet == Packet::Goodbye);
            state.heard = Instant::now();
        }
        tokio::select! {
            end = read(&self.shared, source) => end,
            _ = write(&self.shared, sink) => LinkEnd::Broken,
            () = keep_asking(&self.shared, heartbeat) => LinkEnd::Silent,
        }
    }
}

async fn read(shared: &Arc<Shared>, mut source: impl Source) -> LinkEnd {
    let mut arrived = BytesMut::new();
    let (mut told, mut untold) = (shared.lock().arrived, 0);
    loop {
        match source.read(&mut arrived).await {
            Ok(0) | Err(_) => return LinkEnd::Broken,
            Ok(count) => untold += count,
        }
        shared.lock().heard = Instant::now();
        loop {
            match Packet::take(&mut arrived) {
                Ok(Some(packet)) => {
                    if shared.take(packet).is_err() {
                        return LinkEnd::Lost;
                    }
                }
                Ok(None) => break,
                Err(_) => return LinkEnd::Lost,
            }
        }
        let mut state = shared.lock();
        if state.goodbye {
            return LinkEnd::Goodbye;
        }
        if state.arrived - told >= TOLD.0 || (untold >= TOLD.1 && state.arrived > told) {
            (told, untold) = (state.arrived, 0);
            state.urgent.push_back(Packet::Arrived { count: told });
            shared.work.notify_one();
        }
    }
}

async fn write(shared: &Arc<Shared>, mut sink: impl AsyncWrite + Unpin) -> io::Result<()> {
    let mut bytes = Vec::new();
    loop {
        let crowd = {
            let mut state = shared.lock();
            while let Some(packet) = state.urgent.pop_front() {
                packet.put(&mut bytes);
            }
            while bytes.len() < GATHER
                && let Some(packet) = state.journal.take_next()
            {
                packet.put(&mut bytes);
            }
            if state.journal.waiting() < ROOM { std::mem::take(&mut state.crowd) } else { Vec::new() }
        };
        crowd.into_iter().for_each(std::task::Waker::wake);
        if bytes.is_empty() {
            shared.work.notified().await;
            continue;
        }
        sink.write_all(&bytes).await?;
        sink.flush().await?;
        bytes.clear();
        bytes.shrink_to(GATHER);
    }
}

/// Asks for signs of life; ends when none comes.
async fn keep_asking(shared: &Arc<Shared>, heartbeat: Option<Heartbeat>) {
    let Some(rule) = heartbeat else { return std::future::pending().await };
    let mut heart = Heart::new(rule, Instant::now(), SystemTime::now());
    loop {
        sleep(TICK).await;
        let mut state = shared.lock();
        match heart.beat(state.heard, Instant::now(), SystemTime::now()) {
            Beat::Rest => {}
            Beat::Ask => {
                state.urgent.push_back(Packet::Ping);
                shared.work.notify_one();
            }
            Beat::Dead => return,
        }
    }
}
