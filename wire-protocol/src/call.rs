//! The frames of a stream: calls and their answers, and what flows without being asked for.

use serde::{Deserialize, Serialize};

use crate::{
    WireError,
    files::{FileCall, FileReply},
    leases::{Fact, LeaseId},
    processes::{ExitStatus, PipeNumber, ProcessCall, ProcessId, ProcessReply},
    terminal::{Size, TerminalUse},
    watch::{WatchCall, WatchEvent, WatchId},
};

/// Number of a call, chosen by the caller, never reused within a stream.
pub type CallId = u64;

/// The agent's running number of published file changes. What an answer says is true at its position.
pub type Position = u64;

/// One thing the agent is asked to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Call {
    /// Something about files.
    Files(FileCall),
    /// A call about a path; its answer is to tell what may be kept.
    Learn(FileCall),
    /// A call that is done before anything that was sent after it: its caller goes on as if it were done.
    First(FileCall),
    /// Calls that look, done one after another and each answered like [`Call::Learn`]: the first under the id of this
    /// one, the next under the id after it.
    Recall(Vec<FileCall>),
    /// Something about processes.
    Processes(ProcessCall),
    /// Something about watching.
    Watch(WatchCall),
}

/// The answer to a [`Call`] of the same noun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// Answer about files.
    Files(FileReply),
    /// Answer to [`Call::Learn`].
    Learned {
        /// What the call itself is answered.
        outcome: Result<FileReply, WireError>,
        /// What may be kept of it, and of what lies around it.
        facts: Vec<Fact>,
    },
    /// Answer about processes.
    Processes(ProcessReply),
    /// A watch was started or stopped.
    Watch,
}

/// A frame from the program's side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ToAgent {
    /// Do this and answer under the same id. Calls run side by side; answers come in any order.
    Call {
        /// Id of the answer to come.
        id: CallId,
        /// What to do.
        call: Call,
    },
    /// The answer to this call is no longer wanted. What only looks is answered at once, with ECANCELED; a change that
    /// has begun is done to its end and answered as ever.
    Cancel {
        /// Id of the call.
        id: CallId,
    },
    /// Bytes for an input of a process. At most [`crate::processes::WINDOW`] bytes of each may be under way.
    Input {
        /// The process.
        process: ProcessId,
        /// Which input.
        pipe: PipeNumber,
        /// The bytes.
        #[serde(with = "serde_bytes")]
        data: Vec<u8>,
    },
    /// No more will come for an input: the process reads its end.
    InputEnd {
        /// The process.
        process: ProcessId,
        /// Which input.
        pipe: PipeNumber,
    },
    /// The program took this many bytes of an output: the agent may send as many more.
    OutputTaken {
        /// The process.
        process: ProcessId,
        /// Which output.
        pipe: PipeNumber,
        /// How many bytes.
        bytes: u32,
    },
    /// The program closed its end of an output: close the agent's, so that the process gets SIGPIPE.
    OutputClosed {
        /// The process.
        process: ProcessId,
        /// Which output.
        pipe: PipeNumber,
    },
    /// The program's window has another size: so is the process's terminal to have.
    Resize {
        /// The process.
        process: ProcessId,
        /// The new size.
        size: Size,
    },
}

/// A frame from the agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ToProgram {
    /// The answer to a call.
    Answer {
        /// Id of the call.
        id: CallId,
        /// Position that was reached when the answer was made.
        position: Position,
        /// The outcome.
        result: Result<Reply, WireError>,
    },
    /// Bytes a process wrote.
    Output {
        /// The process.
        process: ProcessId,
        /// Which output.
        pipe: PipeNumber,
        /// Position that was reached when the bytes were read.
        position: Position,
        /// Offset of the first byte in this output.
        offset: u64,
        /// The bytes.
        #[serde(with = "serde_bytes")]
        data: Vec<u8>,
    },
    /// An output reached its end.
    OutputEnd {
        /// The process.
        process: ProcessId,
        /// Which output.
        pipe: PipeNumber,
    },
    /// The process uses its terminal in another way from the next bytes on.
    TerminalUse {
        /// The process.
        process: ProcessId,
        /// How.
        now: TerminalUse,
    },
    /// The process took this many bytes of an input: as many more may be sent.
    InputTaken {
        /// The process.
        process: ProcessId,
        /// Which input.
        pipe: PipeNumber,
        /// How many bytes.
        bytes: u32,
    },
    /// The process closed an input: more for it is of no use.
    InputClosed {
        /// The process.
        process: ProcessId,
        /// Which input.
        pipe: PipeNumber,
    },
    /// The process ended. All it wrote before has been sent; its outputs may stay open in its children.
    Exit {
        /// The process.
        process: ProcessId,
        /// Position that was reached when the end was noticed.
        position: Position,
        /// How it ended.
        status: ExitStatus,
    },
    /// Leases ended: what was learned under them is true no longer.
    Ended {
        /// The leases.
        leases: Vec<LeaseId>,
        /// Position that was reached with these changes.
        position: Position,
    },
    /// Nothing happened for a while, and the leases still hold.
    Alive {
        /// Position that was reached.
        position: Position,
    },
    /// Something happened to what is watched.
    Watch {
        /// The watch.
        watch: WatchId,
        /// Position that was reached with this event.
        position: Position,
        /// What happened.
        event: WatchEvent,
    },
}
