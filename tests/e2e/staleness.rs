//! No read is ever stale: while a tree changes, by commands of the remote and by the program itself, every read that
//! follows a change sees it.
//!
//! `PII_STALENESS_SEED=7 PII_STALENESS_ROUNDS=100000` runs another and longer sequence.

use std::{env, fs, thread, time::Duration};

use wire_protocol::leases::LEASE;

use crate::{
    finish::start,
    laptop::{Laptop, RUN, target},
    link::Link,
    paths,
    remote::{ROOT, Remote},
};

/// How long the reads may take.
const LIMIT: Duration = Duration::from_secs(1800);
/// The scripts: reads in a tree that changes, and in a large file.
const TREE: &str = "staleness.mjs";
const LARGE: &str = "staleness/ahead.mjs";

#[test]
fn no_read_is_stale() {
    run(&Remote::start(), Duration::ZERO, TREE, "2000");
}

#[test]
fn no_read_is_stale_over_a_long_link_whose_agent_is_late_with_its_notices() {
    run(&late_with_its_notices(), Duration::from_millis(20), TREE, "100");
}

#[test]
fn no_read_of_a_large_file_is_stale() {
    run(&Remote::start(), Duration::ZERO, LARGE, "40");
}

#[test]
fn no_read_of_a_large_file_is_stale_over_a_long_link_whose_agent_is_late_with_its_notices() {
    run(&late_with_its_notices(), Duration::from_millis(20), LARGE, "10");
}

fn late_with_its_notices() -> Remote {
    Remote::with_sshd("SetEnv PII_SLOW_NOTICES=200\n")
}

fn run(remote: &Remote, round_trip: Duration, script: &str, rounds: &str) {
    let setting = |name: &str, otherwise: &str| env::var(name).unwrap_or_else(|_| otherwise.to_owned());
    let (seed, rounds) = (setting("PII_STALENESS_SEED", "1"), setting("PII_STALENESS_ROUNDS", rounds));
    let link = Link::to(remote.port, round_trip);
    let laptop = Laptop::over(&link, remote);
    let folder = paths::workspace().join("tests/scripts");
    for name in [
        TREE,
        LARGE,
        "staleness/chance.mjs",
        "staleness/changes.mjs",
        "staleness/shell.mjs",
        "staleness/tree.mjs",
    ] {
        laptop.write(&format!("/root/{name}"), &fs::read_to_string(folder.join(name)).expect("readable"));
    }
    let changed = format!("{ROOT}/changed");
    remote.sh(&format!("mkdir -p {changed}"));
    let script = format!("/root/{script}");
    let bridged = laptop.pii(&["run", "--ssh", &target(), "--", "node", &script, &changed, &seed, &rounds]);
    let said = start(bridged).finish(LIMIT).ok();
    println!("{said}");
    assert!(said.contains(" 0 stale"), "{said}");
    remote.assert_nothing_left();
}

/// Reads a file while nothing passes over the link: at first what is known may be told, later it may not.
const SILENCE: &str = r#"
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
const read = () => readFileSync("file", "utf8").trim();
const until = async (name) => { while (!existsSync(name)) await setTimeout(5); };
const said = [read()];
writeFileSync("/root/known", "");
await until("/root/stalled");
said.push(read());
writeFileSync("/root/read", "");
await until("/root/over");
said.push(read());
console.log(said.join());
"#;

#[test]
fn nothing_is_told_from_memory_once_the_link_was_silent_for_a_lease() {
    let remote = Remote::start();
    let link = Link::to(remote.port, Duration::ZERO);
    let laptop = Laptop::over(&link, &remote);
    remote.sh(&format!("echo old > {ROOT}/file"));
    laptop.write("/root/silence.mjs", SILENCE);
    let running = start(laptop.pii(&["run", "--ssh", &target(), "--", "node", "/root/silence.mjs"]));
    laptop.wait_for("/root/known");
    link.stall();
    laptop.sh("touch /root/stalled");
    laptop.wait_for("/root/read");
    remote.sh(&format!("echo new > {ROOT}/file"));
    thread::sleep(LEASE + Duration::from_secs(1));
    laptop.sh("touch /root/over");
    // Long enough for an answer from memory, which needs no link.
    thread::sleep(Duration::from_millis(500));
    link.resume();
    assert_eq!(running.finish(RUN).ok(), "old,old,new\n");
    remote.assert_nothing_left();
}

#[test]
fn a_program_s_start_is_noted_and_asked_for_at_once_the_next_time() {
    let remote = Remote::start();
    let link = Link::to(remote.port, Duration::ZERO);
    let laptop = Laptop::over(&link, &remote);
    remote.sh(&format!("cd {ROOT} && mkdir -p a/b c/d && echo one > a/b/one && echo two > c/d/two"));
    // The first question waits for all that was asked for at once; then the link is of no use any more.
    let script = r#"
    import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
    import { setTimeout } from "node:timers/promises";
    const said = [statSync("a").isDirectory()];
    if (existsSync("/root/second")) {
      writeFileSync("/root/started", "");
      while (!existsSync("/root/stalled")) await setTimeout(5);
    }
    said.push(readFileSync("a/b/one", "utf8").trim(), readFileSync("c/d/two", "utf8").trim(), existsSync("c/none"));
    console.log(said.join());
    writeFileSync("/root/said", "");
    "#;
    let expected = "true,one,two,false\n";
    assert_eq!(laptop.run_script(script, &[]).ok(), expected);
    laptop.sh("rm /root/said; touch /root/second");
    let running = start(laptop.pii(&["run", "--ssh", &target(), "--", "node", "/root/script.mjs"]));
    laptop.wait_for("/root/started");
    link.stall();
    laptop.sh("touch /root/stalled");
    laptop.wait_for("/root/said");
    link.resume();
    assert_eq!(running.finish(RUN).ok(), expected);
}
