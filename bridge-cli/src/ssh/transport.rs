//! The bytes below SSH: a TCP connection, or the stdin and stdout of a proxy command.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::net::sockopt;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, BufReader, ReadBuf};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::debug;

use super::openssh_config::AddressFamily;
use super::{Asking, SshConfig, SshError};
use crate::error::Said;
use crate::{platform, terminal};

/// A two-way byte stream.
pub trait Link: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Link for T {}

/// Silence after which the kernel asks the other end whether it is there, and how often before the connection counts
/// as broken. SSH's own questions begin only when the server has let the user in, and how long that takes is not timed:
/// it may wait for a person.
const SILENCE: Duration = Duration::from_secs(15);
const SILENCES: u32 = 4;

/// Connects to the first address of the family that answers.
pub async fn tcp(ssh: &SshConfig, family: AddressFamily, limit: Duration) -> Result<Box<dyn Link>, SshError> {
    let (host, port) = (ssh.host.as_str(), ssh.port);
    let lookup = |source| SshError::Lookup { host: host.to_owned(), source };
    let addresses = tokio::net::lookup_host((host, port)).await.map_err(lookup)?;
    let counts = |address: &SocketAddr| match family {
        AddressFamily::Any => true,
        AddressFamily::V4 => address.is_ipv4(),
        AddressFamily::V6 => address.is_ipv6(),
    };
    let mut failure = None;
    for address in addresses.filter(counts) {
        match timeout(limit, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                debug!(%address, "connected");
                stream.set_nodelay(true).map_err(russh::Error::from)?;
                if ssh.tcp_keepalive
                    && let Err(error) = ask_for_signs_of_life(&stream)
                {
                    debug!("the kernel will not watch over the connection: {error}");
                }
                return Ok(Box::new(Tcp(stream)));
            }
            Ok(Err(source)) => failure = Some(SshError::Connect { host: host.to_owned(), port, source }),
            Err(_) => {
                failure = Some(SshError::Timeout { host: host.to_owned(), port, seconds: limit.as_secs() });
            }
        }
    }
    Err(failure.unwrap_or_else(|| lookup(io::ErrorKind::NotFound.into())))
}

fn ask_for_signs_of_life(stream: &TcpStream) -> rustix::io::Result<()> {
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, SILENCE)?;
    sockopt::set_tcp_keepintvl(stream, SILENCE)?;
    sockopt::set_tcp_keepcnt(stream, SILENCES)
}

/// A TCP stream that acknowledges at once: the kernel's delayed acknowledgement holds up sshd's first answers by
/// 40 ms, since sshd sends small messages with Nagle's algorithm until a session starts.
struct Tcp(TcpStream);

impl AsyncRead for Tcp {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.0).poll_read(cx, buffer);
        if outcome.is_ready() {
            platform::acknowledge(&self.0);
        }
        outcome
    }
}

impl AsyncWrite for Tcp {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, data)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// A running proxy command and what it said last on stderr.
pub struct Proxy {
    /// It is killed when this is dropped.
    child: Child,
    said: JoinHandle<String>,
    command: String,
}

/// Keeps whatever `ssh` the command runs off the terminal: it must ask by a program, which has no answer.
pub fn without_questions(command: &mut Command) {
    command.env("SSH_ASKPASS_REQUIRE", "force").env("SSH_ASKPASS", "false");
}

/// Starts a proxy command. An interrupt typed at the program must not reach it, so it ignores that signal; if nobody
/// may be asked, an `ssh` in it does not ask either.
pub fn proxy(host: &str, command: &str, asking: Asking) -> Result<(Box<dyn Link>, Proxy), SshError> {
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(format!("trap \"\" INT QUIT; exec {command}"));
    if asking == Asking::Forbidden {
        without_questions(&mut shell);
    }
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let failed = |what: String| SshError::Proxy {
        host: host.to_owned(),
        command: command.to_owned(),
        source: Said(what),
    };
    let mut child = shell.spawn().map_err(|error| failed(error.to_string()))?;
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
        return Err(failed("it has no pipes".into()));
    };
    let said = tokio::spawn(async move {
        let mut lines = BufReader::new(stderr).lines();
        let mut last = String::new();
        while let Ok(Some(line)) = lines.next_line().await {
            last = terminal::plain(&line);
            debug!("proxy: {last}");
        }
        last
    });
    let proxy = Proxy { child, said, command: command.to_owned() };
    Ok((Box::new(tokio::io::join(stdout, stdin)), proxy))
}

impl Proxy {
    /// The error for a handshake that failed because the proxy did.
    pub async fn failure(mut self, host: &str) -> SshError {
        // A proxy that gave no connection ends at once. One that does not is stopped, which ends its words.
        let status = timeout(Duration::from_secs(1), self.child.wait()).await;
        drop(self.child);
        let said = timeout(Duration::from_secs(1), self.said).await;
        let source = match (said, status) {
            (Ok(Ok(said)), _) if !said.is_empty() => said,
            (_, Ok(Ok(status))) => format!("it ended: {status}"),
            _ => "it gave no SSH connection".to_owned(),
        };
        SshError::Proxy { host: host.to_owned(), command: self.command, source: Said(source) }
    }
}
