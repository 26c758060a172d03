//! The end of what the agent started: what a closed terminal would end is ended, what was left running on purpose lives on.
//!
//! The agent is a subreaper: whatever loses its parent becomes its child, so all that ever came from it is found
//! below it in the tree of processes, in whatever group or session it may be. On purpose runs what made a session of its
//! own (`setsid`, tmux, a daemon) or ignores SIGHUP (`nohup`), and what came from it.

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

/// The signals, and how long each is waited for. The kernel may take long to end what was killed: a process in a disk
/// wait dies when the disk answers.
const STEPS: [(Signal, Duration); 3] = [
    (Signal::SIGHUP, Duration::from_millis(500)),
    (Signal::SIGTERM, Duration::from_secs(2)),
    (Signal::SIGKILL, Duration::from_secs(5)),
];

/// How long to wait before looking again: processes end when the scheduler gets to them, and only those that are our own
/// children by then say so.
const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// Most characters of a command that are told.
const MAX_COMMAND_CHARS: usize = 60;

/// Which of the agent's descendants are meant.
#[derive(Debug, Clone, Copy)]
pub enum Scope {
    /// All.
    All,
    /// Those of the group or session with this number.
    Group(i32),
}

/// What lives on.
#[derive(Debug, Clone, Default)]
pub struct Spared {
    /// Groups and sessions that the program asked for.
    pub kept: HashSet<i32>,
    /// Whether all that was left on purpose is spared, too.
    pub on_purpose: bool,
}

/// What /proc tells of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
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

    fn is_in(&self, scope: Scope) -> bool {
        match scope {
            Scope::All => true,
            Scope::Group(number) => self.group == number || self.session == number,
        }
    }
}

/// Ends all that came from this process, except what is spared. Blocks until it has ended.
pub fn end(children: &Children, scope: Scope, spared: &Spared) {
    for (signal, patience) in STEPS {
        let deadline = Instant::now() + patience;
        let mut signalled = HashSet::new();
        loop {
            children.reap();
            let mut left = false;
            let family = family(children, spared);
            // Who ignores SIGHUP may do so because it has had one, from here or its terminal, and is on its way out (vim).
            left |= signal == Signal::SIGHUP && family.deaf.iter().any(|process| process.is_in(scope));
            for process in family.ending.into_iter().filter(|process| process.is_in(scope)) {
                let again = signal == Signal::SIGKILL || signalled.insert(process.pid);
                let pid = Pid::from_raw(process.pid);
                // Whoever may not be signalled (a program that changed its user) is not waited for.
                left |= kill(pid, if again { signal } else { Signal::SIGCONT }).is_ok();
            }
            if !left {
                return;
            }
            if Instant::now() > deadline {
                break;
            }
            sleep(POLL_INTERVAL);
        }
    }
}

/// The commands that go on, each with its process id, without those that came from another of them.
pub fn living(children: &Children, spared: &Spared) -> Vec<String> {
    children.reap();
    let describe = |process: Facts| {
        let line = fs::read(format!("/proc/{}/cmdline", process.pid)).unwrap_or_default();
        let text = String::from_utf8_lossy(&line).replace('\0', " ");
        let short: String = text.trim().escape_debug().take(MAX_COMMAND_CHARS).collect();
        format!("{} ({})", process.pid, short)
    };
    family(children, spared).spared.into_iter().map(describe).collect()
}

/// The agent's living descendants.
#[derive(Default)]
struct Family {
    ending: Vec<Facts>,
    /// The eldest of those that are spared.
    spared: Vec<Facts>,
    /// Those of them that are for nothing but that they ignore SIGHUP.
    deaf: Vec<Facts>,
}

fn family(children: &Children, spared: &Spared) -> Family {
    let own = std::process::id().cast_signed();
    let all = all_processes();
    let own_session = all.iter().find(|process| process.pid == own).map(|process| process.session);
    let is_apart = |process: &Facts| {
        let asked = spared.kept.contains(&process.group) || spared.kept.contains(&process.session);
        let own_way = Some(process.session) != own_session && !children.has_started(process.session);
        asked || (spared.on_purpose && own_way)
    };
    let is_spared = |process: &Facts| is_apart(process) || (spared.on_purpose && ignores_hangup(process.pid));
    let mut family = descendants(&all, own, is_spared);
    family.deaf = family.spared.iter().filter(|process| !is_apart(process)).cloned().collect();
    family
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

/// Whether a process ignores SIGHUP, by the mask in /proc/PID/status.
fn ignores_hangup(pid: i32) -> bool {
    let status = fs::read(format!("/proc/{pid}/status")).unwrap_or_default();
    let text = String::from_utf8_lossy(&status);
    let mask = text.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask & (1 << (Signal::SIGHUP as u32 - 1)) != 0
}

fn descendants(all: &[Facts], ancestor: i32, is_spared: impl Fn(&Facts) -> bool) -> Family {
    let mut children: HashMap<i32, Vec<&Facts>> = HashMap::new();
    for process in all {
        children.entry(process.parent).or_default().push(process);
    }
    let mut family = Family::default();
    let mut parents = vec![ancestor];
    while let Some(parent) = parents.pop() {
        for process in children.get(&parent).into_iter().flatten().copied() {
            if process.zombie {
                parents.push(process.pid);
            } else if is_spared(process) {
                family.spared.push(process.clone());
            } else {
                parents.push(process.pid);
                family.ending.push(process.clone());
            }
        }
    }
    family
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
    fn descendants_are_found_and_what_came_from_the_spared_is_spared() {
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
        let family = descendants(&all, 10, |process| process.group == 20);
        let pids = |found: &[Facts]| {
            let mut pids: Vec<_> = found.iter().map(|process| process.pid).collect();
            pids.sort_unstable();
            pids
        };
        assert_eq!((pids(&family.ending), pids(&family.spared)), (vec![11, 12], vec![20]));
    }
}
