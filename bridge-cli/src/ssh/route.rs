//! The way to a host: straight, through a proxy command, or over other hosts.

use std::time::Duration;

use tokio::time::timeout;
use tracing::debug;

use super::connect::connect_after;
use super::openssh_config::Route;
use super::own::Own;
use super::transport::{self, Link, Proxy};
use super::{Asking, SshConfig, SshError};
use crate::error::Said;
use crate::target::Target;

/// Hosts that may lie on one way: a configuration can send it in a circle.
const LONGEST: usize = 16;

/// What carries a connection and lives as long as it.
pub enum Way {
    /// TCP alone.
    Tcp,
    /// A proxy command.
    Proxy(Box<Proxy>),
    /// The connection to the host before.
    Hop(Box<Own>),
}

impl Way {
    /// The error for a handshake that failed because the proxy did.
    pub async fn failure(self, host: &str) -> SshError {
        match self {
            Self::Proxy(proxy) => proxy.failure(host).await,
            Self::Tcp | Self::Hop(_) => russh::Error::Disconnect.into(),
        }
    }
}

/// Opens the way to a host that has so many others behind it.
pub async fn open(
    behind: usize,
    ssh: &SshConfig,
    limit: Duration,
    asking: Asking,
) -> Result<(Box<dyn Link>, Way), SshError> {
    match &ssh.route {
        Route::Direct(family) => Ok((transport::tcp(ssh, *family, limit).await?, Way::Tcp)),
        Route::Command(command) => {
            let (link, proxy) = transport::proxy(&ssh.host, command, asking)?;
            Ok((link, Way::Proxy(Box::new(proxy))))
        }
        Route::Hops(hops) => {
            let Some((last, before)) = hops.split_last() else {
                return Err(SshError::Config { source: Said("ProxyJump names no host".into()) });
            };
            let over = Box::pin(over(behind, ssh, last, before, limit, asking));
            over.await.map_err(|error| match error {
                SshError::Interrupted => error,
                error => {
                    SshError::Hop { host: ssh.alias.clone(), hop: last.clone(), source: Box::new(error) }
                }
            })
        }
    }
}

async fn over(
    behind: usize,
    ssh: &SshConfig,
    hop: &str,
    before: &[String],
    limit: Duration,
    asking: Asking,
) -> Result<(Box<dyn Link>, Way), SshError> {
    if behind > LONGEST {
        return Err(SshError::Config { source: Said("the hosts of ProxyJump lead in a circle".into()) });
    }
    let mut config = SshConfig::resolve(&target(hop)?, ssh.file.as_deref()).await?;
    // As with `ssh -J`, what is said here holds for the way to the hop, too.
    if !before.is_empty() {
        config.route = Route::Hops(before.to_vec());
    }
    config.keyring = ssh.keyring.clone();
    // The hop carries bytes only.
    config.forwarded_agent = None;
    let limit = config.connect_timeout.unwrap_or(limit);
    let connection = connect_after(behind + 1, &config, limit, asking).await?;
    debug!(hop, host = ssh.host, port = ssh.port, "going on over a hop");
    let opening = connection.handle.channel_open_direct_tcpip(&*ssh.host, ssh.port.into(), "127.0.0.1", 0);
    let (host, port) = (ssh.host.clone(), ssh.port);
    let channel = match timeout(limit, opening).await {
        Ok(Ok(channel)) => channel,
        Ok(Err(source)) => return Err(SshError::Forward { host, port, source }),
        Err(_) => return Err(SshError::Timeout { host, port, seconds: limit.as_secs() }),
    };
    Ok((Box::new(channel.into_stream()), Way::Hop(Box::new(connection))))
}

/// A hop as `ProxyJump` names it: `[user@]host[:port]`, or that as a URI.
fn target(hop: &str) -> Result<Target, SshError> {
    let text = hop.strip_prefix("ssh://").unwrap_or(hop).trim_end_matches('/');
    // With the colon before the path that a target has, what follows the host is a port.
    format!("{text}:")
        .parse()
        .map_err(|error| SshError::Config { source: Said(format!("ProxyJump {hop}: {error}")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hops_have_users_and_ports() {
        let parts = |hop: &str| target(hop).map(|target| (target.user, target.host, target.port)).unwrap();
        assert_eq!(parts("h"), (None, "h".into(), None));
        assert_eq!(parts("u@h:23"), (Some("u".into()), "h".into(), Some(23)));
        assert_eq!(parts("ssh://u@h:23/"), (Some("u".into()), "h".into(), Some(23)));
        assert_eq!(parts("[::1]:24"), (None, "::1".into(), Some(24)));
        assert!(target("-x").is_err());
    }
}
