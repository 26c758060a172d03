//! Small changes. Each is one call, and what it needs was made before.

use serde_json::json;

use super::{Effort, callers, end};
use crate::{
    bed::Bed,
    error::Error,
    figures::{Figures, Unit, Way},
    trees::TREE,
};

/// As `calls.mjs` names them.
const CALLS: [&str; 6] = [
    "writeFileSync, new file",
    "writeFileSync, present file",
    "appendFileSync",
    "mkdirSync",
    "renameSync",
    "unlinkSync",
];

/// The ways take turns, twice for each call.
pub fn measure(bed: &Bed, effort: Effort, figures: &mut Figures) -> Result<(), Error> {
    let mut callers = callers(bed)?;
    for call in CALLS {
        for _ in 0..2 {
            for (way, caller) in &mut callers {
                let question = json!({ "do": "write", "call": call, "count": effort.of(15, 6), "seconds": effort.of(1.5, 0.7) });
                let times: Vec<f64> = caller.ask(&question)?;
                figures.add("writes", call, *way, bed.round_trip, Unit::Seconds, &times);
            }
        }
    }
    end(callers)?;

    let mut laptop = bed.on_laptop("commands.mjs", &[])?;
    for n in 0..effort.of(7, 3) {
        let line = format!("cat > {TREE}/written/ssh{n}");
        let time: f64 = laptop.ask(&json!({
            "do": "run", "file": "ssh", "words": ["warm", line], "cwd": "/root", "input": "content\n",
        }))?;
        figures.add("writes", CALLS[0], Way::SshWarm, bed.round_trip, Unit::Seconds, &[time]);
    }
    laptop.end()
}
