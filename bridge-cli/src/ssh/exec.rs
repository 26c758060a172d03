//! A command on the remote: its lines, its last words, and its stdin and stdout as a pipe.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf, Bytes, BytesMut};
use stream_carrier::Source;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tracing::debug;

use super::events::{Event, Events};
use crate::terminal;

/// Bytes of stderr kept for messages.
const LAST_WORDS: usize = 8 * 1024;

/// Longest line looked at; noise beyond it is dropped.
const LONGEST_LINE: usize = 64 * 1024;

/// The stdin of a command.
pub type Stdin = Box<dyn AsyncWrite + Send + Unpin>;

/// A running command.
pub struct Exec {
    output: Output,
    stdin: Stdin,
}

/// The stdout of a command. Its stderr is kept for [`Words`].
pub struct Output {
    events: Events,
    /// What came behind the lines that were taken.
    ahead: BytesMut,
    words: Words,
    /// Exit status, once it came.
    status: Option<u32>,
}

/// What a command last wrote to stderr.
#[derive(Debug, Clone, Default)]
pub struct Words(Arc<Mutex<Vec<u8>>>);

impl Exec {
    /// A command that runs.
    pub fn new(events: Events, stdin: Stdin) -> Self {
        let output = Output { events, ahead: BytesMut::new(), words: Words::default(), status: None };
        Self { output, stdin }
    }

    /// The next line of stdout, without its end; `None` when the command has ended.
    pub async fn line(&mut self) -> Option<String> {
        self.output.line().await
    }

    /// Whether it writes this prompt to stderr before the marker to stdout. The prompt is taken off its words.
    pub async fn asks(&mut self, prompt: &str, marker: &str) -> bool {
        self.output.asks(prompt.as_bytes(), marker.as_bytes()).await
    }

    /// Exit status, once it came.
    pub fn status(&self) -> Option<u32> {
        self.output.status
    }

    /// What the command last wrote to stderr.
    pub fn words(&self) -> &Words {
        &self.output.words
    }

    /// Its stdin, and its stdout to listen to meanwhile.
    pub fn both(&mut self) -> (&mut Stdin, &mut Output) {
        (&mut self.stdin, &mut self.output)
    }

    /// Writes to its stdin.
    pub async fn send(&mut self, data: &[u8]) -> io::Result<()> {
        self.stdin.write_all(data).await?;
        self.stdin.flush().await
    }

    /// Its stdout and its stdin.
    pub fn into_pipe(self) -> (Output, Stdin) {
        (self.output, self.stdin)
    }
}

impl Output {
    /// The next line, without its end; `None` when the command has ended.
    pub async fn line(&mut self) -> Option<String> {
        let mut looked = 0;
        loop {
            if let Some(end) = self.ahead[looked..].iter().position(|byte| *byte == b'\n') {
                let line = self.ahead.split_to(looked + end + 1);
                return Some(String::from_utf8_lossy(line.trim_ascii_end()).into_owned());
            }
            if self.ahead.len() > LONGEST_LINE {
                self.ahead.clear();
            }
            looked = self.ahead.len();
            let bytes = self.next().await?;
            self.ahead.extend_from_slice(&bytes);
        }
    }

    async fn asks(&mut self, prompt: &[u8], marker: &[u8]) -> bool {
        loop {
            if self.words.take(prompt) {
                return true;
            }
            if self.ahead.windows(marker.len()).any(|part| part == marker) {
                return false;
            }
            // Only the end of the noise can hold a part of the marker.
            let noise = self.ahead.len().saturating_sub(LONGEST_LINE);
            self.ahead.advance(noise);
            match self.events.next().await {
                Some(Event::Output(bytes)) => self.ahead.extend_from_slice(&bytes),
                Some(Event::Error(bytes)) => self.words.add(&bytes),
                Some(Event::Status(status)) => self.status = Some(status),
                None => return false,
            }
        }
    }

    /// The next bytes of stdout; `None` when the command has ended, where its stderr is complete.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            match self.events.next().await? {
                Event::Output(bytes) => return Some(bytes),
                Event::Error(bytes) => self.words.add(&bytes),
                Event::Status(status) => self.status = Some(status),
            }
        }
    }

    /// What it last wrote to stderr, now and later.
    pub fn words(&self) -> Words {
        self.words.clone()
    }

    /// Reads on to the end.
    pub async fn drain(mut self) {
        while self.next().await.is_some() {}
    }
}

impl Source for Output {
    async fn read(&mut self, to: &mut BytesMut) -> io::Result<usize> {
        let bytes = match self.ahead.is_empty() {
            false => self.ahead.split().freeze(),
            true => self.next().await.unwrap_or_default(),
        };
        to.extend_from_slice(&bytes);
        Ok(bytes.len())
    }
}

impl Words {
    fn add(&self, data: &[u8]) {
        debug!("the remote says: {}", clean(data));
        let mut words = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        words.extend_from_slice(data);
        let excess = words.len().saturating_sub(LAST_WORDS);
        words.drain(..excess);
    }

    /// Removes the first occurrence of a text; tells whether there was one.
    fn take(&self, text: &[u8]) -> bool {
        let mut words = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = words.windows(text.len()).position(|part| part == text);
        if let Some(at) = at {
            words.drain(at..at + text.len());
        }
        at.is_some()
    }

    /// As text that is safe to show.
    pub fn text(&self) -> String {
        clean(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn clean(stderr: &[u8]) -> String {
    terminal::plain(String::from_utf8_lossy(stderr).trim()).trim().to_owned()
}
