//! The names in a large directory that nobody touched, and a stat of each.

use serde_json::json;

use super::{Effort, callers, end};
use crate::{
    bed::Bed,
    error::Error,
    figures::{Figures, Unit},
    trees::LISTINGS,
};

/// The one case of this row.
pub const CASE: &str = "readdirSync, 1,000 × statSync";

/// Each way reads each directory once.
pub fn measure(bed: &Bed, effort: Effort, figures: &mut Figures) -> Result<(), Error> {
    let mut callers = callers(bed)?;
    for n in 1..=effort.of(LISTINGS, 3) {
        for (way, caller) in &mut callers {
            let time: f64 = caller.ask(&json!({ "do": "listing", "directory": format!("listings/{n}") }))?;
            figures.add("listing", CASE, *way, bed.round_trip, Unit::Seconds, &[time]);
        }
    }
    end(callers)
}
