//! What can be wrong with the settings.

use std::io;
use std::path::PathBuf;

/// Why the settings cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file is there but cannot be read.
    #[error("the configuration {} cannot be read", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A file does not follow its format.
    #[error("{}:{line}: {message}", file.display())]
    Syntax {
        /// The file.
        file: PathBuf,
        /// Line, counted from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// A key that does not exist.
    #[error("{place}: there is no key {key:?}")]
    Key {
        /// File and line, or file.
        place: String,
        /// As written.
        key: String,
        /// The key that comes nearest.
        nearest: &'static str,
    },
    /// A value of the wrong kind.
    #[error("{place}: {key}: {expected}")]
    Value {
        /// File and line, environment, or flag.
        place: String,
        /// The key.
        key: String,
        /// What the key takes.
        expected: String,
    },
}

impl ConfigError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Key { nearest, .. } => {
                Some(format!("{nearest}, or remove the line (pii config show lists the keys)"))
            }
            Self::Read { .. } => None,
            Self::Syntax { .. } | Self::Value { .. } => {
                Some("correct it there; pii config show lists the keys".into())
            }
        }
    }
}
