//! From a configuration to an authenticated connection.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use russh::client::{self, Handle};
use russh::keys::{Algorithm, HashAlg};
use russh::{Preferred, cipher};
use tokio::sync::oneshot;
use tracing::debug;

use super::host_key::{Client, HostKeyCheck, fingerprint};
use super::transport::{self, Link};
use super::{Connection, Own, SshConfig, SshError, auth};
use crate::terminal::Terminal;

/// Silence of the server after which it is asked for a sign of life; after [`SILENCES`] of them it counts as gone.
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
    /// Whether somebody is there who can be asked now.
    pub fn is_possible(self) -> bool {
        self == Self::Allowed && Terminal::open().is_some()
    }
}

/// Opens the connection, checks the host key, authenticates. `limit` is for the server's answers alone; nothing is
/// timed while a person types.
pub async fn connect(ssh: &SshConfig, limit: Duration, asking: Asking) -> Result<Connection, SshError> {
    let asking = if ssh.batch { Asking::Forbidden } else { asking };
    let check = HostKeyCheck::new(ssh, asking)?;
    let config = Arc::new(client_config(&check));
    let (link, proxy) = match &ssh.proxy_command {
        Some(command) => {
            let (link, proxy) = transport::proxy(&ssh.host, command, asking)?;
            (link, Some(proxy))
        }
        None => (transport::tcp(&ssh.host, ssh.port, limit).await?, None),
    };
    // A proxy may ask the user for a password of its own before it connects.
    let limit = (proxy.is_none() || !asking.is_possible()).then_some(limit);
    let accepted = Arc::new(Mutex::new(None));
    let (answered, answer) = oneshot::channel();
    let client = Client { check, accepted: accepted.clone(), answered: Some(answered) };
    let mut handle = match (handshake(config, link, client, answer, limit, ssh).await, proxy.is_some()) {
        (Ok(handle), _) => handle,
        (Err(SshError::Handshake { .. }), true) => {
            let proxy = proxy.expect("checked by the pattern");
            return Err(proxy.failure(&ssh.host).await);
        }
        (Err(error), _) => return Err(error),
    };
    let key = accepted.lock().expect("no holder of this lock can panic").clone();
    let fingerprint = key.as_ref().map(fingerprint).expect("a handshake ends only with an accepted key");
    auth::authenticate(&mut handle, ssh, asking).await?;
    debug!(user = ssh.user, host = ssh.host, "authenticated");
    let proxy = proxy.map(|proxy| proxy.child);
    Ok(Connection::Russh(Box::new(Own { handle, fingerprint, _proxy: proxy })))
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

fn client_config(check: &HostKeyCheck) -> client::Config {
    client::Config {
        window_size: WINDOW,
        keepalive_interval: Some(SILENCE),
        keepalive_max: SILENCES,
        nodelay: true,
        preferred: Preferred {
            key: Cow::Owned(host_key_order(check.types())),
            // AES-GCM has hardware help everywhere that matters and is faster than russh's own first choice.
            cipher: Cow::Borrowed(&[
                cipher::AES_256_GCM,
                cipher::AES_128_GCM,
                cipher::CHACHA20_POLY1305,
                cipher::AES_256_CTR,
                cipher::AES_192_CTR,
                cipher::AES_128_CTR,
            ]),
            ..Preferred::DEFAULT
        },
        ..client::Config::default()
    }
}

/// The key types known for the host first, or a server with several keys would show one that is not known.
fn host_key_order(known: Vec<Algorithm>) -> Vec<Algorithm> {
    let mut order = Vec::new();
    for algorithm in known {
        match algorithm {
            Algorithm::Rsa { .. } => {
                order.extend(
                    [HashAlg::Sha512, HashAlg::Sha256].map(|hash| Algorithm::Rsa { hash: Some(hash) }),
                );
            }
            other if Preferred::DEFAULT.key.contains(&other) => order.push(other),
            _ => {}
        }
    }
    order.extend(Preferred::DEFAULT.key.iter().cloned());
    let mut seen = Vec::new();
    order.retain(|algorithm| {
        let new = !seen.contains(algorithm);
        seen.push(algorithm.clone());
        new
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_types_come_first_and_once() {
        let order = host_key_order(vec![Algorithm::Rsa { hash: None }, Algorithm::Ed25519]);
        assert_eq!(order[0], Algorithm::Rsa { hash: Some(HashAlg::Sha512) });
        assert_eq!(order[2], Algorithm::Ed25519);
        assert_eq!(order.len(), Preferred::DEFAULT.key.len());
    }
}
