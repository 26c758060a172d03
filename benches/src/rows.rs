//! The rows of the table of goals, one file each.

pub mod bulk;
pub mod cold;
pub mod git;
mod large;
pub mod listing;
pub mod rest;
pub mod session;
pub mod start;
mod warm;
mod writes;

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::{
    bed::{Bed, Machines},
    error::Error,
    figures::{Figures, Way},
    trees::TREE,
    worker::Worker,
};

/// A row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Row {
    /// Blocking calls whose answers are known
    Warm,
    /// The first call in a directory
    Cold,
    /// A directory of 1,000 entries, and a stat of each
    Listing,
    /// Small changes
    Writes,
    /// From nothing to a connection, and to pi's first request
    Start,
    /// A scripted session of pi
    Session,
    /// git status
    Git,
    /// A large file
    Bulk,
    /// The agent at rest
    Agent,
    /// A project of 100,000 files
    Large,
}

/// How much time is taken.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Whether to be done in minutes rather than to be sure.
    pub quick: bool,
}

impl Effort {
    /// One number for a whole run, another for a quick one.
    pub fn of<T>(self, whole: T, quick: T) -> T {
        if self.quick { quick } else { whole }
    }
}

impl Row {
    /// Its name, as `--only` takes it and figures carry it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warm => "warm",
            Self::Cold => "cold",
            Self::Listing => "listing",
            Self::Writes => "writes",
            Self::Start => "start",
            Self::Session => "session",
            Self::Git => "git",
            Self::Bulk => "bulk",
            Self::Agent => "agent",
            Self::Large => "large",
        }
    }

    /// What it is, as a heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Warm => "Warm calls",
            Self::Cold => "Cold calls: the first in a directory",
            Self::Listing => "First touch of a directory of 1,000 entries, then stat of each",
            Self::Writes => "Writes of small files",
            Self::Start => "Start",
            Self::Session => "A scripted session of pi: read, bash, write, edit, bash",
            Self::Git => "git status in a clone of 500 files",
            Self::Bulk => "A large file",
            Self::Agent => "The agent",
            Self::Large => "A project of 100,000 files in 10,000 directories, and one of 100 in 10",
        }
    }

    /// Measures it at one round trip time.
    pub fn measure(self, bed: &Bed, effort: Effort, figures: &mut Figures) -> Result<(), Error> {
        match self {
            Self::Warm => warm::measure(bed, effort, figures),
            Self::Cold => cold::measure(bed, effort, figures),
            Self::Listing => listing::measure(bed, effort, figures),
            Self::Writes => writes::measure(bed, effort, figures),
            Self::Start => start::measure(bed, effort, figures),
            Self::Session => session::measure(bed, effort, figures),
            Self::Git => git::measure(bed, effort, figures),
            Self::Bulk => bulk::measure(bed, effort, figures),
            Self::Agent => rest::measure(bed, figures),
            Self::Large => large::measure(bed, figures),
        }
    }

    /// The round trip times, of those asked for, at which it is measured. What does not depend on them, or takes long,
    /// is not measured at each.
    pub fn round_trips(self, asked: &[u64]) -> Vec<u64> {
        let first = asked.iter().min().copied();
        match self {
            Self::Bulk => {
                let far = asked.iter().filter(|time| **time <= 50).max().copied();
                let mut both: Vec<u64> = first.into_iter().chain(far).collect();
                both.dedup();
                both
            }
            Self::Agent => first.into_iter().collect(),
            Self::Large => {
                asked.iter().filter(|time| **time >= 20).min().copied().or(first).into_iter().collect()
            }
            _ => asked.to_vec(),
        }
    }

    /// Makes what only this row needs.
    #[track_caller]
    pub fn prepare(self, machines: &Machines) {
        if self == Self::Large {
            crate::trees::plant_projects(&machines.remote.machine);
        }
    }
}

/// One process of `calls.mjs` for each way that has blocking calls, started and connected.
fn callers(bed: &Bed) -> Result<Vec<(Way, Worker)>, Error> {
    let mut callers = vec![
        (Way::Local, bed.locally("calls.mjs", &[TREE])?),
        (Way::Pii, bed.bridged(TREE, "calls.mjs", &[TREE])?),
    ];
    callers.extend(bed.mounted("calls.mjs", &[TREE])?.map(|caller| (Way::Sshfs, caller)));
    for (_, caller) in &mut callers {
        caller.ask::<bool>(&json!({ "do": "ready" }))?;
    }
    Ok(callers)
}

fn end(workers: Vec<(Way, Worker)>) -> Result<(), Error> {
    workers.into_iter().try_for_each(|(_, worker)| worker.end())
}

/// A question to `commands.mjs`.
fn command(file: &str, words: &[&str], cwd: &str) -> Value {
    json!({ "do": "run", "file": file, "words": words, "cwd": cwd })
}
