//! Calls that are cancelled while they wait.

use std::{
    fs,
    io::Write,
    time::{Duration, Instant},
};

use remote_agent::Resolver;
use wire_protocol::{
    Call, Reply, ToAgent,
    files::{FileCall, FileReply},
};

use crate::bench::{Bench, Client, PATIENCE};

fn fifo(bench: &Bench) -> FileCall {
    nix::unistd::mkfifo(&bench.root.join("fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    FileCall::ReadFile { descriptor: 1, path: bench.path("fifo"), flags: 0 }
}

fn cancel(client: &mut Client, id: u64) -> Result<Reply, String> {
    client.send(&ToAgent::Cancel { id });
    client.finish(id)
}

/// Waits until the fifo is open as often as this.
fn opened(bench: &Bench, times: usize) {
    let start = Instant::now();
    loop {
        let descriptors = fs::read_dir("/proc/self/fd").unwrap().flatten();
        let targets = descriptors.filter_map(|descriptor| fs::read_link(descriptor.path()).ok());
        let count = targets.filter(|target| *target == bench.root.join("fifo")).count();
        if count == times {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "the fifo is open {count} times");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_read_that_waits_is_answered_at_once_and_leaves_nothing_open() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let call = fifo(&bench);
    let other_end = fs::OpenOptions::new().read(true).write(true).open(bench.root.join("fifo")).unwrap();
    let read = client.begin(Call::Files(call));
    opened(&bench, 2);
    assert_eq!(cancel(&mut client, read), Err("ECANCELED".into()));
    // The read that went on finds the end, and what it read from is closed.
    drop(other_end);
    opened(&bench, 0);
    assert_eq!(client.files(FileCall::Fstat { descriptor: 1 }), Err("EBADF".into()));
}

#[test]
fn a_write_that_has_not_begun_is_not_done() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    fifo(&bench);
    // Both ways, so that neither open waits for the other end.
    let open = FileCall::Open { descriptor: 1, path: bench.path("fifo"), flags: 0o2, mode: 0 };
    assert!(matches!(client.files(open), Ok(FileReply::Opened { .. })));
    let read = client.begin(Call::Files(FileCall::Read { descriptor: 1, position: None, length: 10 }));
    let data = b"never".to_vec();
    let write = client.begin(Call::Files(FileCall::Write { descriptor: 1, position: None, data, series: 0 }));
    assert_eq!(cancel(&mut client, write), Err("ECANCELED".into()));
    fs::OpenOptions::new().write(true).open(bench.root.join("fifo")).unwrap().write_all(b"other").unwrap();
    assert_eq!(client.finish(read), Ok(Reply::Files(FileReply::Bytes(b"other".to_vec()))));
}

#[test]
fn what_is_done_cannot_be_cancelled() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let id = client.begin(Call::Files(FileCall::Stat { path: bench.path(""), follow: true }));
    client.finish(id).unwrap();
    client.send(&ToAgent::Cancel { id });
    client.send(&ToAgent::Cancel { id: 4711 });
    assert_eq!(client.write(bench.path("file"), b"text"), Ok(FileReply::Done));
}
