//! A session of pi in which it reads, runs a command, writes, edits and runs another.

use std::{process::Command, time::Duration};

use scripted_model::Turn;
use serde_json::json;
use testbed::{laptop::target, paths, remote::ROOT};

use super::Effort;
use crate::{
    bed::{Bed, pi_on},
    error::Error,
    figures::{Figures, Unit, Way},
    sessions,
};

/// The one case of this row.
pub const CASE: &str = "to its end";

/// More than any way needs that is worth waiting for.
const LIMIT: Duration = Duration::from_secs(45);

/// The ways take turns, the slow ones fewer.
pub fn measure(bed: &Bed, effort: Effort, figures: &mut Figures) -> Result<(), Error> {
    for turn in 0..effort.of(6, 3) {
        let mut ways = vec![
            (Way::Local, bed.local, pi_on(&bed.local.machine)),
            (Way::Pii, &bed.laptop, bed.laptop.pii(&["--ssh", &target()])),
        ];
        if turn % 2 == 0 {
            ways.push((Way::ExtensionWarm, &bed.laptop, extension(bed, "warm")));
            ways.push((Way::Extension, &bed.laptop, extension(bed, "far")));
        }
        if turn == 0
            && let Some(mounted) = &bed.mounted
        {
            if sshfs_is_hopeless(bed, figures) {
                figures.leave_out(format!("pi on sshfs at {} ms: too slow at less already", bed.round_trip));
            } else {
                ways.push((Way::Sshfs, mounted, pi_on(&mounted.machine)));
            }
        }
        for (way, machine, command) in ways {
            let Some(times) = sessions::run(machine, command, way, script(), LIMIT)? else {
                let (way, time) = (way.name(), bed.round_trip);
                figures.leave_out(format!("pi by {way} at {time} ms: not done after {} s", LIMIT.as_secs()));
                continue;
            };
            // The first run of each fills the disk caches, unless there is but one.
            if turn > 0 || ![Way::Local, Way::Pii].contains(&way) {
                figures.add("session", CASE, way, bed.round_trip, Unit::Seconds, &[times.end]);
            }
        }
    }
    Ok(())
}

/// Whether sshfs took so long on a shorter link that it would not be done here.
fn sshfs_is_hopeless(bed: &Bed, figures: &Figures) -> bool {
    let shorter =
        figures.round_trips("session").into_iter().filter(|time| *time > 0 && *time < bed.round_trip);
    let taken = |time| figures.median("session", CASE, Way::Sshfs, time);
    shorter.max().is_some_and(|time| {
        let expected = |taken: f64| taken * bed.round_trip as f64 / time as f64;
        taken(time).is_none_or(|taken| expected(taken) > LIMIT.as_secs_f64())
    })
}

/// pi with its own example extension, which runs `ssh` for each operation.
fn extension(bed: &Bed, host: &str) -> Command {
    bed.laptop.sh("mkdir -p /root/work");
    let node = paths::tool("node");
    let mut pi = bed.laptop.machine.command("/root/work", node.to_str().unwrap_or("node"));
    pi.arg(paths::tool("pi-1.5.2")).env("PI_OFFLINE", "1").env("TERM", "xterm-256color");
    let example = paths::workspace().join(".tools/pi-1.5.2/examples/extensions/ssh.ts");
    pi.arg("-e").arg(example).args(["--ssh", &format!("{host}:{ROOT}")]);
    pi
}

fn script() -> Vec<Turn> {
    vec![
        Turn::call("read", json!({ "path": "README.md" })),
        Turn::call("bash", json!({ "command": "ls src" })),
        Turn::call("write", json!({ "path": "notes.txt", "content": "first\nsecond\n" })),
        Turn::call(
            "edit",
            json!({ "path": "notes.txt", "edits": [{ "oldText": "first", "newText": "premier" }] }),
        ),
        Turn::call("bash", json!({ "command": "cat notes.txt" })),
        Turn::say("Done."),
    ]
}
