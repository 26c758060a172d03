//! Nothing outside the roots is reached, by whichever way paths are resolved.

use std::{
    fs,
    os::unix::fs::symlink,
    sync::atomic::{AtomicBool, Ordering},
};

use remote_agent::Resolver;
use wire_protocol::{
    OUTSIDE,
    files::{FileCall, FileReply, Time},
    processes::ProcessCall,
    watch::WatchCall,
};

use crate::bench::{Bench, Client, bytes, shell};

const BOTH: [Resolver; 2] = [Resolver::Kernel, Resolver::Walk];

/// Every call that takes a path, made on `path`; `other` is a path that may be used freely.
fn all_calls(path: &[u8], other: &[u8]) -> Vec<FileCall> {
    let (path, other) = (|| path.to_vec(), || other.to_vec());
    let time = Time { seconds: 1, nanoseconds: 0 };
    vec![
        FileCall::Open { descriptor: 1, path: path(), flags: 0, mode: 0 },
        FileCall::Open { descriptor: 1, path: path(), flags: 0o101, mode: 0o666 },
        FileCall::Stat { path: path(), follow: true },
        FileCall::StatFs { path: path() },
        FileCall::Access { path: path(), mode: 0 },
        FileCall::ReadDirectory { descriptor: 1, path: path() },
        FileCall::RealPath { path: path() },
        FileCall::Chmod { path: path(), mode: 0o777 },
        FileCall::Chown { path: path(), uid: 0, gid: 0, follow: true },
        FileCall::Utimes { path: path(), accessed: time, modified: time, follow: true },
        FileCall::Truncate { path: path(), length: 0 },
        FileCall::CopyFile { from: path(), to: other(), exclusive: false },
        FileCall::ReadFile { descriptor: 1, path: path(), flags: 0 },
        FileCall::WriteFile { path: path(), flags: 0o1101, mode: 0o666, data: vec![1], flush: false },
    ]
}

/// Every call that acts on the name at the end of a path, made on `path`.
fn name_calls(path: &[u8], other: &[u8]) -> Vec<FileCall> {
    let (path, other) = (|| path.to_vec(), || other.to_vec());
    let time = Time { seconds: 1, nanoseconds: 0 };
    vec![
        FileCall::Stat { path: path(), follow: false },
        FileCall::ReadLink { path: path() },
        FileCall::MakeDirectory { path: path(), mode: 0o777, recursive: false },
        FileCall::MakeDirectory { path: path(), mode: 0o777, recursive: true },
        FileCall::MakeTemporary { prefix: path(), mode: 0o700 },
        FileCall::RemoveTree { path: path() },
        FileCall::RemoveDirectory { path: path() },
        FileCall::Unlink { path: path() },
        FileCall::Rename { from: path(), to: other() },
        FileCall::Rename { from: other(), to: path() },
        FileCall::Link { from: path(), to: other() },
        FileCall::Link { from: other(), to: path() },
        FileCall::Symlink { target: b"x".to_vec(), path: path() },
        FileCall::Chown { path: path(), uid: 0, gid: 0, follow: false },
        FileCall::Utimes { path: path(), accessed: time, modified: time, follow: false },
    ]
}

fn refused(client: &mut Client, calls: Vec<FileCall>, resolver: Resolver) {
    for call in calls {
        let shown = format!("{call:?} by {resolver:?}");
        assert_eq!(client.files(call), Err(OUTSIDE.into()), "{shown}");
    }
}

/// What lies outside is as it was.
fn untouched(bench: &Bench) {
    let names: Vec<_> =
        fs::read_dir(&bench.outside).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["secret"]);
    assert_eq!(fs::read(bench.outside.join("secret")).unwrap(), b"secret");
}

#[test]
fn a_path_outside_is_refused() {
    for resolver in BOTH {
        let bench = Bench::new(resolver);
        let mut client = bench.connect();
        fs::create_dir(bench.root.with_file_name("root-lookalike")).unwrap();
        fs::write(bench.root.join("other"), "").unwrap();
        let other = bench.path("other");
        for outside in [
            bench.beside("outside/secret"),
            bench.beside("root-lookalike"),
            bench.beside("root-lookalike/x"),
            bench.beside("roo"),
            bench.path("../outside/secret"),
            bench.path("other/../../outside/secret"),
            bench.path("missing/../../outside/secret"),
            b"/etc/passwd".to_vec(),
            b"/".to_vec(),
        ] {
            // A file or nothing in the way is told before the way out is seen, as everywhere.
            if outside.windows(9).any(|part| part == b"other/../" || part == b"missing/.") {
                let stat = FileCall::Stat { path: outside, follow: true };
                let code = client.files(stat).unwrap_err();
                assert!(["ENOTDIR", "ENOENT"].contains(&code.as_str()), "{code}");
                continue;
            }
            refused(&mut client, all_calls(&outside, &other), resolver);
            refused(&mut client, name_calls(&outside, &other), resolver);
        }
        untouched(&bench);
    }
}

