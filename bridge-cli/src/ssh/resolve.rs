//! Finding the user's SSH configuration for a host: from OpenSSH itself (`ssh -G`), or without an `ssh` from its files.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;
use tracing::debug;

use super::openssh_config::SshConfig;
use super::values::Values;
use super::{SshError, config_file};
use crate::error::Said;
use crate::target::Target;

/// A file of no settings, for `ssh -F`.
const NO_FILE: &str = "none";

impl SshConfig {
    /// Finds the settings for a target; `file` is what `ssh -F` takes.
    pub async fn resolve(target: &Target, file: Option<&Path>) -> Result<Self, SshError> {
        let other = OtherHome::find();
        let read = file.or(other.as_ref().and_then(|home| home.config.as_deref()));
        let (here, usual) = tokio::join!(ask(target, read), ask(target, Some(Path::new(NO_FILE))));
        let (here, usual) = match here? {
            // What OpenSSH does without a configuration tells what is chosen; without that nothing counts as such.
            Some(here) => {
                let usual = usual.ok().flatten().unwrap_or_else(|| here.clone());
                (here, usual)
            }
            None => {
                debug!("no ssh on PATH: its configuration files are read without it");
                (config_file::read(target, read)?, String::new())
            }
        };
        let values = Values::new(&here, &usual);
        let ignored = values.not_followed().join(", ");
        if !ignored.is_empty() {
            debug!(host = target.host, "not followed of the SSH configuration: {ignored}");
        }
        let mut config = Self::parse(target, &values, |name| std::env::var(name).ok());
        config.file = read.map(Path::to_owned);
        if let Some(home) = other {
            home.take_defaults(&mut config);
        }
        Ok(config)
    }
}

/// The output of `ssh -G`; `None` where there is no `ssh`.
async fn ask(target: &Target, file: Option<&Path>) -> Result<Option<String>, SshError> {
    let mut command = Command::new("ssh");
    command.arg("-G").stdin(Stdio::null());
    if let Some(file) = file {
        command.arg("-F").arg(file);
    }
    if let Some(port) = target.port {
        command.arg("-p").arg(port.to_string());
    }
    if let Some(user) = &target.user {
        command.arg("-l").arg(user);
    }
    match command.arg("--").arg(&target.host).output().await {
        Ok(output) if output.status.success() => {
            Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned()))
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            Err(SshError::Config { source: Said(said) })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SshError::Config { source: Said(format!("ssh: {error}")) }),
    }
}

/// A HOME that is not the login's. OpenSSH looks in the login's home alone; whoever sets another one means it.
struct OtherHome {
    login: PathBuf,
    chosen: PathBuf,
    config: Option<PathBuf>,
}

impl OtherHome {
    fn find() -> Option<Self> {
        let chosen = crate::launch::home();
        let user = nix::unistd::User::from_uid(nix::unistd::getuid()).ok()??;
        let config = Some(chosen.join(".ssh/config")).filter(|file| file.is_file());
        (user.dir != chosen).then_some(Self { login: user.dir, chosen, config })
    }

    /// Moves the default files of the login's home to this one.
    fn take_defaults(&self, config: &mut SshConfig) {
        for file in &mut config.user_known_hosts {
            for name in [".ssh/known_hosts", ".ssh/known_hosts2"] {
                if *file == self.login.join(name) {
                    *file = self.chosen.join(name);
                }
            }
        }
    }
}
