//! The benchmark: `cargo xtask bench` builds what it needs and runs it.
//!
//! Everything is measured in one run, the ways of doing the same work taking turns, over a real sshd behind a link that
//! takes its time. A peer that is not installed is left out, and the output says so.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "what is measured is shown on the terminal")]

mod agent;
mod bed;
mod chart;
mod conditions;
mod echo;
mod error;
mod figures;
mod goals;
mod rows;
mod sessions;
mod table;
mod trees;
mod worker;

use std::{fs, process::ExitCode, time::Instant};

use clap::{Parser, ValueEnum};
use serde_json::json;
use testbed::paths;

use crate::{
    bed::{Bed, Machines},
    error::Error,
    figures::Figures,
    rows::{Effort, Row, git, session},
};

#[derive(Parser)]
#[command(name = "cargo xtask bench", about = "Measures pii against the local disk, sshfs and OpenSSH")]
struct Arguments {
    /// Round trip times of the link, in milliseconds
    #[arg(long, value_delimiter = ',', default_values_t = [0, 20, 50, 100])]
    rtt: Vec<u64>,
    /// Print every sample as JSON instead of tables
    #[arg(long)]
    json: bool,
    /// Measure fewer times, at 0 and 50 ms unless --rtt says otherwise
    #[arg(long)]
    quick: bool,
    /// Measure this row only; may be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<Row>,
}

fn main() -> ExitCode {
    let mut arguments = Arguments::parse();
    if arguments.quick && !std::env::args().any(|word| word.starts_with("--rtt")) {
        arguments.rtt = vec![0, 50];
    }
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Error> {
    let effort = Effort { quick: arguments.quick };
    let rows: Vec<Row> = match arguments.only.is_empty() {
        true => Row::value_variants().to_vec(),
        false => arguments.only.clone(),
    };
    let mebibytes = effort.of(256, 64);
    let mut figures = Figures::default();
    if !bed::has_sshfs() {
        figures.leave_out("sshfs: not installed (apt-get install -y sshfs), or there is no /dev/fuse".into());
    }

    let begun = Instant::now();
    eprintln!("starting the machines");
    let machines = Machines::start(mebibytes);
    rows.iter().for_each(|row| row.prepare(&machines));
    for round_trip in &arguments.rtt {
        let bed = Bed::over(&machines, *round_trip);
        for row in &rows {
            if row.round_trips(&arguments.rtt).contains(round_trip) {
                let start = Instant::now();
                row.measure(&bed, effort, &mut figures)?;
                eprintln!("{round_trip} ms, {}: {:.0} s", row.name(), start.elapsed().as_secs_f64());
            }
        }
    }
    eprintln!("all: {:.0} s", begun.elapsed().as_secs_f64());

    let conditions = conditions::told(mebibytes);
    let text = table::markdown(&figures, &conditions, &rows);
    if arguments.json {
        println!(
            "{}",
            json!({ "conditions": conditions, "figures": figures, "goals": goals::verdicts(&figures) })
        );
    } else {
        print!("{text}");
    }
    // What is kept comes from whole runs.
    if !arguments.quick && arguments.only.is_empty() { keep(&figures, &text) } else { Ok(()) }
}

/// Writes the results into the workspace.
fn keep(figures: &Figures, text: &str) -> Result<(), Error> {
    let folder = paths::workspace().join("benches/results");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("results.md"), text)?;
    let charts = [
        ("session.svg", "session", session::CASE, "A scripted session of pi: read, bash, write, edit, bash"),
        ("git-status.svg", "git", git::CASE, "git status in a clone of 500 files"),
    ];
    for (name, row, case, title) in charts {
        if let Some(svg) = chart::draw(figures, row, case, title) {
            fs::write(folder.join(name), svg)?;
        }
    }
    Ok(())
}
