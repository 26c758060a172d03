//! Watching, with the meaning of Node's fs.watch on Linux.

use std::fs;

use remote_agent::Resolver;
use wire_protocol::watch::{WatchCall, WatchEvent};

use crate::bench::Bench;

fn start(watch: u32, path: Vec<u8>, recursive: bool) -> WatchCall {
    WatchCall::Start { watch, path, recursive }
}

fn rename(name: &str) -> WatchEvent {
    WatchEvent::Rename { name: name.as_bytes().to_vec() }
}

fn change(name: &str) -> WatchEvent {
    WatchEvent::Change { name: name.as_bytes().to_vec() }
}

#[test]
fn a_directory_reports_its_entries() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    client.watch(start(1, bench.path(""), false)).unwrap();
    fs::write(bench.root.join("file"), "text").unwrap();
    client.event(1, &rename("file"));
    client.event(1, &change("file"));
    fs::rename(bench.root.join("file"), bench.root.join("moved")).unwrap();
    client.event(1, &rename("file"));
    client.event(1, &rename("moved"));
    fs::remove_file(bench.root.join("moved")).unwrap();
    client.event(1, &rename("moved"));
    fs::create_dir(bench.root.join("dir")).unwrap();
    client.event(1, &rename("dir"));
}

#[test]
fn a_file_reports_itself_by_its_name() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    fs::write(bench.root.join("file"), "").unwrap();
    client.watch(start(1, bench.path("file"), false)).unwrap();
    // The same file a second time: both watches report.
    client.watch(start(2, bench.path("file"), false)).unwrap();
    fs::write(bench.root.join("file"), "text").unwrap();
    client.event(1, &change("file"));
    client.event(2, &change("file"));
    client.watch(WatchCall::Stop { watch: 1 }).unwrap();
    fs::remove_file(bench.root.join("file")).unwrap();
    client.event(2, &rename("file"));
}

#[test]
fn a_recursive_watch_goes_on_in_new_directories() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    fs::create_dir_all(bench.root.join("old/deep")).unwrap();
    client.watch(start(1, bench.path(""), true)).unwrap();
    fs::write(bench.root.join("old/deep/file"), "").unwrap();
    client.event(1, &rename("old/deep/file"));
    for round in 0..20 {
        let deep = format!("new{round}/a/b");
        fs::create_dir_all(bench.root.join(&deep)).unwrap();
        fs::write(bench.root.join(&deep).join("file"), "x").unwrap();
        client.event(1, &rename(&format!("{deep}/file")));
    }
    fs::write(bench.root.join("new0/a/later"), "").unwrap();
    client.event(1, &rename("new0/a/later"));
    fs::rename(bench.root.join("old"), bench.outside.join("old")).unwrap();
    client.event(1, &rename("old"));
    fs::write(bench.outside.join("old/deep/unseen"), "").unwrap();
    fs::write(bench.root.join("last"), "").unwrap();
    client.wait(|frame| match frame {
        wire_protocol::ToProgram::Watch { event, .. } if *event == rename("old/deep/unseen") => {
            panic!("what was moved away is still watched")
        }
        wire_protocol::ToProgram::Watch { event, .. } => (*event == rename("last")).then_some(()),
        _ => None,
    });
}

#[test]
fn what_cannot_be_watched_says_why() {
    let bench = Bench::new(Resolver::detect());
    let mut client = bench.connect();
    assert_eq!(client.watch(start(1, bench.path("none"), false)), Err("ENOENT".into()));
    assert_eq!(client.watch(start(1, bench.path("none"), true)), Err("ENOENT".into()));
    assert_eq!(client.watch(start(1, Vec::new(), false)), Err("ENOENT".into()));
    assert_eq!(client.watch(WatchCall::Stop { watch: 9 }), Ok(()));
}
