//! The local socket: tells the program's processes about the session and carries their streams to the agent.

use std::io;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::StreamExt;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use stream_carrier::{CarriedStream, Carrier};
use tokio::io::{AsyncWriteExt, BufReader, copy_buf, split};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{debug, info, warn};
use wire_protocol::{LOG_PATH, SESSION_PATH, START_PATH, STREAM_PATH, SessionFacts, UPGRADE};

use crate::start::StartNotes;

/// Bytes carried at once.
const PIECE: usize = 128 * 1024;

/// What the program's processes are told once they may begin.
#[derive(Clone)]
pub struct Admission {
    /// The session.
    pub facts: Arc<SessionFacts>,
    /// Notes of the program's start.
    pub start: Arc<StartNotes>,
}

/// What it answers from.
struct Local {
    carrier: Carrier,
    admission: watch::Receiver<Option<Admission>>,
}

impl Local {
    /// Waits until the program may begin. `None` if it never will.
    async fn admission(&self) -> Option<Admission> {
        let mut admission = self.admission.clone();
        admission.wait_for(Option::is_some).await.ok()?.clone()
    }
}

/// Listens on `socket` until the task is aborted. Nobody is answered before there is an admission.
pub fn serve(
    socket: &Path,
    carrier: Carrier,
    admission: watch::Receiver<Option<Admission>>,
) -> io::Result<JoinHandle<io::Result<()>>> {
    let listener = OwnUser(UnixListener::bind(socket)?);
    let router = Router::new()
        .route(SESSION_PATH, get(session))
        .route(STREAM_PATH, get(stream))
        .route(LOG_PATH, post(log))
        .route(START_PATH, get(last_start).post(this_start))
        .with_state(Arc::new(Local { carrier, admission }));
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
    let Some(Admission { facts, .. }) = local.admission().await else { return gone() };
    match serde_json::to_string(&*facts) {
        Ok(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

/// What was noted of the program's start the last time; nothing for whoever asks later.
async fn last_start(State(local): State<Arc<Local>>) -> Response {
    let Some(Admission { start, .. }) = local.admission().await else { return gone() };
    match start.hand_out() {
        Some(notes) => notes.into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

/// Notes of this time, which come until the start is over or the process has ended.
async fn this_start(State(local): State<Arc<Local>>, body: Body) -> Response {
    let Some(Admission { start, .. }) = local.admission().await else { return gone() };
    let mut body = body.into_data_stream();
    while let Some(Ok(bytes)) = body.next().await {
        start.add(&bytes);
    }
    StatusCode::NO_CONTENT.into_response()
}

/// The answer where there will be no session.
fn gone() -> Response {
    StatusCode::GONE.into_response()
}

/// Lines of a process of the program for the log.
async fn log(lines: String) -> StatusCode {
    for line in lines.lines() {
        info!("{}", line.escape_debug());
    }
    StatusCode::NO_CONTENT
}

async fn stream(State(local): State<Arc<Local>>, mut request: Request) -> Response {
    if !is_upgrade(request.headers()) {
        return (StatusCode::UPGRADE_REQUIRED, [(header::UPGRADE, UPGRADE)]).into_response();
    }
    if local.admission().await.is_none() {
        return gone();
    }
    let remote = local.carrier.open();
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

/// Copies both ways until the agent has ended its side; it ends it once it has seen the program end its own.
async fn carry(local: Upgraded, remote: CarriedStream) {
    let (local_read, mut local_write) = split(TokioIo::new(local));
    let (remote_read, mut remote_write) = split(remote);
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
