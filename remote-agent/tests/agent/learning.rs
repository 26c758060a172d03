//! What answers tell besides, and calls that others rely on before they are answered.

use std::fs;

use remote_agent::Resolver;
use wire_protocol::{
    Call, CallId, Reply,
    files::{FileCall, FileReply},
    leases::Fact,
};

use crate::bench::{Bench, Client};

/// The answer to a call that learns, and the facts that came with it.
fn learned(client: &mut Client, id: CallId) -> (Result<FileReply, String>, Vec<Fact>) {
    match client.finish(id).expect("a call that learns is always answered") {
        Reply::Learned { outcome, facts } => (outcome.map_err(|error| error.code), facts),
        other => panic!("{other:?}"),
    }
}

fn contents(facts: &[Fact]) -> usize {
    facts.iter().filter(|fact| matches!(fact, Fact::Content { .. } | Fact::Opened { .. })).count()
}

#[test]
fn calls_that_are_recalled_are_answered_one_by_one_and_nothing_is_told_twice() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    for name in ["one", "two"] {
        fs::write(bench.root.join(name), name).unwrap();
    }
    let read = |name, descriptor| FileCall::ReadFile { descriptor, path: bench.path(name), flags: 0 };
    let calls = vec![read("one", 1), read("none", 2), read("two", 3)];
    let first = client.begin(Call::Recall(calls));
    let (one, facts) = learned(&mut client, first);
    assert!(matches!(one, Ok(FileReply::Content { data, .. }) if data == b"one"));
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Listing { .. })), "{facts:?}");
    assert_eq!(learned(&mut client, first + 1).0, Err("ENOENT".into()));
    let (two, facts) = learned(&mut client, first + 2);
    assert!(matches!(two, Ok(FileReply::Content { data, .. }) if data == b"two"));
    assert!(!facts.iter().any(|fact| matches!(fact, Fact::Listing { .. })), "told before: {facts:?}");
}

#[test]
fn a_change_tells_what_is_there_now() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let write = |data: &[u8], flags| {
        let (path, data) = (bench.path("file"), data.to_vec());
        Call::Learn(FileCall::WriteFile { path, flags, mode: 0o666, data, flush: false })
    };
    let id = client.begin(write(b"text", 0o1101));
    let (outcome, facts) = learned(&mut client, id);
    assert_eq!((outcome, contents(&facts)), (Ok(FileReply::Done), 1), "{facts:?}");
    assert_eq!(rights(&facts), Some(6), "{facts:?}");
    let id = client.begin(write(b"more", 0o2101));
    let (_, facts) = learned(&mut client, id);
    assert_eq!(contents(&facts), 0, "what was appended is not the whole: {facts:?}");
    let id = client.begin(Call::Learn(FileCall::Unlink { path: bench.path("file") }));
    let (_, facts) = learned(&mut client, id);
    let gone = |fact: &Fact| matches!(fact, Fact::Name { name, leads: None, .. } if name == b"file");
    assert!(facts.iter().any(gone), "{facts:?}");
}

#[test]
fn an_opened_file_tells_its_content() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    fs::write(bench.root.join("file"), "text").unwrap();
    let open = FileCall::Open { descriptor: 7, path: bench.path("file"), flags: 0, mode: 0 };
    let id = client.begin(Call::Learn(open));
    let (outcome, facts) = learned(&mut client, id);
    assert!(matches!(outcome, Ok(FileReply::Opened { .. })));
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Opened { descriptor: 7, .. })), "{facts:?}");
    assert!(facts.iter().any(|fact| is_whole(fact, b"text")), "{facts:?}");
}

#[test]
fn who_may_read_a_file_is_told_its_content() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    for name in ["read", "written"] {
        fs::write(bench.root.join(name), name).unwrap();
    }
    for (name, mode, told) in [("written", 2, false), ("read", 6, true)] {
        let id = client.begin(Call::Learn(FileCall::Access { path: bench.path(name), mode }));
        let (outcome, facts) = learned(&mut client, id);
        assert_eq!(outcome, Ok(FileReply::Done));
        assert_eq!(rights(&facts), Some(6), "{facts:?}");
        assert_eq!(facts.iter().any(|fact| is_whole(fact, name.as_bytes())), told, "{facts:?}");
    }
}

fn is_whole(fact: &Fact, expected: &[u8]) -> bool {
    matches!(fact, Fact::Whole { content, .. } if content.as_slice() == expected)
}

/// The mask of what is told of rights.
fn rights(facts: &[Fact]) -> Option<u8> {
    facts.iter().find_map(|fact| match fact {
        Fact::Rights { mask, .. } => Some(*mask),
        _ => None,
    })
}

/// The names a file loses right after it was opened do not matter to who has it open.
#[test]
fn what_is_done_first_is_done_before_what_follows() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    for round in 0..200 {
        fs::write(bench.root.join("file"), "text").unwrap();
        let open = FileCall::Open { descriptor: round, path: bench.path("file"), flags: 0, mode: 0 };
        client.begin(Call::First(open));
        let gone = client.begin(Call::Files(FileCall::Unlink { path: bench.path("file") }));
        client.finish(gone).unwrap();
        let read = FileCall::Read { descriptor: round, position: None, length: 10 };
        assert_eq!(client.files(read), Ok(FileReply::Bytes(b"text".to_vec())), "round {round}");
        client.files(FileCall::Close { descriptor: round }).unwrap();
    }
}
