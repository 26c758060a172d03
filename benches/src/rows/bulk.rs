//! A large file, read and written, and what memory it takes.

use serde::Deserialize;

use super::{Effort, command};
use crate::{
    agent,
    bed::Bed,
    error::Error,
    figures::{Figures, Unit, Way},
    trees::{BIG, TREE},
    worker::Worker,
};

/// Reading, by all ways.
pub const READ: &str = "read (createReadStream; ssh host cat)";

/// Writing, by all ways.
pub const WRITE: &str = "write (createWriteStream; ssh host cat >)";

/// A process that moves nothing, for its memory.
const NOTHING: &str = "nothing moved";

/// Seconds after which a stream has shown how fast it is.
const LIMIT: &str = "15";

/// What `bulk.mjs` says.
#[derive(Deserialize)]
struct Moved {
    seconds: f64,
    bytes: f64,
    program: f64,
    parent: f64,
}

/// Each move is a process of its own, so that its peak of memory is its own.
pub fn measure(bed: &Bed, effort: Effort, figures: &mut Figures) -> Result<(), Error> {
    let (far, near, copy) =
        (format!("{TREE}/{BIG}"), format!("/root/{BIG}"), format!("{TREE}/written/{BIG}"));
    for machine in [&bed.laptop, bed.local] {
        let size = size(bed)?;
        machine.sh(&format!("head -c {size} /dev/urandom > {near}; mkdir -p {TREE}/written"));
    }
    let often = if bed.round_trip == 0 { effort.of(3, 2) } else { effort.of(2, 1) };
    let cases = [
        (NOTHING, ["nothing", "", "", LIMIT], 1),
        (READ, ["read", &far, "", LIMIT], often),
        (WRITE, ["write", &near, &copy, LIMIT], often),
        ("copyFile, remote to laptop", ["copyFile", &far, "/root/copy", LIMIT], 1),
        ("copyFile, laptop to remote", ["copyFile", &near, &copy, LIMIT], 1),
        ("fs.promises.readFile", ["readFile", &far, "", LIMIT], 1),
        ("copyFileSync, remote to laptop", ["copyFileSync", &far, "/root/copy", LIMIT], 1),
        ("copyFileSync, laptop to remote", ["copyFileSync", &near, &copy, LIMIT], 1),
        ("readFileSync", ["readFileSync", &far, "", LIMIT], 1),
    ];
    let mut laptop = bed.on_laptop("commands.mjs", &[])?;
    for (case, words, times) in cases {
        for _ in 0..times {
            move_once(bed, figures, case, Way::Local, bed.locally("bulk.mjs", &words)?)?;
            move_once(bed, figures, case, Way::Pii, bed.bridged(TREE, "bulk.mjs", &words)?)?;
            let line = match case {
                READ => format!("ssh warm cat {far} > /dev/null"),
                WRITE => format!("ssh warm 'cat > {copy}' < {near}"),
                _ => continue,
            };
            let seconds: f64 = laptop.ask(&command("/bin/sh", &["-c", &line], "/root"))?;
            add_speed(bed, figures, case, Way::SshWarm, size(bed)?, seconds);
            if case == READ
                && let Some(mounted) = bed.mounted("bulk.mjs", &words)?
            {
                move_once(bed, figures, case, Way::Sshfs, mounted)?;
            }
        }
    }
    laptop.end()?;
    bed.laptop.sh(&format!("rm -f {near} /root/copy"));
    bed.local.sh(&format!("rm -f {near} /root/copy {copy}"));
    bed.remote.sh(&format!("rm -f {copy}"));
    Ok(())
}

fn move_once(
    bed: &Bed,
    figures: &mut Figures,
    case: &str,
    way: Way,
    mut worker: Worker,
) -> Result<(), Error> {
    let moved: Moved = worker.hear()?;
    if case != NOTHING {
        add_speed(bed, figures, case, way, moved.bytes, moved.seconds);
    }
    let mut add = |who: &str, mebibytes: f64| {
        figures.add("bulk", &peak(who, case), way, bed.round_trip, Unit::Mebibytes, &[mebibytes]);
    };
    if way != Way::Sshfs {
        add("program", moved.program);
    }
    if way == Way::Pii {
        add("pii", moved.parent);
        add("agent", agent::look(bed.remote)?.peak);
    }
    worker.end()
}

/// The name of the figure of somebody's peak of memory.
pub fn peak(who: &str, case: &str) -> String {
    format!("peak memory of {who}, {case}")
}

fn add_speed(bed: &Bed, figures: &mut Figures, case: &str, way: Way, bytes: f64, seconds: f64) {
    let speed = bytes / (1024.0 * 1024.0) / seconds;
    figures.add("bulk", case, way, bed.round_trip, Unit::MebibytesPerSecond, &[speed]);
}

fn size(bed: &Bed) -> Result<f64, Error> {
    let said = bed.remote.sh(&format!("stat -c %s {TREE}/{BIG}"));
    said.trim().parse().map_err(|_| Error::Script { line: "stat".into(), what: format!("answered {said}") })
}
