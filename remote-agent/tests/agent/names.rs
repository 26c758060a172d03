//! Making, listing, moving and removing.

use std::{fs, os::unix::fs::MetadataExt};

use remote_agent::Resolver;
use wire_protocol::files::{EntryKind, FileCall, FileReply};

use crate::bench::Bench;

fn make(path: Vec<u8>, recursive: bool) -> FileCall {
    FileCall::MakeDirectory { path, mode: 0o777, recursive }
}

#[test]
fn directories_are_made_as_node_makes_them() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    fs::write(bench.root.join("file"), "").unwrap();
    for (name, recursive, expected) in [
        ("a/b", false, Err("ENOENT")),
        ("a", false, Ok(FileReply::Done)),
        ("a", false, Err("EEXIST")),
        ("a", true, Ok(FileReply::Done)),
        ("a/b//c/./d/", true, Ok(FileReply::Path(bench.path("a/b")))),
        ("a/b/c/d/e", true, Ok(FileReply::Path(bench.path("a/b/c/d/e")))),
        ("file", true, Err("EEXIST")),
        ("file/x", true, Err("ENOTDIR")),
        ("file/x/y", true, Err("ENOTDIR")),
    ] {
        let made = client.files(make(bench.path(name), recursive));
        assert_eq!(made, expected.map_err(str::to_owned), "{name}");
    }
    assert!(bench.root.join("a/b/c/d/e").is_dir());
}

#[test]
fn temporary_directories_have_names_of_their_own() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let made = client.files(FileCall::MakeTemporary { prefix: bench.path("pre-"), mode: 0o700 });
        let Ok(FileReply::Path(path)) = made else { panic!("{made:?}") };
        let path = String::from_utf8(path).unwrap();
        let name = path.strip_prefix(&String::from_utf8(bench.path("pre-")).unwrap()).unwrap();
        assert!(name.len() == 6 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
        assert_eq!(fs::metadata(&path).unwrap().mode(), 0o040700);
        assert!(!seen.contains(&path));
        seen.push(path);
    }
    let missing = FileCall::MakeTemporary { prefix: bench.path("none/x"), mode: 0o700 };
    assert_eq!(client.files(missing), Err("ENOENT".into()));
}

#[test]
fn entries_have_names_and_kinds() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    client.shell(&bench, "mkdir d; touch f; ln -s f l; mkfifo p");
    let list = FileCall::ReadDirectory { descriptor: 1, path: bench.path("") };
    let Ok(FileReply::Entries { mut entries, more: false }) = client.files(list) else { panic!() };
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let seen: Vec<_> = entries.iter().map(|entry| (entry.name.as_slice(), entry.kind)).collect();
    assert_eq!(
        seen,
        [
            (&b"d"[..], EntryKind::Directory),
            (b"f", EntryKind::File),
            (b"l", EntryKind::Link),
            (b"p", EntryKind::Fifo)
        ]
    );
    assert_eq!(
        client.files(FileCall::ReadDirectory { descriptor: 1, path: bench.path("f") }),
        Err("ENOTDIR".into())
    );
}

#[test]
fn names_are_moved_linked_and_removed() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    fs::write(bench.root.join("a"), "a").unwrap();
    fs::create_dir(bench.root.join("dir")).unwrap();
    let path = |name| bench.path(name);
    client.files(FileCall::Link { from: path("a"), to: path("hard") }).unwrap();
    assert_eq!(fs::metadata(bench.root.join("a")).unwrap().nlink(), 2);
    client.files(FileCall::Symlink { target: b"a".to_vec(), path: path("soft") }).unwrap();
    assert_eq!(client.read(path("soft")), Ok(b"a".to_vec()));
    client.files(FileCall::Rename { from: path("a"), to: path("dir/b") }).unwrap();
    for (call, code) in [
        (FileCall::ReadLink { path: path("hard") }, "EINVAL"),
        (FileCall::Unlink { path: path("dir") }, "EISDIR"),
        (FileCall::RemoveDirectory { path: path("dir") }, "ENOTEMPTY"),
        (FileCall::RemoveDirectory { path: path("hard") }, "ENOTDIR"),
        (FileCall::Rename { from: path("hard"), to: path("dir") }, "EISDIR"),
        (FileCall::Link { from: path("dir"), to: path("x") }, "EPERM"),
        (FileCall::Unlink { path: path("a") }, "ENOENT"),
        (FileCall::RemoveTree { path: path("a") }, "ENOENT"),
        (FileCall::RealPath { path: path("soft") }, "ENOENT"),
    ] {
        let shown = format!("{call:?}");
        assert_eq!(client.files(call), Err(code.into()), "{shown}");
    }
    client.files(FileCall::Unlink { path: path("dir/b") }).unwrap();
    client.files(FileCall::RemoveDirectory { path: path("dir") }).unwrap();
    client.files(FileCall::RemoveTree { path: path("hard") }).unwrap();
    assert!(!bench.root.join("hard").exists());
}

#[test]
fn a_large_directory_comes_in_steps() {
    const ENTRIES: usize = 6000;
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    for number in 0..ENTRIES {
        fs::File::create(bench.root.join(format!("{number:0>250}"))).unwrap();
    }
    let mut names = std::collections::HashSet::new();
    let mut call = FileCall::ReadDirectory { descriptor: 1, path: bench.path("") };
    let mut steps = 0;
    loop {
        let Ok(FileReply::Entries { entries, more }) = client.files(call) else { panic!("no entries") };
        assert!(entries.len() < ENTRIES / 2, "{} entries in one frame", entries.len());
        names.extend(entries.into_iter().map(|entry| entry.name));
        steps += 1;
        if !more {
            break;
        }
        call = FileCall::ReadEntries { descriptor: 1 };
    }
    assert_eq!(names.len(), ENTRIES);
    assert!((3..6).contains(&steps), "{steps} steps");
    assert_eq!(client.files(FileCall::Close { descriptor: 1 }), Ok(FileReply::Done));
    assert_eq!(client.files(FileCall::ReadEntries { descriptor: 1 }), Err("EBADF".into()));
}
