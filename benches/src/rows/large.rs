//! A large project against a small one: what a program does not touch may cost nothing.

use std::time::{Duration, Instant};

use scripted_model::Turn;
use serde::Deserialize;
use serde_json::json;

use crate::{
    agent,
    bed::Bed,
    error::Error,
    figures::{Figures, Unit, Way},
    sessions,
    trees::{LARGE, SMALL},
};

/// Sessions in each.
const TURNS: usize = 3;

#[derive(Deserialize)]
struct First {
    readdir: f64,
    stat: f64,
    read: f64,
}

#[derive(Deserialize)]
struct Memory {
    peak: f64,
}

/// The projects take turns.
pub fn measure(bed: &Bed, figures: &mut Figures) -> Result<(), Error> {
    for turn in 1..=TURNS {
        for (size, root) in [("100,000 files", LARGE), ("100 files", SMALL)] {
            let mut add = |case: &str, unit, number| {
                figures.add("large", &format!("{case}, {size}"), Way::Pii, bed.round_trip, unit, &[number]);
            };
            let begun = Instant::now();
            let mut worker = bed.bridged(root, "project.mjs", &[root])?;
            worker.ask::<bool>(&json!({ "do": "ready" }))?;
            add("start of a script", Unit::Seconds, begun.elapsed().as_secs_f64());
            let first: First = worker.ask(&json!({ "do": "first", "directory": format!("a1/b{turn}") }))?;
            add("first readdirSync of the root", Unit::Seconds, first.readdir);
            add("first statSync", Unit::Seconds, first.stat);
            add("first readFileSync beside it", Unit::Seconds, first.read);
            let memory: Memory = worker.ask(&json!({ "do": "memory" }))?;
            add("peak memory of the program", Unit::Mebibytes, memory.peak);
            let facts = agent::look(bed.remote)?;
            add("peak memory of the agent", Unit::Mebibytes, facts.peak);
            add("inotify watches", Unit::Count, facts.watches);
            worker.end()?;

            let pii = bed.laptop.pii(&["--ssh", &format!("far:{root}")]);
            let limit = Duration::from_secs(60);
            if let Some(times) = sessions::run(&bed.laptop, pii, Way::Pii, vec![Turn::say("Done.")], limit)? {
                add("pi, to its first request", Unit::Seconds, times.first_request);
            }
        }
    }
    Ok(())
}
