//! Blocking calls whose answers are known: no round trip may be seen in them.

use serde_json::json;

use super::{Effort, callers, end};
use crate::{
    bed::Bed,
    error::Error,
    figures::{Figures, Unit},
};

/// As `calls.mjs` names them.
const CALLS: [&str; 8] = [
    "existsSync, hit",
    "existsSync, miss",
    "statSync",
    "readdirSync, 20 names",
    "readFileSync, 4 KiB, text",
    "readFileSync, 4 KiB, Buffer",
    "readFileSync, 64 KiB, text",
    "readFileSync, 64 KiB, Buffer",
];

/// Seconds of one batch.
const BATCH: f64 = 0.01;

/// Batches of all ways take turns, so that what disturbs the machine disturbs all of them.
pub fn measure(bed: &Bed, effort: Effort, figures: &mut Figures) -> Result<(), Error> {
    let mut callers = callers(bed)?;
    for call in CALLS {
        // The first batches are those of code that is not compiled yet.
        for batch in 0..effort.of(30, 8) {
            for (way, caller) in &mut callers {
                let one: f64 = caller.ask(&json!({ "do": "warm", "call": call, "seconds": BATCH }))?;
                if batch >= 3 {
                    figures.add("warm", call, *way, bed.round_trip, Unit::Seconds, &[one]);
                }
            }
        }
    }
    end(callers)
}
