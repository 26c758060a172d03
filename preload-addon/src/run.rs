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
    processes::{ExitStatus, ProcessCall, ProcessId},
};

use crate::{
    error::{Error, LOST, thrown},
    inherited,
    inputs::Input,
    outputs::{Output, Sink},
    processes,
    session::{runtime, stream},
    spawn::{self, End, EndArgument},
    stream::Stream,
};

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
    /// What it wrote, where descriptor 1 is a pipe.
    pub stdout: Option<Buffer>,
    /// What it wrote, where descriptor 2 is a pipe.
    pub stderr: Option<Buffer>,
    /// ETIMEDOUT or ENOBUFS, if it was killed for that.
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
    let request = spawn::spawn(env, request, process, &ends)?;
    let frames = stream.own_process(process);
    let result = processes::start(stream, request).and_then(|pid| {
        let _runtime = runtime().enter();
        let run = Run::new(stream, process, ends, options).map_err(|_| WireError::new("EMFILE"))?;
        runtime().block_on(run.attend(frames, pid))
    });
    stream.forget_process(process);
    result.map_err(thrown)
}

/// Where an output goes.
enum Taker {
    Nowhere,
    Memory(Vec<u8>),
    Inherited(Output),
}

struct Run {
    stream: &'static Stream,
    process: ProcessId,
    input: Option<Input>,
    takers: [Taker; 2],
    open: usize,
    taken: u64,
    max_buffer: Option<u64>,
    deadline: Option<Instant>,
    kill_signal: String,
    error: Option<&'static str>,
}

impl Run {
    fn new(
        stream: &'static Stream,
        process: ProcessId,
        ends: [End; 3],
        options: SyncOptions,
    ) -> std::io::Result<Self> {
        let [input, output, error] = ends;
        let input = match input {
            End::Null => None,
            End::Pipe => {
                let bytes = options.input.map(|input| input.to_vec()).unwrap_or_default();
                Some(Input::start(stream, process, Cursor::new(bytes)))
            }
            End::Inherited(from) => {
                let socket = spawn::to_runtime(inherited::as_socket(from)?)?;
                Some(Input::start(stream, process, socket))
            }
        };
        let takers = [(output, 1), (error, 2)].map(|(end, pipe)| match end {
            End::Null => Taker::Nowhere,
            End::Pipe => Taker::Memory(Vec::new()),
            End::Inherited(to) => {
                Taker::Inherited(Output::start(stream, process, pipe, Sink::Inherited(Arc::new(to))))
            }
        });
        Ok(Self {
            stream,
            process,
            input,
            open: takers.iter().filter(|taker| !matches!(taker, Taker::Nowhere)).count(),
            takers,
            taken: 0,
            max_buffer: (options.max_buffer >= 0.0).then_some(options.max_buffer as u64),
            deadline: (options.timeout > 0.0)
                .then(|| Instant::now() + Duration::from_secs_f64(options.timeout / 1000.0)),
            kill_signal: options.kill_signal,
            error: None,
        })
    }

    async fn attend(
        mut self,
        mut frames: UnboundedReceiver<ToProgram>,
        pid: u32,
    ) -> Result<SyncResult, WireError> {
        let mut status = None;
        // A killed process is not waited for beyond its exit, whatever its children hold open.
        while status.is_none() || (self.open > 0 && self.error.is_none()) {
            let frame = match self.deadline {
                Some(deadline) if self.error.is_none() => {
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
                ToProgram::Output { pipe, data, .. } => self.take(pipe, data),
                ToProgram::OutputEnd { .. } => self.open = self.open.saturating_sub(1),
                ToProgram::InputTaken { bytes, .. } => self.input.iter().for_each(|input| input.taken(bytes)),
                ToProgram::InputClosed { .. } => self.input.iter().for_each(Input::close),
                ToProgram::Exit { status: ended, .. } => status = Some(ended),
                ToProgram::Answer { .. } | ToProgram::Watch { .. } => {}
            }
        }
        self.input.iter().for_each(Input::close);
        self.result(pid, status).await
    }

    fn take(&mut self, pipe: u8, data: Vec<u8>) {
        let Some(taker) = usize::from(pipe).checked_sub(1).and_then(|index| self.takers.get_mut(index))
        else {
            return;
        };
        let bytes = data.len() as u32;
        match taker {
            Taker::Nowhere => return,
            Taker::Inherited(output) => return output.data(data),
            Taker::Memory(memory) => memory.extend_from_slice(&data),
        }
        self.stream.send(&ToAgent::OutputTaken { process: self.process, pipe, bytes });
        self.taken += u64::from(bytes);
        if self.error.is_none() && self.max_buffer.is_some_and(|limit| self.taken > limit) {
            self.kill("ENOBUFS");
        }
    }

    fn kill(&mut self, why: &'static str) {
        self.error = Some(why);
        let kill = ProcessCall::Kill { process: self.process, signal: self.kill_signal.clone() };
        self.stream.call(Call::Processes(kill), |_| ());
    }

    async fn result(self, pid: u32, status: Option<ExitStatus>) -> Result<SyncResult, WireError> {
        let mut written = Vec::new();
        for taker in self.takers {
            written.push(match taker {
                Taker::Nowhere => None,
                Taker::Memory(memory) => Some(Buffer::from(memory)),
                Taker::Inherited(output) => {
                    output.flushed().await;
                    None
                }
            });
        }
        let (code, signal) = match status {
            Some(ExitStatus::Code(code)) => (Some(code), None),
            Some(ExitStatus::Signal(signal)) => (None, Some(signal)),
            None => (None, None),
        };
        let stderr = written.pop().flatten();
        let stdout = written.pop().flatten();
        Ok(SyncResult { pid, code, signal, stdout, stderr, error: self.error.map(Into::into) })
    }
}
