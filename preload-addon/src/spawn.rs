//! A request of JavaScript's to start a process, made into one of the wire's.

use std::{
    os::{
        fd::{IntoRawFd, OwnedFd},
        unix::net::UnixStream,
    },
    sync::Arc,
};

use napi::{
    Env,
    bindgen_prelude::{Either3, Object},
};
use napi_derive::napi;
use serde::Deserialize;
use serde_bytes::ByteBuf;
use wire_protocol::{
    files::Descriptor,
    processes::{Environment, MAX_STDIO, ProcessId, Spawn, Stdio},
};

use crate::{
    error::{Error, invalid},
    inherited,
    stream::Stream,
    terminal::{self, Hold},
};

/// `End` of `addon.d.ts`: `null`, `pipe`, a descriptor's number, or an open remote file.
pub type EndArgument = Either3<String, i32, FileEnd>;

/// An open remote file.
#[napi(object)]
pub struct FileEnd {
    /// Its number on the wire.
    pub file: Descriptor,
}

/// What this process holds of one descriptor of the remote process.
pub enum End {
    /// Nothing.
    Null,
    /// A pipe.
    Pipe,
    /// A descriptor of this process, copied.
    Inherited(OwnedFd),
    /// The user's terminal.
    Terminal(OwnedFd),
    /// An open remote file.
    File(Descriptor),
}

impl End {
    fn on_the_wire(&self) -> Stdio {
        match self {
            Self::Null => Stdio::Null,
            Self::Pipe | Self::Inherited(_) => Stdio::Pipe,
            Self::Terminal(_) => Stdio::Terminal,
            Self::File(descriptor) => Stdio::File(*descriptor),
        }
    }
}

/// `SpawnRequest` of `addon.d.ts`.
#[derive(Deserialize)]
struct Request {
    file: ByteBuf,
    args: Vec<ByteBuf>,
    cwd: ByteBuf,
    environment: Environment,
    detached: bool,
    uid: Option<u32>,
    gid: Option<u32>,
    umask: u32,
}

/// The ends as JavaScript named them.
pub fn ends(arguments: Vec<EndArgument>) -> Result<Vec<End>, Error> {
    if arguments.len() > usize::from(MAX_STDIO) {
        return Err(Error::new("EMFILE".into(), format!("a process has at most {MAX_STDIO} ends")));
    }
    Ok(terminals_among(arguments.into_iter().map(end).collect::<Result<_, _>>()?))
}

/// Those of the standard three that are the user's terminal, and one and the same, are to be the process's.
fn terminals_among(ends: Vec<End>) -> Vec<End> {
    let mut only = None;
    let decide = |(number, end)| match end {
        End::Inherited(fd) if number <= 2 => match terminal::device(&fd) {
            Some(device) if *only.get_or_insert(device) == device => End::Terminal(fd),
            _ => End::Inherited(fd),
        },
        end => end,
    };
    ends.into_iter().enumerate().map(decide).collect()
}

/// The hold on the terminal that a process among whose ends it is has to have.
pub fn hold(stream: &'static Stream, process: ProcessId, ends: &[End]) -> Result<Option<Arc<Hold>>, Error> {
    let found = ends.iter().enumerate().find_map(|(number, end)| match end {
        End::Terminal(fd) => Some((number, fd)),
        _ => None,
    });
    let hold = found.map(|(number, fd)| Hold::take(stream, process, fd, number == 0)).transpose();
    hold.map_err(|error| Error::new("ENOTTY".into(), error.to_string()))
}

fn end(argument: EndArgument) -> Result<End, Error> {
    match argument {
        Either3::A(word) if word == "null" => Ok(End::Null),
        Either3::A(word) if word == "pipe" => Ok(End::Pipe),
        Either3::A(word) => Err(Error::new("EINVAL".into(), format!("no end is called {word}"))),
        Either3::B(number) => {
            let copy = inherited::duplicate(number);
            copy.map(End::Inherited).map_err(|error| Error::new("EBADF".into(), error.to_string()))
        }
        Either3::C(FileEnd { file }) => Ok(End::File(file)),
    }
}

/// The wire's request.
pub fn spawn(
    env: Env,
    stream: &Stream,
    request: Object,
    process: ProcessId,
    ends: &[End],
    hold: Option<&Arc<Hold>>,
) -> Result<Spawn, Error> {
    let request: Request = env.from_js_value(request).map_err(|error| invalid(&error))?;
    for end in ends {
        if let End::File(descriptor) = end {
            stream.let_go(*descriptor);
        }
    }
    Ok(Spawn {
        process,
        file: request.file.into_vec(),
        args: request.args,
        cwd: request.cwd.into_vec(),
        environment: request.environment,
        stdio: ends.iter().map(End::on_the_wire).collect(),
        terminal: hold.map(|hold| Box::new(hold.terminal())),
        detached: request.detached,
        uid: request.uid,
        gid: request.gid,
        umask: request.umask,
    })
}

/// A pair of connected sockets: ours for the runtime, and a descriptor for JavaScript to own.
pub fn pair() -> std::io::Result<(tokio::net::UnixStream, UnixStream)> {
    let (ours, theirs) = UnixStream::pair()?;
    Ok((to_runtime(ours)?, theirs))
}

/// A socket the runtime can wait for. To be called inside the runtime's context.
pub fn to_runtime(socket: UnixStream) -> std::io::Result<tokio::net::UnixStream> {
    socket.set_nonblocking(true)?;
    tokio::net::UnixStream::from_std(socket)
}

/// Gives a socket away as a number.
pub fn give_away(socket: UnixStream) -> i32 {
    socket.into_raw_fd()
}
