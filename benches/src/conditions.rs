//! What the figures hold for.

use std::{fs, process::Command, thread};

use testbed::paths;

/// One sentence each.
pub fn told(mebibytes: u64) -> Vec<String> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let node = first_line(Command::new(paths::tool("node")).arg("--version"));
    let ssh = first_line(Command::new("ssh").arg("-V"));
    let sshfs = first_line(Command::new("sshfs").arg("-V"));
    vec![
        format!(
            "One run on one machine of {cores} cores, Linux {}, Node {node}, {ssh}, {sshfs}. Medians.",
            kernel.trim()
        ),
        "The remote has an sshd of its own, behind a proxy that holds each byte for half the round trip time. All \
         machines are namespaces with trees in memory (tmpfs), the local one too: no disk is faster."
            .into(),
        "*local* is the same script in plain Node, or the same pi (1.5.2), on a machine with the same tree on its own \
         disk, measured in turns with the others. In brackets: how many times local."
            .into(),
        "*trips* are round trips: what a call takes beyond itself on the shortest link, in round trip times. *a byte \
         there and back* is what a round trip really is here: over the link alone, and through a port that OpenSSH \
         forwards.".into(),
        "*sshfs* is mounted with its defaults. *warm master* is OpenSSH's ControlMaster with the connection standing. \
         *ssh.ts* is pi's own example extension, with pi 1.5.2."
            .into(),
        format!("The large file has {mebibytes} MiB of random bytes; a stream that is slow is stopped after 15 s. Memory is VmHWM of /proc."),
    ]
}

/// What a program says of its own version, on whichever output it does.
fn first_line(command: &mut Command) -> String {
    let Ok(output) = command.output() else { return format!("no {}", command.get_program().display()) };
    let said = [output.stdout, output.stderr].concat();
    // sshfs tells of FUSE's version first.
    let text = String::from_utf8_lossy(&said);
    text.lines().find(|line| !line.starts_with("fusermount")).unwrap_or_default().to_owned()
}
