//! The system's `ssh` as the transport, for what russh cannot do: each command is a process of it.

use std::ffi::OsString;
use std::process::Stdio;
use std::time::Duration;

use tempfile::NamedTempFile;
use tokio::process::Command;

use super::events::Events;
use super::transport::without_questions;
use super::{Asking, Exec, SshConfig, SshError};
use crate::error::Said;

/// What `ssh` ends with when it failed itself (ssh(1)).
pub const FAILED: u32 = 255;

/// A host that `ssh` reaches. Nothing is connected before a command runs.
pub struct OpenSsh {
    alias: String,
    words: Vec<OsString>,
    /// Neither `ssh` nor a proxy of it may use the terminal.
    silent: bool,
    /// Where `ssh` writes down the fingerprints of host keys it looks up.
    seen: NamedTempFile,
}

impl OpenSsh {
    /// For the host of this configuration, which `ssh` reads again itself.
    pub fn new(ssh: &SshConfig, limit: Duration, asking: Asking) -> Result<Self, SshError> {
        let failed = |error: std::io::Error| SshError::OpenSsh {
            host: ssh.alias.clone(),
            source: Said(format!("no file for the host key's fingerprint: {error}")),
        };
        let seen = NamedTempFile::new().map_err(failed)?;
        let mut words: Vec<OsString> = Vec::new();
        if let Some(file) = &ssh.file {
            words.extend(["-F".into(), file.into()]);
        }
        words.extend(["-p".into(), ssh.port.to_string().into(), "-l".into(), ssh.user.clone().into()]);
        let note = format!("/bin/sh -c \"echo %f >> {}\"", seen.path().display());
        let options = [
            // A connection of its own: its end is the end of what it carries.
            "ControlPath=none".to_owned(),
            "RemoteCommand=none".to_owned(),
            "ClearAllForwardings=yes".to_owned(),
            "PermitLocalCommand=no".to_owned(),
            "RequestTTY=no".to_owned(),
            "StdinNull=no".to_owned(),
            "ForkAfterAuthentication=no".to_owned(),
            "SessionType=default".to_owned(),
            format!("ConnectTimeout={}", limit.as_secs().max(1)),
            format!("KnownHostsCommand={note}"),
        ];
        for option in options {
            words.extend(["-o".into(), option.into()]);
        }
        // Without a terminal `ssh` would offer empty passwords, unless the user has a program that asks.
        let nobody = !asking.is_possible() && std::env::var_os("SSH_ASKPASS").is_none();
        let silent = asking.as_configured(ssh) == Asking::Forbidden;
        if silent || nobody {
            words.extend(["-o".into(), "BatchMode=yes".into()]);
        }
        Ok(Self { alias: ssh.alias.clone(), words, silent, seen })
    }

    /// Runs a command line in the remote user's login shell. An interrupt typed at the program must not reach `ssh`.
    pub fn exec(&self, command: &str) -> Result<Exec, SshError> {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "trap \"\" INT QUIT; exec ssh \"$@\"", "ssh"]).args(&self.words);
        shell.arg("--").arg(&self.alias).arg(command);
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        if self.silent {
            without_questions(&mut shell);
        }
        let failed = |text: String| SshError::OpenSsh { host: self.alias.clone(), source: Said(text) };
        let mut child = shell.spawn().map_err(|error| failed(error.to_string()))?;
        let stdin = child.stdin.take().ok_or_else(|| failed("it has no stdin".into()))?;
        Ok(Exec::new(Events::of_process(child), Box::new(stdin)))
    }

    /// The fingerprint of the host key, once a command has said something. Where `ssh` is too old to tell (before
    /// 8.5), the name the user gave stands for the machine.
    pub fn fingerprint(&self) -> String {
        let seen = std::fs::read_to_string(self.seen.path()).unwrap_or_default();
        let last = seen.lines().rev().find(|line| line.starts_with("SHA256:"));
        last.map_or_else(|| format!("name:{}", self.alias), str::to_owned)
    }

    /// The error of a command that could not be run.
    pub fn failure(&self, said: String) -> SshError {
        SshError::OpenSsh { host: self.alias.clone(), source: Said(said) }
    }
}