#[test]
fn no_link_leads_outside() {
    for resolver in BOTH {
        let bench = Bench::new(resolver);
        let mut client = bench.connect();
        let root = &bench.root;
        fs::write(root.join("other"), "").unwrap();
        symlink(&bench.outside, root.join("absolute")).unwrap();
        symlink("../outside", root.join("relative")).unwrap();
        symlink("chain2", root.join("chain")).unwrap();
        symlink("chain3", root.join("chain2")).unwrap();
        symlink("../outside", root.join("chain3")).unwrap();
        symlink("..", root.join("up")).unwrap();
        symlink(bench.outside.join("secret"), root.join("file")).unwrap();
        symlink("../outside/new", root.join("dangling")).unwrap();
        symlink(bench.outside.join("new"), root.join("dangling-absolute")).unwrap();
        let other = bench.path("other");
        for way in [
            "absolute/secret",
            "relative/secret",
            "chain/secret",
            "chain3/secret",
            "up/outside/secret",
            "chain/new",
            "file",
            "dangling",
            "dangling-absolute",
        ] {
            refused(&mut client, all_calls(&bench.path(way), &other), resolver);
        }
        for way in
            ["absolute/secret", "relative/secret", "chain/new", "up/outside/x", "absolute/.", "relative/"]
        {
            let calls = name_calls(&bench.path(way), &other).into_iter().filter(|call| match call {
                // What only acts on the link's own name does not go through it.
                FileCall::Stat { .. } | FileCall::ReadLink { .. } | FileCall::Utimes { .. } => true,
                _ => !way.ends_with('/'),
            });
            refused(&mut client, calls.collect(), resolver);
        }
        untouched(&bench);
    }
}

#[test]
fn the_links_themselves_can_be_handled() {
    for resolver in BOTH {
        let bench = Bench::new(resolver);
        let mut client = bench.connect();
        symlink(&bench.outside, bench.root.join("out")).unwrap();
        let target = bytes(&bench.outside);
        let path = || bench.path("out");
        assert_eq!(client.files(FileCall::ReadLink { path: path() }), Ok(FileReply::Path(target.clone())));
        let FileReply::Metadata(facts) =
            client.files(FileCall::Stat { path: path(), follow: false }).unwrap()
        else {
            panic!("no metadata")
        };
        assert_eq!(facts.mode & 0o170000, 0o120000);
        client.files(FileCall::Link { from: path(), to: bench.path("hard") }).unwrap();
        assert_eq!(
            client.files(FileCall::ReadLink { path: bench.path("hard") }),
            Ok(FileReply::Path(target))
        );
        client.files(FileCall::Rename { from: path(), to: bench.path("moved") }).unwrap();
        client.files(FileCall::Unlink { path: bench.path("moved") }).unwrap();
        client.files(FileCall::RemoveTree { path: bench.path("hard") }).unwrap();
        untouched(&bench);
    }
}

#[test]
fn a_tree_is_removed_without_following_links() {
    for resolver in BOTH {
        let bench = Bench::new(resolver);
        let mut client = bench.connect();
        fs::create_dir_all(bench.root.join("tree/a/b")).unwrap();
        symlink(&bench.outside, bench.root.join("tree/a/b/out")).unwrap();
        symlink("tree", bench.root.join("link")).unwrap();
        assert!(client.files(FileCall::RemoveTree { path: bench.path("link/") }).is_err());
        client.files(FileCall::RemoveTree { path: bench.path("tree") }).unwrap();
        assert!(!bench.root.join("tree").exists());
        untouched(&bench);
    }
}

#[test]
fn a_tree_deeper_than_any_path_is_removed() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    let deep = "i=0; while [ $i -lt 400 ]; do mkdir directory-with-a-long-name; cd -P directory-with-a-long-name; i=$((i+1)); done";
    client.shell(&bench, deep);
    client.files(FileCall::RemoveTree { path: bench.path("directory-with-a-long-name") }).unwrap();
    assert!(fs::read_dir(&bench.root).unwrap().next().is_none());
}

