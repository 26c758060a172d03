//! pi in a terminal.

use std::time::{Duration, Instant};

use scripted_model::Turn;
use serde_json::json;

use crate::{
    finish::poll,
    laptop::{Laptop, target},
    paths::{self, PIS},
    pi,
    project::Project,
    remote::{ROOT, Remote},
    terminal::Terminal,
};

const START: Duration = Duration::from_secs(30);

#[test]
fn the_footer_follows_the_remote_branch_and_escape_ends_the_remote_command_in_pi_0_87_1() {
    drive(PIS[0]);
}

#[test]
fn the_footer_follows_the_remote_branch_and_escape_ends_the_remote_command_in_pi_1_5_2() {
    drive(PIS[1]);
}

/// Switches the remote to a new branch and says how long the footer takes to show it.
fn switch(remote: &Remote, terminal: &Terminal<'_>, branch: &str) -> Duration {
    remote.sh(&format!("git -C {ROOT} switch --quiet --create {branch}"));
    let start = Instant::now();
    terminal.wait_for(&format!("{ROOT} ({branch})"), START);
    start.elapsed()
}

fn drive(pi: &str) {
    let remote = Remote::start();
    Project::clone_of_a_repository().copy_to(&remote.machine);
    let laptop = Laptop::of(&remote);
    let sleep = Turn::call("bash", json!({ "command": "sleep 1000" }));
    let _model = pi::model(&laptop, vec![sleep]);

    let line = format!(
        "PI_OFFLINE=1 PII_NODE={} PII_PROGRAM={} {} --ssh {} {}",
        paths::tool("node").display(),
        paths::tool(pi).display(),
        paths::pii().display(),
        target(),
        pi::words().join(" ")
    );
    let terminal = Terminal::start(&laptop, &line);
    terminal.wait_for(&format!("{ROOT} (main)"), START);

    // Half a second of it is pi's own: it waits that long for further changes. The best of three times is what
    // the bridge can do, the others what else runs on this machine.
    let best = ["one", "two", "three"].map(|branch| switch(&remote, &terminal, branch)).into_iter().min();
    assert!(best < Some(Duration::from_secs(1)), "the footer follows after {best:?}");

    let sleeps = || remote.machine.processes_but(&[]).iter().any(|line| line.ends_with("sleep 1000"));
    terminal.press("'go' Enter");
    assert!(poll(START, || sleeps().then_some(())).is_some(), "no sleep began:\n{}", terminal.screen());
    terminal.press("Escape");
    assert!(poll(START, || (!sleeps()).then_some(())).is_some(), "the sleep goes on:\n{}", terminal.screen());

    terminal.press("'/quit' Enter");
    terminal.wait_for_end(START);
    remote.assert_nothing_left();
}
