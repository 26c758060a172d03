//! The one SSH connection of a session.

mod algorithms;
mod auth;
mod config_file;
mod connect;
mod error;
mod exec;
mod host_certificate;
mod host_key;
mod keys;
mod known_hosts;
mod openssh_config;
mod resolve;
mod route;
mod signing;
mod tokens;
mod transport;
mod values;

use russh::ChannelStream;
use russh::Disconnect;
use russh::client::{Handle, Msg};

pub use connect::{Asking, connect};
pub use error::SshError;
pub use exec::{Exec, Lifeline};
pub use openssh_config::SshConfig;

/// An authenticated connection.
pub struct Connection {
    handle: Handle<host_key::Client>,
    /// SHA256 fingerprint of the host key: what tells one machine from another.
    pub fingerprint: String,
    /// Whether commands may use the laptop's agent.
    forwards_agent: bool,
    /// What the connection goes through lives as long as it.
    carrier: route::Carrier,
}

impl Connection {
    /// Runs a command line in the remote user's login shell.
    pub async fn exec(&self, command: &str) -> Result<Exec, SshError> {
        let channel = self.handle.channel_open_session().await?;
        if self.forwards_agent {
            channel.agent_forward(false).await?;
        }
        Exec::start(channel, command).await
    }

    /// A byte stream to a port of the remote's 127.0.0.1.
    pub async fn open_port(&self, port: u16) -> Result<ChannelStream<Msg>, russh::Error> {
        let channel = self.handle.channel_open_direct_tcpip("127.0.0.1", port.into(), "127.0.0.1", 0).await?;
        Ok(channel.into_stream())
    }

    /// Whether the connection has ended.
    pub fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }

    /// Says goodbye. The connection ends anyway when it is dropped.
    pub async fn close(&self) {
        // A connection that is already gone needs no goodbye.
        let _ = self.handle.disconnect(Disconnect::ByApplication, "", "").await;
        if let route::Carrier::Hop(hop) = &self.carrier {
            Box::pin(hop.close()).await;
        }
    }
}
