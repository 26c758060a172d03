//! Reading and writing, binary included, and calls on descriptors.

use std::{fs, os::unix::fs::PermissionsExt};

use remote_agent::Resolver;
use wire_protocol::{
    Call, Reply,
    files::{CHUNK, FileCall, FileReply, Time},
};

use crate::bench::{Bench, Client};

fn binary(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 7 + index / 251) as u8).collect()
}

fn start(client: &mut Client, path: Vec<u8>) -> (Vec<u8>, bool, u64) {
    match client.files(FileCall::ReadFile { descriptor: 3, path, flags: 0 }).unwrap() {
        FileReply::Content { data, more, size } => (data, more, size),
        other => panic!("{other:?}"),
    }
}

#[test]
fn any_bytes_are_written_and_read() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let all: Vec<u8> = (0..=255).collect();
    let name = bench.path("").into_iter().chain(*b"\xff\xfe name\n").collect::<Vec<u8>>();
    client.write(name.clone(), &all).unwrap();
    assert_eq!(client.read(name), Ok(all));
    client.write(bench.path("empty"), b"").unwrap();
    assert_eq!(client.read(bench.path("empty")), Ok(Vec::new()));
}

#[test]
fn a_long_file_is_read_in_chunks() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let chunk = CHUNK as usize;
    for length in [chunk - 1, chunk, chunk + 1] {
        let content = binary(length);
        fs::write(bench.root.join("long"), &content).unwrap();
        let (data, more, size) = start(&mut client, bench.path("long"));
        assert_eq!((data.len(), more, size), (length.min(chunk), length > chunk, length as u64));
        assert!(content.starts_with(&data));
        let rest = client.files(FileCall::Read { descriptor: 3, position: None, length: CHUNK });
        if more {
            assert_eq!(rest, Ok(FileReply::Bytes(content[chunk..].to_vec())));
            client.files(FileCall::Close { descriptor: 3 }).unwrap();
        } else {
            assert_eq!(rest, Err("EBADF".into()));
        }
    }
}

#[test]
fn a_pipe_is_read_to_its_end() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let content = binary(100_000);
    let fifo = bench.root.join("fifo");
    let made = client.shell(&bench, "mkfifo fifo");
    assert_eq!(made.0, wire_protocol::processes::ExitStatus::Code(0));
    // Not waited for: if the agent did not read, it would write for ever.
    let written = content.clone();
    std::thread::spawn(move || fs::write(&fifo, written));
    assert!(client.read(bench.path("fifo")) == Ok(content));
}

#[test]
fn what_waits_does_not_stop_the_rest() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    client.shell(&bench, "mkfifo fifo");
    let waiting =
        client.begin(Call::Files(FileCall::ReadFile { descriptor: 1, path: bench.path("fifo"), flags: 0 }));
    client.write(bench.path("file"), b"1").unwrap();
    assert_eq!(client.read(bench.path("file")), Ok(b"1".to_vec()));
    fs::write(bench.root.join("fifo"), "late").unwrap();
    assert!(
        matches!(client.finish(waiting), Ok(Reply::Files(FileReply::Content { data, .. })) if data == b"late")
    );
}

#[test]
fn a_duplicate_is_the_same_open_file() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let duplicate = |of| FileCall::Duplicate { descriptor: 8, of };
    assert_eq!(client.files(duplicate(7)), Err("EBADF".into()));
    let path = bench.path("file");
    client.files(FileCall::Open { descriptor: 7, path: path.clone(), flags: 0o1102, mode: 0o666 }).unwrap();
    let write = |descriptor, data: &[u8]| FileCall::Write {
        descriptor,
        position: None,
        data: data.to_vec(),
        series: 0,
    };
    client.files(write(7, b"one ")).unwrap();
    assert_eq!(client.files(duplicate(7)), Ok(FileReply::Done));
    client.files(write(8, b"two ")).unwrap();
    client.files(write(7, b"three ")).unwrap();
    client.files(FileCall::Close { descriptor: 7 }).unwrap();
    client.files(write(8, b"four")).unwrap();
    assert_eq!(client.files(write(7, b"five")), Err("EBADF".into()));
    client.files(FileCall::Close { descriptor: 8 }).unwrap();
    assert_eq!(client.read(path), Ok(b"one two three four".to_vec()));
}

