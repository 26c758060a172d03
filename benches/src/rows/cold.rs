//! The first call in a directory that nobody touched.

use serde_json::json;

use super::{Effort, callers, command, end};
use crate::{
    bed::Bed,
    echo,
    error::Error,
    figures::{Figures, Unit, Way},
    trees::{COLD, TREE},
};

/// The name of the figure that says what a round trip is.
pub const ECHO: &str = "a byte there and back";

/// Each call has directories of its own. The ways take turns in pieces of a few of them.
pub fn measure(bed: &Bed, effort: Effort, figures: &mut Figures) -> Result<(), Error> {
    let mut callers = callers(bed)?;
    let mut add = |case: &str, way: Way, times: &[f64]| {
        figures.add("cold", case, way, bed.round_trip, Unit::Seconds, times);
    };
    for call in ["statSync", "readFileSync"] {
        let directories: Vec<String> =
            (1..=effort.of(COLD, 12)).map(|n| format!("cold/{call}/{n}")).collect();
        for piece in directories.chunks(8) {
            add(ECHO, Way::Local, &echo::over_link(bed)?);
            add(ECHO, Way::SshWarm, &echo::through_ssh(bed)?);
            for (way, caller) in &mut callers {
                let question = json!({ "do": "cold", "call": call, "directories": piece, "seconds": 0.8 });
                add(call, *way, &caller.ask::<Vec<f64>>(&question)?);
            }
        }
    }
    end(callers)?;

    let mut laptop = bed.on_laptop("commands.mjs", &[])?;
    for n in 1..=effort.of(9, 3) {
        let file = format!("{TREE}/cold/ssh/{n}/file");
        for (way, host) in [(Way::SshWarm, "warm"), (Way::Ssh, "far")] {
            add("readFileSync", way, &[laptop.ask(&command("ssh", &[host, "cat", &file], "/root"))?]);
        }
    }
    laptop.end()
}