#[test]
fn links_inside_are_followed() {
    for resolver in BOTH {
        let bench = Bench::with_more(resolver, &[("shared", true)]);
        let mut client = bench.connect();
        let root = &bench.root;
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("a/file"), "inside").unwrap();
        fs::write(root.with_file_name("shared").join("file"), "shared").unwrap();
        symlink(root.join("a"), root.join("absolute")).unwrap();
        symlink("../../a/file", root.join("a/b/up")).unwrap();
        symlink("absolute/b/up", root.join("chain")).unwrap();
        symlink(root.with_file_name("shared"), root.join("other-root")).unwrap();
        symlink("../shared", root.join("other-root-relative")).unwrap();
        symlink("../root/a/file", root.join("out-and-in")).unwrap();
        for (way, content) in [
            ("absolute/file", "inside"),
            ("absolute//b/../file", "inside"),
            ("a/b/up", "inside"),
            ("chain", "inside"),
            ("out-and-in", "inside"),
            ("other-root/file", "shared"),
            ("other-root-relative/file", "shared"),
            ("other-root-relative/../root/a/file", "inside"),
        ] {
            let read = client.read(bench.path(way));
            assert_eq!(read.as_deref(), Ok(content.as_bytes()), "{way} by {resolver:?}");
        }
        let real = client.files(FileCall::RealPath { path: bench.path("chain") });
        assert_eq!(real, Ok(FileReply::Path(bench.path("a/file"))));
    }
}

#[test]
fn a_file_is_made_through_a_dangling_link_inside() {
    for resolver in BOTH {
        let bench = Bench::new(resolver);
        let mut client = bench.connect();
        symlink("made", bench.root.join("relative")).unwrap();
        symlink(bench.root.join("made2"), bench.root.join("absolute")).unwrap();
        client.write(bench.path("relative"), b"1").unwrap();
        client.write(bench.path("absolute"), b"2").unwrap();
        assert_eq!(fs::read(bench.root.join("made")).unwrap(), b"1");
        assert_eq!(fs::read(bench.root.join("made2")).unwrap(), b"2");
        let exclusive =
            FileCall::Open { descriptor: 1, path: bench.path("relative"), flags: 0o301, mode: 0o600 };
        assert_eq!(client.files(exclusive), Err("EEXIST".into()));
    }
}

#[test]
fn nothing_is_made_where_the_path_ends_in_a_slash() {
    for resolver in BOTH {
        let bench = Bench::new(resolver);
        let mut client = bench.connect();
        let root = &bench.root;
        fs::create_dir(root.join("a")).unwrap();
        fs::write(root.join("a/file"), "").unwrap();
        symlink(root.join("a"), root.join("absolute")).unwrap();
        symlink(format!("{}/new/", root.display()), root.join("slashed")).unwrap();
        symlink("loop", root.join("a/loop")).unwrap();
        for (path, made, opened) in [
            ("slashed", "EISDIR", "ENOENT"),
            ("absolute/new/", "EISDIR", "ENOENT"),
            ("absolute/file/", "EISDIR", "ENOTDIR"),
            ("absolute/loop/", "EISDIR", "ELOOP"),
            ("absolute/missing/new/", "ENOENT", "ENOENT"),
            ("absolute/file/.", "ENOTDIR", "ENOTDIR"),
        ] {
            let mut open = |flags| {
                client.files(FileCall::Open { descriptor: 1, path: bench.path(path), flags, mode: 0o666 })
            };
            assert_eq!(open(0o101), Err(made.into()), "{path} by {resolver:?}");
            assert_eq!(open(0), Err(opened.into()), "{path} by {resolver:?}");
        }
        // Where nothing can be made, an exclusive call says so first.
        let exclusive =
            FileCall::Open { descriptor: 1, path: bench.path("absolute/file/"), flags: 0o301, mode: 0o666 };
        assert_eq!(client.files(exclusive), Err("EISDIR".into()));
        assert!(!root.join("new").exists() && !root.join("a/new").exists());
    }
}

#[test]
fn too_many_links_are_a_loop() {
    for resolver in BOTH {
        let bench = Bench::new(resolver);
        let mut client = bench.connect();
        symlink("two", bench.root.join("one")).unwrap();
        symlink("one", bench.root.join("two")).unwrap();
        for way in ["one", "one/x"] {
            assert_eq!(client.read(bench.path(way)), Err("ELOOP".into()), "{way} by {resolver:?}");
        }
        let nofollow = FileCall::Open { descriptor: 1, path: bench.path("one"), flags: 0o400000, mode: 0 };
        assert_eq!(client.files(nofollow), Err("ELOOP".into()));
    }
}

