//! However a session ends, the remote is as it was.

use std::time::Duration;

use crate::{
    finish::{Running, poll, start},
    laptop::{Laptop, RUN, target},
    remote::Remote,
};

const SOON: Duration = Duration::from_secs(30);

/// Starts commands on the remote that would outlive a careless bridge, and tells that it has.
const BUSY: &str = r#"
import { spawn } from "node:child_process";
import { watch, writeFileSync } from "node:fs";
watch(process.cwd(), () => {});
spawn("sh", ["-c", "sleep 1000 & sleep 1001"], { cwd: process.cwd() });
spawn("sleep", ["1002"], { cwd: process.cwd(), detached: true, stdio: "ignore" });
spawn("sh", ["-c", "trap : HUP; trap '' TERM INT; sleep 1003; sleep 1004"], { cwd: process.cwd() });
setTimeout(() => writeFileSync("/root/busy", ""), 300);
setInterval(() => {}, 1000);
"#;

fn busy(laptop: &Laptop, remote: &Remote) -> Running {
    laptop.write("/root/busy.mjs", BUSY);
    let running = start(laptop.pii(&["run", "--ssh", &target(), "--", "node", "/root/busy.mjs"]));
    laptop.wait_for("/root/busy");
    let sleeps =
        || remote.machine.processes_but(&[]).iter().filter(|line| line.contains("sleep 100")).count();
    assert!(poll(SOON, || (sleeps() >= 4).then_some(())).is_some(), "the commands do not start");
    running
}

#[test]
fn nothing_is_left_when_the_program_ends() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let script = BUSY.replace("setInterval(() => {}, 1000);", "setTimeout(() => process.exit(3), 600);");
    assert_eq!(laptop.run_script(&script, &[]).code, Some(3));
    remote.assert_nothing_left();
    laptop_is_clean(&laptop);
}

#[test]
fn nothing_is_left_when_the_program_is_killed() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let running = busy(&laptop, &remote);
    laptop.sh("pkill -KILL -f busy.mjs -x node || pkill -KILL -x node");
    assert_eq!(running.finish(RUN).code, Some(137));
    remote.assert_nothing_left();
    laptop_is_clean(&laptop);
}

#[test]
fn nothing_is_left_when_pii_is_killed() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let running = busy(&laptop, &remote);
    laptop.sh("pkill -KILL -x pii");
    remote.assert_nothing_left();
    let gone = || laptop.processes().is_empty().then_some(());
    assert!(poll(SOON, gone).is_some(), "left on the laptop:\n{}", laptop.processes().join("\n"));
    running.finish(SOON);
}

#[test]
fn nothing_is_left_when_the_agent_is_asked_to_end() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let running = busy(&laptop, &remote);
    remote.sh("pkill -TERM -f /pii/agent-");
    remote.assert_nothing_left();
    let end = running.finish(RUN);
    assert_ne!(end.code, Some(0));
    laptop_is_clean(&laptop);
}

/// The private directory of a session and its socket are gone.
#[track_caller]
fn laptop_is_clean(laptop: &Laptop) {
    let left = laptop.sh("find /tmp /run -xdev -name '*pii*' -o -xdev -type s");
    assert_eq!(left, "", "left on the laptop");
    assert_eq!(laptop.processes(), Vec::<String>::new(), "left on the laptop");
}
