//! From a configuration to an authenticated connection.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use russh::client::{self, Handle};
use tokio::sync::oneshot;
use tracing::debug;

use super::host_key::{Client, HostKeyCheck, fingerprint};
use super::own::Own;
use super::route::{self, Way};
use super::transport::Link;
use super::{SshConfig, SshError, algorithms, auth};
use crate::terminal::Terminal;

/// Silence of the server after which it is asked for a sign of life; after [`SILENCES`] of them it counts as gone.
/// `ServerAliveInterval` and `ServerAliveCountMax` may say otherwise.
const SILENCE: Duration = Duration::from_secs(15);
const SILENCES: usize = 3;

/// Bytes a channel takes before they are read: enough for a long link, see `window_size` of russh.
const WINDOW: u32 = 8 * 1024 * 1024;

/// Whether there may be a person at the terminal to answer questions and read what the server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// The terminal, if there is one, is free to ask on.
    Allowed,
    /// Somebody else draws on the terminal, or the configuration forbids it: what needs an answer fails.
    Forbidden,
}

impl Asking {
    /// What is left of it by `BatchMode`.
    pub fn as_configured(self, ssh: &SshConfig) -> Self {
        if ssh.batch { Self::Forbidden } else { self }
    }

    /// Whether somebody is there who can be asked now.
    pub fn is_possible(self) -> bool {
        self == Self::Allowed && Terminal::open().is_some()
    }
}

/// Opens the connection, checks the host key, authenticates; first with each host on the way. `limit` is for the
/// server's answers alone; nothing is timed while a person types.
pub async fn connect(ssh: &SshConfig, limit: Duration, asking: Asking) -> Result<Own, SshError> {
    connect_after(0, ssh, limit, asking).await
}

/// The same where so many hosts lie behind this one.
pub async fn connect_after(
    behind: usize,
    ssh: &SshConfig,
    limit: Duration,
    asking: Asking,
) -> Result<Own, SshError> {
    let asking = asking.as_configured(ssh);
    let check = HostKeyCheck::new(ssh, asking)?;
    let config = Arc::new(client_config(ssh, &check)?);
    let (link, way) = route::open(behind, ssh, limit, asking).await?;
    // A proxy may ask the user for a password of its own before it connects.
    let limit = (!matches!(way, Way::Proxy(_)) || !asking.is_possible()).then_some(limit);
    let accepted = Arc::new(Mutex::new(None));
    let (answered, answer) = oneshot::channel();
    let client = Client {
        check,
        accepted: accepted.clone(),
        answered: Some(answered),
        forwarded_agent: ssh.forwarded_agent.clone(),
    };
    let mut handle = match (handshake(config, link, client, answer, limit, ssh).await, &way) {
        (Ok(handle), _) => handle,
        (Err(SshError::Handshake { .. }), Way::Proxy(_)) => return Err(way.failure(&ssh.host).await),
        (Err(error), _) => return Err(error),
    };
    let key = accepted.lock().expect("no holder of this lock can panic").clone();
    let fingerprint = key.as_ref().map(fingerprint).expect("a handshake ends only with an accepted key");
    auth::authenticate(&mut handle, ssh, asking).await?;
    debug!(user = ssh.user, host = ssh.host, "authenticated");
    let forwards_agent = ssh.forwarded_agent.is_some();
    Ok(Own { handle, fingerprint, forwards_agent, way, round_trip: OnceLock::new() })
}

async fn handshake(
    config: Arc<client::Config>,
    link: Box<dyn Link>,
    client: Client,
    answer: oneshot::Receiver<()>,
    limit: Option<Duration>,
    ssh: &SshConfig,
) -> Result<Handle<Client>, SshError> {
    let handshake = client::connect_stream(config, link, client);
    tokio::pin!(handshake);
    let outcome = tokio::select! {
        outcome = &mut handshake => outcome,
        Ok(()) = answer => handshake.await,
        () = tokio::time::sleep(limit.unwrap_or_default()), if limit.is_some() => {
            let seconds = limit.unwrap_or_default().as_secs();
            return Err(SshError::Timeout { host: ssh.host.clone(), port: ssh.port, seconds });
        }
    };
    outcome.map_err(|error| match error {
        SshError::Protocol(source) => SshError::Handshake { host: ssh.host.clone(), source },
        other => other,
    })
}

fn client_config(ssh: &SshConfig, check: &HostKeyCheck) -> Result<client::Config, SshError> {
    let (silence, silences) = ssh.keepalive.unwrap_or((SILENCE, SILENCES));
    Ok(client::Config {
        window_size: WINDOW,
        keepalive_interval: Some(silence),
        keepalive_max: silences,
        nodelay: true,
        preferred: algorithms::preferred(&ssh.algorithms, check.types(), check.knows_authorities())?,
        ..client::Config::default()
    })
}
