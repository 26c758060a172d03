//! Every error of `pii` as the user reads it: a sentence, its cause, and what to try next.

use std::error::Error as _;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;

use wire_protocol::Refusal;

use crate::config::ConfigError;
use crate::deploy::DeployError;
use crate::launch::LaunchError;
use crate::links::LinkError;
use crate::ssh::SshError;
use crate::target::TargetError;

/// What ended `pii`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither `--ssh` nor a command.
    #[error("{}", match said { Some(word) => format!("{word} needs --ssh, or is no command of pii"), None => "nothing to do".into() })]
    Usage {
        /// The first word.
        said: Option<String>,
        /// The usage lines.
        usage: &'static str,
    },
    /// An option without its value.
    #[error("{0} needs a value")]
    MissingValue(String),
    /// A command's words are wrong; clap's text is complete in itself.
    #[error("{0}")]
    Clap(clap::Error),
    /// The word after `--ssh`.
    #[error("{text:?} is no target for --ssh")]
    Target {
        /// As typed.
        text: String,
        /// What is wrong with it.
        source: TargetError,
    },
    /// A setting.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The connection.
    #[error(transparent)]
    Ssh(#[from] SshError),
    /// The agent's way to the remote.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// The agent would not serve.
    #[error("{}", refused(host, .refusal))]
    Refused {
        /// The host as typed.
        host: String,
        /// Its reason.
        refusal: Refusal,
    },
    /// The program was begun where the target led the last time, and it leads elsewhere now.
    #[error("{host} is not as it was the last time, so the program was stopped")]
    Moved {
        /// The host as typed.
        host: String,
        /// What is different.
        source: Said,
    },
    /// The way to the agent.
    #[error("{host} runs the agent, but opens no stream to it")]
    Stream {
        /// The host as typed.
        host: String,
        /// Why.
        source: LinkError,
    },
    /// The program on the laptop.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// Files that belong to `pii` are not there.
    #[error("{what} is not among pii's own files")]
    Assets {
        /// Which file.
        what: String,
        /// Where it was looked for.
        source: Said,
    },
    /// A file or directory of the laptop.
    #[error("{what} failed")]
    Local {
        /// The step.
        what: String,
        /// The system's error.
        source: io::Error,
    },
    /// The log cannot be written.
    #[error("the log {} cannot be opened", file.display())]
    Log {
        /// Its path.
        file: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// `PII_LOG_LEVEL` is no filter.
    #[error("PII_LOG_LEVEL {level:?} is no level")]
    LogLevel {
        /// As set.
        level: String,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// The user gave up at a question, or a signal came before the program ran.
    #[error("interrupted")]
    Interrupted {
        /// The signal's number.
        signal: u8,
    },
}

/// A cause that came as text.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Said(pub String);

impl Error {
    /// An error of a step on the laptop's disk.
    pub fn local(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Local { what, source }
    }

    /// The exit code of `pii` for it.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage { .. } | Self::MissingValue(_) | Self::Clap(_) => 2,
            Self::Interrupted { signal } => 128 + signal,
            // What an interrupt from the keyboard gives.
            Self::Ssh(SshError::Interrupted) => 130,
            _ => 1,
        }
    }

    /// The next command to run.
    fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { usage, .. } => Some((*usage).to_owned()),
            Self::MissingValue(_) => Some("pii help".into()),
            Self::Clap(_) | Self::Interrupted { .. } => None,
            Self::Target { source: TargetError::NoHost | TargetError::Bracket, .. } => {
                Some("--ssh user@host:/path, or --ssh 'user@[::1]:/path' for an IPv6 address".into())
            }
            Self::Target { .. } => {
                Some("--ssh user@host:/path, or --ssh user@host:22:/path with a port".into())
            }
            Self::Config(error) => error.hint(),
            Self::Ssh(error) => error.hint(),
            Self::Deploy(error) => error.hint(),
            Self::Refused { host, refusal } => refused_hint(host, refusal),
            Self::Moved { .. } => Some("the same command again".into()),
            Self::Stream { source, .. } => source.hint(),
            Self::Launch(error) => error.hint(),
            Self::Assets { .. } => Some("cargo xtask build, and run target/release/pii from there".into()),
            Self::Local { .. } => None,
            Self::Log { .. } => Some("--log with a file you may write".into()),
            Self::LogLevel { .. } => Some("PII_LOG_LEVEL=info, debug or trace".into()),
        }
    }

    /// The whole text for stderr.
    pub fn explain(&self) -> String {
        if let Self::Clap(error) = self {
            return error.render().to_string();
        }
        let mut text = format!("pii: {self}\n");
        let mut cause = self.source();
        while let Some(error) = cause {
            // Writing into a String cannot fail.
            let _ = writeln!(text, "  cause: {}", error.to_string().trim_end().replace('\n', "\n         "));
            cause = error.source();
        }
        if let Some(hint) = self.hint() {
            let _ = writeln!(text, "  try: {hint}");
        }
        text
    }
}

fn refused(host: &str, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Version { agent } => {
            format!("the agent on {host} is release {agent}, this pii is {}", wire_protocol::VERSION)
        }
        Refusal::Root { path, code } => match code.as_str() {
            "ENOENT" => format!("{host} has no directory {path}"),
            "ENOTDIR" => format!("{path} on {host} is not a directory"),
            "EACCES" => format!("the directory {path} on {host} may not be read by you (EACCES)"),
            other => format!("the directory {path} on {host} cannot be opened ({other})"),
        },
        Refusal::Listen { port: 0, code } => format!("the agent on {host} could not open a port ({code})"),
        Refusal::Listen { port, code } => format!("the agent on {host} could not open port {port} ({code})"),
    }
}

fn refused_hint(host: &str, refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::Version { .. } => {
            Some("cargo xtask build, so that pii and the agent are of one release".into())
        }
        Refusal::Root { path, code } => Some(match code.as_str() {
            "ENOENT" => format!("ssh {host} mkdir -p '{path}', or name another directory after the colon"),
            "ENOTDIR" => "name the directory that holds it after the colon".into(),
            _ => format!("ssh {host} ls -ld '{path}'"),
        }),
        Refusal::Listen { port: 0, .. } => None,
        Refusal::Listen { .. } => {
            Some("another agentPort, or 0 to let the remote choose (pii config show)".into())
        }
    }
}

/// Prints a text for the user on stdout and gives the exit code of success.
pub fn print(text: &str) -> Result<u8, Error> {
    io::stdout().write_all(text.as_bytes()).map_err(Error::local("writing to stdout"))?;
    Ok(0)
}
