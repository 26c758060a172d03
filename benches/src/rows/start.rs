//! From nothing to a connection, and to the first request pi makes.

use std::time::Duration;

use scripted_model::Turn;
use serde_json::{Value, json};
use testbed::{laptop::target, paths};

use super::{Effort, command};
use crate::{
    bed::{Bed, pi_on},
    error::Error,
    figures::{Figures, Unit, Way},
    sessions,
};

/// A process that does nothing, and what it takes to get there.
pub const CONNECT: &str = "connect, run nothing, end";

/// The same where the remote has no agent yet.
pub const FIRST: &str = "connect for the first time";

/// pi's start.
pub const FIRST_REQUEST: &str = "pi, to its first request";

/// The ways take turns.
pub fn measure(bed: &Bed, effort: Effort, figures: &mut Figures) -> Result<(), Error> {
    let mut add = |case: &str, way: Way, time: f64| {
        figures.add("start", case, way, bed.round_trip, Unit::Seconds, &[time]);
    };
    let node = paths::tool("node");
    let node = node.to_str().unwrap_or("node");
    let mut laptop = bed.on_laptop("commands.mjs", &[])?;
    let mut local = bed.locally("commands.mjs", &[])?;

    bed.remote.sh("rm -rf /root/.cache/pii");
    add(FIRST, Way::Pii, laptop.ask(&bridged(node))?);
    for _ in 0..effort.of(7, 3) {
        add(CONNECT, Way::Local, local.ask(&command(node, &["-e", "0"], "/root"))?);
        add(CONNECT, Way::Pii, laptop.ask(&bridged(node))?);
        add(CONNECT, Way::SshWarm, laptop.ask(&command("ssh", &["warm", "true"], "/root"))?);
        add(CONNECT, Way::Ssh, laptop.ask(&command("ssh", &["far", "true"], "/root"))?);
    }
    laptop.end()?;
    local.end()?;

    let limit = Duration::from_secs(60);
    let script = || vec![Turn::say("Done.")];
    for turn in 0..=effort.of(5, 3) {
        let mut ways = vec![
            (Way::Local, bed.local, pi_on(&bed.local.machine)),
            (Way::Pii, &bed.laptop, bed.laptop.pii(&["--ssh", &target()])),
        ];
        if turn <= effort.of(1, 0)
            && let Some(mounted) = &bed.mounted
        {
            ways.push((Way::Sshfs, mounted, pi_on(&mounted.machine)));
        }
        for (way, machine, command) in ways {
            let times = sessions::run(machine, command, way, script(), limit)?;
            match times {
                // The first run fills the disk caches of all that come after. sshfs has but few.
                Some(times) if turn > 0 || way == Way::Sshfs => add(FIRST_REQUEST, way, times.first_request),
                _ => {}
            }
        }
    }
    Ok(())
}

fn bridged(node: &str) -> Value {
    let (target, pii) = (target(), paths::pii());
    json!({
        "do": "run", "file": pii, "words": ["run", "--ssh", target, "--", "node", "-e", "0"], "cwd": "/root",
        "environment": { "PII_NODE": node },
    })
}