#[test]
fn a_slash_at_the_end_means_a_directory() {
    for resolver in BOTH {
        let bench = Bench::new(resolver);
        let mut client = bench.connect();
        fs::create_dir(bench.root.join("dir")).unwrap();
        fs::write(bench.root.join("file"), "").unwrap();
        symlink("dir", bench.root.join("link")).unwrap();
        symlink("file", bench.root.join("filelink")).unwrap();
        for (path, expected) in [
            ("link/", Ok(0o040000)),
            ("link", Ok(0o120000)),
            ("link/.", Ok(0o040000)),
            ("link/..", Ok(0o040000)),
            ("dir//", Ok(0o040000)),
            ("file/", Err("ENOTDIR")),
            ("file/.", Err("ENOTDIR")),
            ("file/..", Err("ENOTDIR")),
            ("filelink/", Err("ENOTDIR")),
            ("none/", Err("ENOENT")),
        ] {
            let kind = client.files(FileCall::Stat { path: bench.path(path), follow: false });
            let kind = kind.map(|reply| match reply {
                FileReply::Metadata(facts) => facts.mode & 0o170000,
                other => panic!("{other:?}"),
            });
            assert_eq!(kind, expected.map_err(str::to_owned), "lstat {path} by {resolver:?}");
        }
        let code = |reply: Result<FileReply, String>| reply.unwrap_err();
        assert_eq!(code(client.files(FileCall::Unlink { path: bench.path("file/") })), "ENOTDIR");
        assert_eq!(code(client.files(FileCall::Unlink { path: bench.path("dir/.") })), "EISDIR");
        assert_eq!(code(client.files(FileCall::RemoveDirectory { path: bench.path("dir/.") })), "EINVAL");
        assert_eq!(code(client.files(FileCall::RemoveDirectory { path: bench.path("link/") })), "ENOTDIR");
        assert_eq!(code(client.files(FileCall::ReadLink { path: bench.path("link/") })), "EINVAL");
        let make = |name| FileCall::MakeDirectory { path: bench.path(name), mode: 0o777, recursive: false };
        client.files(make("made/")).unwrap();
        assert_eq!(code(client.files(make("link/"))), "EEXIST");
        client.files(FileCall::Rename { from: bench.path("made/"), to: bench.path("moved/") }).unwrap();
        client.files(FileCall::RemoveDirectory { path: bench.path("moved/") }).unwrap();
    }
}

#[test]
fn the_root_itself_is_there_and_stays() {
    for resolver in BOTH {
        let bench = Bench::new(resolver);
        let mut client = bench.connect();
        fs::write(bench.root.join("file"), "").unwrap();
        let root = || bytes(&bench.root);
        assert!(client.files(FileCall::Stat { path: root(), follow: false }).is_ok());
        assert!(client.files(FileCall::Access { path: root(), mode: 7 }).is_ok());
        assert_eq!(client.files(FileCall::RealPath { path: bench.path("") }), Ok(FileReply::Path(root())));
        let Ok(FileReply::Entries { entries, .. }) =
            client.files(FileCall::ReadDirectory { descriptor: 1, path: root() })
        else {
            panic!("no entries")
        };
        assert_eq!(entries.len(), 1);
        for (call, code) in [
            (FileCall::RemoveDirectory { path: root() }, "EBUSY"),
            (FileCall::RemoveTree { path: root() }, "EBUSY"),
            (FileCall::Rename { from: root(), to: bench.path("x") }, "EBUSY"),
            (FileCall::Rename { from: bench.path("file"), to: root() }, "EBUSY"),
            (FileCall::Unlink { path: root() }, "EISDIR"),
            (FileCall::MakeDirectory { path: root(), mode: 0o777, recursive: false }, "EEXIST"),
            (FileCall::Symlink { target: b"x".to_vec(), path: root() }, "EEXIST"),
        ] {
            assert_eq!(client.files(call), Err(code.into()));
        }
        let again = FileCall::MakeDirectory { path: root(), mode: 0o777, recursive: true };
        assert_eq!(client.files(again), Ok(FileReply::Done));
        assert!(bench.root.join("file").exists());
    }
}

