//! What `pii` tells every process of the program about the session, as JSON over its local socket.

use serde::{Deserialize, Serialize};

/// What paths outside the roots and the pins are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outside {
    /// The remote's, and refused; what is there may be asked within narrow limits.
    #[default]
    Deny,
    /// The remote's, to be read.
    Read,
    /// The laptop's.
    Local,
}

/// Decisions about sides that a process tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decisions {
    /// None.
    #[default]
    None,
    /// Those about commands, and paths that are refused.
    Commands,
    /// Those about all paths, too.
    All,
}

/// Facts of one session. Holds no secret: the token stays between `pii` and the agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionFacts {
    /// The release, see [`crate::VERSION`].
    pub version: String,
    /// What runs: `pi`, or `node` for any other Node program.
    pub program: String,
    /// The host as the user named it.
    pub host: String,
    /// The root's path on the remote, links resolved.
    pub root: String,
    /// Further remote directories, absolute.
    pub more_roots: Vec<String>,
    /// What all other paths are.
    pub outside: Outside,
    /// Home of the remote user.
    pub remote_home: String,
    /// Home of the laptop's user.
    pub laptop_home: String,
    /// Where `pii` was started: what Node itself writes goes there.
    pub laptop_cwd: String,
    /// The umask of remote creations.
    pub umask: u32,
    /// The private directory whose empty subdirectories stand for remote working directories, by their paths.
    pub mirrors: String,
    /// The laptop's temp directory.
    pub temp: String,
    /// The session's temp directory: the path is one on both machines, the content the remote's.
    pub session_temp: String,
    /// Directories of skills and packages of the laptop that are brought to the remote when a command names them.
    pub carried: Vec<Carried>,
    /// What the program's environment says besides what it found.
    pub environment: Vec<(String, String)>,
    /// pi's directory for settings, logins and packages.
    pub agent_directory: String,
    /// Which decisions about sides are to be told to the log.
    pub decisions: Decisions,
    /// Laptop directories and files that stay local even beneath the root.
    pub pins: Vec<String>,
    /// Laptop paths that are kept elsewhere on the laptop for this host and root.
    pub redirects: Vec<Redirect>,
    /// Commands the user wants to run on the laptop, besides the built-in ones.
    pub local_commands: Vec<String>,
    /// Commands the user wants to run on the remote although the built-in table says otherwise.
    pub remote_commands: Vec<String>,
    /// Names of the laptop's environment that travel to remote processes; `*` stands for anything.
    pub forward_names: Vec<String>,
    /// Names that never travel, written alike.
    pub never_names: Vec<String>,
    /// Most bytes of file contents that a process keeps; 0: it keeps nothing it learned of the remote's disk.
    pub cache_max_bytes: u64,
    /// The module to preload into child Node processes.
    pub preload: String,
}

/// A directory of skills or packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Its path as the program names it.
    pub path: String,
    /// Where it is on the laptop.
    pub from: String,
    /// How many names below it make one skill or package.
    pub depth: usize,
}

/// One laptop path that is kept somewhere else for this session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// The path the program uses; what lies below it is redirected too.
    pub from: String,
    /// Where it is kept.
    pub to: String,
}
