//! A target that led somewhere before: the program is started while the connection is made, and begins when the host is
//! known to be the same.

use std::time::Duration;

use crate::{
    finish::poll,
    laptop::{Laptop, target},
    link::Link,
    remote::{ROOT, Remote},
};

/// Says on the laptop that it has begun, and changes the remote at once.
const WRITES: &str = r#"
import { appendFileSync, readFileSync } from "node:fs";
appendFileSync("/root/begun", "x");
appendFileSync("made", "x");
console.log(readFileSync("made", "utf8"));
"#;

/// What the log of a session says, one after the other.
const BEGINS: &str = "the program may begin";
const SERVES: &str = "the agent serves";

fn begun(laptop: &Laptop) -> String {
    laptop.sh("cat /root/begun")
}

/// The program was killed, which takes the kernel a moment.
#[track_caller]
fn laptop_is_idle(laptop: &Laptop) {
    let idle = || laptop.processes().is_empty().then_some(());
    assert!(poll(Duration::from_secs(10), idle).is_some(), "{:?}", laptop.processes());
}

#[track_caller]
fn order(laptop: &Laptop, words: &[&str]) -> Vec<&'static str> {
    laptop.sh("rm -f /root/log");
    let start = ["run", "--ssh", &target(), "--log", "/root/log"];
    laptop.run(&[&start[..], words, &["--", "node", "/root/script.mjs"]].concat()).ok();
    let log = laptop.sh("cat /root/log");
    log.lines().filter_map(|line| [BEGINS, SERVES].into_iter().find(|said| line.contains(said))).collect()
}

#[test]
fn a_program_begins_before_the_agent_answers_where_the_place_is_known() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    laptop.write("/root/script.mjs", WRITES);
    assert_eq!(order(&laptop, &[]), [SERVES, BEGINS], "nothing is known yet");
    assert_eq!(order(&laptop, &[]), [BEGINS, SERVES]);
    // ssh tells whose key it has seen only with the command's own first words.
    assert_eq!(order(&laptop, &["--transport", "openssh"]), [SERVES, BEGINS]);
    assert_eq!(remote.sh(&format!("cat {ROOT}/made")), "xxx");
    remote.assert_nothing_left();
}

#[test]
fn a_root_that_has_become_another_one_stops_the_program_before_it_changes_anything() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    assert_eq!(laptop.run_script(WRITES, &[]).ok(), "x\n");
    remote.sh(&format!("mv {ROOT} /srv/far/other && ln -s other {ROOT}"));
    let end = laptop.run_script(WRITES, &[]);
    assert_eq!((end.code, end.stdout.as_str()), (Some(1), ""));
    let was = format!("\n  cause: the root was {ROOT:?} and is \"/srv/far/other\"");
    for part in ["pii: far is not as it was", &was, "\n  try: the same command again"] {
        assert!(end.stderr.contains(part), "{part:?} is not in:\n{}", end.stderr);
    }
    assert_eq!(remote.sh("cat /srv/far/other/made"), "x", "nothing has reached the remote");
    remote.assert_nothing_left();
    laptop_is_idle(&laptop);
    // Links are made to be changed: where they lead is not remembered.
    assert_eq!(laptop.run_script(WRITES, &[]).ok(), "xx\n");
    remote.sh(&format!("cp -a /srv/far/other /srv/far/third && ln -sfn third {ROOT}"));
    assert_eq!(laptop.run_script(WRITES, &[]).ok(), "xxx\n");
}

#[test]
fn another_host_behind_the_same_name_is_a_place_of_its_own() {
    let (first, second) = (Remote::start(), Remote::start());
    let laptop = Laptop::of(&first);
    assert_eq!(laptop.run_script(WRITES, &[]).ok(), "x\n");
    laptop.sh(&format!("sed -i 's/Port .*/Port {}/' /root/.ssh/config", second.port));
    laptop.write("/root/.ssh/known_hosts", &second.known_host(second.port));
    let key = std::fs::read_to_string(second.user_key()).expect("a key");
    laptop.write("/root/.ssh/id_ed25519", &key);
    assert_eq!(laptop.run_script(WRITES, &[]).ok(), "x\n");
    assert_eq!(begun(&laptop), "xx", "it has begun once in each place");
}

#[test]
fn a_program_does_not_begin_where_the_host_is_out_of_reach() {
    let remote = Remote::start();
    let link = Link::to(remote.port, Duration::ZERO);
    let laptop = Laptop::over(&link, &remote);
    let script = r#"import { appendFileSync } from "node:fs"; appendFileSync("/root/begun", "x");"#;
    laptop.run_script(script, &[]).ok();
    link.cut();
    let end = laptop.run_script(script, &[]);
    assert_eq!((end.code, end.stdout.as_str()), (Some(1), ""));
    assert!(end.stderr.starts_with("pii: "), "{}", end.stderr);
    assert_eq!(begun(&laptop), "x");
    laptop_is_idle(&laptop);
}
