//! git status, started from a program.

use serde_json::json;

use super::{Effort, command};
use crate::{
    bed::Bed,
    error::Error,
    figures::{Figures, Unit, Way},
    trees::{MOUNTED_REPOSITORY, REPOSITORY, TREE},
};

/// The one case of this row.
pub const CASE: &str = "spawnSync(\"git\", [\"status\"])";

/// Seconds of round trips beyond which git on sshfs is not waited for: it makes more than a thousand.
const FAR: u64 = 20;

/// The ways take turns.
pub fn measure(bed: &Bed, effort: Effort, figures: &mut Figures) -> Result<(), Error> {
    let mut local = bed.locally("commands.mjs", &[])?;
    let mut bridged = bed.bridged(TREE, "commands.mjs", &[])?;
    let mut laptop = bed.on_laptop("commands.mjs", &[])?;
    bridged.ask::<bool>(&json!({ "do": "ready" }))?;

    let status = command("git", &["status"], REPOSITORY);
    let over_ssh = command("ssh", &["warm", &format!("git -C {REPOSITORY} status")], "/root");
    for turn in 0..effort.of(16, 6) {
        let ways = [
            (Way::Local, &mut local, &status),
            (Way::Pii, &mut bridged, &status),
            (Way::SshWarm, &mut laptop, &over_ssh),
        ];
        for (way, worker, question) in ways {
            let time: f64 = worker.ask(question)?;
            // The first writes the index anew.
            if turn > 0 {
                figures.add("git", CASE, way, bed.round_trip, Unit::Seconds, &[time]);
            }
        }
    }
    for worker in [local, bridged, laptop] {
        worker.end()?;
    }
    measure_sshfs(bed, effort, figures)
}

/// Once, after once that writes the index anew.
fn measure_sshfs(bed: &Bed, effort: Effort, figures: &mut Figures) -> Result<(), Error> {
    if bed.round_trip > effort.of(FAR, 0) {
        figures.leave_out(format!("git status on sshfs at {} ms: it takes minutes", bed.round_trip));
        return Ok(());
    }
    let Some(mut mounted) = bed.mounted("commands.mjs", &[])? else { return Ok(()) };
    let status = command("git", &["status"], MOUNTED_REPOSITORY);
    let turns = if bed.round_trip == 0 { 3 } else { 1 };
    for turn in 0..turns {
        let time: f64 = mounted.ask(&status)?;
        if turn > 0 || turns == 1 {
            figures.add("git", CASE, Way::Sshfs, bed.round_trip, Unit::Seconds, &[time]);
        }
    }
    mounted.end()
}
