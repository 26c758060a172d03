//! The server: a thread with its own runtime, so that callers need none.

use std::{
    collections::VecDeque,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, header},
    response::IntoResponse,
    routing::post,
};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::{THE_END, Transcript, Turn, stream};

/// A running model. Dropping it ends the server.
#[derive(Debug)]
pub struct Model {
    address: SocketAddr,
    session: Arc<Session>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Session {
    turns: Mutex<VecDeque<Turn>>,
    transcript: Mutex<Transcript>,
}

impl Model {
    /// Starts a model with this script on a free port.
    pub fn start(script: Vec<Turn>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let session = Arc::new(Session { turns: Mutex::new(script.into()), transcript: Mutex::default() });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let (stop, stopped) = oneshot::channel();
        let router = Router::new()
            .route("/v1/chat/completions", post(complete))
            .with_state(session.clone())
            // A session with a picture in it is larger than axum's default of 2 MiB.
            .layer(axum::extract::DefaultBodyLimit::disable());
        let thread = thread::spawn(move || {
            runtime.block_on(async {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                let server = axum::serve(listener, router).into_future();
                tokio::select! {
                    _ = server => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self { address, session, stop: Some(stop), thread: Some(thread) })
    }

    /// The base URL, for pi's `baseUrl`.
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// What the model was told so far.
    pub fn transcript(&self) -> Transcript {
        lock(&self.session.transcript).clone()
    }

    /// Turns that were not asked for yet.
    pub fn turns_left(&self) -> usize {
        lock(&self.session.turns).len()
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        self.stop.take().map(|stop| stop.send(()));
        self.thread.take().map(JoinHandle::join);
    }
}

async fn complete(
    State(session): State<Arc<Session>>,
    headers: HeaderMap,
    Json(request): Json<Value>,
) -> impl IntoResponse {
    let key = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut transcript = lock(&session.transcript);
    let number = transcript.requests.len();
    transcript.requests.push(request);
    transcript.keys.push(key.trim_start_matches("Bearer ").to_owned());
    let turn = lock(&session.turns).pop_front().unwrap_or_else(|| Turn::say(THE_END));
    ([(header::CONTENT_TYPE, "text/event-stream")], stream::events(&turn, number))
}

/// The data is whole even where a thread panicked while it held the lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
