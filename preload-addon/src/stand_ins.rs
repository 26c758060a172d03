//! Pipes that stand for open remote files in processes of the laptop, which can be given descriptors of the laptop only.
//!
//! What is in such a pipe belongs into the file at its own offset, where the process's own write would have put it.

use std::{
    io,
    os::fd::{IntoRawFd, OwnedFd},
    sync::Arc,
};

use napi::{Env, bindgen_prelude::Object};
use napi_derive::napi;
use rustix::io::ioctl_fionread;
use tokio::{
    io::AsyncWriteExt,
    net::unix::pipe::{Receiver, Sender},
    sync::{
        Semaphore,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot,
    },
};
use wire_protocol::{
    Call, Reply,
    files::{CHUNK, Descriptor, FileCall, FileReply},
    processes::WINDOW,
};

use crate::{
    error::{Error, invalid, thrown},
    session::{runtime, stream},
    stream::Stream,
};

/// Bytes taken from a pipe at once.
const PIECE: usize = 64 * 1024;

/// Somebody who waits until what lies in a pipe is in its file.
type Drained = oneshot::Sender<()>;

/// A pipe that stands for an open remote file.
#[napi]
pub struct StandIn {
    fd: i32,
    drains: UnboundedSender<Drained>,
}

/// Makes a pipe that is pumped into a file or, with `reads`, from it.
#[napi]
pub fn stand_in(descriptor: u32, reads: bool) -> Result<StandIn, Error> {
    let stream = stream()?;
    // The caller may close its descriptor while the process still uses the pipe.
    let file = File { stream, descriptor: stream.new_number() };
    stream.let_go(descriptor);
    let duplicate = FileCall::Duplicate { descriptor: file.descriptor, of: descriptor };
    stream.call_and_wait(Call::Files(duplicate)).map_err(thrown)?;
    let (drains, asked) = unbounded_channel();
    let theirs = start(file, reads, asked).map_err(|error| Error::new("EMFILE".into(), error.to_string()))?;
    Ok(StandIn { fd: theirs.into_raw_fd(), drains })
}

/// Starts the pump; the process's end of its pipe.
fn start(file: File, reads: bool, asked: UnboundedReceiver<Drained>) -> io::Result<OwnedFd> {
    let (read, write) = io::pipe()?;
    let (read, write) = (OwnedFd::from(read), OwnedFd::from(write));
    let _runtime = runtime().enter();
    if reads {
        runtime().spawn(feed(file, Sender::from_owned_fd(write)?));
        return Ok(read);
    }
    runtime().spawn(gather(file, Receiver::from_owned_fd(read)?, asked));
    Ok(write)
}

#[napi]
impl StandIn {
    /// The process's end, which JavaScript owns from now on.
    #[napi(getter)]
    pub fn fd(&self) -> i32 {
        self.fd
    }

    /// The promise settles when all that lies in the pipe now is in the file.
    #[napi]
    pub fn drain<'env>(&self, env: &'env Env) -> Result<Object<'env>, Error> {
        let (deferred, promise) = env.create_deferred().map_err(|error| invalid(&error))?;
        let drained = self.drained();
        runtime().spawn(async move {
            drained.await;
            deferred.resolve(|_| Ok(()));
        });
        Ok(promise)
    }

    /// Blocks until all that lies in the pipe now is in the file.
    #[napi]
    pub fn drain_sync(&self) {
        runtime().block_on(self.drained());
    }

    fn drained(&self) -> impl Future<Output = ()> + Send + use<> {
        let (done, drained) = oneshot::channel();
        let drains = self.drains.clone();
        let asked = drains.send(done).is_ok();
        async move {
            // A pump that ends while it is being asked may leave the question in its closed queue unseen.
            if asked {
                tokio::select! {
                    _ = drained => {}
                    () = drains.closed() => {}
                }
            }
        }
    }
}

/// An open file of a stand-in's own.
struct File {
    stream: &'static Stream,
    descriptor: Descriptor,
}

impl File {
    /// Sends bytes to be written. Each takes its part of `room` until it is; a write that fails closes it.
    fn write(&self, data: Vec<u8>, room: &Arc<Semaphore>) {
        let (length, room) = (data.len(), Arc::clone(room));
        let call = FileCall::Write { descriptor: self.descriptor, position: None, data, series: 0 };
        self.stream.call(Call::Files(call), move |result| match result {
            Ok(Reply::Files(FileReply::Written(count))) if count as usize == length => {
                room.add_permits(length)
            }
            _ => room.close(),
        });
    }

    /// The next bytes at the file's offset; none at its end, or if it cannot be read.
    async fn read(&self) -> Vec<u8> {
        let (answer, answered) = oneshot::channel();
        let call = FileCall::Read { descriptor: self.descriptor, position: None, length: CHUNK };
        self.stream.call(Call::Files(call), |result| drop(answer.send(result)));
        match answered.await {
            Ok(Ok(Reply::Files(FileReply::Bytes(bytes)))) => bytes,
            _ => Vec::new(),
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let close = FileCall::Close { descriptor: self.descriptor };
        self.stream.call(Call::Files(close), |_| ());
    }
}

/// From the file into the pipe, until either ends.
async fn feed(file: File, mut pipe: Sender) {
    loop {
        let bytes = file.read().await;
        if bytes.is_empty() || pipe.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// From the pipe into the file, until the pipe ends or a write fails; who writes on into it gets EPIPE then.
async fn gather(file: File, pipe: Receiver, mut asked: UnboundedReceiver<Drained>) {
    let room = Arc::new(Semaphore::new(WINDOW as usize));
    loop {
        tokio::select! {
            Some(drained) = asked.recv() => {
                // Read past the runtime, which may not have noticed yet what lies there.
                let there = ioctl_fionread(&pipe).unwrap_or(0);
                let read = |bytes: &mut [u8]| Ok(rustix::io::read(&pipe, bytes)?);
                if !take(&file, &room, there, read).await || !written(&room).await {
                    break;
                }
                let _ = drained.send(());
            }
            ready = pipe.readable() => {
                if ready.is_err() || !take(&file, &room, u64::MAX, |bytes| pipe.try_read(bytes)).await {
                    break;
                }
            }
        }
    }
    // Drains that are asked for now are answered by the end of this.
    written(&room).await;
}

/// Takes up to `most` bytes of what is there. False at the end, or where the file takes no more.
async fn take(
    file: &File,
    room: &Arc<Semaphore>,
    mut most: u64,
    read: impl Fn(&mut [u8]) -> io::Result<usize>,
) -> bool {
    let mut bytes = vec![0; PIECE];
    while most > 0 {
        let length = usize::try_from(most).unwrap_or(PIECE).min(PIECE);
        match read(&mut bytes[..length]) {
            Ok(0) => return false,
            Ok(count) => {
                let Ok(permits) = room.acquire_many(count as u32).await else { return false };
                permits.forget();
                file.write(bytes[..count].to_vec(), room);
                most -= count as u64;
            }
            Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
        }
    }
    true
}

/// Waits until every write is done; false if one has failed.
async fn written(room: &Semaphore) -> bool {
    room.acquire_many(WINDOW).await.is_ok()
}
