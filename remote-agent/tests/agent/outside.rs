//! What lies outside the roots: asked for within the rule, read if the user wants it so, never changed.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

use remote_agent::Resolver;
use wire_protocol::{
    Call, OUTSIDE, Reply,
    files::{FileCall, FileReply},
    leases::Fact,
};

use crate::bench::{Bench, Client};

const BOTH: [Resolver; 2] = [Resolver::Kernel, Resolver::Walk];

/// A bench with context and a program outside of its root.
fn bench(resolver: Resolver, readable: bool) -> Bench {
    let bench = Bench::with_outside(resolver, &[], Some(readable));
    let base = bench.root.with_file_name("");
    fs::create_dir_all(base.join(".agents/skills/x")).unwrap();
    fs::create_dir(base.join("bin")).unwrap();
    for (name, mode) in
        [("AGENTS.md", 0o644), (".agents/skills/x/SKILL.md", 0o644), ("bin/tool", 0o755), ("other", 0o644)]
    {
        fs::write(base.join(name), name).unwrap();
        fs::set_permissions(base.join(name), PermissionsExt::from_mode(mode)).unwrap();
    }
    symlink("../outside/secret", bench.root.join("out")).unwrap();
    symlink("../bin/tool", bench.root.join("tool")).unwrap();
    symlink("../outside/secret", base.join("bin/led")).unwrap();
    bench
}

fn read(client: &mut Client, path: Vec<u8>) -> Result<Vec<u8>, String> {
    match client.files(FileCall::ReadFile { descriptor: 1, path, flags: 0 })? {
        FileReply::Content { data, .. } => Ok(data),
        other => panic!("{other:?}"),
    }
}

fn stat(client: &mut Client, path: Vec<u8>) -> Result<(), String> {
    client.files(FileCall::Stat { path, follow: true }).map(drop)
}

#[test]
fn what_is_above_the_root_and_programs_may_be_asked_for_and_context_read() {
    for resolver in BOTH {
        let bench = bench(resolver, false);
        let mut client = bench.connect();
        for name in ["", "AGENTS.md", "bin", "bin/tool", "bin/led", ".agents"] {
            assert_eq!(stat(&mut client, bench.beside(name)), Ok(()), "{name}");
        }
        assert_eq!(stat(&mut client, bench.path("..")), Ok(()));
        assert_eq!(stat(&mut client, bench.path("tool")), Ok(()), "a link to a program");
        assert_eq!(stat(&mut client, b"/bin/sh".to_vec()), Ok(()));
        assert_eq!(stat(&mut client, bench.beside("CLAUDE.md")), Err("ENOENT".into()));
        assert_eq!(read(&mut client, bench.beside("AGENTS.md")), Ok(b"AGENTS.md".to_vec()));
        let skill = ".agents/skills/x/SKILL.md";
        assert_eq!(read(&mut client, bench.beside(skill)), Ok(skill.into()));
        let list = |path| FileCall::ReadDirectory { descriptor: 1, path };
        assert!(client.files(list(bench.beside(".agents/skills"))).is_ok());
        assert_eq!(client.files(list(bench.beside(""))), Err(OUTSIDE.into()));
        for name in ["other", "outside", "outside/secret", "bin/../other", "bin/x/y"] {
            assert_eq!(stat(&mut client, bench.beside(name)), Err(OUTSIDE.into()), "{name}");
        }
        for path in [bench.beside("bin/tool"), bench.path("out"), bench.path("tool"), bench.beside("bin/led")]
        {
            assert_eq!(read(&mut client, path), Err(OUTSIDE.into()));
        }
        let access = |path, mode| FileCall::Access { path, mode };
        assert_eq!(client.files(access(bench.beside("bin/tool"), 1)), Ok(FileReply::Done));
        for mode in [4, 2] {
            assert_eq!(client.files(access(bench.beside("bin/tool"), mode)), Err(OUTSIDE.into()));
        }
    }
}

#[test]
fn nothing_outside_is_changed_whether_it_may_be_read_or_not() {
    for (resolver, readable) in BOTH.map(|resolver| [(resolver, false), (resolver, true)]).concat() {
        let bench = bench(resolver, readable);
        let mut client = bench.connect();
        let write =
            |path| FileCall::WriteFile { path, flags: 0o1101, mode: 0o666, data: vec![], flush: false };
        for path in
            [bench.beside("AGENTS.md"), bench.beside("bin/tool"), bench.beside("new"), bench.path("out")]
        {
            assert_eq!(client.files(write(path)), Err(OUTSIDE.into()));
        }
        for path in [bench.beside("AGENTS.md"), bench.beside("other")] {
            assert_eq!(client.files(FileCall::Unlink { path }), Err(OUTSIDE.into()));
        }
        let make = |path, recursive| FileCall::MakeDirectory { path, mode: 0o777, recursive };
        assert_eq!(client.files(make(bench.beside(""), true)), Ok(FileReply::Done), "it is there");
        assert_eq!(client.files(make(bench.beside(""), false)), Err("EEXIST".into()));
        assert_eq!(client.files(make(bench.beside("new/x"), true)), Err(OUTSIDE.into()));
        assert_eq!(fs::read(bench.outside.join("secret")).unwrap(), b"secret");
    }
}

#[test]
fn what_may_be_read_outside_is_read_and_the_root_stays_writable_by_every_spelling() {
    for resolver in BOTH {
        let bench = bench(resolver, true);
        let mut client = bench.connect();
        assert_eq!(read(&mut client, bench.path("out")), Ok(b"secret".to_vec()));
        assert_eq!(read(&mut client, bench.beside("outside/secret")), Ok(b"secret".to_vec()));
        client.write(bench.beside("outside/../root/new"), b"1").unwrap();
        client.write(bench.path("../root/other"), b"2").unwrap();
        assert_eq!(fs::read(bench.root.join("new")).unwrap(), b"1");
    }
}

#[test]
fn what_is_asked_for_outside_is_told_for_keeping_and_nothing_beside_it() {
    let bench = bench(Resolver::detect(), false);
    let mut client = bench.connect();
    for (name, found) in [("CLAUDE.md", false), ("bin/tool", true)] {
        let call = FileCall::Stat { path: bench.beside(name), follow: true };
        let id = client.begin(Call::Learn(call));
        let Ok(Reply::Learned { outcome, facts }) = client.finish(id) else { panic!() };
        assert_eq!(outcome.is_ok(), found);
        let last = name.rsplit('/').next().unwrap().as_bytes();
        let names = facts.iter().filter(
            |fact| matches!(fact, Fact::Name { name, leads, .. } if name == last && leads.is_some() == found),
        );
        assert_eq!(names.count(), 1, "{facts:?}");
        assert!(!facts.iter().any(|fact| matches!(fact, Fact::Listing { .. })), "{facts:?}");
    }
}
