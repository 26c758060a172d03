//! What can go wrong between the two machines.

use std::io;
use std::path::PathBuf;

use crate::error::Said;

/// Why there is no connection, or no longer one.
#[derive(Debug, thiserror::Error)]
pub enum SshError {
    /// `ssh -G` does not accept the user's configuration.
    #[error("the SSH configuration cannot be used")]
    Config {
        /// What ssh said.
        source: Said,
    },
    /// No address for the name.
    #[error("there is no address for the host {host}")]
    Lookup {
        /// As resolved by the SSH configuration.
        host: String,
        /// The resolver's error.
        source: io::Error,
    },
    /// TCP gave no connection.
    #[error("{host} port {port} cannot be reached")]
    Connect {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// The system's error for the last address tried.
        source: io::Error,
    },
    /// Nothing came back in time.
    #[error("{host} port {port} did not answer within {seconds} s")]
    Timeout {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// The limit.
        seconds: u64,
    },
    /// The proxy command could not be started, or ended without a connection.
    #[error("the proxy to {host} gave no connection")]
    Proxy {
        /// The host.
        host: String,
        /// The command line.
        command: String,
        /// What it wrote to stderr, or why it did not start.
        source: Said,
    },
    /// A host on the way was not passed.
    #[error("the way to {host} leads over {hop}, and is closed")]
    Hop {
        /// The host.
        host: String,
        /// The hop, as the configuration names it.
        hop: String,
        /// Why.
        source: Box<SshError>,
    },
    /// A hop does not connect to what lies behind it.
    #[error("it opens no connection to {host} port {port}")]
    Forward {
        /// The next host.
        host: String,
        /// Its port.
        port: u16,
        /// The hop's answer.
        source: russh::Error,
    },
    /// None of the chosen algorithms is known.
    #[error("{setting} of the SSH configuration names nothing that pii knows")]
    Algorithms {
        /// The keyword.
        setting: &'static str,
        /// Its value.
        source: Said,
    },
    /// The other end is no SSH server we can talk to.
    #[error("the SSH handshake with {host} failed")]
    Handshake {
        /// The host.
        host: String,
        /// russh's error.
        source: russh::Error,
    },
    /// A key nobody has vouched for.
    #[error("the host key of {name} is not known, and {reason}")]
    UnknownHostKey {
        /// The name in known_hosts.
        name: String,
        /// The command that shows the key to the user.
        connect: String,
        /// Why it was not asked for or taken.
        reason: &'static str,
        /// The key offered.
        source: Said,
    },
    /// Another key than the known one.
    #[error("the host key of {name} has changed: this may be another machine")]
    ChangedHostKey {
        /// The name in known_hosts.
        name: String,
        /// The file with the known key.
        file: PathBuf,
        /// Both keys and where the known one stands.
        source: Said,
    },
    /// A key the user has marked as stolen.
    #[error("the host key of {name} is revoked")]
    RevokedHostKey {
        /// The name in known_hosts.
        name: String,
        /// The key and the line that revokes it.
        source: Said,
    },
    /// The user did not trust the key.
    #[error("the host key of {name} was not accepted")]
    DeclinedHostKey {
        /// The name in known_hosts.
        name: String,
    },
    /// known_hosts cannot be read or written.
    #[error("{} cannot be {what}", file.display())]
    KnownHosts {
        /// The file.
        file: PathBuf,
        /// `read` or `written`.
        what: &'static str,
        /// The system's error.
        source: io::Error,
    },
    /// No way of authentication succeeded.
    #[error("{user}@{host} did not let you in")]
    Authentication {
        /// The remote user.
        user: String,
        /// The host.
        host: String,
        /// Port, for the commands that help.
        port: u16,
        /// What was tried and what the server allows.
        source: Said,
    },
    /// The system's `ssh` could not run the command.
    #[error("ssh gives no connection to {host}")]
    OpenSsh {
        /// The host as typed.
        host: String,
        /// What it said.
        source: Said,
    },
    /// The user gave up at a question.
    #[error("interrupted")]
    Interrupted,
    /// The connection failed after it stood.
    #[error("the SSH connection failed")]
    Protocol(#[from] russh::Error),
}

impl SshError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Config { .. } => {
                Some("correct the file named there; ssh -G HOST shows what ssh reads".into())
            }
            Self::Lookup { host, .. } => Some(format!("check the spelling, or ssh -G {host}")),
            Self::Connect { host, port, .. } | Self::Timeout { host, port, .. } => {
                Some(format!("ssh -v -p {port} {host}; --ssh user@host:PORT:/path names another port"))
            }
            Self::Proxy { command, .. } => Some(command.clone()),
            Self::Hop { hop, source, .. } => match &**source {
                Self::Forward { host, port, .. } => {
                    Some(format!("ssh -W '[{host}]:{port}' {hop}, and AllowTcpForwarding of its sshd"))
                }
                other => other.hint(),
            },
            Self::Forward { .. } => None,
            Self::Algorithms { setting, .. } => {
                Some(format!("another {setting} for this host in ~/.ssh/config"))
            }
            Self::Handshake { host, .. } => Some(format!("ssh -v {host}")),
            Self::UnknownHostKey { connect, .. } => {
                Some(format!("{connect} once, and compare the fingerprint with one you trust"))
            }
            Self::ChangedHostKey { name, file, .. } => {
                Some(format!("if you know why it changed: ssh-keygen -R '{name}' -f '{}'", file.display()))
            }
            Self::RevokedHostKey { name, .. } => {
                Some(format!("ask who runs {name} for its new key; it must not be trusted with this one"))
            }
            Self::OpenSsh { host, .. } => Some(format!("ssh -v {host} true")),
            Self::DeclinedHostKey { .. } | Self::Interrupted => None,
            Self::KnownHosts { file, .. } => Some(format!("ls -l '{}'", file.display())),
            Self::Authentication { user, host, port, .. } => Some(format!(
                "ssh -v -p {port} {user}@{host}, or ssh-copy-id -p {port} {user}@{host} to install your key"
            )),
            Self::Protocol(_) => None,
        }
    }

    /// Whether trying again may help without anybody doing anything: the network or the server may come back.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Hop { source, .. } => return source.may_pass(),
            Self::Forward { source: russh::Error::ChannelOpenFailure(why), .. } => {
                return *why == russh::ChannelOpenFailure::ConnectFailed;
            }
            _ => {}
        }
        matches!(
            self,
            Self::Lookup { .. }
                | Self::Connect { .. }
                | Self::Timeout { .. }
                | Self::Proxy { .. }
                | Self::Handshake { .. }
                | Self::OpenSsh { .. }
                | Self::Protocol(_)
        )
    }
}
