//! Tells the user in the terminal's title where the program works and what has become of the link: the one place that
//! is visible while a program draws, and that it does not draw on.

use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::timeout;

use crate::keeper::LinkState;
use crate::terminal::Title;

/// How often the time in it goes on.
const SECOND: Duration = Duration::from_secs(1);

/// The title until the program has one of its own. The one from before comes back when this value is dropped.
pub fn title(host: &str, round_trip: Option<Duration>) -> Option<Title> {
    let time = round_trip.map(|time| format!(", {} ms", time.as_millis())).unwrap_or_default();
    let title = Title::take()?;
    title.set(&format!("pii: {host}{time}"));
    Some(title)
}

/// Shows what has become of the link until it is over for good. As long as the link stands the title is the program's own.
pub async fn show(host: String, mut link: watch::Receiver<LinkState>) {
    let mut title = None;
    loop {
        let state = *link.borrow_and_update();
        match text(&host, state, Instant::now()) {
            Some(text) => {
                if title.is_none() {
                    title = Title::take();
                }
                if let Some(title) = &title {
                    title.set(&text);
                }
            }
            None => title = None,
        }
        match state {
            LinkState::Over => return std::future::pending().await,
            LinkState::Up if link.changed().await.is_err() => return,
            LinkState::Up => {}
            // A second later the next one is shown, whatever the state is then.
            _ => drop(timeout(SECOND, link.changed()).await),
        }
    }
}

fn text(host: &str, state: LinkState, now: Instant) -> Option<String> {
    let seconds = |since: Instant| now.saturating_duration_since(since).as_secs();
    match state {
        LinkState::Up => None,
        LinkState::Down(since) => Some(format!("pii: {host}: reconnecting {} s", seconds(since))),
        LinkState::Locked(since) => {
            Some(format!("pii: {host} wants a login, {} s; leave the program to be asked", seconds(since)))
        }
        LinkState::Over => Some(format!("pii: {host}: the session is lost")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_link_that_is_not_there_is_shown() {
        let since = Instant::now();
        let at = |state| text("box", state, since + Duration::from_millis(12_700));
        assert_eq!(at(LinkState::Up), None);
        assert_eq!(at(LinkState::Down(since)).as_deref(), Some("pii: box: reconnecting 12 s"));
        assert_eq!(at(LinkState::Over).as_deref(), Some("pii: box: the session is lost"));
    }
}
