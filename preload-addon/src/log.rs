//! Lines for `pii`'s log, in the order in which they were told.

use std::sync::OnceLock;

use napi_derive::napi;
use tokio::sync::{
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    oneshot,
};

use crate::session::{self, runtime};

/// Text, and who waits until it has arrived.
type Line = (String, Option<oneshot::Sender<()>>);

/// Puts a line into `pii`'s log and waits until it is there. Without a log it goes nowhere, and a log that cannot be
/// written is no failure.
#[napi]
pub fn log(line: String) {
    let (arrived, wait) = oneshot::channel();
    if lines().send((line, Some(arrived))).is_ok() {
        let _ = runtime().block_on(wait);
    }
}

/// The same without waiting.
#[napi]
pub fn log_soon(line: String) {
    let _ = lines().send((line, None));
}

fn lines() -> &'static UnboundedSender<Line> {
    static LINES: OnceLock<UnboundedSender<Line>> = OnceLock::new();
    LINES.get_or_init(|| {
        let (sender, lines) = unbounded_channel();
        runtime().spawn(pass_on(lines));
        sender
    })
}

async fn pass_on(mut lines: UnboundedReceiver<Line>) {
    while let Some((line, arrived)) = lines.recv().await {
        session::log(line).await;
        if let Some(arrived) = arrived {
            // Nobody waits any more if the process is at its end.
            let _ = arrived.send(());
        }
    }
}
