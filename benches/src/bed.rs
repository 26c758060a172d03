//! The machines that are measured: one remote, one machine with the same trees on its own disk, and for each round
//! trip time two laptops, one that has `pii` and ssh and one that has the remote's directories mounted.

use std::{fs, path::Path, process::Command, time::Duration};

use testbed::{
    laptop::Laptop, link::Link, machine::Machine, paths, project::Project, remote::ROOT, remote::Remote,
};

use crate::{error::Error, trees, worker::Worker};

/// Where the timed scripts are, on each machine that runs Node.
const SCRIPTS: &str = "/root/benches";

/// What sshfs speaks with. The remote's sshd has no subsystem of this name.
const SFTP_SERVER: &str = "/usr/lib/openssh/sftp-server";

/// The machines that stand through the whole run.
pub struct Machines {
    /// The remote.
    pub remote: Remote,
    /// The machine that has the remote's trees on its own disk.
    pub local: Laptop,
}

impl Machines {
    /// Starts them and plants the trees, with a large file of so many MiB.
    #[track_caller]
    pub fn start(mebibytes: u64) -> Self {
        let machines = Self { remote: Remote::start(), local: Laptop::alone() };
        let project = Project::clone_of_a_repository();
        for machine in [&machines.remote.machine, &machines.local.machine] {
            trees::plant(machine, mebibytes);
            project.copy_to(machine);
        }
        carry_scripts(&machines.local);
        machines
    }
}

/// The machines at the ends of one link.
pub struct Bed<'a> {
    /// The remote.
    pub remote: &'a Remote,
    /// The machine that has the remote's trees on its own disk.
    pub local: &'a Laptop,
    /// The laptop that runs `pii` and ssh. `far` names the remote, `warm` as well, with a master connection.
    pub laptop: Laptop,
    /// The laptop on which the remote's `/srv` is mounted.
    pub mounted: Option<Laptop>,
    /// The link's round trip time in milliseconds.
    pub round_trip: u64,
    /// Held, since it breaks when it is dropped.
    _link: Link,
}

impl<'a> Bed<'a> {
    /// Puts a link of this round trip time before the remote.
    #[track_caller]
    pub fn over(machines: &'a Machines, round_trip: u64) -> Self {
        let link = Link::to(machines.remote.port, Duration::from_millis(round_trip));
        let laptop = Laptop::over(&link, &machines.remote);
        carry_scripts(&laptop);
        let port = link.port;
        laptop.sh(&format!(
            "printf 'Host warm\\n  HostName 127.0.0.1\\n  Port {port}\\n  User root\\n  ControlMaster auto\\n  \
             ControlPath /root/.ssh/master\\n  ControlPersist 600\\n' >> /root/.ssh/config; ssh warm true 2> /dev/null"
        ));
        let mounted = has_sshfs().then(|| {
            let mounted = Laptop::over(&link, &machines.remote);
            carry_scripts(&mounted);
            mounted.sh(&format!("sshfs -o sftp_server={SFTP_SERVER} far:/srv /srv"));
            mounted
        });
        Self { remote: &machines.remote, local: &machines.local, laptop, mounted, round_trip, _link: link }
    }

    /// A script in plain Node on the machine with the trees on its disk.
    pub fn locally(&self, script: &str, words: &[&str]) -> Result<Worker, Error> {
        Worker::start(plain(self.local, script, words))
    }

    /// A script in plain Node on the laptop with the mounted trees.
    pub fn mounted(&self, script: &str, words: &[&str]) -> Result<Option<Worker>, Error> {
        self.mounted.as_ref().map(|laptop| Worker::start(plain(laptop, script, words))).transpose()
    }

    /// A script in plain Node on the laptop, to start ssh and `pii` from.
    pub fn on_laptop(&self, script: &str, words: &[&str]) -> Result<Worker, Error> {
        Worker::start(plain(&self.laptop, script, words))
    }

    /// A script through `pii`, with this directory of the remote as its root.
    pub fn bridged(&self, root: &str, script: &str, words: &[&str]) -> Result<Worker, Error> {
        Worker::start(self.bridged_command(root, script, words))
    }

    /// The command of [`Self::bridged`].
    pub fn bridged_command(&self, root: &str, script: &str, words: &[&str]) -> Command {
        let (target, script) = (format!("far:{root}"), format!("{SCRIPTS}/{script}"));
        let start = ["run", "--ssh", &target, "--", "node", &script];
        self.laptop.pii(&[&start[..], words].concat())
    }
}

/// Whether sshfs can be measured.
pub fn has_sshfs() -> bool {
    ["/usr/bin/sshfs", "/dev/fuse", SFTP_SERVER].iter().all(|path| Path::new(path).exists())
}

/// A command line of pi in its project on a machine's own tree, ready for more words.
pub fn pi_on(machine: &Machine) -> Command {
    let node = paths::tool("node");
    let mut pi = machine.command(ROOT, node.to_str().expect("a plain path"));
    pi.arg(paths::tool("pi-1.5.2")).env("PI_OFFLINE", "1").env("TERM", "xterm-256color");
    pi
}

fn plain(laptop: &Laptop, script: &str, words: &[&str]) -> Command {
    let node = paths::tool("node");
    let mut command = laptop.machine.command("/root", node.to_str().expect("a plain path"));
    command.arg(format!("{SCRIPTS}/{script}")).args(words);
    command
}

#[track_caller]
fn carry_scripts(laptop: &Laptop) {
    let scripts = paths::workspace().join("benches/scripts");
    for script in fs::read_dir(scripts).expect("the workspace is readable").flatten() {
        let text = fs::read_to_string(script.path()).expect("a script");
        laptop.write(&format!("{SCRIPTS}/{}", script.file_name().display()), &text);
    }
}
