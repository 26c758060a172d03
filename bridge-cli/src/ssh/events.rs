//! What a command on the remote says, over a channel of ours or through the system's `ssh`.

use std::os::unix::process::ExitStatusExt;

use bytes::{Bytes, BytesMut};
use russh::{ChannelMsg, ChannelReadHalf};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Child;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tracing::debug;

/// Bytes taken from a pipe at once.
const PIECE: usize = 64 * 1024;

/// Pieces that may wait; a command that says more waits.
const PIECES: usize = 4;

/// One thing a command says.
pub enum Event {
    /// Bytes of its stdout.
    Output(Bytes),
    /// Bytes of its stderr.
    Error(Bytes),
    /// Its exit status.
    Status(u32),
}

/// All it says, in order.
pub enum Events {
    /// Over a channel.
    Channel(ChannelReadHalf),
    /// Through a process of the laptop, which ends when this is dropped.
    Process(Receiver<Event>),
}

impl Events {
    /// Of a process whose stdout and stderr are pipes.
    pub fn of_process(mut child: Child) -> Self {
        let (say, said) = channel(PIECES);
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        tokio::spawn(async move {
            let ended = async {
                tokio::join!(forward(stdout, &say, Event::Output), forward(stderr, &say, Event::Error));
                child.wait().await
            };
            tokio::select! {
                // Dropping the child kills it.
                () = say.closed() => {}
                status = ended => {
                    let Ok(status) = status else { return };
                    let code = status.code().or(status.signal().map(|signal| 128 + signal));
                    // Whoever has stopped listening needs no status.
                    let _ = say.send(Event::Status(code.unwrap_or_default().unsigned_abs())).await;
                }
            }
        });
        Self::Process(said)
    }

    /// The next one; `None` when the command has ended.
    pub async fn next(&mut self) -> Option<Event> {
        let channel = match self {
            Self::Process(said) => return said.recv().await,
            Self::Channel(channel) => channel,
        };
        loop {
            match channel.wait().await? {
                ChannelMsg::Data { data } if !data.is_empty() => return Some(Event::Output(data)),
                ChannelMsg::ExtendedData { data, .. } => return Some(Event::Error(data)),
                ChannelMsg::ExitStatus { exit_status } => return Some(Event::Status(exit_status)),
                ChannelMsg::Failure => debug!("the server refused the command"),
                _ => {}
            }
        }
    }
}

async fn forward(pipe: Option<impl AsyncRead + Unpin>, say: &Sender<Event>, event: impl Fn(Bytes) -> Event) {
    let Some(mut pipe) = pipe else { return };
    let mut bytes = BytesMut::new();
    loop {
        bytes.reserve(PIECE);
        match pipe.read_buf(&mut bytes).await {
            Ok(1..) if say.send(event(bytes.split().freeze())).await.is_ok() => {}
            _ => return,
        }
    }
}
