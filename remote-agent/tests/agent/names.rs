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
        let made = client.files(FileCall::MakeTemporary { prefix: bench.path("pre-") });
        let Ok(FileReply::Path(path)) = made else { panic!("{made:?}") };
        let path = String::from_utf8(path).unwrap();
        let name = path.strip_prefix(&String::from_utf8(bench.path("pre-")).unwrap()).unwrap();
        assert!(name.len() == 6 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
        assert_eq!(fs::metadata(&path).unwrap().mode(), 0o040700);
        assert!(!seen.contains(&path));
        seen.push(path);
    }
    let missing = FileCall::MakeTemporary { prefix: bench.path("none/x") };
    assert_eq!(client.files(missing), Err("ENOENT".into()));
}

#[test]
fn entries_have_names_and_kinds() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    client.shell(&bench, "mkdir d; touch f; ln -s f l; mkfifo p");
    let Ok(FileReply::Entries(mut entries)) = client.files(FileCall::ReadDirectory { path: bench.path("") })
    else {
        panic!()
    };
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
    assert_eq!(client.files(FileCall::ReadDirectory { path: bench.path("f") }), Err("ENOTDIR".into()));
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
