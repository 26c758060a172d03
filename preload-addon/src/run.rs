//! Running a process to its end while JavaScript waits, as `spawnSync` does.

use std::{io::Cursor, sync::Arc, time::Duration};

use napi::{
    Env,
    bindgen_prelude::{Buffer, Object},
};
use napi_derive::napi;
use tokio::{sync::mpsc::UnboundedReceiver, time::Instant};
use wire_protocol::{
    Call, ToAgent, ToProgram, WireError,
    processes::{ExitStatus, PipeNumber, ProcessCall, ProcessId, Reach},
    terminal::TERMINAL,
};

use crate::{
    error::{Error, LOST, thrown},
    inputs::Input,
    pipes::Pipes,
    processes,
    session::{runtime, stream},
    spawn::{self, End, EndArgument},
    stream::Stream,
    terminal::Hold,
};

/// Bytes of input that may be left unread unnoticed. Node feeds its children by sockets, which take 144 KiB before
/// anybody reads; of those the process's pipe has taken 64 KiB.
const UNNOTICED: usize = (144 - 64) * 1024;

/// Limits of a run and what it is fed.
#[napi(object)]
pub struct SyncOptions {
    /// Bytes for its stdin, if that is a pipe.
    pub input: Option<Buffer>,
    /// Milliseconds until it is killed; 0 for no limit.
    pub timeout: f64,
    /// Signal of a kill.
    pub kill_signal: String,
    /// Bytes of output until it is killed; negative for no limit.
    pub max_buffer: f64,
}

/// How a run ended.
#[napi(object, use_nullable = true)]
pub struct SyncResult {
    /// Process id on the remote.
    pub pid: u32,
    /// Exit code, if it ended by itself.
    pub code: Option<i32>,
    /// Name of the signal that ended it.
    pub signal: Option<String>,
    /// What it wrote to each descriptor that is a pipe.
    pub outputs: Vec<Option<Buffer>>,
    /// ETIMEDOUT or ENOBUFS, if it was killed for that; EPIPE, if it did not read all of its input.
    pub error: Option<String>,
}

/// Runs a process to its end and blocks meanwhile; throws the errno of a start that fails.
#[napi]
pub fn spawn_sync(
    env: Env,
    request: Object,
    ends: Vec<EndArgument>,
    options: SyncOptions,
) -> Result<SyncResult, Error> {
    let stream = stream()?;
    let ends = spawn::ends(ends)?;
    let process = stream.new_number();
    let hold = spawn::hold(stream, process, &ends)?;
    let request = spawn::spawn(env, stream, request, process, &ends, hold.as_ref())?;
    let frames = stream.own_process(process);
    let result = processes::start(stream, request).and_then(|pid| {
        let _runtime = runtime().enter();
        let run = Run::new(stream, process, ends, hold, options).map_err(|_| WireError::new("EMFILE"))?;
        runtime().block_on(run.attend(frames, pid))
    });
    stream.forget_process(process);
    result.map_err(thrown)
}

struct Run {
    stream: &'static Stream,
    process: ProcessId,
    pipes: Pipes,
    /// What is gathered of each output that is a pipe.
    gathered: Vec<Option<Vec<u8>>>,
    open: usize,
    taken: u64,
    /// Bytes of input the process has not taken yet.
    input_left: usize,
    max_buffer: Option<u64>,
    deadline: Option<Instant>,
    kill_signal: String,
    error: Option<&'static str>,
    killed: bool,
}

impl Run {
    fn new(
        stream: &'static Stream,
        process: ProcessId,
        ends: Vec<End>,
        hold: Option<Arc<Hold>>,
        options: SyncOptions,
    ) -> std::io::Result<Self> {
        let mut pipes = Pipes::default();
        let mut gathered = Vec::new();
        let mut input_left = 0;
        let mut input = options.input.map(|input| input.to_vec()).unwrap_or_default();
        for (number, end) in (0..).zip(ends) {
            gathered.push(None);
            match end {
                End::Null | End::File(_) | End::Terminal(_) => {}
                End::Inherited(fd) => pipes.inherit(stream, process, number, fd)?,
                End::Pipe if number == 0 => {
                    let bytes = std::mem::take(&mut input);
                    input_left = bytes.len();
                    pipes.inputs.insert(0, Input::start(stream, process, 0, Cursor::new(bytes)));
                }
                End::Pipe => gathered[usize::from(number)] = Some(Vec::new()),
            }
        }
        let open = pipes.outputs.len() + gathered.iter().flatten().count();
        pipes.attach(stream, process, hold)?;
        Ok(Self {
            stream,
            process,
            open,
            pipes,
            gathered,
            taken: 0,
            input_left,
            max_buffer: (options.max_buffer >= 0.0).then_some(options.max_buffer as u64),
            deadline: (options.timeout > 0.0)
                .then(|| Instant::now() + Duration::from_secs_f64(options.timeout / 1000.0)),
            kill_signal: options.kill_signal,
            error: None,
            killed: false,
        })
    }

