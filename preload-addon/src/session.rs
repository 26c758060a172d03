//! The process's one session: found over `pii`'s local socket, opened once, kept until the process ends.

use std::{convert::Infallible, sync::OnceLock};

use futures_util::stream::unfold;
use napi::Env;
use napi_derive::napi;
use parking_lot::Mutex;
use reqwest::{
    StatusCode,
    header::{CONNECTION, UPGRADE},
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::mpsc::unbounded_channel,
};
use wire_protocol::{LOG_PATH, SESSION_PATH, START_PATH, STREAM_PATH, SessionFacts};

use crate::{
    cache::Cache,
    error::{Error, LOST, invalid},
    open, start,
    stream::Stream,
};

/// What a process knows of its session.
struct Session {
    client: reqwest::Client,
    facts: String,
    root: String,
    stream: Stream,
}

static SESSION: OnceLock<Session> = OnceLock::new();
static CONNECTING: Mutex<()> = Mutex::new(());

/// The addon's threads. One worker is steadier than two: it is woken for every answer.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("pii")
            .enable_all()
            .build()
            .expect("a process that could start Node can start one more thread")
    })
}

/// The stream of this process. Fails with EREMOTEIO before [`connect`].
pub fn stream() -> Result<&'static Stream, Error> {
    SESSION.get().map(|session| &session.stream).ok_or_else(|| Error::new(LOST.into(), "not connected"))
}

/// Connects this process to its session, once; later calls (from worker threads) answer the same.
#[napi]
pub fn connect(env: Env, socket: String) -> Result<String, Error> {
    env.add_env_cleanup_hook((), |()| open::close_all()).map_err(|error| invalid(&error))?;
    let _one_at_a_time = CONNECTING.lock();
    if let Some(session) = SESSION.get() {
        return Ok(session.facts.clone());
    }
    let (session, start) =
        runtime().block_on(open(&socket)).map_err(|error| Error::new(LOST.into(), chain(&error)))?;
    let session = SESSION.get_or_init(|| session);
    if let Some(notes) = start {
        begin(session, &notes);
    }
    Ok(session.facts.clone())
}

/// Asks for what the program looked at when it started last, and has what it looks at now noted.
fn begin(session: &'static Session, notes: &[u8]) {
    let stream = &session.stream;
    stream.recall(start::calls(notes, &session.root, || stream.new_number()));
    let (to, noted) = unbounded_channel();
    stream.cache().start.note_to(to);
    let noted = reqwest::Body::wrap_stream(unfold(noted, |mut noted| async {
        let frame = noted.recv().await?;
        Some((Ok::<_, Infallible>(frame), noted))
    }));
    // Where notes cannot be left, the next start is slower.
    runtime().spawn(session.client.post(url(START_PATH)).body(noted).send());
}

/// Sends lines to `pii`'s log.
pub async fn log(lines: String) {
    if let Some(Session { client, .. }) = SESSION.get() {
        let _ = client.post(url(LOG_PATH)).body(lines).send().await;
    }
}

/// Why a session cannot be opened.
#[derive(Debug, thiserror::Error)]
enum OpenError {
    #[error("the session's socket does not answer")]
    Socket(#[from] reqwest::Error),
    #[error("no stream could be opened to the remote (pii answered {0})")]
    Stream(StatusCode),
    #[error("pii and the preload are not of one release")]
    Facts(#[from] serde_json::Error),
}

/// The session, and what was noted of the program's start the last time if this process is the one to ask for it.
async fn open(socket: &str) -> Result<(Session, Option<Vec<u8>>), OpenError> {
    let client = reqwest::Client::builder().unix_socket(socket).no_proxy().build()?;
    let facts = client.get(url(SESSION_PATH)).send().await?.error_for_status()?.text().await?;
    let SessionFacts { root, cache_max_bytes, .. } = serde_json::from_str(&facts)?;
    let request =
        client.get(url(STREAM_PATH)).header(CONNECTION, "Upgrade").header(UPGRADE, wire_protocol::UPGRADE);
    let response = request.send().await?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(OpenError::Stream(response.status()));
    }
    let stream = Stream::start(response.upgrade().await?, Cache::new(cache_max_bytes));
    let start = if stream.cache().is_enabled() { notes(&client).await? } else { None };
    Ok((Session { client, facts, root, stream }, start))
}

async fn notes(client: &reqwest::Client) -> reqwest::Result<Option<Vec<u8>>> {
    let response = client.get(url(START_PATH)).send().await?;
    Ok(if response.status() == StatusCode::OK { Some(response.bytes().await?.into()) } else { None })
}

/// The host is a placeholder: the connection is the unix socket.
fn url(path: &str) -> String {
    format!("http://pii{path}")
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
