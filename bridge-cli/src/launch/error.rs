//! What can be missing on the laptop.

use std::io;
use std::path::PathBuf;

/// The command that installs a pi that can be used.
const INSTALL: &str = "npm install -g @earendil-works/pi-coding-agent";

/// Why the program cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// Nothing under that name.
    #[error("there is no pi {}", match path { Some(path) => format!("at {}", path.display()), None => "on PATH".into() })]
    NoPi {
        /// The path given, if one was.
        path: Option<PathBuf>,
    },
    /// Bun has put pi and itself into one executable, which loads no Node module.
    #[error("{} is a pi compiled with Bun, which takes no preload: pii needs the npm package", path.display())]
    BunPi {
        /// The executable.
        path: PathBuf,
    },
    /// An executable that is no JavaScript.
    #[error("{} is a compiled program, and no JavaScript that Node could run", path.display())]
    CompiledPi {
        /// The executable.
        path: PathBuf,
    },
    /// A script that starts pi in a way we cannot follow.
    #[error("{} does not lead to pi's JavaScript", path.display())]
    NotJavaScript {
        /// The script or directory.
        path: PathBuf,
    },
    /// A file that cannot be read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// `outside = "local"` for pi.
    #[error("outside = \"local\" is for pii run: to pi every path is the remote's")]
    LocalPi,
    /// Nothing under that name.
    #[error("there is no Node {}", match path { Some(path) => format!("at {}", path.display()), None => "beside pi or on PATH".into() })]
    NoNode {
        /// The path given, if one was.
        path: Option<PathBuf>,
    },
    /// `--version` gave no answer.
    #[error("{} does not answer --version", path.display())]
    NodeVersion {
        /// The executable.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Too old.
    #[error("{} is Node {found}, and at least {needed} is needed", path.display())]
    OldNode {
        /// The executable.
        path: PathBuf,
        /// Its version.
        found: String,
        /// The least one.
        needed: String,
    },
    /// `pii run -- something-else`.
    #[error("{} is not node: pii run starts Node scripts", word.display())]
    NotNode {
        /// The word.
        word: PathBuf,
    },
    /// No room for the directory it is to run in.
    #[error("the program's working directory cannot be made")]
    Directory(#[source] io::Error),
    /// The process could not be made.
    #[error("{} does not start", path.display())]
    Start {
        /// The executable.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The system does not tell how the process ended.
    #[error("waiting for the program failed")]
    Wait(#[source] io::Error),
}

impl LaunchError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoPi { .. } => Some(format!("{INSTALL}, or --program PATH")),
            Self::BunPi { .. } | Self::CompiledPi { .. } => Some(INSTALL.into()),
            Self::NotJavaScript { .. } => {
                Some("--program \"$(npm root -g)/@earendil-works/pi-coding-agent\"".into())
            }
            Self::LocalPi => {
                Some("outside = \"read\", or localPaths for what pi is to reach of the laptop".into())
            }
            Self::NoNode { .. } | Self::NodeVersion { .. } => {
                Some("--node PATH, or install Node 22.19 or newer".into())
            }
            Self::OldNode { .. } => Some("--node PATH (or PII_NODE) with a newer one".into()),
            Self::NotNode { .. } => Some("pii run --ssh TARGET -- node SCRIPT [args]".into()),
            Self::Read { .. } | Self::Directory(_) | Self::Start { .. } | Self::Wait(_) => None,
        }
    }
}
