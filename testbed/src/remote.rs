//! The remote: a machine with an sshd of its own on a port of 127.0.0.1.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use tempfile::TempDir;

use crate::{emulated, finish::poll, keys, machine::Machine, paths};

/// The project's directory on the remote.
pub const ROOT: &str = "/srv/far/project";

/// A remote without a project.
pub struct Remote {
    /// The machine.
    pub machine: Machine,
    /// Port of its sshd.
    pub port: u16,
    scratch: TempDir,
}

impl Remote {
    /// Starts a remote with [`ROOT`] empty.
    #[track_caller]
    pub fn start() -> Self {
        Self::with("1g", "")
    }

    /// Starts a remote that is an aarch64 machine as far as an agent can tell: its commands are this machine's, and what
    /// is made for aarch64 is run by qemu.
    #[track_caller]
    pub fn of_aarch64() -> Self {
        let format = emulated::format(&paths::qemu());
        let remote = Self::of(&["/bin/sh", "-c", emulated::AARCH64, "init", &format], "1g", "");
        remote.set_uname("Linux aarch64");
        remote
    }

    /// Starts a remote whose home directory holds no more than `size`.
    #[track_caller]
    pub fn with_home_size(size: &str) -> Self {
        Self::with(size, "")
    }

    /// Starts a remote with these lines before all others in its sshd's configuration.
    #[track_caller]
    pub fn with_sshd(lines: &str) -> Self {
        Self::with("1g", lines)
    }

    #[track_caller]
    fn with(size: &str, lines: &str) -> Self {
        Self::of(&[], size, lines)
    }

    /// Starts sshd as the last words of this command.
    #[track_caller]
    fn of(before: &[&str], size: &str, lines: &str) -> Self {
        let scratch = paths::scratch();
        let at = |name: &str| scratch.path().join(name);
        keys::generate(&at("host_key"), &[]);
        keys::generate(&at("user_key"), &[]);
        let port = free_port();
        // sshd keeps the first value of each setting.
        let lines = format!("{lines}{}", config(scratch.path(), port));
        fs::write(at("sshd_config"), lines).expect("scratch is writable");
        let configuration = at("sshd_config");
        let sshd = ["/usr/sbin/sshd", "-D", "-e", "-f", configuration.to_str().expect("a plain path")];
        let machine = Machine::start("far", size, &[before, &sshd].concat(), &at("log"));
        let remote = Self { machine, port, scratch };
        let listens = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok();
        assert!(poll(Duration::from_secs(10), listens).is_some(), "sshd does not listen:\n{}", remote.log());
        remote.sh(&format!("mkdir -p {ROOT}"));
        remote
    }

    /// Gives the remote's user another login shell.
    #[track_caller]
    pub fn set_login_shell(&self, shell: &str) {
        self.change_users(&format!("$1 == \"root\" {{ $7 = \"{shell}\" }} 1"), "");
    }

    /// Adds a user of this number, with `/srv/home/NAME` as home.
    #[track_caller]
    pub fn add_user(&self, name: &str, number: u32) {
        self.change_users("1", &format!("{name}:x:{number}:{number}::/srv/home/{name}:/bin/sh"));
        self.sh(&format!(
            "mkdir -p /srv/home/{name} && chown {number}:{number} /srv/home/{name} && chmod 700 /srv/home/{name}"
        ));
    }

    /// Changes the lines of passwd by an awk program and adds one. The machines share /etc, so each gets a passwd of its
    /// own in its place.
    #[track_caller]
    fn change_users(&self, awk: &str, line: &str) {
        self.sh(&format!(
            "[ -e /run/passwd ] || {{ cp /etc/passwd /run/passwd; mount --bind /run/passwd /etc/passwd; }}; \
             {{ awk -F: -v OFS=: '{awk}' /etc/passwd; printf '%s\n' '{line}' | grep . || true; }} > /run/passwd.new; \
             cat /run/passwd.new > /etc/passwd; rm /run/passwd.new"
        ));
    }

    /// Makes `uname` say this, whatever it is asked.
    #[track_caller]
    pub fn set_uname(&self, says: &str) {
        self.sh(&format!(
            "printf '#!/bin/sh\necho {says}\n' > /run/uname && chmod +x /run/uname && \
             mount --bind /run/uname /usr/bin/uname"
        ));
    }

    /// Runs a shell script on the remote.
    #[track_caller]
    pub fn sh(&self, script: &str) -> String {
        self.machine.sh(script)
    }

    /// Private key of the user who may log in.
    pub fn user_key(&self) -> PathBuf {
        self.scratch.path().join("user_key")
    }

    /// The host key's line for a known_hosts file, for who comes by this port of 127.0.0.1.
    pub fn known_host(&self, port: u16) -> String {
        format!("[127.0.0.1]:{port} {}", self.host_key())
    }

    /// The host key's line as [`Self::known_host`] gives it, without the name before it.
    pub fn host_key(&self) -> String {
        fs::read_to_string(self.scratch.path().join("host_key.pub")).expect("ssh-keygen made it")
    }

    /// What sshd said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.scratch.path().join("log")).unwrap_or_default()
    }

    /// What is there now that would not be without a session: processes, sockets, half written files.
    pub fn leftovers(&self) -> Vec<String> {
        let mut left = self.machine.processes_but(&["/bin/bash -c"]);
        // An agent stays, with the commands it brings along.
        let files = self.sh(
            "find /root /srv /run -xdev \\( -type s -o -name '*.tmp*' -o -name '*.part*' -o -name 'agent-*.[0-9]*' \\); \
             find /tmp /var/tmp /dev/shm -xdev -mindepth 1 -regextype posix-extended \
             -not -regex '.*/pii-[0-9]+(/agent-[0-9a-f]{64}(\\.commands(/[a-z-]+)?)?)?'",
        );
        // A workspace beneath /tmp is a mount of its own there, with the directories above it.
        let files = files.lines().filter(|file| !paths::workspace().starts_with(file));
        left.extend(files.map(str::to_owned));
        left
    }

    /// Fails unless nothing is left within ten seconds.
    #[track_caller]
    pub fn assert_nothing_left(&self) {
        let mut left = Vec::new();
        let clean = poll(Duration::from_secs(10), || {
            left = self.leftovers();
            left.is_empty().then_some(())
        });
        assert!(clean.is_some(), "left on the remote:\n{}", left.join("\n"));
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        if thread::panicking() {
            println!("sshd said:\n{}", self.log());
        }
    }
}

fn config(scratch: &Path, port: u16) -> String {
    let at = scratch.display();
    format!(
        "ListenAddress 127.0.0.1:{port}\nHostKey {at}/host_key\nAuthorizedKeysFile {at}/user_key.pub\n\
         UsePAM no\nStrictModes no\nPermitRootLogin yes\nPasswordAuthentication no\n\
         KbdInteractiveAuthentication no\nPidFile none\nPrintMotd no\nLogLevel INFO\n"
    )
}

/// A port nobody listens on. sshd does not tell which one it got, so it cannot choose for itself.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("bound").port()
}
