//! What can go wrong in a command, and what to do about it.

use std::{io, path::PathBuf, process::ExitStatus};

/// A failed command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A program that is needed is not installed.
    #[error("{program} is not installed")]
    Missing {
        /// The program.
        program: String,
        /// Debian's package that has it.
        package: &'static str,
    },
    /// A program ended badly.
    #[error("{line}: {status}")]
    Failed {
        /// The command line.
        line: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// A program's output is not what it should be.
    #[error("{line}: unexpected output: {output}")]
    Output {
        /// The command line.
        line: String,
        /// What it wrote.
        output: String,
    },
    /// A downloaded package is not the one that is pinned.
    #[error("{package} from the registry has the checksum {found}, not {pinned}")]
    Checksum {
        /// Name and version.
        package: &'static str,
        /// The checksum found.
        found: String,
        /// The checksum pinned.
        pinned: &'static str,
    },
    /// A file or directory could not be read, written or made.
    #[error("{}: {source}", path.display())]
    File {
        /// The path.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The embedded SSH server could not be started.
    #[error("the embedded SSH server does not start: {0}")]
    Ssh(#[from] russh::Error),
    /// A key for the embedded SSH server could not be made or written.
    #[error("no key for the embedded SSH server: {0}")]
    Key(#[from] russh::keys::ssh_key::Error),
    /// Something of the system failed.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// There is no agent, and this machine is not of a kind that agents run on.
    #[error("there is no agent for any remote, and the one that is built with pii runs on Linux only")]
    NoAgent,
    /// An agent that is larger than it may be.
    #[error("the agent has {size} bytes, and may have {limit}")]
    TooLarge {
        /// Its bytes.
        size: usize,
        /// The bytes it may have.
        limit: usize,
    },
    /// Rust's standard library is not there for a target.
    #[error("Rust's library for {target} is not installed, and its sources cannot be: {source}")]
    NoStd {
        /// The target.
        target: String,
        /// The cause.
        source: Box<Error>,
    },
    /// zig is neither there nor can it be installed.
    #[error("zig and cargo-zigbuild are not on PATH and cannot be installed: {0}")]
    NoZig(Box<Error>),
    /// qemu is neither there nor can it be installed.
    #[error("qemu-aarch64 {oldest} or newer is not on PATH and cannot be installed: {source}")]
    NoQemu {
        /// The oldest version that will do.
        oldest: u32,
        /// The cause.
        source: Box<Error>,
    },
    /// The demo did not do what it shows.
    #[error("the demo went wrong: {0}")]
    Demo(String),
    /// Node's own tests could not be run, or do not pass.
    #[error("{0}")]
    NodeTests(String),
    /// The soak did not come to its end.
    #[error("the soak went wrong: {0}")]
    Soak(String),
}

impl Error {
    /// The next thing to do, where it is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { package, .. } => Some(format!("sudo apt-get install -y {package}")),
            Self::NoAgent => Some("cargo xtask agents".into()),
            Self::Checksum { .. } => {
                Some("check the registry that npm is set to: npm config get registry".into())
            }
            Self::NoStd { target, .. } => {
                Some(format!("rustup target add {target}, or rustup component add rust-src"))
            }
            Self::NoQemu { .. } => Some(
                "sudo apt-get install -y qemu-user-static, from bookworm-backports or a newer Debian".into(),
            ),
            Self::NoZig(_) => Some(
                "sudo apt-get install -y python3-venv, or pip install ziglang cargo-zigbuild and put both on PATH".into(),
            ),
            _ => None,
        }
    }

    /// Says of which path a cause speaks.
    pub fn at(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