    async fn attend(
        mut self,
        mut frames: UnboundedReceiver<ToProgram>,
        pid: u32,
    ) -> Result<SyncResult, WireError> {
        let mut status = None;
        // A killed process is not waited for beyond its exit, whatever its children hold open.
        while status.is_none() || (self.open > 0 && !self.killed) {
            let frame = match self.deadline {
                Some(deadline) if !self.killed => {
                    match tokio::time::timeout_at(deadline, frames.recv()).await {
                        Ok(frame) => frame,
                        Err(_) => {
                            self.kill("ETIMEDOUT");
                            continue;
                        }
                    }
                }
                _ => frames.recv().await,
            };
            match frame.ok_or_else(|| WireError::new(LOST))? {
                ToProgram::Exit { status: ended, .. } => status = Some(ended),
                frame => self.take(frame),
            }
        }
        if self.input_left >= UNNOTICED {
            self.error.get_or_insert("EPIPE");
        }
        self.pipes.inputs.values().for_each(Input::close);
        self.result(pid, status).await
    }

    fn take(&mut self, frame: ToProgram) {
        match &frame {
            ToProgram::Output { .. } if self.killed => return,
            ToProgram::Output { pipe, data, .. } => {
                if let Some(Some(memory)) = self.gathered.get_mut(usize::from(*pipe)) {
                    memory.extend_from_slice(data);
                    return self.taken(*pipe, data.len() as u32);
                }
            }
            // What has the terminal open is not waited for.
            ToProgram::OutputEnd { pipe: TERMINAL, .. } => {}
            ToProgram::OutputEnd { .. } => self.open = self.open.saturating_sub(1),
            ToProgram::InputTaken { pipe: 0, bytes, .. } => {
                self.input_left = self.input_left.saturating_sub(*bytes as usize);
            }
            _ => {}
        }
        self.pipes.take(frame);
    }

    fn taken(&mut self, pipe: PipeNumber, bytes: u32) {
        self.stream.send(&ToAgent::OutputTaken { process: self.process, pipe, bytes });
        self.taken += u64::from(bytes);
        if !self.killed && self.max_buffer.is_some_and(|limit| self.taken > limit) {
            self.kill("ENOBUFS");
        }
    }

    fn kill(&mut self, why: &'static str) {
        self.error = Some(why);
        self.killed = true;
        let (process, signal) = (self.process, self.kill_signal.clone());
        // Whatever the signal, it is meant to end the run.
        let kill = ProcessCall::Kill { process, signal, reach: Reach::Group };
        self.stream.call(Call::Processes(kill), |_| ());
        // As Node closes its ends: a process that survives the signal has nobody to write to.
        for (pipe, _) in (0..).zip(&self.gathered).filter(|(_, gathered)| gathered.is_some()) {
            self.stream.send(&ToAgent::OutputClosed { process: self.process, pipe });
        }
    }

    async fn result(self, pid: u32, status: Option<ExitStatus>) -> Result<SyncResult, WireError> {
        for output in self.pipes.outputs.values() {
            output.flushed().await;
        }
        self.pipes.release_terminal(status.as_ref());
        if self.pipes.outputs.contains_key(&TERMINAL) {
            // Nobody hears what is left on the terminal from now on.
            self.stream.send(&ToAgent::InputEnd { process: self.process, pipe: TERMINAL });
        }
        let outputs = self.gathered.into_iter().map(|memory| memory.map(Buffer::from)).collect();
        let (code, signal) = match status {
            Some(ExitStatus::Code(code)) => (Some(code), None),
            Some(ExitStatus::Signal(signal)) => (None, Some(signal)),
            None => (None, None),
        };
        Ok(SyncResult { pid, code, signal, outputs, error: self.error.map(Into::into) })
    }
}
