//! Why no agent runs on the remote, and what to do about it.

use std::io;

use super::PATIENCE;
use crate::error::Said;

/// Why there is no agent.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// The login shell did something else than run our line.
    #[error("the login on {host} does not run /bin/sh")]
    NoShell {
        /// The host as typed.
        host: String,
        /// What came instead.
        source: Said,
    },
    /// `sudo` ended instead of running our line.
    #[error("sudo on {host} does not let you become {user}")]
    Become {
        /// The host as typed.
        host: String,
        /// Whom to become.
        user: String,
        /// What came instead.
        source: Said,
    },
    /// Nothing came.
    #[error("{host} did not answer within {} s after the login", PATIENCE.as_secs())]
    Silent {
        /// The host as typed.
        host: String,
    },
    /// No agent for this kind of machine.
    #[error("there is no agent for {platform}, which {host} is")]
    Architecture {
        /// The host as typed.
        host: String,
        /// Its `uname -sm`.
        platform: String,
        /// Those there are.
        source: Said,
    },
    /// Every place there has a fault.
    #[error("no directory on {host} can hold the agent")]
    Nowhere {
        /// The host as typed.
        host: String,
        /// Each place and its fault, and what the remote said.
        source: Said,
    },
    /// The remote's disk did not take it.
    #[error("the agent cannot be written to {directory} on {host}")]
    Write {
        /// The host as typed.
        host: String,
        /// The directory there.
        directory: String,
        /// What the remote said.
        source: Said,
    },
    /// Other bytes arrived than were sent; they were not run and are gone.
    #[error("the agent did not arrive intact in {directory} on {host}")]
    Damaged {
        /// The host as typed.
        host: String,
        /// The directory there.
        directory: String,
        /// What the remote said.
        source: Said,
    },
    /// It ended before it answered.
    #[error("the agent does not start on {host}")]
    Start {
        /// The host as typed.
        host: String,
        /// Exit status, if one came.
        status: Option<u32>,
        /// What the remote said.
        source: Said,
    },
    /// Our own file.
    #[error("the agent's file cannot be read")]
    Packed(#[source] io::Error),
}

impl DeployError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoShell { host, .. } => {
                Some(format!("ssh {host} 'exec /bin/sh -c true', which must work and print nothing"))
            }
            Self::Become { host, user, .. } => Some(format!(
                "ssh {host} sudo -n -u {user} true, which must work without a password; a line of sudoers for that: \
                 YOU ALL=({user}) NOPASSWD: ALL"
            )),
            Self::Silent { host } => Some(format!("ssh {host} true, and see what takes so long there")),
            Self::Architecture { .. } => {
                Some("cargo xtask agents, which builds those for x86_64 and aarch64".into())
            }
            Self::Nowhere { host, .. } => Some(format!(
                "ssh {host} 'df -h ~ /var/tmp /tmp; mount | grep noexec', and make room for 10 MB in a place that lets \
                 programs run"
            )),
            Self::Write { host, directory, .. } => {
                Some(format!("ssh {host} 'df -h {directory}; ls -ld {directory}', and make room for 8 MB"))
            }
            Self::Damaged { host, directory, .. } => {
                Some(format!("once more; if it stays so: ssh {host} 'df -h {directory}'"))
            }
            // 126: found, but not allowed to run.
            Self::Start { host, status: Some(126), .. } => Some(format!(
                "ssh {host} 'mount | grep noexec': the cache directory must allow programs to run"
            )),
            Self::Start { host, .. } => {
                Some(format!("ssh {host} 'ls -l ~/.cache/pii /var/tmp/pii-*'; --log FILE tells more"))
            }
            Self::Packed(_) => Some("cargo xtask build".into()),
        }
    }
}
