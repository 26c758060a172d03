//! The user's SSH configuration as OpenSSH itself resolves it (`ssh -G`), or OpenSSH's defaults without an `ssh`.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tracing::debug;

use super::SshError;
use super::tokens::Tokens;
use crate::error::Said;
use crate::target::Target;

/// What to do with a host key nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownKeys {
    /// Ask the user; refuse when there is nobody to ask.
    Ask,
    /// Refuse.
    Refuse,
    /// Remember it.
    AcceptNew,
    /// Accept it.
    Accept,
}

/// The parts of the configuration for one host that `pii` follows.
#[derive(Debug, Clone)]
pub struct SshConfig {
    /// As typed: an alias or a name.
    pub alias: String,
    /// The configuration file that was asked for, as `ssh -F` takes it.
    pub file: Option<PathBuf>,
    /// Name or address to connect to.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Remote user.
    pub user: String,
    /// Private key files, in order.
    pub identity_files: Vec<PathBuf>,
    /// Only the keys of `identity_files` are offered.
    pub identities_only: bool,
    /// Socket of the agent.
    pub agent: Option<PathBuf>,
    /// known_hosts files of the user; the first one takes new keys.
    pub user_known_hosts: Vec<PathBuf>,
    /// known_hosts files of the system.
    pub global_known_hosts: Vec<PathBuf>,
    /// Whether new names are hashed there.
    pub hash_known_hosts: bool,
    /// What to do with unknown keys.
    pub unknown_keys: UnknownKeys,
    /// Name to look the host key up by.
    pub host_key_alias: Option<String>,
    /// The user's limit for connecting.
    pub connect_timeout: Option<Duration>,
    /// Command whose stdin and stdout are the connection.
    pub proxy_command: Option<String>,
    /// Nobody may be asked anything.
    pub batch: bool,
}