#[test]
fn a_root_may_be_for_reading_only() {
    for resolver in BOTH {
        let bench = Bench::with_more(resolver, &[("library", false)]);
        let mut client = bench.connect();
        fs::write(bench.root.with_file_name("library").join("file"), "text").unwrap();
        fs::write(bench.root.join("other"), "").unwrap();
        symlink(bench.root.with_file_name("library"), bench.root.join("link")).unwrap();
        symlink("../library", bench.root.join("relative")).unwrap();
        let file = || bench.beside("library/file");
        for way in [file(), bench.path("link/file"), bench.path("relative/file")] {
            assert_eq!(client.read(way.clone()), Ok(b"text".to_vec()));
            assert_eq!(client.write(way.clone(), b"x"), Err("EROFS".into()));
            for call in [
                FileCall::Unlink { path: way.clone() },
                FileCall::RemoveTree { path: way.clone() },
                FileCall::Chmod { path: way.clone(), mode: 0 },
                FileCall::Truncate { path: way.clone(), length: 0 },
                FileCall::Access { path: way.clone(), mode: 2 },
                FileCall::Rename { from: bench.path("other"), to: way.clone() },
                FileCall::Rename { from: way.clone(), to: bench.path("x") },
                FileCall::Link { from: way.clone(), to: bench.path("x") },
            ] {
                let shown = format!("{call:?} by {resolver:?}");
                assert_eq!(client.files(call), Err("EROFS".into()), "{shown}");
            }
        }
        client.files(FileCall::Open { descriptor: 4, path: file(), flags: 0, mode: 0 }).unwrap();
        assert_eq!(client.files(FileCall::Fchmod { descriptor: 4, mode: 0 }), Err("EROFS".into()));
        let library = || bench.beside("library");
        let make = |path, recursive| FileCall::MakeDirectory { path, mode: 0o777, recursive };
        assert_eq!(client.files(make(library(), true)), Ok(FileReply::Done));
        assert_eq!(client.files(make(file(), false)), Err("EEXIST".into()));
        assert_eq!(client.files(make(bench.beside("library/new"), true)), Err("EROFS".into()));
    }
}

#[test]
fn no_watch_starts_outside_while_a_process_goes_where_it_wants() {
    for resolver in BOTH {
        let bench = Bench::new(resolver);
        let mut client = bench.connect();
        symlink(&bench.outside, bench.root.join("out")).unwrap();
        let paths = [bytes(&bench.outside), bench.path("out"), bench.path(".."), b"/".to_vec()];
        for (number, path) in (1..).zip(paths) {
            let mut spawn = shell(&bench, number, "pwd");
            spawn.cwd = path.clone();
            assert!(client.processes(ProcessCall::Spawn(spawn)).is_ok());
            client.exit(number);
            let watch = WatchCall::Start { watch: number, path, recursive: false };
            assert_eq!(client.watch(watch), Err(OUTSIDE.into()));
        }
    }
}

/// Stops the attacker however the test ends.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A link that is swapped between a directory inside and one outside all the time never leads outside.
#[test]
fn an_attacker_who_swaps_a_link_gets_nothing() {
    for resolver in BOTH {
        let bench = Bench::new(resolver);
        let root = &bench.root;
        fs::create_dir(root.join("inside")).unwrap();
        fs::write(root.join("inside/secret"), "inside").unwrap();
        fs::create_dir(root.join("plain")).unwrap();
        fs::write(root.join("plain/secret"), "inside").unwrap();
        symlink("../outside", root.join("swap")).unwrap();
        symlink(&bench.outside, root.join("bad")).unwrap();
        symlink("inside", root.join("good")).unwrap();
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    for target in ["good", "bad", "plain"] {
                        // RENAME_EXCHANGE: the name is always there, now this and now that.
                        let (a, b) = (root.join(target), root.join("swap"));
                        let flags = rustix::fs::RenameFlags::EXCHANGE;
                        rustix::fs::renameat_with(rustix::fs::CWD, &a, rustix::fs::CWD, &b, flags).unwrap();
                    }
                }
            });
            let _stop = Stop(&stop);
            let mut client = bench.connect();
            let mut seen = [0_u32; 2];
            for round in 0..1500 {
                match client.read(bench.path("swap/secret")) {
                    Ok(content) => {
                        assert_eq!(content, b"inside", "by {resolver:?}");
                        seen[0] += 1;
                    }
                    Err(code) => {
                        assert!([OUTSIDE, "ENOTDIR", "ELOOP", "ENOENT"].contains(&code.as_str()), "{code}");
                        seen[1] += 1;
                    }
                }
                let _ = client.write(bench.path("swap/written"), b"x");
                let _ = client.files(FileCall::Unlink { path: bench.path("swap/secret2") });
                let to = bench.path("swap/made");
                let _ = match round % 3 {
                    0 => client.files(FileCall::MakeDirectory { path: to, mode: 0o777, recursive: true }),
                    1 => client.files(FileCall::RemoveTree { path: to }),
                    _ => client.files(FileCall::Rename { from: bench.path("swap/written"), to }),
                };
            }
            assert!(seen.iter().all(|count| *count > 0), "the swap was never met: {seen:?}");
        });
        untouched(&bench);
    }
}
