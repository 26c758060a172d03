//! A command on the remote: its lines, its last words, and its open stdin.

use std::time::Duration;

use russh::client::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use tokio::io::AsyncWrite;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::debug;

use super::SshError;
use crate::terminal;

/// Bytes of stderr kept for messages.
const LAST_WORDS: usize = 8 * 1024;

/// Longest line looked at; noise beyond it is dropped.
const LONGEST_LINE: usize = 64 * 1024;

/// How long the command may take to end once its stdin is closed.
const PATIENCE: Duration = Duration::from_secs(2);

/// A running command.
pub struct Exec {
    read: ChannelReadHalf,
    write: ChannelWriteHalf<Msg>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// Exit status, once it came.
    pub status: Option<u32>,
}

impl Exec {
    /// Asks for the command on a fresh session channel.
    pub async fn start(channel: Channel<Msg>, command: &str) -> Result<Self, SshError> {
        channel.exec(true, command).await?;
        let (read, write) = channel.split();
        Ok(Self { read, write, stdout: Vec::new(), stderr: Vec::new(), status: None })
    }

    /// The next line of stdout, without its end; `None` when the command has ended.
    pub async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.stdout.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.stdout.drain(..=end).collect();
                return Some(String::from_utf8_lossy(line.trim_ascii_end()).into_owned());
            }
            match self.read.wait().await? {
                ChannelMsg::Data { data } => {
                    self.stdout.extend_from_slice(&data);
                    if self.stdout.len() > LONGEST_LINE && !self.stdout.contains(&b'\n') {
                        self.stdout.clear();
                    }
                }
                other => self.note(other),
            }
        }
    }

    fn note(&mut self, message: ChannelMsg) {
        match message {
            ChannelMsg::ExtendedData { data, .. } => {
                keep(&mut self.stderr, &data);
            }
            ChannelMsg::ExitStatus { exit_status } => self.status = Some(exit_status),
            ChannelMsg::Failure => debug!("the server refused the command"),
            _ => {}
        }
    }

    /// What the command last wrote to stderr, safe to show.
    pub fn last_words(&self) -> String {
        words(&self.stderr)
    }

    /// Its stdin.
    pub fn stdin(&self) -> impl AsyncWrite + 'static {
        self.write.make_writer()
    }

    /// Writes to its stdin.
    pub async fn send(&self, data: impl Into<Vec<u8>>) -> Result<(), SshError> {
        Ok(self.write.data_bytes(data.into()).await?)
    }

    /// From here on only its life matters: stdout is thrown away, stderr goes to the log and to [`Lifeline::end`].
    pub fn into_lifeline(self) -> Lifeline {
        let Self { mut read, write, .. } = self;
        let watch = tokio::spawn(async move {
            let mut stderr = Vec::new();
            while let Some(message) = read.wait().await {
                match message {
                    ChannelMsg::ExtendedData { data, .. } => {
                        debug!("agent: {}", words(&data));
                        keep(&mut stderr, &data);
                    }
                    ChannelMsg::ExitStatus { exit_status } => debug!(exit_status, "the agent has ended"),
                    _ => {}
                }
            }
            debug!("the agent's channel is closed");
            words(&stderr)
        });
        Lifeline { write, watch }
    }
}

/// Adds to what was written to stderr, of which only the end is kept.
fn keep(stderr: &mut Vec<u8>, data: &[u8]) {
    stderr.extend_from_slice(data);
    let excess = stderr.len().saturating_sub(LAST_WORDS);
    stderr.drain(..excess);
}

fn words(stderr: &[u8]) -> String {
    terminal::plain(String::from_utf8_lossy(stderr).trim()).trim().to_owned()
}

/// A command that lives as long as its stdin is open.
pub struct Lifeline {
    write: ChannelWriteHalf<Msg>,
    watch: JoinHandle<String>,
}

impl Lifeline {
    /// Closes the stdin and waits a moment for the command to end. Gives what it wrote to stderr.
    pub async fn end(self) -> String {
        // If the channel is gone the command has ended, or its stdin has.
        let _ = self.write.eof().await;
        let Ok(words) = timeout(PATIENCE, self.watch).await else {
            debug!("the agent did not end in time; the end of the connection will end it");
            return String::new();
        };
        words.unwrap_or_default()
    }
}
