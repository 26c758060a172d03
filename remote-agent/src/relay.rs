//! `pii-agent relay ADDRESS`: carries bytes between its stdin and stdout and the door of the session's agent, for a
//! server that forwards nothing.

use std::{io, net::Ipv4Addr};

use tokio::{
    io::{copy, split},
    net::{TcpStream, UnixStream},
};

use crate::{door::Pipe, own_pipes};

/// The first argument.
pub const RELAY: &str = "relay";

/// Carries both ways until one side ends. `address` is a socket's path or a port of 127.0.0.1.
pub async fn relay(address: &str) -> io::Result<()> {
    let agent: Box<dyn Pipe> = match address.parse::<u16>() {
        Ok(port) => {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
            stream.set_nodelay(true)?;
            Box::new(stream)
        }
        Err(_) => Box::new(UnixStream::connect(address).await?),
    };
    let (mut from_agent, mut to_agent) = split(agent);
    let (mut stdin, mut stdout) = (own_pipes::stdin()?, own_pipes::stdout()?);
    tokio::select! {
        ended = copy(&mut stdin, &mut to_agent) => ended?,
        ended = copy(&mut from_agent, &mut stdout) => ended?,
    };
    Ok(())
}
