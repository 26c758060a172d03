//! The remote's side of a session: the connection, the agent, and the link that is kept to it.

use std::path::Path;
use std::time::Duration;

use stream_carrier::Carrier;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::debug;
use wire_protocol::{EnvironmentSettings, Hello, Lease, Outside, Ready, Root, VERSION};

use crate::assets::Agent;
use crate::config::{Config, Source};
use crate::deploy::{self, Serving};
use crate::door::Door;
use crate::error::Error;
use crate::keeper::{Keeper, LinkState};
use crate::launch;
use crate::links::{Link, LinkError, LinkKind, LinkSource};
use crate::places::Place;
use crate::prefix::Prefix;
use crate::ssh::{Asking, Connection, Dialer, SshConfig, Words};
use crate::target::Target;
use crate::token::Token;

/// Milliseconds the remote user's shell may take to read its startup files.
const LOGIN_PATIENCE: u32 = 10_000;

/// How long the agent's last words may take once its link is over.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A host that has been connected to.
pub struct Connected {
    dialer: Dialer,
    connection: Connection,
}

/// An agent that has answered, and the link to it that nobody carries yet.
pub struct Answered {
    /// Where it serves.
    pub place: Place,
    dialer: Dialer,
    connection: Connection,
    door: Door,
    kinds: Vec<LinkKind>,
    link: Link,
    words: Words,
    draining: Option<JoinHandle<()>>,
}

/// An agent that serves, with a link to it.
pub struct Remote {
    /// Where the session works.
    pub place: Place,
    /// How long the link takes there and back, if known.
    pub round_trip: Option<Duration>,
    /// What becomes of the link.
    pub link: watch::Receiver<LinkState>,
    words: Words,
    draining: Option<JoinHandle<()>>,
    ending: watch::Sender<bool>,
    keeping: JoinHandle<()>,
}

/// Connects to the host, asking the user what the server wants to know.
pub async fn connect(config: &Config, target: &Target) -> Result<Connected, Error> {
    let ssh = SshConfig::resolve(target, config.ssh_config.value.as_deref()).await?;
    let limit = limit(config, &ssh);
    let dialer = Dialer { ssh, transport: config.transport.value, limit };
    let connection = dialer.dial(Asking::Allowed).await?;
    Ok(Connected { dialer, connection })
}

impl Connected {
    /// SHA256 fingerprint of the host key, if it is known before a command has said something.
    pub fn fingerprint(&self) -> Option<String> {
        matches!(self.connection, Connection::Russh(_)).then(|| self.connection.fingerprint())
    }

    /// Runs the agent there. Shows the progress of an upload if `shows`.
    pub async fn serve(
        self,
        config: &Config,
        target: &Target,
        agents: &[Agent],
        wanted: Wanted<'_>,
        shows: bool,
    ) -> Result<Answered, Error> {
        let Self { dialer, connection } = self;
        let mut prefix = Prefix::new(config, Asking::Allowed.as_configured(&dialer.ssh));
        let kinds = kinds(config, &prefix).map_err(failed(target))?;
        let token = Token::random();
        // The agent's own stdin and stdout are there without another round trip.
        let stdio = kinds.contains(&LinkKind::Stdio);
        let hello = hello(config, target, wanted, &token, stdio);
        let Serving { output, stdin, ready } =
            deploy::start(&dialer, &connection, agents, &hello, &mut prefix, shows).await?;
        let (port, socket, program, served) = match ready {
            Ready::Listening { port, socket, program, served } => (port, socket, program, served),
            Ready::Refused(refusal) => return Err(Error::Refused { host: target.host.clone(), refusal }),
        };
        debug!(port, socket, served.root, "the agent serves");
        let host = target.host.clone();
        let door = Door { host, port, socket, program, prefix, token };
        let words = output.words();
        let (link, draining) = if stdio {
            (Link { source: LinkSource::of_agent(output), sink: stdin, arrived: 0 }, None)
        } else {
            let opened = door.open(&connection, &kinds, 0).await.map_err(failed(target))?;
            (opened.1, Some(tokio::spawn(output.drain())))
        };
        let place = Place { fingerprint: connection.fingerprint(), served };
        Ok(Answered { place, dialer, connection, door, kinds, link, words, draining })
    }
}

