//! The one SSH connection of a session.

mod algorithms;
mod auth;
mod config_file;
mod connect;
mod error;
mod events;
mod exec;
mod host_certificate;
mod host_key;
mod keys;
mod known_hosts;
mod openssh;
mod openssh_config;
mod own;
mod resolve;
mod route;
mod signing;
mod tokens;
mod transport;
mod values;

use std::time::Duration;

use russh::ChannelStream;
use russh::client::Msg;

pub use connect::Asking;
pub use error::SshError;
pub use exec::{Exec, Output, Stdin, Words};
use openssh::{FAILED, OpenSsh};
pub use openssh_config::SshConfig;

/// What speaks SSH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// `pii` itself.
    Russh,
    /// The system's `ssh`.
    OpenSsh,
}

/// How the session's host is connected to, as often as the link needs it.
#[derive(Debug, Clone)]
pub struct Dialer {
    /// The user's configuration for it.
    pub ssh: SshConfig,
    /// What speaks SSH.
    pub transport: Transport,
    /// For the server's answers.
    pub limit: Duration,
}

impl Dialer {
    /// Connects. With [`Transport::OpenSsh`] that happens when a command is run.
    pub async fn dial(&self, asking: Asking) -> Result<Connection, SshError> {
        match self.transport {
            Transport::Russh => {
                let own = connect::connect(&self.ssh, self.limit, asking).await?;
                Ok(Connection::Russh(Box::new(own)))
            }
            Transport::OpenSsh => Ok(Connection::OpenSsh(OpenSsh::new(&self.ssh, self.limit, asking)?)),
        }
    }

    /// Whether somebody may be asked something by a process of the laptop that is not `pii`, so that nothing may be
    /// timed.
    pub fn asks_elsewhere(&self, asking: Asking) -> bool {
        self.transport == Transport::OpenSsh && asking.as_configured(&self.ssh).is_possible()
    }
}

/// An authenticated connection.
pub enum Connection {
    /// Ours.
    Russh(Box<own::Own>),
    /// The system's `ssh`.
    OpenSsh(OpenSsh),
}

impl Connection {
    /// Runs a command line in the remote user's login shell.
    pub async fn exec(&self, command: &str) -> Result<Exec, SshError> {
        match self {
            Self::Russh(own) => own.exec(command).await,
            Self::OpenSsh(openssh) => openssh.exec(command),
        }
    }

    /// A byte stream to a port of the remote's 127.0.0.1; `None` if the transport has none.
    pub async fn open_port(&self, port: u16) -> Option<Result<ChannelStream<Msg>, russh::Error>> {
        let Self::Russh(own) = self else { return None };
        Some(own.open_port(port).await)
    }

    /// A byte stream to a unix socket of the remote; `None` if the transport has none.
    pub async fn open_socket(&self, path: &str) -> Option<Result<ChannelStream<Msg>, russh::Error>> {
        let Self::Russh(own) = self else { return None };
        Some(own.open_socket(path).await)
    }

    /// SHA256 fingerprint of the host key: what tells one machine from another. Known once a command has said
    /// something.
    pub fn fingerprint(&self) -> String {
        match self {
            Self::Russh(own) => own.fingerprint.clone(),
            Self::OpenSsh(openssh) => openssh.fingerprint(),
        }
    }

    /// How long the link takes there and back, if known.
    pub fn round_trip(&self) -> Option<Duration> {
        let Self::Russh(own) = self else { return None };
        own.round_trip.get().copied()
    }

    /// The error for a command that ended with this status before it said anything of its own, if SSH failed and not
    /// the command.
    pub fn failure(&self, status: Option<u32>, said: &str) -> Option<SshError> {
        match self {
            Self::OpenSsh(openssh) if status == Some(FAILED) => Some(openssh.failure(said.to_owned())),
            _ => None,
        }
    }

    /// Says goodbye. The connection ends anyway when it is dropped.
    pub async fn close(&self) {
        if let Self::Russh(own) = self {
            own.close().await;
        }
    }
}
