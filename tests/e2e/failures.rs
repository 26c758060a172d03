//! What goes wrong before the program runs is told as a sentence, a cause and the next command to run.

use std::process::Command;

use crate::{
    finish::{Finished, start},
    keys,
    laptop::{Laptop, RUN, target},
    remote::{ROOT, Remote},
};

/// Runs pi's shortest session, which must not come to be.
#[track_caller]
fn fails(remote: &Remote, pii: Command, said: &[&str]) -> Finished {
    let end = start(pii).finish(RUN);
    assert!(end.code.is_some_and(|code| code != 0), "it ended with {:?}\n{}", end.code, end.stderr);
    for part in ["pii: ", "\n  try: "].iter().chain(said) {
        assert!(end.stderr.contains(part), "{part:?} is not in:\n{}", end.stderr);
    }
    assert_eq!(end.stdout, "");
    remote.assert_nothing_left();
    end
}

#[track_caller]
fn session(laptop: &Laptop) -> Command {
    laptop.pii(&["--ssh", &target(), "-p", "hello"])
}

#[track_caller]
fn nothing_was_uploaded(remote: &Remote) {
    assert_eq!(remote.sh("find /root -type f"), "");
}

#[test]
fn a_wrong_key() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let other = crate::paths::scratch();
    keys::generate(&other.path().join("key"), &[]);
    laptop.write("/root/.ssh/id_ed25519", &std::fs::read_to_string(other.path().join("key")).expect("made"));
    fails(&remote, session(&laptop), &["\n  cause: ", "far", "ssh"]);
    nothing_was_uploaded(&remote);
}

#[test]
fn an_unknown_host_without_a_terminal() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    laptop.write("/root/.ssh/known_hosts", "");
    fails(&remote, session(&laptop), &["SHA256:", "ssh"]);
    nothing_was_uploaded(&remote);
    assert_eq!(laptop.sh("cat /root/.ssh/known_hosts"), "", "it stays unknown");
}

#[test]
fn a_changed_host_key() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let other = crate::paths::scratch();
    keys::generate(&other.path().join("key"), &[]);
    let other = std::fs::read_to_string(other.path().join("key.pub")).expect("made");
    laptop.write("/root/.ssh/known_hosts", &format!("[127.0.0.1]:{} {other}", remote.port));
    let end = fails(&remote, session(&laptop), &["ssh-keygen", "-R"]);
    assert_eq!(end.stderr.matches("SHA256:").count(), 2, "both fingerprints: {}", end.stderr);
    nothing_was_uploaded(&remote);
}

#[test]
fn a_missing_directory() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    remote.sh(&format!("rmdir {ROOT}"));
    fails(&remote, session(&laptop), &[ROOT, "mkdir"]);
}

#[test]
fn a_file_instead_of_a_directory() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    remote.sh(&format!("rmdir {ROOT}; touch {ROOT}"));
    fails(&remote, session(&laptop), &[ROOT, "not a directory"]);
}

#[test]
fn no_pi() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    let mut pii = session(&laptop);
    pii.env_remove("PII_PROGRAM").env("PATH", "/usr/bin:/bin");
    fails(&remote, pii, &["npm install -g @earendil-works/pi-coding-agent"]);
}

#[test]
fn a_node_that_is_too_old() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    laptop.write("/root/node", "#!/bin/sh\necho v22.18.0\n");
    laptop.sh("chmod +x /root/node");
    let mut pii = session(&laptop);
    pii.env("PII_NODE", "/root/node");
    fails(&remote, pii, &["22.18.0", "22.19"]);
}

#[test]
fn no_space_for_the_agent() {
    let remote = Remote::with_home_size("64k");
    let laptop = Laptop::of(&remote);
    remote.sh("for place in /var/tmp /dev/shm /tmp; do mount -o remount,size=64k $place; done");
    let places = ["/root/.cache/pii has no room", "/var/tmp/pii-0 has no room", "/tmp/pii-0 has no room"];
    fails(&remote, session(&laptop), &[&places[..], &["No space left", "df"]].concat());
    nothing_was_uploaded(&remote);
}

#[test]
fn a_machine_there_is_no_agent_for() {
    let remote = Remote::start();
    let laptop = Laptop::of(&remote);
    remote.set_uname("Linux riscv64");
    fails(&remote, session(&laptop), &["Linux riscv64", "x86_64-linux", "cargo xtask agents"]);
    nothing_was_uploaded(&remote);
}
