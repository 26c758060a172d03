//! The settings: one row here for each key, and nothing else knows the keys.

mod bridge;
mod error;
mod sources;
mod toml_file;
mod value;

use std::path::PathBuf;

pub use error::ConfigError;
pub use sources::{Source, parse_target};
use value::{Bytes, Names, Seconds, Text, Value};
use wire_protocol::{AfterExit, EnvironmentMode, Outside};

use crate::links::LinkKind;
use crate::ssh::Transport;

/// A value in force and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Its source.
    pub source: Source,
}

/// Makes [`Config`], the list of its keys, and the ways to set and show each of them.
macro_rules! settings {
    ($($field:ident: $type:ty = $default:expr, $name:literal, $env:literal, $doc:literal;)*) => {
        /// The settings of a session.
        #[derive(Debug, Clone)]
        pub struct Config {
            $(#[doc = $doc] pub $field: Setting<$type>,)*
            /// What was accepted without having an effect, for the user to read.
            pub notes: Vec<String>,
        }

        impl Default for Config {
            fn default() -> Self {
                Self {
                    $($field: Setting { value: $default, source: Source::Default },)*
                    notes: Vec::new(),
                }
            }
        }

        /// Name, environment variable and meaning of each key.
        const KEYS: &[(&str, &str, &str)] = &[$(($name, $env, $doc),)*];

        impl Config {
            /// Sets the key `name` from `text`; the error says what was expected.
            fn set(&mut self, name: &str, text: Text, source: Source) -> Result<(), String> {
                match name {
                    $($name => self.$field = Setting { value: <$type as Value>::read(text)?, source },)*
                    _ => unreachable!("callers pass a name of KEYS"),
                }
                Ok(())
            }

            /// Each key with its value as text and its source.
            fn rows(&self) -> Vec<(&'static str, String, &Source)> {
                vec![$(($name, self.$field.value.show(), &self.$field.source),)*]
            }
        }
    };
}

settings! {
    program: Option<PathBuf> = None, "program", "PII_PROGRAM", "The pi to run; else pi on PATH";
    node: Option<PathBuf> = None, "node", "PII_NODE", "The Node to run it with; else the one beside pi, else node on PATH";
    log: Option<PathBuf> = None, "log", "PII_LOG", "File to write a log to";
    root: String = String::new(), "root", "PII_ROOT", "Remote directory when --ssh names none; empty is the home";
    read_roots: Vec<String> = Vec::new(), "readRoots", "PII_READ_ROOTS", "Further remote directories to read";
    write_roots: Vec<String> = Vec::new(), "writeRoots", "PII_WRITE_ROOTS", "Further remote directories to read and write";
    outside: Option<Outside> = None, "outside", "PII_OUTSIDE", "What paths outside the roots are: deny or read, both the remote's, or local; auto is local for pii run, else deny";
    local_paths: Vec<String> = Vec::new(), "localPaths", "PII_LOCAL_PATHS", "Further paths of the laptop, absolute or ~/x, that the program reaches under the same name";
    local_commands: Vec<String> = Vec::new(), "localCommands", "PII_LOCAL_COMMANDS", "Commands that run on the laptop";
    remote_commands: Vec<String> = Vec::new(), "remoteCommands", "PII_REMOTE_COMMANDS", "Commands that run on the remote";
    env_mode: EnvironmentMode = EnvironmentMode::Login, "env.mode", "PII_ENV_MODE", "What remote commands find in their environment: login, as at a terminal, or plain, as ssh HOST COMMAND";
    env_forward: Vec<String> = Vec::new(), "env.forward", "PII_ENV_FORWARD", "Names of the laptop's environment that remote commands get too";
    env_set: Names = Names::default(), "env.set", "PII_ENV_SET", "Names and values that remote commands get";
    env_never: Vec<String> = Vec::new(), "env.never", "PII_ENV_NEVER", "Names that never travel, even if a call sets them";
    processes_after_exit: AfterExit = AfterExit::Keep, "processes.afterExit", "PII_PROCESSES_AFTER_EXIT", "What becomes of remote processes left running on purpose (nohup, setsid, daemons): keep or end";
    cache_enabled: bool = true, "cache.enabled", "PII_CACHE_ENABLED", "Whether anything that was read is kept";
    cache_max_bytes: Bytes = Bytes(64 * 1024 * 1024), "cache.maxBytes", "PII_CACHE_MAX_BYTES", "Bytes of file contents that each process keeps; 0 keeps nothing that was read";
    agent_port: u16 = 0, "agentPort", "PII_AGENT_PORT", "Port of the agent on the remote's 127.0.0.1; 0 lets the remote choose";
    connect_timeout: Seconds = Seconds(10), "connectTimeout", "PII_CONNECT_TIMEOUT", "Seconds until an unanswered connection is given up";
    transport: Transport = Transport::Russh, "transport", "PII_TRANSPORT", "What speaks SSH: russh, which is in pii, or openssh, the system's ssh";
    stream: Option<LinkKind> = None, "stream", "PII_STREAM", "What carries the session: unix or tcp, a forward to the agent, stdio of a command, or auto";
    lease: Seconds = Seconds(30 * 60), "lease", "PII_LEASE", "Seconds for which remote processes wait for a link that fell silent";
    lease_closed: Seconds = Seconds(60), "leaseClosed", "PII_LEASE_CLOSED", "Seconds for which they wait after a link that was closed, as when pii was killed";
    exec_prefix: String = String::new(), "execPrefix", "PII_EXEC_PREFIX", "Words before every command on the remote, as docker exec -i NAME";
    become_user: String = String::new(), "become", "PII_BECOME", "Remote user to run as, by sudo";
    ssh_config: Option<PathBuf> = None, "sshConfig", "PII_SSH_CONFIG", "SSH client configuration to use, as ssh -F";
}

impl Config {
    /// The settings that somebody has chosen, each with its value and its source.
    pub fn changed(&self) -> Vec<String> {
        let rows = self.rows().into_iter().filter(|(_, _, source)| **source != Source::Default);
        rows.map(|(name, value, source)| format!("{name}={value} ({source})")).collect()
    }

    /// What `pii config show` prints.
    pub fn show(&self) -> String {
        let rows = self.rows();
        let width =
            |column: fn(&(&str, String, &Source)) -> usize| rows.iter().map(column).max().unwrap_or(0);
        let (names, values) = (width(|row| row.0.len()), width(|row| row.1.len()).min(40));
        let mut text = String::new();
        for (name, value, source) in &rows {
            text += &format!("{name:names$}  {value:values$}  {source}\n");
        }
        for note in &self.notes {
            text += &format!("\n{note}\n");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn show_names_every_key_and_its_source() {
        let text = Config::default().show();
        for (name, _, _) in KEYS {
            assert!(text.lines().any(|line| line.starts_with(name) && line.ends_with("default")), "{text}");
        }
    }

    #[test]
    fn names_and_variables_are_each_used_once() {
        for (at, key) in KEYS.iter().enumerate() {
            assert!(KEYS[at + 1..].iter().all(|other| other.0 != key.0 && other.1 != key.1), "{key:?}");
        }
    }
}
