//! Bytes between a process's pipes and the stream, never more than the other side has room for.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::{mpsc, oneshot};
use wire_protocol::{
    ToProgram,
    processes::{PipeNumber, ProcessId, WINDOW},
};

use crate::{
    outgoing::{Gone, Outgoing},
    stdio::{Sink, Source},
};

/// Most bytes of one Output frame.
const PIECE: usize = 64 * 1024;

/// What an output pump is told.
#[derive(Debug)]
pub enum OutputControl {
    /// The program took this many bytes.
    Taken(u32),
    /// The process has ended: say when all that is in the pipe now has been sent.
    Drain(oneshot::Sender<()>),
    /// The program wants no more of it.
    Close,
}

/// One output of a process. Ends with the pipe, or when `control` is dropped.
pub struct OutputPump {
    /// The process.
    pub process: ProcessId,
    /// Which output.
    pub number: PipeNumber,
    /// Our end of it.
    pub source: Source,
    /// What it is told.
    pub control: mpsc::UnboundedReceiver<OutputControl>,
    /// Where frames go.
    pub outgoing: Outgoing,
}

impl OutputPump {
    /// Pumps until the end.
    pub async fn run(mut self) {
        // Gone: the stream has ended, and whoever ended it cares for the process.
        let _ = self.pump().await;
    }

    async fn pump(&mut self) -> Result<(), Gone> {
        let (process, pipe) = (self.process, self.number);
        let mut under_way = 0;
        let mut offset = 0;
        let mut draining: Option<(u64, oneshot::Sender<()>)> = None;
        loop {
            // What is in the pipe when the process ends is all it wrote; a child of it may go on writing.
            if draining.as_ref().is_some_and(|(left, _)| *left == 0)
                && let Some((_, drained)) = draining.take()
            {
                let _ = drained.send(());
            }
            // What is left of a process that has ended is sent whatever room there is: the pipe bounds how much that
            // is, and whoever reads no more is to hear of the end all the same.
            let room = match &draining {
                Some((left, _)) => *left,
                None => u64::from(WINDOW).saturating_sub(under_way),
            };
            tokio::select! {
                biased;
                told = self.control.recv() => match told {
                    None | Some(OutputControl::Close) => return Ok(()),
                    Some(OutputControl::Taken(bytes)) => under_way = under_way.saturating_sub(bytes.into()),
                    Some(OutputControl::Drain(drained)) => {
                        let left = self.source.waiting();
                        draining = Some((left, drained));
                    }
                },
                ready = self.source.readable(draining.is_some()), if room > 0 => {
                    let mut data = vec![0; PIECE.min(usize::try_from(room).unwrap_or(PIECE))];
                    match ready.and_then(|()| self.source.try_read(&mut data, draining.is_some())) {
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                            if let (Source::Terminal(_), Some((left, _))) = (&self.source, &mut draining) {
                                *left = 0;
                            }
                        }
                        Ok(0) | Err(_) => return self.outgoing.send(&ToProgram::OutputEnd { process, pipe }).await,
                        Ok(count) => {
                            if let Source::Terminal(screen) = &mut self.source
                                && let Some(now) = screen.new_use()
                            {
                                self.outgoing.send(&ToProgram::TerminalUse { process, now }).await?;
                            }
                            let position = self.outgoing.position();
                            data.truncate(count);
                            self.outgoing.send(&ToProgram::Output { process, pipe, position, offset, data }).await?;
                            offset += count as u64;
                            under_way += count as u64;
                            if let Some((left, _)) = &mut draining {
                                *left = left.saturating_sub(count as u64);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One input of a process. Ends when `queue` is dropped and all of it is written, or when the process closes it.
pub struct InputPump {
    /// The process.
    pub process: ProcessId,
    /// Which input.
    pub number: PipeNumber,
    /// Our end of it.
    pub sink: Sink,
    /// What is to be written.
    pub queue: mpsc::UnboundedReceiver<Vec<u8>>,
    /// How many bytes of it wait.
    pub waiting: Arc<AtomicUsize>,
    /// Where frames go.
    pub outgoing: Outgoing,
}

impl InputPump {
    /// Pumps until the end.
    pub async fn run(mut self) {
        let _ = self.pump().await;
    }

    async fn pump(&mut self) -> Result<(), Gone> {
        let (process, pipe) = (self.process, self.number);
        loop {
            let data = tokio::select! {
                biased;
                data = self.queue.recv() => match data {
                    Some(data) => data,
                    None => return Ok(()),
                },
                // The last reader is gone: told at once, and not only to whoever writes next.
                () = self.sink.abandoned() => {
                    return self.outgoing.send(&ToProgram::InputClosed { process, pipe }).await;
                }
            };
            let mut rest = data.as_slice();
            while !rest.is_empty() {
                match self.sink.writable().await.and_then(|()| self.sink.try_write(rest)) {
                    Ok(count) => {
                        rest = &rest[count..];
                        self.waiting.fetch_sub(count, Ordering::Relaxed);
                        let bytes = u32::try_from(count).unwrap_or(u32::MAX);
                        self.outgoing.send(&ToProgram::InputTaken { process, pipe, bytes }).await?;
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(_) => return self.outgoing.send(&ToProgram::InputClosed { process, pipe }).await,
                }
            }
        }
    }
}
