//! The two directions of a socket, each of which may end before the other.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use rustix::net::{Shutdown, shutdown};
use tokio::{
    io::{AsyncRead, ReadBuf},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// What is written at the other end. Dropped, it leaves the writer there with EPIPE.
pub struct Source(OwnedReadHalf);

/// Takes the two directions apart. Dropping the one to write ends what the other end reads.
pub fn split(socket: UnixStream) -> (Source, OwnedWriteHalf) {
    let (source, sink) = socket.into_split();
    (Source(source), sink)
}

impl AsyncRead for Source {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        // A socket whose other end is closed already needs no telling.
        let _ = shutdown(self.0.as_ref(), Shutdown::Read);
    }
}
