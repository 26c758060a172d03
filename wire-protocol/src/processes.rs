//! Starting processes, feeding them, and ending them.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::{files::Descriptor, terminal::Terminal};

/// Number of a process, chosen by the program's side.
pub type ProcessId = u32;

/// A process's descriptor number: 0 stdin, 1 stdout, 2 stderr, and whatever it is given beyond.
pub type PipeNumber = u8;

/// Descriptors a process can be given at most.
pub const MAX_STDIO: PipeNumber = 64;

/// Bytes of one pipe that may be under way unconfirmed, in either direction. With 50 ms of round trip one
/// pipe can then carry 20 MiB/s; a reader that stops costs the agent at most this much memory.
pub const WINDOW: u32 = 1024 * 1024;

/// What can be asked about processes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ProcessCall {
    /// Start a process in its own group.
    Spawn(Spawn),
    /// Send a signal.
    Kill {
        /// The process.
        process: ProcessId,
        /// The signal's name (`SIGTERM`), or `0` to ask whether the target exists.
        signal: String,
        /// Whom it reaches.
        reach: Reach,
    },
    /// Do not end this process with the session (Node: `detached` and `unref`).
    Keep {
        /// The process.
        process: ProcessId,
    },
}

/// Whom a signal reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// The process alone.
    Process,
    /// Its group, as long as anybody is left in it.
    Group,
}

/// A process to start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spawn {
    /// Number for all that follows.
    pub process: ProcessId,
    /// Command: looked up in the PATH of the process's environment when it holds no slash.
    #[serde(with = "serde_bytes")]
    pub file: Vec<u8>,
    /// The whole argument vector, its first word included.
    pub args: Vec<ByteBuf>,
    /// Absolute directory, wherever it lies: a process may go anywhere itself.
    #[serde(with = "serde_bytes")]
    pub cwd: Vec<u8>,
    /// The environment, relative to the remote user's own.
    pub environment: Environment,
    /// What descriptors 0, 1, 2 and so on are; three at least, [`MAX_STDIO`] at most.
    pub stdio: Vec<Stdio>,
    /// The terminal that descriptors may be. It controls the process's session.
    pub terminal: Option<Box<Terminal>>,
    /// Start a session of its own (`setsid`), as Node's `detached` does.
    pub detached: bool,
    /// User id to run as.
    pub uid: Option<u32>,
    /// Group id to run as.
    pub gid: Option<u32>,
    /// The umask.
    pub umask: u32,
}

/// How a process's environment differs from the remote user's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// Start from the names a process cannot do without (PATH, HOME, USER, SHELL, …) only.
    pub bare: bool,
    /// Names to set.
    pub set: Vec<(ByteBuf, ByteBuf)>,
    /// Names to remove.
    pub unset: Vec<ByteBuf>,
    /// Where commands are looked for.
    pub path: SearchPath,
}

/// Entries of a PATH before and after the remote user's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Around {
    /// Before.
    pub before: Vec<ByteBuf>,
    /// After.
    pub after: Vec<ByteBuf>,
}

/// The PATH of a process. An entry may be relative to its directory, or empty, which is that directory.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum SearchPath {
    /// The remote user's own.
    #[default]
    Login,
    /// That, with entries around it.
    Around(Box<Around>),
    /// These entries and nothing else.
    Exactly(Vec<ByteBuf>),
}

/// What a descriptor of a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stdio {
    /// `/dev/null`.
    Null,
    /// A pipe to the program: 0 is read by the process, 1 and 2 are written, those beyond go both ways.
    Pipe,
    /// The process's terminal.
    Terminal,
    /// An open file of the same stream: the process shares its offset.
    File(Descriptor),
}

/// What the agent answers about processes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ProcessReply {
    /// The process runs: its command was found and executed.
    Spawned {
        /// Its process id on the remote.
        pid: u32,
    },
    /// Done.
    Done,
}

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExitStatus {
    /// It called exit with this code.
    Code(i32),
    /// A signal of this name ended it.
    Signal(String),
}
