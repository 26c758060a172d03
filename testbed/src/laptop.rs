//! The laptop: a machine with a home directory from which the remote can be reached as `far`.

use std::{fs, process::Command, time::Duration};

use tempfile::TempDir;

use crate::{
    finish::{Finished, poll, start},
    link::Link,
    machine::Machine,
    paths,
    remote::{ROOT, Remote},
};

/// How long a whole run of `pii` may take.
pub const RUN: Duration = Duration::from_secs(90);

/// A laptop.
pub struct Laptop {
    /// The machine.
    pub machine: Machine,
    scratch: TempDir,
}

impl Laptop {
    /// A laptop that knows no remote.
    #[track_caller]
    pub fn alone() -> Self {
        let scratch = paths::scratch();
        // The first process inherits the orphans, and a shell that waits reaps them.
        let init = ["/bin/bash", "-c", "sleep infinity & wait"];
        let machine = Machine::start("laptop", "1g", &init, &scratch.path().join("log"));
        Self { machine, scratch }
    }

    /// A laptop whose user can log in to the remote.
    #[track_caller]
    pub fn of(remote: &Remote) -> Self {
        Self::by_port(remote, remote.port)
    }

    /// The same over a link to it.
    #[track_caller]
    pub fn over(link: &Link, remote: &Remote) -> Self {
        Self::by_port(remote, link.port)
    }

    #[track_caller]
    fn by_port(remote: &Remote, port: u16) -> Self {
        let laptop = Self::alone();
        laptop.sh("mkdir -m 700 /root/.ssh");
        let config = format!("Host far\n  HostName 127.0.0.1\n  Port {}\n  User root\n", port);
        laptop.write("/root/.ssh/config", &config);
        laptop.write("/root/.ssh/known_hosts", &remote.known_host(port));
        laptop.write("/root/.ssh/id_ed25519", &fs::read_to_string(remote.user_key()).expect("a key"));
        laptop.sh("chmod 600 /root/.ssh/*");
        laptop
    }

    /// Command lines of all that runs on the laptop.
    pub fn processes(&self) -> Vec<String> {
        self.machine.processes_but(&["/bin/bash -c", "sleep infinity"])
    }

    /// Runs a shell script on the laptop.
    #[track_caller]
    pub fn sh(&self, script: &str) -> String {
        self.machine.sh(script)
    }

    /// Writes a file on the laptop.
    #[track_caller]
    pub fn write(&self, path: &str, text: &str) {
        // The scratch directory is seen from both sides.
        let passed = self.scratch.path().join("passed");
        fs::write(&passed, text).expect("scratch is writable");
        self.sh(&format!("mkdir -p \"$(dirname '{path}')\" && cat '{}' > '{path}'", passed.display()));
    }

    /// Waits until a file is there, by which a program tells that it has come so far.
    #[track_caller]
    pub fn wait_for(&self, path: &str) {
        let is_there = || (self.machine.try_sh(&format!("test -e '{path}'")).code == Some(0)).then_some(());
        assert!(poll(Duration::from_secs(30), is_there).is_some(), "{path} does not come");
    }

    /// `pii` with these words, from the laptop's home, with the tests' Node and the newest pi.
    pub fn pii(&self, words: &[&str]) -> Command {
        let mut pii = self.machine.command("/root", paths::pii().to_str().expect("a plain path"));
        pii.args(words);
        pii.env("PII_NODE", paths::tool("node")).env("PII_PROGRAM", paths::tool("pi-1.5.2"));
        pii.env("PI_OFFLINE", "1").env("TERM", "xterm-256color");
        // Tests look for leftovers sooner than a user does.
        pii.env("PII_LEASE_CLOSED", "2");
        pii
    }

    /// Runs `pii` to its end.
    #[track_caller]
    pub fn run(&self, words: &[&str]) -> Finished {
        start(self.pii(words)).finish(RUN)
    }

    /// Runs a Node script through `pii` on the remote's root.
    #[track_caller]
    pub fn run_script(&self, script: &str, words: &[&str]) -> Finished {
        self.write("/root/script.mjs", script);
        let target = target();
        let start = ["run", "--ssh", &target, "--", "node", "/root/script.mjs"];
        self.run(&[&start[..], words].concat())
    }
}

/// The project as `--ssh` names it.
pub fn target() -> String {
    format!("far:{ROOT}")
}
