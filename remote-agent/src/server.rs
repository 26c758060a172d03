//! The HTTP server: shows nothing without the token, and turns one request into a link.

use std::{
    io,
    path::Path,
    sync::{Arc, Weak},
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use hyper_util::rt::TokioIo;
use rustix::fs::Mode;
use stream_carrier::{Carrier, Incoming, LinkEnd};
use subtle::ConstantTimeEq;
use tokio::sync::watch;
use wire_protocol::{ARRIVED, AfterExit, EnvironmentSettings, LINK_PATH, Lease, UPGRADE};

use crate::{
    children::{Children, Reaping},
    door::Door,
    leases::Leases,
    links::Links,
    login::Login,
    processes::Kept,
    roots::Roots,
    stdio, stream,
};

/// How long streams may take to end. They only have to kill their processes.
const PATIENCE: Duration = Duration::from_secs(5);

/// What all streams share.
pub struct Agent {
    token: String,
    pub(crate) roots: Arc<Roots>,
    pub(crate) children: Arc<Children>,
    pub(crate) kept: Arc<Kept>,
    pub(crate) login: Login,
    pub(crate) leases: Arc<Leases>,
    pub(crate) ending: watch::Sender<bool>,
    alive: watch::Sender<()>,
    carrier: Carrier,
    links: Links,
}

impl Agent {
    /// An agent for these roots, to be made within a runtime. Every request must show `token`. The user's shell
    /// creates files with `umask`, and processes have `temp` for what is temporary.
    pub fn new(
        token: String,
        roots: Roots,
        environment: EnvironmentSettings,
        lease: Lease,
        umask: Mode,
        temp: Option<&Path>,
        reaping: Reaping,
    ) -> io::Result<Arc<Self>> {
        stdio::reserve_numbers()?;
        let children = Children::look_after(reaping)?;
        let leases = Leases::new();
        // Where waiting for events fails, changes are still told with whatever else is said.
        tokio::spawn(Arc::clone(&leases).publish());
        let (carrier, opened) = Carrier::new();
        let agent = Arc::new(Self {
            token,
            roots: Arc::new(roots),
            kept: Arc::new(Kept::new(environment.after_exit == AfterExit::Keep)),
            login: Login::begin(environment, umask, temp, Arc::clone(&children)),
            children,
            leases,
            ending: watch::Sender::new(false),
            alive: watch::Sender::new(()),
            links: Links::new(carrier.clone(), lease),
            carrier,
        });
        tokio::spawn(take_streams(Arc::downgrade(&agent), opened));
        Ok(agent)
    }

    /// The session's links.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// The processes that are to outlive the agent.
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Removes what was brought from the laptop.
    pub fn remove_carried(&self) {
        self.roots.carried.remove();
    }

    /// The agent's children.
    pub fn children(&self) -> &Children {
        &self.children
    }
}

/// Serves the session's streams until it is over or `shutdown`, then ends them and waits until their processes are
/// killed.
pub async fn serve(door: Door, agent: Arc<Agent>, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    let app = Router::new()
        .route(LINK_PATH, get(open_link))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .method_not_allowed_fallback(|| async { StatusCode::METHOD_NOT_ALLOWED })
        .layer(middleware::from_fn_with_state(Arc::clone(&agent), check_token))
        .with_state(Arc::clone(&agent));
    let served = tokio::select! {
        served = async { axum::serve(door, app).await } => served,
        () = agent.links.over() => Ok(()),
        () = shutdown => Ok(()),
    };
    agent.carrier.say_goodbye();
    agent.ending.send_replace(true);
    // A process that is being started from a disk that does not answer cannot be waited for.
    let _ = tokio::time::timeout(PATIENCE, agent.alive.closed()).await;
    served
}

/// Serves each stream the program's side opens.
async fn take_streams(agent: Weak<Agent>, mut opened: Incoming) {
    while let Some(stream) = opened.recv().await {
        let Some(agent) = agent.upgrade() else { return };
        let alive = agent.alive.subscribe();
        tokio::spawn(stream::serve(stream, agent, alive));
    }
}

async fn check_token(State(agent): State<Arc<Agent>>, request: Request, next: Next) -> Response {
    let shown = request.headers().get(header::AUTHORIZATION).map_or(&b""[..], HeaderValue::as_bytes);
    let expected = format!("Bearer {}", agent.token);
    if bool::from(shown.ct_eq(expected.as_bytes())) {
        next.run(request).await
    } else {
        StatusCode::UNAUTHORIZED.into_response()
    }
}

/// Takes a link in the place of the last one.
async fn open_link(State(agent): State<Arc<Agent>>, headers: HeaderMap, request: Request) -> Response {
    if headers.get(header::UPGRADE).is_none_or(|upgrade| upgrade != UPGRADE) {
        return StatusCode::UPGRADE_REQUIRED.into_response();
    }
    let said = headers.get(ARRIVED).and_then(|said| said.to_str().ok()).and_then(|said| said.parse().ok());
    let Some(theirs) = said else { return StatusCode::BAD_REQUEST.into_response() };
    let (upgrade, carrier) = (hyper::upgrade::on(request), agent.carrier.clone());
    let mut ours = 0;
    let carrying = |arrived| {
        ours = arrived;
        Some(async move {
            // An error means that the connection broke before the answer was sent.
            let Ok(upgraded) = upgrade.await else { return LinkEnd::Broken };
            let (source, sink) = tokio::io::split(TokioIo::new(upgraded));
            carrier.carry(source, sink, theirs, None).await
        })
    };
    agent.links.replace(carrying).await;
    let headers = [
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static(UPGRADE)),
        (HeaderName::from_static(ARRIVED), ours.into()),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}
