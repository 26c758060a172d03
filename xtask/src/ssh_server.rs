//! The demo's remote: an SSH server on a port of 127.0.0.1 that runs commands with a home of its own.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use russh::{
    Channel, ChannelId, ChannelMsg, ChannelReadHalf,
    keys::{PrivateKey, PublicKey, ssh_key},
    server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Session, VerifiedPublicKey},
};
use tokio::{
    io::{AsyncWriteExt, copy, copy_bidirectional},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdin, Command},
    time::timeout,
};
use tokio_util::task::TaskTracker;

use crate::error::Error;

/// How long a process may take to end by itself once its connection is gone.
const FAREWELL: Duration = Duration::from_secs(5);

/// Where the server listens, and its key.
pub struct SshServer {
    /// Address of the listener.
    pub address: SocketAddr,
    /// The key it shows.
    pub host_key: PublicKey,
    listener: TcpListener,
    config: Arc<Config>,
    access: Access,
}

/// Who may come in, and what they find.
#[derive(Clone)]
struct Access {
    client_key: PublicKey,
    home: PathBuf,
    variables: Vec<(&'static str, &'static str)>,
}

impl SshServer {
    /// A server for the owner of `client_key`, whose commands have `home` as their home.
    pub async fn bind(client_key: PublicKey, home: &Path) -> Result<Self, Error> {
        let host_key = new_key()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        Ok(Self {
            address: listener.local_addr()?,
            host_key: host_key.public_key().clone(),
            listener,
            config: Arc::new(Config { keys: vec![host_key], nodelay: true, ..Config::default() }),
            access: Access { client_key, home: home.to_owned(), variables: Vec::new() },
        })
    }

    /// Sets a variable in the environment of all commands.
    pub fn set(&mut self, name: &'static str, value: &'static str) {
        self.access.variables.push((name, value));
    }

    /// Serves one connection, and returns when it and all that it started have ended.
    pub async fn serve_one(self) -> Result<(), Error> {
        let (stream, _) = self.listener.accept().await?;
        stream.set_nodelay(true)?;
        let tasks = TaskTracker::new();
        let visitor = Visitor { access: self.access, channels: HashMap::new(), tasks: tasks.clone() };
        let end = russh::server::run_stream(self.config, stream, visitor).await?.await;
        tasks.close();
        tasks.wait().await;
        Ok(end?)
    }
}

/// A new key for a server or a user.
pub fn new_key() -> Result<PrivateKey, Error> {
    Ok(PrivateKey::random(&mut rand::rng(), ssh_key::Algorithm::Ed25519)?)
}

/// One connection.
struct Visitor {
    access: Access,
    channels: HashMap<ChannelId, Channel<Msg>>,
    tasks: TaskTracker,
}

impl Handler for Visitor {
    type Error = russh::Error;

    async fn auth_publickey(&mut self, _user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        let known = key.public_key.key_data() == self.access.client_key.key_data();
        Ok(if known { Auth::Accept } else { Auth::reject() })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        id: ChannelId,
        command: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let line = String::from_utf8_lossy(command);
        match (self.channels.remove(&id), start(&line, &self.access)) {
            (Some(channel), Ok(child)) => {
                session.channel_success(id)?;
                self.tasks.spawn(attend(child, channel));
                Ok(())
            }
            _ => session.channel_failure(id),
        }
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host: &str,
        port: u32,
        _originator: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        let loopback = matches!(host, "127.0.0.1" | "localhost");
        if let (true, Ok(port)) = (loopback, u16::try_from(port)) {
            self.tasks.spawn(async move {
                let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else { return };
                // As sshd does: two frames of which the second waits for the first one's ACK take 40 ms.
                let _ = stream.set_nodelay(true);
                reply.accept().await;
                // An end that goes away ends the forward; nobody is left to be told.
                let _ = copy_bidirectional(&mut channel.into_stream(), &mut stream).await;
            });
        }
        Ok(())
    }
}

fn start(line: &str, access: &Access) -> std::io::Result<Child> {
    Command::new("/bin/sh")
        .args(["-c", line])
        .env_clear()
        .env("HOME", &access.home)
        .env("USER", "demo")
        .env("SHELL", "/bin/sh")
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(access.variables.iter().copied())
        .current_dir(&access.home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

/// Carries a process's input and outputs until it has ended, or until its connection has.
async fn attend(mut child: Child, channel: Channel<Msg>) {
    let (mut read, write) = channel.split();
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(stdin), Some(mut stdout), Some(mut stderr)) = (stdin, stdout, stderr) else { return };
    let (mut to_stdout, mut to_stderr) = (write.make_writer(), write.make_writer_ext(Some(1)));
    let work = async {
        let _ = tokio::join!(copy(&mut stdout, &mut to_stdout), copy(&mut stderr, &mut to_stderr));
        child.wait().await
    };
    let status = tokio::select! {
        status = work => status,
        () = feed(&mut read, stdin) => {
            // What does not end by itself is killed when the child is dropped.
            let _ = timeout(FAREWELL, child.wait()).await;
            return;
        }
    };
    let code = status.ok().and_then(|status| status.code()).map_or(255, i32::unsigned_abs);
    // A client that is gone by now cannot be told.
    let _ = write.exit_status(code).await;
    let _ = write.eof().await;
    let _ = write.close().await;
}

/// Gives a process what comes for its stdin, and returns when the channel is gone.
async fn feed(read: &mut ChannelReadHalf, stdin: ChildStdin) {
    let mut stdin = Some(stdin);
    while let Some(message) = read.wait().await {
        match (message, &mut stdin) {
            (ChannelMsg::Data { data }, Some(open)) => {
                let closed = open.write_all(&data).await.is_err();
                if closed {
                    stdin = None;
                }
            }
            (ChannelMsg::Eof, _) => stdin = None,
            _ => {}
        }
    }
}
