//! One stream as its user sees it: bytes to read and to write.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{
    carrier::{Entry, ROOM, Shared, State, WINDOW},
    packet::{PIECE, Packet},
};

/// A stream. Dropping it ends it.
pub struct CarriedStream {
    shared: Arc<Shared>,
    number: u32,
}

impl CarriedStream {
    pub(crate) fn new(shared: Arc<Shared>, number: u32) -> Self {
        Self { shared, number }
    }

    /// Tells the other end once that no more comes.
    fn close(&self, state: &mut State) {
        if let Some(entry) = state.streams.get_mut(&self.number)
            && !std::mem::replace(&mut entry.closed, true)
        {
            state.journal.push(Packet::End { stream: self.number });
            self.shared.work.notify_one();
        }
    }
}

impl AsyncRead for CarriedStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        let mut state = self.shared.lock();
        let over = state.is_over();
        let Some(entry) = state.streams.get_mut(&self.number) else { return Poll::Ready(Ok(())) };
        let before = buffer.remaining();
        while let Some(bytes) = entry.arrived.front_mut()
            && buffer.remaining() > 0
        {
            let length = bytes.len().min(buffer.remaining());
            buffer.put_slice(&bytes[..length]);
            bytes.advance(length);
            if bytes.is_empty() {
                entry.arrived.pop_front();
            }
        }
        let taken = before - buffer.remaining();
        if taken == 0 {
            if entry.ended || over || before == 0 {
                return Poll::Ready(Ok(()));
            }
            wait(&mut entry.reader, cx);
            return Poll::Pending;
        }
        entry.taken += u32::try_from(taken).expect("a window's worth at most has arrived");
        if entry.taken >= WINDOW / 8 && !entry.ended {
            let packet = Packet::Credit { stream: self.number, bytes: std::mem::take(&mut entry.taken) };
            state.journal.push(packet);
            self.shared.work.notify_one();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for CarriedStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context, data: &[u8]) -> Poll<io::Result<usize>> {
        let mut guard = self.shared.lock();
        let state = &mut *guard;
        let crowded = state.journal.waiting() >= ROOM;
        let over = state.is_over();
        let entry = state.streams.get_mut(&self.number).filter(|entry| !entry.closed && !over);
        let Some(Entry { credit, writer, .. }) = entry else {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        };
        if data.is_empty() {
            return Poll::Ready(Ok(0));
        }
        if *credit == 0 {
            wait(writer, cx);
            return Poll::Pending;
        }
        if crowded {
            state.crowd.push(cx.waker().clone());
            return Poll::Pending;
        }
        let length = data.len().min(*credit as usize).min(PIECE);
        *credit -= u32::try_from(length).expect("a piece is short");
        let bytes = Bytes::copy_from_slice(&data[..length]);
        state.journal.push(Packet::Data { stream: self.number, bytes });
        drop(guard);
        self.shared.work.notify_one();
        Poll::Ready(Ok(length))
    }

    /// What was written is on its way, on this link or the next.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context) -> Poll<io::Result<()>> {
        self.close(&mut self.shared.lock());
        Poll::Ready(Ok(()))
    }
}

impl Drop for CarriedStream {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        self.close(&mut state);
        if let Some(entry) = state.streams.get_mut(&self.number) {
            entry.dropped = true;
            entry.arrived.clear();
            (entry.reader, entry.writer) = (None, None);
        }
        state.forget_if_over(self.number);
    }
}

fn wait(waker: &mut Option<Waker>, cx: &Context) {
    match waker {
        Some(waker) => waker.clone_from(cx.waker()),
        None => *waker = Some(cx.waker().clone()),
    }
}
