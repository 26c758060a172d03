//! The agent's way to the remote and its start, all in one exec.

mod error;
mod word;

use std::fmt::Write as _;
use std::io::{self, Read};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use tracing::debug;
use wire_protocol::{Hello, Ready};

pub use self::error::DeployError;
use self::word::{Passed, Word};
use crate::assets::Agent;
use crate::error::{Error, Said};
use crate::prefix::{Prefix, PromptError};
use crate::ssh::{Asking, Connection, Dialer, Exec, Output, Stdin};
use crate::terminal::{self, Progress};

/// How long the remote's shell and the agent may take for an answer: rc files can be slow.
const PATIENCE: Duration = Duration::from_secs(30);

/// Bytes written at once during an upload.
const PIECE: usize = 32 * 1024;

/// What sudo ends with when it runs nothing.
const SUDO_FAILED: u32 = 1;

/// A serving agent.
pub struct Serving {
    /// Its stdout.
    pub output: Output,
    /// Its stdin.
    pub stdin: Stdin,
    /// What it said about itself.
    pub ready: Ready,
}

/// Runs the agent on the remote, uploading it if need be, and says hello to it. Every command on the remote begins
/// with `prefix`, which learns what sudo wants to know. Shows the progress of an upload if `shows`.
pub async fn start(
    dialer: &Dialer,
    connection: &Connection,
    agents: &[Agent],
    hello: &Hello,
    prefix: &mut Prefix,
    shows: bool,
) -> Result<Serving, Error> {
    let marker = format!("pii-{:016x}", rand::random::<u64>());
    let exec = connection.exec(&script(&marker, agents, &prefix.words())).await?;
    let host = dialer.ssh.alias.as_str();
    let mut deploy = Deploy { exec, marker, host, shows, passed: Vec::new() };
    // Behind the command without waiting, which saves a round trip: the agent takes it, or the script throws it away
    // before it takes the agent. sudo would take it for a password.
    let line = line(hello)?;
    let early = !prefix.may_ask();
    if early {
        deploy.say(&line).await;
    }
    let first = if dialer.asks_elsewhere(Asking::Allowed) { None } else { Some(PATIENCE) };
    match prefix.answer(&mut deploy.exec, &deploy.marker, host, Asking::Allowed, first).await {
        Ok(()) => {}
        Err(PromptError::Silent) => return Err(DeployError::Silent { host: host.to_owned() }.into()),
        Err(PromptError::Ssh(error)) => return Err(error.into()),
    }
    if !early {
        deploy.say(&line).await;
    }
    let mut said = match deploy.next(first).await {
        Err(error @ DeployError::NoShell { .. }) => {
            let failure = connection.failure(deploy.exec.status(), &deploy.exec.words().text());
            return Err(failure.map_or_else(|| deploy.by_sudo(error, prefix.user()).into(), Error::Ssh));
        }
        said => said?,
    };
    if let Word::Need { platform, packed } = &said {
        let agent = agents.iter().find(|agent| agent.platform == *platform);
        let agent = agent.ok_or_else(|| deploy.no_shell("an unexpected answer"))?;
        said = deploy.upload(agent, *packed).await?;
        deploy.say(&line).await;
    }
    match said {
        Word::Ready => {}
        Word::Architecture(platform) => {
            let known = agents.iter().map(|agent| agent.platform.as_str()).collect::<Vec<_>>().join(", ");
            let source = Said(format!("there are agents for {known}"));
            return Err(DeployError::Architecture { host: host.to_owned(), platform, source }.into());
        }
        Word::Fail { intact: true, directory } => {
            let source = deploy.last_words().await;
            return Err(DeployError::Write { host: host.to_owned(), directory, source }.into());
        }
        Word::Fail { intact: false, directory } => {
            let source = deploy.last_words().await;
            return Err(DeployError::Damaged { host: host.to_owned(), directory, source }.into());
        }
        Word::Nowhere => {
            let source = deploy.faults().await;
            return Err(DeployError::Nowhere { host: host.to_owned(), source }.into());
        }
        Word::Not(_) | Word::Need { .. } => return Err(deploy.no_shell("an unexpected answer").into()),
    }
    let ready = timeout(PATIENCE, deploy.ready())
        .await
        .map_err(|_| DeployError::Silent { host: host.to_owned() })??;
    let (output, stdin) = deploy.exec.into_pipe();
    Ok(Serving { output, stdin, ready })
}

fn line(hello: &Hello) -> Result<Vec<u8>, Error> {
    let mut line =
        serde_json::to_vec(hello).map_err(|error| Error::local("writing the hello")(error.into()))?;
    line.push(b'\n');
    Ok(line)
}

struct Deploy<'a> {
    exec: Exec,
    marker: String,
    host: &'a str,
    /// Whether the progress of an upload is shown.
    shows: bool,
    /// The places that cannot be used.
    passed: Vec<Passed>,
}