#[test]
fn an_open_and_what_follows_may_be_sent_back_to_back() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    for round in 0..50 {
        let path = bench.path("file");
        let calls = [
            FileCall::Open { descriptor: 7, path, flags: 0o1102, mode: 0o666 },
            FileCall::Write { descriptor: 7, position: None, data: b"one ".to_vec(), series: 0 },
            FileCall::Write { descriptor: 7, position: None, data: b"two".to_vec(), series: 0 },
            FileCall::Read { descriptor: 7, position: Some(0), length: 100 },
            FileCall::Close { descriptor: 7 },
            FileCall::Close { descriptor: 7 },
        ];
        let ids: Vec<_> = calls.map(|call| client.begin(Call::Files(call))).into();
        let mut replies: Vec<_> = ids.into_iter().map(|id| client.finish(id)).collect();
        assert_eq!(replies.pop(), Some(Err("EBADF".into())), "round {round}");
        assert!(matches!(replies.remove(0), Ok(Reply::Files(FileReply::Opened { .. }))), "round {round}");
        let expected = [
            FileReply::Written(4),
            FileReply::Written(3),
            FileReply::Bytes(b"one two".to_vec()),
            FileReply::Done,
        ];
        assert_eq!(replies, expected.map(|reply| Ok(Reply::Files(reply))), "round {round}");
    }
    let missing = bench.path("none/file");
    let open = client.begin(Call::Files(FileCall::Open { descriptor: 8, path: missing, flags: 0, mode: 0 }));
    let read = client.begin(Call::Files(FileCall::Fstat { descriptor: 8 }));
    assert_eq!(client.finish(read), Err("EBADF".into()));
    assert_eq!(client.finish(open), Err("ENOENT".into()));
}

#[test]
fn a_series_of_writes_ends_where_one_was_not_done_in_full() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    nix::unistd::mkfifo(&bench.root.join("fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    // Both ways and without waiting: it takes some of what does not fit.
    let open = FileCall::Open { descriptor: 1, path: bench.path("fifo"), flags: 0o4002, mode: 0 };
    client.files(open).unwrap();
    let mut write = |length, series| {
        client.files(FileCall::Write { descriptor: 1, position: None, data: vec![7; length], series })
    };
    assert_eq!(write(10, 1), Ok(FileReply::Written(10)));
    let Ok(FileReply::Written(some)) = write(1 << 20, 1) else { panic!("some of it fits") };
    assert!(some < 1 << 20);
    assert_eq!(write(10, 1), Ok(FileReply::Written(0)));
    assert_eq!(write(10, 2), Err("EAGAIN".into()));
    assert_eq!(write(10, 2), Ok(FileReply::Written(0)));
    assert_eq!(write(10, 0), Err("EAGAIN".into()));
}

#[test]
fn descriptors_do_what_the_kernel_does() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    fs::write(bench.root.join("file"), "0123456789").unwrap();
    let mut open = |flags| {
        let path = bench.path("file");
        client.files(FileCall::Open { descriptor: 2, path, flags, mode: 0 }).unwrap();
    };
    open(0o2002);
    let write = FileCall::Write { descriptor: 2, position: None, data: b"end".to_vec(), series: 0 };
    assert_eq!(client.files(write), Ok(FileReply::Written(3)));
    let read = FileCall::Read { descriptor: 2, position: Some(8), length: 100 };
    assert_eq!(client.files(read), Ok(FileReply::Bytes(b"89end".to_vec())));
    client.files(FileCall::Seek { descriptor: 2, offset: 9 }).unwrap();
    let read = FileCall::Read { descriptor: 2, position: None, length: 2 };
    assert_eq!(client.files(read), Ok(FileReply::Bytes(b"9e".to_vec())));
    client.files(FileCall::Ftruncate { descriptor: 2, length: 4 }).unwrap();
    client.files(FileCall::Fsync { descriptor: 2, data_only: false }).unwrap();
    client.files(FileCall::Fsync { descriptor: 2, data_only: true }).unwrap();
    client.files(FileCall::Fchmod { descriptor: 2, mode: 0o640 }).unwrap();
    client.files(FileCall::Fchown { descriptor: 2, uid: u32::MAX, gid: u32::MAX }).unwrap();
    let times =
        [Time { seconds: -1, nanoseconds: 500_000_000 }, Time { seconds: 2_000_000_000, nanoseconds: 7 }];
    client.files(FileCall::Futimes { descriptor: 2, accessed: times[0], modified: times[1] }).unwrap();
    let Ok(FileReply::Metadata(facts)) = client.files(FileCall::Fstat { descriptor: 2 }) else { panic!() };
    assert_eq!((facts.size, facts.mode), (4, 0o100640));
    assert_eq!([facts.accessed, facts.modified], times);
    assert_ne!(facts.born, Time::default());
    client.files(FileCall::Close { descriptor: 2 }).unwrap();
    for (name, code) in [("none/x", "ENOENT"), ("file/x", "ENOTDIR"), ("", "EISDIR")] {
        assert_eq!(client.write(bench.path(name), b""), Err(code.into()));
    }
    assert_eq!(client.read(bench.path("")), Err("EISDIR".into()));
    assert_eq!(client.read(Vec::new()), Err("ENOENT".into()));
    assert_eq!(client.read(bench.path(&"n".repeat(256))), Err("ENAMETOOLONG".into()));
    assert_eq!(client.read(bench.path(&"n/".repeat(2048))), Err("ENAMETOOLONG".into()));
}

