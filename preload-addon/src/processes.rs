//! A remote process as JavaScript holds it, and the task that attends to it until its end.

use std::collections::HashMap;

use napi::{
    Env,
    bindgen_prelude::{FnArgs, Function, Object},
};
use napi_derive::napi;
use tokio::sync::mpsc::UnboundedReceiver;
use wire_protocol::{
    Call, Reply, ToProgram, WireError,
    processes::{ExitStatus, PipeNumber, ProcessCall, ProcessId, ProcessReply, Reach},
};

use crate::{
    error::{Error, LOST, invalid, thrown},
    inputs::Input,
    listener::Listener,
    outputs::Left,
    pipes::Pipes,
    session::{runtime, stream},
    spawn::{self, EndArgument},
    stream::Stream,
};

/// The negative errno that tells JavaScript of a lost link, as libuv has it on every platform.
const UV_EREMOTEIO: i32 = -121;

type Exit = FnArgs<(i32, String)>;

/// A running remote process.
#[napi]
pub struct RemoteProcess {
    process: ProcessId,
    pid: u32,
    ends: Vec<i32>,
    left: HashMap<PipeNumber, Left>,
    on_exit: Listener<Exit>,
}

/// Starts a process and blocks until it runs; throws the errno of a start that fails.
#[napi]
pub fn spawn(
    env: Env,
    request: Object,
    ends: Vec<EndArgument>,
    on_exit: Function<Exit, ()>,
) -> Result<RemoteProcess, Error> {
    let stream = stream()?;
    let ends = spawn::ends(ends)?;
    let process = stream.new_number();
    let hold = spawn::hold(stream, process, &ends)?;
    let request = spawn::spawn(env, stream, request, process, &ends, hold.as_ref())?;
    let on_exit = Listener::new(on_exit).map_err(|error| invalid(&error))?;

    let frames = stream.own_process(process);
    let pid = match start(stream, request) {
        Ok(pid) => pid,
        Err(error) => {
            stream.forget_process(process);
            return Err(thrown(error));
        }
    };
    let _runtime = runtime().enter();
    let (pipes, given) = Pipes::connect(stream, process, ends, hold)
        .map_err(|error| Error::new("EMFILE".into(), error.to_string()))?;
    let left = pipes.outputs.iter().map(|(number, output)| (*number, output.left().clone())).collect();
    runtime().spawn(attend(stream, process, frames, pipes, on_exit.clone()));
    Ok(RemoteProcess { process, pid, ends: given, left, on_exit })
}

/// Asks the agent to start a process; its remote process id.
pub fn start(stream: &Stream, request: wire_protocol::processes::Spawn) -> Result<u32, WireError> {
    match stream.call_and_wait(Call::Processes(ProcessCall::Spawn(request)))? {
        Reply::Processes(ProcessReply::Spawned { pid }) => Ok(pid),
        _ => Err(WireError::new(LOST)),
    }
}

#[napi]
impl RemoteProcess {
    /// Process id on the remote.
    #[napi(getter)]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// This process's ends of the pipes, which JavaScript owns from now on.
    #[napi(getter)]
    pub fn ends(&self) -> Vec<i32> {
        self.ends.clone()
    }

    /// Bytes of an output that came and are not in its end yet, because nobody reads that.
    #[napi]
    pub fn left(&self, number: u8) -> u32 {
        self.left.get(&number).map_or(0, |left| u32::try_from(left.bytes()).unwrap_or(u32::MAX))
    }

    /// Signals the process, or its whole group, and waits until that is done.
    #[napi]
    pub fn kill(&self, signal: String, group: bool) -> Result<Option<String>, Error> {
        let reach = if group { Reach::Group } else { Reach::Process };
        let kill = ProcessCall::Kill { process: self.process, signal, reach };
        Ok(stream()?.call_and_wait(Call::Processes(kill)).err().map(|error| error.code))
    }

    /// Lets the process outlive the session.
    #[napi]
    pub fn keep(&self) -> Result<(), Error> {
        let keep = ProcessCall::Keep { process: self.process };
        stream()?.call_and_wait(Call::Processes(keep)).map(drop).map_err(thrown)
    }

    /// Keeps the event loop alive until the process ends.
    #[napi(js_name = "ref")]
    #[allow(
        deprecated,
        reason = "napi-rs deprecates counting by hand, but Node's ref and unref are just that"
    )]
    pub fn refer(&self, env: Env) -> napi::Result<()> {
        self.on_exit.refer(env)
    }

    /// Lets the event loop end although the process runs.
    #[napi]
    #[allow(
        deprecated,
        reason = "napi-rs deprecates counting by hand, but Node's ref and unref are just that"
    )]
    pub fn unref(&self, env: Env) -> napi::Result<()> {
        self.on_exit.unref(env)
    }
}

/// Hands a process's frames to its pipes, and its end to JavaScript once all output before it is written, but for what
/// waits for JavaScript itself to read it.
async fn attend(
    stream: &'static Stream,
    process: ProcessId,
    mut frames: UnboundedReceiver<ToProgram>,
    pipes: Pipes,
    on_exit: Listener<Exit>,
) {
    let mut open = pipes.outputs.len();
    let mut exited = false;
    while let Some(frame) = frames.recv().await {
        if let ToProgram::Exit { status, .. } = frame {
            for output in pipes.outputs.values().filter(|output| !output.is_read_by_javascript()) {
                output.flushed().await;
            }
            pipes.release_terminal(Some(&status));
            tell(&on_exit, status);
            exited = true;
        } else if pipes.take(frame) {
            open -= 1;
        }
        if exited && open == 0 {
            break;
        }
    }
    stream.forget_process(process);
    pipes.inputs.values().for_each(Input::close);
    if !exited {
        pipes.release_terminal(None);
        tell(&on_exit, ExitStatus::Code(UV_EREMOTEIO));
    }
}

/// Calls `onExit` and lets go of it, so that it no longer keeps the event loop alive.
fn tell(on_exit: &Listener<Exit>, status: ExitStatus) {
    let arguments = match status {
        ExitStatus::Code(code) => (code, String::new()),
        ExitStatus::Signal(signal) => (0, signal),
    };
    on_exit.call(arguments.into());
    on_exit.drop_function();
}