impl SshConfig {
    /// Asks `ssh -G` about the target; `file` is what `ssh -F` takes.
    pub async fn resolve(target: &Target, file: Option<&Path>) -> Result<Self, SshError> {
        let other = OtherHome::find();
        let file = file.or(other.as_ref().and_then(|home| home.config.as_deref()));
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
        let text = match command.arg("--").arg(&target.host).output().await {
            Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                return Err(SshError::Config { source: Said(said) });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                debug!("no ssh on PATH: the SSH configuration is not read");
                String::new()
            }
            Err(error) => return Err(SshError::Config { source: Said(format!("ssh: {error}")) }),
        };
        let mut config = Self::parse(target, &text, file, |name| std::env::var(name).ok());
        if let Some(home) = other {
            home.take_defaults(&mut config);
        }
        Ok(config)
    }

    /// Reads the output of `ssh -G`, expanding what it leaves. Empty text gives OpenSSH's defaults.
    fn parse(target: &Target, text: &str, file: Option<&Path>, env: impl Fn(&str) -> Option<String>) -> Self {
        let mut values: HashMap<&str, Vec<&str>> = HashMap::new();
        for (key, value) in text.lines().filter_map(|line| line.split_once(' ')) {
            values.entry(key).or_default().push(value.trim());
        }
        let one = |key: &str| {
            values.get(key).and_then(|list| list.first().copied()).filter(|value| *value != "none")
        };
        let yes = |key: &str| matches!(one(key), Some("yes" | "true"));
        let local_user = env("USER").or_else(|| env("LOGNAME")).unwrap_or_default();
        let host = one("hostname").unwrap_or(&target.host).to_owned();
        let port = one("port").and_then(|port| port.parse().ok()).or(target.port).unwrap_or(22);
        let user =
            one("user").map(str::to_owned).or(target.user.clone()).unwrap_or_else(|| local_user.clone());
        let tokens = Tokens {
            home: env("HOME").unwrap_or_default(),
            host: &host,
            alias: &target.host,
            port,
            user: &user,
            local_user: &local_user,
            env: &env,
        };
        let default_files = ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"];
        let identity_files = values.get("identityfile").cloned().unwrap_or_else(|| default_files.to_vec());
        let files = |key: &str, default: &str| -> Vec<PathBuf> {
            let text = values.get(key).and_then(|list| list.first().copied()).unwrap_or(default);
            text.split_whitespace().filter(|f| *f != "none").filter_map(|f| tokens.path(f)).collect()
        };
        let agent = match values.get("identityagent").and_then(|list| list.first().copied()) {
            Some("none") => None,
            None | Some("SSH_AUTH_SOCK") => env("SSH_AUTH_SOCK").map(PathBuf::from),
            Some(variable) if variable.starts_with('$') && !variable.starts_with("${") => {
                env(&variable[1..]).map(PathBuf::from)
            }
            Some(path) => tokens.path(path),
        };
        let proxy_command = match (one("proxycommand"), one("proxyjump")) {
            (Some(command), _) => tokens.expand(command),
            (None, Some(jumps)) => Some(jump_command(jumps, &host, port, file)),
            (None, None) => None,
        };
        Self {
            alias: target.host.clone(),
            file: file.map(Path::to_owned),
            identity_files: identity_files
                .iter()
                .filter(|f| **f != "none")
                .filter_map(|f| tokens.path(f))
                .collect(),
            identities_only: yes("identitiesonly"),
            agent: agent.filter(|path| !path.as_os_str().is_empty()),
            user_known_hosts: files("userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2"),
            global_known_hosts: files(
                "globalknownhostsfile",
                "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2",
            ),
            hash_known_hosts: yes("hashknownhosts"),
            unknown_keys: match one("stricthostkeychecking") {
                Some("yes" | "true") => UnknownKeys::Refuse,
                Some("accept-new") => UnknownKeys::AcceptNew,
                Some("no" | "off" | "false") => UnknownKeys::Accept,
                _ => UnknownKeys::Ask,
            },
            host_key_alias: one("hostkeyalias").map(str::to_owned),
            connect_timeout: one("connecttimeout").and_then(|s| s.parse().ok()).map(Duration::from_secs),
            proxy_command,
            batch: yes("batchmode"),
            host,
            port,
            user,
        }
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

/// The `ssh -W` that goes through the hosts of `ProxyJump`.
fn jump_command(jumps: &str, host: &str, port: u16, file: Option<&Path>) -> String {
    let quote = |word: &str| format!("'{}'", word.replace('\'', "'\\''"));
    let (before, last) = jumps.rsplit_once(',').map_or((None, jumps), |(before, last)| (Some(before), last));
    let mut command = "ssh".to_owned();
    if let Some(file) = file {
        command += &format!(" -F {}", quote(&file.to_string_lossy()));
    }
    if let Some(before) = before {
        command += &format!(" -J {}", quote(before));
    }
    let last = if last.contains("://") { last.to_owned() } else { format!("ssh://{last}") };
    format!("{command} -W {} -- {}", quote(&format!("[{host}]:{port}")), quote(&last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> Target {
        "al:/p".parse().unwrap()
    }

    fn parse(text: &str) -> SshConfig {
        SshConfig::parse(&target(), text, None, |name| match name {
            "HOME" => Some("/home/me".into()),
            "USER" => Some("me".into()),
            "SSH_AUTH_SOCK" => Some("/run/agent".into()),
            "KEYS" => Some("/keys".into()),
            _ => None,
        })
    }

    #[test]
    fn without_ssh_its_defaults_hold() {
        let config = parse("");
        assert_eq!((config.host.as_str(), config.port, config.user.as_str()), ("al", 22, "me"));
        assert_eq!(config.identity_files[0], PathBuf::from("/home/me/.ssh/id_ed25519"));
        assert_eq!(config.user_known_hosts[0], PathBuf::from("/home/me/.ssh/known_hosts"));
        assert_eq!(config.agent, Some("/run/agent".into()));
        assert_eq!(config.unknown_keys, UnknownKeys::Ask);
    }

    #[test]
    fn the_output_of_ssh_is_expanded() {
        let config = parse(
            "hostname box.example\nport 2222\nuser dev\nidentitiesonly yes\nidentityagent none\n\
             identityfile ~/.ssh/%h-%r\nidentityfile ${KEYS}/k%%\nidentityfile %d/%u/%p\nidentityfile ${NONE}/x\n\
             userknownhostsfile /a /b\nglobalknownhostsfile /g\nstricthostkeychecking accept-new\n\
             hostkeyalias key.example\nconnecttimeout 7\nproxycommand nc -X 5 %h %p\nhashknownhosts yes\nbatchmode yes\n",
        );
        assert_eq!((config.host.as_str(), config.port, config.user.as_str()), ("box.example", 2222, "dev"));
        let files = ["/home/me/.ssh/box.example-dev", "/keys/k%", "/home/me/me/2222"];
        assert_eq!(config.identity_files, files.map(PathBuf::from));
        assert_eq!(config.agent, None);
        assert_eq!(config.user_known_hosts, ["/a", "/b"].map(PathBuf::from));
        assert_eq!(config.unknown_keys, UnknownKeys::AcceptNew);
        assert_eq!(config.host_key_alias.as_deref(), Some("key.example"));
        assert_eq!(config.connect_timeout, Some(Duration::from_secs(7)));
        assert_eq!(config.proxy_command.as_deref(), Some("nc -X 5 box.example 2222"));
        assert!(config.identities_only && config.hash_known_hosts && config.batch);
    }

    #[test]
    fn none_is_no_value() {
        let config =
            parse("connecttimeout none\nproxycommand none\nproxyjump none\nuserknownhostsfile none\n");
        assert_eq!((config.connect_timeout, config.proxy_command), (None, None));
        assert!(config.user_known_hosts.is_empty());
    }

    #[test]
    fn a_jump_becomes_a_command() {
        let config = parse("hostname in.example\nport 22\nproxyjump a@b:23,c\n");
        let expected = "ssh -J 'a@b:23' -W '[in.example]:22' -- 'ssh://c'";
        assert_eq!(config.proxy_command.as_deref(), Some(expected));
    }
}
