//! A machine: mount, process and host name namespaces, with empty `/srv`, `/root` and `/run`, and empty places for
//! everybody's temporary files.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::{
    finish::{Finished, start},
    paths,
};

/// How long a command that prepares or inspects something may take.
const SOON: Duration = Duration::from_secs(30);

/// Makes the directories of a machine. `$1` is the workspace, which stays visible at its own path;
/// `$2` the size of the home. What follows runs as the first process.
const SETUP: &str = r#"set -e
mount -t tmpfs tmpfs /run
mkdir /run/sshd /run/workspace
mount --bind "$1" /run/workspace
mount -t tmpfs tmpfs /srv
mount -t tmpfs -o "size=$2" tmpfs /root
for shared in /tmp /var/tmp /dev/shm; do mount -t tmpfs tmpfs $shared; chmod 1777 $shared; done
if [ ! -e "$1/Cargo.toml" ]; then mkdir -p "$1"; mount --bind /run/workspace "$1"; fi
hostname "$3"
shift 3
echo ready
exec "$@"
"#;

/// A running machine. Its end is the end of every process in it.
pub struct Machine {
    holder: Child,
    init: u32,
}

impl Machine {
    /// Starts a machine with this command as its first process, whose stderr goes to the test's.
    #[track_caller]
    pub fn start(name: &str, home_size: &str, init: &[&str], log: &Path) -> Self {
        let log = fs::File::create(log).expect("a log file");
        // A test that is killed takes its machines with it.
        let mut holder = Command::new("setpriv");
        holder.args([
            "--pdeathsig",
            "KILL",
            "unshare",
            "--mount",
            "--pid",
            "--uts",
            "--fork",
            "--kill-child",
        ]);
        holder.args(["--mount-proc", "/bin/sh", "-c", SETUP, "machine"]);
        holder.arg(paths::workspace()).args([home_size, name]).args(init);
        let mut holder = holder
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("setpriv and unshare of util-linux: apt-get install -y util-linux");
        let mut ready = String::new();
        let mut stdout = BufReader::new(holder.stdout.take().expect("a pipe"));
        stdout.read_line(&mut ready).expect("a pipe");
        assert_eq!(ready, "ready\n", "{name} needs root and namespaces to start");
        std::thread::spawn(move || stdout.read_to_end(&mut Vec::new()));
        let children = format!("/proc/{0}/task/{0}/children", holder.id());
        let init = fs::read_to_string(children).expect("the kernel lists children");
        Self { init: init.trim().parse().expect("one child"), holder }
    }

    /// A command that runs on the machine, in a directory of it, with nothing in its environment but a PATH.
    pub fn command(&self, directory: &str, program: &str) -> Command {
        let mut command = Command::new("/usr/bin/nsenter");
        command.args(["--target", &self.init.to_string(), "--mount", "--pid", "--uts", "--"]);
        command.args(["/bin/sh", "-c", r#"cd "$0" && exec "$@""#, directory, program]);
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin").env("HOME", "/root");
        command.env("LANG", "C.UTF-8");
        command
    }

    /// Runs a shell script on the machine and gives its stdout. It must succeed.
    #[track_caller]
    pub fn sh(&self, script: &str) -> String {
        self.try_sh(script).ok()
    }

    /// Runs a shell script on the machine.
    #[track_caller]
    pub fn try_sh(&self, script: &str) -> Finished {
        let mut command = self.command("/", "/bin/bash");
        command.args(["-c", script]);
        start(command).finish(SOON)
    }

    /// Gives it a directory of its own over one that all machines share, such as `/etc`, with the same content.
    #[track_caller]
    pub fn own(&self, directory: &str) {
        let name = directory.replace('/', "-");
        self.sh(&format!(
            "mkdir -p /run/own/{name}/above /run/own/{name}/work && mount -t overlay overlay \
             -o lowerdir={directory},upperdir=/run/own/{name}/above,workdir=/run/own/{name}/work {directory}"
        ));
    }

    /// Takes rg and fd away, under every name.
    #[track_caller]
    pub fn remove_search_tools(&self) {
        self.sh(
            "mkdir /run/bin /run/bin/above /run/bin/work && \
             mount -t overlay overlay -o lowerdir=/usr/bin,upperdir=/run/bin/above,workdir=/run/bin/work /usr/bin && \
             rm -f /usr/bin/rg /usr/bin/fd /usr/bin/fdfind && mount -t tmpfs tmpfs /usr/local/bin",
        );
        assert_ne!(self.try_sh("command -v rg fd fdfind").code, Some(0), "they are gone");
    }

    /// Processes of the machine besides its first one and those named, one command line each.
    pub fn processes_but(&self, known: &[&str]) -> Vec<String> {
        let all = self.sh("ps -e -o pid=,args=");
        let foreign = |line: &&str| {
            let (pid, args) = line.trim().split_once(' ').unwrap_or_default();
            pid != "1"
                && !args.contains("ps -e -o")
                && !known.iter().any(|known| args.trim().starts_with(known))
        };
        all.lines().filter(foreign).map(str::to_owned).collect()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // The kernel kills the machine's first process with the holder, and with that one all others.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
