//! The agent at rest: a program is connected and has asked for a few things.

use std::{thread, time::Duration};

use serde_json::json;

use crate::{
    agent,
    bed::Bed,
    error::Error,
    figures::{Figures, Unit, Way},
    trees::TREE,
};

/// Size of its file.
pub const SIZE: &str = "size on disk";

/// Its memory.
pub const IDLE: &str = "resident when idle";

/// Looks at it once.
pub fn measure(bed: &Bed, figures: &mut Figures) -> Result<(), Error> {
    let mut caller = bed.bridged(TREE, "calls.mjs", &[TREE])?;
    caller.ask::<bool>(&json!({ "do": "ready" }))?;
    // The login shell's environment is asked for meanwhile.
    thread::sleep(Duration::from_secs(2));
    let facts = agent::look(bed.remote)?;
    caller.end()?;
    let mut add = |case, mebibytes| {
        figures.add("agent", case, Way::Pii, bed.round_trip, Unit::Mebibytes, &[mebibytes]);
    };
    add(SIZE, facts.size);
    add(IDLE, facts.resident);
    Ok(())
}