impl Deploy<'_> {
    /// The next word of the script. Without `patience` it may take as long as it takes.
    async fn next(&mut self, patience: Option<Duration>) -> Result<Word, DeployError> {
        let mut noise = String::new();
        let words = async {
            while let Some(line) = self.exec.line().await {
                match Word::parse(&line, &self.marker) {
                    Some(Word::Not(passed)) => {
                        debug!("no place for the agent: {passed}");
                        self.passed.push(passed);
                    }
                    Some(word) => return Some(word),
                    None => noise = line,
                }
            }
            None
        };
        let word = match patience {
            Some(patience) => timeout(patience, words).await,
            None => Ok(words.await),
        };
        match word {
            Ok(Some(word)) => Ok(word),
            Ok(None) => Err(self.no_shell(&noise)),
            Err(_) => Err(DeployError::Silent { host: self.host.to_owned() }),
        }
    }

    /// Says hello. What comes back tells whether anybody has heard.
    async fn say(&mut self, line: &[u8]) {
        if let Err(error) = self.exec.send(line).await {
            debug!("nobody listens: {error}");
        }
    }

    /// Sends the agent and waits for what the script says then.
    async fn upload(&mut self, agent: &Agent, packed: bool) -> Result<Word, DeployError> {
        debug!(platform = agent.platform, packed, "uploading the agent");
        let mut data = std::fs::read(&agent.packed).map_err(DeployError::Packed)?;
        if !packed {
            let mut raw = Vec::new();
            flate2::read::GzDecoder::new(&data[..]).read_to_end(&mut raw).map_err(DeployError::Packed)?;
            data = raw;
        }
        let outcome = {
            let (stdin, output) = self.exec.both();
            let sending = send(stdin, &data, self.host, Progress::start(self.shows));
            tokio::pin!(sending);
            loop {
                tokio::select! {
                    outcome = &mut sending => break outcome,
                    // The script's word counts, also about a broken pipe: it says why.
                    line = output.line() => match line {
                        Some(line) => if let Some(word) = Word::parse(&line, &self.marker) {
                            return Ok(word);
                        },
                        None => break Err(io::ErrorKind::BrokenPipe.into()),
                    }
                }
            }
        };
        if let Err(error) = outcome {
            debug!("the upload broke off: {error}");
        }
        self.next(Some(PATIENCE)).await
    }

    /// The agent's first line.
    async fn ready(&mut self) -> Result<Ready, DeployError> {
        while let Some(line) = self.exec.line().await {
            match serde_json::from_str(&line) {
                Ok(ready) => return Ok(ready),
                Err(_) => debug!("not from the agent: {}", terminal::plain(&line)),
            }
        }
        let status = self.exec.status();
        let said = self.exec.words().text();
        let source = match (said.is_empty(), status) {
            (false, _) => said,
            (true, Some(status)) => format!("it ended with status {status}"),
            (true, None) => "it ended".to_owned(),
        };
        Err(DeployError::Start { host: self.host.to_owned(), status, source: Said(source) })
    }

    /// Reads on to the end, where the remote's stderr is complete.
    async fn last_words(&mut self) -> Said {
        let rest = async { while self.exec.line().await.is_some() {} };
        // The script ends right after its last word; without its end there is only less to show.
        let _ = timeout(PATIENCE, rest).await;
        Said(self.exec.words().text())
    }

    /// Which places were tried, and what is wrong with each.
    async fn faults(&mut self) -> Said {
        let said = self.last_words().await.0;
        let mut lines: Vec<_> = self.passed.iter().map(Passed::to_string).collect();
        lines.extend((!said.is_empty()).then_some(said));
        Said(lines.join("\n"))
    }

    /// The same error, or that of sudo if it is one of its own.
    fn by_sudo(&self, error: DeployError, sudo: Option<&str>) -> DeployError {
        match (error, sudo) {
            (DeployError::NoShell { host, source }, Some(user))
                if self.exec.status() == Some(SUDO_FAILED) =>
            {
                DeployError::Become { host, user: user.to_owned(), source }
            }
            (error, _) => error,
        }
    }

    fn no_shell(&self, noise: &str) -> DeployError {
        let mut text = terminal::plain(noise.trim());
        let words = self.exec.words().text();
        if text.is_empty() || !words.is_empty() {
            text = words;
        }
        if text.is_empty() {
            text = match self.exec.status() {
                Some(status) => format!("it ended with status {status} and said nothing"),
                None => "it ended and said nothing".to_owned(),
            };
        }
        DeployError::NoShell { host: self.host.to_owned(), source: Said(text) }
    }
}

async fn send(stdin: &mut Stdin, data: &[u8], host: &str, progress: Progress) -> io::Result<()> {
    for (at, piece) in data.chunks(PIECE).enumerate() {
        progress.set(&format!("sending the agent to {host}: {} %", at * PIECE * 100 / data.len()));
        stdin.write_all(piece).await?;
    }
    stdin.flush().await
}

/// The command line for the exec.
fn script(marker: &str, agents: &[Agent], prefix: &str) -> String {
    let mut cases = String::new();
    for agent in agents {
        let Agent { platform, packed_size, facts, .. } = agent;
        let (machine, system) = platform.split_once('-').unwrap_or((platform, ""));
        let system = if system == "linux" { "Linux" } else { system };
        // Writing into a String cannot fail.
        let _ = write!(
            cases,
            "\"{system} {machine}\") N={platform}; H={}; C={}; P={packed_size}; R={};; ",
            facts.sha256, facts.cksum, facts.size
        );
    }
    let lines = include_str!("bootstrap.sh").lines().filter(|line| !line.starts_with('#'));
    let line = lines.collect::<Vec<_>>().join(" ").replace("@MARKER@", marker).replace("@CASES@", &cases);
    format!("exec {prefix}/bin/sh -c '{line}'")
}

#[cfg(test)]
mod tests;
