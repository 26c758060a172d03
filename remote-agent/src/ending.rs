//! The end: nothing the agent started is left, except what is to be kept.
//!
//! The agent is a subreaper: whatever loses its parent becomes its child, so all that ever came from it is found
//! below it in the tree of processes, in whatever group or session it may be.

use std::{
    collections::{HashMap, HashSet},
    fs,
    thread::sleep,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::children::Children;

/// How long the kernel may take to end killed processes: one in a disk wait dies when the disk answers.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long to wait before looking again: killed processes end when the scheduler gets to them, and only those
/// that are our own children by then say so.
const PAUSE: Duration = Duration::from_millis(2);

/// What /proc tells of a process.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    pid: i32,
    zombie: bool,
    parent: i32,
    group: i32,
    session: i32,
}

impl Facts {
    /// From a line of /proc/PID/stat. The command in parentheses may hold anything, parentheses included.
    fn parse(line: &[u8]) -> Option<Self> {
        let close = line.iter().rposition(|byte| *byte == b')')?;
        let pid = str::from_utf8(line.split(|byte| *byte == b' ').next()?).ok()?.parse().ok()?;
        let mut words = str::from_utf8(&line[close + 1..]).ok()?.split_whitespace();
        let zombie = matches!(words.next()?, "Z" | "X");
        let mut number = || words.next()?.parse().ok();
        Some(Self { pid, zombie, parent: number()?, group: number()?, session: number()? })
    }
}

/// Kills all that came from this process, except the groups and sessions in `kept` and what came from them.
pub fn kill_descendants(children: &Children, kept: &HashSet<i32>) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        children.reap();
        let mut left = false;
        for process in descendants(&all_processes(), std::process::id().cast_signed(), kept) {
            // Whoever may not be killed (a program that changed its user) is not waited for.
            left |= kill(Pid::from_raw(process), Signal::SIGKILL).is_ok();
        }
        if !left || Instant::now() > deadline {
            return;
        }
        sleep(PAUSE);
    }
}

fn all_processes() -> Vec<Facts> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let is_number = |name: &[u8]| name.iter().all(u8::is_ascii_digit);
    entries
        .flatten()
        .filter(|entry| is_number(entry.file_name().as_encoded_bytes()))
        // A process may end between two looks.
        .filter_map(|entry| Facts::parse(&fs::read(entry.path().join("stat")).ok()?))
        .collect()
}

/// The living processes below `ancestor` that are not kept.
fn descendants(all: &[Facts], ancestor: i32, kept: &HashSet<i32>) -> Vec<i32> {
    let mut children: HashMap<i32, Vec<&Facts>> = HashMap::new();
    for process in all {
        children.entry(process.parent).or_default().push(process);
    }
    let mut found = Vec::new();
    let mut parents = vec![ancestor];
    while let Some(parent) = parents.pop() {
        for process in children.get(&parent).into_iter().flatten() {
            if kept.contains(&process.group) || kept.contains(&process.session) {
                continue;
            }
            parents.push(process.pid);
            if !process.zombie {
                found.push(process.pid);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_proc_is_read_whatever_the_command_is_called() {
        let facts = Facts::parse(b"12 (a) S 1 (b)) Z 3 4 5 0 -1 0\n").unwrap();
        assert_eq!(facts, Facts { pid: 12, zombie: true, parent: 3, group: 4, session: 5 });
    }

    #[test]
    fn descendants_are_found_except_the_kept() {
        let facts = |pid, parent, group, session| Facts { pid, zombie: false, parent, group, session };
        let all = [
            facts(1, 0, 1, 1),
            facts(10, 1, 10, 10),
            facts(11, 10, 11, 10),
            facts(12, 11, 12, 12),
            facts(20, 10, 20, 20),
            facts(21, 20, 21, 21),
            facts(30, 1, 30, 30),
        ];
        let mut found = descendants(&all, 10, &HashSet::from([20]));
        found.sort_unstable();
        assert_eq!(found, [11, 12]);
    }
}
