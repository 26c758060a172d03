//! The session survives its link, and what it did is what it would have done without any trouble.
//!
//! `PII_CHAOS_SEED=7 PII_CHAOS_CUTS=100 PII_CHAOS_KILLS=50` asks for another and longer sequence.

use std::{env, fs, thread, time::Duration};

use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::{
    finish::{poll, start},
    laptop::{Laptop, RUN, target},
    link::Link,
    paths,
    remote::{ROOT, Remote},
};

/// Longest time for anything here: reached only if a test fails.
const LIMIT: Duration = Duration::from_secs(1800);

/// Every so manieth trouble is a silence, which takes its time to be noticed.
const SILENT: usize = 8;

fn setting(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

fn copy(laptop: &Laptop, name: &str) -> String {
    let to = format!("/root/{name}");
    let from = paths::workspace().join("tests/scripts/surviving").join(name);
    laptop.write(&to, &fs::read_to_string(from).expect("readable"));
    to
}

/// The tree as text, without what git writes the time into.
fn tree(remote: &Remote) -> String {
    remote.sh(&format!(
        "cd {ROOT} && git fsck --strict 2>&1 && git status --short && \
         find . -path ./.git -prune -o -type f -print0 | sort -z | xargs -0 sha256sum && find . -path ./.git -prune -o -type d -print | sort"
    ))
}

#[test]
fn the_link_may_break_at_any_moment() {
    let mut chance = StdRng::seed_from_u64(setting("PII_CHAOS_SEED", 1));
    let cuts = usize::try_from(setting("PII_CHAOS_CUTS", 10)).expect("a small number");
    let remote = Remote::start();
    let link = Link::to(remote.port, Duration::from_millis(2));
    let laptop = Laptop::over(&link, &remote);
    let script = copy(&laptop, "changes.mjs");
    let session = |more: &[&str]| {
        let target = target();
        let words = ["run", "--ssh", &target, "--", "node", &script, "/root/stop"];
        let mut pii = laptop.pii(&[&words[..], more].concat());
        // Longer than any trouble made here.
        pii.env("PII_LEASE_CLOSED", "600");
        start(pii)
    };
    let running = session(&[]);
    let length = || remote.sh(&format!("cat {ROOT}/log 2>/dev/null | wc -c"));
    for cut in 1..=cuts {
        let before = length();
        let goes_on = || (length() != before).then_some(());
        assert!(poll(LIMIT, goes_on).is_some(), "it does not go on after {} troubles", cut - 1);
        thread::sleep(Duration::from_millis(chance.random_range(0..200)));
        match chance.random_range(0..2) {
            _ if cut % SILENT == 0 => link.lose(),
            0 => {
                link.cut();
                thread::sleep(Duration::from_millis(chance.random_range(0..300)));
                link.restore();
            }
            _ => drop(remote.machine.try_sh("pkill -KILL -f 'sshd: root'")),
        }
    }
    let before = length();
    assert!(poll(LIMIT, || (length() != before).then_some(())).is_some(), "it does not go on");
    laptop.sh("touch /root/stop");
    let said = running.finish(LIMIT).ok();
    let disturbed = tree(&remote);
    let rounds = said.split(' ').next().expect("the number of rounds").to_owned();
    println!("{cuts} troubles in {rounds} rounds");
    link.cut();
    link.restore();
    remote.assert_nothing_left();
    remote.sh(&format!("rm -rf {ROOT} && mkdir {ROOT}"));
    assert_eq!(session(&[&rounds]).finish(LIMIT).ok(), said);
    assert_eq!(tree(&remote), disturbed);
    remote.assert_nothing_left();
}

#[test]
fn nothing_is_left_of_a_laptop_that_was_killed() {
    let mut chance = StdRng::seed_from_u64(setting("PII_CHAOS_SEED", 1));
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let script = copy(&laptop, "atomic.mjs");
    for _ in 0..setting("PII_CHAOS_KILLS", 3) {
        laptop.sh("rm -f /root/runs");
        let running = start(laptop.pii(&["run", "--ssh", &target(), "--", "node", &script]));
        laptop.wait_for("/root/runs");
        thread::sleep(Duration::from_millis(chance.random_range(0..400)));
        laptop.sh("pkill -KILL 'pii|node'");
        remote.assert_nothing_left();
        let text = remote.sh(&format!("cat {ROOT}/whole 2>/dev/null || true"));
        let first = text.lines().next().unwrap_or_default();
        let whole = text.is_empty() || text == format!("{first}\n").repeat(50_000);
        assert!(whole, "a file of {} bytes was half written", text.len());
        running.finish(RUN);
    }
}

#[test]
fn when_the_agent_is_gone_calls_fail_with_an_error_of_their_own() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let script = r#"
    import { existsSync, writeFileSync } from "node:fs";
    import { setTimeout } from "node:timers/promises";
    writeFileSync("file", "x");
    writeFileSync("/root/runs", "");
    while (!existsSync("/root/gone")) await setTimeout(5);
    try { writeFileSync("other", ""); } catch (error) { console.log(error.code, error.syscall, error.path); }
    "#;
    laptop.write("/root/script.mjs", script);
    let running = start(laptop.pii(&["run", "--ssh", &target(), "--", "node", "/root/script.mjs"]));
    laptop.wait_for("/root/runs");
    remote.sh("pkill -KILL -f /pii/agent-");
    laptop.sh("touch /root/gone");
    assert_eq!(running.finish(RUN).ok(), "EREMOTEIO open other\n");
}
