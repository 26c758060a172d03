//! A connection of our own.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use russh::client::{Handle, Msg};
use russh::{ChannelStream, Disconnect};

use super::events::Events;
use super::host_key::Client;
use super::route::Way;
use super::{Exec, SshError};

/// An authenticated connection.
pub struct Own {
    /// russh's end of it.
    pub(super) handle: Handle<Client>,
    /// SHA256 fingerprint of the host key.
    pub fingerprint: String,
    /// Whether commands may use the laptop's agent.
    pub(super) forwards_agent: bool,
    /// What the connection goes through lives as long as it.
    pub(super) way: Way,
    /// How long the server took to open the first channel: nothing but the link takes time there.
    pub(super) round_trip: OnceLock<Duration>,
}

impl Own {
    /// Runs a command line in the remote user's login shell.
    pub async fn exec(&self, command: &str) -> Result<Exec, SshError> {
        let asked = Instant::now();
        let channel = self.handle.channel_open_session().await?;
        self.round_trip.get_or_init(|| asked.elapsed());
        if self.forwards_agent {
            channel.agent_forward(false).await?;
        }
        channel.exec(true, command).await?;
        let (read, write) = channel.split();
        Ok(Exec::new(Events::Channel(read), Box::new(write.make_writer())))
    }

    /// A byte stream to a port of the remote's 127.0.0.1.
    pub async fn open_port(&self, port: u16) -> Result<ChannelStream<Msg>, russh::Error> {
        let channel = self.handle.channel_open_direct_tcpip("127.0.0.1", port.into(), "127.0.0.1", 0).await?;
        Ok(channel.into_stream())
    }

    /// A byte stream to a unix socket of the remote.
    pub async fn open_socket(&self, path: &str) -> Result<ChannelStream<Msg>, russh::Error> {
        Ok(self.handle.channel_open_direct_streamlocal(path).await?.into_stream())
    }

    /// Says goodbye. The connection ends anyway when it is dropped.
    pub async fn close(&self) {
        // A connection that is already gone needs no goodbye.
        let _ = self.handle.disconnect(Disconnect::ByApplication, "", "").await;
        if let Way::Hop(hop) = &self.way {
            Box::pin(hop.close()).await;
        }
    }
}
