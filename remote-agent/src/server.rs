//! The HTTP server: shows nothing without the token, and turns one request into a stream.

use std::{io, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
    serve::ListenerExt,
};
use hyper_util::rt::TokioIo;
use rustix::fs::Mode;
use subtle::ConstantTimeEq;
use tokio::{net::TcpListener, sync::watch};
use wire_protocol::{EnvironmentSettings, STREAM_PATH, UPGRADE};

use crate::{
    children::{Children, Reaping},
    leases::Leases,
    login::Login,
    processes::Kept,
    roots::Roots,
    stdio, stream,
};

/// How long streams may take to end. They only have to kill their processes.
const PATIENCE: Duration = Duration::from_secs(5);

/// What all streams share.
#[derive(Debug)]
pub struct Agent {
    token: String,
    pub(crate) roots: Arc<Roots>,
    pub(crate) children: Arc<Children>,
    pub(crate) kept: Arc<Kept>,
    pub(crate) login: Login,
    pub(crate) leases: Arc<Leases>,
    pub(crate) ending: watch::Sender<bool>,
    alive: watch::Sender<()>,
}

impl Agent {
    /// An agent for these roots, to be made within a runtime. Every request must show `token`. The user's shell
    /// creates files with `umask`.
    pub fn new(
        token: String,
        roots: Roots,
        environment: EnvironmentSettings,
        umask: Mode,
        reaping: Reaping,
    ) -> io::Result<Arc<Self>> {
        stdio::reserve_numbers()?;
        let children = Children::look_after(reaping)?;
        let leases = Leases::new();
        // Where waiting for events fails, changes are still told with whatever else is said.
        tokio::spawn(Arc::clone(&leases).publish());
        Ok(Arc::new(Self {
            token,
            roots: Arc::new(roots),
            login: Login::begin(environment, umask, Arc::clone(&children)),
            children,
            kept: Arc::default(),
            leases,
            ending: watch::Sender::new(false),
            alive: watch::Sender::new(()),
        }))
    }

    /// The processes that are to outlive the agent.
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// The agent's children.
    pub fn children(&self) -> &Children {
        &self.children
    }
}

/// Serves streams until `shutdown`, then ends them and waits until their processes are killed.
pub async fn serve(
    listener: TcpListener,
    agent: Arc<Agent>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let app = Router::new()
        .route(STREAM_PATH, get(open_stream))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .method_not_allowed_fallback(|| async { StatusCode::METHOD_NOT_ALLOWED })
        .layer(middleware::from_fn_with_state(Arc::clone(&agent), check_token))
        .with_state(Arc::clone(&agent));
    // Without it small answers wait for the acknowledgement of the one before.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let served = tokio::select! {
        served = async { axum::serve(listener, app).await } => served,
        () = shutdown => Ok(()),
    };
    agent.ending.send_replace(true);
    // A process that is being started from a disk that does not answer cannot be waited for.
    let _ = tokio::time::timeout(PATIENCE, agent.alive.closed()).await;
    served
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

async fn open_stream(State(agent): State<Arc<Agent>>, headers: HeaderMap, request: Request) -> Response {
    if headers.get(header::UPGRADE).is_none_or(|upgrade| upgrade != UPGRADE) {
        return StatusCode::UPGRADE_REQUIRED.into_response();
    }
    let upgrade = hyper::upgrade::on(request);
    tokio::spawn(async move {
        // An error means that the connection broke before the answer was sent.
        if let Ok(upgraded) = upgrade.await {
            let alive = agent.alive.subscribe();
            stream::serve(TokioIo::new(upgraded), agent, alive).await;
        }
    });
    (StatusCode::SWITCHING_PROTOCOLS, [(header::CONNECTION, "upgrade"), (header::UPGRADE, UPGRADE)])
        .into_response()
}
