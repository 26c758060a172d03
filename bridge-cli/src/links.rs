//! What a session's link is made of.

use std::io;

use bytes::BytesMut;
use russh::ChannelStream;
use russh::client::Msg;
use stream_carrier::Source;
use tokio::io::ReadHalf;

use crate::ssh::{Output, SshError, Stdin};

/// What carries a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// A forward to the agent's unix socket.
    Unix,
    /// A forward to the agent's port.
    Tcp,
    /// The stdin and stdout of a command.
    Stdio,
}

impl LinkKind {
    /// All, in the order they are tried in.
    pub const ALL: [Self; 3] = [Self::Unix, Self::Tcp, Self::Stdio];

    /// As the user writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unix => "unix",
            Self::Tcp => "tcp",
            Self::Stdio => "stdio",
        }
    }
}

/// A link that stands.
pub struct Link {
    /// What comes.
    pub source: LinkSource,
    /// Where to write.
    pub sink: Stdin,
    /// How many numbered packets the agent has.
    pub arrived: u64,
}

/// The bytes of a link.
pub struct LinkSource {
    /// What came behind the agent's answer.
    pub ahead: BytesMut,
    /// Where the rest comes from.
    pub from: Bytes,
}

/// Where bytes come from.
pub enum Bytes {
    /// A forward.
    Forward(ReadHalf<ChannelStream<Msg>>),
    /// The stdout of a command.
    Command(Output),
}

/// Why a link cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The server forwards nothing of this kind.
    #[error("the server forwards no {}", if *.kind == LinkKind::Unix { "unix sockets" } else { "ports" })]
    Forbidden {
        /// The kind.
        kind: LinkKind,
        /// Its answer.
        source: russh::Error,
    },
    /// Not with this transport, or the agent has no such door.
    #[error("there is no way by {} here", .0.name())]
    None(LinkKind),
    /// Nobody listens any more.
    #[error("the agent is gone")]
    Gone,
    /// The connection failed meanwhile.
    #[error(transparent)]
    Ssh(Box<SshError>),
    /// What answers is no agent.
    #[error("the agent does not answer")]
    Answer(#[source] io::Error),
    /// The agent has another opinion of the token or the request.
    #[error("the agent answers {0}")]
    Refused(u16),
}

impl From<SshError> for LinkError {
    fn from(error: SshError) -> Self {
        Self::Ssh(Box::new(error))
    }
}

impl LinkError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Forbidden { kind: LinkKind::Unix, .. } => {
                Some("AllowStreamLocalForwarding yes in the server's sshd_config, or --stream stdio".into())
            }
            Self::Forbidden { .. } => {
                Some("AllowTcpForwarding yes in the server's sshd_config, or --stream stdio".into())
            }
            Self::None(_) => Some("--stream stdio".into()),
            Self::Ssh(error) => error.hint(),
            Self::Gone | Self::Answer(_) | Self::Refused(_) => Some("--log FILE tells more".into()),
        }
    }
}

impl LinkSource {
    /// The stdout of the agent's own command, which is a link from its Ready on.
    pub fn of_agent(output: Output) -> Self {
        Self { ahead: BytesMut::new(), from: Bytes::Command(output) }
    }
}

impl Source for LinkSource {
    async fn read(&mut self, to: &mut BytesMut) -> io::Result<usize> {
        if !self.ahead.is_empty() {
            let ahead = std::mem::take(&mut self.ahead);
            to.extend_from_slice(&ahead);
            return Ok(ahead.len());
        }
        match &mut self.from {
            Bytes::Forward(stream) => Source::read(stream, to).await,
            Bytes::Command(output) => output.read(to).await,
        }
    }
}