impl Answered {
    /// Has the session's streams carried to the agent from now on.
    pub fn carry(self, carrier: Carrier, config: &Config) -> Remote {
        let Self { place, dialer, connection, door, kinds, link, words, draining } = self;
        let round_trip = connection.round_trip();
        let (state, link_state) = watch::channel(LinkState::Up);
        let (ending, ended) = watch::channel(false);
        let lease = config.lease.value.duration();
        let keeper = Keeper { carrier, dialer, door, kinds, lease, state, ending: ended };
        let keeping = tokio::spawn(keeper.keep(connection, link));
        Remote { place, round_trip, link: link_state, words, draining, ending, keeping }
    }
}

impl Remote {
    /// Ends the agent and the connection. Gives what the agent wrote to stderr.
    pub async fn end(self) -> String {
        self.ending.send_replace(true);
        // A keeper that panicked has nothing left to end.
        let _ = self.keeping.await;
        if let Some(draining) = self.draining {
            let _ = timeout(LAST_WORDS, draining).await;
        }
        self.words.text()
    }
}

fn failed(target: &Target) -> impl Fn(LinkError) -> Error + '_ {
    |source| Error::Stream { host: target.host.clone(), source }
}

/// The limit for connecting: ours if set, else that of the SSH configuration, else our default.
fn limit(config: &Config, ssh: &SshConfig) -> Duration {
    let own = config.connect_timeout.value.duration();
    match config.connect_timeout.source {
        Source::Default => ssh.connect_timeout.unwrap_or(own),
        _ => own,
    }
}

/// The kinds of link that may be used. A forward leads to the host alone, not to where a prefix leads.
fn kinds(config: &Config, prefix: &Prefix) -> Result<Vec<LinkKind>, LinkError> {
    match config.stream.value {
        Some(kind @ (LinkKind::Unix | LinkKind::Tcp)) if !prefix.is_empty() => Err(LinkError::None(kind)),
        Some(kind) => Ok(vec![kind]),
        None if !prefix.is_empty() => Ok(vec![LinkKind::Stdio]),
        None => Ok(LinkKind::ALL.to_vec()),
    }
}

/// The root as the user wrote it.
pub fn root<'a>(config: &'a Config, target: &'a Target) -> &'a str {
    if target.path.is_empty() { &config.root.value } else { &target.path }
}

/// What a program wants of the remote besides the settings.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// What paths outside the roots are to it.
    pub outside: Outside,
    /// The session's temp directory.
    pub temp: &'a Path,
    /// Whether files of pi's skills and packages may be brought there.
    pub carries: bool,
}

/// Directories that everybody may write to, which commands and the program give each other files in.
pub const TEMPORARY: [&str; 2] = ["/tmp", "/var/tmp"];

fn hello(config: &Config, target: &Target, wanted: Wanted<'_>, token: &Token, stdio: bool) -> Hello {
    let roots = |paths: &[String], writable| -> Vec<Root> {
        paths.iter().map(|path| Root { path: path.clone(), writable, optional: false }).collect()
    };
    let mut more_roots = roots(&config.read_roots.value, false);
    more_roots.extend(roots(&config.write_roots.value, true));
    more_roots.extend(TEMPORARY.map(|path| Root { path: path.to_owned(), writable: true, optional: true }));
    let root = root(config, target).to_owned();
    let seconds = |seconds: u64| u32::try_from(seconds).unwrap_or(u32::MAX);
    Hello {
        version: VERSION.to_owned(),
        token: token.0.clone(),
        root,
        more_roots,
        carried: if wanted.carries { launch::carried_directories() } else { Vec::new() },
        outside_readable: wanted.outside == Outside::Read,
        temp: wanted.temp.to_string_lossy().into_owned(),
        port: config.agent_port.value,
        stdio,
        lease: Lease {
            silent: seconds(config.lease.value.0),
            closed: seconds(config.lease_closed.value.0.min(config.lease.value.0)),
        },
        environment: EnvironmentSettings {
            mode: config.env_mode.value,
            patience: LOGIN_PATIENCE,
            set: config.env_set.value.0.clone(),
            after_exit: config.processes_after_exit.value,
        },
    }
}
