//! The local socket: tells the program's processes about the session and carries their streams to the agent.

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::StreamExt;
use hyper::client::conn::http1;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use rand::RngExt;
use tempfile::TempDir;
use tokio::io::{AsyncWriteExt, BufReader, copy_buf, split};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;
use tracing::{debug, warn};
use wire_protocol::{LOG_PATH, SESSION_PATH, START_PATH, STREAM_PATH, SessionFacts, TOKEN_BYTES, UPGRADE};

use crate::ssh::Connection;
use crate::start::StartNotes;

/// Bytes carried at once.
const PIECE: usize = 128 * 1024;

/// Longest path of a unix socket on macOS, the shorter of the two systems.
const LONGEST_SOCKET: usize = 103;

/// The secret of a session, as hex. It is in no log: it has no `Debug`.
#[derive(Clone)]
pub struct Token(pub String);

impl Token {
    /// A new one.
    pub fn random() -> Self {
        let bytes: [u8; TOKEN_BYTES] = rand::rng().random();
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// The session's private directory on the laptop. It disappears with this value.
pub struct RunDirectory {
    directory: TempDir,
}

impl RunDirectory {
    /// Makes it, with a place for working directories and a temp directory inside.
    pub fn create() -> io::Result<Self> {
        let runtime =
            std::env::var_os("XDG_RUNTIME_DIR").filter(|value| !value.is_empty()).map(PathBuf::from);
        let places = runtime.into_iter().chain([std::env::temp_dir(), PathBuf::from("/tmp")]);
        let places: Vec<PathBuf> = places.filter_map(|place| std::fs::canonicalize(place).ok()).collect();
        let mut failure = io::ErrorKind::NotFound.into();
        for place in
            places.iter().filter(|place| place.join("pii-xxxxxx/socket").as_os_str().len() <= LONGEST_SOCKET)
        {
            let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o700);
            match tempfile::Builder::new().prefix("pii-").permissions(permissions).tempdir_in(place) {
                Ok(directory) => {
                    let run = Self { directory };
                    for inner in [run.mirrors(), run.tmp()] {
                        std::fs::DirBuilder::new().mode(0o700).create(inner)?;
                    }
                    return Ok(run);
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }
    /// Where directories of the laptop lie that stand for remote ones.
    pub fn mirrors(&self) -> PathBuf {
        self.path().join("cwd")
    }
    /// Makes the directory that stands for a remote one: it is empty, and has the remote path at its end.
    pub fn mirror(&self, remote: &str) -> io::Result<PathBuf> {
        let path = self.mirrors().join(remote.trim_start_matches('/'));
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
        Ok(path)
    }
    /// The program's temp directory.
    pub fn tmp(&self) -> PathBuf {
        self.path().join("tmp")
    }
    /// The socket.
    pub fn socket(&self) -> PathBuf {
        self.path().join("socket")
    }
}

/// The way to the agent.
pub struct Streams {
    connection: Arc<Connection>,
    port: u16,
    token: Token,
    /// Opened before the program runs, so that a server that allows none is known then; the program's first
    /// process takes it.
    first: Mutex<Option<Upgraded>>,
}

/// What the local socket answers from.
struct Local {
    streams: Streams,
    facts: SessionFacts,
    start: Arc<StartNotes>,
}

/// Listens on `socket` until the task is aborted.
pub fn serve(
    socket: &Path,
    streams: Streams,
    facts: SessionFacts,
    start: Arc<StartNotes>,
) -> io::Result<JoinHandle<io::Result<()>>> {
    let listener = OwnUser(UnixListener::bind(socket)?);
    let router = Router::new()
        .route(SESSION_PATH, get(session))
        .route(STREAM_PATH, get(stream))
        .route(LOG_PATH, post(log))
        .route(START_PATH, get(last_start).post(this_start))
        .with_state(Arc::new(Local { streams, facts, start }));
    Ok(tokio::spawn(async move { axum::serve(listener, router).await }))
}

/// Accepts connections of our own user alone. The directory is closed to others; this holds also for root.
struct OwnUser(UnixListener);

impl axum::serve::Listener for OwnUser {
    type Io = UnixStream;
    type Addr = tokio::net::unix::SocketAddr;

    async fn accept(&mut self) -> (UnixStream, Self::Addr) {
        loop {
            let (stream, address) = axum::serve::Listener::accept(&mut self.0).await;
            match stream.peer_cred() {
                Ok(peer) if peer.uid() == rustix::process::geteuid().as_raw() => return (stream, address),
                Ok(peer) => warn!(uid = peer.uid(), "a connection of another user was refused"),
                Err(error) => warn!(%error, "a connection without a known user was refused"),
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

async fn session(State(local): State<Arc<Local>>) -> Response {
    match serde_json::to_string(&local.facts) {
        Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

/// What was noted of the program's start the last time; nothing for whoever asks later.
async fn last_start(State(local): State<Arc<Local>>) -> Response {
    match local.start.hand_out() {
        Some(notes) => notes.into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

/// Notes of this time, which come until the start is over or the process has ended.
async fn this_start(State(local): State<Arc<Local>>, body: Body) -> StatusCode {
    let mut body = body.into_data_stream();
    while let Some(Ok(bytes)) = body.next().await {
        local.start.add(&bytes);
    }
    StatusCode::NO_CONTENT
}

/// A line of a process of the program for the log.
async fn log(line: String) -> StatusCode {
    warn!("{}", line.escape_debug());
    StatusCode::NO_CONTENT
}

async fn stream(State(local): State<Arc<Local>>, mut request: Request) -> Response {
    if !is_upgrade(request.headers()) {
        return (StatusCode::UPGRADE_REQUIRED, [(header::UPGRADE, UPGRADE)]).into_response();
    }
    let remote = match local.streams.take().await {
        Ok(remote) => remote,
        Err(error) => {
            warn!("a stream could not be opened: {error:?}");
            return (StatusCode::BAD_GATEWAY, format!("{error}\n")).into_response();
        }
    };
    tokio::spawn(async move {
        match hyper::upgrade::on(&mut request).await {
            Ok(local) => carry(local, remote).await,
            Err(error) => warn!("a stream ended before it began: {error}"),
        }
    });
    let headers = [(header::CONNECTION, "upgrade"), (header::UPGRADE, UPGRADE)];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

fn is_upgrade(headers: &HeaderMap) -> bool {
    headers.get(header::UPGRADE).is_some_and(|value| value == UPGRADE)
}

/// Why a stream cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The server may not forward, or the connection is gone.
    #[error("the server opens no channel to the agent")]
    Channel(#[from] russh::Error),
    /// What answers is no agent.
    #[error("the agent does not answer")]
    Http(#[from] hyper::Error),
    /// Our own request.
    #[error("the request cannot be made")]
    Request(#[from] axum::http::Error),
    /// The agent has another opinion of the token or the request.
    #[error("the agent answers {0}")]
    Refused(StatusCode),
}

impl StreamError {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Channel(_) => Some(
                "AllowTcpForwarding yes in the server's sshd_config, and no no-port-forwarding in authorized_keys".into(),
            ),
            Self::Http(_) | Self::Request(_) | Self::Refused(_) => Some("--log FILE tells more".into()),
        }
    }
}

impl Streams {
    /// The agent's streams; the first one is opened.
    pub async fn open(connection: Arc<Connection>, port: u16, token: Token) -> Result<Self, StreamError> {
        let mut streams = Self { connection, port, token, first: Mutex::new(None) };
        *streams.first.get_mut().expect("nobody else has held this lock") = Some(streams.fresh().await?);
        Ok(streams)
    }

    /// The first stream, then fresh ones.
    async fn take(&self) -> Result<Upgraded, StreamError> {
        let first = self.first.lock().expect("no holder of this lock can panic").take();
        match first {
            Some(stream) => Ok(stream),
            None => self.fresh().await,
        }
    }

    /// A stream of the agent, upgraded.
    async fn fresh(&self) -> Result<Upgraded, StreamError> {
        let channel = self.connection.open_port(self.port).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(channel)).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.with_upgrades().await {
                debug!("a stream's connection failed: {error}");
            }
        });
        let request = Request::get(STREAM_PATH)
            .header(header::HOST, "agent")
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, UPGRADE)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token.0))
            .body(Body::empty())?;
        let response = sender.send_request(request).await?;
        match response.status() {
            StatusCode::SWITCHING_PROTOCOLS => Ok(hyper::upgrade::on(response).await?),
            other => Err(StreamError::Refused(other)),
        }
    }
}

/// Copies both ways until the agent has ended its side; it ends it once it has seen the program end its own.
async fn carry(local: Upgraded, remote: Upgraded) {
    let (local_read, mut local_write) = split(TokioIo::new(local));
    let (remote_read, mut remote_write) = split(TokioIo::new(remote));
    let mut from_program = BufReader::with_capacity(PIECE, local_read);
    let mut from_agent = BufReader::with_capacity(PIECE, remote_read);
    let up = async {
        let outcome = copy_buf(&mut from_program, &mut remote_write).await;
        // The agent may be gone already.
        let _ = remote_write.shutdown().await;
        match outcome {
            Ok(bytes) => debug!(bytes, "a process of the program has ended its stream"),
            Err(error) => debug!("the way to the agent broke: {error}"),
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        outcome = copy_buf(&mut from_agent, &mut local_write) => match outcome {
            Ok(bytes) => debug!(bytes, "the agent has ended a stream"),
            Err(error) => debug!("the way to the program broke: {error}"),
        },
        () = up => {}
    }
    // The program may be gone already.
    let _ = local_write.shutdown().await;
}
