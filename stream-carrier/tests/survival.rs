//! Streams over links that break.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test explains itself by its name, and fails by panicking"
)]

use std::time::{Duration, Instant};

use stream_carrier::{CarriedStream, Carrier, Heartbeat, Incoming, LinkEnd};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex, split},
    task::JoinHandle,
    time::{sleep, timeout},
};

/// Longest time for anything here: reached only if a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Two ends, and links between them as asked for.
struct Pair {
    one: Carrier,
    other: Carrier,
}

impl Pair {
    fn new() -> (Self, Incoming) {
        let ((one, _), (other, incoming)) = (Carrier::new(), Carrier::new());
        (Self { one, other }, incoming)
    }

    /// A link whose pipes hold `size` bytes. Dropping the task breaks it.
    fn link(&self, size: usize, heartbeat: Option<Heartbeat>) -> JoinHandle<(LinkEnd, LinkEnd)> {
        let (near, far) = duplex(size);
        let (one, other) = (self.one.clone(), self.other.clone());
        let (one_has, other_has) = (one.arrived(), other.arrived());
        tokio::spawn(async move {
            let ((near_read, near_write), (far_read, far_write)) = (split(near), split(far));
            tokio::join!(
                one.carry(near_read, near_write, other_has, heartbeat),
                other.carry(far_read, far_write, one_has, heartbeat)
            )
        })
    }
}

/// Sends back what comes on each stream, and ends it when the other end has.
fn echo(mut incoming: Incoming) {
    tokio::spawn(async move {
        while let Some(stream) = incoming.recv().await {
            tokio::spawn(async move {
                let (mut read, mut write) = split(stream);
                let _ = tokio::io::copy(&mut read, &mut write).await;
                let _ = write.shutdown().await;
            });
        }
    });
}

/// Numbers that no two places share.
fn pattern(length: usize, seed: u32) -> Vec<u8> {
    (0..length.div_ceil(4) as u32).flat_map(|at| (at ^ (seed << 24)).to_le_bytes()).take(length).collect()
}

async fn sent_and_returned(stream: CarriedStream, bytes: Vec<u8>) {
    let (mut read, mut write) = split(stream);
    let expected = bytes.clone();
    let sending = tokio::spawn(async move {
        write.write_all(&bytes).await.unwrap();
        write.shutdown().await.unwrap();
    });
    let mut returned = Vec::new();
    read.read_to_end(&mut returned).await.unwrap();
    sending.await.unwrap();
    assert!(returned == expected, "{} of {} bytes, or others", returned.len(), expected.len());
}

#[tokio::test]
async fn every_byte_arrives_once_however_often_the_link_breaks() {
    let (pair, incoming) = Pair::new();
    echo(incoming);
    let streams: Vec<_> = (0..5u32)
        .map(|seed| {
            let bytes = pattern(100_000 * (1 + seed as usize * seed as usize), seed);
            tokio::spawn(sent_and_returned(pair.one.open(), bytes))
        })
        .collect();
    let mut links = 0;
    while !streams.iter().all(JoinHandle::is_finished) {
        // Pipes of odd sizes break in the middle of packets.
        let link = pair.link(200 + links % 100 * 13, None);
        for _ in 0..links % 40 {
            tokio::task::yield_now().await;
        }
        link.abort();
        let _ = link.await;
        links += 1;
    }
    assert!(links > 20, "only {links} links");
    for stream in streams {
        stream.await.unwrap();
    }
}

#[tokio::test]
async fn a_stream_that_nobody_reads_holds_up_no_other() {
    let (pair, mut incoming) = Pair::new();
    let _link = pair.link(64 * 1024, None);
    let (mut stuck, mut quick) = (pair.one.open(), pair.one.open());
    let stuffing = tokio::spawn(async move { stuck.write_all(&vec![0; 64 << 20]).await });
    let _unread = incoming.recv().await.unwrap();
    let mut other = incoming.recv().await.unwrap();
    for _ in 0..200 {
        quick.write_all(b"ping").await.unwrap();
        let mut four = [0; 4];
        timeout(PATIENCE, other.read_exact(&mut four)).await.unwrap().unwrap();
        assert_eq!(&four, b"ping");
    }
    assert!(!stuffing.is_finished());
}

#[tokio::test]
async fn what_one_end_drops_the_other_sees_ended() {
    let (pair, mut incoming) = Pair::new();
    let _link = pair.link(1024, None);
    let mut stream = pair.one.open();
    stream.write_all(b"last").await.unwrap();
    drop(stream);
    let mut other = incoming.recv().await.unwrap();
    let mut all = Vec::new();
    timeout(PATIENCE, other.read_to_end(&mut all)).await.unwrap().unwrap();
    assert_eq!(all, b"last");
}

#[tokio::test]
async fn a_goodbye_ends_the_link_and_an_end_all_streams() {
    let (pair, mut incoming) = Pair::new();
    let link = pair.link(1024, None);
    let mut stream = pair.one.open();
    stream.write_all(b"x").await.unwrap();
    let mut other = incoming.recv().await.unwrap();
    pair.one.say_goodbye();
    assert_eq!(timeout(PATIENCE, link).await.unwrap().unwrap().1, LinkEnd::Goodbye);
    pair.other.end();
    let mut all = Vec::new();
    other.read_to_end(&mut all).await.unwrap();
    assert_eq!(all, b"x");
    assert!(other.write_all(b"y").await.is_err());
}

#[tokio::test]
async fn a_link_that_swallows_everything_is_silent() {
    let (pair, _incoming) = Pair::new();
    let (near, _kept_open) = duplex(1 << 20);
    let (read, write) = split(near);
    let heartbeat = Heartbeat { ask: Duration::from_millis(100), dead: Duration::from_millis(500) };
    let end = timeout(PATIENCE, pair.one.carry(read, write, 0, Some(heartbeat))).await.unwrap();
    assert_eq!(end, LinkEnd::Silent);
}

#[tokio::test]
async fn a_living_link_is_asked_and_answers() {
    let (pair, _incoming) = Pair::new();
    let heartbeat = Heartbeat { ask: Duration::from_millis(100), dead: Duration::from_secs(30) };
    let begun = Instant::now();
    let link = pair.link(1024, Some(heartbeat));
    // Nothing but the answer to a question comes, and that no sooner.
    let answered = async {
        while pair.one.heard() < begun + heartbeat.ask {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, answered).await.unwrap();
    assert!(!link.is_finished());
}

#[tokio::test]
async fn an_end_of_another_session_is_recognised() {
    let (pair, _incoming) = Pair::new();
    let (near, far) = duplex(1024);
    let (read, write) = split(near);
    let end = timeout(PATIENCE, pair.one.carry(read, write, 5, None)).await.unwrap();
    assert_eq!(end, LinkEnd::Lost);
    drop(far);
}