#[test]
fn a_copy_has_content_and_mode() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let content = binary(3_000_000);
    let (from, to) = (bench.root.join("from"), bench.root.join("to"));
    fs::write(&from, &content).unwrap();
    fs::set_permissions(&from, fs::Permissions::from_mode(0o751)).unwrap();
    fs::write(&to, vec![b'x'; 5_000_000]).unwrap();
    let copy =
        |from, to, exclusive| FileCall::CopyFile { from: bench.path(from), to: bench.path(to), exclusive };
    assert_eq!(client.files(copy("from", "to", true)), Err("EEXIST".into()));
    client.files(copy("from", "to", false)).unwrap();
    assert!(fs::read(&to).unwrap() == content);
    assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o7777, 0o751);
    client.files(copy("from", "from", false)).unwrap();
    assert_eq!(fs::metadata(&from).unwrap().len(), content.len() as u64);
    assert_eq!(client.files(copy("none", "x", false)), Err("ENOENT".into()));
    fs::create_dir(bench.root.join("dir")).unwrap();
    assert_eq!(client.files(copy("dir", "x", false)), Err("EISDIR".into()));
    assert_eq!(client.files(copy("from", "dir", false)), Err("EISDIR".into()));
    assert!(!bench.root.join("x").exists());
}

#[test]
fn metadata_is_that_of_the_kernel() {
    use std::os::unix::fs::MetadataExt;
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    fs::write(bench.root.join("file"), "abc").unwrap();
    let path = || bench.path("file");
    client.files(FileCall::Chmod { path: path(), mode: 0o4755 }).unwrap();
    client.files(FileCall::Truncate { path: path(), length: 10 }).unwrap();
    client.files(FileCall::Chown { path: path(), uid: u32::MAX, gid: u32::MAX, follow: true }).unwrap();
    let time = Time { seconds: 1_500_000_000, nanoseconds: 123_456_789 };
    client.files(FileCall::Utimes { path: path(), accessed: time, modified: time, follow: true }).unwrap();
    let Ok(FileReply::Metadata(seen)) = client.files(FileCall::Stat { path: path(), follow: true }) else {
        panic!()
    };
    let real = fs::metadata(bench.root.join("file")).unwrap();
    assert_eq!(
        (seen.dev, seen.ino, seen.mode, seen.nlink, seen.size, seen.blocks, seen.blksize),
        (real.dev(), real.ino(), real.mode(), real.nlink(), 10, real.blocks(), real.blksize())
    );
    assert_eq!(seen.modified, time);
    let Ok(FileReply::FileSystem(system)) = client.files(FileCall::StatFs { path: path() }) else { panic!() };
    assert!(system.bsize > 0 && system.kind != 0);
    assert!(client.files(FileCall::Access { path: path(), mode: 4 | 1 }).is_ok());
    client.files(FileCall::Chmod { path: path(), mode: 0o644 }).unwrap();
    // Not even root may execute a file without any x.
    assert_eq!(client.files(FileCall::Access { path: path(), mode: 1 }), Err("EACCES".into()));
    assert_eq!(client.files(FileCall::Access { path: bench.path("none"), mode: 0 }), Err("ENOENT".into()));
}
