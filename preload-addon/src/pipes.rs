//! What this process holds of the descriptors of a remote process.

use std::{collections::HashMap, io, os::fd::OwnedFd, sync::Arc};

use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat};
use wire_protocol::{
    ToProgram,
    processes::{ExitStatus, PipeNumber, ProcessId},
    terminal::TERMINAL,
};

use crate::{
    duplex, inherited,
    inputs::Input,
    outputs::{Output, Sink},
    spawn::{self, End},
    stream::Stream,
    terminal::Hold,
};

/// What is connected to a process's descriptors, by their numbers.
#[derive(Default)]
pub struct Pipes {
    /// What goes in.
    pub inputs: HashMap<PipeNumber, Input>,
    /// What comes out.
    pub outputs: HashMap<PipeNumber, Output>,
    hold: Option<Arc<Hold>>,
}

impl Pipes {
    /// Connects the ends; also gives the descriptors that JavaScript is to own, -1 where there is none.
    pub fn connect(
        stream: &'static Stream,
        process: ProcessId,
        ends: Vec<End>,
        hold: Option<Arc<Hold>>,
    ) -> io::Result<(Self, Vec<i32>)> {
        let mut pipes = Self::default();
        let mut given = Vec::new();
        for (number, end) in (0..).zip(ends) {
            given.push(match end {
                End::Null | End::File(_) | End::Terminal(_) => -1,
                End::Inherited(fd) => {
                    pipes.inherit(stream, process, number, fd)?;
                    -1
                }
                End::Pipe => pipes.open(stream, process, number)?,
            });
        }
        pipes.attach(stream, process, hold)?;
        Ok((pipes, given))
    }

    /// A socket for JavaScript, whose other end is pumped in the directions of descriptor `number`.
    fn open(&mut self, stream: &'static Stream, process: ProcessId, number: PipeNumber) -> io::Result<i32> {
        let (ours, theirs) = spawn::pair()?;
        let (source, sink) = duplex::split(ours);
        if number == 0 || number > 2 {
            self.inputs.insert(number, Input::start(stream, process, number, source));
        }
        if number > 0 {
            self.outputs.insert(number, Output::start(stream, process, number, Sink::Socket(sink)));
        }
        Ok(spawn::give_away(theirs))
    }

    /// Pumps a descriptor of this process, in the directions of descriptor `number`.
    pub fn inherit(
        &mut self,
        stream: &'static Stream,
        process: ProcessId,
        number: PipeNumber,
        fd: OwnedFd,
    ) -> io::Result<()> {
        let (reads, writes) = match number {
            0 => (true, false),
            1 | 2 => (false, true),
            _ => directions(&fd)?,
        };
        if reads {
            let socket = spawn::to_runtime(inherited::as_socket(fd.try_clone()?)?)?;
            self.inputs.insert(number, Input::start(stream, process, number, socket));
        }
        if writes {
            let sink = Sink::Inherited(Arc::new(fd));
            self.outputs.insert(number, Output::start(stream, process, number, sink));
        }
        Ok(())
    }

    /// Connects the user's terminal with the process's.
    pub fn attach(
        &mut self,
        stream: &'static Stream,
        process: ProcessId,
        hold: Option<Arc<Hold>>,
    ) -> io::Result<()> {
        let Some(hold) = hold else { return Ok(()) };
        let keys = spawn::to_runtime(hold.keys()?)?;
        self.inputs.insert(TERMINAL, Input::start(stream, process, TERMINAL, keys));
        let screen = Output::start(stream, process, TERMINAL, Sink::Terminal(hold.clone()));
        self.outputs.insert(TERMINAL, screen);
        self.hold = Some(hold);
        Ok(())
    }

    /// Gives the user's terminal back. No key is taken from it any more.
    pub fn release_terminal(&self, status: Option<&ExitStatus>) {
        if let Some(hold) = &self.hold {
            self.inputs.get(&TERMINAL).into_iter().for_each(Input::close);
            hold.release(status);
        }
    }

    /// Hands a frame to the pipe it speaks of. True if that was the end of an output.
    pub fn take(&self, frame: ToProgram) -> bool {
        match frame {
            ToProgram::Output { pipe, data, .. } => {
                if let Some(output) = self.outputs.get(&pipe) {
                    output.data(data);
                }
            }
            ToProgram::OutputEnd { pipe, .. } => {
                if let Some(output) = self.outputs.get(&pipe) {
                    output.end();
                    return true;
                }
            }
            ToProgram::InputTaken { pipe, bytes, .. } => {
                if let Some(input) = self.inputs.get(&pipe) {
                    input.taken(bytes);
                }
            }
            ToProgram::InputClosed { pipe, .. } => {
                if let Some(input) = self.inputs.get(&pipe) {
                    input.close();
                }
            }
            ToProgram::TerminalUse { now, .. } => {
                if let Some(output) = self.outputs.get(&TERMINAL) {
                    output.uses(now);
                }
            }
            ToProgram::Exit { .. }
            | ToProgram::Answer { .. }
            | ToProgram::Watch { .. }
            | ToProgram::Ended { .. }
            | ToProgram::Alive { .. } => {}
        }
        false
    }
}

impl Drop for Pipes {
    fn drop(&mut self) {
        self.release_terminal(None);
    }
}

/// Whether a descriptor beyond the standard three is read and written. A file that may be both is given to be
/// written: only of a socket are the two apart.
fn directions(fd: &OwnedFd) -> io::Result<(bool, bool)> {
    let flags = fcntl_getfl(fd)?;
    let is_socket = FileType::from_raw_mode(fstat(fd)?.st_mode) == FileType::Socket;
    Ok(match flags & OFlags::ACCMODE {
        OFlags::WRONLY => (false, true),
        OFlags::RDWR => (is_socket, true),
        _ => (true, false),
    })
}
