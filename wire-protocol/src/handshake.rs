//! The two lines that start an agent: [`Hello`] on its stdin, [`Ready`] on its stdout.

use serde::{Deserialize, Serialize};

/// First line on the agent's stdin.
#[derive(Clone, Serialize, Deserialize)]
pub struct Hello {
    /// Release of the sender, see [`crate::VERSION`].
    pub version: String,
    /// The token every stream must show: [`crate::TOKEN_BYTES`] random bytes as hex.
    pub token: String,
    /// The project's directory as the user wrote it: absolute, `~/…`, relative to the home, or empty for the home.
    pub root: String,
    /// Further directories to serve, absolute or `~/…`.
    pub more_roots: Vec<Root>,
    /// Whether all other paths may be read. Otherwise they are refused, see [`crate::OUTSIDE`].
    pub outside_readable: bool,
    /// The session's temp directory: absolute, made by the agent for this user alone and served.
    pub temp: String,
    /// Directories of the laptop, absolute or `~/…`, of which files may be brought under their own path.
    pub carried: Vec<String>,
    /// Port to listen on; 0 lets the kernel choose.
    pub port: u16,
    /// Whether stdin and stdout are the session's first link once [`Ready`] is said. Otherwise they are not used any
    /// more.
    pub stdio: bool,
    /// How long the agent waits for the next link.
    pub lease: Lease,
    /// What processes find in their environment, before what their caller changes.
    pub environment: EnvironmentSettings,
}

/// How long the agent and all it started live without a link, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// After a link that fell silent: the network is gone, or the laptop sleeps.
    pub silent: u32,
    /// After a link that was closed, as the kernel does for a process that was killed.
    pub closed: u32,
}

/// How processes live and what their environment is made of. Has no `Debug`: a value may be a secret.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct EnvironmentSettings {
    /// Where it comes from.
    pub mode: EnvironmentMode,
    /// Milliseconds the user's shell may take to tell it.
    pub patience: u32,
    /// Names and values the user wants in it.
    pub set: Vec<(String, String)>,
    /// What becomes of processes at the end of the session.
    pub after_exit: AfterExit,
}

/// What becomes of processes that are left running on purpose (in a session of their own, or ignoring SIGHUP) when the
/// session ends. All others end with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AfterExit {
    /// They go on.
    #[default]
    Keep,
    /// They end, too, but for those that the program itself let go (Node: `detached` and `unref`).
    End,
}

/// Where the environment of processes comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum EnvironmentMode {
    /// From the user's shell, with the startup files of a login at a terminal.
    #[default]
    Login,
    /// From the SSH server, as for `ssh HOST COMMAND`.
    Plain,
}

/// A directory served beside the root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// Its path on the remote.
    pub path: String,
    /// Whether it may be changed; writing elsewhere answers EROFS.
    pub writable: bool,
    /// Whether the agent serves without it where it is missing.
    pub optional: bool,
}

/// First line on the agent's stdout.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Ready {
    /// The agent listens on `127.0.0.1:port` and on a unix socket.
    Listening {
        /// Port of the listener.
        port: u16,
        /// Its unix socket, where one could be made.
        socket: Option<String>,
        /// The agent's own file. Started as `FILE relay ADDRESS` it carries a link over its stdin and stdout to a
        /// socket or port of an agent.
        program: String,
        /// What it serves.
        served: Served,
    },
    /// The agent will not serve and has ended.
    Refused(Refusal),
}

/// What an agent serves, and as whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// The root with every link resolved, as the remote's `pwd` prints it there.
    pub root: String,
    /// The further roots, resolved likewise, in the order of [`Hello`], and the git repository around the root.
    pub more_roots: Vec<Root>,
    /// Whether the session's temp directory could be made.
    pub temp: bool,
    /// Home directory of the remote user.
    pub home: String,
    /// The umask of remote creations.
    pub umask: u32,
}

/// Why an agent refuses to start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// Another release than ours.
    Version {
        /// The agent's release.
        agent: String,
    },
    /// A root that cannot be served.
    Root {
        /// The path as resolved.
        path: String,
        /// The errno's name: `ENOENT`, `ENOTDIR`, `EACCES`.
        code: String,
    },
    /// The listener could not be opened.
    Listen {
        /// The port asked for.
        port: u16,
        /// The errno's name.
        code: String,
    },
}
